"""Answer sheet of chapter 11, Deeper, and both ways."""

import numpy as np

from rnncourse import cells
from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 11.1 Two readers ---------------------------------------------------------------------------

X = (1.0, -2.0, 4.0, 6.0)


def _read(symbols, start=0.0):
    """The states s_t = s_{t-1} / 2 + x_t."""
    states, s_t = [], start
    for x_t in symbols:
        s_t = s_t / 2 + x_t
        states.append(s_t)
    return tuple(states)


FORWARD = _read(X)
BACKWARD = _read(X[::-1])[::-1]
SUMMARY = (FORWARD[-1], BACKWARD[0])
ENDS = (FORWARD[-1], BACKWARD[-1])  # both halves at the last place
NOT_TURNED = "backward: these are the right states in the order in which that cell *makes* them; "
NOT_TURNED += "each belongs beside the symbol that it has read last, so turn them round"
LAST_PLACE = "summary: at the last place the backward cell has read one symbol; it ends at the "
LAST_PLACE += "*first* place"

_WRONG_READINGS = {
    "backward states not turned round": (
        NOT_TURNED,
        (FORWARD, BACKWARD[::-1], SUMMARY),
    ),
    "not turned round, and the last place": (
        NOT_TURNED,
        (FORWARD, BACKWARD[::-1], ENDS),
    ),
    "not turned round, and the other order": (
        NOT_TURNED,
        (FORWARD, BACKWARD[::-1], SUMMARY[::-1]),
    ),
    "not turned round, and the first place": (
        NOT_TURNED,
        (FORWARD, BACKWARD[::-1], (FORWARD[0], BACKWARD[-1])),
    ),
    "both halves at the last place": (LAST_PLACE, (FORWARD, BACKWARD, ENDS)),
    "both halves at the first place": (
        "summary: at the first place the *forward* cell has read one symbol; it ends at the last "
        "place",
        (FORWARD, BACKWARD, (FORWARD[0], BACKWARD[0])),
    ),
    "summary in the other order": (
        "summary: both numbers are there, but the forward cell's comes first",
        (FORWARD, BACKWARD, SUMMARY[::-1]),
    ),
    "backward cell starts from the forward one": (
        "backward: this cell begins with the *last state of the forward cell*; the two know "
        "nothing of each other, both begin at 0",
        (
            FORWARD,
            _read(X[::-1], FORWARD[-1])[::-1],
            (FORWARD[-1], _read(X[::-1], FORWARD[-1])[-1]),
        ),
    ),
    "forward states turned round": (
        "backward: these are the forward states in reverse; the backward cell reads the *symbols* "
        "in reverse, and each state then holds what comes after, not what came before",
        (FORWARD, FORWARD[::-1], (FORWARD[-1], FORWARD[0])),
    ),
    "backward cell reads the forward states": (
        "backward: this cell reads the forward *states*; it reads the same input as the forward "
        "cell, from its other end",
        (FORWARD, _read(FORWARD[::-1])[::-1], (FORWARD[-1], _read(FORWARD[::-1])[-1])),
    ),
    "the symbol comes too late": (
        "forward: a step halves the state of the step before and then adds x_t, which is not "
        "halved",
        tuple(tuple(np.divide(part, 2)) for part in (FORWARD, BACKWARD, SUMMARY)),
    ),
    "a plain sum": (
        "forward: here nothing is forgotten; the old state is halved at each step",
        (
            tuple(np.cumsum(X)),
            tuple(np.cumsum(X[::-1])[::-1]),
            (float(np.sum(X)), float(np.sum(X))),
        ),
    ),
}

_trace = Exercise(
    id="11.1",
    title="Two readers",
    stars=1,
    minutes=12,
    deepens='the claim "reversed in and reversed out is the backward reading"',
    statement="Follow two readers of one short sequence, from its start and from its end, and say "
    "what each knows where.",
    kind="value",
    reference=(FORWARD, BACKWARD, SUMMARY),
    alternatives=(
        [list(FORWARD), list(BACKWARD), list(SUMMARY)],
        (np.array(FORWARD), np.array(BACKWARD), np.array(SUMMARY)),
    ),
    returns=("forward", "backward", "summary"),
    praise="at every place the two states together have read the whole sequence, and the symbol "
    "there twice",
    misconceptions=tuple(
        Misconception(name, says, answer) for name, (says, answer) in _WRONG_READINGS.items()
    ),
    hints=(
        "Do the forward cell first. For the other one, write the sequence down in reverse and do "
        "the same again.",
        "The last state that the backward cell makes belongs to the first symbol: where must the "
        "list of its states begin?",
        "summary holds, for each cell, the state in which it has read all four symbols: that of "
        "the forward cell stands at the end of its list, that of the backward cell at the start.",
    ),
)

