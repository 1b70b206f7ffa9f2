"""Answer sheet of chapter 18, The Transformer, and when to come back."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 18.1 Three steps by hand -------------------------------------------------------------------

POWERS = np.array([[1.0, 5.0, 2.0], [1.0, 2.0, 9.0], [1.0, 2.0, 3.0]])
DOTS = 2 * np.log(POWERS)  # with D = 4 the scale is 1/2: e to the scaled score is POWERS
VALUES = np.array([6.0, 12.0, 3.0])
CAUSAL = np.tril(np.ones((3, 3)))


def _weighted(powers, mask=CAUSAL, axis=1):
    weights = powers * mask
    return weights / weights.sum(axis=axis, keepdims=True) @ VALUES


Y = _weighted(POWERS)
KEPT = 3 * (4 + 1)
_BEFORE = _weighted(POWERS[1:], np.tril(np.ones((2, 3))))  # each step sees those before it

_OF_Y = {
    "no mask": (
        "step 1 has read the future: what comes later is hidden from a step, so that its weights "
        "are 0 there and the others add up to 1",
        _weighted(POWERS, 1),
    ),
    "mask after the softmax": (
        "the future was hidden after the softmax: the weights that are left no longer add up to 1; "
        "hide scores first, then take the softmax",
        POWERS / POWERS.sum(axis=1, keepdims=True) * CAUSAL @ VALUES,
    ),
    "hidden scores set to zero": (
        "a hidden score was set to 0, and e to the power 0 is 1: it still takes a share; only "
        "minus infinity gives a weight of 0",
        _weighted(np.where(CAUSAL > 0, POWERS, 1.0), 1),
    ),
    "only the future": (
        "the mask is the wrong way round: here each step sees itself and what comes later",
        _weighted(POWERS, np.triu(np.ones((3, 3)))),
    ),
    "itself hidden": (
        "a step may look at itself as well: here it sees only what came before",
        np.concatenate([[0.0], _BEFORE]),
    ),
    "itself hidden from the second step on": (
        "a step may look at itself as well: from step 2 on it sees only what came before",
        np.concatenate([[6.0], _BEFORE]),
    ),
    "not scaled": (
        "the dot products were not scaled: divide them by the root of the four entries of a key "
        "before the softmax",
        _weighted(POWERS**2),
    ),
    "divided by D": (
        "the dot products are to be divided by the *root* of the number of entries, by 2 and not "
        "by 4",
        _weighted(POWERS**0.5),
    ),
    "softmax over the queries": (
        "the weights of one *query* add up to 1, those of a row; here those of a column do",
        _weighted(POWERS, axis=0),
    ),
    "table transposed": (
        "row t of the table belongs to the query of step t; here its column was taken",
        _weighted(POWERS.T),
    ),
    "not divided by the sum": (
        "the weights of a step must add up to 1: divide the exponentials by their sum",
        POWERS * CAUSAL @ VALUES,
    ),
    "scores for weights": (
        "the scaled scores are not weights yet: take the softmax of each row",
        np.log(POWERS) * CAUSAL @ VALUES,
    ),
    "largest alone": (
        "here each step takes the value of its largest score; attention is a mean over all that "
        "it sees, weighted",
        VALUES,
    ),
    "plain mean": (
        "this is the plain mean of what each step sees; the scores decide how much each counts",
        _weighted(np.ones((3, 3))),
    ),
}
_OF_KEPT = {
    "keys alone": ("kept: these are the keys alone; the values are needed as well", 12),
    "values alone": ("kept: these are the values alone; the keys are needed as well", 3),
    "queries too": (
        "kept: a query is used once, at its own step; only keys and values are asked for later",
        27,
    ),
    "newest alone": ("kept: this is one step's share; a later step looks at all of them", 5),
    "weights kept": (
        "kept: the weights are made anew at each step; what they are made from is kept",
        9,
    ),
    "values as wide as keys": ("kept: here a value is a single number, a key four", 24),
    "steps": ("kept: these are the steps; each leaves a key of four numbers and a value", 6),
}


def _near(a, b, tolerance=0.006):
    return np.allclose(a, b, rtol=0, atol=tolerance)


def _trace_judge(answer, rng):
    """One misconception for all three outputs; else the first number that is wrong."""
    y, kept = np.array([part.item() for part in answer[:3]]), answer[3].item()
    if not _near(y, Y):
        told = (says for says, wrong in _OF_Y.values() if _near(y, wrong))
        place = int(np.argmax(~np.isclose(y, Y, rtol=0, atol=0.006)))
        return next(told, f"y_{place + 1}: yours is {np.round(y[place], 3)}, which is not right")
    if not _near(kept, KEPT):
        told = (says for says, wrong in _OF_KEPT.values() if _near(kept, wrong))
        return next(told, f"kept: yours is {np.round(kept, 3)}, which is not right")
    return None


_trace = Exercise(
    id="18.1",
    title="Three steps by hand",
    stars=1,
    minutes=12,
    deepens='the claim "the contract tells the sound mask from the one that is off by one"',
    statement="Work out what three steps of causal self-attention return, and how many numbers "
    "they leave behind for the fourth.",
    kind="value",
    reference=(*Y, float(KEPT)),
    alternatives=(np.round((*Y, KEPT), 2), [6, 10, 6.5, 15]),
    returns=("y_1", "y_2", "y_3", "kept"),
    judge=_trace_judge,
    praise="and step 4 will leave five more: what a step has left is read again at every later one",
    misconceptions=(
        *(Misconception(name, says, (*wrong, KEPT)) for name, (says, wrong) in _OF_Y.items()),
        *(Misconception(name, says, (*Y, wrong)) for name, (says, wrong) in _OF_KEPT.items()),
    ),
    hints=(
        "Step 1 sees itself alone, step 2 two steps, step 3 all three: cross out what lies above "
        "the diagonal of the table.",
        "Divide what is left by 2, the root of four. What is e to the power of log 3?",
        "In row 3 the weights are as 1 to 2 to 3. For the cache: which of q, k and v of step 1 "
        "does step 4 ask for?",
    ),
)

# --- 18.2 Several heads, fewer keys -------------------------------------------------------------


def heads_of(q, k, v, heads, groups):
    """y (B, T, D): causal heads joined side by side; a group of them shares keys and values."""
    return _heads_of(q, k, v, heads, groups)


def _split(x, heads):
    B, T, D = x.shape
    return x.reshape(B, T, heads, D // heads).transpose(0, 2, 1, 3)


def _join(y):
    B, heads, T, d = y.shape
    return y.transpose(0, 2, 1, 3).reshape(B, T, heads * d)


def _allowed(scores):
    return np.tril(np.ones(scores.shape[-2:], dtype=bool))


def _shifted(k):
    return lambda scores: np.tril(np.ones(scores.shape[-2:], dtype=bool), k)


def _softmax(scores, axis=-1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _hide(scores, allowed, weights=_softmax, value=-np.inf):
    return weights(np.where(allowed(scores), scores, value))


def _heads_of(
    q,
    k,
    v,
    heads,
    groups,
    *,
    split=_split,
    share=lambda x, n: np.repeat(x, n, axis=1),
    join=_join,
    power=0.5,
    full=False,
    swap=False,
    alpha=lambda scores: _hide(scores, _allowed),
):
    """The same, with a switch for each place where it goes wrong."""
    size = q.shape[-1] if full else q.shape[-1] // heads
    q, k, v = split(q, heads), *(share(split(x, groups), heads // groups) for x in (k, v))
    q, k = (k, q) if swap else (q, k)
    return join(alpha(q @ np.swapaxes(k, -1, -2) / size**power) @ v)


def _heads_by_loop(q, k, v, heads, groups):
    """Head by head, sequence by sequence, step by step."""
    y, d = np.zeros(q.shape), q.shape[-1] // heads
    for b, t, head in itertools.product(range(len(q)), range(q.shape[1]), range(heads)):
        own = slice(head * d, (head + 1) * d)
        group = head * groups // heads
        shared = slice(group * d, (group + 1) * d)
        weights = _softmax(k[b, : t + 1, shared] @ q[b, t, own] / np.sqrt(d))
        y[b, t, own] = weights @ v[b, : t + 1, shared]
    return y


def _heads_by_einsum(q, k, v, heads, groups):
    B, T, D = q.shape
    q = q.reshape(B, T, groups, heads // groups, -1)
    k, v = (x.reshape(B, T, groups, -1) for x in (k, v))
    scores = np.einsum("btgjd,bsgd->bgjts", q, k) / np.sqrt(D // heads)
    scores = scores + np.triu(np.full((T, T), -1e30), k=1)
    return np.einsum("bgjts,bsgd->btgjd", _softmax(scores), v).reshape(B, T, D)


def _heads_case(rng, B, T, heads, groups, d, *, steep=False):
    q, (k, v) = rng.normal(size=(B, T, heads * d)), rng.normal(size=(2, B, T, groups * d))
    if steep:  # each step's score with itself is beyond what np.exp can hold, the others are 0
        length = rng.uniform(1, 2, size=(B, T, 1))
        k = length * np.tile(np.eye(T, d), groups)
        q = 4000 / length * np.tile(np.eye(T, d), heads)
    label = f"B={B}, T={T}, D={heads * d}, heads={heads}, groups={groups}"
    return Case(label + (", large scores" if steep else ""), (q, k, v, heads, groups))


def _heads_cases(rng):
    return [
        _heads_case(rng, 2, 5, 4, 2, 3),
        _heads_case(rng, 3, 7, 2, 2, 4),
        _heads_case(rng, 2, 5, 6, 3, 2),
        _heads_case(rng, 2, 4, 1, 1, 5),
        _heads_case(rng, 1, 1, 4, 2, 2),
        _heads_case(rng, 2, 3, 3, 1, 3, steep=True),
    ]


def _headed(**switches):
    return lambda q, k, v, heads, groups: _heads_of(q, k, v, heads, groups, **switches)


def _hidden_by(allowed, **switches):
    return _headed(alpha=lambda scores: _hide(scores, allowed, **switches))


def _careless_softmax(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=-1, keepdims=True)


_implement = Exercise(
    id="18.2",
    title="Several heads, fewer keys",
    stars=2,
    minutes=30,
    deepens='the claim "a letter costs the GRU the same at any age, the Transformer more when old"',
    statement="Write causal self-attention in which several heads share one group of keys and "
    "values, so that the cache is smaller than the queries.",
    reference=heads_of,
    alternatives=(_heads_by_loop, _heads_by_einsum),
    inputs=_heads_cases,
    returns=("y (B, T, D)",),
    praise="with half as many groups as heads the cache is half as large",
    misconceptions=(
        Misconception(
            "split by reshape alone",
            "reshape(B, heads, T, d) does not give a head its columns: it cuts the sequence into "
            "pieces of time; reshape to (B, T, heads, d) and then exchange two axes",
            _headed(split=lambda x, heads: x.reshape(len(x), heads, x.shape[1], -1)),
        ),
        Misconception(
            "split and joined by reshape alone",
            "reshape(B, heads, T, d) does not give a head its columns: it cuts the sequence into "
            "pieces of time, and joining them the same way hides it",
            _headed(
                split=lambda x, heads: x.reshape(len(x), heads, x.shape[1], -1),
                join=lambda y: y.reshape(len(y), y.shape[2], -1),
            ),
        ),
        Misconception(
            "joined by reshape alone",
            "the heads are right, but joined in the wrong order: before the last reshape the axes "
            "must be (B, T, heads, d) again",
            _headed(join=lambda y: y.reshape(len(y), y.shape[2], -1)),
        ),
        Misconception(
            "columns dealt out in turn",
            "the columns are dealt out to the heads in turn; a head owns neighbouring columns, the "
            "first D / heads of them the first head",
            _headed(
                split=lambda x, heads: x.reshape(*x.shape[:2], -1, heads).transpose(0, 3, 1, 2),
                join=lambda y: y.transpose(0, 2, 3, 1).reshape(len(y), y.shape[2], -1),
            ),
        ),
        Misconception(
            "heads ignored",
            "this is one head as wide as all of them: each head has scores and a softmax of its "
            "own",
            lambda q, k, v, heads, groups: _heads_of(
                q,
                *(_join(np.repeat(_split(x, groups), heads // groups, axis=1)) for x in (k, v)),
                1,
                1,
            ),
        ),
        Misconception(
            "groups dealt out in turn",
            "the groups are dealt out to the heads in turn, as by np.tile; neighbouring heads "
            "share one: with four heads and two groups, the first two read the first group",
            _headed(share=lambda x, n: np.tile(x, (1, n, 1, 1))),
        ),
        Misconception(
            "first group for all",
            "all heads read the first group: with as many groups as heads each head has its own",
            _headed(share=lambda x, n: np.repeat(x[:, :1], n * x.shape[1], axis=1)),
        ),
        Misconception(
            "columns repeated",
            "single columns of k and v are repeated, not whole groups: a head then reads pieces "
            "of one group, each several times",
            lambda q, k, v, heads, groups: _heads_of(
                q, *(np.repeat(x, heads // groups, axis=-1) for x in (k, v)), heads, heads
            ),
        ),
        Misconception(
            "no mask",
            "every step sees the whole sequence: scores of later steps must be hidden before the "
            "softmax",
            _headed(alpha=_softmax),
        ),
        Misconception(
            "itself hidden",
            "the mask is one step too strict: a step sees itself too, otherwise the first one has "
            "nothing to look at",
            _hidden_by(_shifted(-1)),
        ),
        Misconception(
            "itself hidden by a large number",
            "the mask is one step too strict: a step sees itself too; with a large number for "
            "minus infinity the first one then looks at *everything*",
            _hidden_by(_shifted(-1), value=-1e9),
        ),
        Misconception(
            "itself hidden by adding a large number",
            "the mask is one step too strict: a step sees itself too; where a large number is "
            "subtracted from *all* scores, as for the first step here, nothing is hidden",
            _headed(alpha=lambda scores: _softmax(scores - 1e9 * ~_shifted(-1)(scores))),
        ),
        Misconception(
            "one step of future",
            "the mask is one step too generous: every step sees the next one as well, and a "
            "language model would read the answer there",
            _hidden_by(_shifted(1)),
        ),
        Misconception(
            "mask the wrong way round",
            "the mask is the wrong way round: each step sees itself and the *future*",
            _hidden_by(lambda scores: _allowed(scores).T),
        ),
        Misconception(
            "mask after the softmax",
            "weights are set to 0 after the softmax: what is left no longer adds up to 1, and how "
            "much is missing tells about the future; hide the scores before",
            _headed(alpha=lambda scores: _softmax(scores) * _allowed(scores)),
        ),
        Misconception(
            "hidden scores set to zero",
            "hidden scores were set to 0, which is a score like another: only minus infinity, or "
            "something near it, gives a weight of 0",
            _hidden_by(_allowed, value=0.0),
        ),
        Misconception(
            "softmax over the queries",
            "the softmax runs over the queries: the weights of each *query*, the last axis of the "
            "scores, add up to 1",
            _hidden_by(_allowed, weights=lambda scores: _softmax(scores, axis=-2)),
        ),
        Misconception(
            "scaled by the full D",
            "the scores are divided by the root of D; a head's dot product has D / heads terms, "
            "and the root of *that* is the scale",
            _headed(full=True),
        ),
        Misconception(
            "not scaled",
            "the scores are not scaled: divide by the root of the entries that a head has",
            _headed(power=0.0),
        ),
        Misconception(
            "no root",
            "the scores are divided by the entries of a head; divide by the root",
            _headed(power=1.0),
        ),
        Misconception(
            "queries and keys exchanged",
            "queries and keys are exchanged: row t of the scores belongs to the query of step t",
            _headed(swap=True),
        ),
        Misconception(
            "exponentials overflow",
            "right for small scores; for large ones the exponentials overflow to NaN: subtract the "
            "largest score of each row first",
            _hidden_by(_allowed, weights=_careless_softmax),
        ),
    ),
    hints=(
        "One head is chapter 17's attention: scores, mask, softmax, weighted sum. A head of number "
        "j reads the columns from j d to (j + 1) d of q, with d = D // heads; so does a group of "
        "number g in k and v.",
        "Head j belongs to group j * groups // heads. The mask is the same for all: "
        "transformer.causal_mask(T), True where a step may look.",
        "For each head: attention.attend(q[..., own], k[..., shared], v[..., shared], mask)[0] "
        "with own = slice(j * d, (j + 1) * d) and another slice for its group. Which axis do you "
        "join them along?",
    ),
)

# --- 18.3 A block in numbers --------------------------------------------------------------------

H, HEADS, F = 64, 4, 256


def _products(T, read_again=2, heads=1):
    """Multiply-adds of a block for T steps: in the weights, and between the steps."""
    return T * (4 * H * H + 2 * H * F) + read_again * heads * T * T * H


def _growth(**switches):
    return _products(192, **switches) / _products(96, **switches)


_BIASES = 4 * H + F + H
_NORMS = 4 * H
NUMBERS = {
    "parameters": 12 * H * H + _BIASES + _NORMS,
    "growth": _growth(),
    "crossing": 6 * H,
    "cache": 2 * 1000 * H * 4,
    "state": H * 4,
}
_OF_NUMBERS = {
    "parameters": {
        "weights alone": (12 * H * H, "these are the matrices alone; add biases and both norms"),
        "norms left out": (
            12 * H * H + _BIASES,
            "two layer norms are missing, with a gain and a bias for each of 64 columns",
        ),
        "biases left out": (
            12 * H * H + _NORMS,
            "biases are missing: four times 64 for the attention, 256 and 64 for the two layers",
        ),
        "one norm": (12 * H * H + _BIASES + 2 * H, "a block has two layer norms, this counts one"),
        "norms without biases": (
            12 * H * H + _BIASES + 2 * H,
            "a layer norm has a gain *and* a bias for each column",
        ),
        "a full matrix for each head": (
            4 * HEADS * H * H + 2 * H * F + _BIASES + _NORMS,
            "heads share the columns: four heads of 16 are no more than one of 64",
        ),
        "no way out": (
            11 * H * H + _BIASES - H + _NORMS,
            "the matrix behind the heads is missing, which mixes what they found",
        ),
        "attention alone": (4 * H * H + 4 * H, "the two linear layers are missing"),
        "linear layers alone": (2 * H * F + F + H, "these are the two linear layers alone"),
        "GRU's": (6 * H * H + 6 * H, "these are those of the GRU"),
    },
    "growth": {
        "linear": (2.0, "that would be a GRU: here each step also reads all the others"),
        "quadratic": (
            4.0,
            "the products between the steps grow four times, those with the weights only twice",
        ),
        "heads multiply": (
            _growth(heads=HEADS),
            "four heads of 16 columns cost what one of 64 does, not four times that",
        ),
        "scores alone": (
            _growth(read_again=1),
            "the steps are read twice, for the scores and for the values, and all T x T pairs are "
            "computed, hidden or not",
        ),
        "linear layers left out": (2 * 320 / 224, "the two linear layers count as well"),
    },
    "crossing": {
        "scores alone": (12 * H, "the steps are read twice: for the scores and for the values"),
        "linear layers left out": (2 * H, "the two linear layers are part of the rest"),
        "attention's matrices left out": (
            4 * H,
            "the four matrices of the attention belong to the rest: q, k, v and the way out",
        ),
        "heads multiply": (
            6 * H / HEADS,
            "four heads of 16 columns cost what one of 64 does, not four times that",
        ),
        "T equals H": (H, "set 2 T T H equal to T times what one step costs in the weights"),
        "way out forgotten": (
            5.5 * H,
            "four matrices belong to the attention, not three: one stands behind the heads",
        ),
    },
    "cache": {
        "keys alone": (1000 * H * 4, "these are the keys alone (or the values)"),
        "heads multiply": (
            2 * 1000 * H * 4 * HEADS,
            "the heads share the 64 columns: four of 16 each",
        ),
        "numbers": (2 * 1000 * H, "this is how many numbers; each takes four bytes"),
        "double": (2 * 1000 * H * 8, "that would be float64; float32 takes four bytes a number"),
        "queries too": (3 * 1000 * H * 4, "queries are used once and not kept"),
        "one step": (2 * H * 4, "this is what one step leaves; there are 1,000"),
    },
    "state": {
        "numbers": (H, "this is how many numbers; each takes four bytes"),
        "all states": (1000 * H * 4, "a GRU keeps only its newest state"),
        "gates": (3 * H * 4, "gates are made anew at each step; only the state is kept"),
        "two": (2 * H * 4, "that would be an LSTM, with h and c, or float64; a GRU keeps h alone"),
    },
}  # fmt: skip


def _numbers_judge(answer, rng):
    for (name, right), part in zip(NUMBERS.items(), answer, strict=True):
        value = part.item()
        if abs(value - right) <= 0.006:
            continue
        near = (says for wrong, says in _OF_NUMBERS[name].values() if abs(value - wrong) <= 0.006)
        return f"{name}: {next(near, f'yours is {np.round(value, 3):.10g}, which is not right')}"
    return None


def _numbers_with(name, value):
    return tuple(value if key == name else right for key, right in NUMBERS.items())


_predict = Exercise(
    id="18.3",
    title="A block in numbers",
    stars=2,
    minutes=25,
    deepens='the claim "between 8 and 16 steps attention shows no such exponent"',
    statement="Predict, before you count, how large a block is, how its cost grows with T, and "
    "what it must keep beside a GRU.",
    kind="value",
    reference=tuple(NUMBERS.values()),
    alternatives=(np.array(list(NUMBERS.values())), [49984, 2.4, 384, 512_000, 256]),
    returns=tuple(NUMBERS),
    judge=_numbers_judge,
    praise="after a thousand steps the cache is two thousand times as large as the state",
    misconceptions=tuple(
        Misconception(f"{name}, {label}", f"{name}: {says}", _numbers_with(name, value))
        for name, known in _OF_NUMBERS.items()
        for label, (value, says) in known.items()
        if label != "norms without biases"
    ),
    hints=(
        "A matrix from 64 to 64 has 64 x 64 weights and 64 biases. The attention has four such "
        "matrices, whatever the number of heads; the two linear layers go from 64 to 256 and back.",
        "One step costs 12 H H multiply-adds in the weights. For each pair of steps there are H "
        "for the score and H for mixing the value in.",
        "So a sequence costs 12 H H T + 2 H T T. Where are the two terms equal, and what is the "
        "whole at T = 192, divided by that at 96?",
    ),
)

# --- 18.4 A cache out of step -------------------------------------------------------------------


def cached_step(x_t, keys, values, P, W_q, W_k, W_v):
    """y_t (B, H), and keys and values (B, n + 1, H) with those of the new step at the end."""
    return _cached_step(x_t, keys, values, P, W_q, W_k, W_v)


def _softmax_row(scores):
    return _softmax(scores, axis=-1)


def _at_the_end(old, new):
    return np.concatenate([old, new[:, None]], axis=1)


def _in_front(old, new):
    return np.concatenate([new[:, None], old], axis=1)


def _over_the_newest(old, new):
    return np.concatenate([old[:, :-1], new[:, None]], axis=1)


def _first_alone(keys):
    """What a causal mask allows that is cut from its top left corner: the first key alone."""
    return np.arange(keys.shape[1]) < 1


def _cached_step(
    x_t,
    keys,
    values,
    P,
    W_q,
    W_k,
    W_v,
    *,
    position=lambda n: n,
    at=(1, 1, 1),
    put=(_at_the_end, _at_the_end),
    seen=lambda keys: np.ones(keys.shape[1], dtype=bool),
    size=lambda D, H: H,
    softmax=_softmax_row,
    handed_on=lambda old, new: new,
):
    """The same, with a switch for each place where it goes wrong."""
    n = position(keys.shape[1])
    q, k, v = ((x_t + on * P[n]) @ W for on, W in zip(at, (W_q, W_k, W_v), strict=True))
    all_keys, all_values = put[0](keys, k), put[1](values, v)
    scores = np.einsum("bsh,bh->bs", all_keys, q) / np.sqrt(size(*W_q.shape))
    alpha = softmax(np.where(seen(all_keys), scores, -np.inf))
    y_t = np.einsum("bs,bsh->bh", alpha, all_values[:, : alpha.shape[1]])
    return y_t, handed_on(keys, all_keys), handed_on(values, all_values)


def _cached_by_loop(x_t, keys, values, P, W_q, W_k, W_v):
    """Sequence by sequence."""
    n, y, grown = keys.shape[1], [], ([], [])
    for b, x in enumerate(x_t + P[n]):
        K, V = np.vstack([keys[b], x @ W_k]), np.vstack([values[b], x @ W_v])
        y.append(_softmax(K @ (x @ W_q) / W_q.shape[1] ** 0.5) @ V)
        grown[0].append(K)
        grown[1].append(V)
    return [np.array(y), np.array(grown[0]), np.array(grown[1])]


def _without_the_newest(x_t, keys, values, P, W_q, W_k, W_v):
    _, all_keys, all_values = cached_step(x_t, keys, values, P, W_q, W_k, W_v)
    if keys.shape[1] == 0:
        return all_values[:, 0], all_keys, all_values
    q = (x_t + P[keys.shape[1]]) @ W_q
    alpha = _softmax(np.einsum("bsh,bh->bs", keys, q) / np.sqrt(q.shape[1]))
    return np.einsum("bs,bsh->bh", alpha, values), all_keys, all_values


FAULTS = {
    "position": (
        "every step gets the position of the first one: with n steps in the cache, the new one "
        "stands at P[n]",
        {"position": lambda n: 0},
    ),
    "order": (
        "new keys go in front and new values to the end, so that a key no longer belongs to the "
        "value in its place",
        {"put": (_in_front, _at_the_end)},
    ),
    "mask": (
        "the mask is that of the *first* step and hides all but the first key; the newest step may "
        "see everything in the cache, so it needs no mask",
        {"seen": _first_alone},
    ),
}


def _faults():
    """A misconception for each set of faults that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(FAULTS, count):
            says = "still there: " + "; ".join(FAULTS[name][0] for name in names)
            if count == 3:
                says = "this still does what the broken step does; begin here: " + FAULTS["mask"][0]
            wrong = {key: value for name in names for key, value in FAULTS[name][1].items()}
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _cached_step(*args, **wrong)
            )


