"""A chapter as something that can be quoted: its paragraphs, equations, code, figures and claims.

Everything comes from the executed notebook, so that whoever quotes it can say nothing else.
"""

import base64
import re
import textwrap
from functools import cached_property
from typing import NamedTuple

import nbformat

import ledger
from rnncourse import quizzes

CITED = r"\{(?:numref|eq)\}`[^`]*`"
DROPPED = re.compile(rf"\s*\{{cite:[pt]\}}`[^`]*`|\s*\((?:see )?{CITED}(?:(?:,| and) {CITED})*\)")
NAMED = {"numref": "the figure", "eq": "the equation"}  # where the number is on another page
REFERENCE = re.compile(r"\{(numref|eq)\}`[^`]*`")
TERM = re.compile(r"\{term\}`([^`<]*?)(?: *<[^`]*)?`")
FENCES = re.compile(r"^(:{3,}|`{3,}).*$|^:\w+:.*$|^\([\w-]+\)=$", re.MULTILINE)
EQUATION = re.compile(r"^\$\$\n?(.*?)\n?\$\$ *(?:\(([\w-]+)\))?$", re.MULTILINE | re.DOTALL)
CLOSING = ".,;:"
EDGE = r"(?:(?<!\w)|(?!\w))"  # not within a word


class NotThere(ValueError):
    """Something that the chapter does not hold; the message says what, and what is near."""


class Paragraph(NamedTuple):
    """A paragraph or list item as Markdown, and the section that it stands in."""

    section: str
    text: str


class Figure(NamedTuple):
    """A picture of the chapter: its name, PNG, caption and the text for those who do not see it."""

    name: str
    png: bytes
    caption: str
    alt: str


class Chapter:
    """One executed notebook, to quote from.

    Args:
        path: the notebook.
    """

    def __init__(self, path):
        self.name, self.number = path.stem, path.stem.partition("_")[0]
        self.book = nbformat.read(path, as_version=4)
        self.texts = [c.source for c in self.book.cells if c.cell_type == "markdown"]
        self.title = self.texts[0].partition("\n")[0].lstrip("# ").strip()

    @cached_property
    def paragraphs(self):
        """All paragraphs and list items but the quiz, in order, without citations and tables."""
        found, section = [], self.title
        for text in self.texts:
            plain = FENCES.sub("\n", EQUATION.sub("\n", text))
            for block in re.split(r"\n\s*\n|\n(?=(?:[-*]|\d+\.) |#)", plain):
                if heading := re.match(r"#+ (.+)", block):
                    section, block = heading[1].strip(), block[heading.end() :]
                block = tidy(re.sub(r"^\s*(?:[-*]|\d+\.) ", "", block))
                if block and section != quizzes.HEADING and not block.startswith("|"):
                    found.append(Paragraph(section, block))
        return found

    @cached_property
    def headings(self):
        """All headings below the title, in order."""
        return re.findall(r"^##+ (.+?)\s*$", "\n".join(self.texts), re.MULTILINE)

    @cached_property
    def claims(self):
        """{claim: its measured numbers}."""
        return {found["claim"]: found["numbers"] for found in ledger.claims_of(self.book)}

    @cached_property
    def figures(self):
        """{name: Figure} of all pictures that have a name."""
        found = {}
        for cell in self.book.cells:
            options = cell.metadata.get("mystnb", {})
            pngs = [o.data["image/png"] for o in cell.get("outputs", ()) if _is_picture(o)]
            if pngs and "figure" in options:
                name, caption = options["figure"]["name"], tidy(options["figure"]["caption"])
                png = base64.b64decode(pngs[0])
                found[name] = Figure(name, png, caption, options["image"]["alt"])
        return found

    @cached_property
    def places(self):
        """{claim or name of a figure: the section of the cell that it comes from}."""
        found, section = {}, self.title
        for number, cell in enumerate(self.book.cells):
            if cell.cell_type == "markdown":
                section = ([section, *re.findall(r"^##+ (.+?)\s*$", cell.source, re.MULTILINE)])[-1]
            elif "figure" in cell.metadata.get("mystnb", {}):
                found[cell.metadata["mystnb"]["figure"]["name"]] = section
            claims = [one["claim"] for one in ledger.claims_of(self.book) if one["cell"] == number]
            found |= dict.fromkeys(claims, section)
        return found

    def section(self, heading):
        """A heading, if the chapter has it."""
        return _one_of(heading, self.headings, "heading")

    def claim(self, text):
        """A claim word for word, if a cell of the chapter makes it."""
        return _one_of(text, self.claims, "claim")

    def figure(self, name):
        """The figure of that name."""
        return self.figures[_one_of(name, self.figures, "figure")]

    @cached_property
    def captions(self):
        """The captions of all figures, as paragraphs of their sections."""
        return [Paragraph(self.places[one.name], one.caption) for one in self.figures.values()]

    def within(self, heading):
        """The paragraphs of a section."""
        return [one.text for one in self.paragraphs if one.section == heading]

    def quote(self, words):
        """The paragraph or caption that holds a quotation; ` … ` joins two pieces of one.

        Raises:
            NotThere: if none does, with the one that begins alike.
        """
        pieces = [tidy(piece) for piece in words.split(" … ")]
        for paragraph in [*self.paragraphs, *self.captions]:
            if _holds(paragraph.text, pieces):
                return paragraph
        start = " ".join(pieces[0].split()[:3]).lower()
        near = [p.text for p in self.paragraphs if start in p.text.lower()]
        hint = f"; the chapter has: {near[0][:300]!r}" if near else ""
        raise NotThere(f"not a quotation of the chapter: {words!r}{hint}")

    def equation(self, name):
        """The TeX of an equation, by its label or the beginning of its TeX."""
        known = EQUATION.findall("\n".join(self.texts))
        for tex, label in known:
            if name == label or tidy(tex).startswith(tidy(name)):
                return tex
        labels = ", ".join(label or tidy(tex)[:30] for tex, label in known)
        raise NotThere(f"no equation {name!r}; there is {labels or 'none'}")

    def code(self, first, last=None):
        """Lines of a code cell, from the one that begins with `first` to the one with `last`."""
        sources = [cell.source for cell in self.book.cells if cell.cell_type == "code"]
        return _lines(sources, first, last, "line of code")

    def output(self, first, last=None):
        """Lines that a cell printed, from the one that begins with `first` to the one with `last`.

        Unlike code, which ends where its block ends, these go on to the end of the print.
        """
        cells = [cell.get("outputs", ()) for cell in self.book.cells]
        prints = [
            "".join(o.text for o in outputs if o.get("name") == "stdout") for outputs in cells
        ]
        return _lines(prints, first, last, "printed line", block=lambda lines: lines)


