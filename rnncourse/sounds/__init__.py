"""Sound as numbers: what a network hears of it, what spoils it, and how a page plays it.

A sound is a float array (n,) between -1 and 1, `RATE` samples per second.
"""

from rnncourse.sounds.features import (
    HOP,
    POINTS,
    RATE,
    SIZE,
    frames,
    log_mel,
    mel,
    mel_filters,
    stacked,
)
from rnncourse.sounds.inverse import from_log_mel
from rnncourse.sounds.playing import Player, wav
from rnncourse.sounds.rooms import in_a_room, levelled, resampled, with_noise

__all__ = [
    "HOP",
    "POINTS",
    "Player",
    "RATE",
    "SIZE",
    "frames",
    "from_log_mel",
    "in_a_room",
    "levelled",
    "log_mel",
    "mel",
    "mel_filters",
    "resampled",
    "stacked",
    "wav",
    "with_noise",
]
