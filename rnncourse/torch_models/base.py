"""What every model here starts from: a recurrent layer by its name, weights by a generator."""

import contextlib

import torch
from torch import nn

KINDS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def recurrent(kind, D, H, *, activation="tanh", layers=1, bidirectional=False, forget_bias=None):
    """A recurrent layer of PyTorch that takes (B, T, D).

    Args:
        kind: "rnn", "lstm" or "gru".
        D: size of the input of a step.
        H: size of the state.
        activation: "tanh" or "relu", for "rnn"; the gated ones know only "tanh".
        layers: number of layers, one on top of the other.
        bidirectional: whether a second layer reads from right to left.
        forget_bias: for "lstm": the sum of its two forget-gate biases. None leaves what PyTorch
            draws, which is about 0; Keras starts at 1.

    Returns:
        nn.RNN, nn.LSTM or nn.GRU with `batch_first=True`.

    Raises:
        ValueError: for an unknown kind or activation, sizes below 1, or an option that the kind
            does not have.

    Example:
        >>> layer = recurrent("gru", D=4, H=5)
        >>> h, h_T = layer(torch.zeros(3, 7, 4))
        >>> tuple(h.shape), tuple(h_T.shape)  # h_T is (layers, B, H)
        ((3, 7, 5), (1, 3, 5))
    """
    _check_kind(kind, activation, D=D, H=H, layers=layers)
    options = {"nonlinearity": activation} if kind == "rnn" else {}
    layer = KINDS[kind](D, H, layers, batch_first=True, bidirectional=bidirectional, **options)
    if forget_bias is not None:
        if kind != "lstm":
            raise ValueError(f"forget_bias: expected None for kind {kind!r}, got {forget_bias!r}")
        _set_forget_bias(layer, forget_bias)
    return layer


@contextlib.contextmanager
def drawn_from(rng):
    """While the block runs, PyTorch draws what hangs on `rng`; afterwards its own stream goes on.

    Args:
        rng: a NumPy generator, or None to change nothing.

    Example:
        >>> import numpy as np
        >>> with drawn_from(np.random.default_rng(4)):
        ...     a = torch.randn(3)
        >>> with drawn_from(np.random.default_rng(4)):
        ...     b = torch.randn(3)
        >>> bool((a == b).all())
        True
    """
    if rng is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**63)))
        yield


def _check_kind(kind, activation, **sizes):
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(map(repr, KINDS))}, got {kind!r}")
    allowed = ("tanh", "relu") if kind == "rnn" else ("tanh",)
    if activation not in allowed:
        raise ValueError(
            f"activation: expected {' or '.join(map(repr, allowed))} for kind {kind!r}, "
            f"got {activation!r}"
        )
    for name, size in sizes.items():
        if not hasattr(size, "__index__") or size < 1:
            raise ValueError(f"{name}: expected a positive integer, got {size!r}")


def _set_forget_bias(layer, value):
    """Of PyTorch's two bias vectors (gates i, f, g, o) the first carries the value."""
    H = layer.hidden_size
    for name, parameter in layer.named_parameters():
        if name.startswith("bias"):
            with torch.no_grad():
                parameter[H : 2 * H] = value if name.startswith("bias_ih") else 0.0
