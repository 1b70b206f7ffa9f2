"""Answer sheet of chapter 16, Being one's own teacher."""

import itertools
import math
from collections import Counter

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 16.1 Whose word is fed ---------------------------------------------------------------------

WORDS = ("start", "end", "hundert", "ein", "und", "zwanzig", "zwei")
TARGET = (2, 3, 4, 5, 1)  # hundert ein und zwanzig end
NEXT = np.array(
    [
        [0, 0.0, 0.7, 0.2, 0.0, 0.0, 0.1],
        [0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0, 0.1, 0.0, 0.4, 0.0, 0.0, 0.5],
        [0, 0.1, 0.1, 0.0, 0.8, 0.0, 0.0],
        [0, 0.0, 0.2, 0.1, 0.0, 0.6, 0.1],
        [0, 0.9, 0.0, 0.0, 0.1, 0.0, 0.0],
        [0, 0.1, 0.6, 0.0, 0.3, 0.0, 0.0],
    ]
)
FED = (0, *TARGET[:-1])
FORCED = tuple(int(k) for k in NEXT[list(FED)].argmax(axis=1))


def _free():
    said = [0]
    for _ in TARGET:
        said.append(int(NEXT[said[-1]].argmax()))
    return tuple(said[1:])


FREE = _free()
STEPWISE = NEXT[list(FED), list(TARGET)]  # 0.7, 0.4, 0.8, 0.6, 0.9
PROBABILITY = float(np.prod(STEPWISE))

_OF_WORDS = {
    "fed": {
        "the target itself": (
            "these are the target; fed is what comes *before* each of its words",
            TARGET,
        ),
        "its own words": (
            "these are what the decoder says itself; a teacher feeds the words of the target, "
            "whatever the decoder said",
            (0, *FREE[:-1]),
        ),
        "its own words under the teacher": (
            "these are the decoder's own answers; a teacher feeds the words of the target, "
            "whatever the decoder said",
            (0, *FORCED[:-1]),
        ),
        "end for start": (
            "before its first word a decoder is fed `start`; `end` is only ever a target",
            (1, *TARGET[:-1]),
        ),
        "shifted the other way": (
            "the target is shifted towards the front here: the decoder would be fed the word after "
            "the one that it is to say",
            (*TARGET[1:], 1),
        ),
    },
    "forced": {
        "the target said": (
            "this is the target; the decoder says what is most probable in the row of the word fed",
            TARGET,
        ),
        "free for forced": (
            "this is what it says when it is fed its own words; here it is fed those of the target",
            FREE,
        ),
        "fed the answer": (
            "these are the rows of the words that are to be said; look in the rows of those fed "
            "before them",
            tuple(int(k) for k in NEXT[list(TARGET)].argmax(axis=1)),
        ),
    },
    "free": {
        "forced for free": (
            "this is what it says to the target's words; running free, it is fed what it said last",
            FORCED,
        ),
        "the target heard": (
            "this is the target; nobody tells it to a decoder that runs free",
            TARGET,
        ),
        "stopped at the mistake": (
            "nothing stops the decoder at its first mistake: it does not know that it made one",
            (*FREE[:2], 1, 1, 1),
        ),
    },
    "probability": {
        "of its own words": (
            "this is the probability of what the decoder says when it runs free; that of the "
            "target was asked",
            float(np.prod(NEXT[[0, *FREE[:-1]], list(FREE)])),
        ),
        "of the best answers": (
            "these are the largest numbers of the rows; take those of the target's words, also "
            "where the decoder would say another",
            float(np.prod(NEXT[list(FED)].max(axis=1))),
        ),
        "logarithm": ("this is its logarithm", float(np.log(PROBABILITY))),
        "sum": ("the five numbers are added; they are factors", float(STEPWISE.sum())),
        "mean": ("this is the mean of five numbers; they are factors", float(STEPWISE.mean())),
        "per step": (
            "this is the probability per step; the whole sequence was asked",
            PROBABILITY ** (1 / 5),
        ),
        "without end": (
            "the last step is missing: that the decoder ends here has its probability as well",
            float(np.prod(STEPWISE[:-1])),
        ),
        "without the first": (
            "the first step is missing: the row of `start` has its probability as well",
            float(np.prod(STEPWISE[1:])),
        ),
        "share of right answers": ("this is the share of steps that are right", 0.8),
    },
}
TRACED = {"fed": FED, "forced": FORCED, "free": FREE, "probability": PROBABILITY}


def _parts_judge(right, known, tolerance):
    """A judge that goes through the parts in order and explains the first that is wrong."""

    def judge(answer, rng):
        for (name, wanted), part in zip(right.items(), answer, strict=True):
            near = tolerance.get(name, tolerance[""])
            wanted, part = np.ravel(wanted).astype(float), np.ravel(part)
            wrong = np.flatnonzero(np.abs(part - wanted) > near)
            if not len(wrong):
                continue
            told = (
                says
                for says, value in known[name].values()
                if np.all(np.abs(part - np.ravel(value)) <= near)
            )
            at = f"at [{wrong[0]}] " if len(wanted) > 1 else ""
            yours = f"{at}yours is {np.round(part[wrong[0]], 3)}, which is not right"
            if np.all(np.abs(part / 100 - wanted) <= near):
                yours = "this is in percent; a share between 0 and 1 was asked"
            return f"{name}: {next(told, yours)}"
        return None

    return judge


