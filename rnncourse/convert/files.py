"""A weight set in one neutral file that every framework can read: safetensors, no pickle."""

import json
from pathlib import Path

from rnncourse.cells import GRUParams, LSTMParams, RNNParams
from rnncourse.convert import numpy_keras, numpy_torch
from rnncourse.convert.common import checked

KINDS = {"rnn": RNNParams, "lstm": LSTMParams, "gru": GRUParams}
SETTINGS = {"rnn": {"activation": "tanh"}, "lstm": {}, "gru": {"reset_after": True}}


def save(path, weights, **settings):
    """Write one weight set to a safetensors file, in the course's names, layout and gate order.

    Args:
        path: where to; what is there is overwritten.
        weights: `RNNParams`, `LSTMParams` or `GRUParams`; or a PyTorch module or a Keras layer
            as for `from_torch` and `from_keras`, whose settings are kept as well.
        **settings: what belongs to the cell but not to its arrays: `activation` of an RNN,
            `reset_after` of a GRU. Left out, they are tanh and True.

    Raises:
        ValueError: for what is no weight set, holds peepholes, or settings that it has not.

    Taught in: chapters/08_one_model_three_frameworks

    Source: the file is a list of names, types, shapes and places in JSON, then the bare numbers
        (safetensors, Hugging Face). Reading it runs nothing, other than a pickle.

    Example:
        >>> import tempfile
        >>> from rnncourse import cells, convert, seeds
        >>> params = cells.init_gru(4, 5, seeds.rng(8))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(f"{folder}/gru.safetensors", convert.to_torch(params))
        ...     again, settings = load(f"{folder}/gru.safetensors", kind="gru")
        >>> bool((again.W_hh == params.W_hh).all()), settings
        (True, {'reset_after': True})
    """
    from safetensors.numpy import save_file

    weights, found = _as_params(weights)
    kind = next(name for name, params in KINDS.items() if params is checked(weights)[0])
    settings = SETTINGS[kind] | found | settings
    _check_settings(kind, settings)
    arrays = {name: array.copy(order="C") for name, array in _arrays(weights).items()}
    save_file(arrays, Path(path), metadata={"kind": kind, "settings": json.dumps(settings)})


def load(path, kind=None, D=None, H=None):
    """Read a weight set that `save` has written.

    Args:
        path: of the file.
        kind: "rnn", "lstm" or "gru", if it must be that; None takes what is there.
        D: size of the input, if it must be that.
        H: size of the state, if it must be that.

    Returns:
        (params, settings): the weight set, and the keywords that `to_torch` and `to_keras` need
        to compute the same: `to_torch(params, **settings)`.

    Raises:
        ValueError: if the file is not one of `save`'s, lacks an array or has one too many, or
            has another kind, shape or size than expected.
        FileNotFoundError: if there is no such file.

    Taught in: chapters/08_one_model_three_frameworks

    Example:
        >>> load("no_such.safetensors")
        Traceback (most recent call last):
            ...
        FileNotFoundError: no_such.safetensors
    """
    arrays, metadata = _read(Path(path))
    found = metadata.get("kind")
    if found not in KINDS:
        raise ValueError(f"path: expected a file written by convert.save, got kind {found!r}")
    if kind not in (None, found):
        raise ValueError(f"kind: expected {kind!r}, but the file holds a weight set of {found!r}")
    wanted = [name for name in KINDS[found]._fields if name != "peepholes"]
    if sorted(arrays) != sorted(wanted):
        raise ValueError(f"path: expected the arrays {sorted(wanted)}, got {sorted(arrays)}")
    params = KINDS[found](**arrays)
    _, sizes = checked(params)
    for name, wish, size in zip("DH", (D, H), sizes, strict=True):
        if wish not in (None, size):
            raise ValueError(f"{name}: expected {wish}, but the file holds {name} = {size}")
    return params, _settings(found, metadata)


def _as_params(weights):
    """(weight set, settings) of a weight set, a PyTorch module or a Keras layer."""
    from rnncourse import convert  # the package itself, for `settings`

    if type(weights) in KINDS.values():
        return weights, {}
    if not hasattr(weights, "parameters") and not hasattr(weights, "cell"):
        got = type(weights).__name__
        raise ValueError(f"weights: expected a weight set, a module or a layer, got {got}")
    found = convert.settings(weights)
    if found.pop("reverse", False):
        raise ValueError("weights: expected a layer that reads forwards, got one that goes back")
    if hasattr(weights, "parameters"):
        return numpy_torch.from_torch(weights), found
    return numpy_keras.from_keras(weights), found


def _arrays(params):
    return {name: array for name, array in params._asdict().items() if array is not None}


def _check_settings(kind, settings):
    if sorted(settings) != sorted(SETTINGS[kind]):
        expected = ", ".join(SETTINGS[kind]) or "none"
        raise ValueError(f"settings: expected {expected} for {kind!r}, got {sorted(settings)}")
    for name, value in settings.items():
        if type(value) is not type(SETTINGS[kind][name]):
            expected = type(SETTINGS[kind][name]).__name__
            raise ValueError(f"{name}: expected a {expected}, got {value!r}")


def _settings(kind, metadata):
    try:
        settings = json.loads(metadata["settings"])
        _check_settings(kind, settings)
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError("path: expected settings in the file's metadata, found none") from error
    return settings


def _read(path):
    """(name -> array, metadata) of a safetensors file, or a refusal."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"path: expected a safetensors file, got one that is not: {error}"
        ) from None