# --- 11.2 A stack with a way round ---------------------------------------------------------------


def stacked(x, layers, skip):
    """top (B, T, H) and h_n (L, B, H) of a stack of plain layers."""
    return _stack(x, layers, skip)


def _stack(
    x,
    layers,
    skip,
    *,
    around=lambda number, below, x: below,
    kept=lambda h_T, out: h_T,
    read=lambda below, h, x: below,
    first=0,
):
    """The stack, with a switch for everything that people forget."""
    below, last, h = x, [], None
    for number, params in enumerate(layers):
        h, h_T, _ = cells.rnn_forward(read(below, h, x), params)
        out = h + around(number, below, x) if skip and number >= first else h
        last.append(kept(h_T, out))
        below = out
    return below, np.stack(last)


def _by_steps(x, layers, skip):
    """The same step by step: all layers at one time, then the next time."""
    states = [np.zeros((len(x), len(params.b_h))) for params in layers]
    top = []
    for t in range(x.shape[1]):
        signal = x[:, t]
        for number, (W_xh, W_hh, b_h) in enumerate(layers):
            states[number] = np.tanh(signal @ W_xh + states[number] @ W_hh + b_h)
            signal = signal * bool(skip) + states[number]
        top.append(signal)
    return np.stack(top, axis=1), states


def _skip_inside(x, layers, skip):
    """The sum of state and input is what goes on to the next step."""
    below, last = x, []
    for params in layers:
        h_t, out = np.zeros((len(x), len(params.b_h))), []
        for t in range(x.shape[1]):
            h_t = np.tanh(below[:, t] @ params.W_xh + h_t @ params.W_hh + params.b_h)
            h_t = h_t + below[:, t] * bool(skip)
            out.append(h_t)
        below = np.stack(out, axis=1)
        last.append(h_t)
    return below, np.stack(last)


def _skip_before_tanh(x, layers, skip):
    below, last = x, []
    for params in layers:
        h_t, out = np.zeros((len(x), len(params.b_h))), []
        for t in range(x.shape[1]):
            a_t = below[:, t] @ params.W_xh + h_t @ params.W_hh + params.b_h
            h_t = np.tanh(a_t + below[:, t] * bool(skip))
            out.append(h_t)
        below = np.stack(out, axis=1)
        last.append(h_t)
    return below, np.stack(last)


def _state_handed_up(x, layers, skip):
    below, last, h_T = x, [], None
    for params in layers:
        h, h_T, _ = cells.rnn_forward(below, params, h_T)
        below = h + below if skip else h
        last.append(h_T)
    return below, np.stack(last)


def _last_state_only(x, layers, skip):
    below, last = x, []
    for params in layers:
        h, h_T, _ = cells.rnn_forward(below, params)
        below = np.repeat(h_T[:, None], x.shape[1], axis=1) + (below if skip else 0)
        last.append(h_T)
    return below, np.stack(last)


def _stack_case(rng, B, T, H, L, skip):
    layers = [cells.init_rnn(H, H, rng, gain=1.3, recurrent="gaussian") for _ in range(L)]
    layers = [params._replace(b_h=rng.normal(size=H) / 2) for params in layers]
    label = f"B={B}, T={T}, H={H}, {L} layers, skip={skip}"
    return Case(label, (rng.normal(size=(B, T, H)), layers, skip))


def _stack_cases(rng):
    return [
        _stack_case(rng, 3, 7, 5, 2, False),
        _stack_case(rng, 2, 6, 4, 3, True),
        _stack_case(rng, 4, 5, 3, 1, True),
        _stack_case(rng, 1, 4, 2, 4, False),
        _stack_case(rng, 2, 1, 3, 2, True),
    ]


def _with(**switches):
    return lambda x, layers, skip: _stack(x, layers, skip, **switches)


