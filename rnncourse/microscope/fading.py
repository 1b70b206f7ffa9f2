"""Gradient against lag, for any cell, with what it means in words."""

import textwrap
from dataclasses import dataclass

import numpy as np

from rnncourse.microscope.specimen import inputs, prepare, read
from rnncourse.microscope.steps import Steps

STEADY = 0.005  # a factor this close to 1 neither shrinks nor grows, as far as words go


@dataclass(frozen=True, eq=False)
class Fading:
    r"""What `gradient_versus_lag` saw.

    Attributes:
        name: of the cell.
        lags: 0 ... T - 1, how many steps before the last one an input was read (T,).
        norms: size of the gradient of the last output by the input of that lag (T,).
        log10: $\log_{10}$ of `norms`, relative to lag 0; -inf where a norm is zero (T,).
    """

    name: str
    lags: np.ndarray
    norms: np.ndarray
    log10: np.ndarray

    @property
    def factor(self):
        """The mean factor a step: that which, applied `reach` times, leads from lag 0 to there."""
        return float(10 ** (self.log10[self.reach] / max(self.reach, 1)))

    @property
    def reach(self):
        """The greatest lag at which the gradient is not exactly zero."""
        return int(np.flatnonzero(self.norms)[-1])

    def left(self, lag):
        """How large the gradient is at a lag, as a multiple of what it is at lag 0.

        Raises:
            ValueError: if that lag was not looked at.
        """
        if not hasattr(lag, "__index__") or not 0 <= lag < len(self.lags):
            raise ValueError(f"lag: expected 0 ... {len(self.lags) - 1}, got {lag!r}")
        return float(10.0 ** self.log10[lag])

    @property
    def words(self):
        """What was seen, in one to three sentences."""
        return " ".join([self._trend(), *self._bump(), *self._end()])

    def __repr__(self):
        return textwrap.fill(f"{self.name}: {self.words}", 70, subsequent_indent="  ")

    def _trend(self):
        if self.reach == 0:
            return "No gradient flows back even one step: the last input is all that counts."
        share, lag = self.left(self.reach), self.reach
        steps = "step" if lag == 1 else "steps"
        if abs(self.factor - 1) <= STEADY:
            return f"The gradient keeps its size: after {lag} {steps} {_share(share)} is left."
        verb = "shrinks" if share < 1 else "grows"
        after = f"{_share(share)} of it is left" if share < 1 else f"it is {_share(share)} as large"
        a_step = f"The gradient {verb} by a factor of {self.factor:.3g} a step"
        return f"{a_step}: after {lag} {steps} {after}."

    def _bump(self):
        """A rise on the way to a smaller end, as non-normal matrices make it."""
        top = int(np.argmax(self.log10))
        if self.log10[top] > np.log10(2) and self.log10[top] > self.log10[self.reach] + 0.3:
            yield f"On the way it first grows, to {_share(self.left(top))} its size at lag {top}."

    def _end(self):
        if self.reach < len(self.lags) - 1:
            yield f"From lag {self.reach + 1} on it is exactly zero."


