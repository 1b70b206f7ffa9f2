"""Agents: what was seen goes in, a chance for every action and a guess at what is to come, out."""

import math

import numpy as np
import torch
from torch import nn

KINDS = ("feed-forward", "window", "rnn", "lstm", "gru")


class Policies(nn.Module):
    r"""S agents of one kind side by side: $h_t$ from $(x_t, s_{t-1})$, then two linear readouts.

    $\pi(a \mid \cdot) = \mathrm{softmax}(h_t W_{ha} + b_a)$ and $v_t = h_t W_{hv} + b_v$.
    Whatever an agent remembers is one array s (S, B, M), zero at the beginning of an episode:
    h of a plain network or GRU, (h, c) of an LSTM, the last k - 1 inputs of a window, nothing
    (M = 0) of a feed-forward network.

    Args:
        kind: "feed-forward", "window", "rnn", "lstm" or "gru".
        S: how many agents; each has weights of its own.
        D: size of an observation.
        A: how many actions.
        H: units.
        window: k, how many observations a window holds, the present one included.
        bias: a constant added to what holds the memory: the LSTM's forget gate, the GRU's update
            gate.
        rng: a NumPy generator for the weights.

    Raises:
        ValueError: for an unknown kind or a size below 1.

    Taught in: chapters/29_acting_with_memory

    Source: gates as in PyTorch, LSTM (i, f, g, o) and GRU (r, z, n); the matrices are drawn as
        in Keras (Glorot, orthogonal), the readouts start near zero so that all actions are
        equally likely at first.

    Example:
        >>> agents = Policies("lstm", S=2, D=3, A=2, H=5, rng=np.random.default_rng(0))
        >>> logits, values, state = agents(torch.zeros(2, 4, 7, 3), agents.start(4))
        >>> tuple(logits.shape), tuple(values.shape), tuple(state.shape)
        ((2, 4, 7, 2), (2, 4, 7), (2, 4, 10))
    """

    def __init__(self, kind, S, D, A, H=32, *, window=4, bias=1.0, rng):
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(map(repr, KINDS))}, got {kind!r}")
        for name, size in {"S": S, "D": D, "A": A, "H": H, "window": window}.items():
            if not hasattr(size, "__index__") or size < 1:
                raise ValueError(f"{name}: expected a positive integer, got {size!r}")
        self.kind, self.S, self.D, self.A, self.H, self.window = kind, S, D, A, H, window
        gates = {"lstm": 4, "gru": 3}.get(kind, 1)
        inputs = window * D if kind == "window" else D
        self.W_xh = _drawn(rng, S, inputs, H, gates, _glorot)
        self.b_h = nn.Parameter(torch.zeros(S, 1, gates * H))
        if kind in ("rnn", "lstm", "gru"):
            self.W_hh = _drawn(rng, S, H, H, gates, _orthogonal)
        if gates > 1:  # f of i, f, g, o and z of r, z, n are both the second block
            self.b_h.data[..., H : 2 * H] = bias
        if kind == "gru":
            self.b_n = nn.Parameter(torch.zeros(S, 1, H))
        self.W_ha = nn.Parameter(0.01 * _drawn(rng, S, H, A, 1, _glorot).data)
        self.b_a = nn.Parameter(torch.zeros(S, 1, A))
        self.W_hv = nn.Parameter(0.01 * _drawn(rng, S, H, 1, 1, _glorot).data)
        self.b_v = nn.Parameter(torch.zeros(S, 1, 1))

    @property
    def M(self):
        """How many numbers an agent carries from step to step."""
        sizes = {"feed-forward": 0, "window": (self.window - 1) * self.D, "lstm": 2 * self.H}
        return sizes.get(self.kind, self.H)

    def start(self, B):
        """The state (S, B, M) at the beginning of an episode: zeros."""
        return torch.zeros(self.S, B, self.M)

    def advance(self, x_t, state):
        """One step: (S, B, D), (S, B, M) -> h_t (S, B, H) and the new state."""
        if self.kind == "window":
            x_t = torch.cat([state, x_t], dim=2)
        return self._cell(torch.baddbmm(self.b_h, x_t, self.W_xh), x_t, state)

    def read(self, h):
        """h (S, N, H) -> logits (S, N, A), values (S, N)."""
        logits = torch.baddbmm(self.b_a, h, self.W_ha)
        return logits, torch.baddbmm(self.b_v, h, self.W_hv)[..., 0]

    def hidden(self, x, state, first=None):
        """All h (S, B, T, H) and the last state; the state is zeroed where `first` is True.

        Args:
            x: (S, B, T, D).
            state: (S, B, M), what is remembered before the first step.
            first: (S, B, T), True at the steps with which an episode begins.
        """
        if self.kind == "feed-forward":
            return torch.tanh(self._inputs(x)), state
        keep = None if first is None else (~first).to(x.dtype)[..., None]  # (S, B, T, 1)
        a = x if self.kind == "window" else self._inputs(x)
        h = []
        for t in range(x.shape[2]):
            if keep is not None:
                state = state * keep[:, :, t]
            if self.kind == "window":
                h_t, state = self.advance(x[:, :, t], state)
            else:
                h_t, state = self._cell(a[:, :, t], x[:, :, t], state)
            h.append(h_t)
        return torch.stack(h, dim=2), state

    def forward(self, x, state, first=None):
        """As `hidden`, read out: logits (S, B, T, A), values (S, B, T), the last state."""
        h, state = self.hidden(x, state, first)
        logits, values = self.read(h.flatten(1, 2))
        return logits.unflatten(1, h.shape[1:3]), values.unflatten(1, h.shape[1:3]), state

    def _inputs(self, x):
        """x W_xh + b_h for all steps at once (S, B, T, gates * H)."""
        return torch.baddbmm(self.b_h, x.flatten(1, 2), self.W_xh).unflatten(1, x.shape[1:3])

    def _cell(self, a, x_t, state):
        """From what the input gives, a (S, B, gates * H), to h_t and the new state."""
        if self.kind == "feed-forward":
            return torch.tanh(a), state
        if self.kind == "window":
            return torch.tanh(a), x_t[..., self.D :]  # the oldest look falls out
        if self.kind == "rnn":
            h_t = torch.tanh(torch.baddbmm(a, state, self.W_hh))
            return h_t, h_t
        if self.kind == "gru":
            u = torch.baddbmm(self.b_n.new_zeros(()), state, self.W_hh)
            r, z = torch.sigmoid(a[..., : 2 * self.H] + u[..., : 2 * self.H]).chunk(2, dim=2)
            n = torch.tanh(a[..., 2 * self.H :] + r * (u[..., 2 * self.H :] + self.b_n))
            h_t = n + z * (state - n)
            return h_t, h_t
        h, c = state.chunk(2, dim=2)
        i, f, g, o = torch.baddbmm(a, h, self.W_hh).chunk(4, dim=2)
        c_t = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h_t = torch.sigmoid(o) * torch.tanh(c_t)
        return h_t, torch.cat([h_t, c_t], dim=2)


def _drawn(rng, S, rows, columns, blocks, draw):
    """S matrices (rows, blocks * columns), each block drawn by itself."""
    each = [np.hstack([draw(rng, rows, columns) for _ in range(blocks)]) for _ in range(S)]
    return nn.Parameter(torch.tensor(np.stack(each), dtype=torch.float32))


def _glorot(rng, rows, columns):
    limit = math.sqrt(6 / (rows + columns))
    return rng.uniform(-limit, limit, (rows, columns))


def _orthogonal(rng, rows, columns):
    q, r = np.linalg.qr(rng.normal(size=(rows, columns)))
    return q * np.sign(np.diag(r))