_implement = Exercise(
    id="11.2",
    title="A stack with a way round",
    stars=2,
    minutes=25,
    deepens='the claim "at equal parameters, four layers forecast no better than one"',
    statement="Write a stack of plain layers, with or without residual connections.",
    reference=stacked,
    alternatives=(_by_steps,),
    inputs=_stack_cases,
    returns=("top (B, T, H)", "h_n (L, B, H)"),
    praise="the way round goes from layer to layer and never from step to step",
    misconceptions=(
        Misconception(
            "the way round runs through time",
            "with skip, h + input also goes on to the *next step*: the way round leads from layer "
            "to layer only, and each layer's state stays what its tanh gave",
            _skip_inside,
        ),
        Misconception(
            "added inside the tanh",
            "with skip, the input is added inside the tanh: there it is one more input of the "
            "layer; the way round goes past it",
            _skip_before_tanh,
        ),
        Misconception(
            "last states with the input added",
            "top is right; h_n is each layer's *state* after the last step, before anything is "
            "added to it",
            _with(kept=lambda h_T, out: out[:, -1]),
        ),
        Misconception(
            "skip not used",
            "with skip=True nothing is added: each layer's output is then h plus what the layer "
            "has read",
            lambda x, layers, skip: _stack(x, layers, False),
        ),
        Misconception(
            "always skipped",
            "with skip=False something is added all the same",
            lambda x, layers, skip: _stack(x, layers, True),
        ),
        Misconception(
            "the input of the stack added everywhere",
            "with skip, x itself is added to every layer: each layer adds what *it* has read, "
            "which from the second layer on is the output of the layer below",
            _with(around=lambda number, below, x: x),
        ),
        Misconception(
            "one way round the whole stack",
            "with skip, x is added once, above the topmost layer: the way round leads round *each* "
            "layer, so that the next one reads the sum",
            lambda x, layers, skip: (lambda out, h_n: (out + x * bool(skip), h_n))(
                *_stack(x, layers, False)
            ),
        ),
        Misconception(
            "no way round the first layer",
            "with skip, nothing is added to the first layer; it has a way round as well",
            _with(first=1),
        ),
        Misconception(
            "every layer reads x",
            "every layer reads x here: from the second layer on, a layer reads the outputs of the "
            "layer below",
            _with(read=lambda below, h, x: x),
        ),
        Misconception(
            "the way round ends at the next layer",
            "with skip, the next layer reads the bare states h: it has to read the sum h + input",
            _with(read=lambda below, h, x: x if h is None else h),
        ),
        Misconception(
            "the state handed to the layer above",
            "each layer begins with the last state of the layer below: all layers begin at zero, "
            "what goes up is the sequence of outputs",
            _state_handed_up,
        ),
        Misconception(
            "only the last state goes up",
            "the layer above gets the *last* state at every step (as after a Keras layer without "
            "return_sequences): it reads a sequence, one output for each step",
            _last_state_only,
        ),
        Misconception(
            "layers from the top",
            "the layers are gone through in reverse: the first of the list reads x",
            lambda x, layers, skip: _stack(x, layers[::-1], skip),
        ),
        Misconception(
            "layers and batch swapped",
            "h_n comes as (B, L, H); (L, B, H) was asked for, as in PyTorch",
            lambda x, layers, skip: (lambda out, h_n: (out, h_n.swapaxes(0, 1)))(
                *_stack(x, layers, skip)
            ),
        ),
    ),
    hints=(
        "One loop over the layers is enough: `cells.rnn_forward(below, params)` returns the whole "
        "sequence of states, the last of them, and a cache.",
        "Keep two things apart: h, the layer's states, of which the last goes into h_n, and its "
        "output, which the next layer reads: h, or h plus what this layer has read.",
        "below = x; for each layer: h, h_T, _ = cells.rnn_forward(below, params), keep h_T, then "
        "make the new `below`. In what does it differ with skip?",
    ),
)

# --- 11.3 Who reads whom ------------------------------------------------------------------------

