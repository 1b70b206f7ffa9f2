"""Forecasts that need no network: what a model must beat before anyone speaks of learning.

A window is a row of p values, oldest first; X holds many of them, (N, p) or (N, p, 1).
"""

import numpy as np


def persistence(X):
    r"""$\hat y = x_t$: the next value is the last one, said beside the target it is meant for.

    Args:
        X: windows (N, T, D), oldest step first, as `series.windows` cuts them.

    Returns:
        (N, D): the last step of each window, aligned with the targets of the same rows.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> persistence(np.array([[[1.0], [2.0], [3.0]], [[2.0], [3.0], [4.0]]]))
        array([[3.],
               [4.]])
    """
    return X[:, -1]


def fit_ar(X, y):
    r"""The $w$ and $c$ that minimise $\sum_i (y_i - w_1 x_{i1} - \dots - w_p x_{ip} - c)^2$.

    Args:
        X: windows (N, p) or (N, p, 1), oldest step first.
        y: what came next, (N,) or (N, 1).

    Returns:
        (p + 1,): the weights in the order of the window, then the intercept.

    Raises:
        ValueError: if `X` and `y` have different lengths, or hold NaN (as `LinAlgError`, which
            is one).

    Taught in: chapters/02_a_noisy_sine_on_trial

    Source: Yule (1927) fitted such a recursion of two steps to sunspot numbers; he had no
        intercept, since he subtracted the mean.

    Example:
        >>> x = np.sin(0.3 * np.arange(50))
        >>> w = fit_ar(np.column_stack([x[:-2], x[1:-1]]), x[2:])
        >>> bool(np.allclose(w, [-1.0, 2 * np.cos(0.3), 0.0]))
        True
    """
    ones = np.ones((len(X), 1))
    return np.linalg.lstsq(np.hstack([X.reshape(len(X), -1), ones]), y.ravel())[0]


def predict_ar(X, w):
    r"""$\hat y_i = w_1 x_{i1} + \dots + w_p x_{ip} + c$.

    Args:
        X: windows (N, p) or (N, p, 1).
        w: what `fit_ar` returned, (p + 1,).

    Returns:
        (N, 1), the shape of the targets of `series.windows`.

    Raises:
        ValueError: if a window has another length than the one that was fitted.

    Example:
        >>> predict_ar(np.array([[1.0, 2.0]]), np.array([-1.0, 2.0, 0.5]))
        array([[3.5]])
    """
    X, w = np.asarray(X, dtype=float), _weights(w)
    X = X.reshape(len(X), -1)
    if X.shape[1] != len(w) - 1:
        raise ValueError(f"X: expected windows of {len(w) - 1} steps, got {X.shape[1]}")
    return (X @ w[:-1] + w[-1])[:, None]


def free_run(predict, window, steps):
    r"""$\hat x_{t+1} = f(x_{t-p+1}, \dots, x_t)$, and then $f$ again, on its own forecasts.

    Args:
        predict: function of one window (p,) that returns the next value, a number; or of
            windows side by side (p, S) that returns S numbers.
        window: the last p values that were seen, oldest first, (p,) or (p, S); not changed.
        steps: how many steps to go on.

    Returns:
        (steps,) or (steps, S): the forecasts; after p of them no input is a measurement.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> free_run(lambda window: window[-2] + window[-1], [1.0, 1.0], steps=5)
        array([ 2.,  3.,  5.,  8., 13.])
    """
    forecast = []
    for _ in range(steps):
        x_next = predict(window)
        window = np.concatenate([window[1:], [x_next]])
        forecast.append(x_next)
    return np.array(forecast)


def companion_radius(w):
    r"""$\max_k |\lambda_k|$ of the matrix that moves a window one step on under an AR model.

    The companion matrix shifts the window by one and puts $w_1 x_{t-p+1} + \dots + w_p x_t$ at
    its end. Its powers decide where a free run goes: with a radius below 1 every run ends in the
    same constant, at 1 an oscillation lasts, above 1 it grows.

    Args:
        w: what `fit_ar` returned, (p + 1,); the intercept moves the constant, not the radius.

    Returns:
        float, at least 0.

    Raises:
        ValueError: if `w` is not a row of at least two finite numbers.

    Example:
        >>> round(companion_radius([-1.0, 2 * np.cos(0.3), 0.0]), 9)  # a sine goes on for ever
        1.0
        >>> companion_radius([0.5, 7.0])  # x_next = x / 2 + 7
        0.5
    """
    w = _weights(w)
    p = len(w) - 1
    C = np.eye(p, k=1)  # row k of the new window is row k + 1 of the old one
    C[-1] = w[:-1]
    return float(np.abs(np.linalg.eigvals(C)).max())


def _weights(w):
    w = np.asarray(w, dtype=float)
    if w.ndim != 1 or len(w) < 2 or not np.isfinite(w).all():
        raise ValueError(
            f"w: expected at least one weight and the intercept, finite, (p + 1,), "
            f"got {w if w.size < 4 else f'shape {w.shape}'}"
        )
    return w
