"""Answer sheet of chapter 19, Is it praise? Where the order of words decides."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception
from rnncourse.grading.sheet_13 import _judged, _slips

# --- 19.1 Four complaints among fifteen ---------------------------------------------------------

P = np.array([95, 90, 80, 70, 60, 55, 45, 40, 35, 30, 25, 20, 15, 10, 5]) / 100
COMPLAINT = np.isin(np.arange(15), (0, 2, 6, 12))
MISSED = 4  # what a missed complaint costs, in false alarms


def _counts(called):
    """(found, missed, false alarms, rightly left alone)."""
    pairs = ((True, True), (False, True), (True, False), (False, False))
    return tuple(int(np.sum((called == c) & (y == COMPLAINT))) for c, y in pairs)


def _f1(tp, fn, fp, tn):
    return 2 * tp / (2 * tp + fn + fp)


def _macro(tp, fn, fp, tn):
    return (_f1(tp, fn, fp, tn) + _f1(tn, fp, fn, tp)) / 2


TABLE = TP, FN, FP, TN = _counts(P >= 0.4)
PRECISION, RECALL = TP / (TP + FP), TP / (TP + FN)
STRICT = _counts(P > 0.4)
BELOW = _counts(P < 0.4)
NOBODY = _counts(P > 1)
BOTH = ((TP / (TP + FP) + TN / (TN + FN)) / 2, (TP / (TP + FN) + TN / (TN + FP)) / 2)
_STRICT_SAYS = "a probability of 0.40 is not below the threshold: with >= that text is called, too"
_BELOW_SAYS = "the texts *below* the threshold were called complaints; it is those at or above it"
PARTS = {
    "precision": (
        PRECISION,
        {
            "accuracy for precision": (
                (TP + TN) / 15,
                "this is the accuracy, a share of all texts; precision is a share of those that "
                "were called complaints",
            ),
            "recall for precision": (
                RECALL,
                "this is the recall, a share of the complaints; precision is a share of those "
                "that were called so",
            ),
            "greater instead of at least": (STRICT[0] / (STRICT[0] + STRICT[2]), _STRICT_SAYS),
            "the wrong side of the threshold": (BELOW[0] / (BELOW[0] + BELOW[2]), _BELOW_SAYS),
            "precision of the others": (
                TN / (TN + FN),
                "this is the precision of the *other* class; complaints were asked",
            ),
            "share of false alarms": (FP / (TP + FP), "this is the share that is *no* complaint"),
            "found of all texts": (TP / 15, "divided by all texts; divide by those called so"),
        },
    ),
    "recall": (
        RECALL,
        {
            "precision for recall": (
                PRECISION,
                "this is the precision, a share of those called complaints; recall is a share of "
                "the complaints",
            ),
            "recall of the others": (
                TN / (TN + FP),
                "this is the recall of the *other* class; complaints were asked",
            ),
            "the wrong side in recall": (BELOW[0] / (BELOW[0] + BELOW[1]), _BELOW_SAYS),
            "share called": ((TP + FP) / 15, "this is how many texts are called complaints at all"),
            "found of all, again": (TP / 15, "divided by all texts; divide by the complaints"),
        },
    ),
    "f1": (
        _f1(*TABLE),
        {
            "arithmetic mean": (
                (PRECISION + RECALL) / 2,
                "this is the arithmetic mean of precision and recall, which forgives a low one; "
                "F1 is their harmonic mean",
            ),
            "geometric mean": (
                (PRECISION * RECALL) ** 0.5,
                "this is the geometric mean; F1 is the harmonic one",
            ),
            "the two forgotten": (
                TP / (TP + FP + FN),
                "the complaints found count twice, above and below",
            ),
            "product": (PRECISION * RECALL, "this is precision times recall"),
            "f1 of the others": (_f1(TN, FP, FN, TP), "this is the F1 of the *other* class"),
            "accuracy for f1": ((TP + TN) / 15, "this is the accuracy"),
        },
    ),
    "macro": (
        _macro(*TABLE),
        {
            "micro for macro": (
                (TP + TN) / 15,
                "this is the *micro* average: counts of both classes added up before anything is "
                "divided, which gives the accuracy; macro is the plain mean of two F1",
            ),
            "weighted by size": (
                (4 * _f1(*TABLE) + 11 * _f1(TN, FP, FN, TP)) / 15,
                "here each class counts by its number of texts, so that the rare one hardly "
                "counts; macro gives both the same weight",
            ),
            "complaints alone": (_f1(*TABLE), "this is the F1 of the complaints alone"),
            "others alone": (_f1(TN, FP, FN, TP), "this is the F1 of the other class alone"),
            "harmonic of mean precision and recall": (
                2 * BOTH[0] * BOTH[1] / sum(BOTH),
                "precision and recall were averaged first; take each class's F1, then their mean",
            ),
            "sum of two": (2 * _macro(*TABLE), "this is the sum of both F1; take their mean"),
        },
    ),
    "never_accuracy": (
        11 / 15,
        {
            "share of complaints": (4 / 15, "this is the share where it is wrong"),
            "the model's own": ((TP + TN) / 15, "this is the model's; `never` was asked"),
            "no accuracy at all": (0.0, "it is right about every text that is no complaint"),
        },
    ),
    "never_macro": (
        _macro(*NOBODY),
        {
            "others only": (
                _f1(11, 0, 4, 0),
                "this is the F1 of the others alone; that of the complaints is 0, and counts",
            ),
            "macro recall": (
                0.5,
                "one half is its macro *recall*; average the F1 of both classes",
            ),
            "accuracy halved": (
                11 / 30,
                "this is half its accuracy; the F1 of the others is another number",
            ),
            "weighted again": (
                11 / 15 * _f1(11, 0, 4, 0),
                "here each class counts by its number of texts; macro gives both the same weight",
            ),
            "nothing found, no score": (
                0.0,
                "the F1 of the complaints is 0; the other class has one, too",
            ),
        },
    ),
}
_CHEAPEST = {
    "prices exchanged": (
        0.95,
        "this is the cheapest if a *false alarm* costs four times as much; it is the other way "
        "round",
    ),
    "highest f1": (
        0.80,
        "this threshold has the highest F1, which knows no prices: count what each one costs",
    ),
    "nothing missed": (
        0.15,
        "this misses nothing, at the price of many false alarms: one missed complaint is cheaper",
    ),
    "as calibrated probabilities would ask": (
        0.20,
        "1 / (1 + 4) is right for calibrated probabilities; these are not, so count what each "
        "threshold costs in the table",
    ),
    "the model's threshold": (
        0.40,
        "the model's own threshold calls one text too many: count again",
    ),
    "the usual half": (0.50, "one half is right if both mistakes cost the same, and p is right"),
}
RIGHT = (*(right for right, _ in PARTS.values()), 0.45)


def _table_judge(answer, rng):
    """Shares first; any threshold that costs as little is right."""
    told = _judged(PARTS, answer[:-1], lambda name: 0.001)
    value = answer[-1].item()
    if told or 0.40 < value <= 0.45:
        return told
    known = (says for wrong, says in _CHEAPEST.values() if abs(value - wrong) < 1e-6)
    says = next(known, f"yours is {np.round(value, 3)}, and another threshold costs less")
    return f"cheapest: {says}"


_trace = Exercise(
    id="19.1",
    title="Four complaints among fifteen",
    stars=1,
    minutes=15,
    deepens='the claim "the chosen threshold finds over 10 points more and costs accuracy"',
    statement="Work out precision, recall, F1 and their macro average for a rare class, and the "
    "threshold that costs least.",
    kind="value",
    reference=RIGHT,
    alternatives=(np.round(RIGHT, 3), [*(float(f"{value:.3g}") for value in RIGHT[:-1]), 0.42]),
    returns=(*PARTS, "cheapest"),
    judge=_table_judge,
    praise="never complaining is more often right than this model, and of no use to anybody",
    misconceptions=(
        *(item._replace(attempt=(*item.attempt, RIGHT[-1])) for item in _slips(PARTS)),
        *(
            Misconception(name, f"cheapest: {says}", (*RIGHT[:-1], value))
            for name, (value, says) in _CHEAPEST.items()
        ),
    ),
    hints=(
        "Draw a line under 0.40. Above it: how many complaints, how many others? Below it?",
        "For the other class, found and missed change their roles: eleven texts are there to be "
        "found, and a missed complaint is a false alarm.",
        "For the threshold go down the list: each other text that is called costs one, each "
        "complaint that is called saves four. Begin with 4 times 4.",
    ),
)

# --- 19.2 Every class looks for itself ----------------------------------------------------------


def look(h, mask, W_hq, W_hy):
    """logits (B, K) and shares (B, K, T): one attention for each class, over real tokens."""
    return _look(h, mask, W_hq, W_hy)


def _hidden(scores, mask):
    return np.where(mask[:, None], scores, -np.inf)


def _softmax(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _look(
    h, mask, W_hq, W_hy,
    *, hide=_hidden, axis=-1, root=None, after=lambda alpha, mask: alpha, gather=np.sum,
):  # fmt: skip
    """The same, with a switch for what people confuse."""
    scores = np.swapaxes(h @ W_hq, 1, 2) / np.sqrt(h.shape[-1] if root is None else root(h))
    alpha = after(_softmax(hide(scores, mask), axis), mask)
    shares = alpha * np.swapaxes(h @ W_hy, 1, 2)
    return gather(shares, axis=-1), shares


def _look_by_loop(h, mask, W_hq, W_hy):
    B, T, H = h.shape
    shares = np.zeros((B, W_hq.shape[1], T))
    for b, k in itertools.product(range(B), range(W_hq.shape[1])):
        real = np.flatnonzero(mask[b])
        powers = np.array([h[b, t] @ W_hq[:, k] for t in real]) / H**0.5
        powers = np.exp(powers - max(powers))
        shares[b, k, real] = powers / sum(powers) * (h[b, real] @ W_hy[:, k])
    return shares.sum(2), shares


def _look_by_pooling(h, mask, W_hq, W_hy):
    """The mean of the states first, then the readout."""
    scores = np.einsum("bth,hk->bkt", h, W_hq) / np.sqrt(h.shape[2])
    alpha = _softmax(np.where(mask[:, None], scores, -1e30))
    pooled = np.einsum("bkt,bth->bkh", alpha, h)
    return np.einsum("bkh,hk->bk", pooled, W_hy), alpha * np.einsum("bth,hk->bkt", h, W_hy)


def _with_weights(alpha_of):
    """Weights made in another way, then the shares and their sums."""

    def attempt(h, mask, W_hq, W_hy):
        scores = np.swapaxes(h @ W_hq, 1, 2) / np.sqrt(h.shape[-1])
        shares = alpha_of(scores, mask) * np.swapaxes(h @ W_hy, 1, 2)
        return shares.sum(axis=-1), shares

    return attempt


def _only(place):
    def alpha_of(scores, mask):
        T = scores.shape[-1]
        return (np.arange(T) == place(_hidden(scores, mask), mask)[..., None]) * 1.0

    return _with_weights(alpha_of)


def _overflowing(scores, mask):
    e = np.exp(scores) * mask[:, None]
    return e / e.sum(axis=-1, keepdims=True)


def _overflowing_where_real(scores, mask):
    e = np.exp(_hidden(scores, mask))
    return e / e.sum(axis=-1, keepdims=True)


def _look_case(rng, label, lengths, H, K, size=1.0):
    lengths = np.array(lengths)
    mask = np.arange(lengths.max()) < lengths[:, None]
    h = rng.normal(size=(*mask.shape, H))
    h = np.where(mask[..., None], h, rng.normal(size=h.shape) + 2)  # padding holds something, too
    return Case(label, (h, mask, size * rng.normal(size=(H, K)), rng.normal(size=(H, K))))


def _look_cases(rng):
    return [
        _look_case(rng, "lengths 7, 3, 5", (7, 3, 5), 4, 2),
        _look_case(rng, "lengths 2, 6", (2, 6), 5, 3),
        _look_case(rng, "no padding", (4, 4, 4, 4), 6, 3),
        _look_case(rng, "a single word beside a longer text", (1, 5), 3, 4),
        _look_case(rng, "large scores", (6, 4), 5, 2, size=2000.0),
    ]


_LOOKS = {
    "mask forgotten": (
        "the mask is not used: padding gets a share of the attention, and says something",
        _with_weights(lambda scores, mask: _softmax(scores)),
    ),
    "wiped and not shared out": (
        "the weights of padding were wiped after the softmax: those that are left no longer add "
        "up to 1; hide the scores before it",
        _with_weights(lambda scores, mask: _softmax(scores) * mask[:, None]),
    ),
    "score zero for padding": (
        "the score of padding was set to 0, and e to the power 0 is 1: it still takes a share; "
        "minus infinity takes none",
        _with_weights(lambda scores, mask: _softmax(scores * mask[:, None])),
    ),
    "states of padding zeroed": (
        "the states of padding were set to 0; their score is 0 then, and e to the power 0 is 1: "
        "they still take a share",
        lambda h, mask, W_hq, W_hy: _with_weights(lambda scores, mask: _softmax(scores))(
            h * mask[..., None], mask, W_hq, W_hy
        ),
    ),
    "softmax over the classes": (
        "the softmax is over the classes: there they compete for each word; for each class the "
        "weights of its *words* add up to 1",
        _with_weights(lambda scores, mask: _softmax(scores, 1) * mask[:, None]),
    ),
    "softmax over the classes, mask forgotten": (
        "the softmax is over the classes, and the mask is not used",
        _with_weights(lambda scores, mask: _softmax(scores, 1)),
    ),
    "softmax over the batch": (
        "the softmax is over the batch: what a text gets depends on its neighbours; it is taken "
        "over the words of one text",
        _with_weights(lambda scores, mask: _softmax(np.where(mask[:, None], scores, -1e30), 0)),
    ),
    "root forgotten": (
        "the scores were not divided by the root of H",
        lambda *args: _look(*args, root=lambda h: 1.0),
    ),
    "root of the number of classes": (
        "the scores were divided by the root of the number of classes; it is that of H, the width "
        "of a state",
        lambda h, mask, W_hq, W_hy: _look(h, mask, W_hq, W_hy, root=lambda _: W_hq.shape[1]),
    ),
    "queries for the readout": (
        "W_hq is used for what is said as well; that is W_hy's part",
        lambda h, mask, W_hq, W_hy: _look(h, mask, W_hq, W_hq),
    ),
    "a maximum for the whole batch": (
        "one maximum was taken off for the whole batch: then every word of another text may "
        "vanish; each text and class needs a maximum of its own",
        _with_weights(lambda scores, mask: _overflowing(scores - scores.max(), mask)),
    ),
    "divided by H": (
        "the scores were divided by H, not by its root",
        lambda *args: _look(*args, root=lambda h: float(h.shape[-1] ** 2)),
    ),
    "root of T": (
        "the scores were divided by the root of the *length*; it is that of H, the width of a "
        "state",
        lambda *args: _look(*args, root=lambda h: h.shape[1]),
    ),
    "one query for all": (
        "all classes look with the query of the first one; column k of W_hq belongs to class k",
        lambda h, mask, W_hq, W_hy: _look(h, mask, W_hq[:, :1] + 0 * W_hq, W_hy),
    ),
    "queries and readout exchanged": (
        "W_hq and W_hy have changed places: W_hq decides where to look, W_hy what is said",
        lambda h, mask, W_hq, W_hy: _look(h, mask, W_hy, W_hq),
    ),
    "plain mean": (
        "this is the mean over real words: the queries are not used",
        _with_weights(
            lambda scores, mask: mask[:, None] / mask.sum(axis=1)[:, None, None] + 0 * scores
        ),
    ),
    "the highest score alone": (
        "here each class reads the word of its highest score and no other; attention is a mean, "
        "weighted",
        _only(lambda scores, mask: scores.argmax(axis=-1)),
    ),
    "the last word alone": (
        "this reads the last real word alone, as without attention",
        _only(lambda scores, mask: np.repeat(mask.sum(1)[:, None] - 1, scores.shape[1], axis=1)),
    ),
    "divided by the length as well": (
        "the shares are right; the logit is their *sum*: the weights have made a mean of it "
        "already",
        lambda h, mask, W_hq, W_hy: (
            (right := _look(h, mask, W_hq, W_hy))[0] / mask.sum(axis=1)[:, None],
            right[1],
        ),
    ),
    "mean of the shares": (
        "the shares are right; the logit is their *sum*, not their mean over T",
        lambda *args: _look(*args, gather=np.mean),
    ),
    "weights for shares": (
        "the logits are right; for the shares you hand back the weights: a share is the weight "
        "times what the word says, and may be negative",
        lambda h, mask, W_hq, W_hy: (
            _look(h, mask, W_hq, W_hy)[0],
            _softmax(_hidden(np.swapaxes(h @ W_hq, 1, 2) / h.shape[-1] ** 0.5, mask)),
        ),
    ),
    "what is said without its weight": (
        "the logits are right; the shares lack the weights, so that they do not add up to them",
        lambda h, mask, W_hq, W_hy: (
            _look(h, mask, W_hq, W_hy)[0],
            np.swapaxes(h @ W_hy, 1, 2) * mask[:, None],
        ),
    ),
    "overflow": (
        "large scores overflow and leave NaN: take the largest score of a text off before exp",
        _with_weights(_overflowing),
    ),
    "overflow of real words": (
        "large scores overflow and leave NaN: take the largest score of a text off before exp",
        _with_weights(_overflowing_where_real),
    ),
}
_implement = Exercise(
    id="19.2",
    title="Every class looks for itself",
    stars=2,
    minutes=25,
    deepens='the claim "without a query, the mean over real steps"',
    statement="Pool the states of padded texts with one attention for each class, and say what "
    "every word adds to every logit.",
    reference=look,
    alternatives=(_look_by_loop, _look_by_pooling),
    inputs=_look_cases,
    returns=("logits (B, K)", "shares (B, K, T)"),
    tolerance=1e-6,
    praise="and the shares of a text's words add up to its logit, padding has none",
    misconceptions=tuple(Misconception(name, *known) for name, known in _LOOKS.items()),
    hints=(
        "h @ W_hq is (B, T, K): one score for each word and class. np.swapaxes(..., 1, 2) brings "
        "the words to the end.",
        "Put minus infinity in the place of padding, mask[:, None], and take the softmax over the "
        "last axis; take off the maximum before exp.",
        "What word t says about class k is (h @ W_hy)[b, t, k]. Its weight times that is its "
        "share; the logit is the sum of the shares.",
    ),
)

# --- 19.3 Twins on both sides -------------------------------------------------------------------


def split(source, twins, order, share):
    """True (N,) for the texts of the test part."""
    return _split(source, twins, order, share)


def _whole(group, i, j):
    group[group == group[i]] = group[j]


def _one_text(group, i, j):
    group[i] = group[j]


def _split(
    source, twins, order, share,
    *, join=_whole, drawn=True, texts=True, full=lambda n, wanted: n >= wanted, back=False,
):  # fmt: skip
    """The mended function, with a switch for each fault."""
    group = np.array(source)
    for i, j in twins:
        join(group, i, j)
    walk = [group[np.flatnonzero(np.asarray(source) == s)] for s in order]
    walk = list(dict.fromkeys(int(g) for part in walk for g in part))
    walk = walk[::-1] if back else walk if drawn else np.unique(group)
    test = np.zeros(len(group), dtype=bool)
    if not texts:
        return np.isin(group, walk[: round(share * len(walk))])
    for g in walk:
        if full(test.sum(), share * len(group)):
            break
        test |= group == g
    return test


def _split_by_labels(source, twins, order, share):
    """Spread the smallest place in `order` until nothing changes."""
    place = np.argsort(order)[source]
    while True:
        before = place.copy()
        for i, j in twins:
            place[i] = place[j] = min(place[i], place[j])
        for s in range(len(order)):
            place[source == s] = place[source == s].min()
        if (place == before).all():
            break
    chosen = []
    for p in sorted(set(place.tolist())):
        if len(chosen) < share * len(source):
            chosen += np.flatnonzero(place == p).tolist()
    return [n in chosen for n in range(len(source))]


def _split_by_walk(source, twins, order, share):
    """Follow the texts from one to the next."""
    test = set()
    for s in order:
        if len(test) >= share * len(source):
            break
        todo = [n for n in range(len(source)) if source[n] == s]
        while todo:
            n = todo.pop()
            if n in test:
                continue
            test.add(n)
            todo += [m for m in range(len(source)) if source[m] == source[n]]
            todo += [int(b) for a, b in twins if a == n] + [int(a) for a, b in twins if b == n]
    return np.isin(np.arange(len(source)), list(test))


def _after(change):
    """A split by sources alone, and the twins that it tears apart dealt with afterwards."""

    def attempt(source, twins, order, share):
        test = _split(source, (), order, share)
        found = test.copy()
        for i, j in twins:
            if found[i] != found[j]:
                test[[i, j]] = change
        return test

    return attempt


def _pairs_without_chains(source, twins, order, share):
    group = np.array(source)
    for i, j in twins:
        group[source == source[i]] = source[j]
    return _split_groups(group, source, order, share)


def _split_groups(group, source, order, share):
    test = np.zeros(len(group), dtype=bool)
    for s in order:
        if test.sum() < share * len(group):
            test |= np.isin(group, group[source == s])
    return test


def _in_order_of_names(source, twins, order, share):
    """Whole groups, taken when `order` comes to the number that names the group."""
    group = np.array(source)
    for i, j in twins:
        _whole(group, i, j)
    test = np.zeros(len(group), dtype=bool)
    for g in order:
        if test.sum() < share * len(group):
            test |= group == g
    return test


def _share_of_sources(source, twins, order, share):
    """Whole groups, until `share` of all sources, not of all texts, is in the test part."""
    group = np.array(source)
    for i, j in twins:
        _whole(group, i, j)
    test = np.zeros(len(group), dtype=bool)
    for s in order:
        if len(np.unique(source[test])) < share * len(order):
            test |= np.isin(group, group[source == s])
    return test


def _not_beyond(go_on):
    """Only groups that fit under the share: the first that does not ends it, or is skipped."""

    def attempt(source, twins, order, share):
        group = np.array(source)
        for i, j in twins:
            _whole(group, i, j)
        test = np.zeros(len(group), dtype=bool)
        for s in order:
            more = test | np.isin(group, group[source == s])
            if more.sum() <= share * len(group):
                test = more
            elif not go_on:
                break
        return test

    return attempt


def _twins_fetched(source, twins, order, share):
    """A split by sources alone, and then all groups of which it holds a text."""
    group = np.array(source)
    for i, j in twins:
        _whole(group, i, j)
    return np.isin(group, group[_split(source, (), order, share)])


def _cut_through(source, twins, order, share):
    rows = np.argsort(np.argsort(order)[source], kind="stable")
    return np.isin(np.arange(len(source)), rows[: round(share * len(source))])


SLIPS = {
    "join": (
        "of two twins one *text* is moved to the other's group, and the rest of its source stays "
        "behind: move its whole group",
        {"join": _one_text},
    ),
    "drawn": (
        "`order` is not used: np.unique sorts, so that the lowest numbers are always tested",
        {"drawn": False},
    ),
    "texts": (
        "the share is counted in groups; groups differ in size, so count their texts",
        {"texts": False},
    ),
}


def _split_slips():
    """A misconception for each set of slips that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(SLIPS, count):
            says = "still there: " + "; ".join(SLIPS[name][0] for name in names)
            if count == 3:
                says = f"this is what the broken function does; begin here: {SLIPS['join'][0]}"
            wrong = {key: value for name in names for key, value in SLIPS[name][1].items()}
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _split(*args, **wrong)
            )


