"""Answer sheet of chapter 01, Order is information."""

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 01.1 Point at it ---------------------------------------------------------------------------

COUNTED_FROM_ONE = (
    "the first number is the entry at [0, 3, 1]: all three indices count from 0, so sequence 1 is "
    "the second one"
)

_point = Exercise(
    id="01.1",
    title="Point at it",
    stars=1,
    minutes=6,
    deepens='the claim "with batch_first=True only the changed sequence moves"',
    statement="Find three numbers in a batch of sequences without asking the computer.",
    kind="value",
    reference=[46, 24, 44],
    alternatives=((46.0, 24, 44), np.array([46, 24, 44])),
    returns=("the feature", "how many are padding", "the last real one"),
    tolerance=1e-9,
    praise="batch, time, feature, and a mask that says what is real",
    misconceptions=(
        Misconception("counted from one", COUNTED_FROM_ONE, [13, 24, 44]),
        Misconception(
            "time before batch",
            "the first number looks along the wrong axis: the order is (batch, time, feature), so "
            "the sequence is the first index and the step the second",
            [54, 24, 44],
        ),
        Misconception(
            "step and feature exchanged",
            "the first number has step and feature exchanged: x[1, 4, 2] is step 4, feature 2",
            [40, 24, 44],
        ),
        Misconception(
            "padded steps instead of numbers",
            "six is the number of padded *steps*; each of them holds D = 4 numbers",
            [46, 6, 44],
        ),
        Misconception(
            "real numbers instead of padded ones",
            "that many numbers are real; asked is how many are padding",
            [46, 60, 44],
        ),
        Misconception(
            "last step of the array",
            "the last number is taken at the end of the array, which is padding: sequence 1 has 5 "
            "real steps, the last of which is step 4",
            [46, 24, 52],
        ),
        Misconception(
            "length as an index",
            "the last number is taken at step 5; steps count from 0, so the last of 5 real steps "
            "is step 4",
            [46, 24, 48],
        ),
        Misconception(
            "first column from one",
            "the last number is feature 1 of that step; feature 0 is the first",
            [46, 24, 45],
        ),
    ),
    hints=(
        "x[b, t, d]: each sequence holds T · D = 28 numbers, each step D = 4.",
        "x[1, 4, 2] is 28 + 4 · 4 + 2. Padded steps: 7 - 7, 7 - 5 and 7 - 3.",
        "Sequence 1 has 5 real steps, numbers 0 to 4: its last real number of feature 0 is "
        "x[1, 4, 0].",
    ),
)

# --- 01.2 Windows without a peek ----------------------------------------------------------------


def cut(values, length, horizon):
    """X (N, length), the windows, and y (N,), the value `horizon` steps after each window's end."""
    return _cut(values, length, horizon)


def _cut(values, length, horizon, *, ahead=0, drop=0, stride=1, backwards=False):
    """The same, with a switch for what people forget."""
    n = len(values) - length - horizon - ahead + 1 - drop
    starts = range(0, max(n, 0), stride)
    X = np.array([values[s : s + length] for s in starts]).reshape(-1, length)
    y = np.array([values[s + length - 1 + horizon + ahead] for s in starts])
    return X[:, ::-1] if backwards else X, y


def _cut_by_index(values, length, horizon):
    N = len(values) - length - horizon + 1
    index = np.arange(N)[:, None] + np.arange(length)
    return values[index], values[length - 1 + horizon :]


def _all_targets(values, length, horizon):
    X, _ = _cut(values, length, horizon)
    y = [values[s + length : s + length + horizon] for s in range(len(X))]
    return X, np.array(y)


def _target_in_window(values, length, horizon):
    X, _ = _cut(values, length, horizon)
    return X, X[:, -1].copy()


def _wrapped(values, length, horizon):
    index = np.arange(len(values))[:, None] + np.arange(length)
    return values.take(index, mode="wrap"), np.roll(values, -(length - 1 + horizon))


