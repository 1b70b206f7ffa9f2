"""Checkpoints: all that a training run is, in one file that holds numbers and text, no code.

A file of safetensors is a table of names, types, shapes and places, in JSON, followed by the bare
numbers. To read it means to copy numbers; a pickle, by contrast, is a program that is run by
whoever loads it.
"""

import json
import os
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors import torch as st

FORMAT = "rnncourse checkpoint 1"


def save(path, *, model, optimiser=None, rng=None, **progress):
    """Write a checkpoint; whoever reads `path` finds the old one or the new one, never half of it.

    The bytes go into a file beside it first, are pushed to the disk, and then take the old file's
    name in one step. A run that is killed on the way leaves the old checkpoint as it was.

    Args:
        path: the file, by custom ending in `.safetensors`; its folder must exist.
        model: a torch.nn.Module: all its parameters and buffers.
        optimiser: a torch.optim optimiser: its moments, counters and options; None leaves it out.
        rng: a NumPy generator; its state, and that of PyTorch's own stream (dropout draws from
            it), are written down. None leaves both out.
        **progress: how far the run is: numbers, texts, lists of them, None, arrays and tensors,
            or dicts of tensors, e.g. `step=100, h=state, best=weights`.

    Raises:
        ValueError: if something in `progress` can be none of these.
        OSError: if the file cannot be written; the old one is untouched.

    Taught in: chapters/07_training_that_works

    Source: the format is that of the safetensors library (Hugging Face); what goes into the file
        under which name is our own.

    Example:
        >>> import tempfile
        >>> model, twin = torch.nn.Linear(4, 5), torch.nn.Linear(4, 5)
        >>> path = Path(tempfile.mkdtemp()) / "run.safetensors"
        >>> save(path, model=model, step=7)
        >>> load(path, model=twin), torch.equal(model.weight, twin.weight)
        ({'step': 7}, True)
    """
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    notes = {"format": FORMAT, "progress": {}}
    if optimiser is not None:
        notes["optimiser"] = _take_apart(optimiser, tensors)
    if rng is not None:
        notes["rng"] = _plain_state(rng.bit_generator.state)
        tensors["torch stream"] = torch.get_rng_state()
    for key, value in progress.items():
        notes["progress"][key] = _note(key, value, tensors)
    # clones: tied weights share their memory, which the format refuses
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}
    _replace(Path(path), st.save(tensors, {"rnncourse": json.dumps(notes)}))


def load(path, *, model=None, optimiser=None, rng=None):
    """Put a run back to where `save` saw it. What is not handed over is not put back.

    Args:
        path: the file.
        model: the module to fill, built as the saved one was; None leaves the weights in the file.
        optimiser: the optimiser to fill, made for this model; None leaves it out.
        rng: the NumPy generator to set, together with PyTorch's own stream; None leaves both.

    Returns:
        dict of what was handed to `save` as progress, arrays and tensors as tensors.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is damaged or none of ours, or holds something else than what is
            to be put back; model, optimiser and rng are then as they were.

    Taught in: chapters/07_training_that_works

    Example:
        >>> import tempfile
        >>> rng, path = np.random.default_rng(0), Path(tempfile.mkdtemp()) / "run.safetensors"
        >>> save(path, model=torch.nn.Linear(4, 5), rng=rng)
        >>> a = rng.random()
        >>> load(path, rng=rng), rng.random() == a
        ({}, True)
    """
    tensors, notes = _read(Path(path))
    for name, wanted in {"optimiser": optimiser, "rng": rng}.items():
        if wanted is not None and name not in notes:
            raise ValueError(f"{name}: expected None, because {path} was saved without one")
    if rng is not None:
        kind = rng.bit_generator.state["bit_generator"]
        if kind != notes["rng"]["bit_generator"]:
            raise ValueError(f"rng: expected a {notes['rng']['bit_generator']}, got a {kind}")
    weights = _under("model.", tensors)
    if model is not None:
        _check_same(model.state_dict(), weights)
    if optimiser is not None:
        _put_together(optimiser, notes["optimiser"], tensors)
    if model is not None:
        model.load_state_dict(weights)
    if rng is not None:
        rng.bit_generator.state = _array_state(notes["rng"])
        torch.set_rng_state(tensors["torch stream"])
    return {key: _value(key, note, tensors) for key, note in notes["progress"].items()}


