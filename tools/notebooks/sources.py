"""The text sources, and the notebooks that they stand for."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import jupytext


class BuildError(Exception):
    """A notebook that cannot be built; the message is the report."""


@dataclass(frozen=True)
class Job:
    """One notebook to build; `kind` is "chapter", "stub", "solution" or "appendix"."""

    source: Path
    target: Path
    kind: str


def all_jobs(root, only=None):
    """Every notebook below `root`, or those of one chapter ("04" or its full name)."""
    jobs = [
        Job(source, source.with_suffix(".ipynb"), "chapter")
        for source in sorted((root / "chapters").glob("*.md"))
    ]
    for source in sorted((root / "exercises").glob("*.md")):
        solution = source.parent / "solutions" / f"{source.stem}.ipynb"
        jobs.append(Job(source, source.with_suffix(".ipynb"), "stub"))
        jobs.append(Job(source, solution, "solution"))
    for source in sorted((root / "appendix").glob("*.md")):
        if source.read_text(encoding="utf-8").startswith("---\njupytext"):  # others are pages
            jobs.append(Job(source, source.with_suffix(".ipynb"), "appendix"))
    if only is None:
        return jobs
    chosen = [job for job in jobs if f"{job.source.stem}_".startswith(f"{only}_")]
    if not chosen:
        known = ", ".join(sorted({job.source.stem for job in jobs})) or "none yet"
        raise BuildError(f"No chapter {only!r}. There is: {known}.")
    return chosen


def read_source(path):
    """A text notebook as a notebook without outputs."""
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        raise BuildError(f"{path.name}: expected a front matter with the kernelspec at the top")
    try:
        return jupytext.reads(text, fmt="md:myst")
    except Exception as error:
        raise BuildError(f"{path.name}: this is no readable MyST notebook: {error}") from error


def derive(job):
    """The notebook that `job` builds, before it is executed."""
    book = read_source(job.source)
    book.cells = [cell for cell in map(_CELL_OF[job.kind], book.cells) if cell is not None]
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number:03d}"
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return book


def stub_cell(cell):
    """As the learner gets it: solution cells are gone, solution regions are gaps."""
    if "solution" in tags(cell):
        return None
    cell.source = "\n".join(_without_solution(cell.source.split("\n")))
    return cell


def _without_solution(lines):
    """Lines with each solution region replaced by its `### STUB:` lines, or by `...`."""
    gap = None
    for line in lines:
        text = line.strip()
        if text == "### BEGIN SOLUTION":
            gap, indent = [], line[: len(line) - len(line.lstrip())]
        elif text == "### END SOLUTION":
            default = "..." if indent else "# your code here"
            yield from (f"{indent}{stub}".rstrip() for stub in gap or [default])
            gap = None
        elif gap is None:
            yield line
        elif text.startswith("### STUB:"):
            gap.append(text.removeprefix("### STUB:").removeprefix(" "))


def _solution_cell(cell):
    """As the teacher has it: markers gone, and what is a solution folded on the page."""
    worked = "### BEGIN SOLUTION" in cell.source
    kept = [line for line in cell.source.split("\n") if not line.strip().startswith(_MARKERS)]
    cell.source = "\n".join(kept)
    if cell.cell_type == "markdown" and "solution" in tags(cell):
        cell.source = f"::::{{dropdown}} A solution\n{cell.source}\n::::"
    elif worked or "solution" in tags(cell):
        cell.metadata["tags"] = [*dict.fromkeys([*tags(cell), "hide-cell"])]
        prompts = {"code_prompt_show": "Show a solution", "code_prompt_hide": "Hide the solution"}
        cell.metadata["mystnb"] = {**prompts, **cell.metadata.get("mystnb", {})}
    return cell


_MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION", "### STUB:")
_CELL_OF = {
    "chapter": lambda cell: cell,
    "appendix": lambda cell: cell,
    "stub": stub_cell,
    "solution": _solution_cell,
}


def check_regions(job):
    """Refuse solution regions that do not open and close in turn."""
    for number, cell in enumerate(read_source(job.source).cells):
        marks = [
            line.strip()[4:9]
            for line in cell.source.split("\n")
            if line.strip() in ("### BEGIN SOLUTION", "### END SOLUTION")
        ]
        if marks != ["BEGIN", "END S"] * (len(marks) // 2):
            raise BuildError(f"{job.source.name}, cell {number}: solution regions do not match")


def tags(cell):
    """The tags of a cell."""
    return cell.metadata.get("tags", [])


def fingerprint(book):
    """A hash of what people write: kind, text, tags and figure data of every cell, in order."""
    cells = [
        [cell.cell_type, cell.source.rstrip(), tags(cell), cell.metadata.get("mystnb", {})]
        for cell in book.cells
    ]
    return hashlib.sha256(json.dumps(cells, sort_keys=True).encode()).hexdigest()[:16]
