"""New training sequences out of old ones: changes that keep a label, and changes that break it.

Each takes sequences (..., T, D) and a NumPy generator, and draws anew for every sequence. Whether
a change keeps the label is no property of the change: it depends on what the label says.
"""

import numpy as np


def jitter(x, rng, size=0.3):
    r"""$x + \varepsilon$: fresh Gaussian noise on every number.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        size: standard deviation of the noise, in the unit of x.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: if `x` is no such array or `size` is negative.

    Taught in: chapters/13_regularise_tune_evaluate

    Source: tried on wearable sensors by Um et al. (2017), as are `scale` and others.

    Example:
        >>> jitter(np.zeros((3, 7, 4)), np.random.default_rng(0)).shape
        (3, 7, 4)
    """
    x = _sequences(x, size=size)
    return x + rng.normal(scale=size, size=x.shape)


def scale(x, rng, size=0.3):
    r"""$e^{\sigma\varepsilon} x$: every sequence times one number near 1.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        size: standard deviation of the logarithm of the factor.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: as for `jitter`.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> x = scale(np.ones((3, 7, 4)), np.random.default_rng(0))
        >>> bool((x == x[:, :1, :1]).all())
        True
    """
    x = _sequences(x, size=size)
    return x * np.exp(rng.normal(scale=size, size=(*x.shape[:-2], 1, 1)))


def shift(x, rng, size=1.5):
    r"""$x + o$: every sequence and feature plus a constant of its own.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        size: standard deviation of the constant, in the unit of x.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: as for `jitter`.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> x = shift(np.ones((3, 7, 4)), np.random.default_rng(0))
        >>> bool((x == x[:, :1]).all())
        True
    """
    x = _sequences(x, size=size)
    return x + rng.normal(scale=size, size=(*x.shape[:-2], 1, x.shape[-1]))


def drop_steps(x, rng, rate=0.1):
    r"""Every step as a whole becomes 0 with probability `rate`; the others stay as they are.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        rate: between 0 and 1.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: if `x` is no such array or `rate` lies outside 0 ... 1.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> drop_steps(np.ones((1, 7, 2)), np.random.default_rng(4), 0.5)[0, :, 0]
        array([1., 1., 1., 0., 1., 0., 1.])
    """
    x = _sequences(x, rate=rate)
    return x * (rng.random((*x.shape[:-1], 1)) >= rate)


def cut(x, rng, by=3):
    """A window of T - `by` steps, which begins anywhere.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        by: how many steps are lost, at least 0 and below T.

    Returns:
        float64 (..., T - by, D).

    Raises:
        ValueError: if `x` is no such array or `by` does not fit.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> cut(np.arange(7.0)[:, None], np.random.default_rng(0), by=3)[:, 0]
        array([3., 4., 5., 6.])
    """
    x = _sequences(x)
    T = x.shape[-2]
    if not hasattr(by, "__index__") or not 0 <= by < T:
        raise ValueError(f"by: expected an integer from 0 to T - 1 = {T - 1}, got {by!r}")
    begin = rng.integers(0, by + 1, x.shape[:-2])
    steps = begin[..., None] + np.arange(T - by)  # (..., T - by)
    return np.take_along_axis(x, steps[..., None], axis=-2)


def reverse_time(x, rng, share=0.5):
    """A share of the sequences runs backwards: what came first comes last.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        share: probability that a sequence is turned round.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: if `x` is no such array or `share` lies outside 0 ... 1.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> reverse_time(np.arange(4.0)[:, None], np.random.default_rng(0), share=1)[:, 0]
        array([3., 2., 1., 0.])
    """
    x = _sequences(x, share=share)
    return np.where(_some(x, rng, share), x[..., ::-1, :], x)


def shuffle_steps(x, rng, share=0.5):
    """The steps of a share of the sequences in random order, each step whole.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        share: probability that a sequence is shuffled.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: as for `reverse_time`.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> x = shuffle_steps(np.arange(4.0)[:, None], np.random.default_rng(0), share=1)
        >>> np.sort(x[:, 0])
        array([0., 1., 2., 3.])
    """
    x = _sequences(x, share=share)
    order = rng.random(x.shape[:-1]).argsort(axis=-1)
    return np.where(_some(x, rng, share), np.take_along_axis(x, order[..., None], axis=-2), x)


def swap_features(x, rng, share=0.5):
    """The features of a share of the sequences in reverse order, as in a mirror.

    Args:
        x: (..., T, D).
        rng: a NumPy generator.
        share: probability that a sequence is mirrored.

    Returns:
        float64 (..., T, D).

    Raises:
        ValueError: as for `reverse_time`.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> swap_features(np.array([[1.0, 2.0]]), np.random.default_rng(0), share=1)
        array([[2., 1.]])
    """
    x = _sequences(x, share=share)
    return np.where(_some(x, rng, share), x[..., ::-1], x)


def drop_tokens(ids, rng, unknown, rate=0.1):
    """Every token becomes "unknown" with probability `rate`.

    Args:
        ids: integers of any shape.
        rng: a NumPy generator.
        unknown: number of the token that stands for what is not known.
        rate: between 0 and 1.

    Returns:
        integers of the same shape and type.

    Raises:
        ValueError: if `ids` are not integers or `rate` lies outside 0 ... 1.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> drop_tokens(np.array([5, 6, 7, 8]), np.random.default_rng(0), unknown=0, rate=0.3)
        array([5, 0, 0, 0])
    """
    ids = np.asarray(ids)
    if ids.dtype.kind not in "iu":
        raise ValueError(f"ids: expected integers, got dtype {ids.dtype}")
    _check_numbers(rate=rate)
    return np.where(rng.random(ids.shape) < rate, ids.dtype.type(unknown), ids)


def _some(x, rng, share):
    """Which sequences are changed, ready to be spread over steps and features (..., 1, 1)."""
    return rng.random((*x.shape[:-2], 1, 1)) < share


def _sequences(x, **numbers):
    x = np.asarray(x)
    if x.dtype.kind not in "fiub" or x.ndim < 2 or x.size == 0:
        raise ValueError(f"x: expected numbers (..., T, D), got {x.dtype} of shape {x.shape}")
    _check_numbers(**numbers)
    return x.astype(float)


def _check_numbers(**numbers):
    for name, value in numbers.items():
        most = np.inf if name == "size" else 1
        if not 0 <= value <= most:
            end = "at least 0" if name == "size" else "0 to 1"
            raise ValueError(f"{name}: expected a number of {end}, got {value!r}")
