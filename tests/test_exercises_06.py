"""Chapter 06's checks on trial: wrong answers written in other ways get the same diagnosis."""

import math

import differently
import numpy as np
from test_exercises import ROOT

from rnncourse import bptt, cells, grading, microscope
from rnncourse.data import agreement
from rnncourse.grading import sheet_06

CHECKED = [exercise for exercise in grading.exercises("06") if exercise.kind != "open"]


# --- 06.2


def linear_network(h, W_hh, v):
    power, norms = v, []
    for _ in range(h.shape[1]):
        norms.append(np.full(len(h), math.sqrt(power @ power)))
        power = W_hh @ power
    return np.transpose(norms)


def by_columns(h, W_hh, v):
    """As in papers that write states as columns: W_hh the wrong way round here."""
    norms = []
    for states in h:
        product, row = np.eye(len(v)), []
        for h_t in states[::-1]:
            row.append(np.linalg.norm(product @ v))
            product = W_hh.T @ np.diag(1 - h_t**2) @ product
        norms.append(row)
    return norms


def in_the_order_of_time(h, W_hh, v):
    B, T, H = h.shape
    dh = np.zeros((B, T, H))
    dh[:, -1] = v
    for t in range(T - 1, 0, -1):
        dh[:, t - 1] = (dh[:, t] * (1 - h[:, t] ** 2)) @ W_hh.T
    return np.linalg.norm(dh, axis=2)


def slope_of_the_target(h, W_hh, v):
    dh, out = np.repeat(v[None], len(h), 0), []
    for k in range(h.shape[1]):
        out.append((dh**2).sum(1) ** 0.5)
        dh = dh * (1 - np.square(h[:, -2 - k] if k + 2 <= h.shape[1] else h[:, -1])) @ W_hh.T
    return np.array(out).T


def relative(h, W_hh, v):
    return np.array(sheet_06.gradient_norms(h, W_hh, v)) / np.linalg.norm(v)


def one_number_a_lag(h, W_hh, v):
    dh, out = np.tile(v, (len(h), 1)), []
    for t in range(h.shape[1])[::-1]:
        out.append(np.sqrt(np.sum(dh**2)))
        dh = dh * (1 - h[:, t] * h[:, t]) @ W_hh.T
    return out


def product_of_norms(h, W_hh, v):
    out = []
    for states in h:
        size, row = np.linalg.norm(v), []
        for J in microscope.rnn_jacobians(states, W_hh)[::-1]:
            row.append(size)
            size *= np.linalg.norm(J, 2)
        out.append(row)
    return np.array(out)


def jacobians_times_column(h, W_hh, v):
    out = []
    for states in h:
        column, row = v, []
        for J in microscope.rnn_jacobians(states, W_hh)[::-1]:
            row.append(np.linalg.norm(column))
            column = J @ column
        out.append(row)
    return np.array(out)


def norms_as_columns(h, W_hh, v):
    dh, out = np.tile(v, (len(h), 1)), []
    for t in reversed(range(h.shape[1])):
        out.append(np.linalg.norm(dh, axis=1))
        dh = (dh * (1 - h[:, t] ** 2)) @ W_hh.T
    return np.array(out)


def stored_after_the_step(h, W_hh, v):
    dh, out = np.tile(v, (len(h), 1)), []
    for t in reversed(range(h.shape[1])):
        dh = (dh * (1 - h[:, t] ** 2)) @ W_hh.T
        out.append(np.linalg.norm(dh, axis=1))
    return np.stack(out, axis=1)


# --- 06.4


def pytorch_by_hand_one_at_a_time(weights, grads, lr, c):
    new = []
    for w, g in zip(weights, grads, strict=True):
        factor = c / (np.linalg.norm(g) + 1e-6)
        new.append(w - lr * (g * factor if factor < 1 else g))
    return new


def always_to_length_c(weights, grads, lr, c):
    total = math.sqrt(sum(float((g * g).sum()) for g in grads))
    return [w - lr * g / total * c for w, g in zip(weights, grads, strict=True)]


