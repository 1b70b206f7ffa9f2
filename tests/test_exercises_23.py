"""Chapter 23's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import events, grading
from rnncourse.grading import sheet_23
from rnncourse.torch_models import gaps

CHECKED = {exercise.id: exercise for exercise in grading.exercises("23") if exercise.kind != "open"}

# --- 23.1

FILLED, MASK, SINCE = sheet_23.RIGHT
ROWS = [
    ((120, 120, 140, 131, 120, 120, 120, 95, 99, 120), MASK, SINCE, "`start` stands in every gap"),
    ((140, 140, 140, 131, 95, 95, 95, 95, 99, 99), MASK, SINCE, "*next* reading"),
    ((140, 140, 140, 131, 131, 131, 131, 95, 99, 99), MASK, SINCE, "lies in the future"),
    ((120, 120, 140, 131, 122, 113, 104, 95, 99, 99), MASK, SINCE, "a straight line"),
    ((0, 0, 140, 131, 131, 131, 131, 95, 99, 99), MASK, SINCE, "not 0"),
    ((116.25,) * 2 + (140, 131) + (116.25,) * 3 + (95, 99, 116.25), MASK, SINCE, "the mean"),
    (FILLED, (1, 1, 0, 0, 1, 1, 1, 0, 0, 1), SINCE, "turned over"),
    (FILLED, [True] * 10, SINCE, "before filling"),
    (FILLED, MASK, (1, 2, 3, 1, 1, 2, 3, 4, 1, 1), "from the last reading *before*"),
    (FILLED, MASK, (0, 1, 0, 0, 1, 2, 3, 0, 0, 1), "counts up from 1"),
    (FILLED, MASK, (0, 0, 0, 0, 1, 2, 3, 0, 0, 1), "before the first reading"),
    (FILLED, MASK, (1, 2, 3, 0, 0, 1, 2, 3, 0, 0), "one step late"),
    (FILLED, MASK, (2, 1, 0, 0, 3, 2, 1, 0, 0, 1), "*next* reading"),
    (FILLED, MASK, (2, 3, 1, 1, 2, 3, 4, 1, 1, 2), "one too large"),
    (FILLED, MASK, (5, 10, 0, 0, 5, 10, 15, 0, 0, 5), "minutes"),
    (FILLED, MASK, (1, 2, 2, 2, 3, 4, 5, 5, 5, 6), "each gap begins anew"),
]


@pytest.mark.parametrize("rows", ROWS)
def test_a_wrong_row_is_named(rows):
    *rows, says = rows
    verdict = mark(CHECKED["23.1"], rows)
    assert verdict.verdict == "wrong"
    assert says in verdict.sentence


def test_a_step_that_no_list_foresaw_is_named():
    since = SINCE.copy()
    since[5] = 7
    told = mark(CHECKED["23.1"], (FILLED, MASK, since)).sentence
    assert told.startswith("since: at step five yours is 7")


def test_the_rows_by_hand_are_those_of_the_package():
    x = sheet_23.READINGS[None, :, None]
    for ours, row in zip(gaps.last_seen(x, np.array([120.0])), sheet_23.RIGHT, strict=True):
        assert np.array_equal(np.asarray(ours)[0, :, 0], row)


# --- 23.2


def bonds(events, alarms, ahead):
    return [[a for a in alarms if start - ahead <= a < stop] for start, stop in events]


def numbers(events, alarms, ahead, days):
    own = bonds(events, alarms, ahead)
    leads = [start - mine[0] for (start, _), mine in zip(events, own, strict=True) if mine]
    false = [a for a in alarms if not any(a in mine for mine in own)]
    return len(leads) / len(events), len(false) / days, sum(leads) / len(leads)


def hits_of_alarms(events, alarms, ahead, days):
    _, false, lead = numbers(events, alarms, ahead, days)
    return sum(map(len, bonds(events, alarms, ahead))) / len(events), false, lead


def long_events_weigh_more(events, alarms, ahead, days):
    _, false, lead = numbers(events, alarms, ahead, days)
    found = [stop - start for (start, stop), mine
             in zip(events, bonds(events, alarms, ahead), strict=True) if mine]  # fmt: skip
    return sum(found) / np.diff(events, axis=1).sum(), false, lead


def on_a_raster(events, alarms, ahead, days):
    _, false, lead = numbers(events, alarms, ahead, days)
    truth = np.zeros(max(events.max(), alarms.max()) + 1, dtype=bool)
    for start, stop in events:
        truth[start:stop] = True
    rings = np.zeros_like(truth)
    rings[alarms] = True
    return (truth & rings).sum() / truth.sum(), false, lead


def minus_the_lead(*args):
    caught, false, lead = numbers(*args)
    return caught, false, -lead


def every_ring_outside_is_false(events, alarms, ahead, days):
    caught, _, lead = numbers(events, alarms, ahead, days)
    outside = [a for a in alarms if not any(start <= a < stop for start, stop in events)]
    return caught, len(outside) / days, lead


def only_warnings_count(events, alarms, ahead, days):
    own = [[a for a in alarms if start - ahead <= a < start] for start, _ in events]
    leads = [start - mine[0] for (start, _), mine in zip(events, own, strict=True) if mine]
    useful = {a for mine in own for a in mine}
    lead = sum(leads) / len(leads) if leads else 0
    return len(leads) / len(events), (len(alarms) - len(useful)) / days, lead


def stop_included(events, alarms, ahead, days):
    return numbers(np.array([(start, stop + 1) for start, stop in events]), alarms, ahead, days)


def the_nearest_alarm(events, alarms, ahead, days):
    caught, false, _ = numbers(events, alarms, ahead, days)
    leads = [start - mine[-1] for (start, _), mine
             in zip(events, bonds(events, alarms, ahead), strict=True) if mine]  # fmt: skip
    return caught, false, np.mean(leads)


def missed_ones_as_zero(events, alarms, ahead, days):
    caught, false, lead = numbers(events, alarms, ahead, days)
    return caught, false, lead * caught


def total_number(events, alarms, ahead, days):
    caught, false, lead = numbers(events, alarms, ahead, days)
    return caught, false * days, lead


def no_lower_limit(events, alarms, ahead, days):
    return numbers(events, alarms, 10**9, days)


def one_event_each(pick):
    def attempt(events, alarms, ahead, days):
        own = [[] for _ in events]
        for a in alarms:
            its = [i for i, (start, stop) in enumerate(events) if start - ahead <= a < stop]
            if its:
                own[its[pick]].append(a)
        leads = [start - mine[0] for (start, _), mine in zip(events, own, strict=True) if mine]
        false = len(alarms) - sum(map(len, own))
        return len(leads) / len(events), false / days, np.mean(leads)

    return attempt


def earlier_one(*args):
    return one_event_each(0)(*args)


def later_one(*args):
    return one_event_each(-1)(*args)


def taken_off_twice(events, alarms, ahead, days):
    caught, _, lead = numbers(events, alarms, ahead, days)
    return caught, (len(alarms) - sum(map(len, bonds(events, alarms, ahead)))) / days, lead


def minutes(*args):
    caught, false, lead = numbers(*args)
    return caught, false, 5 * lead


# --- 23.3


def threshold_of_the_test_part(validation, test, per_day):
    return sheet_23.report(test, test, per_day)


def budget_used_up_by_faults(validation, test, per_day):
    scores, fault = validation
    days = len(scores) / 288
    threshold = sorted(scores)[-int(per_day * days) - 1]
    scores, fault = test
    alarm = scores > threshold
    found = [alarm[a:b].any() for a, b in events.spans(fault)]
    return threshold, np.mean(found), (alarm & ~fault).sum() / (len(fault) / 288)


def adjusted_by_the_package(validation, test, per_day):
    threshold, _, false = sheet_23.report(validation, test, per_day)
    scores, fault = test
    return threshold, events.point_adjust(scores > threshold, fault)[fault].mean(), false


def steps_found(validation, test, per_day):
    threshold, _, false = sheet_23.report(validation, test, per_day)
    scores, fault = test
    return threshold, np.mean(scores[fault] > threshold), false


def quantile(validation, test, per_day):
    """A budget of `per_day` in all."""
    scores, fault = validation
    threshold = np.sort(scores[~fault])[-int(per_day) - 1]
    scores, fault = test
    alarm = scores > threshold
    found = np.mean([alarm[a:b].any() for a, b in events.spans(fault)])
    return threshold, found, (alarm & ~fault).sum() / (len(fault) / 288)


def rate_per_step(validation, test, per_day):
    threshold, found, false = sheet_23.report(validation, test, per_day)
    return threshold, found, false / 288


def alarms_in_all(validation, test, per_day):
    threshold, found, _ = sheet_23.report(validation, test, per_day)
    return threshold, found, (test[0] > threshold).sum() / (len(test[0]) / 288)


def at_the_threshold(validation, test, per_day):
    """So low that at most so many are at or above it."""
    scores, fault = validation
    allowed = max(int(per_day * len(scores) / 288) - 1, 0)
    threshold = np.sort(scores[~fault])[::-1][allowed]
    scores, fault = test
    alarm = scores >= threshold
    found = np.mean([alarm[a:b].any() for a, b in events.spans(fault)])
    return threshold, found, (alarm & ~fault).sum() / (len(fault) / 288)


def days_outside_faults(validation, test, per_day):
    """A day of 288 steps without a fault."""
    clean = np.sort(validation[0][~validation[1]])
    threshold = clean[-int(per_day * len(clean) / 288) - 1]
    alarm, fault = test[0] > threshold, test[1]
    found = np.mean([alarm[a:b].any() for a, b in events.spans(fault)])
    return threshold, found, (alarm & ~fault).sum() / (len(fault) / 288)


def days_of_the_test_part(validation, test, per_day):
    clean = np.sort(validation[0][~validation[1]])
    threshold = clean[-int(per_day * len(test[0]) / 288) - 1]
    alarm, fault = test[0] > threshold, test[1]
    found = np.mean([alarm[a:b].any() for a, b in events.spans(fault)])
    return threshold, found, (alarm & ~fault).sum() / (len(fault) / 288)


def rings_at_it(validation, test, per_day):
    threshold = sheet_23.report(validation, test, per_day)[0]
    alarm, fault = test[0] >= threshold, test[1]
    found = np.mean([alarm[a:b].any() for a, b in events.spans(fault)])
    return threshold, found, (alarm & ~fault).sum() / (len(fault) / 288)


def the_rate_promised(validation, test, per_day):
    threshold, found, _ = sheet_23.report(validation, test, per_day)
    scores, fault = validation
    return threshold, found, (scores[~fault] > threshold).sum() / (len(fault) / 288)


WRONG = [
    ("23.2", no_lower_limit, "an alarm long before"),
    ("23.2", earlier_one, "the first of the two has it alone"),
    ("23.2", later_one, "the second of the two has it alone"),
    ("23.2", taken_off_twice, "taken off twice"),
    ("23.2", minutes, "these are minutes"),
    ("23.3", days_outside_faults, "not of the steps outside faults"),
    ("23.3", days_of_the_test_part, "not those of the test part"),
    ("23.3", rings_at_it, "here it sounds at it, too"),
    ("23.3", the_rate_promised, "the rate of the validation part"),
    ("23.2", hits_of_alarms, "an event is caught once"),
    ("23.2", long_events_weigh_more, "long events weigh more"),
    ("23.2", on_a_raster, "the events' *steps*"),
    ("23.2", minus_the_lead, "the sign is turned"),
    ("23.2", every_ring_outside_is_false, "before its event is counted as false"),
    ("23.2", only_warnings_count, "an alarm *during* an event does not count"),
    ("23.2", stop_included, "*behind* the event"),
    ("23.2", the_nearest_alarm, "the last alarm of each event"),
    ("23.2", missed_ones_as_zero, "as zeros"),
    ("23.2", total_number, "divide by `days`"),
    ("23.3", threshold_of_the_test_part, "still there: the threshold is chosen on the test part"),
    ("23.3", budget_used_up_by_faults, "still there: the budget is for *false* alarms"),
    ("23.3", adjusted_by_the_package, "still there: a fault counts with all its steps"),
    ("23.3", steps_found, "share of the faults' *steps*"),
    ("23.3", quantile, "per *day*"),
    ("23.3", rate_per_step, "multiply by the steps of a day"),
    ("23.3", alarms_in_all, "alarms inside a fault are counted too"),
    ("23.3", at_the_threshold, "one place too high"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


def test_the_broken_report_of_the_page_still_has_all_three_faults():
    def broken(validation, test, per_day):
        scores, fault = test
        allowed = int(per_day * len(scores) / 288)
        threshold = np.sort(scores)[::-1][allowed]
        alarm = scores > threshold
        false_per_day = np.sum(alarm & ~fault) / len(scores) * 288
        for start, stop in events.spans(fault):
            alarm[start:stop] = alarm[start:stop].any()
        return threshold, alarm[fault].mean(), false_per_day

    assert "what the broken function does" in mark(CHECKED["23.3"], broken, 5.0).sentence
