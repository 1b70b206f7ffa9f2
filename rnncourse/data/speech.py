"""Spoken digits: strings of them from a speech synthesiser, and, where they are there, from people.

The synthesiser is espeak-ng, a library that the package espeakng-loader brings along. It speaks
with many voices and several accents of English, at any speed and pitch: as many utterances as we
like, each with its text, all of them simulated. `recordings` reads digits that people have said.
"""

import ctypes
import functools
import io
import os
import tarfile
import wave
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader
import numpy as np

from rnncourse import sounds
from rnncourse.data.card import Card

RATE = sounds.RATE  # samples per second of every sound of this course
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = {
    "training": ("en", "en-us", "en-gb-x-rp", "en-gb-x-gbclan"),
    "new accents": ("en-gb-scotland", "en-029", "en-gb-x-gbcwmd"),
}
VOICES = {
    "training": (
        *("f1", "f3", "f5", "m1", "m3", "m5", "m7", "steph"),
        *("Alex", "Andy", "Annie", "klatt2", "klatt4", "david", "caleb", "paul"),
    ),
    "new voices": ("f2", "f4", "m2", "m6", "m8", "linda", "klatt3", "adam"),
}
PARTS = ("training", "new voices", "new accents")

CARD = Card(
    name="Spoken digits",
    what=(
        "strings of English digits, spoken by a machine: sound of 8,000 samples a second, with "
        "the digits that are said; voice, accent, speed, pitch, echo and noise are drawn"
    ),
    whose=(
        "synthesised by espeak-ng 1.52 (J. Duddington, R. H. Dunn and others) when the page was "
        "made; noise and echo are this course's own"
    ),
    licence="espeak-ng: GPL 3, called as a library; the sounds: none is claimed; the rest: MIT",
    size=(
        "as many as asked for; 16 voices in 4 accents to train on, 8 voices and 3 accents "
        "are kept for tests"
    ),
    real=False,
)
HUMAN = Card(
    name="Free Spoken Digit Dataset 1.0.9",
    what="single digits, said by people into their own microphones, 8,000 samples a second",
    whose="Z. Jackson and others, doi:10.5281/zenodo.1342401",
    licence="CC BY-SA 4.0; fetched by whoever asks for it, kept outside the course",
    size="12 MB: five people, fifty times each digit",
    real=True,
)
ARCHIVE = "https://github.com/Jakobovski/free-spoken-digit-dataset/archive/v1.0.9.tar.gz"
SHA256 = "8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0"
ASKED = "RNNCOURSE_RECORDINGS"  # the archive's path, or "fetch"


@dataclass(frozen=True, eq=False)
class Utterances:
    """Sounds and what is said in them.

    Attributes:
        sounds: N sounds, each float64 (n,) between -1 and 1.
        digits: N tuples of digits.
        voices: N names "accent+voice", or the names of people.
    """

    sounds: list
    digits: list
    voices: list

    def __len__(self):
        """N."""
        return len(self.sounds)


def utterances(n, rng, *, part="training", digits=(1, 5), snr=(10, 30), echo=(0.0, 0.3)):
    """Draw strings of digits and let the machine say them, in a room, with noise.

    Args:
        n: how many, at least 1.
        rng: a NumPy generator.
        part: "training", or who is new: "new voices" (in the accents of the training part) or
            "new accents" (in the voices of the training part).
        digits: fewest and most digits of a string.
        snr: least and greatest ratio of speech to noise, in decibels; None for no noise.
        echo: shortest and longest echo, in seconds until it has faded by 60 dB; None for none.

    Returns:
        Utterances. Equal generators draw equal strings and voices. The synthesiser keeps a state
        of its own, out of reach: equal calls sound alike, but are equal sample by sample only if
        everything said before was equal, too.

    Raises:
        ValueError: if an argument is not as above.

    Taught in: chapters/24_speech

    Example:
        >>> said = utterances(3, np.random.default_rng(4), digits=(2, 2))
        >>> len(said), [len(string) for string in said.digits]
        (3, [2, 2, 2])
    """
    _check(n, rng, part, digits)
    found = Utterances([], [], [])
    for _ in range(n):
        string = tuple(int(d) for d in rng.integers(0, 10, rng.integers(digits[0], digits[1] + 1)))
        accent = rng.choice(ACCENTS["new accents" if part == "new accents" else "training"])
        voice = rng.choice(VOICES["new voices" if part == "new voices" else "training"])
        speed, pitch, own = rng.integers(150, 231), rng.integers(35, 66), rng.integers(2**62)
        sound = say(string, f"{accent}+{voice}", speed, pitch)
        own = np.random.default_rng(own)  # equal draws from `rng`, however long the sound is
        sound = sound if echo is None else sounds.in_a_room(sound, own, own.uniform(*echo))
        sound = sound if snr is None else sounds.with_noise(sound, own, own.uniform(*snr))
        found.sounds.append(sounds.levelled(sound))
        found.digits.append(string)
        found.voices.append(f"{accent}+{voice}")
    return found


