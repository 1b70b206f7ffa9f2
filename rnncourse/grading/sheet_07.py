"""Answer sheet of chapter 07, Training that works."""

import copy
import itertools

import numpy as np

from rnncourse.clinic import _FAULT_OF as BEDS
from rnncourse.clinic import DATA, DETACH, LOSS, MODE, RATE, STATE, Fault
from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 07.1 Three steps of Adam by hand -----------------------------------------------------------

W_0, GRADIENTS = 3.0, (2.0, 0.0, -1.0)
BETA_M, BETA_S, EPS = 0.5, 0.75, 0.1


def _mean(beta, old, new):
    return beta * old + (1 - beta) * new


def _ratio(m, s):
    return m / (np.sqrt(s) + EPS)


def _adam(
    *,
    betas=(BETA_M, BETA_S),
    mean=_mean,
    square=np.square,
    unbias_m=lambda m, n: m / (1 - BETA_M**n),
    unbias_s=lambda s, n: s / (1 - BETA_S**n),
    ratio=_ratio,
    keep=False,
    count=lambda n: n,
    add=lambda w, step: w - step,
):
    """The weight after each of three steps of Adam, with any part of the rule exchanged."""
    w, m, s, weights = W_0, 0.0, 0.0, []
    for n, g in enumerate(GRADIENTS, start=1):
        m, s = mean(betas[0], m, g), mean(betas[1], s, square(g))
        m_hat, s_hat = unbias_m(m, count(n)), unbias_s(s, count(n))
        w = add(w, ratio(m_hat, s_hat))
        m, s = (m_hat, s_hat) if keep else (m, s)
        weights.append(w)
    return tuple(float(w) for w in weights)


def _steps_alone():
    """The three changes of the weight instead of the weights."""
    return tuple(np.diff([W_0, *_adam()]))


def _biased(value, n):
    return value


# name: what to tell, and the wrong rule
_OF_ADAM = {
    "no bias correction": (
        "the bias correction is missing: m and s start at zero and are too small at first, which "
        "m / (1 - 0.5^n) and s / (1 - 0.75^n) make up for at step n",
        _adam(unbias_m=_biased, unbias_s=_biased),
    ),
    "only the mean corrected": (
        "m is corrected and s is not: both start at zero, and both are too small at first",
        _adam(unbias_s=_biased),
    ),
    "only the square corrected": (
        "s is corrected and m is not: both start at zero, and both are too small at first",
        _adam(unbias_m=_biased),
    ),
    "correction of the first step": (
        "the correction of step 1 is used at every step: at step n it is 1 - β to the power n",
        _adam(count=lambda n: 1),
    ),
    "steps counted from 2": (
        "the steps are counted from 1: the first correction is 1 - β, not 1 - β²",
        _adam(count=lambda n: n + 1),
    ),
    "corrected values kept": (
        "the corrected m and s are carried on to the next step: it is the uncorrected ones that "
        "go on, the correction is made afresh each time",
        _adam(keep=True),
    ),
    "betas exchanged": (
        "the two β are exchanged: 0.5 belongs to the mean m, 0.75 to the square s",
        _adam(betas=(BETA_S, BETA_M), unbias_m=lambda m, n: m / (1 - BETA_S**n),
              unbias_s=lambda s, n: s / (1 - BETA_M**n)),
    ),
    "old and new exchanged": (
        "β weighs what is remembered, and 1 - β the new gradient; here it is the other way round",
        _adam(mean=lambda beta, old, new: _mean(1 - beta, old, new)),
    ),
    "root forgotten": (
        "the root is missing: m is divided by the square *root* of s, so that the length of the "
        "gradient cancels",
        _adam(ratio=lambda m, s: m / (s + EPS)),
    ),
    "eps under the root": (
        "ε stands outside the root, √s + ε; under the root it would be hardly felt here",
        _adam(ratio=lambda m, s: m / np.sqrt(s + EPS)),
    ),
    "eps forgotten": (
        "ε is missing: it is added to √s, and here it is large enough to be seen",
        _adam(ratio=lambda m, s: m / np.sqrt(s)),
    ),
    "uphill": (
        "the weight goes uphill: the step is subtracted",
        _adam(add=lambda w, step: w + step),
    ),
    "gradient not squared": (
        "s collects the *squares* of the gradients",
        _adam(square=np.abs),
    ),
    "sums instead of means": (
        "the new gradient enters m with the factor 1 - 0.5 and its square enters s with "
        "1 - 0.75: they are running means, not sums",
        _adam(mean=lambda beta, old, new: beta * old + new),
    ),
    "momentum": (
        "this is momentum alone: Adam divides by the root of the mean square",
        _adam(ratio=lambda m, s: m, unbias_m=_biased),
    ),
    "corrected mean without division": (
        "the division by the root of the mean square, √s + ε, is missing",
        _adam(ratio=lambda m, s: m),
    ),
    "plain descent": (
        "this is plain gradient descent: Adam moves by running means, and so also where the "
        "gradient is zero",
        tuple(W_0 - np.cumsum(GRADIENTS)),
    ),
    "gradient instead of its mean": (
        "the root of the mean square is there, and above it stands the gradient of this step "
        "alone: Adam has the running mean m in its place",
        _adam(betas=(0.0, BETA_S), unbias_m=_biased),
    ),
    "changes of the weight": (
        "these are the steps, and the weights are asked for: each step is subtracted from the "
        "weight before it",
        _steps_alone(),
    ),
    "steps without their sign": (
        "these are the steps, and the weights are asked for: each step is subtracted from the "
        "weight before it",
        tuple(-step for step in _steps_alone()),
    ),
    "each from the start": (
        "each step is subtracted from the first weight: it goes on from where the step before "
        "has led",
        tuple(W_0 + step for step in _steps_alone()),
    ),
}  # fmt: skip

