"""Answer sheet of chapter 13, Regularise, tune, evaluate."""

import itertools
import math

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 13.1 Four numbers, and elsewhere -----------------------------------------------------------

TP, FN, FP, TN = 18, 12, 2, 68  # of 30 stumbles and 70 hops
RARE = (42, 28, 38, 1292)  # the same network, 70 stumbles and 1,330 hops


def _precision(tp, fn, fp, tn):
    return tp / (tp + fp)


def _recall(tp, fn, fp, tn):
    return tp / (tp + fn)


def _f1(tp, fn, fp, tn):
    return 2 * tp / (2 * tp + fp + fn)


LAB = (TP, FN, FP, TN)
PARTS = {
    "accuracy": (
        (TP + TN) / 100,
        {
            "stumbles found alone": (
                TP / 100,
                "hops that are called hops are right answers as well",
            ),
            "mean of two shares": (
                (_recall(*LAB) + TN / (TN + FP)) / 2,
                "this weighs stumbles and hops alike; accuracy weighs every recording alike",
            ),
        },
    ),
    "precision": (
        _precision(*LAB),
        {
            "recall for precision": (
                _recall(*LAB),
                "this is the recall, a share of the stumbles; precision is a share of the alarms",
            ),
            "share of false alarms": (
                FP / (TP + FP),
                "this is the share of alarms that are false",
            ),
            "share of alarms": ((TP + FP) / 100, "this is how often there is an alarm at all"),
        },
    ),
    "recall": (
        _recall(*LAB),
        {
            "precision for recall": (
                _precision(*LAB),
                "this is the precision, a share of the alarms; recall is a share of the stumbles",
            ),
            "share missed": (FN / (TP + FN), "this is the share of stumbles that is missed"),
            "recall of hops": (TN / (TN + FP), "this is the recall of hops; stumbles were asked"),
            "share of everything": (
                TP / 100,
                "divided by all recordings; divide by all stumbles",
            ),
        },
    ),
    "f1": (
        _f1(*LAB),
        {
            "arithmetic mean": (
                (_precision(*LAB) + _recall(*LAB)) / 2,
                "this is the arithmetic mean of precision and recall, which forgives a low one; "
                "F1 is their harmonic mean",
            ),
            "geometric mean": (
                math.sqrt(_precision(*LAB) * _recall(*LAB)),
                "this is the geometric mean; F1 is the harmonic one",
            ),
            "the two forgotten": (
                TP / (TP + FP + FN),
                "the stumbles found count twice, above and below",
            ),
            "product": (_precision(*LAB) * _recall(*LAB), "this is precision times recall"),
        },
    ),
    "rare_accuracy": (
        (RARE[0] + RARE[3]) / 1400,
        {
            "accuracy unchanged": (
                (TP + TN) / 100,
                "accuracy is the recalls of both kinds, weighed by how many there are, and now "
                "there are other numbers of them",
            ),
            "two false alarms as before": (
                (RARE[0] + 1330 - FP) / 1400,
                "the false alarms are still those of the laboratory; there are more hops now, and "
                "the same share of them raises one",
            ),
            "stumbles found as before": (
                (TP + RARE[3]) / 1400,
                "the stumbles found are still those of the laboratory; there are more now, and the "
                "same share of them is found",
            ),
            "never for the network": (
                1330 / 1400,
                "this is what always saying hop gets; the network is close to it",
            ),
        },
    ),
    "rare_precision": (
        _precision(*RARE),
        {
            "precision unchanged": (
                _precision(*LAB),
                "there are many more hops to raise a false alarm over, so precision cannot stay",
            ),
            "false alarms not scaled": (
                RARE[0] / (RARE[0] + FP),
                "the false alarms are still those of the laboratory; there are more hops now, and "
                "the same share of them raises one",
            ),
            "scaled with the share": (
                _precision(*LAB) * 0.05 / 0.3,
                "precision does not shrink in proportion to the share of stumbles; count the true "
                "and the false alarms",
            ),
        },
    ),
    "rare_recall": (
        _recall(*RARE),
        {
            "recall scaled with the share": (
                _recall(*LAB) * 0.05 / 0.3,
                "recall is a share *of the stumbles*, however rare they are",
            ),
            "precision for rare recall": (_precision(*RARE), "this is the precision elsewhere"),
        },
    ),
    "rare_f1": (
        _f1(*RARE),
        {
            "f1 unchanged": (_f1(*LAB), "precision is another one here, and so is F1"),
            "arithmetic mean elsewhere": (
                (_precision(*RARE) + _recall(*RARE)) / 2,
                "this is the arithmetic mean of precision and recall",
            ),
            "the two forgotten elsewhere": (
                RARE[0] / sum(RARE[:3]),
                "the stumbles found count twice, above and below",
            ),
        },
    ),
    "never": (
        1330 / 1400,
        {
            "share of stumbles": (70 / 1400, "this is the share of stumbles, where it is wrong"),
            "never in the laboratory": (0.7, "this is what it gets in the laboratory"),
            "its recall": (0.0, "this is its recall; its accuracy was asked"),
        },
    ),
}
RIGHT = tuple(right for right, _ in PARTS.values())


