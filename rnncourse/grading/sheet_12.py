"""Answer sheet of chapter 12, Ragged batches."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 12.1 What a mean is a mean of --------------------------------------------------------------

LOSSES = np.array([[0.4, 0.8, 1.2, 1.6], [2.0, 0.1, 0.1, 0.1], [0.6, 1.4, 0.1, 0.1]])
LENGTHS = np.array([4, 1, 2])
REAL = np.arange(4) < LENGTHS[:, None]
TOTAL = float(LOSSES[REAL].sum())
OVER_ALL = float(LOSSES.mean())
OVER_TOKENS = TOTAL / 7
PER_SEQUENCE = (LOSSES * REAL).sum(axis=1)
OVER_SEQUENCES = float(np.mean(PER_SEQUENCE / LENGTHS))
WASTED = 5 / 12

_OF_ALL = {
    "padding counted as zero": (
        "over_all: here padded steps count as zeros; in the mean over the whole rectangle they "
        "count with the losses that stand there",
        TOTAL / 12,
    ),
    "real steps alone": (
        "over_all: this leaves the padding out; the careless mean takes every number of the "
        "rectangle",
        OVER_TOKENS,
    ),
    "sum for mean": ("over_all: this is the sum; divide by how many there are", 12 * OVER_ALL),
}
_OF_TOKENS = {
    "divided by all": (
        "over_tokens: the losses of the real steps are added, but divided by all steps; divide by "
        "the real ones",
        TOTAL / 12,
    ),
    "divided by sequences": (
        "over_tokens: divided by the number of sequences this is a sum per sequence; divide by the "
        "number of real steps",
        TOTAL / 3,
    ),
    "sequences for tokens": (
        "over_tokens: here every sequence counts the same; over tokens every *step* does",
        OVER_SEQUENCES,
    ),
    "longest only": (
        "over_tokens: this is the longest sequence alone",
        float(LOSSES[0].mean()),
    ),
}
_OF_SEQUENCES = {
    "tokens for sequences": (
        "over_sequences: here every step counts the same; take the mean of each sequence first, "
        "and then the mean of those",
        OVER_TOKENS,
    ),
    "each divided by T": (
        "over_sequences: each sequence's sum is divided by the width of the batch; divide by its "
        "own length",
        TOTAL / 12,
    ),
    "sums averaged": (
        "over_sequences: this is the mean of the sequences' *sums*: long ones weigh more again",
        TOTAL / 3,
    ),
    "means added": (
        "over_sequences: the sequences' means are added; divide by how many there are",
        3 * OVER_SEQUENCES,
    ),
    "means over padding": (
        "over_sequences: the padded losses are in each sequence's mean",
        OVER_ALL,
    ),
}
_OF_WASTED = {
    "share of real steps": ("wasted: this is the share of *real* steps", 7 / 12),
    "padding per real step": ("wasted: this is padding per real step, not per step", 5 / 7),
    "number of padded steps": ("wasted: this is their number; a share was asked", 5.0),
}
PARTS = {
    "over_all": (OVER_ALL, _OF_ALL),
    "over_tokens": (OVER_TOKENS, _OF_TOKENS),
    "over_sequences": (OVER_SEQUENCES, _OF_SEQUENCES),
    "wasted": (WASTED, _OF_WASTED),
}
RIGHT = tuple(right for right, _ in PARTS.values())


def _close(value, target):
    return abs(value - target) <= 0.005


def _mean_judge(answer, rng):
    """The first of the four numbers that is wrong, and why."""
    for (name, (right, known)), part in zip(PARTS.items(), answer, strict=True):
        value = part.item()
        if _close(value, right):
            continue
        told = (says for says, wrong in known.values() if _close(value, wrong))
        return next(told, f"{name}: yours is {np.round(value, 3)}, which is not right")
    return None


def _with_number(place, value):
    return (*RIGHT[:place], value, *RIGHT[place + 1 :])


_trace = Exercise(
    id="12.1",
    title="What a mean is a mean of",
    stars=1,
    minutes=10,
    deepens='the claim "and the same table has two different losses"',
    statement="Take the mean of one small table of losses in three ways, and say how much of the "
    "table is padding.",
    kind="value",
    reference=RIGHT,
    alternatives=(np.round(RIGHT, 3), [float(f"{value:.3g}") for value in RIGHT]),
    returns=tuple(PARTS),
    judge=_mean_judge,
    praise="three objectives, one table; the first of them can be made small by padding more",
    misconceptions=tuple(
        Misconception(name, says, _with_number(place, value))
        for place, (_, known) in enumerate(PARTS.values())
        for name, (says, value) in known.items()
    ),
    hints=(
        "Write the lengths beside the rows, and cross out what is padding.",
        "Over tokens: add up what is left and divide by how many are left. Over sequences: a mean "
        "for each row first.",
        "There are 12 places in the table; how many of them are crossed out?",
    ),
)

# --- 12.2 Standardised, padding and all ---------------------------------------------------------


def standardise(x, mask):
    """z (B, T, D): mean 0, deviation 1 over all real steps, and 0 on padding."""
    return _standardise(x, mask)


def _standardise(x, mask, *, rows=lambda x, mask: x[mask], fill=0.0, centre=True, scale=np.std):
    """The same, with a switch for what people forget."""
    real = rows(x, mask)
    z = (x - real.mean(axis=0) * centre) / scale(real, axis=0)
    return z if fill is None else np.where(mask[..., None], z, fill)


def _standardise_by_sums(x, mask):
    """The same by sums over the rectangle."""
    real = np.asarray(mask)[:, :, None] * 1.0
    n = real.sum()
    mean = (x * real).sum(axis=(0, 1)) / n
    variance = (((x - mean) ** 2) * real).sum(axis=(0, 1)) / n
    return (x - mean) / np.sqrt(variance) * real


def _each_by_itself(x, mask):
    return np.stack([_standardise(x[b : b + 1], mask[b : b + 1])[0] for b in range(len(x))])


def _means_of_means(x, mask):
    real = mask[..., None]
    count = real.sum(axis=1)
    mean = ((x * real).sum(axis=1) / count).mean(axis=0)
    deviation = np.sqrt(((x - mean) ** 2 * real).sum(axis=1) / count).mean(axis=0)
    return (x - mean) / deviation * real


def _ragged_case(rng, lengths, D, padding, label):
    lengths = np.array(lengths)
    mask = np.arange(lengths.max()) < lengths[:, None]
    level, size = rng.uniform(2, 5, D), rng.uniform(0.5, 3, D)
    x = level + size * rng.normal(size=(*mask.shape, D)) + rng.normal(size=(len(lengths), 1, D))
    return Case(label, (np.where(mask[..., None], x, padding), mask))


def _ragged_cases(rng):
    return [
        _ragged_case(rng, (7, 3, 5), 4, 0.0, "lengths 7, 3, 5, padded with 0"),
        _ragged_case(rng, (2, 6), 3, -99.0, "lengths 2, 6, padded with -99"),
        _ragged_case(rng, (4, 4, 4, 4), 2, 0.0, "no padding at all"),
        _ragged_case(rng, (5,), 3, 0.0, "a single sequence"),
    ]


def _scaled(**switches):
    return lambda x, mask: _standardise(x, mask, **switches)


_implement = Exercise(
    id="12.2",
    title="Standardised, padding and all",
    stars=2,
    minutes=20,
    deepens='the claim "mean over real steps, in a batch and alone"',
    statement="Bring each feature of a padded batch to mean 0 and standard deviation 1, so that "
    "padding changes nothing and stays zero.",
    reference=standardise,
    alternatives=(_standardise_by_sums,),
    inputs=_ragged_cases,
    returns=("z (B, T, D)",),
    praise="and from now on 0 is also what an average step looks like: only the mask tells them "
    "apart",
    misconceptions=(
        Misconception(
            "padding in the statistics",
            "padded steps are in the mean and the deviation: what fills the rectangle then decides "
            "about the real steps",
            _scaled(rows=lambda x, mask: x.reshape(-1, x.shape[-1])),
        ),
        Misconception(
            "padding shifted too",
            "the real steps are right; padding must stay zero, and it was shifted and scaled with "
            "the rest",
            _scaled(fill=None),
        ),
        Misconception(
            "padding in the statistics, and shifted",
            "the mask is not used: padded steps are in the mean and the deviation, and do not stay "
            "zero",
            _scaled(rows=lambda x, mask: x.reshape(-1, x.shape[-1]), fill=None),
        ),
        Misconception(
            "padding set to zero and counted",
            "padding was set to 0 and then counted: its zeros are in the mean and the deviation, "
            "which are over the real steps alone",
            lambda x, mask: (
                ((kept := np.where(mask[..., None], x, 0.0)) - kept.mean(axis=(0, 1)))
                / kept.std(axis=(0, 1))
                * mask[..., None]
            ),
        ),
        Misconception(
            "padding in the deviation alone",
            "the mean is over the real steps, but padding is in the deviation, as zeros: take both "
            "over the real steps",
            lambda x, mask: (
                (z := np.where(mask[..., None], x - x[mask].mean(axis=0), 0.0)) / z.std(axis=(0, 1))
            ),
        ),
        Misconception(
            "the deviation of a sample",
            "the deviation is divided by n - 1, as for a sample; with np.std's own n it is 1 "
            "afterwards",
            _scaled(scale=lambda real, axis: real.std(axis=axis, ddof=1)),
        ),
        Misconception(
            "zeros taken for padding",
            "padding is recognised by its value here: it may be any number; the mask says which "
            "steps are real",
            lambda x, mask: _standardise(
                x, mask, rows=lambda x, mask: x[(x != 0).any(axis=-1)], fill=0.0
            ),
        ),
        Misconception(
            "every sequence by itself",
            "each sequence has a mean and a deviation of its own here, which wipes out how they "
            "differ; take both over the real steps of the whole batch",
            _each_by_itself,
        ),
        Misconception(
            "sequences count the same",
            "means of the sequences' means: every real *step* of the batch counts the same",
            _means_of_means,
        ),
        Misconception(
            "all features in one",
            "one mean and one deviation for all features together: each feature has its own",
            _scaled(rows=lambda x, mask: x[mask].reshape(-1, 1)),
        ),
        Misconception(
            "mean left in", "the mean is not taken off, only the scale", _scaled(centre=False)
        ),
        Misconception(
            "variance for deviation",
            "divided by the variance: divide by its square root",
            _scaled(scale=np.var),
        ),
        Misconception(
            "only shifted", "the deviation is not 1", _scaled(scale=lambda real, axis: 1.0)
        ),
        Misconception(
            "axes of a single step",
            "a mean for each step t over the batch: steps are not features, take both axes "
            "together",
            lambda x, mask: np.where(
                mask[..., None],
                (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-9),
                0.0,
            ),
        ),
    ),
    hints=(
        "`x[mask]` holds the real steps, one row each: (number of real steps, D).",
        "Mean and standard deviation of those rows, feature by feature; then the same two numbers "
        "serve for the whole rectangle.",
        "z = (x - mean) / deviation changes the padding as well. np.where(mask[..., None], z, 0.0) "
        "has both.",
    ),
)

# --- 12.3 Steps, counted ------------------------------------------------------------------------

ROW = (2, 9, 3, 8, 1, 7, 2, 10, 3, 6, 1, 8)
B = 3


def _computed(lengths, size=B):
    """Steps of all batches: as many rows as sequences, as wide as the longest."""
    cuts = [lengths[i : i + size] for i in range(0, len(lengths), size)]
    return sum(len(cut) * max(cut) for cut in cuts)


def _pooled(lengths, pool):
    cuts = [sorted(lengths[i : i + pool]) for i in range(0, len(lengths), pool)]
    return list(itertools.chain(*cuts))


STEPS = {
    "one_batch": len(ROW) * max(ROW),
    "as_given": _computed(ROW),
    "in_pools": _computed(_pooled(ROW, 2 * B)),
    "all_sorted": _computed(sorted(ROW)),
    "packed": sum(ROW),
}
_OF_STEPS = {
    "one_batch": {
        "real steps of one batch": (sum(ROW), "these are the real steps; a batch is a rectangle"),
        "longest once": (max(ROW), "this is the width of the batch; it has twelve rows"),
    },
    "as_given": {
        "real steps": (sum(ROW), "these are the real steps; each batch is a rectangle"),
        "rectangle of the longest": (
            len(ROW) * max(ROW),
            "every batch has its own width, that of its own longest sequence",
        ),
        "widths alone": (
            _computed(ROW) // B,
            "these are the widths of the batches, added up; each has three rows",
        ),
        "batches of four": (_computed(ROW, 4), "the batches have three sequences, not four"),
        "padding alone": (_computed(ROW) - sum(ROW), "this is the padding alone"),
    },
    "in_pools": {
        "pools not cut": (
            _computed(ROW, 2 * B),
            "a pool is sorted, and *then* cut into batches of three, each with its own width",
        ),
        "pools of one batch": (
            _computed(ROW),
            "sorting inside a batch changes nothing: a pool holds two batches here",
        ),
        "everything sorted": (
            _computed(sorted(ROW)),
            "here everything was sorted; only six at a time are",
        ),
    },
    "all_sorted": {
        "real steps when sorted": (
            sum(ROW),
            "sorting leaves some padding, as lengths inside a batch still differ",
        ),
        "widths of the sorted": (
            _computed(sorted(ROW)) // B,
            "these are the widths of the batches, added up; each has three rows",
        ),
        "pools for all": (
            _computed(_pooled(ROW, 2 * B)),
            "this is what pools of six give; here all twelve are sorted",
        ),
    },
    "packed": {
        "packed but rectangular": (
            _computed(sorted(ROW)),
            "packing computes real steps only: at each step those sequences that still run",
        ),
        "width of packed": (max(ROW), "this is how many times the loop runs, not how many steps"),
        "nothing packed": (len(ROW) * max(ROW), "packing leaves out every padded step"),
    },
}  # fmt: skip


def _steps_judge(answer, rng):
    for (name, right), part in zip(STEPS.items(), answer, strict=True):
        value = part.item()
        if abs(value - right) < 0.01:
            continue
        told = (says for wrong, says in _OF_STEPS[name].values() if abs(value - wrong) < 0.01)
        says = next(told, f"yours is {value:g}, which is not right")
        return f"{name}: {says}"
    return None


def _steps_with(name, value):
    return tuple(value if key == name else right for key, right in STEPS.items())


_predict = Exercise(
    id="12.3",
    title="Steps, counted",
    stars=1,
    minutes=12,
    deepens='the claim "the same 192 sequences take fewer than two thirds of the steps in buckets"',
    statement="Predict, before you measure, how many steps a network computes for twelve sequences "
    "that are put into batches in five ways.",
    kind="value",
    reference=tuple(STEPS.values()),
    alternatives=(list(STEPS.values()), np.array(list(STEPS.values()))),
    returns=tuple(STEPS),
    judge=_steps_judge,
    praise="pools of half the row take 30 of the 36 steps that sorting saves",
    misconceptions=tuple(
        Misconception(label, f"{name}: {says}", _steps_with(name, value))
        for name, known in _OF_STEPS.items()
        for label, (value, says) in known.items()
    ),
    hints=(
        "A batch is a rectangle: as many rows as sequences, as many columns as its longest one has "
        "steps.",
        "As given, the first batch holds lengths 2, 9 and 3: three rows, nine columns.",
        "For the pools, sort the first six lengths and cut them into two batches, then the other "
        "six. Packed, only real steps are left.",
    ),
)

# --- 12.4 A score out of order ------------------------------------------------------------------


def score(answer, sequences, y, B):
    """predictions (N,) in the order of `sequences`, and the share that is right."""
    return _score(answer, sequences, y, B)


def _score(answer, sequences, y, B, *, unsorted=True, labels=True, last=True, means=False):
    """The mended function, with a switch for each fault."""
    N = len(sequences)
    order = np.argsort([len(row) for row in sequences], kind="stable")
    predictions, shares = np.zeros(N), []
    for i in range(0, N if last else N - B + 1, B):
        rows = order[i : i + B]
        said = np.asarray(answer([sequences[k] for k in rows]), float)
        predictions[rows if unsorted else slice(i, i + len(rows))] = said
        shares.append([float(s == t) for s, t in zip(said, y[rows if labels else slice(i, i + B)],
                                                      strict=False)])  # fmt: skip
    if means:
        return predictions, float(np.mean([np.mean(share) for share in shares]))
    return predictions, float(np.mean(list(itertools.chain(*shares))))


def _score_one_by_one(answer, sequences, y, B):
    predictions = np.array([float(answer([row])[0]) for row in sequences])
    return [predictions, np.mean(predictions == np.asarray(y))]


def _score_in_order(answer, sequences, y, B):
    """Nothing is sorted at all."""
    parts = [answer(sequences[i : i + B]) for i in range(0, len(sequences), B)]
    predictions = np.concatenate(parts)
    return predictions, (predictions == y).mean()


SLIPS = {
    "unsorted": "the predictions come in the order of the sorted lengths; each belongs in the "
    "place of its own sequence",
    "labels": "the share compares predictions of sorted sequences with labels that are not sorted: "
    "both must be of the same sequences",
    "last": "the last batch is dropped when it is not full; with the lengths sorted these are the "
    "longest sequences of all",
    "means": "a mean of the batches' shares gives the sequences of a small last batch more weight "
    "than the others",
}


def _slips():
    """A misconception for each set of slips that may be left."""
    good = {"unsorted": True, "labels": True, "last": True, "means": False}
    for count in (1, 2, 3):
        for names in itertools.combinations(SLIPS, count):
            if {"last", "means"} <= set(names):
                continue  # full batches alone: a mean of means is the mean
            says = "still there: " + "; ".join(SLIPS[name] for name in names)
            if count == 3:
                says = f"this still does what the broken function does; begin here: {SLIPS['last']}"
                if "means" in names:
                    continue
            wrong = good | {name: not good[name] for name in names}
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _score(*args, **wrong)
            )


def _sum_model(rng):
    """Answers 0 to 3 from a sequence's sum and length, whatever the company."""
    a, b = rng.integers(1, 5), rng.integers(1, 7)
    return lambda sequences: np.array([(a * int(np.sum(s)) + b * len(s)) % 4 for s in sequences])


