"""Bits to be remembered: the answers, the traps, and what is refused."""

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import recall

B, T = 3, 7


def rng(seed=0):
    return np.random.default_rng(seed)


def test_the_first_value_is_a_bit_and_decides_the_answer():
    x, y = recall.first_bit(200, T - 1, rng())
    assert x.shape == (200, T, 1)
    assert y.dtype == bool
    np.testing.assert_array_equal(np.unique(x[:, 0, 0]), [-1, 1])
    np.testing.assert_array_equal(x[:, 0, 0] > 0, y)


def test_after_the_first_value_there_is_noise_of_the_size_asked_for():
    x, y = recall.first_bit(5000, T, rng(), noise=0.5)
    assert x[:, 1:].std() == pytest.approx(0.5, rel=0.02)
    correlation = np.corrcoef(x[:, 1:, 0].mean(axis=1), y)[0, 1]
    assert abs(correlation) < 0.05
    assert 0.45 < y.mean() < 0.55


def test_without_noise_the_rest_is_silent():
    x, _ = recall.first_bit(B, T, rng(), noise=0)
    assert not x[:, 1:].any()


def test_the_answer_is_the_bit_that_was_marked_last():
    x, y = recall.marked_bits(B, 20, rng(), p=0.3)
    for sequence, answers in zip(x, y, strict=True):
        held = None
        for (bit, mark), answer in zip(sequence, answers, strict=True):
            held = bit if mark else held
            assert answer == (held > 0)


def test_the_first_step_is_always_marked_and_the_others_as_often_as_asked_for():
    x, _ = recall.marked_bits(4000, T, rng(), p=0.2)
    marks = x[..., 1]
    assert marks[:, 0].all()
    assert marks[:, 1:].mean() == pytest.approx(0.2, abs=0.01)
    np.testing.assert_array_equal(np.unique(x[..., 0]), [-1, 1])


def test_with_p_of_0_the_first_bit_is_the_answer_throughout():
    x, y = recall.marked_bits(B, T, rng(), p=0)
    np.testing.assert_array_equal(y, np.repeat(x[:, :1, 0] > 0, T, axis=1))


def test_with_p_of_1_every_bit_is_its_own_answer():
    x, y = recall.marked_bits(B, T, rng(), p=1)
    np.testing.assert_array_equal(y, x[..., 0] > 0)


def test_a_sequence_of_one_step_is_a_bit_with_its_mark():
    x, y = recall.marked_bits(1, 1, rng())
    assert x.shape == (1, 1, 2)
    assert y[0, 0] == (x[0, 0, 0] > 0)
    assert recall.first_bit(1, 1, rng())[0].shape == (1, 2, 1)


def test_one_generator_gives_the_same_bits_again():
    for make in (recall.first_bit, recall.marked_bits):
        for a, b in zip(make(B, T, rng(1)), make(B, T, rng(1)), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0, T), "n: expected an integer of at least 1, got 0"),
     ((B, 0), "lag: expected an integer of at least 1, got 0"),
     ((B, 2.5), "lag: expected an integer of at least 1, got 2.5"),
     ((True, T), "n: expected an integer of at least 1, got True")],
)  # fmt: skip
def test_impossible_sizes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        recall.first_bit(*arguments, rng())


def test_other_impossible_requests_are_refused():
    with pytest.raises(ValueError, match="noise: expected a standard deviation"):
        recall.first_bit(B, T, rng(), noise=-0.1)
    with pytest.raises(ValueError, match="T: expected an integer of at least 1"):
        recall.marked_bits(B, 0, rng())
    with pytest.raises(ValueError, match="p: expected a share from 0 to 1, got 1.5"):
        recall.marked_bits(B, T, rng(), p=1.5)
    with pytest.raises(ValueError, match=r"rng: expected a NumPy generator such as seeds.rng\(9\)"):
        recall.marked_bits(B, T, 9)


def test_the_cards_say_that_the_bits_are_simulated():
    for card in (recall.FIRST_BIT, recall.MARKED_BITS):
        assert not card.real
        assert "simulated" in str(card)
        assert card in data.cards()
