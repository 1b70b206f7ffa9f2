"""Two classic tasks of memory: which symbol came first, and saying a list again."""

import numpy as np

from rnncourse.data.card import Card

TEMPORAL_ORDER = Card(
    name="Temporal order",
    what=(
        "sequences of T symbols out of six: two of them, A or B, are relevant, one in each half; "
        "the others are distractors; the class is which of the four pairs AA, AB, BA, BB it was"
    ),
    whose="simulated by this course after Hochreiter & Schmidhuber (1997)",
    licence="MIT, as the code",
    size="as many sequences as asked for; the four classes are equally frequent",
    real=False,
)

COPY = Card(
    name="Copy",
    what=(
        "sequences of T steps: a few random symbols, silence, then a cue at as many steps, at "
        "which the symbols are to be said again in their order"
    ),
    whose="simulated by this course after Hochreiter & Schmidhuber (1997)",
    licence="MIT, as the code",
    size="as many sequences as asked for",
    real=False,
)


def temporal_order(n, T, rng):
    r"""$y$ = which of AA, AB, BA, BB the two relevant symbols were.

    Args:
        n: number of sequences, at least 1.
        T: steps of each, at least 3.
        rng: a NumPy generator.

    Returns:
        (x, y): x float64 (n, T, 6), one-hot: A, B and four distractors; one relevant symbol
        stands before step T // 2, the other from there on, but not at the last step. y float64
        (n, 4), one-hot: AA, AB, BA, BB.

    Raises:
        ValueError: if `n` or `T` is too small or `rng` is no generator.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Hochreiter & Schmidhuber (1997), experiment 6a. There the places of the relevant
        symbols are drawn from two short ranges, and special symbols begin and end a sequence.

    Example:
        >>> x, y = temporal_order(3, 7, np.random.default_rng(0))
        >>> x.shape, y.shape, x[..., :2].sum(axis=(1, 2))
        ((3, 7, 6), (3, 4), array([2., 2., 2.]))
    """
    _check(rng, n=(n, 1), T=(T, 3))
    ids, row = rng.integers(2, 6, (n, T)), np.arange(n)
    first, second = rng.integers(0, 2, (2, n))
    ids[row, rng.integers(0, T // 2, n)] = first
    ids[row, rng.integers(T // 2, T - 1, n)] = second
    return np.eye(6)[ids], np.eye(4)[2 * first + second]


def copy(n, T, rng, *, symbols=4, length=3):
    r"""$y_k = x_k$ for the first `length` steps, asked for at the last `length` steps.

    Args:
        n: number of sequences, at least 1.
        T: steps of each, at least twice `length`.
        rng: a NumPy generator.
        symbols: how many different ones there are.
        length: how many are to be kept.

    Returns:
        (x, y): x float64 (n, T, symbols + 1), one-hot symbols at the first steps, the cue (the
        last feature) at the last ones, zeros between; y float64 (n, length, symbols), one-hot:
        what is to be said at each of the last `length` steps.

    Raises:
        ValueError: if a number is too small or `rng` is no generator.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Hochreiter & Schmidhuber (1997), in the form of Arjovsky, Shah & Bengio (2016), who
        give the cue once and ask for an output at every step.

    Example:
        >>> x, y = copy(3, 7, np.random.default_rng(0), length=2)
        >>> x.shape, y.shape, bool((x[:, :2, :4] == y).all())
        ((3, 7, 5), (3, 2, 4), True)
    """
    _check(rng, n=(n, 1), symbols=(symbols, 1), length=(length, 1), T=(T, 2 * length))
    said = np.eye(symbols)[rng.integers(0, symbols, (n, length))]
    x = np.zeros((n, T, symbols + 1))
    x[:, :length, :symbols] = said
    x[:, T - length :, symbols] = 1
    return x, said


def _check(rng, **sizes):
    for name, (size, least) in sizes.items():
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < least:
            raise ValueError(f"{name}: expected an integer of at least {least}, got {size!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
