"""Is a derivation right? Ask the function itself: nudge one number, look at what changes."""

import numpy as np

from rnncourse.bptt.trees import leaves, rebuild
from rnncourse.cells.validation import float_array


def numeric_gradient(f, array, eps=1e-5):
    """The gradient of a function by central differences, one entry at a time.

    $$\\frac{\\partial f}{\\partial w_k} \\approx
    \\frac{f(w + \\epsilon e_k) - f(w - \\epsilon e_k)}{2\\epsilon}$$

    Args:
        f: function of one array, returning a number.
        array: where to take the gradient, float64 (in float32 rounding drowns the difference).
        eps: the nudge. The error of the formula falls with eps squared, that of rounding rises
            with 1 / eps; 1e-5 is near the best in float64.

    Returns:
        Array of the shape of `array`, which is left as it was.

    Raises:
        ValueError: if the array is not float64, eps not positive, or f returns no finite number.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> numeric_gradient(lambda w: (w ** 2).sum(), np.array([1.0, -2.0])).round(6)
        array([ 2., -4.])
    """
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        came = getattr(array, "dtype", type(array).__name__)
        raise ValueError(f"array: expected a float64 array, got {came}")
    if not eps > 0:
        raise ValueError(f"eps: expected a positive number, got {eps!r}")
    nudged, gradient = array.copy(), np.empty_like(array)
    for k in np.ndindex(array.shape):
        nudged[k] = array[k] + eps
        above = _number(f(nudged))
        nudged[k] = array[k] - eps
        below = _number(f(nudged))
        nudged[k] = array[k]
        gradient[k] = (above - below) / (2 * eps)
    return gradient


def _number(value):
    if np.size(value) != 1 or not np.isfinite(value):
        raise ValueError(f"f: expected one finite number from it, got {value!r}")
    return np.asarray(value).item()


def relative_error(a, b):
    """How far two arrays are apart, relative to their size: 0 equal, 1 unrelated or opposite.

    $$\\frac{\\|a - b\\|}{\\|a\\| + \\|b\\|}$$

    Args:
        a: array of floats.
        b: array of the same shape.

    Returns:
        A float in [0, 1]; 0 for two arrays of zeros. In float64 a right gradient comes out
        below 1e-7 against `numeric_gradient`, a wrong one above 1e-3, as a rule.

    Raises:
        ValueError: if the shapes differ or one is no array of floats.

    Taught in: chapters/05_backpropagation_through_time

    Source: the usual check of gradients, with the norm of the whole array in place of each
    entry's size: entries near zero then raise no false alarm.

    Example:
        >>> relative_error(np.array([1.0, 0.0]), np.array([1.0, 0.0]))
        0.0
    """
    a = float_array("a", a, np.shape(a))
    b = float_array("b", b, np.shape(a))
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0


def check_gradients(loss_and_grads, params):
    """Compare a derivation with finite differences, parameter by parameter.

    Args:
        loss_and_grads: function of the parameters that returns (loss, grads), grads nested as
            the parameters are.
        params: named tuple, dict or list of float64 arrays, nested as you like.

    Returns:
        dict: name of the parameter -> `relative_error`; "cell.W_hh" for nested ones.

    Raises:
        ValueError: if gradients and parameters do not match in names and shapes, or are not
            float64.

    Taught in: chapters/05_backpropagation_through_time

    Example:
        >>> errors = check_gradients(lambda p: ((p["w"] ** 2).sum(), {"w": 2 * p["w"]}),
        ...                          {"w": np.array([1.0, -2.0])})
        >>> errors["w"] < 1e-7
        True
    """
    named = leaves(params)
    derived = dict(leaves(loss_and_grads(params)[1]))
    if list(derived) != [name for name, _ in named]:
        wanted = ", ".join(name for name, _ in named)
        raise ValueError(f"grads: expected {wanted}, got {', '.join(derived)}")
    errors = {}
    for k, (name, array) in enumerate(named):

        def loss(nudged, k=k):
            others = [other for _, other in named]
            return loss_and_grads(rebuild(params, others[:k] + [nudged] + others[k + 1 :]))[0]

        numeric = numeric_gradient(loss, array)
        errors[name] = relative_error(float_array(name, derived[name], array.shape), numeric)
    return errors
