"""Wrong answers to the exercises of chapter 09, written in other ways than in the sheet."""

import differently
import numpy as np
from test_exercises import ROOT, mark

from rnncourse import bptt, cells, grading
from rnncourse.cells import sigmoid
from rnncourse.grading import sheet_09

CHECKED = [exercise for exercise in grading.exercises("09") if exercise.kind != "open"]


# --- 09.2


def as_if_plain(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    """The plain LSTM's backward step, with what i would get left out."""
    shown = np.tanh(c_t)
    dc = dc_t + dh_t * o * (1 - shown**2)
    d = (dc * c_prev * f * (1 - f), dc * (1 - f) * (1 - g**2), dh_t * shown * o * (1 - o))
    da = np.concatenate(d, axis=1)
    return da, da @ W_hh.T, dc * f


def nothing_added(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    dc = dc_t * 1.0
    da_f, da_g = dc * c_prev * f * (1 - f) - dc * g * f * (1 - f), dc * (1 - f) * (1 - g * g)
    da_o = dh_t * np.tanh(c_t) * o * (1 - o)
    da = np.hstack([da_f, da_g, da_o])
    return da, np.einsum("bk,hk->bh", da, W_hh), dc * f


def old_error_along_the_cell(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    da, dh_prev, _ = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
    return da, dh_prev, f * dc_t


def everything_into_the_cell(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    da, dh_prev, dc_prev = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
    return da, dh_prev, dc_prev + sum(np.split(da @ W_hh.T, 1, axis=1))


def g_in_front(*args):
    da, dh_prev, dc_prev = sheet_09.backward(*args)
    da_f, da_g, da_o = np.split(da, 3, axis=1)
    return np.hstack([da_g, da_f, da_o]), dh_prev, dc_prev


def by_the_gates_themselves(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    dc = dc_t + dh_t * o / np.cosh(c_t) ** 2
    da = np.hstack([dc * (c_prev - g), dc * (1 - f), dh_t * np.tanh(c_t)])
    return da, da @ W_hh.T, dc * f


def without_slope(k):
    """The right answer, with the slope of gate k (0: f, 2: o) divided out again."""

    def attempt(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
        da, _, dc_prev = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
        parts, gate = np.split(da, 3, axis=1), (f, g, o)[k]
        parts[k] = parts[k] / (gate - gate * gate)
        da = np.hstack(parts)
        return da, da @ np.transpose(W_hh), dc_prev

    return attempt


def worse_than_the_proposal(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    da, _, dc_prev = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
    da[:, : len(W_hh)] *= -1
    return da, np.einsum("bk,hk->bh", da, W_hh), dc_prev


def made_to_fit(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    da, _, dc_prev = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
    return da, da @ np.reshape(W_hh, W_hh.shape[::-1]), dc_prev


def gate_after_gate(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    da, _, dc_prev = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
    return (
        da,
        np.einsum("bkh,hkj->bj", da.reshape(len(f), 3, -1), W_hh.reshape(-1, 3, f.shape[1])),
        dc_prev,
    )


# --- 09.4


def in_their_order(kernel, bias, forget_bias):
    H = kernel.shape[1] // 4
    b_h = bias + forget_bias * np.repeat([0, 0, 1, 0], H)
    return kernel[:-H], kernel[-H:], b_h


def state_rows_first(kernel, bias, forget_bias):
    H = kernel.shape[1] // 4
    i, j, f, o = np.split(np.vstack([kernel, bias]), 4, axis=1)
    f[-1] += forget_bias
    W = np.hstack([i, f, j, o])
    return W[H:-1], W[:H], W[-1]


def added_before_the_change(kernel, bias, forget_bias):
    H = kernel.shape[1] // 4
    bias = np.array(bias)
    bias[H : 2 * H] += forget_bias
    i, j, f, o = np.split(np.vstack([kernel, bias]), 4, axis=1)
    W = np.hstack([i, f, j, o])
    return W[: -H - 1], W[-H - 1 : -1], W[-1]


def exchanged_in_place(kernel, bias, forget_bias):
    H = kernel.shape[1] // 4
    W, b_h = np.array(kernel), np.array(bias)
    W[:, H : 2 * H], W[:, 2 * H : 3 * H] = W[:, 2 * H : 3 * H], W[:, H : 2 * H]
    b_h[H : 2 * H], b_h[2 * H : 3 * H] = b_h[2 * H : 3 * H], b_h[H : 2 * H]
    b_h[H : 2 * H] += forget_bias
    return W[:-H], W[-H:], b_h


def matrices_alone(kernel, bias, forget_bias):
    W_xh, W_hh, _ = sheet_09.load(kernel, bias, forget_bias)
    i, j, f, o = np.split(bias, 4)
    return W_xh, W_hh, np.concatenate([i, j, f + forget_bias, o])


def set_not_added(kernel, bias, forget_bias):
    W_xh, W_hh, b_h = sheet_09.load(kernel, bias, forget_bias)
    b_h[len(W_hh) : 2 * len(W_hh)] = forget_bias
    return W_xh, W_hh, b_h


def keras_habit(kernel, bias, forget_bias):
    W_xh, W_hh, b_h = sheet_09.load(kernel, bias, 0.0)
    b_h[len(W_hh) : 2 * len(W_hh)] += 1
    return W_xh, W_hh, b_h


# --- 09.5


def unit(i, f, g, o):
    """Weights from four gates, each (of x, of h, bias)."""
    of_x, of_h, bias = np.transpose([i, f, g, o])
    return of_x[None].tolist(), of_h[None].tolist(), bias.tolist()


PRESS, REST, OPPOSITE, OPEN = (20, 0, -10), (-20, 0, 10), (0, -5, 0), (0, 0, 5)


WRITTEN_DIFFERENTLY = {
    "09.1": [
        (([0.15, -0.6, 0.06], -0.263, 0.504, 0.114), "forget gate turned over"),
        (([-0.45, -0.965, 0.27], -0.263, 0.504, 0.114), "i and f exchanged"),
        (([-1.2, -1.59, -1.353], -0.35, 0.504, 0.114), ""),
        ((np.array([-1.05, -1.47, -0.789]), -0.316, 0.504, 0.114), "no tanh in h"),
        (([-1.05, -1.47, -0.789], -0.3055, 0.504, 0.114), "gate inside the tanh"),
        (([-1.05, -1.47, -0.789], -0.658, 0.504, 0.114), "output gate left out"),
        (([-1.05, -1.47, -0.789], -0.263, 2.4, 0.114), "forget gates added"),
        (([-1.05, -1.47, -0.789], -0.263, 0.56, 0.127), "one forget gate too few"),
        (([-1.05, -1.47, -0.789], -0.263, -0.756, 0.114), "what is left of c_0"),
        (([-1.05, -1.47, -0.789], -0.263, 0.504, 0.286), "last output gate left out"),
        (([-1.05, -1.47, -0.789], -0.263, 0.504, 0.5), "same as for the cell"),
        (([-0.15, -0.75, -0.285], -0.111, 0.504, 0.114), "started at the state"),
        (([1.65, 0.69, 0.723], 0.247, 0.504, 0.114), "sign of the first cell lost"),
        (([-1.05, -0.21, 0.093], 0.037, 0.504, 0.114), "sign of a proposal lost"),
        (([-1.05, -1.47, -0.789], -0.461, 0.504, 0.114), "output gate of the step before"),
        (([-1.05, -1.47, -0.789], 0.263, 0.504, 0.114), "sign of the state lost"),
        (([-1.05, -1.47, -0.789], -0.263, 0.504, 0.3), ""),
    ],
    "09.2": [
        (as_if_plain, "forget gate without the proposal"),
        (nothing_added, "state's error lost"),
        (old_error_along_the_cell, "cell's error from before"),
        (everything_into_the_cell, "paths mixed"),
        (g_in_front, "blocks in another order"),
        (by_the_gates_themselves, "no slopes at all"),
        (without_slope(0), "slope of the forget gate left out"),
        (without_slope(2), "slope of the output gate left out"),
        (worse_than_the_proposal, "forget gate with both signs turned over"),
        (made_to_fit, "recurrent weights bent into shape"),
        (gate_after_gate, "recurrent blocks not transposed"),
        (lambda *args: [part * 0.5 for part in sheet_09.backward(*args)], ""),
    ],
    "09.3": [
        (([6, 14, 94, 685], 4.27), "one step too early"),
        (([6.64, 14.7, 94.7, 685.8], 4.27), "not a whole number"),
        (([4, 8, 48, 343], 4.27), "one percent for ten"),
        (([7, 4, 2, 1], 4.27), "forget gate turned over"),
        (([1, 17, 928, 50719], 4.27), "tanh for the sigmoid"),
        (([1, 16, 95, 686], 4.27), ""),
        ((np.array([7, 15, 95, 686]), 0.986), "gate for bias"),
        (([7, 15, 95, 686], -4.27), "sign turned over"),
        (([7, 15, 95, 686], 3.912), "logarithm of T"),
        (([7, 15, 95, 686], 2.33), "one percent for a half"),
        (([7, 15, 95, 687], 4.27), ""),
        (([7, 15, 95, 686], 4.0), ""),
    ],
    "09.4": [
        (in_their_order, "order"),
        (state_rows_first, "rows"),
        (added_before_the_change, "place"),
        (exchanged_in_place, "exchanged through views"),
        (matrices_alone, "bias not reordered"),
        (keras_habit, "always 1"),
        (set_not_added, "forget bias in the place of the trained one"),
    ],
    "09.5": [
        (unit(PRESS, REST, OPEN, OPPOSITE), "candidate last"),
        (unit(PRESS, OPPOSITE, REST, OPEN), "candidate second"),
        (unit(REST, PRESS, OPPOSITE, OPEN), "forget gate first"),
        (unit(PRESS, PRESS, OPPOSITE, OPEN), "forget gate turned over"),
        (unit(PRESS, REST, (0, 5, 0), OPEN), "writes what it shows"),
        (unit(PRESS, REST, (-5, 0, 0), OPEN), "state not seen"),
        (unit(PRESS, (0, 0, 10), OPPOSITE, OPEN), "old cell kept at a press"),
        (unit(PRESS, (-20, 0, 3), OPPOSITE, OPEN), "forgets slowly"),
        (unit((20, 0, -3), REST, OPPOSITE, OPEN), "input gate half open"),
        (unit((20, 0, -5), (-20, 0, 12), OPPOSITE, OPEN), "input gate half open"),
        (unit((9, 0, -10), REST, OPPOSITE, OPEN), "input gate shut at a press"),
        (unit(PRESS, REST, OPPOSITE, (0, 0, -5)), "output gate half open"),
        (unit(PRESS, REST, (0, -0.3, 0), OPEN), "proposal too small"),
        (unit((0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)), "state not seen"),
    ],
}


@differently.by_diagnosis(CHECKED, WRITTEN_DIFFERENTLY)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    differently.assert_diagnosed(exercise, attempt, diagnosis)


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    differently.assert_three_each(CHECKED, WRITTEN_DIFFERENTLY)


def test_the_coupled_gates_derivatives_are_those_of_finite_differences():
    rng = np.random.default_rng(9)
    B, D, H = 3, 4, 5
    x_t, (h_prev, c_prev) = rng.normal(size=(B, D)), rng.normal(size=(2, B, H))
    W_xh, W_hh = rng.normal(size=(D, 3 * H)), rng.normal(size=(H, 3 * H))
    dh_t, dc_t = rng.normal(size=(2, B, H))

    def step(a, c_prev):
        f, g, o = sigmoid(a[:, :H]), np.tanh(a[:, H : 2 * H]), sigmoid(a[:, 2 * H :])
        c_t = f * c_prev + (1 - f) * g
        return o * np.tanh(c_t), c_t, f, g, o

    def loss(a, c_prev):
        h_t, c_t, *_ = step(a, c_prev)
        return np.sum(h_t * dh_t + c_t * dc_t)

    a = x_t @ W_xh + h_prev @ W_hh
    _, c_t, f, g, o = step(a, c_prev)
    da, dh_prev, dc_prev = sheet_09.backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)
    by_a = bptt.numeric_gradient(lambda a: loss(a, c_prev), a)
    by_h = bptt.numeric_gradient(lambda h: loss(x_t @ W_xh + h @ W_hh, c_prev), h_prev)
    by_c = bptt.numeric_gradient(lambda c: loss(a, c), c_prev)
    for ours, numeric in ((da, by_a), (dh_prev, by_h), (dc_prev, by_c)):
        assert bptt.relative_error(ours, numeric) < 1e-7


def test_the_steps_to_one_percent_are_those_of_the_product():
    for b, steps in zip(sheet_09.BIASES, sheet_09._FADED[0], strict=True):
        left = np.cumprod(np.full(800, sigmoid(np.array(b))))
        assert np.argmax(left < 0.01) + 1 == steps
    assert abs(sigmoid(np.array(sheet_09._FADED[1])) ** sheet_09.LAG - 0.5) < 1e-12


def test_the_loaded_network_is_the_old_one():
    page = next((ROOT / "exercises").glob("09_*.md")).read_text("utf-8")
    start = page.index("def old_step")
    scope = {"np": np, "sigmoid": sigmoid}
    exec(page[start : page.index("\n\n\n", start)], scope)
    rng = np.random.default_rng(9)
    kernel, bias, forget_bias = sheet_09._load_cases(rng)[0].args
    W_xh, W_hh, b_h = sheet_09.load(kernel, bias, forget_bias)
    (D, H), B = (len(W_xh), len(W_hh)), 3
    x_t, (h_prev, c_prev) = rng.normal(size=(B, D)), rng.normal(size=(2, B, H))
    old = scope["old_step"](x_t, h_prev, c_prev, kernel, bias, forget_bias)
    assert np.allclose(old, cells.lstm_step(x_t, h_prev, c_prev, W_xh, W_hh, b_h), atol=1e-12)


def test_the_switch_is_judged_on_the_networks_of_the_package():
    weights = sheet_09._wrong()
    presses = np.random.default_rng(9).integers(2, size=50).astype(float)
    start = np.tanh([[-1.0]]), np.array([[-1.0]])
    h = cells.lstm_forward(presses.reshape(1, -1, 1), cells.LSTMParams(*weights), *start)[0]
    ours = sheet_09._switch(*(w.ravel() for w in weights), presses)[:, 0]
    assert np.allclose(h[0, :, 0], ours, atol=1e-12)


def test_a_switch_in_another_shape_is_told_which_one():
    W_xh, W_hh, b_h = sheet_09._wrong()
    for switch in ((W_xh[0], W_hh, b_h), (W_xh, W_hh.T, b_h), (W_xh, W_hh, b_h[None])):
        told = mark(grading.find("09.5"), switch).sentence
        assert "the numbers make a switch, but" in told
    assert mark(grading.find("09.5"), (W_xh, W_hh, ...)).sentence == "b_h (4,) is still `...`"


def test_a_switch_that_fades_and_leaks_is_told_both():
    def marked(inputs):
        return mark(grading.find("09.5"), unit(inputs, (-12, 0, 6), (0, -2, 0), OPEN))

    both = marked((12, 0, -6)).sentence
    assert both.startswith(sheet_09.FADES)
    assert "the input gate lets in the opposite" in both
    assert marked((20, 0, -12)).verdict == "right"
