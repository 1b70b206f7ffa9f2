"""The clinic: every patient is ill in its own way, and the readings say how, on every seed."""

import os
import subprocess
import sys

import numpy as np
import pytest
from matplotlib import pyplot as plt

from rnncourse import clinic, seeds
from rnncourse.clinic import CHANCE, DATA, DELAY, DETACH, HEALTHY, LOSS, MODE, RATE, STATE
from rnncourse.plotting.clinic import READINGS, ward
from rnncourse.plotting.style import figure


@pytest.fixture(scope="module", params=[0, 1])
def charts(request):
    """The seven runs on another seed, by fault; the healthy one under None."""
    runs = clinic.patients(np.random.default_rng([7, request.param]))
    return {None if n == HEALTHY else clinic.reveal(n).fault: chart for n, chart in runs.items()}


def end(curve):
    """Mean of a curve's last quarter."""
    return curve[-len(curve) // 4 :].mean()


# what each fault shows, read from a chart alone
SHOWS = {
    DATA: lambda c: abs(end(c.train) - CHANCE) < 0.02 and end(c.batch) < 0.65 * CHANCE,
    LOSS: lambda c: c.accuracy[-1] > 0.9 and c.validation[-1] > 0.5 * CHANCE,
    STATE: lambda c: c.position[:DELAY].mean() > 0.9 * CHANCE and c.position[DELAY:].mean() < 0.1,
    RATE: lambda c: end(c.train) > 1.03 * CHANCE and end(c.batch) > CHANCE,
    DETACH: lambda c: c.lag[0] == 1 and not c.lag[1:].any(),
    MODE: lambda c: np.ptp(c.again) > 1e-6,
}


def diagnose(chart):
    return [fault for fault, shows in SHOWS.items() if shows(chart)]


def test_every_patient_shows_its_own_fault_and_no_other(charts):
    assert {fault: diagnose(chart) for fault, chart in charts.items() if fault} == {
        fault: [fault] for fault in clinic.Fault
    }


def test_the_healthy_run_shows_no_fault_and_learns_the_task(charts):
    healthy = charts[None]
    assert diagnose(healthy) == []
    assert healthy.validation[-1] < 0.05
    assert healthy.accuracy[-1] > 0.98
    assert healthy.position.max() < 0.1
    assert healthy.lag[DELAY] > 0.01


def test_the_diagnosis_of_the_mode_can_be_made_from_the_curves_alone(charts):
    def ratio(chart):
        return np.median(chart.validation[-6:]) / end(chart.train)

    assert ratio(charts[None]) < 0.5  # dropout makes the training loss the worse one
    assert 0.6 < ratio(charts[MODE]) < 1.6


def test_the_doubled_softmax_cannot_go_below_its_own_floor(charts):
    floor = np.log(1 + (clinic.SYMBOLS - 1) / np.e)
    chart = charts[LOSS]
    assert min(chart.train.min(), chart.validation.min(), chart.batch.min()) > floor - 1e-5
    assert chart.validation[-1] < floor + 0.05


def test_the_reset_state_costs_chance_at_the_positions_that_it_blinds(charts):
    expected = CHANCE * DELAY / clinic.CHUNK
    assert charts[STATE].validation[-1] == pytest.approx(expected, rel=0.15)


def test_misaligned_pairs_give_calm_curves_and_small_gradients(charts):
    assert end(charts[DATA].norm) < 0.7 * end(charts[None].norm)
    assert np.std(charts[DATA].train[-60:]) < 0.1 * np.std(charts[RATE].train[-60:])


def test_detaching_leaves_most_of_one_batch_unlearnt(charts):
    assert end(charts[DETACH].batch) > 1.2 * end(charts[DATA].batch)
    assert end(charts[DETACH].batch) < CHANCE < end(charts[RATE].batch)


def test_all_runs_begin_with_the_same_weights_on_the_same_data(charts):
    first = {fault: chart.train[0] for fault, chart in charts.items()}
    for same in (STATE, RATE, DETACH, MODE):
        assert first[same] == pytest.approx(first[None], rel=1e-6)
    assert first[DATA] != first[None]
    assert first[LOSS] != first[None]


def test_a_chart_has_the_shapes_that_it_promises(charts):
    for chart in charts.values():
        S, E, N = len(chart.train), len(chart.steps), len(chart.batch)
        assert chart.norm.shape == (S,)
        assert chart.validation.shape == chart.accuracy.shape == (E,)
        assert chart.position.shape == chart.lag.shape == (clinic.CHUNK,)
        assert chart.batch_accuracy.shape == (N,)
        assert chart.again.shape == (3,)
        assert chart.steps[-1] == S
        assert all(np.isfinite(array).all() for array in vars(chart).values())
        assert repr(chart).startswith(f"Chart({S} steps, training loss ")


def test_the_same_generator_gives_the_same_runs():
    from rnncourse.clinic import runs

    a, b = (runs.chart(MODE, 5) for _ in range(2))
    assert np.array_equal(a.train, b.train)
    assert np.array_equal(a.again, b.again)


def test_the_torch_generator_is_left_as_it_was():
    import torch

    from rnncourse.clinic import runs

    torch.manual_seed(4)
    expected = torch.randn(3)
    torch.manual_seed(4)
    runs.chart(DATA, 0)
    assert torch.equal(torch.randn(3), expected)


def test_the_courses_runs_are_made_once_and_follow_the_seed(monkeypatch):
    made = []
    monkeypatch.setattr(clinic.seeds, "rng", lambda *key: made.append(key) or "the generator")
    monkeypatch.setattr(clinic, "patients", lambda rng=None: made.append(rng) or {})
    clinic._of_the_course.cache_clear()
    for shift in (0, 0, 3, 3):
        clinic._of_the_course(shift)
    clinic._of_the_course.cache_clear()
    assert made == [(7, 300), "the generator"] * 2


def test_the_beds_are_the_same_for_everybody_and_no_list_gives_them_away():
    code = "from rnncourse import clinic; print(*(clinic.reveal(n).fault.name for n in 'ABCDEF'))"
    beds = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "RNNCOURSE_SEED": seed},
        ).stdout
        for seed in ("0", "5")
    }
    assert len(beds) == 1
    (order,) = (text.split() for text in beds)
    known = [fault.name for fault in clinic.Fault]
    assert sorted(order) == sorted(known)
    assert order not in (known, known[::-1], sorted(known))


