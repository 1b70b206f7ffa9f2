"""Chapter 07's checks on trial: wrong answers written in other ways get the same diagnosis."""

import math
import re

import numpy as np
import pytest
import torch
from test_exercises import ROOT, mark

from rnncourse import clinic, grading
from rnncourse.clinic import Fault
from rnncourse.grading import sheet_07
from rnncourse.grading.sheet_07 import BEDS

CHECKED = [exercise for exercise in grading.exercises("07") if exercise.kind != "open"]
PAGE = (ROOT / "exercises" / "07_training_that_works.md").read_text(encoding="utf-8")


# --- 07.2


def least_without_smoothing(rates, losses):
    for i, loss in enumerate(losses):
        if math.isnan(loss) or loss > 2 * losses[0]:
            losses = losses[:i]
            break
    return rates[list(losses).index(min(losses))] / 10


def convolved(rates, losses):
    ok = losses <= 2 * losses[0]
    kept = losses if ok.all() else losses[: np.argmin(ok)]
    return rates[np.argmin(np.convolve(kept, np.ones(5) / 5, mode="same"))] / 10


def valid_convolution(rates, losses):
    ok = losses <= 2 * losses[0]
    kept = losses if ok.all() else losses[: np.argmin(ok)]
    smooth = np.convolve(kept, [0.2] * 5, mode="valid")
    return 0.1 * rates[smooth.argmin()]


def nothing_ends_the_sweep(rates, losses):
    means = [losses[max(0, i - 2) : i + 3].mean() for i in range(len(losses))]
    return rates[np.argmin(means)] / 10


def ends_at_nan(rates, losses):
    kept = []
    for loss in losses:
        if np.isnan(loss):
            break
        kept.append(loss)
    return nothing_ends_the_sweep(rates, np.array(kept))


def on_the_brink(rates, losses):
    return sheet_07._range_by_loop(rates, losses) * 10


def masked(rates, losses):
    fine = ~(np.isnan(losses) | (losses > 2 * losses[0]))
    return nothing_ends_the_sweep(rates[fine], losses[fine])


def one_loss_too_many(rates, losses):
    bad = np.flatnonzero(~(losses <= 2 * losses[0]))
    return nothing_ends_the_sweep(rates, losses[: bad[0] + 1] if len(bad) else losses)


def trailing_mean(rates, losses):
    kept = losses[: sheet_07._cut(losses)]
    sums = np.cumsum(np.r_[0, kept])
    means = [
        (sums[i + 1] - sums[max(i - 4, 0)]) / (i + 1 - max(i - 4, 0)) for i in range(len(kept))
    ]
    return rates[means.index(min(means))] / 10


# --- 07.4


def resumed(load, save, w, seed, parts):
    """The state of a run that carries over only some of its parts."""
    rng = np.random.default_rng(seed)
    state = {"w": w, "m": np.zeros(len(w)), "s": np.zeros(len(w)), "n": 0}
    old = load() or {}
    for name in parts:
        if name == "rng" and "rng" in old:
            rng.bit_generator.state = old["rng"]
        elif name in old:
            state[name] = old[name]
    return state, rng


def runs_on(*parts, at=None):
    """A training loop in other words, which carries `parts` over an interruption."""

    def attempt(x, y, w, lr, steps, seed, load, save):
        state, rng = resumed(load, save, w, seed, parts)
        for i in range(steps):
            if at == i - steps:
                save(**state, rng=rng.bit_generator.state)
            rows = rng.integers(len(x), size=4)
            error = x[rows] @ state["w"] - y[rows]
            g = (error[:, None] * x[rows]).mean(axis=0)
            state["n"] += 1
            state["m"] = state["m"] + 0.1 * (g - state["m"])
            state["s"] = state["s"] + 0.01 * (g**2 - state["s"])
            root = np.sqrt(state["s"] / (1 - 0.99 ** state["n"])) + 1e-8
            state["w"] = state["w"] - lr * state["m"] / (1 - 0.9 ** state["n"]) / root
        if at is None:
            save(**state, rng=rng.bit_generator.state)
        return state["w"]

    return attempt


def always_from_the_start(x, y, w, lr, steps, seed, load, save):
    return sheet_07.train(x, y, w, lr, steps, seed, lambda: None, save)


def as_broken(x, y, w, lr, steps, seed, load, save):
    """The loop of the page, word for word."""
    space = {"np": np}
    exec(re.search(r"def broken\(.*?\n    return w\n", PAGE, re.S)[0], space)
    return space["broken"](x, y, w, lr, steps, seed, load, save)


