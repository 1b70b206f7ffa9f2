"""Chapter 15's checks on trial: wrong answers written in other ways get the same diagnosis."""

import itertools

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import grading
from rnncourse.grading import engine, sheet_15

CHECKED = {exercise.id: exercise for exercise in grading.exercises("15") if exercise.kind != "open"}


def softmax(logits):
    q = np.exp(logits - logits.max(1, keepdims=True))
    return q / q.sum(1, keepdims=True)


# --- 15.2


def distances(q):
    return np.abs(-np.log(q) + (q * np.log(q)).sum(1, keepdims=True))


def removed_from_the_crossing_on(logits, p):
    """The mask of many a snippet, without its shift to the right."""
    q = softmax(logits)
    for row, order in zip(q, distances(q).argsort(1), strict=True):
        remove = np.cumsum(row[order]) > p
        remove[0] = False
        row[order[remove]] = 0
    return q / q.sum(1, keepdims=True)


def shifted_twice(logits, p):
    q = softmax(logits)
    for row, order in zip(q, distances(q).argsort(1), strict=True):
        remove = np.cumsum(row[order]) >= p
        remove[2:] = remove[:-2].copy()
        remove[:2] = False
        row[order[remove]] = 0
    return q / q.sum(1, keepdims=True)


def likeliest_first(logits, p):
    """The nucleus of the chapter."""
    q = softmax(logits)
    out = np.zeros_like(q)
    for b, order in enumerate(np.argsort(-q, axis=1)):
        n = np.searchsorted(np.cumsum(q[b, order]), p - 1e-9) + 1
        out[b, order[:n]] = q[b, order[:n]]
    return out / out.sum(1, keepdims=True)


def sign_of_the_distance_kept(logits, p):
    q = softmax(logits)
    out = np.zeros_like(q)
    distance = (-q * np.log(q)).sum(1, keepdims=True) + np.log(q)  # entropy minus surprise
    for b, order in enumerate(distance.argsort(1)):
        n = np.searchsorted(np.cumsum(q[b, order]), p - 1e-9) + 1
        out[b, order[:n]] = q[b, order[:n]]
    return out / out.sum(1, keepdims=True)


def mean_surprise(logits, p):
    q = softmax(logits)
    out = np.zeros_like(q)
    distance = np.abs(np.log(q) - np.log(q).mean(1, keepdims=True))
    for b, order in enumerate(distance.argsort(1)):
        n = np.searchsorted(np.cumsum(q[b, order]), p - 1e-9) + 1
        out[b, order[:n]] = q[b, order[:n]]
    return out / out.sum(1, keepdims=True)


def sum_forgotten(logits, p):
    q = softmax(logits)
    out = np.zeros_like(q)
    for b, order in enumerate(distances(q).argsort(1)):
        n = np.searchsorted(np.cumsum(q[b, order]), p - 1e-9) + 1
        out[b, order[:n]] = q[b, order[:n]]
    return out


def mask_in_sorted_places(logits, p):
    """The mask of the sorted row is laid over the row as it is numbered."""
    q = softmax(logits)
    ranked = np.take_along_axis(q, distances(q).argsort(1), 1)
    kept = q * (np.cumsum(ranked, 1) - ranked < p)
    return kept / kept.sum(1, keepdims=True)


def minus_nothing(logits, p):
    return softmax((sheet_15.typical(logits, p) > 0) * logits)


# --- 15.4


def fed_the_start_again(step, start, prompt, n):
    ids, log_p, token = [], 0, prompt[:, -1]
    for _ in range(n):
        q = softmax(step(token, start)[0])
        token = q.argmax(1)
        log_p = log_p + np.log(q.max(1))
        ids.append(token)
    return np.array(ids).T, log_p


def read_twice(step, start, prompt, n):
    state = start
    for t in range(prompt.shape[1]):
        logits, state = step(prompt[:, t], state)
    token, ids, log_p = prompt[:, -1], [], 0
    while len(ids) < n:
        logits, state = step(token, state)
        token = logits.argmax(1)
        log_p += np.log(softmax(logits).max(1))
        ids.append(token)
    return np.stack(ids, 1), log_p


def largest_logits(step, start, prompt, n):
    state = start
    for t in range(prompt.shape[1]):
        logits, state = step(prompt[:, t], state)
    ids, total = np.zeros((len(prompt), n)), np.zeros(len(prompt))
    for i in range(n):
        ids[:, i] = logits.argmax(1)
        total += logits.max(1)
        logits, state = step(ids[:, i].astype(int), state)
    return ids, total


