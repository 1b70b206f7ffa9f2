"""How sequences lie in memory while a loop runs over time.

Callers keep sequences as (B, T, ...). A loop over time wants (T, B, ...), contiguous, in reading
order, so that a step is one block of memory. `Reading` knows the way there and back.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.cells.validation import (
    check_finite,
    checked_mask,
    float_array,
    sizes,
)


def in_one_product(sequence, W, out=None):
    """Multiply all steps of a sequence by one matrix, in one product instead of T.

    Args:
        sequence: (T, B, N).
        W: (N, M).
        out: (T, B, M) to write into, or None.

    Returns:
        (T, B, M).

    Example:
        >>> in_one_product(np.ones((7, 3, 4)), np.ones((4, 5))).shape
        (7, 3, 5)
    """
    T, B, N = sequence.shape
    flat = None if out is None else out.reshape(T * B, W.shape[1])
    return np.matmul(sequence.reshape(T * B, N), W, out=flat).reshape(T, B, W.shape[1])


class Reading(NamedTuple):
    """A checked sequence in the order in which the loop reads it.

    Args:
        x: the input, (T, B, D), contiguous, reversed if it is read from its end; a copy.
        padding: None, or (T, B, 1), True where the state is carried through unchanged.
        reverse: whether the sequence is read from its end.
        time_major: whether the caller's arrays are (T, B, ...).
        padded: what the caller sees at padded steps, "carry" or "zero".
    """

    x: np.ndarray
    padding: np.ndarray | None
    reverse: bool
    time_major: bool
    padded: str

    def view(self, array):
        """The same memory as (T, B, ...) in reading order, for a caller's (B, T, ...)."""
        array = array if self.time_major else array.swapaxes(0, 1)
        return array[::-1] if self.reverse else array

    def outwards(self, array):
        """Copy (T, B, ...) in reading order to the caller's (B, T, ...)."""
        copy = np.empty(self.shape(array.shape[2:]), array.dtype)
        self.view(copy)[...] = array
        return copy

    def shape(self, rest):
        """The caller's (B, T, *rest)."""
        T, B, _ = self.x.shape
        return (T, B, *rest) if self.time_major else (B, T, *rest)

    def outputs(self, h):
        """States (T, B, H) as the caller is to see them, at padded steps too."""
        h = self.outwards(h)
        if self.padding is not None and self.padded == "zero":
            np.copyto(self.view(h), 0, where=self.padding)
        return h

    def output_gradients(self, dh, H):
        """Gradients of the outputs (None: zero) as gradients of the states, (T, B, H)."""
        if dh is None:
            dh = np.zeros(self.shape((H,)), self.x.dtype)
        letters = "TBH" if self.time_major else "BTH"
        dh = self.view(float_array("dh", dh, self.shape((H,)), letters, self.x.dtype))
        if self.padding is not None and self.padded == "zero":
            return np.where(self.padding, 0, dh)
        return dh

    def blocks(self):
        """Slices of time, the last first, of about 512 rows, which a cache can hold."""
        T, B, _ = self.x.shape
        steps = max(1, 512 // B)
        return [slice(max(0, end - steps), end) for end in range(T, 0, -steps)]


def read(x, params, kind, states, mask, lengths, reverse, padded, time_major):
    """Check a cell's arguments and lay them out for the loop.

    Args:
        x: input, (B, T, D), or (T, B, D) if `time_major`.
        params: an instance of `kind`.
        kind: `RNNParams`, `LSTMParams` or `GRUParams`.
        states: name -> initial state (B, H), or None for zeros.
        mask: (B, T) of bools, True on real tokens, or None.
        lengths: (B,) of whole numbers, or None.
        reverse: whether to read from the end.
        padded: "carry" or "zero".
        time_major: whether x and mask are (T, B, ...).

    Returns:
        (reading, params, states): a `Reading`, and weights and states in one common dtype.

    Raises:
        ValueError: naming the argument, what was expected and what came.
    """
    D, H = sizes(params, kind)
    layout = "TBD" if time_major else "BTD"
    x = float_array("x", x, (None, None, D), layout)
    B, T = x.shape[1::-1] if time_major else x.shape[:2]
    states = {
        name: np.zeros((B, H), x.dtype) if state is None else float_array(name, state, (B, H), "BH")
        for name, state in states.items()
    }
    for name, array in {"x": x, **states}.items():
        check_finite(name, array)
    if padded not in ("carry", "zero"):
        raise ValueError(f"padded: expected 'carry' or 'zero', got {padded!r}")

    dtype = np.result_type(x, *(array for array in params if array is not None), *states.values())
    params = kind(*(array if array is None else np.asarray(array, dtype) for array in params))
    reading = Reading(None, None, bool(reverse), bool(time_major), padded)
    mask = checked_mask(mask, lengths, B, T, time_major)
    reading = reading._replace(
        x=np.array(reading.view(x), dtype, order="C"),
        padding=None if mask is None or mask.all() else ~reading.view(mask)[..., None],
    )
    return reading, params, [state.astype(dtype) for state in states.values()]
