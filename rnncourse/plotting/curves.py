"""Figures of scores, losses and series."""

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from rnncourse.plotting.style import COLOR, color_of, digits, finite, line_style


def ladder(ax, scores, floor=None, floor_label="noise floor", xlabel="RMSE", colors=None, log=None):
    """Scores from worst to best: bar = mean, line = min to max, dots = single seeds.

    Args:
        ax: the Axes to draw on.
        scores: name -> scores over seeds (n_seeds,); a `Duel` has them as `.scores`. Drawn from
            top to bottom in the given order.
        floor: best possible score, drawn as a line; None leaves it out.
        floor_label: what that line is.
        xlabel: the score with its unit.
        colors: name -> colour or a key of `COLOR`; all others get the colour of baselines.
        log: a logarithmic axis, without bars (their length would mean nothing there); None
            decides: when the means differ by more than a factor of 100.

    Returns:
        ax.

    Raises:
        ValueError: if there are no scores, one is not finite, or a logarithm is asked for of
            scores that are not positive.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> ladder(ax, {"last value": [2.0, 2.2], "RNN": [1.0, 1.4]}, colors={"RNN": "rnn"})
        <Axes: xlabel='RMSE'>
        >>> plt.close(fig)
    """
    scores = {name: np.atleast_1d(finite(f"scores[{name!r}]", s)) for name, s in scores.items()}
    if not scores:
        raise ValueError("scores: expected at least one entrant, got none")
    means = [float(s.mean()) for s in scores.values()]
    least = min(float(s.min()) for s in scores.values())
    log = (least > 0 and max(means) > 100 * min(means)) if log is None else log
    if log and least <= 0:
        raise ValueError(f"log: expected positive scores, got {least:.3g}")
    for row, (name, s) in enumerate(scores.items()):
        _draw_scores(ax, row, s, color_of((colors or {}).get(name, "baseline")), bar=not log)
    if log:
        ax.set_xscale("log")
    _draw_means(ax, scores, None if log else floor)
    ax.set_yticks(range(len(scores)), list(scores))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(scores) - 0.5, -0.5 - (0.55 if floor is not None else 0))
    _room_for_labels(ax, [s.max() for s in scores.values()], floor)
    if floor is not None:
        _draw_floor(ax, floor, f"{floor_label} {digits(floor)}")
    ax.set_xlabel(xlabel)
    return ax


def losses(ax, curves, ylabel="loss", log=True, colors=None):
    """Loss after each epoch, one labelled line per run.

    Args:
        ax: the Axes to draw on.
        curves: label -> losses (n_epochs,); epochs are counted from 1.
        ylabel: what the loss is, with its unit.
        log: a logarithmic vertical axis, because a loss falls by factors; only if it is positive.
        colors: label -> colour or a key of `COLOR`. Left out, "train" and "validation" have
            theirs and others follow the house's cycle.

    Returns:
        ax.

    Raises:
        ValueError: if a curve is empty or not finite.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> losses(ax, {"train": [1.0, 0.5], "validation": [1.1, 0.9]})
        <Axes: xlabel='epoch', ylabel='loss'>
        >>> plt.close(fig)
    """
    known = {"train": "baseline", "training": "baseline", "validation": "data"}
    curves = {label: finite(f"curves[{label!r}]", curve) for label, curve in curves.items()}
    for label, curve in curves.items():
        style = line_style((colors or {}).get(label, known.get(label.lower())))
        ax.plot(np.arange(1, len(curve) + 1), curve, label=label, **style)
    if log:
        ax.set_yscale("log")
        _plain_log_ticks(ax, curves.values())
    ax.set(xlabel="epoch", ylabel=ylabel)
    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    label_lines(ax)
    return ax


def forecast(ax, t, y, forecasts, origin=None, xlabel="time step t", ylabel="value", colors=None):
    """A series, and what was forecast of it.

    Args:
        ax: the Axes to draw on.
        t: times (n,).
        y: what happened (n,), in the unit of `ylabel`.
        forecasts: name -> predictions (m,) for the last m of the times.
        origin: the time at which the forecasts begin, drawn as a line; None leaves it out.
        xlabel: the time with its unit.
        ylabel: the value with its unit.
        colors: name -> colour or a key of `COLOR`.

    Returns:
        ax.

    Raises:
        ValueError: if the lengths do not fit or something is not finite.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> forecast(ax, np.arange(5), np.ones(5), {"last value": [1.0, 1.0]}, origin=2.5)
        <Axes: xlabel='time step t', ylabel='value'>
        >>> plt.close(fig)
    """
    t, y = finite("t", t), finite("y", y)
    if t.ndim != 1 or t.shape != y.shape:
        raise ValueError(f"y: expected one value per time {t.shape}, got shape {y.shape}")
    ax.plot(t, y, label="data", **line_style("data") | {"lw": 1.5})
    for name, y_hat in forecasts.items():
        y_hat = finite(f"forecasts[{name!r}]", y_hat).ravel()
        if len(y_hat) > len(t):
            raise ValueError(
                f"forecasts[{name!r}]: expected at most {len(t)} values, got {len(y_hat)}"
            )
        ax.plot(t[-len(y_hat) :], y_hat, label=name, **line_style((colors or {}).get(name)))
    if origin is not None:
        ax.axvline(origin, color=COLOR["baseline"], lw=1, ls="-")
        ax.annotate(
            "forecast",
            (origin, 0),
            xycoords=("data", "axes fraction"),
            xytext=(4, 4),
            textcoords="offset points",
            fontsize=9,
            color="#555555",
        )
    ax.set(xlabel=xlabel, ylabel=ylabel)
    label_lines(ax)
    return ax


