"""Assignments: what learners get and what they do not; submissions as they come; feedback."""

import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from traitlets.config import PyFileConfigLoader

import assign
from assignments import batch, building, course, explaining, feedback, records, submissions
from assignments.execution import RunToTheEnd
from assignments.mending import MendCells
from assignments.release import CourseGaps
from rnncourse import grading

ROOT = Path(__file__).resolve().parent.parent
NAMES = [path.stem for path in sorted((ROOT / "exercises").glob("*.md"))]
FOUR = "04_a_loop_with_a_memory"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A course folder with the assignments of all chapters."""
    target = tmp_path_factory.mktemp("course")
    lines = list(assign.make(target, ROOT))
    assert [line.split(":")[0] for line in lines] == NAMES
    return target


def read(folder, kind, name):
    """The notebook of an assignment in `source` or `release`."""
    return nbformat.read(folder / kind / name / f"{name}.ipynb", as_version=4)


def marked(book):
    """{name: (cell, nbgrader's marks)} of the cells that count."""
    cells = [cell for cell in book.cells if "nbgrader" in cell.metadata]
    return {c.metadata.nbgrader.grade_id: (c, c.metadata.nbgrader) for c in cells}


def by_name(test):
    return pytest.mark.parametrize("name", NAMES)(test)


# ------------------------------------------------------------------------- what learners get


@by_name
def test_the_gaps_are_those_of_the_course(folder, name):
    page = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4)
    sources_of_page = [cell.source for cell in page.cells]
    answers = [
        c
        for c, marks in marked(read(folder, "release", name)).values()
        if marks.solution and not marks.grade
    ]
    assert len(answers) == sum(e.kind != "open" for e in grading.exercises(name[:2]))
    assert all(cell.source in sources_of_page for cell in answers)


@by_name
def test_everything_else_is_as_on_the_page(folder, name):
    page = nbformat.read(ROOT / "exercises" / f"{name}.ipynb", as_version=4)
    released = read(folder, "release", name)
    ours = [c.source for c in released.cells if not c.metadata.get("nbgrader", {}).get("grade")]
    ours.remove(next(c.source for c in released.cells if c.id == "rules"))
    assert ours == [c.source for c in page.cells if not c.source.startswith("check(")]


@by_name
def test_no_solution_and_no_hidden_test_is_handed_out(folder, name):
    text = (folder / "release" / name / f"{name}.ipynb").read_text("utf-8")
    for secret in ("SOLUTION", "HIDDEN", "STUB:", "require("):
        assert secret not in text
    page = (ROOT / "exercises" / f"{name}.ipynb").read_text("utf-8")
    lines = solution_lines((ROOT / "exercises" / f"{name}.md").read_text("utf-8"))
    assert len(lines) > 10
    assert not [line for line in lines if quoted(line) in text and quoted(line) not in page]


def solution_lines(text):
    """The lines of the solution regions of a source that say something."""
    regions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, flags=re.DOTALL)
    lines = [line.strip() for region in regions for line in region.split("\n")]
    return [line for line in lines if len(line) > 12 and not line.startswith("### STUB:")]


def quoted(line):
    """A line as it stands in a notebook's JSON."""
    return json.dumps(line, ensure_ascii=False)[1:-1]


@by_name
def test_an_exercise_is_worth_two_points_a_star(folder, name):
    book, due = read(folder, "release", name), {}
    for exercise in grading.exercises(name[:2]):
        part = "answer" if exercise.kind == "open" else "test"
        due[f"{exercise.id.replace('.', '-')}-{part}"] = 2 * exercise.stars
    assert {n: marks.points for n, (_, marks) in marked(book).items() if marks.grade} == due
    rules = next(cell.source for cell in book.cells if cell.id == "rules")
    assert f"An assignment of {sum(due.values())} points" in rules


@by_name
def test_the_hidden_test_asks_for_what_the_visible_one_shows(folder, name):
    for cell, marks in marked(read(folder, "source", name)).values():
        if marks.grade and marks.locked:
            visible, hidden = cell.source.split("### BEGIN HIDDEN TESTS\n")
            calls = [re.sub(r"\s+", "", part) for part in (visible, hidden)]
            asked = calls[0].partition("importcheck")[2].replace("check(", "require(", 1)
            assert calls[1] == f"fromrnncourse.gradingimportrequire{asked}###ENDHIDDENTESTS"


@by_name
def test_what_is_given_or_tested_cannot_be_edited(folder, name):
    for cell, marks in marked(read(folder, "release", name)).values():
        assert cell.metadata.deletable is False
        assert (cell.metadata.get("editable", True) is False) == marks.locked


# -------------------------------------------------------------------------- the course folder


def test_making_assignments_again_changes_nothing(folder):
    files = [p for p in folder.rglob("*") if p.is_file()]
    before = {path: path.read_bytes() for path in files}
    lines = list(assign.make(folder, ROOT))
    assert all("as it was" in line for line in lines)
    assert {path: path.read_bytes() for path in files} == before


