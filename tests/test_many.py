"""Networks side by side must be what they would be alone: otherwise the seeds are not seeds."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import many, optimisers

S, B, T, D, H, K = 2, 3, 7, 4, 5, 6


def draw(activation="tanh", seed=0):
    return many.PlainRNNs.draw(S, D, H, K, activation, rng=np.random.default_rng(seed))


def data(N=B, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(S, N, T, D)), rng.normal(size=(S, N, K))


def alone(weights, activation):
    """The same network made of PyTorch's own layers."""
    W_xh, W_hh, b_h, W_hy, b_y = map(torch.tensor, weights)
    rnn, readout = nn.RNN(D, H, nonlinearity=activation, batch_first=True), nn.Linear(H, K)
    with torch.no_grad():
        for parameter, value in zip(
            [*rnn.parameters(), *readout.parameters()],
            [W_xh.T, W_hh.T, b_h, torch.zeros(H), W_hy.T, b_y],
            strict=True,
        ):
            parameter.copy_(value)
    rnn.bias_hh_l0.requires_grad_(False)  # ours has one bias: with two, Adam moves it twice
    return rnn, readout


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_each_network_computes_what_pytorchs_layers_compute(activation):
    networks, (X, _) = draw(activation), data()
    y_hat = many.predict(networks, X)
    assert y_hat.shape == (S, B, K)
    for s in range(S):
        rnn, readout = alone(networks.weights(s), activation)
        with torch.no_grad():
            expected = readout(rnn(torch.tensor(X[s], dtype=torch.float32))[0][:, -1])
        assert np.allclose(y_hat[s], expected, atol=1e-6)


def test_each_network_trains_as_pytorchs_layers_train():
    networks, (X, y) = draw(), data()
    modules = [alone(networks.weights(s), "tanh") for s in range(S)]
    many.fit(networks, X, y, epochs=5, rng=np.random.default_rng(2), lr=0.01)  # one batch each
    for s, (rnn, readout) in enumerate(modules):
        trained = [p for p in (*rnn.parameters(), *readout.parameters()) if p.requires_grad]
        optimiser = torch.optim.Adam(trained, lr=0.01, eps=1e-7)
        x, target = (torch.tensor(a[s], dtype=torch.float32) for a in (X, y))
        for _ in range(5):
            optimiser.zero_grad()
            ((readout(rnn(x)[0][:, -1]) - target) ** 2).mean().backward()
            optimiser.step()
        W_xh, W_hh, b_h, W_hy, b_y = networks.weights(s)
        for ours, theirs in [
            (W_xh, rnn.weight_ih_l0.T),
            (W_hh, rnn.weight_hh_l0.T),
            (b_h, rnn.bias_ih_l0),
            (W_hy, readout.weight.T),
            (b_y, readout.bias),
        ]:
            assert np.allclose(ours, theirs.detach(), atol=1e-5)


def test_a_neighbour_with_other_data_changes_nothing():
    X, y = data(N=9)
    X_other, y_other = X.copy(), y.copy()
    X_other[1], y_other[1] = 3 * X[1] + 1, -y[1]
    a, b = draw(), draw()
    many.fit(a, X, y, epochs=3, rng=np.random.default_rng(2), batch_size=4)
    many.fit(b, X_other, y_other, epochs=3, rng=np.random.default_rng(2), batch_size=4)
    for one, two in zip(a.weights(0), b.weights(0), strict=True):
        assert np.array_equal(one, two)
    assert not np.array_equal(a.weights(1)[0], b.weights(1)[0])


def test_the_same_seeds_give_the_same_networks_and_others_give_others():
    X, y = data(N=9)
    runs = []
    for seed in (0, 0, 1):
        networks = draw(seed=seed)
        history = many.fit(networks, X, y, epochs=3, rng=np.random.default_rng(seed), batch_size=4)
        runs.append(history["train"])
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_every_example_is_used_once_an_epoch():
    X, y = data(N=9)
    networks = draw()
    history = many.fit(
        networks, X, y, epochs=1, rng=np.random.default_rng(0), batch_size=4, lr=1e-12
    )
    expected = ((many.predict(networks, X) - y) ** 2).mean(axis=(1, 2))
    assert np.allclose(history["train"][0], expected, rtol=1e-5)


def test_what_is_watched_is_measured_after_the_epoch():
    X, y = data(N=9)
    networks = draw()
    history = many.fit(
        networks, X, y, epochs=2, rng=np.random.default_rng(0), watch={"test": (X[:, :4], y[:, :4])}
    )
    expected = ((many.predict(networks, X[:, :4]) - y[:, :4]) ** 2).mean(axis=(1, 2))
    assert history["test"].shape == (2, S)
    assert np.allclose(history["test"][-1], expected, rtol=1e-5)


def test_fresh_weights_are_orthogonal_within_bounds_and_without_bias():
    W_xh, W_hh, b_h, W_hy, b_y = draw().weights(1)
    assert np.allclose(W_hh @ W_hh.T, np.eye(H), atol=1e-6)
    assert np.abs(W_xh).max() <= np.sqrt(6 / (D + H))
    assert np.abs(W_hy).max() <= np.sqrt(6 / (H + K))
    assert not b_h.any()
    assert not b_y.any()


