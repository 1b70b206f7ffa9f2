"""The cells: the fast sequences are the taught steps, obey the laws, and refuse what is wrong."""

import numpy as np
import pytest

from rnncourse import cells
from rnncourse.cells import Activation, bidirectional, gru_step, lstm_step, rnn_step, sigmoid

B, T, D, H = 3, 7, 4, 5
KINDS = ("rnn", "lstm", "gru")
LENGTHS = np.array([7, 2, 4])
MASK = np.arange(T) < LENGTHS[:, None]


def forward_of(kind):
    return getattr(cells, f"{kind}_forward")


def weights(kind, seed=0, **keywords):
    return getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(seed), **keywords)


def drawn(*shape, seed=1, dtype=np.float64):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def start_of(kind, seed=2):
    """Names and values of the initial states of that cell."""
    names = ("h_0", "c_0") if kind == "lstm" else ("h_0",)
    return {name: drawn(B, H, seed=seed + k) for k, name in enumerate(names)}


def run(kind, x, params=None, **keywords):
    """(h, the list of final states)."""
    h, final, _ = forward_of(kind)(x, weights(kind) if params is None else params, **keywords)
    return h, list(final) if kind == "lstm" else [final]


def close(a, b, tolerance=1e-12):
    np.testing.assert_allclose(a, b, rtol=0, atol=tolerance)


# --- the taught steps are the definition


def stepped(kind, x, params, h, c=None):
    """The states of the taught steps, one after another."""
    states = []
    for t in range(x.shape[1]):
        if kind == "rnn":
            h = rnn_step(x[:, t], h, *params)
        elif kind == "lstm":
            h, c = lstm_step(x[:, t], h, c, *params[:3])
        else:
            h = gru_step(x[:, t], h, *params)
        states.append(h)
    return np.stack(states, axis=1), [h] if c is None else [h, c]


@pytest.mark.parametrize("kind", KINDS)
def test_the_fast_sequence_is_the_taught_step_repeated(kind):
    x, params, start = drawn(B, T, D), weights(kind), start_of(kind)
    h, final = run(kind, x, params, **start)
    wanted, wanted_final = stepped(kind, x, params, *start.values())
    assert h.shape == (B, T, H)
    close(h, wanted)
    close(final, wanted_final)


