"""The unrolled network, drawn from the arrays of one run."""

import matplotlib
import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from rnncourse.plotting.style import COLOR, SIGNED, check_states, finite

STEP, RADIUS = 1.55, 0.36  # distance of two steps and radius of a circle
SOFT = "#555555"  # secondary text
NAMES = {"x": "input x", "h": "state h", "y": "output y", "strength": "error signal"}


def unrolled(
    ax, h, x=None, y=None, strength=None, inputs=None, outputs=None, colorbar=False, names=None
):
    r"""The unrolled network, drawn from the arrays of one run: every circle is one number.

    Time runs to the right; a frame holds the units of one layer at one step, and an arrow
    between frames says that all units of the one depend on all of the other.

    Args:
        ax: the Axes to draw on (of 2.8 in for up to 4 circles above one another, else 4.2); its
            own axes are taken away.
        h: states (T, H); T of at most 12 stays legible.
        x: inputs (T, D); None draws none.
        y: outputs (T, K); None draws none.
        strength: sizes (T,) of an error signal that flows back through time, such as the norm of
            dL/dh_t at every step. The arrow that *arrives* at state t from the right is as wide
            as its share of the largest, and the number stands below the step.
        inputs: T texts under the inputs, e.g. the symbols; None writes none.
        outputs: T texts above the outputs.
        colorbar: whether to draw the scale of colours beside it.
        names: other texts for some of the rows "x", "h", "y" and "strength".

    Returns:
        ax.

    Raises:
        ValueError: if a shape does not fit to T steps or something is not finite.

    Taught in: chapters/04_a_loop_with_a_memory

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure(2.8)
        >>> unrolled(ax, np.zeros((7, 2)), x=np.ones((7, 1)), strength=0.5 ** np.arange(7)[::-1])
        <Axes: >
        >>> plt.close(fig)
    """
    h = finite("h", h)
    check_states(h, inputs=inputs, outputs=outputs)
    T = len(h)
    layers = {"x": x, "h": h, "y": y}
    layers = {key: _rows(key, v, T) for key, v in layers.items() if v is not None}
    strength = None if strength is None else _sizes(strength, T)
    names = NAMES | (names or {})
    shown = [*layers, *(["strength"] if strength is not None else [])]
    margin = 0.25 + 0.078 * _longest_line(names[key] for key in shown)  # inches
    heights = _heights(layers)
    texts = sum(given is not None for given in (inputs, outputs, strength))
    unit = _inches_per_unit(ax, margin, T, max(map(max, heights.values())), texts)
    limit = max(float(np.abs(values).max()) for values in layers.values()) or 1.0
    norm = matplotlib.colors.Normalize(-limit, limit)
    for key, values in layers.items():
        _draw_layer(ax, values, heights[key], norm, fontsize=min(7.5, 19 * unit))
        _row_name(ax, unit, np.mean(heights[key]), names[key])
    _draw_dependencies(ax, heights, T, back=strength, widest=min(5.0, 9 * unit))
    bottom, top = _write_rows(ax, heights, T, unit, inputs, outputs, strength, names["strength"])
    ax.set_xlim(-0.5 - margin / unit, STEP * (T - 1) + (0.5 if strength is None else 1.3))
    ax.set_ylim(bottom, top)
    ax.set_aspect("equal")
    ax.axis("off")
    if colorbar:
        scale = matplotlib.cm.ScalarMappable(norm, SIGNED)
        ax.figure.colorbar(scale, ax=ax, label="value", shrink=0.8, pad=0.02)
    return ax


def _longest_line(texts):
    return max(len(line) for text in texts for line in text.split("\n"))


def _heights(layers):
    """Heights of the circles of every layer, the lowest at 0: {key: (n,)}."""
    heights, next_at = {}, 0.0
    for key, values in layers.items():
        heights[key] = next_at + 0.8 * np.arange(values.shape[1])
        next_at = heights[key][-1] + 1.5
    return heights


def _inches_per_unit(ax, margin, T, top, texts):
    """About how large the picture will come out; letters and lines of text depend on it."""
    box, figure_size = ax.get_position(), ax.figure.get_size_inches()
    wide, high = box.width * figure_size[0] / 0.8, box.height * figure_size[1] / 0.8
    return min((wide - margin) / (STEP * T), high / (top + 1.8 + 0.45 * texts))


