"""The factors of a gradient through time: one Jacobian a step, its radius and its norm."""

from dataclasses import dataclass

import numpy as np

from rnncourse.microscope.specimen import inputs, prepare
from rnncourse.microscope.steps import Steps


def rnn_jacobians(h, W_hh):
    r"""How each state of a tanh network moves with the state before it.

    $$J_t = \frac{\partial^{+} h_t}{\partial h_{t-1}}
    = \mathrm{diag}(1 - h_t^2)\, W_{hh}^\top, \qquad
    \frac{\mathrm{d} L}{\mathrm{d} h_{t-1}} = \frac{\mathrm{d} L}{\mathrm{d} h_t}\, J_t$$

    Row i of $J_t$ belongs to unit i of $h_t$, column j to unit j of $h_{t-1}$. States are row
    vectors, weights multiply from the right: that is where the transpose comes from.

    Args:
        h: states of one sequence after steps 1 ... T, (T, H).
        W_hh: state to state, (H, H).

    Returns:
        (T, H, H), the Jacobian of every step.

    Taught in: chapters/06_why_memory_fades

    Source: Pascanu, Mikolov & Bengio (2013), equation 5, who write columns for rows.

    Example:
        >>> rnn_jacobians(np.array([[0.0], [0.6]]), np.array([[2.0]])).ravel()
        array([2.  , 1.28])
    """
    slope = 1 - h**2
    return slope[:, :, None] * W_hh.T


@dataclass(frozen=True, eq=False)
class Factors:
    r"""What `jacobians` saw.

    Attributes:
        name: of the cell.
        J: $J_t = \partial^{+} s_t / \partial s_{t-1}$ for steps t = 2 ... T, (T - 1, n, n); s is
            all that the cell hands on, of an LSTM both h and c, in the order of its state.
        radius: the spectral radius of each, (T - 1,).
        norm: the spectral norm of each, (T - 1,): the most that it stretches any vector.
    """

    name: str
    J: np.ndarray
    radius: np.ndarray
    norm: np.ndarray

    @property
    def words(self):
        """What was seen, in one sentence."""
        radius, norm = float(np.median(self.radius)), float(np.median(self.norm))
        means = "no step can make the gradient longer"
        if self.norm.max() > 1:
            means = "a step can make the gradient longer, but none, repeated, would go on doing so"
        if radius > 1:
            means = "repeated, it would make a gradient grow without end"
        return f"A step's median spectral radius is {radius:.3g}, its norm {norm:.3g}: {means}."

    def __repr__(self):
        return f"{self.name}: {self.words}"


def jacobians(cell, T=51, *, x=None, D=None, activation="tanh", rng=None):
    r"""The Jacobians of a cell along one sequence, $J_t = \partial^{+} s_t / \partial s_{t-1}$.

    Args:
        cell, T, D, activation, rng: as for `gradient_versus_lag`; the cell must take its state.
        x: one sequence (1, T, D); by default independent normal numbers.

    Returns:
        Factors, with `.J`, `.radius`, `.norm` and `.words`. By central differences, right to
        about eight digits in float64.

    Raises:
        ValueError: as `gradient_versus_lag`, and if x holds several sequences.

    Taught in: chapters/06_why_memory_fades

    Example:
        >>> from rnncourse.cells import RNNParams
        >>> shear = RNNParams(np.eye(2), np.array([[0.5, 3.0], [0.0, 0.5]]), np.zeros(2))
        >>> seen = jacobians(shear, T=3, activation="identity")
        >>> seen.radius.round(3), seen.norm.round(2)
        (array([0.5, 0.5]), array([3.08, 3.08]))
    """
    adapter = prepare(cell, activation, D)
    given = x is not None
    x, _ = inputs(adapter, T, x, D, rng)
    if given and len(x) != 1:
        raise ValueError(f"x: expected one sequence (1, T, D), got {len(x)}")
    with adapter.asked():
        steps, D = Steps(adapter, x[:1]), x.shape[2]
        J = np.array([steps.derivatives(t)[1][0, :, D:] for t in range(1, x.shape[1])])
    radius = np.abs(np.linalg.eigvals(J)).max(axis=1)
    return Factors(adapter.name, J, radius, np.linalg.norm(J, 2, axis=(1, 2)))
