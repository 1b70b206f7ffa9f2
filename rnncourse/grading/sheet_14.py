"""Answer sheet of chapter 14, Opening the state."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 14.1 A machine of five states --------------------------------------------------------------

STEP = ((1, 0), (2, 1), (3, 2), (0, 3), (4, 0))  # zeros counted modulo four; 4 is never reached
ACCEPTS = (True, False, True, False, True)
STRING = (0, 1, 1, 0, 1, 0, 0, 1, 0)


def _visited(string, step=STEP, start=0):
    states = [start]
    for symbol in string:
        states.append(step[states[-1]][symbol])
    return tuple(states)


VISITED = _visited(STRING)
_SWAPPED = _visited(STRING, [row[::-1] for row in STEP])
_FROM_1 = tuple(2 if q == 4 else q for q in _visited(STRING, start=1))

_OF_MACHINE = {
    "rows and columns swapped": (
        "visited: the row is the state, the column the symbol; here a 0 was looked up under 1",
        (_SWAPPED, float(ACCEPTS[_SWAPPED[-1]]), 2.0, 2.0),
    ),
    "begun at state 1": (
        "visited: it begins in state 0, before anything is read",
        (_FROM_1, 0.0, 2.0, 2.0),
    ),
    "the start left out": (
        "visited: the state before the first symbol belongs to it",
        (VISITED[1:], 0.0, 2.0, 2.0),
    ),
    "symbols for states": (
        "visited: these are the symbols; the states are what the table says comes next",
        ((0, *STRING), 0.0, 2.0, 2.0),
    ),
    "the last prefix is forgotten": (
        "accepted: the state *after* the last symbol decides",
        (VISITED, 1.0, 2.0, 2.0),
    ),
    "no state left out": (
        "fewest: no string leads to state 4, so nothing is lost without it; and the four others "
        "are not all needed either",
        (VISITED, 0.0, 5.0, 2.0),
    ),
    "unreachable state alone left out": (
        "fewest: without state 4 there are four; are there states among them that give the same "
        "answers to whatever follows?",
        (VISITED, 0.0, 4.0, 2.0),
    ),
    "one pair merged": (
        "fewest: there are still states among these that give the same answers to whatever follows",
        (VISITED, 0.0, 3.0, 2.0),
    ),
    "a machine without memory": (
        "fewest: one state accepts everything or nothing",
        (VISITED, 0.0, 1.0, 2.0),
    ),
    "the empty string differs": (
        "shortest: both machines accept the empty string, as both start in an accepting state",
        (VISITED, 0.0, 2.0, 0.0),
    ),
    "one zero": (
        "shortest: after one zero both machines reject",
        (VISITED, 0.0, 2.0, 1.0),
    ),
    "four zeros": (
        "shortest: after four zeros both machines are back in state 0, and both accept; is there "
        "an earlier place where only one does?",
        (VISITED, 0.0, 2.0, 4.0),
    ),
}

_trace = Exercise(
    id="14.1",
    title="A machine of five states",
    stars=1,
    minutes=15,
    deepens='the claim "the automata that are exact make no mistake on strings ten times as long"',
    statement="Follow an automaton through a string, and say what of it is superfluous.",
    kind="value",
    reference=(VISITED, 0.0, 2.0, 2.0),
    alternatives=((list(VISITED), 0, 2, 2), (np.array(VISITED), False, 2, 2)),
    returns=("visited", "accepted", "fewest", "shortest"),
    praise="the smallest machine asks one question: were the zeros even or odd in number?",
    misconceptions=tuple(
        Misconception(name, says, answer) for name, (says, answer) in _OF_MACHINE.items()
    ),
    hints=(
        "visited begins with the state before the first symbol, so it has one entry more than the "
        "string has symbols.",
        "Two states may be merged if no string tells them apart: both accept or both reject, now "
        "and after whatever follows.",
        "What does a 1 change? What do two zeros change about being accepted? For the other "
        "machine, read zeros one by one and compare the answers.",
    ),
)

# --- 14.2 Along a straight line -----------------------------------------------------------------


def attributions(score, gradient, x, baseline, steps):
    """a (T,), and the score's difference that they leave unexplained."""
    return _along(score, gradient, x, baseline, steps)


