"""Chapter 18's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import torch
from test_exercises import ROOT, mark
from torch import nn

from rnncourse import attention, grading
from rnncourse.grading import sheet_18
from rnncourse.transformer import causal_mask, rotate, self_attention

CHECKED = [exercise for exercise in grading.exercises("18") if exercise.kind != "open"]


# --- 18.2


def shared_by(q, k, v, heads, groups):
    """Keys and values as wide as the queries: each group once for each of its heads."""
    B, T, D = q.shape
    n = heads // groups
    return q, *(x.reshape(B, T, groups, 1, -1).repeat(n, 3).reshape(B, T, D) for x in (k, v))


def loop_over_heads(q, k, v, heads, groups, *, allowed=np.tril, scale=None, axis=-1):
    """Head by head with -1e9 for what is hidden: another way to write it, right as it stands."""
    T, D = q.shape[1:]
    d, y = D // heads, np.zeros(q.shape)
    q, k, v = shared_by(q, k, v, heads, groups)
    for head in range(heads):
        own = slice(head * d, head * d + d)
        scores = np.einsum("btd,bsd->bts", q[..., own], k[..., own])
        scores /= np.sqrt(d) if scale is None else scale(D, d)
        scores = scores + np.where(allowed(np.ones((T, T))) > 0, 0, -1e9)
        powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
        y[..., own] = powers / powers.sum(axis=axis, keepdims=True) @ v[..., own]
    return y


def with_heads(**switches):
    return lambda *args: loop_over_heads(*args, **switches)


def by_torch(q, k, v, split, heads, groups):
    """(B, heads, T, d) by PyTorch, which shares groups by itself."""
    q, k, v = (split(torch.tensor(x), n) for x, n in ((q, heads), (k, groups), (v, groups)))
    return nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)


def viewed(x, n):
    """PyTorch's view in the wrong order."""
    return x.view(len(x), n, x.shape[1], -1)


def view_without_transpose(q, k, v, heads, groups):
    return by_torch(q, k, v, viewed, heads, groups).reshape(q.shape).numpy()


def view_there_and_transposed_back(q, k, v, heads, groups):
    return by_torch(q, k, v, viewed, heads, groups).transpose(1, 2).reshape(q.shape).numpy()


def unflattened(x, n):
    return x.unflatten(-1, (n, -1)).transpose(1, 2)


def sound(q, k, v, heads, groups):
    return by_torch(q, k, v, unflattened, heads, groups).transpose(1, 2).flatten(2).numpy()


def joined_too_early(q, k, v, heads, groups):
    return by_torch(q, k, v, unflattened, heads, groups).reshape(q.shape).numpy()


def every_other_column(q, k, v, heads, groups):
    y = np.zeros(q.shape)
    for j in range(heads):
        g = j * groups // heads
        own = q[..., j::heads], k[..., g::groups], v[..., g::groups]
        y[..., j::heads] = loop_over_heads(*own, 1, 1)
    return y


def one_wide_head(q, k, v, heads, groups):
    return attention.attend(*shared_by(q, k, v, heads, groups), causal_mask(q.shape[1]))[0]


def modulo(q, k, v, heads, groups):
    """Head j reads group j % groups."""
    d = q.shape[-1] // heads
    parts = []
    for j in range(heads):
        own, g = slice(j * d, j * d + d), j % groups
        shared = slice(g * d, g * d + d)
        part = q[..., own], k[..., shared], v[..., shared]
        parts.append(attention.attend(*part, causal_mask(q.shape[1]))[0])
    return np.concatenate(parts, axis=-1)


def columns_repeated(q, k, v, heads, groups):
    n = heads // groups
    return loop_over_heads(q, np.repeat(k, n, 2), np.repeat(v, n, 2), heads, heads)


def head_by_head(attend):
    def attempt(q, k, v, heads, groups):
        d = q.shape[-1] // heads
        q, k, v = shared_by(q, k, v, heads, groups)
        cuts = [slice(j, j + d) for j in range(0, q.shape[-1], d)]
        return np.concatenate([attend(q[..., c], k[..., c], v[..., c]) for c in cuts], axis=-1)

    return attempt


def forgot_the_mask(q, k, v):
    return attention.attend(q, k, v)[0]


def weights_cut_off(q, k, v):
    return np.tril(attention.attend(q, k, v)[1]) @ v


def scores_cut_off(q, k, v):
    scores = np.tril(attention.dot_scores(q, k))
    return attention.masked_softmax(scores, np.full((1, 1, 1), True)) @ v


