"""The LSTM's cell as a drawing, and gates over time as coloured strips."""

import matplotlib
import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from rnncourse.plotting.style import COLOR, SEQUENTIAL, SIGNED, finite

PATH = COLOR["lstm"]
INK = COLOR["data"]
GATES = {  # name: (where it stands, what its box computes)
    "f": (4.0, r"$\sigma$"),
    "i": (6.2, r"$\sigma$"),
    "g": (8.4, "tanh"),
    "o": (10.8, r"$\sigma$"),
}
TOP, WRITE, SHOW, BOX, BUS = 5.2, 3.75, 3.35, 2.1, 0.7  # heights of the drawing's parts


def lstm_cell(ax):
    r"""One step of an LSTM as a drawing: along the top the cell, below it the four gates.

    $$c_t = f \odot c_{t-1} + i \odot g,\qquad h_t = o \odot \tanh(c_t)$$

    The thick line is the path on which nothing but f scales the error.

    Args:
        ax: the Axes to draw on (4.2 in high); its own axes are taken away.

    Returns:
        ax.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure(4.2)
        >>> lstm_cell(ax)
        <Axes: >
        >>> plt.close(fig)
    """
    frame = FancyBboxPatch((2.2, 0.1), 11.9, 5.9, boxstyle="round,pad=0.1,rounding_size=0.4")
    frame.set(facecolor="#F4F4F4", edgecolor="#9A9A9A", lw=0.8, zorder=0)
    ax.add_patch(frame)
    _cell_path(ax)
    _inputs(ax)
    for name, (x, function) in GATES.items():
        _line(ax, (x, BUS), (x, BOX - 0.35))
        _box(ax, x, BOX, function)
        ax.text(x + 0.16, BOX + 0.62, f"${name}$", fontsize=11, ha="left", va="center")
    _writing(ax)
    _showing(ax)
    ax.set(xlim=(-0.9, 16.3), ylim=(-1.0, 6.7), aspect="equal")
    ax.axis("off")
    return ax


def strips(ax, rows, *, xlabel="time step t", colorbar=True):
    """Values over time as one coloured strip a row: red is +1, blue -1, white 0.

    Args:
        ax: the Axes to draw on.
        rows: name -> T values, from top to bottom. Gates lie between 0 and 1, bits and cells
            between -1 and 1; what is larger is drawn in the last colour.
        xlabel: what the steps are.
        colorbar: whether to draw the scale beside it.

    Returns:
        ax.

    Raises:
        ValueError: if there are no rows, one is not finite, or they differ in length.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> strips(ax, {"mark": [1, 0, 0, 1, 0], "forget gate f": [0.0, 0.9, 0.9, 0.1, 0.9]})
        <Axes: xlabel='time step t'>
        >>> plt.close(fig)
    """
    if not rows:
        raise ValueError("rows: expected at least one, got none")
    values = {name: finite(f"rows[{name!r}]", row) for name, row in rows.items()}
    lengths = {row.shape for row in values.values()}
    if len(lengths) != 1 or len(lengths.copy().pop()) != 1:
        raise ValueError(f"rows: expected rows of T values each, got shapes {sorted(lengths)}")
    picture = np.stack(list(values.values()))
    image = ax.imshow(picture, cmap=SIGNED, vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    for below in range(1, len(values)):
        ax.axhline(below - 0.5, color="white", lw=4)
    ax.set_yticks(range(len(values)), list(values))
    ax.tick_params(axis="y", length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel(xlabel)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="value", pad=0.02)
    return ax


def _cell_path(ax):
    """The thick line from c_(t-1) to c_t, times f, plus what is written."""
    _arrow(ax, (0.3, TOP), (15.0, TOP), color=PATH, lw=4.5, head=16)
    ax.text(0.15, TOP, "$c_{t-1}$", fontsize=12, ha="right", va="center", color=PATH)
    ax.text(15.15, TOP, "$c_t$", fontsize=12, ha="left", va="center", color=PATH)
    _node(ax, GATES["f"][0], TOP, r"$\times$", PATH)
    _node(ax, 7.3, TOP, "$+$", PATH)
    _arrow(ax, (GATES["f"][0], BOX + 0.35), (GATES["f"][0], TOP - 0.36))
    ax.text(5.65, TOP + 0.42, "kept", fontsize=9, ha="center", color=PATH)


def _inputs(ax):
    """x_t and h_(t-1), side by side, to all four gates."""
    _line(ax, (0.3, BUS), (GATES["o"][0], BUS))
    ax.text(0.15, BUS, "$h_{t-1}$", fontsize=12, ha="right", va="center")
    _line(ax, (3.0, -0.45), (3.0, BUS))
    ax.text(3.0, -0.75, "$x_t$", fontsize=12, ha="center", va="center")


def _writing(ax):
    """i times g, added to the cell."""
    for name, side in (("i", -1), ("g", 1)):
        x = GATES[name][0]
        _line(ax, (x, BOX + 0.35), (x, WRITE))
        _arrow(ax, (x, WRITE), (7.3 + side * 0.36, WRITE))
    _node(ax, 7.3, WRITE, r"$\times$", INK)
    _arrow(ax, (7.3, WRITE + 0.36), (7.3, TOP - 0.36))
    ax.text(7.5, (WRITE + TOP) / 2, "written", fontsize=9, ha="left", va="center")


def _showing(ax):
    """o times tanh(c_t), which leaves the cell as h_t."""
    x = 12.6
    _arrow(ax, (x, TOP), (x, 4.72))
    _box(ax, x, 4.4, "tanh", height=0.6)
    _arrow(ax, (x, 4.1), (x, SHOW + 0.36))
    _line(ax, (GATES["o"][0], BOX + 0.35), (GATES["o"][0], SHOW))
    _arrow(ax, (GATES["o"][0], SHOW), (x - 0.36, SHOW))
    _node(ax, x, SHOW, r"$\times$", INK)
    _line(ax, (x, SHOW - 0.34), (x, BUS))
    _arrow(ax, (x, BUS), (15.0, BUS))
    ax.text(12.75, 2.0, "shown", fontsize=9, ha="left", va="center")
    ax.text(15.15, BUS, "$h_t$", fontsize=12, ha="left", va="center")


def _box(ax, x, y, text, height=0.7):
    shape = FancyBboxPatch(
        (x - 0.55, y - height / 2), 1.1, height, boxstyle="round,pad=0,rounding_size=0.12"
    )
    shape.set(facecolor=matplotlib.colormaps[SEQUENTIAL](0.97), edgecolor=INK, lw=1, zorder=4)
    ax.add_patch(shape)
    ax.text(x, y, text, ha="center", va="center", fontsize=9.5, zorder=5)


def _node(ax, x, y, text, color):
    ax.add_patch(Circle((x, y), 0.34, facecolor="white", edgecolor=color, lw=1.6, zorder=6))
    ax.text(x, y, text, ha="center", va="center", fontsize=11, color=color, zorder=7)


def _line(ax, start, end):
    ax.plot(*zip(start, end, strict=True), color=INK, ls="-", lw=1.2, zorder=2)


def _arrow(ax, start, end, color=INK, lw=1.2, head=9):
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=head, shrinkA=0, shrinkB=0)
    arrow.set(color=color, lw=lw, zorder=3)
    ax.add_patch(arrow)