def _known_parts(right, known):
    """A misconception for each wrong value of each part, the other parts being right."""
    return tuple(
        Misconception(
            f"{part}, {label}",
            f"{part}: {says}",
            tuple(value if name == part else good for name, good in right.items()),
        )
        for part, wrongs in known.items()
        for label, (says, value) in wrongs.items()
    )


_trace = Exercise(
    id="16.1",
    title="Whose word is fed",
    stars=1,
    minutes=12,
    deepens='the claim "free-running, over five in a hundred '
    'fewer sounds are right, place by place"',
    statement="Run one small decoder twice by hand: once with a teacher, and once as its own.",
    kind="value",
    reference=tuple(TRACED.values()),
    alternatives=(
        (list(FED), list(FORCED), list(FREE), 0.121),
        (np.array(FED), np.array(FORCED), np.array(FREE), PROBABILITY),
    ),
    returns=tuple(TRACED),
    judge=_parts_judge(TRACED, _OF_WORDS, {"": 0.0006}),
    praise="four words of five are right with the teacher and one without: the same decoder",
    misconceptions=_known_parts(TRACED, _OF_WORDS),
    hints=(
        "Fed is `start`, and then every word of the target but the last.",
        "For `forced`, look for the largest number in the row of each word in `fed`; for `free`, "
        "begin in the row of `start` and go on in the row of what you found.",
        "The probability of the target needs no arg max: in the row of each word fed, take the "
        "number of the word that is to be said, and multiply the five.",
    ),
)

# --- 16.2 One place to the right ----------------------------------------------------------------


def teacher_forced(ids, lengths, start, end, pad):
    """inputs, targets and mask, each (B, T + 1), padding beyond `end` in both."""
    return _teacher_forced(ids, lengths, start, end, pad)


def _teacher_forced(
    ids,
    lengths,
    start,
    end,
    pad,
    *,
    first=lambda start, **others: start,
    ends=lambda lengths, T: lengths,
    real=lambda lengths, T: lengths + 1,
    fill=lambda pad: pad,
    change=None,
):
    """The same, with a switch for what people forget."""
    B, T = ids.shape
    ids = np.where(np.arange(T) < lengths[:, None], ids, fill(pad))
    before = np.full((B, 1), first(start=start, end=end, pad=pad))
    inputs = np.concatenate([before, ids], axis=1)
    targets = np.concatenate([ids, np.full((B, 1), fill(pad))], axis=1)
    if ends is not None:
        targets[np.arange(B), ends(lengths, T)] = end
    mask = np.arange(T + 1) < np.broadcast_to(real(lengths, T), B)[:, None]
    if change is not None:
        inputs, targets = change(inputs, targets, lengths)
    return inputs, targets, mask


def _teacher_forced_by_rows(ids, lengths, start, end, pad):
    """Each row framed by itself, then padded."""
    T = ids.shape[1]
    inputs, targets, mask = [], [], []
    for row, n in zip(ids, lengths, strict=True):
        words, gap = [int(k) for k in row[:n]], [pad] * (T - n)
        inputs.append([start, *words, *gap])
        targets.append([*words, end, *gap])
        mask.append([True] * (n + 1) + [False] * (T - n))
    return [inputs, targets, mask]


def _teacher_forced_by_value(ids, lengths, start, end, pad):
    """The mask read off the inputs."""
    inputs = np.pad(ids, ((0, 0), (1, 0)), constant_values=start)
    targets = np.where(np.arange(ids.shape[1] + 1) == lengths[:, None], end, np.roll(inputs, -1, 1))
    targets = np.where(inputs == pad, pad, targets)
    return inputs, targets, inputs != pad


def _fed_end(inputs, targets, lengths):
    """Short rows are fed `end` where padding should stand."""
    after = np.arange(inputs.shape[1]) == lengths[:, None] + 1
    return np.where(after, targets[np.arange(len(lengths)), lengths][:, None], inputs), targets


def _targets_filled_with_end(inputs, targets, lengths):
    """As where one symbol serves for the end and for padding."""
    after = np.arange(inputs.shape[1]) > lengths[:, None]
    return inputs, np.where(after, targets[np.arange(len(lengths)), lengths][:, None], targets)


def _rolled(inputs, targets, lengths):
    return np.roll(targets, 1, axis=1), targets


def _rolled_over_rows(inputs, targets, lengths):
    return np.roll(targets, 1), targets


def _forced(**switches):
    return lambda *args: _teacher_forced(*args, **switches)


def _target_case(rng, lengths, T, label):
    """Rows padded with a number that is not 0, among special numbers that differ every time."""
    start, end, pad, low = ((1, 2, 3, 4), (2, 3, 1, 4), (3, 1, 2, 5))[rng.integers(3)]
    lengths = np.array(lengths)
    ids = rng.integers(low + 1, low + 9, (len(lengths), T))
    ids = np.where(np.arange(T) < lengths[:, None], ids, pad)
    return Case(label, (ids, lengths, start, end, pad))


