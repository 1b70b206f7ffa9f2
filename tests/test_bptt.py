"""Gradients: equal to finite differences in every variant; and what is done with them."""

from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse import bptt, cells
from rnncourse.bptt import (
    check_gradients,
    clip_by_norm,
    clip_by_value,
    global_norm,
    numeric_gradient,
    relative_error,
)

B, T, D, H = 3, 7, 4, 5
MASK = np.arange(T) < np.array([7, 2, 4])[:, None]
HOLES = np.random.default_rng(3).random((B, T)) < 0.6
KINDS = ("rnn", "lstm", "gru")


def drawn(*shape, seed=1, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def setting(kind, peepholes=False):
    """Everything that a gradient is wanted for, as one nest: weights, input, states."""
    keywords = {"peepholes": True} if peepholes else {}
    params = getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(0), **keywords)
    states = [drawn(B, H, seed=k) for k in range(2 if kind == "lstm" else 1)]
    return {"params": params, "x": drawn(B, T, D), "states": states}


def loss_of(kind, **keywords):
    """A loss of all outputs and the last states, and its gradients by the backward pass."""
    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")

    def loss_and_grads(given):
        h, final, cache = forward(given["x"], given["params"], *given["states"], **keywords)
        final = final if kind == "lstm" else (final,)
        v = drawn(*h.shape, seed=7)
        v_final = [drawn(B, H, seed=8 + k) for k in range(len(final))]
        loss = (v * h).sum() + sum((a * s).sum() for a, s in zip(v_final, final, strict=True))
        dx, dparams, d_start = backward(v, cache, *v_final)
        d_start = list(d_start) if kind == "lstm" else [d_start]
        return loss, {"params": dparams, "x": dx, "states": d_start}

    return loss_and_grads


# --- what PyTorch cannot tell us, finite differences can


@pytest.mark.parametrize(
    ("kind", "peepholes", "keywords"),
    [
        ("rnn", False, {"mask": MASK}),
        ("rnn", False, {"mask": HOLES, "reverse": True}),
        ("rnn", False, {"activation": "relu", "clip": 0.9}),
        ("rnn", False, {"activation": "sigmoid", "mask": HOLES, "padded": "zero"}),
        ("lstm", False, {"mask": MASK}),
        ("lstm", False, {"mask": HOLES, "reverse": True, "padded": "zero"}),
        ("lstm", False, {"clip": 0.5}),
        ("lstm", True, {}),
        ("lstm", True, {"mask": HOLES, "clip": 0.5, "reverse": True}),
        ("lstm", True, {"activation": "softsign", "output_activation": "relu"}),
        ("lstm", False, {"activation": "relu", "gate_activation": "hard_sigmoid"}),
        ("gru", False, {"mask": MASK}),
        ("gru", False, {"mask": HOLES, "reverse": True, "padded": "zero"}),
        ("gru", False, {"clip": 0.5, "mask": HOLES}),
        ("gru", False, {"reset_after": False}),
        ("gru", False, {"reset_after": False, "mask": HOLES, "reverse": True}),
        ("gru", False, {"reset_after": False, "clip": 0.5, "activation": "relu"}),
        ("gru", False, {"gate_activation": "hard_sigmoid", "activation": "softsign"}),
    ],
)
def test_every_variant_equals_finite_differences(kind, peepholes, keywords):
    errors = check_gradients(loss_of(kind, **keywords), setting(kind, peepholes))
    assert len(errors) >= 5
    assert max(errors.values()) < 1e-7, errors


