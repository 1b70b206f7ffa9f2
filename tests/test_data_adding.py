"""The adding problem: what it asks, and what is known of it beforehand."""

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import synthetic

B, T = 3, 7


def draw(n=B, T=T, seed=0):
    return synthetic.adding(n, T, np.random.default_rng(seed))


def test_the_target_is_the_sum_of_the_marked_values():
    x, y = draw()
    assert x.shape == (B, T, 2)
    assert y.shape == (B, 1)
    for sequence, target in zip(x, y, strict=True):
        marked = sequence[sequence[:, 1] == 1, 0]
        assert len(marked) == 2
        assert target == pytest.approx(marked.sum())


def test_one_mark_lies_in_each_half_and_every_step_is_marked_now_and_then():
    x, _ = draw(5000)
    marks = x[..., 1]
    np.testing.assert_array_equal(np.unique(marks), [0, 1])
    np.testing.assert_array_equal(marks[:, : T // 2].sum(axis=1), 1)
    np.testing.assert_array_equal(marks[:, T // 2 :].sum(axis=1), 1)
    assert (marks.mean(axis=0) > 0.2).all()


def test_the_values_are_uniform_between_0_and_1():
    values = draw(20_000)[0][..., 0]
    assert 0 <= values.min() < values.max() < 1
    assert values.mean() == pytest.approx(1 / 2, abs=0.005)
    assert values.var() == pytest.approx(1 / 12, rel=0.02)


@pytest.mark.parametrize("length", [2, 7, 20])
def test_always_saying_1_has_a_mean_squared_error_of_a_sixth(length):
    _, y = draw(40_000, length)
    assert np.mean((y - 1) ** 2) == pytest.approx(1 / 6, rel=0.03)


def test_the_best_linear_model_of_all_inputs_leaves_all_but_two_parts_in_T():
    x, y = draw(40_000, 20)
    features = np.c_[x.reshape(len(x), -1), np.ones(len(x))]
    residual = y - features @ np.linalg.lstsq(features, y)[0]
    assert np.mean(residual**2) == pytest.approx((1 - 2 / 20) / 6, rel=0.03)


def test_two_steps_are_both_marked():
    x, y = draw(5, 2)
    np.testing.assert_array_equal(x[..., 1], 1)
    np.testing.assert_allclose(y[:, 0], x[..., 0].sum(axis=1))


def test_the_same_generator_gives_the_same_sequences():
    np.testing.assert_array_equal(draw()[0], draw()[0])
    assert np.abs(draw()[0] - draw(seed=1)[0]).max() > 0


def test_it_has_a_card_that_names_the_error_of_the_mean():
    assert synthetic.ADDING in data.cards()
    assert "1/6" in synthetic.ADDING.size
    assert not synthetic.ADDING.real


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, T), "n: expected an integer of at least 1, got 0"),
        ((2.5, T), "n: expected an integer of at least 1, got 2.5"),
        ((B, 1), "T: expected an integer of at least 2, got 1"),
        ((B, None), "T: expected an integer of at least 2, got None"),
    ],
)
def test_sizes_that_make_no_task_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        synthetic.adding(*arguments, np.random.default_rng(0))


def test_a_number_is_no_generator():
    with pytest.raises(ValueError, match=r"rng: expected a NumPy generator such as seeds.rng\(7\)"):
        synthetic.adding(B, T, 7)
