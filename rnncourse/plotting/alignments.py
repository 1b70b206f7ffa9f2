"""Which source word each target word goes with: weights as a map, words along both sides."""

from matplotlib.patches import Rectangle

from rnncourse.plotting.style import COLOR, SEQUENTIAL, finite


def alignment(ax, alpha, source, target, links=None):
    r"""Weights $\alpha_{ts}$ as a map: a row for each target word, a column for each source word.

    Dark is 0, bright is 1. For the truth as a map of its own, hand over 0 and 1 as weights.

    Args:
        ax: the Axes to draw on (4.2 in high for more than a few words).
        alpha: weights (T, S).
        source: S words, along the top.
        target: T words, down the side: row t holds the weights with which word t was *said*.
        links: for each target word the number of its true source word, or -1; the true cells are
            framed. None frames nothing.

    Returns:
        ax.

    Raises:
        ValueError: if the weights are not finite, or words or links do not fit them.

    Taught in: chapters/17_attention

    Source: the form of figure 3 in Bahdanau, Cho & Bengio (2015).

    Example:
        >>> import numpy as np
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> alignment(ax, np.eye(3)[[1, 0, 0]], ["forty", "two", ","], ["zwei", "und", "vierzig"])
        <Axes: >
        >>> plt.close(fig)
    """
    alpha = finite("alpha", alpha)
    sizes = {"source": (source, 1), "target": (target, 0)}
    sizes |= {} if links is None else {"links": (links, 0)}
    for name, (words, axis) in sizes.items():
        if alpha.ndim != 2 or len(words) != alpha.shape[axis]:
            raise ValueError(
                f"{name}: expected as many as alpha (T, S) = {alpha.shape} has, got {len(words)}"
            )
    ax.imshow(alpha, cmap=SEQUENTIAL, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for t, s in enumerate([] if links is None else links):
        if s >= 0:
            ax.add_patch(Rectangle((s - 0.5, t - 0.5), 1, 1, fill=False, ec=COLOR["gru"], lw=1.8))
    ax.set_xticks(range(len(source)), source, rotation=90, fontsize=9)
    ax.set_yticks(range(len(target)), target, fontsize=9)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax
