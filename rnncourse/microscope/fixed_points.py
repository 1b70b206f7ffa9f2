"""Where a state comes to rest while one input is held: fixed points, saddles and slow places."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class FixedPoints:
    r"""What `fixed_points` found, the stillest first.

    Attributes:
        h: the places, (n, H).
        speed: $q(h) = \frac12\|F(h) - h\|^2$ at each, (n,).
        eigenvalues: of the Jacobian there, the largest absolute value first, complex (n, H).
        kind: for each "stable" (at rest; all eigenvalues inside the unit circle), "saddle" (at
            rest; some outside) or "slow" (not at rest, but no place nearby is stiller).
        J: the Jacobians, $J_{ij} = \partial F_i / \partial h_j$, (n, H, H).
    """

    h: np.ndarray
    speed: np.ndarray
    eigenvalues: np.ndarray
    kind: list
    J: np.ndarray

    def __len__(self):
        """n."""
        return len(self.h)

    def of(self, kind):
        """Numbers of the places of one kind."""
        return [n for n, k in enumerate(self.kind) if k == kind]


def fixed_points(step, starts, *, iterations=60, still=1e-20, slow=1e-2, apart=0.05, bound=1.0):
    r"""Minimise the speed $q(h) = \frac12\|F(h) - h\|^2$ from many starts, and look at the minima.

    Where q is zero, h is a fixed point, whether or not a run would ever come to rest there: that
    is how saddles are found, which no run stays at. A minimum above zero is a slow place.

    Args:
        step: F, states (n, H) -> states (n, H), with the input held constant.
        starts: where to begin, (n, H): states that the network visits, and points between them.
        iterations: steps of the minimisation (Levenberg-Marquardt, every start by itself).
        still: a speed below this counts as zero.
        slow: minima above this speed are left out.
        apart: of places nearer to one another than this in every unit, the stillest is kept.
        bound: places outside [-bound, bound] are not visited; tanh and GRU states lie in [-1, 1].

    Returns:
        FixedPoints.

    Raises:
        ValueError: if `starts` is not finite (n, H), or `step` returns another shape.

    Taught in: chapters/14_opening_the_state

    Source: Sussillo & Barak (2013), who used a second-order minimiser with exact derivatives;
        ours are central differences, right to about eight digits in float64.

    Example:
        >>> latch = fixed_points(lambda h: np.tanh(2 * h), np.array([[-0.9], [0.05], [0.8]]))
        >>> latch.h.round(3).ravel().tolist(), latch.kind
        ([-0.958, 0.0, 0.958], ['stable', 'saddle', 'stable'])
    """
    starts = np.asarray(starts, dtype=float)
    if starts.ndim != 2 or starts.size == 0 or not np.isfinite(starts).all():
        raise ValueError(f"starts: expected finite states (n, H), got shape {starts.shape}")
    if np.shape(step(starts)) != starts.shape:
        raise ValueError(f"step: expected states {starts.shape}, got {np.shape(step(starts))}")
    h, q = _minimise(step, starts, iterations, bound)
    kept = []
    for n in np.argsort(q, kind="stable"):
        if q[n] < slow and all(np.abs(h[n] - h[m]).max() > apart for m in kept):
            kept.append(n)
    h, q = h[kept], q[kept]
    order = np.lexsort((*h.T, q >= still))  # at rest first, then by place: the same on any machine
    h, q = h[order], q[order]
    J = state_jacobians(step, h)
    eigenvalues = np.linalg.eigvals(J).astype(complex).reshape(h.shape)
    by_size = np.argsort(-np.abs(eigenvalues), axis=1)
    eigenvalues = np.take_along_axis(eigenvalues, by_size, axis=1)
    largest = np.abs(eigenvalues).max(axis=1, initial=0)
    kind = np.where(q >= still, "slow", np.where(largest < 1, "stable", "saddle")).tolist()
    return FixedPoints(h, q, eigenvalues, kind, J)


def state_jacobians(step, h, nudge=1e-5):
    r"""$J_{ij} = \partial F_i / \partial h_j$ at each of n states, by central differences.

    Args:
        step: F, states (m, H) -> states (m, H).
        h: where, (n, H).
        nudge: half the distance of the two states that are compared.

    Returns:
        (n, H, H).

    Example:
        >>> state_jacobians(lambda h: h @ np.array([[0.0, 1.0], [2.0, 0.0]]), np.zeros((1, 2)))
        array([[[0., 2.],
                [1., 0.]]])
    """
    n, H = h.shape
    moved = nudge * np.eye(H)
    ahead, behind = (
        step((h[:, None] + sign * moved).reshape(-1, H)).reshape(n, H, H) for sign in (1, -1)
    )
    return ((ahead - behind) / (2 * nudge)).transpose(0, 2, 1)  # (n, j, i) -> (n, i, j)


def _minimise(step, h, iterations, bound):
    """Levenberg-Marquardt on F(h) - h: a step is taken only where it makes q smaller."""
    eye, damping = np.eye(h.shape[1]), np.full(len(h), 0.1)
    gap = step(h) - h
    q = 0.5 * (gap**2).sum(axis=1)
    for _ in range(iterations):
        A = state_jacobians(step, h) - eye
        normal = A.transpose(0, 2, 1) @ A + damping[:, None, None] * eye
        slope = np.einsum("nij,ni->nj", A, gap)
        tried = (h - np.linalg.solve(normal, slope[..., None])[..., 0]).clip(-bound, bound)
        gap_tried = step(tried) - tried
        q_tried = 0.5 * (gap_tried**2).sum(axis=1)
        better = q_tried < q
        h, gap = (
            np.where(better[:, None], new, old) for new, old in ((tried, h), (gap_tried, gap))
        )
        q = np.where(better, q_tried, q)
        damping = np.clip(np.where(better, damping / 3, damping * 3), 1e-12, 1e6)
    slope = np.einsum("nij,ni->nj", state_jacobians(step, h) - eye, gap)
    flat = np.linalg.norm(slope, axis=1) <= 1e-3 * np.linalg.norm(gap, axis=1) + 1e-12
    return h, np.where(flat, q, np.inf)  # not yet at a minimum: infinitely fast
