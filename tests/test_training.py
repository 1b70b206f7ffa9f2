"""The training loop: repeatable, honest about what it measured, and hard to misuse."""

import io

import numpy as np
import pytest
import torch
from torch import nn

from rnncourse import metrics
from rnncourse.torch_models import CharModel, Forecaster
from rnncourse.training import Diverged, EarlyStopping, evaluate, fit, predict

B, T, D, H, V = 3, 7, 4, 5, 11


def some_data(n=40, seed=0):
    X = np.random.default_rng(seed).normal(size=(n, T, D))
    return X, X[:, -1, :1] - X[:, -2, 1:2]


def train(seed=1, model_seed=2, **options):
    model = Forecaster("rnn", D, H, rng=np.random.default_rng(model_seed))
    options = {"epochs": 4, "rng": np.random.default_rng(seed), "batch_size": 16} | options
    return model, fit(model, *some_data(), **options)


def test_the_loss_falls_on_something_that_can_be_learnt():
    model, history = train(epochs=80, lr=0.02)
    assert history.train[-1] < 0.1 * history.train[0]
    assert evaluate(model, *some_data()) < 0.1 * history.train[0]


def test_the_same_generator_gives_the_same_run_to_the_last_digit():
    (a, first), (b, second) = train(), train()
    np.testing.assert_array_equal(first.train, second.train)
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        assert torch.equal(p, q)
    assert not np.array_equal(first.train, train(seed=9)[1].train)


def test_training_leaves_pytorchs_own_random_stream_alone():
    torch.manual_seed(0)
    undisturbed = torch.randn(3)
    torch.manual_seed(0)
    train()
    assert torch.equal(torch.randn(3), undisturbed)


def test_dropout_hangs_on_the_generator_too():
    def run():
        model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(T * D, 1))
        for p in model.parameters():
            nn.init.constant_(p, 0.1)
        return fit(model, *some_data(), epochs=2, rng=np.random.default_rng(1)).train

    np.testing.assert_array_equal(run(), run())


def test_one_epoch_of_one_batch_equals_a_step_by_hand():
    X, y = some_data()
    model = Forecaster("gru", D, H, rng=np.random.default_rng(3)).double()
    twin = Forecaster("gru", D, H, rng=np.random.default_rng(3)).double()
    optimiser = torch.optim.SGD(twin.parameters(), lr=0.1)
    loss = nn.functional.mse_loss(twin(torch.tensor(X)), torch.tensor(y))
    loss.backward()
    optimiser.step()
    history = fit(
        model,
        X,
        y,
        epochs=1,
        batch_size=len(X),
        lr=0.1,
        optimiser="sgd",
        rng=np.random.default_rng(0),
    )
    assert history.train[0] == pytest.approx(loss.item(), abs=1e-12)
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(p, q, atol=1e-12, rtol=0)


def test_clipping_bounds_the_first_step():
    X, y = some_data()
    model = Forecaster("rnn", D, H, rng=np.random.default_rng(3)).double()
    before = [p.detach().clone() for p in model.parameters()]
    options = {"epochs": 1, "batch_size": len(X), "lr": 1.0, "optimiser": "sgd"}
    fit(model, X, 1e3 * y, clip=0.5, rng=np.random.default_rng(0), **options)
    moved = [p.detach() - q for p, q in zip(model.parameters(), before, strict=True)]
    assert torch.cat([m.flatten() for m in moved]).norm().item() == pytest.approx(0.5, rel=1e-4)


def test_the_validation_data_are_measured_and_never_trained_on():
    with_validation, history = train(validation=some_data(seed=5))
    without, _ = train()
    assert len(history.validation) == len(history.train) == 4
    assert history.validation[-1] == pytest.approx(evaluate(with_validation, *some_data(seed=5)))
    assert torch.equal(with_validation.readout.weight, without.readout.weight)


def test_early_stopping_gives_back_the_weights_of_the_best_epoch():
    X, y = some_data(12)
    wrong = (X, -y)  # what is learnt makes these worse
    model = Forecaster("lstm", D, H, rng=np.random.default_rng(3))
    options = {"lr": 0.01, "rng": np.random.default_rng(1), "epochs": 200}
    history = fit(model, X, y, validation=wrong, patience=3, **options)
    assert len(history) == history.best_epoch + 3 < 200
    assert history.best_epoch == 1 + np.argmin(history.validation)
    assert evaluate(model, *wrong) == pytest.approx(history.validation.min(), abs=1e-6)


