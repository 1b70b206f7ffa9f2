"""Backpropagation through time in NumPy: gradients of the cells, their check, their clipping.

A backward pass computes gradients and changes no weights; what to do with them is an optimiser's
affair. Every gradient here is checked against finite differences and against autograd.

The backward passes of whole sequences work in three moves. First, for all steps at once, the
*local slopes*: how far each pre-activation moves what its step hands on, which the forward pass
alone decides. Then the loop, from the last step to the first, which carries the error back and
multiplies it into the slopes, in place: slopes become gradients. Last, again for all steps at
once, the weights' gradients: one product for all of time.
"""

from rnncourse.bptt.checking import check_gradients, numeric_gradient, relative_error
from rnncourse.bptt.clipping import clip_by_norm, clip_by_value, global_norm
from rnncourse.bptt.gru import gru_backward
from rnncourse.bptt.lstm import lstm_backward
from rnncourse.bptt.rnn import rnn_backward

__all__ = [
    "check_gradients",
    "clip_by_norm",
    "clip_by_value",
    "global_norm",
    "gru_backward",
    "lstm_backward",
    "numeric_gradient",
    "relative_error",
    "rnn_backward",
]