def band(ax, x, values, label=None, color=None):
    """Mean over seeds as a line, min to max as a band around it.

    Args:
        ax: the Axes to draw on.
        x: (n,).
        values: (n_seeds, n).
        label: name of the line, for `label_lines` or a legend.
        color: a colour or a key of `COLOR`, which brings its line style.

    Returns:
        ax.

    Raises:
        ValueError: if the shapes do not fit or something is not finite.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> band(ax, [1, 2, 3], np.ones((5, 3)), label="RNN", color="rnn")
        <Axes: >
        >>> plt.close(fig)
    """
    x, values = finite("x", x), finite("values", values)
    if values.ndim != 2 or values.shape[1:] != x.shape:
        raise ValueError(f"values: expected (n_seeds, {len(x)}) as x has, got {values.shape}")
    (line,) = ax.plot(x, values.mean(axis=0), label=label, **line_style(color))
    low, high = values.min(axis=0), values.max(axis=0)
    ax.fill_between(x, low, high, color=line.get_color(), alpha=0.18, linewidth=0)
    return ax


def label_lines(ax, fontsize=9.5):
    """Write every labelled line's name at its right end, in its colour, instead of a legend.

    Names that would overlap are moved apart. Call it after the last line is drawn and the scales
    are set; from five lines on, a legend is drawn instead.

    Args:
        ax: the Axes with lines that have labels.
        fontsize: in points.

    Returns:
        ax.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> _ = ax.plot([1, 2], [3, 4], label="data")
        >>> [text.get_text() for text in label_lines(ax).texts]
        ['data']
        >>> plt.close(fig)
    """
    lines = [line for line in ax.get_lines() if not line.get_label().startswith("_")]
    if len(lines) > 4:
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        return ax
    ax.figure.draw_without_rendering()  # settles the limits and the size of the Axes
    height = ax.get_window_extent().height
    ends = [ax.transData.transform((line.get_xdata()[-1], line.get_ydata()[-1])) for line in lines]
    ends = [ax.transAxes.inverted().transform(end)[1] for end in ends]
    gap = 1.35 * fontsize * ax.figure.dpi / 72 / height  # one line of text, as a share
    right = max((float(line.get_xdata()[-1]) for line in lines), default=0.0)
    for line, place in zip(lines, _spread(ends, gap, low=0.6 * gap), strict=True):
        ax.annotate(
            line.get_label(),
            (right, place),
            xycoords=("data", "axes fraction"),
            xytext=(6, 0),
            textcoords="offset points",
            color=line.get_color(),
            va="center",
            fontsize=fontsize,
            annotation_clip=False,
        )
    return ax


def _draw_scores(ax, row, s, color, bar):
    """One row of a ladder: bar and stroke for the mean, line from least to largest, dots."""
    if bar:
        ax.barh(row, s.mean(), height=0.62, color=color, alpha=0.35, linewidth=0)
    ax.plot([s.min(), s.max()], [row, row], color=color, lw=2, ls="-", solid_capstyle="butt")
    ax.plot(s, np.full(len(s), row), "o", color=color, ms=3.5, mec="white", mew=0.5)
    ax.plot(s.mean(), row, "|", color=color, ms=15, mew=2.5)


def _draw_means(ax, scores, floor):
    """The means as numbers, right of their row, and beyond the floor's line if it is close."""
    largest = max(float(s.max()) for s in scores.values())
    for row, s in enumerate(scores.values()):
        in_the_way = floor is not None and 0 <= floor - s.max() < 0.12 * largest
        place = (floor if in_the_way else s.max(), row)
        beside = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
        # on white, so that the line of the floor does not run through the digits
        beside["bbox"] = {"fc": "white", "ec": "none", "pad": 0.5}
        ax.annotate(digits(float(s.mean())), place, **beside)


def _draw_floor(ax, floor, text):
    ax.axvline(floor, color=COLOR["data"], ls=(0, (4, 2)), lw=1.2)
    beside = {"xytext": (5, -2), "textcoords": "offset points", "va": "top", "fontsize": 9}
    ax.annotate(text, (floor, 1), xycoords=("data", "axes fraction"), **beside)


def _spread(places, gap, low):
    """Move numbers apart to distances of at least `gap`, in order, none below `low`."""
    order = np.argsort(places, kind="stable")
    moved = np.array(places, dtype=float)
    for _ in range(200):
        before = moved.copy()
        for a, b in zip(order[:-1], order[1:], strict=True):
            lack = max(0.0, gap - (moved[b] - moved[a])) / 2
            moved[a], moved[b] = moved[a] - lack, moved[b] + lack
        moved = np.maximum(moved, low)
        if np.allclose(moved, before, atol=1e-6):
            break
    return moved


def _plain_log_ticks(ax, values):
    """0.1 instead of 10^-1, and 1-2-5 steps where whole powers of ten would be too few."""
    low, high = min(map(np.min, values)), max(map(np.max, values))
    few = high / low < 100
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def _room_for_labels(ax, ends, floor):
    """Widen the axis so that the numbers beside the bars have their place."""
    low, high = ax.get_xlim()
    if floor is not None:
        low, high = min(low, floor), max(high, floor)
    if ax.get_xscale() == "log":
        ax.set_xlim(low / 1.3, high * (high / low) ** 0.16)
    else:
        low, high = min(low, 0), max(*ends, 0 if floor is None else floor)
        ax.set_xlim(low, high + 0.14 * (high - low))
