"""Answer sheet of chapter 17, A decoder that looks back."""

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception


def _softmax(scores, axis=-1):
    """exp(scores) over its sum along the axis; the maximum is taken off first."""
    shares = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


# --- 17.1 One query, three keys -----------------------------------------------------------------

Q = np.array([1.0, 2.0, 0.0, -1.0])
K = np.array([[2.0, 0.0, 3.0, 0.0], [0.0, -1.0, 1.0, 0.0], [1.0, 1.0, 0.0, -1.0]])
V = np.array([[4.0, 0.0], [0.0, 10.0], [1.0, -2.0]])
RAW = K @ Q
SCORES = RAW / 2
WEIGHTS = _softmax(SCORES)
CONTEXT = WEIGHTS @ V
MASKED = np.append(_softmax(SCORES[:2]), 0.0)

_OF_SCORES = {
    "not scaled": ("these are the products themselves: each is divided by √D", RAW),
    "divided by D": ("divided by D: it is the root of D", RAW / 4),
    "root of the number of keys": (
        "divided by the root of the number of keys: D is the *width* of a key",
        RAW / np.sqrt(3),
    ),
    "cosines": (
        "these are cosines: divide by √D, not by the lengths of query and key",
        RAW / np.linalg.norm(Q) / np.linalg.norm(K, axis=1),
    ),
    "signs lost": ("a score keeps its sign: a key may point away from the query", abs(SCORES)),
    "query left out": (
        "these are the sums of the keys' entries: multiply each by the query's entry first",
        K.sum(axis=1) / 2,
    ),
}
_OF_WEIGHTS = {
    "not divided by the sum": (
        "these are the exponentials; divide them by their sum",
        np.exp(SCORES),
    ),
    "scores divided by their sum": (
        "the scores are divided by their sum, without an exponential: a weight is never negative",
        SCORES / SCORES.sum(),
    ),
    "negative scores cut": (
        "the negative score was cut: its exponential is small, and not nothing",
        np.maximum(SCORES, 0) / np.maximum(SCORES, 0).sum(),
    ),
    "weights of unscaled scores": (
        "the scores are right, but these weights come from the products before the scaling",
        _softmax(RAW),
    ),
    "the best takes all": (
        "this is the arg max: a softmax leaves every key some weight",
        np.eye(3)[2],
    ),
    "divided by the largest": (
        "the largest is one and the sum is not: divide by the *sum* of the exponentials",
        np.exp(SCORES - SCORES.max()),
    ),
    "logarithms of the weights": ("these are the logarithms of the weights", np.log(WEIGHTS)),
}
_OF_CONTEXT = {
    "value of the best key": (
        "this is the value of the best key alone; mix all values by their weights",
        V[2],
    ),
    "plain mean of the values": (
        "this is the plain mean of the values: each counts with its weight",
        V.mean(axis=0),
    ),
    "divided by the number of keys": (
        "divided by the number of keys once too often: the weights add up to one already",
        CONTEXT / 3,
    ),
    "scores for weights": ("the values are mixed by the scores; use the weights", SCORES @ V),
    "masked too early": (
        "here the third key is masked already: the context of all three was asked",
        MASKED @ V,
    ),
}
_OF_MASKED = {
    "not shared out again": (
        "the padding has lost its weight and nobody got it: the weights have to add up to one",
        WEIGHTS * [1, 1, 0],
    ),
    "score of zero": (
        "a score of zero is a score like any other, and its exponential is one: leave the key "
        "out of the sum",
        _softmax(SCORES * [1, 1, 0]),
    ),
    "shared out equally": (
        "the weight of the padding is shared out in equal parts: take the softmax anew over the "
        "keys that are left, which keeps their ratio",
        (WEIGHTS + WEIGHTS[2] / 2) * [1, 1, 0],
    ),
    "even weights": (
        "the two keys that are left have scores of their own: the weights are not even",
        np.array([0.5, 0.5, 0.0]),
    ),
    "nothing masked": ("these are the weights without a mask", WEIGHTS),
    "mask turned over": (
        "the mask is turned over: the padding is what *loses* its weight",
        np.eye(3)[2],
    ),
}
TRACE = {  # name: what is right, what is known to be wrong, how near is near enough
    "scores": (SCORES, _OF_SCORES, 0.005),
    "weights": (WEIGHTS, _OF_WEIGHTS, 0.005),
    "context": (CONTEXT, _OF_CONTEXT, 0.025),  # weights of two decimals will do
    "masked": (MASKED, _OF_MASKED, 0.005),
}
RIGHT = tuple(tuple(right.tolist()) for right, _, _ in TRACE.values())


def _trace_judge(answer, rng):
    """The first of the four rows that is wrong, and why."""
    for part, (name, (right, known, near)) in zip(answer, TRACE.items(), strict=True):
        part = part.ravel()
        if np.abs(part - right).max() <= near:
            continue
        told = (says for says, wrong in known.values() if np.abs(part - wrong).max() <= near)
        shown = ", ".join(f"{number:.4g}" for number in part)
        return f"{name}: {next(told, f'yours are {shown}, which is not right')}"
    return None


def _with_row(name, row):
    rows = zip(TRACE, RIGHT, strict=True)
    return tuple(tuple(row.tolist()) if key == name else right for key, right in rows)


