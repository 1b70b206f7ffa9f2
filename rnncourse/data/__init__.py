"""Data of the course: simulators and loaders, each with its card. Nothing is downloaded.

`synthetic` makes series whose truth is known, `series` cuts and scales them without leaks,
`corpora` reads text that ships with Python, `agreement` makes sentences with a distant subject,
`cursors` asks about Python's own source code, in sequences of very different lengths,
`subjects` records people with habits; `augment` changes sequences on purpose,
`tomita` knows seven languages of zeros and ones by heart, `recall` asks for a bit after a wait,
`numerals` says numbers in two languages, `pronunciation` tells how words are said.
`climate` reads two real series of one station each, `chaos` simulates a ring of weather,
`glucose` is one person's, for 200 days, `patients` are simulated, `service_logs` too.
`speech` says digits, or reads what people have said.
`opinions` reads sentences with the ratings of several people, `contrasts` makes some whose order
is all that counts, `name_origins` knows names of ten languages.
"""

from rnncourse.data import (
    agreement,
    augment,
    chaos,
    climate,
    contrasts,
    corpora,
    cursors,
    glucose,
    name_origins,
    numerals,
    opinions,
    patients,
    pronunciation,
    recall,
    series,
    service_logs,
    speech,
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
    "chaos",
    "climate",
    "contrasts",
    "corpora",
    "cursors",
    "glucose",
    "name_origins",
    "numerals",
    "opinions",
    "patients",
    "pronunciation",
    "recall",
    "series",
    "service_logs",
    "speech",
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
    simulated += [chaos.CARD]
    simulated += [contrasts.CARD, name_origins.CARD]
    simulated += [patients.WARD, patients.TREATED, service_logs.CARD]
    simulated += [speech.CARD, speech.HUMAN]
    every = [
        climate.SEA,
        climate.AIR,
        glucose.CARD,
        opinions.CARD,
        *simulated,
        corpora.topics().card,
        cursors.CARD,
        pronunciation.CARD,
    ]
    return sorted(every, key=lambda card: card.name)