@pytest.mark.parametrize("kind", KINDS)
def test_clipping_that_binds_stops_the_gradient_and_clipping_that_does_not_changes_nothing(kind):
    given = setting(kind)
    free = loss_of(kind)(given)[1]
    loose = loss_of(kind, clip=100.0)(given)[1]
    for (name, a), (_, b) in zip(bptt.trees.leaves(free), bptt.trees.leaves(loose), strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12, err_msg=name)
    bound = loss_of(kind, clip=1e-9)(given)[1]
    assert np.abs(bound["x"]).max() == 0
    assert global_norm(bound["params"]) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_of_a_padded_input_is_zero(kind):
    for padded in ("carry", "zero"):
        dx = loss_of(kind, mask=MASK, padded=padded)(setting(kind))[1]["x"]
        assert np.abs(dx[~MASK]).max() == 0
        assert np.abs(dx[MASK]).min() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_carried_over_a_cut_are_those_of_the_whole(kind):
    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")
    given, dh = setting(kind), drawn(B, T, H, seed=7)
    many = (lambda state: state) if kind == "lstm" else (lambda state: (state,))
    x, params, start = given["x"], given["params"], given["states"]
    dx, dparams, d_start = backward(dh, forward(x, params, *start)[2])

    _, between, first = forward(x[:, :3], params, *start)
    _, _, second = forward(x[:, 3:], params, *many(between))
    dx_2, dparams_2, d_between = backward(dh[:, 3:], second)
    dx_1, dparams_1, d_start_1 = backward(dh[:, :3], first, *many(d_between))
    close = np.testing.assert_allclose
    close(np.concatenate([dx_1, dx_2], axis=1), dx, atol=1e-12)
    close(np.array(many(d_start_1)), np.array(many(d_start)), atol=1e-12)
    for whole, a, b in zip(dparams, dparams_1, dparams_2, strict=True):
        if whole is not None:
            close(a + b, whole, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_time_major_gradients_are_the_same_the_other_way_round(kind):
    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")
    given, dh, keywords = setting(kind), drawn(B, T, H), {"reverse": True, "padded": "zero"}
    x, params = given["x"], given["params"]
    dx, dparams, _ = backward(dh, forward(x, params, mask=MASK, **keywords)[2])
    keywords |= {"time_major": True, "mask": MASK.T}
    other = backward(dh.swapaxes(0, 1), forward(x.swapaxes(0, 1), params, **keywords)[2])
    np.testing.assert_array_equal(other[0].swapaxes(0, 1), dx)
    np.testing.assert_array_equal(other[1].W_hh, dparams.W_hh)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_serves_twice_and_no_gradient_handed_over_is_modified(kind):
    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")
    given = setting(kind)
    for keywords in ({}, {"mask": MASK, "padded": "zero"}):
        cache = forward(given["x"], given["params"], **keywords)[2]
        arriving = [drawn(B, T, H), *(drawn(B, H, seed=k) for k in range(len(given["states"])))]
        for array in arriving:
            array.flags.writeable = False
        once = backward(arriving[0], cache, *arriving[1:])
        twice = backward(arriving[0], cache, *arriving[1:])
        for a, b in zip(bptt.trees.leaves(once), bptt.trees.leaves(twice), strict=True):
            np.testing.assert_array_equal(a[1], b[1])


@pytest.mark.parametrize("kind", KINDS)
def test_float32_gradients_are_float32(kind):
    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")
    params = getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(0), dtype=np.float32)
    cache = forward(drawn(B, T, D, dtype=np.float32), params, mask=MASK)[2]
    grads = backward(drawn(B, T, H), cache, drawn(B, H))  # float64 arrives, float32 leaves
    assert {array.dtype for _, array in bptt.trees.leaves(grads)} == {np.dtype(np.float32)}


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_the_wrong_shape_are_refused(kind):
    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")
    given = setting(kind)
    cache = forward(given["x"], given["params"])[2]
    with pytest.raises(ValueError, match=r"dh: expected .* \(3, 7, 5\), got shape \(3, 5\)"):
        backward(np.zeros((B, H)), cache)
    with pytest.raises(ValueError, match=r"dh: expected .* got dtype int64"):
        backward(np.zeros((B, T, H), int), cache)
    with pytest.raises(ValueError, match=r"dh_T: expected .* \(3, 5\), got shape \(5, 3\)"):
        backward(None, cache, np.zeros((H, B)))
    if kind == "lstm":
        with pytest.raises(ValueError, match=r"dc_T: expected .* \(3, 5\), got shape \(5,\)"):
            backward(None, cache, None, np.zeros(H))


# --- checking


def test_a_wrong_derivation_is_found_and_named():
    def forgetful(given):  # the path through the state is left out
        loss, grads = loss_of("rnn")(given)
        wrong = grads["params"]._replace(W_hh=np.zeros((H, H)))
        return loss, grads | {"params": wrong}

    errors = check_gradients(forgetful, setting("rnn"))
    assert [name for name, error in errors.items() if error > 1e-3] == ["params.W_hh"]


def test_numeric_gradient_is_that_of_a_known_function_and_leaves_its_argument_alone():
    w = drawn(4, 5)
    w.flags.writeable = False
    np.testing.assert_allclose(numeric_gradient(lambda w: (w**3).sum(), w), 3 * w**2, atol=1e-8)
    assert numeric_gradient(lambda w: w**2, np.array(3.0)).round(6) == 6.0


@pytest.mark.parametrize("bad", [np.ones(3, np.float32), np.ones(3, int), [1.0, 2.0]])
def test_numeric_gradient_refuses_what_is_too_coarse(bad):
    with pytest.raises(ValueError, match="array: expected a float64 array, got"):
        numeric_gradient(np.sum, bad)


def test_numeric_gradient_refuses_functions_that_return_no_number():
    with pytest.raises(ValueError, match="f: expected one finite number from it, got"):
        numeric_gradient(lambda w: w, np.ones(3))
    with pytest.raises(ValueError, match="f: expected one finite number from it, got"):
        numeric_gradient(lambda w: np.nan, np.ones(3))
    with pytest.raises(ValueError, match="eps: expected a positive number, got 0"):
        numeric_gradient(np.sum, np.ones(3), eps=0)