def _judged(parts, answer, near):
    """The first part that is wrong, and why; `near(name)` is how close is close enough."""
    for (name, (right, known)), part in zip(parts.items(), answer, strict=True):
        value = part.item()
        if abs(value - right) <= near(name):
            continue
        off, says = min((abs(value - wrong), says) for wrong, says in known.values())
        if off > near(name):
            says = f"yours is {np.round(value, 3)}, which is not right"
            if value > 1 and right < 1:
                says += ": a share between 0 and 1 is asked, not percent and not a count"
        return f"{name}: {says}"
    return None


def _slips(parts):
    """Every known wrong number in its place among right ones."""
    rights = {name: right for name, (right, _) in parts.items()}
    for name, (_, known) in parts.items():
        for label, (value, says) in known.items():
            answer = tuple((rights | {name: value}).values())
            yield Misconception(label, f"{name}: {says}", answer)


_trace = Exercise(
    id="13.1",
    title="Four numbers, and elsewhere",
    stars=1,
    minutes=15,
    deepens='the claim "its alarms are right far less often: precision falls by over 20 points"',
    statement="Work out accuracy, precision, recall and F1 of one table by hand, and what becomes "
    "of them where stumbles are rare.",
    kind="value",
    reference=RIGHT,
    alternatives=(np.round(RIGHT, 3), [float(f"{value:.4g}") for value in RIGHT]),
    returns=tuple(PARTS),
    judge=lambda answer, rng: _judged(PARTS, answer, lambda name: 0.002),
    praise="one network, two places: recall travels, precision does not",
    misconceptions=tuple(_slips(PARTS)),
    hints=(
        "Precision looks at the column of alarms, recall at the row of stumbles.",
        "Elsewhere the two *rows* keep their shares: of the stumbles as many in a hundred are "
        "found, of the hops as many in a hundred raise an alarm.",
        "Of 70 stumbles 6 in 10 are found, of 1,330 hops 2 in 70 raise an alarm: write down the "
        "four numbers and begin again.",
    ),
)

# --- 13.2 Two masks ------------------------------------------------------------------------------


def masked_states(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh):
    """h (B, T, H): a tanh network with dropout on its inputs and on its state."""
    return _masked(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh)


def _inverted(u, rate):
    return (u >= rate) / (1 - rate)


def _first_for_all(u, fresh):
    return u if fresh else np.broadcast_to(u[:, :1], u.shape)


def _before(h, m, W_hh):
    return (m * h) @ W_hh


def _masked(
    x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh,
    *, mask=_inverted, when=_first_for_all, on_x=True, on_h=True, way=_before, out=False,
    late=False,
):  # fmt: skip
    """The same, with a switch for what people confuse."""
    m_x, m_h = (mask(when(u, fresh), rate) for u in (u_x, u_h))
    if late:  # the mask of the step before
        m_h = np.concatenate([np.ones_like(m_h[:, :1]), m_h[:, :-1]], axis=1)
    h, states = h_0, []
    for t in range(x.shape[1]):
        x_t = m_x[:, t] * x[:, t] if on_x else x[:, t]
        pushed = way(h, m_h[:, t], W_hh) if on_h else h @ W_hh
        h = np.tanh(x_t @ W_xh + pushed + b_h)
        states.append(m_h[:, t] * h if out else h)
    return np.stack(states, axis=1)


