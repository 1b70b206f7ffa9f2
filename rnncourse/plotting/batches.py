"""What a minibatch is, which shapes a task can have, and scores in pairs: first pictures."""

import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from rnncourse.plotting.style import COLOR, digits, finite

SOFT = "#555555"  # secondary text
REAL, PADDED = "#FFFFFF", "#E4E4E4"  # behind the numbers of real steps and of padding
SHIFT = (0.9, 1.0)  # how far each sheet of the block lies to the right, and above the one before


def block(ax, x, mask=None, sequences=None, features=None, point=None):
    r"""A minibatch x (B, T, D), pulled apart into B sheets of T columns and D rows.

    Every square is one number of the array. Time runs to the right, features upwards, and the
    sequences of the batch lie behind one another; below each sheet stands its row of the mask.

    Args:
        ax: the Axes to draw on (4.2 in high for B = 3, D = 4); its own axes are taken away.
        x: the minibatch (B, T, D); whole numbers are written as such, others with one decimal.
        mask: (B, T), True on real steps; None: all are real.
        sequences: B names, written beside the sheets.
        features: D names of the rows.
        point: (b, t, d) of one number to point at.

    Returns:
        ax.

    Raises:
        ValueError: if `x` is not (B, T, D) or something else does not fit to it.

    Taught in: chapters/01_order_is_information

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure(4.2)
        >>> block(ax, np.zeros((3, 7, 4)), mask=np.arange(7) < np.array([[7], [5], [3]]))
        <Axes: >
        >>> plt.close(fig)
    """
    x, mask = _checked_batch(x, mask)
    B, T, D = x.shape
    sequences = _names("sequences", sequences, B, "b = {}")
    features = _names("features", features, D, "d = {}")
    corners = [(b * SHIFT[0], b * (D + 1 + SHIFT[1])) for b in range(B)]
    for b, corner in enumerate(corners):
        _sheet(ax, corner, x[b], mask[b])
        _sheet_names(ax, corner, T, D, sequences[b], features)
    _depth(ax, corners, T, D)
    _axis_names(ax, corners, B, T, D)
    if point is not None:
        _point_at(ax, corners, x, point, D)
    right = corners[-1][0] + T
    ax.set_xlim(-4.2, right + 4.6)
    ax.set_ylim(-3.4, corners[-1][1] + D + 0.5)
    ax.axis("off")
    return ax


def shapes(ax, tasks):
    """Which inputs go in and which outputs come out, one panel beside the other.

    Args:
        ax: the Axes to draw on (2.8 in high); its own axes are taken away.
        tasks: name -> (inputs, outputs): the columns, from 0, in which an input enters and an
            output leaves. The cells in between are drawn from the first of them to the last.

    Returns:
        ax.

    Raises:
        ValueError: if there is no task, or one has no input or no output.

    Taught in: chapters/01_order_is_information

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> shapes(ax, {"one to one": ([0], [0]), "many to one": ([0, 1, 2], [2])})
        <Axes: >
        >>> plt.close(fig)
    """
    if not tasks or any(not len(i) or not len(o) for i, o in tasks.values()):
        raise ValueError(f"tasks: expected inputs and outputs for each, got {tasks!r}")
    left = 0.0
    for name, (inputs, outputs) in tasks.items():
        steps = range(min(*inputs, *outputs), max(*inputs, *outputs) + 1)
        width = max(len(steps), 2.4)
        start = left + (width - len(steps)) / 2 + 0.5
        for step in steps:
            _column(ax, start + step, step in inputs, step in outputs, step > steps[0])
        ax.text(left + width / 2, 3.75, name, ha="center", va="center", fontsize=9)
        left += width + 0.9
    for height, row in {0.4: "input x", 1.7: "state", 3.0: "output y"}.items():
        ax.text(-0.4, height, row, ha="right", va="center", fontsize=9.5)
    ax.set_xlim(-2.6, left - 0.7)
    ax.set_ylim(-0.1, 4.4)
    ax.axis("off")
    return ax


