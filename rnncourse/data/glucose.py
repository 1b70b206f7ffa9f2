"""One person's glucose, measured every five minutes for 200 days, with the gaps it came with."""

import csv
import functools
import gzip
import importlib.util
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnncourse import events
from rnncourse.data.card import Card

STEP = 5  # minutes from one slot to the next
LOW = 70  # mg/dl: glucose below it is low
DAY = 24 * 60 // STEP  # slots
FAULTS = {"spike": 1, "stuck": 12, "pressed": 6, "noisy": 12}  # kind -> slots

CARD = Card(
    name="Glucose",
    what=(
        "glucose of one person (mg/dl), by a sensor under the skin, a slot every five minutes "
        "from March to October 2010, one slot in ten empty; meals, insulin and movement were not "
        "written down, and nothing more is known of the person"
    ),
    whose=(
        "given by an acquaintance to a maintainer of Bokeh; ships with the package "
        "bokeh_sampledata as CGM.csv.gz"
    ),
    licence="public domain, as the package's list of data sets says",
    size="57,770 slots in 200 days, 52,083 of them filled",
    real=True,
)


class Readings(NamedTuple):
    """What `readings` returns.

    Attributes:
        mg_dl: float32 (n,), a number a slot, NaN where the sensor left none.
        minute: int (n,), the minute of the day at which the slot begins, 0 to 1439.
    """

    mg_dl: np.ndarray
    minute: np.ndarray


class Faults(NamedTuple):
    """What `with_faults` returns.

    Attributes:
        mg_dl: (n,), the series with the faults in it.
        where: int (N, 2), first slot and slot behind the last of each fault.
        kind: str (N,), its kind.
    """

    mg_dl: np.ndarray
    where: np.ndarray
    kind: np.ndarray


class Questions(NamedTuple):
    """What `questions` returns: N moments at which a forecast can be made, and checked.

    Attributes:
        x: float32 (N, T, 4): glucose / 100 mg/dl, its change in a slot / 10 mg/dl, sine and
            cosine of the time of day; the last step is now.
        y: float32 (N, K), mg/dl: what the sensor read so many slots later.
        now: float32 (N,), mg/dl: the reading at the moment of asking.
        at: int (N,), the slot of that moment.
    """

    x: np.ndarray
    y: np.ndarray
    now: np.ndarray
    at: np.ndarray

    def among(self, chosen):
        """The questions that a slice, a mask or an array of numbers chooses."""
        return Questions(*(a[chosen] for a in self))

    def parts(self, train=0.6, validation=0.15):
        """Cut in time: (training, validation, test), a day left out at each of the two cuts."""
        n = self.at[-1] + 1
        first, second = int(train * n), int((train + validation) * n)
        bounds = [(0, first), (first + DAY, second), (second + DAY, n)]
        return tuple(self.among((a <= self.at) & (self.at < b)) for a, b in bounds)


