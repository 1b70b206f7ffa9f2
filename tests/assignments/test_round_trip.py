"""Whole chapters: the solution earns full marks, the untouched stub none."""

import pytest
from classroom import ROOT

import assign
import grade
from assignments import records
from rnncourse import grading


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Chapters 03 and 04, each handed in solved, untouched, and with words on the open question."""
    folder = tmp_path_factory.mktemp("course")
    for chapter in ("03", "04"):
        list(assign.make(folder, ROOT, chapter))
    for path in sorted((folder / "source").iterdir()):
        for student, kind in (("solved", "source"), ("untouched", "release")):
            target = folder / "submitted" / student / path.name
            target.mkdir(parents=True)
            notebook = (folder / kind / path.name / f"{path.name}.ipynb").read_bytes()
            (target / f"{path.name}.ipynb").write_bytes(notebook)
    list(grade.grade(folder))
    return folder


def rows(course, student):
    """All rows of one student, those that a check can mark."""
    checked = {e.id for e in grading.exercises() if e.kind != "open"}
    for path in sorted((course / "source").iterdir()):
        for row in records.rows(course, path.name):
            if row["student"] == student and row["exercise"] in checked:
                yield row


def test_the_solution_earns_full_marks(course):
    found = list(rows(course, "solved"))
    assert len(found) == 10
    assert [r["exercise"] for r in found if r["points"] != r["max"]] == []


def test_the_untouched_stub_earns_nothing(course):
    found = list(rows(course, "untouched"))
    assert len(found) == 10
    assert {row["points"] for row in found} == {0}
    assert {row["diagnosis"] for row in found} == {"not attempted yet"}