_trace = Exercise(
    id="17.1",
    title="One query, three keys",
    stars=1,
    minutes=12,
    deepens='the claim "our context and the package\'s"',
    statement="Take one query through attention by hand: three scores, three weights, one context, "
    "and the weights once more when the third key turns out to be padding.",
    kind="value",
    reference=RIGHT,
    alternatives=(
        tuple(np.round(row, 3) for row in RIGHT),
        [[float(f"{number:.3g}") for number in row] for row in RIGHT],
    ),
    returns=tuple(TRACE),
    judge=_trace_judge,
    praise="the padding had the best score of all: a mask is no ornament",
    misconceptions=tuple(
        Misconception(f"{name}, {label}", f"{name}: {says}", _with_row(name, row))
        for name, (_, known, _) in TRACE.items()
        for label, (says, row) in known.items()
    ),
    hints=(
        "A score is one number: multiply query and key entry by entry, add the four products, and "
        "divide by √4.",
        "A weight is exp(score) over the sum of all three exponentials. The context adds up weight "
        "times value, entry by entry: two numbers.",
        "With the third key masked the sum has two exponentials only. How do the first two weights "
        "relate to each other before, how after?",
    ),
)

# --- 17.2 A whole batch of questions ------------------------------------------------------------


def attend(q, k, v, W, mask):
    """context (B, T, E), alpha (B, T, S): scores q W k' / √D, over the real keys alone."""
    return _attend(q, k, v, W, mask)


def _hide(scores, mask):
    return np.where(mask[:, None], scores, -np.inf)


def _far_below(scores, mask):
    return np.where(mask[:, None], scores, -1e9)


def _attend(
    q,
    k,
    v,
    W,
    mask,
    *,
    scale=lambda q, k: np.sqrt(k.shape[-1]),
    hide=_hide,
    normal=_softmax,
    after=lambda alpha, mask: alpha,
):
    """The same, with a switch for what people forget."""
    scores = (q @ W) @ np.swapaxes(k, 1, 2) / scale(q, k)
    alpha = after(normal(hide(scores, mask)), mask)
    return alpha @ v, alpha


def _attend_by_loops(q, k, v, W, mask):
    """The same, one query at a time, over the real keys."""
    context, alpha = np.zeros((*q.shape[:2], v.shape[2])), np.zeros((*q.shape[:2], k.shape[1]))
    for b, real in enumerate(mask):
        keys, values = k[b][real], v[b][real]
        for t, query in enumerate(q[b]):
            scores = [query @ W @ key / len(key) ** 0.5 for key in keys]
            shares = np.exp(np.array(scores) - max(scores))
            alpha[b, t, real] = shares / shares.sum()
            context[b, t] = shares @ values / shares.sum()
    return context, alpha


def _attend_by_einsum(q, k, v, W, mask):
    """The same, with a number far below every score for the padding."""
    scores = np.einsum("bth,hd,bsd->bts", q, W, k) / k.shape[2] ** 0.5 + np.where(
        mask, 0.0, -1e9
    ).reshape(len(mask), 1, -1)
    alpha = np.exp(scores - scores.max(-1)[..., None])
    alpha /= alpha.sum(-1)[..., None]
    return {"alpha": alpha, "context": np.einsum("bts,bse->bte", alpha, v)}


def _scaled_after(q, k, v, W, mask):
    root = np.sqrt(k.shape[-1])
    return tuple(part / root for part in _attend(q, k, v, W, mask, scale=lambda q, k: 1.0))


def _plain(scores):
    shares = np.exp(scores)
    return shares / shares.sum(axis=-1, keepdims=True)


def _times_the_mask(q, k, v, W, mask):
    shares = np.exp((q @ W) @ np.swapaxes(k, 1, 2) / np.sqrt(k.shape[-1])) * mask[:, None]
    alpha = shares / shares.sum(axis=-1, keepdims=True)
    return alpha @ v, alpha


def _one_maximum(scores):
    shares = np.exp(scores - scores.max())
    return shares / shares.sum(axis=-1, keepdims=True)


def _over_all(scores):
    shares = np.exp(scores - scores.max(axis=(1, 2), keepdims=True))
    return shares / shares.sum(axis=(1, 2), keepdims=True)


def _unmasked(scores, mask):
    return scores


def _a_hundred_less(scores, mask):
    return scores - 100.0 * ~mask[:, None]


def _minus_a_hundred(scores, mask):
    return np.where(mask[:, None], scores, -100.0)


def _one_more_if_real(scores, mask):
    return scores + mask[:, None]


def _times_minus_infinity(scores, mask):
    return scores * np.where(mask[:, None], 1.0, -np.inf)


def _false_times_infinity(scores, mask):
    return scores + ~mask[:, None] * -np.inf


def _zeroed(alpha, mask):
    return alpha * mask[:, None]


def _renormalised(alpha, mask):
    return _zeroed(alpha, mask) / _zeroed(alpha, mask).sum(axis=-1, keepdims=True)


def _with(**switches):
    return lambda *args: _attend(*args, **switches)


def _then(change):
    """The right results, changed afterwards."""
    return lambda q, k, v, W, mask: change(*attend(q, k, v, W, mask), k, v)


def _attend_case(rng, sizes, lengths, label, padding=1.0):
    B, T, H, D, E = sizes
    lengths = np.array(lengths)
    mask = np.arange(lengths.max()) < lengths[:, None]
    q, W = rng.normal(size=(B, T, H)), rng.normal(size=(H, D))
    k, v = rng.normal(size=(*mask.shape, D)), rng.normal(size=(*mask.shape, E)) + 2.0
    k, v = (np.where(mask[..., None], part, padding * part) for part in (k, v))
    return Case(label, (q, k, v, W, mask))


def _enlarged(case):
    """Scores of up to 2000 for all queries but the first, whose scores stay near 0."""
    q, k, v, W, mask = case.args
    scores = _hide((q @ W) @ np.swapaxes(k, 1, 2) / np.sqrt(k.shape[-1]), mask)
    q = q * np.where(np.arange(q.shape[1]) == 0, 1.0, 2000 / scores[:, 1:].max())[:, None]
    return Case(case.label, (q, k, v, W, mask))


