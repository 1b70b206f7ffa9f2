"""Encoder, attention and decoder, drawn from the arrays of one run."""

import matplotlib
import numpy as np
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from rnncourse.plotting.graphs import SOFT, _centred, _straight
from rnncourse.plotting.style import COLOR, SIGNED, finite

WIDEST = 9.0  # points, for a weight of 1
STRIP = 0.17  # inches: half the height of a strip of units
BEFORE = 0.785  # about the share of the figure that axes have before the layout gives them all
NAMES = {
    "target": "piece said",
    "h": "decoder state h",
    "context": "context",
    "alpha": "weights α",
    "k": "encoder\nstates k",
    "source": "source",
}


def looking_back(ax, alpha, k, h, source, target, mask=None, before=None, least=0.05, names=None):
    r"""A few steps of a decoder that looks back: $\mathrm{context}_t = \sum_s \alpha_{ts} k_s$.

    Below, the source words and what the encoder knows at each; above, the steps, each with the
    context that it gets and the state that asks. Every circle is one number: blue is negative,
    red positive. An arrow from word s to step t is as wide as the weight $\alpha_{ts}$, but no
    thinner than a hairline, so that all that may be looked at is seen.

    Args:
        ax: the Axes to draw on, 7 in wide and 4.2 in high; its own axes are taken away.
        alpha: weights (T, S), each row with a sum of 1; T of at most 3 and S of at most 7 stay
            legible.
        k: encoder states (S, H): a few units of them, up to 4. The contexts are computed from
            them, unit by unit, so that leaving units out changes nothing in the others.
        h: decoder states (T, H), as many units.
        source: S words, along the bottom.
        target: T words, along the top: word t is what is *said* at step t.
        mask: (S,) bools, True on real words; the others are greyed, and if all their weights are
            0 it says so. None: all are real.
        before: the word that goes in at the first step; None writes none.
        least: weights from here on are printed as numbers.
        names: other texts for some of the rows "target", "h", "context", "alpha", "k", "source".

    Returns:
        ax.

    Raises:
        ValueError: if shapes, words or mask do not fit the weights, or something is not finite,
            or a row of weights is no mean.

    Taught in: chapters/17_attention

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure(4.2)
        >>> alpha = np.array([[0.1, 0.9, 0.0], [0.8, 0.2, 0.0]])
        >>> looking_back(ax, alpha, np.eye(3, 4), np.ones((2, 4)), ["forty", "two", "<pad>"],
        ...              ["zwei", "und"], mask=[True, True, False])
        <Axes: >
        >>> plt.close(fig)
    """
    alpha, k, h, mask = _fitting(alpha, k, h, source, target, mask)
    limit = max(float(np.abs(values).max()) for values in (k, h)) or 1.0
    norm = matplotlib.colors.Normalize(-limit, limit)
    place = _places(ax, *alpha.shape, k.shape[1], lead=before is not None)
    _encoder(ax, place, k, source, mask, norm)
    for s in np.flatnonzero(~mask & ~alpha.any(axis=0)):
        _centred(ax, place["words"][s], place["k"] + 0.33, "weight 0", fontsize=10, color=SOFT)
    for t, (x, context) in enumerate(zip(place["steps"], alpha @ k, strict=True)):
        _step(ax, place, x, context, h[t], norm, target[t])
        _weights(ax, place, t, alpha[t], mask, least)
    _chain(ax, place, before)
    for row, name in (NAMES | (names or {})).items():
        ax.text(place["left"], place[row], name, ha="right", va="center", fontsize=10)
    ax.set(xlim=(0, place["width"]), ylim=(0, place["height"]), aspect="equal")
    ax.axis("off")
    return ax


def _places(ax, T, S, H, lead):
    """Where everything stands, in inches or so from the lower left corner of the Axes."""
    share, size = ax.get_position(), ax.figure.get_size_inches()
    width, height = share.width * size[0] / BEFORE, share.height * size[1] / BEFORE
    left = 1.1
    column = (width - left - 0.1) / S
    first = left + (0.95 if lead else 0.2)
    pitch = (width - first) / T
    box = min(1.35, 0.78 * pitch)
    return {
        "width": width,
        "height": height,
        "left": left,
        "words": left + 0.1 + column * (np.arange(S) + 0.5),
        "steps": first + pitch * np.arange(T) + box / 2,
        "box": box,
        "unit": min(0.27, (box - 0.1) / H, (column - 0.24) / H),
        "target": height - 0.17,
        "h": height - 0.78,
        "context": height - 1.2,
        "alpha": height - 1.57,
        "k": 0.55,
        "source": 0.15,
    }


def _strip(ax, x, y, values, norm, unit, real=True, color="#9A9A9A"):
    """Units beside one another in a frame; padding is an empty frame, hatched."""
    n = len(values)
    corner, size = (x - unit * n / 2, y - STRIP + 0.04), (unit * n, 2 * STRIP - 0.08)
    frame = FancyBboxPatch(corner, *size, boxstyle="round,pad=0.04,rounding_size=0.12")
    frame.set(facecolor="#F1F1F1", edgecolor=color, lw=1.0, zorder=3)
    ax.add_patch(frame)
    if not real:
        frame.set(hatch="////", edgecolor="#C8C8C8")
        return
    for number, fill in enumerate(matplotlib.colormaps[SIGNED](norm(values))):
        centre = (x + unit * (number - (n - 1) / 2), y)
        circle = Circle(centre, min(0.43 * unit, 0.12), facecolor=fill, edgecolor="#444444")
        circle.set(lw=0.8, zorder=4)
        ax.add_patch(circle)


