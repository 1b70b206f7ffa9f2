"""Build the site into `_build/html` (`make book`): what changed, or all of it after a failure.

    python tools/book.py                the site
    python tools/book.py --teachers     with the answers to the exam questions, elsewhere

A build that did not end well leaves nothing behind on which the next one would rest: a warning
that was not mended is found again.
"""

import functools
import gc
import os
import shutil
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pybtex.plugin

import vendor

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("html", ".doctrees", "jupyter_execute")  # what a build rests on, if it was complete


def build(root, home):
    """Build the site of the course; returns whether that went without a warning.

    Args:
        root: the folder of the course.
        home: the folder in which `_build/html` will be.
    """
    folder = home / "_build"
    complete, log = folder / "complete", folder / "log.txt"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("html/_static",) if complete.exists() else KEPT:
        shutil.rmtree(folder / name, ignore_errors=True)
    complete.unlink(missing_ok=True)
    with log.open("w", encoding="utf-8") as file, redirect_stdout(file), redirect_stderr(file):
        try:
            where = ("--path-output", str(home))
            _jupyter_book("build", "-W", "--keep-going", "--quiet", *where, str(root))
            complete.touch()
        except Exception:
            traceback.print_exc()
    return complete.exists()


def _jupyter_book(*arguments):
    """Run Jupyter Book without three of its delays, which serve nothing here.

    Nothing that reads notebooks may have been imported before.
    """
    gc.disable()  # a third of the time of a short build; the trees of all pages fit into memory
    sys.modules.setdefault("rfc3987_syntax", None)  # 38 grammars, for checks of our configuration
    pybtex.plugin.find_plugin = functools.cache(pybtex.plugin.find_plugin)  # anew per citation
    from jupyter_book.cli.main import main

    main(arguments, standalone_mode=False)


def main(arguments):
    """Return an exit status, or a message."""
    home = ROOT
    if arguments == ["--teachers"]:
        from rnn_sphinx.classroom import OWN_BUILD

        os.environ[OWN_BUILD], home = "1", ROOT / "_build" / "teachers"
    try:
        for name in vendor.SITE:
            vendor.ensure(name)
    except vendor.VendorError as error:
        return f"book: {error}. Is this machine online? Then run the same command again."
    if not build(ROOT, home):
        print((home / "_build" / "log.txt").read_text(encoding="utf-8"))
        return "The site was not built: see the warnings above."
    first = home.relative_to(ROOT) / "_build" / "html" / "index.html"
    print(f"The site is built. Open {first}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