def test_without_validation_the_last_epoch_is_the_best_one_known():
    assert train(epochs=3)[1].best_epoch == 3
    assert repr(train(epochs=3)[1]).startswith("History(3 epochs, best 3: loss ")


def test_early_stopping_ignores_gains_below_its_threshold():
    model = nn.Linear(1, 1)
    stopping = EarlyStopping(patience=2, min_delta=0.1)
    assert [stopping.step(v, model) for v in (1.0, 0.95, 0.91)] == [False, False, True]


def test_a_character_model_learns_a_text_and_its_loss_is_the_cross_entropy():
    ids = np.tile(np.arange(V), 20)
    X, y = ids[:-1][:210].reshape(-1, T), ids[1:][:210].reshape(-1, T)
    model = CharModel("gru", V, H, rng=np.random.default_rng(0))
    before = evaluate(model, X, y, loss="cross_entropy")
    assert before == pytest.approx(metrics.cross_entropy(predict(model, X), y), abs=1e-5)
    fit(
        model,
        X,
        y,
        epochs=30,
        lr=0.05,
        batch_size=8,
        loss="cross_entropy",
        rng=np.random.default_rng(0),
    )
    assert evaluate(model, X, y, loss="cross_entropy") < 0.2 * before


def test_a_loss_can_be_a_function():
    _, history = train(loss=lambda y_hat, y: (y_hat - y).abs().mean())
    assert history.train[0] > 0


def test_predictions_do_not_depend_on_how_many_go_at_once():
    model, _ = train()
    X, _ = some_data()
    np.testing.assert_allclose(predict(model, X), predict(model, X, batch_size=7), atol=1e-6)
    assert predict(model, X).shape == (40, 1)


def test_measuring_uses_evaluation_mode_and_leaves_the_mode_as_it_was():
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(T * D, 1)).train()
    X, y = some_data()
    np.testing.assert_array_equal(predict(model, X), predict(model, X))
    assert evaluate(model, X, y) == evaluate(model, X, y)
    assert model.training


def test_the_model_computes_in_its_own_precision_whatever_the_arrays_are():
    X, y = some_data()
    model = Forecaster("rnn", D, H)
    assert predict(model, X.astype("float64")).dtype == np.float32
    fit(model, X.astype("float32"), torch.tensor(y), epochs=1, rng=np.random.default_rng(0))


def test_nothing_is_printed_where_outputs_are_stored(capsys):
    train(progress=True)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_one_line_that_is_gone_at_the_end(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    train(progress=True, validation=some_data(seed=5))
    lines = terminal.getvalue().split("\r")
    assert "epoch 4/4  loss " in lines[-3]
    assert "validation " in lines[-3]
    assert lines[-2].strip() == lines[-1] == ""
    assert "\n" not in terminal.getvalue()
    terminal.truncate(0)
    train(progress=False)
    assert terminal.getvalue().strip("\0") == ""


def test_a_loss_that_explodes_stops_the_run_and_says_when():
    X, y = some_data()
    model = Forecaster("rnn", D, H, activation="relu", rng=np.random.default_rng(0))
    options = {"epochs": 50, "lr": 1e30, "optimiser": "sgd", "rng": np.random.default_rng(0)}
    with pytest.raises(Diverged, match=r"the training loss is (nan|inf) in epoch \d+: try a smal"):
        fit(model, X, y, **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs: expected a positive integer, got 0"),
        ({"batch_size": 1.5}, "batch_size: expected a positive integer, got 1.5"),
        ({"lr": 0.0}, "lr: expected a positive number, got 0.0"),
        ({"lr": float("nan")}, "lr: expected a positive number, got nan"),
        ({"clip": -1.0}, "clip: expected a positive number, got -1.0"),
        (
            {"optimiser": "lion"},
            "optimiser: expected one of 'adam', 'adamw', 'sgd', 'rmsprop', got",
        ),
        ({"loss": "mae"}, "loss: expected one of 'mse', 'cross_entropy', got 'mae'"),
        ({"patience": 3}, "patience: expected validation data"),
        ({"patience": 0, "validation": some_data()}, "patience: expected a positive integer"),
        ({"rng": 4}, r"rng: expected a NumPy generator such as seeds.rng\(4\), got 4"),
        ({"validation": (np.ones((2, T, D)), np.ones((3, 1)))}, "validation y: expected 2 targets"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        train(**options)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((3, T, D)), np.ones((4, 1)), "y: expected 3 targets as in X, got 4"),
        (np.full((3, T, D), np.nan), np.ones((3, 1)), "X: expected finite numbers"),
        (
            np.ones((0, T, D)),
            np.ones((0, 1)),
            r"X: expected at least one row, got shape \(0, 7, 4\)",
        ),
        (np.ones((3, T, D)), np.ones(3), r"y: expected the shape of the prediction, \(3, 1\), got"),
        (np.array([["a"]]), np.ones((1, 1)), "X: expected numbers, got dtype <U1"),
        (np.ones((3, D, T)), np.ones((3, 1)), r"x: expected a float array \(B, T, D\) with D = 4"),
    ],
)
def test_data_that_do_not_fit_are_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        fit(Forecaster("rnn", D, H), X, y, epochs=1, rng=np.random.default_rng(0))