MODELS = "ABCDEFGH"
# for each model: the right first and last input, and wrong pairs with what to tell
READS = {
    "A": ((1, 6), {
        (6, 10): "a forward layer has read the past and its own step, not what comes after",
        (5, 6): "the state at step 5 holds all that came before it, too",
        (1, 10): "a forward layer cannot know what comes after step 6",
        (1, 5): "the output of step 6 has read x_6 as well",
    }),
    "B": ((6, 10), {
        (1, 6): "this cell reads from the end: at step 6 it has read steps 10 to 6",
        (7, 10): "the output beside step 6 has read x_6 as well",
        (1, 5): "this cell reads from the end: at step 6 it has read steps 10 to 6",
        (1, 10): "a cell that reads from the end has not come to step 5 yet",
    }),
    "C": ((1, 10), {
        (1, 6): "one half of this output comes from the cell that reads from the end",
        (5, 7): "both halves have memory: they reach to the ends, not to the neighbours alone",
    }),
    "D": ((1, 6), {
        (1, 7): "depth adds no look at the future: both layers read forwards",
        (2, 6): "a recurrent layer reaches back to the first step; depth takes nothing away",
        (5, 6): "a recurrent layer reaches back to the first step, with or without another below",
        (1, 10): "depth adds no look at the future: both layers read forwards",
    }),
    "E": ((2, 6), {
        (4, 6): "this is the reach of one window; the upper window reads outputs of the lower one "
        "at steps 4 to 6, each of which has read two steps further back",
        (1, 6): "windows have no memory beyond their width: two of them, one on the other, reach "
        "2 + 2 steps back",
        (3, 6): "count again: the upper window reads steps 4, 5 and 6 of the lower one, whose "
        "output at step 4 has read x_2, x_3 and x_4",
        (2, 10): "these windows end at their own step",
    }),
    "F": ((3, 9), {
        (5, 7): "this is the reach of one window; every layer adds one step on either side",
        (4, 8): "this is the reach of two windows; there are three",
        (1, 10): "three windows reach three steps to either side, no further",
    }),
    "G": ((1, 10), {
        (1, 6): "the upper layer reads forwards, but what it reads comes from a layer that has "
        "read everything to its right",
        (6, 10): "the upper layer has memory of its own: it has read the lower layer's outputs at "
        "steps 1 to 6",
        (6, 6): "going one way and then the other does not cancel: both layers remember",
    }),
    "H": ((1, 6), {
        (5, 6): "truncation cuts what *training* sends back; the forward pass carries the state on "
        "from the first step",
        (4, 6): "truncation cuts what *training* sends back; the forward pass carries the state on "
        "from the first step",
        (1, 10): "a forward layer cannot know what comes after step 6",
    }),
}  # fmt: skip
FIRST = tuple(READS[name][0][0] for name in MODELS)
LAST = tuple(READS[name][0][1] for name in MODELS)
COUNTED_FROM_0 = (
    "there is no input number 0: here they are counted from 1 to 10, as in x_1 ... x_10"
)


def _reads_judge(answer, rng):
    first, last = (np.round(part, 6).tolist() for part in answer)
    if 0 in first + last:
        return COUNTED_FROM_0
    for name, pair in zip(MODELS, zip(first, last, strict=True), strict=True):
        right, known = READS[name]
        if pair == right:
            continue
        if pair == right[::-1]:
            return f"model {name}: first and last are swapped"
        told = known.get(pair, "that is not what a nudge shows; which symbols has it read?")
        return f"model {name}, inputs {pair[0]:g} to {pair[1]:g}: {told}"
    return None


def _reads_with(name, pair):
    place = MODELS.index(name)
    first, last = list(FIRST), list(LAST)
    first[place], last[place] = pair
    return tuple(first), tuple(last)


_predict = Exercise(
    id="11.3",
    title="Who reads whom",
    stars=2,
    minutes=15,
    deepens="the claim \"the window's matrix is a band; the bidirectional one's is full\"",
    statement="Predict, before you measure, which inputs can move the sixth output of eight "
    "models.",
    kind="value",
    reference=(FIRST, LAST),
    alternatives=(np.array([FIRST, LAST]), [list(FIRST), list(LAST)]),
    returns=("first", "last"),
    judge=_reads_judge,
    praise="a recurrent layer reaches to the end that it comes from, a window as far as it is "
    "wide; depth adds the reaches up",
    misconceptions=tuple(
        Misconception(
            f"{name} reads {pair[0]} to {pair[1]}",
            f"model {name}, inputs {pair[0]} to {pair[1]}: {says}",
            _reads_with(name, pair),
        )
        for name, (_, known) in READS.items()
        for pair, says in known.items()
    )
    + (
        Misconception(
            "counted from 0",
            COUNTED_FROM_0,
            (tuple(np.subtract(FIRST, 1).tolist()), tuple(np.subtract(LAST, 1).tolist())),
        ),
    ),
    hints=(
        "Take one layer at a time: which outputs of the layer below does the sixth output read? "
        "And which inputs have those read?",
        "A recurrent layer reads everything from the end where it starts up to its own step. A "
        "window reads its width and no more.",
        "For E: output 6 reads steps 4, 5, 6 of the lower windows, and the earliest of these has "
        "read inputs 2, 3, 4. For H: what is cut in truncated backpropagation, the state or the "
        "gradient?",
    ),
)

# --- 11.4 Both ways, mended ---------------------------------------------------------------------