def _encoder(ax, place, k, source, mask, norm):
    """The words and what is known at each of them, read from both ends."""
    for s, (x, word) in enumerate(zip(place["words"], source, strict=True)):
        _strip(ax, x, place["k"], k[s], norm, place["unit"], real=mask[s])
        _centred(ax, x, place["source"], word, fontsize=13, color="black" if mask[s] else SOFT)
        if s and mask[s - 1] and mask[s]:
            half = place["unit"] * k.shape[1] / 2 + 0.06
            ends = [(place["words"][s - 1] + half, place["k"]), (x - half, place["k"])]
            for way in (ends, ends[::-1]):
                _straight(ax, *way, COLOR["baseline"], lw=0.9)


def _step(ax, place, x, context, h, norm, word):
    """One step: what it gets under what asks, in one frame, and the word that both say."""
    box, bottom = place["box"], place["context"] - STRIP - 0.06
    high = place["h"] + STRIP + 0.06 - bottom
    corner = (x - box / 2 + 0.05, bottom + 0.05)
    frame = FancyBboxPatch(corner, box - 0.1, high - 0.1, boxstyle="round,pad=0.05")
    frame.set(facecolor="white", edgecolor="#9A9A9A", lw=1.0, zorder=2)
    ax.add_patch(frame)
    _strip(ax, x, place["h"], h, norm, place["unit"])
    _strip(ax, x, place["context"], context, norm, place["unit"], color=COLOR["attention"])
    top = bottom + high
    _straight(ax, (x, top), (x, place["target"] - 0.16), COLOR["baseline"])
    _centred(ax, x, place["target"], word, fontsize=14)


def _weights(ax, place, t, alpha, mask, least):
    """An arrow from each word's state to its place below the step, and the larger weights."""
    T, S = len(place["steps"]), len(alpha)
    tails = min(0.26, place["unit"] * 4 / T) * (t - (T - 1) / 2)
    for s in np.argsort(alpha):  # the widest last, over the others
        if not mask[s] and alpha[s] == 0:
            continue
        start = (place["words"][s] + tails, place["k"])  # the strip hides the tail
        x = place["steps"][t] + (s - (S - 1) / 2) * place["box"] / S
        _weighted(ax, start, (x, place["alpha"] - 0.15), WIDEST * alpha[s])
        if alpha[s] >= least:
            _centred(ax, x, place["alpha"], f"{alpha[s]:.2f}".lstrip("0"), fontsize=11)


def _weighted(ax, start, end, width):
    """An arrow with a light edge, so that those that cross stay apart."""
    style = f"-|>,head_length={3 + 0.8 * width},head_width={1.3 + 0.6 * width}"
    for edge, color in ((1.6 if width > 1 else 0, "white"), (0, COLOR["attention"])):
        arrow = FancyArrowPatch(
            start, end, arrowstyle=style, mutation_scale=1, shrinkA=0, shrinkB=0
        )
        arrow.set(color=color, lw=max(width, 0.5) + edge, capstyle="butt", joinstyle="miter")
        arrow.set(zorder=2)
        ax.add_patch(arrow)


def _chain(ax, place, before):
    """From step to step go the state and the word that was said."""
    x, half = place["steps"], place["box"] / 2
    for t in range(len(x)) if before is not None else range(1, len(x)):
        middle = x[t - 1] if t else x[0] - half - 0.47  # of the word that goes in
        start = x[t - 1] + half if t else middle
        end = x[t] - half - 0.02
        _straight(ax, (start, place["h"]), (end, place["h"]), COLOR["baseline"])
        said = (middle + (0.5 if t else 0.1), place["target"] - 0.14)
        _straight(ax, said, (end, place["h"] + 0.1), COLOR["baseline"])
    if before is not None:
        style = {"fontsize": 12, "color": SOFT}
        _centred(ax, x[0] - half - 0.47, place["target"], before, **style)


def _fitting(alpha, k, h, source, target, mask):
    """The arrays, if they fit one another."""
    alpha, k, h = finite("alpha", alpha), finite("k", k), finite("h", h)
    if alpha.ndim != 2 or (alpha < 0).any() or np.abs(alpha.sum(axis=1) - 1).max() > 1e-3:
        raise ValueError(
            "alpha: expected weights (T, S) of at least 0, each row with a sum of 1, "
            f"got shape {alpha.shape} with sums {alpha.sum(axis=-1).round(3)}"
        )
    T, S = alpha.shape
    if k.ndim != 2 or len(k) != S:
        raise ValueError(f"k: expected (S, H) with S = {S} as in alpha, got shape {k.shape}")
    if h.shape != (T, k.shape[1]):
        raise ValueError(f"h: expected (T, H) = {(T, k.shape[1])}, got shape {h.shape}")
    mask = np.full(S, True) if mask is None else np.asarray(mask)
    for name, given, n in (("source", source, S), ("target", target, T), ("mask", mask, S)):
        if len(given) != n:
            raise ValueError(f"{name}: expected {n}, as alpha {alpha.shape} has, got {len(given)}")
    return alpha, k, h, mask.astype(bool)
