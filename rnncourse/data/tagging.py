"""Sentences whose letters are to be tagged by a mark that comes later: a question, or not?

Spanish opens a question with ¿, so that the reader knows from the first word on. Here, as in
English, the mark stands at the end, and what comes before it says nothing about it.
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card

CARD = Card(
    name="Questions and statements",
    what=(
        "texts of sentences, each of some letters without meaning and a mark, a full stop or a "
        "question mark, by a fair coin; every letter is to be tagged by the mark that ends its "
        "sentence, or by whether that mark is the one that ended the sentence before"
    ),
    whose="simulated by this course",
    licence="MIT, as the code",
    size="as many texts as asked for; who cannot see the mark is right half of the time",
    real=False,
)

VOCABULARY = "abcd.?"
NO_TAG = -100  # of the marks, which are not tagged; the class that PyTorch's loss leaves out


@dataclass(frozen=True, eq=False)
class Tagged:
    """Texts and the tags of their letters.

    Attributes:
        ids: symbol numbers (n, T), places in `VOCABULARY`; a text begins and ends with a mark.
        kind: 1 on every letter of a question, 0 of a statement, -100 on the marks (n, T).
        same: 1 on every letter whose sentence ends as the sentence before did, else 0; -100 on
            the marks (n, T).
    """

    ids: np.ndarray
    kind: np.ndarray
    same: np.ndarray

    def __len__(self):
        """n."""
        return len(self.ids)

    @property
    def x(self):
        """The texts as one-hot vectors, float32 (n, T, 6)."""
        return np.eye(len(VOCABULARY), dtype=np.float32)[self.ids]

    @property
    def texts(self):
        """The texts as strings."""
        return ["".join(VOCABULARY[k] for k in row) for row in self.ids]


def sentences(n, T, longest, rng):
    r"""Texts of T symbols: a mark, then sentences of 1 to `longest` letters and a mark each.

    The marks are tosses of a coin, drawn without a look at the letters: nothing to the left of a
    mark tells which it will be.

    Args:
        n: number of texts.
        T: symbols of each, at least 3.
        longest: most letters of a sentence, at least 2; the lengths are uniform, but for the last
            ones, which are cut for the text to end.
        rng: a NumPy generator.

    Returns:
        Tagged.

    Raises:
        ValueError: if `n` is below 1, `longest` below 2, or `T` below 3.

    Taught in: chapters/11_deeper_and_both_ways

    Example:
        >>> data = sentences(2, T=12, longest=4, rng=np.random.default_rng(5))
        >>> data.texts[0]
        '.da.bccb.ab?'
        >>> data.kind[0]
        array([-100,    0,    0, -100,    0,    0,    0,    0, -100,    1,    1,
               -100])
        >>> data.same[0, [1, 4, 9]]  # one letter of each sentence
        array([1, 1, 0])
    """
    for name, value, least in (("n", n, 1), ("T", T, 3), ("longest", longest, 2)):
        if not hasattr(value, "__index__") or value < least:
            raise ValueError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    ids = rng.integers(0, 4, (n, T))
    kind, same = np.full((n, T), NO_TAG), np.full((n, T), NO_TAG)
    for row in range(n):
        mark, end = rng.integers(2), 0
        ids[row, 0] = 4 + mark
        while end < T - 1:
            start = end + 1
            end = min(start + rng.integers(1, longest + 1), T - 1)
            if end == T - 2:  # one place left holds no sentence: it goes to this one
                end = T - 1 if end - start < longest else T - 3
            before, mark = mark, rng.integers(2)
            ids[row, end] = 4 + mark
            kind[row, start:end], same[row, start:end] = mark, mark == before
    return Tagged(ids, kind, same)
