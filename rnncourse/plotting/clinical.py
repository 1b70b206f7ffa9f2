"""The grid on which a forecast of glucose is judged by what somebody would do because of it."""

import numpy as np

from rnncourse.plotting.style import COLOR, finite

EDGES = [  # Clarke's lines in mg/dl, each as the corners (x, y) it goes through
    [(0, 70), (58.3, 70), (333.3, 400)],
    [(70, 84), (70, 400)],
    [(70, 180), (290, 400)],
    [(0, 180), (70, 180)],
    [(70, 0), (70, 56), (400, 320)],
    [(180, 0), (180, 70), (400, 70)],
    [(240, 70), (240, 180), (400, 180)],
    [(130, 0), (180, 70)],
]
LETTERS = {"A": (30, 20), "B": (370, 260), "C": (160, 370), "D": (365, 120), "E": (365, 30)}
MORE_LETTERS = {"B": (255, 335), "C": (162, 15), "D": (25, 120), "E": (30, 300)}
MARKS = {"C": ("s", "attention"), "D": ("o", "gru"), "E": ("^", "rnn")}


def clarke(ax, y, y_hat, zones):
    """Clarke's error grid: what was measured against what was said, with the zones' borders.

    Args:
        ax: the Axes to draw on.
        y: what was measured, mg/dl, (N,).
        y_hat: what was said, mg/dl, (N,).
        zones: the letter of each point, (N,), as `rnncourse.data.glucose.zones` gives it; C, D
            and E are drawn large.

    Returns:
        ax.

    Raises:
        ValueError: if the three differ in length, or a number is not finite.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: Clarke et al. (1987).

    Example:
        >>> from rnncourse.plotting import figure
        >>> import matplotlib.pyplot as plt
        >>> ax = clarke(figure()[1], [100.0, 60.0], [110.0, 120.0], np.array(["A", "D"]))
        >>> ax.get_xlabel()
        'measured (mg/dl)'
        >>> plt.close(ax.figure)
    """
    y, y_hat, zones = finite("y", y), finite("y_hat", y_hat), np.asarray(zones)
    if not y.shape == y_hat.shape == zones.shape:
        raise ValueError(
            f"y_hat, zones: expected the shape of y, {y.shape}, got {y_hat.shape}, {zones.shape}"
        )
    for corners in EDGES:
        ax.plot(*zip(*corners, strict=True), "-", color=COLOR["data"], lw=0.8)
    safe = ~np.isin(zones, list(MARKS))
    ax.plot(y[safe], y_hat[safe], ".", color=COLOR["baseline"], ms=2, alpha=0.4)
    for letter, (marker, color) in MARKS.items():
        chosen = zones == letter
        ax.plot(y[chosen], y_hat[chosen], marker, color=COLOR[color], ms=3.5)
    for letter, (x_at, y_at) in [*LETTERS.items(), *MORE_LETTERS.items()]:
        ax.text(x_at, y_at, letter, ha="center", va="center", weight="bold")
    ax.set(xlim=(0, 400), ylim=(0, 400), xlabel="measured (mg/dl)", ylabel="forecast (mg/dl)")
    ax.set_aspect("equal")
    return ax
