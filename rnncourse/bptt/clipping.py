"""Clipping: what to do with a gradient that has exploded. Two ways, which do different things."""

import numpy as np

from rnncourse.bptt.trees import leaves, rebuild


def global_norm(grads):
    """The length of all gradients taken as one long vector.

    $$\\|g\\| = \\sqrt{\\textstyle\\sum_k g_k^2}$$

    Args:
        grads: arrays in a named tuple, dict or list, nested as you like; None is skipped.

    Returns:
        A float, summed in float64.

    Raises:
        ValueError: if there is no array or one is not of floats.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> global_norm([np.array([3.0]), np.array([[4.0]])])
        5.0
    """
    squares = [np.square(array, dtype=np.float64).sum() for array in _arrays(grads)]
    return float(np.sqrt(sum(squares)))


def clip_by_norm(grads, c):
    """Shorten the gradient to length c if it is longer; its direction stays.

    $$g \\leftarrow g \\cdot \\min\\left(1, \\frac{c}{\\|g\\|}\\right)$$

    Args:
        grads: as in `global_norm`. They are not changed.
        c: the greatest length allowed, a positive number.

    Returns:
        (clipped, norm): new gradients of the same type, and the length before clipping (watch
        it: it tells when clipping was needed).

    Raises:
        ValueError: if c is not positive, or the length is not finite: no rescaling mends that.

    Taught in: chapters/05_backpropagation_through_time

    Source: Pascanu, Mikolov & Bengio (2013). `torch.nn.utils.clip_grad_norm_` does the same in
    place, with 1e-6 added to the norm, and returns NaN gradients for an infinite norm.

    Example:
        >>> clip_by_norm({"W": np.array([3.0, 4.0])}, c=1.0)
        ({'W': array([0.6, 0.8])}, 5.0)
    """
    _check_threshold(c)
    arrays, norm = _arrays(grads), global_norm(grads)
    if not np.isfinite(norm):
        raise ValueError(f"grads: expected finite numbers, got a norm of {norm}")
    scale = min(1.0, c / norm) if norm > 0 else 1.0
    return rebuild(grads, [array * array.dtype.type(scale) for array in arrays]), norm


def clip_by_value(grads, c):
    """Bound every entry of the gradient to [-c, c]; its direction may change.

    $$g_k \\leftarrow \\max(-c, \\min(c, g_k))$$

    Args:
        grads: as in `global_norm`. They are not changed.
        c: the greatest size allowed, a positive number.

    Returns:
        New gradients of the same type.

    Raises:
        ValueError: if c is not positive.

    Taught in: chapters/05_backpropagation_through_time

    Source: Mikolov (2012) clipped so; `torch.nn.utils.clip_grad_value_` does it in place.

    Example:
        >>> clip_by_value({"W": np.array([3.0, -0.5])}, c=1.0)
        {'W': array([ 1. , -0.5])}
    """
    _check_threshold(c)
    return rebuild(grads, [np.clip(array, -c, c) for array in _arrays(grads)])


def _arrays(grads):
    named = [(name, np.asarray(array)) for name, array in leaves(grads)]
    if not named:
        raise ValueError(f"grads: expected arrays of floats, got {grads!r}")
    for name, array in named:
        if array.dtype.kind != "f":
            where = f"grads.{name}" if name else "grads"
            raise ValueError(f"{where}: expected an array of floats, got dtype {array.dtype}")
    return [array for _, array in named]


def _check_threshold(c):
    if isinstance(c, bool) or np.ndim(c) or not np.isreal(c) or not 0 < c < np.inf:
        raise ValueError(f"c: expected a positive number, got {c!r}")
