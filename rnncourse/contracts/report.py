"""What the contracts found: one verdict each, and all of them as a short text."""

import math
import sys
import textwrap
from dataclasses import dataclass, field

from rnncourse import _display

ORDER = (
    "shape",
    "repeatability",
    "recurrence",
    "causality",
    "freshness",
    "non-linearity",
    "state carry",
    "batch independence",
    "padding invariance",
    "gradient",
    "scan equals loop",
    "teacher-forced equals stepwise",
    "agreement",
    "finiteness",
)

# One mistake often breaks several contracts; the first of these that is broken names it best.
# Swapped axes, for instance, also stop x_0 from mattering later and the state from carrying.
MOST_TELLING_FIRST = (
    "shape",
    "repeatability",
    "batch independence",
    "causality",
    "freshness",
    "recurrence",
    "non-linearity",
    "padding invariance",
    "state carry",
    "scan equals loop",
    "gradient",
    "finiteness",
    "teacher-forced equals stepwise",
    "agreement",
)


@dataclass(frozen=True)
class Verdict:
    """One contract's answer about one cell.

    Args:
        name: the contract.
        kept: True (✓), False (✗), or None (–) where it does not apply.
        text: the law if it is kept; what was seen and what it most likely means if it is
            broken; why it was not asked otherwise. No digits that depend on the machine.
        numbers: what was measured, `{name: float}`.
    """

    name: str
    kept: bool | None
    text: str
    numbers: dict = field(default_factory=dict)

    def __str__(self):
        line = f"{ {True: '✓', False: '✗', None: '–'}[self.kept] } {self.name}: {self.text}"
        return textwrap.fill(line, width=80, subsequent_indent="  ")


class Report:
    """All contracts' verdicts about one cell, in a fixed order.

    Args:
        verdicts: the `Verdict`s.
        cell: the cell's name, kept with the numbers.

    Example:
        >>> report = Report([Verdict("causality", False, "the cell peeks at the future")])
        >>> report.ok, report.broken, report.culprit
        (False, ['causality'], 'causality')
        >>> print(report)
        ✗ causality: the cell peeks at the future
    """

    def __init__(self, verdicts, cell="cell"):
        self.verdicts = {verdict.name: verdict for verdict in verdicts}
        self.cell = cell
        self._shown_in = None

    def __getitem__(self, name):
        return self.verdicts[name]

    @property
    def ok(self):
        """Whether no contract is broken."""
        return not self.broken

    @property
    def broken(self):
        """Names of the broken contracts, in the fixed order."""
        return [name for name, verdict in self.verdicts.items() if verdict.kept is False]

    @property
    def kept(self):
        """Names of the kept contracts, in the fixed order."""
        return [name for name, verdict in self.verdicts.items() if verdict.kept]

    @property
    def culprit(self):
        """The broken contract that says most about the mistake; None if all are kept."""
        return min(self.broken, key=MOST_TELLING_FIRST.index, default=None)

    @property
    def numbers(self):
        """`{contract: {what was measured: float}}`; these do depend on the machine."""
        return {name: verdict.numbers for name, verdict in self.verdicts.items()}

    def __str__(self):
        pointless = [v for v in self.verdicts.values() if v.text.startswith("not asked before")]
        lines = [str(verdict) for verdict in self.verdicts.values() if verdict not in pointless]
        if pointless:
            lines.append(f"– all other contracts: {pointless[0].text}")
        if len(self.broken) > 1:
            lines.append(f"→ look first at: {self.culprit}")
        return "\n".join(lines)

    def __repr__(self):
        return f"Report(ok={self.ok}, broken={self.broken})"

    def show(self):
        """Show the text; a notebook keeps the verdicts and numbers beside it as metadata."""
        marks = {True: "kept", False: "broken", None: "not applicable"}
        record = {
            "cell": self.cell,
            "ok": self.ok,
            "broken": self.broken,
            "culprit": self.culprit,
            "verdicts": {name: marks[verdict.kept] for name, verdict in self.verdicts.items()},
            "numbers": {
                name: {key: _plain(number) for key, number in numbers.items()}
                for name, numbers in self.numbers.items()
            },
        }
        _display.line(str(self), {"contracts": record})
        self._shown_in = _execution()

    def _ipython_display_(self):
        """As the last value of the cell that has just shown it, do not show it twice."""
        if self._shown_in is None or self._shown_in != _execution():
            self.show()


def _execution():
    """The number of the notebook cell that runs, None outside notebooks."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "execution_count", None)


def _plain(number):
    """A rounded float, or its name where JSON has no number for it."""
    number = float(number)
    return float(f"{number:.4g}") if math.isfinite(number) else str(number)
