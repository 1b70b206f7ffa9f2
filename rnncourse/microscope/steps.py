"""One step of any cell as a linear map: its derivatives by its input and by its state."""

import numpy as np

from rnncourse.contracts.states import leaves, map_leaves, to_numpy
from rnncourse.microscope.specimen import read


class Steps:
    """A cell taken through x step by step, every state kept.

    Args:
        adapter: what `specimen.prepare` made.
        x: (B, T, D).

    Raises:
        ValueError: if the cell hands out no state, or one that is not of floats.
    """

    def __init__(self, adapter, x):
        self.adapter, self.x = adapter, x
        if not adapter.takes_state:
            raise ValueError("cell: expected a function (x, state=None) -> (h, state), got one "
                             "that takes no state")  # fmt: skip
        self.axes = self._batch_axes()
        self.states, self.h = [], None
        state = None
        for t in range(x.shape[1]):
            self.h, state = read(adapter, x[:, t : t + 1], state)
            self.states.append(state)  # states[t] is the state after step t
        self.eps = 1e-5 if self.h.dtype.itemsize == 8 else 1e-2

    def derivatives(self, t):
        """(dh, ds): derivatives of output and state after step t, from 0, by (x_t, state before).

        Returns:
            dh (B, H, D + n) and ds (B, n, D + n), n numbers in the state; at t = 0, whose state
            the cell makes by itself, (B, H, D) and (B, n, D).
        """
        B, _, D = self.x.shape
        before = self.states[t - 1] if t else None
        sizes = [leaf.size // B for leaf in leaves(before)]
        m = D + sum(sizes)
        nudges = self.eps * np.kron(np.eye(m), [[1.0], [-1.0]])  # (2m, m): up, down, up, ...
        x = np.repeat(self.x[:, t : t + 1], 2 * m, axis=0)  # (B * 2m, 1, D)
        x[:, 0] += np.tile(nudges[:, :D], (B, 1))
        parts = np.split(nudges[:, D:], np.cumsum(sizes)[:-1], axis=1) if sizes else []
        h, after = read(self.adapter, x, self._nudged(before, parts, B))
        return self._differences(h[:, 0], B), self._differences(self._rows(after), B)

    def _differences(self, rows, B):
        rows = rows.reshape(B, -1, 2, rows.shape[-1]).astype(float)
        return np.swapaxes(rows[:, :, 0] - rows[:, :, 1], 1, 2) / (2 * self.eps)

    def _rows(self, state):
        """A state as one array (rows, n)."""
        flat = [np.moveaxis(a, k, 0) for a, k in zip(leaves(state), self.axes, strict=True)]
        return np.concatenate([a.reshape(len(a), -1) for a in flat], axis=1)

    def _nudged(self, state, parts, B):
        pairs = iter(zip(self.axes, parts, strict=True)) if parts else None

        def nudge(leaf):
            axis, by = next(pairs)
            rows = np.moveaxis(np.repeat(to_numpy(leaf), len(by), axis), axis, 0).copy()
            rows += np.tile(by, (B, 1)).reshape(rows.shape).astype(rows.dtype)
            return self.adapter.native(np.ascontiguousarray(np.moveaxis(rows, 0, axis)), leaf)

        return map_leaves(nudge, state)

    def _batch_axes(self):
        """For every array of the state, the axis that grows with the batch."""
        two, three = (
            leaves(read(self.adapter, np.repeat(self.x[:1, :1], B, axis=0))[1]) for B in (2, 3)
        )
        axes = [
            next((k for k, n in enumerate(a.shape) if b.shape[k] != n), None)
            for a, b in zip(two, three, strict=True)
        ]
        if not axes or None in axes or any(a.dtype.kind != "f" for a in two):
            raise ValueError("cell: expected a state of floats with one row for each sequence, "
                             f"got {[(str(a.dtype), a.shape) for a in two]}")  # fmt: skip
        return axes