def pairs(ax, scores, chance=None, chance_label="chance", xlabel="share right"):
    """What was reported beside what is true: a filled and an open dot per seed and row.

    Args:
        ax: the Axes to draw on.
        scores: name -> (reported, true), two rows of scores over seeds (n_seeds,) each. Drawn
            from top to bottom in the given order.
        chance: the score of a guess, drawn as a line; None leaves it out.
        chance_label: what that line is.
        xlabel: the score with its unit.

    Returns:
        ax.

    Raises:
        ValueError: if there are no scores, or a pair is not two rows of finite numbers.

    Taught in: chapters/01_order_is_information

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> pairs(ax, {"shuffled split": ([0.9, 0.8], [0.5, 0.6])}, chance=0.5)
        <Axes: xlabel='share right'>
        >>> plt.close(fig)
    """
    if not scores:
        raise ValueError("scores: expected at least one pair, got none")
    if chance is not None:
        ax.axvline(chance, color=COLOR["data"], ls=(0, (4, 2)), lw=1.2)
        beside = {"xytext": (4, -1), "textcoords": "offset points", "va": "top", "fontsize": 9}
        ax.annotate(chance_label, (chance, 1), xycoords=("data", "axes fraction"), **beside)
    looks = {"reported": ("rnn", True, -0.14), "true": ("data", False, 0.14)}
    for row, (name, pair) in enumerate(scores.items()):
        if len(pair) != 2:
            raise ValueError(f"scores[{name!r}]: expected (reported, true), got {len(pair)} rows")
        for (which, (color, filled, off)), s in zip(looks.items(), pair, strict=True):
            s = np.atleast_1d(finite(f"scores[{name!r}]", s))
            fill = COLOR[color] if filled else "white"
            label = which if row == 0 else None
            style = {"mfc": fill, "mec": COLOR[color], "ms": 5, "label": label}
            ax.plot(s, np.full(len(s), row + off), "o", color=COLOR[color], **style)
            beside = {"xytext": (8, 0), "textcoords": "offset points", "va": "center"}
            ax.annotate(digits(float(s.mean())), (s.max(), row + off), fontsize=9, **beside)
    ax.set_yticks(range(len(scores)), list(scores))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(scores) - 0.5, -0.8)
    ax.set_xlabel(xlabel)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def _checked_batch(x, mask):
    x = finite("x", x)
    if x.ndim != 3:
        raise ValueError(f"x: expected a minibatch (B, T, D), got shape {x.shape}")
    mask = np.ones(x.shape[:2], dtype=bool) if mask is None else np.asarray(mask)
    if mask.dtype != bool or mask.shape != x.shape[:2]:
        raise ValueError(
            f"mask: expected bool (B, T) = {x.shape[:2]}, got {mask.dtype} of shape {mask.shape}"
        )
    return x, mask


def _names(argument, names, n, pattern):
    names = [pattern.format(k) for k in range(n)] if names is None else list(names)
    if len(names) != n:
        raise ValueError(f"{argument}: expected {n} names, got {len(names)}")
    return names


def _sheet(ax, corner, x, mask):
    """One sequence (T, D): a square per number, and its row of the mask one line below."""
    left, bottom = corner
    for (t, d), value in np.ndenumerate(x):
        fill = REAL if mask[t] else PADDED
        ink = COLOR["data"] if mask[t] else "#8A8A8A"
        bold = bool(mask[t] and value)
        _square(ax, left + t, bottom + d, fill, _short(value), ink, bold)
    for t, real in enumerate(mask):
        fill, ink = (COLOR["data"], "white") if real else ("white", COLOR["data"])
        word = "true" if real else "false"
        _square(ax, left + t, bottom - 1.15, fill, word, ink, False, height=0.8)


def _square(ax, left, bottom, fill, text, ink, bold, height=1.0):
    ax.add_patch(Rectangle((left, bottom), 1, height, fc=fill, ec="#9A9A9A", lw=0.8, zorder=2))
    weight = "bold" if bold else "normal"
    style = {"ha": "center", "va": "center", "fontsize": 7, "weight": weight, "color": ink}
    ax.text(left + 0.5, bottom + height / 2 - 0.04, text, zorder=4, **style)


