"""How heavy the pages of the site are, whether they hold still, and how long a build takes.

    python tools/bench_site.py            a table of all pages, and two builds (`make bench-site`)
    python tools/bench_site.py --pages    the table alone

Needs Chromium. Each page is opened once on a wide screen; a file weighs what `gzip -6` makes of it.
"""

import argparse
import functools
import gzip
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from chromium import Missing, launched, served

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
KINDS = (".html", ".css", ".js")
LIMIT = 300  # KB of HTML, CSS and script that a page may load
SOUND = re.compile(rb"data:audio/[^\"]*")

# the shift of the layout while a page loads: 0 is still, 0.1 is what others call good
WATCH = """
  window.layoutShift = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) layoutShift += entry.value;
  }).observe({type: "layout-shift", buffered: true});
"""
SHIFTED = """async () => {  // what a frame shows is reported after the next
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  await new Promise(done => setTimeout(done));
  return layoutShift;
}"""
LOADED = """async () => {
  await window.MathJax?.startup?.promise;
  return [location.href, ...performance.getEntriesByType('resource').map(one => one.name)];
}"""


@functools.cache
def weight(path):
    """The compressed size of a file in KB; sounds within a page count as sounds."""
    return len(gzip.compress(SOUND.sub(b"", path.read_bytes()), 6, mtime=0)) / 1000


def weights(site, server, addresses):
    """{kind of file: KB} of all HTML, CSS and script among the addresses that a page loaded."""
    total = dict.fromkeys(KINDS, 0.0)
    for address in set(addresses):
        path = site / unquote(urlsplit(address).path.removeprefix(urlsplit(server).path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix in KINDS and path.is_file():
            total[path.suffix] += weight(path)
    return total


def page_table(browser, site):
    """One row per page: its path, KB of HTML, CSS and script, requests, layout shift."""
    pages = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    with served(site) as server:
        for page in pages:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_init_script(WATCH)
            tab = context.new_page()
            path = page.relative_to(site).as_posix()
            tab.goto(server + path, wait_until="networkidle")
            loaded, shift = tab.evaluate(LOADED), tab.evaluate(SHIFTED)
            context.close()
            kinds = weights(site, server, loaded)
            yield path, *kinds.values(), sum(kinds.values()), len(loaded), shift


def build_times(root):
    """Seconds of a build of everything, and of one after an edit of one chapter."""
    yield "from the committed notebooks", _timed(root, afresh=True)
    chapter = sorted((root / "chapters").glob("04_*.ipynb"))[0]
    before = chapter.stat()
    os.utime(chapter)  # to Sphinx a chapter with a new date is an edited one
    yield "after an edit of one chapter", _timed(root, afresh=False)
    os.utime(chapter, ns=(before.st_atime_ns, before.st_mtime_ns))


def _timed(root, *, afresh):
    if afresh:
        (root / "_build" / "complete").unlink(missing_ok=True)
    start = time.monotonic()
    subprocess.run(
        [sys.executable, root / "tools" / "book.py"], check=True, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - start


def main(arguments=None):
    """Print both tables; returns 1 if a page is too heavy, or why nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pages", action="store_true", help="leave the builds out")
    if not parser.parse_args(arguments).pages:
        for what, seconds in build_times(ROOT):
            print(f"{what:<60}{seconds:>8.1f} s", flush=True)
    print(
        f"\n{'KB compressed':<60}{'html':>6}{'css':>6}{'js':>6}{'all':>6}{'files':>6}{'shift':>8}"
    )
    heaviest = 0
    try:
        with launched() as browser:
            for path, *kinds, total, files, shift in page_table(browser, SITE):
                heaviest = max(heaviest, total)
                sizes = "".join(f"{size:>6.0f}" for size in (*kinds, total))
                print(f"{path:<60}{sizes}{files:>6}{shift:>8.3f}", flush=True)
    except Missing as problem:
        return str(problem)
    print(f"\nThe heaviest page loads {heaviest:.0f} of {LIMIT} KB.")
    return int(heaviest > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