def last_token_of_the_prompt_alone(step, start, prompt, n):
    return sheet_15.go_on(step, start, prompt[:, -1:], n)


def frozen_after_the_prompt(step, start, prompt, n):
    state, ids, total = start, [], 0
    for token in prompt[:, :-1].T:
        state = step(token, state)[1]
    token = prompt[:, -1]
    for _ in range(n):
        q = softmax(step(token, state)[0])
        token, total = q.argmax(1), total + np.log(q.max(1))
        ids.append(token)
    return np.stack(ids, 1), total


def frozen_and_in_logits(step, start, prompt, n):
    state, ids, total = start, [], 0
    for token in prompt[:, :-1].T:
        state = step(token, state)[1]
    token = prompt[:, -1]
    for _ in range(n):
        logits, _ = step(token, state)
        token, total = logits.argmax(1), total + logits.max(1)
        ids.append(token)
    return np.stack(ids, 1), total


def every_token_costs_once_more(step, start, prompt, n):
    ids, total = sheet_15.go_on(step, start, prompt, n)
    return ids, total / np.log(2)


def state_dropped_at_the_end(step, start, prompt, n):
    state = start
    for t in range(prompt.shape[1]):
        logits, state = step(prompt[:, t], state)
    ids, total = np.zeros((len(prompt), n), dtype=int), np.zeros(len(prompt))
    for i in range(n):
        q = softmax(logits)
        ids[:, i], total = q.argmax(1), total + np.log(q.max(1))
        logits = step(ids[:, i], state)[0]
    return ids, total


def state_dropped_at_the_end_and_logits(step, start, prompt, n):
    state = start
    for t in range(prompt.shape[1]):
        logits, state = step(prompt[:, t], state)
    ids, total = np.zeros((len(prompt), n), dtype=int), np.zeros(len(prompt))
    for i in range(n):
        ids[:, i], total = logits.argmax(1), total + logits.max(1)
        logits = step(ids[:, i], state)[0]
    return ids, total


def product_of_the_probabilities(step, start, prompt, n):
    state, product, ids = start, 1.0, []
    for t in range(prompt.shape[1]):
        logits, state = step(prompt[:, t], state)
    for _ in range(n):
        q = softmax(logits)
        product = product * q.max(1)
        ids.append(q.argmax(1))
        logits, state = step(ids[-1], state)
    return np.stack(ids, 1), product


def max_without_axis(step, start, prompt, n):
    state, total, ids = start, np.zeros(len(prompt)), []
    for t in range(prompt.shape[1]):
        logits, state = step(prompt[:, t], state)
    for _ in range(n):
        total += np.log(softmax(logits)).max()
        ids.append(logits.argmax(1))
        logits, state = step(ids[-1], state)
    return np.stack(ids, 1), total


# --- 15.5


def asked_too_late(logits, ids, pieces):
    q = softmax(logits)
    bits = -np.log2(q[np.arange(1, len(ids)), ids[1:]])
    return bits.sum() / len("".join(pieces[k] for k in ids[1:]).encode())


def every_row_asked_too_late(logits, ids, pieces):
    bits = -np.log2(softmax(logits)[np.arange(len(ids)), ids])
    return bits.sum() / len("".join(pieces[k] for k in ids[1:]).encode())


def mean_of_the_pieces(logits, ids, pieces):
    bits = -np.log2(softmax(logits)[np.arange(len(ids) - 1), ids[1:]])
    return np.mean(bits / np.maximum([len(pieces[k].encode()) for k in ids[1:]], 1))


def length_of_the_text(logits, ids, pieces):
    bits = -np.log2(softmax(logits)[np.arange(len(ids) - 1), ids[1:]])
    return bits.sum() / len("".join(pieces[k] for k in ids[1:]))


def whole_text(logits, ids, pieces):
    bits = -np.log2(softmax(logits)[np.arange(len(ids) - 1), ids[1:]])
    return bits.sum() / len("".join(pieces[k] for k in ids).encode())


def mean_cross_entropy(logits, ids, pieces):
    return -np.log2(softmax(logits)[np.arange(len(ids) - 1), ids[1:]]).mean()


def natural(logits, ids, pieces):
    nats = -np.log(softmax(logits)[np.arange(len(ids) - 1), ids[1:]])
    return nats.sum() / sum(len(pieces[k].encode()) for k in ids[1:])


