r"""How a context divides its probability: a part for what was seen after it, a part handed down.

Every function here takes a `Table` and returns `(own, given)`: for each n-gram cs its own
probability, and for each context c the share $\lambda(c)$ that it hands to a shorter context.
After every context the own probabilities and the share given must sum to 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def maximum_likelihood(table):
    r"""own = count(cs) / count(c), $\lambda(c) = 0$: the relative frequencies, nothing held back.

    Args:
        table: a `Table`.

    Returns:
        (own (n,), given (m,)).

    Taught in: chapters/03_predicting_symbols_by_counting
    """
    return table.counts / table.totals[table.place], np.zeros(len(table.totals))


def add_one(table):
    r"""own = count(cs) / (count(c) + V), $\lambda(c)$ = V / (count(c) + V).

    With a uniform distribution below, that is (count(cs) + 1) / (count(c) + V).

    Args:
        table: a `Table`.

    Returns:
        (own (n,), given (m,)).

    Taught in: chapters/03_predicting_symbols_by_counting

    Source: Laplace's rule of succession, for V outcomes.
    """
    n = table.totals + table.V
    return table.counts / n[table.place], table.V / n


def one_weight(table, weight=0.5):
    r"""own = w count(cs) / count(c), $\lambda(c) = 1 - w$, whatever the context.

    Args:
        table: a `Table`.
        weight: w, between 0 and 1.

    Returns:
        (own (n,), given (m,)).

    Taught in: chapters/03_predicting_symbols_by_counting

    Source: the simplest case of what Bahl, Jelinek & Mercer (1983) do, who learn a weight for
        each group of contexts from text held out.
    """
    frequency = table.counts / table.totals[table.place]
    return weight * frequency, np.full(len(table.totals), 1 - weight)


def witten_bell(table):
    r"""own = count(cs) / (count(c) + kinds(c)), $\lambda(c)$ = kinds(c) / (count(c) + kinds(c)).

    Args:
        table: a `Table`; kinds(c) is the number of different symbols seen after c.

    Returns:
        (own (n,), given (m,)).

    Source: Witten & Bell (1991), their method C; interpolated, as in Chen & Goodman (1999).
    """
    n = table.totals + table.kinds
    return table.counts / n[table.place], table.kinds / n


def kneser_ney(table):
    r"""own = (count(cs) - d) / count(c), $\lambda(c)$ = d kinds(c) / count(c).

    Args:
        table: a `Table`. One discount d for all its counts, d = n1 / (n1 + 2 n2).

    Returns:
        (own (n,), given (m,)).

    Source: Ney, Essen & Kneser (1994) for d. n1 and n2 are the numbers of n-grams counted once
        and twice; d = 1/2 where one of them is zero.
    """
    n_1, n_2 = ((table.counts == r).sum() for r in (1, 2))
    d = n_1 / (n_1 + 2 * n_2) if n_1 and n_2 else 0.5
    own = (table.counts - d) / table.totals[table.place]
    return own, d * table.kinds / table.totals


def discounts(counts):
    r"""$D_r = r - (r + 1)\,Y\,n_{r+1}/n_r$ for r = 1, 2 and 3, with $Y = n_1/(n_1 + 2 n_2)$.

    Args:
        counts: how often each n-gram occurs, positive integers (n,); $n_r$ is the number of
            n-grams that occur r times.

    Returns:
        (4,): 0 and then what is taken off counts of 1, of 2, and of 3 or more. Where the formula
        divides by zero, or its value does not lie strictly between 0 and r, half of r stands.

    Taught in: chapters/03_predicting_symbols_by_counting

    Source: Chen & Goodman (1999), modified Kneser-Ney. They do not say what to do when a count of
        counts is zero; half of r keeps every probability positive.

    Example:
        >>> discounts(np.array([1, 1, 1, 1, 2, 2, 3, 4]))
        array([0.  , 0.5 , 1.25, 1.  ])
        >>> discounts(np.array([5, 7]))  # nothing occurs once or twice
        array([0. , 0.5, 1. , 1.5])
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    r = np.arange(4)
    with np.errstate(invalid="ignore", divide="ignore"):
        Y = n[1] / (n[1] + 2 * n[2])
        D = r - (r + 1) * Y * n[1:5] / n[:4]
    return np.where((D > 0) & (r > D), D, r / 2)


def modified_kneser_ney(table):
    r"""own = (count(cs) - D) / count(c), $\lambda(c)$ = sum of the D taken off after c / count(c).

    D depends on the count: $D_1$, $D_2$, or $D_3$ for 3 and more (`discounts`).

    Args:
        table: a `Table`.

    Returns:
        (own (n,), given (m,)).

    Taught in: chapters/03_predicting_symbols_by_counting

    Source: Chen & Goodman (1999), their modified Kneser-Ney, interpolated.
    """
    D = discounts(table.counts)[np.minimum(table.counts, 3)]
    own = (table.counts - D) / table.totals[table.place]
    taken = np.bincount(table.place, weights=D, minlength=len(table.totals))
    return own, taken / table.totals


@dataclass(frozen=True)
class Smoothing:
    """A way to smooth, as `NGrams` wants it.

    Attributes:
        share: function of a `Table` that returns (own, given).
        fronts: below the highest order, count the different symbols in front of each n-gram.
        uniform: hand down to all symbols alike instead of to the next shorter context.

    Example:
        >>> Smoothing(add_one, uniform=True).fronts
        False
    """

    share: Callable
    fronts: bool = False
    uniform: bool = False


SMOOTHINGS = {
    "maximum-likelihood": Smoothing(maximum_likelihood),
    "add-one": Smoothing(add_one, uniform=True),
    "one-weight": Smoothing(one_weight),
    "witten-bell": Smoothing(witten_bell),
    "kneser-ney": Smoothing(kneser_ney, fronts=True),
    "modified-kneser-ney": Smoothing(modified_kneser_ney, fronts=True),
}
