"""Counting models: do they count, do they sum to one, do they refuse?"""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import ngrams, seeds
from rnncourse.ngrams import SMOOTHINGS, NGrams, Smoothing

TEXT = list(seeds.rng(3).integers(0, 4, 60)) + [4, 0, 4, 1]  # V = 6: symbol 5 never occurs
V = 6
SMOOTHED = [name for name in SMOOTHINGS if name != "maximum-likelihood"]
EITHER = pytest.mark.parametrize("smoothing", SMOOTHED)
EVERY = pytest.mark.parametrize("smoothing", SMOOTHINGS)


def grams(ids, k):
    return [tuple(ids[i : i + k]) for i in range(len(ids) - k + 1)]


def counted(ids, k, order, smoothing):
    """{gram: count} of order k in a model of this order, by the papers' definitions."""
    if k == order or not smoothing.endswith("kneser-ney"):
        return Counter(grams(ids, k))
    in_front = {(front, *gram) for front, *gram in [("start", *ids[:k])][: len(ids) >= k]}
    in_front |= set(grams(ids, k + 1))
    return Counter(gram[1:] for gram in in_front)


def taken_off(table, smoothing):
    """A function: what is taken off a count."""
    n = [sum(count == r for count in table.values()) for r in range(5)]
    if smoothing == "kneser-ney":
        d = n[1] / (n[1] + 2 * n[2]) if n[1] and n[2] else 0.5
        return lambda count: d

    def D(r):
        if not n[r] or not n[1] + 2 * n[2]:
            return r / 2
        Y = n[1] / (n[1] + 2 * n[2])
        value = r - (r + 1) * Y * n[r + 1] / n[r]
        return value if 0 < value < r else r / 2

    return lambda count: D(min(count, 3))


def by_the_book(ids, order, V, smoothing, context, symbol):
    """The definitions, with dictionaries and recursion, one symbol at a time."""
    context = tuple(context)[len(context) - order + 1 :] if order > 1 else ()
    ids = [int(i) for i in ids]

    def p(k, context):
        if k == 0:
            return 1 / V
        table = counted(ids, k, order, smoothing)
        after = {gram: n for gram, n in table.items() if gram[:-1] == context}
        lower = p(k - 1, context[1:])
        if not after:
            return 1 / V if smoothing == "add-one" else lower
        total, kinds, n = sum(after.values()), len(after), after.get((*context, symbol), 0)
        if smoothing == "maximum-likelihood":
            return n / total
        if smoothing == "add-one":
            return (n + 1) / (total + V)
        if smoothing == "one-weight":
            return 0.5 * n / total + 0.5 * lower
        if smoothing == "witten-bell":
            return (n + kinds * lower) / (total + kinds)
        D = taken_off(table, smoothing)
        own = n - D(n) if n else 0
        return own / total + sum(map(D, after.values())) / total * lower

    return p(len(context) + 1, context)


@EVERY
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_every_probability_is_that_of_the_definition(order, smoothing):
    model = NGrams(TEXT, order, V, smoothing)
    for context in ([1, 2, 3, 0], TEXT[7:11], [5, 5, 5, 5], [4, 0, 4, 1], [5, 2, 3, 1]):
        p = model.probabilities(context)
        expected = [by_the_book(TEXT, order, V, smoothing, context, s) for s in range(V)]
        np.testing.assert_allclose(p, expected, rtol=0, atol=1e-12)


texts = st.lists(st.integers(0, 3), min_size=1, max_size=30)


@EVERY
@settings(max_examples=40, deadline=None, derandomize=True)
@given(ids=texts, order=st.integers(1, 4), context=st.lists(st.integers(0, 4), max_size=5))
def test_the_definition_holds_on_any_text(smoothing, ids, order, context):
    p = NGrams(ids, order, 5, smoothing).probabilities(context)
    expected = [by_the_book(ids, order, 5, smoothing, context, s) for s in range(5)]
    np.testing.assert_allclose(p, expected, rtol=0, atol=1e-12)


@EVERY
@settings(max_examples=40, deadline=None, derandomize=True)
@given(ids=texts, order=st.integers(1, 7), context=st.lists(st.integers(0, 4), max_size=8))
def test_after_any_context_of_any_text_the_probabilities_sum_to_one(smoothing, ids, order, context):
    p = NGrams(ids, order, 5, smoothing).probabilities(context)
    assert p.shape == (5,)
    assert p.sum() == pytest.approx(1, abs=1e-12)
    assert p.min() >= 0 if smoothing == "maximum-likelihood" else p.min() > 0


@EITHER
@pytest.mark.parametrize("order", [1, 2, 4, 7])
def test_after_any_context_the_probabilities_are_positive_and_sum_to_one(order, smoothing):
    model, rng = NGrams(TEXT, order, V, smoothing), seeds.rng(5)
    for length in range(9):
        for _ in range(5):
            p = model.probabilities(rng.integers(0, V, length))
            assert p.shape == (V,)
            assert p.min() > 0
            assert p.sum() == pytest.approx(1, abs=1e-12)


# --- discounts and shares