def _extra_axis(values, length, horizon):
    X, y = _cut(values, length, horizon)
    return X.T, y


def _horizon_ignored(values, length, horizon):
    X, y = _cut(values, length, 1)
    N = len(values) - length - horizon + 1
    return X[:N], y[:N]


def _cut_cases(rng):
    shapes = [(30, 7, 3), (12, 4, 1), (9, 1, 5), (8, 5, 3)]
    return [
        Case(
            f"{n} values, length {length}, horizon {horizon}", (rng.normal(size=n), length, horizon)
        )
        for n, length, horizon in shapes
    ]


_windows = Exercise(
    id="01.2",
    title="Windows without a peek",
    stars=2,
    minutes=12,
    deepens='the claim "split in time first, and then cut, it has seen none"',
    statement="Cut a series into windows and the values that come a given number of steps later.",
    reference=cut,
    alternatives=(_cut_by_index,),
    inputs=_cut_cases,
    returns=("X (N, length)", "y (N,)"),
    praise="no window knows its target, and no step is wasted",
    misconceptions=(
        Misconception(
            "target one step early",
            "the target is one step early: with horizon 1 it must be the value right *after* the "
            "window, which the window does not hold",
            lambda v, k, h: _cut(v, k, h, ahead=-1),
        ),
        Misconception(
            "target one step late",
            "the target is one step late: horizon 1 means the very next value after the window",
            lambda v, k, h: _cut(v, k, h, ahead=1),
        ),
        Misconception(
            "last window lost",
            "the last window is missing: there are n - length - horizon + 1 of them; range stops "
            "before its end",
            lambda v, k, h: _cut(v, k, h, drop=1),
        ),
        Misconception(
            "windows that do not overlap",
            "the windows do not overlap; one starts at every step",
            lambda v, k, h: _cut(v, k, h, stride=k),
        ),
        Misconception(
            "windows backwards",
            "the windows run backwards: the oldest value comes first",
            lambda v, k, h: _cut(v, k, h, backwards=True),
        ),
        Misconception(
            "all values up to the horizon",
            "y holds all values up to the horizon; asked is the one that lies `horizon` steps "
            "after the window's end",
            _all_targets,
        ),
        Misconception(
            "target inside the window",
            "y is the last value of each window: the model would be asked for what it is shown",
            _target_in_window,
        ),
        Misconception(
            "wrapped around",
            "the last windows go on at the beginning of the series: after the last value there is "
            "nothing, so those windows do not exist",
            _wrapped,
        ),
        Misconception(
            "axes exchanged",
            "X has its axes exchanged: one row for each window, (N, length)",
            _extra_axis,
        ),
        Misconception(
            "horizon ignored",
            "the targets are the next values, whatever the horizon is",
            _horizon_ignored,
        ),
        Misconception(
            "horizon ignored, windows too many",
            "the targets are the next values, whatever the horizon is, and so there are too many "
            "windows: n - length, where n - length - horizon + 1 have a target",
            lambda v, k, h: _cut(v, k, 1),
        ),
    ),
    hints=(
        "The window that starts at s holds values[s : s + length]. Where does it end?",
        "Its last value is values[s + length - 1]; the target is `horizon` steps further on.",
        "For the largest s the target is the last value: s + length - 1 + horizon = n - 1. "
        "So s runs over range(n - length - horizon + 1).",
    ),
)

# --- 01.3 The mean that knows its mask ----------------------------------------------------------


def masked_mean(x, mask):
    """The mean over the real steps of each sequence: x (B, T, D), mask (B, T) -> (B, D)."""
    return (x * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1)[:, None]


def _mean_by_loop(x, mask):
    return np.stack([x_b[real].mean(axis=0) for x_b, real in zip(x, mask, strict=True)])


def _mean_by_where(x, mask):
    return np.mean(x, axis=1, where=mask[..., None])


