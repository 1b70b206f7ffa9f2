"""The Keras models: the same sizes as their PyTorch counterparts, and fit to train."""

import numpy as np
import pytest

from rnncourse import cells, keras_models

B, T, D, H, K, V = 3, 7, 4, 5, 2, 11
KINDS = ["rnn", "lstm", "gru"]
GATES = {"rnn": 1, "lstm": 4, "gru": 3}


@pytest.mark.parametrize("kind", KINDS)
def test_a_forecaster_has_the_parameters_that_its_sizes_ask_for(kind):
    model = keras_models.forecaster(kind, T, D, H, K)
    biases = 2 if kind == "gru" else 1  # Keras gives its GRU one for each of its two products
    expected = GATES[kind] * (D * H + H * H + biases * H) + H * K + K
    assert model.count_params() == expected
    assert model.output_shape == (None, K)


def test_a_forecast_is_read_from_the_last_state():
    model = keras_models.forecaster("rnn", T, D, H, K)
    x = np.random.default_rng(0).normal(size=(B, T, D)).astype("float32")
    W_xh, W_hh, b_h, W_hy, b_y = model.get_weights()
    h_t = np.zeros((B, H))
    for t in range(T):
        h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
    y_hat = np.asarray(model(x))
    np.testing.assert_allclose(y_hat, h_t @ W_hy + b_y, atol=1e-6)


def test_windows_of_any_length_are_taken_where_no_length_is_given():
    model = keras_models.forecaster("lstm", None, D, H)
    assert model(np.zeros((B, 2, D))).shape == model(np.zeros((B, 9, D))).shape == (B, 1)


def test_the_activation_of_the_plain_network_can_be_relu():
    model = keras_models.forecaster("rnn", T, D, H, activation="relu")
    assert model.get_layer("recurrent").activation.__name__ == "relu"


@pytest.mark.parametrize("kind", KINDS)
def test_the_character_model_cannot_see_the_next_symbol(kind):
    model = keras_models.char_model(kind, V, H, T)
    ids = np.random.default_rng(1).integers(0, V, (B, T))
    changed = ids.copy()
    changed[:, -1] = (ids[:, -1] + 1) % V
    before, after = np.asarray(model(ids)), np.asarray(model(changed))
    assert before.shape == (B, T, V)
    np.testing.assert_allclose(before[:, :-1], after[:, :-1], atol=1e-6)
    assert np.abs(before[:, -1] - after[:, -1]).max() > 1e-4


def own_layer(params, **options):
    """`keras.layers.RNN` over our cell, with these weights."""
    cell = keras_models.ElmanCell(H, dtype="float64")
    layer = keras_models.keras.layers.RNN(cell, dtype="float64", **options)
    layer.build((None, None, D))
    layer.set_weights(params)
    return layer


def test_our_cell_in_keras_loop_gives_the_states_of_numpy():
    params, rng = cells.init_rnn(D, H, np.random.default_rng(3)), np.random.default_rng(4)
    x, h_0 = rng.normal(size=(B, T, D)), rng.normal(size=(B, H))
    layer = own_layer(params, return_sequences=True, return_state=True)
    h, h_T = layer(x, initial_state=h_0)
    expected, last, _ = cells.rnn_forward(x, params, h_0)
    np.testing.assert_allclose(h, expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(h_T, last, rtol=0, atol=1e-10)


def test_our_cell_respects_a_mask():
    params = cells.init_rnn(D, H, np.random.default_rng(3))
    x, lengths = np.random.default_rng(4).normal(size=(B, T, D)), [7, 4, 2]
    h_T = own_layer(params)(x, mask=np.arange(T) < np.array(lengths)[:, None])
    expected = cells.rnn_forward(x, params, lengths=lengths)[1]
    np.testing.assert_allclose(h_T, expected, rtol=0, atol=1e-10)


def test_our_cell_starts_with_a_bias_of_zero_and_counts_as_we_do():
    layer = keras_models.keras.layers.RNN(keras_models.ElmanCell(H))
    layer.build((None, None, D))
    assert layer.count_params() == D * H + H * H + H
    assert not np.any(layer.get_weights()[2])


def test_a_model_learns_the_mean_of_its_window():
    keras = keras_models.keras
    keras.utils.set_random_seed(0)
    X = np.random.default_rng(2).normal(size=(64, T, 1)).astype("float32")
    model = keras_models.forecaster("rnn", T, 1, H)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse")
    history = model.fit(X, X.mean(axis=1), epochs=15, verbose=0).history["loss"]
    assert history[-1] < 0.3 * history[0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: keras_models.forecaster("elman", T, D, H), "kind: expected one of 'rnn', 'lstm'"),
        (lambda: keras_models.forecaster("rnn", 0, D, H), "T: expected a positive integer, got 0"),
        (lambda: keras_models.forecaster("rnn", T, D, -1), "H: expected a positive integer"),
        (lambda: keras_models.forecaster("rnn", T, D, H, K=0), "K: expected a positive integer"),
        (
            lambda: keras_models.forecaster("gru", T, D, H, activation="relu"),
            "activation: expected",
        ),
        (lambda: keras_models.char_model("rnn", 1.5, H), "V: expected a positive integer, got 1.5"),
    ],
)
def test_refusals_name_the_argument_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
