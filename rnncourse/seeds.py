"""Randomness under control: every draw of the course hangs on a key and on one shift.

Setting the environment variable `RNNCOURSE_SEED` to another integer re-runs the whole course with
other random numbers: that is how claims are tested over seeds.
"""

import os
import random
import sys


def shift():
    """The integer in `RNNCOURSE_SEED` (0 if unset), added to every key of the course.

    Raises:
        ValueError: if the variable holds something else than an integer of at least 0.

    Example:
        >>> shift() >= 0
        True
    """
    text = os.environ.get("RNNCOURSE_SEED", "0")
    if not text.isdecimal():
        raise ValueError(f"RNNCOURSE_SEED: expected an integer of at least 0, got {text!r}")
    return int(text)


def rng(*key):
    """A NumPy generator that depends on `key` and on the course's shift, on nothing else.

    Args:
        *key: integers of at least 0, e.g. the chapter's number, then the seed of the run.

    Returns:
        numpy.random.Generator.

    Raises:
        ValueError: if the key is empty or holds something else than integers of at least 0.

    Example:
        >>> float(rng(4, 1).normal()) == float(rng(4, 1).normal())
        True
    """
    import numpy as np  # here: importing the package must stay cheap

    key = _checked(key)
    # NumPy takes no notice of zeros at the end of a list of seeds: with the length in front the
    # keys (4,) and (4, 0) are two keys all the same.
    return np.random.default_rng([len(key), shift(), *key])


def seed_all(*key):
    """Seed Python, NumPy and, where they are loaded already, PyTorch and Keras.

    Args:
        *key: as for `rng`. Frameworks that are not imported are not imported for this.

    Returns:
        The generator `rng(*key)`, for the draws that the chapter makes itself.
    """
    generator = rng(*key)
    seed = int(generator.integers(2**31))
    random.seed(seed)
    sys.modules["numpy"].random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)
    return generator


def several(n):
    """The seeds 0 ... n - 1, for an experiment that is repeated `n` times.

    Raises:
        ValueError: if `n` is not a positive integer.

    Example:
        >>> several(3)
        [0, 1, 2]
    """
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise ValueError(f"n: expected a positive integer, got {n!r}")
    return list(range(n))


def _checked(key):
    """The key as a tuple of Python integers."""
    if not key or not all(hasattr(part, "__index__") and int(part) >= 0 for part in key):
        raise ValueError(f"key: expected integers of at least 0, got {key!r}")
    return tuple(int(part) for part in key)
