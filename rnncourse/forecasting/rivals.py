"""Rivals without a network: ridge regression, boosted trees, exponential smoothing, SARIMA."""

import numpy as np


def ridge(X, Y, penalty=1.0):
    r"""The $W$ and $c$ that minimise $\|Y - XW - c\|^2 + \lambda\|W\|^2$; $c$ costs nothing.

    Args:
        X: (N, p).
        Y: (N, K), a column for each lead: K direct forecasts at one price.
        penalty: $\lambda$, at least 0.

    Returns:
        Function of rows (M, p) that returns forecasts (M, K).

    Raises:
        ValueError: if `X` and `Y` have different lengths or another rank.

    Source: Hoerl & Kennard (1970), without their scaling of the columns.

    Example:
        >>> X = np.array([[0.0], [1.0], [2.0]])
        >>> ridge(X, 3 * X + 1, penalty=0)(np.array([[5.0]])).round(6)
        array([[16.]])
    """
    X, Y = np.asarray(X, dtype=float), np.asarray(Y, dtype=float)
    if X.ndim != 2 or Y.ndim != 2 or len(X) != len(Y):
        raise ValueError(f"Y: expected (N, K) for X {X.shape}, got {Y.shape}")
    mean, level = X.mean(axis=0), Y.mean(axis=0)
    centred = X - mean
    gram = centred.T @ centred + penalty * np.eye(X.shape[1])
    W = np.linalg.solve(gram, centred.T @ (Y - level))
    return lambda rows: (rows - mean) @ W + level


def quadratic(X):
    r"""$(x, x \otimes x)$: the numbers of a row and every product of two of them.

    Args:
        X: (..., p).

    Returns:
        (..., p + p (p + 1) / 2).

    Source: with lags in the row, the regression that Gauthier et al. (2021) call a next
        generation reservoir computer; Volterra series are far older.

    Example:
        >>> quadratic(np.array([2.0, 3.0]))
        array([2., 3., 4., 6., 9.])
    """
    i, j = np.triu_indices(X.shape[-1])
    return np.concatenate([X, X[..., i] * X[..., j]], axis=-1)


def boosting(X, Y, seed=0, **options):
    """Gradient-boosted trees, one ensemble for each lead.

    Args:
        X: (N, p).
        Y: (N, K), a column for each lead.
        seed: of the draws that scikit-learn makes.
        **options: of `HistGradientBoostingRegressor`, such as `max_iter`.

    Returns:
        Function of rows (M, p) that returns forecasts (M, K).

    Source: Friedman (2001), in the histogram form of scikit-learn.

    Example:
        >>> X = np.linspace(0, 1, 200)[:, None]
        >>> made = boosting(X, np.hstack([X, -X]), max_iter=5)(X[:7])
        >>> made.shape
        (7, 2)
    """
    from sklearn.ensemble import HistGradientBoostingRegressor  # here: it takes a second

    trees = [HistGradientBoostingRegressor(random_state=seed, **options).fit(X, y) for y in Y.T]
    return lambda rows: np.column_stack([tree.predict(rows) for tree in trees])


def ets(x, origins, steps, season):
    """Exponential smoothing of level, trend and season, fitted anew at each origin.

    Args:
        x: a series (n,).
        origins: integers (N,), in the order of time.
        steps: how many steps ahead, from 1 on.
        season: m, in steps.

    Returns:
        (N, steps).

    Taught in: chapters/21_forecasting

    Source: Holt and Winters' additive method, as statsmodels has it; see Hyndman &
        Athanasopoulos (2021).

    Example:
        >>> x = np.tile([0.0, 5.0, 9.0, 5.0], 8) + 0.1 * np.arange(32)
        >>> ets(x, [23], steps=4, season=4).round(1)
        array([[ 2.4,  7.5, 11.6,  7.7]])
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    options = {"trend": "add", "seasonal": "add", "seasonal_periods": season}
    fits = (ExponentialSmoothing(x[: o + 1], **options).fit() for o in origins)
    return np.array([fit.forecast(steps) for fit in fits])


def sarima(x, origins, steps, season):
    """SARIMA (1, 1, 1)(0, 1, 1), fitted before the first origin, its state carried to the others.

    Args:
        x: a series (n,).
        origins: integers (N,), in the order of time.
        steps: how many steps ahead, from 1 on.
        season: m, in steps.

    Returns:
        (N, steps).

    Taught in: chapters/21_forecasting

    Source: Box & Jenkins (1970), as statsmodels has it, by maximum likelihood.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = np.tile([0.0, 5.0, 9.0, 5.0], 12) + 0.1 * rng.normal(size=48)
        >>> bool(np.abs(sarima(x, [39], steps=4, season=4) - x[40:44]).max() < 1)
        True
    """
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    order = {"order": (1, 1, 1), "seasonal_order": (0, 1, 1, season)}
    fit = SARIMAX(x[: origins[0] + 1], **order).fit(disp=0)
    return np.array([fit.apply(x[: o + 1]).forecast(steps) for o in origins])
