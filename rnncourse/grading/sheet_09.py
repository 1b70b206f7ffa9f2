"""Answer sheet of chapter 09, LSTM: a cell that adds."""

import itertools

import numpy as np

from rnncourse.cells import sigmoid
from rnncourse.grading.engine import Case, Exercise, Misconception


def _near(values, targets):
    """Equal when rounded to three decimals or so."""
    values, targets = np.ravel(values), np.ravel(targets)
    return bool(np.all(np.abs(values - targets) <= 0.002 + 0.005 * np.abs(targets)))


def _staged(right, known, first_wrong):
    """A judge that looks at the parts in order and speaks of the first that is wrong.

    `known` is a list of {name: (what to tell, wrong value)}, one for each part; `first_wrong` says
    something about a part that is wrong in an unknown way.
    """

    def judge(answer, rng):
        for k, (part, target) in enumerate(zip(answer, right, strict=True)):
            if not _near(part, target):
                told = (says for says, wrong in known[k].values() if _near(part, wrong))
                return next(told, None) or first_wrong(k, np.ravel(part))
        return None

    return judge


def _misconceptions(right, known):
    return tuple(
        Misconception(name, says, (*right[:k], wrong, *right[k + 1 :]))
        for k, wrongs in enumerate(known)
        for name, (says, wrong) in wrongs.items()
    )


# --- 09.1 Three steps by hand -------------------------------------------------------------------

C_0, H_0 = -1.5, -0.5
GATES = np.array([[0.6, 0.9, 0.5, 0.2], [0.9, 0.8, -0.7, 0.7], [0.3, 0.7, 0.8, 0.4]])  # i, f, g, o


def _cells(
    write=lambda i, f, g: i * g, keep=lambda i, f: f, seen=lambda h, c: c, after=lambda c: c
):
    """c_1, c_2, c_3, each step with an exchange for everything that people get wrong."""
    h, c, c_all = H_0, C_0, []
    for i, f, g, o in GATES:
        c = after(keep(i, f) * seen(h, c) + write(i, f, g))
        h = o * np.tanh(c)
        c_all.append(c)
    return np.array(c_all)


_C = _cells()
_O, _SHOWN = GATES[2, 3], np.tanh(_C[2])
_I_ALL, _F_ALL, _G_ALL, _O_ALL = GATES.T
_KEPT = np.prod(_F_ALL)
_SLOPES = 1 - np.tanh(_C) ** 2
_TRACED = (_C, _O * _SHOWN, _KEPT, _O * _SLOPES[2] * _KEPT)

# for each part: what to tell, and what was handed in
_OF_TRACE = (
    {
        "forget gate turned over": (
            "f is taken as the share that is *forgotten*: it is the share that is kept, "
            "c_t = f · c_prev + i · g",
            _cells(keep=lambda i, f: 1 - f),
        ),
        "i and f exchanged": (
            "i and f are exchanged: f multiplies the old cell, i the proposal g",
            _cells(write=lambda i, f, g: f * g, keep=lambda i, f: i),
        ),
        "one gate for both": (
            "1 - f is used in the place of i: in this LSTM the input gate is one of its own",
            _cells(write=lambda i, f, g: (1 - f) * g),
        ),
        "h_prev for c_prev": (
            "the forget gate multiplies c_prev, not h_prev: the state does not enter the sum of "
            "the cell",
            _cells(seen=lambda h, c: h),
        ),
        "nothing forgotten": (
            "the forget gate is missing: this is the cell of 1997, c_t = c_prev + i · g",
            _cells(keep=lambda i, f: 1.0),
        ),
        "input gate left out": (
            "the input gate is missing: i · g is added, not g alone",
            _cells(write=lambda i, f, g: g),
        ),
        "tanh of g once more": (
            "g is the value of the proposal, its tanh is taken already",
            _cells(write=lambda i, f, g: i * np.tanh(g)),
        ),
        "squashed cell": (
            "the new cell is squashed: c_t is the plain sum, the tanh belongs to h_t alone",
            _cells(after=np.tanh),
        ),
        "each step from c_0": (
            "each step begins in c_0 here: the cell of one step is c_prev of the next",
            _F_ALL * C_0 + _I_ALL * _G_ALL,
        ),
        "old cell lost": (
            "the old cell is missing: c_t = f · c_prev + i · g has two parts",
            _I_ALL * _G_ALL,
        ),
        "gates squashed again": (
            "the gates are given as *values*, their sigmoid is taken already",
            _cells(write=lambda i, f, g: sigmoid(i) * np.tanh(g), keep=lambda i, f: sigmoid(f)),
        ),
        "started at zero": (
            "the cell starts at 0 here: c_0 = -1.5 is given",
            _C - C_0 * np.cumprod(_F_ALL),
        ),
        "started at the state": (
            "the cell starts at -0.5 here: that is h_0, which is needed nowhere; c_0 is -1.5",
            _C + (H_0 - C_0) * np.cumprod(_F_ALL),
        ),
        "sign of the first cell lost": (
            "the cell starts at 1.5 here: the sign of c_0 = -1.5 is lost",
            _C - 2 * C_0 * np.cumprod(_F_ALL),
        ),
        "sign of a proposal lost": (
            "the sign of a proposal is lost: g is -0.7 in step 2, which takes something away",
            _cells(write=lambda i, f, g: i * abs(g)),
        ),
    },
    {
        "no tanh in h": (
            "the cells are right; h_t shows o · tanh(c_t), and here the tanh is missing",
            _O * _C[2],
        ),
        "gate inside the tanh": (
            "the cells are right; the output gate comes *after* the tanh, o · tanh(c_t) and not "
            "tanh(o · c_t)",
            np.tanh(_O * _C[2]),
        ),
        "output gate left out": (
            "the cells are right; of tanh(c_3) the output gate shows a part, and it is missing",
            _SHOWN,
        ),
        "sigmoid of the cell": (
            "the cells are right; the cell is shown through a tanh, not through a sigmoid",
            _O * sigmoid(_C[2]),
        ),
        "the old cell shown": (
            "the cells are right; h_3 shows the *new* cell, c_3",
            _O * np.tanh(_C[1]),
        ),
        "output gate of the step before": (
            "the cells are right; this is shown through the output gate of step 2: h_3 has that "
            "of step 3",
            _O_ALL[1] * _SHOWN,
        ),
        "sign of the state lost": (
            "the cells are right; the sign is lost: c_3 is negative, and so are its tanh and h_3",
            -_O * _SHOWN,
        ),
    },
    {
        "forget gates added": (
            "the states are right; a change of c_0 passes the three forget gates one after the "
            "other, so they are multiplied",
            np.sum(_F_ALL),
        ),
        "last forget gate alone": (
            "the states are right; f_3 is dc_3/dc_2, and from c_3 to c_0 it is three steps",
            _F_ALL[2],
        ),
        "one forget gate too few": (
            "the states are right; this is dc_3/dc_1, and c_0 is one step further back",
            _F_ALL[1] * _F_ALL[2],
        ),
        "what is left of c_0": (
            "the states are right; this is what is left of the *value* of c_0; the derivative is "
            "the factor in front of it",
            _KEPT * C_0,
        ),
        "product of 1 - f": (
            "the states are right; each step keeps the share f of the cell, not 1 - f",
            np.prod(1 - _F_ALL),
        ),
        "slopes of the tanh on the way": (
            "the states are right; on the way from cell to cell there is no tanh, so no slope of "
            "one: that is what the carousel is for",
            np.prod(_F_ALL * _SLOPES),
        ),
        "input gates on the way": (
            "the states are right; the old cell is multiplied by f alone, i multiplies the "
            "proposal",
            np.prod(_F_ALL * _I_ALL),
        ),
        "product of the input gates": (
            "the states are right; the old cell is multiplied by f at each step, not by i",
            np.prod(_I_ALL),
        ),
        "output gates on the way": (
            "the states are right; the output gate stands between cell and *state*; from cell to "
            "cell nothing passes it",
            np.prod(_F_ALL * _O_ALL),
        ),
    },
    {
        "slope of the last tanh left out": (
            "all but the last are right; h_3 = o · tanh(c_3): the slope of that tanh is missing",
            _O * _KEPT,
        ),
        "last output gate left out": (
            "all but the last are right; h_3 = o · tanh(c_3): the gate o is missing",
            _SLOPES[2] * _KEPT,
        ),
        "value for slope": (
            "all but the last are right; this has the *value* tanh(c_3); its slope is 1 - "
            "tanh(c_3)²",
            _O * _SHOWN * _KEPT,
        ),
        "slope from h": (
            "all but the last are right; the slope of the tanh is 1 - tanh(c_3)², and h_3 is not "
            "tanh(c_3): the gate o is in it",
            _O * (1 - (_O * _SHOWN) ** 2) * _KEPT,
        ),
        "slope from c": (
            "all but the last are right; the slope of the tanh is 1 - tanh(c_3)², not 1 - c_3²",
            _O * (1 - _C[2] ** 2) * _KEPT,
        ),
        "gate and slope at every step": (
            "all but the last are right; o and the slope of the tanh are passed once, on leaving "
            "the cell, and not at every step",
            np.prod(_F_ALL * _O_ALL * _SLOPES),
        ),
        "same as for the cell": (
            "all but the last are right; on the way out of the cell two more factors are passed",
            _KEPT,
        ),
    },
)


