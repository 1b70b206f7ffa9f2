"""Answers as plain data: what an attempt returned, packed for the way back and compared.

An attempt runs in a process of its own (see `isolation`), and only JSON comes back from there:
nothing that a learner's object does when it is looked at can reach the kernel.
"""

import math

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


def difference(expected, got, names, tolerance):
    """Say in one sentence in what the answer `got` differs from `expected`.

    Args:
        expected: what the reference returned.
        got: what the attempt returned.
        names: the parts of the answer with their axes, e.g. `("h (B, T, H)",)`.
        tolerance: as for `agree`.

    Example:
        >>> difference(plain([1, 2]), plain([1, 5]), ["y"], 1e-6)
        'y: 1 of 2 values is right; at [1] yours is 5, expected 2'
    """
    expected, got = _alike(expected, got)
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return f"expected {len(expected)} results ({', '.join(names)}), got {_what(got)}"
        parts = zip(expected, got, names, strict=False)
        wrong = [part for part in parts if not agree(part[0], part[1], tolerance)]
        return difference(wrong[0][0], wrong[0][1], [wrong[0][2]], tolerance)
    name = names[0]
    if isinstance(got, list) and any(blank(item) for item in got):
        return f"{name}: a part is still `...`, the rest has been filled in"
    if isinstance(got, Odd) and got.kind == "none":
        return f"{name}: got None; is a `return` missing?"
    if isinstance(got, Odd) and got.kind == "blank":
        return f"{name}: still `...`, the rest has been filled in"
    if not isinstance(expected, np.ndarray) or not isinstance(got, np.ndarray):
        return f"{name}: expected {_what(expected)}, got {_what(got)}"
    return f"{name}: {_array_difference(expected, got, tolerance)}"


def _array_difference(expected, got, tolerance):
    """In what two arrays differ: size, order of the axes, NaN, or values and where."""
    if np.isnan(got).any() and not np.isnan(expected).any():
        return (
            f"{np.isnan(got).sum()} of {got.size} values are NaN, not a number "
            "(0/0, inf - inf, or the log of something negative)"
        )
    if expected.ndim == 0 and got.size != 1:
        return f"expected a number, got {_what(got)}"
    if got.shape != expected.shape and got.size * expected.size != 1:
        swapped = sorted(got.shape) == sorted(expected.shape) and got.ndim > 1
        hint = "; the axes stand in another order" if swapped else ""
        return f"expected shape {expected.shape}, got {got.shape}{hint}"
    got = got.reshape(expected.shape)
    right = np.isclose(got, expected, tolerance, tolerance)
    first = tuple(int(i) for i in np.argwhere(~right)[0])
    yours, ours = f"{got[first]:.4g}", f"{expected[first]:.4g}"
    if expected.size == 1:
        return f"yours is {yours}, expected {ours}"
    verb = "values is" if right.sum() == 1 else "values are"
    return (
        f"{right.sum()} of {right.size} {verb} right; "
        f"at {list(first)} yours is {yours}, expected {ours}"
    )


def _what(value):
    """An unpacked answer in two or three words."""
    if isinstance(value, np.ndarray):
        return "a number" if value.ndim == 0 else f"an array of shape {value.shape}"
    if isinstance(value, str):
        return f"the text {value[:30]!r}"
    if isinstance(value, (list, dict)):
        return f"{len(value)} results"
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
