"""Chapter 17's checks on trial: wrong answers written in other ways get the same diagnosis."""

import math

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import attention, grading
from rnncourse.grading import sheet_17

CHECKED = {exercise.id: exercise for exercise in grading.exercises("17") if exercise.kind != "open"}


def softmax(scores, axis=-1):
    shares = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return shares / np.sum(shares, axis=axis, keepdims=True)


def bilinear(q, k, W):
    return np.einsum("bth,hd,bsd->bts", q, W, k)


# --- 17.2


def root_left_out(q, k, v, W, mask):
    scores = bilinear(q, k, W) + np.where(mask, 0, -np.inf)[:, None]
    alpha = softmax(scores)
    return np.einsum("bts,bse->bte", alpha, v), alpha


def root_of_the_queries(q, k, v, W, mask):
    scores = bilinear(q, k, W) / q.shape[2] ** 0.5
    scores[np.repeat(~mask[:, None], q.shape[1], axis=1)] = -np.inf
    alpha = softmax(scores)
    return alpha @ v, alpha


def root_of_the_source(q, k, v, W, mask):
    B, S, D = k.shape
    alpha = softmax(np.where(mask[:, None], bilinear(q, k, W) / S**0.5, -1e30))
    return alpha @ v, alpha


def shared_out_by_the_keys(q, k, v, W, mask):
    scores = np.where(mask[:, None], bilinear(q, k, W) / math.sqrt(k.shape[2]), -1e12)
    alpha = np.exp(scores - scores.max(1)[:, None])
    alpha = alpha / alpha.sum(1)[:, None]
    return alpha @ v, alpha


def wiped_afterwards(q, k, v, W, mask):
    alpha = softmax(bilinear(q, k, W) / k.shape[-1] ** 0.5)
    alpha[np.broadcast_to(~mask[:, None], alpha.shape)] = 0
    return alpha @ v, alpha


def wiped_and_shared_out(q, k, v, W, mask):
    alpha = softmax(bilinear(q, k, W) / k.shape[-1] ** 0.5)
    alpha = np.where(mask[:, None], alpha, 0)
    alpha /= alpha.sum(-1)[..., None]
    return alpha @ v, alpha


def tiny_number_for_a_large_one(q, k, v, W, mask):
    scores = bilinear(q, k, W) / k.shape[-1] ** 0.5
    alpha = softmax(np.where(mask[:, None], scores, -1e-9))
    return alpha @ v, alpha


def padding_zeroed_in_the_keys(q, k, v, W, mask):
    scores = bilinear(q, k * mask[..., None], W) / k.shape[-1] ** 0.5
    alpha = softmax(scores)
    return alpha @ v, alpha


def product_with_the_mask(q, k, v, W, mask):
    """exp(scores) times the mask, over its sum: right for small scores."""
    shares = np.exp(bilinear(q, k, W) / k.shape[-1] ** 0.5) * mask[:, None]
    alpha = shares / shares.sum(-1, keepdims=True)
    return np.matmul(alpha, v), alpha


def maximum_of_the_batch(q, k, v, W, mask):
    scores = np.where(mask[:, None], bilinear(q, k, W) / k.shape[-1] ** 0.5, -np.inf)
    shares = np.exp(scores - scores.max())
    alpha = shares / shares.sum(2)[..., None]
    return alpha @ v, alpha


def padding_alone(q, k, v, W, mask):
    scores = bilinear(q, k, W) / k.shape[-1] ** 0.5
    scores = np.ma.masked_array(scores, np.broadcast_to(mask[:, None], scores.shape))
    alpha = softmax(scores.filled(-np.inf))
    return alpha @ v, alpha


def far_enough_it_seems(q, k, v, W, mask):
    scores = bilinear(q, k, W) / math.sqrt(k.shape[-1])
    scores[~np.repeat(mask[:, None], q.shape[1], axis=1)] = -100
    alpha = softmax(scores)
    return alpha @ v, alpha


def a_hundred_taken_off(q, k, v, W, mask):
    alpha = softmax(bilinear(q, k, W) / k.shape[2] ** 0.5 + (mask[:, None] - 1) * 100)
    return alpha @ v, alpha


