"""Answer sheet of chapter 04, A loop with a memory."""

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 04.1 Three steps by hand -------------------------------------------------------------------

X_BY_HAND, W_X, W_H, B_H = (1.0, 2.0, -1.0), 0.5, -0.8, 0.1


def _three_steps(step):
    """Run `step(x_t, h_prev)` over the three inputs from a state of zero."""
    h, states = 0.0, []
    for x_t in X_BY_HAND:
        h = step(x_t, h)
        states.append(float(h))
    return states


def _from_previous_input():
    """The recurrent weight put on the previous input instead of on the previous state."""
    before = (0.0, *X_BY_HAND[:-1])
    pairs = zip(X_BY_HAND, before, strict=True)
    return [float(np.tanh(W_X * x_t + W_H * x_before + B_H)) for x_t, x_before in pairs]


def _carrying_the_pre_activation():
    """The sum before the tanh handed on as the state."""
    a, states = 0.0, []
    for x_t in X_BY_HAND:
        a = W_X * x_t + W_H * a + B_H
        states.append(float(np.tanh(a)))
    return states


_trace = Exercise(
    id="04.1",
    title="Three steps by hand",
    stars=1,
    minutes=8,
    deepens='the claim "three steps of the loop and three nested tanh"',
    statement="Compute the states h_1, h_2, h_3 of a recurrent network with one unit on paper.",
    kind="value",
    reference=_three_steps(lambda x_t, h: np.tanh(W_X * x_t + W_H * h + B_H)),
    alternatives=((0.537, 0.587, -0.701), np.array([[0.54], [0.59], [-0.70]])),
    returns=("[h_1, h_2, h_3]",),
    tolerance=0.004,
    praise="these are the three states; the third one still feels the first input",
    misconceptions=(
        Misconception(
            "no tanh",
            "this network is linear: the tanh around the sum is missing at each step",
            _three_steps(lambda x_t, h: W_X * x_t + W_H * h + B_H),
        ),
        Misconception(
            "no h_prev",
            "each state is computed from its own input alone: the term w_h · h_prev is missing, "
            "and without it there is no memory",
            _three_steps(lambda x_t, h: np.tanh(W_X * x_t + B_H)),
        ),
        Misconception(
            "w_h on the previous input",
            "w_h multiplies the previous *state* h_prev, not the previous input",
            _from_previous_input(),
        ),
        Misconception(
            "pre-activation carried",
            "what is handed on is h, after the tanh, not the sum inside it: h_1 is right, "
            "the later ones are not",
            _carrying_the_pre_activation(),
        ),
        Misconception(
            "h_prev outside the tanh",
            "w_h · h_prev belongs inside the tanh, together with the input and the bias",
            _three_steps(lambda x_t, h: np.tanh(W_X * x_t + B_H) + W_H * h),
        ),
        Misconception(
            "no bias",
            "the bias b = 0.1 is missing; it is added at every step, also at the first",
            _three_steps(lambda x_t, h: np.tanh(W_X * x_t + W_H * h)),
        ),
        Misconception(
            "sign of w_h lost",
            "w_h is -0.8: a positive state pushes the next one down",
            _three_steps(lambda x_t, h: np.tanh(W_X * x_t - W_H * h + B_H)),
        ),
    ),
    hints=(
        "At the first step the previous state is 0, so h_1 = tanh(0.5 · 1 + 0.1).",
        "From then on the new state takes the place of h_prev: "
        "h_2 = tanh(0.5 · 2 - 0.8 · h_1 + 0.1).",
        "h_1 = tanh(0.6) = 0.537, so h_2 = tanh(1.1 - 0.8 · 0.537) = tanh(0.670); "
        "the third step has x_3 = -1.",
    ),
)

# --- 04.2 From a sequence to its outputs --------------------------------------------------------


def _step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


def _states(x, h_0, W_xh, W_hh, b_h):
    """All states h (B, T, H)."""
    h_t, h = h_0, []
    for t in range(x.shape[1]):
        h_t = _step(x[:, t], h_t, W_xh, W_hh, b_h)
        h.append(h_t)
    return np.stack(h, axis=1)