_FURTHER = (
    Misconception(
        "training part",
        "this is the training part: True is for the texts of the test part",
        lambda *args: ~_split(*args),
    ),
    Misconception(
        "twins ignored",
        "sources stay together, but twins of different sources are torn apart: `twins` is not used",
        lambda source, twins, order, share: _split(source, (), order, share),
    ),
    Misconception(
        "a twin taken out of the test part",
        "a torn pair was sent to the training part, text by text: the sources of these texts are "
        "torn now; join the whole groups before you deal them out",
        _after(False),
    ),
    Misconception(
        "a twin taken into the test part",
        "a torn pair was sent to the test part, text by text: the sources of these texts are torn "
        "now; join the whole groups before you deal them out",
        _after(True),
    ),
    Misconception(
        "no chains",
        "pairs are joined by the number of their *source*, which may have joined another group "
        "before: a twin's twin belongs to the group as well",
        _pairs_without_chains,
    ),
    Misconception(
        "one group too many",
        "one group too many, where the test part holds its share exactly: stop at *at least*",
        lambda *args: _split(*args, full=lambda n, wanted: n > wanted),
    ),
    Misconception(
        "from the end of the list",
        "`order` is walked from its end; begin with its first source",
        lambda *args: _split(*args, back=True),
    ),
    Misconception(
        "the name of a group for its place",
        "the groups are right, but are taken in another order: a group's turn comes with the "
        "*first* of its sources in `order`, whatever number the group bears",
        _in_order_of_names,
    ),
    Misconception(
        "cut through a source",
        "texts were dealt out until the share was exact, which cuts through a source: deal out "
        "whole groups",
        _cut_through,
    ),
)


