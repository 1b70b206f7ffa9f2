"""From features back to sound."""

import numpy as np

from rnncourse.sounds.features import HOP, POINTS, SIZE, frames, mel_filters


def from_log_mel(x, rng, rounds=60):
    r"""A sound whose log-mel features are nearly x: powers from bands, then phases by iteration.

    Repeated: $s \leftarrow \mathrm{overlap\text{-}add}(A\,e^{i\phi})$,
    $\phi \leftarrow \arg \mathrm{Fourier}(s)$.

    Args:
        x: (T, D) of `log_mel`.
        rng: a NumPy generator, for the first phases.
        rounds: how often the phases are improved.

    Returns:
        float64 (n,) with T frames.

    Raises:
        ValueError: if `x` is no such array.

    Taught in: chapters/24_speech

    Source: Griffin & Lim (1984); the step back from bands to frequencies is ours: the power
        of each band is spread over its triangle.

    Example:
        >>> from rnncourse.sounds import log_mel
        >>> hum = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
        >>> again = from_log_mel(log_mel(hum), np.random.default_rng(0), rounds=5)
        >>> len(again), int(log_mel(again)[40].argmax())
        (7960, 10)
    """
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or not len(x):
        raise ValueError(f"x: expected log-mel features (T, D), got shape {x.shape}")
    filters = mel_filters(x.shape[1])
    spread = filters / np.maximum(filters.sum(axis=1, keepdims=True), 1e-12)  # each band evenly
    A = np.sqrt(np.maximum(np.exp(x) - 1e-5, 0) @ spread)
    phase = rng.uniform(0, 2 * np.pi, A.shape)
    for _ in range(rounds):
        sound = _overlapped(np.fft.irfft(A * np.exp(1j * phase), POINTS)[:, :SIZE])
        phase = np.angle(np.fft.rfft(frames(sound) * np.hanning(SIZE), POINTS))
    return sound


def _overlapped(rows):
    """Frames (T, SIZE) added up where they belong, under their window."""
    window = np.hanning(SIZE)
    sound = np.zeros(HOP * (len(rows) - 1) + SIZE)
    weight = np.zeros_like(sound)
    for t, row in enumerate(rows):
        sound[t * HOP : t * HOP + SIZE] += row * window
        weight[t * HOP : t * HOP + SIZE] += window**2
    return sound / np.maximum(weight, 0.05)
