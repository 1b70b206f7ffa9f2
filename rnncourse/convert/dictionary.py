"""A dictionary of three languages that is executed before it is printed."""

from html import escape
from typing import NamedTuple

import numpy as np

from rnncourse.convert.common import array

LANGUAGES = ("NumPy", "PyTorch", "Keras")
PLAIN = 'style="color: inherit; background: none; border: 0"'  # readable in dark mode, too


class Row(NamedTuple):
    """One concept in three languages.

    Args:
        concept: what it is, in words.
        expressions: the three expressions, as they were evaluated.
        shapes: of what came out.
        difference: the largest between any two of the results; infinite if the shapes differ.
        agree: whether all three have one shape and the same numbers.
    """

    concept: str
    expressions: tuple
    shapes: tuple
    difference: float
    agree: bool


class Rosetta(tuple):
    """Rows of `rosetta`; a notebook shows them as a table with ✓ where all three agree."""

    __slots__ = ()

    @property
    def concepts(self):
        """{concept: whether all three agree}."""
        return {row.concept: row.agree for row in self}

    def __str__(self):
        return "\n".join(
            f"{'✓' if row.agree else '≠'} {row.concept}: {' | '.join(row.expressions)}"
            for row in self
        )

    __repr__ = __str__

    def _repr_html_(self):
        head = "".join(f"<th>{text}</th>" for text in ("", "", *LANGUAGES, "shape"))
        body = "".join(f"<tr>{_cells(row)}</tr>" for row in self)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def rosetta(text, names, tol=1e-10):
    """Evaluate a table of expressions, one line a concept, and say where the three agree.

    Args:
        text: lines `concept | NumPy | PyTorch | Keras`; empty lines are left out.
        names: what the expressions may use, e.g. `globals()`.
        tol: largest absolute difference at which numbers count as the same.

    Returns:
        Rosetta: a tuple of `Row`s.

    Raises:
        ValueError: for a line that has not four parts, or an expression that fails.

    Taught in: chapters/08_one_model_three_frameworks

    Example:
        >>> import torch
        >>> print(rosetta("sum | np.sum(a) | torch.tensor(a).sum() | sum(a)", {
        ...     "np": np, "torch": torch, "a": [1.0, 2.0]}))
        ✓ sum: np.sum(a) | torch.tensor(a).sum() | sum(a)
    """
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        concept, *expressions = (part.strip() for part in line.split("|"))
        if len(expressions) != len(LANGUAGES):
            raise ValueError(f"text: expected a concept and three expressions, got {line!r}")
        values = [_value(expression, names) for expression in expressions]
        difference = _difference(values)
        shapes = tuple(value.shape for value in values)
        rows.append(Row(concept, tuple(expressions), shapes, difference, difference <= tol))
    return Rosetta(rows)


def _value(expression, names):
    """What an expression gives, as an array of numbers."""
    try:
        value = eval(expression, dict(names))  # the reader's own lines, in the reader's kernel
        return (array(value) if hasattr(value, "numpy") else np.asarray(value)) * 1.0
    except Exception as error:
        raise ValueError(f"text: {expression!r} fails: {type(error).__name__}: {error}") from error


def _difference(values):
    first, *others = values
    if any(other.shape != first.shape for other in others):
        return np.inf
    return float(max(np.max(np.abs(a - b), initial=0) for a in values for b in values))


def _cells(row):
    shapes = [str(shape) for shape in dict.fromkeys(row.shapes)]
    texts = ["✓" if row.agree else "≠", escape(row.concept)]
    texts += [f"<code {PLAIN}>{escape(expression)}</code>" for expression in row.expressions]
    return "".join(f"<td>{text}</td>" for text in [*texts, " / ".join(shapes)])