def _middle(steps):
    return (np.arange(steps) + 0.5) / steps


def _along(
    score,
    gradient,
    x,
    baseline,
    steps,
    *,
    places=_middle,
    times=lambda x, baseline: x - baseline,
    path=lambda x, baseline, alpha: baseline + alpha * (x - baseline),
    joined=lambda a: a.sum(axis=-1),
    gap=lambda score, x, baseline, a: score(x) - score(baseline) - a.sum(),
    mean=np.mean,
):
    """Integrated gradients by the midpoint rule, with a switch for what people forget."""
    slopes = [gradient(path(x, baseline, alpha)) for alpha in places(steps)]
    a = joined(times(x, baseline) * mean(slopes, axis=0))
    return a, float(gap(score, x, baseline, a))


def _along_by_loop(score, gradient, x, baseline, steps):
    total = np.zeros(x.shape)
    for k in range(1, steps + 1):
        total += gradient(baseline * (1 - (k - 0.5) / steps) + x * ((k - 0.5) / steps))
    a = np.einsum("td,td->t", x - baseline, total / steps)
    return [a, score(x) - (score(baseline) + sum(a))]


def _with(**switches):
    return lambda *args: _along(*args, **switches)


def _score_case(rng, T, D, steps, zero=False):
    W, v = rng.normal(size=(D, 4)), rng.normal(size=(T, 4)) * rng.uniform(0.5, 2)
    pull = rng.normal(size=4)

    def score(x):
        return float(np.sum(np.tanh(np.asarray(x) @ W) * v) + np.sum(np.asarray(x) @ W @ pull) ** 2)

    def gradient(x):
        x = np.asarray(x)
        slope = (1 - np.tanh(x @ W) ** 2) * v @ W.T
        return slope + 2 * np.sum(x @ W @ pull) * (W @ pull)

    x = rng.normal(size=(T, D)) + 0.5
    baseline = np.zeros((T, D)) if zero else rng.normal(size=(T, D)) - 0.5
    return Case(f"T={T}, D={D}, {steps} steps", (score, gradient, x, baseline, steps))


def _score_cases(rng):
    first = _score_case(rng, 6, 3, 20)
    score, gradient, x, baseline, steps = first.args
    return [
        first,
        Case("the same path the other way round", (score, gradient, baseline, x, steps)),
        _score_case(rng, 4, 5, 7),
        _score_case(rng, 5, 2, 11, zero=True),
        _score_case(rng, 1, 4, 5),
        _score_case(rng, 7, 3, 1),
    ]


