"""Print the book: the built site as one PDF, `_build/pdf/rnncourse.pdf`.

    python tools/pdf.py                  the whole book (`make pdf`)
    python tools/pdf.py 04 glossary      the pages whose names contain one of these

The pages of the site are joined in the order of `_toc.yml`; Chromium prints them, pypdf reads on
which page each heading came to stand, and Chromium prints again, with numbers in the contents.
"""

import argparse
import sys
import time
from pathlib import Path

import chromium
import citing
import rnncourse
import vendor
from printing import book, pages, paper

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
REASONS = (book.BookError, chromium.Missing, paper.PaperError, vendor.VendorError)
PDF = ROOT / "_build" / "pdf" / "rnncourse.pdf"


def make(path, words=(), site=SITE):
    """Print the book, or the pages whose names contain one of `words`, to `path`.

    Raises:
        One of `REASONS`: with the reason in one line.
    """
    work = citing.load(ROOT, rnncourse.__version__)
    parts, articles = book.read(ROOT, site, words)
    text = book.document(parts, articles, work, book.styles(site))
    path.parent.mkdir(parents=True, exist_ok=True)
    document, draft = path.with_suffix(".html"), path.with_suffix(".draft.pdf")
    document.write_text(text, encoding="utf-8")
    try:
        paper.print_book(document, draft, vendor.ensure("mathjax"))
        outline = [(level, name, title) for level, _, name, title in book.headings(parts, articles)]
        pages.finish(draft, path, outline, work)
    finally:
        document.unlink()
        draft.unlink(missing_ok=True)


def main(arguments=None):
    """Do what the command line asks for; return an exit status or a message."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("words", nargs="*", help="print only pages with such a word in their names")
    parser.add_argument("--out", type=Path, default=PDF, help="where to (default: %(default)s)")
    given, start = parser.parse_args(arguments), time.monotonic()
    try:
        make(given.out.resolve(), given.words)
    except REASONS as error:
        return f"pdf: {error}"
    size, seconds = given.out.stat().st_size / 1e6, time.monotonic() - start
    print(f"The book is printed: {given.out} ({size:.0f} MB, {seconds:.0f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