def test_looking_at_the_diagnosis_loads_no_framework():
    code = "import sys; from rnncourse import clinic; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_revelation_shows_the_one_method_that_differs():
    healthy = {}
    for name in "ABCDEF":
        found = clinic.reveal(name)
        method = found.healthy.split("(")[0]
        assert method.startswith("def ")
        assert found.patient.startswith(method)
        assert found.healthy != found.patient
        assert found.sign in str(found)
        assert found.fault.name in str(found)
        assert len(str(found).split("\n")) < 20
        healthy[method] = found.healthy
    assert len(healthy) == 6


@pytest.mark.parametrize("name", ["G", "a", HEALTHY, 3, None, ["A"]])
def test_a_patient_who_is_not_there_is_refused(name):
    with pytest.raises(ValueError, match="name: expected one of A, B, C, D, E, F, got"):
        clinic.reveal(name)


@pytest.mark.parametrize("rng", [7, "7", np.random.RandomState(7)])
def test_anything_but_a_generator_is_refused(rng):
    with pytest.raises(ValueError, match="rng: expected a NumPy generator"):
        clinic.patients(rng)


# ------------------------------------------------------------------------------------- the ward


@pytest.fixture(scope="module")
def made_up():
    """Three charts with numbers of no meaning; S, N and CHUNK differ."""
    rng = seeds.rng(7, 1)
    sizes = {"train": 40, "norm": 40, "validation": 4, "accuracy": 4, "again": 3, "position": 10,
             "lag": 10, "batch": 25, "batch_accuracy": 25}  # fmt: skip
    return {
        name: clinic.Chart(steps=np.arange(10, 50, 10), **{k: rng.random(n) + 0.1
                                                           for k, n in sizes.items()})
        for name in ("healthy", "A", "B")
    }  # fmt: skip


def test_the_ward_has_a_column_for_each_run_and_a_row_for_each_reading(made_up):
    fig, axes = figure(4.2, ncols=3, nrows=6, sharey="row")
    ward(axes, made_up, rows=READINGS, chance=CHANCE)
    assert [ax.get_title() for ax in axes[0]] == list(made_up)
    assert [ax.get_ylabel() for ax in axes[:, 0]] == list(READINGS.values())
    assert all(ax.get_lines() for ax in axes.flat)
    with_chance = [row for row, line in zip(READINGS, axes, strict=True) if any(
        list(drawn.get_ydata()) == [CHANCE, CHANCE] for drawn in line[1].get_lines())]  # fmt: skip
    assert with_chance == ["loss", "batch", "position"]
    plt.close(fig)


def test_the_ward_draws_the_numbers_that_it_is_given(made_up):
    fig, axes = figure(ncols=3, nrows=2, sharey="row")
    assert ward(axes, made_up).shape == (2, 3)
    train, validation = axes[0, 1].get_lines()
    assert np.array_equal(train.get_ydata(), made_up["A"].train)
    assert np.array_equal(validation.get_xdata(), made_up["A"].steps)
    assert np.array_equal(axes[1, 2].get_lines()[0].get_ydata(), made_up["B"].norm)
    plt.close(fig)


def test_the_ward_refuses_what_it_cannot_draw(made_up):
    fig, axes = figure(ncols=3, nrows=2)
    with pytest.raises(ValueError, match="rows: expected some of loss, norm, .* got 'pulse'"):
        ward(axes, made_up, rows=("loss", "pulse"))
    with pytest.raises(ValueError, match=r"axes: expected shape \(1, 3\), got \(2, 3\)"):
        ward(axes, made_up, rows=("loss",))
    broken = clinic.Chart(**{**vars(made_up["A"]), "norm": np.array([1.0, np.nan])})
    with pytest.raises(ValueError, match="A: norm: expected finite numbers"):
        ward(axes, {**made_up, "A": broken})
    plt.close(fig)
