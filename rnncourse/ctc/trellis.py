"""The trellis: rows are the labels with a blank before, between and after; all in logarithms."""

import numpy as np

NEVER = -np.inf  # the logarithm of 0


def extended(labels, blank=0):
    """The rows of the trellis: blank, first label, blank, second label, ..., blank.

    Args:
        labels: L symbols, none of them the blank.
        blank: the symbol that stands for nothing.

    Returns:
        int (S,) with S = 2 L + 1.

    Raises:
        ValueError: if a label is the blank or no whole number of at least 0.

    Taught in: chapters/24_speech

    Example:
        >>> extended([3, 3, 5])
        array([0, 3, 0, 3, 0, 5, 0])
    """
    labels = np.asarray(labels, dtype=int if len(labels) == 0 else None)
    whole = labels.ndim == 1 and labels.dtype.kind == "i"
    if not whole or (labels == blank).any() or (labels < 0).any():
        raise ValueError(f"labels: expected symbols (L,) other than {blank}, got {labels}")
    rows = np.full(2 * len(labels) + 1, blank)
    rows[1::2] = labels
    return rows


def step(alpha_prev, log_p_t, rows):
    r"""$\alpha_{ts} = p_{t,r_s}\,(\alpha_{t-1,s} + \alpha_{t-1,s-1} + [\,r_s \neq r_{s-2}\,]\,
    \alpha_{t-1,s-2})$, as logarithms.

    Args:
        alpha_prev: (S,), the logarithms of the step before.
        log_p_t: log probabilities (V,) of all symbols at this step.
        rows: (S,), the symbols of the trellis' rows, as `extended` makes them.

    Returns:
        float64 (S,).

    Taught in: chapters/24_speech

    Source: Graves et al. (2006), equation 6; there with rescaling, here with logarithms.

    Example:
        >>> alpha = np.log([0.5, 0.5, 1e-300])
        >>> np.exp(step(alpha, np.log([0.5, 0.5]), extended([1]))).round(6)
        array([0.25, 0.5 , 0.25])
    """
    above = np.concatenate([[-np.inf, -np.inf], alpha_prev])  # (S + 2,)
    differs = np.append([False, False], rows[2:] != rows[:-2])[: len(rows)]
    skip = np.where(differs, above[:-2], -np.inf)  # two blanks never differ
    return log_p_t[rows] + np.logaddexp.reduce([alpha_prev, above[1:-1], skip])


def forward(log_p, rows):
    r"""$\alpha_{ts}$ of `step` for all steps; at the first, only the first two rows are reached.

    Args:
        log_p: log probabilities (T, V) of all symbols at each step.
        rows: (S,), as `extended` makes them.

    Returns:
        float64 (T, S): $\log\alpha_{ts}$, of all paths that stand in row s at step t, their
        symbols up to there.

    Raises:
        ValueError: if `log_p` is no such array or a row has no column there.

    Taught in: chapters/24_speech

    Example:
        >>> log_p = np.log(np.full((3, 2), 0.5))
        >>> np.exp(forward(log_p, extended([1])))
        array([[0.5  , 0.5  , 0.   ],
               [0.25 , 0.5  , 0.25 ],
               [0.125, 0.375, 0.375]])
    """
    log_p = _checked(log_p, rows)
    alpha = np.full((len(log_p), len(rows)), NEVER)
    alpha[0, :2] = log_p[0, rows[:2]]
    for t in range(1, len(log_p)):
        alpha[t] = step(alpha[t - 1], log_p[t], rows)
    return alpha


def backward(log_p, rows):
    r"""$\beta_{ts} = \sum_{s'} p_{t+1,r_{s'}}\,\beta_{t+1,s'}$ over the rows s' to which row s
    leads, as logarithms; $\beta_{Ts} = 1$ in the last two rows.

    Args:
        log_p: log probabilities (T, V).
        rows: (S,).

    Returns:
        float64 (T, S): $\log\beta_{ts}$, of everything after step t, given row s at step t.

    Raises:
        ValueError: as for `forward`.

    Taught in: chapters/24_speech

    Source: Graves et al. (2006), who count the symbol of step t in $\beta$, too.

    Example:
        >>> log_p = np.log(np.full((3, 2), 0.5))
        >>> rows = extended([1])
        >>> np.exp(forward(log_p, rows) + backward(log_p, rows)).sum(axis=1)
        array([0.75, 0.75, 0.75])
    """
    log_p = _checked(log_p, rows)
    alpha = forward(log_p[::-1], rows[::-1])[::-1, ::-1]  # the trellis, read from its end
    with np.errstate(invalid="ignore"):  # -inf - -inf: where nothing gets, nothing comes from
        beta = alpha - log_p[:, rows]
    return np.where(np.isneginf(alpha), NEVER, beta)


