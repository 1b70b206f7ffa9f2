"""Small results that outlive their chapter: measured once, kept, and quoted instead of retyped.

A chapter that measures what others will need calls `keep`. The table stands in that chapter, and
its numbers travel with the executed notebook; `make notebooks` gathers them into kept.json. Later
chapters and the appendix show the same table with `quote`, or compute with it through `get`, so
that no number is ever typed a second time.
"""

import json
import re
from numbers import Number
from pathlib import Path
from typing import NamedTuple

from rnncourse import _display

KEPT = Path(__file__).parent / "kept.json"
MOST_ROWS = 20  # more is no small result


class Result(NamedTuple):
    """A small table with its name.

    Attributes:
        name: lower-case words joined by hyphens, unique in the course.
        caption: one sentence: what was measured, over how many seeds.
        columns: the headings, the first one that of the rows' names.
        rows: a list of rows, each as long as `columns`; the first entry is the row's name.
        chapter: the chapter that measured it, e.g. "09_lstm_a_cell_that_adds"; empty in the
            chapter itself.
    """

    name: str
    caption: str
    columns: list
    rows: list
    chapter: str = ""

    def value(self, row, column):
        """The entry in the row of this name and the column of this heading.

        Raises:
            ValueError: if there is no such row or column.
        """
        names = [entries[0] for entries in self.rows]
        for kind, wanted, known in (("row", row, names), ("column", column, self.columns)):
            if wanted not in known:
                raise ValueError(f"{kind}: expected one of {known}, got {wanted!r}")
        return self.rows[names.index(row)][self.columns.index(column)]

    def __str__(self):
        head, *rows = self._cells()
        return "\n".join([*_display.text_table(head, rows), self._said()])

    def html(self):
        """The table for a page, its rows and columns with header cells."""
        head, *rows = self._cells()
        return _display.html_table(head, rows, self._said())

    def _cells(self):
        return [[_short(entry) for entry in row] for row in (self.columns, *self.rows)]

    def _said(self):
        source = f" (Measured in chapter {self.chapter[:2]}.)" if self.chapter else ""
        return self.caption + source


def keep(name, caption, columns, rows):
    """Show a small table, and keep it under a name for whoever quotes it.

    Args:
        name: lower-case words joined by hyphens, e.g. "forget-bias-fan"; unique in the course.
        caption: one sentence: what was measured, over how many seeds.
        columns: the headings, the first one that of the rows' names.
        rows: at most 20 rows, each as long as `columns`: numbers (NumPy's, too) and text, first
            the row's name. Numbers are kept to four digits.

    Raises:
        ValueError: if the name has other signs, the caption is no sentence, or the table is
            empty, ragged, too long, names a row twice or holds what is neither number nor text.

    Example:
        >>> keep("squares", "Two small squares.", ["n", "square"], [["two", 4], ["three", 9]])
        n      square
        -------------
        two         4
        three       9
        Two small squares.
    """
    result = Result(name, caption, list(columns), [[_plain(entry) for entry in r] for r in rows])
    _refuse(result)
    kept = {key: getattr(result, key) for key in ("caption", "columns", "rows")}
    _display.line(str(result), {"keeps": name, **kept}, result.html())


def quote(name):
    """Show a table that another chapter measured, as that chapter kept it.

    Raises:
        ValueError: if no chapter keeps a result of that name.
    """
    result = get(name)
    _display.line(str(result), {"quotes": name, "rows": result.rows}, result.html())


def get(name):
    """The `Result` of that name.

    Raises:
        ValueError: if no chapter keeps a result of that name.
    """
    known = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    if name not in known:
        raise ValueError(f"name: expected one of {sorted(known)}, got {name!r}")
    return Result(name=name, **known[name])


def _refuse(result):
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", str(result.name)):
        raise ValueError(f"name: expected lower-case words and hyphens, got {result.name!r}")
    if not isinstance(result.caption, str) or not result.caption.strip().endswith("."):
        raise ValueError(f"caption: expected a sentence with its full stop, got {result.caption!r}")
    lengths = {len(row) for row in result.rows} | {len(result.columns)}
    if not 1 <= len(result.rows) <= MOST_ROWS or len(lengths) > 1:
        raise ValueError(
            f"rows: expected 1 to {MOST_ROWS} rows of {len(result.columns)} entries, as many as "
            f"columns, got {len(result.rows)} rows of {sorted(map(len, result.rows))}"
        )
    names = [row[0] for row in result.rows]
    if len(set(names)) < len(names):
        raise ValueError(f"rows: expected each name once, got {names}")


def _plain(entry):
    """A number, rounded to four digits, or text."""
    if hasattr(entry, "item"):
        entry = entry.item()
    if isinstance(entry, (bool, int, str)):
        return entry
    if isinstance(entry, Number) and not isinstance(entry, complex):
        return float(f"{float(entry):.4g}")
    raise ValueError(f"rows: expected numbers and text, got {entry!r}")


def _short(entry):
    return f"{entry:.4g}" if isinstance(entry, float) else str(entry)
