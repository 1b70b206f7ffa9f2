"""Answer sheet of chapter 08, One model, three frameworks."""

from functools import partial

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 08.1 Count and name the shapes -------------------------------------------------------------

TORCH_ONE_BIAS = (
    "PyTorch's LSTM keeps *two* bias vectors of 4H numbers; the one for the recurrent weights is "
    "missing"
)

_count = Exercise(
    id="08.1",
    title="Count and name the shapes",
    stars=1,
    minutes=10,
    deepens='the claim "RNN and LSTM: PyTorch counts H numbers per gate more"',
    statement="Count the numbers in three layers, and say what shape the last state of a fourth "
    "one has.",
    kind="value",
    reference=(220, 200, 165, (2, 3, 5)),
    alternatives=([220.0, 200.0, 165.0, [2, 3, 5]], (220, 200, 165, np.array([2, 3, 5]))),
    returns=("torch_lstm", "keras_lstm", "keras_gru", "h_n (its shape as three numbers)"),
    tolerance=1e-9,
    praise="the libraries count differently, and h_n has its layers first",
    misconceptions=(
        Misconception("one bias in PyTorch", TORCH_ONE_BIAS, (200, 200, 165, (2, 3, 5))),
        Misconception(
            "libraries exchanged",
            "the two LSTMs are exchanged: it is the other library that keeps two biases",
            (200, 220, 165, (2, 3, 5)),
        ),
        Misconception(
            "two biases in Keras' LSTM",
            "Keras' LSTM has one bias of 4H numbers, as the equation has",
            (220, 220, 165, (2, 3, 5)),
        ),
        Misconception(
            "one bias in Keras' GRU",
            "Keras' GRU resets after the product by default; then n needs both biases, and two are "
            "kept for every gate, (2, 3H)",
            (220, 200, 150, (2, 3, 5)),
        ),
        Misconception(
            "three gates in the LSTM",
            "an LSTM has four blocks: i, f, g and o",
            (165, 150, 165, (2, 3, 5)),
        ),
        Misconception(
            "one gate only",
            "this is one block of each; an LSTM has a block for each of i, f, g and o, a GRU for "
            "each of r, z and n",
            (55, 50, 55, (2, 3, 5)),
        ),
        Misconception(
            "four gates in the GRU",
            "a GRU has three blocks: r, z and n",
            (220, 200, 220, (2, 3, 5)),
        ),
        Misconception(
            "no biases",
            "the biases are missing: two of 4H, one of 4H, two of 3H",
            (180, 180, 135, (2, 3, 5)),
        ),
        Misconception(
            "batch first in h_n",
            "h_n is (L, B, H) whatever batch_first says: that flag is about the input and the "
            "output alone",
            (220, 200, 165, (3, 2, 5)),
        ),
        Misconception(
            "the shape of the output",
            "(3, 7, 5) is the shape of the output, all steps of the last layer; h_n holds one "
            "state for each layer",
            (220, 200, 165, (3, 7, 5)),
        ),
        Misconception(
            "time in h_n",
            "h_n has no axis for time: it is the state after the last step, for each layer",
            (220, 200, 165, (2, 7, 5)),
        ),
        Misconception(
            "the last layer alone",
            "(3, 5), batch and units, would be the last state of one layer; h_n keeps one for each "
            "layer",
            (220, 200, 165, (3, 5)),
        ),
        Misconception(
            "no batch in h_n",
            "(2, 5), layers and units, would be the last state of one sequence; there is one for "
            "each sequence of the batch",
            (220, 200, 165, (2, 5)),
        ),
        Misconception(
            "one layer",
            "the layer has L = 2 layers, each with a last state of its own",
            (220, 200, 165, (1, 3, 5)),
        ),
    ),
    hints=(
        "One block of an LSTM: D · H numbers for the input, H · H for the state, and its biases.",
        "LSTM: four blocks. GRU: three. PyTorch always adds two biases to a block, Keras one to "
        "an LSTM's and two to a GRU's.",
        "One block with one bias has 4 · 5 + 5 · 5 + 5 numbers, with two biases 5 more. Of h_n, "
        "remember the claim h_n (L, B, H) of chapter 04.",
    ),
)

