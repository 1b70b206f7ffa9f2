"""Chapter 10's checks on trial: wrong answers written in other ways get the same diagnosis."""

import math

import differently
import numpy as np
import pytest
import torch
from test_exercises import ROOT, mark

from rnncourse import bptt, cells, grading
from rnncourse.grading import sheet_10

CHECKED = [exercise for exercise in grading.exercises("10") if exercise.kind != "open"]
PAGE = next((ROOT / "exercises").glob("10_*.md")).read_text("utf-8")


# --- 10.2


def through_jacobians(r_way, z_way, n_way, keep):
    """dh_prev row by row, with the ways that are switched on."""

    def attempt(dh_t, h_prev, r, z, n, m, W_hh):
        H = W_hh.shape[0]
        W_r, W_z, W_n = W_hh[:, :H], W_hh[:, H : 2 * H], W_hh[:, 2 * H :]
        out = np.zeros_like(dh_t)
        for b, row in enumerate(dh_t):
            d_n = row * (1 - z[b]) * (1 - n[b] ** 2)
            if keep:
                out[b] += row * z[b]
            if n_way:
                out[b] += W_n @ (d_n * r[b])
            if r_way:
                out[b] += W_r @ (d_n * m[b] * r[b] * (1 - r[b]))
            if z_way:
                out[b] += W_z @ (row * (h_prev[b] - n[b]) * z[b] * (1 - z[b]))
        return out

    return attempt


def by_the_book_of_the_other_z(dh_t, h_prev, r, z, n, m, W_hh):
    da_n = dh_t * z * (1 - n * n)
    da_z = dh_t * (n - h_prev) * (z - z**2)
    da_r = da_n * m * (r - r**2)
    da = np.hstack([da_r, da_z, da_n * r])
    return dh_t * (1 - z) + np.einsum("bk,hk->bh", da, W_hh)


def blocks_in_keras_order(dh_t, h_prev, r, z, n, m, W_hh):
    W_z, W_r, W_n = np.split(W_hh, 3, axis=1)
    da_n = dh_t * (1 - z) * (1 - n**2)
    da_r, da_z = da_n * m * r * (1 - r), dh_t * (h_prev - n) * z * (1 - z)
    return dh_t * z + da_r @ W_r.T + da_z @ W_z.T + (da_n * r) @ W_n.T


def each_block_as_it_is(dh_t, h_prev, r, z, n, m, W_hh):
    W_r, W_z, W_n = np.split(W_hh, 3, axis=1)
    da_n = dh_t * (1 - z) * (1 - n**2)
    da_r, da_z = da_n * m * r * (1 - r), dh_t * (h_prev - n) * z * (1 - z)
    return dh_t * z + da_r @ W_r + da_z @ W_z + (da_n * r) @ W_n


def no_reset_on_the_way_back(dh_t, h_prev, r, z, n, m, W_hh):
    H = len(W_hh)
    da_n = (1 - z) * dh_t * (1 - n**2)
    dh = dh_t * z + da_n @ W_hh[:, 2 * H :].T
    dh += (da_n * m * r * (1 - r)) @ W_hh[:, :H].T
    return dh + (dh_t * (h_prev - n) * z * (1 - z)) @ W_hh[:, H : 2 * H].T


def as_if_the_reset_came_first(dh_t, h_prev, r, z, n, m, W_hh):
    da_n = (1 - z) * dh_t * (1 - n**2)
    da_z = dh_t * (h_prev - n) * z * (1 - z)
    da = np.concatenate([da_n * h_prev * r * (1 - r), da_z, r * da_n], axis=1)
    return dh_t * z + np.dot(da, W_hh.T)


def as_if_r_h_were_multiplied(dh_t, h_prev, r, z, n, m, W_hh):
    H = len(W_hh)
    d_n = dh_t * (1 - z) * (1 - n * n)
    d_rh = np.einsum("bk,hk->bh", d_n, W_hh[:, 2 * H :])
    gates = np.hstack([d_rh * h_prev * r * (1 - r), dh_t * (h_prev - n) * z * (1 - z)])
    return dh_t * z + r * d_rh + gates @ W_hh[:, : 2 * H].T


def own_share_of_the_new(dh_t, h_prev, r, z, *rest):
    right = sheet_10.state_gradient(dh_t, h_prev, r, z, *rest)
    return right + dh_t * (1 - 2 * z)