def _masked_differently(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh):
    T = x.shape[1]
    h = np.empty((len(x), T, len(W_hh)))
    for b in range(len(x)):
        before = h_0[b]
        for t in range(T):
            k = t if fresh else 0
            x_t = np.where(u_x[b, k] < rate, 0, x[b, t]) / (1 - rate)
            kept = np.where(u_h[b, k] < rate, 0, before) / (1 - rate)
            before = h[b, t] = np.tanh(b_h + x_t @ W_xh + kept @ W_hh)
    return h


def _handed_on_masked(x, h_0, W_xh, W_hh, b_h, u_x, u_h, rate, fresh):
    m_x, m_h = (_inverted(_first_for_all(u, fresh), rate) for u in (u_x, u_h))
    h, states = h_0, []
    for t in range(x.shape[1]):
        h = m_h[:, t] * np.tanh((m_x[:, t] * x[:, t]) @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states, axis=1)


def _mask_case(rng, B, T, D, H, rate, fresh, label=None):
    weights = (rng.normal(size=(D, H)) / D, rng.normal(size=(H, H)) / math.sqrt(H))
    args = (rng.normal(size=(B, T, D)), rng.normal(size=(B, H)), *weights, rng.normal(size=H) / 2)
    u = rng.random((B, T, D)), rng.random((B, T, H))
    kind = "a fresh mask at every step" if fresh else "one mask per sequence"
    return Case(label or f"rate {rate}, {kind}", (*args, *u, rate, fresh))


def _mask_cases(rng):
    return [
        _mask_case(rng, 3, 7, 4, 5, 0.3, False),
        _mask_case(rng, 3, 7, 4, 5, 0.3, True),
        _mask_case(rng, 2, 6, 3, 8, 0.6, False),
        _mask_case(rng, 4, 5, 6, 3, 0.6, True),
        _mask_case(rng, 2, 4, 3, 5, 0.0, False, "rate 0, where nothing is dropped"),
    ]


def _loop_with(**switches):
    return lambda *args: _masked(*args, **switches)


_implement = Exercise(
    id="13.2",
    title="Two masks",
    stars=2,
    minutes=25,
    deepens='the claim "with one mask, four in five have it still, but over nine times too large"',
    statement="Write a plain tanh network with dropout on its inputs and on the state that goes "
    "round, with fresh masks or with one per sequence.",
    reference=masked_states,
    alternatives=(_masked_differently,),
    inputs=_mask_cases,
    returns=("h (B, T, H)",),
    praise="with `fresh=False` this is what Keras does with `dropout` and `recurrent_dropout`",
    misconceptions=(
        Misconception(
            "not scaled",
            "dropped, but what is kept is not divided by 1 - rate: the mean is smaller than "
            "without dropout",
            _loop_with(mask=lambda u, rate: (u >= rate) * 1.0),
        ),
        Misconception(
            "scaled by the rate",
            "divided by the rate; the share that is *kept* is 1 - rate",
            _loop_with(mask=lambda u, rate: (u >= rate) / (rate or 1.0)),
        ),
        Misconception(
            "scaled down",
            "multiplied by 1 - rate, which makes it smaller still; divide by it",
            _loop_with(mask=lambda u, rate: (u >= rate) * (1 - rate)),
        ),
        Misconception(
            "mask inverted",
            "kept where u < rate: that is where numbers are dropped",
            _loop_with(mask=lambda u, rate: (u < rate) / (1 - rate)),
        ),
        Misconception(
            "kept above 1 - rate",
            "kept where u >= 1 - rate, which is a share of `rate`; keep where u >= rate",
            _loop_with(mask=lambda u, rate: (u >= 1 - rate) / (1 - rate)),
        ),
        Misconception(
            "inputs not masked",
            "the state is masked, the inputs are not",
            _loop_with(on_x=False),
        ),
        Misconception(
            "state not masked",
            "the inputs are masked, the state that goes round is not",
            _loop_with(on_h=False),
        ),
        Misconception(
            "always fresh",
            "`fresh` is not used: with fresh=False the masks of the first step, u[:, 0], serve for "
            "all steps",
            _loop_with(when=lambda u, fresh: u),
        ),
        Misconception(
            "always one mask",
            "`fresh` is not used: with fresh=True every step t has the masks of u[:, t]",
            _loop_with(when=lambda u, fresh: _first_for_all(u, False)),
        ),
        Misconception(
            "fresh the wrong way round",
            "fresh=True and fresh=False are exchanged",
            _loop_with(when=lambda u, fresh: _first_for_all(u, not fresh)),
        ),
        Misconception(
            "one mask for the batch",
            "all sequences have the mask of the first one; each has its own",
            _loop_with(
                when=lambda u, fresh: _first_for_all(np.broadcast_to(u[:1], u.shape), fresh)
            ),
        ),
        Misconception(
            "mask after W_hh",
            "masked after the product with W_hh: mask the state *before*, so that a unit that is "
            "dropped tells nobody anything",
            _loop_with(way=lambda h, m, W_hh: m * (h @ W_hh)),
        ),
        Misconception(
            "new state masked",
            "the state that comes *out* of a step is masked; mask h_prev on its way in, and leave "
            "h_t whole",
            _handed_on_masked,
        ),
        Misconception(
            "returned states masked",
            "the loop is right; the states that are returned were masked as well",
            _loop_with(out=True),
        ),
        Misconception(
            "mask of the step before",
            "step t masks the state by u_h[:, t - 1], and the first not at all; the mask of step t "
            "works on the state that comes into step t, h_0 included",
            _loop_with(late=True),
        ),
    ),
    hints=(
        "m = (u >= rate) / (1 - rate), for the inputs and for the state; decide before the loop "
        "which masks step t has.",
        "With fresh=False only u_x[:, 0] and u_h[:, 0] are used. h_0 is masked as every other "
        "state is.",
        "h_t = np.tanh((m_x * x[:, t]) @ W_xh + (m_h * h_t) @ W_hh + b_h), where the h_t on the "
        "right is the one of the step before; collect them with np.stack(..., axis=1).",
    ),
)

