"""Filters: which symbols may be drawn, and how boldly."""

import numpy as np


def shaped(logits, temperature=1.0, k=None, p=None):
    r"""$a / \tau$, then the `top_k`, then the `nucleus`: what a symbol is drawn from.

    Args:
        logits: $a$ (..., V).
        temperature: $\tau$, above 0.
        k: as for `top_k`; None keeps all.
        p: as for `nucleus`; None keeps all.

    Returns:
        Logits (..., V), -inf for what cannot be drawn.

    Raises:
        ValueError: if `temperature`, `k` or `p` do not fit.

    Taught in: chapters/15_language_models_and_decoding

    Source: the order of the three is that of Hugging Face's `generate`; another order keeps other
        symbols.

    Example:
        >>> np.exp(shaped(np.log([0.6, 0.3, 0.1]), temperature=0.5, k=2)).round(2)
        array([1.  , 0.25, 0.  ])
    """
    check(temperature=temperature)
    a = (logits - logits.max(axis=-1, keepdims=True)) / temperature  # the largest is 0
    a = a if k is None else top_k(a, k)
    return a if p is None else nucleus(a, p)


def top_k(logits, k):
    """The k largest logits, and -inf for the others.

    Args:
        logits: (..., V).
        k: how many to keep, at least 1; V or more keeps all. Among equals the first stay.

    Returns:
        (..., V).

    Raises:
        ValueError: if `k` is not a positive whole number.

    Taught in: chapters/15_language_models_and_decoding

    Source: Fan, Lewis & Dauphin (2018). Frameworks may keep more than k when some are equal.

    Example:
        >>> top_k(np.array([1.0, 3.0, 2.0, 3.0]), 2)
        array([-inf,   3., -inf,   3.])
    """
    check(k=k)
    order = np.argsort(-logits, axis=-1, kind="stable")[..., :k]
    kept = np.full_like(logits, -np.inf)
    np.put_along_axis(kept, order, np.take_along_axis(logits, order, axis=-1), axis=-1)
    return kept


def nucleus(logits, p):
    """The fewest likeliest symbols whose probabilities sum to at least p; -inf for the others.

    Args:
        logits: (..., V); -inf where a symbol is impossible.
        p: above 0, at most 1; 1 keeps all that are possible.

    Returns:
        (..., V), the kept logits as they were.

    Raises:
        ValueError: if `p` does not lie in that range.

    Taught in: chapters/15_language_models_and_decoding

    Source: Holtzman et al. (2020), "top-p".

    Example:
        >>> np.exp(nucleus(np.log([0.3, 0.1, 0.6]), 0.9)).round(2)
        array([0.3, 0. , 0.6])
    """
    check(p=p)
    order = np.argsort(-logits, axis=-1, kind="stable")
    q = np.exp(np.take_along_axis(log_softmax(logits), order, axis=-1))
    rest = q[..., ::-1].cumsum(axis=-1)[..., ::-1]  # a symbol, and all that are less likely
    stays = rest > (1 - p) * (1 + 1e-9)  # a hair of slack: 1 - 0.9 is not 0.1 to a computer
    kept = np.empty(stays.shape, dtype=bool)
    np.put_along_axis(kept, order, stays, axis=-1)
    return np.where(kept, logits, -np.inf)


def log_softmax(logits):
    r"""$a - \ln\sum_s e^{a_s}$, without overflow.

    Args:
        logits: $a$ (..., V); -inf where a symbol is impossible.

    Returns:
        (..., V) in nats.

    Example:
        >>> np.exp(log_softmax(np.array([1000.0, 1000.0, -np.inf])))
        array([0.5, 0.5, 0. ])
    """
    a = logits - logits.max(axis=-1, keepdims=True)
    return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))


def check(temperature=1.0, k=1, p=1.0):
    """Refuse what no filter can mean.

    Args:
        temperature: as for `shaped`.
        k: as for `top_k`.
        p: as for `nucleus`.

    Raises:
        ValueError: if one of them does not fit.

    Example:
        >>> check(temperature=0.5, p=0.9)
    """
    if not temperature > 0:
        raise ValueError(
            f"temperature: expected a number above 0, got {temperature!r}; "
            "what it tends to at 0 is greedy decoding"
        )
    if not hasattr(k, "__index__") or k < 1:
        raise ValueError(f"k: expected a positive whole number, got {k!r}")
    if not 0 < p <= 1:
        raise ValueError(f"p: expected a number above 0 and at most 1, got {p!r}")
