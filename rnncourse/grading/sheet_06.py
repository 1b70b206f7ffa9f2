"""Answer sheet of chapter 06, Why memory fades."""

import itertools
import operator

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 06.1 A product by hand ---------------------------------------------------------------------

W, STATES = -1.6, [-0.5]
for _x in (1.0, 1.0, 1.0):
    STATES.append(float(np.tanh(_x + W * STATES[-1])))
SLOPES = [1 - h**2 for h in STATES]
BOUND, BOUND_LOGISTIC = abs(W) ** 3, (abs(W) / 4) ** 3


def _running(factors, operation=operator.mul):
    return tuple(itertools.accumulate(factors, operation))


def _products(slope=lambda t: SLOPES[t], w=W):
    """dh_3/dh_2, dh_3/dh_1, dh_3/dh_0: running products of w times the slope at steps 3, 2, 1."""
    return _running([w * slope(t) for t in (3, 2, 1)])


_RIGHT = _products()
_FACTORS = [W * SLOPES[t] for t in (3, 2, 1)]
DONE, DONE_BUT_ONE = "the derivatives are right; ", "all but the last are right; "

# name: what to tell, and what was handed in
_OF_PRODUCTS = {
    "slopes left out": (
        "the slopes are missing: each step multiplies by w and by 1 - h_t², the slope of its own "
        "tanh",
        _products(slope=lambda t: 1.0),
    ),
    "slope of the step before": (
        "the slopes are one step off: dh_t/dh_{t-1} = w (1 - h_t²), with the state that the step "
        "makes, not the one that it reads",
        _products(slope=lambda t: SLOPES[t - 1]),
    ),
    "weight left out": (
        "the weight is missing: dh_t/dh_{t-1} is w (1 - h_t²), not the slope alone",
        _products(w=1.0),
    ),
    "sum instead of product": (
        "the factors of the steps are added: a change that passes one step after the other is "
        "multiplied by each of them",
        _running(_FACTORS, operator.add),
    ),
    "factors of the single steps": (
        "these are the factors of the single steps, dh_3/dh_2, dh_2/dh_1 and dh_1/dh_0: from h_3 "
        "to h_1 it is two steps, and their factors are multiplied",
        tuple(_FACTORS),
    ),
    "one factor too many": (
        "one factor too many: from h_3 to h_2 it is one step, so one weight and one slope; to h_0 "
        "it is three",
        (*_RIGHT[1:], _RIGHT[2] * W * SLOPES[0]),
    ),
    "one factor too few": (
        "one factor too few: 1 is dh_3/dh_3; dh_3/dh_2 is one step, with one weight and one slope",
        (1.0, *_RIGHT[:2]),
    ),
    "slope of the last step only": (
        "every step has a slope of its own, 1 - h_t²: here that of step 3 is used for all three",
        _products(slope=lambda t: SLOPES[3]),
    ),
    "begun at the first step": (
        "these products begin at the first step: dh_3/dh_2 is the factor of the *last* step, and "
        "the others follow on the way back",
        _running(_FACTORS[::-1]),
    ),
    "signs lost": (
        "the sizes are right but not the signs: w is negative, so each step turns the sign over",
        tuple(map(abs, _RIGHT)),
    ),
    "state not squared": (
        "the slope of the tanh is 1 - h_t², with the square of the state",
        _products(slope=lambda t: 1 - STATES[t]),
    ),
    "tanh twice": (
        "h_t is the value of the tanh already: its slope is 1 - h_t², not 1 - tanh(h_t)²",
        _products(slope=lambda t: 1 - np.tanh(STATES[t]) ** 2),
    ),
    "weight once": (
        "w is passed at every step: dh_3/dh_1 has two factors w, and dh_3/dh_0 three",
        tuple(W * p for p in _products(w=1.0)),
    ),
}
_OF_BOUND = {
    "negative bound": (DONE + "a bound on a size is not negative: |w| and not w", W**3),
    "largest slope seen": (
        DONE + "the largest slope *seen here* bounds this run alone: what is the largest slope "
        "that a tanh can have?",
        (abs(W) * max(SLOPES[1:])) ** 3,
    ),
    "bound of one step": (DONE + "|w| bounds one step, and here it is three", abs(W)),
    "bound of two steps": (DONE + "from h_3 to h_0 it is three steps, not two", W**2),
    "bound of four steps": (DONE + "from h_3 to h_0 it is three steps, not four", W**4),
    "bounds added": (DONE + "the bounds of the steps are multiplied, not added", 3 * abs(W)),
    "bound without the weight": (
        DONE + "the largest slope is right, and each step multiplies by |w| too",
        1.0,
    ),
    "value for bound": (
        DONE + "the bound is not the size of this one derivative: it holds for all inputs, so put "
        "in the largest slope that the tanh can have",
        abs(_RIGHT[2]),
    ),
    "bound below the value": (
        DONE + "a bound on |dh_3/dh_0| cannot be smaller than |dh_3/dh_0|, which you have",
        0.02,
    ),
}
_OF_LOGISTIC = {
    "logistic as steep as tanh": (
        DONE_BUT_ONE + "the logistic function is less steep than the tanh: its slope is σ(1 - σ)",
        BOUND,
    ),
    "value of the logistic": (
        DONE_BUT_ONE + "1/2 is the *value* of the logistic function where it is steepest; its "
        "slope there is σ(1 - σ)",
        (abs(W) / 2) ** 3,
    ),
    "logistic slope once": (DONE_BUT_ONE + "the slope comes in at each step", abs(W) ** 3 / 4),
    "logistic bound of one step": (DONE_BUT_ONE + "this is the bound of a single step", abs(W) / 4),
    "negative bound of the logistic": (
        DONE_BUT_ONE + "a bound on a size is not negative: |w| and not w",
        (W / 4) ** 3,
    ),
    "logistic without the weight": (
        DONE_BUT_ONE + "the weight is missing: it comes in at each step, as before",
        1 / 64,
    ),
}