def loss(log_p, labels, blank=0):
    r"""$-\log p(\text{labels}) = -\log(\alpha_{T,S} + \alpha_{T,S-1})$, in nats.

    Args:
        log_p: log probabilities (T, V).
        labels: L symbols other than the blank.
        blank: the symbol that stands for nothing.

    Returns:
        float; infinite if the labels do not fit into T steps.

    Raises:
        ValueError: as for `extended` and `forward`.

    Taught in: chapters/24_speech

    Example:
        >>> log_p = np.log(np.full((3, 2), 0.5))
        >>> round(float(np.exp(-loss(log_p, [1]))), 6)  # six of eight paths: not 000, not 101
        0.75
        >>> loss(log_p, [1, 1, 1])
        inf
    """
    return -float(_log_add(*forward(log_p, extended(labels, blank))[-1, -2:]))


def occupancy(log_p, rows):
    r"""$\gamma_{ts} = \alpha_{ts}\,\beta_{ts} / p(\text{labels})$: the share of all paths, weighted
    by their probability, that stand in row s at step t.

    Args:
        log_p: log probabilities (T, V).
        rows: (S,).

    Returns:
        float64 (T, S); every step adds up to 1.

    Raises:
        ValueError: as for `forward`, or if no path fits.

    Taught in: chapters/24_speech

    Example:
        >>> occupancy(np.log(np.full((3, 2), 0.5)), extended([1])).round(3)
        array([[0.5  , 0.5  , 0.   ],
               [0.167, 0.667, 0.167],
               [0.   , 0.5  , 0.5  ]])
    """
    both = forward(log_p, rows) + backward(log_p, rows)
    total = _log_add(*both[-1, -2:])
    if np.isneginf(total):
        raise ValueError(f"rows: expected labels that fit into T = {len(both)} steps, got {rows}")
    return np.exp(both - total)


def gradient(logits, labels, blank=0):
    r"""$\partial L/\partial z_{tk} = p_{tk} - \sum_{s:\,r_s=k}\gamma_{ts}$: what the network says,
    minus what the paths say.

    Args:
        logits: (T, V), before the softmax.
        labels: L symbols other than the blank.
        blank: the symbol that stands for nothing.

    Returns:
        float64 (T, V); every step adds up to 0.

    Raises:
        ValueError: as for `occupancy`.

    Taught in: chapters/24_speech

    Source: Graves et al. (2006), equation 16.

    Example:
        >>> gradient(np.zeros((3, 2)), [1]).round(3)
        array([[ 0.   ,  0.   ],
               [ 0.167, -0.167],
               [ 0.   ,  0.   ]])
    """
    log_p = log_softmax(logits)
    rows = extended(labels, blank)
    dlogits = np.exp(log_p)
    for s, gamma in zip(rows, occupancy(log_p, rows).T, strict=True):
        dlogits[:, s] -= gamma
    return dlogits


def log_softmax(logits):
    """Log probabilities (T, V) of logits (T, V).

    Example:
        >>> log_softmax(np.array([[1000.0, 1000.0]])).round(3)
        array([[-0.693, -0.693]])
    """
    logits = np.asarray(logits, dtype=float)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _log_add(*terms):
    return np.logaddexp.reduce(terms)


def _checked(log_p, rows):
    log_p = np.asarray(log_p, dtype=float)
    if log_p.ndim != 2 or not len(log_p) or np.isnan(log_p).any():
        raise ValueError(f"log_p: expected log probabilities (T, V), got shape {log_p.shape}")
    if np.max(rows) >= log_p.shape[1]:
        raise ValueError(f"rows: expected symbols below V = {log_p.shape[1]}, got {np.max(rows)}")
    return log_p