# --- 08.2 A GRU from PyTorch to Keras, by hand --------------------------------------------------


def to_keras(weight_ih, weight_hh, bias_ih, bias_hh):
    """kernel (D, 3H), recurrent_kernel (H, 3H), bias (2, 3H) in Keras' order z, r, h."""
    return _to_keras(weight_ih, weight_hh, bias_ih, bias_hh)


def _to_keras(
    weight_ih,
    weight_hh,
    bias_ih,
    bias_hh,
    *,
    order=(1, 0, 2),
    kernel=None,
    recurrent=None,
    bias=None,
    swap=False,
    twice=False,
):
    """The same, with an order of its own for each array."""
    H = weight_hh.shape[1]

    def blocks(array, own):
        chosen = order if own is None else own
        return np.concatenate([array[H * k : H * (k + 1)] for k in chosen])

    both = [blocks(b, bias) for b in ((bias_hh, bias_ih) if swap else (bias_ih, bias_hh))]
    turned = blocks(weight_hh, recurrent)
    if twice:  # each block transposed, then put back: W_hh of each gate stands on its side
        turned = np.concatenate([block.T for block in np.split(turned, 3)])
    return blocks(weight_ih, kernel).T, turned.T, np.stack(both)


def _to_keras_by_columns(weight_ih, weight_hh, bias_ih, bias_hh):
    H = len(bias_ih) // 3
    columns = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    return [
        weight_ih.T[:, columns],
        weight_hh.T[:, columns],
        np.array([bias_ih, bias_hh])[:, columns],
    ]


def _keras(**switches):
    return lambda *weights: _to_keras(*weights, **switches)


def _biases_added(*weights):
    kernel, recurrent, bias = to_keras(*weights)
    return kernel, recurrent, np.stack([bias.sum(axis=0), 0 * bias[0]])


def _one_bias(*weights):
    kernel, recurrent, bias = to_keras(*weights)
    return kernel, recurrent, bias.sum(axis=0)


def _not_transposed(*weights):
    kernel, recurrent, bias = to_keras(*weights)
    return kernel.T, recurrent.T, bias


def _reshaped(weight_ih, weight_hh, bias_ih, bias_hh):
    H, D = len(weight_ih) // 3, weight_ih.shape[1]
    rows = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    kernel, recurrent = weight_ih[rows].reshape(D, -1), weight_hh[rows].reshape(H, -1)
    return kernel, recurrent, np.stack([bias_ih[rows], bias_hh[rows]])


def _reshaped_first(weight_ih, weight_hh, bias_ih, bias_hh):
    H, D = len(weight_ih) // 3, weight_ih.shape[1]
    columns = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H]
    kernel, recurrent = weight_ih.reshape(D, -1), weight_hh.reshape(H, -1)
    return kernel[:, columns], recurrent[:, columns], np.stack([bias_ih, bias_hh])[:, columns]


def _swapped_views(*weights, copy):
    """r's block is overwritten by z's before it is read: a slice of NumPy is a view."""
    H, turned = weights[1].shape[1], []
    for w in weights:
        w = w.copy() if copy else w
        w[:H], w[H : 2 * H] = w[H : 2 * H], w[:H]
        turned.append(w)
    return turned[0].T, turned[1].T, np.stack(turned[2:])


def _interleaved(weight_ih, weight_hh, bias_ih, bias_hh):
    def mix(array):
        return array.reshape(3, -1, *array.shape[1:])[[1, 0, 2]].swapaxes(0, 1).reshape(array.shape)

    return mix(weight_ih).T, mix(weight_hh).T, np.stack([mix(bias_ih), mix(bias_hh)])


PLAIN = (0, 1, 2)
RESHAPED = (
    "the matrices are reshaped, which fits and tears the rows apart: they have to be transposed"
)
VIEWS = (
    "z's block stands twice and r's is lost: a slice of NumPy is a view, so that r was overwritten "
    "before it was read"
)


def _gru_cases(rng):
    cases = []
    for D, H in ((4, 5), (5, 5), (3, 2), (1, 4)):
        shapes = (3 * H, D), (3 * H, H), (3 * H,), (3 * H,)
        cases.append(Case(f"D={D}, H={H}", tuple(rng.normal(size=shape) for shape in shapes)))
    return cases


