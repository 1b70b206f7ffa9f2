"""Answer sheet of chapter 03, Predicting symbols by counting."""

import itertools

import numpy as np

from rnncourse import ngrams
from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 03.1 Bits by hand --------------------------------------------------------------------------

P_WORD = np.array([1, 4, 1, 2, 1, 4]) / 8  # of the characters of "decade"
P_MODEL = np.array([2, 1, 1, 4]) / 8  # of a, c, d, e
NATS = 1.2  # of the other model
_BITS = float(-np.log2(P_WORD).mean())
_LN_2 = float(np.log(2))


def _trace_answer(
    bits=_BITS, *, nats=lambda bits: bits * _LN_2, perplexity=np.exp2, other=NATS / _LN_2
):
    """[bits, nats, perplexity, other], with any step exchanged; what follows follows."""
    return [bits, nats(bits), perplexity(bits), other]


_trace = Exercise(
    id="03.1",
    title="Bits by hand",
    stars=1,
    minutes=10,
    deepens='the claim "none of 1,000 other distributions costs less than the frequencies '
    'themselves"',
    statement="Work out how many bits a character of a word costs a small model, and what the same "
    "number is in nats and as a perplexity.",
    kind="value",
    reference=_trace_answer(),
    alternatives=(
        np.round(_trace_answer(), 3),
        tuple(np.array([value]) for value in np.round(_trace_answer(), 2)),
    ),
    returns=("bits", "nats", "perplexity", "other"),
    tolerance=0.002,
    praise="one number in three units",
    misconceptions=(
        Misconception(
            "nats for bits",
            "the natural logarithm gives nats, not bits: a probability of one half costs one bit, "
            "-log2(0.5); nats and perplexity follow from the bits",
            _trace_answer(_BITS * _LN_2),
        ),
        Misconception(
            "bits and nats exchanged",
            "bits and nats are exchanged: log2 gives bits, the natural logarithm gives nats",
            [_BITS * _LN_2, _BITS, 2**_BITS, NATS / _LN_2],
        ),
        Misconception(
            "nats twice",
            "both come from the natural logarithm: the first one is asked for in bits, with log2",
            [_BITS * _LN_2, _BITS * _LN_2, 2**_BITS, NATS / _LN_2],
        ),
        Misconception(
            "bits twice",
            "nats are not bits: a bit is ln 2 of a nat, so multiply by ln 2",
            _trace_answer(nats=lambda bits: bits),
        ),
        Misconception(
            "bits to nats the wrong way",
            "bits are right; a bit is ln 2 of a nat, so nats are the *smaller* number: multiply "
            "by ln 2 where you divided",
            _trace_answer(nats=lambda bits: bits / _LN_2),
        ),
        Misconception(
            "nats to bits the wrong way",
            "the first three are right; from nats to bits one divides by ln 2: the same cost takes "
            "more of the smaller unit",
            _trace_answer(other=NATS * _LN_2),
        ),
        Misconception(
            "both ways exchanged",
            "both conversions go the wrong way: bits = nats / ln 2, and nats = bits · ln 2",
            _trace_answer(nats=lambda bits: bits / _LN_2, other=NATS * _LN_2),
        ),
        Misconception(
            "nats left as they are",
            "the first three are right; the other model's number is in nats, so it still has to be "
            "converted",
            _trace_answer(other=NATS),
        ),
        Misconception(
            "perplexity of the other model",
            "the first three are right; of the other model the bits are asked for, not its "
            "perplexity",
            _trace_answer(other=np.exp(NATS)),
        ),
        Misconception(
            "two to the nats of the other model",
            "the first three are right; nats and bits are one cost in two units, so that one "
            "divides by ln 2: no power is taken",
            _trace_answer(other=2**NATS),
        ),
        Misconception(
            "logarithm of the nats",
            "the first three are right; nats *are* a logarithm already: divide by ln 2, without "
            "taking another one",
            _trace_answer(other=np.log2(NATS)),
        ),
        Misconception(
            "perplexity e to the bits",
            "bits and nats are right; the base must fit the unit: the perplexity is 2 to the bits, "
            "or e to the nats",
            _trace_answer(perplexity=np.exp),
        ),
        Misconception(
            "perplexity 2 to the nats",
            "bits and nats are right; the base must fit the unit: the perplexity is 2 to the bits, "
            "or e to the nats",
            _trace_answer(perplexity=lambda bits: 2 ** (bits * _LN_2)),
        ),
        Misconception(
            "perplexity below one",
            "bits and nats are right; 2 to *minus* the bits is a typical probability, and the "
            "perplexity is one over it",
            _trace_answer(perplexity=lambda bits: 2**-bits),
        ),
        Misconception(
            "one over the mean probability",
            "bits and nats are right; one over the mean of p is not the perplexity: the mean is "
            "taken of the logarithms, 2 to the bits",
            _trace_answer(perplexity=lambda bits: 1 / P_WORD.mean()),
        ),
        Misconception(
            "mean of one over p",
            "bits and nats are right; the mean of 1/p is not the perplexity: the mean is taken of "
            "the logarithms, 2 to the bits",
            _trace_answer(perplexity=lambda bits: (1 / P_WORD).mean()),
        ),
        Misconception(
            "mean of p",
            "this is the mean of the probabilities; the cost of a character is -log2 of its "
            "probability, and the mean is taken of the costs",
            _trace_answer(P_WORD.mean()),
        ),
        Misconception(
            "logarithm of the mean",
            "this is the logarithm of the mean probability; the mean of the logarithms is asked "
            "for, and one rare character weighs more in it",
            _trace_answer(-np.log2(P_WORD.mean())),
        ),
        Misconception(
            "sum instead of mean",
            "this is the cost of the whole word; a character costs one sixth of it",
            _trace_answer(float(-np.log2(P_WORD).sum())),
        ),
        Misconception(
            "sign",
            "the sign is lost: log2 of a probability is negative, its cost is -log2 p",
            _trace_answer(-_BITS),
        ),
        Misconception(
            "sign, perplexity right",
            "the sign is lost: log2 of a probability is negative, its cost is -log2 p",
            [-_BITS, -_BITS * _LN_2, 2**_BITS, NATS / _LN_2],
        ),
        Misconception(
            "entropy of the model",
            "this is the entropy of the model, its cost on text that follows its own "
            "probabilities; the cross-entropy weighs every character as often as it *comes* in "
            "the word",
            _trace_answer(float(-(P_MODEL * np.log2(P_MODEL)).sum())),
        ),
        Misconception(
            "each letter once",
            "each of the four letters is counted once; the mean runs over the six characters of "
            "the word, so that a letter which comes twice counts twice",
            _trace_answer(float(-np.log2(P_MODEL).mean())),
        ),
        Misconception(
            "divided by the letters",
            "the cost of the word is divided by the number of different letters; divide by the "
            "number of characters",
            _trace_answer(float(-np.log2(P_WORD).sum()) / 4),
        ),
        Misconception(
            "decimal logarithm",
            "this is the logarithm to the base 10; bits need log2",
            _trace_answer(float(-np.log10(P_WORD).mean())),
        ),
        Misconception(
            "first character left out",
            "this comes out if the first character is left out, or if the four letters are taken "
            "to be equally likely: all six characters have their price, by the model's own p",
            _trace_answer(float(-np.log2(P_WORD[1:]).mean())),
        ),
    ),
    hints=(
        "Write the cost below each character: an e, of probability 1/2, costs 1 bit; what does a "
        "probability of 1/8 cost?",
        "The cross-entropy is the mean cost of the six characters. One bit is ln 2 = 0.693 nats.",
        "d e c a d e costs 3 + 1 + 3 + 2 + 3 + 1 bits; divide by 6. For the perplexity raise 2 to "
        "the result. The other model's 1.2 nats are divided by 0.693.",
    ),
)

