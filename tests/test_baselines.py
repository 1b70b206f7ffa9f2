"""What every forecast is compared with must itself be beyond doubt."""

import numpy as np
import pytest

from rnncourse import baselines
from rnncourse.data import series, synthetic

RNG = np.random.default_rng(2)


def test_persistence_is_the_series_moved_by_one_step():
    x = RNG.normal(size=20)
    X, y = series.windows(x, length=7)
    assert np.array_equal(baselines.persistence(X)[:, 0], x[6:-1])
    assert np.array_equal(baselines.persistence(X)[1:], y[:-1])


def test_persistence_of_a_constant_series_is_never_wrong():
    X, y = series.windows(np.full(20, 3.5), length=7, horizon=4)
    assert np.array_equal(baselines.persistence(X), y)


def test_least_squares_finds_the_weights_that_made_the_series():
    truth, c = np.array([0.2, -0.5, 0.6]), 0.3
    X = RNG.normal(size=(40, 3, 1))
    y = X[:, :, 0] @ truth + c
    assert np.allclose(baselines.fit_ar(X, y), [*truth, c], atol=1e-12)
    assert np.allclose(baselines.fit_ar(X[:, :, 0], y[:, None]), [*truth, c], atol=1e-12)


def test_no_other_weights_have_a_smaller_squared_error():
    X, y = series.windows(synthetic.noisy_sine(100, rng=RNG), length=10)
    w = baselines.fit_ar(X, y)

    def error(w):
        return np.mean((baselines.predict_ar(X, w) - y) ** 2)

    assert all(error(w + 0.01 * RNG.normal(size=11)) > error(w) for _ in range(20))


def test_a_pure_sine_needs_two_lags_and_goes_on_for_ever():
    x = synthetic.noisy_sine(500, periods=5, noise=0.0)
    w = baselines.fit_ar(*series.windows(x[:300], length=2))
    assert np.allclose(w, [-1.0, 2 * np.cos(10 * np.pi / 499), 0.0], atol=1e-9)
    assert abs(baselines.companion_radius(w) - 1) < 1e-9
    run = baselines.free_run(lambda window: window @ w[:-1] + w[-1], x[298:300], steps=200)
    assert np.allclose(run, x[300:], atol=1e-6)


def test_a_free_run_is_the_companion_matrix_applied_again_and_again():
    w, window = np.array([0.3, -0.2, 0.5, 0.0]), np.array([1.0, 2.0, -1.0])
    run = baselines.free_run(lambda window: window @ w[:-1], window, steps=6)
    C = np.array([[0, 1, 0], [0, 0, 1], w[:3]])
    expected = [(np.linalg.matrix_power(C, k) @ window)[-1] for k in range(1, 7)]
    assert np.allclose(run, expected, atol=1e-12)


def test_windows_side_by_side_run_as_they_would_alone():
    windows, w = RNG.normal(size=(3, 4)), np.array([0.3, -0.2, 0.5])  # p = 3, S = 4
    together = baselines.free_run(lambda window: w @ window, windows, steps=6)
    assert together.shape == (6, 4)
    for s in range(4):
        alone = baselines.free_run(lambda window: w @ window, windows[:, s], steps=6)
        assert np.allclose(together[:, s], alone, atol=1e-12)


def test_a_free_run_leaves_the_window_as_it_was():
    window = np.array([1.0, 2.0])
    baselines.free_run(lambda w: 0.0, window, steps=3)
    assert window.tolist() == [1.0, 2.0]


def test_a_free_run_of_no_steps_is_empty():
    assert baselines.free_run(lambda w: 0.0, [1.0], steps=0).shape == (0,)


@pytest.mark.parametrize("radius", [0.5, 0.9, 1.0, 1.1])
def test_the_radius_is_the_factor_by_which_a_run_shrinks_or_grows(radius):
    w = np.array([-(radius**2), 2 * radius * np.cos(0.4), 0.0])  # roots radius * exp(+-0.4 i)
    assert abs(baselines.companion_radius(w) - radius) < 1e-9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: baselines.companion_radius([]), "w: expected at least one weight"),
        (lambda: baselines.companion_radius([1.0, np.nan]), "w: expected .* finite"),
        (lambda: baselines.companion_radius(np.ones((2, 5))), r"w: expected .* got shape \(2, 5\)"),
        (lambda: baselines.predict_ar(np.ones((4, 3)), np.ones(3)), "X: expected windows of 2"),
        (lambda: baselines.fit_ar(np.full((4, 2), np.nan), np.ones(4)), "SVD"),
        (lambda: baselines.fit_ar(np.ones((4, 2)), np.ones(5)), "Incompatible"),
    ],
)
def test_what_cannot_be_computed_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
