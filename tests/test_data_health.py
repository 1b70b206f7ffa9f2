"""Glucose, patients, service logs: real gaps stay gaps, simulated worlds obey their equations."""

from importlib import util

import numpy as np
import pytest

from rnncourse.data import glucose, patients, service_logs

# --- glucose


@pytest.fixture(scope="module")
def asked():
    return glucose.questions(glucose.readings())


def test_the_readings_are_those_of_the_card():
    mg_dl, minute = glucose.readings()
    filled = int((~np.isnan(mg_dl)).sum())
    assert f"{len(mg_dl):,} slots" in glucose.CARD.size
    assert f"{filled:,} of them" in glucose.CARD.size
    assert np.nanmin(mg_dl) >= 40
    assert np.nanmax(mg_dl) <= 400
    assert set(np.diff(minute).tolist()) == {glucose.STEP, glucose.STEP - 1440}


def test_without_the_package_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="bokeh_sampledata; run `make setup`"):
        glucose.readings.__wrapped__()


def test_answers_are_real_readings_so_many_slots_later(asked):
    mg_dl, _ = glucose.readings()
    for k, horizon in enumerate((1, 6, 12)):
        np.testing.assert_array_equal(asked.y[:, k], mg_dl[asked.at + horizon])
    np.testing.assert_array_equal(asked.now, mg_dl[asked.at])


def test_no_window_has_a_hole_and_its_last_step_is_now(asked):
    assert np.isfinite(asked.x).all()
    np.testing.assert_allclose(100 * asked.x[:, -1, 0], asked.now, atol=1e-3)
    change = np.diff(asked.x[:, :, 0], axis=1) * 100
    np.testing.assert_allclose(10 * asked.x[:, 1:, 1], change, atol=1e-3)


def test_a_window_knows_nothing_of_what_comes_after_now():
    mg_dl, minute = (part[:400].copy() for part in glucose.readings())
    before = glucose.questions(glucose.Readings(mg_dl, minute))
    mg_dl[before.at[20] + 1 :] = 111
    after = glucose.questions(glucose.Readings(mg_dl, minute))
    np.testing.assert_array_equal(before.x[:21], after.x[: np.sum(after.at <= before.at[20])])


def test_the_parts_follow_each_other_a_day_apart(asked):
    train, valid, test = asked.parts()
    assert train.at[-1] + glucose.DAY - 12 < valid.at[0]
    assert valid.at[-1] + glucose.DAY - 12 < test.at[0]
    assert len(train.at) > len(test.at) > len(valid.at)


def test_bridges_are_straight_and_not_too_long():
    nan = np.nan
    x = np.array([nan, 1.0, nan, nan, 4.0, nan, nan, nan, 9.0, nan])
    expected = np.array([nan, 1, 2, 3, 4, nan, nan, nan, 9, nan])
    np.testing.assert_allclose(glucose.bridged(x, longest=2), expected)
    assert np.isnan(x[2])  # a copy


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": 0}, "length: expected a whole number"),
        ({"horizons": (0,)}, r"horizons\[0\]: expected a whole number"),
        ({"horizons": ()}, "horizons: expected at least one"),
        ({"longest": 1.5}, "longest: expected a whole number"),
        ({"length": 60}, "series: expected a window of 60 slots"),
    ],
)
def test_questions_that_make_no_sense_are_refused(options, message):
    series = glucose.Readings(np.full(50, 100, np.float32), np.arange(50) * 5)
    with pytest.raises(ValueError, match=message):
        glucose.questions(series, **options)


def test_a_low_begins_after_a_quiet_hour_and_lasts_a_quarter_of_one():
    mg_dl = np.full(60, 100.0)
    mg_dl[20:24] = mg_dl[28:33] = mg_dl[50:52] = 60  # the second too soon, the third too short
    assert glucose.lows(mg_dl).tolist() == [20]
    mg_dl[[10, 12, 14]] = np.nan
    assert glucose.lows(mg_dl).tolist() == []


@pytest.mark.parametrize(
    ("y", "y_hat", "zone"),
    [
        (100, 121, "B"),
        (100, 119, "A"),
        (50, 69, "A"),
        (50, 71, "D"),
        (66, 75, "A"),
        (60, 181, "E"),
        (250, 60, "E"),
        (250, 150, "D"),
        (200, 150, "B"),
        (100, 215, "C"),
        (150, 20, "C"),
        (150, 40, "B"),
        (300, 350, "A"),
    ],
)
def test_clarkes_zones_lie_where_he_drew_them(y, y_hat, zone):
    assert glucose.zones(np.array([y]), np.array([y_hat])) == [zone]


