"""Simulated patients: a ward that looks more often at whom it worries about, and a treatment.

Nobody was ill. Because the world is ours, we know what no hospital does: how severe each case
is, and what would have happened under the other treatment.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.data.card import Card

WARD = Card(
    name="Ward",
    what=(
        "24 hours of four vital signs (standardised), most of them not measured, and whether the "
        "patient got worse afterwards; how often a nurse measures may hang on how ill the "
        "patient looks, which is more than the vital signs tell"
    ),
    whose="simulated by this course; real wards are less orderly in every respect",
    licence="MIT, as the code",
    size="as many patients as asked for",
    real=False,
)
TREATED = Card(
    name="Treated patients",
    what=(
        "12 hours of one vital sign (standardised), whether a treatment was given then, and "
        "whether the patient died; given by a coin, by the record, or by what a doctor saw at "
        "the bedside and nobody wrote down; the risk with and without treatment is known"
    ),
    whose="simulated by this course, with a treatment that helps whoever is ill enough",
    licence="MIT, as the code",
    size="as many patients as asked for",
    real=False,
)
GIVEN = ("coin", "record", "bedside")


class Ward(NamedTuple):
    """What `ward` returns.

    Attributes:
        x: float32 (n, 24, 4), NaN where nobody measured.
        y: bool (n,), whether the patient got worse.
        severity: float64 (n, 24), what decided it, and nobody sees.
    """

    x: np.ndarray
    y: np.ndarray
    severity: np.ndarray


class Treated(NamedTuple):
    """What `treated` returns.

    Attributes:
        x: float32 (n, 12), the record.
        treatment: bool (n,), whether it was given.
        y: bool (n,), whether the patient died.
        risk: float64 (n, 2): the probability of dying without the treatment, and with it.
    """

    x: np.ndarray
    treatment: np.ndarray
    y: np.ndarray
    risk: np.ndarray


def ward(n, rng, attention=1.0):
    r"""$P(m_{td}=1) = \sigma(-1.4 + a\,s_t)$ and $P(y=1) = \sigma(1.6\,s_T - 1.2)$.

    The severity $s_t$ has a level, a drift and a random walk; vital sign d is $w_d s_t$ plus an
    offset of the patient and noise, both larger than that.

    Args:
        n: how many patients, at least 1.
        rng: a NumPy generator.
        attention: $a$: how much oftener the severe are looked at; with 0, everybody is measured
            equally often.

    Returns:
        Ward. For the same generator, severity and outcomes do not depend on `attention`.

    Raises:
        ValueError: if `n` is not a positive integer.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> patients = ward(300, np.random.default_rng(0))
        >>> patients.x.shape, bool(0.6 < np.isnan(patients.x).mean() < 0.9)
        ((300, 24, 4), True)
    """
    _check_n(n)
    T, weights = 24, 0.45 * np.array([1.0, -0.8, 0.6, 0.5])
    level, drift = 0.7 * rng.normal(size=(n, 1)), rng.normal(size=(n, 1))
    walk = 0.12 * rng.normal(size=(n, T)).cumsum(axis=1)
    severity = level + drift * np.linspace(0, 1, T) + walk
    y = rng.random(n) < _sigmoid(1.6 * severity[:, -1] - 1.2)
    offset, noise = rng.normal(size=(n, 1, 4)), rng.normal(size=(n, T, 4))
    x = severity[..., None] * weights + 0.9 * offset + 0.6 * noise
    measured = rng.random(x.shape) < _sigmoid(-1.4 + attention * severity[..., None])
    return Ward(np.where(measured, x, np.nan).astype(np.float32), y, severity)


def treated(n, rng, given="coin"):
    r"""Log odds of dying $-1 + 1.2\,(s + b)$, and $-0.6 - s$ more with the treatment.

    The severity $s$ grows into the record, $x_t = s\,(0.4 + 0.8\,t/T) + \text{noise}$; the
    frailty $b$ is seen at the bedside and not written down.

    Args:
        n: how many patients, at least 1.
        rng: a NumPy generator.
        given: who decides: "coin", a fair one; "record", the more often the higher the last four
            hours; "bedside", the same and the frailty as well.

    Returns:
        Treated. For the same generator, records and risks do not depend on `given`.

    Raises:
        ValueError: if `n` is not a positive integer, or nobody of that name decides.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> patients = treated(2000, np.random.default_rng(0), given="bedside")
        >>> bool(patients.risk[:, 1].mean() < patients.risk[:, 0].mean())  # it helps ...
        True
        >>> treatment, y = patients.treatment, patients.y
        >>> bool(y[treatment].mean() > y[~treatment].mean())  # ... and the treated die more often
        True
    """
    _check_n(n)
    if given not in GIVEN:
        raise ValueError(f"given: expected one of {', '.join(GIVEN)}, got {given!r}")
    T, severity, frailty = 12, rng.normal(size=n), rng.normal(size=n)
    growth = 0.4 + 0.8 * np.arange(T) / T
    x = severity[:, None] * growth + 0.6 * rng.normal(size=(n, T))
    recent = x[:, -4:].mean(axis=1)
    pull = {"coin": 0 * recent, "record": 2 * recent, "bedside": 1.5 * recent + 2 * frailty}
    treatment = rng.random(n) < _sigmoid(pull[given])
    odds = 1.2 * (severity + frailty) - 1.0
    risk = _sigmoid(np.stack([odds, odds - 0.6 - severity], axis=1))
    y = rng.random(n) < risk[np.arange(n), treatment.astype(int)]
    return Treated(x.astype(np.float32), treatment, y, risk)


def summaries(x, counts=False):
    """What a table would keep of a patient: last value and mean of each sign, and how often.

    Args:
        x: floats (n, T, D), NaN where nobody measured.
        counts: whether to say how often each sign was measured, in all and in the second half,
            as shares of the hours.

    Returns:
        (n, 2 D), or (n, 4 D) with the counts; 0 in place of what was never measured.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> x = np.array([[[np.nan], [2.0], [4.0], [np.nan]]])
        >>> summaries(x, counts=True)
        array([[4. , 3. , 0.5, 0.5]])
    """
    measured = ~np.isnan(x)
    T, values = x.shape[1], np.where(measured, x, 0)
    latest = np.where(measured, np.arange(T)[None, :, None], 0).argmax(axis=1)  # (n, D)
    last = np.take_along_axis(values, latest[:, None], axis=1)[:, 0]
    mean = values.sum(axis=1) / np.maximum(measured.sum(axis=1), 1)
    often = [measured.mean(axis=1), measured[:, T // 2 :].mean(axis=1)]
    return np.hstack([last, mean, *(often if counts else [])])


def beside(x, treatment):
    """The record and the treatment as two inputs of every step.

    Args:
        x: floats (n, T).
        treatment: bool (n,), or one for all.

    Returns:
        float32 (n, T, 2).

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> beside(np.zeros((3, 7)), True)[0, 0]
        array([0., 1.], dtype=float32)
    """
    given = np.broadcast_to(np.reshape(treatment, (-1, 1)), np.shape(x))
    return np.stack([x, given], axis=2).astype(np.float32)


def crossed(x, treatment):
    """The record, the treatment, and their products: features for a regression.

    Args:
        x: floats (n, T).
        treatment: bool (n,), or one for all.

    Returns:
        float32 (n, 2 T + 1).

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> crossed(np.array([[5.0, 6.0]]), True)
        array([[5., 6., 1., 5., 6.]], dtype=float32)
    """
    both = beside(x, treatment)
    return np.hstack([both[:, :, 0], both[:, :1, 1], both[:, :, 0] * both[:, :, 1]])


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _check_n(n):
    if not hasattr(n, "__index__") or n < 1:
        raise ValueError(f"n: expected a positive integer, got {n!r}")