_trace = Exercise(
    id="07.1",
    title="Three steps of Adam by hand",
    stars=2,
    minutes=12,
    deepens='the claim "ten steps of our momentum and PyTorch\'s"',
    statement="Follow one weight through three steps of Adam, one of them with a gradient of zero.",
    kind="value",
    reference=_adam(),
    alternatives=(np.round(_adam(), 3), [np.array([w]) for w in np.round(_adam(), 3)]),
    returns=("w_1", "w_2", "w_3"),
    tolerance=0.0008,
    praise="a step of about the rate first, and one without any gradient: means remember",
    misconceptions=tuple(Misconception(name, *rest) for name, rest in _OF_ADAM.items()),
    hints=(
        "Step 1: m = 0.5 · 0 + 0.5 · g and s = 0.75 · 0 + 0.25 · g². Their corrections divide by "
        "1 - 0.5 and by 1 - 0.75.",
        "At step 1 the corrected values are g and g² themselves, so that the step is "
        "η · 2 / (2 + ε).",
        "At step 2 the gradient is zero, so that m is halved and s falls to three quarters; then "
        "divide m by 1 - 0.5² and s by 1 - 0.75². Step 3 has the powers 3.",
    ),
)

# --- 07.2 A range test --------------------------------------------------------------------------


def _smoothed(losses):
    """Each value with its neighbours up to two places away, fewer at the ends."""
    return np.array([np.mean(losses[max(i - 2, 0) : i + 3]) for i in range(len(losses))])


def _cut(losses):
    """How many losses come before the sweep has failed."""
    failed = ~(losses <= 2 * losses[0])  # NaN fails too
    return int(np.argmax(failed)) if failed.any() else len(losses)


def rate_to_use(rates, losses):
    """A tenth of the rate at which the smoothed loss is least, before the sweep fails."""
    kept = losses[: _cut(losses)]
    return rates[np.argmin(_smoothed(kept))] / 10


def _range_by_loop(rates, losses):
    """The same, in plain Python."""
    kept = []
    for loss in losses:
        if not np.isfinite(loss) or loss > 2 * losses[0]:
            break
        kept.append(float(loss))
    means = []
    for i in range(len(kept)):
        near = [kept[j] for j in range(len(kept)) if abs(i - j) <= 2]
        means.append(sum(near) / len(near))
    return float(rates[means.index(min(means))]) * 0.1


def _range_with(smooth=_smoothed, cut=_cut, pick=lambda rates, values: np.argmin(values)):
    def attempt(rates, losses):
        kept = losses[: cut(losses)]
        return rates[pick(rates[: len(kept)], smooth(kept))] / 10

    return attempt


def _padded(losses):
    """np.convolve in mode "same": beyond the ends it takes zeros."""
    padded = np.concatenate([np.zeros(2), losses, np.zeros(2)])
    return np.array([padded[i : i + 5].mean() for i in range(len(losses))])


def _looking_back(losses):
    return np.array([np.mean(losses[max(i - 4, 0) : i + 1]) for i in range(len(losses))])


