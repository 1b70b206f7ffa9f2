"""Backpropagation through Elman's network."""

import numpy as np

from rnncourse.bptt import sums
from rnncourse.cells.layout import in_one_product


def rnn_backward(dh, cache, dh_T=None):
    """Backpropagate through an Elman network.

    $$\\delta a_t = \\delta h_t \\odot (1 - h_t^2), \\qquad
    \\delta h_{t-1} \\mathrel{+}= \\delta a_t W_{hh}^\\top, \\qquad
    \\delta W_{hh} = \\sum_t h_{t-1}^\\top \\delta a_t$$

    Args:
        dh: gradient of the loss with respect to the outputs h, (B, T, H), without what flows
            back from later steps; None if only the last state matters.
        cache: third value of `rnncourse.cells.rnn_forward`.
        dh_T: gradient with respect to the last state, (B, H), in addition to `dh`; or None.

    Returns:
        (dx, dparams, dh_0): gradients of the input (B, T, D), of the weights (`RNNParams`) and
        of the initial state (B, H).

    Raises:
        ValueError: if a gradient has not the shape of what it is the gradient of.

    Taught in: chapters/05_backpropagation_through_time

    Source: Werbos (1990). Summed over the batch, as autograd does for a summed loss.

    Example:
        >>> from rnncourse.cells import init_rnn, rnn_forward
        >>> params = init_rnn(4, 5, np.random.default_rng(0))
        >>> h, h_T, cache = rnn_forward(np.ones((3, 7, 4)), params)
        >>> dx, dparams, dh_0 = rnn_backward(np.ones_like(h), cache)
        >>> dx.shape, dparams.W_hh.shape, dh_0.shape
        ((3, 7, 4), (5, 5), (3, 5))
    """
    reading, params, h, activation = cache
    dh_out, dh = reading.output_gradients(dh, h.shape[-1]), sums.last("dh_T", dh_T, h)
    dx, dparams, W_back = sums.start(reading, params)
    dh_prev = np.empty_like(dh)
    for block in reading.blocks():
        padding = None if reading.padding is None else reading.padding[block]
        da = activation.slope(h[1:][block])  # (steps, B, H)
        if padding is not None:
            da *= ~padding
        for t in reversed(range(len(da))):
            dh += dh_out[block][t]
            da[t] *= dh
            np.matmul(da[t], W_back, out=dh_prev)
            if padding is not None:
                dh_prev += dh * padding[t]
            dh, dh_prev = dh_prev, dh
        reading.view(dx)[block] = in_one_product(da, params.W_xh.T)
        sums.add(dparams, reading.x[block], h[block], da)
    return dx, dparams, dh
