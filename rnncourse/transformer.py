r"""The Transformer's block in NumPy: self-attention with heads, layer norm, positions.

Everything here takes and gives (B, T, D), as a recurrent layer does. But for the positions and
the mask, nothing knows in which order the T vectors stand.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.attention import attend


class BlockParams(NamedTuple):
    """The weights of one block of width H, matrices (in, out).

    Attributes:
        gain_1: (H,), of the norm before the attention.
        shift_1: (H,), of the same.
        W_qkv: (H, 3H): queries, keys and values side by side.
        b_qkv: (3H,).
        W_o: (H, H), from the joined heads back into the block.
        b_o: (H,).
        gain_2: (H,), of the norm before the two linear layers.
        shift_2: (H,), of the same.
        W_up: (H, F), commonly F = 4H.
        b_up: (F,).
        W_down: (F, H).
        b_down: (H,).
    """

    gain_1: np.ndarray
    shift_1: np.ndarray
    W_qkv: np.ndarray
    b_qkv: np.ndarray
    W_o: np.ndarray
    b_o: np.ndarray
    gain_2: np.ndarray
    shift_2: np.ndarray
    W_up: np.ndarray
    b_up: np.ndarray
    W_down: np.ndarray
    b_down: np.ndarray


def init_block(H, rng, F=None):
    r"""Weights drawn within $\pm 1/\sqrt{\mathrm{in}}$, gains 1, shifts and biases 0.

    Args:
        H: width of the block.
        rng: a NumPy generator.
        F: width between the two linear layers, 4H by default.

    Returns:
        BlockParams in float64.

    Raises:
        ValueError: if a width is no positive integer.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> init_block(4, np.random.default_rng(0)).W_up.shape
        (4, 16)
    """
    F = 4 * H if F is None else F
    for name, size in (("H", H), ("F", F)):
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise ValueError(f"{name}: expected a positive integer, got {size!r}")

    def linear(a, b):
        return rng.uniform(-1, 1, (a, b)) / np.sqrt(a), np.zeros(b)

    one, zero = np.ones(H), np.zeros(H)
    pairs = linear(H, 3 * H), linear(H, H), linear(H, F), linear(F, H)
    return BlockParams(one, zero, *pairs[0], *pairs[1], one, zero, *pairs[2], *pairs[3])


def causal_mask(T):
    r"""$m_{ts} = [s \le t]$: position t may look at itself and at what came before.

    Args:
        T: how many positions.

    Returns:
        bool (1, T, T), True where a weight is allowed.

    Raises:
        ValueError: if T is no positive integer.

    Taught in: chapters/18_transformers_and_back

    Source: Vaswani et al. (2017); `torch.nn.MultiheadAttention` wants the opposite, True where a
        weight is forbidden, `torch.nn.functional.scaled_dot_product_attention` and Keras this.

    Example:
        >>> causal_mask(3)[0].astype(int)
        array([[1, 0, 0],
               [1, 1, 0],
               [1, 1, 1]])
    """
    if isinstance(T, bool) or not hasattr(T, "__index__") or T < 1:
        raise ValueError(f"T: expected a positive integer, got {T!r}")
    return np.tril(np.full((1, T, T), True))


def self_attention(x, W_qkv, b_qkv, W_o, b_o, heads=1, mask=None, turn=None):
    r"""$q, k, v = xW_q, xW_k, xW_v$; each head attends in its own slice; $W_o$ joins them.

    Args:
        x: float array (B, T, H).
        W_qkv: (H, 3H), the three maps side by side.
        b_qkv: (3H,).
        W_o: (H, H).
        b_o: (H,).
        heads: how many; each takes H / heads of the columns of q, k and v.
        mask: bools that broadcast to (B, T, T), such as `causal_mask(T)`; None allows all.
        turn: a function of q and of k, (B, heads, T, H / heads), such as `rotate`.

    Returns:
        (B, T, H).

    Raises:
        ValueError: if H cannot be divided by `heads`, or as `attention.attend`.

    Taught in: chapters/18_transformers_and_back

    Source: Vaswani et al. (2017), section 3.2.2, who have no biases. The rows of
        `torch.nn.MultiheadAttention.in_proj_weight` are the columns of `W_qkv`.

    Example:
        >>> x, p = np.ones((3, 7, 4)), init_block(4, np.random.default_rng(0))
        >>> self_attention(x, p.W_qkv, p.b_qkv, p.W_o, p.b_o, heads=2).shape
        (3, 7, 4)
    """
    B, T, H = x.shape
    if heads < 1 or H % heads:
        raise ValueError(f"heads: expected a divisor of H = {H}, got {heads!r}")
    qkv = (x @ W_qkv + b_qkv).reshape(B, T, 3, heads, H // heads)
    q, k, v = qkv.transpose(2, 0, 3, 1, 4)  # each (B, heads, T, H / heads)
    if turn is not None:
        q, k = turn(q), turn(k)
    context, _ = attend(q, k, v, None if mask is None else mask[:, None])
    return context.swapaxes(1, 2).reshape(B, T, H) @ W_o + b_o


def layer_norm(x, gain, shift, eps=1e-5):
    r"""$(x - \bar x) / \sqrt{\mathrm{var}(x) + \epsilon}$ of each vector, times gain plus shift.

    Args:
        x: float array (..., H); mean and variance are those of its H numbers.
        gain: (H,).
        shift: (H,).
        eps: keeps a vector of equal numbers from a division by 0.

    Returns:
        An array of the shape of x.

    Taught in: chapters/18_transformers_and_back

    Source: Ba, Kiros & Hinton (2016). PyTorch adds 1e-5 to the variance, Keras 1e-3.

    Example:
        >>> layer_norm(np.array([1.0, 2.0, 3.0]), np.ones(3), np.zeros(3)).round(2)
        array([-1.22,  0.  ,  1.22])
    """
    spread = x.var(axis=-1, keepdims=True)
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(spread + eps) * gain + shift


def block(x, p, heads=1, mask=None, turn=None):
    r"""$y = x + \mathrm{attention}(\mathrm{norm}(x))$, then $y + \mathrm{relu}(\cdot)W_{down}$.

    Args:
        x: float array (B, T, H).
        p: BlockParams.
        heads: as for `self_attention`.
        mask: as for `self_attention`.
        turn: as for `self_attention`.

    Returns:
        (B, T, H).

    Taught in: chapters/18_transformers_and_back

    Source: Vaswani et al. (2017), who normalise after each sum; before it, as here, is the
        order of most later models (Xiong et al., 2020), in `torch.nn.TransformerEncoderLayer`
        that of `norm_first=True`.

    Example:
        >>> p = init_block(4, np.random.default_rng(0))
        >>> block(np.ones((3, 7, 4)), p, heads=2, mask=causal_mask(7)).shape
        (3, 7, 4)
    """
    attended = self_attention(
        layer_norm(x, p.gain_1, p.shift_1), p.W_qkv, p.b_qkv, p.W_o, p.b_o, heads, mask, turn
    )
    y = x + attended
    hidden = np.maximum(layer_norm(y, p.gain_2, p.shift_2) @ p.W_up + p.b_up, 0)
    return y + hidden @ p.W_down + p.b_down


def angles(T, D, start=0):
    r"""$t \cdot 10000^{-2j/D}$ for $t$ = start, start + 1, ...: one clock for each pair of columns.

    Args:
        T: how many positions.
        D: how many columns, an even number.
        start: the first position.

    Returns:
        float64 (T, D / 2), in radians.

    Raises:
        ValueError: if D is odd.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> angles(3, 4)
        array([[0.  , 0.  ],
               [1.  , 0.01],
               [2.  , 0.02]])
    """
    if D % 2:
        raise ValueError(f"D: expected an even number of columns, got {D}")
    return np.arange(start, start + T)[:, None] * 10_000.0 ** (-np.arange(0, D, 2) / D)


def sinusoids(T, D, start=0):
    r"""$(\sin a, \cos a)$ of every clock's angle $a$: absolute positions, to be added to x.

    Args:
        T: how many positions.
        D: width of x, an even number.
        start: the first position.

    Returns:
        float64 (T, D), sine and cosine in turn.

    Raises:
        ValueError: if D is odd.

    Taught in: chapters/18_transformers_and_back

    Source: Vaswani et al. (2017), section 3.5.

    Example:
        >>> sinusoids(2, 4).round(2)
        array([[0.  , 1.  , 0.  , 1.  ],
               [0.84, 0.54, 0.01, 1.  ]])
    """
    a = angles(T, D, start)
    return np.stack([np.sin(a), np.cos(a)], axis=-1).reshape(T, D)


def rotate(x, start=0):
    r"""Turn each pair of columns at position t by its clock's angle: rotary positions.

    $(u, w) \to (u\cos a - w\sin a,\ u\sin a + w\cos a)$. Of two turned vectors the dot product
    depends on their content and on the difference of their positions alone.

    Args:
        x: queries or keys, float array (..., T, D) with an even D.
        start: the position of the first of them.

    Returns:
        An array of the shape of x.

    Raises:
        ValueError: if D is odd.

    Taught in: chapters/18_transformers_and_back

    Source: Su et al. (2021), who pair neighbouring columns; many implementations pair column j
        with column j + D / 2, which is the same up to the order of columns.

    Example:
        >>> rotate(np.array([[1.0, 0.0], [1.0, 0.0]])).round(2)
        array([[1.  , 0.  ],
               [0.54, 0.84]])
    """
    a = angles(*x.shape[-2:], start)
    u, w = x[..., ::2], x[..., 1::2]
    turned = u * np.cos(a) - w * np.sin(a), u * np.sin(a) + w * np.cos(a)
    return np.stack(turned, axis=-1).reshape(x.shape)