def test_the_loop_of_chapter_04_is_what_the_fast_sequence_computes():
    x, h_0, params = drawn(B, T, D), drawn(B, H, seed=2), weights("rnn")
    close(cells.rnn_loop(x, h_0, *params), cells.rnn_forward(x, params, h_0)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_no_initial_state_means_zeros(kind):
    zeros = {name: np.zeros((B, H)) for name in start_of(kind)}
    close(run(kind, drawn(B, T, D))[0], run(kind, drawn(B, T, D), **zeros)[0], 0)


def test_sigmoid_is_the_logistic_function_and_overflows_nowhere():
    a = np.linspace(-30, 30, 101)
    close(sigmoid(a), 1 / (1 + np.exp(-a)))
    assert sigmoid(np.array([-1e300, 1e300])).tolist() == [0, 1]
    assert sigmoid(np.float32([1])).dtype == np.float32


# --- laws


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cut", [1, 4])
def test_carrying_the_state_over_a_cut_changes_nothing(kind, cut):
    x, start = drawn(B, T, D), start_of(kind)
    whole, final = run(kind, x, **start)
    first, between = run(kind, x[:, :cut], **start)
    second, end = run(kind, x[:, cut:], **dict(zip(start, between, strict=True)))
    close(np.concatenate([first, second], axis=1), whole)
    close(end, final)


@pytest.mark.parametrize("kind", KINDS)
def test_the_past_cannot_see_the_future(kind):
    x = drawn(B, T, D)
    changed = x.copy()
    changed[:, 4:] += 10
    h, changed_h = run(kind, x)[0], run(kind, changed)[0]
    close(h[:, :4], changed_h[:, :4], 0)
    assert np.abs(h[:, 4:] - changed_h[:, 4:]).max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("padded", ["carry", "zero"])
def test_padding_never_leaks(kind, reverse, padded):
    x, start = drawn(B, T, D), start_of(kind)
    garbage = np.where(MASK[..., None], x, 1e6)
    keywords = {"reverse": reverse, "padded": padded, "mask": MASK, **start}
    h, final = run(kind, x, **keywords)
    other_h, other_final = run(kind, garbage, **keywords)
    close(h, other_h, 0)
    close(final, other_final, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reverse", [False, True])
def test_a_padded_sequence_ends_where_it_would_end_alone(kind, reverse):
    x, start = drawn(B, T, D), start_of(kind)
    h, final = run(kind, x, lengths=LENGTHS, reverse=reverse, **start)
    for b, length in enumerate(LENGTHS):
        mine = {name: state[b : b + 1] for name, state in start.items()}
        alone, alone_final = run(kind, x[b : b + 1, :length], reverse=reverse, **mine)
        close(h[b, :length], alone[0])
        close([state[b] for state in final], [state[0] for state in alone_final])


@pytest.mark.parametrize("kind", KINDS)
def test_padded_outputs_are_the_carried_state_or_zero_as_asked(kind):
    x = drawn(B, T, D)
    carried, final = run(kind, x, mask=MASK)
    zeroed, same_final = run(kind, x, mask=MASK, padded="zero")
    close(zeroed, carried * MASK[..., None], 0)
    close(final, same_final, 0)
    for b, length in enumerate(LENGTHS):
        close(carried[b, length:], np.broadcast_to(final[0][b], (T - length, H)), 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_hole_in_the_mask_is_as_if_the_token_were_not_there(kind):
    x, mask = drawn(B, T, D), np.ones((B, T), bool)
    mask[:, [0, 3]] = False
    h, final = run(kind, x, mask=mask)
    wanted, wanted_final = run(kind, x[:, mask[0]])
    close(h[:, mask[0]], wanted)
    close(final, wanted_final)
    close(h[:, 0], 0, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_and_mask_say_the_same(kind):
    x = drawn(B, T, D)
    close(run(kind, x, lengths=LENGTHS)[0], run(kind, x, mask=MASK)[0], 0)
    close(run(kind, x, lengths=[T] * B)[0], run(kind, x)[0], 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_of_length_zero_keeps_its_initial_state(kind):
    start = start_of(kind)
    h, final = run(kind, drawn(B, T, D), lengths=[7, 0, 4], **start)
    close([state[1] for state in final], [state[1] for state in start.values()], 0)
    close(h[1], np.broadcast_to(start["h_0"][1], (T, H)), 0)


@pytest.mark.parametrize("kind", KINDS)
def test_reading_in_reverse_equals_flipping_the_sequence_and_its_outputs(kind):
    x, start = drawn(B, T, D), start_of(kind)
    h, final = run(kind, x, reverse=True, **start)
    flipped, flipped_final = run(kind, x[:, ::-1], **start)
    close(h, flipped[:, ::-1], 0)
    close(final, flipped_final, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reverse", [False, True])
def test_time_major_is_the_same_numbers_the_other_way_round(kind, reverse):
    x, keywords = drawn(B, T, D), {"reverse": reverse, "padded": "zero"}
    h, final = run(kind, x, mask=MASK, **keywords)
    other, other_final = run(kind, x.swapaxes(0, 1), mask=MASK.T, time_major=True, **keywords)
    close(h, other.swapaxes(0, 1), 0)
    close(final, other_final, 0)
    by_lengths = run(kind, x.swapaxes(0, 1), lengths=LENGTHS, time_major=True, **keywords)[0]
    close(other, by_lengths, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sequence_does_not_depend_on_its_neighbours_in_the_batch(kind):
    x = drawn(B, T, D)
    close(run(kind, x)[0][1:2], run(kind, x[1:2])[0])


@pytest.mark.parametrize("kind", KINDS)
def test_two_directions_are_two_cells_side_by_side(kind):
    x, forward = drawn(B, T, D), forward_of(kind)
    there, back = weights(kind), weights(kind, seed=9)
    pairs = {name: np.stack([s, -s]) for name, s in start_of(kind).items()}
    h, (final_there, final_back) = bidirectional(forward, x, there, back, mask=MASK, **pairs)
    states = [{name: pair[k] for name, pair in pairs.items()} for k in (0, 1)]
    h_there, wanted_there, _ = forward(x, there, mask=MASK, **states[0])
    h_back, wanted_back, _ = forward(x, back, mask=MASK, reverse=True, **states[1])
    assert h.shape == (B, T, 2 * H)
    close(h, np.concatenate([h_there, h_back], axis=-1), 0)
    close(final_there, wanted_there, 0)
    close(final_back, wanted_back, 0)


# --- dtypes and memory


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_float32_and_agrees_with_float64(kind):
    x = drawn(B, T, D, dtype=np.float32)
    narrow = weights(kind, dtype=np.float32)
    wide = type(narrow)(*(None if w is None else w.astype(np.float64) for w in narrow))
    h, final = run(kind, x, narrow)
    assert h.dtype == np.float32
    assert all(state.dtype == np.float32 for state in final)
    close(h, run(kind, x.astype(np.float64), wide)[0], 1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_inputs_are_not_modified_and_the_outputs_are_the_callers_own(kind):
    x, params, start = drawn(B, T, D), weights(kind), start_of(kind)
    given = [x, *start.values(), *(w for w in params if w is not None)]
    before = [array.copy() for array in given]
    for array in given:
        array.flags.writeable = False
    h, final, cache = forward_of(kind)(x, params, mask=MASK, time_major=False, **start)
    for array, copy in zip(given, before, strict=True):
        close(array, copy, 0)
    again = cache.h.copy()
    h[...] = np.nan
    for state in final if kind == "lstm" else (final,):
        state[...] = np.nan
    close(cache.h, again, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(1, 7, 4), (3, 1, 4), (1, 1, 4)])
def test_one_sequence_and_one_step_are_sequences_too(kind, sizes):
    x, params = drawn(*sizes), weights(kind)
    zeros = [np.zeros((sizes[0], H))] * (2 if kind == "lstm" else 1)
    close(run(kind, x, params)[0], stepped(kind, x, params, *zeros)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_in_any_order_of_memory_will_do(kind):
    x = drawn(D, T, B).transpose(2, 1, 0)
    close(run(kind, x)[0], run(kind, np.ascontiguousarray(x))[0], 0)


# --- initial weights


@pytest.mark.parametrize("kind", KINDS)
def test_initial_weights_are_uniform_in_one_over_root_h(kind):
    params = getattr(cells, f"init_{kind}")(40, 50, np.random.default_rng(0))
    for name, array in params._asdict().items():
        if array is not None:
            bound = 1 / np.sqrt(50)
            assert 0.9 * bound < np.abs(array).max() <= bound, name
            assert abs(array.mean()) < 0.2 * bound, name
    assert weights(kind, dtype=np.float32).W_xh.dtype == np.float32


def test_the_forget_bias_moves_the_forget_gate_alone():
    plain, remembering = weights("lstm"), weights("lstm", forget_bias=3.0)
    close((remembering.b_h - plain.b_h).reshape(4, H), [[0] * H, [3] * H, [0] * H, [0] * H])
    assert weights("lstm", peepholes=True).peepholes.shape == (3, H)


@pytest.mark.parametrize("kind", KINDS)
def test_initialisers_refuse_sizes_that_are_none(kind):
    init, rng = getattr(cells, f"init_{kind}"), np.random.default_rng(0)
    for bad in (0, -1, 2.5, "4", True, None):
        with pytest.raises(ValueError, match="D: expected a positive whole number, got"):
            init(bad, H, rng)
        with pytest.raises(ValueError, match="H: expected a positive whole number, got"):
            init(D, bad, rng)
    with pytest.raises(ValueError, match=r"rng: expected a numpy.random.Generator, got int"):
        init(D, H, 0)


# --- refusals: the argument, what was expected, what came


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("x", "came"),
    [
        (np.zeros((7, 4)), r"got shape \(7, 4\)"),
        (np.zeros((3, 7, 5)), r"got shape \(3, 7, 5\)"),
        (np.zeros((3, 0, 4)), r"got shape \(3, 0, 4\)"),
        (np.zeros((0, 7, 4)), r"got shape \(0, 7, 4\)"),
        (np.zeros((3, 7, 4), int), "got dtype int64"),
        (np.zeros((3, 7, 4), complex), "got dtype complex128"),
        (np.zeros((3, 7, 4), object), "got dtype object"),
        (np.zeros((3, 7, 4), bool), "got dtype bool"),
        ("text", "got dtype <U4"),
        ([[1.0], [1.0, 2.0]], "inhomogeneous"),
        (None, "got dtype object"),
    ],
)
def test_an_input_that_is_no_float_sequence_is_refused(kind, x, came):
    wanted = r"x: expected a float array \(B, T, D\) = \(>= 1, >= 1, 4\), .*"
    with pytest.raises(ValueError, match=wanted + came):
        run(kind, x)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_with_its_place(kind, bad):
    x, start = drawn(B, T, D), start_of(kind)
    x[1, 5, 2] = bad
    with pytest.raises(ValueError, match=rf"x: expected finite numbers, got {bad} at \(1, 5, 2\)"):
        run(kind, x)
    for name, state in start.items():
        broken = state.copy()
        broken[2, 3] = bad
        with pytest.raises(ValueError, match=rf"{name}: expected finite .* got {bad} at \(2, 3\)"):
            run(kind, drawn(B, T, D), **{name: broken})


@pytest.mark.parametrize("kind", KINDS)
def test_initial_states_of_the_wrong_size_or_type_are_refused(kind):
    for name in start_of(kind):
        wanted = rf"{name}: expected a float array \(B, H\) = \(3, 5\), got "
        for bad, came in (
            (np.zeros((B, H + 1)), r"shape \(3, 6\)"),
            (np.zeros((H, B)), r"shape \(5, 3\)"),
            (np.zeros((1, B, H)), r"shape \(1, 3, 5\)"),
            (np.zeros((B, H), int), "dtype int64"),
        ):
            with pytest.raises(ValueError, match=wanted + came):
                run(kind, drawn(B, T, D), **{name: bad})


@pytest.mark.parametrize("kind", KINDS)
def test_weights_that_do_not_fit_together_are_refused(kind):
    params, x = weights(kind), drawn(B, T, D)
    for name in params._fields:
        with pytest.raises(ValueError, match=rf"params.{name}: expected a float array .* shape"):
            run(kind, x, params._replace(**{name: np.zeros((2, 3, 4))}))
        with pytest.raises(ValueError, match=rf"params.{name}: expected a float array .* int64"):
            run(kind, x, params._replace(**{name: np.zeros(3, int)}))
    other = weights("gru" if kind == "rnn" else "rnn")
    with pytest.raises(ValueError, match=r"params: expected \w+Params\(W_xh, .*, got \w+Params"):
        run(kind, x, other)
    with pytest.raises(ValueError, match=r"params: expected \w+Params\(W_xh, .*, got tuple"):
        run(kind, x, tuple(params))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([7, -1, 4], "from 0 to T = 7, got -1 to 7"),
        ([7, 8, 4], "from 0 to T = 7, got 4 to 8"),
        ([7, 2], r"whole numbers \(B,\) = \(3,\), got int64 of shape \(2,\)"),
        ([7.0, 2.0, 4.0], r"whole numbers \(B,\) = \(3,\), got float64"),
        ([True, True, False], r"whole numbers \(B,\) = \(3,\), got bool"),
    ],
)
def test_impossible_lengths_are_refused(kind, lengths, message):
    with pytest.raises(ValueError, match="lengths: expected .*" + message):
        run(kind, drawn(B, T, D), lengths=lengths)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mask_that_is_none_is_refused_and_so_are_two_ways_at_once(kind):
    x = drawn(B, T, D)
    with pytest.raises(ValueError, match=r"mask: expected bools \(B, T\) = \(3, 7\), got int64"):
        run(kind, x, mask=MASK.astype(int))
    with pytest.raises(ValueError, match=r"mask: expected bools .* got bool of shape \(7, 3\)"):
        run(kind, x, mask=MASK.T)
    with pytest.raises(ValueError, match="lengths: expected None beside a mask .* got both"):
        run(kind, x, mask=MASK, lengths=LENGTHS)


@pytest.mark.parametrize("kind", KINDS)
def test_options_that_do_not_exist_are_refused(kind):
    x = drawn(B, T, D)
    with pytest.raises(ValueError, match="activation: expected an Activation or one of tanh, .*"):
        run(kind, x, activation="swish")
    with pytest.raises(ValueError, match="padded: expected 'carry' or 'zero', got 'same'"):
        run(kind, x, padded="same")
    for bad in (0, -1.0, "1", [1.0], True, np.nan):
        with pytest.raises(ValueError, match="clip: expected None or a positive number, got"):
            run(kind, x, clip=bad)


def test_bidirectional_refuses_a_direction_and_states_that_are_no_pair():
    x, params = drawn(B, T, D), weights("rnn")
    with pytest.raises(ValueError, match="reverse: expected nothing"):
        bidirectional(cells.rnn_forward, x, params, params, reverse=True)
    with pytest.raises(ValueError, match=r"h_0: expected a pair .* got 3 items"):
        bidirectional(cells.rnn_forward, x, params, params, h_0=np.zeros((B, H)))


# --- activations


@pytest.mark.parametrize("name", sorted(cells.activations.NAMED))
@pytest.mark.parametrize("clip", [None, 0.7])
def test_every_slope_is_that_of_its_activation(name, clip):
    function, slope = cells.activations.find("activation", name, clip)
    a = np.array([-4.0, -2.0, -0.5, -0.1, 0.3, 0.6, 1.5, 4.0])
    numeric = (function(a + 1e-6) - function(a - 1e-6)) / 2e-6
    close(slope(function(a)), numeric, 1e-8)
    in_place = a.copy()
    function(in_place, out=in_place)
    close(in_place, function(a), 0)
    assert slope(function(a.astype(np.float32))).dtype == np.float32


def test_an_activation_of_ones_own_will_do():
    def leaky(a, out=None):
        return np.maximum(a, 0.1 * a, out=out)

    own = Activation(leaky, lambda y: np.where(y > 0, 1.0, 0.1))
    h, _ = run("rnn", drawn(B, T, D), activation=own)
    x, params, state = drawn(B, T, D), weights("rnn"), np.zeros((B, H))
    for t in range(T):
        state = leaky(x[:, t] @ params.W_xh + state @ params.W_hh + params.b_h)
        close(h[:, t], state)
