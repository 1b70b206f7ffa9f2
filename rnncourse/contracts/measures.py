"""What the contracts measure: gaps between runs, and when a gap is more than rounding."""

import numpy as np

from rnncourse.contracts.states import leaves, map_leaves, to_numpy

# (gap that still counts as equal, gap that already counts as different), relative to the largest
# number compared: far above the rounding of each type, far below what a real change does.
_TOLERANCES = {8: (1e-9, 1e-12), 4: (2e-5, 1e-6), 2: (2e-2, 5e-3)}


def gap(a, b):
    """Largest |a - b| relative to the largest of both; inf if either is not finite.

    Args:
        a: an array, or a list of arrays.
        b: the same, of the same shapes.

    Returns:
        float.

    Example:
        >>> gap(np.array([1.0, 2.0]), np.array([1.0, 1.0]))
        0.5
    """
    if isinstance(a, list):
        return max((gap(one, other) for one, other in zip(a, b, strict=True)), default=0.0)
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if a.shape != b.shape or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.inf
    scale = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    return float(np.abs(a - b).max(initial=0.0) / scale) if scale else 0.0


def equal(distance, like):
    """Whether a gap is no more than rounding makes at the precision of the array `like`."""
    return distance <= _TOLERANCES[min(like.dtype.itemsize, 8)][0]


def moved(distance, like):
    """Whether a gap is more than rounding makes at the precision of the array `like`."""
    return distance > _TOLERANCES[min(like.dtype.itemsize, 8)][1]


def superposition(values):
    """|f(a + b) - f(a) - f(b) + f(0)|, relative to the largest of the four."""
    both, a, b, zero = values
    return gap(both + zero, a + b)


def one_by_one(trial, x):
    """h (B, T, H) from T runs of one step each."""
    outputs, state = [], None
    for t in range(x.shape[1]):
        h, state = trial.run(x[:, t : t + 1], state)
        outputs.append(h)
    return np.concatenate(outputs, axis=1)


def padded_against_alone(trial, x, h, state, b, n):
    """The gap between row b of a padded batch and that sequence alone, outputs and state."""
    h_alone, state_alone = trial.run(x[b : b + 1, :n])
    rows = []
    for leaf, alone in zip(leaves(state), leaves(state_alone), strict=True):
        axis = batch_axis(leaf, alone)
        rows.append(gap(leaf.take([b], axis), alone) if axis is not None else 0.0)
    return max(gap(h[b : b + 1, :n], h_alone), *rows, 0.0)


def batch_axis(leaf, alone):
    """The axis along which a state grows with the batch; None if there is none."""
    return next((k for k, n in enumerate(leaf.shape) if alone.shape[k : k + 1] != (n,)), None)


def slopes(cell, x, v, dh, eps):
    """(L(x + eps v_t) - L(x - eps v_t)) / (2 eps) with L = sum(dh * h), v_t = v at t, else 0."""
    differences = []
    for t in range(x.shape[1]):
        step = np.zeros_like(x)
        step[:, t] = eps * v[:, t]
        change = cell.run(x + step)[0].astype(float) - cell.run(x - step)[0]
        differences.append((dh * change).sum() / (2 * eps))
    return np.array(differences)


def bypass(trial):
    """How much of the output's movement in one step leaves the new state where it is, 0 to 1.

    If the output is y = g(new state), its Jacobian with respect to (x_t, old state) is
    J_g J_state: directions that do not move the state do not move y either. All central
    differences are taken in one run, each pair in two rows of the batch.
    """
    x = trial.x(1, B=1, T=4)
    h, one = trial.run(x[:, :3])
    sizes = [trial.D, *(leaf.size for leaf in leaves(one))]
    n = sum(sizes)
    floats = all(leaf.dtype.kind == "f" for leaf in leaves(one))
    if not (leaves(one) and floats and trial.cell.takes_state and n <= 500):
        return 0.0
    eps = 1e-5 if h.dtype.itemsize == 8 else 1e-2
    nudges = eps * np.repeat(np.eye(n), 2, axis=0) * np.tile([1, -1], n)[:, None]  # (2n, n)
    x_nudges, *state_nudges = np.split(nudges, np.cumsum(sizes)[:-1], axis=1)
    rows = np.repeat(x, 2 * n, axis=0)
    rows[:, 3] += x_nudges
    state = trial.run(rows[:, :3])[1]
    if None in map(batch_axis, leaves(state), leaves(one)):
        return 0.0
    y, new = trial.run(rows[:, 3:], _nudged(trial, state, one, state_nudges))
    new = [_rows_first(leaf, like) for leaf, like in zip(leaves(new), leaves(one), strict=True)]
    jacobian, *of_state = [(a[0::2] - a[1::2]).reshape(n, -1).T / (2 * eps) for a in (y, *new)]
    of_state = np.concatenate(of_state).astype(float)
    if not np.abs(of_state[:, : trial.D]).max() > 0:
        return 0.0  # the returned state is not the new one: that is state carry's to tell
    _, strengths, directions = np.linalg.svd(of_state)
    still = directions[(strengths > 1e-3 * strengths[0]).sum() :]  # these move no state
    return float(np.linalg.norm(jacobian @ still.T) / max(np.linalg.norm(jacobian), 1e-30))


def _nudged(trial, state, one, nudges):
    """The state of a batch with one row of nudges (2n, size) added to each of its rows."""
    pairs = iter(zip(leaves(one), nudges, strict=True))

    def nudge(leaf):
        array, (like, by) = to_numpy(leaf).copy(), next(pairs)
        by_row = _rows_first(array, like)  # a view: what is added to it is added to array
        by_row += by.reshape(by_row.shape).astype(array.dtype)
        return trial.cell.native(array, leaf)

    return map_leaves(nudge, state)


def _rows_first(leaf, one):
    """A state's array with its batch axis first, whichever axis that is."""
    return np.moveaxis(leaf, batch_axis(leaf, one), 0)
