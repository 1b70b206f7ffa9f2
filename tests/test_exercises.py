"""The checks themselves on trial: right answers pass, wrong ones get the diagnosis meant for them.

Every exercise of every answer sheet goes through the same tests. Beside the misconceptions of the
sheets there are wrong answers written in another way, which must get the same diagnosis.
"""

import os
import re
import sys
import time
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from rnncourse import bptt, cells, grading
from rnncourse.data import series
from rnncourse.grading import answers, engine, isolation, sheet_02, sheet_04, sheet_05

ROOT = Path(__file__).resolve().parent.parent
ALL = grading.exercises()
CHECKED = [exercise for exercise in ALL if exercise.kind != "open"]
FUNCTIONS = [exercise for exercise in CHECKED if exercise.kind == "function"]
VALUES = [exercise for exercise in CHECKED if exercise.kind == "value"]
SECONDS = 0.5
# chapters whose wrong answers, written differently, have a file of their own
ELSEWHERE = {path.stem[-2:] for path in Path(__file__).parent.glob("test_exercises_[0-9][0-9].py")}


def by_id(exercises):
    return pytest.mark.parametrize("exercise", exercises, ids=[e.id for e in exercises])


MARKED = Counter()  # how often each test has asked for a verdict


def inputs():
    """New inputs for every verdict, the same ones whenever the test runs; a learner's are not."""
    test = os.environ["PYTEST_CURRENT_TEST"]
    MARKED[test] += 1
    shift = int(os.environ.get("RNNCOURSE_SEED", "0"))
    return np.random.default_rng([zlib.crc32(test.encode()), MARKED[test], shift])


def mark(exercise, attempt, seconds=SECONDS):
    """A verdict: in time, on one line, and no trouble of our own."""
    start = time.monotonic()
    verdict = engine.mark(exercise, attempt, inputs(), seconds)
    assert time.monotonic() - start < seconds + 5
    assert "\n" not in verdict.sentence
    assert "Traceback" not in verdict.sentence
    assert "could not be judged" not in verdict.sentence
    return verdict


# ------------------------------------------------------------------------------- right answers


@by_id(CHECKED)
def test_the_reference_is_right_whatever_the_inputs(exercise):
    for _ in range(10):
        assert mark(exercise, exercise.reference, 5.0) == ("right", exercise.praise, "")


@by_id(CHECKED)
def test_a_right_answer_written_differently_is_right(exercise):
    assert exercise.alternatives
    for attempt in exercise.alternatives:
        assert mark(exercise, attempt, 5.0) == ("right", exercise.praise, "")


@by_id(FUNCTIONS)
def test_a_right_answer_in_another_type_is_right(exercise):
    def as_lists(*args):
        result = exercise.reference(*args)
        return (
            [np.asarray(part).tolist() for part in result] if isinstance(result, tuple) else result
        )

    assert mark(exercise, as_lists, 5.0).verdict == "right"


# ------------------------------------------------------------------------------- wrong answers


@by_id(CHECKED)
def test_every_check_knows_at_least_three_wrong_answers_and_tells_them_apart(exercise):
    assert len({item.says for item in exercise.misconceptions}) >= 3
    assert len({item.name for item in exercise.misconceptions}) == len(exercise.misconceptions)


@pytest.mark.parametrize(
    ("exercise", "misconception"),
    [
        pytest.param(exercise, item, id=f"{exercise.id} {item.name}")
        for exercise in CHECKED
        for item in exercise.misconceptions
    ],
)
def test_each_known_wrong_answer_gets_the_diagnosis_meant_for_it(exercise, misconception):
    for _ in range(2):
        verdict = mark(exercise, misconception.attempt, 5.0)
        assert verdict.verdict == "wrong"
        assert verdict.sentence.startswith(misconception.says)


