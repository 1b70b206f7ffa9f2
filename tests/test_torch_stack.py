"""Stacks and windows: what they compute, what they keep apart, what they refuse."""

import pytest
import torch
from torch import nn

from rnncourse import contracts
from rnncourse.torch_models import Stack, Window

B, T, D, H = 3, 7, 4, 5


def copied(stack, module):
    """Give one module of PyTorch the weights of a stack of single layers."""
    with torch.no_grad():
        for number, layer in enumerate(stack.layers):
            for name, weight in layer.named_parameters():
                getattr(module, name.replace("_l0", f"_l{number}")).copy_(weight)
    return module


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize(("kind", "module"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_a_plain_stack_is_what_pytorch_computes_in_one_call(kind, module, bidirectional):
    stack = Stack(kind, D, H, 3, bidirectional=bidirectional)
    whole = copied(stack, module(D, H, 3, batch_first=True, bidirectional=bidirectional))
    x = torch.randn(B, T, D)
    torch.testing.assert_close(stack(x), whole(x)[0])


def test_a_residual_layer_adds_to_what_it_read_from_the_second_layer_on():
    stack = Stack("gru", D, H, 2, residual=True)
    x = torch.randn(B, T, D)
    first, _ = stack.layers[0](x)
    torch.testing.assert_close(stack(x), first + stack.layers[1](first)[0])


def test_normalised_states_have_mean_0_and_variance_1_at_every_step():
    h = Stack("lstm", D, H, norm=True)(torch.randn(B, T, D))
    torch.testing.assert_close(h.mean(dim=2), torch.zeros(B, T), atol=1e-6, rtol=0)
    assert h.var(dim=2, unbiased=False).min() > 0.9


@pytest.mark.parametrize("options", [{}, {"norm": True}, {"residual": True, "norm": True}])
def test_a_forward_stack_is_causal_and_keeps_sequences_apart(options):
    stack = Stack("lstm", D, H, 3, K=2, **options)
    assert contracts.causality(stack, D=D).kept
    assert contracts.batch_independence(stack, D=D).kept


def test_a_bidirectional_stack_breaks_causality_and_is_found_out():
    assert contracts.causality(Stack("lstm", D, H, bidirectional=True), D=D).kept is False


def test_a_window_is_a_linear_map_of_its_neighbours_then_relu_then_a_readout():
    window, x, t = Window(D, H, radius=1, K=2), torch.randn(B, T, D), 3
    W = window.hidden.weight  # (H, D, 3)
    hidden = torch.relu(torch.einsum("btd,hdt->bh", x[:, t - 1 : t + 2], W) + window.hidden.bias)
    torch.testing.assert_close(window(x)[:, t], window.readout(hidden))
    assert window(x[:1, :1]).shape == (1, 1, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Stack("lstm", D, H, 0), "layers: expected at least 1, got 0"),
        (lambda: Stack("elman", D, H), "kind: expected one of"),
        (lambda: Stack("lstm", D, 0), "H: expected a positive integer, got 0"),
        (lambda: Window(D, H, radius=-1), "radius: expected at least 0, got -1"),
    ],
)
def test_refusals_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
