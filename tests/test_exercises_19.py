"""Chapter 19's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support
from test_exercises import mark

from rnncourse import attention, batching, grading
from rnncourse.grading import sheet_19

CHECKED = {exercise.id: exercise for exercise in grading.exercises("19") if exercise.kind != "open"}


def softmax(scores, axis=-1):
    shares = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return shares / np.sum(shares, axis=axis, keepdims=True)


def scored(h, W_hq):
    return np.einsum("bth,hk->bkt", h, W_hq) / h.shape[2] ** 0.5


def said(alpha, h, W_hy):
    shares = np.einsum("bkt,bth,hk->bkt", alpha, h, W_hy)
    return shares.sum(2), shares


# --- 19.2


def mask_not_used(h, mask, W_hq, W_hy):
    return said(softmax(scored(h, W_hq)), h, W_hy)


def wiped_afterwards(h, mask, W_hq, W_hy):
    alpha = softmax(scored(h, W_hq))
    alpha[~np.repeat(mask[:, None], alpha.shape[1], axis=1)] = 0
    return said(alpha, h, W_hy)


def wiped_in_the_end(h, mask, W_hq, W_hy):
    shares = said(softmax(scored(h, W_hq)), h, W_hy)[1] * mask[:, None, :]
    return np.sum(shares, axis=2), shares


def classes_compete(h, mask, W_hq, W_hy):
    scores = h @ W_hq / np.sqrt(h.shape[-1])
    shares = softmax(scores, axis=-1) * (h @ W_hy) * mask[..., None]
    return shares.sum(axis=1), shares.swapaxes(1, 2)


def texts_compete(h, mask, W_hq, W_hy):
    scores = np.where(mask[..., None], h @ W_hq / np.sqrt(h.shape[-1]), -1e9)
    shares = softmax(scores, axis=0) * (h @ W_hy)
    return shares.sum(axis=1), shares.swapaxes(1, 2)


def without_the_root(h, mask, W_hq, W_hy):
    scores = np.einsum("bth,hk->bkt", h, W_hq) + np.where(mask, 0, -np.inf)[:, None]
    return said(softmax(scores), h, W_hy)


def small_number_for_padding(h, mask, W_hq, W_hy):
    return said(softmax(np.where(mask[:, None], scored(h, W_hq), 0)), h, W_hy)


def mean_over_real_words(h, mask, W_hq, W_hy):
    each = np.where(mask[..., None], h @ W_hy, 0) / mask.sum(1)[:, None, None]
    return batching.mean_real(h, mask) @ W_hy, each.swapaxes(1, 2)


def weights_handed_back(h, mask, W_hq, W_hy):
    alpha = softmax(np.where(mask[:, None], scored(h, W_hq), -np.inf))
    return said(alpha, h, W_hy)[0], alpha


def exponentials_as_they_are(h, mask, W_hq, W_hy):
    e = np.where(mask[:, None], np.exp(scored(h, W_hq)), 0)
    return said(e / e.sum(-1)[..., None], h, W_hy)


def shares_with_the_words_first(h, mask, W_hq, W_hy):
    logits, shares = sheet_19.look(h, mask, W_hq, W_hy)
    return logits, shares.swapaxes(1, 2)


# --- 19.3


def dealt_groups(group, source, order, share):
    test = np.zeros(len(source), dtype=bool)
    for s in order:
        if test.mean() < share:
            test[np.isin(group, group[source == s])] = True
    return test


def one_text_moves(source, twins, order, share):
    group = source.copy()
    for i, j in twins:
        group[i] = group[j]
    test = np.zeros(len(source), dtype=bool)
    walk = [g for s in order for g in group[source == s]]
    for g in dict.fromkeys(walk):
        if test.mean() < share:
            test |= group == g
    return test


def sorted_groups(source, twins, order, share):
    group, test = source.copy(), np.zeros(len(source), dtype=bool)
    for i, j in twins:
        group[group == group[i]] = group[j]
    for g in sorted(set(group.tolist())):
        if test.sum() < share * len(test):
            test[group == g] = True
    return test


def counted_in_groups(source, twins, order, share):
    group = source.copy()
    for i, j in twins:
        group[group == group[i]] = group[j]
    walk = list(dict.fromkeys(group[np.argmax(source == s)] for s in order))
    return np.isin(group, walk[: round(share * len(walk))])


def no_twins(source, twins, order, share):
    return dealt_groups(source, source, order, share)


def joined_by_source(source, twins, order, share):
    group = source.copy()
    for i, j in twins:
        group[source == source[i]] = source[j]
    return dealt_groups(group, source, order, share)


def training_rows(source, twins, order, share):
    return np.logical_not(sheet_19.split(source, twins, order, share))


def backwards(source, twins, order, share):
    group = source.copy()
    for i, j in twins:
        group[group == group[i]] = group[j]
    test = np.zeros(len(source), dtype=bool)
    for g in list(dict.fromkeys(group[np.argmax(source == s)] for s in order))[::-1]:
        if test.mean() < share:
            test |= group == g
    return test


def at_random(source, twins, order, share):
    rows = np.random.default_rng(0).permutation(len(source))
    return rows < share * len(source)


def numbers_of_the_texts(source, twins, order, share):
    return np.flatnonzero(sheet_19.split(source, twins, order, share))


WRONG = [
    ("19.2", mask_not_used, "the mask is not used"),
    ("19.2", wiped_afterwards, "wiped after the softmax"),
    ("19.2", wiped_in_the_end, "wiped after the softmax"),
    ("19.2", classes_compete, "over the classes"),
    ("19.2", texts_compete, "over the batch"),
    ("19.2", without_the_root, "not divided by the root of H"),
    ("19.2", small_number_for_padding, "e to the power 0 is 1"),
    ("19.2", mean_over_real_words, "the queries are not used"),
    ("19.2", weights_handed_back, "you hand back the weights"),
    ("19.2", exponentials_as_they_are, "overflow"),
    ("19.2", shares_with_the_words_first, "another order"),
    ("19.3", one_text_moves, "the rest of its source stays"),
    ("19.3", sorted_groups, "`order` is not used"),
    ("19.3", counted_in_groups, "counted in groups"),
    ("19.3", no_twins, "`twins` is not used"),
    ("19.3", joined_by_source, "a twin's twin"),
    ("19.3", training_rows, "this is the training part"),
    ("19.3", backwards, "from its end"),
    ("19.3", at_random, ""),
    ("19.3", numbers_of_the_texts, "expected shape"),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # an attempt may overflow
@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


@pytest.mark.parametrize("name", sheet_19.PARTS)
def test_a_number_that_nobody_foresaw_is_named_by_its_part(name):
    place = list(sheet_19.PARTS).index(name)
    answer = list(sheet_19.RIGHT)
    answer[place] = 0.7919
    verdict = mark(CHECKED["19.1"], answer)
    assert verdict.sentence == f"{name}: yours is 0.792, which is not right"
    assert "not percent" in mark(CHECKED["19.1"], [37.5, *answer[1:]]).sentence


@pytest.mark.parametrize(
    ("threshold", "right"), [(0.401, True), (0.44, True), (0.46, False), (0.3, False), (1.0, False)]
)
def test_any_threshold_between_two_texts_does_as_well_as_the_text_itself(threshold, right):
    verdict = mark(CHECKED["19.1"], (*sheet_19.RIGHT[:-1], threshold))
    assert (verdict.verdict == "right") == right
    assert right or verdict.sentence.startswith("cheapest")


def test_the_numbers_by_hand_are_those_of_scikit_learn():
    for called, names in (
        (sheet_19.P >= 0.4, ("precision", "recall", "f1", "macro", "")),
        (sheet_19.P > 1, ("", "", "", "never_macro", "never_accuracy")),
    ):
        parts = precision_recall_fscore_support(
            sheet_19.COMPLAINT, called, average=None, zero_division=0
        )
        theirs = (*(part[1] for part in parts[:3]), parts[2].mean())
        theirs += (np.mean(called == sheet_19.COMPLAINT),)
        for name, value in zip(names, theirs, strict=True):
            assert not name or abs(sheet_19.PARTS[name][0] - value) < 1e-12


def test_no_threshold_costs_less_than_the_right_one():
    y, p = sheet_19.COMPLAINT, sheet_19.P
    costs = [sheet_19.MISSED * np.sum(y & (p < t)) + np.sum(~y & (p >= t)) for t in [1, *p]]
    assert [1, *p][int(np.argmin(costs))] == sheet_19.RIGHT[-1]
    assert np.sum(np.array(costs) == min(costs)) == 1


def test_the_looks_of_the_classes_are_those_of_the_packages_attention():
    rng = np.random.default_rng(3)
    for case in sheet_19._look_cases(rng):
        h, mask, W_hq, W_hy = case.args
        B, _, H = h.shape
        q = np.broadcast_to(W_hq.T, (B, W_hq.shape[1], H))
        context, alpha = attention.attend(q, h, h, mask[:, None])
        logits, shares = sheet_19.look(*case.args)
        np.testing.assert_allclose(np.einsum("bkh,hk->bk", context, W_hy), logits)
        np.testing.assert_allclose(alpha * np.swapaxes(h @ W_hy, 1, 2), shares, atol=1e-12)
        np.testing.assert_allclose(shares.sum(axis=-1), logits)


def test_no_source_and_no_pair_of_twins_stands_on_both_sides():
    rng = np.random.default_rng(4)
    for _ in range(50):
        source, twins, order, share = sheet_19._draw_split(rng, 60, 20, 8, 0.25)
        test = sheet_19.split(source, twins, order, share)
        assert all(test[i] == test[j] for i, j in twins)
        assert all(len(set(test[source == s])) == 1 for s in range(20))
        assert test[source == order[0]].all()
        assert test.mean() >= share