def last_block_as_it_is(dh_t, h_prev, r, z, n, m, W_hh):
    H = len(W_hh)
    d_n = dh_t * (1 - z) * (1 - n * n) * r
    right = sheet_10.state_gradient(dh_t, h_prev, r, z, n, m, W_hh)
    return right + d_n @ (W_hh[:, 2 * H :] - W_hh[:, 2 * H :].T)


# --- 10.3


def split_and_joined(first, second, third, b_h=None):
    """Blocks from a function of (z, r, n) each; b_h from b_x, zeros if None."""

    def attempt(W_xh, W_hh, b):
        turned = []
        for array in (W_xh, W_hh, b):
            blocks = np.array_split(array, 3, axis=array.ndim - 1)
            turned.append(np.concatenate([f(*blocks) for f in (first, second, third)], axis=-1))
        return *turned, np.zeros(b.shape) if b_h is None else b_h(turned[2])

    return attempt


def z_of(z, r, n):
    return z


def r_of(z, r, n):
    return r


def n_of(z, r, n):
    return n


def minus_z(z, r, n):
    return -1 * z


def matrices_alone(W_xh, W_hh, b):
    z, r, n = np.split(W_xh, 3, axis=1)
    u, v, w = np.split(W_hh, 3, axis=1)
    return np.hstack([r, -z, n]), np.hstack([v, -u, w]), b.copy(), np.zeros_like(b)


def kernel_alone(W_xh, W_hh, b):
    H = len(W_hh)
    columns = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    W_xh, W_hh, b = W_xh[:, columns], W_hh[:, columns], b[columns]
    W_xh[:, H : 2 * H] *= -1
    b[H : 2 * H] *= -1
    return W_xh, W_hh, b, 0 * b


def bias_of_n_to_the_state(W_xh, W_hh, b):
    W_xh, W_hh, b_x, b_h = split_and_joined(r_of, minus_z, n_of)(W_xh, W_hh, b)
    H = len(W_hh)
    b_h[2 * H :], b_x[2 * H :] = b_x[2 * H :].copy(), 0
    return [W_xh, W_hh, b_x, b_h]


def in_place(W_xh, W_hh, b):
    H = len(W_hh)
    for array in (W_xh, W_hh, b):
        array[..., :H] *= -1
    return split_and_joined(r_of, z_of, n_of)(W_xh, W_hh, b)


# --- 10.5


def best_runs_only(seeds_a, a, seeds_b, b):
    gains = np.array(sorted(b)[:5]) - np.array(sorted(a)[:5])
    return gains.mean(), gains.std(ddof=1) / 5**0.5


def all_sorted(seeds_a, a, seeds_b, b):
    n = min(len(a), len(b))
    gains = np.array(sorted(b)[:n]) - np.array(sorted(a)[:n])
    return gains.mean(), np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / n)


def zipped(seeds_a, a, seeds_b, b):
    gains = [loss_b - loss_a for loss_a, loss_b in zip(a, b, strict=False)]
    return np.mean(gains), np.std(gains, ddof=1) / math.sqrt(len(gains))


def with_dictionaries(change):
    """Matched by seed, and then one thing done differently."""

    def attempt(seeds_a, a, seeds_b, b):
        of_a, of_b = dict(zip(seeds_a, a, strict=True)), dict(zip(seeds_b, b, strict=True))
        shared = sorted(set(of_a) & set(of_b))
        return change(np.array([of_a[s] for s in shared]), np.array([of_b[s] for s in shared]))

    return attempt


def strangers(a, b):
    return np.mean(b - a), np.sqrt(a.std(ddof=1) ** 2 / len(a) + b.std(ddof=1) ** 2 / len(b))


def default_std(a, b):
    return (b - a).mean(), (b - a).std() / len(a) ** 0.5


def no_root(a, b):
    return (b - a).mean(), (b - a).std(ddof=1) / len(a)


def no_division(a, b):
    return (b - a).mean(), math.sqrt(sum((b - a - (b - a).mean()) ** 2) / (len(a) - 1))


def a_minus_b(a, b):
    return np.mean(a - b), np.std(a - b, ddof=1) / np.sqrt(len(a))


def five_at_the_root(a, b):
    return np.mean(b - a), np.std(b - a, ddof=1) / 5**0.5


def gain_and_t(a, b):
    gain, root = np.mean(b - a), len(a) ** 0.5
    return gain, gain * root / np.std(b - a, ddof=1)


def ratios(a, b):
    gains = np.log10(b / a)
    return gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))


def exponents(a, b):
    gains = np.log(b / a)
    return gains.mean(), gains.std(ddof=1) / np.sqrt(len(gains))


