"""Networks with one plain recurrent layer, S of them side by side."""

import numpy as np
import torch
from torch import nn

from rnncourse.many.weights import glorot, orthogonal

NAMES = ("W_xh", "W_hh", "b_h", "W_hy", "b_y")

# Two that are bounded, two that are odd (f(-a) = -f(a)): each property with and without the other.
ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "asinh": torch.asinh,
    "clipped relu": lambda a: a.clamp(0, 1),
}


class PlainRNNs(nn.Module):
    r"""$h_t = f(x_tW_{xh} + h_{t-1}W_{hh} + b_h)$, $\hat y = h_TW_{hy} + b_y$, for S weight sets.

    Args:
        networks: S lists of five arrays: W_xh (D, H), W_hh (H, H), b_h (H,), W_hy (H, K) and
            b_y (K,). That is also the order in which a Keras model of SimpleRNN and Dense keeps
            its weights.
        activation: a key of `ACTIVATIONS`.
        last: how many of the last steps are read; the prediction has last * K numbers.

    Raises:
        ValueError: if the list is empty, the arrays of one name differ in shape or do not fit
            each other, or the activation is another one.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Source: the cell is Elman's (1990); `draw` starts it as Keras does.

    Example:
        >>> networks = PlainRNNs.draw(2, D=4, H=5, rng=np.random.default_rng(0))
        >>> tuple(networks(torch.zeros(2, 3, 7, 4)).shape)  # (S, B, K)
        (2, 3, 1)
    """

    def __init__(self, networks, activation="tanh", last=1):
        super().__init__()
        self.last = last
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation: expected one of {list(ACTIVATIONS)}, got {activation!r}")
        self.f = ACTIVATIONS[activation]
        for name, array in zip(NAMES, _stacked(networks), strict=True):
            self.register_parameter(name, nn.Parameter(torch.tensor(array, dtype=torch.float32)))

    @classmethod
    def draw(cls, S, D, H, K=1, activation="tanh", start="orthogonal", *, last=1, rng):
        """S networks with fresh weights.

        Args:
            S: how many networks.
            D: size of the input of a step.
            H: size of the state.
            K: size of the prediction.
            activation: a key of `ACTIVATIONS`.
            start: "orthogonal": as Keras draws them, W_hh orthogonal, biases zero; "identity":
                the same with the identity for W_hh, after Le, Jaitly & Hinton (2015);
                "uniform": everything within 1/sqrt(H), as PyTorch draws it.
            last: how many of the last steps are read.
            rng: a NumPy generator.

        Raises:
            ValueError: for another start.
        """
        if start not in ("orthogonal", "identity", "uniform"):
            raise ValueError(
                f"start: expected 'orthogonal', 'identity' or 'uniform', got {start!r}"
            )

        def weights():
            if start == "uniform":
                shapes = cls.sizes(D, H, K).values()
                return [rng.uniform(-1, 1, shape) / np.sqrt(H) for shape in shapes]
            W_xh = glorot(D, H, rng)
            W_hh = np.eye(H) if start == "identity" else orthogonal(H, rng)
            return W_xh, W_hh, np.zeros(H), glorot(H, K, rng), np.zeros(K)

        return cls([weights() for _ in range(S)], activation, last)

    @classmethod
    def sizes(cls, D, H, K):
        """Name -> shape of a network's arrays."""
        shapes = ((D, H), (H, H), (H,), (H, K), (K,))
        return dict(zip(NAMES, shapes, strict=True))

    def forward(self, x, back=None):
        """(S, B, T, D) -> (S, B, last * K), the predictions after the last steps in one row.

        With `back`, no gradient goes further back than that many steps from the end.
        """
        S, D, H = self.W_xh.shape
        if x.ndim != 4 or x.shape[0] != S or x.shape[3] != D or x.shape[2] == 0:
            raise ValueError(
                f"x: expected a float array (S, B, T, D) with S = {S}, D = {D} and T of at "
                f"least 1, got shape {tuple(x.shape)}"
            )
        projected = x @ self.W_xh[:, None] + self.b_h[:, None, None]  # (S, B, T, H)
        h_t, T, read = x.new_zeros(S, x.shape[1], H), x.shape[2], []
        for t in range(T):
            if T - t == back:
                h_t = h_t.detach()
            h_t = self.f(torch.baddbmm(projected[:, :, t], h_t, self.W_hh))
            if T - t <= self.last:
                read.append(h_t @ self.W_hy + self.b_y[:, None])
        return torch.cat(read, dim=-1)

    def weights(self, s):
        """The five arrays of network `s`, in the order of `PlainRNNs`."""
        return [getattr(self, name)[s].detach().numpy().copy() for name in NAMES]

    def __len__(self):
        """S, how many networks."""
        return len(self.W_xh)


def _stacked(networks):
    """Five arrays with S in front, after a look at their shapes."""
    if len(networks) == 0 or any(len(weights) != len(NAMES) for weights in networks):
        raise ValueError(f"networks: expected lists of {', '.join(NAMES)}, got {len(networks)}")
    D, H = np.shape(networks[0][0])
    K = len(networks[0][4])
    shapes = [(D, H), (H, H), (H,), (H, K), (K,)]
    for s, weights in enumerate(networks):
        for name, array, shape in zip(NAMES, weights, shapes, strict=True):
            if np.shape(array) != shape:
                raise ValueError(
                    f"{name}: expected shape {shape} in network {s}, got {np.shape(array)}"
                )
    return [np.stack([weights[k] for weights in networks]) for k in range(len(NAMES))]
