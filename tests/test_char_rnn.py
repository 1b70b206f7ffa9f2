"""The character model of chapter 05: its gradients, its optimiser, its training, its voice."""

import numpy as np
import pytest
import torch

from rnncourse import seeds
from rnncourse.bptt import check_gradients, relative_error
from rnncourse.bptt.char_rnn import (
    SoftmaxRNNParams,
    adam_step,
    echo_chunks,
    init_softmax_rnn,
    learning_curve,
    loss_and_grads,
    predictions,
    recalled,
    sequence_gradients,
    sequence_loss,
    text_loss,
    training,
    write,
)
from rnncourse.text import streams

B, T, D, H, K = 3, 7, 4, 5, 6
NAMES = SoftmaxRNNParams._fields


def case(B=B, T=T, D=D, H=H, K=K, seed=0):
    """Parameters, input, classes and an initial state."""
    rng = seeds.rng(5, seed)
    params = init_softmax_rnn(D, H, K, rng)
    return params, rng.normal(size=(B, T, D)), rng.integers(0, K, (B, T)), rng.normal(size=(B, H))


def by_autograd(params, x, y, h_0, dh_T=None):
    """Loss, gradients of the parameters and of h_0, from PyTorch."""
    W_xh, W_hh, b_h, W_hy, b_y, h_t = (
        torch.tensor(array, requires_grad=True) for array in (*params, h_0)
    )
    first, logits = h_t, []
    for t in range(x.shape[1]):
        h_t = torch.tanh(torch.tensor(x[:, t]) @ W_xh + h_t @ W_hh + b_h)
        logits.append(h_t @ W_hy + b_y)
    logits = torch.stack(logits, dim=1).flatten(0, 1)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(y).flatten())
    later = 0.0 if dh_T is None else (torch.tensor(dh_T) * h_t).sum()
    (loss + later).backward()
    return loss.item(), [w.grad.numpy() for w in (W_xh, W_hh, b_h, W_hy, b_y, first)]


@pytest.mark.parametrize("sizes", [{}, {"T": 1}, {"B": 1}, {"B": 1, "T": 1, "H": 1}, {"K": 2}])
def test_loss_and_gradients_are_those_of_autograd(sizes):
    params, x, y, h_0 = case(**sizes)
    dh_T = seeds.rng(8).normal(size=h_0.shape)
    loss, cache = sequence_loss(x, y, h_0, params)
    grads, dh = sequence_gradients(cache, params, dh_T)
    their_loss, theirs = by_autograd(params, x, y, h_0, dh_T)
    assert loss == pytest.approx(their_loss, abs=1e-12)
    for name, ours, other in zip((*NAMES, "h_0"), (*grads, dh[:, 0]), theirs, strict=True):
        np.testing.assert_allclose(ours, other, atol=1e-12, err_msg=name)


def test_every_gradient_agrees_with_finite_differences_to_seven_digits():
    params, x, y, h_0 = case()

    def run(params):
        loss, cache = sequence_loss(x, y, h_0, params)
        return loss, sequence_gradients(cache, params)[0]

    errors = check_gradients(run, params)
    assert list(errors) == list(NAMES)
    assert max(errors.values()) < 1e-7


@pytest.mark.parametrize("sizes", [{}, {"T": 1}, {"B": 1}])
def test_the_fast_path_and_the_readable_one_agree(sizes):
    params, x, y, h_0 = case(**sizes)
    dh_T = seeds.rng(8).normal(size=h_0.shape)
    loss, cache = sequence_loss(x, y, h_0, params)
    grads, _ = sequence_gradients(cache, params, dh_T)
    fast_loss, fast, h_T = loss_and_grads(x, y, params, h_0, dh_T)
    assert fast_loss == pytest.approx(loss, abs=1e-12)
    np.testing.assert_allclose(h_T, cache[2][:, -1], atol=1e-12)
    for name, a, b in zip(NAMES, grads, fast, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12, err_msg=name)


def test_symbols_and_one_hot_rows_are_the_same_input():
    params, _, y, h_0 = case()
    ids = seeds.rng(6).integers(0, D, (B, T))
    by_ids, by_rows = (loss_and_grads(x, y, params, h_0) for x in (ids, np.eye(D)[ids]))
    assert by_ids[0] == by_rows[0]
    np.testing.assert_array_equal(by_ids[1].W_xh, by_rows[1].W_xh)


