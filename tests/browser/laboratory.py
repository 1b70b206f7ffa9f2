"""JupyterLab on a copy of the chapters, for the tests in which a learner sits before it."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "04_a_loop_with_a_memory.ipynb"
MINUTE = 60_000  # milliseconds
OWN_FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the chapters, with nobody's settings: (address, copy of CHAPTER)."""
    home = tmp_path_factory.mktemp("home")
    chapters = home / "course" / "chapters"
    shutil.copytree(ROOT / "chapters", chapters)
    _forget_outputs(chapters / CHAPTER)
    foreign = ("MPLBACKEND", "PYTEST_CURRENT_TEST")
    given = {name: value for name, value in os.environ.items() if name not in foreign}
    given |= {name: str(home / name.lower()) for name in OWN_FOLDERS}
    given["JUPYTER_CONFIG_PATH"] = str(ROOT / "tools" / "lab")  # as `make lab` does
    options = ["--no-browser", "--allow-root", "--port=0"]
    options += ["--IdentityProvider.token=", f"--notebook-dir={chapters.parent}"]
    with (home / "lab.log").open("w") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(
            command, cwd=home, env=given, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield _address(server, home), chapters / CHAPTER
        finally:
            server.terminate()  # its kernels end with it
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _forget_outputs(path):
    """Make a notebook one that was never run, so that what is seen later comes from this run."""
    book = json.loads(path.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    path.write_text(json.dumps(book), encoding="utf-8")


def _address(server, home):
    """Where a server listens, at a port that it found free, as soon as it answers there."""
    deadline = time.monotonic() + 90
    while True:
        try:
            (written,) = (home / "jupyter_runtime_dir").glob("jpserver-*.json")
            port = json.loads(written.read_text(encoding="utf-8"))["port"]
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status", timeout=2).close()
            return f"http://127.0.0.1:{port}"
        except (OSError, ValueError):  # not yet there, or being written
            assert server.poll() is None, (home / "lab.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "JupyterLab did not come up within 90 s"
            time.sleep(0.3)


@pytest.fixture(scope="session")
def session(browser, lab):
    """Chapter 04 opened in JupyterLab and run: (page, requests to other hosts)."""
    address, path = lab
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page, foreign = context.new_page(), []
    page.on("request", lambda r: None if _is_own(r.url, address) else foreign.append(r.url))
    page.goto(f"{address}/lab/tree/chapters/{CHAPTER}", wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=MINUTE)
    idle = page.get_by_text("| Idle")  # the kernel must be there before a command can reach it
    idle.wait_for(timeout=MINUTE)
    _run_all(page)
    deadline = time.monotonic() + 240
    while not _is_finished(saved(path)):
        assert time.monotonic() < deadline, "the chapter did not run to its end within 240 s"
        page.keyboard.press("Control+s")  # the page draws a part; the file holds everything
        page.wait_for_timeout(2000)  # between two looks; the page needs the time, too
    yield page, foreign
    context.close()


def _run_all(page):
    """Give the command until a cell is waiting, running or done: it may come before its kernel."""
    begun = page.locator(".jp-Notebook .jp-InputPrompt", has_text=re.compile(r"\[[*\d]+\]"))
    for attempt in range(3):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        try:
            expect(begun.first).to_be_visible(timeout=MINUTE / 3)
            return
        except AssertionError:
            if attempt == 2:
                raise


def _is_own(url, address):
    return url.startswith((address, address.replace("http:", "ws:"), "data:", "blob:"))


def saved(path):
    """The code cells of the notebook as JupyterLab saved it.

    Read from the disk: asked for a file that it is writing, the server takes it for a broken one
    and moves it away.
    """
    for _ in range(20):
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            return [c for c in cells if c["cell_type"] == "code" and "".join(c["source"]).strip()]
        except (OSError, ValueError):  # being written
            time.sleep(0.2)
    return pytest.fail("JupyterLab's copy of the chapter cannot be read")


def _is_finished(cells):
    """Whether every cell has run, or one has failed, after which the others never will."""
    return all(cell["execution_count"] for cell in cells) or any(map(is_failed, cells))


def is_failed(cell):
    errors = any(output["output_type"] == "error" for output in cell["outputs"])
    return errors and "raises-exception" not in cell["metadata"].get("tags", [])
