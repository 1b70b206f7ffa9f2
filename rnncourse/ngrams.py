"""Predicting symbols by counting: interpolated n-gram models, NumPy only.

An n-gram of order k is a row of k symbols: k - 1 that have been seen, and the one that follows.
The model counts them in a text. Long contexts know more but are rare, so each order hands a part
of its probability down to the next shorter one, and the shortest to all symbols alike.
"""

from dataclasses import dataclass

import numpy as np

SMOOTHINGS = ("kneser-ney", "witten-bell")


@dataclass(frozen=True)
class Table:
    """The counts of one order, as sorted arrays that `numpy.searchsorted` can look up.

    A row of symbols is stored as one integer, its digits in base V; the last symbol is the last
    digit, so `code // V` is the context and `code % V` the symbol that follows.

    Attributes:
        V: number of symbols.
        grams: codes of the n-grams that occur, ascending.
        counts: how often each occurs (float, positive).
        contexts: codes of the contexts that occur, ascending.
        totals: sum of the counts after each context.
        kinds: number of different symbols after each context.
        given: share of the probability that each context hands down, in (0, 1].
        discount: what is taken off each count.
    """

    V: int
    grams: np.ndarray
    counts: np.ndarray
    contexts: np.ndarray
    totals: np.ndarray
    kinds: np.ndarray
    given: np.ndarray
    discount: float

    def interpolate(self, codes, lower):
        """The probability of the last symbol of each code, given `lower`, that of the order below.

        Args:
            codes: n-grams of this order, any shape.
            lower: probabilities by the order below, the same shape.

        Returns:
            Probabilities of the same shape; `lower` itself where the context never occurred.
        """
        if not len(self.grams):  # the text was shorter than this order
            return lower
        gram, known_gram = _find(self.grams, codes)
        context, known = _find(self.contexts, codes // self.V)
        count = np.where(known_gram, np.maximum(self.counts[gram] - self.discount, 0), 0)
        own = count / (self.totals[context] + (0 if self.discount else self.kinds[context]))
        return np.where(known, own + self.given[context] * lower, lower)


class NGrams:
    r"""An interpolated n-gram model of order n: how likely is each symbol after n - 1 others?

    $$p_k(s \mid c) = \frac{\max(\mathrm{count}(cs) - d,\, 0)}{\mathrm{count}(c)}
    + \lambda(c)\, p_{k-1}(s \mid c'), \qquad p_0(s) = \frac1V$$

    where c' is the context c without its first symbol, and $\lambda(c)$ is what makes the sum
    over s equal to 1. After a context that never occurred, $p_k = p_{k-1}$.

    Args:
        ids: the training text, integers from 0 to V - 1, (n,).
        order: n, at least 1; 1 looks at no context at all.
        V: number of symbols.
        smoothing: "kneser-ney" (d from the counts of counts; below the highest order, the count
            is the number of *different* symbols in front of cs) or "witten-bell" (d = 0,
            $\lambda(c)$ = kinds / (count + kinds), kinds = number of different symbols after c).

    Raises:
        ValueError: if the text is empty or holds other numbers, or V to the power of `order` does
            not fit into 63 bits.

    Source: Ney, Essen & Kneser (1994) for d = n1 / (n1 + 2 n2) with one d an order, Kneser & Ney
        (1995) for the lower orders, interpolated as in Chen & Goodman (1999). The beginning of
        the text counts as one more symbol in front. Witten & Bell (1991), method C.

    Example:
        >>> model = NGrams([0, 1, 0, 1, 0, 2], order=2, V=3)
        >>> model.probabilities([0]).round(3)
        array([0.067, 0.633, 0.3  ])
        >>> round(float(model.probabilities([0]).sum()), 12)
        1.0
    """

    def __init__(self, ids, order, V, smoothing="kneser-ney"):
        self.order, self.V, self.smoothing = _whole("order", order), _whole("V", V), smoothing
        if smoothing not in SMOOTHINGS:
            raise ValueError(f"smoothing: expected one of {SMOOTHINGS}, got {smoothing!r}")
        if self.V**self.order >= 2**63:
            raise ValueError(
                f"order: expected V ** order below 2 ** 63 for V = {V}, got order {order}"
            )
        ids = self._checked("ids", ids)
        if len(ids) == 0:
            raise ValueError("ids: expected at least one symbol, got none")
        self.tables = [self._table(ids, k) for k in range(1, self.order + 1)]

    def probabilities(self, context=()):
        """The distribution of the next symbol after `context`.

        Args:
            context: symbols seen so far, oldest first; only the last n - 1 are looked at.

        Returns:
            (V,) positive floats that sum to 1.

        Raises:
            ValueError: if the context holds something else than numbers from 0 to V - 1.
        """
        context = self._checked("context", context)[::-1][: self.order - 1]  # newest first
        codes, p = np.arange(self.V), np.full(self.V, 1 / self.V)
        p = self.tables[0].interpolate(codes, p)
        for k, symbol in enumerate(context, start=1):
            codes = codes + symbol * self.V**k
            p = self.tables[k].interpolate(codes, p)
        return p

    def log_probabilities(self, ids):
        """ln p of every symbol of a text, each given those before it in this text.

        Args:
            ids: text, integers from 0 to V - 1, (n,).

        Returns:
            (n,) floats in nats; the first symbols have shorter contexts than the others.

        Raises:
            ValueError: if the text holds something else than numbers from 0 to V - 1.
        """
        ids = self._checked("ids", ids)
        codes, p = ids.copy(), np.full(len(ids), 1 / self.V)
        for k, table in enumerate(self.tables):
            codes[k:] += ids[: len(ids) - k] * self.V**k if k else 0
            p[k:] = table.interpolate(codes[k:], p[k:])
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

    def _table(self, ids, k):
        """The table of order k; below the highest, Kneser-Ney counts what stands in front."""
        V, continuation = self.V, self.smoothing == "kneser-ney" and k < self.order
        codes = _codes(ids, k, V)
        if continuation:  # once for each different symbol in front, the text's beginning is one
            codes = np.append(np.unique(_codes(ids, k + 1, V)) % V**k, codes[:1])
        grams, counts = np.unique(codes, return_counts=True)
        contexts, place, kinds = np.unique(grams // V, return_inverse=True, return_counts=True)
        totals = np.bincount(place, weights=counts, minlength=len(contexts))
        discount = _discount(counts) if self.smoothing == "kneser-ney" else 0.0
        given = discount * kinds / totals if discount else kinds / (totals + kinds)
        return Table(V, grams, counts.astype(float), contexts, totals, kinds, given, discount)

    def _checked(self, name, ids):
        ids = np.asarray(ids if np.size(ids) else np.zeros(0, dtype=np.int64))
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise ValueError(f"{name}: expected integers (n,), got {ids.dtype} {ids.shape}")
        if ids.size and not 0 <= ids.min() <= ids.max() < self.V:
            raise ValueError(
                f"{name}: expected 0 to V - 1 = {self.V - 1}, got {ids.min()} to {ids.max()}"
            )
        return ids.astype(np.int64)


def _codes(ids, k, V):
    """The code of every row of k neighbours in a text, (n - k + 1,)."""
    n = max(len(ids) - k + 1, 0)
    return sum((ids[j : j + n] * V ** (k - 1 - j) for j in range(k)), np.zeros(n, dtype=np.int64))


def _discount(counts):
    """d = n1 / (n1 + 2 n2), n1 and n2 the numbers of n-grams counted once and twice."""
    n1, n2 = ((counts == number).sum() for number in (1, 2))
    return float(n1 / (n1 + 2 * n2)) if n1 and n2 else 0.5  # 1/2 where the text is too small


def _find(ascending, codes):
    """Where each code stands in an ascending array, and whether it does."""
    place = np.minimum(np.searchsorted(ascending, codes), len(ascending) - 1)
    return place, ascending[place] == codes


def _whole(name, number):
    if isinstance(number, bool) or not hasattr(number, "__index__") or number < 1:
        raise ValueError(f"{name}: expected a positive whole number, got {number!r}")
    return int(number)
