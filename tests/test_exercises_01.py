"""Wrong answers to the exercises of chapter 01, written in other ways than in the sheet."""

import numpy as np
import pytest
from test_exercises import mark

from rnncourse import grading

SAID = {e.id: {m.name: m.says for m in e.misconceptions} for e in grading.exercises("01")}


def shared_windows(values, length, share):
    end, z = int(share * len(values)), np.asarray(values)
    z = (z - z[:end].mean()) / z[:end].std()
    X = np.lib.stride_tricks.sliding_window_view(z, length)[:-1]
    n = int(share * len(X))
    return X[:n], z[length:][:n], X[n:], z[length:][n:]


def future_scaler(values, length, share):
    z, end = (values - np.mean(values)) / np.std(values), int(share * len(values))
    cut = np.lib.stride_tricks.sliding_window_view
    train, test = z[:end], z[end:]
    return cut(train, length)[:-1], train[length:], cut(test, length)[:-1], test[length:]


def zero_where_padded(x, mask):
    x = np.where(mask[:, :, None], x, 0)
    return np.mean(x, axis=1)


def mean_of_nonzero_steps(x, mask):
    kept = np.where(mask[:, :, None], x, 0.0)
    real = np.any(kept != 0, axis=2).sum(axis=1)
    return np.sum(kept, axis=1) / np.maximum(real, 1).reshape(-1, 1)


def next_values(values, length, horizon):
    starts = range(len(values) - length)
    X = [list(values[s : s + length]) for s in starts]
    return np.array(X), np.array([values[s + length] for s in starts])


def shuffled_afterwards(values, length, share):
    X, y, X_test, y_test = grading.find("01.5").reference(values, length, share)
    order = np.random.default_rng(0).permutation(len(y))
    return [X.take(order, axis=0), y.take(order), X_test, y_test]


def plain(x, mask):
    return np.einsum("btd->bd", x) / x.shape[1]


def over_everything(x, mask):
    return np.array([[x_b[m].mean()] * x.shape[2] for x_b, m in zip(x, mask, strict=True)])


def short_range(values, length, horizon):
    X, y = [], []
    for end in range(length, len(values) - horizon):
        X.append(values[end - length : end])
        y.append(values[end + horizon - 1])
    return np.array(X), np.array(y)


def peeking(values, length, horizon):
    X = np.lib.stride_tricks.sliding_window_view(values, length)[: len(values) - length]
    X = X[: len(values) - length - horizon + 2]
    return X, np.array([values[s + length + horizon - 2] for s in range(len(X))])


@pytest.mark.parametrize(
    ("exercise", "attempt", "name"),
    [
        ("01.1", [13, 24, 44], "counted from one"),
        ("01.1", (46, 24, 48.0), "length as an index"),
        ("01.2", short_range, "last window lost"),
        ("01.3", zero_where_padded, "divided by T"),
        ("01.2", next_values, "horizon ignored, windows too many"),
        ("01.3", plain, "mask forgotten"),
        ("01.3", mean_of_nonzero_steps, "zeros taken for padding"),
        ("01.4", np.array([8, 60, 54]), "both rings of the early pair"),
        ("01.4", [10, 62, 52], "late pair forgotten, early pair whole"),
        ("01.4", [12, 64, 50], "window as long as the gap"),
        ("01.5", shuffled_afterwards, "right, but shuffled"),
        ("01.5", shared_windows, "windows cut before the split"),
        ("01.5", future_scaler, "scaler still fitted on all"),
    ],
)
def test_a_mistake_written_differently_gets_the_same_diagnosis(exercise, attempt, name):
    verdict = mark(grading.find(exercise), attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert verdict.diagnosis == name
    assert SAID[exercise][name] in verdict.sentence


@pytest.mark.parametrize(
    ("exercise", "attempt"), [("01.2", peeking), ("01.3", over_everything), ("01.4", [9, 61, 54])]
)
def test_other_wrong_answers_are_wrong(exercise, attempt):
    assert mark(grading.find(exercise), attempt, 5.0).verdict == "wrong"
