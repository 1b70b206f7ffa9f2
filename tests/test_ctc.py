"""The trellis, its gradient and the decoders: against all paths one by one, and against PyTorch."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import ctc

LABELS = [[], [1], [2, 1], [1, 1], [2, 2, 1], [1, 1, 1], [1, 2, 1, 2]]


def drawn(T, V, seed=0):
    """Log probabilities (T, V)."""
    return ctc.log_softmax(np.random.default_rng(seed).normal(size=(T, V)))


def by_torch(logits, labels):
    """Loss and gradient with respect to the logits, by PyTorch in float64."""
    z = torch.tensor(logits, requires_grad=True)
    loss = torch.nn.CTCLoss(reduction="sum")(
        z.log_softmax(-1)[:, None],
        torch.tensor([labels], dtype=torch.long),
        torch.tensor([len(logits)]),
        torch.tensor([len(labels)]),
    )
    loss.backward()
    return loss.item(), z.grad.numpy()


# --- reference


@pytest.mark.parametrize("labels", LABELS, ids=str)
def test_the_trellis_adds_up_what_all_paths_add_up(labels):
    log_p = drawn(5, 3)
    expected = ctc.over_all_paths(log_p).get(tuple(labels), 0.0)
    assert np.exp(-ctc.loss(log_p, labels)) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("labels", [[4], [4, 4, 2, 8], [1, 2, 3], [3] * 5], ids=str)
def test_loss_and_gradient_are_those_of_pytorch(labels):
    logits = np.random.default_rng(1).normal(size=(13, 11), scale=3)
    loss, gradient = by_torch(logits, labels)
    assert ctc.loss(ctc.log_softmax(logits), labels) == pytest.approx(loss, rel=1e-12)
    np.testing.assert_allclose(ctc.gradient(logits, labels), gradient, atol=1e-12)


def test_the_gradient_is_that_of_finite_differences():
    logits, labels, h = np.random.default_rng(2).normal(size=(7, 4)), [3, 3, 1], 1e-6
    for t, k in itertools.product(range(7), range(4)):
        moved = [logits.copy() for _ in range(2)]
        moved[0][t, k] += h
        moved[1][t, k] -= h
        up, down = (ctc.loss(ctc.log_softmax(z), labels) for z in moved)
        assert ctc.gradient(logits, labels)[t, k] == pytest.approx((up - down) / (2 * h), abs=1e-7)


def test_the_occupancy_is_counted_over_all_paths():
    log_p, labels = drawn(5, 3, seed=4), [1, 1]
    share, total = np.zeros((5, 5)), 0.0
    for path in itertools.product(range(3), repeat=5):
        if ctc.collapse(path) == labels:
            p = np.exp(log_p[np.arange(5), path].sum())
            share[np.arange(5), rows_of(path)] += p
            total += p
    np.testing.assert_allclose(ctc.occupancy(log_p, ctc.extended(labels)), share / total)


def rows_of(path):
    """In which row of the trellis a path stands, step by step."""
    row, rows, before = 0, [], 0
    for k in path:
        if k != before:
            row += 1 + (k != 0 and before != 0)
        rows.append(row)
        before = k
    return rows


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5), st.integers(2, 4))
def test_a_beam_without_limit_finds_the_probability_of_every_answer(seed, T, V):
    log_p = drawn(T, V, seed)
    found = {tuple(labels): np.exp(p) for labels, p in ctc.prefix_beam(log_p, width=10**6)}
    expected = ctc.over_all_paths(log_p)
    assert found.keys() == expected.keys()
    for labels, p in expected.items():
        assert found[labels] == pytest.approx(p, rel=1e-9)


# --- laws


def test_the_labels_of_all_paths_add_up_to_one():
    assert sum(ctc.over_all_paths(drawn(6, 3)).values()) == pytest.approx(1)


def test_every_step_of_forward_times_backward_gives_the_same_probability():
    rows = ctc.extended([2, 2, 1])
    log_p = drawn(9, 4)
    both = np.exp(ctc.forward(log_p, rows) + ctc.backward(log_p, rows)).sum(axis=1)
    np.testing.assert_allclose(both, np.exp(-ctc.loss(log_p, [2, 2, 1])))


def test_occupancy_adds_up_to_one_and_the_gradient_to_nothing_at_every_step():
    logits = np.random.default_rng(3).normal(size=(9, 4))
    gamma = ctc.occupancy(ctc.log_softmax(logits), ctc.extended([3, 1]))
    np.testing.assert_allclose(gamma.sum(axis=1), 1)
    np.testing.assert_allclose(ctc.gradient(logits, [3, 1]).sum(axis=1), 0, atol=1e-12)


def test_blanks_go_last_so_that_a_word_can_be_said_twice():
    assert ctc.collapse([3, 0, 3]) == [3, 3]
    assert ctc.collapse([3, 3]) == [3]
    assert ctc.collapse([0, 0]) == []


def test_the_trellis_stays_finite_where_probabilities_do_not():
    log_p = drawn(2000, 11)
    assert np.isfinite(ctc.loss(log_p, [1, 2, 3]))
    assert np.exp(-ctc.loss(log_p, [1, 2, 3])) == 0


def test_another_symbol_may_be_the_blank():
    log_p = drawn(6, 3)
    turned = log_p[:, [1, 2, 0]]  # symbols 1, 2, 0 are now 0, 1, 2
    assert ctc.loss(turned, [0, 1, 1], blank=2) == pytest.approx(ctc.loss(log_p, [1, 2, 2]))
    assert ctc.best_path(turned, blank=2) == [k - 1 for k in ctc.best_path(log_p)]
    assert ctc.prefix_beam(turned, blank=2)[0][0] == [k - 1 for k in ctc.prefix_beam(log_p)[0][0]]


def test_a_wider_beam_is_never_less_probable():
    log_p = drawn(20, 6, seed=5)
    best = [ctc.prefix_beam(log_p, width)[0][1] for width in (1, 4, 16, 64)]
    assert best == sorted(best)


# --- edges and refusals


def test_one_step_can_say_one_label_or_none():
    log_p = drawn(1, 3)
    assert ctc.loss(log_p, [2]) == pytest.approx(-log_p[0, 2])
    assert ctc.loss(log_p, []) == pytest.approx(-log_p[0, 0])
    assert ctc.loss(log_p, [1, 2]) == np.inf


def test_a_symbol_that_never_comes_makes_no_nan():
    with np.errstate(divide="ignore"):
        log_p = np.log(np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]))
    assert ctc.loss(log_p, [1, 2]) == pytest.approx(-np.log(0.75 * 0.5))
    assert not np.isnan(ctc.occupancy(log_p, ctc.extended([1, 2]))).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ctc.extended([1, 0, 2]), "labels: expected symbols"),
        (lambda: ctc.extended([1, -2]), "labels: expected symbols"),
        (lambda: ctc.extended([1.5]), "labels: expected symbols"),
        (lambda: ctc.loss(np.zeros(7), [1]), r"log_p: .* got shape \(7,\)"),
        (lambda: ctc.loss(np.full((3, 2), np.nan), [1]), "log_p: expected log probabilities"),
        (lambda: ctc.loss(drawn(7, 4), [4]), "rows: expected symbols below V = 4, got 4"),
        (lambda: ctc.gradient(np.zeros((2, 4)), [1, 1]), "rows: expected labels that fit into T"),
        (lambda: ctc.prefix_beam(drawn(7, 4), width=0), "width: expected a positive"),
        (lambda: ctc.over_all_paths(drawn(13, 11)), "log_p: expected .* at most a million paths"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
