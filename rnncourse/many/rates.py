"""The same networks at several learning rates, and those of the rate that did best."""

import copy
import time
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from rnncourse.many.answers import learn, surprise


class Chosen(NamedTuple):
    """What `better_rate` returns.

    Attributes:
        networks: S trained networks, those of the better rate.
        rate: it.
        seconds: processor time of all updates, those of every rate, the drawing included.
        updates: how many there were.
    """

    networks: nn.Module
    rate: float
    seconds: float
    updates: int


def shared(networks, x, y):
    """The same sequences for every network.

    Args:
        networks: S of them, as for `logits`.
        x: array (n, T, D).
        y: integers (n, T).

    Returns:
        tensors (S, n, T, D) of float32 and (S, n, T), without a copy for each network.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> from rnncourse.many import GRUs
        >>> networks = GRUs.draw(2, D=4, H=5, K=3, rng=np.random.default_rng(0))
        >>> x, y = shared(networks, np.zeros((3, 7, 4)), np.zeros((3, 7), dtype=int))
        >>> tuple(x.shape), tuple(y.shape)
        ((2, 3, 7, 4), (2, 3, 7))
    """
    x, y = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y)
    return x.expand(len(networks), *x.shape), y.expand(len(networks), *y.shape)


def better_rate(networks, rates, draw, updates, valid):
    r"""Train at every rate, on the same sequences; keep the rate of the least validation loss.

    Args:
        networks: R * S of them, as for `learn`, S for each of the R rates; trained in place.
        rates: the R learning rates.
        draw: function of the number of the update that returns x (n, T, D) and y (n, T); each
            of S networks gets n / S of the sequences, at every rate the same ones.
        updates: how many updates.
        valid: x (n, T, D) and y (n, T) to choose the rate by.

    Returns:
        Chosen: the S networks of the better rate, the rate, seconds and updates.

    Raises:
        ValueError: if the networks cannot be dealt out to the rates.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> from rnncourse.many import GRUs
        >>> x, y = np.eye(4)[[[0, 1, 2], [3, 2, 1]]], np.array([[0, 1, 2], [3, 2, 1]])
        >>> networks = GRUs.draw(2, D=4, H=5, K=4, rng=np.random.default_rng(0))
        >>> chosen = better_rate(networks, (0.0, 0.03), lambda n: (x, y), 20, (x, y))
        >>> len(chosen.networks), chosen.rate
        (1, 0.03)
    """
    R = len(rates)
    if R == 0 or len(networks) % R:
        raise ValueError(f"networks: expected a multiple of {R} rates, got {len(networks)}")
    S = len(networks) // R

    def batch(n):
        x, y = (torch.as_tensor(a) for a in draw(n))
        return tuple(
            a.reshape(S, -1, *a.shape[1:]).repeat(R, *a.ndim * [1]) for a in (x.float(), y)
        )

    began = time.process_time()
    learn(networks, batch, updates, np.repeat(rates, S))
    seconds = time.process_time() - began
    with torch.no_grad():
        loss = surprise(networks, *shared(networks, *valid)).sum(dim=(1, 2)).view(R, S)
    k = int(loss.sum(dim=1).argmin())
    return Chosen(_some(networks, slice(k * S, (k + 1) * S)), rates[k], seconds, updates)


def _some(networks, rows):
    few = copy.deepcopy(networks)
    for w in few.parameters():
        w.data = w.data[rows].clone()
    return few
