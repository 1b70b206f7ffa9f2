"""Grade one submission, in a folder and with a home of its own."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import matplotlib
import nbformat
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory

from assignments import course, explaining, submissions
from notebooks.running import KERNEL_ENV

ROOT = Path(__file__).resolve().parents[2]  # a submission is judged by the package beside it
KEPT_ENV = ("PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT")
ONE = "one"  # the student's name while only one is there


def mark(job):
    """Grade one submission.

    Nothing but a temporary folder is written to: a run that is stopped leaves no trace.

    Args:
        job: dict with `student`, `assignment`; `submission`, its folder; `source`, the teacher's
            notebook; `gradebook`, one without students; `keep`, a folder that does not exist yet,
            for the graded notebook; `cell_seconds` and `check_seconds`.

    Returns:
        The record: what the submission was, the points of each graded cell, and why.
    """
    start = time.monotonic()
    source = Path(job["source"])
    record = {"student": job["student"], "assignment": job["assignment"], "notes": []}
    with tempfile.TemporaryDirectory(prefix="grading-") as place:
        desk = Path(place, "desk")
        desk.mkdir()
        submissions.copy(Path(job["submission"]), desk)
        record["digest"] = submissions.digest(desk, source.read_bytes())
        released = nbformat.read(source, as_version=4)
        try:
            path, note = submissions.choose(desk, job["assignment"])
            record["notes"] += [note] if note else []
            book = submissions.read(path)
        except submissions.Unreadable as error:
            record["notes"].append(str(error))
            record["rows"] = _nothing(released, str(error))
        else:
            submissions.mark_as_released(book, released)
            record["rows"] = _graded(book, Path(place), job)
    record["seconds"] = round(time.monotonic() - start, 1)
    return record


def _graded(book, place, job):
    """The rows of a notebook that nbgrader runs and grades; the result goes where it is kept."""
    name = job["assignment"]
    root, gradebook, home = place / "course", place / "gradebook.db", place / "home"
    (root / "submitted" / ONE / name).mkdir(parents=True)
    nbformat.write(book, root / "submitted" / ONE / name / f"{name}.ipynb")
    for path in (place / "desk").rglob("*.ipynb"):
        path.unlink()
    shutil.copyfile(job["gradebook"], gradebook)
    config = course.settings()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.db_url = course.gradebook_url(gradebook)
    config.CourseDirectory.assignment_id, config.CourseDirectory.student_id = name, ONE
    config.RunToTheEnd.timeout = job["cell_seconds"]
    config.RunToTheEnd.folder = str(place / "desk")
    config.RunToTheEnd.env = _environment(home, job["check_seconds"])
    course.start(Autograde(coursedir=CourseDirectory(config=config), config=config))
    result = root / "autograded" / ONE / name
    rows = _rows(gradebook, nbformat.read(result / f"{name}.ipynb", as_version=4), name)
    shutil.copytree(result, job["keep"])
    return rows


def _environment(home, check_seconds):
    """What a submission knows of this machine: how to run, and a home that is empty."""
    (home / "tmp").mkdir(parents=True)
    _copy_font_list(home / "matplotlib")
    kept = {key: os.environ[key] for key in KEPT_ENV if key in os.environ}
    places = {"HOME": home, "TMPDIR": home / "tmp", "MPLCONFIGDIR": home / "matplotlib"}
    return {
        **kept,
        **KERNEL_ENV,
        **{key: str(path) for key, path in places.items()},
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "RNNCOURSE_CHECK_SECONDS": str(check_seconds),
        "NBGRADER_EXECUTION": "autograde",
    }


def _copy_font_list(folder):
    """Spare every kernel the search for fonts, which takes seconds."""
    folder.mkdir()
    for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        shutil.copyfile(path, folder / path.name)


def _rows(gradebook, book, name):
    """What nbgrader found: a row for each cell with points."""
    with course.gradebook(gradebook) as found:
        grades = found.find_submission_notebook(name, name, ONE).grades
        rows = [
            {
                "cell": grade.name,
                "points": grade.auto_score,
                "max": grade.max_score,
                "diagnosis": explaining.diagnosis(book, grade.name),
            }
            for grade in grades
        ]
    for row in rows:
        if row["points"] == 0 and not row["diagnosis"]:
            row["diagnosis"] = "no response"
    return sorted(rows, key=lambda row: row["cell"])


def _nothing(released, why):
    """The rows of a submission without a notebook."""
    marks = [cell.metadata.get("nbgrader", {}) for cell in released.cells]
    return [
        {"cell": m["grade_id"], "points": 0.0, "max": float(m["points"]), "diagnosis": why}
        for m in marks
        if m.get("grade")
    ]
