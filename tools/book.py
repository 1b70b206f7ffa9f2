"""Build the site into `_build/html` (`make book`): what changed, or all of it after a failure.

    python tools/book.py

A build that did not end well leaves nothing behind on which the next one would rest: a warning
that was not mended is found again.
"""

import functools
import shutil
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pybtex.plugin

import vendor

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("html", ".doctrees", "jupyter_execute")  # what a build rests on, if it was complete


def build(root):
    """Build the site of the course in `root`; returns whether that went without a warning."""
    folder = root / "_build"
    complete, log = folder / "complete", folder / "log.txt"
    folder.mkdir(exist_ok=True)
    for name in ("html/_static",) if complete.exists() else KEPT:
        shutil.rmtree(folder / name, ignore_errors=True)
    complete.unlink(missing_ok=True)
    with log.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            _jupyter_book("build", "-W", "--keep-going", "--quiet", str(root))
            complete.touch()
        except Exception:
            traceback.print_exc()
    return complete.exists()


def _jupyter_book(*arguments):
    """Run Jupyter Book without two of its delays, which serve nothing here."""
    sys.modules.setdefault("rfc3987_syntax", None)  # 38 grammars, for checks of our configuration
    pybtex.plugin.find_plugin = functools.cache(pybtex.plugin.find_plugin)  # anew per citation
    from jupyter_book.cli.main import main

    main(arguments, standalone_mode=False)


def main():
    """Return an exit status, or a message."""
    try:
        for name in vendor.SITE:
            vendor.ensure(name)
    except vendor.VendorError as error:
        return f"book: {error}. Is this machine online? Then run the same command again."
    if not build(ROOT):
        print((ROOT / "_build" / "log.txt").read_text(encoding="utf-8"))
        return "The site was not built: see the warnings above."
    print("The site is built. Open _build/html/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