# --- 13.3 Thirty coins ---------------------------------------------------------------------------


def _share_at_least(k, m):
    """Probability that a coin falls right at least k times of m."""
    return sum(math.comb(m, i) for i in range(k, m + 1)) / 2**m


def best_of(n, m):
    """The mean of the best share right of n coins on m cases: the sum of P(best >= k) / m."""
    return sum(1 - (1 - _share_at_least(k, m)) ** n for k in range(1, m + 1)) / m


CLAIMED = best_of(30, 20)
ONE_IN = _share_at_least(14, 20)
COINS = {
    "reach": (
        30 * ONE_IN,
        {
            "probability of one": (ONE_IN, "this is the probability for *one* model"),
            "more than fourteen": (
                30 * _share_at_least(15, 20),
                "14 of 20 count as well; this begins at 15",
            ),
            "exactly fourteen": (
                30 * (ONE_IN - _share_at_least(15, 20)),
                "exactly 14 of 20; those that get more count as well",
            ),
            "whether any does": (
                1 - (1 - ONE_IN) ** 30,
                "this is the probability that at least one gets there; how many, was asked",
            ),
            "nobody": (0.0, "luck alone gets some there"),
        },
    ),
    "claimed": (
        CLAIMED,
        {
            "no luck": (0.5, "this is what one coin gets on average; here the best was *chosen*"),
            "one deviation": (
                0.5 + 0.5 / math.sqrt(20),
                "one standard deviation above the mean: about five of thirty get there, and the "
                "best is further up",
            ),
            "three deviations": (
                0.5 + 1.5 / math.sqrt(20),
                "three standard deviations above the mean: one of some seven hundred gets there",
            ),
            "the rule of thumb": (
                0.5 + math.sqrt(2 * math.log(30)) * 0.5 / math.sqrt(20),
                "the rule of thumb with the root of twice the logarithm is too high for so few",
            ),
            "everything right": (1.0, "one of a million gets everything right"),
        },
    ),
    "worth": (
        0.5,
        {
            "as claimed": (
                CLAIMED,
                "this is what it claims; on new cases it is what it is, a coin",
            ),
            "half way": (
                (CLAIMED + 0.5) / 2,
                "nothing of its luck stays: whoever knew nothing, knows nothing",
            ),
            "luck paid back": (
                1 - CLAIMED,
                "luck is not paid back either; a coin has no memory",
            ),
        },
    ),
    "tenfold": (
        best_of(300, 20),
        {
            "tenfold as before": (CLAIMED, "this is what thirty claim; more tries find more luck"),
            "tenfold the excess": (
                0.5 + 10 * (CLAIMED - 0.5),
                "the excess does not grow as the number of tries does; it is slow, as the root of "
                "a logarithm",
            ),
            "everything right of 300": (1.0, "one of a million gets everything right"),
        },
    ),
    "more_cases": (
        best_of(30, 80),
        {
            "cases as before": (CLAIMED, "with more cases luck evens out"),
            "a quarter of the excess": (
                0.5 + (CLAIMED - 0.5) / 4,
                "a mean over four times as many cases scatters by the *root* of four less",
            ),
            "no excess left": (0.5, "less luck, but not none: the best was still chosen"),
        },
    ),
}

