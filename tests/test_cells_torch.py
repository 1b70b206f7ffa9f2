"""Forward and backward equal PyTorch's in float64, for every parameter, input and state."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnncourse import bptt, cells

KINDS = ("RNN", "LSTM", "GRU")
TOLERANCE = 1e-10
SIZES = st.tuples(*[st.integers(1, 9)] * 4)
few_examples = settings(max_examples=15, deadline=None, derandomize=True, database=None)


def tensor(array):
    return torch.tensor(array, requires_grad=True)


def close(ours, theirs, what):
    assert ours.shape == tuple(theirs.shape), what
    error = np.abs(ours - theirs.detach().numpy()).max()
    assert error < TOLERANCE, f"{what} differs by {error}"


def layer_with(kind, params, suffix="", layer=None, **keywords):
    """PyTorch's layer with our weights: transposed, and with two biases where we have one."""
    D, H = len(params.W_xh), len(params.W_hh)
    layer = layer or getattr(torch.nn, kind)(D, H, batch_first=True, **keywords).double()
    b_x = params.b_x if kind == "GRU" else np.zeros_like(params.b_h)
    theirs = {"weight_ih": params.W_xh.T, "weight_hh": params.W_hh.T}
    theirs |= {"bias_ih": b_x, "bias_hh": params.b_h}
    with torch.no_grad():
        for name, array in theirs.items():
            getattr(layer, f"{name}_l0{suffix}").copy_(torch.tensor(array))
    return layer


def compare_gradients(kind, dparams, layer, suffix=""):
    fields = {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_h": "bias_hh"}
    if kind == "GRU":
        fields["b_x"] = "bias_ih"
    for ours, theirs in fields.items():
        close(getattr(dparams, ours).T, getattr(layer, f"{theirs}_l0{suffix}").grad, f"d{ours}")


class Case:
    """One random layer with random input, states and arriving gradients."""

    def __init__(self, kind, B, T, D, H, seed=0, directions=1):
        rng = np.random.default_rng((seed, B, T, D, H))
        self.kind, n = kind, 2 if kind == "LSTM" else 1
        init = getattr(cells, f"init_{kind.lower()}")
        self.params = [init(D, H, rng) for _ in range(directions)]
        self.x = rng.standard_normal((B, T, D))
        self.states = list(rng.standard_normal((n, directions, B, H)))
        self.dh = rng.standard_normal((B, T, directions * H))
        self.d_final = list(rng.standard_normal((n, directions, B, H)))

    def ours(self, direction=0, **keywords):
        """(h, final, dx, dparams, d_start) with the last states as lists."""
        name, k, H = self.kind.lower(), direction, self.states[0].shape[-1]
        forward, backward = getattr(cells, f"{name}_forward"), getattr(bptt, f"{name}_backward")
        start = [state[k] for state in self.states]
        h, final, cache = forward(self.x, self.params[k], *start, **keywords)
        dh = self.dh[:, :, k * H : (k + 1) * H]
        dx, dparams, d_start = backward(dh, cache, *[d[k] for d in self.d_final])
        if self.kind != "LSTM":
            final, d_start = (final,), (d_start,)
        return h, list(final), dx, dparams, list(d_start)

    def theirs(self, layer, lengths=None):
        """(h, final, x, start), after the backward pass."""
        x, start = tensor(self.x), [tensor(state) for state in self.states]
        fed = x
        if lengths is not None:
            fed = pack_padded_sequence(x, torch.tensor(lengths), True, enforce_sorted=False)
        h, final = layer(fed, tuple(start) if self.kind == "LSTM" else start[0])
        if lengths is not None:
            h, _ = pad_packed_sequence(h, batch_first=True, total_length=x.shape[1])
        final = final if self.kind == "LSTM" else (final,)
        loss = (h * torch.tensor(self.dh)).sum()
        for state, d_state in zip(final, self.d_final, strict=True):
            loss = loss + (state * torch.tensor(d_state)).sum()
        loss.backward()
        return h, final, x, start

    def compare(self, layer, direction=0, suffix="", lengths=None, **keywords):
        """Everything that one direction computes, against PyTorch; returns our dx."""
        k, H = direction, self.states[0].shape[-1]
        h, final, x, start = self.theirs(layer, lengths)
        our_h, our_final, dx, dparams, d_start = self.ours(k, lengths=lengths, **keywords)
        close(our_h, h[:, :, k * H : (k + 1) * H], "h")
        for a, b in zip(our_final, final, strict=True):
            close(a, b[k], "final state")
        for a, b in zip(d_start, start, strict=True):
            close(a, b.grad[k], "gradient of the initial state")
        compare_gradients(self.kind, dparams, layer, suffix)
        return dx, x.grad


@pytest.mark.parametrize("kind", KINDS)
@few_examples
@given(sizes=SIZES, seed=st.integers(0, 99))
def test_forward_and_backward_equal_pytorch(kind, sizes, seed):
    case = Case(kind, *sizes, seed)
    dx, theirs = case.compare(layer_with(kind, case.params[0]))
    close(dx, theirs, "dx")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(1, 7, 4, 5), (3, 1, 4, 5), (1, 1, 1, 1), (40, 30, 2, 3)])
