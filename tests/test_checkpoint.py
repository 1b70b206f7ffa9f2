"""Checkpoints: a run that was broken off and taken up again is as one that was not."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from rnncourse import checkpoint
from rnncourse.torch_models import Forecaster

B, T, D, H = 3, 7, 4, 5


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.safetensors"


def a_run(kind="adam", seed=0):
    """A model with dropout, its optimiser and the generator that draws its data."""
    rng = np.random.default_rng(seed)
    model = nn.ModuleDict({"rnn": Forecaster("gru", D, H, rng=rng), "drop": nn.Dropout(0.5)})
    make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}
    make["sgd"] = lambda weights, lr: torch.optim.SGD(weights, lr=lr, momentum=0.9)
    return model, make[kind](model.parameters(), lr=0.05), rng


def steps(model, optimiser, rng, n):
    losses = []
    for _ in range(n):
        x = torch.tensor(rng.normal(size=(B, T, D)), dtype=torch.float32)
        loss = (model["rnn"](model["drop"](x)) - x[:, -1, :1]).pow(2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


def weights(model):
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


@pytest.mark.parametrize("kind", ["adam", "adamw", "rmsprop", "sgd"])
def test_a_resumed_run_is_the_uninterrupted_one_to_the_last_bit(path, kind):
    torch.manual_seed(1)
    model, optimiser, rng = a_run(kind)
    steps(model, optimiser, rng, 5)
    checkpoint.save(path, model=model, optimiser=optimiser, rng=rng)
    after = steps(model, optimiser, rng, 5)
    torch.manual_seed(99)  # another process would have another stream
    twin, its_optimiser, its_rng = a_run(kind, seed=8)
    steps(twin, its_optimiser, its_rng, 2)
    checkpoint.load(path, model=twin, optimiser=its_optimiser, rng=its_rng)
    assert steps(twin, its_optimiser, its_rng, 5) == after
    assert torch.equal(weights(twin), weights(model))


@pytest.mark.parametrize("left_out", ["model", "optimiser", "rng"])
def test_whatever_is_left_out_the_run_ends_elsewhere(path, left_out):
    model, optimiser, rng = a_run()
    steps(model, optimiser, rng, 5)
    checkpoint.save(path, model=model, optimiser=optimiser, rng=rng)
    steps(model, optimiser, rng, 5)
    parts = dict(zip(("model", "optimiser", "rng"), a_run(seed=8), strict=True))
    checkpoint.load(path, **{name: part for name, part in parts.items() if name != left_out})
    steps(*parts.values(), 5)
    assert not torch.equal(weights(parts["model"]), weights(model))


def test_the_options_of_the_optimiser_come_back_too(path):
    model, optimiser, _ = a_run()
    optimiser.param_groups[0]["lr"] = 0.0123
    checkpoint.save(path, model=model, optimiser=optimiser)
    _, other, _ = a_run()
    checkpoint.load(path, optimiser=other)
    assert other.param_groups[0]["lr"] == 0.0123
    assert other.state_dict()["param_groups"] == optimiser.state_dict()["param_groups"]


def test_an_optimiser_that_has_not_made_a_step_yet_can_be_saved(path):
    model, optimiser, rng = a_run()
    checkpoint.save(path, model=model, optimiser=optimiser, rng=rng)
    twin, its_optimiser, its_rng = a_run(seed=8)
    checkpoint.load(path, model=twin, optimiser=its_optimiser, rng=its_rng)
    torch.manual_seed(1)
    expected = steps(model, optimiser, rng, 3)
    torch.manual_seed(1)
    assert steps(twin, its_optimiser, its_rng, 3) == expected


def test_two_groups_of_parameters_keep_their_own_rates(path):
    def make():
        model = Forecaster("rnn", D, H)
        groups = [
            {"params": model.recurrent.parameters(), "lr": 0.1},
            {"params": model.readout.parameters(), "lr": 0.01},
        ]
        return model, torch.optim.Adam(groups)

    model, optimiser = make()
    checkpoint.save(path, model=model, optimiser=optimiser)
    _, other = make()
    other.param_groups[0]["lr"] = 7.0
    checkpoint.load(path, optimiser=other)
    assert [group["lr"] for group in other.param_groups] == [0.1, 0.01]


def test_progress_comes_back_as_it_was(path):
    h = torch.randn(1, B, H)
    kept = {"a": torch.zeros(0), "b": torch.tensor(3, dtype=torch.int64)}
    notes = {"step": np.int64(7), "best": 0.1 + 0.2, "name": "Ä", "losses": [1.0, np.float64(0.5)]}
    others = {"h": h, "kept": kept, "order": np.arange(3), "none": None}
    checkpoint.save(path, model=nn.Linear(4, 5), **others, **notes)
    back = checkpoint.load(path)
    assert {name: back[name] for name in notes} == notes
    assert back["none"] is None
    assert torch.equal(back["h"], h)
    assert back["order"].tolist() == [0, 1, 2]
    assert all(torch.equal(back["kept"][name], kept[name]) for name in kept)
    assert back["kept"]["b"].dtype == torch.int64


def test_an_empty_dict_is_not_forgotten(path):
    checkpoint.save(path, model=nn.Linear(1, 1), kept={})
    assert checkpoint.load(path) == {"kept": {}}


@pytest.mark.parametrize("make", [np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_kind_of_generator_goes_on_where_it_was(path, make):
    rng = np.random.Generator(make(5))
    rng.integers(10, size=3, dtype=np.uint32)  # leaves half a word behind
    checkpoint.save(path, model=nn.Linear(1, 1), rng=rng)
    expected = rng.integers(10, size=5, dtype=np.uint32).tolist() + rng.normal(size=7).tolist()
    other = np.random.Generator(make(6))
    checkpoint.load(path, rng=other)
    drawn = other.integers(10, size=5, dtype=np.uint32).tolist() + other.normal(size=7).tolist()
    assert drawn == expected


def test_tied_and_transposed_weights_can_be_saved(path):
    model, twin = (nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)) for _ in range(2))
    for m in (model, twin):
        m[1].weight = m[0].weight
    model[0].weight.data = model[0].weight.data.T
    checkpoint.save(path, model=model)
    checkpoint.load(path, model=twin)
    assert torch.equal(twin[1].weight, model[0].weight)


def test_saving_changes_nothing_in_the_run(path):
    torch.manual_seed(1)
    model, optimiser, rng = a_run()
    with_saving = []
    for _ in range(4):
        with_saving += steps(model, optimiser, rng, 1)
        checkpoint.save(path, model=model, optimiser=optimiser, rng=rng)
    torch.manual_seed(1)
    assert steps(*a_run(), 4) == with_saving


# --- interruptions

KILLED = """
    import os, signal, sys
    import torch
    from rnncourse import checkpoint

    path, where = sys.argv[1:]
    model = torch.nn.Linear(200, 200)
    checkpoint.save(path, model=model, step=1)
    die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
    if where == "half":  # the power goes when half of the bytes are written
        whole = checkpoint.st.save

        class Half:
            def __init__(self, file):
                self.file = file

            def __enter__(self):
                return self

            def __exit__(self, *_):
                self.file.close()

            def write(self, data):
                self.file.write(data[: len(data) // 2])
                self.file.flush()
                die()

        checkpoint.open = lambda *args: Half(open(*args))
    elif where == "unsynced":
        os.fsync = die
    else:
        os.replace = die
    torch.nn.init.zeros_(model.weight)
    checkpoint.save(path, model=model, step=2)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows cannot kill like this")
@pytest.mark.parametrize("where", ["half", "unsynced", "unnamed"])
def test_a_process_killed_in_the_middle_of_writing_leaves_the_old_checkpoint(path, where):
    code = [sys.executable, "-c", textwrap.dedent(KILLED), str(path), where]
    done = subprocess.run(code, cwd=Path(__file__).resolve().parent.parent, check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.with_name(path.name + ".part").exists()  # it did die on the way
    model = nn.Linear(200, 200)
    assert checkpoint.load(path, model=model) == {"step": 1}
    assert model.weight.abs().sum() > 0
    checkpoint.save(path, model=model, step=3)  # what lies about is in nobody's way
    assert checkpoint.load(path) == {"step": 3}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_an_error_while_saving_leaves_the_old_checkpoint(path, monkeypatch):
    checkpoint.save(path, model=nn.Linear(4, 5), step=1)

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(path, model=nn.Linear(4, 5), step=2)
    assert checkpoint.load(path) == {"step": 1}


# --- refusals


def test_a_file_holds_no_pickle(path):
    model, optimiser, rng = a_run()
    steps(model, optimiser, rng, 2)
    checkpoint.save(path, model=model, optimiser=optimiser, rng=rng, h=torch.zeros(3))
    length = int.from_bytes(path.read_bytes()[:8], "little")
    header = path.read_bytes()[8 : 8 + length].decode()
    assert header.lstrip().startswith("{")  # JSON, then bare numbers
    assert "pickle" not in header


@pytest.mark.parametrize("cut", [0, 4, 100, -1])
def test_a_damaged_file_is_refused(path, cut):
    checkpoint.save(path, model=nn.Linear(4, 5))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ValueError, match="path: expected a whole checkpoint, got"):
        checkpoint.load(path, model=nn.Linear(4, 5))


def test_a_file_of_another_make_is_refused(path):
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(ValueError, match="path: expected a checkpoint of `save`, got"):
        checkpoint.load(path)


def test_no_file_is_no_checkpoint(path):
    with pytest.raises(FileNotFoundError):
        checkpoint.load(path)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Linear(4, 6), r"model: expected bias of shape \(5,\), got \(6,\)"),
        (nn.Linear(4, 5, bias=False), r"model: expected bias of shape \(5,\), got None"),
        (nn.Sequential(nn.Linear(4, 5)), r"model: expected 0.bias of shape None, got \(5,\)"),
    ],
)
def test_weights_of_another_model_are_refused_and_nothing_is_changed(path, model, message):
    checkpoint.save(path, model=nn.Linear(4, 5), rng=np.random.default_rng(0))
    rng, before = np.random.default_rng(1), weights(model)
    state = rng.bit_generator.state
    with pytest.raises(ValueError, match=message):
        checkpoint.load(path, model=model, rng=rng)
    assert torch.equal(weights(model), before)
    assert rng.bit_generator.state == state


