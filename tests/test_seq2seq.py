"""The encoder-decoder and its contract: taught in one call, used step by step, the same model."""

import numpy as np
import pytest
import torch

from rnncourse import cells, contracts, convert, decoding
from rnncourse.torch_models import EncoderDecoder

B, S, T, V_SOURCE, V, H = 3, 6, 7, 9, 11, 5
rng = np.random.default_rng(2)
SOURCE = torch.from_numpy(rng.integers(1, V_SOURCE, (B, S)))
MASK = torch.arange(S) < torch.tensor([[6], [4], [2]])
TARGET_IN = torch.from_numpy(rng.integers(0, V, (B, T)))
PAIR = (SOURCE, MASK)
BOTH = pytest.mark.parametrize("summary", ["every step", "first step"])


def model(summary="every step", seed=4):
    return EncoderDecoder(V_SOURCE, V, H, summary, rng=np.random.default_rng(seed)).double()


def by_hand(net, source, target_in):
    """The equations in NumPy, for one source without padding."""
    W = {name: p.detach().numpy().T for name, p in net.named_parameters()}
    h, *_ = cells.lstm_forward(np.eye(V_SOURCE)[source[None]], convert.from_torch(net.encoder))
    s = h[:, -1]
    c_0 = s @ W["bridge.weight"] + W["bridge.bias"]
    x = np.eye(V)[target_in[None]]
    if net.every_step:
        x = np.concatenate([x, np.repeat(s[:, None], x.shape[1], axis=1)], axis=2)
    h, *_ = cells.lstm_forward(x, convert.from_torch(net.decoder), np.tanh(c_0), c_0)
    return (h @ W["readout.weight"] + W["readout.bias"])[0]


@BOTH
def test_it_computes_its_equations_and_padding_never_enters_the_summary(summary):
    net = model(summary)
    logits = net(SOURCE, MASK, TARGET_IN).detach().numpy()
    for b, n in enumerate(MASK.sum(dim=1)):
        alone = by_hand(net, SOURCE[b, :n].numpy(), TARGET_IN[b].numpy())
        np.testing.assert_allclose(logits[b], alone, atol=1e-10)


@BOTH
def test_what_is_taught_is_what_is_used(summary):
    net = model(summary)
    verdict = contracts.one_prefix_one_answer(net, net.start, net.step, PAIR, TARGET_IN)
    assert verdict.kept
    assert verdict.numbers["first"] == 0


def test_the_source_decides_at_every_step_and_only_the_past_of_the_target_does():
    net, other = model(), TARGET_IN.clone()
    other[:, 4] = (other[:, 4] + 1) % V
    moved = (net(SOURCE, MASK, other) - net(SOURCE, MASK, TARGET_IN)).abs().amax(dim=(0, 2))
    assert (moved[:4] == 0).all()
    assert (moved[4:] > 0).all()
    turned = net(SOURCE.flip(0), MASK, TARGET_IN) - net(SOURCE, MASK, TARGET_IN)
    assert (turned.abs().amax(dim=(0, 2)) > 0).all()


def test_greedy_decoding_runs_on_it_and_ends():
    net = model()
    ids, log_p = decoding.greedy(net.step, net.start(*PAIR), np.full(B, 1), T, end=2)
    assert ids.shape == (B, T)
    wide, better = decoding.beam(net.step, net.start(*PAIR), np.full(B, 1), T, width=V, end=2)
    assert wide.shape == (B, T)
    assert (better >= log_p - 1e-9).all()


def test_the_same_generator_draws_the_same_weights():
    one, other, third = model(seed=1), model(seed=1), model(seed=3)
    assert torch.equal(one(*PAIR, TARGET_IN), other(*PAIR, TARGET_IN))
    assert not torch.equal(one(*PAIR, TARGET_IN), third(*PAIR, TARGET_IN))


NET = model()


def drifting(ids, state):
    s, h, c = state
    return NET.step(ids, (h, h, c))


def forgetful(ids, state):
    s, h, c = state
    return NET.step(ids, state)[0], (s, torch.zeros_like(h), torch.zeros_like(c))


def no_beginning(*source):
    s, h, c = NET.start(*source)
    return s, torch.zeros_like(h), torch.zeros_like(c)


@pytest.mark.parametrize(
    ("start", "step", "first"),
    [(NET.start, drifting, 1), (NET.start, forgetful, 2), (no_beginning, NET.step, 1)],
    ids=["drifting summary", "forgotten state", "empty beginning"],
)
def test_the_contract_convicts_a_decoder_that_is_another_model(start, step, first):
    verdict = contracts.one_prefix_one_answer(NET, start, step, PAIR, TARGET_IN)
    assert not verdict.kept
    assert verdict.numbers["first"] == first
    assert verdict.numbers["gap"] > 1e-6


def test_a_mistake_at_one_step_alone_is_found_there():
    def late(ids, state):
        *inner, t = state
        logits, inner = NET.step(ids, tuple(inner))
        return logits + (t == 4), (*inner, t + 1)

    verdict = contracts.one_prefix_one_answer(
        NET, lambda *source: (*NET.start(*source), 0), late, PAIR, TARGET_IN
    )
    assert verdict.numbers["first"] == 5
    assert "from step 5 on" in verdict.text


def test_a_decoder_of_other_logits_is_convicted_without_an_error():
    def narrow(ids, state):
        logits, state = NET.step(ids, state)
        return logits[:, :-1], state

    assert not contracts.one_prefix_one_answer(NET, NET.start, narrow, PAIR, TARGET_IN).kept


def test_what_does_not_fit_is_refused():
    net = model()
    with pytest.raises(ValueError, match="summary: expected 'every step' or 'first step'"):
        EncoderDecoder(V_SOURCE, V, H, summary="never")
    with pytest.raises(ValueError, match=r"mask: expected \(B, S\) like source"):
        net(SOURCE, MASK[:, :-1], TARGET_IN)
    with pytest.raises(ValueError, match="mask: expected .* True on at least the first step"):
        net(SOURCE, MASK & False, TARGET_IN)
    with pytest.raises(ValueError, match="source: expected integers"):
        net(SOURCE.double(), MASK, TARGET_IN)
    with pytest.raises(ValueError, match="target_in: expected numbers from 0 to 10, got 11"):
        net(SOURCE, MASK, TARGET_IN * 0 + V)
    with pytest.raises(ValueError, match=r"target_in: expected ids \(B, T\) with T of 2 or more"):
        contracts.one_prefix_one_answer(net, net.start, net.step, PAIR, TARGET_IN[:, :1])
