"""The five update rules: PyTorch's, on arrays and on tensors, changing nothing in place."""

import numpy as np
import pytest
import torch

from rnncourse import optimisers
from rnncourse.bptt import char_rnn
from rnncourse.optimisers import FRESH, adam, adamw, momentum, rmsprop, sgd

THEIRS = {
    sgd: (torch.optim.SGD, {}),
    momentum: (torch.optim.SGD, {"momentum": 0.9}),
    rmsprop: (torch.optim.RMSprop, {}),
    adam: (torch.optim.Adam, {}),
    adamw: (torch.optim.AdamW, {}),
}
RULES = pytest.mark.parametrize("rule", THEIRS, ids=lambda rule: rule.__name__)


def gradient(w):
    """Of a hilly function; it is far from constant on the way."""
    return 3 * w + 5 * np.cos(7 * w) if isinstance(w, np.ndarray) else 3 * w + 5 * (7 * w).cos()


def walk(rule, w, n=25, lr=0.03):
    memory = FRESH
    for _ in range(n):
        w, memory = rule(w, gradient(w), memory, lr)
    return w


@RULES
def test_a_walk_of_25_steps_is_that_of_pytorch(rule):
    start = np.random.default_rng(0).normal(size=(4, 5))
    make, options = THEIRS[rule]
    w = torch.tensor(start, requires_grad=True)
    theirs = make([w], lr=0.03, **options)
    for _ in range(25):
        w.grad = gradient(w.detach())
        theirs.step()
    np.testing.assert_allclose(walk(rule, start), w.detach().numpy(), atol=1e-10)


@RULES
def test_tensors_walk_as_arrays_do(rule):
    start = np.random.default_rng(0).normal(size=(4, 5))
    np.testing.assert_allclose(walk(rule, torch.tensor(start)).numpy(), walk(rule, start))


@RULES
def test_nothing_is_changed_in_place(rule):
    w, g = np.ones(4), np.full(4, 0.5)
    _, memory = rule(w, g, FRESH, 0.1)
    before = [np.copy(part) for part in memory]
    rule(w, g, memory, 0.1)
    assert (w == 1).all()
    assert (g == 0.5).all()
    assert all(map(np.array_equal, before, memory))
    assert FRESH == (0, 0.0, 0.0)


@RULES
def test_a_rate_for_each_row_moves_each_row_by_its_own(rule):
    start = np.random.default_rng(0).normal(size=(2, 5))
    together = walk(rule, start, lr=np.array([[0.01], [0.05]]))
    np.testing.assert_allclose(together[0], walk(rule, start[0], lr=0.01))
    np.testing.assert_allclose(together[1], walk(rule, start[1], lr=0.05))


def test_adam_is_that_of_chapter_05():
    params = char_rnn.init_softmax_rnn(4, 5, 6, np.random.default_rng(0))
    memory, ours, memories = None, list(params), [FRESH] * 5
    for _ in range(7):
        grads = [gradient(w) for w in params]
        params, memory = char_rnn.adam_step(params, grads, memory, lr=0.01)
        steps = [adam(w, gradient(w), m, 0.01) for w, m in zip(ours, memories, strict=True)]
        ours, memories = (list(part) for part in zip(*steps, strict=True))
    for a, b in zip(params, ours, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_momentum_is_in_the_end_ten_times_as_fast_on_a_slope():
    w, memory = 0.0, FRESH
    for _ in range(200):
        last, (w, memory) = w, momentum(w, 1.0, memory, lr=0.01)
    assert last - w == pytest.approx(10 * 0.01)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_first_step_of_adam_has_the_length_of_the_rate_whatever_the_gradient(scale):
    w, _ = optimisers.adam(0.0, scale, FRESH, lr=0.01)
    assert w == pytest.approx(-0.01, rel=1e-4)