def until_the_total(x, y, w, lr, steps, seed, load, save):
    done = (load() or {"n": 0})["n"]
    return sheet_07.train(x, y, w, lr, max(steps - done, 0), seed, load, save)


# --- 07.5


def ddof_forgotten(whole, without):
    effect, _, order = sheet_07._effects_by_loop(whole, without)
    logs = np.log10(without) - np.log10(whole)[None]
    return effect, np.sqrt(((logs.T - effect) ** 2).mean(0) / len(whole)), order


def strangers(whole, without):
    logs, base = np.log10(without), np.log10(whole)
    effect, S = logs.mean(1) - base.mean(), len(base)
    error = np.hypot(logs.std(1, ddof=1), base.std(ddof=1)) / math.sqrt(S)
    return effect, error, np.argsort(effect)[::-1]


def one_factor(whole, without):
    factors = np.array([np.mean(row / whole) for row in without])
    effect = np.log10(factors)
    return effect, sheet_07.effects(whole, without)[1], np.argsort(-effect)


def of_two_means(whole, without):
    effect = np.log10(without.sum(1)) - np.log10(whole.sum())
    return effect, sheet_07.effects(whole, without)[1], np.argsort(-effect)


def with_e(whole, without):
    d = np.log(without) - np.log(whole)
    return d.mean(1), d.std(1, ddof=1) / len(whole) ** 0.5, np.argsort(-d.mean(1))


def places(whole, without):
    effect, error, order = sheet_07.effects(whole, without)
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    return effect, error, ranks


def upwards(whole, without):
    effect, error, order = sheet_07.effects(whole, without)
    return effect, error, order[::-1]


