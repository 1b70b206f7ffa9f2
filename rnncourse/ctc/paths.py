"""What a path says, and all paths one by one, where there are few."""

import itertools
from collections import defaultdict

import numpy as np


def collapse(path, blank=0):
    """The labels that a path stands for: repeated symbols once, then no blanks.

    Args:
        path: T symbols.
        blank: the symbol that stands for nothing.

    Returns:
        list of labels.

    Taught in: chapters/24_speech

    Source: Graves, Fernández, Gomez & Schmidhuber (2006).

    Example:
        >>> collapse([0, 3, 3, 0, 3, 5, 5])
        [3, 3, 5]
    """
    return [int(k) for k, _ in itertools.groupby(path) if k != blank]


def over_all_paths(log_p, blank=0):
    """The probabilities of all labels, path by path: V to the power of T paths.

    Args:
        log_p: log probabilities (T, V).
        blank: the symbol that stands for nothing.

    Returns:
        dict: tuple of labels -> probability, the most probable first.

    Raises:
        ValueError: if there are more than a million paths.

    Taught in: chapters/24_speech

    Example:
        >>> over_all_paths(np.log(np.full((3, 2), 0.5)))
        {(1,): 0.75, (): 0.125, (1, 1): 0.125}
    """
    log_p = np.asarray(log_p, dtype=float)
    T, V = log_p.shape
    if V**T > 1_000_000:
        raise ValueError(f"log_p: expected V**T of at most a million paths, got {V}**{T}")
    total = defaultdict(float)
    for path in itertools.product(range(V), repeat=T):
        total[tuple(collapse(path, blank))] += np.exp(log_p[np.arange(T), path].sum())
    ranked = sorted(total.items(), key=lambda item: (-item[1], item[0]))
    return {labels: round(float(p), 15) for labels, p in ranked}
