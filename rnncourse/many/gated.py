"""LSTMs and GRUs side by side, whole or with a gate taken out."""

import numpy as np
import torch
from torch import nn

from rnncourse.many import loops
from rnncourse.many.weights import glorot, orthogonal


class _Gated(nn.Module):
    """What both have in common; `LOOP`, `GATES` and `LAST` say in what they differ."""

    def __init__(self, networks, without="", last=1):
        super().__init__()
        self.gates, self.last = self.names(without), last
        self._check(networks, without, last)
        for name, arrays in zip(self.arrays(without), zip(*networks, strict=True), strict=True):
            array = torch.tensor(np.stack(arrays), dtype=torch.float32)
            self.register_parameter(name, nn.Parameter(array))

    @classmethod
    def _check(cls, networks, without, last):
        names = cls.arrays(without)
        if len(networks) == 0 or any(len(weights) != len(names) for weights in networks):
            raise ValueError(f"networks: expected lists of {', '.join(names)}")
        if isinstance(last, bool) or not hasattr(last, "__index__") or last < 1:
            raise ValueError(f"last: expected a positive integer, got {last!r}")
        D, H, K = len(networks[0][0]), len(networks[0][1]), len(networks[0][-1])
        shapes = cls.sizes(D, H, K, without)
        for s, weights in enumerate(networks):
            for (name, shape), array in zip(shapes.items(), weights, strict=True):
                if np.shape(array) != shape:
                    raise ValueError(
                        f"{name}: expected shape {shape} in network {s}, got {np.shape(array)}"
                    )

    @classmethod
    def names(cls, without=""):
        """The gates that are left, one letter each."""
        if without not in cls.WITHOUT:
            raise ValueError(f"without: expected one of {list(cls.WITHOUT)}, got {without!r}")
        return cls.WITHOUT[without]

    @classmethod
    def arrays(cls, without=""):
        """The names of a network's arrays, in order."""
        own = ("b_n",) if cls.resets(without) else ()
        return ("W_xh", "W_hh", "b_h", *own, "W_hy", "b_y")

    @classmethod
    def resets(cls, without=""):
        """Whether a gate scales what the state adds to the proposal."""
        return cls.LOOP is loops.GRU and bool(set(cls.names(without)) & {"r", "u"})

    @classmethod
    def sizes(cls, D, H, K, without=""):
        """Name -> shape of a network's arrays."""
        G = H * (1 + len(cls.names(without)))
        shapes = {"W_xh": (D, G), "W_hh": (H, G), "b_h": (G,), "b_n": (H,)}
        shapes |= {"W_hy": (H, K), "b_y": (K,)}
        return {name: shapes[name] for name in cls.arrays(without)}

    @classmethod
    def _draw(cls, S, D, H, K, without, last, bias, rng):
        networks = []
        for _ in range(S):
            arrays = {n: np.zeros(shape) for n, shape in cls.sizes(D, H, K, without).items()}
            blocks = 1 + len(cls.names(without))
            arrays["W_xh"] = np.hstack([glorot(D, H, rng) for _ in range(blocks)])
            arrays["W_hh"] = np.hstack([orthogonal(H, rng) for _ in range(blocks)])
            for gate, value in bias.items():
                if gate in cls.names(without):
                    k = cls.names(without).index(gate)
                    arrays["b_h"][k * H : (k + 1) * H] = value
            arrays["W_hy"] = glorot(H, K, rng)
            networks.append(list(arrays.values()))
        return cls(networks, without, last)

    def states(self, x, back=None):
        """(S, B, T, D) -> all states (S, B, T, H).

        With `back`, no gradient goes further back than that many steps from the end.
        """
        S, D, _ = self.W_xh.shape
        if x.ndim != 4 or x.shape[0] != S or x.shape[3] != D or x.shape[2] == 0:
            raise ValueError(
                f"x: expected a float array (S, B, T, D) with S = {S}, D = {D} and T of at "
                f"least 1, got shape {tuple(x.shape)}"
            )
        first = 0 if back is None else max(0, x.shape[2] - back)
        h = loops.Loop.apply(
            x,
            self.W_xh,
            self.W_hh,
            self.b_h,
            getattr(self, "b_n", None),
            self.LOOP,
            self.gates,
            first,
        )  # (T, S, H, B)
        return h.permute(1, 3, 0, 2)

    def forward(self, x, back=None):
        """(S, B, T, D) -> (S, B, last * K), the predictions after the last steps in one row."""
        h = self.states(x, back)[:, :, -self.last :]
        y = torch.matmul(h.flatten(1, 2), self.W_hy) + self.b_y[:, None]
        return y.reshape(*x.shape[:2], -1)

    def weights(self, s):
        """The arrays of network `s`, in the order in which they are given."""
        return [w[s].detach().numpy().copy() for w in self.parameters()]

    def __len__(self):
        """S, how many networks."""
        return len(self.W_xh)


