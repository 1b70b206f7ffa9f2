"""Chapter 13's checks on trial: wrong answers written in other ways get the same diagnosis."""

import numpy as np
import pytest
import torch
from sklearn.metrics import precision_recall_fscore_support
from test_exercises import mark

from rnncourse import grading, metrics, regularise
from rnncourse.grading import sheet_13

CHECKED = {exercise.id: exercise for exercise in grading.exercises("13") if exercise.kind != "open"}


# --- 13.2


def loop(scaled=True, on_x=True, on_h=True, fresh_draws=None, hand_on_masked=False):
    """The masked loop, sequence by sequence; `fresh_draws` overrides the argument."""

    def attempt(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh):
        fresh, size = fresh if fresh_draws is None else fresh_draws, 1 - rate if scaled else 1
        h = np.zeros((*x.shape[:2], len(b_h)))
        for b in range(len(x)):
            h_t = h_0[b]
            for t in range(x.shape[1]):
                k = t if fresh else 0
                x_t = np.where(u_x[b, k] < rate, 0, x[b, t] / size) if on_x else x[b, t]
                old = np.where(u_h[b, k] < rate, 0, h_t / size) if on_h else h_t
                h_t = h[b, t] = np.tanh(x_t @ W_xh + old @ W_hh + b_h)
                if hand_on_masked:
                    h_t = h[b, t] = np.where(u_h[b, k] < rate, 0, h_t / size)
        return h

    return attempt


def masked_rows_of_W_hh(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh):
    h, states = h_0, []
    for t in range(x.shape[1]):
        k = t if fresh else 0
        m_x, m_h = (u[:, k] >= rate for u in (u_x, u_h))
        pushed = np.einsum("bh,hj,bj->bj", h, W_hh, m_h / (1 - rate))
        h = np.tanh((x[:, t] * m_x / (1 - rate)) @ W_xh + pushed + b_h)
        states.append(h)
    return np.stack(states, axis=1)


def random_masks(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh):
    rng = np.random.default_rng(0)
    shapes = rng.random(u_x.shape), rng.random(u_h.shape)
    return sheet_13.masked_states(x, h_0, W_xh, W_hh, b_h, *shapes, rate, fresh)


# --- 13.4


def evaluation(sets, basis="train", by="val", reported="test"):
    """The evaluation with other sets of rows, or other sets for scale, choice and report."""

    def attempt(x, y, who, people, learn):
        rows = dict(zip(("train", "val", "test"), sets(who, people), strict=True))
        rows["all"] = np.arange(len(x))
        mean = x[rows[basis]].mean((0, 1))
        z = (x - mean) / x[rows[basis]].std((0, 1))
        models = learn(z[rows["train"]], y[rows["train"]])

        def loss(model, name):
            signed = np.where(y[rows[name]], 1, -1) * model(z[rows[name]])
            return np.log1p(np.exp(-signed)).mean()

        epoch = min(range(len(models)), key=lambda k: loss(models[k], by))
        return mean, epoch, loss(models[epoch], reported)

    return attempt


