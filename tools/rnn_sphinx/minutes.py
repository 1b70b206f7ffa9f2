"""How long a page takes: computed for pages of text, summed up for pages of exercises."""

import re

import reading_time

PAGES = re.compile(r"setup$|appendix/\w+$")
EXERCISE = re.compile(r"^## \d\d\.\d+ .+\s+^★+ · (\d+) minutes", re.MULTILINE)


def add_reading_time(app, docname, source):
    """Under the title of a page of text: how long it takes to read."""
    if PAGES.match(docname) and source[0].startswith("# "):
        title, _, rest = source[0].partition("\n")
        minutes = reading_time.rounded(reading_time.of_text(source[0]))
        source[0] = f"{title}\n\n:::{{div}} rnn-line\nreads {minutes} min\n:::\n{rest}"


def of_exercises(texts):
    """How many exercises there are in pieces of Markdown, and the minutes that they take."""
    found = [int(minutes) for minutes in EXERCISE.findall("\n".join(texts))]
    return len(found), sum(found)
