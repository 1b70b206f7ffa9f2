"""Charts of training runs side by side: one column per run, one row per reading."""

import numpy as np
from matplotlib.ticker import NullLocator

from rnncourse.plotting.style import COLOR, finite

READINGS = {
    "loss": "loss (nats)",
    "norm": "gradient norm",
    "batch": "one batch",
    "position": "by position",
    "lag": "by lag",
    "again": "three times",
}
TRAIN, CHECK = COLOR["baseline"], COLOR["lstm"]


def ward(axes, charts, rows=("loss", "norm"), chance=None):
    """Readings of several training runs: a column for each run, a row for each reading.

    Args:
        axes: an array of Axes (n_rows, n_runs).
        charts: name -> an object with the readings as arrays, such as a `clinic.Chart`.
        rows: which readings, from top to bottom:
            "loss" (training loss in grey, validation loss as dots),
            "norm" (norm of the gradient),
            "batch" (loss on one batch, over and over, and in dots its share of right answers),
            "position" (validation loss by position in the chunk),
            "lag" (gradient by lag, relative to lag 0),
            "again" (validation loss of the same weights, measured three times).
        chance: loss of whoever knows nothing, drawn as a dotted line; None leaves it out.

    Returns:
        axes.

    Raises:
        ValueError: if there is no such reading, the Axes do not fit, or a reading is not finite.

    Example:
        >>> from types import SimpleNamespace
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> run = SimpleNamespace(norm=[1.0, 0.5, 0.2])
        >>> fig, axes = figure(ncols=2, nrows=1, squeeze=False, sharey="row")
        >>> ward(axes, {"A": run, "B": run}, rows=("norm",)).shape
        (1, 2)
        >>> plt.close(fig)
    """
    axes, rows = np.asarray(axes, dtype=object), tuple(rows)
    unknown = [row for row in rows if row not in READINGS]
    if unknown:
        raise ValueError(f"rows: expected some of {', '.join(READINGS)}, got {unknown[0]!r}")
    if axes.shape != (len(rows), len(charts)):
        raise ValueError(f"axes: expected shape {(len(rows), len(charts))}, got {axes.shape}")
    for line, row in zip(axes, rows, strict=True):
        for ax, (name, chart) in zip(line, charts.items(), strict=True):
            _DRAW[row](ax, name, chart)
            if chance is not None and row in ("loss", "batch", "position"):
                ax.axhline(chance, color=COLOR["data"], ls=":", lw=1)
        line[0].set_ylabel(READINGS[row])
        if row in ("batch", "position", "lag"):  # after the last panel, for the shared axis
            line[0].set_ylim(bottom=0)
    for ax, name in zip(axes[0], charts, strict=True):
        ax.set_title(name)
    return axes


def _loss(ax, name, chart):
    train = finite(f"{name}: train", chart.train)
    ax.plot(np.arange(1, len(train) + 1), train, color=TRAIN, ls="-", lw=1.2)
    validation = finite(f"{name}: validation", chart.validation)
    ax.plot(chart.steps, validation, "o", color=CHECK, ms=2.5)
    _few_ticks(ax, len(train), log=True)


def _norm(ax, name, chart):
    norm = finite(f"{name}: norm", chart.norm)
    ax.plot(np.arange(1, len(norm) + 1), norm, color=TRAIN, ls="-", lw=1.2)
    _few_ticks(ax, len(norm), log=True)


def _batch(ax, name, chart):
    loss = finite(f"{name}: batch", chart.batch)
    ax.plot(np.arange(1, len(loss) + 1), loss, color=TRAIN, ls="-", lw=1.2)
    right = finite(f"{name}: batch_accuracy", chart.batch_accuracy)
    ax.plot(np.arange(1, len(right) + 1)[::6], right[::6], "o", color=CHECK, ms=1.8)
    _few_ticks(ax, len(loss))


def _position(ax, name, chart):
    loss = finite(f"{name}: position", chart.position)
    ax.plot(np.arange(1, len(loss) + 1), loss, "o-", color=CHECK, lw=1.2, ms=2.5)
    _few_ticks(ax, len(loss))


def _lag(ax, name, chart):
    lag = finite(f"{name}: lag", chart.lag)
    ax.plot(np.arange(len(lag)), lag, "o-", color=CHECK, lw=1.2, ms=2.5)
    _few_ticks(ax, len(lag) - 1, first=0)


def _again(ax, name, chart):
    loss = finite(f"{name}: again", chart.again)
    ax.plot(np.arange(1, len(loss) + 1), loss / loss.mean(), "o", color=CHECK, ms=4)
    ax.set_xlim(0.5, len(loss) + 0.5)
    _few_ticks(ax, len(loss))


_DRAW = {
    "loss": _loss,
    "norm": _norm,
    "batch": _batch,
    "position": _position,
    "lag": _lag,
    "again": _again,
}


def _few_ticks(ax, last, first=1, log=False):
    """Panels an inch wide have room for two numbers below."""
    ax.set_xticks([first, last], [str(first), str(last)])
    if log:
        ax.set_yscale("log")
        ax.yaxis.set_minor_locator(NullLocator())