_implement = Exercise(
    id="14.2",
    title="Along a straight line",
    stars=2,
    minutes=25,
    deepens='the claim "with 8 points the credits of some sequence miss the difference by over 1"',
    statement="Write integrated gradients for any score whose gradient you are given, and report "
    "what they leave unexplained.",
    reference=attributions,
    alternatives=(_along_by_loop,),
    inputs=_score_cases,
    returns=("a (T,)", "the gap"),
    praise="an attribution without its gap is a claim without its measurement",
    misconceptions=(
        Misconception(
            "the gradient alone",
            "the mean gradient is there, but not what it is multiplied by: a step's share is the "
            "gradient times how far the input has moved, x - baseline",
            _with(times=lambda x, baseline: 1.0),
        ),
        Misconception(
            "times x",
            "multiplied by x: the path begins at the baseline, so the way is x - baseline",
            _with(times=lambda x, baseline: x),
        ),
        Misconception(
            "gradient at the end alone",
            "the gradient is taken at x alone: take it along the whole way and average",
            _with(places=lambda steps: np.ones(1)),
        ),
        Misconception(
            "the path from zero",
            "the path begins at zero here, whatever the baseline",
            _with(path=lambda x, baseline, alpha: alpha * x),
        ),
        Misconception(
            "from the baseline by x",
            "the path leads from the baseline to baseline + x: go only as far as x",
            _with(path=lambda x, baseline, alpha: baseline + alpha * x),
        ),
        Misconception(
            "left ends",
            "the gradient is taken at the left end of each piece: take it in the middle, at "
            "(k + 1/2) / steps",
            _with(places=lambda steps: np.arange(steps) / steps),
        ),
        Misconception(
            "right ends",
            "the gradient is taken at the right end of each piece: take it in the middle, at "
            "(k + 1/2) / steps",
            _with(places=lambda steps: (np.arange(steps) + 1) / steps),
        ),
        Misconception(
            "both ends",
            "the places run from 0 to 1, ends included (np.linspace): take the middle of each of "
            "the pieces",
            _with(places=lambda steps: np.linspace(0, 1, steps)),
        ),
        Misconception(
            "summed, not averaged",
            "the gradients along the way are added up; their mean is wanted, so that more steps "
            "do not make more of it",
            _with(mean=np.sum),
        ),
        Misconception(
            "signs lost",
            "signs are lost: a step may speak *against* the score",
            _with(joined=lambda a: np.abs(a).sum(axis=-1)),
        ),
        Misconception(
            "features averaged",
            "the features of a step are averaged; its share is their sum",
            _with(joined=lambda a: a.mean(axis=-1)),
        ),
        Misconception(
            "gap without the baseline",
            "a is right; the gap compares its sum with score(x) - score(baseline), not with "
            "score(x)",
            _with(gap=lambda score, x, baseline, a: score(x) - a.sum()),
        ),
        Misconception(
            "gap the other way round",
            "a is right; the gap is what is left of the difference when a is taken off, with that "
            "sign",
            _with(gap=lambda score, x, baseline, a: a.sum() - score(x) + score(baseline)),
        ),
        Misconception(
            "gap without its sign",
            "a is right; the gap keeps its sign",
            _with(gap=lambda score, x, baseline, a: abs(score(x) - score(baseline) - a.sum())),
        ),
    ),
    hints=(
        "Cut the way from baseline to x into `steps` pieces, and take the gradient in the middle "
        "of each.",
        "The mean of these gradients, times (x - baseline), is a table (T, D); a step's share is "
        "the sum of its row.",
        "alpha = (np.arange(steps) + 0.5) / steps are the places. If the sum of a were exact, what "
        "would score(x) - score(baseline) - a.sum() be?",
    ),
)

# --- 14.3 Come to rest, or run away -------------------------------------------------------------

TURN = 0.5 * np.array([[1, -np.sqrt(3)], [np.sqrt(3), 1]])  # by 60 degrees
JACOBIANS = {
    "A": np.diag([0.9, -0.8]),
    "B": np.diag([0.5, -1.2]),
    "C": 1.1 * TURN,
    "D": np.array([[0.9, 2.0], [0.0, 0.9]]),
    "E": np.diag([-1.1, 1.3]),
    "F": np.array([[0.6, 0.5], [0.5, 0.6]]),
    "G": np.diag([0.7, 0.2]),
    "H": 0.9 * TURN,
}
STABLE, SADDLE, SOURCE = -1, 0, 1
KINDS = {"A": -1, "B": 0, "C": 1, "D": -1, "E": 1, "F": 0, "G": -1, "H": -1}
NAMES = {-1: "stable", 0: "a saddle", 1: "a source"}
_OF_KINDS = {
    ("A", 0): "its eigenvalues are 0.9 and -0.8: a negative one turns the sign at each step, and "
    "what decides is its size",
    ("A", 1): "both eigenvalues are below 1 in size",
    ("B", -1): "an eigenvalue of -1.2 is *below* 1 and yet makes things grow: its size counts",
    ("B", 1): "along its first direction everything is halved at each step",
    ("C", -1): "the real parts are 0.55, but a complex eigenvalue is as large as its modulus, "
    "here 1.1",
    ("C", 0): "both eigenvalues have the same modulus, so both directions do the same",
    ("D", 0): "it stretches at first, and its *eigenvalues*, both 0.9, decide in the end",
    ("D", 1): "its norm is above 1, so that it stretches at first; its eigenvalues are both 0.9",
    ("E", 0): "-1.1 makes things grow, too, with a change of sign at each step",
    ("E", -1): "both eigenvalues are above 1 in size",
    ("F", -1): "all entries are below 1, but the eigenvalues are 1.1 and 0.1",
    ("F", 1): "one of its eigenvalues is 0.1",
    ("G", 1): "positive eigenvalues mean growth for a *rate*, in continuous time; for a map, what "
    "counts is whether they are above 1 in size",
    ("G", 0): "both eigenvalues are between 0 and 1",
    ("H", 0): "a complex pair has one modulus, 0.9",
    ("H", 1): "the modulus of its eigenvalues is 0.9: it turns, and shrinks",
}


