"""Answer sheet of chapter 24, A loss that finds out when."""

import itertools
from functools import cache

import numpy as np

from rnncourse import text
from rnncourse.ctc import extended, forward, occupancy
from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 24.1 What a path says ----------------------------------------------------------------------

HEARD = "_33_3_443"


def collapse(path):
    """Merge equal neighbours, then drop blanks."""
    return "".join(label for label, _ in itertools.groupby(path) if label != "_")


def ways(digits, T):
    """How many paths of T steps collapse to these digits."""
    paths = itertools.product(sorted({*digits, "_"}), repeat=T)
    return sum(collapse(path) == digits for path in paths)


_OF_TRANSCRIPT = {
    "blanks dropped first": (
        "transcript: here blanks were dropped before equal neighbours were merged; then no digit "
        "could ever be said twice in a row. Merge first",
        343,
    ),
    "each run after a blank merged": (
        "transcript: each digit appears once only; it is *neighbouring* steps that are merged, and "
        "a digit may come back later",
        34,
    ),
    "never merged": (
        "transcript: steps that are neighbours and say the same digit are one digit that lasts; "
        "merge them",
        333443,
    ),
    "blanks kept as zeros": (
        "transcript: the blank is no digit, and not a zero; it goes once equal neighbours are "
        "merged",
        303043,
    ),
    "last run forgotten": ("transcript: the last step is missing", 334),
}
_OF_74 = {
    "no blanks": (
        "ways_74: these are the paths without any blank; blanks may stand in front, between and "
        "behind",
        3,
    ),
    "some blank needed": (
        "ways_74: the paths without any blank are missing: a blank between two *different* digits "
        "is allowed, not needed",
        12,
    ),
    "blank between needed": (
        "ways_74: a blank between two *different* digits is allowed, not needed",
        5,
    ),
    "one step or no ends": (
        "ways_74: a digit may last for several steps, *and* blanks may stand in front and behind",
        6,
    ),
    "all paths": ("ways_74: these are all paths of four steps over three symbols", 81),
}
_OF_77 = {
    "no blank needed": (
        "ways_77: as many as for two different digits? Two equal ones need a blank between them, "
        "or they melt into one",
        15,
    ),
    "never merged": (
        "ways_77: neighbouring steps with the same digit count as two here; they are merged",
        6,
    ),
    "no ends": (
        "ways_77: either blanks in front and behind are missing, or digits that last for two steps",
        3,
    ),
    "as good as one": (
        "ways_77: these are the paths that hold two runs and no step to spare; the fourth step "
        "has to go somewhere",
        1,
    ),
    "dropped first": (
        "ways_77: none, if blanks were dropped before merging; merge first",
        0,
    ),
    "all paths": ("ways_77: these are all paths of four steps over two symbols", 16),
}
_OF_SHORTEST = {
    "no blanks": (
        "shortest: a step for each digit is not enough: without blanks equal neighbours melt into "
        "one",
        5,
    ),
    "blanks between all": (
        "shortest: a blank is needed between *equal* neighbours alone",
        9,
    ),
    "a blank for each digit": (
        "shortest: a blank is needed between *equal* neighbours, not with each digit",
        10,
    ),
    "blanks at all places": (
        "shortest: these are all the places there are, blanks at both ends and between; most of "
        "the blanks may be skipped",
        11,
    ),
    "a blank for each pair": (
        "shortest: three equal digits in a row have *two* borders between them, and need a blank "
        "at each",
        7,
    ),
}
_OF_SEVEN = {
    "77 missing": (
        "p_seven: the path 7 7 is missing: a digit may last for both steps",
        0.42,
    ),
    "77 alone": ("p_seven: this is the path 7 7 alone; others collapse to 7 as well", 0.09),
    "one path": ("p_seven: this is one of the paths with a blank; there are more", 0.21),
    "a step": (
        "p_seven: this is the probability in one step, or two paths of three; add up all three "
        "paths over both steps",
        0.3,
    ),
    "steps added": (
        "p_seven: probabilities of the two steps were added; multiply along a path, add over paths",
        0.6,
    ),
    "the best path": (
        "p_seven: this is the one path that is most probable, and it says nothing at all",
        0.49,
    ),
}
PARTS = {
    "transcript": (int(collapse(HEARD)), _OF_TRANSCRIPT),
    "ways_74": (ways("74", 4), _OF_74),
    "ways_77": (ways("77", 4), _OF_77),
    "shortest": (8, _OF_SHORTEST),
    "p_seven": (0.51, _OF_SEVEN),
}
RIGHT = tuple(right for right, _ in PARTS.values())


