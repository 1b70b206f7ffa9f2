"""The contracts: what every recurrent cell must obey, each a few lines that could fail.

A contract returns (kept, what to tell if it is broken or does not apply, numbers). `kept` None
means that it does not apply. What it tells is the symptom, then the usual cause.
"""

import numpy as np

from rnncourse.contracts.measures import (
    bypass,
    equal,
    gap,
    moved,
    one_by_one,
    padded_against_alone,
    slopes,
    superposition,
)
from rnncourse.contracts.states import leaves, to_numpy
from rnncourse.contracts.trial import T, contract, in_words

LONG = 4096  # steps that a cell must survive
SCALES = (1.0, 0.1, 10.0)  # of x, tried until something moves: a cell may rest or be saturated


@contract("shape", "x (B, T, D) gives h (B, T, H), also for B = 1 and T = 1")
def shape(trial):
    """x (B, T, D) -> h (B, T, H) and a state; one sequence and one step are no exceptions."""
    widths = []
    for size in ({}, {"B": 1}, {"T": 1}):
        try:
            widths.append(trial.h(trial.x(1, **size)).shape[-1])
        except Exception as error:
            told = in_words(error) + "".join(f" (for {key} = 1)" for key in size)
            hint = "" if trial.said_D or size else f" (x had D = {trial.D}; if wrong, say D=...)"
            return False, told + hint, {}
    return len(set(widths)) == 1, f"H is not always the same: {widths}", {"H": widths[0]}


@contract("repeatability", "the same x gives the same h again")
def repeatability(trial):
    """f(x) = f(x), and x is left as it was."""
    x = trial.x(1)
    given = x.copy()
    first = trial.cell.run(given)[0]
    difference = gap(first, trial.h(x))
    if not (given == x).all():
        return False, "the cell overwrites its input x", {}
    told = (
        "the same x gives another h the second time: does the cell remember between calls, "
        "or draw at random (dropout)?"
    )
    return equal(difference, first), told, {"difference": difference}


@contract("recurrence", "x_0 still moves the outputs three and more steps later")
def recurrence(trial):
    """dh_t / dx_0 is not zero for t >= 3: the state is carried from step to step."""
    movement = 0.0
    for scale in SCALES:
        x, other = trial.x(1, scale=scale), trial.x(1, scale=scale)
        other[:, 0] = trial.x(2, scale=scale)[:, 0]
        h = trial.h(x)
        movement = max(movement, gap(h[:, 3:], trial.h(other)[:, 3:]))
        if moved(movement, h):
            return True, None, {"movement": movement}
    told = (
        "the outputs from step 3 on do not move when x_0 does: the state is not carried from "
        "step to step"
    )
    return False, told, {"movement": movement}