def half_mended(weights, grads, lr, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    new = []
    for w, g in zip(weights, grads, strict=True):
        if total > c:
            g *= c / total
        new.append(w - lr * g)
    return new


def writes_into_the_weights(weights, grads, lr, c):
    total = np.sqrt(sum((g**2).sum() for g in grads))
    for w, g in zip(weights, grads, strict=True):
        w -= lr * min(1, c / max(total, 1e-12)) * g
    return weights


def each_by_itself_if_the_whole_is_long(weights, grads, lr, c):
    g_W_xh, g_W_hh, g_b = (g * min(1.0, c / max(np.sqrt((g**2).sum()), 1e-9)) for g in grads)
    return weights[0] - lr * g_W_xh, weights[1] - lr * g_W_hh, weights[2] - lr * g_b


def entry_by_entry(weights, grads, lr, c):
    return [w - lr * np.minimum(np.maximum(g, -c), c) for w, g in zip(weights, grads, strict=True)]


def with_bptt(weights, grads, lr, c):
    return [w - lr * g for w, g in zip(weights, bptt.clip_by_value(list(grads), c), strict=True)]


def sum_of_lengths(weights, grads, lr, c):
    total = 0
    for g in grads:
        total += np.linalg.norm(g)
    scale = c / total if total > c else 1
    return [w - lr * scale * g for w, g in zip(weights, grads, strict=True)]


def clipped_after_the_learning_rate(weights, grads, lr, c):
    updates = [lr * g for g in grads]
    return [w - u for w, u in zip(weights, bptt.clip_by_norm(updates, c)[0], strict=True)]


# --- 06.5


def dictionary_of_words(rule):
    """Answers built sentence by sentence from lists of numbers, with one rule exchanged."""

    def attempt(ids, number, comma):
        says = [[], [], []]
        for row in ids.tolist():
            nouns = [int(number[i]) for i in row if number[i] != -1]
            start = row.index(comma) if comma in row else 0
            after = [int(number[i]) for i in row[start:] if number[i] != -1]
            plural = nouns.count(1)
            singular = nouns.count(0)
            decided = 0.5 if plural == singular else int(plural > singular)
            answers = {"last": nouns[-1], "majority": decided, "subject": after[0]}
            answers |= rule(row, number, nouns, after, answers)
            for place, name in enumerate(answers):
                says[place].append(answers[name])
        return tuple(map(np.array, says))

    return attempt


def words_before_the_verb(row, number, nouns, after, answers):
    return {"last": number[row[-1]]}


def more_or_less(row, number, nouns, after, answers):
    return {"majority": float(sum(nouns) > len(nouns) / 2)}


def at_least_half(row, number, nouns, after, answers):
    return {"majority": float(np.mean(nouns) >= 0.5)}


def rounded(row, number, nouns, after, answers):
    return {"majority": float(round(np.mean(nouns)))}  # Python rounds 0.5 to 0


def no_comma(row, number, nouns, after, answers):
    return {"subject": nouns[0]}


def share(row, number, nouns, after, answers):
    return {"majority": sum(nouns) / len(nouns)}


def last_of_all(row, number, nouns, after, answers):
    return {"subject": after[-1]}


def as_a_set(row, number, nouns, after, answers):
    kinds = [number[i] for i in set(row) if number[i] >= 0]
    lead = kinds.count(1) - kinds.count(0)
    return {"majority": 0.5 if lead == 0 else float(lead > 0)}


def first_is_last(row, number, nouns, after, answers):
    return {"last": nouns[0]}


WRITTEN_DIFFERENTLY = {
    "06.1": [
        ((-1.6, 2.56, -4.1, 4.1, 0.06), "slopes left out"),
        ([0.112, 0.087, 0.009, 4.096, 0.064], "weight left out"),
        (np.array([-0.179, -1.241, -0.166, 4.096, 0.064]), "factors of the single steps"),
        ([-0.179, -1.42, -1.586, 4.096, 0.064], "sum instead of product"),
        ([-1.241, 0.206, -0.247, 4.096, 0.064], "slope of the step before"),
        ([0.223, -0.037, 0.044, 6.55, 0.026], "one factor too many"),  # the first fault is told
        ([-0.179, 0.223, -0.037, 1.6, 0.4], "bound of one step"),
        ([-0.179, 0.223, -0.037, 1.911, 0.064], "largest slope seen"),
        ([-0.179, 0.223, -0.037, 0.01, 0.064], "bound below the value"),
        ([-0.179, 0.223, -0.037, 4.096, 4.096], "logistic as steep as tanh"),
        ([-0.179, 0.223, -0.037, 4.096, 1.024], "logistic slope once"),
        ([-0.15, 0.223, -0.037, 4.096, 0.064], ""),
    ],
    "06.2": [
        (linear_network, "no slope of the tanh"),
        (by_columns, "W_hh not transposed"),
        (in_the_order_of_time, "order reversed"),
        (slope_of_the_target, "slope of the step before"),
        (relative, "relative to lag 0"),
        (one_number_a_lag, "one norm for the batch"),
        (product_of_norms, "bound instead of value"),
        (norms_as_columns, "time first"),
        (jacobians_times_column, "Jacobians from the wrong side"),
        (stored_after_the_step, "one step too far back"),
        (lambda *args: np.log10(sheet_06.gradient_norms(*args)), "logarithms"),
        (lambda h, *rest: sheet_06._norms_by_jacobians(h[..., ::-1, :], *rest), "forwards in time"),
    ],
    "06.3": [
        (([-1, 1, 1, 1, 0, 1, 1], [-1, -1, 1, 1, 0, 0, -1]), "norm first, then radius"),
        (([-1, -1, 1, 1, 0, 0, -1], [-1, -1, 1, 1, 0, 0, -1]), "judged by the radius"),
        (np.array([[-1, 1, 1, 1, 0, 1, 1]] * 2), "judged by the norm"),
        (([-1, -1, -1, -1, 0, 0, -1], [-1, -1, -1, -1, 0, 0, -1]), "judged by the determinant"),
        (([-1, 1, 1, 1, 0, 1, 1], [-1, -1, 1, 1, 0, 1, -1]), ""),
        (([-1, 1, 1, 1, 0, 1, -1], [-1, -1, 1, 1, 0, 0, -1]), ""),
        (([-1, 1, 1, 1, 0, 1, -1], [0, 0, 0, 0, 0, 0, 0.5]), ""),
    ],
    "06.4": [
        (pytorch_by_hand_one_at_a_time, "each"),
        (each_by_itself_if_the_whole_is_long, "each"),
        (always_to_length_c, "always"),
        (half_mended, "place"),
        (writes_into_the_weights, "weights changed in place"),
        (entry_by_entry, "clipped by value"),
        (with_bptt, "clipped by value"),
        (sum_of_lengths, "lengths added"),
        (clipped_after_the_learning_rate, "update clipped"),
        (lambda w, g, lr, c: [a - lr * b for a, b in zip(w, g, strict=True)], "no clipping"),
    ],
    "06.5": [
        (dictionary_of_words(words_before_the_verb), "last word"),
        (dictionary_of_words(more_or_less), "a tie is singular"),
        (dictionary_of_words(rounded), "a tie is singular"),
        (dictionary_of_words(at_least_half), "a tie is plural"),
        (dictionary_of_words(no_comma), "first noun, comma or not"),
        (dictionary_of_words(share), "the share itself"),
        (dictionary_of_words(last_of_all), "last noun after the comma"),
        (dictionary_of_words(as_a_set), "each noun once"),
        (dictionary_of_words(first_is_last), "first noun for the last"),
    ],
}


@differently.by_diagnosis(CHECKED, WRITTEN_DIFFERENTLY)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    differently.assert_diagnosed(exercise, attempt, diagnosis)


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    differently.assert_three_each(CHECKED, WRITTEN_DIFFERENTLY)


def test_the_gradient_norms_are_those_of_backpropagation():
    rng = np.random.default_rng(6)
    B, T, D, H = 3, 7, 4, 5
    params, x, v = cells.init_rnn(D, H, rng), rng.normal(size=(B, T, D)), rng.normal(size=H)
    h, _, cache = cells.rnn_forward(x, params)
    norms = sheet_06.gradient_norms(h, params.W_hh, v)
    for k in range(1, T):
        later = cells.rnn_forward(x[:, T - k :], params, h[:, T - k - 1])[2]
        dh = bptt.rnn_backward(None, later, np.tile(v, (B, 1)))[2]
        assert np.allclose(norms[:, k], np.linalg.norm(dh, axis=1), rtol=1e-10, atol=0)


def test_the_clipped_step_is_that_of_the_package():
    rng = np.random.default_rng(6)
    for case in sheet_06._step_cases(rng):
        weights, grads, lr, c = case.args
        clipped, _ = bptt.clip_by_norm(grads, c)
        theirs = [w - lr * g for w, g in zip(weights, clipped, strict=True)]
        for a, b in zip(sheet_06.step(weights, grads, lr, c), theirs, strict=True):
            assert np.allclose(a, b, rtol=1e-12, atol=1e-12)


def test_the_readers_are_those_of_the_package_and_the_rule_is_never_wrong():
    some = agreement.sentences(300, np.random.default_rng(6))
    number = np.array([agreement.NUMBER.get(word, -1) for word in agreement.VOCABULARY])
    comma = agreement.VOCABULARY.index(agreement.COMMA)
    last, majority, subject = sheet_06.readers(some.ids(), number, comma)
    assert last.tolist() == [agreement.last_noun(words) for words in some.words]
    assert majority.tolist() == [agreement.majority(words) for words in some.words]
    assert np.array_equal(subject, some.plural)


def test_the_matrices_of_the_page_are_those_of_the_sheet():
    (path,) = (ROOT / "exercises").glob("06_*.md")
    page = path.read_text("utf-8")
    start = page.index("matrices = {")
    scope = {}
    exec(page[start : page.index("\n}\n", start) + 3], scope)
    assert scope["matrices"] == sheet_06.MATRICES
