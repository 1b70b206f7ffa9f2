"""Chapter 14's checks on trial: wrong answers written in other ways get the same diagnosis."""

from collections import deque

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import grading
from rnncourse.grading import sheet_14

CHECKED = {exercise.id: exercise for exercise in grading.exercises("14") if exercise.kind != "open"}


# --- 14.2


def gradient_times_input(score, gradient, x, baseline, steps):
    mean = sum(gradient(baseline + (k + 0.5) / steps * (x - baseline)) for k in range(steps))
    a = (mean / steps * x).sum(1)
    return a, score(x) - score(baseline) - a.sum()


def plain_gradient_at_x(score, gradient, x, baseline, steps):
    a = ((x - baseline) * gradient(x)).sum(axis=1)
    return a, score(x) - score(baseline) - a.sum()


def trapezoid(score, gradient, x, baseline, steps):
    ends = [gradient(baseline + k / steps * (x - baseline)) for k in range(steps + 1)]
    mean = (sum(ends) - (ends[0] + ends[-1]) / 2) / steps
    a = ((x - baseline) * mean).sum(axis=1)
    return a, score(x) - score(baseline) - a.sum()


def both_ends_of_the_line(score, gradient, x, baseline, steps):
    total = 0
    for alpha in np.linspace(0.0, 1.0, steps):
        total = total + gradient(x * alpha + (1 - alpha) * baseline)
    a = (total / steps * (x - baseline)).sum(-1)
    return a, score(x) - score(baseline) - a.sum()


# --- 14.4


def control_by_place(h, y, window, coin, train):
    rows = np.hstack([h, np.ones((len(h), 1))])
    shares = []
    for labels in (y, np.resize(coin, len(y))):
        w = np.linalg.lstsq(rows[train], np.where(labels[train] > 0, 1.0, -1.0), rcond=None)[0]
        shares.append(np.mean((rows[~train] @ w > 0) == (labels[~train] > 0)))
    return (*shares, shares[0] - shares[1])


def scored_on_everything(h, y, window, coin, train):
    rows = np.hstack([h, np.ones((len(h), 1))])
    shares = []
    for labels in (y, coin[window]):
        w = np.linalg.lstsq(rows[train], np.where(labels[train] > 0, 1.0, -1.0), rcond=None)[0]
        shares.append(np.mean((rows @ w > 0) == (labels > 0)))
    return (*shares, shares[0] - shares[1])


def _fit_and_score(h, labels, fitted, scored, low=-1.0):
    rows = np.hstack([h, np.ones((len(h), 1))])
    w = np.linalg.lstsq(rows[fitted], np.where(labels[fitted] > 0, 1.0, low), rcond=None)[0]
    return np.mean((rows[scored] @ w > 0) == (labels[scored] > 0))


def fitted_on_everything(h, y, window, coin, train):
    a, b = (_fit_and_score(h, labels, train >= 0, ~train) for labels in (y, coin[window]))
    return a, b, a - b


def the_halves_exchanged(h, y, window, coin, train):
    a, b = (_fit_and_score(h, labels, ~train, train) for labels in (y, coin[window]))
    return a, b, a - b


def zeros_and_ones_as_targets(h, y, window, coin, train):
    a, b = (_fit_and_score(h, labels, train, ~train, low=0.0) for labels in (y, coin[window]))
    return a, b, a - b


def a_distance(h, y, window, coin, train):
    a, b = (_fit_and_score(h, labels, train, ~train) for labels in (y, coin[window]))
    return a, b, abs(a - b)


# --- 14.5


def layers_up_to_the_larger_size(a_step, a_accepts, b_step, b_accepts):
    pairs = {(0, 0)}
    for n in range(max(len(a_step), len(b_step)) + 1):
        if any(a_accepts[p] != b_accepts[q] for p, q in pairs):
            return n
        columns = range(a_step.shape[1])
        pairs = {(int(a_step[p, k]), int(b_step[q, k])) for p, q in pairs for k in columns}
    return -1


