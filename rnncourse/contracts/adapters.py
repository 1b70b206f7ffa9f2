"""A NumPy function, a PyTorch module or a Keras layer, all seen as one kind of cell.

`adapt(cell).run(x, state, lengths)` takes and gives NumPy arrays (B, T, .). The state stays as the
cell gave it; `states.leaves` looks into it. PyTorch and Keras are never imported for a cell of
another kind: whoever hands over a module has imported its library.
"""

import contextlib
import copy
import inspect
import sys

import numpy as np

from rnncourse import cells
from rnncourse.contracts.making import from_params
from rnncourse.contracts.states import to_numpy


def adapt(cell):
    """The adapter for a cell.

    Args:
        cell: `cell(x, state=None) -> (h, state)` on NumPy arrays, a `torch.nn.Module`, a Keras
            layer, or `RNNParams`, `LSTMParams`, `GRUParams`.

    Returns:
        NumpyCell, TorchCell or KerasCell.

    Raises:
        ValueError: if it is none of these, or a Keras layer that does not return enough.
    """
    if isinstance(cell, NumpyCell):
        return cell
    if isinstance(cell, (cells.RNNParams, cells.LSTMParams, cells.GRUParams)):
        return NumpyCell(from_params(cell))
    torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
    if torch and isinstance(cell, torch.nn.Module):
        return TorchCell(cell)
    if keras and isinstance(cell, keras.layers.Layer):
        return KerasCell(cell)
    if callable(cell):
        return NumpyCell(cell)
    raise ValueError(f"cell: expected a function, module or layer, got {type(cell).__name__}")


class NumpyCell:
    """A function on NumPy arrays; the base of the other adapters.

    Args:
        cell: the function, module or layer.
    """

    def __init__(self, cell):
        self.cell = cell
        self.name = getattr(cell, "__name__", type(cell).__name__)
        self.D = _size(getattr(cell, "D", None))
        parameters = _parameters(self._function())
        self.padding = next((n for n in ("mask", "lengths") if n in parameters), None)
        self.state_name = self._state_parameter(parameters)
        self.takes_state = self.state_name is not None
        state = parameters.get(self.state_name)
        self.needs_state = state is not None and state.default is state.empty

    def run(self, x, state=None, lengths=None):
        """(h (B, T, H), state) for x (B, T, D); refuses another shape of h in words."""
        h, state = self._call(x, state, lengths)
        h = to_numpy(h)
        if h.ndim != 3 or h.shape[:2] != x.shape[:2] or h.dtype.kind != "f":
            B, T, _ = x.shape
            swapped = h.ndim == 3 and h.shape[:2] == (T, B)
            hint = "; is time first?" if swapped else ""
            raise ValueError(f"expected floats h ({B}, {T}, H), got {h.dtype} {h.shape}{hint}")
        return h, state

    def native(self, array, like):
        """An array as the kind and dtype of array that the cell's own state holds."""
        return array.astype(like.dtype)

    def gradient(self, x, dh):
        """d sum(dh * h) / dx as the cell itself computes it."""
        return to_numpy(self.cell.backward(x, dh))

    @property
    def has_gradient(self):
        """Whether the cell can tell its own gradient."""
        return hasattr(self.cell, "backward")

    def precise(self):
        """A float64 twin where there is one, else the cell itself."""
        return self

    def asked(self):
        """A context in which the cell is as in use: without dropout."""
        return contextlib.nullcontext()

    def _function(self):
        return self.cell

    def _state_parameter(self, parameters):
        names = [n for n, p in parameters.items() if p.kind in (0, 1)]  # positional ones
        return next((n for n in names[1:] if n not in ("mask", "lengths")), None)

    def _call(self, x, state, lengths):
        return _as_pair(self.cell(x, *self._state(state), **self._pad(x, lengths)))

    def _state(self, state):
        """The state as positional arguments; none where the cell takes none."""
        given = self.takes_state and (state is not None or self.needs_state)
        return (state,) if given else ()

    def _pad(self, x, lengths):
        """`mask` or `lengths` as keywords, whichever the cell takes."""
        if lengths is None:
            return {}
        lengths = np.asarray(lengths)
        mask = np.arange(x.shape[1]) < lengths[:, None]
        return {self.padding: mask if self.padding == "mask" else lengths}