def test_what_a_teacher_changed_is_kept_and_released(tmp_path):
    list(assign.make(tmp_path, ROOT, "04"))
    book = read(tmp_path, "source", FOUR)
    book.cells.append(new_markdown_cell("Hand in by Friday."))
    nbformat.write(book, tmp_path / "source" / FOUR / f"{FOUR}.ipynb")
    (line,) = assign.make(tmp_path, ROOT, "04")
    assert "your own version in source/ is kept" in line
    assert read(tmp_path, "source", FOUR).cells[-1].source == "Hand in by Friday."
    assert read(tmp_path, "release", FOUR).cells[-1].source == "Hand in by Friday."


def test_a_chapter_that_there_is_not_is_refused(capsys, tmp_path):
    assert assign.main(["--course", str(tmp_path), "--only", "77"]) == 1
    assert "No exercises of chapter '77'" in capsys.readouterr().err


def test_nbgraders_own_commands_find_the_settings_of_the_course(folder, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    config = PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()
    assert RunToTheEnd in config.Autograde.autograde_preprocessors
    assert MendCells in config.Autograde.sanitize_preprocessors
    assert CourseGaps in config.GenerateAssignment.preprocessors


# ----------------------------------------------------------------------------- require


def test_require_says_nothing_to_a_right_answer():
    assert grading.require("04.4", grading.find("04.4").reference) is None


def test_require_raises_what_check_says():
    item = grading.find("04.4").misconceptions[0]
    with pytest.raises(AssertionError, match=re.escape(item.says[:40])):
        grading.require("04.4", item.attempt)


@pytest.mark.parametrize("exercise", ["04.6", "77.1", None])
def test_require_refuses_what_no_check_can_mark(exercise):
    with pytest.raises(ValueError, match="expected an exercise with a check"):
        grading.require(exercise, 3)


# ----------------------------------------------------------------------------- submissions


def hand_in(course, student, assignment, **files):
    """Put files into a submission; returns it."""
    place = course / "submitted" / student / assignment
    place.mkdir(parents=True)
    for name, text in files.items():
        (place / name).write_text(text, "utf-8")
    return submissions.Submission(student, assignment, place)


def test_submissions_are_found_and_what_lies_elsewhere_is_named(tmp_path):
    one, two = (hand_in(tmp_path, student, "04_x") for student in ("ana", "Bo Ö. [1]"))
    hand_in(tmp_path, "ana", "99_unknown")
    (tmp_path / "submitted" / "ana" / "04_x.ipynb").write_text("{}")
    (tmp_path / "submitted" / "list.txt").write_text("")
    (tmp_path / "submitted" / ".hidden").mkdir()
    found, stray = submissions.find(tmp_path, {"04_x"})
    assert set(found) == {one, two}
    assert [sentence.split(":")[0] for sentence in stray] == [
        "ana/04_x.ipynb",
        "ana/99_unknown",
        "list.txt",
    ]


def test_a_digest_is_that_of_names_and_contents(tmp_path):
    files = {"a": {"n": "1"}, "b": {"n": "1"}, "c": {"m": "1"}, "d": {"n": "2"}}
    a, b, c, d = (hand_in(tmp_path, name, "x", **files[name]).folder for name in files)
    assert submissions.digest(a) == submissions.digest(b)
    assert len({submissions.digest(place) for place in (a, c, d)}) == 3
    assert submissions.digest(a, b"new source") != submissions.digest(a)


def test_a_link_to_anothers_work_is_not_followed(tmp_path):
    hers = hand_in(tmp_path, "ana", "x", **{"x.ipynb": "hers"}).folder
    mine = hand_in(tmp_path, "bo", "x", **{"notes.txt": "mine"}).folder
    (mine / "x.ipynb").symlink_to(hers / "x.ipynb")
    (mine / "all").symlink_to(hers)
    submissions.copy(mine, tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").rglob("*")] == ["notes.txt"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"cells": [', "it is not JSON"),
        ("", "it is not JSON"),
        ("[1, 2]", "is no notebook"),
        ('{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}', "is no notebook"),
    ],
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path, text, why):
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(submissions.Unreadable, match=why):
        submissions.read(path)