def _near(value, target):
    """Equal when rounded to three decimals or so."""
    return abs(value - target) <= 0.002 + 0.005 * abs(target)


def _all_near(values, targets):
    return all(map(_near, values, targets))


def _known(value, known, near=_near):
    """The sentence that belongs to this answer, if one does."""
    return next((says for says, target in known.values() if near(value, target)), None)


def _not_right(value):
    return f"yours is {np.round(value, 3)}, which is not right"


def _product_judge(answer, rng):
    """First the three derivatives, then the bound of the tanh, then that of the logistic."""
    *products, bound, logistic = (part.item() for part in answer)
    if not _all_near(products, _RIGHT):
        return _known(products, _OF_PRODUCTS, _all_near) or _first_wrong(products)
    if not _near(bound, BOUND):
        below = _OF_BOUND["bound below the value"][0]
        told = below if 0 <= bound < abs(_RIGHT[2]) else f"bound: {_not_right(bound)}"
        return _known(bound, _OF_BOUND) or told
    if not _near(logistic, BOUND_LOGISTIC):
        return _known(logistic, _OF_LOGISTIC) or f"bound_logistic: {_not_right(logistic)}"
    return None


def _first_wrong(products):
    names = ("dh_3_dh_2", "dh_3_dh_1", "dh_3_dh_0")
    pairs = zip(names, products, _RIGHT, strict=True)
    name, value = next((name, value) for name, value, right in pairs if not _near(value, right))
    return f"{name}: {_not_right(value)}; which weights and which slopes lie between the two?"


_trace = Exercise(
    id="06.1",
    title="A product by hand",
    stars=2,
    minutes=12,
    deepens='the claim "the bound holds for every network at every lag"',
    statement="Follow a derivative back through three steps of a network with one unit, and put "
    "beside it the bound that holds whatever the network reads.",
    kind="value",
    reference=(*_RIGHT, BOUND, BOUND_LOGISTIC),
    alternatives=(
        [float(f"{value:.3g}") for value in (*_RIGHT, BOUND, BOUND_LOGISTIC)],
        np.round([*_RIGHT, BOUND, BOUND_LOGISTIC], 3),
    ),
    returns=("dh_3_dh_2", "dh_3_dh_1", "dh_3_dh_0", "bound", "bound_logistic"),
    judge=_product_judge,
    praise="the bound allows much more than happens: two of the three steps were saturated",
    misconceptions=(
        *(
            Misconception(name, says, (*values, BOUND, BOUND_LOGISTIC))
            for name, (says, values) in _OF_PRODUCTS.items()
        ),
        *(
            Misconception(name, says, (*_RIGHT, value, BOUND_LOGISTIC))
            for name, (says, value) in _OF_BOUND.items()
        ),
        *(
            Misconception(name, says, (*_RIGHT, BOUND, value))
            for name, (says, value) in _OF_LOGISTIC.items()
        ),
    ),
    hints=(
        "One step is dh_t/dh_{t-1} = w (1 - h_t²). How many steps lie between h_3 and h_2, between "
        "h_3 and h_0?",
        "dh_3/dh_1 = dh_3/dh_2 · dh_2/dh_1. For the bound, replace every factor by the largest "
        "size that it can have.",
        "The slope of the tanh is 1 at 0 and smaller elsewhere, so that each step gives at most "
        "|w|. The slope of the logistic function is σ(1 - σ): which σ makes it largest?",
    ),
)

# --- 06.2 Gradient against lag ------------------------------------------------------------------


def gradient_norms(h, W_hh, v):
    """norms (B, T): |dL/dh_{T-lag}|, lag 0 first, where L is the sum over the batch of h_T v."""
    return _norms(h, W_hh, v)


def _norms(
    h,
    W_hh,
    v,
    *,
    slope=lambda h, t: 1 - h[:, t] ** 2,
    back=lambda dh, slope, W_hh: (dh * slope) @ W_hh.T,
    size=lambda dh: np.linalg.norm(dh, axis=-1),
    first=lambda v, h: np.tile(v, (len(h), 1)),
    late=False,
):
    """The walk back, with a switch for everything that people forget; norms stacked at axis 1."""
    dh_t, sizes = first(v, h), []
    for t in reversed(range(h.shape[1])):
        if not late:
            sizes.append(size(dh_t))
        dh_t = back(dh_t, slope(h, t), W_hh)
        if late:
            sizes.append(size(dh_t))
    return np.stack(sizes, axis=-1 if np.ndim(sizes[0]) < 2 else 1)


def _norms_by_jacobians(h, W_hh, v):
    """The same by the product of the Jacobians dh_t/dh_{t-1}, for each sequence by itself."""
    norms = []
    for states in h:
        product, row = np.eye(len(v)), []
        for h_t in states[::-1]:
            row.append(np.sqrt(np.sum((product @ v) ** 2)))
            product = (W_hh * (1 - h_t**2)) @ product
        norms.append(row)
    return norms


