"""Data of the course: simulators and loaders, each with its card. Nothing is downloaded.

`synthetic` makes series whose truth is known, `series` cuts and scales them without leaks,
`corpora` reads text that ships with Python.
"""

from rnncourse.data import corpora, series, synthetic
from rnncourse.data.card import Card

__all__ = ["Card", "cards", "corpora", "series", "synthetic"]


def cards():
    """The cards of all data sets, in the order of their names.

    Example:
        >>> [card.name for card in cards()]
        ['Mackey-Glass series', 'Noisy sine', "Python's documentation topics"]
    """
    every = [synthetic.NOISY_SINE, synthetic.MACKEY_GLASS, corpora.topics().card]
    return sorted(every, key=lambda card: card.name)