def both_ways(x, forward, backward):
    """h (B, T, 2H), and the summary (B, 2H) in which both cells have read everything."""
    return _ways(x, forward, backward)


def _ways(x, forward, backward, *, axis=1, turned=True, ends=True):
    """The mended function, with a switch for each of the three faults."""
    h_forward = cells.rnn_forward(x, forward)[0]
    h_backward = cells.rnn_forward(np.flip(x, axis), backward)[0]
    made_last = h_backward[:, -1]
    if turned:
        h_backward = np.flip(h_backward, axis)
    h = np.concatenate([h_forward, h_backward], axis=-1)
    return h, np.concatenate([h_forward[:, -1], made_last], axis=-1) if ends else h[:, -1]


def _ways_by_package(x, forward, backward):
    h, finals = cells.bidirectional(cells.rnn_forward, x, forward, backward)
    return h, np.concatenate(finals, axis=-1)


def _ways_by_loop(x, forward, backward):
    B, T, _ = x.shape
    H = len(forward.b_h)
    h = np.zeros((B, T, 2 * H))
    s_t = np.zeros((B, H))
    for t in range(T):
        s_t = np.tanh(x[:, t] @ forward.W_xh + s_t @ forward.W_hh + forward.b_h)
        h[:, t, :H] = s_t
    s_t = np.zeros((B, H))
    for t in range(T - 1, -1, -1):
        s_t = np.tanh(x[:, t] @ backward.W_xh + s_t @ backward.W_hh + backward.b_h)
        h[:, t, H:] = s_t
    return [h, np.hstack([h[:, -1, :H], h[:, 0, H:]])]


FAULTS = {
    "batch": "the *batch* is turned round, not time: axis 0 of (B, T, D) is the batch, axis 1 the "
    "time",
    "direction": "the backward half reads in the *forward* direction: is time turned at all "
    "(axis 1), or the batch (axis 0)?",
    "turn": "the backward states stand in the order in which they were made; turn them round again "
    "before the halves are joined, so that both halves of h[:, t] have read x[:, t] last",
    "summary": "the backward half of the summary comes from the last place, where that cell has "
    "read one symbol; it has read everything at the *first*",
}


def _still(*names):
    return "still there: " + "; ".join(FAULTS[name] for name in names)


def _ways_case(rng, B, T, D, H):
    pair = [cells.init_rnn(D, H, rng, gain=1.2, recurrent="gaussian") for _ in range(2)]
    pair = [params._replace(b_h=rng.normal(size=H) / 2) for params in pair]
    return Case(f"B={B}, T={T}, D={D}, H={H}", (rng.normal(size=(B, T, D)), *pair))


def _ways_cases(rng):
    return [
        _ways_case(rng, 3, 7, 4, 5),
        _ways_case(rng, 2, 5, 3, 1),
        _ways_case(rng, 1, 6, 2, 4),
        _ways_case(rng, 4, 1, 3, 2),
    ]


def _one_cell_twice(x, forward, backward):
    return _ways(x, forward, forward)


def _cells_swapped(x, forward, backward):
    return _ways(x, backward, forward)


def _added(x, forward, backward):
    h, summary = _ways(x, forward, backward)
    H = len(forward.b_h)
    return h[..., :H] + h[..., H:], summary[..., :H] + summary[..., H:]


def _joined(h_forward, h_backward, place=0):
    """Side by side, and the summary with the backward half of this place."""
    h = np.concatenate([h_forward, h_backward], axis=-1)
    return h, np.concatenate([h_forward[:, -1], h_backward[:, place]], axis=-1)


def _two_forwards(x, forward, backward, place):
    return _joined(*(cells.rnn_forward(x, params)[0] for params in (forward, backward)), place)


def _outputs_turned_alone(x, forward, backward):
    h_forward, h_backward = (cells.rnn_forward(x, params)[0] for params in (forward, backward))
    return _joined(h_forward, h_backward[:, ::-1])


def _halves_swapped(x, forward, backward):
    H = len(forward.b_h)
    return tuple(np.roll(part, H, axis=-1) for part in _ways(x, forward, backward))


def _first_place(x, forward, backward):
    h, _ = _ways(x, forward, backward)
    return h, h[:, 0]


def _state_carried_over(x, forward, backward):
    h_forward, h_T, _ = cells.rnn_forward(x, forward)
    h_backward = cells.rnn_forward(x[:, ::-1], backward, h_T)[0]
    h = np.concatenate([h_forward, h_backward[:, ::-1]], axis=-1)
    return h, np.concatenate([h_T, h_backward[:, -1]], axis=-1)


