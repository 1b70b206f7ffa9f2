"""Backpropagation through a GRU."""

import numpy as np

from rnncourse.bptt import sums
from rnncourse.cells.layout import in_one_product


def gru_backward(dh, cache, dh_T=None):
    """Backpropagate through a GRU: along the state, the error is scaled by z, and more.

    $$\\delta h_{t-1} = \\delta h_t \\odot z + \\delta a_t W_{hh}^\\top$$

    Args:
        dh: gradient with respect to the outputs h, (B, T, H), or None.
        cache: third value of `rnncourse.cells.gru_forward`.
        dh_T: gradient with respect to the last state, (B, H), in addition; or None.

    Returns:
        (dx, dparams, dh_0): gradients of the input, of the weights (`GRUParams`) and of the
        initial state.

    Raises:
        ValueError: if a gradient has not the shape of what it is the gradient of.

    Taught in: chapters/10_gru_and_the_gate_zoo

    Source: Cho et al. (2014) give the cell; the gradient is our derivation, for both places of
    the reset gate.

    Example:
        >>> from rnncourse.cells import gru_forward, init_gru
        >>> params = init_gru(4, 5, np.random.default_rng(0))
        >>> h, h_T, cache = gru_forward(np.ones((3, 7, 4)), params)
        >>> dx, dparams, dh_0 = gru_backward(np.ones_like(h), cache)
        >>> dparams.b_x.shape, dh_0.shape
        ((15,), (3, 5))
    """
    reading, params, h, gates, _, reset_after = cache
    H = h.shape[-1]
    dh_out, dh = reading.output_gradients(dh, H), sums.last("dh_T", dh_T, h)
    dx, dparams, W_back = sums.start(reading, params)
    W_xh = np.roll(params.W_xh, H, axis=1)  # n, r, z, and so is its gradient until the end
    for block in reading.blocks():
        slopes, keep = _local_slopes(cache, block)
        da = slopes.reshape(*slopes.shape[:2], 4 * H)  # the same memory: n, r, z, m
        r, h_prev = gates[block][:, :, 1], h[block]
        for t in reversed(range(len(da))):
            dh += dh_out[block][t]
            if reset_after:
                slopes[t] *= dh[:, None]
                dh *= keep[t]
                dh += da[t, :, H:] @ W_back
            else:
                slopes[t, :, [0, 2]] *= dh
                d_reset = slopes[t, :, 0] @ W_back[2 * H :]
                slopes[t, :, 1] *= d_reset
                dh *= keep[t]
                dh += d_reset * r[t]
                dh += da[t, :, H : 3 * H] @ W_back[: 2 * H]
        reading.view(dx)[block] = in_one_product(da[:, :, : 3 * H], W_xh.T)
        dparams.W_xh[...] += sums.product(reading.x[block], da[:, :, : 3 * H])
        dparams.b_x[...] += sums.total(da[:, :, : 3 * H])
        if reset_after:
            dparams.W_hh[...] += sums.product(h_prev, da[:, :, H:])
        else:
            slopes[:, :, 3] = slopes[:, :, 0]
            dparams.W_hh[:, : 2 * H] += sums.product(h_prev, da[:, :, H : 3 * H])
            dparams.W_hh[:, 2 * H :] += sums.product(r * h_prev, da[:, :, 3 * H :])
        dparams.b_h[...] += sums.total(da[:, :, H:])
    back = {"W_xh": np.roll(dparams.W_xh, -H, axis=1), "b_x": np.roll(dparams.b_x, -H)}
    return dx, dparams._replace(**back), dh


def _local_slopes(cache, block):
    """How far the arguments of n and z and the state's share m move h_t; r by way of n.

    Returns:
        (slopes (steps, B, 4, H) in the order n, r, z, m, keep (steps, B, H)): the last is what
        passes to the state before by the direct way. If the reset comes first, r's slope is that
        of r * h_prev, and m has none of its own: its gradient is n's.
    """
    f_gate, f_cell = cache.activations
    gates, h_prev = cache.gates[block], cache.h[block]
    n, r, z, m = (gates[:, :, k] for k in range(4))
    slopes = np.empty_like(gates)
    d_n, d_r, d_z, d_m = (slopes[:, :, k] for k in range(4))
    np.multiply(f_cell.slope(n), 1 - z, out=d_n)
    slopes[:, :, 1:3] = f_gate.slope(gates[:, :, 1:3])
    d_z *= h_prev - n
    if cache.reset_after:
        np.multiply(d_n, r, out=d_m)
        d_r *= m
        d_r *= d_n
    else:
        d_r *= h_prev
    if cache.reading.padding is None:
        return slopes, z
    padding = cache.reading.padding[block]
    slopes[:, :, :3] *= ~padding[..., None]
    d_m *= ~padding
    return slopes, np.where(padding, 1, z)
