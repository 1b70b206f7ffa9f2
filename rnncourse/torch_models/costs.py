"""What a call costs: seconds of the processor, bytes kept for the way back, and how both grow."""

import time

import numpy as np
import torch


def seconds(call, rounds=3):
    """Processor time of a call, the least of several rounds.

    Args:
        call: a function without arguments.
        rounds: how often it is called, at least once.

    Returns:
        float, in seconds.

    Raises:
        ValueError: if there is no round.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> 0 <= seconds(lambda: sum(range(1000))) < 1
        True
    """
    if rounds < 1:
        raise ValueError(f"rounds: expected at least 1, got {rounds!r}")
    times = []
    for _ in range(rounds):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return min(times)


def both_ways(layer, x):
    """A forward and a backward pass, from the sum of all that the layer says."""
    layer(x).sum().backward()


def kept_bytes(layer, x):
    """The memory, each piece once, that autograd keeps for the way back.

    Args:
        layer: a function of x.
        x: a tensor.

    Returns:
        int, in bytes; weights that the way back needs are among them.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> x = torch.zeros(3, 7, requires_grad=True)
        >>> kept_bytes(torch.exp, x)  # its own result, 21 numbers of 4 bytes
        84
    """
    seen, watch = [], torch.autograd.graph.saved_tensors_hooks
    with watch(lambda a: seen.append(a) or a, lambda a: a):
        layer(x)
    pieces = {a.untyped_storage().data_ptr(): a.untyped_storage() for a in seen}
    return sum(piece.nbytes() for piece in pieces.values())


def exponent(x, y):
    """The slope of log y over log x, from the longer half of x (of seven, the longest three).

    Args:
        x: lengths, growing, at least 4.
        y: what each of them costs.

    Returns:
        float: p, where y grows as x to the p.

    Raises:
        ValueError: if there are too few or they do not fit each other.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> round(exponent([1, 2, 4, 8], [9, 8, 32, 128]), 6)
        2.0
    """
    if len(x) < 4 or len(x) != len(y):
        raise ValueError(f"x: expected 4 or more numbers, as many as y, got {len(x)} and {len(y)}")
    half = (len(x) + 1) // 2
    return float(np.polyfit(np.log(x[half:]), np.log(y[half:]), 1)[0])