_repair = Exercise(
    id="11.4",
    title="Both ways, mended",
    stars=2,
    minutes=20,
    deepens='the claim "h[:, -1] holds a backward state that has read one token"',
    statement="Mend three faults in a layer that is meant to read both ways.",
    reference=both_ways,
    alternatives=(_ways_by_package, _ways_by_loop),
    inputs=_ways_cases,
    returns=("h (B, T, 2H)", "summary (B, 2H)"),
    praise="in every place both halves have read the symbol there, and the summary has read all",
    misconceptions=(
        Misconception(
            "all three faults",
            "this still does what the broken layer does; begin here: " + FAULTS["batch"],
            lambda *args: _ways(*args, axis=0, turned=False, ends=False),
        ),
        Misconception(
            "not turned, last place",
            _still("turn"),
            lambda *args: _ways(*args, turned=False, ends=False),
        ),
        Misconception(
            "not turned",
            _still("turn"),
            lambda *args: _ways(*args, turned=False),
        ),
        Misconception("last place", _still("summary"), lambda *args: _ways(*args, ends=False)),
        Misconception(
            "forwards twice, last place",
            _still("direction") + " (and mind the summary: a cell that reads from the end has read "
            "everything at the *first* place)",
            lambda *args: _two_forwards(*args, place=-1),
        ),
        Misconception(
            "forwards twice, first place",
            _still("direction"),
            lambda *args: _two_forwards(*args, place=0),
        ),
        Misconception(
            "outputs turned, input not",
            "the backward cell's outputs are turned round, its input is not: it still reads from "
            "the start, and its states then lie beside the wrong symbols",
            _outputs_turned_alone,
        ),
        Misconception(
            "halves swapped",
            "the halves have changed places: the forward cell's H numbers come first, in h and in "
            "the summary",
            _halves_swapped,
        ),
        Misconception(
            "first place",
            "still there: the forward half of the summary comes from the first place, where that "
            "cell has read one symbol; it has read everything at the *last*",
            _first_place,
        ),
        Misconception(
            "one cell for both",
            "both halves come from the weights `forward`: the backward half has its own",
            _one_cell_twice,
        ),
        Misconception(
            "weights swapped",
            "the two cells have changed places: `forward` reads from the start, and its half comes "
            "first",
            _cells_swapped,
        ),
        Misconception(
            "halves added",
            "the halves are added; they stand side by side, 2H numbers at each step",
            _added,
        ),
        Misconception(
            "state carried over",
            "the backward cell begins with the forward cell's last state; it begins at zero",
            _state_carried_over,
        ),
    ),
    hints=(
        "Print the shapes: along which axis does `x[::-1]` turn? With B = 1 that is easy to see.",
        "Follow one sequence of three symbols: which symbol has the backward cell read when it "
        "makes its first state, and beside which symbol does that state land?",
        "The same slice that turns the input in time turns the states back. For the summary, look "
        "for the place where the backward cell has read everything.",
    ),
)

# --- 11.5 How far ahead -------------------------------------------------------------------------


def lookahead(model, x):
    """The largest s - t for which output t depends on input s, or 0."""
    return _largest_reach(model, x)


def _largest_reach(model, x, nudge=None, reach=lambda s, t: s - t, least=0.0, own=False):
    """Try every input; `reach` says what counts, `nudge` how x is changed, `own` where."""
    rng = np.random.default_rng(11)
    nudge = nudge or (lambda part: part + 1 + rng.random(part.shape))
    base, found = np.array(model(x.copy())), [0]
    for s in range(x.shape[1]):
        other = x if own else x.copy()
        other[:, s] = nudge(other[:, s])
        differs = np.any(np.abs(np.array(model(other)) - base) > least, axis=(0, 2))
        found += [reach(s, t) for t in np.flatnonzero(differs)]
    return max(found)


def _by_futures(model, x):
    """The same the other way round: for each t, the last input that matters."""
    rng, best = np.random.default_rng(12), 0
    base = np.asarray(model(x))
    for t in range(x.shape[1]):
        for s in range(t + best + 1, x.shape[1]):
            other = np.array(x)
            other[:, s] += rng.normal(size=other[:, s].shape)
            if not np.array_equal(np.asarray(model(other))[:, t], base[:, t]):
                best = s - t
    return best


def _one_number(part):
    """Feature 0 of sequence 0 alone is changed."""
    part = part.copy()
    part[0, 0] += 1.3
    return part


