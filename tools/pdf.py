"""Print the book: `_build/html` as one PDF, `_build/pdf/rnncourse.pdf`.

    python tools/pdf.py                            the whole book (`make pdf`)
    python tools/pdf.py --only chapters/04_a_loop_with_a_memory appendix/glossary

The pages of the site are joined to one document, in the order of `_toc.yml`; Chromium prints it,
and pypdf reads on which page each heading came to stand.
"""

import argparse
import sys
import time
from pathlib import Path

import citing
import rnncourse
import vendor
from printing import book, pages, paper

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
OUT = ROOT / "_build" / "pdf"


def make(chosen=None, out=OUT):
    work = citing.load(ROOT, rnncourse.__version__)
    parts, articles = book.read(ROOT, SITE, chosen)
    styles = book.styles(SITE) + [(Path(book.__file__).parent / "book.css").as_uri()]
    out.mkdir(parents=True, exist_ok=True)
    document = out / "book.html"
    document.write_text(book.document(parts, articles, work, styles), encoding="utf-8")
    t = time.time()
    draft, numbers = paper.print_book(document, out / "rnncourse.pdf", vendor.ensure("mathjax"))
    print(time.time() - t, len(numbers))
    outline = [(level, name, title) for level, _, name, title in book.headings(parts, articles)]
    pages.finish(draft, out / "rnncourse.pdf", outline, work)
    print(time.time() - t)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*")
    given = parser.parse_args(arguments)
    make(given.only)
    return 0


if __name__ == "__main__":
    sys.exit(main())
