"""Chapter 03's exercises: wrong answers written in other ways, and the references on trial."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from test_exercises import mark

from rnncourse import grading, metrics, ngrams
from rnncourse.grading import sheet_03

LN_2 = np.log(2)


def table_of(ids, V, d, lower, unseen=None):
    """A smoothed table from dictionaries, with the lower order handed in."""
    rows, pairs = np.zeros((V, V)), Counter(zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True))
    for c in range(V):
        follows = {s: pairs[c, s] for s in range(V) if pairs[c, s]}
        if not follows:
            rows[c] = lower if unseen is None else unseen
            continue
        n = sum(follows.values())
        rows[c] = d * len(follows) / n * lower
        for s, count in follows.items():
            rows[c, s] += (count - d) / n
    return rows


def fronts_of(ids, V):
    ways = defaultdict(set)
    for before, symbol in zip(ids[:-1].tolist(), ids[1:].tolist(), strict=True):
        ways[symbol].add(before)
    ways[int(ids[0])].add("the beginning")
    return np.array([len(ways[s]) for s in range(V)], dtype=float)


def no_beginning(ids, V, d):
    fronts = fronts_of(ids, V)
    fronts[ids[0]] -= 1
    return table_of(ids, V, d, discounted(fronts, d, V))


def discounted(counts, d, V):
    kinds = np.count_nonzero(counts)
    return (np.clip(counts - d, 0, None) + d * kinds / V) / counts.sum()


def occurrences_below(ids, V, d):
    counts = np.array([np.sum(ids[1:] == s) for s in range(V)], dtype=float)
    return table_of(ids, V, d, discounted(counts, d, V))


def unsmoothed_fronts(ids, V, d):
    fronts = fronts_of(ids, V)
    return table_of(ids, V, d, fronts / sum(fronts))


def uniform_after_the_unknown(ids, V, d):
    lower = discounted(fronts_of(ids, V), d, V)
    return table_of(ids, V, d, lower, unseen=np.ones(V) / V)


def nothing_handed_down(ids, V, d):
    N = np.zeros((V, V))
    for c, s in zip(ids, ids[1:], strict=False):
        N[c, s] += 1
    lower = discounted(fronts_of(ids, V), d, V)
    n = N.sum(1)
    return np.array([np.maximum(N[c] - d, 0) / n[c] if n[c] else lower for c in range(V)])


def divided_by_zero(ids, V, d):
    N = np.zeros((V, V))
    for c, s in zip(ids, ids[1:], strict=False):
        N[c, s] += 1
    n = N.sum(1)[:, None]
    lower = discounted(fronts_of(ids, V), d, V)
    return np.clip(N - d, 0, None) / n + d * (N > 0).sum(1)[:, None] / n * lower


def columns_for_rows(ids, V, d):
    return table_of(ids, V, d, discounted(fronts_of(ids, V), d, V)).swapaxes(0, 1)


def negative_counts(ids, V, d):
    N = np.zeros((V, V))
    for c, s in zip(ids, ids[1:], strict=False):
        N[c, s] += 1
    lower, P = discounted(fronts_of(ids, V), d, V), []
    for row in N:
        kinds = np.count_nonzero(row)
        P.append((row - d + d * kinds * lower) / row.sum() if kinds else lower)
    return np.array(P)


def counted_by_fancy_index(ids, V, d):
    N = np.zeros((V, V))
    N[ids[:-1], ids[1:]] = N[ids[:-1], ids[1:]] + 1
    lower = discounted(fronts_of(ids, V), d, V)
    n, kinds = N.sum(1), (N > 0).sum(1)
    rows = [(N[c] - d).clip(0) / n[c] + d * kinds[c] / n[c] * lower if n[c] else lower
            for c in range(V)]  # fmt: skip
    return np.stack(rows)


def price(ids, order, V, smoothing, held):
    return -np.mean(ngrams.NGrams(ids, order, V, smoothing).log_probabilities(held)) / LN_2


def longest_memory(train, validation, V, orders, smoothing):
    costs = {k: price(train, k, V, smoothing, train) for k in orders}
    best = min(costs, key=costs.get)
    return best, price(train, best, V, smoothing, validation)


def most_expensive(train, validation, V, orders, smoothing):
    return max((price(train, k, V, smoothing, validation), k) for k in orders)[::-1]


def enumerated(train, validation, V, orders, smoothing):
    best, cheapest = None, np.inf
    for i, k in enumerate(orders):
        cost = price(train, k, V, smoothing, validation)
        if cost < cheapest:
            best, cheapest = i, cost
    return best, cheapest


def never_converted(train, validation, V, orders, smoothing):
    costs = [ngrams.NGrams(train, k, V, smoothing).cross_entropy(validation) for k in orders]
    return orders[costs.index(min(costs))], min(costs)


def gives_up_early(train, validation, V, orders, smoothing):
    before = None
    for k in orders:
        cost = price(train, k, V, smoothing, validation)
        if before is not None and cost >= before[1]:
            break
        before = k, cost
    return before


def always_the_longest(train, validation, V, orders, smoothing):
    longest = sorted(orders)[-1]
    return longest, price(train, longest, V, smoothing, validation)


def default_smoothing(train, validation, V, orders, smoothing):
    costs = [price(train, k, V, "kneser-ney", validation) for k in orders]
    return orders[int(np.argmin(costs))], min(costs)


def mended(ids, V, d, *, end=True, unknown=True, normal=True):
    """The broken back-off of the page with some of its faults mended."""
    N = np.zeros((V, V))
    np.add.at(N, (ids[:-1], ids[1:]), 1)
    n = np.bincount(ids, minlength=V)
    p_1 = (n + 1) / (len(ids) + V)
    if end:
        n = n - (np.arange(V) == ids[-1])
    P = np.zeros((V, V))
    for c in range(V):
        seen = N[c] > 0
        if seen.any():
            P[c, seen] = (N[c, seen] - d) / n[c]
            P[c, ~seen] = d * seen.sum() / n[c] * p_1[~seen]
            if normal:
                P[c, ~seen] /= p_1[~seen].sum()
        elif unknown:
            P[c] = p_1
    return P


def one_count_for_both(ids, V, d):
    """The last symbol is taken out of n, from which p_1 is made as well."""
    n = np.bincount(ids[:-1], minlength=V)
    p_1, P = (n + 1) / (len(ids) + V), np.zeros((V, V))
    for c in range(V):
        follows = Counter(ids[1:][ids[:-1] == c].tolist())
        new = [s for s in range(V) if s not in follows]
        P[c, new] = p_1[new] / p_1[new].sum() * d * len(follows) / max(n[c], 1)
        for s, times in follows.items():
            P[c, s] = (times - d) / n[c]
        if not follows:
            P[c] = p_1
    return P


def scaled_to_one(ids, V, d):
    P = mended(ids, V, d, normal=False)
    for row in P:
        row /= row.sum()
    return P


def interpolated(ids, V, d):
    counts = np.array([np.sum(ids == s) for s in range(V)])
    return table_of(ids, V, d, (counts + 1) / (len(ids) + V))


def evenly(ids, V, d):
    P = mended(ids, V, d)
    for c in range(V):
        seen = np.isin(np.arange(V), ids[1:][ids[:-1] == c])
        if seen.any():
            P[c, ~seen] = P[c, ~seen].mean()
    return P


def without_spaces(perplexity, n_tokens, text):
    characters = [character for character in text if character != " "]
    return n_tokens / len(characters) * np.log2(perplexity)


def upside_down(perplexity, n_tokens, text):
    return metrics.bits_per_character(np.log(perplexity)) / (n_tokens / len(text))


def encoded(perplexity, n_tokens, text):
    return n_tokens * np.log(perplexity) / LN_2 / len(bytes(text, "utf-8"))


WRITTEN_DIFFERENTLY = {
    "03.1": [
        ([1.502, 1.04, 2.83, 1.73], "nats for bits"),
        ((1.5, 2.17, 4.49, 1.73), "bits and nats exchanged"),
        ([2.17, 1.5, 8.73, 1.73], "perplexity e to the bits"),
        (np.array([2.1667, 1.5018, 4.49, 0.832]), "nats to bits the wrong way"),
        ([2.17, 3.13, 4.49, 0.83], "both ways exchanged"),
        ((13, 9.01, 8192, 1.73), "sum instead of mean"),
        ([1.88, 1.31, 3.69, 1.73], "logarithm of the mean"),
        ([1.75, 1.213, 3.364, 1.731], "entropy of the model"),
        ([2.17, 1.5, 0.223, 1.73], "perplexity below one"),
        ([-2.17, -1.5, 4.49, 1.73], "sign, perplexity right"),
        ([2.17, 1.5, 4.49, 3.32], "perplexity of the other model"),
        ([2, 1.386, 4, 1.731], "first character left out"),  # or four letters equally likely
    ],
    "03.2": [
        (occurrences_below, "frequencies in the lower order"),
        (no_beginning, "beginning of the text forgotten"),
        (unsmoothed_fronts, "lower order not smoothed"),
        (uniform_after_the_unknown, "context never followed uniform"),
        (nothing_handed_down, "discount not handed down"),
        (divided_by_zero, "context never followed NaN"),
        (columns_for_rows, "transposed"),
        (negative_counts, "discount off the zeros too"),
        (counted_by_fancy_index, "each pair once"),
        (lambda ids, V, d: table_of(ids, V, 0.5, discounted(fronts_of(ids, V), 0.5, V)),
         "d fixed at 0.5"),
    ],
    "03.3": [
        (longest_memory, "chosen on the training text, told on the validation text"),
        (most_expensive, "largest instead of smallest"),
        (enumerated, "position for order"),
        (never_converted, "nats"),
        (gives_up_early, "stops at the first rise"),
        (default_smoothing, "always Kneser-Ney"),
        (always_the_longest, "always the highest"),
    ],
    "03.4": [
        (lambda *args: mended(*args, end=False, unknown=False, normal=False),
         "share and last and unseen"),
        (lambda *args: mended(*args, normal=False), "share"),
        (lambda *args: mended(*args, unknown=False, end=False), "last and unseen"),
        (scaled_to_one, "rows divided by their sums"),
        (interpolated, "interpolated"),
        (evenly, "shared out evenly"),
        (one_count_for_both, "p_1 without the last symbol 0"),
    ],
    "03.5": [
        (without_spaces, "spaces not counted"),
        (upside_down, "length of a token the wrong way round"),
        (encoded, "bytes"),
        (lambda perplexity, n_tokens, text: np.log(perplexity) / (len(text) / n_tokens), "nats"),
        (lambda perplexity, n_tokens, text: np.log(perplexity) / LN_2, "bits per token"),
        (lambda perplexity, n_tokens, text: n_tokens * np.log2(perplexity) / len(text.split()),
         "divided by the words"),
        (lambda perplexity, n_tokens, text: np.log2(perplexity) * len(text.split()) / len(text),
         "words for tokens"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "attempt", "diagnosis"),
    [
        pytest.param(name, attempt, diagnosis, id=f"{name} {diagnosis}")
        for name, attempts in WRITTEN_DIFFERENTLY.items()
        for attempt, diagnosis in attempts
    ],
)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(name, attempt, diagnosis):
    exercise = grading.find(name)
    says = {item.name: item.says for item in exercise.misconceptions}
    verdict = mark(exercise, attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith(says[diagnosis])


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    checked = {exercise.id for exercise in grading.exercises("03") if exercise.kind != "open"}
    assert set(WRITTEN_DIFFERENTLY) == checked
    assert min(map(len, WRITTEN_DIFFERENTLY.values())) >= 3


def test_a_right_answer_from_dictionaries_is_right():
    def from_dictionaries(ids, V, d):
        return table_of(ids, V, d, discounted(fronts_of(ids, V), d, V))

    assert mark(grading.find("03.2"), from_dictionaries, 5.0).verdict == "right"
    assert mark(grading.find("03.4"), mended, 5.0).verdict == "right"


@pytest.mark.parametrize("model", [sheet_03.kneser_ney, sheet_03.backoff])
def test_the_rows_of_the_references_sum_to_one_and_nothing_is_impossible(model):
    rng = np.random.default_rng(3)
    for V, n in ((5, 40), (7, 60), (4, 2)):
        ids = rng.integers(V - 1, size=n)
        P = model(ids, V, rng.uniform(0.1, 1.0))
        assert P.shape == (V, V)
        assert np.allclose(P.sum(axis=1), 1)
        assert P.min() > 0


@pytest.mark.parametrize("n", [2, 30, 500])
def test_with_one_discount_for_both_orders_the_package_gives_the_table_of_the_exercise(n):
    d, V = 0.6, 6

    def one_discount(table):
        kinds = np.bincount(table.place, minlength=len(table.totals))
        own = (table.counts - d) / table.totals[table.place]
        return own, d * kinds / table.totals

    ids = np.random.default_rng(n).integers(V - 1, size=n)
    model = ngrams.NGrams(ids, 2, V, ngrams.Smoothing(one_discount, fronts=True))
    theirs = [model.probabilities([c]) for c in range(V)]
    assert np.allclose(sheet_03.kneser_ney(ids, V, d), theirs, atol=1e-12)


def test_a_price_does_not_depend_on_the_pieces_in_which_it_is_paid():
    text = "to be or not to be\n"
    by_words = sheet_03.bits_per_character(2.0 ** (len(text) / 4), 4, text)
    assert by_words == pytest.approx(sheet_03.bits_per_character(2.0, len(text), text)) == 1.0
