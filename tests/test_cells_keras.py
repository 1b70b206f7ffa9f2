"""Forward and backward equal Keras', with masks and initial states, in both precisions."""

import numpy as np
import pytest

from rnncourse import bptt, cells, quiet

keras = quiet.import_keras()
tf = pytest.importorskip("tensorflow")

B, T, D, H = 3, 7, 4, 5
KINDS = ("rnn", "lstm", "gru")
MASK = np.arange(T) < np.array([7, 2, 4])[:, None]
TOLERANCE = {"float32": 1e-6, "float64": 1e-10}  # of the largest entry
LAYERS = {"rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU"}


def to_keras(kind, params):
    """Our weights in the order of Keras' `set_weights`: the GRU's gates are z, r, n there."""
    if kind != "gru":
        return list(params[:3])
    W, R, b_x, b_h = (np.concatenate([w[..., H : 2 * H], w[..., :H], w[..., 2 * H :]], axis=-1)
                      for w in params)  # fmt: skip
    return [W, R, np.stack([b_x, b_h])]


def compare(kind, dtype="float64", mask=None, reverse=False, reset_after=True, **keywords):
    rng = np.random.default_rng(0)
    params = getattr(cells, f"init_{kind}")(D, H, rng, dtype=dtype)
    n = 2 if kind == "lstm" else 1
    draw = lambda *shape: rng.standard_normal(shape).astype(dtype)  # noqa: E731
    x, states, dh, d_final = draw(B, T, D), draw(n, B, H), draw(B, T, H), draw(n, B, H)

    options = {"reset_after": reset_after} if kind == "gru" else {}
    layer = getattr(keras.layers, LAYERS[kind])(
        H, return_sequences=True, return_state=True, go_backwards=reverse, dtype=dtype,
        **keywords, **options,
    )  # fmt: skip
    layer.build((B, T, D))
    weights = to_keras(kind, params)
    if not reset_after:
        params = params._replace(b_h=np.zeros_like(params.b_h))
        weights[2] = weights[2][0]
    layer.set_weights(weights)
    watched = [tf.constant(x), *(tf.constant(state) for state in states)]
    with tf.GradientTape() as tape:
        tape.watch(watched)
        h, *final = layer(watched[0], initial_state=watched[1:], mask=mask)
        h = tf.reverse(h, [1]) if reverse else h  # Keras leaves the outputs in reading order
        loss = tf.reduce_sum(h * dh)
        loss += sum(tf.reduce_sum(a * b) for a, b in zip(final, d_final, strict=True))
    theirs = [v.value for v in layer.trainable_variables]
    theirs = tape.gradient(loss, watched + theirs)

    forward, backward = getattr(cells, f"{kind}_forward"), getattr(bptt, f"{kind}_backward")
    keywords |= options
    our_h, our_final, cache = forward(x, params, *states, mask=mask, reverse=reverse, **keywords)
    dx, dparams, d_start = backward(dh, cache, *d_final)
    many = list if kind == "lstm" else (lambda state: [state])
    dweights = to_keras(kind, dparams)
    if not reset_after:
        dweights[2] = dweights[2][0]
    ours = [our_h, *many(our_final), dx, *many(d_start), *dweights]
    assert len(ours) == 1 + n + 1 + n + 3
    for a, b in zip(ours, [h, *final, *theirs], strict=True):
        b = np.asarray(b)
        assert a.dtype == dtype
        np.testing.assert_allclose(a, b, rtol=0, atol=TOLERANCE[dtype] * max(1, np.abs(b).max()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_forward_and_backward_equal_keras(kind, dtype):
    compare(kind, dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_masks_carry_the_state_as_in_keras(kind):
    compare(kind, mask=MASK)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_with_a_hole_equals_keras(kind):
    mask = np.ones((B, T), bool)
    mask[1, 2:4] = mask[2, 1] = False
    compare(kind, mask=mask)


@pytest.mark.parametrize("kind", KINDS)
def test_reading_in_reverse_equals_keras_going_backwards(kind):
    compare(kind, reverse=True)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_the_reset_gate_before_the_product_equals_keras(dtype):
    compare("gru", dtype, reset_after=False)
    compare("gru", dtype, reset_after=False, mask=MASK)


def test_other_activations_equal_keras():
    compare("rnn", activation="relu")
    compare("lstm", activation="softsign")
