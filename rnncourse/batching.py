"""Sequences of different lengths side by side: which go together, and how to read the real steps.

Padding makes a rectangle of them; these few lines are what keeps it out of the numbers. Those that
read states take NumPy arrays and PyTorch tensors alike. `lengths` is always an integer array (B,).
"""

import numpy as np


def last_real(h, lengths):
    r"""$h_{b,\,\mathrm{lengths}_b}$, each sequence's state after its own last real step.

    Args:
        h: states (B, T, H) of sequences padded at their end; an array or a tensor.
        lengths: (B,), each from 1 to T.

    Returns:
        (B, H), of the kind of `h`.

    Raises:
        IndexError: if a length is larger than T.

    Taught in: chapters/12_ragged_batches

    Source: PyTorch's packed sequences and Keras' masks give the same state by not updating it.

    Example:
        >>> h = np.array([[[1.0], [2.0], [9.0]], [[3.0], [4.0], [5.0]]])
        >>> last_real(h, np.array([2, 3]))
        array([[2.],
               [5.]])
    """
    return h[np.arange(len(h)), lengths - 1]


def mean_real(h, mask):
    r"""$\sum_t m_{bt} h_{bt} / \sum_t m_{bt}$, the mean over each sequence's real steps.

    Args:
        h: states (B, T, H), finite at padded steps too; an array or a tensor.
        mask: bools (B, T) of the same kind, True on real steps; at least one in each row.

    Returns:
        (B, H), of the kind of `h`.

    Taught in: chapters/12_ragged_batches

    Source: as `keras.layers.GlobalAveragePooling1D` does when it is given a mask.

    Example:
        >>> h = np.array([[[1.0], [2.0], [9.0]]])
        >>> mean_real(h, np.array([[True, True, False]]))
        array([[1.5]])
    """
    real = mask[..., None]  # (B, T, 1)
    return (h * real).sum(1) / real.sum(1)


def reverse_real(x, lengths):
    r"""$x_{b,\,\mathrm{lengths}_b - 1 - t}$ for real steps t; padding stays at the end.

    A layer that reads what this returns reads each sequence from its own last real step to its
    first, as the backward half of a bidirectional layer must; applied twice it changes nothing.

    Args:
        x: (B, T, ...), padded at the end; an array or a tensor.
        lengths: (B,), each from 0 to T.

    Returns:
        The same shape and kind as `x`.

    Taught in: chapters/12_ragged_batches

    Source: TensorFlow's `reverse_sequence` does the same.

    Example:
        >>> reverse_real(np.array([[1, 2, 3, 0], [4, 5, 0, 0]]), np.array([3, 2]))
        array([[3, 2, 1, 0],
               [5, 4, 0, 0]])
    """
    t, ends = np.arange(x.shape[1]), np.asarray(lengths)[:, None]
    source = np.where(t < ends, ends - 1 - t, t)  # (B, T): taken from where
    return x[np.arange(len(x))[:, None], source]


def random_batches(n, B, rng):
    """All of n sequences in a new random order, B at a time.

    Args:
        n: how many sequences there are, at least 1.
        B: size of a batch, at least 1; the last one may be smaller.
        rng: a NumPy generator.

    Returns:
        A list of index arrays.

    Raises:
        ValueError: if `n` or `B` is not a positive whole number.

    Taught in: chapters/12_ragged_batches

    Example:
        >>> [batch.size for batch in random_batches(7, 3, np.random.default_rng(0))]
        [3, 3, 1]
    """
    _check_counts(n=n, B=B)
    order = rng.permutation(n)
    return [order[i : i + B] for i in range(0, n, B)]


def bucketed_batches(lengths, B, rng, pool=10):
    """All sequences once, B at a time, in batches of similar lengths.

    Shuffled, cut into pools of `pool * B`, each pool sorted by length and cut into batches; then
    the batches are shuffled. With `pool=1` the batches are random ones; with a pool that holds
    everything, who shares a batch with whom is decided by length alone.

    Args:
        lengths: (N,), a whole number for each sequence.
        B: size of a batch, at least 1.
        rng: a NumPy generator.
        pool: how many batches are sorted together, at least 1.

    Returns:
        A list of index arrays.

    Raises:
        ValueError: if `lengths` is not a row of whole numbers, or `B` or `pool` is below 1.

    Taught in: chapters/12_ragged_batches

    Source: the usual compromise between sorting everything and nothing; libraries differ in
        whether they sort inside pools, as here, or draw fixed borders between lengths.

    Example:
        >>> lengths = np.array([9, 2, 8, 3, 1, 7])
        >>> batches = bucketed_batches(lengths, 2, np.random.default_rng(0))
        >>> sorted(sorted(lengths[batch].tolist()) for batch in batches)
        [[1, 2], [3, 7], [8, 9]]
    """
    lengths = _checked_lengths(lengths)
    _check_counts(B=B, pool=pool)
    pools = random_batches(len(lengths), pool * B, rng)
    order = np.concatenate([part[np.argsort(lengths[part], kind="stable")] for part in pools])
    batches = [order[i : i + B] for i in range(0, len(order), B)]
    return [batches[k] for k in rng.permutation(len(batches))]


def wasted(lengths, batches):
    r"""$1 - \sum_b \mathrm{lengths}_b / \sum_{\text{batches}} B\,T$, the share of padded steps.

    Args:
        lengths: (N,), a whole number for each sequence.
        batches: index arrays; each batch is as wide as its longest sequence.

    Returns:
        float, 0 if no step is padding.

    Raises:
        ValueError: if `lengths` is not a row of whole numbers, or there is no batch.

    Taught in: chapters/12_ragged_batches

    Example:
        >>> wasted(np.array([4, 1, 4, 1]), [np.array([0, 1]), np.array([2, 3])])
        0.375
        >>> wasted(np.array([4, 1, 4, 1]), [np.array([0, 2]), np.array([1, 3])])
        0.0
    """
    lengths = _checked_lengths(lengths)
    if not len(batches):
        raise ValueError("batches: expected at least one index array, got none")
    real = sum(lengths[batch].sum() for batch in batches)
    return float(1 - real / sum(len(batch) * lengths[batch].max() for batch in batches))


def _checked_lengths(lengths):
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or lengths.size == 0 or lengths.dtype.kind not in "iu":
        raise ValueError(
            f"lengths: expected integers of shape (N,), got {lengths.dtype} "
            f"of shape {lengths.shape}"
        )
    return lengths


def _check_counts(**counts):
    for name, count in counts.items():
        if isinstance(count, bool) or not hasattr(count, "__index__") or count < 1:
            raise ValueError(f"{name}: expected a positive whole number, got {count!r}")