def test_a_cut_changes_no_loss_and_handing_the_error_over_it_changes_no_gradient():
    params, x, y, h_0 = case(T=9)
    whole_loss, whole, _ = loss_and_grads(x, y, params, h_0)
    first_loss, cache = sequence_loss(x[:, :4], y[:, :4], h_0, params)
    second_loss, later = sequence_loss(x[:, 4:], y[:, 4:], cache[2][:, -1], params)
    assert (4 * first_loss + 5 * second_loss) / 9 == pytest.approx(whole_loss, abs=1e-12)
    second, dh = sequence_gradients(later, params)
    first, _ = sequence_gradients(cache, params, dh_T=dh[:, 0] * 5 / 4)
    np.testing.assert_allclose((4 * first.W_hh + 5 * second.W_hh) / 9, whole.W_hh, atol=1e-12)
    truncated, _ = sequence_gradients(cache, params)
    assert relative_error((4 * truncated.W_hh + 5 * second.W_hh) / 9, whole.W_hh) > 1e-3


def test_float32_stays_float32_through_loss_gradients_and_update():
    params = init_softmax_rnn(D, H, D, seeds.rng(1), np.float32)
    ids = seeds.rng(6).integers(0, D, (B, T))
    _, grads, h_T = loss_and_grads(ids, ids, params)
    new, memory = adam_step(params, grads, None, lr=0.01)
    newer, _ = adam_step(new, grads, memory, lr=0.01)
    assert {a.dtype for a in (*grads, h_T, *new, *newer)} == {np.dtype(np.float32)}


def test_a_great_logit_overflows_nothing():
    params, x, y, h_0 = case()
    loud = params._replace(b_y=np.array([1e3, 0, 0, 0, -1e3, 0]))
    for loss in (loss_and_grads(x, y, loud, h_0)[0],):
        assert np.isfinite(loss)
    with np.errstate(divide="ignore"):  # the readable twin gives p = 0, and says so
        assert sequence_loss(x, np.zeros_like(y), h_0, loud)[0] == pytest.approx(0)


def test_adam_makes_the_steps_of_torch():
    params, x, y, h_0 = case()
    tensors = [torch.tensor(w, requires_grad=True) for w in params]
    theirs, memory = torch.optim.Adam(tensors, lr=0.03), None
    for n in range(5):
        _, grads, _ = loss_and_grads(x, y, params, h_0)
        params, memory = adam_step(params, grads, memory, lr=0.03 * (1 - n / 5))
        for group in theirs.param_groups:
            group["lr"] = 0.03 * (1 - n / 5)
        for tensor, gradient in zip(tensors, grads, strict=True):
            tensor.grad = torch.tensor(gradient)
        theirs.step()
    for name, ours, tensor in zip(NAMES, params, tensors, strict=True):
        np.testing.assert_allclose(ours, tensor.detach(), atol=1e-12, err_msg=name)


def test_training_changes_neither_its_start_nor_more_often_than_asked():
    start = init_softmax_rnn(4, H, 4, seeds.rng(1))
    before = [w.copy() for w in start]
    chunks = iter([(np.array([[0, 1, 2]]), np.array([[1, 2, 3]]))] * 9)
    trained = list(training(start, chunks, updates=4, lr=0.1))
    assert len(trained) == 4
    assert len(list(chunks)) == 5  # not one chunk more was taken than learned from
    assert all(np.array_equal(a, b) for a, b in zip(start, before, strict=True))
    assert not np.array_equal(trained[0].W_hh, start.W_hh)


def test_training_carries_the_state_from_chunk_to_chunk():
    start = init_softmax_rnn(4, H, 4, seeds.rng(1))
    one, two = (np.array([[0, 1, 2]]), np.array([[1, 2, 3]])), (np.array([[3]]), np.array([[0]]))
    first, second = training(start, [one, two], updates=2, lr=0.1, c=1e9)
    _, grads_1, h = loss_and_grads(*one, start)
    expected, memory = adam_step(start, grads_1, None, lr=0.1)
    _, grads_2, _ = loss_and_grads(*two, expected, h)
    expected, _ = adam_step(expected, grads_2, memory, lr=0.05)
    np.testing.assert_allclose(second.W_hh, expected.W_hh, atol=1e-12)
    _, forgetful, _ = loss_and_grads(*two, first)
    assert relative_error(forgetful.W_hh + 1, grads_2.W_hh + 1) > 1e-6


