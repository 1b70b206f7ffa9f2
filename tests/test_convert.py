"""One weight set in NumPy, PyTorch and Keras: the same outputs, the same gradients, both ways."""

import random

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import bptt, cells, convert, quiet

B, T, D, H = 3, 7, 4, 5
KINDS = ("rnn", "lstm", "gru")
SIZES = st.tuples(*[st.integers(1, 6)] * 4)


def weights(kind, D=D, H=H, seed=0, dtype=np.float64):
    return getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(seed), dtype=dtype)


def drawn(*shapes, seed=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def ours(kind, x, params, dh, **keywords):
    """(h, gradient of sum(dh * h) with respect to the parameters) in NumPy."""
    h, _, cache = getattr(cells, f"{kind}_forward")(x, params, **keywords)
    return h, getattr(bptt, f"{kind}_backward")(dh, cache)[1]


def assert_same(a, b, tolerance):
    assert type(a) is type(b)
    for name, one, other in zip(a._fields, a, b, strict=True):
        if one is None:
            assert other is None
            continue
        assert one.shape == other.shape, name
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance, err_msg=name)


def assert_identical(a, b):
    assert_same(a, b, 0)
    dtypes = [[array.dtype for array in params if array is not None] for params in (a, b)]
    assert dtypes[0] == dtypes[1]


@pytest.fixture(scope="module")
def keras():
    return quiet.import_keras()


