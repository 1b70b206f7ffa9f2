"""A law for whole encoder-decoders: what is taught in one call is what is used step by step."""

import numpy as np

from rnncourse.contracts.measures import equal, gap
from rnncourse.contracts.report import Verdict
from rnncourse.contracts.states import to_numpy


def one_prefix_one_answer(forward, start, step, source, target_in):
    """The same prefix gets the same logits, teacher-forced in one call and fed word by word.

    Decoding is often written a second time, apart from the training pass: the summary changes, a
    state is not carried, it begins as another one. Nothing raises, and the loss is the loss of a
    model that is never used. Which word decoding itself begins with is not asked: both are fed
    `target_in`.

    Args:
        forward: the training pass, `forward(*source, target_in) -> logits (B, T, V)`.
        start: `start(*source) -> state`, as decoding begins.
        step: `step(ids, state) -> (logits, state)`, as decoding goes on, ids (B,), logits (B, V).
        source: what both read, a tuple such as (ids (B, S), mask (B, S)).
        target_in: ids (B, T), with at least 2 steps, the prefix that both are fed.

    Returns:
        Verdict, with the numbers "gap", the largest difference in relation to the largest logit,
        and "first", the first step that differs, counted from 1; 0 if none does.

    Raises:
        ValueError: if `target_in` is not (B, T) with T of at least 2.

    Taught in: chapters/16_being_ones_own_teacher

    Source: the contract "teacher-forced equals stepwise" asks a cell; this asks a whole model.

    Example:
        >>> sums = lambda source, ids: np.cumsum(np.eye(4)[ids], axis=1) + source
        >>> forgets = lambda ids, state: (np.eye(4)[ids] + state, state)
        >>> verdict = one_prefix_one_answer(
        ...     sums, lambda source: source, forgets, (0.5,), np.array([[1, 2, 3]])
        ... )
        >>> verdict.kept, verdict.numbers["first"]
        (False, 2)
    """
    ids = to_numpy(target_in)
    if ids.ndim != 2 or ids.shape[1] < 2:
        raise ValueError(f"target_in: expected ids (B, T) with T of 2 or more, got {ids.shape}")
    taught = to_numpy(forward(*source, target_in))
    state, said = start(*source), []
    for t in range(ids.shape[1]):
        logits, state = step(ids[:, t], state)
        said.append(to_numpy(logits))
    told = np.stack(said, axis=1)  # (B, T, V)
    distance = gap(taught, told)
    kept = bool(equal(distance, min(taught, told, key=lambda array: array.dtype.itemsize)))
    numbers = {"gap": distance, "first": 0 if kept else _first(taught, told)}
    law = "taught in one call and fed step by step, a prefix gets the same logits"
    broken = (
        f"from step {numbers['first']} on, decoding is not the model that was trained: is its "
        "state carried, are its beginning and its summary the same?"
    )
    return Verdict("teaching", kept, law if kept else broken, numbers)


def _first(taught, told):
    """The first step, from 1, at which two runs are apart by more than rounding."""
    if taught.shape != told.shape:
        return 1
    steps = range(taught.shape[1])
    differ = [not equal(gap(taught[:, t], told[:, t]), taught) for t in steps]
    return 1 + int(np.argmax(differ))