def _lowered(case):
    """The same weights from scores around -300: every key is moved by one vector per source."""
    q, k, v, W, mask = case.args
    wanted = np.full((*q.shape[:2], 1), -300 * np.sqrt(k.shape[-1]))
    moved = k + np.swapaxes(np.linalg.pinv(q @ W) @ wanted, 1, 2)  # T <= D: one solution at least
    return Case(case.label, (q, moved, v, W, mask))


def _attend_cases(rng):
    return [
        _attend_case(rng, (3, 7, 4, 5, 2), (6, 3, 4), "B=3, T=7, lengths 6, 3, 4"),
        _attend_case(rng, (2, 5, 6, 3, 4), (4, 8), "B=2, T=5, lengths 4, 8", padding=0.0),
        _attend_case(rng, (4, 2, 3, 7, 6), (5, 1, 3, 2), "lengths 5, 1, 3, 2"),
        _attend_case(rng, (1, 1, 2, 6, 3), (4,), "B=1, T=1, no padding"),
        _enlarged(_attend_case(rng, (2, 3, 5, 4, 2), (7, 5), "scores of some hundreds")),
        _lowered(_attend_case(rng, (2, 3, 6, 5, 4), (3, 6), "scores far below zero")),
        _attend_case(rng, (2, 4, 3, 5, 6), (3, 6), "padding of any size", padding=3000.0),
    ]


TURNED_OVER = "the mask is turned over: True marks the *real* keys, and they are left out here"
BEATEN = (
    "right while all scores are small: a number this small can be beaten by a score that is "
    "smaller still, or a large one on padding; -inf cannot"
)
INFINITY = (
    "the mask is multiplied with infinity: times a negative score that is +inf, and 0 times it is "
    "NaN; *replace* the scores on padding, np.where(mask[:, None], scores, -np.inf)"
)
OVERFLOW = (
    "right until the exponential overflows (inf / inf is NaN): take each row's maximum off first, "
    "which changes no weight"
)
_implement = Exercise(
    id="17.2",
    title="A whole batch of questions",
    stars=2,
    minutes=25,
    deepens='the claim "with the mask no weight falls on padding, exactly"',
    statement="Let every query of a batch look at the keys of its own source, through a matrix "
    "that makes their widths fit, and let no weight fall on padding.",
    reference=attend,
    alternatives=(_attend_by_loops, _attend_by_einsum),
    inputs=_attend_cases,
    returns=("context (B, T, E)", "alpha (B, T, S)"),
    praise="each row of alpha adds up to 1, and exactly 0 of it lies on padding",
    misconceptions=(
        Misconception(
            "not scaled",
            "the scores are not divided by √D, with D the width of the keys",
            _with(scale=lambda q, k: 1.0),
        ),
        Misconception(
            "divided by D",
            "the scores are divided by D; it is the root of D",
            _with(scale=lambda q, k: k.shape[-1]),
        ),
        Misconception(
            "root of the number of keys",
            "the scores are divided by √S, the root of the *number* of keys; D is their width",
            _with(scale=lambda q, k: np.sqrt(k.shape[1])),
        ),
        Misconception(
            "root of the query's width",
            "the scores are divided by √H, the root of the queries' width: after q @ W the widths "
            "are those of the keys, D",
            _with(scale=lambda q, k: np.sqrt(q.shape[-1])),
        ),
        Misconception(
            "scaled after the softmax",
            "the weights are divided by √D and no longer add up to 1: scale the *scores*",
            _scaled_after,
        ),
        Misconception(
            "softmax over the queries",
            "the softmax runs over the queries: here each *key* shares out its weight; each query "
            "shares out its own over the keys, axis=-1",
            _with(hide=_far_below, normal=lambda scores: _softmax(scores, axis=1)),
        ),
        Misconception(
            "softmax over the queries, with infinities",
            "the softmax runs over the queries, where a column of padding has nothing but -inf: "
            "each query shares out its own weight over the keys, axis=-1",
            _with(normal=lambda scores: _softmax(scores, axis=1)),
        ),
        Misconception(
            "softmax over everything",
            "the softmax runs over queries and keys together: every query has weights of its own "
            "that add up to 1",
            _with(normal=_over_all),
        ),
        Misconception(
            "padding zeroed afterwards",
            "the weights on padding are set to 0 after the softmax, and the others no longer add "
            "up to 1: take the padding out before",
            _with(hide=_unmasked, after=_zeroed),
        ),
        Misconception(
            "masked after the maximum",
            "right while padding scores are small: where one is far above the rest, the softmax "
            "leaves the real keys 0, and 0/0 is NaN; take the padding out before",
            _with(hide=_unmasked, after=_renormalised),
        ),
        Misconception(
            "padding scored zero",
            "padding has the score 0 here (or next to it), and exp(0) is 1: a key is left out with "
            "the score -inf",
            _with(hide=lambda scores, mask: scores * mask[:, None]),
        ),
        Misconception(
            "no mask",
            "the mask is not used: padding gets weight",
            _with(hide=_unmasked),
        ),
        *(
            Misconception(name, BEATEN, _with(hide=hide))
            for name, hide in {"100 less": _a_hundred_less, "-100": _minus_a_hundred}.items()
        ),
        Misconception(
            "mask added",
            "True counts as 1, so that padding scores only 1 less than it would: its score has to "
            "*become* -inf",
            _with(hide=_one_more_if_real),
        ),
        *(
            Misconception(name, INFINITY, _with(hide=hide))
            for name, hide in {
                "times minus infinity": _times_minus_infinity,
                "False times infinity": _false_times_infinity,
            }.items()
        ),
        Misconception(
            "mask turned over",
            TURNED_OVER,
            _with(hide=lambda scores, mask: _far_below(scores, ~mask)),
        ),
        Misconception(
            "mask turned over, with infinities",
            TURNED_OVER,
            _with(hide=lambda scores, mask: _hide(scores, ~mask)),
        ),
        Misconception(
            "keys for values",
            "the weights are right, but they mix the keys: the context is made of values",
            lambda q, k, v, W, mask: (
                attend(q, k, v, W, mask)[1] @ k,
                attend(q, k, v, W, mask)[1],
            ),
        ),
        Misconception(
            "weights transposed",
            "the weights come as (B, S, T): one row for each query is asked for, (B, T, S)",
            _then(lambda context, alpha, k, v: (context, np.swapaxes(alpha, 1, 2))),
        ),
        Misconception(
            "scores for weights",
            "these are the scores: the softmax is missing",
            _with(hide=lambda scores, mask: scores * mask[:, None], normal=lambda scores: scores),
        ),
        Misconception(
            "the best takes all",
            "only the best key has weight here, which is the arg max; a softmax shares out",
            _with(
                normal=lambda scores: 1.0 * (scores == scores.max(axis=-1, keepdims=True)),
            ),
        ),
        Misconception(
            "overflow",
            OVERFLOW,
            _with(normal=_plain),
        ),
        Misconception(
            "overflow, masked by a product",
            OVERFLOW,
            _times_the_mask,
        ),
        Misconception(
            "one maximum for all",
            "one maximum is taken off *all* scores: a query far below it is left with 0/0; each "
            "row needs its own, axis=-1 with keepdims=True",
            _with(normal=_one_maximum),
        ),
    ),
    hints=(
        "Check the shapes on paper: q @ W is (B, T, D). What has to happen to k (B, S, D) so that "
        "their product is (B, T, S)?",
        "The mask is (B, S) and the scores are (B, T, S): mask[:, None] has an axis for the "
        "queries. Where it is False, the score becomes -inf *before* the softmax.",
        "np.swapaxes(k, 1, 2) turns the keys; np.where(mask[:, None], scores, -np.inf) hides the "
        "padding; then the softmax over the last axis, each row less its maximum. Which of the "
        "inputs does alpha multiply?",
    ),
)

