"""Augmentation: what each change keeps, what it changes, and that it draws anew."""

import numpy as np
import pytest

from rnncourse.data import augment

B, T, D = 3, 7, 4
CHANGES = [
    augment.jitter,
    augment.scale,
    augment.shift,
    augment.drop_steps,
    augment.cut,
    augment.reverse_time,
    augment.shuffle_steps,
    augment.swap_features,
]
names = {"ids": lambda change: change.__name__}


def rng(seed=0):
    return np.random.default_rng(seed)


def sequences():
    return 1 + np.arange(B * T * D, dtype=float).reshape(B, T, D)


@pytest.mark.parametrize("change", CHANGES, **names)
def test_the_original_stays_as_it_is_and_the_draw_hangs_on_the_generator(change):
    x = sequences()
    first, again = change(x, rng(1)), change(x, rng(1))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(x, sequences())
    assert any(not np.array_equal(first, change(x, rng(seed))) for seed in range(2, 9))


@pytest.mark.parametrize("change", CHANGES, **names)
def test_axes_in_front_are_kept(change):
    x = np.stack([sequences(), sequences()])  # (S, B, T, D)
    steps = T - 3 if change is augment.cut else T
    assert change(x, rng()).shape == (2, B, steps, D)


@pytest.mark.parametrize("change", [augment.jitter, augment.scale, augment.shift])
def test_a_size_of_zero_changes_nothing(change):
    np.testing.assert_array_equal(change(sequences(), rng(), size=0), sequences())


def test_jitter_has_the_size_asked_for():
    noise = augment.jitter(np.zeros((50, 40, 30)), rng(), size=0.2)
    assert noise.std() == pytest.approx(0.2, rel=0.02)


def test_scale_multiplies_a_sequence_by_one_positive_number():
    factors = augment.scale(sequences(), rng()) / sequences()
    assert (factors > 0).all()
    np.testing.assert_allclose(factors, np.broadcast_to(factors[:, :1, :1], factors.shape))


def test_shift_adds_one_number_to_each_feature_of_a_sequence():
    added = augment.shift(sequences(), rng()) - sequences()
    np.testing.assert_allclose(added, np.broadcast_to(added[:, :1], added.shape))
    assert len(np.unique(added[:, 0].round(9))) == B * D


def test_a_dropped_step_is_zero_as_a_whole():
    x = augment.drop_steps(np.ones((200, T, D)), rng(), rate=0.3)
    np.testing.assert_array_equal(x, np.broadcast_to(x[..., :1], x.shape))
    assert 1 - x.mean() == pytest.approx(0.3, abs=0.03)


def test_a_cut_is_a_window_of_neighbouring_steps():
    x = augment.cut(sequences(), rng(), by=3)
    np.testing.assert_array_equal(np.diff(x, axis=1), D)
    begins = {int(augment.cut(sequences(), rng(s), by=3)[0, 0, 0] - 1) // D for s in range(40)}
    assert begins == {0, 1, 2, 3}


def test_nothing_is_cut_by_zero():
    np.testing.assert_array_equal(augment.cut(sequences(), rng(), by=0), sequences())


def test_twice_reversed_and_twice_mirrored_is_the_original():
    for change in (augment.reverse_time, augment.swap_features):
        twice = change(change(sequences(), rng(), share=1), rng(), share=1)
        np.testing.assert_array_equal(twice, sequences())


def test_shuffled_steps_are_the_same_steps_and_each_stays_whole():
    x = augment.shuffle_steps(sequences(), rng(), share=1)
    assert not np.array_equal(x, sequences())
    for row, original in zip(x, sequences(), strict=True):
        np.testing.assert_array_equal(row[np.argsort(row[:, 0])], original)


@pytest.mark.parametrize(
    "change", [augment.reverse_time, augment.shuffle_steps, augment.swap_features]
)
def test_a_share_of_zero_changes_nothing_and_a_half_changes_about_half(change):
    x = np.tile(sequences()[:1], (400, 1, 1))
    np.testing.assert_array_equal(change(x, rng(), share=0), x)
    changed = (change(x, rng(), share=0.5) != x).any(axis=(1, 2))
    assert changed.mean() == pytest.approx(0.5, abs=0.08)


def test_dropped_tokens_become_unknown_at_the_rate_asked_for():
    ids = augment.drop_tokens(np.full((100, 70), 5), rng(), unknown=2, rate=0.2)
    assert set(np.unique(ids)) == {2, 5}
    assert (ids == 2).mean() == pytest.approx(0.2, abs=0.02)
    assert ids.dtype.kind == "i"


@pytest.mark.parametrize("change", CHANGES, **names)
def test_what_is_no_sequence_is_refused(change):
    with pytest.raises(ValueError, match=r"x: expected numbers \(..., T, D\)"):
        change(np.ones(T), rng())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: augment.jitter(sequences(), rng(), size=-1), "size: expected a number of at"),
        (lambda: augment.drop_steps(sequences(), rng(), rate=2), "rate: expected a number of 0 to"),
        (lambda: augment.reverse_time(sequences(), rng(), share=-1), "share: expected a number"),
        (lambda: augment.cut(sequences(), rng(), by=T), "by: expected an integer from 0 to T - 1"),
        (lambda: augment.drop_tokens([0.5], rng(), 0), "ids: expected integers"),
        (lambda: augment.drop_tokens([5], rng(), 0, rate=3), "rate: expected a number of 0 to 1"),
    ],
)
def test_a_number_that_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