def by_people(who, people):
    groups = np.split(people, [len(people) // 2, len(people) * 3 // 4])
    return [np.flatnonzero(np.isin(who, group)) for group in groups]


def by_numbers(who, people):
    return by_people(who, np.arange(len(people)))


def rows_cut(who, people):
    rows = np.concatenate([np.flatnonzero(who == person) for person in people])
    return rows[: len(who) // 2], rows[len(who) // 2 : 3 * len(who) // 4], rows[3 * len(who) // 4 :]


def half_of_each_person(who, people):
    place = np.arange(len(who)) % 4
    return place < 2, place == 2, place == 3


# --- 13.5


def beta(logits, ids):
    betas = np.linspace(0.1, 10, 1500)
    return betas[np.argmin([nats(logits * b, ids) for b in betas])]


def from_one_on(logits, ids):
    taus = np.linspace(1, 10, 2000)
    return taus[np.argmin([nats(logits / tau, ids) for tau in taus])]


def nats(a, ids):
    p = np.exp(a - a.max(axis=1)[:, None])
    p /= p.sum(axis=1)[:, None]
    return -np.log(p[np.arange(len(ids)), ids]).mean()


def two_classes_only(logits, ids):
    first = logits[:, 1] - logits[:, 0]
    return metrics.temperature(first, ids == 1)


def overflowing(logits, ids):
    taus = np.geomspace(0.1, 10, 500)
    rows, losses = np.arange(len(ids)), []
    for tau in taus:
        p = np.exp(logits / tau) / np.exp(logits / tau).sum(axis=1, keepdims=True)
        losses.append(-np.log(p[rows, ids]).mean())
    return taus[np.argmin(losses)]


def nothing_done(logits, ids):
    return 1.0


WRONG = [
    ("13.2", loop(scaled=False), "not divided"),
    ("13.2", loop(on_x=False), "the inputs are not"),
    ("13.2", loop(on_h=False), "the state that goes round is not"),
    ("13.2", loop(fresh_draws=True), "serve for all steps"),
    ("13.2", loop(fresh_draws=False), "every step t has the masks"),
    ("13.2", loop(on_h=False, hand_on_masked=True), "leave h_t whole"),
    ("13.2", masked_rows_of_W_hh, "after the product"),
    ("13.2", random_masks, ""),
    ("13.4", evaluation(rows_cut, "all", "test"), "begin here"),
    ("13.4", evaluation(rows_cut), "cut the list of *people*"),
    ("13.4", evaluation(by_people, "all"), "still there: mean and deviation"),
    ("13.4", evaluation(by_people, by="test"), "still there: the epoch"),
    ("13.4", evaluation(by_people, reported="val"), "who chose it"),
    ("13.4", evaluation(by_people, by="train"), "by the training loss"),
    ("13.4", evaluation(by_people, by="test", reported="val"), "are exchanged"),
    ("13.4", evaluation(by_numbers), "in the order of their numbers"),
    ("13.4", evaluation(half_of_each_person), ""),
    ("13.5", beta, "this is 1 / tau"),
    ("13.5", from_one_on, "search below 1"),
    ("13.5", two_classes_only, ""),
    ("13.5", overflowing, ""),
    ("13.5", nothing_done, ""),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # an attempt may overflow
@pytest.mark.parametrize(
    ("number", "attempt", "says"),
    [pytest.param(*row, id=f"{row[0]} {row[2] or row[1].__name__}") for row in WRONG],
)
def test_a_wrong_answer_written_differently_is_named(number, attempt, says):
    verdict = mark(CHECKED[number], attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert says in verdict.sentence


def test_other_ways_to_the_right_answer_are_right():
    for number, attempt in (("13.2", loop()), ("13.4", evaluation(by_people))):
        assert mark(CHECKED[number], attempt, 5.0).verdict == "right"


@pytest.mark.parametrize(("number", "parts"), [("13.1", sheet_13.PARTS), ("13.3", sheet_13.COINS)])
def test_a_number_that_nobody_foresaw_is_named_by_its_part(number, parts):
    for name in parts:
        rights = {key: right for key, (right, _) in parts.items()}
        verdict = mark(CHECKED[number], list((rights | {name: 0.333}).values()))
        assert verdict.sentence == f"{name}: yours is 0.333, which is not right"


def test_no_sentence_about_coins_contains_the_right_number():
    """As in test_exercises.py, but `reach` may be a tenth off, since it is simulated."""
    for k, (name, right) in enumerate(zip(sheet_13.COINS, CHECKED["13.3"].reference, strict=True)):
        answer = list(CHECKED["13.3"].reference)
        answer[k] = right + (0.1321 if name == "reach" else 0.0321)
        told = mark(CHECKED["13.3"], answer).sentence
        assert told.startswith(name)
        assert f"{answer[k]:.3f}".rstrip("0") in told
        assert f"{right:.2g}" not in told.replace(f"{answer[k]:.3f}", "")


def test_a_simulated_reach_is_right():
    flips = np.random.default_rng(0).binomial(20, 0.5, (20, 5000, 30))
    for reach in (flips >= 14).sum(axis=2).mean(axis=1):
        answer = [reach, *CHECKED["13.3"].reference[1:]]
        assert mark(CHECKED["13.3"], answer).verdict == "right"


@pytest.mark.parametrize(
    ("number", "name", "value", "says"),
    [
        ("13.1", "accuracy", 86, "not percent"),
        ("13.1", "rare_accuracy", (42 + 1328) / 1400, "false alarms are still"),
        ("13.1", "rare_accuracy", (18 + 1292) / 1400, "found are still"),
        ("13.3", "claimed", 14.49, "not a count"),
        ("13.3", "reach", 0.0, "luck alone"),
        ("13.3", "reach", 0.058, "for *one* model"),
    ],
)
def test_a_wrong_number_is_told_from_its_neighbours(number, name, value, says):
    parts = sheet_13.PARTS if number == "13.1" else sheet_13.COINS
    answer = {key: right for key, (right, _) in parts.items()} | {name: value}
    assert says in mark(CHECKED[number], list(answer.values())).sentence


def minus_forgotten(logits, ids):
    taus = np.geomspace(0.1, 10, 500)
    return taus[np.argmax([nats(logits / tau, ids) for tau in taus])]


def test_a_lost_sign_is_named_on_logits_that_are_too_sure():
    sentence = mark(CHECKED["13.5"], minus_forgotten, 5.0).sentence
    assert "the sign of the loss is lost" in sentence


@pytest.mark.parametrize(("table", "names"), [(sheet_13.LAB, ""), (sheet_13.RARE, "rare_")])
def test_the_numbers_by_hand_are_those_of_scikit_learn(table, names):
    tp, fn, fp, tn = table
    truth, alarm = np.repeat([1, 1, 0, 0], table), np.repeat([1, 0, 1, 0], table)
    three = precision_recall_fscore_support(truth, alarm, average="binary")[:3]
    ours = [sheet_13.PARTS[names + name][0] for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(ours, three)
    assert sheet_13.PARTS[f"{names}accuracy"][0] == np.mean(truth == alarm)


def test_the_best_of_coins_is_what_flipping_them_gives():
    flips = np.random.default_rng(0).binomial(20, 0.5, (20_000, 30))
    assert abs(flips.max(axis=1).mean() / 20 - sheet_13.CLAIMED) < 0.003
    assert abs((flips >= 14).sum(axis=1).mean() - sheet_13.COINS["reach"][0]) < 0.04


def test_the_temperature_of_two_classes_is_the_packages():
    rng = np.random.default_rng(1)
    logits, y = rng.normal(size=200) * 3, rng.random(200) < 0.6
    y = np.where(rng.random(200) < 0.5, y, logits > 0)
    two = np.stack([np.zeros(200), logits], axis=1)
    ours, theirs = sheet_13.temperature(two, y.astype(int)), metrics.temperature(logits, y)
    assert abs(ours / theirs - 1) < 2e-3


@pytest.mark.parametrize("fresh", [False, True])
def test_the_loop_without_masked_inputs_is_the_packages(fresh, monkeypatch):
    rng = np.random.default_rng(2)
    B, T, D, H, rate = 3, 7, 4, 5, 0.4
    x, u_h = rng.normal(size=(B, T, D)), rng.random((B, T, H))
    W_xh, W_hh, b_h = (rng.normal(size=shape) for shape in ((D, H), (H, H), (H,)))
    drawn = iter(np.moveaxis(u_h, 1, 0))
    monkeypatch.setattr(torch, "rand", lambda shape, generator: torch.tensor(next(drawn)[None]))
    projected = torch.tensor(x @ W_xh + b_h)[None]
    theirs = regularise.masked_loop(projected, torch.tensor(W_hh)[None], torch.tanh, rate, fresh)
    without = np.zeros((B, H)), W_xh, W_hh, b_h, np.ones((B, T, D)), u_h, rate, fresh
    ours = sheet_13.masked_states(x * (1 - rate), *without)  # inputs are scaled, none is dropped
    np.testing.assert_allclose(ours[:, -1], theirs[0], rtol=1e-5)  # masks are float32
