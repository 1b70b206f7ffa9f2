"""Backpropagation through an LSTM."""

import numpy as np

from rnncourse.bptt import sums
from rnncourse.cells.layout import in_one_product


def lstm_backward(dh, cache, dh_T=None, dc_T=None):
    """Backpropagate through an LSTM: along the cell, the error is only scaled by f.

    $$\\delta c_t \\mathrel{+}= \\delta h_t \\odot o \\odot (1 - \\tanh^2 c_t), \\qquad
    \\delta c_{t-1} = \\delta c_t \\odot f, \\qquad
    \\delta h_{t-1} \\mathrel{+}= \\delta a_t W_{hh}^\\top$$

    Args:
        dh: gradient with respect to the outputs h, (B, T, H), or None.
        cache: third value of `rnncourse.cells.lstm_forward`.
        dh_T: gradient with respect to the last state, (B, H), in addition; or None.
        dc_T: gradient with respect to the last cell, (B, H), or None.

    Returns:
        (dx, dparams, (dh_0, dc_0)): gradients of the input, of the weights (`LSTMParams`,
        peepholes included if there are any) and of the initial state and cell.

    Raises:
        ValueError: if a gradient has not the shape of what it is the gradient of.

    Taught in: chapters/09_lstm_a_cell_that_adds

    Source: Hochreiter & Schmidhuber (1997) cut the gradient at the gates; this is the full
    one, as in Graves & Schmidhuber (2005) and every framework.

    Example:
        >>> from rnncourse.cells import init_lstm, lstm_forward
        >>> params = init_lstm(4, 5, np.random.default_rng(0))
        >>> h, final, cache = lstm_forward(np.ones((3, 7, 4)), params)
        >>> dx, dparams, (dh_0, dc_0) = lstm_backward(np.ones_like(h), cache)
        >>> dparams.W_xh.shape, dc_0.shape
        ((4, 20), (3, 5))
    """
    reading, params, h, c = cache[:4]
    dh_out, dh = reading.output_gradients(dh, h.shape[-1]), sums.last("dh_T", dh_T, h)
    dc, written = sums.last("dc_T", dc_T, h), np.empty_like(dh)
    dx, dparams, W_back = sums.start(reading, params)
    peep = params.peepholes
    for block in reading.blocks():
        padding = None if reading.padding is None else reading.padding[block]
        slopes, dc_dh, keep = _local_slopes(cache, block)
        da = slopes.reshape(*slopes.shape[:2], -1)  # the same memory, (steps, B, 4H)
        for t in reversed(range(len(da))):
            da_ifg, da_o = slopes[t, :, :3], slopes[t, :, 3]
            dh += dh_out[block][t]
            da_o *= dh
            dc += np.multiply(dh, dc_dh[t], out=written)
            if peep is not None:
                dc += da_o * peep[2]
            da_ifg *= dc[:, None]
            dc *= keep[t]
            if peep is not None:
                dc += da_ifg[:, 0] * peep[0] + da_ifg[:, 1] * peep[1]
            if padding is None:
                np.matmul(da[t], W_back, out=dh)
            else:
                dh = da[t] @ W_back + dh * padding[t]
        reading.view(dx)[block] = in_one_product(da, params.W_xh.T)
        sums.add(dparams, reading.x[block], h[block], da)
        if peep is not None:
            dparams.peepholes[:2] += (slopes[:, :, :2] * c[block][:, :, None]).sum(axis=(0, 1))
            dparams.peepholes[2] += (slopes[:, :, 3] * c[1:][block]).sum(axis=(0, 1))
    return dx, dparams, (dh, dc)


def _local_slopes(cache, block):
    """How far each gate's argument moves c_t (i, f, g) or h_t (o), and c_t moves h_t.

    Returns:
        (slopes (steps, B, 4, H), dc_dh (steps, B, H), keep (steps, B, H)): the last is what is
        left of the cell's error one step earlier.
    """
    f_gate, f_cell, f_out = cache.activations
    gates, c_prev, c = cache.gates[block], cache.c[block], cache.c[1:][block]
    i, f, g, o = (gates[:, :, k] for k in range(4))
    shown = f_out.function(c)
    slopes = f_gate.slope(gates)
    slopes[:, :, 2] = f_cell.slope(g)
    for k, partner in enumerate((g, c_prev, i, shown)):
        slopes[:, :, k] *= partner
    dc_dh = f_out.slope(shown)
    dc_dh *= o
    if cache.reading.padding is None:
        return slopes, dc_dh, f
    padding = cache.reading.padding[block]
    slopes *= ~padding[..., None]
    dc_dh *= ~padding
    return slopes, dc_dh, np.where(padding, 1, f)
