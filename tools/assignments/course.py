"""The folder that nbgrader works in: its settings, its gradebook, and the assignments in it."""

import logging
import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ComputeChecksums,
    DeduplicateIds,
    IgnorePattern,
    LimitOutput,
    LockCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)
from nbgrader.utils import setenv
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from assignments import building
from assignments.execution import RunToTheEnd
from assignments.mending import MendCells
from assignments.release import CourseGaps

RELEASING = [
    CourseGaps,
    LockCells,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
    SaveCells,
    ClearHiddenTests,
    ClearMarkScheme,
    ComputeChecksums,
    CheckCellMetadata,
]
READING = [ClearOutput, DeduplicateIds, OverwriteKernelspec, MendCells, CheckCellMetadata]
GRADING = [RunToTheEnd, IgnorePattern, LimitOutput, SaveAutoGrades, AssignLatePenalties]
SETTINGS = '''"""Settings of nbgrader for this course; made by `make assignments`."""

import sys

sys.path[:0] = [{tools!r}, {root!r}]

from assignments.course import settings  # noqa: E402

c = get_config()  # noqa: F821
c.merge(settings())
# your own settings may follow
'''


def settings():
    """What the course changes in nbgrader: its steps for releasing and for grading."""
    config = Config()
    config.GenerateAssignment.preprocessors = RELEASING
    config.Autograde.sanitize_preprocessors = READING
    config.Autograde.autograde_preprocessors = [*GRADING, CheckCellMetadata]
    config.MendCells.add_missing_cells = True
    config.RunToTheEnd.timeout = 60
    config.RunToTheEnd.iopub_timeout = 8  # from the interrupt of a cell to a new kernel
    config.RunToTheEnd.coalesce_streams = True
    return config


def gradebook_url(file):
    """The address of a gradebook; whoever finds it locked waits for a minute."""
    return f"sqlite:///{file}?timeout=60"


@contextmanager
def gradebook(file):
    """Open a gradebook, without the warnings that nbgrader gives to its own database library."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        with Gradebook(gradebook_url(file)) as book:
            yield book


def prepare(folder, root):
    """Make the course folder with its settings, which are never written again."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "submitted").mkdir(exist_ok=True)
    file = folder / "nbgrader_config.py"
    if not file.exists():
        file.write_text(SETTINGS.format(tools=str(root / "tools"), root=str(root)), "utf-8")


def put_source(folder, source):
    """Write the teacher's version of one assignment, unless the teacher has changed it.

    Returns:
        The notebook, and whether it is the course's: False if it holds changes of the teacher's.
    """
    target = folder / "source" / source.stem / f"{source.stem}.ipynb"
    if target.exists():
        book = nbformat.read(target, as_version=4)
        if building.is_edited(book):
            return book, False
    target.parent.mkdir(parents=True, exist_ok=True)
    book = building.derive(source)
    nbformat.write(book, target)
    return book, True


def release(folder, name):
    """Make the learner's version of one assignment and enter its cells into the gradebook.

    Returns:
        Whether anything had to be done.
    """
    source = folder / "source" / name / f"{name}.ipynb"
    target = folder / "release" / name / f"{name}.ipynb"
    now = building.content(nbformat.read(source, as_version=4))
    if target.exists() and (folder / "gradebook.db").exists():
        before = nbformat.read(target, as_version=4).metadata.get("rnncourse", {})
        if before.get("made_from") == now:
            return False
    config = settings()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.assignment_id = name
    config.CourseDirectory.db_url = gradebook_url(folder / "gradebook.db")
    app = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    app.force = True
    start(app)
    return True


def start(app):
    """Run one of nbgrader's converters in silence; an error says what its log says.

    Raises:
        CourseError: with the last line of what nbgrader logged about the reason.
    """
    told = _Told()
    log, level, passes = app.log, app.log.level, app.log.propagate
    log.addHandler(told)
    log.setLevel(logging.WARNING)
    log.propagate = False
    # a new gradebook asks the program `alembic`, which lies beside this interpreter
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        with setenv(PATH=path), warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)
            app.start()
    except NbGraderException as error:
        reasons = [line for line in told.lines if "Traceback" in line] or told.lines
        last = reasons[-1].strip().split("\n")[-1] if reasons else str(error)
        raise CourseError(last) from error
    finally:
        log.removeHandler(told)
        log.setLevel(level)
        log.propagate = passes


class CourseError(Exception):
    """nbgrader could not do what it was asked for; the message is for the teacher."""


class _Told(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())
