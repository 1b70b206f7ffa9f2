"""The sea, the air and the ring: their grids, their gaps, their law."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from rnncourse import data
from rnncourse.data import chaos, climate


@pytest.mark.parametrize("series", [climate.sea, climate.air])
def test_the_grid_has_no_gaps_and_what_is_filled_lies_between_its_neighbours(series):
    series = series()
    assert len(set(np.diff(series.time).astype(int))) == 1
    assert np.isfinite(series.x).all()
    for i in np.flatnonzero(~series.measured):
        before = series.x[:i][series.measured[:i]][-1]
        after = series.x[i:][series.measured[i:]][0]
        assert min(before, after) - 1e-9 <= series.x[i] <= max(before, after) + 1e-9


def test_the_numbers_of_the_cards_hold():
    assert int(climate.sea().measured.sum()) == 19_225  # of 19,226, two stand at one time
    assert len(climate.air()) == 526
    assert int((~climate.air().measured).sum()) == 5
    assert {climate.SEA, climate.AIR, chaos.CARD} <= set(data.cards())


def test_nobody_can_write_into_the_cached_series():
    with pytest.raises(ValueError, match="read-only"):
        climate.sea().x[0] = 0


def test_midnight_is_next_to_the_hour_before_it():
    time = np.array(["2016-06-01T23:30", "2016-06-02T00:00"], dtype="datetime64[m]")
    first, second = climate.calendar(time)
    assert np.abs(first - second).max() < 0.15


def test_a_package_that_is_missing_is_named():
    with pytest.raises(FileNotFoundError, match="no_such_package"):
        climate._file("no_such_package", "x.csv")


def test_the_ring_follows_its_equation():
    x = np.random.default_rng(0).normal(8, 1, size=5)
    exact = solve_ivp(lambda _, y: chaos.tendency(y), (0, 0.01), x, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(chaos.step(x, dt=0.01), exact.y[:, -1], atol=1e-5)


def test_turning_the_ring_turns_the_tendency():
    x = np.random.default_rng(1).normal(size=(3, 7))
    turned = chaos.tendency(np.roll(x, 2, axis=1))
    np.testing.assert_allclose(turned, np.roll(chaos.tendency(x), 2, axis=1), atol=1e-12)


def test_without_the_drive_the_ring_loses_energy():
    x = np.random.default_rng(2).normal(size=(3, 7))
    gain = (x * chaos.tendency(x, F=0.0)).sum(axis=1)  # the products cancel around the ring
    np.testing.assert_allclose(gain, -(x**2).sum(axis=1), atol=1e-12)


def test_a_ring_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="K: expected an integer of at least 4"):
        chaos.lorenz96(3, np.random.default_rng(0), K=3)
    with pytest.raises(ValueError, match="x: expected starts"):
        chaos.lyapunov_time(np.zeros(5))


def test_what_is_seen_goes_back_to_the_unit_of_the_equation():
    options = {"runs": 3, "train": 2, "noise": 0.0, "K": 5}
    true, seen, back = chaos.observed(7, np.random.default_rng(4), **options)
    np.testing.assert_array_equal(true, seen)
    np.testing.assert_allclose(chaos.step(back(true[:, 2])), back(true[:, 3]), atol=1e-9)
