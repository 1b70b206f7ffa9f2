"""Text that is on every machine which can run the course."""

import functools
import platform
from dataclasses import dataclass

import numpy as np

from rnncourse import seeds
from rnncourse.data.card import Card


@dataclass(frozen=True)
class Corpus:
    """A text and its three parts, in the order in which it was written.

    Attributes:
        text: all of it; `train + validation + test` is the same string.
        train: about the first 80 %.
        validation: about the next 10 %: to choose a model by.
        test: about the last 10 %: to state one number at the very end.
        card: what it is, whose, under which licence, how large.
    """

    text: str
    train: str
    validation: str
    test: str
    card: Card

    def __repr__(self):
        sizes = (len(self.train), len(self.validation), len(self.test))
        return "Corpus({}: train {:,}, validation {:,}, test {:,})".format(self.card.name, *sizes)


RUN = 40  # characters: a copy of this length is no accident


@functools.cache
def topics(split=0, repeats=False):
    """The documentation topics that Python's own `help()` shows: English prose about Python.

    The values of `pydoc_data.topics.topics`, paragraph by paragraph, in the sorted order of
    their keys. The topics quote each other at length; a paragraph of at least 40 characters that
    has been there before is left out, whatever its indentation, and so are tables drawn with
    dashes. The text is a ring: each split begins at another place, and cuts 80 %, 10 % and 10 %
    at the ends of paragraphs. The text grows with every version of Python: numbers that are
    measured on it belong to one version, which the card names.

    Args:
        split: where the ring is cut. The test parts of 0 to 4 do not overlap, nor do those of 5
            to 9, and so on; their validation parts do not either.
        repeats: keep the paragraphs that occur again, and the tables.

    Returns:
        Corpus; about 346,000 characters in Python 3.11, and 465,000 with repeats.

    Raises:
        ValueError: if this Python was installed without its documentation topics, or `split` is
            not a whole number of at least 0.

    Taught in: chapters/03_predicting_symbols_by_counting

    Example:
        >>> corpus = topics()
        >>> corpus.text == corpus.train + corpus.validation + corpus.test
        True
        >>> topics(split=1).train == corpus.train
        False
    """
    if isinstance(split, bool) or not hasattr(split, "__index__") or split < 0:
        raise ValueError(f"split: expected a whole number of at least 0, got {split!r}")
    entries, paragraphs, dropped = _topics(repeats)
    whole = "".join(paragraphs)
    start = _paragraph_end(whole, _beginning(int(split)))
    text = whole[start:] + whole[:start]
    first, second = (_paragraph_end(text, share) for share in (0.8, 0.9))
    card = Card(
        name="Python's documentation topics",
        what="English prose with code examples: the texts that help() shows on a topic"
        + ("" if repeats else f"; no paragraph of {RUN} characters or more twice"),
        whose="the Python Software Foundation and the authors of Python's documentation",
        licence="PSF License Version 2",
        size=(
            f"{len(text):,} characters, {len(set(text))} distinct, in {entries} topics"
            f"{'' if repeats else f' ({dropped} repeated paragraphs and tables left out)'}; "
            f"Python {platform.python_version()}"
        ),
        real=True,
    )
    return Corpus(text, text[:first], text[first:second], text[second:], card)


def splits(n=5):
    """Numbers of the splits of `topics` that this run of the course uses: n that differ.

    `RNNCOURSE_SEED` shifts them, so that other runs of the course see other splits.

    Args:
        n: how many, at least 1.

    Returns:
        A list of n whole numbers, 0 to n - 1 without a shift.

    Raises:
        ValueError: if `n` is not a positive integer.

    Example:
        >>> [split - splits(5)[0] for split in splits(5)]
        [0, 1, 2, 3, 4]
    """
    return [n * seeds.shift() + split for split in seeds.several(n)]


def copied(new, old, run=RUN):
    """Which characters of a text belong to a run that also stands in an older text.

    Args:
        new: the text in question, a string or a list of symbols of length n.
        old: the text that it may have been copied from, of the same type.
        run: shortest length that counts as a copy, at least 1.

    Returns:
        bool (n,): True on characters of runs of at least `run` that `old` has, too.

    Raises:
        ValueError: if `run` is not a positive whole number.

    Taught in: chapters/03_predicting_symbols_by_counting

    Example:
        >>> copied("a new sun", "every day is new", run=4)
        array([False,  True,  True,  True,  True, False, False, False, False])
    """
    if not hasattr(run, "__index__") or run < 1:
        raise ValueError(f"run: expected a positive whole number, got {run!r}")
    known = {old[i : i + run] for i in range(len(old) - run + 1)}
    mask = np.zeros(len(new), dtype=bool)
    for i in range(len(new) - run + 1):
        if new[i : i + run] in known:
            mask[i : i + run] = True
    return mask


@functools.cache
def _topics(repeats):
    """Number of topics, their paragraphs each with the empty line below, how many were dropped."""
    try:
        from pydoc_data.topics import topics as entries
    except ImportError as error:  # some distributions ship Python without it
        raise ValueError(
            "topics: expected the module pydoc_data in this Python, got none; "
            "install the full standard library"
        ) from error
    kept, known, dropped = [], set(), 0
    for key in sorted(entries):
        for paragraph in filter(None, (p.strip("\n") for p in entries[key].split("\n\n"))):
            words = " ".join(paragraph.split())
            again = len(words) >= RUN and words in known
            if not repeats and (again or words.startswith(("+-", "|"))):
                dropped += 1
                continue
            known.add(words)
            kept.append(paragraph + "\n\n")
    return len(entries), kept, dropped


def _beginning(split):
    """Where a split begins, as a share of the ring: fifths, then halves of fifths, and so on."""
    turn, fifth = divmod(split, 5)
    half = int(f"{turn:b}"[::-1], 2) / 2 ** len(f"{turn:b}")  # 0, 1/2, 1/4, 3/4, 1/8, ...
    return (fifth + half) / 5


def _paragraph_end(text, share):
    """The first end of a paragraph (just after an empty line) at or after this share of a text."""
    return text.index("\n\n", int(share * len(text))) + 2 if share else 0
