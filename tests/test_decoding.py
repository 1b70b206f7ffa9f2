"""Decoding: greedy, sampling, filters and beam over any step function."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnncourse import decoding
from rnncourse.decoding import beam, beams, greedy, nucleus, sample, score, shaped, top_k

V, H = 5, 4


def network(seed, V=V, sharpness=3.0):
    """A step with a state: an untrained recurrent network; its initial state for B rows."""
    rng = np.random.default_rng(seed)
    W_xh, W_hh, W_hy = (rng.normal(size=s) for s in ((V, H), (H, H), (H, V)))

    def step(ids, state):
        h, seen = state
        h = np.tanh(W_xh[ids] + h @ W_hh)
        return sharpness * h @ W_hy, (h, seen + 1)

    return step, lambda B: (np.zeros((B, H)), np.zeros(B))


def everything(step, state, first, n, V=V):
    """All V ** n sequences and the log-probability of each."""
    ids = np.array(list(itertools.product(range(V), repeat=n)))
    rows = np.zeros(len(ids), dtype=int)
    return ids, score(step, decoding.select(state, rows), np.full(len(ids), first), ids)


seeds = st.integers(0, 10_000)


@given(seeds)
def test_greedy_is_beam_of_width_one_and_sampling_at_temperature_to_zero(seed):
    step, state = network(seed)
    first = np.array([0, 3, 1])
    ids, log_p = greedy(step, state(3), first, 7)
    by_beam, log_p_beam = beam(step, state(3), first, 7, width=1)
    cold, log_p_cold = sample(
        step, state(3), first, 7, np.random.default_rng(seed), temperature=1e-9
    )
    np.testing.assert_array_equal(ids, by_beam)
    np.testing.assert_array_equal(ids, cold)
    np.testing.assert_allclose(log_p, log_p_beam)
    np.testing.assert_allclose(log_p, log_p_cold)
    alone, _ = sample(step, state(3), first, 7, np.random.default_rng(seed), top_k=1)
    np.testing.assert_array_equal(ids, alone)


@given(seeds)
def test_a_nucleus_of_one_and_a_k_of_all_symbols_are_plain_sampling(seed):
    step, state = network(seed)
    plain, whole, all_of_them = (
        sample(step, state(3), [0, 3, 1], 7, np.random.default_rng(seed), **options)
        for options in ({}, {"top_p": 1.0}, {"top_k": V})
    )
    np.testing.assert_array_equal(plain[0], whole[0])
    np.testing.assert_array_equal(plain[0], all_of_them[0])
    np.testing.assert_allclose(plain[1], whole[1])


@given(seeds)
def test_a_beam_as_wide_as_the_space_finds_the_likeliest_sequence(seed):
    step, state = network(seed, V=3)
    ids, log_p = everything(step, state(1), 1, 4, V=3)
    found, its_log_p = beam(step, state(1), 1, 4, width=27)  # before the last step: all 27
    np.testing.assert_allclose(its_log_p[0], log_p.max())
    np.testing.assert_array_equal(found[0], ids[log_p.argmax()])
    assert its_log_p[0] >= greedy(step, state(1), 1, 4)[1][0] - 1e-12


@given(seeds, st.sampled_from([0.0, 0.6, 1.0]))
def test_a_wide_beam_finds_the_best_by_the_length_rule_when_sequences_end(seed, power):
    step, state = network(seed, V=3)
    ids, log_p = everything(step, state(1), 1, 4, V=3)
    ends = np.where((ids == 0).any(axis=1), (ids == 0).argmax(axis=1), 3)
    tidy = np.array([(row[end:] == row[end]).all() for row, end in zip(ids, ends, strict=True)])
    tidy &= (ids == 0).any(axis=1) | (ends == 3)  # after a 0 there are zeros only
    rows = np.zeros(tidy.sum(), dtype=int)
    start = decoding.select(state(1), rows)
    log_p = score(step, start, np.full(len(rows), 1), ids[tidy], end=0)
    rank = log_p / (ends[tidy] + 1.0) ** power
    found, its_log_p = beam(step, state(1), 1, 4, width=81, end=0, length_power=power)
    length = ((found[0] == 0).argmax() if (found[0] == 0).any() else 3) + 1
    np.testing.assert_allclose(its_log_p[0] / length**power, rank.max())
    its_greedy = greedy(step, state(1), 1, 4, end=0)
    greedy_end = ((its_greedy[0] == 0).argmax() if (its_greedy[0] == 0).any() else 3) + 1
    assert its_log_p[0] / length**power >= its_greedy[1][0] / greedy_end**power - 1e-12


def test_a_beam_of_two_can_do_worse_than_greedy():
    after = {
        (): [0.4, 0.31, 0.29],  # greedy begins with 0
        (0,): [0.34, 0.33, 0.33],  # 0 0 has 0.136 ...
        (1,): [0.5, 0.5, 0.0],  # ... less than 1 0 and 1 1, with 0.155 each
        (0, 0): [1.0, 0.0, 0.0],  # but nobody else is as sure of what comes next
    }

    def step(ids, state):
        seen = np.concatenate([state, ids[:, None]], axis=1)
        p = [after.get(tuple(row[1:]), [1 / 3] * 3) for row in seen.tolist()]
        return np.log(np.array(p) + 1e-12), seen

    nothing = np.zeros((1, 0), dtype=int)
    p = np.exp([beam(step, nothing, 9, 3, width)[1][0] for width in (1, 2, 3)])
    np.testing.assert_allclose(p, [0.136, 0.155 / 3, 0.136])


@given(seeds)
def test_the_log_probability_told_is_the_plain_models(seed):
    step, state = network(seed)
    rng, first = np.random.default_rng(seed), np.array([2, 0, 4])
    for end in (None, 1):
        for ids, log_p in (
            greedy(step, state(3), first, 7, end=end),
            sample(step, state(3), first, 7, rng, 0.7, top_k=3, top_p=0.8, end=end),
            beam(step, state(3), first, 7, width=4, end=end, length_power=0.5),
        ):
            assert ids.shape == (3, 7)
            np.testing.assert_allclose(score(step, state(3), first, ids, end=end), log_p)


def test_the_rows_of_a_batch_do_not_know_of_each_other():
    step, state = network(4)
    first = np.array([0, 3, 1])
    for decode in (
        lambda state, first: greedy(step, state, first, 7, end=2),
        lambda state, first: beam(step, state, first, 7, width=4, end=2, length_power=1.0),
    ):
        ids, log_p = decode(state(3), first)
        for b in range(3):
            alone, its_log_p = decode(state(1), first[b : b + 1])
            np.testing.assert_array_equal(ids[b], alone[0])
            np.testing.assert_allclose(log_p[b], its_log_p[0])


def test_beams_are_sorted_distinct_and_bring_their_own_states():
    step, state = network(7)
    ids, log_p = beams(step, state(2), np.array([0, 3]), 6, width=8)
    assert ids.shape == (2, 8, 6)
    assert (np.diff(log_p, axis=1) <= 0).all()
    for b, first in enumerate((0, 3)):
        assert len({tuple(row) for row in ids[b].tolist()}) == 8
        np.testing.assert_allclose(score(step, state(8), np.full(8, first), ids[b]), log_p[b])


def test_nothing_but_the_end_follows_the_end():
    step, state = network(3)
    rng = np.random.default_rng(3)
    ids, log_p = sample(step, state(40), np.full(40, 1), 9, rng, end=1)
    after = np.maximum.accumulate(ids == 1, axis=1)
    assert (ids == 1).any()
    assert (ids[after] == 1).all()
    assert np.isfinite(log_p).all()
    np.testing.assert_allclose(score(step, state(40), np.full(40, 1), ids, end=1), log_p)


def test_a_first_symbol_that_is_the_end_ends_nothing():
    step, state = network(3)
    ids, _ = greedy(step, state(1), 2, 7, end=2)
    free, _ = greedy(step, state(1), 2, 7)
    np.testing.assert_array_equal(ids[0, 0], free[0, 0])


@pytest.mark.parametrize("options", [{}, {"temperature": 2.0}, {"top_k": 2}, {"top_p": 0.6}])
def test_draws_have_the_probabilities_that_they_should(options):
    p = np.array([0.45, 0.3, 0.15, 0.1])
    step = lambda ids, state: (np.log(p)[None].repeat(len(ids), 0), state)  # noqa: E731
    ids, _ = sample(step, None, np.zeros(20_000, int), 1, np.random.default_rng(5), **options)
    expected = p ** (1 / options.get("temperature", 1.0))
    kept = {"top_k": 2, "top_p": 2}.get(next(iter(options), ""), 4)
    expected = np.where(np.arange(4) < kept, expected, 0.0)
    shares = np.bincount(ids[:, 0], minlength=4) / 20_000
    np.testing.assert_allclose(shares, expected / expected.sum(), atol=0.02)


@given(seeds, st.floats(0.01, 1.0))
def test_a_nucleus_is_the_smallest_set_of_enough_probability(seed, p):
    logits = np.random.default_rng(seed).normal(size=(3, V))
    q = np.exp(decoding.log_softmax(logits))
    kept = np.isfinite(nucleus(logits, p))
    held = (q * kept).sum(axis=1)
    least = np.where(kept, q, np.inf).min(axis=1)
    assert (held >= p - 1e-6).all()
    assert (held - least < p).all()  # without its least likely symbol it is not enough
    assert (least >= np.where(kept, -np.inf, q).max(axis=1)).all()  # and none outside is likelier


def test_filters_keep_the_logits_and_count_right_in_spite_of_ties():
    logits = np.array([[1.0, 1.0, 1.0, 0.0], [0.0, 2.0, 1.0, -np.inf]])
    np.testing.assert_array_equal(np.isfinite(top_k(logits, 2)).sum(axis=1), [2, 2])
    np.testing.assert_array_equal(top_k(logits, 9), logits)
    np.testing.assert_array_equal(nucleus(logits, 1.0), logits)
    kept = nucleus(np.log([[0.6, 0.3, 0.1]]), 0.9)
    np.testing.assert_array_equal(np.isfinite(kept), [[True, True, False]])


def test_temperature_comes_before_the_filters():
    logits = np.log([0.5, 0.3, 0.2])
    hot = np.isfinite(shaped(logits, temperature=5.0, p=0.7))
    cold = np.isfinite(shaped(logits, temperature=0.2, p=0.7))
    assert hot.sum() == 3
    assert cold.sum() == 1


def test_a_state_of_torch_tensors_and_none_will_do():
    torch.manual_seed(4)
    cell, readout = torch.nn.GRUCell(V, H), torch.nn.Linear(H, V)

    def step(ids, state):
        x = torch.nn.functional.one_hot(torch.as_tensor(ids), V).float()
        h = cell(x, None if state is None else state[0])
        return readout(h), (h, None)

    ids, log_p = beam(step, None, np.array([0, 3, 1]), 7, width=4)
    np.testing.assert_allclose(score(step, None, np.array([0, 3, 1]), ids), log_p, rtol=1e-5)


def test_one_row_and_one_symbol():
    step, state = network(2)
    ids, log_p = greedy(step, state(1), 0, 1)
    assert ids.shape == (1, 1)
    assert log_p.shape == (1,)
    ids, log_p = beams(step, state(1), 0, 1, width=99)
    assert ids.shape == (1, V, 1)
    np.testing.assert_allclose(np.exp(log_p).sum(), 1.0)


def test_what_does_not_fit_is_refused():
    step, state = network(2)
    rng = np.random.default_rng(2)
    for call, words in (
        (lambda: greedy(step, state(1), 0, 0), "n: expected a positive whole number, got 0"),
        (lambda: greedy(step, state(1), 0.5, 3), "first: expected numbers of symbols"),
        (lambda: beam(step, state(1), 0, 3, width=0), "width: expected a positive"),
        (lambda: beam(step, state(1), 0, 3, 2, length_power=-1), "length_power: expected"),
        (lambda: sample(step, state(1), 0, 3, rng, temperature=0), "temperature: expected"),
        (lambda: sample(step, state(1), 0, 3, rng, top_k=0), "k: expected a positive"),
        (lambda: sample(step, state(1), 0, 3, rng, top_p=1.5), "p: expected a number above 0"),
        (lambda: score(step, state(1), 0, [[0.5]]), r"ids: expected integers \(B, n\)"),
        (lambda: greedy(lambda i, s: (np.zeros(V), s), None, 0, 3), r"step: expected logits \(B"),
        (lambda: greedy(lambda i, s: (np.full((1, V), np.nan), s), None, 0, 3), "below infinity"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
