"""Fetch what a chapter reads and no wheel holds, through pip, into the environment itself.

The source distribution of vaderSentiment holds texts with the ratings of several people; its wheel
does not. It lies under `share/rnncourse` in the environment, is read from there without unpacking,
goes when the environment goes, and is never committed.
"""

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

PLACE = Path(sys.prefix) / "share" / "rnncourse"
# file name -> (what pip calls it, SHA-256)
SOURCES = {
    "vaderSentiment-3.3.2.tar.gz": (
        "vaderSentiment==3.3.2",
        "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    )
}


def is_whole(path, digest):
    """Whether the file is there and what it should be."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def fetch(file, requirement, digest, pip_args, place):
    """Download one source distribution, check it, and move it into place in one step."""
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as folder:
        # --no-build-isolation: pip only asks for its metadata, and setuptools is here already.
        options = ["--no-deps", "--no-binary", ":all:", "--no-build-isolation", "--dest", folder]
        command = [sys.executable, "-m", "pip", "download", "--quiet", *options, requirement]
        subprocess.run([*command, *pip_args], check=True)
        got = Path(folder) / file
        if not is_whole(got, digest):
            raise SystemExit(f"{file}: its SHA-256 is not the one expected, {digest}")
        got.replace(place / file)


def main(pip_args):
    """Fetch what is missing."""
    for file, (requirement, digest) in SOURCES.items():
        if not is_whole(PLACE / file, digest):
            fetch(file, requirement, digest, pip_args, PLACE)


if __name__ == "__main__":
    main(sys.argv[1:])