def _next_step_only(model, x):
    base = model(x)
    for t in range(x.shape[1] - 1):
        other = x.copy()
        other[:, t + 1] += 1.3
        if np.any(model(other)[:, t] != base[:, t]):
            return 1
    return 0


def _last_input_only(model, x):
    other = x.copy()
    other[:, -1] += 1.3
    differs = np.any(model(other) != model(x), axis=(0, 2))
    return int(x.shape[1] - 1 - np.argmax(differs)) if differs.any() else 0


def _first_output_only(model, x):
    base, best = model(x), 0
    for s in range(x.shape[1]):
        other = x.copy()
        other[:, s] += 1.3
        if np.any(model(other)[:, 0] != base[:, 0]):
            best = s
    return best


def _how_many(model, x):
    base, best = model(x), 0
    counts = np.zeros(x.shape[1], int)
    for s in range(x.shape[1]):
        other = x.copy()
        other[:, s] += 1.3
        differs = np.any(model(other) != base, axis=(0, 2))
        counts[:s] += differs[:s]
        best = counts.max()
    return int(best)


def _window_model(rng, D, K, offsets, gate=None, ahead=1.0):
    """y_t = tanh(sum over k of x_{t+k} W_k), zeros beyond the ends; `gate(t, T)` may switch off.

    What comes from later steps is scaled by `ahead`, one number or one for each feature.
    """
    scale = np.broadcast_to(ahead, D)[:, None]
    weights = {k: rng.normal(size=(D, K)) * (scale if k > 0 else 1.0) for k in offsets}

    def model(x):
        x = np.asarray(x, float)
        T = x.shape[1]
        y = np.zeros((*x.shape[:2], K))
        for k, W in weights.items():
            for t in range(max(0, -k), min(T, T - k)):
                if gate is None or k <= 0 or gate(t, T):
                    y[:, t] += x[:, t + k] @ W
        return np.tanh(0.3 * y)

    return model


def _recurrent_model(rng, D, H, both):
    pair = [cells.init_rnn(D, H, rng, gain=1.2, recurrent="gaussian") for _ in range(2)]
    if both:
        return lambda x: cells.bidirectional(cells.rnn_forward, np.asarray(x, float), *pair)[0]
    return lambda x: cells.rnn_forward(np.asarray(x, float), pair[0])[0]


def _whole_sequence(rng, D, K):
    W = rng.normal(size=(D, K))
    return lambda x: np.tanh((np.asarray(x, float) - np.mean(x, axis=1, keepdims=True)) @ W)


def _lookahead_cases(rng):
    B, D, K = 2, 3, 2

    def x(T, silent=()):
        sequence = rng.normal(size=(B, T, D))
        sequence[:, list(silent)] = 0.0
        return sequence

    inside = _window_model(rng, D, K, (-1, 0, 2), gate=lambda t, T: 3 <= t < T - 4)
    at_the_end = _window_model(rng, D, K, (-1, 0, 2), gate=lambda t, T: t > T - 4)
    return [
        Case("two directions, T=7", (_recurrent_model(rng, D, 4, both=True), x(7))),
        Case("one direction, T=8", (_recurrent_model(rng, D, 4, both=False), x(8))),
        Case("a window from t-2 to t+2", (_window_model(rng, D, K, range(-2, 3)), x(9))),
        Case("x_{t+3} and x_t alone", (_window_model(rng, D, K, (0, 3)), x(9))),
        Case("a delay of two steps", (_window_model(rng, D, K, (-2,)), x(6))),
        Case("a peek of two steps in the middle alone", (inside, x(10))),
        Case("a peek of two steps near the end alone", (at_the_end, x(7))),
        Case("the mean of the sequence taken off", (_whole_sequence(rng, D, K), x(5))),
        Case(
            "a window to t+1, with zeros in x",
            (_window_model(rng, D, K, (0, 1)), x(6, silent=range(1, 6))),
        ),
        Case(
            "the last feature alone is looked at ahead",
            (_window_model(rng, D, K, (0, 2), ahead=(0.0, 0.0, 1.0)), x(7)),
        ),
        Case(
            "a faint look at x_{t+3}, with 1e-4 of the weight",
            (_window_model(rng, D, K, (-1, 0, 3), ahead=1e-4), x(8)),
        ),
        Case("T=1", (_recurrent_model(rng, D, 4, both=True), x(1))),
    ]


