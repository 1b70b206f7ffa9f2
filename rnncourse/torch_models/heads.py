"""Heads that say how sure they are: a normal distribution, or a fan of quantiles.

Both read a state of any shape (..., H) and say K numbers at once, such as K horizons. How often
the interval that they give holds the truth is for `rnncourse.metrics.coverage` to measure.
"""

import math

import torch
from torch import nn

from rnncourse.torch_models.base import drawn_from


class GaussianHead(nn.Module):
    r"""$\mu = hW_\mu + b_\mu$ and $\ln\sigma = hW_\sigma + b_\sigma$: a mean and its doubt.

    Args:
        H: size of the state.
        K: how many numbers it says, such as horizons.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Taught in: chapters/21_forecasting

    Source: Nix & Weigend (1994), who let a network say the variance; the logarithm of the
        deviation keeps it positive, and is held between -7 and 7 so that no exponential
        overflows.

    Example:
        >>> mean, log_std = GaussianHead(H=5, K=2)(torch.zeros(3, 5))
        >>> tuple(mean.shape), tuple(log_std.shape)
        ((3, 2), (3, 2))
    """

    def __init__(self, H, K=1, rng=None):
        super().__init__()
        with drawn_from(rng):
            self.mean, self.log_std = nn.Linear(H, K), nn.Linear(H, K)

    def forward(self, h):
        """h (..., H) -> mean (..., K), log_std (..., K)."""
        return self.mean(h), self.log_std(h).clamp(-7, 7)


class QuantileHead(nn.Module):
    r"""$q_1 = a_1$, $q_{j+1} = q_j + \ln(1 + e^{a_{j+1}})$ with $a = hW + b$: none crosses another.

    Args:
        H: size of the state.
        levels: the quantiles that it says, rising, each between 0 and 1.
        K: how many numbers it says quantiles of, such as horizons.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Raises:
        ValueError: if the levels do not rise or lie outside 0 to 1.

    Taught in: chapters/21_forecasting

    Source: quantile regression is Koenker & Bassett's (1978), who fit each level by itself, so
        that lines may cross; here every quantile is the one below it and a positive step.

    Example:
        >>> head = QuantileHead(H=5, levels=[0.1, 0.5, 0.9], K=2)
        >>> tuple(head(torch.zeros(3, 5)).shape)
        (3, 2, 3)
    """

    def __init__(self, H, levels, K=1, rng=None):
        super().__init__()
        self.levels = _rising(levels)
        with drawn_from(rng):
            self.steps = nn.Linear(H, K * len(self.levels))

    def forward(self, h):
        """h (..., H) -> quantiles (..., K, Q), rising along the last axis."""
        a = self.steps(h).unflatten(-1, (-1, len(self.levels)))
        steps = torch.cat([a[..., :1], nn.functional.softplus(a[..., 1:])], dim=-1)
        return steps.cumsum(dim=-1)


def gaussian_nll(mean, log_std, y):
    r"""Mean of $\frac12\ln 2\pi + \ln\sigma + \frac{(y-\mu)^2}{2\sigma^2}$ over all targets.

    Args:
        mean: $\mu$, any shape.
        log_std: $\ln\sigma$, the same shape.
        y: what happened, the same shape.

    Returns:
        A tensor (), in nats per target.

    Raises:
        ValueError: if the shapes differ, as (B,) and (B, 1) would broadcast to (B, B).

    Taught in: chapters/21_forecasting

    Source: `torch.nn.GaussianNLLLoss` takes the variance, and leaves the constant out unless
        `full=True`.

    Example:
        >>> zero = torch.zeros(4)
        >>> round(gaussian_nll(zero, zero, zero).item(), 4)  # ln(2 pi) / 2
        0.9189
    """
    if not mean.shape == log_std.shape == y.shape:
        raise ValueError(f"y: expected the shape of mean, {mean.shape}, got {y.shape}")
    z = (y - mean) * torch.exp(-log_std)
    return (math.log(2 * math.pi) / 2 + log_std + z**2 / 2).mean()


def pinball(y_hat, y, levels):
    r"""Mean of $\max(\tau\,(y-q_\tau),\ (\tau-1)(y-q_\tau))$ over targets and levels.

    Args:
        y_hat: quantiles $q_\tau$ (..., Q), one for each level in the last axis.
        y: what happened (...).
        levels: $\tau$ (Q,), each between 0 and 1.

    Returns:
        A tensor (), in the unit of `y`: at the level 1/2 half the mean absolute error.

    Raises:
        ValueError: if the shapes do not fit.

    Taught in: chapters/21_forecasting

    Source: Koenker & Bassett (1978); `rnncourse.metrics.pinball` is the same in NumPy.

    Example:
        >>> q = torch.tensor([[1.0, 3.0]])
        >>> round(pinball(q, torch.tensor([2.0]), [0.1, 0.9]).item(), 3)
        0.1
    """
    wanted = (*y.shape, len(levels))
    if y_hat.shape != wanted:
        raise ValueError(f"y_hat: expected shape {wanted}, got {tuple(y_hat.shape)}")
    tau, above = torch.as_tensor(levels).to(y_hat), y[..., None] - y_hat
    return torch.maximum(tau * above, (tau - 1) * above).mean()


def gaussian_interval(mean, log_std, share=0.8):
    r"""$\mu \pm z\sigma$ with $z$ so that a normal distribution has `share` of itself inside.

    Args:
        mean: any shape, a tensor.
        log_std: the same shape.
        share: between 0 and 1, such as 0.8.

    Returns:
        (low, high), tensors of the same shape.

    Raises:
        ValueError: if `share` lies outside 0 to 1.

    Example:
        >>> low, high = gaussian_interval(torch.zeros(1), torch.zeros(1), share=0.95)
        >>> round(high.item(), 2)
        1.96
    """
    if not 0 < share < 1:
        raise ValueError(f"share: expected a number between 0 and 1, got {share!r}")
    half = torch.exp(log_std) * math.sqrt(2) * torch.erfinv(torch.tensor(share))
    return mean - half, mean + half


def quantile_interval(y_hat, levels, share=0.8):
    """The two quantiles that have `share` between them, such as 0.1 and 0.9 for 0.8.

    Args:
        y_hat: quantiles (..., Q).
        levels: the levels (Q,) that they are for.
        share: between 0 and 1; both ends must be among the levels.

    Returns:
        (low, high), each (...).

    Raises:
        ValueError: if a level that is needed is not there.

    Example:
        >>> low, high = quantile_interval(torch.tensor([[1.0, 2.0, 5.0]]), [0.1, 0.5, 0.9])
        >>> low.item(), high.item()
        (1.0, 5.0)
    """
    ends = []
    for level in ((1 - share) / 2, (1 + share) / 2):
        found = [j for j, known in enumerate(levels) if math.isclose(known, level)]
        if not found:
            raise ValueError(f"share: expected level {level:g} among {list(levels)}, for {share:g}")
        ends.append(y_hat[..., found[0]])
    return tuple(ends)


def _rising(levels):
    """The levels as a tuple of floats, checked."""
    levels = tuple(float(level) for level in levels)
    if not levels or any(not 0 < level < 1 for level in levels):
        raise ValueError(f"levels: expected numbers between 0 and 1, got {levels}")
    if any(a >= b for a, b in zip(levels, levels[1:], strict=False)):
        raise ValueError(f"levels: expected them to rise, got {levels}")
    return levels