def test_relative_error_goes_from_equal_to_opposite():
    a = drawn(4, 5)
    assert relative_error(a, a) == 0
    assert relative_error(a, -a) == 1
    assert relative_error(0 * a, 0 * a) == 0
    assert relative_error(1000 * a, 1001 * a) == pytest.approx(1 / 2001)
    with pytest.raises(ValueError, match=r"b: expected a float array \(4, 5\), got shape \(5, 4\)"):
        relative_error(a, a.T)


def test_check_gradients_refuses_gradients_of_other_names_and_shapes():
    with pytest.raises(ValueError, match="grads: expected W, b, got W"):
        check_gradients(lambda p: (0.0, {"W": p["W"]}), {"W": np.ones(2), "b": np.ones(3)})
    with pytest.raises(ValueError, match=r"W: expected a float array \(2,\), got shape \(3,\)"):
        check_gradients(lambda p: (p["W"].sum(), {"W": np.ones(3)}), {"W": np.ones(2)})


# --- clipping


class Pair(NamedTuple):
    W: np.ndarray
    b: np.ndarray | None


NESTS = [
    {"W": drawn(4, 5), "b": drawn(5)},
    [drawn(4, 5), drawn(5)],
    (drawn(4, 5), drawn(5)),
    Pair(drawn(4, 5), None),
    {"cell": Pair(drawn(4, 5), drawn(5)), "out": [drawn(3), {"deep": drawn(2)}]},
    drawn(4, 5),
]


@pytest.mark.parametrize("grads", NESTS, ids=lambda nest: type(nest).__name__)
def test_clipping_returns_the_same_nest_and_leaves_the_old_one_alone(grads):
    before = [(name, array.copy()) for name, array in bptt.trees.leaves(grads)]
    for clipped in (clip_by_norm(grads, 0.1)[0], clip_by_value(grads, 0.1)):
        assert type(clipped) is type(grads)
        names = [(name, array.shape) for name, array in bptt.trees.leaves(clipped)]
        assert names == [(name, array.shape) for name, array in before]
    for (_, array), (_, copy) in zip(bptt.trees.leaves(grads), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@settings(max_examples=30, deadline=None, derandomize=True, database=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.floats(1e-3, 1e3))
def test_clipping_by_norm_keeps_the_direction_and_bounds_the_length(numbers, c):
    g = np.array(numbers)
    clipped, norm = clip_by_norm([g], c)
    assert norm == pytest.approx(np.linalg.norm(g))
    assert global_norm(clipped) == pytest.approx(min(norm, c))
    np.testing.assert_allclose(clipped[0] * norm, g * min(norm, c), rtol=1e-9, atol=1e-9)
    if norm <= c:
        np.testing.assert_array_equal(clipped[0], g)


def test_clipping_equals_pytorchs():
    grads = [drawn(4, 5), drawn(5, seed=2)]
    weights = [torch.nn.Parameter(torch.zeros(g.shape, dtype=torch.float64)) for g in grads]
    for w, g in zip(weights, grads, strict=True):
        w.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_(weights, 0.5)
    clipped, ours = clip_by_norm(grads, 0.5)
    assert ours == pytest.approx(norm.item(), rel=1e-12)
    for w, g in zip(weights, clipped, strict=True):
        np.testing.assert_allclose(w.grad.numpy(), g, rtol=1e-5)
    torch.nn.utils.clip_grad_value_(weights, 0.05)
    for w, g in zip(weights, clip_by_value(clipped, 0.05), strict=True):
        np.testing.assert_allclose(w.grad.numpy(), g, rtol=1e-5)


def test_clipping_keeps_float32_and_its_norm_does_not_overflow():
    grads = {"W": np.full(5, 1e30, np.float32)}
    clipped, norm = clip_by_norm(grads, 1.0)
    assert norm == pytest.approx(1e30 * 5**0.5)
    assert clipped["W"].dtype == np.float32
    assert global_norm(clipped) == pytest.approx(1.0)
    assert clip_by_value(grads, 1.0)["W"].dtype == np.float32


def test_clipping_refuses_what_it_cannot_mend():
    with pytest.raises(ValueError, match="grads: expected finite numbers, got a norm of nan"):
        clip_by_norm([np.array([np.nan])], 1.0)
    with pytest.raises(ValueError, match="grads: expected finite numbers, got a norm of inf"):
        clip_by_norm([np.array([np.inf])], 1.0)
    for bad in (0, -1.0, np.nan, np.inf, "1", [1.0], True):
        with pytest.raises(ValueError, match="c: expected a positive number, got"):
            clip_by_norm([np.ones(3)], bad)
        with pytest.raises(ValueError, match="c: expected a positive number, got"):
            clip_by_value([np.ones(3)], bad)
    with pytest.raises(ValueError, match="grads.W: expected an array of floats, got dtype int64"):
        global_norm({"W": np.ones(3, int)})
    with pytest.raises(ValueError, match="grads: expected arrays of floats, got"):
        global_norm([])
