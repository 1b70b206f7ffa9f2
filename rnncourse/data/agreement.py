"""Simulated sentences whose verb has to agree with a noun that may lie far behind.

"The keys to the cabinet near the old doors ..." is or are? The subject is the first noun that no
preposition leads in; every noun between it and the verb may lure the reader into the wrong number.
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card

CARD = Card(
    name="Agreement sentences",
    what=(
        "the words of an English sentence before its verb, to be continued by is or are; drawn "
        "from a small grammar in which only prepositional phrases come between"
    ),
    whose="simulated by this course after the question of Linzen, Dupoux & Goldberg (2016)",
    licence="MIT, as the code",
    size="as many as asked for; 53 words, 16 nouns in both numbers",
    real=False,
)

SINGULAR = (
    "key", "cabinet", "door", "drawer", "box", "lamp", "table", "shelf",
    "picture", "window", "garden", "book", "cup", "wall", "road", "house",
)  # fmt: skip
PLURAL = [{"box": "boxes", "shelf": "shelves"}.get(noun, f"{noun}s") for noun in SINGULAR]
PREPOSITIONS = ("to", "near", "behind", "under", "beside", "above", "of", "with", "in")
ADJECTIVES = ("old", "red", "small", "heavy", "broken", "quiet")
ARTICLES = ("the", "my")  # "a" would give the number away
PAD, COMMA = "·", ","
VOCABULARY = (
    PAD, COMMA, *ARTICLES, *PREPOSITIONS, *ADJECTIVES, *SINGULAR, *PLURAL, "is", "are"
)  # fmt: skip
NUMBER = {word: n for n, words in enumerate((SINGULAR, PLURAL)) for word in words}
_ID = {word: k for k, word in enumerate(VOCABULARY)}


@dataclass(frozen=True, eq=False)
class Sentences:
    """Sentences up to their verb.

    Attributes:
        words: n lists of words.
        plural: whether the subject, hence the verb, is plural (n,), bools.
        attractors: how many nouns between subject and verb have the other number (n,).
        distance: how many words after the subject the verb stands (n,).
    """

    words: list
    plural: np.ndarray
    attractors: np.ndarray
    distance: np.ndarray

    def __len__(self):
        """n."""
        return len(self.words)

    def ids(self, T=None):
        """Numbers of the words (n, T), padded on the left, so that all end at the last step.

        Args:
            T: at least as long as the longest sentence, which is the default.

        Raises:
            ValueError: if a sentence is longer than T.
        """
        longest = max(map(len, self.words))
        if T is not None and longest > T:
            raise ValueError(f"T: expected at least {longest}, the longest sentence, got {T}")
        ids = np.zeros((len(self), T or longest), dtype=int)
        for row, words in zip(ids, self.words, strict=True):
            row[len(row) - len(words) :] = [_ID[word] for word in words]
        return ids

    def __str__(self):
        verbs = np.where(self.plural, "are", "is")
        return "\n".join(
            f"{' '.join(words)} {verb}" for words, verb in zip(self.words, verbs, strict=True)
        )


def sentences(n, rng, *, phrases=None, attractors=None, same=0.7, fronted=0.25, most=6):
    r"""Draw sentences up to their verb: (phrase,) subject phrase ... phrase.

    Args:
        n: how many.
        rng: a NumPy generator.
        phrases: how many prepositional phrases, each with one noun, stand between subject and
            verb. None draws the number: k with probability proportional to $2^{-k}$, at most
            `most`, as in the world, where long ones are rare.
        attractors: how many of their nouns have the number that the subject has not; they stand
            at random places among the others. None draws each noun's number: that of the subject
            with probability `same`.
        same: see there.
        fronted: share of sentences that begin with a phrase and a comma, so that the first noun
            is not the subject.
        most: see `phrases`.

    Returns:
        Sentences. Half of the subjects are plural, whatever else is asked for.

    Raises:
        ValueError: if a number is out of its range, or there are fewer phrases than attractors.

    Taught in: chapters/06_why_memory_fades

    Source: the task of Linzen et al. (2016), who took sentences from Wikipedia. These are drawn
        from a grammar of ours: no meaning, no relative clauses, no word that is rare.

    Example:
        >>> some = sentences(2, np.random.default_rng(3), phrases=2, attractors=1)
        >>> print(some)
        with the heavy table , the doors of the broken table with my gardens are
        my box behind my walls behind my old house is
        >>> some.plural, some.attractors
        (array([ True, False]), array([1, 1]))
    """
    _check(n, rng, phrases, attractors, same, fronted, most)
    plural = rng.permutation(np.arange(n) % 2 == 1)
    words, lures, distance = [], np.empty(n, dtype=int), np.empty(n, dtype=int)
    for i, number in enumerate(plural):
        others = _others(rng, phrases, attractors, same, most)
        lead = [*_phrase(rng, rng.random() < 0.5), COMMA] if rng.random() < fronted else []
        subject = _noun_phrase(rng, number)
        between = [word for other in others for word in _phrase(rng, number != other)]
        words.append([*lead, *subject, *between])
        lures[i], distance[i] = others.sum(), len(between) + 1
    return Sentences(words, plural, lures, distance)


def last_noun(words):
    """The number of the last noun, 1 for plural: what a reader goes by who forgets at once.

    Args:
        words: one sentence up to its verb.

    Raises:
        ValueError: if there is no noun.

    Example:
        >>> last_noun(["the", "keys", "to", "the", "cabinet"])
        0
    """
    return _numbers(words)[-1]


def majority(words):
    """The number of most nouns, 1 for plural, 0.5 if there are as many of each: order is unseen.

    Args:
        words: one sentence up to its verb.

    Raises:
        ValueError: if there is no noun.

    Example:
        >>> majority(["the", "keys", "to", "the", "cabinet"])
        0.5
    """
    share = float(np.mean(_numbers(words)))
    return 0.5 if share == 0.5 else float(share > 0.5)


def _numbers(words):
    numbers = [NUMBER[word] for word in words if word in NUMBER]
    if not numbers:
        raise ValueError(f"words: expected a sentence with a noun, got {list(words)!r}")
    return numbers


def _others(rng, phrases, attractors, same, most):
    """For every noun between subject and verb, whether it has the other number."""
    if phrases is None:
        least = attractors or 0
        share = 1 - 0.5 ** np.arange(1, most - least + 2)  # of k = least, least + 1, ... at most
        phrases = least + int(np.searchsorted(share, share[-1] * rng.random(), side="right"))
    if attractors is None:
        return rng.random(phrases) > same
    return rng.permutation(np.arange(phrases) < attractors)


def _phrase(rng, plural):
    return [_one(PREPOSITIONS, rng), *_noun_phrase(rng, plural)]


def _noun_phrase(rng, plural):
    adjective = [_one(ADJECTIVES, rng)] if rng.random() < 0.3 else []
    return [_one(ARTICLES, rng), *adjective, _one(PLURAL if plural else SINGULAR, rng)]


def _one(words, rng):
    return words[rng.integers(len(words))]  # much faster than rng.choice


def _check(n, rng, phrases, attractors, same, fronted, most):
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator, got {type(rng).__name__}")
    for name, value, least in (
        ("n", n, 1), ("phrases", phrases, 0), ("attractors", attractors, 0), ("most", most, 0)
    ):  # fmt: skip
        optional = name in ("phrases", "attractors")
        if optional and value is None:
            continue
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
            raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    room = most if phrases is None else phrases
    if attractors is not None and attractors > room:
        raise ValueError(f"attractors: expected at most {room}, one a phrase, got {attractors}")
    for name, value in {"same": same, "fronted": fronted}.items():
        if isinstance(value, bool) or np.ndim(value) or not 0 <= value <= 1:
            raise ValueError(f"{name}: expected a share between 0 and 1, got {value!r}")