def test_class_targets_must_be_integers_of_the_shape_of_the_positions():
    model = CharModel("rnn", V, H)
    ids = np.zeros((B, T), dtype=int)
    with pytest.raises(ValueError, match=r"y: expected integers of shape \(3, 7\) for logits"):
        evaluate(model, ids, ids[:, :4], loss="cross_entropy")


# --- checkpoints


def with_dropout(seed=2):
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(T * D, 1))
    nn.init.normal_(model[2].weight, generator=torch.Generator().manual_seed(seed))
    nn.init.zeros_(model[2].bias)
    return model


def resumable(path, epochs, seed=1, **options):
    model = with_dropout(seed)
    options = {"lr": 0.05, "batch_size": 16, "validation": some_data(seed=5)} | options
    rng = np.random.default_rng(seed)
    return model, fit(model, *some_data(), epochs=epochs, rng=rng, checkpoint=path, **options)


@pytest.mark.parametrize("optimiser", ["adam", "rmsprop"])
def test_a_fit_that_was_interrupted_ends_as_one_that_was_not(tmp_path, optimiser):
    whole, curve = resumable(None, 6, optimiser=optimiser)
    path = tmp_path / "run.safetensors"
    resumable(path, 3, optimiser=optimiser)
    resumed, again = resumable(path, 6, seed=9, optimiser=optimiser)  # another process's numbers
    np.testing.assert_array_equal(again.train, curve.train)
    np.testing.assert_array_equal(again.validation, curve.validation)
    assert torch.equal(resumed[2].weight, whole[2].weight)
    assert again.best_epoch == curve.best_epoch


def test_an_interruption_does_not_make_early_stopping_forget(tmp_path):
    X, y = some_data(12)
    options = {"validation": (X, -y), "patience": 4, "lr": 0.01}

    def run(path, epochs):
        model = Forecaster("rnn", D, H, rng=np.random.default_rng(3))
        rng = np.random.default_rng(1)
        return model, fit(model, X, y, epochs=epochs, rng=rng, checkpoint=path, **options)

    path = tmp_path / "run.safetensors"
    whole, curve = run(None, 200)
    assert len(curve) < 200
    run(path, len(curve) - 2)
    resumed, again = run(path, 200)
    assert (len(again), again.best_epoch) == (len(curve), curve.best_epoch)
    assert torch.equal(resumed.readout.weight, whole.readout.weight)
    finished, same = run(path, 200)  # there is nothing left to do
    assert len(same) == len(curve)
    assert torch.equal(finished.readout.weight, whole.readout.weight)


def test_a_checkpoint_without_validation_is_enough_to_go_on(tmp_path):
    path = tmp_path / "run.safetensors"
    resumable(path, 2, validation=None)
    _, again = resumable(path, 4, validation=None)
    np.testing.assert_array_equal(again.train, resumable(None, 4, validation=None)[1].train)


def test_a_checkpoint_of_a_run_with_other_options_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    resumable(path, 1)
    with pytest.raises(ValueError, match=r"checkpoint: expected a run with .*'lr': 0.1.*, got one"):
        resumable(path, 2, lr=0.1)
