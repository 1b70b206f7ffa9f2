"""What the backward passes share: gradients that arrive, and sums over all steps at once."""

import numpy as np

from rnncourse.cells.validation import float_array


def last(name, value, h):
    """A fresh (B, H) array: the gradient that arrives after the last step (None: zero)."""
    if value is None:
        return np.zeros_like(h[0])
    return float_array(name, value, h[0].shape, "BH", h.dtype).copy()


def start(reading, params):
    """Room for what a backward pass returns: (dx, dparams, W_hh transposed and contiguous)."""
    dx = np.empty(reading.shape(reading.x.shape[2:]), reading.x.dtype)
    dparams = type(params)(*(None if w is None else np.zeros_like(w) for w in params))
    return dx, dparams, np.ascontiguousarray(params.W_hh.T)


def add(dparams, x, h_prev, da):
    """Add what some steps contribute to the gradients of W_xh, W_hh and b_h."""
    dparams.W_xh[...] += product(x, da)
    dparams.W_hh[...] += product(h_prev, da)
    dparams.b_h[...] += total(da)


def product(inputs, da):
    """Sum over steps and batch of input^T da, as one product: the gradient of a matrix.

    Args:
        inputs: what the matrix multiplies, (T, B, N).
        da: gradients of the product, (T, B, M).

    Returns:
        (N, M).
    """
    return inputs.reshape(-1, inputs.shape[-1]).T @ da.reshape(-1, da.shape[-1])


def total(da):
    """Sum over steps and batch, (T, B, M) -> (M,): the gradient of a bias."""
    return da.reshape(-1, da.shape[-1]).sum(axis=0)
