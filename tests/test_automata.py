"""Automata from networks: asked within bounds, smallest, and compared by their shortest quarrel."""

from itertools import product

import numpy as np
import pytest

from rnncourse import automata
from rnncourse.automata import Reader, difference, extract, minimal
from rnncourse.data import tomita
from rnncourse.data.tomita import Automaton


def perfect(rule):
    """A "network" whose state is the number of an automaton's state: it is right for ever."""
    return Reader(
        np.zeros(1),
        lambda h, ids: rule.step[h[:, 0].astype(int), ids][:, None].astype(float),
        lambda h: rule.accepts[h[:, 0].astype(int)] - 0.5,
    )


def at_random(Q, seed, V=2):
    rng = np.random.default_rng(seed)
    return Automaton(rng.integers(0, Q, (Q, V)), rng.random(Q) < 0.5)


def balance():
    """Yes while there were as many zeros as ones: no automaton can do it."""
    return Reader(
        np.zeros(1), lambda h, ids: h + 2 * ids[:, None] - 1, lambda h: 0.5 - np.abs(h[:, 0])
    )


def spelt(a, b, longest):
    """The first string, shortest first, on which two automata differ, by trying them all."""
    for T in range(longest + 1):
        ids = (
            np.array(list(product(range(a.step.shape[1]), repeat=T)), dtype=int).reshape(-1, T)
            if T
            else np.zeros((1, 0), int)
        )
        wrong = np.flatnonzero(a.labels(ids)[:, -1] != b.labels(ids)[:, -1])
        if len(wrong):
            return ids[wrong[0]].tolist()
    return None


@pytest.mark.parametrize("number", tomita.RULES)
def test_from_a_perfect_reader_comes_the_minimal_automaton_number_by_number(number):
    rule = tomita.automaton(number)
    found = extract(perfect(rule), longest=8)
    assert found.complete
    assert found.stopped == ""
    assert (found.automaton.step == minimal(rule).step).all()
    assert (found.automaton.accepts == minimal(rule).accepts).all()


@pytest.mark.parametrize("seed", range(5))
def test_three_symbols_are_read_as_well_as_two(seed):
    rule = at_random(4, seed, V=3)
    found = extract(perfect(rule), V=3, longest=6)
    assert found.complete
    assert difference(found.automaton, rule) is None


def test_endings_longer_than_the_compared_strings_are_asked_of_the_network():
    rule = tomita.automaton(6)
    found = extract(perfect(rule), longest=2)
    assert found.complete
    assert difference(found.automaton, rule) is None


def test_what_is_no_automaton_stops_at_the_bound_on_states():
    found = extract(balance(), longest=10, states=5)
    assert not found.complete
    assert found.stopped == "states"
    assert len(found.automaton) > 5


def test_the_bounds_on_questions_and_seconds_hold():
    few = extract(balance(), longest=10, queries=7)
    assert (few.stopped, few.complete, few.queries) == ("queries", False, 7)
    late = extract(balance(), longest=10, seconds=1e-9)
    assert (late.stopped, late.automaton) == ("seconds", None)


def test_one_reader_gives_one_automaton():
    first, second = (extract(balance(), longest=8, states=6) for _ in range(2))
    assert (first.automaton.step == second.automaton.step).all()
    assert first.queries == second.queries


@pytest.mark.parametrize("seed", range(8))
def test_the_minimal_automaton_says_the_same_with_no_state_too_many(seed):
    rule = at_random(6, seed)
    small = minimal(rule)
    assert difference(rule, small) is None
    assert spelt(rule, small, 8) is None
    for q in range(1, len(small)):  # every two states can be told apart
        moved = Automaton(small.step, small.accepts)
        words = np.array(list(product((0, 1), repeat=6)))
        for other in range(q):
            assert (moved.labels(words, start=q) != moved.labels(words, start=other)).any()


def test_minimal_automata_of_one_language_are_equal_whatever_the_numbering():
    rule, order = tomita.automaton(3), np.array([0, 3, 1, 4, 2])
    back = np.argsort(order)
    shuffled = Automaton(back[rule.step[order]], rule.accepts[order])
    assert difference(rule, shuffled) is None
    assert (minimal(shuffled).step == minimal(rule).step).all()


def test_the_tomita_automata_are_minimal():
    for number in tomita.RULES:
        assert len(minimal(tomita.automaton(number))) == len(tomita.automaton(number))


@pytest.mark.parametrize("seed", range(8))
def test_the_difference_is_the_first_of_the_shortest_strings(seed):
    a, b = at_random(4, seed), at_random(4, 100 + seed)
    assert difference(a, b) == spelt(a, b, 8)


def test_the_empty_string_can_be_the_difference():
    a = Automaton(np.array([[1, 1], [1, 1]]), np.array([True, False]))
    b = Automaton(np.array([[0, 0]]), np.array([False]))
    assert difference(a, b) == []


def test_a_tanh_reader_is_the_rnn_of_the_course():
    from rnncourse.cells import RNNParams, rnn_forward

    rng = np.random.default_rng(0)
    W_xh, W_hh, b_h, w = (rng.normal(size=s) for s in ((3, 5), (5, 5), (5,), (5, 1)))
    reader, ids = Reader.of_rnn(W_xh, W_hh, b_h, w, np.array([0.2])), rng.integers(0, 2, (4, 7))
    marked = np.column_stack([np.full(4, 2), ids])
    h, _, _ = rnn_forward(np.eye(3)[marked], RNNParams(W_xh, W_hh, b_h))
    assert np.abs(reader.states(ids) - h).max() < 1e-12
    assert (reader.labels(ids) == ((h @ w)[..., 0] + 0.2 > 0)).all()


def test_reading_on_from_a_state_is_reading_at_once():
    reader, ids = perfect(tomita.automaton(7)), np.array([[0, 1, 1, 0, 1, 0, 1]])
    h = reader.states(ids)
    assert (reader.states(ids[:, 3:], h[:, 3]) == h[:, 3:]).all()
    assert (reader.labels(ids[:, 3:], h[:, 3]) == reader.labels(ids)[:, 3:]).all()


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"states": 0}, "states: expected a positive number, got 0"),
        ({"seconds": -1}, "seconds: expected a positive number"),
        ({"longest": 30}, "longest: expected at most a million strings"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        extract(balance(), **keywords)


def test_automata_of_other_symbols_cannot_be_compared():
    with pytest.raises(ValueError, match="b: expected 2 symbols as a, got 3"):
        difference(at_random(3, 0), at_random(3, 0, V=3))


def test_symbols_are_whole_numbers():
    with pytest.raises(ValueError, match=r"ids: expected integers \(B, T\)"):
        balance().states([[0.0, 1.0]])


def test_nothing_heavy_is_imported_with_it():
    assert "aalpy" not in automata.__dict__