def no_largest_subtracted(q, k, v):
    powers = np.exp(attention.dot_scores(q, k)) * causal_mask(q.shape[1])
    return powers / powers.sum(-1, keepdims=True) @ v


# --- 18.4


def torch_step(x_t, keys, values, P, W_q, W_k, W_v):
    """Broken by a flag alone: the mask of PyTorch is cut from the top left corner."""
    q, k, v = ((x_t + P[keys.shape[1]])[:, None] @ W for W in (W_q, W_k, W_v))
    K, V = np.concatenate([keys, k], 1), np.concatenate([values, v], 1)
    q, k, v = (torch.tensor(x) for x in (q, K, V))
    y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    return y[:, 0].numpy(), K, V


def attended(q, K, V):
    alpha = np.einsum("bh,bsh->bs", q, K) / q.shape[1] ** 0.5
    alpha = np.exp(alpha - alpha.max(1, keepdims=True))
    return np.einsum("bs,bsh->bh", alpha / alpha.sum(1, keepdims=True), V)


def stepwise(place=lambda keys: keys.shape[1], cut=slice(None), front=(False, False), kept=True):
    """The step in other words, with something left as it was."""

    def step(x_t, keys, values, P, W_q, W_k, W_v):
        x_t = x_t + P[place(keys)]
        new = [(x_t @ W)[:, None, :] for W in (W_k, W_v)]
        K, V = (
            np.hstack([n, old] if first else [old, n])
            for n, old, first in zip(new, (keys, values), front, strict=True)
        )
        y = attended(x_t @ W_q, K[:, cut], V[:, cut])
        return (y, K, V) if kept else (y, keys, values)

    return step


def appended_afterwards(x_t, keys, values, P, W_q, W_k, W_v):
    q, k, v = ((x_t + P[keys.shape[1]]) @ W for W in (W_q, W_k, W_v))
    y = attended(q, keys, values) if keys.shape[1] else np.zeros_like(v)
    return y, np.hstack([keys, k[:, None]]), np.hstack([values, v[:, None]])


def position_in_the_query(x_t, keys, values, P, W_q, W_k, W_v):
    K = np.hstack([keys, (x_t @ W_k)[:, None]])
    V = np.hstack([values, (x_t @ W_v)[:, None]])
    return attended((x_t + P[keys.shape[1]]) @ W_q, K, V), K, V


def inputs_cached(x_t, keys, values, P, W_q, W_k, W_v):
    """No place for inputs here, as D and H differ: a sentence, whatever it is."""
    return x_t, np.hstack([keys, x_t[:, None]]), values


# --- 18.5