def mask_as_numbers(q, k, v, W, mask):
    alpha = softmax(bilinear(q, k, W) / k.shape[2] ** 0.5 + mask.astype(float)[:, None])
    return alpha @ v, alpha


def zero_times_infinity(q, k, v, W, mask):
    alpha = softmax(bilinear(q, k, W) / k.shape[2] ** 0.5 - (1 - mask[:, None]) * np.inf)
    return alpha @ v, alpha


# --- 17.4


def joined(q, k, W_q, W_k):
    return (q @ W_q)[:, :, None, :] + (k @ W_k)[:, None, :, :]


def no_tanh(q, k, W_q, W_k, v, mask):
    scores = (q @ W_q @ v)[:, :, None] + (k @ W_k @ v)[:, None, :]
    return softmax(scores + np.where(mask, 0, -1e9)[:, None])


def keys_by_themselves(q, k, W_q, W_k, v, mask):
    """The query is left out altogether, which is what a score without the tanh amounts to."""
    scores = np.where(mask, k @ W_k @ v, -np.inf)
    return np.repeat(softmax(scores)[:, None], q.shape[1], axis=1)


def tanh_twice_apart(q, k, W_q, W_k, v, mask):
    scores = (np.tanh(q @ W_q) @ v)[..., None] + (np.tanh(k @ W_k) @ v)[:, None]
    return softmax(np.where(mask[:, None], scores, -1e9))


def tanh_too_late(q, k, W_q, W_k, v, mask):
    return softmax(np.where(mask[:, None], np.tanh(joined(q, k, W_q, W_k) @ v), -1e9))


def over_the_queries(q, k, W_q, W_k, v, mask):
    scores = np.where(mask[:, None], np.tanh(joined(q, k, W_q, W_k)) @ v, -1e9)
    return softmax(scores, axis=1)


def over_the_queries_without_tanh(q, k, W_q, W_k, v, mask):
    return softmax(np.where(mask[:, None], joined(q, k, W_q, W_k) @ v, 0.0), axis=1)


def padding_at_zero(q, k, W_q, W_k, v, mask):
    return softmax(np.tanh(joined(q, k, W_q, W_k)) @ v * mask[:, None])


def everything_at_zero_and_no_tanh(q, k, W_q, W_k, v, mask):
    return softmax(joined(q, k, W_q, W_k) @ v * mask[:, None])


def times_instead_of_plus(q, k, W_q, W_k, v, mask):
    scores = np.einsum("bth,bsh,h->bts", q @ W_q, k @ W_k, v)
    return softmax(np.where(mask[:, None], scores, -1e9))


def summed_units(q, k, W_q, W_k, v, mask):
    return softmax(np.where(mask[:, None], np.tanh(joined(q, k, W_q, W_k)).sum(-1), -np.inf))


def maximum_left_over_the_queries(q, k, W_q, W_k, v, mask):
    """What is mended first: the sum alone."""
    scores = np.where(mask[:, None], np.tanh(joined(q, k, W_q, W_k)) @ v, -np.inf)
    alpha = np.exp(scores - scores.max(axis=1, keepdims=True))
    return alpha / alpha.sum(axis=-1, keepdims=True)


def maximum_left_and_a_large_number(q, k, W_q, W_k, v, mask):
    scores = np.where(mask[:, None], np.tanh(joined(q, k, W_q, W_k)) @ v, -1e9)
    alpha = np.exp(scores - scores.max(axis=1, keepdims=True))
    return alpha / alpha.sum(axis=-1, keepdims=True)


def sum_left_over_the_queries(q, k, W_q, W_k, v, mask):
    scores = np.where(mask[:, None], np.tanh(joined(q, k, W_q, W_k)) @ v, -np.inf)
    alpha = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return alpha / alpha.sum(axis=1, keepdims=True)