def _trace_wrong(k, values):
    name, value = ("c", "h_3", "dc_3_dc_0", "dh_3_dc_0")[k], values[0]
    if k == 0:
        first = next(t for t in range(3) if not _near(values[t], _C[t]))
        name, value = f"c: c_{first + 1}", values[first]
    return f"{name}: yours is {np.round(value, 3)}, which is not right"


_trace = Exercise(
    id="09.1",
    title="Three steps by hand",
    stars=2,
    minutes=12,
    deepens='the claim "with W_hh = 0 the gradient of c_T by c_0 is the product of the forget '
    'gates"',
    statement="Follow one LSTM unit through three steps, and the derivative along its cell back.",
    kind="value",
    reference=_TRACED,
    alternatives=(
        [np.round(_C, 3).tolist(), *(round(float(part), 3) for part in _TRACED[1:])],
        (_C[:, None], *_TRACED[1:]),
    ),
    returns=("c (c_1, c_2, c_3)", "h_3", "dc_3_dc_0", "dh_3_dc_0"),
    judge=_staged(_TRACED, _OF_TRACE, _trace_wrong),
    praise="a sum on the way forward, and three forget gates, nothing else, on the way back",
    misconceptions=_misconceptions(_TRACED, _OF_TRACE),
    hints=(
        "One step at a time: c_1 = f · c_0 + i · g with the numbers of row 1. What does step 2 "
        "begin with?",
        "h_3 needs the output gate of step 3 alone. For the derivative ask what one step does to a "
        "small change of its c_prev, when the gates stay as they are.",
        "dc_t/dc_{t-1} = f_t, and the three steps follow each other. From c_3 to h_3 = o · "
        "tanh(c_3) two factors come on top: o, and the slope of the tanh at c_3.",
    ),
)

# --- 09.2 Backwards through coupled gates -------------------------------------------------------


def backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    """(da (B, 3H), dh_prev (B, H), dc_prev (B, H)) of the LSTM with i = 1 - f."""
    return _backward(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh)


