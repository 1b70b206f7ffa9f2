"""Beam search: several beginnings at once."""

import numpy as np

from rnncourse.decoding.steps import advance, begin, select


def beam(step, state, first, n, width, end=None, length_power=0.0):
    r"""The best sequence that `beams` finds, for each of B beginnings.

    Args:
        step: as for `write`; it is called with up to B times `width` rows.
        state: as for `write`.
        first: as for `write`.
        n: as for `write`.
        width: how many sequences are kept for each beginning, at least 1; 1 is `greedy`.
        end: as for `write`.
        length_power: $\alpha$, see `beams`.

    Returns:
        (ids (B, n), log_p (B,)) as `write`; log_p is the plain sum, whatever the length power.

    Raises:
        ValueError: as `beams`.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> after = np.log([[0.1, 0.5, 0.4], [0.4, 0.3, 0.3], [0.1, 0.0001, 0.8999]])
        >>> step = lambda ids, state: (after[ids], state)
        >>> for width in (1, 2):  # 0.5 * 0.4 against 0.4 * 0.9
        ...     ids, log_p = beam(step, None, 0, 2, width)
        ...     print(ids[0], np.exp(log_p).round(2))
        [1 0] [0.2]
        [2 2] [0.36]
    """
    ids, log_p = beams(step, state, first, n, width, end, length_power)
    return ids[:, 0], log_p[:, 0]


def beams(step, state, first, n, width, end=None, length_power=0.0):
    r"""Keep the `width` best beginnings, by $\frac{1}{n^\alpha}\sum_{t=1}^{n} \ln p(y_t)$.

    n counts a sequence's symbols up to and including `end`. While no sequence has ended, all
    have the same length, and the power changes nothing.

    Args:
        step: as for `beam`.
        state: as for `beam`.
        first: as for `beam`.
        n: as for `beam`.
        width: as for `beam`.
        end: as for `beam`; a sequence that has ended keeps its place and what it has.
        length_power: $\alpha$, at least 0; 0 ranks by probability, which favours short sequences,
            1 by the mean log-probability of a symbol.

    Returns:
        (ids, log_p): integers (B, K, n), best first, and plain sums (B, K); K is `width`, or the
        number of possible sequences if that is smaller. Log-probability -inf marks what is
        impossible.

    Raises:
        ValueError: as `write`, or if `width` or `length_power` do not fit.

    Taught in: chapters/15_language_models_and_decoding

    Source: Lowerre (1976) for the idea, in speech. Frameworks put ended sequences aside and fill
        their places; here they compete for the same places, so that a width of 1 is `greedy`.

    Example:
        >>> step = lambda ids, state: (np.log([[0.5, 0.3, 0.2]] * len(ids)), state)
        >>> ids, log_p = beams(step, None, 0, 2, width=3)
        >>> ids[0].tolist(), np.exp(log_p[0]).round(2).tolist()
        ([[0, 0], [0, 1], [1, 0]], [0.25, 0.15, 0.15])
    """
    last = begin(first, n, width, length_power)  # (B,), from the second step on (B * K,)
    B, row = len(last), np.arange(len(last))[:, None]
    ids, total = np.empty((B, 1, 0), dtype=int), np.zeros((B, 1))
    over, length = np.zeros((B, 1), dtype=bool), np.zeros((B, 1))
    for _ in range(n):
        log_p, state = advance(step, last, state, over.ravel(), end)
        K, V = total.shape[1], log_p.shape[1]
        length = length + ~over
        new = total[..., None] + log_p.reshape(B, K, V)
        rank = new / length[..., None] ** length_power
        best = np.argsort(-rank.reshape(B, K * V), axis=1, kind="stable")[:, :width]
        parent, symbol = best // V, best % V  # (B, width)
        ids = np.concatenate([ids[row, parent], symbol[..., None]], axis=2)
        total, length = new[row, parent, symbol], length[row, parent]
        over = over[row, parent] | (symbol == end)
        state, last = select(state, (row * K + parent).ravel()), symbol.ravel()
    return ids, total