@functools.cache
def readings():
    """The series on a grid of five minutes; a slot without a reading is NaN.

    Returns:
        Readings of n = 57,770 slots. Of two readings in one slot the later counts.

    Raises:
        FileNotFoundError: if the package bokeh_sampledata is not installed.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> mg_dl, minute = readings()
        >>> len(mg_dl), round(float(np.isnan(mg_dl).mean()), 3), mg_dl[:3].tolist()
        (57770, 0.098, [258.0, 260.0, 258.0])
    """
    with gzip.open(_source(), "rt", encoding="utf-8", newline="") as lines:
        rows = [row[1:] for row in csv.reader(lines)][1:]
    when = np.array([row[0] for row in rows], dtype="datetime64[s]")
    minutes = (when - when[0]).astype(int) / 60
    slots = np.round(minutes / STEP).astype(int)
    mg_dl = np.full(slots.max() + 1, np.nan, dtype=np.float32)
    mg_dl[slots] = [float(row[1]) for row in rows]
    began = int((when[0] - when[0].astype("datetime64[D]")).astype(int) // 60)
    return Readings(mg_dl, (began + STEP * np.arange(len(mg_dl))) % 1440)


def questions(series, length=24, horizons=(1, 6, 12), longest=3):
    """Every moment at which there is a reading, a window before it, and an answer to each horizon.

    Gaps of a few slots inside a window are bridged by straight lines; the reading now is a real
    one, so that no bridge is built out of the future. All answers are real readings.

    Args:
        series: Readings, or anything with `mg_dl` (n,) and `minute` (n,).
        length: T, slots in a window.
        horizons: so many slots ahead lie the answers; 6 are half an hour.
        longest: gaps of up to so many slots are bridged.

    Returns:
        Questions with K = len(horizons).

    Raises:
        ValueError: if a number is not a positive integer (longest: at least 0), or no moment is
            left.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> flat = Readings(np.full(40, 100.0, np.float32), np.arange(40) * 5)
        >>> asked = questions(flat, length=24, horizons=(1, 6))
        >>> asked.x.shape, asked.y.shape, asked.at[[0, -1]].tolist()
        ((10, 24, 4), (10, 2), [24, 33])
    """
    _check_sizes(length, horizons, longest)
    mg_dl, minute = np.asarray(series.mg_dl, dtype=np.float32), np.asarray(series.minute)
    whole = bridged(mg_dl, longest)
    features = _features(whole, minute)  # (n, 4)
    at = np.arange(length, len(mg_dl) - max(horizons))
    y = mg_dl[at[:, None] + np.array(horizons)]
    gaps = np.cumsum(np.append(0, np.isnan(features[:, 1])))  # a change needs both its ends
    good = (gaps[at + 1] == gaps[at + 1 - length]) & ~np.isnan(y).any(1) & ~np.isnan(mg_dl[at])
    if not good.any():
        raise ValueError(f"series: expected a window of {length} slots and answers, got none")
    at, y = at[good], y[good]
    x = features[at[:, None] + np.arange(1 - length, 1)]
    return Questions(x, y, mg_dl[at], at)


def bridged(values, longest=3):
    """Straight lines over gaps (NaN) of at most `longest` slots; longer ones stay.

    Args:
        values: (n,), NaN where nothing was measured.
        longest: slots, at least 0.

    Returns:
        (n,), a copy.

    Example:
        >>> nan = np.nan
        >>> bridged(np.array([1.0, nan, 3.0, nan, nan, 9.0]), longest=1)
        array([ 1.,  2.,  3., nan, nan,  9.])
    """
    values = np.array(values)
    missing = np.isnan(values)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(int), [0]])))
    for start, stop in edges.reshape(-1, 2):
        if stop - start <= longest and start > 0 and stop < len(values):
            line = np.linspace(values[start - 1], values[stop], stop - start + 2)
            values[start:stop] = line[1:-1]
    return values


def lows(mg_dl, shortest=3, before=12):
    """When glucose became low: at least `shortest` slots below 70 after an hour that was not.

    Args:
        mg_dl: (n,), NaN where there is a gap.
        shortest: slots that a low must last.
        before: slots before it that hold no low, and at most two gaps.

    Returns:
        int (N,): the first slot of each low.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: a quarter of an hour below 70 mg/dl is what Danne et al. (2017) count as an event; the
        quiet hour before it is ours, so that a low with a dent in it counts once.

    Example:
        >>> mg_dl = np.array([90.0] * 12 + [69, 65, 66, 72, 69, 64, 63, 80])
        >>> lows(mg_dl)
        array([12])
    """
    mg_dl = np.asarray(mg_dl)
    begins = events.spans(bridged(mg_dl) < LOW, shortest)[:, 0]
    begins = begins[begins >= before]
    hour = mg_dl[begins[:, None] - np.arange(1, before + 1)]  # (N, before)
    return begins[~(hour < LOW).any(axis=1) & (np.isnan(hour).sum(axis=1) <= 2)]


