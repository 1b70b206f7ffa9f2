"""Several bands of one kind of network: one colour, told apart by their strokes."""

from rnncourse.plotting.curves import band
from rnncourse.plotting.style import color_of

STROKES = ("-", "--", ":", "-.")


def bands(ax, x, runs, color, **texts):
    """One band for each name, all in one colour; the first is solid, the next dashed, dotted.

    Args:
        ax: the Axes to draw on.
        x: (n,).
        runs: name -> values (n_seeds, n), at most four.
        color: a colour or a key of `COLOR`.
        **texts: what `ax.set` is told, such as `xlabel`.

    Returns:
        ax.

    Raises:
        ValueError: if there are more than four names, or as `band`.

    Example:
        >>> from matplotlib import pyplot as plt
        >>> import numpy as np
        >>> fig, ax = plt.subplots()
        >>> ax = bands(ax, [1, 2, 3], {"a": np.ones((5, 3)), "b": np.zeros((5, 3))}, "lstm")
        >>> [line.get_linestyle() for line in ax.lines]
        ['-', '--']
        >>> plt.close(fig)
    """
    if len(runs) > len(STROKES):
        raise ValueError(f"runs: expected at most {len(STROKES)} names, got {len(runs)}")
    for (name, values), stroke in zip(runs.items(), STROKES, strict=False):
        band(ax, x, values, label=name, color=color_of(color))
        ax.lines[-1].set_linestyle(stroke)
    ax.set(**texts)
    return ax
