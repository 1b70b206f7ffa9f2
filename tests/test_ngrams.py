"""Counting models: do they count, do they sum to one, do they refuse?"""

from collections import Counter, defaultdict

import numpy as np
import pytest

from rnncourse import seeds
from rnncourse.ngrams import SMOOTHINGS, NGrams

TEXT = list(seeds.rng(3).integers(0, 4, 60)) + [4, 0, 4, 1]  # V = 6: symbol 5 never occurs
V = 6


def by_the_book(ids, order, V, smoothing, context, symbol):
    """The definition, with dictionaries and recursion, one symbol at a time."""
    context = tuple(context)[len(context) - order + 1 :] if order > 1 else ()

    def counts(k, highest):
        grams = [tuple(ids[i : i + k]) for i in range(len(ids) - k + 1)]
        if highest or smoothing == "witten-bell":
            return Counter(grams)
        fronts = defaultdict(set)
        for i, gram in enumerate(grams):
            fronts[gram].add(ids[i - 1] if i else "beginning")
        return Counter({gram: len(front) for gram, front in fronts.items()})

    def p(k, context):
        if k == 0:
            return 1 / V
        table = counts(k, highest=k == order)
        after = {gram: n for gram, n in table.items() if gram[:-1] == context}
        lower = p(k - 1, context[1:])
        if not after:
            return lower
        total, kinds, n = sum(after.values()), len(after), after.get((*context, symbol), 0)
        if smoothing == "witten-bell":
            return (n + kinds * lower) / (total + kinds)
        ones, twos = (list(table.values()).count(c) for c in (1, 2))
        d = ones / (ones + 2 * twos) if ones and twos else 0.5
        return max(n - d, 0) / total + d * kinds / total * lower

    return p(len(context) + 1, context)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_every_probability_is_that_of_the_definition(order, smoothing):
    model = NGrams(TEXT, order, V, smoothing)
    for context in ([1, 2, 3, 0], TEXT[7:11], [5, 5, 5, 5], [4, 0, 4, 1], [5, 2, 3, 1]):
        p = model.probabilities(context)
        expected = [by_the_book(TEXT, order, V, smoothing, context, s) for s in range(V)]
        np.testing.assert_allclose(p, expected, rtol=1e-12)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("order", [1, 2, 4, 7])
def test_after_any_context_the_probabilities_are_positive_and_sum_to_one(order, smoothing):
    model, rng = NGrams(TEXT, order, V, smoothing), seeds.rng(5)
    for length in range(9):
        for _ in range(5):
            p = model.probabilities(rng.integers(0, V, length))
            assert p.shape == (V,)
            assert p.min() > 0
            assert p.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_text_is_scored_symbol_by_symbol_as_its_contexts_say(smoothing):
    model, text = NGrams(TEXT, 4, V, smoothing), [3, 1, 4, 1, 5, 2, 0, 0, 1, 2]
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


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_a_text_shorter_than_the_order_is_no_trouble(smoothing):
    p = NGrams([2], 4, 3, smoothing).probabilities([2, 2, 2, 2])
    assert p.sum() == pytest.approx(1)
    assert p.argmax() == 2
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
        (([0, 1], 2, 3, "laplace"), "smoothing: expected one of"),
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
