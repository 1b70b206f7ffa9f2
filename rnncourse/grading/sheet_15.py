"""Answer sheet of chapter 15, Language models and decoding."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception


def _close(value, target, within=0.0015):
    return abs(value - target) <= within


def _log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _apart(draw, attempts, rng):
    """A case on which no two of our answers, the right one and the wrong ones, agree."""
    for _ in range(500):
        case = draw(rng)
        with np.errstate(all="ignore"):
            given = [_flat(attempt(*case.args)) for attempt in attempts]
        if not any(_alike(a, b) for a, b in itertools.combinations(given, 2)):
            return case
    raise RuntimeError("no inputs were found on which the known wrong answers differ")


def _flat(answer):
    parts = answer if isinstance(answer, tuple) else (answer,)
    return np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in parts])


def _alike(a, b):
    return a.shape == b.shape and np.allclose(a, b, 1e-3, 1e-3, equal_nan=True)


# --- 15.1 Three roads through a table -----------------------------------------------------------

FIRST = np.array([0.40, 0.35, 0.25])
AFTER = np.array([[0.15, 0.60, 0.25], [0.25, 0.20, 0.55], [0.05, 0.05, 0.90]])
GREEDY = 0.40 * 0.60 * 0.55  # a b c
BEAM = 0.35 * 0.55 * 0.90  # b c c
BEST = 0.25 * 0.90 * 0.90  # c c c
DRAWN = (0.40 / 0.75) * (0.60 / 0.85) * (0.55 / 0.80)
LOOK_AFTER = "look at the row of the symbol that was written last"

_OF_GREEDY = {
    "greedy without the first": (
        0.60 * 0.55,
        "the first symbol costs too: its probability is a factor like the others",
    ),
    "greedy added": (0.40 + 0.60 + 0.55, "these were added: probabilities in a row are multiplied"),
    "greedy as a logarithm": (
        np.log(GREEDY),
        "this is the logarithm; the probability itself is asked",
    ),
    "greedy in one row": (
        0.40**3,
        f"the first row was used three times; from the second symbol on, {LOOK_AFTER}",
    ),
    "greedy stands still": (
        0.40 * 0.15 * 0.15,
        "this is a a a; the best symbol after a is another one",
    ),
    "greedy for the beam": (
        BEAM,
        "this is the sequence of the beam; greedy never goes back to a second choice",
    ),
    "greedy for the best": (
        BEST,
        "this is the best of all; greedy takes the likeliest *next* symbol and never looks ahead",
    ),
}
_OF_BEAM = {
    "beam of one": (
        GREEDY,
        "this is what greedy finds; a beam of two goes on from *two* beginnings, and the second of "
        "them overtakes",
    ),
    "beam sees all": (
        BEST,
        "that sequence is not found: after one step only two beginnings are kept, and its own is "
        "the third",
    ),
    "both in the beam": (
        GREEDY + BEAM,
        "this is the sum over both sequences; the better one is asked",
    ),
    "beam without the first": (
        0.55 * 0.90,
        "the first symbol costs too: its probability is a factor like the others",
    ),
    "beam as a logarithm": (np.log(BEAM), "this is the logarithm; the probability is asked"),
    "beam normalised": (
        BEAM ** (1 / 3),
        "this is the probability per symbol; all are equally long here, and that of the whole "
        "sequence is asked",
    ),
}
_OF_BEST = {
    "best of the beam": (
        BEAM,
        "a sequence that the beam loses is better: try also the beginning that comes third",
    ),
    "best of greedy": (GREEDY, "the best is not what greedy finds: its first step costs more"),
    "best without the first": (
        0.90 * 0.90,
        "the first symbol costs too: its probability is a factor like the others",
    ),
    "largest numbers": (
        0.40 * 0.90 * 0.90,
        "these three numbers do not follow one another: the rows must be those of the symbols that "
        "were written",
    ),
    "largest of each step": (
        0.40 * 0.60 * 0.90,
        "these three numbers do not follow one another: the rows must be those of the symbols that "
        "were written",
    ),
    "best as a logarithm": (np.log(BEST), "this is the logarithm; the probability is asked"),
}
_OF_DRAWN = {
    "not renormalised": (
        GREEDY,
        "this is the chance without the nucleus: what is left must sum to 1 again, so each kept "
        "probability is divided by the sum of the kept ones",
    ),
    "divided by p": (
        GREEDY / 0.7**3,
        "divided by 0.7; the kept symbols weigh more than that, and their own sum is the divisor",
    ),
    "renormalised once": (
        0.40 / 0.75 * 0.60 * 0.55,
        "renormalised at the first step alone: the nucleus is taken anew at every step",
    ),
    "crossing symbol dropped": (
        1.0,
        "the symbol that carries the sum across 0.7 belongs to the nucleus, so two are left at "
        "each of these steps",
    ),
    "mass of the kept": (
        0.75 * 0.85 * 0.80,
        "this is the share of all that the three nuclei keep; asked is the chance of one sequence",
    ),
}
ROADS = {
    "greedy": (GREEDY, _OF_GREEDY),
    "beam": (BEAM, _OF_BEAM),
    "best": (BEST, _OF_BEST),
    "drawn": (DRAWN, _OF_DRAWN),
}


def _roads_judge(answer, rng):
    """The first of the four numbers that is wrong, and why."""
    for (name, (right, known)), part in zip(ROADS.items(), answer, strict=True):
        value = part.item()
        if _close(value, right):
            continue
        told = (says for wrong, says in known.values() if _close(value, wrong))
        asked = "three decimals, as a share of 1, are asked"
        says = next(told, f"yours is {np.round(value, 3)}, which is not right; {asked}")
        return f"{name}: {says}"
    return None


def _roads_with(name, value):
    return tuple(value if key == name else right for key, (right, _) in ROADS.items())


_trace = Exercise(
    id="15.1",
    title="Three roads through a table",
    stars=1,
    minutes=15,
    deepens='the claim "a beam finds likelier texts than greedy '
    'does: fewer bits with a width of eight"',
    statement="Find by hand what greedy decoding and a beam of two make of one small table, and "
    "what neither of them finds.",
    kind="value",
    reference=tuple(right for right, _ in ROADS.values()),
    alternatives=(
        [round(right, 3) for right, _ in ROADS.values()],
        {name: right for name, (right, _) in ROADS.items()},
    ),
    returns=tuple(ROADS),
    judge=_roads_judge,
    praise="and the best sequence of all can no longer be drawn: the nucleus drops its beginning",
    misconceptions=tuple(
        Misconception(label, f"{name}: {says}", _roads_with(name, value))
        for name, (_, known) in ROADS.items()
        for label, (value, says) in known.items()
    ),
    hints=(
        "Greedy: the largest number of the first row, then the largest of the row of that symbol, "
        "and so on; the probability is the product of three numbers.",
        "The beam: write down the three beginnings, cross out the worst, go on with all three "
        "symbols from both that are left, keep the two best of those six, and once more.",
        "For the best, go along all rows once: which symbol is followed by itself nine times in "
        "ten? In a nucleus of 0.7 add up from the largest until the sum is at least 0.7, and "
        "divide by that sum.",
    ),
)

# --- 15.2 As surprising as expected -------------------------------------------------------------


def typical(logits, p):
    """Probabilities (B, V): the tokens whose surprise is nearest to the entropy, p in all."""
    return _typical(logits, p)


def _surprise(q):
    """How far each token's surprise is from what the row expects, (B, V)."""
    return np.abs(-np.log(q) - _entropy(q))