def _three(losses):
    return np.array([np.mean(losses[max(i - 1, 0) : i + 2]) for i in range(len(losses))])


def _inner(rates, losses):
    """Only where all five values are there; the place is counted from the first of them."""
    kept = losses[: _cut(losses)]
    return rates[np.argmin(np.convolve(kept, np.ones(5) / 5, "valid"))] / 10


def _smoothed_first(rates, losses):
    """Smoothed with what comes after the failure, cut afterwards."""
    with np.errstate(all="ignore"):
        return rates[np.argmin(_smoothed(losses)[: _cut(losses)])] / 10


def _ten_places(rates, losses):
    least = np.argmin(_smoothed(losses[: _cut(losses)]))
    return rates[max(least - 10, 0)]


def _until_nan(losses):
    """Cut where the loss is not finite, and only there."""
    failed = ~np.isfinite(losses)
    return int(np.argmax(failed)) if failed.any() else len(losses)


def _high_left_out(rates, losses):
    """Failed values left out one by one, those after the first failure kept."""
    fine = losses <= 2 * losses[0]
    return rates[fine][np.argmin(_smoothed(losses[fine]))] / 10


def _cut_above_the_first(losses):
    failed = ~(losses <= losses[0])
    return int(np.argmax(failed)) if failed.any() else len(losses)


def _steepest(rates, values):
    return np.argmin(np.gradient(values)) if len(values) > 1 else 0


def _sweep_case(rng, label, n, fails=None, failure=None, rise=0.02):
    """A sweep of n rates whose loss falls to a least one and rises again, with noise on it.

    Two lucky batches lie on the way down. From place `fails` on the losses grow, or, with a
    `failure`, there is one such loss and after it low ones.
    """
    rates = np.geomspace(10 ** rng.uniform(-5, -4), 10 ** rng.uniform(0, 1), n)
    i, least = np.arange(n), int(rng.integers(16, 20))
    losses = np.where(i <= least, 1 - 0.6 * (i / least) ** 2, 0.4 + rise * (i - least))
    losses = losses + rng.uniform(-0.01, 0.01, n)
    losses[0], losses[2], losses[least - 7 : least - 5] = 1.0, 1.06, 0.1
    if fails is not None:
        later = i[fails:] - fails
        losses[fails:] = 3.0 + later if failure is None else 0.1 + 0.03 * later
        losses[fails] = 3.0 if failure is None else failure
    return Case(label, (rates, losses * rng.uniform(1.5, 2.5)))


def _sweep_cases(rng):
    rates, falling = np.geomspace(1e-4, 1.0, 30), rng.uniform(1.5, 2.5) * (1 - 0.02 * np.arange(30))
    fails_at_its_best = np.where(np.arange(30) < 25, falling, 3 * falling[0])
    return [
        _sweep_case(rng, "a sweep that grows at its end", 30, fails=26),
        _sweep_case(rng, "a sweep that is NaN once and comes back", 32, 25, failure=np.nan),
        _sweep_case(rng, "a sweep that fails once and comes back", 34, 25, failure=2.5),
        _sweep_case(rng, "a sweep that never fails", 28, rise=0.12),
        Case("losses that fall to the end", (rates, falling)),
        Case("a sweep that fails right after its least loss", (rates, fails_at_its_best)),
    ]