def _backward(
    dh_t,
    dc_t,
    f,
    g,
    o,
    c_prev,
    c_t,
    W_hh,
    *,
    total=lambda dc, dh, o, s: dc + dh * o * (1 - s**2),
    df=lambda dc, c_prev, g: dc * (c_prev - g),
    dg=lambda dc, f: dc * (1 - f),
    do=lambda dh, c, s: dh * s,
    gate=lambda a: a * (1 - a),
    flat="",
    slope=lambda g: 1 - g**2,
    back=lambda dc, f, dh_prev: dc * f,
    through=lambda da, W_hh: da @ W_hh.T,
    order="fgo",
    early=False,
):
    """The same, with a switch for everything that people get wrong; s is tanh(c_t)."""
    s = np.tanh(c_t)
    dc = total(dc_t, dh_t, o, s)
    parts = {
        "f": df(dc, c_prev, g) * (1.0 if flat == "f" else gate(f)),
        "g": dg(dc, f) * slope(g),
        "o": do(dh_t, c_t, s) * (1.0 if flat == "o" else gate(o)),
    }
    da = np.concatenate([parts[name] for name in order], axis=1)
    dh_prev = through(da, W_hh)
    return da, dh_prev, back(dc_t if early else dc, f, dh_prev)


def _backward_gate_by_gate(dh_t, dc_t, f, g, o, c_prev, c_t, W_hh):
    """As for the plain LSTM with a gate i, whose share then goes to f with the other sign."""
    H, i, shown = len(W_hh), 1 - f, np.tanh(c_t)
    dc = dc_t + dh_t * o * (1 - np.square(shown))
    da_i, da_f = dc * g * i * (1 - i), dc * c_prev * f * (1 - f)
    da = np.hstack([da_f - da_i, dc * i * (1 - g * g), dh_t * shown * o * (1 - o)])
    back = sum(da[:, k * H : (k + 1) * H] @ W_hh[:, k * H : (k + 1) * H].T for k in range(3))
    return da, back, f * dc


def _with(**switches):
    return lambda *args: _backward(*args, **switches)


def _blocks_forwards(da, W_hh):
    blocks = zip(np.split(da, 3, axis=1), np.split(W_hh, 3, axis=1), strict=True)
    return sum(da_k @ W_k for da_k, W_k in blocks)


def _divided(*args):
    return tuple(part / len(args[0]) for part in backward(*args))


def _backward_case(rng, B, H, label=""):
    f, o = rng.uniform(0.1, 0.9, size=(2, B, H))
    g, c_prev = rng.uniform(-0.9, 0.9, size=(B, H)), 1.5 * rng.normal(size=(B, H))
    dh_t, dc_t = rng.normal(size=(2, B, H))
    c_t = f * c_prev + (1 - f) * g
    args = dh_t, dc_t, f, g, o, c_prev, c_t, rng.normal(size=(H, 3 * H))
    return Case(f"B={B}, H={H}{label}", args)


def _backward_cases(rng):
    return [_backward_case(rng, B, H) for B, H in ((3, 5), (1, 4), (6, 2), (2, 3))]