def _cache_case(rng, B, n, sizes):
    width, H = sizes
    x_t, P = rng.normal(size=(B, width)), rng.normal(size=(n + 4, width))
    keys, values = rng.normal(size=(2, B, n, H))
    return Case(
        f"B={B}, {n} steps in the cache, D={width}, H={H}",
        (x_t, keys, values, P, *rng.normal(size=(3, width, H))),
    )


def _cache_cases(rng):
    return [
        _cache_case(rng, 3, 6, (4, 5)),
        _cache_case(rng, 2, 4, (5, 3)),
        _cache_case(rng, 1, 2, (3, 2)),
        _cache_case(rng, 3, 0, (4, 5)),
    ]


def _cached(**switches):
    return lambda *args: _cached_step(*args, **switches)


_repair = Exercise(
    id="18.4",
    title="A cache out of step",
    stars=2,
    minutes=25,
    deepens='the claim "a Transformer with its cache keeps the contracts of a recurrent cell"',
    statement="Mend three faults in a step with a key-value cache, until step by step gives what "
    "the whole sequence at once gives.",
    reference=cached_step,
    alternatives=(_cached_by_loop,),
    inputs=_cache_cases,
    returns=("y_t (B, H)", "keys (B, n + 1, H)", "values (B, n + 1, H)"),
    praise="step by step and all at once are one function; only what is kept differs",
    misconceptions=(
        *_faults(),
        Misconception(
            "position one too small",
            "the new step got the position of the newest one in the cache: with n steps there, it "
            "stands at P[n]",
            _cached(position=lambda n: max(n - 1, 0)),
        ),
        Misconception(
            "position one too large",
            "the new step is one position too far on: with n steps in the cache it stands at P[n], "
            "since positions count from 0",
            _cached(position=lambda n: n + 1),
        ),
        Misconception(
            "no position",
            "the position is not added at all: x_t + P[n] goes into all three products",
            _cached(at=(0, 0, 0)),
        ),
        Misconception(
            "values without position",
            "the values are made without the position: x_t + P[n] goes into all three products",
            _cached(at=(1, 1, 0)),
        ),
        Misconception(
            "keys and values without position",
            "only the query gets the position: x_t + P[n] goes into all three products",
            _cached(at=(1, 0, 0)),
        ),
        Misconception(
            "both in front",
            "y_t is right, as keys and values still belong together; but the newest stands first, "
            "and whoever reads the cache expects the order of time",
            _cached(put=(_in_front, _in_front)),
        ),
        Misconception(
            "newest overwritten",
            "the newest entry of the cache is overwritten: it must grow by one step",
            _cached(put=(_over_the_newest, _over_the_newest)),
        ),
        Misconception(
            "cache handed on as it came",
            "y_t is right, but the cache goes back as it came: the next step cannot see this one",
            _cached(handed_on=lambda old, new: old),
        ),
        Misconception(
            "without the newest",
            "the new step does not see itself: append its key and value first, then attend",
            _without_the_newest,
        ),
        Misconception(
            "newest alone",
            "the new step sees itself alone: the scores are taken with *all* keys of the cache",
            _cached(seen=lambda keys: np.arange(keys.shape[1]) == keys.shape[1] - 1),
        ),
        Misconception(
            "scaled by D",
            "the scores are divided by the root of D; the dot product has H terms",
            _cached(size=lambda D, H: D),
        ),
        Misconception(
            "not scaled",
            "the scores are not scaled: divide by the root of H",
            _cached(size=lambda D, H: 1),
        ),
        Misconception(
            "softmax over the batch",
            "the softmax runs over the batch: the weights of each sequence add up to 1",
            _cached(softmax=lambda scores: _softmax(scores, axis=0)),
        ),
    ),
    hints=(
        "At the first step nothing is in the cache; at the third, two steps are. How does the "
        "function know which step it is?",
        "Key number s and value number s must come from the same step, and later steps expect the "
        "order of time.",
        "Take the mask away altogether: what is in the cache is the past, and the newest step may "
        "see all of it. Then P[keys.shape[1]], and both new ones at the end.",
    ),
)

