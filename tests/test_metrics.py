"""The numbers that judge predictions: right on examples done by hand, and hard to misuse."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import metrics

lawful = settings(deadline=None, derandomize=True)  # a loaded machine is no failure
floats = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=20)


def test_the_errors_agree_with_a_sum_done_by_hand():
    y, y_hat = [1.0, 2.0, 4.0], [1.0, 4.0, 0.0]
    assert metrics.mse(y, y_hat) == pytest.approx((0 + 4 + 16) / 3)
    assert metrics.rmse(y, y_hat) == pytest.approx(math.sqrt(20 / 3))
    assert metrics.mae(y, y_hat) == pytest.approx(2.0)


@lawful
@given(floats)
def test_a_perfect_prediction_has_no_error(y):
    assert metrics.mse(y, y) == metrics.rmse(y, y) == metrics.mae(y, y) == 0


@lawful
@given(floats, st.floats(-100, 100))
def test_a_prediction_that_is_off_by_a_constant_errs_by_that_constant(y, c):
    y = np.array(y)
    assert metrics.mae(y, y + c) == pytest.approx(abs(c), abs=1e-9)
    assert metrics.rmse(y, y + c) == pytest.approx(abs(c), abs=1e-9)


def test_all_functions_return_python_floats():
    y = np.ones((3, 7), dtype=np.float32)
    logits, ids = np.zeros((3, 7, 4), dtype=np.float32), np.zeros((3, 7), dtype=int)
    numbers = [
        metrics.mse(y, y),
        metrics.rmse(y, y),
        metrics.mae(y, y),
        metrics.mase(y[0], y[0], np.arange(5.0)),
        metrics.accuracy(ids, ids),
        metrics.cross_entropy(logits, ids),
        metrics.perplexity(1),
        metrics.bits_per_character(1),
        metrics.coverage(y, y, y),
    ]
    assert {type(number) for number in numbers} == {float}


def test_a_mase_of_one_is_what_persistence_earns_on_its_own_training_series():
    rng = np.random.default_rng(0)
    x = rng.normal(size=50).cumsum()
    assert metrics.mase(x[1:], x[:-1], y_train=x) == pytest.approx(1)


def test_the_seasonal_mase_forgives_what_repeats_every_season():
    x = np.tile([0.0, 5.0, 9.0, 5.0], 6) + np.arange(24) * 0.1
    assert metrics.mase(x[4:], x[:-4], y_train=x, season=4) == pytest.approx(1)


def test_cross_entropy_equals_pytorch():
    rng = np.random.default_rng(1)
    logits, ids = 9 * rng.normal(size=(3, 7, 11)), rng.integers(0, 11, size=(3, 7))
    expected = torch.nn.functional.cross_entropy(
        torch.tensor(logits).flatten(0, 1), torch.tensor(ids).flatten()
    )
    assert metrics.cross_entropy(logits, ids) == pytest.approx(float(expected), abs=1e-12)


def test_cross_entropy_does_not_see_what_the_mask_hides():
    rng = np.random.default_rng(2)
    logits, ids = rng.normal(size=(3, 7, 11)), rng.integers(0, 11, size=(3, 7))
    mask = np.arange(7) < np.array([[7], [2], [4]])
    spoilt = np.where(mask[..., None], logits, 1e6)
    hidden = np.where(mask, ids, -1)  # padding ids need not even be symbols
    expected = metrics.cross_entropy(logits[mask], ids[mask])
    assert metrics.cross_entropy(spoilt, hidden, mask) == pytest.approx(expected, abs=1e-12)


def test_cross_entropy_survives_logits_that_overflow_an_exponential():
    assert metrics.cross_entropy([[1e4, 0.0]], [1]) == pytest.approx(1e4)


def test_a_uniform_guess_over_v_symbols_has_perplexity_v():
    nats = metrics.cross_entropy(np.zeros((5, 11)), np.arange(5))
    assert metrics.perplexity(nats) == pytest.approx(11)
    assert metrics.bits_per_character(nats) == pytest.approx(math.log2(11))


def test_accuracy_counts_what_the_mask_shows():
    assert metrics.accuracy([1, 2, 3], [1, 0, 0]) == pytest.approx(1 / 3)
    assert metrics.accuracy([1, 2, 3], [1, 0, 0], mask=[True, True, False]) == 0.5
    assert metrics.accuracy(["a", "b"], ["a", "c"]) == 0.5


def test_the_ends_of_an_interval_belong_to_it():
    assert metrics.coverage([1.0, 2.0, 3.0], [1.0, 0.0, 0.0], [1.0, 2.0, 2.0]) == 2 / 3


@pytest.mark.parametrize("function", [metrics.mse, metrics.rmse, metrics.mae])
def test_shapes_that_would_broadcast_are_refused(function):
    with pytest.raises(ValueError, match=r"y_hat: expected the shape of y, \(7,\), got \(7, 1\)"):
        function(np.zeros(7), np.zeros((7, 1)))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_are_refused(bad):
    with pytest.raises(ValueError, match="y_hat: expected finite numbers, got 1 NaN"):
        metrics.mse([1.0, 2.0], [1.0, bad])
    with pytest.raises(ValueError, match="logits: expected finite"):
        metrics.cross_entropy([[bad, 0.0]], [0])


def test_nothing_at_all_is_refused():
    with pytest.raises(ValueError, match="y: expected at least one number"):
        metrics.mae([], [])
    with pytest.raises(ValueError, match="mask: expected at least one label"):
        metrics.accuracy([1, 2], [1, 2], mask=[False, False])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.mse(["a"], ["b"]), "y: expected numbers, got dtype <U1"),
        (lambda: metrics.mase([1.0], [1.0], [1.0]), "y_train: expected a series .* longer than"),
        (lambda: metrics.mase([1.0], [1.0], [2.0, 2.0]), "y_train: expected a series that changes"),
        (lambda: metrics.mase([1.0], [1.0], [1.0, 2.0], season=0), "season: expected a positive"),
        (lambda: metrics.accuracy([0, 1], [0.2, 0.9]), "y_hat: expected labels, got fractions"),
        (lambda: metrics.accuracy([0, 1], [0, 1], mask=[1, 0]), "mask: expected booleans"),
        (lambda: metrics.cross_entropy(np.zeros((3, 4)), [0, 1]), "logits: expected shape"),
        (lambda: metrics.cross_entropy(np.zeros((2, 4)), [0, 4]), "ids: expected 0 to V - 1 = 3"),
        (lambda: metrics.cross_entropy(np.zeros((2, 4)), [0.0, 1.0]), "ids: expected integers"),
        (lambda: metrics.perplexity(-0.1), "nats: expected one finite number of at least 0"),
        (lambda: metrics.bits_per_character([1.0]), "nats: expected one finite number"),
        (lambda: metrics.coverage([1.0], [2.0], [1.0]), "low: expected at most high"),
    ],
)
def test_refusals_name_the_argument_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_temperature_is_where_a_grid_finds_the_least_log_loss():
    rng = np.random.default_rng(5)
    logits = 6 * rng.normal(size=400)
    y = rng.random(400) < 1 / (1 + np.exp(-logits / 3))
    grid = np.linspace(1, 6, 2001)[:, None]
    losses = np.logaddexp(0, np.where(y, -logits, logits) / grid).mean(axis=1)
    found = metrics.temperature(logits, y)
    assert found == pytest.approx(grid[losses.argmin(), 0], abs=0.005)
    assert found == pytest.approx(3, rel=0.3)


@pytest.mark.parametrize("factor", [0.1, 5.0])
def test_logits_times_a_factor_have_the_temperature_times_that_factor(factor):
    rng = np.random.default_rng(6)
    logits, y = rng.normal(size=(3, 7)), rng.random((3, 7)) < 0.5
    logits = np.where(y, logits + 0.5, logits)
    expected = factor * metrics.temperature(logits, y)
    assert metrics.temperature(factor * logits, y) == pytest.approx(expected, rel=1e-6)


def test_the_temperature_of_answers_without_a_fault_ends_at_its_bound():
    assert metrics.temperature([3.0, -2.0], [True, False]) == pytest.approx(1e-3, rel=1e-6)
    assert metrics.temperature([3.0, -2.0], [False, True]) == pytest.approx(1e3, rel=1e-6)


@pytest.mark.parametrize(
    ("logits", "y", "message"),
    [
        ([1.0, 2.0], [1, 0], "y: expected booleans"),
        ([1.0, 2.0], [True], "logits: expected the shape of y"),
        ([1.0, np.nan], [True, False], "logits: expected finite numbers"),
    ],
)
def test_a_temperature_needs_logits_and_labels_of_one_shape(logits, y, message):
    with pytest.raises(ValueError, match=message):
        metrics.temperature(logits, y)
