r"""Tasks of counting: modulo two, and as far as one likes, $a^nb^nc^n$."""

import numpy as np

from rnncourse.data.card import Card

SYMBOLS = "^abc"  # ^ begins a word
NEXT = "abc$"  # $ ends it

EQUAL_COUNTS = Card(
    name="Words a^n b^n c^n",
    what=(
        "words of n a's, n b's and n c's, each begun by a sign ^; after every symbol the target "
        "says which of a, b, c and the end $ may come next"
    ),
    whose="simulated by this course after Gers & Schmidhuber (2001)",
    licence="MIT, as the code",
    size="one word for every n",
    real=False,
)


def equal_counts(counts, T=None):
    r"""The words $a^nb^nc^n$, and what may follow each of their symbols.

    Until the first b nobody can know n: after an a both a and b may come. From then on the next
    symbol is certain, for whoever has counted.

    Args:
        counts: the numbers n, each at least 1, (N,).
        T: steps of a sequence, at least 3n + 1 for the largest n; that by default.

    Returns:
        (x, y): x float64 (N, T, 4), one-hot in the order of `SYMBOLS`, zeros after the word's
        end; y float64 (N, T, 4), 1 for what may follow in the order of `NEXT`, else -1; all -1
        after the end.

    Raises:
        ValueError: if a count is no positive integer or T too small.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Gers & Schmidhuber (2001), who end words with the sign that begins them, in one long
        stream.

    Example:
        >>> x, y = equal_counts([2])
        >>> "".join(SYMBOLS[k] for k in x[0].argmax(axis=1))
        '^aabbcc'
        >>> ["".join(s for s, may in zip(NEXT, row) if may > 0) for row in y[0]]
        ['a', 'ab', 'ab', 'b', 'c', 'c', '$']
    """
    counts = np.asarray(counts)
    if counts.ndim != 1 or counts.size == 0 or counts.dtype.kind not in "iu" or counts.min() < 1:
        raise ValueError(f"counts: expected positive integers (N,), got {counts!r}")
    least = 3 * int(counts.max()) + 1
    T = least if T is None else T
    if not hasattr(T, "__index__") or least > T:
        raise ValueError(f"T: expected an integer of at least {least}, got {T!r}")
    n, t = counts[:, None], np.arange(T)  # t symbols stand before the one at step t
    here = np.where(t <= 3 * n, np.ceil(t / n), 4).astype(int)  # 0 to 3, 4 after the end
    after = np.where(t < 3 * n, np.ceil((t + 1) / n), np.where(t == 3 * n, 4, 5)).astype(int)
    x, y = np.eye(5)[here][..., :4], 2 * np.eye(6)[after][..., 1:5] - 1
    y[here == 1, :2] = 1
    return x, y


def parity(n, T, rng):
    r"""$y_t = \prod_{s \le t} x_s$ for $x_t = \pm 1$: whether the number of -1 so far is even.

    Args:
        n: number of sequences, at least 1.
        T: steps of each, at least 1.
        rng: a NumPy generator.

    Returns:
        (x, y): both float64 (n, T, 1), of ones and minus ones.

    Raises:
        ValueError: if `n` or `T` is too small or `rng` is no generator.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Example:
        >>> x, y = parity(1, 7, np.random.default_rng(0))
        >>> print(x[0, :, 0], y[0, :, 0])
        [ 1.  1.  1. -1. -1. -1. -1.] [ 1.  1.  1. -1.  1. -1.  1.]
    """
    for name, size in (("n", n), ("T", T)):
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise ValueError(f"{name}: expected a positive integer, got {size!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
    x = 2.0 * rng.integers(0, 2, (n, T, 1)) - 1
    return x, np.cumprod(x, axis=1)
