"""The weights of a cell as one named tuple. Its gradient is the same tuple, field by field."""

from typing import NamedTuple

import numpy as np


class RNNParams(NamedTuple):
    """Weights of an Elman network.

    Args:
        W_xh: input to state, (D, H).
        W_hh: state to state, (H, H).
        b_h: bias, (H,). PyTorch keeps two and adds them.
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    GATES = 1


class LSTMParams(NamedTuple):
    """Weights of an LSTM, gates i, f, g, o side by side along the last axis.

    Args:
        W_xh: input to gates, (D, 4H).
        W_hh: state to gates, (H, 4H).
        b_h: bias, (4H,).
        peepholes: None, or cell to gates i, f, o, elementwise, (3, H): i and f see the cell
            before the step, o the one after it (Gers & Schmidhuber 2000).
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    peepholes: np.ndarray | None = None
    GATES = 4


class GRUParams(NamedTuple):
    """Weights of a GRU, gates r, z, n side by side along the last axis.

    Args:
        W_xh: input to gates, (D, 3H).
        W_hh: state to gates, (H, 3H).
        b_x: bias beside the input's product, (3H,).
        b_h: bias beside the state's product, (3H,). For r and z the two add up; for n they do
            not, because the reset gate scales b_h alone.
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_x: np.ndarray
    b_h: np.ndarray
    GATES = 3


def init_rnn(D, H, rng, dtype=np.float64, *, recurrent="uniform", gain=1.0):
    """Draw the weights of an Elman network, uniform in ±1/sqrt(H) unless W_hh is to be another.

    Args:
        D: input size.
        H: state size.
        rng: a `numpy.random.Generator`; the course takes `rnncourse.seeds.rng(...)`.
        dtype: float64, or float32 for speed.
        recurrent: how W_hh is made. "uniform": as the rest; "gaussian": normal numbers of
            standard deviation 1/sqrt(H), whose spectral radius is about 1; "orthogonal": a random
            rotation (or reflection), which keeps every length; "identity": each unit copies
            itself. W_xh and b_h are the same draws for all four.
        gain: a number of at least 0 that W_hh is multiplied by.

    Returns:
        RNNParams.

    Raises:
        ValueError: if a size is not a positive whole number, `rng` is no generator, there is no
            such `recurrent`, or `gain` is no number of at least 0.

    Taught in: chapters/04_a_loop_with_a_memory; `recurrent` and `gain` in
        chapters/06_why_memory_fades

    Source: uniform is PyTorch's default for all recurrent layers; one bias stands for its two.
        Orthogonal is Keras' (Saxe et al., 2014), the identity, with relu, that of Le et al.
        (2015), who also start with zero biases and smaller input weights.

    Example:
        >>> init_rnn(4, 5, np.random.default_rng(0)).W_xh.shape
        (4, 5)
        >>> W_hh = init_rnn(4, 5, np.random.default_rng(0), recurrent="orthogonal", gain=2).W_hh
        >>> np.allclose(W_hh @ W_hh.T, 4 * np.eye(5))
        True
    """
    draw = _uniform(D, H, rng, dtype)
    if recurrent not in ("uniform", *RECURRENT):
        known = ", ".join(("uniform", *RECURRENT))
        raise ValueError(f"recurrent: expected one of {known}, got {recurrent!r}")
    if isinstance(gain, bool) or np.ndim(gain) or not np.isreal(gain) or not 0 <= gain < np.inf:
        raise ValueError(f"gain: expected a number of at least 0, got {gain!r}")
    params = RNNParams(draw(D, H), draw(H, H), draw(H))
    W_hh = params.W_hh if recurrent == "uniform" else RECURRENT[recurrent](H, rng)
    return params._replace(W_hh=(gain * W_hh).astype(dtype))


def _orthogonal(H, rng):
    """A random orthogonal matrix, every one equally likely (hence the signs)."""
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return Q * np.sign(np.diag(R))


RECURRENT = {
    "gaussian": lambda H, rng: rng.normal(size=(H, H)) / np.sqrt(H),
    "orthogonal": _orthogonal,
    "identity": lambda H, rng: np.eye(H),
}


def init_lstm(D, H, rng, forget_bias=0.0, dtype=np.float64, *, peepholes=False):
    """Draw the weights of an LSTM, uniform in ±1/sqrt(H).

    Args:
        D: input size.
        H: state size.
        rng: a `numpy.random.Generator`.
        forget_bias: added to the bias of gate f; 1 makes the cell remember from the start.
        dtype: float64, or float32 for speed.
        peepholes: whether the gates see the cell.

    Returns:
        LSTMParams.

    Raises:
        ValueError: if a size is not a positive whole number or `rng` is no generator.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Source: PyTorch's default (forget bias 0); Keras adds 1, as Jozefowicz et al. (2015) advise.

    Example:
        >>> params = init_lstm(4, 5, np.random.default_rng(0), forget_bias=3.0)
        >>> params.W_hh.shape, bool(params.b_h[5:10].min() > 2)
        ((5, 20), True)
    """
    draw = _uniform(D, H, rng, dtype)
    params = LSTMParams(draw(D, 4 * H), draw(H, 4 * H), draw(4 * H))
    params.b_h[H : 2 * H] += forget_bias
    return params._replace(peepholes=draw(3, H)) if peepholes else params


def init_gru(D, H, rng, dtype=np.float64):
    """Draw the weights of a GRU, uniform in ±1/sqrt(H).

    Args:
        D: input size.
        H: state size.
        rng: a `numpy.random.Generator`.
        dtype: float64, or float32 for speed.

    Returns:
        GRUParams.

    Raises:
        ValueError: if a size is not a positive whole number or `rng` is no generator.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: PyTorch's default for all recurrent layers.

    Example:
        >>> init_gru(4, 5, np.random.default_rng(0)).b_x.shape
        (15,)
    """
    draw = _uniform(D, H, rng, dtype)
    return GRUParams(draw(D, 3 * H), draw(H, 3 * H), draw(3 * H), draw(3 * H))


def _uniform(D, H, rng, dtype):
    for name, size in {"D": D, "H": H}.items():
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{name}: expected a positive whole number, got {size!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a numpy.random.Generator, got {type(rng).__name__}")
    bound = 1 / np.sqrt(H)
    return lambda *shape: rng.uniform(-bound, bound, shape).astype(dtype)
