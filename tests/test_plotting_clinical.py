"""Clarke's grid: its lines are the borders of the zones that the data module knows."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnncourse import plotting
from rnncourse.data import glucose
from rnncourse.plotting import clinical


@pytest.fixture
def ax():
    fig, ax = plotting.figure()
    yield ax
    plt.close(fig)


def test_each_letter_stands_in_its_zone():
    for letters in (clinical.LETTERS, clinical.MORE_LETTERS):
        for letter, (y, y_hat) in letters.items():
            assert glucose.zones(np.array([y]), np.array([y_hat])) == [letter]


def test_a_small_step_across_a_line_changes_the_zone():
    for (x0, y0), (x1, y1) in (c for edge in clinical.EDGES for c in zip(edge, edge[1:])):  # noqa: B905, RUF007
        middle, along = np.array([x0 + x1, y0 + y1]) / 2, np.array([x1 - x0, y1 - y0])
        across = np.array([-along[1], along[0]]) / np.linalg.norm(along) * 3
        (a, b), (c, d) = middle + across, middle - across
        one, other = glucose.zones(np.array([a, c]), np.array([b, d]))
        assert one != other, (x0, y0, x1, y1)


def test_dangerous_points_are_drawn_large_and_the_axes_are_alike(ax):
    y, y_hat = np.array([100.0, 60, 250]), np.array([100.0, 120, 150])
    clinical.clarke(ax, y, y_hat, glucose.zones(y, y_hat))
    drawn = {line.get_marker(): len(line.get_xdata()) for line in ax.lines[len(clinical.EDGES) :]}
    assert drawn == {".": 1, "s": 0, "o": 2, "^": 0}
    assert ax.get_xlim() == ax.get_ylim() == (0, 400)


def test_what_does_not_fit_together_is_refused(ax):
    with pytest.raises(ValueError, match=r"y_hat, zones: expected the shape of y, \(2,\)"):
        clinical.clarke(ax, [100.0, 90.0], [100.0], np.array(["A"]))
    with pytest.raises(ValueError, match="y: expected finite numbers"):
        clinical.clarke(ax, [np.nan], [100.0], np.array(["A"]))