def test_bytes_are_no_notebook(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_bytes(b"\xff\xfe\x00PK")
    with pytest.raises(submissions.Unreadable, match="no text file"):
        submissions.read(path)


def test_marks_come_from_the_release_whatever_a_submission_says(folder):
    released = read(folder, "release", FOUR)
    book = read(folder, "release", FOUR)
    marked(book)["04-2-test"][1]["points"] = 50
    marked(book)["04-3-test"][0].metadata["nbgrader"] = "mine"
    bonus = {"grade_id": "bonus", "points": 99}
    book.cells.append(new_code_cell("", metadata={"nbgrader": bonus}))
    submissions.mark_as_released(book, released)
    assert {name: marks for name, (_, marks) in marked(book).items()} == {
        name: marks for name, (_, marks) in marked(released).items()
    }


def test_a_submission_is_graded_once_and_again_when_it_changed(tmp_path):
    name = "04_x"
    (tmp_path / "source" / name).mkdir(parents=True)
    (tmp_path / "source" / name / f"{name}.ipynb").write_text("source")
    one = hand_in(tmp_path, "ana", name, **{f"{name}.ipynb": "1"})
    assert batch.pending(tmp_path, [one]) == [one]
    digest = submissions.digest(one.folder, b"source")
    record = json.dumps({"student": "ana", "digest": digest})
    records.write(tmp_path / "graded" / name / "ana.json", record)
    assert batch.pending(tmp_path, [one]) == []
    (one.folder / f"{name}.ipynb").write_text("2")
    assert batch.pending(tmp_path, [one]) == [one]


# ----------------------------------------------------------------------- diagnosis, feedback


def graded(answer_outputs, test_outputs):
    """A graded notebook with one exercise."""
    cells = [
        new_code_cell("x", outputs=outputs, metadata={"nbgrader": {"grade_id": f"04-2-{part}"}})
        for part, outputs in (("answer", answer_outputs), ("test", test_outputs))
        if outputs is not None
    ]
    return new_notebook(cells=cells)


def error(name, value):
    return [new_output("error", ename=name, evalue=value, traceback=[])]


MISSING = error("NameError", "name 'forward' is not defined")


@pytest.mark.parametrize(
    ("answer", "test", "says"),
    [
        ([], [], ""),
        ([], error("AssertionError", "b_h is missing"), "b_h is missing"),
        ([], MISSING, "there is no `forward`: the answer cell does not define it; was it renamed?"),
        (None, MISSING, "there is no `forward`: the answer cell was deleted"),
        (
            error("SyntaxError", "bad"),
            MISSING,
            "there is no `forward`: the answer cell was stopped: SyntaxError: bad",
        ),
        ([], error("KeyError", "'a'"), "the test was stopped: KeyError: 'a'"),
    ],
)
def test_a_failed_test_is_explained_in_words(answer, test, says):
    assert explaining.diagnosis(graded(answer, test), "04-2-test") == says


def test_a_known_mistake_has_a_name():
    item = grading.find("04.2").misconceptions[3]
    assert explaining.misconception("04.2", f"{item.says} (with B = 1)") == item.name
    assert explaining.misconception("04.2", "stopped with KeyError") == ""
    assert explaining.misconception("a teacher's own", "wrong") == ""


def test_feedback_shows_nothing_that_could_run_or_ask_a_host():
    evil = '<script src="https://example.org/x.js"></script><img src="https://example.org">'
    shown = [
        new_output("display_data", data={"text/html": evil, "text/plain": evil}),
        new_output("stream", text=evil),
        new_output("display_data", data={"image/png": 'AAA"><script>'}),
    ]
    book = new_notebook(cells=[new_code_cell(evil, outputs=shown), new_markdown_cell(evil)])
    row = {"student": evil, "exercise": "04.2", "points": 1, "max": 4, "total": 1}
    record = {"assignment": "04_x", "student": evil, "notes": [evil]}
    page = feedback.page(record, [{**row, "diagnosis": evil}], book, {"04-2-test": evil})
    assert "<script" not in page
    assert page.count("<img") == page.count('<img alt="a figure of the submission" src="data:') == 1
    assert "default-src 'none'" in page


def test_points_of_a_person_count_and_stay(tmp_path):
    list(assign.make(tmp_path, ROOT, "04"))
    cells = {"04-2-test": (4.0, 4.0), "04-6-answer": (None, 6.0)}
    rows = [
        {"cell": name, "points": points, "max": most, "diagnosis": ""}
        for name, (points, most) in cells.items()
    ]
    record = {"student": "ana", "assignment": FOUR, "digest": "", "notes": [], "rows": rows}
    records.keep(tmp_path, record, tmp_path / "nothing")
    before = {row["exercise"]: row["points"] for row in records.rows(tmp_path, FOUR)}
    assert before == {"04.2": 4, "04.6": None}
    with course.gradebook(tmp_path / "gradebook.db") as book:
        grade = book.find_grade("04-6-answer", FOUR, FOUR, "ana")
        grade.manual_score, grade.needs_manual_grade = 5, False
        book.db.commit()
    after = records.rows(tmp_path, FOUR)
    assert {row["exercise"]: row["points"] for row in after} == {"04.2": 4, "04.6": 5}
    assert {row["total"] for row in after} == {9}
    target = records.export(tmp_path, FOUR)
    assert (
        target.read_text("utf-8").splitlines()[0]
        == "student,exercise,points,max,total,misconception,diagnosis"
    )


def test_a_notebook_is_edited_once_anything_in_it_is_another():
    book = building.derive(ROOT / "exercises" / f"{FOUR}.md")
    assert not building.is_edited(book)
    book.cells[5].metadata["nbgrader"]["points"] = 3
    assert building.is_edited(book)
