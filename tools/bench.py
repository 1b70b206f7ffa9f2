"""How fast are the cells? One layer, forward and backward, against PyTorch, one thread, float32.

Run it with `make bench`, or `python tools/bench.py --quick` for one repeat. It measures, it tests
nothing. Columns, in milliseconds of CPU time (median over interleaved repeats):

- torch: `torch.nn.RNN / LSTM / GRU`, batch_first, with autograd to the input and all weights;
- ours: `rnncourse.cells` and `rnncourse.bptt`, the same gradients;
- naive: NumPy as one first writes it: a product for every gate, a weight gradient for every step;
- limit: the matrix products of `ours` alone, at their shapes: what NumPy cannot go below.

Ratios are medians of the ratios of neighbouring runs, which a busy machine disturbs alike.
"""

import argparse
import statistics
import time

import rnncourse  # noqa: F401  before NumPy and PyTorch: it sets one thread

import numpy as np  # isort: skip
import torch  # isort: skip

from rnncourse import bptt, cells

SIZES = [(64, 100, 128, 128), (32, 100, 256, 256), (16, 1000, 64, 64)]  # B, T, D, H
GATES = {"RNN": 1, "LSTM": 4, "GRU": 3}


def ours(kind, x, dh, rng):
    """The course's cells: a function of no arguments that runs forward and backward."""
    name, (D, H) = kind.lower(), (x.shape[-1], dh.shape[-1])
    params = getattr(cells, f"init_{name}")(D, H, rng, dtype=np.float32)
    forward, backward = getattr(cells, f"{name}_forward"), getattr(bptt, f"{name}_backward")
    return lambda: backward(dh, forward(x, params)[-1])


def pytorch(kind, x, dh):
    """The framework's layer, likewise."""
    layer = getattr(torch.nn, kind)(x.shape[-1], dh.shape[-1], batch_first=True)
    x, dh = torch.tensor(x, requires_grad=True), torch.tensor(dh)

    def run():
        x.grad = None
        layer.zero_grad(set_to_none=True)
        layer(x)[0].backward(dh)

    return run


def naive(kind, x, dh, rng):
    """NumPy as one first writes it, likewise: gates apart, weight gradients step by step."""
    (B, T, D), H, G = x.shape, dh.shape[-1], GATES[kind]
    W_x = [rng.normal(0, 0.1, (D, H)).astype(np.float32) for _ in range(G)]
    W_h = [rng.normal(0, 0.1, (H, H)).astype(np.float32) for _ in range(G)]
    b = [np.zeros(H, np.float32) for _ in range(G)]
    step, step_back = NAIVE[kind]

    def run():
        state, tape = [np.zeros((B, H), np.float32)] * 2, []
        for t in range(T):
            state, kept = step(x[:, t], state, W_x, W_h, b)
            tape.append(kept)
        dx, dstate = np.empty_like(x), [np.zeros((B, H), np.float32)] * 2
        gradients = [[np.zeros_like(w) for w in part] for part in (W_x, W_h, b)]
        for t in reversed(range(T)):
            dstate = [dstate[0] + dh[:, t], dstate[1]]
            dx[:, t], dstate = step_back(x[:, t], dstate, tape[t], W_x, W_h, gradients)
        return dx, gradients

    return run


def _share(k, da_x, da_h, x_t, h_prev, W_x, W_h, gradients):
    """Gate k's part of the gradients; returns its part of dx_t and dh_prev."""
    gradients[0][k] += x_t.T @ da_x
    gradients[1][k] += h_prev.T @ da_h
    gradients[2][k] += da_x.sum(axis=0)
    return da_x @ W_x[k].T, da_h @ W_h[k].T


def _rnn_step(x_t, state, W_x, W_h, b):
    h = np.tanh(x_t @ W_x[0] + state[0] @ W_h[0] + b[0])
    return [h, h], (state[0], h)


def _rnn_back(x_t, dstate, kept, W_x, W_h, gradients):
    h_prev, h = kept
    da = dstate[0] * (1 - h**2)
    dx, dh = _share(0, da, da, x_t, h_prev, W_x, W_h, gradients)
    return dx, [dh, dh]


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _lstm_step(x_t, state, W_x, W_h, b):
    h_prev, c_prev = state
    a = [x_t @ W_x[k] + h_prev @ W_h[k] + b[k] for k in range(4)]
    i, f, g, o = _sigmoid(a[0]), _sigmoid(a[1]), np.tanh(a[2]), _sigmoid(a[3])
    c = f * c_prev + i * g
    return [o * np.tanh(c), c], (h_prev, c_prev, i, f, g, o, c)


