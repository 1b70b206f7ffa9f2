"""A small model of words, with weight tying and a price on large or restless states."""

import torch
from torch import nn

from rnncourse.torch_models import drawn_from


class WordModel(nn.Module):
    r"""$x_t = E_{k_t}$, an LSTM, and logits $h_tW_{hy} + b_y$; tied: $W_{hy} = E^\top$.

    Args:
        V: size of the vocabulary.
        H: size of a word's vector and of the state.
        tied: whether the readout uses the table of the words that go in.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Taught in: chapters/13_regularise_tune_evaluate

    Source: Press & Wolf (2017); Inan, Khosravi & Socher (2017).

    Example:
        >>> model = WordModel(V=11, H=5, tied=True)
        >>> logits, h, state = model(torch.zeros(3, 7, dtype=torch.long))
        >>> tuple(logits.shape), tuple(h.shape)
        ((3, 7, 11), (3, 7, 5))
    """

    def __init__(self, V, H, tied=False, rng=None):
        super().__init__()
        with drawn_from(rng):
            self.table = nn.Embedding(V, H)  # row k is the vector of word k
            self.lstm, self.readout = nn.LSTM(H, H, batch_first=True), nn.Linear(H, V)
            nn.init.uniform_(self.table.weight, -0.1, 0.1)
        if tied:
            self.readout.weight = self.table.weight

    def forward(self, ids, state=None):
        """ids (B, T) and a state or None -> logits (B, T, V), states h (B, T, H), state."""
        h, state = self.lstm(self.table(ids), state)
        return self.readout(h), h, state


def fit_words(model, ids, *, epochs=8, rows=16, T=20, lr=0.01, decay=0.0, slow=0.0):
    r"""Minimise cross-entropy $+\;\alpha\,\overline{h_t^2} + \alpha\,\overline{(h_{t+1}-h_t)^2}$.

    The text is cut into rows that are read in windows, with the state carried over.

    Args:
        model: a `WordModel`; trained in place and left in evaluation mode.
        ids: integers (N,), a text.
        epochs: how many times it is read.
        rows: how many rows it is cut into.
        T: steps of a window.
        lr: learning rate of AdamW.
        decay: its weight decay.
        slow: $\alpha$, the price of activations (AR) and of their changes (TAR).

    Returns:
        The model.

    Raises:
        ValueError: if the text is shorter than one window and one word for each row.

    Taught in: chapters/13_regularise_tune_evaluate

    Source: AR and TAR are of Merity, McCann & Socher (2017), with a price of their own each.

    Example:
        >>> import numpy as np
        >>> ids = np.arange(400) % 3
        >>> model = WordModel(3, 5, rng=np.random.default_rng(0))
        >>> model = fit_words(model, ids, rows=2, lr=0.05)
        >>> logits, _, _ = model(torch.tensor(ids[None, :40]))
        >>> bool((logits[0, 1:].argmax(dim=-1) == torch.tensor(ids[2:41])).all())
        True
    """
    long = len(ids) // rows
    if long <= T:
        raise ValueError(f"ids: expected more than {rows * (T + 1) - 1} words, got {len(ids)}")
    stream = torch.as_tensor(ids)[: long * rows].view(rows, long)
    descent = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=decay)
    for _ in range(epochs):
        state = None
        for place in range(0, long - T, T):
            x, y = (stream[:, place + k : place + k + T] for k in (0, 1))
            logits, h, state = model(x, state)
            state = tuple(part.detach() for part in state)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
            loss = loss + slow * ((h**2).mean() + (h.diff(dim=1) ** 2).mean())
            descent.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            descent.step()
    return model.eval()
