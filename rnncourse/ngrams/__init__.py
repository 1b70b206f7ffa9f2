"""Predicting symbols by counting: n-gram models, NumPy only.

An n-gram of order k is a row of k symbols: k - 1 that have been seen, and the one that follows.
`tables` counts them in a text, `smoothing` decides how much of a context's probability goes to
what was seen after it and how much is handed down to shorter contexts, `model` puts both to use.
"""

from rnncourse.ngrams.model import NGrams, write
from rnncourse.ngrams.smoothing import (
    SMOOTHINGS,
    Smoothing,
    add_one,
    discounts,
    kneser_ney,
    maximum_likelihood,
    modified_kneser_ney,
    one_weight,
    witten_bell,
)
from rnncourse.ngrams.tables import Table, count

__all__ = [
    "NGrams",
    "SMOOTHINGS",
    "Smoothing",
    "Table",
    "add_one",
    "count",
    "discounts",
    "kneser_ney",
    "maximum_likelihood",
    "modified_kneser_ney",
    "one_weight",
    "witten_bell",
    "write",
]