def _target_cases(rng):
    return [
        _target_case(rng, (4, 2, 5), 5, "lengths 4, 2, 5"),
        _target_case(rng, (1, 7), 7, "lengths 1, 7"),
        _target_case(rng, (3, 3, 3, 3), 3, "equal lengths"),
        _target_case(rng, (2, 4), 6, "a width that no row needs"),
        _target_case(rng, (0, 3), 3, "an empty target"),
    ]


_implement = Exercise(
    id="16.2",
    title="One place to the right",
    stars=2,
    minutes=20,
    deepens='the claim "the equations in NumPy and the package\'s encoder-decoder"',
    statement="Turn padded targets into what a teacher-forced decoder needs: what it is fed, what "
    "it has to say, and which steps count.",
    reference=teacher_forced,
    alternatives=(_teacher_forced_by_rows, _teacher_forced_by_value),
    inputs=_target_cases,
    returns=("inputs (B, T + 1)", "targets (B, T + 1)", "mask (B, T + 1)"),
    praise="one step more than there are words, since stopping is a word too",
    misconceptions=(
        Misconception(
            "fed the answer",
            "inputs and targets are the same: the decoder is fed the word that it is to say, and "
            "learns to copy it; shift the inputs by one place",
            _forced(change=lambda inputs, targets, lengths: (targets, targets)),
        ),
        Misconception(
            "start as a target",
            "inputs and targets are the same, `start` included: nobody has to say `start`; the "
            "first target is the first word",
            _forced(change=lambda inputs, targets, lengths: (inputs, inputs)),
        ),
        Misconception(
            "fed the word after",
            "the inputs are shifted the wrong way: at each step the decoder is fed the word after "
            "the one that it is to say",
            _forced(
                change=lambda inputs, targets, lengths: (
                    np.concatenate([targets[:, 1:], targets[:, -1:]], axis=1),
                    targets,
                )
            ),
        ),
        Misconception(
            "end in the last column",
            "targets: `end` stands in the last column of every row; a short row ends right after "
            "its own last word",
            _forced(ends=lambda lengths, T: np.full(len(lengths), T)),
        ),
        Misconception(
            "end on the last word",
            "targets: `end` stands in the place of the last word; it comes after it",
            _forced(ends=lambda lengths, T: np.maximum(lengths - 1, 0)),
        ),
        Misconception(
            "no end",
            "targets: there is no `end`; a decoder that never sees it never learns to stop",
            _forced(ends=None),
        ),
        Misconception(
            "end not counted",
            "mask: `end` is not counted; it is a target like the others, and nothing else teaches "
            "the decoder to stop",
            _forced(real=lambda lengths, T: lengths),
        ),
        Misconception(
            "padding counted",
            "mask: padding is counted: the decoder would be trained, and praised, for saying "
            "padding",
            _forced(real=lambda lengths, T: T + 1),
        ),
        Misconception(
            "short rows fed end",
            "inputs: short rows are fed `end`, as when the framed rows lose their last column; no "
            "loss sees it, as the mask is False there, but padding was asked",
            _forced(change=_fed_end),
        ),
        Misconception(
            "end for start",
            "inputs: the first input is `end`; it is `start`",
            _forced(first=lambda end, **others: end),
        ),
        Misconception(
            "padding for start",
            "inputs: the first input is padding; it is `start`",
            _forced(first=lambda pad, **others: pad),
        ),
        Misconception(
            "rolled",
            "inputs: np.roll brings the last column to the front; `start` belongs there",
            _forced(change=_rolled),
        ),
        Misconception(
            "rolled over the batch",
            "inputs: np.roll without an axis moves the last number of each row into the next row; "
            "each row begins with `start`",
            _forced(change=_rolled_over_rows),
        ),
        Misconception(
            "targets filled with end",
            "targets: short rows are filled up with `end`; one `end` stands behind the last word, "
            "and then there is padding",
            _forced(change=_targets_filled_with_end),
        ),
        Misconception(
            "0 for padding",
            "padding is 0 here; it is the number `pad`",
            _forced(fill=lambda pad: 0),
        ),
    ),
    hints=(
        "A column of `start` before the words makes the inputs, a column of `pad` behind them "
        "makes room for `end` in the targets.",
        "`end` has another column in each row: column number lengths[b] of row b. "
        "targets[np.arange(B), lengths] reaches them all.",
        "There are lengths + 1 steps that count: np.arange(T + 1) <= lengths[:, None].",
    ),
)

# --- 16.3 What follows a mistake ----------------------------------------------------------------

AFTER_RIGHT, AFTER_WRONG, STEPS, WISHED = 0.96, 0.36, 20, 0.9


def _right_at(p, q, steps):
    """The share right at each step: p after a right step (and at the first), q after a wrong."""
    shares = [p]
    while len(shares) < steps:
        shares.append(shares[-1] * p + (1 - shares[-1]) * q)
    return np.array(shares)


