"""Bits to be remembered: one cue and a long wait, or a bit that is overwritten now and then."""

import numpy as np

from rnncourse.data.card import Card

FIRST_BIT = Card(
    name="First bit",
    what=(
        "one value per step: +1 or -1 at the first, then Gaussian noise; the answer is the sign "
        "of the first value (without unit)"
    ),
    whose="simulated by this course, after the latching task of Bengio, Simard & Frasconi (1994)",
    licence="MIT, as the code",
    size="as many sequences as asked for, of any lag",
    real=False,
)

MARKED_BITS = Card(
    name="Marked bits",
    what=(
        "two values per step: a random bit, +1 or -1, and a mark, 1 or 0; the answer at every "
        "step is the bit that was marked last (without unit)"
    ),
    whose="simulated by this course; a one-bit memory of electronics, the flip-flop",
    licence="MIT, as the code",
    size="as many sequences as asked for, of any length",
    real=False,
)


def first_bit(n, lag, rng, *, noise=0.3):
    r"""$x_1 = \pm 1$, then `lag` steps of noise: $y = [x_1 > 0]$.

    Args:
        n: number of sequences, at least 1.
        lag: steps of noise between the bit and the end, at least 1.
        rng: a NumPy generator.
        noise: standard deviation of the Gaussian noise.

    Returns:
        (x, y): x float64 (n, lag + 1, 1); y bool (n,), True where the first value was +1. A model
        that sees the whole window needs one weight for it, that of the first step.

    Raises:
        ValueError: if `n` or `lag` is below 1, `noise` negative or `rng` no generator.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Source: the latching task of Bengio, Simard & Frasconi (1994), whose inputs at the first
        steps were learned as well.

    Example:
        >>> x, y = first_bit(3, 50, np.random.default_rng(0))
        >>> x.shape, bool(((x[:, 0, 0] > 0) == y).all())
        ((3, 51, 1), True)
    """
    _check(rng, n=n, lag=lag)
    if not noise >= 0:
        raise ValueError(f"noise: expected a standard deviation of at least 0, got {noise!r}")
    x = rng.normal(scale=noise, size=(n, lag + 1, 1))
    x[:, 0, 0] = rng.choice([-1.0, 1.0], n)
    return x, x[:, 0, 0] > 0


def marked_bits(n, T, rng, *, p=0.1):
    r"""$y_t = b_s$, where $s \le t$ is the last step that was marked.

    Args:
        n: number of sequences, at least 1.
        T: steps of each, at least 1.
        rng: a NumPy generator.
        p: the chance of a mark at a step, from 0 to 1; the first step is always marked. With
            p = 0 the answer is the first bit throughout.

    Returns:
        (x, y): x float64 (n, T, 2), at each step a random bit, +1 or -1, and a mark, 1 or 0;
        y bool (n, T), True where the bit that was marked last is +1. Bits without a mark mean
        nothing: the answer depends on products of bit and mark, which no linear model forms.

    Raises:
        ValueError: if `n` or `T` is below 1, `p` no share or `rng` no generator.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Source: the flip-flop of electronics; three at once, without bits that mean nothing, are a
        task of Sussillo & Barak (2013).

    Example:
        >>> x, y = marked_bits(1, 7, np.random.default_rng(3), p=0.3)
        >>> x[0].T.astype(int), y[0].astype(int)
        (array([[ 1, -1, -1, -1, -1,  1,  1],
               [ 1,  0,  0,  1,  0,  1,  0]]), array([1, 1, 1, 0, 0, 1, 1]))
    """
    _check(rng, n=n, T=T)
    if not 0 <= p <= 1:
        raise ValueError(f"p: expected a share from 0 to 1, got {p!r}")
    bits, marks = rng.choice([-1.0, 1.0], (n, T)), rng.random((n, T)) < p
    marks[:, 0] = True
    last = np.maximum.accumulate(np.where(marks, np.arange(T), 0), axis=1)
    y = np.take_along_axis(bits, last, axis=1) > 0
    return np.stack([bits, marks.astype(float)], axis=2), y


def _check(rng, **sizes):
    for name, size in sizes.items():
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise ValueError(f"{name}: expected an integer of at least 1, got {size!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(9), got {rng!r}")
