"""Sixty submissions, two at a time; the run is killed in the middle and started again."""

import contextlib
import csv
import json
import shutil
import subprocess
import sys
import time

import classroom
import psutil
import pytest
from classroom import EXERCISES, NAME, ROOT

from assignments import records
from rnncourse import grading

COMMAND = (sys.executable, str(ROOT / "tools" / "grade.py"), "--cell-seconds=10")
SOME = 12  # submissions are done when the first run is killed


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """(course folder, students, lines that the second run printed, records before it)."""
    course = classroom.prepare(tmp_path_factory.mktemp("class"))
    students = classroom.fill(course)
    command = [*COMMAND, "--course", str(course), "--check-seconds=4"]
    _start_and_kill(command, course)
    before = _stamps(course)
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr + (course / "grading.log").read_text()
    return course, students, done.stdout.splitlines(), before


def _start_and_kill(command, course):
    """Start a run, and kill it and its workers with no chance to tidy up, some students later."""
    run = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 300
    while len(_stamps(course)) < SOME:
        assert run.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    workers = psutil.Process(run.pid).children()
    assert len(workers) == 2
    run.kill()
    for worker in workers:
        with contextlib.suppress(psutil.NoSuchProcess):  # it may have seen that its run is gone
            worker.kill()
    run.wait()


def _stamps(course):
    """The records that lie there, with the time at which they were written."""
    folder = course / "graded" / NAME
    return {path.stem: path.stat().st_mtime_ns for path in folder.glob("*.json")}


def _table(course):
    """The exported grades: {student: {exercise: row}}."""
    table = {}
    with (course / "grades" / f"{NAME}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            table.setdefault(row["student"], {})[row["exercise"]] = row
    return table


def test_everybody_is_graded_and_nobody_else(room):
    course, students, *_ = room
    assert len(students) == 60
    assert set(_table(course)) == {student.name for student in students}


def test_each_gets_the_points_of_each_exercise_that_are_due(room):
    course, students, *_ = room
    table = _table(course)
    got = {s.name: {e: float(table[s.name][e]["points"]) for e in EXERCISES} for s in students}
    assert got == {student.name: student.points for student in students}


def test_each_is_told_what_was_wrong(room):
    course, students, *_ = room
    table = _table(course)
    for student in students:
        for exercise, sentence in student.says.items():
            told = table[student.name][exercise]["diagnosis"]
            assert told.startswith(sentence), (student.name, exercise, told)


def test_known_mistakes_are_exported_by_name(room):
    course, students, *_ = room
    table, named = _table(course), 0
    for student in students:
        for exercise in EXERCISES:
            row = table[student.name][exercise]
            known = grading.find(exercise).misconceptions
            meant = {m.name for m in known if row["diagnosis"].startswith(m.says)}
            assert row["misconception"] in (meant or {""})
            named += bool(meant)
    assert named >= 67  # as many as the sheet knows for these four exercises


def test_what_is_right_needs_no_word(room):
    course, students, *_ = room
    table = _table(course)
    for student in students:
        for exercise in EXERCISES:
            row = table[student.name][exercise]
            assert (row["diagnosis"] == "") == (row["points"] == row["max"])


def test_the_totals_are_the_sums(room):
    course, students, *_ = room
    table = _table(course)
    for student in students:
        totals = {float(row["total"]) for row in table[student.name].values()}
        assert totals == {sum(student.points.values())}


def test_an_answer_in_words_waits_for_a_person_and_an_empty_one_does_not(room):
    course, students, *_ = room
    for student in students:
        row = _table(course)[student.name]["04.6"]
        assert (row["points"] == "") == student.by_hand
        assert (row["diagnosis"] == records.BY_HAND) == student.by_hand


def test_notes_say_what_was_odd_about_a_file(room):
    course, students, *_ = room
    found = records.load(course, NAME)
    for student in students:
        notes = found[student.name]["notes"]
        assert bool(notes) == bool(student.notes)
        assert student.notes in " ".join(notes)


def test_nbgraders_gradebook_says_the_same(room):
    course, students, *_ = room
    with records.gradebook(course / "gradebook.db") as book:
        for student in students:
            submission = book.find_submission(NAME, student.name)
            assert submission.score == sum(student.points.values())


def test_a_killed_run_goes_on_where_it_was(room):
    course, students, lines, before = room
    assert SOME <= len(before) < len(students)
    assert f"60 submissions, {60 - len(before)} to grade" in lines
    now = _stamps(course)
    assert {name: now[name] for name in before} == before


def test_a_killed_run_leaves_no_process_behind(room, nobody):
    deadline = time.monotonic() + 30
    while left := [p.cmdline() for p in psutil.process_iter(["cmdline"]) if _of(p, str(nobody))]:
        assert time.monotonic() < deadline, left
        time.sleep(0.5)


def _of(process, folder):
    """Whether a process has to do with a folder."""
    return any(folder in part for part in process.info["cmdline"] or [])


def test_nothing_is_written_to_the_users_home(room, nobody):
    left = {path.name for path in nobody.iterdir()}
    assert left == {
        "jupyter_config_dir",
        "jupyter_data_dir",
        "jupyter_runtime_dir",
        "ipythondir",
        "tmpdir",
    }
    assert not [p for name in left - {"tmpdir"} for p in (nobody / name).iterdir()]


def test_a_run_that_ended_leaves_nothing_in_the_temporary_folder(room, nobody):
    course, *_ = room
    before = set((nobody / "tmpdir").iterdir())  # what the killed run had no time to remove
    again = course / "submitted" / "stub" / NAME / f"{NAME}.ipynb"
    shutil.copyfile(course / "source" / NAME / f"{NAME}.ipynb", again)
    command = [*COMMAND, "--course", str(course)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    assert "60 submissions, 1 to grade" in done.stdout  # what was changed since, and nothing else
    assert {float(row["total"]) for row in _table(course)["stub"].values()} == {14}
    assert set((nobody / "tmpdir").iterdir()) == before


def test_feedback_for_each_asks_no_other_host(room):
    course, students, *_ = room
    for student in students:
        page = (course / "feedback" / student.name / NAME / f"{NAME}.html").read_text("utf-8")
        assert "default-src 'none'" in page
        assert "<script" not in page
        assert "http://" not in page
        assert "https://" not in page


def test_a_second_run_at_the_same_time_is_refused(room):
    import fcntl

    course, *_ = room
    with (course / ".grading").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        command = [*COMMAND, "--course", str(course), "--again"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "another run is grading here" in done.stderr
    assert json.loads((course / "graded" / NAME / "right.json").read_text("utf-8"))["rows"]
