"""Fixed points: found where they are known, told apart by their eigenvalues, slow ones included."""

import numpy as np
import pytest

from rnncourse.microscope import fixed_points, rnn_jacobians, state_jacobians


def tanh_network(H=5, gain=1.5, seed=0):
    W, b = np.random.default_rng(seed).normal(size=(2, H, H)) / np.sqrt(H)
    W, b = gain * W, 0.3 * b[0]
    return (lambda h: np.tanh(h @ W + b)), W


def starts(n=40, H=5, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (n, H))


def test_a_latch_has_two_stable_points_and_a_saddle_between():
    found = fixed_points(lambda h: np.tanh(2 * h), starts(20, 1))
    assert found.kind == ["stable", "saddle", "stable"]
    assert found.h[1] == pytest.approx(0, abs=1e-9)
    assert found.h[0] == pytest.approx(-found.h[2])
    assert found.eigenvalues[1].real == pytest.approx(2)


def test_every_point_at_rest_rests():
    F, _ = tanh_network()
    found = fixed_points(F, starts())
    at_rest = found.of("stable") + found.of("saddle")
    assert at_rest
    assert np.abs(F(found.h[at_rest]) - found.h[at_rest]).max() < 1e-9


def test_runs_from_beside_a_stable_point_come_back_and_from_beside_a_saddle_they_leave():
    F, _ = tanh_network(gain=2.5, seed=3)
    found = fixed_points(F, starts(80))
    assert found.of("stable") or found.of("saddle")
    for n in range(len(found)):
        if found.kind[n] == "slow":
            continue
        h = found.h[[n]] + 1e-4 * starts(1, seed=n)
        for _ in range(400):
            h = F(h)
        back = np.abs(h - found.h[n]).max() < 1e-6
        if abs(abs(found.eigenvalues[n, 0]) - 1) > 0.05:
            assert back == (found.kind[n] == "stable")


def test_a_ghost_is_slow_and_has_an_eigenvalue_of_one():
    """h + b - tanh-like pass: the curve comes close to the diagonal and does not touch it."""

    def F(h):
        return h + 0.01 + 0.5 * h**2

    found = fixed_points(F, np.array([[-0.8], [0.6]]))
    assert found.kind == ["slow"]
    assert found.h.item() == pytest.approx(0, abs=1e-3)
    assert found.speed.item() == pytest.approx(0.5 * 0.01**2, rel=1e-3)
    assert found.eigenvalues[0, 0].real == pytest.approx(1, abs=1e-3)


def test_jacobians_are_those_of_the_formula():
    F, W = tanh_network()
    h = starts(7)
    assert np.abs(state_jacobians(F, h) - rnn_jacobians(F(h), W)).max() < 1e-8


def test_a_turn_keeps_only_its_centre():
    turn = 0.9 * np.array([[0.8, -0.6], [0.6, 0.8]])
    found = fixed_points(lambda h: h @ turn, starts(9, 2))
    assert found.kind == ["stable"]
    assert np.abs(found.eigenvalues[0]) == pytest.approx([0.9, 0.9])


def test_one_start_is_enough_and_the_order_of_starts_does_not_matter():
    F, _ = tanh_network()
    assert len(fixed_points(F, starts(1))) <= 1
    one, other = fixed_points(F, starts()), fixed_points(F, starts()[::-1])
    assert one.kind == other.kind
    at_rest = [n for n, kind in enumerate(one.kind) if kind != "slow"]
    assert np.abs(one.h[at_rest] - other.h[at_rest]).max() < 1e-6


def test_places_outside_the_bound_are_not_visited():
    found = fixed_points(lambda h: 0.5 * h + 1, np.zeros((1, 3)))  # rests at 2
    assert all(np.abs(found.h[n]).max() <= 1 for n in range(len(found)))
    assert not found.of("stable")


@pytest.mark.parametrize("given", [np.zeros(4), np.zeros((0, 4)), np.full((2, 3), np.nan)])
def test_states_that_are_none_are_refused(given):
    with pytest.raises(ValueError, match="starts: expected finite states"):
        fixed_points(np.tanh, given)


def test_a_step_that_changes_the_shape_is_refused():
    with pytest.raises(ValueError, match=r"step: expected states \(2, 3\), got \(2, 2\)"):
        fixed_points(lambda h: h[:, :2], np.zeros((2, 3)))
