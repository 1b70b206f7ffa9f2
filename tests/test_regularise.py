"""Dropout in a loop: masks of the right mean, drawn as often as they should be."""

import numpy as np
import pytest
import torch

from rnncourse import many
from rnncourse.regularise import MaskedRNNs, WordModel, fit, fit_words, mask, masked_loop

S, B, T, D, H = 2, 3, 7, 4, 5


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(seed=0):
    return MaskedRNNs.draw(S, D, H, rng=np.random.default_rng(seed))


def counting_loop(fresh, rate=0.5, steps=T):
    """h_t = 1 + m_t h_{t-1}: a dropped unit says 1, and the others what they kept."""
    ones, eye = torch.ones(S, B, steps, H), torch.eye(H).repeat(S, 1, 1)
    return masked_loop(ones, eye, lambda a: a, rate, fresh, generator())


def test_a_mask_is_zero_at_the_rate_asked_for_and_has_mean_one():
    m = mask((400, 500), 0.3, generator())
    assert (m == 0).float().mean().item() == pytest.approx(0.3, abs=0.005)
    assert m.mean().item() == pytest.approx(1, abs=0.01)
    torch.testing.assert_close(m.unique(), torch.tensor([0, 1 / 0.7]))


def test_a_rate_of_zero_drops_nothing():
    assert (mask((B, H), 0.0) == 1).all()


def test_rates_may_differ_from_network_to_network():
    m = mask((S, 300, 200), torch.tensor([0.0, 0.8]).reshape(S, 1, 1), generator())
    dropped = (m == 0).float().mean(dim=(1, 2))
    torch.testing.assert_close(dropped, torch.tensor([0.0, 0.8]), atol=0.01, rtol=0)


def test_with_one_mask_a_unit_is_dropped_at_every_step_or_at_none():
    h_T = counting_loop(fresh=False)
    # a unit that is dropped always holds 1; one that is kept 1 + 2 + 4 + ... = 2^T - 1
    torch.testing.assert_close(h_T.unique(), torch.tensor([1.0, 2.0**T - 1]))


def test_with_fresh_masks_a_unit_remembers_since_its_last_drop():
    ends = counting_loop(fresh=True).unique()
    possible = 2.0 ** torch.arange(1, T + 1) - 1
    assert len(ends) > 2
    assert torch.isin(ends, possible).all()


def test_the_variance_of_a_product_of_fresh_masks_grows_as_the_law_says():
    products = torch.stack([mask((100_000,), 0.2, generator(t)) for t in range(4)]).prod(dim=0)
    assert products.mean().item() == pytest.approx(1, abs=0.02)
    assert products.var().item() == pytest.approx(0.8**-4 - 1, rel=0.05)


def test_every_row_of_a_batch_has_a_mask_of_its_own():
    h_T = counting_loop(fresh=False, steps=2)
    assert not (h_T[:, :1] == h_T).all()


@pytest.mark.parametrize("fresh", [True, False])
def test_without_dropout_the_loop_is_that_of_the_plain_networks(fresh):
    networks, x = draw(), torch.randn(S, B, T, D, generator=generator())
    plain = many.PlainRNNs([networks.weights(s) for s in range(S)])
    torch.testing.assert_close(networks.masked(0, fresh, np.random.default_rng(1))(x), plain(x))
    h_T = masked_loop(x @ networks.W_xh[:, None], networks.W_hh, torch.tanh, 0.0, fresh)
    expected = h_T @ networks.W_hy + networks.b_y[:, None]
    torch.testing.assert_close(expected, plain(x))  # the biases of the state start at zero


@pytest.mark.parametrize("fresh", [True, False])
def test_dropout_acts_in_training_mode_only(fresh):
    networks = draw().masked(0.5, fresh, np.random.default_rng(1))
    x = torch.randn(S, B, T, D, generator=generator())
    assert not torch.equal(networks(x), networks(x))
    networks.eval()
    assert torch.equal(networks(x), networks(x))


def test_the_masks_hang_on_the_generator_alone():
    x = torch.randn(S, B, T, D, generator=generator())
    first, second = (draw().masked(0.5, True, np.random.default_rng(3))(x) for _ in range(2))
    assert torch.equal(first, second)
    other = draw().masked(0.5, True, np.random.default_rng(4))(x)
    assert not torch.equal(first, other)


def test_a_sequence_of_one_step_has_no_state_to_drop():
    networks = draw().masked(0.9, True, np.random.default_rng(1))
    x = torch.randn(S, 1, 1, D, generator=generator())
    torch.testing.assert_close(networks(x), networks.eval()(x))


def test_the_networks_learn_with_dropout_and_each_only_from_its_own_loss():
    from rnncourse import optimisers

    networks = draw().masked([0.0, 0.2], False, np.random.default_rng(1))
    x = torch.randn(S, 30, T, D, generator=generator())
    losses, _ = many.descend(networks, lambda n: (x, x[:, :, -1, :1]), 100, optimisers.adam, 0.02)
    assert (losses[-1] < 0.5 * losses[0]).all()


@pytest.mark.parametrize("rate", [1.0, -0.1, [0.1, 0.2, 0.3], float("nan")])
def test_a_rate_that_does_not_fit_is_refused(rate):
    with pytest.raises(ValueError, match=r"rate: expected numbers from 0 to below 1"):
        draw().masked(rate, True, np.random.default_rng(0))


