"""Elman's network over whole sequences: `rnn_step` for every t, with masks and directions."""

from typing import NamedTuple

import numpy as np

from rnncourse.cells import activations
from rnncourse.cells.activations import Activation
from rnncourse.cells.layout import Reading, in_one_product, read
from rnncourse.cells.parameters import RNNParams


class RNNCache(NamedTuple):
    """What `rnn_forward` keeps. Time comes first, in reading order; h[0] is h_0."""

    reading: Reading
    params: RNNParams
    h: np.ndarray  # (T + 1, B, H)
    activation: Activation


def rnn_forward(
    x,
    params,
    h_0=None,
    *,
    mask=None,
    lengths=None,
    reverse=False,
    activation="tanh",
    clip=None,
    padded="carry",
    time_major=False,
):
    """An Elman network over whole sequences.

    $$h_t = \\tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \\qquad t = 1 \\dots T$$

    Args:
        x: input, (B, T, D), float32 or float64.
        params: `RNNParams`.
        h_0: initial state, (B, H); zeros if None.
        mask: (B, T) of bools, True on real tokens. Where it is False the state is carried
            through unchanged. None: all tokens are real.
        lengths: (B,), the same for sequences padded at their end; give one of the two.
        reverse: read every sequence from its last real token to its first; outputs stay at the
            place of their token.
        activation: "tanh", "relu", "sigmoid", "identity", "hard_sigmoid", "softsign", or an
            `Activation`.
        clip: bound what goes into an activation to [-clip, clip].
        padded: outputs at padded steps: "carry" the state (as Keras does) or "zero" (as
            PyTorch's packed sequences and ONNX do).
        time_major: x, mask and h are (T, B, ...).

    Returns:
        (h, h_T, cache): all states (B, T, H), the last state (B, H), and what
        `rnncourse.bptt.rnn_backward` needs. float32 stays float32.

    Raises:
        ValueError: for wrong sizes, anything but floats, NaN, an empty sequence, impossible
            lengths.

    Taught in: chapters/04_a_loop_with_a_memory

    Source: Elman (1990), in the form of `torch.nn.RNN`; see `rnn_step`.

    Example:
        >>> params = RNNParams(np.eye(1), np.eye(1), np.zeros(1))
        >>> h, h_T, cache = rnn_forward(np.ones((1, 3, 1)), params)
        >>> h.shape, bool(h[0, -1, 0] == h_T[0, 0])
        ((1, 3, 1), True)
    """
    activation = activations.find("activation", activation, clip)
    reading, params, (h_0,) = read(
        x, params, RNNParams, {"h_0": h_0}, mask, lengths, reverse, padded, time_major
    )
    h = np.empty((len(reading.x) + 1, *h_0.shape), h_0.dtype)
    from_state = np.empty_like(h_0)

    h[0] = h_0
    in_one_product(reading.x, params.W_xh, out=h[1:])
    h[1:] += params.b_h
    for t in range(len(reading.x)):
        h_t = h[t + 1]  # so far it holds x_t W_xh + b_h
        h_t += np.matmul(h[t], params.W_hh, out=from_state)
        activation.function(h_t, out=h_t)
        if reading.padding is not None:
            np.copyto(h_t, h[t], where=reading.padding[t])
    cache = RNNCache(reading, params, h, activation)
    return reading.outputs(h[1:]), h[-1].copy(), cache
