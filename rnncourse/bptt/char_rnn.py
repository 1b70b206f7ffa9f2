"""A recurrent network with a softmax on top, trained by hand-written backpropagation.

Two versions of the same gradients: `sequence_loss` and `sequence_gradients` say what is computed,
step by step, as chapter 05 derives it; `loss_and_grads` computes it fast. The rest is what a
character model needs beside gradients: an optimiser, a training loop, a score, and a voice.
"""

import time
from itertools import cycle
from typing import NamedTuple

import numpy as np

from rnncourse.bptt.clipping import clip_by_norm
from rnncourse.bptt.rnn import rnn_backward
from rnncourse.cells import RNNParams, init_rnn, rnn_forward
from rnncourse.cells.validation import float_array
from rnncourse.text import streams


class SoftmaxRNNParams(NamedTuple):
    """Weights of an Elman network with a softmax output. Its gradient is the same tuple.

    Args:
        W_xh: input to state, (D, H).
        W_hh: state to state, (H, H).
        b_h: bias of the state, (H,).
        W_hy: state to output, (H, K).
        b_y: bias of the output, (K,).
    """

    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


def init_softmax_rnn(D, H, K, rng, dtype=np.float64):
    """Draw the weights, uniform in ±1/sqrt(H).

    Args:
        D: input size; for symbols, the number of symbols.
        H: state size.
        K: number of classes; for a character model, the number of symbols again.
        rng: a `numpy.random.Generator`.
        dtype: float64, or float32 for speed.

    Returns:
        SoftmaxRNNParams.

    Raises:
        ValueError: if a size is not a positive whole number or `rng` is no generator.

    Taught in: chapters/05_backpropagation_through_time

    Source: PyTorch's defaults for `nn.RNN` and `nn.Linear`; one bias stands for `nn.RNN`'s two.

    Example:
        >>> init_softmax_rnn(4, 5, 6, np.random.default_rng(0)).W_hy.shape
        (5, 6)
    """
    cell = init_rnn(D, H, rng, dtype)
    if isinstance(K, bool) or not isinstance(K, int | np.integer) or K < 1:
        raise ValueError(f"K: expected a positive whole number, got {K!r}")
    bound = 1 / np.sqrt(H)
    W_hy, b_y = (rng.uniform(-bound, bound, size).astype(dtype) for size in ((H, K), (K,)))
    return SoftmaxRNNParams(*cell, W_hy, b_y)


def sequence_loss(x, y, h_0, params):
    r"""The mean cross-entropy of an RNN that classifies at every step.

    $$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h), \quad
    p_t = \mathrm{softmax}(h_t W_{hy} + b_y), \quad
    L = -\frac{1}{BT} \sum_{b,t} \ln p_{t}[y_t]$$

    Args:
        x: input, (B, T, D).
        y: true classes, integers from 0 to K - 1, (B, T).
        h_0: initial state, (B, H).
        params: `SoftmaxRNNParams`, or five arrays in its order.

    Returns:
        (loss, cache): nats per step, and (x, y, h, p) with h (B, T + 1, H), h[:, 0] = h_0, and
        p (B, T, K): all that the way back needs.

    Taught in: chapters/05_backpropagation_through_time

    Source: the readable twin of `loss_and_grads`; it checks nothing and is slow.

    Example:
        >>> params = init_softmax_rnn(4, 5, 6, np.random.default_rng(0))
        >>> x, y = np.ones((3, 7, 4)), np.zeros((3, 7), dtype=int)
        >>> loss, (x, y, h, p) = sequence_loss(x, y, np.zeros((3, 5)), params)
        >>> h.shape, p.shape
        ((3, 8, 5), (3, 7, 6))
    """
    W_xh, W_hh, b_h, W_hy, b_y = params
    B, T, _ = x.shape
    h, p = np.zeros((B, T + 1, len(b_h))), np.zeros((B, T, len(b_y)))
    h[:, 0] = h_0
    for t in range(1, T + 1):
        h[:, t] = np.tanh(x[:, t - 1] @ W_xh + h[:, t - 1] @ W_hh + b_h)
        logits = h[:, t] @ W_hy + b_y
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        p[:, t - 1] = e / e.sum(axis=1, keepdims=True)
    p_true = np.take_along_axis(p, y[..., None], axis=2)
    return -np.log(p_true).mean(), (x, y, h, p)