def say(digits, voice="en+m3", speed=175, pitch=50):
    """Digits, spoken by espeak-ng.

    Args:
        digits: digits 0 to 9 in their order, or a text to be said as it is.
        voice: a language of espeak-ng and, after a plus, one of its voices.
        speed: words per minute, 80 to 450.
        pitch: 0 to 99; 50 is the voice's own.

    Returns:
        float64 (n,): the sound at `RATE` samples per second, without silence at its ends.

    Raises:
        ValueError: if there is no such voice, or nothing to say.

    Taught in: chapters/24_speech

    Example:
        >>> short, long = say([7]), say([7, 7, 7])
        >>> len(short) < len(long) < 2 * RATE
        True
    """
    words = digits if isinstance(digits, str) else " ".join(WORDS[d] for d in digits)
    if not words.strip():
        raise ValueError(f"digits: expected at least one, got {digits!r}")
    library, chunks = _engine()
    chunks.clear()
    if voice.split("+")[-1] not in _voices() or library.espeak_SetVoiceByName(voice.encode()):
        raise ValueError(f"voice: expected one such as 'en' or 'en-us+f3', got {voice!r}")
    _seed(library, len(words))
    library.espeak_SetParameter(1, int(speed), 0)
    library.espeak_SetParameter(3, int(pitch), 0)
    data = words.encode() + b"\0"
    if library.espeak_Synth(data, len(data), 0, 0, 0, 1, None, None):
        raise ValueError(f"digits: expected what espeak-ng can say, got {digits!r}")
    library.espeak_Synchronize()
    sound = sounds.resampled(np.concatenate(chunks) / 2**15, 441, 160)  # 22,050 to 8,000
    loud = np.flatnonzero(np.abs(sound) > 0.004)
    return sound[loud[0] : loud[-1] + 1]


def recordings(archive=None):
    """Digits that people have said: the Free Spoken Digit Dataset, if it is there.

    Args:
        archive: path of its file v1.0.9.tar.gz; "fetch" to download it into pooch's cache, which
            takes a network; None to do what the environment variable RNNCOURSE_RECORDINGS says.

    Returns:
        Utterances of one digit each, in the order of the files' names; or None if nothing was
        asked for.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is another one than was published.

    Taught in: chapters/24_speech

    Source: checksum as published with TensorFlow Datasets' "spoken_digit".

    Example:
        >>> recordings("") is None
        True
    """
    archive = os.environ.get(ASKED, "") if archive is None else str(archive)
    if not archive:
        return None
    import pooch  # here: only whoever asks for recordings pays for it

    if archive == "fetch":
        path = Path(pooch.retrieve(ARCHIVE, f"sha256:{SHA256}", "fsdd-1.0.9.tar.gz"))
    else:
        path = Path(archive)
        if not path.is_file():
            raise FileNotFoundError(f"archive: expected the file v1.0.9.tar.gz, got {path.name}")
        if pooch.file_hash(str(path)) != SHA256:
            raise ValueError(f"archive: expected a file with SHA-256 {SHA256}, got another one")
    return _unpacked(path)


def _unpacked(path):
    """The recordings in an archive, read in memory: nothing is written."""
    found = {}
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            name = Path(member.name)
            if name.suffix == ".wav" and name.parent.name == "recordings":
                with wave.open(io.BytesIO(archive.extractfile(member).read())) as file:
                    samples = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 2**15
                found[name.stem] = sounds.levelled(samples)
    names = sorted(found)
    parts = [name.split("_") for name in names]  # digit, person, number
    digits = [(int(digit),) for digit, *_ in parts]
    return Utterances([found[n] for n in names], digits, [person for _, person, *_ in parts])


@functools.cache
def _engine():
    """espeak-ng, started once: (library, list into which it puts what it has spoken)."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    chunks = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def listen(samples, n, events):
        if samples and n > 0:
            chunks.append(np.ctypeslib.as_array(samples, (n,)).copy())
        return 0  # go on

    synchronous = 2
    path = espeakng_loader.get_data_path().encode()
    if library.espeak_Initialize(synchronous, 0, path, 0) != 22_050:
        raise RuntimeError("espeak-ng did not start")
    library.espeak_SetSynthCallback(listen)
    library.kept_alive = listen  # as long as the library may call it
    return library, chunks


@functools.cache
def _voices():
    """Names of all languages of espeak-ng in small letters, and of its voices as they are."""
    folder = Path(espeakng_loader.get_data_path())
    languages = {path.name.lower() for path in (folder / "lang").rglob("*") if path.is_file()}
    return languages | {path.name for path in (folder / "voices" / "!v").iterdir()}


def _seed(library, seed):
    """What espeak-ng draws (breath, hissing) comes from two generators of chance."""
    library.espeak_ng_SetRandSeed(ctypes.c_long(seed))
    if os.name == "posix":
        ctypes.CDLL(None).srand(seed)


def _check(n, rng, part, digits):
    if isinstance(n, bool) or not hasattr(n, "__index__") or n < 1:
        raise ValueError(f"n: expected an integer of at least 1, got {n!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
    if part not in PARTS:
        raise ValueError(f"part: expected one of {', '.join(map(repr, PARTS))}, got {part!r}")
    if not 1 <= digits[0] <= digits[1]:
        raise ValueError(f"digits: expected (fewest, most), at least 1, got {digits!r}")