# --- 17.3 What moves a weight -------------------------------------------------------------------

CHANGES = "ABCDEFGHI"
MOVES = {"A": 0, "B": 1, "C": -1, "D": 0, "E": 0, "F": 0, "G": -1, "H": -1, "I": 0}
MOVED = {"A": 0, "B": 1, "C": 1, "D": 0, "E": 0, "F": 1, "G": 1, "H": 1, "I": 1}

# letter: which answer is known to be wrong, and what to tell
_OF_MOVES = {
    "A": {
        1: "A: every score grows by the same q · u / √D: what does a softmax make of that?",
        -1: "A: every score changes by the same q · u / √D: what does a softmax make of that?",
    },
    "B": {
        0: "B: twice the key is twice the score, and the *differences* of the scores count",
        -1: "B: the differences between the scores double as well: is the best then further ahead?",
    },
    "C": {
        0: "C: a key of zeros has the score 0, and exp(0) is not 0",
        1: "C: four more keys share the weight, and each takes some of it",
    },
    "D": {
        -1: "D: the mask takes the padding out of the sum of the exponentials",
        1: "D: the mask takes the padding out; what is left is what was there before",
    },
    "E": {
        1: "E: a score does not know at which place its key stands",
        -1: "E: a score does not know at which place its key stands",
    },
    "F": {
        1: "F: the values take no part in the weights",
        -1: "F: the values take no part in the weights",
    },
    "G": {
        0: "G: the copy has the same score and takes as much weight as the key itself",
        1: "G: the two do not work together: the copy is one more that shares the weight",
    },
    "H": {
        0: "H: the product q · k stays as it is, but by what is it divided?",
        1: "H: the product q · k stays as it is, and is divided by the root of *more*",
    },
    "I": {
        1: "I: the values take no part in the weights",
        -1: "I: the values take no part in the weights",
    },
}
_OF_MOVED = {
    "A": "A: the weights stay and so do the values: what should change in the context?",
    "B": "B: if the weights change, the mixture does",
    "C": "C: the padding's value is 0, but the weight that it takes is missing elsewhere",
    "D": "D: with a weight of exactly 0 a value adds nothing",
    "E": "E: a sum does not depend on the order of its terms, as long as each key keeps its value",
    "F": "F: each weight now meets another value",
    "G": "G: the value of the best key now counts twice, and the others less",
    "H": "H: if the weights change, the mixture does",
    "I": "I: the mixture of doubled values is the doubled mixture",
}


def _moves_with(**other):
    return {**MOVES, **other}


def _moved_with(**other):
    return {**MOVED, **other}


_RULES = {
    "exchanged": (
        "the two answers are exchanged: first the weight of the best key, then the context",
        MOVED,
        MOVES,
    ),
    "the context follows the weight": (
        "context: it can change although the best key's weight does not: a context is made of "
        "weights *and* values",
        MOVES,
        {name: abs(value) for name, value in MOVES.items()},
    ),
    "context with signs": (
        "context: expected one for changed and zero for not changed; it is a vector and has no "
        "direction up or down",
        MOVES,
        {name: MOVED[name] * (MOVES[name] or 1) for name in CHANGES},
    ),
    "all unchanged": (
        "weight: not everything leaves it as it was: whatever changes the *differences* of the "
        "scores, or adds a key, moves it",
        dict.fromkeys(CHANGES, 0),
        dict.fromkeys(CHANGES, 0),
    ),
    "everything changes": (
        "context: not everything changes it: which of these leaves every weight with its value?",
        MOVES,
        dict.fromkeys(CHANGES, 1),
    ),
}


def _as_rows(moves, moved):
    return tuple(moves[name] for name in CHANGES), tuple(moved[name] for name in CHANGES)


