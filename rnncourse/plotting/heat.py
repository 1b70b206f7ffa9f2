"""A table of shares as colours, with each number written in its field."""

import numpy as np

from rnncourse.plotting.style import SEQUENTIAL, finite


def heat(ax, values, rows, columns):
    """Shares from 0 to 1, dark for 0 and bright for 1, the numbers in the fields.

    Args:
        ax: Axes to draw on.
        values: shares (rows, columns).
        rows: a name for each row, top to bottom.
        columns: a name for each column.

    Returns:
        The Axes.

    Raises:
        ValueError: if the names do not fit the values or a value is no share.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> ax = heat(plt.figure().gca(), [[0.5, 1.0, 0.0]], ["GRU"], [12, 24, 48])
        >>> [text.get_text() for text in ax.texts]
        ['.50', '1.0', '.00']
        >>> plt.close()
    """
    values = finite("values", values)
    if values.shape != (len(rows), len(columns)):
        expected = f"({len(rows)}, {len(columns)}), one row and column for each name"
        raise ValueError(f"values: expected shape {expected}, got {values.shape}")
    if values.min() < 0 or values.max() > 1:
        got = f"{values.min()} to {values.max()}"
        raise ValueError(f"values: expected shares from 0 to 1, got {got}")
    ax.imshow(values, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for (i, j), value in np.ndenumerate(values):
        text = f"{value:.2f}"[1:] if value < 0.995 else "1.0"
        ax.text(j, i, text, ha="center", va="center", color="black" if value > 0.55 else "white")
    ax.set(xticks=range(len(columns)), xticklabels=columns, yticks=range(len(rows)))
    ax.set_yticklabels(rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax
