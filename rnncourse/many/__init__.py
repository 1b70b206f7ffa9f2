"""One small network from many seeds at once: twenty runs for about the price of three.

A single run of a network is an anecdote. The networks here lie side by side in arrays with one
more axis, S, in front; they share nothing but the clock, so each one trains as if it were alone.
"""

from rnncourse.many.answers import NOT_ASKED, learn, logits, right, surprise
from rnncourse.many.gated import GRUs, LSTMs, width
from rnncourse.many.plain import ACTIVATIONS, NAMES, PlainRNNs
from rnncourse.many.rates import Chosen, better_rate, shared
from rnncourse.many.training import descend, fit, predict
from rnncourse.many.transformers import Transformers

__all__ = [
    "ACTIVATIONS",
    "NAMES",
    "NOT_ASKED",
    "Chosen",
    "GRUs",
    "LSTMs",
    "PlainRNNs",
    "Transformers",
    "better_rate",
    "descend",
    "fit",
    "learn",
    "logits",
    "predict",
    "right",
    "shared",
    "surprise",
    "width",
]
