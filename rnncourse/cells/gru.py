"""The GRU over whole sequences: `gru_step` for every t, with masks, directions, both resets."""

from typing import NamedTuple

import numpy as np

from rnncourse.cells import activations
from rnncourse.cells.layout import Reading, in_one_product, read
from rnncourse.cells.parameters import GRUParams


class GRUCache(NamedTuple):
    """What `gru_forward` keeps. Time comes first, in reading order; h[0] is h_0.

    m is what the state adds to n: h_prev W_hn + b_hn before the reset scales it, or
    (r * h_prev) W_hn + b_hn if the reset came first. In the order n, r, z, m the input's product
    reaches the first three, the state's the last three: both are one block.
    """

    reading: Reading
    params: GRUParams
    h: np.ndarray  # (T + 1, B, H)
    gates: np.ndarray  # (T, B, 4, H): n, r, z, m
    activations: tuple  # of the gates, of n
    reset_after: bool


def gru_forward(
    x,
    params,
    h_0=None,
    *,
    mask=None,
    lengths=None,
    reverse=False,
    reset_after=True,
    activation="tanh",
    gate_activation="sigmoid",
    clip=None,
    padded="carry",
    time_major=False,
):
    """A GRU over whole sequences, in either of its two conventions.

    $$r, z = \\sigma(\\cdot),\\quad
    n = \\tanh(x_t W_{xn} + b_{xn} + r \\odot (h_{t-1} W_{hn} + b_{hn})),\\quad
    h_t = (1 - z) \\odot n + z \\odot h_{t-1}$$

    With `reset_after=False` the last sum is $(r \\odot h_{t-1}) W_{hn} + b_{hn}$ instead.

    Args:
        x: input, (B, T, D), float32 or float64.
        params: `GRUParams`.
        h_0: initial state, (B, H); zeros if None.
        mask: as in `rnn_forward`, as are lengths, reverse, padded and time_major.
        lengths: see there.
        reverse: see there.
        reset_after: whether r scales the product (PyTorch, cuDNN, Keras' default; ONNX's
            linear_before_reset = 1) or the state before it (Cho et al. 2014, ONNX's default).
        activation: that of the proposal n.
        gate_activation: that of r and z.
        clip: bound what goes into an activation to [-clip, clip].
        padded: see there.
        time_major: see there.

    Returns:
        (h, h_T, cache): all states (B, T, H), the last state (B, H), and what
        `rnncourse.bptt.gru_backward` needs.

    Raises:
        ValueError: as `rnn_forward`.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Cho et al. (2014); see `gru_step`.

    Example:
        >>> from rnncourse.cells import init_gru
        >>> params = init_gru(4, 5, np.random.default_rng(0))
        >>> h, h_T, cache = gru_forward(np.ones((3, 7, 4)), params)
        >>> h.shape
        (3, 7, 5)
    """
    functions = (
        activations.find("gate_activation", gate_activation, clip),
        activations.find("activation", activation, clip),
    )
    reading, params, (h_0,) = read(
        x, params, GRUParams, {"h_0": h_0}, mask, lengths, reverse, padded, time_major
    )
    h, gates = _all_steps(reading, params, h_0, functions, reset_after)
    cache = GRUCache(reading, params, h, gates, functions, reset_after)
    return reading.outputs(h[1:]), h[-1].copy(), cache


def _all_steps(reading, params, h_0, functions, reset_after):
    """The loop: states (T + 1, B, H) and gates (T, B, 4, H) in the order n, r, z, m."""
    f_gate, f_cell = functions
    T, B, H = len(reading.x), *h_0.shape
    h = np.empty((T + 1, B, H), h_0.dtype)
    gates = np.empty((T, B, 4, H), h_0.dtype)
    from_state, part_of_n = np.empty((B, 3 * H), h_0.dtype), np.empty_like(h_0)
    W_hrz, W_hn = np.ascontiguousarray(params.W_hh[:, : 2 * H]), params.W_hh[:, 2 * H :]
    b = np.concatenate([np.roll(params.b_x, H), params.b_h[2 * H :]])  # n, r, z, m
    b[H : 3 * H] += params.b_h[: 2 * H]

    h[0] = h_0
    a = gates.reshape(T, B, 4 * H)  # the same memory
    in_one_product(reading.x, np.roll(params.W_xh, H, axis=1), out=a[:, :, : 3 * H])
    a[:, :, : 3 * H] += b[: 3 * H]
    a[:, :, 3 * H :] = b[3 * H :]
    for t in range(T):
        h_t, rz, (n, r, z, m) = h[t + 1], gates[t, :, 1:3], gates[t].swapaxes(0, 1)
        if reset_after:
            a[t, :, H:] += np.matmul(h[t], params.W_hh, out=from_state)
            f_gate.function(rz, out=rz)
            n += np.multiply(r, m, out=part_of_n)
        else:
            a[t, :, H : 3 * H] += h[t] @ W_hrz
            f_gate.function(rz, out=rz)
            m += np.multiply(r, h[t], out=part_of_n) @ W_hn
            n += m
        f_cell.function(n, out=n)
        np.subtract(h[t], n, out=h_t)  # (1 - z) n + z h_prev = n + z (h_prev - n)
        h_t *= z
        h_t += n
        if reading.padding is not None:
            np.copyto(h_t, h[t], where=reading.padding[t])
    return h, gates