def _with_norms(**switches):
    return lambda h, W_hh, v: _norms(h, W_hh, v, **switches)


def _after(change):
    """The right norms, changed afterwards."""
    return lambda h, W_hh, v: change(gradient_norms(h, W_hh, v), h)


def _bounds(h, W_hh, v):
    """|v| times the product of the spectral norms of the Jacobians."""
    norms = [np.full(len(h), np.linalg.norm(v))]
    for t in range(h.shape[1] - 1, 0, -1):
        jacobians = (1 - h[:, t] ** 2)[:, None, :] * W_hh
        norms.append(norms[-1] * np.linalg.norm(jacobians, ord=2, axis=(1, 2)))
    return np.stack(norms, axis=1)


def _summed_first(h, W_hh, v):
    grads = _norms(h, W_hh, v, size=lambda dh: dh)
    return np.linalg.norm(grads.sum(axis=0), axis=-1)


def _inside_the_tanh(h, W_hh, v):
    grads = _norms(h, W_hh, v, size=lambda dh: dh)
    return np.linalg.norm(grads * (1 - h[:, ::-1] ** 2), axis=-1)


def _norm_case(rng, B, T, H, label=""):
    W_hh = rng.uniform(1.0, 1.6) * rng.normal(size=(H, H)) / np.sqrt(H)
    h, h_t = [], rng.uniform(-0.8, 0.8, size=(B, H))
    for _ in range(T):
        h_t = np.tanh(0.6 * rng.normal(size=(B, H)) + h_t @ W_hh)
        h.append(h_t)
    v = rng.normal(size=H) + 0.5
    return Case(f"B={B}, T={T}, H={H}{label}", (np.stack(h, axis=1), W_hh, v))


def _norm_cases(rng):
    return [
        _norm_case(rng, 3, 7, 5),
        _norm_case(rng, 2, int(rng.integers(8, 12)), 4),
        _norm_case(rng, 1, 6, 3),
        _norm_case(rng, 5, 2, 6),
        _norm_case(rng, 4, 1, 2, ", nowhere to go back to"),
    ]


_implement = Exercise(
    id="06.2",
    title="Gradient against lag",
    stars=2,
    minutes=25,
    deepens='the claim "v times the product of seven Jacobians, and backpropagation"',
    statement="Write the heart of the microscope: how large the gradient of the "
    "last state is at each step before it.",
    reference=gradient_norms,
    alternatives=(_norms_by_jacobians,),
    inputs=_norm_cases,
    returns=("norms (B, T)",),
    praise="as many Jacobians as steps of lag, and none at lag 0",
    misconceptions=(
        Misconception(
            "no slope of the tanh",
            "the slopes of the tanh are missing: the error passes 1 - h_t² at every step, and "
            "W_hh alone is the *linear* network",
            _with_norms(slope=lambda h, t: 1.0),
        ),
        Misconception(
            "W_hh not transposed",
            "on the way back the error goes through W_hh.T: forwards h_prev @ W_hh, backwards "
            "da_t @ W_hh.T",
            _with_norms(back=lambda dh, slope, W_hh: (dh * slope) @ W_hh),
        ),
        Misconception(
            "order reversed",
            "the order is turned over: lag 0, the last state itself, comes first",
            _after(lambda norms, h: norms[:, ::-1]),
        ),
        Misconception(
            "slope of the step before",
            "the slopes are one step off: from h_t back to h_{t-1} the error passes the tanh that "
            "made h_t, with the slope 1 - h_t²",
            _with_norms(slope=lambda h, t: 1 - h[:, t - 1] ** 2),
        ),
        Misconception(
            "slope of the last step only",
            "every step has a slope of its own: here that of the last state is used at all of them",
            _with_norms(slope=lambda h, t: 1 - h[:, -1] ** 2),
        ),
        Misconception(
            "forwards in time",
            "the slopes are taken from the first step on: the way back begins with that of the "
            "last, h[:, T - 1]",
            lambda h, W_hh, v: _norms(h[:, ::-1], W_hh, v),
        ),
        Misconception(
            "slope after the weights",
            "the order within a step: first the slope of the tanh that made h_t, then W_hh.T; "
            "the slope stood outside the product on the way forward",
            _with_norms(back=lambda dh, slope, W_hh: (dh @ W_hh.T) * slope),
        ),
        Misconception(
            "Jacobians from the wrong side",
            "the Jacobians are multiplied from the wrong side: a gradient is a row, like a state, "
            "and goes back as dh_t @ J_t",
            _with_norms(back=lambda dh, slope, W_hh: (dh @ W_hh) * slope),
        ),
        Misconception(
            "gradient inside the tanh",
            "these are the norms of dL/da, inside the tanh: dL/dh at each lag is asked for, before "
            "the slope of its own step",
            _inside_the_tanh,
        ),
        Misconception(
            "one step too far back",
            "everything lies one step too far back: at lag 0 nothing has been passed, dL/dh_T = v",
            _with_norms(late=True),
        ),
        Misconception(
            "begun with ones",
            "the way back begins with dL/dh_T = v: here it begins with ones, as if L were the sum "
            "of all units",
            _with_norms(first=lambda v, h: np.ones(h[:, -1].shape)),
        ),
        Misconception(
            "state not squared",
            "the slope of the tanh is 1 - h_t², with the square of the state",
            _with_norms(slope=lambda h, t: 1 - h[:, t]),
        ),
        Misconception(
            "tanh twice",
            "h holds the values of the tanh already: the slope is 1 - h_t², not 1 - tanh(h_t)²",
            _with_norms(slope=lambda h, t: 1 - np.tanh(h[:, t]) ** 2),
        ),
        Misconception(
            "relative to lag 0",
            "these are relative to lag 0: the norms themselves are asked for, so that lag 0 gives "
            "|v|",
            _after(lambda norms, h: norms / norms[:, :1]),
        ),
        Misconception(
            "logarithms",
            "these are logarithms of the norms: the norms themselves are asked for",
            _after(lambda norms, h: np.log10(norms)),
        ),
        Misconception(
            "squared norms",
            "these are the squares of the norms: the root is missing",
            _after(lambda norms, h: norms**2),
        ),
        Misconception(
            "root of the mean",
            "this is the root of the *mean* square over the units: the norm is that of the sum",
            _after(lambda norms, h: norms / np.sqrt(h.shape[2])),
        ),
        Misconception(
            "summed over the batch first",
            "the gradients of the sequences are added before the norm is taken, so that they "
            "cancel: each sequence has norms of its own",
            _summed_first,
        ),
        Misconception(
            "one norm for the batch",
            "one norm is taken over the whole batch: each sequence has norms of its own, so take "
            "it along the units alone, axis=-1",
            _with_norms(size=np.linalg.norm),
        ),
        Misconception(
            "averaged over the batch",
            "the norms are averaged over the batch: each sequence has its own, (B, T)",
            _after(lambda norms, h: norms.mean(axis=0)),
        ),
        Misconception(
            "added over the batch",
            "the norms are added over the batch: each sequence has its own, (B, T)",
            _after(lambda norms, h: norms.sum(axis=0)),
        ),
        Misconception(
            "divided by the batch",
            "the gradients are divided by B: L is the *sum* over the batch, and each sequence's "
            "gradient is what it would be alone",
            _after(lambda norms, h: norms / len(h)),
        ),
        Misconception(
            "gradients, not norms",
            "these are the gradients themselves, (B, T, H): their norms over the units are asked "
            "for",
            _with_norms(size=lambda dh: dh),
        ),
        Misconception(
            "time first",
            "the axes are exchanged: (B, T), one row for each sequence",
            _after(lambda norms, h: norms.T),
        ),
        Misconception(
            "bound instead of value",
            "these are *bounds*, products of the norms of the Jacobians: the norm of the product, "
            "which is asked for, is smaller",
            _bounds,
        ),
        Misconception(
            "last lag left out",
            "a lag is missing: with T states there are T lags, 0 to T - 1",
            _after(lambda norms, h: norms[:, :-1] if norms.shape[1] > 1 else norms[:, :0]),
        ),
    ),
    hints=(
        "At lag 0 the gradient is dL/dh_T = v, for every sequence. One step back it has passed the "
        "tanh that made h_T, and W_hh.",
        "da_t = dh_t * (1 - h_t²), then dh_{t-1} = da_t @ W_hh.T, as in chapter 05; nothing is "
        "added on the way, since only the last state enters L.",
        "A loop over t from T - 1 down to 0: append np.linalg.norm(dh_t, axis=-1) to a list, then "
        "go one step back with h[:, t]. What has to be stacked along which axis at the end?",
    ),
)

