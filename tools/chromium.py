"""The browser that judges and prints the site: where it is, and how it starts."""

import contextlib
import shutil

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