_convert = Exercise(
    id="08.2",
    title="A GRU from PyTorch to Keras, by hand",
    stars=2,
    minutes=15,
    deepens="the claim \"all six orders fit, and one gives Keras' states: the first two blocks "
    'exchanged"',
    statement="Bring the four arrays of a PyTorch GRU into the three that Keras wants.",
    reference=to_keras,
    alternatives=(_to_keras_by_columns,),
    inputs=_gru_cases,
    returns=("kernel (D, 3H)", "recurrent_kernel (H, 3H)", "bias (2, 3H)"),
    praise="transposed, r and z exchanged, and both biases kept",
    misconceptions=(
        Misconception(
            "gates not exchanged",
            "everything fits and the gates are in PyTorch's order r, z, n; Keras has z first",
            _keras(order=PLAIN),
        ),
        Misconception(
            "kernel not exchanged",
            "recurrent_kernel and bias are right; the kernel still has r before z",
            _keras(kernel=PLAIN),
        ),
        Misconception(
            "recurrent kernel not exchanged",
            "kernel and bias are right; the recurrent kernel still has r before z",
            _keras(recurrent=PLAIN),
        ),
        Misconception(
            "biases not exchanged",
            "the matrices are right; the blocks of the bias must be exchanged, too",
            _keras(bias=PLAIN),
        ),
        Misconception(
            "order reversed",
            "all three blocks are reversed; only r and z change places, n (Keras' h) stays last",
            _keras(order=(2, 1, 0)),
        ),
        Misconception(
            "order turned round",
            "the blocks are rotated; only r and z change places",
            _keras(order=(1, 2, 0)),
        ),
        Misconception(
            "biases added",
            "the two biases are added up in the first row: for r and z only the sum matters, but "
            "in n the reset gate stands between the two",
            _biases_added,
        ),
        Misconception(
            "one bias",
            "bias has the shape (3H,); Keras' GRU wants both, (2, 3H), since in n the reset gate "
            "stands between them",
            _one_bias,
        ),
        Misconception(
            "bias rows exchanged",
            "the rows of the bias are exchanged: first the input's, then the state's",
            _keras(swap=True),
        ),
        Misconception(
            "not transposed",
            "the matrices are not transposed: PyTorch keeps (3H, D) and (3H, H)",
            _not_transposed,
        ),
        Misconception("reshaped", RESHAPED, _reshaped),
        Misconception("reshaped, then exchanged", RESHAPED, _reshaped_first),
        Misconception(
            "exchanged through views",
            VIEWS,
            partial(_swapped_views, copy=True),
        ),
        Misconception(
            "exchanged through views of the arguments",
            VIEWS + ", and so do the arguments now",
            partial(_swapped_views, copy=False),
        ),
        Misconception(
            "recurrent blocks transposed twice",
            "each block of the recurrent kernel stands on its side: transpose the whole array "
            "once, and not the blocks for themselves",
            _keras(twice=True),
        ),
        Misconception(
            "blocks interleaved",
            "the gates are mixed unit by unit; each gate is one block of H columns",
            _interleaved,
        ),
    ),
    hints=(
        "Three things: on which side the arrays stand, the order of the blocks, and what becomes "
        "of the two biases.",
        "In PyTorch the blocks are rows: weight_ih[:H] belongs to r, weight_ih[H : 2 * H] to z.",
        "Put rows H to 2H first, then 0 to H, then 2H to 3H, of all four arrays; then .T for the "
        "matrices, and np.stack([bias_ih, bias_hh]).",
    ),
)

# --- 08.3 What padding leaves behind ------------------------------------------------------------

H_1, H_2 = np.tanh(0.5), np.tanh(0.5 + np.tanh(0.5))
H_3 = np.tanh(H_2)
H_4 = np.tanh(H_3)

