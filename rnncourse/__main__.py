"""The course's command line: `python -m rnncourse doctor`, `progress`, `placement`, `fetch`."""

import argparse
import subprocess
import sys
from pathlib import Path

from rnncourse import __version__, doctor, fetch, placement, progress

ROOT = Path(__file__).resolve().parent.parent
# of the course: around the package, or, where only the package was installed, wherever one works
COURSE = ROOT if (ROOT / "chapters").is_dir() else Path()
SEEN = """A chapter counts as run when all its claims were re-run and the notebook was saved. Only
JupyterLab, Jupyter Notebook and VS Code tell the notebook that somebody sits before it; in other
programs the claims do not count as re-run, while solved exercises count everywhere."""


def main(arguments=None):
    """Run a command; returns the exit status (0: all is well).

    Args:
        arguments: the words after `python -m rnncourse`; those of this process if None.
    """
    given, others = _parser().parse_known_args(arguments)
    if others and given.command != "fetch":
        _parser().error(f"unrecognized arguments: {' '.join(others)}")
    if given.command == "doctor":
        return doctor.main(ROOT)
    if given.command == "fetch":
        return _fetch(others)
    if given.command == "placement":
        return placement.run(COURSE / "chapters", given.draw)
    return progress.main(given.folder, given.html)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m rnncourse", description="The course's helpers."
    )
    parser.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser(
        "doctor", help="can this installation run the course; what to mend, and how"
    )
    commands.add_parser(
        "fetch", help="bring the texts that chapter 19 reads; options are handed to pip"
    )
    test = commands.add_parser("placement", help="at most 14 questions that say where to start")
    test.add_argument(
        "--draw",
        type=_draw,
        default=0,
        metavar="N",
        help="which draw of questions: 0 for those on the site, which are asked if nothing is "
        "said, and 1, 2, 3 ... for others",
    )
    solved = commands.add_parser(
        "progress",
        help="what is run, solved and open (never changes a notebook)",
        description="What is run, solved and open, by the notebooks as they were saved.",
        epilog=SEEN,
    )
    solved.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=COURSE,
        help="the course's folder, or one with notebooks",
    )
    solved.add_argument("--html", type=Path, metavar="FILE", help="write a page as well")
    return parser


def _draw(text):
    """The number of a draw of questions."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected 0, 1, 2 or more, found {text!r}")
    return int(text)


def _fetch(pip_args):
    """Fetch what no wheel holds, and say where it is."""
    try:
        fetch.main(pip_args)
    except subprocess.CalledProcessError:
        print("pip could not fetch the texts of chapter 19 (see above); the same command goes on")
        return 1
    print(f"All that chapter 19 reads is in {fetch.PLACE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
