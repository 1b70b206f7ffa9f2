"""Training PyTorch models: one plain loop, repeatable, with everything it did written down."""

import copy
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from rnncourse import checkpoint as checkpoints

OPTIMISERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
}


class Diverged(RuntimeError):
    """Training stopped because the loss was no longer a finite number."""


@dataclass(frozen=True, eq=False)
class History:
    """What happened in `fit`.

    Attributes:
        train: mean training loss of each epoch (E,), measured while the weights were changing.
        validation: validation loss after each epoch (E,), or an empty array without validation.
        best_epoch: number of the epoch, from 1, with the least validation loss; without
            validation the last one.
        seconds: wall-clock time.
    """

    train: np.ndarray
    validation: np.ndarray
    best_epoch: int
    seconds: float

    def __len__(self):
        """E, the number of epochs that were run."""
        return len(self.train)

    def __repr__(self):
        best = self.validation[self.best_epoch - 1] if len(self.validation) else self.train[-1]
        return f"History({len(self)} epochs, best {self.best_epoch}: loss {best:.3g})"


class EarlyStopping:
    """Keep the weights of the best epoch; say stop when none was better for `patience` epochs.

    Args:
        patience: how many epochs in a row may pass without a new best.
        min_delta: by how much a loss must be lower to count as better, in the loss's unit.

    Attributes:
        best: the least loss so far.
        best_epoch: its epoch, from 1.

    Raises:
        ValueError: if `patience` is not a positive integer or `min_delta` is negative.

    Example:
        >>> stopping, model = EarlyStopping(patience=2), nn.Linear(4, 1)
        >>> [stopping.step(loss, model) for loss in (0.5, 0.3, 0.4, 0.35)]
        [False, False, False, True]
        >>> stopping.best_epoch
        2
    """

    def __init__(self, patience, min_delta=0.0):
        if not hasattr(patience, "__index__") or patience < 1:
            raise ValueError(f"patience: expected a positive integer, got {patience!r}")
        if not min_delta >= 0:
            raise ValueError(f"min_delta: expected a number of at least 0, got {min_delta!r}")
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_epoch, self.epoch, self._weights = np.inf, 0, 0, None

    def step(self, loss, model):
        """Take note of one epoch's validation loss; returns True when it is time to stop."""
        self.epoch += 1
        if loss < self.best - self.min_delta:
            self.best, self.best_epoch = loss, self.epoch
            self._weights = copy.deepcopy(model.state_dict())
        return self.done

    @property
    def done(self):
        """Whether it is time to stop."""
        return self.epoch - self.best_epoch >= self.patience

    def state(self):
        """What a checkpoint must keep of it, as keyword arguments for `checkpoint.save`."""
        best = self.best if np.isfinite(self.best) else None  # JSON has no infinity
        weights = self._weights or {}
        return {"best": best, "best_epoch": self.best_epoch, "epoch": self.epoch, "kept": weights}

    def set_state(self, best, best_epoch, epoch, kept):
        """The reverse of `state`."""
        self.best = np.inf if best is None else best
        self.best_epoch, self.epoch, self._weights = best_epoch, epoch, kept or None

    def restore(self, model):
        """Give the model back the weights of the best epoch."""
        if self._weights is not None:
            model.load_state_dict(self._weights)


