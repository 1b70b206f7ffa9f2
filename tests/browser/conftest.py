"""A browser, a web server, and one visit to every page of the built site.

The site is served below a sub-path, as on GitHub Pages, and every page is opened once, in light
and in dark mode; the tests then ask what was seen.
"""

import functools
import http.server
import shutil
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
BELOW = "/some/where/"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
NARROW, WIDE = {"width": 360, "height": 760}, {"width": 1280, "height": 900}

sys.path.insert(0, str(ROOT / "tools"))


def page_paths():
    """All pages of the site, as paths below its root."""
    found = (path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    return sorted(path for path in found if not path.startswith("_static/"))


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no site in _build/html: run `make book`", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def server(site):
    """The address of the site, served below a sub-path by an ordinary static server."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            """Say nothing."""

        def translate_path(self, path):
            if not path.startswith(BELOW):
                return str(site / "outside the sub-path")
            return super().translate_path(path[len(BELOW) - 1 :])

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}{BELOW}"
        running.shutdown()


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    from playwright.sync_api import Error, sync_playwright

    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: run `make setup-browser`", pytrace=False)
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        except Error as error:
            reason = str(error).splitlines()[0]
            pytest.fail(f"Chromium does not start ({reason}): run `make setup-browser`", False)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """A fresh tab, wide, with nothing remembered."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe():
    """The text of axe-core, which judges accessibility from within a page."""
    import vendor

    try:
        return (vendor.ensure("axe") / "axe.min.js").read_text(encoding="utf-8")
    except vendor.VendorError as error:
        pytest.fail(str(error), pytrace=False)


@dataclass
class Visit:
    """What was seen on one page."""

    requests: list = field(default_factory=list)  # addresses outside the site
    errors: list = field(default_factory=list)  # on the console, from scripts, from the server
    formulas: tuple = (0, 0, 0)  # in the source, rendered, rendered with an error
    sideways: list = field(default_factory=list)  # what is wider than a narrow screen
    violations: dict = field(default_factory=dict)  # mode -> serious and critical ones


@pytest.fixture(scope="session")
def visits(browser, server, axe):
    """Every page of the site, opened once: {path: Visit}."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    tab = context.new_page()
    seen = {path: _visit(tab, server, path, axe) for path in page_paths()}
    context.close()
    return seen


def _visit(tab, server, path, axe):
    visit = Visit()
    listeners = {
        "request": lambda r: _outside(r.url, server) and visit.requests.append(r.url),
        "console": lambda m: m.type == "error" and visit.errors.append(m.text),
        "pageerror": lambda error: visit.errors.append(str(error)),
        "response": lambda r: r.status >= 400 and visit.errors.append(f"{r.status} {r.url}"),
    }
    for event, listener in listeners.items():
        tab.on(event, listener)
    tab.set_viewport_size(WIDE)
    tab.goto(server + path, wait_until="networkidle")
    visit.formulas = tuple(tab.evaluate(FORMULAS))
    tab.evaluate(axe)
    for mode in ("light", "dark"):
        tab.evaluate("mode => document.documentElement.dataset.theme = mode", mode)
        visit.violations[mode] = tab.evaluate(VIOLATIONS)
    tab.set_viewport_size(NARROW)
    visit.sideways = tab.evaluate(SIDEWAYS)
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    return visit


def _outside(url, server):
    return not url.startswith((server, "data:", "blob:"))


FORMULAS = """async () => {
  if (window.MathJax?.startup?.promise) await window.MathJax.startup.promise;
  const count = what => document.querySelectorAll(what).length;
  return [count(".math.notranslate"), count("mjx-container"), count("mjx-merror")];
}"""

VIOLATIONS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  return found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ` + one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(" | "));
}"""

SIDEWAYS = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= window.innerWidth) return [];
  const wide = [...document.querySelectorAll("main *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1);
  return [`${root.scrollWidth} px`, ...wide.slice(0, 3).map(one => one.outerHTML.slice(0, 100))];
}"""
