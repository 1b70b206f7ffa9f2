"""Connectionist temporal classification: the loss of a network that is not told when what is said.

A path names one symbol per step, `blank` among them; `collapse` turns it into labels: repeated
symbols once, blanks not at all. The probability of labels is the sum over all paths that collapse
to them. A trellis adds them up: its rows are the labels with a blank before, between and after.
All quantities of a trellis are logarithms, and all are per sequence, without a batch.
"""

from rnncourse.ctc.decoding import advanced, best_path, prefix_beam
from rnncourse.ctc.paths import collapse, over_all_paths
from rnncourse.ctc.trellis import (
    backward,
    extended,
    forward,
    gradient,
    log_softmax,
    loss,
    occupancy,
    step,
)

__all__ = [
    "advanced",
    "backward",
    "best_path",
    "collapse",
    "extended",
    "forward",
    "gradient",
    "log_softmax",
    "loss",
    "occupancy",
    "over_all_paths",
    "prefix_beam",
    "step",
]
