"""Colours, line styles and sizes; the same in every chapter."""

import math
import sys

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

COLOR = {
    "lstm": "#005AB5",
    "gru": "#D55E00",
    "rnn": "#1E9E6E",
    "attention": "#A8428A",
    "data": "#222222",
    "baseline": "#767676",
}
LINESTYLE = {
    "lstm": "-",
    "gru": "--",
    "rnn": "-.",
    "attention": (0, (5, 1, 1, 1, 1, 1)),
    "data": "-",
    "baseline": ":",
}
SIGNED = "RdBu_r"  # maps of signed values, centred on 0
SEQUENTIAL = "cividis"
WIDTH, DPI = 7.0, 120  # inches, dots per inch: 840 pixels, the width of a page's text column


def house_style():
    """Set matplotlib to the style of the course; the last call of a chapter's imports cell.

    In a notebook it also stops the inline backend from cropping figures, so that all come out
    equally wide.

    Example:
        >>> house_style()
        >>> plt.rcParams["lines.linewidth"], plt.rcParams["axes.spines.top"]
        (2.0, False)
    """
    kinds = ("lstm", "gru", "rnn", "attention")
    matplotlib.rcdefaults()
    plt.rcParams.update(
        {
            "figure.figsize": (WIDTH, 2.8),
            "figure.dpi": DPI,
            "savefig.dpi": DPI,
            "figure.facecolor": "white",
            "savefig.facecolor": "white",
            "savefig.transparent": False,
            "figure.constrained_layout.use": True,
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.labelsize": 10,
            "legend.frameon": False,
            "lines.linewidth": 2,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": "#444444",
            "axes.axisbelow": True,
            "image.cmap": SEQUENTIAL,
            "axes.prop_cycle": matplotlib.cycler(
                color=[COLOR[kind] for kind in kinds],
                linestyle=[LINESTYLE[kind] for kind in kinds],
            ),
        }
    )
    _keep_the_size_in_notebooks()


def figure(height=2.8, ncols=1, nrows=1, **options):
    """A new figure, 7 inches wide: one Axes, or an array of them.

    Args:
        height: in inches, 2.8 or 4.2.
        ncols: panels side by side.
        nrows: panels below one another.
        **options: for `plt.subplots`, e.g. `sharey=True`, `width_ratios=(2, 1)`.

    Returns:
        (figure, ax), or (figure, axes) with axes (ncols,), (nrows,) or (nrows, ncols).

    Raises:
        ValueError: if `height` is not positive.

    Example:
        >>> fig, axes = figure(ncols=2)
        >>> axes.shape
        (2,)
        >>> plt.close(fig)
    """
    if not 0 < height < 20:
        raise ValueError(f"height: expected inches, such as 2.8, got {height!r}")
    return plt.subplots(nrows, ncols, figsize=(WIDTH, height), layout="constrained", **options)


def color_of(color):
    """A key of `COLOR` as its colour; everything else as it is."""
    return COLOR.get(color, color)


def line_style(color):
    """Keyword arguments for a line: a key of `COLOR` brings its line style; None the cycle's."""
    if color is None:
        return {}
    return {"color": color_of(color), "linestyle": LINESTYLE.get(color, "-")}


def digits(value):
    """Three significant digits, without an exponent where people would not write one."""
    if value == 0 or not 1e-4 <= abs(value) < 1e6:
        return f"{value:.2e}" if value else "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def finite(name, values):
    """A non-empty float array without NaN."""
    array = np.asarray(values, dtype=float)
    if array.size == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"{name}: expected finite numbers, at least one, got shape {array.shape} "
            f"with {int((~np.isfinite(array)).sum())} NaN or infinite"
        )
    return array


def check_states(h, **texts):
    """Refuse states that are not (T, H), and rows of texts that are not T."""
    if h.ndim != 2:
        raise ValueError(f"h: expected the states of one sequence (T, H), got shape {h.shape}")
    for name, given in texts.items():
        if given is not None and len(given) != len(h):
            raise ValueError(f"{name}: expected T = {len(h)} texts, got {len(given)}")


def _keep_the_size_in_notebooks():
    """The inline backend crops to the content, which makes every figure another width."""
    ipython = sys.modules.get("IPython")
    if ipython is None or not hasattr(ipython.get_ipython(), "kernel"):
        return
    from matplotlib_inline.config import InlineBackend

    backend = InlineBackend.instance(parent=ipython.get_ipython())
    backend.print_figure_kwargs = {"bbox_inches": None}
