"""Answer sheet of chapter 21, Tomorrow, and how sure."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 21.1 Who knew what, and when ---------------------------------------------------------------

N, CUT, SIZE, HORIZON, LOOK = 26, 12, 3, 4, 3  # steps, first cut, origins a fold, leads, window
CUTS = range(CUT, N - HORIZON - SIZE + 1, SIZE)
PARTS = {
    "train": (
        (LOOK - 1, CUT - 1 - HORIZON),
        {
            "targets beyond the cut": (
                (2, 11),
                "the last origins have targets at the cut or after it, where the test is: a "
                "training target must be known before the cut as well",
            ),
            "one target at the cut": (
                (2, 8),
                "8 + 4 = 12 is the cut itself, which is the first step of the test: the last "
                "training target is step 11",
            ),
            "one origin too few": (
                (2, 6),
                "6 + 4 = 10, and step 11 is known before the cut, too: one more origin fits",
            ),
            "window before the series": (
                (0, 7),
                "at origin 0 there is one value and no window of three: which origin is the first "
                "with three values, its own included?",
            ),
            "origin not in its window": (
                (3, 7),
                "the origin is the last step that is *known*: its own value is in the window",
            ),
            "targets for origins": (
                (6, 11),
                "these are the first and last *targets* of lead 4; the origins were asked",
            ),
            "everything": ((2, 21), "these origins go through the test part as well"),
            "both ends": (
                (0, 11),
                "these are all steps before the cut: the first have no window of three, the last "
                "no targets before the cut",
            ),
        },
    ),
    "folds": (
        len(CUTS),
        {
            "a fold whose targets end too late": (
                4,
                "the last of these folds has targets beyond the series",
            ),
            "rest divided": (5, "only whole folds count, and their targets need steps, too"),
            "one fold too few": (2, "one more fold fits: look where its last target lies"),
            "origins for folds": (9, "these are the origins; three of them are a fold"),
        },
    ),
    "last": (
        CUTS[-1] + SIZE - 1,
        {
            "end of the series": (
                25,
                "from the last step nothing can be tested: all four targets must exist",
            ),
            "last possible origin": (
                21,
                "from 21 all targets exist, but it belongs to a fold that does not fit as a whole",
            ),
            "last possible, off by one": (22, "22 + 4 = 26 lies beyond the series"),
            "last cut": (18, "this is the last cut, the *first* origin of its fold"),
            "target for origin": (24, "this is the last target; the origin was asked"),
        },
    ),
    "direct": (
        (12, 13, 14, 18),
        {
            "origin not read": (
                (11, 12, 13, 18),
                "the origin is the last step that is known, and belongs to the window",
            ),
            "origin not read, target counted from it": (
                (11, 12, 13, 17),
                "the origin is the last step that is known, and belongs to the window; the target "
                "is 14 + 4",
            ),
            "target off by one": ((12, 13, 14, 17), "the target of lead 4 is 14 + 4"),
            "window before the target": (
                (15, 16, 17, 18),
                "it reads what nobody knows at the origin: the three steps before the *target*",
            ),
            "window from the origin on": (
                (14, 15, 16, 18),
                "the window begins at the origin here; it ends there",
            ),
            "window ahead": ((15, 16, 17, 14), "it reads the future and forecasts the past"),
            "newest first": ((14, 13, 12, 18), "the oldest step comes first in the window"),
            "its own fold's origin": ((10, 11, 12, 16), "this is origin 12; origin 14 was asked"),
        },
    ),
    "measured": (
        (3, 2, 1, 0),
        {
            "always measured": (
                (3, 3, 3, 3),
                "here every step reads measured values: these are one-step forecasts from later "
                "origins, not a forecast from one",
            ),
            "own forecasts counted": (
                (0, 1, 2, 3),
                "these are the forecasts among the values; the measured ones were asked",
            ),
            "fed back too early": (
                (2, 1, 0, 0),
                "for lead 1 there is no forecast yet to be fed back: all three are measured",
            ),
            "fed back once": (
                (3, 2, 2, 2),
                "each lead adds one more forecast to the window, and pushes a measured value out",
            ),
            "never without a measurement": (
                (3, 2, 1, 1),
                "at lead 4 the last measured value has left the window of three",
            ),
            "window that grows": (
                (3, 3, 3, 0),
                "the window holds three values: with each forecast that enters, the oldest leaves",
            ),
        },
    ),
    "often": (
        sum(0 < 16 - origin <= HORIZON for origin in range(CUT, CUTS[-1] + SIZE)),
        {
            "once": (1, "several origins forecast it, each with another lead"),
            "once a fold": (3, "count origins, not folds"),
            "once each in two folds": (2, "count origins, not folds"),
            "the origin itself": (5, "origin 16 knows it already"),
            "all origins": (9, "origins 16 and later know it already"),
            "leads times folds": (
                12,
                "not every fold forecasts it with all four leads: count the origins 12 to 15",
            ),
        },
    ),
    "leaked": (
        sum(origin + lead >= CUT for origin in range(CUT) for lead in range(1, HORIZON + 1)),
        {
            "origins for pairs": (
                4,
                "this is how many *origins* have a target at or after the cut; some have several",
            ),
            "all leads of these origins": (
                16,
                "of origins 8 to 11 not every lead reaches the cut: 8 + 3 = 11 does not",
            ),
            "the cut is known": (
                6,
                "a target *at* the cut counts as well: step 12 is the first of the test",
            ),
            "one origin too many": (
                14,
                "origin 7 has its last target at step 11, before the cut: 4, 3, 2 and 1 are left",
            ),
            "lead 4 alone": (3, "all four leads are trained, and a target at the cut counts"),
            "none": (0, "origin 11 has all its targets at or after the cut"),
            "all pairs": (40, "most of these targets lie before the cut"),
        },
    ),
}
RIGHT = tuple(np.array(right, dtype=float) for right, _ in PARTS.values())


def _trace_judge(answer, rng):
    """The first part that is wrong, and why."""
    for (name, (right, known)), part in zip(PARTS.items(), answer, strict=True):
        value = part.ravel()
        if np.allclose(value, np.ravel(right), rtol=0, atol=1e-6):
            continue
        told = (says for wrong, says in known.values() if np.array_equal(value, np.ravel(wrong)))
        shown = ", ".join(f"{number:.6g}" for number in value)
        return f"{name}: {next(told, f'yours is {shown}, which is not right')}"
    return None


def _with_part(name, value):
    return tuple(
        np.array(value, dtype=float) if part == name else right
        for part, right in zip(PARTS, RIGHT, strict=True)
    )


_trace = Exercise(
    id="21.1",
    title="Who knew what, and when",
    stars=1,
    minutes=15,
    deepens='the claim "no target of training lies at or after the first origin of the test"',
    statement="Say by hand which origins train, which test, what a direct and an iterated forecast "
    "read, and how much of the test leaks if nobody minds the horizon.",
    kind="value",
    reference=RIGHT,
    alternatives=([part.tolist() for part in RIGHT], [part.reshape(-1, 1) for part in RIGHT]),
    returns=tuple(PARTS),
    judge=_trace_judge,
    praise="what is known at an origin, and what is not, decides everything else",
    misconceptions=tuple(
        Misconception(f"{part}, {label}", f"{part}: {says}", _with_part(part, value))
        for part, (_, known) in PARTS.items()
        for label, (value, says) in known.items()
    ),
    hints=(
        "Draw the steps 0 to 25 in a row and a line before step 12. A training origin o needs "
        "o - 2, o - 1, o, and its targets up to o + 4 left of the line.",
        "The folds test at 12, 13, 14, then 15, 16, 17, and so on, as long as the last target of "
        "the fold exists. For `measured` write down the window of each lead, with hats on "
        "forecasts.",
        "For `leaked` go through the origins 11, 10, 9 ... and count the leads that take each of "
        "them to step 12 or further.",
    ),
)

# --- 21.2 The price of a quantile ---------------------------------------------------------------


def fan(y, y_hat, levels):
    """loss (K, Q) and covered (K,): the pinball losses and the coverage, lead by lead."""
    return _fan(y, y_hat, levels)


def _pinball(above, tau):
    return np.maximum(tau * above, (tau - 1) * above)


def _inside(y, low, high):
    return (low <= y) & (y <= high)


def _fan(
    y, y_hat, levels,
    *, price=_pinball, inside=_inside, over=lambda cost: cost.mean(axis=0),
    share=lambda hit: hit.mean(axis=0), ends=(0, -1),
):  # fmt: skip
    """The same, with a switch for what people confuse."""
    cost = price(np.asarray(y)[..., None] - y_hat, np.asarray(levels))
    low, high = (y_hat[..., end] for end in ends)
    return over(cost), share(inside(y, low, high) * 1.0)


def _fan_by_loop(y, y_hat, levels):
    loss, covered = np.zeros(y_hat.shape[1:]), []
    for k in range(y.shape[1]):
        for q, tau in enumerate(levels):
            for truth, said in zip(y[:, k], y_hat[:, k, q], strict=True):
                loss[k, q] += tau * (truth - said) if truth > said else (1 - tau) * (said - truth)
        pairs = zip(y[:, k], y_hat[:, k, 0], y_hat[:, k, -1], strict=True)
        covered.append(sum(low <= truth <= high for truth, low, high in pairs) / len(y))
    return loss / len(y), covered


def _fan_by_halves(y, y_hat, levels):
    """Half the absolute error, and a slope."""
    above = y[:, :, np.newaxis] - y_hat
    loss = np.mean(np.abs(above) / 2 + (np.array(levels) - 0.5) * above, axis=0)
    outside = (y < y_hat.min(axis=2)) | (y > y_hat.max(axis=2))
    return loss, 1 - outside.sum(axis=0) / len(y)


_LEVELS = {2: (0.2, 0.8), 3: (0.1, 0.5, 0.9), 4: (0.05, 0.3, 0.7, 0.95)}
_LEVELS[5] = (0.1, 0.2, 0.4, 0.6, 0.9)  # not symmetric


def _fan_case(rng, n, K, Q, label, shift=0.0):
    """Whole numbers, so that some truths lie on the edge of their interval."""
    y = np.round(4 * rng.normal(size=(n, K)))
    middle = np.round(2 * rng.normal(size=(n, K, 1))) + shift
    steps = rng.integers(1, 4, size=(n, K, Q))
    y_hat = middle + np.cumsum(steps, axis=2) - steps.sum(axis=2, keepdims=True) / 2
    y_hat = np.round(y_hat)
    y[0], y[1] = y_hat[0, :, 0], y_hat[1, :, -1]  # on the edges, for certain
    return Case(label, (y, y_hat, np.array(_LEVELS[Q])))


def _fan_cases(rng):
    return [
        _fan_case(rng, 40, 3, 4, "40 origins, 3 leads, 4 levels"),
        _fan_case(rng, 35, 5, 3, "35 origins, 5 leads, 3 levels", shift=3.0),
        _fan_case(rng, 20, 4, 2, "20 origins, 4 leads, 2 levels", shift=-3.0),
        _fan_case(rng, 30, 2, 5, "levels that are not symmetric"),
    ]


_FANS = {
    "levels mirrored": (
        "the two sides have changed places: at level 0.9 it costs nine times as much to say too "
        "*little* as too much, so tau belongs to y - y_hat where that is positive",
        {"price": lambda above, tau: np.maximum(-tau * above, (1 - tau) * above)},
    ),
    "absolute error": (
        "loss: this is the absolute error, the same for every level; too low costs tau a unit, too "
        "high 1 - tau",
        {"price": lambda above, tau: np.abs(above) + 0 * tau},
    ),
    "half the absolute error": (
        "loss: half the absolute error is the pinball loss of level 1/2 alone",
        {"price": lambda above, tau: np.abs(above) / 2 + 0 * tau},
    ),
    "tau on both sides": (
        "loss: both sides cost tau here; saying too much costs 1 - tau",
        {"price": lambda above, tau: tau * np.abs(above)},
    ),
    "one side only": (
        "loss: only what is said too low costs anything; saying too much costs 1 - tau",
        {"price": lambda above, tau: tau * np.maximum(above, 0)},
    ),
    "sign left in": (
        "loss: tau times the signed error can be negative; of the two lines take the *larger*",
        {"price": lambda above, tau: tau * above},
    ),
    "smaller of the two": (
        "loss: of the two lines the smaller was taken, which is never above 0; take the larger",
        {"price": lambda above, tau: np.minimum(tau * above, (tau - 1) * above)},
    ),
    "minus forgotten": (
        "loss: (1 - tau) (y - y_hat) has its sign the wrong way round: it is (tau - 1) (y - y_hat)",
        {"price": lambda above, tau: np.maximum(tau * above, (1 - tau) * above)},
    ),
    "squared": (
        "loss: the error is squared here, which is no quantile's loss; it is piecewise straight",
        {"price": lambda above, tau: np.where(above > 0, tau, 1 - tau) * above**2},
    ),
    "twice as much": (
        "loss: this is twice the pinball loss, as some libraries have it; here too low costs tau",
        {"price": lambda above, tau: 2 * _pinball(above, tau)},
    ),
    "counted, not weighed": (
        "loss: it counts which side the truth is on; how *far* it is costs",
        {"price": lambda above, tau: _pinball(np.sign(above), tau)},
    ),
    "summed over the origins": (
        "loss: summed over the origins; take their mean",
        {"over": lambda cost: cost.sum(axis=0)},
    ),
    "mean over the leads": (
        "loss: the mean is over the *leads*; it is over the origins, the first axis, so that "
        "every lead keeps a number of its own",
        {"over": lambda cost: cost.mean(axis=1)},
    ),
    "mean over the levels too": (
        "loss: the levels are averaged as well; one number for each lead and level was asked",
        {"over": lambda cost: cost.mean(axis=(0, 2))},
    ),
    "one number": (
        "loss: this is one number for everything; one for each lead and level was asked",
        {"over": lambda cost: cost.mean()},
    ),
    "levels first": (
        "loss: its axes are the wrong way round; leads come first, then levels",
        {"over": lambda cost: cost.mean(axis=0).T},
    ),
    "edges left out": (
        "covered: a truth on the edge of its interval is inside",
        {"inside": lambda y, low, high: (low < y) & (y < high)},
    ),
    "share outside": (
        "covered: this is the share *outside* of the interval",
        {"inside": lambda y, low, high: ~_inside(y, low, high)},
    ),
    "below the upper end": (
        "covered: this asks about the upper end alone; a truth below the lower end is outside",
        {"inside": lambda y, low, high: y <= high},
    ),
    "above the lower end": (
        "covered: this asks about the lower end alone; a truth above the upper end is outside",
        {"inside": lambda y, low, high: y >= low},
    ),
    "number inside": (
        "covered: this is how many; divide by the number of origins",
        {"share": lambda hit: hit.sum(axis=0)},
    ),
    "coverage over the leads": (
        "covered: the mean is over the leads; it is over the origins",
        {"share": lambda hit: hit.mean(axis=1)},
    ),
    "coverage of all leads": (
        "covered: one number for each lead was asked; a long lead may hide behind a short one",
        {"share": lambda hit: hit.mean()},
    ),
    "second level for the last": (
        "covered: the upper end is the *last* level, not the second",
        {"ends": (0, 1)},
    ),
    "per cent for a share": (
        "covered: these are per cent; a share lies between 0 and 1",
        {"share": lambda hit: 100 * hit.mean(axis=0)},
    ),
    "edges in another order": (
        "covered: the lower end is the first level, the upper end the last; these are exchanged",
        {"ends": (-1, 0)},
    ),
}


def _promised(y, y_hat, levels):
    return fan(y, y_hat, levels)[0], np.full(y.shape[1], levels[-1] - levels[0])


_implement = Exercise(
    id="21.2",
    title="The price of a quantile",
    stars=2,
    minutes=20,
    deepens='the claim "the number that costs least at level 0.9 has about nine tenths of the '
    'data below"',
    statement="Compute the pinball loss of every lead and level, and how often the interval "
    "between the outer quantiles holds the truth.",
    reference=fan,
    alternatives=(_fan_by_loop, _fan_by_halves),
    inputs=_fan_cases,
    returns=("loss (K, Q)", "covered (K,)"),
    tolerance=1e-6,
    praise="a mean over all leads would have hidden which of them is too sure",
    misconceptions=(
        *(
            Misconception(name, says, lambda *args, wrong=wrong: _fan(*args, **wrong))
            for name, (says, wrong) in _FANS.items()
        ),
        Misconception(
            "promised for measured",
            "covered: this is what the levels promise; how often it is kept has to be measured",
            _promised,
        ),
    ),
    hints=(
        "above = y[..., None] - y_hat has the shape of y_hat. Where it is positive, the forecast "
        "was too low, and a unit of that costs tau.",
        "np.maximum(levels * above, (levels - 1) * above) is the loss of every single forecast; "
        "its mean over the first axis is left.",
        "Inside means low <= y and y <= high, with low = y_hat[..., 0] and high = y_hat[..., -1].",
    ),
)

# --- 21.3 A rival that knows the future ---------------------------------------------------------


def by_lead(x, cut, origins, leads, season):
    """y_hat (N, K) of the seasonal naive forecast, and its MASE (K,), lead by lead."""
    return _by_lead(x, cut, origins, leads, season)


def _back(leads, season):
    """How far a target of each lead looks back from the origin: at most 0."""
    return leads - season * -(-leads // season)


def _scale(x, cut, season):
    return np.mean(np.abs(x[season:cut] - x[: cut - season]))


def _by_lead(
    x, cut, origins, leads, season,
    *, back=_back, scale=_scale, mean=lambda e: np.abs(e).mean(axis=0), off=0, known=None,
):  # fmt: skip
    """The mended function, with a switch for each fault."""
    x, origins, leads = np.asarray(x), np.asarray(origins), np.asarray(leads)
    y = x[origins[:, None] + leads - off]
    start = origins[:, None] if known is None else known(origins, cut)[:, None]
    y_hat = x[start + back(leads, season) - off]
    return y_hat, mean(y - y_hat) / scale(x, cut, season)


def _by_lead_by_loop(x, cut, origins, leads, season):
    y_hat, error = np.zeros((len(origins), len(leads))), np.zeros(len(leads))
    for i, origin in enumerate(origins):
        for k, lead in enumerate(leads):
            place = origin + lead
            while place > origin:
                place -= season
            y_hat[i, k] = x[place]
            error[k] += abs(x[origin + lead] - x[place]) / len(origins)
    steps = [abs(x[t] - x[t - season]) for t in range(season, cut)]
    return y_hat, error / (sum(steps) / len(steps))


def _by_lead_by_modulo(x, cut, origins, leads, season):
    place = origins[:, None] - season + 1 + (np.array(leads) - 1) % season
    y = np.stack([x[origins + lead] for lead in leads], axis=1)
    scale = np.abs(np.subtract(x[season:cut], x[: cut - season])).mean()
    return x[place], np.abs(x[place] - y).mean(0) / scale


def _slip_back(leads, season):
    return leads - season


def _slip_scale(x, cut, season):
    return np.mean(np.abs(x[season:] - x[:-season]))


def _slip_mean(e):
    return np.abs(e.mean(axis=0))


SLIPS = {
    "back": (
        "a lead beyond one season reads x at o + lead - season, after the origin: nobody knows "
        "that yet; go back as many seasons as it takes to reach what is known",
        _slip_back,
    ),
    "scale": (
        "the scale is taken from the whole series, the test part with it; it belongs to what was "
        "known before the cut",
        _slip_scale,
    ),
    "mean": (
        "the errors are averaged with their signs, so that they cancel, and made positive "
        "afterwards: first the size, then the mean",
        _slip_mean,
    ),
}


def _naive_slips():
    """A misconception for each set of slips that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(SLIPS, count):
            says = "still there: " + "; ".join(SLIPS[name][0] for name in names)
            if count == 3:
                says = f"this is what the broken function does; begin here: {SLIPS['back'][0]}"
            wrong = {name: SLIPS[name][1] for name in names}
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _by_lead(*args, **wrong)
            )


