"""The microscope: what it says of a cell is true, and the same whichever library holds the cell."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import bptt, cells, contracts, convert, microscope
from rnncourse.microscope import gradient_versus_lag, jacobians, rnn_jacobians

B, T, D, H = 3, 7, 4, 5
MAKE = {"rnn": cells.init_rnn, "lstm": cells.init_lstm, "gru": cells.init_gru}
STEP = {"rnn": cells.rnn_step, "lstm": cells.lstm_step, "gru": cells.gru_step}


def weights(kind="rnn", seed=0, **keywords):
    return MAKE[kind](D, H, np.random.default_rng(seed), **keywords)


def look(cell, **keywords):
    return gradient_versus_lag(cell, T=T, rng=np.random.default_rng(1), **keywords)


def one_unit(w):
    return cells.RNNParams(np.eye(1), w * np.eye(1), np.zeros(1))


# ---- what is measured


def test_the_gradient_of_a_linear_unit_falls_by_its_weight_a_step():
    seen = gradient_versus_lag(one_unit(0.8), T=T, activation="identity")
    assert np.allclose(seen.log10, np.arange(T) * np.log10(0.8), atol=1e-12)
    assert seen.factor == pytest.approx(0.8)
    assert seen.left(3) == pytest.approx(0.8**3)


def test_it_is_the_norm_of_what_backpropagation_brings_to_the_inputs():
    params, rng = weights(), np.random.default_rng(1)
    x = rng.normal(size=(8, T, D))
    v = rng.normal(size=(8, H))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    dx, _, _ = bptt.rnn_backward(None, cells.rnn_forward(x, params)[2], dh_T=v)
    norms = np.linalg.norm(dx, axis=(0, 2))[::-1]
    assert np.allclose(look(params).norms, norms, rtol=1e-12)


def test_small_gradients_do_not_underflow():
    seen = gradient_versus_lag(one_unit(1e-3), T=100, activation="identity")
    assert seen.log10[99] == pytest.approx(-297)
    assert seen.reach == 99


@pytest.mark.parametrize("kind", MAKE)
def test_a_function_is_measured_as_exactly_as_a_weight_set(kind):
    params = weights(kind)
    by_hand = look(contracts.scan(STEP[kind], params), D=D)
    assert np.allclose(by_hand.log10, look(params).log10, atol=1e-7)


@pytest.mark.parametrize("kind", MAKE)
def test_pytorch_says_what_numpy_says(kind):
    params = weights(kind)
    assert np.allclose(look(convert.to_torch(params)).log10, look(params).log10, atol=1e-9)


@pytest.mark.parametrize("kind", MAKE)
def test_keras_says_what_numpy_says(kind):
    params = weights(kind)
    assert np.allclose(look(convert.to_keras(params)).log10, look(params).log10, atol=1e-9)


def test_relu_weights_are_the_same_everywhere():
    params = weights(recurrent="identity")
    here = look(params, activation="relu").log10
    assert np.allclose(look(convert.to_torch(params, activation="relu")).log10, here, atol=1e-9)
    assert np.allclose(look(convert.to_keras(params, activation="relu")).log10, here, atol=1e-9)


@pytest.mark.parametrize("kind", MAKE)
def test_a_pytorch_cell_of_one_step_will_do(kind):
    module = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}[kind](D, H)
    assert np.allclose(look(module).log10, look(convert.from_torch(module)).log10, atol=1e-12)


def test_a_keras_cell_of_one_step_will_do():
    keras = pytest.importorskip("keras")
    cell = keras.layers.GRUCell(H)
    cell.build((None, D))
    layer = keras.layers.GRU(H, return_sequences=True)
    layer.build((None, None, D))
    layer.set_weights(cell.get_weights())
    assert np.allclose(look(cell).log10, look(layer).log10, atol=1e-4)  # the cell in float32


def test_a_keras_layer_need_not_return_its_state_nor_all_steps():
    keras = pytest.importorskip("keras")
    params = weights()
    short = keras.layers.SimpleRNN(H, stateful=False)
    short.build((None, None, D))
    short.set_weights(params)
    assert np.allclose(look(short).log10, look(params).log10, atol=1e-5)


class Own(nn.Module):
    """A module of one's own, with dropout that must not be asked."""

    def __init__(self):
        super().__init__()
        self.layer = convert.to_torch(weights())
        self.dropout = nn.Dropout(0.5)

    def forward(self, x, state=None):
        h, state = self.layer(x, state)
        return self.dropout(h), state


