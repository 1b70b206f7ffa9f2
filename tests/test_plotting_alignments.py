"""The map of an alignment: weights as they are, words on both sides, true cells framed."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from rnncourse import plotting

SOURCE, TARGET = ["forty", "two"], ["zwei", "und", "vierzig"]
ALPHA = np.array([[0.1, 0.9], [0.5, 0.5], [1.0, 0.0]])


def test_the_map_holds_the_weights_and_the_words(ax):
    assert plotting.alignment(ax, ALPHA, SOURCE, TARGET) is ax
    (image,) = ax.images
    assert np.array_equal(image.get_array(), ALPHA)
    assert image.get_clim() == (0, 1)
    assert [label.get_text() for label in ax.get_xticklabels()] == SOURCE
    assert [label.get_text() for label in ax.get_yticklabels()] == TARGET
    assert not ax.patches


def test_true_cells_are_framed_and_words_without_one_are_not(ax):
    plotting.alignment(ax, ALPHA, SOURCE, TARGET, links=[1, -1, 0])
    frames = [patch.get_xy() for patch in ax.patches if isinstance(patch, Rectangle)]
    assert frames == [(0.5, -0.5), (-0.5, 1.5)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": TARGET}, "source: expected as many as alpha"),
        ({"target": SOURCE}, "target: expected as many"),
        ({"links": [0]}, "links: expected as many"),
        ({"alpha": ALPHA * np.nan}, "alpha: expected finite numbers"),
    ],
)
def test_what_does_not_fit_is_refused(ax, change, message):
    arguments = {"alpha": ALPHA, "source": SOURCE, "target": TARGET} | change
    with pytest.raises(ValueError, match=message):
        plotting.alignment(ax, **arguments)