_FILLED = (  # the groups are right, and too many or too few are taken
    Misconception(
        "share of the sources",
        "the share is counted in *sources*; they differ in size, so count their texts",
        _share_of_sources,
    ),
    Misconception(
        "stopped before the share is full",
        "a group that would pass the share was not taken: the last group may pass it, as the test "
        "part held less than the share before",
        _not_beyond(False),
    ),
    Misconception(
        "big groups passed over",
        "groups that would pass the share were passed over for smaller ones: take each in its "
        "turn, as long as the test part holds less than the share",
        _not_beyond(True),
    ),
    Misconception(
        "filled by sources, twins fetched afterwards",
        "the share was filled with sources, and the sources of their twins were fetched after "
        "that: they count towards the share, so join groups first",
        _twins_fetched,
    ),
)


def _draw_split(rng, N, P, pairs, share):
    uneven = rng.permutation(P)[(P * rng.random(N - P) ** 2).astype(int)]
    source = np.concatenate([np.arange(P), uneven])[rng.permutation(N)]
    twins = rng.permuted(np.tile(np.arange(N), (pairs, 1)), axis=1)[:, :2]
    return source, twins, rng.permutation(P), share


def _split_case(rng, N, P, pairs, share, apart):
    """Inputs on which the wrong answers named differ from the right one and from each other."""
    for _ in range(2000):
        args = _draw_split(rng, N, P, pairs, share)
        right = split(*args)
        found = [item.attempt(*args).tolist() for item in apart]
        found.append(right.tolist())
        if len(set(map(tuple, found))) == len(found) and right.mean() < 0.7:
            break
    return Case(f"{N} texts of {P} sources, {pairs} pairs of twins, share {share}", args)


