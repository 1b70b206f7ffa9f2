"""Features, echo, noise, sound from features, and the player."""

import base64
import html
import io
import re
import wave
from pathlib import Path

import nbformat
import numpy as np
import pytest

from rnncourse import sounds


def tone(hertz, seconds=0.5):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * sounds.RATE)) / sounds.RATE)


# --- features


@pytest.mark.parametrize("hertz", [300, 1000, 3000])
def test_a_tone_is_loudest_in_the_band_that_holds_it(hertz):
    x = sounds.log_mel(tone(hertz))
    centres = np.linspace(sounds.mel(100), sounds.mel(3800), 26)[1:-1]
    assert (x.argmax(axis=1) == np.abs(centres - sounds.mel(hertz)).argmin()).all()


def test_ten_times_the_pressure_adds_the_same_to_every_loud_band():
    x, louder = sounds.log_mel(tone(1000)), sounds.log_mel(10 * tone(1000))
    loud = x > 0
    np.testing.assert_allclose((louder - x)[loud], np.log(100), rtol=1e-3)


def test_neighbouring_triangles_add_up_to_one_between_their_peaks():
    total = sounds.mel_filters(24).sum(axis=0)
    heard = sounds.mel(np.linspace(0, 4000, 129))
    corners = np.linspace(sounds.mel(100), sounds.mel(3800), 26)
    inside = (heard >= corners[1]) & (heard <= corners[-2])
    np.testing.assert_allclose(total[inside], 1)


def test_silence_has_finite_features():
    assert np.isfinite(sounds.log_mel(np.zeros(500))).all()


def test_a_frame_is_the_shortest_sound_and_has_one_row():
    assert sounds.log_mel(np.ones(sounds.SIZE)).shape == (1, 24)


def test_rows_stand_side_by_side_in_their_order():
    x = np.arange(28.0).reshape(7, 4)
    np.testing.assert_array_equal(sounds.stacked(x, 3)[1], x[3:6].ravel())


# --- on the way


def test_noise_has_the_power_that_is_asked_for():
    sound = tone(440, 2)
    noise = sounds.with_noise(sound, np.random.default_rng(0), snr=5) - sound
    assert 10 * np.log10(np.mean(sound**2) / np.mean(noise**2)) == pytest.approx(5, abs=0.2)


def test_an_echo_comes_after_its_sound():
    click = np.zeros(4000)
    click[1000] = 1
    heard = sounds.in_a_room(click, np.random.default_rng(0), 0.3)
    assert np.abs(heard[:1000]).max() < 1e-9
    assert heard[1000] == pytest.approx(1)
    assert np.abs(heard[1001:1200]).mean() > 5 * np.abs(heard[2600:2800]).mean() > 0


def test_a_level_is_kept_unless_it_would_clip():
    assert np.sqrt(np.mean(sounds.levelled(tone(440)) ** 2)) == pytest.approx(0.1)
    click = np.zeros(4000)
    click[7] = 3
    assert np.abs(sounds.levelled(click)).max() == pytest.approx(0.95)


def test_resampling_keeps_what_is_low_and_drops_what_is_too_high():
    fast = np.arange(22_050) / 22_050
    low = sounds.resampled(np.sin(2 * np.pi * 500 * fast), 441, 160)
    np.testing.assert_allclose(low, np.sin(2 * np.pi * 500 * np.arange(8000) / 8000), atol=1e-9)
    assert np.abs(sounds.resampled(np.sin(2 * np.pi * 6000 * fast), 441, 160)).max() < 1e-9


# --- back


def test_a_sound_from_features_has_nearly_those_features():
    sound = np.concatenate([tone(300), tone(1500), 0.1 * tone(700)])
    x = sounds.log_mel(sound)
    again = sounds.log_mel(sounds.from_log_mel(x, np.random.default_rng(0), rounds=20))
    assert again.shape == x.shape
    assert (again.argmax(axis=1) == x.argmax(axis=1)).mean() > 0.95


# --- the player


def test_a_player_holds_the_sound_and_says_what_is_heard():
    page = sounds.Player(tone(440), 'a "low" tone')._repr_html_()
    data = base64.b64decode(re.search(r"base64,([^\"]+)", page).group(1))
    with wave.open(io.BytesIO(data)) as file:
        samples = np.frombuffer(file.readframes(10**6), "<i2") / (2**15 - 1)
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
    np.testing.assert_allclose(samples, tone(440), atol=1e-4)
    assert html.escape('a "low" tone') in page
    assert "controls" in page
    assert "autoplay" not in page


def players(notebook):
    """(label, samples) of each player that stands in a built notebook."""
    for cell in nbformat.read(notebook, 4).cells:
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            if '<div class="sound">' in page:
                label = html.unescape(re.search(r'aria-label="([^"]*)"', page).group(1))
                data = base64.b64decode(re.search(r"base64,([^\"]+)", page).group(1))
                with wave.open(io.BytesIO(data)) as file:
                    yield label, np.frombuffer(file.readframes(10**6), "<i2") / (2**15 - 1)


@pytest.mark.parametrize(
    ("notebook", "least"),
    [("chapters/24_speech.ipynb", 5), ("exercises/solutions/24_speech.ipynb", 3)],
)
def test_every_sound_of_a_page_is_equally_loud_never_clipped_and_neither_short_nor_long(
    notebook, least
):
    found = list(players(Path(__file__).parents[1] / notebook))
    assert len(found) >= least
    for label, sound in found:
        assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.1, abs=0.005), label
        assert 0.2 < np.abs(sound).max() < 0.96, label
        assert 0.5 < len(sound) / sounds.RATE < 2, label
        x = sounds.log_mel(sound)
        assert x.max(axis=1).max() - np.median(x) > 3, label  # speech stands out of the rest


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sounds.frames(np.zeros(7)), "sound: expected finite numbers"),
        (lambda: sounds.log_mel(np.full(500, np.nan)), "sound: expected finite numbers"),
        (lambda: sounds.mel_filters(200), "bands: expected so few"),
        (lambda: sounds.mel_filters(24, 300, 200), "low, high: expected"),
        (lambda: sounds.stacked(np.zeros((2, 4)), 3), "x: expected at least k = 3 rows"),
        (lambda: sounds.from_log_mel(np.zeros(7), np.random.default_rng(0)), "x: expected log-mel"),
        (lambda: sounds.wav(np.full(9, 1.5)), "sound: expected values in -1 to 1, got 1.50"),
        (lambda: sounds.Player(np.zeros(9), " "), "label: expected a sentence"),
        (lambda: sounds.Player(np.zeros(25_000), "silence"), "sound: expected at most 3 s"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