def _entropy(q):
    return -np.sum(q * np.log(q), axis=-1, keepdims=True)


def _typical(logits, p, *, keep=None, distance=_surprise, finish=None):
    """The same, with a place for each mistake: who comes first, who stays, and what is made of it.

    `finish` gets the probabilities and, True or False, what stays.
    """
    q = np.exp(_log_softmax(logits))
    order = np.argsort(distance(q), axis=-1, kind="stable")
    ranked = np.take_along_axis(q, order, axis=-1)
    mask = np.zeros(q.shape, dtype=bool)
    np.put_along_axis(mask, order, (keep or _before_p)(ranked, p), axis=-1)
    return (finish or _renormalised)(q, mask)


def _before_p(ranked, p):
    """True as long as what comes before has not reached p."""
    return np.cumsum(ranked, axis=-1) - ranked < p


def _renormalised(q, mask):
    kept = q * mask
    return kept / kept.sum(axis=-1, keepdims=True)


def _typical_row_by_row(logits, p):
    """The same token by token, from the most typical on."""
    rows = []
    for row in np.asarray(logits, dtype=float):
        q = np.exp(row - row.max())
        q, kept, total = q / q.sum(), np.zeros(len(q)), 0.0
        expected = -np.sum(q * np.log(q))
        for token in sorted(range(len(q)), key=lambda v, q=q, H=expected: abs(np.log(q[v]) + H)):
            kept[token] = q[token]
            total += q[token]
            if total >= p:
                break
        rows.append(kept / total)
    return np.array(rows)


def _up_to_p(ranked, p):
    return np.cumsum(ranked, axis=-1) <= p


def _up_to_p_or_first(ranked, p):
    return _up_to_p(ranked, p) | (np.arange(ranked.shape[-1]) == 0)


def _one_more(ranked, p):
    kept = _before_p(ranked, p)
    return np.concatenate([kept[:, :1], kept[:, :-1]], axis=1)


def _first_row_for_all(ranked, p):
    return np.repeat(_before_p(ranked, p)[:1], len(ranked), axis=0)


def _in_rank(logits, p):
    """The right probabilities in the order of the distances, and that order."""
    q = np.exp(_log_softmax(logits))
    order = np.argsort(_surprise(q), axis=-1, kind="stable")
    ranked = np.take_along_axis(q, order, axis=-1)
    return _renormalised(ranked, _before_p(ranked, p)), order


def _sorted_twice(logits, p):
    """Takes by `order` once more, where its inverse is wanted."""
    ranked, order = _in_rank(logits, p)
    return np.take_along_axis(ranked, order, axis=-1)


def _mask_left_sorted(logits, p):
    return _renormalised(np.exp(_log_softmax(logits)), _in_rank(logits, p)[0] > 0)