# --- 06.3 Radius or norm? -----------------------------------------------------------------------

MATRICES = {
    "A": [[0.72, -0.54], [0.54, 0.72]],  # 0.9 times a rotation
    "B": [[0.9, 1.0], [0.0, 0.9]],  # shrinks in the end, after growing
    "C": [[0.6, 0.6], [0.6, 0.6]],  # small entries, radius 1.2
    "D": [[0.5, 0.0], [0.0, 1.1]],  # a determinant below 1
    "E": [[0.6, -0.8], [0.8, 0.6]],  # a rotation
    "F": [[1.0, 1.0], [0.0, 1.0]],  # radius 1, and yet it grows
    "G": [[0.0, 3.0], [0.0, 0.0]],  # norm 3, and gone after two steps
}


def _trend(size):
    """1 for larger than 1, -1 for smaller, 0 for equal: one number for each matrix."""
    sizes = np.array([size(np.array(W)) for W in MATRICES.values()])
    return np.sign(np.where(np.isclose(sizes, 1), 1, sizes) - 1)


def _stretch(k):
    return _trend(lambda W: np.linalg.norm(np.linalg.matrix_power(W, k), ord=2))


_NORM = _trend(lambda W: np.linalg.norm(W, ord=2))
_RADIUS = _trend(lambda W: np.abs(np.linalg.eigvals(W)).max())
_ENTRY = _trend(lambda W: np.abs(W).max())
_ALL_LONGER_FIRST = np.where(_stretch(50) == -1, 1, _NORM)

