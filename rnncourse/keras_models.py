"""The models of the chapters in Keras, functional style: the same sizes, the same reading out.

Importing this module imports Keras and TensorFlow (about 4 s).
"""

from rnncourse.quiet import import_keras

keras = import_keras()

KINDS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


def forecaster(kind, T, D, H, K=1, activation="tanh", **options):
    r"""$\hat y = h_T W_{hy} + b_y$: read a window, predict from the last state.

    Args:
        kind: "rnn", "lstm" or "gru".
        T: steps of a window; None takes windows of any length.
        D: size of the input of a step.
        H: size of the state.
        K: size of the prediction.
        activation: "tanh" or "relu", for "rnn"; the gated ones know only "tanh" here.
        **options: further options of the Keras layer.

    Returns:
        keras.Model, (B, T, D) -> (B, K); not compiled.

    Raises:
        ValueError: for an unknown kind or activation, or sizes below 1.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Source: Keras draws input weights uniformly (Glorot & Bengio, 2010), recurrent weights
        orthogonally, and starts an LSTM's forget bias at 1; PyTorch draws all from one uniform
        distribution. The same weights give the same output: `convert` carries them over.

    Example:
        >>> forecaster("gru", T=7, D=4, H=5).output_shape
        (None, 1)
    """
    _check(kind, activation, D=D, H=H, K=K, **({} if T is None else {"T": T}))
    x = keras.Input((T, D), name="x")
    h_T = KINDS[kind](H, activation=activation, name="recurrent", **options)(x)
    y_hat = keras.layers.Dense(K, name="readout")(h_T)
    return keras.Model(x, y_hat, name=f"{kind}_forecaster")


def char_model(kind, V, H, T=None, activation="tanh", **options):
    r"""$a_t = h_t W_{hy} + b_y$: the next symbol's logits after every symbol.

    Args:
        kind: "rnn", "lstm" or "gru".
        V: size of the vocabulary; a symbol enters as a one-hot vector.
        H: size of the state.
        T: steps of a sequence; None takes any length.
        activation: "tanh" or "relu", for "rnn".
        **options: further options of the Keras layer.

    Returns:
        keras.Model, ids (B, T) -> logits (B, T, V); not compiled. It starts every sequence from
        the zero state and does not hand the state out, other than its PyTorch counterpart.

    Raises:
        ValueError: for an unknown kind or activation, or sizes below 1.

    Example:
        >>> char_model("lstm", V=11, H=5, T=7).output_shape
        (None, 7, 11)
    """
    _check(kind, activation, V=V, H=H, **({} if T is None else {"T": T}))
    ids = keras.Input((T,), dtype="int32", name="ids")
    x = keras.ops.one_hot(ids, V)  # (B, T, V)
    options |= {"return_sequences": True, "name": "recurrent"}
    h = KINDS[kind](H, activation=activation, **options)(x)  # (B, T, H)
    logits = keras.layers.Dense(V, name="readout")(h)
    return keras.Model(ids, logits, name=f"{kind}_char_model")


class ElmanCell(keras.layers.Layer):
    r"""$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$ as a cell that `keras.layers.RNN` loops.

    A cell is any layer with a `state_size` whose `call` takes the input of a step and a list of
    states, and returns the output of the step and the list of new states.

    Args:
        H: size of the state.
        **options: for the layer, e.g. `dtype`.

    Taught in: chapters/08_one_model_three_frameworks

    Example:
        >>> layer = keras.layers.RNN(ElmanCell(5), return_sequences=True)
        >>> tuple(layer(keras.ops.zeros((3, 7, 4))).shape)
        (3, 7, 5)
    """

    def __init__(self, H, **options):
        super().__init__(**options)
        self.state_size = H

    def build(self, shape):
        """Make the weights, when the size of the input is known; shape is (B, D)."""
        H = self.state_size
        self.W_xh = self.add_weight(shape=(shape[-1], H))
        self.W_hh = self.add_weight(shape=(H, H))
        self.b_h = self.add_weight(shape=(H,), initializer="zeros")

    def call(self, x_t, states):
        """x_t (B, D) and [h_prev (B, H)] -> h_t (B, H), [h_t]."""
        a_t = x_t @ self.W_xh + states[0] @ self.W_hh + self.b_h
        h_t = keras.ops.tanh(a_t)
        return h_t, [h_t]


def _check(kind, activation, **sizes):
    if kind not in KINDS:
        raise ValueError(f"kind: expected one of {', '.join(map(repr, KINDS))}, got {kind!r}")
    allowed = ("tanh", "relu") if kind == "rnn" else ("tanh",)
    if activation not in allowed:
        raise ValueError(
            f"activation: expected {' or '.join(map(repr, allowed))} for kind {kind!r}, "
            f"got {activation!r}"
        )
    for name, size in sizes.items():
        if not hasattr(size, "__index__") or size < 1:
            raise ValueError(f"{name}: expected a positive integer, got {size!r}")
