"""The look of the course: one style, one colour per thing, and the figures that come back.

Arrays in, Axes out: nothing here knows a model. Every colour goes with its own line style, so
that a figure reads without colour as well.
"""

from rnncourse.plotting.alignments import alignment
from rnncourse.plotting.attending import looking_back
from rnncourse.plotting.bands import bands
from rnncourse.plotting.batches import block, pairs, shapes
from rnncourse.plotting.clinic import ward
from rnncourse.plotting.clinical import clarke
from rnncourse.plotting.curves import band, forecast, label_lines, ladder, losses
from rnncourse.plotting.gates import lstm_cell, strips
from rnncourse.plotting.graphs import unrolled
from rnncourse.plotting.heat import heat
from rnncourse.plotting.machines import machine
from rnncourse.plotting.paths import states, trajectory
from rnncourse.plotting.powers import powers
from rnncourse.plotting.sound import spectrum, trellis, wave
from rnncourse.plotting.style import COLOR, LINESTYLE, SEQUENTIAL, SIGNED, figure, house_style
from rnncourse.plotting.writing import doublings, streams, trade

__all__ = [
    "COLOR",
    "LINESTYLE",
    "SEQUENTIAL",
    "SIGNED",
    "alignment",
    "band",
    "bands",
    "block",
    "clarke",
    "doublings",
    "figure",
    "forecast",
    "heat",
    "house_style",
    "label_lines",
    "ladder",
    "looking_back",
    "losses",
    "lstm_cell",
    "machine",
    "pairs",
    "powers",
    "shapes",
    "spectrum",
    "states",
    "streams",
    "strips",
    "trade",
    "trajectory",
    "trellis",
    "unrolled",
    "ward",
    "wave",
]
