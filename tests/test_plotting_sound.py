"""Pictures of sound."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from rnncourse import plotting


@pytest.fixture
def ax():
    fig, ax = plotting.figure()
    yield ax
    plt.close(fig)


def test_a_wave_is_drawn_against_seconds(ax):
    plotting.wave(ax, np.sin(np.arange(400)), rate=8000)
    x, y = ax.lines[0].get_data()
    assert x[-1] == pytest.approx(399 / 8000)
    np.testing.assert_allclose(y, np.sin(np.arange(400)))


def test_low_bands_lie_below_and_time_runs_to_the_right(ax):
    x = np.arange(28.0).reshape(7, 4)
    plotting.spectrum(ax, x, 0.01)
    image = ax.images[0]
    np.testing.assert_array_equal(image.get_array(), x.T)
    assert image.origin == "lower"
    assert image.get_extent() == pytest.approx([0, 0.07, 0, 4])


def test_rows_may_begin_later_to_stand_around_the_middle_of_their_frames(ax):
    plotting.spectrum(ax, np.zeros((7, 4)), 0.01, start=0.0075)
    assert ax.images[0].get_extent() == pytest.approx([0.0075, 0.0775, 0, 4])


def test_a_trellis_begins_at_the_top_and_names_its_labels_only(ax):
    gamma = np.random.default_rng(0).dirichlet(np.ones(5), size=7)
    plotting.trellis(ax, gamma, ["", "six", "", "two", ""], 0.03)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["six", "two"]
    assert ax.get_ylim() == (4.5, -0.5)
    assert ax.images[0].get_clim() == (0, 1)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda ax: plotting.wave(ax, np.zeros((7, 4)), 8000), r"sound: expected \(n,\)"),
        (lambda ax: plotting.spectrum(ax, np.zeros(7), 0.01), "x: expected two axes"),
        (lambda ax: plotting.spectrum(ax, np.full((7, 4), np.nan), 0.01), "x: expected finite"),
        (lambda ax: plotting.trellis(ax, np.zeros((7, 3)), ["a"], 0.03), "names: expected S = 3"),
    ],
)
def test_what_does_not_fit_is_refused(ax, draw, message):
    with pytest.raises(ValueError, match=message):
        draw(ax)