# what was judged by, what to tell, and what that gives at k = 3 and at k = 50
_OF_MATRICES = {
    "exchanged": (
        "the two answers are exchanged: first after 3 steps, then after 50",
        (_stretch(50), _stretch(3)),
    ),
    "norm first, then radius": (
        "the norm of W speaks for one step and the radius for infinitely many; in between count "
        "what the powers do: what are the squares of F and G?",
        (_NORM, _RADIUS),
    ),
    "judged by the norm": (
        "judged by the norm of W alone: it says what *one* step can do at most; the vector that "
        "the first step stretches need not be stretched by the second",
        (_NORM, _NORM),
    ),
    "judged by the radius": (
        "judged by the spectral radius alone: it decides in the long run, but a matrix whose "
        "eigenvectors are not at right angles may grow first (and one of radius 1 for ever)",
        (_RADIUS, _RADIUS),
    ),
    "radius first, then norm": (
        "the wrong way round: the norm bounds what a few steps can do, the radius decides in the "
        "long run",
        (_RADIUS, _NORM),
    ),
    "judged by the largest entry": (
        "judged by the largest entry: C has only 0.6s, and yet (1, 1) C = (1.2, 1.2)",
        (_ENTRY, _ENTRY),
    ),
    "judged by the determinant": (
        "judged by the determinant: it measures the *area*, which may shrink while one direction "
        "grows, as in D",
        (_trend(lambda W: abs(np.linalg.det(W))),) * 2,
    ),
    "judged by the Frobenius norm": (
        "judged by the root of the sum of all squares (np.linalg.norm's own choice for a matrix): "
        "for the rotation E it is larger than 1, and no vector grows",
        (_trend(np.linalg.norm),) * 2,
    ),
    "Frobenius norm of the powers": (
        "measured by the root of the sum of all squares (np.linalg.norm's own choice for a "
        "matrix): for the rotation E it is larger than 1, and no vector grows; ord=2 is the one",
        [_trend(lambda W, k=k: np.linalg.norm(np.linalg.matrix_power(W, k))) for k in (3, 50)],
    ),
    "judged by the real part": (
        "judged by the eigenvalues' real parts: those of the rotation E are 0.6 ± 0.8i, whose "
        "*absolute value* is 1",
        (_trend(lambda W: np.linalg.eigvals(W).real.max()),) * 2,
    ),
    "power of each entry": (
        "W**k raises each entry to a power by itself: the state passes the *matrix* k times, W @ W "
        "@ ..., np.linalg.matrix_power",
        [_trend(lambda W, k=k: np.linalg.norm(W**k, ord=2)) for k in (3, 50)],
    ),
    "one vector only": (
        "judged by the vector (1, 0): the longest of *all* images is asked for, and (0, 1) or (1, "
        "1) may fare differently",
        [_trend(lambda W, k=k: np.linalg.norm(np.linalg.matrix_power(W, k)[0])) for k in (3, 50)],
    ),
}


def _matrix_judge(answer, rng):
    """Name the rule of thumb behind both answers, or the first matrix that is wrong."""
    right = (_stretch(3), _stretch(50))
    for name, part in zip(("at_3", "at_50"), answer, strict=True):
        odd = part[~np.isin(part, (-1, 0, 1))]
        if odd.size:
            return f"{name}: expected -1, 0 or 1 for each matrix, got {np.round(odd[0], 3)}"
    if all(map(np.array_equal, answer, right)):
        return None
    for says, given in _OF_MATRICES.values():
        if all(map(np.array_equal, answer, given)):
            return says
    for name, part, wanted in zip(("at_3", "at_50"), answer, right, strict=True):
        wrong = [letter for letter, ok in zip(MATRICES, part == wanted, strict=True) if not ok]
        if wrong:
            are = "is" if len(wrong) == 1 else "are"
            listed = " and ".join(", ".join(wrong).rsplit(", ", 1))
            return f"{name}: {listed} {are} not right; multiply out a power or two"
    return None


_predict = Exercise(
    id="06.3",
    title="Radius or norm?",
    stars=2,
    minutes=15,
    deepens='the claim "of one radius, the turn only ever shrinks a gradient; the shear first '
    'stretches one"',
    statement="Predict, before you measure, which of seven matrices lengthen a vector after 3 "
    "steps, and which after 50.",
    kind="value",
    reference=(_stretch(3), _stretch(50)),
    alternatives=([_stretch(k).astype(int).tolist() for k in (3, 50)],),
    returns=("at_3", "at_50"),
    judge=_matrix_judge,
    praise="neither number alone tells: the powers do",
    misconceptions=tuple(
        Misconception(name, says, tuple(given)) for name, (says, given) in _OF_MATRICES.items()
    ),
    hints=(
        "A and E turn a vector and scale it. C and D are symmetric: along an eigenvector they "
        "multiply by its eigenvalue.",
        "Multiply out: B = 0.9 I + N with N N = 0, so that B² = 0.81 I + 1.8 N, and so on. F is of "
        "the same kind. What is G G?",
        "The corner of B to the power l is l · 0.9^(l - 1): 2.43 after 3 steps, less than a third "
        "after 50. That of F is l. One of the seven keeps every length.",
    ),
)

# --- 06.4 Clipping that bends the step ----------------------------------------------------------


def step(weights, grads, lr, c):
    """w - lr g, where the three gradients together are first shortened to length c at most."""
    return _step(weights, grads, lr, c)


def _length(arrays):
    return np.sqrt(sum(np.sum(np.square(array)) for array in arrays))


def _step(weights, grads, lr, c, *, each=False, always=False, place=False):
    """One update; each keyword leaves one fault in."""
    lengths = [_length([g]) for g in grads] if each else [_length(grads)] * len(grads)
    scales = [c / length if always or length > c else 1.0 for length in lengths]
    if place:
        for g, scale in zip(grads, scales, strict=True):
            g *= scale
        scales = [1.0] * len(grads)
    return tuple(w - lr * s * g for w, g, s in zip(weights, grads, scales, strict=True))


