"""The LSTM over whole sequences: `lstm_step` for every t, with masks, directions, peepholes."""

from typing import NamedTuple

import numpy as np

from rnncourse.cells import activations
from rnncourse.cells.activations import SIGMOID, TANH
from rnncourse.cells.layout import Reading, in_one_product, read
from rnncourse.cells.parameters import LSTMParams


class LSTMCache(NamedTuple):
    """What `lstm_forward` keeps. Time comes first, in reading order; h[0] is h_0."""

    reading: Reading
    params: LSTMParams
    h: np.ndarray  # (T + 1, B, H)
    c: np.ndarray  # (T + 1, B, H)
    gates: np.ndarray  # (T, B, 4, H): i, f, g, o
    activations: tuple  # of the gates, of g, of the output


def lstm_forward(
    x,
    params,
    h_0=None,
    c_0=None,
    *,
    mask=None,
    lengths=None,
    reverse=False,
    activation="tanh",
    gate_activation="sigmoid",
    output_activation=None,
    clip=None,
    padded="carry",
    time_major=False,
):
    """An LSTM over whole sequences, with peepholes if `params` has them.

    $$i, f, o = \\sigma(\\cdot),\\quad g = \\tanh(\\cdot),\\quad
    c_t = f \\odot c_{t-1} + i \\odot g,\\quad h_t = o \\odot \\tanh(c_t)$$

    Args:
        x: input, (B, T, D), float32 or float64.
        params: `LSTMParams`.
        h_0: initial state, (B, H); zeros if None.
        c_0: initial cell, (B, H); zeros if None.
        mask: as in `rnn_forward`, as are lengths, reverse, padded and time_major.
        lengths: see there.
        reverse: see there.
        activation: that of the proposal g.
        gate_activation: that of i, f and o.
        output_activation: that of c_t on its way into h_t; None: the same as `activation`.
        clip: bound what goes into i, f, g and o to [-clip, clip]; c_t is not bounded.
        padded: see there.
        time_major: see there.

    Returns:
        (h, (h_T, c_T), cache): all states (B, T, H), the last state and cell, and what
        `rnncourse.bptt.lstm_backward` needs.

    Raises:
        ValueError: as `rnn_forward`.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Source: Gers, Schmidhuber & Cummins (2000); peepholes: Gers & Schmidhuber (2000), with one
    weight a cell and gate as in ONNX; see `lstm_step`.

    Example:
        >>> from rnncourse.cells import init_lstm
        >>> params = init_lstm(4, 5, np.random.default_rng(0))
        >>> h, (h_T, c_T), cache = lstm_forward(np.ones((3, 7, 4)), params)
        >>> h.shape, c_T.shape
        ((3, 7, 5), (3, 5))
    """
    shown_by = activation if output_activation is None else output_activation
    functions = (
        activations.find("gate_activation", gate_activation, clip),
        activations.find("activation", activation, clip),
        activations.find("output_activation", shown_by),
    )
    reading, params, (h_0, c_0) = read(
        x, params, LSTMParams, {"h_0": h_0, "c_0": c_0}, mask, lengths, reverse, padded, time_major
    )
    h, c, gates = _all_steps(reading, params, h_0, c_0, functions)
    cache = LSTMCache(reading, params, h, c, gates, functions)
    return reading.outputs(h[1:]), (h[-1].copy(), c[-1].copy()), cache


def _all_steps(reading, params, h_0, c_0, functions):
    """The loop: states and cells (T + 1, B, H) and gates (T, B, 4, H)."""
    f_gate, f_cell, f_out = functions
    T, B, H = len(reading.x), *h_0.shape
    h, c = np.empty((2, T + 1, B, H), h_0.dtype)
    gates = np.empty((T, B, 4, H), h_0.dtype)
    from_state, written = np.empty((B, 4 * H), h_0.dtype), np.empty_like(h_0)
    peep = np.zeros((3, H), h_0.dtype) if params.peepholes is None else params.peepholes
    # One tanh serves all gates of a plain LSTM: half + half tanh(half a) is the sigmoid where half
    # is 0.5 and tanh where it is 1. The inner half is folded into the weights.
    plain = params.peepholes is None and (f_gate, f_cell) == (SIGMOID, TANH)
    half = np.array([0.5, 0.5, 1, 0.5] if plain else [1, 1, 1, 1], h_0.dtype).repeat(H)
    rest = 1 - half
    W_xh, W_hh, b_h = (w * half for w in params[:3])

    h[0], c[0] = h_0, c_0
    a = gates.reshape(T, B, 4 * H)  # the same memory
    in_one_product(reading.x, W_xh, out=a)
    a += b_h
    for t in range(T):
        a_t, c_t, h_t = a[t], c[t + 1], h[t + 1]  # so far a_t holds x_t W_xh + b_h
        i_f, (i, f, g, o) = gates[t, :, :2], gates[t].swapaxes(0, 1)
        a_t += np.matmul(h[t], W_hh, out=from_state)
        if plain:
            np.tanh(a_t, out=a_t)
            a_t *= half
            a_t += rest
        else:
            i_f += peep[:2] * c[t][:, None]
            f_gate.function(i_f, out=i_f)
            f_cell.function(g, out=g)
        np.multiply(f, c[t], out=c_t)
        c_t += np.multiply(i, g, out=written)
        if not plain:
            o += peep[2] * c_t
            f_gate.function(o, out=o)
        f_out.function(c_t, out=h_t)
        h_t *= o
        if reading.padding is not None:
            np.copyto(h_t, h[t], where=reading.padding[t])
            np.copyto(c_t, c[t], where=reading.padding[t])
    return h, c, gates