def tidy(text):
    """Text on one line, without citations; figures and equations without their numbers.

    Example:
        >>> tidy("It fades\\n({numref}`fig-x`), as Elman {cite:p}`elman` and {numref}`fig-x` say.")
        'It fades, as Elman and the figure say.'
    """
    text = TERM.sub(r"\1", DROPPED.sub("", text))
    return " ".join(REFERENCE.sub(lambda one: NAMED[one[1]], text).split())


def _holds(paragraph, pieces):
    """Whether the pieces, all whole words, occur in this order.

    The first letter of a piece may be raised, the last dot gone.
    """
    at = 0
    for piece in pieces:
        piece = piece.rstrip(CLOSING) or piece
        either = "|".join(map(re.escape, (piece, piece[:1].lower() + piece[1:])))
        found = re.compile(rf"{EDGE}(?:{either}){EDGE}").search(paragraph, at)
        if not found:
            return False
        at = found.end()
    return True


def _lines(texts, first, last, kind, block=None):
    """Lines of the first text with one that begins with `first`, to the one with `last`."""
    if wrong := [one for one in (first, last) if not isinstance(one, str | None)]:
        raise NotThere(f"expected the first letters of a line, got {wrong[0]!r}: quote it in YAML")
    for text in texts:
        lines = text.split("\n")
        starts = [n for n, line in enumerate(lines) if line.lstrip().startswith(first)]
        if not starts:
            continue
        lines = (block or _block)(lines[starts[0] :])
        ends = [n for n, line in enumerate(lines) if last and line.lstrip().startswith(last)]
        if last and not ends:
            raise NotThere(f"no line of that cell after {first!r} begins with {last!r}")
        return textwrap.dedent("\n".join(lines[: ends[0] + 1] if ends else lines)).rstrip()
    raise NotThere(f"no {kind} begins with {first!r}")


def _block(lines):
    """Lines up to the first that stands further to the left than the first of them."""
    edge = len(lines[0]) - len(lines[0].lstrip())
    out = [n for n, line in enumerate(lines) if line.strip() and not line.startswith(" " * edge)]
    return lines[: out[0]] if out else lines


def _is_picture(output):
    return "image/png" in output.get("data", {})


def _one_of(name, known, kind):
    if name in known:
        return name
    start = str(name)[:12].lower()
    near = [one for one in known if one.lower().startswith(start)] or list(known)
    raise NotThere(f"no {kind} {name!r}; there is {'; '.join(near)}")
