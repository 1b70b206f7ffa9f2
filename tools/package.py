"""The package of the course as a wheel, which the site hands out: whoever downloads a notebook can
install what it imports with one command, from the site itself.

    python tools/package.py FOLDER     build it there

Two builds of one source are byte-identical, and no network is asked.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEEDED = ("pyproject.toml", "README.md", "LICENSE")
DATE = "1767225600"  # 2026-01-01: the date of every file in the wheel
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


def build(root, folder):
    """Build the wheel of the package in `root` into `folder`, and return its path.

    It is built from a copy, for setuptools leaves its own folders where it works.

    Raises:
        subprocess.CalledProcessError: if setuptools refuses; what it said is in `stderr`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        work, made = Path(place, "work"), Path(place, "made")
        made.mkdir()
        _copy(root, work)
        command = [sys.executable, "-c", BUILD, str(made)]
        env = {**os.environ, "SOURCE_DATE_EPOCH": DATE, "PYTHONHASHSEED": "0"}
        env.pop("PYTHONPATH", None)
        subprocess.run(command, cwd=work, env=env, check=True, capture_output=True, text=True)
        (wheel,) = made.glob("*.whl")
        for old in folder.glob("rnncourse-*.whl"):
            old.unlink()
        return Path(shutil.move(wheel, folder / wheel.name))


def is_newer(wheel, root):
    """Whether a wheel is there, and newer than all that it is made of."""
    if not wheel.exists():
        return False
    sources = [path for path in (root / "rnncourse").rglob("*") if "__pycache__" not in path.parts]
    sources += [root / name for name in NEEDED]
    return wheel.stat().st_mtime_ns > max(path.stat().st_mtime_ns for path in sources)


def _copy(root, work):
    """The package and what its description names, with the same permissions on every machine."""
    shutil.copytree(root / "rnncourse", work / "rnncourse", ignore=_left_out)
    for name in NEEDED:
        shutil.copyfile(root / name, work / name)
    for path in work.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _left_out(folder, names):
    return [name for name in names if name == "__pycache__" or name.startswith(".")]


if __name__ == "__main__":
    print(build(ROOT, Path(sys.argv[1])))
