"""What a learner's notebooks say, as they were last saved; they are never changed.

A claim or a check leaves a record with its output. A record that was made before a reader's eyes
says so ("by": "reader"); those that the course was delivered with do not.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

BEST_FIRST = ["right", "wrong", "not attempted"]
_CHECK = re.compile(r"""^\s*(?:\w+\.)?check\(\s*["'](\d\d\.\d+)["']""", re.MULTILINE)
_NAME = re.compile(r"\d\d\.\d+")
_HEADING = re.compile(r"^## (\d\d\.\d+) (.+?)\s*$\s*^★+ · (\d+) minutes", re.MULTILINE)
_READS = re.compile(r"\breads (\d+) min")


class UnreadableNotebook(ValueError):
    """A file that is not a notebook; the message is one line."""


@dataclass
class Notebook:
    """One saved notebook.

    Attributes:
        title: the heading of its first cell.
        reads: the minutes that it takes to read, as its first cell says; 0 if it does not.
        claims: the claims among its outputs.
        again: those of them that were made before a reader's eyes.
        verdicts: exercise ("04.2") -> "right", "wrong" or "not attempted": the last verdict that
            was saved, "not attempted" where a check was never run.
        exercises: exercise -> (title, minutes), for all that the text announces.
    """

    title: str = ""
    reads: int = 0
    claims: set = field(default_factory=set)
    again: set = field(default_factory=set)
    verdicts: dict = field(default_factory=dict)
    exercises: dict = field(default_factory=dict)


def read(path):
    """A notebook file as a `Notebook`.

    Raises:
        UnreadableNotebook: if the file is no notebook.
    """
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        found = Notebook()
        for cell in cells:
            _note_text(found, cell) if cell["cell_type"] == "markdown" else _note_code(found, cell)
    except json.JSONDecodeError as error:
        raise UnreadableNotebook(f"{path}: broken at line {error.lineno}, left out") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableNotebook(f"{path}: cannot be read ({error}), left out") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableNotebook(f"{path}: not a notebook, left out") from error
    return found


def _note_text(found, cell):
    """Titles and minutes."""
    text = _text(cell)
    if not found.title and text.startswith("# "):
        found.title = text.partition("\n")[0][2:].strip()
        reads = _READS.search(text)
        found.reads = int(reads[1]) if reads else 0
    for name, title, minutes in _HEADING.findall(text):
        found.exercises[name] = (title, int(minutes))


def _note_code(found, cell):
    """Checks, and what outputs hold beside their text."""
    for name in _CHECK.findall(_text(cell)):
        found.verdicts.setdefault(name, "not attempted")
    for output in cell.get("outputs", []):
        record = output.get("metadata", {}).get("rnncourse", {})
        name, verdict = str(record.get("exercise")), record.get("verdict")
        if _NAME.fullmatch(name) and verdict in BEST_FIRST:
            found.verdicts[name] = verdict
        elif verdict == "open":  # no check can mark it: it does not count
            found.verdicts.pop(name, None)
        elif isinstance(record.get("claim"), str):
            found.claims.add(record["claim"])
            if record.get("by") == "reader":
                found.again.add(record["claim"])


def _text(cell):
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
