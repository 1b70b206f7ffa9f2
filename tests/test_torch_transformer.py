"""Transformers in PyTorch: NumPy's numbers, with and without a cache, alone and side by side."""

import numpy as np
import pytest
import torch

from rnncourse import contracts, decoding, many, transformer
from rnncourse.torch_models import Transformer
from rnncourse.torch_models.transformer import POSITIONS, Block, load_block, rotate, sinusoids

B, T, D, H, K, HEADS = 3, 7, 5, 8, 4, 2


def rng(seed=0):
    return np.random.default_rng(seed)


def drawn(positions="rotary", **options):
    return Transformer(D, H, K, heads=HEADS, positions=positions, rng=rng(), **options)


def params(module):
    """A block's weights as the NumPy functions take them."""
    parts = (module.norm_1, module.qkv, module.out, module.norm_2, module.up, module.down)
    pairs = [(part.weight.detach().numpy().T, part.bias.detach().numpy()) for part in parts]
    return transformer.BlockParams(*(array for pair in pairs for array in pair))


@pytest.mark.parametrize("rotary", [False, True])
def test_a_block_gives_the_numbers_of_numpy(rotary):
    module, x = Block(H, HEADS, rotary).double(), rng(1).normal(size=(B, T, H))
    turn = transformer.rotate if rotary else None
    expected = transformer.block(x, params(module), HEADS, transformer.causal_mask(T), turn)
    got = module(torch.tensor(x))[0].detach()
    np.testing.assert_allclose(got, expected, atol=1e-6 if rotary else 1e-12)


def test_positions_are_those_of_numpy():
    np.testing.assert_allclose(sinusoids(T, H, 3), transformer.sinusoids(T, H, 3), atol=1e-6)
    x = rng(1).normal(size=(B, T, H))
    np.testing.assert_allclose(rotate(torch.tensor(x), 3), transformer.rotate(x, 3), atol=1e-6)


@pytest.mark.parametrize("positions", POSITIONS)
def test_a_transformer_with_its_cache_keeps_the_contracts_of_a_cell(positions):
    model = drawn(positions)
    for ask in (
        contracts.causality,
        contracts.state_carry,
        contracts.scan_equals_loop,
        contracts.batch_independence,
        contracts.recurrence,
        contracts.gradient,
    ):
        verdict = ask(model, D=D)
        assert verdict.kept, verdict


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("cut", [1, 3, 6])
def test_a_cut_with_the_cache_carried_changes_nothing(positions, cut):
    model, x = drawn(positions).double(), torch.tensor(rng(1).normal(size=(B, T, D)))
    whole, cache = model(x)
    first, half = model(x[:, :cut])
    second, end = model(x[:, cut:], half)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end, cache)


def test_the_cache_holds_two_vectors_for_each_block_and_step():
    _, cache = drawn(layers=3)(torch.zeros(B, T, D))
    assert len(cache) == 3
    assert sum(a.nelement() for pair in cache for a in pair) == 2 * 3 * B * T * H


def test_token_numbers_enter_as_one_hot_vectors():
    model, ids = drawn(), torch.tensor(rng(2).integers(0, D, (B, T)))
    torch.testing.assert_close(model(ids)[0], model(torch.eye(D)[ids])[0])


def test_without_positions_the_first_block_reads_a_bag():
    order = [2, 0, 1, 5, 3, 4, 6]
    x = torch.tensor(rng(1).normal(size=(B, T, D)), dtype=torch.float32)
    for positions, blind in zip(POSITIONS, (True, False, False), strict=True):
        model = drawn(positions, layers=1)
        gap = (model(x)[0] - model(x[:, order])[0])[:, -1].abs().max()
        assert bool(gap < 1e-5) == blind


def test_another_mask_replaces_the_causal_one():
    model, x = drawn("none"), torch.randn(B, T, D)
    everything = torch.ones(T, T, dtype=torch.bool)
    order = torch.randperm(T)
    torch.testing.assert_close(
        model(x[:, order], allowed=everything)[0], model(x, allowed=everything)[0][:, order]
    )


def test_it_writes_the_same_with_its_cache_as_reading_all_again():
    model = Transformer(D, H, heads=HEADS, rng=rng())

    def step(ids, state):
        """Cached; a batch of beams is chosen by indexing, so the state may be None at first."""
        with torch.no_grad():
            logits, cache = model(torch.as_tensor(ids)[:, None], state)
        return logits[:, 0].numpy(), cache

    first = np.zeros(B, dtype=int)
    written = decoding.greedy(step, None, first, 6)
    ids = written[0] if isinstance(written, tuple) else written
    text = np.concatenate([first[:, None], ids], axis=1)
    with torch.no_grad():
        again = model(torch.tensor(text[:, :-1]))[0].argmax(dim=-1).numpy()
    np.testing.assert_array_equal(ids, again)


def test_the_same_generator_draws_the_same_weights():
    one, other = drawn(), drawn()
    x = torch.randn(B, T, D)
    torch.testing.assert_close(one(x)[0], other(x)[0])


