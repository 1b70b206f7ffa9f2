"""Laws for whole models, head included, that are handed sequences of different lengths.

A cell may keep every contract and the model around it may still let padding in: through the state
that the head reads, the mean it takes, the mask it guesses. These laws ask the model itself.
"""

import numpy as np

from rnncourse.contracts.measures import equal, gap, moved
from rnncourse.contracts.report import Verdict


def in_company(answer, sequences):
    """A sequence's answer is its own: the same alone, in a batch, and beside a longer one.

    All padding that a model does, or forgets to undo, happens inside `answer`, so that this asks
    the state, the pooling, the head and the batch all at once.

    Args:
        answer: the whole model, `answer(sequences) -> (N, ...)`, floats, for a list of N
            sequences of different lengths; it pads them itself.
        sequences: at least two sequences (T_b,) or (T_b, D), not all of one length.

    Returns:
        Verdict, with the numbers "gap", the largest difference in relation to the largest
        answer, and "moved", the share of sequences whose answer moves with the company.

    Raises:
        ValueError: if there are fewer than two sequences, or all are of one length.

    Taught in: chapters/12_ragged_batches

    Source: the contract "padding invariance" asks a cell, on random numbers; this asks a model.

    Example:
        >>> def mean_length(sequences):
        ...     return np.array([len(s) / max(map(len, sequences)) for s in sequences])
        >>> print(in_company(mean_length, [np.ones(4), np.ones(2)]).kept)
        False
    """
    lengths = [len(sequence) for sequence in sequences]
    if len(lengths) < 2 or min(lengths) == max(lengths):
        raise ValueError(
            f"sequences: expected at least two, of different lengths, got lengths {lengths[:5]}"
        )
    longest = np.asarray(sequences[int(np.argmax(lengths))])
    stranger = np.concatenate([longest, longest])
    together = np.asarray(answer(list(sequences)))
    others = [
        np.concatenate([np.asarray(answer([sequence])) for sequence in sequences]),
        np.concatenate([np.asarray(answer([sequence, stranger]))[:1] for sequence in sequences]),
        np.asarray(answer(list(sequences)[::-1]))[::-1],
    ]
    scale = max(np.abs([together, *others]).max(), 1e-30)
    by_row = np.max([np.abs(other - together) for other in others], axis=0)
    by_row = by_row.reshape(len(sequences), -1).max(axis=1) / scale
    numbers = {
        "gap": float(by_row.max()),
        "moved": float(np.mean([not equal(distance, together) for distance in by_row])),
    }
    told = (
        "an answer depends on who shares the batch: does padding reach the last state, the "
        "backward reading, or a mean?"
    )
    kept = equal(numbers["gap"], together)
    law = "a sequence alone, in a batch and beside a longer one gets the same answer"
    return Verdict("company", bool(kept), law if kept else told, numbers)


def hears_every_step(answer, sequences, steps):
    """Every real step is heard: put in the middle of a sequence, it moves some answer.

    A mask that is guessed from a value takes every real step of that value for padding; the state
    is carried past it, and the answer stands still to the last bit.

    Args:
        answer: as for `in_company`.
        sequences: a list of sequences, each at least two steps long.
        steps: the steps to try: the symbols 0 ... V - 1, or rows (D,) that can occur in the data.

    Returns:
        Verdict, with the number "silent", how many of the steps move no answer at all.

    Raises:
        ValueError: if there is no sequence or no step.

    Taught in: chapters/12_ragged_batches

    Example:
        >>> def count_but_not_zeros(sequences):
        ...     return np.array([np.sum(s != 0) for s in sequences], dtype=float)
        >>> print(hears_every_step(count_but_not_zeros, [np.array([1, 2])], range(3)))
        ✗ hearing: a real step moves no answer (number 0 of those tried): is it taken
          for padding?
    """
    if not len(sequences) or not len(steps):
        raise ValueError("sequences, steps: expected at least one of each, got none")
    before = np.asarray(answer(list(sequences)))
    silent = []
    for number, step in enumerate(steps):
        longer = [np.insert(s, len(s) // 2, step, axis=0) for s in map(np.asarray, sequences)]
        if not moved(gap(np.asarray(answer(longer)), before), before):
            silent.append(number)
    some = ", ".join(map(str, silent[:5]))
    told = f"a real step moves no answer (number {some} of those tried): is it taken for padding?"
    law = "every step that was tried moves an answer"
    numbers = {"silent": float(len(silent))}
    return Verdict("hearing", not silent, told if silent else law, numbers)
