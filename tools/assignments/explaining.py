"""From what a test cell showed to a sentence for the student."""

import re

from rnncourse import grading

NAME = re.compile(r"name '(\w+)' is not defined")


def diagnosis(book, name):
    """Why a test cell gave no points: a sentence, "" if it shows no error.

    Args:
        book: the graded notebook.
        name: nbgrader's name of the test cell, such as "04-2-test".
    """
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in book.cells}
    error = _error(cells.get(name))
    if error is None:
        return ""
    if error.ename == "AssertionError":
        return error.evalue
    missing = NAME.search(error.evalue) if error.ename == "NameError" else None
    if missing:
        return f"there is no `{missing[1]}`: {_why_missing(cells.get(answer_of(name)))}"
    return f"the test was stopped: {_told(error)}"


def misconception(exercise, told):
    """The name of the known mistake that a diagnosis speaks of, "" if it is none."""
    known = getattr(grading.find(exercise), "misconceptions", ())
    return next((item.name for item in known if told.startswith(item.says)), "")


def answer_of(name):
    """The name of the answer cell to a test cell."""
    return f"{name.removesuffix('-test')}-answer"


def _why_missing(answer):
    """Why a name that the answer cell should define is not there."""
    if answer is None:
        return "the answer cell was deleted"
    error = _error(answer)
    if error is None:
        return "the answer cell does not define it; was it renamed?"
    return f"the answer cell was stopped: {_told(error)}"


def _error(cell):
    """The last error output of a cell, None if it has none."""
    outputs = [] if cell is None else cell.get("outputs", [])
    return next((o for o in reversed(outputs) if o.output_type == "error"), None)


def _told(error):
    """An error in one line."""
    if error.ename in ("DeadKernelError", "CellTimeoutError"):
        return error.evalue
    return f"{error.ename}: {' '.join(error.evalue.split())[:200]}"
