"""What `rnncourse.fetch` brings through pip: whole or not at all, once, and here offline."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import __main__, fetch

FILE, REQUIREMENT, TEXTS = "opinions-1.2.tar.gz", "opinions==1.2", b"some texts and their ratings"
DIGEST = hashlib.sha256(TEXTS).hexdigest()


class Pip:
    """A pip that brings what it is told to, and remembers how it was called."""

    def __init__(self):
        self.brings = {FILE: TEXTS}
        self.calls = []
        self.fails = False

    def __call__(self, command, *, check=False):
        self.calls.append(command)
        folder = Path(command[command.index("--dest") + 1])
        for name, content in self.brings.items():
            (folder / name).write_bytes(content)
        if self.fails and check:
            raise subprocess.CalledProcessError(1, command)


@pytest.fixture
def pip(monkeypatch):
    """The fake pip, in the place of every process that could be started."""
    fake = Pip()
    monkeypatch.setattr(subprocess, "run", fake)
    return fake


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where files go, instead of the environment; one file is wanted there."""
    place = tmp_path / "share" / "of the course"
    monkeypatch.setattr(fetch, "PLACE", place)
    monkeypatch.setattr(fetch, "SOURCES", {FILE: (REQUIREMENT, DIGEST)})
    return place


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_missing_file_is_fetched_into_a_place_that_is_made_for_it(pip, place):
    assert not place.exists()
    fetch.main([])
    assert (place / FILE).read_bytes() == TEXTS
    assert names(place) == [FILE]
    assert len(pip.calls) == 1


def test_a_file_that_is_whole_is_not_fetched_again(pip, place):
    fetch.main([])
    fetch.main([])
    assert len(pip.calls) == 1


@pytest.mark.parametrize("harmed", [b"", TEXTS[:-1], TEXTS + b"!"], ids=["empty", "short", "long"])
def test_a_damaged_file_is_fetched_again_and_replaced(pip, place, harmed):
    place.mkdir(parents=True)
    (place / FILE).write_bytes(harmed)
    fetch.main([])
    assert (place / FILE).read_bytes() == TEXTS
    assert names(place) == [FILE]


def test_only_what_is_missing_is_fetched(pip, place, monkeypatch):
    there = "there-1.0.tar.gz"
    monkeypatch.setitem(fetch.SOURCES, there, ("there==1.0", DIGEST))
    place.mkdir(parents=True)
    (place / there).write_bytes(TEXTS)
    fetch.main([])
    assert names(place) == [FILE, there]
    assert [REQUIREMENT in call for call in pip.calls] == [True]


def test_a_wrong_checksum_is_refused_by_name_and_leaves_nothing_behind(pip, place):
    pip.brings = {FILE: b"something else"}
    with pytest.raises(SystemExit, match=f"{re.escape(FILE)}: its SHA-256 is not .* {DIGEST}"):
        fetch.main([])
    assert names(place) == []


def test_a_file_of_another_name_is_refused_and_leaves_nothing_behind(pip, place):
    pip.brings = {"opinions-1.2-py3-none-any.whl": TEXTS}
    with pytest.raises(SystemExit, match="SHA-256"):
        fetch.main([])
    assert names(place) == []


def test_what_was_there_stays_as_it_was_if_the_new_file_is_refused(pip, place):
    place.mkdir(parents=True)
    (place / FILE).write_bytes(b"of an earlier version")
    pip.brings = {FILE: b"something else"}
    with pytest.raises(SystemExit):
        fetch.main([])
    assert (place / FILE).read_bytes() == b"of an earlier version"
    assert names(place) == [FILE]


def test_a_pip_that_fails_is_an_error_and_leaves_nothing_behind(pip, place):
    pip.fails = True
    with pytest.raises(subprocess.CalledProcessError):
        fetch.main([])
    assert names(place) == []


def test_arguments_are_handed_to_pip_in_their_order_and_last(pip, place):
    extra = ["--retries", "2", "--log", "a file with spaces.log"]
    fetch.main(extra)
    (command,) = pip.calls
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert command[-len(extra) - 1 :] == [REQUIREMENT, *extra]


def test_pip_is_asked_for_the_source_alone_with_nothing_that_it_depends_on(pip, place):
    fetch.main([])
    (command,) = pip.calls
    assert "--no-deps" in command
    assert command[command.index("--no-binary") + 1] == ":all:"
    assert "--no-build-isolation" in command


def test_the_download_lies_beside_its_place_so_that_moving_it_is_one_step(pip, place):
    fetch.main([])
    (command,) = pip.calls
    folder = Path(command[command.index("--dest") + 1])
    assert folder.parent == place
    assert not folder.exists()


def test_nothing_is_whole_that_is_no_file(tmp_path):
    assert not fetch.is_whole(tmp_path / "nowhere", DIGEST)
    assert not fetch.is_whole(tmp_path, DIGEST)


def test_every_source_has_one_version_and_a_checksum_and_goes_into_the_environment():
    assert fetch.PLACE.is_relative_to(sys.prefix)
    for file, (requirement, digest) in fetch.SOURCES.items():
        name, version = requirement.split("==")
        assert file == f"{name}-{version}.tar.gz"
        assert re.fullmatch("[0-9a-f]{64}", digest)


def test_the_command_line_fetches_and_hands_unknown_options_to_pip(pip, place, capsys):
    assert __main__.main(["fetch", "--retries", "2"]) == 0
    assert pip.calls[0][-2:] == ["--retries", "2"]
    assert str(place) in capsys.readouterr().out


def test_a_pip_that_fails_is_one_line_on_the_command_line(pip, place, capsys):
    pip.fails = True
    assert __main__.main(["fetch"]) == 1
    assert capsys.readouterr().out.count("\n") == 1
