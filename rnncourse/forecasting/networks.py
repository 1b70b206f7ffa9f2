"""A network for which every step is an origin: trained on pieces, run over whole series."""

import numpy as np
import torch
from torch import nn

from rnncourse.torch_models import drawn_from, recurrent


class EveryStep(nn.Module):
    r"""A recurrent layer with a head that speaks after *every* step: each step is an origin.

    Args:
        kind: "rnn", "lstm" or "gru".
        D: size of the input of a step.
        H: size of the state.
        head: a module that reads states (..., H), such as `nn.Linear` or `GaussianHead`.
        rng: a NumPy generator that draws the weights of the layer.

    Taught in: chapters/21_forecasting

    Example:
        >>> net = EveryStep("lstm", 4, 5, nn.Linear(5, 2))
        >>> tuple(net(torch.zeros(3, 7, 4)).shape)
        (3, 7, 2)
    """

    def __init__(self, kind, D, H, head, rng=None):
        super().__init__()
        with drawn_from(rng):
            self.layer = recurrent(kind, D, H)
        self.head = head

    def forward(self, x, warm=0):
        """x (B, T, D) -> what the head says after the steps from `warm` on."""
        return self.head(self.layer(x)[0][:, warm:])


class LastSteps(nn.Module):
    r"""A feed-forward network on the last p steps, at every step: a window instead of a memory.

    Args:
        D: size of the input of a step.
        p: steps that it sees; before the first step there are zeros.
        H: units of each of its two hidden layers.
        head: a module that reads (..., H).
        rng: a NumPy generator that draws the weights of the hidden layers.

    Example:
        >>> net = LastSteps(D=4, p=3, H=5, head=nn.Linear(5, 2))
        >>> tuple(net(torch.zeros(3, 7, 4)).shape)
        (3, 7, 2)
    """

    def __init__(self, D, p, H, head, rng=None):
        super().__init__()
        self.p = p
        with drawn_from(rng):
            layers = [nn.Linear(D * p, H), nn.ReLU(), nn.Linear(H, H), nn.ReLU()]
        self.layer, self.head = nn.Sequential(*layers), head

    def forward(self, x, warm=0):
        """x (B, T, D) -> what the head says after the steps from `warm` on."""
        padded = nn.functional.pad(x, (0, 0, self.p - 1, 0))
        windows = padded.unfold(1, self.p, 1)[:, warm:]  # (B, T - warm, D, p)
        return self.head(self.layer(windows.flatten(2)))


def fit_pieces(net, x, y, loss, *, updates, rng, length=72, warm=24, batch=32, rate=0.01):
    """Train on pieces cut at random; after `warm` steps every step of a piece is an origin.

    Args:
        net: an `EveryStep` or `LastSteps`.
        x: inputs (R, n, D), R runs side by side (R = 1 for one series).
        y: targets (R, n, K), those of the origin in the same place.
        loss: function of what the net says and of the targets (B, length - warm, K).
        updates: how many, with Adam; the rate rises for a tenth of them and falls to nearly 0.
        rng: a NumPy generator that draws the pieces.
        length: steps of a piece.
        warm: steps that only fill the state.
        batch: pieces of an update.
        rate: the highest learning rate.

    Returns:
        The losses (updates,).

    Raises:
        ValueError: if the shapes do not fit, or a piece is longer than the series.

    Source: the schedule is Smith & Topin's (2019), as PyTorch has it.

    Example:
        >>> net = EveryStep("lstm", 1, 5, nn.Linear(5, 1))
        >>> x = np.sin(0.3 * np.arange(300.0))[None, :, None]
        >>> losses = fit_pieces(net, x[:, :-1], x[:, 1:], nn.functional.mse_loss, updates=30,
        ...                     rng=np.random.default_rng(0))
        >>> bool(losses[-1] < losses[0])
        True
    """
    if np.shape(x)[:2] != np.shape(y)[:2] or np.ndim(x) != 3 or not warm < length <= np.shape(x)[1]:
        raise ValueError(f"x, y: expected (R, n, .) with n >= length = {length}, got {np.shape(x)}")
    x, y = (torch.as_tensor(np.asarray(part, dtype=np.float32)) for part in (x, y))
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rate, total_steps=updates, pct_start=0.1
    )
    losses = []
    for _ in range(updates):
        run = rng.integers(x.shape[0], size=(batch, 1))
        steps = rng.integers(x.shape[1] - length + 1, size=(batch, 1)) + np.arange(length)
        cost = loss(net(x[run, steps], warm), y[run, steps[:, warm:]])
        optimiser.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(cost.item())
    return np.array(losses)


def run_over(net, x):
    """What the net says at every origin of whole series, its state carried from end to end.

    Args:
        net: an `EveryStep` or `LastSteps`.
        x: inputs (R, n, D).

    Returns:
        What the head says for (R, n, H), as NumPy: an array, or a tuple of arrays.
    """
    with torch.no_grad():
        said = net(torch.as_tensor(np.asarray(x, dtype=np.float32)))
    return tuple(s.numpy() for s in said) if isinstance(said, tuple) else said.numpy()


def go_on(net, windows, steps):
    """Iterated: read windows, then feed the forecast for the next step back, and so on.

    Args:
        net: an `EveryStep` or a `LastSteps` on inputs (B, T, D) whose head says D numbers for the
            next step first, and perhaps others after them.
        windows: what was seen (B, T, D).
        steps: how many steps to go on.

    Returns:
        (B, steps, D): after the first of them, nothing that was fed is a measurement.

    Taught in: chapters/21_forecasting

    Example:
        >>> net = EveryStep("lstm", 4, 5, nn.Linear(5, 8))  # leads 1 and 2, say
        >>> go_on(net, np.zeros((3, 7, 4)), steps=6).shape
        (3, 6, 4)
    """
    x, state, said = torch.as_tensor(np.asarray(windows, dtype=np.float32)), None, []
    D, carries = x.shape[-1], isinstance(net, EveryStep)
    with torch.no_grad():
        for _ in range(steps):
            if carries:
                h, state = net.layer(x, state)
                x = said_next = net.head(h[:, -1:])[..., :D]
            else:
                said_next = net(x[:, -net.p :], net.p - 1)[..., :D]
                x = torch.cat([x[:, 1:], said_next], dim=1)
            said.append(said_next)
    return torch.cat(said, dim=1).numpy()