def test_small_and_long_shapes_equal_pytorch_too(kind, sizes):
    # The last one is longer than a block of the backward pass.
    case = Case(kind, *sizes)
    dx, theirs = case.compare(layer_with(kind, case.params[0]))
    close(dx, theirs, "dx")


@pytest.mark.parametrize("kind", KINDS)
@few_examples
@given(sizes=SIZES, data=st.data())
def test_padded_batches_equal_packed_sequences(kind, sizes, data):
    B, T = sizes[:2]
    lengths = data.draw(st.lists(st.integers(1, T), min_size=B, max_size=B))
    case = Case(kind, *sizes)
    layer = layer_with(kind, case.params[0])
    dx, theirs = case.compare(layer, lengths=lengths, padded="zero")
    close(dx, theirs, "dx")


@pytest.mark.parametrize("kind", KINDS)
@few_examples
@given(sizes=SIZES, data=st.data())
def test_both_directions_equal_bidirectional_packed_sequences(kind, sizes, data):
    B, T = sizes[:2]
    lengths = data.draw(st.lists(st.integers(1, T), min_size=B, max_size=B))
    case, dx = Case(kind, *sizes, directions=2), []
    for direction, suffix in enumerate(("", "_reverse")):
        layer = layer_with(kind, case.params[0], bidirectional=True)
        layer_with(kind, case.params[1], "_reverse", layer)
        keywords = {"padded": "zero", "reverse": bool(direction)}
        one, theirs = case.compare(layer, direction, suffix, lengths, **keywords)
        dx.append(one)
    close(sum(dx), theirs, "dx")


@pytest.mark.parametrize("kind", KINDS)
def test_bidirectional_equals_pytorch(kind):
    case = Case(kind, 3, 7, 4, 5, directions=2)
    layer = layer_with(kind, case.params[0], bidirectional=True)
    layer_with(kind, case.params[1], "_reverse", layer)
    theirs, _, _, _ = case.theirs(layer)
    names = ("h_0", "c_0") if kind == "LSTM" else ("h_0",)
    start = dict(zip(names, case.states, strict=True))
    forward = getattr(cells, f"{kind.lower()}_forward")
    h, _ = cells.bidirectional(forward, case.x, *case.params, **start)
    close(h, theirs, "h")


def test_relu_networks_equal_pytorch():
    case = Case("RNN", 3, 7, 4, 5)
    layer = layer_with("RNN", case.params[0], nonlinearity="relu")
    dx, theirs = case.compare(layer, activation="relu")
    close(dx, theirs, "dx")


@pytest.mark.parametrize("kind", KINDS)
def test_a_loss_of_the_last_state_alone_needs_no_gradient_of_the_outputs(kind):
    case = Case(kind, 3, 7, 4, 5)
    case.dh = np.zeros_like(case.dh)
    layer = layer_with(kind, case.params[0])
    _, _, x, _ = case.theirs(layer)
    name = kind.lower()
    start = [state[0] for state in case.states]
    cache = getattr(cells, f"{name}_forward")(case.x, case.params[0], *start)[-1]
    backward = getattr(bptt, f"{name}_backward")
    dx, dparams, _ = backward(None, cache, *[d[0] for d in case.d_final])
    close(dx, x.grad, "dx")
    compare_gradients(kind, dparams, layer)