# name: what to tell, and the wrong function
_OF_RANGE = {
    "not smoothed": (
        "one lucky batch decides: take the least of the *smoothed* losses",
        _range_with(smooth=lambda losses: losses),
    ),
    "the minimum itself": (
        "this is the rate at which the loss is least, on the brink of failing: a tenth of it is "
        "asked for",
        lambda rates, losses: 10 * rate_to_use(rates, losses),
    ),
    "ten places to the left": (
        "a tenth of the *rate* is asked for: ten places to the left in the list is another rate",
        _ten_places,
    ),
    "zeros beyond the ends": (
        "at the ends the smoothing takes zeros for the losses that are not there (np.convolve "
        'with "same" does), and the ends look low: take the mean of those that exist',
        _range_with(smooth=_padded),
    ),
    "smoothed backwards": (
        "the mean runs over the value and the four *before* it, so that the minimum comes too "
        "late: two on each side",
        _range_with(smooth=_looking_back),
    ),
    "three instead of five": (
        "the mean is over five values: the loss itself and two neighbours on each side",
        _range_with(smooth=_three),
    ),
    "places lost at the start": (
        "the smoothed list begins two places later than the list of the rates, and the index is "
        "used for both",
        _inner,
    ),
    "not cut": (
        "the sweep is not cut: from the first loss that fails on, nothing counts, however low "
        "it is (and with NaN np.argmin returns the place of the NaN)",
        _range_with(cut=len),
    ),
    "cut at NaN only": (
        "a loss above twice the first one ends the sweep too, not only NaN",
        _range_with(cut=_until_nan),
    ),
    "failures left out one by one": (
        "what fails is left out one by one: what comes *after* the first failure does not count "
        "either, the weights are spoilt by then",
        _high_left_out,
    ),
    "smoothed before the cut": (
        "the first loss that fails is still smoothed with those before it: the sweep is cut "
        "*before* that loss, and before the smoothing",
        _smoothed_first,
    ),
    "cut above the first": (
        "the sweep ends above *twice* the first loss; noise alone can lift it above the first",
        _range_with(cut=_cut_above_the_first),
    ),
    "steepest fall": (
        "this is a tenth of the rate at which the loss falls fastest, another rule of thumb: "
        "asked for is where it is least",
        _range_with(pick=_steepest),
    ),
    "largest loss": (
        "this looks for the largest loss: np.argmin finds the least",
        _range_with(pick=lambda rates, values: np.argmax(values)),
    ),
    "index for the rate": (
        "this is a tenth of the place in the list: the rate that stands there is asked for",
        lambda rates, losses: np.argmin(_smoothed(losses[: _cut(losses)])) / 10,
    ),
    "loss for the rate": (
        "this is a loss: the rate at which it was measured is asked for",
        lambda rates, losses: _smoothed(losses[: _cut(losses)]).min() / 10,
    ),
    "a tenth of the last": (
        "this is a tenth of the last rate before the sweep fails: there the loss has been rising "
        "for a while",
        lambda rates, losses: rates[_cut(losses) - 1] / 10,
    ),
}

_range = Exercise(
    id="07.2",
    title="A range test",
    stars=2,
    minutes=20,
    deepens="the claim \"SGD at Adam's rate solves it on no seed; thirty times the "
    'rate halves its error"',
    statement="Read a learning rate off a range test: losses of one short training whose rate "
    "grew from step to step.",
    reference=rate_to_use,
    alternatives=(_range_by_loop,),
    inputs=_sweep_cases,
    returns=("the rate",),
    tolerance=1e-7,
    praise="low, but not on the brink",
    misconceptions=tuple(Misconception(name, *rest) for name, rest in _OF_RANGE.items()),
    hints=(
        "Three stages: cut the list, smooth what is left, find the least. `losses <= 2 * "
        "losses[0]` is False for NaN as well.",
        "np.argmax(failed) is the first True of an array of truth values; is there one at all?",
        "Smoothed at place i: the mean of kept[max(i - 2, 0) : i + 3]. A slice may end beyond the "
        "list, but a negative start would count from its end.",
    ),
)

# --- 07.3 The clinic ----------------------------------------------------------------------------

NOT = {
    DATA: "it learns far below chance, which pairs that do not belong together do not allow",
    LOSS: "its loss and its share of right answers agree, and a loss that does not measure what "
    "the model says would part them",
    STATE: "its loss is about the same at every position of a chunk, and a state that is lost "
    "would show at the first ones",
    RATE: "its training loss does not jump about above chance, and steps that are too long make "
    "it do so",
    DETACH: "its gradient is not zero at lag 1, it reaches back over several steps",
    MODE: "its validation loss, measured three times, is the same each time",
}
NOT_EITHER = {  # (what it has, what was said)
    (RATE, DATA): "not even one batch is learnt by heart, and pairs that do not belong together "
    "would not hinder that",
    (DETACH, DATA): "one batch by itself is hardly learnt either, and pairs that do not belong "
    "together would not hinder that",
    (DETACH, RATE): "one batch by itself ends below chance, and steps that are too long would "
    "not let it",
}


def _objection(name, said):
    """Why a patient has not got the fault that was named."""
    if said not in list(Fault):
        return f"{name}: {said:.4g} is none of the six faults"
    said = Fault(int(said))
    return f"{name} is not {said.name}: {NOT_EITHER.get((BEDS[name], said), NOT[said])}"


