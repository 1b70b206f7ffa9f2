"""Numbers in English words and in German ones: a small translation whose alignment is known.

"forty two" is "zwei und vierzig": German says the units before the tens, as one word. Cut into its
pieces, every German piece but "und" stands for one English word, and we know for which: both say
the same digit of the same number.
"""

import functools
import re
import zlib
from dataclasses import dataclass

import numpy as np
from num2words import num2words

from rnncourse.data.card import Card
from rnncourse.text import Vocabulary, pad

CARD = Card(
    name="Numerals",
    what=(
        "numbers, or lists of numbers, in English words and in German words cut into their "
        "pieces; each piece knows the English word that it translates"
    ),
    whose=(
        "spelled by the package num2words 0.5.14 by the rules of both languages, for numbers "
        "drawn by this course; ein, eine and eins are one piece here, as are Million and Millionen"
    ),
    licence="the spellings: none is claimed; num2words: LGPL, used as a library; the rest: MIT",
    size="as many as asked for; a fifth of all numbers is held out, chosen by a checksum",
    real=False,
)

LARGEST = 9  # digits
COMMA, PAD, START, END = ",", "<pad>", "<start>", "<end>"
_ONES = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "de": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn "
    "fünfzehn sechzehn siebzehn achtzehn neunzehn",
}
_TENS = {
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
}
_HUNDRED = {"en": "hundred", "de": "hundert"}
_SCALES = {"en": "thousand million", "de": "tausend Million"}
_AND = {"en": "and", "de": "und"}


def _words(language):
    """All words of a language, in the order of their values."""
    parts = (_ONES, _TENS, _HUNDRED, _SCALES, _AND)
    return " ".join(part[language] for part in parts).split()


SOURCE = Vocabulary([PAD, COMMA, *_words("en")])
TARGET = Vocabulary([PAD, START, END, COMMA, *_words("de")])
# longer words first: "sechzehn" before "sechs", "dreizehn" before "drei"
_PIECES = re.compile("|".join(sorted(_words("de"), key=len, reverse=True)))


@dataclass(frozen=True, eq=False)
class Pairs:
    """Lists of numbers in both languages.

    Attributes:
        values: n tuples of numbers.
        source: n lists of English words.
        target: n lists of German pieces, in their order.
        links: n lists, for each German piece the position of the English word that it translates,
            or -1: "und" translates nothing.
    """

    values: list
    source: list
    target: list
    links: list

    def __len__(self):
        """n."""
        return len(self.values)


def pairs(n, rng, *, digits=(1, 6), numbers=(1, 1), held_out=False):
    """Draw lists of numbers and say them in both languages.

    Args:
        n: how many lists, at least 1.
        rng: a NumPy generator.
        digits: fewest and most digits of a number, from 1 to 9; each count is equally likely.
        numbers: fewest and most numbers of a list; each count is equally likely.
        held_out: whether the numbers come from the fifth that is kept for tests, or from the rest.

    Returns:
        `Pairs`.

    Raises:
        ValueError: if a size is out of range or `rng` is no generator.

    Taught in: chapters/16_being_ones_own_teacher

    Example:
        >>> drawn = pairs(1, np.random.default_rng(2), digits=(2, 4), numbers=(2, 2))
        >>> drawn.values
        [(3354, 36)]
        >>> " ".join(drawn.source[0])
        'three thousand three hundred and fifty four , thirty six'
        >>> " ".join(drawn.target[0])
        'drei tausend drei hundert vier und fünfzig , sechs und dreißig'
        >>> drawn.links[0]
        [0, 1, 2, 3, 6, -1, 5, 7, 9, -1, 8]
    """
    _check(n, rng, digits=(*digits, LARGEST), numbers=(*numbers, np.inf))
    values = []
    for count in rng.integers(numbers[0], numbers[1] + 1, n):
        drawn = [_number(rng, digits, held_out) for _ in range(count)]
        values.append(tuple(drawn))
    said = [tuple(zip(*map(_translated, drawn), strict=True)) for drawn in values]
    source = [_joined(words) for words, _, _ in said]
    target = [_joined(pieces) for _, pieces, _ in said]
    return Pairs(values, source, target, [_linked(words, links) for words, _, links in said])


