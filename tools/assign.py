"""Make nbgrader assignments from the exercises: `make assignments`, or NB=04 for one chapter.

    python tools/assign.py [--course assignments] [--only 04]

The course folder holds `source/` (with solutions and hidden tests), `release/` (what learners get)
and nbgrader's gradebook. What a teacher changed in `source/`, and what lies in `submitted/`, is
never overwritten.
"""

import argparse
import sys
from pathlib import Path

from assignments import building, course
from notebooks.sources import BuildError

ROOT = Path(__file__).resolve().parent.parent


def make(folder, root, only=None):
    """Make the assignments of all chapters, or of one; yields a line about each."""
    chosen = sorted((root / "exercises").glob(f"{only or ''}*.md"))
    if not chosen:
        raise BuildError(f"No exercises of chapter {only!r}.")
    course.prepare(folder, root)
    for source in chosen:
        book, ours = course.put_source(folder, source)
        done = "made" if course.release(folder, source.stem) else "as it was"
        note = "" if ours else "; your own version in source/ is kept (delete it to have ours)"
        yield f"{source.stem}: {building.worth(book)} points, {done}{note}"


def main(arguments=None):
    """Run what the command line asks for; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--course", type=Path, default=ROOT / "assignments", metavar="FOLDER")
    parser.add_argument("--only", metavar="NN", help="one chapter, such as 04")
    given = parser.parse_args(arguments)
    try:
        for line in make(given.course.resolve(), ROOT, given.only):
            print(line, flush=True)
    except (BuildError, course.CourseError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Hand out what is in {given.course}/release; collect in {given.course}/submitted.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