# ------------------------------------------------------------------------------------ PyTorch


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(sizes=SIZES)
def test_pytorch_gives_our_outputs_and_gradients_for_any_sizes(kind, sizes):
    B, T, D, H = sizes
    params = weights(kind, D, H)
    x, dh = drawn((B, T, D), (B, T, H))
    module = convert.to_torch(params)
    h = module(torch.from_numpy(x))[0]
    h.backward(torch.from_numpy(dh))
    expected, gradients = ours(kind, x, params, dh)
    np.testing.assert_allclose(h.detach().numpy(), expected, rtol=0, atol=1e-10)
    assert_same(convert.gradients_from_torch(module), gradients, 1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_a_round_trip_through_pytorch_is_exact_and_keeps_the_dtype(kind, dtype):
    params = weights(kind, dtype=dtype)
    assert_identical(convert.from_torch(convert.to_torch(params)), params)


@pytest.mark.parametrize("kind", KINDS)
def test_each_layer_and_direction_of_a_pytorch_stack_is_found(kind):
    name = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[kind]
    module = getattr(torch.nn, name)(
        D, H, num_layers=2, bidirectional=True, batch_first=True, dtype=torch.float64
    )
    (h,) = (x,) = drawn((B, T, D))
    forward = getattr(cells, f"{kind}_forward")
    for layer in range(2):
        halves = [
            forward(h, convert.from_torch(module, direction, layer), reverse=bool(direction))[0]
            for direction in range(2)
        ]
        h = np.concatenate(halves, axis=-1)
    np.testing.assert_allclose(h, module(torch.from_numpy(x))[0].detach(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_two_weight_sets_make_a_bidirectional_pytorch_module(kind):
    there, back = weights(kind), weights(kind, seed=2)
    module = convert.to_torch(there, back)
    (x,) = drawn((B, T, D))
    forward = getattr(cells, f"{kind}_forward")
    expected = [forward(x, there)[0], forward(x, back, reverse=True)[0]]
    h = module(torch.from_numpy(x))[0].detach().numpy()
    np.testing.assert_allclose(h, np.concatenate(expected, axis=-1), rtol=0, atol=1e-10)
    assert_identical(convert.from_torch(module, direction=1), back)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_the_reverse_direction_carry_over(kind):
    there, back = weights(kind), weights(kind, seed=2)
    module = convert.to_torch(there, back)
    x, dh = drawn((B, T, D), (B, T, H))
    module(torch.from_numpy(x))[0][..., H:].backward(torch.from_numpy(dh))
    _, gradients = ours(kind, x, back, dh, reverse=True)
    assert_same(convert.gradients_from_torch(module, direction=1), gradients, 1e-10)


def test_pytorchs_two_biases_receive_one_gradient_and_ours_is_that_one():
    params = weights("lstm")
    module = convert.to_torch(params)
    module(torch.ones(B, T, D, dtype=torch.float64))[0].sum().backward()
    torch.testing.assert_close(module.bias_ih_l0.grad, module.bias_hh_l0.grad)
    gradient = convert.gradients_from_torch(module).b_h
    np.testing.assert_array_equal(gradient, module.bias_ih_l0.grad.numpy())


def test_a_relu_rnn_is_told_by_its_settings():
    params = weights("rnn")
    module = convert.to_torch(params, activation="relu")
    assert convert.settings(module) == {"activation": "relu"}
    (x,) = drawn((B, T, D))
    h = cells.rnn_forward(x, params, **convert.settings(module))[0]
    np.testing.assert_allclose(module(torch.from_numpy(x))[0].detach(), h, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_a_module_without_biases_has_zeros(name):
    params = convert.from_torch(getattr(torch.nn, name)(D, H, bias=False))
    assert not params.b_h.any()
    assert params.b_h.shape == params.W_hh.shape[1:]


@pytest.mark.parametrize("kind", KINDS)
def test_pytorchs_one_step_cells_convert_too(kind):
    name = {"rnn": "RNNCell", "lstm": "LSTMCell", "gru": "GRUCell"}[kind]
    cell = getattr(torch.nn, name)(D, H, dtype=torch.float64)
    (x,) = drawn((B, 1, D))
    h = cell(torch.from_numpy(x[:, 0]))
    h = (h[0] if kind == "lstm" else h).detach().numpy()
    expected = getattr(cells, f"{kind}_forward")(x, convert.from_torch(cell))[0][:, 0]
    np.testing.assert_allclose(h, expected, rtol=0, atol=1e-10)


def test_what_was_converted_shares_no_memory():
    params = weights("rnn", D=1, H=1)
    module = convert.to_torch(params)
    back = convert.from_torch(module)
    with torch.no_grad():
        module.weight_ih_l0.fill_(9.0)
        module.bias_ih_l0.fill_(9.0)
    assert 9.0 not in params.W_xh
    assert 9.0 not in back.W_xh
    assert 9.0 not in back.b_h


def test_converting_draws_no_random_numbers(keras):
    torch.manual_seed(4)
    random.seed(4)
    expected = torch.rand(1), random.random()
    torch.manual_seed(4)
    random.seed(4)
    convert.to_torch(weights("gru"))
    convert.to_keras(weights("gru"))
    assert (torch.rand(1), random.random()) == expected


# -------------------------------------------------------------------------------------- Keras


def run_keras(layer, x, dh):
    """(h, gradients from the tape) of a Keras layer."""
    import tensorflow

    with tensorflow.GradientTape() as tape:
        h = layer(tensorflow.constant(x))[0]
        loss = tensorflow.reduce_sum(h * dh)
    return h.numpy(), tape.gradient(loss, layer.trainable_weights)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("kind", "reset_after"), [("rnn", True), ("lstm", True), ("gru", True), ("gru", False)]
)
def test_keras_gives_our_outputs_and_gradients(keras, kind, reset_after, dtype):
    params = weights(kind, dtype=dtype)
    x, dh = drawn((B, T, D), (B, T, H), dtype=dtype)
    layer = convert.to_keras(params, reset_after=reset_after)
    h, tape = run_keras(layer, x, dh)
    expected, gradients = ours(kind, x, params, dh, **convert.settings(layer))
    tolerance = 1e-10 if dtype is np.float64 else 2e-6
    np.testing.assert_allclose(h, expected, rtol=0, atol=tolerance)
    scale = 1 if dtype is np.float64 else 10  # sums over B * T terms of order 1
    assert_same(convert.gradients_from_keras(layer, tape), gradients, scale * tolerance)


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 1, 3, 1), (1, 5, 2, 6)])
@pytest.mark.parametrize("kind", KINDS)
def test_keras_agrees_for_other_sizes(keras, kind, sizes):
    B, T, D, H = sizes
    params = weights(kind, D, H)
    x, dh = drawn((B, T, D), (B, T, H))
    layer = convert.to_keras(params)
    h, tape = run_keras(layer, x, dh)
    expected, gradients = ours(kind, x, params, dh)
    np.testing.assert_allclose(h, expected, rtol=0, atol=1e-10)
    assert_same(convert.gradients_from_keras(layer, tape), gradients, 1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_a_round_trip_through_keras_is_exact_and_keeps_the_dtype(keras, kind, dtype):
    params = weights(kind, dtype=dtype)
    assert_identical(convert.from_keras(convert.to_keras(params)), params)


@pytest.mark.parametrize("kind", KINDS)
def test_pytorch_to_numpy_to_keras_gives_the_same_numbers(keras, kind):
    name = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}[kind]
    module = getattr(torch.nn, name)(D, H, batch_first=True)
    (x,) = drawn((B, T, D), dtype=np.float32)
    layer = convert.to_keras(convert.from_torch(module))
    h = module(torch.from_numpy(x))[0].detach().numpy()
    np.testing.assert_allclose(layer(x)[0].numpy(), h, rtol=0, atol=1e-6)


def test_a_grus_two_biases_become_their_sum_where_keras_has_one(keras):
    params = weights("gru")
    back = convert.from_keras(convert.to_keras(params, reset_after=False))
    np.testing.assert_array_equal(back.b_x, params.b_x + params.b_h)
    assert not back.b_h.any()


def test_both_directions_of_a_bidirectional_keras_layer_are_found(keras):
    inner = keras.layers.GRU(H, return_sequences=True, dtype="float64")
    layer = keras.layers.Bidirectional(inner, dtype="float64")
    (x,) = drawn((B, T, D))
    h = layer(x).numpy()
    halves = [
        cells.gru_forward(x, convert.from_keras(layer, d), **convert.settings(layer, d))[0]
        for d in range(2)
    ]
    np.testing.assert_allclose(h, np.concatenate(halves, axis=-1), rtol=0, atol=1e-10)