def _trace_judge(answer, rng):
    """The first of the five numbers that is wrong, and why."""
    for (name, (right, known)), part in zip(PARTS.items(), answer, strict=True):
        value = part.item()
        if abs(value - right) <= 0.005:
            continue
        told = (says for says, wrong in known.values() if abs(value - wrong) <= 0.005)
        return next(told, f"{name}: yours is {np.round(value, 3)}, which is not right")
    return None


def _with_number(place, value):
    return (*RIGHT[:place], value, *RIGHT[place + 1 :])


_trace = Exercise(
    id="24.1",
    title="What a path says",
    stars=1,
    minutes=15,
    deepens='the claim "without a blank between them two equal labels become one, '
    'with it they stay two"',
    statement="Collapse a path by hand, count the paths that say the same, and find out what two "
    "steps most probably say.",
    kind="value",
    reference=RIGHT,
    alternatives=(
        [3343.0, 15.0, 5.0, 5 + 3, 1 - 0.7**2],
        np.array([3343, 15, 5, 8, 0.09 + 0.21 + 0.21]),
    ),
    returns=tuple(PARTS),
    judge=_trace_judge,
    praise="the most probable path says nothing, and 7 is more probable than nothing all the same",
    misconceptions=tuple(
        Misconception(f"{name}: {label}", says, _with_number(place, value))
        for place, (name, (_, known)) in enumerate(PARTS.items())
        for label, (says, value) in known.items()
    ),
    hints=(
        "Two things, in this order: where neighbouring steps say the same, keep one of them; then "
        "drop the blanks.",
        "For the counts, spread four steps over blanks and digits: each digit takes one or more, "
        "the blank before, between and behind takes none or more. Between two equal digits it "
        "takes one or more.",
        "Over two steps, 7 is said by three paths. A path's probability is a product, and those "
        "of the paths are added up.",
    ),
)

# --- 24.2 When was it said? ---------------------------------------------------------------------


def align(log_p, labels):
    """The log-probability of the best path that says `labels`, and that path (T,)."""
    return _align(log_p, labels)


def _differ(ext):
    """Where a step over the row in between is allowed: between two labels that differ."""
    return np.array([s > 1 and ext[s] != 0 and ext[s] != ext[s - 2] for s in range(len(ext))])


def _between(ext):
    return np.array([s > 1 and ext[s] != 0 for s in range(len(ext))])


def _nowhere(ext):
    return np.zeros(len(ext), bool)


def _anywhere(ext):
    return np.arange(len(ext)) > 1


def _came_from(score, allowed):
    """For each row the best score among those it can come from, and how far back that is."""
    out = np.full((3, len(score)), -np.inf)
    out[0], out[1, 1:], out[2, 2:] = score, score[:-1], score[:-2]
    out[2, ~allowed] = -np.inf
    return out, out.argmax(axis=0)


def _align(
    log_p, labels, skip=_differ, starts=(0, 1), ends=(-1, -2), total=False, unreached=-np.inf
):
    """The trellis with its arrows, with a switch for each slip; `total` sums instead of max."""
    log_p, ext = np.asarray(log_p), extended(labels)
    score, arrows = np.full(len(ext), unreached), []
    score[list(starts)] = log_p[0, ext[list(starts)]]
    for row in log_p[1:]:
        out, back = _came_from(score, skip(ext))
        arrows.append(back)
        score = (np.logaddexp.reduce(out, axis=0) if total else out.max(axis=0)) + row[ext]
    ends = np.arange(len(ext))[list(ends)]
    s = ends[np.argmax(score[ends])]
    best_p, path = (np.logaddexp.reduce(score[ends]) if total else score[s]), [s]
    for back in reversed(arrows):
        path.append(path[-1] - back[path[-1]])
    return float(best_p), ext[path[::-1]]