def _nonzero_counted(x, mask):
    x = x * mask[..., None]
    return x.sum(axis=1) / np.maximum((x != 0).sum(axis=1), 1)


def _mask_cases(rng):
    cases = []
    for B, T, D in ((3, 7, 4), (2, 5, 3), (1, 6, 2), (4, 1, 3)):
        lengths = rng.integers(1, T + 1, B)
        lengths[0] = max(T - 2, 1)
        mask = np.arange(T) < lengths[:, None]
        if T > 5:
            mask[0, 1] = False  # a gap in the middle: a mask need not be a prefix
        x = rng.normal(size=(B, T, D)) + 5
        if T > 1:
            x[0, 0] = 0.0  # a real step of zeros: what is real, the mask says and not the value
        cases.append(Case(f"B={B}, T={T}, D={D}", (x, mask)))
    return cases


_masked = Exercise(
    id="01.3",
    title="The mean that knows its mask",
    stars=2,
    minutes=10,
    deepens='the claim "without the mask, padding is counted as the letter A"',
    statement="Take the mean over time of each sequence of a padded batch, over its real steps "
    "alone.",
    reference=masked_mean,
    alternatives=(_mean_by_loop, _mean_by_where),
    inputs=_mask_cases,
    returns=("the means (B, D)",),
    praise="what stands in padded steps does not matter, and neither does their number",
    misconceptions=(
        Misconception(
            "mask forgotten",
            "the padded steps are counted: this is the plain mean over time",
            lambda x, mask: x.mean(axis=1),
        ),
        Misconception(
            "divided by T",
            "the padded steps no longer add anything, but the sum is still divided by T; divide "
            "by the number of real steps",
            lambda x, mask: (x * mask[..., None]).mean(axis=1),
        ),
        Misconception(
            "padding assumed to be zero",
            "the sum takes in the padded steps: what stands there need not be zero; multiply by "
            "the mask first",
            lambda x, mask: x.sum(axis=1) / mask.sum(axis=1)[:, None],
        ),
        Misconception(
            "zeros taken for padding",
            "the sum is divided by how many numbers are not zero: a real step may hold 0, and "
            "counts all the same; count with the mask",
            _nonzero_counted,
        ),
        Misconception(
            "not divided",
            "this is the sum over the real steps; a mean is divided by their number",
            lambda x, mask: (x * mask[..., None]).sum(axis=1),
        ),
        Misconception(
            "one count for all",
            "every sequence is divided by the same number: each has a length of its own, "
            "mask.sum(axis=1)",
            lambda x, mask: (x * mask[..., None]).sum(axis=1) * len(x) / mask.sum(),
        ),
        Misconception(
            "one mean for the whole batch",
            "the sequences are averaged together; each has a mean of its own, (B, D)",
            lambda x, mask: x[mask].mean(axis=0),
        ),
        Misconception(
            "mask turned round",
            "the mask is read the wrong way: True stands for a real step",
            lambda x, mask: (
                (x * ~mask[..., None]).sum(axis=1) / np.maximum((~mask).sum(axis=1), 1)[:, None]
            ),
        ),
        Misconception(
            "features averaged, too",
            "the features are averaged as well: the mean is over time alone, axis 1, and D numbers "
            "are left for each sequence",
            lambda x, mask: masked_mean(x, mask).mean(axis=1),
        ),
        Misconception(
            "real steps taken for a prefix",
            "the mask is taken for a length: a padded step may also stand in the middle, as in one "
            "of the batches tried here",
            lambda x, mask: np.stack(
                [x_b[: real.sum()].mean(axis=0) for x_b, real in zip(x, mask, strict=True)]
            ),
        ),
    ),
    hints=(
        "Two steps: make the padded steps count nothing in the sum, then divide by how many real "
        "steps there are.",
        "mask is (B, T) and x is (B, T, D): mask[:, :, None] is (B, T, 1), and goes with x.",
        "(x * mask[:, :, None]).sum(axis=1) is (B, D), whatever finite number is padding; "
        "mask.sum(axis=1)[:, None] is (B, 1).",
    ),
)

