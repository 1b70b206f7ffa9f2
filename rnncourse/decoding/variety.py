"""How much of what was written is new: rows of a few symbols, counted."""

import numpy as np


def variety(ids, size=4):
    """The share of different ones among all rows of `size` symbols, in all texts together.

    Args:
        ids: texts, integers (B, n) with n at least `size`.
        size: how many symbols make a row.

    Returns:
        A number above 0, at most 1.

    Raises:
        ValueError: if there are no such rows.

    Taught in: chapters/15_language_models_and_decoding

    Source: "distinct-n" of Li et al. (2016), there for one and two words.

    Example:
        >>> variety([[1, 2, 1, 2, 1]], size=2)  # 12, 21, 12, 21
        0.5
    """
    rows = [row for text in _rows(ids, size) for row in text]
    return len(set(rows)) / len(rows)


def repeated(ids, size=4):
    """The share of rows of `size` symbols that stand earlier in the same text already.

    Args:
        ids: as for `variety`.
        size: as for `variety`.

    Returns:
        A number from 0 to below 1, the mean over the texts.

    Raises:
        ValueError: as `variety`.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> repeated([[1, 2, 1, 2, 1], [1, 2, 3, 4, 5]], size=2)
        0.25
    """
    return float(np.mean([1 - len(set(rows)) / len(rows) for rows in _rows(ids, size)]))


def _rows(ids, size):
    """For each text the list of its rows, as tuples."""
    ids = np.asarray(ids)
    if ids.ndim != 2 or not len(ids) or not 0 < size <= ids.shape[1]:
        raise ValueError(f"ids: expected (B, n) with n at least {size}, got shape {ids.shape}")
    return [
        [tuple(text[i : i + size]) for i in range(len(text) - size + 1)] for text in ids.tolist()
    ]
