"""What both directions of travel ask of a weight set."""

import numpy as np

from rnncourse.cells import GRUParams, LSTMParams, RNNParams

_GATES = {RNNParams: 1, LSTMParams: 4, GRUParams: 3}


def is_gru(params):
    """Whether a weight set is a GRU's."""
    return type(params) is GRUParams


def checked(params):
    """(kind, (D, H)) of a weight set, or a refusal."""
    kind = type(params)
    if kind not in _GATES:
        raise ValueError(f"params: expected RNN-, LSTM- or GRUParams, got {kind.__name__}")
    if getattr(params, "peepholes", None) is not None:
        raise ValueError("params: peepholes have no counterpart in PyTorch or Keras")
    arrays = [np.asarray(array) for array in params if array is not None]
    dtypes = {str(array.dtype) for array in arrays}
    if len(dtypes) > 1 or not dtypes <= {"float16", "float32", "float64"}:
        raise ValueError(f"params: expected arrays of one float dtype, got {sorted(dtypes)}")
    came = [array.shape for array in arrays]
    D, H = (shape[0] if shape else 0 for shape in came[:2])
    width = _GATES[kind] * H
    expected = [(D, width), (H, width)] + [(width,)] * (len(arrays) - 2)
    if came != expected:
        raise ValueError(f"params: expected shapes {expected}, got {came}")
    return kind, (D, H)


def chosen(name, index, count):
    """An index below `count`; if there is only one, it need not be said."""
    if index is None and count > 1:
        raise ValueError(f"{name}: expected one of 0 ... {count - 1} (there are {count}), got None")
    if index is not None and index not in range(count):
        raise ValueError(f"{name}: expected an index below {count}, got {index!r}")
    return index or 0


def array(tensor):
    """A NumPy copy of a PyTorch or TensorFlow tensor, a parameter or a Keras variable."""
    if hasattr(tensor, "detach"):
        tensor = tensor.detach().cpu()
    return np.array(tensor.numpy())