def _score_case(rng, N, B):
    sequences = [rng.integers(0, 9, rng.integers(1, 12)) for _ in range(N)]
    answer = _sum_model(rng)
    y = answer(sequences)
    swap = rng.random(N) < 0.4
    # the longest are hard, as they often are: leaving them out shows
    swap |= np.argsort(np.argsort([len(s) for s in sequences])) >= N - max(N % B, 1)
    y = np.where(swap, (y + rng.integers(1, 4, N)) % 4, y)
    return Case(f"N={N}, B={B}", (answer, sequences, y, B))


def _score_cases(rng):
    return [
        _score_case(rng, 23, 4),
        _score_case(rng, 17, 5),
        _score_case(rng, 31, 8),
        _score_case(rng, 12, 4),
        _score_case(rng, 3, 7),
    ]


_repair = Exercise(
    id="12.4",
    title="A score out of order",
    stars=2,
    minutes=25,
    deepens='the claim "a pass in buckets takes less time than one in random batches"',
    statement="Mend three faults in a function that sorts sequences by length to save time, and "
    "reports a wrong score.",
    reference=score,
    alternatives=(_score_one_by_one, _score_in_order),
    inputs=_score_cases,
    returns=("predictions (N,)", "share right"),
    praise="every prediction is in the place of its own sequence, and every sequence counts once",
    misconceptions=(
        *_slips(),
        Misconception(
            "number for share",
            "share right: this is how many are right; divide by how many there are",
            lambda answer, sequences, y, B: (
                (p := _score_one_by_one(answer, sequences, y, B)[0]),
                float(np.sum(p == y)),
            ),
        ),
        Misconception(
            "share wrong",
            "share right: this is the share that is *wrong*",
            lambda answer, sequences, y, B: (
                (p := _score_one_by_one(answer, sequences, y, B)[0]),
                float(np.mean(p != y)),
            ),
        ),
    ),
    hints=(
        "order[i] is the number of the sequence that stands in place i after sorting. Whose labels "
        "are y[i : i + B]?",
        "Write rows = order[i : i + B] and use it three times: for the sequences, for the labels, "
        "and for the places of the predictions.",
        "The loop must reach the last, smaller batch: range(0, N, B); a slice beyond the end is "
        "only shorter. And what does the mean of the batches' shares do then?",
    ),
)