def _step_on_one_vector(weights, grads, lr, c):
    flat = np.concatenate([g.ravel() for g in grads])
    flat = flat * min(1.0, c / (np.linalg.norm(flat) + 1e-12))
    parts = np.split(flat, np.cumsum([g.size for g in grads])[:-1])
    return [w - lr * part.reshape(w.shape) for w, part in zip(weights, parts, strict=True)]


def _clipped_to(clip):
    """A step whose gradients are changed by `clip(grads, c)`."""
    return lambda weights, grads, lr, c: tuple(
        w - lr * g for w, g in zip(weights, clip(grads, c), strict=True)
    )


def _scaled_by(scale):
    """A step whose gradients are all multiplied by `scale(grads, c)`."""
    return _clipped_to(lambda grads, c: [scale(grads, c) * g for g in grads])


def _at_most(length):
    """A step clipped by another measure of length."""
    return _scaled_by(lambda grads, c: min(1.0, c / max(length(grads), 1e-300)))


def _update_clipped(weights, grads, lr, c):
    return tuple(
        w - g for w, g in zip(weights, _shortened([lr * g for g in grads], c), strict=True)
    )


def _shortened(arrays, c):
    return [min(1.0, c / max(_length(arrays), 1e-300)) * array for array in arrays]


def _weights_in_place(weights, grads, lr, c):
    new = step(weights, grads, lr, c)
    for w, value in zip(weights, new, strict=True):
        w[...] = value
    return tuple(weights)


BENDS = {
    "each": "each gradient is shortened by itself, which bends the step: one length, that of all "
    "three together, gives one factor for all",
    "always": "gradients shorter than c are scaled *up* to it (and zeros become NaN): clipping "
    "only shortens",
    "place": "`*=` writes into the caller's gradients",
}
CALLER = "the result is right, but the call changes its argument number "


def _leftovers():
    """A misconception for each set of faults that may be left: one, two, or all three."""
    for count in (3, 2, 1):
        for names in itertools.combinations(BENDS, count):
            says = "still there: " + "; ".join(BENDS[name] for name in names)
            if count == 3:
                says = f"this still does what the broken step does; begin here: {BENDS['each']}"
            if names == ("place",):
                says = CALLER + "2, grads"
            faults = dict.fromkeys(names, True)
            yield Misconception(
                " and ".join(names), says, lambda *args, faults=faults: _step(*args, **faults)
            )


def _step_case(rng, D, H, length, c, zero=""):
    weights = [rng.normal(size=shape) for shape in ((D, H), (H, H), (H,))]
    grads = [rng.uniform(0.2, 2) * rng.normal(size=w.shape) for w in weights]
    if zero:
        grads[2] *= 0
    scale = length / _length(grads)
    label = f"gradients of length {length:.2g} in all, c = {c:.2g}{zero}"
    return Case(label, (weights, [scale * g for g in grads], rng.uniform(0.2, 0.5), c))


def _step_cases(rng):
    c = rng.uniform(0.5, 1.5)
    return [
        _step_case(rng, 4, 5, rng.uniform(12, 20) * c, c),
        _step_case(rng, 2, 3, 0.3 * c, c),
        _step_case(rng, 3, 4, 1.25 * c, c),  # longer than c, and no part of it much so
        _step_case(rng, 5, 2, 4 * c, c, ", db_h all zeros"),
        Case("all gradients zero", _still(_step_case(rng, 3, 2, 1.0, c).args)),
    ]


def _still(args):
    weights, grads, lr, c = args
    return weights, [0 * g for g in grads], lr, c