_predict = Exercise(
    id="13.3",
    title="Thirty coins",
    stars=2,
    minutes=20,
    deepens='the claim "with 14 trials to choose from it flatters more"',
    statement="Predict, before you measure, what the best of many worthless models claims.",
    kind="value",
    reference=tuple(right for right, _ in COINS.values()),
    alternatives=(
        [float(f"{right:.3g}") for right, _ in COINS.values()],
        np.array([right for right, _ in COINS.values()]) + 0.002,
    ),
    returns=tuple(COINS),
    judge=lambda answer, rng: _judged(
        COINS, answer, lambda name: 0.1 if name == "reach" else 0.012
    ),
    praise="ten times the tries add nine points of luck; four times the cases take eleven away",
    misconceptions=tuple(_slips(COINS)),
    hints=(
        "A model that flips coins is right on each case with probability one half: the number of "
        "cases it gets right of 20 has a binomial distribution.",
        "P(the best of n is right on at least k) = 1 - (1 - P(one is))^n. Or let the computer "
        "flip: rng.binomial(20, 0.5, (5000, 30)) are 5,000 searches.",
        "The mean of the best is the sum over k = 1 ... 20 of P(the best gets at least k), divided "
        "by 20; or the mean over searches of .max(axis=1) / 20.",
    ),
)

# --- 13.4 One person on both sides ---------------------------------------------------------------


def honest(x, y, who, people, learn):
    """The mean taken off (D,), the best epoch, and the log loss on test people."""
    return _evaluated(x, y, who, people, learn)


def _log_loss(logits, y):
    return float(np.mean(np.logaddexp(0, np.where(y, -logits, logits))))


def _people_apart(who, people):
    """Rows to train, validate and test on: half, a quarter and a quarter of the people."""
    quarter = 4 * np.argsort(people)[who] // len(people)
    return quarter < 2, quarter == 2, quarter == 3