def _kind_judge(answer, rng):
    for (name, right), part in zip(KINDS.items(), answer, strict=True):
        kind = part.item()
        if kind == right:
            continue
        if kind not in NAMES:
            return f"{name}: yours is {kind:.4g}, which is none of the three kinds"
        return f"{name} is not {NAMES[int(kind)]}: {_OF_KINDS[name, int(kind)]}"
    return None


def _kinds_with(name, kind):
    return tuple(kind if key == name else right for key, right in KINDS.items())


_predict = Exercise(
    id="14.3",
    title="Come to rest, or run away",
    stars=2,
    minutes=15,
    deepens='the claim "most networks for grammar 4 keep the two resting places that it asks for"',
    statement="Predict, before you measure, what a small push does at eight fixed points.",
    kind="value",
    reference=tuple(KINDS.values()),
    alternatives=(list(KINDS.values()), np.array(list(KINDS.values()), dtype=float)),
    returns=tuple(KINDS),
    judge=_kind_judge,
    praise="for a map it is the modulus, against 1; the sign says only how it goes there",
    misconceptions=tuple(
        Misconception(
            f"{name} taken for {NAMES[kind]}",
            f"{name} is not {NAMES[kind]}: {says}",
            _kinds_with(name, kind),
        )
        for (name, kind), says in _OF_KINDS.items()
    ),
    hints=(
        "np.linalg.eigvals gives the eigenvalues; for diagonal and triangular matrices they stand "
        "on the diagonal.",
        "A push along an eigenvector is multiplied by its eigenvalue at every step. When does that "
        "shrink?",
        "Compare np.abs(eigenvalue) with 1, for complex ones as well: all below 1 is stable, all "
        "above is a source, some of each a saddle.",
    ),
)

# --- 14.4 A probe and its control ---------------------------------------------------------------


def selectivity(h, y, window, coin, train):
    """Accuracy of the probe, of its control, and the difference."""
    return _selectivity(h, y, window, coin, train)


def _fitted(h, y, train, test, *, intercept=True, signs=True):
    """The share of `test` on which the sign of a least-squares fit is right."""
    rows = np.column_stack([h, np.ones(len(h))]) if intercept else h
    targets = 2.0 * y - 1 if signs else y
    weights = np.linalg.lstsq(rows[train], targets[train], rcond=None)[0]
    return float(np.mean((rows[test] @ weights > 0) == (y[test] == 1)))


def _selectivity(h, y, window, coin, train, *, by_type=True, held_out=True, **fit):
    """The mended function, with a switch for each fault."""
    control = coin[window] if by_type else coin[np.arange(len(y)) % len(coin)]
    test = ~train if held_out else train
    probe, other = (_fitted(h, labels, train, test, **fit) for labels in (y, control))
    return probe, other, probe - other


def _between(fitted, scored):
    """The measurement on other places; both arguments choose them, given `train`."""

    def attempt(h, y, window, coin, train):
        places = fitted(train), scored(train)
        probe, other = (_fitted(h, labels, *places) for labels in (y, coin[window]))
        return probe, other, probe - other

    return attempt


def _selectivity_by_pseudoinverse(h, y, window, coin, train):
    rows = np.concatenate([np.ones((len(h), 1)), h], axis=1)
    labels = np.stack([np.asarray(y), np.asarray(coin)[np.asarray(window)]], axis=1)
    weights = np.linalg.pinv(rows[train]) @ np.where(labels[train] == 1, 1.0, -1.0)
    hits = np.sign(rows[~train] @ weights) == np.where(labels[~train] == 1, 1.0, -1.0)
    probe, control = hits.mean(axis=0)
    return [probe, control, probe - control]


