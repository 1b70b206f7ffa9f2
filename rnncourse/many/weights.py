"""How fresh weights are drawn: as Keras draws those of a plain layer.

A gated layer of ours takes one such draw for each gate. Keras draws all gates at once: a (H, 4H)
matrix with orthonormal rows, and input weights within the limit of (D, 4H), which is smaller.
"""

import numpy as np


def glorot(a, b, rng):
    """Uniform within +-sqrt(6 / (a + b)), (a, b): Glorot & Bengio (2010)."""
    return rng.uniform(-1, 1, (a, b)) * np.sqrt(6 / (a + b))


def orthogonal(H, rng):
    """A random orthogonal matrix (H, H), every one equally likely (hence the signs)."""
    Q, R = np.linalg.qr(rng.normal(size=(H, H)))
    return Q * np.sign(np.diag(R))
