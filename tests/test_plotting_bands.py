"""Bands in one colour are told apart by their strokes."""

import numpy as np
import pytest

from rnncourse import plotting


def test_all_bands_have_the_colour_and_each_a_stroke_of_its_own(ax):
    plotting.bands(ax, [1, 2], {k: np.ones((3, 2)) for k in "abcd"}, "lstm", xlabel="step")
    assert {line.get_color() for line in ax.lines} == {plotting.COLOR["lstm"]}
    assert len({line.get_linestyle() for line in ax.lines}) == 4
    assert [line.get_label() for line in ax.lines] == list("abcd")
    assert ax.get_xlabel() == "step"


def test_a_fifth_band_is_refused(ax):
    with pytest.raises(ValueError, match="runs: expected at most 4 names, got 5"):
        plotting.bands(ax, [1, 2], {k: np.ones((3, 2)) for k in "abcde"}, "lstm")
