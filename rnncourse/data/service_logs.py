"""Simulated logs of a service: transactions inside transactions, and four ways to break them."""

import numpy as np

from rnncourse.data.card import Card

NAMES = "ABCD"
WORDS = [
    "connect",
    "close",
    *(f"begin {name}" for name in NAMES),
    *(f"commit {name}" for name in NAMES),
    *("read", "write", "lock", "free", "ping", "flush"),
]
BEGIN, COMMIT, WORK = 2, 6, 10  # where each kind of word begins in WORDS
KINDS = ("lost commit", "double commit", "wrong commit", "swapped commits")

CARD = Card(
    name="Service logs",
    what=(
        "sessions of a service, 15 to 50 words of 16: transactions of four names, up to four "
        "inside one another, each begun and committed in the right order, with other work in "
        "between; and sessions with one of four faults, each made of words that are all allowed"
    ),
    whose="simulated by this course; no system wrote them, and real ones have more words",
    licence="MIT, as the code",
    size="as many sessions as asked for",
    real=False,
)


def sessions(n, rng, depth=4):
    """Sessions in which every transaction that is begun is committed, the innermost first.

    Args:
        n: how many, at least 1.
        rng: a NumPy generator.
        depth: how many transactions may be open at a time.

    Returns:
        list of int arrays, numbers of `WORDS`: "connect" first, "close" last.

    Raises:
        ValueError: if `n` or `depth` is not a positive integer.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> one = sessions(1, np.random.default_rng(0))[0]
        >>> WORDS[one[0]], WORDS[one[-1]], well_formed(one)
        ('connect', 'close', True)
    """
    for name, value in {"n": n, "depth": depth}.items():
        if not hasattr(value, "__index__") or value < 1:
            raise ValueError(f"{name}: expected a positive integer, got {value!r}")
    return [_session(rng, depth) for _ in range(n)]


def broken(n, kind, rng):
    """Sessions that each have one fault.

    Args:
        n: how many.
        kind: one of `KINDS`: a commit is left out, comes a second time a few words later, bears
            another name, or changes places with a later one.
        rng: a NumPy generator.

    Returns:
        list of int arrays, as `sessions`.

    Raises:
        ValueError: for an unknown kind.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> any(well_formed(row) for row in broken(9, "lost commit", np.random.default_rng(0)))
        False
    """
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(KINDS)}, got {kind!r}")
    found = []
    while len(found) < n:
        ids = _with_fault(_session(rng, 4).tolist(), kind, rng)
        if ids is not None:
            found.append(np.array(ids))
    return found


def mixed(n, rng):
    """Half sound sessions, half broken ones of all kinds alike: something to tell apart.

    Args:
        n: how many, a multiple of 8.
        rng: a NumPy generator.

    Returns:
        (rows, strange): a list of n sessions, and bool (n,), True for the broken ones.

    Raises:
        ValueError: if n is not a positive multiple of 8.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> rows, strange = mixed(16, np.random.default_rng(0))
        >>> [well_formed(row) for row in rows] == (~strange).tolist()
        True
    """
    if not hasattr(n, "__index__") or n < 1 or n % 8:
        raise ValueError(f"n: expected a positive multiple of 8, got {n!r}")
    rows = sessions(n // 2, rng)
    for kind in KINDS:
        rows += broken(n // 8, kind, rng)
    return rows, np.arange(n) >= n // 2


def well_formed(ids):
    """Whether every commit belongs to the transaction begun last, and none is left open.

    A stack knows: this rule finds every fault of `broken`, because whoever wrote it knew the
    grammar.

    Args:
        ids: numbers of `WORDS`.

    Returns:
        bool.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Example:
        >>> well_formed([0, 2, 6, 1]), well_formed([0, 2, 3, 6, 7, 1])
        (True, False)
    """
    opened = []
    for word in ids:
        if BEGIN <= word < COMMIT:
            opened.append(word - BEGIN)
        elif COMMIT <= word < WORK and (not opened or opened.pop() != word - COMMIT):
            return False
    return not opened


def _session(rng, depth):
    ids, opened, length = [0], [], rng.integers(15, 36)
    while len(ids) < length or opened:
        u, full = rng.random(), len(ids) >= length
        if u < 0.25 and len(opened) < depth and not full:
            opened.append(int(rng.integers(len(NAMES))))
            ids.append(BEGIN + opened[-1])
        elif opened and (u < 0.55 or full):
            ids.append(COMMIT + opened.pop())
        else:
            ids.append(WORK + int(rng.choice(6, p=[0.3, 0.25, 0.15, 0.1, 0.1, 0.1])))
    return np.array([*ids, 1])


def _with_fault(ids, kind, rng):
    """The session with the fault, or None if it has no place for one."""
    commits = [i for i, word in enumerate(ids) if COMMIT <= word < WORK]
    if not commits:
        return None
    at = int(rng.choice(commits))
    if kind == "lost commit":
        return ids[:at] + ids[at + 1 :]
    if kind == "double commit":
        later = min(at + 4, len(ids) - 1)
        return ids[:later] + [ids[at]] + ids[later:]
    if kind == "wrong commit":
        others = [COMMIT + k for k in range(len(NAMES)) if COMMIT + k != ids[at]]
        return [*ids[:at], int(rng.choice(others)), *ids[at + 1 :]]
    others = [i for i in commits if i > at and ids[i] != ids[at]]
    if others:
        ids[at], ids[others[0]] = ids[others[0]], ids[at]
    return ids if others else None
