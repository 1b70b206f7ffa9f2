"""Texts of questions and statements: the tags are right, and hidden from the left."""

import re

import numpy as np
import pytest

from rnncourse.data import tagging


def draw(n=300, T=17, longest=4, seed=0):
    return tagging.sentences(n, T, longest, np.random.default_rng(seed))


def test_a_text_begins_and_ends_with_a_mark():
    assert all(re.fullmatch(r"[.?][a-d.?]*[.?]", text) for text in draw().texts)


@pytest.mark.parametrize("longest", [2, 3, 4, 9])
@pytest.mark.parametrize("T", [3, 4, 5, 6, 17])
def test_every_sentence_has_between_one_and_the_most_letters(T, longest):
    lengths = {
        len(letters)
        for text in draw(T=T, longest=longest).texts
        for letters in re.split("[.?]", text)[1:-1]
    }
    assert 1 <= min(lengths) <= max(lengths) <= longest


def test_the_tags_are_what_the_marks_say():
    data = draw(50)
    for text, kind, same in zip(data.texts, data.kind, data.same, strict=True):
        marks = [t for t, symbol in enumerate(text) if symbol in ".?"]
        assert (kind[marks] == tagging.NO_TAG).all()
        assert (same[marks] == tagging.NO_TAG).all()
        for before, after in zip(marks, marks[1:], strict=False):
            assert (kind[before + 1 : after] == (text[after] == "?")).all()
            assert (same[before + 1 : after] == (text[after] == text[before])).all()


def test_what_stands_to_the_left_says_nothing_about_a_tag():
    data = draw(6000)
    for tags in (data.kind, data.same):
        for symbol in range(len(tagging.VOCABULARY)):
            before = data.ids[:, :-1][tags[:, 1:] >= 0] == symbol
            share = (tags[:, 1:][tags[:, 1:] >= 0][before] == 1).mean()
            assert abs(share - 0.5) < 0.03


def test_one_hot_vectors_and_tags_fit_each_other():
    data = draw(3, T=7)
    assert data.x.shape == (3, 7, 6)
    assert data.x.dtype == np.float32
    assert (data.x.argmax(axis=2) == data.ids).all()
    assert len(data) == 3


def test_the_same_generator_gives_the_same_texts():
    assert draw().texts == draw().texts != draw(seed=1).texts


@pytest.mark.parametrize(("name", "value"), [("n", 0), ("T", 2), ("longest", 1), ("T", 7.5)])
def test_sizes_that_are_too_small_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected a whole number of at least"):
        draw(**{name: value})
