"""Kept results: what `rnncourse.results` finds, and a page that shows it all.

Chapters keep small tables with their executed notebooks (`results.keep`). They are gathered here
into rnncourse/results/kept.json, from which later chapters quote them, and into
appendix/results.md: neither can hold a number that no cell printed.
"""

import contextlib
import json
from pathlib import Path

import nbformat

import ledger
from notebooks import files
from notebooks.sources import BuildError

STORE = Path("rnncourse") / "results" / "kept.json"
PAGE = Path("appendix") / "results.md"

CAPITALS = ("gru", "lstm", "rnn")

HEAD = """\
# Results that are quoted

% Generated from the executed notebooks; edits here are lost.

Some measurements are needed again after the chapter that made them.
Such a chapter keeps its numbers under a name, and whoever needs them later quotes them by that
name; nobody types them a second time.
These are all of them, as the chapters' cells printed them.
"""


def gathered(root):
    """Every kept result: name -> dict with chapter, cell, caption, columns, rows.

    Raises:
        BuildError: if two cells keep a result under one name.
    """
    found = {}
    for chapter, cell, record in _records(root):
        if (name := record.get("keeps")) is None:
            continue
        if name in found:
            raise BuildError(f"{chapter}, cell {cell}: {name!r} is kept a second time")
        parts = {key: record[key] for key in ("caption", "columns", "rows")}
        found[name] = {"chapter": chapter, "cell": cell, **parts}
    return dict(sorted(found.items(), key=lambda item: (item[1]["chapter"], item[1]["cell"])))


def label(name):
    """The place that the page links to."""
    return f"result-{name}"


def store(found):
    """The text of kept.json."""
    kept = {
        name: {key: entry[key] for key in ("chapter", "caption", "columns", "rows")}
        for name, entry in found.items()
    }
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def page(found):
    """The text of the appendix page."""
    return HEAD + "".join(_section(name, entry) for name, entry in found.items())


def write(root):
    """Write both, where they are not what they should be."""
    found = gathered(root)
    for path, text in ((STORE, store(found)), (PAGE, page(found))):
        if found and _text(root / path) != text:
            files.write(root / path, text)


def out_of_step(root):
    """One complaint for each file or quotation that is not what the notebooks say."""
    found = gathered(root)
    texts = {STORE: store(found), PAGE: page(found)} if found else {}
    advice = "is not what the notebooks say (`make notebooks` writes it anew)"
    yield from (f"{path}: {advice}" for path, text in texts.items() if _text(root / path) != text)
    for chapter, cell, record in _records(root):
        name = record.get("quotes")
        if name and record["rows"] != found.get(name, {}).get("rows"):
            number = chapter.partition("_")[0]
            yield f"{chapter}, cell {cell}: quotes an older {name!r}; `make chapter NB={number}`"


def _records(root):
    """(chapter, cell, record) of all notebooks; one that cannot be read is reported elsewhere."""
    for job in ledger.jobs(root):
        with contextlib.suppress(OSError, nbformat.reader.NotJSONError):
            book = nbformat.read(job.target, as_version=4)
            yield from ((job.source.stem, cell, record) for cell, record in ledger.records(book))


def _section(name, entry):
    rows = [entry["columns"], ["---"] * len(entry["columns"]), *entry["rows"]]
    lines = [f"| {' | '.join(_cell(item) for item in row)} |" for row in rows]
    where = f"[Chapter {entry['chapter'].partition('_')[0]}, cell {entry['cell']}](#{label(name)})"
    words = [word.upper() if word in CAPITALS else word for word in name.split("-")]
    title = words[0][0].upper() + " ".join(words)[1:]
    return f"\n## {title}\n\n{entry['caption']}\n{where}, `{name}`.\n\n" + "\n".join(lines) + "\n"


def _cell(item):
    return f"{item:.4g}" if isinstance(item, float) else str(item).replace("|", "\\|")


def _text(path):
    return path.read_text(encoding="utf-8") if path.exists() else None
