"""What happens to a sound on its way: echo, noise, another level, another rate."""

import numpy as np

from rnncourse.sounds.features import RATE, checked


def with_noise(sound, rng, snr):
    r"""$s + \varepsilon$ with power ratio $10^{\mathrm{snr}/10}$ of speech to noise.

    Args:
        sound: (n,).
        rng: a NumPy generator.
        snr: in decibels: 0 if both are equally strong.

    Returns:
        float64 (n,).

    Taught in: chapters/24_speech

    Example:
        >>> hum = np.sin(np.arange(8000.0))
        >>> noise = with_noise(hum, np.random.default_rng(0), snr=20) - hum
        >>> round(10 * np.log10(np.mean(hum**2) / np.mean(noise**2)))
        20
    """
    sound = checked(sound, 1)
    power = np.mean(sound**2) / 10 ** (snr / 10)
    return sound + rng.normal(scale=np.sqrt(power), size=len(sound))


def in_a_room(sound, rng, seconds):
    """The sound and its echoes: convolved with noise that fades by 60 dB in so many seconds.

    Args:
        sound: (n,).
        rng: a NumPy generator.
        seconds: how long the echo takes to fade; 0 for none.

    Returns:
        float64 (n,): what comes after the sound's end is cut off.

    Taught in: chapters/24_speech

    Source: Moorer (1979) described the echo of a hall as fading noise; its strength is ours.

    Example:
        >>> float(in_a_room(np.ones(100), np.random.default_rng(0), 0.0).sum())
        100.0
    """
    sound = checked(sound, 1)
    n = int(seconds * RATE)
    if n < 2:
        return sound
    echo = 0.08 * rng.normal(size=n) * 10 ** (-3 * np.arange(n) / n)
    echo[0] = 1.0  # the direct way
    points = 1 << (len(sound) + n).bit_length()
    both = np.fft.rfft(sound, points) * np.fft.rfft(echo, points)
    return np.fft.irfft(both, points)[: len(sound)]


def levelled(sound, level=0.1, peak=0.95):
    """The sound, louder or softer: root mean square `level`, but nowhere above `peak`.

    Example:
        >>> sound = levelled(np.sin(np.arange(800.0)))
        >>> round(float(np.sqrt(np.mean(sound**2))), 3)
        0.1
    """
    sound = checked(sound, 1)
    strength, top = np.sqrt(np.mean(sound**2)), np.abs(sound).max()
    return sound * min(level / max(strength, 1e-9), peak / max(top, 1e-9))


def resampled(sound, old, new):
    """The same sound with `new` samples where there were `old`; what is too high is left out.

    Example:
        >>> slow = resampled(np.sin(0.1 * np.arange(3000)), 3, 1)
        >>> len(slow), bool(abs(slow[500:510] - np.sin(0.3 * np.arange(500, 510))).max() < 0.01)
        (1000, True)
    """
    sound = checked(sound, 1)
    blocks = -(-len(sound) // old)
    F = np.fft.rfft(sound, blocks * old)
    return np.fft.irfft(F[: blocks * new // 2 + 1], blocks * new) * new / old