def test_a_module_of_ones_own_is_measured_without_its_dropout_and_left_as_it_was():
    own = Own()
    before = [w.clone() for w in own.parameters()]
    assert np.allclose(look(own, D=D).log10, look(weights()).log10, atol=1e-9)
    assert own.training
    assert all(torch.equal(a, b) for a, b in zip(before, own.parameters(), strict=True))
    assert all(w.grad is None for w in own.parameters())


def test_float32_weights_are_looked_at_in_float64():
    module = nn.RNN(D, H, batch_first=True)
    with torch.no_grad():
        module.weight_hh_l0 *= 0.01
    seen = gradient_versus_lag(module, T=40)
    assert seen.log10[39] < -60  # float32 ends at -45
    assert module.weight_hh_l0.dtype == torch.float32


def test_the_inputs_may_be_ones_own():
    x = np.random.default_rng(2).normal(size=(B, T, D))
    seen = gradient_versus_lag(weights(), x=x)
    assert seen.lags.tolist() == list(range(T))
    loud = gradient_versus_lag(weights(), x=50 * x)  # saturated units let nothing through
    assert loud.factor < seen.factor


def test_two_looks_with_one_seed_are_the_same_and_x_is_not_changed():
    x = np.ones((B, T, D))
    a, b = (gradient_versus_lag(weights(), x=x, rng=np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(a.norms, b.norms)
    assert np.array_equal(x, np.ones((B, T, D)))


# ---- what is said


def words(log10):
    log10 = np.asarray(log10, dtype=float)
    return microscope.Fading("cell", np.arange(len(log10)), 10**log10, log10).words


def test_it_says_in_words_that_a_gradient_shrinks():
    said = words(np.arange(51) * np.log10(0.57))
    assert said == (
        "The gradient shrinks by a factor of 0.57 a step: "
        "after 50 steps one part in 10^12 of it is left."
    )
    assert "after 2 steps 81 % of it is left" in words(np.arange(3) * np.log10(0.9))


def test_it_says_in_words_that_a_gradient_grows():
    said = words(np.arange(51) * np.log10(1.07))
    assert "grows by a factor of 1.07 a step: after 50 steps it is 29.5 times as large" in said
    assert "about 10^15 times as large" in words(np.arange(51) * 0.3)


def test_it_says_in_words_that_a_gradient_stays():
    assert words(np.zeros(51)) == "The gradient keeps its size: after 50 steps 100 % is left."


def test_it_tells_of_a_rise_before_the_fall():
    shear = cells.RNNParams(np.eye(2), np.array([[0.8, 4.0], [0.0, 0.8]]), np.zeros(2))
    seen = gradient_versus_lag(shear, T=51, activation="identity")
    assert re.search(r"On the way it first grows, to .* its size at lag \d", seen.words)
    assert "first grows" not in words(np.arange(51) * -0.1)


def test_it_tells_where_a_gradient_is_exactly_zero():
    nilpotent = cells.RNNParams(np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]]), np.zeros(2))
    seen = gradient_versus_lag(nilpotent, T=T, activation="identity")
    assert seen.reach == 1
    assert seen.log10[2] == -np.inf
    assert seen.words.endswith("From lag 2 on it is exactly zero.")
    assert repr(seen).startswith("RNNParams: The gradient")


def test_a_cell_without_a_memory_is_called_one():
    seen = gradient_versus_lag(one_unit(0.0), T=T)
    assert seen.words.startswith("No gradient flows back even one step")
    assert seen.factor == 1


# ---- Jacobians


def test_the_jacobians_of_a_tanh_network_are_what_nudging_says():
    params, rng = weights(), np.random.default_rng(1)
    x = rng.normal(size=(1, T, D))
    h = cells.rnn_forward(x, params)[0][0]
    J = rnn_jacobians(h, params.W_hh)
    for t in range(1, T):
        for unit in range(H):

            def state(h_prev, t=t, unit=unit):
                return cells.rnn_step(x[:, t], h_prev[None], *params)[0, unit]

            assert np.allclose(J[t, unit], bptt.numeric_gradient(state, h[t - 1]), atol=1e-9)


@pytest.mark.parametrize("kind", MAKE)
def test_jacobians_are_the_same_in_every_library(kind):
    params, x = weights(kind), np.random.default_rng(1).normal(size=(1, T, D))
    here = jacobians(params, x=x)
    n = 2 * H if kind == "lstm" else H
    assert here.J.shape == (T - 1, n, n)
    for there in (convert.to_torch(params), convert.to_keras(params)):
        assert np.allclose(jacobians(there, x=x).J, here.J, atol=1e-8)