_padding = Exercise(
    id="08.3",
    title="What padding leaves behind",
    stars=2,
    minutes=10,
    deepens='the claim "each mistake runs and returns the shape of the right answer"',
    statement="Predict what each library returns for a padded sequence, then ask them.",
    kind="value",
    reference=[H_2, 0.0, H_2, H_4],
    alternatives=(np.round([H_2, 0.0, H_2, H_4], 3),),
    returns=("packed_last_state", "packed_output_4", "keras_output_4", "forgotten"),
    tolerance=0.002,
    praise="packed: zeros; masked: the last state, repeated; no mask: a state that went on",
    misconceptions=(
        Misconception(
            "packed, the state goes on",
            "a packed batch ends each sequence at its own length: the last state is that of step "
            "2, the last real one",
            [H_4, 0.0, H_2, H_4],
        ),
        Misconception(
            "packed, the state is zero",
            "zeros stand in the padded *outputs*; the last state that PyTorch returns is that of "
            "the last real step",
            [0.0, 0.0, H_2, H_4],
        ),
        Misconception(
            "libraries exchanged",
            "the libraries are exchanged: one repeats its last output behind the end, the other "
            "writes zeros; it is the other way round",
            [H_2, H_2, 0.0, H_4],
        ),
        Misconception(
            "lengths change nothing",
            "this is the network that nobody has told of the padding, four times over; with "
            "lengths or a mask the padded steps do not change the state",
            [H_4, H_4, H_4, H_4],
        ),
        Misconception(
            "padding never matters",
            "the last real state stands in all four places: that holds for some of them, but "
            "behind the end the libraries differ, and untold they go on",
            [H_2, H_2, H_2, H_2],
        ),
        Misconception(
            "packed, outputs repeat",
            "unpacked, PyTorch's outputs behind the end of a sequence are filled with one number, "
            "and that is not the last state",
            [H_2, H_2, H_2, H_4],
        ),
        Misconception(
            "packed, outputs go on",
            "behind the end of a packed sequence nothing is computed; PyTorch fills those outputs "
            "with one number",
            [H_2, H_4, H_2, H_4],
        ),
        Misconception(
            "Keras, outputs are zero",
            "Keras does not fill masked steps with zeros: it repeats the last output",
            [H_2, 0.0, 0.0, H_4],
        ),
        Misconception(
            "Keras, the state goes on",
            "in a masked step Keras keeps the state as it was, and repeats the output",
            [H_2, 0.0, H_4, H_4],
        ),
        Misconception(
            "no mask, padding does nothing",
            "without a mask the zeros are inputs like any other: h_t = tanh(0.5 · 0 + 1 · h_prev) "
            "goes on changing the state",
            [H_2, 0.0, H_2, H_2],
        ),
        Misconception(
            "no mask, one step too few",
            "without a mask there are *two* steps of padding, and both change the state",
            [H_2, 0.0, H_2, H_3],
        ),
        Misconception(
            "no mask, back to zero",
            "an input of zero does not reset the state: h_prev still enters",
            [H_2, 0.0, H_2, 0.0],
        ),
    ),
    hints=(
        "The table of the chapter has two lines on padding: what is the same in all three "
        "libraries, and what is not?",
        "A masked step changes no state. What differs is the number that is *shown* for it.",
        "Without a mask the network runs on for two steps: the printed states 3 and 4.",
    ),
)

# --- 08.4 A stateful loop that remembers too much -----------------------------------------------


def last_states(texts, h_0, k, W_xh, W_hh, b_h):
    """(N, H): the state at the end of each text, read in chunks of k steps."""
    return _last_states(texts, h_0, k, W_xh, W_hh, b_h)


def _run(x, h_t, W_xh, W_hh, b_h):
    for x_t in x:
        h_t = np.tanh(x_t @ W_xh + h_t @ W_hh + b_h)
    return h_t


def _last_states(texts, h_0, k, *weights, reset="text", whole=False, short=0):
    """The same; `reset` says when the state starts anew, `whole` drops a shorter last chunk."""
    ends, h_t = [], h_0
    for text in texts:
        h_t = h_0 if reset == "text" else h_t
        stop = len(text) - k + 1 if whole else len(text)
        for start in range(0, stop, k):
            h_t = h_0 if reset == "chunk" else h_t
            h_t = _run(text[start : start + k - short], h_t, *weights)
        ends.append(h_t)
    return np.array(ends)


