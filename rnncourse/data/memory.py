"""Classic tasks of memory: which symbol came first, a list said again, a value under its key."""

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

DICTATION = Card(
    name="Dictation",
    what=(
        "a list of random symbols, a mark, and the list again; from the mark on, the target of "
        "every step is the next symbol of the list"
    ),
    whose="simulated by this course after Graves, Wayne & Danihelka (2014)",
    licence="MIT, as the code",
    size="as many lists as asked for, of any length",
    real=False,
)

ASSOCIATIONS = Card(
    name="Associative recall",
    what=(
        "pairs of a key and a value, one pair a step, no key twice; then all keys again in "
        "another order, and the target of each of these steps is the key's value"
    ),
    whose="simulated by this course after Graves, Wayne & Danihelka (2014)",
    licence="MIT, as the code",
    size="as many sequences as asked for, of as many pairs as there are keys",
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


def dictation(n, length, rng, *, symbols=16):
    r"""$w_1 \dots w_L$, a mark, $w_1 \dots w_{L-1}$: from the mark on, $y_t$ is what comes next.

    Args:
        n: number of lists, at least 1.
        length: symbols in each, L, at least 1.
        rng: a NumPy generator.
        symbols: how many different ones there are.

    Returns:
        (x, y): x float64 (n, 2L, symbols + 1), one-hot, the mark being the last feature; y
        integers (n, 2L), the number of the symbol to be said, -1 where nothing is asked.

    Raises:
        ValueError: if a number is too small or `rng` is no generator.

    Taught in: chapters/18_transformers_and_back

    Source: the copy task of Graves, Wayne & Danihelka (2014), who do not show the list a second
        time; in this form, as a text to be continued, that of Jelassi et al. (2024).

    Example:
        >>> x, y = dictation(1, 3, np.random.default_rng(0))
        >>> x[0].argmax(axis=1), y[0]
        (array([13, 10,  8, 16, 13, 10]), array([-1, -1, -1, 13, 10,  8]))
    """
    _check(rng, n=(n, 1), symbols=(symbols, 1), length=(length, 1))
    said = rng.integers(0, symbols, (n, length))
    ids = np.hstack([said, np.full((n, 1), symbols), said[:, :-1]])
    return np.eye(symbols + 1)[ids], np.hstack([np.full((n, length), -1), said])


def associations(n, pairs, rng, *, keys=32, values=8):
    r"""$(k_1, v_1) \dots (k_P, v_P)$, then the keys in another order: $y_t$ is the key's value.

    Args:
        n: number of sequences, at least 1.
        pairs: how many pairs in each, P, at most `keys`.
        rng: a NumPy generator.
        keys: how many keys there are.
        values: how many values there are; two keys may have the same.

    Returns:
        (x, y): x float64 (n, 2P, keys + values), the one-hot key beside the one-hot value, which
        is zero in the second half; y integers (n, 2P), the number of the value, -1 where nothing
        is asked.

    Raises:
        ValueError: if a number is too small, `pairs` too large or `rng` is no generator.

    Taught in: chapters/18_transformers_and_back

    Source: Graves, Wayne & Danihelka (2014), where an item is recalled by the one before it;
        keys with values as in Ba et al. (2016), who ask for one key and give keys and values as
        steps of their own.

    Example:
        >>> x, y = associations(1, 3, np.random.default_rng(0))
        >>> x[0, :, :32].argmax(axis=1), x[0, :3, 32:].argmax(axis=1), y[0]
        (array([ 2, 11, 25, 25, 11,  2]), array([4, 5, 2]), array([-1, -1, -1,  2,  5,  4]))
    """
    _check(rng, n=(n, 1), keys=(keys, 1), values=(values, 1), pairs=(pairs, 1))
    if pairs > keys:
        raise ValueError(f"pairs: expected at most as many as keys, {keys}, got {pairs}")
    key = rng.permuted(np.tile(np.arange(keys), (n, 1)), axis=1)[:, :pairs]
    value = rng.integers(0, values, (n, pairs))
    order = rng.permuted(np.tile(np.arange(pairs), (n, 1)), axis=1)
    asked, answer = (np.take_along_axis(a, order, axis=1) for a in (key, value))
    x = np.zeros((n, 2 * pairs, keys + values))
    x[:, :, :keys] = np.eye(keys)[np.hstack([key, asked])]
    x[:, :pairs, keys:] = np.eye(values)[value]
    return x, np.hstack([np.full((n, pairs), -1), answer])


def _check(rng, **sizes):
    for name, (size, least) in sizes.items():
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < least:
            raise ValueError(f"{name}: expected an integer of at least {least}, got {size!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
