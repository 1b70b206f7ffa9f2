"""The loops of the gated cells over time, forwards and backwards, for S networks at once.

PyTorch would record every product of every step, and at these sizes the recording takes longer
than the arithmetic. Here each pass is a loop in NumPy, and PyTorch sees the whole as one function.
Inside, the batch comes last: a gate is then one block of memory, (S, H, B).
"""

import numpy as np
import torch


class Loop(torch.autograd.Function):
    """All states of a gated layer, (T, S, H, B), from inputs (S, B, T, D).

    `apply` takes x, W_xh (S, D, G), W_hh (S, H, G), b_h (S, G), with G the rows of all gates
    together, b_n (S, H) or None, the loop (`lstm` or `gru`) with the names of its gates, and the
    number of the first step that a gradient reaches.
    """

    @staticmethod
    def forward(ctx, x, W_xh, W_hh, b_h, b_n, loop, gates, first):
        S, B, T, _ = x.shape
        forwards, ctx.backwards = loop
        x, W_xh, W_hh = (a.detach().numpy() for a in (x, W_xh, W_hh))
        inputs = np.ascontiguousarray(x.transpose(0, 3, 2, 1)).reshape(S, -1, T * B)
        a = np.matmul(W_xh.swapaxes(1, 2), inputs) + b_h.detach().numpy()[..., None]
        a = np.ascontiguousarray(a.reshape(S, -1, T, B).transpose(2, 0, 1, 3))  # (T, S, G, B)
        W = np.ascontiguousarray(W_hh.swapaxes(1, 2))
        h, cache = forwards(a, W, None if b_n is None else b_n.detach().numpy(), gates)
        ctx.kept = (inputs, W_xh, W, h, cache, gates, first)
        return torch.from_numpy(h[1:])

    @staticmethod
    def backward(ctx, dh):
        inputs, W_xh, W, h, cache, gates, first = ctx.kept
        T, S, H, B = dh.shape
        of_input, of_state = ctx.backwards(dh.numpy()[first:], W, h[first:], cache, gates, first)
        da = _by_network(of_input)  # (S, G, steps * B)
        dm = da if of_state is of_input else _by_network(of_state)
        h_prev = np.ascontiguousarray(h[first:T].transpose(1, 0, 3, 2)).reshape(S, -1, H)
        late = inputs.reshape(S, -1, T, B)[:, :, first:].reshape(S, inputs.shape[1], -1)
        dx = np.zeros((S, B, T, inputs.shape[1]), h.dtype)
        if ctx.needs_input_grad[0]:
            dx[:, :, first:] = (
                np.matmul(W_xh, da).reshape(S, -1, T - first, B).transpose(0, 3, 2, 1)
            )
        found = (
            dx if ctx.needs_input_grad[0] else None,
            np.matmul(late, da.swapaxes(1, 2)),
            np.matmul(dm, h_prev).swapaxes(1, 2).copy(),
            da.sum(axis=2),
            dm[:, -H:].sum(axis=2) if ctx.needs_input_grad[4] else None,
        )
        return (*(None if g is None else torch.from_numpy(g) for g in found), None, None, None)


def _by_network(a):
    """(T, S, G, B) -> (S, G, T * B)."""
    T, S, G, B = a.shape
    return np.ascontiguousarray(a.transpose(1, 2, 0, 3)).reshape(S, G, T * B)


def _squash(a, gates_end):
    """In place: sigmoid of the rows before `gates_end`, tanh of the rest, with one call of tanh."""
    gates = a[:, :gates_end]
    gates *= 0.5  # sigmoid(a) = (1 + tanh(a / 2)) / 2
    np.tanh(a, out=a)
    gates *= 0.5
    gates += 0.5


def _rows(gates, last, H):
    """Name -> the slice of its rows."""
    return {name: slice(k * H, (k + 1) * H) for k, name in enumerate([*gates, last])}


def _lstm_forwards(a, W, _, gates):
    T, S, G, B = a.shape
    H = W.shape[2]
    rows, end = _rows(gates, "g", H), G - H
    h, c = np.zeros((2, T + 1, S, H, B), a.dtype)
    u, of_state, added = np.empty_like(h[1:]), np.empty_like(a[0]), np.empty_like(h[0])
    for t, a_t in enumerate(a):
        a_t += np.matmul(W, h[t], out=of_state)
        _squash(a_t, end)
        add = a_t[:, rows["g"]]
        if "i" in rows:
            add = np.multiply(a_t[:, rows["i"]], add, out=added)
        kept = np.multiply(a_t[:, rows["f"]], c[t], out=c[t + 1]) if "f" in rows else c[t]
        np.add(kept, add, out=c[t + 1])
        np.tanh(c[t + 1], out=u[t])
        np.multiply(a_t[:, rows["o"]] if "o" in rows else 1, u[t], out=h[t + 1])
    return h, (a, c, u)


def _lstm_slopes(rows, H, a, c, u):
    """By how much each argument moves c (or h, for o), and by how much c moves h."""
    g, end = rows["g"], a.shape[2] - H
    slopes, to_c = 1 - a, 1 - u**2
    slopes[:, :, :end] *= a[:, :, :end]
    slopes[:, :, g] *= 1 + a[:, :, g]
    if "i" in rows:
        slopes[:, :, rows["i"]] *= a[:, :, g]
        slopes[:, :, g] *= a[:, :, rows["i"]]
    if "f" in rows:
        slopes[:, :, rows["f"]] *= c[: len(a)]
    if "o" in rows:
        slopes[:, :, rows["o"]] *= u
        to_c *= a[:, :, rows["o"]]
    return slopes, to_c


