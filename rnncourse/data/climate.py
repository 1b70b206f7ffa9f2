"""Two real series of one station each: the sea off Maine by the half-hour, the air by the month.

Both are read from the files of packages that are installed anyway, with nothing but NumPy.
"""

import csv
import functools
import gzip
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnncourse.data.card import Card

SEA = Card(
    name="Sea-surface temperature",
    what=(
        "the temperature (degrees Celsius) of the sea at buoy B01 in the Gulf of Maine, every "
        "half-hour from February 2016 to March 2017 (UTC)"
    ),
    whose=(
        "NERACOOS and the University of Maine, data set B01_sbe37_all, in a historical extract "
        "that comes with the package bokeh_sampledata 2026.1"
    ),
    licence="free to use and redistribute; not for legal use, may contain inaccuracies",
    size="19,226 readings; 24 that are missing are filled in by straight lines and marked",
    real=True,
)

AIR = Card(
    name="Carbon dioxide at Mauna Loa",
    what=(
        "the share of carbon dioxide in the air (parts per million by volume) on Mauna Loa, "
        "Hawaii, March 1958 to December 2001: monthly means of weekly means"
    ),
    whose=(
        "Keeling & Whorf (2004), Carbon Dioxide Information Analysis Center, as it comes with "
        "the package statsmodels 0.15"
    ),
    licence="public domain",
    size="526 months; 5 that are missing are filled in by straight lines and marked",
    real=True,
)

HALF_HOUR = np.timedelta64(30, "m")


@dataclass(frozen=True, eq=False)
class Series:
    """Values at equal distances in time.

    Attributes:
        time: datetime64 (n,), when.
        x: float64 (n,), in the unit that the card says.
        measured: bool (n,), False where a straight line stands in for a reading.
    """

    time: np.ndarray
    x: np.ndarray
    measured: np.ndarray

    def __len__(self):
        """The number of steps, n."""
        return len(self.x)


@functools.cache
def sea():
    """The temperature of the sea, half-hour by half-hour.

    Returns:
        Series of 19,249 half-hours, in degrees Celsius.

    Raises:
        FileNotFoundError: if the package bokeh_sampledata is not installed.

    Taught in: chapters/21_forecasting

    Source: where two readings stand at one time, the later one of the file is taken.

    Example:
        >>> series = sea()
        >>> len(series), str(series.time[0]), int((~series.measured).sum())
        (19249, '2016-02-15T00:00:00', 24)
    """
    path = _file("bokeh_sampledata", "_data", "sea_surface_temperature.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    time = np.array([row[0].removesuffix("Z") for row in rows], dtype="datetime64[s]")
    return _regular(time, np.array([float(row[1]) for row in rows]), HALF_HOUR)


@functools.cache
def air():
    """Carbon dioxide on Mauna Loa, month by month.

    Returns:
        Series of 526 months, in parts per million by volume.

    Raises:
        FileNotFoundError: if the package statsmodels is not installed.

    Taught in: chapters/21_forecasting

    Example:
        >>> series = air()
        >>> len(series), str(series.time[-1]), round(float(series.x[0]), 1)
        (526, '2001-12', 316.1)
    """
    path = _file("statsmodels", "datasets", "co2", "co2.csv")
    with open(path, encoding="utf-8") as file:
        weeks = [(date, value) for date, value in list(csv.reader(file))[1:] if value]
    month = np.array([f"{d[:4]}-{d[4:6]}" for d, _ in weeks], dtype="datetime64[M]")
    value = np.array([float(v) for _, v in weeks])
    months, which = np.unique(month, return_inverse=True)
    means = np.bincount(which, value) / np.bincount(which)
    return _regular(months, means, np.timedelta64(1, "M"))


def calendar(time):
    r"""$\sin$ and $\cos$ of the hour of the day and of the day of the year: 0 h is next to 23 h.

    Args:
        time: datetime64 (n,).

    Returns:
        float64 (n, 4): sine and cosine of the time of the day, then of the time of the year.

    Taught in: chapters/21_forecasting

    Example:
        >>> calendar(np.array(["2016-01-01T06:00"], dtype="datetime64[m]"))[:, :2].round(6) + 0.0
        array([[1., 0.]])
    """
    day = (time - time.astype("datetime64[D]")) / np.timedelta64(1, "D")
    year = (time - time.astype("datetime64[Y]")) / np.timedelta64(1, "D") / 365.25
    phase = 2 * np.pi * np.column_stack([day, year])  # (n, 2)
    return np.stack([np.sin(phase), np.cos(phase)], axis=2).reshape(len(phase), 4)


def _regular(time, x, step):
    """On a grid without gaps: what is missing lies on the line between its neighbours."""
    where = ((time - time[0]) / step).round().astype(int)
    filled = np.full(where[-1] + 1, np.nan)
    filled[where] = x  # of two readings at one time the later one stays
    measured = np.isfinite(filled)
    steps = np.arange(len(filled))
    filled = np.interp(steps, steps[measured], filled[measured])
    for array in (filled, measured):
        array.flags.writeable = False  # the cache hands the same arrays to everybody
    return Series(time[0] + steps * step, filled, measured)


def _file(package, *parts):
    """The path of a file that a package brought along, without importing the package."""
    found = importlib.util.find_spec(package)
    path = Path(found.submodule_search_locations[0], *parts) if found else None
    if path is None or not path.is_file():
        raise FileNotFoundError(f"{'/'.join(parts)}: expected it in the package {package}")
    return path