# --- 03.2 Count and smooth ----------------------------------------------------------------------


def _pairs(ids, V):
    """How often each symbol follows each, (V, V)."""
    N = np.zeros((V, V))
    np.add.at(N, (ids[:-1], ids[1:]), 1)
    return N


def _handing_down(N, d, lower):
    """Absolute discounting of rows of counts (..., V), interpolated with `lower` (V,)."""
    total = N.sum(axis=-1, keepdims=True)
    kinds = (N > 0).sum(axis=-1, keepdims=True)
    own = (np.maximum(N - d, 0) + d * kinds * lower) / np.where(total > 0, total, 1)
    return np.where(total > 0, own, lower)


def _fronts(N, ids):
    """How many different symbols stand in front of each, the text's beginning being one, (V,)."""
    return (N > 0).sum(axis=0) + (np.arange(len(N)) == ids[0])


def kneser_ney(ids, V, d):
    """Two orders by one rule: pairs are counted, below them the different symbols in front."""
    N = _pairs(ids, V)
    return _handing_down(N, d, _handing_down(_fronts(N, ids), d, np.full(V, 1 / V)))


def _kneser_ney_by_loops(ids, V, d):
    ids = [int(i) for i in ids]
    pairs = list(zip(ids[:-1], ids[1:], strict=True))
    kinds = sorted(set(pairs))
    fronts = [sum(pair[1] == s for pair in kinds) + (s == ids[0]) for s in range(V)]
    spare = d * sum(f > 0 for f in fronts) / sum(fronts)
    p_1 = [max(f - d, 0) / sum(fronts) + spare / V for f in fronts]
    rows = []
    for c in range(V):
        total = sum(pair[0] == c for pair in pairs)
        if total == 0:
            rows.append(p_1)
            continue
        left_over = d * sum(pair[0] == c for pair in kinds) / total
        own = [max(pairs.count((c, s)) - d, 0) / total for s in range(V)]
        rows.append([own[s] + left_over * p_1[s] for s in range(V)])
    return rows


def _smoothed(
    ids,
    V,
    d,
    *,
    count=_pairs,
    below=_fronts,
    low=None,
    cut=lambda N, d: np.maximum(N - d, 0),
    total=lambda N, ids: N.sum(axis=1),
    kinds=lambda N, V: (N > 0).sum(axis=1),
    share=lambda d, kinds, total: d * kinds / total,
    unseen=lambda p_1, V: p_1,
    join=lambda own, given, p_1, N: own + given * p_1,
):
    """The model with a switch for everything that people get wrong."""
    N = count(ids, V)
    p_1 = low(N, ids, d, V) if low else _handing_down(below(N, ids), d, np.full(V, 1 / V))
    n = total(N, ids)
    followed, safe = (n > 0)[:, None], np.where(n > 0, n, 1)[:, None]
    given = share(d, kinds(N, V)[:, None], safe)
    return np.where(followed, join(cut(N, d) / safe, given, p_1, N), unseen(p_1, V))


def _kn(**switches):
    return lambda ids, V, d: _smoothed(ids, V, d, **switches)


def _each_pair_once(ids, V):
    N = np.zeros((V, V))
    N[ids[:-1], ids[1:]] += 1
    return N


def _round_the_end(ids, V):
    N = _pairs(ids, V)
    N[ids[-1], ids[0]] += 1
    return N


def _share_of_fronts(N, ids, d, V):
    return _fronts(N, ids) / _fronts(N, ids).sum()


def _discounted_fronts(N, ids, d, V):
    return np.maximum(_fronts(N, ids) - d, 0) / _fronts(N, ids).sum()


def _frequencies(N, ids, d, V):
    return np.bincount(ids, minlength=V) / len(ids)


def _skewed_text(rng, V, n):
    """Ids whose symbols are unequally frequent, and frequent ones not in front of everything."""
    p = rng.dirichlet(np.full(V, 0.5), size=V) + 0.02
    ids = [int(rng.integers(V))]
    for _ in range(n - 1):
        ids.append(int(rng.choice(V, p=p[ids[-1]] / p[ids[-1]].sum())))
    return np.array(ids)


def _every_symbol_followed(rng, V, n):
    """A skewed text in which no row of the table is empty: its symbols, then the text."""
    ids = np.concatenate([rng.permutation(V), _skewed_text(rng, V, n), [0]])
    return ids if len(set(ids[:-1])) == V else np.append(ids, 0)


