"""What happens to a run: a worker breaks, somebody presses Ctrl-C."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time

import classroom
import psutil
import pytest
from classroom import NAME, ROOT

from assignments import records


@pytest.fixture
def small(tmp_path):
    """(course folder, command that grades it) with three submissions, all right."""
    course = classroom.prepare(tmp_path)
    room = classroom.Class(course)
    for name in ("ana", "bo", "cy"):
        room.hand_in(name, room.with_answers({}))
    return course, [sys.executable, str(ROOT / "tools" / "grade.py"), "--course", str(course)]


def worker_at_work(run):
    """A worker process of a run that has a kernel."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for worker in psutil.Process(run.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if worker.children():
                    return worker
        time.sleep(0.05)
    return pytest.fail("no worker has started a kernel within a minute")


def test_a_worker_that_breaks_is_replaced_and_its_student_is_not_lost(small):
    course, command = small
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    worker_at_work(run).kill()
    assert run.wait(timeout=200) == 0
    assert {row["total"] for row in records.rows(course, NAME)} == {14}
    assert set(records.load(course, NAME)) == {"ana", "bo", "cy"}


@pytest.fixture
def hears_ctrl_c():
    """Processes started from here hear Ctrl-C, even if this one was told to ignore it.

    A shell without job control starts whatever it puts in the background deaf to it.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_ends_everything_soon_and_leaves_nothing_behind(small, nobody):
    _, command = small
    run = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    worker_at_work(run)
    processes = psutil.Process(run.pid).children(recursive=True)
    os.killpg(run.pid, signal.SIGINT)
    told, _ = run.communicate(timeout=60)
    assert run.returncode == 130
    assert "the same command goes on from here" in told
    assert psutil.wait_procs(processes, timeout=15)[1] == []
    assert not list((nobody / "tmpdir").glob("batch-*"))


def test_a_submission_that_cannot_be_graded_is_no_zero(small):
    course, command = small
    shutil.copyfile(course / "gradebook.db", course / "whole.db")
    with records.gradebook(course / "gradebook.db") as book:
        book.remove_assignment(NAME)
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 1
    assert done.stdout.count("NOT GRADED") == 3
    assert records.load(course, NAME) == {}
    os.replace(course / "whole.db", course / "gradebook.db")
    assert subprocess.run(command, capture_output=True, timeout=200).returncode == 0
    assert {row["total"] for row in records.rows(course, NAME)} == {14}