def _from_the_end(log_p, labels):
    """The same from the last step to the first, one row at a time."""
    ext = [0] + [k for label in labels for k in (int(label), 0)]
    S, T = len(ext), len(log_p)
    best = {s: (log_p[-1][ext[s]], (ext[s],)) for s in (S - 2, S - 1)}
    for t in range(T - 2, -1, -1):
        now = {}
        for s in range(S):
            onward = [s, s + 1]
            if s + 2 < S and ext[s + 2] not in (0, ext[s]):
                onward.append(s + 2)
            found = [best[k] for k in onward if k in best]
            if found:
                value, path = max(found, key=lambda pair: pair[0])
                now[s] = (value + log_p[t][ext[s]], (ext[s], path))
        best = now
    value, path = max((best[s] for s in (0, 1) if s in best), key=lambda pair: pair[0])
    flat = []
    while len(path) == 2:
        flat.append(path[0])
        path = path[1]
    return value, np.array([*flat, path[0]])


def _by_memory(log_p, labels):
    """The same, asking backwards for the best way to each row."""
    ext = extended(labels)

    @cache
    def best(t, s):
        if s < 0:
            return -np.inf, None
        if t == 0:
            return (log_p[0, ext[s]] if s < 2 else -np.inf), None
        ways_in = [s, s - 1] + ([s - 2] if s > 1 and ext[s] and ext[s] != ext[s - 2] else [])
        came = max(ways_in, key=lambda k: best(t - 1, k)[0])
        return best(t - 1, came)[0] + log_p[t, ext[s]], came

    T = len(log_p)
    for t in range(T):
        for s in range(len(ext)):
            best(t, s)
    s = max((len(ext) - 1, len(ext) - 2), key=lambda k: best(T - 1, k)[0])
    best_p, path = best(T - 1, s)[0], []
    for t in range(T - 1, -1, -1):
        path.insert(0, int(ext[s]))
        s = best(t, s)[1]
    return [best_p, path]


def _step_by_step(log_p, labels):
    """No trellis at all: each step's most probable symbol."""
    return float(log_p.max(axis=1).sum()), log_p.argmax(axis=1)


def _without_looking_ahead(log_p, labels):
    """Each step to the best row that can be reached, wherever that ends."""
    ext, allowed = extended(labels), _differ(extended(labels))
    s = int(np.argmax(log_p[0, ext[:2]]))
    path = [s]
    for row in log_p[1:]:
        onward = [k for k in (s, s + 1, s + 2) if k < len(ext) and (k < s + 2 or allowed[k])]
        s = max(onward, key=lambda k: row[ext[k]])
        path.append(s)
    return float(log_p[np.arange(len(path)), ext[path]].sum()), ext[path]


def _best_of_each_step(log_p, labels):
    """No arrows: the row with the best score in each step."""
    ext, path, best_p = extended(labels), [], _align(log_p, labels)[0]
    score = np.where(np.arange(len(ext)) < 2, log_p[0, ext], -np.inf)
    for t in range(len(log_p)):
        if t:
            score = _came_from(score, _differ(ext))[0].max(axis=0) + log_p[t, ext]
        path.append(ext[np.argmax(score)])
    return best_p, np.array(path)


def _products(log_p, labels):
    """Probabilities are multiplied: after a few hundred steps nothing is left."""
    ext, arrows = extended(labels), []
    p, allowed = np.exp(log_p), _differ(extended(labels))
    score = np.where(np.arange(len(ext)) < 2, p[0, ext], 0.0)
    for row in p[1:]:
        out = np.stack([score, np.r_[0, score[:-1]], np.r_[0, 0, score[:-2]] * allowed])
        arrows.append(out.argmax(axis=0))
        score = out.max(axis=0) * row[ext]
    s = len(ext) - 1 - int(score[-2] > score[-1])
    best_p, path = np.log(score[s]), [s]
    for back in reversed(arrows):
        path.append(path[-1] - back[path[-1]])
    return float(best_p), ext[path[::-1]]