def _moves_judge(answer, rng):
    """Name the rule behind both answers, or the first change that is wrong."""
    for name, part in zip(("weight", "context"), answer, strict=True):
        odd = part[~np.isin(part, (-1, 0, 1))]
        if odd.size:
            listed = ", zero or minus one" if name == "weight" else " or zero"
            return f"{name}: expected one{listed} for each change, got {np.round(odd[0], 3)}"
    weight, context = (
        dict(zip(CHANGES, part.ravel().astype(int).tolist(), strict=True)) for part in answer
    )
    for says, moves, moved in _RULES.values():
        if (weight, context) == (moves, moved):
            return says
    for letter in CHANGES:
        if weight[letter] != MOVES[letter]:
            return f"weight, {_OF_MOVES[letter][weight[letter]]}"
    wrong = [letter for letter in CHANGES if context[letter] != MOVED[letter]]
    return f"context, {_OF_MOVED[wrong[0]]}" if wrong else None


_predict = Exercise(
    id="17.3",
    title="What moves a weight",
    stars=1,
    minutes=15,
    deepens='the claim "without the root the variance of the scores '
    'is D, within a fifth; with it 1"',
    statement="Predict, before you measure, which of nine changes move the weight of the best key, "
    "and which of them change the context.",
    kind="value",
    reference=_as_rows(MOVES, MOVED),
    alternatives=([list(row) for row in _as_rows(MOVES, MOVED)],),
    returns=("weight", "context"),
    judge=_moves_judge,
    praise="differences of scores move weights; places, shared shifts and masked keys do not",
    misconceptions=(
        *(
            Misconception(name, says, _as_rows(moves, moved))
            for name, (says, moves, moved) in _RULES.items()
        ),
        *(
            Misconception(
                f"weight under {letter}: {value}",
                f"weight, {says}",
                _as_rows(_moves_with(**{letter: value}), MOVED),
            )
            for letter, known in _OF_MOVES.items()
            for value, says in known.items()
        ),
        *(
            Misconception(
                f"context under {letter}",
                f"context, {says}",
                _as_rows(MOVES, _moved_with(**{letter: 1 - MOVED[letter]})),
            )
            for letter, says in _OF_MOVED.items()
        ),
    ),
    hints=(
        "Divide the weight of one key by that of another: exp of the difference of their scores. "
        "Everything that leaves all differences alone, and adds no key, leaves the weights alone.",
        "A: q · (k + u) = q · k + q · u. H: zeros add nothing to q · k, but D has doubled. C: what "
        "is the score of a key of zeros?",
        "For the context go through the sum of weight times value: is each weight as before, and "
        "does it still meet the same value? A term with weight 0 can be left out, and the order of "
        "the terms is free.",
    ),
)

# --- 17.4 A query that nobody hears -------------------------------------------------------------


def additive_weights(q, k, W_q, W_k, v, mask):
    """alpha (B, T, S): softmax over the real keys of tanh(q W_q + k W_k) v."""
    return _additive(q, k, W_q, W_k, v, mask)


def _added(q, k):
    return q[:, :, None] + k[:, None]


def _additive(
    q, k, W_q, W_k, v, mask, *, join=lambda q, k: np.tanh(_added(q, k)), read=np.matmul,
    hide=_hide, axis=-1, normal=None,
):  # fmt: skip
    """The same, with a switch for what people forget."""
    scores = hide(read(join(q @ W_q, k @ W_k), v), mask)
    return _softmax(scores, axis) if normal is None else normal(scores)


def _additive_by_loops(q, k, W_q, W_k, v, mask):
    """The same, one query at a time, over the real keys."""
    alpha = np.zeros((*q.shape[:2], k.shape[1]))
    for b, t in np.ndindex(q.shape[:2]):
        real = np.flatnonzero(mask[b])
        scores = np.array([np.tanh(q[b, t] @ W_q + k[b, s] @ W_k) @ v for s in real])
        alpha[b, t, real] = _softmax(scores)
    return alpha


def _additive_by_einsum(q, k, W_q, W_k, v, mask):
    """The same, with the sum of two keys' parts written as one product."""
    B, T, S = len(q), q.shape[1], k.shape[1]
    pairs = np.concatenate(
        [np.repeat(q[:, :, None], S, axis=2), np.repeat(k[:, None], T, axis=1)], axis=-1
    )
    scores = np.einsum("btsa,a->bts", np.tanh(pairs @ np.concatenate([W_q, W_k])), v)
    scores += np.where(mask.reshape(B, 1, S), 0.0, -1e9)
    return _softmax(scores)


def _heard(**switches):
    return lambda *args: _additive(*args, **switches)


def _at_zero(scores, mask):
    return np.where(mask[:, None], scores, 0.0)


STILL = "still there: "
_AXIS = "the softmax runs over the queries: each *query* shares out its weight over the keys"
_PADDING = "padding has the score 0, and exp(0) is 1"
_TANH = (
    "without the tanh the query adds the same number to all its scores, and the softmax takes it "
    "out again"
)
# what of the three faults is left in; over the queries, padding with 0 and with -1e9 is the same
LEFT = {
    "all": (f"{_AXIS}; and {_TANH}", {"axis": 1, "hide": _at_zero, "join": _added}),
    "axis": (_AXIS, {"axis": 1, "hide": _at_zero}),
    "axis, with infinities": (_AXIS, {"axis": 1}),
    "axis and tanh, with infinities": (f"{_AXIS}; and {_TANH}", {"axis": 1, "join": _added}),
    "padding": (_PADDING, {"hide": _at_zero}),
    "padding and tanh": (f"{_PADDING}; and {_TANH}", {"hide": _at_zero, "join": _added}),
    "tanh": (_TANH, {"join": _added}),
}
_MAXIMUM = "the maximum runs over the queries: axis=-1 there too, as in the sum"
_SUM = "the sum runs over the queries: axis=-1 there too, as in the maximum"
# one axis mended, the other not: name -> what to tell, the axes of maximum and sum, what else
HALF = {
    f"axis of the {name}{told}": (says + more, {"axes": axes, **switches})
    for name, says, axes in (("maximum", _MAXIMUM, (1, -1)), ("sum", _SUM, (-1, 1)))
    for told, more, switches in (
        ("", "", {}),
        (" and padding", f"; and {_PADDING}", {"hide": _at_zero}),
        (" and tanh", f"; and {_TANH}", {"join": _added}),
        (
            ", padding and tanh",
            f"; and {_PADDING}; and {_TANH}",
            {"hide": _at_zero, "join": _added},
        ),
    )
}


