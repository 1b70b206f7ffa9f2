"""Sounds in a notebook and on a page."""

import base64
import html
import io
import wave
from dataclasses import dataclass

import numpy as np

from rnncourse.sounds.features import RATE, checked


def wav(sound):
    """The sound as the bytes of a WAV file: one channel, 16 bits, `RATE` samples per second.

    Raises:
        ValueError: if it is louder than 1, and would be clipped.

    Example:
        >>> wav(np.zeros(8))[:4], len(wav(np.zeros(8)))
        (b'RIFF', 60)
    """
    sound = checked(sound, 1)
    if np.abs(sound).max() > 1:
        raise ValueError(f"sound: expected values in -1 to 1, got {np.abs(sound).max():.2f}")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.rint((2**15 - 1) * sound).astype("<i2").tobytes())
    return file.getvalue()


@dataclass(frozen=True, eq=False)
class Player:
    """A sound that a notebook and a page can play, with words for those who do not hear it.

    Args:
        sound: (n,), between -1 and 1; at most 3 s, since the page holds all of it.
        label: what is heard, in a sentence.

    Raises:
        ValueError: if the sound is too long or too loud, or the label is empty.

    Example:
        >>> Player(np.zeros(4000), "half a second of silence")
        Sound of 0.5 s: half a second of silence
    """

    sound: np.ndarray
    label: str

    def __post_init__(self):
        if not isinstance(self.label, str) or not self.label.strip():
            raise ValueError(f"label: expected a sentence, got {self.label!r}")
        if len(checked(self.sound, 1)) > 3 * RATE:
            raise ValueError(f"sound: expected at most 3 s, got {len(self.sound) / RATE:.1f} s")
        wav(self.sound)

    def __repr__(self):
        return f"Sound of {len(self.sound) / RATE:.1f} s: {self.label}"

    def _repr_html_(self):
        data, label = base64.b64encode(wav(self.sound)).decode(), html.escape(self.label)
        return (
            f'<div class="sound"><audio controls preload="none" aria-label="{label}" '
            f'src="data:audio/wav;base64,{data}"></audio>'
            f"<div>{label} ({len(self.sound) / RATE:.1f} s)</div></div>"
        )