def _no_blanks(log_p, labels):
    """The labels share the steps among them, and no step is blank."""
    log_p, U = np.asarray(log_p), len(labels)
    score, arrows = np.full(U, -np.inf), []
    score[0] = log_p[0, labels[0]]
    for row in log_p[1:]:
        out = np.stack([score, np.r_[-np.inf, score[:-1]]])
        arrows.append(out.argmax(axis=0))
        score = out.max(axis=0) + row[labels]
    path = [U - 1]
    for back in reversed(arrows):
        path.append(path[-1] - back[path[-1]])
    return float(score[-1]), np.asarray(labels)[path[::-1]]


def _scored(path, log_p):
    """A path with its own log-probability, as if it were the best."""
    return float(log_p[np.arange(len(path)), path].sum()), path


def _likeliest_rows(log_p, labels):
    ext = extended(labels)
    return _scored(ext[occupancy(log_p, ext).argmax(axis=1)], log_p)


def _row_numbers(log_p, labels):
    """The numbers of the rows, where their labels were asked."""
    best_p, path = align(log_p, labels)
    ext, s, rows = extended(labels), 0, []
    for label in path:
        while ext[s] != label:
            s += 1
        rows.append(s)
    return best_p, np.array(rows)


def _dull(rng, T, K):
    """Log-probabilities with some noise: no two paths are alike."""
    return rng.normal(size=(T, K)) / 2


def _table(rng, T, K, lift):
    """(T, K) log-probabilities; `lift` raises or lowers symbols: (steps, symbol, by how much).

    Each kind of slip has a table here that makes it pay, so that no slip is ever right by luck.
    """
    logits = _dull(rng, T, K)
    for steps, symbol, height in lift:
        logits[steps, symbol] += height
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)


ALWAYS = slice(None)
TABLES = {
    "an unlikely blank": ((2, 1), 5, 4, [(ALWAYS, 0, -4)]),
    "a digit twice, an unlikely blank": ((1, 1), 5, 4, [(ALWAYS, 0, -4)]),
    "an unlikely middle digit": ((3, 1, 3), 8, 5, [(ALWAYS, 1, -6)]),
    "silence at both ends": ((2, 4), 8, 5, [(slice(0, 3), 0, 5), (slice(-3, None), 0, 5)]),
    "no step to spare": ((2, 2, 1), 4, 3, [(ALWAYS, 0, -1)]),
    "one step": ((2,), 1, 4, []),
    "an unlikely last digit": ((3, 1, 4), 9, 6, [(ALWAYS, 4, -6)]),
    "an unlikely first digit": ((4, 1, 3), 9, 6, [(ALWAYS, 4, -6)]),
}


def _align_cases(rng):
    cases = [
        Case(f"{name}: labels {labels}, T={T}", (_table(rng, T, K, lift), np.array(labels)))
        for name, (labels, T, K, lift) in TABLES.items()
    ]
    for labels in ((2, 5, 5, 7), (9, 1, 30)):
        long = _table(rng, 300, 40, [])
        cases.append(Case(f"300 steps: labels {labels}", (long, np.array(labels))))
    return cases


def _but(change):
    """A right alignment, changed afterwards."""
    return lambda log_p, labels: change(*align(log_p, labels), log_p, labels)


def _slipped(**slip):
    return lambda log_p, labels: _align(log_p, labels, **slip)