def test_faults_change_their_own_slots_and_nothing_else():
    mg_dl, _ = glucose.readings()
    faulty = glucose.with_faults(mg_dl, 1000, 9000, np.random.default_rng(0), each=4)
    inside = np.zeros(len(mg_dl), dtype=bool)
    for (first, stop), kind in zip(faulty.where, faulty.kind, strict=True):
        assert stop - first == glucose.FAULTS[kind]
        inside[first:stop] = True
    np.testing.assert_array_equal(faulty.mg_dl[~inside], mg_dl[~inside])
    stuck = faulty.where[faulty.kind == "stuck"][0]
    assert len(set(faulty.mg_dl[stuck[0] - 1 : stuck[1]].tolist())) == 1
    assert set(faulty.kind) == set(glucose.FAULTS)


# --- patients


def test_who_looks_changes_neither_the_patients_nor_what_becomes_of_them():
    busy, even = (patients.ward(50, np.random.default_rng(0), a) for a in (1.0, 0.0))
    np.testing.assert_array_equal(busy.y, even.y)
    np.testing.assert_array_equal(busy.severity, even.severity)
    both = ~np.isnan(busy.x) & ~np.isnan(even.x)
    np.testing.assert_array_equal(busy.x[both], even.x[both])


def test_with_attention_the_severe_are_measured_oftener_and_without_all_alike():
    for attention, more in ((1.0, True), (0.0, False)):
        ward = patients.ward(2000, np.random.default_rng(1), attention)
        often = (~np.isnan(ward.x)).mean(axis=(1, 2))
        slope = np.corrcoef(often, ward.severity.mean(axis=1))[0, 1]
        assert (slope > 0.4) == more
        assert more or abs(slope) < 0.1


def test_summaries_hold_last_values_means_and_counts():
    x = patients.ward(7, np.random.default_rng(0)).x
    found = patients.summaries(x, counts=True)
    assert found.shape == (7, 16)
    one = x[3, :, 2]
    seen = one[~np.isnan(one)]
    expected = [seen[-1], seen.mean(), len(seen) / 24, np.mean(~np.isnan(one[12:]))]
    np.testing.assert_allclose(found[3, 2::4], expected, atol=1e-6)
    assert patients.summaries(np.full((3, 5, 4), np.nan), counts=True).any() == False  # noqa: E712


def test_who_gives_the_treatment_changes_neither_records_nor_risks():
    worlds = [patients.treated(50, np.random.default_rng(0), given) for given in patients.GIVEN]
    for world in worlds[1:]:
        np.testing.assert_array_equal(world.x, worlds[0].x)
        np.testing.assert_array_equal(world.risk, worlds[0].risk)


def test_by_a_coin_the_difference_in_deaths_is_the_effect_and_at_the_bedside_it_is_not():
    for given, honest in (("coin", True), ("bedside", False)):
        world = patients.treated(20_000, np.random.default_rng(0), given)
        seen = world.y[world.treatment].mean() - world.y[~world.treatment].mean()
        effect = (world.risk[:, 1] - world.risk[:, 0]).mean()
        assert effect < -0.08
        assert (abs(seen - effect) < 0.03) == honest


def test_crossed_features_are_record_treatment_and_products():
    x = np.arange(6.0).reshape(2, 3)
    both = patients.beside(x, np.array([True, False]))
    assert both.shape == (2, 3, 2)
    assert both.dtype == np.float32
    expected = [[0, 1, 2, 1, 0, 1, 2], [3, 4, 5, 0, 0, 0, 0]]
    np.testing.assert_array_equal(patients.crossed(x, np.array([True, False])), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: patients.ward(0, rng), "n: expected a positive integer, got 0"),
        (lambda rng: patients.treated(1.5, rng), "n: expected a positive integer, got 1.5"),
        (lambda rng: patients.treated(5, rng, "fate"), "given: expected one of coin, record"),
        (lambda rng: service_logs.sessions(0, rng), "n: expected a positive integer"),
        (lambda rng: service_logs.sessions(3, rng, 0), "depth: expected a positive integer"),
        (lambda rng: service_logs.broken(3, "fire", rng), "kind: expected one of lost commit"),
        (lambda rng: service_logs.mixed(9, rng), "n: expected a positive multiple of 8, got 9"),
    ],
)
def test_worlds_that_cannot_be_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


# --- service logs


def test_sound_sessions_nest_and_broken_ones_do_not():
    rng = np.random.default_rng(0)
    assert all(service_logs.well_formed(row) for row in service_logs.sessions(99, rng))
    for kind in service_logs.KINDS:
        assert not any(service_logs.well_formed(row) for row in service_logs.broken(40, kind, rng))


def test_broken_sessions_hold_words_that_are_all_allowed():
    rng = np.random.default_rng(0)
    sound = np.unique(np.concatenate(service_logs.sessions(99, rng)))
    rows, strange = service_logs.mixed(80, rng)
    assert set(np.concatenate(rows)) <= set(sound)
    assert strange.sum() == 40
    assert len(service_logs.WORDS) == len(sound)
