"""Weights and gradients, NumPy <-> Keras."""

import numpy as np

from rnncourse import quiet
from rnncourse.cells import GRUParams, LSTMParams, RNNParams
from rnncourse.convert.common import array, checked, chosen, is_gru

NAMES = {RNNParams: "SimpleRNN", LSTMParams: "LSTM", GRUParams: "GRU"}


def to_keras(params, *, activation="tanh", reset_after=True, batch=None, **keywords):
    """A built `SimpleRNN`, `LSTM` or `GRU` layer that computes what `params` compute.

    Args:
        params: `RNNParams`, `LSTMParams` or `GRUParams`.
        activation: of the RNN, e.g. "tanh" or "relu".
        reset_after: of the GRU. False is the form of Cho et al. (2014), with one bias (3H,).
        batch: the number of sequences, which a layer with `stateful=True` has to know.
        **keywords: for the layer, e.g. `name`; `return_sequences` and `return_state` are True
            unless said otherwise.

    Returns:
        A layer of the dtype of `params`. With `reset_after=False` its one bias is `b_x + b_h`.
        Nothing is drawn at random to make it.

    Raises:
        ValueError: if `params` cannot be said in Keras (peepholes), or a stateful layer is not
            told its batch.

    Taught in: chapters/04_a_loop_with_a_memory.

    Example:
        >>> from rnncourse import cells, seeds
        >>> layer = to_keras(cells.init_gru(4, 5, seeds.rng(4)))
        >>> [tuple(weight.shape) for weight in layer.weights]
        [(4, 15), (5, 15), (2, 15)]
    """
    keras = quiet.import_keras()
    kind, (D, H) = checked(params)
    if keywords.get("stateful") and batch is None:
        raise ValueError("batch: expected the number of sequences of a stateful layer, got None")
    keywords = {"return_sequences": True, "return_state": True, "seed": 0, **keywords}
    if kind is RNNParams:
        keywords["activation"] = activation
    if kind is GRUParams:
        keywords["reset_after"] = reset_after
    layer = getattr(keras.layers, NAMES[kind])(
        H,
        dtype=str(params.W_xh.dtype),
        kernel_initializer="zeros",  # overwritten below; like the seed, it draws nothing
        recurrent_initializer="zeros",
        **keywords,
    )
    layer.build((batch, None, D))
    layer.set_weights(_keras_arrays(params, reset_after))
    return layer


def from_keras(layer, direction=None):
    """The weights of a Keras layer as the course's arrays.

    Args:
        layer: a built `SimpleRNN`, `LSTM` or `GRU`, or a `Bidirectional` around one.
        direction: 0 forward, 1 reverse; must be said for a `Bidirectional`.

    Returns:
        `RNNParams`, `LSTMParams` or `GRUParams`: copies, of the layer's dtype; zeros where the
        layer has no bias. A GRU with `reset_after=False` has one bias: it becomes `b_x`, and
        `b_h` is zero. Activation and reset convention are not among the weights: see `settings`.

    Raises:
        ValueError: for another kind of layer, an unbuilt one, or an LSTM or GRU whose gates or
            activation are not the usual sigmoid and tanh.

    Example:
        >>> layer = quiet.import_keras().layers.LSTM(5)
        >>> layer.build((None, None, 4))
        >>> from_keras(layer).W_xh.shape
        (4, 20)
    """
    kind, layer = place(layer, direction)
    return _from_keras_arrays(kind, *(array(weight) for weight in _keras_weights(layer)))


def gradients_from_keras(layer, gradients, variables=None, direction=None):
    """Gradients that TensorFlow's tape gave for a Keras layer, as the course's arrays.

    Args:
        layer, direction: as for `from_keras`.
        gradients: what `tape.gradient(loss, variables)` returned.
        variables: what they belong to; `layer.trainable_weights` unless said otherwise. Those
            of a whole model will do: the layer's own are picked out.

    Returns:
        The same NamedTuple as `from_keras`, holding gradients. The one bias of a GRU with
        `reset_after=False` stands for `b_x + b_h`: both receive its gradient.

    Raises:
        ValueError: as `from_keras`, and if the layer's variables are not among `variables`.

    Example:
        >>> tf = (quiet.import_keras(), __import__("tensorflow"))[1]
        >>> from rnncourse import cells, seeds
        >>> layer = to_keras(cells.init_rnn(4, 5, seeds.rng(4)), return_state=False)
        >>> with tf.GradientTape() as tape:
        ...     loss = tf.reduce_sum(layer(tf.ones((3, 7, 4), "float64")))
        >>> gradients = tape.gradient(loss, layer.trainable_weights)
        >>> gradients_from_keras(layer, gradients).W_hh.shape
        (5, 5)
    """
    variables = layer.trainable_weights if variables is None else variables
    kind, layer = place(layer, direction)
    known = {id(v): g for v, g in zip(variables, gradients, strict=True) if g is not None}
    weights = _keras_weights(layer)
    if not all(id(weight) in known for weight in weights):
        raise ValueError("gradients: expected one for every weight of the layer, got fewer")
    arrays = [array(known[id(weight)]) for weight in weights]
    return _from_keras_arrays(kind, *arrays, gradient=True)


def _keras_arrays(params, reset_after):
    """[kernel, recurrent_kernel, bias] in Keras' layout."""
    if not is_gru(params):
        return [params.W_xh, params.W_hh, params.b_h]
    b_x, b_h = _swap_rz(params.b_x), _swap_rz(params.b_h)
    bias = np.stack([b_x, b_h]) if reset_after else b_x + b_h
    return [_swap_rz(params.W_xh), _swap_rz(params.W_hh), bias]


def _from_keras_arrays(kind, kernel, recurrent_kernel, bias=None, gradient=False):
    if bias is None:
        bias = np.zeros(kernel.shape[-1], kernel.dtype)
    if kind is not GRUParams:
        return kind(kernel, recurrent_kernel, bias)
    if bias.ndim == 1:
        bias = np.stack([bias, bias if gradient else np.zeros_like(bias)])
    return GRUParams(*(_swap_rz(array) for array in (kernel, recurrent_kernel, *bias)))


def _swap_rz(array):
    """Exchange the first two of three blocks on the last axis: r, z, n <-> z, r, h."""
    first, second, third = np.split(array, 3, axis=-1)
    return np.concatenate([second, first, third], axis=-1)


def place(layer, direction):
    """(kind, plain layer), or a refusal."""
    layers = quiet.import_keras().layers
    if isinstance(layer, layers.Bidirectional):
        direction = chosen("direction", direction, 2)
        layer = layer.backward_layer if direction else layer.forward_layer
    else:
        chosen("direction", direction, 1)
    kinds = [kind for kind, name in NAMES.items() if isinstance(layer, getattr(layers, name))]
    if not kinds:
        got = type(layer).__name__
        raise ValueError(f"layer: expected a Keras SimpleRNN, LSTM or GRU, got {got}")
    if kinds[0] is not RNNParams:
        found = activation(layer), layer.recurrent_activation.__name__
        if found != ("tanh", "sigmoid"):
            raise ValueError("layer: expected tanh and sigmoid gates, got " + " and ".join(found))
    if not layer.built:
        raise ValueError("layer: expected a built layer; call it once, or layer.build((B, T, D))")
    return kinds[0], layer


def _keras_weights(layer):
    cell = layer.cell
    return [cell.kernel, cell.recurrent_kernel] + ([cell.bias] if cell.use_bias else [])


def activation(layer):
    """The name of a layer's activation."""
    return layer.activation.__name__
