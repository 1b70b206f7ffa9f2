"""Heads that say how sure they are: equal to PyTorch's losses, ordered, and measured."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import metrics
from rnncourse.torch_models import (
    GaussianHead,
    QuantileHead,
    gaussian_interval,
    gaussian_nll,
    pinball,
    quantile_interval,
)

B, T, H, K = 3, 7, 5, 2
LEVELS = [0.1, 0.5, 0.75, 0.9]


def test_the_likelihood_is_pytorch_s():
    mean, log_std, y = torch.randn(3, B, T, dtype=torch.float64)
    expected = nn.GaussianNLLLoss(full=True, eps=0)(mean, y, torch.exp(2 * log_std))
    torch.testing.assert_close(gaussian_nll(mean, log_std, y), expected)


def test_pinball_in_torch_and_numpy_agree_and_hold_half_the_absolute_error():
    q, y = torch.randn(B, T, 4), torch.randn(B, T)
    assert metrics.pinball(y, q, LEVELS) == pytest.approx(pinball(q, y, LEVELS).item(), rel=1e-5)
    median = pinball(q[..., :1], y, [0.5]).item()
    assert median == pytest.approx(metrics.mae(y, q[..., 0]) / 2, rel=1e-5)


def test_targets_of_another_shape_are_refused_before_they_broadcast():
    with pytest.raises(ValueError, match="y: expected the shape of mean"):
        gaussian_nll(torch.zeros(B, 1), torch.zeros(B, 1), torch.zeros(B))
    with pytest.raises(ValueError, match="y_hat: expected"):
        pinball(torch.zeros(B, 4), torch.zeros(B, 1), LEVELS)
    with pytest.raises(ValueError, match="y_hat: expected"):
        metrics.pinball(np.zeros(B), np.zeros((B, 3)), LEVELS)
    with pytest.raises(ValueError, match="levels: expected"):
        metrics.pinball(np.zeros(B), np.zeros((B, 1)), [1.0])


def test_no_quantile_crosses_another():
    head = QuantileHead(H, LEVELS, K)
    q = head(10 * torch.randn(B, T, H))
    assert q.shape == (B, T, K, 4)
    assert (q.diff(dim=-1) >= 0).all()


@pytest.mark.parametrize("levels", [[], [0.5, 0.1], [0.0, 0.5], [0.5, 0.5]])
def test_levels_that_do_not_rise_between_0_and_1_are_refused(levels):
    with pytest.raises(ValueError, match="levels: expected"):
        QuantileHead(H, levels)


def test_a_normal_interval_holds_its_share_of_normal_numbers():
    y = np.random.default_rng(0).normal(2, 3, size=20_000)
    mean, log_std = torch.full((20_000,), 2.0), torch.full((20_000,), float(np.log(3)))
    low, high = gaussian_interval(mean, log_std, share=0.8)
    assert metrics.coverage(y, low, high) == pytest.approx(0.8, abs=0.01)


def test_intervals_that_cannot_be_said_are_refused():
    with pytest.raises(ValueError, match="share: expected a number between"):
        gaussian_interval(torch.zeros(1), torch.zeros(1), share=80)
    with pytest.raises(ValueError, match="share: expected level 0.25"):
        quantile_interval(torch.zeros(B, 4), LEVELS, share=0.5)


def test_the_ends_of_a_quantile_interval_are_the_quantiles_named():
    q = torch.arange(8.0).reshape(2, 4)
    low, high = quantile_interval(q, LEVELS, share=0.8)
    assert low.tolist() == [0, 4]
    assert high.tolist() == [3, 7]


def test_the_deviation_stays_a_number():
    head = GaussianHead(H, K)
    _, log_std = head(1e6 * torch.randn(B, H))
    assert torch.isfinite(torch.exp(2 * log_std)).all()


def test_heads_hang_on_their_generator_alone():
    first, second = (GaussianHead(H, K, np.random.default_rng(1)) for _ in range(2))
    torch.testing.assert_close(first.mean.weight, second.mean.weight)
