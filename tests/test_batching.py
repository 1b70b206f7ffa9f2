"""Ragged sequences: which go together, and what is read of their real steps."""

import numpy as np
import pytest
import torch

from rnncourse import batching, text
from rnncourse.batching import bucketed_batches, last_real, mean_real, reverse_real, wasted

B, T, D, H = 3, 7, 4, 5
LENGTHS = np.array([7, 4, 2])
MASK = text.mask_from_lengths(LENGTHS)
h = np.random.default_rng(0).normal(size=(B, T, H))


def test_the_last_real_state_is_that_of_each_sequence_alone():
    assert np.array_equal(last_real(h, LENGTHS), [h[0, 6], h[1, 3], h[2, 1]])


def test_the_mean_leaves_padding_out_above_and_below_the_line():
    expected = [row[:n].mean(axis=0) for row, n in zip(h, LENGTHS, strict=True)]
    np.testing.assert_allclose(mean_real(h, MASK), expected)
    dirty = np.where(MASK[..., None], h, 1e6)
    np.testing.assert_allclose(mean_real(dirty, MASK), expected)


def test_reversing_keeps_padding_at_the_end_and_undoes_itself():
    there = reverse_real(h, LENGTHS)
    for row, other, n in zip(h, there, LENGTHS, strict=True):
        assert np.array_equal(other[:n], row[:n][::-1])
        assert np.array_equal(other[n:], row[n:])
    assert np.array_equal(reverse_real(there, LENGTHS), h)


@pytest.mark.parametrize("lengths", [LENGTHS, torch.tensor(LENGTHS)])
def test_tensors_give_what_arrays_give(lengths):
    tensor = torch.tensor(h)
    assert np.array_equal(last_real(tensor, lengths), last_real(h, LENGTHS))
    assert np.array_equal(reverse_real(tensor, lengths), reverse_real(h, LENGTHS))
    np.testing.assert_allclose(mean_real(tensor, torch.tensor(MASK)), mean_real(h, MASK))


def test_one_sequence_of_one_step_is_no_exception():
    one = h[:1, :1]
    assert np.array_equal(last_real(one, np.array([1])), one[:, 0])
    assert np.array_equal(mean_real(one, np.array([[True]])), one[:, 0])
    assert np.array_equal(reverse_real(one, np.array([1])), one)


@pytest.mark.parametrize("pool", [1, 3, 100])
@pytest.mark.parametrize("size", [1, 4, 50])
def test_buckets_hold_every_sequence_once(pool, size):
    lengths = np.random.default_rng(0).integers(1, 99, 41)
    batches = bucketed_batches(lengths, size, np.random.default_rng(1), pool=pool)
    assert sorted(np.concatenate(batches)) == list(range(41))
    assert max(map(len, batches)) == min(size, 41)


def test_buckets_waste_less_than_random_batches_and_more_pools_less_still():
    lengths = np.random.default_rng(0).geometric(0.05, 600)
    waste = [
        np.mean([wasted(lengths, bucketed_batches(lengths, 16, np.random.default_rng(s), pool=p))
                 for s in range(5)]) for p in (1, 4, 100)
    ]  # fmt: skip
    assert waste[0] > waste[1] + 0.1 > waste[2] + 0.1
    loose = batching.random_batches(600, 16, np.random.default_rng(0))
    assert abs(wasted(lengths, loose) - waste[0]) < 0.05


def test_two_passes_differ_and_one_generator_repeats_itself():
    lengths = np.arange(1, 42)
    rng = np.random.default_rng(0)
    first, second = (bucketed_batches(lengths, 4, rng, pool=2) for _ in range(2))
    again = bucketed_batches(lengths, 4, np.random.default_rng(0), pool=2)
    assert [b.tolist() for b in first] == [b.tolist() for b in again]
    assert [b.tolist() for b in first] != [b.tolist() for b in second]


def test_waste_is_counted_by_hand():
    assert wasted(LENGTHS, [np.array([0, 1, 2])]) == pytest.approx(1 - 13 / 21)
    assert wasted(LENGTHS, [np.array([k]) for k in range(3)]) == 0


def test_bad_input_is_refused_in_words():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"lengths: expected integers of shape \(N,\), got float"):
        bucketed_batches([1.5, 2.0], 2, rng)
    with pytest.raises(ValueError, match="B: expected a positive whole number, got 0"):
        bucketed_batches(LENGTHS, 0, rng)
    with pytest.raises(ValueError, match="pool: expected a positive whole number, got 1.5"):
        bucketed_batches(LENGTHS, 2, rng, pool=1.5)
    with pytest.raises(ValueError, match="n: expected a positive whole number, got 0"):
        batching.random_batches(0, 2, rng)
    with pytest.raises(ValueError, match="batches: expected at least one"):
        wasted(LENGTHS, [])
