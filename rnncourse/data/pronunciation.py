"""Words and how they are said: from letters to phonemes, by the CMU Pronouncing Dictionary.

"shoe" is SH UW, "phone" is F OW N: neither as many sounds as letters nor one sound for each letter,
and what is said at the beginning may hang on the last letter.
"""

import functools
import importlib.util
import math
import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnncourse.data.card import Card
from rnncourse.data.numerals import END, PAD, START
from rnncourse.text import Vocabulary, pad

CARD = Card(
    name="Pronouncing dictionary",
    what=(
        "English words, many of them names, as letters and as phonemes of American English, "
        "without stress; of several pronunciations the first one listed; abbreviations that are "
        "read out are left out"
    ),
    whose=(
        "the CMU Pronouncing Dictionary, by Weide, Rudnicky, Lenzo and others since 1993, as it "
        "comes with the package pocketsphinx 5.1"
    ),
    licence="BSD",
    size=(
        "106,000 words of 3 to 10 letters a to z; a tenth is held out, all words that begin with "
        "the same four letters together"
    ),
    real=True,
)

PHONEMES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V "
    "W Y Z ZH"
)
SOURCE = Vocabulary([PAD, *"abcdefghijklmnopqrstuvwxyz"])
TARGET = Vocabulary([PAD, START, END, *PHONEMES.split()])
FEW = 4000  # words are enough to learn which letters may be silent
BEGINNING = 4  # words with so many first letters in common stay together
_FILE = ("model", "en-us", "cmudict-en-us.dict")


@dataclass(frozen=True, eq=False)
class Spoken:
    """Words in letters and in phonemes.

    Attributes:
        source: n words.
        target: n tuples of phonemes.
    """

    source: list
    target: list

    def __len__(self):
        """n."""
        return len(self.source)


def words(n, rng, *, letters=(3, 7), held_out=False):
    """Draw words of the dictionary, none of them twice.

    Args:
        n: how many words, at least 1.
        rng: a NumPy generator.
        letters: fewest and most letters of a word.
        held_out: whether they come from the tenth that is kept for tests, or from the rest. Words
            that begin with the same four letters ("install", "installer") are in the same part.

    Returns:
        `Spoken`.

    Raises:
        ValueError: if `rng` is no generator, or there are not so many words of such lengths.

    Taught in: chapters/16_being_ones_own_teacher

    Example:
        >>> drawn = words(2, np.random.default_rng(6), letters=(5, 5))
        >>> len(drawn), all(len(word) == 5 for word in drawn.source)
        (2, True)
        >>> dict(zip(_all().source, _all().target, strict=True))["phone"]
        ('F', 'OW', 'N')
    """
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
    every = _part(bool(held_out), *letters)
    if isinstance(n, bool) or not hasattr(n, "__index__") or not 1 <= n <= len(every):
        raise ValueError(
            f"n: expected an integer from 1 to {len(every)}, as many words as there are of "
            f"{letters[0]} to {letters[1]} letters, got {n!r}"
        )
    rows = rng.choice(len(every), n, replace=False)
    return Spoken([every.source[k] for k in rows], [every.target[k] for k in rows])


def encode(spoken):
    """Both sides as numbers, padded to rectangles.

    Args:
        spoken: `Spoken`.

    Returns:
        (source, source_mask, target, target_mask): ids (n, S) of `SOURCE` with mask (n, S); ids
        (n, T) of `TARGET`, begun by START and closed by END, with mask (n, T). 0 is padding.

    Example:
        >>> source, _, target, _ = encode(Spoken(["shoe", "ax"], [("SH", "UW"), ("AE", "K", "S")]))
        >>> source.shape, target.shape, target[0].tolist()
        ((2, 4), (2, 5), [1, 32, 36, 2, 0])
    """
    source = [SOURCE.encode(word) for word in spoken.source]
    target = [TARGET.encode([START, *phonemes, END]) for phonemes in spoken.target]
    return (*pad(source), *pad(target))