def _lstm_back(x_t, dstate, kept, W_x, W_h, gradients):
    h_prev, c_prev, i, f, g, o, c = kept
    dh, tanh_c = dstate[0], np.tanh(c)
    dc = dstate[1] + dh * o * (1 - tanh_c**2)
    da = dc * g * i * (1 - i), dc * c_prev * f * (1 - f), dc * i * (1 - g**2)
    da += (dh * tanh_c * o * (1 - o),)
    shares = [_share(k, da[k], da[k], x_t, h_prev, W_x, W_h, gradients) for k in range(4)]
    return sum(s[0] for s in shares), [sum(s[1] for s in shares), dc * f]


def _gru_step(x_t, state, W_x, W_h, b):
    h_prev = state[0]
    a_x = [x_t @ W_x[k] + b[k] for k in range(3)]
    a_h = [h_prev @ W_h[k] for k in range(3)]
    r, z = _sigmoid(a_x[0] + a_h[0]), _sigmoid(a_x[1] + a_h[1])
    n = np.tanh(a_x[2] + r * a_h[2])
    h = (1 - z) * n + z * h_prev
    return [h, h], (h_prev, r, z, n, a_h[2])


def _gru_back(x_t, dstate, kept, W_x, W_h, gradients):
    h_prev, r, z, n, m = kept
    dn = dstate[0] * (1 - z) * (1 - n**2)
    dz = dstate[0] * (h_prev - n) * z * (1 - z)
    dr = dn * m * r * (1 - r)
    pairs = (dr, dr), (dz, dz), (dn, dn * r)
    shares = [_share(k, *pairs[k], x_t, h_prev, W_x, W_h, gradients) for k in range(3)]
    dh = dstate[0] * z + sum(s[1] for s in shares)
    return sum(s[0] for s in shares), [dh, dh]


NAIVE = {
    "RNN": (_rnn_step, _rnn_back),
    "LSTM": (_lstm_step, _lstm_back),
    "GRU": (_gru_step, _gru_back),
}


def products(kind, B, T, D, H, rng):
    """The matrix products of one layer, forward and backward, and nothing else."""
    GH = GATES[kind] * H
    x, h, a = (rng.normal(size=(T * B, n)).astype(np.float32) for n in (D, H, GH))
    W_x, W_h = (rng.normal(size=(n, GH)).astype(np.float32) for n in (D, H))
    h_t, a_t = h.reshape(T, B, H), a.reshape(T, B, GH)
    state, gates = np.empty((B, H), np.float32), np.empty((B, GH), np.float32)
    wide, narrow, W_back = np.empty_like(a), np.empty_like(x), np.ascontiguousarray(W_h.T)

    def run():
        np.matmul(x, W_x, out=wide)
        for t in range(T):
            np.matmul(h_t[t], W_h, out=gates)
        for t in range(T):
            np.matmul(a_t[t], W_back, out=state)
        np.matmul(a, W_x.T, out=narrow)
        return x.T @ a, h.T @ a

    return run


def measure(runs, repeats):
    """CPU milliseconds of each entrant, (entrant -> list over repeats), taken in turns."""
    times = {name: [] for name in runs}
    for run in runs.values():
        run()  # warm up: memory, kernels, caches
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(1000 * (time.process_time() - start))
    return times


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one repeat instead of eleven")
    parser.add_argument("--only", choices=GATES, help="one kind of cell")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("ms of CPU time, forward + backward, float32, one thread\n")
    print(f"{'cell':5} {'(B, T, D, H)':20}  torch   ours  naive  limit   ours/torch  naive/torch")
    ratios = {}
    for B, T, D, H in SIZES:
        for kind in [arguments.only] if arguments.only else GATES:
            rng = np.random.default_rng(0)
            x, dh = (rng.normal(size=(B, T, n)).astype(np.float32) for n in (D, H))
            times = measure(
                {
                    "torch": pytorch(kind, x, dh),
                    "ours": ours(kind, x, dh, rng),
                    "naive": naive(kind, x, dh, rng),
                    "limit": products(kind, B, T, D, H, rng),
                },
                repeats=1 if arguments.quick else 11,
            )
            against = {
                name: statistics.median(np.divide(times[name], times["torch"]))
                for name in ("ours", "naive")
            }
            shown = "  ".join(f"{statistics.median(times[name]):5.1f}" for name in times)
            size = f"{(B, T, D, H)}"
            print(
                f"{kind:5} {size:20}  {shown}   {against['ours']:10.2f}  {against['naive']:11.2f}"
            )
            ratios[f"{kind} at {size}"] = against["ours"]
    worst = max(ratios, key=ratios.get)
    mean = statistics.geometric_mean(ratios.values())
    print(f"\nours/torch: geometric mean {mean:.2f}, worst {ratios[worst]:.2f} ({worst})")


if __name__ == "__main__":
    main()