def _layers(a_step, a_accepts, b_step, b_accepts, columns, none):
    pairs, seen, n = {(0, 0)}, set(), 0
    while pairs:
        if any(a_accepts[p] != b_accepts[q] for p, q in pairs):
            return n
        seen |= pairs
        pairs = {(int(a_step[p, k]), int(b_step[q, k])) for p, q in pairs for k in columns} - seen
        n += 1
    return none


def zeros_and_ones_alone(a_step, a_accepts, b_step, b_accepts):
    return _layers(a_step, a_accepts, b_step, b_accepts, (0, 1), -1)


def nought_for_none(a_step, a_accepts, b_step, b_accepts):
    return _layers(a_step, a_accepts, b_step, b_accepts, range(a_step.shape[1]), 0)


def stack_for_queue(a_step, a_accepts, b_step, b_accepts):
    stack, seen = [((0, 0), 0)], set()
    while stack:
        (p, q), n = stack.pop()
        if a_accepts[p] != b_accepts[q]:
            return n
        seen.add((p, q))
        for k in range(a_step.shape[1]):
            after = int(a_step[p, k]), int(b_step[q, k])
            if after not in seen:
                stack.append((after, n + 1))
    return -1


def one_side_ticked_off(a_step, a_accepts, b_step, b_accepts):
    queue, seen = deque([(0, 0, 0)]), {0}
    while queue:
        p, q, n = queue.popleft()
        if a_accepts[p] != b_accepts[q]:
            return n
        for k in range(a_step.shape[1]):
            if int(a_step[p, k]) not in seen:
                seen.add(int(a_step[p, k]))
                queue.append((int(a_step[p, k]), int(b_step[q, k]), n + 1))
    return -1


def by_random_strings(a_step, a_accepts, b_step, b_accepts):
    rng = np.random.default_rng(0)
    for n in range(30):
        for _ in range(20):
            p = q = 0
            for k in rng.integers(0, a_step.shape[1], n):
                p, q = a_step[p, k], b_step[q, k]
            if a_accepts[p] != b_accepts[q]:
                return n
    return -1


WRONG = [
    ("14.2", gradient_times_input, "multiplied by x"),
    ("14.2", plain_gradient_at_x, "taken at x alone"),
    ("14.2", trapezoid, ""),
    ("14.2", both_ends_of_the_line, "ends included"),
    ("14.4", control_by_place, "a label for every *place*"),
    ("14.4", scored_on_everything, "scored on all places"),
    ("14.4", fitted_on_everything, "has seen the places"),
    ("14.4", the_halves_exchanged, "swapped"),
    ("14.4", zeros_and_ones_as_targets, "half way between 0 and 1"),
    ("14.4", a_distance, "keeps its sign"),
    ("14.5", stack_for_queue, ""),
    ("14.5", one_side_ticked_off, "*pairs*"),
    ("14.5", by_random_strings, ""),
    ("14.5", layers_up_to_the_larger_size, "P + Q - 2"),
    ("14.5", zeros_and_ones_alone, "more than two"),
    ("14.5", nought_for_none, "the answer is -1"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


def test_the_state_before_the_first_symbol_is_missed():
    verdict = mark(CHECKED["14.1"], (list(sheet_14.VISITED[1:]), 0, 2, 2))
    assert verdict.sentence == "visited: the state before the first symbol belongs to it"


@pytest.mark.parametrize("name", sheet_14.KINDS)
def test_a_kind_that_is_no_kind_is_refused(name):
    verdict = mark(CHECKED["14.3"], sheet_14._kinds_with(name, 2))
    assert verdict.sentence == f"{name}: yours is 2, which is none of the three kinds"


def test_the_kinds_are_what_the_eigenvalues_say():
    for name, J in sheet_14.JACOBIANS.items():
        grows = np.abs(np.linalg.eigvals(J)) > 1
        kind = 1 if grows.all() else 0 if grows.any() else -1
        assert kind == sheet_14.KINDS[name]
