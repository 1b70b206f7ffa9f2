"""The variants of the literature, against plain loops in the layout and gate order of ONNX.

The operators RNN, GRU and LSTM of ONNX know them all: (T, B, D) or (B, T, D), lengths, initial
states, both places of the reset gate, peepholes, clipping, two directions. `adapter` maps them to
`cells` in a few lines; `reference` computes one sequence and one direction at a time.
"""

import numpy as np
import pytest

from rnncourse import cells

B, T, D, H = 3, 7, 4, 5
LENGTHS = [7, 2, 4]
FUNCTIONS = {
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "hard_sigmoid": lambda a: np.clip(a / 6 + 0.5, 0, 1),
    "softsign": lambda a: a / (1 + np.abs(a)),
    "identity": lambda a: a,
}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}


def problem(kind, directions, peepholes=False, seed=0):
    """Inputs as ONNX names and lays them out: W (K, GH, D), R (K, GH, H), B (K, 2GH), P (K, 3H)."""
    rng, GH = np.random.default_rng(seed), GATES[kind] * H
    shapes = {
        "X": (T, B, D),
        "W": (directions, GH, D),
        "R": (directions, GH, H),
        "B": (directions, 2 * GH),
        "initial_h": (directions, B, H),
    }
    if kind == "lstm":
        shapes["initial_c"] = (directions, B, H)
    if peepholes:
        shapes["P"] = (directions, 3 * H)
    return {name: 0.7 * rng.standard_normal(shape) for name, shape in shapes.items()}


def clipped(a, clip):
    return a if clip is None else np.clip(a, -clip, clip)


def reference(kind, p, k, b, length, backwards, acts, clip, reset_after):
    """The states of sequence b in direction k, after the operators' equations."""
    h, c = p["initial_h"][k, b], p["initial_c"][k, b] if kind == "lstm" else np.zeros(H)
    W, R = (np.split(p[name][k], GATES[kind]) for name in "WR")
    Wb, Rb = (np.split(half, GATES[kind]) for half in np.split(p["B"][k], 2))
    Pi, Po, Pf = np.split(p["P"][k], 3) if "P" in p else np.zeros((3, H))
    act = [lambda a, f=FUNCTIONS[name]: f(clipped(a, clip)) for name in acts]
    y = np.zeros((T, H))
    for t in reversed(range(length)) if backwards else range(length):
        x_t = p["X"][t, b]
        a = [W[g] @ x_t + R[g] @ h + Wb[g] + Rb[g] for g in range(GATES[kind])]
        if kind == "rnn":
            h = act[0](a[0])
        elif kind == "gru":  # z, r, h
            z, r = act[0](a[0]), act[0](a[1])
            if reset_after:
                n = act[1](W[2] @ x_t + r * (R[2] @ h + Rb[2]) + Wb[2])
            else:
                n = act[1](W[2] @ x_t + R[2] @ (r * h) + Rb[2] + Wb[2])
            h = (1 - z) * n + z * h
        else:  # i, o, f, c
            i, f = act[0](a[0] + Pi * c), act[0](a[2] + Pf * c)
            c = f * c + i * act[1](a[3])
            h = act[0](a[1] + Po * c) * FUNCTIONS[acts[2]](c)  # c itself is not clipped
        y[t] = h
    return y, h, c


def ordered(weights, order):
    """Blocks of rows, one a gate, in another order."""
    blocks = np.split(weights, len(order))
    return np.concatenate([blocks[k] for k in order])


