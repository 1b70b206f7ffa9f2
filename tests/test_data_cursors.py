"""Cursors in Python's standard library: the labels are those that Python itself would give."""

import textwrap

import numpy as np
import pytest

from rnncourse.data import cursors

SOURCE = """
def first(x):
    for a in x:
        if a:
            continue
        elif x:
            pass
        else:
            def inner():
                return 1
            a()
    else:
        x()
    return a


class Thing:
    async def second(self):
        while True:
            try:
                await self
            except ValueError:
                raise
            finally:
                self()
            match self:
                case 1:
                    return 2
        with self:
            del self.x
"""


def accepted(lines, number):
    """Whether Python compiles the source with a `break` before this line."""
    spaces = len(lines[number]) - len(lines[number].lstrip())
    try:
        compile("\n".join([*lines[:number], " " * spaces + "break", *lines[number:]]), "x", "exec")
    except SyntaxError as error:
        return "outside loop" not in str(error)
    return True


def test_a_break_is_accepted_exactly_where_the_label_says_so():
    lines = SOURCE.strip("\n").split("\n")
    pairs = [pair for function in cursors.skeleton(SOURCE) for pair in function]
    labels = [inside for word, inside in pairs if word not in ("INDENT", "DEDENT")]
    numbers = [k for k, line in enumerate(lines) if line.strip() and "class Thing" not in line]
    assert len(labels) == len(numbers)
    for number, inside in zip(numbers, labels, strict=True):
        if inside is not None:
            assert accepted(lines, number) == inside, lines[number]


def test_lines_on_which_no_statement_begins_are_not_asked_about():
    for function in cursors.skeleton(SOURCE):
        for word, inside in function:
            never = word in ("elif", "else", "except", "finally", "case", "INDENT", "DEDENT")
            assert (inside is None) == never


def test_blocks_that_open_are_closed():
    for function in cursors.skeleton(SOURCE):
        words = [word for word, _ in function]
        assert words.count("INDENT") == words.count("DEDENT")
        assert set(words) <= set(cursors.WORDS)


def test_questions_are_balanced_bounded_and_never_asked_twice():
    train, test = cursors.questions()
    words = train.words + test.words
    assert len(set(words)) == len(words) > 1000
    assert 3 <= min(map(len, words)) <= max(map(len, words)) <= cursors.LONGEST
    assert 0.4 < np.mean([*train.y, *test.y]) < 0.6
    assert all({"for", "while"} & set(row) for row in words)


def test_modules_are_in_one_part_only_and_splits_differ():
    tested = []
    for split in range(3):
        train, test = cursors.questions(split)
        assert not set(train.modules) & set(test.modules)
        assert len(train) > len(test) > 100
        tested.append(frozenset(test.modules))
    assert len(set(tested)) == 3


def test_numbers_and_words_say_the_same():
    _, test = cursors.questions()
    assert cursors.WORDS[0] == "DEDENT"
    assert list(cursors.WORDS) == sorted(cursors.WORDS)
    for row, ids in zip(test.words[:20], test.ids(), strict=False):
        assert [cursors.WORDS[k] for k in ids] == list(row)
    assert test.lengths.tolist() == [len(row) for row in test.words]


def test_the_text_stands_at_the_depth_of_its_blocks():
    (pairs,) = cursors.skeleton("def f(x):\n    for a in x:\n        a()\n    return x")
    shown = cursors.as_text([word for word, _ in pairs[:-1]], cursor="|")
    assert shown == textwrap.dedent("""\
        def
            for
                expr
            return
            |""")


@pytest.mark.parametrize("split", [-1, 1.5, True])
def test_an_impossible_split_is_refused(split):
    with pytest.raises(ValueError, match="split: expected a whole number of at least 0"):
        cursors.questions(split)


def test_an_impossible_share_is_refused():
    with pytest.raises(ValueError, match="test: expected a share between 0 and 1, got 1"):
        cursors.questions(test=1)


def test_a_python_without_sources_is_told_about(monkeypatch, tmp_path):
    monkeypatch.setattr(cursors.sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path)})
    with pytest.raises(ValueError, match="expected the sources of Python's standard library"):
        list(cursors._sources())