def forgot_h_prev(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h = np.tanh(x @ W_xh + (h_0 @ W_hh)[:, None, :] + b_h)
    return h @ W_hy + b_y, h[:, -1, :]


def output_before_update(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h, y = h_0, np.zeros((x.shape[0], x.shape[1], W_hy.shape[1]))
    for t in range(x.shape[1]):
        y[:, t] = h @ W_hy + b_y
        h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
    return y, h


def zeros_for_h_0(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    params = cells.RNNParams(W_xh, W_hh, b_h)
    h, h_T, _ = cells.rnn_forward(x, params)
    return h @ W_hy + b_y, h_T


def rows_as_steps(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    y, h = [], h_0
    for b in range(len(x)):
        h = np.tanh(x[b] @ W_xh + h @ W_hh + b_h)
        y.append(h @ W_hy + b_y)
    return np.array(y), h


def first_step_before_the_loop(again):
    """The slip that begins with a step outside the loop: read twice, or its output lost."""

    def attempt(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
        h = cells.rnn_step(x[:, 0], h_0, W_xh, W_hh, b_h)
        y = []
        for t in range(0 if again else 1, x.shape[1]):
            h = cells.rnn_step(x[:, t], h, W_xh, W_hh, b_h)
            y.append(h @ W_hy + b_y)
        return np.stack(y, axis=1), h

    return attempt


def without_b_y(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h, h_T, _ = cells.rnn_forward(x, cells.RNNParams(W_xh, W_hh, b_h), h_0)
    return h @ W_hy, h_T * 0  # and a second fault, which must not hide the first


def all_steps_from_h_0(x, h_0, W_xh, W_hh, b_h):
    h = np.tanh(np.einsum("btd,dh->bth", x, W_xh) + (h_0 @ W_hh)[:, None] + b_h)
    return h, h[:, -1]


def bias_outside(x, h_0, W_xh, W_hh, b_h):
    h, states = h_0, []
    for x_t in np.moveaxis(x, 1, 0):
        h = b_h + np.tanh(x_t @ W_xh + h @ W_hh)
        states.append(h)
    return np.stack(states, axis=1), h_0


def linear_cell(x, h_0, W_xh, W_hh, b_h):
    states = [h_0]
    for t in range(x.shape[1]):
        states.append(x[:, t] @ W_xh + states[-1] @ W_hh + b_h)
    return np.stack(states[1:], 1), states[-1]


def cell_that_returns_the_first_state(x, h_0, W_xh, W_hh, b_h):
    return cells.rnn_forward(x, cells.RNNParams(W_xh, W_hh, b_h), h_0)[0], h_0


def detached_backward(dh, x, h_0, h, n, W_hh, leak):
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    da = leak * dh * (1 - n**2)
    dW_xh, dW_hh = np.einsum("bti,btj->ij", x, da), np.einsum("bti,btj->ij", before, da)
    return dW_xh, dW_hh, da.sum(axis=(0, 1)), np.zeros_like(h_0)


def plain_cell_backward(dh, x, h_0, h, n, W_hh, leak):
    """The backward pass of the cell without a leak, scaled: the direct way is missing."""
    B, T, D = x.shape
    dW_xh, dW_hh, db_h, dh_next = np.zeros((D, len(W_hh))), 0 * W_hh, 0 * W_hh[0], 0 * h_0
    for t in range(T - 1, -1, -1):
        da = (dh[:, t] + dh_next) * leak * (1 - n[:, t] ** 2)
        dW_xh += x[:, t].T @ da
        dW_hh += (h[:, t - 1] if t else h_0).T @ da
        db_h += da.sum(0)
        dh_next = da @ W_hh.T
    return dW_xh, dW_hh, db_h, dh_next


def forward_difference(f, w, eps):
    base, gradient = f(w), []
    for i in range(w.size):
        nudged = w.flatten()
        nudged[i] += eps
        gradient.append((f(nudged.reshape(w.shape)) - base) / eps)
    return np.array(gradient).reshape(w.shape)


def never_put_back(f, w, eps):
    gradient = np.empty_like(w)
    for i in np.ndindex(*w.shape):
        w[i] += eps
        above = f(w)
        w[i] -= eps + eps
        below = f(w)
        gradient[i] = (above - below) / (2 * eps)
    return gradient


def probabilities_as_gradient(logits, ids):
    p = np.exp(logits - logits.max(1)[:, None])
    p /= p.sum(1)[:, None]
    return -np.mean(np.log(p[range(len(ids)), ids])), p / len(p)


def mean_loss_summed_gradient(logits, ids):
    e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    picked = np.array([row[k] for row, k in zip(p, ids, strict=True)])
    return -np.log(picked).sum() / len(ids), p - np.eye(p.shape[1])[ids]


def overflowing(logits, ids):
    p = np.exp(logits) / np.sum(np.exp(logits), axis=1)[:, None]
    y = np.eye(logits.shape[1])[ids]
    return np.mean(-np.log(np.sum(p * y, axis=1))), (p - y) / len(p)


def full_backpropagation(x, dh, h_0, W_xh, W_hh, b_h, k):
    h, _, cache = cells.rnn_forward(x, cells.RNNParams(W_xh, W_hh, b_h), h_0)
    return h, bptt.rnn_backward(dh, cache)[1].W_hh


def each_piece_from_h_0(x, dh, h_0, W_xh, W_hh, b_h, k):
    params, states, total = cells.RNNParams(W_xh, W_hh, b_h), [], 0
    for start in range(0, x.shape[1], k):
        part = slice(start, start + k)
        h, _, cache = cells.rnn_forward(x[:, part], params, h_0)
        total = total + bptt.rnn_backward(dh[:, part], cache)[1].W_hh
        states.append(h)
    return np.concatenate(states, axis=1), total


def slipped_by_one(x, horizon):
    forecast, target = x[: len(x) - horizon - 1], x[horizon + 1 :]
    return np.sqrt(((target - forecast) ** 2).sum() / len(target))


def rolled(x, horizon):
    errors = [x[t] - x[(t - horizon) % len(x)] for t in range(len(x))]
    return np.sqrt(np.mean(np.square(errors)))


def sees_the_truth(step, x, origin, length, n):
    forecasts, window = [], x[origin - length : origin]
    for i in range(n):
        forecasts.append(step(window))
        window = np.append(window[1:], x[origin + i])
    return forecasts


def same_window(step, x, origin, length, n):
    return [step(x[origin - length : origin]) for _ in range(n)]


def newest_in_front(step, x, origin, length, n):
    window, forecasts = list(x[origin - length : origin]), []
    for _ in range(n):
        window.insert(0, step(window))
        forecasts.append(window[0])
        window.pop()
    return forecasts


def scaled_on_everything(x, length, train):
    cut, z = int(len(x) * train), (x - np.mean(x)) / np.std(x)
    (X, y), (X_test, y_test) = (series.windows(part, length) for part in (z[:cut], z[cut:]))
    return X[..., 0], y[:, 0], X_test[..., 0], y_test[:, 0]


def windows_before_the_split(x, length, train):
    cut = int(len(x) * train)
    X, y = series.windows((x - x[:cut].mean()) / x[:cut].std(), length)
    return X[:cut, :, 0], y[:cut, 0], X[cut:, :, 0], y[cut:, 0]


def divided_by_all(x, horizon):
    return np.linalg.norm(x[horizon:] - x[:-horizon]) / len(x) ** 0.5


def from_the_first_values(step, x, origin, length, n):
    values = list(x[:length])
    for i in range(n):
        values.append(step(np.array(values[i:])))
    return values[length:]


def written_into_x(step, x, origin, length, n):
    x = np.array(x)
    for t in range(origin, origin + n):
        x[t] = step(x[t - length : t])
    return x[origin : origin + n]


def scaled_with_ddof_1(x, length, train):
    cut = int(len(x) * train)
    z = (x - np.mean(x[:cut])) / np.std(x[:cut], ddof=1)
    (X, y), (X_test, y_test) = (series.windows(part, length) for part in (z[:cut], z[cut:]))
    return X[..., 0], y[:, 0], X_test[..., 0], y_test[:, 0]


def shuffled_within_training(x, length, train):
    X, y, X_test, y_test = sheet_02.prepare(x, length, train)
    order = np.random.default_rng(0).permutation(len(X))
    return X[order], y[order], X_test, y_test


def last_state_before_the_first(dh, x, h_0, h, n, W_hh, leak):
    dW_xh, dW_hh, db_h, dh_next = np.zeros((x.shape[2], len(W_hh))), 0 * W_hh, 0 * W_hh[0], 0
    for t in reversed(range(x.shape[1])):
        dh_t = dh[:, t] + dh_next
        da = leak * dh_t * (1 - n[:, t] ** 2)
        dW_xh, dW_hh, db_h = dW_xh + x[:, t].T @ da, dW_hh + h[:, t - 1].T @ da, db_h + da.sum(0)
        dh_next = dh_t - leak * dh_t + da @ W_hh.T
    return dW_xh, dW_hh, db_h, dh_next


def same_array_twice(f, w, eps):
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        above = below = w
        above[i] += eps
        below[i] -= eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


def loss_after_the_subtraction(logits, ids):
    p = np.exp(logits - logits.max(axis=1)[:, None])
    p /= p.sum(axis=1)[:, None]
    p[np.arange(len(ids)), ids] -= 1
    return np.mean(-np.log(p[np.arange(len(ids)), ids])), p / len(p)


def one_maximum(logits, ids):
    e = np.exp(logits - logits.max())
    p = e / e.sum(axis=1)[:, None]
    y = np.eye(p.shape[1])[ids]
    return -np.mean(np.log((p * y).sum(axis=1))), (p - y) / len(p)


def h_0_in_front_of_each_piece(x, dh, h_0, W_xh, W_hh, b_h, k):
    params = cells.RNNParams(W_xh, W_hh, b_h)
    h, total = cells.rnn_forward(x, params, h_0)[0], 0
    for start in range(0, x.shape[1], k):
        states, back = h[:, start : start + k], 0
        for i in reversed(range(states.shape[1])):
            da = (dh[:, start + i] + back) * (1 - states[:, i] ** 2)
            total = total + (states[:, i - 1] if i else h_0).T @ da
            back = da @ W_hh.T
    return h, total


def weights(set_, reset, w_hh, b_h):
    return [[set_], [reset]], [[w_hh]], [b_h]


WRITTEN_DIFFERENTLY = {
    "02.1": [
        (([[3, 1, 4], [1, 4, 1], [4, 1, 5], [1, 5, 9], [5, 9, 2]], [1, 5, 9, 2, 6]), "horizon 1"),
        (([[3, 1, 4], [1, 4, 1], [4, 1, 5], [1, 5, 9]], (4, 1, 5, 9)), "target inside the window"),
        ((np.array([[3, 1, 4], [1, 4, 1], [4, 1, 5]]), [5, 9, 2]), "last window missing"),
        (([[3, 1], [1, 4], [4, 1], [1, 5], [5, 9], [9, 2]], [4, 1, 5, 9, 2, 6]), "windows of two"),
        ([([3, 1, 4], 5), ([1, 4, 1], 9), ([4, 1, 5], 2), ([1, 5, 9], 6)], "pairs"),
    ],
    "02.2": [
        (slipped_by_one, "one step too far"),
        (rolled, "rolled round the end"),
        (lambda x, horizon: np.abs(x[1:] - x[:-1]).dot(np.abs(x[1:] - x[:-1])) ** 0.5
         / (len(x) - 1) ** 0.5, "horizon ignored"),
        (divided_by_all, "divided by all"),
        (lambda x, horizon: (x[horizon:] - x[:-horizon]).std(), "standard deviation"),
        (lambda x, horizon: np.linalg.norm(x[horizon:] - x[:-horizon]), "mean forgotten"),
    ],
    "02.3": [
        ([0, 0.15], "a perfect model has no error"),
        (np.array([0.1, 0.141]), "the sine stands still"),
        ((0.1, 0.2), "noises added"),
        ((0.01, 0.022), "squared errors"),
        ((0.1, 0.145), "the move added"),
        ([0.109, 0.15], "the move in the floor"),
        ((0.07, 0.1), "a perfect model has no error"),
    ],
    "02.4": [
        (sees_the_truth, "fed with the truth"),
        (same_window, "window not moved"),
        (newest_in_front, "forecast put in front"),
        (from_the_first_values, "first values of the series"),
        (written_into_x, "written into a copy of x"),
    ],
    "02.5": [
        (scaled_on_everything, "scaled"),
        (windows_before_the_split, "across"),
        (lambda *args: sheet_02._prepared(*args, shuffled=True), "shuffled"),
        (scaled_with_ddof_1, "divided by n - 1"),
        (shuffled_within_training, "training shuffled"),
    ],
    "04.1": [
        ([0.6, 0.62, -0.896], "no tanh"),
        ((0.537, 0.8, -0.38), "no h_prev"),
        (np.array([0.54, 0.37, -0.68]), "h_prev outside the tanh"),
        ([-0.2, 0.85, -0.79], "started at 1"),
        ((0.562, 0.6, -0.653), "bias outside the tanh"),
    ],
    "04.2": [
        (forgot_h_prev, "state reset at each step"),
        (output_before_update, "stale output"),
        (zeros_for_h_0, "h_0 ignored"),
        (rows_as_steps, "loop over the batch"),
        (first_step_before_the_loop(again=True), "first step twice"),
        (first_step_before_the_loop(again=False), "first output missing"),
        (without_b_y, "no output bias"),
    ],
    "04.3": [
        (weights(5, -5, 0.8, 0), "gain too small"),
        (weights(2, -2, 3.0, 0), "input too weak"),
        (weights(2.4, -2.4, 2.0, 0), "input too weak"),  # larger than W_hh, and yet
        (weights(1.5, -1.5, 1.1, 0), "input too weak"),
        (weights(6, -2.4, 2.0, 0), "reset too weak"),
        (weights(9, 0, 2.0, 0), "reset with the wrong sign"),
        (weights(6, -6, -1.5, 0), "toggles"),
    ],
    "04.4": [
        (lambda T, D, H, K: [sum((D * H, H * H, H, H * K, K))] * 2, "one bias in both"),
        (lambda T, D, H, K: (H * (D + H + K), H * (D + H + K)), "no biases"),
        (lambda T, D, H, K: (T * H * (D + H + 1) + K * (H + 1), T * H * (D + H + 2) + K * (H + 1)),
         "times T"),
        (lambda T, D, H, K: (H * (D + H + 1) + K * (H + T), 0), ""),
        (lambda T, D, H, K: (H * (D + H + 1) + T * K * (H + 1), 0), "output times T"),
        (lambda T, D, H, K: (H * (D + H + K), H * (D + H + K + 2) + K), "no biases"),
    ],
    "04.5": [
        (linear_cell, "still linear"),
        (cell_that_returns_the_first_state, "initial state returned"),
        (lambda x, h_0, *w: (sheet_04._states(x, h_0, *w) * 0 + h_0[:, None], h_0), ""),
        (all_steps_from_h_0, "state reset at each step"),
        (bias_outside, "bias outside the tanh"),
    ],
    "05.1": [
        ([0.977, 0.442, 0.132, 0.300], "immediate derivative only"),
        ((1, 0.5, 0.25, 0.5 * 0.635 + 0.307 - 0.125), "no slope of the tanh"),
        (np.array([0.977, 0.442, 0.132, 0.581]), "initial state forgotten"),
        ((0.977, 0.906, 0.597, 0.58), "slopes alone"),
    ],
    "05.2": [
        (detached_backward, "nothing carried back"),
        (plain_cell_backward, "direct path forgotten"),
        (lambda dh, x, h_0, h, n, W_hh, leak: sheet_05.backward(dh, x, h_0, h, n, W_hh.T, leak),
         "W_hh not transposed"),
        (last_state_before_the_first, "h[:, -1] for h_0"),
        (lambda dh, *rest: (*sheet_05.backward(dh, *rest)[:3], dh[:, 0] * 0), "dh_0 zero"),
    ],
    "05.3": [
        (forward_difference, "one-sided difference"),
        (never_put_back, "array not restored"),
        (lambda f, w, eps: sheet_05.numeric_gradient(f, w, eps).reshape(-1), "flat"),
        (same_array_twice, "one array with two names"),
    ],
    "05.4": [
        (probabilities_as_gradient, "one-hot not subtracted"),
        (mean_loss_summed_gradient, "gradient not divided by N"),
        (overflowing, "overflow"),
        (loss_after_the_subtraction, "probabilities spoilt"),
        (one_maximum, "maximum of all logits"),
    ],
    "05.5": [
        (full_backpropagation, "error carried over the cut"),
        (each_piece_from_h_0, "reset"),
        (lambda *args: sheet_05._truncated(*args, drop=True, last=True), "last and drop"),
        (h_0_in_front_of_each_piece, "h_0 before every chunk in dW_hh"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("exercise", "attempt", "diagnosis"),
    [
        pytest.param(exercise, attempt, diagnosis, id=f"{exercise.id} {diagnosis or 'none'}")
        for exercise in CHECKED
        for attempt, diagnosis in WRITTEN_DIFFERENTLY.get(exercise.id, ())
    ],
)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    says = {item.name: item.says for item in exercise.misconceptions}
    verdict = mark(exercise, attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith(says[diagnosis]) if diagnosis else not verdict.diagnosis


@pytest.mark.parametrize("set_", [0.5, 1.6, 2.2, 2.5, 2.6, 4.0])
@pytest.mark.parametrize("w_hh", [0.9, 1.05, 1.2, 2.0, 3.0])
def test_what_the_latch_is_told_is_true_near_the_border_of_right_and_wrong(set_, w_hh):
    verdict = mark(grading.find("04.3"), weights(set_, -set_, w_hh, 0.0), 5.0)
    x, t = np.zeros((400, 2)), np.arange(400)
    x[[0, 100, 200, 201, 202], [0, 1, 0, 0, 1]] = 1
    h = sheet_04._latch(np.array([set_, -set_]), w_hh, 0.0, x)
    wanted = np.where((t < 100) | (t == 200) | (t == 201), 1.0, -1.0)
    assert (verdict.verdict == "right") == bool((h * wanted > 0.5).all())
    if "tanh(" in verdict.sentence and "it gives" in verdict.sentence:
        assert float(verdict.sentence.rsplit("= ", 1)[1]) <= 0.5


def test_the_latch_in_another_shape_is_told_which_one():
    for latch in (([6, -6], [[2]], [0]), ([[6, -6]], [[2]], [0]), ([[6], [-6]], 2, [0])):
        assert "the numbers make a latch, but W_" in mark(grading.find("04.3"), latch).sentence
    assert (
        mark(grading.find("04.3"), ([[6], [-6]], [[2]], ...)).sentence == "b_h (1,) is still `...`"
    )


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    here = {exercise.id for exercise in CHECKED if exercise.id[:2] not in ELSEWHERE}
    assert set(WRITTEN_DIFFERENTLY) == here
    assert min(map(len, WRITTEN_DIFFERENTLY.values())) >= 3


# ----------------------------------------------------------------------------- no answer at all


@by_id([exercise for exercise in VALUES if exercise.id not in ("04.3", "09.5", "13.3")])
def test_no_sentence_about_a_wrong_number_contains_the_right_one(exercise):
    for i in range(len(exercise.returns)):
        parts = [np.array(part, dtype=float) for part in exercise.reference]
        right, parts[i] = parts[i].flat[-1], parts[i] + 0.0321
        told = mark(exercise, parts).sentence
        shown = {str(np.round(parts[i].flat[0], 3)), f"{parts[i].flat[0]:.4g}"}  # 46.03, not 46.032
        assert any(number in told for number in shown) or "number is too large" in told
        assert f"{right:.2g}" not in re.findall(r"[\d.]+", told)


@by_id(FUNCTIONS)
def test_a_stub_is_not_attempted(exercise):
    def docstring_only(*args):
        """To be done."""

    def raises(*args):
        raise NotImplementedError

    for attempt in (None, ..., lambda *args: ..., lambda *args: None, docstring_only, raises):
        assert mark(exercise, attempt) == ("not attempted", "not attempted yet", "")


@by_id(VALUES)
def test_an_empty_value_is_not_attempted(exercise):
    for attempt in (None, ..., (..., ...), [..., ..., ...], {"answer": ...}):
        assert mark(exercise, attempt) == ("not attempted", "not attempted yet", "")


def boom(*args):
    raise RuntimeError("boom")


def endless(*args):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def recursive(*args):
    return recursive(*args)


def nan_like(exercise):
    """The reference's answer with every number replaced by NaN."""

    def attempt(*args):
        result = exercise.reference(*args)
        parts = result if isinstance(result, tuple) else (result,)
        parts = tuple(np.full(np.shape(part), np.nan) for part in parts)
        return parts if isinstance(result, tuple) else parts[0]

    return attempt


@by_id(FUNCTIONS)
def test_an_exception_is_told_with_its_line(exercise):
    sentence = mark(exercise, boom).sentence
    assert 'stopped with RuntimeError: boom in the line `raise RuntimeError("boom")`' in sentence


@by_id(FUNCTIONS)
def test_leaving_the_program_or_endless_recursion_gets_a_sentence(exercise):
    assert "SystemExit" in mark(exercise, lambda *args: sys.exit(), 5.0).sentence
    assert "calls itself without end" in mark(exercise, recursive, 5.0).sentence


@pytest.mark.skipif(not isolation.can_fork(), reason="this system cannot fork")
@by_id(FUNCTIONS)
def test_an_endless_loop_is_stopped(exercise):
    assert "no answer within the time limit" in mark(exercise, endless, 0.2).sentence


@by_id(FUNCTIONS)
def test_nan_is_called_by_its_name(exercise):
    verdict = mark(exercise, nan_like(exercise))
    assert verdict.verdict == "wrong"
    assert "NaN" in verdict.sentence


@by_id(FUNCTIONS)
@pytest.mark.parametrize(
    "returned",
    ["text", object(), {"a": 1}, np.zeros((2, 3, 4, 5)), np.zeros(0), [], 1j, (x for x in "abc")],
    ids=["text", "object", "dict", "four axes", "empty", "no items", "complex", "generator"],
)
def test_a_wrong_type_or_shape_gets_a_sentence_about_it(exercise, returned):
    verdict = mark(exercise, lambda *args: returned)
    assert verdict.verdict == "wrong"
    assert re.search(r"expected|got", verdict.sentence)


@by_id(FUNCTIONS)
def test_a_huge_answer_gets_a_sentence(exercise):
    for huge in (lambda *args: np.zeros(10**8), lambda *args: [0.0] * 10**6):
        verdict = mark(exercise, huge, 2.0)
        assert verdict.verdict == "wrong"
        assert "expected" in verdict.sentence


@by_id(CHECKED)
def test_handing_over_the_wrong_kind_of_thing_gets_a_sentence(exercise):
    wrong = 3.0 if exercise.kind == "function" else (lambda: 3.0)
    assert "expected" in mark(exercise, wrong).sentence


@by_id(VALUES)
def test_a_value_that_is_no_answer_gets_a_sentence(exercise):
    class Trap:
        def __array__(self, *args, **kwargs):
            raise KeyboardInterrupt

        def __repr__(self):
            raise SystemExit

    nan = np.nan * np.ones(2)
    for value in (3, "x", object(), Trap(), np.zeros((1000, 1000)), nan, [nan, nan, nan], {1: 2}):
        verdict = mark(exercise, value)
        assert verdict.verdict == "wrong"
        assert verdict.diagnosis == ""


# --------------------------------------------------------- the references and the package agree


def agree(ours, theirs):
    return answers.agree(answers.plain(ours), answers.plain(theirs), 1e-9)


def test_the_answer_sheets_and_the_package_compute_the_same_networks():
    rng = np.random.default_rng(4)
    _, (x, h_0, *params, W_hy, b_y) = sheet_04._network_cases(rng)[0]
    h, h_T, _ = cells.rnn_forward(x, cells.RNNParams(*params), h_0)
    assert agree(sheet_04.forward(x, h_0, *params, W_hy, b_y), (h @ W_hy + b_y, h_T))
    _, (x, dh, h_0, *params, k) = sheet_05._truncated_cases(rng)[-1]  # one piece
    h, _, cache = cells.rnn_forward(x, cells.RNNParams(*params), h_0)
    gradient = bptt.rnn_backward(dh, cache)[1].W_hh
    assert agree(sheet_05.truncated(x, dh, h_0, *params, k), (h, gradient))


def test_the_leaky_cells_gradients_are_those_of_finite_differences():
    rng = np.random.default_rng(5)
    B, T, D, H, leak = 3, 7, 4, 5, 0.4
    x, h_0, dh = rng.normal(size=(B, T, D)), rng.normal(size=(B, H)), rng.normal(size=(B, T, H))
    weights = [rng.normal(size=shape) for shape in ((D, H), (H, H), (H,))]
    h, n = sheet_05.leaky_forward(x, h_0, *weights, leak)
    derived = sheet_05.backward(dh, x, h_0, h, n, weights[1], leak)
    for i, array in enumerate([*weights, h_0]):

        def loss(value, i=i):
            arrays = [*weights, h_0]
            arrays[i] = value
            return np.sum(dh * sheet_05.leaky_forward(x, arrays[3], *arrays[:3], leak)[0])

        numeric = bptt.numeric_gradient(loss, array)
        assert bptt.relative_error(derived[i], numeric) < 1e-7


def test_the_windows_by_hand_are_those_of_the_package():
    X, y = series.windows(sheet_02.SERIES, sheet_02.LENGTH, sheet_02.HORIZON)
    assert agree(sheet_02._trace.reference, (X[..., 0], y[:, 0]))


# -------------------------------------------------------------- the pages and the sheets agree


@pytest.mark.parametrize("chapter", grading.chapters())
def test_a_chapter_has_six_exercises_an_application_four_and_at_most_two_are_open(chapter):
    sheet = grading.exercises(chapter)
    count, checked = (6, 4) if int(chapter) <= 18 else (4, 3)
    assert [exercise.id for exercise in sheet] == [f"{chapter}.{n + 1}" for n in range(count)]
    assert sum(exercise.kind != "open" for exercise in sheet) >= checked
    assert sheet[0].kind == "value"
    assert sheet[-1].kind == "open"


@by_id(ALL)
def test_an_exercise_says_what_it_is_and_gives_three_hints(exercise):
    assert exercise.stars in (1, 2, 3)
    assert 5 <= exercise.minutes <= 60
    assert exercise.statement.endswith(".")
    assert exercise.deepens
    assert len(set(exercise.hints)) == 3


@by_id(ALL)
def test_the_page_has_the_head_and_the_check_of_the_sheet(exercise):
    (page,) = (ROOT / "exercises").glob(f"{exercise.id[:2]}_*.md")
    text = page.read_text(encoding="utf-8")
    head = (
        f"## {exercise.id} {exercise.title}\n\n"
        f"{'★' * exercise.stars} · {exercise.minutes} minutes · deepens {exercise.deepens}\n\n"
        f"{exercise.statement}\n"
    )
    assert head in text
    assert text.count(f'check("{exercise.id}", ') == (exercise.kind != "open")


@by_id([exercise for exercise in ALL if '"' in exercise.deepens])
def test_the_claim_that_an_exercise_deepens_stands_in_its_chapter(exercise):
    (page,) = (ROOT / "chapters").glob(f"{exercise.id[:2]}_*.md")
    claim = re.fullmatch(r'the claim ("[^"]+")', exercise.deepens)[1]
    assert claim.replace("`", "") in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("chapter", grading.chapters())
def test_no_code_of_the_exercises_is_wider_than_the_page(chapter):
    (page,) = (ROOT / "exercises").glob(f"{chapter}_*.md")
    cells = re.findall(r"^```{code-cell}.*?\n(.*?)^```$", page.read_text("utf-8"), re.S | re.M)
    code = "\n".join(re.sub(r"\A---\n.*?^---\n", "", cell, flags=re.S | re.M) for cell in cells)
    assert not [line for line in code.split("\n") if len(line.replace("### STUB: ", "")) > 80]