def test_with_dropout_the_gradient_is_not_cut_short():
    networks = draw().masked(0.5, True, np.random.default_rng(0))
    with pytest.raises(ValueError, match="back: expected none"):
        networks(torch.zeros(S, B, T, D), back=2)


def last_sign(N=32, seed=0):
    """Sequences whose label is the sign of the last step's first number."""
    x = np.random.default_rng(seed).normal(size=(S, N, T, D))
    return x, x[:, :, -1, 0] > 0


def test_what_is_watched_is_answered_after_every_epoch_and_learned():
    (x, y), (x_new, y_new) = last_sign(128), last_sign(40, seed=1)
    old, new = fit(draw(), x, y, [x, x_new], epochs=20, rng=np.random.default_rng(1))
    assert old.shape == (20, S, 128)
    assert new.shape == (20, S, 40)
    assert np.mean((new[-1] > 0) == y_new) > 0.85 > np.mean((new[0] > 0) == y_new)


def test_two_steps_of_fit_are_two_steps_of_pytorchs_adamw():
    x, y = last_sign()
    networks, theirs = draw(), draw()
    fit(networks, x, y, [], epochs=2, rng=np.random.default_rng(1), decay=0.5, clip=np.inf)
    optimiser = torch.optim.AdamW(theirs.parameters(), lr=0.01, weight_decay=0.5)
    inputs, labels = (torch.tensor(a, dtype=torch.float32) for a in (x, y))
    for _ in range(2):
        logits = theirs(inputs)[..., 0]
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, labels, reduction="none"
        )
        optimiser.zero_grad()
        losses.mean(dim=1).sum().backward()
        optimiser.step()
    for ours, expected in zip(networks.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(ours.data, expected.data, atol=1e-5, rtol=1e-4)


def test_rates_and_decays_belong_to_one_network_each():
    x, y = last_sign()
    together, alone = draw(), draw()
    before = draw()
    rng = np.random.default_rng
    fit(together, x, y, [], epochs=3, rng=rng(1), lr=[0.01, 0.0], decay=[0.2, 0.9])
    fit(alone, x, y, [], epochs=3, rng=rng(1), lr=0.01, decay=0.2)
    for w, expected, start in zip(
        together.parameters(), alone.parameters(), before.parameters(), strict=True
    ):
        torch.testing.assert_close(w[0], expected[0])
        torch.testing.assert_close(w[1], start[1])  # at a rate of 0 nothing moves


def test_the_gradient_is_clipped_network_by_network():
    x, y = last_sign()
    clipped = draw()
    fit(clipped, x, y, [], epochs=1, rng=np.random.default_rng(1), clip=1e-12)
    for before, after in zip(draw().parameters(), clipped.parameters(), strict=True):
        assert (before - after).abs().max() < 1e-4  # Adam's small constant outweighs them


def test_augmentation_sees_the_batches_and_never_what_is_watched():
    x, y = last_sign()
    seen = []

    def nothing_left(batch, rng):
        seen.append(batch.shape)
        return 0 * batch

    (logits,) = fit(
        draw(),
        x,
        y,
        [x],
        epochs=2,
        rng=np.random.default_rng(1),
        augment=nothing_left,
        batch_size=10,
    )
    assert seen == [(S, 10, T, D)] * 6
    assert np.ptp(logits[-1], axis=-1).min() > 0


def test_labels_of_another_shape_and_too_large_batches_are_refused():
    x, y = last_sign()
    with pytest.raises(ValueError, match=r"y: expected labels \(S, N\)"):
        fit(draw(), x, y[:, 1:], [], epochs=1, rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="batch_size: expected at most N = 32, got 33"):
        fit(draw(), x, y, [], epochs=1, rng=np.random.default_rng(1), batch_size=33)


V = 11


def word_model(tied=False, seed=0):
    return WordModel(V, H, tied, rng=np.random.default_rng(seed))


def text(n=400, seed=0):
    return np.random.default_rng(seed).integers(0, V, n)


def test_a_tied_model_has_one_table_and_fewer_weights():
    free, tied = (sum(w.numel() for w in word_model(t).parameters()) for t in (False, True))
    assert free - tied == V * H
    model = fit_words(word_model(tied=True), text(), epochs=1)
    assert torch.equal(model.readout.weight, model.table.weight)


def test_the_state_can_be_carried_over_a_cut():
    model, ids = word_model(), torch.tensor(text(2 * T)).view(1, -1)
    whole, _, _ = model(ids)
    first, _, state = model(ids[:, :T])
    second, _, _ = model(ids[:, T:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)


def test_a_price_on_states_makes_them_smaller_and_calmer():
    ids = text(800)
    states = [
        fit_words(word_model(), ids, epochs=6, slow=slow)(torch.tensor(ids[None, :50]))[1]
        for slow in (0.0, 10.0)
    ]
    size = [(h**2).mean().item() for h in states]
    change = [(h.diff(dim=1) ** 2).mean().item() for h in states]
    assert size[1] < size[0] / 2
    assert change[1] < change[0] / 2


def test_decay_makes_the_weights_smaller():
    lengths = [
        fit_words(word_model(), text(), epochs=4, decay=decay).lstm.weight_hh_l0.norm().item()
        for decay in (0.0, 3.0)
    ]
    assert lengths[1] < 0.9 * lengths[0]


def test_a_text_shorter_than_a_window_is_refused():
    with pytest.raises(ValueError, match="ids: expected more than 335 words, got 300"):
        fit_words(word_model(), text(300))