def _replace(path, data):
    """Give `path` this content in one step, as far as the disk is concerned."""
    beside = path.with_name(path.name + ".part")
    with open(beside, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # on the disk before it takes the name, or a power cut loses both
    os.replace(beside, path)
    if hasattr(os, "O_DIRECTORY"):  # the name, too, must reach the disk; Windows has no such call
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read(path):
    """(tensors, notes) of a file, after a look at whether it is whole and ours."""
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get("rnncourse", "{}")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        notes = json.loads(text)
    except (SafetensorError, json.JSONDecodeError) as error:
        raise ValueError(f"path: expected a whole checkpoint, got {path} ({error})") from None
    if notes.get("format") != FORMAT:
        raise ValueError(f"path: expected a checkpoint of `save`, got {path} of another make")
    return tensors, notes


def _take_apart(optimiser, tensors):
    """Moments into the table of tensors, the rest as notes."""
    state = optimiser.state_dict()
    numbers = {}
    for index, memory in state["state"].items():
        for name, value in memory.items():
            if isinstance(value, torch.Tensor):
                tensors[f"optimiser.{index}.{name}"] = value
            else:
                numbers[f"{index}.{name}"] = value
    kind = type(optimiser).__name__
    return {"kind": kind, "numbers": numbers, "groups": state["param_groups"]}


def _put_together(optimiser, notes, tensors):
    """The reverse of `_take_apart`, into the optimiser."""
    if type(optimiser).__name__ != notes["kind"]:
        raise ValueError(f"optimiser: expected {notes['kind']}, got {type(optimiser).__name__}")
    sizes = [len(group["params"]) for group in optimiser.state_dict()["param_groups"]]
    expected = [len(group["params"]) for group in notes["groups"]]
    if sizes != expected:
        raise ValueError(f"optimiser: expected groups of {expected} parameters, got {sizes}")
    state = {}
    for name, value in (_under("optimiser.", tensors) | notes["numbers"]).items():
        index, _, entry = name.partition(".")
        state.setdefault(int(index), {})[entry] = value
    optimiser.load_state_dict({"state": state, "param_groups": _groups(notes["groups"])})


def _groups(groups):
    """JSON knows lists alone; all but the numbers of the parameters were tuples, as betas are."""
    return [
        {k: tuple(v) if isinstance(v, list) and k != "params" else v for k, v in group.items()}
        for group in groups
    ]


def _note(key, value, tensors):
    """One entry of the progress: tensors into the table, everything else as JSON."""
    if isinstance(value, (np.ndarray, torch.Tensor)):
        tensors[f"progress.{key}"] = torch.as_tensor(value)
        return {"tensor": True}
    if isinstance(value, dict) and all(isinstance(v, torch.Tensor) for v in value.values()):
        tensors |= {f"progress.{key}.{name}": tensor for name, tensor in value.items()}
        return {"tensors": list(value)}
    try:
        return {"value": json.loads(json.dumps(value, default=_number))}
    except TypeError:
        raise ValueError(
            f"{key}: expected numbers, texts, lists, arrays or tensors, got {value!r}"
        ) from None


def _value(key, note, tensors):
    if "tensor" in note:
        return tensors[f"progress.{key}"]
    if "tensors" in note:
        return {name: tensors[f"progress.{key}.{name}"] for name in note["tensors"]}
    return note["value"]


def _number(value):
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError


def _plain_state(state):
    """A generator's state with arrays as lists: JSON holds integers of any size."""
    if isinstance(state, dict):
        return {key: _plain_state(value) for key, value in state.items()}
    return {"array": state.tolist()} if isinstance(state, np.ndarray) else state


def _array_state(state):
    if isinstance(state, dict):
        if "array" in state:
            return np.array(state["array"], dtype=np.uint64)
        return {key: _array_state(value) for key, value in state.items()}
    return state


def _under(prefix, tensors):
    """The tensors whose names begin so, without the beginning."""
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def _check_same(expected, weights):
    """Refuse weights of another model, with the first difference in words."""
    for name in sorted(expected.keys() | weights.keys()):
        shapes = [tuple(t[name].shape) if name in t else None for t in (weights, expected)]
        if shapes[0] != shapes[1]:
            raise ValueError(f"model: expected {name} of shape {shapes[0]}, got {shapes[1]}")