_NAIVES = {
    "a season too old": (
        "leads that are a multiple of the season go back one season too many: o + season - season "
        "is o itself, which is known",
        {"back": lambda leads, season: leads % season - season},
    ),
    "two seasons for all": (
        "here every lead goes back as far as the longest; the *latest* season that is known is the "
        "best guess",
        {"back": lambda leads, season: leads - season * -(-leads.max() // season)},
    ),
    "whole seasons only": (
        "rounded down, a lead shorter than a season goes back by none and reads its own target: "
        "round up",
        {"back": lambda leads, season: leads - season * (leads // season)},
    ),
    "persistence": (
        "this is persistence, the origin's own value at every lead; the seasonal naive forecast "
        "looks at the same place of the last season",
        {"back": lambda leads, season: 0 * leads},
    ),
    "a season before the origin": (
        "every lead gets the same value, one season before the *origin*; it is the season before "
        "the *target* that counts",
        {"back": lambda leads, season: 0 * leads - season},
    ),
    "origin taken for unknown": (
        "everything is one step too early: the origin is the last *known* step, and lead 1 is the "
        "step after it",
        {"off": 1},
    ),
    "season of the cut": (
        "all origins are given the last season before the *cut*; what is known grows with the "
        "origin",
        {"known": lambda origins, cut: cut - 1 + 0 * origins},
    ),
    "two seasons at most": (
        "beyond two seasons it goes back by two: lead 15 of season 6 is three seasons",
        {"back": lambda leads, season: leads - np.where(leads > season, 2, 1) * season},
    ),
    "the cut in the scale": (
        "the scale takes step `cut` with it, which is the first of the test: end before it",
        {"scale": lambda x, cut, season: _scale(x, cut + 1, season)},
    ),
    "divided by the cut": (
        "the scale is a sum divided by cut; there are only cut - season differences",
        {"scale": lambda x, cut, season: _scale(x, cut, season) * (cut - season) / cut},
    ),
    "scale of the test part": (
        "the scale is taken from the test part; it belongs to what was known before the cut",
        {
            "scale": lambda x, cut, season: np.mean(
                np.abs(x[cut + season :] - x[cut : len(x) - season])
            )
        },
    ),
    "scale of persistence": (
        "the scale compares neighbours, which is persistence; it is the error of *a season ago*",
        {"scale": lambda x, cut, season: np.mean(np.abs(np.diff(x[:cut])))},
    ),
    "scale is the deviation": (
        "the scale is the standard deviation; it is the mean absolute difference over a season",
        {"scale": lambda x, cut, season: np.std(x[:cut])},
    ),
    "scale that cancels": (
        "the scale adds differences with their signs, so that they cancel: first the size, then "
        "the mean",
        {"scale": lambda x, cut, season: np.abs(np.mean(x[season:cut] - x[: cut - season]))},
    ),
    "not scaled": (
        "this is the mean absolute error; divide it by the scale",
        {"scale": lambda x, cut, season: 1.0},
    ),
    "root of squares": (
        "the errors are squared; MASE takes their size",
        {"mean": lambda e: np.sqrt(np.mean(e**2, axis=0))},
    ),
    "mean over the leads": (
        "the mean is over the leads; it is over the origins, so that every lead keeps its own",
        {"mean": lambda e: np.abs(e).mean(axis=1)},
    ),
    "one number": (
        "this is one number for all leads; one for each was asked",
        {"mean": lambda e: np.abs(e).mean()},
    ),
}


def _naive_case(rng, n, cut, origins, leads, season):
    """A season, a trend that makes the test part another one, and noise."""
    t = np.arange(n)
    wave = 5 * rng.normal(size=season)[t % season]
    walk = np.cumsum(rng.normal(size=n) + np.where(t >= cut, 0.8 * (-1) ** (t // 9), 0.1))
    label = f"season {season}, leads {', '.join(map(str, leads))}"
    places = np.sort(rng.choice(np.arange(cut, n - max(leads)), origins, replace=False))
    return Case(label, (wave + walk, cut, places, np.array(leads), season))


def _naive_cases(rng):
    return [
        _naive_case(rng, 90, 50, 8, (1, 3, 6, 7, 12, 15), 6),
        _naive_case(rng, 70, 40, 9, (1, 2, 4, 5, 9), 4),
        _naive_case(rng, 80, 45, 5, (1, 2, 3), 7),
        _naive_case(rng, 60, 30, 6, (2, 5, 10, 11), 5),
    ]


def _until_the_cut(x, cut, origins, leads, season):
    """Back from each target by whole seasons, to before the cut."""
    place = origins[:, None] + leads
    return x[place - season * -(-(place - cut + 1) // season)]


def _known_at_the_cut(x, cut, origins, leads, season):
    y, y_hat = x[origins[:, None] + leads], _until_the_cut(x, cut, origins, leads, season)
    return y_hat, np.abs(y - y_hat).mean(axis=0) / _scale(x, cut, season)


_repair = Exercise(
    id="21.3",
    title="A rival that knows the future",
    stars=2,
    minutes=25,
    deepens='the claim "at two days no method\'s mean is a twentieth better than persistence"',
    statement="Mend three faults in the seasonal naive forecast and its MASE by lead, one of which "
    "reads values that nobody has yet.",
    reference=by_lead,
    alternatives=(_by_lead_by_loop, _by_lead_by_modulo),
    inputs=_naive_cases,
    returns=("y_hat (N, K)", "mase (K,)"),
    tolerance=1e-6,
    praise="no forecast reads beyond its origin, and no scale beyond the cut",
    misconceptions=(
        *_naive_slips(),
        Misconception(
            "known at the cut",
            "it goes back to what was known at the *cut*; at a later origin a later season is "
            "known",
            _known_at_the_cut,
        ),
        *(
            Misconception(name, says, lambda *args, wrong=wrong: _by_lead(*args, **wrong))
            for name, (says, wrong) in _NAIVES.items()
        ),
    ),
    hints=(
        "For which leads is o + lead - season larger than o? Write down which step the forecast "
        "reads for season 4 and leads 1 to 9.",
        "The number of seasons to go back is lead / season, rounded *up*: np.ceil, or -(-lead // "
        "season).",
        "The scale sees x[:cut] alone: the mean size of x[season:cut] - x[: cut - season]. And "
        "np.abs belongs inside of mean.",
    ),
)

# --- 21.4 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="21.4",
    title="Another series, and an honest verdict",
    stars=3,
    minutes=50,
    deepens='the claim "on monthly carbon dioxide SARIMA is better than the LSTM"',
    statement="Take a series that the chapter does not have, let a network and its simplest rivals "
    "forecast it from rolling origins, and write the verdict that the numbers allow.",
    kind="open",
    hints=(
        "Everything that is fitted, means of months and scales too, is fitted before the cut of "
        "each fold: forecasting.rolling_origins gives the origins.",
        "The strongest simple rival is often climatology plus what is left of today's anomaly: a "
        "slope between 0 and 1 for every lead, by least squares.",
        "Spoiler, read it after your experiment: let the network forecast what that rival leaves "
        "over. Does it learn anything before it learns the noise?",
    ),
)

EXERCISES = (_trace, _implement, _repair, _open)