def _rows_apart(who, people):
    """The broken way: sorted by person, and cut by the number of rows."""
    N, rows = len(who), np.argsort(np.argsort(people)[who], kind="stable")
    return np.split(rows, [N // 2, 3 * N // 4])


def _evaluated(
    x, y, who, people, learn,
    *, by_person=True, train_scale=True, val_stop=True, report="test", split=None, scaled_by=None,
):  # fmt: skip
    """The mended function, with a switch for each fault and some more."""
    split = split or (_people_apart if by_person else _rows_apart)
    train, val, test = split(who, people)
    basis = scaled_by(x, train, val) if scaled_by else x[train] if train_scale else x
    level = basis.mean(axis=(0, 1))
    z = (x - level) / basis.std(axis=(0, 1))
    models = learn(z[train], y[train])
    sets = {"train": train, "val": val, "test": test}
    losses = {k: [_log_loss(m(z[rows]), y[rows]) for m in models] for k, rows in sets.items()}
    chooser = val_stop if isinstance(val_stop, str) else "val" if val_stop else "test"
    epoch = int(np.argmin(losses[chooser])) if chooser in losses else len(models) - 1
    return level, epoch, losses[report][epoch]


def _honest_differently(x, y, who, people, learn):
    half, rest = len(people) // 2, len(people) * 3 // 4
    parts = [np.isin(who, group) for group in (people[:half], people[half:rest], people[rest:])]
    flat = x[parts[0]].reshape(-1, x.shape[-1])
    mean, deviation = flat.mean(0), np.sqrt(((flat - flat.mean(0)) ** 2).mean(0))
    best = (np.inf, None, None)
    models = learn((x[parts[0]] - mean) / deviation, y[parts[0]])
    for epoch, model in enumerate(models):
        a, b = (model((x[part] - mean) / deviation) for part in parts[1:])
        p, q = 1 / (1 + np.exp(-a)), 1 / (1 + np.exp(-b))
        val = -np.mean(np.log(np.where(y[parts[1]], p, 1 - p)))
        if val < best[0]:
            best = (val, epoch, -np.mean(np.log(np.where(y[parts[2]], q, 1 - q))))
    return [mean, best[1], best[2]]


SPLIT_SLIPS = {
    "by_person": "the cuts are made by the number of rows, so that a person who stands at a cut is "
    "on both sides; cut the list of *people*, and take all rows of each",
    "train_scale": "mean and deviation are taken over all recordings, test people included; only "
    "the training rows may be used",
    "val_stop": "the epoch is chosen on the test people, so that their loss flatters; choose it on "
    "the validation people",
}


def _split_slips():
    good = dict.fromkeys(SPLIT_SLIPS, True)
    for count in (3, 2, 1):
        for names in itertools.combinations(SPLIT_SLIPS, count):
            says = "still there: " + "; ".join(SPLIT_SLIPS[name] for name in names)
            if count == 3:
                first = SPLIT_SLIPS["by_person"]
                says = f"this still does what the broken function does; begin here: {first}"
            wrong = good | dict.fromkeys(names, False)
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _evaluated(*args, **wrong)
            )


def _learn(z, y, epochs=12):
    """Logistic regression by descent; a model after each epoch."""
    rows, w, models = z.reshape(len(z), -1), np.zeros(z[0].size), []
    for _ in range(epochs):
        for _ in range(3):
            w = w - 0.5 * rows.T @ (1 / (1 + np.exp(-rows @ w)) - y) / len(y)
        models.append(lambda z, w=w: z.reshape(len(z), -1) @ w)
    return models


def _people_case(rng, P, D, T=3):
    """Habits that overfit, drawn until every fault shows in the answer."""
    for _ in range(200):
        who = rng.permutation(np.repeat(np.arange(P), rng.integers(4, 12, P)))
        y = rng.random(len(who)) < rng.choice([0.2, 0.8], P)[who]
        x = 2 + rng.normal(size=(P, 1, D))[who] + rng.normal(size=(len(who), T, D))
        x[:, -1, 0] += 1.2 * y
        args = (x, y, who, rng.permutation(P), _learn)
        train = _people_apart(who, args[3])[0]
        rows = _rows_apart(who, args[3])[0]
        epochs = [_evaluated(*args, val_stop=chooser)[1] for chooser in ("val", "test", "train")]
        if not np.array_equal(np.flatnonzero(train), np.sort(rows)) and len(set(epochs)) == 3:
            break
    return Case(f"{P} people, {len(who)} recordings", args)


def _people_cases(rng):
    return [_people_case(rng, 12, 2), _people_case(rng, 8, 3), _people_case(rng, 16, 1, T=4)]


_repair = Exercise(
    id="13.4",
    title="One person on both sides",
    stars=3,
    minutes=30,
    deepens='the claim "by row, the network claims over 15 points more than it has on new people"',
    statement="Mend three faults in an evaluation, each of which lets something of the test people "
    "in; only one of them flatters reliably.",
    reference=honest,
    alternatives=(_honest_differently,),
    inputs=_people_cases,
    returns=("level (D,)", "epoch", "loss"),
    praise="what is reported now was neither trained on, nor scaled by, nor chosen by",
    misconceptions=(
        *_split_slips(),
        Misconception(
            "loss of the validation people",
            "the epoch is right; the loss that is reported is that of the validation people, who "
            "chose it",
            lambda *args: _evaluated(*args, report="val"),
        ),
        Misconception(
            "chosen on the training people",
            "this is the last epoch, or the one chosen by the training loss, which falls nearly "
            "always; choose it on the validation people",
            lambda *args: _evaluated(*args, val_stop="train"),
        ),
        Misconception(
            "validation people in the scale",
            "mean and deviation are taken over training and validation people; the training rows "
            "alone are meant",
            lambda *args: _evaluated(*args, scaled_by=lambda x, a, b: x[a | b]),
        ),
        Misconception(
            "people in the order of their numbers",
            "people are taken in the order of their numbers: `people` says in which order",
            lambda *args: _evaluated(
                *args, split=lambda who, people: _people_apart(who, np.arange(len(people)))
            ),
        ),
        Misconception(
            "place and number exchanged",
            "people[who] is the person who *stands* at place `who` of the list; wanted is the "
            "place at which person `who` stands",
            lambda *args: _evaluated(
                *args, split=lambda who, people: _people_apart(who, np.argsort(people))
            ),
        ),
        Misconception(
            "validation and test exchanged",
            "validation and test people are exchanged: the third quarter of the list chooses, the "
            "last is reported",
            lambda *args: _evaluated(*args, val_stop="test", report="val"),
        ),
    ),
    hints=(
        "Print, for the broken function, which people have rows in more than one of the three "
        "parts. np.isin(who, people[:6]) are all rows of the first six people of the list.",
        "Mean and deviation are learned from data as weights are. From which rows may they be?",
        "Losses of all models on the validation people choose the epoch; the loss on the test "
        "people is computed for that model alone.",
    ),
)

# --- 13.5 Too sure, or too timid -----------------------------------------------------------------


def temperature(logits, ids):
    """The tau between 0.1 and 10 with the least mean log loss of softmax(logits / tau)."""
    return _least(_nats, logits, ids)


def _softmax(a, axis=-1):
    e = np.exp(a - a.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _of_truth(p, ids):
    return p[:, np.arange(len(ids)), ids]


def _nats(a, ids):
    """Mean log loss (n,) for logits (n, N, K), which are divided already."""
    a = a - a.max(axis=-1, keepdims=True)
    return np.mean(np.log(np.exp(a).sum(axis=-1)) - _of_truth(a, ids), axis=-1)


def _least(loss, logits, ids, low=0.1, high=10.0, start=lambda a: a):
    """The tau with the least loss, on a grid that is made finer three times."""
    logits = start(np.asarray(logits, dtype=float))
    taus = np.geomspace(low, high, 41)
    for _ in range(4):
        best = int(np.argmin(loss(logits / taus[:, None, None], ids)))
        ends = taus[max(best - 1, 0)], taus[min(best + 1, len(taus) - 1)]
        middle, taus = taus[best], np.geomspace(*ends, 13)
    return float(middle)


def _by_bisection(logits, ids):
    """The slope of the loss in 1 / tau grows with 1 / tau: halve the interval of its zero."""
    a = logits - logits[np.arange(len(ids)), ids][:, None]
    low, high = 0.1, 10.0
    for _ in range(40):
        beta = (low + high) / 2
        slope = np.mean(np.sum(_softmax(beta * a) * a, axis=1))
        low, high = (low, beta) if slope > 0 else (beta, high)
    return 1 / beta


def _binary_each(a, ids):
    y = np.eye(a.shape[-1])[ids]
    return np.mean(np.logaddexp(0, np.where(y == 1, -a, a)), axis=(1, 2))


def _brier(a, ids):
    return np.mean((_softmax(a) - np.eye(a.shape[-1])[ids]) ** 2, axis=(1, 2))


def _confidence(a, ids):
    right = np.mean(a[0].argmax(axis=-1) == ids)
    return np.abs(_softmax(a).max(axis=-1).mean(axis=-1) - right)


def _over_batch(a, ids):
    return -np.mean(np.log(_of_truth(_softmax(a, axis=1), ids) + 1e-300), axis=-1)


def _own_answer(a, ids):
    return -np.mean(np.log(_softmax(a).max(axis=-1)), axis=-1)


def _with_loss(loss, **options):
    return lambda logits, ids: _least(loss, logits, ids, **options)


def _logits_case(rng, N, K, tau, away, label):
    honest_logits = 1.5 * rng.normal(size=(N, K))
    p = _softmax(honest_logits).cumsum(axis=1)
    ids = np.minimum((rng.random((N, 1)) > p).sum(axis=1), K - 1)
    return Case(label, (tau * honest_logits + away * rng.normal(size=(N, 1)), ids))


def _logits_cases(rng):
    return [
        _logits_case(rng, 150, 4, 2.5, 0, "logits that are too large"),
        _logits_case(rng, 160, 3, 0.35, 0, "logits that are too small"),
        _logits_case(rng, 200, 5, 6.5, 3, "logits that are far too large"),
        _logits_case(rng, 140, 2, 1.6, 900, "a large constant added to each row of logits"),
    ]


_calibrate = Exercise(
    id="13.5",
    title="Too sure, or too timid",
    stars=2,
    minutes=25,
    deepens='the claim "the temperature of most networks is above 1: they were too sure"',
    statement="Find the temperature of a classifier with K classes.",
    reference=temperature,
    alternatives=(_by_bisection,),
    inputs=_logits_cases,
    returns=("tau",),
    tolerance=5e-3,
    praise="no answer has changed, only how sure it is",
    misconceptions=(
        Misconception(
            "one over tau",
            "this is 1 / tau: the logits are *divided* by tau, so that tau > 1 makes them less "
            "sure",
            lambda logits, ids: 1 / _least(_nats, logits, ids),
        ),
        Misconception(
            "never below 1",
            "right for those that are too sure, but some are too timid: search below 1 as well",
            _with_loss(_nats, low=1.0),
        ),
        Misconception(
            "never above 1",
            "right for those that are too timid, but some are too sure: search above 1 as well",
            _with_loss(_nats, high=1.0),
        ),
        Misconception(
            "search that ends at 5",
            "the search ends too early: tau may be anything from 0.1 to 10",
            _with_loss(_nats, high=5.0),
        ),
        Misconception(
            "squared errors",
            "this makes the squared error of the probabilities least; the log loss was asked",
            _with_loss(_brier),
        ),
        Misconception(
            "mean confidence matched",
            "this makes the mean confidence equal to the accuracy, which is another criterion; the "
            "log loss was asked",
            _with_loss(_confidence),
        ),
        Misconception(
            "classes one by one",
            "each class is judged by a sigmoid of its own here; the classes share one softmax",
            _with_loss(_binary_each),
        ),
        Misconception(
            "softmax over the batch",
            "the softmax is taken over the batch; each row of logits has its own, over the classes",
            _with_loss(_over_batch),
        ),
        Misconception(
            "its own answer for the truth",
            "tau is always the smallest: either the sign of the loss is lost, or it looks at the "
            "class that the model prefers; make *minus* the log probability of the true class, "
            "ids, least",
            _with_loss(_own_answer),
        ),
        Misconception(
            "not made to sum to 1 again",
            "tau is always the largest: perhaps log probabilities are divided by tau, and do not "
            "belong to probabilities that sum to 1 any more: divide the *logits*, then take the "
            "softmax",
            lambda logits, ids: 10.0,
        ),
        Misconception(
            "softmax twice",
            "the softmax is taken twice: it belongs after the division, once",
            _with_loss(_nats, start=_softmax),
        ),
        Misconception(
            "the deviation of the logits",
            "divided by their standard deviation the logits are of size 1, whatever they are "
            "worth; the labels must have a say",
            lambda logits, ids: float(np.std(logits)),
        ),
    ),
    hints=(
        "For one tau: a = logits / tau, the log of the softmax of each row, minus its entry at the "
        "true class, averaged. Which tau makes it least?",
        "Any search will do: np.geomspace(0.1, 10, 2001) has steps of a quarter percent.",
        "Take off the largest logit of each row before exp, or it overflows: log p = a - "
        "log(sum(exp(a))); p[np.arange(N), ids] picks the true classes.",
    ),
)

# --- 13.6 open -----------------------------------------------------------------------------------

_open = Exercise(
    id="13.6",
    title="More people, or more of each?",
    stars=3,
    minutes=45,
    deepens='the claim "as recorded, the training loss halves while '
    'that on new people rises by a third"',
    statement="You may record 240 stumbles and hops: find out whether six people with forty each "
    "serve as well as sixty with four each.",
    kind="open",
    hints=(
        "subjects.stumbles(people, each, rng) makes any plan; people * each is always 240.",
        "Judge all plans by the same new people, over at least five seeds, and add a plan whose "
        "recordings are centred.",
        "Spoiler, read it after your experiment: which matters more here, how many people there "
        "are, or whether the offset is taken away?",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _calibrate, _open)
