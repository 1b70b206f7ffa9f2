"""The two bells: the order, and nothing but the order, says which one was the first."""

import numpy as np
import pytest

from rnncourse.data import synthetic


def rng(seed=0):
    return np.random.default_rng(seed)


def first_ring(x):
    """The feature that is on first in one sequence (T, D)."""
    return x[np.argmax(x.max(axis=1) > 0.5)].argmax()


def test_the_answer_is_the_bell_that_rings_first():
    x, y = synthetic.which_came_first(200, gap=(0, 9), T=15, rng=rng())
    assert x.shape == (200, 15, 2)
    assert y.dtype == bool
    np.testing.assert_array_equal([first_ring(row) == 0 for row in x], y)


def test_every_sequence_has_the_same_bag_so_that_counting_says_nothing():
    x, _ = synthetic.which_came_first(50, gap=(3, 8), T=13, rng=rng())
    np.testing.assert_array_equal(x.sum(axis=1), np.full((50, 2), 2.0))


def test_the_late_pair_says_nothing_about_the_early_one():
    x, y = synthetic.which_came_first(4000, gap=5, T=9, rng=rng())
    assert abs(np.mean((x[:, -2, 0] == 1) == y) - 0.5) < 0.05
    assert abs(y.mean() - 0.5) < 0.05


def test_between_the_two_pairs_lie_as_many_silent_steps_as_were_asked_for():
    x, _ = synthetic.which_came_first(3, gap=4, T=11, rng=rng())
    rings = np.flatnonzero(x[0].max(axis=1))
    np.testing.assert_array_equal(rings, [3, 4, 9, 10])


def test_a_range_of_gaps_holds_its_two_ends():
    x, _ = synthetic.which_came_first(300, gap=(2, 4), T=8, rng=rng())
    early = {int(np.argmax(row.max(axis=1))) for row in x}
    assert early == {0, 1, 2}


def test_no_gap_and_no_room_to_spare_is_the_smallest_case():
    x, _ = synthetic.which_came_first(1, gap=0, T=4, rng=rng())
    np.testing.assert_array_equal(x[0].sum(axis=1), np.ones(4))


def test_the_noise_has_the_deviation_asked_for_and_the_same_seed_gives_the_same_days():
    x, _ = synthetic.which_came_first(2000, 1, 7, noise=0.1, rng=rng(3))
    assert x[:, :2].std() == pytest.approx(0.1, rel=0.05)
    again, _ = synthetic.which_came_first(2000, 1, 7, noise=0.1, rng=rng(3))
    np.testing.assert_array_equal(x, again)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n": 0}, "n: expected a positive integer, got 0"),
        ({"gap": -1}, "gap: expected 0 <= least <= largest, got -1 and -1"),
        ({"gap": (5, 3)}, "gap: expected 0 <= least <= largest, got 5 and 3"),
        ({"T": 8}, "T: expected at least 9 for a gap of 5, got 8"),
        ({"noise": -0.1}, "noise: expected a standard deviation of at least 0"),
    ],
)
def test_what_cannot_be_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        synthetic.which_came_first(**({"n": 3, "gap": 5, "T": 11, "rng": rng()} | changed))
