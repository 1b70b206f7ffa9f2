"""Data: simulators that obey their equations, cuts that leak nothing, cards that tell all."""

import platform

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import data
from rnncourse.data import (
    climate,
    corpora,
    cursors,
    glucose,
    opinions,
    pronunciation,
    series,
    speech,
    synthetic,
)

# --- synthetic

lawful = settings(deadline=None, derandomize=True)  # a loaded machine is no failure


def test_the_sine_without_noise_is_the_sine_of_a_linear_phase():
    x = synthetic.noisy_sine(100, periods=1.0, noise=0.0)
    np.testing.assert_allclose(x, np.sin(np.linspace(0, 2 * np.pi, 100)), atol=1e-15)


def test_the_noise_of_the_sine_has_the_deviation_asked_for():
    clean = synthetic.noisy_sine(20_000, periods=20, noise=0.0)
    noisy = synthetic.noisy_sine(20_000, periods=20, noise=0.1, rng=np.random.default_rng(0))
    assert (noisy - clean).std() == pytest.approx(0.1, rel=0.03)
    assert abs((noisy - clean).mean()) < 0.003


def test_mackey_glass_obeys_its_delay_equation():
    dt, tau = 0.1, 17.0
    x = synthetic.mackey_glass(3000, tau=tau, dt=dt, standardise=False)
    delay = round(tau / dt)
    slope = (x[delay + 1 :] - x[delay - 1 : -2]) / (2 * dt)  # central difference at x[delay:-1]
    late = x[: -delay - 1]
    expected = 0.2 * late / (1 + late**10) - 0.1 * x[delay:-1]
    np.testing.assert_allclose(slope, expected, atol=1e-4)


def test_mackey_glass_begins_as_the_exact_solution_of_its_first_interval():
    c, g = 0.6, 0.2 * 0.6 / (1 + 0.6**10)
    x = synthetic._delay_solution(17, 1.0, c, 17.0, 0.2, 0.1, 10.0, dropped=0.0)
    exact = g / 0.1 + (c - g / 0.1) * np.exp(-0.1 * np.arange(17))
    np.testing.assert_allclose(x, exact, atol=1e-9)


def test_sampling_mackey_glass_more_rarely_takes_every_third_value():
    fine = synthetic.mackey_glass(301, dt=1.0)
    coarse = synthetic.mackey_glass(101, dt=3.0)
    np.testing.assert_allclose(coarse, fine[::3], atol=1e-12)


def test_standardised_mackey_glass_has_about_mean_zero_and_deviation_one():
    x = synthetic.mackey_glass(3000, dt=3.0)
    assert abs(x.mean()) < 0.05
    assert x.std() == pytest.approx(1, abs=0.05)


def test_the_scale_of_mackey_glass_does_not_depend_on_how_much_of_it_is_asked_for():
    np.testing.assert_array_equal(synthetic.mackey_glass(50), synthetic.mackey_glass(200)[:50])


def test_another_generator_gives_another_stretch_and_the_same_generator_the_same():
    a, b, c = (synthetic.mackey_glass(99, rng=np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).max() > 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: synthetic.noisy_sine(1), "n: expected an integer of at least 2, got 1"),
        (lambda: synthetic.noisy_sine(9.5), "n: expected an integer of at least 2, got 9.5"),
        (lambda: synthetic.noisy_sine(9), "rng: expected a NumPy generator for the noise"),
        (lambda: synthetic.noisy_sine(9, noise=-1.0), "noise: expected a standard deviation"),
        (lambda: synthetic.noisy_sine(9, noise=np.nan), "noise: expected a standard deviation"),
        (lambda: synthetic.mackey_glass(1), "n: expected an integer of at least 2"),
        (lambda: synthetic.mackey_glass(9, tau=0), "tau: expected a positive number, got 0"),
        (lambda: synthetic.mackey_glass(9, dt=-1.0), "dt: expected a positive number"),
        (lambda: synthetic.mackey_glass(9, noise=0.1), "rng: expected a NumPy generator"),
    ],
)
def test_simulators_refuse_what_makes_no_series(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- windows


@lawful
@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 9), st.integers(1, 3))
def test_window_i_starts_at_step_i_and_its_target_lies_a_horizon_after_its_end(L, h, extra, D):
    n = L + h + extra
    x = np.arange(n * D, dtype=float).reshape(n, D)
    X, y = series.windows(x, L, h)
    assert X.shape == (extra + 1, L, D)
    assert y.shape == (extra + 1, D)
    for i in range(extra + 1):
        np.testing.assert_array_equal(X[i], x[i : i + L])
        np.testing.assert_array_equal(y[i], x[i + L + h - 1])