def _last_states_at_once(texts, h_0, k, *weights):
    return np.array([_run(text, h_0, *weights) for text in texts])


def _from_zero(texts, h_0, k, *weights):
    return _last_states(texts, 0 * h_0, k, *weights)


def _padded_chunks(texts, h_0, k, *weights):
    full = [np.concatenate([x, np.zeros((-len(x) % k, x.shape[1]))]) for x in texts]
    return _last_states(full, h_0, k, *weights)


def _every_chunk_kept(texts, h_0, k, *weights):
    ends = []
    for text in texts:
        h_t = h_0
        for start in range(0, len(text), k):
            h_t = _run(text[start : start + k], h_t, *weights)
            ends.append(h_t)
    return np.array(ends)


def _written_into_h_0(texts, h_0, k, *weights, copy):
    ends = []
    for text in texts:
        h_t = h_0
        for start in range(0, len(text), k):
            h_t[:] = _run(text[start : start + k], h_t, *weights)
        ends.append(h_t.copy() if copy else h_t)
    return np.array(ends)


def _chunk_of(**switches):
    return lambda *args: _last_states(*args, **switches)


def _stateful_cases(rng):
    cases = []
    for lengths, k, D, H in (((7, 12, 5), 3, 4, 5), ((6, 6), 2, 3, 2), ((4, 9, 1, 10), 4, 2, 3)):
        weights = rng.normal(size=(D, H)), rng.normal(size=(H, H)), 0.3 * rng.normal(size=H)
        texts = [rng.normal(size=(n, D)) for n in lengths]
        h_0 = rng.uniform(-0.9, 0.9, H)
        cases.append(Case(f"lengths {lengths}, k={k}", (texts, h_0, k, *weights)))
    return cases


WRITTEN = (
    "`h_t[:] = ...` writes into h_0 itself, so that the next text begins in what was left there"
)

_stateful = Exercise(
    id="08.4",
    title="A stateful loop that remembers too much",
    stars=2,
    minutes=15,
    deepens='the claim "the next batch starts where the last one ended"',
    statement="Mend a loop that reads several texts in chunks and carries its state.",
    reference=last_states,
    alternatives=(_last_states_at_once,),
    inputs=_stateful_cases,
    returns=("the states (N, H)",),
    stub=_chunk_of(reset="never", whole=True),
    praise="carried within a text, reset between texts, and no step is lost",
    misconceptions=(
        Misconception(
            "state carried into the next text",
            "no step is lost any more, but each text still begins in the state that the last one "
            "left",
            _chunk_of(reset="never"),
        ),
        Misconception(
            "short chunk dropped",
            "each text now begins afresh, but its last chunk is dropped when it is shorter than k",
            _chunk_of(whole=True),
        ),
        Misconception(
            "reset at every chunk",
            "the state is reset at every chunk: within a text it has to be carried on",
            _chunk_of(reset="chunk"),
        ),
        Misconception(
            "reset at every chunk, short one dropped",
            "the state is reset at every chunk, where within a text it has to be carried on; and "
            "the last chunk is dropped when it is shorter than k",
            _chunk_of(reset="chunk", whole=True),
        ),
        Misconception(
            "reset to zero",
            "the state is reset to zero; a text begins in h_0",
            _from_zero,
        ),
        Misconception(
            "last chunk padded",
            "a chunk shorter than k is filled up with zeros: without a mask these are steps like "
            "any other, and the state goes on",
            _padded_chunks,
        ),
        Misconception(
            "a state for every chunk",
            "there is a state for every chunk; asked is the one at the end of each text, so "
            "`append` belongs behind the inner loop",
            _every_chunk_kept,
        ),
        Misconception(
            "written into h_0",
            WRITTEN + "; and as all texts share that array, all rows are the last text's",
            partial(_written_into_h_0, copy=False),
        ),
        Misconception(
            "written into h_0, ends copied",
            WRITTEN,
            partial(_written_into_h_0, copy=True),
        ),
        Misconception(
            "chunks one step short",
            "the last step of each chunk is left out: text[start : start + k] already stops "
            "before its end",
            _chunk_of(short=1),
        ),
    ),
    hints=(
        "Give it one text, then the same text twice: the two states should be equal.",
        "Where must h_t be set to h_0, before both loops, between them, or inside both?",
        "The second fault is in range(0, len(text) - k + 1, k): where does a chunk begin that is "
        "shorter than k?",
    ),
)