def _distances_near_p(logits, p):
    q = np.exp(_log_softmax(logits))
    near = _surprise(q)
    return _renormalised(q, (near < p) | (near == near.min(axis=-1, keepdims=True)))


def _logits_where(logits, p, otherwise):
    return np.where(typical(logits, p) > 0, logits, otherwise)


def _with_typical(**switches):
    return lambda logits, p: _typical(logits, p, **switches)


_TYPICAL = (
    Misconception(
        "crossing token dropped",
        "the token that carries the sum across p is dropped: it is kept, so that what is left has "
        "at least p of the mass",
        _with_typical(keep=_up_to_p_or_first),
    ),
    Misconception(
        "nothing left",
        "the token that carries the sum across p is dropped, and where the first alone has more "
        "than p nothing is left: it is kept",
        _with_typical(keep=_up_to_p),
    ),
    Misconception(
        "one token too many",
        "one token too many: the last to be kept is the one that carries the sum across p",
        _with_typical(keep=_one_more),
    ),
    Misconception(
        "not renormalised",
        "the right tokens are left, but their probabilities do not sum to 1 any more",
        _with_typical(finish=lambda q, mask: q * mask),
    ),
    Misconception(
        "divided by p",
        "divided by p: the kept tokens weigh p or more, and their own sum is the divisor",
        lambda logits, p: _typical(logits, p, finish=lambda q, mask: q * mask) / p,
    ),
    Misconception(
        "nucleus",
        "this is the nucleus, the likeliest tokens first: here those come first whose surprise is "
        "nearest to the entropy, from above or from below (np.abs)",
        _with_typical(distance=lambda q: -q),
    ),
    Misconception(
        "least likely first",
        "the least likely tokens come first: the distance between surprise and entropy counts "
        "without its sign (np.abs)",
        _with_typical(distance=lambda q: q),
    ),
    Misconception(
        "farthest first",
        "the tokens farthest from the entropy come first: np.argsort sorts upwards, which is right "
        "for a distance",
        _with_typical(distance=lambda q: -_surprise(q)),
    ),
    Misconception(
        "not sorted at all",
        "the sum runs over the tokens as they are numbered: it must begin at the most typical",
        _with_typical(distance=lambda q: np.tile(np.arange(q.shape[-1]), (len(q), 1))),
    ),
    Misconception(
        "unweighted mean",
        "the plain mean of the surprises is taken for the entropy: each surprise counts with its "
        "probability",
        _with_typical(distance=lambda q: np.abs(np.log(q) - np.log(q).mean(-1, keepdims=True))),
    ),
    Misconception(
        "bits and nats",
        "the entropy is in bits and the surprise in nats: the same logarithm for both",
        _with_typical(distance=lambda q: np.abs(-np.log(q) - _entropy(q) / np.log(2))),
    ),
    Misconception(
        "one entropy for all",
        "one entropy for the whole batch: each row expects something else",
        _with_typical(distance=lambda q: np.abs(-np.log(q) - _entropy(q).mean())),
    ),
    Misconception(
        "p as a distance",
        "p is taken as a bound on the distance: it bounds the sum of the probabilities that stay",
        _distances_near_p,
    ),
    Misconception(
        "left sorted",
        "the probabilities come back sorted: each belongs in the column of its own token",
        lambda logits, p: _in_rank(logits, p)[0],
    ),
    Misconception(
        "sorted twice",
        "the sorting is not undone but done once more: the inverse of order is np.argsort(order), "
        "or write with np.put_along_axis",
        _sorted_twice,
    ),
    Misconception(
        "mask left sorted",
        "which tokens stay was decided in sorted order, and then laid over the tokens as they are "
        "numbered: bring the mask back to its tokens",
        _mask_left_sorted,
    ),
    Misconception(
        "first sequence for all",
        "every sequence keeps as many tokens as the first one: each has its own sum",
        _with_typical(keep=_first_row_for_all),
    ),
    Misconception(
        "zero for a logit",
        "dropped tokens got the logit 0, and e to the 0 is 1: they come back; the logit of the "
        "impossible is -inf",
        lambda logits, p: np.exp(_log_softmax(_logits_where(logits, p, 0.0))),
    ),
    Misconception(
        "logits returned",
        "these are logits: the probabilities are asked for",
        lambda logits, p: _logits_where(logits, p, -np.inf),
    ),
    Misconception(
        "all alike",
        "the tokens that stay are equally likely here; among each other they keep their odds",
        _with_typical(finish=lambda q, mask: mask / mask.sum(axis=-1, keepdims=True)),
    ),
)
HEADS = np.array(
    [
        [0.30, 0.27, 0.20, 0.12, 0.07, 0.04],  # 0.20 is the most typical, then 0.27
        [0.46, 0.38, 0.08, 0.04, 0.02, 0.02],  # 0.38, then 0.46
        [0.72, 0.12, 0.07, 0.04, 0.03, 0.02],  # the likeliest
    ]
)


