"""Activations and their slopes, every slope written in terms of the activation's own output.

A forward pass then keeps only what it computes anyway, and a backward pass needs nothing else.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np


def sigmoid(a, out=None):
    """The logistic function, written with tanh so that no argument overflows.

    $$\\sigma(a) = \\frac{1}{1 + e^{-a}} = \\frac12 + \\frac12\\tanh\\frac a2$$

    Args:
        a: array of any shape.
        out: array of that shape to write into; it may be `a` itself.

    Returns:
        Values in (0, 1), of the shape of `a`.

    Taught in: chapters/04_a_loop_with_a_memory

    Source: the identity is elementary. NumPy's tanh is several times faster than its exp.

    Example:
        >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
        array([0. , 0.5, 1. ])
    """
    y = np.multiply(a, 0.5, out=out)
    y = np.tanh(y, out=out)
    y = np.multiply(y, 0.5, out=out)
    return np.add(y, 0.5, out=out)


class Activation(NamedTuple):
    """A function of the pre-activation and its slope as a function of the *output*.

    $$y = f(a), \\qquad f'(a) = \\mathrm{slope}(y)$$

    Args:
        function: `function(a, out=None)`, elementwise; `out` may be `a` itself.
        slope: `slope(y)`, elementwise, a new array.

    Taught in: chapters/04_a_loop_with_a_memory

    Example:
        >>> leaky = Activation(lambda a, out=None: np.maximum(a, 0.1 * a, out=out),
        ...                    lambda y: np.where(y > 0, 1.0, 0.1))
        >>> leaky.function(np.array([-2.0, 2.0]))
        array([-0.2,  2. ])
    """

    function: Callable
    slope: Callable


def _relu(a, out=None):
    return np.maximum(a, 0, out=out)


def _hard_sigmoid(a, out=None):
    # Keras 3 and PyTorch: slope 1/6, 0 from -3 down, 1 from 3 up.
    y = np.multiply(a, 1 / 6, out=out)
    y = np.add(y, 0.5, out=out)
    return np.clip(y, 0, 1, out=out)


def _softsign(a, out=None):
    return np.divide(a, 1 + np.abs(a), out=out)


TANH = Activation(np.tanh, lambda y: 1 - y * y)
SIGMOID = Activation(sigmoid, lambda y: y - y * y)
NAMED = {
    "tanh": TANH,
    "sigmoid": SIGMOID,
    "relu": Activation(_relu, lambda y: (y > 0).astype(y.dtype)),
    "identity": Activation(np.positive, np.ones_like),
    "hard_sigmoid": Activation(_hard_sigmoid, lambda y: ((y > 0) & (y < 1)) * y.dtype.type(1 / 6)),
    "softsign": Activation(_softsign, lambda y: (1 - np.abs(y)) ** 2),
}


def find(argument, activation, clip=None):
    """The `Activation` of that name, or the one handed over; clipped if asked for.

    Args:
        argument: name of the argument, for the message.
        activation: a name or an `Activation`.
        clip: None, or what `clipped` takes.

    Raises:
        ValueError: if there is none of that name.

    Example:
        >>> find("activation", "relu").function(np.array([-1.0, 2.0]))
        array([0., 2.])
    """
    if isinstance(activation, str) and activation in NAMED:
        activation = NAMED[activation]
    if not isinstance(activation, Activation):
        known = ", ".join(NAMED)
        raise ValueError(
            f"{argument}: expected an Activation or one of {known}, got {activation!r}"
        )
    return activation if clip is None else clipped(activation, clip)


def clipped(activation, clip):
    """The activation of an argument that is first bounded to [-clip, clip].

    A monotone function of a bounded argument is the bounded function of the argument,
    so that the output alone tells where the bound was met, and with it the slope 0.

    Args:
        activation: an `Activation` that never falls, as all named ones.
        clip: a positive number.

    Returns:
        An `Activation`.

    Raises:
        ValueError: if clip is not a positive number.

    Example:
        >>> narrow = clipped(find("activation", "identity"), clip=1)
        >>> y = narrow.function(np.array([-3.0, 0.5, 3.0]))
        >>> y, narrow.slope(y)
        (array([-1. ,  0.5,  1. ]), array([0., 1., 0.]))
    """
    if isinstance(clip, bool) or np.ndim(clip) or not np.isreal(clip) or not clip > 0:
        raise ValueError(f"clip: expected None or a positive number, got {clip!r}")

    def ends(dtype):
        return activation.function(np.array([-clip, clip], dtype))

    def function(a, out=None):
        y = activation.function(a, out=out)
        return np.clip(y, *ends(a.dtype), out=out)

    def slope(y):
        low, high = ends(y.dtype)
        return activation.slope(y) * ((low < y) & (y < high))

    return Activation(function, slope)