_repair = Exercise(
    id="06.4",
    title="Clipping that bends the step",
    stars=2,
    minutes=20,
    deepens='the claim "clipping by norm keeps the direction; clipping by value turns it"',
    statement="Mend three faults in a step of gradient descent that is meant to clip by norm.",
    reference=step,
    alternatives=(_step_on_one_vector,),
    inputs=_step_cases,
    returns=("W_xh", "W_hh", "b_h"),
    praise="shorter where it has to be, and never bent",
    misconceptions=(
        *_leftovers(),
        Misconception(
            "weights changed in place",
            CALLER + "1, weights",
            _weights_in_place,
        ),
        Misconception(
            "clipped by value",
            "this clips by value: every entry is bounded by itself, which bends the step; one "
            "factor for all entries keeps its direction",
            _clipped_to(lambda grads, c: [np.clip(g, -c, c) for g in grads]),
        ),
        Misconception(
            "largest entry for the length",
            "the largest entry is taken for the length: the length is the root of the sum of all "
            "squares",
            _at_most(lambda grads: max(np.abs(g).max() for g in grads)),
        ),
        Misconception(
            "root forgotten",
            "the root is missing: the sum of the squares is the length *squared*",
            _at_most(lambda grads: _length(grads) ** 2),
        ),
        Misconception(
            "lengths added",
            "the lengths of the three gradients are added: their *squares* add up, and then the "
            "root is taken",
            _at_most(lambda grads: sum(_length([g]) for g in grads)),
        ),
        Misconception(
            "absolute values added",
            "the absolute values are added: the length is the root of the sum of the squares",
            _at_most(lambda grads: sum(np.abs(g).sum() for g in grads)),
        ),
        Misconception(
            "root of the mean",
            "this is the root of the *mean* square: the length is that of the sum",
            _at_most(lambda grads: _length(grads) / np.sqrt(sum(g.size for g in grads))),
        ),
        Misconception(
            "spectral norm",
            "for a matrix np.linalg.norm(g, 2) is the largest singular value: the length of all "
            "entries as one vector is asked for",
            _at_most(lambda grads: np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in grads))),
        ),
        Misconception(
            "length of the largest",
            "the length of the longest of the three is taken for that of all: their squares add up",
            _at_most(lambda grads: max(_length([g]) for g in grads)),
        ),
        Misconception(
            "only W_hh",
            "only the gradient of W_hh is shortened, which bends the step: the same factor for "
            "all three",
            _clipped_to(lambda grads, c: [grads[0], *_shortened(grads[1:2], c), grads[2]]),
        ),
        Misconception(
            "update clipped",
            "the *update* lr · g is clipped where the gradient should be: with a small lr, c then "
            "does next to nothing",
            _update_clipped,
        ),
        Misconception(
            "c forgotten",
            "a long gradient is scaled to length 1: to length c, with the factor c / length",
            _scaled_by(lambda grads, c: 1 / _length(grads) if _length(grads) > c else 1.0),
        ),
        Misconception(
            "condition turned over",
            "the condition is turned over: short gradients are stretched to c and long ones left "
            "alone",
            _scaled_by(lambda grads, c: c / _length(grads) if 0 < _length(grads) < c else 1.0),
        ),
        Misconception(
            "long step left out",
            "a step with a long gradient is left out altogether: shorten it, its direction is good",
            _scaled_by(lambda grads, c: float(_length(grads) <= c)),
        ),
        Misconception(
            "no clipping",
            "nothing is clipped: the gradients together are longer than c, and the step is as long "
            "as without",
            _scaled_by(lambda grads, c: 1.0),
        ),
        Misconception(
            "uphill",
            "the step goes uphill: the gradient is *subtracted*",
            lambda weights, grads, lr, c: step(weights, grads, -lr, c),
        ),
        Misconception(
            "lr forgotten",
            "the learning rate is missing: w - lr · g",
            lambda weights, grads, lr, c: step(weights, grads, 1.0, c),
        ),
        Misconception(
            "gradients returned",
            "these are the clipped gradients: the new weights are asked for, w - lr · g",
            lambda weights, grads, lr, c: tuple(_shortened(grads, c)),
        ),
    ),
    hints=(
        "Two steps point the same way if one is a multiple of the other. When are three arrays, "
        "each with a factor of its own, a multiple of what they were?",
        "The length of all three: the root of the sum of all squares. It is computed once, before "
        "anything is scaled, and there is one factor for all.",
        "The factor is min(1, c / length), which needs care where the length is 0. And w - lr * "
        "(factor * g) makes new arrays, where g *= factor writes into the old one.",
    ),
)

# --- 06.5 A count that agrees -------------------------------------------------------------------


def readers(ids, number, comma):
    """The number of the last noun, of most nouns, and of the first noun after the comma: (n,)."""
    return _readers(ids, number, comma)


def _last(row, number, comma):
    return _nouns(row, number)[-1]


def _majority(row, number, comma):
    return float(np.sign(_nouns(row, number).mean() - 0.5) / 2 + 0.5)


def _subject(row, number, comma):
    return _nouns(_after_comma(row, comma), number)[0]


def _nouns(row, number):
    return number[row][number[row] >= 0]


def _after_comma(row, comma):
    return row[np.argmax(row == comma) :]


def _readers(ids, number, comma, *, last=_last, majority=_majority, subject=_subject):
    rows = [[rule(row, number, comma) for rule in (last, majority, subject)] for row in ids]
    return tuple(np.array(rows, dtype=float).T)


def _readers_at_once(ids, number, comma):
    """The same without a loop over the sentences."""
    numbers, rows = number[ids], np.arange(len(ids))
    noun, ended = numbers >= 0, np.cumsum((ids == comma)[:, ::-1], axis=1)[:, ::-1] == 0
    ended |= ids == comma
    last = numbers[rows, ids.shape[1] - 1 - noun[:, ::-1].argmax(axis=1)]
    lead = np.sum(numbers == 1, axis=1) - np.sum(numbers == 0, axis=1)
    subject = numbers[rows, (noun & ended).argmax(axis=1)]
    return {"last": last, "majority": (np.sign(lead) + 1) / 2, "subject": subject}


def _with_readers(**switches):
    return lambda ids, number, comma: _readers(ids, number, comma, **switches)


def _tie(value):
    def rule(row, number, comma):
        decided = _majority(row, number, comma)
        return value if decided == 0.5 else decided

    return rule


def _sentence(rng, number, comma, nouns, fronted):
    """Words before a verb: other words between the nouns, none, one or two."""

    def phrase():
        others = rng.choice(np.flatnonzero(number < 0)[2:], size=rng.integers(0, 3))
        return [*others, rng.choice(np.flatnonzero(number >= 0))]

    lead = [*phrase(), comma] if fronted else []
    return np.array([*lead, *(word for _ in range(nouns) for word in phrase())])


def _reader_case(rng, n, V, side):
    """n sentences with two singular and two plural nouns, padded with 0 on the given side."""
    number = rng.permutation([-1] * (V - 6) + [0, 0, 1, 1])
    number = np.concatenate([[-1, -1], number])  # 0 pads, 1 is the comma
    rows = [_sentence(rng, number, 1, 1 + i % 5, i % 3 == 1) for i in range(n)]
    T = max(map(len, rows)) + 2
    pads = [np.zeros(T - len(row), dtype=int) for row in rows]
    pairs = zip(pads, rows, strict=True)
    ids = [np.concatenate([p, r] if side == "left" else [r, p]) for p, r in pairs]
    return Case(f"{n} sentences, padded on the {side}", (np.array(ids), number, 1))