_implement = Exercise(
    id="09.2",
    title="Backwards through coupled gates",
    stars=3,
    minutes=25,
    deepens='the claim "with usual weights it is not: the paths through the gates add to it"',
    statement="Derive and write the backward step of an LSTM whose input gate is what the forget "
    "gate leaves.",
    reference=backward,
    alternatives=(_backward_gate_by_gate,),
    inputs=_backward_cases,
    returns=("da (B, 3H)", "dh_prev (B, H)", "dc_prev (B, H)"),
    praise="two ways back: through the gates into the state, and past them along the cell",
    misconceptions=(
        Misconception(
            "forget gate without the proposal",
            "f appears twice in c_t = f · c_prev + (1 - f) · g: its derivative is c_prev - g, not "
            "c_prev alone",
            _with(df=lambda dc, c_prev, g: dc * c_prev),
        ),
        Misconception(
            "forget gate with the wrong sign",
            "the proposal comes in as (1 - f) · g, so that the derivative by f is c_prev *minus* g",
            _with(df=lambda dc, c_prev, g: dc * (c_prev + g)),
        ),
        Misconception(
            "forget gate with both signs turned over",
            "the sign of f's block is turned over: c_t has f · c_prev with a plus and f · g with a "
            "minus, so that the derivative by f is c_prev - g, not g - c_prev",
            _with(df=lambda dc, c_prev, g: dc * (g - c_prev)),
        ),
        Misconception(
            "proposal through f",
            "the proposal is multiplied by 1 - f here, and not by f: that is its derivative",
            _with(dg=lambda dc, f: dc * f),
        ),
        Misconception(
            "proposal without its gate",
            "the proposal enters c_t through its gate: dc_t/dg is 1 - f, not 1",
            _with(dg=lambda dc, f: dc),
        ),
        Misconception(
            "state's error lost",
            "dh_t reaches the cell too: h_t = o · tanh(c_t), so that dh_t · o · (1 - tanh(c_t)²) "
            "is added to dc_t before anything else",
            _with(total=lambda dc, dh, o, s: dc),
        ),
        Misconception(
            "later error lost",
            "dc_t, what the next step sends back along the cell, is missing: it is added to what "
            "comes from h_t",
            _with(total=lambda dc, dh, o, s: dh * o * (1 - s**2)),
        ),
        Misconception(
            "output gate lost on the way in",
            "from h_t to the cell the error passes the gate o: dh_t · o · (1 - tanh(c_t)²)",
            _with(total=lambda dc, dh, o, s: dc + dh * (1 - s**2)),
        ),
        Misconception(
            "tanh of the cell without slope",
            "from h_t to the cell the error passes the tanh of h_t = o · tanh(c_t), with the slope "
            "1 - tanh(c_t)²",
            _with(total=lambda dc, dh, o, s: dc + dh * o),
        ),
        Misconception(
            "slope from the cell itself",
            "the slope of tanh(c_t) is 1 - tanh(c_t)²: c_t has not been through the tanh",
            lambda *a: _backward(*a, total=lambda dc, dh, o, s: dc + dh * o * (1 - a[6] ** 2)),
        ),
        Misconception(
            "slope from the state",
            "the slope of tanh(c_t) is 1 - tanh(c_t)², not 1 - h_t²: h_t has the gate o in it",
            _with(total=lambda dc, dh, o, s: dc + dh * o * (1 - (o * s) ** 2)),
        ),
        Misconception(
            "output gate sees the cell",
            "o multiplies tanh(c_t), and that is its derivative, not c_t",
            _with(do=lambda dh, c, s: dh * c),
        ),
        Misconception(
            "slopes of the gates left out",
            "da is asked for, *inside* the sigmoids: f and o have the slopes f(1 - f) and o(1 - o)",
            _with(gate=lambda a: 1.0),
        ),
        Misconception(
            "slope of the forget gate left out",
            "in f's block one slope is missing: da is asked for, *inside* the sigmoid, and its "
            "slope is f(1 - f)",
            _with(flat="f"),
        ),
        Misconception(
            "slope of the output gate left out",
            "in o's block one slope is missing: da is asked for, *inside* the sigmoid, and its "
            "slope is o(1 - o)",
            _with(flat="o"),
        ),
        Misconception(
            "tanh's slope for the gates",
            "f and o come from a sigmoid: the slope is f(1 - f), and 1 - f² is that of a tanh",
            _with(gate=lambda a: 1 - a**2),
        ),
        Misconception(
            "gates squashed again",
            "f and o are the values of the sigmoid already: the slope is f(1 - f)",
            _with(gate=lambda a: sigmoid(a) * (1 - sigmoid(a))),
        ),
        Misconception(
            "slope of the proposal left out",
            "da is asked for, *inside* the tanh of g: its slope is 1 - g²",
            _with(slope=lambda g: 1.0),
        ),
        Misconception(
            "sigmoid's slope for the proposal",
            "g comes from a tanh: its slope is 1 - g², and g(1 - g) is that of a sigmoid",
            _with(slope=lambda g: g * (1 - g)),
        ),
        Misconception(
            "no slopes at all",
            "these are the derivatives by the gates themselves: da is asked for, one slope further "
            "in: f(1 - f), 1 - g², o(1 - o)",
            _with(gate=lambda a: 1.0, slope=lambda g: 1.0),
        ),
        Misconception(
            "blocks in another order",
            "the numbers are right, the blocks of da are not in the order f, g, o",
            _with(order="gfo"),
        ),
        Misconception(
            "o before g",
            "the numbers are right, but o stands before g: the order is f, g, o",
            _with(order="fog"),
        ),
        Misconception(
            "cell's error from before",
            "da and dh_prev are right; dc_prev is f times the *whole* error of c_t, that which "
            "came through h_t included",
            _with(early=True),
        ),
        Misconception(
            "nothing forgotten on the way back",
            "da and dh_prev are right; on its way from c_t to c_prev the error passes the forget "
            "gate",
            _with(back=lambda dc, f, dh_prev: dc),
        ),
        Misconception(
            "1 - f on the way back",
            "da and dh_prev are right; the old cell is multiplied by f, and so is the error: f is "
            "the share that is kept",
            _with(back=lambda dc, f, dh_prev: dc * (1 - f)),
        ),
        Misconception(
            "paths mixed",
            "da and dh_prev are right; the way through the gates leads to h_prev: it is not added "
            "to dc_prev a second time",
            _with(back=lambda dc, f, dh_prev: dc * f + dh_prev),
        ),
        Misconception(
            "recurrent weights bent into shape",
            "da and dc_prev are right; W_hh has been given the shape (3H, H) by reshape, which "
            "mixes its rows: the error goes back through the transpose, W_hh.T",
            _with(through=lambda da, W_hh: da @ W_hh.reshape(-1, len(W_hh))),
        ),
        Misconception(
            "recurrent blocks not transposed",
            "da and dc_prev are right; the three blocks of W_hh are taken forwards: the error goes "
            "back through the transpose of each, W_hh.T",
            _with(through=_blocks_forwards),
        ),
        Misconception(
            "averaged over the batch",
            "everything is divided by B: the gradients of each sequence are asked for as they are",
            _divided,
        ),
    ),
    hints=(
        "Begin at the end: which of c_t and o does h_t = o · tanh(c_t) send its error to, and "
        "what does the cell hold when both dc_t and that have arrived?",
        "With dc the whole error of c_t: f gets dc · (c_prev - g), g gets dc · (1 - f), o gets "
        "dh_t · tanh(c_t). Then one slope each, to come inside the sigmoid or the tanh.",
        "dc = dc_t + dh_t * o * (1 - np.tanh(c_t) ** 2). da is np.concatenate of three blocks "
        "along axis 1, dh_prev goes back through W_hh.T, and what is left for dc_prev?",
    ),
)

# --- 09.3 Down to one percent -------------------------------------------------------------------

BIASES = np.array([0.0, 1.0, 3.0, 5.0])


def _steps(factor, level=0.01):
    """After how many steps a product of such factors is below the level for the first time."""
    return np.floor(np.log(level) / np.log(factor)) + 1


_F = sigmoid(BIASES)
LAG = 50
_HALF = 0.5 ** (1 / LAG)  # the forget gate that keeps a half over so many steps
_FADED = (_steps(_F), np.log(_HALF / (1 - _HALF)))
SHARE = "the steps are right; "

