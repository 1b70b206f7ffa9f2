"""Grade what lies in `submitted/` of the course folder: `make grade`, or NB=04 for one chapter.

    python tools/grade.py [--course assignments] [--only 04] [--jobs 2] [--again]

A submission that was graded and has not changed since is left alone, so the same command goes on
where a run was stopped. Results: `grades/*.csv`, a page for each student in `feedback/`, the graded
notebooks in `autograded/`, and nbgrader's gradebook.
"""

import argparse
import sys
from pathlib import Path

from assignments import batch, feedback, records, submissions

ROOT = Path(__file__).resolve().parent.parent


def grade(course, *, only=None, again=False, at_a_time=2, limits=None):
    """Grade what has to be, then write tables and feedback; yields lines for whoever watches.

    Returns:
        The number of submissions that could not be graded.
    """
    known = {path.name for path in (course / "source").glob(f"{only or ''}*") if path.is_dir()}
    found, stray = submissions.find(course, known)
    if only is None:
        yield from (f"note: submitted/{sentence}" for sentence in stray)
    left = found if again else batch.pending(course, found)
    yield f"{len(found)} submissions, {len(left)} to grade"
    broken = 0
    for number, (submission, record) in enumerate(
        batch.grade(course, left, limits, at_a_time), start=1
    ):
        broken += "failed" in record
        yield f"[{number:>3}/{len(left)}] {submission.student}  {submission.assignment}  " + _told(
            record
        )
    for name in sorted({submission.assignment for submission in found}):
        yield f"grades: {records.export(course, name)}"
        feedback.write_all(course, name)
    return broken


def _told(record):
    """One line about one submission."""
    if "failed" in record:
        return f"NOT GRADED: {record['failed']}"
    points = sum(row["points"] or 0 for row in record["rows"])
    whole = sum(row["max"] for row in record["rows"])
    open_ones = sum(row["points"] is None for row in record["rows"])
    by_hand = f", {open_ones} to be graded by a person" if open_ones else ""
    notes = "".join(f"; {note}" for note in record["notes"])
    return f"{points:g} of {whole:g}{by_hand} ({record['seconds']} s){notes}"


def main(arguments=None):
    """Run what the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--course", type=Path, default=ROOT / "assignments", metavar="FOLDER")
    parser.add_argument("--only", metavar="NN", help="one chapter, such as 04")
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time (2)")
    parser.add_argument("--again", action="store_true", help="also what was graded before")
    parser.add_argument("--cell-seconds", type=int, default=60, help="limit for a cell (60)")
    parser.add_argument("--check-seconds", type=float, default=8, help="limit for a check (8)")
    given = parser.parse_args(arguments)
    course = given.course.resolve()
    if not (course / "gradebook.db").exists():
        parser.error(f"{course} is no course folder: run `make assignments` first")
    lines = grade(
        course,
        only=given.only,
        again=given.again,
        at_a_time=given.jobs,
        limits=batch.Limits(given.cell_seconds, given.check_seconds),
    )
    try:
        while True:
            print(next(lines), flush=True)
    except StopIteration as end:
        return int(end.value > 0)
    except batch.Busy as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What is done is kept; the same command goes on from here.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