def masked(seeds_a, a, seeds_b, b):
    gains = b[[s in set(seeds_a) for s in seeds_b]] - a[[s in set(seeds_b) for s in seeds_a]]
    return np.mean(gains), np.std(gains, ddof=1) / np.sqrt(len(gains))


def two_means(seeds_a, a, seeds_b, b):
    _, error = sheet_10.paired(seeds_a, a, seeds_b, b)
    return sum(b) / len(b) - sum(a) / len(a), error


WRITTEN_DIFFERENTLY = {
    "10.1": [
        ([-0.213, -0.2, -0.2, 0.349], "z renews"),
        ((0.573, 0.349, -0.2, 0.349), "reset before the product"),
        (np.array([0.56, 0.127, 0.127, 0.349]), "nothing turned"),
        ([0.56, 0.127, -0.2, 0.127], "the product commutes"),
        ([0.56, 0.127, -0.127, 0.349], "state negated"),
        ([0.56, 0.127, -0.2, 0.1], ""),
        ([0.56, 0.2, -0.2, 0.349], ""),
    ],
    "10.2": [
        (through_jacobians(True, True, True, False), "direct way forgotten"),
        (through_jacobians(False, False, False, True), "direct way alone"),
        (through_jacobians(False, True, True, True), "way through r forgotten"),
        (through_jacobians(True, False, True, True), "way through z forgotten"),
        (through_jacobians(True, True, False, True), "way through n forgotten"),
        (through_jacobians(False, False, True, True), "gates taken for constants"),
        (by_the_book_of_the_other_z, "shares exchanged"),
        (blocks_in_keras_order, "blocks in another order"),
        (each_block_as_it_is, "blocks not transposed"),
        (no_reset_on_the_way_back, "reset forgotten on the way back"),
        (as_if_the_reset_came_first, "h_prev in the place of m"),
        (as_if_r_h_were_multiplied, "the other place of the reset"),
        (own_share_of_the_new, "direct way with 1 - z"),
        (last_block_as_it_is, "block n not transposed"),
        (lambda dh_t, *rest: 0.5 * sheet_10.state_gradient(dh_t, *rest), ""),
    ],
    "10.3": [
        (split_and_joined(z_of, r_of, n_of), "nothing but the biases"),
        (split_and_joined(r_of, z_of, n_of), "z not negated"),
        (split_and_joined(minus_z, r_of, n_of), "order not changed"),
        (split_and_joined(n_of, minus_z, r_of), "blocks n, z, r"),
        (split_and_joined(lambda z, r, n: -r, z_of, n_of), "r negated"),
        (split_and_joined(r_of, lambda z, r, n: 1 - z, n_of), "one minus the weights"),
        (split_and_joined(r_of, minus_z, n_of, np.copy), "bias twice"),
        (matrices_alone, "bias not exchanged"),
        (kernel_alone, "state's matrix not negated"),
        (bias_of_n_to_the_state, "bias of n inside the reset"),
        (lambda *args: [-part for part in split_and_joined(r_of, z_of, n_of)(*args)],
         "everything negated"),
        (in_place, ""),
    ],
    "10.4": [
        ([43, 128, 13, 40], "in proportion to the blocks"),
        ((42 + 2 / 3, 128, 13 + 1 / 3, 40), "in proportion to the blocks"),
        (np.array([42, 128, 13, 40]), "in proportion to the blocks"),
        ([37, 64, 12, 20], "by the square root"),
        ([36, 64, 11, 20], "by the square root"),
        ([32, 32, 10, 10], "same width"),
        ([38, 66, 13, 34], "one unit more"),
        ([37, 65, 12, 40], ""),
        ([37, 65, 12, 1], ""),
    ],
    "10.5": [
        (best_runs_only, "best five"),
        (all_sorted, "paired by rank"),
        (zipped, "paired by place"),
        (with_dictionaries(strangers), "error of two groups"),
        (with_dictionaries(default_std), "divided by n"),
        (with_dictionaries(no_root), "divided by the number"),
        (with_dictionaries(no_division), "spread for error"),
        (with_dictionaries(a_minus_b), "the other sign"),
        (with_dictionaries(five_at_the_root), "root of five"),
        (with_dictionaries(gain_and_t), "t for the error"),
        (with_dictionaries(ratios), "log10 of the losses"),
        (with_dictionaries(exponents), "log of the losses"),
        (masked, "shared seeds as they stand"),
        (two_means, "gain over all runs"),
    ],
}  # fmt: skip


@differently.by_diagnosis(CHECKED, WRITTEN_DIFFERENTLY)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    differently.assert_diagnosed(exercise, attempt, diagnosis)


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    differently.assert_three_each(CHECKED, WRITTEN_DIFFERENTLY)