def _half_mended(axes, **switches):
    """The softmax over the keys in one of its two lines alone."""

    def attempt(*args):
        scores = _additive(*args, normal=lambda scores: scores, **switches)
        alpha = np.exp(scores - scores.max(axis=axes[0], keepdims=True))
        return alpha / alpha.sum(axis=axes[1], keepdims=True)

    return attempt


def _tanh_of_the_inputs(q, k, *rest):
    return _additive(np.tanh(q), np.tanh(k), *rest, join=_added)


def _read_sum(joined, v):
    return joined.sum(axis=-1)


def _additive_case(rng, sizes, lengths, label, size=1.0):
    B, T, H, D, A = sizes
    lengths = np.array(lengths)
    mask = np.arange(lengths.max()) < lengths[:, None]
    q, k = rng.normal(size=(B, T, H)), rng.normal(size=(*mask.shape, D))
    W_q, W_k = (0.7 * rng.normal(size=(n, A)) for n in (H, D))
    return Case(label, (q, k, W_q, W_k, size * rng.normal(size=A) + 0.5, mask))


def _additive_cases(rng):
    return [
        _additive_case(rng, (3, 7, 4, 5, 6), (6, 2, 4), "B=3, T=7, lengths 6, 2, 4"),
        _additive_case(rng, (2, 5, 6, 3, 4), (3, 8), "B=2, T=5, lengths 3, 8"),
        _additive_case(rng, (4, 3, 2, 4, 7), (5, 1, 4, 2), "B=4, T=3, lengths 5, 1, 4, 2"),
        _additive_case(rng, (1, 6, 3, 2, 5), (4,), "B=1, T=6, no padding", size=3.0),
    ]


_repair = Exercise(
    id="17.4",
    title="A query that nobody hears",
    stars=2,
    minutes=25,
    deepens='the claim "Keras, AdditiveAttention, without W_q and W_k"',
    statement="Mend three faults in additive attention, the last of which makes every query get "
    "the same weights.",
    reference=additive_weights,
    alternatives=(_additive_by_loops, _additive_by_einsum),
    inputs=_additive_cases,
    returns=("alpha (B, T, S)",),
    praise="the tanh is what lets query and key speak *together*",
    misconceptions=(
        *(
            Misconception(f"left: {name}", STILL + says, _heard(**switches))
            for name, (says, switches) in LEFT.items()
        ),
        *(
            Misconception(f"left: {name}", STILL + says, _half_mended(**switches))
            for name, (says, switches) in HALF.items()
        ),
        Misconception(
            "tanh of the inputs",
            "the tanh is taken of queries and keys before their matrices, and what follows is a "
            "sum of two terms, from which the softmax takes the query out: all rows are equal "
            "still; take the tanh of the sum",
            _tanh_of_the_inputs,
        ),
        Misconception(
            "tanh of each part by itself",
            "a tanh of the key's part, with or without another of the query's, leaves a sum of "
            "the two, from which the softmax takes the query out again: take the tanh of the sum",
            _heard(join=lambda q, k: _added(np.tanh(q), np.tanh(k))),
        ),
        Misconception(
            "tanh of the score",
            "the tanh is taken of the score, after v: take it before, of each of the H units",
            _heard(join=_added, read=lambda joined, v: np.tanh(joined @ v)),
        ),
        Misconception(
            "logistic for tanh",
            "the logistic function stands where the tanh should",
            _heard(join=lambda q, k: 1 / (1 + np.exp(-_added(q, k)))),
        ),
        Misconception(
            "product for sum",
            "query and key are multiplied unit by unit: in the additive score they are *added*, "
            "inside the tanh",
            _heard(join=lambda q, k: np.tanh(q[:, :, None] * k[:, None])),
        ),
        Misconception(
            "v left out",
            "v is missing: the units are added up as they are, where v says how much each counts",
            _heard(read=_read_sum),
        ),
        Misconception(
            "mean over the units",
            "the units are averaged: v is a weighted *sum*",
            _heard(read=lambda joined, v: joined @ v / len(v)),
        ),
        Misconception(
            "scaled like a dot product",
            "the scores are divided by √H: the additive score of the chapter is not scaled, as the "
            "tanh keeps it small",
            _heard(read=lambda joined, v: joined @ v / np.sqrt(len(v))),
        ),
        Misconception(
            "padding zeroed afterwards",
            "the weights on padding are set to 0 after the softmax, and the others no longer add "
            "up to 1: take the padding out before",
            lambda *args: _additive(*args, hide=_unmasked) * args[-1][:, None],
        ),
        Misconception("no mask", "the mask is not used", _heard(hide=_unmasked)),
        Misconception(
            "weights transposed",
            "the weights come as (B, S, T): one row for each query is asked for, (B, T, S)",
            lambda *args: np.swapaxes(additive_weights(*args), 1, 2),
        ),
        Misconception(
            "scores for weights",
            "these are the scores: the softmax is missing",
            lambda q, k, W_q, W_k, v, mask: np.tanh(_added(q @ W_q, k @ W_k)) @ v,
        ),
    ),
    hints=(
        "Print alpha.sum(axis=-1) and alpha.sum(axis=1): which of the two should be all ones? "
        "The axis stands in two lines. Then look at the columns of padding.",
        "Now every query has the same weights. Its score is (q W_q) · v + (k W_k) · v: which of "
        "the two terms is the same for all keys of one query?",
        "The last axis of (B, T, S) are the keys. -inf for padding, before the softmax. And "
        "between the sum and v stands something that does not let a sum fall apart into its two "
        "terms.",
    ),
)

