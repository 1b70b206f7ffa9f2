"""Simulated people with two motion sensors, each with habits that say who it is.

A recording is a stumble or a hop. What tells them apart is an order, the same for all people;
what tells people apart is much easier to see, and goes along with how often they stumble.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.data.card import Card

STUMBLES = Card(
    name="Stumbles and hops",
    what=(
        "recordings of two motion sensors, ankle and wrist (without unit), while somebody walks "
        "and once stumbles, ankle first, or hops, wrist first; each person has habits: how the "
        "sensors are worn, the gait, the strength of the jolts, and the share of stumbles"
    ),
    whose="simulated by this course; nobody was measured, and real stumbles are less tidy",
    licence="MIT, as the code",
    size="as many people as asked for, with as many recordings each",
    real=False,
)


class Recordings(NamedTuple):
    """What `stumbles` returns.

    Attributes:
        x: float64 (N, T, 2): ankle and wrist.
        y: bool (N,), True for a stumble.
        who: int (N,), the number of the person, from 0; recordings of one person stand together.
    """

    x: np.ndarray
    y: np.ndarray
    who: np.ndarray


def stumbles(people, each, rng, *, share=(0.05, 0.9), frail=0.3, T=16):
    r"""$x_t = o + a\,(\sin, \cos)(2\pi f t + \varphi) + \text{two jolts} + \text{noise}$.

    Offset $o$ (one number a sensor), amplitude $a$, frequency $f$, the size of the jolts and the
    share of stumbles are habits of a person; the phase, when the jolts come, and the noise are
    drawn for every recording. Each jolt lasts two steps; the second begins 1 to 4 steps later.

    Args:
        people: how many people, at least 1.
        each: recordings of every person, at least 1.
        rng: a NumPy generator.
        share: share of stumbles among the recordings of a sturdy person and of a frail one.
        frail: probability that a person is frail.
        T: steps of a recording, at least 7.

    Returns:
        Recordings with N = people * each.

    Raises:
        ValueError: if a number is too small, a share lies outside 0 ... 1, or `rng` is no
            generator.

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> x, y, who = stumbles(3, 5, np.random.default_rng(0))
        >>> x.shape, y.shape, who
        ((15, 16, 2), (15,), array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]))
    """
    _check(people, each, rng, share, frail, T)
    who, N = np.repeat(np.arange(people), each), people * each
    shares = np.where(rng.random(people) < frail, share[1], share[0])
    offset = rng.normal(scale=1.5, size=(people, 1, 2))
    jolt = 2 * np.exp(rng.normal(scale=0.3, size=people))
    frequency = rng.uniform(0.1, 0.3, people)
    amplitude = 0.6 * np.exp(rng.normal(scale=0.5, size=people))
    y = rng.random(N) < shares[who]
    angle = 2 * np.pi * (frequency[who, None] * np.arange(T) + rng.random(N)[:, None])
    gait = np.stack([np.sin(angle), np.cos(angle)], axis=-1)  # (N, T, 2)
    x = offset[who] + amplitude[who, None, None] * gait + rng.normal(scale=0.4, size=(N, T, 2))
    row, first = np.arange(N), np.where(y, 0, 1)  # the sensor that is jolted first
    start = rng.integers(0, T - 6, N)
    then = start + rng.integers(1, 5, N)
    for k in (0, 1):
        x[row, start + k, first] += jolt[who]
        x[row, then + k, 1 - first] += jolt[who]
    return Recordings(x, y, who)


def centred(x):
    """Every recording minus its own mean over time, sensor by sensor.

    A constant that belongs to the wearer is gone, and nothing of other recordings was used: so
    this may be done before data are split.

    Args:
        x: (..., T, D).

    Returns:
        float64 (..., T, D).

    Taught in: chapters/13_regularise_tune_evaluate

    Example:
        >>> centred(np.array([[[1.0], [2.0], [6.0]]]))[0, :, 0]
        array([-2., -1.,  3.])
    """
    x = np.asarray(x, dtype=float)
    if x.ndim < 2 or x.shape[-2] == 0:
        raise ValueError(f"x: expected numbers (..., T, D), got shape {x.shape}")
    return x - x.mean(axis=-2, keepdims=True)


def _check(people, each, rng, share, frail, T):
    for name, value, least in (("people", people, 1), ("each", each, 1), ("T", T, 7)):
        if not hasattr(value, "__index__") or value < least:
            raise ValueError(f"{name}: expected an integer of at least {least}, got {value!r}")
    if np.shape(share) != (2,) or not all(0 <= part <= 1 for part in share):
        raise ValueError(f"share: expected two numbers between 0 and 1, got {share!r}")
    if not 0 <= frail <= 1:
        raise ValueError(f"frail: expected a number between 0 and 1, got {frail!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(13), got {rng!r}")
