"""Build the decks of slides, and print each as a PDF.

    python tools/build_slides.py              all decks and their PDFs (`make slides`)
    python tools/build_slides.py --only 04    one deck
    python tools/build_slides.py --no-pdf     without a browser

They come to _build/html/slides, where `make book` writes the decks, too. What is on a slide is
decided by the lessons in teaching/ (tools/teaching.py).
"""

import argparse
import sys
from pathlib import Path

import chromium
import teaching
import vendor
from slides import printing, shelf

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"


def main(arguments):
    """Build and print; returns an exit status or a message."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="print only the deck of this chapter: 04")
    parser.add_argument("--no-pdf", action="store_true", help="write the decks, print none")
    wanted = parser.parse_args(arguments)
    try:
        lessons = shelf.write(ROOT, SITE)
        chosen = [lesson for lesson in lessons if lesson.number.startswith(wanted.only)]
        for pdf in [] if wanted.no_pdf else printing.all_pdfs(SITE / shelf.FOLDER, chosen):
            print(f"slides: {pdf.relative_to(ROOT)}")
        shelf.index(SITE / shelf.FOLDER, lessons)
    except (teaching.LessonError, vendor.VendorError) as error:
        return f"slides: {error}"
    except chromium.Missing as error:
        return f"slides: the decks are written, but not printed: {error}"
    print(f"slides: {len(lessons)} decks. Open _build/html/{shelf.FOLDER}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
