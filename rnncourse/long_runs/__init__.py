"""Runs that are too long for a chapter: made once by the chapter's own code, and told as made.

`recorded` returns what a function of the chapter gave when it was last run in full, with the day
and the version of Python, and refuses if the code has been changed since. A chapter may show such
numbers; it must not claim anything by them, because they stay what they are on every seed.
"""

import ast
import datetime
import hashlib
import inspect
import json
import os
import platform
import textwrap
import time
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
ASKED = "RNNCOURSE_LONG"  # "again" runs all of it anew, "missing" what is not recorded yet


class Record(NamedTuple):
    """What a long run gave.

    Attributes:
        values: case -> what the function returned.
        day: when the last case was run, as year-month-day.
        python: the version of Python.
        minutes: how long all cases together took the processor.
    """

    values: dict
    day: str
    python: str
    minutes: float

    def __str__(self):
        return (
            f"recorded {self.day}, Python {self.python}, {self.minutes:.0f} minutes of a core; "
            f"{ASKED}=again reruns it"
        )


def recorded(name, run, cases, code=(), folder=FOLDER):
    """The results of `run(*case)` for every case, as they were when somebody had the time.

    Args:
        name: name of the record, lower-case words joined by hyphens.
        run: function of a case that returns what JSON can hold.
        cases: list of tuples of numbers and text.
        code: the functions that `run` calls and that belong to the experiment, too: if one of
            them changes, in more than its comments, the record is no longer valid.
        folder: where records lie.

    Returns:
        Record.

    Raises:
        ValueError: if there is no record of this code and of all cases, and the environment
            variable RNNCOURSE_LONG does not ask for one.

    Example:
        >>> import tempfile
        >>> def square(n):
        ...     return n * n
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     os.environ[ASKED] = "missing"
        ...     record = recorded("squares", square, [(3,), (4,)], folder=folder)
        ...     del os.environ[ASKED]
        ...     again = recorded("squares", square, [(4,)], folder=folder)
        >>> record.values, again.values
        ({(3,): 9, (4,): 16}, {(4,): 16})
    """
    path, fingerprint = Path(folder) / f"{name}.json", _fingerprint(run, *code)
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    asked = os.environ.get(ASKED, "")
    if asked == "again" or known.get("code") != fingerprint:
        if not asked:
            raise ValueError(
                f"name: expected a record of {name!r} made by this very code, got "
                f"{'one by other code' if known else 'none'}; {ASKED}=again makes it"
            )
        known = {"code": fingerprint, "cases": []}
    found = {tuple(entry["case"]): entry for entry in known["cases"]}
    missing = [case for case in cases if case not in found]
    if missing and not asked:
        raise ValueError(f"cases: expected those of the record, {sorted(found)}, got {missing}")
    for case in missing:
        found[case] = _entry(run, case)
        known["cases"] = list(found.values())
        path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    entries = [found[case] for case in cases]
    return Record(
        {case: found[case]["value"] for case in cases},
        max(entry["day"] for entry in entries),
        " and ".join(sorted({entry["python"] for entry in entries})),
        sum(entry["seconds"] for entry in entries) / 60,
    )


def _entry(run, case):
    start = time.process_time()
    value = run(*case)
    return {
        "case": list(case),
        "value": value,
        "seconds": round(time.process_time() - start, 1),
        "python": platform.python_version(),
        "day": datetime.datetime.now(datetime.UTC).date().isoformat(),
    }


def _fingerprint(*functions):
    """Of what the functions do: their code without docstrings, comments and line breaks."""
    return hashlib.sha256("\n".join(map(_code, functions)).encode()).hexdigest()[:16]


def _code(function):
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    if ast.get_docstring(tree.body[0]) is not None:
        del tree.body[0].body[0]
    return ast.unparse(tree)
