"""Numbers that judge a prediction: arrays in, one float out.

Every function refuses what would make its number meaningless: shapes that broadcast by accident
(the classic: y (B,) against y_hat (B, 1) gives a B x B difference), NaN, and nothing at all.
"""

import math

import numpy as np


def mse(y, y_hat):
    r"""Mean squared error, $\frac1N\sum_i (y_i-\hat y_i)^2$.

    Args:
        y: what happened, any shape.
        y_hat: what was predicted, the same shape and unit.

    Returns:
        float, in the unit of `y` squared.

    Raises:
        ValueError: if the shapes differ, or an array is empty or holds NaN or infinity.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> mse([1.0, 2.0], [1.0, 4.0])
        2.0
    """
    y, y_hat = _pair(y, y_hat)
    return float(np.mean((y - y_hat) ** 2))


def rmse(y, y_hat):
    r"""Root of the mean squared error, $\sqrt{\frac1N\sum_i (y_i-\hat y_i)^2}$.

    Args:
        y: what happened, any shape.
        y_hat: what was predicted, the same shape and unit.

    Returns:
        float, in the unit of `y`: for noise that cannot be foreseen, its standard deviation is
        the least that any model can reach in the long run.

    Raises:
        ValueError: as for `mse`.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> rmse([0.0, 0.0], [3.0, -3.0])
        3.0
    """
    return math.sqrt(mse(y, y_hat))


def mae(y, y_hat):
    r"""Mean absolute error, $\frac1N\sum_i |y_i-\hat y_i|$.

    Args:
        y: what happened, any shape.
        y_hat: what was predicted, the same shape and unit.

    Returns:
        float, in the unit of `y`.

    Raises:
        ValueError: as for `mse`.

    Example:
        >>> mae([1.0, 2.0], [0.0, 5.0])
        2.0
    """
    y, y_hat = _pair(y, y_hat)
    return float(np.mean(np.abs(y - y_hat)))


def mase(y, y_hat, y_train, season=1):
    r"""Mean absolute scaled error, $\mathrm{MAE}(y,\hat y)\,/\,\mathrm{mean}_t|y_t-y_{t-m}|$.

    The denominator is the error that "as one season ago" makes on the training series, so that
    1 means "as good as that", below 1 better, and series of any unit compare.

    Args:
        y: what happened, any shape.
        y_hat: what was predicted, the same shape and unit.
        y_train: the training series (n,), in the order of time.
        season: m, in steps; 1 scales by persistence.

    Returns:
        float without a unit.

    Raises:
        ValueError: as for `mse`; also if `y_train` is shorter than `season` + 1, or repeats
            itself exactly, so that there is no error to scale by.

    Source: Hyndman & Koehler (2006); they define it with m = 1, the season came later.

    Example:
        >>> mase([5.0], [3.0], y_train=[1.0, 2.0, 3.0])
        2.0
    """
    if not hasattr(season, "__index__") or season < 1:
        raise ValueError(f"season: expected a positive integer, got {season!r}")
    y_train = _floats("y_train", y_train)
    if y_train.ndim != 1 or len(y_train) <= season:
        raise ValueError(
            f"y_train: expected a series (n,) longer than season = {season}, "
            f"got shape {y_train.shape}"
        )
    scale = float(np.mean(np.abs(y_train[season:] - y_train[:-season])))
    if scale == 0:
        raise ValueError(f"y_train: expected a series that changes over {season} steps, got none")
    return mae(y, y_hat) / scale


def accuracy(y, y_hat, mask=None):
    r"""Share of labels that are right, $\frac1N\sum_i [y_i=\hat y_i]$.

    Args:
        y: true labels (integers, booleans or strings), any shape.
        y_hat: predicted labels, the same shape; not logits: take their argmax first.
        mask: True where a label counts, the same shape; all count if it is left out.

    Returns:
        float between 0 and 1.

    Raises:
        ValueError: if the shapes differ, nothing is counted, or `y_hat` holds fractions.

    Example:
        >>> accuracy([0, 1, 1, 0], [0, 1, 0, 0])
        0.75
    """
    y, y_hat = np.asarray(y), np.asarray(y_hat)
    for name, labels in (("y", y), ("y_hat", y_hat)):
        if labels.dtype.kind == "f" and not np.array_equal(labels, np.round(labels)):
            raise ValueError(f"{name}: expected labels, got fractions; take the argmax of logits")
    _same_shape("y_hat", y_hat, "y", y)
    return float(np.mean((y == y_hat)[_counted(mask, y)]))