PROBE_SLIPS = {
    "by_type": "the control draws a label for every *place*: nobody can learn that, so that any "
    "probe looks selective; a control label belongs to the window, whenever it occurs",
    "held_out": "scored on the places that it was fitted to; score on those that `train` leaves "
    "out",
    "intercept": "the fit has no constant: with ±1 as targets it needs a column of ones beside h",
}


def _probe_slips():
    good = dict.fromkeys(PROBE_SLIPS, True)
    for count in (3, 2, 1):
        for names in itertools.combinations(PROBE_SLIPS, count):
            says = "still there: " + "; ".join(PROBE_SLIPS[name] for name in names)
            if count == 3:
                first = PROBE_SLIPS["by_type"]
                says = f"this still does what the broken function does; begin here: {first}"
            wrong = good | dict.fromkeys(names, False)
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _selectivity(*args, **wrong)
            )


def _probe_case(rng, N, H, K):
    window = rng.integers(0, K, N)
    centre = rng.normal(size=(K, H)) + 1.0
    h = centre[window] + 0.5 * rng.normal(size=(N, H))
    labels = centre @ rng.normal(size=H)
    y = (labels > np.median(labels)).astype(int)[window]
    coin = rng.permutation(np.arange(K) % 2)
    train = rng.random(N) < 0.4
    train[:2], train[-2:] = True, False
    return Case(f"N={N}, H={H}, {K} windows", (h, y, window, coin, train))


def _control_ahead(rng):
    """Labels that the states do not hold, and a coin that happens to lie in a straight line."""
    h, _, window, coin, train = _probe_case(rng, 200, 4, 10).args
    along = [h[window == k, 0].mean() if (window == k).any() else 0.0 for k in range(10)]
    coin = (along > np.median(along)).astype(int)
    return Case("the control is easier", (h, rng.integers(0, 2, 200), window, coin, train))


def _probe_cases(rng):
    return [
        _probe_case(rng, 240, 5, 12),
        _probe_case(rng, 301, 3, 9),
        _probe_case(rng, 150, 8, 20),
        _probe_case(rng, 90, 2, 7),
        _control_ahead(rng),
    ]


_repair = Exercise(
    id="14.4",
    title="A probe and its control",
    stars=3,
    minutes=30,
    deepens='the claim "the linear probe reads the automaton\'s state with over 99 % right"',
    statement="Mend three faults in the measurement of a probe's selectivity.",
    reference=selectivity,
    alternatives=(_selectivity_by_pseudoinverse,),
    inputs=_probe_cases,
    returns=("probe", "control", "selectivity"),
    praise="what the control can learn as well, the probe's score does not show to be meant",
    misconceptions=(
        *_probe_slips(),
        Misconception(
            "control minus probe",
            "selectivity: this is the control's share minus the probe's; it is the other way round",
            lambda *args: (lambda p, c, s: (p, c, -s))(*_selectivity(*args)),
        ),
        Misconception(
            "without its sign",
            "selectivity: it keeps its sign; where the control is read better than the truth, it "
            "is below 0",
            lambda *args: (lambda p, c, s: (p, c, abs(s)))(*_selectivity(*args)),
        ),
        Misconception(
            "fitted to everything",
            "the fit has seen the places that it is scored on: fit to those where `train` is True "
            "alone",
            _between(lambda train: np.full_like(train, True), np.logical_not),
        ),
        Misconception(
            "scored on everything",
            "scored on all places, with those that it was fitted to among them; score on those "
            "that `train` leaves out",
            _between(lambda train: train, lambda train: np.full_like(train, True)),
        ),
        Misconception(
            "fitted to and scored on everything",
            "fitted to all places and scored on all: fit where `train` is True, score where it is "
            "not",
            _between(*[lambda train: np.full_like(train, True)] * 2),
        ),
        Misconception(
            "the two parts swapped",
            "the parts are swapped: `train` is True where the probe may learn, and the others "
            "score it",
            _between(np.logical_not, lambda train: train),
        ),
        Misconception(
            "targets 0 and 1, read at 0",
            "fitted to 0 and 1 and read by the sign: half way between 0 and 1 is 0.5; make the "
            "targets -1 and 1",
            lambda *args: _selectivity(*args, signs=False),
        ),
        Misconception(
            "a ratio",
            "selectivity: this is a ratio; the difference of the two shares was asked",
            lambda *args: (lambda p, c, s: (p, c, p / max(c, 1e-9)))(*_selectivity(*args)),
        ),
        Misconception(
            "the coin is not used",
            "control: this is the probe's own share again; fit and score the control labels, "
            "coin[window]",
            lambda *args: (lambda p, c, s: (p, p, 0.0))(*_selectivity(*args)),
        ),
        Misconception(
            "the control's fit scored on the probe's labels",
            "control: fitted to the control labels and scored on the true ones; both must be the "
            "same labels",
            lambda h, y, window, coin, train: _crossed(h, y, coin[window], train),
        ),
    ),
    hints=(
        "coin has one entry for each window, and window[i] is the number of the window at place i. "
        "What is coin[window]?",
        "train is True where the probe may learn; ~train are the others. Which of them does the "
        "score use?",
        "A line through the origin cannot separate clouds that lie on one side of it: "
        "np.column_stack([h, np.ones(len(h))]).",
    ),
)


