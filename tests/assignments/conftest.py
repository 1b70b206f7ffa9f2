"""The tests of grading: slow, since every submission runs on a kernel of its own."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

NOT_HERS = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "TMPDIR")


@pytest.fixture(scope="module", autouse=True)
def nobody(tmp_path_factory):
    """A home that belongs to nobody; returns it, to see what was left there."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in NOT_HERS:
            folder = home / name.lower()
            folder.mkdir()
            patch.setenv(name, str(folder))
        yield home
