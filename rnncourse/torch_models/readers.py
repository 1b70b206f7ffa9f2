"""Models that read a sequence: the last state, or every state, read out by a linear map."""

import torch
from torch import nn

from rnncourse.torch_models.base import drawn_from, recurrent


class Forecaster(nn.Module):
    r"""$\hat y = h_T W_{hy} + b_y$: read a window, predict from the last state.

    Args:
        kind: "rnn", "lstm" or "gru".
        D: size of the input of a step.
        H: size of the state.
        K: size of the prediction.
        activation: "tanh" or "relu", for "rnn".
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.
        **options: further options of `recurrent`.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> model = Forecaster("lstm", D=4, H=5)
        >>> tuple(model(torch.zeros(3, 7, 4)).shape)
        (3, 1)
    """

    def __init__(self, kind, D, H, K=1, activation="tanh", rng=None, **options):
        super().__init__()
        with drawn_from(rng):
            self.recurrent = recurrent(kind, D, H, activation=activation, **options)
            self.readout = nn.Linear(H * (1 + self.recurrent.bidirectional), K)

    def forward(self, x):
        """(B, T, D) -> (B, K)."""
        _check_rank("x", x, self.recurrent.input_size)
        _, state = self.recurrent(x)
        h_T = state[0] if isinstance(state, tuple) else state  # (layers * directions, B, H)
        if self.recurrent.bidirectional:
            return self.readout(torch.cat([h_T[-2], h_T[-1]], dim=-1))
        return self.readout(h_T[-1])


class CharModel(nn.Module):
    r"""$a_t = h_t W_{hy} + b_y$: the next symbol's logits after every symbol.

    A symbol enters as a one-hot vector, so that the weights are those of the NumPy network of the
    same sizes: row k of W_xh is what symbol k does to the state.

    Args:
        kind: "rnn", "lstm" or "gru".
        V: size of the vocabulary.
        H: size of the state.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.
        **options: further options of `recurrent`.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> model = CharModel("lstm", V=11, H=5)
        >>> logits, state = model(torch.zeros(3, 7, dtype=torch.long))
        >>> tuple(logits.shape)
        (3, 7, 11)
        >>> logits, state = model(torch.zeros(3, 1, dtype=torch.long), state)  # carry on
    """

    def __init__(self, kind, V, H, rng=None, **options):
        super().__init__()
        if options.get("bidirectional"):
            raise ValueError("bidirectional: expected False, because it would read the answer")
        with drawn_from(rng):
            self.recurrent = recurrent(kind, V, H, **options)
            self.readout = nn.Linear(H, V)

    def forward(self, ids, state=None):
        """ids (B, T) and a state or None -> (logits (B, T, V), state)."""
        if ids.ndim != 2 or ids.is_floating_point():
            raise ValueError(
                f"ids: expected integers (B, T), got {ids.dtype} of shape {tuple(ids.shape)}"
            )
        V, weight = self.recurrent.input_size, self.readout.weight
        x = nn.functional.one_hot(ids.long(), V).to(weight.dtype)  # (B, T, V)
        h, state = self.recurrent(x, state)
        return self.readout(h), state


class CellLoop(nn.Module):
    r"""$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$, one call of `nn.RNNCell` per step.

    What happens between two steps is ours here: look, change, stop. `nn.RNN` runs the same loop
    in compiled code, and faster.

    Args:
        D: size of the input of a step.
        H: size of the state.

    Taught in: chapters/08_one_model_three_frameworks

    Example:
        >>> h, h_T = CellLoop(D=4, H=5)(torch.zeros(3, 7, 4))
        >>> tuple(h.shape), tuple(h_T.shape)
        ((3, 7, 5), (3, 5))
    """

    def __init__(self, D, H):
        super().__init__()
        self.cell = nn.RNNCell(D, H)

    def forward(self, x, h_t=None):
        """x (B, T, D) and a state (B, H) or None -> all states (B, T, H), the last (B, H)."""
        h = []
        for x_t in x.unbind(dim=1):
            h_t = self.cell(x_t, h_t)
            h.append(h_t)
        return torch.stack(h, dim=1), h_t


class Stack(nn.Module):
    r"""$h^{(l)}_t = f(h^{(l-1)}_t, h^{(l)}_{t-1})$ with $h^{(0)} = x$: layer on layer.

    Args:
        kind: "rnn", "lstm" or "gru".
        D: size of the input of a step.
        H: size of the state of each layer, and of each direction.
        layers: how many, L.
        K: size of what a linear readout says at every step; None shows the last layer's states.
        bidirectional: whether every layer reads both ways.
        residual: whether each layer from the second on adds to what it read instead of
            replacing it.
        norm: whether the units of each layer are standardised, step by step.

    Raises:
        ValueError: if `layers` is below 1, or as `recurrent`.

    Taught in: chapters/11_deeper_and_both_ways

    Source: residual as He et al. (2016), where it skips convolutions. The layer norm is that of
        Ba, Kiros & Hinton (2016), who put it inside the cell, before the activation; here it
        stands between the layers, so that any layer of PyTorch will do.

    Example:
        >>> tagger = Stack("lstm", D=4, H=5, layers=2, K=1, bidirectional=True)
        >>> tuple(tagger(torch.zeros(3, 7, 4)).shape)
        (3, 7, 1)
    """

    def __init__(
        self, kind, D, H, layers=1, K=None, bidirectional=False, residual=False, norm=False
    ):
        super().__init__()
        if layers < 1:
            raise ValueError(f"layers: expected at least 1, got {layers!r}")
        width = H * (1 + bidirectional)
        sizes = [D] + [width] * (layers - 1)
        self.layers = nn.ModuleList(
            recurrent(kind, size, H, bidirectional=bidirectional) for size in sizes
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) if norm else nn.Identity() for _ in sizes)
        self.residual = residual
        self.readout = nn.Linear(width, K) if K else nn.Identity()

    def forward(self, x):
        """(B, T, D) -> (B, T, K), or the last layer's states."""
        h = x
        for k, (layer, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            above = norm(layer(h)[0])
            h = h + above if self.residual and k > 0 else above
        return self.readout(h)


class Window(nn.Module):
    r"""$y_t = \mathrm{relu}(x_{t-r:t+r} W + b)\, W_{hy} + b_y$: r steps each way, no memory.

    Args:
        D: size of the input of a step.
        H: number of hidden units.
        radius: r; beyond the ends of a sequence there are zeros.
        K: size of what it says at every step.

    Raises:
        ValueError: if `radius` is negative.

    Taught in: chapters/11_deeper_and_both_ways

    Example:
        >>> tuple(Window(D=4, H=5, radius=2)(torch.zeros(3, 7, 4)).shape)
        (3, 7, 1)
    """

    def __init__(self, D, H, radius, K=1):
        super().__init__()
        if radius < 0:
            raise ValueError(f"radius: expected at least 0, got {radius!r}")
        self.hidden = nn.Conv1d(D, H, 2 * radius + 1, padding=radius)
        self.readout = nn.Linear(H, K)

    def forward(self, x):
        """(B, T, D) -> (B, T, K)."""
        h = self.hidden(x.transpose(1, 2)).transpose(1, 2)  # (B, T, H)
        return self.readout(torch.relu(h))


def _check_rank(name, x, D):
    if x.ndim != 3 or x.shape[-1] != D or x.shape[1] == 0:
        raise ValueError(
            f"{name}: expected a float array (B, T, D) with D = {D} and T of at least 1, "
            f"got shape {tuple(x.shape)}"
        )