_contract = Exercise(
    id="11.5",
    title="How far ahead",
    stars=2,
    minutes=25,
    deepens='the claim "asked where the future is not there yet, it loses to a linear model"',
    statement="Write the contract that exposes a peeking forecaster: find how many steps ahead of "
    "its output a model looks.",
    reference=lookahead,
    alternatives=(_by_futures,),
    inputs=_lookahead_cases,
    returns=("the number of steps",),
    praise="0 means causal; anything else must not forecast",
    misconceptions=(
        Misconception(
            "whether, not how far",
            "this says *whether* the model looks ahead; how far was asked: the largest s - t",
            lambda model, x: int(_largest_reach(model, x) > 0),
        ),
        Misconception(
            "the next step only",
            "only x_{t+1} is tried: a model may skip it and look further, as at x_{t+3}",
            _next_step_only,
        ),
        Misconception(
            "the last input only",
            "only the last input is changed: a model may look ahead somewhere else, as in the "
            "middle alone",
            _last_input_only,
        ),
        Misconception(
            "the first output only",
            "only the first output is looked at: another one may look further ahead",
            _first_output_only,
        ),
        Misconception(
            "how far back",
            "this is how far the model looks *back*: input s comes after output t when s > t",
            lambda model, x: _largest_reach(model, x, reach=lambda s, t: t - s),
        ),
        Misconception(
            "in either direction",
            "the past counts here as well: only inputs *after* the output, s > t, are ahead of it",
            lambda model, x: _largest_reach(model, x, reach=lambda s, t: abs(s - t)),
        ),
        Misconception(
            "how many inputs",
            "this counts the future inputs that matter; the distance to the furthest was asked",
            _how_many,
        ),
        Misconception(
            "inputs set to zero",
            "inputs are set to zero or scaled, which changes nothing where x is zero already: add "
            "something instead",
            lambda model, x: _largest_reach(model, x, nudge=lambda part: 0 * part),
        ),
        Misconception(
            "one too many",
            "one too many: an output that reads its own input and nothing later looks 0 steps "
            "ahead",
            lambda model, x: _largest_reach(model, x, reach=lambda s, t: s - t + 1),
        ),
        Misconception(
            "one number only",
            "only one number of the input is changed: a model may look ahead by another feature; "
            "change all of x[:, s]",
            lambda model, x: _largest_reach(model, x, nudge=_one_number),
        ),
        Misconception(
            "small moves ignored",
            "small moves of the output do not count here: a faint look ahead is one, too; whatever "
            "differs at all has moved",
            lambda model, x: _largest_reach(model, x, least=1e-2),
        ),
        Misconception(
            "x changed for good",
            "x itself is changed, and stays so: each nudge comes on top of those before, and an "
            "output moves with them too; nudge a copy, x.copy()",
            lambda model, x: _largest_reach(model, x, own=True),
        ),
        Misconception(
            "all or nothing",
            "this gives T - 1 to every model that looks ahead at all and 0 to the others: how far "
            "is asked, the largest s - t of this model",
            lambda model, x: (x.shape[1] - 1) * int(_largest_reach(model, x) > 0),
        ),
        Misconception(
            "the length of the sequence",
            "this is T - 1 whatever the model does: change an input and see which outputs move",
            lambda model, x: x.shape[1] - 1,
        ),
    ),
    hints=(
        "Change one input, x[:, s], run the model again, and see at which steps t the outputs "
        "moved. Do that for every s.",
        "Work on a copy of x, and *add* something to the input: zeros may stand there already. An "
        "output that moved at t < s has looked s - t steps ahead.",
        "moved = np.any(model(other) != model(x), axis=(0, 2)) has one entry a step; the earliest "
        "True is at np.argmax(moved), if there is one. Which of all s - t is the answer?",
    ),
)

# --- 11.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="11.6",
    title="Waiting instead of peeking",
    stars=3,
    minutes=45,
    deepens='the claim "both directions solve it, and so does reading from the end alone"',
    statement="A reader that must answer while it reads cannot look ahead, but it can wait: "
    "measure what a delay of a few steps buys a network that only reads forwards.",
    kind="open",
    hints=(
        "Nothing changes in the network: feed it the sequence, and let its output at step t + k be "
        "compared with the label of step t.",
        "Before you train, find the best that any reader can do with a delay of k: it knows a "
        "letter's mark if the mark is among the next k symbols, and flips a coin otherwise.",
        "Spoiler, read it after your experiment: the network follows that curve, and needs memory "
        "for it, since the answer is about a letter that it read k steps ago.",
    ),
)

EXERCISES = (_trace, _implement, _predict, _repair, _contract, _open)