def by_letters(spoken, windows=((2, 2), (1, 1), (0, 0))):
    r"""Count which sound stands at a letter between such neighbours; say the commonest.

    Each letter is given one sound or none, in order, so that $\sum -\log p(\text{sound} \mid
    \text{letter})$ is least, with p counted first on words with as many sounds as letters, then on
    what that gave. Then the sounds are counted for each letter with its neighbours; the widest
    window that was met decides.

    Args:
        spoken: `Spoken` to learn from; words with more sounds than letters are left out.
        windows: letters that are looked at to the left and to the right, the widest pair first,
            (0, 0) last.

    Returns:
        A function of a word that returns a tuple of phonemes.

    Raises:
        ValueError: if the last window is not (0, 0), so that some words could not be said.

    Taught in: chapters/16_being_ones_own_teacher

    Source: the table look-up by the longest known window is in the manner of van den Bosch &
        Daelemans (1993), the alignment by counting as in many since; here in a few lines, two
        rounds, and without two sounds for one letter ("x").

    Example:
        >>> say = by_letters(Spoken(["at", "ate", "tea"], [("AE", "T"), ("EY", "T"), ("T", "IY")]))
        >>> say("at"), say("ate")
        (('AE', 'T'), ('EY', 'T'))
    """
    if tuple(windows[-1]) != (0, 0):
        raise ValueError(f"windows: expected (0, 0) as the last one, got {windows[-1]!r}")
    pairs = list(zip(spoken.source, spoken.target, strict=True))
    counts = _counted((word, sounds) for word, sounds in pairs if len(word) == len(sounds))
    for silent, most in ((3.0, FEW), (8.0, None)):  # silence is met in the first round
        cost = _costs(counts, silent)
        fitting = [(word, sounds) for word, sounds in pairs[:most] if len(sounds) <= len(word)]
        rows = [(word, _spread(word, sounds, cost)) for word, sounds in fitting]
        counts = _counted(rows)
    met = defaultdict(Counter)
    for word, sounds in rows:
        for views, sound in zip(_views(word, windows), sounds, strict=True):
            for view in views:
                met[view][sound] += 1
    best = {view: sounds.most_common(1)[0][0] for view, sounds in met.items()}

    def say(word):
        known = ([best[v] for v in views if v in best] for views in _views(word, windows))
        return tuple(sounds[0] for sounds in known if sounds and sounds[0])

    return say


def _counted(rows):
    return Counter(pair for word, sounds in rows for pair in zip(word, sounds, strict=True))


def _costs(counts, silent):
    """-log p(sound | letter) as a function; what was never met costs 8 nats, silence `silent`."""
    of_letter = Counter()
    for (letter, _), count in counts.items():
        of_letter[letter] += count
    nats = {pair: math.log(of_letter[pair[0]] / count) for pair, count in counts.items()}
    return lambda letter, sound: nats.get((letter, sound), 8.0 if sound else silent)


def _spread(word, sounds, cost):
    """One sound or "" for each letter, in order, at the least cost."""
    best, spare = {0: (0.0, ())}, len(word) - len(sounds)
    for i, letter in enumerate(word):
        reached = {}  # sounds used so far -> (cost, row)
        for used, (so_far, row) in best.items():
            steps = []
            if used < len(sounds):
                steps.append((used + 1, sounds[used]))
            if i - used < spare:
                steps.append((used, ""))
            for place, sound in steps:
                spent = so_far + cost(letter, sound)
                if place not in reached or spent < reached[place][0]:
                    reached[place] = spent, (*row, sound)
        best = reached
    return best[len(sounds)][1]


def _views(word, windows):
    """Each letter with its neighbours, through each window; # stands beyond the word."""
    wide = max(map(max, windows))
    padded = "#" * wide + word + "#" * wide
    places = range(wide, wide + len(word))
    return [[(a, padded[i - a : i + b + 1]) for a, b in windows] for i in places]


@functools.cache
def _all():
    """Every word of letters a to z with its first pronunciation."""
    found = importlib.util.find_spec("pocketsphinx")  # its files are read, it is not imported
    if found is None:
        raise ModuleNotFoundError("pocketsphinx, whose files hold the dictionary, is not installed")
    file = Path(found.submodule_search_locations[0]).joinpath(*_FILE)
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    rows = [line for line in lines if re.fullmatch("[a-z]+", line[0])]
    return Spoken([row[0] for row in rows], [tuple(row[1:]) for row in rows])


@functools.cache
def _part(held_out, fewest, most):
    every = zip(_all().source, _all().target, strict=True)
    rows = [
        (word, phonemes)
        for word, phonemes in every
        if fewest <= len(word) <= most
        and len(phonemes) <= len(word) + 2  # longer ones are abbreviations read out
        and (zlib.crc32(word[:BEGINNING].encode()) % 10 == 0) == held_out
    ]
    return Spoken([word for word, _ in rows], [phonemes for _, phonemes in rows])