def cross_entropy(logits, ids, mask=None):
    r"""Mean negative log-probability of the truth, $-\frac1N\sum_i\ln\mathrm{softmax}(a_i)_{k_i}$.

    Args:
        logits: $a$, unnormalised log-probabilities (..., V).
        ids: $k$, the true symbols (...), integers from 0 to V - 1.
        mask: True where a symbol counts (...); all count if it is left out.

    Returns:
        float in nats per symbol; `perplexity` and `bits_per_character` convert it.

    Raises:
        ValueError: if the shapes do not fit, an id lies outside 0 ... V - 1, the logits hold
            NaN or infinity, or nothing is counted.

    Taught in: chapters/05_backpropagation_through_time

    Source: this mean runs over the unmasked symbols of the whole array, as in PyTorch with
        `ignore_index`; a mean of the means of batches differs when their lengths do.

    Example:
        >>> round(cross_entropy([[0.0, 0.0]], [1]), 4)  # a fair coin: ln 2
        0.6931
    """
    logits, ids = _floats("logits", logits), np.asarray(ids)
    if ids.dtype.kind not in "iu":
        raise ValueError(f"ids: expected integers, got dtype {ids.dtype}")
    if logits.shape[:-1] != ids.shape:
        raise ValueError(
            f"logits: expected shape (..., V) = {(*ids.shape, 'V')} for ids {ids.shape}, "
            f"got {logits.shape}"
        )
    counted = _counted(mask, ids)
    logits, ids = logits[counted], ids[counted]  # (N, V), (N,)
    if ids.min() < 0 or ids.max() >= logits.shape[-1]:
        raise ValueError(
            f"ids: expected 0 to V - 1 = {logits.shape[-1] - 1}, got {ids.min()} to {ids.max()}"
        )
    shifted = logits - logits.max(axis=-1, keepdims=True)  # exp of at most 0 cannot overflow
    log_sum = np.log(np.exp(shifted).sum(axis=-1))
    truth = np.take_along_axis(shifted, ids[:, None], axis=-1)[:, 0]
    return float(np.mean(log_sum - truth))


def perplexity(nats):
    r"""$e^{\text{nats}}$: among how many equally likely symbols the model hesitates, on average.

    Args:
        nats: cross-entropy per symbol, at least 0.

    Returns:
        float, at least 1.

    Raises:
        ValueError: if `nats` is negative, not finite, or not one number.

    Example:
        >>> round(perplexity(math.log(10)), 6)
        10.0
    """
    return math.exp(_nats(nats))


def bits_per_character(nats):
    r"""$\text{nats}\,/\ln 2$: the same cross-entropy with the logarithm to base two.

    Args:
        nats: cross-entropy per character, at least 0. For other tokens than characters, divide
            the total by the number of characters first: tokenisations do not compare otherwise.

    Returns:
        float, in bits.

    Raises:
        ValueError: as for `perplexity`.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> bits_per_character(math.log(2))
        1.0
    """
    return _nats(nats) / math.log(2)


def temperature(logits, y):
    r"""The $\tau$ that makes $\sigma(a/\tau)$ fit best: least mean log loss over all $\tau > 0$.

    Args:
        logits: $a$, any shape: log-odds of "true".
        y: labels, booleans, the same shape; data that were not trained on.

    Returns:
        float: above 1 if the logits were too sure of themselves, below 1 if too timid.

    Raises:
        ValueError: if the shapes differ, the logits are not finite, or the labels no booleans.

    Taught in: chapters/13_regularise_tune_evaluate

    Source: Guo et al. (2017), for softmax; this is the case of two classes. $1/\tau$ is sought
        between 1/1000 and 1000; right answers without exception ask for the largest.

    Example:
        >>> round(temperature([2.0, 2.0, 2.0, 2.0], [True, True, True, False]), 3)  # 2 / ln 3
        1.82
    """
    logits, y = _floats("logits", logits), np.asarray(y)
    if y.dtype.kind != "b":
        raise ValueError(f"y: expected booleans, got dtype {y.dtype}")
    _same_shape("logits", logits, "y", y)
    signed = np.where(y, -logits, logits).ravel()
    low, high = -math.log(1000), math.log(1000)
    for _ in range(60):  # the loss is convex in 1/tau: halve the interval that holds its minimum
        middle = (low + high) / 2
        slope = np.mean(signed / (1 + np.exp(-np.clip(math.exp(middle) * signed, -700, 700))))
        low, high = (low, middle) if slope > 0 else (middle, high)
    return math.exp(-middle)


