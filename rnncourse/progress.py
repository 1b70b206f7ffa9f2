"""Which exercises are solved? Read from a learner's notebooks, which are never changed.

Each `check("04.2", ...)` leaves its verdict with its output in the notebook. A notebook therefore
counts as it was last saved.
"""

import json
import re
from pathlib import Path

MARKS = {"right": "✓", "wrong": "✗", "not attempted": "○"}
BEST_FIRST = list(MARKS)
_CHECK = re.compile(r"""^\s*(?:\w+\.)?check\(\s*["'](\d\d\.\d+)["']""", re.MULTILINE)
_NAME = re.compile(r"\d\d\.\d+")


class UnreadableNotebook(ValueError):
    """A file that is not a notebook; the message is one line."""


def verdicts(path):
    """What a notebook says of its exercises.

    Args:
        path: a notebook file.

    Returns:
        dict from exercise ("04.2") to "right", "wrong" or "not attempted": the last verdict that
        was saved, "not attempted" where a check was never run.

    Raises:
        UnreadableNotebook: if the file is no notebook.
    """
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        found = {}
        for cell in cells:
            for name in _CHECK.findall(_text(cell)) if cell["cell_type"] == "code" else []:
                found.setdefault(name, "not attempted")
            for output in cell.get("outputs", []):
                record = output.get("metadata", {}).get("rnncourse", {})
                name, verdict = str(record.get("exercise")), record.get("verdict")
                if _NAME.fullmatch(name) and verdict in MARKS:
                    found[name] = verdict
                elif verdict == "open":  # no check can mark it: it does not count
                    found.pop(name, None)
    except json.JSONDecodeError as error:
        raise UnreadableNotebook(f"{path}: broken at line {error.lineno}, left out") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableNotebook(f"{path}: cannot be read ({error}), left out") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableNotebook(f"{path}: not a notebook, left out") from error
    return found


def _text(cell):
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def collect(folder):
    """The verdicts of all notebooks in a folder, chapter by chapter.

    A copy that was kept of a learner's notebook (`NAME.mine-DATE.ipynb`) counts for its chapter:
    an exercise that was ever solved stays solved.

    Args:
        folder: where the exercise notebooks are.

    Returns:
        (chapters, problems): chapters is a dict from chapter name to a dict as of `verdicts`;
        problems is a list of lines on files that could not be read.
    """
    chapters, problems = {}, []
    for path in sorted(Path(folder).glob("*.ipynb")):
        name = path.name.split(".")[0]
        try:
            found = verdicts(path)
        except UnreadableNotebook as error:
            problems.append(str(error))
            continue
        best = chapters.setdefault(name, {})
        for exercise, verdict in found.items():
            best[exercise] = min(best.get(exercise, verdict), verdict, key=BEST_FIRST.index)
    return chapters, problems


def table(chapters):
    """The table that is printed: a line for each chapter, and the sum.

    Example:
        >>> print(table({"04_a_loop": {"04.1": "right", "04.2": "wrong"}}))
        chapter      solved   exercises
        04 a loop    1 of 2   ✓ 04.1  ✗ 04.2
        <BLANKLINE>
        1 of 2 checked exercises solved
    """
    names = {chapter: chapter.replace("_", " ") for chapter in chapters}
    width = max(map(len, [*names.values(), "chapter"])) + 3
    lines = [f"{'chapter':<{width}} solved   exercises"]
    for chapter, found in sorted(chapters.items()):
        marks = "  ".join(f"{MARKS[found[name]]} {name}" for name in sorted(found, key=_order))
        solved = f"{_solved(found)} of {len(found)}"
        lines.append(f"{names[chapter]:<{width}} {solved:<8} {marks}".rstrip())
    total = sum(map(len, chapters.values()))
    lines += ["", f"{sum(map(_solved, chapters.values()))} of {total} checked exercises solved"]
    return "\n".join(lines)


def _solved(found):
    return sum(verdict == "right" for verdict in found.values())


def _order(name):
    return [int(part) for part in name.split(".")]


def main(folder):
    """Print the table; returns 1 if there was nothing to read, or something unreadable."""
    if not Path(folder).is_dir():
        print(f"{folder}: there is no such folder; say where the exercise notebooks are")
        return 1
    chapters, problems = collect(folder)
    for line in problems:
        print(line)
    if not chapters:
        print(f"{folder}: no exercise notebooks here")
        return 1
    print(table(chapters))
    return int(bool(problems))