_NEVER = _right_at(AFTER_RIGHT, 0.0, STEPS)
_AGAIN = _right_at(AFTER_RIGHT, AFTER_WRONG, STEPS)
SHARES = {
    "exact_5": AFTER_RIGHT**5,
    "exact_20": AFTER_RIGHT**STEPS,
    "mean_lost": float(_NEVER.mean()),
    "last_recovering": float(_AGAIN[-1]),
    "exact_recovering": AFTER_RIGHT**STEPS,
    "needed": WISHED ** (1 / STEPS),
}
_OF_SHARES = {
    "exact_5": {
        "one step of five": (
            "this is the share of a single step; all five must be right",
            AFTER_RIGHT,
        ),
        "mistakes added, five": (
            "mistakes are added here; being right all the time is a product",
            1 - 5 * (1 - AFTER_RIGHT),
        ),
        "wrong for right, five": ("this is the share with a mistake", 1 - AFTER_RIGHT**5),
        "one step too few": (
            "this is for four steps; the first has its factor too",
            AFTER_RIGHT**4,
        ),
        "one step too many": ("this is for six steps", AFTER_RIGHT**6),
    },
    "exact_20": {
        "one step of twenty": (
            "this is the share of a single step; all must be right",
            AFTER_RIGHT,
        ),
        "mistakes added, twenty": (
            "mistakes are added here; being right all the time is a product",
            1 - STEPS * (1 - AFTER_RIGHT),
        ),
        "wrong for right, twenty": ("this is the share with a mistake", 1 - AFTER_RIGHT**STEPS),
        "nineteen": ("this is for one step less; the first has its factor too", AFTER_RIGHT**19),
        "scaled": (
            "four times as long is not four times as hard: take the share of five steps to the "
            "power of four",
            AFTER_RIGHT**5 / 4,
        ),
    },
    "mean_lost": {
        "the last step": (
            "this is the share at the last step; take the mean over all steps",
            AFTER_RIGHT**STEPS,
        ),
        "as with the teacher": (
            "this is the share with a teacher; running free, all that follows a mistake is wrong "
            "here",
            AFTER_RIGHT,
        ),
        "half way": (
            "this is the share in the middle; the curve is no straight line, so take the mean of "
            "all steps",
            AFTER_RIGHT**10,
        ),
        "summed": (
            "this is the number of steps that are right; the share was asked",
            float(_NEVER.sum()),
        ),
        "begun at 1": (
            "this begins with a share of one; the first step can be wrong like the others",
            float(_NEVER.mean() / AFTER_RIGHT),
        ),
    },
    "last_recovering": {
        "recovery ignored": (
            "this is what comes if it never recovers; here it does, in some of the cases",
            AFTER_RIGHT**STEPS,
        ),
        "the teacher's share": (
            "this is the share with a teacher, where every word before is right",
            AFTER_RIGHT,
        ),
        "the mean of both": (
            "this weighs both cases alike; most steps come after a right one",
            (AFTER_RIGHT + AFTER_WRONG) / 2,
        ),
        "after a wrong one": ("this is the share after a mistake alone", AFTER_WRONG),
        "the mean over the steps": (
            "this is the mean over all steps; the share at the last one was asked",
            float(_AGAIN.mean()),
        ),
        "a single mistake": (
            "this follows one step only: the step before may itself come after a mistake, and so "
            "on",
            float(_AGAIN[1]),
        ),
        "wrong for right at the end": ("this is the share that is *wrong*", 1 - float(_AGAIN[-1])),
    },
    "exact_recovering": {
        "the last step again": (
            "this is the share right at the last step; a sequence with one mistake is no longer "
            "exact, whatever follows",
            float(_AGAIN[-1]),
        ),
        "a power of the last step": (
            "as long as everything is right, every step comes after a right one: no recovery is "
            "in it",
            float(_AGAIN[-1]) ** STEPS,
        ),
        "product of the shares": (
            "the steps do not stand alone: as long as everything is right, every step comes after "
            "a right one",
            float(np.prod(_AGAIN)),
        ),
        "forgiven": ("a sequence with one mistake is not exact, however it goes on", 1.0),
    },
    "needed": {
        "the wish itself": ("this is the wish for the whole; one step needs more", WISHED),
        "power for root": ("take the root, not the power", WISHED**STEPS),
        "shared out": (
            "this shares the mistakes out evenly, 0.1 over all steps; they multiply, though the "
            "difference is small: give four decimals",
            1 - 0.1 / STEPS,
        ),
        "for five": ("this is for five steps", WISHED ** (1 / 5)),
    },
}

_predict = Exercise(
    id="16.3",
    title="What follows a mistake",
    stars=2,
    minutes=18,
    deepens='the claim "which words are all right does not depend on who feeds the decoder"',
    statement="Predict, before you measure, what becomes of a decoder that is right at 96 % of its "
    "steps when nobody puts it right.",
    kind="value",
    reference=tuple(SHARES.values()),
    alternatives=(
        np.round(tuple(SHARES.values()), 4),
        [0.815, 0.442, 0.67, 0.9, 0.442, 0.9947],
    ),
    returns=tuple(SHARES),
    judge=_parts_judge(SHARES, _OF_SHARES, {"needed": 0.00015, "": 0.0012}),
    praise="recovering mends the share of words, and leaves the share of sentences as it was",
    misconceptions=_known_parts(SHARES, _OF_SHARES),
    hints=(
        "All n steps are right with probability 0.96 to the power of n, and that is also the share "
        "of runs that are still right at step n.",
        "If it recovers: right now = 0.96 · right before + 0.36 · wrong before. After a few steps "
        "this no longer changes; set both sides equal.",
        "exact_recovering asks for no mistake at all: does it matter what would come after one? "
        "For the last, solve p to the power of 20 = 0.9.",
    ),
)