def _second_opinion(answer, rng=None):
    """None if all six are right, else an objection to every wrong diagnosis."""
    said = {name: float(np.ravel(part)[0]) for name, part in zip(BEDS, answer, strict=True)}
    wrong = [_objection(name, said[name]) for name in BEDS if said[name] != BEDS[name]]
    return "; ".join(wrong) or None


def _exchanged(*faults):
    """The right diagnoses, but those of some faults passed on in a ring."""
    to = dict(zip(faults, faults[1:] + faults[:1], strict=True))
    return {name: to.get(fault, fault) for name, fault in BEDS.items()}


def _opinion(name, answer):
    return Misconception(name, _second_opinion(answer.values()), answer)


_clinic = Exercise(
    id="07.3",
    title="The clinic",
    stars=3,
    minutes=30,
    deepens='the claim "one batch is learnt by heart: under a tenth of 1/6 on average"',
    statement="Find out which of six faults each of the six patients has, from its curves.",
    kind="value",
    reference=tuple(BEDS.values()),
    alternatives=(dict(reversed(BEDS.items())), [int(fault) for fault in BEDS.values()]),
    returns=tuple(BEDS),
    judge=_second_opinion,
    praise="six faults, none of which raised an error",
    misconceptions=(
        _opinion("reset and detached exchanged", _exchanged(STATE, DETACH)),
        _opinion("data and detached exchanged", _exchanged(DATA, DETACH)),
        _opinion("rate and detached exchanged", _exchanged(RATE, DETACH)),
        _opinion("data and rate exchanged", _exchanged(DATA, RATE)),
        _opinion("the two plateaus exchanged", _exchanged(LOSS, STATE)),
        _opinion("loss and mode exchanged", _exchanged(LOSS, MODE)),
        _opinion("data and loss exchanged", _exchanged(DATA, LOSS)),
        _opinion("mode and state exchanged", _exchanged(MODE, STATE)),
        _opinion("rate and mode exchanged", _exchanged(RATE, MODE)),
        _opinion("three that do not learn", _exchanged(DATA, RATE, DETACH)),
        _opinion("three that learn a little", _exchanged(LOSS, STATE, DETACH)),
        _opinion("the list as it stands", dict(zip(BEDS, Fault, strict=True))),
        _opinion("all the same", dict.fromkeys(BEDS, RATE)),
    ),
    hints=(
        "Begin with the healthy run: its training loss is the *higher* one, because dropout is at "
        "work in training alone. One patient's two losses lie on each other.",
        "Two patients stop on a plateau well below chance. One of them answers nearly everything "
        "right on the way there; the other is blind at some positions of the chunk.",
        "Three do not leave the neighbourhood of chance. One of them learns a single batch by "
        "heart, one is thrown above chance even there, one has no gradient beyond lag 0.",
    ),
)

# --- 07.4 A resume that is not exact ------------------------------------------------------------


class _Disk:
    """Where an attempt saves: `first` wipes it and finds nothing, `load` finds what was saved.

    Each check has its own disk, and copies go in and out.
    """

    def __init__(self):
        self.content = None

    def save(self, **parts):
        self.content = copy.deepcopy(parts)

    def load(self):
        return copy.deepcopy(self.content)

    def first(self):
        self.content = None


def _nothing():
    """There is no checkpoint."""


def _nowhere(**parts):
    """Nobody will go on from here."""


def _gradient(x, y, w, rng):
    """The gradient of half the mean squared error on four rows drawn by rng."""
    rows = rng.integers(len(x), size=4)
    return x[rows].T @ (x[rows] @ w - y[rows]) / 4


def _train(
    x, y, w, lr, steps, seed, load, save, *, forgets=(), total=False, early=False,
    restart=False, late=False,
):  # fmt: skip
    """Adam on random batches, with a checkpoint that forgets some of its parts."""
    rng = np.random.default_rng(seed)
    fresh = {"w": w, "m": np.zeros_like(w), "s": np.zeros_like(w), "n": 0}
    saved = None if restart else load()
    state = fresh if saved is None else fresh | {k: saved[k] for k in fresh if k in saved}
    if saved is not None and "rng" in saved:
        rng.bit_generator.state = saved["rng"]
    w, m, s, n = state.values()

    def write(n):
        parts = {"w": w, "m": m, "s": s, "n": n, "rng": rng.bit_generator.state}
        save(**{name: part for name, part in parts.items() if name not in forgets})

    for i in range(steps - n if total else steps):
        if early and i == steps - 1:
            write(n)
        g = _gradient(x, y, w, rng)
        n += 1
        m, s = 0.9 * m + 0.1 * g, 0.99 * s + 0.01 * g**2
        w = w - lr * (m / (1 - 0.9**n)) / (np.sqrt(s / (1 - 0.99**n)) + 1e-8)
    if not early:
        write(n - 1 if late else n)
    return w