def _crossed(h, y, control, train):
    probe = _fitted(h, y, train, ~train)
    rows = np.column_stack([h, np.ones(len(h))])
    weights = np.linalg.lstsq(rows[train], 2.0 * control[train] - 1, rcond=None)[0]
    crossed = float(np.mean((rows[~train] @ weights > 0) == (y[~train] == 1)))
    return probe, crossed, probe - crossed


# --- 14.5 The shortest quarrel ------------------------------------------------------------------


def quarrel(a_step, a_accepts, b_step, b_accepts):
    """The length of the shortest string that one accepts and the other does not, or -1."""
    return _search(a_step, a_accepts, b_step, b_accepts)


def _search(a_step, a_accepts, b_step, b_accepts, *, seen_by=lambda p, q: (p, q), last=False,
            symbols=None, empty=True, longest=lambda P, Q: P * Q):  # fmt: skip
    """Breadth first through pairs of states; `last`: depth first; `seen_by`: what is ticked off."""
    end = longest(len(a_step), len(b_step))
    waiting, seen = [(0, 0, 0)], {seen_by(0, 0)}
    while waiting:
        p, q, length = waiting.pop(-1 if last else 0)
        if a_accepts[p] != b_accepts[q] and (length or empty):
            return length
        if length >= end:
            continue
        for symbol in range(len(a_step[0])) if symbols is None else symbols:
            after = int(a_step[p][symbol]), int(b_step[q][symbol])
            if seen_by(*after) not in seen:
                seen.add(seen_by(*after))
                waiting.append((*after, length + 1))
    return -1


def _by_length(a_step, a_accepts, b_step, b_accepts):
    """The same by layers: all pairs that strings of one length can reach."""
    pairs, everything = {(0, 0)}, set()
    for length in range(len(a_step) * len(b_step) + 1):
        if any(a_accepts[p] != b_accepts[q] for p, q in pairs):
            return length
        everything |= pairs
        pairs = {
            (int(a_step[p][k]), int(b_step[q][k])) for p, q in pairs for k in range(len(a_step[0]))
        } - everything
        if not pairs:
            return -1
    return -1


def _by_trying(longest):
    """All strings up to a length that is chosen beforehand."""

    def attempt(a_step, a_accepts, b_step, b_accepts):
        for length in range(longest + 1):
            for string in itertools.product(range(len(a_step[0])), repeat=length):
                p = q = 0
                for symbol in string:
                    p, q = a_step[p][symbol], b_step[q][symbol]
                if a_accepts[p] != b_accepts[q]:
                    return length
        return -1

    return attempt