def fit(
    model,
    X,
    y,
    *,
    epochs,
    rng,
    validation=None,
    batch_size=32,
    lr=1e-3,
    optimiser="adam",
    clip=None,
    patience=None,
    loss="mse",
    progress=True,
    checkpoint=None,
):
    r"""Minimise $\frac1N\sum_i \ell(\mathrm{model}(X_i), y_i)$ by steps on small batches.

    Args:
        model: a torch.nn.Module; if it returns a tuple, as `CharModel` does, the first counts.
        X: inputs, sequences along the first axis: (N, T, D) floats or (N, T) ids.
        y: targets (N, ...) in the same order.
        epochs: how many times all of (X, y) are gone through, at most.
        rng: a NumPy generator: it alone decides the order of the batches (and dropout).
        validation: (X, y) to measure after each epoch; never trained on.
        batch_size: B; the last batch of an epoch may be smaller.
        lr: step size of the optimiser.
        optimiser: "adam", "adamw", "sgd" or "rmsprop", with PyTorch's other defaults.
        clip: largest norm of the gradient over all parameters together; None leaves it.
        patience: stop when the validation loss has had no new minimum for so many epochs, and
            take the weights of the best epoch. Without it the weights stay as they end.
        loss: "mse", "cross_entropy" (logits (..., V) against ids (...)), or a function of
            (prediction, target) that returns the mean as a tensor.
        progress: show a line on a terminal while it runs; in a notebook there is none.
        checkpoint: a file that is renewed after each epoch. If it is there at the start, the run
            goes on where the file left it, with a model of any weights and a generator in any
            state, and ends as it would have ended without the interruption, to the last bit.

    Returns:
        History. The model is trained in place and left in evaluation mode.

    Raises:
        ValueError: if sizes, types or options do not fit, the data hold NaN, or the checkpoint
            is one of a run with other options.
        Diverged: if a loss is not finite; the message says in which epoch.

    Example:
        >>> rng = np.random.default_rng(4)
        >>> X = rng.normal(size=(64, 4))
        >>> model = nn.Linear(4, 1).double()
        >>> history = fit(model, X, X.sum(1, keepdims=True), epochs=60, lr=0.1, rng=rng)
        >>> bool(history.train[-1] < 1e-3)
        True
    """
    _check_options(epochs=epochs, batch_size=batch_size, lr=lr, clip=clip, rng=rng)
    if patience is not None and validation is None:
        raise ValueError("patience: expected validation data to be patient about, got none")
    loss_function, make = _loss(loss), _choice("optimiser", optimiser, OPTIMISERS)
    X, y = _pair(model, X, y)
    validation = None if validation is None else _pair(model, *validation, prefix="validation ")
    stopping = EarlyStopping(epochs if patience is None else patience)
    options = {"batch_size": batch_size, "lr": lr, "optimiser": optimiser, "clip": clip}
    options |= {"patience": patience, "sequences": len(X)}
    optimiser = make(model.parameters(), lr=lr)
    train, held_out, started = [], [], time.perf_counter()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(rng.integers(2**63)))  # dropout, if the model has any
        if checkpoint is not None and Path(checkpoint).exists():
            train, held_out = _resume(checkpoint, model, optimiser, rng, stopping, options)
        for epoch in range(len(train) + 1, epochs + 1):
            if stopping.done:
                break
            order = torch.from_numpy(rng.permutation(len(X)))
            batches = [(X[rows], y[rows]) for rows in order.split(batch_size)]
            train.append(_epoch(model, batches, loss_function, optimiser, clip))
            _check_finite("training", train[-1], epoch)
            if validation is not None:
                held_out.append(evaluate(model, *validation, loss=loss))
                _check_finite("validation", held_out[-1], epoch)
                stopping.step(held_out[-1], model)
            _show(progress, epoch, epochs, train, held_out)
            if checkpoint is not None:
                run = {"model": model, "optimiser": optimiser, "rng": rng, "options": options}
                checkpoints.save(
                    checkpoint, **run, train=train, held_out=held_out, **stopping.state()
                )
    _show(progress, None, epochs, train, held_out)
    if patience is not None:
        stopping.restore(model)
    model.eval()
    seconds = time.perf_counter() - started
    best_epoch = stopping.best_epoch or len(train)
    return History(np.array(train), np.array(held_out), best_epoch, seconds)


def evaluate(model, X, y, loss="mse", batch_size=1024):
    """Mean loss of a model on data, in evaluation mode, without gradients.

    Args:
        model: a torch.nn.Module.
        X: inputs (N, ...).
        y: targets (N, ...).
        loss: as for `fit`.
        batch_size: how many sequences go through the model at once; the result is the mean over
            all N, whatever this is.

    Returns:
        float.

    Raises:
        ValueError: as for `fit`.

    Example:
        >>> model = nn.Linear(4, 1)
        >>> nn.init.zeros_(model.weight), nn.init.zeros_(model.bias) and None
        (Parameter...
        >>> evaluate(model, np.ones((3, 4)), 2 * np.ones((3, 1)))
        4.0
    """
    loss_function = _loss(loss)
    X, y = _pair(model, X, y)
    total = 0.0
    with torch.no_grad(), _evaluating(model):
        for rows in torch.arange(len(X)).split(batch_size):
            total += float(loss_function(_first(model(X[rows])), y[rows])) * len(rows)
    return total / len(X)


def predict(model, X, batch_size=1024):
    """What the model says, as a NumPy array, in evaluation mode, without gradients.

    Args:
        model: a torch.nn.Module; if it returns a tuple, the first counts.
        X: inputs (N, ...).
        batch_size: how many sequences go through the model at once.

    Returns:
        numpy.ndarray (N, ...).

    Raises:
        ValueError: if `X` is empty or holds NaN.

    Example:
        >>> predict(nn.Linear(4, 2), np.zeros((3, 4))).shape
        (3, 2)
    """
    X = _tensor(model, "X", X)
    with torch.no_grad(), _evaluating(model):
        return torch.cat([_first(model(part)) for part in X.split(batch_size)]).numpy()


def _resume(path, model, optimiser, rng, stopping, options):
    """Put everything back to where the checkpoint saw it; returns the losses so far."""
    found = checkpoints.load(path)
    if found.get("options") != options:
        raise ValueError(
            f"checkpoint: expected a run with {options}, got one with {found.get('options')}"
        )
    checkpoints.load(path, model=model, optimiser=optimiser, rng=rng)
    stopping.set_state(**{key: found[key] for key in ("best", "best_epoch", "epoch", "kept")})
    return found["train"], found["held_out"]


def _epoch(model, batches, loss_function, optimiser, clip):
    """One pass over the batches with a step after each; returns the mean loss over sequences."""
    model.train()
    total, count = 0.0, 0
    for X, y in batches:
        optimiser.zero_grad()
        value = loss_function(_first(model(X)), y)
        value.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        total, count = total + value.item() * len(X), count + len(X)
    return total / count


class _evaluating:
    """The model in evaluation mode while the block runs, then as it was."""

    def __init__(self, model):
        self.model, self.was_training = model, model.training

    def __enter__(self):
        self.model.eval()

    def __exit__(self, *_):
        self.model.train(self.was_training)


def _first(output):
    return output[0] if isinstance(output, tuple) else output


def _mse(prediction, target):
    if prediction.shape != target.shape:  # broadcasting would average over the wrong pairs
        raise ValueError(
            f"y: expected the shape of the prediction, {tuple(prediction.shape)}, "
            f"got {tuple(target.shape)}"
        )
    return nn.functional.mse_loss(prediction, target)


def _cross_entropy(logits, ids):
    if logits.shape[:-1] != ids.shape or ids.is_floating_point():
        raise ValueError(
            f"y: expected integers of shape {tuple(logits.shape[:-1])} for logits "
            f"{tuple(logits.shape)}, got {ids.dtype} of shape {tuple(ids.shape)}"
        )
    return nn.functional.cross_entropy(logits.flatten(0, -2), ids.flatten())


def _loss(loss):
    return loss if callable(loss) else _choice("loss", loss, LOSSES)


LOSSES = {"mse": _mse, "cross_entropy": _cross_entropy}


def _choice(name, value, table):
    if value not in table:
        raise ValueError(f"{name}: expected one of {', '.join(map(repr, table))}, got {value!r}")
    return table[value]


def _pair(model, X, y, prefix=""):
    X, y = _tensor(model, f"{prefix}X", X), _tensor(model, f"{prefix}y", y)
    if len(X) != len(y):
        raise ValueError(f"{prefix}y: expected {len(X)} targets as in X, got {len(y)}")
    return X, y


def _tensor(model, name, array):
    """A finite, non-empty tensor: floats in the model's precision, integers as int64."""
    if not isinstance(array, torch.Tensor):
        array = np.asarray(array)
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{name}: expected numbers, got dtype {array.dtype}")
        array = torch.tensor(array)
    if array.ndim == 0 or array.numel() == 0:
        raise ValueError(f"{name}: expected at least one row, got shape {tuple(array.shape)}")
    if not array.is_floating_point():
        return array.long()
    if not torch.isfinite(array).all():
        raise ValueError(f"{name}: expected finite numbers, got NaN or infinity")
    dtypes = [p.dtype for p in model.parameters()]
    return array.to(dtypes[0] if dtypes else torch.get_default_dtype())


def _check_options(epochs, batch_size, lr, clip, rng):
    for name, value in {"epochs": epochs, "batch_size": batch_size}.items():
        if not hasattr(value, "__index__") or value < 1:
            raise ValueError(f"{name}: expected a positive integer, got {value!r}")
    for name, value in {"lr": lr, "clip": 1 if clip is None else clip}.items():
        if not 0 < value < np.inf:
            raise ValueError(f"{name}: expected a positive number, got {value!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(4), got {rng!r}")


def _check_finite(which, value, epoch):
    if not np.isfinite(value):
        raise Diverged(
            f"the {which} loss is {value} in epoch {epoch}: try a smaller lr, or clip=1.0"
        )


def _show(progress, epoch, epochs, train, held_out):
    """One line on a terminal, rewritten each epoch and wiped at the end (epoch None)."""
    if not progress or not sys.stdout.isatty():
        return  # notebooks store what is printed, and stored bars help nobody
    line = ""
    if epoch is not None:
        line = f"epoch {epoch}/{epochs}  loss {train[-1]:.4g}"
        line += f"  validation {held_out[-1]:.4g}" if held_out else ""
    sys.stdout.write("\r" + line.ljust(70) + ("" if line else "\r"))
    sys.stdout.flush()