def test_the_discounts_are_those_of_chen_and_goodman():
    counts = np.repeat([1, 2, 3, 4, 9], [10, 4, 2, 1, 3])  # n1 = 10, n2 = 4, n3 = 2, n4 = 1
    Y = 10 / (10 + 2 * 4)
    expected = [0, 1 - 2 * Y * 4 / 10, 2 - 3 * Y * 2 / 4, 3 - 4 * Y * 1 / 2]
    np.testing.assert_allclose(ngrams.discounts(counts), expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], [0, 0.5, 1, 1.5]),
        ([7, 8], [0, 0.5, 1, 1.5]),  # no 1, 2, 3 at all
        ([2, 2, 3], [0, 0.5, 1, 1.5]),  # no 1: Y = 0 would take off nothing below the count
        ([1, 1, 1], [0, 0.5, 1, 1.5]),  # no 2: D_1 would be the whole count
        ([1, 1, 2, 2, 2, 2], [0, 0.2, 1, 1.5]),  # D_1 = 1 - 2 (1/5) 2 is fine; D_2 would be 2
    ],
)
def test_where_the_formula_fails_half_of_the_count_is_taken(counts, expected):
    np.testing.assert_allclose(ngrams.discounts(np.array(counts, dtype=int)), expected)


def test_a_negative_discount_is_not_used():
    counts = np.repeat([1, 2, 3, 4], [4, 1, 6, 1])  # D_2 = 2 - 3 (4/6) 6 < 0
    assert ngrams.discounts(counts)[2] == 1


@EVERY
@settings(max_examples=30, deadline=None, derandomize=True)
@given(ids=texts, k=st.integers(1, 4))
def test_every_context_keeps_and_gives_a_whole(smoothing, ids, k):
    table = ngrams.count(ids, k, 5)
    own, given = SMOOTHINGS[smoothing].share(table)
    whole = np.bincount(table.place, own, minlength=len(given)) + given
    np.testing.assert_allclose(whole, 1, rtol=1e-13)
    assert (own > 0).all()


def test_adding_one_is_adding_one():
    p = NGrams([0, 1, 0, 1, 0, 2], 2, 4, "add-one").probabilities([0])
    np.testing.assert_allclose(p, np.array([1, 3, 2, 1]) / 7)