def train(x, y, w, lr, steps, seed, load, save):
    """All five parts of the state are saved after the last step and loaded before the first."""
    return _train(x, y, w, lr, steps, seed, load, save)


def _train_with_one_dict(x, y, w, lr, steps, seed, load, save):
    """The same with the whole state in one dict, and the generator inside it."""
    state = (load() or {}).get("state") or {
        "w": np.array(w), "m": 0 * w, "s": 0 * w, "n": 0, "rng": np.random.default_rng(seed),
    }  # fmt: skip
    for _ in range(steps):
        g = _gradient(x, y, state["w"], state["rng"])
        state["n"] += 1
        state["m"] = state["m"] + 0.1 * (g - state["m"])
        state["s"] = state["s"] + 0.01 * (g * g - state["s"])
        m_hat = state["m"] / (1 - 0.9 ** state["n"])
        s_hat = state["s"] / (1 - 0.99 ** state["n"])
        state["w"] = state["w"] - lr * m_hat / (s_hat**0.5 + 1e-8)
    save(state=state)
    return state["w"]


def _resume(**switches):
    return lambda *args: _train(*args, **switches)


PARTS = {
    "m": "the running mean m",
    "s": "the running square s",
    "n": "the number n of steps so far",
    "rng": "the state of the random generator",
}
EFFECT = {
    "m": "starts again from zero, so that the first steps after the resume are too short",
    "s": "starts again from zero, so that the steps after the resume have the wrong length",
    "n": "starts again from 0, so that the bias correction is made for the first steps once more",
    "rng": "is that of a fresh start, so that the batches of the first run are drawn once more "
    "(is it asked for at the moment of saving?)",
}


def _forgetting():
    """A misconception for each set of parts that the checkpoint may lack."""
    for count in (4, 3, 2, 1):
        for names in itertools.combinations(PARTS, count):
            what = ", ".join(PARTS[name] for name in names)
            told = f"not carried over the interruption: {what}"
            if count == 1:
                told = f"one part is not carried over: {what} {EFFECT[names[0]]}"
            if count == 4:
                told = "this resumes as the broken loop does, with the weights alone: " + what
                told += " belong to the state of the training too"
            yield Misconception("without " + " and ".join(names), told, _resume(forgets=names))


def _resume_cases(rng):
    N, D = int(rng.integers(20, 30)), 3
    x, true = rng.normal(size=(N, D)), rng.normal(size=D)
    y, w = x @ true + 0.1 * rng.normal(size=N), rng.normal(size=D)
    seed, disk = int(rng.integers(10**6)), _Disk()

    def case(label, steps, load, save):
        return Case(label, (x, y, w, 0.05, steps, seed, load, save))

    return [
        case("12 steps without an interruption", 12, _nothing, _nowhere),
        case("the first 5 steps", 5, disk.first, disk.save),
        case("7 more steps after a resume", 7, disk.load, disk.save),
        case("3 more after a second resume", 3, disk.load, _nowhere),
    ]


_repair = Exercise(
    id="07.4",
    title="A resume that is not exact",
    stars=2,
    minutes=20,
    deepens='the claim "nothing left out: every weight and loss is the same, to the last bit"',
    statement="Mend a training loop that forgets four things when it is interrupted.",
    reference=train,
    alternatives=(_train_with_one_dict,),
    inputs=_resume_cases,
    returns=("w (D,)",),
    tolerance=1e-9,
    praise="nobody can tell that it was interrupted",
    misconceptions=(
        *_forgetting(),
        Misconception(
            "never loaded",
            "the second run starts from the beginning, from the w that it was given: is what was "
            "saved used, and was it saved *after* the last step?",
            _resume(restart=True),
        ),
        Misconception(
            "weights forgotten",
            "the weights themselves are not carried over: the second run starts from the w that "
            "it was given",
            _resume(forgets=("w",)),
        ),
        Misconception(
            "saved one step early",
            "the checkpoint is one step old: save after the last update, not before it",
            _resume(early=True),
        ),
        Misconception(
            "counter one short",
            "the number of steps is saved one too small, so that the bias correction of the last "
            "step is made twice",
            _resume(late=True),
        ),
        Misconception(
            "steps counted in all",
            "`steps` is the number of steps of *this* run, and not the number in all",
            _resume(total=True),
        ),
    ),
    hints=(
        "Ask of every name that the loop reads: would it have the same value if there had been no "
        "interruption?",
        "The update reads w, m, s and n; the batches read the generator. Five parts are saved, "
        "five loaded.",
        "`rng.bit_generator.state` is the generator's state as a dict that can be saved, and "
        "assigning one to it sets the generator back. When is it to be asked for?",
    ),
)

