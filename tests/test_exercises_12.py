"""Chapter 12's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import grading
from rnncourse.grading import sheet_12

CHECKED = {exercise.id: exercise for exercise in grading.exercises("12") if exercise.kind != "open"}


# --- 12.2


def mask_forgotten(x, mask):
    flat = x.reshape(-1, x.shape[2])
    return ((flat - np.mean(flat, 0)) / np.std(flat, 0)).reshape(x.shape)


def zeros_after_the_statistics(x, mask):
    z = (x - x.mean((0, 1))) / x.std((0, 1))
    z[~mask] = 0
    return z


def loop_over_sequences(x, mask):
    z = np.zeros(x.shape)
    for b in range(len(x)):
        n = mask[b].sum()
        z[b, :n] = (x[b, :n] - x[b, :n].mean(0)) / x[b, :n].std(0)
    return z


def nan_statistics_left_in_the_padding(x, mask):
    hidden = np.where(mask[..., None], x, np.nan)
    return (x - np.nanmean(hidden, (0, 1))) / np.nanstd(hidden, (0, 1))


def statistics_of_zeroed_rectangle(x, mask):
    x = x * mask[..., None]
    flat = x.reshape(-1, x.shape[-1])
    return np.where(mask[..., None], (x - flat.mean(0)) / flat.std(0), 0)


def one_less(x, mask):
    z, real = np.zeros_like(x), x[mask]
    z[mask] = (real - real.mean(0)) / np.sqrt(((real - real.mean(0)) ** 2).sum(0) / (len(real) - 1))
    return z


# --- 12.4


def sorted_labels_but_sorted_predictions(answer, sequences, y, B):
    order = sorted(range(len(y)), key=lambda k: len(sequences[k]))
    said = np.concatenate([
        answer([sequences[k] for k in order[i : i + B]]) for i in range(0, len(y), B)
    ])  # fmt: skip
    return said, np.mean(said == y[order])


def mean_of_the_batches(answer, sequences, y, B):
    order = sorted(range(len(y)), key=lambda k: len(sequences[k]))
    predictions, shares = np.zeros(len(y)), []
    for i in range(0, len(y), B):
        rows = order[i : i + B]
        predictions[rows] = answer([sequences[k] for k in rows])
        shares.append((predictions[rows] == y[rows]).mean())
    return predictions, np.mean(shares)


def full_batches_only(answer, sequences, y, B):
    order = np.array(sorted(range(len(y)), key=lambda k: len(sequences[k])))
    predictions, right, seen = np.zeros(len(y)), 0, 0
    for k in range(len(y) // B):
        rows = order[k * B : (k + 1) * B]
        predictions[rows] = answer([sequences[j] for j in rows])
        right, seen = right + sum(predictions[rows] == y[rows]), seen + B
    return predictions, right / max(seen, 1)


def last_batch_left_at_zero(answer, sequences, y, B):
    order = np.argsort([len(row) for row in sequences], kind="stable")
    predictions = np.zeros(len(y))
    for i in range(0, len(y) - B + 1, B):
        rows = order[i : i + B]
        predictions[rows] = answer([sequences[k] for k in rows])
    return predictions, np.mean(predictions == y)


def hits_over_everybody(answer, sequences, y, B):
    order = np.argsort([len(row) for row in sequences], kind="stable")
    predictions, hits = np.zeros(len(y)), 0
    for k in range(len(y) // B):
        rows = order[k * B : (k + 1) * B]
        predictions[rows] = answer([sequences[j] for j in rows])
        hits += np.sum(predictions[rows] == y[rows])
    return predictions, hits / len(y)


# --- 12.5


def one_number_a_sequence(answer, sequences):
    together = answer(sequences)
    return np.mean([np.abs(answer([s])[0] - t).max() for s, t in zip(sequences, together,
                                                                     strict=True)])  # fmt: skip


def against_the_first_row(answer, sequences):
    together = answer(sequences)
    return max(np.abs(answer([s])[0] - together[0]).max() for s in sequences)


def downwards_only(answer, sequences):
    together = answer(sequences)
    return max((answer([s])[0] - t).max() for s, t in zip(sequences, together, strict=True))


def shuffled_company(answer, sequences):
    order = np.random.default_rng(0).permutation(len(sequences))
    mixed = np.asarray(answer([sequences[k] for k in order]))
    return np.abs(mixed - np.asarray(answer(sequences))[order]).max()


def alone_against_all(answer, sequences):
    together = answer(sequences)
    return np.max([np.abs(answer([s]) - together).max() for s in sequences])


def padded_to_the_width(answer, sequences):
    width = max(len(s) for s in sequences)
    wide = [np.vstack([s, np.zeros((width - len(s), s.shape[1]))]) for s in sequences]
    alone = np.concatenate([answer([s]) for s in wide])
    return np.abs(alone - answer(sequences)).max()


def first_column(answer, sequences):
    alone = np.array([answer([s])[0, 0] for s in sequences])
    return np.abs(alone - answer(sequences)[:, 0]).max()


WRONG = [
    ("12.2", mask_forgotten, "the mask is not used"),
    ("12.2", zeros_after_the_statistics, "padded steps are in the mean"),
    ("12.2", loop_over_sequences, "each sequence has a mean and a deviation of its own"),
    ("12.2", nan_statistics_left_in_the_padding, "padding must stay zero"),
    ("12.2", statistics_of_zeroed_rectangle, "padding was set to 0 and then counted"),
    ("12.2", one_less, "divided by n - 1"),
    ("12.4", sorted_labels_but_sorted_predictions, "in the order of the sorted lengths"),
    ("12.4", mean_of_the_batches, "a mean of the batches' shares"),
    ("12.4", full_batches_only, "the last batch is dropped"),
    ("12.4", last_batch_left_at_zero, "still there: the last batch is dropped"),
    ("12.4", hits_over_everybody, "still there: the last batch is dropped"),
    ("12.5", one_number_a_sequence, ""),
    ("12.5", against_the_first_row, ""),
    ("12.5", downwards_only, ""),
    ("12.5", alone_against_all, "compared with *all* rows"),
    ("12.5", padded_to_the_width, "padded to the width of the batch"),
    ("12.5", first_column, "only the first output"),
    ("12.5", shuffled_company, "in another order"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


@pytest.mark.parametrize("place", range(5))
def test_a_count_that_no_list_foresaw_is_named(place):
    numbers = list(CHECKED["12.3"].reference)
    numbers[place] += 7
    verdict = mark(CHECKED["12.3"], numbers)
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith(list(sheet_12.STEPS)[place])


def test_percent_for_share_is_wrong():
    *means, _ = CHECKED["12.1"].reference
    assert mark(CHECKED["12.1"], (*means, 41.7)).sentence.startswith("wasted")