_implement = Exercise(
    id="24.2",
    title="When was it said?",
    stars=3,
    minutes=35,
    deepens='the claim "the trellis and all paths, repeated labels included"',
    statement="Given what was said, find the most probable path that says it: which steps belong "
    "to which digit.",
    reference=align,
    alternatives=(_from_the_end, _by_memory),
    inputs=_align_cases,
    returns=("score", "path (T,)"),
    tolerance=1e-5,  # float32 will do
    praise="the trellis of the chapter, with a maximum for the sum and arrows to find the way back",
    misconceptions=(
        Misconception(
            "over a blank between equal digits",
            "score: it jumps over the blank between two *equal* digits; the path then says only "
            "one of them",
            _slipped(skip=_between),
        ),
        Misconception(
            "over whatever it likes",
            "score: it jumps over digits, too; only a blank between two different digits may be "
            "left out",
            _slipped(skip=_anywhere),
        ),
        Misconception(
            "never over a blank",
            "score: it goes through every blank; between two different digits the blank may be "
            "left out",
            _slipped(skip=_nowhere),
        ),
        Misconception(
            "starts in the blank",
            "score: it starts in the first blank and nowhere else; the first step may be the "
            "first digit already",
            _slipped(starts=(0,)),
        ),
        Misconception(
            "starts in the digit",
            "score: it starts in the first digit and nowhere else; there may be silence in front",
            _slipped(starts=(1,)),
        ),
        Misconception(
            "starts anywhere",
            "score: it may start in any row; then the digits before are never said",
            lambda log_p, labels: _align(log_p, labels, starts=tuple(range(2 * len(labels) + 1))),
        ),
        Misconception(
            "ends in the blank",
            "score: it ends in the last blank and nowhere else; the last step may be the last "
            "digit still",
            _slipped(ends=(-1,)),
        ),
        Misconception(
            "ends in the digit",
            "score: it ends in the last digit and nowhere else; there may be silence behind",
            _slipped(ends=(-2,)),
        ),
        Misconception(
            "ends anywhere",
            "score: it may end in any row; then the digits behind are never said",
            lambda log_p, labels: _align(log_p, labels, ends=tuple(range(2 * len(labels) + 1))),
        ),
        Misconception(
            "the sum over paths",
            "score: this is the probability of *all* paths that say the digits, as in the loss; "
            "the best one alone was asked: max for logaddexp",
            _slipped(total=True),
        ),
        Misconception(
            "the larger of two sums",
            "score: the larger of the last two sums of the trellis is still a sum over many paths; "
            "take the largest of the ways into each row, where the loss adds them",
            lambda log_p, labels: (
                float(forward(np.asarray(log_p), extended(labels))[-1, -2:].max()),
                align(log_p, labels)[1],
            ),
        ),
        Misconception(
            "back through sums",
            "score: the way back leads through sums in the table, not maxima; a row with many "
            "middling paths then beats the row of the best one",
            lambda log_p, labels: _scored(_align(log_p, labels, total=True)[1], log_p),
        ),
        Misconception(
            "each step's likeliest row",
            "score: each step's likeliest row, over all paths, was taken; these rows together are "
            "not one path, or not the best",
            _likeliest_rows,
        ),
        Misconception(
            "unreached rows at zero",
            "score: rows that no path has come to yet stand at 0, which is the logarithm of a "
            "*certain* path; let them begin at -inf",
            _slipped(unreached=0.0),
        ),
        Misconception(
            "the loss of CTC",
            "score: this is the loss of CTC, over all paths and with its sign turned; the best "
            "path's log-probability was asked",
            lambda log_p, labels: (
                -(found := _align(log_p, labels, total=True))[0],
                found[1],
            ),
        ),
        Misconception(
            "sign turned",
            "score: its sign is turned; a log-probability is never above 0",
            _but(lambda best_p, path, *_: (-best_p, path)),
        ),
        Misconception(
            "a probability",
            "score: this is the probability, not its logarithm",
            _but(lambda best_p, path, *_: (np.exp(best_p), path)),
        ),
        Misconception(
            "underflow",
            "score: over 300 steps the product of the probabilities is too small for a float and "
            "becomes 0; stay with logarithms and add them",
            _products,
        ),
        Misconception(
            "step by step",
            "score: this is the best symbol of each step, whatever was said; the path must "
            "collapse to `labels`",
            _step_by_step,
        ),
        Misconception(
            "without looking ahead",
            "score: it takes the best row in reach each time and never looks where that leads; "
            "keep the best score of *every* row, and decide at the end",
            _without_looking_ahead,
        ),
        Misconception(
            "no blanks",
            "score: no step is ever blank; there are blanks before, between and behind the digits",
            _no_blanks,
        ),
        Misconception(
            "best row of each step",
            "path (T,): it holds the best row of each step, as if nothing came after; start at "
            "the end and follow the arrows back",
            _best_of_each_step,
        ),
        Misconception(
            "one step late",
            "path (T,): it is one step late: note the row first, and follow its arrow then",
            _but(lambda best_p, path, *_: (best_p, np.r_[path[:1], path[:-1]])),
        ),
        Misconception(
            "from back to front",
            "path (T,): the arrows lead from the last step to the first; turn the path round",
            _but(lambda best_p, path, *_: (best_p, path[::-1])),
        ),
        Misconception(
            "rows for labels",
            "path (T,): these are the numbers of the rows; the label of each was asked, 0 for "
            "blank",
            _row_numbers,
        ),
        Misconception(
            "collapsed",
            "path (T,): it is collapsed already; one symbol for each step was asked",
            _but(lambda best_p, path, log_p, labels: (best_p, labels)),
        ),
    ),
    hints=(
        "Write a blank before, between and behind the labels: the rows. Keep for every row the "
        "score of the best path that has come so far, and for every step and row an arrow to "
        "the row it came from.",
        "A row is reached from itself, from the one before, and from the one before that if it "
        "is a label unlike the label two rows back. The score is the largest of these plus "
        "log_p[t, label of the row].",
        "At the end only the last two rows count. Take the better one, and follow the arrows "
        "from the last step to the first; then turn the list round and look up the labels.",
    ),
)

