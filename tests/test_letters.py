"""Text in 27 symbols: what becomes of a sentence, and where passages are cut."""

import numpy as np
import pytest

from rnncourse.data import letters


def test_letters_and_spaces_come_back_as_they_were():
    text = "the cat sat"
    assert "".join(letters.SYMBOLS[i] for i in letters.numbers(text)) == text


def test_whatever_stands_between_two_words_is_one_space():
    np.testing.assert_array_equal(letters.numbers("A -- 12\nb."), [1, 0, 2])


def test_what_comes_next_is_the_text_one_step_later():
    ids = np.arange(20)
    x, y = letters.passages(ids, 50, 7, np.random.default_rng(0))
    np.testing.assert_array_equal(y, x + 1)
    assert x.min() == 0
    assert y.max() == 19


def test_a_passage_may_be_the_whole_text():
    x, y = letters.passages(np.arange(4), 2, 3, np.random.default_rng(0))
    np.testing.assert_array_equal(x, [[0, 1, 2]] * 2)
    np.testing.assert_array_equal(y[:, -1], 3)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="text: expected at least one letter"):
        letters.numbers("12 + 3")
    for T in (0, 4):
        with pytest.raises(ValueError, match="T: expected 1 to 3 steps"):
            letters.passages(np.arange(4), 2, T, np.random.default_rng(0))