def adapter(kind, p, directions, layout, lengths, acts, clip, reset_after):
    """The same by way of `cells`: Y as (T, K, B, H) or (B, T, K, H), and the last states."""
    order = {"rnn": [0], "gru": [1, 0, 2], "lstm": [0, 2, 3, 1]}[kind]  # ours from theirs
    x = p["X"] if layout == 0 else p["X"].swapaxes(0, 1)
    keywords = {"lengths": lengths, "clip": clip, "padded": "zero", "time_major": layout == 0}
    names = ("activation", "gate_activation", "output_activation")
    positions = {"rnn": [0], "gru": [1, 0], "lstm": [1, 0, 2]}[kind]
    keywords |= {name: acts[at] for name, at in zip(names, positions, strict=False)}
    if kind == "gru":
        keywords["reset_after"] = reset_after
    forward, outputs = getattr(cells, f"{kind}_forward"), []
    for k, direction in enumerate(directions):
        W, R = ordered(p["W"][k], order), ordered(p["R"][k], order)
        b_x, b_h = (ordered(half, order) for half in np.split(p["B"][k], 2))
        biases = (b_x, b_h) if kind == "gru" else (b_x + b_h,)
        params = {"rnn": cells.RNNParams, "gru": cells.GRUParams, "lstm": cells.LSTMParams}[kind]
        params = params(W.T, R.T, *biases)
        if "P" in p:
            params = params._replace(peepholes=p["P"][k].reshape(3, H)[[0, 2, 1]])
        start = [p[name][k] for name in ("initial_h", "initial_c") if name in p]
        outputs.append(forward(x, params, *start, reverse=direction == "reverse", **keywords)[:2])
    finals = [final if kind == "lstm" else (final,) for _, final in outputs]
    axis = 1 if layout == 0 else 2
    return np.stack([y for y, _ in outputs], axis=axis), np.swapaxes(np.array(finals), 0, 1)


def compare(
    kind,
    directions=("forward",),
    layout=0,
    lengths=None,
    acts=("sigmoid", "tanh", "tanh"),
    clip=None,
    reset_after=True,
    peepholes=False,
):
    p = problem(kind, len(directions), peepholes)
    Y, finals = adapter(kind, p, directions, layout, lengths, acts, clip, reset_after)
    for k, direction in enumerate(directions):
        for b, length in enumerate(lengths or [T] * B):
            backwards = direction == "reverse"
            y, *last = reference(kind, p, k, b, length, backwards, acts, clip, reset_after)
            ours = Y[:, k, b] if layout == 0 else Y[b, :, k]
            np.testing.assert_allclose(ours, y, rtol=0, atol=1e-12)
            for state, wanted in zip(finals, last, strict=False):
                np.testing.assert_allclose(state[k, b], wanted, rtol=0, atol=1e-12)


KINDS = pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
DIRECTIONS = [("forward",), ("reverse",), ("forward", "reverse")]


@KINDS
@pytest.mark.parametrize("directions", DIRECTIONS, ids="+".join)
@pytest.mark.parametrize("layout", [0, 1])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_directions_layouts_and_lengths_follow_the_operators(kind, directions, layout, lengths):
    compare(kind, directions, layout, lengths)


@KINDS
@pytest.mark.parametrize("clip", [0.3, 1.0, 50.0])
def test_clipping_bounds_what_goes_into_an_activation(kind, clip):
    compare(kind, clip=clip, lengths=LENGTHS, peepholes=kind == "lstm")


@KINDS
@pytest.mark.parametrize("name", ["relu", "softsign", "identity", "sigmoid"])
def test_other_activations_take_the_place_of_tanh(kind, name):
    gate = "hard_sigmoid" if kind != "rnn" else name
    compare(kind, acts=(gate, name, name), lengths=LENGTHS)


def test_the_three_activations_of_an_lstm_are_told_apart():
    compare("lstm", acts=("hard_sigmoid", "softsign", "relu"), peepholes=True)


@pytest.mark.parametrize("directions", DIRECTIONS, ids="+".join)
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_peepholes_see_the_old_cell_at_i_and_f_and_the_new_one_at_o(directions, lengths):
    compare("lstm", directions, lengths=lengths, peepholes=True)


@pytest.mark.parametrize("reset_after", [True, False])
@pytest.mark.parametrize("clip", [None, 0.5])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_the_reset_gate_has_two_places(reset_after, clip, lengths):
    compare("gru", DIRECTIONS[2], reset_after=reset_after, clip=clip, lengths=lengths)


def test_the_two_places_of_the_reset_gate_are_two_functions():
    params = cells.init_gru(D, H, np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((B, T, D))
    after = cells.gru_forward(x, params)[0]
    before = cells.gru_forward(x, params, reset_after=False)[0]
    assert np.abs(after - before).max() > 0.01


def test_peepholes_of_zero_are_no_peepholes():
    params = cells.init_lstm(D, H, np.random.default_rng(0))
    x = np.random.default_rng(1).standard_normal((B, T, D))
    none = cells.lstm_forward(x, params)[0]
    zero = cells.lstm_forward(x, params._replace(peepholes=np.zeros((3, H))))[0]
    np.testing.assert_allclose(none, zero, rtol=0, atol=1e-15)
