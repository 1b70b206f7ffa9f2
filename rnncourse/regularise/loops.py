"""Dropout where there is a loop, and a training loop whose remedies can be turned up one by one."""

import numpy as np
import torch
from torch.nn import functional as F

from rnncourse.many import PlainRNNs, predict
from rnncourse.optimisers import FRESH, adam


def mask(shape, rate, generator=None):
    r"""$m = [u \ge p] / (1 - p)$ with u uniform between 0 and 1: zeros at rate p, and mean 1.

    Args:
        shape: shape of the mask.
        rate: $p$, the share that is dropped, from 0 to below 1: a number, or a tensor that
            broadcasts to the shape.
        generator: a torch.Generator, or None for PyTorch's own.

    Returns:
        float32 tensor of that shape.

    Taught in: chapters/13_regularise_tune_evaluate

    Source: Srivastava et al. (2014), who scale at test time instead; dividing while training
        ("inverted dropout") is what PyTorch and Keras do.

    Example:
        >>> mask((2, 4), 0.5, torch.Generator().manual_seed(0))
        tensor([[0., 2., 0., 0.],
                [0., 2., 0., 2.]])
    """
    return (torch.rand(shape, generator=generator) >= rate) / (1 - rate)


def masked_loop(projected, W_hh, f, rate, fresh, generator=None):
    r"""$h_t = f(x_tW_{xh} + b_h + (m_t \odot h_{t-1})W_{hh})$, for S networks side by side.

    Args:
        projected: $x_tW_{xh} + b_h$ of all steps (S, B, T, H).
        W_hh: recurrent weights (S, H, H).
        f: the activation.
        rate: dropout rate, as for `mask`, against (S, B, H).
        fresh: whether every step draws its own mask; else the first step's serves for all.
        generator: a torch.Generator, or None for PyTorch's own.

    Returns:
        The last state $h_T$ (S, B, H).

    Taught in: chapters/13_regularise_tune_evaluate

    Source: one mask per sequence is Gal & Ghahramani's (2016); here for the state alone.

    Example:
        >>> h_T = masked_loop(
        ...     torch.zeros(2, 3, 7, 5), torch.eye(5).repeat(2, 1, 1), torch.tanh, 0.5, False
        ... )
        >>> tuple(h_T.shape)
        (2, 3, 5)
    """
    S, B, T, H = projected.shape
    h_t = projected.new_zeros(S, B, H)
    for t in range(T):
        if fresh or t == 0:
            m = mask((S, B, H), rate, generator)
        h_t = f(torch.baddbmm(projected[:, :, t], m * h_t, W_hh))
    return h_t


class MaskedRNNs(PlainRNNs):
    r"""The S networks of `PlainRNNs` with dropout on the state that goes round.

    In training mode $h_{t-1}$ is masked on its way into step t; in evaluation mode nothing is.
    `draw` makes them without dropout, `masked` sets it.

    Args:
        networks: as for `PlainRNNs`.
        activation: as for `PlainRNNs`.

    Attributes:
        rate: dropout rate, a tensor (S, 1, 1).
        fresh: whether every step draws its own mask.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> rng = np.random.default_rng(0)
        >>> networks = MaskedRNNs.draw(2, D=4, H=5, rng=rng).masked([0.1, 0.5], False, rng)
        >>> tuple(networks(torch.zeros(2, 3, 7, 4)).shape)
        (2, 3, 1)
    """

    rate, fresh, generator = torch.zeros(1, 1, 1), False, None

    def masked(self, rate, fresh, rng):
        """Set the dropout of the networks, and return them.

        Args:
            rate: from 0 to below 1, one number or one for each network (S,).
            fresh: True for a fresh mask at every step, False for one mask per sequence.
            rng: a NumPy generator on which the masks hang.

        Raises:
            ValueError: if a rate lies outside 0 ... 1, or there is one too many or too few.
        """
        rate = np.asarray(rate, dtype=np.float32)
        if rate.shape not in ((), (len(self),)) or not ((rate >= 0) & (rate < 1)).all():
            raise ValueError(
                f"rate: expected numbers from 0 to below 1, one or S = {len(self)}, got {rate}"
            )
        self.rate = torch.tensor(rate).expand(len(self)).reshape(-1, 1, 1)
        self.fresh = bool(fresh)
        self.generator = torch.Generator().manual_seed(int(rng.integers(2**63)))
        return self

    def forward(self, x, back=None):
        """(S, B, T, D) -> (S, B, K); `back` serves without dropout only."""
        if not self.training or not self.rate.any():
            return super().forward(x, back)
        if back is not None or self.last != 1:
            raise ValueError("back: expected none with dropout, and a readout of the last step")
        projected = x @ self.W_xh[:, None] + self.b_h[:, None, None]
        h_T = masked_loop(projected, self.W_hh, self.f, self.rate, self.fresh, self.generator)
        return h_T @ self.W_hy + self.b_y[:, None]