def _smoothing_cases(rng):
    d = rng.uniform(0.4, 0.9, size=5)
    seldom = np.append(_skewed_text(rng, 4, 18), 5)  # 4 never occurs, 5 only at the end
    return [
        Case("V=7, 60 symbols", (_every_symbol_followed(rng, 7, 52), 7, d[0])),
        Case("V=4, 30 symbols", (_every_symbol_followed(rng, 4, 25), 4, d[1])),
        Case("a symbol that never occurs and one only at the end", (seldom, 6, d[2])),
        Case("V=5, 40 symbols", (_every_symbol_followed(rng, 5, 34), 5, d[3])),
        Case("a text of two symbols", (np.array([2, 0]), 4, d[4])),
    ]


FREQUENCIES = (
    "the lower order counts how often a symbol occurs; it should count how many "
    "*different* symbols stand in front of it: each pair once, however often it comes"
)

_implement = Exercise(
    id="03.2",
    title="Count and smooth",
    stars=2,
    minutes=25,
    deepens='the claim "of what follows y, t is over 1.4 times as much by occurrences as by ways"',
    statement="Turn a text into the table of an interpolated Kneser-Ney model of order 2, with one "
    "discount for both orders.",
    reference=kneser_ney,
    alternatives=(_kneser_ney_by_loops,),
    inputs=_smoothing_cases,
    returns=("P (V, V)",),
    praise="every row sums to 1, and rare symbols are judged by the company they keep",
    misconceptions=(
        Misconception(
            "frequencies in the lower order",
            FREQUENCIES,
            _kn(below=lambda N, ids: N.sum(axis=0)),
        ),
        Misconception(
            "plain frequencies below",
            "the lower order is the plain frequency of each symbol: count how many *different* "
            "symbols stand in front of it, and smooth that by the same rule",
            _kn(low=_frequencies),
        ),
        Misconception(
            "plain frequencies of the second symbols",
            "the lower order is the plain frequency of each symbol: count how many *different* "
            "symbols stand in front of it, and smooth that by the same rule",
            _kn(low=lambda N, ids, d, V: N.sum(axis=0) / N.sum()),
        ),
        Misconception(
            "frequencies of all symbols below",
            FREQUENCIES,
            _kn(below=lambda N, ids: np.bincount(ids, minlength=len(N))),
        ),
        Misconception(
            "beginning of the text forgotten",
            "right but for the first symbol of the text: its beginning counts as one more way of "
            "standing there, one more in fronts for ids[0]",
            _kn(below=lambda N, ids: (N > 0).sum(axis=0)),
        ),
        Misconception(
            "symbols behind instead of in front",
            "the lower order counts the different symbols *behind* a symbol; those in front of it "
            "are asked for: the columns of the table of pairs, not its rows",
            _kn(below=lambda N, ids: (N > 0).sum(axis=1)),
        ),
        Misconception(
            "lower order not smoothed",
            "the pairs are right; the lower order is smoothed by the same rule, with the uniform "
            "1/V below it: as it is, a symbol that nothing stands in front of has probability 0",
            _kn(low=_share_of_fronts),
        ),
        Misconception(
            "lower order keeps nothing for 1/V",
            "the lower order does not sum to 1: what is taken off the counts of symbols in front "
            "has to be handed down as well, to 1/V",
            _kn(low=_discounted_fronts),
        ),
        Misconception(
            "lower order uniform",
            "the discount is handed to all symbols alike: between the pairs and 1/V there is one "
            "more order, that of the different symbols in front",
            _kn(low=lambda N, ids, d, V: np.full(V, 1 / V)),
        ),
        Misconception(
            "discount not handed down",
            "the rows do not sum to 1: what is taken off the counts is given to nobody, the term "
            "with the lower order is missing",
            _kn(join=lambda own, given, p_1, N: own),
        ),
        Misconception(
            "nothing taken off",
            "the rows sum to more than 1: the lower order is added, but the discount is not taken "
            "off the counts",
            _kn(cut=lambda N, d: N),
        ),
        Misconception(
            "counts not smoothed",
            "these are plain relative frequencies: nothing is taken off, and pairs that were not "
            "seen have probability 0",
            _kn(cut=lambda N, d: N, join=lambda own, given, p_1, N: own),
        ),
        Misconception(
            "discount off the zeros too",
            "d is taken off the counts that are 0 as well, which makes them negative: "
            "max(count - d, 0)",
            _kn(cut=lambda N, d: N - d),
        ),
        Misconception(
            "occurrences for kinds in lambda",
            "lambda counts every occurrence: d is taken off once for each *different* symbol that "
            "follows, so it is d · kinds / count",
            _kn(share=lambda d, kinds, total: d * np.ones_like(total)),
        ),
        Misconception(
            "lambda without the kinds",
            "lambda is d / count here: d is taken off once for each different symbol that follows, "
            "so the number of these, kinds, belongs to it",
            _kn(share=lambda d, kinds, total: d / total),
        ),
        Misconception(
            "V for the kinds",
            "lambda counts all V symbols: d is taken off only those that did follow, kinds in "
            "number",
            _kn(kinds=lambda N, V: np.full(V, V)),
        ),
        Misconception(
            "lambda without the discount",
            "lambda is kinds / count here; what is taken off is d for each of them, d · kinds / "
            "count",
            _kn(share=lambda d, kinds, total: kinds / total),
        ),
        Misconception(
            "kinds by column",
            "lambda takes the number of different symbols *in front* of the context; those that "
            "follow it are asked for, along its row",
            _kn(kinds=lambda N, V: (N > 0).sum(axis=0)),
        ),
        Misconception(
            "backed off instead of interpolated",
            "the lower order is used only where a pair was not seen, so the rows do not sum to 1: "
            "here it is *added* for every symbol, seen or not",
            _kn(join=lambda own, given, p_1, N: np.where(N > 0, own, given * p_1)),
        ),
        Misconception(
            "transposed",
            "the table stands on its side: row c belongs to the symbol *before*, and sums to 1",
            lambda ids, V, d: kneser_ney(ids, V, d).T,
        ),
        Misconception(
            "read backwards",
            "the pairs are read backwards: ids[:-1] is the context, ids[1:] the symbol that "
            "follows it",
            lambda ids, V, d: kneser_ney(ids[::-1], V, d),
        ),
        Misconception(
            "context never followed NaN",
            "a context that nothing ever followed gives 0/0; its row is the lower order alone",
            _kn(unseen=lambda p_1, V: np.nan),
        ),
        Misconception(
            "context never followed zero",
            "the row of a context that nothing ever followed is all 0; it should be the lower "
            "order alone, and sum to 1",
            _kn(unseen=lambda p_1, V: 0.0),
        ),
        Misconception(
            "context never followed uniform",
            "after a context that nothing ever followed all symbols get the same; the lower order "
            "knows better, and is used alone there",
            _kn(unseen=lambda p_1, V: np.full(V, 1 / V)),
        ),
        Misconception(
            "each pair once",
            "`N[ids[:-1], ids[1:]] += 1` counts a pair once, however often it comes; "
            "np.add.at(N, (ids[:-1], ids[1:]), 1) counts all of them",
            _kn(count=_each_pair_once),
        ),
        Misconception(
            "end of the text counted as context",
            "the last symbol of the text is followed by nothing: count(c) is the number of *pairs* "
            "that begin with c, the sum of its row",
            _kn(total=lambda N, ids: np.bincount(ids, minlength=len(N))),
        ),
        Misconception(
            "round the end",
            "the first symbol is counted as if it followed the last: a text of n symbols has "
            "n - 1 pairs",
            _kn(count=_round_the_end),
        ),
        *(
            Misconception(
                f"d fixed at {fixed}",
                f"d = {fixed} is taken off, whatever is asked for: take the d that is handed in",
                lambda ids, V, d, fixed=fixed: kneser_ney(ids, V, fixed),
            )
            for fixed in (0.5, 0.75)
        ),
        Misconception(
            "d added to the counts",
            "d is *added* to every count here; absolute discounting takes it off the counts that "
            "are there",
            lambda ids, V, d: (_pairs(ids, V) + d) / (_pairs(ids, V).sum(1)[:, None] + d * V),
        ),
        Misconception(
            "logarithms",
            "these are logarithms; the probabilities themselves are asked for",
            lambda ids, V, d: np.log(kneser_ney(ids, V, d)),
        ),
    ),
    hints=(
        "Begin with the table of counts N (V, V): np.add.at(N, (ids[:-1], ids[1:]), 1). Its row "
        "sums are count(c); (N > 0) says which pairs occur at all.",
        "fronts = (N > 0).sum(axis=0), with one more for ids[0], takes the place of the counts one "
        "order lower, and 1/V that of the order below: p_1 must sum to 1 before you go on.",
        "P = np.maximum(N - d, 0) / count + d * kinds / count * p_1, with count and kinds as "
        "columns (V, 1); rows with a count of 0 are p_1.",
    ),
)