def _typical_case(rng, p, label):
    """The three kinds of rows in any order, and their tokens in any order, about as likely."""
    rows = rng.permutation(HEADS) * np.exp(rng.uniform(-0.02, 0.02, (3, 6)))
    return Case(label, (np.log(rng.permuted(rows, axis=1)) + rng.normal(size=(3, 1)), p))


def _typical_cases(rng):
    attempts = [typical, *(item.attempt for item in _TYPICAL)]
    return [
        _apart(lambda rng: _typical_case(rng, 0.42, "p = 0.42"), attempts, rng),
        _typical_case(rng, 0.66, "p = 0.66"),
        _typical_case(rng, 1.0, "p = 1: nothing is dropped"),
        _typical_case(rng, 0.01, "p = 0.01: the most typical token alone"),
        Case("a single sequence", (rng.permutation([[3.0, 1.0, 0.2, -2.0]], axis=1), 0.9)),
    ]


_implement = Exercise(
    id="15.2",
    title="As surprising as expected",
    stars=2,
    minutes=25,
    deepens='the claim "plain draws cost the model what people\'s text costs it, within a fifth"',
    statement="Write a relative of the nucleus that keeps not the likeliest tokens but those that "
    "surprise the model as much as it expects to be surprised.",
    reference=typical,
    alternatives=(_typical_row_by_row,),
    inputs=_typical_cases,
    returns=("probabilities (B, V)",),
    praise="and where the model is torn, the likeliest token is not the first to stay",
    misconceptions=_TYPICAL,
    hints=(
        "A softmax, a distance for each token, a decision on the tokens sorted by that distance, "
        "and a division by the sum of what stays.",
        "With the q of each row: the surprise is -np.log(q), the entropy its mean weighted with q, "
        "and the distance their difference without its sign.",
        "Sorted, a token stays if the sum *before* it has not reached p: np.cumsum(ranked, axis=1) "
        "- ranked < p. order = np.argsort(distance, axis=1) goes there, np.argsort(order, axis=1) "
        "is the way back.",
    ),
)

# --- 15.3 Sure, torn and lost -------------------------------------------------------------------

V = 100
SURE = np.array([0.91] + [0.09 / 99] * 99)
TORN = np.array([0.46, 0.46] + [0.08 / 98] * 98)
LOST = np.full(V, 0.01)
KINDS = ("sure", "torn", "lost")
P = 0.925


def _held(q, p=P):
    """How many tokens the nucleus holds."""
    return int(np.sum(np.cumsum(np.sort(q)[::-1]) < p)) + 1


def _cooled(q):
    return q**2 / np.sum(q**2)


TOP_P = tuple(_held(q) for q in (SURE, TORN, LOST))
COLD_TOP_P = tuple(_held(_cooled(q)) for q in (SURE, TORN, LOST))
STILL = "a temperature never drops a token: it makes the unlikely unlikelier, and none of them 0"
ALIKE = "tokens that are equally likely stay so at every temperature"
CROSSES = "the sum must *reach* 0.925: the token that carries it across is kept, and one more is in"
COUNTS = {
    "top_k": (
        (10, 10, 10),
        {
            "by eye": ((1, 2, 10), "top-k counts and does not look at the probabilities"),
            "by eye, all lost": ((1, 2, 100), "top-k counts and does not look at the "
                                 "probabilities"),
            "one": ((1, 1, 1), "ten are kept, not the best alone"),
            "dropped": ((90, 90, 90), "this is how many are dropped"),
        },
    ),
    "top_p": (
        TOP_P,
        {
            "sum not reached": (tuple(n - 1 for n in TOP_P), CROSSES),
            "heads alone": (
                (1, 2, TOP_P[2]),
                "for sure: one token has 0.91, which is less than 0.925; the tail has to fill up "
                "what is missing",
            ),
            "share of the tokens": (
                (93, 93, 93),
                "0.925 is a share of the probability, not of the hundred tokens",
            ),
            "nothing dropped from lost": (
                (*TOP_P[:2], 100),
                "for lost: with a hundredth each, the sum reaches 0.925 before all are in",
            ),
        },
    ),
    "cold": (
        (100, 100, 100),
        {
            "cold as a filter": ((1, 2, 100), STILL),
            "cold as greedy": ((1, 1, 1), f"temperature 1/2 is not 0; {STILL}"),
            "half dropped": ((50, 50, 50), STILL),
            "cold breaks the tie": ((1, 1, 100), STILL),
        },
    ),
    "cold_top_p": (
        COLD_TOP_P,
        {
            "no colder": (
                TOP_P,
                "this is what the nucleus holds without the temperature: squared, the tail weighs "
                "next to nothing",
            ),
            "tie broken": ((1, 1, COLD_TOP_P[2]), f"for torn: {ALIKE}"),
            "lost sharpened": ((1, 2, 1), f"for lost: {ALIKE}"),
            "lost halved": ((1, 2, 47), f"for lost: {ALIKE}"),
            "lost kept whole": (
                (1, 2, 100),
                f"for lost: {ALIKE}, and the nucleus cuts where it cut before",
            ),
            "sum not reached once more": ((0, 1, 92), CROSSES),
        },
    ),
}  # fmt: skip


