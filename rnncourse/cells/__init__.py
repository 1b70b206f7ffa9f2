"""Recurrent cells in NumPy: the steps that the course teaches, and whole sequences, fast.

| | one step, as taught | a whole sequence | its gradient |
|---|---|---|---|
| Elman's RNN | `rnn_step` | `rnn_forward` | `rnncourse.bptt.rnn_backward` |
| LSTM | `lstm_step` | `lstm_forward` | `rnncourse.bptt.lstm_backward` |
| GRU | `gru_step` | `gru_forward` | `rnncourse.bptt.gru_backward` |

Read `steps` first: it is the definition. `rnn`, `lstm` and `gru`
compute the same numbers for all steps of a batch, with masks, directions and the variants of the
literature, fast, and are tested against `steps`.

What makes them fast, in the order of what it brings: the input's product is taken once for all
steps; the gates share one product a step; every step writes into memory that was set aside
before the loop; and since sigmoid(a) = 1/2 + 1/2 tanh(a/2), one tanh serves all gates.
"""

from rnncourse.cells.activations import Activation, sigmoid
from rnncourse.cells.directions import bidirectional
from rnncourse.cells.gru import gru_forward
from rnncourse.cells.lstm import lstm_forward
from rnncourse.cells.parameters import (
    GRUParams,
    LSTMParams,
    RNNParams,
    init_gru,
    init_lstm,
    init_rnn,
)
from rnncourse.cells.rnn import rnn_forward
from rnncourse.cells.steps import gru_step, lstm_step, rnn_loop, rnn_step

__all__ = [
    "Activation",
    "GRUParams",
    "LSTMParams",
    "RNNParams",
    "bidirectional",
    "gru_forward",
    "gru_step",
    "init_gru",
    "init_lstm",
    "init_rnn",
    "lstm_forward",
    "lstm_step",
    "rnn_forward",
    "rnn_loop",
    "rnn_step",
    "sigmoid",
]