# --- 03.3 Guess the curve -----------------------------------------------------------------------


def best_order(ids_train, ids_validation, V, orders, smoothing):
    """The order with the fewest bits per character on text that was not counted."""
    return _best(ids_train, ids_validation, V, orders, smoothing)


def _bits(ids, held, order, V, smoothing):
    return ngrams.NGrams(ids, order, V, smoothing).cross_entropy(held) / _LN_2


def _best(
    ids_train,
    ids_validation,
    V,
    orders,
    smoothing,
    *,
    counted=lambda train, validation: train,
    judged=lambda train, validation: validation,
    told=None,
    choose=np.argmin,
    named=lambda orders, i: orders[i],
    scale=lambda bits: bits,
    offset=0,
):
    """The choice, with a switch for everything that goes wrong."""
    ids = counted(ids_train, ids_validation)

    def bits(held, order):
        return _bits(ids, held, order + offset, V, smoothing)

    held = judged(ids_train, ids_validation)
    i = int(choose([bits(held, order) for order in orders]))
    told = held if told is None else told(ids_train, ids_validation)
    return named(orders, i), scale(bits(told, orders[i]))


def _best_by_loop(ids_train, ids_validation, V, orders, smoothing):
    best = (np.inf, None)
    for order in orders:
        model = ngrams.NGrams(ids_train, order, V, smoothing=smoothing)
        cost = -np.mean(np.log2(np.exp(model.log_probabilities(ids_validation))))
        best = min(best, (cost, order))
    return [best[1], best[0]]


def _ordered(**switches):
    return lambda *args: _best(*args, **switches)


def _first_rise(bits):
    """Where the curve first stops falling."""
    rises = [i for i in range(len(bits) - 1) if bits[i + 1] >= bits[i]]
    return rises[0] if rises else len(bits) - 1


def _last_bits(ids_train, ids_validation, V, orders, smoothing):
    order, _ = best_order(ids_train, ids_validation, V, orders, smoothing)
    return order, _bits(ids_train, ids_validation, orders[-1], V, smoothing)


def _highest(ids_train, ids_validation, V, orders, smoothing):
    return max(orders), _bits(ids_train, ids_validation, max(orders), V, smoothing)


def _fewest(orders, i):
    return min(orders)


def _always(smoothing):
    return lambda train, validation, V, orders, _: best_order(
        train, validation, V, orders, smoothing
    )


def _order_case(rng, label, depth, n, V, orders, smoothing):
    """A text in which the last `depth` symbols together decide, mostly, about the next one."""
    rule, ids = rng.permutation(V), [0] * depth
    for noise in rng.random(n + 80):
        follows = rule[(sum(ids[-depth:]) + 1) % V] if depth else 0
        ids.append(int(follows if noise > 0.3 else rng.integers(V)))
    ids = np.array(ids[depth:])
    return Case(label, (ids[:n], ids[n:], V, orders, smoothing))