class LSTMs(_Gated):
    r"""$c_t = f \odot c_{t-1} + i \odot g$, $h_t = o \odot \tanh(c_t)$, for S weight sets.

    Args:
        networks: S lists of five arrays: W_xh (D, 4H), W_hh (H, 4H), b_h (4H,) with the gates in
            the order i, f, o, g; W_hy (H, K) and b_y (K,).
        without: "", or "i", "f" or "o": a gate that is taken out. It counts as 1, and its block
            of the weights is gone.
        last: how many of the last steps are read; the prediction has last * K numbers.

    Raises:
        ValueError: for another `without`, or if the arrays do not fit each other.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Hochreiter & Schmidhuber (1997), Gers, Schmidhuber & Cummins (2000); the idea to take
        single gates out is that of Greff et al. (2017).

    Example:
        >>> networks = LSTMs.draw(2, D=4, H=5, rng=np.random.default_rng(0))
        >>> tuple(networks(torch.zeros(2, 3, 7, 4)).shape)  # (S, B, K)
        (2, 3, 1)
    """

    LOOP = loops.LSTM
    WITHOUT = {"": "ifo", "i": "fo", "f": "io", "o": "if"}

    @classmethod
    def draw(cls, S, D, H, K=1, without="", *, forget_bias=1.0, last=1, rng):
        """S networks with fresh weights: each gate's block as in `PlainRNNs.draw`.

        Keras draws all blocks at once instead: W_hh with orthonormal rows, W_xh within a smaller
        limit.

        Args:
            S: how many networks.
            D: size of the input of a step.
            H: size of the state.
            K: size of the prediction.
            without: as for the class.
            forget_bias: the bias of gate f; all others are 0. Keras' default is 1.
            last: as for the class.
            rng: a NumPy generator.
        """
        return cls._draw(S, D, H, K, without, last, {"f": forget_bias}, rng)

    def cells(self, x):
        """(S, B, T, D) -> the cells c after every step, (S, B, T, H), without a gradient."""
        with torch.no_grad():
            a = x @ self.W_xh[:, None] + self.b_h[:, None, None]
            S, B, T, _ = a.shape
            H = self.W_hh.shape[1]
            a = a.permute(2, 0, 3, 1).contiguous().numpy()
            W = self.W_hh.transpose(1, 2).contiguous().numpy()
            _, (_, c, _) = loops.LSTM[0](a, W, None, self.gates)
        return torch.from_numpy(c[1:]).permute(1, 3, 0, 2).reshape(S, B, T, H)


class GRUs(_Gated):
    r"""$h_t = (1 - z) \odot n + z \odot h_{t-1}$, for S weight sets.

    Args:
        networks: S lists of six arrays: W_xh (D, 3H), W_hh (H, 3H), b_h (3H,) with the gates in
            the order r, z, n; b_n (H,), the bias that the reset gate scales; W_hy (H, K) and
            b_y (K,). Without a reset gate there is no b_n.
        without: "", or "r": the reset gate is taken out (counts as 1), or "z": the update gate
            (counts as 0), or "one": one gate u is left that does both, r = u and z = 1 - u.
        last: how many of the last steps are read; the prediction has last * K numbers.

    Raises:
        ValueError: for another `without`, or if the arrays do not fit each other.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Cho et al. (2014), with the reset after the product; "one" is the minimal gated unit
        of Zhou et al. (2016), who reset before the product.

    Example:
        >>> networks = GRUs.draw(2, D=4, H=5, rng=np.random.default_rng(0))
        >>> tuple(networks(torch.zeros(2, 3, 7, 4)).shape)  # (S, B, K)
        (2, 3, 1)
    """

    LOOP = loops.GRU
    WITHOUT = {"": "rz", "r": "z", "z": "r", "one": "u"}

    @classmethod
    def draw(cls, S, D, H, K=1, without="", *, update_bias=0.0, last=1, rng):
        """S networks with fresh weights: each gate's block as in `PlainRNNs.draw`.

        Keras draws all blocks at once instead: W_hh with orthonormal rows, W_xh within a smaller
        limit.

        Args:
            S: how many networks.
            D: size of the input of a step.
            H: size of the state.
            K: size of the prediction.
            without: as for the class.
            update_bias: the bias of gate z; all others are 0.
            last: as for the class.
            rng: a NumPy generator.
        """
        return cls._draw(S, D, H, K, without, last, {"z": update_bias}, rng)


def width(kind, budget, D, K=1, without=""):
    """The largest H whose network has at most `budget` parameters, readout included.

    Args:
        kind: `PlainRNNs`, `LSTMs` or `GRUs`.
        budget: how many parameters at most.
        D: size of the input of a step.
        K: size of the prediction.
        without: as for the class.

    Returns:
        (H, parameters).

    Raises:
        ValueError: if not even one unit fits.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Example:
        >>> width(LSTMs, 1000, D=2), width(GRUs, 1000, D=2)
        ((14, 967), (16, 945))
    """
    options = (without,) if without else ()

    def count(H):
        return sum(int(np.prod(shape)) for shape in kind.sizes(D, H, K, *options).values())

    if count(1) > budget:
        raise ValueError(f"budget: expected at least {count(1)} parameters, got {budget!r}")
    H = 1
    while count(H + 1) <= budget:
        H += 1
    return H, count(H)
