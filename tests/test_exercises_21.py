"""Chapter 21's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import pytest
from test_exercises import mark

from rnncourse import forecasting, grading, metrics
from rnncourse.grading import sheet_21

CHECKED = {exercise.id: exercise for exercise in grading.exercises("21") if exercise.kind != "open"}


# --- 21.2


def covered(y, y_hat):
    return np.mean((y >= y_hat[:, :, 0]) & (y <= y_hat[:, :, -1]), axis=0)


def priced(cost):
    """The right coverage, and another loss of each forecast; `cost(y, q, tau)`."""

    def attempt(y, y_hat, levels):
        loss = [
            [np.mean(cost(y[:, k], y_hat[:, k, q], tau)) for q, tau in enumerate(levels)]
            for k in range(y.shape[1])
        ]
        return np.array(loss), covered(y, y_hat)

    return attempt


swapped = priced(lambda y, q, tau: np.where(y > q, (1 - tau) * (y - q), tau * (q - y)))
forecast_minus_truth = priced(lambda y, q, tau: np.maximum(tau * (q - y), (tau - 1) * (q - y)))
mirrored = priced(lambda y, q, tau: np.maximum((1 - tau) * (y - q), -tau * (y - q)))
absolute = priced(lambda y, q, tau: abs(y - q))
squares = priced(lambda y, q, tau: (y - q) ** 2 * np.where(y > q, tau, 1 - tau))
below_only = priced(lambda y, q, tau: np.where(y > q, tau * (y - q), 0))
signed = priced(lambda y, q, tau: tau * (y - q))
doubled = priced(lambda y, q, tau: abs(y - q) * np.where(y > q, 2 * tau, 2 - 2 * tau))
loss_of_the_median = priced(lambda y, q, tau: 0.5 * abs(q - y))


def averaged_over_leads(y, y_hat, levels):
    above = y[..., None] - y_hat
    return np.maximum(levels * above, (levels - 1) * above).mean(1), covered(y, y_hat)


def averaged_over_everything(y, y_hat, levels):
    return metrics.pinball(y, y_hat, levels), covered(y, y_hat)


def with_coverage(share):
    def attempt(y, y_hat, levels):
        return sheet_21.fan(y, y_hat, levels)[0], share(y, y_hat[..., 0], y_hat[..., -1])

    return attempt


strictly_inside = with_coverage(lambda y, low, high: ((y > low) * (y < high)).mean(0))
outside = with_coverage(lambda y, low, high: np.mean((y < low) | (y > high), axis=0))
upper_end_alone = with_coverage(lambda y, low, high: 1 - np.mean(y > high, axis=0))
package_coverage = with_coverage(metrics.coverage)
counted = with_coverage(lambda y, low, high: ((y >= low) & (y <= high)).sum(0))


# --- 21.3


def rival(step, scale=lambda x, cut, m: np.abs(x[m:cut] - x[: cut - m]).mean(), size=None):
    """A rival that reads x[step(o, lead, m)] at origin o, with another scale or error."""
    size = size or (lambda e: np.abs(e).mean(0))

    def attempt(x, cut, origins, leads, m):
        said = np.array([[x[step(o, lead, m)] for lead in leads] for o in origins])
        true = np.array([x[o + leads] for o in origins])
        return said, size(said - true) / scale(x, cut, m)

    return attempt


def right_step(o, lead, m):
    return o + 1 - m + (lead - 1) % m


future = rival(lambda o, lead, m: o + lead - m)
too_old = rival(lambda o, lead, m: o - m + lead % m)
rounded_down = rival(lambda o, lead, m: o + lead - m * int(lead / m))
persistent = rival(lambda o, lead, m: o)
same_for_all = rival(lambda o, lead, m: o - m)
scaled_by_all = rival(right_step, scale=lambda x, cut, m: np.mean(abs(x[m:] - x[:-m])))
scaled_by_test = rival(right_step, scale=lambda x, cut, m: np.mean(abs(x[cut + m :] - x[cut:-m])))
scaled_by_neighbours = rival(
    right_step, scale=lambda x, cut, m: abs(x[1:cut] - x[: cut - 1]).mean()
)
unscaled = rival(right_step, scale=lambda x, cut, m: 1)
cancelled = rival(right_step, size=lambda e: abs(e.mean(0)))
rooted = rival(right_step, size=lambda e: np.mean(e**2, 0) ** 0.5)
over_leads = rival(right_step, size=lambda e: np.abs(e).mean(1))
everything = rival(right_step, size=lambda e: np.abs(e).mean())
two_slips = rival(
    lambda o, lead, m: o + lead - m, scale=lambda x, cut, m: np.mean(abs(x[m:] - x[:-m]))
)


def broken(x, cut, origins, leads, season):
    y = x[origins[:, None] + leads]
    y_hat = x[origins[:, None] + leads - season]
    scale = np.mean(np.abs(x[season:] - x[:-season]))
    return y_hat, np.abs(np.mean(y - y_hat, axis=0)) / scale


def scaled_by_its_own_error(x, cut, origins, leads, season):
    y_hat = forecasting.seasonal_naive(x, origins, leads, season)
    error = np.abs(forecasting.ahead(x, origins, leads) - y_hat).mean(0)
    return y_hat, error / error[0]


WRONG = {
    "21.2": [
        (swapped, "levels mirrored"),
        (forecast_minus_truth, "levels mirrored"),
        (mirrored, "levels mirrored"),
        (absolute, "absolute error"),
        (squares, "squared"),
        (below_only, "one side only"),
        (signed, "sign left in"),
        (doubled, "twice as much"),
        (loss_of_the_median, "half the absolute error"),
        (averaged_over_leads, "mean over the leads"),
        (averaged_over_everything, "one number"),
        (strictly_inside, "edges left out"),
        (outside, "share outside"),
        (upper_end_alone, "below the upper end"),
        (package_coverage, "coverage of all leads"),
        (counted, "number inside"),
    ],
    "21.3": [
        (future, "back"),
        (broken, "back and scale and mean"),
        (two_slips, "back and scale"),
        (too_old, "a season too old"),
        (rounded_down, "whole seasons only"),
        (persistent, "persistence"),
        (same_for_all, "a season before the origin"),
        (scaled_by_all, "scale"),
        (scaled_by_test, "scale of the test part"),
        (scaled_by_neighbours, "scale of persistence"),
        (unscaled, "not scaled"),
        (cancelled, "mean"),
        (rooted, "root of squares"),
        (over_leads, "mean over the leads"),
        (everything, "one number"),
        (scaled_by_its_own_error, ""),
    ],
}


@differently.by_diagnosis([CHECKED["21.2"], CHECKED["21.3"]], WRONG)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    differently.assert_diagnosed(exercise, attempt, diagnosis)


def test_other_ways_to_the_right_answer_are_right():
    pinball = priced(lambda y, q, tau: np.where(y >= q, tau * (y - q), (1 - tau) * (q - y)))
    assert mark(CHECKED["21.2"], pinball).verdict == "right"
    assert mark(CHECKED["21.3"], rival(right_step)).verdict == "right"


@pytest.mark.parametrize("name", sheet_21.PARTS)
def test_a_number_that_nobody_foresaw_is_named_by_its_part(name):
    right = np.ravel(sheet_21.PARTS[name][0]).astype(float)
    right[-1] += 31
    verdict = mark(CHECKED["21.1"], sheet_21._with_part(name, right))
    assert verdict.sentence.startswith(f"{name}: yours is")
    assert verdict.sentence.endswith("which is not right")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("train", [2, 11], "known before the cut as well"),
        ("train", [2, 8], "the cut itself"),
        ("folds", 4, "beyond the series"),
        ("last", 21, "as a whole"),
        ("direct", [11, 12, 13, 17], "last step that is known"),
        ("measured", [3, 3, 3, 3], "one-step forecasts"),
        ("often", 1, "with another lead"),
        ("leaked", 6, "*at* the cut"),
    ],
)
def test_a_slip_by_hand_is_called_by_its_name(name, value, says):
    answer = dict(zip(sheet_21.PARTS, sheet_21.RIGHT, strict=True)) | {name: value}
    assert says in mark(CHECKED["21.1"], list(answer.values())).sentence


def test_the_origins_by_hand_are_those_of_the_package():
    answer = dict(zip(sheet_21.PARTS, sheet_21.RIGHT, strict=True))
    folds = forecasting.rolling_origins(26, first=12, size=3, horizon=4, start=2)
    assert len(folds) == answer["folds"]
    assert folds[-1][1][-1] == answer["last"]
    np.testing.assert_array_equal(folds[0][0][[0, -1]], answer["train"])
    targets = forecasting.ahead(np.arange(26), np.concatenate([f[1] for f in folds]), [1, 2, 3, 4])
    assert (targets == 16).sum() == answer["often"]
    assert (forecasting.ahead(np.arange(26), np.arange(2, 12), [1, 2, 3, 4]) >= 12).sum() == 10


def test_the_price_of_a_quantile_is_the_packages():
    rng = np.random.default_rng(2)
    for case in sheet_21._fan_cases(rng):
        y, y_hat, levels = case.args
        loss, share = sheet_21.fan(*case.args)
        for k in range(y.shape[1]):
            whole = metrics.pinball(y[:, k], y_hat[:, k], levels)
            assert abs(loss[k].mean() - whole) < 1e-12
            inside = metrics.coverage(y[:, k], y_hat[:, k, 0], y_hat[:, k, -1])
            assert abs(share[k] - inside) < 1e-12


def test_the_seasonal_naive_forecast_and_its_mase_are_the_packages():
    rng = np.random.default_rng(3)
    for case in sheet_21._naive_cases(rng):
        x, cut, origins, leads, season = case.args
        y_hat, mase = sheet_21.by_lead(*case.args)
        theirs = forecasting.seasonal_naive(x, origins, leads, season)
        np.testing.assert_array_equal(y_hat, theirs)
        y = forecasting.ahead(x, origins, leads)
        for k in range(len(leads)):
            whole = metrics.mase(y[:, k], theirs[:, k], x[:cut], season)
            assert abs(mase[k] - whole) < 1e-12