def _drawn_order_cases(rng):
    return [
        _order_case(rng, "orders 2 to 5", 2, 130, 4, (2, 3, 4, 5), "one-weight"),
        _order_case(rng, "orders 1 to 4", 1, 90, 5, (1, 2, 3, 4), "kneser-ney"),
        _order_case(rng, "orders 5, 6, 3, 1", 2, 130, 4, (5, 6, 3, 1), "add-one"),
        _order_case(rng, "a text without any rule", 0, 80, 6, (1, 2, 3), "one-weight"),
        _order_case(rng, "order 1 alone", 0, 60, 3, (1,), "one-weight"),
    ]


def _order_cases(rng):
    """Texts on which four ways to choose part company: else two wrong answers look alike."""
    on_training = _ordered(judged=lambda train, validation: train)
    ways = (best_order, on_training, _highest, _ordered(choose=_first_rise))
    while True:
        cases = _drawn_order_cases(rng)
        if len({tuple(way(*case.args)[0] for case in cases) for way in ways}) == len(ways):
            return cases


SPARED = (
    "the order is chosen on the text that was counted: there the longest context always looks "
    "best, as it remembers the text; choose on ids_validation"
)

_measure = Exercise(
    id="03.3",
    title="Guess the curve",
    stars=2,
    minutes=15,
    deepens='the claim "one weight: the larger it is, the shorter the order that is best"',
    statement="Guess how the best order moves when the training text shrinks to a tenth and a "
    "hundredth, then write the function that finds it, and measure.",
    reference=best_order,
    alternatives=(_best_by_loop,),
    inputs=_order_cases,
    returns=("order", "bits"),
    praise="chosen on text that the model had not counted; now measure",
    misconceptions=(
        Misconception(
            "chosen on the training text",
            SPARED,
            _ordered(judged=lambda train, validation: train),
        ),
        Misconception(
            "chosen on the training text, told on the validation text",
            SPARED,
            _ordered(
                judged=lambda train, validation: train, told=lambda train, validation: validation
            ),
        ),
        Misconception(
            "bits of the training text",
            "the order is right; the bits are those of the training text: report what the choice "
            "was made by, ids_validation",
            _ordered(told=lambda train, validation: train),
        ),
        Misconception(
            "largest instead of smallest",
            "this is the worst order: bits are a cost, so the *smallest* number wins",
            _ordered(choose=np.argmax),
        ),
        Misconception(
            "position for order",
            "the first result is the position in `orders`, counted from 0; the order itself is "
            "asked for, orders[i]",
            _ordered(named=lambda orders, i: i),
        ),
        Misconception(
            "position plus one",
            "the first result is the position in `orders` plus 1; that is the order only where "
            "`orders` is 1, 2, 3 ...: take orders[i]",
            _ordered(named=lambda orders, i: i + 1),
        ),
        Misconception(
            "length of the context",
            "the first result is the number of symbols looked back at; the order counts the "
            "predicted symbol too, one more",
            _ordered(named=lambda orders, i: orders[i] - 1),
        ),
        Misconception(
            "one order too high",
            "the models have one order more than they should: NGrams counts the predicted symbol "
            "in its order",
            _ordered(offset=1),
        ),
        Misconception(
            "nats",
            "the order is right; the second result is in nats, as cross_entropy returns it: divide "
            "by ln 2, or use metrics.bits_per_character",
            _ordered(scale=lambda bits: bits * _LN_2),
        ),
        Misconception(
            "times ln 2 twice",
            "the order is right; from nats to bits one *divides* by ln 2",
            _ordered(scale=lambda bits: bits * _LN_2**2),
        ),
        Misconception(
            "perplexity",
            "the order is right; the second result is the perplexity, and bits per symbol are "
            "asked for",
            _ordered(scale=np.exp2),
        ),
        Misconception(
            "sign",
            "the order is right; the second result is negative: a cost is the mean of *minus* the "
            "logarithms",
            _ordered(scale=lambda bits: -bits),
        ),
        Misconception(
            "texts exchanged",
            "the two texts are exchanged: ids_train is what the model counts, ids_validation what "
            "it is judged by",
            _ordered(
                counted=lambda train, validation: validation,
                judged=lambda train, validation: train,
            ),
        ),
        Misconception(
            "validation counted too",
            "the validation text is counted along with the training text: then it is no longer "
            "held out, and long contexts remember it",
            _ordered(counted=lambda train, validation: np.concatenate([train, validation])),
        ),
        Misconception(
            "only the validation text",
            "the models count the text that they are judged by, and long contexts remember it: "
            "count ids_train",
            _ordered(counted=lambda train, validation: validation),
        ),
        Misconception(
            "stops at the first rise",
            "the search stops where the bits rise for the first time: look at all orders, which "
            "need not be sorted",
            _ordered(choose=_first_rise),
        ),
        Misconception(
            "bits of the last order",
            "the order is right; the bits are those of the last model in the loop, not of the best "
            "one",
            _last_bits,
        ),
        Misconception(
            "always the highest",
            "this is the highest order, whatever the text: compare the bits on ids_validation",
            _highest,
        ),
        Misconception(
            "always Kneser-Ney",
            "the smoothing that is asked for is not used: hand it on to NGrams",
            _always("kneser-ney"),
        ),
        Misconception(
            "always one weight",
            "the smoothing that is asked for is not used: hand it on to NGrams",
            _always("one-weight"),
        ),
        Misconception(
            "always three discounts",
            "the smoothing that is asked for is not used: hand it on to NGrams",
            _always("modified-kneser-ney"),
        ),
    ),
    hints=(
        "One model for each order, all counted on ids_train; which text may judge them?",
        "ngrams.NGrams(ids_train, order, V, smoothing).cross_entropy(ids_validation) is in nats a "
        "symbol; the smallest wins.",
        "Put the bits of all orders in a list; np.argmin tells the position of the smallest, and "
        "`orders` and the list have the same positions.",
    ),
)

# --- 03.4 The probabilities that do not sum to one ----------------------------------------------


def backoff(ids, V, d):
    """Absolute discounting, backed off to add-one frequencies; symbol V - 1 never occurs."""
    return _backed_off(ids, V, d)