def sum_alone_mended(q, k, W_q, W_k, v, mask):
    """The broken one with the axis of its last line mended, and nothing else."""
    scores = np.where(mask[:, None], joined(q, k, W_q, W_k) @ v, 0.0)
    alpha = np.exp(scores - scores.max(axis=1, keepdims=True))
    return alpha / alpha.sum(axis=-1, keepdims=True)


def tanh_of_what_comes_in(q, k, W_q, W_k, v, mask):
    scores = joined(np.tanh(q), np.tanh(k), W_q, W_k) @ v
    return softmax(np.where(mask[:, None], scores, -np.inf))


# --- 17.5


def counted(alpha, links, mask, wanted, of):
    hit, straight = alpha.argmax(2) == links, links == np.arange(links.shape[1])
    cover = np.einsum("nts,nt->ns", alpha, mask)
    return (hit & wanted).sum() / of.sum(), (straight & wanted).sum() / of.sum(), cover


def out_of_all_real_steps(alpha, links, mask):
    return counted(alpha, links, mask, links >= 0, mask)


def out_of_everything(alpha, links, mask):
    return np.mean(alpha.argmax(-1) == links), np.mean(links == np.arange(links.shape[1])), (
        alpha * mask[:, :, None]).sum(1)  # fmt: skip


def pair_by_pair(alpha, links, mask):
    each = [
        sheet_17.pointing(alpha[i : i + 1], links[i : i + 1], mask[i : i + 1])
        for i in range(len(links))
    ]
    return np.mean([e[0] for e in each]), np.mean([e[1] for e in each]), [e[2][0] for e in each]


def weight_at_the_link(alpha, links, mask):
    n, t = np.nonzero(links >= 0)
    _, diagonal, cover = sheet_17.pointing(alpha, links, mask)
    return alpha[n, t, links[n, t]].mean(), diagonal, cover


def every_row_covers(alpha, links, mask):
    precision, diagonal, _ = sheet_17.pointing(alpha, links, mask)
    return precision, diagonal, np.einsum("nts->ns", alpha)


def mean_over_real_steps(alpha, links, mask):
    precision, diagonal, cover = sheet_17.pointing(alpha, links, mask)
    return precision, diagonal, [row / m.sum() for row, m in zip(cover, mask, strict=True)]


def one_behind(alpha, links, mask):
    precision, _, cover = sheet_17.pointing(alpha, links, mask)
    linked = links >= 0
    return precision, (np.arange(1, links.shape[1] + 1) == links)[linked].mean(), cover


def row_after(alpha, links, mask):
    _, diagonal, cover = sheet_17.pointing(alpha, links, mask)
    rows = np.concatenate([alpha[:, 1:], alpha[:, -1:]], axis=1)
    return (rows.argmax(-1) == links)[links >= 0].mean(), diagonal, cover


def first_word_lost(alpha, links, mask):
    linked = links > 0
    straight = np.arange(links.shape[1]) == links
    _, _, cover = sheet_17.pointing(alpha, links, mask)
    return (alpha.argmax(-1) == links)[linked].mean(), straight[linked].mean(), cover


def sum_over_the_source(alpha, links, mask):
    precision, diagonal, _ = sheet_17.pointing(alpha, links, mask)
    return precision, diagonal, alpha.sum(-1) * mask


