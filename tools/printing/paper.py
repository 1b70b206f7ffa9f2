"""Chromium prints the book twice: once to learn the page of each heading, once with the numbers."""

from pathlib import Path

import chromium
import mathjax
from printing import pages

COLUMN = 605  # CSS pixels of the 160 mm between the margins of A4: what is wider is made smaller
LIMIT = 300_000  # milliseconds

MATHJAX = {  # as on the site, without the hidden copies that only a screen reader hears
    "loader": {"load": [one for one in mathjax.SETTINGS["loader"]["load"] if "a11y" not in one]},
    "tex": mathjax.SETTINGS["tex"],
    "chtml": {"mtextInheritFont": True, "scale": 0.93},
    "options": {"processHtmlClass": "math", "enableAssistiveMml": False},
}


class PaperError(Exception):
    """Why the book was not printed, in one line."""


def print_book(document, path, scripts):
    """Print an HTML file as a PDF, with the numbers of pages in its contents.

    Args:
        document: path of the HTML.
        path: of the PDF.
        scripts: the folder of MathJax.

    Raises:
        chromium.Missing: without Chromium.
        PaperError: if a formula cannot be set.
    """
    with chromium.launched() as browser:
        tab = browser.new_page(viewport={"width": COLUMN, "height": 900}, color_scheme="light")
        tab.set_default_timeout(LIMIT)
        tab.emulate_media(media="print", color_scheme="light")
        tab.goto(document.as_uri(), wait_until="load")
        tab.evaluate("settings => { window.MathJax = settings; }", MATHJAX)
        tab.add_script_tag(url=(scripts / Path(mathjax.SCRIPT).name).as_uri())
        if wrong := tab.evaluate(TYPESET):
            raise PaperError(f"{len(wrong)} formulas cannot be set: {wrong[:3]}")
        tab.evaluate(FIT)
        _print(tab, path)
        tab.evaluate(NUMBER, pages.numbers(path))
        _print(tab, path)


def _print(tab, path):
    tab.pdf(path=path, prefer_css_page_size=True, print_background=True, tagged=True)


TYPESET = """async () => {
  await MathJax.startup.promise;
  const wrong = "mjx-merror, .math:not(:has(mjx-container))";
  return [...document.querySelectorAll(wrong)].map(one => one.textContent);
}"""

# What is wider than the column is made as much smaller as it takes.
FIT = """() => {
  for (const one of document.querySelectorAll("mjx-container[display=true]")) {
    const room = one.clientWidth, inner = one.firstElementChild;
    const wide = inner.getBoundingClientRect().width;
    if (wide > room) one.style.fontSize = `${0.93 * 100 * room / wide}%`;
  }
  for (const one of document.querySelectorAll(".bd-article table")) {
    const room = one.parentElement.clientWidth, wide = one.offsetWidth;
    if (wide > room) one.style.zoom = room / wide;
  }
}"""

NUMBER = """numbers => {
  for (const one of document.querySelectorAll("[data-page-of]")) {
    one.textContent = numbers[one.dataset.pageOf] ?? "";
  }
}"""