def test_what_was_not_saved_cannot_be_put_back(path):
    model, optimiser, rng = a_run()
    checkpoint.save(path, model=model)
    with pytest.raises(ValueError, match="optimiser: expected None, because"):
        checkpoint.load(path, optimiser=optimiser)
    with pytest.raises(ValueError, match="rng: expected None, because"):
        checkpoint.load(path, rng=rng)


def test_an_optimiser_of_another_kind_or_size_is_refused(path):
    model, optimiser, rng = a_run()
    checkpoint.save(path, model=model, optimiser=optimiser, rng=rng)
    with pytest.raises(ValueError, match="optimiser: expected Adam, got SGD"):
        checkpoint.load(path, optimiser=torch.optim.SGD(model.parameters(), lr=0.1))
    other = torch.optim.Adam(nn.Linear(4, 5).parameters())
    with pytest.raises(ValueError, match=r"optimiser: expected groups of \[6\] parameters, got"):
        checkpoint.load(path, optimiser=other)
    with pytest.raises(ValueError, match="rng: expected a PCG64, got a SFC64"):
        checkpoint.load(path, rng=np.random.Generator(np.random.SFC64(0)))


@pytest.mark.parametrize("value", [object(), {"a": object()}, {1, 2}, [torch.zeros(3)]])
def test_progress_that_is_neither_numbers_nor_text_is_refused(path, value):
    with pytest.raises(ValueError, match="step: expected numbers, texts, lists, arrays or tensors"):
        checkpoint.save(path, model=nn.Linear(4, 5), step=value)
    assert not path.exists()
