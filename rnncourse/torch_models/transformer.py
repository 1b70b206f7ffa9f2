"""A small causal Transformer: the same function of a whole sequence and of one step and a cache."""

import torch
from torch import nn

from rnncourse.torch_models.base import drawn_from

POSITIONS = ("none", "absolute", "rotary")


def angles(T, D, start=0):
    """Angles (T, D / 2) of `rnncourse.transformer.angles`, as a tensor of float32."""
    t = torch.arange(start, start + T, dtype=torch.float64)[:, None]
    return (t * 10_000.0 ** (-torch.arange(0, D, 2, dtype=torch.float64) / D)).float()


def sinusoids(T, D, start=0):
    """`rnncourse.transformer.sinusoids` as a tensor (T, D)."""
    a = angles(T, D, start)
    return torch.stack([a.sin(), a.cos()], dim=-1).flatten(1)


def rotate(x, start=0):
    """`rnncourse.transformer.rotate` for tensors (..., T, D)."""
    a = angles(*x.shape[-2:], start)
    cos, sin, u, w = a.cos().to(x.dtype), a.sin().to(x.dtype), x[..., ::2], x[..., 1::2]
    return torch.stack([u * cos - w * sin, u * sin + w * cos], dim=-1).flatten(-2)


class Block(nn.Module):
    """One block of `Transformer`: attention, then two linear layers, each added to what came in.

    Args:
        H: width.
        heads: how many heads.
        rotary: whether queries and keys are turned by their positions.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> y, (k, v) = Block(4, heads=2)(torch.zeros(3, 7, 4))
        >>> tuple(y.shape), tuple(k.shape)  # k and v are (B, heads, T, H / heads)
        ((3, 7, 4), (3, 2, 7, 2))
    """

    def __init__(self, H, heads=1, rotary=False):
        super().__init__()
        if heads < 1 or H % heads or (rotary and H // heads % 2):
            even = " an even number of times" if rotary else ""
            raise ValueError(f"heads: expected a divisor of H = {H}{even}, got {heads!r}")
        self.heads, self.rotary = heads, rotary
        self.norm_1, self.norm_2 = nn.LayerNorm(H), nn.LayerNorm(H)
        self.qkv, self.out = nn.Linear(H, 3 * H), nn.Linear(H, H)
        self.up, self.down = nn.Linear(H, 4 * H), nn.Linear(4 * H, H)

    def forward(self, x, cache=None, allowed=None):
        """x (B, T, H), and the keys and values of what came before, or None -> (y, cache).

        `allowed`, bools (T, S), True where a weight is, replaces the causal mask.
        """
        B, T, H = x.shape
        start = 0 if cache is None else cache[0].shape[2]
        qkv = self.qkv(self.norm_1(x)).view(B, T, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (B, heads, T, H / heads)
        if self.rotary:
            q, k = rotate(q, start), rotate(k, start)
        if cache is not None:
            k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        if allowed is None:
            allowed = torch.ones(T, start + T, dtype=torch.bool).tril(start)
        context = nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
        y = x + self.out(context.transpose(1, 2).reshape(B, T, H))
        return y + self.down(torch.relu(self.up(self.norm_2(y)))), (k, v)


class Transformer(nn.Module):
    r"""Blocks on top of each other, each position seeing itself and the past; then a readout.

    Args:
        D: size of the input of a step; for token numbers that of the vocabulary.
        H: width of every block.
        K: size of what is said at every step, by default D.
        layers: how many blocks.
        heads: how many heads each block has.
        positions: "none"; "absolute", sines and cosines added to what enters; or "rotary",
            queries and keys turned in every block.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Raises:
        ValueError: for other positions, or if H cannot be divided among the heads.

    Taught in: chapters/18_transformers_and_back

    Source: Vaswani et al. (2017), the decoder without its look at an encoder, with the norm
        before each sum instead of after it; rotary positions by Su et al. (2021). The cache of
        keys and values is common practice.

    Example:
        >>> model = Transformer(11, H=8, heads=2)
        >>> logits, cache = model(torch.zeros(3, 7, dtype=torch.long))
        >>> tuple(logits.shape)
        (3, 7, 11)
        >>> logits, cache = model(torch.zeros(3, 1, dtype=torch.long), cache)  # carry on
        >>> tuple(cache[0][0].shape)  # block 0's keys: one step longer
        (3, 2, 8, 4)
    """

    def __init__(self, D, H, K=None, layers=2, heads=2, positions="rotary", rng=None):
        super().__init__()
        if positions not in POSITIONS:
            raise ValueError(f"positions: expected one of {POSITIONS}, got {positions!r}")
        self.positions = positions
        with drawn_from(rng):
            self.enter = nn.Linear(D, H)
            rotary = positions == "rotary"
            self.blocks = nn.ModuleList(Block(H, heads, rotary) for _ in range(layers))
            self.norm, self.readout = nn.LayerNorm(H), nn.Linear(H, K or D)
            nn.init.normal_(self.enter.weight)  # a one-hot vector enters as long as a norm's

    def forward(self, x, cache=None, allowed=None):
        """Steps and the cache of earlier ones, or None -> (logits (B, T, K), cache).

        `x` is (B, T, D), or token numbers (B, T), which enter as one-hot vectors would. The cache
        is one pair (keys, values) for each block, both (B, heads, T, H / heads).
        """
        if x.ndim == 2 and not x.is_floating_point():
            x = self.enter.weight.T[x] + self.enter.bias
        elif x.ndim == 3 and x.shape[2] == self.enter.in_features:
            x = self.enter(x)
        else:
            D = self.enter.in_features
            expected = f"floats (B, T, D) with D = {D}, or integers (B, T)"
            raise ValueError(f"x: expected {expected}, got {x.dtype} of shape {tuple(x.shape)}")
        start = 0 if cache is None else cache[0][0].shape[2]
        if self.positions == "absolute":
            x = x + sinusoids(*x.shape[1:], start).to(x.dtype)
        kept = []
        for k, block in enumerate(self.blocks):
            x, pair = block(x, None if cache is None else cache[k], allowed)
            kept.append(pair)
        return self.readout(self.norm(x)), tuple(kept)


def load_block(module, p):
    r"""Copy the weights of a NumPy block into a layer of PyTorch, whose matrices are (out, in).

    Args:
        module: a `Block`, or a `torch.nn.TransformerEncoderLayer` with `norm_first=True`.
        p: `rnncourse.transformer.BlockParams` of the same sizes.

    Returns:
        The module.

    Raises:
        ValueError: if a size differs.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> import numpy as np
        >>> from rnncourse.transformer import init_block
        >>> p = init_block(4, np.random.default_rng(0))
        >>> module = load_block(Block(4, heads=2).double(), p)
        >>> bool((module.up.weight == torch.tensor(p.W_up.T)).all())
        True
    """
    if isinstance(module, nn.TransformerEncoderLayer):
        attention, up, down = module.self_attn, module.linear1, module.linear2
        qkv = attention.in_proj_weight, attention.in_proj_bias
        before, out, after = module.norm1, attention.out_proj, module.norm2
    else:
        qkv = module.qkv.weight, module.qkv.bias
        before, out, after, up, down = (
            getattr(module, name) for name in ("norm_1", "out", "norm_2", "up", "down")
        )
    pairs = [(part.weight, part.bias) for part in (before, out, after, up, down)]
    theirs = [w for pair in (pairs[0], qkv, *pairs[1:]) for w in pair]
    for name, old, new in zip(p._fields, theirs, p, strict=True):
        if tuple(old.shape) != new.T.shape:
            raise ValueError(f"{name}: expected shape {tuple(old.shape)[::-1]}, got {new.shape}")
        with torch.no_grad():
            old.copy_(torch.tensor(new.T))
    return module
