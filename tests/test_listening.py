"""Listening in on a training loop: nothing is learned meanwhile, and faults of the loop show."""

import pytest
import torch

from rnncourse.torch_models import LanguageModel, overheard

B, T, V, H = 3, 7, 11, 5
IDS = torch.arange(B * 2 * T).reshape(B, 2 * T) % V


def loop(carry):
    def train():
        net, state = LanguageModel(V, H, D=4), None
        optimiser = torch.optim.AdamW(net.parameters(), lr=0.1)
        for x in IDS.split(T, dim=1):
            logits, state = net(x, state if carry else None)
            optimiser.zero_grad()
            logits.square().sum().backward()
            optimiser.step()
            state = tuple(part.detach() for part in state)

    return train


def test_a_loop_that_carries_the_state_says_what_its_network_says_in_one_go():
    net, ids, logits = overheard(loop(carry=True), LanguageModel)
    assert torch.equal(ids, IDS)
    assert torch.allclose(logits, net(IDS)[0], atol=1e-6)


def test_a_loop_that_drops_the_state_does_not():
    net, _, logits = overheard(loop(carry=False), LanguageModel)
    whole = net(IDS)[0]
    assert torch.allclose(logits[:, :T], whole[:, :T], atol=1e-6)
    assert not torch.allclose(logits[:, T:], whole[:, T:], atol=1e-3)


def test_after_listening_networks_learn_again():
    overheard(loop(carry=True), LanguageModel)
    weight = torch.nn.Parameter(torch.ones(1))
    optimiser = torch.optim.SGD([weight], lr=0.1)
    weight.sum().backward()
    optimiser.step()
    assert weight.item() == pytest.approx(0.9)


def test_the_hooks_go_even_if_the_loop_fails():
    with pytest.raises(ZeroDivisionError):
        overheard(lambda: 1 / 0, LanguageModel)
    test_after_listening_networks_learn_again()


def test_a_loop_without_such_a_network_is_refused():
    with pytest.raises(ValueError, match="train: expected calls of one LanguageModel, got 0"):
        overheard(lambda: None, LanguageModel)