# --- 01.4 How far does a window see? ------------------------------------------------------------

_sight = Exercise(
    id="01.4",
    title="How far does a window see?",
    stars=2,
    minutes=10,
    deepens='the claim "the window of 20 is always right up to gap 17, and guesses from 18 on"',
    statement="Predict the largest gap at which a window can still name the first bell, then "
    "measure it.",
    kind="value",
    reference=[9, 61, 53],
    alternatives=((9.0, 61.0, 53.0),),
    returns=("gap for 12 steps", "gap for 64 steps", "window for gap 50"),
    tolerance=1e-9,
    praise="one ring of the early pair is enough: if A was the second, B was the first",
    misconceptions=(
        Misconception(
            "both rings of the early pair",
            "the window need not hold the early pair whole: if its second ring is A, the first "
            "was B",
            [8, 60, 54],
        ),
        Misconception(
            "late pair forgotten",
            "the late pair takes two steps of the window as well",
            [11, 63, 51],
        ),
        Misconception(
            "late pair forgotten, early pair whole",
            "gap and one pair fill the window; is a ring of the other pair still in sight?",
            [10, 62, 52],
        ),
        Misconception(
            "window as long as the gap",
            "the window has to hold more than the gap",
            [12, 64, 50],
        ),
        Misconception(
            "one step too careful",
            "the windows are too careful: a window of k steps holds k of them, the first one "
            "included, and one ring of the early pair is enough",
            [7, 59, 55],
        ),
        Misconception(
            "added instead of taken off",
            "the pairs take room away from the gap: the gap is shorter than the window",
            [15, 67, 47],
        ),
    ),
    hints=(
        "Draw it: early pair, gap, late pair. The window ends where the late pair ends.",
        "What do you know if you see only the second ring of the early pair?",
        "One ring, the gap, two rings: the gap plus 3 must not be more than the window. For 20 "
        "steps that is 17.",
    ),
)

# --- 01.5 Three leaks in eight lines ------------------------------------------------------------


def prepare(values, length, share):
    """X_train, y_train, X_test, y_test: split in time, scaled by the training part, then cut."""
    return _prepare(values, length, share)


def _prepare(values, length, share, *, fit="train", split="series", shuffle=False):
    """The same, with a switch for each of the leaks."""
    end = int(share * len(values))
    parts = [values[:end], values[end:]]
    fitted_on = {"train": [parts[0]] * 2, "all": [values] * 2, "own": parts}[fit]
    parts = [(part - z.mean()) / z.std() for part, z in zip(parts, fitted_on, strict=True)]
    if split == "series":
        return tuple(array for part in parts for array in _cut(part, length, 1))
    X, y = _cut(np.concatenate(parts), length, 1)
    order = np.random.default_rng(0).permutation(len(X)) if shuffle else np.arange(len(X))
    n = {"windows": int(share * len(X)), "straddle": end - length}[split]
    return X[order[:n]], y[order[:n]], X[order[n:]], y[order[n:]]


def _prepare_by_index(values, length, share):
    end = int(share * len(values))
    train, test = np.split(np.asarray(values), [end])
    mean, deviation = train.mean(), train.std()
    out = []
    for part in (train, test):
        z = (part - mean) / deviation
        out += _cut_by_index(z, length, 1)
    return tuple(out)


def _with(**switches):
    return lambda *args: _prepare(*args, **switches)


def _scaled_without_deviation(values, length, share):
    end = int(share * len(values))
    parts = [part - values[:end].mean() for part in (values[:end], values[end:])]
    return [array for part in parts for array in _cut(part, length, 1)]


