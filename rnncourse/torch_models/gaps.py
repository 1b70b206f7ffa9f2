"""Series with gaps: the last value, whether it is fresh, how old it is; and a cell that forgets."""

import numpy as np
import torch
from torch import nn

from rnncourse.torch_models.base import drawn_from


def last_seen(x, start=0.0):
    r"""What can be known at a step: $x_{t'}$, $m_t$ and $t - t'$, with t' the last measurement.

    Args:
        x: floats (B, T, D), NaN where nothing was measured.
        start: what is assumed before the first measurement, a number or (D,); the mean of the
            training part, for example.

    Returns:
        (filled, mask, since), each (B, T, D): the last value, whether it was measured now (bool),
        and how many steps ago (0 = now); before the first measurement `since` counts 1, 2, ...

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: Che et al. (2018) count the gap up to the present step even where there is a value;
        here it is 0 there, so that nothing fades that was measured now.

    Example:
        >>> nan = np.nan
        >>> filled, mask, since = last_seen(np.array([[[nan], [5.0], [nan], [nan]]]))
        >>> filled[0, :, 0], since[0, :, 0]
        (array([0., 5., 5., 5.]), array([1., 0., 1., 2.]))
    """
    mask = ~np.isnan(x)
    filled, since = np.empty_like(x), np.empty_like(x)
    last, age = np.full_like(x[:, 0], start), np.zeros_like(x[:, 0])  # (B, D)
    for t in range(x.shape[1]):
        last = filled[:, t] = np.where(mask[:, t], x[:, t], last)
        age = since[:, t] = np.where(mask[:, t], 0, age + 1)
    return filled, mask, since


class GRUD(nn.Module):
    r"""$\hat x_t = m_t x_{t'} + (1-m_t)\,\gamma^x_t x_{t'}$ and $h_{t-1} \to \gamma^h_t h_{t-1}$.

    With $\gamma_t = e^{-\max(0,\ \delta_t W + b)}$ and $\delta_t$ the time since the last
    measurement: an old value fades towards 0, which must be the mean, and so does the state. For
    the input W is a number for each of the D, and b is 0.
    Then a GRU reads $[\hat x_t, m_t]$; the answer is read from the last state.

    Args:
        D: size of the input of a step.
        H: size of the state.
        rng: a NumPy generator that draws the initial weights; None takes PyTorch's own.

    Taught in: chapters/23_health_gaps_alarms_anomalies

    Source: GRU-D of Che et al. (2018). There the mask enters each gate through weights of its
        own, which is the same as reading it along with the input.

    Example:
        >>> seen = last_seen(np.full((3, 7, 4), np.nan, dtype=np.float32))
        >>> tuple(GRUD(D=4, H=5)(*map(torch.from_numpy, seen)).shape)
        (3,)
    """

    def __init__(self, D, H, rng=None):
        super().__init__()
        with drawn_from(rng):
            self.cell, self.readout = nn.GRUCell(2 * D, H), nn.Linear(H, 1)
            self.fade_h = nn.Linear(D, H)
        self.fade_x = nn.Parameter(torch.full((D,), 0.5))  # not 0: relu passes no gradient there

    def forward(self, filled, mask, since):
        """(B, T, D) three times, as `last_seen` returns them -> logits (B,)."""
        gamma_x = torch.exp(-torch.relu(since * self.fade_x))
        gamma_h = torch.exp(-torch.relu(self.fade_h(since)))  # (B, T, H)
        x = torch.cat([torch.where(mask, filled, gamma_x * filled), mask.float()], dim=2)
        h_t = filled.new_zeros(len(x), self.cell.hidden_size)
        for t in range(x.shape[1]):
            h_t = self.cell(x[:, t], gamma_h[:, t] * h_t)
        return self.readout(h_t)[:, 0]
