"""What grading found: one record a submission, written when it is complete, and what it feeds.

The record is the stamp that says "done": `graded/ASSIGNMENT/STUDENT.json` is written last and in
one piece, after the graded notebook and the gradebook. Without it a submission is graded again.
"""

import csv
import json
import os
import re
import shutil
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from assignments import explaining
from assignments.course import gradebook

CELL = re.compile(r"(\d\d)-(\d)-(test|answer)")
COLUMNS = ("student", "exercise", "points", "max", "total", "misconception", "diagnosis")
BY_HAND = "to be graded by a person"


def load(course, assignment):
    """The records of one assignment: {student: record}."""
    folder = course / "graded" / assignment
    records = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
    return {record["student"]: record for record in records}


def keep(course, record, result):
    """Put everything about one graded submission in its place; the record comes last.

    Args:
        course: the course folder.
        record: from `marking.mark`.
        result: the folder of the graded notebook; it may be missing.
    """
    name, student = record["assignment"], record["student"]
    target = course / "autograded" / student / name
    if target.exists():
        shutil.rmtree(target)
    if result.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(result, target)
    enter(course, record)
    write(course / "graded" / name / f"{student}.json", json.dumps(record, indent=1))


def enter(course, record):
    """Enter the points into the course's gradebook; those that a person gave stay."""
    name, student = record["assignment"], record["student"]
    with gradebook(course / "gradebook.db") as book:
        book.update_or_create_student(student)
        book.update_or_create_submission(name, student)
        for row in record["rows"]:
            grade = book.find_grade(row["cell"], name, name, student)
            grade.auto_score = row["points"]
            given = grade.manual_score is not None
            grade.needs_manual_grade = given or row["points"] is None
        book.db.commit()


def blank_gradebook(course, target):
    """A copy of the course's gradebook that knows the assignments and nobody's work."""
    with (
        closing(connect(course / "gradebook.db", timeout=60)) as ours,
        closing(connect(target)) as theirs,
    ):
        ours.backup(theirs)
        for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
            theirs.execute(f"DELETE FROM {table}")
        theirs.commit()


def rows(course, assignment):
    """One dict for each student and exercise, with the points of people where they gave some."""
    table = []
    with gradebook(course / "gradebook.db") as book:
        for student, record in load(course, assignment).items():
            grades = {
                g.name: g
                for g in book.find_submission_notebook(assignment, assignment, student).grades
            }
            mine = [_row(student, row, grades[row["cell"]]) for row in record["rows"]]
            total = sum(row["points"] or 0 for row in mine)
            table += [{**row, "total": total} for row in mine]
    return table


def _row(student, row, grade):
    """One line of the table; no points where a person has yet to give them."""
    points = None if grade.needs_manual_grade else grade.score
    exercise, told = exercise_of(row["cell"]), row["diagnosis"]
    if points is None:
        told = BY_HAND
    elif grade.manual_score is not None:
        told = ""
    return {
        "student": student,
        "exercise": exercise,
        "points": points,
        "max": row["max"],
        "misconception": explaining.misconception(exercise, told),
        "diagnosis": told,
    }


def exercise_of(cell):
    """The exercise of a graded cell: "04-2-test" belongs to "04.2"."""
    found = CELL.fullmatch(cell)
    return f"{found[1]}.{found[2]}" if found else cell


def export(course, assignment):
    """Write the table of one assignment, `grades/ASSIGNMENT.csv`; returns its path."""
    target = course / "grades" / f"{assignment}.csv"
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows(course, assignment))
    os.replace(part, target)
    return target


def write(path, text):
    """Write a file in one piece: it is the old one or the new one, never half of it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, "utf-8")
    os.replace(part, path)