def _counts_judge(answer, rng):
    for (name, (right, known)), part in zip(COUNTS.items(), answer, strict=True):
        value = part.ravel()
        if np.allclose(value, right, atol=0.01):
            continue
        for wrong, says in known.values():
            if np.allclose(value, wrong, atol=0.01):
                return f"{name}: {says}"
        k = int(np.argmax(np.abs(value - right) > 0.01))
        return f"{name}: for {KINDS[k]} yours is {np.round(value[k], 3):g}, which is not right"
    return None


def _counts_with(name, value):
    return tuple(value if key == name else right for key, (right, _) in COUNTS.items())


_predict = Exercise(
    id="15.3",
    title="Sure, torn and lost",
    stars=2,
    minutes=15,
    deepens='the claim "a nucleus of any size lies within 0.3 bits of the curve of temperatures"',
    statement="Predict, before you measure, how many of a hundred tokens four decoders leave to "
    "the dice where the model is sure, torn between two, and lost.",
    kind="value",
    reference=tuple(right for right, _ in COUNTS.values()),
    alternatives=(
        [list(right) for right, _ in COUNTS.values()],
        np.array([right for right, _ in COUNTS.values()]),
    ),
    returns=tuple(COUNTS),
    judge=_counts_judge,
    praise="a number of tokens, a share of the mass, a shape: three different questions",
    misconceptions=tuple(
        Misconception(label, f"{name}: {says}", _counts_with(name, value))
        for name, (_, known) in COUNTS.items()
        for label, (value, says) in known.items()
    ),
    hints=(
        "Which of the four looks at the probabilities at all, and which makes one of them zero?",
        "For the nucleus: what do the one or two heads have together, and how many tokens of the "
        "tail are needed for what is missing to 0.925? A tail token has 0.09 / 99 or 0.08 / 98.",
        "Temperature 1/2 squares every probability and divides by the sum: the head of sure then "
        "has 0.8281 against 99 times the square of 0.0009.",
    ),
)

# --- 15.4 A model that cannot hear itself -------------------------------------------------------


def go_on(step, start, prompt, n):
    """The n likeliest next tokens, one after the other (B, n), and their log-probability (B,)."""
    state = start
    for token in prompt.T:
        logits, state = step(token, state)
    ids, total = [], np.zeros(len(prompt))
    for _ in range(n):
        log_q = _log_softmax(logits)
        ids.append(log_q.argmax(axis=1))
        total += log_q.max(axis=1)
        logits, state = step(ids[-1], state)
    return np.stack(ids, axis=1), total


def _go_on(step, start, prompt, n, *, carry=True, once=True, normal=True, reset=False, deaf=False,
           pick=None, cost=None):  # fmt: skip
    """The mended function in another form, with a switch for each fault and some more."""
    state = start
    for token in prompt.T[: -1 if once else None]:
        state = start if deaf else step(token, state)[1]
    ids, total, token = [], np.zeros(len(prompt)), prompt[:, -1]
    for _ in range(n):
        logits, new = step(token, start if reset else state)
        state = new if carry else state
        token = logits.argmax(axis=1) if pick is None else pick(logits)
        log_q = _log_softmax(logits) if normal else logits
        chosen = np.take_along_axis(log_q, token[:, None], axis=1)[:, 0]
        total = total + (chosen if cost is None else cost(chosen))
        ids.append(token)
    return np.stack(ids, axis=1), total


def _go_on_once_more(step, start, prompt, n):
    """Everything that has been written so far is read again for each new token: slow, and right."""
    ids = np.array(prompt)
    for _ in range(n):
        state, before = start, ids
        for t in range(before.shape[1]):
            logits, state = step(before[:, t], state)
        ids = np.concatenate([before, logits.argmax(axis=1)[:, None]], axis=1)
    state, total = start, 0
    for t in range(ids.shape[1] - 1):
        logits, state = step(ids[:, t], state)
        if t >= prompt.shape[1] - 1:
            q = np.exp(logits - logits.max(axis=1, keepdims=True))
            chosen = q[np.arange(len(q)), ids[:, t + 1]]
            total = total + np.log(chosen / q.sum(axis=1))
    return {"ids": ids[:, prompt.shape[1] :], "log_p": total}


FAULTS = {
    "carry": "the new state is thrown away while writing: each token is chosen as if nothing had "
    "been written since the prompt but the one token before it",
    "once": "the last token of the prompt is read twice: in the first loop, and again as the first "
    "token of the second",
    "normal": "logits are added up: only after a log-softmax are they log-probabilities",
}