# --- 18.5 The other pairs -----------------------------------------------------------------------


def rotate(x, start, base):
    """y (B, T, D): column j and column j + D / 2 turned together, by position times a speed."""
    return _rotate(x, start, base)


def _speeds(D, base):
    return base ** (-2 * np.arange(D // 2) / D)


def _turned(a, b, angle):
    return a * np.cos(angle) - b * np.sin(angle), a * np.sin(angle) + b * np.cos(angle)


def _overwritten(a, b, angle):
    a = a * np.cos(angle) - b * np.sin(angle)
    return a, a * np.sin(angle) + b * np.cos(angle)


def _neighbours(x):
    return x[..., 0::2], x[..., 1::2]


def _halves(x):
    return np.split(x, 2, axis=-1)


def _woven(a, b):
    return np.stack([a, b], axis=-1).reshape(*a.shape[:-1], -1)


def _side_by_side(a, b):
    return np.concatenate([a, b], axis=-1)


def _rotate(
    x,
    start,
    base,
    *,
    pairs=_halves,
    join=_side_by_side,
    turn=_turned,
    speeds=_speeds,
    position=lambda x, start: start + np.arange(x.shape[1])[:, None],
):
    """The same, with a switch for each place where it goes wrong."""
    angle = position(x, start) * speeds(x.shape[-1], base)  # (T, D / 2)
    return join(*turn(*pairs(x), angle))


def _rotate_by_complex_numbers(x, start, base):
    half = x.shape[-1] // 2
    z = x[..., :half] + 1j * x[..., half:]
    z = z * np.exp(1j * np.outer(start + np.arange(x.shape[1]), _speeds(2 * half, base)))
    return np.concatenate([z.real, z.imag], axis=-1)


def _rotate_by_matrices(x, start, base):
    y, D = np.zeros(x.shape), x.shape[-1]
    for t, j in itertools.product(range(x.shape[1]), range(D // 2)):
        angle = (start + t) / base ** (2 * j / D)
        turn = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
        y[:, t, [j, j + D // 2]] = x[:, t, [j, j + D // 2]] @ turn
    return y


def _rotary_cases(rng):
    sizes = {(3, 7, 6): (0, 100.0), (2, 5, 8): (11, 10_000.0), (2, 4, 4): (3, 20.0)}
    cases = [
        Case(f"B={B}, T={T}, D={D}, start={start}, base={base:g}",
             (rng.normal(size=(B, T, D)), start, base))
        for (B, T, D), (start, base) in sizes.items()
    ]  # fmt: skip
    return [*cases, Case("one step at position 2", (rng.normal(size=(1, 1, 2)), 2, 50.0))]


def _rotated(**switches):
    return lambda x, start, base: _rotate(x, start, base, **switches)


_rotary = Exercise(
    id="18.5",
    title="The other pairs",
    stars=2,
    minutes=20,
    deepens='the claim "turned, a query and a key know their distance and not where they are"',
    statement="Write rotary positions as many published models have them, with other pairs of "
    "columns than the chapter's, and any base.",
    reference=rotate,
    alternatives=(_rotate_by_complex_numbers, _rotate_by_matrices),
    inputs=_rotary_cases,
    returns=("y (B, T, D)",),
    praise="no length has changed, and a score knows the distance alone",
    misconceptions=(
        Misconception(
            "neighbours for halves",
            "neighbouring columns are paired, as in the chapter; here column j goes with column "
            "j + D / 2",
            _rotated(pairs=_neighbours, join=_woven),
        ),
        Misconception(
            "neighbours, and base ignored",
            "this is the chapter's function: here column j goes with column j + D / 2, and the "
            "base is given",
            lambda x, start, base: _rotate(x, start, 10_000.0, pairs=_neighbours, join=_woven),
        ),
        Misconception(
            "base ignored",
            "`base` is not used: it is 10,000 in the chapter and may be another number here",
            lambda x, start, base: rotate(x, start, 10_000.0),
        ),
        Misconception(
            "woven together",
            "the turned pairs are right, but stand side by side as neighbours; column j and "
            "j + D / 2 belong back in their own places",
            _rotated(join=_woven),
        ),
        Misconception(
            "other way round",
            "everything is turned the other way round: it is a cos - b sin for the first of a "
            "pair, a sin + b cos for the second",
            _rotated(turn=lambda a, b, angle: _turned(a, b, -angle)),
        ),
        Misconception(
            "overwritten too early",
            "the second of each pair is computed from the *new* first: keep the old one until both "
            "are done",
            _rotated(turn=_overwritten),
        ),
        Misconception(
            "a minus missing",
            "this is no rotation, as lengths change: one of the two sines has a minus",
            _rotated(
                turn=lambda a, b, angle: (
                    a * np.cos(angle) + b * np.sin(angle),
                    a * np.sin(angle) + b * np.cos(angle),
                )
            ),
        ),
        Misconception(
            "start ignored",
            "`start` is not used: step t of x stands at position start + t, as the steps before it "
            "are in a cache",
            _rotated(position=lambda x, start: np.arange(x.shape[1])[:, None]),
        ),
        Misconception(
            "counted from 1",
            "the first step stands at position `start` itself, not one further on",
            _rotated(position=lambda x, start: start + 1 + np.arange(x.shape[1])[:, None]),
        ),
        Misconception(
            "first alone",
            "all steps are turned alike, by the position of the first one: step t stands at "
            "start + t",
            _rotated(position=lambda x, start: start + np.zeros((x.shape[1], 1))),
        ),
        Misconception(
            "speeds half as spread",
            "pair j turns with a speed of base to the power -2j / D, here the 2 is missing",
            _rotated(speeds=lambda D, base: base ** (-np.arange(D // 2) / D)),
        ),
        Misconception(
            "all pairs alike",
            "all pairs turn at the same speed: pair j has base to the power -2j / D",
            _rotated(speeds=lambda D, base: np.ones(D // 2)),
        ),
        Misconception(
            "faster and faster",
            "later pairs turn faster here; the minus in the power makes them slower",
            _rotated(speeds=lambda D, base: base ** (2 * np.arange(D // 2) / D)),
        ),
        Misconception(
            "slowest first",
            "the speeds are in reverse order: the first pair is the fastest, one radian a step",
            _rotated(speeds=lambda D, base: _speeds(D, base)[::-1]),
        ),
    ),
    hints=(
        "x[..., : D // 2] are the first columns of all pairs, x[..., D // 2 :] the second ones, "
        "each (B, T, D / 2).",
        "The angles do not depend on the batch: positions (T, 1) times speeds (D / 2,) give a "
        "table (T, D / 2).",
        "Turn both halves as the chapter turns a pair, each from the *old* halves, and put them "
        "side by side again: np.concatenate along the last axis.",
    ),
)

# --- 18.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="18.6",
    title="A cache with a roof",
    stars=3,
    minutes=50,
    deepens='the claim "recall: the GRU is no better than the commonest value"',
    statement="Give a growing cache a roof, so that it becomes a state of fixed size, and find out "
    "which steps are worth keeping.",
    kind="open",
    hints=(
        "Begin with the roof so high that nothing is thrown away: what is right then, and how "
        "sharp must the attention be?",
        "A rule sees only what has happened so far: when each entry came, and how much weight it "
        "got. Try both, on questions about recent things and on questions about favourite things.",
        "Spoiler, read it after your experiment: no rule is best for both kinds of question. What "
        "is thrown away cannot be asked for, whatever the weights of the attention are.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _rotary, _open)
