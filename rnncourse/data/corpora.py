"""Text that is on every machine which can run the course."""

import functools
import platform
from dataclasses import dataclass

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


@functools.cache
def topics():
    """The documentation topics that Python's own `help()` shows: English prose about Python.

    The values of `pydoc_data.topics.topics`, joined by an empty line in the sorted order of
    their keys, and cut at the ends of paragraphs. The text grows with every version of Python:
    numbers that are measured on it belong to one version, which the card names.

    Returns:
        Corpus; about 465,000 characters in Python 3.11.

    Raises:
        ValueError: if this Python was installed without its documentation topics.

    Example:
        >>> corpus = topics()
        >>> corpus.text == corpus.train + corpus.validation + corpus.test
        True
    """
    try:
        from pydoc_data.topics import topics as entries
    except ImportError as error:  # some distributions ship Python without it
        raise ValueError(
            "topics: expected the module pydoc_data in this Python, got none; "
            "install the full standard library"
        ) from error
    text = "\n\n".join(entries[key] for key in sorted(entries))
    first, second = (_paragraph_end(text, int(share * len(text))) for share in (0.8, 0.9))
    card = Card(
        name="Python's documentation topics",
        what="English prose with code examples: the texts that help() shows on a topic",
        whose="the Python Software Foundation and the authors of Python's documentation",
        licence="PSF License Version 2",
        size=(
            f"{len(text):,} characters, {len(set(text))} distinct, in {len(entries)} topics "
            f"(Python {platform.python_version()})"
        ),
        real=True,
    )
    return Corpus(text, text[:first], text[first:second], text[second:], card)


def _paragraph_end(text, position):
    """The first end of a paragraph (just after an empty line) at or after `position`."""
    return text.index("\n\n", position) + 2