def test_weights_go_in_and_come_out_unchanged():
    weights = [draw().weights(s) for s in range(S)]
    copied = many.PlainRNNs(weights, "relu")
    assert len(copied) == S
    for s in range(S):
        for one, two in zip(weights[s], copied.weights(s), strict=True):
            assert np.array_equal(one, two)


def test_one_step_and_one_example_are_enough():
    assert many.predict(draw(), np.zeros((S, 1, 1, D))).shape == (S, 1, K)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: many.PlainRNNs([], "relu"), "networks: expected lists of W_xh"),
        (lambda: draw("sigmoid"), "activation: expected one of"),
        (lambda: many.predict(draw(), np.zeros((B, S, T, D))), r"x: expected .* S = 2, D = 4"),
        (lambda: many.predict(draw(), np.full((S, B, T, D), np.nan)), "X: expected finite"),
        (
            lambda: many.fit(
                draw(), data()[0], np.zeros((S, B)), epochs=1, rng=np.random.default_rng(0)
            ),
            "y: expected",
        ),
        (
            lambda: many.PlainRNNs([[*draw().weights(0)[:4], np.zeros(K + 1)]]),
            r"W_hy: expected shape \(5, 7\) in network 0, got \(5, 6\)",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- descend


def descended(S=2, lr=0.05, updates=3, seed=0, rows=slice(None), **options):
    """Networks after a few updates on fixed sequences; `rows` picks some of them."""
    rng = np.random.default_rng(seed)
    all_networks = many.PlainRNNs.draw(2, D=4, H=5, rng=rng)
    networks = many.PlainRNNs([all_networks.weights(s) for s in range(2)][rows])
    x, y = 3 * rng.normal(size=(2, 3, 7, 4))[rows], rng.normal(size=(2, 3, 1))[rows]
    rule = options.pop("rule", optimisers.adam)
    curves = many.descend(networks, lambda n: (x, y), updates, rule, lr, **options)
    return networks, curves


def test_networks_that_descend_side_by_side_do_not_touch_each_other():
    both, (losses, norms) = descended(lr=[0.05, 0.01], clip=0.3)
    for s, lr in enumerate((0.05, 0.01)):
        alone, (loss, norm) = descended(rows=slice(s, s + 1), lr=lr, clip=0.3)
        np.testing.assert_allclose(losses[:, s], loss[:, 0], rtol=1e-5)
        np.testing.assert_allclose(norms[:, s], norm[:, 0], rtol=1e-5)
        for a, b in zip(both.weights(s), alone.weights(0), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)


def test_clipping_bounds_each_networks_first_step_and_reports_the_length_before():
    before, _ = descended(updates=1, lr=0.0)
    after, (_, norms) = descended(updates=1, lr=1.0, rule=optimisers.sgd, clip=0.1)
    for s in range(2):
        pairs = zip(before.weights(s), after.weights(s), strict=True)
        moved = np.sqrt(sum(((a - b) ** 2).sum() for a, b in pairs))
        assert moved == pytest.approx(0.1, rel=1e-4)
        assert norms[0, s] > 0.1


def test_without_a_bound_a_step_of_sgd_is_the_gradient_itself():
    before, _ = descended(updates=1, lr=0.0)
    after, (_, norms) = descended(updates=1, lr=1.0, rule=optimisers.sgd, clip=np.inf)
    pairs = list(zip(before.weights(0), after.weights(0), strict=True))
    assert np.sqrt(sum(((a - b) ** 2).sum() for a, b in pairs)) == pytest.approx(norms[0, 0])


def test_the_schedule_multiplies_the_rate():
    seen = []
    descended(updates=4, schedule=lambda p: seen.append(p) or 0.0)
    assert seen == [0.0, 0.25, 0.5, 0.75]
    still, _ = descended(updates=4, schedule=lambda p: 0.0)
    start, _ = descended(updates=1, lr=0.0)
    assert all(map(np.array_equal, still.weights(0), start.weights(0)))


def test_no_gradient_goes_further_back_than_asked():
    networks = many.PlainRNNs.draw(2, D=4, H=5, rng=np.random.default_rng(0))
    x = torch.randn(2, 3, 7, 4, requires_grad=True)
    torch.testing.assert_close(networks(x, back=2), networks(x))
    networks(x, back=2).sum().backward()
    reached = x.grad.abs().sum(dim=(0, 1, 3)) > 0
    assert reached.tolist() == [False] * 5 + [True] * 2


@pytest.mark.parametrize("start", ["orthogonal", "identity", "uniform"])
def test_each_start_is_what_its_name_says(start):
    W_xh, W_hh, b_h, W_hy, b_y = many.PlainRNNs.draw(
        1, D=4, H=5, start=start, rng=np.random.default_rng(0)
    ).weights(0)
    if start == "uniform":
        for array in (W_xh, W_hh, b_h, W_hy, b_y):
            assert 0 < np.abs(array).max() <= 5**-0.5
    else:
        np.testing.assert_allclose(W_hh.T @ W_hh, np.eye(5), atol=1e-6)
        assert np.allclose(W_hh, np.eye(5)) == (start == "identity")
        assert not b_h.any()


def test_another_start_is_refused():
    with pytest.raises(ValueError, match="start: expected 'orthogonal', 'identity' or 'uniform'"):
        many.PlainRNNs.draw(1, 4, 5, start="zero", rng=np.random.default_rng(0))