# --- 07.5 Guess the ablation --------------------------------------------------------------------


def _logs(whole, without):
    """log10 of how many times the loss grows, by ingredient and seed: (K, S)."""
    return np.log10(without / whole)


def effects(whole, without):
    """Mean effect (K,), its standard error (K,), and the order from largest to smallest (K,)."""
    return _effects(whole, without)


def _effects(
    whole,
    without,
    *,
    logs=_logs,
    mean=lambda d: d.mean(axis=1),
    spread=lambda d: d.std(axis=1, ddof=1) / np.sqrt(d.shape[1]),
    order=lambda effect: np.argsort(-effect),
):
    d = logs(whole, without)
    effect = mean(d)
    return effect, spread(d), order(effect)


def _effects_by_loop(whole, without):
    effect, error = [], []
    for losses in without:
        d = [np.log10(a) - np.log10(b) for a, b in zip(losses, whole, strict=True)]
        centre = sum(d) / len(d)
        effect.append(centre)
        error.append((sum((v - centre) ** 2 for v in d) / (len(d) - 1) / len(d)) ** 0.5)
    return effect, error, sorted(range(len(effect)), key=lambda k: effect[k], reverse=True)


def _variant(**switches):
    return lambda whole, without: _effects(whole, without, **switches)


def _mean_then_log(d):
    """The logarithm of the mean factor instead of the mean of the logarithms."""
    return np.log10((10**d).mean(axis=1))


def _of_the_means(whole, without):
    """The log of a ratio of two means, the seeds no longer paired."""
    effect = np.log10(without.mean(axis=1) / whole.mean())
    return effect, _effects(whole, without)[1], np.argsort(-effect)


def _unpaired(whole, without):
    """Errors as if the two trainings of one seed had nothing in common."""
    a, b = np.log10(without), np.log10(whole)
    S = len(whole)
    error = np.sqrt(a.var(axis=1, ddof=1) / S + b.var(ddof=1) / S)
    effect = a.mean(axis=1) - b.mean()
    return effect, error, np.argsort(-effect)


def _ranks(effect):
    """The place of each ingredient instead of the ingredient at each place."""
    return np.argsort(np.argsort(-effect))


def _effect_cases(rng):
    def case(K, S):
        whole = 10 ** rng.normal(-2, 0.5, size=S)  # seeds differ much, and alike in all rows
        size = rng.permutation(np.linspace(-0.5, 1.6, K))[:, None]
        return Case(f"K={K}, S={S}", (whole, whole * 10 ** (size + rng.normal(0, 0.1, (K, S)))))

    cases = [case(4, 5), case(6, 3), case(2, 7), case(5, 5)]
    whole, without = cases[0].args
    rising = without[np.argsort(np.log10(without / whole).mean(axis=1))]
    turned = rising[[1, 3, 0, 2]]  # places 1, 3, 0, 2 and ranks 2, 0, 3, 1: never the same
    return [Case("K=4, S=5", (whole, turned)), *cases[1:]]


