"""The room of each formula stands in the pages: no line moves when MathJax has set it.

MathJax says how large its formulas will be while the site is built. Playwright comes with a program
that runs it; without one nothing is reserved, and lines may move a little while a page loads.
"""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import mathjax

SCRIPT = Path(__file__).with_suffix(".js")
FORMULA = re.compile(
    r'<(span|div) class="math notranslate nohighlight"(?P<id> id="[^"]*")?>'
    r'(?P<number>\s*<span class="eqno">.*?</span>)?'
    r"\s*\\(?:\((?P<line>.*?)\\\)|\[(?P<alone>.*?)\\\])"
    r"</\1>",
    re.DOTALL,
)


def reserve(pages, folder):
    """Write the size of each formula into pages.

    Args:
        pages: paths of HTML files.
        folder: of MathJax.
    """
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    wanted = {_read(found) for text in texts.values() for found in FORMULA.finditer(text)}
    sizes = measure(sorted(wanted), folder)
    for page, text in texts.items():
        if sized := with_sizes(text, sizes):
            page.write_text(sized, encoding="utf-8")


def with_sizes(text, sizes):
    """The HTML of a page with the sizes of those formulas that have one.

    Args:
        text: HTML.
        sizes: {(TeX, whether on a line of its own): (width, height, depth)} in em.
    """

    def sized(found):
        if not (size := sizes.get(_read(found))):
            return found[0]
        width, height, depth = (f"{side:.3f}".rstrip("0").rstrip(".") for side in size)
        style = f' style="--w:{width};--h:{height};--d:{depth}"'
        start, end = found.span()
        opened = text.index(">", start)
        return text[start:opened] + style + text[opened:end]

    return FORMULA.sub(sized, text)


def measure(formulas, folder):
    """{formula: (width, height, depth)} of (TeX, whether on a line of its own); empty without
    a program that could tell."""
    program = runner()
    if not formulas or program is None:
        return {}
    command = [program, SCRIPT, folder, json.dumps(mathjax.SETTINGS)]
    try:
        done = subprocess.run(
            command, input=json.dumps(formulas), capture_output=True, text=True, timeout=120
        )
        return dict(zip(formulas, map(tuple, json.loads(done.stdout)), strict=True))
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}


def runner():
    """The program that runs JavaScript: Playwright's own, else the machine's, else None."""
    try:
        import playwright
    except ImportError:
        return shutil.which("node")
    own = Path(playwright.__file__).parent / "driver" / "node"
    return shutil.which(own) or shutil.which("node")


def _read(found):
    """(TeX, whether on a line of its own) of a formula as it stands in a page."""
    alone = found["alone"] is not None
    return html.unescape(found["alone"] if alone else found["line"]).strip(), alone
