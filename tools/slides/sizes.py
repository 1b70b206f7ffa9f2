"""The largest type and the largest figure that fit on a sheet, estimated without a browser.

Which font a lecture room has is not known, so the widest of the usual ones is reckoned with; the
browser tests find whatever does not fit all the same.
"""

import math
import re
from typing import NamedTuple

from slides import maths

WIDTH, HEIGHT = 1136, 608  # pixels of the sheet inside its margins
LETTER, BOLD, LINE = 0.58, 0.65, 1.4  # width of a letter and height of a line, in type sizes
GAP = 0.55  # between paragraphs, in type sizes
TYPE = range(50, 21, -2)  # from here down to here
TITLE = range(46, 27, -2)
BETWEEN = 24  # pixels between parts of a slide


def letters(text):
    """How many letters a line of Markdown shows.

    Example:
        >>> letters("a **bit** of $h_t$, see [chapter 6](06_why.ipynb)")
        26
    """
    plain = re.sub(r"\]\([^)]*\)", "", text)
    plain = re.sub(r"\$([^$]+)\$", lambda found: "x" * maths.length(found[1]), plain)
    return len(re.sub(r"[*`\[\]]", "", plain))


def lines(text, size, width=WIDTH, letter=LETTER):
    """How many lines a text takes in type of that size."""
    return max(1, math.ceil(letters(text) * letter * size / width))


def height(texts, size, width=WIDTH):
    """How many pixels high paragraphs are, gaps included."""
    return sum((lines(text, size, width) * LINE + GAP) * size for text in texts)


def largest(texts, room, width=WIDTH, most=44):
    """The largest type in which paragraphs fit into a room that high; the smallest if none does."""
    fitting = (size for size in TYPE if size <= most and height(texts, size, width) <= room)
    return next(fitting, TYPE[-1])


def title(text, most=TITLE[0], count=2):
    """The type of a slide's title, of `count` lines at most, and the pixels left below it."""
    fitting = (n for n in TITLE if n <= most and lines(text, n, letter=BOLD) <= count)
    size = next(fitting, TITLE[-1])
    return size, HEIGHT - lines(text, size, letter=BOLD) * round(1.2 * size) - BETWEEN


def equation(tex, room, most):
    """The type of an equation that fits across the sheet and into a room that high."""
    across, down = WIDTH / maths.length(tex) / 0.55, (room - 2 * BETWEEN) / maths.height(tex)
    return int(min(most, across, down))


class Plate(NamedTuple):
    """A figure on its slide: its pixels, and where its text stands."""

    width: int
    height: int
    beside: bool  # text at the right of the figure instead of below
    type: int


COLUMN = 340  # pixels of text beside a figure


def plate(png, texts, room):
    """The layout in which a figure is largest, and its texts in the largest type for that.

    Args:
        png: the picture.
        texts: what stands with it, as Markdown; may be empty.
        room: pixels in height.
    """
    choices = []
    for size in (30, 28, 26, 24):
        below = room - (height(texts, size, WIDTH - 40) + BETWEEN if texts else 0)
        choices.append(Plate(*_scaled(png, WIDTH, below), False, size))
        if texts and height(texts, size, COLUMN - 40) <= room:
            choices.append(Plate(*_scaled(png, WIDTH - COLUMN - 36, room), True, size))
    best = max(choice.width for choice in choices)
    return next(choice for choice in choices if choice.width >= 0.97 * best)


def _scaled(png, width, height):
    """The pixels of a picture that fills a room as far as its shape allows."""
    across, down = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    scale = max(0, min(width / across, height / down))
    return int(across * scale), int(down * scale)
