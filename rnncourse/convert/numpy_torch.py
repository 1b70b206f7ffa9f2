"""Weights and gradients, NumPy <-> PyTorch."""

import numpy as np

from rnncourse.cells import GRUParams, LSTMParams, RNNParams
from rnncourse.convert.common import array, checked, chosen, is_gru

NAMES = {RNNParams: "RNN", LSTMParams: "LSTM", GRUParams: "GRU"}


def to_torch(params, reverse_params=None, *, activation="tanh", reset_after=True):
    """A `torch.nn.RNN`, `LSTM` or `GRU` (batch_first) that computes what `params` compute.

    Args:
        params: `RNNParams`, `LSTMParams` or `GRUParams`.
        reverse_params: a second set of the same kind and sizes, for the reverse direction; the
            module is bidirectional then.
        activation: of the RNN, "tanh" or "relu".
        reset_after: as `gru_forward` has it. PyTorch knows only True.

    Returns:
        A module of the dtype of `params`. The one bias of an RNN or LSTM goes to `bias_ih`,
        `bias_hh` is zero; a GRU's `b_x` goes to `bias_ih` and `b_h` to `bias_hh`. Nothing is
        drawn at random: PyTorch's generator stands where it stood.

    Raises:
        ValueError: if `params` cannot be said in PyTorch (peepholes, reset before the product).

    Taught in: chapters/04_a_loop_with_a_memory.

    Example:
        >>> from rnncourse import cells, seeds
        >>> params = cells.init_lstm(4, 5, seeds.rng(4))
        >>> module = to_torch(params)
        >>> module.weight_ih_l0.shape, module.weight_ih_l0.dtype
        (torch.Size([20, 4]), torch.float64)
        >>> bool((from_torch(module).W_xh == params.W_xh).all())
        True
    """
    import torch

    kind, (D, H) = checked(params)
    sets = [params] if reverse_params is None else [params, reverse_params]
    if checked(sets[-1]) != (kind, (D, H)):
        raise ValueError(f"reverse_params: expected {kind.__name__} of D, H = {D}, {H} as params")
    if kind is GRUParams and not reset_after:
        raise ValueError("reset_after: PyTorch's GRU resets after the product only, got False")
    keywords = {"nonlinearity": activation} if kind is RNNParams else {}
    if reverse_params is not None:
        keywords["bidirectional"] = True
    with torch.random.fork_rng(devices=[]):  # what the module draws is overwritten below
        module = getattr(torch.nn, NAMES[kind])(
            D, H, batch_first=True, dtype=getattr(torch, str(params.W_xh.dtype)), **keywords
        )
    with torch.no_grad():
        for one, suffix in zip(sets, ("_l0", "_l0_reverse"), strict=False):
            for name, array in _torch_arrays(one).items():
                getattr(module, name + suffix).copy_(torch.from_numpy(array))
    return module


def from_torch(module, direction=None, layer=None):
    """The weights of one layer and direction of a PyTorch module as the course's arrays.

    Args:
        module: `torch.nn.RNN`, `LSTM` or `GRU`, or `RNNCell`, `LSTMCell`, `GRUCell`.
        direction: 0 forward, 1 reverse; must be said if the module is bidirectional.
        layer: from 0; must be said if the module has several.

    Returns:
        `RNNParams`, `LSTMParams` or `GRUParams`: copies, of the module's dtype. The two biases
        of an RNN or LSTM are added into one; a module without biases has zeros. Whether an RNN
        has tanh or relu is not among the weights: see `settings`.

    Raises:
        ValueError: for another kind of module, for projections (`proj_size`), for several
            layers or two directions without saying which.

    Example:
        >>> import torch
        >>> module = torch.nn.GRU(4, 5, num_layers=2, bidirectional=True)
        >>> from_torch(module, direction=1, layer=1).W_xh.shape     # it reads 2 * 5 features
        (10, 15)
    """
    kind, arrays = _torch_read(module, direction, layer, lambda tensor: tensor)
    return _from_torch_arrays(kind, *arrays)


def gradients_from_torch(module, direction=None, layer=None):
    """The gradients that `loss.backward()` left in a PyTorch module, as the course's arrays.

    Args:
        module, direction, layer: as for `from_torch`.

    Returns:
        The same NamedTuple as `from_torch`, holding gradients. PyTorch adds `bias_ih` and
        `bias_hh`, so both receive the gradient of their sum: that one is `b_h` here, not twice
        it. A GRU's two biases receive different ones (the reset gate stands between them).

    Raises:
        ValueError: as `from_torch`, and if there are no gradients yet.

    Example:
        >>> import torch
        >>> module = torch.nn.RNN(4, 5, batch_first=True)
        >>> module(torch.ones(3, 7, 4))[0].sum().backward()
        >>> gradients_from_torch(module).W_hh.shape
        (5, 5)
    """

    def gradient(tensor):
        if tensor.grad is None:
            raise ValueError("module: expected gradients, got none; call loss.backward() first")
        return tensor.grad

    kind, arrays = _torch_read(module, direction, layer, gradient)
    return _from_torch_arrays(kind, *arrays, gradient=True)


def _torch_arrays(params):
    """`{name: array}` in PyTorch's layout."""
    zeros = np.zeros_like(params.b_h)
    first, second = (params.b_x, params.b_h) if is_gru(params) else (params.b_h, zeros)
    arrays = {
        "weight_ih": params.W_xh.T,
        "weight_hh": params.W_hh.T,
        "bias_ih": first,
        "bias_hh": second,
    }
    return {name: array.copy(order="C") for name, array in arrays.items()}


def _from_torch_arrays(kind, weight_ih, weight_hh, bias_ih, bias_hh, gradient=False):
    weights = weight_ih.T.copy(order="C"), weight_hh.T.copy(order="C")
    if kind is GRUParams:
        return GRUParams(*weights, bias_ih, bias_hh)
    return kind(*weights, bias_ih if gradient else bias_ih + bias_hh)


def _torch_read(module, direction, layer, read):
    """(kind, [weight_ih, weight_hh, bias_ih, bias_hh]) with `read` applied to each tensor."""
    kind, suffix = place(module, direction, layer)
    weights = [getattr(module, f"weight_{side}{suffix}") for side in ("ih", "hh")]
    if module.bias:
        biases = [getattr(module, f"bias_{side}{suffix}") for side in ("ih", "hh")]
        return kind, [array(read(tensor)) for tensor in weights + biases]
    arrays = [array(read(tensor)) for tensor in weights]
    zeros = np.zeros(len(arrays[0]), arrays[0].dtype)
    return kind, [*arrays, zeros, zeros.copy()]


def place(module, direction, layer):
    """(kind, suffix of the parameters' names) of one layer and direction, or a refusal."""
    import torch

    for kind, name in NAMES.items():
        if isinstance(module, getattr(torch.nn, name + "Cell")):
            return kind, ""
        if isinstance(module, getattr(torch.nn, name)):
            break
    else:
        raise ValueError(f"module: expected torch.nn.RNN, LSTM or GRU, got {type(module).__name__}")
    if module.proj_size:
        raise ValueError(f"module: proj_size = {module.proj_size} has no counterpart here")
    layer = chosen("layer", layer, module.num_layers)
    direction = chosen("direction", direction, 2 if module.bidirectional else 1)
    return kind, f"_l{layer}" + ("_reverse" if direction else "")
