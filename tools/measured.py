"""Where a notebook measures what an answer of its quiz says, and what the site calls that place.

An answer links to a section, with a claim or a figure as the link's title: that is what JupyterLab
can follow. The site follows it to the very cell.
"""

import re

import ledger
from rnncourse import quizzes

HEADING = re.compile(r"^(##+) (.+?)\s*$", re.MULTILINE)


def place(book, name, link):
    """The place on the site of what a link of a quiz speaks of.

    Args:
        book: an executed notebook.
        name: of the chapter, "04_a_loop_with_a_memory".
        link: anything with `heading` and `claim`, as a `quizzes.Option` has them.

    Returns:
        The name of a figure, or what `ledger.label` calls the cell with the claim.

    Raises:
        QuizError: if there is no such heading, claim or figure, or the one is not below the other.
    """
    headings, cells = _headings(book), _cells(book)
    if not any(link.heading in above for above in headings):
        raise quizzes.QuizError(f"{name}, quiz: there is no section {link.heading!r}")
    if link.claim not in cells:
        raise quizzes.QuizError(f"{name}, quiz: no cell claims or shows {link.claim!r}")
    for cell in cells[link.claim]:
        if link.heading in headings[cell]:
            return link.claim if link.claim.startswith("fig-") else ledger.label(name, cell)
    raise quizzes.QuizError(f"{name}, quiz: {link.claim!r} is not below {link.heading!r}")


def lead(text, book, name):
    """The text of a quiz with its links led to the places that they speak of."""

    def led(found):
        heading, anchor, claim = found.groups()
        link = quizzes.Option("", False, "", heading, anchor, quizzes.unquoted(claim))
        return f'[{heading}](#{place(book, name, link)} "{claim}")'

    return quizzes.LINK.sub(led, text)


def _headings(book):
    """For each cell the headings that it stands below, the title left out."""
    above, found = [], []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            for level, heading in HEADING.findall(cell.source):
                above = [*above[: len(level) - 2], heading]
        found.append(above)
    return found


def _cells(book):
    """{claim or name of a figure: the cells that make it}."""
    found = {}
    for claim in ledger.claims_of(book):
        found.setdefault(claim["claim"], []).append(claim["cell"])
    for number, cell in enumerate(book.cells):
        figure = cell.metadata.get("mystnb", {}).get("figure")
        if figure:
            found.setdefault(figure["name"], []).append(number)
    return found