def gradient_versus_lag(cell, T=51, *, x=None, D=None, activation="tanh", rng=None):
    r"""How much what was read `lag` steps ago still moves the last output.

    $$\mathrm{norm}(\ell) = \Big\| \frac{\mathrm{d}\,(h_T v)}{\mathrm{d} x_{T-\ell}} \Big\|,
    \qquad \ell = 0 \dots T - 1$$

    with random inputs x and a random direction v, taken over a batch of sequences. Since
    $h_T$ depends on $x_{T-\ell}$ through $\ell$ steps of state, the norm against the lag shows what
    the product of $\ell$ Jacobians does to a gradient.

    Args:
        cell: `RNNParams`, `LSTMParams` or `GRUParams` (gradients by `bptt`); a function
            `cell(x, state=None) -> (h, state)` on NumPy arrays (by central differences, one step
            at a time, so that small gradients are as exact as large ones); a `torch.nn.Module`
            that takes (B, T, D), or an `nn.RNNCell` and its like (by autograd); a built Keras
            layer or cell (by `GradientTape`). It is looked at in float64 where it has such a
            twin, and is left as it was.
        T: length of the sequences; the greatest lag is T - 1.
        x: inputs (B, T, D) of one's own; by default 8 sequences of independent normal numbers.
        D: input size, for a cell that does not tell its own.
        activation: of an `RNNParams`: "tanh", "relu" or another that `cells.rnn_forward` takes.
        rng: a `numpy.random.Generator` for x and v, by default `seeds.rng(6)`; the same one gives
            the same numbers whichever library holds the weights.

    Returns:
        Fading, with `.lags`, `.norms`, `.log10`, `.factor`, `.left(lag)`, and `.words`.

    Raises:
        ValueError: if `cell` is no recurrent cell, reads time first, hands out no state (of a
            NumPy function), its states are not finite, or an argument is not as described.

    Taught in: chapters/06_why_memory_fades

    Source: the quantity of Bengio, Simard & Frasconi (1994), measured by the input instead of
        the state, because every cell of every library shows its input and not all their states.

    Example:
        >>> from rnncourse.cells import RNNParams
        >>> one_unit = RNNParams(np.eye(1), 0.5 * np.eye(1), np.zeros(1))
        >>> result = gradient_versus_lag(one_unit, T=3, activation="identity")
        >>> result
        RNNParams: The gradient shrinks by a factor of 0.5 a step: after 2
          steps 25 % of it is left.
        >>> round(result.left(1), 6)
        0.5
    """
    adapter = prepare(cell, activation, D)
    x, rng = inputs(adapter, T, x, D, rng)
    norms = _norms(_input_gradient(adapter, x, rng))[::-1]  # lag 0 first
    if not np.isfinite(norms).all():
        raise ValueError("cell: expected finite gradients, got NaN or infinity")
    if norms[0] == 0:
        raise ValueError("cell: expected that the last output depends on the last input, got "
                         "a gradient of exactly zero at lag 0")  # fmt: skip
    with np.errstate(divide="ignore"):
        log10 = np.log10(norms) - np.log10(norms[0])
    return Fading(adapter.name, np.arange(len(norms)), norms, log10)


def _input_gradient(adapter, x, rng):
    """d sum(v * h_T) / dx, (B, T, D), for one random unit vector v a sequence."""
    with adapter.asked():
        if not adapter.has_gradient:
            return _step_by_step(Steps(adapter, x), rng)
        h, _ = read(adapter, x)
        dh = np.zeros(h.shape)
        dh[:, -1] = _directions(*h[:, -1].shape, rng)
        return adapter.gradient(x, dh)


def _step_by_step(steps, rng):
    """The same for a cell that knows no gradient: v times one Jacobian after the other."""
    B, T, D = steps.x.shape
    dx = np.empty((B, T, D))
    v = _directions(B, steps.h.shape[-1], rng)
    dh, _ = steps.derivatives(T - 1)
    g = np.einsum("bi,bij->bj", v, dh)
    dx[:, T - 1] = g[:, :D]
    for t in range(T - 2, -1, -1):
        _, ds = steps.derivatives(t)
        g = np.einsum("bi,bij->bj", g[:, D:], ds)
        dx[:, t] = g[:, :D]
    return dx


def _directions(B, H, rng):
    v = rng.normal(size=(B, H))
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def _norms(dx):
    """Norm over batch and inputs at every step (T,), safe where squares would underflow."""
    dx = np.abs(dx.astype(np.float64))
    largest = dx.max(axis=(0, 2))
    scaled = dx / np.where(largest > 0, largest, 1)[None, :, None]
    return largest * np.sqrt((scaled**2).sum(axis=(0, 2)))


def _share(share):
    """A factor in words that a reader can take in: percent, times, powers of ten."""
    exponent = np.log10(share)
    if exponent >= 6:
        return f"about 10^{exponent:.0f} times"
    if share >= 2:
        return f"{share:,.3g} times" if share < 100 else f"{share:,.0f} times"
    if share >= 0.001:
        return f"{100 * share:.2g} %" if share < 0.995 else f"{100 * share:.0f} %"
    return f"one part in 10^{-exponent:.0f}"