def sequence_gradients(cache, params, dh_T=0.0):
    r"""Backpropagation through time: the gradients of `sequence_loss`.

    $$\frac{dL}{dh_t} = e_t W_{hy}^\top
    + \left(\frac{dL}{dh_{t+1}} \odot (1 - h_{t+1}^2)\right) W_{hh}^\top, \qquad
    \frac{dL}{dW_{hh}} = \sum_t h_{t-1}^\top \left(\frac{dL}{dh_t} \odot (1 - h_t^2)\right)$$

    with $e_t = dL/d\,\mathrm{logits}_t$, p minus 1 at the true class, over BT.

    Args:
        cache: second value of `sequence_loss`.
        params: the same parameters.
        dh_T: gradient that later steps, in another chunk, send back to the last state, (B, H).

    Returns:
        (grads, dh): `SoftmaxRNNParams`, and dh (B, T + 1, H), the total derivative of the loss
        with respect to every state; dh[:, 0] belongs to h_0.

    Taught in: chapters/05_backpropagation_through_time

    Source: Werbos (1990); Williams & Zipser (1995). Mean over batch and time, as the loss.

    Example:
        >>> params = init_softmax_rnn(4, 5, 6, np.random.default_rng(0))
        >>> x, y = np.ones((3, 7, 4)), np.zeros((3, 7), dtype=int)
        >>> loss, cache = sequence_loss(x, y, np.zeros((3, 5)), params)
        >>> grads, dh = sequence_gradients(cache, params)
        >>> grads.W_hh.shape, dh.shape
        ((5, 5), (3, 8, 5))
    """
    x, y, h, p = cache
    _, W_hh, _, W_hy, _ = params
    B, T, K = p.shape
    e = (p - np.eye(K)[y]) / (B * T)
    dh = np.zeros_like(h)
    dh[:, T] = dh_T
    dW_xh, dW_hh, db_h, dW_hy, db_y = (np.zeros_like(w) for w in params)
    for t in reversed(range(1, T + 1)):
        dh[:, t] += e[:, t - 1] @ W_hy.T
        da_t = dh[:, t] * (1 - h[:, t] ** 2)
        dh[:, t - 1] = da_t @ W_hh.T
        dW_xh += x[:, t - 1].T @ da_t
        dW_hh += h[:, t - 1].T @ da_t
        db_h += da_t.sum(axis=0)
        dW_hy += h[:, t].T @ e[:, t - 1]
        db_y += e[:, t - 1].sum(axis=0)
    return SoftmaxRNNParams(dW_xh, dW_hh, db_h, dW_hy, db_y), dh


def loss_and_grads(x, y, params, h_0=None, dh_T=None):
    r"""Loss and gradients of `sequence_loss`, fast.

    Args:
        x: input, (B, T, D) floats, or symbols (B, T), integers from 0 to D - 1.
        y: true classes, integers from 0 to K - 1, (B, T).
        params: `SoftmaxRNNParams`.
        h_0: initial state, (B, H); zeros if None.
        dh_T: gradient with respect to the last state that comes from later steps, (B, H).

    Returns:
        (loss, grads, h_T): nats per step, `SoftmaxRNNParams`, and the state to carry on with.

    Raises:
        ValueError: for wrong sizes, classes out of range, NaN.

    Taught in: chapters/05_backpropagation_through_time

    Source: as `sequence_gradients`; here every product but the recurrent one is taken once for
    all steps. Truncated backpropagation hands h_T to the next chunk and no gradient back.

    Example:
        >>> params = init_softmax_rnn(4, 5, 4, np.random.default_rng(0))
        >>> ids = np.array([[0, 1, 2, 3, 0, 1, 2, 3]])
        >>> loss, grads, h_T = loss_and_grads(ids[:, :-1], ids[:, 1:], params)
        >>> grads.W_xh.shape, h_T.shape
        ((4, 5), (1, 5))
    """
    logits, h, h_T, cache = _run(x, params, h_0)
    y = _classes("y", y, logits.shape[:2], logits.shape[-1])
    log_p = _log_softmax(logits)
    truth = y[..., None]
    log_p_true = np.take_along_axis(log_p, truth, axis=2)
    e = np.exp(log_p)
    np.put_along_axis(e, truth, np.exp(log_p_true) - 1, axis=2)
    e /= y.size
    _, grads, _ = rnn_backward(e @ params.W_hy.T, cache, dh_T)
    flat_h, flat_e = h.reshape(-1, h.shape[-1]), e.reshape(-1, e.shape[-1])
    loss = float(-log_p_true.mean(dtype=np.float64))
    return loss, SoftmaxRNNParams(*grads, flat_h.T @ flat_e, flat_e.sum(axis=0)), h_T


