"""Progress as a page of its own: one file, without script and without a request."""

import html
import os
import re
from datetime import datetime
from pathlib import Path

from rnncourse.progress import report

HEAD = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="generator" content="rnncourse progress">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Progress in the course</title>
<style>
:root { color-scheme: light dark; --text: #1d232b; --back: #ffffff; --line: #d9dee4;
  --right: #147a54; --wrong: #b3261e; --open: #5c6670; }
@media (prefers-color-scheme: dark) { :root { --text: #d9dee5; --back: #14181d; --line: #353d47;
  --right: #5fcfa2; --wrong: #ff8a80; --open: #a3adb9; } }
body { margin: 2rem auto; max-width: 66rem; padding: 0 1rem; color: var(--text);
  background: var(--back); font: 17px/1.6 system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding-bottom: 0.5rem; color: var(--open); }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 1rem 0.35rem 0;
  border-bottom: 1px solid var(--line); }
th[scope=row] { font-weight: 400; }
thead th, td { white-space: nowrap; }
td:last-child { white-space: normal; }
ul { display: flex; flex-wrap: wrap; gap: 0 1rem; list-style: none; margin: 0; padding: 0; }
li { white-space: nowrap; }
.right { color: var(--right); } .wrong { color: var(--wrong); } .open { color: var(--open); }
@media (max-width: 40rem) { tr, th, td { display: block; border: 0; padding: 0; }
  thead { display: none; } tr { padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  td[data-of]:not(:empty)::before { content: attr(data-of) ": "; } }
</style>
"""
CAPTION = "Claims re-run, of those that the chapter makes. Exercises: ✓ solved, ✗ wrong, ○ open."
COLUMNS = ("Chapter", "Claims re-run", "Solved", "Exercises")


def page(chapters, now):
    """The page as text; `now` is a `datetime`."""
    said = "".join(f"<p>{_line(text)}</p>\n" for text in report.sentences(chapters))
    top = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    rows = "\n".join(map(_row, chapters))
    return (
        f"{HEAD}<main>\n<h1>Progress in the course</h1>\n{said}"
        f"<table><caption>{CAPTION}</caption>\n<thead><tr>{top}</tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody></table>\n"
        f"<p>As the notebooks were saved on {now:%Y-%m-%d at %H:%M}.</p>\n</main>\n</html>\n"
    )


def write(path, text):
    """Write the page in one step, over nothing but an earlier page of this kind.

    Raises:
        FileExistsError: if the file is something else.
    """
    path = Path(path)
    if path.exists() and not _is_ours(path):
        raise FileExistsError(f"{path}: was not written by this command, and stays as it is")
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def _is_ours(path):
    start = HEAD.partition("<title>")[0].encode()
    return path.is_file() and path.read_bytes()[: len(start)] == start


def _line(text):
    return re.sub("`([^`]*)`", r"<code>\1</code>", html.escape(text))


def _row(chapter):
    items = "".join(
        f'<li class="{chapter.verdicts[name].split()[-1].replace("attempted", "open")}">'
        f"{report.MARKS[chapter.verdicts[name]]} {name}</li>"
        for name in chapter.names
    )
    name = html.escape(f"{chapter.number} {chapter.title}")
    return (
        f'<tr><th scope="row">{name}</th>'
        f'<td data-of="{COLUMNS[1]}">{report.rerun(chapter)}</td>'
        f'<td data-of="{COLUMNS[2]}">{report.solved(chapter)}</td>'
        f"<td><ul>{items}</ul></td></tr>"
    )


def save(path, chapters):
    """Write the page of these chapters, as of now."""
    write(path, page(chapters, datetime.now()))
