"""The course's command line: `python -m rnncourse doctor`, `progress`, `placement`, `fetch`."""

import argparse
import subprocess
import sys
from pathlib import Path

from rnncourse import __version__, doctor, fetch, progress

ROOT = Path(__file__).resolve().parent.parent


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
    return progress.main(given.folder)


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
    solved = commands.add_parser(
        "progress", help="which exercises are solved (reads, never writes)"
    )
    solved.add_argument(
        "folder", nargs="?", type=Path, default=ROOT / "exercises", help="where the notebooks are"
    )
    return parser


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