_OF_FADED = (
    {
        "one step too early": (
            "this is the last step at which at least 1 % is left: the next one is the first below",
            _steps(_F) - 1,
        ),
        "not a whole number": (
            "steps are whole: these are the exponents at which exactly 1 % is left; what is the "
            "first whole number of steps with less?",
            np.log(0.01) / np.log(_F),
        ),
        "one percent for ten": (
            "this is where the gradient falls below a tenth: 1 % is a hundredth",
            _steps(_F, 0.1),
        ),
        "one part in a thousand": (
            "this is where the gradient falls below a thousandth: 1 % is a hundredth",
            _steps(_F, 0.001),
        ),
        "tanh for the sigmoid": (
            "the gate is taken as tanh(b): a gate is a sigmoid, f = 1/(1 + exp(-b)), and with "
            "bias 0 it is half open",
            np.array([1, *_steps(np.tanh(BIASES[1:]))]),
        ),
        "forget gate turned over": (
            "f is taken as the share that is *forgotten*: a larger bias opens the gate, and open "
            "means keep",
            _steps(1 - _F),
        ),
        "slope of the gate": (
            "each step multiplies by the gate f, not by the slope f(1 - f) of its sigmoid: along "
            "the cell nobody asks how the gate came about",
            _steps(_F * (1 - _F)),
        ),
        "input gate too": (
            "here i, which is a half, multiplies the cell, too: the old cell passes f alone",
            _steps(_F / 2),
        ),
        "subtracted instead of multiplied": (
            "each step takes the share 1 - f of what is *left*, not of what there was at first: "
            "the gates are multiplied",
            np.floor(0.99 / (1 - _F)) + 1,
        ),
        "time constant": (
            "1/(1 - f) is the time after which about a third is left, exp(-1): here it is 1 %",
            1 / (1 - _F),
        ),
        "share after so many steps": (
            "these are the gates, σ(b): asked is how many of them have to be multiplied",
            _F,
        ),
    },
    {
        "gate for bias": (
            SHARE
            + "this is the *gate*, the share a step keeps; asked is the bias that opens it so",
            _HALF,
        ),
        "sign turned over": (
            SHARE + "with this bias the gate is nearly shut: a positive bias opens it",
            -np.log(_HALF / (1 - _HALF)),
        ),
        "half a step": (
            SHARE + "with bias 0 the gate keeps a half at *every* step: asked is a half over 50",
            0.0,
        ),
        "logarithm of T": (
            SHARE + "this is the logarithm of T, or near it: its gate is 1 - 1/T, which leaves "
            "about a third after T steps, exp(-1), and not a half",
            np.log(LAG),
        ),
        "one percent for a half": (
            SHARE + "with this bias 1 % is left after 50 steps: asked is a half",
            -np.log(0.01 ** (-1 / LAG) - 1),
        ),
        "tanh inverted": (
            SHARE + "this inverts the tanh: a gate is a sigmoid, whose inverse is ln(f / (1 - f))",
            np.arctanh(_HALF),
        ),
        "logarithm to base ten": (
            SHARE + "the inverse of the sigmoid has the *natural* logarithm, np.log",
            np.log10(_HALF / (1 - _HALF)),
        ),
    },
)


def _faded_wrong(k, values):
    if k:
        left = sigmoid(values[:1])[0] ** LAG
        return f"half_bias: yours is {np.round(values[0], 3)}, with which {left:.2f} of it is left"
    wrong = next(n for n in range(4) if not _near(values[n], _FADED[0][n]))
    return f"steps: for bias {BIASES[wrong]:g} yours is {values[wrong]:.4g}, which is not right"


def _steps_judge(answer, rng):
    """Counts have to be exact; the bias may be rounded to two decimals."""
    steps, bias = np.ravel(answer[0]), answer[1]
    if np.array_equal(steps, _FADED[0]) and abs(bias.item() - _FADED[1]) <= 0.02:
        return None
    if not np.array_equal(steps, _FADED[0]) and _near(steps, _FADED[0]):
        return _faded_wrong_count(steps)
    return _staged(_FADED, _OF_FADED, _faded_wrong)((steps, bias), rng)


def _faded_wrong_count(steps):
    """The long count is off by a step or two: nearer than three digits can tell."""
    off_by_one = _OF_FADED[0]["one step too early"]
    if np.array_equal(steps, off_by_one[1]):
        return off_by_one[0]
    wrong = next(n for n in range(4) if steps[n] != _FADED[0][n])
    return (
        f"steps: for bias {BIASES[wrong]:g} yours is {steps[wrong]:.4g}: nearly; keep more digits "
        "of the gate, and count whole steps"
    )


_predict = Exercise(
    id="09.3",
    title="Down to one percent",
    stars=2,
    minutes=15,
    deepens='the claim "the direct path alone promises less than is measured, at every bias"',
    statement="Predict after how many steps a gradient that goes along the cell alone has fallen "
    "below one percent, then measure it.",
    kind="value",
    reference=_FADED,
    alternatives=(([7, 15, 95, 686], 4.27), (_FADED[0][:, None], 4.2717)),
    returns=("steps (for bias 0, 1, 3 and 5)", "half_bias"),
    judge=_steps_judge,
    praise="each unit of bias on top makes the memory two to nearly three times as long: the "
    "more open the gate, the nearer to a factor of e",
    misconceptions=_misconceptions(_FADED, _OF_FADED),
    hints=(
        "With W_hh = 0 and no inputs the forget gate is the same at all steps: f = σ(b). What is "
        "left after n steps?",
        "f to the power n is below 0.01 when n is above ln(0.01) / ln(f); steps are whole numbers. "
        "The first gate is σ(0) = 1/2.",
        "For the bias go the other way: f to the power 50 is 1/2, so f is the fiftieth root of "
        "1/2. Then undo the sigmoid: b = ln(f / (1 - f)).",
    ),
)

# --- 09.4 Somebody else's gates -----------------------------------------------------------------


def load(kernel, bias, forget_bias):
    """(W_xh (D, 4H), W_hh (H, 4H), b_h (4H,)), gates i, f, g, o, from TensorFlow 1's two arrays."""
    return _load(kernel, bias, forget_bias)


def _load(kernel, bias, forget_bias, *, rows=False, place=False, order=False, blocks=(0, 2, 1, 3)):
    """The same; each of the three faults can be left in, or the blocks put into another order."""
    H = len(bias) // 4
    b_h = bias.copy()
    added = 1 if place else 2  # TensorFlow's block: i, j, f, o
    b_h[added * H : (added + 1) * H] += forget_bias
    D = len(kernel) - H
    W_xh, W_hh = (kernel[H:], kernel[:H]) if rows else (kernel[:D], kernel[D:])
    columns = np.concatenate([np.arange(H) + k * H for k in ((0, 1, 2, 3) if order else blocks)])
    return W_xh[:, columns], W_hh[:, columns], b_h[columns]


