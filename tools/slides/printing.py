"""Decks on paper: each as a PDF beside it, a page a slide."""

import chromium


def all_pdfs(folder, lessons):
    """Print the decks of these lessons, in one browser; yields each PDF when it is there.

    Raises:
        chromium.Missing: if there is no browser to print with.
    """
    with chromium.launched() as browser:
        tab = browser.new_page(color_scheme="light", reduced_motion="reduce")
        for lesson in lessons:
            deck = folder / f"{lesson.name}.html"
            yield one(tab, deck.resolve().as_uri(), deck.with_suffix(".pdf"))


def one(tab, address, target):
    """Print the deck at an address, from a tab of a browser; returns the path of the PDF."""
    tab.goto(f"{address}?print-pdf")
    tab.wait_for_selector("html[data-ready]", state="attached")
    tab.pdf(path=target, prefer_css_page_size=True, print_background=True, tagged=True)
    return target