def _tables(rng, Q, V=2):
    step = rng.integers(0, Q, (Q, V))
    step[np.arange(Q - 1), rng.integers(0, V, Q - 1)] = np.arange(1, Q)  # all can be reached
    return step, rng.random(Q) < 0.5


def _renamed(rng, step, accepts):
    """The same automaton with its states, but for the start, in another order."""
    order = np.concatenate([[0], 1 + rng.permutation(len(step) - 1)])  # new name of each state
    new_step, new_accepts = np.empty_like(step), np.empty_like(accepts)
    new_step[order], new_accepts[order] = order[step], accepts
    return new_step, new_accepts


def _chain(length, V=2):
    """Counts symbols 1 up to `length` and stays there; accepts until then."""
    step = np.array([[q, min(q + 1, length)] for q in range(length + 1)])
    return step, np.arange(length + 1) < length


def _ring(accepts):
    """Goes round, whatever it reads; two of P and Q states can agree on all below P + Q - 2."""
    Q = len(accepts)
    return np.column_stack([(np.arange(Q) + 1) % Q] * 2), np.array(list(accepts)) == "1"


def _third_symbol(rng):
    """Two automata over three symbols whose difference no string of 0 and 1 reaches."""
    within = rng.integers(0, 2, (4, 2))
    within[2:] += 2  # 0 and 1 stay among the first two states, or among the last two
    step = np.column_stack([within, [2, 3, 0, 1]])
    accepts = rng.random(4) < 0.5
    return step, accepts, step.copy(), np.where(np.arange(4) < 2, accepts, ~accepts)


def _quarrel_cases(rng):
    a = _tables(rng, 5)
    other = a[1].copy()
    other[-1] = not other[-1]
    b = _tables(rng, 4)
    ring = np.array([[1, 2], [2, 0], [0, 1]])
    turned = (np.array([[1, 0], [0, 1]]), np.array([True, False]))
    split = (np.array([[1, 1], [3, 2], [3, 2], [3, 3]]), np.array([True, True, False, True]))
    # 00 leads to a state that rejects, and so does 1111
    detour = np.array([[1, 3], [2, 0], [2, 2], [3, 4], [4, 5], [5, 2]])
    but_one = np.array([True, True, False, True, True, True])
    yes = (np.zeros((1, 2), int), np.array([True]))
    zeros, more_zeros = ((step[:, ::-1].copy(), ok) for step, ok in (_chain(4), _chain(5)))
    return [
        Case("one state's answer changed", (*a, *_renamed(rng, a[0], other))),
        Case("the same with other names", (*b, *_renamed(rng, *b))),
        Case("two random ones", (*_tables(rng, 4), *_tables(rng, 6))),
        Case("they differ at the empty string", (*turned, turned[0], ~turned[1])),
        Case("a count to 12 and to 13", (*_chain(12), *_chain(13))),
        Case("everything accepted, 1 state and 3", (*yes, ring, np.array([True, True, True]))),
        Case("one state against four", (*yes, *split)),
        Case("four states against one", (*split, *yes)),
        Case("a short way and a detour", (*yes, detour, but_one)),
        Case("a detour and a short way", (*yes, detour[:, ::-1].copy(), but_one)),
        Case("a count of zeros", (*zeros, *more_zeros)),
        Case("the same twice", (*a, *a)),
        Case("rings of 3 and 4", (*_ring("001"), *_ring("0010"))),
        Case("rings of 7 and 5", (*_ring("0101001"), *_ring("01010"))),
        Case("three symbols", _third_symbol(rng)),
    ]


