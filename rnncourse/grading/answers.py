"""Answers as plain data: what an attempt returned, packed for the way back and compared.

An attempt runs in a process of its own (see `isolation`), and only JSON comes back from there:
nothing that a learner's object does when it is looked at can reach the kernel.
"""

import math
from itertools import permutations

import numpy as np

LARGEST = 200_000  # numbers in one answer; more is not an answer but an accident


class Odd:
    """Something that is neither numbers, text nor a collection of them."""

    def __init__(self, kind, what=""):
        self.kind = kind  # "blank", "none", "huge" or "other"
        self.what = what


def pack(value, room=LARGEST):
    """Turn whatever an attempt returned into lists, dicts, numbers and text for JSON.

    Args:
        value: any object at all. Arrays, tensors, numbers, text, and tuples, lists or dicts of
            them are kept; of everything else the type's name.
        room: how many numbers are accepted before the answer counts as huge.

    Returns:
        A dict with one key that says what it holds.

    Example:
        >>> pack((1.5, ...))
        {'items': [{'array': [1.5], 'shape': []}, {'blank': ''}]}
    """
    if value is ... or value is NotImplemented:
        return {"blank": ""}
    if value is None:
        return {"none": ""}
    if isinstance(value, str):
        return {"text": value[:200]}
    if isinstance(value, dict):
        if len(value) > 100:
            return {"huge": f"a dict of {len(value)} entries"}
        return {"named": {str(key)[:50]: pack(item, room) for key, item in value.items()}}
    if isinstance(value, (list, tuple)):
        return _pack_sequence(value, room)
    return _pack_array(value, room)


def unpack(packed):
    """The inverse of `pack`: float arrays, text, lists, dicts, or an `Odd`.

    Example:
        >>> unpack(pack([1, 2, 3]))
        array([1., 2., 3.])
    """
    (kind, content), *rest = packed.items()
    if kind == "array":
        return np.array(content, dtype=float).reshape(rest[0][1])
    if kind == "items":
        return [unpack(item) for item in content]
    if kind == "named":
        return {key: unpack(item) for key, item in content.items()}
    return content if kind == "text" else Odd(kind, content)


def plain(value):
    """A trusted value of our own in the form in which attempts come back."""
    return unpack(pack(value))


def blank(value):
    """Whether nothing in the answer has been filled in: `...` or NotImplemented throughout."""
    if isinstance(value, (list, dict)) and len(value):
        return all(blank(item) for item in (value.values() if isinstance(value, dict) else value))
    return isinstance(value, Odd) and value.kind == "blank"


def agree(expected, got, tolerance, loose=False):
    """Whether two unpacked answers are equal: |a - b| <= tolerance (1 + |a|) everywhere.

    Args:
        expected: array, text, list or dict of our own.
        got: the attempt's answer.
        tolerance: the largest difference allowed, absolute and relative.
        loose: whether an array of another shape but of equal size is accepted.
    """
    expected, got = _alike(expected, got)
    if isinstance(expected, np.ndarray) and isinstance(got, np.ndarray):
        if expected.size != got.size:
            return False
        if expected.shape != got.shape and not loose and expected.size != 1:
            return False
        return np.allclose(got.ravel(), expected.ravel(), tolerance, tolerance, equal_nan=True)
    if isinstance(expected, list) and isinstance(got, list):
        pairs = zip(expected, got, strict=False)
        return len(expected) == len(got) and all(agree(a, b, tolerance, loose) for a, b in pairs)
    if isinstance(expected, dict) and isinstance(got, dict):
        return expected.keys() == got.keys() and all(
            agree(expected[key], got[key], tolerance, loose) for key in expected
        )
    if isinstance(expected, str) and isinstance(got, str):
        return expected.strip().lower() == got.strip().lower()
    if isinstance(expected, Odd) and isinstance(got, Odd):
        return (expected.kind, expected.what) == (got.kind, got.what)
    return False


def in_parts(expected, got, names):
    """Both answers as lists of as many parts as there are names, where that is possible.

    Args:
        expected: what the reference returned.
        got: what the attempt returned.
        names: the parts of the answer with their axes, e.g. `("h (B, T, H)", "h_T (B, H)")`.

    Example:
        >>> in_parts(plain([1, 2]), plain({"b": 5, "a": 4}), ("a", "b"))[1]
        [array(4.), array(5.)]
    """
    if len(names) > 1 and isinstance(expected, np.ndarray) and len(expected) == len(names):
        expected = [np.asarray(part) for part in expected]
        if isinstance(got, np.ndarray) and got.size == len(names):
            got = got.ravel()
    short = [name.split(" ")[0] for name in names]
    if isinstance(expected, list) and isinstance(got, dict) and sorted(got) == sorted(short):
        got = [got[name] for name in short]
    return _alike(expected, got)