class TorchCell(NumpyCell):
    """A `torch.nn.Module`, batch first."""

    def __init__(self, cell):
        super().__init__(cell)
        import torch

        self.torch = torch
        self.name = type(cell).__name__
        self.D = _size(getattr(cell, "input_size", None))
        floats = [p for p in [*cell.parameters(), *cell.buffers()] if p.is_floating_point()]
        self.kind = floats[0].detach() if floats else torch.zeros(())
        self.is_stock = isinstance(cell, torch.nn.RNNBase)
        if self.is_stock:
            self.padding = "lengths" if cell.batch_first else None
            self.takes_state = True

    has_gradient = True

    def native(self, array, like):
        return self.torch.as_tensor(array, dtype=like.dtype, device=like.device)

    def gradient(self, x, dh):
        x = self._tensor(x).requires_grad_()
        with self.torch.enable_grad():
            h, _ = _as_pair(self.cell(x, *self._state(None)))
        if not h.requires_grad:
            raise ValueError("no gradient flows from h back to x")
        (dx,) = self.torch.autograd.grad(h, x, self._tensor(dh), allow_unused=True)
        return np.zeros(x.shape) if dx is None else to_numpy(dx)

    def precise(self):
        try:
            twin = TorchCell(copy.deepcopy(self.cell).double())
            twin.run(np.zeros((3, 7, self.D or 4)))
        except Exception:  # a module that makes float32 inside: measure it as it is
            return self
        return twin

    @contextlib.contextmanager
    def asked(self):
        modes = [(module, module.training) for module in self.cell.modules()]
        self.cell.eval()
        try:
            yield
        finally:
            for module, training in modes:
                module.training = training

    def _function(self):
        return self.cell.forward

    def _tensor(self, array):
        return self.torch.as_tensor(array).to(self.kind)

    def _call(self, x, state, lengths):
        with self.torch.no_grad():
            x = self._tensor(x)
            if lengths is not None and self.is_stock:
                return self._packed(x, state, lengths)
            padding = {k: self.torch.as_tensor(v) for k, v in self._pad(x, lengths).items()}
            return _as_pair(self.cell(x, *self._state(state), **padding))

    def _packed(self, x, state, lengths):
        rnn = self.torch.nn.utils.rnn
        packed = rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        h, state = self.cell(packed, state)
        return rnn.pad_packed_sequence(h, batch_first=True, total_length=x.shape[1])[0], state


class KerasCell(NumpyCell):
    """A Keras layer that returns its outputs at all steps, and its state."""

    def __init__(self, cell):
        for needed in ("return_sequences", "return_state"):
            if getattr(cell, needed, True) is False:
                raise ValueError(
                    f"cell: expected a Keras layer with return_sequences=True and "
                    f"return_state=True, got {type(cell).__name__} with {needed}=False"
                )
        super().__init__(cell)
        self.name = type(cell).__name__
        kernel = getattr(getattr(cell, "cell", None), "kernel", None)
        self.D = None if kernel is None else kernel.shape[0]
        self.compiled = None
        if self.has_gradient and isinstance(cell, sys.modules["keras"].layers.RNN):
            # Step by step in Python, 4,096 steps take TensorFlow 6-15 s; as a graph, 0.1 s.
            self.compiled = sys.modules["tensorflow"].function(
                lambda x, state, mask: cell(x, initial_state=state, mask=mask),
                reduce_retracing=True,
            )

    @property
    def has_gradient(self):
        return "tensorflow" in sys.modules and hasattr(self.cell, "trainable_weights")

    def native(self, array, like):
        return sys.modules["keras"].ops.convert_to_tensor(array, dtype=like.dtype)

    def gradient(self, x, dh):
        tensorflow = sys.modules["tensorflow"]
        x = tensorflow.constant(x, self.cell.compute_dtype)
        with tensorflow.GradientTape() as tape:
            tape.watch(x)
            h, _ = self._outputs(x, None, {})
        return to_numpy(tape.gradient(h, x, tensorflow.constant(dh, h.dtype)))

    def _function(self):
        return self.cell.call

    def _state_parameter(self, parameters):
        names = ("initial_state", "state", "states")
        return next((n for n in names if n in parameters), None)

    def _call(self, x, state, lengths):
        x = sys.modules["keras"].ops.convert_to_tensor(x, dtype=self.cell.compute_dtype)
        return self._outputs(x, state, self._pad(x, lengths))

    def _outputs(self, x, state, keywords):
        if self.compiled:
            result = self.compiled(x, state, keywords.get("mask"))
        else:
            given = self.takes_state and state is not None
            result = self.cell(x, **({self.state_name: state} if given else {}), **keywords)
        if isinstance(result, (tuple, list)):
            h, *state = result
            return h, state[0] if len(state) == 1 else state
        return result, None


def _as_pair(result):
    """(h, state) from what a cell returned; a lone array is an h without a state."""
    if not isinstance(result, (tuple, list)):
        return result, None
    if len(result) != 2:
        raise ValueError(f"expected (h, state), got {len(result)} values")
    return result[0], result[1]


def _size(value):
    """An input size that a cell tells, if it is one (a learner's `D` may be anything)."""
    return value if isinstance(value, int) and value > 0 else None


def _parameters(function):
    """The parameters of a function, or those of the protocol."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # compiled callables have none: believe the protocol
        return inspect.signature(lambda x, state=None: None).parameters