WRONG = [
    ("17.2", root_left_out, "not divided by √D"),
    ("17.2", root_of_the_queries, "the root of the queries' width"),
    ("17.2", root_of_the_source, "the root of the *number* of keys"),
    ("17.2", shared_out_by_the_keys, "the softmax runs over the queries"),
    ("17.2", wiped_afterwards, "set to 0 after the softmax"),
    ("17.2", wiped_and_shared_out, "take the padding out before"),
    ("17.2", tiny_number_for_a_large_one, "padding has the score 0 here"),
    ("17.2", padding_zeroed_in_the_keys, "padding has the score 0 here"),
    ("17.2", product_with_the_mask, "until the exponential overflows"),
    ("17.2", maximum_of_the_batch, "one maximum is taken off *all* scores"),
    ("17.2", padding_alone, "the mask is turned over"),
    ("17.2", far_enough_it_seems, "a number this small can be beaten"),
    ("17.2", a_hundred_taken_off, "a number this small can be beaten"),
    ("17.2", mask_as_numbers, "True counts as 1"),
    ("17.2", zero_times_infinity, "the mask is multiplied with infinity"),
    ("17.4", maximum_left_over_the_queries, "still there: the maximum runs over the queries"),
    ("17.4", maximum_left_and_a_large_number, "still there: the maximum runs over the queries"),
    ("17.4", sum_left_over_the_queries, "still there: the sum runs over the queries"),
    ("17.4", sum_alone_mended, "still there: the maximum runs over the queries"),
    ("17.4", tanh_of_what_comes_in, "before their matrices"),
    ("17.4", no_tanh, "without the tanh"),
    ("17.4", keys_by_themselves, "without the tanh"),
    ("17.4", tanh_twice_apart, "leaves a sum of the two"),
    ("17.4", tanh_too_late, "the tanh is taken of the score"),
    ("17.4", over_the_queries, "the softmax runs over the queries"),
    ("17.4", over_the_queries_without_tanh, "and without the tanh"),
    ("17.4", padding_at_zero, "still there: padding has the score 0"),
    ("17.4", everything_at_zero_and_no_tanh, "and without the tanh"),
    ("17.4", times_instead_of_plus, "expected"),
    ("17.4", summed_units, "v is missing"),
    ("17.5", out_of_all_real_steps, "steps without a link count as misses"),
    ("17.5", out_of_everything, "divided by *all* steps"),
    ("17.5", pair_by_pair, "mean over the pairs"),
    ("17.5", weight_at_the_link, "the mean weight on the true link"),
    ("17.5", every_row_covers, "padded steps of the target"),
    ("17.5", mean_over_real_steps, "this is a mean over the steps"),
    ("17.5", one_behind, "one place off"),
    ("17.5", row_after, "one row further on"),
    ("17.5", first_word_lost, "links to place 0 are left out"),
    ("17.5", sum_over_the_source, "sum over the *target* steps"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


@pytest.mark.parametrize("place", range(4))
def test_a_row_that_no_list_foresaw_is_named(place):
    rows = [list(row) for row in CHECKED["17.1"].reference]
    rows[place][1] += 0.3
    sentence = mark(CHECKED["17.1"], rows).sentence
    assert sentence.startswith(list(sheet_17.TRACE)[place])
    assert "which is not right" in sentence


@pytest.mark.parametrize("letter", range(9))
@pytest.mark.parametrize("row", [0, 1])
def test_every_wrong_prediction_gets_a_sentence_about_its_letter(row, letter):
    rows = [list(part) for part in CHECKED["17.3"].reference]
    for value in {-1, 0, 1} - {rows[row][letter]}:
        wrong = [part[:] for part in rows]
        wrong[row][letter] = value
        sentence = mark(CHECKED["17.3"], wrong).sentence
        assert f", {'ABCDEFGHI'[letter]}: " in sentence


# ------------------------------------------------ the references and the package say the same


def test_the_answers_are_those_of_the_package():
    rng = np.random.default_rng(17)
    for case in CHECKED["17.2"].inputs(rng):
        q, k, v, W, mask = case.args
        scores = attention.dot_scores(q @ W, k)
        alpha = attention.masked_softmax(scores, mask[:, None])
        np.testing.assert_allclose(sheet_17.attend(q, k, v, W, mask)[1], alpha, atol=1e-12)
    for case in CHECKED["17.4"].inputs(rng):
        *arrays, mask = case.args
        alpha = attention.masked_softmax(attention.additive_scores(*arrays), mask[:, None])
        np.testing.assert_allclose(sheet_17.additive_weights(*case.args), alpha, atol=1e-12)


def test_without_the_tanh_every_query_has_the_same_weights():
    for case in CHECKED["17.4"].inputs(np.random.default_rng(4)):
        alpha = no_tanh(*case.args)
        assert np.ptp(alpha, axis=1).max() < 1e-12
        assert np.ptp(sheet_17.additive_weights(*case.args), axis=1).max() > 1e-3
