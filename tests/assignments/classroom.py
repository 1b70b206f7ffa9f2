"""A class of our own: an assignment that is cheap to run, and students whose points are known."""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

import assign
from rnncourse import grading

ROOT = Path(__file__).resolve().parents[2]
NAME = "04_a_loop_with_a_memory"
EXERCISES = ("04.1", "04.2", "04.3", "04.5")  # all that NumPy is enough for
WORTH = {"04.1": 2, "04.2": 4, "04.3": 4, "04.5": 4}
GIVES = {"04.1": "h_by_hand", "04.2": "forward", "04.3": "(W_xh, W_hh, b_h)", "04.5": "repaired"}


@dataclass
class Student:
    """One submission, and what it is worth.

    Attributes:
        name: of the student.
        points: {exercise: points}.
        says: {exercise: what its diagnosis begins with}.
        by_hand: whether the open exercise waits for a person.
        notes: what a note in the record contains.
    """

    name: str
    points: dict
    says: dict = field(default_factory=dict)
    by_hand: bool = False
    notes: str = ""


def prepare(folder):
    """A course folder with one assignment: exercises 04.1, 04.2, 04.3, 04.5 and the open 04.6."""
    text = (ROOT / "exercises" / f"{NAME}.md").read_text("utf-8")
    head, *sections = re.split(r"(?=^## \d\d\.\d )", text, flags=re.MULTILINE)
    kept = [section for section in sections if not section.startswith("## 04.4")]
    exercises = folder / "root" / "exercises"
    exercises.mkdir(parents=True)
    (exercises / f"{NAME}.md").write_text(head + "".join(kept), "utf-8")
    course = folder / "course"
    list(assign.make(course, folder / "root"))
    return course


class Class:
    """Fills the course folder with submissions."""

    def __init__(self, course):
        self.course, self.students = course, []
        self.solved = nbformat.read(course / "source" / NAME / f"{NAME}.ipynb", as_version=4)
        self.solutions = {
            name.replace("-", ".", 1).removesuffix("-answer"): cell.source
            for cell in self.solved.cells
            if (name := cell.id).endswith("-answer")
        }

    def released(self):
        """The notebook that everybody got, as a new copy."""
        return nbformat.read(self.course / "release" / NAME / f"{NAME}.ipynb", as_version=4)

    def with_answers(self, answers):
        """The notebook with other answers than the right ones in some exercises."""
        book = self.released()
        for exercise, source in ({e: self.solutions[e] for e in EXERCISES} | answers).items():
            cell_of(book, exercise, "answer").source = source
        return book

    def hand_in(self, name, book, *, file=f"{NAME}.ipynb", wrong=(), says=None, **known):
        """Put a submission in place; `wrong` names the exercises that get no points.

        `book` is a notebook, or the text of the file.
        """
        folder = self.course / "submitted" / name / NAME
        folder.mkdir(parents=True)
        text = book if isinstance(book, str) else nbformat.writes(book)
        (folder / file).write_text(text, "utf-8")
        points = {e: 0 if e in wrong else WORTH[e] for e in EXERCISES}
        student = Student(name, points, says or {}, **known)
        self.students.append(student)
        return student

    def answer(self, name, exercise, source, **known):
        """A student who has all right but one exercise."""
        return self.hand_in(name, self.with_answers({exercise: source}), wrong=[exercise], **known)


def cell_of(book, exercise, part):
    """The cell of an exercise that is its "answer" or "test"."""
    name = f"{exercise.replace('.', '-')}-{part}"
    return next(cell for cell in book.cells if cell.id == name)


def without(book, *names):
    """A notebook without the cells of these ids."""
    book.cells = [cell for cell in book.cells if cell.id not in names]
    return book


def misconceptions(number):
    """Answers with the number-th known misconception of each exercise that has so many."""
    answers, says = {}, {}
    for exercise in EXERCISES:
        known = grading.find(exercise).misconceptions
        if number < len(known):
            answers[exercise] = (
                "from rnncourse import grading\n"
                f'{GIVES[exercise]} = grading.find("{exercise}").misconceptions[{number}].attempt'
            )
            says[exercise] = known[number].says
    return answers, says


def fill(course):
    """Sixty submissions: right, wrong in every known way, empty, broken, endless, deadly."""
    room = Class(course)
    for number in range(24):
        answers, says = misconceptions(number)
        room.hand_in(f"known-{number:02d}", room.with_answers(answers), wrong=answers, says=says)
    _right_ones(room)
    _files_that_are_none(room)
    _cells_that_are_changed(room)
    _answers_that_fail(room)
    _answers_that_do_harm(room)
    return room.students


def _right_ones(room):
    for name in ("right", "Zoë O'Brien [2]"):
        room.hand_in(name, room.with_answers({}))
    room.hand_in("solution", room.solved)
    says = dict.fromkeys(EXERCISES, "not attempted yet")
    room.hand_in("stub", room.released(), wrong=EXERCISES, says=says)
    book = room.with_answers({})
    cell_of(book, "04.6", "answer").source = "With gain 0.5 after 20 steps."
    room.hand_in("wrote-on-04.6", book, by_hand=True)