def _add_one(ids, V):
    return (np.bincount(ids, minlength=V) + 1) / (len(ids) + V)


def _add_one_but_last(ids, V):
    return (np.bincount(ids[:-1], minlength=V) + 1) / (len(ids) + V)


def _add_one_to_the_last(ids, V):
    return (np.bincount(ids[:-1], minlength=V) + 1) / (len(ids) - 1 + V)


def _over_the_unseen(left_over, p_1, seen):
    """What is left over, in proportion to p_1, for the symbols that were not seen."""
    return left_over * p_1[~seen] / p_1[~seen].sum()


def _backed_off(
    ids,
    V,
    d,
    *,
    share=False,
    last=False,
    unseen=False,
    spread=_over_the_unseen,
    low=_add_one,
    alone=lambda p_1: p_1,
    own=lambda N, d: N - d,
    left=lambda d, kinds, n: d * kinds / n,
    add=False,
    after=lambda P: P,
):
    """The back-off, with a switch for each fault and for what goes wrong in mending them."""
    N, p_1, P = _pairs(ids, V), low(ids, V), np.zeros((V, V))
    for c in range(V):
        seen = N[c] > 0
        n = np.count_nonzero(ids == c) if last else N[c].sum()
        if not seen.any():
            P[c] = 0 if unseen else alone(p_1)
            continue
        left_over = left(d, seen.sum(), n)
        P[c, seen] = own(N[c, seen], d) / n
        if add:
            P[c] += left_over * p_1
        else:
            P[c, ~seen] = left_over * p_1[~seen] if share else spread(left_over, p_1, seen)
    return after(P)


def _backoff_without_a_loop(ids, V, d):
    N = _pairs(ids, V)
    n, seen = N.sum(axis=1, keepdims=True), N > 0
    p_1 = (np.array([list(ids).count(s) for s in range(V)]) + 1.0) / (len(ids) + V)
    rest = np.where(seen, 0.0, p_1)
    rest /= rest.sum(axis=1, keepdims=True)
    P = np.where(seen, N - d, 0) / np.maximum(n, 1)
    return P + (1 - P.sum(axis=1, keepdims=True)) * rest


SYMPTOMS = {
    "share": "the rows of symbols that were followed sum to less than 1",
    "last": "the row of the symbol at the end of the text loses more than others do",
    "unseen": "the row of a symbol that nothing ever followed sums to 0",
}
FAULTS = {
    "share": "what is left over is multiplied by p_1, whose values for the symbols that were not "
    "seen do not sum to 1: divide by their sum",
    "last": "n[c] counts a context at the very end of the text, where nothing follows it: count "
    "the pairs that begin with c",
    "unseen": "the row of a context that was never followed stays 0: there p_1 is all that is "
    "known",
}


def _with_faults(names):
    return lambda *args: _backed_off(*args, **dict.fromkeys(names, True))


def _leftovers():
    """A misconception for each set of faults that may be left: one, two, or all three.

    While there are several, the symptoms are told; the last one is told with its remedy.
    """
    for count, begin in ((3, "this still does what the broken back-off does"), (2, "two are left")):
        for names in itertools.combinations(FAULTS, count):
            told = "; ".join(SYMPTOMS[name] for name in names)
            says = f"{begin}: {told}; find out why, one by one"
            yield Misconception(" and ".join(names), says, _with_faults(names))
    for name, told in FAULTS.items():
        yield Misconception(name, f"one is left: {told}", _with_faults([name]))


def _mended(**switches):
    return lambda *args: _backed_off(*args, **switches)


def _rescaled(P):
    return P / P.sum(axis=1, keepdims=True)


def _rescaled_where_possible(P):
    total = P.sum(axis=1, keepdims=True)
    return np.where(total > 0, P / np.where(total > 0, total, 1), 1 / len(P))


def _backoff_cases(rng):
    d = rng.uniform(0.4, 0.9, size=4)
    return [
        Case("V=7, 40 symbols", (_every_symbol_followed(rng, 6, 34), 7, d[0])),
        Case("V=5, 25 symbols", (_every_symbol_followed(rng, 4, 21), 5, d[1])),
        Case("symbols that never occur", (_skewed_text(rng, 4, 20), 6, d[2])),
        Case("a symbol only at the end", (np.append(_skewed_text(rng, 3, 16), 3), 5, d[3])),
    ]


RESCALED = (
    "every row is divided by its sum: that hides the fault instead of mending it, for now the "
    "symbols that *were* seen have too much as well; (count - d) / count is theirs, and what is "
    "left over goes to the others"
)