# --- 08.5 Two biases, one learning rate ---------------------------------------------------------

MOVES = "these are the moves; asked is the bias itself after the step, starting from 0.5"

_biases = Exercise(
    id="08.5",
    title="Two biases, one learning rate",
    stars=2,
    minutes=12,
    deepens="the claim \"one step moves the sum of PyTorch's biases by twice the rate times the "
    'gradient"',
    statement="Predict how far one step of an optimiser moves a bias that is kept in two parts, "
    "then measure it.",
    kind="value",
    reference=[0.45, 0.4, 0.3, 0.05],
    alternatives=((0.45, 0.40, 0.30, 0.050),),
    returns=("one_sgd", "two_sgd", "two_adam", "rate"),
    tolerance=1e-4,
    praise="both parts get the whole gradient, so that their sum moves twice",
    misconceptions=(
        Misconception(
            "the gradient is shared",
            "the two biases do not share the gradient: the sum's derivative with respect to each "
            "of them is 1, so that each gets all of it",
            [0.45, 0.45, 0.3, 0.1],
        ),
        Misconception(
            "the gradient is shared, Adam too",
            "the two biases do not share the gradient: each of them gets all of it, whatever the "
            "optimiser does with it",
            [0.45, 0.45, 0.4, 0.1],
        ),
        Misconception(
            "two biases change nothing",
            "here the optimiser and the number of biases make no difference at all; write down the "
            "gradient of each of the two biases, and Adam's first step",
            [0.45, 0.45, 0.45, 0.1],
        ),
        Misconception("how far it fell", MOVES, [0.05, 0.1, 0.2, 0.05]),
        Misconception("the moves", MOVES, [-0.05, -0.1, -0.2, 0.05]),
        Misconception(
            "Adam does not care, or is like SGD",
            "Adam divides each number's step by the size of that number's own gradient, so each "
            "bias moves by about the rate, and the sum by two rates",
            [0.45, 0.4, 0.4, 0.05],
        ),
        Misconception(
            "uphill",
            "the step goes down the gradient: with a positive gradient the bias falls",
            [0.55, 0.6, 0.7, 0.05],
        ),
        Misconception(
            "the rate doubled",
            "with two biases the sum moves twice as far, so the rate has to be halved, not doubled",
            [0.45, 0.4, 0.3, 0.2],
        ),
        Misconception(
            "the gradient forgotten",
            "a step of SGD is not the rate alone: by what is the rate multiplied?",
            [0.4, 0.3, 0.3, 0.05],
        ),
        Misconception(
            "one of the two",
            "asked is the sum of the two biases after the step, not one of them",
            [0.45, 0.2, 0.15, 0.05],
        ),
    ),
    hints=(
        "a = ... + b_ih + b_hh: what is the derivative of a with respect to b_ih?",
        "SGD: each of the two moves by 0.1 · 0.5. What does their sum do?",
        "Adam's first step is rate · m / sqrt(v) with m and v corrected: for a gradient of 0.5 "
        "that is the rate itself, for each bias.",
    ),
)

# --- 08.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="08.6",
    title="When do the twins part?",
    stars=3,
    minutes=40,
    deepens='the claim "gain 3: the frameworks part entirely, in float32 within 150 steps"',
    statement="Predict, then measure, at which gain two runs of one network that differ by "
    "rounding begin to part, and what the input has to do with it.",
    kind="open",
    hints=(
        "You need no framework for this: NumPy in float32 and in float64 are twins enough.",
        "For each gain, several random networks: how many have parted after some hundred steps? "
        "Then vary the size of the input.",
        "Spoiler, read it after your experiment: a strong input saturates the units, where the "
        "slope of the tanh is small, and what has a small slope amplifies nothing.",
    ),
)

EXERCISES = (_count, _convert, _padding, _stateful, _biases, _open)