def test_a_single_series_has_one_feature():
    X, y = series.windows(np.arange(10), length=4)
    assert X.shape == (6, 4, 1)
    assert y.shape == (6, 1)
    assert X.flags.writeable


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: series.windows(np.arange(5.0), 5), r"x: expected at least .* = 6 steps, got 5"),
        (lambda: series.windows(np.arange(9.0), 0), "length: expected a positive integer, got 0"),
        (lambda: series.windows(np.arange(9.0), 2, 0), "horizon: expected a positive integer"),
        (lambda: series.windows(np.ones((3, 7, 4)), 2), r"x: .*got float64 of shape \(3, 7, 4\)"),
        (lambda: series.windows([1.0, np.nan, 2.0], 1), "x: expected finite numbers"),
        (lambda: series.windows([], 1), "x: expected numbers of shape"),
    ],
)
def test_windows_refuse_what_they_cannot_cut(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- split in time


@lawful
@given(st.integers(20, 99), st.floats(0.2, 0.6), st.floats(0.15, 0.3), st.integers(0, 1))
def test_the_parts_follow_each_other_with_the_gap_between_them(n, train, validation, gap):
    x = np.arange(n, dtype=float)
    split = series.split_in_time(x, train, validation, gap)
    parts = [split.train, split.validation, split.test]
    assert all(len(part) > 0 for part in parts)
    assert parts[0][0] == 0
    assert parts[2][-1] == n - 1
    for before, after in zip(parts[:-1], parts[1:], strict=True):
        assert after[0] - before[-1] == gap + 1
    for name, where in split.where.items():
        np.testing.assert_array_equal(getattr(split, name), x[where])


def test_seven_tenths_of_ten_are_seven_also_in_floating_point():
    assert len(series.split_in_time(np.arange(10), train=0.7).train) == 7
    split = series.split_in_time(np.arange(10), train=0.1, validation=0.2)
    assert (len(split.train), len(split.validation), len(split.test)) == (1, 2, 7)


def test_windows_can_be_split_too():
    X, _ = series.windows(np.arange(100.0), 10)
    split = series.split_in_time(X, gap=10)
    assert split.train.shape == (72, 10, 1)
    assert split.test.min() > split.train.max()  # this gap: no step of training in a test window


def test_changing_a_part_does_not_change_the_series():
    x = np.zeros(10)
    series.split_in_time(x).train[:] = 1
    assert (x == 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train": 0.0}, "train, validation: expected shares"),
        ({"train": 1.0}, "train, validation: expected shares"),
        ({"train": 0.8, "validation": 0.3}, "train, validation: expected shares"),
        ({"train": 0.8, "validation": 0.2}, "x: expected enough steps for a test part"),
        ({"train": 0.05}, "x: expected enough steps for a train part, got 10"),
        ({"gap": 2}, "x: expected enough steps for a test part"),
        ({"gap": -1}, "gap: expected an integer of at least 0"),
    ],
)
def test_a_split_refuses_shares_that_leave_a_part_empty(options, message):
    with pytest.raises(ValueError, match=message):
        series.split_in_time(np.arange(10.0), **options)


# --- scaler


def test_the_training_part_comes_out_with_mean_zero_and_deviation_one():
    rng = np.random.default_rng(3)
    split = series.split_in_time(rng.normal(5, 3, size=(50, 4)))
    z = series.Scaler().fit(split).transform(split.train)
    np.testing.assert_allclose(z.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(axis=0), 1, atol=1e-12)


def test_the_inverse_undoes_the_scaling():
    rng = np.random.default_rng(4)
    split = series.split_in_time(rng.normal(5, 3, size=(50, 4)))
    scaler = series.Scaler().fit(split.train)
    np.testing.assert_allclose(scaler.inverse(scaler.transform(split.test)), split.test)


def test_the_test_part_does_not_change_the_scale():
    x = np.arange(20.0)
    y = np.where(np.arange(20) < 16, x, 1e6)
    a, b = (series.Scaler().fit(series.split_in_time(s)) for s in (x, y))
    assert a.mean == b.mean
    assert a.deviation == b.deviation


def test_a_column_that_never_changes_is_only_centred():
    split = series.split_in_time(np.full(10, 7.0))
    assert series.Scaler().fit(split).transform([8.0]).tolist() == [1.0]


def test_a_scaler_refuses_everything_but_the_training_part():
    x = np.arange(20.0)
    split = series.split_in_time(x, train=0.6, validation=0.2)
    leaks = [x, split.test, split.validation, split.train[:5], split.train + 0, x[:12], [1.0, 2.0]]
    for leak in leaks:
        with pytest.raises(ValueError, match="train: expected the .train of a split_in_time"):
            series.Scaler().fit(leak)


def test_a_training_part_that_is_gone_cannot_lend_its_identity_to_another_array():
    for _ in range(50):
        identity = id(series.split_in_time(np.arange(1000.0)).train)
        impostor = np.arange(1000.0)[:800].copy()
        if id(impostor) == identity:
            break
    with pytest.raises(ValueError, match="train: expected"):
        series.Scaler().fit(impostor)


def test_a_scaler_refuses_work_before_it_is_fitted_and_columns_it_does_not_know():
    with pytest.raises(ValueError, match="scaler: expected one that has been fitted"):
        series.Scaler().transform([1.0])
    scaler = series.Scaler().fit(series.split_in_time(np.random.default_rng(0).normal(size=(9, 4))))
    with pytest.raises(ValueError, match=r"x: expected D = 4 columns .* got shape \(7, 3\)"):
        scaler.inverse(np.zeros((7, 3)))


