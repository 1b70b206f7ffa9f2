r"""Decoding: from a model of the next symbol to whole sequences, over any step function.

A step is a function `step(ids, state) -> (logits, state)`: ids (B,) are the last symbols of B
sequences, logits (B, V) say what may follow them. A state is None, an array with the batch on
axis 0 (NumPy or PyTorch: it is only ever indexed with the numbers of rows), or a tuple of such.
Every function here goes on from the symbols `first`, which are not part of what it returns, and
says how likely what it returns is under the plain model, whatever the filters did to the draw.
"""

from rnncourse.decoding.filters import check, log_softmax, nucleus, shaped, top_k
from rnncourse.decoding.search import beam, beams
from rnncourse.decoding.steps import advance, begin, select
from rnncourse.decoding.variety import repeated, variety
from rnncourse.decoding.writing import greedy, sample, score, write

__all__ = [
    "advance",
    "beam",
    "beams",
    "begin",
    "check",
    "greedy",
    "log_softmax",
    "nucleus",
    "repeated",
    "sample",
    "score",
    "select",
    "shaped",
    "top_k",
    "variety",
    "write",
]
