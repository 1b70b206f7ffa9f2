"""JupyterLab as a learner meets it: open chapter 04, run all cells, and see no error."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "04_a_loop_with_a_memory.ipynb"
MINUTE = 60_000  # milliseconds


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab server on a copy of the chapters, with nobody's settings; yields its address."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "course"
    shutil.copytree(ROOT / "chapters", folder / "chapters")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(home / name.lower()) for name in (
        "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
        "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR",
    )}  # fmt: skip
    inherited = {
        k: v for k, v in os.environ.items() if k not in ("MPLBACKEND", "PYTEST_CURRENT_TEST")
    }
    log = (home / "lab.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
         "--ServerApp.port_retries=0", "--IdentityProvider.token=", f"--notebook-dir={folder}"],
        cwd=folder, env=inherited | own, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 90
        while not _answers(f"{address}/api/status"):
            assert server.poll() is None, (home / "lab.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "JupyterLab did not come up within 90 s"
            time.sleep(0.3)
        yield address
    finally:
        server.terminate()  # its kernels end with it
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()


def _answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def session(browser, lab):
    """Chapter 04 opened in JupyterLab, all cells run once: (page, requests to other hosts)."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page, foreign = context.new_page(), []
    page.on("request", lambda r: None if _own(r.url, lab) else foreign.append(r.url))
    page.goto(f"{lab}/lab/tree/chapters/{CHAPTER}", wait_until="domcontentloaded")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=MINUTE)
    # The kernel must be there before a command can reach it.
    idle = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'
    page.wait_for_selector(idle, timeout=MINUTE, state="attached")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(DONE, timeout=3 * MINUTE)
    page.wait_for_selector(idle, timeout=MINUTE, state="attached")
    page.keyboard.press("Control+s")
    page.wait_for_function(SAVED, timeout=MINUTE)
    yield page, foreign
    context.close()


def _own(url, lab):
    return url.startswith((lab, lab.replace("http:", "ws:"), "data:", "blob:"))


# Every prompt of the page's code cells bears a number, none a star. JupyterLab draws only the
# cells near the window, hence the saved file is what counts below.
DONE = """() => {
  const prompts = [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")].map(p => p.textContent);
  const indicator = document.querySelector(".jp-Notebook-ExecutionIndicator");
  return prompts.length > 0 && !prompts.some(p => p.includes("*"))
    && prompts.some(p => /\\d/.test(p)) && indicator?.dataset.status === "idle";
}"""
SAVED = """() => !document.querySelector(".lm-TabBar-tab.jp-mod-dirty")"""


def saved(lab):
    """The notebook as JupyterLab saved it."""
    with urllib.request.urlopen(f"{lab}/api/contents/chapters/{CHAPTER}", timeout=20) as reply:
        return json.load(reply)["content"]


def test_every_cell_of_chapter_04_runs_in_jupyterlab_without_an_error(lab, session):
    code = [c for c in saved(lab)["cells"] if c["cell_type"] == "code" and c["source"].strip()]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    for cell in code:
        kinds = {output.get("name", output["output_type"]) for output in cell["outputs"]}
        assert "stderr" not in kinds
        assert "error" not in kinds or "raises-exception" in cell["metadata"].get("tags", [])


def test_its_claims_are_shown_again(lab, session):
    book = json.loads((ROOT / "chapters" / CHAPTER).read_text(encoding="utf-8"))
    stored, rerun = (
        [o["metadata"]["rnncourse"]["claim"] for cell in cells for o in cell.get("outputs", [])
         if "claim" in o.get("metadata", {}).get("rnncourse", {})]
        for cells in (book["cells"], saved(lab)["cells"])
    )  # fmt: skip
    assert rerun == stored
    assert stored


def test_jupyterlab_asks_no_other_host(session):
    _, foreign = session
    assert not foreign


def test_jupyterlab_renders_what_the_site_renders(session):
    page, _ = session
    text = page.locator(".jp-Notebook").inner_text()
    assert not re.search(r":::\\{|^```\\{", text, flags=re.MULTILINE), "raw directives"
    assert page.locator(".jp-Notebook mjx-container").count() > 0, "formulas"
