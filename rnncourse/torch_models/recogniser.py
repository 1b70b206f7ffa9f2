"""A network that listens: it reads sound both ways and says at each step what it may be."""

import numpy as np
import torch
from torch import nn

from rnncourse.batching import bucketed_batches
from rnncourse.torch_models.base import drawn_from, recurrent


class Recogniser(nn.Module):
    r"""$\log p_t = \log\operatorname{softmax}([h_t; g_t] W + b)$: h reads from the left, g from
    the right, each from where the sequence really begins.

    Args:
        D: features of a step.
        H: size of the state of each direction.
        V: symbols, the blank (0) among them.
        rng: a NumPy generator for the first weights; None leaves them to PyTorch.

    Taught in: chapters/24_speech

    Source: Graves, Fernández, Gomez & Schmidhuber (2006): a bidirectional LSTM trained by CTC.

    Example:
        >>> net = Recogniser(D=4, H=5, V=11)
        >>> tuple(net(torch.zeros(3, 7, 4), torch.tensor([7, 2, 5])).shape)
        (3, 7, 11)
    """

    def __init__(self, D, H, V, rng=None):
        super().__init__()
        with drawn_from(rng):
            self.left = recurrent("lstm", D, H, forget_bias=1.0)
            self.right = recurrent("lstm", D, H, forget_bias=1.0)
            self.head = nn.Linear(2 * H, V)

    def forward(self, x, lengths):
        """Log probabilities (B, T, V) of features (B, T, D) of which lengths (B,) are real."""
        h, _ = self.left(x)
        g, _ = self.right(turned(x, lengths))
        both = torch.cat([h, turned(g, lengths)], dim=-1)
        return self.head(both).log_softmax(dim=-1)


def turned(x, lengths):
    """Each sequence back to front within its own length; padding (B, T, D) stays behind.

    Taught in: chapters/12_ragged_batches

    Example:
        >>> turned(torch.tensor([[[1.0], [2.0], [0.0]]]), torch.tensor([2]))[0, :, 0]
        tensor([2., 1., 0.])
    """
    t = torch.arange(x.shape[1])[None]
    place = torch.where(t < lengths[:, None], lengths[:, None] - 1 - t, t)
    return x.gather(1, place[:, :, None].expand(-1, -1, x.shape[2]))


def together(features):
    """Sequences (T_b, D) as one padded block: float32 (B, T, D) and the lengths (B,).

    Example:
        >>> x, lengths = together([np.ones((2, 4)), np.ones((7, 4))])
        >>> tuple(x.shape), lengths.tolist()
        ((2, 7, 4), [2, 7])
    """
    rows = [torch.as_tensor(row, dtype=torch.float32) for row in features]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths


def learn(net, features, labels, rng, *, epochs=12, B=32, lr=0.005, clip=1.0):
    """Train with CTC: Adam, a rate that falls to 0 in a straight line, batches of like lengths.

    Args:
        net: a `Recogniser`, changed in place.
        features: N sequences (T_n, D).
        labels: N lists of symbols from 1 on.
        rng: a NumPy generator, for the batches.
        epochs: how often everything is heard.
        B: utterances of a batch.
        lr: learning rate at the beginning.
        clip: largest norm of a gradient.

    Returns:
        list of floats: the mean loss of each epoch, in nats per label.

    Raises:
        ValueError: if there are not as many labels as features.

    Taught in: chapters/24_speech

    Example:
        >>> rng = np.random.default_rng(0)
        >>> x = [rng.normal(size=(T, 4)) for T in (7, 9, 8)]
        >>> net = Recogniser(D=4, H=5, V=6, rng=rng)
        >>> losses = learn(net, x, [[1, 2], [3, 3], [5]], rng, epochs=3)
        >>> len(losses), losses[-1] < losses[0]
        (3, True)
    """
    if len(features) != len(labels):
        raise ValueError(f"labels: expected {len(features)} rows, got {len(labels)}")
    n = np.array([len(row) for row in features])
    steps, done, losses = epochs * -(-len(n) // B), 0, []
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(epochs):
        total = 0.0
        for batch in bucketed_batches(n, B, rng):
            optimiser.param_groups[0]["lr"] = lr * (1 - done / steps)
            value = ctc_loss(net, [features[i] for i in batch], [labels[i] for i in batch])
            optimiser.zero_grad()
            value.backward()
            nn.utils.clip_grad_norm_(net.parameters(), clip)
            optimiser.step()
            total, done = total + value.item() * sum(len(labels[i]) for i in batch), done + 1
        losses.append(total / sum(map(len, labels)))
    return losses


def ctc_loss(net, features, labels):
    """PyTorch's CTC loss of a batch, in nats per label: a tensor with a gradient.

    Example:
        >>> net = Recogniser(D=4, H=5, V=11)
        >>> bool(ctc_loss(net, [np.zeros((7, 4))], [[3, 3]]) > 0)
        True
    """
    x, lengths = together(features)
    sizes = torch.tensor([len(row) for row in labels])
    flat = torch.tensor([k for row in labels for k in row])
    log_p = net(x, lengths).transpose(0, 1)  # (T, B, V), as PyTorch wants it
    total = nn.functional.ctc_loss(log_p, flat, lengths, sizes, reduction="sum")
    return total / sizes.sum()


def heard(net, features, B=64):
    """What the network says of each sequence: list of float64 (T_n, V), log probabilities.

    Example:
        >>> net = Recogniser(D=4, H=5, V=11)
        >>> [log_p.shape for log_p in heard(net, [np.zeros((7, 4)), np.zeros((3, 4))])]
        [(7, 11), (3, 11)]
    """
    order = np.argsort([len(row) for row in features], kind="stable")
    found = [None] * len(features)
    for start in range(0, len(order), B):
        batch = order[start : start + B]
        x, lengths = together([features[i] for i in batch])
        with torch.no_grad():
            log_p = net(x, lengths).double().numpy()
        for i, row, n in zip(batch, log_p, lengths.tolist(), strict=True):
            found[i] = row[:n]
    return found
