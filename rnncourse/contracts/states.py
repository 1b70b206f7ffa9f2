"""Looking into a state, however a cell nests it, without knowing its library."""

import numpy as np


def leaves(state):
    """The arrays of a state, however it nests them, as float arrays."""
    if state is None:
        return []
    if isinstance(state, dict):
        state = tuple(state.values())
    if isinstance(state, (tuple, list)):
        return [leaf for part in state for leaf in leaves(part)]
    return [to_numpy(state)]


def map_leaves(function, state):
    """A state of the same nesting, with `function` applied to its arrays in order."""
    if state is None:
        return None
    if isinstance(state, dict):
        return {key: map_leaves(function, part) for key, part in state.items()}
    if isinstance(state, (tuple, list)):
        parts = [map_leaves(function, part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)
    return function(state)


def to_numpy(tensor):
    """An array from an array, a PyTorch tensor or a TensorFlow tensor."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
    return np.asarray(tensor.numpy() if hasattr(tensor, "numpy") else tensor)