@pytest.mark.parametrize("positions", POSITIONS)
def test_networks_side_by_side_say_what_each_says_alone(positions):
    networks = many.Transformers.draw(
        2, D, H, K, heads=HEADS, layers=3, positions=positions, rng=rng()
    )
    x = torch.randn(2, B, T, D)
    said = networks(x)
    for s in range(2):
        torch.testing.assert_close(said[s], networks.one(s)(x[s])[0], atol=1e-5, rtol=1e-4)


def test_networks_side_by_side_share_nothing():
    networks = many.Transformers.draw(2, D, H, K, rng=rng())
    x = torch.randn(2, B, T, D)
    grads = torch.autograd.grad(networks(x)[0].sum(), list(networks.parameters()))
    assert all((g[1] == 0).all() for g in grads)


@pytest.mark.parametrize("kind", ["Transformers", "GRUs", "LSTMs"])
def test_learning_lets_every_network_name_the_symbol_before(kind):
    draw = getattr(many, kind).draw
    networks = draw(2, D=4, H=8, K=4, rng=rng())
    ids = torch.tensor(rng(1).integers(0, 4, (2, 64, 6)))
    x, y = torch.eye(4)[ids], torch.nn.functional.pad(ids[..., :-1], (1, 0), value=-1)
    losses = many.learn(networks, lambda n: (x, y), 120, [0.02, 0.03])
    assert losses.shape == (120, 2)
    assert (losses[-1] < 0.3 * losses[0]).all()
    assert (many.right(networks, x, y) > 0.9).all()


def test_a_network_that_is_not_taught_stays_as_it_was():
    networks = many.Transformers.draw(2, 4, 8, rng=rng())
    before = [w.detach().clone() for w in networks.parameters()]
    x = torch.eye(4)[torch.zeros(2, 3, 6, dtype=torch.long)]
    many.learn(networks, lambda n: (x, torch.ones(2, 3, 6, dtype=torch.long)), 3, [0.0, 0.1])
    pairs = list(zip(before, networks.parameters(), strict=True))
    for old, new in pairs:
        torch.testing.assert_close(old[0], new[0])
    assert any((old[1] != new[1]).any() for old, new in pairs)


def test_steps_where_nothing_is_asked_cost_nothing_and_count_nothing():
    networks = many.GRUs.draw(2, 4, 5, 4, rng=rng())
    x, y = torch.randn(2, B, T, 4), torch.tensor(rng(1).integers(0, 4, (2, B, T)))
    some = torch.where(torch.arange(T) < 3, -1, y)
    cost = many.surprise(networks, x, some)
    assert (cost[..., :3] == 0).all()
    torch.testing.assert_close(cost[..., 3:], many.surprise(networks, x, y)[..., 3:])
    hits = (many.logits(networks, x).argmax(dim=-1) == y)[..., 3:].float().mean(dim=(1, 2))
    np.testing.assert_allclose(many.right(networks, x, some), hits)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="positions: expected one of"):
        Transformer(D, H, positions="learned")
    with pytest.raises(ValueError, match="heads: expected a divisor of H = 8"):
        Transformer(D, H, heads=3)
    with pytest.raises(ValueError, match="an even number of times"):
        Transformer(D, 6, heads=2)
    for x in (torch.zeros(B, T, D + 1), torch.zeros(B, T), torch.zeros(B, T, D, 1)):
        with pytest.raises(ValueError, match=r"x: expected floats \(B, T, D\)"):
            drawn()(x)
    with pytest.raises(ValueError, match="got 0 kinds"):
        many.Transformers([])
    with pytest.raises(ValueError, match="got 2 kinds"):
        many.Transformers([drawn(), drawn("none")])
    with pytest.raises(ValueError, match="x: expected a float array"):
        many.Transformers.draw(2, D, H, rng=rng())(torch.zeros(2, B, T, D + 1))


@pytest.mark.parametrize("kind", ["ours", "PyTorch's"])
def test_a_block_of_numpy_can_be_loaded(kind):
    p, x = transformer.init_block(H, rng(3)), rng(1).normal(size=(B, T, H))
    theirs = torch.nn.TransformerEncoderLayer(
        H, HEADS, 4 * H, dropout=0, batch_first=True, norm_first=True
    )
    module = load_block((Block(H, HEADS) if kind == "ours" else theirs).double(), p)
    expected = transformer.block(x, p, HEADS)
    X, everything = torch.tensor(x), torch.ones(T, T, dtype=torch.bool)
    with torch.no_grad():
        said = module(X, allowed=everything)[0] if kind == "ours" else module(X)
    np.testing.assert_allclose(said, expected, atol=1e-12)


def test_a_block_of_another_size_is_not_loaded():
    with pytest.raises(ValueError, match="gain_1: expected shape"):
        load_block(Block(H + 2, HEADS), transformer.init_block(H, rng(3)))
