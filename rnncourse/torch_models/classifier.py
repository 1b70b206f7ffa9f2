"""A class for a whole sequence: read both ways, make one vector of all states, read it out."""

import numpy as np
import torch
from torch import nn

from rnncourse import batching, text
from rnncourse.torch_models.base import drawn_from, recurrent

POOLINGS = ("mean", "attention", "last")


def pooled(h, mask, query=None):
    r"""$\sum_t \alpha_t h_t$ with $\alpha = \mathrm{softmax}_t(h_t \cdot q)$ over the real steps.

    Args:
        h: states (B, T, H), a tensor.
        mask: bools (B, T), a tensor, True on real steps; at least one in each row.
        query: $q$ (H,), a tensor; without it all real steps weigh alike.

    Returns:
        (pooled (B, H), alpha (B, T)).

    Taught in: chapters/19_sentiment_and_other_texts

    Source: the word attention of Yang et al. (2016), without their tanh layer.

    Example:
        >>> h = torch.tensor([[[1.0], [3.0], [9.0]]])
        >>> pooled(h, torch.tensor([[True, True, False]]))[0]
        tensor([[2.]])
    """
    scores = h.new_zeros(mask.shape) if query is None else h @ query  # (B, T)
    alpha = scores.masked_fill(~mask, -torch.inf).softmax(dim=1)
    return (alpha[..., None] * h).sum(dim=1), alpha


class Classifier(nn.Module):
    r"""$a = \bigl(\sum_t \alpha_t h_t\bigr) W_{hy} + b_y$: logits of K classes for each sequence.

    $h_t$ holds the states of a layer that reads forward and of one that reads backward. "mean"
    weighs all real steps alike; "attention" learns one query $q$ and weighs by a softmax of
    $h_t \cdot q$; "last" takes each direction's state after the last step that it has read.

    Args:
        V: size of the vocabulary.
        K: number of classes.
        D: size of a symbol's vector.
        H: size of the state of each direction.
        pooling: "mean", "attention" or "last".
        kind: "lstm", "gru" or "rnn".
        dropout: rate, on the symbols' vectors and on the pooled vector, in training only.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Raises:
        ValueError: for an unknown pooling, or as `recurrent`.

    Taught in: chapters/19_sentiment_and_other_texts

    Source: the pooling is that of Yang et al. (2016) without their extra tanh layer. Padding
        is kept out as in chapter 12, not by PyTorch's packed sequences, which are slower on a CPU.

    Example:
        >>> net = Classifier(V=11, K=2, D=4, H=5, pooling="attention")
        >>> ids, mask = torch.tensor([[1, 2, 3], [4, 0, 0]]), torch.tensor([[1, 1, 1], [1, 0, 0]])
        >>> tuple(net(ids, mask.bool()).shape), tuple(net.weights(ids, mask.bool()).shape)
        ((2, 2), (2, 3))
    """

    def __init__(self, V, K, D=32, H=32, pooling="mean", kind="lstm", dropout=0.0, rng=None):
        super().__init__()
        if pooling not in POOLINGS:
            raise ValueError(f"pooling: expected one of {', '.join(POOLINGS)}, got {pooling!r}")
        self.pooling = pooling
        with drawn_from(rng):
            self.embedding = nn.Embedding(V, D)
            self.ahead, self.back = (recurrent(kind, D, H) for _ in range(2))
            self.query = nn.Parameter(torch.randn(2 * H) / (2 * H) ** 0.5)
            self.readout = nn.Linear(2 * H, K)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids, mask):
        """ids (B, T), mask (B, T), True on real steps -> logits (B, K)."""
        h = self.states(ids, mask)
        if self.pooling == "last":
            H = h.shape[-1] // 2
            ends = batching.last_real(h[..., :H], mask.sum(dim=1))
            return self.readout(self.dropout(torch.cat([ends, h[:, 0, H:]], dim=-1)))
        return self.readout(self.dropout(pooled(h, mask, self._asked())[0]))

    def states(self, ids, mask):
        """The states of both directions, (B, T, 2 H)."""
        _check(ids, mask)
        x, lengths = self.dropout(self.embedding(ids)), mask.sum(dim=1).numpy()
        back = self.back(batching.reverse_real(x, lengths))[0]
        return torch.cat([self.ahead(x)[0], batching.reverse_real(back, lengths)], dim=-1)

    def weights(self, ids, mask):
        """What each step weighs in the mean, (B, T); "last" weighs no steps and is refused."""
        if self.pooling == "last":
            raise ValueError("pooling: expected mean or attention, got 'last'")
        return pooled(self.states(ids, mask), mask, self._asked())[1]

    def _asked(self):
        return self.query if self.pooling == "attention" else None


