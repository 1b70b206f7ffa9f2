"""Can this installation run the course, and if not, what mends it?

Every finding is one line: `✓` fine, `–` missing, but only a part needs it, `✗` the course cannot
run. What is found is looked at, not assumed: frameworks are imported, and a kernel computes.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rnncourse.fetch import PLACE

OLDEST, NEWEST = (3, 11), (3, 13)
GIGABYTE = 2**30
# Import name by distribution, for what a chapter or a check cannot do without.
IMPORTED = {"numpy": "numpy", "matplotlib": "matplotlib", "torch": "torch", "keras": "keras"}
_TREE = Path(__file__).resolve().parent.parent
SETUP = "run `make setup`"
if not (_TREE / "Makefile").exists():  # the package alone was installed
    SETUP = "run again the `pip install` that the page of the notebook shows"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        mark: "✓" fine, "–" a part of the course will not work, "✗" the course cannot run.
        text: what was found.
        remedy: what to do about it; empty if nothing.
    """

    mark: str
    text: str
    remedy: str = ""

    def __str__(self):
        return f"{self.mark} {self.text}" + (f": {self.remedy}" if self.remedy else "")


def python(version=sys.version_info):
    """Whether the interpreter is one that the pinned packages exist for."""
    name = f"Python {version[0]}.{version[1]}.{version[2]}"
    if version[:2] < OLDEST:
        return Finding("✗", f"{name} is too old", "install Python 3.11, then `make setup`")
    if version[:2] > NEWEST:
        return Finding("–", f"{name} is newer than what the course was tried with (3.11 to 3.13)")
    return Finding("✓", name)


def requirements(path, installed=None):
    """Compare the pins in a requirements file with what is installed.

    Args:
        path: the file; lines of the form `name==version`.
        installed: a function from a name to its version, None if it is missing.

    Returns:
        A list of `Finding`: one for each package that is missing or of another version, or one
        for all if every pin is met.
    """
    installed = installed or _version
    if not path.exists():
        return [Finding("–", f"{path.name} is not here; versions were not compared")]
    pins = re.findall(r"^([\w.-]+)==(\S+)", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found = []
    for name, wanted in pins:
        came = installed(name)
        if came is None:
            found.append(Finding("✗", f"{name} is missing", SETUP))
        elif came.split("+")[0] != wanted:  # +cpu and the like name a build, not a version
            found.append(Finding("–", f"{name} {came}, the course was made with {wanted}", SETUP))
    return found or [Finding("✓", f"all {len(pins)} pinned packages")]


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def frameworks(run=None):
    """Import each framework in a process of its own; a broken one may take its process down."""
    run = run or _python
    found = []
    for name, module in IMPORTED.items():
        status, said = run(f"import rnncourse, {module}")
        if status:
            why = said.strip().split("\n")[-1][:120] or f"its process ended with {status}"
            found.append(Finding("✗", f"{name} cannot be imported ({why})", SETUP))
    return found or [Finding("✓", f"{', '.join(IMPORTED)} can be imported")]


def kernel(run=None):
    """Start a kernel as a notebook does and let it compute."""
    status, said = (run or _python)(_ASK_A_KERNEL)
    if status or "forty-two" not in said:
        why = said.strip().split("\n")[-1][:120]
        return Finding("✗", f"a notebook kernel does not answer ({why})", SETUP)
    return Finding("✓", "a notebook kernel answers")


_ASK_A_KERNEL = """
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(startup_timeout=60)
try:
    client.execute_interactive("import rnncourse; print('forty-two')", timeout=60)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""


def _python(code):
    """The exit status of a piece of Python in a fresh process, and what it said."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, done.stdout + done.stderr


def machine(root, cores=None, memory=None, free=None):
    """Processors, memory and disk against what the course takes."""
    cores = cores or _cores()
    memory = memory or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    free = shutil.disk_usage(root).free if free is None else free
    found = [Finding("✓", f"{cores} processor core{'s' * (cores > 1)}")]
    if cores < 2:
        found = [Finding("–", "1 processor core", "all runs, the checks take twice as long")]
    gigabytes = f"{memory / GIGABYTE:.1f} GB of memory"
    if memory < 1.8 * GIGABYTE:
        found.append(Finding("✗", gigabytes, "a kernel with PyTorch and Keras takes 0.9 GB; use 2"))
    elif memory < 3.5 * GIGABYTE:
        found.append(Finding("–", gigabytes, "chapters run; for `make test` 4 GB are better"))
    else:
        found.append(Finding("✓", gigabytes))
    if free < 0.5 * GIGABYTE:
        found.append(Finding("✗", f"{free / GIGABYTE:.1f} GB of disk free", "free at least 0.5 GB"))
    else:
        found.append(Finding("✓", f"{free / GIGABYTE:.1f} GB of disk free"))
    return found


def _cores():
    """Cores that this process may use, where the system tells; else all."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def browser(which=shutil.which):
    """Chromium and npm, which only the site's own checks and assets need."""
    found = []
    names = ("chromium", "chromium-browser", "google-chrome")
    if any(map(which, names)):
        found.append(Finding("✓", "Chromium, for the browser tests"))
    else:
        found.append(
            Finding("–", "no Chromium, only browser tests need it", "`make setup-browser`")
        )
    if which("npm"):
        found.append(Finding("✓", "npm, for the accessibility tests"))
    else:
        remedy = "install Node.js, e.g. `apt install npm`"
        found.append(Finding("–", "no npm, only accessibility tests need it", remedy))
    return found


def texts(archive=PLACE / "vaderSentiment-3.3.2.tar.gz"):
    """The rated texts that chapter 19 reads and no wheel holds."""
    if archive.is_file():
        return Finding("✓", "the rated texts of chapter 19")
    return Finding("–", "no rated texts, chapter 19 needs them", "run `python -m rnncourse fetch`")


def main(root):
    """Print every finding and a last line; returns 1 if the course cannot run here."""
    found = []
    for finding in examine(Path(root)):
        print(finding, flush=True)
        found.append(finding)
    broken = sum(finding.mark == "✗" for finding in found)
    missing = sum(finding.mark == "–" for finding in found)
    if broken:
        print(f"\nThe course cannot run here yet: {broken} to mend, see ✗ above.")
    else:
        note = f" ({missing} remark{'s' * (missing > 1)}, see –)" if missing else ""
        print(f"\nThe course can run here{note}.")
    return int(broken > 0)


def examine(root):
    """Yield the findings one by one; those that take seconds come last."""
    yield python()
    yield from machine(root)
    yield from requirements(root / "requirements.txt")
    yield texts()
    yield from browser()
    yield from frameworks()
    yield kernel()