# --- 16.4 A decoder that is helped too much -----------------------------------------------------


def translate(encode, step, source, target, start, end):
    """ids (B, T), what the decoder says on its own, and the share of rows that are all right."""
    return _translate(encode, step, source, target, start, end)


def _translate(
    encode,
    step,
    source,
    target,
    start,
    end,
    *,
    own=True,
    fixed=True,
    stops=True,
    state_kept=True,
    begun=lambda summary: summary,
    fed=None,
    until=None,
    exact=lambda said, target: (said == target).all(axis=1).mean(),
):
    """The mended function, with a switch for each fault."""
    summary = encode(source)
    h, ids = begun(summary), np.full(len(target), start)
    done, said = np.zeros(len(target), dtype=bool), []
    for t in range(target.shape[1]):
        before = h if state_kept else encode(source)
        logits, h = step(ids, before, summary if fixed else before)
        best = np.asarray(logits).argmax(axis=1)
        ids = np.where(done, end, best) if stops else best
        said.append(ids)
        done = done | (ids == end)
        if until is not None and until(done):
            break
        if fed is not None:
            ids = fed(ids, logits, t)
        if not own:
            ids = target[:, t]
    said += [np.full(len(target), end)] * (target.shape[1] - len(said))
    said = np.stack(said, axis=1)
    return said, float(exact(said, target))


def _translate_by_rows(encode, step, source, target, start, end):
    """One sequence at a time, up to its end."""
    T, rows = target.shape[1], []
    for one in source:
        summary = h = encode(one[None])
        row = [start]
        while len(row) <= T and row[-1] != end:
            logits, h = step(np.array(row[-1:]), h, summary)
            row.append(int(np.argmax(logits)))
        rows.append((row[1:] + [end] * T)[:T])
    right = [row == list(truth) for row, truth in zip(rows, target, strict=True)]
    return [rows, sum(right) / len(right)]


def _translate_then_cut(encode, step, source, target, start, end):
    """Everything is said first; what follows the first end is overwritten."""
    h = summary = encode(source)
    ids, said = np.array([start] * len(source)), np.zeros(target.shape, int)
    for t in range(target.shape[1]):
        logits, h = step(ids, h, summary)
        ids = said[:, t] = logits.argmax(-1)
    over = np.cumsum(said == end, axis=1) > 0
    said = np.where(over, end, said)
    return said, np.mean(np.all(said == target, axis=-1))


def _ended_by_the_target(encode, step, source, target, start, end):
    """Its own words, but where the target is over, so is the answer."""
    said = _translate(encode, step, source, target, start, end, stops=False)[0]
    said = np.where(target == end, end, said)
    return said, float((said == target).all(axis=1).mean())


def _end_not_scored(encode, step, source, target, start, end):
    """Its own words, scored only where the target has words."""
    said = _translate(encode, step, source, target, start, end)[0]
    return said, float(((said == target) | (target == end)).all(axis=1).mean())


FAULTS = {
    "own": "the decoder is fed the target's words; in use there is no target, so feed it what it "
    "said last",
    "fixed": "the summary changes from step to step; it is the encoder's last state, computed once "
    "and the same at every step",
    "stops": "a row goes on after its `end`; from there on it is over, and filled up with `end`",
}


