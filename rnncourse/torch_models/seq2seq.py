"""An encoder and a decoder: read a whole sequence, then say another one, word by word."""

import numpy as np
import torch
from torch import nn

from rnncourse.torch_models.base import drawn_from, recurrent


class EncoderDecoder(nn.Module):
    r"""$p(y_t \mid y_{<t}, x)$ from $s = h_S$, the encoder's last real state, and the words so far.

    An LSTM reads the source; its last real state is the summary s. A second LSTM begins with
    $c_0 = s W_{sc} + b_c$ and $h_0 = \tanh(c_0)$, reads the word before, and the summary with it,
    $h_t = \mathrm{LSTM}([y_{t-1}, s], h_{t-1})$, and says $a_t = h_t W_{hy} + b_y$. Words enter as
    one-hot vectors.

    Args:
        V_source: size of the source's vocabulary.
        V: size of the target's vocabulary.
        H: size of both states, and so of the summary.
        summary: "every step" hands s to the decoder at every step, "first step" only as the
            beginning of its state.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Raises:
        ValueError: if `summary` is another word, or as `recurrent`.

    Taught in: chapters/16_being_ones_own_teacher

    Source: Sutskever, Vinyals & Le (2014), who hand the summary over once, in four layers, and
        all of the encoder's last states; Cho et al. (2014), who show it at every step, with a
        GRU. Here one layer, an LSTM, and one state for both.

    Example:
        >>> model = EncoderDecoder(V_source=9, V=11, H=5)
        >>> source, target_in = torch.zeros(3, 6, dtype=int), torch.zeros(3, 7, dtype=int)
        >>> mask = torch.ones(3, 6, dtype=bool)
        >>> tuple(model(source, mask, target_in).shape)
        (3, 7, 11)
        >>> state = model.start(source, mask)
        >>> logits, state = model.step(np.zeros(3, dtype=int), state)
        >>> logits.shape
        (3, 11)
    """

    def __init__(self, V_source, V, H, summary="every step", rng=None):
        super().__init__()
        if summary not in ("every step", "first step"):
            raise ValueError(f"summary: expected 'every step' or 'first step', got {summary!r}")
        self.V_source, self.V, self.every_step = V_source, V, summary == "every step"
        with drawn_from(rng):
            self.encoder = recurrent("lstm", V_source, H, forget_bias=1.0)
            self.bridge = nn.Linear(H, H)  # W_sc, b_c
            width = V + H if self.every_step else V
            self.decoder = recurrent("lstm", width, H, forget_bias=1.0)
            self.readout = nn.Linear(H, V)

    def encode(self, source, mask):
        """Source ids (B, S) and their mask (B, S) -> the summary s (B, H)."""
        source, mask = _ids("source", source, self.V_source), torch.as_tensor(mask)
        if mask.shape != source.shape or not bool(mask[:, 0].all()):
            raise ValueError(
                "mask: expected (B, S) like source, True on at least the first step of each row, "
                f"got shape {tuple(mask.shape)} for {tuple(source.shape)}"
            )
        h, _ = self.encoder(self._one_hot(source, self.V_source))  # (B, S, H)
        return h[torch.arange(len(h)), mask.sum(dim=1) - 1]

    def decode(self, target_in, s, state=None):
        """Words (B, T) that go in and the summary -> logits (B, T, V), the state after them."""
        x = self._one_hot(_ids("target_in", target_in, self.V), self.V)
        if state is None:
            c_0 = self.bridge(s)[None]  # (1, B, H): PyTorch's one layer
            state = (torch.tanh(c_0), c_0)
        if self.every_step:
            x = torch.cat([x, s[:, None].expand(-1, x.shape[1], -1)], dim=2)
        h, state = self.decoder(x, state)
        return self.readout(h), state

    def forward(self, source, mask, target_in):
        """Teacher forcing: given the true words y_0 ... y_{T-1} (B, T), logits of the next."""
        return self.decode(target_in, self.encode(source, mask))[0]

    def start(self, source, mask):
        """The state before the first word: (s, h, c), each (B, H). No gradient is kept."""
        with torch.no_grad():
            s = self.encode(source, mask)
            c_0 = self.bridge(s)
            return s, torch.tanh(c_0), c_0

    def step(self, ids, state):
        """One word each (B,) and the state -> logits (B, V) as an array, the new state."""
        s, h, c = state
        with torch.no_grad():
            word = torch.as_tensor(ids)[:, None]  # (B, 1)
            logits, (h, c) = self.decode(word, s, (h[None].contiguous(), c[None].contiguous()))
        return logits[:, 0].numpy(), (s, h[0], c[0])

    def _one_hot(self, ids, V):
        return torch.eye(V, dtype=self.readout.weight.dtype)[ids]


def _ids(name, ids, V):
    ids = torch.as_tensor(np.asarray(ids) if isinstance(ids, list) else ids)
    if ids.ndim != 2 or ids.shape[1] == 0 or ids.is_floating_point():
        raise ValueError(
            f"{name}: expected integers (B, T) with T of at least 1, got {ids.dtype} of shape "
            f"{tuple(ids.shape)}"
        )
    if ids.numel() and not 0 <= int(ids.min()) <= int(ids.max()) < V:
        raise ValueError(f"{name}: expected numbers from 0 to {V - 1}, got {int(ids.max())}")
    return ids.long()