def misfit(expected, got, names):
    """Say in one sentence why an answer has not the form asked for; None if it has.

    The sizes of the arrays do not count here; see `in_parts` for the arguments.

    Example:
        >>> misfit(plain((1, 2)), plain((5, ...)), ("a", "b"))
        'b is still `...`'
    """
    expected, got = in_parts(expected, got, names)
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            nothing = isinstance(got, Odd) and got.kind == "none"
            came = "None; is a `return` missing?" if nothing else _what(got)
            return f"expected {len(expected)} results ({', '.join(names)}), got {came}"
        empty = [name for name, part in zip(names, got, strict=False) if blank(part)]
        if empty:
            return f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} still `...`"
        for a, b, name in zip(expected, got, names, strict=False):
            if isinstance(b, Odd) and b.kind == "none":
                return f"{name} is None: was it never computed?"
            if told := misfit(a, b, [name]):
                return told
        return None
    if isinstance(got, list) and any(blank(item) for item in got):
        return f"{names[0]}: a part is still `...`"
    if isinstance(got, Odd) and got.kind == "none":
        return f"{names[0]}: got None; is a `return` missing?"
    if isinstance(got, Odd) and got.kind == "blank":
        return f"{names[0]} is still `...`"
    if isinstance(expected, np.ndarray) and _texts(got):
        return f"{names[0]}: these are texts, not numbers; leave out the quotation marks"
    if isinstance(expected, np.ndarray) and _is_ragged(got):
        return f"{names[0]}: its rows are not equally long"
    if not isinstance(expected, np.ndarray) or not isinstance(got, np.ndarray):
        return f"{names[0]}: expected {_what(expected)}, got {_what(got)}"
    return None


def difference(expected, got, names, tolerance, value=False):
    """Say in one sentence in what the answer `got` differs from `expected`.

    Args:
        expected: what the reference returned.
        got: what the attempt returned.
        names: the parts of the answer with their axes, e.g. `("h (B, T, H)",)`.
        tolerance: as for `agree`.
        value: whether the answer is one value that could be copied from this sentence: then the
            expected numbers stay secret, and any shape of the right size will do.

    Example:
        >>> difference(plain([1, 2]), plain([1, 5]), ["y"], 1e-6)
        'y: 1 of 2 values is right; at [1] yours is 5, expected 2'
        >>> difference(plain([1, 2]), plain([1, 5]), ["a", "b"], 1e-6, value=True)
        'b: yours is 5, which is not right'
    """
    expected, got = in_parts(expected, got, names)
    told = _alone(expected, got, names, tolerance) or misfit(expected, got, names)
    if told:
        return told
    if isinstance(expected, list):
        if exchanged(expected, got, tolerance, value):
            return f"the results are right, but in another order: expected ({', '.join(names)})"
        parts = zip(expected, got, names, strict=True)
        a, b, name = next(part for part in parts if not agree(*part[:2], tolerance, value))
        return difference(a, b, [name], tolerance, value)
    return f"{names[0]}: {_array_difference(expected, got, tolerance, value)}"


def exchanged(expected, got, tolerance, loose=False):
    """Whether an answer of two to four results is right but for their order.

    Example:
        >>> exchanged([plain(1), plain(2)], [plain(2), plain(1)], 1e-6)
        True
    """
    return 1 < len(got) < 5 and any(
        agree(expected, list(order), tolerance, loose) for order in permutations(got)
    )


def _alone(expected, got, names, tolerance):
    """One sentence, if only one of several results came back, and that one is right."""
    if not isinstance(expected, list) or not isinstance(got, np.ndarray):
        return None
    pairs = zip(expected, names, strict=False)
    found = [name for part, name in pairs if agree(part, got, tolerance)]
    return f"this is {found[0]} alone; expected {', '.join(names)}" if found else None


