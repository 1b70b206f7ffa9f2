"""The course's command line: `python -m rnncourse doctor` and `python -m rnncourse progress`."""

import argparse
import sys
from pathlib import Path

from rnncourse import __version__, doctor, progress

ROOT = Path(__file__).resolve().parent.parent


def main(arguments=None):
    """Run a command; returns the exit status (0: all is well).

    Args:
        arguments: the words after `python -m rnncourse`; those of this process if None.
    """
    parser = argparse.ArgumentParser(
        prog="python -m rnncourse", description="The course's helpers."
    )
    parser.add_argument("--version", action="version", version=f"rnncourse {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser(
        "doctor", help="can this installation run the course; what to mend, and how"
    )
    solved = commands.add_parser(
        "progress", help="which exercises are solved (reads, never writes)"
    )
    solved.add_argument(
        "folder", nargs="?", type=Path, default=ROOT / "exercises", help="where the notebooks are"
    )
    given = parser.parse_args(arguments)
    if given.command == "doctor":
        return doctor.main(ROOT)
    return progress.main(given.folder)


if __name__ == "__main__":
    sys.exit(main())