_repair = Exercise(
    id="03.4",
    title="The probabilities that do not sum to one",
    stars=2,
    minutes=20,
    deepens='the claim "the sums over the vocabulary after 400 contexts, seen and unseen, and 1"',
    statement="Mend three faults in a model that backs off to a shorter context.",
    reference=backoff,
    alternatives=(_backoff_without_a_loop,),
    inputs=_backoff_cases,
    returns=("P (V, V)",),
    praise="whatever the context, the probabilities sum to 1",
    misconceptions=(
        *_leftovers(),
        Misconception("rows divided by their sums", RESCALED, _mended(share=True, after=_rescaled)),
        Misconception(
            "rows divided by their sums, zeros too",
            RESCALED,
            _mended(share=True, unseen=True, after=_rescaled),
        ),
        Misconception(
            "rows divided by their sums, else uniform",
            RESCALED,
            _mended(share=True, unseen=True, after=_rescaled_where_possible),
        ),
        Misconception(
            "unseen contexts uniform",
            "it sums to 1, but after a context that was never followed all symbols get the same: "
            "p_1 knows more",
            _mended(alone=lambda p_1: np.full(len(p_1), 1 / len(p_1))),
        ),
        Misconception(
            "unseen contexts NaN",
            "a context that was never followed gives 0/0: its row is p_1",
            _mended(alone=lambda p_1: np.full(len(p_1), np.nan)),
        ),
        Misconception(
            "interpolated",
            "it sums to 1, but this is interpolation: p_1 is added for *all* symbols; a back-off "
            "gives what is left over to those only that were not seen after c",
            _mended(add=True),
        ),
        Misconception(
            "shared out evenly",
            "what is left over is shared out evenly; a frequent symbol should get more of it than "
            "a rare one, in proportion to p_1",
            _mended(spread=lambda left_over, p_1, seen: left_over / (~seen).sum()),
        ),
        Misconception(
            "divided by the seen part of p_1",
            "the share is divided by the sum of p_1 over the symbols that *were* seen: take the "
            "sum over those that it is shared among",
            _mended(spread=lambda left_over, p_1, seen: left_over * p_1[~seen] / p_1[seen].sum()),
        ),
        Misconception(
            "all that is left to each",
            "each symbol that was not seen gets all that is left over: it has to be shared among "
            "them, in proportion to p_1",
            _mended(spread=lambda left_over, p_1, seen: left_over),
        ),
        Misconception(
            "left-over share forgotten",
            "the symbols that were not seen get p_1 without the factor d · kinds / count, so that "
            "the rows sum to more than 1",
            _mended(spread=lambda left_over, p_1, seen: p_1[~seen]),
        ),
        Misconception(
            "p_1 of the unseen without the factor",
            "the symbols that were not seen share a whole 1; they share what was taken off, "
            "d · kinds / count",
            _mended(spread=lambda left_over, p_1, seen: p_1[~seen] / p_1[~seen].sum()),
        ),
        Misconception(
            "nothing taken off",
            "the symbols that were seen keep their whole count, so the rows sum to more than 1: "
            "d is to be taken off each",
            _mended(own=lambda N, d: N),
        ),
        Misconception(
            "nothing taken off and nothing given",
            "the rows sum to 1, but what was not seen is called impossible: d belongs off each "
            "count, and to the others",
            _mended(own=lambda N, d: N, spread=lambda left_over, p_1, seen: 0.0),
        ),
        Misconception(
            "kinds forgotten",
            "d is taken off once for each symbol that was seen, so what is left over is "
            "d · kinds / count",
            _mended(left=lambda d, kinds, n: d / n),
        ),
        Misconception(
            "p_1 without the one",
            "p_1 lost its + 1: a symbol that never occurred must not be impossible",
            _mended(low=lambda ids, V: np.bincount(ids, minlength=V) / len(ids)),
        ),
        Misconception(
            "p_1 too large",
            "p_1 does not sum to 1: 1 was added to each of the V counts, so V belongs into the "
            "denominator",
            _mended(low=lambda ids, V: (np.bincount(ids, minlength=V) + 1) / len(ids)),
        ),
        *(
            Misconception(
                f"p_1 without the last symbol {number}",
                "n also feeds p_1, which was right: keep p_1 as it stands, and count the pairs for "
                "the rows only",
                _mended(low=low, share=share, unseen=unseen),
            )
            for number, (low, share, unseen) in enumerate(
                itertools.product((_add_one_but_last, _add_one_to_the_last), *[(False, True)] * 2)
            )
        ),
        Misconception(
            "p_1 of the second symbols",
            "p_1 was right as it stood: it counts all symbols of the text, the first one too",
            _mended(low=lambda ids, V: (_pairs(ids, V).sum(axis=0) + 1) / (len(ids) - 1 + V)),
        ),
        Misconception(
            "transposed",
            "the table stands on its side: row c belongs to the symbol *before*, and sums to 1",
            lambda ids, V, d: backoff(ids, V, d).T,
        ),
    ),
    hints=(
        "Print the sums of the rows, for a text whose last symbol occurs elsewhere too. Which rows "
        "miss how much?",
        "A context that was never followed has no row of its own: what is known about the next "
        "symbol without any context? And what does n[c] count that N[c].sum() does not?",
        "Take N[c].sum() in the place of n[c]; rows in which nothing was seen are p_1. The third "
        "fault is in the last line of the loop: left_over is shared out by p_1[~seen], whose "
        "entries do not sum to 1. What makes them?",
    ),
)

# --- 03.5 Bits per what? ------------------------------------------------------------------------


def bits_per_character(perplexity, n_tokens, text):
    """The cost of the whole text, n_tokens · log2(perplexity), over its characters."""
    return n_tokens * np.log2(perplexity) / len(text)


def _from_nats(perplexity, n_tokens, text):
    characters_per_token = sum(1 for _ in text) / n_tokens
    return float(np.log(perplexity)) / float(np.log(2)) / characters_per_token


def _per(length):
    """The cost of the text over something else than its characters."""
    return lambda perplexity, n_tokens, text: n_tokens * np.log2(perplexity) / length(text)


def _mean_word(perplexity, n_tokens, text):
    return np.log2(perplexity) / np.mean([len(word) for word in text.split()])


