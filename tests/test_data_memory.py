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


def test_a_dictation_is_a_list_a_mark_and_the_list_again():
    x, y = memory.dictation(5, 4, rng(2), symbols=6)
    assert x.shape == (5, 8, 7)
    ids = x.argmax(axis=2)
    assert (x.sum(axis=2) == 1).all()
    assert (ids[:, 4] == 6).all()  # the mark
    assert (ids[:, 5:] == ids[:, :3]).all()
    assert (y[:, :4] == -1).all()
    assert (y[:, 4:] == ids[:, :4]).all()


def test_a_dictation_may_be_one_symbol_long():
    x, y = memory.dictation(3, 1, rng(2), symbols=6)
    assert x.argmax(axis=2)[:, 1].tolist() == [6, 6, 6]
    assert (y[:, 1] == x.argmax(axis=2)[:, 0]).all()


@pytest.mark.parametrize("pairs", [1, 4, 7])
def test_the_value_asked_for_is_the_one_beside_the_key(pairs):
    x, y = memory.associations(20, pairs, rng(3), keys=7, values=5)
    assert x.shape == (20, 2 * pairs, 12)
    key, value = x[..., :7].argmax(axis=2), x[:, :pairs, 7:].argmax(axis=2)
    assert (x[..., :7].sum(axis=2) == 1).all()
    assert (x[:, :pairs, 7:].sum(axis=2) == 1).all()
    assert (x[:, pairs:, 7:] == 0).all()
    for n in range(20):
        table = dict(zip(key[n, :pairs], value[n], strict=True))
        assert len(table) == pairs  # no key twice
        assert [table[k] for k in key[n, pairs:]] == y[n, pairs:].tolist()
        assert (y[n, :pairs] == -1).all()


def test_keys_are_asked_for_in_another_order():
    x, _ = memory.associations(50, 5, rng(3))
    key = x[..., :32].argmax(axis=2)
    assert (key[:, :5] != key[:, 5:]).any()
    assert (np.sort(key[:, :5]) == np.sort(key[:, 5:])).all()


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: memory.dictation(0, 3, rng()), "n"),
        (lambda: memory.dictation(2, 0, rng()), "length"),
        (lambda: memory.dictation(2, 3, rng(), symbols=0), "symbols"),
        (lambda: memory.dictation(2, 3, 7), "rng"),
        (lambda: memory.associations(2, 0, rng()), "pairs"),
        (lambda: memory.associations(2, 5, rng(), keys=4), "pairs"),
        (lambda: memory.associations(2, 3, rng(), values=True), "values"),
    ],
)
def test_impossible_dictations_and_associations_are_refused(call, name):
    with pytest.raises(ValueError, match=f"{name}: expected"):
        call()