def test_a_keras_layer_without_bias_has_zeros(keras):
    layer = keras.layers.GRU(H, use_bias=False)
    layer.build((None, None, D))
    assert not convert.from_keras(layer).b_x.any()


def test_the_layers_gradients_are_picked_out_of_a_models(keras):
    import tensorflow

    layer = convert.to_keras(weights("rnn"), return_state=False)
    dense = keras.layers.Dense(2, dtype="float64")
    (x,) = drawn((B, T, D))
    with tensorflow.GradientTape() as tape:
        loss = tensorflow.reduce_sum(dense(layer(x)))
    variables = dense.trainable_weights + layer.trainable_weights
    gradients = tape.gradient(loss, variables)
    found = convert.gradients_from_keras(layer, gradients, variables)
    np.testing.assert_array_equal(found.W_xh, gradients[2].numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_a_stateful_keras_layer_carries_its_state_until_it_is_reset(keras, kind):
    params = weights(kind)
    (x,) = drawn((B, T, D))
    h = getattr(cells, f"{kind}_forward")(x, params)[0]
    layer = convert.to_keras(params, stateful=True, batch=B)
    pieces = [layer(x[:, :4])[0], layer(x[:, 4:])[0]]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), h, rtol=0, atol=1e-10)
    layer.reset_state()
    np.testing.assert_allclose(layer(x)[0], h, rtol=0, atol=1e-10)


# ----------------------------------------------------------------------------------- refusals


def test_a_stateful_keras_layer_that_does_not_know_its_batch_is_refused():
    with pytest.raises(ValueError, match="batch: expected the number of sequences"):
        convert.to_keras(weights("rnn"), stateful=True)


def test_peepholes_are_refused():
    peeping = cells.init_lstm(D, H, np.random.default_rng(0))._replace(peepholes=np.ones((3, H)))
    for convert_to in (convert.to_torch, convert.to_keras):
        with pytest.raises(ValueError, match="peepholes have no counterpart"):
            convert_to(peeping)


def test_reset_before_the_product_is_refused_by_pytorch():
    with pytest.raises(ValueError, match="resets after the product only"):
        convert.to_torch(weights("gru"), reset_after=False)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ([1, 2, 3], "expected RNN-, LSTM- or GRUParams, got list"),
        (weights("rnn")._replace(W_hh=np.ones((H, 2))), "expected shapes"),
        (weights("rnn")._replace(W_hh=np.float64(1)), "expected shapes"),
        (weights("rnn")._replace(b_h=np.ones(H, int)), "expected arrays of one float dtype"),
    ],
)
def test_what_is_no_weight_set_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        convert.to_torch(params)


def test_a_reverse_set_of_another_size_is_refused():
    with pytest.raises(ValueError, match="reverse_params: expected RNNParams of D, H = 4, 5"):
        convert.to_torch(weights("rnn"), weights("rnn", H=6))


@pytest.mark.parametrize(
    ("module", "keywords", "message"),
    [
        (torch.nn.Linear(D, H), {}, "expected torch.nn.RNN, LSTM or GRU, got Linear"),
        (torch.nn.LSTM(D, H, proj_size=2), {}, "proj_size = 2"),
        (torch.nn.LSTM(D, H, num_layers=2), {}, r"layer: expected one of 0 \.\.\. 1"),
        (torch.nn.GRU(D, H, bidirectional=True), {}, r"direction: expected one of 0 \.\.\. 1"),
        (torch.nn.GRU(D, H), {"layer": 1}, "layer: expected an index below 1, got 1"),
    ],
)
def test_what_from_torch_cannot_read_is_refused(module, keywords, message):
    with pytest.raises(ValueError, match=message):
        convert.from_torch(module, **keywords)


def test_gradients_before_backward_are_refused():
    with pytest.raises(ValueError, match=r"call loss\.backward\(\) first"):
        convert.gradients_from_torch(torch.nn.RNN(D, H))


def test_what_from_keras_cannot_read_is_refused(keras):
    layers = keras.layers
    bidirectional = layers.Bidirectional(layers.LSTM(H))
    bidirectional.build((None, None, D))
    for layer, message in [
        (layers.Dense(H), "expected a Keras SimpleRNN, LSTM or GRU, got Dense"),
        (layers.LSTM(H), "expected a built layer"),
        (layers.LSTM(H, activation="relu"), "expected tanh and sigmoid gates, got relu"),
        (bidirectional, "direction: expected one of"),
    ]:
        with pytest.raises(ValueError, match=message):
            convert.from_keras(layer)


def test_missing_keras_gradients_are_refused(keras):
    layer = convert.to_keras(weights("rnn"))
    with pytest.raises(ValueError, match="expected one for every weight"):
        convert.gradients_from_keras(layer, [None, None, None])
