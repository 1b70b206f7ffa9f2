"""One symbol after the other: greedy, sampling, and the score of what is given."""

import numpy as np

from rnncourse.decoding.filters import shaped
from rnncourse.decoding.steps import advance, begin


def write(step, state, first, n, choose, end=None):
    r"""$y_t = \mathrm{choose}(\ln p(\cdot \mid y_0 \dots y_{t-1}))$: one loop for every method.

    Args:
        step: `step(ids (B,), state) -> (logits (B, V), state)`.
        state: the state before `first`.
        first: symbols to go on from, integers (B,), or one number for B = 1.
        n: how many symbols to write, at least 1.
        choose: function of log-probabilities (B, V) that returns symbols (B,).
        end: number of the symbol that closes a sequence; after it a row holds nothing else.

    Returns:
        (ids, log_p): integers (B, n), and the log-probability of each row in nats (B,), up to
        and including `end`.

    Raises:
        ValueError: if `first` or `n` do not fit, or the step returns other logits than (B, V).

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> step = lambda ids, state: (np.log([[0.5, 0.3, 0.2]]), state)
        >>> ids, log_p = write(step, None, 0, 3, lambda log_p: log_p.argmin(axis=1))
        >>> ids, np.exp(log_p).round(3)
        (array([[2, 2, 2]]), array([0.008]))
    """
    last, ids, total = begin(first, n), [], 0.0
    over = np.zeros(len(last), dtype=bool)
    for _ in range(n):
        log_p, state = advance(step, last, state, over, end)  # (B, V)
        last = choose(log_p)  # (B,)
        total = total + log_p[np.arange(len(last)), last]
        over = over | (last == end)
        ids.append(last)
    return np.stack(ids, axis=1), total


def greedy(step, state, first, n, end=None):
    r"""$y_t = \arg\max_s p(s \mid y_0 \dots y_{t-1})$: always the likeliest next symbol.

    Args:
        step: as for `write`.
        state: as for `write`.
        first: as for `write`.
        n: as for `write`.
        end: as for `write`.

    Returns:
        (ids (B, n), log_p (B,)) as `write`. Among equals the lowest number is taken.

    Raises:
        ValueError: as `write`.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> step = lambda ids, state: (np.log([[0.5, 0.3, 0.2]]), state)
        >>> ids, log_p = greedy(step, None, 0, 3)
        >>> ids, np.exp(log_p).round(3)
        (array([[0, 0, 0]]), array([0.125]))
    """
    return write(step, state, first, n, lambda log_p: log_p.argmax(axis=1), end)


def sample(step, state, first, n, rng, temperature=1.0, top_k=None, top_p=None, end=None):
    r"""$y_t \sim \mathrm{shaped}(p)(\cdot \mid y_0 \dots y_{t-1})$: draw every symbol.

    Args:
        step: as for `write`.
        state: as for `write`.
        first: as for `write`.
        n: as for `write`.
        rng: a `numpy.random.Generator`.
        temperature: above 0; below 1 the likely becomes likelier, towards 0 the draw is `greedy`.
        top_k: draw among so many likeliest symbols only.
        top_p: draw from the nucleus of this probability only; 1 leaves all.
        end: as for `write`.

    Returns:
        (ids (B, n), log_p (B,)) as `write`; log_p belongs to the plain model, that is to
        temperature 1 without a filter.

    Raises:
        ValueError: as `write` and `shaped`.

    Taught in: chapters/15_language_models_and_decoding

    Source: the largest of logits plus Gumbel noise is a draw from their softmax (Gumbel, 1954).
        Frameworks draw by `multinomial`; the distribution is the same.

    Example:
        >>> step = lambda ids, state: (np.log([[0.5, 0.3, 0.2]]), state)
        >>> ids, _ = sample(step, None, 0, 9, np.random.default_rng(4), top_k=2)
        >>> sorted(set(ids[0].tolist()))
        [0, 1]
    """

    def draw(log_p):
        kept = shaped(log_p, temperature, top_k, top_p)
        return (kept + rng.gumbel(size=kept.shape)).argmax(axis=1)

    return write(step, state, first, n, draw, end)


def score(step, state, first, ids, end=None):
    r"""$\sum_t \ln p(y_t \mid y_0 \dots y_{t-1})$: how likely sequences are that are given.

    Args:
        step: as for `write`.
        state: as for `write`.
        first: as for `write`.
        ids: the sequences, integers (B, n).
        end: as for `write`; what follows it must be `end` again, and costs nothing.

    Returns:
        (B,) in nats.

    Raises:
        ValueError: as `write`, or if `ids` are not integers (B, n).

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> step = lambda ids, state: (np.log([[0.5, 0.3, 0.2]]), state)
        >>> np.exp(score(step, None, 0, [[1, 2, 2]])).round(3)
        array([0.012])
        >>> np.exp(score(step, None, 0, [[1, 2, 2]], end=2)).round(3)
        array([0.06])
    """
    ids = np.asarray(ids)
    if ids.ndim != 2 or ids.dtype.kind not in "iu" or len(ids) != np.size(first):
        raise ValueError(
            f"ids: expected integers (B, n) with B = {np.size(first)} as in first, "
            f"got {ids.dtype} of shape {ids.shape}"
        )
    given = iter(ids.T)
    return write(step, state, first, ids.shape[1], lambda log_p: next(given), end)[1]
