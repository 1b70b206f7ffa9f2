"""An automaton as a drawing: circles for states, double ones accept, arrows for symbols."""

import numpy as np

from rnncourse.plotting.paths import _bent_arrow, _loop, _outward
from rnncourse.plotting.style import color_of, finite


def machine(ax, places, step, accepts, symbols="01", color="data"):
    """Draw an automaton over whatever the Axes hold already, such as a cloud of states.

    Args:
        ax: the Axes to draw on; set its limits first, as arrows and texts are placed by them.
        places: where the states stand, (Q, 2).
        step: which state follows, (Q, V) integers; state 0 is the start.
        accepts: which states accept, (Q,) bools: they are drawn as double circles.
        symbols: V texts for the arrows.
        color: a key of `COLOR` or any colour of matplotlib.

    Returns:
        ax.

    Raises:
        ValueError: if the tables do not fit each other.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> limits = ax.set(xlim=(-1, 2), ylim=(-1, 1))
        >>> machine(ax, [[0, 0], [1, 0]], [[0, 1], [1, 1]], [True, False])
        <Axes: >
        >>> plt.close(fig)
    """
    places, step = finite("places", places), np.asarray(step)
    if places.shape != (len(step), 2) or step.shape[1] != len(symbols):
        raise ValueError(
            f"places: expected (Q, 2) with step (Q, V = {len(symbols)}), "
            f"got {places.shape} and {step.shape}"
        )
    if len(accepts) != len(step):
        raise ValueError(f"accepts: expected {len(step)} truth values, got {len(accepts)}")
    outward = _outward(places)
    for q, follows in enumerate(step):
        for target in dict.fromkeys(follows.tolist()):
            text = ", ".join(s for s, f in zip(symbols, follows, strict=True) if f == target)
            if target == q:
                _loop(ax, places[q], outward[q], text, color_of(color))
            else:
                bend = _bend(places, q, target, back=q in step[target])
                _bent_arrow(ax, places[q], places[target], text, color_of(color), bend)
    style = {"ls": "", "marker": "o", "mec": color_of(color), "mfc": "white", "zorder": 4}
    for q, (place, accepting) in enumerate(zip(places, accepts, strict=True)):
        ax.plot(*place, ms=17, mew=1.5, **style)
        if accepting:
            ax.plot(*place, ms=13, mew=1, **style)
        ax.annotate(str(q), place, ha="center", va="center", fontsize=9, zorder=5)
    return ax


def _bend(places, start, end, back):
    """To its right if there is an arrow back, on the left; else away from the nearest third."""
    third = np.delete(places, [start, end], axis=0)
    if back or not len(third):
        return 0.2
    far = np.linalg.norm(third - (places[start] + places[end]) / 2, axis=1)
    (dx, dy), (nx, ny) = places[end] - places[start], third[far.argmin()] - places[start]
    return 0.2 if dx * ny >= dy * nx else -0.2
