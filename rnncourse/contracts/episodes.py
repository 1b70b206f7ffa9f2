"""Laws for agents: the state ends with its episode and not before, and so does what is to come.

Where one episode ends and the next begins, nothing may pass; where a row of steps was only cut,
nothing may be lost. Both mistakes train without an error and cost points that nobody misses.
"""

import numpy as np

from rnncourse import seeds
from rnncourse.contracts.measures import equal, gap, moved
from rnncourse.contracts.report import Verdict


def minds_the_ends(run, x, first):
    """An agent's state is emptied where an episode begins, and nowhere else.

    Two questions. Everything before an episode's first step is replaced: does an answer in that
    episode move? Then one step inside an episode is replaced: does the very next answer move?

    Args:
        run: the agent, `run(x, first) -> (B, T, ...)`, floats: its logits (or states) at every
            step of rows in which episodes lie end to end.
        x: observations (B, T, D); at least one row with a beginning behind step 0.
        first: True at the steps with which an episode begins (B, T).

    Returns:
        Verdict, with the numbers "leak", the largest gap that crosses a beginning, and
        "forgotten", how many of the steps inside episodes do not reach the next answer.

    Raises:
        ValueError: if shapes do not fit, or no episode begins behind step 0, or none goes on.

    Taught in: chapters/29_acting_with_memory

    Source: an agent without memory breaks the law, too, and is told so.

    Example:
        >>> def total(x, first):  # of everything so far: nothing is ever forgotten
        ...     return x.cumsum(axis=1)
        >>> x, first = np.ones((3, 7, 4)), np.zeros((3, 7), bool)
        >>> first[:, [0, 4]] = True
        >>> print(minds_the_ends(total, x, first))
        ✗ episode ends: an answer depends on the episode before: is the state carried
          over an episode's end?
    """
    x, first = np.asarray(x, dtype=float), np.asarray(first)
    _check(x, first)
    before, other = np.asarray(run(x.copy(), first)), _others(x)
    leak = 0.0
    for t in np.flatnonzero(first[:, 1:].any(axis=0)) + 1:
        rows = first[:, t]
        heard = np.where(np.arange(x.shape[1])[:, None] < t, other, x)
        later = _this_episode(first, t)[rows]
        leak = max(leak, gap(np.asarray(run(heard, first))[rows][later], before[rows][later]))
    inside = np.argwhere(~first[:, 1:])  # (b, t): step t + 1 goes on with the episode of step t
    forgotten = []
    for t in np.unique(inside[:, 1]):
        rows, heard = inside[inside[:, 1] == t, 0], x.copy()
        heard[:, t] = other[:, t]
        after = np.asarray(run(heard, first))[rows, t + 1]
        gaps = [gap(one, old) for one, old in zip(after, before[rows, t + 1], strict=True)]
        if not all(moved(distance, before) for distance in gaps):
            forgotten.append(int(t) + 1)
    tried = len(np.unique(inside[:, 1]))
    numbers = {"leak": float(leak), "forgotten": float(len(forgotten))}
    leaks = not equal(leak, before)
    text = _told(leaks, forgotten, tried)
    return Verdict("episode ends", not leaks and not forgotten, text, numbers)


def values_the_cut(advantages):
    """After a fall nothing follows; after a time limit or a cut, what was expected follows.

    Args:
        advantages: `advantages(reward, value, next_value, terminated, ended, gamma, lam)`, all
            (..., T), that returns (..., T): any way to judge actions by rewards to come.

    Returns:
        Verdict, with the numbers "fallen", "cut" and "over", by how much each of the three cases
        is off.

    Taught in: chapters/29_acting_with_memory

    Example:
        >>> def one_flag(reward, value, next_value, terminated, ended, gamma, lam):
        ...     return reward + gamma * next_value * ~ended - value
        >>> print(values_the_cut(one_flag))
        ✗ value at the cut: a time limit counts as a failure: what was expected to
          follow is missing
    """
    reward, value, later = np.ones((3, 1, 2))
    later = 7 * later
    no, last = np.array([[False, False]]), np.array([[False, True]])
    first = last[:, ::-1]

    def judged(terminated, ended):
        arrays = _like(advantages, reward, value, later, terminated, ended)
        return np.asarray(advantages(*arrays, 0.5, 0.5), dtype=float)[0]

    numbers = {
        "fallen": abs(judged(last, last)[1] - 0.0),  # 1 - 1
        "cut": max(abs(judged(no, e)[1] - 3.5) for e in (no, last)),  # 1 + 7 / 2 - 1
        "over": abs(judged(no, first)[0] - 3.5),  # and nothing of the next episode
    }
    told = {
        "fallen": "after an episode's own end a value is expected: nothing follows there",
        "cut": "a time limit counts as a failure: what was expected to follow is missing",
        "over": "rewards of the next episode flow back into the one before",
    }
    wrong = [told[name] for name, off in numbers.items() if not off < 1e-6]
    law = "nothing follows a fall, what was expected follows a cut, and no episode pays another"
    return Verdict("value at the cut", not wrong, wrong[0] if wrong else law, numbers)


def _told(leaks, forgotten, tried):
    if leaks:
        return (
            "an answer depends on the episode before: is the state carried over an episode's end?"
        )
    if len(forgotten) == tried:
        return "no answer depends on the step before: the agent has no memory"
    if forgotten:
        some = ", ".join(map(str, forgotten[:5]))
        return f"what came before step {some} is forgotten: is the state reset in mid-episode?"
    return "the state is emptied where an episode begins and kept everywhere else"


def _others(x):
    """Observations like those of x, each entry from another step and row."""
    rng = np.random.default_rng(int(seeds.rng(29).integers(2**31)))
    return x + rng.normal(size=x.shape) * (1 + x.std())


def _this_episode(first, t):
    """True at the steps of the episodes that begin at step t (B, T)."""
    return (np.arange(first.shape[1]) >= t) & (
        first[:, : t + 1].sum(axis=1)[:, None] == first.cumsum(axis=1)
    )


def _like(advantages, *arrays):
    """The arrays as they are, or as tensors if the function needs those."""
    try:
        advantages(*arrays, 0.5, 0.5)
    except (AttributeError, TypeError):
        import torch

        return [torch.from_numpy(array.copy()) for array in arrays]
    return arrays


def _check(x, first):
    if x.ndim != 3 or first.shape != x.shape[:2] or first.dtype != bool:
        raise ValueError(
            f"first: expected truth values (B, T) for x (B, T, D), got {first.dtype} of shape "
            f"{first.shape} for x of shape {x.shape}"
        )
    if not first[:, 1:].any() or first[:, 1:].all():
        raise ValueError(
            "first: expected an episode that begins behind step 0 and one that goes on"
        )
