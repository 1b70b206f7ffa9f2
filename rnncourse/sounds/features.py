"""What a network hears of a sound: short spectra, in bands as wide as the ear's, as logarithms."""

import functools

import numpy as np

RATE = 8_000  # samples per second
SIZE, HOP, POINTS = 200, 80, 256  # samples: a frame of 25 ms every 10 ms, its Fourier transform


def frames(sound, size=SIZE, hop=HOP):
    r"""Row t is $s_{t\,\mathrm{hop}}, \dots, s_{t\,\mathrm{hop}+\mathrm{size}-1}$.

    Args:
        sound: (n,), at least one frame long.
        size: samples of a frame.
        hop: samples from the beginning of one frame to that of the next.

    Returns:
        float64 (T, size) with T = 1 + (n - size) // hop.

    Raises:
        ValueError: if `sound` is no such array.

    Taught in: chapters/24_speech

    Example:
        >>> frames(np.arange(7.0), size=3, hop=2)
        array([[0., 1., 2.],
               [2., 3., 4.],
               [4., 5., 6.]])
    """
    sound = checked(sound, size)
    return np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]


def mel(hertz):
    r"""$m = 2595\,\log_{10}(1 + f/700)$: pitch as the ear spaces it.

    Args:
        hertz: frequencies, any shape.

    Returns:
        float64, same shape: near 1000 at 1000 Hz.

    Taught in: chapters/24_speech

    Source: Stevens, Volkmann & Newman (1937) measured the scale; the formula is O'Shaughnessy's
        (1987).

    Example:
        >>> mel([0.0, 1000.0, 2000.0, 4000.0]).round()
        array([   0., 1000., 1521., 2146.])
    """
    return 2595 * np.log10(1 + np.asarray(hertz, dtype=float) / 700)


@functools.cache
def mel_filters(bands=24, low=100, high=3_800):
    """Triangles that overlap, equally wide in mel: row k sums up the power around a frequency.

    Args:
        bands: how many, M.
        low: where the first triangle begins, in Hz.
        high: where the last one ends.

    Returns:
        float64 (M, F) with F = POINTS // 2 + 1 frequencies from 0 to half of `RATE`.

    Raises:
        ValueError: if the frequencies are not in order, or a triangle holds none of the F.

    Taught in: chapters/24_speech

    Source: Davis & Mermelstein (1980).

    Example:
        >>> mel_filters(24).shape
        (24, 129)
    """
    if not 0 <= low < high <= RATE / 2:
        raise ValueError(f"low, high: expected 0 <= low < high <= {RATE // 2}, got {low}, {high}")
    corners = np.linspace(mel(low), mel(high), bands + 2)
    heard = mel(np.linspace(0, RATE / 2, POINTS // 2 + 1))
    rising = (heard - corners[:-2, None]) / (corners[1] - corners[0])
    falling = (corners[2:, None] - heard) / (corners[1] - corners[0])
    filters = np.maximum(0, np.minimum(rising, falling))
    if (filters.sum(axis=1) == 0).any():
        raise ValueError(f"bands: expected so few that each holds a frequency, got {bands}")
    return filters


def log_mel(sound, bands=24):
    r"""$x_{tk} = \log\left(\epsilon + \sum_f M_{kf}\,|F_{tf}|^2\right)$.

    Args:
        sound: (n,), at least 25 ms.
        bands: how many mel bands, D.

    Returns:
        float64 (T, D): a row every 10 ms.

    Raises:
        ValueError: as for `frames` and `mel_filters`.

    Taught in: chapters/24_speech

    Example:
        >>> hum = np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)  # 1 s of 1000 Hz
        >>> x = log_mel(hum)
        >>> x.shape, int(x[0].argmax())
        ((98, 24), 10)
    """
    F = np.fft.rfft(frames(sound) * np.hanning(SIZE), POINTS)  # (T, 129)
    return np.log(1e-5 + np.abs(F) ** 2 @ mel_filters(bands).T)


def stacked(x, k=3):
    """Every k rows side by side: fewer and longer steps.

    Args:
        x: (T, D).
        k: how many rows become one.

    Returns:
        (T // k, k D); up to k - 1 rows at the end are left out.

    Raises:
        ValueError: if there are fewer than k rows.

    Taught in: chapters/24_speech

    Example:
        >>> stacked(np.arange(14.0).reshape(7, 2), 3).shape
        (2, 6)
    """
    x = np.asarray(x)
    if x.ndim != 2 or len(x) < k or k < 1:
        raise ValueError(f"x: expected at least k = {k} rows (T, D), got shape {x.shape}")
    return x[: len(x) // k * k].reshape(-1, k * x.shape[1])


def checked(sound, least):
    """A sound as floats (n,) of at least so many samples."""
    sound = np.asarray(sound, dtype=float)
    if sound.ndim != 1 or len(sound) < least or not np.isfinite(sound).all():
        raise ValueError(
            f"sound: expected finite numbers (n,) with n >= {least}, got shape {sound.shape}"
        )
    return sound
