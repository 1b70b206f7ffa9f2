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
    returns=("X, the windows", "y, the targets"),
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
            "newest first",
            "the values inside each window run backwards in time: the oldest comes first",
            (_X[:, ::-1], _Y),
        ),
    ),
    hints=(
        "The first window is (3, 1, 4), at the indices 0, 1, 2. Its target is at index 4.",
        "The last target that exists is the 6 at index 7. Which window does it belong to?",
        "X = [[3, 1, 4], [1, 4, 1], ...]: four windows; y begins with 5 and ends with 6.",
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


def _series_cases(rng):
    def case(n, horizon):
        return Case(f"{n} values, horizon {horizon}", (np.cumsum(rng.normal(size=n)), horizon))

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
            "root forgotten",
            "this is the *mean squared* error: take its root, then it has the unit of the series",
            lambda x, horizon: persistence_rmse(x, horizon) ** 2,
        ),
        Misconception(
            "mean absolute error",
            "this is the mean absolute error; RMSE squares, averages, then takes the root",
            lambda x, horizon: np.mean(np.abs(x[horizon:] - x[:-horizon])),
        ),
        Misconception(
            "root of the mean error",
            "the differences are averaged before they are squared, so that they cancel: "
            "square first",
            lambda x, horizon: np.abs(np.mean(x[horizon:] - x[:-horizon])),
        ),
    ),
    hints=(
        "The forecast for step t was made `horizon` steps before: it is x[t - horizon].",
        "Targets are x[horizon:]. The forecasts must be as many, each from `horizon` steps "
        "earlier.",
        "np.sqrt(np.mean((x[horizon:] - x[:-horizon]) ** 2))",
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
VARIANCES = "these are mean *squared* errors: take the root, then they have the unit of the series"
SWAPPED = "the two numbers are exchanged: the first is the best that any model can reach"
BEST_TOO_HIGH = (
    "the best forecast needs no noisy value of the past: it knows the sine, and misses by the "
    "noise of the target alone"
)


def _floor_judge(answer, rng):
    """Which of the usual reasonings led to this pair."""
    best, persistence = np.concatenate([np.ravel(part) for part in answer])

    def near(value, target):
        return abs(value - target) <= 0.003

    if near(best, FLOOR) and near(persistence, PERSISTENCE):
        return None
    if near(best, FLOOR**2) and abs(persistence - PERSISTENCE**2) < 0.003:
        return VARIANCES
    if near(best, PERSISTENCE) and near(persistence, FLOOR):
        return SWAPPED
    if best < 0.05:
        return NO_ERROR
    if not near(best, FLOOR):
        return BEST_TOO_HIGH if near(best, np.sqrt(2) * SIGMA) else _off(best, FLOOR, "first")
    for told, wrong in {ONE_NOISE: SIGMA, ADDED: 2 * SIGMA, NO_MOVE: np.sqrt(2) * SIGMA}.items():
        if near(persistence, wrong):
            return told
    return _off(persistence, PERSISTENCE, "second")


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
    returns=("(the floor, persistence)",),
    judge=_floor_judge,
    praise="now you know the score to beat, and the score that is too good to be true",
    misconceptions=(
        Misconception("a perfect model has no error", NO_ERROR, (0.0, PERSISTENCE)),
        Misconception("noise counted once", ONE_NOISE, (FLOOR, SIGMA)),
        Misconception("noises added", ADDED, (FLOOR, 2 * SIGMA)),
        Misconception("the sine stands still", NO_MOVE, (FLOOR, np.sqrt(2) * SIGMA)),
        Misconception("squared errors", VARIANCES, (FLOOR**2, PERSISTENCE**2)),
        Misconception("exchanged", SWAPPED, (PERSISTENCE, FLOOR)),
        Misconception(
            "noise counted twice in the floor", BEST_TOO_HIGH, (np.sqrt(2) * SIGMA, PERSISTENCE)
        ),
    ),
    hints=(
        "The best forecast is the sine itself. What is left between it and the noisy value?",
        "Persistence errs by x_t - x_{t-1}: a difference of two noises, and a small move of the "
        "sine. Variances of independent things add up.",
        "The floor is sigma = 0.1; persistence is sqrt(2 · 0.1² + 0.044²).",
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


def _free_run_case(rng, size, origin, length, n):
    weights = rng.normal(size=length)

    def step(window):
        return float(np.tanh(np.asarray(window, dtype=float) @ weights) + 0.1)

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
        "for _ in range(n): y = step(window); forecasts.append(y); "
        "window = np.append(window[1:], y)",
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
            number = {1: "one leak is left", 2: "two leaks are left", 3: "nothing is mended yet"}
            yield Misconception(" and ".join(names), f"{number[count]}: {told}", _with_leaks(names))


def _scaled_separately(x, length, train):
    cut = int(train * len(x))
    parts = [(part - part.mean()) / part.std() for part in (x[:cut], x[cut:])]
    return (*_windows(parts[0], length, 1), *_windows(parts[1], length, 1))


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
            "not scaled",
            "split and windows are right, but nothing is scaled",
            _not_scaled,
        ),
    ),
    hints=(
        "Ask of every line: does it look at values after the cut before the split is made?",
        "The order that cannot leak: cut the series in two, take mean and standard deviation of "
        "the first part, scale both parts with them, cut windows from each part.",
        "cut = int(train * len(x)); z = (x - x[:cut].mean()) / x[:cut].std(); then windows of "
        "z[:cut] and windows of z[cut:]; no permutation.",
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