def adam_step(params, grads, memory, lr, beta_1=0.9, beta_2=0.999):
    r"""One update by Adam: the gradient's running mean over the root of its running square.

    $$m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad s \leftarrow \beta_2 s + (1 - \beta_2) g^2,
    \quad w \leftarrow w - \eta\, \frac{m / (1 - \beta_1^n)}{\sqrt{s / (1 - \beta_2^n)} + 10^{-8}}$$

    Args:
        params: named tuple of arrays w. They are not changed.
        grads: the same tuple with their gradients g.
        memory: second value of the call before; None at the first.
        lr: learning rate $\eta$.
        beta_1: how slowly the mean forgets.
        beta_2: how slowly the square forgets.

    Returns:
        (params, memory): new weights of the same type, and (n, m, s) for the next call.

    Taught in: chapters/05_backpropagation_through_time

    Source: Kingma & Ba (2015), algorithm 1; `torch.optim.Adam` computes the same.

    Example:
        >>> params = RNNParams(np.eye(2), np.eye(2), np.zeros(2))
        >>> new, memory = adam_step(params, params, None, lr=0.1)
        >>> new.W_hh.round(3)
        array([[0.9, 0. ],
               [0. , 0.9]])
    """
    n, mean, square = memory or (0, [0.0] * len(params), [0.0] * len(params))
    n += 1
    mean = [beta_1 * m + (1 - beta_1) * g for m, g in zip(mean, grads, strict=True)]
    square = [beta_2 * s + (1 - beta_2) * g**2 for s, g in zip(square, grads, strict=True)]
    new = [
        w - lr / (1 - beta_1**n) * m / (np.sqrt(s / (1 - beta_2**n)) + 1e-8)
        for w, m, s in zip(params, mean, square, strict=True)
    ]
    return type(params)(*new), (n, mean, square)


def training(params, chunks, updates, lr, c=1.0):
    """Truncated backpropagation through time: the state is carried on, the gradient is not.

    Args:
        params: `SoftmaxRNNParams` to start from. They are not changed.
        chunks: yields (x, y), both (B, T): each continues the one before it, row by row.
        updates: how many chunks to learn from.
        lr: learning rate of the first update; it falls to zero in a straight line.
        c: gradients longer than this are shortened to it (`clip_by_norm`).

    Yields:
        `SoftmaxRNNParams` after each update.

    Taught in: chapters/05_backpropagation_through_time

    Source: Williams & Peng (1990), with updates every T steps through the last T steps.

    Example:
        >>> params = init_softmax_rnn(2, 5, 2, np.random.default_rng(0))
        >>> chunks = [(np.array([[0, 1, 0]]), np.array([[1, 0, 1]]))] * 50
        >>> *_, trained = training(params, chunks, updates=50, lr=0.1)
        >>> loss_and_grads(*chunks[0], trained)[0] < 0.1
        True
    """
    h, memory = None, None
    for n, (x, y) in zip(range(updates), chunks, strict=False):
        _, grads, h = loss_and_grads(x, y, params, h)
        grads, _ = clip_by_norm(grads, c)
        params, memory = adam_step(params, grads, memory, lr * (1 - n / updates))
        yield params