def zones(y, y_hat):
    r"""Clarke's zones: A and B harmless, C overcorrects, D overlooks, E treats the opposite.

    Args:
        y: what was measured, mg/dl, any shape.
        y_hat: what was forecast, mg/dl, the same shape.

    Returns:
        array of the letters "A" to "E", the same shape.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: Clarke et al. (1987), who drew the zones for meters, not for forecasts; with A asked
        first, the corner that they cut off D is what A has left of it.

    Example:
        >>> zones(np.array([100.0, 100, 100, 60, 60]), np.array([90.0, 150, 220, 100, 200]))
        array(['A', 'B', 'C', 'D', 'E'], dtype='<U1')
    """
    rules = {
        "A": (abs(y_hat - y) <= 0.2 * y) | ((y < 70) & (y_hat < 70)),
        "E": ((y <= 70) & (y_hat >= 180)) | ((y >= 180) & (y_hat <= 70)),
        "C": ((y >= 70) & (y <= 290) & (y_hat >= y + 110))
        | ((y >= 130) & (y <= 180) & (y_hat <= 1.4 * y - 182)),
        "D": ((y < 70) | (y >= 240)) & (y_hat >= 70) & (y_hat <= 180),
    }
    return np.select(list(rules.values()), list(rules), "B")


def with_faults(mg_dl, first, stop, rng, each=15):
    """The same series with faults of the sensor put in, where every slot around is filled.

    A spike is one slot off by 35 mg/dl; a stuck sensor repeats a reading for an hour; one that is
    pressed, as by sleeping on it, sinks by 35 and comes back within half an hour; a noisy one
    has an hour with a standard deviation of 8.

    Args:
        mg_dl: (n,), NaN where there is a gap.
        first: slot from which faults may lie.
        stop: slot before which they end.
        rng: a NumPy generator.
        each: how many of each kind are tried; where there is a gap, the fault is left out.

    Returns:
        Faults.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> quiet = np.full(5000, 100.0, np.float32)
        >>> faulty = with_faults(quiet, 100, 4900, np.random.default_rng(0), each=2)
        >>> sorted(faulty.kind.tolist())[:3], bool((faulty.mg_dl != quiet).any())
        (['noisy', 'noisy', 'pressed'], True)
    """
    mg_dl, kinds, where = np.array(mg_dl), [], []
    plan = rng.permutation(np.repeat(list(FAULTS), each))
    starts = np.linspace(first + 50, stop - 50, len(plan)).astype(int)
    for kind, start in zip(plan, starts + rng.integers(-20, 20, len(plan)), strict=True):
        stretch = slice(start, start + FAULTS[kind])
        if not np.isnan(mg_dl[start - 30 : stretch.stop + 15]).any():
            mg_dl[stretch] = _spoilt(kind, mg_dl[start - 1 : stretch.stop], rng)
            kinds.append(str(kind))
            where.append((start, stretch.stop))
    return Faults(np.clip(mg_dl, 40, 400), np.array(where).reshape(-1, 2), np.array(kinds))


def _spoilt(kind, values, rng):
    """The values of a stretch, given with the one before it, as a faulty sensor shows them."""
    before, real = values[0], values[1:]
    if kind == "spike":
        return real + rng.choice([-35, 35])
    if kind == "stuck":
        return np.full_like(real, before)
    if kind == "pressed":
        return real - np.array([15, 30, 35, 35, 30, 15])
    return real + rng.normal(scale=8, size=len(real))


def _features(mg_dl, minute):
    """(n, 4) float32: what a step of a window tells."""
    change = np.diff(mg_dl, prepend=np.nan)
    phase = 2 * np.pi * minute / 1440
    parts = [mg_dl / 100, change / 10, np.sin(phase), np.cos(phase)]
    return np.stack(parts, axis=1).astype(np.float32)


def _source():
    found = importlib.util.find_spec("bokeh_sampledata")  # its import would bring pandas along
    path = Path(found.origin).parent / "_data" / "CGM.csv.gz" if found else None
    if path is None or not path.exists():
        raise FileNotFoundError("glucose: expected the package bokeh_sampledata; run `make setup`")
    return path


def _check_sizes(length, horizons, longest):
    whole = {"length": length, "longest": longest + 1 if _is_whole(longest) else longest}
    whole |= {f"horizons[{i}]": h for i, h in enumerate(horizons)}
    for name, value in whole.items():
        if not _is_whole(value) or value < 1:
            raise ValueError(f"{name}: expected a whole number that makes sense, got {value!r}")
    if not len(horizons):
        raise ValueError("horizons: expected at least one, got none")


def _is_whole(value):
    return hasattr(value, "__index__")