def like_a_library(x, start, base):
    """Two halves with a minus, as in many published models: right."""
    D = x.shape[-1]
    angle = np.outer(start + np.arange(x.shape[1]), base ** -(np.arange(0, D, 2) / D))
    angle = np.concatenate([angle, angle], axis=-1)
    other = np.concatenate([-x[..., D // 2 :], x[..., : D // 2]], axis=-1)
    return x * np.cos(angle) + other * np.sin(angle)


def the_chapters_own(x, start, base):
    return rotate(x, start)


def the_chapters_with_the_base(x, start, base):
    z = x[..., ::2] + 1j * x[..., 1::2]
    speed = base ** (-np.arange(0, x.shape[2], 2) / x.shape[2])
    z = z * np.exp(1j * np.outer(start + np.arange(x.shape[1]), speed))
    return np.stack([z.real, z.imag], axis=-1).reshape(x.shape)


def in_a_loop(x, start, base, *, sign=1, two=2, place=lambda start, t: start + t, copy=True):
    y, half = x.copy(), x.shape[2] // 2
    for t in range(x.shape[1]):
        for j in range(half):
            angle = sign * place(start, t) * base ** (-two * j / x.shape[2])
            u, w = y[:, t, j].copy(), y[:, t, j + half].copy()
            y[:, t, j] = np.cos(angle) * u - np.sin(angle) * w
            u = u if copy else y[:, t, j]
            y[:, t, j + half] = np.sin(angle) * u + np.cos(angle) * w
    return y


def looped(**switches):
    return lambda x, start, base: in_a_loop(x, start, base, **switches)


def ten_thousand(x, start, base):
    return like_a_library(x, start, 10_000)


def conjugate(x, start, base):
    half = x.shape[2] // 2
    speed = base ** (-2 * np.arange(half) / x.shape[2])
    z = x[..., :half] - 1j * x[..., half:]
    z = z * np.exp(1j * np.outer(start + np.arange(x.shape[1]), speed))
    return np.concatenate([z.real, -z.imag], -1)


def put_back_as_neighbours(x, start, base):
    y = np.empty(x.shape)
    y[..., ::2], y[..., 1::2] = np.split(like_a_library(x, start, base), 2, -1)
    return y


Y, KEPT = (6, 10, 6.5), 15
RIGHT = (49984, 2.4, 384, 512_000, 256)


def with_number(place, value):
    return (*RIGHT[:place], value, *RIGHT[place + 1 :])


WRITTEN_DIFFERENTLY = {
    "18.1": [
        ((9, 4.75, 6.5, 15), "no mask"),
        ([0.75, 2.5, 6.5, 15], "mask after the softmax"),
        ((7, 8.25, 6.5, KEPT), "hidden scores set to zero"),
        ((6, 10.8, 5.79, KEPT), "not scaled"),
        ((6, 9.51, 6.79, KEPT), "divided by D"),
        ((6, 6, 10, KEPT), "itself hidden from the second step on"),
        (np.array([2, 8, 11, 15]), "softmax over the queries"),
        ((6, 30, 39, KEPT), "not divided by the sum"),
        ((*Y, 12), "keys alone"),
        ((*Y, 27), "queries too"),
        ((6, 10, 7, KEPT), ""),
    ],
    "18.2": [
        (
            with_heads(allowed=lambda ones: np.tril(ones, -1)),
            "itself hidden by adding a large number",
        ),
        (with_heads(allowed=lambda ones: np.tril(ones, 1)), "one step of future"),
        (with_heads(allowed=np.triu), "mask the wrong way round"),
        (with_heads(scale=lambda D, d: D**0.5), "scaled by the full D"),
        (with_heads(scale=lambda D, d: d), "no root"),
        (with_heads(scale=lambda D, d: 1), "not scaled"),
        (with_heads(axis=1), "softmax over the queries"),
        (view_without_transpose, "split and joined by reshape alone"),
        (view_there_and_transposed_back, "split by reshape alone"),
        (joined_too_early, "joined by reshape alone"),
        (modulo, "groups dealt out in turn"),
        (columns_repeated, "columns repeated"),
        (every_other_column, "columns dealt out in turn"),
        (one_wide_head, "heads ignored"),
        (head_by_head(forgot_the_mask), "no mask"),
        (head_by_head(weights_cut_off), "mask after the softmax"),
        (head_by_head(scores_cut_off), "hidden scores set to zero"),
        (head_by_head(no_largest_subtracted), "exponentials overflow"),
    ],
    "18.3": [
        (with_number(0, 49_152), "parameters, weights alone"),
        (with_number(0, 49_728), "parameters, norms left out"),
        (with_number(0, 49_856), "parameters, one norm"),
        (with_number(1, 4), "growth, quadratic"),
        (with_number(1, 2.22), "growth, scores alone"),
        (with_number(1, 2.31), ""),
        (with_number(1, 3), "growth, heads multiply"),
        (with_number(2, 768), "crossing, scores alone"),
        (with_number(2, 128), "crossing, linear layers left out"),
        (with_number(3, 128_000), "cache, numbers"),
        (with_number(3, 2_048_000), "cache, heads multiply"),
        (with_number(4, 64), "state, numbers"),
        (with_number(4, 256_000), "state, all states"),
    ],
    "18.4": [
        (torch_step, "mask"),
        (stepwise(cut=slice(0, 1)), "mask"),
        (stepwise(place=lambda keys: 0), "position"),
        (stepwise(front=(True, False)), "order"),
        (stepwise(front=(True, False), place=lambda keys: 0), "position and order"),
        (stepwise(front=(True, True)), "both in front"),
        (stepwise(place=lambda keys: keys.shape[1] + 1), "position one too large"),
        (stepwise(cut=slice(-1, None)), "newest alone"),
        (stepwise(kept=False), "cache handed on as it came"),
        (appended_afterwards, "without the newest"),
        (position_in_the_query, "keys and values without position"),
        (inputs_cached, ""),
    ],
    "18.5": [
        (the_chapters_own, "neighbours, and base ignored"),
        (the_chapters_with_the_base, "neighbours for halves"),
        (ten_thousand, "base ignored"),
        (looped(sign=-1), "other way round"),
        (conjugate, "other way round"),
        (looped(two=1), "speeds half as spread"),
        (looped(two=0), "all pairs alike"),
        (looped(two=-2), "faster and faster"),
        (looped(place=lambda start, t: t), "start ignored"),
        (looped(place=lambda start, t: start + t + 1), "counted from 1"),
        (looped(place=lambda start, t: start), "first alone"),
        (looped(copy=False), "overwritten too early"),
        (put_back_as_neighbours, "woven together"),
    ],
}


@differently.by_diagnosis(CHECKED, WRITTEN_DIFFERENTLY)
def test_a_wrong_answer_written_differently_gets_the_same_diagnosis(exercise, attempt, diagnosis):
    differently.assert_diagnosed(exercise, attempt, diagnosis)


def test_every_checked_exercise_has_three_wrong_answers_written_differently():
    differently.assert_three_each(CHECKED, WRITTEN_DIFFERENTLY)


def test_the_same_forms_without_the_fault_are_right():
    right = {
        "18.2": [loop_over_heads, sound],
        "18.4": [stepwise()],
        "18.5": [in_a_loop, like_a_library],
    }
    for name, attempts in right.items():
        for attempt in attempts:
            assert mark(grading.find(name), attempt, 5.0).verdict == "right"


def test_without_groups_the_heads_are_those_of_the_chapter():
    rng = np.random.default_rng(18)
    B, T, H, heads = 3, 7, 6, 2
    x, W_qkv, W_o = rng.normal(size=(B, T, H)), rng.normal(size=(H, 3 * H)), np.eye(H)
    mask = causal_mask(T)
    theirs = self_attention(x, W_qkv, np.zeros(3 * H), W_o, np.zeros(H), heads, mask)
    ours = sheet_18.heads_of(*np.split(x @ W_qkv, 3, axis=-1), heads, heads)
    assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_turned_by_halves_is_the_chapters_rotation_in_another_order():
    x = np.random.default_rng(18).normal(size=(3, 7, 6))
    order = [0, 3, 1, 4, 2, 5]
    ours = sheet_18.rotate(x, 5, 10_000.0)[..., order]
    assert np.allclose(ours, rotate(x[..., order], 5), rtol=1e-12, atol=1e-12)


def test_the_numbers_of_a_block_are_those_of_pytorchs_own():
    from torch.utils.flop_counter import FlopCounterMode

    block, gru = nn.TransformerEncoderLayer(64, 4, 256, batch_first=True), nn.GRU(64, 64)
    assert sum(w.numel() for w in block.parameters()) == sheet_18.NUMBERS["parameters"]
    assert gru(torch.zeros(1000, 1, 64))[1].nbytes == sheet_18.NUMBERS["state"]
    counted = {}
    for T in (96, 192, 384):
        with FlopCounterMode(display=False) as counter:
            block(torch.zeros(1, T, 64))
        counted[T] = counter.get_total_flops() // 2
    assert counted[192] / counted[96] == sheet_18.NUMBERS["growth"]
    assert counted[384] == 2 * 384 * 12 * 64**2  # as much between the steps as in the weights


def test_a_cache_gives_what_the_whole_sequence_gives():
    rng = np.random.default_rng(18)
    B, T, D, H = 3, 7, 4, 5
    x, P, W = rng.normal(size=(B, T, D)), rng.normal(size=(T, D)), rng.normal(size=(3, D, H))
    whole = attention.attend(*((x + P) @ w for w in W), causal_mask(T))[0]
    keys = values = np.zeros((B, 0, H))
    for t in range(T):
        y_t, keys, values = sheet_18.cached_step(x[:, t], keys, values, P, *W)
        assert np.allclose(y_t, whole[:, t], rtol=1e-10, atol=1e-12)


def test_turned_queries_and_keys_know_their_distance_alone():
    rng = np.random.default_rng(18)
    q, k = (np.tile(rng.normal(size=(1, 1, 6)), (1, 7, 1)) for _ in range(2))
    near, far = (
        attention.dot_scores(*(sheet_18.rotate(x, first, 50.0) for x in (q, k)))[0]
        for first in (0, 1000)
    )
    assert np.allclose(near, far, rtol=1e-9, atol=1e-9)
    assert np.allclose(near[1:, 1:], near[:-1, :-1], rtol=1e-9, atol=1e-9)


def test_the_table_by_hand_is_that_of_the_page():
    (path,) = (ROOT / "exercises").glob("18_*.md")
    page = path.read_text("utf-8")
    start = page.index("dots = 2 * np.log(")
    scope = {"np": np}
    exec(page[start : page.index("print(", start)], scope)
    assert np.array_equal(scope["dots"], sheet_18.DOTS)
    alpha = attention.masked_softmax(scope["dots"][None] / 2, causal_mask(3))[0]
    assert np.allclose(alpha @ scope["v"], sheet_18.Y)