def learn(net, rows, y, rng, epochs=5, lr=0.01, B=64):
    r"""Minimise the mean of $-\ln \mathrm{softmax}(a)_y$ over all sequences, and return the net.

    Adam, its rate going up to `lr` and down to 0 (one cycle), batches of similar lengths,
    gradients clipped at norm 1.

    Args:
        net: a `Classifier`, trained in place.
        rows: N arrays of integers, each of length at least 1.
        y: classes (N,), integers or bools.
        rng: a NumPy generator: it decides the batches and the dropout.
        epochs: passes through the data.
        lr: the largest learning rate.
        B: size of a batch.

    Raises:
        ValueError: if there are not as many classes as rows.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> rng = np.random.default_rng(4)
        >>> rows = [np.array([k, 2, 2]) for k in (0, 1) * 40]
        >>> net = learn(Classifier(3, 2, D=4, H=5, rng=rng), rows, [0, 1] * 40, rng, epochs=20)
        >>> predict(net, rows[:2]).argmax(axis=1).tolist()
        [0, 1]
    """
    y = torch.as_tensor(np.asarray(y)).long()
    if len(rows) != len(y):
        raise ValueError(f"y: expected {len(rows)} classes, one for each row, got {len(y)}")
    lengths = np.array([len(row) for row in rows])
    adam = torch.optim.Adam(net.parameters(), lr=lr, fused=True)
    steps = epochs * -(-len(rows) // B)
    cycle = torch.optim.lr_scheduler.OneCycleLR(adam, lr, total_steps=max(steps, 2), pct_start=0.2)
    net.train()
    with drawn_from(rng):
        for _ in range(epochs):
            for batch in batching.bucketed_batches(lengths, B, rng, pool=20):
                loss = nn.functional.cross_entropy(net(*_padded(rows, batch)), y[batch])
                adam.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                adam.step()
                cycle.step()
    return net.eval()


def predict(net, rows, B=256):
    """The logits of all rows in their order, a NumPy array (N, K), without dropout or gradients.

    Args:
        net: a `Classifier`.
        rows: N arrays of integers, each of length at least 1.
        B: size of a batch; rows of similar lengths go together.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> predict(Classifier(V=11, K=3, D=4, H=5), [np.array([1, 2]), np.array([3])]).shape
        (2, 3)
    """
    order = np.argsort([len(row) for row in rows], kind="stable")
    found = np.empty((len(rows), net.readout.out_features), dtype=np.float32)
    net.eval()
    with torch.no_grad():
        for start in range(0, len(rows), B):
            batch = order[start : start + B]
            found[batch] = net(*_padded(rows, batch)).numpy()
    return found


def _padded(rows, batch):
    ids, mask = text.pad([rows[i] for i in batch])
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _check(ids, mask):
    if ids.ndim != 2 or ids.is_floating_point():
        kind = f"{ids.dtype} of shape {tuple(ids.shape)}"
        raise ValueError(f"ids: expected integers (B, T), got {kind}")
    if mask.dtype != torch.bool or mask.shape != ids.shape or not mask[:, 0].all():
        kind = f"{mask.dtype} of shape {tuple(mask.shape)}"
        raise ValueError(f"mask: expected bools (B, T), True at each first step, got {kind}")
