"""Forecasting: origins that leak nothing, rivals that do what they say, networks at every step."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge
from torch import nn

from rnncourse import forecasting
from rnncourse.data import chaos

B, T, D, H = 3, 7, 4, 5


def test_no_target_of_training_reaches_the_cut():
    for train, test in forecasting.rolling_origins(50, first=20, size=6, horizon=4, start=2):
        assert train[0] == 2
        assert train[-1] + 4 == test[0] - 1


def test_each_origin_is_tested_once_and_every_target_exists():
    folds = forecasting.rolling_origins(50, first=20, size=6, horizon=4)
    tested = np.concatenate([test for _, test in folds])
    np.testing.assert_array_equal(tested, np.arange(20, tested[-1] + 1))
    assert tested[-1] + 4 <= 49


def test_a_series_without_room_for_a_fold_is_refused():
    with pytest.raises(ValueError, match="first: expected room"):
        forecasting.rolling_origins(10, first=8, size=3, horizon=2)
    with pytest.raises(ValueError, match="first: expected room"):
        forecasting.rolling_origins(20, first=3, size=3, horizon=4)


def test_what_is_known_and_what_comes_do_not_overlap():
    x = np.arange(20.0)
    assert (forecasting.lagged(x, [5, 9], 4).max(axis=1) == [5, 9]).all()
    assert (forecasting.ahead(x, [5, 9], [1, 3]).min(axis=1) == [6, 10]).all()


def test_several_columns_keep_their_place():
    x = np.arange(60.0).reshape(15, D)
    np.testing.assert_array_equal(forecasting.ahead(x, [2], [1, 2])[0], x[3:5])
    np.testing.assert_array_equal(forecasting.lagged(x, [6], [0, 3])[0], x[[6, 3]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: forecasting.ahead(x, [3], [0]), "leads: expected integers"),
        (lambda x: forecasting.ahead(x, [8], [2]), "origins: expected targets"),
        (lambda x: forecasting.lagged(x, [3], [-1]), "that is the future"),
        (lambda x: forecasting.lagged(x, [3], 5), "origins: expected at least 4"),
        (lambda x: forecasting.seasonal_naive(x, [2], [1], 5), "origins: expected a season"),
        (lambda x: forecasting.ridge(x[:, None], x[:3, None]), "Y: expected"),
        (lambda x: forecasting.ridge(x, x), "Y: expected"),
    ],
)
def test_a_look_beyond_the_series_or_into_the_future_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.arange(10.0))


def test_the_seasonal_naive_forecast_of_a_season_is_exact_at_every_lead():
    x = np.tile([1.0, 4.0, 9.0], 10)
    leads = np.arange(1, 9)
    made = forecasting.seasonal_naive(x, [8, 10], leads, season=3)
    np.testing.assert_array_equal(made, forecasting.ahead(x, [8, 10], leads))


def test_the_seasonal_naive_forecast_reads_nothing_after_its_origin():
    x = np.arange(40.0)
    made = forecasting.seasonal_naive(x, [12], np.arange(1, 20), season=5)
    assert made.max() == 12


def test_ridge_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    X, Y, new = rng.normal(size=(30, D)), rng.normal(size=(30, 2)), rng.normal(size=(B, D))
    expected = Ridge(alpha=2.5).fit(X, Y).predict(new)
    np.testing.assert_allclose(forecasting.ridge(X, Y, 2.5)(new), expected, atol=1e-10)


def test_every_product_appears_once():
    X = np.random.default_rng(1).normal(size=(B, D))
    made = forecasting.quadratic(X)
    assert made.shape == (B, D + D * (D + 1) // 2)
    np.testing.assert_allclose(made[:, D:].sum(1), (X.sum(1) ** 2 + (X**2).sum(1)) / 2, atol=1e-12)


@pytest.mark.parametrize("kind", ["network", "window"])
def test_no_origin_sees_what_comes_after_it(kind):
    head = nn.Linear(H, 2)
    net = forecasting.EveryStep("lstm", D, H, head)
    if kind == "window":
        net = forecasting.LastSteps(D, 3, H, head)
    x = torch.randn(B, T, D)
    changed = x.clone()
    changed[:, 4:] += 1
    torch.testing.assert_close(net(x)[:, :4], net(changed)[:, :4])
    torch.testing.assert_close(net(x, warm=2), net(x)[:, 2:])


def test_the_window_sees_its_last_steps_and_no_others():
    net = forecasting.LastSteps(D, 3, H, nn.Linear(H, 2))
    x = torch.randn(B, T, D)
    torch.testing.assert_close(net(x)[:, -1], net(x[:, -3:])[:, -1])


@pytest.mark.parametrize("kind", ["network", "window"])
def test_going_on_feeds_back_the_first_numbers_of_the_head(kind):
    head = nn.Linear(H, 2 * D)
    net = forecasting.EveryStep("lstm", D, H, head)
    if kind == "window":
        net = forecasting.LastSteps(D, 3, H, head)
    x = torch.randn(B, T, D)
    made = torch.from_numpy(forecasting.go_on(net, x, steps=3))
    with torch.no_grad():
        for k in range(3):
            said = net(torch.cat([x, made[:, :k]], dim=1))[:, -1, :D]
            torch.testing.assert_close(made[:, k], said, atol=1e-6, rtol=1e-5)


def test_running_over_a_series_gives_each_head_s_part_as_numpy():
    class Two(nn.Module):
        def forward(self, h):
            return h[..., :2], h[..., 2:]

    net = forecasting.EveryStep("gru", D, H, Two())
    first, rest = forecasting.run_over(net, np.zeros((B, T, D)))
    assert first.shape == (B, T, 2)
    assert rest.shape == (B, T, 3)


def test_the_same_generator_gives_the_same_training():
    def trained():
        rng = np.random.default_rng(3)
        torch.manual_seed(0)
        net = forecasting.EveryStep("lstm", 1, H, nn.Linear(H, 1), rng)
        x = np.sin(np.arange(60.0))[None, :, None]
        options = {"updates": 5, "rng": rng, "length": 20, "warm": 4, "batch": B}
        return forecasting.fit_pieces(net, x[:, :-1], x[:, 1:], nn.functional.mse_loss, **options)

    np.testing.assert_array_equal(trained(), trained())


def test_pieces_longer_than_the_series_are_refused():
    net = forecasting.EveryStep("lstm", 1, H, nn.Linear(H, 1))
    x = np.zeros((1, 10, 1))
    with pytest.raises(ValueError, match="x, y: expected"):
        forecasting.fit_pieces(
            net, x, x, nn.functional.mse_loss, updates=1, rng=np.random.default_rng(0)
        )


def test_useful_leads_are_counted_on_straight_lines():
    leads = [1, 2, 4, 8]
    assert forecasting.useful_leads(leads, [0.1, 0.2, 0.4, 0.8], 0.6) == 6
    assert forecasting.useful_leads(leads, [0.7, 0.8, 0.9, 1.0], 0.6) == 1
    assert forecasting.useful_leads(leads, [0.1, 0.2, 0.3, 0.4], 0.6) == 8


LEADS = np.array([1, 2, 5])


@pytest.fixture(scope="module")
def trial():
    true, seen, back = chaos.observed(
        300, np.random.default_rng(0), runs=5, train=4, noise=0.0, K=5
    )
    return forecasting.Trial(true, seen, LEADS, train=4), back


def test_the_law_without_noise_has_no_error(trial):
    trial, back = trial
    assert trial.law(chaos.step, back)["iterated"].max() < 1e-9


def test_one_step_ahead_direct_and_iterated_are_one_thing(trial):
    ways = trial[0].regression(2, forecasting.quadratic)
    assert ways["direct"][0] == pytest.approx(ways["iterated"][0], abs=1e-12)
    net = forecasting.EveryStep("lstm", 5, 6, nn.Linear(6, 15))
    options = {"updates": 2, "rng": np.random.default_rng(1), "length": 20, "warm": 4}
    ways = trial[0].network(net, nn.functional.mse_loss, **options)
    assert ways["direct"][0] == pytest.approx(ways["iterated"][0], abs=1e-5)


def test_a_window_is_asked_alike_whether_it_reads_more_than_its_window_or_not(trial):
    net = forecasting.LastSteps(5, 4, 6, nn.Linear(6, 15))
    for way, error in trial[0].ask(net, reads=4).items():
        np.testing.assert_allclose(error, trial[0].ask(net)[way], atol=1e-5)


def test_the_mean_of_the_truth_errs_as_much_as_climatology(trial):
    trial, _ = trial
    happens = trial.rows(forecasting.ahead, trial.true[4:], trial.asked, LEADS)
    made = np.broadcast_to(happens.mean(), happens.shape)
    assert np.sqrt(np.mean(trial.share(made) ** 2)) == pytest.approx(1)
