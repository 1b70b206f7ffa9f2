"""From the source of a chapter's exercises to the teacher's version of an assignment.

Nothing is written twice: statements, gaps, solutions and checks are those of `exercises/`. A gap
becomes an answer cell, the check below it the test cell with its points, and what the learner is
given stays as it is. An exercise without a check gets a cell that a person grades.
"""

import hashlib
import json
import re

from nbformat.v4 import new_markdown_cell, new_notebook

from notebooks import sources
from rnncourse import grading

POINTS_A_STAR = 2
HEADING = re.compile(r"## (\d\d\.\d) ")
TEST = """\
# {id} · {points} points
from rnncourse.grading import check

check({call})
### BEGIN HIDDEN TESTS
from rnncourse.grading import require

require({call_again})
### END HIDDEN TESTS"""
RULES = """\
**An assignment of {points} points.**
Write into the gaps and keep the names that stand there; cells of your own may be added anywhere.
Cells with points cannot be edited: they run again, on new inputs, when your work is graded.
Hand in this file under this name, {name}.ipynb.
Before you do, choose *Run → Restart Kernel and Run All Cells*: that is how it will be run."""
OPEN = """\
**{id} · {points} points, graded by a person.**
*Write here, in the place of this sentence, what your numbers support.
A prediction and an experiment above count only if something stands here.*"""


def derive(source):
    """The teacher's notebook: solutions in place, every cell that counts marked for nbgrader.

    Args:
        source: path of an exercise source, `exercises/NN_name.md`.
    """
    written, chapter = sources.read_source(source).cells, source.stem[:2]
    book = new_notebook(metadata={"kernelspec": _KERNELSPEC})
    exercise, given = None, {}
    for cell in written:
        found = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if found:
            book.cells += _ending(exercise)
            exercise = grading.find(found[1])
        section = exercise.id if exercise else chapter
        part = _part(cell, exercise)
        if part == "given":
            given[section] = given.get(section, 0) + 1
            part = f"given-{given[section]}"
        cell.id = _name(section, part) if part else f"cell-{len(book.cells):03d}"
        _mark(cell, exercise, part)
        book.cells.append(cell)
    book.cells += _ending(exercise)
    rules = RULES.format(points=worth(book), name=source.stem)
    book.cells.insert(1, new_markdown_cell(rules, id="rules"))
    book.metadata["rnncourse"] = {"made_from": content(book)}
    return book


def points(exercise):
    """What an exercise is worth."""
    return POINTS_A_STAR * exercise.stars


def worth(book):
    """What a whole assignment is worth, as its cells say."""
    return sum(cell.metadata.get("nbgrader", {}).get("points", 0) for cell in book.cells)


def content(book):
    """A hash of all that nbgrader could make something of: text, marks and order of the cells."""
    cells = [[cell.cell_type, cell.source, cell.metadata] for cell in book.cells]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:16]


def is_edited(book):
    """Whether somebody has changed an assignment since it was derived."""
    return book.metadata.get("rnncourse", {}).get("made_from") != content(book)


def _part(cell, exercise):
    """What a cell is in its exercise: "answer", "test", "given"; "" where nothing depends on it."""
    if cell.cell_type != "code" or "solution" in sources.tags(cell):
        return ""
    if "### BEGIN SOLUTION" in cell.source:
        return "answer"
    if exercise is None:
        return "given"
    if cell.source.startswith(f'check("{exercise.id}"'):
        return "test"
    return "" if cell.source.startswith("hint(") or exercise.kind == "open" else "given"


def _mark(cell, exercise, part):
    """Give a cell nbgrader's marks, and a test cell its text."""
    kept = [tag for tag in sources.tags(cell) if tag == "solution"]
    cell.metadata.clear()
    if kept:
        cell.metadata["tags"] = kept
    if part == "test":
        cell.source = _test(cell.source, exercise)
        cell.metadata["nbgrader"] = _marks(cell, grade=True, locked=True, points=points(exercise))
    elif part == "answer":
        cell.metadata["nbgrader"] = _marks(cell, solution=True)
    elif part:
        cell.metadata["nbgrader"] = _marks(cell, locked=True)


def _test(source, exercise):
    """A test cell, from the check of the exercise page: `check(call)`, perhaps on several lines."""
    call = source.removeprefix("check(").rstrip().removesuffix(")")
    again = call.replace("\n", "\n" + " " * (len("require") - len("check")))
    return TEST.format(id=exercise.id, points=points(exercise), call=call, call_again=again)


def _ending(exercise):
    """The cell that a person grades, where no check can."""
    if exercise is None or exercise.kind != "open":
        return []
    text = OPEN.format(id=exercise.id, points=points(exercise))
    cell = new_markdown_cell(text, id=_name(exercise.id, "answer"))
    cell.metadata["nbgrader"] = _marks(cell, grade=True, solution=True, points=points(exercise))
    return [cell]


def _name(section, part):
    """A name that stays, and that nbgrader accepts: "04-2-answer"."""
    return f"{section.replace('.', '-')}-{part}"


def _marks(cell, *, grade=False, solution=False, locked=False, points=None):
    """nbgrader's metadata of one cell; its name is the cell's id."""
    marks = {"schema_version": 3, "grade_id": cell.id, "cell_type": cell.cell_type, "task": False}
    worth = {} if points is None else {"points": points}
    return {**marks, "grade": grade, "solution": solution, "locked": locked, **worth}


_KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
