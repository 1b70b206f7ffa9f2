"""Dependencies: the matrix is the true derivative, the same for whatever holds the weights."""

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import bptt, cells, contracts, convert
from rnncourse.microscope import dependencies
from rnncourse.torch_models import Stack, Window

B, T, D, H = 3, 7, 4, 5
MAKE = {"rnn": cells.init_rnn, "lstm": cells.init_lstm, "gru": cells.init_gru}
STEP = {"rnn": cells.rnn_step, "lstm": cells.lstm_step, "gru": cells.gru_step}
FORWARD = {"rnn": cells.rnn_forward, "lstm": cells.lstm_forward, "gru": cells.gru_forward}


def weights(kind="rnn", seed=0):
    return MAKE[kind](D, H, np.random.default_rng(seed))


def inputs(seed=1):
    return np.random.default_rng(seed).normal(size=(B, T, D))


def test_it_is_the_norm_of_the_jacobian_that_nudging_gives():
    params, x = weights(), inputs()
    expected = np.zeros((T, T))
    for t in range(T):
        for k in range(H):
            dx = bptt.numeric_gradient(
                lambda x, t=t, k=k: cells.rnn_forward(x, params)[0][:, t, k].sum(), x.copy()
            )
            expected[t] += (dx**2).sum(axis=(0, 2))
    assert np.allclose(dependencies(params, x).matrix, np.sqrt(expected / B), atol=1e-7)


@pytest.mark.parametrize("kind", MAKE)
def test_it_does_not_matter_who_holds_the_weights(kind):
    params, x = weights(kind), inputs()
    matrix = dependencies(params, x).matrix
    assert np.allclose(dependencies(convert.to_torch(params), x).matrix, matrix, atol=1e-10)
    assert np.allclose(dependencies(convert.to_keras(params), x).matrix, matrix, atol=1e-6)
    by_hand = contracts.scan(STEP[kind], params)
    assert np.allclose(dependencies(by_hand, x).matrix, matrix, atol=1e-7)


def test_a_bidirectional_layer_is_the_same_in_numpy_pytorch_and_keras():
    there, back, x = weights("lstm"), weights("lstm", seed=2), inputs()

    def both(x):
        return cells.bidirectional(cells.lstm_forward, x, there, back)[0], None

    matrix = dependencies(both, x).matrix
    assert (matrix > 0).all()
    module = convert.to_torch(there, back)
    assert np.allclose(dependencies(module, x).matrix, matrix, atol=1e-7)
    from rnncourse.quiet import import_keras

    keras = import_keras()
    layer = keras.layers.Bidirectional(
        keras.layers.LSTM(H, return_sequences=True, return_state=True)
    )
    layer.build((None, None, D))
    halves = (convert.to_keras(p).get_weights() for p in (there, back))
    layer.set_weights([w for half in halves for w in half])
    assert np.allclose(dependencies(layer, x).matrix, matrix, atol=1e-5)


def test_a_keras_model_with_a_readout_is_looked_at_as_a_whole():
    from rnncourse.quiet import import_keras

    keras = import_keras()
    layers = [keras.layers.GRU(H, return_sequences=True), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((None, D)), *layers])
    seen = dependencies(model, inputs())
    assert seen.matrix.shape == (T, T)
    assert seen.ahead == 0
    assert seen.reach == (T - 1, 0)


@pytest.mark.parametrize("options", [{}, {"layers": 2}, {"norm": True}, {"layers": 3, "K": 2}])
def test_a_forward_stack_sees_nothing_of_the_future(options):
    seen = dependencies(Stack("lstm", D, H, **options), inputs())
    assert not np.triu(seen.matrix, 1).any()
    assert seen.ahead == 0
    assert "no later one" in seen.words


def test_a_backward_reading_sees_nothing_of_the_past():
    params = weights()

    def backward(x):
        return cells.rnn_forward(x, params, reverse=True)[0], None

    seen = dependencies(backward, inputs())
    assert not np.tril(seen.matrix, -1).any()
    assert seen.reach == (0, T - 1)


def test_a_window_reaches_as_far_as_its_radius():
    torch.manual_seed(0)
    seen = dependencies(Window(D, 16, radius=2), inputs())
    assert seen.reach == (2, 2)
    assert str(seen) == "Window: Outputs move with inputs up to 2 steps back and 2 steps ahead."


def test_a_single_sequence_of_two_steps_will_do():
    assert dependencies(weights(), inputs()[:1, :2]).matrix.shape == (2, 2)


def test_a_model_is_left_as_it_was():
    model = nn.Sequential(Stack("gru", D, H), nn.Dropout(0.5)).train()
    first, second = (dependencies(model, inputs()).matrix for _ in range(2))
    assert (first == second).all()
    assert model.training
    assert model[1].training
    assert all(p.dtype == torch.float32 and p.grad is None for p in model.parameters())


@pytest.mark.parametrize("x", [np.ones((T, D)), np.ones((B, T, D), int), np.ones((B, T, D + 1))])
def test_other_inputs_are_refused(x):
    with pytest.raises(ValueError, match="x: expected a float array"):
        dependencies(weights(), x)


def test_a_model_of_the_last_state_alone_is_refused():
    with pytest.raises(ValueError, match="cell: expected"):
        dependencies(lambda x: (x[:, -1], None), inputs())


def test_outputs_that_nothing_moves_are_refused():
    with pytest.raises(ValueError, match="model: expected outputs that some input moves"):
        dependencies(lambda x: (np.ones((*x.shape[:2], 2)), None), inputs())
