"""Costs against length, both axes logarithmic, so that a power is a straight line."""

from rnncourse.plotting.style import finite, line_style


def powers(ax, x, costs, colors, xlabel="length T", ylabel="cost"):
    """One line for each cost; a name with a comma is a variant, and is dotted.

    Args:
        ax: Axes to draw on.
        x: lengths (n,), all positive.
        costs: name -> positive numbers (n,).
        colors: name -> colour, a key of `COLOR` or any of matplotlib's.
        xlabel: what x is.
        ylabel: what is paid, with its unit.

    Returns:
        The Axes.

    Raises:
        ValueError: if a cost does not fit x or is not positive.

    Example:
        >>> import matplotlib.pyplot as plt
        >>> ax = powers(plt.figure().gca(), [1, 2], {"GRU": [3, 6]}, {"GRU": "gru"})
        >>> ax.get_xscale(), [line.get_label() for line in ax.lines]
        ('log', ['GRU'])
        >>> plt.close()
    """
    x = finite("x", x)
    for name, y in costs.items():
        y = finite(name, y)
        if y.shape != x.shape or y.min() <= 0:
            raise ValueError(f"{name}: expected {len(x)} positive numbers, got {y}")
        style = line_style(colors[name]) | ({"linestyle": ":"} if "," in name else {})
        ax.loglog(x, y, label=name, **style)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax
