"""Fetch what the site and its tests need from others, checked, into the git-ignored `vendor/`.

    python tools/vendor.py            MathJax and reveal.js, which `make book` copies into the site
    python tools/vendor.py axe        axe-core, with which the browser tests judge accessibility

All come from package registries: through `npm`, or, for what the site needs, through `pip` where
there is no npm. All files together are compared with a checksum written below: a second call does
nothing, an interrupted one is mended by the next, and a package that anyone has changed is refused.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "vendor"
SITE = ("mathjax", "reveal")  # what the site serves


class VendorError(Exception):
    """What could not be fetched, and why, in one line."""


def ensure(name):
    """Make sure that `vendor/<name>` is complete and unchanged, and return its path.

    Args:
        name: one of `PACKAGES`.

    Raises:
        VendorError: if no registry could be reached, or its package is not the expected one.
    """
    folder, (wanted, expected, sources) = VENDOR / name, PACKAGES[name]
    if folder.is_dir() and checksum(_read(folder), wanted) == expected:
        return folder
    problems = []
    for source in sources:
        try:
            files = source()
        except VendorError as error:
            problems.append(str(error))
            continue
        if checksum(files, wanted) == expected:
            return _write(folder, files, wanted)
        problems.append("a registry sent another package than the expected one")
    raise VendorError(f"{name} could not be fetched: {'; '.join(problems)}")


def checksum(files, wanted):
    """One number for the names and contents of all files that match a pattern in `wanted`."""
    total = hashlib.sha256()
    for path in _matching(files, wanted):
        total.update(path.encode())
        total.update(hashlib.sha256(files[path]).digest())
    return total.hexdigest()


def npm(package, top="package/"):
    """A source: the files of an npm package (name@version) below the folder `top`."""

    def fetch():
        program = shutil.which("npm")
        if program is None:
            raise VendorError("npm is not installed")
        command = [program, "pack", "--silent", "--ignore-scripts", package]
        with _downloaded(command, "*.tgz") as path, tarfile.open(path) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            files = {member.name: archive.extractfile(member).read() for member in members}
        files[top + "LICENSE"] = files["package/LICENSE"]
        return _below(top, files)

    return fetch


def pip(package, top, licence):
    """A source: the files of a wheel (name==version) below the folder `top`."""

    def fetch():
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", package]
        with _downloaded(command, "*.whl") as path, zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        return _below(top, files) | {"LICENSE": licence.encode()}

    return fetch


class _downloaded:
    """The one file that a registry's client fetches into a folder that exists for a moment."""

    def __init__(self, command, pattern):
        self.command, self.pattern = command, pattern
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        quiet = {"stdin": subprocess.DEVNULL, "capture_output": True}
        try:
            subprocess.run(self.command, cwd=self.folder.name, check=True, timeout=300, **quiet)
            return next(Path(self.folder.name).glob(self.pattern))
        except (OSError, subprocess.SubprocessError, StopIteration):
            self.folder.cleanup()
            client = "npm" if "pack" in self.command else "pip"
            raise VendorError(f"{client} could not get it from its registry") from None

    def __exit__(self, *error):
        self.folder.cleanup()


def _below(top, files):
    return {name.removeprefix(top): data for name, data in files.items() if name.startswith(top)}


def _matching(files, wanted):
    return sorted(path for path in files if any(fnmatch(path, pattern) for pattern in wanted))


def _read(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _write(folder, files, wanted):
    """Put the files beside their place first: whoever interrupts this leaves nothing half-made."""
    fresh = folder.with_name(f".{folder.name}.new")
    for stale in (fresh, folder):
        shutil.rmtree(stale, ignore_errors=True)
    for path in [*_matching(files, wanted), "LICENSE"]:
        (fresh / path).parent.mkdir(parents=True, exist_ok=True)
        (fresh / path).write_bytes(files[path])
    return fresh.rename(folder)


MATHJAX_NOTICE = """MathJax 3.2.2, copyright The MathJax Consortium, https://www.mathjax.org
Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0
"""

REVEAL_NOTICE = """reveal.js 5.2.1, copyright Hakim El Hattab and contributors, https://revealjs.com
Licensed under the MIT licence: https://opensource.org/license/mit
"""

# name: the files that we take, the checksum of all of them, where they come from (in this order)
PACKAGES = {
    "mathjax": (
        ["startup.js", "core.js", "input/tex-base.js", "input/tex/extensions/ams.js",
         "output/chtml.js", "output/chtml/fonts/tex.js", "a11y/assistive-mml.js",
         "adaptors/liteDOM.js", "output/chtml/fonts/woff-v2/*.woff"],
        "6805f7a621f81a3efd702cf50e2845040792573b06c22a918db69895b2159aa5",
        [
            npm("mathjax@3.2.2", top="package/es5/"),
            pip("sphinx-mathjax-offline==0.0.2", "sphinx-mathjax-offline/static/mathjax/",
                MATHJAX_NOTICE),
        ],
    ),
    "reveal": (
        ["dist/reset.css", "dist/reveal.css", "dist/reveal.js", "plugin/notes/notes.js"],
        "6f9d500419550b6f5582caa118a2991948620c568ff690ebf6fedca3fc71ac92",
        [
            npm("reveal.js@5.2.1"),
            pip("sphinx-revealjs==3.2.1", "sphinx_revealjs/_static/revealjs/", REVEAL_NOTICE),
        ],
    ),
    "axe": (
        ["axe.min.js"],
        "5489c7cabded46d4388c19be179162315f7481392b135ae1d22ae211da326ca5",
        [npm("axe-core@4.14.1")],
    ),
}  # fmt: skip


def main(names):
    """Fetch the named packages (or the site's); return an exit status or a message."""
    unknown = sorted(set(names) - set(PACKAGES))
    if unknown:
        return f"vendor: {', '.join(unknown)} is not one of {', '.join(PACKAGES)}"
    try:
        for name in names or SITE:
            print(f"vendor: {ensure(name).relative_to(ROOT)} is complete")
    except VendorError as error:
        return f"vendor: {error}. Is this machine online? Then run the same command again."
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
