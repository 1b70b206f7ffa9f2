"""Grade many submissions, some at a time, so that nothing is lost or mixed up.

Two kinds of work are kept apart: processes grade, each one submission at a time in a folder of its
own, and this one alone writes into the course folder.
"""

import fcntl
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from assignments import records, submissions

WORKER = Path(__file__).with_name("worker.py")
HOMES = ("HOME", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")


class Busy(Exception):
    """Another run is at work in this course folder."""


@dataclass(frozen=True)
class Limits:
    """How long a cell may run, and the calls of one check, in seconds."""

    cell_seconds: int = 60
    check_seconds: float = 8


def pending(course, found):
    """The submissions without a record, or with one of another version of them."""
    known = {name: records.load(course, name) for name in {s.assignment for s in found}}
    left = []
    for submission in found:
        record = known[submission.assignment].get(submission.student, {})
        now = submissions.digest(submission.folder, _source(course, submission).read_bytes())
        if record.get("digest") != now:
            left.append(submission)
    return left


def grade(course, left, limits=None, at_a_time=2):
    """Grade submissions; yields (submission, record) as each is complete and stored.

    Where grading itself broke down, the record is {"failed": why}: nothing is stored, and the next
    run tries again.
    """
    limits = asdict(limits or Limits())
    with _alone(course), tempfile.TemporaryDirectory(prefix="batch-") as place:
        blank = Path(place, "gradebook.db")
        records.blank_gradebook(course, blank)
        jobs, done = queue.Queue(), queue.Queue()
        for number, submission in enumerate(left):
            names = {"student": submission.student, "assignment": submission.assignment}
            paths = {
                "submission": submission.folder,
                "source": _source(course, submission),
                "gradebook": blank,
                "keep": Path(place, f"result-{number}"),
            }
            jobs.put((submission, names | limits | {key: str(p) for key, p in paths.items()}))
        with (course / "grading.log").open("a", encoding="utf-8") as log:
            hands = [_Hand(jobs, done, Path(place, f"home-{i}"), log) for i in range(at_a_time)]
            try:
                for _ in left:
                    submission, job, record = done.get()
                    if "failed" not in record:
                        records.keep(course, record, Path(job["keep"]))
                    yield submission, record
            finally:
                for hand in hands:
                    hand.stop()


def _source(course, submission):
    """The teacher's notebook for a submission."""
    name = submission.assignment
    return course / "source" / name / f"{name}.ipynb"


@contextmanager
def _alone(course):
    """Refuse to work where another run does; the system forgets a run that was killed."""
    with (course / ".grading").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Busy(f"{course}: another run is grading here") from None
        yield


class _Hand(threading.Thread):
    """Keeps one worker process busy, and replaces it if it breaks."""

    def __init__(self, jobs, done, home, log):
        super().__init__(daemon=True)
        self.jobs, self.done, self.home, self.log = jobs, done, home, log
        self.stopped = False
        home.mkdir()
        self.worker = self._new_worker()
        self.start()

    def run(self):
        """Take jobs until there are none."""
        while not self.stopped:
            try:
                submission, job = self.jobs.get_nowait()
            except queue.Empty:
                return
            try:
                record = self._ask(job) or self._ask(job)  # who broke gets a second chance
            except Exception as error:  # such as no memory for a new process
                record = {"failed": f"{type(error).__name__}: {error}"}
            broke = {"failed": "the process that graded it ended, twice; see grading.log"}
            self.done.put((submission, job, record or broke))

    def stop(self):
        """End the worker; without jobs to come it ends itself, with its kernels."""
        self.stopped = True
        self.worker.stdin.close()
        self.worker.wait(timeout=30)

    def _ask(self, job):
        """The worker's answer to one job; None if it ended instead."""
        if self.stopped:
            return None
        try:
            self.worker.stdin.write(json.dumps(job) + "\n")
            self.worker.stdin.flush()
            return json.loads(self.worker.stdout.readline())
        except (OSError, ValueError):
            self.worker.kill()
            self.worker.wait()
            if not self.stopped:
                self.worker = self._new_worker()
            return None

    def _new_worker(self):
        """Start a process that grades; nothing it writes goes to the user's home.

        In a session of its own, it does not hear Ctrl-C, and has the time to end its kernels.
        """
        env = os.environ | {key: str(self.home) for key in HOMES}
        env["MPLCONFIGDIR"] = str(self.home / "matplotlib")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.log}
        command = [sys.executable, str(WORKER)]
        return subprocess.Popen(
            command, env=env, text=True, encoding="utf-8", start_new_session=True, **pipes
        )
