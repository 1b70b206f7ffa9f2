"""Data of the course: simulators and loaders, each with its card. Nothing is downloaded.

`synthetic` makes series whose truth is known, `series` cuts and scales them without leaks,
`corpora` reads text that ships with Python, `agreement` makes sentences with a distant subject,
`cursors` asks about Python's own source code, in sequences of very different lengths,
`subjects` records people with habits; `augment` changes sequences on purpose,
`tomita` knows seven languages of zeros and ones by heart, `recall` asks for a bit after a wait,
`numerals` says numbers in two languages, `pronunciation` tells how words are said.
"""

from rnncourse.data import (
    agreement,
    augment,
    corpora,
    cursors,
    numerals,
    pronunciation,
    recall,
    series,
    subjects,
    synthetic,
    tomita,
)
from rnncourse.data.card import Card

__all__ = [
    "Card",
    "agreement",
    "augment",
    "cards",
    "corpora",
    "cursors",
    "numerals",
    "pronunciation",
    "recall",
    "series",
    "subjects",
    "synthetic",
    "tomita",
]


def cards():
    """The cards of all data sets, in the order of their names.

    Example:
        >>> [card.name for card in cards()][:2]
        ['Adding problem', 'Agreement sentences']
    """
    simulated = [synthetic.NOISY_SINE, synthetic.MACKEY_GLASS, synthetic.ADDING, agreement.CARD]
    simulated += [subjects.STUMBLES, tomita.CARD, recall.FIRST_BIT, recall.MARKED_BITS]
    simulated += [numerals.CARD]
    every = [*simulated, corpora.topics().card, cursors.CARD, pronunciation.CARD]
    return sorted(every, key=lambda card: card.name)
