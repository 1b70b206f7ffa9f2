"""From a notebook edited in JupyterLab back to its text source."""

import re

import jupytext
import nbformat

from notebooks import files
from notebooks.normal import KERNELSPEC, LANGUAGE_INFO
from notebooks.sources import BuildError, derive, fingerprint


def adopt(job, root, *, force=False):
    """Take edits made in JupyterLab back into a chapter's text source."""
    name = job.target.relative_to(root)
    if not job.target.exists():
        raise BuildError(f"{name}: not built yet, nothing to adopt")
    book, fresh = nbformat.read(job.target, as_version=4), derive(job)
    built_from = book.metadata.get("rnncourse", {}).get("built_from")
    if fingerprint(book) == fingerprint(fresh):
        return f"{name}: nothing to adopt, the source says the same"
    if fingerprint(fresh) != built_from and not force:
        raise BuildError(
            f"{job.source.name} and {job.target.name} were both edited since the last build; "
            f"merge by hand, or let the notebook win with `make adopt NB=... FORCE=1`"
        )
    files.write(job.source, as_source(book, job.source.read_text(encoding="utf-8")))
    return f"{job.source.relative_to(root)} now holds the edits; next, build it (`make chapter`)"


def as_source(book, old_text):
    """A notebook as MyST text, under the front matter that the old text has."""
    front = re.match(r"---\n.*?\n---\n", old_text, re.DOTALL).group()
    bare = nbformat.from_dict(book)
    bare.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": LANGUAGE_INFO})
    for cell in bare.cells:
        cell.metadata = nbformat.from_dict(
            {key: value for key, value in cell.metadata.items() if key in ("tags", "mystnb")}
        )
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    text = jupytext.writes(bare, fmt="md:myst")
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    return front + body