def _load_by_blocks(kernel, bias, forget_bias):
    """Split, rename, join; the forget bias is added last, to the course's own block f."""
    H = bias.size // 4
    i, j, f, o = np.split(np.vstack([kernel, bias]), 4, axis=1)
    joined = np.hstack([i, f, j, o])
    joined[-1, H : 2 * H] += forget_bias
    return joined[: -H - 1], joined[-H - 1 : -1], joined[-1]


def _as_stub(kernel, bias, forget_bias):
    return _load(kernel, bias, forget_bias, rows=True, place=True, order=True)


LEFT = {
    "rows": "kernel has the rows of the *input* first, then those of the state: it multiplies "
    "[x_t, h_prev]",
    "place": "forget_bias lands on the proposal: TensorFlow's second block is j, not f",
    "order": "the blocks are still in TensorFlow's order i, j, f, o, where ours is i, f, g, o",
}


def _leftovers():
    """A misconception for each set of one or two faults that may be left."""
    for count in (2, 1):
        for names in itertools.combinations(LEFT, count):
            says = "still there: " + "; ".join(LEFT[name] for name in names)
            faults = dict.fromkeys(names, True)
            yield Misconception(
                " and ".join(names), says, lambda *args, faults=faults: _load(*args, **faults)
            )


def _ordered(*blocks):
    return lambda *args: _load(*args, blocks=blocks)


def _other_bias(change):
    """The right answer with another bias: `change(b_h, forget_bias, H)`."""

    def attempt(kernel, bias, forget_bias):
        W_xh, W_hh, b_h = load(kernel, bias, 0.0)
        return W_xh, W_hh, change(b_h, forget_bias, len(W_hh))

    return attempt


def _added_to(*gates, times=1.0):
    def change(b_h, forget_bias, H):
        shift = np.zeros((4, H))
        shift[list(gates)] = times * forget_bias
        return b_h + shift.ravel()

    return _other_bias(change)


def _set_in_f(b_h, forget_bias, H):
    """The forget bias written over block f."""
    return np.concatenate([b_h[:H], np.full(H, forget_bias), b_h[2 * H :]])


def _parts(of_matrices, of_bias):
    def attempt(*args):
        return *of_matrices(*args)[:2], of_bias(*args)[2]

    return attempt


def _views(kernel, bias, forget_bias):
    """Two blocks exchanged through slices, which are views: f stands twice, j is lost."""
    H, turned = len(bias) // 4, []
    for w in (kernel.copy(), bias.copy()):
        f, g = w[..., 2 * H : 3 * H], w[..., H : 2 * H]
        w[..., H : 2 * H], w[..., 2 * H : 3 * H] = f, g
        turned.append(w)
    turned[1][H : 2 * H] += forget_bias
    D = len(kernel) - H
    return turned[0][:D], turned[0][D:], turned[1]


def _transposed(*args):
    W_xh, W_hh, b_h = load(*args)
    return W_xh.T, W_hh.T, b_h


def _load_cases(rng):
    cases = []
    for D, H in ((4, 5), (2, 3), (3, 3), (5, 1)):
        kernel, bias = rng.normal(size=(D + H, 4 * H)), rng.normal(size=4 * H)
        forget_bias = float(rng.uniform(0.5, 2.5))
        cases.append(Case(f"D={D}, H={H}", (kernel, bias, forget_bias)))
    return cases


_repair = Exercise(
    id="09.4",
    title="Somebody else's gates",
    stars=2,
    minutes=20,
    deepens='the claim "a 1 in both of PyTorch\'s forget biases is a forget bias of 2"',
    statement="Mend three faults in a function that loads an LSTM from an old checkpoint.",
    reference=load,
    alternatives=(_load_by_blocks,),
    inputs=_load_cases,
    returns=("W_xh (D, 4H)", "W_hh (H, 4H)", "b_h (4H,)"),
    stub=_as_stub,
    praise="input rows first, f before g, and the forget bias where the forget gate is",
    misconceptions=(
        *_leftovers(),
        Misconception(
            "bias not reordered",
            "the matrices are right; the blocks of the bias have to change places as well",
            _parts(load, lambda *args: _load(*args, order=True)),
        ),
        Misconception(
            "bias not reordered, added to the second block",
            "the matrices are right; the blocks of the bias have to change places before anything "
            "is added to block f",
            _parts(load, lambda *args: _load(*args, order=True, place=True)),
        ),
        Misconception(
            "matrices not reordered",
            "the bias is right; the blocks of both matrices have to change places as well",
            _parts(lambda *args: _load(*args, order=True), load),
        ),
        Misconception(
            "forget bias left out",
            "forget_bias is missing: the old library added it at each step, so that it is not in "
            "the file",
            _added_to(),
        ),
        Misconception(
            "forget bias twice",
            "forget_bias is added twice: once to f, and it is in b_h",
            _added_to(1, times=2.0),
        ),
        Misconception(
            "forget bias taken away",
            "forget_bias is subtracted: the old library *added* it, to keep the gate open",
            _added_to(1, times=-1.0),
        ),
        Misconception(
            "forget bias in the place of the trained one",
            "forget_bias has taken the place of the bias in the file: it is *added* to what was "
            "trained",
            _other_bias(_set_in_f),
        ),
        Misconception(
            "forget bias on all gates",
            "forget_bias is added to all four blocks: it belongs to the forget gate alone",
            _added_to(0, 1, 2, 3),
        ),
        Misconception(
            "forget bias on the input gate",
            "forget_bias is added to the first block, the input gate: f is the second of ours",
            _added_to(0),
        ),
        Misconception(
            "forget bias on the output gate",
            "forget_bias is added to the last block, the output gate: f is the second of ours",
            _added_to(3),
        ),
        Misconception(
            "always 1",
            "1 is added whatever forget_bias says: the argument holds what that network was "
            "trained with",
            _other_bias(lambda b_h, forget_bias, H: b_h + np.repeat([0.0, 1.0, 0.0, 0.0], H)),
        ),
        Misconception(
            "exchanged through views",
            "f's block stands twice and that of the proposal is lost: a slice of NumPy is a view, "
            "so it was overwritten before it was read",
            _views,
        ),
        Misconception(
            "blocks turned round",
            "i and o stay where they are: j (our g) and f change places, nothing else",
            _ordered(0, 2, 3, 1),
        ),
        Misconception(
            "f put last",
            "f is the second of our blocks: i, f, g, o, where g is what TensorFlow calls j",
            _ordered(0, 1, 3, 2),
        ),
        Misconception(
            "order of ONNX",
            "this is i, o, f, g, the order of ONNX: ours is i, f, g, o",
            _ordered(0, 3, 2, 1),
        ),
        Misconception(
            "f first",
            "f stands first here: our order is i, f, g, o",
            _ordered(2, 0, 1, 3),
        ),
        Misconception(
            "transposed",
            "the matrices stand on their side, as PyTorch keeps them: here W_xh is (D, 4H) and "
            "W_hh (H, 4H)",
            _transposed,
        ),
    ),
    hints=(
        "Take one array at a time. Which rows of kernel meet x_t, and which meet h_prev? And what "
        "stands in columns H to 2H?",
        "D is len(kernel) - H, so W_xh is kernel[:D]. Of the four blocks two have to change "
        "places, in the matrices and in the bias.",
        "i, j, f, o = np.split(kernel, 4, axis=1), then np.concatenate([i, f, j, o], axis=1), and "
        "the same for a *copy* of the bias. After that the forget gate is the second block.",
    ),
)