def learning_curve(params, train, test, *, updates, lr=5e-3, c=0.25, B=16, T=16, points=10):
    """Train a character model and look at a second text as it learns.

    Args:
        params: `SoftmaxRNNParams` to start from, D = K = V.
        train: text to learn from, integers from 0 to V - 1, (n,); read again from its start when
            it ends.
        test: text to measure on, likewise.
        updates: how many chunks to learn from.
        lr: learning rate of the first update.
        c: gradients longer than this are shortened to it. (At 1, about one run in fifty ran
            into a steep place early on and never quite recovered.)
        B: the text is read as so many streams at once.
        T: steps per chunk, which is how far the error is carried back.
        points: how often to measure; the last time is after the last update.

    Returns:
        (params, seconds, nats): the trained weights; the seconds of processor time that had gone
        into training at each point, without those for measuring, (points,); and the `text_loss`
        of the test text there, (points,).

    Raises:
        ValueError: as `rnncourse.text.streams` and `loss_and_grads`, or if there are more points
            than updates.

    Example:
        >>> ids = np.arange(400) % 4
        >>> start = init_softmax_rnn(4, 5, 4, np.random.default_rng(0))
        >>> params, seconds, nats = learning_curve(start, ids, ids, updates=100, lr=0.05)
        >>> len(nats), bool(nats[-1] < 0.5)
        (10, True)
    """
    if not 1 <= points <= updates:
        raise ValueError(f"points: expected 1 to updates = {updates}, got {points!r}")
    seconds, nats, spent, start = [], [], 0.0, time.process_time()
    due = {updates * (k + 1) // points for k in range(points)}
    steps = training(params, cycle(streams(train, B, T)), updates, lr, c)
    for n, params in enumerate(steps, start=1):
        if n in due:
            spent += time.process_time() - start
            seconds.append(spent)
            nats.append(text_loss(test, params))
            start = time.process_time()
    return params, np.array(seconds), np.array(nats)


def predictions(x, params, h_0=None, chunk=256):
    """ln p of every class at every step, the state carried through the whole sequence.

    Args:
        x: as in `loss_and_grads`.
        params: `SoftmaxRNNParams`.
        h_0: initial state, (B, H); zeros if None.
        chunk: steps computed at a time; it changes memory, not numbers.

    Yields:
        (start, log_p): the first step of a piece, and log_p (B, at most `chunk`, K).

    Raises:
        ValueError: as `loss_and_grads`.

    Example:
        >>> params = init_softmax_rnn(4, 5, 6, np.random.default_rng(0))
        >>> [(start, log_p.shape) for start, log_p in predictions(np.ones((3, 7, 4)), params,
        ...                                                       chunk=5)]
        [(0, (3, 5, 6)), (5, (3, 2, 6))]
    """
    x = np.asarray(x)
    for start in range(0, x.shape[1] if x.ndim > 1 else 1, chunk):
        logits, _, h_0, _ = _run(x[:, start : start + chunk], params, h_0)
        yield start, _log_softmax(logits)


def text_loss(ids, params, B=32):
    """Mean cross-entropy of a character model on a text, in nats per character.

    Args:
        ids: text, integers from 0 to V - 1, (n,).
        params: `SoftmaxRNNParams` with D = K = V.
        B: the text is read as so many streams at once, each from a zero state.

    Returns:
        float, over all characters that have one before them in their stream.

    Raises:
        ValueError: if the text is shorter than B + 1 characters, or as `loss_and_grads`.

    Example:
        >>> params = init_softmax_rnn(4, 5, 4, np.random.default_rng(0))
        >>> 1.0 < text_loss(np.arange(100) % 4, params) < 2.0        # ln 4 = 1.39: it knows nothing
        True
    """
    ids, n = np.asarray(ids), (len(ids) - 1) // B
    if n < 1:
        raise ValueError(f"ids: expected more than B = {B} symbols, got {len(ids)}")
    x, y = ids[: B * n].reshape(B, n), ids[1 : B * n + 1].reshape(B, n)
    y = _classes("y", y, (B, n), len(params.b_y))
    total = 0.0
    for start, log_p in predictions(x, params):
        truth = y[:, start : start + log_p.shape[1], None]
        total -= np.take_along_axis(log_p, truth, axis=2).sum(dtype=np.float64)
    return float(total / y.size)


def echo_chunks(bits, lag, k):
    """A task that is nothing but memory: say at every step the bit of `lag` steps ago.

    Args:
        bits: symbols, integers (B, n).
        lag: how far back the answer lies, at least 1.
        k: steps per chunk.

    Yields:
        (x, y): both (B, k), y[:, t] = the symbol that came `lag` steps before x[:, t]. Each
        chunk continues the one before it; the first begins at step `lag`.

    Raises:
        ValueError: if `lag` or `k` is below 1, or the bits are too few for one chunk.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> for x, y in echo_chunks(np.array([[0, 1, 2, 3, 4, 5]]), lag=2, k=2):
        ...     print(x.tolist(), y.tolist())
        [[2, 3]] [[0, 1]]
        [[4, 5]] [[2, 3]]
    """
    bits = np.asarray(bits)
    if bits.ndim != 2 or min(lag, k) < 1 or bits.shape[1] < lag + k:
        raise ValueError(
            f"bits: expected (B, n) with n of at least lag + k = {lag} + {k} (both at least 1), "
            f"got shape {bits.shape}"
        )
    # a generator inside, so that the check above runs at the call
    starts = range(lag, bits.shape[1] - k + 1, k)
    return ((bits[:, s : s + k], bits[:, s - lag : s - lag + k]) for s in starts)


def recalled(params, bits, lag):
    """The share of bits that a network echoes rightly, from a zero state on.

    Args:
        params: `SoftmaxRNNParams`.
        bits: symbols, integers (B, n); the answers are judged from step `lag` on.
        lag: how far back the answer lies.

    Returns:
        float between 0 and 1; 1 / K is chance.

    Raises:
        ValueError: as `predictions`, or if there are no more than `lag` steps.

    Example:
        >>> bits = np.random.default_rng(0).integers(0, 2, (3, 50))
        >>> params = init_softmax_rnn(2, 5, 2, np.random.default_rng(1))
        >>> 0.3 < recalled(params, bits, lag=2) < 0.8        # untrained: no better than a coin
        True
    """
    said = np.concatenate([log_p.argmax(axis=2) for _, log_p in predictions(bits, params)], axis=1)
    if not 1 <= lag < said.shape[1]:
        raise ValueError(f"lag: expected 1 to n - 1 = {said.shape[1] - 1}, got {lag!r}")
    return float(np.mean(said[:, lag:] == np.asarray(bits)[:, :-lag]))


def write(params, start, n, rng):
    """Let a character model write: draw a symbol from p, feed it back, n times.

    Args:
        params: `SoftmaxRNNParams` with D = K = V.
        start: symbols to read first, at least one.
        n: how many to draw.
        rng: a `numpy.random.Generator`.

    Returns:
        ids (n,), without `start`.

    Raises:
        ValueError: if `start` is empty, or as `loss_and_grads`.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> params = init_softmax_rnn(4, 5, 4, np.random.default_rng(0))
        >>> len(write(params, [0, 1], 10, np.random.default_rng(1)))
        10
    """
    ids, read, h = [], np.asarray(start), None
    if read.ndim != 1 or not read.size:
        raise ValueError(f"start: expected at least one symbol (n,), got shape {read.shape}")
    for _ in range(n):
        logits, _, h, _ = _run(read[None], params, h)
        p = np.exp(_log_softmax(logits[0, -1].astype(np.float64)))
        ids.append(rng.choice(len(p), p=p / p.sum()))
        read = np.array(ids[-1:])
    return np.array(ids, dtype=np.int64)


def _run(x, params, h_0):
    """Logits (B, T, K), states (B, T, H), the last of them and the cell's cache."""
    if not isinstance(params, SoftmaxRNNParams):
        raise ValueError(f"params: expected SoftmaxRNNParams, got {type(params).__name__}")
    x, D = np.asarray(x), np.shape(params.W_xh)[0]
    if x.dtype.kind in "iu":
        ids = _classes("x", x, (None, None), D)
        x = np.zeros((*ids.shape, D), params.W_xh.dtype)
        np.put_along_axis(x, ids[..., None], 1, axis=2)
    H = len(params.W_hh)
    W_hy = float_array("params.W_hy", params.W_hy, (H, None))
    b_y = float_array("params.b_y", params.b_y, (W_hy.shape[1],))
    h, h_T, cache = rnn_forward(x, RNNParams(*params[:3]), h_0)
    return h @ W_hy + b_y, h, h_T, cache


def _log_softmax(logits):
    """ln softmax along the last axis; exp of at most 0 cannot overflow."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _classes(name, ids, shape, K):
    """Integers from 0 to K - 1 of that shape, None where any size will do."""
    ids = np.asarray(ids)
    fits = ids.ndim == len(shape) and all(
        want is None or want == came for want, came in zip(shape, ids.shape, strict=True)
    )
    if ids.dtype.kind not in "iu" or not fits:
        wanted = "(B, T)" if None in shape else f"(B, T) = {tuple(shape)}"
        raise ValueError(f"{name}: expected integers {wanted}, got {ids.dtype} {ids.shape}")
    if ids.size and not 0 <= ids.min() <= ids.max() < K:
        raise ValueError(f"{name}: expected 0 to {K - 1}, got {ids.min()} to {ids.max()}")
    return ids.astype(np.int64, copy=False)
