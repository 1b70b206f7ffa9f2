"""Answer sheet of chapter 05, Backpropagation through time."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 05.1 Three steps back by hand --------------------------------------------------------------

W_H, H_0 = 0.5, -0.5
H_1 = np.tanh(1.0 + W_H * H_0)
H_2 = np.tanh(W_H * H_1)
H_3 = np.tanh(W_H * H_2)


def _back(slope=lambda h, h_prev: 1 - h**2, chain=W_H, seen=(H_2, H_1, H_0), start=1.0):
    """[da_3, da_2, da_1, dw_h] for the loss L = h_3, with any part of the rule exchanged."""
    da_3 = start * slope(H_3, H_2)
    da_2 = da_3 * chain * slope(H_2, H_1)
    da_1 = da_2 * chain * slope(H_1, H_0)
    return [da_3, da_2, da_1, da_3 * seen[0] + da_2 * seen[1] + da_1 * seen[2]]


def _slopes_alone():
    """Each slope by itself, and the sum of the shares that follow."""
    slopes = [1 - h**2 for h in (H_3, H_2, H_1)]
    return [*slopes, slopes[0] * H_2 + slopes[1] * H_1 + slopes[2] * H_0]


def _from_da_3():
    """w_h to the power of the distance, times the slope of step 1 alone."""
    da_3, da_2, _, _ = _back()
    da_1 = da_3 * W_H**2 * (1 - H_1**2)
    return [da_3, da_2, da_1, da_3 * H_2 + da_2 * H_1 + da_1 * H_0]


_DA_3, _DA_2, _DA_1, _DW = _back()
IMMEDIATE = (
    "dw_h is the *immediate* derivative only, da_3 · h_2, with h_2 taken as a constant: "
    "h_2 and h_1 were made with the same w_h, so all three steps contribute"
)

_trace = Exercise(
    id="05.1",
    title="Three steps back by hand",
    stars=2,
    minutes=12,
    deepens='the claim "nudging all copies, and the total derivative"',
    statement="Carry the error signal back over three steps of a network with one unit, and add "
    "up the gradient of its recurrent weight.",
    kind="value",
    reference=_back(),
    alternatives=(
        np.round(_back(), 3),
        tuple(np.array([value]) for value in np.round(_back(), 2)),
    ),
    returns=("da_3", "da_2", "da_1", "dw_h"),
    tolerance=0.004,
    praise="one weight, three uses, three contributions",
    misconceptions=(
        Misconception("immediate derivative only", IMMEDIATE, [_DA_3, _DA_2, _DA_1, _DA_3 * H_2]),
        Misconception("no way back", IMMEDIATE, [_DA_3, 0.0, 0.0, _DA_3 * H_2]),
        Misconception(
            "no slope of the tanh",
            "the slope of the tanh, 1 - h², is missing: it multiplies the error at every step",
            _back(slope=lambda h, h_prev: 1.0),
        ),
        Misconception(
            "slope of the step before",
            "the slopes are one step off: da_t needs 1 - h_t², the slope at its own step",
            _back(slope=lambda h, h_prev: 1 - h_prev**2),
        ),
        Misconception(
            "no recurrent weight on the way back",
            "the error crosses from one step to the one before through w_h: "
            "da_2 = da_3 · w_h · (1 - h_2²)",
            _back(chain=1.0),
        ),
        Misconception(
            "own state instead of the previous one",
            "the error signals are right, but da_t belongs to the product w_h · h_{t-1}: multiply "
            "it by the state *before* step t, not by h_t",
            _back(seen=(H_3, H_2, H_1)),
        ),
        Misconception(
            "initial state forgotten",
            "the error signals are right; the first step contributes too, da_1 · h_0, since h_0 "
            "is not zero here",
            _back(seen=(H_2, H_1, 0.0)),
        ),
        Misconception(
            "gradient of h instead of a",
            "these are the gradients with respect to the states h_t; da_t is one slope further "
            "back, at the sum *inside* the tanh",
            [1.0, _DA_3 * W_H, _DA_2 * W_H, _DW],
        ),
        Misconception(
            "slopes alone",
            "these are the slopes of the three steps, each by itself: the error that reaches step "
            "2 has come through step 3, so that da_2 contains da_3",
            _slopes_alone(),
        ),
        Misconception(
            "slope of the last step only",
            "the error passes a tanh at every step: at step t it is multiplied by 1 - h_t², not "
            "by w_h alone",
            _back(slope=lambda h, h_prev: 1 - h**2 if h == H_3 else 1.0),
        ),
        Misconception(
            "w_h counted from the end",
            "w_h is passed once between two steps: da_1 is da_2 · w_h · (1 - h_1²), where da_2 "
            "already contains the first w_h",
            _from_da_3(),
        ),
        Misconception(
            "signals added without the states",
            "the error signals are right; each is multiplied by the state before its step, and "
            "then they are added: a_t = x_t + w_h · h_{t-1}",
            [_DA_3, _DA_2, _DA_1, _DA_3 + _DA_2 + _DA_1],
        ),
        Misconception(
            "sign of h_0 lost",
            "the error signals are right; h_0 is -0.5, so the first step's share is negative",
            _back(seen=(H_2, H_1, -H_0)),
        ),
        Misconception(
            "the loss for its gradient",
            "L = h_3, so that dL/dh_3 = 1: it is the derivative that goes back, not the value",
            _back(start=H_3),
        ),
        Misconception(
            "averaged",
            "the error signals are right; the shares of the three steps are added, not averaged",
            [_DA_3, _DA_2, _DA_1, _DW / 3],
        ),
    ),
    hints=(
        "L = h_3, so dh_3 = 1, and through the tanh da_3 = 1 - h_3².",
        "h_2 acts on the loss through a_3 = w_h · h_2 alone: dh_2 = da_3 · w_h, then "
        "da_2 = dh_2 · (1 - h_2²).",
        "w_h appears in a_3, a_2 and a_1, each time as a factor of the state before: the share of "
        "step 3 is da_3 · h_2. Two more are added to it.",
    ),
)

# --- 05.2 Back through a leaky cell -------------------------------------------------------------


def leaky_forward(x, h_0, W_xh, W_hh, b_h, leak):
    """h_t = (1 - leak) h_prev + leak n_t with n_t = tanh(...): returns h and n, both (B, T, H)."""
    h, n, h_t = [], [], h_0
    for t in range(x.shape[1]):
        n.append(np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h))
        h_t = (1 - leak) * h_t + leak * n[-1]
        h.append(h_t)
    return np.stack(h, axis=1), np.stack(n, axis=1)


def backward(dh, x, h_0, h, n, W_hh, leak):
    """dW_xh (D, H), dW_hh (H, H), db_h (H,), dh_0 (B, H)."""
    return _backward(dh, x, h_0, h, n, W_hh, leak)


def _both_ways(dh_t, da_t, W_hh, leak):
    """What step t says about the state before it: past the tanh, and through it."""
    return (1 - leak) * dh_t + da_t @ W_hh.T


def _backward(
    dh,
    x,
    h_0,
    h,
    n,
    W_hh,
    leak,
    *,
    slope=lambda n, h: 1 - n**2,
    scale=lambda leak: leak,
    carry=_both_ways,
    own=lambda dh_t, dh_next: dh_t + dh_next,
    steps=lambda T: range(T - 1, -1, -1),
    add=True,
    seen="before",
    bias=lambda da_t: da_t.sum(axis=0),
):
    """The backward pass, with a switch for everything that people forget."""
    before = np.concatenate([h_0[:, None], h[:, :-1]], axis=1)
    read = {
        "before": before,
        "after": h,
        "zero": before * (np.arange(h.shape[1]) > 0)[:, None],
        "rolled": np.roll(h, 1, axis=1),
        "proposal": np.concatenate([h_0[:, None], n[:, :-1]], axis=1),
    }[seen]
    dW_xh, dW_hh = np.zeros((x.shape[2], h.shape[2])), np.zeros_like(W_hh)
    db_h, dh_next = np.zeros(len(W_hh)), np.zeros_like(h_0)
    for t in steps(x.shape[1]):
        dh_t = own(dh[:, t], dh_next)
        da_t = scale(leak) * dh_t * slope(n[:, t], h[:, t])
        dW_xh = dW_xh * add + x[:, t].T @ da_t
        dW_hh = dW_hh * add + read[:, t].T @ da_t
        db_h = db_h * add + bias(da_t)
        dh_next = carry(dh_t, da_t, W_hh, leak)
    return dW_xh, dW_hh, db_h, dh_next


def _backward_all_at_once(dh, x, h_0, h, n, W_hh, leak):
    """The same, with the weight gradients as one product after the loop."""
    da, dh_t = np.zeros_like(h), np.zeros_like(h_0)
    for t in range(x.shape[1])[::-1]:
        dh_t = dh_t + dh[:, t]
        da[:, t] = leak * (1 - np.square(n[:, t])) * dh_t
        dh_t = dh_t - leak * dh_t + np.einsum("bh,gh->bg", da[:, t], W_hh)
    before = np.hstack([h_0[:, None], h])[:, :-1]
    dW_xh, dW_hh = (np.einsum("bti,btj->ij", z, da) for z in (x, before))
    return [dW_xh, dW_hh, da.sum(axis=(0, 1)), dh_t]


def _with(**switches):
    return lambda *args: _backward(*args, **switches)


def _transposed_gradients(*args):
    dW_xh, dW_hh, db_h, dh_0 = backward(*args)
    return dW_xh.T, dW_hh.T, db_h, dh_0


def _averaged(dh, *rest):
    *weights, dh_0 = backward(dh, *rest)
    return *(gradient / len(dh) for gradient in weights), dh_0


def _last_dh_twice(dh, *rest):
    dh = dh.copy()
    dh[:, -1] *= 2
    return backward(dh, *rest)


def _no_dh_0(*args):
    *weights, dh_0 = backward(*args)
    return *weights, 0 * dh_0


def _dh_1_for_dh_0(dh, x, h_0, h, n, W_hh, leak):
    *weights, _ = backward(dh, x, h_0, h, n, W_hh, leak)
    if x.shape[1] == 1:
        return *weights, dh[:, 0]
    later = [array[:, 1:] for array in (dh, x, h, n)]
    back = backward(later[0], later[1], h[:, 0], later[2], later[3], W_hh, leak)[3]
    return *weights, dh[:, 0] + back


def _slope_twice(dh, x, h_0, h, n, W_hh, leak):
    """The slope of the tanh once more on the way to the step before."""
    return _with_slope(dh, x, h_0, h, n, W_hh, leak, past=0, through=1)


def _slope_on_both_ways(dh, x, h_0, h, n, W_hh, leak):
    """The slope of the tanh also on the direct way, which does not pass it."""
    return _with_slope(dh, x, h_0, h, n, W_hh, leak, past=1, through=0)


def _direct_dh_only(dh, *rest):
    own = iter([dh[:, t] for t in reversed(range(dh.shape[1]))])

    def carry(dh_t, da_t, W_hh, leak):
        return (1 - leak) * next(own) + da_t @ W_hh.T

    return _backward(dh, *rest, carry=carry)


def _with_slope(dh, x, h_0, h, n, W_hh, leak, past, through):
    slopes = iter([1 - n[:, t] ** 2 for t in reversed(range(n.shape[1]))])

    def carry(dh_t, da_t, W_hh, leak):
        slope = next(slopes)
        return (1 - leak) * dh_t * slope**past + (da_t * slope**through) @ W_hh.T

    return _backward(dh, x, h_0, h, n, W_hh, leak, carry=carry)


def _backward_case(rng, B, T, D, H):
    x, h_0 = rng.normal(size=(B, T, D)), rng.uniform(-0.9, 0.9, size=(B, H))
    W_xh, W_hh = rng.normal(size=(D, H)) / np.sqrt(D), 1.2 * rng.normal(size=(H, H)) / np.sqrt(H)
    leak = rng.uniform(0.3, 0.7)
    h, n = leaky_forward(x, h_0, W_xh, W_hh, rng.normal(size=H) * 0.3, leak)
    dh = rng.normal(size=(B, T, H))
    return Case(f"B={B}, T={T}, D={D}, H={H}", (dh, x, h_0, h, n, W_hh, leak))


def _backward_cases(rng):
    return [
        _backward_case(rng, 3, 7, 4, 5),
        _backward_case(rng, 2, int(rng.integers(8, 12)), 4, 4),  # D = H: a transpose stays unseen
        _backward_case(rng, 1, 6, 2, 3),
        _backward_case(rng, 4, 1, 3, 2),
    ]


_implement = Exercise(
    id="05.2",
    title="Back through a leaky cell",
    stars=3,
    minutes=25,
    deepens='the claim "our gradient of W_hh and the package\'s"',
    statement="Derive and write the backward pass of a cell whose state leaks from step to step.",
    reference=backward,
    alternatives=(_backward_all_at_once,),
    inputs=_backward_cases,
    returns=("dW_xh (D, H)", "dW_hh (H, H)", "db_h (H,)", "dh_0 (B, H)"),
    praise="both ways back are in: through the tanh and past it",
    misconceptions=(
        Misconception(
            "no slope of the tanh",
            "the slope of the tanh, 1 - n_t², is missing on the way from dh_t to da_t",
            _with(slope=lambda n, h: 1.0),
        ),
        Misconception(
            "slope from the state",
            "the slope of the tanh is 1 - n_t², with the tanh's own value n_t; h_t is a mixture "
            "with the past and is not what the tanh returned",
            _with(slope=lambda n, h: 1 - h**2),
        ),
        Misconception(
            "direct path forgotten",
            "the state has two ways back: through W_hh, and directly, by the factor 1 - leak; "
            "the direct one is missing",
            _with(carry=lambda dh_t, da_t, W_hh, leak: da_t @ W_hh.T),
        ),
        Misconception(
            "only the direct path",
            "the error goes back past the tanh only: the way through the tanh and W_hh.T, "
            "da_t @ W_hh.T, is missing in dh_prev",
            _with(carry=lambda dh_t, da_t, W_hh, leak: (1 - leak) * dh_t),
        ),
        Misconception(
            "nothing carried back",
            "each step sees only its own dh[:, t]: what step t + 1 says about h_t (dh_next) must "
            "be added to it; as it is, this is the immediate derivative",
            _with(carry=lambda dh_t, da_t, W_hh, leak: 0 * dh_t),
        ),
        Misconception(
            "W_hh not transposed",
            "on the way back the error goes through W_hh.T: forwards h_prev @ W_hh, "
            "backwards da_t @ W_hh.T",
            _with(carry=lambda dh_t, da_t, W_hh, leak: (1 - leak) * dh_t + da_t @ W_hh),
        ),
        Misconception(
            "overwritten instead of added up",
            "the weights are used at every step, so their gradients add up over time: += and not =",
            _with(add=False),
        ),
        Misconception(
            "new state in dW_hh",
            "dW_hh needs the state that went *into* step t, the one before it, not h_t",
            _with(seen="after"),
        ),
        Misconception(
            "h_0 taken as zero",
            "the first step read h_0, which is not zero: its share of dW_hh is missing",
            _with(seen="zero"),
        ),
        Misconception(
            "leak missing on the tanh's path",
            "n_t enters h_t with the factor leak, so da_t = leak · dh_t · (1 - n_t²)",
            _with(scale=lambda leak: 1.0),
        ),
        Misconception(
            "gradients transposed",
            "the gradient of a weight stands on its side: it has the shape of the weight, "
            "x[:, t].T @ da_t is (D, H)",
            _transposed_gradients,
        ),
        Misconception(
            "bias averaged over the batch",
            "db_h is averaged over the batch where it should be a sum: the loss already says how "
            "the sequences are weighed",
            _with(bias=lambda da_t: da_t.mean(axis=0)),
        ),
        Misconception(
            "bias summed over the units",
            "db_h is summed over everything: each of the H units has a bias of its own, so sum "
            "over the batch alone, axis=0",
            _with(bias=lambda da_t: da_t.sum()),
        ),
        Misconception(
            "averaged over the batch",
            "the gradients of the weights are divided by B: dh already says how the sequences are "
            "weighed, so they are summed",
            _averaged,
        ),
        Misconception(
            "leak and 1 - leak exchanged",
            "leak and 1 - leak are exchanged: the new proposal n_t comes in with leak, the old "
            "state with 1 - leak",
            _with(
                scale=lambda leak: 1 - leak,
                carry=lambda dh_t, da_t, W_hh, leak: leak * dh_t + da_t @ W_hh.T,
            ),
        ),
        Misconception(
            "direct path without its factor",
            "on the direct way back the error is multiplied by 1 - leak, as the state was on its "
            "way forward",
            _with(carry=lambda dh_t, da_t, W_hh, leak: dh_t + da_t @ W_hh.T),
        ),
        Misconception(
            "leak twice",
            "leak is applied twice on the way through the tanh: da_t has it already",
            _with(carry=lambda dh_t, da_t, W_hh, leak: (1 - leak) * dh_t + leak * da_t @ W_hh.T),
        ),
        Misconception(
            "slope twice",
            "the slope of the tanh is applied twice on the way back: da_t has it already",
            _slope_twice,
        ),
        Misconception(
            "slope on the direct path",
            "the direct way passes no tanh: no slope belongs there, only 1 - leak",
            _slope_on_both_ways,
        ),
        Misconception(
            "only its own dh on the direct path",
            "the direct way carries the whole error of h_t, dh[:, t] + dh_next, not dh[:, t] alone",
            _direct_dh_only,
        ),
        Misconception(
            "own dh forgotten",
            "what the loss says about each h_t directly, dh[:, t], is never added",
            _with(own=lambda dh_t, dh_next: dh_next),
        ),
        Misconception(
            "last dh counted twice",
            "dh_next starts at zero: dh[:, T - 1] is added at the last step anyway",
            _last_dh_twice,
        ),
        Misconception(
            "forwards in time",
            "the loop runs forwards: errors come from the future, so start with t = T - 1",
            _with(steps=range),
        ),
        Misconception(
            "first step left out",
            "the loop ends before t = 0: reversed(range(T)) includes it",
            _with(steps=lambda T: range(T - 1, 0, -1)),
        ),
        Misconception(
            "h[:, -1] for h_0",
            "at t = 0, h[:, t - 1] is h[:, -1], the *last* state: the state before the first step "
            "is h_0",
            _with(seen="rolled"),
        ),
        Misconception(
            "proposal for the state",
            "dW_hh needs the state that W_hh was multiplied with, h[:, t - 1]; n[:, t - 1] is only "
            "a part of it",
            _with(seen="proposal"),
        ),
        Misconception(
            "dh_0 zero",
            "dh_0 is left at zero: what the first step sends back, dh_next after the loop, is "
            "asked for",
            _no_dh_0,
        ),
        Misconception(
            "dh_0 one step late",
            "this is the error of h_1: dh_0 is what is left after one more step back, dh_next "
            "after the loop",
            _dh_1_for_dh_0,
        ),
    ),
    hints=(
        "Draw one step: h_prev leads to h_t by two arrows, one through the tanh, one straight "
        "with the factor 1 - leak. Errors flow back along both.",
        "Go from t = T - 1 down to 0 with dh_t = dh[:, t] + dh_next, where dh_next is what the "
        "step after t sent back; da_t = leak · dh_t · (1 - n_t²).",
        "dW_xh += x[:, t].T @ da_t, and the other two in the same way, each with what its weight "
        "was multiplied with. What is sent back has two terms: da_t @ W_hh.T is the one through "
        "the tanh. After the loop it is dh_0.",
    ),
)

# --- 05.3 A gradient without thinking -----------------------------------------------------------


def numeric_gradient(f, w, eps):
    """(f(w + eps e_i) - f(w - eps e_i)) / (2 eps) for every entry i of w."""
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[i] = eps
        gradient[i] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


def _numeric_in_place(f, w, eps):
    gradient = np.empty(w.size)
    for i in range(w.size):
        values = []
        for sign in (+1, -1):
            nudged = w.copy().reshape(-1)
            nudged[i] += sign * eps
            values.append(f(nudged.reshape(w.shape)))
        gradient[i] = (values[0] - values[1]) / eps / 2
    return gradient.reshape(w.shape)


def _one_sided(f, w, eps):
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[i] = eps
        gradient[i] = (f(w + step) - f(w)) / eps
    return gradient


def _all_at_once(f, w, eps):
    return np.full_like(w, (f(w + eps) - f(w - eps)) / (2 * eps))


def _not_restored(f, w, eps):
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        w[i] += eps
        plus = f(w)
        w[i] -= 2 * eps
        gradient[i] = (plus - f(w)) / (2 * eps)
    return gradient


def _rows_together(f, w, eps):
    gradient = np.zeros_like(w)
    for i in range(len(w)):
        step = np.zeros_like(w)
        step[i] = eps
        gradient[i] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


def _two_axes_only(f, w, eps):
    gradient = np.zeros_like(w)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            step = np.zeros_like(w)
            step[i, j] = eps
            gradient[i, j] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


def _step_never_cleared(f, w, eps):
    gradient, step = np.zeros_like(w), np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step[i] = eps
        gradient[i] = (f(w + step) - f(w - step)) / (2 * eps)
    return gradient


def _entry_set_to_eps(f, w, eps):
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        above, below = w.copy(), w.copy()
        above[i], below[i] = eps, -eps
        gradient[i] = (f(above) - f(below)) / (2 * eps)
    return gradient


def _bracket_missing(f, w, eps):
    gradient = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        step = np.zeros_like(w)
        step[i] = eps
        gradient[i] = f(w + step) - f(w - step) / (2 * eps)
    return gradient


TOGETHER = (
    "all entries are moved at once: that gives one directional derivative, the sum of "
    "the gradient; move one entry at a time"
)


def _numeric_cases(rng):
    return [_numeric_case(rng, shape) for shape in ((3, 4), (5,), (2, 1, 3), (1, 1))]


def _numeric_case(rng, shape):
    """A function with strong curvature and coupling, so that every shortcut shows."""
    A, c = rng.normal(size=(int(np.prod(shape)),) * 2), rng.uniform(0.8, 1.5, size=shape)

    def f(w):
        if np.shape(w) != shape:
            raise ValueError(f"f: expected an array of shape {shape}, got {np.shape(w)}")
        flat = np.asarray(w).reshape(-1)
        return float(np.sum(np.exp(c * w)) + 10 * np.sum(flat**2) + 3 * flat @ A @ flat)

    return Case(f"w of shape {shape}", (f, rng.uniform(0.3, 1.0, size=shape), 0.02))


_numeric = Exercise(
    id="05.3",
    title="A gradient without thinking",
    stars=1,
    minutes=10,
    deepens='the claim "the check finds every slip: some parameter is wrong by more than 1 %"',
    statement="Write the numeric gradient of any scalar function of an array, by central "
    "differences.",
    reference=numeric_gradient,
    alternatives=(_numeric_in_place,),
    inputs=_numeric_cases,
    returns=("the gradient",),
    tolerance=1e-4,
    praise="now every gradient that you derive has a witness",
    misconceptions=(
        Misconception(
            "one-sided difference",
            "this is a one-sided difference: its error is of the order of eps, that of "
            "(f(w + eps) - f(w - eps)) / (2 eps) of eps²",
            _one_sided,
        ),
        Misconception(
            "one-sided, backwards",
            "this is a one-sided difference, taken backwards: step to both sides of w",
            lambda f, w, eps: _one_sided(f, w, -eps),
        ),
        Misconception(
            "divided by eps",
            "the values are twice too large: the two points are 2 eps apart",
            lambda f, w, eps: 2 * numeric_gradient(f, w, eps),
        ),
        Misconception(
            "not divided",
            "the difference is not divided by the distance of the two points, 2 eps",
            lambda f, w, eps: 2 * eps * numeric_gradient(f, w, eps),
        ),
        Misconception(
            "divided by 2",
            "the difference is divided by 2 but not by eps: the two points are 2 eps apart",
            lambda f, w, eps: eps * numeric_gradient(f, w, eps),
        ),
        Misconception(
            "multiplied by eps",
            "`/ 2 * eps` divides by 2 and *multiplies* by eps: write / (2 * eps)",
            lambda f, w, eps: eps**2 * numeric_gradient(f, w, eps),
        ),
        Misconception(
            "bracket missing",
            "only f(w - step) is divided: the difference needs brackets, (... - ...) / (2 * eps)",
            _bracket_missing,
        ),
        Misconception(
            "array not restored",
            "an entry is changed in w itself and not put back: the next entries are then "
            "measured at another place, and the caller's array is spoilt",
            _not_restored,
        ),
        Misconception(
            "all entries moved together",
            TOGETHER,
            _all_at_once,
        ),
        Misconception(
            "one number for all entries",
            TOGETHER,
            lambda f, w, eps: (f(w + eps) - f(w - eps)) / (2 * eps),
        ),
        Misconception(
            "last entry only",
            "one number came back, the derivative by the last entry: keep each of them in an "
            "array of w's shape",
            lambda f, w, eps: numeric_gradient(f, w, eps).flat[-1],
        ),
        Misconception(
            "rows moved together",
            "whole rows are moved at once: range(len(w)) walks over the first axis alone; "
            "np.ndindex(w.shape) visits every entry",
            _rows_together,
        ),
        Misconception(
            "two axes only",
            "this works for two axes and no others: np.ndindex(w.shape) visits every entry of an "
            "array with any number of axes",
            _two_axes_only,
        ),
        Misconception(
            "step never cleared",
            "the entries that were moved before stay moved: begin each time with a step of zeros",
            _step_never_cleared,
        ),
        Misconception(
            "entry set to eps",
            "the entry is *set* to eps and -eps: move it, w[i] + eps and w[i] - eps",
            _entry_set_to_eps,
        ),
        Misconception(
            "one array with two names",
            "the gradient is 0 everywhere: `above = w` is no copy but a second name for one array, "
            "so that both calls of f see the same numbers; w.copy()",
            lambda f, w, eps: 0 * w,
        ),
        Misconception(
            "sign",
            "the sign is turned over: f(w + eps) - f(w - eps), in this order",
            lambda f, w, eps: -numeric_gradient(f, w, eps),
        ),
        Misconception(
            "flat",
            "the values are right but the gradient must have the shape of w",
            lambda f, w, eps: numeric_gradient(f, w, eps).ravel(),
        ),
    ),
    hints=(
        "For one entry: move it up by eps and ask f, move it down by eps and ask f, divide the "
        "difference by the distance of the two points.",
        "np.ndindex(w.shape) walks over the indices of an array with any number of axes; work on "
        "copies of w.",
        "for i in np.ndindex(w.shape): step = np.zeros_like(w); step[i] = eps; and then one line "
        "for gradient[i], with two calls of f.",
    ),
)

# --- 05.4 Softmax and its gradient --------------------------------------------------------------


def _softmax(logits, axis=-1):
    exponentials = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def loss_and_gradient(logits, ids):
    """Mean cross-entropy in nats and its gradient (N, K) with respect to the logits."""
    N = len(ids)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dlogits = np.exp(log_p)
    dlogits[np.arange(N), ids] -= 1
    return -log_p[np.arange(N), ids].mean(), dlogits / N


def _loss_by_one_hot(logits, ids):
    highest = np.max(logits, axis=1)[:, None]
    log_sum = highest + np.log(np.sum(np.exp(logits - highest), axis=1)[:, None])
    y = np.eye(logits.shape[1])[ids]
    loss = np.sum(y * (log_sum - logits)) / y.shape[0]
    return [loss, (np.exp(logits - log_sum) - y) / y.shape[0]]


def _gradient_as(change):
    """The loss right, the gradient changed by `change(p, y, N)`."""

    def attempt(logits, ids):
        y = np.eye(logits.shape[1])[ids]
        return loss_and_gradient(logits, ids)[0], change(_softmax(logits), y, len(ids))

    return attempt


def _summed(logits, ids):
    loss, dlogits = loss_and_gradient(logits, ids)
    return loss * len(ids), dlogits * len(ids)


def _unstable(logits, ids):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows = np.arange(len(ids))
    loss = -np.log(p[rows, ids]).mean()
    p[rows, ids] -= 1
    return loss, p / len(ids)


def _wrong_axis(logits, ids):
    p, rows = _softmax(logits, axis=0), np.arange(len(ids))
    loss = -np.log(p[rows, ids]).mean()
    p[rows, ids] -= 1
    return loss, p / len(ids)


def _gradient_of_all_columns(logits, ids):
    loss, _ = loss_and_gradient(logits, ids)
    dlogits = _softmax(logits)
    dlogits[:, ids] -= 1
    return loss, dlogits / len(ids)


def _from(probabilities):
    """Loss and gradient with other probabilities: `probabilities(logits)`."""

    def attempt(logits, ids):
        p = probabilities(logits)
        y = np.eye(logits.shape[1])[ids]
        return -np.log(p[np.arange(len(ids)), ids]).mean(), (p - y) / len(ids)

    return attempt


def _loss_as(change):
    """The gradient right, the loss another: `change(log_p, ids)`."""

    def attempt(logits, ids):
        return change(np.log(_softmax(logits)), ids), loss_and_gradient(logits, ids)[1]

    return attempt


def _spoilt_probabilities(logits, ids):
    p, rows = _softmax(logits), np.arange(len(ids))
    dlogits = p
    dlogits[rows, ids] -= 1
    return -np.log(p[rows, ids]).mean(), dlogits / len(ids)


def _picked(log_p, ids):
    return log_p[np.arange(len(ids)), ids]


def _in_bits(logits, ids):
    loss, dlogits = loss_and_gradient(logits, ids)
    return loss / np.log(2), dlogits


def _softmax_cases(rng):
    def case(label, N, K, scale):
        return Case(label, (scale * rng.normal(size=(N, K)), rng.integers(0, K, size=N)))

    large = case("logits of size 1000", 3, 6, 1.0)
    large.args[0][:] = 1000 + 3 * large.args[0]
    uneven = case("rows near 1000 and near -1000", 4, 3, 2.0)
    uneven.args[0][:] += np.array([[1000.0], [-1000.0], [0.0], [5.0]])
    return [
        case("N=7, K=5", 7, 5, 1.5),
        case("N=4, K=9", 4, 9, 3.0),
        case("N=1, K=3", 1, 3, 1.0),
        case("N=6, K=2", 6, 2, 1.0),
        large,
        uneven,
    ]


_softmax_exercise = Exercise(
    id="05.4",
    title="Softmax and its gradient",
    stars=2,
    minutes=12,
    deepens='the claim "under every slip the gradients of the output\'s weights still look right"',
    statement="Write the mean cross-entropy of a softmax and its gradient, also for logits whose "
    "exponential overflows.",
    reference=loss_and_gradient,
    alternatives=(_loss_by_one_hot,),
    inputs=_softmax_cases,
    returns=("loss (in nats)", "dlogits (N, K)"),
    praise="the gradient is what was predicted minus what was there",
    misconceptions=(
        Misconception(
            "one-hot not subtracted",
            "the gradient is softmax minus one-hot: subtract 1 at the class that was there",
            _gradient_as(lambda p, y, N: p / N),
        ),
        Misconception(
            "gradient not divided by N",
            "the loss is a mean over N rows, the gradient still that of a sum: divide it by N",
            _gradient_as(lambda p, y, N: p - y),
        ),
        Misconception(
            "loss summed",
            "the loss is that of the *sum* over the rows, the gradient that of the mean: divide "
            "the loss by N, too",
            _loss_as(lambda log_p, ids: -_picked(log_p, ids).sum()),
        ),
        Misconception(
            "neither subtracted nor divided",
            "two things are missing in the gradient: subtract 1 at the class that was there, and "
            "divide by N, since the loss is a mean",
            _gradient_as(lambda p, y, N: p),
        ),
        Misconception(
            "divided by N K",
            "the gradient is divided by the number of logits, N · K: the mean is one over N rows",
            _gradient_as(lambda p, y, N: (p - y) / p.size),
        ),
        Misconception(
            "loss averaged over N K",
            "the loss is averaged over all N · K entries, most of them zeros of the one-hot: sum "
            "over the classes first, then average over the N rows",
            _loss_as(lambda log_p, ids: -_picked(log_p, ids).sum() / log_p.size),
        ),
        Misconception(
            "loss row by row",
            "these are the losses of the rows: their mean is asked for, one number",
            _loss_as(lambda log_p, ids: -_picked(log_p, ids)),
        ),
        Misconception(
            "loss with the wrong sign",
            "the loss is *minus* the log-probability: a probability below 1 has a negative log",
            _loss_as(lambda log_p, ids: _picked(log_p, ids).mean()),
        ),
        Misconception(
            "all columns for every row (loss)",
            "p[:, ids] takes all the classes in ids from *every* row: p[np.arange(N), ids] takes "
            "one a row",
            _loss_as(lambda log_p, ids: -log_p[:, ids].mean()),
        ),
        Misconception(
            "all columns for every row (gradient)",
            "dlogits[:, ids] -= 1 subtracts in *every* row at all classes in ids: "
            "dlogits[np.arange(N), ids] is one entry a row",
            _gradient_of_all_columns,
        ),
        Misconception(
            "probabilities spoilt",
            "p is changed before the loss is taken from it (`dlogits = p` is a second name for one "
            "array, not a copy), so that the log meets p - 1: take the loss first, or p.copy()",
            _spoilt_probabilities,
        ),
        Misconception(
            "sum instead of mean",
            "both are those of the *sum* over the rows: the mean is asked for, so divide by N",
            _summed,
        ),
        Misconception(
            "sign",
            "the sign of the gradient is turned over: p - y; with y - p the loss would rise",
            _gradient_as(lambda p, y, N: (y - p) / N),
        ),
        Misconception(
            "overflow",
            "right until the exponential overflows (logits near 1000 give inf / inf): subtract "
            "each row's maximum first, which changes no probability",
            _unstable,
        ),
        Misconception(
            "maximum of all logits",
            "the maximum of *all* logits is subtracted: a row far below it becomes all zeros, 0/0; "
            "each row needs its own, axis=1 with keepdims=True",
            _from(lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(1, keepdims=True)),
        ),
        Misconception(
            "divided by the sum of all",
            "the exponentials are divided by the sum of *all* of them: each row must sum to 1, "
            "axis=1 with keepdims=True",
            _from(lambda z: _softmax(z.reshape(1, -1)).reshape(z.shape)),
        ),
        Misconception(
            "softmax over the rows",
            "the softmax runs down the rows, over the batch: each *row* must sum to 1, axis=1",
            _wrong_axis,
        ),
        Misconception(
            "slope of the softmax's diagonal",
            "p (1 - p) is the derivative of one probability by its own logit; the cross-entropy "
            "cancels it, and p - y is left",
            _gradient_as(lambda p, y, N: (p - y) * p * (1 - p) / N),
        ),
        Misconception(
            "bits instead of nats",
            "the loss is in bits and its gradient in nats: use the natural logarithm for both",
            _in_bits,
        ),
        Misconception(
            "both in bits",
            "loss and gradient are in bits: nats are asked for, with the natural logarithm",
            lambda *args: tuple(part / np.log(2) for part in loss_and_gradient(*args)),
        ),
        Misconception(
            "log10",
            "this is the logarithm to the base 10: np.log is the natural one",
            _loss_as(lambda log_p, ids: -_picked(log_p, ids).mean() / np.log(10)),
        ),
    ),
    hints=(
        "Loss of a row: the log of the sum of the exponentials, minus the logit of the class that "
        "was there.",
        "exp(logits - maximum of the row) cannot overflow and gives the same probabilities; the "
        "gradient of the row is p, with 1 subtracted at its class.",
        "p[np.arange(N), ids] picks one probability a row: its -log, averaged, is the loss. The "
        "gradient changes p at the same entries; what turns the gradient of a sum into that of a "
        "mean?",
    ),
)

# --- 05.5 A truncation that truncates too much --------------------------------------------------


def _truncated(
    x, dh, h_0, W_xh, W_hh, b_h, k, *, reset=False, last=False, drop=False, through=False
):
    """States and dW_hh of truncated BPTT; each keyword leaves one fault in."""
    T = x.shape[1]
    h, dW_hh = np.zeros((len(x), T, len(b_h))), np.zeros_like(W_hh)
    before, h_t, starts = np.zeros_like(h), h_0, range(0, T - k + 1 if drop else T, k)
    for start in starts:
        h_t = h_0 if reset else h_t
        for t in range(start, min(start + k, T)):
            before[:, t] = h_t
            h[:, t] = h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
    end = starts[-1] + k if len(starts) else 0
    dh_next = np.zeros_like(h_0)
    for t in reversed(range(min(end, T))):
        if (t + 1) % k == 0 and not through:
            dh_next = np.zeros_like(h_0)
        da_t = (dh[:, t] + dh_next) * (1 - h[:, t] ** 2)
        dW_hh += (not last or t >= starts[-1]) * before[:, t].T @ da_t
        dh_next = da_t @ W_hh.T
    return h, dW_hh


def truncated(x, dh, h_0, W_xh, W_hh, b_h, k):
    """The state is carried over every cut, the error over none."""
    return _truncated(x, dh, h_0, W_xh, W_hh, b_h, k)


def _chunkwise(
    x,
    dh,
    h_0,
    W_xh,
    W_hh,
    b_h,
    k,
    *,
    start_from=lambda h_t: h_t,
    first=lambda h_t, h_0: h_t,
    length=lambda k: k,
    end=lambda T: T,
    seen=lambda before, after: before,
    share=lambda total, part, chunks: total + part,
    through=lambda da_t, W_hh: da_t @ W_hh.T,
    slope=lambda h_t: 1 - h_t**2,
    kept=False,
):
    """Chunk by chunk, with a switch for what goes wrong beside the three faults."""
    T, h_t, dh_next = x.shape[1], start_from(h_0), np.zeros_like(h_0)
    h, dW_hh, starts = np.zeros((len(x), T, len(b_h))), np.zeros_like(W_hh), range(0, T, k)
    for start in starts:
        chunk, states, h_t = range(start, min(start + length(k), end(T))), {}, start_from(h_t)
        for t in chunk:
            states[t] = first(h_t, h_0) if t == start else h_t
            h[:, t] = h_t = np.tanh(x[:, t] @ W_xh + h_t @ W_hh + b_h)
        dh_next = dh_next if kept else np.zeros_like(h_0)
        for t in reversed(chunk):
            da_t = (dh[:, t] + dh_next) * slope(h[:, t])
            dW_hh = share(dW_hh, seen(states[t], h[:, t]).T @ da_t, len(starts))
            dh_next = through(da_t, W_hh)
    return h, dW_hh


def _slip(**switches):
    return lambda *args: _chunkwise(*args, **switches)


def _truncated_in_chunks(x, dh, h_0, W_xh, W_hh, b_h, k):
    h_t, h, dW_hh = h_0, [], 0
    for start in range(0, x.shape[1], k):
        states = [h_t]
        for x_t in np.moveaxis(x[:, start : start + k], 1, 0):
            states.append(np.tanh(x_t @ W_xh + states[-1] @ W_hh + b_h))
        back = np.zeros_like(h_0)
        for i in range(len(states) - 1, 0, -1):
            da_t = (dh[:, start + i - 1] + back) * (1 - states[i] ** 2)
            dW_hh = dW_hh + states[i - 1].T @ da_t
            back = da_t @ W_hh.T
        h += states[1:]
        h_t = states[-1]
    return np.stack(h, axis=1), dW_hh


FAULTS = {
    "reset": "each chunk starts again from h_0 instead of from the last state of the chunk before",
    "last": "dW_hh is that of the last chunk alone: the chunks' gradients add up",
    "drop": "the last, shorter chunk is left out when k does not divide T",
}


def _with_faults(names):
    switches = dict.fromkeys(names, True)
    return lambda *args: _truncated(*args, **switches)


def _leftovers():
    """A misconception for each set of faults that may be left: one, two, or all three."""
    for count in (3, 2, 1):
        for names in itertools.combinations(FAULTS, count):
            told = "; ".join(FAULTS[name] for name in names)
            says = f"still there: {told}"
            if count == 3:
                says = "this still does what the broken loop does; begin with the state: " + told
            yield Misconception(" and ".join(names), says, _with_faults(names))


def _truncated_case(rng, B, T, D, H, k):
    W_xh, W_hh = rng.normal(size=(D, H)) / np.sqrt(D), 1.2 * rng.normal(size=(H, H)) / np.sqrt(H)
    x, dh = rng.normal(size=(B, T, D)), rng.normal(size=(B, T, H))
    h_0, b_h = rng.uniform(-0.9, 0.9, size=(B, H)), rng.normal(size=H) * 0.3
    return Case(f"B={B}, T={T}, D={D}, H={H}, k={k}", (x, dh, h_0, W_xh, W_hh, b_h, k))


def _truncated_cases(rng):
    return [
        _truncated_case(rng, 3, 11, 4, 5, 4),  # chunks of 4, 4 and 3
        _truncated_case(rng, 2, 9, 3, 4, 3),  # k divides T
        _truncated_case(rng, 1, 7, 2, 6, 2),
        _truncated_case(rng, 4, 5, 2, 3, 1),  # no way back at all
        _truncated_case(rng, 2, 4, 5, 3, 9),  # one chunk
    ]


_repair = Exercise(
    id="05.5",
    title="A truncation that truncates too much",
    stars=2,
    minutes=20,
    deepens='the claim "the loss in two halves with the state carried"',
    statement="Mend three faults in a loop of truncated backpropagation through time.",
    reference=truncated,
    alternatives=(_truncated_in_chunks,),
    inputs=_truncated_cases,
    returns=("h (B, T, H)", "dW_hh (H, H)"),
    praise="the state crosses every cut, the error none",
    misconceptions=(
        *_leftovers(),
        Misconception(
            "error carried over the cut",
            "the error crosses the cuts, so this is full backpropagation: at the end of each chunk "
            "dh_next has to be zero (the carried state counts as a constant)",
            lambda *args: _truncated(*args, through=True),
        ),
        Misconception(
            "error carried over, state reset",
            "the wrong way round: the *state* must be carried over a cut, and the error must not",
            lambda *args: _truncated(*args, through=True, reset=True),
        ),
        Misconception(
            "error of an earlier chunk kept",
            "dh_next is set to zero once and not at each chunk: what the chunk *before* sent back "
            "then enters at the end of the next one",
            _slip(kept=True),
        ),
        Misconception(
            "chunks start from zero",
            "the state is set to zeros at each cut, and h_0 is not used: it is to be carried over, "
            "from h_0 on",
            _slip(start_from=np.zeros_like),
        ),
        Misconception(
            "h_0 before every chunk in dW_hh",
            "the states are right; in dW_hh the first step of each chunk takes h_0 for the state "
            "before it, which is the last one of the chunk before",
            _slip(first=lambda h_t, h_0: h_0),
        ),
        Misconception(
            "new state in dW_hh",
            "the states are right; dW_hh needs the state that went *into* step t, not h[:, t]",
            _slip(seen=lambda before, after: after),
        ),
        Misconception(
            "overwritten instead of added up",
            "the states are right; the shares of all steps add up in dW_hh: += and not =",
            _slip(share=lambda total, part, chunks: part),
        ),
        Misconception(
            "averaged over the chunks",
            "the states are right; dW_hh is the sum over the chunks, not their mean",
            _slip(share=lambda total, part, chunks: total + part / chunks),
        ),
        Misconception(
            "nothing carried back",
            "the states are right; within a chunk the error goes back from step to step: "
            "dh_next = da_t @ W_hh.T",
            _slip(through=lambda da_t, W_hh: 0 * da_t),
        ),
        Misconception(
            "W_hh not transposed",
            "the states are right; on the way back the error goes through W_hh.T",
            _slip(through=lambda da_t, W_hh: da_t @ W_hh),
        ),
        Misconception(
            "no slope of the tanh",
            "the states are right; the slope of the tanh, 1 - h_t², is missing in da_t",
            _slip(slope=lambda h_t: 1.0),
        ),
        Misconception(
            "chunks one step short",
            "the last step of each chunk is left out: a chunk is range(start, start + k), and "
            "range already stops before its end",
            _slip(length=lambda k: k - 1),
        ),
        Misconception(
            "last step left out",
            "the last step of the sequence is left out: the last chunk ends at T, and range "
            "already stops before its end",
            _slip(end=lambda T: T - 1),
        ),
    ),
    hints=(
        "Compare the states with those of one long forward pass: they must be equal, whatever k "
        "is. Where do they first differ?",
        "Set h_t = h_0 and dW_hh = 0 *before* the loop over the chunks; inside it, dh_next = 0 at "
        "the end of each chunk is right.",
        "h_t and dW_hh are set before the loop and not touched at a cut. The third fault is in "
        "range(0, T - k + 1, k), which leaves out the chunk that is shorter than k: where does "
        "that one end?",
    ),
)

# --- 05.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="05.6",
    title="How wrong is a truncated gradient?",
    stars=3,
    minutes=40,
    deepens='the claim "without it, the gradient of W_hh is wrong by more than 0.1 %"',
    statement="Predict, then measure, how the gradient of truncated backpropagation approaches the "
    "full one as the chunks grow, and what this depends on.",
    kind="open",
    hints=(
        "Take a network with random weights and a loss at every step, and compare the truncated "
        "dW_hh with the full one: the cosine of the angle between them, and the ratio of norms.",
        "Vary k from 1 to T, and the gain of W_hh; several random networks for each.",
        "Spoiler, read it after your experiment: how fast the error signal fades per step decides. "
        "With a factor of 0.6 a step, what lies ten steps back is less than one hundredth.",
    ),
)

EXERCISES = (_trace, _implement, _numeric, _softmax_exercise, _repair, _open)
