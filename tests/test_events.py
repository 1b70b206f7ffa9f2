"""Events: what an alarm announces, how early, and what a random score earns when judged badly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from rnncourse import events

lawful = settings(deadline=None, derandomize=True)
rows = st.lists(st.booleans(), min_size=1, max_size=40)


@lawful
@given(rows)
def test_spans_cover_what_is_true_and_nothing_else(row):
    mask, painted = np.array(row), np.zeros(len(row), dtype=bool)
    for first, stop in events.spans(mask):
        assert first < stop
        painted[first:stop] = True
    np.testing.assert_array_equal(painted, mask)


def test_short_stretches_are_left_out():
    assert events.spans(np.array([1, 0, 1, 1, 0, 1, 1, 1]) > 0, shortest=3).tolist() == [[5, 8]]


@lawful
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 9))
def test_alarms_keep_their_silence_and_none_is_lost_without_reason(score, silence):
    rung = events.raised(score, 0.5, silence)
    assert (np.diff(rung) >= silence).all()
    for t in np.flatnonzero(np.array(score) > 0.5):
        assert ((rung <= t) & (rung > t - silence)).any()


def test_a_score_that_is_missing_never_rings():
    assert events.raised([np.nan, 2.0, np.nan], 1.0, 1).tolist() == [1]


def test_an_alarm_at_the_onset_or_too_early_announces_nothing():
    lead, false = events.judged([10, 1], onsets=[10], ahead=8)
    assert np.isnan(lead).all()
    assert false == 2


def test_one_alarm_may_announce_two_onsets_and_the_first_of_two_counts():
    lead, false = events.judged([4, 6], onsets=[7, 9], ahead=5)
    assert lead.tolist() == [3.0, 5.0]
    assert false == 0


def test_without_alarms_all_is_missed_and_nothing_false():
    lead, false = events.judged([], onsets=[3, 7], ahead=5)
    assert np.isnan(lead).all()
    assert (len(lead), false) == (2, 0)


def test_without_onsets_every_alarm_is_false():
    lead, false = events.judged([3, 7], onsets=[], ahead=5)
    assert (len(lead), false) == (0, 2)


@pytest.mark.parametrize("budget", [0, 1, 7, 30])
def test_without_silence_the_quietest_threshold_is_exact(budget):
    score = np.random.default_rng(0).normal(size=200)
    threshold = events.quietest(score, budget, silence=1)
    assert len(events.raised(score, threshold, 1)) == budget


def test_a_budget_for_all_alarms_rings_for_all_but_the_lowest_score():
    assert events.quietest([3.0, 1.0, np.nan, 2.0], budget=9, silence=1) == 1.0


def test_no_scores_or_a_negative_budget_are_refused():
    with pytest.raises(ValueError, match="score, budget: .* got 0 finite ones"):
        events.quietest([np.nan], 1, 1)
    with pytest.raises(ValueError, match="score, budget: .* and -1"):
        events.quietest([1.0], -1, 1)


def test_f1_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    found, truth = rng.random((2, 50)) < 0.4
    assert events.f1(found, truth) == pytest.approx(sklearn_metrics.f1_score(truth, found))


def test_f1_of_nothing_found_where_nothing_was_is_zero_and_shapes_must_agree():
    assert events.f1([False], [False]) == 0
    with pytest.raises(ValueError, match=r"found: expected the shape of truth, \(3,\), got \(2,\)"):
        events.f1([True, False], [True, False, True])


@lawful
@given(rows, st.randoms(use_true_random=False))
def test_point_adjustment_never_lowers_f1(row, random):
    truth = np.array(row)
    found = np.array([random.random() < 0.3 for _ in row])
    adjusted = events.point_adjust(found, truth)
    assert events.f1(adjusted, truth) >= events.f1(found, truth)
    np.testing.assert_array_equal(adjusted[~truth], found[~truth])


def test_a_perfect_score_has_a_best_f1_of_one_and_a_constant_that_of_flagging_all():
    truth = np.arange(100) % 20 == 3
    assert events.best_f1(truth.astype(float), truth) == 1.0
    assert events.best_f1(np.ones(100), truth) == pytest.approx(2 * 0.05 / 1.05)


def test_random_scores_earn_what_the_law_says_when_point_adjusted():
    n, a, L = 40_000, 0.05, 40
    truth = np.arange(n) % (20 * L) >= 19 * L
    found = np.random.default_rng(0).random(n) < 0.03
    q = 1 - 0.97**L
    law = 2 * a * q / (a * q + a + 0.03 * (1 - a))
    assert events.f1(events.point_adjust(found, truth), truth) == pytest.approx(law, abs=0.06)
    assert events.f1(found, truth) < 0.06