_compare = Exercise(
    id="14.5",
    title="The shortest quarrel",
    stars=3,
    minutes=35,
    deepens='the claim "where L* ended, the network errs where its automaton and '
    'the rule first differ"',
    statement="Find how long the shortest string is on which two automata give different answers.",
    reference=quarrel,
    alternatives=(_by_length,),
    inputs=_quarrel_cases,
    returns=("the length",),
    praise="when no pair is left to visit, they are equal, on strings of any length",
    misconceptions=(
        Misconception(
            "depth first",
            "this finds a difference, but not the shortest: go through all pairs that one symbol "
            "reaches before those that two reach (take from the front of the list, not its end)",
            lambda *args: _search(*args, last=True),
        ),
        Misconception(
            "states of the first ticked off",
            "a state of the first automaton is visited once only: what is ticked off are *pairs*, "
            "since the other automaton may be in another state when it comes back",
            lambda *args: _search(*args, seen_by=lambda p, q: p),
        ),
        Misconception(
            "states of the second ticked off",
            "a state of the second automaton is visited once only: what is ticked off are *pairs*",
            lambda *args: _search(*args, seen_by=lambda p, q: q),
        ),
        Misconception(
            "the empty string left out",
            "the empty string counts as well: two automata may differ before anything is read, at "
            "length 0",
            lambda *args: _search(*args, empty=False),
        ),
        Misconception(
            "strings up to six",
            "only short strings are tried: two automata with P and Q states may first differ at a "
            "string nearly P + Q long; search until no new pair of states is left",
            _by_trying(6),
        ),
        Misconception(
            "no longer than the larger one",
            "the search ends at as many symbols as the larger automaton has states: two automata "
            "with P and Q states may first differ at P + Q - 2; search until no new pair is left",
            lambda *args: _search(*args, longest=max),
        ),
        Misconception(
            "two symbols",
            "only the symbols 0 and 1 are tried: `step` has a column for each symbol, and there "
            "may be more than two",
            lambda *args: _search(*args, symbols=(0, 1)),
        ),
        Misconception(
            "0 for none",
            "if no string tells them apart the answer is -1; 0 would mean that they differ on the "
            "empty string",
            lambda *args: max(_search(*args), 0),
        ),
        Misconception(
            "ones alone",
            "only strings of ones are tried",
            lambda *args: _search(*args, symbols=(1,)),
        ),
        Misconception(
            "zeros alone",
            "only strings of zeros are tried",
            lambda *args: _search(*args, symbols=(0,)),
        ),
        Misconception(
            "sizes compared",
            "automata of different sizes may be equal, and of one size different: only strings "
            "tell",
            lambda a_step, a_accepts, b_step, b_accepts: (
                -1
                if len(a_step) == len(b_step)
                else _search(a_step, a_accepts, b_step, b_accepts) or 1
            ),
        ),
        Misconception(
            "tables compared",
            "the tables are compared: with states named in another order, equal automata have "
            "different tables",
            lambda a_step, a_accepts, b_step, b_accepts: (
                -1
                if np.array_equal(a_step, b_step) and np.array_equal(a_accepts, b_accepts)
                else max(_search(a_step, a_accepts, b_step, b_accepts), 0)
            ),
        ),
        Misconception(
            "number of pairs",
            "this is one too many: the empty string has length 0",
            lambda *args: (lambda n: n + 1 if n >= 0 else n)(_search(*args)),
        ),
    ),
    hints=(
        "Let both read the same string: what matters is the pair of states (p, q) that they are "
        "in. Which pairs can one more symbol reach?",
        "Begin with (0, 0) at length 0. Keep a list of pairs still to be looked at with their "
        "lengths, and a set of pairs that were seen; take from the front.",
        "If one of p, q accepts and the other does not, the length of this pair is the answer. "
        "When the list runs empty, no string tells them apart.",
    ),
)

# --- 14.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="14.6",
    title="An automaton from a heap of states",
    stars=3,
    minutes=60,
    deepens='the claim "from 1,024 strings, hardly a network has"',
    statement="Extract an automaton in the older way, by clustering the states of a trained "
    "network and reading the transitions off, and find out what the number of clusters does.",
    kind="open",
    hints=(
        "Run the network over many strings, cluster all its states by k-means, and count which "
        "cluster follows which on a 0 and on a 1.",
        "Take the most frequent successor of each cluster and symbol, and the majority of the "
        "network's answers in a cluster. Then run it on strings ten times as long.",
        "Spoiler, read it after your experiment: with too few clusters two meanings share one; "
        "with more than the grammar has states, copies appear, which do no harm by themselves.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _compare, _open)
