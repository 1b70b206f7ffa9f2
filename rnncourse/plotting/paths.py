"""Figures of a state: over time as a map, and in its plane as a path."""

import numpy as np
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation

from rnncourse.plotting.style import SIGNED, check_states, color_of, finite


def states(ax, h, labels=None, ylabel="unit of the state", colorbar=True):
    """A state over time as a map: one column per step, one row per unit, red above 0, blue below.

    Args:
        ax: the Axes to draw on.
        h: states (T, H).
        labels: T texts under the columns, e.g. the symbols read; steps from 1 if left out.
        ylabel: what the rows are.
        colorbar: whether to draw the scale beside it.

    Returns:
        ax.

    Raises:
        ValueError: if `h` is not a finite (T, H) array or the labels are not T.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> states(ax, np.linspace(-1, 1, 28).reshape(7, 4), labels="parity?")
        <Axes: xlabel='time step t', ylabel='unit of the state'>
        >>> plt.close(fig)
    """
    h = finite("h", h)
    check_states(h, labels=labels)
    limit = float(np.abs(h).max()) or 1.0
    image = ax.imshow(h.T, cmap=SIGNED, vmin=-limit, vmax=limit, aspect="auto")
    T, H = h.shape
    if labels is not None:
        ax.set_xticks(range(T), list(labels))
    elif T <= 20:
        ax.set_xticks(range(T), range(1, T + 1))
    if H <= 12:
        ax.set_yticks(range(H), range(1, H + 1))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(xlabel="time step t", ylabel=ylabel)
    if colorbar:
        ax.figure.colorbar(image, ax=ax, label="value", pad=0.02)
    return ax


def trajectory(ax, h, labels=None, moves=None, names=("first unit", "second unit"), color="rnn"):
    """The path of a state of two units through its plane.

    States that lie closer than a twentieth of the picture are drawn as one place, so that the
    path of a network that works like an automaton looks like the automaton.

    Args:
        ax: the Axes to draw on.
        h: states (T, 2), from the first step to the last.
        labels: T texts, one per state; at a place that is visited more than once each different
            text is written once. Left out, the numbers of the steps, from 1.
        moves: T texts, written at the arrow that *arrives* at each state, e.g. the symbols read
            (the first, at which nothing arrives, is not written). None writes none, and then no
            arrow is drawn from a place to itself either.
        names: what the two axes are.
        color: a colour or a key of `COLOR`.

    Returns:
        ax.

    Raises:
        ValueError: if `h` is not a finite (T, 2) array or the texts are not T.

    Taught in: chapters/04_a_loop_with_a_memory

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure(4.2)
        >>> trajectory(ax, [[0, 0], [1, 1], [0, 0]], labels=["even", "odd", "even"])
        <Axes: xlabel='first unit', ylabel='second unit'>
        >>> plt.close(fig)
    """
    h, color = finite("h", h), color_of(color)
    check_states(h, labels=labels, moves=moves)
    if h.shape[1] != 2:
        raise ValueError(f"h: expected two units (T, 2), got {h.shape}; choose two of them")
    labels = range(1, len(h) + 1) if labels is None else labels
    places, number = _places(h)
    outward, loops = _outward(places), set()
    ax.plot(*places.T, "o", color=color, ms=9, mec="white", zorder=3)
    ax.margins(0.22, 0.28)
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.figure.draw_without_rendering()  # settles the layout: a bend is a shape of the screen
    for (a, b), texts in _steps_between(number, moves).items():
        text = ", ".join(texts)
        if a != b:
            _bent_arrow(ax, places[a], places[b], text, color)
        elif moves is not None:
            loops.add(a)
            _loop(ax, places[a], outward[a], text, color)
    for k, place in enumerate(places):
        texts = _distinct([labels[t] for t in np.flatnonzero(number == k)])
        _text_beside(ax, place, outward[k], ", ".join(texts), points=40 if k in loops else 9)
    return ax


def _places(h, share=0.05):
    """Where the path stops: centres (P, 2), and for every step the number of its place (T,)."""
    span = np.maximum(np.ptp(h, axis=0), 1e-9)
    firsts, number = [], []
    for state in h:
        near = [k for k, p in enumerate(firsts) if np.all(np.abs(state - p) <= share * span)]
        number.append(near[0] if near else len(firsts))
        if not near:
            firsts.append(state)
    number = np.array(number)
    return np.array([h[number == k].mean(axis=0) for k in range(len(firsts))]), number


def _steps_between(number, moves):
    """(from, to) -> the distinct texts of these steps, in the order of the path."""
    steps = {}
    for t in range(1, len(number)):
        steps.setdefault((number[t - 1], number[t]), []).append("" if moves is None else moves[t])
    return {pair: _distinct(texts) for pair, texts in steps.items()}


def _distinct(texts, most=6):
    texts = list(dict.fromkeys(map(str, texts)))
    return texts if len(texts) <= most else [*texts[: most - 1], "..."]


def _outward(places):
    """Unit vectors away from the middle of all places, in the proportions of the picture."""
    away = (places - places.mean(axis=0)) / np.maximum(np.ptp(places, axis=0), 1e-9)
    length = np.linalg.norm(away, axis=1, keepdims=True)
    return np.where(length > 1e-6, away / np.maximum(length, 1e-6), (0.0, 1.0))


def _text_beside(ax, place, direction, text, points, **style):
    """A text that touches the circle of `points` around a place from outside."""
    dx, dy = direction
    ax.annotate(
        text,
        place,
        xytext=(points * dx, points * dy),
        textcoords="offset points",
        ha="left" if dx > 0.4 else "right" if dx < -0.4 else "center",
        va="bottom" if dy > 0.4 else "top" if dy < -0.4 else "center",
        **style,
    )


def _bent_arrow(ax, start, end, text, color, bend=0.2):
    """An arrow that bends to its right, so that there and back are two, with a text at it.

    With a `bend` below 0 it bends to its left.
    """
    arrow = FancyArrowPatch(start, end, connectionstyle=f"arc3,rad={bend}", arrowstyle="-|>")
    arrow.set(color=color, lw=1.5, mutation_scale=13, zorder=2)
    arrow.shrinkA = arrow.shrinkB = 7
    ax.add_patch(arrow)
    if text:
        a, b = ax.transData.transform(start), ax.transData.transform(end)
        side = np.sign(bend) * np.array([b[1] - a[1], a[0] - b[0]])
        top = ax.transData.inverted().transform((a + b) / 2 + 0.5 * abs(bend) * side)
        _text_beside(ax, top, side / np.linalg.norm(side), text, points=3, color=color)


def _loop(ax, place, direction, text, color):
    """An arrow from a place to itself, a circle on its outer side, with a text beyond it."""
    angle = np.degrees(np.arctan2(direction[1], direction[0]))
    circle = Path.arc(angle + 180 + 38, angle + 180 + 360 - 38)
    inches = Path(0.13 * circle.vertices + 0.16 * np.asarray(direction), circle.codes)
    arrow = FancyArrowPatch(path=inches, arrowstyle="-|>")
    there = ax.figure.dpi_scale_trans + ScaledTranslation(*place, ax.transData)
    arrow.set(color=color, lw=1.5, mutation_scale=11, transform=there, zorder=2)
    ax.add_patch(arrow)
    _text_beside(ax, place, direction, text, points=23, color=color)
