"""One call of a step function, and what has to be looked after around it."""

import numpy as np

from rnncourse.decoding.filters import log_softmax


def advance(step, last, state, over, end=None):
    """One call of a step: log-probabilities (B, V), where rows that are over say `end` again.

    Args:
        step: as for `write`.
        last: the last symbols (B,).
        state: the state of the step.
        over: True for rows that hold `end` already, (B,).
        end: as for `write`.

    Returns:
        (log_p (B, V) in float64, state).

    Raises:
        ValueError: if the step's logits are not (B, V), hold NaN or +inf, or leave nothing
            possible.

    Example:
        >>> step = lambda ids, state: (np.zeros((2, 4)), state)
        >>> log_p, _ = advance(step, np.array([1, 3]), None, np.array([False, True]), end=3)
        >>> np.exp(log_p)
        array([[0.25, 0.25, 0.25, 0.25],
               [0.  , 0.  , 0.  , 1.  ]])
    """
    logits, state = step(last, state)
    logits = logits.detach().cpu() if hasattr(logits, "detach") else logits
    logits = np.asarray(logits, dtype=float)
    if logits.ndim != 2 or len(logits) != len(last):
        raise ValueError(f"step: expected logits (B, V), B = {len(last)}, got {logits.shape}")
    if not np.isfinite(logits.max(axis=1)).all():  # NaN is passed on by max
        raise ValueError("step: expected logits below infinity, one of them finite, got others")
    log_p = log_softmax(logits)
    if over.any():
        log_p[over] = -np.inf
        log_p[over, end] = 0.0
    return log_p, state


def select(state, rows):
    """The rows of a state, which may be nested: what a beam keeps, in its new order.

    Args:
        state: None, an array with the batch on axis 0, or a tuple or list of such.
        rows: numbers of rows, integers (n,); repeated ones are copied.

    Returns:
        A state of n rows; lists come back as tuples.

    Example:
        >>> select((np.array([1.0, 2.0]), None), np.array([1, 1]))
        (array([2., 2.]), None)
    """
    if state is None:
        return None
    if isinstance(state, (tuple, list)):
        return tuple(select(part, rows) for part in state)
    return state[rows]


def begin(first, n, width=1, length_power=0.0):
    """The first symbols as an array (B,), once the arguments have been looked at.

    Raises:
        ValueError: if one of them does not fit.

    Example:
        >>> begin(4, n=3)
        array([4])
    """
    for name, number in (("n", n), ("width", width)):
        if not hasattr(number, "__index__") or number < 1:
            raise ValueError(f"{name}: expected a positive whole number, got {number!r}")
    if not length_power >= 0:
        raise ValueError(f"length_power: expected a number of at least 0, got {length_power!r}")
    last = np.atleast_1d(np.asarray(first))
    if last.ndim != 1 or not last.size or last.dtype.kind not in "iu" or last.min() < 0:
        raise ValueError(f"first: expected numbers of symbols, integers (B,), got {first!r}")
    return last
