"""One weight set, three libraries: NumPy <-> PyTorch <-> Keras, values and gradients.

The same equations are stored in three ways. What differs is written down here, once:

========================  =====================  =======================  ======================
                          NumPy (this course)    PyTorch                  Keras
========================  =====================  =======================  ======================
weights from x            `W_xh` (D, G*H)        `weight_ih` (G*H, D)     `kernel` (D, G*H)
weights from h            `W_hh` (H, G*H)        `weight_hh` (G*H, H)     `recurrent_kernel`
LSTM gates (G = 4)        i, f, g, o             i, f, g, o               i, f, c, o (c is our g)
GRU gates (G = 3)         r, z, n                r, z, n                  z, r, h (h is our n)
biases, RNN and LSTM      `b_h` (G*H,)           `bias_ih` + `bias_hh`    `bias` (G*H,)
biases, GRU               `b_x`, `b_h` (3H,)     `bias_ih`, `bias_hh`     `bias` (2, 3H), or (3H,)
                                                                          if not `reset_after`
========================  =====================  =======================  ======================

A gradient has the layout of what it is the gradient of. Where PyTorch keeps two biases that are
only ever added, both receive the *same* gradient, and so does the one bias that stands for them.
"""

from rnncourse.cells import GRUParams, RNNParams
from rnncourse.convert import numpy_keras, numpy_torch
from rnncourse.convert.agreeing import agreement
from rnncourse.convert.dictionary import rosetta
from rnncourse.convert.files import load, save
from rnncourse.convert.numpy_keras import from_keras, gradients_from_keras, to_keras
from rnncourse.convert.numpy_torch import from_torch, gradients_from_torch, to_torch

__all__ = [
    "agreement",
    "from_keras",
    "from_torch",
    "gradients_from_keras",
    "gradients_from_torch",
    "load",
    "rosetta",
    "save",
    "settings",
    "to_keras",
    "to_torch",
]


def settings(module, direction=None):
    """What belongs to a cell but not to its weights, as keywords of the course's `*_forward`.

    Args:
        module: a PyTorch module or a Keras layer, as for `from_torch` and `from_keras`.
        direction: as there.

    Returns:
        dict: `activation` for an RNN, `reset_after` for a GRU, `reverse=True` for the reverse
        direction. (A Keras layer with `go_backwards` gives its outputs last step first; ours
        stand where their inputs stand.)

    Raises:
        ValueError: as `from_torch` and `from_keras`.

    Example:
        >>> import torch
        >>> settings(torch.nn.RNN(4, 5, nonlinearity="relu"))
        {'activation': 'relu'}
    """
    if hasattr(module, "parameters"):
        kind, suffix = numpy_torch.place(module, direction, layer=0)
        found = {"activation": module.nonlinearity} if kind is RNNParams else {}
        found |= {"reset_after": True} if kind is GRUParams else {}
        return found | ({"reverse": True} if suffix.endswith("_reverse") else {})
    kind, layer = numpy_keras.place(module, direction)
    found = {"activation": numpy_keras.activation(layer)} if kind is RNNParams else {}
    found |= {"reset_after": layer.reset_after} if kind is GRUParams else {}
    return found | ({"reverse": True} if layer.go_backwards else {})
