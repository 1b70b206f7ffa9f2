"""Contracts: what every recurrent cell must obey, asked of any NumPy, PyTorch or Keras cell.

Recurrent bugs do not raise: the shapes match and the loss falls. A contract is a law that a cell
keeps or breaks whatever its weights are, so it can be checked in milliseconds before any training.
`check(cell)` asks all of them; each is also a function of its own, e.g. `causality(cell)`. Three
more ask whole models: `in_company` and `hears_every_step` one that pads and masks by itself,
`one_prefix_one_answer` one that is taught in one call and decodes step by step. Two ask agents:
`minds_the_ends` where their state is reset, `values_the_cut` what they expect behind an end.
"""

from rnncourse.contracts import laws
from rnncourse.contracts.company import hears_every_step, in_company
from rnncourse.contracts.episodes import minds_the_ends, values_the_cut
from rnncourse.contracts.laws import (
    agreement,
    batch_independence,
    causality,
    finiteness,
    freshness,
    gradient,
    non_linearity,
    padding_invariance,
    recurrence,
    repeatability,
    scan_equals_loop,
    shape,
    state_carry,
    teacher_forced_equals_stepwise,
)
from rnncourse.contracts.making import from_forward, scan
from rnncourse.contracts.report import ORDER, Report, Verdict
from rnncourse.contracts.teaching import one_prefix_one_answer
from rnncourse.contracts.trial import Trial

__all__ = [
    "Report",
    "Verdict",
    "agreement",
    "batch_independence",
    "causality",
    "check",
    "finiteness",
    "freshness",
    "from_forward",
    "gradient",
    "hears_every_step",
    "in_company",
    "minds_the_ends",
    "non_linearity",
    "one_prefix_one_answer",
    "padding_invariance",
    "recurrence",
    "repeatability",
    "scan",
    "scan_equals_loop",
    "shape",
    "state_carry",
    "teacher_forced_equals_stepwise",
    "values_the_cut",
]

_CONTRACTS = [getattr(laws, name.replace(" ", "_").replace("-", "_")) for name in ORDER]


def check(
    cell,
    D=None,
    rng=None,
    reference=None,
    *,
    loop=None,
    stepwise=None,
    backward=None,
    except_for=None,
    show=True,
):
    """Ask a recurrent cell every contract, and show one line for each.

    `✓` kept; `✗` broken: what was seen, then what it most likely means; `–` does not apply, why.
    A cell that raises inside a contract has broken it; the message is told.

    Args:
        cell: `cell(x, state=None) -> (h, state)` on NumPy arrays, x (B, T, D), h (B, T, H), the
            state any nesting of arrays, optionally with a keyword `mask` (B, T) or `lengths`
            (B,); or a `torch.nn.Module` with batch_first; or a Keras layer with
            return_sequences=True and return_state=True; or `RNNParams`, `LSTMParams`,
            `GRUParams`. See `scan` for a function of one step.
        D: input size; by default the cell's own if it tells it, else 4.
        rng: a `numpy.random.Generator` for the inputs.
        reference: a cell with the same weights that is known to be right.
        loop: the same cell as a plain loop, if the cell itself is a scan.
        stepwise: the code that generates with this cell, `stepwise(x) -> h` fed x step by step.
        backward: `backward(x, dh) -> dx`, the gradient of sum(dh * h) with respect to x, if the
            cell has a hand-written one.
        except_for: `{contract: reason}` of contracts not to ask, e.g.
            `{"causality": "bidirectional on purpose"}`.
        show: whether to show the report.

    Returns:
        Report, with `.ok`, `.broken`, `.culprit`, `.verdicts`, `.numbers`.

    Raises:
        ValueError: if `cell` is no cell, `D` contradicts it, or `except_for` names no contract.

    Taught in: chapters/04_a_loop_with_a_memory.

    Example:
        >>> import numpy as np
        >>> broken = scan(lambda x_t, h_prev: x_t + 0.5 * h_prev, H=4)
        >>> report = check(broken, show=False)
        >>> print(report["non-linearity"])
        ✗ non-linearity: f(a + b) - f(a) - f(b) + f(0) = 0: the recurrence is linear; is
          a tanh missing?
        >>> report.broken
        ['non-linearity']
        >>> check(scan(lambda x_t, h_prev: np.tanh(x_t + 0.5 * h_prev), H=4), show=False).ok
        True
    """
    except_for = except_for or {}
    unknown = [name for name in except_for if name not in ORDER]
    if unknown:
        raise ValueError(f"except_for: expected names among {list(ORDER)}, got {unknown}")
    trial = Trial(cell, D, rng, reference, loop, stepwise, backward)
    for name, why in except_for.items():
        trial.verdicts[name] = Verdict(name, None, f"not asked, {why}")
    _ask_all(trial)
    report = Report([trial.verdicts[name] for name in ORDER], trial.cell.name)
    if show:
        report.show()
    return report


def _ask_all(trial):
    """Every contract that has no verdict yet; first those without which the rest is pointless."""
    trial.ask(laws.shape)
    if trial.verdicts["shape"].kept is False:
        trial.ask_no_more("not asked before the shapes are right")
    trial.ask(laws.finiteness)
    if trial.verdicts["finiteness"].numbers.get("finite steps") == 0:
        trial.ask_no_more("not asked before the numbers are finite")
    for law in _CONTRACTS:
        trial.ask(law)
