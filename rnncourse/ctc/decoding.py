"""From log probabilities to labels: the best path, or a beam of beginnings."""

from collections import defaultdict

import numpy as np

from rnncourse.ctc.paths import collapse


def best_path(log_p, blank=0):
    """Greedy decoding: the labels of the single most probable path.

    Args:
        log_p: log probabilities (T, V).
        blank: the symbol that stands for nothing.

    Returns:
        list of labels: those of the best path, which need not be the best labels.

    Taught in: chapters/24_speech

    Source: Graves et al. (2006), "best path decoding".

    Example:
        >>> best_path(np.log([[0.6, 0.4], [0.6, 0.4]]))  # yet p([1]) = 0.64
        []
    """
    return collapse(np.asarray(log_p).argmax(axis=-1), blank)


def prefix_beam(log_p, width=8, blank=0):
    """Beam search over labels: the paths of one beginning are added up, not played off.

    A beginning (prefix) carries two logarithms: of its paths that end in a blank, and of those
    that end in its last label. The same label again stays the same beginning after a label, and
    becomes a longer one after a blank.

    Args:
        log_p: log probabilities (T, V).
        width: how many beginnings go on from each step.
        blank: the symbol that stands for nothing.

    Returns:
        list of (labels, log probability) of at most `width` ends, best first. With an unlimited
        width the probabilities are exact, else they are lower bounds.

    Raises:
        ValueError: if `width` is no positive whole number.

    Taught in: chapters/24_speech

    Source: the prefix search of Graves et al. (2006) as a beam, after Hannun et al. (2014).

    Example:
        >>> found = prefix_beam(np.log([[0.6, 0.4], [0.6, 0.4]]))
        >>> [(labels, round(float(np.exp(p)), 2)) for labels, p in found]
        [([1], 0.64), ([], 0.36)]
    """
    if not hasattr(width, "__index__") or width < 1:
        raise ValueError(f"width: expected a positive whole number, got {width!r}")
    beams = {(): (0.0, -np.inf)}  # beginning -> log p of (paths ending in blank, in its label)
    for log_p_t in np.asarray(log_p, dtype=float):
        grown = advanced(beams, log_p_t, blank)
        ranked = sorted(grown, key=lambda prefix: -np.logaddexp(*grown[prefix]))
        beams = {prefix: grown[prefix] for prefix in ranked[:width]}
    return [(list(prefix), float(np.logaddexp(*ends))) for prefix, ends in beams.items()]


def advanced(beams, log_p_t, blank=0):
    """One step of `prefix_beam`: all beginnings that one more symbol leads to.

    Args:
        beams: beginning (tuple) -> log p of (paths ending in blank, paths ending in its label).
        log_p_t: log probabilities (V,) of the symbols of this step.
        blank: the symbol that stands for nothing.

    Returns:
        the same kind of dict, with all beginnings that are now possible.

    Taught in: chapters/24_speech

    Example:
        >>> one = advanced({(): (0.0, -np.inf)}, np.log([0.6, 0.4]))
        >>> {k: np.exp(v).round(2).tolist() for k, v in one.items()}
        {(): [0.6, 0.0], (1,): [0.0, 0.4]}
    """
    grown = defaultdict(lambda: (-np.inf, -np.inf))

    def add(prefix, in_blank, in_label):
        old_blank, old_label = grown[prefix]
        grown[prefix] = np.logaddexp(old_blank, in_blank), np.logaddexp(old_label, in_label)

    for prefix, (in_blank, in_label) in beams.items():
        either = np.logaddexp(in_blank, in_label)
        add(prefix, either + log_p_t[blank], -np.inf)
        for k in (k for k in range(len(log_p_t)) if k != blank):
            again = prefix[-1:] == (k,)
            if again:  # straight after the label itself: the same beginning
                add(prefix, -np.inf, in_label + log_p_t[k])
            add((*prefix, k), -np.inf, (in_blank if again else either) + log_p_t[k])
    return {prefix: ends for prefix, ends in grown.items() if max(ends) > -np.inf}
