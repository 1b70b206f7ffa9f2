"""Symbols to numbers and back, padding that never hides a token, streams that never skip one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import text

lawful = settings(deadline=None, derandomize=True)  # a loaded machine is no failure


@lawful
@given(st.text(min_size=1))
def test_decoding_undoes_encoding(s):
    v = text.Vocabulary.from_text(s)
    assert v.decode(v.encode(s)) == s
    assert len(v) == len(set(s))


def test_symbols_are_numbered_in_sorted_order_whatever_the_text():
    assert text.Vocabulary.from_text("banana").symbols == ("a", "b", "n")
    assert text.Vocabulary.from_text("nab").encode("ban").tolist() == [1, 0, 2]


def test_words_can_be_symbols():
    v = text.Vocabulary(["<unk>", "keys", "the"], unknown="<unk>")
    assert v.encode(["the", "cabinet", "keys"]).tolist() == [2, 0, 1]
    assert v.decode([2, 1]) == "thekeys"


def test_an_unknown_symbol_is_refused_or_gets_the_number_that_was_asked_for():
    with pytest.raises(ValueError, match="got 'z' at position 2"):
        text.Vocabulary.from_text("abc").encode("abz")
    v = text.Vocabulary.from_text("abc", unknown="\ufffd")
    assert v.encode("abz").tolist() == [1, 2, 0]
    assert v.decode([1, 0]) == "a\ufffd"


def test_an_empty_text_encodes_to_no_number():
    v = text.Vocabulary.from_text("abc")
    assert v.encode("").shape == (0,)
    assert v.encode("").dtype == np.int64
    assert v.decode([]) == ""


def test_a_vocabulary_says_what_it_holds():
    v = text.Vocabulary.from_text("abcdefg")
    assert "a" in v
    assert "z" not in v
    assert repr(v) == "Vocabulary(7 symbols: 'a' 'b' 'c' 'd' 'e' ...)"


@lawful
@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=7), min_size=1, max_size=5))
def test_padding_keeps_every_token_and_the_mask_tells_which_are_real(sequences):
    ids, mask = text.pad(sequences, value=-1)
    assert ids.shape == mask.shape == (len(sequences), max(map(len, sequences)))
    assert [row[real].tolist() for row, real in zip(ids, mask, strict=True)] == sequences
    assert (ids[~mask] == -1).all()


def test_the_mask_counts_lengths_from_zero_to_t():
    mask = text.mask_from_lengths([0, 4, 2], T=7)
    assert mask.shape == (3, 7)
    assert mask.dtype == bool
    assert mask.sum(axis=1).tolist() == [0, 4, 2]
    assert not mask[1, 4:].any()


@lawful
@given(st.integers(1, 4), st.integers(1, 6), st.integers(0, 40))
def test_streams_continue_where_they_stopped_and_targets_follow_inputs(B, T, extra):
    ids = np.arange(B * T + 1 + extra)
    chunks = list(text.streams(ids, B, T))
    x = np.concatenate([x for x, _ in chunks], axis=1)
    y = np.concatenate([y for _, y in chunks], axis=1)
    assert all(part.shape == (B, T) for chunk in chunks for part in chunk)
    assert (np.diff(x, axis=1) == 1).all()  # row by row the text itself, without a gap
    assert (y == x + 1).all()
    steps = (len(ids) - 1) // B
    assert x.shape[1] == steps - steps % T  # nothing is left out but an incomplete chunk


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: text.Vocabulary([]), "symbols: expected non-empty strings"),
        (lambda: text.Vocabulary(["a", ""]), "symbols: expected non-empty strings"),
        (lambda: text.Vocabulary("abca"), "symbols: expected each once"),
        (lambda: text.Vocabulary("abc", unknown="z"), "unknown: expected one of the symbols"),
        (lambda: text.Vocabulary.from_text(""), "text: expected a non-empty string"),
        (lambda: text.Vocabulary.from_text("abc", unknown="b"), "that the text lacks, got 'b'"),
        (lambda: text.Vocabulary("abc").decode([3]), "ids: expected 0 to V - 1 = 2, got 3 to 3"),
        (lambda: text.Vocabulary("abc").decode([-1]), "ids: expected 0 to V - 1 = 2, got -1"),
        (lambda: text.Vocabulary("abc").decode([0.5]), "ids: expected integers of shape"),
        (
            lambda: text.Vocabulary("abc").decode([[1]]),
            r"ids: expected .*got int64 of shape \(1, 1",
        ),
        (lambda: text.pad([]), "sequences: expected at least one"),
        (lambda: text.pad([[1], []]), r"sequences\[1\]: expected a non-empty row"),
        (lambda: text.pad([[1.5]]), r"sequences\[0\]: expected a non-empty row of integers"),
        (lambda: text.mask_from_lengths([2, -1]), "lengths: expected 0 to T = 2, got -1 to 2"),
        (lambda: text.mask_from_lengths([9], T=7), "lengths: expected 0 to T = 7, got 9 to 9"),
        (lambda: text.mask_from_lengths([1.0]), "lengths: expected integers"),
        (lambda: text.streams(np.arange(6), B=2, T=3), "ids: expected at least .* = 7 symbols"),
        (lambda: text.streams(np.arange(6), B=0, T=3), "ids: expected at least"),
        (lambda: text.streams(np.ones(9), B=2, T=3), "ids: expected integers"),
    ],
)
def test_refusals_name_the_argument_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("said", "true", "distance"),
    [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "bc", 1), ("abcd", "acbd", 2)],
)
def test_the_edit_distance_counts_insertions_deletions_and_replacements(said, true, distance):
    assert text.edit_distance(said, true) == distance


def test_the_edit_distance_is_one():
    rng = np.random.default_rng(1)
    a, b, c = (rng.integers(0, 3, n).tolist() for n in (7, 5, 8))
    distance = text.edit_distance
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a) >= 2  # as far as the lengths are apart, at least
    assert distance(a, c) <= distance(a, b) + distance(b, c)