WRITTEN_DIFFERENTLY = {
    "07.1": [
        ((2.05, 1.6, 1.7), ""),
        ((2.0, 1.491, 1.732), "eps forgotten"),
        ([2.012, 1.517, 1.75], "eps under the root"),
        ((3.952, 4.425, 4.203), "uphill"),
        ((1, 1, 2), "plain descent"),
        (np.array([0.952, 0.473, -0.222]), "steps without their sign"),
        ((2.091, 1.573, 1.823), "no bias correction"),
        ({"w_1": 1.0, "w_2": 0.333, "w_3": 0.619}, "corrected mean without division"),
    ],
    "07.2": [
        (least_without_smoothing, "not smoothed"),
        (convolved, "zeros beyond the ends"),
        (valid_convolution, "places lost at the start"),
        (nothing_ends_the_sweep, "not cut"),
        (ends_at_nan, "cut at NaN only"),
        (on_the_brink, "the minimum itself"),
        (masked, "failures left out one by one"),
        (one_loss_too_many, "smoothed before the cut"),
        (trailing_mean, "smoothed backwards"),
        (lambda rates, losses: rates[len(rates) // 2], ""),
        (lambda rates, losses: sheet_07.rate_to_use(rates, losses[:-1]), ""),
    ],
    "07.3": [
        ([1, 2, 3, 4, 5, 6], "the list as it stands"),
        (dict.fromkeys("FEDCBA", 4.0), "all the same"),
        (tuple(sheet_07._exchanged(Fault.STATE, Fault.DETACH).values()),
         "reset and detached exchanged"),
        ([0, 0, 0, 0, 0, 0], ""),
        ([1.5] * 6, ""),
        (list(BEDS.values())[::-1], ""),
    ],
    "07.4": [
        (as_broken, "without m and s and n and rng"),
        (runs_on("w", "s", "n", "rng"), "without m"),
        (runs_on("w", "m", "n", "rng"), "without s"),
        (runs_on("w", "m", "s", "rng"), "without n"),
        (runs_on("w", "m", "s", "n"), "without rng"),
        (runs_on("w", "n", "rng"), "without m and s"),
        (runs_on("w", "m", "s"), "without n and rng"),
        (runs_on("m", "s", "n", "rng"), "weights forgotten"),
        (runs_on("w", "m", "s", "n", "rng", at=-1), "saved one step early"),
        (always_from_the_start, "never loaded"),
        (until_the_total, "steps counted in all"),
    ],
    "07.5": [
        (ddof_forgotten, "divided by S"),
        (strangers, "seeds not paired"),
        (one_factor, "log of the mean"),
        (of_two_means, "ratio of the means"),
        (with_e, "natural logarithm"),
        (places, "ranks"),
        (upwards, "smallest first"),
        (lambda whole, without: sheet_07.effects(without[0], without), ""),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("exercise", "attempt", "diagnosis"),
    [
        pytest.param(exercise, attempt, diagnosis, id=f"{exercise.id} {diagnosis or 'none'}")
        for exercise in CHECKED
        for attempt, diagnosis in WRITTEN_DIFFERENTLY[exercise.id]
    ],
)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    says = {item.name: item.says for item in exercise.misconceptions}
    verdict = mark(exercise, attempt, 5.0)
    assert verdict.verdict == "wrong"
    if diagnosis:
        assert verdict.sentence.startswith(says[diagnosis])
    else:
        assert not verdict.diagnosis


def test_a_loop_in_other_words_that_carries_all_parts_over_is_right():
    parts = ("w", "m", "s", "n", "rng")
    assert mark(grading.find("07.4"), runs_on(*parts), 5.0).verdict == "right"


def test_the_adam_of_the_page_is_pytorchs():
    w = torch.tensor([sheet_07.W_0], dtype=torch.float64, requires_grad=True)
    adam = torch.optim.Adam([w], lr=1.0, betas=(sheet_07.BETA_M, sheet_07.BETA_S), eps=0.1)
    for g, expected in zip(sheet_07.GRADIENTS, sheet_07._adam(), strict=True):
        w.grad = torch.tensor([g], dtype=torch.float64)
        adam.step()
        assert w.item() == pytest.approx(expected, rel=1e-9)


def test_the_small_sweep_of_the_page_is_judged_as_the_page_says():
    rates = np.geomspace(1e-5, 1, 11)
    losses = np.array([2, 1.9, 0.5, 1.8, 1.5, 0.9, 0.8, 0.9, 1.6, np.nan, 0.1])
    assert f"{sheet_07.rate_to_use(rates, losses):.2g}" == "0.0032"
    assert sheet_07._cut(losses) == 9


# --- the clinic: what a wrong diagnosis is told must be true on every seed


@pytest.fixture(scope="module")
def charts():
    runs = clinic.patients(np.random.default_rng([7, 73]))
    return {fault: runs[name] for name, fault in BEDS.items()}


def last(curve):
    return curve[-len(curve) // 4 :].mean()


def calm(c):
    return last(c.train) < 1.05 * clinic.CHANCE and c.train[-30:].std() < 0.05


# what the objection to a wrong diagnosis says, as a test of the patient's own chart
TRUE = {
    Fault.DATA: lambda c: last(c.train) < 0.7 * clinic.CHANCE,
    Fault.LOSS: lambda c: c.accuracy[-1] < 0.9 or c.validation[-1] < 0.1,
    Fault.STATE: lambda c: c.position[:3].mean() < c.position[3:].mean() + 0.15,
    Fault.RATE: calm,
    Fault.DETACH: lambda c: c.lag[1] > 0.2 and c.lag[5] > 0,
    Fault.MODE: lambda c: np.ptp(c.again) < 1e-6,
}
TRUE_EITHER = {
    (Fault.RATE, Fault.DATA): lambda c: last(c.batch) > clinic.CHANCE,
    (Fault.DETACH, Fault.DATA): lambda c: last(c.batch) > 0.65 * clinic.CHANCE,
    (Fault.DETACH, Fault.RATE): lambda c: last(c.batch) < clinic.CHANCE,
}


def test_every_objection_to_a_wrong_diagnosis_is_true(charts):
    assert set(TRUE_EITHER) == set(sheet_07.NOT_EITHER)
    for has, chart in charts.items():
        for said in Fault:
            holds = TRUE_EITHER.get((has, said), TRUE[said])(chart)
            assert holds == (has is not said), f"{has.name} taken for {said.name}"


def test_every_wrong_patient_gets_an_objection_and_no_right_name_is_told():
    exercise = grading.find("07.3")
    for item in exercise.misconceptions:
        wrong = [name for name in BEDS if item.attempt[name] != BEDS[name]]
        told = mark(exercise, item.attempt).sentence
        for name in BEDS:
            assert (f"{name} is not {Fault(item.attempt[name]).name}" in told) == (name in wrong)
        named = re.findall(r"\b[A-Z]{4,}\b", told)
        assert named == [Fault(item.attempt[name]).name for name in wrong]


def test_names_in_quotation_marks_and_gaps_get_a_sentence():
    exercise = grading.find("07.3")
    in_words = {name: fault.name.lower() for name, fault in BEDS.items()}
    assert "expected a number, got the text" in mark(exercise, in_words).sentence
    assert mark(exercise, {**BEDS, "D": ...}).sentence == "D is still `...`"
    assert mark(exercise, {name: BEDS[name] for name in "ABCDE"}).verdict == "wrong"
    assert mark(exercise, dict.fromkeys(BEDS, ...)).verdict == "not attempted"


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    assert set(WRITTEN_DIFFERENTLY) == {exercise.id for exercise in CHECKED}
    assert min(map(len, WRITTEN_DIFFERENTLY.values())) >= 3
