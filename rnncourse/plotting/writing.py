"""Pictures of texts: how streams go on, what a choice costs, and a quantity against doublings."""

from rnncourse.plotting.style import COLOR, finite

VISIBLE = {"\n": "↵", " ": "·"}  # what a reader would not see
LOOKS = (
    ("o", "-", COLOR["lstm"]),
    ("^", "--", "#7FACDA"),
    ("D", ":", "#12305C"),
    ("s", "-.", "#767676"),
)


def streams(ax, rows, T):
    """Rows of a text in chunks of T symbols, shaded in turn; arrows where a state goes on.

    Args:
        ax: the Axes to draw on.
        rows: B strings of the same length, a multiple of T.
        T: symbols per chunk.

    Returns:
        ax.

    Raises:
        ValueError: if the rows are not whole chunks of one length.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> streams(ax, ["to be ", "or not"], T=3)
        <Axes: xlabel='time step t'>
        >>> plt.close(fig)
    """
    lengths = {len(row) for row in rows}
    if len(lengths) != 1 or min(lengths) < T or min(lengths) % T:
        raise ValueError(f"rows: expected strings of one length, a multiple of {T}, got {rows!r}")
    (width,) = lengths
    arrow = {"arrowstyle": "->", "lw": 1.5, "color": COLOR["lstm"]}
    for k in range(width // T):
        ax.axvspan(k * T - 0.5, (k + 1) * T - 0.5, color="0.94" if k % 2 else "0.88", lw=0)
        ax.text((k + 0.5) * T - 0.5, -0.75, f"chunk {k + 1}", ha="center")
        for b in range(len(rows) if k else 0):
            ax.annotate("", (k * T + 0.2, b + 0.32), (k * T - 1.2, b + 0.32), arrowprops=arrow)
    style = {"ha": "center", "va": "center", "family": "monospace"}
    for b, row in enumerate(rows):
        for t, symbol in enumerate(row):
            ax.text(t, b, VISIBLE.get(symbol, symbol), **style)
    ax.set(xlim=(-0.6, width - 0.4), ylim=(len(rows) - 0.3, -1.1), xlabel="time step t")
    ax.set_yticks(range(len(rows)), [f"b = {b}" for b in range(len(rows))])
    return ax


def doublings(ax, x, y, color, level=None, level_label=""):
    """A line over sizes that double, from zero on, and perhaps a level to compare it with.

    Args:
        ax: the Axes to draw on.
        x: sizes (n,), positive.
        y: what is measured at each (n,).
        color: a key of `COLOR`.
        level: a number, drawn as a dotted line; None leaves it out.
        level_label: what that is.

    Returns:
        ax.

    Raises:
        ValueError: if x and y do not fit, or a size is not positive.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> doublings(ax, [1, 2, 4], [3, 2, 2], "lstm", level=1, level_label="people")
        <Axes: >
        >>> plt.close(fig)
    """
    x, y = finite("x", x), finite("y", y)
    if x.ndim != 1 or x.shape != y.shape or not x.size or x.min() <= 0:
        raise ValueError(f"x: expected positive sizes (n,), one for each y, got {x} for {y}")
    ax.plot(x, y, "-o", color=COLOR[color])
    if level is not None:
        ax.axhline(level, ls=":", color=COLOR["data"])
        ax.text(x[0], level, level_label, va="bottom")
    ax.set_xscale("log", base=2)
    ax.set_xticks(x, [f"{size:g}" for size in x])
    ax.set_ylim(0, 1.15 * max(y.max(), 0 if level is None else level))
    return ax


def trade(ax, curves, points):
    """What is gained against what is given up: curves of one dial each, and single places.

    Args:
        ax: the Axes to draw on (4.2 in high).
        curves: name -> places (n, 2) along the dial; at most four.
        points: name -> (place (2,), marker, colour), each named beside its mark.

    Returns:
        ax.

    Raises:
        ValueError: if places are not finite pairs, or there are more than four curves.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> trade(ax, {"a dial": [(0.2, 1.0), (0.5, 2.0)]}, {"people": ((0.4, 2.0), "*", "data")})
        <Axes: >
        >>> plt.close(fig)
    """
    if len(curves) > len(LOOKS):
        raise ValueError(f"curves: expected at most four, got {len(curves)}")
    for (name, places), (marker, ls, color) in zip(curves.items(), LOOKS, strict=False):
        ax.plot(*_places(name, places).T, label=name, ms=5, marker=marker, ls=ls, color=color)
    sizes = {"*": 16, "o": 12}
    for name, (place, marker, color) in points.items():
        fill = {"mfc": "none"} if marker == "o" else {}
        ax.plot(*_places(name, [place])[0], marker, ms=sizes.get(marker, 7), c=COLOR[color], **fill)
    middle = sum(ax.get_xlim()) / 2
    for name, (place, _, _) in points.items():
        side = -1 if place[0] > middle else 1  # where there is more room
        beside = {"xytext": (11 * side, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(name, tuple(place), ha="right" if side < 0 else "left", **beside)
    ax.legend(loc="upper left")
    return ax


def _places(name, places):
    places = finite(name, places)
    if places.ndim != 2 or places.shape[1:] != (2,):
        raise ValueError(f"{name}: expected places (n, 2), got {places.shape}")
    return places
