"""Chapter 11's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import cells, grading
from rnncourse.grading import sheet_11

CHECKED = {exercise.id: exercise for exercise in grading.exercises("11") if exercise.kind != "open"}


# --- 11.2


def concatenated(x, layers, skip):
    below, last = x, []
    for params in layers:
        h, h_T, _ = cells.rnn_forward(below, params)
        below = below + h if skip else h
        last.append(h_T)
    return below, np.concatenate(last)


def by_steps_with_the_sum_as_state(x, layers, skip):
    h = [np.zeros(x[:, 0].shape) for _ in layers]
    top = []
    for t in range(x.shape[1]):
        below = x[:, t]
        for k, (W_xh, W_hh, b_h) in enumerate(layers):
            h[k] = np.tanh(below @ W_xh + h[k] @ W_hh + b_h) + (below if skip else 0)
            below = h[k]
        top.append(below)
    return np.stack(top, 1), np.stack(h)


def top_output_as_last_state(x, layers, skip):
    below, last = x, []
    for params in layers:
        h = cells.rnn_forward(below, params)[0]
        below = below + h if skip else h
        last.append(below[:, -1, :])
    return below, last


def all_from_the_input(x, layers, skip):
    states = [cells.rnn_forward(x, params)[0] for params in layers]
    out = states[-1]
    if skip:
        out = x.copy()
        for h in states:
            out = out + h
    return out, [h[:, -1] for h in states]


def added_at_the_end(x, layers, skip):
    h, last = x, []
    for params in layers:
        h = cells.rnn_forward(h, params)[0]
        last.append(h[:, -1])
    return (h + x if skip else h), last


# --- 11.4


def two_forward_readers(x, forward, backward):
    h_1, h_2 = (cells.rnn_forward(x, params)[0] for params in (forward, backward))
    h = np.concatenate([h_1, h_2], -1)
    return h, h[:, -1]


def unturned(x, forward, backward):
    h_1 = cells.rnn_forward(x, forward)[0]
    h_2 = cells.rnn_forward(x[:, ::-1, :], backward)[0]
    h = np.concatenate([h_1, h_2], -1)
    return h, h[:, -1]


def batch_turned_there_and_back(x, forward, backward):
    h_1 = cells.rnn_forward(x, forward)[0]
    h_2 = cells.rnn_forward(x[::-1], backward)[0][::-1]
    return np.concatenate([h_1, h_2], -1), np.concatenate([h_1[:, -1], h_2[:, 0]], -1)


def backward_half_first(x, forward, backward):
    h_1 = cells.rnn_forward(x, forward)[0]
    h_2 = cells.rnn_forward(x, backward, reverse=True)[0]
    return np.concatenate([h_2, h_1], -1), np.concatenate([h_2[:, 0], h_1[:, -1]], -1)


def turned_late(x, forward, backward):
    h_1, h_2 = (cells.rnn_forward(x, params)[0] for params in (forward, backward))
    h = np.concatenate([h_1, h_2[:, ::-1]], -1)
    return h, h[:, -1]


def features_turned(x, forward, backward):
    h_1 = cells.rnn_forward(x, forward)[0]
    h_2 = cells.rnn_forward(x[:, :, ::-1], backward)[0]
    return np.concatenate([h_1, h_2], -1), np.concatenate([h_1[:, -1], h_2[:, -1]], -1)


# --- 11.5


def by_zeroing_the_future(model, x):
    best, base = 0, model(x)
    for t in range(x.shape[1]):
        for s in range(t + 1, x.shape[1]):
            other = x.copy()
            other[:, s] = 0
            if not np.allclose(model(other)[:, t], base[:, t]):
                best = max(best, s - t)
    return best


def by_scaling(model, x):
    base, best = model(x), 0
    for s in range(x.shape[1]):
        other = x.copy()
        other[:, s] *= 1.5
        moved = np.flatnonzero(np.any(model(other) != base, axis=(0, 2)))
        best = max([best, *(s - moved)])
    return best


def all_or_nothing(model, x):
    return x.shape[1] - 1 if yes_or_no(model, x) else 0


def on_x_itself(model, x):
    base, best = model(x), 0
    for s in range(x.shape[1]):
        x[:, s] += 1.0
        moved = np.flatnonzero(np.any(model(x) != base, axis=(0, 2)))
        best = max([best, *(s - moved)])
    return best


def by_one_feature(model, x):
    base, best = model(x), 0
    for s in range(x.shape[1]):
        other = x.copy()
        other[0, s, 0] += 1.0
        moved = np.flatnonzero((model(other) != base)[0].any(axis=1))
        best = max([best, *(s - moved)])
    return best


def with_a_wide_margin(model, x):
    base, best = model(x), 0
    for s in range(x.shape[1]):
        other = x.copy()
        other[:, s] += 1.0
        moved = np.flatnonzero(np.abs(model(other) - base).max(axis=(0, 2)) > 0.01)
        best = max([best, *(s - moved)])
    return best


def yes_or_no(model, x):
    base = model(x)
    for s in range(1, x.shape[1]):
        other = x.copy()
        other[:, s] += 1
        if not np.array_equal(model(other)[:, :s], base[:, :s]):
            return True
    return False


def stops_at_the_first_silence(model, x):
    """Tries x_{t+1}, then x_{t+2} ..., and stops at the first that does nothing."""
    base, T = model(x), x.shape[1]
    for k in range(1, T):
        moved = False
        for t in range(T - k):
            other = x.copy()
            other[:, t + k] += 1
            moved |= bool(np.any(model(other)[:, t] != base[:, t]))
        if not moved:
            return k - 1
    return T - 1


WRONG = [
    ("11.2", concatenated, "(L, B, H)"),
    ("11.2", by_steps_with_the_sum_as_state, "also goes on to the *next step*"),
    ("11.2", top_output_as_last_state, "h_n is each layer's *state*"),
    ("11.2", all_from_the_input, "every layer reads x"),
    ("11.2", added_at_the_end, "round *each* layer"),
    ("11.4", two_forward_readers, "reads in the *forward* direction"),
    ("11.4", batch_turned_there_and_back, "reads in the *forward* direction"),
    ("11.4", backward_half_first, "the halves have changed places"),
    ("11.4", turned_late, "its input is not"),
    ("11.4", unturned, "in the order in which they were made"),
    ("11.4", features_turned, ""),
    ("11.5", by_zeroing_the_future, "set to zero or scaled"),
    ("11.5", by_scaling, "set to zero or scaled"),
    ("11.5", all_or_nothing, "T - 1 to every model"),
    ("11.5", on_x_itself, "nudge a copy"),
    ("11.5", by_one_feature, "another feature"),
    ("11.5", with_a_wide_margin, "faint look"),
    ("11.5", yes_or_no, "*whether* the model looks ahead"),
    ("11.5", stops_at_the_first_silence, ""),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


@pytest.mark.parametrize("name", sheet_11.MODELS)
def test_a_prediction_that_no_list_foresaw_names_the_model(name):
    verdict = mark(CHECKED["11.3"], sheet_11._reads_with(name, (4, 7)))
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith(f"model {name}, inputs 4 to 7")


def test_first_and_last_swapped_is_told():
    verdict = mark(CHECKED["11.3"], (sheet_11.LAST, sheet_11.FIRST))
    assert verdict.sentence == "model A: first and last are swapped"


def test_a_reading_of_other_numbers_is_wrong():
    forward, backward, summary = CHECKED["11.1"].reference
    verdict = mark(CHECKED["11.1"], (forward, np.add(backward, 0.5), summary))
    assert verdict.verdict == "wrong"
    assert "backward" in verdict.sentence


@pytest.mark.parametrize("summary", [(0, -1), (-1, -1), (-1, 0)])
def test_states_of_the_backward_cell_in_the_order_of_making_are_told_with_any_summary(summary):
    forward, made = sheet_11.FORWARD, sheet_11.BACKWARD[::-1]
    answer = (forward, made, (forward[summary[0]], made[::-1][summary[1]]))
    assert "turn them round" in mark(CHECKED["11.1"], answer).sentence


def test_inputs_counted_from_zero_are_told():
    answer = (np.subtract(sheet_11.FIRST, 1), np.subtract(sheet_11.LAST, 1))
    assert "counted from 1 to 10" in mark(CHECKED["11.3"], answer).sentence
