"""The microscope: how far a gradient reaches back, and why, for any recurrent cell.

`gradient_versus_lag(cell)` reads random inputs, asks how much each of them still moves the last
output, and says in words what it saw. `jacobians(cell)` looks at the single factors of which that
gradient is the product, and tells the two numbers that are so easily mistaken for one another:
spectral radius and spectral norm. `rnn_jacobians` is the formula behind both, for a tanh network.

Both take what `contracts.check` takes: a NumPy function, a parameter set, a PyTorch module, a
Keras layer; and what they say does not depend on which of them holds the weights.
"""

from rnncourse.microscope.factors import Factors, jacobians, rnn_jacobians
from rnncourse.microscope.fading import Fading, gradient_versus_lag

__all__ = ["Factors", "Fading", "gradient_versus_lag", "jacobians", "rnn_jacobians"]
