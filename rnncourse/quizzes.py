"""The questions at the end of a chapter, read from its notebook.

A quiz is text: a section "Test yourself" in which each answer is a folded block that begins with
✓ or ✗ and ends with a link to what measured it. So it works wherever a notebook is shown, without
a kernel and without a network; the site, the slides and the placement test read the same text.
"""

import json
import re
from pathlib import Path
from typing import NamedTuple

HEADING = "Test yourself"
_QUESTION = re.compile(r"^\*\*(\d+)\. (.+)\*\*$", re.MULTILINE)
_OPTION = re.compile(r"^:::\{dropdown\} (.+)\n((?:.*\n)*?):::$", re.MULTILINE)
LINK = re.compile(r'\[([^\]]+)\]\(#([\w-]+) "((?:[^"\\]|\\.)+)"\)')
MARKS = {"✓": True, "✗": False}


class QuizError(ValueError):
    """A quiz that cannot be read; the message names notebook, question and what is wrong."""


class Option(NamedTuple):
    """One answer that can be chosen.

    Attributes:
        text: what it says, as Markdown.
        right: whether it is right.
        says: what is said to whoever chose it, as Markdown, without the mark and the link.
        heading: the section in which that was measured.
        anchor: the section's anchor.
        claim: the claim that shows it, word for word, or the name of a figure ("fig-04-gain").
    """

    text: str
    right: bool
    says: str
    heading: str
    anchor: str
    claim: str


class Question(NamedTuple):
    """A question, as Markdown, with its options in their order."""

    number: int
    text: str
    options: tuple

    @property
    def right(self):
        """The place of the right option, from 0."""
        return next(n for n, option in enumerate(self.options) if option.right)


def read(path):
    """The quiz of a chapter.

    Args:
        path: a notebook.

    Returns:
        list of `Question`; empty if the notebook has no section "Test yourself".

    Raises:
        QuizError: if the section is not in the form that the module's text describes.
    """
    quiz = "\n".join(text for text in _texts(path) if section(text))
    return parse(section(quiz), Path(path).name)


def title(path):
    """The title of a notebook."""
    return _texts(path)[0].partition("\n")[0].lstrip("# ").strip()


def _texts(path):
    """The Markdown cells of a notebook."""
    book = json.loads(Path(path).read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown"]


def section(text):
    """The part of a Markdown text that is the quiz, without its heading; "" if there is none."""
    _, _, rest = f"\n{text}".partition(f"\n## {HEADING}\n")
    return re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def parse(text, name="quiz"):
    """The questions in a piece of Markdown.

    Args:
        text: the section, without its heading.
        name: what an error message calls it.

    Example:
        >>> wrong = ':::{dropdown} Nothing\\n✗ It fades. [The idea](#the-idea "it fades")\\n:::\\n'
        >>> right = wrong.replace("✗", "✓").replace("Nothing", "A little")
        >>> (question,) = parse("**1. What is left?**\\n\\n" + wrong + right)
        >>> question.text, [option.text for option in question.options], question.right
        ('What is left?', ['Nothing', 'A little'], 1)
    """
    heads = list(_QUESTION.finditer(text))
    ends = [*(head.start() for head in heads), len(text)][1:]
    questions = []
    for place, (head, end) in enumerate(zip(heads, ends, strict=True), 1):
        where = f"{name}, question {head[1]}"
        if int(head[1]) != place:
            raise QuizError(f"{where}: expected number {place}")
        options = tuple(
            _option(*found.groups(), where) for found in _OPTION.finditer(text, head.end(), end)
        )
        right = sum(option.right for option in options)
        if right != 1:
            raise QuizError(f"{where}: expected one answer that begins with ✓, found {right}")
        questions.append(Question(place, head[2], options))
    return questions


def _option(text, body, where):
    """One folded block as an `Option`."""
    body, where = " ".join(body.split()), f"{where}, answer {text!r}"
    if body[:1] not in MARKS:
        raise QuizError(f"{where}: expected ✓ or ✗ at its beginning, found {body[:20]!r}")
    links = list(LINK.finditer(body))
    if len(links) != 1:
        raise QuizError(
            f'{where}: expected one link [section](#anchor "claim"), found {len(links)}'
        )
    heading, target, claim = links[0].groups()
    if target != anchor(heading):
        raise QuizError(f"{where}: the anchor of {heading!r} is #{anchor(heading)}, not #{target}")
    says = re.sub(r"\s*(See|see) $", "", body[1 : links[0].start()]).strip()
    return Option(text, MARKS[body[0]], says, heading, target, unquoted(claim))


def unquoted(title):
    """The title of a link without the backslashes before its quotation marks."""
    return re.sub(r"\\(.)", r"\1", title)


def anchor(heading):
    """The anchor that JupyterLab gives a heading.

    Example:
        >>> anchor("What a reader's window misses: 20 steps")
        'what-a-readers-window-misses-20-steps'
    """
    plain = re.sub("['‘’\"“”]", "", heading.lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