# --- 17.5 Does it point at the right word? ------------------------------------------------------


def pointing(alpha, links, mask):
    """precision and diagonal: shares of the linked steps; coverage (N, S): weight on each word."""
    return _pointing(alpha, links, mask)


def _links_alone(hit, links, mask):
    return hit[links >= 0].mean()


def _all_weight(alpha, links, mask):
    return (alpha * mask[..., None]).sum(axis=1)


def _pointing(
    alpha, links, mask, *, share=_links_alone, place=lambda t, T, S: t,
    hits=lambda alpha, links: alpha.argmax(axis=-1) == links, cover=_all_weight,
):  # fmt: skip
    """The same, with a switch for what people forget."""
    T, S = alpha.shape[1:]
    straight = np.broadcast_to(place(np.arange(T), T, S), links.shape) == links
    return (
        share(hits(alpha, links), links, mask),
        share(straight, links, mask),
        cover(alpha, links, mask),
    )


def _pointing_by_loops(alpha, links, mask):
    """The same, one step after the other."""
    right, straight, n = 0, 0, 0
    coverage = np.zeros((len(alpha), alpha.shape[2]))
    for i, t in np.ndindex(links.shape):
        if mask[i, t]:
            coverage[i] += alpha[i, t]
        if links[i, t] != -1:
            n += 1
            right += int(np.argmax(alpha[i, t]) == links[i, t])
            straight += int(links[i, t] == t)
    return {"precision": right / n, "diagonal": straight / n, "coverage": coverage}


def _mean_of_pairs(hit, links, mask):
    return np.mean([row[to >= 0].mean() for row, to in zip(hit, links, strict=True)])


def _weight_on_the_link(alpha, links):
    return np.take_along_axis(alpha, np.maximum(links, 0)[..., None], axis=-1)[..., 0]


def _looked_at(alpha, shift):
    """The arg max of the row `shift` steps on; past the end, of the first or last row."""
    T = alpha.shape[1]
    return alpha.argmax(axis=-1)[:, np.clip(np.arange(T) + shift, 0, T - 1)]


def _with_cover(change):
    return _pointed(cover=lambda alpha, links, mask: change(_all_weight(alpha, links, mask), mask))


def _pointed(**switches):
    return lambda *args: _pointing(*args, **switches)


def _last_for_none(alpha, links, mask):
    """-1 read as Python does, as the last place."""
    last = np.where(links < 0, alpha.shape[2] - 1, links)
    return _pointing(alpha, last, mask, share=lambda hit, links, mask: hit[mask].mean())


def _pair(rng, T, S, length, linked, right, straight):
    """Attention, links and mask of one pair; so many steps are linked, hit, and on the diagonal."""
    links, mask = np.full(T, -1), np.arange(T) < length
    steps = rng.permutation(length - 1)[:linked]  # the last real step is the end: no link
    steps = steps[np.argsort(steps >= S, kind="stable")]  # a diagonal ends where the source does
    for i, t in enumerate(steps):
        elsewhere = [s for s in range(S) if abs(s - t) > 1]
        links[t] = t if i < straight else rng.choice(elsewhere)
    alpha = rng.dirichlet(np.ones(S), size=T)
    looked = rng.integers(0, S, size=T)
    looked[length - 1] = S - 1  # a step without a link looks at the last word
    hit = rng.permutation(steps)[:right]
    missed = np.setdiff1d(steps, hit)
    looked[hit], looked[missed] = links[hit], (links[missed] + 1 + rng.integers(S - 1)) % S
    best = alpha.argmax(axis=-1)
    for t, s in enumerate(looked):  # the largest weight goes where the step looks
        alpha[t, [s, best[t]]] = alpha[t, [best[t], s]]
    return alpha, links, mask


def _pointing_case(rng, T, S, label, *pairs):
    return Case(
        label,
        tuple(map(np.stack, zip(*(_pair(rng, T, S, *pair) for pair in pairs), strict=True))),
    )


def _pointing_cases(rng):
    # each pair: real steps, linked ones, those attention hits, those on the diagonal
    return [
        _pointing_case(rng, 9, 7, "3 pairs, T=9, S=7", (9, 7, 6, 2), (5, 2, 1, 2), (6, 3, 1, 0)),
        _pointing_case(rng, 6, 8, "2 pairs, T=6, S=8", (6, 4, 1, 3), (4, 2, 2, 0)),
        _pointing_case(rng, 6, 9, "one pair on its diagonal, T=6, S=9", (6, 5, 2, 5)),
        _pointing_case(
            rng, 7, 5, "4 pairs, T=7, S=5",
            (7, 4, 3, 1), (3, 2, 0, 1), (5, 1, 1, 0), (4, 3, 2, 2),
        ),
    ]  # fmt: skip


