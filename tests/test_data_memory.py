"""Temporal order and copying: the answer must stand in the input, and nowhere else."""

import numpy as np
import pytest

from rnncourse.data import memory


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("T", [3, 7, 20])
def test_the_class_is_the_pair_of_relevant_symbols_in_their_order(T):
    x, y = memory.temporal_order(200, T, rng())
    assert (x.sum(axis=2) == 1).all()
    for sequence, answer in zip(x.argmax(axis=2), y.argmax(axis=1), strict=True):
        places = np.flatnonzero(sequence < 2)
        assert len(places) == 2
        assert places[0] < T // 2 <= places[1] < T - 1
        assert 2 * sequence[places[0]] + sequence[places[1]] == answer


def test_the_four_classes_are_equally_frequent():
    y = memory.temporal_order(4000, 7, rng(1))[1]
    assert np.abs(y.mean(axis=0) - 0.25).max() < 0.03


def test_what_is_to_be_said_is_what_was_heard_in_its_order():
    x, y = memory.copy(5, 9, rng(2), symbols=6, length=3)
    assert np.array_equal(x[:, :3, :6], y)
    assert (y.sum(axis=2) == 1).all()


def test_between_the_list_and_the_cue_there_is_silence():
    x, _ = memory.copy(5, 9, rng(3), symbols=6, length=3)
    assert not x[:, 3:, :6].any()
    assert x[:, :, 6].tolist() == 5 * [6 * [0.0] + 3 * [1.0]]


def test_the_shortest_sequence_has_no_silence():
    x, _ = memory.copy(4, 6, rng(4), length=3)
    assert x.any(axis=2).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: memory.temporal_order(0, 7, rng()), "n: expected an integer of at least 1, got 0"),
        (lambda: memory.temporal_order(3, 2, rng()), "T: expected an integer of at least 3, got 2"),
        (lambda: memory.copy(3, 5, rng(), length=3), "T: expected an integer of at least 6, got 5"),
        (lambda: memory.copy(3, 9, rng(), symbols=0), "symbols: expected an integer of at least 1"),
        (lambda: memory.copy(3, 9, None), "rng: expected a NumPy generator"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
