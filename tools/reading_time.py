"""How long a page takes to read, computed from what is on it.

    python tools/reading_time.py      what chapters say of themselves, beside what is computed

Prose goes at a moderate pace, for somebody to whom the matter is new; a line of code, a formula
and a figure take their time whatever the number of their words. A table of many rows is looked
things up in, and not read through.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = 200  # a minute
SECONDS = {"line": 5, "formula": 15, "figure": 30}
LONGEST_TABLE = 100  # rows that somebody reads through

_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_CODE = re.compile(
    r"^(`{3,}|~{3,})(?:\{code-cell\}[^\n]*|\w*)\n(.*?)^\1$", re.MULTILINE | re.DOTALL
)
_FORMULA = re.compile(r"\$\$.*?\$\$", re.DOTALL)
_OPTION = re.compile(r"^(?::[\w-]+:.*|%.*|\([\w-]+\)=)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^\|.*\n?)+", re.MULTILINE)
_TARGET = re.compile(r"\]\([^)\s]*(?: \"[^\"]*\")?\)|<[^>\n]*>|\{[\w:]+\}")
_WORD = re.compile(r"[^\W_]+(?:['’.,-]\w+)*")


def of_text(text):
    """Minutes for a piece of Markdown.

    Example:
        >>> of_text("word " * 400)
        2.0
    """
    text = _OPTION.sub("", _FRONT.sub("", text))
    lines = [line for _, code in _CODE.findall(text) for line in code.split("\n") if line.strip()]
    text = _CODE.sub("", text)
    formulas = len(_FORMULA.findall(text))
    text = _TABLE.sub(lambda table: _read_through(table[0]), _FORMULA.sub("", text))
    words = len(_WORD.findall(_TARGET.sub("] ", text)))
    seconds = SECONDS["line"] * len(lines) + SECONDS["formula"] * formulas
    return words / WORDS + seconds / 60


def of_notebook(path):
    """Minutes for a notebook: its text, its code and its figures."""
    total = 0.0
    for cell in json.loads(Path(path).read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            total += of_text(source)
            continue
        figures = sum("image/png" in output.get("data", {}) for output in cell["outputs"])
        total += of_text(f"```python\n{source}\n```") + SECONDS["figure"] * figures / 60
    return total


def rounded(minutes):
    """Minutes as a page says them: to five from twenty on, at least one.

    >>> [rounded(minutes) for minutes in (0.2, 7.4, 38)]
    [1, 7, 40]
    """
    return max(1, round(minutes)) if minutes < 20 else 5 * round(minutes / 5)


def _read_through(table):
    return table if table.count("\n") <= LONGEST_TABLE else "\n".join(table.split("\n")[:3])


def main():
    """Print the table; returns 1 if a chapter is off by more than half."""
    off = 0
    print("chapter  says  computed")
    for path in sorted(ROOT.glob("chapters/[0-9][0-9]_*.ipynb")):
        if ".mine-" in path.name:
            continue
        says, computed = declared(path), of_notebook(path)
        off += (bad := not 2 / 3 <= computed / says <= 1.5)
        print(f"{path.stem[:2]:<8} {says:>4} {computed:>9.0f}{'   off' if bad else ''}")
    return int(off > 0)


def declared(path):
    """The minutes that a chapter says it takes."""
    first = "".join(json.loads(Path(path).read_text(encoding="utf-8"))["cells"][0]["source"])
    return int(re.search(r"reads (\d+) min", first)[1])


if __name__ == "__main__":
    sys.exit(main())