def _reader_cases(rng):
    return [
        _reader_case(rng, 60, 11, "left"),
        _reader_case(rng, 45, 14, "right"),
        _reader_case(rng, 24, 12, "left"),
    ]


LAST_WORD = "last: the last *word* need not be a noun (nor a word: there may be padding): search "
_count = Exercise(
    id="06.5",
    title="A count that agrees",
    stars=2,
    minutes=20,
    deepens='the claim "on everyday sentences the network beats the last noun and both '
    'unordered rivals"',
    statement="Write three readers that learn nothing and still say whether is or are follows: the "
    "rivals that any memory for the subject has to beat.",
    reference=readers,
    alternatives=(_readers_at_once,),
    inputs=_reader_cases,
    returns=("last (n,)", "majority (n,)", "subject (n,)"),
    praise="now you know what a score above one half is worth",
    misconceptions=(
        Misconception(
            "last word",
            LAST_WORD + "among the words with number[ids] >= 0",
            _with_readers(last=lambda row, number, comma: number[row[-1]]),
        ),
        Misconception(
            "first noun for the last",
            "last: this is the first noun; the last one stands next to the verb",
            _with_readers(last=lambda row, number, comma: _nouns(row, number)[0]),
        ),
        Misconception(
            "singular and plural exchanged",
            "singular and plural are exchanged: 1 is plural",
            lambda *args: tuple(1 - part for part in readers(*args)),
        ),
        Misconception(
            "ids for numbers",
            "last: these are ids of words: number[id] says whether a word is singular or plural",
            lambda ids, number, comma: tuple(
                np.array([row[number[row] >= 0][i] for row in ids]) for i in (-1, 0, 0)
            ),
        ),
        Misconception(
            "a tie is singular",
            "majority: as many of each is a tie, 0.5: whoever counts cannot know, and half of the "
            "guesses will be right",
            _with_readers(majority=_tie(0.0)),
        ),
        Misconception(
            "a tie is plural",
            "majority: as many of each is a tie, which is 0.5, and not plural",
            _with_readers(majority=_tie(1.0)),
        ),
        Misconception(
            "the share itself",
            "majority: this is the share of plural nouns; a reader has to decide: 1 above one "
            "half, 0 below, 0.5 on it",
            _with_readers(majority=lambda row, number, comma: _nouns(row, number).mean()),
        ),
        Misconception(
            "all words counted",
            "majority: words that are no nouns take part in the count: plural nouns against "
            "singular ones is meant",
            _with_readers(
                majority=lambda row, number, comma: (
                    np.sign(np.mean(number[row] == 1) - 0.5) / 2 + 0.5
                )
            ),
        ),
        Misconception(
            "each noun once",
            "majority: a noun that comes twice counts twice; np.unique and set count it once",
            _with_readers(
                majority=lambda row, number, comma: _majority(np.unique(row), number, comma)
            ),
        ),
        Misconception(
            "counted from the comma on",
            "majority: it counts all nouns, those before the comma too: order is unseen",
            _with_readers(
                majority=lambda row, number, comma: _majority(
                    _after_comma(row, comma), number, comma
                )
            ),
        ),
        Misconception(
            "first noun, comma or not",
            "subject: the first noun is the subject only where no phrase and comma stand before "
            "it: look from the comma on",
            _with_readers(subject=lambda row, number, comma: _nouns(row, number)[0]),
        ),
        Misconception(
            "first word skipped",
            "subject: where there is no comma, np.argmax(ids == comma) is 0, and one more skips "
            "the first word, which may be the subject",
            _with_readers(
                subject=lambda row, number, comma: [
                    *_nouns(row[np.argmax(row == comma) + 1 :], number),
                    *_nouns(row, number),
                ][0]
            ),
        ),
        Misconception(
            "last noun after the comma",
            "subject: after the comma the *first* noun is the subject, what follows hangs on it",
            _with_readers(subject=_last),
        ),
    ),
    hints=(
        "Go sentence by sentence: number[row] has one entry a word, and those that are not -1 are "
        "its nouns, in their order.",
        "The last of them is the first answer; their mean, above, below or on 0.5, gives the "
        "second. For the third, cut off everything before the comma, if there is one.",
        "nouns = number[row][number[row] >= 0]. For the subject take row[start:] instead, where "
        "start is the place of the comma, or 0 without one: np.argmax(row == comma) is both. Which "
        "of its nouns is it?",
    ),
)

# --- 06.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="06.6",
    title="A memory of your own making",
    stars=3,
    minutes=45,
    deepens='the claim "none of thirteen weights keeps 99 % of the bits and a thousandth of the '
    'gradient"',
    statement="Build, without any training, memories that still know a bit 50 steps later "
    "although noise comes in all the while, and measure for each how much gradient it lets "
    "through.",
    kind="open",
    hints=(
        "Begin with one unit: what do the weights 0.9, 1 and 2 do to a bit that has come in, and "
        "to a little noise on top of it?",
        "A small input weight keeps the tanh near its straight part; a large recurrent weight "
        "drives it into saturation. Look at both numbers for each, at several sizes of noise.",
        "Spoiler, read it after your experiment: what pushes noise back pushes the gradient back "
        "too. With more units than steps there is a way round: np.eye(H, k=1) moves everything on "
        "by one place.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _count, _open)
