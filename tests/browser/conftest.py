"""A browser, a web server, and one visit to every page of the built site.

The site is served below a sub-path, as on GitHub Pages, and every page is opened once, in light
and in dark mode; the tests then ask what was seen.
"""

import pytest
from laboratory import lab, session  # noqa: F401, the fixtures of several files
from visiting import SITE, WIDE, page_paths, visit_page

import bench_site
import chromium
import vendor

BELOW = "/some/where/"


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    if not (SITE / "index.html").exists():
        pytest.fail("there is no site in _build/html: run `make book`", pytrace=False)
    return SITE


@pytest.fixture(scope="session")
def server(site):
    """The address of the site, served below a sub-path by an ordinary static server."""
    with chromium.served(site, BELOW) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium."""
    try:
        with chromium.launched() as running:
            yield running
    except chromium.Missing as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def page(browser):
    """A fresh tab, wide, with nothing remembered."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe():
    """The text of axe-core, which judges accessibility from within a page."""
    try:
        return (vendor.ensure("axe") / "axe.min.js").read_text(encoding="utf-8")
    except vendor.VendorError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def visits(browser, server, axe):
    """Every page of the site, opened once: {path: Visit}."""
    context = browser.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    context.add_init_script(bench_site.WATCH)
    tab = context.new_page()
    seen = {path: visit_page(tab, server, path, axe) for path in page_paths()}
    context.close()
    return seen