def coverage(y, low, high):
    r"""Share of truths inside their interval, $\frac1N\sum_i[l_i\le y_i\le u_i]$.

    Args:
        y: what happened, any shape.
        low: lower ends, the same shape and unit.
        high: upper ends, the same shape and unit.

    Returns:
        float between 0 and 1: a 90 % interval should cover 0.9, not more.

    Raises:
        ValueError: as for `mse`; also if an interval ends below its beginning.

    Example:
        >>> coverage([1.0, 2.0, 9.0, 4.0], low=[0, 0, 0, 0], high=[5, 5, 5, 5])
        0.75
    """
    y, low = _pair(y, low, "low")
    _, high = _pair(y, high, "high")
    if (low > high).any():
        raise ValueError(f"low: expected at most high, got {int((low > high).sum())} above it")
    return float(np.mean((low <= y) & (y <= high)))


def pinball(y, y_hat, levels):
    r"""Mean of $\max(\tau\,(y-q_\tau),\ (\tau-1)(y-q_\tau))$ over targets and levels.

    Args:
        y: what happened (...).
        y_hat: quantiles $q_\tau$ (..., Q), one for each level in the last axis.
        levels: $\tau$ (Q,), each between 0 and 1.

    Returns:
        float, in the unit of `y`; at the level 1/2 half of the mean absolute error.

    Raises:
        ValueError: if the shapes do not fit, a level lies outside 0 to 1, or as for `mse`.

    Source: Koenker & Bassett (1978).

    Example:
        >>> round(pinball([2.0], [[1.0, 3.0]], levels=[0.1, 0.9]), 3)
        0.1
    """
    y, y_hat, tau = _floats("y", y), _floats("y_hat", y_hat), _floats("levels", levels)
    if tau.ndim != 1 or not ((tau > 0) & (tau < 1)).all():
        raise ValueError(f"levels: expected numbers (Q,) between 0 and 1, got {levels!r}")
    if y_hat.shape != (*y.shape, len(tau)):
        raise ValueError(f"y_hat: expected shape {(*y.shape, len(tau))}, got {y_hat.shape}")
    above = y[..., None] - y_hat
    return float(np.mean(np.maximum(tau * above, (tau - 1) * above)))


def _pair(y, other, name="y_hat"):
    """Both as finite float arrays of one shape."""
    y, other = _floats("y", y), _floats(name, other)
    _same_shape(name, other, "y", y)
    return y, other


def _floats(name, values):
    """A non-empty array of finite floats (float32 is computed in float64)."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name}: expected numbers, got dtype {array.dtype}")
    if array.size == 0:
        raise ValueError(f"{name}: expected at least one number, got shape {array.shape}")
    bad = array.size - int(np.isfinite(array).sum())
    if bad:
        raise ValueError(f"{name}: expected finite numbers, got {bad} NaN or infinite")
    return array.astype(float)


def _same_shape(name, array, other_name, other):
    if array.shape != other.shape:
        raise ValueError(
            f"{name}: expected the shape of {other_name}, {other.shape}, got {array.shape}"
        )


def _counted(mask, like):
    """The mask as booleans, or all True; at least one entry must count."""
    mask = np.ones(like.shape, dtype=bool) if mask is None else np.asarray(mask)
    if mask.dtype.kind != "b":
        raise ValueError(f"mask: expected booleans, got dtype {mask.dtype}")
    _same_shape("mask", mask, "the labels", like)
    if not mask.any():
        raise ValueError(f"mask: expected at least one label that counts, got none of {mask.size}")
    return mask


def _nats(nats):
    if np.ndim(nats) != 0 or not 0 <= float(nats) < math.inf:
        raise ValueError(f"nats: expected one finite number of at least 0, got {nats!r}")
    return float(nats)
