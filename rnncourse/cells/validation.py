"""What goes into a cell is checked here, once, before any loop starts."""

import numpy as np


def sizes(params, kind):
    """D and H of a checked parameter set."""
    if not isinstance(params, kind):
        expected = f"{kind.__name__}({', '.join(kind._fields)})"
        raise ValueError(f"params: expected {expected}, got {type(params).__name__}")
    D = float_array("params.W_xh", params.W_xh, (None, None)).shape[0]
    H = float_array("params.W_hh", params.W_hh, (None, None)).shape[0]
    GH = kind.GATES * H
    shapes = {"W_xh": (D, GH), "W_hh": (H, GH), "peepholes": (3, H)}
    for name, array in params._asdict().items():
        if array is not None or name != "peepholes":
            float_array(f"params.{name}", array, shapes.get(name, (GH,)))
    return D, H


def checked_mask(mask, lengths, B, T, time_major):
    """The mask in the caller's layout, from either of the two ways to give one."""
    shape, letters = ((T, B), "(T, B)") if time_major else ((B, T), "(B, T)")
    if mask is not None and lengths is not None:
        raise ValueError("lengths: expected None beside a mask (give one of the two), got both")
    if lengths is not None:
        lengths = np.asarray(lengths)
        if lengths.dtype.kind not in "iu" or lengths.shape != (B,):
            came = f"{lengths.dtype} of shape {lengths.shape}"
            raise ValueError(f"lengths: expected whole numbers (B,) = ({B},), got {came}")
        if lengths.min() < 0 or lengths.max() > T:
            came = f"{lengths.min()} to {lengths.max()}"
            raise ValueError(f"lengths: expected numbers from 0 to T = {T}, got {came}")
        mask = np.arange(T) < lengths[:, None]
        return mask.T if time_major else mask
    if mask is not None:
        mask = np.asarray(mask)
        if mask.dtype != bool or mask.shape != shape:
            came = f"{mask.dtype} of shape {mask.shape}"
            raise ValueError(f"mask: expected bools {letters} = {shape}, got {came}")
    return mask


def float_array(name, value, shape, letters=None, dtype=None):
    """Return `value` as a float array of that shape, or say in words why it is none.

    Args:
        name: the argument's name, for the message.
        value: what came.
        shape: sizes; None where any size from 1 up will do.
        letters: the sizes' names, one letter each, for the message.
        dtype: convert to this type; None keeps the value's own.

    Raises:
        ValueError: if it is no array of real floats of that shape.

    Example:
        >>> float_array("h_0", np.zeros((3, 4)), (3, 5), "BH")
        Traceback (most recent call last):
        ValueError: h_0: expected a float array (B, H) = (3, 5), got shape (3, 4)
    """
    wanted = ", ".join(">= 1" if size is None else str(size) for size in shape)
    wanted = f"({wanted},)" if len(shape) == 1 else f"({wanted})"
    if letters:
        wanted = f"({', '.join(letters)}) = {wanted}"
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise ValueError(f"{name}: expected a float array {wanted}, got {error}") from None
    if array.dtype.kind != "f":
        raise ValueError(f"{name}: expected a float array {wanted}, got dtype {array.dtype}")
    if array.ndim != len(shape) or any(
        n < 1 if size is None else n != size for size, n in zip(shape, array.shape, strict=True)
    ):
        raise ValueError(f"{name}: expected a float array {wanted}, got shape {array.shape}")
    return array if dtype is None else array.astype(dtype, copy=False)


def check_finite(name, array):
    """Refuse NaN and infinity, naming the place of the first."""
    finite = np.isfinite(array)
    if not finite.all():
        place = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise ValueError(f"{name}: expected finite numbers, got {array[place]} at {place}")