def _array_difference(expected, got, tolerance, value=False):
    """In what two arrays differ: size, order of the axes, NaN, or values and where."""
    if np.isnan(got).any() and not np.isnan(expected).any():
        return (
            f"{np.isnan(got).sum()} of {got.size} values are NaN, not a number "
            "(0/0, inf - inf, or the log of something negative)"
        )
    if expected.ndim == 0 and got.size != 1:
        return f"expected a number, got {_what(got)}"
    same_size = got.size == expected.size and (value or got.size == 1)
    if got.shape != expected.shape and not same_size and value:
        if got.ndim == expected.ndim == 1:
            return f"{got.size} number{'s' * (got.size != 1)}, which is not right"
        return f"its shape is {got.shape}, which is not right"
    if got.shape != expected.shape and not same_size:
        swapped = sorted(got.shape) == sorted(expected.shape) and got.ndim > 1
        hint = "; the axes stand in another order" if swapped else ""
        return f"expected shape {expected.shape}, got {got.shape}{hint}"
    got = got.reshape(expected.shape)
    right = np.isclose(got, expected, tolerance, tolerance)
    first = tuple(int(i) for i in np.argwhere(~right)[0])
    yours = f"yours is {got[first]:.4g}"
    told = f"{yours}, which is not right" if value else f"{yours}, expected {expected[first]:.4g}"
    if expected.size == 1:
        return told
    verb = "values is" if right.sum() == 1 else "values are"
    return f"{right.sum()} of {right.size} {verb} right; at {list(first)} {told}"


def _texts(value):
    """Whether an unpacked answer is a collection in which texts stand for numbers."""
    return isinstance(value, list) and any(isinstance(v, str) or _texts(v) for v in value)


def _is_ragged(value):
    """Whether an unpacked answer is a list of rows of numbers that differ in their lengths."""
    return isinstance(value, list) and value and all(isinstance(v, np.ndarray) for v in value)


def _what(value):
    """An unpacked answer in two or three words."""
    if isinstance(value, np.ndarray):
        return "a number" if value.ndim == 0 else f"an array of shape {value.shape}"
    if isinstance(value, str):
        return f"the text {value[:30]!r}"
    if isinstance(value, (list, dict)):
        texts = isinstance(value, list) and value and all(isinstance(v, str) for v in value)
        return f"{len(value)} {'texts' if texts else 'result' if len(value) == 1 else 'results'}"
    words = {"none": "None", "blank": "`...`", "other": f"an object of type {value.what}"}
    return words.get(value.kind, value.what)


def _alike(expected, got):
    """Bring one answer into the other's form where that loses nothing, e.g. by stacking a list."""
    if isinstance(expected, np.ndarray) and isinstance(got, list):
        shapes = {item.shape if isinstance(item, np.ndarray) else None for item in got}
        if len(shapes) == 1 and None not in shapes:
            got = np.stack(got)
    elif isinstance(expected, list) and isinstance(got, np.ndarray) and got.ndim:
        got = list(got) if len(got) == len(expected) else got
        got = [np.asarray(item) for item in got] if isinstance(got, list) else got
    return expected, got


def _pack_sequence(value, room):
    """A list of numbers becomes an array; any other list or tuple is packed item by item."""
    if len(value) > room:
        return {"huge": f"{len(value)} items"}
    if value and all(type(item) in (int, float, bool) for item in value):
        return _pack_array(np.array(value, dtype=float), room)
    items, left = [], room
    for item in value:
        items.append(pack(item, left))
        left -= _size(items[-1])
        if left < 0 or "huge" in items[-1]:
            return {"huge": f"more than {room} numbers"}
    shapes = {tuple(item["shape"]) for item in items if "array" in item}
    if isinstance(value, list) and len(shapes) == 1 and all("array" in item for item in items):
        flat = [number for item in items for number in item["array"]]
        return {"array": flat, "shape": [len(items), *shapes.pop()]}
    return {"items": items}


def _pack_array(value, room):
    """A number, an array or a tensor, flattened; anything else by the name of its type."""
    name = type(value).__name__
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
    shape = tuple(getattr(value, "shape", ()))
    if all(isinstance(size, int) for size in shape) and math.prod(shape) > room:
        return {"huge": f"an array of shape {shape}"}
    try:
        if not isinstance(value, (int, float, np.generic)) and not hasattr(value, "__array__"):
            return {"other": name}
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            return {"other": f"{name} with entries of type {array.dtype}"}
        return {"array": array.astype(float).ravel().tolist(), "shape": list(array.shape)}
    except (TypeError, ValueError, OverflowError):
        return {"other": name}


def _size(packed):
    """How many numbers a packed answer holds."""
    if "items" in packed or "named" in packed:
        content = packed.get("items") or list(packed.get("named", {}).values())
        return sum(_size(item) for item in content) + 1
    return len(packed["array"]) if "array" in packed else 1