# --- 24.3 An error rate that flatters -----------------------------------------------------------


def word_error_rate(references, hypotheses):
    """All edits over all words said."""
    return _rate(references, hypotheses)


def _rate(references, hypotheses, *, words=True, divisor="said", pooled=True, edits=None):
    """The mended function, with a switch for each fault."""
    edits = text.edit_distance if edits is None else edits
    wrong, sizes = [], []
    for said, heard in zip(references, hypotheses, strict=True):
        a, b = (said.split(), heard.split()) if words else (said, heard)
        wrong.append(edits(b, a))
        sizes.append({"said": len(a), "heard": len(b), "longer": max(len(a), len(b))}[divisor])
    if pooled:
        return float(np.sum(wrong) / np.sum(sizes))
    return float(np.mean(np.array(wrong) / np.maximum(sizes, 1)))


def _by_jiwer(references, hypotheses):
    import jiwer

    return jiwer.wer(list(references), list(hypotheses))


def _by_table(references, hypotheses):
    """With the whole table of edit distances, written out."""
    wrong = words = 0
    for said, heard in zip(references, hypotheses, strict=True):
        a, b = said.split(), heard.split()
        d = np.zeros((len(a) + 1, len(b) + 1), int)
        d[:, 0], d[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
        for i, j in itertools.product(range(len(a)), range(len(b))):
            d[i + 1, j + 1] = min(d[i, j] + (a[i] != b[j]), d[i, j + 1] + 1, d[i + 1, j] + 1)
        wrong, words = wrong + d[-1, -1], words + len(a)
    return wrong / words


def _costs(change, drop, add):
    """An edit distance with prices of its own: for changed, missing and added words."""

    def edits(heard, said):
        row = [j * drop for j in range(len(said) + 1)]
        for word in heard:
            new = [row[0] + add]
            for j, true in enumerate(said):
                new.append(min(row[j] + change * (word != true), row[j + 1] + add, new[-1] + drop))
            row = new
        return row[-1]

    return edits


def _place_by_place(heard, said):
    return sum(a != b for a, b in itertools.zip_longest(heard, said))


def _where_both_have_words(heard, said):
    return sum(a != b for a, b in zip(heard, said, strict=False))


def _bags(heard, said):
    """Words that are missing, in whatever order."""
    left, missing = list(heard), 0
    for word in said:
        if word in left:
            left.remove(word)
        else:
            missing += 1
    return max(missing, len(heard) - len(said) + missing)


FAULTS = {
    "words": (
        False,
        "a text is a row of letters: split it into words before the distance is taken and before "
        "the length is",
    ),
    "divisor": (
        "longer",
        "divided by the longer of the two texts, no utterance can be worse than 1, and words made "
        "up are cheap; divide by what was *said*",
    ),
    "pooled": (
        False,
        "a mean of the utterances' rates gives the word of a short utterance more weight than that "
        "of a long one; divide all edits by all words",
    ),
}


def _faults():
    """A misconception for each set of faults that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(FAULTS, count):
            says = "still there: " + "; ".join(FAULTS[name][1] for name in names)
            if count == 3:
                says = f"this still does what `broken` does; begin here: {FAULTS['words'][1]}"
            wrong = {name: FAULTS[name][0] for name in names}
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _rate(*args, **wrong)
            )


NUMERALS = ("zero", "one", "two", "three", "four", "five")  # `_text_case` puts in others


def _said(rng, n):
    """n different words."""
    return [str(word) for word in rng.permutation(NUMERALS)[:n]]


def _text_case(rng, empty):
    """Each utterance has a mistake of its own kind; then nobody's slip is right by luck."""
    right, dropped, added, changed, swapped = (_said(rng, n) for n in (4, 5, 3, 4, 3))
    short, first, second = (_said(rng, n) for n in (1, 2, 3))
    pairs = [
        (right, right),
        (dropped, dropped[1:]),  # the first word is missing: all others have moved
        (added, [added[0], "seven", *added[1:]]),
        (changed, [*changed[:2], "eight", *changed[3:]]),
        (swapped, [swapped[1], swapped[0], swapped[2]]),
        (short, ["nine", "seven", *short, "eight", "nine"]),  # more words made up than said
        (first, [*first, "six", "eight"]),  # what is too much here ...
        (["six", "eight", *second], second),  # ... is missing here
    ]
    if empty:
        pairs.append((_said(rng, 2), []))
    rows = [[" ".join(words) for words in pair] for pair in pairs]
    references, hypotheses = (list(column) for column in zip(*rows, strict=True))
    return Case(f"{len(rows)} utterances", (references, hypotheses))


def _text_cases(rng):
    many = Case(
        "2 utterances, more made up than said", (["two", "one"], ["two six two two", "one"])
    )
    return [*(_text_case(rng, empty=n == 4) for n in range(5)), many]


_repair = Exercise(
    id="24.3",
    title="An error rate that flatters",
    stars=2,
    minutes=20,
    deepens='the claim "word errors: jiwer and edit_distance"',
    statement="Mend three faults in a word error rate that makes a recogniser look better "
    "than it is.",
    reference=word_error_rate,
    alternatives=(_by_jiwer, _by_table),
    inputs=_text_cases,
    returns=("the word error rate",),
    tolerance=1e-9,
    praise="all edits over all words that were said: a rate that may well be above 1",
    misconceptions=(
        *_faults(),
        Misconception(
            "divided by the words heard",
            "divided by the words that were *heard*, making words up lowers the rate; divide by "
            "the words that were said",
            lambda *args: _rate(*args, divisor="heard"),
        ),
        Misconception(
            "divided by the words heard, and a mean",
            "each utterance's edits are divided by the words that were *heard*, and the rates are "
            "averaged; divide all edits by all words that were said",
            lambda *args: _rate(*args, divisor="heard", pooled=False),
        ),
        Misconception(
            "place by place",
            "words are compared place by place: after one missing word all others count as wrong; "
            "take text.edit_distance of the two lists of words",
            lambda *args: _rate(*args, edits=_place_by_place),
        ),
        Misconception(
            "the shorter of the two",
            "words are compared place by place, and where one list ends the rest of the other is "
            "not counted; take text.edit_distance of the two lists of words",
            lambda *args: _rate(*args, edits=_where_both_have_words),
        ),
        Misconception(
            "a change counts two",
            "a changed word counts as two mistakes, one missing and one added; it is one",
            lambda *args: _rate(*args, edits=_costs(2, 1, 1)),
        ),
        Misconception(
            "added words are free",
            "words that were made up cost nothing here; each is a mistake like any other",
            lambda *args: _rate(*args, edits=_costs(1, 1, 0)),
        ),
        Misconception(
            "missing words are free",
            "words that are missing cost nothing here; each is a mistake like any other",
            lambda *args: _rate(*args, edits=_costs(1, 0, 1)),
        ),
        Misconception(
            "a bag of words",
            "the words' order does not count here: two words exchanged are two mistakes; take "
            "text.edit_distance of the two lists of words",
            lambda *args: _rate(*args, edits=_bags),
        ),
        Misconception(
            "never above one",
            "no utterance may count more mistakes than it has words here; words made up all count",
            lambda *args: _rate(*args, edits=lambda b, a: min(text.edit_distance(b, a), len(a))),
        ),
        Misconception(
            "the rate cut off at one",
            "the whole rate is cut off at 1; whoever makes up more words than were said has a "
            "rate above that",
            lambda *args: min(1.0, word_error_rate(*args)),
        ),
        Misconception(
            "utterances with a mistake",
            "this is the share of utterances with any mistake at all; count the words",
            lambda references, hypotheses: float(np.mean(np.not_equal(references, hypotheses))),
        ),
        Misconception(
            "mistakes per utterance",
            "this is the number of mistakes per utterance; divide by words, not by utterances",
            lambda references, hypotheses: (
                word_error_rate(references, hypotheses)
                * sum(len(said.split()) for said in references)
                / len(references)
            ),
        ),
        Misconception(
            "the number of mistakes",
            "this is the number of mistakes; divide by the number of words that were said",
            lambda references, hypotheses: (
                word_error_rate(references, hypotheses)
                * sum(len(said.split()) for said in references)
            ),
        ),
        Misconception(
            "the share that is right",
            "this is 1 minus the word error rate",
            lambda *args: 1 - word_error_rate(*args),
        ),
        Misconception(
            "percent",
            "this is in percent; the rate itself was asked",
            lambda *args: 100 * word_error_rate(*args),
        ),
        Misconception(
            "one long text",
            "all utterances are joined into one long text first: a word that is missing in one "
            "can then be made good in the next; take each utterance by itself",
            lambda references, hypotheses: _rate([" ".join(references)], [" ".join(hypotheses)]),
        ),
    ),
    hints=(
        '`for letter in "two"` goes letter by letter, and edit_distance does the same; '
        '"seven four".split() is a list of two words.',
        "By what must the edits be divided if a recogniser makes words up? Imagine one that hears "
        "ten words where one was said.",
        "Keep two counts in the loop, edits and words said, and divide once, after the loop.",
    ),
)

# --- 24.4 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="24.4",
    title="Another noise",
    stars=3,
    minutes=50,
    deepens='the claim "the networks trained with noise make more errors without any than '
    'at 20 dB"',
    statement="Find a noise in which a recogniser breaks though it bears white noise of the same "
    "power, train it in noise, and measure what that buys and what it costs.",
    kind="open",
    hints=(
        "Begin with what differs from white noise in one thing: all power in low tones, all power "
        "in a few tones, power that comes and goes, or another voice.",
        "Train two or three recognisers that differ in their noise alone, on short strings, so "
        "that each takes seconds; test each of them in every noise, and in none. Two runs each.",
        "Spoiler, read it after your experiment: what resembles speech is worst. Look at how many "
        "digits are heard for each that was said, and at what a recogniser trained in white noise "
        "makes of silence.",
    ),
)

EXERCISES = (_trace, _implement, _repair, _open)