def _conversion_case(rng, label, alphabet, words):
    """A text of short words; the number of tokens is not that of the words."""
    lengths = rng.integers(2, 9, size=words)
    text = " ".join("".join(rng.choice(list(alphabet), size=n)) for n in lengths)
    text = text + ".\n" + text[::-1] + "\n\n"
    n_tokens = int(rng.integers(len(text) // 4, len(text) // 3))
    return Case(label, (float(rng.uniform(5, 90)), n_tokens, text))


def _conversion_cases(rng):
    return [
        _conversion_case(rng, "a text of letters", "abcdefg", 12),
        _conversion_case(rng, "a text with umlauts", "aeiouäöüß", 9),
        _conversion_case(rng, "a text in Greek", "αβγδε", 7),
        Case("one token, one character", (8.0, 1, "x")),
    ]


_convert = Exercise(
    id="03.5",
    title="Bits per what?",
    stars=2,
    minutes=15,
    deepens='the claim "the same prediction: perplexity below 6 a character, above 1,000 a word"',
    statement="Convert a perplexity per token, whatever the tokens are, to bits per character.",
    reference=bits_per_character,
    alternatives=(_from_nats,),
    inputs=_conversion_cases,
    returns=("bits per character",),
    praise="now models with different tokens can be compared",
    misconceptions=(
        Misconception(
            "bits per token",
            "these are bits per *token*: the text costs n_tokens times that, and the cost is "
            "spread over its characters",
            lambda perplexity, n_tokens, text: np.log2(perplexity),
        ),
        Misconception(
            "logarithm forgotten",
            "the logarithm is missing: a token costs log2(perplexity) bits",
            lambda perplexity, n_tokens, text: perplexity * n_tokens / len(text),
        ),
        Misconception(
            "length of a token the wrong way round",
            "the ratio is upside down: a token is several characters long, so a character costs "
            "*less* than a token, n_tokens / len(text) of it",
            lambda perplexity, n_tokens, text: np.log2(perplexity) * len(text) / n_tokens,
        ),
        Misconception(
            "nats",
            "these are nats per character: bits need log2",
            lambda *args: bits_per_character(*args) * _LN_2,
        ),
        Misconception(
            "decimal logarithm",
            "this is the logarithm to the base 10: bits need log2",
            lambda *args: bits_per_character(*args) * np.log10(2),
        ),
        Misconception(
            "perplexity taken for nats",
            "the perplexity is divided by ln 2 as if it were in nats: its logarithm is",
            lambda perplexity, n_tokens, text: perplexity / _LN_2 * n_tokens / len(text),
        ),
        Misconception(
            "ln 2 once too often",
            "ln 2 comes in once too often: log2 gives bits already",
            lambda *args: bits_per_character(*args) / _LN_2,
        ),
        Misconception(
            "spaces not counted",
            "the spaces are not counted: they are characters of the text, and a model that writes "
            "it has to pay for them",
            _per(lambda text: len(text.replace(" ", ""))),
        ),
        Misconception(
            "no white space counted",
            "spaces and ends of lines are not counted: they are characters of the text, and a "
            "model that writes it has to pay for them",
            _per(lambda text: len("".join(text.split()))),
        ),
        Misconception(
            "ends of lines not counted",
            "the ends of lines are not counted, or those at the end of the text: \\n is a "
            "character like any other",
            _per(lambda text: len(text.replace("\n", ""))),
        ),
        Misconception(
            "stripped",
            "the text is stripped before it is counted: the ends of lines at its end are "
            "characters like any others",
            _per(lambda text: len(text.strip())),
        ),
        Misconception(
            "letters only",
            "only letters are counted: spaces, points and ends of lines are characters too",
            _per(lambda text: sum(character.isalpha() for character in text)),
        ),
        Misconception(
            "bytes",
            "these are bits per *byte*: outside ASCII a character takes two bytes or more; "
            "len(text) counts characters",
            _per(lambda text: len(text.encode())),
        ),
        Misconception(
            "divided by the words",
            "these are bits per *word*: the cost of the text is spread over its characters, white "
            "space included",
            _per(lambda text: len(text.split())),
        ),
        Misconception(
            "distinct characters",
            "the cost is divided by the number of *different* characters: all of them count, "
            "len(text)",
            _per(lambda text: len(set(text))),
        ),
        Misconception(
            "bits of the whole text",
            "this is the cost of the whole text: divide it by the number of characters",
            lambda perplexity, n_tokens, text: n_tokens * np.log2(perplexity),
        ),
        Misconception(
            "tokens forgotten",
            "this is the cost of one token over all characters: the text has n_tokens of them",
            lambda perplexity, n_tokens, text: np.log2(perplexity) / len(text),
        ),
        Misconception(
            "divided by the tokens",
            "the bits of a token are divided by the number of tokens; that would be right for the "
            "bits of the whole text, and gives bits per token",
            lambda perplexity, n_tokens, text: np.log2(perplexity) / n_tokens,
        ),
        Misconception(
            "words for tokens",
            "the words of the text are counted; the tokens may be others, pieces of words for "
            "one: n_tokens says how many there are",
            lambda perplexity, n_tokens, text: bits_per_character(
                perplexity, len(text.split()), text
            ),
        ),
        Misconception(
            "mean length of a word",
            "this divides by the mean length of a word; the mean length of a *token* is "
            "len(text) / n_tokens, spaces included",
            _mean_word,
        ),
        Misconception(
            "whole-number division",
            "`//` cuts off the fraction of the mean length of a token",
            lambda perplexity, n_tokens, text: np.log2(perplexity) / (len(text) // n_tokens),
        ),
        Misconception(
            "perplexity shared out",
            "the perplexity is divided by the length of a token before the logarithm is taken: it "
            "is the *bits* that are shared out",
            lambda perplexity, n_tokens, text: np.log2(perplexity * n_tokens / len(text)),
        ),
        Misconception(
            "perplexity per character",
            "this is a perplexity per character: the bits, its log2, are asked for",
            lambda *args: 2 ** bits_per_character(*args),
        ),
        Misconception(
            "sign",
            "the sign is turned over: bits are a cost, log2 of a perplexity of more than 1 is "
            "positive",
            lambda *args: -bits_per_character(*args),
        ),
    ),
    hints=(
        "What does one token cost, in bits? What does the whole text cost then?",
        "The cost of a text does not depend on the pieces in which it is paid: spread it over the "
        "characters, all of them, white space too.",
        "A token costs log2(perplexity) bits and there are n_tokens of them; len(text) is the "
        "number of characters.",
    ),
)

# --- 03.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="03.6",
    title="Your own corpus",
    stars=3,
    minutes=40,
    deepens='the claim "the compressors come close: on average within 0.25 bits"',
    statement="Predict, then measure, what a character of a text of your own costs a counting "
    "model, and how much the answer depends on the way in which you cut off the part to test on.",
    kind="open",
    hints=(
        "Anything of some 100,000 characters will do: your mails, a book, source code. Choose the "
        "order on one part, and state the number on another one.",
        "Cut once in pieces as large as possible (a file, a chapter), once in pieces as small as "
        "possible (a paragraph, shuffled); count how many lines of the test part occur in the "
        "training part.",
        "Spoiler, read it after your experiment: a file compressor such as lzma is a rival that "
        "you did not train. It goes on learning while it reads the test part, which the counting "
        "model does not.",
    ),
)

EXERCISES = (_trace, _implement, _measure, _repair, _convert, _open)
