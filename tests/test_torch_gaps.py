"""Gaps: the last value and its age, and GRU-D, which is a GRU where nothing is missing."""

import numpy as np
import pytest
import torch

from rnncourse.torch_models import GRUD, last_seen

B, T, D, H = 3, 7, 4, 5


def gappy(share=0.6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(B, T, D)).astype(np.float32)
    return np.where(rng.random(x.shape) < share, np.nan, x).astype(np.float32)


def test_last_seen_equals_a_walk_through_each_series():
    x = gappy()
    filled, mask, since = last_seen(x, start=9.0)
    for b in range(B):
        for d in range(D):
            last, age = 9.0, 0
            for t in range(T):
                fresh = not np.isnan(x[b, t, d])
                last, age = (x[b, t, d], 0) if fresh else (last, age + 1)
                assert (filled[b, t, d], mask[b, t, d], since[b, t, d]) == (last, fresh, age)


def test_without_gaps_last_seen_gives_the_series_back():
    x = gappy(share=0.0)
    filled, mask, since = last_seen(x)
    np.testing.assert_array_equal(filled, x)
    assert mask.all()
    assert not since.any()


def test_before_the_first_measurement_the_start_stands_for_each_column():
    filled, _, since = last_seen(np.full((B, 2, D), np.nan), start=np.arange(D))
    np.testing.assert_array_equal(filled[1, 0], np.arange(D))
    np.testing.assert_array_equal(since[:, 1], np.full((B, D), 2))


def test_last_seen_knows_nothing_of_the_future():
    x = gappy()
    y = x.copy()
    y[:, 4:] = 0
    for ours, theirs in zip(last_seen(x), last_seen(y), strict=True):
        np.testing.assert_array_equal(ours[:, :4], theirs[:, :4])


def test_without_gaps_and_fading_grud_is_a_gru():
    model, x = GRUD(D, H, np.random.default_rng(0)), torch.randn(B, T, D)
    gru = torch.nn.GRU(2 * D, H, batch_first=True)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    gru.load_state_dict({f"{name}_l0": getattr(model.cell, name) for name in names})
    torch.nn.init.zeros_(model.fade_h.bias)
    expected = gru(torch.cat([x, torch.ones_like(x)], dim=2))[1][0]
    answer = model(x, torch.ones_like(x, dtype=torch.bool), torch.zeros_like(x))
    torch.testing.assert_close(answer, model.readout(expected)[:, 0])


def test_an_old_value_fades_and_an_old_state_is_forgotten():
    model = GRUD(D, H, np.random.default_rng(0))
    torch.nn.init.constant_(model.fade_h.weight, 50.0)
    x, mask = torch.randn(B, T, D), torch.zeros(B, T, D, dtype=torch.bool)
    since = torch.ones(B, T, D).cumsum(dim=1) * 100
    other = torch.randn(B, T, D)
    torch.testing.assert_close(model(x, mask, since), model(other, mask, since))


def test_every_weight_of_grud_gets_a_gradient():
    model, seen = GRUD(D, H, np.random.default_rng(0)), last_seen(gappy())
    model(*map(torch.from_numpy, seen)).sum().backward()
    assert all(weight.grad.abs().max() > 0 for weight in model.parameters())


def test_the_weights_hang_on_the_generator():
    a, b, c = (GRUD(D, H, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert torch.equal(a.fade_h.weight, b.fade_h.weight)
    assert not torch.equal(a.fade_h.weight, c.fade_h.weight)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, T, D), (B, 1, D)])
def test_single_steps_and_single_series_are_read(shape):
    seen = last_seen(np.full(shape, np.nan, dtype=np.float32))
    assert GRUD(shape[2], H)(*map(torch.from_numpy, seen)).shape == (shape[0],)