def fit(
    networks, x, y, watch, *, epochs, rng, lr=0.01, decay=0.0, augment=None, batch_size=32, clip=1.0
):
    r"""Minimise every network's own log loss $\ln(1+e^{-a})$ or $\ln(1+e^{a})$, by y, with Adam.

    Args:
        networks: a `PlainRNNs` or `MaskedRNNs` with one output, the logit a; trained in place.
        x: inputs (S, N, T, D): row s is what network s is trained on.
        y: labels (S, N), booleans.
        watch: list of inputs (S, M, T, D) to answer after each epoch; never trained on.
        epochs: how many times all of x is gone through.
        rng: a NumPy generator: decides the order, and what `augment` draws.
        lr: learning rate, one number or one for each network (S,).
        decay: weight decay, as lr: at each update all weights shrink by lr * decay first.
        augment: function (x, rng) that returns other sequences for a batch (S, B, T, D).
        batch_size: B; what is left over at the end of an epoch is left out.
        clip: greatest length of a network's gradient over all its weights.

    Returns:
        A list, for each entry of `watch` the logits after every epoch, NumPy (epochs, S, M).

    Raises:
        ValueError: if the shapes of x and y do not fit, or there is less than one batch.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(2, 64, 7, 4))
        >>> networks = PlainRNNs.draw(2, D=4, H=5, rng=rng)
        >>> (logits,) = fit(networks, x, x[:, :, -1, 0] > 0, [x], epochs=20, rng=rng)
        >>> logits.shape, bool(((logits[-1] > 0) == (x[:, :, -1, 0] > 0)).mean() > 0.9)
        ((20, 2, 64), True)
    """
    x, y = np.asarray(x), np.asarray(y)
    if x.ndim != 4 or x.shape[:2] != y.shape or len(y) != len(networks):
        raise ValueError(f"y: expected labels (S, N) for x (S, N, T, D), got {y.shape}, {x.shape}")
    if y.shape[1] < batch_size:
        raise ValueError(f"batch_size: expected at most N = {y.shape[1]}, got {batch_size}")
    weights, logits = list(networks.parameters()), []
    memories, each = [FRESH] * len(weights), np.arange(len(y))[:, None]
    lr, decay = (_tensor(a).expand(len(y)) for a in (lr, decay))
    for _ in range(epochs):
        networks.train()
        order = rng.permuted(np.tile(np.arange(y.shape[1]), (len(y), 1)), axis=1)
        for first in range(0, y.shape[1] - batch_size + 1, batch_size):
            rows = order[:, first : first + batch_size]  # (S, B)
            batch = x[each, rows] if augment is None else augment(x[each, rows], rng)
            grads = _clipped_gradients(networks, weights, batch, y[each, rows], clip)
            for k, (w, g) in enumerate(zip(weights, grads, strict=True)):
                rate, shrink = (a.view(-1, *[1] * (w.ndim - 1)) for a in (lr, 1 - lr * decay))
                w.data, memories[k] = adam(shrink * w.detach(), g, memories[k], rate)
        networks.eval()
        logits.append([predict(networks, inputs)[..., 0] for inputs in watch])
    return [np.array(after) for after in zip(*logits, strict=True)]


def _clipped_gradients(networks, weights, x, y, clip):
    """Of every network's mean log loss on its batch x (S, B, T, D), y (S, B)."""
    loss = F.binary_cross_entropy_with_logits(
        networks(_tensor(x))[..., 0], _tensor(y), reduction="none"
    )
    grads = torch.autograd.grad(loss.mean(dim=1).sum(), weights)
    norm = sum((g**2).flatten(1).sum(dim=1) for g in grads).sqrt()  # (S,)
    shrink = (clip / norm).clamp(max=1)
    return [g * shrink.view(-1, *[1] * (g.ndim - 1)) for g in grads]


def _tensor(array):
    return torch.as_tensor(np.asarray(array), dtype=torch.float32)
