"""Answer sheet of chapter 04, A loop with a memory."""

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 04.1 Three steps by hand -------------------------------------------------------------------

X_BY_HAND, W_X, W_H, B_H = (1.0, 2.0, -1.0), 0.5, -0.8, 0.1


def _three_steps(step, h_0=0.0):
    """Run `step(x_t, h_prev)` over the three inputs."""
    h, states = h_0, []
    for x_t in X_BY_HAND:
        h = step(x_t, h)
        states.append(float(h))
    return states


def _unit(x_t, h):
    return np.tanh(W_X * x_t + W_H * h + B_H)


def _from_previous_input():
    """The recurrent weight put on the previous input instead of on the previous state."""
    before = (0.0, *X_BY_HAND[:-1])
    pairs = zip(X_BY_HAND, before, strict=True)
    return [float(np.tanh(W_X * x_t + W_H * x_before + B_H)) for x_t, x_before in pairs]


def _bias_once():
    """The bias added at the first step alone."""
    biases = iter((B_H, 0.0, 0.0))
    return _three_steps(lambda x_t, h: np.tanh(W_X * x_t + W_H * h + next(biases)))


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
    minutes=5,
    deepens='the claim "three steps of the loop and three nested tanh"',
    statement="Compute the states h_1, h_2, h_3 of a recurrent network with one unit on paper.",
    kind="value",
    reference=_three_steps(_unit),
    alternatives=((0.537, 0.587, -0.701), np.array([[0.54], [0.59], [-0.70]])),
    returns=("h_1", "h_2", "h_3"),
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
        Misconception(
            "started at 1",
            "these are the states from h_0 = 1, where the example began; "
            "the exercise begins at h_0 = 0",
            _three_steps(_unit, h_0=1.0),
        ),
        Misconception(
            "bias outside the tanh",
            "the bias belongs inside the tanh, together with the input and the previous state: "
            "a state can never lie outside -1 ... 1",
            _three_steps(lambda x_t, h: np.tanh(W_X * x_t + W_H * h) + B_H),
        ),
        Misconception(
            "tanh of the input only",
            "the tanh goes round the whole sum, not round the input's part alone",
            _three_steps(lambda x_t, h: np.tanh(W_X * x_t) + W_H * h + B_H),
        ),
        Misconception(
            "bias at the first step only",
            "the bias b = 0.1 is there at the first step and missing at the later ones",
            _bias_once(),
        ),
        Misconception(
            "weights exchanged",
            "0.5 multiplies the input and -0.8 the previous state, not the other way round",
            _three_steps(lambda x_t, h: np.tanh(W_H * x_t + W_X * h + B_H)),
        ),
        Misconception(
            "h_0 listed",
            "this list begins with h_0 = 0: the states after the three inputs are asked for",
            [0.0, *_three_steps(_unit)[:2]],
        ),
        Misconception(
            "logistic instead of tanh",
            "this is the logistic function, which lies between 0 and 1; tanh reaches from -1 to 1",
            _three_steps(lambda x_t, h: 1 / (1 + np.exp(-(W_X * x_t + W_H * h + B_H)))),
        ),
    ),
    hints=(
        "At the first step the previous state is 0, so h_1 = tanh(0.5 · 1 + 0.1).",
        "From then on the new state takes the place of h_prev: "
        "h_2 = tanh(0.5 · 2 - 0.8 · h_1 + 0.1).",
        "h_1 = tanh(0.6) = 0.537, and h_2 = tanh(1.1 - 0.8 · 0.537). The third step has the same "
        "form, with x_3 = -1.",
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


def _with_states(change):
    """The outputs read off other states: `change(h, h_0, x, weights) -> (states, h_T)`."""

    def attempt(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
        weights = (W_xh, W_hh, b_h)
        h, h_T = change(_states(x, h_0, *weights), h_0, x, weights)
        return h @ W_hy + b_y, h_T

    return attempt


def _reset(h, h_0, x, weights):
    h = np.stack([_step(x[:, t], h_0, *weights) for t in range(x.shape[1])], axis=1)
    return h, h[:, -1]


def _stale(h, h_0, x, weights):
    return np.concatenate([h_0[:, None], h[:, :-1]], axis=1), h[:, -1]


def _first_step_twice(h, h_0, x, weights):
    h = _states(x, h[:, 0], *weights)
    return h, h[:, -1]


def _first_input_skipped(h, h_0, x, weights):
    h = _states(x[:, 1:], h_0, *weights)
    return h, h[:, -1]


def _never_updated(h, h_0, x, weights):
    return np.repeat(h_0[:, None], x.shape[1], axis=1), h_0


def _without_b_h(h, h_0, x, weights):
    h = _states(x, h_0, *weights[:2], 0.0)
    return h, h[:, -1]


def _without_tanh(h, h_0, x, weights):
    h_t, h = h_0, []
    for t in range(x.shape[1]):
        h_t = x[:, t] @ weights[0] + h_t @ weights[1] + weights[2]
        h.append(h_t)
    return np.stack(h, axis=1), h_t


def _with_results(change):
    """The two results changed afterwards: `change(y, h_T, h) -> (y, h_T)`."""

    def attempt(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
        h = _states(x, h_0, W_xh, W_hh, b_h)
        return change(h @ W_hy + b_y, h[:, -1], h)

    return attempt


def _zeroed(y, t):
    """Outputs of which step t was never filled in."""
    y = y.copy()
    y[:, t] = 0.0
    return y


def _forward_first_input_skipped_and_empty(x, h_0, *weights):
    y, h_T = _with_states(_first_input_skipped)(x, h_0, *weights)
    return np.concatenate([0 * y[:, :1], y], axis=1), h_T


def _forward_ends_early(x, *rest):
    return forward(x[:, :-1], *rest)


def _forward_ends_early_and_empty(x, *rest):
    y, h_T = forward(x[:, :-1], *rest)
    return np.concatenate([y, 0 * y[:, :1]], axis=1), h_T


def _forward_from_zero(x, h_0, *weights):
    return forward(x, np.zeros_like(h_0), *weights)


def _forward_over_the_batch(x, h_0, W_xh, W_hh, b_h, W_hy, b_y):
    h_t, y = h_0, []
    for x_t in x:
        h_t = _step(x_t, h_t, W_xh, W_hh, b_h)
        y.append(h_t @ W_hy + b_y)
    return np.stack(y), h_t


def _forward_without_b_y(*args):
    return forward(*args[:-1], 0.0)


def _forward_backwards(x, *rest):
    y, h_T = forward(x[:, ::-1], *rest)
    return y[:, ::-1], h_T


def _forward_with_h_0_returned(x, h_0, *weights):
    return forward(x, h_0, *weights)[0], h_0


TWICE = (
    "the first input is read twice, once before the loop and once in it: begin with h_t = h_0 and "
    "let the loop make every step"
)
NO_FIRST_OUTPUT = (
    "the first output is missing: the first step is made outside the loop and its output never "
    "stored; begin with h_t = h_0 and let the loop make every step, range(T)"
)
NO_FIRST_INPUT = (
    "the first input is never read: the loop starts at t = 1, and h_0 is the state *before* the "
    "step that reads x[:, 0]"
)
NO_LAST_STEP = "the loop ends one step early: T inputs make T steps, range(T)"


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
    statement="Write the network with its output layer, as a loop of your own: an output at every "
    "step, and the last state, from any initial state.",
    reference=forward,
    alternatives=(_forward_into_an_array, _forward_one_example_at_a_time),
    inputs=_network_cases,
    returns=("y (B, T, K)", "h_T (B, H)"),
    stub=lambda x, h_0, *weights: (..., h_0),
    praise="every output is read off a state that follows from the one before it",
    misconceptions=(
        Misconception(
            "state reset at each step",
            "every step starts from h_0 again, so nothing is remembered: the state that a step "
            "returns must be handed to the next one",
            _with_states(_reset),
        ),
        Misconception(
            "stale output",
            "the outputs are one step late: y at time t is read off the state *before* the step; "
            "read it off the new one",
            _with_states(_stale),
        ),
        Misconception("first step twice", TWICE, _with_states(_first_step_twice)),
        Misconception(
            "first output missing",
            NO_FIRST_OUTPUT,
            _with_results(lambda y, h_T, h: (y[:, 1:], h_T)),
        ),
        Misconception(
            "first output empty",
            NO_FIRST_OUTPUT,
            _with_results(lambda y, h_T, h: (_zeroed(y, 0), h_T)),
        ),
        Misconception("first input skipped", NO_FIRST_INPUT, _with_states(_first_input_skipped)),
        Misconception(
            "first input skipped, first output empty",
            NO_FIRST_INPUT,
            _forward_first_input_skipped_and_empty,
        ),
        Misconception("last step missing", NO_LAST_STEP, _forward_ends_early),
        Misconception("last output empty", NO_LAST_STEP, _forward_ends_early_and_empty),
        Misconception(
            "h_0 ignored",
            "the initial state is ignored: the first step starts from zeros instead of h_0",
            _forward_from_zero,
        ),
        Misconception(
            "state never updated",
            "the state never changes: what rnn_step returns must be kept, h_t = rnn_step(...)",
            _with_states(_never_updated),
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
            "(B, T, K), as np.stack(outputs, axis=1) makes it",
            _with_results(lambda y, h_T, h: (np.moveaxis(y, 1, 0), h_T)),
        ),
        Misconception(
            "outputs side by side",
            "the outputs stand side by side in (B, T · K), as np.concatenate puts them: time needs "
            "an axis of its own, np.stack(outputs, axis=1)",
            _with_results(lambda y, h_T, h: (y.reshape(len(y), -1), h_T)),
        ),
        Misconception(
            "last output only",
            "only the last output is returned: all T of them are asked for, shape (B, T, K)",
            _with_results(lambda y, h_T, h: (y[:, -1], h_T)),
        ),
        Misconception(
            "no output bias",
            "b_y is missing: it is added to every output",
            _forward_without_b_y,
        ),
        Misconception(
            "no output layer",
            "these are the states themselves: each still has to go through W_hy and b_y",
            _with_results(lambda y, h_T, h: (h, h_T)),
        ),
        Misconception(
            "tanh on the output",
            "the output layer is linear here: the tanh belongs to the state, and would keep every "
            "output between -1 and 1",
            _with_results(lambda y, h_T, h: (np.tanh(y), h_T)),
        ),
        Misconception(
            "no tanh in the state",
            "the state is not squashed: h_t = tanh(...), which is what rnn_step computes",
            _with_states(_without_tanh),
        ),
        Misconception(
            "no bias in the state",
            "b_h is missing: it is added at every step, inside the tanh",
            _with_states(_without_b_h),
        ),
        Misconception(
            "h_0 returned",
            "the outputs are right, but the second result is the initial state: return the state "
            "after the last step, so that the sequence can be continued",
            _forward_with_h_0_returned,
        ),
        Misconception(
            "all states returned",
            "the outputs are right, but the second result holds the states of all steps: "
            "the last one alone is asked for, (B, H)",
            _with_results(lambda y, h_T, h: (y, h)),
        ),
        Misconception(
            "last output for last state",
            "the outputs are right, but the second result is the last output; the last *state* is "
            "asked for, from which the sequence can be continued",
            _with_results(lambda y, h_T, h: (y, y[:, -1])),
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
        "The loop, for t in range(T), has two lines: "
        "h_t = cells.rnn_step(x[:, t], h_t, W_xh, W_hh, b_h), and the output of h_t, stored in "
        "y[:, t] of an array y = np.empty((B, T, K)). Which "
        "variable holds h_T when the loop is over?",
    ),
)

# --- 04.3 A latch, by hand ----------------------------------------------------------------------

DRIFTS = (
    "the latch switches itself on while nothing comes in: with both inputs at 0 the bias decides, "
    "and it is too positive for this W_hh; b_h = 0 treats on and off alike"
)
DRIFTS_OFF = (
    "once on, the latch switches itself off while nothing comes in: the bias is too negative for "
    "this W_hh; b_h = 0 treats on and off alike"
)
FADES = (
    "the bit fades while nothing comes in, as h_t = tanh(W_hh · h_prev + b_h) comes to rest too "
    "near to 0"
)
TOGGLES = (
    "a negative W_hh pushes the state towards the other sign at each quiet step: that toggles, "
    "a latch needs a positive one"
)
WRONG_SET = "`set` does not drive the state up: W_xh[0] must be positive, so that 1 means on"
TOO_WEAK = "one `set` does not switch it on: the state must pass 0.5 at once, from wherever it was"
WRONG_RESET = "`reset` does not drive the state down: its weight W_xh[1] must be negative"
TOO_WEAK_RESET = (
    "one `reset` does not switch it off: the state must fall below -0.5 at once, from wherever it "
    "was"
)
SET, RESET, QUIET = [[1.0, 0.0]], [[0.0, 1.0]], [[0.0, 0.0]] * 60


def _latch(W_xh, W_hh, b_h, x, h=-1.0):
    """States of the one-unit network on inputs x (T, 2), from the state `off`."""
    states = []
    for x_t in x:
        h = np.tanh(x_t @ W_xh + W_hh * h + b_h)
        states.append(h)
    return np.array(states)


def _latch_judge(answer, rng):
    """None if the weights make a latch; else what goes wrong first."""
    weights = answer[0].ravel(), answer[1].item(), answer[2].item()
    told = _latch_at_rest(*weights) or _latch_switched(*weights)
    return told or _latch_on_random_inputs(*weights, rng) or _latch_shapes(answer)


def _latch_at_rest(W_xh, W_hh, b_h):
    """What goes wrong while nothing comes in, starting from off, then from on."""
    if W_hh < 0:
        return TOGGLES
    off = _latch(W_xh, W_hh, b_h, QUIET)[-1]
    if off > 0.5:
        return DRIFTS
    if off > -0.5:
        return f"{FADES}: from -1 it gets to {off:.2f} in 60 quiet steps, below -0.5 is asked for"
    on = _latch(W_xh, W_hh, b_h, QUIET, h=1.0)[-1]
    if on < -0.5:
        return DRIFTS_OFF
    if on < 0.5:
        return f"{FADES}: from 1 it gets to {on:.2f} in 60 quiet steps, above 0.5 is asked for"
    return None


def _latch_switched(W_xh, W_hh, b_h):
    """What goes wrong at a `set` or a `reset`, from the states in which it can find the unit."""
    for before in ([], QUIET, [*SET, *QUIET, *RESET], [*QUIET, *RESET, *RESET]):
        h = _latch(W_xh, W_hh, b_h, before)[-1] if before else -1.0
        after = np.tanh(W_xh[0] + W_hh * h + b_h)
        if after < 0.5:
            told = _sum_in_words(W_xh[0], W_hh, b_h, h)
            return WRONG_SET if W_xh[0] <= 0 else f"{TOO_WEAK}: {told}"
    for before in (SET, [*SET, *QUIET], [*SET, *QUIET, *SET]):
        h = _latch(W_xh, W_hh, b_h, before)[-1]
        if np.tanh(W_xh[1] + W_hh * h + b_h) > -0.5:
            told = _sum_in_words(W_xh[1], W_hh, b_h, h)
            return WRONG_RESET if W_xh[1] >= 0 else f"{TOO_WEAK_RESET}: {told}"
    return None


def _sum_in_words(weight, W_hh, b_h, h):
    """One step in numbers: from where, through which sum, to where."""
    bias = f" {'-' if b_h < 0 else '+'} {abs(b_h):g}" if b_h else ""
    total = f"{weight:g} {'-' if h < 0 else '+'} {W_hh:g} · {abs(h):.2f}{bias}"
    return f"from {h:.2f} it gives tanh({total}) = {np.tanh(weight + W_hh * h + b_h):.2f}"


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


def _latch_shapes(answer):
    """A word on shapes, once the numbers are right."""
    for name, part, shape in zip(
        ("W_xh", "W_hh", "b_h"), answer, ((2, 1), (1, 1), (1,)), strict=True
    ):
        if part.shape != shape:
            return (
                f"the numbers make a latch, but {name} has shape {part.shape} and {shape} is asked "
                f"for: write {np.round(part.reshape(shape), 4).tolist()}"
            )
    return None


def _weights(set_, reset, w_hh, b_h):
    return (np.array([[set_], [reset]]), np.array([[w_hh]]), np.array([b_h]))


_hand_made = Exercise(
    id="04.3",
    title="A latch, by hand",
    stars=2,
    minutes=12,
    deepens='the claim "a tanh unit stores a bit from a self-weight of about 1 on"',
    statement="Choose the weights of a one-unit network that is switched on by one input, off by "
    "another, and otherwise keeps what it has.",
    kind="value",
    reference=_weights(6.0, -6.0, 2.0, 0.0),
    alternatives=(
        _weights(20.0, -15.0, 5.0, 0.2),
        ([[8.0], [-8.0]], [[3.0]], [0.0]),
        {"W_xh": [[7.0], [-9.0]], "W_hh": [[2.5]], "b_h": [0]},
    ),
    returns=("W_xh (2, 1)", "W_hh (1, 1)", "b_h (1,)"),
    judge=_latch_judge,
    praise="it latches: set, reset and keep, over sequences of 200 steps",
    misconceptions=(
        Misconception("gain too small", FADES, _weights(3.0, -3.0, 0.95, 0.0)),
        Misconception("no memory at all", FADES, _weights(5.0, -5.0, 0.0, 0.0)),
        Misconception("bias too positive", DRIFTS, _weights(8.0, -8.0, 2.0, 2.5)),
        Misconception("bias too negative", DRIFTS_OFF, _weights(8.0, -8.0, 2.0, -1.5)),
        Misconception("toggles", TOGGLES, _weights(6.0, -6.0, -2.0, 0.0)),
        Misconception("input too weak", TOO_WEAK, _weights(1.0, -1.0, 3.0, 0.0)),
        Misconception("reset too weak", TOO_WEAK_RESET, _weights(6.0, -2.2, 2.0, 0.0)),
        Misconception("reset with the wrong sign", WRONG_RESET, _weights(6.0, 6.0, 2.0, 0.0)),
        Misconception("set and reset exchanged", WRONG_SET, _weights(-6.0, 6.0, 2.0, 0.0)),
    ),
    hints=(
        "Begin with silence: both inputs 0, so h_t = tanh(W_hh · h_prev + b_h). Draw tanh(w · h) "
        "and h in one picture, for a few w: where do they cross?",
        "Without a bias the state rests equally far from 0 on both sides, and W_hh decides how "
        "far. A `set` must push it across 0 from the far side: work out the sum inside the tanh.",
        "With W_hh = 2 and b_h = 0 the state rests near 0.96 or -0.96. From there one `set` gives "
        "tanh(W_xh[0] - 2 · 0.96), and tanh reaches 0.5 at 0.55. Leave a margin; `reset` is the "
        "mirror image.",
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


LAST_STATE_ONLY = (
    "the output layer does not grow with T: it turns the last state alone, H numbers, into K"
)

_counting = Exercise(
    id="04.4",
    title="Count, then measure",
    stars=1,
    minutes=5,
    deepens='the claim "the recurrent layer has `D*H + H*H + H` numbers, whatever the length"',
    statement="Predict how many parameters a recurrent layer with a linear output has in Keras and "
    "in PyTorch, then ask both frameworks.",
    reference=count,
    alternatives=(
        _count_by_shapes,
        lambda T, D, H, K: ((D + H + 1) * H + (H + 1) * K, (D + H + 2) * H + (H + 1) * K),
    ),
    inputs=_count_cases,
    returns=("the count in NumPy and Keras", "the count in PyTorch"),
    praise="three arrays in the loop, two in the output, one more bias in PyTorch, and no T",
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
            "all times T",
            "nothing is counted T times: the loop uses one set of weights at all steps, and the "
            "output layer is asked once, at the end",
            _both(lambda T, D, H, K, extra: T * (D * H + H * H + H + extra + H * K + K)),
        ),
        Misconception(
            "input times T",
            "W_xh does not grow with T: it turns the D inputs of *one* step into H numbers",
            _both(lambda T, D, H, K, extra: T * D * H + H * H + H + extra + H * K + K),
        ),
        Misconception(
            "output times T",
            LAST_STATE_ONLY,
            _both(lambda T, D, H, K, extra: D * H + H * H + H + extra + T * (H * K + K)),
        ),
        Misconception(
            "output of all states",
            LAST_STATE_ONLY,
            _both(lambda T, D, H, K, extra: D * H + H * H + H + extra + T * H * K + K),
        ),
        Misconception(
            "no biases",
            "the biases are missing: H numbers in the recurrent layer (2H in PyTorch), "
            "K in the output layer",
            _both(lambda T, D, H, K, extra: D * H + H * H + H * K),
        ),
        Misconception(
            "no recurrent bias",
            "the bias of the recurrent layer is missing, H numbers in NumPy and Keras",
            _both(lambda T, D, H, K, extra: D * H + H * H + extra + H * K + K),
        ),
        Misconception(
            "H too many",
            "the first number is H too large: in NumPy and Keras there is one bias, and the "
            "initial state is not trained",
            lambda T, D, H, K: (count(T, D, H, K)[1],) * 2,
        ),
        Misconception(
            "two biases more in PyTorch",
            "the first number is right; PyTorch has two bias vectors *in all*, so H numbers more "
            "and not 2H",
            lambda T, D, H, K: (count(T, D, H, K)[0], count(T, D, H, K)[1] + H),
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
        "An array of shape (D, H) has D·H numbers; which of the five arrays know of T? PyTorch's "
        "recurrent layer has one array more than ours: list(torch.nn.RNN(4, 5).named_parameters()) "
        "shows which.",
        "The recurrent layer has D·H + H·H + H in NumPy and Keras; the two arrays of the output "
        "layer are left to you. PyTorch's additional array is a second bias.",
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


def _sound(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


def _linear(x_t, h_prev, W_xh, W_hh, b_h):
    return x_t @ W_xh + h_prev @ W_hh + b_h


def _repaired(step=_sound, fresh=True, state="new", reset=False):
    """The cell with any of the three faults left in, or another step."""

    def cell(x, h_0, W_xh, W_hh, b_h):
        h_t, h = h_0, np.zeros((x.shape[0], x.shape[1], len(b_h)))
        for t in range(x.shape[1]):
            before = h_0 if reset else h_t
            h_t = step(x[:, t], before, W_xh, W_hh, b_h)
            h[:, t] = h_t if fresh else before
        return h, {"new": h_t, "old": h_0, "last output": h[:, -1]}[state]

    return cell


def _repaired_differently(x, h_0, W_xh, W_hh, b_h):
    h = _states(x, h_0, W_xh, W_hh, b_h)
    return [h, h[:, -1]]


def _only_after(**faults):
    """The tanh on the outputs only: the recurrence itself stays linear."""

    def cell(x, h_0, *weights):
        return tuple(np.tanh(result) for result in _repaired(_linear, **faults)(x, h_0, *weights))

    return cell


ANOTHER_FUNCTION = (
    "the step is no longer linear, but the function is not the one of the chapter: h_t = tanh(...)"
)

_repair = Exercise(
    id="04.5",
    title="Three faults in six lines",
    stars=2,
    minutes=10,
    deepens='the claim "each of the five is caught, and each by the law it breaks first"',
    statement="Find and mend three faults in a cell that runs without a complaint.",
    reference=_repaired(),
    alternatives=(_repaired_differently,),
    inputs=_cell_cases,
    returns=("h (B, T, H)", "h_T (B, H)"),
    praise="non-linear, up to date, and its last state can be handed on",
    misconceptions=(
        Misconception(
            "unchanged",
            "this still does what the broken cell does: ask(broken) says which laws that breaks; "
            "begin with the first line that is red",
            broken,
        ),
        Misconception(
            "still linear",
            "it is still linear: without the tanh the superposition of two inputs gives the "
            "superposition of two outputs, however many steps there are",
            _repaired(_linear),
        ),
        Misconception(
            "tanh outside the loop",
            "the tanh acts on the outputs only: the state that goes round the loop is still "
            "linear; apply it before h_t is used again",
            _only_after(),
        ),
        Misconception(
            "tanh outside the loop, and stale",
            "the tanh acts on the outputs only, and they are one step late: squash the state that "
            "goes round the loop, and store it after the step",
            _only_after(fresh=False),
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
            _repaired(_linear, state="old"),
        ),
        Misconception(
            "only the returned state",
            "the last state is returned now; two faults are left: the tanh, and what is stored "
            "at time t",
            _repaired(_linear, fresh=False),
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
        Misconception(
            "state reset at each step",
            "every step starts from h_0 now, so that nothing is carried from step to step: the "
            "broken cell was right about that, h_t goes into the next step",
            _repaired(reset=True),
        ),
        Misconception(
            "W_hh outside the tanh",
            "the old state is added outside the tanh: h_t @ W_hh belongs inside, or the state "
            "can grow without end",
            _repaired(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + b_h) + h @ W_hh),
        ),
        Misconception(
            "tanh of the input only",
            "the tanh goes round the whole sum: input, old state and bias",
            _repaired(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh) + h @ W_hh + b_h),
        ),
        Misconception(
            "bias outside the tanh",
            "the bias is added outside the tanh: it belongs inside, with the rest of the sum",
            _repaired(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh) + b_h),
        ),
        Misconception(
            "bias lost",
            "b_h got lost: it is added at every step, inside the tanh",
            _repaired(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + h @ W_hh)),
        ),
        Misconception(
            "recurrence lost",
            "h_t @ W_hh got lost: without it no step knows of the one before",
            _repaired(lambda x, h, W_xh, W_hh, b_h: np.tanh(x @ W_xh + b_h)),
        ),
        Misconception(
            "tanh on the way in",
            "the tanh squashes the old state on its way in, not the sum: the new state is still "
            "unbounded; tanh goes round all of it",
            _repaired(lambda x, h, W_xh, W_hh, b_h: x @ W_xh + np.tanh(h) @ W_hh + b_h),
        ),
        Misconception("relu", ANOTHER_FUNCTION, _repaired(lambda *a: np.maximum(_linear(*a), 0))),
        Misconception(
            "logistic", ANOTHER_FUNCTION, _repaired(lambda *a: 1 / (1 + np.exp(-_linear(*a))))
        ),
        Misconception(
            "tanh twice",
            "the state is squashed twice: once per step, round the sum, is enough",
            _repaired(lambda *args: np.tanh(_sound(*args))),
        ),
    ),
    hints=(
        "The contracts of the chapter find out without reading the code: run ask(broken). Each "
        "red line names a law that is broken, and what it most likely means.",
        "One red line is about superposition, one about which input the output at t knows of, one "
        "about a sequence that is continued in pieces. Which line of the cell belongs to each?",
        "A tanh is missing: put it where the state that goes round the loop is squashed, too. The "
        "two lines in the loop stand in the wrong order. And look at what comes after `return`.",
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
    "different states cannot be told apart (a distance below 1e-6), and on what this depends.",
    kind="open",
    hints=(
        "np.linalg.qr(rng.normal(size=(32, 32)))[0] is a random orthogonal matrix. Feed one "
        "random input sequence to the same weights from two initial states and follow the "
        "distance between the two states, step by step, on a logarithmic axis.",
        "Vary one thing at a time: the gain first, then the size of the inputs. Give up after 200 "
        "steps: some pairs never meet, for instance with a gain of 1.5 and small inputs.",
        "Spoiler, read it after your experiment: a gain below 1 shrinks every difference at each "
        "step, whatever comes in. Above 1 it is the slope of the tanh, hence the inputs, that "
        "decides.",
    ),
)

EXERCISES = (_trace, _loop, _hand_made, _counting, _repair, _open)