def _files_that_are_none(room):
    def broken(name, text, why, **known):
        says = dict.fromkeys(EXERCISES, why)
        room.hand_in(name, text, wrong=EXERCISES, says=says, notes=why, **known)

    right = nbformat.writes(room.with_answers({}))
    broken("not-json", right[: len(right) // 2], f"{NAME}.ipynb is no notebook: it is not JSON")
    broken("empty-file", "", f"{NAME}.ipynb is no notebook: it is not JSON")
    broken("other-json", '{"cells": 3}', f"{NAME}.ipynb is no notebook")
    broken("no-notebook", "see attachment", f"{NAME}.ipynb is missing", file="mail.txt")
    room.hand_in("wrong-name", right, file="homework (1).ipynb", notes="homework (1).ipynb was")
    two = room.course / "submitted" / "two-files" / NAME
    broken("two-files", right, f"{NAME}.ipynb is missing", file="a.ipynb")
    shutil.copyfile(two / "a.ipynb", two / "b.ipynb")


def _cells_that_are_changed(room):
    book = without(room.with_answers({}), "04-2-answer")
    room.hand_in(
        "deleted-answer",
        book,
        wrong=["04.2"],
        says={"04.2": "there is no `forward`: the answer cell was deleted"},
    )
    book = room.with_answers({"04.2": "forward = None", "04.5": "repaired = 3"})
    room.hand_in(
        "deleted-tests",
        without(book, "04-2-test", "04-5-test"),
        wrong=["04.2", "04.5"],
        says={"04.2": "not attempted", "04.5": "expected a func"},
    )
    book = room.with_answers({"04.2": "forward = None"})
    cell_of(book, "04.2", "test").source = "pass  # it is right, believe me"
    cell_of(book, "04.1", "test").metadata["nbgrader"]["points"] = 100
    room.hand_in("changed-tests", book, wrong=["04.2"], says={"04.2": "not attempted"})
    book = room.with_answers({})
    cell_of(book, "04.2", "answer").source = room.solutions["04.2"].replace("forward", "forwards")
    room.hand_in("renamed", book, wrong=["04.2"], says={"04.2": "there is no `forward`: the answ"})
    room.hand_in("deleted-imports", without(room.with_answers({}), "04-given-1", "04-3-given-1"))
    book = room.with_answers({})
    for cell in book.cells:
        cell.metadata.clear()
    room.hand_in("stripped", book)
    book = room.with_answers({})
    at = book.cells.index(cell_of(book, "04.2", "answer"))
    book.cells.insert(at + 1, new_code_cell("forward = None", metadata=book.cells[at].metadata))
    room.hand_in("twice", book, wrong=["04.2"], says={"04.2": "not attempted"})
    book = json.loads(nbformat.writes(room.with_answers({})))
    for cell in book["cells"]:
        cell["metadata"].get("nbgrader", {}).pop("schema_version", None)
        cell.pop("id")
    room.hand_in("old-format", json.dumps({**book, "nbformat_minor": 4}))


def _answers_that_fail(room):
    def says(exercise, text):
        return {"says": {exercise: text}}

    failing = "def forward(*arguments):\n    {}\n"
    room.answer(
        "syntax",
        "04.2",
        "def forward(x:\n    return x",
        **says("04.2", "there is no `forward`: the answer cell was stopped: SyntaxError"),
    )
    room.answer(
        "exception",
        "04.2",
        failing.format("raise KeyError('h')"),
        **says("04.2", "stopped with KeyError"),
    )
    room.answer(
        "exception-above",
        "04.3",
        "1 / 0\nW_xh = W_hh = b_h = 1",
        **says("04.3", "there is no `W_xh`: the answer cell was stopped: ZeroDivision"),
    )
    room.answer(
        "endless-function",
        "04.2",
        failing.format("while True: pass"),
        **says("04.2", "stopped: no answer within the time limit"),
    )
    room.answer(
        "deadly-function",
        "04.5",
        "import os\n" + "def repaired(*a):\n    os._exit(0)\n",
        **says("04.5", "the process ended"),
    )
    room.answer(
        "asks",
        "04.1",
        "h_by_hand = eval(input('h? '))",
        **says("04.1", "there is no `h_by_hand`: the answer cell was stopped: StdinNot"),
    )
    room.answer(
        "leaves",
        "04.1",
        "import sys\nsys.exit()",
        **says("04.1", "there is no `h_by_hand`: the answer cell was stopped: SystemExit"),
    )


def _answers_that_do_harm(room):
    stopped = "there is no `h_by_hand`: the answer cell was stopped: this cell was stopped after"
    ended = "there is no `h_by_hand`: the answer cell was stopped: this cell ended the kernel"

    def harm(name, source, why=ended):
        room.answer(name, "04.1", source, says={"04.1": why})

    harm("endless", "while True:\n    pass", stopped)
    deaf = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    harm("endless-and-deaf", deaf, stopped)
    harm("floods", "while True:\n    print('x' * 1000)", stopped)
    harm("os-exit", "import os\nos._exit(1)")
    harm("segfault", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    harm("stops-itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", stopped)
    harm("exit", "exit()")
    harm(
        "eats-memory",
        "h_by_hand = bytearray(1 << 40)",
        "there is no `h_by_hand`: the answer cell was stopped: MemoryError",
    )
    late = "import os, threading\nthreading.Timer(0.1, os._exit, [0]).start()"
    harm("ends-later", late, "there is no `h_by_hand`")
    two = room.with_answers({"04.1": "import os\nos._exit(1)", "04.3": "import os\nos._exit(2)"})
    room.hand_in("twice-dead", two, wrong=["04.1", "04.3"])
