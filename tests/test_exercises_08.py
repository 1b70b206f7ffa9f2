"""Wrong answers to the exercises of chapter 08, written in other ways than in the sheet."""

import numpy as np
import pytest
from test_exercises import mark

from rnncourse import grading

SAID = {e.id: {m.name: m.says for m in e.misconceptions} for e in grading.exercises("08")}


def only_transposed(weight_ih, weight_hh, bias_ih, bias_hh):
    return weight_ih.T.copy(), weight_hh.T.copy(), np.vstack([bias_ih, bias_hh])


def matrices_alone(weight_ih, weight_hh, bias_ih, bias_hh):
    r, z, n = np.split(weight_ih, 3)
    u, v, w = np.split(weight_hh, 3)
    kernel, recurrent = np.hstack([z.T, r.T, n.T]), np.hstack([v.T, u.T, w.T])
    return kernel, recurrent, np.array([bias_ih, bias_hh])


def blocks_on_their_side(weight_ih, weight_hh, bias_ih, bias_hh):
    r, z, n = np.split(weight_ih, 3)
    u, v, w = np.split(weight_hh, 3)
    a, b = (
        np.concatenate([b[1], b[0], b[2]]) for b in (bias_ih.reshape(3, -1), bias_hh.reshape(3, -1))
    )
    return np.vstack([z, r, n]).T, np.hstack([v, u, w]), np.array([a, b])


def reshaped_by_block(weight_ih, weight_hh, bias_ih, bias_hh):
    def turned(w):
        r, z, n = np.split(w, 3)
        return np.vstack([z, r, n]).reshape(w.shape[::-1])

    bias = np.array(
        [np.concatenate([b.reshape(3, -1)[k] for k in (1, 0, 2)]) for b in (bias_ih, bias_hh)]
    )
    return turned(weight_ih), turned(weight_hh), bias


def swapped_columns(weight_ih, weight_hh, bias_ih, bias_hh):
    H = weight_hh.shape[1]
    kernel, recurrent = np.copy(weight_ih.T), np.copy(weight_hh.T)
    bias = np.stack([bias_ih, bias_hh])
    for w in (kernel, recurrent, bias):
        w[:, :H], w[:, H : 2 * H] = w[:, H : 2 * H], w[:, :H]
    return kernel, recurrent, bias


def read(chunk, h_t, W_xh, W_hh, b_h):
    for x_t in chunk:
        h_t = np.tanh(x_t @ W_xh + h_t @ W_hh + b_h)
    return h_t


def never_reset(texts, h_0, k, *weights):
    return np.stack(
        [h_0 := read(text, h_0, *weights) for text in texts]  # the argument is overwritten
    )


def whole_chunks_only(texts, h_0, k, *weights):
    return [read(text[: len(text) // k * k], h_0, *weights) for text in texts]


def last_chunk_only(texts, h_0, k, *weights):
    return [read(text[(len(text) - 1) // k * k :], h_0, *weights) for text in texts]


def zeros_behind(texts, h_0, k, *weights):
    ends = []
    for text in texts:
        missing = -len(text) % k
        ends.append(read(np.pad(text, [(0, missing), (0, 0)]), h_0, *weights))
    return ends


def end_of_every_chunk(texts, h_0, k, *weights):
    return [
        read(text[: min(stop, len(text))], h_0, *weights)
        for text in texts
        for stop in range(k, len(text) + k, k)
    ]


def one_array_for_all(texts, h_0, k, W_xh, W_hh, b_h):
    h_t, ends = h_0, []
    for text in texts:
        for x_t in text:
            h_t[...] = np.tanh(x_t @ W_xh + h_t @ W_hh + b_h)
        ends.append(h_t)
    return np.stack(ends)


@pytest.mark.parametrize(
    ("exercise", "attempt", "name"),
    [
        ("08.1", [200, 200, 165, [2, 3, 5]], "one bias in PyTorch"),
        ("08.1", (220, 200, 165, [3, 2, 5]), "batch first in h_n"),
        ("08.1", (220, 200, 3 * 5 * 10, (2, 3, 5)), "one bias in Keras' GRU"),
        ("08.1", (200, 220, 165, [2, 3, 5]), "libraries exchanged"),
        ("08.1", [55, 50, 55, (2, 3, 5)], "one gate only"),
        ("08.1", [220, 200, 165, [3, 5]], "the last layer alone"),
        ("08.1", (220, 200, 165, np.array([2, 5])), "no batch in h_n"),
        ("08.2", reshaped_by_block, "reshaped"),
        ("08.2", swapped_columns, "exchanged through views"),
        ("08.2", only_transposed, "gates not exchanged"),
        ("08.2", matrices_alone, "biases not exchanged"),
        ("08.2", blocks_on_their_side, "recurrent blocks transposed twice"),
        ("08.3", [0.745, 0.745, 0.745, 0.56], "packed, outputs repeat"),
        ("08.3", [0.745, 0, 0, 0.56], "Keras, outputs are zero"),
        ("08.3", [0.56, 0, 0.745, 0.56], "packed, the state goes on"),
        ("08.3", [0.745, 0.745, 0, 0.56], "libraries exchanged"),
        ("08.3", [0.56, 0.56, 0.56, 0.56], "lengths change nothing"),
        ("08.3", [0.745] * 4, "padding never matters"),
        ("08.4", zeros_behind, "last chunk padded"),
        ("08.4", end_of_every_chunk, "a state for every chunk"),
        ("08.4", one_array_for_all, "written into h_0"),
        ("08.4", never_reset, "state carried into the next text"),
        ("08.4", whole_chunks_only, "short chunk dropped"),
        ("08.4", last_chunk_only, "reset at every chunk"),
        ("08.5", [0.45, 0.45, 0.3, 0.1], "the gradient is shared"),
        ("08.5", [0.45, 0.45, 0.45, 0.1], "two biases change nothing"),
        ("08.5", [-0.05, -0.1, -0.2, 0.05], "the moves"),
        ("08.5", [0.45, 0.4, 0.4, 0.05], "Adam does not care, or is like SGD"),
        ("08.5", [0.45, 0.4, 0.3, 0.2], "the rate doubled"),
    ],
)
def test_a_mistake_written_differently_gets_the_same_diagnosis(exercise, attempt, name):
    verdict = mark(grading.find(exercise), attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert verdict.diagnosis == name
    assert SAID[exercise][name] in verdict.sentence


def test_a_shape_given_as_an_answer_is_not_confused_with_the_shape_of_the_answer():
    verdict = mark(grading.find("08.1"), (220, 200, 165, (2, 3, 5, 1)), 5.0)
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith("h_n")
    assert "4 numbers" in verdict.sentence
    assert "(4,)" not in verdict.sentence