# --- corpora and cards


SPLITS = range(0, 50, 7)


@pytest.mark.parametrize("split", SPLITS)
def test_the_parts_of_the_corpus_are_the_text_in_its_order(split):
    corpus = corpora.topics(split)
    assert corpus.train + corpus.validation + corpus.test == corpus.text
    assert len(corpus.train) / len(corpus.text) == pytest.approx(0.8, abs=0.015)
    assert len(corpus.test) / len(corpus.text) == pytest.approx(0.1, abs=0.015)


@pytest.mark.parametrize("split", SPLITS)
def test_the_corpus_is_cut_between_paragraphs(split):
    corpus = corpora.topics(split)
    for part in (corpus.train, corpus.validation, corpus.test):
        assert part.endswith("\n\n")
        assert not part.startswith("\n")


@pytest.mark.parametrize("first", [0, 5, 45])
def test_the_test_parts_of_five_splits_share_no_paragraph_nor_do_the_validation_parts(first):
    for part in ("test", "validation"):
        parts = [getattr(corpora.topics(first + k), part) for k in range(5)]
        long = [{" ".join(p.split()) for p in text.split("\n\n")} for text in parts]
        long = [{p for p in paragraphs if len(p) >= corpora.RUN} for paragraphs in long]
        assert sum(map(len, long)) == len(set.union(*long)) > 300


def test_every_split_has_all_of_the_text():
    paragraphs = sorted(corpora.topics().text.split("\n\n"))
    for split in SPLITS:
        assert sorted(corpora.topics(split).text.split("\n\n")) == paragraphs


def test_fifty_splits_are_fifty_different_ones():
    assert len({corpora.topics(split).test for split in range(50)}) == 50


def test_the_splits_of_a_run_follow_the_shift_of_the_course(monkeypatch):
    monkeypatch.setenv("RNNCOURSE_SEED", "0")
    assert corpora.splits() == [0, 1, 2, 3, 4]
    monkeypatch.setenv("RNNCOURSE_SEED", "2")
    assert corpora.splits(3) == [6, 7, 8]
    with pytest.raises(ValueError, match="n: expected a positive integer, got 0"):
        corpora.splits(0)


def test_no_long_paragraph_stands_twice_unless_asked_for():
    for repeats in (False, True):
        paragraphs = corpora.topics(repeats=repeats).text.split("\n\n")
        long = [" ".join(p.split()) for p in paragraphs]
        long = [p for p in long if len(p) >= corpora.RUN]
        assert (len(set(long)) < len(long)) == repeats
        assert any(p.startswith(("+-", "|")) for p in long) == repeats


def test_the_test_text_is_not_copied_from_the_training_text():
    corpus, quoted = corpora.topics(), corpora.topics(repeats=True)
    assert corpora.copied(corpus.test, corpus.train).mean() < 0.08
    assert corpora.copied(quoted.test, quoted.train).mean() > 0.1


def test_the_corpus_is_long_english_prose():
    corpus = corpora.topics()
    assert len(corpus.text) > 250_000
    assert corpus.text.count(" the ") > 2_000
    assert repr(corpus).startswith("Corpus(Python's documentation topics: train ")


@pytest.mark.parametrize("split", [-1, 0.5, True, "first"])
def test_a_split_that_does_not_exist_is_refused(split):
    with pytest.raises(ValueError, match="split: expected a whole number of at least 0"):
        corpora.topics(split)


def test_copied_characters_are_those_of_long_common_runs():
    assert corpora.copied("xabcdexabc", "abcde", run=4).tolist() == [0] + [1] * 5 + [0] * 4
    assert corpora.copied("abc", "abc", run=4).tolist() == [0, 0, 0]  # too short for a run
    assert corpora.copied("", "abc", run=1).tolist() == []
    assert corpora.copied("abc", "abc", run=3).all()
    with pytest.raises(ValueError, match="run: expected a positive whole number, got 0"):
        corpora.copied("a", "a", run=0)


def test_the_card_of_the_corpus_names_the_python_that_it_came_with():
    assert platform.python_version() in corpora.topics().card.size
    assert f"{len(corpora.topics().text):,}" in corpora.topics().card.size


def test_every_data_set_has_a_card_with_its_licence():
    cards = data.cards()
    assert len({card.name for card in cards}) == len(cards) >= 3
    real = {corpora.topics().card.name, cursors.CARD.name, pronunciation.CARD.name}
    real |= {glucose.CARD.name}
    real |= {climate.SEA.name, climate.AIR.name}
    real |= {opinions.CARD.name}
    real |= {speech.HUMAN.name}
    assert {card.name for card in cards if card.real} == real
    for card in cards:
        assert card.licence in str(card)
        assert f"**{card.name}**" in card._repr_markdown_()


def test_a_card_with_a_hole_is_refused():
    with pytest.raises(ValueError, match="licence: expected a text, got ''"):
        data.Card("a", "b", "c", "", "e", True)
    with pytest.raises(ValueError, match="real: expected True or False, got 'yes'"):
        data.Card("a", "b", "c", "d", "e", "yes")
