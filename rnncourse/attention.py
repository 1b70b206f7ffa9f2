r"""Attention in NumPy: scores, a softmax that leaves padding out, and the mean that it weighs.

Queries `q` (B, T, D) ask, keys `k` (B, S, D) are compared with them, values `v` (B, S, D) are what
comes back. All functions take further axes in front as well, (..., T, D): heads, for instance.
"""

import numpy as np


def dot_scores(q, k, scaled=True):
    r"""$\mathrm{scores}_{ts} = q_t \cdot k_s / \sqrt{D}$, or without the root.

    Args:
        q: queries (B, T, D).
        k: keys (B, S, D).
        scaled: whether to divide by $\sqrt D$, which keeps the variance of the scores at 1 where
            queries and keys are independent and of variance 1.

    Returns:
        (B, T, S).

    Raises:
        ValueError: if `q` and `k` have not as many axes or not the same D.

    Taught in: chapters/17_attention

    Source: Luong, Pham & Manning (2015), their "dot"; scaled by Vaswani et al. (2017).

    Example:
        >>> q, k = np.array([[[2.0, 0.0]]]), np.array([[[1.0, 1.0], [0.0, 3.0]]])
        >>> dot_scores(q, k, scaled=False)
        array([[[2., 0.]]])
    """
    if q.ndim != k.ndim or q.shape[-1] != k.shape[-1]:
        raise ValueError(f"q, k: expected (B, T, D) and (B, S, D), got {q.shape} and {k.shape}")
    scores = q @ np.swapaxes(k, -1, -2)  # (B, T, S)
    return scores / q.shape[-1] ** 0.5 if scaled else scores


def additive_scores(q, k, W_q, W_k, v):
    r"""$\mathrm{scores}_{ts} = \tanh(q_t W_q + k_s W_k) \cdot v$: a small network compares them.

    Args:
        q: queries (B, T, D); their D may differ from that of the keys.
        k: keys (B, S, D).
        W_q: (D, H), from a query to the hidden units.
        W_k: (D, H), from a key.
        v: (H,), what the units say.

    Returns:
        (B, T, S).

    Raises:
        ValueError: if `q` and `k` have not as many axes.

    Taught in: chapters/17_attention

    Source: Bahdanau, Cho & Bengio (2015), who write column vectors and have no bias here either.

    Example:
        >>> q, k = np.array([[[1.0]]]), np.array([[[0.0], [2.0], [-1.0]]])
        >>> additive_scores(q, k, np.ones((1, 1)), np.ones((1, 1)), np.ones(1)).round(3)
        array([[[0.762, 0.995, 0.   ]]])
    """
    if q.ndim != k.ndim:
        raise ValueError(f"q, k: expected (B, T, D) and (B, S, D), got {q.shape} and {k.shape}")
    hidden = np.tanh((q @ W_q)[..., :, None, :] + (k @ W_k)[..., None, :, :])
    return hidden @ v  # (B, T, S, H) -> (B, T, S)


def masked_softmax(scores, mask):
    r"""$\alpha_{ts} = m_{ts} e^{a_{ts}} / \sum_{s'} m_{ts'} e^{a_{ts'}}$ with scores $a$.

    Where the mask is False the weight is 0, exactly, whatever the score is there.

    Args:
        scores: float array (B, T, S).
        mask: bools of as many axes that broadcast to (B, T, S), True where a weight is allowed:
            the mask (B, S) of a padded source enters as `mask[:, None]`.

    Returns:
        Weights (B, T, S) that add up to 1 over the last axis.

    Raises:
        ValueError: if the mask is not boolean, has not as many axes as the scores, does not
            broadcast to them, or has a row without any True.

    Taught in: chapters/17_attention

    Source: frameworks add a large negative number, or minus infinity, to the scores instead; then
        a row without any True comes out uniform, or NaN.

    Example:
        >>> scores = np.log([[[1.0, 3.0, 9.0]]])
        >>> masked_softmax(scores, np.array([[[True, True, False]]]))
        array([[[0.25, 0.75, 0.  ]]])
    """
    if mask.dtype != bool or mask.ndim != scores.ndim:
        expected = f"bools with {scores.ndim} axes"
        raise ValueError(f"mask: expected {expected}, got {mask.dtype} {mask.shape}")
    keep = np.broadcast_to(mask, scores.shape)
    if not keep.any(axis=-1).all():
        raise ValueError("mask: expected a True in every row, got a row without any")
    largest = scores.max(axis=-1, keepdims=True, where=keep, initial=-np.inf)
    e = np.exp(scores - largest, where=keep, out=np.zeros_like(scores))
    return e / e.sum(axis=-1, keepdims=True)


def attend(q, k, v, mask=None):
    r"""$\mathrm{context}_t = \sum_s \alpha_{ts} v_s$, weighed by the softmax of the scaled scores.

    Args:
        q: queries (B, T, D).
        k: keys (B, S, D).
        v: values (B, S, D), finite where the mask is False, too; their D may differ.
        mask: see `masked_softmax`; None allows every position.

    Returns:
        context (B, T, D) and alpha (B, T, S).

    Raises:
        ValueError: see `dot_scores` and `masked_softmax`.

    Taught in: chapters/17_attention

    Source: Vaswani et al. (2017), equation 1, for one head and without weights;
        `torch.nn.functional.scaled_dot_product_attention` returns the context alone.

    Example:
        >>> k = v = np.array([[[4.0], [8.0], [6.0]]])
        >>> context, alpha = attend(np.zeros((1, 1, 1)), k, v, np.array([[[True, True, False]]]))
        >>> context, alpha
        (array([[[6.]]]), array([[[0.5, 0.5, 0. ]]]))
    """
    scores = dot_scores(q, k)
    alpha = masked_softmax(scores, np.full((1,) * scores.ndim, True) if mask is None else mask)
    return alpha @ v, alpha
