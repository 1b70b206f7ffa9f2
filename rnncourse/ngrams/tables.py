"""Counting: every row of k symbols of a text, as sorted arrays."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Table:
    """The counts of one order, as sorted arrays that `numpy.searchsorted` can look up.

    A row of symbols is stored as one integer, its digits in base V; the last symbol is the last
    digit, so `code // V` is the context and `code % V` the symbol that follows.

    Attributes:
        V: number of symbols.
        grams: codes of the n-grams that occur, ascending, (n,).
        counts: how often each occurs, positive integers (n,).
        contexts: codes of the contexts that occur, ascending, (m,).
        place: to which of the contexts each n-gram belongs, (n,).
        totals: sum of the counts after each context, (m,).
        kinds: number of different symbols after each context, (m,).
    """

    V: int
    grams: np.ndarray
    counts: np.ndarray
    contexts: np.ndarray
    place: np.ndarray
    totals: np.ndarray
    kinds: np.ndarray

    @classmethod
    def of(cls, codes, V):
        """The table of a list of codes, one for each occurrence."""
        grams, counts = np.unique(codes, return_counts=True)
        contexts, place, kinds = np.unique(grams // V, return_inverse=True, return_counts=True)
        totals = np.bincount(place, weights=counts, minlength=len(contexts))
        return cls(V, grams, counts, contexts, place, totals, kinds)

    def interpolate(self, shares, codes, lower):
        """The probability of the last symbol of each code, given `lower`, that of the order below.

        Args:
            shares: (own, given): the probability of each n-gram's own count (n,), and what each
                context hands down (m,).
            codes: n-grams of this order, any shape.
            lower: probabilities by the order below, the same shape.

        Returns:
            Probabilities of the same shape; `lower` itself where the context never occurred.
        """
        if not len(self.grams):  # the text was shorter than this order
            return lower
        own, given = shares
        gram, known_gram = _find(self.grams, codes)
        context, known = _find(self.contexts, codes // self.V)
        p = np.where(known_gram, own[gram], 0) + given[context] * lower
        return np.where(known, p, lower)


def count(ids, k, V, fronts=False):
    """Count the n-grams of order k in a text.

    Args:
        ids: the text, integers from 0 to V - 1, (n,).
        k: order, at least 1.
        V: number of symbols.
        fronts: count in how many *different* ways each n-gram is continued to the left (the
            continuation counts of Kneser and Ney), instead of how often it occurs. The beginning
            of the text is one way.

    Returns:
        Table.

    Taught in: chapters/03_predicting_symbols_by_counting

    Example:
        >>> table = count([0, 1, 0, 1, 0, 2], 2, V=3)
        >>> table.grams // 3, table.grams % 3, table.counts  # contexts, symbols, counts
        (array([0, 0, 1]), array([1, 2, 0]), array([2, 1, 2]))
        >>> count([0, 1, 0, 1, 0, 2], 1, V=3, fronts=True).counts  # 0 stands at the beginning too
        array([2, 1, 1])
    """
    ids = np.asarray(ids, dtype=np.int64)
    codes = _codes(ids, k, V)
    if fronts:  # once for each different symbol in front; the text's beginning is one
        codes = np.append(np.unique(_codes(ids, k + 1, V)) % V**k, codes[:1])
    return Table.of(codes, V)


def _codes(ids, k, V):
    """The code of every row of k neighbours in a text, (n - k + 1,)."""
    n = max(len(ids) - k + 1, 0)
    return sum((ids[j : j + n] * V ** (k - 1 - j) for j in range(k)), np.zeros(n, dtype=np.int64))


def _find(ascending, codes):
    """Where each code stands in an ascending array, and whether it does."""
    place = np.minimum(np.searchsorted(ascending, codes), len(ascending) - 1)
    return place, ascending[place] == codes