# --- 12.5 Alone and in company ------------------------------------------------------------------


def change_in_company(answer, sequences):
    """The largest |difference| between a sequence's answer in the batch and alone."""
    together = np.asarray(answer(sequences))
    alone = np.concatenate([np.asarray(answer([row])) for row in sequences])
    return float(np.max(np.abs(together - alone)))


def _change_by_loop(answer, sequences):
    largest, together = 0.0, answer(sequences)
    for number, row in enumerate(sequences):
        for k, value in enumerate(answer([row])[0]):
            largest = max(largest, abs(value - together[number][k]))
    return largest


def _compared(change, others=lambda row, sequences: [row], keep=lambda n, sequences: True):
    """A test with another comparison; `others` is the company that counts as being alone."""

    def attempt(answer, sequences):
        together = np.asarray(answer(sequences))
        pairs = [
            (together[n], np.asarray(answer(others(row, sequences)))[0])
            for n, row in enumerate(sequences)
            if keep(n, sequences)
        ]
        return float(change(np.array([a - b for a, b in pairs])))

    return attempt


def _largest(differences):
    return np.max(np.abs(differences))


def _longest_number(sequences):
    return int(np.argmax([len(row) for row in sequences]))


def _reader(rng, D, K, head):
    """A small network over a padded batch, with a head that is sound or not."""
    W_xh, W_hh = rng.normal(size=(D, 5)), rng.normal(size=(5, 5)) / 3
    b_h = rng.normal(size=5)
    W_hy = rng.normal(size=(5, K)) * np.arange(1, K + 1)  # the last output moves most

    def answer(sequences):
        lengths = np.array([len(row) for row in sequences])
        x = np.zeros((len(sequences), lengths.max(), D))
        for n, row in enumerate(sequences):
            x[n, : len(row)] = row
        h, states = np.zeros((len(x), 5)), []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ W_xh + h @ W_hh + b_h)
            states.append(h)
        return head(np.stack(states, axis=1), lengths) @ W_hy

    return answer


