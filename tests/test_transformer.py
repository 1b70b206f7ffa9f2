"""The NumPy Transformer: equal to PyTorch's layers, blind to order where it should be, refusing."""

import numpy as np
import pytest
import torch

from rnncourse import contracts
from rnncourse.transformer import (
    BlockParams,
    angles,
    block,
    causal_mask,
    init_block,
    layer_norm,
    rotate,
    self_attention,
    sinusoids,
)

B, T, H, F, HEADS = 3, 7, 8, 10, 2


def drawn(seed=0):
    """A block in which no array is left at 0 or 1."""
    rng = np.random.default_rng(seed)
    return BlockParams(*(w + 0.3 * rng.normal(size=w.shape) for w in init_block(H, rng, F)))


@pytest.fixture
def x():
    return np.random.default_rng(1).normal(size=(B, T, H))


def attention_of(p):
    return p.W_qkv, p.b_qkv, p.W_o, p.b_o


def test_self_attention_equals_multihead_attention_of_pytorch(x):
    p = drawn()
    theirs = torch.nn.MultiheadAttention(H, HEADS, batch_first=True).double()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.tensor(p.W_qkv.T))
        theirs.in_proj_bias.copy_(torch.tensor(p.b_qkv))
        theirs.out_proj.weight.copy_(torch.tensor(p.W_o.T))
        theirs.out_proj.bias.copy_(torch.tensor(p.b_o))
    X, future = torch.tensor(x), torch.ones(T, T, dtype=torch.bool).triu(1)
    for mask, attn_mask in ((None, None), (causal_mask(T), future)):
        expected = theirs(X, X, X, attn_mask=attn_mask, need_weights=False)[0].detach()
        got = self_attention(x, *attention_of(p), heads=HEADS, mask=mask)
        np.testing.assert_allclose(got, expected, atol=1e-12)


def test_a_block_equals_the_encoder_layer_of_pytorch(x):
    p = drawn()
    theirs = torch.nn.TransformerEncoderLayer(
        H, HEADS, F, dropout=0, batch_first=True, norm_first=True
    ).double()
    own = (theirs.norm1, None, theirs.self_attn.out_proj, theirs.norm2)
    parts = dict(zip(range(6), (*own, theirs.linear1, theirs.linear2), strict=True))
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(torch.tensor(p.W_qkv.T))
        theirs.self_attn.in_proj_bias.copy_(torch.tensor(p.b_qkv))
        for k, part in parts.items():
            if part is not None:
                part.weight.copy_(torch.tensor(p[2 * k].T))
                part.bias.copy_(torch.tensor(p[2 * k + 1]))
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        expected = theirs(torch.tensor(x), src_mask=future)
    np.testing.assert_allclose(block(x, p, HEADS, causal_mask(T)), expected, atol=1e-12)


def test_without_mask_and_positions_shuffled_steps_get_shuffled_answers(x):
    p, order = drawn(), np.random.default_rng(2).permutation(T)
    np.testing.assert_allclose(block(x[:, order], p, HEADS), block(x, p, HEADS)[:, order])


def test_one_causal_block_without_positions_reads_a_bag_and_two_do_not(x):
    p, order = drawn(), [2, 0, 1, 5, 3, 4, 6]
    one, mixed = (block(a, p, HEADS, causal_mask(T)) for a in (x, x[:, order]))
    np.testing.assert_allclose(one[:, -1], mixed[:, -1])
    two, both = (block(a, p, HEADS, causal_mask(T)) for a in (one, mixed))
    assert np.abs(two[:, -1] - both[:, -1]).max() > 1e-3


def test_the_past_cannot_see_the_future_under_the_causal_mask_only():
    p = drawn()

    def cell(mask):
        return lambda x, state=None: (block(x, p, HEADS, mask(x.shape[1]), rotate), None)

    assert contracts.causality(cell(causal_mask), D=H).kept
    assert not contracts.causality(cell(lambda T: None), D=H).kept
    assert not contracts.causality(cell(lambda T: np.tril(causal_mask(T) | True, 1)), D=H).kept


def test_padded_steps_may_hold_anything(x):
    p, mask = drawn(), np.arange(T)[None, None] < np.array([7, 5, 2])[:, None, None]
    other = np.where(mask.swapaxes(1, 2), x, 100.0)
    real = mask[:, 0]
    np.testing.assert_allclose(block(x, p, HEADS, mask)[real], block(other, p, HEADS, mask)[real])


def test_layer_norm_equals_that_of_pytorch(x):
    gain, shift = np.random.default_rng(3).normal(size=(2, H))
    expected = torch.nn.functional.layer_norm(
        torch.tensor(x), (H,), torch.tensor(gain), torch.tensor(shift)
    )
    np.testing.assert_allclose(layer_norm(x, gain, shift), expected, atol=1e-12)


def test_a_vector_of_equal_numbers_is_standardised_to_the_shift():
    np.testing.assert_allclose(layer_norm(np.full((2, 4), 3.0), np.ones(4), np.arange(4.0)),
                               [np.arange(4.0)] * 2)  # fmt: skip


def test_products_of_turned_vectors_depend_on_the_distance_alone():
    q, k = np.random.default_rng(4).normal(size=(2, 1, H))
    products = [(rotate(q, t) @ rotate(k, t - 3).T).item() for t in (3, 4, 50, 1000)]
    np.testing.assert_allclose(products, products[0], atol=1e-10)
    assert abs((rotate(q, 3) @ rotate(k, 1).T).item() - products[0]) > 1e-3


def test_turning_changes_no_length(x):
    lengths = (np.linalg.norm(a, axis=-1) for a in (rotate(x, start=5), x))
    np.testing.assert_allclose(*lengths)


@pytest.mark.parametrize("place", [sinusoids, angles])
def test_positions_may_begin_anywhere(place):
    np.testing.assert_allclose(place(T, H)[3:], place(T - 3, H, start=3))


def test_sinusoids_are_the_formula_of_the_paper():
    table = sinusoids(T, H)
    assert table[5, 2] == pytest.approx(np.sin(5 / 10_000 ** (2 / H)))
    assert table[5, 3] == pytest.approx(np.cos(5 / 10_000 ** (2 / H)))


def test_one_step_sees_itself_alone(x):
    p = drawn()
    alone = self_attention(x[:, :1], *attention_of(p), heads=HEADS, mask=causal_mask(1))
    values = x[:, :1] @ p.W_qkv[:, 2 * H :] + p.b_qkv[2 * H :]
    np.testing.assert_allclose(alone, values @ p.W_o + p.b_o)


@pytest.mark.parametrize("heads", [0, 3, 9])
def test_heads_that_do_not_divide_the_width_are_refused(x, heads):
    with pytest.raises(ValueError, match="heads: expected a divisor of H = 8"):
        self_attention(x, *attention_of(drawn()), heads=heads)


def test_what_makes_no_sense_is_refused():
    rng = np.random.default_rng(5)
    for wrong in (0, -1, 2.5, True):
        with pytest.raises(ValueError, match="T: expected a positive integer"):
            causal_mask(wrong)
        with pytest.raises(ValueError, match="H: expected a positive integer"):
            init_block(wrong, rng)
    with pytest.raises(ValueError, match="F: expected a positive integer"):
        init_block(H, rng, 0)
    for call in (lambda: sinusoids(T, 5), lambda: rotate(np.ones((T, 5)))):
        with pytest.raises(ValueError, match="D: expected an even number"):
            call()