# name: what to tell, and the wrong function
_OF_EFFECTS = {
    "difference of the losses": (
        "these are differences of the losses themselves: a seed with a large loss then outweighs "
        "all others, which is why the logarithm of the ratio is asked for",
        _variant(logs=lambda whole, without: without - whole),
    ),
    "ratio without logarithm": (
        "the logarithm is missing: a factor of 10 up and one of 10 down should cancel",
        _variant(logs=lambda whole, without: without / whole),
    ),
    "natural logarithm": (
        "this is the natural logarithm: np.log10, so that 1 means a factor of ten",
        _variant(logs=lambda whole, without: np.log(without / whole)),
    ),
    "upside down": (
        "the ratio is upside down: without / whole, so that a useful ingredient has a positive "
        "effect",
        _variant(logs=lambda whole, without: np.log10(whole / without)),
    ),
    "log of the mean": (
        "this is the logarithm of the mean factor: take the logarithms first, their mean then",
        _variant(mean=_mean_then_log),
    ),
    "ratio of the means": (
        "the effect is that of two means, in which the seed with the largest loss decides: "
        "compare within each seed first, then take the mean",
        _of_the_means,
    ),
    "seeds not paired": (
        "the effects are right; their errors treat the two trainings of a seed as strangers: "
        "take the spread of the *differences*",
        _unpaired,
    ),
    "divided by S": (
        "the effects are right; the spread of S numbers around their own mean is divided by "
        "S - 1: ddof=1",
        _variant(spread=lambda d: d.std(axis=1) / np.sqrt(d.shape[1])),
    ),
    "standard deviation": (
        "the effects are right; these are the standard deviations over the seeds: the error of "
        "their *mean* is smaller by the root of S",
        _variant(spread=lambda d: d.std(axis=1, ddof=1)),
    ),
    "divided by S without root": (
        "the effects are right; the standard deviation is divided by S: by the root of S",
        _variant(spread=lambda d: d.std(axis=1, ddof=1) / d.shape[1]),
    ),
    "divided by the root of K": (
        "the effects are right; the root is that of the number of *seeds*, not of ingredients",
        _variant(spread=lambda d: d.std(axis=1, ddof=1) / np.sqrt(len(d))),
    ),
    "half the range": (
        "the effects are right; this is half of the range, and the standard error is asked for",
        _variant(spread=lambda d: np.ptp(d, axis=1) / 2),
    ),
    "mean over the ingredients": (
        "the mean runs over the ingredients: one effect for each of them, the mean over its seeds",
        _variant(mean=lambda d: d.mean(axis=0), spread=lambda d: d.std(axis=0, ddof=1)),
    ),
    "median": (
        "this is the median: the mean is asked for, to which the standard error belongs",
        _variant(mean=lambda d: np.median(d, axis=1)),
    ),
    "smallest first": (
        "effects and errors are right; the order runs from the smallest: the largest first",
        _variant(order=np.argsort),
    ),
    "ranks": (
        "effects and errors are right; these are the ranks, the place of each ingredient: asked "
        "for is the ingredient at each place",
        _variant(order=_ranks),
    ),
    "ordered by size": (
        "effects and errors are right; the order is that of the absolute values: an ingredient "
        "that harms comes last",
        _variant(order=lambda effect: np.argsort(-np.abs(effect))),
    ),
}

_ablation = Exercise(
    id="07.5",
    title="Guess the ablation",
    stars=2,
    minutes=25,
    deepens="the claim \"no clipping: the mean error is over ten times the recipe's, "
    'at either rate"',
    statement="Guess what each ingredient of a recipe is worth, then write the measurement and "
    "hold the guess against it.",
    reference=effects,
    alternatives=(_effects_by_loop,),
    inputs=_effect_cases,
    returns=("effect (K,)", "error (K,)", "order (K,)"),
    tolerance=1e-7,
    praise="now your guess has something to answer to",
    misconceptions=tuple(Misconception(name, *rest) for name, rest in _OF_EFFECTS.items()),
    hints=(
        "np.log10(without / whole) has the shape (K, S): each seed is compared with itself.",
        "The mean over the seeds is the effect. Its standard error is the standard deviation with "
        "ddof=1, divided by the root of S.",
        "np.argsort sorts upwards: sort the negative effects. What it returns are places in the "
        "list, and that is what is asked for.",
    ),
)

# --- 07.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="07.6",
    title="Your own recipe",
    stars=3,
    minutes=45,
    deepens='the claim "the recipe solves it on every seed: under a tenth of the mean\'s error"',
    statement="Choose a task and a budget of updates, find a recipe that serves it, and show which "
    "part of the recipe the result hangs on.",
    kind="open",
    hints=(
        "Fix first what must not change: task, model, number of updates, seeds for choosing and "
        "other seeds for the final score.",
        "Sweep the rate first, on a logarithmic scale, for each recipe anew: a comparison at one "
        "rate compares the rate.",
        "Spoiler, read it after your experiment: at equal care for the rate, recipes lie closer "
        "together than at a rate that suits one of them.",
    ),
)

EXERCISES = (_trace, _range, _clinic, _repair, _ablation, _open)