def _rows_shuffled(values, length, share):
    X, y, *test = _prepare(values, length, share)
    order = np.random.default_rng(0).permutation(len(X))  # as the stub shuffles
    return X[order], y[order], *test


def _prepare_cases(rng):
    cases = []
    for n, length, share in ((60, 7, 0.8), (45, 3, 0.6), (40, 5, 0.75)):
        values = rng.normal(size=n).cumsum() + 10
        cases.append(Case(f"{n} values, length {length}, share {share}", (values, length, share)))
    return cases


_repair = Exercise(
    id="01.5",
    title="Three leaks in eight lines",
    stars=2,
    minutes=15,
    deepens='the claim "after shuffling, training has seen over 98 % of the steps in test windows"',
    statement="Mend a preparation of data that lets the test part leak into training in three "
    "ways.",
    reference=prepare,
    alternatives=(_prepare_by_index,),
    inputs=_prepare_cases,
    returns=("X_train", "y_train", "X_test", "y_test"),
    stub=_with(fit="all", split="windows", shuffle=True),
    praise="split in time, scaled by the past, cut within each part",
    misconceptions=(
        Misconception(
            "scaler on all, windows split in order",
            "two leaks are left: mean and deviation are taken from the whole series, and the "
            "windows are cut before the split, so that some share steps across it",
            _with(fit="all", split="windows"),
        ),
        Misconception(
            "windows cut before the split",
            "the windows are cut before the split, so that the last training windows and the "
            "first test windows share steps; cut the *series* in two first",
            _with(split="windows"),
        ),
        Misconception(
            "test windows that begin in the training part",
            "the first test windows begin in the training part: cut the series in two, then cut "
            "windows within each part",
            _with(split="straddle"),
        ),
        Misconception(
            "windows still shuffled",
            "the windows are still shuffled before the split: neighbours overlap, so that nearly "
            "all of a test window stands in the training part",
            _with(split="windows", shuffle=True),
        ),
        Misconception(
            "scaler still fitted on all",
            "mean and deviation are still taken from the whole series, test part included",
            _with(fit="all"),
        ),
        Misconception(
            "a scaler for each part",
            "the test part is scaled by its own mean and deviation, which nobody knows when the "
            "first test value comes; use those of the training part",
            _with(fit="own"),
        ),
        Misconception(
            "not scaled at all",
            "the values are not scaled: subtract the training part's mean and divide by its "
            "deviation",
            lambda v, k, share: [
                a for part in np.split(v, [int(share * len(v))]) for a in _cut(part, k, 1)
            ],
        ),
        Misconception(
            "right, but shuffled",
            "right, but in another order: keep them in time",
            _rows_shuffled,
        ),
        Misconception(
            "deviation forgotten",
            "the training part's mean is subtracted, but its deviation does not divide",
            _scaled_without_deviation,
        ),
    ),
    hints=(
        "Follow one value of the test part: in which lines does it reach something that training "
        "sees?",
        "Nothing may be computed from `values` as a whole. Start with "
        "train, test = values[:end], values[end:].",
        "mean and deviation from train; z for both parts with these two numbers; then cut() each "
        "part for itself, without any shuffling.",
    ),
)

# --- 01.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="01.6",
    title="A leak of your own",
    stars=3,
    minutes=40,
    deepens='the claim "split in time first, and then cut, it has seen none"',
    statement="Invent a mistake in the preparation of data that lifts a coin toss, and measure by "
    "how much.",
    kind="open",
    hints=(
        "Start from data in which there is nothing to find: noise, and answers from a coin.",
        "Where does information flow? Choosing features, filling gaps, removing outliers, "
        "balancing classes, removing duplicates: each of them can look at the test part.",
        "Spoiler, read it after your experiment: choosing the ten features that agree best with "
        "the answers, over all data, from a thousand of noise, is enough.",
    ),
)

EXERCISES = (_point, _windows, _masked, _sight, _repair, _open)
