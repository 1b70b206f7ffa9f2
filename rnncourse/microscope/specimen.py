"""What lies under the microscope: one cell, of whatever library, with the inputs that it reads."""

import contextlib
import sys

import numpy as np

from rnncourse import bptt, cells, seeds
from rnncourse.contracts import adapters, making

WEIGHT_SETS = (cells.RNNParams, cells.LSTMParams, cells.GRUParams)


def prepare(cell, activation="tanh", D=None):
    """An adapter (see `contracts.adapters`) in float64 where the cell has such a twin.

    Args:
        cell: as for `gradient_versus_lag`.
        activation: of an `RNNParams`.
        D: input size of a cell that does not tell it.

    Raises:
        ValueError: if it is no recurrent cell, or reads time first.
    """
    if isinstance(cell, adapters.NumpyCell):
        return cell
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch and isinstance(cell, torch.nn.RNNCellBase):
        cell, activation = _of_one_step(cell)
    if activation != "tanh" and not isinstance(cell, cells.RNNParams):
        came = type(cell).__name__
        raise ValueError(f"activation: expected to be left out for a {came}, got {activation!r}")
    if isinstance(cell, WEIGHT_SETS):
        adapter = adapters.NumpyCell(_of_weights(cell, activation))
        adapter.name = type(cell).__name__
        return adapter
    if torch and isinstance(cell, torch.nn.RNNBase) and not cell.batch_first:
        raise ValueError("cell: expected batch_first=True, got a module that reads time first")
    if keras and isinstance(cell, keras.layers.Layer):
        return _of_keras(cell, D)
    adapter = adapters.adapt(cell)
    adapter.D = adapter.D or D
    return adapter.precise()


def inputs(adapter, T, x, D, rng):
    """Checked inputs (B, T, D) in float64, and the generator that goes on drawing."""
    rng = seeds.rng(6) if rng is None else rng
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a numpy.random.Generator, got {type(rng).__name__}")
    if D is not None and (isinstance(D, bool) or not hasattr(D, "__index__") or D < 1):
        raise ValueError(f"D: expected a positive whole number, got {D!r}")
    if None not in (D, adapter.D) and D != adapter.D:
        raise ValueError(f"D: expected {adapter.D}, the cell's input size, got {D}")
    if x is None:
        if isinstance(T, bool) or not hasattr(T, "__index__") or T < 2:
            raise ValueError(f"T: expected a whole number of at least 2, got {T!r}")
        D = D or adapter.D
        if D is None:
            raise ValueError("D: expected the input size, since this cell does not tell its own")
        return rng.normal(size=(8, T, D)), rng
    came = getattr(x, "shape", type(x).__name__)
    x = np.asarray(x)
    D = D or adapter.D
    if x.dtype.kind != "f" or x.ndim != 3 or min(x.shape) < 1 or x.shape[1] < 2:
        raise ValueError(f"x: expected a float array (B, T, D) with T of at least 2, got {came}")
    if D is not None and x.shape[2] != D:
        raise ValueError(f"x: expected a float array (B, T, D) with D = {D}, got shape {came}")
    if not np.isfinite(x).all():
        raise ValueError("x: expected finite numbers, got NaN or infinity")
    return x.astype(np.float64), rng


def read(adapter, x, state=None):
    """`adapter.run`, whatever goes wrong said in words."""
    try:
        with np.errstate(all="ignore"):  # an overflow is told below, with the step it happens at
            h, state = adapter.run(x, state)
    except Exception as error:
        raise ValueError(
            f"cell: expected (h, state) with h (B, T, H) for x (B, T, D) = {x.shape}, got "
            f"{type(error).__name__}: {error}"
        ) from None
    if not np.isfinite(h).all():
        step = int(np.argmax(~np.isfinite(h).all(axis=(0, 2))))
        raise ValueError(f"cell: expected finite states, got NaN or infinity at step {step}")
    return h, state


def _of_weights(params, activation):
    """The course's own cell in float64, with its gradient."""
    params = params._replace(
        **{name: np.float64(w) for name, w in params._asdict().items() if w is not None}
    )
    if isinstance(params, cells.RNNParams):
        cell = making.from_forward(cells.rnn_forward, params, activation=activation)
        cell.backward = lambda x, dh: bptt.rnn_backward(
            dh, cells.rnn_forward(x, params, activation=activation)[2]
        )[0]
        return cell
    return making.from_params(params)


def _of_one_step(module):
    """(weights, activation) of a torch.nn.RNNCell, LSTMCell or GRUCell."""
    from rnncourse import convert

    return convert.from_torch(module), getattr(module, "nonlinearity", "tanh")


def _of_keras(layer, D):
    """A Keras layer that returns all it can, in float64 where its own configuration allows it."""
    keras = sys.modules["keras"]
    if hasattr(layer, "state_size") and not isinstance(layer, keras.layers.RNN):
        layer = keras.layers.RNN(layer, return_sequences=True, return_state=True)
    kernel = getattr(getattr(layer, "cell", None), "kernel", None)
    D = kernel.shape[0] if kernel is not None else D
    if not layer.built and kernel is None:
        raise ValueError("cell: expected a layer that has its weights, got one that is not built")
    wanted = {"dtype": "float64", "return_sequences": True, "return_state": True}
    with contextlib.suppress(Exception):  # a layer of one's own may know no such configuration
        twin = type(layer).from_config(layer.get_config() | wanted | {"stateful": False})
        twin.build((None, None, D))
        twin.set_weights(layer.get_weights())
        layer = twin
    adapter = adapters.KerasCell(layer)
    adapter.compiled = None  # tracing pays for thousands of steps; here there are some fifty
    adapter.D = adapter.D or D
    return adapter
