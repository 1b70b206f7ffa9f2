"""n-gram models: counts of every order up to n, one interpolated with the next."""

import copy

import numpy as np

from rnncourse.ngrams.smoothing import SMOOTHINGS, Smoothing
from rnncourse.ngrams.tables import count


class NGrams:
    r"""An interpolated n-gram model of order n: how likely is each symbol after n - 1 others?

    $$p_k(s \mid c) = \mathrm{own}_k(cs) + \lambda_k(c)\, p_{k-1}(s \mid c'),
    \qquad p_0(s) = \frac1V$$

    where c' is the context c without its first symbol, and $\lambda(c)$ is what makes the sum
    over s equal to 1. After a context that never occurred, $p_k = p_{k-1}$.

    Args:
        ids: the training text, integers from 0 to V - 1, (n,).
        order: n, at least 1; 1 looks at no context at all.
        V: number of symbols.
        smoothing: how a context divides its probability: a name in `SMOOTHINGS`, or a
            `Smoothing` of your own.

    Raises:
        ValueError: if the text is empty or holds other numbers, V to the power of `order` does
            not fit into 63 bits, or the smoothing is not known.

    Taught in: chapters/03_predicting_symbols_by_counting

    Source: Chen & Goodman (1999) for both forms of Kneser-Ney, interpolated, the lower orders
        counting what stands in front, as in Kneser & Ney (1995). The beginning of the text counts
        as one more symbol in front, and order 1 is interpolated with 1 / V.

    Example:
        >>> model = NGrams([0, 1, 0, 1, 0, 2], order=2, V=3)
        >>> model.probabilities([0]).round(3)
        array([0.067, 0.633, 0.3  ])
        >>> round(float(model.probabilities([0]).sum()), 12)
        1.0
    """

    def __init__(self, ids, order, V, smoothing="kneser-ney"):
        self.order, self.V, self.smoothing = _whole("order", order), _whole("V", V), smoothing
        self._rule = SMOOTHINGS.get(smoothing) if isinstance(smoothing, str) else smoothing
        if not isinstance(self._rule, Smoothing):
            raise ValueError(
                f"smoothing: expected one of {', '.join(SMOOTHINGS)}, or a Smoothing, "
                f"got {smoothing!r}"
            )
        if self.V**self.order >= 2**63:
            raise ValueError(
                f"order: expected V ** order below 2 ** 63 for V = {V}, got order {order}"
            )
        self._ids = self._checked("ids", ids)
        if len(self._ids) == 0:
            raise ValueError("ids: expected at least one symbol, got none")
        self._levels = [self._level(k) for k in range(1, self.order)]
        self._levels.append(self._level(self.order, highest=True))

    def shorter(self, order):
        """The model of a lower order of the same text, in a fraction of the time.

        Args:
            order: from 1 to the order of this model.

        Returns:
            NGrams.

        Raises:
            ValueError: if `order` is not in that range.

        Example:
            >>> NGrams([0, 1, 0, 1, 0, 2], order=3, V=3).shorter(2)
            NGrams(order=2, V=3, smoothing='kneser-ney')
        """
        if _whole("order", order) > self.order:
            raise ValueError(f"order: expected at most {self.order}, got {order}")
        model = copy.copy(self)
        model.order = order
        model._levels = [*self._levels[: order - 1], self._level(order, highest=True)]
        return model

    def probabilities(self, context=()):
        """The distribution of the next symbol after `context`.

        Args:
            context: symbols seen so far, oldest first; only the last n - 1 are looked at.

        Returns:
            (V,) floats that sum to 1; positive, unless the likelihood alone was maximised.

        Raises:
            ValueError: if the context holds something else than numbers from 0 to V - 1.
        """
        context = self._checked("context", context)[::-1][: self.order - 1]  # newest first
        codes, p = np.arange(self.V), np.full(self.V, 1 / self.V)
        p = self._raise(0, codes, p)
        for k, symbol in enumerate(context, start=1):
            codes = codes + symbol * self.V**k
            p = self._raise(k, codes, p)
        return p

    def log_probabilities(self, ids):
        """ln p of every symbol of a text, each given those before it in this text.

        Args:
            ids: text, integers from 0 to V - 1, (n,).

        Returns:
            (n,) floats in nats, -inf for what the model holds impossible; the first symbols have
            shorter contexts than the others.

        Raises:
            ValueError: if the text holds something else than numbers from 0 to V - 1.
        """
        ids = self._checked("ids", ids)
        codes, p = ids.copy(), np.full(len(ids), 1 / self.V)
        for k in range(self.order):
            codes[k:] += ids[: len(ids) - k] * self.V**k if k else 0
            p[k:] = self._raise(k, codes[k:], p[k:])
        with np.errstate(divide="ignore"):
            return np.log(p)

    def cross_entropy(self, ids):
        """The mean of -ln p over a text, in nats per symbol (`metrics.bits_per_character`).

        Raises:
            ValueError: as `log_probabilities`, or if the text is empty.
        """
        if len(ids) == 0:
            raise ValueError("ids: expected at least one symbol, got none")
        return float(-self.log_probabilities(ids).mean())

    def __repr__(self):
        return f"NGrams(order={self.order}, V={self.V}, smoothing={self.smoothing!r})"

    def _level(self, k, highest=False):
        """Table and shares of order k."""
        table = count(self._ids, k, self.V, fronts=self._rule.fronts and not highest)
        return table, self._rule.share(table)

    def _raise(self, k, codes, p):
        """From the probabilities of order k to those of order k + 1, for these codes."""
        table, shares = self._levels[k]
        lower = np.full_like(p, 1 / self.V) if self._rule.uniform else p
        return table.interpolate(shares, codes, lower)

    def _checked(self, name, ids):
        ids = np.asarray(ids if np.size(ids) else np.zeros(0, dtype=np.int64))
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise ValueError(f"{name}: expected integers (n,), got {ids.dtype} {ids.shape}")
        if ids.size and not 0 <= ids.min() <= ids.max() < self.V:
            raise ValueError(
                f"{name}: expected 0 to V - 1 = {self.V - 1}, got {ids.min()} to {ids.max()}"
            )
        return ids.astype(np.int64)


def write(model, start, length, rng):
    """Let a model write: draw each symbol from p after those before it, and read it back.

    Args:
        model: an `NGrams`.
        start: the symbols that it goes on from, integers from 0 to V - 1, possibly none.
        length: how many symbols to write.
        rng: a `numpy.random.Generator`.

    Returns:
        The new symbols, integers (length,).

    Taught in: chapters/03_predicting_symbols_by_counting

    Example:
        >>> model = NGrams([0, 1, 2] * 20, order=3, V=3, smoothing="maximum-likelihood")
        >>> write(model, [0, 1], 6, np.random.default_rng(0))
        array([2, 0, 1, 2, 0, 1])
    """
    ids = list(start)
    for _ in range(length):
        p = model.probabilities(ids[-model.order :])
        ids.append(int(rng.choice(len(p), p=p)))
    return np.array(ids[len(start) :])


def _whole(name, number):
    if isinstance(number, bool) or not hasattr(number, "__index__") or number < 1:
        raise ValueError(f"{name}: expected a positive whole number, got {number!r}")
    return int(number)
