"""Statements of fact that re-run: a claim is checked where it is made, or it is not made.

Every sentence of a chapter that an experiment is meant to show is a call of `claim`. It prints
one line without machine-dependent digits, so that stored and re-run outputs can be compared
exactly, and keeps the measured numbers beside it as structured data for the claims ledger.
"""

import contextlib
import math
import os
from numbers import Number

from rnncourse import _display


class ClaimError(AssertionError):
    """A sentence of the course that its own measurement contradicts."""


def claim(text, holds, **numbers):
    """Check a sentence of fact: print `✓ text`, or raise when it is false.

    Args:
        text: the sentence, without digits that depend on the machine.
        holds: whether the measurement supports it (a bool, or a NumPy bool of one element).
        **numbers: what was measured: numbers, or arrays and lists of numbers. They are kept with
            the notebook's output and shown in the message when the claim is false.

    Raises:
        ClaimError: if the claim is false. With `RNNCOURSE_CLAIMS=record` in the environment the
            line `✗ text` is kept instead, so that one run can collect every claim over seeds.
        ValueError: if `text` is empty or `holds` is not one truth value.

    Example:
        >>> claim("a bag of symbols cannot tell 'ab' from 'ba'", sorted("ab") == sorted("ba"))
        ✓ a bag of symbols cannot tell 'ab' from 'ba'
    """
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"text: expected a sentence, got {text!r}")
    holds = _one_truth(holds)
    measured = {name: _plain(value) for name, value in numbers.items()}
    if not holds and os.environ.get("RNNCOURSE_CLAIMS") != "record":
        shown = ", ".join(f"{name} = {value}" for name, value in measured.items())
        raise ClaimError(f"✗ {text}" + (f"   measured: {shown}" if shown else ""))
    record = {"claim": text, "holds": holds, "numbers": measured}
    _display.line(f"{'✓' if holds else '✗'} {text}", record)


def same(name, a, b, tol=1e-10):
    """Claim that two computations agree: max |a - b| <= tol (on arrays of one shape).

    Args:
        name: what agrees, e.g. "our step and torch.nn.RNN".
        a: an array, or anything that NumPy makes one of (PyTorch tensors must be detached).
        b: the other one, of the same shape.
        tol: largest absolute difference allowed.

    Raises:
        ClaimError: if they differ by more, or in shape.

    Example:
        >>> same("addition commutes", 1 + 2, 2 + 1)
        ✓ addition commutes: equal to 1e-10
    """
    import numpy as np  # here: layer 0 stays free of imports that a page may not need

    a, b = np.asarray(a) * 1.0, np.asarray(b) * 1.0  # truth values cannot be subtracted
    if a.shape != b.shape:
        raise ClaimError(f"✗ {name}: shapes differ, {a.shape} and {b.shape}")
    difference = float(np.max(np.abs(a - b), initial=0.0))
    claim(f"{name}: equal to {tol:.0e}", difference <= tol, largest_difference=difference)


def shape(name, array, **sizes):
    """Claim the shape of an array by its named axes.

    Args:
        name: the array's name as it stands in the text.
        array: anything with a `.shape`.
        **sizes: the axes in order, e.g. `B=3, T=7, H=5`.

    Raises:
        ClaimError: if the shape is another one.

    Example:
        >>> import numpy as np
        >>> shape("h", np.zeros((3, 7, 5)), B=3, T=7, H=5)
        ✓ h is (B, T, H) = (3, 7, 5)
    """
    expected, came = tuple(sizes.values()), tuple(array.shape)
    if came != expected:
        raise ClaimError(f"✗ {name} is {came}, expected ({', '.join(sizes)}) = {expected}")
    claim(f"{name} is ({', '.join(sizes)}) = {expected}", True)


def _one_truth(holds):
    """One Python bool from a bool, a NumPy bool or an array of one element."""
    value = holds
    if hasattr(holds, "item"):
        with contextlib.suppress(ValueError, RuntimeError):  # NumPy's, PyTorch's, for several
            value = holds.item()
    if not isinstance(value, Number) or value not in (0, 1):
        raise ValueError(f"holds: expected one truth value, got {holds!r}; use .all() or .any()")
    return bool(value)


def _plain(value):
    """Numbers and arrays of numbers as plain, rounded Python values that JSON can hold."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (bool, int, str)) or value is None:
        return value
    value = float(f"{float(value):.4g}")
    return value if math.isfinite(value) else str(value)  # JSON has no NaN and no infinity