def test_a_count_below_the_highest_order_is_a_number_of_different_fronts():
    ids = [0, 1, 0, 1, 2, 1, 0]
    table = ngrams.count(ids, 1, 3, fronts=True)
    assert dict(zip(table.grams, table.counts, strict=True)) == {0: 2, 1: 2, 2: 1}  # start counts
    table = ngrams.count(ids, 2, 3, fronts=True)
    pairs = {(g // 3, g % 3): c for g, c in zip(table.grams, table.counts, strict=True)}
    assert pairs == {(0, 1): 2, (1, 0): 2, (1, 2): 1, (2, 1): 1}


def test_with_maximum_likelihood_the_unseen_is_impossible_and_costs_infinitely_much():
    model = NGrams([0, 1, 0, 1], 2, 3, "maximum-likelihood")
    assert model.log_probabilities([0, 1, 2]).tolist() == [np.log(0.5), 0.0, -np.inf]
    assert model.cross_entropy([0, 2]) == np.inf


def test_a_smoothing_of_ones_own_can_be_plugged_in():
    ours = Smoothing(ngrams.modified_kneser_ney, fronts=True)
    mine, theirs = NGrams(TEXT, 3, V, ours), NGrams(TEXT, 3, V, "modified-kneser-ney")
    np.testing.assert_array_equal(mine.log_probabilities(TEXT), theirs.log_probabilities(TEXT))


# --- models


@EVERY
@pytest.mark.parametrize("order", [1, 3, 5])
def test_a_shorter_model_is_the_model_of_that_order(order, smoothing):
    shorter, alone = NGrams(TEXT, 5, V, smoothing).shorter(order), NGrams(TEXT, order, V, smoothing)
    np.testing.assert_array_equal(shorter.log_probabilities(TEXT), alone.log_probabilities(TEXT))
    np.testing.assert_array_equal(shorter.probabilities([1, 2, 3]), alone.probabilities([1, 2, 3]))
    assert repr(shorter) == repr(alone)


def test_taking_a_shorter_model_leaves_the_longer_one_alone():
    model = NGrams(TEXT, 5, V)
    before = model.log_probabilities(TEXT)
    model.shorter(2)
    np.testing.assert_array_equal(model.log_probabilities(TEXT), before)


def test_what_is_written_follows_the_probabilities():
    model, rng = NGrams(TEXT, 2, V), seeds.rng(4)
    ids = ngrams.write(model, [1], 4000, rng)
    after_0 = ids[1:][ids[:-1] == 0]
    shares = np.bincount(after_0, minlength=V) / len(after_0)
    np.testing.assert_allclose(shares, model.probabilities([0]), atol=0.06)
    assert len(ngrams.write(model, [], 0, rng)) == 0


def test_writing_looks_at_the_symbols_that_it_goes_on_from():
    model = NGrams([0, 1, 2] * 20, 3, 3, "maximum-likelihood")
    assert ngrams.write(model, [2, 0], 4, seeds.rng(0)).tolist() == [1, 2, 0, 1]


@EVERY
def test_a_text_is_scored_symbol_by_symbol_as_its_contexts_say(smoothing):
    model, text = NGrams(TEXT, 4, V, smoothing), [3, 1, 4, 1, 5, 2, 0, 0, 1, 2]
    with np.errstate(divide="ignore"):  # without smoothing some of it is impossible
        expected = [np.log(model.probabilities(text[:t])[s]) for t, s in enumerate(text)]
    np.testing.assert_allclose(model.log_probabilities(text), expected, rtol=1e-12)
    assert model.cross_entropy(text) == pytest.approx(-np.mean(expected))


def test_the_future_of_a_text_does_not_change_the_score_of_its_past():
    model = NGrams(TEXT, 3, V)
    whole = model.log_probabilities([3, 1, 4, 1, 5])
    np.testing.assert_array_equal(model.log_probabilities([3, 1, 4]), whole[:3])


def test_unsmoothed_counts_show_through_in_the_smallest_case():
    model = NGrams([0, 1, 0, 1, 0, 2], order=2, V=3, smoothing="witten-bell")
    # after 0: 1 twice and 2 once, hence 3 counts of 2 kinds; order 1: counts 3, 2, 1 of 3 kinds
    lower = (np.array([3, 2, 1]) + 3 / 3) / (6 + 3)
    np.testing.assert_allclose(model.probabilities([0]), (np.array([0, 2, 1]) + 2 * lower) / 5)


def test_kneser_ney_prefers_what_stands_behind_many_symbols_to_what_is_frequent():
    # 1 is frequent but always behind 0; 2 is rarer but stands behind 3, 4 and 5
    ids = [0, 1] * 6 + [3, 2, 4, 2, 5, 2]
    p = NGrams(ids, 2, 7).probabilities([6])  # 6 never occurs: the lower order decides alone
    assert p[2] > p[1]
    q = NGrams(ids, 2, 7, "witten-bell").probabilities([6])
    assert q[1] > q[2]


def test_a_longer_memory_helps_on_a_text_that_has_one():
    rng = seeds.rng(9)
    words = [[0, 1, 2, 3], [2, 1, 0, 3], [1, 1, 2, 3]]
    ids = np.concatenate([words[k] for k in rng.integers(0, 3, 900)])
    train, test = ids[:3000], ids[3000:]
    one, two, four = (NGrams(train, order, 4).cross_entropy(test) for order in (1, 2, 4))
    assert one > two + 0.3
    assert two > four + 0.1
    assert four == pytest.approx(np.log(3) / 4, abs=0.05)  # one choice among 3 every 4 symbols


@EVERY
def test_a_text_shorter_than_the_order_is_no_trouble(smoothing):
    p = NGrams([2], 4, 3, smoothing).probabilities([2, 2, 2, 2])
    assert p.sum() == pytest.approx(1)
    assert p.argmax() == 2 or smoothing == "add-one"  # adding one asks no shorter context
    assert len(NGrams([2, 1], 4, 3, smoothing).log_probabilities([])) == 0


def test_scoring_changes_nothing_that_was_handed_in():
    ids = np.array(TEXT)
    NGrams(ids, 3, V).log_probabilities(ids)
    np.testing.assert_array_equal(ids, TEXT)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], 2, 3), "ids: expected at least one symbol"),
        (([0, 3], 2, 3), "ids: expected 0 to V - 1 = 2, got 0 to 3"),
        (([-1, 0], 2, 3), "ids: expected 0 to V - 1 = 2, got -1 to 0"),
        (([0.0, 1.0], 2, 3), "ids: expected integers"),
        (([[0, 1]], 2, 3), "ids: expected integers"),
        (([0, 1], 0, 3), "order: expected a positive whole number, got 0"),
        (([0, 1], 2.0, 3), "order: expected a positive whole number, got 2.0"),
        (([0, 1], 2, True), "V: expected a positive whole number, got True"),
        (([0, 1], 10, 104), "order: expected V"),
        (([0, 1], 2, 3, "laplace"), "smoothing: expected one of .* or a Smoothing, got 'laplace'"),
        (([0, 1], 2, 3, len), "smoothing: expected one of .* or a Smoothing"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        NGrams(*arguments)


def test_bad_contexts_and_texts_are_refused_by_name():
    model = NGrams([0, 1, 2], 2, 3)
    with pytest.raises(ValueError, match="context: expected 0 to V - 1"):
        model.probabilities([3])
    with pytest.raises(ValueError, match="ids: expected 0 to V - 1"):
        model.log_probabilities([0, 7])
    with pytest.raises(ValueError, match="ids: expected at least one symbol"):
        model.cross_entropy([])
    with pytest.raises(ValueError, match="order: expected at most 2, got 3"):
        model.shorter(3)
    with pytest.raises(ValueError, match="order: expected a positive whole number, got 0"):
        model.shorter(0)
