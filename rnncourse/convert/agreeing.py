"""How far three frameworks differ on one weight set: values and gradients, in one table."""

from html import escape
from itertools import combinations

import numpy as np

from rnncourse import bptt, cells, quiet
from rnncourse.cells import LSTMParams
from rnncourse.convert.common import checked
from rnncourse.convert.numpy_keras import gradients_from_keras, to_keras
from rnncourse.convert.numpy_torch import gradients_from_torch, to_torch

KINDS = {"RNNParams": "rnn", "LSTMParams": "lstm", "GRUParams": "gru"}


class Agreement:
    """Largest absolute differences between frameworks, by weight set, precision and quantity.

    Attributes:
        differences: {(name, dtype): {(framework, framework): {quantity: difference}}}.
    """

    def __init__(self, differences):
        self.differences = differences

    def largest(self, dtype, among=None):
        """The largest difference at a precision.

        Args:
            dtype: "float64" or "float32".
            among: names of quantities, such as ("h",); None takes all.
        """
        return max(
            value
            for (_, precision), pairs in self.differences.items()
            if precision == dtype
            for quantities in pairs.values()
            for quantity, value in quantities.items()
            if among is None or quantity in among
        )

    def rows(self):
        """[name, dtype, {quantity: largest difference over the pairs of frameworks}] by row."""
        for (name, dtype), pairs in self.differences.items():
            quantities = next(iter(pairs.values()))
            yield name, dtype, {q: max(pair[q] for pair in pairs.values()) for q in quantities}

    def __str__(self):
        lines = []
        for name, dtype, row in self.rows():
            cells_ = "  ".join(f"{quantity} {value:.0e}" for quantity, value in row.items())
            lines.append(f"{name} {dtype}: {cells_}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        """One row for each quantity, one column for each weight set and precision."""
        columns = list(self.rows())
        head = "".join(f"<th>{escape(name)}<br>{dtype}</th>" for name, dtype, _ in columns)
        body = ""
        for quantity in dict.fromkeys(key for *_, row in columns for key in row):
            texts = [f"{row[quantity]:.0e}" if quantity in row else "" for *_, row in columns]
            values = "".join(f'<td style="white-space: nowrap">{text}</td>' for text in texts)
            body += f"<tr><th>{escape(quantity)}</th>{values}</tr>"
        return f"<table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>"


def agreement(weight_sets, B=3, T=7, rng=None, frameworks=("NumPy", "PyTorch", "Keras")):
    r"""Run weight sets in every framework, there and back, and keep the largest differences.

    The loss is $L = \sum_{b,t,k} \mathrm{d}h_{btk}\, h_{btk}$ with a random $\mathrm{d}h$; inputs
    and initial states are random, too. Compared are all states h, the last ones, and the gradients
    of the input, of the initial states and of every weight, in float64 and in float32.

    Args:
        weight_sets: name -> `RNNParams`, `LSTMParams` or `GRUParams`.
        B: sequences.
        T: steps.
        rng: a `numpy.random.Generator`; None draws from a fixed one.
        frameworks: which to compare, two of them or all three.

    Returns:
        Agreement; a notebook shows its table, of the largest differences over all pairs.

    Raises:
        ValueError: for what is no weight set, and fewer than two known frameworks.

    Taught in: chapters/08_one_model_three_frameworks

    Example:
        >>> from rnncourse import seeds
        >>> params = cells.init_lstm(4, 5, seeds.rng(8))
        >>> report = agreement({"LSTM": params}, frameworks=("NumPy", "PyTorch"))
        >>> report.largest("float64") < 1e-10
        True
    """
    runs = {"NumPy": in_numpy, "PyTorch": in_torch, "Keras": in_keras}
    if len(set(frameworks)) < 2 or not set(frameworks) <= set(runs):
        raise ValueError(f"frameworks: expected two or more of {list(runs)}, got {frameworks}")
    rng = np.random.default_rng(0) if rng is None else rng
    differences = {}
    for name, params in weight_sets.items():
        _, (D, H) = checked(params)
        n_states = 2 if isinstance(params, LSTMParams) else 1
        drawn = [rng.standard_normal(s) for s in [(B, T, D), (B, T, H)] + n_states * [(B, H)]]
        for dtype in ("float64", "float32"):
            weights = type(params)(*(w if w is None else w.astype(dtype) for w in params))
            x, dh, *state = (array.astype(dtype) for array in drawn)
            results = {key: runs[key](weights, x, state, dh) for key in frameworks}
            differences[name, dtype] = {
                (a, b): {q: _largest(results[a][q], results[b][q]) for q in results[a]}
                for a, b in combinations(frameworks, 2)
            }
    return Agreement(differences)


def in_numpy(params, x, state, dh):
    """Values and gradients of sum(dh * h), by the course's own passes.

    Args:
        params: a weight set.
        x: input, (B, T, D).
        state: [h_0], or [h_0, c_0] of an LSTM, each (B, H).
        dh: what multiplies the states in the loss, (B, T, H).

    Returns:
        {"h": (B, T, H), "h_T": (B, H), "dx": (B, T, D), "dh_0": (B, H), "dW_xh": (D, G*H), ...}.
    """
    kind = KINDS[type(params).__name__]
    h, last, cache = getattr(cells, f"{kind}_forward")(x, params, *state)
    dx, gradients, first = getattr(bptt, f"{kind}_backward")(dh, cache)
    last, first = (p if kind == "lstm" else (p,) for p in (last, first))
    return _named(h, last, dx, first, gradients)


def in_torch(params, x, state, dh):
    """The same as `in_numpy`, by a `torch.nn` layer and autograd."""
    import torch

    layer = to_torch(params)
    x = torch.tensor(x, requires_grad=True)
    state = [torch.tensor(s[None], requires_grad=True) for s in state]  # (1, B, H)
    h, last = layer(x, tuple(state) if len(state) > 1 else state[0])
    h.backward(torch.tensor(dh))
    last = last if len(state) > 1 else (last,)
    first = [s.grad[0].numpy() for s in state]
    last = [s.detach()[0].numpy() for s in last]
    return _named(h.detach().numpy(), last, x.grad.numpy(), first, gradients_from_torch(layer))


def in_keras(params, x, state, dh):
    """The same as `in_numpy`, by a Keras layer and TensorFlow's tape."""
    quiet.import_keras()
    import tensorflow as tf

    layer = to_keras(params)
    x, *state = (tf.constant(array) for array in (x, *state))
    with tf.GradientTape() as tape:
        tape.watch([x, *state])
        h, *last = layer(x, initial_state=state if len(state) > 1 else state[0])
        loss = tf.reduce_sum(h * dh)
    variables = layer.trainable_weights
    dx, *rest = tape.gradient(loss, [x, *state, *variables])
    first, rest = rest[: len(state)], rest[len(state) :]
    arrays = ([a.numpy() for a in group] for group in ([h], last, [dx], first))
    (h,), last, (dx,), first = arrays
    return _named(h, last, dx, first, gradients_from_keras(layer, rest, variables))


def _named(h, last, dx, first, gradients):
    """Arrays by the names that the table shows."""
    named = {"h": h, "h_T": last[0]}
    named |= {"c_T": last[1]} if len(last) > 1 else {}
    named |= {"dx": dx, "dh_0": first[0]}
    named |= {"dc_0": first[1]} if len(first) > 1 else {}
    return named | {f"d{name}": g for name, g in gradients._asdict().items() if g is not None}


def _largest(a, b):
    if a.shape != b.shape:
        raise ValueError(f"frameworks: expected equal shapes, got {a.shape} and {b.shape}")
    return float(np.max(np.abs(a - b)))
