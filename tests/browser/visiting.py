"""One visit to a page of the built site: what it asked for, said, and looked like."""

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path

import bench_site

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 900}
ZOOMED = {"width": 640, "height": 450}  # a window of 1280 at 200 %


def page_paths():
    """All pages of the site, as paths below its root; decks of slides are none."""
    found = (path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    return sorted(path for path in found if not re.match(r"_static/|slides/\d\d_", path))


@dataclass
class Visit:
    """What was seen on one page."""

    requests: list = field(default_factory=list)  # addresses outside the site
    errors: list = field(default_factory=list)  # on the console, from scripts, from the server
    formulas: tuple = (0, 0, 0)  # in the source, rendered, rendered with an error
    kilobytes: float = 0.0  # of compressed HTML, CSS and script
    shifts: dict = field(default_factory=dict)  # screen -> how far the layout shifted
    sideways: dict = field(default_factory=dict)  # screen -> what is wider than it
    unreachable: list = field(default_factory=list)  # what scrolls, but not by keyboard
    stops: dict = field(default_factory=dict)  # screen -> what is wrong with stops of the Tab key
    violations: dict = field(default_factory=dict)  # mode -> what axe-core found


def open_page(tab, address):
    """Open a page and wait until its scripts have changed what they will, formulas included."""
    tab.goto(address)
    tab.wait_for_selector("html[data-ready]", state="attached")


def resize(tab, screen):
    """Give the window another size, and wait until the page has it."""
    tab.set_viewport_size(screen)
    tab.wait_for_function(
        "({width, height}) => innerWidth === width && innerHeight === height", arg=screen
    )


def visit_page(tab, server, path, axe):
    """Open one page wide and narrow, look at it in both modes and zoomed; return a `Visit`."""
    visit = Visit()
    with listening(tab, server, visit):
        tab.set_viewport_size(WIDE)
        open_page(tab, server + path)
        tab.wait_for_load_state("networkidle")
        visit.formulas = tuple(tab.evaluate(FORMULAS))
        visit.shifts["wide"] = tab.evaluate(bench_site.SHIFTED)
        sizes = bench_site.weights(SITE, server, tab.evaluate(bench_site.LOADED))
        visit.kilobytes = sum(sizes.values())
        visit.stops["wide"] = tab.evaluate(FAULTS)
        tab.evaluate(axe)
        for mode in ("light", "dark"):
            tab.evaluate("mode => document.documentElement.dataset.theme = mode", mode)
            visit.violations[mode] = tab.evaluate(VIOLATIONS)
        tab.set_viewport_size(NARROW)
        open_page(tab, server + path)
        visit.stops["narrow"] = tab.evaluate(FAULTS)
        visit.unreachable = tab.evaluate(UNREACHABLE)
        visit.sideways["narrow"] = tab.evaluate(SIDEWAYS, "")
        visit.shifts["narrow"] = tab.evaluate(bench_site.SHIFTED)
        resize(tab, ZOOMED)
        visit.sideways["zoomed"] = tab.evaluate(SIDEWAYS, "")
        resize(tab, WIDE)
        visit.sideways["large text"] = tab.evaluate(SIDEWAYS, "200%")
    return visit


@contextlib.contextmanager
def listening(tab, server, visit):
    """Write down in `visit` what the tab asks other hosts for, and the errors that it reports."""
    listeners = {
        "request": lambda r: _outside(r.url, server) and visit.requests.append(r.url),
        "console": lambda m: m.type == "error" and visit.errors.append(m.text),
        "pageerror": lambda error: visit.errors.append(str(error)),
        "response": lambda r: r.status >= 400 and visit.errors.append(f"{r.status} {r.url}"),
    }
    for event, listener in listeners.items():
        tab.on(event, listener)
    try:
        yield visit
    finally:
        for event, listener in listeners.items():
            tab.remove_listener(event, listener)


def _outside(url, server):
    return not url.startswith((server, "data:", "blob:"))


FORMULAS = """() => {
  const count = what => document.querySelectorAll(what).length;
  return [count(".math.notranslate"), count("mjx-container"), count("mjx-merror")];
}"""

# axe-core reads no MathML, and so takes a heading that is a formula for one without text
VIOLATIONS = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const formula = node => document.querySelector(node.target[0])?.querySelector("mjx-math");
  const real = one => one.nodes.filter(node => one.id !== "empty-table-header" || !formula(node));
  const where = nodes => nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(" | ");
  return found.violations.filter(one => real(one).length)
    .map(one => `${one.id}: ${where(real(one))}`);
}"""

# what scrolls by itself must be one that the keyboard stops at, and must have a name
UNREACHABLE = """() => [...document.querySelectorAll("main *")]
  .filter(one => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1)
  .filter(one => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  .filter(one => one.tabIndex < 0 || !(one.ariaLabel || one.getAttribute("aria-labelledby")))
  .map(one => one.outerHTML.slice(0, 100))"""

SIDEWAYS = """factor => {
  document.documentElement.style.fontSize = factor;
  const root = document.scrollingElement;
  if (root.scrollWidth <= window.innerWidth) return [];
  const wide = [...document.querySelectorAll("main *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth + 1);
  return [`${root.scrollWidth} px`, ...wide.slice(0, 3).map(one => one.outerHTML.slice(0, 100))];
}"""

# The stops of the Tab key, in the order of the document.
STOPS = """
  const kinds = "a[href], button, input, select, textarea, summary, audio[controls], [tabindex]";
  const stops = [...document.querySelectorAll(kinds)].filter(one =>
    one.tabIndex >= 0 && !one.disabled && one.checkVisibility({visibilityProperty: true}));
  const short = one => one.outerHTML.replace(/\\s+/g, " ").slice(0, 110);
"""

# What is wrong with a page as it stands.
FAULTS = f"""() => {{
  {STOPS}
  const faults = [];
  const named = one => [one.ariaLabel, one.textContent, one.title, one.placeholder,
    ...[...(one.labels ?? [])].map(label => label.textContent),
    ...[...one.querySelectorAll("img, svg")].map(picture => picture.alt ?? picture.ariaLabel),
    document.getElementById(one.getAttribute("aria-labelledby"))?.textContent,
  ].some(text => text?.trim());
  for (const one of stops) {{
    if (one.tabIndex > 0) faults.push(`has an order of its own: ${{short(one)}}`);
    if (one.closest("[aria-hidden=true]")) faults.push(`hidden from readers: ${{short(one)}}`);
    if (!named(one) && !one.matches("audio")) faults.push(`has no name: ${{short(one)}}`);
  }}
  return faults;
}}"""
