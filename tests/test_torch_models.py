"""The PyTorch models: shapes, last states, and weights that hang on the generator alone."""

import numpy as np
import pytest
import torch

from rnncourse.torch_models import CellLoop, CharModel, Forecaster, drawn_from, recurrent

B, T, D, H, K, V = 3, 7, 4, 5, 2, 11
KINDS = ["rnn", "lstm", "gru"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_forecast_is_read_from_the_last_state(kind):
    model, x = Forecaster(kind, D, H, K), torch.randn(B, T, D)
    h, _ = model.recurrent(x)
    torch.testing.assert_close(model(x), model.readout(h[:, -1]))
    assert model(x).shape == (B, K)


@pytest.mark.parametrize("kind", KINDS)
def test_with_two_directions_it_is_read_from_the_two_ends(kind):
    model, x = Forecaster(kind, D, H, K, bidirectional=True), torch.randn(B, T, D)
    h, _ = model.recurrent(x)
    ends = torch.cat([h[:, -1, :H], h[:, 0, H:]], dim=-1)
    torch.testing.assert_close(model(x), model.readout(ends))


@pytest.mark.parametrize("kind", KINDS)
def test_with_two_layers_it_is_read_from_the_upper_one(kind):
    model, x = Forecaster(kind, D, H, K, layers=2), torch.randn(B, T, D)
    torch.testing.assert_close(model(x), model.readout(model.recurrent(x)[0][:, -1]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_character_model_cannot_see_the_next_symbol(kind):
    model, ids = CharModel(kind, V, H), torch.randint(0, V, (B, T))
    changed = ids.clone()
    changed[:, -1] = (ids[:, -1] + 1) % V
    before, after = model(ids)[0], model(changed)[0]
    torch.testing.assert_close(before[:, :-1], after[:, :-1])
    assert not torch.allclose(before[:, -1], after[:, -1])


@pytest.mark.parametrize("kind", KINDS)
def test_carrying_the_state_over_a_cut_changes_nothing(kind):
    model, ids = CharModel(kind, V, H), torch.randint(0, V, (B, T))
    first, state = model(ids[:, :4])
    second, _ = model(ids[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), model(ids)[0])


def test_a_symbol_enters_as_a_one_hot_vector():
    model, ids = CharModel("rnn", V, H), torch.tensor([[3]])
    cell = model.recurrent
    expected = torch.tanh(cell.weight_ih_l0[:, 3] + cell.bias_ih_l0 + cell.bias_hh_l0)
    torch.testing.assert_close(model(ids)[1][0, 0], expected)


def test_the_activation_of_the_plain_network_can_be_relu():
    model = Forecaster("rnn", D, H, activation="relu")
    h, _ = model.recurrent(torch.randn(B, T, D))
    assert (h >= 0).all()
    assert h.max() > 0


def test_the_forget_bias_is_the_sum_of_both_bias_vectors():
    layer = recurrent("lstm", D, H, layers=2, forget_bias=3.0)
    for n in range(2):
        total = getattr(layer, f"bias_ih_l{n}") + getattr(layer, f"bias_hh_l{n}")
        assert (total[H : 2 * H] == 3).all()
        assert (total[:H].abs() <= 2 / np.sqrt(H)).all()


def test_the_initial_weights_hang_on_the_generator_and_leave_pytorchs_own_stream_alone():
    torch.manual_seed(0)
    undisturbed = torch.randn(3)
    torch.manual_seed(0)
    a, b, c = (Forecaster("gru", D, H, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    torch.testing.assert_close(torch.randn(3), undisturbed)
    torch.testing.assert_close(a.readout.weight, b.readout.weight)
    assert not torch.equal(a.recurrent.weight_hh_l0, c.recurrent.weight_hh_l0)


def test_without_a_generator_pytorch_draws_as_it_always_does():
    torch.manual_seed(0)
    a = torch.randn(3)
    torch.manual_seed(0)
    with drawn_from(None):
        b = torch.randn(3)
    assert torch.equal(a, b)


def layer_and_loop():
    """A layer of PyTorch, and the loop over a cell with the same weights."""
    layer, loop = recurrent("rnn", D, H), CellLoop(D, H)
    weights = {name.removesuffix("_l0"): w for name, w in layer.state_dict().items()}
    loop.cell.load_state_dict(weights)
    return layer, loop


def test_the_loop_over_a_cell_gives_the_layers_states_and_gradients():
    layer, loop = layer_and_loop()
    x, h_0 = torch.randn(B, T, D), torch.randn(B, H)
    h, h_n = layer(x, h_0[None])
    ours, h_T = loop(x, h_0)
    torch.testing.assert_close(ours, h)
    torch.testing.assert_close(h_T, h_n[0])
    h.square().sum().backward()
    ours.square().sum().backward()
    torch.testing.assert_close(loop.cell.weight_hh.grad, layer.weight_hh_l0.grad)


def test_the_loop_starts_at_zero_and_carries_its_state_over_a_cut():
    layer, loop = layer_and_loop()
    x = torch.randn(B, T, D)
    first, h_t = loop(x[:, :4])
    second, _ = loop(x[:, 4:], h_t)
    torch.testing.assert_close(torch.cat([first, second], dim=1), layer(x)[0])
    assert loop(x[:1, :1])[0].shape == (1, 1, H)


def test_one_step_and_one_sequence_suffice():
    assert Forecaster("lstm", 1, H)(torch.zeros(1, 1, 1)).shape == (1, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Forecaster("elman", D, H), "kind: expected one of 'rnn', 'lstm', 'gru', got 'elm"),
        (lambda: Forecaster("rnn", D, 0), "H: expected a positive integer, got 0"),
        (lambda: recurrent("gru", 4.0, H), "D: expected a positive integer, got 4.0"),
        (
            lambda: recurrent("rnn", D, H, activation="gelu"),
            "activation: expected 'tanh' or 'relu'",
        ),
        (lambda: recurrent("gru", D, H, activation="relu"), "activation: expected 'tanh' for kind"),
        (
            lambda: recurrent("gru", D, H, forget_bias=1),
            "forget_bias: expected None for kind 'gru'",
        ),
        (lambda: CharModel("rnn", V, H, bidirectional=True), "bidirectional: expected False"),
        (lambda: Forecaster("rnn", D, H)(torch.zeros(T, D)), r"x: expected .*\(7, 4\)"),
        (lambda: Forecaster("rnn", D, H)(torch.zeros(B, D, T)), r"x: expected .*\(3, 4, 7\)"),
        (lambda: Forecaster("rnn", D, H)(torch.zeros(B, 0, D)), r"x: expected .*\(3, 0, 4\)"),
        (lambda: CharModel("rnn", V, H)(torch.zeros(B, T)), "ids: expected integers"),
    ],
)
def test_refusals_name_the_argument_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError, match=message):
        call()