# --- 09.5 A light switch ------------------------------------------------------------------------

START = -1.0  # the cell at first: off
STEPS = 100
ORDERS = {  # somebody else's order of the gates: their columns in ours
    "i, f, o, g": [0, 1, 3, 2],
    "i, g, f, o": [0, 2, 1, 3],
    "i, o, f, g": [0, 2, 3, 1],
    "f, i, g, o": [1, 0, 2, 3],
    "f, i, o, g": [1, 0, 3, 2],
}
TURNED = (
    "this would be a switch if f were the share that is *forgotten*: f is the share that is kept, "
    "so it has to be open while nothing comes in, and shut at a press"
)
KEEPS_SIGN = (
    "at a press the unit writes what it shows already: the proposal has to see h_prev with a "
    "*negative* weight"
)
FADES = "the forget gate lets the cell fade while nothing comes in"
LEAKS = (
    "the input gate is not shut while nothing comes in, and what it lets through changes the bit"
)
SHUT = "at a press the input gate is not open enough"
ADDS = (
    "at a press the old cell is kept as well, and old and new add up to nothing: the forget gate "
    "has to shut there"
)
WEAK = "the proposal is too small: what is written has to bring tanh(c_t) above 0.5"
BLIND = (
    "the proposal does not depend on h_prev, so that every press writes the same: W_hh needs an "
    "entry in the block of g"
)
HIDDEN = "the output gate is not open enough: of tanh(c_t) more than 0.5 has to be shown"


def _switch(W_xh, W_hh, b_h, x):
    """(h, gates at every step, with c last) of the one-unit LSTM on x (T,), started at off."""
    c, rows = START, []
    h = float(np.tanh(START))
    for x_t in x:
        i, f, g, o = a = x_t * W_xh + h * W_hh + b_h
        i, f, g, o = *sigmoid(a[:2]), np.tanh(g), sigmoid(np.array(o))
        c = f * c + i * g
        h = float(o * np.tanh(c))
        rows.append((h, i, f, g, o, c))
    return np.array(rows)


def _works(weights, presses):
    """At which step the switch first shows the wrong thing; None if it never does."""
    h = _switch(*weights, presses)[:, 0]
    on = START * (-1.0) ** np.cumsum(presses)
    wrong = np.flatnonzero(h * on <= 0.5)
    return int(wrong[0]) if wrong.size else None