def stripped(logits, ids, pieces):
    bits = -np.log2(softmax(logits)[np.arange(len(ids) - 1), ids[1:]])
    return bits.sum() / len("".join(pieces[k].strip() for k in ids[1:]).encode())


def without_the_end(logits, ids, pieces):
    bits = -np.log2(softmax(logits)[np.arange(len(ids) - 1), ids[1:]])
    bits = bits[[bool(pieces[k]) for k in ids[1:]]]
    return bits.sum() / len("".join(pieces[k] for k in ids[1:]).encode())


WRONG = [
    ("15.2", removed_from_the_crossing_on, "that carries the sum across p is dropped"),
    ("15.2", shifted_twice, "one token too many"),
    ("15.2", likeliest_first, "this is the nucleus"),
    ("15.2", sign_of_the_distance_kept, "the least likely tokens come first"),
    ("15.2", mean_surprise, "the plain mean of the surprises"),
    ("15.2", sum_forgotten, "do not sum to 1 any more"),
    ("15.2", mask_in_sorted_places, "laid over the tokens as they are numbered"),
    ("15.2", minus_nothing, "got the logit 0"),
    ("15.4", fed_the_start_again, "the state is set back to `start`"),
    ("15.4", read_twice, "still there: the last token of the prompt is read twice"),
    ("15.4", largest_logits, "still there: logits are added up"),
    ("15.4", last_token_of_the_prompt_alone, "only its last token is heard"),
    ("15.4", frozen_after_the_prompt, "still there: the new state is thrown away"),
    ("15.4", frozen_and_in_logits, "prompt but the one token before it; logits are added up"),
    ("15.4", every_token_costs_once_more, "in bits"),
    ("15.4", state_dropped_at_the_end, "still there: the new state is thrown away"),
    ("15.4", state_dropped_at_the_end_and_logits, "one token before it; logits are added up"),
    ("15.4", product_of_the_probabilities, "its logarithm is asked"),
    ("15.4", max_without_axis, ".max(axis=1)"),
    ("15.5", every_row_asked_too_late, "the last row of none"),
    ("15.5", mean_of_the_pieces, "the sum of all bits by the sum of all bytes"),
    ("15.5", asked_too_late, "row t speaks of token t + 1"),
    ("15.5", length_of_the_text, "this is per character"),
    ("15.5", whole_text, "the bytes of the first token are counted"),
    ("15.5", mean_cross_entropy, "this is per token"),
    ("15.5", natural, "these are nats"),
    ("15.5", stripped, "the spaces at the ends"),
    ("15.5", without_the_end, "tokens without text were left out"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


FUNCTIONS = [exercise for exercise in CHECKED.values() if exercise.kind == "function"]


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=[exercise.id for exercise in FUNCTIONS])
def test_the_inputs_tell_the_known_wrong_answers_apart_on_ten_draws(exercise):
    for seed in range(10):
        case = exercise.inputs(np.random.default_rng(seed))[0]
        attempts = [exercise.reference, *(item.attempt for item in exercise.misconceptions)]
        with np.errstate(all="ignore"):
            given = [sheet_15._flat(attempt(*case.args)) for attempt in attempts]
        pairs = itertools.combinations(given, 2)
        assert not any(sheet_15._alike(a, b) for a, b in pairs)


def test_the_three_roads_are_those_of_all_27_sequences():
    prices = {
        triple: sheet_15.FIRST[triple[0]]
        * sheet_15.AFTER[triple[0], triple[1]]
        * sheet_15.AFTER[triple[1], triple[2]]
        for triple in itertools.product(range(3), repeat=3)
    }
    best = max(prices, key=prices.get)
    assert best == (2, 2, 2)
    greedy, beam, *_ = CHECKED["15.1"].reference
    assert (prices[0, 1, 2], prices[1, 2, 2]) == pytest.approx((greedy, beam))
    assert prices[best] == pytest.approx(CHECKED["15.1"].reference[2])


def test_percent_for_probability_is_wrong():
    *three, _ = CHECKED["15.1"].reference
    assert mark(CHECKED["15.1"], (*three, 25.9)).sentence.startswith("drawn")


@pytest.mark.parametrize("name", list(sheet_15.COUNTS))
def test_a_count_that_no_list_foresaw_is_named(name):
    answer = sheet_15._counts_with(name, (3, 5, 7))
    assert f"{name}: for sure yours is 3" in engine.mark(CHECKED["15.3"], answer).sentence