def _write_rows(ax, heights, T, unit, inputs, outputs, strength, name):
    """The texts above and below the circles; returns how far down and up the picture reaches."""
    bottom, top, line = -0.5, max(map(max, heights.values())) + 0.5, max(0.42, 0.17 / unit)
    small = {"fontsize": min(8.5, 23 * unit)}
    if outputs is not None:
        _row(ax, outputs, top + line / 2, fontsize=10)
        top += line
    if inputs is not None:
        _row(ax, inputs, bottom - line / 2, fontsize=10)
        bottom -= line
    _row(ax, [f"t = {t}" for t in range(1, T + 1)], bottom - line / 2, color=SOFT, **small)
    if strength is not None:
        bottom -= line
        _row(ax, [_power(size) for size in strength], bottom - line / 2, **small)
        _row_name(ax, unit, bottom - line / 2, name)
    return bottom - line, top


def _draw_layer(ax, values, heights, norm, fontsize):
    """One frame per step around one circle per unit, with its value as colour and number."""
    cmap = matplotlib.colormaps[SIGNED]
    for t in range(len(values)):
        corner = (STEP * t - RADIUS, heights[0] - RADIUS)
        size = (2 * RADIUS, heights[-1] - heights[0] + 2 * RADIUS)
        frame = FancyBboxPatch(corner, *size, boxstyle="round,pad=0.06,rounding_size=0.4")
        frame.set(facecolor="#F1F1F1", edgecolor="#9A9A9A", lw=0.8, zorder=1)
        ax.add_patch(frame)
    for (t, unit), value in np.ndenumerate(values):
        fill = cmap(norm(value))
        dark = np.dot(fill[:3], (0.299, 0.587, 0.114)) < 0.5
        centre = (STEP * t, heights[unit])
        ax.add_patch(Circle(centre, RADIUS, facecolor=fill, edgecolor="#444444", lw=0.8, zorder=3))
        if fontsize > 4.5:  # smaller ones nobody reads: the colour must do
            ink = "white" if dark else "black"
            _centred(ax, *centre, _short(value), fontsize=fontsize, color=ink)


def _draw_dependencies(ax, heights, T, back, widest):
    """Grey arrows input -> state -> next state and output; black ones for the error signal."""
    rim = RADIUS + 0.1
    middle = float(np.mean(heights["h"]))
    apart = 0.0 if back is None else 0.2  # the two directions of time pass each other
    for t in range(T):
        for below, above in zip(list(heights)[:-1], list(heights)[1:], strict=True):
            start, end = heights[below][-1] + rim, heights[above][0] - rim
            _straight(ax, (STEP * t, start), (STEP * t, end), COLOR["baseline"])
        right, following = STEP * t + rim, STEP * (t + 1) - rim
        if t < T - 1:
            _straight(ax, (right, middle + apart), (following, middle + apart), COLOR["baseline"])
        if back is not None and back[t] > 0:
            width = widest * back[t] / back.max()
            start, end = (following, middle - apart), (right, middle - apart)
            _straight(ax, start, end, COLOR["data"], lw=max(width, 0.3))


def _straight(ax, start, end, color, lw=1.2):
    """An arrow from point to point in the units of the picture."""
    style = f"-|>,head_length={2.5 + lw},head_width={1.2 + 0.8 * lw}"
    arrow = FancyArrowPatch(start, end, arrowstyle=style, mutation_scale=1, shrinkA=0, shrinkB=0)
    arrow.set(color=color, lw=lw, joinstyle="miter", capstyle="butt", zorder=2)
    ax.add_patch(arrow)


def _row(ax, texts, height, **style):
    for t, text in enumerate(texts):
        _centred(ax, STEP * t, height, str(text), **style)


def _row_name(ax, unit, height, text):
    ax.text(-0.5 - 0.13 / unit, height, text, ha="right", va="center", fontsize=9.5)


def _centred(ax, x, y, text, **style):
    ax.text(x, y, text, ha="center", va="center", zorder=4, **style)


def _short(value):
    """A number that fits into a circle: 0, 1, .52, -3.1."""
    text = f"{value:.2f}" if abs(value) < 0.995 else f"{value:.1f}" if abs(value) < 9.95 else ""
    text = text.rstrip("0").rstrip(".") if text else f"{value:.0f}"
    return "0" if text in ("", "-", "-0") else text.replace("0.", ".", 1).replace("-", "−")


def _power(size):
    """0.36 as it is, 0.00036 as 4·10⁻⁴."""
    if size == 0 or 0.001 <= size < 1000:
        return f"{size:.2g}"
    digit, exponent = f"{size:.0e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{digit}·10{raised}"


def _rows(name, values, T):
    values = finite(name, values)
    if values.ndim != 2 or len(values) != T:
        raise ValueError(f"{name}: expected (T, n) with T = {T} as in h, got shape {values.shape}")
    return values


def _sizes(strength, T):
    strength = finite("strength", strength)
    if strength.shape != (T,) or (strength < 0).any():
        raise ValueError(f"strength: expected T = {T} sizes of at least 0, got {strength}")
    return strength
