"""Variety counts rows over all texts, repetition within each."""

import numpy as np
import pytest

from rnncourse.decoding import repeated, variety


def test_different_texts_without_repetition_have_all_the_variety():
    ids = np.arange(21).reshape(3, 7)
    assert variety(ids) == 1
    assert repeated(ids) == 0


def test_equal_texts_are_less_varied_but_repeat_nothing_within():
    ids = np.tile(np.arange(7), (3, 1))
    assert variety(ids) == pytest.approx(1 / 3)
    assert repeated(ids) == 0


def test_a_symbol_over_and_over_is_one_row():
    ids = np.ones((3, 7), dtype=int)
    assert variety(ids) == pytest.approx(1 / 12)
    assert repeated(ids) == pytest.approx(3 / 4)


@pytest.mark.parametrize("measure", [variety, repeated])
@pytest.mark.parametrize("shape", [(7,), (0, 7), (3, 3)])
def test_texts_without_rows_are_refused(measure, shape):
    with pytest.raises(ValueError, match=r"ids: expected \(B, n\) with n at least 4, got shape"):
        measure(np.zeros(shape, dtype=int))
