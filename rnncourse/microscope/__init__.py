"""The microscope: how far a gradient reaches back, and why, for any recurrent cell.

`gradient_versus_lag(cell)` reads random inputs, asks how much each of them still moves the last
output, and says in words what it saw. `jacobians(cell)` looks at the single factors of which that
gradient is the product, and tells the two numbers that are so easily mistaken for one another:
spectral radius and spectral norm. `rnn_jacobians` is the formula behind both, for a tanh network.
`dependencies(model, x)` asks of every output which inputs move it, those to come included.

They take what `contracts.check` takes: a NumPy function, a parameter set, a PyTorch module, a
Keras layer; and what they say does not depend on which of them holds the weights.
`fixed_points(step, starts)`, for any function from state to state, finds where it comes to rest.
"""

from rnncourse.microscope.dependencies import Dependencies, dependencies
from rnncourse.microscope.factors import Factors, jacobians, rnn_jacobians
from rnncourse.microscope.fading import Fading, gradient_versus_lag
from rnncourse.microscope.fixed_points import FixedPoints, fixed_points, state_jacobians

__all__ = [
    "Dependencies",
    "Factors",
    "Fading",
    "FixedPoints",
    "dependencies",
    "fixed_points",
    "gradient_versus_lag",
    "jacobians",
    "rnn_jacobians",
    "state_jacobians",
]
