"""Dynamic time warping: how far two sequences are apart if time may be stretched."""

import numpy as np


def warp(x, y):
    r"""$d_{ij} = \lVert x_i - y_j\rVert + \min(d_{i-1,j},\ d_{i,j-1},\ d_{i-1,j-1})$.

    Args:
        x: (T, D).
        y: (U, D).

    Returns:
        (distance, path): $d_{TU} / (T + U)$, and the pairs (i, j) of the best path, (n, 2).

    Raises:
        ValueError: if the arrays are not as above.

    Taught in: chapters/24_speech

    Source: Sakoe & Chiba (1978), without their limits on the path's slope.

    Example:
        >>> slow, quick = np.array([[1.0], [1.0], [1.0], [5.0]]), np.array([[1.0], [5.0], [5.0]])
        >>> distance, path = warp(slow, quick)
        >>> float(distance), path.tolist()
        (0.0, [[0, 0], [1, 0], [2, 0], [3, 1], [3, 2]])
    """
    x, y = _sequence("x", x), _sequence("y", y)
    if x.shape[1] != y.shape[1]:
        raise ValueError(f"y: expected D = {x.shape[1]} as in x, got shape {y.shape}")
    cost = np.linalg.norm(x[:, None] - y[None], axis=-1)
    d = np.full((len(x) + 1, len(y) + 1), np.inf)
    d[0, 0] = 0.0
    for i in range(len(x)):
        for j in range(len(y)):
            d[i + 1, j + 1] = cost[i, j] + min(d[i, j + 1], d[i + 1, j], d[i, j])
    return d[-1, -1] / (len(x) + len(y)), _path(d)


def distances(queries, templates):
    """The distances of `warp` between all of one list and all of another, step by step at once.

    Args:
        queries: Q sequences (T_q, D).
        templates: N sequences (U_n, D).

    Returns:
        float64 (Q, N).

    Raises:
        ValueError: if a list is empty or a sequence is no (T, D).

    Taught in: chapters/24_speech

    Example:
        >>> rng = np.random.default_rng(0)
        >>> some = [rng.normal(size=(T, 4)) for T in (3, 7)]
        >>> bool(np.allclose(distances(some, some)[0, 1], warp(*some)[0]))
        True
    """
    x, T = _padded("queries", queries)
    y, U = _padded("templates", templates)
    d = np.full((U.max() + 1, len(x), len(y)), np.inf)  # one row of the table, for all pairs
    found = np.empty((len(x), len(y)))
    squares = (x**2).sum(axis=-1)[:, None, :, None] + (y**2).sum(axis=-1)[None, :, None, :]
    for i in range(T.max()):
        dots = np.einsum("qd,njd->jqn", x[:, i], y, optimize=True)
        corner, d[0] = d[0].copy(), np.inf
        corner = np.zeros_like(corner) if i == 0 else corner
        for j in range(U.max()):
            above = d[j + 1].copy()
            cost = np.sqrt(np.maximum(squares[:, :, i, j] - 2 * dots[j], 0))
            d[j + 1] = cost + np.minimum(np.minimum(above, d[j]), corner)
            corner = above
        ended = np.flatnonzero(i + 1 == T)
        found[ended] = d[U[None, :], ended[:, None], np.arange(len(y))[None, :]]
    return found / (T[:, None] + U[None, :])


def spotted(x, templates, penalty=0.0):
    r"""Which templates, one after the other, warp best to x: nobody has to cut x into words.

    Within a template, $d_{t,j} = \lVert x_t - y_j\rVert + \min(d_{t-1,j}, d_{t-1,j-1},
    d_{t-1,j-2})$; at its first step it may also follow the best end of any template.

    Args:
        x: (T, D).
        templates: N sequences (U_n, D).
        penalty: what each template costs beside its distance; the larger, the fewer are found.

    Returns:
        list of numbers of templates.

    Raises:
        ValueError: if a sequence is no (T, D), or x is too short for any template.

    Taught in: chapters/24_speech

    Source: Vintsyuk (1971), Ney (1984); here every step of x counts once.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> words = [rng.normal(size=(U, 4)) for U in (3, 5, 7)]
        >>> slow = np.concatenate([words[2], np.repeat(words[0], 2, axis=0), words[0]])
        >>> spotted(slow, words)
        [2, 0, 0]
    """
    x, (y, U) = _sequence("x", x), _padded("templates", templates)
    N, last = len(y), (np.arange(len(y)), U - 1)
    squares, dots = (y**2).sum(axis=2), x @ y.reshape(-1, y.shape[2]).T  # (N, U), (T, N U)
    d = np.full((N, U.max() + 2), np.inf)  # two places that nothing reaches before the first
    began = np.zeros(d.shape, int)
    ends = [(0.0, -1, 0)]  # after each step: least cost, which template ends, where it began
    for t, row in enumerate(dots.reshape(-1, *squares.shape)):  # (N, U)
        d[:, 1], began[:, 1] = ends[-1][0] + penalty, t  # the way into a first step
        best, start = d[:, 2:], began[:, 2:]
        for back in (1, 2):
            way, its_start = d[:, 2 - back : -back], began[:, 2 - back : -back]
            better = way < best
            better[:, 1:2] &= back == 1  # a first step is not skipped
            best, start = np.where(better, way, best), np.where(better, its_start, start)
        here = np.sqrt(np.maximum(squares + x[t] @ x[t] - 2 * row, 0))
        d[:, 2:], began[:, 2:] = here + best, start
        n = int(d[:, 2:][last].argmin())
        ends.append((d[n, U[n] + 1], n, int(began[n, U[n] + 1])))
    if np.isinf(ends[-1][0]):
        raise ValueError(f"x: expected steps enough for one template, got T = {len(x)}")
    return _traced(ends)


def _traced(ends):
    """The templates of the best way through `spotted`, from its end."""
    t, found = len(ends) - 1, []
    while t > 0:
        _, n, t = ends[t]
        found.append(n)
    return found[::-1]


def _path(d):
    """Back from the last corner of the table, always to the smallest of three neighbours."""
    i, j = d.shape[0] - 1, d.shape[1] - 1
    path = [(i - 1, j - 1)]
    while (i, j) != (1, 1):
        i, j = min((i - 1, j - 1), (i - 1, j), (i, j - 1), key=lambda place: d[place])
        path.append((i - 1, j - 1))
    return np.array(path[::-1])


def _padded(name, sequences):
    """(N, T, D) with zeros behind, and the lengths (N,)."""
    if not len(sequences):
        raise ValueError(f"{name}: expected at least one sequence, got none")
    rows = [np.asarray(row, dtype=float) for row in sequences]
    if (
        any(row.ndim != 2 or 0 in row.shape for row in rows)
        or not np.isfinite(np.concatenate(rows)).all()
    ):
        rows = [_sequence(f"{name}[{n}]", row) for n, row in enumerate(rows)]
    lengths = np.array([len(row) for row in rows])
    block = np.zeros((len(rows), lengths.max(), rows[0].shape[1]))
    for place, row in zip(block, rows, strict=True):
        place[: len(row)] = row
    return block, lengths


def _sequence(name, x):
    x = np.asarray(x, dtype=float)
    if x.ndim != 2 or 0 in x.shape or not np.isfinite(x).all():
        raise ValueError(f"{name}: expected a finite sequence (T, D), got shape {x.shape}")
    return x
