"""Tomita's grammars: the tables do what the rules say, and strings are drawn as promised."""

import re
from itertools import product

import numpy as np
import pytest

from rnncourse.data import tomita
from rnncourse.data.tomita import RULES, Automaton, automaton, strings

WRITTEN = {
    1: lambda s: "0" not in s,
    2: lambda s: re.fullmatch("(10)*", s) is not None,
    3: lambda s: re.search("(^|0)1(11)*0(00)*(1|$)", s) is None,
    4: lambda s: "000" not in s,
    5: lambda s: s.count("0") % 2 == 0 and s.count("1") % 2 == 0,
    6: lambda s: (s.count("0") - s.count("1")) % 3 == 0,
    7: lambda s: re.fullmatch("0*1*0*1*", s) is not None,
}


def everything(T):
    """All strings of a length, (2**T, T)."""
    return np.array(list(product((0, 1), repeat=T)), dtype=int).reshape(2**T, T)


def some(number=4, n=60, T=9, seed=0, **keywords):
    return strings(number, n, T, np.random.default_rng(seed), **keywords)


@pytest.mark.parametrize("number", RULES)
def test_an_automaton_says_what_the_rule_says_on_all_short_strings(number):
    for T in range(11):
        ids = everything(T)
        said = automaton(number).labels(ids)[:, -1]
        assert said.tolist() == [WRITTEN[number]("".join(map(str, row))) for row in ids]


def test_the_labels_of_a_string_are_those_of_its_prefixes():
    ids = some(7)
    labels = automaton(7).labels(ids)
    assert labels.shape == (60, 10)
    for t in range(10):
        assert (automaton(7).labels(ids[:, :t])[:, -1] == labels[:, t]).all()


def test_reading_may_begin_in_any_state():
    rule, ids = automaton(3), some(3)
    q = rule.states(ids)
    assert (rule.states(ids[:, 4:], start=q[:, 4]) == q[:, 4:]).all()


def test_the_empty_string_leaves_the_start():
    assert automaton(5).states(np.empty((3, 0), dtype=int)).tolist() == [[0]] * 3


@pytest.mark.parametrize("number", RULES)
def test_the_first_half_are_members_where_there_are_any(number):
    for T in (1, 7, 8):
        ids, possible = some(number, T=T), automaton(number).labels(everything(T))[:, -1].any()
        members = automaton(number).labels(ids[:30])[:, -1]
        assert members.all() if possible else not members.any()


def test_members_are_drawn_evenly():
    ids = some(4, n=8000, T=4)[:4000]
    counts = np.bincount(ids @ [8, 4, 2, 1], minlength=16)
    member = automaton(4).labels(everything(4))[:, -1]
    assert (counts[~member] == 0).all()
    assert counts[member].min() > 0.85 * 4000 / member.sum()


def test_a_near_miss_is_at_most_so_many_flips_away_from_a_member():
    near = some(1, flips=2)[30:]  # of grammar 1 there is one member a length
    assert set((near == 0).sum(axis=1)) == {1, 2}


def test_one_seed_gives_the_same_strings():
    assert (some() == some()).all()
    assert (some() != some(seed=1)).any()


def test_long_members_do_not_overflow():
    ids = some(6, n=4, T=3000)
    assert automaton(6).labels(ids[:2])[:, -1].all()


def test_every_automaton_reaches_all_its_states():
    for number in RULES:
        assert set(automaton(number).states(everything(6)).ravel()) == set(
            range(len(automaton(number)))
        )


def test_a_bag_counts_every_group():
    ids = some()
    bag = tomita.counts(ids, 3)
    assert bag.shape == (60, 2 + 4 + 8)
    assert (bag[:, 1] == ids.sum(axis=1)).all()
    written = ["".join(map(str, row)) for row in ids]
    zeros = [sum(s.startswith("000", i) for i in range(9)) for s in written]
    assert bag[:, 6].tolist() == zeros  # 000 is the first of the groups of three
    tens = [s.count("10") for s in written]
    assert bag[:, 3].tolist() == tens  # of 10, the one is the lowest bit


@pytest.mark.parametrize("n", [0, 10])
def test_groups_longer_than_the_string_are_refused(n):
    with pytest.raises(ValueError, match="n: expected 1 ... T"):
        tomita.counts(some(), n)


def test_the_card_says_that_it_is_simulated():
    assert not tomita.CARD.real


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"number": 8}, "number: expected one of the grammars 1 ... 7, got 8"),
        ({"n": 0}, "n: expected a whole number of at least 1, got 0"),
        ({"T": 2.5}, "T: expected a whole number"),
        ({"flips": True}, "flips: expected a whole number"),
    ],
)
def test_impossible_wishes_are_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        some(**keywords)


def test_a_seed_is_no_generator():
    with pytest.raises(ValueError, match="rng: expected a NumPy generator, got int"):
        strings(4, 3, 7, 5)


@pytest.mark.parametrize("ids", [[[0, 2]], [[-1, 0]], [0, 1]])
def test_other_symbols_are_refused(ids):
    with pytest.raises(ValueError, match="ids: expected symbols 0 ... 1"):
        automaton(4).states(ids)


@pytest.mark.parametrize(
    ("step", "accepts", "message"),
    [
        ([[0, 2]], [True], "step: expected states 0 ... 0, got 2"),
        ([0, 1], [True], "step: expected integers"),
        ([[0.0, 0.0]], [True], "step: expected integers"),
        ([[0, 0]], [True, False], "accepts: expected bools"),
        ([[0, 0]], [1], "accepts: expected bools"),
    ],
)
def test_a_broken_table_is_refused(step, accepts, message):
    with pytest.raises(ValueError, match=message):
        Automaton(np.array(step), np.array(accepts))