def scope_of(start, end, **scope):
    """The names that a piece of the page defines."""
    begin = PAGE.index(start)
    exec(PAGE[begin : PAGE.index(end, begin)], scope)
    return scope


def test_the_unit_of_the_page_is_that_of_the_sheet_and_of_the_package():
    unit = scope_of("r, z = [0.75", "```")
    assert (tuple(unit["r"]), tuple(unit["z"]), tuple(unit["a"])) == (
        sheet_10.R,
        sheet_10.Z,
        sheet_10.A,
    )
    h_t = np.full((1, 1), unit["h_0"])
    before = h_t
    for r, z, a in zip(sheet_10.R, sheet_10.Z, sheet_10.A, strict=True):
        gates = [math.log(gate / (1 - gate)) for gate in (r, z)]
        params = cells.GRUParams(
            np.zeros((1, 3)),
            np.array([[0, 0, unit["W_hn"]]]),
            np.array([*gates, a]),
            np.array([0, 0, unit["b_hn"]]),
        )
        h_t = cells.gru_step(np.zeros((1, 1)), h_t, *params)
        x = np.zeros((1, 1, 1))
        before = cells.gru_forward(x, params, before, reset_after=False)[1]
    assert math.isclose(h_t.item(), sheet_10.H_2, rel_tol=1e-12)
    assert math.isclose(before.item(), sheet_10.BEFORE, rel_tol=1e-12)


def test_the_four_ways_back_are_those_of_backpropagation():
    rng = np.random.default_rng(10)
    B, D, H = 3, 4, 5
    params, x, h_prev = (
        cells.init_gru(D, H, rng),
        rng.normal(size=(B, 1, D)),
        rng.normal(size=(B, H)),
    )
    dh_t, cache = rng.normal(size=(B, H)), cells.gru_forward(x, params, h_prev)[2]
    n, r, z, m = np.moveaxis(cache.gates[0], 1, 0)
    expected = bptt.gru_backward(None, cache, dh_T=dh_t)[2]
    ours = sheet_10.state_gradient(dh_t, h_prev, r, z, n, m, params.W_hh)
    assert np.allclose(ours, expected, rtol=1e-10, atol=1e-12)


def test_the_translated_weights_give_the_other_books_states():
    rng = np.random.default_rng(10)
    page = scope_of("def their_step", "\n\nrng = ", np=np, cells=cells)
    for case in sheet_10._book_cases(rng):
        H = len(case.args[1])
        x_t, h_prev = rng.normal(size=(3, len(case.args[0]))), rng.normal(size=(3, H))
        theirs = page["their_step"](x_t, h_prev, *case.args)
        ours = cells.gru_step(x_t, h_prev, *sheet_10.to_ours(*case.args))
        assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_the_fair_widths_are_the_largest_that_pytorch_counts():
    def count(kind, D, H):
        return sum(w.numel() for w in getattr(torch.nn, kind)(D, H).parameters())

    assert count("LSTM", 1, 32) == count("LSTM", 100, 10) == sheet_10.BUDGET
    kinds = {1: "RNN", 3: "GRU"}
    for (blocks, D), H in zip(sheet_10.SETTINGS, sheet_10.WIDTHS, strict=True):
        assert count(kinds[blocks], D, H) <= sheet_10.BUDGET < count(kinds[blocks], D, H + 1)
        assert count(kinds[blocks], D, H) == sheet_10._numbers(blocks, D, H)


def test_the_broken_comparison_is_recognised_and_is_broken():
    rng = np.random.default_rng(10)
    broken = scope_of("def broken", "\n\ngain, error", np=np)["broken"]
    verdict = mark(grading.find("10.5"), broken, 5.0)
    assert verdict.diagnosis == "not a fault mended"
    for case in sheet_10._test_cases(rng):
        assert not np.allclose(broken(*case.args), sheet_10.paired(*case.args), rtol=0.01)


@pytest.mark.parametrize("answer", [[0.56, 0.13, -0.2, 0.349], [0.56, 0.127, -0.2, 0.3]])
def test_two_decimals_are_told_that_three_are_asked_for_and_a_wrong_number_is_not(answer):
    sentence = mark(grading.find("10.1"), answer, 5.0).sentence
    assert ("three decimals, please" in sentence) == (answer[1] == 0.13)


def test_arrays_negated_in_place_are_noticed():
    sentence = mark(grading.find("10.3"), in_place, 5.0).sentence
    assert "changes its argument" in sentence
