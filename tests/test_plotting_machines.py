"""An automaton as a drawing: a circle a state, a second one where it accepts, an arrow a move."""

import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from rnncourse import plotting

PLACES = [[0.0, 0.0], [1.0, 0.0], [0.5, 1.0]]
STEP = [[1, 0], [2, 2], [2, 2]]


def drawn(places=PLACES, step=STEP, accepts=(True, True, False), **keywords):
    _, ax = plotting.figure()
    ax.set(xlim=(-1, 2), ylim=(-1, 2))
    return plotting.machine(ax, places, step, accepts, **keywords)


@pytest.fixture(autouse=True)
def closed():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


def test_there_is_an_arrow_for_every_two_states_that_are_joined():
    arrows = [p for p in drawn().patches if isinstance(p, FancyArrowPatch)]
    assert len(arrows) == 4  # 0 to 1, 0 to itself, 1 to 2, 2 to itself


def bends(places):
    return [
        arrow.get_connectionstyle().rad
        for arrow in drawn(places, step=[[1, 1], [2, 2], [0, 0]]).patches
        if isinstance(arrow, FancyArrowPatch)
    ]


def test_an_arrow_without_one_back_bends_away_from_the_third_state():
    assert bends(PLACES) == [0.2] * 3  # against the clock: the third is on their left
    first, second, third = PLACES
    assert bends([first, third, second]) == [-0.2] * 3


def test_accepting_states_have_two_circles_the_others_one():
    circles = [tuple(line.get_xydata()[0]) for line in drawn().lines]
    assert [circles.count(tuple(place)) for place in PLACES] == [2, 2, 1]


def test_states_bear_their_numbers_and_shared_arrows_both_symbols():
    texts = [text.get_text() for text in drawn(symbols="ab").texts]
    assert {"0", "1", "2", "a", "b", "a, b"} == set(texts)


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"places: expected \(Q, 2\)"):
        drawn(places=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="places: expected"):
        drawn(symbols="abc")
    with pytest.raises(ValueError, match="accepts: expected 3 truth values, got 2"):
        drawn(accepts=[True, False])
