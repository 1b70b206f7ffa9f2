"""One step of each cell, in the letters of the equations. These lines are the definition."""

import numpy as np

from rnncourse.cells.activations import sigmoid


def rnn_step(x_t, h_prev, W_xh, W_hh, b_h):
    """One step of a recurrent network: mix the input with the state, squash.

    $$h_t = \\tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$$

    Args:
        x_t: input at time t, (B, D).
        h_prev: state after the step before, (B, H).
        W_xh: input-to-state weights, (D, H).
        W_hh: state-to-state weights, (H, H).
        b_h: bias, (H,).

    Returns:
        h_t, the new state, (B, H), in (-1, 1).

    Taught in: chapters/04_a_loop_with_a_memory

    Source: Elman (1990). He used the logistic function and copied the state through a "context
    layer" with fixed weights of 1; tanh and a full matrix W_hh are today's form, that of
    `torch.nn.RNN` (which has two biases, added together) and `keras.layers.SimpleRNN`.

    Example:
        >>> rnn_step(np.ones((1, 1)), np.zeros((1, 2)), np.eye(1, 2), np.eye(2), np.zeros(2))
        array([[0.76159416, 0.        ]])
    """
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


def rnn_loop(x, h_0, W_xh, W_hh, b_h):
    """A recurrent network on whole sequences, as a loop over `rnn_step`.

    $$h_t = \\tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \\qquad t = 1 \\ldots T$$

    The plain definition. `cells.rnn_forward` computes the same faster, checks its arguments and
    knows masks; this loop is what it is proven equal to.

    Args:
        x: inputs, (B, T, D).
        h_0: state before the first step, (B, H).
        W_xh: input-to-state weights, (D, H).
        W_hh: state-to-state weights, (H, H).
        b_h: bias, (H,).

    Returns:
        h, the states after each step, (B, T, H).

    Taught in: chapters/04_a_loop_with_a_memory

    Source: Elman (1990), as in `rnn_step`.

    Example:
        >>> rnn_loop(np.ones((3, 7, 4)), np.zeros((3, 5)), np.ones((4, 5)), np.eye(5),
        ...          np.zeros(5)).shape
        (3, 7, 5)
    """
    h_t, h = h_0, []
    for t in range(x.shape[1]):
        h_t = rnn_step(x[:, t], h_t, W_xh, W_hh, b_h)
        h.append(h_t)
    return np.stack(h, axis=1)


def lstm_step(x_t, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step of an LSTM: forget a part of the cell, add to it, show a part of it.

    $$i, f, o = \\sigma(\\cdot),\\quad g = \\tanh(\\cdot),\\quad
    c_t = f \\odot c_{t-1} + i \\odot g,\\quad h_t = o \\odot \\tanh(c_t)$$

    Args:
        x_t: input at time t, (B, D).
        h_prev: state after the step before, (B, H).
        c_prev: cell after the step before, (B, H).
        W_xh: input-to-gates weights, (D, 4H), gates i, f, g, o along the last axis.
        W_hh: state-to-gates weights, (H, 4H).
        b_h: bias, (4H,).

    Returns:
        (h_t, c_t), both (B, H).

    Taught in: chapters/09_lstm_a_cell_that_adds

    Source: Hochreiter & Schmidhuber (1997) without the forget gate f, which Gers, Schmidhuber &
    Cummins (2000) added. Gate order as in PyTorch and Keras; ONNX stores i, o, f, g.

    Example:
        >>> zero = np.zeros((1, 2))
        >>> h_t, c_t = lstm_step(zero, zero, np.ones((1, 2)), np.zeros((2, 8)),
        ...                      np.zeros((2, 8)), np.zeros(8))
        >>> c_t                                       # half of the cell is forgotten
        array([[0.5, 0.5]])
    """
    a = x_t @ W_xh + h_prev @ W_hh + b_h
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)
    i, f, g, o = sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)
    c_t = f * c_prev + i * g
    h_t = o * np.tanh(c_t)
    return h_t, c_t


def gru_step(x_t, h_prev, W_xh, W_hh, b_x, b_h):
    """One step of a GRU: propose a new state n, keep the share z of the old one.

    $$r, z = \\sigma(\\cdot),\\quad
    n = \\tanh(x_t W_{xn} + b_{xn} + r \\odot (h_{t-1} W_{hn} + b_{hn})),\\quad
    h_t = (1 - z) \\odot n + z \\odot h_{t-1}$$

    Args:
        x_t: input at time t, (B, D).
        h_prev: state after the step before, (B, H).
        W_xh: input-to-gates weights, (D, 3H), gates r, z, n along the last axis.
        W_hh: state-to-gates weights, (H, 3H).
        b_x: bias beside the input's product, (3H,).
        b_h: bias beside the state's product, (3H,); for n it lies inside the reset.

    Returns:
        h_t, the new state, (B, H).

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Cho et al. (2014), with the reset gate after the product instead of before it, as
    in cuDNN, PyTorch and Keras (whose gate order is z, r, n). z keeps the old state here;
    some papers let z choose the new one.

    Example:
        >>> gru_step(np.zeros((1, 1)), np.ones((1, 2)), np.zeros((1, 6)), np.zeros((2, 6)),
        ...          np.zeros(6), np.zeros(6))
        array([[0.5, 0.5]])
    """
    x_r, x_z, x_n = np.split(x_t @ W_xh + b_x, 3, axis=-1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh + b_h, 3, axis=-1)
    r = sigmoid(x_r + h_r)
    z = sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h_prev