_align = Exercise(
    id="17.5",
    title="Does it point at the right word?",
    stars=2,
    minutes=25,
    deepens='the claim "that is over 30 points more than the diagonal guess, on average"',
    statement="Compare attention with the true links: how often its arg max is right, how often a "
    "finger that moves along the diagonal is, and how much weight each source word gets.",
    reference=pointing,
    alternatives=(_pointing_by_loops,),
    inputs=_pointing_cases,
    returns=("precision", "diagonal", "coverage (N, S)"),
    tolerance=1e-8,
    praise="a precision is worth what it is above the diagonal's",
    misconceptions=(
        Misconception(
            "steps without a link are misses",
            "precision: steps without a link count as misses here: there is nothing to hit, so "
            "they are left out of the count",
            _pointed(share=lambda hit, links, mask: (hit & (links >= 0))[mask].mean()),
        ),
        Misconception(
            "padding counts as missed",
            "precision: hits are divided by *all* steps, padded ones too: divide by the linked",
            _pointed(share=lambda hit, links, mask: (hit & (links >= 0)).mean()),
        ),
        Misconception(
            "-1 as the last place",
            "precision: a link of -1 is read as Python reads it, as the last place: it says that "
            "there is no link",
            _last_for_none,
        ),
        Misconception(
            "steps without a link are right",
            "precision: steps without a link count as right here: leave them out of the count",
            _pointed(share=lambda hit, links, mask: (hit | (links < 0))[mask].mean()),
        ),
        Misconception(
            "a mean of the pairs' shares",
            "precision: this is the mean over the pairs of each pair's share: every linked *step* "
            "counts the same",
            _pointed(share=_mean_of_pairs),
        ),
        Misconception(
            "weight for arg max",
            "precision: this is the mean weight on the true link; the share of steps whose "
            "*largest* weight is there was asked",
            _pointed(hits=_weight_on_the_link),
        ),
        Misconception(
            "a number of hits",
            "precision: this is the number of hits; divide by the number of links",
            _pointed(share=lambda hit, links, mask: hit[links >= 0].sum()),
        ),
        Misconception(
            "the smallest weight",
            "precision: this looks where the weight is *smallest*",
            _pointed(hits=lambda alpha, links: alpha.argmin(axis=-1) == links),
        ),
        Misconception(
            "more than a half",
            "precision: a largest weight need not be above one half: compare places, not sizes",
            _pointed(hits=lambda alpha, links: _weight_on_the_link(alpha, links) > 0.5),
        ),
        Misconception(
            "one row on",
            "precision: the weights are read one row further on: row t belongs to the piece that "
            "is *said* at step t",
            _pointed(hits=lambda alpha, links: _looked_at(alpha, 1) == links),
        ),
        Misconception(
            "one row back",
            "precision: the weights are read one row back: row t belongs to the piece that is "
            "*said* at step t",
            _pointed(hits=lambda alpha, links: _looked_at(alpha, -1) == links),
        ),
        Misconception(
            "links to the first word lost",
            "precision: links to place 0 are left out: they are links, too, and only -1 says that "
            "there is none",
            _pointed(share=lambda hit, links, mask: hit[links > 0].mean()),
        ),
        Misconception(
            "diagonal one off",
            "diagonal: it is one place off: step t, counted from 0, points at place t",
            _pointed(place=lambda t, T, S: t + 1),
        ),
        Misconception(
            "diagonal stretched",
            "diagonal: it is stretched to the length of the source: step t points at place t",
            _pointed(place=lambda t, T, S: np.round(t * (S - 1) / (T - 1))),
        ),
        Misconception(
            "diagonal against attention",
            "diagonal: this compares the diagonal with what attention looks at; compare it with "
            "the true links",
            lambda alpha, links, mask: (
                pointing(alpha, links, mask)[0],
                (alpha.argmax(-1) == np.arange(alpha.shape[1]))[links >= 0].mean(),
                pointing(alpha, links, mask)[2],
            ),
        ),
        Misconception(
            "padded steps cover too",
            "coverage: padded steps of the target add weight: take the real ones, which mask marks",
            _pointed(cover=lambda alpha, links, mask: alpha.sum(axis=1)),
        ),
        Misconception(
            "only linked steps cover",
            "coverage: only linked steps are added: every *real* step of the target spends weight",
            _pointed(
                cover=lambda alpha, links, mask: (alpha * (links >= 0)[..., None]).sum(axis=1)
            ),
        ),
        Misconception(
            "summed over the source",
            "coverage: summed over the source it is 1 for each step: sum over the *target* steps, "
            "which leaves one number for each source word",
            _pointed(cover=lambda alpha, links, mask: (alpha * mask[..., None]).sum(axis=2)),
        ),
        Misconception(
            "mean for sum",
            "coverage: this is a mean over the steps; the sum was asked, which is about 1 where a "
            "word is said once",
            _with_cover(lambda weight, mask: weight / mask.sum(axis=1, keepdims=True)),
        ),
        Misconception(
            "one coverage for all",
            "coverage: the pairs are added up: each has a coverage of its own, (N, S)",
            _with_cover(lambda weight, mask: weight.sum(axis=0)),
        ),
        Misconception(
            "arg max counted",
            "coverage: this counts how often a word is the arg max; the weights themselves are "
            "added",
            _pointed(
                cover=lambda alpha, links, mask: (
                    (alpha == alpha.max(axis=-1, keepdims=True)) * mask[..., None]
                ).sum(axis=1)
            ),
        ),
    ),
    hints=(
        "alpha.argmax(axis=-1) is (N, T), and so is links. Which entries of the comparison count?",
        "For the diagonal compare links with np.arange(T), at the same entries. For the coverage "
        "the target steps are axis 1.",
        "linked = links >= 0; then [linked].mean() of each comparison. (alpha * mask[..., None]) "
        "has no weight on padded steps; which axis is summed?",
    ),
)

# --- 17.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="17.6",
    title="Move the finger",
    stars=3,
    minutes=45,
    deepens='the claim "translators lose over a third of their pieces"',
    statement="Take the attention weights out of a translator's hand, lay them on other words, "
    "and find out whether they decide what it says.",
    kind="open",
    hints=(
        "The links are the same for every pair: step 2 of the German says the ones of the first "
        "number, which stand at place 4. Where do the ones of the second number stand?",
        "Compare logits.argmax(dim=2) with two things, step by step: the true word, and the German "
        "word for the place pointed at. Count only pairs in which these differ.",
        "Spoiler, read it after your experiment: the places of the other number are six further "
        "on, or six back, and the word said goes there with the finger. Try several trained "
        "models before you say so, and a place of another kind.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _align, _open)