def _faults():
    """A misconception for each set of faults that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(FAULTS, count):
            says = "still there: " + "; ".join(FAULTS[name] for name in names)
            if count == 3:
                says = (
                    f"this still does what the broken function does; begin here: {FAULTS['once']}"
                )
            wrong = dict.fromkeys(names, False)
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _go_on(*args, **wrong)
            )


def _writing_with(**switches):
    return lambda step, start, prompt, n: _go_on(step, start, prompt, n, **switches)


def _prompt_counted(step, start, prompt, n):
    (ids, total), state = go_on(step, start, prompt, n), start
    for t in range(prompt.shape[1] - 1):
        logits, state = step(prompt[:, t], state)
        total = total + _log_softmax(logits)[np.arange(len(prompt)), prompt[:, t + 1]]
    return ids, total


def _late_and_forgetful(step, start, prompt, n, log_p=_log_softmax):
    """Reads the new token at the end of the loop, and throws the state away that it brings."""
    state, ids, total = start, [], 0
    for token in prompt.T:
        logits, state = step(token, state)
    for _ in range(n):
        ids.append(logits.argmax(axis=1))
        total = total + log_p(logits).max(axis=1)
        logits, _ = step(ids[-1], state)
    return np.stack(ids, axis=1), total


def _as_probability(step, start, prompt, n):
    ids, total = go_on(step, start, prompt, n)
    return ids, np.exp(total)


def _one_maximum(step, start, prompt, n):
    """The largest log-probability of the whole batch, for every sequence."""
    (ids, _), state, total = go_on(step, start, prompt, n), start, 0
    for token in prompt.T:
        logits, state = step(token, state)
    for token in ids.T:
        total = total + _log_softmax(logits).max()
        logits, state = step(token, state)
    return ids, np.full(len(ids), total)


def _prompt_in_front(step, start, prompt, n):
    """The last token of the prompt is the first that comes back."""
    if n == 1:
        return prompt[:, -1:], np.zeros(len(prompt))
    ids, total = go_on(step, start, prompt, n - 1)
    return np.concatenate([prompt[:, -1:], ids], axis=1), total


def _one_late(step, start, prompt, n):
    """The first new token is left out."""
    ids, total = go_on(step, start, prompt, n + 1)
    return ids[:, 1:], total - go_on(step, start, prompt, 1)[1]


_WRITERS = (
    *_faults(),
    Misconception(
        "carry, at the end of the loop",
        f"still there: {FAULTS['carry']}",
        _late_and_forgetful,
    ),
    Misconception(
        "carry and normal, at the end of the loop",
        f"still there: {FAULTS['carry']}; {FAULTS['normal']}",
        lambda *args: _late_and_forgetful(*args, log_p=lambda logits: logits),
    ),
    Misconception(
        "as a probability",
        "log_p: e was raised to it: this is the probability; its logarithm is asked",
        _as_probability,
    ),
    Misconception(
        "one maximum for all",
        "log_p: the maximum of the whole batch was added for every sequence: take that of each "
        "row, .max(axis=1)",
        _one_maximum,
    ),
    Misconception(
        "state reset",
        "before every token the state is set back to `start`: the model then sees one token at a "
        "time, and the prompt but for its last token is lost",
        _writing_with(reset=True),
    ),
    Misconception(
        "prompt not heard",
        "the new state is thrown away while the prompt is read: only its last token is heard",
        _writing_with(deaf=True),
    ),
    Misconception(
        "prompt counted",
        "log_p: the tokens of the prompt are given; count those that are written",
        _prompt_counted,
    ),
    Misconception(
        "prompt in front",
        "the last token of the prompt stands in front of what comes back: n *new* tokens are asked "
        "for",
        _prompt_in_front,
    ),
    Misconception(
        "first one left out",
        "the first new token is left out: the logits after the prompt's last token choose it",
        _one_late,
    ),
    Misconception(
        "one for all",
        "every sequence of the batch writes what the first one writes: take the largest logit of "
        "each row",
        _writing_with(pick=lambda logits: np.full(len(logits), logits[0].argmax())),
    ),
    Misconception(
        "probabilities added",
        "log_p: probabilities are added; add their logarithms",
        _writing_with(cost=np.exp),
    ),
    Misconception(
        "in bits",
        "log_p: this is in bits; the natural logarithm is asked",
        _writing_with(cost=lambda chosen: chosen / np.log(2)),
    ),
    Misconception(
        "sign turned",
        "log_p: this is minus the log-probability; that of something likely is near 0, and never "
        "above it",
        _writing_with(cost=lambda chosen: -chosen),
    ),
    Misconception(
        "mean for sum",
        "log_p: this is the mean over the new tokens; that of the whole is the sum",
        lambda step, start, prompt, n: (
            (written := go_on(step, start, prompt, n))[0],
            written[1] / n,
        ),
    ),
)


def _small_model(rng, V, H, pair=False):
    """step(ids, state) of a small network, whose state is an array or a pair of arrays."""
    W_xh, W_hh, W_hy = (rng.normal(size=shape) for shape in ((V, H), (H, H), (H, V)))

    def step(ids, state):
        h, c = state if pair else (state, 0.0)
        c = 0.5 * c + W_xh[np.asarray(ids, dtype=int)]
        h = np.tanh(c + h @ W_hh)
        return 2 * h @ W_hy + 1.0, (h, c) if pair else h

    return step


def _writing_case(rng, B, T, n, V=9, H=5, pair=False):
    start = rng.normal(size=(B, H))
    start = (start, rng.normal(size=(B, H))) if pair else start
    args = (_small_model(rng, V, H, pair), start, rng.integers(V, size=(B, T)), n)
    return Case(f"B={B}, a prompt of {T}, n={n}" + ", a state of two arrays" * pair, args)


def _writing_cases(rng):
    attempts = [go_on, *(item.attempt for item in _WRITERS)]
    return [
        _apart(lambda rng: _writing_case(rng, 3, 4, 6), attempts, rng),
        _writing_case(rng, 2, 5, 7, pair=True),
        _writing_case(rng, 4, 1, 3),
        _writing_case(rng, 1, 3, 1),
    ]


_repair = Exercise(
    id="15.4",
    title="A model that cannot hear itself",
    stars=2,
    minutes=20,
    deepens='the claim "the judge notices a writer who forgets: '
    'over half a bit more than plain draws"',
    statement="Mend three faults in a loop that lets a model go on writing, and that makes a good "
    "model look like a bad one.",
    reference=go_on,
    alternatives=(_go_on, _go_on_once_more),
    inputs=_writing_cases,
    returns=("ids (B, n)", "log_p (B,)"),
    praise="what is written is read once, in its order, and remembered",
    misconceptions=_WRITERS,
    hints=(
        "Write down, for the prompt 'to' and two new tokens, which token `step` reads at each "
        "call, and from which state. Each token must be read once, and from the state before it.",
        "The parrot's state counts what it has read. How much should it have read when it chooses "
        "its first letter, and how much at the second?",
        "The logits after the last token of the prompt choose the first new one: keep them, or "
        "read the prompt only up to its last token. log_p needs logits minus the logarithm of the "
        "sum of their exponentials.",
    ),
)

# --- 15.5 Bits per byte -------------------------------------------------------------------------


def bits_per_byte(logits, ids, pieces):
    """Bits that ids[1:] cost, divided by the bytes that they stand for, a number."""
    nats = -_log_softmax(logits[:-1])[np.arange(len(ids) - 1), ids[1:]]
    return nats.sum() / np.log(2) / len("".join(pieces[k] for k in ids[1:]).encode())


def _bits_per_byte(logits, ids, pieces, *, scored=slice(1, None), rows=slice(None, -1),
                   counted=None, length=None, nats=None, skip=False, base=2.0):  # fmt: skip
    """The same token by token, with a switch for each mistake."""
    length = length or (lambda piece: len(piece.encode("utf-8")))
    total = bytes_ = 0.0
    for row, token in zip(np.asarray(logits)[rows], ids[scored], strict=True):
        if skip and not pieces[token]:
            continue
        q = np.exp(row - row.max())
        total += (nats or (lambda row, q, k: -np.log(q[k] / q.sum())))(row, q, token)
    for token in ids[scored if counted is None else counted]:
        bytes_ += length(pieces[token])
    return total / np.log(base) / bytes_


def _mean_of_ratios(logits, ids, pieces):
    nats = -_log_softmax(logits[:-1])[np.arange(len(ids) - 1), ids[1:]]
    sizes = np.array([len(pieces[k].encode()) for k in ids[1:]])
    return float(np.mean((nats / np.log(2) / np.maximum(sizes, 1))[sizes > 0]))


def _mean_of_all_ratios(logits, ids, pieces):
    """Tokens without text are counted as if they had a byte."""
    nats = -_log_softmax(logits[:-1])[np.arange(len(ids) - 1), ids[1:]]
    sizes = np.array([max(len(pieces[k].encode()), 1) for k in ids[1:]])
    return float(np.mean(nats / np.log(2) / sizes))


def _paid_with(**switches):
    return lambda logits, ids, pieces: _bits_per_byte(logits, ids, pieces, **switches)


_PRICES = (
    Misconception(
        "not shifted",
        "each row of logits was asked for the token that had just been read: row t speaks of token "
        "t + 1",
        _paid_with(rows=slice(1, None)),
    ),
    Misconception(
        "not shifted, first token too",
        "each row of logits was asked for the token that had just been read, the first token "
        "included: row t speaks of token t + 1",
        _paid_with(scored=slice(None), rows=slice(None)),
    ),
    Misconception(
        "not shifted, and one row too many",
        "each of the T rows of logits was asked for the token that had just been read: row t "
        "speaks of token t + 1, and the last row of none",
        _paid_with(scored=slice(None), rows=slice(None), counted=slice(1, None)),
    ),
    Misconception(
        "mean of ratios, silent ones too",
        "this is the mean of each token's bits per byte: divide the sum of all bits by the sum of "
        "all bytes",
        _mean_of_all_ratios,
    ),
    Misconception(
        "bytes of the first token",
        "the bytes of the first token are counted, but nobody predicted it: count those of the "
        "tokens that were paid for",
        _paid_with(counted=slice(None)),
    ),
    Misconception(
        "characters for bytes",
        "this is per character: a character outside ASCII has two bytes or more, "
        "len(text.encode('utf-8'))",
        _paid_with(length=len),
    ),
    Misconception(
        "tokens for bytes",
        "this is per token: two tokenisations cannot be compared by that",
        _paid_with(length=lambda piece: 1),
    ),
    Misconception(
        "nats",
        "these are nats: divide by ln 2",
        _paid_with(base=np.e),
    ),
    Misconception(
        "spaces stripped",
        "the spaces at the ends of the pieces are missing: they are bytes of the text as well",
        _paid_with(length=lambda piece: len(piece.strip().encode())),
    ),
    Misconception(
        "silent tokens free",
        "tokens without text were left out: they stand for no byte, but the model had to predict "
        "them, and they cost bits",
        _paid_with(skip=True),
    ),
    Misconception(
        "silent tokens as bytes",
        "tokens without text were counted as a byte: they cost bits and stand for none",
        _paid_with(length=lambda piece: max(len(piece.encode()), 1)),
    ),
    Misconception(
        "mean of ratios",
        "this is the mean of each token's bits per byte: divide the sum of all bits by the sum of "
        "all bytes",
        _mean_of_ratios,
    ),
    Misconception(
        "logits as log-probabilities",
        "logits are no log-probabilities: a log-softmax comes first",
        _paid_with(nats=lambda row, q, k: -row[k]),
    ),
    Misconception(
        "surprise of the model",
        "this is the entropy of the model's distributions, what it *expects* to pay; asked is what "
        "the tokens that came did cost",
        _paid_with(nats=lambda row, q, k: -np.sum((p := q / q.sum()) * np.log(p))),
    ),
    Misconception(
        "exponential",
        "2 or e was raised to it: that is a perplexity; the bits themselves are asked",
        lambda *args: 2 ** bits_per_byte(*args),
    ),
    Misconception(
        "perplexity per token",
        "this is the perplexity per token, of which every tokenisation has its own",
        lambda *args: np.exp(np.log(2) * _bits_per_byte(*args, length=lambda piece: 1)),
    ),
    Misconception(
        "sign turned",
        "the sign: a log-probability is negative, and a cost is minus that",
        lambda *args: -bits_per_byte(*args),
    ),
    Misconception(
        "length of the vocabulary",
        "divided by the mean length of a piece in the *vocabulary*: in a text short pieces are the "
        "frequent ones",
        lambda logits, ids, pieces: (
            _bits_per_byte(logits, ids, pieces, length=lambda piece: 1)
            / np.mean([len(piece.encode()) for piece in pieces])
        ),
    ),
)
PIECES = ("", "a", " ", "the", "ü", " größe", "ing ", "€", "é", " is", "state", "\n", "–", "s")


def _price_case(rng, T, must, label):
    """A text of T tokens that holds those named in `must`, and logits for it."""
    pieces = [PIECES[0], *rng.permutation(PIECES[1:]).tolist()]
    ids = rng.choice(len(pieces), size=T)
    ids[1:] = rng.permutation([*must, *ids[1 + len(must) :]])
    while not pieces[ids[0]]:
        ids[0] = rng.integers(len(pieces))
    return Case(label, (2 * rng.normal(size=(T, len(pieces))) + 1.5, ids, pieces))


def _price_cases(rng):
    attempts = [bits_per_byte, *(item.attempt for item in _PRICES)]
    words = range(1, len(PIECES))
    return [
        _apart(lambda rng: _price_case(rng, 25, [0, 0, *words], "25 tokens"), attempts, rng),
        _price_case(rng, 16, [0, *words], "16 tokens"),
        _price_case(rng, 2, [int(rng.integers(1, len(PIECES)))], "two tokens"),
    ]


_price = Exercise(
    id="15.5",
    title="Paid by the byte",
    stars=2,
    minutes=20,
    deepens='the claim "from bytes to the largest pieces the perplexity grows more than sixfold"',
    statement="Write the price of a text that two tokenisations can be compared by: bits per byte, "
    "from logits and pieces.",
    reference=bits_per_byte,
    alternatives=(_bits_per_byte,),
    inputs=_price_cases,
    returns=("bits per byte",),
    praise="the same text, the same bytes: now a piece of any length pays what it should",
    misconceptions=_PRICES,
    hints=(
        "Two sums and one division: what all tokens but the first cost together, and how many "
        "bytes they are together.",
        "Row t was computed after token t was read, so logits[:-1] belong to ids[1:]. A "
        "log-softmax turns each row into log-probabilities; pick one number out of each.",
        "bits = nats / np.log(2). The bytes: len(piece.encode('utf-8')), which is 2 for 'ü' and 0 "
        "for a token without text.",
    ),
)

# --- 15.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="15.6",
    title="A rule of your own",
    stars=3,
    minutes=45,
    deepens='the claim "the colder the draw, the better the judge '
    'likes it and the less varied it is"',
    statement="Invent a rule that decides which tokens may be drawn, and find out whether it "
    "writes better than a nucleus at the same diversity.",
    kind="open",
    hints=(
        "What does a rule see? One distribution at a time, sure, torn or lost (15.3). Think of a "
        "rule that treats the three differently from the nucleus.",
        "Two rules at two dials are two points; draw each rule as a line over its dial, and read "
        "both lines at the same diversity with np.interp. Repeat it on the splits 0 to 4.",
        "Spoiler, read it after your experiment: keep what has at least a share of the likeliest "
        "token's probability, np.where(q >= share * q.max(axis=1, keepdims=True), q, 0), with "
        "shares from 0.02 to 0.2. And look at where the test text lies.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _price, _open)