def encode(pairs):
    """Both sides as numbers, padded to rectangles.

    Args:
        pairs: `Pairs`.

    Returns:
        (source, source_mask, target, target_mask): ids (n, S) of `SOURCE` with mask (n, S); ids
        (n, T) of `TARGET`, begun by START and closed by END, with mask (n, T). 0 is padding.

    Example:
        >>> drawn = pairs(2, np.random.default_rng(4), digits=(2, 2))
        >>> source, source_mask, target, target_mask = encode(drawn)
        >>> [spell(row) for row in target] == [" ".join(row) for row in drawn.target]
        True
    """
    source = [SOURCE.encode(words) for words in pairs.source]
    target = [TARGET.encode([START, *pieces, END]) for pieces in pairs.target]
    return (*pad(source), *pad(target))


def spell(ids):
    """The German pieces of a row of numbers, with spaces between, up to END; no START, no padding.

    Example:
        >>> spell(TARGET.encode(["<start>", "zwei", "und", "vierzig", "<end>", "<pad>"]))
        'zwei und vierzig'
    """
    words = [TARGET.symbols[k] for k in ids]
    words = words[: words.index(END)] if END in words else words
    return " ".join(word for word in words if word not in (START, PAD))


def _number(rng, digits, held_out):
    """A number of one of both parts; which part it is of hangs on its digits alone."""
    while True:
        length = int(rng.integers(digits[0], digits[1] + 1))
        value = int(rng.integers(10 ** (length - 1) if length > 1 else 0, 10**length))
        if (zlib.crc32(str(value).encode()) % 5 == 0) == held_out:
            return value


@functools.cache
def _translated(value):
    """The English words of a number, its German pieces, and the links from these to those."""
    words = re.findall(r"\w+", num2words(value, lang="en"))
    pieces = _PIECES.findall(num2words(value, lang="de"))
    place = {role: position for position, role in enumerate(_roles(words, "en")) if role}
    return words, pieces, [place.get(role, -1) for role in _roles(pieces, "de")]


def _roles(words, language):
    """What each word says: the ones of the thousands, say; None for "and"."""
    scales, scale, roles = _SCALES[language].split(), "", []
    for position in reversed(range(len(words))):  # "thousand" speaks of what stands before it
        word, follower = words[position], [*words, ""][position + 1]
        if word in scales:
            scale = scales.index(word) + 1
            roles.append(("scale", scale))
        elif word == _AND[language]:
            roles.append(None)
        elif word == _HUNDRED[language]:
            roles.append(("hundred", scale))
        elif follower == _HUNDRED[language]:
            roles.append(("hundreds", scale))
        else:
            roles.append(("tens" if word in _TENS[language].split() else "ones", scale))
    return roles[::-1]


def _joined(spoken):
    """One list of words, with a comma between any two numbers."""
    return functools.reduce(lambda said, words: [*said, COMMA, *words], spoken[1:], spoken[0][:])


def _linked(words, links):
    """The links within each number, moved to where the number stands; comma to comma."""
    joined, start = [], 0
    for number, own in zip(words, links, strict=True):
        joined += [start - 1] if start else []
        joined += [link + start if link >= 0 else -1 for link in own]
        start += len(number) + 1
    return joined


def _check(n, rng, **ranges):
    if isinstance(n, bool) or not hasattr(n, "__index__") or n < 1:
        raise ValueError(f"n: expected an integer of at least 1, got {n!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
    for name, (least, most, limit) in ranges.items():
        if not 1 <= least <= most <= limit:
            raise ValueError(
                f"{name}: expected (fewest, most) with 1 <= fewest <= most <= {limit}, "
                f"got ({least}, {most})"
            )
