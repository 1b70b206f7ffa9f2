"""The machine that says digits, and the reader of what people have said."""

import io
import tarfile
import wave

import numpy as np
import pooch
import pytest

from rnncourse import seeds, sounds
from rnncourse.data import speech


@pytest.fixture(scope="module")
def said():
    return speech.utterances(30, seeds.rng(24), digits=(1, 3))


def test_an_utterance_has_as_many_words_as_asked_for_and_a_known_voice(said):
    assert {len(string) for string in said.digits} == {1, 2, 3}
    for voice in said.voices:
        accent, name = voice.split("+")
        assert accent in speech.ACCENTS["training"]
        assert name in speech.VOICES["training"]


def test_sounds_are_neither_clipped_nor_silent(said):
    for sound in said.sounds:
        assert np.abs(sound).max() < 1
        assert 0.04 < np.sqrt(np.mean(sound**2)) < 0.11


def test_longer_strings_take_longer(said):
    mean = [np.mean([len(s) for s, d in zip(said.sounds, said.digits, strict=True)
                     if len(d) == n]) for n in (1, 2, 3)]  # fmt: skip
    assert mean[0] < mean[1] < mean[2]


def test_equal_generators_draw_the_same_strings_and_voices(said):
    again = speech.utterances(30, seeds.rng(24), digits=(1, 3))
    assert (again.digits, again.voices) == (said.digits, said.voices)


@pytest.mark.parametrize("part", ["new voices", "new accents"])
def test_what_is_new_was_never_heard_in_training(part):
    accents, voices = zip(*[v.split("+") for v in speech.utterances(
        30, seeds.rng(24), part=part, digits=(1, 1)).voices], strict=True)  # fmt: skip
    new, old = (voices, accents) if part == "new voices" else (accents, voices)
    known = {*speech.VOICES["training"], *speech.ACCENTS["training"]}
    assert not set(new) & known
    assert set(old) <= known


def test_all_voices_and_accents_speak_and_no_two_alike():
    heard = []
    for accent in {a for accents in speech.ACCENTS.values() for a in accents}:
        for voice in {v for voices in speech.VOICES.values() for v in voices}:
            sound = speech.say([7], f"{accent}+{voice}")
            assert 0.2 * speech.RATE < len(sound) < speech.RATE
            heard.append((len(sound), round(float(np.abs(sound).max()), 6)))
    assert len(set(heard)) > 0.95 * len(heard)


def test_the_same_word_sounds_alike_whatever_was_said_before():
    first = sounds.log_mel(speech.say([5], "en+m3"))
    speech.say([1, 2, 3], "en-us+f5", speed=220, pitch=60)
    again = sounds.log_mel(speech.say([5], "en+m3"))
    T = min(len(first), len(again))
    assert abs(len(first) - len(again)) <= 2
    assert np.corrcoef(first[:T].ravel(), again[:T].ravel())[0, 1] > 0.9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: speech.utterances(0, seeds.rng(1)), "n: expected an integer of at least 1"),
        (lambda: speech.utterances(3, 7), "rng: expected a NumPy generator"),
        (lambda: speech.utterances(3, seeds.rng(1), part="test"), "part: expected one of"),
        (lambda: speech.utterances(3, seeds.rng(1), digits=(2, 1)), "digits: expected"),
        (lambda: speech.say([]), "digits: expected at least one"),
        (lambda: speech.say([1], "en+nobody"), "voice: expected one such as"),
        (lambda: speech.say([1], "nowhere"), "voice: expected one such as"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# --- recordings


def archive_of(path, names):
    """A small archive in the form of the published one."""
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            file = io.BytesIO()
            with wave.open(file, "wb") as out:
                out.setnchannels(1)
                out.setsampwidth(2)
                out.setframerate(8000)
                out.writeframes((1000 * np.sin(np.arange(3000))).astype("<i2").tobytes())
            member = tarfile.TarInfo(f"free-spoken-digit-dataset-1.0.9/recordings/{name}")
            member.size = len(file.getvalue())
            archive.addfile(member, io.BytesIO(file.getvalue()))


def test_recordings_are_read_from_an_archive_without_unpacking_it(tmp_path, monkeypatch):
    path = tmp_path / "v1.0.9.tar.gz"
    archive_of(path, ["7_nicolas_3.wav", "0_jackson_12.wav"])
    monkeypatch.setattr(speech, "SHA256", pooch.file_hash(str(path)))
    people = speech.recordings(path)
    assert people.digits == [(0,), (7,)]
    assert people.voices == ["jackson", "nicolas"]
    assert np.sqrt(np.mean(people.sounds[0] ** 2)) == pytest.approx(0.1)
    assert [file.name for file in tmp_path.iterdir()] == ["v1.0.9.tar.gz"]


def test_the_environment_says_where_the_recordings_are(tmp_path, monkeypatch):
    monkeypatch.delenv(speech.ASKED, raising=False)
    assert speech.recordings() is None
    path = tmp_path / "v1.0.9.tar.gz"
    archive_of(path, ["3_theo_0.wav"])
    monkeypatch.setattr(speech, "SHA256", pooch.file_hash(str(path)))
    monkeypatch.setenv(speech.ASKED, str(path))
    assert speech.recordings().digits == [(3,)]


def test_fetching_asks_for_the_published_file_and_its_checksum(tmp_path, monkeypatch):
    path, asked = tmp_path / "fetched.tar.gz", []
    archive_of(path, ["3_theo_0.wav"])
    monkeypatch.setattr(pooch, "retrieve", lambda *given: asked.append(given) or str(path))
    assert len(speech.recordings("fetch")) == 1
    assert asked == [(speech.ARCHIVE, f"sha256:{speech.SHA256}", "fsdd-1.0.9.tar.gz")]


def test_another_file_or_none_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"archive: expected the file v1.0.9.tar.gz"):
        speech.recordings(tmp_path / "missing.tar.gz")
    other = tmp_path / "v1.0.9.tar.gz"
    archive_of(other, ["3_theo_0.wav"])
    with pytest.raises(ValueError, match="archive: expected a file with SHA-256 8bc44cde"):
        speech.recordings(other)