@contract("causality", "no output moves when a later input does")
def causality(trial):
    """dh_s / dx_t = 0 for t > s: the past cannot see the future."""
    x = trial.x(1)
    h = trial.h(x)
    peeks = []
    for t in (1, T // 2, T - 1):
        other = x.copy()
        other[:, t:] = trial.x(2)[:, t:]
        peeks.append(gap(h[:, :t], trial.h(other)[:, :t]))
    told = "an output moves when a later input does: the cell peeks at the future"
    return equal(max(peeks), h), told, {"movement": max(peeks)}


@contract("freshness", "the output at t depends on x_t, by way of the new state")
def freshness(trial):
    """dh_t / dx_t is not zero, and the output is a function of the new state alone."""
    t, movement = T // 2, 0.0
    for scale in SCALES:
        x, other = trial.x(1, scale=scale), trial.x(1, scale=scale)
        other[:, t] = trial.x(2, scale=scale)[:, t]
        h = trial.h(x)
        movement = max(movement, gap(h[:, t], trial.h(other)[:, t]))
        if moved(movement, h):
            break
    else:
        told = "the output at t does not move when x_t does: it is computed from the old state"
        return False, told, {"movement": movement}
    if not (trial.keeps(batch_independence) and trial.keeps(causality)):
        return True, None, {"movement": movement}  # its rows would not be independent trials
    past = bypass(trial)
    told = (
        "the output at t moves while the new state stands still: it is computed from the old "
        "state (or x_t goes past the state)"
    )
    return past <= 0.02, told, {"movement": movement, "bypass": past}


@contract("non-linearity", "superposition fails, as it must")
def non_linearity(trial):
    """f(a + b) - f(a) - f(b) + f(0) is not zero, neither for the outputs nor for the state."""
    for scale in SCALES:
        a, b = trial.x(1, scale=scale), trial.x(2, scale=scale)
        runs = [trial.run(x) for x in (a + b, a, b, np.zeros_like(a))]
        defects = {"outputs": superposition([h for h, _ in runs])}
        if leaves(runs[0][1]):
            flat = [np.concatenate([leaf.ravel() for leaf in leaves(end)]) for _, end in runs]
            if gap(flat[0], flat[-1]) > 0:  # a constant state says nothing about linearity
                defects["state"] = superposition(flat)
        if not any(equal(defect, runs[0][0]) for defect in defects.values()):
            return True, None, defects
    told = "f(a + b) - f(a) - f(b) + f(0) = 0: the recurrence is linear; is a tanh missing?"
    return False, told, defects


@contract("state carry", "20 steps in one go equal 10 + 10")
def state_carry(trial):
    """run(x[0:20]) = run(x[0:10]), then run(x[10:20]) from the state it left."""
    if not trial.cell.takes_state:
        return False, "the cell takes no state, so no run can go on where another ended", {}
    x = trial.x(1, T=20)
    whole, end = trial.run(x)
    first, state = trial.run(x[:, :10])
    if not leaves(state):
        return False, "the cell returns no state, so no run can go on where it ended", {}
    second, last = trial.run(x[:, 10:], state)
    parts = np.concatenate([first, second], axis=1)
    differences = {"outputs": gap(whole, parts), "state": gap(leaves(end), leaves(last))}
    told = "20 steps in one go differ from 10 + 10: the state is reset, or not returned"
    return equal(max(differences.values()), whole), told, differences


@contract("batch independence", "changing one sequence moves no other")
def batch_independence(trial):
    """h[b] depends on x[b] alone: the others may change, or be absent."""
    x = trial.x(1)
    other = x.copy()
    other[1] = trial.x(2)[1]
    h, rest = trial.h(x), [0, 2]
    movement = gap(h[rest], trial.h(other)[rest])
    if not equal(movement, h):
        told = "changing one sequence of the batch moves another: are batch and time swapped?"
        return False, told, {"movement": movement}
    alone = gap(h[1:2], trial.h(x[1:2]))
    told = "a sequence alone gives another h than in the batch"
    return equal(alone, h), told, {"movement": movement, "alone": alone}


@contract("padding invariance", "what stands in padded steps moves nothing")
def padding_invariance(trial):
    """Masked steps may hold anything: outputs on real steps and the last state stay the same."""
    if trial.cell.padding is None:
        return None, "not applicable, the cell takes no mask and no lengths", {}
    lengths = [T, 4, 2]
    real = np.arange(T) < np.array(lengths)[:, None]
    x, other = trial.x(1), trial.x(1)
    other[~real] = 100 * trial.x(2)[~real]
    (h, state), (h_other, state_other) = (trial.run(z, lengths=lengths) for z in (x, other))
    numbers = {"outputs": gap(h[real], h_other[real])}
    if not equal(numbers["outputs"], h):
        return False, "outputs on real steps move with what is padded: the mask leaks", numbers
    numbers["state"] = gap(leaves(state), leaves(state_other))
    if not equal(numbers["state"], h):
        return False, "the last state moves with what is padded: the mask leaks", numbers
    numbers["alone"] = max(
        padded_against_alone(trial, x, h, state, b, n) for b, n in enumerate(lengths)
    )
    told = "a padded sequence gives another h or last state than the same sequence alone"
    return equal(numbers["alone"], h), told, numbers


@contract("gradient", "the cell's gradient equals the finite difference")
def gradient(trial):
    """dL/dx as the cell computes it, against (L(x + eps v) - L(x - eps v)) / (2 eps)."""
    cell = trial.cell.precise()
    own = trial.backward or (cell.gradient if cell.has_gradient else None)
    if own is None:
        return None, "not applicable, the cell has no backward pass", {}
    x = trial.x(1)
    h = cell.run(x)[0]
    dh = np.random.default_rng([trial.seed, 3]).standard_normal(h.shape)
    dx = to_numpy(own(x.copy(), dh.copy()))
    if dx.shape != x.shape:
        return False, f"expected dx of the shape of x, {x.shape}, got {dx.shape}", {}
    v = trial.x(2)
    own_slopes = (dx * v).sum(axis=(0, 2))  # one along v at each step, (T,)
    precise = h.dtype.itemsize == 8
    tries = [slopes(cell, x, v, dh, eps) for eps in ((1e-6,) if precise else (1e-2, 1e-3))]
    errors = np.min([np.abs(own_slopes - numeric) for numeric in tries], axis=0)
    errors = errors / max(np.abs([own_slopes, *tries]).max(), 1e-30)
    wrong = ~(errors <= (1e-4 if precise else 3e-2))
    told = "the cell's gradient differs from the finite difference: is a term missing?"
    if wrong.any() and not wrong[-1]:
        told = (
            "the gradient of early steps differs from the finite difference: is it cut off from "
            "step to step (detach, or a missing term)?"
        )
    return not wrong.any(), told, {"error": float(errors.max())}


@contract("scan equals loop", "all steps at once equal one step at a time")
def scan_equals_loop(trial):
    """The whole-sequence run equals the same cell, or `loop=`, taking single steps."""
    x = trial.x(1)
    h = trial.h(x)
    if trial.loop is not None:
        steps = trial.loop.run(x.copy())[0]
    else:
        if not (trial.cell.takes_state and trial.keeps(state_carry)):
            return None, "not asked, no run can go on where another ended", {}
        steps = one_by_one(trial, x)
    difference = gap(h, steps)
    told = "all steps at once differ from one step at a time"
    return equal(difference, h), told, {"difference": difference}


@contract("teacher-forced equals stepwise", "fed its own text, generation gives the same outputs")
def teacher_forced_equals_stepwise(trial):
    """The training pass on x equals the generating code (`stepwise=`) fed the same x."""
    if trial.stepwise is None:
        return None, "not applicable, no stepwise= was given", {}
    x = trial.x(1)
    h = trial.h(x)
    difference = gap(h, trial.stepwise.run(x.copy())[0])
    told = "generating step by step differs from training on the same inputs"
    return equal(difference, h), told, {"difference": difference}


@contract("agreement", "it gives the reference's numbers")
def agreement(trial):
    """h equals the h of `reference=`, a cell with the same weights."""
    if trial.reference is None:
        return None, "not applicable, no reference= was given", {}
    x = trial.x(1)
    h = trial.h(x)
    with trial.reference.asked():
        expected = trial.reference.run(x.copy())[0]
    if h.shape != expected.shape:
        return False, f"the reference gives h {expected.shape}, the cell {h.shape}", {}
    difference = gap(h, expected)
    coarser = min(h, expected, key=lambda array: array.dtype.itemsize)
    told = "the outputs differ from the reference's"
    return equal(difference, coarser), told, {"difference": difference}


@contract("finiteness", f"{LONG} steps stay finite")
def finiteness(trial):
    """Outputs over a long sequence are finite and do not grow a million-fold."""
    if not np.isfinite(trial.h(trial.x(1))).all():
        return False, "a short, ordinary x already gives NaN or infinity", {"finite steps": 0}
    h = np.abs(trial.h(trial.x(1, B=1, T=LONG)))
    if not np.isfinite(h).all():
        first = int(np.argmin(np.isfinite(h).all(axis=(0, 2))))
        return False, f"the outputs overflow within {LONG} steps", {"finite steps": first}
    growth = float(h[:, T:].max() / max(h[:, :T].max(), 1.0))
    told = f"the outputs grow a million-fold within {LONG} steps"
    return growth < 1e6, told, {"growth": growth}
