"""Attention: scores, masks and means, against two frameworks and against what they promise."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import quiet
from rnncourse.attention import additive_scores, attend, dot_scores, masked_softmax

B, T, S, D, H = 3, 7, 6, 4, 5
rng = np.random.default_rng(17)
q, k, v = (rng.normal(size=(B, n, D)) for n in (T, S, S))
MASK = np.arange(S) < np.array([[6], [4], [1]])  # (B, S)


def tensors(*arrays):
    return [torch.from_numpy(array) for array in arrays]


@pytest.fixture(scope="module")
def keras():
    return quiet.import_keras()


# ---- reference


@pytest.mark.parametrize("mask", [None, MASK[:, None]])
def test_attend_is_the_attention_of_pytorch(mask):
    context, _ = attend(q, k, v, mask)
    torch_mask = None if mask is None else torch.from_numpy(mask)
    theirs = nn.functional.scaled_dot_product_attention(*tensors(q, k, v), attn_mask=torch_mask)
    np.testing.assert_allclose(context, theirs, rtol=0, atol=1e-14)


def test_one_head_with_identity_weights_gives_the_same_context_and_alpha():
    head = nn.MultiheadAttention(D, 1, bias=False, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        head.in_proj_weight.copy_(torch.eye(D).repeat(3, 1))
        head.out_proj.weight.copy_(torch.eye(D))
    theirs = head(*tensors(q, k, v), key_padding_mask=torch.from_numpy(~MASK))
    for ours, other in zip(attend(q, k, v, MASK[:, None]), theirs, strict=True):
        np.testing.assert_allclose(ours, other.detach(), rtol=0, atol=1e-14)


def test_dot_scores_are_those_of_keras(keras):
    layer = keras.layers.Attention(dtype="float64")
    # Keras takes query, value, key in this order
    theirs = layer([q, v, k], mask=[None, MASK], return_attention_scores=True)
    alpha = masked_softmax(dot_scores(q, k, scaled=False), MASK[:, None])
    for ours, other in zip((alpha @ v, alpha), theirs, strict=True):
        np.testing.assert_allclose(ours, np.asarray(other), rtol=0, atol=1e-12)


def test_additive_scores_are_those_of_keras_whose_only_weight_is_v(keras):
    layer = keras.layers.AdditiveAttention(dtype="float64")
    layer.build([q.shape, v.shape, k.shape])
    weight = rng.normal(size=D)
    layer.set_weights([weight])
    _, theirs = layer([q, v, k], mask=[None, MASK], return_attention_scores=True)
    scores = additive_scores(q, k, np.eye(D), np.eye(D), weight)
    np.testing.assert_allclose(masked_softmax(scores, MASK[:, None]), theirs, rtol=0, atol=1e-12)


def test_additive_scores_are_what_the_equation_says_step_by_step():
    W_q, W_k, weight = rng.normal(size=(D, H)), rng.normal(size=(2, H)), rng.normal(size=H)
    short = k[..., :2]
    scores = additive_scores(q, short, W_q, W_k, weight)
    for b, t, s in np.ndindex(B, T, S):
        expected = np.tanh(q[b, t] @ W_q + short[b, s] @ W_k) @ weight
        assert scores[b, t, s] == pytest.approx(expected, abs=1e-13)


# ---- laws


def test_no_weight_falls_on_padding_exactly_and_the_rest_adds_up_to_one():
    scores = dot_scores(q, k)
    alpha = masked_softmax(scores, MASK[:, None])
    assert not alpha[np.broadcast_to(~MASK[:, None], alpha.shape)].any()
    np.testing.assert_allclose(alpha.sum(axis=-1), 1)


@pytest.mark.parametrize("dirt", [1e9, np.inf, np.nan])
def test_what_the_scores_are_on_padding_changes_nothing(dirt):
    scores = dot_scores(q, k)
    dirty = np.where(MASK[:, None], scores, dirt)
    masks = MASK[:, None]
    assert np.array_equal(masked_softmax(dirty, masks), masked_softmax(scores, masks))


def test_a_source_attends_as_it_does_alone():
    context, alpha = attend(q, k, v, MASK[:, None])
    for b, n in enumerate(MASK.sum(axis=1)):
        alone = attend(q[b : b + 1], k[b : b + 1, :n], v[b : b + 1, :n])
        np.testing.assert_allclose(context[b], alone[0][0])
        np.testing.assert_allclose(alpha[b, :, :n], alone[1][0])


def test_a_source_in_another_order_gives_the_same_context():
    order = rng.permutation(S)
    np.testing.assert_allclose(attend(q, k[:, order], v[:, order])[0], attend(q, k, v)[0])


def test_a_causal_mask_hides_the_future():
    causal = np.tril(np.ones((1, S, S), bool))
    context, alpha = attend(k, k, v, causal)
    changed = v.copy()
    changed[:, 3:] += 1
    assert np.array_equal(attend(k, k, changed, causal)[0][:, :3], context[:, :3])
    assert np.array_equal(alpha[:, 0, 0], np.ones(B))


def test_heads_may_stand_in_front():
    heads = np.stack([q, q + 1], axis=1), np.stack([k, k - 1], axis=1), np.stack([v, v], axis=1)
    context, alpha = attend(*heads, MASK[:, None, None])
    assert context.shape == (B, 2, T, D)
    np.testing.assert_allclose(alpha[:, 1], attend(q + 1, k - 1, v, MASK[:, None])[1])


def test_huge_scores_do_not_overflow():
    alpha = masked_softmax(np.array([[1e4, -1e4, 1e4]]), np.array([[True, True, True]]))
    assert np.array_equal(alpha, [[0.5, 0.0, 0.5]])


def test_scaling_keeps_the_variance_of_the_scores():
    many = [np.random.default_rng(0).normal(size=(2, 300, D)) for D in (4, 400)]
    for pair in many:
        assert np.var(dot_scores(pair[:1], pair[1:])) == pytest.approx(1, abs=0.2)


def test_single_precision_stays_single():
    context, alpha = attend(*(a.astype(np.float32) for a in (q, k, v)), MASK[:, None])
    assert context.dtype == alpha.dtype == np.float32


# ---- edges and refusals


def test_one_position_gets_all_the_weight():
    context, alpha = attend(q[:1, :1], k[:1, :1], v[:1, :1])
    assert np.array_equal(alpha, [[[1.0]]])
    assert np.array_equal(context, v[:1, :1])


def test_a_row_without_any_true_is_refused():
    with pytest.raises(ValueError, match="mask: expected a True in every row"):
        attend(q, k, v, np.zeros((B, 1, S), bool))


@pytest.mark.parametrize("mask", [MASK, MASK[:, None].astype(float)])
def test_a_mask_that_is_not_boolean_or_lacks_an_axis_is_refused(mask):
    with pytest.raises(ValueError, match="mask: expected bools with 3 axes"):
        masked_softmax(dot_scores(q, k), mask)


@pytest.mark.parametrize("query", [q[:, 0], q[..., :3]])
def test_queries_that_do_not_fit_the_keys_are_refused(query):
    with pytest.raises(ValueError, match=r"q, k: expected \(B, T, D\) and \(B, S, D\)"):
        dot_scores(query, k)
    if query.ndim != k.ndim:
        with pytest.raises(ValueError, match="q, k: expected"):
            additive_scores(query, k, np.eye(D), np.eye(D), np.ones(D))
