"""Where one stands when one forecasts: what is known there, and what is going to happen.

An *origin* o is the last step that is known: a forecast made there may use x[: o + 1] and is for
the steps o + lead, one column for each lead.
"""

import numpy as np


def rolling_origins(n, first, size, horizon, start=0):
    """Folds in the order of time: train before a cut, test after it, then move the cut.

    Args:
        n: steps of the series.
        first: the first cut; a model may have seen the steps before it, no later one.
        size: how many origins follow a cut, and how far the next cut is.
        horizon: the longest lead; the *targets* of training end before the cut, too.
        start: the first origin to train at, such as p - 1 for models that look p steps back.

    Returns:
        list of (train, test): origins, integer arrays.

    Raises:
        ValueError: if there is not one fold.

    Taught in: chapters/21_forecasting

    Source: evaluation over a rolling origin is surveyed by Tashman (2000); here the training
        window grows.

    Example:
        >>> for train, test in rolling_origins(n=12, first=6, size=2, horizon=2):
        ...     print(train, test)
        [0 1 2 3] [6 7]
        [0 1 2 3 4 5] [8 9]
    """
    folds = []
    for cut in range(first, n - horizon - size + 1, size):
        train = np.arange(start, cut - horizon)  # their targets end before the cut
        folds.append((train, np.arange(cut, cut + size)))
    if not folds or not len(folds[0][0]):
        raise ValueError(f"first: expected room for a fold in {n} steps, got {first}")
    return folds


def ahead(x, origins, leads):
    r"""$y_{ok} = x_{o + \mathrm{lead}_k}$: what was going to happen.

    Args:
        x: (n,) or (n, D).
        origins: integers (N,).
        leads: integers (K,), from 1.

    Returns:
        (N, K) or (N, K, D).

    Raises:
        ValueError: if a lead is below 1, or a target lies beyond the series.

    Example:
        >>> ahead(np.arange(9.0), [3, 4], leads=[1, 4])
        array([[4., 7.],
               [5., 8.]])
    """
    x, origins, leads = np.asarray(x), np.asarray(origins), _leads(leads)
    if origins.max() + leads.max() >= len(x):
        raise ValueError(f"origins: expected targets within {len(x)} steps, got {origins.max()}")
    return x[origins[:, None] + leads]


def lagged(x, origins, lags):
    r"""$X_{oj} = x_{o - \mathrm{lag}_j}$: what is known, lag 0 being the origin itself.

    Args:
        x: (n,) or (n, D).
        origins: integers (N,).
        lags: integers (p,), at least 0; or p for the last p steps, the oldest first.

    Returns:
        (N, p) or (N, p, D).

    Raises:
        ValueError: if a lag is negative (that is the future), or lies before the series.

    Example:
        >>> lagged(np.arange(9.0), [3, 4], lags=2)
        array([[2., 3.],
               [3., 4.]])
    """
    lags = np.arange(lags)[::-1] if np.ndim(lags) == 0 else np.asarray(lags)
    origins = np.asarray(origins)
    if lags.min() < 0:
        raise ValueError(f"lags: expected at least 0, got {lags.min()}: that is the future")
    if origins.min() < lags.max():
        raise ValueError(
            f"origins: expected at least {lags.max()} steps before, got {origins.min()}"
        )
    return np.asarray(x)[origins[:, None] - lags]


def seasonal_naive(x, origins, leads, season):
    r"""$\hat y = x_{o + l - m\lceil l/m\rceil}$: as at the same time of the last season known.

    Args:
        x: (n,) or (n, D).
        origins: integers (N,), at least `season` - 1.
        leads: integers (K,), from 1.
        season: m, in steps.

    Returns:
        (N, K) or (N, K, D).

    Raises:
        ValueError: if a lead is below 1, or an origin has no season before it.

    Taught in: chapters/21_forecasting

    Example:
        >>> seasonal_naive(np.arange(9.0), [5], leads=[1, 4, 5], season=4)
        array([[2., 5., 2.]])
    """
    origins, leads = np.asarray(origins), _leads(leads)
    back = leads - season * np.ceil(leads / season).astype(int)  # at most 0
    if origins.min() + back.min() < 0:
        raise ValueError(f"origins: expected a season of {season} before, got {origins.min()}")
    return np.asarray(x)[origins[:, None] + back]


def useful_leads(leads, error, limit):
    """Until which lead an error stays below a limit, by straight lines between the leads.

    Args:
        leads: (K,), rising.
        error: (K,), in the unit of `limit`.
        limit: such as half of what climatology errs.

    Returns:
        float, in steps; the first lead if all are above, the last if none is.

    Example:
        >>> useful_leads([1, 2, 4], [0.1, 0.3, 0.7], limit=0.5)
        3.0
    """
    over = np.flatnonzero(np.asarray(error) > limit)
    if not len(over):
        return float(leads[-1])
    k = over[0]
    if k == 0:
        return float(leads[0])
    share = (limit - error[k - 1]) / (error[k] - error[k - 1])
    return float(leads[k - 1] + share * (leads[k] - leads[k - 1]))


def _leads(leads):
    leads = np.asarray(leads)
    if leads.ndim != 1 or leads.dtype.kind not in "iu" or leads.min() < 1:
        raise ValueError(f"leads: expected integers (K,) from 1, got {leads!r}")
    return leads