def _faults():
    """A misconception for each set of faults that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(FAULTS, count):
            says = "still there: " + "; ".join(FAULTS[name] for name in names)
            if count == 3:
                says = f"this still does what the broken function does; begin here: {FAULTS['own']}"
            yield Misconception(
                " and ".join(names),
                says,
                lambda *args, names=names: _translate(*args, **dict.fromkeys(names, False)),
            )


def _translated(**switches):
    return lambda *args: _translate(*args, **switches)


def _decoder(rng, V, S, H, end):
    """A random encoder and decoder; its weights are large, so that all it is fed matters."""
    E_x, E_y = rng.normal(size=(V, H)), 1.5 * rng.normal(size=(V + 1, H))
    W_hh, W_ch = 2.4 * rng.normal(size=(2, H, H)) / np.sqrt(H)
    W_hy, places = rng.normal(size=(H, V)), rng.uniform(0.5, 1.5, S)
    b_y = 1.0 * (np.arange(V) == end)  # so that most answers end in time

    def encode(source):
        return np.tanh((E_x[source] * places[:, None]).sum(axis=1))

    def step(ids, h, summary):
        h = np.tanh(E_y[ids] + h @ W_hh + summary @ W_ch)
        return h @ W_hy + b_y, h

    return encode, step


def _decoder_case(rng, B, T, label):
    """A model, sources and targets on which no two ways to decode say the same."""
    V, S, H = 6, 4, 8
    start, end = V, int(rng.integers(0, V))
    while True:
        encode, step = _decoder(rng, V, S, H, end)
        source = rng.integers(0, V, (B, S))
        said = translate(encode, step, source, np.full((B, T), end), start, end)[0]
        args = (encode, step, source, _targets(said, end, V), start, end)
        if B == 1 or _told_apart(args):
            return Case(label, args)


def _targets(said, end, V):
    """What a decoder says, but for one word (row 1), two words too long (2), or too short (3)."""
    target = said.copy()
    other = (end + 1 + np.arange(V - 1)) % V  # all words but the end
    for b, row in enumerate(target):
        n = int((row == end).argmax()) if (row == end).any() else len(row)
        if b % 4 == 1:
            at = min(1, max(n - 1, 0))
            row[at] = other[(row[at] - end) % V % (V - 1)]
        elif b % 4 == 2:
            row[n : n + 2] = other[0]
        elif b % 4 == 3:
            row[max(n - 1, 1) :] = end
    return target


def _told_apart(args):
    """Whether every way to be wrong says something else than the others, and than the truth."""
    ways = (translate, *(item.attempt for item in _repair_misconceptions))
    said = [way(*args) for way in ways]
    outcomes = {(np.asarray(ids).tobytes(), round(share, 9)) for ids, share in said}
    return len(outcomes) == len(ways)


def _decoder_cases(rng):
    return [
        _decoder_case(rng, 6, 9, "B = 6, T = 9"),
        _decoder_case(rng, 8, 12, "B = 8, T = 12"),
        _decoder_case(rng, 1, 7, "a single sequence"),
    ]


_repair_misconceptions = (
    *_faults(),
    Misconception(
        "over when one is over",
        "all rows stop when the first of them has said `end`; the others are not done yet",
        _translated(until=lambda done: done.any()),
    ),
    Misconception(
        "ended by the target",
        "a row ends where its target ends; in use nobody knows how long the answer is, so stop at "
        "the decoder's own `end`",
        _ended_by_the_target,
    ),
    Misconception(
        "state forgotten",
        "every step begins with the encoder's state; hand on the state that the last step returned",
        _translated(state_kept=False),
    ),
    Misconception(
        "begun with zeros",
        "the decoder's first state is zeros; in training it was the encoder's last state",
        _translated(begun=np.zeros_like),
    ),
    Misconception(
        "end not scored",
        "exact: only the places where the target has words are compared; who goes on where the "
        "target has ended is not exact",
        _end_not_scored,
    ),
    Misconception(
        "start at every step",
        "the decoder is fed `start` at every step; feed it what it said last",
        lambda encode, step, source, target, start, end: _translate(
            encode, step, source, target, start, end, fed=lambda ids, logits, t: ids * 0 + start
        ),
    ),
    Misconception(
        "share of words",
        "exact: this is the share of *words* that are right; a sequence counts if all of it is",
        _translated(exact=lambda said, target: (said == target).mean()),
    ),
    Misconception(
        "number for share",
        "exact: this is how many sequences are right; divide by how many there are",
        _translated(exact=lambda said, target: (said == target).all(axis=1).sum()),
    ),
    Misconception(
        "any for all",
        "exact: a sequence counts here as soon as one of its words is right; all of them must be",
        _translated(exact=lambda said, target: (said == target).any(axis=1).mean()),
    ),
)

_repair = Exercise(
    id="16.4",
    title="A decoder that is helped too much",
    stars=2,
    minutes=25,
    deepens='the claim "decoded with a summary that drifts, '
    'the same networks make far more errors"',
    statement="Mend three faults in a function that decodes step by step, and reports a share of "
    "exact answers that no user would see.",
    reference=translate,
    alternatives=(_translate_by_rows, _translate_then_cut),
    inputs=_decoder_cases,
    returns=("ids (B, T)", "exact"),
    praise="now it measures what a user gets: nobody helps, and nothing is said after the end",
    misconceptions=_repair_misconceptions,
    hints=(
        "Which of the arguments would not exist if this were used and not measured? Only the last "
        "line may look at it.",
        "In training, the summary was the encoder's last state at every step. Compare what the "
        "loop hands over as summary at its second step.",
        "Keep `done`, a bool for each row: ids = np.where(done, end, logits.argmax(axis=1)), then "
        "done = done | (ids == end).",
    ),
)

# --- 16.5 BLEU by hand --------------------------------------------------------------------------


def bleu(said, truth, N):
    """Corpus BLEU in [0, 1]: brevity penalty times the geometric mean of clipped precisions."""
    return _bleu(said, truth, N)


def _ngrams(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def _clipped(ours, theirs):
    return sum((ours & theirs).values())


def _penalty(c, r):
    return 1.0 if c >= r else math.exp(1 - r / c)


def _geometric(precisions):
    return float(np.prod(precisions)) ** (1 / len(precisions))


def _bleu(
    said,
    truth,
    N,
    *,
    matches=_clipped,
    total=lambda ours, theirs, said, n: sum(ours.values()),
    penalty=_penalty,
    mean=_geometric,
    orders=lambda N: range(1, N + 1),
    ngrams=_ngrams,
    added=lambda n: 0,
):
    """The same, with a switch for what people forget."""
    precisions = []
    for n in orders(N):
        pairs = [(ngrams(a, n), ngrams(b, n), a) for a, b in zip(said, truth, strict=True)]
        top = sum(matches(ours, theirs) for ours, theirs, _ in pairs)
        below = sum(total(ours, theirs, a, n) for ours, theirs, a in pairs)
        top, below = top + added(n), below + added(n)
        precisions.append(top / below if below > 0 else 0.0)
    return penalty(sum(map(len, said)), sum(map(len, truth))) * mean(precisions)


def _bleu_by_loops(said, truth, N):
    """The same with lists: each n-gram of the truth can be used up once."""
    logs = 0.0
    for n in range(1, N + 1):
        hits, count = 0, 0
        for ours, theirs in zip(said, truth, strict=True):
            left = [list(theirs[i : i + n]) for i in range(len(theirs) - n + 1)]
            for i in range(max(len(ours) - n + 1, 0)):
                count += 1
                if list(ours[i : i + n]) in left:
                    left.remove(list(ours[i : i + n]))
                    hits += 1
        if hits == 0:
            return 0
        logs += np.log(hits / count) / N
    c, r = sum(len(s) for s in said), sum(len(s) for s in truth)
    return np.exp(min(0, 1 - r / c) + logs)


def _mean_of_sentences(said, truth, N):
    return float(np.mean([_bleu([a], [b], N) for a, b in zip(said, truth, strict=True)]))


def _mean_of_precisions(said, truth, N):
    precisions = []
    for n in range(1, N + 1):
        pairs = [(_ngrams(a, n), _ngrams(b, n)) for a, b in zip(said, truth, strict=True)]
        precisions.append(np.mean([_clipped(a, b) / max(sum(a.values()), 1) for a, b in pairs]))
    return _penalty(sum(map(len, said)), sum(map(len, truth))) * _geometric(precisions)


def _one_long_text(said, truth, N):
    joined = [[word for words in text for word in words] for text in (said, truth)]
    return _bleu(joined[:1], joined[1:], N)


def _clipped_by_the_corpus(said, truth, N):
    precisions = []
    for n in range(1, N + 1):
        ours, theirs = (
            sum((_ngrams(words, n) for words in text), Counter()) for text in (said, truth)
        )
        precisions.append(_clipped(ours, theirs) / max(ours.total(), 1))
    return _penalty(sum(map(len, said)), sum(map(len, truth))) * _geometric(precisions)


def _penalty_of_each(said, truth, N):
    penalties = [_penalty(len(a), len(b)) for a, b in zip(said, truth, strict=True)]
    return float(np.mean(penalties)) * _bleu(said, truth, N, penalty=lambda c, r: 1.0)


def _scored(**switches):
    return lambda said, truth, N: _bleu(said, truth, N, **switches)


def _corpus(rng, change):
    """Answers to five sentences, the last of two words: with words lost, doubled, or replaced."""
    truth, said = [], []
    for length in (8, 5, 10, 7):
        words = rng.choice(list("abcdefghi"), length).tolist()
        at = int(rng.integers(1, length - 3))
        answer = [*words[:at], "x", *words[at + 1 :]]
        if change == "longer":
            answer += [*answer[-2:], answer[-1]]
        elif change == "shorter":
            answer = [*answer[:-3], answer[-4]]
        truth.append(words)
        said.append(answer)
    last = ["j", "k"] if change == "as long" else ["j"]
    return [*said, last], [*truth, ["j", "k"]]


def _corpus_cases(rng):
    """Corpora on which every two scores, right or wrong, differ somewhere."""
    wanted = (("shorter", 4), ("longer", 4), ("shorter", 2), ("longer", 1), ("as long", 3))
    while True:
        cases = [Case(f"N={N}, {change}", (*_corpus(rng, change), N)) for change, N in wanted]
        ways = (bleu, *(item.attempt for item in _bleu_misconceptions))
        scores = np.array([[way(*case.args) for case in cases] for way in ways])
        apart = np.abs(scores[:, None] - scores).max(axis=-1) + np.eye(len(ways))
        if scores[0].min() > 0.05 and apart.min() > 2e-3:
            break
    nothing = ([["a", "b", "c"]], [["c", "b", "a"]], 2)
    return [*cases, Case("no pair in common", nothing)]


_bleu_misconceptions = (
    Misconception(
        "not clipped",
        "matches are not clipped: an n-gram that the truth has once is right once, however often "
        "it is said",
        _scored(matches=lambda ours, theirs: sum(n for gram, n in ours.items() if gram in theirs)),
    ),
    Misconception(
        "kinds for numbers",
        "every kind of n-gram counts once here; count how often each occurs, up to the number in "
        "the truth",
        _scored(
            matches=lambda ours, theirs: len(ours.keys() & theirs.keys()),
            total=lambda ours, theirs, said, n: len(ours),
        ),
    ),
    Misconception(
        "kinds above, numbers below",
        "the matches count every kind of n-gram once, the total counts all of them: an n-gram that "
        "both sides have twice is right twice",
        _scored(matches=lambda ours, theirs: len(ours.keys() & theirs.keys())),
    ),
    Misconception(
        "recall for precision",
        "the matches are divided by the n-grams of the truth, which is recall; divide by those "
        "that were said",
        _scored(total=lambda ours, theirs, said, n: sum(theirs.values())),
    ),
    Misconception(
        "short sentences below zero",
        "a sentence shorter than n has no n-grams; len - n + 1 is negative there, and lowers the "
        "total",
        _scored(total=lambda ours, theirs, said, n: len(said) - n + 1),
    ),
    Misconception(
        "total of words",
        "the matches are divided by the number of words; divide by the number of n-grams",
        _scored(total=lambda ours, theirs, said, n: len(said)),
    ),
    Misconception(
        "mean of sentences",
        "this is the mean of the sentences' own scores; add matches and totals up over the corpus "
        "first",
        _mean_of_sentences,
    ),
    Misconception(
        "mean of precisions",
        "each precision is a mean over sentences here; add matches and totals up over the corpus, "
        "then divide",
        _mean_of_precisions,
    ),
    Misconception(
        "one long text",
        "the sentences are joined: n-grams reach over their borders, and a word may be right in "
        "another sentence",
        _one_long_text,
    ),
    Misconception(
        "clipped by the corpus",
        "matches are clipped against the whole corpus: an n-gram is right only if the truth of "
        "its own sentence has it",
        _clipped_by_the_corpus,
    ),
    Misconception(
        "said and truth exchanged",
        "what was said and what is true are exchanged",
        lambda said, truth, N: _bleu(truth, said, N),
    ),
    Misconception(
        "smoothed",
        "one is added to matches and totals, which is smoothing; none was asked",
        _scored(added=lambda n: 1),
    ),
    Misconception(
        "smoothed above one word",
        "one is added to matches and totals for n above 1, which is smoothing; none was asked",
        _scored(added=lambda n: int(n > 1)),
    ),
    Misconception(
        "arithmetic mean",
        "this is the arithmetic mean of the precisions; BLEU takes the geometric one",
        _scored(mean=np.mean),
    ),
    Misconception(
        "product without root",
        "the precisions are multiplied, but the root is missing: the N-th root of the product",
        _scored(mean=np.prod),
    ),
    Misconception(
        "longest n-grams alone",
        "this is the precision for n = N alone; take n = 1 to N",
        _scored(orders=lambda N: [N]),
    ),
    Misconception(
        "no penalty",
        "the brevity penalty is missing: saying little, and only what is sure, is not punished",
        _scored(penalty=lambda c, r: 1.0),
    ),
    Misconception(
        "bonus for length",
        "the brevity penalty is above 1 where more is said than in the truth; it is 1 there",
        _scored(penalty=lambda c, r: math.exp(1 - r / c)),
    ),
    Misconception(
        "penalty for length too",
        "answers that are too long are punished as well; the penalty is for brevity alone, as too "
        "much lowers the precisions",
        _scored(penalty=lambda c, r: math.exp(1 - max(r / c, c / r))),
    ),
    Misconception(
        "lengths exchanged",
        "the brevity penalty has the two lengths exchanged: it is for answers shorter than the "
        "truth",
        _scored(penalty=lambda c, r: _penalty(r, c)),
    ),
    Misconception(
        "ratio for penalty",
        "the penalty is the ratio of the lengths here; it is exp(1 - r / c)",
        _scored(penalty=lambda c, r: min(1.0, c / r)),
    ),
    Misconception(
        "penalty of each sentence",
        "each sentence has a brevity penalty of its own here; one long answer may make up for a "
        "short one, so take the lengths of the whole corpus",
        _penalty_of_each,
    ),
    Misconception(
        "percent",
        "this is in percent; a number between 0 and 1 was asked",
        lambda said, truth, N: 100 * bleu(said, truth, N),
    ),
)

_score = Exercise(
    id="16.5",
    title="BLEU by hand",
    stars=3,
    minutes=30,
    deepens='the claim "word by word, most numbers are wrong and the chrF is still over sixty"',
    statement="Write BLEU, so that its clipping, its pooling and its penalty hold no secrets.",
    reference=bleu,
    alternatives=(_bleu_by_loops,),
    inputs=_corpus_cases,
    returns=("bleu",),
    praise="the same as sacrebleu without smoothing, divided by a hundred",
    misconceptions=_bleu_misconceptions,
    hints=(
        "Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1)) counts the n-grams of "
        "a sentence.",
        "For two Counters, (a & b) keeps the smaller of each two counts, which is the clipping. "
        "Add matches and totals of all sentences, and divide once for each n.",
        "Where all precisions p_n are above zero: penalty times (p_1 ... p_N) to the power of "
        "1 / N, with c and r the lengths of the whole corpus.",
    ),
)

# --- 16.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="16.6",
    title="One mistake and the next",
    stars=3,
    minutes=50,
    deepens='the claim "on numerals a mistake brings hardly another one"',
    statement="Push a trained decoder off its path by a single wrong word, and find out whether "
    "one mistake brings the next.",
    kind="open",
    hints=(
        "Feed the target's words, but one wrong word at step k, and from there on the decoder's "
        "own words. Compare the share right after the push with the share without it, step by "
        "step.",
        "From what follows a right word and what follows a wrong one you have p and q of exercise "
        "16.3, and with them a forecast of the free run. Compare it with the free run.",
        "Spoiler, read it after your experiment: are the mistakes spread evenly over all "
        "sentences, or do some have many and most none? Compare the share of exact answers with "
        "the product of the shares at each step.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _score, _open)
