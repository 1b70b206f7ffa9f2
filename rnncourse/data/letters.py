"""Text as 27 symbols, the small letters and a space, and passages cut out of it."""

import numpy as np

SYMBOLS = " abcdefghijklmnopqrstuvwxyz"


def numbers(text):
    """Letters become 1 to 26, whatever stands between two words one 0.

    Args:
        text: a string; capital letters count as small ones.

    Returns:
        integers (n,), the places of what is left in `SYMBOLS`.

    Raises:
        ValueError: if no letter is left.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> numbers("A cab, 12 bees!")
        array([ 1,  0,  3,  1,  2,  0,  2,  5,  5, 19])
    """
    words = "".join(s if s in SYMBOLS else " " for s in text.lower()).split()
    if not words:
        raise ValueError(f"text: expected at least one letter a to z, got {text[:40]!r}")
    return np.array([SYMBOLS.index(s) for s in " ".join(words)])


def passages(ids, n, T, rng):
    """n pieces of a text: what is read, x, and at each step what comes next, y.

    Args:
        ids: integers (N,), such as `numbers` makes.
        n: how many pieces; they may overlap.
        T: steps of each, less than N.
        rng: a NumPy generator.

    Returns:
        (x, y): integers (n, T); y is x one symbol later.

    Raises:
        ValueError: if the text has no T + 1 symbols.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> x, y = passages(np.arange(10), 2, 3, np.random.default_rng(0))
        >>> bool((y == x + 1).all()), x.shape
        (True, (2, 3))
    """
    if not 0 < T < len(ids):
        raise ValueError(f"T: expected 1 to {len(ids) - 1} steps, got {T!r}")
    pieces = ids[rng.integers(0, len(ids) - T, (n, 1)) + np.arange(T + 1)]
    return pieces[:, :-1], pieces[:, 1:]