def _tests(rng):
    """Sequences of presses: none, one and a long wait, all, and at random."""
    one, late = np.zeros(STEPS), np.zeros(STEPS)
    one[0], late[[STEPS // 2, STEPS - 1]] = 1, 1
    rare = [(rng.random(2 * STEPS) < p).astype(float) for p in (0.03, 0.2, 0.5, 0.8)]
    return [np.zeros(STEPS), one, late, np.ones(STEPS), *rare]


def _switch_judge(answer, rng):
    """None if it toggles; else whose gates these might be, or which gate goes wrong first."""
    weights = [part.ravel() for part in answer]
    tests = _tests(rng)
    if all(_works(weights, presses) is None for presses in tests):
        return _switch_shapes(answer)
    return _would_work(weights, tests) or _first_fault(weights, tests)


def _would_work(weights, tests):
    """Whether the same numbers make a switch if they are read in another way."""

    def switches(change):
        changed = [change(w.copy()) for w in weights]
        return all(_works(changed, presses) is None for presses in tests)

    for order, columns in ORDERS.items():
        if switches(lambda w, columns=columns: w[columns]):
            return (
                f"with the gates in the order {order} these weights make a switch; ours is "
                "i, f, g, o, in all three arrays"
            )
    if switches(lambda w: w * np.array([1, -1, 1, 1])):
        return TURNED
    if not weights[1][2]:
        return BLIND
    W_xh, W_hh, b_h = weights
    turned = (W_xh, W_hh * np.array([1, 1, -1, 1]), b_h)
    works = all(_works(turned, presses) is None for presses in tests)
    return KEEPS_SIGN if works else None


def _first_fault(weights, tests):
    """The gates in numbers at the first step that goes wrong."""
    presses = next(presses for presses in tests if _works(weights, presses) is not None)
    t = _works(weights, presses)
    _, i, f, g, o, c = _switch(*weights, presses[: t + 1])[-1]
    at = f"step {t + 1}"
    if o < 0.8 and o * abs(np.tanh(c)) <= 0.5 < abs(np.tanh(c)):
        return f"{HIDDEN}: at {at} o is {o:.2f} and tanh(c_t) {np.tanh(c):.2f}"
    if presses[t]:
        return _at_a_press(i, f, g, at)
    if i * abs(g) > 1 - f:
        return f"{LEAKS}: at {at} i is {i:.4f}"
    fades = f"{FADES}: at {at} f is {f:.3f}, and f to the power {STEPS} {f**STEPS:.2f}"
    if i * abs(g) < 0.2 * (1 - f):
        return fades
    return f"{fades}; and the input gate lets in the opposite all the while: i is {i:.4f}"


def _at_a_press(i, f, g, at):
    if abs(g) < 0.6:
        return f"{WEAK}: at {at} g is {g:.2f}"
    if i < 0.6:
        return f"{SHUT}: at {at} i is {i:.2f}"
    if f > 0.1:
        return f"{ADDS}: at {at} f is {f:.2f}"
    return f"at {at}, a press, it does not change sides: i = {i:.2f}, f = {f:.2f}, g = {g:.2f}"


def _switch_shapes(answer):
    """A word on shapes, once the numbers are right."""
    shapes = {"W_xh": (1, 4), "W_hh": (1, 4), "b_h": (4,)}
    for (name, shape), part in zip(shapes.items(), answer, strict=True):
        if part.shape != shape:
            return (
                f"the numbers make a switch, but {name} has shape {part.shape} and {shape} is "
                f"asked for: write {np.round(part.reshape(shape), 4).tolist()}"
            )
    return None


def _weights(press, W_hh, b_h):
    return np.array([press], float), np.array([W_hh], float), np.array(b_h, float)


_PRESS, _STATE, _BIAS = [20, -20, 0, 0], [0, 0, -5, 0], [-10, 10, 0, 5]


def _wrong(press=_PRESS, state=_STATE, bias=_BIAS):
    return _weights(press, state, bias)


_hand_made = Exercise(
    id="09.5",
    title="A light switch",
    stars=3,
    minutes=20,
    deepens='the claim "the hand-set unit holds every bit for 1,000 noisy steps"',
    statement="Choose the weights of one LSTM unit that changes sides at every press of a button "
    "and keeps its side in between.",
    kind="value",
    reference=_wrong(),
    alternatives=(
        _weights([30, -14, 0, 0], [0, 0, -3, 0], [-12, 7.5, 0, 8]),
        _weights([20, -20, 0, 3], [0, 0, -20, 0], [-8, 8, 0.1, 6]),
        {"W_xh": [_PRESS], "W_hh": [_STATE], "b_h": _BIAS},
    ),
    returns=("W_xh (1, 4)", "W_hh (1, 4)", "b_h (4,)"),
    judge=_switch_judge,
    praise="one unit that computes the parity of all presses: keep, or write the opposite",
    misconceptions=(
        Misconception(
            "candidate last",
            "with the gates in the order i, f, o, g these weights make a switch",
            [np.array(w)[..., [0, 1, 3, 2]] for w in _wrong()],
        ),
        Misconception(
            "candidate second",
            "with the gates in the order i, g, f, o these weights make a switch",
            [np.array(w)[..., [0, 2, 1, 3]] for w in _wrong()],
        ),
        Misconception(
            "forget gate first",
            "with the gates in the order f, i, g, o these weights make a switch",
            [np.array(w)[..., [1, 0, 2, 3]] for w in _wrong()],
        ),
        Misconception(
            "forget gate turned over", TURNED, _wrong([20, 20, 0, 0], bias=[-10, -10, 0, 5])
        ),
        Misconception("writes what it shows", KEEPS_SIGN, _wrong(state=[0, 0, 5, 0])),
        Misconception("state not seen", BLIND, _wrong(state=[0, 0, 0, 0], bias=[-10, 10, 5, 5])),
        Misconception("state at another gate", BLIND, _wrong(state=[-5, 0, 0, 0])),
        Misconception("old cell kept at a press", ADDS, _wrong([20, 0, 0, 0])),
        Misconception("forgets slowly", FADES, _wrong([20, -20, 0, 0], bias=[-10, 3, 0, 5])),
        Misconception("input gate half open", LEAKS, _wrong([20, -20, 0, 0], bias=[0, 10, 0, 5])),
        Misconception("input gate shut at a press", SHUT, _wrong([5, -20, 0, 0])),
        Misconception("proposal too small", WEAK, _wrong(state=[0, 0, -0.5, 0])),
        Misconception("output gate half open", HIDDEN, _wrong(bias=[-10, 10, 0, 0])),
    ),
    hints=(
        "Two situations, four gates: say in words what i, f, g and o should be while nothing "
        "comes in, and what at a press. Only one of the four has to know on which side the unit "
        "is.",
        "Nothing: f open, i shut. Press: f shut, i open, and g the opposite of h_prev. A bias of "
        "-10 shuts a gate; which weight on x_t opens it again?",
        "In i: bias -10 and weight 20. In f the same with the signs turned over. In o a bias that "
        "keeps it open. In g nothing but the weight of h_prev, in W_hh, with a sign and a size: "
        "|tanh(w · 0.76)| should be near 1.",
    ),
)

# --- 09.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="09.6",
    title="How much bias, and where",
    stars=3,
    minutes=45,
    deepens='the claim "with forget bias 3 at least two of five runs are right in over 95 %"',
    statement="Choose the biases of an LSTM for a cue that is twice as far away, predict which "
    "choice learns it, and find out what it is that helps.",
    kind="open",
    hints=(
        "What does a gate σ(b) leave after 100 steps, for b = 1, 3 and 5? 09.3 has the formula.",
        "Try one bias for all units and a spread of biases, each with the input gates as they are "
        "and with input gates that are shut as far as the forget gates are open. Several seeds "
        "each: a run is right in nearly all cases or in half of them. And more than one learning "
        "rate.",
        "Spoiler, read it after your experiment: put the networks under the microscope before they "
        "are trained, microscope.gradient_versus_lag(start(...), x=x). Does every gradient fade, "
        "and which learning rate suits one that grows?",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _hand_made, _open)