def forward(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    """Outputs y (B, T, K) at all steps, and the last state h_T (B, H)."""
    h = _states(x, h_0, W_xh, W_hh, b_h)
    return h @ W_hy + b_y, h[:, -1]


def _forward_into_an_array(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    y = np.zeros((*x.shape[:2], b_y.size))
    state = h_0
    for t, x_t in enumerate(np.moveaxis(x, 1, 0)):
        state = _step(x_t, state, W_xh, W_hh, b_h)
        y[:, t] = state @ W_hy + b_y
    return y, state


def _forward_one_example_at_a_time(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    y, last = [], []
    for sequence, h in zip(x, h_0, strict=True):
        y.append([])
        for x_t in sequence:
            h = np.tanh(W_xh.T @ x_t + W_hh.T @ h + b_h)
            y[-1].append(W_hy.T @ h + b_y)
        last.append(h)
    return [np.array(y), np.array(last)]


def _forward_reset(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h = np.stack([_step(x[:, t], h_0, W_xh, W_hh, b_h) for t in range(x.shape[1])], axis=1)
    return h @ W_hy + b_y, h[:, -1]


def _forward_stale(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h = _states(x, h_0, W_xh, W_hh, b_h)
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    return before @ W_hy + b_y, h[:, -1]


def _forward_from_zero(x, h_0, *weights):
    return forward(x, np.zeros_like(h_0), *weights)


def _forward_over_the_batch(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h_t, y = h_0, []
    for x_t in x:
        h_t = _step(x_t, h_t, W_xh, W_hh, b_h)
        y.append(h_t @ W_hy + b_y)
    return np.stack(y), h_t


def _forward_time_major(*args):
    y, h_T = forward(*args)
    return np.moveaxis(y, 1, 0), h_T


def _forward_last_output(*args):
    y, h_T = forward(*args)
    return y[:, -1], h_T


def _forward_squashed(*args):
    y, h_T = forward(*args)
    return np.tanh(y), h_T


def _forward_backwards(x, *rest):
    y, h_T = forward(x[:, ::-1], *rest)
    return y[:, ::-1], h_T


def _forward_with_h_0_returned(x, h_0, *weights):
    return forward(x, h_0, *weights)[0], h_0


def _cell_case(rng, B, T, D, H):
    """Random arguments (x, h_0, W_xh, W_hh, b_h) whose states are neither tiny nor saturated."""
    args = (
        rng.normal(size=(B, T, D)),
        rng.uniform(-0.9, 0.9, size=(B, H)),
        rng.normal(size=(D, H)) / np.sqrt(D),
        rng.normal(size=(H, H)) / np.sqrt(H),
        rng.normal(size=H) * 0.3,
    )
    return Case(f"B={B}, T={T}, D={D}, H={H}", args)


def _cell_cases(rng):
    return [
        _cell_case(rng, 3, 7, 4, 5),
        _cell_case(rng, 2, int(rng.integers(8, 12)), 3, 6),
        _cell_case(rng, 1, 5, 2, 4),  # one sequence
        _cell_case(rng, 4, 1, 3, 2),  # one step
    ]


def _network_cases(rng):
    """The same with an output layer W_hy (H, K), b_y (K)."""
    K = int(rng.integers(8, 11))
    cases = []
    for label, args in _cell_cases(rng):
        output = (rng.normal(size=(args[1].shape[1], K)), rng.normal(size=K))
        cases.append(Case(f"{label}, K={K}", (*args, *output)))
    return cases


_loop = Exercise(
    id="04.2",
    title="From a sequence to its outputs",
    stars=2,
    minutes=12,
    deepens='the claim "our loop and the package\'s forward pass"',
    statement="Write the network with its output layer: an output at every step, and the last "
    "state, from any initial state.",
    reference=forward,
    alternatives=(_forward_into_an_array, _forward_one_example_at_a_time),
    inputs=_network_cases,
    returns=("y (B, T, K)", "h_T (B, H)"),
    praise="every output is read off a state that follows from the one before it",
    misconceptions=(
        Misconception(
            "state reset at each step",
            "every step starts from h_0 again, so nothing is remembered: the state that a step "
            "returns must be handed to the next one",
            _forward_reset,
        ),
        Misconception(
            "stale output",
            "the outputs are one step late: y at time t is read off the state *before* the step; "
            "read it off the new one",
            _forward_stale,
        ),
        Misconception(
            "h_0 ignored",
            "the initial state is ignored: the first step starts from zeros instead of h_0",
            _forward_from_zero,
        ),
        Misconception(
            "loop over the batch",
            "the loop runs over the first axis of x, which is the batch: time is the second one, "
            "so step t takes x[:, t]",
            _forward_over_the_batch,
        ),
        Misconception(
            "time-major output",
            "the outputs are right but stacked as (T, B, K): the course keeps the batch first, "
            "(B, T, K)",
            _forward_time_major,
        ),
        Misconception(
            "last output only",
            "only the last output is returned: all T of them are asked for, shape (B, T, K)",
            _forward_last_output,
        ),
        Misconception(
            "tanh on the output",
            "the output layer is linear here: the tanh belongs to the state, and would keep every "
            "output between -1 and 1",
            _forward_squashed,
        ),
        Misconception(
            "h_0 returned",
            "the outputs are right, but the second result is the initial state: return the state "
            "after the last step, so that the sequence can be continued",
            _forward_with_h_0_returned,
        ),
        Misconception(
            "time reversed",
            "time runs backwards: the first state to be computed belongs to x[:, 0]",
            _forward_backwards,
        ),
    ),
    hints=(
        "Time is the second axis: the input of step t, for the whole batch, is x[:, t].",
        "Keep one variable for the state: set it to h_0 before the loop, overwrite it with what "
        "rnn_step returns, and read the output off the new state.",
        "for t in range(T): h_t = rnn_step(x[:, t], h_t, W_xh, W_hh, b_h), then "
        "y[:, t] = h_t @ W_hy + b_y; y starts as np.empty((B, T, K)), and h_t is h_T at the end.",
    ),
)

# --- 04.3 A latch, by hand ----------------------------------------------------------------------

DRIFTS = (
    "the latch switches itself on while nothing comes in: with both inputs at 0 the bias decides, "
    "and here it is too positive; b_h = 0 treats on and off alike"
)
DRIFTS_OFF = (
    "once on, the latch switches itself off while nothing comes in: the bias is too negative; "
    "b_h = 0 treats on and off alike"
)
FADES = (
    "the bit fades: without input h_t = tanh(W_hh · h_prev) creeps towards 0; "
    "only with W_hh well above 1 (try 2) are there two values at which it stays"
)
FLIPS = (
    "the state changes its sign at each quiet step: a negative W_hh toggles, "
    "a latch needs a positive one"
)
TOO_WEAK = (
    "the input cannot overturn the state: with h_prev = -1 the sum W_xh[0] - W_hh has to come out "
    "clearly positive, so the input weight must exceed W_hh"
)
NO_RESET = (
    "`reset` does not switch it off: its weight W_xh[1] must be negative, and large enough to "
    "overcome W_hh"
)
WRONG_SET = "`set` drives the state down: W_xh[0] must be positive, so that 1 means on"


def _latch(W_xh, W_hh, b_h, x, h=-1.0):
    """States of the one-unit network on inputs x (T, 2), from the state `off`."""
    states = []
    for x_t in x:
        h = np.tanh(x_t @ W_xh + W_hh * h + b_h)
        states.append(h)
    return np.array(states)


def _latch_judge(answer, rng):
    """None if the weights make a latch; else what goes wrong first."""
    parts = list(answer.values()) if isinstance(answer, dict) else answer
    sizes = [np.size(part) if isinstance(part, np.ndarray) else 0 for part in parts]
    if sizes != [2, 1, 1]:
        return f"expected W_xh (2, 1), W_hh (1, 1), b_h (1,), got parts with {sizes} numbers"
    W_xh, W_hh, b_h = parts[0].ravel(), parts[1].item(), parts[2].item()
    if not all(np.isfinite([*W_xh, W_hh, b_h])):
        return "a weight is NaN or infinite; finite numbers are enough"
    quiet = np.zeros((60, 2))
    on = np.array([[1.0, 0.0]])
    off = np.array([[0.0, 1.0]])

    def last(*pieces):
        return _latch(W_xh, W_hh, b_h, np.concatenate(pieces))[-1]

    if W_hh < 0 and _latch(W_xh, W_hh, b_h, quiet[:1])[0] > 0:
        return FLIPS
    if last(quiet) > -0.5:
        return DRIFTS if last(quiet) > 0.5 else FADES
    if last(on) <= 0.5:
        return WRONG_SET if W_xh[0] < 0 else TOO_WEAK
    if last(on, quiet) < 0.5:
        return DRIFTS_OFF if last(on, quiet) < -0.5 else FADES
    if last(on, quiet, off) > -0.5 or last(on, off) > -0.5:
        return NO_RESET
    return _latch_on_random_inputs(W_xh, W_hh, b_h, rng)


def _latch_on_random_inputs(W_xh, W_hh, b_h, rng):
    """Set, reset and silence in random order, against a latch that only keeps a bit."""
    for _ in range(20):
        kinds = rng.choice(3, size=200, p=[0.8, 0.1, 0.1])
        x = np.stack([kinds == 1, kinds == 2], axis=1).astype(float)
        bit, bits = -1.0, []
        for kind in kinds:
            bit = {0: bit, 1: 1.0, 2: -1.0}[int(kind)]
            bits.append(bit)
        wrong = np.flatnonzero(_latch(W_xh, W_hh, b_h, x) * np.array(bits) < 0.5)
        if wrong.size:
            return (
                f"on a random sequence it goes wrong at step {wrong[0]}: "
                "after `set` the state must stay above 0.5, after `reset` below -0.5"
            )
    return None


def _weights(set_, reset, w_hh, b_h):
    return (np.array([[set_], [reset]]), np.array([[w_hh]]), np.array([b_h]))


_hand_made = Exercise(
    id="04.3",
    title="A latch, by hand",
    stars=3,
    minutes=20,
    deepens='the claim "a tanh unit stores a bit from a self-weight of about 1 on"',
    statement="Choose the weights of a one-unit network that is switched on by one input, off by "
    "another, and otherwise keeps what it has.",
    kind="value",
    reference=_weights(6.0, -6.0, 2.0, 0.0),
    alternatives=(
        _weights(20.0, -15.0, 5.0, 0.2),
        ([[8.0], [-8.0]], [[3.0]], [0.0]),
        {"W_xh": [7.0, -9.0], "W_hh": 2.5, "b_h": 0},
    ),
    returns=("(W_xh (2, 1), W_hh (1, 1), b_h (1,))",),
    judge=_latch_judge,
    praise="it latches: set, reset and keep, over sequences of 200 steps",
    misconceptions=(
        Misconception("gain too small", FADES, _weights(3.0, -3.0, 0.95, 0.0)),
        Misconception("no memory at all", FADES, _weights(5.0, -5.0, 0.0, 0.0)),
        Misconception("bias too positive", DRIFTS, _weights(8.0, -8.0, 2.0, 2.5)),
        Misconception("bias too negative", DRIFTS_OFF, _weights(8.0, -8.0, 2.0, -1.5)),
        Misconception("toggles", FLIPS, _weights(6.0, -6.0, -2.0, 0.0)),
        Misconception("input too weak", TOO_WEAK, _weights(1.0, -1.0, 3.0, 0.0)),
        Misconception("reset with the wrong sign", NO_RESET, _weights(6.0, 6.0, 2.0, 0.0)),
        Misconception("set and reset exchanged", WRONG_SET, _weights(-6.0, 6.0, 2.0, 0.0)),
    ),
    hints=(
        "Begin with silence: both inputs 0, so h_t = tanh(W_hh · h_prev + b_h). Draw tanh(2h) and "
        "h in one picture: where do they cross?",
        "With W_hh = 2 and b_h = 0 the state rests near +0.96 or -0.96. Now an input of 1 must "
        "push it across 0 from the far side: W_xh[0] > W_hh.",
        "W_hh = 2, b_h = 0, and W_xh = (6, -6): from -0.96 a `set` gives tanh(6 - 1.9), nearly 1.",
    ),
)

# --- 04.4 Count, then measure -------------------------------------------------------------------


def count(T, D, H, K):
    """(ours and Keras', PyTorch's): parameters of a recurrent layer with a linear output."""
    ours = D * H + H * H + H + H * K + K
    return ours, ours + H


def _count_by_shapes(T, D, H, K):
    shapes = {"W_xh": (D, H), "W_hh": (H, H), "b_h": (H,), "W_hy": (H, K), "b_y": (K,)}
    total = sum(int(np.prod(shape)) for shape in shapes.values())
    return [total, total + shapes["b_h"][0]]


def _count_cases(rng):
    sizes = [rng.permutation(np.arange(2, 12))[:4] for _ in range(4)]
    cases = [(7, 4, 5, 3), (1, 1, 1, 1), *(tuple(int(n) for n in four) for four in sizes)]
    return [Case("T={}, D={}, H={}, K={}".format(*case), case) for case in cases]


def _both(f):
    """A wrong count for which both frameworks are the same formula plus `extra`."""
    return lambda T, D, H, K: tuple(f(T, D, H, K, extra) for extra in (0, H))


_counting = Exercise(
    id="04.4",
    title="Count, then measure",
    stars=1,
    minutes=10,
    deepens='the claim "the recurrent layer has D*H + H*H + H numbers, whatever the length"',
    statement="Predict how many parameters a recurrent layer with a linear output has in Keras and "
    "in PyTorch, then ask both frameworks.",
    reference=count,
    alternatives=(
        _count_by_shapes,
        lambda T, D, H, K: ((D + H + 1) * H + (H + 1) * K, (D + H + 2) * H + (H + 1) * K),
    ),
    inputs=_count_cases,
    returns=("the count in NumPy and Keras", "the count in PyTorch"),
    praise="three weight sets per layer, one more bias in PyTorch, and T nowhere",
    misconceptions=(
        Misconception(
            "one bias in both",
            "the first number is right; PyTorch keeps *two* bias vectors, b_ih and b_hh, "
            "so it has H parameters more",
            lambda T, D, H, K: (count(T, D, H, K)[0],) * 2,
        ),
        Misconception(
            "times T",
            "the count must not depend on T: one set of weights is used at all steps",
            _both(lambda T, D, H, K, extra: T * (D * H + H * H + H + extra) + H * K + K),
        ),
        Misconception(
            "no biases",
            "the biases are missing: H numbers in the recurrent layer (2H in PyTorch), "
            "K in the output layer",
            _both(lambda T, D, H, K, extra: D * H + H * H + H * K),
        ),
        Misconception(
            "no output bias",
            "the output layer has a bias as well: K more numbers",
            _both(lambda T, D, H, K, extra: D * H + H * H + H + extra + H * K),
        ),
        Misconception(
            "no recurrent weights",
            "W_hh is missing: H · H weights lead from the state to the state",
            _both(lambda T, D, H, K, extra: D * H + H + extra + H * K + K),
        ),
        Misconception(
            "output layer forgotten",
            "the output layer is missing: W_hy has H · K weights, b_y K",
            _both(lambda T, D, H, K, extra: D * H + H * H + H + extra),
        ),
        Misconception(
            "two output biases",
            "the two bias vectors are a habit of PyTorch's recurrent layers alone: "
            "its linear layer has one",
            lambda T, D, H, K: (count(T, D, H, K)[0], count(T, D, H, K)[1] + K),
        ),
    ),
    hints=(
        "Write down the shape of each array: W_xh, W_hh, b_h, W_hy, b_y.",
        "The sum is D·H + H·H + H for the recurrent layer and H·K + K for the output; "
        "PyTorch's recurrent layer lists one array more than ours.",
        "ours = D*H + H*H + H + H*K + K; PyTorch has b_ih and b_hh, so ours + H.",
    ),
)

# --- 04.5 Three faults in six lines -------------------------------------------------------------


def broken(x, h_0, W_xh, W_hh, b_h):
    """The cell to be repaired: it runs, the shapes fit, and it has three faults."""
    h_t = h_0
    h = np.zeros((x.shape[0], x.shape[1], len(b_h)))
    for t in range(x.shape[1]):
        h[:, t] = h_t
        h_t = x[:, t] @ W_xh + h_t @ W_hh + b_h
    return h, h_0


def _parts(x, h_0, W_xh, W_hh, b_h, nonlinear, fresh, state):
    """The cell with any of the three faults left in."""
    h_t, h = h_0, np.zeros((x.shape[0], x.shape[1], len(b_h)))
    for t in range(x.shape[1]):
        before = h_t
        a = x[:, t] @ W_xh + h_t @ W_hh + b_h
        h_t = np.tanh(a) if nonlinear else a
        h[:, t] = h_t if fresh else before
    return h, {"new": h_t, "old": h_0, "last output": h[:, -1]}[state]


def _repaired(nonlinear=True, fresh=True, state="new"):
    def cell(x, h_0, W_xh, W_hh, b_h):
        return _parts(x, h_0, W_xh, W_hh, b_h, nonlinear, fresh, state)

    return cell


def _repaired_differently(x, h_0, W_xh, W_hh, b_h):
    h = _states(x, h_0, W_xh, W_hh, b_h)
    return [h, h[:, -1]]


def _repaired_only_after(x, h_0, W_xh, W_hh, b_h):
    """The tanh on the outputs only: the recurrence itself stays linear."""
    h, h_T = _parts(x, h_0, W_xh, W_hh, b_h, False, True, "new")
    return np.tanh(h), np.tanh(h_T)


_repair = Exercise(
    id="04.5",
    title="Three faults in six lines",
    stars=2,
    minutes=15,
    deepens='the claim "each of the five is caught, and each by the law it breaks"',
    statement="Find and mend three faults in a cell that runs without a complaint.",
    reference=_repaired(),
    alternatives=(_repaired_differently,),
    inputs=_cell_cases,
    returns=("h (B, T, H)", "h_T (B, H)"),
    praise="non-linear, up to date, and its last state can be handed on",
    misconceptions=(
        Misconception(
            "unchanged",
            "this still does what the broken cell does: run contracts.check on it and begin with "
            "the first line that is red",
            broken,
        ),
        Misconception(
            "still linear",
            "it is still linear: without the tanh the superposition of two inputs gives the "
            "superposition of two outputs, however many steps there are",
            _repaired(nonlinear=False),
        ),
        Misconception(
            "tanh outside the loop",
            "the tanh acts on the outputs only: the state that goes round the loop is still "
            "linear; apply it before h_t is used again",
            _repaired_only_after,
        ),
        Misconception(
            "still stale",
            "the output is still one step late: the state is stored before the step instead of "
            "after it, so h[:, t] knows nothing of x[:, t]",
            _repaired(fresh=False),
        ),
        Misconception(
            "initial state returned",
            "the second result is still h_0: the state *after the last step* must be returned, "
            "or the next piece of the sequence starts from the beginning",
            _repaired(state="old"),
        ),
        Misconception(
            "only the timing",
            "the output is up to date now; two faults are left: the tanh, and which state is "
            "returned at the end",
            _repaired(nonlinear=False, state="old"),
        ),
        Misconception(
            "only the returned state",
            "the last state is returned now; two faults are left: the tanh, and what is stored "
            "at time t",
            _repaired(nonlinear=False, fresh=False),
        ),
        Misconception(
            "last stale output returned",
            "outputs are one step late, and the state that is returned is late with them: "
            "store after the step",
            _repaired(fresh=False, state="last output"),
        ),
        Misconception(
            "only the tanh",
            "the tanh is in; two faults are left: what is stored at time t, and what is returned "
            "as the last state",
            _repaired(fresh=False, state="old"),
        ),
    ),
    hints=(
        "Run contracts.check on the broken cell: three of its lines are red, and each of them "
        "names one fault.",
        "Superposition holds, so a tanh is missing; the output at t ignores x_t, so it is stored "
        "too early; 20 steps are not 10 + 10, so the state that comes back is the wrong one.",
        "In the loop: first h_t = np.tanh(...), then h[:, t] = h_t. After the loop: return h, h_t.",
    ),
)

# --- 04.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="04.6",
    title="How long does a network remember where it began?",
    stars=3,
    minutes=40,
    deepens='the claim "started with the lamp on, the machine gives the opposite answer every '
    'time"',
    statement="Predict, then measure, after how many steps two copies of a network that start in "
    "different states cannot be told apart, and on what this depends.",
    kind="open",
    hints=(
        "Feed one random input sequence to the same weights from two initial states and follow "
        "the distance between the two states, step by step, on a logarithmic axis.",
        "Vary one thing at a time: the scale of W_hh first (an orthogonal matrix times a gain), "
        "then the size of the inputs.",
        "A gain below 1 shrinks every difference at each step, whatever comes in. Above 1 it is "
        "the slope of the tanh, hence the inputs, that decides.",
    ),
)

EXERCISES = (_trace, _loop, _hand_made, _counting, _repair, _open)
