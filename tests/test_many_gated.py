"""The gated networks side by side must compute, and learn, what PyTorch's own layers do."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import many, optimisers

S, B, T, D, H, K = 2, 3, 7, 4, 5, 6
VARIANTS = [(many.LSTMs, w) for w in many.LSTMs.WITHOUT] + [
    (many.GRUs, w) for w in many.GRUs.WITHOUT
]
NAMED = pytest.mark.parametrize(
    ("kind", "without"), VARIANTS, ids=[f"{k.__name__} {w}" for k, w in VARIANTS]
)


def draw(kind, without="", last=1, seed=0):
    """Networks whose biases are no zeros."""
    rng = np.random.default_rng(seed)
    networks = kind.draw(S, D, H, K, without, last=last, rng=rng)
    with torch.no_grad():
        for w in networks.parameters():
            w += torch.tensor(rng.uniform(-0.3, 0.3, w.shape))
    return networks


def inputs(seed=1):
    return torch.tensor(np.random.default_rng(seed).normal(size=(S, B, T, D)), dtype=torch.float32)


def by_steps(networks, x, back=None):
    """The same predictions, step by step, so that PyTorch finds the gradient itself."""
    lstm, gates = isinstance(networks, many.LSTMs), networks.gates
    h = c = torch.zeros(S, B, H)
    read = []
    for t in range(T):
        if T - t == back:
            h, c = h.detach(), c.detach()
        x_t = x[:, :, t] @ networks.W_xh + networks.b_h[:, None]
        m = h @ networks.W_hh
        g = dict(zip(gates, (x_t + m)[..., :-H].sigmoid().split(H, -1), strict=False))
        x_n, m = x_t[..., -H:], m[..., -H:]
        if lstm:
            c = g.get("f", 1) * c + g.get("i", 1) * (x_n + m).tanh()
            h = g.get("o", 1) * c.tanh()
        else:
            r, z = g.get("r", 1), g.get("z", 0)
            if "u" in g:
                r, z = g["u"], 1 - g["u"]
            m = (
                m + networks.b_n[:, None]
                if networks.resets({"rz": "", "z": "r", "r": "z", "u": "one"}[gates])
                else m
            )
            n = (x_n + r * m).tanh()
            h = (1 - z) * n + z * h
        read.append(h @ networks.W_hy + networks.b_y[:, None])
    return torch.cat(read[-networks.last :], dim=-1)


@NAMED
@pytest.mark.parametrize("back", [None, 2])
def test_the_loop_and_its_gradient_are_those_of_the_equations(kind, without, back):
    networks = draw(kind, without, last=4 if back is None else 1)
    x = inputs().requires_grad_()
    assert networks.gates == kind.WITHOUT[without]
    ours, theirs = networks(x, back), by_steps(networks, x, back)
    torch.testing.assert_close(ours, theirs)
    v = torch.randn_like(ours)
    wanted = [x, *networks.parameters()]
    for one, two in zip(
        torch.autograd.grad((ours * v).sum(), wanted),
        torch.autograd.grad((theirs * v).sum(), wanted),
        strict=True,
    ):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", [many.LSTMs, many.GRUs])
def test_each_network_is_one_of_pytorchs_layers(kind):
    networks, x = draw(kind), inputs()
    for s in range(S):
        W_xh, W_hh, b_h, *b_n = (torch.tensor(a) for a in networks.weights(s)[:-2])
        gated = (nn.LSTM if kind is many.LSTMs else nn.GRU)(D, H, batch_first=True)
        if kind is many.LSTMs:  # i, f, o, g here; i, f, g, o there
            W_xh, W_hh, b_h = (
                torch.cat([a[..., : 2 * H], a[..., 3 * H :], a[..., 2 * H : 3 * H]], dim=-1)
                for a in (W_xh, W_hh, b_h)
            )
        b_hh = torch.cat([torch.zeros(len(b_h) - H), *(b_n or [torch.zeros(H)])])
        with torch.no_grad():
            for p, w in zip(gated.parameters(), (W_xh.T, W_hh.T, b_h, b_hh), strict=True):
                p.copy_(w)
            expected = gated(x[s])[0]
        torch.testing.assert_close(networks.states(x)[s], expected, rtol=1e-4, atol=1e-5)


def test_the_cells_are_those_behind_the_states():
    networks, x = draw(many.LSTMs, "o"), inputs()
    torch.testing.assert_close(networks.cells(x).tanh(), networks.states(x).detach())


@NAMED
def test_networks_that_descend_side_by_side_do_not_touch_each_other(kind, without):
    x, y = inputs(), inputs(2)[:, :, 0].repeat(1, 1, 2)[..., :K]
    both = draw(kind, without)
    alone = [kind([both.weights(s)], without) for s in range(S)]
    many.descend(both, lambda n: (x, y), 3, optimisers.adam, [0.05, 0.01])
    for s, lr in enumerate((0.05, 0.01)):
        one, at = alone[s], slice(s, s + 1)
        many.descend(one, lambda n, at=at: (x[at], y[at]), 3, optimisers.adam, lr)
        for a, b in zip(both.weights(s), one.weights(0), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-4)


@NAMED
def test_a_budget_is_met_by_the_widest_network_that_fits(kind, without):
    for budget in (200, 1000):
        wide, n = many.width(kind, budget, D, K, without)
        for units, fits in ((wide, True), (wide + 1, False)):
            networks = kind.draw(1, D, units, K, without, rng=np.random.default_rng(0))
            assert (sum(w.numel() for w in networks.parameters()) <= budget) is fits
            assert fits is False or n == sum(w.numel() for w in networks.parameters())


def test_plain_networks_are_measured_by_the_same_budget():
    wide, n = many.width(many.PlainRNNs, 1000, D, K)
    networks = many.PlainRNNs.draw(1, D, wide, K, rng=np.random.default_rng(0))
    assert n == sum(w.numel() for w in networks.parameters()) <= 1000


def test_fresh_gates_are_orthogonal_and_have_the_bias_that_is_asked_for():
    rng = np.random.default_rng(0)
    lstm = many.LSTMs.draw(1, D, H, K, forget_bias=3.0, rng=rng).weights(0)
    gru = many.GRUs.draw(1, D, H, K, update_bias=2.0, rng=rng).weights(0)
    assert lstm[2].tolist() == [0.0] * H + [3.0] * H + [0.0] * 2 * H
    assert gru[2].tolist() == [0.0] * H + [2.0] * H + [0.0] * H
    for weights in (lstm, gru):
        for block in np.split(weights[1], weights[1].shape[1] // H, axis=1):
            np.testing.assert_allclose(block @ block.T, np.eye(H), atol=1e-6)


def test_plain_networks_read_the_last_steps_in_one_row():
    networks = many.PlainRNNs.draw(S, D, H, K, last=3, rng=np.random.default_rng(0))
    one = many.PlainRNNs([networks.weights(s) for s in range(S)])
    x = inputs()
    together = networks(x).reshape(S, B, 3, K)
    for k, steps in enumerate((T - 2, T - 1, T)):
        torch.testing.assert_close(together[:, :, k], one(x[:, :, :steps]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw(many.LSTMs, "z"), "without: expected one of .* got 'z'"),
        (lambda: draw(many.GRUs, "o"), "without: expected one of .* got 'o'"),
        (lambda: draw(many.GRUs)(torch.zeros(B, S, T, D)), r"x: expected .* S = 2, D = 4"),
        (lambda: many.LSTMs([]), "networks: expected lists of W_xh, W_hh, b_h, W_hy, b_y"),
        (lambda: many.GRUs([draw(many.LSTMs).weights(0)]), "networks: expected .* b_n"),
        (
            lambda: many.GRUs([[*draw(many.GRUs).weights(0)[:3], np.zeros(H + 1), *[0, [0]]]]),
            r"b_n: expected shape \(5,\) in network 0, got \(6,\)",
        ),
        (lambda: draw(many.GRUs, last=0), "last: expected a positive integer, got 0"),
        (lambda: many.width(many.GRUs, 10, D), "budget: expected at least"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
