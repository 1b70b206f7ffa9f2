"""Cells made of smaller things: of one step, or of a whole-sequence function and its weights."""

import inspect

import numpy as np

from rnncourse import cells


def scan(step, *weights, H=None):
    """A cell from one step: h[:, t], state = step(x[:, t], state, weights) for t = 0 ... T - 1.

    Args:
        step: `step(x_t, h_prev, *weights) -> h_t`, or with more than one state
            `step(x_t, h_prev, c_prev, *weights) -> (h_t, c_t)`; the parameters that end in
            `_prev` are the state (h_prev alone if none does). The first state is the output.
        *weights: handed on to every step; one named tuple such as `RNNParams` is unpacked.
        H: size of the state, by default the first axis of `W_hh`, the second weight.

    Returns:
        `cell(x, state=None) -> (h, state)`, the state a tuple of (B, H), zeros at first.

    Raises:
        ValueError: if H is neither given nor seen in the weights.

    Taught in: chapters/04_a_loop_with_a_memory.

    Example:
        >>> cell = scan(lambda x_t, h_prev: np.tanh(x_t + 0.5 * h_prev), H=1)
        >>> h, (h_T,) = cell(np.ones((3, 7, 1)))
        >>> h.shape, bool((h[:, -1] == h_T).all())
        ((3, 7, 1), True)
    """
    if len(weights) == 1 and hasattr(weights[0], "_fields"):
        weights = tuple(weight for weight in weights[0] if weight is not None)
    if H is None and len(weights) < 2:
        raise ValueError("H: expected the size of the state, since no W_hh is among the weights")
    H = len(weights[1]) if H is None else H
    states = sum(name.endswith("_prev") for name in inspect.signature(step).parameters) or 1

    def cell(x, state=None):
        state = tuple(np.zeros((len(x), H)) for _ in range(states)) if state is None else state
        outputs = []
        for t in range(x.shape[1]):
            state = step(x[:, t], *state, *weights)
            state = state if isinstance(state, tuple) else (state,)
            outputs.append(state[0])
        return np.stack(outputs, axis=1), state

    cell.__name__ = getattr(step, "__name__", "step")
    return cell


def from_forward(forward, params, backward=None, **keywords):
    """A cell from one of the course's whole-sequence functions and a weight set.

    Args:
        forward: `cells.rnn_forward`, `lstm_forward`, `gru_forward`, or one built like them.
        params: its weights.
        backward: the matching `bptt.rnn_backward`, ...; then gradients are checked, too.
        **keywords: for `forward`, e.g. `reset_after=False`.

    Returns:
        `cell(x, state=None, mask=None) -> (h, state)`, with an attribute `backward` if given.

    Example:
        >>> from rnncourse import seeds
        >>> cell = from_forward(cells.gru_forward, cells.init_gru(4, 5, seeds.rng(4)))
        >>> cell(np.ones((3, 7, 4)))[0].shape
        (3, 7, 5)
    """
    dtype = params.W_xh.dtype

    def cell(x, state=None, mask=None):
        state = state if isinstance(state, tuple) else (state,)
        h, state, _ = forward(x.astype(dtype), params, *state, mask=mask, **keywords)
        return h, state

    if backward is not None:
        cell.backward = lambda x, dh: backward(
            dh.astype(dtype), forward(x.astype(dtype), params, **keywords)[2]
        )[0]
    cell.__name__ = forward.__name__
    cell.D = params.W_xh.shape[0]
    return cell


def from_params(params):
    """The course's own cell of a weight set."""
    from rnncourse import bptt  # here: most cells come without a backward pass

    name = {"RNNParams": "rnn", "LSTMParams": "lstm", "GRUParams": "gru"}[type(params).__name__]
    backward = getattr(bptt, f"{name}_backward")
    return from_forward(getattr(cells, f"{name}_forward"), params, backward)
