"""The training runs of the clinic: one loop in small parts, of which a patient exchanges one."""

import inspect
import textwrap

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from rnncourse.clinic import CHUNK, DATA, DELAY, DETACH, LOSS, MODE, RATE, STATE, SYMBOLS, Chart

B, H, DROPOUT = 32, 24, 0.5  # streams, units, share of outputs that is dropped
STEPS, EVERY, CHECKED = 240, 20, 9  # training; steps between validations, chunks of one
BATCH, REPEATS = 8, 120  # sequences in the one batch that is learnt by heart, steps for it


class Echo(nn.Module):
    """One-hot symbols in, logits of the symbol that came DELAY steps before out."""

    def __init__(self):
        super().__init__()
        self.cell = nn.RNNCell(SYMBOLS, H)
        self.dropout = nn.Dropout(DROPOUT)
        self.readout = nn.Linear(H, SYMBOLS)


class Run:
    """A training run that works; the six methods below `loop` are what can go wrong."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        torch.manual_seed(seed)
        self.model = Echo()
        self.adam = self.optimiser()

    # --- six parts, one for each fault

    def pair(self, x, y):
        return x, y

    def losses(self, logits, y):
        return functional.cross_entropy(logits, y, reduction="none")

    def carry_over(self, h):
        return h.detach()  # the state goes on, the gradient does not

    def optimiser(self):
        return torch.optim.Adam(self.model.parameters(), lr=0.01)

    def step(self, x_t, h_prev):
        return self.model.cell(x_t, h_prev)

    def before_validation(self):
        self.model.eval()  # no dropout

    # --- the rest of the loop

    def data(self, chunks):
        """Symbols x (B, T) and their echo y (B, T), as they reach the loop."""
        symbols = self.rng.integers(0, SYMBOLS, (B, DELAY + CHUNK * chunks))
        x, y = self.pair(symbols[:, DELAY:], symbols[:, :-DELAY])
        return torch.tensor(x), torch.tensor(y)

    def forward(self, x, h):
        """States (B, T, H) and logits (B, T, V) of symbols x (B, T), from the state h (B, H)."""
        states = []
        for x_t in functional.one_hot(x, SYMBOLS).float().unbind(1):
            h = self.step(x_t, h)
            states.append(h)
        return states, self.model.readout(self.model.dropout(torch.stack(states, 1)))

    def update(self, x, y, h):
        """One step of training: the last state, the loss, the accuracy, the gradient's norm."""
        states, logits = self.forward(x, h)
        loss = self.losses(logits.flatten(0, 1), y.flatten()).mean()
        self.adam.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.adam.step()
        return states[-1], loss.item(), _share(logits, y), norm.item()

    def validate(self, x, y):
        """Loss by position in the chunk (CHUNK,), and the share of right answers.

        The first chunk only warms the state up: its first targets lie before the stream.
        """
        self.before_validation()
        h, losses, right = torch.zeros(len(x), H), [], []
        with torch.no_grad():
            for part in torch.arange(x.shape[1]).split(CHUNK):
                states, logits = self.forward(x[:, part], h)
                h = self.carry_over(states[-1])
                value = self.losses(logits.flatten(0, 1), y[:, part].flatten())
                losses.append(value.reshape(-1, CHUNK).mean(0))
                right.append(_share(logits, y[:, part]))
        self.model.train()
        return torch.stack(losses[1:]).mean(0).double().numpy(), float(np.mean(right[1:]))


def _share(logits, y):
    """The share of symbols that have the largest logit."""
    return (logits.argmax(-1) == y).float().mean().item()


class Data(Run):
    def pair(self, x, y):
        return x, y[::-1].copy()  # the two files list the streams in opposite orders


class Loss(Run):
    def losses(self, logits, y):
        p = logits.softmax(-1)
        return functional.cross_entropy(p, y, reduction="none")


class State(Run):
    def carry_over(self, h):
        return torch.zeros_like(h)


class Rate(Run):
    def optimiser(self):
        return torch.optim.Adam(self.model.parameters(), lr=0.3)


class Detach(Run):
    def step(self, x_t, h_prev):
        return self.model.cell(x_t, h_prev.detach())


class Mode(Run):
    def before_validation(self):
        pass


KIND = {None: Run, DATA: Data, LOSS: Loss, STATE: State, RATE: Rate, DETACH: Detach, MODE: Mode}


def chart(fault, seed):
    """Train one run and write down its readings.

    Args:
        fault: a `Fault`, or None for the healthy run.
        seed: an integer; runs with the same seed have the same data and first weights.

    Returns:
        A `Chart`.
    """
    with torch.random.fork_rng(devices=[]):
        run = KIND[fault](seed)
        x, y = run.data(STEPS)
        held_out = run.data(CHECKED)
        lag = _by_lag(run, x[:, :CHUNK], y[:, :CHUNK])
        train, norm, checks = _train(run, x, y, held_out)
        again = [run.validate(*held_out)[0] for _ in range(3)]
        batch, batch_accuracy = _by_heart(KIND[fault](seed), x, y)
    steps, validation, accuracy = map(np.array, zip(*checks, strict=True))
    again = np.array(again)
    arrays = map(np.array, (train, norm, steps, validation, accuracy))
    return Chart(*arrays, again.mean(1), again[0], lag, batch, batch_accuracy)


def _train(run, x, y, held_out):
    """Go through the streams chunk by chunk, validating on the way."""
    h, train, norms, checks = torch.zeros(B, H), [], [], []
    for i, part in enumerate(torch.arange(x.shape[1]).split(CHUNK), start=1):
        h, loss, _, norm = run.update(x[:, part], y[:, part], h)
        h = run.carry_over(h)
        train.append(loss)
        norms.append(norm)
        if i % EVERY == 0:
            losses, accuracy = run.validate(*held_out)
            checks.append((i, losses.mean(), accuracy))
    return train, norms, checks


def _by_lag(run, x, y):
    """Gradient of the last step's loss by the state so many steps before, relative to lag 0."""
    states, _ = run.forward(x, torch.zeros(len(x), H))
    logits = run.model.readout(states[-1])
    loss = run.losses(logits, y[:, -1]).mean()
    gradients = torch.autograd.grad(loss, states, allow_unused=True)
    norms = [0.0 if grad is None else grad.norm().item() for grad in reversed(gradients)]
    return np.array(norms) / norms[0]


def _by_heart(run, x, y):
    """Losses and shares of right answers of a fresh model that sees one batch again and again."""
    x, y, h_0 = x[:BATCH, :CHUNK], y[:BATCH, :CHUNK], torch.zeros(BATCH, H)
    seen = [run.update(x, y, h_0)[1:3] for _ in range(REPEATS)]
    return map(np.array, zip(*seen, strict=True))


def sources(fault):
    """The part of the loop that a fault exchanges, as it should be and as it was: two texts."""
    kind = KIND[fault]
    (name,) = [name for name in vars(kind) if not name.startswith("__")]
    return [textwrap.dedent(inspect.getsource(getattr(c, name))) for c in (Run, kind)]
