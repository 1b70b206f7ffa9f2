"""Cutting and scaling series without letting the future into the past."""

import weakref
from dataclasses import dataclass

import numpy as np

_training_parts = weakref.WeakValueDictionary()  # id -> array: what split_in_time called training


def windows(x, length, horizon=1):
    r"""$X_i = (x_i, \dots, x_{i+L-1})$ and $y_i = x_{i+L+h-1}$ for every $i$ that fits.

    Args:
        x: a series (n,) or several side by side (n, D), in the order of time.
        length: $L$, steps per window.
        horizon: $h$, how many steps after the last of the window the target lies; 1 = the next.

    Returns:
        (X, y): X (N, L, D) and y (N, D) with N = n - L - h + 1 (D = 1 for a single series).
        Window i starts at step i of x; its target is step i + L + h - 1.

    Raises:
        ValueError: if `x` has another rank, holds NaN, or is too short for one window; or if
            `length` or `horizon` is not a positive integer.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> X, y = windows(np.arange(6.0), length=3)
        >>> X[:, :, 0]
        array([[0., 1., 2.],
               [1., 2., 3.],
               [2., 3., 4.]])
        >>> y[:, 0]
        array([3., 4., 5.])
    """
    x = _series("x", x)
    for name, value in {"length": length, "horizon": horizon}.items():
        if not hasattr(value, "__index__") or value < 1:
            raise ValueError(f"{name}: expected a positive integer, got {value!r}")
    N = len(x) - length - horizon + 1
    if N < 1:
        raise ValueError(
            f"x: expected at least length + horizon = {length + horizon} steps, got {len(x)}"
        )
    x = x[:, None] if x.ndim == 1 else x  # (n, D)
    starts = np.arange(N)
    return x[starts[:, None] + np.arange(length)], x[starts + length + horizon - 1]


@dataclass(frozen=True, eq=False)
class TimeSplit:
    """A series in three parts, one after the other; made by `split_in_time`.

    Attributes:
        train: the first part; the only one that a `Scaler` may be fitted on.
        validation: the second; of length 0 if none was asked for.
        test: the last.
        where: the slice of each part in the whole, by the names above.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    where: dict

    def __repr__(self):
        parts = (f"{name} {s.start}:{s.stop}" for name, s in self.where.items())
        return f"TimeSplit({', '.join(parts)})"


def split_in_time(x, train=0.8, validation=0.0, gap=0):
    """Cut a series once or twice; the past trains, the future tests, nothing is shuffled.

    Args:
        x: anything along time in its first axis: a series (n,), (n, D), or windows (N, L, D).
        train: share of the first part; it ends at int(train * n).
        validation: share of the part between training and test (0: none).
        gap: steps that are left out after training and after validation. For windows of length L
            cut beforehand, L + horizon - 1 keeps every test window free of training steps.

    Returns:
        TimeSplit with `.train`, `.validation`, `.test` (copies of the parts) and `.where`.

    Raises:
        ValueError: if the shares are not between 0 and 1 or leave nothing for a part, or `gap` is
            not an integer of at least 0.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> split = split_in_time(np.arange(10.0), train=0.6, validation=0.2, gap=1)
        >>> split.train, split.validation, split.test
        (array([0., 1., 2., 3., 4., 5.]), array([7.]), array([9.]))
        >>> split
        TimeSplit(train 0:6, validation 7:8, test 9:10)
    """
    x = np.asarray(x)
    if x.ndim == 0:
        raise ValueError(f"x: expected time along the first axis, got one number {x}")
    if not (0 < train < 1 and 0 <= validation < 1 and train + validation < 1 + 1e-9):
        raise ValueError(
            f"train, validation: expected shares above 0 that leave some for the test, "
            f"got {train!r} and {validation!r}"
        )
    if not hasattr(gap, "__index__") or gap < 0:
        raise ValueError(f"gap: expected an integer of at least 0, got {gap!r}")
    n, tiny = len(x), 1e-9  # tiny: 0.7 * 10 is 6.999... in floating point
    first, second = int(train * n + tiny), int((train + validation) * n + tiny)
    where = {"train": slice(0, first), "validation": slice(second, second)}
    where["test"] = slice(second + gap, n)
    if validation > 0:
        where["validation"] = slice(first + gap, second)
    for name, part in where.items():
        if part.stop <= part.start and (name != "validation" or validation > 0):
            raise ValueError(f"x: expected enough steps for a {name} part, got {n} in all")
    parts = {name: x[part].copy() for name, part in where.items()}
    _training_parts[id(parts["train"])] = parts["train"]
    return TimeSplit(**parts, where=where)


class Scaler:
    r"""$z = (x-\mu)/\sigma$ with mean and standard deviation of the training part, per column.

    It can be fitted on nothing else: a mean over the whole series already tells a model about
    the future, and the test error then looks better than it is.

    Attributes:
        mean: mu, a float or (D,), in the unit of the series; None before `fit`.
        deviation: sigma, likewise; 1 for a column that never changes.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> split = split_in_time(np.array([1.0, 3.0, 1.0, 3.0, 9.0]))
        >>> scaler = Scaler().fit(split.train)
        >>> scaler.transform(split.test)
        array([7.])
        >>> scaler.inverse([7.0])
        array([9.])
        >>> scaler.fit(split.test)
        Traceback (most recent call last):
            ...
        ValueError: train: expected the .train of a split_in_time, got an array of shape (1,)...
    """

    def __init__(self):
        self.mean = None
        self.deviation = None

    def fit(self, train):
        """Take mean and standard deviation from the training part; returns the scaler itself.

        Args:
            train: what `split_in_time` returned, or its `.train`, untouched: (n,) or (n, D).

        Raises:
            ValueError: for every other array, and for a training part that holds NaN.
        """
        train = train.train if isinstance(train, TimeSplit) else train
        if _training_parts.get(id(train)) is not train:
            came = f"an array of shape {train.shape}" if hasattr(train, "shape") else repr(train)
            raise ValueError(
                f"train: expected the .train of a split_in_time, got {came}: "
                "a scaler that has seen the test part leaks the future into the past"
            )
        train = _series("train", train)
        deviation = train.std(axis=0)
        self.mean = train.mean(axis=0)
        self.deviation = np.where(deviation > 0, deviation, 1.0)[()]
        return self

    def transform(self, x):
        """From the unit of the series to standardised values, the same shape as `x`."""
        return (self._fitted(x) - self.mean) / self.deviation

    def inverse(self, z):
        """From standardised values back to the unit of the series, the same shape as `z`."""
        return self._fitted(z) * self.deviation + self.mean

    def _fitted(self, x):
        """`x` as an array that fits what the scaler was fitted on."""
        x = np.asarray(x)
        if self.mean is None:
            raise ValueError("scaler: expected one that has been fitted, got a fresh one")
        if np.ndim(self.mean) == 1 and x.shape[-1:] != self.mean.shape:
            raise ValueError(
                f"x: expected D = {len(self.mean)} columns as in the training part, "
                f"got shape {x.shape}"
            )
        return x


def _series(name, x):
    """A finite float array (n,) or (n, D) with n > 0."""
    x = np.asarray(x)
    if x.dtype.kind not in "fiu" or x.ndim not in (1, 2) or x.size == 0:
        raise ValueError(
            f"{name}: expected numbers of shape (n,) or (n, D), got {x.dtype} of shape {x.shape}"
        )
    if not np.isfinite(x).all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
    return x.astype(float)