def _last_real(h, lengths):
    return h[np.arange(len(h)), lengths - 1]


HEADS = {
    "sound, the last real state": _last_real,
    "the last column": lambda h, lengths: h[:, -1],
    "the mean over all columns": lambda h, lengths: h.mean(axis=1),
    "centred over the batch": lambda h, lengths: _last_real(h, lengths) - h[:, 0].mean(axis=0),
    "always down in company": lambda h, lengths: (
        _last_real(h, lengths) - 0.1 * (h.shape[1] - lengths)[:, None]
    ),
}


def _company_case(rng, name, lengths):
    D, K = 3, 2
    sequences = [rng.normal(size=(n, D)) for n in lengths]
    return Case(f"{name}, lengths {lengths}", (_reader(rng, D, K, HEADS[name]), sequences))


def _company_cases(rng):
    return [
        *(_company_case(rng, name, (2, 7, 4, 5)) for name in HEADS),
        _company_case(rng, "centred over the batch", (4, 4, 4)),
        _company_case(rng, "the last column", (6, 1)),
        _company_case(rng, "the mean over all columns", (3,)),
    ]


_contract = Exercise(
    id="12.5",
    title="Alone and in company",
    stars=2,
    minutes=20,
    deepens='the claim "the company convicts three of the four, the silent step the fourth"',
    statement="Write the contract that convicts a model whose answers depend on their neighbours "
    "in the batch: measure by how much they change in company.",
    reference=change_in_company,
    alternatives=(_change_by_loop,),
    inputs=_company_cases,
    returns=("the largest change",),
    tolerance=1e-9,
    praise="a sound model gives rounding errors and nothing else",
    misconceptions=(
        Misconception(
            "signs kept",
            "changes downwards do not count here: take the size of each change",
            _compared(np.max),
        ),
        Misconception(
            "the mean change",
            "this is the mean change: one sequence that is badly off must not hide behind the "
            "others; take the largest",
            _compared(lambda differences: np.mean(np.abs(differences))),
        ),
        Misconception(
            "the summed change",
            "this adds the changes up; the largest was asked",
            _compared(lambda differences: np.sum(np.abs(differences))),
        ),
        Misconception(
            "length of a change",
            "this is the Euclidean length of a sequence's change; the largest single number was "
            "asked",
            _compared(lambda differences: np.max(np.linalg.norm(differences, axis=-1))),
        ),
        Misconception(
            "yes or no",
            "this says *whether* answers change; by how much was asked",
            _compared(lambda differences: _largest(differences) > 1e-9),
        ),
        Misconception(
            "the first sequence alone",
            "only the first sequence is tried: try every one",
            _compared(_largest, keep=lambda n, sequences: n == 0),
        ),
        Misconception(
            "the longest alone",
            "only the longest sequence is tried: it is the one that padding cannot touch",
            _compared(_largest, keep=lambda n, sequences: n == _longest_number(sequences)),
        ),
        Misconception(
            "beside one of equal length",
            "a second sequence of equal length is company too: alone is answer([row])",
            _compared(
                _largest,
                others=lambda row, sequences: [row, -row],
            ),
        ),
        Misconception(
            "against every row",
            "each answer given alone is compared with *all* rows of the batch; compare it with "
            "the row of its own sequence",
            lambda answer, sequences: max(
                float(np.max(np.abs(np.asarray(answer([row])) - np.asarray(answer(sequences)))))
                for row in sequences
            ),
        ),
        Misconception(
            "alone, but as wide as the batch",
            "the sequence is alone, but was padded to the width of the batch before: alone is "
            "answer([row]), without padding",
            _compared(
                _largest,
                others=lambda row, sequences: [
                    np.pad(row, ((0, max(map(len, sequences)) - len(row)), (0, 0)))
                ],
            ),
        ),
        Misconception(
            "the first output",
            "only the first output of each answer is compared: take all of them",
            _compared(lambda differences: np.max(np.abs(differences[:, 0]))),
        ),
        Misconception(
            "in another order",
            "this compares the whole batch in another order: the company is the same, and so is "
            "the padding",
            lambda answer, sequences: float(
                np.max(
                    np.abs(
                        np.asarray(answer(sequences)) - np.asarray(answer(sequences[::-1]))[::-1]
                    )
                )
            ),
        ),
        Misconception(
            "relative to the answer",
            "this is the change divided by the answer's size; the change itself was asked",
            lambda answer, sequences: (
                change_in_company(answer, sequences) / float(np.max(np.abs(answer(sequences))))
            ),
        ),
    ),
    hints=(
        "A batch of one needs no padding: answer([row]) is what the model says of `row` alone.",
        "Compare that with row number n of answer(sequences), for every n and every output.",
        "Put the answers given alone into one array of the shape of answer(sequences). Then one "
        "line is left.",
    ),
)

# --- 12.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="12.6",
    title="As many steps as fit",
    stars=3,
    minutes=50,
    deepens='the claim "the share of yes varies more from batch '
    'to batch if length decides who is in it"',
    statement="Batches with a fixed number of sequences waste less or more steps by chance: build "
    "batches with a fixed number of *steps* instead, and find out what that changes besides the "
    "time.",
    kind="open",
    hints=(
        "Sort a pool by length and fill a batch until one more sequence would break the budget: "
        "its rows times its width.",
        "Batches of short sequences now hold many of them, batches of long ones few. Count updates "
        "per epoch, steps per epoch, and the share of long sequences among all gradients.",
        "Spoiler, read it after your experiment: where the loss is a mean over the batch, a "
        "sequence in a small batch pulls harder than one in a large batch.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _contract, _open)