def _sheet_names(ax, corner, T, D, sequence, features):
    left, bottom = corner
    for d, name in enumerate(features):
        ax.text(left - 0.3, bottom + d + 0.46, name, ha="right", va="center", fontsize=7.5)
    ax.text(left - 0.3, bottom - 0.76, "mask", ha="right", va="center", fontsize=7.5, color=SOFT)
    ax.text(left + T + 0.35, bottom + D / 2, sequence, ha="left", va="center", fontsize=9)


def _depth(ax, corners, T, D):
    """Thin lines from corner to corner of neighbouring sheets: a block pulled apart."""
    for (x_0, y_0), (x_1, y_1) in zip(corners[:-1], corners[1:], strict=True):
        for dx in (0, T):
            ends = ([x_0 + dx, x_1 + dx], [y_0 + D, y_1 - 1.15])
            ax.plot(*ends, color="#B0B0B0", lw=0.9, ls=(0, (3, 2)), zorder=1)


def _axis_names(ax, corners, B, T, D):
    """The three axes as arrows with letter and size: time below, feature left, batch right."""
    low = -1.9
    _arrow(ax, (0, low), (T, low))
    _name(ax, T / 2, low - 0.75, f"time: T = {T} steps", "center")
    _arrow(ax, (-1.35, 0), (-1.35, D))
    _name(ax, -1.65, D / 2, f"feature:\nD = {D}", "right")
    (x_0, y_0), (x_1, y_1) = corners[0], corners[-1]
    side = T + 3.0
    _arrow(ax, (x_0 + side, y_0), (x_1 + side, y_1 + D))
    _name(ax, (x_0 + x_1) / 2 + side + 0.35, (y_0 + y_1 + D) / 2, f"batch:\nB = {B}", "left")


def _name(ax, x, y, text, ha):
    ax.text(x, y, text, ha=ha, va="center", fontsize=10, weight="bold")


def _point_at(ax, corners, x, point, D):
    """A frame around one number, its row and column tinted, and its address beside the row."""
    if len(point) != 3 or any(not 0 <= k < n for k, n in zip(point, x.shape, strict=True)):
        raise ValueError(f"point: expected (b, t, d) inside {x.shape}, got {point!r}")
    b, t, d = point
    left, bottom = corners[b]
    tint = {"fc": COLOR["gru"], "ec": "none", "alpha": 0.18, "zorder": 3}
    ax.add_patch(Rectangle((left, bottom + d), x.shape[1], 1, **tint))
    ax.add_patch(Rectangle((left + t, bottom), 1, D, **tint))
    frame = {"fc": "none", "ec": COLOR["gru"], "lw": 2.2, "zorder": 5}
    ax.add_patch(Rectangle((left + t, bottom + d), 1, 1, **frame))
    text = f"x[{b}, {t}, {d}] = {_short(x[b, t, d])}"
    style = {"ha": "right", "va": "center", "fontsize": 9, "color": COLOR["gru"]}
    ax.text(left - 1.45, bottom + d + 0.46, text, **style)


def _column(ax, middle, enters, leaves, follows):
    """One step of a task: its cell, with arrows from the input, to the output, from before."""
    cell = {"fc": "#F1F1F1", "ec": "#444444", "lw": 0.8, "zorder": 2}
    ax.add_patch(Rectangle((middle - 0.3, 1.35), 0.6, 0.7, **cell))
    sides = {0.05: (enters, COLOR["data"]), 2.65: (leaves, COLOR["rnn"])}
    for bottom, (there, color) in sides.items():
        if there:
            ax.add_patch(Rectangle((middle - 0.3, bottom), 0.6, 0.7, fc=color, ec=color, zorder=2))
    if enters:
        _arrow(ax, (middle, 0.78), (middle, 1.33), lw=1.2)
    if leaves:
        _arrow(ax, (middle, 2.07), (middle, 2.62), lw=1.2)
    if follows:
        _arrow(ax, (middle - 0.68, 1.7), (middle - 0.32, 1.7), lw=1.2)


def _arrow(ax, start, end, lw=1.5):
    arrow = FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0)
    arrow.set(color=COLOR["data"], lw=lw, zorder=3)
    ax.add_patch(arrow)


def _short(value):
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}".replace("-", "−")