def test_jacobians_agree_with_the_formula_and_multiply_to_the_gradient():
    params, x = weights(), np.random.default_rng(1).normal(size=(1, T, D))
    h = cells.rnn_forward(x, params)[0][0]
    seen = jacobians(params, x=x)
    assert np.allclose(seen.J, rnn_jacobians(h, params.W_hh)[1:], atol=1e-9)
    assert np.allclose(seen.norm, np.linalg.norm(seen.J, 2, axis=(1, 2)))
    assert np.all(seen.radius <= seen.norm + 1e-12)


def test_the_words_keep_radius_and_norm_apart():
    shear = cells.RNNParams(np.eye(2), np.array([[0.5, 3.0], [0.0, 0.5]]), np.zeros(2))
    said = jacobians(shear, T=3, activation="identity").words
    assert "radius is 0.5, its norm 3.08" in said
    assert "a step can make the gradient longer, but none, repeated" in said
    assert "no step can make" in jacobians(one_unit(0.9), T=3).words
    assert "grow without end" in jacobians(one_unit(2.0), T=3, activation="identity").words


# ---- edges and refusals


def test_two_steps_and_one_sequence_are_enough():
    seen = gradient_versus_lag(weights(), x=np.ones((1, 2, D)))
    assert len(seen.lags) == 2
    assert "after 1 step " in seen.words


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"T": 1}, "T: expected a whole number of at least 2, got 1"),
        ({"T": 2.5}, "T: expected"),
        ({"D": 3}, "D: expected 4, the cell's input size, got 3"),
        ({"D": 0}, "D: expected a positive whole number"),
        ({"x": np.ones((T, D))}, r"x: expected a float array \(B, T, D\).*got \(7, 4\)"),
        ({"x": np.ones((B, T, 3))}, "with D = 4"),
        ({"x": np.ones((B, T, D), dtype=int)}, "x: expected a float array"),
        ({"x": np.full((B, T, D), np.nan)}, "x: expected finite numbers"),
        ({"rng": 4}, "rng: expected a numpy.random.Generator, got int"),
        ({"activation": "softplus"}, "activation"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        gradient_versus_lag(weights(), **keywords)


def test_an_activation_beside_a_module_is_refused():
    with pytest.raises(ValueError, match="activation: expected to be left out for a RNN"):
        gradient_versus_lag(nn.RNN(D, H, batch_first=True), activation="relu")


def test_time_first_is_refused():
    with pytest.raises(ValueError, match="batch_first=True"):
        gradient_versus_lag(nn.LSTM(D, H))


def test_what_is_no_cell_is_refused():
    with pytest.raises(ValueError, match="cell: expected a function, module or layer, got str"):
        gradient_versus_lag("LSTM")


def test_a_function_without_a_state_is_refused():
    with pytest.raises(ValueError, match="takes no state"):
        gradient_versus_lag(lambda x: (np.tanh(x), None), D=D)


def test_a_function_whose_input_size_nobody_tells_is_refused():
    with pytest.raises(ValueError, match="D: expected the input size"):
        gradient_versus_lag(contracts.scan(cells.rnn_step, weights()))


def test_a_function_that_raises_is_told_so():
    def lost(x, state=None):
        raise IndexError("lost")

    with pytest.raises(ValueError, match=r"cell: expected \(h, state\).*got IndexError: lost"):
        gradient_versus_lag(lost, D=D)


def test_a_state_without_rows_is_refused():
    with pytest.raises(ValueError, match="one row for each sequence"):
        gradient_versus_lag(lambda x, state=None: (np.tanh(x), np.zeros(H)), D=D)


def test_states_that_run_away_are_refused():
    with pytest.raises(ValueError, match="finite"):
        gradient_versus_lag(one_unit(1e200), T=T, activation="relu")


def test_an_output_that_does_not_see_its_input_is_refused():
    with pytest.raises(ValueError, match="exactly zero at lag 0"):
        gradient_versus_lag(weights()._replace(W_xh=np.zeros((D, H))))


def test_an_unbuilt_keras_layer_is_refused():
    keras = pytest.importorskip("keras")
    with pytest.raises(ValueError, match="not built"):
        gradient_versus_lag(keras.layers.LSTM(H, return_sequences=True))


def test_a_lag_beyond_the_last_is_refused():
    with pytest.raises(ValueError, match="lag: expected 0 ... 6, got 7"):
        look(weights()).left(7)


def test_several_sequences_have_no_one_jacobian():
    with pytest.raises(ValueError, match=r"x: expected one sequence \(1, T, D\), got 3"):
        jacobians(weights(), x=np.ones((B, T, D)))