def test_a_small_network_learns_a_cycle_and_writes_it_down():
    ids = np.tile([0, 1, 2, 3, 2, 1], 70)  # after 2 and after 1 one has to remember
    start = init_softmax_rnn(4, 16, 4, seeds.rng(2))
    params, seconds, nats = learning_curve(start, ids, ids, updates=150, lr=0.02, B=8, points=3)
    assert nats[-1] < 0.2 < text_loss(ids, start)  # 32 streams start blind: at least 0.02
    assert (np.diff(seconds) >= 0).all()
    assert text_loss(ids, params) == pytest.approx(nats[-1])
    written = write(params, ids[:12], 12, seeds.rng(3))
    np.testing.assert_array_equal(written, ids[:12])


def test_the_loss_of_a_text_is_the_mean_over_its_streams():
    params, ids = init_softmax_rnn(4, H, 4, seeds.rng(1)), seeds.rng(2).integers(0, 4, 40)
    (x, y), *rest = streams(ids, B=3, T=13)
    assert not rest
    expected, _ = sequence_loss(np.eye(4)[x], y, 0.0, params)
    assert text_loss(ids, params, B=3) == pytest.approx(expected, abs=1e-12)


def test_the_length_of_the_pieces_changes_no_prediction():
    params, x, _, h_0 = case()
    _, (_, _, _, p) = sequence_loss(x, np.zeros((B, T), dtype=int), h_0, params)
    for chunk in (1, 3, 7, 100):
        pieces = [log_p for _, log_p in predictions(x, params, h_0, chunk)]
        np.testing.assert_allclose(np.exp(np.concatenate(pieces, axis=1)), p, atol=1e-12)


def test_writing_depends_on_the_generator_alone():
    params = init_softmax_rnn(4, H, 4, seeds.rng(1), np.float32)
    once, again = (write(params, [0, 1], 30, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    assert set(once) <= {0, 1, 2, 3}


def test_an_echo_comes_lag_steps_late_and_its_chunks_follow_one_another():
    bits = seeds.rng(1).integers(0, 2, (3, 20))
    chunks = list(echo_chunks(bits, lag=5, k=4))
    x, y = (np.concatenate(part, axis=1) for part in zip(*chunks, strict=True))
    np.testing.assert_array_equal(x, bits[:, 5:17])
    np.testing.assert_array_equal(y, bits[:, :12])


def test_a_delay_line_made_by_hand_recalls_every_bit():
    line = SoftmaxRNNParams(  # unit 0 holds the bit as a sign, unit 1 that of the step before
        W_xh=np.array([[-9.0, 0], [9, 0]]),
        W_hh=np.array([[0, 9.0], [0, 0]]),
        b_h=np.zeros(2),
        W_hy=np.array([[0, 0], [-1.0, 1]]),
        b_y=np.zeros(2),
    )
    bits = seeds.rng(2).integers(0, 2, (3, 60))
    assert recalled(line, bits, lag=1) == 1
    assert recalled(line, bits, lag=2) < 0.8


def test_bad_input_is_refused_by_name():
    params, x, y, h_0 = case()
    refusals = [
        (lambda: loss_and_grads(x, y + K, params), "y: expected 0 to 5"),
        (lambda: loss_and_grads(x, y[:, 1:], params), r"y: expected integers \(B, T\) = \(3, 7\)"),
        (lambda: loss_and_grads(x, y * 1.0, params), "y: expected integers"),
        (lambda: loss_and_grads(y + D, y, params), "x: expected 0 to 3"),
        (lambda: loss_and_grads(x[..., 1:], y, params), "x: expected"),
        (lambda: loss_and_grads(x, y, tuple(params)), "params: expected SoftmaxRNNParams"),
        (lambda: loss_and_grads(x, y, params._replace(b_y=h_0[0])), "params.b_y: expected"),
        (lambda: loss_and_grads(x, y, params, h_0[1:]), "h_0: expected"),
        (lambda: loss_and_grads(x * np.nan, y, params), "x: expected finite"),
        (lambda: init_softmax_rnn(D, H, 0, seeds.rng(1)), "K: expected a positive whole number"),
        (lambda: text_loss(np.arange(9), params, B=9), "ids: expected more than B = 9"),
        (lambda: text_loss(np.arange(40) + 9, params), "y: expected 0 to 5"),
        (lambda: write(params, [], 3, seeds.rng(1)), "start: expected at least one symbol"),
        (lambda: echo_chunks(y, lag=4, k=4), "bits: expected"),
        (lambda: echo_chunks(y, lag=0, k=4), "bits: expected"),
        (lambda: recalled(params, np.zeros((3, 4), dtype=int), 4), "lag: expected 1 to n - 1 = 3"),
        (lambda: learning_curve(params, y[0], y[0], updates=3), "points: expected 1 to updates"),
    ]
    for refused, message in refusals:
        with pytest.raises(ValueError, match=message):
            refused()
