"""Answer sheet of chapter 02, A noisy sine on trial."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 02.1 Windows by hand -----------------------------------------------------------------------

SERIES, LENGTH, HORIZON = np.array([3.0, 1, 4, 1, 5, 9, 2, 6]), 3, 2


def _windows(x, length, horizon, stride=1):
    starts = range(0, len(x) - length - horizon + 1, stride)
    X = np.array([x[i : i + length] for i in starts])
    return X, np.array([x[i + length + horizon - 1] for i in starts])


_X, _Y = _windows(SERIES, LENGTH, HORIZON)

_trace = Exercise(
    id="02.1",
    title="Windows by hand",
    stars=1,
    minutes=8,
    deepens='the claim "the exhibit\'s loop and our windows()"',
    statement="Write down all windows of three values of a short series, and the target of each, "
    "two steps after the window's last value.",
    kind="value",
    reference=(_X, _Y),
    alternatives=(
        (_X.astype(int).tolist(), _Y.astype(int).tolist()),
        [_X[:, :, None], _Y[:, None]],
    ),
    returns=("X (the windows)", "y (the targets)"),
    praise="four windows, four targets, and no target inside its window",
    misconceptions=(
        Misconception(
            "horizon 1",
            "these are the targets one step after the window; two steps are asked for, so a value "
            "lies between the window and its target",
            _windows(SERIES, LENGTH, 1),
        ),
        Misconception(
            "horizon 1, last one dropped",
            "the windows are right; each target is one step too early: it is not the next value "
            "but the one after",
            (_X, SERIES[3:7]),
        ),
        Misconception(
            "target inside the window",
            "the targets are the last values of the windows: a model would only have to copy",
            (_X, _X[:, -1]),
        ),
        Misconception(
            "horizon 3",
            "the targets are one step too late: count from the window's last value, which is step "
            "0, so that two steps on is index i + 4",
            _windows(SERIES, LENGTH, 3),
        ),
        Misconception(
            "last window missing",
            "one window is missing: with 8 values, 3 a window and 2 steps ahead there are "
            "8 - 3 - 2 + 1 = 4; the last target is the last value of the series",
            (_X[:-1], _Y[:-1]),
        ),
        Misconception(
            "windows side by side",
            "the windows do not overlap here; each one begins a single step after the one before",
            _windows(SERIES, LENGTH, HORIZON, stride=LENGTH),
        ),
        Misconception(
            "windows without a target",
            "there are windows in X that have no target two steps on: the last two windows of "
            "three values end too late for one",
            (_windows(SERIES, LENGTH, 0)[0], _Y),
        ),
        Misconception(
            "windows of two",
            "these are windows of two values with the next one as the target, as in the example; "
            "three values and a target two steps on are asked for",
            _windows(SERIES, 2, 1),
        ),
        Misconception(
            "pairs",
            "windows and targets are asked for apart: first all windows, then all targets",
            list(zip(_X, _Y, strict=True)),
        ),
        Misconception(
            "a window a column",
            "X stands on its side: a row for each window",
            (_X.T, _Y),
        ),
        Misconception(
            "indices",
            "these are the indices; the values that stand there are asked for",
            _windows(np.arange(len(SERIES)), LENGTH, HORIZON),
        ),
        Misconception(
            "newest first",
            "the values inside each window run backwards in time: the oldest comes first",
            (_X[:, ::-1], _Y),
        ),
    ),
    hints=(
        "The first window is (3, 1, 4), at the indices 0, 1, 2. Its target is at index 4.",
        "The last target that exists is the 6 at index 7. Which window does it belong to?",
        "X begins with [3, 1, 4], [1, 4, 1]; y begins with 5 and ends with 6. The last window ends "
        "two steps before that 6.",
    ),
)

# --- 02.2 The baseline, aligned -----------------------------------------------------------------


def persistence_rmse(x, horizon):
    """RMSE of the forecast that x stays where it is for `horizon` steps."""
    return np.sqrt(np.mean((x[horizon:] - x[:-horizon]) ** 2))


def _persistence_by_loop(x, horizon):
    squares = [(x[t] - x[t - horizon]) ** 2 for t in range(horizon, len(x))]
    return (sum(squares) / len(squares)) ** 0.5


def _persistence_by_norm(x, horizon):
    error = x[horizon:] - np.roll(x, horizon)[horizon:]
    return float(np.linalg.norm(error) / np.sqrt(error.size))


def _shifted(by):
    """The same with the forecast compared to a target that lies `by` steps off."""

    def attempt(x, horizon):
        lag = horizon + by
        return np.sqrt(np.mean((x[lag:] - x[: len(x) - lag]) ** 2))

    return attempt


def _of_errors(measure):
    """Another measure than the RMSE, of the right errors."""
    return lambda x, horizon: measure(x[horizon:] - x[:-horizon], x, horizon)


def _series_cases(rng):
    def case(n, horizon):
        x = np.cumsum(0.4 + rng.normal(size=n))
        return Case(f"{n} values, horizon {horizon}", (x, horizon))

    return [case(40, 3), case(int(rng.integers(50, 60)), 5), case(30, 1), case(9, 7), case(3, 2)]


_baseline = Exercise(
    id="02.2",
    title="The baseline, aligned",
    stars=2,
    minutes=10,
    deepens='the claim "it loses to persistence in at least 15 of 20 runs"',
    statement="Write the error of persistence, the forecast that repeats the last known value, for "
    "any horizon.",
    reference=persistence_rmse,
    alternatives=(_persistence_by_loop, _persistence_by_norm),
    inputs=_series_cases,
    returns=("the RMSE",),
    praise="forecast and target meet at the right step; now a model has something to beat",
    misconceptions=(
        Misconception(
            "one step too far",
            "forecast and target lie horizon + 1 steps apart: the baseline looks worse than it "
            "is, and every model better (it happened to a well-known book)",
            _shifted(+1),
        ),
        Misconception(
            "one step too near",
            "forecast and target lie horizon - 1 steps apart: at horizon 1 that compares the "
            "series with itself",
            _shifted(-1),
        ),
        Misconception(
            "horizon ignored",
            "the error is that of one step ahead, whatever the horizon",
            lambda x, horizon: persistence_rmse(x, 1),
        ),
        Misconception(
            "compared with itself",
            "the error is 0: the forecast for step t is x[t - horizon], not x[t]",
            lambda x, horizon: 0.0,
        ),
        Misconception(
            "rolled round the end",
            "np.roll brings the end of the series back to its beginning: the first `horizon` "
            "pairs compare values that have nothing to do with each other; leave them out",
            lambda x, horizon: np.sqrt(np.mean((x - np.roll(x, horizon)) ** 2)),
        ),
        Misconception(
            "rolled the other way",
            "np.roll(x, -horizon) brings the *future* to step t: the forecast for step t is the "
            "value from `horizon` steps before",
            lambda x, horizon: np.sqrt(np.mean((x - np.roll(x, -horizon))[horizon:] ** 2)),
        ),
        Misconception(
            "differences of differences",
            "np.diff(x, n) takes differences of differences, n times; the change over `horizon` "
            "steps is asked for",
            lambda x, horizon: np.sqrt(np.mean(np.diff(x, horizon) ** 2)),
        ),
        Misconception(
            "one origin only",
            "this forecasts the last `horizon` values from one origin; here every step t has a "
            "forecast of its own, made `horizon` steps before it",
            lambda x, horizon: np.sqrt(np.mean((x[-horizon:] - x[-horizon - 1]) ** 2)),
        ),
        Misconception(
            "one error only",
            "this is the error of the last forecast alone: all of them are asked for",
            _of_errors(lambda e, x, horizon: np.abs(e[-1])),
        ),
        Misconception(
            "root forgotten",
            "this is the *mean squared* error: take its root, then it has the unit of the series",
            _of_errors(lambda e, x, horizon: np.mean(e**2)),
        ),
        Misconception(
            "mean forgotten",
            "the squared errors are added up, not averaged: RMSE is the root of their *mean*",
            _of_errors(lambda e, x, horizon: np.sqrt(np.sum(e**2))),
        ),
        Misconception(
            "not one number",
            "these are all errors, one by one: square them, average, then take the root",
            _of_errors(lambda e, x, horizon: np.abs(e)),
        ),
        Misconception(
            "divided by all",
            "the sum is divided by len(x), but there are only len(x) - horizon forecasts",
            _of_errors(lambda e, x, horizon: np.sqrt(np.sum(e**2) / len(x))),
        ),
        Misconception(
            "divided after the root",
            "the number of errors has to divide *inside* the root: mean first, then root",
            _of_errors(lambda e, x, horizon: np.sqrt(np.sum(e**2)) / len(e)),
        ),
        Misconception(
            "standard deviation",
            "np.std takes the mean off the errors first; an error that is always the same would "
            "count as none",
            _of_errors(lambda e, x, horizon: np.std(e)),
        ),
        Misconception(
            "mean absolute error",
            "this is the mean absolute error; RMSE squares, averages, then takes the root",
            _of_errors(lambda e, x, horizon: np.mean(np.abs(e))),
        ),
        Misconception(
            "root of the mean error",
            "the differences are averaged before they are squared, so that they cancel: "
            "square first",
            _of_errors(lambda e, x, horizon: np.abs(np.mean(e))),
        ),
    ),
    hints=(
        "The forecast for step t was made `horizon` steps before: it is x[t - horizon].",
        "Targets are x[horizon:]. The forecasts must be as many, each from `horizon` steps "
        "earlier.",
        "With errors = x[horizon:] - (the forecasts, which end `horizon` values before x does): "
        "square, average, take the root, in this order.",
    ),
)

# --- 02.3 What noise leaves over ----------------------------------------------------------------

SIGMA, PERIOD = 0.1, 100
MOVE = np.sqrt(2) * np.sin(np.pi / PERIOD)  # RMS of sin(t + one step) - sin(t)
FLOOR, PERSISTENCE = SIGMA, np.sqrt(2 * SIGMA**2 + MOVE**2)
NO_ERROR = (
    "even the true sine misses the next value by its noise, which nobody can know in advance: "
    "no model gets below sigma, and one that does has overfitted"
)
VARIANCE = "the first number is a mean *squared* error: take its root, the floor is sigma itself"
NEGATIVE = "a root mean square is never negative"
KNOWS_THE_MOVE = (
    "the best forecast knows how the sine moves, so that the 0.044 is no error of its: "
    "the noise of the target alone is left"
)
BEST_TOO_HIGH = (
    "the best forecast needs no noisy value of the past: it knows the sine, and misses by the "
    "noise of the target alone"
)
ONE_NOISE = (
    "persistence errs by *two* noises: the one in the value it repeats and the one in the value "
    "it is compared with"
)
ADDED = (
    "two independent noises do not add up to 2 sigma: their variances add, "
    "which makes sqrt(2) · sigma"
)
NO_MOVE = (
    "close: both noises are in, but between two points the sine itself moves as well, by about "
    "0.044 (RMS); its square adds to the 2 sigma²"
)
MOVE_ADDED = (
    "the move of the sine is added to the noise as it is: of independent things the *squares* add, "
    "and the root is taken at the end"
)
MOVE_ALONE = (
    "this is the move of the sine alone: persistence also errs by the noise, twice, in the value "
    "that it repeats and in the one that it is compared with"
)
VARIANCES = "these are mean *squared* errors: take the root, then they have the unit of the series"
SECOND_VARIANCE = "the second number is a mean *squared* error: take its root"
SWAPPED = "the two numbers are exchanged: the first is the best that any model can reach"
FIRST = {
    SIGMA**2: VARIANCE,
    np.hypot(SIGMA, MOVE): KNOWS_THE_MOVE,
    np.sqrt(2) * SIGMA: BEST_TOO_HIGH,
    PERSISTENCE: BEST_TOO_HIGH,
}
SECOND = {
    SIGMA: ONE_NOISE,
    np.hypot(SIGMA, MOVE): ONE_NOISE,
    2 * SIGMA: ADDED,
    np.hypot(2 * SIGMA, MOVE): ADDED,
    np.sqrt(2) * SIGMA: NO_MOVE,
    SIGMA + MOVE: MOVE_ADDED,
    np.sqrt(2) * SIGMA + MOVE: MOVE_ADDED,
    2 * SIGMA + MOVE: MOVE_ADDED,
    MOVE: MOVE_ALONE,
    PERSISTENCE**2: SECOND_VARIANCE,
}


def _near(value, target):
    return abs(value - target) <= 0.003


def _floor_judge(answer, rng):
    """Which of the usual reasonings led to this pair."""
    best, persistence = (part.item() for part in answer)
    if _near(best, FLOOR) and _near(persistence, PERSISTENCE):
        return None
    if min(best, persistence) < 0:
        return NEGATIVE
    if _near(best, FLOOR**2) and _near(persistence, PERSISTENCE**2):
        return VARIANCES
    if _near(best, PERSISTENCE) and _near(persistence, FLOOR):
        return SWAPPED
    if _near(best, FLOOR):
        return _reasoning(persistence, SECOND) or _off(persistence, PERSISTENCE, "second")
    told = _reasoning(best, FIRST) or (NO_ERROR if best < FLOOR else None)
    return told or _off(best, FLOOR, "first")


def _reasoning(value, known):
    """The sentence for the known result that is nearest, if one is near."""
    nearest = min(known, key=lambda target: abs(value - target))
    return known[nearest] if _near(value, nearest) else None


def _off(value, target, which):
    size = "small" if value < target else "large"
    return f"the {which} number is too {size}; which noises are in the difference, and how many?"


_floors = Exercise(
    id="02.3",
    title="What noise leaves over",
    stars=2,
    minutes=12,
    deepens='the claim "the networks are closer to the training data than the true sine is"',
    statement="Predict, before you measure, the lowest RMSE that any model can reach on a noisy "
    "sine, and the RMSE of persistence.",
    kind="value",
    reference=(FLOOR, PERSISTENCE),
    alternatives=([0.1, 0.15], np.array([0.1, 0.148])),
    returns=("floor", "persistence"),
    judge=_floor_judge,
    praise="now you know the score to beat, and the score that is too good to be true",
    misconceptions=(
        Misconception("a perfect model has no error", NO_ERROR, (0.0, PERSISTENCE)),
        Misconception("noise counted once", ONE_NOISE, (FLOOR, SIGMA)),
        Misconception("noises added", ADDED, (FLOOR, 2 * SIGMA)),
        Misconception("the sine stands still", NO_MOVE, (FLOOR, np.sqrt(2) * SIGMA)),
        Misconception("squared errors", VARIANCES, (FLOOR**2, PERSISTENCE**2)),
        Misconception("the floor squared", VARIANCE, (FLOOR**2, PERSISTENCE)),
        Misconception("the move in the floor", KNOWS_THE_MOVE, (0.109, PERSISTENCE)),
        Misconception("the move alone", MOVE_ALONE, (FLOOR, MOVE)),
        Misconception("the move added", MOVE_ADDED, (FLOOR, np.sqrt(2) * SIGMA + MOVE)),
        Misconception("persistence squared", SECOND_VARIANCE, (FLOOR, PERSISTENCE**2)),
        Misconception("negative", NEGATIVE, (FLOOR, -PERSISTENCE)),
        Misconception("exchanged", SWAPPED, (PERSISTENCE, FLOOR)),
        Misconception(
            "noise counted twice in the floor", BEST_TOO_HIGH, (np.sqrt(2) * SIGMA, PERSISTENCE)
        ),
    ),
    hints=(
        "The best forecast is the sine itself. What is left between it and the noisy value?",
        "Persistence errs by x_t - x_{t-1}: a difference of two noises, and a small move of the "
        "sine. Variances of independent things add up.",
        "The floor is sigma. For persistence three independent things are squared, added, and the "
        "root is taken: two of them are sigma.",
    ),
)

# --- 02.4 A forecast that eats its own words ----------------------------------------------------


def free_run(step, x, origin, length, n):
    """n forecasts from x[origin] on, made from x[:origin] and from earlier forecasts alone."""
    window, forecasts = list(x[origin - length : origin]), []
    for _ in range(n):
        forecasts.append(step(np.array(window)))
        window = [*window[1:], forecasts[-1]]
    return np.array(forecasts)


def _free_run_in_an_array(step, x, origin, length, n):
    values = np.concatenate([x[:origin], np.zeros(n)])
    for t in range(origin, origin + n):
        values[t] = step(values[t - length : t])
    return values[origin:]


def _fed_with_the_truth(step, x, origin, length, n):
    return np.array([step(x[t - length : t]) for t in range(origin, origin + n)])


def _window_stands_still(step, x, origin, length, n):
    return np.full(n, step(x[origin - length : origin]))


def _put_in_front(step, x, origin, length, n):
    window, forecasts = x[origin - length : origin], []
    for _ in range(n):
        forecasts.append(step(window))
        window = np.concatenate([[forecasts[-1]], window[:-1]])
    return np.array(forecasts)


def _window_grows(step, x, origin, length, n):
    window = list(x[origin - length : origin])
    for _ in range(n):
        window.append(step(np.array(window)))
    return np.array(window[length:])


def _newest_dropped(step, x, origin, length, n):
    window, forecasts = list(x[origin - length : origin]), []
    for _ in range(n):
        forecasts.append(step(np.array(window)))
        window = [*window[:-1], forecasts[-1]]
    return np.array(forecasts)


def _with_history(step, x, origin, length, n):
    return np.concatenate([x[origin - length : origin], free_run(step, x, origin, length, n)])


def _from_window(first):
    """A free run whose first window is `first(x, origin, length)`."""

    def attempt(step, x, origin, length, n):
        window = first(x, origin, length)
        return free_run(step, window, len(window), length, n)

    return attempt


def _rolled(step, x, origin, length, n):
    window, forecasts = x[origin - length : origin], []
    for _ in range(n):
        forecasts.append(step(window))
        window = np.roll(window, -1)
    return np.array(forecasts)


def _written_into(copied):
    """The forecasts written into x, or into a copy of it: fails where x ends at the origin."""

    def attempt(step, x, origin, length, n):
        x = x.copy() if copied else x
        for t in range(origin, origin + n):
            x[t] = step(x[t - length : t])
        return x[origin : origin + n]

    return attempt


def _last_window(step, x, origin, length, n):
    return np.concatenate([x[origin - length : origin], free_run(step, x, origin, length, n)])[n:]


def _first_forecast_lost(step, x, origin, length, n):
    return free_run(step, x, origin, length, n + 1)[1:]


def _all_that_is_known(step, x, origin, length, n):
    return np.array([step(x[:origin])])


NOT_INTO_X = (
    "x need not go on after the origin, and here it does not: collect the forecasts in a list of "
    "your own instead of writing them into x"
)


def _free_run_case(rng, size, origin, length, n):
    weights = rng.normal(size=length)

    def step(window):
        window = np.asarray(window, dtype=float)
        if window.shape != (length,):
            raise ValueError(f"step: expected a window of shape ({length},), got {window.shape}")
        return float(np.tanh(window @ weights) + 0.1)

    label = f"{size} values, origin {origin}, length {length}, n={n}"
    return Case(label, (step, rng.normal(size=size), origin, length, n))


def _free_run_cases(rng):
    return [
        _free_run_case(rng, 30, 12, 4, 7),
        _free_run_case(rng, 25, int(rng.integers(8, 12)), 3, 9),
        _free_run_case(rng, 12, 5, 5, 2),  # the window is all that is known
        _free_run_case(rng, 20, 9, 2, 1),
        _free_run_case(rng, 10, 10, 3, 6),  # the future is not in x at all
    ]


_free = Exercise(
    id="02.4",
    title="A forecast that eats its own words",
    stars=2,
    minutes=15,
    deepens='the claim "run freely, the repaired networks are no better than a constant zero"',
    statement="Write a free-running forecast: every forecast becomes an input of the next one.",
    reference=free_run,
    alternatives=(_free_run_in_an_array,),
    inputs=_free_run_cases,
    returns=("n forecasts (n,)",),
    praise="the future is made of forecasts alone",
    misconceptions=(
        Misconception(
            "fed with the truth",
            "the windows hold the true values after the origin: these are one-step forecasts, "
            "many of them, each allowed to see the day before; put your own forecasts in instead",
            _fed_with_the_truth,
        ),
        Misconception(
            "window not moved",
            "the same window is used every time, so that all forecasts are equal: drop its oldest "
            "value and append the forecast",
            _window_stands_still,
        ),
        Misconception(
            "forecast put in front",
            "the forecast is put at the front of the window: the oldest value comes first, the "
            "newest last",
            _put_in_front,
        ),
        Misconception(
            "window grows",
            "the window grows: the model was made for `length` values, so drop the oldest when "
            "you append",
            _window_grows,
        ),
        Misconception(
            "newest dropped",
            "the newest value of the window is dropped instead of the oldest",
            _newest_dropped,
        ),
        Misconception(
            "one step of the future",
            "the first window reaches one value too far: x[origin] is the first value to be "
            "forecast and must not be seen",
            lambda step, x, origin, length, n: free_run(step, x, origin + 1, length, n),
        ),
        Misconception(
            "origin one step late",
            "the first window ends one value too early: x[origin - 1] is known and belongs into it",
            lambda step, x, origin, length, n: free_run(step, x, origin - 1, length, n),
        ),
        Misconception(
            "first values of the series",
            "the first window is the beginning of the series: what is known at the origin ends "
            "with x[origin - 1], and the newest values count",
            _from_window(lambda x, origin, length: x[:length]),
        ),
        Misconception(
            "last values of the series",
            "the first window is the end of x: at the origin only x[:origin] is known",
            _from_window(lambda x, origin, length: x[-length:]),
        ),
        Misconception(
            "window after the origin",
            "the first window begins at the origin: it has to end there, x[origin - 1] is the "
            "last value that is known",
            _from_window(lambda x, origin, length: x[origin : origin + length]),
        ),
        Misconception(
            "all that is known",
            "step takes the last `length` values, not all of x[:origin]",
            _all_that_is_known,
        ),
        Misconception(
            "rolled",
            "np.roll puts the oldest value at the end of the window; the forecast belongs there",
            _rolled,
        ),
        Misconception("written into x", NOT_INTO_X, _written_into(copied=False)),
        Misconception("written into a copy of x", NOT_INTO_X, _written_into(copied=True)),
        Misconception(
            "last window returned",
            "this is the last window, `length` values: all n forecasts are asked for",
            _last_window,
        ),
        Misconception(
            "last forecast only",
            "this is the last forecast alone: all n of them are asked for",
            lambda *args: free_run(*args)[-1],
        ),
        Misconception(
            "first forecast lost",
            "the first forecast is missing: store it before the window moves on",
            _first_forecast_lost,
        ),
        Misconception(
            "history returned, too",
            "the forecasts are right, but the known values stand before them: n values are asked "
            "for",
            _with_history,
        ),
    ),
    hints=(
        "What is known at the origin are x[:origin]; the first window is the last `length` of "
        "these.",
        "After each forecast the window moves by one: its first value goes, the forecast comes at "
        "the end.",
        "Each round of the loop has three lines: ask step, keep its answer in a list, and make the "
        "next window of window[1:] and that answer.",
    ),
)

# --- 02.5 A pipeline with three leaks -----------------------------------------------------------

LEAKS = {
    "scaled": "mean and standard deviation are taken from all of x: the test part leaks into them; "
    "only x[:cut] may be asked",
    "across": "the windows are cut before the split, so that training and test windows share "
    "values: split the series first, then cut windows from each part",
    "shuffled": "the windows are shuffled: in a series the past trains and the future tests",
}


def _prepared(x, length, train, *, scaled=False, across=False, shuffled=False):
    """The four arrays; each keyword leaves one leak in."""
    cut = int(train * len(x))
    known = x if scaled else x[:cut]
    z = (x - known.mean()) / known.std()
    if across:
        X, y = _windows(z, length, 1)
        parts = [X[:cut], y[:cut], X[cut:], y[cut:]]
    else:
        parts = [*_windows(z[:cut], length, 1), *_windows(z[cut:], length, 1)]
    if shuffled:
        N = len(parts[1])
        X, y = np.concatenate(parts[::2]), np.concatenate(parts[1::2])
        order = np.random.default_rng(0).permutation(len(y))
        parts = [X[order][:N], y[order][:N], X[order][N:], y[order][N:]]
    return tuple(parts)


def prepare(x, length, train):
    """X_train, y_train, X_test, y_test, scaled by the training part, split in time."""
    return _prepared(x, length, train)


def _prepared_by_view(x, length, train):
    cut = round(np.floor(train * len(x)))
    past, future = np.split(x, [cut])
    mean, deviation = np.mean(past), np.sqrt(np.mean((past - np.mean(past)) ** 2))
    both = []
    for part in (past, future):
        view = np.lib.stride_tricks.sliding_window_view((part - mean) / deviation, length + 1)
        both += [view[:, :-1], view[:, -1]]
    return both


def _with_leaks(names):
    switches = dict.fromkeys(names, True)
    return lambda *args: _prepared(*args, **switches)


def _leaky():
    """A misconception for each set of leaks that may be left."""
    for count in (3, 2, 1):
        for names in itertools.combinations(LEAKS, count):
            told = "; ".join(LEAKS[name] for name in names)
            says = f"nothing is mended yet: {told}" if count == 3 else f"still there: {told}"
            yield Misconception(" and ".join(names), says, _with_leaks(names))


def _scaled_separately(x, length, train):
    cut = int(train * len(x))
    parts = [(part - part.mean()) / part.std() for part in (x[:cut], x[cut:])]
    return (*_windows(parts[0], length, 1), *_windows(parts[1], length, 1))


def _scaled_as(scale):
    """Split and windows right, the scaling another: `scale(part, x_train)`."""

    def attempt(x, length, train):
        cut = int(train * len(x))
        parts = (scale(part, x[:cut]) for part in (x[:cut], x[cut:]))
        return tuple(array for part in parts for array in _windows(part, length, 1))

    return attempt


def _scaled_by_windows(x, length, train):
    X = _windows(x[: int(train * len(x))], length, 1)[0]
    return _scaled_as(lambda part, known: (part - X.mean()) / X.std())(x, length, train)


def _only_train_scaled(x, length, train):
    return (*prepare(x, length, train)[:2], *_not_scaled(x, length, train)[2:])


def _windows_of_the_test_reach_back(x, length, train):
    cut = int(train * len(x))
    z = (x - x[:cut].mean()) / x[:cut].std()
    return (*_windows(z[:cut], length, 1), *_windows(z[cut - length :], length, 1))


def _windows_split(x, length, train):
    cut = int(train * len(x))
    X, y = _windows((x - x[:cut].mean()) / x[:cut].std(), length, 1)
    k = int(train * len(X))
    return X[:k], y[:k], X[k:], y[k:]


def _shuffled_within(parts):
    """Right but for the order of the windows within the training part, or within both."""

    def attempt(x, length, train):
        arrays = list(prepare(x, length, train))
        for i in parts:
            order = np.random.default_rng(0).permutation(len(arrays[i]))
            arrays[i], arrays[i + 1] = arrays[i][order], arrays[i + 1][order]
        return tuple(arrays)

    return attempt


def _last_window_missing(x, length, train):
    X, y, X_test, y_test = prepare(x, length, train)
    return X[:-1], y[:-1], X_test[:-1], y_test[:-1]


STILL_SHUFFLED = (
    "the windows of a part are shuffled among themselves: that leaks nothing, but they are asked "
    "for in the order of time"
)


def _target_after_the_cut(x, length, train):
    cut = int(train * len(x))
    z = (x - x[:cut].mean()) / x[:cut].std()
    return (*_windows(z[: cut + 1], length, 1), *_windows(z[cut:], length, 1))


def _not_scaled(x, length, train):
    cut = int(train * len(x))
    return (*_windows(x[:cut], length, 1), *_windows(x[cut:], length, 1))


def _prepare_cases(rng):
    def case(n, length, train):
        x = 3 * rng.normal() + np.cumsum(0.3 + rng.normal(size=n))  # drifts: parts differ
        return Case(f"{n} values, length {length}, train {train}", (x, length, train))

    return [case(40, 4, 0.8), case(int(rng.integers(50, 60)), 7, 0.6), case(33, 1, 0.7)]


_repair = Exercise(
    id="02.5",
    title="A pipeline with three leaks",
    stars=3,
    minutes=20,
    deepens='the claim "repaired, the network beats persistence"',
    statement="Mend three places of a data pipeline at which the future gets into the training.",
    reference=prepare,
    alternatives=(_prepared_by_view,),
    inputs=_prepare_cases,
    returns=("X_train (N, length)", "y_train (N,)", "X_test (M, length)", "y_test (M,)"),
    praise="nothing that the model sees in training knows of the test",
    misconceptions=(
        *_leaky(),
        Misconception(
            "test scaled by itself",
            "the test part is scaled by its own mean and standard deviation: at the time of a "
            "forecast these are not known; use those of the training part for both",
            _scaled_separately,
        ),
        Misconception(
            "last target beyond the cut",
            "the last training target is x[cut], the first value of the test part: "
            "targets must lie before the cut as well",
            _target_after_the_cut,
        ),
        Misconception(
            "test windows reach back",
            "the first test windows reach back before the cut: no leak, but here both parts are "
            "cut into windows each for itself, from z[:cut] and from z[cut:]",
            _windows_of_the_test_reach_back,
        ),
        Misconception("windows split", f"still there: {LEAKS['across']}", _windows_split),
        Misconception("training shuffled", STILL_SHUFFLED, _shuffled_within((0,))),
        Misconception("both shuffled", STILL_SHUFFLED, _shuffled_within((0, 2))),
        Misconception(
            "last window missing",
            "the last window of each part is missing: a part of n values has n - length windows "
            "with a target",
            _last_window_missing,
        ),
        Misconception(
            "scaled by the windows",
            "mean and standard deviation are those of the training *windows*, in which values "
            "from the middle of the series count several times: take them of x[:cut]",
            _scaled_by_windows,
        ),
        Misconception(
            "only the training part scaled",
            "the test part is not scaled: it needs the same mean and standard deviation as the "
            "training part, or the model sees other units",
            _only_train_scaled,
        ),
        Misconception(
            "only the mean",
            "the mean is taken off, but nothing is divided by the standard deviation",
            _scaled_as(lambda part, known: part - known.mean()),
        ),
        Misconception(
            "divided by the variance",
            "this divides by the variance: the standard deviation is asked for, its root",
            _scaled_as(lambda part, known: (part - known.mean()) / known.var()),
        ),
        Misconception(
            "divided by n - 1",
            "the standard deviation is that with n - 1 (ddof=1); x.std() of NumPy divides by n, "
            "as the pipeline did",
            _scaled_as(lambda part, known: (part - known.mean()) / known.std(ddof=1)),
        ),
        Misconception(
            "scaled to 0 ... 1",
            "this scales by minimum and maximum: mean and standard deviation are asked for",
            _scaled_as(lambda part, known: (part - known.min()) / np.ptp(known)),
        ),
        Misconception(
            "not scaled",
            "nothing is scaled: mean and standard deviation of x[:cut] are for both parts",
            _not_scaled,
        ),
    ),
    hints=(
        "Ask of every line: does it look at values after the cut before the split is made?",
        "The order that cannot leak: cut the series in two, take mean and standard deviation of "
        "the first part, scale both parts with them, cut windows from each part.",
        "z = (x - x[:cut].mean()) / x[:cut].std() mends the first leak. The second: the two lines "
        "that cut windows have to run twice, on z[:cut] and on z[cut:]. The third is a line that "
        "goes altogether.",
    ),
)

# --- 02.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="02.6",
    title="How fast does a forecast fade?",
    stars=3,
    minutes=40,
    deepens='the claim "the spectral radius of AR(4) is below 1 in all 20 runs"',
    statement="Predict from the spectral radius after how many steps a free-running linear "
    "forecast of a noisy sine has lost half of its amplitude, and measure it, for several levels "
    "of noise and numbers of lags.",
    kind="open",
    hints=(
        "A linear forecast run freely is a power of one matrix: after n steps its size goes like "
        "rho to the n. Half is left where rho**n = 1/2.",
        "Fit AR models by least squares on 1,000 points; companion_radius gives rho. Vary the "
        "noise from 0 to 0.2 and the lags from 4 to 64.",
        "The envelope of the free run: the largest absolute value within each period of 100 "
        "steps. Several seeds for each setting.",
    ),
)

EXERCISES = (_trace, _baseline, _floors, _free, _repair, _open)
