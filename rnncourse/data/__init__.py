"""Data of the course: simulators and loaders, each with its card. Nothing is downloaded.

`synthetic` makes series whose truth is known, `series` cuts and scales them without leaks,
`corpora` reads text that ships with Python, `agreement` makes sentences with a distant subject.
"""

from rnncourse.data import agreement, corpora, series, synthetic
from rnncourse.data.card import Card

__all__ = ["Card", "agreement", "cards", "corpora", "series", "synthetic"]


def cards():
    """The cards of all data sets, in the order of their names.

    Example:
        >>> [card.name for card in cards()][:4]
        ['Adding problem', 'Agreement sentences', 'Mackey-Glass series', 'Noisy sine']
    """
    simulated = [synthetic.NOISY_SINE, synthetic.MACKEY_GLASS, synthetic.ADDING, agreement.CARD]
    every = [*simulated, corpora.topics().card]
    return sorted(every, key=lambda card: card.name)
