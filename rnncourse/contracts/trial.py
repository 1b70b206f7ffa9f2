"""One cell on trial: its inputs, what counts as equal and as different, and who may ask."""

import functools
import re
import warnings

import numpy as np

from rnncourse import seeds
from rnncourse.contracts.adapters import adapt
from rnncourse.contracts.report import ORDER, Verdict

B, T, D = 3, 7, 4  # never two sizes alike: a transposed axis must crash or show


class Trial:
    """A cell with everything that the contracts need to question it.

    Args:
        cell: anything that `adapters.adapt` takes.
        D: input size; by default what the cell says, else 4.
        rng: a `numpy.random.Generator`, by default `seeds.rng(4)`.
        reference, loop, stepwise, backward: as in `check`.
    """

    def __init__(
        self, cell, D=None, rng=None, reference=None, loop=None, stepwise=None, backward=None
    ):
        self.cell = adapt(cell)
        if None not in (D, self.cell.D) and D != self.cell.D:
            raise ValueError(f"D: expected {self.cell.D}, the cell's input size, got {D!r}")
        self.said_D = D is not None or self.cell.D is not None
        self.D = D or self.cell.D or globals()["D"]
        self.cell.D = self.D
        self.seed = int((seeds.rng(4) if rng is None else rng).integers(2**31))
        self.reference = None if reference is None else adapt(reference)
        self.loop = None if loop is None else adapt(loop)
        self.stepwise = None if stepwise is None else adapt(stepwise)
        self.backward = backward
        self.verdicts = {}

    def x(self, key, B=B, T=T, scale=1.0):
        """Normal numbers (B, T, D), always the same ones for one key."""
        rng = np.random.default_rng([self.seed, key])
        return scale * rng.standard_normal((B, T, self.D))

    def run(self, x, state=None, lengths=None):
        """`cell.run`, on a copy of x."""
        return self.cell.run(x.copy(), state, lengths)

    def h(self, x, state=None, lengths=None):
        """The outputs alone."""
        return self.run(x, state, lengths)[0]

    def ask(self, law):
        """The verdict of a contract, which is asked if it has not been yet."""
        return self.verdicts.get(law.contract) or law(self)

    def keeps(self, law):
        """Whether the cell keeps another contract."""
        return self.ask(law).kept is True

    def ask_no_more(self, why):
        """Settle all contracts that have not been asked."""
        for name in ORDER:
            self.verdicts.setdefault(name, Verdict(name, None, why))


_ASKING = """
    Args:
        cell: as for `check`.
        **keywords: `D`, `rng`, `reference`, `loop`, `stepwise`, `backward`, as for `check`.

    Returns:
        Verdict.

    Raises:
        ValueError: if `cell` is no cell.

    Taught in: chapters/04_a_loop_with_a_memory.
"""


def contract(name, law):
    """Make a contract of a function of a `Trial` that returns (kept, text or None, numbers).

    The contract takes a cell (and the keywords of `Trial`) or a `Trial`, and returns a `Verdict`.
    An exception in the cell is a broken contract, told in words.
    """
    assert name in ORDER

    def decorate(question):
        @functools.wraps(question)
        def ask(cell, **keywords):
            trial = cell if isinstance(cell, Trial) else Trial(cell, **keywords)
            with warnings.catch_warnings(), np.errstate(all="ignore"), trial.cell.asked():
                warnings.simplefilter("ignore")
                try:
                    kept, text, numbers = question(trial)
                except Exception as error:
                    kept, text, numbers = False, in_words(error), {}
            verdict = Verdict(name, kept, law if kept else text, numbers)
            trial.verdicts[name] = verdict
            return verdict

        del ask.__wrapped__  # its signature is (cell, **keywords)
        ask.__doc__ = f"{question.__doc__}\n{_ASKING}"
        ask.contract = name
        return ask

    return decorate


def in_words(error):
    """The first line of an exception's message, without memory addresses, at most 120 letters.

    Example:
        >>> in_words(KeyError("h"))
        "the cell stopped with KeyError: 'h'"
    """
    lines = str(error).strip().splitlines() or ["no message"]
    message = re.sub(r"0x[0-9a-fA-F]+", "...", lines[0])
    message = message if len(message) <= 120 else message[:117] + "..."
    return f"the cell stopped with {type(error).__name__}: {message}"
