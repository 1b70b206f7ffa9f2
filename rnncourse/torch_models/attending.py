"""An encoder and a decoder that looks back at every source word, and says where it looked."""

import torch
from torch import nn

from rnncourse.batching import last_real, reverse_real
from rnncourse.torch_models.base import drawn_from, recurrent
from rnncourse.torch_models.seq2seq import _ids

SCORES = ("multiplicative", "additive", "none")
OTHERS = ("another's", "permuted", "equal")


class AttendingDecoder(nn.Module):
    r"""$p(y_t \mid y_{<t}, x)$ from the decoder's state and a mean of all encoder states.

    Two LSTMs read the source from both ends; $k_s = [\overrightarrow h_s, \overleftarrow h_s]$ is
    what they know at word s. The decoder begins with what both knew at their last word,
    $c_0 = k W_{kc} + b_c$ and $h_0 = \tanh(c_0)$, and reads the word before,
    $h_t = \mathrm{LSTM}(y_{t-1}, h_{t-1})$. Then $\alpha_{ts}$ is the softmax of
    $h_t W_{hk} \cdot k_s$ over the real words s, $\mathrm{context}_t = \sum_s \alpha_{ts} k_s$ and
    $a_t = \tanh([h_t, \mathrm{context}_t] W_c + b)\, W_{hy} + b_y$. Words enter as embeddings.

    Args:
        V_source: size of the source's vocabulary.
        V: size of the target's vocabulary.
        H: size of the decoder's state and of $k_s$; an even number, half for each direction.
        D: size of a word's embedding, on both sides.
        score: "multiplicative" as above; "additive", $\tanh(h_t W_{hk} + k_s W_{kk}) \cdot v$; or
            "none": all real words weigh alike, and every step gets the same mean of the source.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Raises:
        ValueError: if `H` is odd, `score` is another word, or as `recurrent`.

    Taught in: chapters/17_attention

    Source: Luong, Pham & Manning (2015), "global", "general" and without input feeding; their
        scores are not scaled either, and their encoder reads one way. Bahdanau, Cho & Bengio
        (2015) ask with the state before $y_{t-1}$ was read, and let the context into the cell.

    Example:
        >>> model = AttendingDecoder(V_source=9, V=11, H=4)
        >>> source, target_in = torch.zeros(3, 6, dtype=int), torch.zeros(3, 7, dtype=int)
        >>> mask = torch.ones(3, 6, dtype=bool)
        >>> logits, alpha = model.look(source, mask, target_in)
        >>> tuple(logits.shape), tuple(alpha.shape)
        ((3, 7, 11), (3, 7, 6))
        >>> state = model.start(source, mask)
        >>> logits, state = model.step([0, 0, 0], state)
        >>> logits.shape, tuple(state[-1].shape)  # the state's last part is alpha
        ((3, 11), (3, 6))
    """

    def __init__(self, V_source, V, H, D=24, score="multiplicative", rng=None):
        super().__init__()
        if H % 2:
            raise ValueError(f"H: expected an even number, half for each direction, got {H}")
        if score not in SCORES:
            raise ValueError(f"score: expected one of {', '.join(SCORES)}, got {score!r}")
        self.V_source, self.V, self.score = V_source, V, score
        with drawn_from(rng):
            self.words = nn.ModuleList([nn.Embedding(V_source, D), nn.Embedding(V, D)])
            self.forth, self.back = (recurrent("lstm", D, H // 2) for _ in range(2))
            self.bridge = nn.Linear(H, H)  # W_kc, b_c
            self.decoder = recurrent("lstm", D, H)
            if score != "none":
                self.query = nn.Linear(H, H, bias=False)  # W_hk
            if score == "additive":
                self.key = nn.Linear(H, H, bias=False)  # W_kk
                self.v = nn.Parameter(torch.randn(H) / H**0.5)
            self.mix = nn.Linear(2 * H, H)  # W_c, b
            self.readout = nn.Linear(H, V)

    def encode(self, source, mask):
        """Source ids (B, S), mask (B, S) -> what is known at each word k (B, S, H), c_0 (B, H)."""
        source, mask = _ids("source", source, self.V_source), torch.as_tensor(mask)
        lengths = mask.sum(dim=-1)
        first = torch.arange(source.shape[1]) < lengths[..., None]  # (B, S)
        if mask.shape != source.shape or not bool(((mask == first) & mask[:, :1]).all()):
            raise ValueError(
                "mask: expected (B, S) like source, True on the real words, which come first and "
                f"are at least one, got shape {tuple(mask.shape)} for {tuple(source.shape)}"
            )
        x = self.words[0](source)
        forth = self.forth(x)[0]  # (B, S, H / 2)
        back = reverse_real(self.back(reverse_real(x, lengths))[0], lengths)
        ends = torch.cat([last_real(forth, lengths), back[:, 0]], dim=1)  # (B, H)
        return torch.cat([forth, back], dim=2), self.bridge(ends)

    def scores(self, h, k):
        """Decoder states h (B, T, H) and keys k (B, S, H) -> (B, T, S)."""
        if self.score == "multiplicative":
            return self.query(h) @ k.mT
        if self.score == "additive":
            return torch.tanh(self.query(h)[:, :, None] + self.key(k)[:, None]) @ self.v
        return h.new_zeros(len(h), h.shape[1], k.shape[1])

    @staticmethod
    def softmax(scores, mask):
        """Scores (B, T, S) and mask (B, S) -> alpha, 0 where the mask is False, exactly."""
        return scores.masked_fill(~mask[:, None], -torch.inf).softmax(dim=2)

    def say(self, h, k, alpha):
        """Decoder states (B, T, H), keys and weights -> logits (B, T, V)."""
        return self.readout(torch.tanh(self.mix(torch.cat([h, alpha @ k], dim=2))))

    def look(self, source, mask, target_in, change=None):
        """Teacher forcing: logits (B, T, V) of the next words, and alpha (B, T, S).

        `change`, a function of alpha, puts other weights in their place.
        """
        k, c_0 = self.encode(source, mask)
        x = self.words[1](_ids("target_in", target_in, self.V))
        h, _ = self.decoder(x, (torch.tanh(c_0)[None], c_0[None]))
        alpha = self.softmax(self.scores(h, k), torch.as_tensor(mask))
        if change is not None:
            alpha = change(alpha)
        return self.say(h, k, alpha), alpha

    def forward(self, source, mask, target_in):
        """Given the true words y_0 ... y_{T-1} (B, T), the logits (B, T, V) of the next."""
        return self.look(source, mask, target_in)[0]

    def start(self, source, mask):
        """The state before the first word: (k, mask, h, c, alpha). No gradient is kept."""
        with torch.no_grad():
            mask = torch.as_tensor(mask)
            k, c_0 = self.encode(source, mask)
            return k, mask, torch.tanh(c_0), c_0, torch.zeros(mask.shape, dtype=k.dtype)

    def step(self, ids, state):
        """One word each (B,) and the state -> logits (B, V) as an array, the new state.

        The new state's last part is alpha (B, S), where this step looked.
        """
        k, mask, h, c, _ = state
        with torch.no_grad():
            x = self.words[1](torch.as_tensor(ids)[:, None])  # (B, 1, D)
            h, (_, c) = self.decoder(x, (h[None].contiguous(), c[None].contiguous()))
            alpha = self.softmax(self.scores(h, k), mask)
            logits = self.say(h, k, alpha)
        return logits[:, 0].numpy(), (k, mask, h[:, 0], c[0], alpha[:, 0])


def other_weights(alpha, mask, how, rng=None):
    r"""$\alpha'$ in the place of $\alpha$: still a mean over the real words, but another one.

    Args:
        alpha: weights (B, S) or (B, T, S), 0 on padding.
        mask: (B, S), True on the real words.
        how: "another's": those of the sequence before in the batch, as far as they lie on real
            words, scaled to a sum of 1 (equal ones where none does); "permuted": the weights of
            each sequence change places among its real words, in all T rows alike; "equal".
        rng: a NumPy generator that draws the permutations; the other two need none.

    Returns:
        A tensor like `alpha`.

    Raises:
        ValueError: if `how` is another word, the shapes do not fit, or a permutation lacks `rng`.

    Taught in: chapters/17_attention

    Source: Jain & Wallace (2019) permuted the weights of trained classifiers; equal ones are the
        first test of Wiegreffe & Pinter (2019), who *train* with them.

    Example:
        >>> alpha, mask = torch.tensor([[0.7, 0.3, 0.0]]), torch.tensor([[True, True, False]])
        >>> other_weights(alpha, mask, "equal")
        tensor([[0.5000, 0.5000, 0.0000]])
    """
    if how not in OTHERS or (how == "permuted" and rng is None):
        raise ValueError(f"how: expected one of {OTHERS}, permuted with an rng, got {how!r}, {rng}")
    if alpha.ndim not in (2, 3) or mask.shape != (len(alpha), alpha.shape[-1]):
        raise ValueError(
            f"mask: expected (B, S) for alpha (B, ..., S), got {tuple(mask.shape)} for "
            f"{tuple(alpha.shape)}"
        )
    real = mask if alpha.ndim == 2 else mask[:, None]
    equal = (real / real.sum(dim=-1, keepdim=True)).to(alpha.dtype).expand_as(alpha)
    if how == "equal":
        return equal
    if how == "permuted":
        order = (torch.from_numpy(rng.random(tuple(mask.shape))) + ~mask).argsort(dim=1)
        return alpha.gather(-1, order.reshape(real.shape).expand_as(alpha))  # real ones in front
    put = alpha.roll(1, dims=0) * real
    total = put.sum(dim=-1, keepdim=True)
    return torch.where(total > 0, put / total, equal)
