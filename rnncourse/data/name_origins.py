"""Family names in ten languages: which language is it? Names from lists, drawn by Faker's rules.

The lists are those from which the library Faker makes up people. Two ways to split are offered,
because one of them lets a table of names win: see `full_names` and `family_names`.
"""

import functools
import importlib
import unicodedata
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card
from rnncourse.text import Vocabulary

LOCALES = {
    "Croatian": "hr_HR",
    "Dutch": "nl_NL",
    "English": "en_GB",
    "Estonian": "et_EE",
    "Finnish": "fi_FI",
    "French": "fr_FR",
    "German": "de_DE",
    "Italian": "it_IT",
    "Spanish": "es_ES",
    "Swedish": "sv_SE",
}
LANGUAGES = tuple(LOCALES)
LETTERS = Vocabulary([*"abcdefghijklmnopqrstuvwxyz", " ", "'", "-"])
_PLAIN = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "đ": "d", "ð": "d", "ł": "l", "’": "'"})


@dataclass(frozen=True, eq=False)
class Names:
    """Names and their languages.

    Attributes:
        names: N strings of the letters of `LETTERS`.
        y: numbers of the languages in `LANGUAGES`, int64 (N,).
    """

    names: tuple
    y: np.ndarray

    def ids(self):
        """The numbers of the letters, a list of N arrays int64 of different lengths."""
        return [LETTERS.encode(name) for name in self.names]

    def take(self, rows):
        """The names of these rows (indices or bools)."""
        rows = np.arange(len(self))[rows]
        return Names(tuple(self.names[i] for i in rows), self.y[rows])

    def __len__(self):
        return len(self.names)


def plain(name):
    """A name in lower case, without accents: "Strömberg" becomes "stromberg".

    An accent would give the language away; what is left has to be told by its letters.

    Args:
        name: a string.

    Returns:
        A string.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> plain("Åkesson"), plain("Weiß"), plain("D'Angelo")
        ('akesson', 'weiss', "d'angelo")
    """
    parts = unicodedata.normalize("NFKD", name.lower().translate(_PLAIN))
    return "".join(letter for letter in parts if letter in LETTERS).strip()


def family_names(rng, n=400, test=0.25):
    """Family names to learn from and others to be tested on; no name is in both.

    Names that more than one of the languages has are left out.

    Args:
        rng: a NumPy generator, which chooses the names of both parts.
        n: names of each language, at most; the smallest list has somewhat fewer than 400.
        test: the share for testing, between 0 and 1.

    Returns:
        (train, test), two `Names` with all languages about equally often.

    Raises:
        ValueError: if `n` is below 2 or `test` no such share.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> train, test = family_names(np.random.default_rng(4))
        >>> set(train.names) & set(test.names)
        set()
    """
    _check(n=n)
    if not 0 < test < 1:
        raise ValueError(f"test: expected a share between 0 and 1, got {test!r}")
    parts = [], []
    for number, language in enumerate(LANGUAGES):
        names = rng.permutation(_own_family_names()[language])[:n]
        cut = max(1, round(test * len(names)))
        for part, some in zip(parts, (names[cut:], names[:cut]), strict=True):
            part.extend((str(name), number) for name in some)
    return tuple(_names(part, rng) for part in parts)


def full_names(rng, n):
    """First and family names, put together at random, n people of each language.

    Whoever draws twice gets new people and the *old* names: the lists are finite.

    Args:
        rng: a NumPy generator.
        n: people of each language, at least 2.

    Returns:
        Names.

    Raises:
        ValueError: if `n` is below 2.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> people = full_names(np.random.default_rng(4), 3)
        >>> len(people), len(people.names[0].split())
        (30, 2)
    """
    _check(n=n)
    people = []
    for number, language in enumerate(LANGUAGES):
        first, last = _lists(language)
        drawn = zip(rng.choice(first, n), rng.choice(last, n), strict=True)
        people += [(" ".join(pair), number) for pair in drawn]
    return _names(people, rng)


def _names(pairs, rng):
    pairs = [pairs[i] for i in rng.permutation(len(pairs))]
    return Names(tuple(name for name, _ in pairs), np.array([number for _, number in pairs]))


@functools.cache
def _lists(language):
    """First names and family names of a language, plain, each once, in sorted order."""
    module = importlib.import_module(f"faker.providers.person.{LOCALES[language]}")
    provider = module.Provider
    first = (*provider.first_names_male, *provider.first_names_female)
    both = (first, provider.last_names)
    return [sorted({plain(name) for name in some} - {""}) for some in both]


@functools.cache
def _own_family_names():
    """Language -> those of its family names that none of the other languages has."""
    every = {language: set(_lists(language)[1]) for language in LANGUAGES}
    return {
        language: sorted(
            names.difference(*(other for name, other in every.items() if name != language))
        )
        for language, names in every.items()
    }


def _check(**counts):
    for name, count in counts.items():
        if isinstance(count, bool) or not hasattr(count, "__index__") or count < 2:
            raise ValueError(f"{name}: expected a whole number of at least 2, got {count!r}")


CARD = Card(
    name="Names of ten languages",
    what="family names, or first and family names put together at random; which language is it?",
    whose="lists in the library Faker, gathered by its many contributors; people are made up",
    licence="MIT (Faker)",
    size="338 to 1,151 family names a language that no other of the ten has",
    real=False,
)
