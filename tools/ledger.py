"""The claims ledger: a page that lists every claim of the executed notebooks.

What was claimed, in which cell, and with which numbers stands in the notebooks themselves; on how
many shifts of the seeds it held stands in appendix/claims.json, which `make robust` writes. The
page joins the two, so that it can show neither a number nor a sentence that no cell printed.
"""

import json
from pathlib import Path

import nbformat

from notebooks import files, sources

COUNTS = Path("appendix") / "claims.json"
PAGE = Path("appendix") / "claims_ledger.md"
KINDS = ("chapter", "appendix")
LONGEST = 160  # characters of numbers that a row shows

HEAD = """\
# The claims ledger

% Generated from the executed notebooks and appendix/claims.json; edits here are lost.

Every sentence of fact that an experiment of this course is meant to show is a *claim*:
a line of code that measures, and stops the chapter when the sentence is false.
This page lists them all: {count} claims, of which {failed}.
The numbers are those that the chapter shows, and *where* leads to the cell that measured them.
*Held* says on how many shifts of all random seeds the claim was true:
`make robust` runs every chapter anew under each shift, counts, and fails if a claim failed.
Where scripts run, the box below searches all columns, and a click on a heading sorts by it.

```{{raw}} html
<label class="rnn-ledger-search">Search the claims <input type="search">
<output>{count} of {count}</output></label>
```

:::{{table}}
:class: rnn-ledger

| Where | Claim | Measured | Held |
|---|---|---|---|
"""


def records(book):
    """(cell, record) of all that the package kept beside the outputs of an executed notebook.

    Cells that are meant to raise show what a false claim looks like, and do not count.
    """
    return [
        (number, output["metadata"]["rnncourse"])
        for number, cell in enumerate(book.cells)
        if cell.cell_type == "code" and "raises-exception" not in sources.tags(cell)
        for output in cell.outputs
        if "rnncourse" in output.get("metadata", {})
    ]


def claims_of(book):
    """The claims in an executed notebook, in order: dicts with cell, claim, holds, numbers."""
    return [
        {"cell": number, **{key: record[key] for key in ("claim", "holds", "numbers")}}
        for number, record in records(book)
        if "claim" in record
    ]


def jobs(root, only=None):
    """The notebooks whose claims count."""
    return [job for job in sources.all_jobs(root, only) if job.kind in KINDS]


def counts(root):
    """What `make robust` found: (notebook, claim) -> dict with held, failed, seeds."""
    path = root / COUNTS
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return {(entry["chapter"], entry["claim"]): entry for entry in known}


def entries(root):
    """One dict for each claim of each executed notebook, joined with its counts.

    Returns:
        list of dicts: chapter, cell, claim, numbers, and held, failed, seeds (0, [], 0 for a claim
        that was not yet run over seeds).
    """
    known, fresh = counts(root), {"held": 0, "failed": [], "seeds": 0}
    return [
        {**known.get((job.source.stem, found["claim"]), fresh), **found, "chapter": job.source.stem}
        for job in jobs(root)
        if job.target.exists()
        for found in claims_of(nbformat.read(job.target, as_version=4))
    ]


def page(listed):
    """The ledger as a page of the book, from what `entries` gives."""
    failed = [entry for entry in listed if entry["held"] < entry["seeds"]]
    said = f"{len(failed)} failed on some seed" if failed else "none failed on any seed"
    rows = [
        f"| {_where(entry)} | {_cell(entry['claim'])} | {_measured(entry)} | {_held(entry)} |"
        for entry in listed
    ]
    return HEAD.format(count=len(listed), failed=said) + "\n".join(rows) + "\n:::\n"


def label(name, cell):
    """The name of the place that a row leads to, e.g. "claim-04-012"."""
    return f"claim-{name.partition('_')[0]}-{cell:03d}"


def write(root):
    """Write the page, if it is not what it should be."""
    if (root / COUNTS).exists() and out_of_step(root):
        files.write(root / PAGE, page(entries(root)))


def out_of_step(root):
    """A complaint if the page is not what notebooks and counts say, else None."""
    path = root / PAGE
    if not (root / COUNTS).exists():
        return None
    if path.exists() and path.read_text(encoding="utf-8") == page(entries(root)):
        return None
    return f"{PAGE}: is not what the notebooks say (`make notebooks` writes it anew)"


def _where(entry):
    name, cell = entry["chapter"], entry["cell"]
    return f"[{name.partition('_')[0]}, cell {cell}](#{label(name, cell)})"


def _held(entry):
    if not entry["seeds"]:
        return "not yet run"
    if entry["held"] == entry["seeds"]:
        return f"✓ {entry['held']} of {entry['seeds']}"
    seeds = ", ".join(map(str, entry["failed"])) or "none, but not reached on all"
    return f"**✗ {entry['held']} of {entry['seeds']}** (false on {seeds})"


def _measured(entry):
    return _cell(in_short(entry["numbers"]))


def in_short(numbers, longest=LONGEST):
    """The numbers of a claim as text, cut after `longest` letters.

    Example:
        >>> in_short({"right": 0.97123, "by_chance": [0.1, 0.3, 0.2, 0.4, 0.5]})
        'right 0.9712, by chance 0.1 to 0.5 (5 values)'
    """
    text = ", ".join(f"{key} {_short(value)}" for key, value in numbers.items())
    text = text.replace("_", " ")
    return text if len(text) <= longest else f"{text[:longest].rpartition(',')[0]}, …"


def _short(value):
    """A number, or what fits a table of a list of them."""
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_short(item)}" for key, item in value.items()) + ")"
    if isinstance(value, list):
        items = flat(value)
        numeric = items and all(isinstance(item, (int, float)) for item in items)
        if len(items) <= 4 or not numeric:
            return "[" + ", ".join(_short(item) for item in items) + "]"
        return f"{_short(min(items))} to {_short(max(items))} ({len(items)} values)"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def flat(value):
    """All numbers of lists within lists, in order."""
    return [x for item in value for x in (flat(item) if isinstance(item, list) else [item])]


def _cell(text):
    """Text that stands in a Markdown table as it is."""
    for sign in "\\|*_$`<>[]{}":
        text = text.replace(sign, f"\\{sign}")
    return text
