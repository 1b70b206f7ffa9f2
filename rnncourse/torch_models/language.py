"""A language model: symbols become vectors, a recurrent layer reads them, a linear map predicts."""

import torch
from torch import nn

from rnncourse.torch_models.base import drawn_from, recurrent


class LanguageModel(nn.Module):
    r"""$x_t = W_e[y_t],\ h_t = f(x_t, h_{t-1}),\ a_t = h_t W_{hy} + b_y$: what comes next?

    Row k of the embedding is the vector of symbol k: the row that a one-hot vector would pick out
    of a matrix of weights, without the multiplications. Tied, $W_{hy}$ is the embedding's
    transpose, so that a symbol is read and predicted by the same vector.

    Args:
        V: size of the vocabulary.
        H: size of the state.
        D: size of a symbol's vector; as large as the state by default.
        tied: whether the embedding is used for the readout, too; D must be H then.
        dropout: share of the vectors' and of the states' numbers set to zero in training.
        kind: "lstm", "gru" or "rnn".
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.
        **options: further options of `recurrent`.

    Raises:
        ValueError: if it is tied with D other than H, or bidirectional, or as `recurrent`.

    Taught in: chapters/15_language_models_and_decoding

    Source: tied as Press & Wolf (2017) and Inan, Khosravi & Socher (2017). Embeddings start
        small, with a standard deviation of $1/\sqrt D$, where PyTorch's start at 1.

    Example:
        >>> model = LanguageModel(V=11, H=5, D=4)
        >>> logits, state = model(torch.zeros(3, 7, dtype=torch.long))
        >>> tuple(logits.shape)
        (3, 7, 11)
    """

    def __init__(self, V, H, D=None, tied=False, dropout=0.0, kind="lstm", rng=None, **options):
        super().__init__()
        D = H if D is None else D
        if tied and D != H:
            raise ValueError(f"D: expected H = {H} where the weights are tied, got {D}")
        if options.get("bidirectional"):
            raise ValueError("bidirectional: expected False, because it would read the answer")
        with drawn_from(rng):
            self.embedding = nn.Embedding(V, D)
            nn.init.normal_(self.embedding.weight, std=D**-0.5)
            self.recurrent = recurrent(kind, D, H, **options)
            self.readout = nn.Linear(H, V)
        self.dropout = nn.Dropout(dropout)
        if tied:
            self.readout.weight = self.embedding.weight

    def forward(self, ids, state=None):
        """ids (B, T) and a state or None -> (logits (B, T, V), state)."""
        if ids.ndim != 2 or ids.is_floating_point():
            raise ValueError(
                f"ids: expected integers (B, T), got {ids.dtype} of shape {tuple(ids.shape)}"
            )
        h, state = self.recurrent(self.dropout(self.embedding(ids)), state)
        return self.readout(self.dropout(h)), state

    def step(self, ids, state=None):
        """One step as `rnncourse.decoding` wants it, without gradients and without dropout.

        Args:
            ids: the last symbols, integers (B,).
            state: None, or what the last call returned: h, or (h, c), each (B, L, H).

        Returns:
            (logits (B, V), state).

        Example:
            >>> from rnncourse import decoding
            >>> model = LanguageModel(V=11, H=5, D=4)
            >>> ids, log_p = decoding.greedy(model.step, None, [3, 5], n=7)
            >>> ids.shape
            (2, 7)
        """
        training = self.training
        with torch.no_grad():
            state = swapped(state)  # PyTorch's layers want (L, B, H)
            logits, state = self.eval()(torch.as_tensor(ids)[:, None], state)
        self.train(training)
        return logits[:, 0], swapped(state)


def swapped(state):
    """A state, or a tuple of states, with the first two axes exchanged: (L, B, H) and (B, L, H).

    Example:
        >>> tuple(swapped(torch.zeros(2, 3, 5)).shape)
        (3, 2, 5)
    """
    if state is None:
        return None
    if isinstance(state, tuple):
        return tuple(swapped(part) for part in state)
    return state.transpose(0, 1).contiguous()