def _lstm_backwards(dh_out, W, h, cache, gates, first):
    a, c, u = (array[first:] for array in cache)
    H, steps = W.shape[2], len(a)
    rows = _rows(gates, "g", H)
    slopes, to_c = _lstm_slopes(rows, H, a, c, u)
    blocks = slopes.reshape(steps, len(W), -1, H, a.shape[3])  # (steps, S, gates, H, B)
    through_c = [k for k, name in enumerate(rows) if name != "o"]
    dh, dc, part = np.zeros((3, *h.shape[1:]), h.dtype)
    W_back = np.ascontiguousarray(W.swapaxes(1, 2))
    for t in reversed(range(steps)):
        dh += dh_out[t]
        dc += np.multiply(dh, to_c[t], out=part)
        for k in through_c:
            blocks[t, :, k] *= dc
        if "o" in rows:
            slopes[t, :, rows["o"]] *= dh
        if "f" in rows:
            dc *= a[t, :, rows["f"]]
        np.matmul(W_back, slopes[t], out=dh)
    return slopes, slopes


def _blend(h_t, h_prev, n, a_t, rows):
    """h_t in place: (1 - z) n + z h_prev, or u n + (1 - u) h_prev with a single gate u, or n."""
    if "z" in rows:
        np.multiply(a_t[:, rows["z"]], h_prev - n, out=h_t)
        h_t += n
    elif "u" in rows:
        np.multiply(a_t[:, rows["u"]], n - h_prev, out=h_t)
        h_t += h_prev
    else:
        h_t[:] = n


def _gru_forwards(a, W, b_n, gates):
    T, S, G, B = a.shape
    H = W.shape[2]
    rows, end = _rows(gates, "n", H), G - H
    h, m = np.zeros((T + 1, S, H, B), a.dtype), np.empty((T, S, H, B), a.dtype)
    of_state, part = np.empty_like(a[0]), np.empty_like(h[0])
    reset = rows.get("r", rows.get("u"))
    for t, a_t in enumerate(a):
        np.matmul(W, h[t], out=of_state)
        a_t[:, :end] += of_state[:, :end]
        _squash(a_t[:, :end], end)
        m[t], n = of_state[:, end:], a_t[:, end:]
        if reset is not None:
            m[t] += b_n[..., None]
        n += m[t] if reset is None else np.multiply(a_t[:, reset], m[t], out=part)
        np.tanh(n, out=n)
        _blend(h[t + 1], h[t], n, a_t, rows)
    return h, (a, m)


def _gru_slopes(rows, H, a, m, h_prev):
    """By how much each argument moves h (or n, for r); u's way by the reset; h_prev's share."""
    end = a.shape[2] - H
    n, by_reset, keep = a[:, :, end:], None, None
    slopes = 1 - a
    slopes[:, :, :end] *= a[:, :, :end]
    slopes[:, :, end:] *= 1 + n
    if "z" in rows:
        keep = a[:, :, rows["z"]]
        slopes[:, :, rows["z"]] *= h_prev - n
        slopes[:, :, end:] *= 1 - keep
    if "r" in rows:
        slopes[:, :, rows["r"]] *= m
    if "u" in rows:
        keep, by_reset = 1 - a[:, :, rows["u"]], slopes[:, :, rows["u"]] * m
        slopes[:, :, rows["u"]] *= n - h_prev
        slopes[:, :, end:] *= a[:, :, rows["u"]]
    return slopes, by_reset, keep


def _gate_errors(d_t, dn, dh, by_reset_t, rows, part):
    """In place: from the slopes of the gates to their errors."""
    if "r" in rows:
        d_t[:, rows["r"]] *= dn
    if "z" in rows:
        d_t[:, rows["z"]] *= dh
    if "u" in rows:
        d_t[:, rows["u"]] *= dh
        d_t[:, rows["u"]] += np.multiply(by_reset_t, dn, out=part)


def _gru_backwards(dh_out, W, h, cache, gates, first):
    a, m = (array[first:] for array in cache)
    H, steps = W.shape[2], len(a)
    rows, end = _rows(gates, "n", H), a.shape[2] - H
    slopes, by_reset, keep = _gru_slopes(rows, H, a, m, h[:steps])
    reset = rows.get("r", rows.get("u"))
    of_state = slopes if reset is None else slopes.copy()
    dh, part = np.zeros((2, *h.shape[1:]), h.dtype)
    W_back = np.ascontiguousarray(W.swapaxes(1, 2))
    for t in reversed(range(steps)):
        dh += dh_out[t]
        d_t, dn = slopes[t], slopes[t, :, end:]
        dn *= dh
        _gate_errors(d_t, dn, dh, None if by_reset is None else by_reset[t], rows, part)
        if reset is not None:  # what the state's product feels of n, it feels through the reset
            of_state[t, :, :end] = d_t[:, :end]
            np.multiply(dn, a[t, :, reset], out=of_state[t, :, end:])
        np.multiply(dh, 0 if keep is None else keep[t], out=part)
        np.matmul(W_back, of_state[t], out=dh)
        dh += part
    return slopes, of_state


LSTM = (_lstm_forwards, _lstm_backwards)
GRU = (_gru_forwards, _gru_backwards)
