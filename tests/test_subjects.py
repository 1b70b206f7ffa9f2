"""Simulated people: the label is an order, the habits say who it is."""

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import subjects


def draw(people=3, each=5, seed=0, **options):
    return subjects.stumbles(people, each, np.random.default_rng(seed), **options)


def test_recordings_of_one_person_stand_together():
    x, y, who = draw(people=3, each=4, T=7)
    assert x.shape == (12, 7, 2)
    assert y.shape == (12,)
    assert y.dtype == bool
    np.testing.assert_array_equal(who, np.repeat([0, 1, 2], 4))


def test_one_generator_gives_one_data_set():
    for a, b in zip(draw(seed=1), draw(seed=1), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(draw(seed=1).x, draw(seed=2).x)


def test_a_stumble_jolts_the_ankle_first_and_a_hop_the_wrist():
    x, y, _ = draw(people=300, each=20)
    z = np.clip(subjects.centred(x), 0, None) ** 2
    when = (z * np.arange(16)[:, None]).sum(axis=1) / z.sum(axis=1)  # (N, 2)
    ankle_first = when[:, 1] - when[:, 0]
    assert ankle_first[y].mean() > 0.5
    assert ankle_first[~y].mean() < -0.5


def test_the_share_of_stumbles_is_a_habit():
    _, y, who = draw(people=200, each=50, frail=0.5)
    shares = np.array([y[who == person].mean() for person in range(200)])
    assert ((shares < 0.3) | (shares > 0.7)).all()
    assert 0.35 < (shares > 0.7).mean() < 0.65


def test_who_it_is_can_be_told_from_the_mean_of_a_recording():
    x, _, who = draw(people=10, each=20)
    means = x.mean(axis=1)
    within = np.mean([means[who == person].std(axis=0) for person in range(10)])
    assert means.std(axis=0).mean() > 3 * within


def test_both_kinds_have_the_same_mean_once_the_share_is_no_habit():
    x, y, _ = draw(people=2000, each=5, share=(0.5, 0.5))
    np.testing.assert_allclose(x[y].mean(axis=(0, 1)), x[~y].mean(axis=(0, 1)), atol=0.15)


@pytest.mark.parametrize(("share", "expected"), [((0, 0), False), ((1, 1), True)])
def test_a_share_of_none_or_all_is_allowed(share, expected):
    assert (draw(share=share).y == expected).all()


def test_centred_recordings_have_mean_zero_and_the_same_shape_in_time():
    x = draw().x
    centred = subjects.centred(x)
    np.testing.assert_allclose(centred.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.diff(centred, axis=1), np.diff(x, axis=1), atol=1e-12)
    np.testing.assert_allclose(subjects.centred(x + np.array([3.0, -2.0])), centred, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"people": 0}, "people: expected an integer of at least 1, got 0"),
        ({"each": 1.5}, "each: expected an integer of at least 1, got 1.5"),
        ({"T": 6}, "T: expected an integer of at least 7, got 6"),
        ({"share": (0.5, 1.2)}, "share: expected two numbers between 0 and 1"),
        ({"share": 0.5}, "share: expected two numbers between 0 and 1"),
        ({"frail": -1}, "frail: expected a number between 0 and 1"),
    ],
)
def test_what_makes_no_recording_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        draw(**options)


def test_a_seed_is_no_generator():
    with pytest.raises(ValueError, match="rng: expected a NumPy generator"):
        subjects.stumbles(3, 5, 7)


def test_centred_refuses_what_has_no_time():
    with pytest.raises(ValueError, match=r"x: expected numbers \(..., T, D\)"):
        subjects.centred([1.0, 2.0])


def test_the_card_says_that_nobody_was_measured():
    assert subjects.STUMBLES in data.cards()
    assert not subjects.STUMBLES.real
