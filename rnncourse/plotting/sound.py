"""Pictures of sound: its wave, its bands, and which label a trellis stands in at what time."""

import numpy as np

from rnncourse.plotting.style import COLOR, SEQUENTIAL, finite


def wave(ax, sound, rate):
    """A sound against time.

    Args:
        ax: the Axes to draw on.
        sound: (n,).
        rate: samples per second.

    Returns:
        ax.

    Raises:
        ValueError: if the sound is no (n,) of finite numbers.

    Taught in: chapters/24_speech

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> wave(ax, np.sin(np.arange(800)), 8000).get_xlim()[1].round(2)
        np.float64(0.1)
        >>> plt.close(fig)
    """
    sound = finite("sound", sound)
    if sound.ndim != 1:
        raise ValueError(f"sound: expected (n,), got shape {sound.shape}")
    ax.plot(np.arange(len(sound)) / rate, sound, lw=0.6, color=COLOR["data"])
    ax.set(xlim=(0, len(sound) / rate), ylabel="pressure", yticks=[0])
    return ax


def spectrum(ax, x, seconds, ylabel="mel band", start=0.0):
    """Features against time, dark for quiet and bright for loud.

    Args:
        ax: the Axes to draw on.
        x: (T, D), low bands first.
        seconds: from one row to the next.
        ylabel: what the D are.
        start: where the first row begins, in seconds; a frame stands best around its middle.

    Returns:
        ax.

    Raises:
        ValueError: if x is no (T, D) of finite numbers.

    Taught in: chapters/24_speech

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> spectrum(ax, np.zeros((7, 4)), 0.01).get_ylim()
        (np.float64(0.0), np.float64(4.0))
        >>> plt.close(fig)
    """
    x = _table("x", x)
    extent = (start, start + len(x) * seconds, 0, x.shape[1])
    ax.imshow(x.T, origin="lower", aspect="auto", cmap=SEQUENTIAL, extent=extent)
    ax.set(ylabel=ylabel)
    return ax


def trellis(ax, gamma, names, seconds):
    r"""$\gamma_{ts}$ against time: a row for each row of the trellis, from top to bottom.

    Args:
        ax: the Axes to draw on.
        gamma: (T, S) between 0 (dark) and 1 (bright).
        names: S texts, written beside the rows; "" for none.
        seconds: from one step to the next.

    Returns:
        ax.

    Raises:
        ValueError: if gamma is no (T, S), or there are not S names.

    Taught in: chapters/24_speech

    Example:
        >>> from matplotlib import pyplot as plt
        >>> from rnncourse.plotting import figure
        >>> fig, ax = figure()
        >>> trellis(ax, np.full((7, 3), 0.3), ["", "six", ""], 0.03)
        <Axes: ylabel='row'>
        >>> plt.close(fig)
    """
    gamma = _table("gamma", gamma)
    if len(names) != gamma.shape[1]:
        raise ValueError(f"names: expected S = {gamma.shape[1]} texts, got {len(names)}")
    extent = (0, len(gamma) * seconds, gamma.shape[1] - 0.5, -0.5)
    ax.imshow(
        gamma.T, aspect="auto", cmap=SEQUENTIAL, vmin=0, vmax=1, extent=extent,
        interpolation="nearest",
    )  # fmt: skip
    labelled = [s for s, name in enumerate(names) if name]
    ax.set_yticks(labelled, [names[s] for s in labelled])
    ax.tick_params(length=0, axis="y")
    ax.set(ylabel="row")
    return ax


def _table(name, values):
    values = finite(name, values)
    if values.ndim != 2:
        raise ValueError(f"{name}: expected two axes, got shape {values.shape}")
    return values
