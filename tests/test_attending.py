"""The encoder-decoder with attention: masks inside, one step at a time, weights that count."""

import numpy as np
import pytest
import torch

from rnncourse import decoding
from rnncourse.attention import additive_scores, attend
from rnncourse.torch_models import AttendingDecoder, other_weights

B, S, T, D, H, V_SOURCE, V = 3, 6, 7, 5, 4, 9, 11
SCORES = ["multiplicative", "additive", "none"]
rng = np.random.default_rng(17)
LENGTHS = np.array([6, 4, 1])
MASK = np.arange(S) < LENGTHS[:, None]
SOURCE = np.where(MASK, rng.integers(1, V_SOURCE, (B, S)), 0)
TARGET = rng.integers(0, V, (B, T))


def model(score="multiplicative", seed=0):
    net = AttendingDecoder(V_SOURCE, V, H, D=D, score=score, rng=np.random.default_rng(seed))
    return net.double()


def look(net, rows=slice(None), length=S, **options):
    with torch.no_grad():
        return net.look(SOURCE[rows, :length], MASK[rows, :length], TARGET[rows], **options)


@pytest.mark.parametrize("score", SCORES)
def test_padding_gets_no_weight_exactly_and_the_rest_adds_up_to_one(score):
    logits, alpha = look(model(score))
    assert tuple(logits.shape) == (B, T, V)
    assert not alpha[torch.from_numpy(~MASK)[:, None].expand_as(alpha)].any()
    torch.testing.assert_close(alpha.sum(dim=2), torch.ones(B, T, dtype=torch.float64))


@pytest.mark.parametrize("score", SCORES)
def test_a_sentence_alone_is_answered_as_in_a_batch(score):
    net = model(score)
    logits, alpha = look(net)
    for b, n in enumerate(LENGTHS):
        alone = look(net, slice(b, b + 1), n)
        torch.testing.assert_close(alone[0][0], logits[b])
        torch.testing.assert_close(alone[1][0], alpha[b, :, :n])


@pytest.mark.parametrize("score", SCORES)
def test_teacher_forced_equals_stepwise_in_logits_and_weights(score):
    net = model(score)
    logits, alpha = look(net)
    state = net.start(SOURCE, MASK)
    for t in range(T):
        stepped, state = net.step(TARGET[:, t], state)
        np.testing.assert_allclose(stepped, logits[:, t], atol=1e-12)
        np.testing.assert_allclose(state[-1], alpha[:, t], atol=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_a_word_does_not_see_the_words_after_it(score):
    net, changed = model(score), TARGET.copy()
    changed[:, 4:] = (changed[:, 4:] + 1) % V
    with torch.no_grad():
        other = net(SOURCE, MASK, changed)
    torch.testing.assert_close(other[:, :4], look(net)[0][:, :4])
    assert not torch.allclose(other[:, 4], look(net)[0][:, 4])


def test_the_weights_are_those_of_the_numpy_functions():
    h, k = rng.normal(size=(B, T, H)), rng.normal(size=(B, S, H))
    tensors = torch.from_numpy(h), torch.from_numpy(k)
    net = model()
    W = net.query.weight.detach().numpy().T
    alpha = net.softmax(net.scores(*tensors), torch.from_numpy(MASK)).detach()
    ours = attend(h @ W * H**0.5, k, k, MASK[:, None])[1]  # this model does not divide by the root
    np.testing.assert_allclose(alpha, ours, atol=1e-12)
    net = model("additive")
    W_q, W_k = (layer.weight.detach().numpy().T for layer in (net.query, net.key))
    ours = additive_scores(h, k, W_q, W_k, net.v.detach().numpy())
    np.testing.assert_allclose(net.scores(*tensors).detach(), ours, atol=1e-12)


def test_without_a_score_every_real_word_weighs_alike():
    alpha = look(model("none"))[1]
    np.testing.assert_allclose(alpha[:, 0], MASK / LENGTHS[:, None])


def test_other_weights_put_in_their_place_change_the_answer():
    net = model()
    logits, alpha = look(net)
    same, _ = look(net, change=lambda alpha: alpha)
    changed, put = look(net, change=lambda alpha: alpha.roll(1, dims=1))
    torch.testing.assert_close(same, logits)
    torch.testing.assert_close(put, alpha.roll(1, dims=1))
    assert not torch.allclose(changed[0], logits[0])


def test_greedy_and_beam_take_its_steps():
    net = model()
    ids, _ = decoding.greedy(net.step, net.start(SOURCE, MASK), np.ones(B, dtype=int), 4)
    best, _ = decoding.beam(net.step, net.start(SOURCE, MASK), np.ones(B, dtype=int), 4, width=1)
    assert np.array_equal(ids, best)


def test_one_word_in_and_one_word_out():
    net = model()
    logits, alpha = net.look([[3]], np.array([[True]]), [[1]])
    assert tuple(logits.shape) == (1, 1, V)
    assert alpha.tolist() == [[[1.0]]]


def test_initial_weights_hang_on_the_generator_alone():
    one, same, other = model(), model(), model(seed=1)
    torch.testing.assert_close(look(one)[0], look(same)[0])
    assert not torch.allclose(look(one)[0], look(other)[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [({"H": 5}, "H: expected an even number"), ({"score": "dot"}, "score: expected one of")],
)
def test_sizes_and_scores_that_do_not_exist_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        AttendingDecoder(V_SOURCE, V, **({"H": 4} | options))


def test_bad_sources_and_masks_are_refused():
    net = model()
    with pytest.raises(ValueError, match=r"mask: expected \(B, S\) like source"):
        net(SOURCE, MASK[:, :4], TARGET)
    with pytest.raises(ValueError, match="mask: expected"):
        net(SOURCE, MASK[:, ::-1].copy(), TARGET)
    with pytest.raises(ValueError, match="source: expected numbers from 0 to 8"):
        net(SOURCE + V_SOURCE, MASK, TARGET)
    with pytest.raises(ValueError, match="target_in: expected integers"):
        net(SOURCE, MASK, TARGET[0])


# ---- other weights put in their place

OTHERS = ["another's", "permuted", "equal"]


@pytest.mark.parametrize("how", OTHERS)
def test_other_weights_are_a_mean_over_the_real_words_as_well(how):
    alpha = look(model())[1]
    put = other_weights(alpha, torch.from_numpy(MASK), how, np.random.default_rng(1))
    assert put.shape == alpha.shape
    assert not put[torch.from_numpy(~MASK)[:, None].expand_as(put)].any()
    torch.testing.assert_close(put.sum(dim=2), torch.ones(B, T, dtype=torch.float64))
    assert not torch.allclose(put[0], alpha[0])


def test_a_permutation_keeps_each_rows_weights_and_moves_all_rows_alike():
    alpha = look(model())[1]
    put = other_weights(alpha, torch.from_numpy(MASK), "permuted", np.random.default_rng(1))
    torch.testing.assert_close(put.sort(dim=2)[0], alpha.sort(dim=2)[0])
    order = [alpha[0, 0].tolist().index(weight) for weight in put[0, 0].tolist()]
    torch.testing.assert_close(put[0], alpha[0][:, order])


def test_another_sequences_weights_are_those_of_the_one_before_cut_to_the_real_words():
    alpha = torch.tensor([[0.5, 0.3, 0.2], [0.0, 0.4, 0.6], [0.9, 0.1, 0.0]])
    mask = torch.tensor([[True, True, True], [True, True, True], [True, False, False]])
    put = other_weights(alpha, mask, "another's")
    expected = [[0.9, 0.1, 0.0], [0.5, 0.3, 0.2], [1.0, 0.0, 0.0]]  # the last: none lies on it
    torch.testing.assert_close(put, torch.tensor(expected))


def test_equal_weights_are_those_of_the_model_without_a_score():
    even = look(model("none"))[1]
    torch.testing.assert_close(
        other_weights(look(model())[1], torch.from_numpy(MASK), "equal"), even
    )


def test_other_weights_that_do_not_fit_are_refused():
    alpha, mask = torch.ones(3, 7, 5) / 5, torch.full((3, 5), True)
    with pytest.raises(ValueError, match="how: expected one of"):
        other_weights(alpha, mask, "none")
    with pytest.raises(ValueError, match="permuted with an rng"):
        other_weights(alpha, mask, "permuted")
    with pytest.raises(ValueError, match=r"mask: expected \(B, S\)"):
        other_weights(alpha, mask[:, :4], "equal")
