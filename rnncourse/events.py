"""Alarms judged by events: what was caught, how early, and at the price of how many false ones.

Time runs in steps. A stretch is half open: it begins at its first step and ends before its last
number, as a slice does.
"""

from typing import NamedTuple

import numpy as np


class Judged(NamedTuple):
    """What `judged` returns.

    Attributes:
        lead: float (n_onsets,), steps between the first alarm and the onset; NaN where none came.
        false: how many alarms had no onset to announce.
    """

    lead: np.ndarray
    false: int


def spans(mask, shortest=1):
    r"""The stretches in which a condition holds: every $[a, b)$ with mask true from a to b - 1.

    Args:
        mask: bool (n,), in the order of time.
        shortest: stretches of fewer steps do not count.

    Returns:
        int (N, 2): the first step of each, and the step behind its last.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> spans(np.array([False, True, True, False, True])).tolist()
        [[1, 3], [4, 5]]
    """
    edges = np.diff(np.concatenate([[0], np.asarray(mask, dtype=int), [0]]))
    found = np.flatnonzero(edges).reshape(-1, 2)
    return found[found[:, 1] - found[:, 0] >= shortest]


def raised(score, threshold, silence):
    r"""When it rings: $s_t > \theta$, and no alarm within the last `silence` - 1 steps.

    Args:
        score: (n,), high where trouble is expected; NaN never rings.
        threshold: $\theta$.
        silence: steps after an alarm before the next may come; 1 for none.

    Returns:
        int (N,): the steps at which an alarm sounds.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> raised([0, 9, 9, 9, 0, 9], threshold=5, silence=3)
        array([1, 5])
    """
    rung = []
    for t in np.flatnonzero(np.asarray(score) > threshold):
        if not rung or t - rung[-1] >= silence:
            rung.append(t)
    return np.array(rung, dtype=int)


def judged(alarms, onsets, ahead):
    r"""Of every event, how early it was announced; of the alarms, how many announced nothing.

    An alarm at step t announces the onsets o with $t < o \le t + \text{ahead}$. The lead of an
    onset is counted from the first alarm that announces it.

    Args:
        alarms: int (N,), steps at which an alarm sounded.
        onsets: int (M,), first steps of the events.
        ahead: so many steps before the onset an alarm may come and still count.

    Returns:
        Judged: lead (M,) in steps, NaN for a miss, and the number of false alarms.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> judged([3, 8, 20], onsets=[10, 30], ahead=8)
        Judged(lead=array([ 7., nan]), false=1)
    """
    wait = np.asarray(onsets)[:, None] - np.asarray(alarms)[None]  # (M, N)
    announces = (wait > 0) & (wait <= ahead)
    lead = np.where(announces, wait, -np.inf).max(axis=1, initial=-np.inf)
    return Judged(np.where(lead > 0, lead, np.nan), int((~announces.any(axis=0)).sum()))


def quietest(score, budget, silence):
    """The lowest threshold at which at most so many alarms sound.

    Args:
        score: (n,), NaN where there is none.
        budget: how many alarms may sound.
        silence: as for `raised`.

    Returns:
        float, one of the scores.

    Raises:
        ValueError: if there is no score at all, or the budget is negative.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: the number of alarms need not fall with every rise of the threshold, because of the
        silence; the threshold is searched as if it did, and is exact without silence.

    Example:
        >>> quietest(np.array([1.0, 5.0, 2.0, 4.0]), budget=2, silence=1)
        2.0
    """
    score = np.asarray(score, dtype=float)
    levels = np.unique(score[np.isfinite(score)])
    if not len(levels) or budget < 0:
        raise ValueError(
            f"score, budget: expected scores and at least 0, got {len(levels)} finite ones "
            f"and {budget!r}"
        )
    low, high = 0, len(levels) - 1  # at the highest level nothing is above
    while low < high:
        middle = (low + high) // 2
        if len(raised(score, levels[middle], silence)) <= budget:
            high = middle
        else:
            low = middle + 1
    return float(levels[low])


def point_adjust(found, truth):
    """A stretch of the truth that was hit in one step counts as found in all of its steps.

    Args:
        found: bool (n,), the steps that a detector flags.
        truth: bool (n,), the steps that are anomalous.

    Returns:
        bool (n,), a copy.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: Xu et al. (2018) judged their detector so; Kim et al. (2022) show what is wrong with
        it. Here to be looked at, not to be used.

    Example:
        >>> point_adjust(np.array([0, 1, 0, 0, 1]) > 0, np.array([1, 1, 1, 0, 0]) > 0).astype(int)
        array([1, 1, 1, 0, 1])
    """
    found = np.array(found, dtype=bool)
    for first, stop in spans(truth):
        found[first:stop] = found[first:stop].any()
    return found


def f1(found, truth):
    r"""$F_1 = 2\,\mathrm{TP}/(2\,\mathrm{TP}+\mathrm{FP}+\mathrm{FN})$, over steps.

    Args:
        found: bool (n,), the steps that a detector flags.
        truth: bool (n,), the steps that are anomalous.

    Returns:
        float from 0 to 1; 0 if both are empty.

    Raises:
        ValueError: if the shapes differ.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> f1([True, True, False], [True, False, False])  # one hit, one false, none missed
        0.6666666666666666
    """
    found, truth = np.asarray(found, dtype=bool), np.asarray(truth, dtype=bool)
    if found.shape != truth.shape:
        raise ValueError(f"found: expected the shape of truth, {truth.shape}, got {found.shape}")
    return float(2 * (found & truth).sum() / max(1, found.sum() + truth.sum()))


def best_f1(score, truth, adjust=False, tries=60):
    """The highest F1 that any of some thresholds gives: a number chosen with the answers in hand.

    Args:
        score: (n,), high where something is wrong.
        truth: bool (n,).
        adjust: whether every verdict is point-adjusted first.
        tries: how many thresholds are tried: quantiles of the score, dense near the top.

    Returns:
        float.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> best_f1(np.array([0.1, 0.9, 0.2, 0.8]), np.array([0, 1, 0, 0]) > 0)
        1.0
    """
    score = np.asarray(score, dtype=float)
    shares = np.append(np.geomspace(0.5 / len(score), 1.0, tries), 1.0)  # flagged at least
    levels = np.unique(np.quantile(score, 1 - shares))
    verdicts = (score > level for level in [*levels, -np.inf])
    return max(f1(point_adjust(v, truth) if adjust else v, truth) for v in verdicts)
