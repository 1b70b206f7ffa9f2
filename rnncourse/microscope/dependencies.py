"""Which input moves which output: the matrix of a sequence model's dependencies."""

import textwrap
from dataclasses import dataclass

import numpy as np

from rnncourse.microscope.specimen import inputs, prepare, read


@dataclass(frozen=True, eq=False)
class Dependencies:
    r"""What `dependencies` saw.

    Attributes:
        name: of the model.
        matrix: (T, T): row t, column s holds how much output t moves with input s.
    """

    name: str
    matrix: np.ndarray

    @property
    def ahead(self):
        """The largest dependence on a later input, as a share of the largest of all."""
        return float(np.triu(self.matrix, 1).max() / self.matrix.max())

    @property
    def reach(self):
        """(back, forward): the farthest input behind, and ahead, that moves any output."""
        t, s = np.nonzero(self.matrix)
        return int((t - s).max()), int((s - t).max())

    @property
    def words(self):
        """What was seen, in one sentence."""
        back, forward = self.reach
        steps = "step" if forward == 1 else "steps"
        if forward <= 0:
            return f"Outputs move with inputs up to {back} steps back, and with no later one."
        return f"Outputs move with inputs up to {back} steps back and {forward} {steps} ahead."

    def __repr__(self):
        return textwrap.fill(f"{self.name}: {self.words}", 70, subsequent_indent="  ")


def dependencies(model, x, *, activation="tanh"):
    r"""How much every output moves with every input, as a matrix over the steps.

    $$M_{ts} = \Big(\frac1B \sum_{b=1}^{B}
    \Big\| \frac{\partial y_t^{(b)}}{\partial x_s^{(b)}} \Big\|_F^2\Big)^{1/2}$$

    Below the diagonal is the past, above it the future: a model that predicts what comes next
    must be zero there.

    Args:
        model: whatever `gradient_versus_lag` takes, and any PyTorch or Keras model that turns
            (B, T, D) into outputs at every step (B, T, K), such as a tagger with its readout.
            It is looked at in float64 where it has such a twin, and is left as it was.
        x: floats (B, T, D): where the derivatives are taken. A trained model depends on its
            inputs differently at different places; those of the task tell what it does there.
        activation: of an `RNNParams`: "tanh", "relu" or another that `cells.rnn_forward` takes.

    Returns:
        Dependencies, with `.matrix` (T, T), `.ahead`, `.reach` and `.words`.

    Raises:
        ValueError: if `model` is no such model, gives no output for every step, has outputs that
            no input moves, or x is not as described.

    Taught in: chapters/11_deeper_and_both_ways

    Source: after the sequential Jacobian of Graves (2012), of which this keeps the norm of each
        block. By automatic differentiation; of a NumPy function that knows no gradient, by
        central differences.

    Example:
        >>> from rnncourse.cells import RNNParams
        >>> one_unit = RNNParams(np.eye(1), 0.5 * np.eye(1), np.zeros(1))
        >>> seen = dependencies(one_unit, np.ones((3, 4, 1)), activation="identity")
        >>> seen.matrix[3], seen.ahead
        (array([0.125, 0.25 , 0.5  , 1.   ]), 0.0)
    """
    if np.ndim(x) != 3:
        raise ValueError(f"x: expected a float array (B, T, D), got shape {np.shape(x)}")
    adapter = prepare(model, activation, np.shape(x)[2])
    x, _ = inputs(adapter, None, x, None, None)
    with adapter.asked():
        y, _ = read(adapter, x)
        squares = (_by_gradient if adapter.has_gradient else _by_differences)(adapter, x, y)
    matrix = np.sqrt(squares / len(x))
    if not matrix.any():
        raise ValueError("model: expected outputs that some input moves, got none that does")
    return Dependencies(adapter.name, matrix)


def _by_gradient(adapter, x, y):
    """Sums of squared derivatives (T, T): one backward pass a step, one row for each output."""
    B, T, K = y.shape
    x = np.repeat(x, K, axis=0)  # (B * K, T, D)
    squares = np.empty((T, T))
    for t in range(T):
        dy = np.zeros((B * K, T, K))
        dy[:, t] = np.tile(np.eye(K), (B, 1))
        squares[t] = (adapter.gradient(x, dy).astype(float) ** 2).sum(axis=(0, 2))
    return squares


def _by_differences(adapter, x, y):
    """The same for a model that knows no gradient: every number of x a little up and down."""
    (B, T, D), eps = x.shape, 1e-5 if y.dtype.itemsize == 8 else 1e-2
    squares = np.empty((T, T))
    for s in range(T):
        nudged = np.repeat(x[None, :], 2 * D, axis=0)  # (2D, B, T, D): up, down, up, ...
        nudged[:, :, s] += (eps * np.kron(np.eye(D), [[1.0], [-1.0]]))[:, None]
        moved = read(adapter, nudged.reshape(-1, T, D))[0].reshape(D, 2, B, T, -1).astype(float)
        slopes = (moved[:, 0] - moved[:, 1]) / (2 * eps)  # (D, B, T, K)
        squares[:, s] = (slopes**2).sum(axis=(0, 1, 3))
    return squares
