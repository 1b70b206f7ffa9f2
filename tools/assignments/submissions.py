"""What was handed in: found, compared with what was graded before, and made readable.

Expected is `submitted/STUDENT/ASSIGNMENT/ASSIGNMENT.ipynb`, as nbgrader collects it.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat


class Unreadable(Exception):
    """There is no notebook to grade; the message says why."""


@dataclass(frozen=True)
class Submission:
    """One student's folder for one assignment."""

    student: str
    assignment: str
    folder: Path


def find(course, known):
    """All submissions for the known assignments, and a sentence on whatever lies elsewhere.

    Args:
        course: the course folder.
        known: names of assignments.
    """
    found, stray = [], []
    for student in _visible(course / "submitted"):
        if not student.is_dir():
            stray.append(f"{student.name}: a file beside the students' folders, not graded")
            continue
        for entry in _visible(student):
            if entry.is_dir() and entry.name in known:
                found.append(Submission(student.name, entry.name, entry))
            else:
                where = f"{student.name}/{entry.name}"
                stray.append(f"{where}: no folder of an assignment, not graded")
    return found, stray


def digest(folder, *others):
    """A hash of the files of a submission and of what else decides on its points (bytes)."""
    made = hashlib.sha256()
    for path in _files(folder):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        made.update(f"{path.relative_to(folder)}\n{content}\n".encode())
    for other in others:
        made.update(hashlib.sha256(other).digest())
    return made.hexdigest()[:32]


def copy(folder, target):
    """Copy the files of a submission; a link may lead to another's work, and is left out."""
    for path in _files(folder):
        place = target / path.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def choose(folder, name):
    """The notebook to grade, and a note if it does not bear the name that it should.

    Raises:
        Unreadable: there is none, or nobody can say which of several.
    """
    right = folder / f"{name}.ipynb"
    if right.is_file():
        return right, ""
    others = [path for path in _files(folder) if path.suffix == ".ipynb"]
    if len(others) == 1:
        found = others[0].relative_to(folder)
        return others[0], f"{found} was taken for {name}.ipynb, which is missing"
    names = ", ".join(str(path.relative_to(folder)) for path in _files(folder)) or "nothing"
    raise Unreadable(f"{name}.ipynb is missing; there is {names}")


def read(path):
    """A notebook that nbgrader can work with.

    Raises:
        Unreadable: the file is none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        json.loads(text)
    except UnicodeDecodeError:
        raise Unreadable(f"{path.name} is no text file (UTF-8) at all") from None
    except ValueError as error:
        raise Unreadable(f"{path.name} is no notebook: it is not JSON ({error})") from None
    try:
        book = nbformat.reads(text, as_version=4)
        _, book = nbformat.validator.normalize(book)
        nbformat.validate(book)
    except Exception as error:  # nbformat has no common one
        reason = " ".join(str(error).split())[:150]
        raise Unreadable(f"{path.name} is no notebook: {reason}") from None
    return book


def mark_as_released(book, released):
    """Give the cells of a submission the marks that they were released with, and no others.

    A cell is known by nbgrader's name for it or, if a program has dropped that, by its id; of
    several alike the last counts.
    """
    marks = {cell.id: cell.metadata["nbgrader"] for cell in released.cells if _marks(cell)}
    cells = {}
    for cell in book.cells:
        name = _marks(cell).get("grade_id")
        cells[name if name in marks else cell.get("id")] = cell
        cell.metadata.pop("nbgrader", None)
    for name in marks.keys() & cells.keys():
        cells[name].metadata["nbgrader"] = marks[name]


def _marks(cell):
    """nbgrader's metadata of a cell; {} if there is none that can be read."""
    marks = cell.metadata.get("nbgrader", {})
    return marks if isinstance(marks, dict) else {}


def _visible(folder):
    """What lies in a folder, without hidden entries, in order."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _files(folder):
    """The ordinary files below a folder, in order; no links, nothing hidden."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths = (Path(place, name) for name in files if not name.startswith("."))
        found += [path for path in paths if path.is_file() and not path.is_symlink()]
    return sorted(found)
