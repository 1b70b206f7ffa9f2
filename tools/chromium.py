"""The browser that judges and prints the site: where it is, how it starts, what serves pages."""

import contextlib
import functools
import http.server
import shutil
import threading

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ADVICE = "run `make setup-browser`"


class Missing(Exception):
    """There is no Chromium, or it does not start; the message says what to do."""


def find():
    """The path of the first browser of `NAMES` that is installed, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def launched():
    """A headless Chromium, as long as the block runs.

    Raises:
        Missing: if there is none, or it does not start.
    """
    from playwright.sync_api import Error, sync_playwright

    path = find()
    if path is None:
        raise Missing(f"Chromium is missing: {ADVICE}")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            reason = str(error).splitlines()[0]
            raise Missing(f"Chromium does not start ({reason}): {ADVICE}") from None
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def served(site, below="/"):
    """The address at which an ordinary static server shows a folder, as long as the block runs.

    Args:
        site: the folder.
        below: the path on the server; what is asked for beside it is not found.
    """

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            """Say nothing."""

        def translate_path(self, path):
            if not path.startswith(below):
                return str(site / "outside the sub-path")
            return super().translate_path(path[len(below) - 1 :])

    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}{below}"
        running.shutdown()
