"""How the course and its chapters are cited: from CITATION.cff, as a sentence and as BibTeX."""

import datetime
import re
from dataclasses import dataclass, replace

import yaml

BIBTEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


@dataclass(frozen=True)
class Work:
    """The course, or one chapter of it."""

    title: str
    authors: tuple  # names as they are read
    version: str
    released: datetime.date
    abstract: str = ""
    keywords: tuple = ()
    url: str = ""
    chapter: str = ""  # the title of a chapter
    number: str = ""
    key: str = "rnncourse"

    @property
    def date(self):
        """The day of the last release as `22 November 2026`."""
        return f"{self.released.day} {self.released:%B %Y}"

    def of_chapter(self, title, number, url=""):
        """The same work, of which one chapter is cited."""
        key = f"{self.key}{int(number):02d}"
        return replace(self, chapter=title, number=number, key=key, url=url)

    def sentence(self):
        """One plain sentence for a list of references."""
        chapter = f"{_closed(self.chapter)} " if self.chapter else ""
        within = "In " if self.chapter else ""
        place = f" {self.url}" if self.url else ""
        authors = _closed(" and ".join(self.authors))
        version = f"version {self.version}, {self.released.year}."
        return f"{authors} {chapter}{within}{self.title}, {version}{place}"

    def bibtex(self):
        """An entry for BibTeX; what it would take for markup is escaped."""
        fields = {
            "author": " and ".join(f"{{{one.translate(BIBTEX)}}}" for one in self.authors),
            "title": f"{{{(self.chapter or self.title).translate(BIBTEX)}}}",
            "booktitle": f"{{{self.title.translate(BIBTEX)}}}" if self.chapter else "",
            "chapter": self.number,
            "year": str(self.released.year),
            "note": f"Version {self.version}",
            "url": self.url,
        }
        kind = "incollection" if self.chapter else "book"
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@{kind}{{{self.key},", *lines, "}"])


def load(root, version):
    """What CITATION.cff says of the course.

    Args:
        root: the folder in which it lies.
        version: of the course, as the package has it.
    """
    said = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return Work(
        title=said["title"],
        authors=tuple(_name(one) for one in said["authors"]),
        version=version,
        released=said["date-released"],
        abstract=" ".join(said.get("abstract", "").split()),
        keywords=tuple(said.get("keywords", ())),
    )


def _name(author):
    """A person or, with `name`, a group."""
    return author.get("name") or f"{author['given-names']} {author['family-names']}"


def _closed(text):
    """With a full stop, unless a mark ends it already."""
    return text if re.search(r"[.!?…]$", text) else f"{text}."