def _exact_case(rng, N, P, pairs, share):
    """Inputs with which the test part holds its share exactly."""
    for _ in range(2000):
        args = _draw_split(rng, N, P, pairs, share)
        if split(*args).sum() == share * N:
            break
    return Case(f"{N} texts of {P} sources, the share met exactly", args)


def _split_cases(rng):
    apart = [item for item in (*_split_slips(), *_FURTHER) if item.name != "one group too many"]
    return [
        _split_case(rng, 60, 20, 8, 0.25, apart),
        _split_case(rng, 24, 10, 3, 0.25, []),
        _split_case(rng, 48, 16, 4, 0.3, _FILLED),
        _exact_case(rng, 24, 9, 2, 0.25),
        Case("no twins at all", _draw_split(rng, 16, 6, 0, 0.5)),
    ]


_repair = Exercise(
    id="19.3",
    title="Twins on both sides",
    stars=3,
    minutes=30,
    deepens='the claim "over nine in ten are people never seen, and a table gets over 85 % right"',
    statement="Mend three faults in a split that should keep the texts of one source together, "
    "and with them their near-duplicates.",
    reference=split,
    alternatives=(_split_by_labels, _split_by_walk),
    inputs=_split_cases,
    returns=("test (N,)",),
    praise="no source and no pair of twins stands on both sides, whatever the draw",
    misconceptions=(*_split_slips(), *_FURTHER, *_FILLED),
    hints=(
        "After group[i] = group[j] the text i is in another group than the text before it, though "
        "both are of one source. Which texts have to move with it?",
        "All of them: group[group == group[i]] = group[j]. Then walk through `order`, not through "
        "sorted numbers.",
        "For each source s in `order`: if the test part is too small, add all texts of its group, "
        "np.isin(group, group[source == s]).",
    ),
)

# --- 19.4 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="19.4",
    title="Same words, another verdict",
    stars=3,
    minutes=50,
    deepens='the claim "counting words is right in exactly one half of the cases"',
    statement="Write contrast pairs, two texts of the same words with opposite verdicts, in at "
    "least three constructions, and find out who can tell them apart, and what it takes.",
    kind="open",
    hints=(
        '"Not good, but cheap" and "not cheap, but good"; who praised whom; which of two is '
        "better; what came first and what came last.",
        "A bag of words gives both texts of a pair the same number, so it is right about half of "
        "them, whatever it learnt. Let word pairs, a lexicon with rules and a network try.",
        "Spoiler, read it after your experiment: does a network that has learnt one construction "
        "know another one? Train on all but one, and test on that.",
    ),
)

EXERCISES = (_trace, _implement, _repair, _open)
