"""A clinic for training runs: six patients with one fault each, and a healthy run beside them.

All seven runs have the same task, the same data and the same first weights. A patient differs in
one small part of the loop, and in nothing else; what differs is told by `reveal` alone.
"""

import functools
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from rnncourse import seeds


class Fault(IntEnum):
    """Where a training run can be wrong; numbers, so that a diagnosis can be checked."""

    DATA = 1
    LOSS = 2
    STATE = 3
    RATE = 4
    DETACH = 5
    MODE = 6


DATA, LOSS, STATE, RATE, DETACH, MODE = Fault
HEALTHY = "healthy"
SYMBOLS, DELAY, CHUNK = 4, 3, 10  # V, and steps: how far back the echo lies, and one chunk
CHANCE = float(np.log(SYMBOLS))  # nats per symbol of whoever knows nothing

# The same beds for everybody, whatever the seed of the course.
_BEDS = np.random.default_rng([7, 3]).permutation(list(Fault))
_FAULT_OF = {name: Fault(int(fault)) for name, fault in zip("ABCDEF", _BEDS, strict=True)}

SIGNS = {
    DATA: "the training loss stays at chance, calmly, while one batch by itself can be learnt: "
    "model, loss and optimiser work, and the pairs they are given do not belong together",
    LOSS: "nearly every answer is right and the loss is still over half of chance: the loss does "
    "not measure what the model says",
    STATE: "within every chunk the first positions are at chance or worse and the later ones near "
    "zero: what came before the chunk is not known in it",
    RATE: "the training loss jumps about above chance, even on one batch that every other loop "
    "learns at least in part: the steps are too long",
    DETACH: "the gradient is zero from lag 1 on, at the first step of training already: nothing "
    "can be learnt about what lies back",
    MODE: "the same weights on the same data give another validation loss each time: something "
    "random (dropout) is still at work when it should be off",
}


@dataclass(frozen=True, eq=False)
class Chart:
    """What was written down during one training run. Losses are in nats per symbol.

    Attributes:
        train: loss of every step's batch (S,), before the step, with dropout.
        norm: norm of the gradient over all parameters at every step (S,), before clipping.
        steps: after how many steps the validation loss was measured (E,).
        validation: validation loss then (E,).
        accuracy: share of right answers in the validation data then (E,).
        again: validation loss of the last weights, measured three times (3,).
        position: validation loss of the last weights by position within a chunk (CHUNK,).
        lag: norm of the gradient of one step's loss with respect to the state so many steps
            before (CHUNK,), relative to lag 0, with the first weights.
        batch: loss (N,) of a fresh model on one small batch, over and over.
        batch_accuracy: share of right answers there (N,).
    """

    train: np.ndarray
    norm: np.ndarray
    steps: np.ndarray
    validation: np.ndarray
    accuracy: np.ndarray
    again: np.ndarray
    position: np.ndarray
    lag: np.ndarray
    batch: np.ndarray
    batch_accuracy: np.ndarray

    def __repr__(self):
        end, validation = self.train[-len(self.train) // 4 :].mean(), self.validation[-1]
        return (
            f"Chart({len(self.train)} steps, training loss {end:.2f}, validation {validation:.2f})"
        )


@dataclass(frozen=True)
class Finding:
    """What was wrong with a patient.

    Attributes:
        name: of the patient.
        fault: a `Fault`.
        healthy: the part of the loop as it should be, as source text.
        patient: the same part as the patient had it.
        sign: the reading that gives the fault away.
    """

    name: str
    fault: Fault
    healthy: str
    patient: str
    sign: str

    def __str__(self):
        lines = [f"patient {self.name}: {self.fault.name}", "", "healthy:", self.healthy]
        return "\n".join([*lines, "patient:", self.patient, f"sign: {self.sign}"])


def patients(rng=None):
    r"""Train the seven runs: $y_t = x_{t-3}$, four symbols, in chunks of ten steps.

    A plain recurrent network with 24 units reads 32 streams of random symbols, one-hot, and has
    to name the symbol that came three steps before. The streams are cut into chunks; the state is
    carried over the cuts, the gradient is not. Half of the units' outputs are dropped in training.

    Args:
        rng: a NumPy generator for data and first weights; None takes the course's own, and the
            runs are then kept for the next call.

    Returns:
        A dict name -> `Chart`: "healthy", then "A" to "F".

    Raises:
        ValueError: if `rng` is something else.

    Taught in: chapters/07_training_that_works

    Source: own work; the faults are those of public code, one line each.

    Example:
        >>> list(patients())
        ['healthy', 'A', 'B', 'C', 'D', 'E', 'F']
        >>> bool(patients()["healthy"].validation[-1] < 0.2 * CHANCE)
        True
    """
    if rng is None:
        return dict(_of_the_course(seeds.shift()))
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
    from rnncourse.clinic import runs  # here: PyTorch is loaded only for training

    seed = int(rng.integers(2**31))
    return {name: runs.chart(fault, seed) for name, fault in ({HEALTHY: None} | _FAULT_OF).items()}


def reveal(name):
    """Tell what was wrong with a patient, with the lines that were changed.

    Args:
        name: "A" to "F".

    Returns:
        A `Finding`; printed, it reads as a report.

    Raises:
        ValueError: if there is no such patient.

    Taught in: chapters/07_training_that_works

    Example:
        >>> sorted(reveal(name).fault.name for name in "ABCDEF")
        ['DATA', 'DETACH', 'LOSS', 'MODE', 'RATE', 'STATE']
    """
    from rnncourse.clinic import runs

    fault = _FAULT_OF.get(name) if isinstance(name, str) else None
    if fault is None:
        raise ValueError(f"name: expected one of {', '.join(_FAULT_OF)}, got {name!r}")
    healthy, patient = runs.sources(fault)
    return Finding(name, fault, healthy, patient, SIGNS[fault])


@functools.lru_cache(maxsize=2)
def _of_the_course(shift):
    """The runs of the course's seed, trained once in a process."""
    return patients(seeds.rng(7, 300))
