"""What is added to a notebook, in memory, while Sphinx reads it.

- under a title: what the page needs, how long it takes, its notebook, and how to run that;
- on an exercise page: the gap that a learner sees, above each folded solution;
- before each cell with claims or a kept result: a place that the appendix can link to;
- an answer of the quiz links to the cell that measured it, and not to the section alone;
- links, which are written for JupyterLab, lead to the pages of the site.
"""

import json
import re
from pathlib import Path

import nbformat

import kept
import ledger
import measured
from rnn_sphinx import installing, minutes
from rnncourse import quizzes

CHAPTER = re.compile(r"chapters/((\d\d)_\w+)$")
EXERCISES = re.compile(r"exercises/solutions/((\d\d)_\w+)$")
APPENDIX = re.compile(r"appendix/(\w+)$")
NEEDS_AND_READS = re.compile(r"^\*(Needs[^*\n]*|[^*\n]*reads [^*\n]*)\*\n?", re.MULTILINE)
OPTION = re.compile(r"^(:::\{dropdown\} .+)\n\s*([✓✗])", re.MULTILINE)


def complete_notebook(app, docname, source):
    """Add to a notebook, in memory, what its page needs and the notebook does not."""
    chapter, exercises, more = (kind.match(docname) for kind in (CHAPTER, EXERCISES, APPENDIX))
    if not (chapter or exercises or more) or not source[0].lstrip().startswith("{"):
        return
    book, root = json.loads(source[0]), Path(app.srcdir)
    if chapter:
        line = chapter_line(root, chapter[1], taken_line(book))
    elif more:
        items = [*taken_line(book), download("download the notebook", f"{more[1]}.ipynb")]
        line = " · ".join(items)
    else:
        stub = root / "exercises" / f"{exercises[1]}.ipynb"
        if stub.exists():
            app.env.note_dependency(str(stub))
            show_gaps(book, json.loads(stub.read_text(encoding="utf-8")))
        line = exercise_line(root, exercises[1], book)
    add_line(book, line, installing.how(app.config, docname, "opinions.read(" in source[0]))
    if chapter:
        lead_quiz(book, chapter[1])
    mend_links(book, chapter or more)
    if not exercises:
        mark_claims(book, (chapter or more)[1])
    book["cells"] = [part for cell in book["cells"] for part in figure_alone(cell)]
    source[0] = json.dumps(book)


def chapter_line(root, name, needs_and_reads):
    """What stands under a chapter's title, as MyST."""
    times = root / "chapters" / "times.json"
    seconds = json.loads(times.read_text()).get(name) if times.exists() else None
    items = [
        *(_link_chapters(item, root) for item in needs_and_reads),
        f"runs in {seconds:g} s" if seconds else None,
        download("download the notebook", f"{name}.ipynb"),
    ]
    if (root / "exercises" / "solutions" / f"{name}.ipynb").exists():
        items.append(f"[exercises](../exercises/solutions/{name}.ipynb)")
    if (root / "teaching" / f"{name}.yml").exists():
        items.append(f"[slides](../slides/{name}.html){{.external}}")
    return " · ".join(item for item in items if item)


def exercise_line(root, name, book):
    """What stands under the title of an exercise page, as MyST."""
    items = []
    if (root / "chapters" / f"{name}.ipynb").exists():
        items.append(f"Needs [the chapter](../chapters/{name}.ipynb)")
    count, total = minutes.of_exercises(map(_text, book["cells"]))
    if count:
        items.append(f"{count} exercises, {total} min in all")
    if (root / "exercises" / f"{name}.ipynb").exists():
        items.append(download("download the notebook to work in", f"../{name}.ipynb"))
    items.append("what a check says to a right answer stands below each solution")
    return " · ".join(items)


def download(text, path):
    """A link that saves a file, as MyST."""
    return f"{{download}}`{text} <{path}>`"


def add_line(book, line, below=""):
    """Put `line` under the title of a notebook, and `below` under the line."""
    first = book["cells"][0]
    title, _, rest = _text(first).partition("\n")
    first["source"] = f"{title}\n\n:::{{div}} rnn-line\n{line}\n:::\n{below}{rest}"


def show_gaps(book, stub):
    """Before each folded solution, show the gap that the learner's notebook has there.

    Cells tagged `solution` are not in the stub; all other code cells are, in the same order.
    """
    gaps = [_text(cell) for cell in stub["cells"] if cell["cell_type"] == "code"]
    worked = [
        cell
        for cell in book["cells"]
        if cell["cell_type"] == "code" and "solution" not in cell["metadata"].get("tags", ())
    ]
    if len(gaps) != len(worked):
        return  # the stub is of another build; `build_notebooks.py --check` says so
    pairs = {id(cell): gap for cell, gap in zip(worked, gaps, strict=True) if gap != _text(cell)}
    cells = []
    for number, cell in enumerate(book["cells"]):
        if id(cell) in pairs:
            cells.append(_code_shown(pairs[id(cell)], number))
        cells.append(cell)
    book["cells"] = cells


def mark_claims(book, name):
    """Before each cell that claims or keeps something, a place for the appendix to lead to."""
    places = {}
    for number, record in ledger.records(nbformat.from_dict(book)):
        if "claim" in record:
            places.setdefault(number, []).append(ledger.label(name, number))
        elif "keeps" in record:
            places.setdefault(number, []).append(kept.label(record["keeps"]))
    cells = []
    for number, cell in enumerate(book["cells"]):
        for place in dict.fromkeys(places.get(number, ())):
            mark = {"cell_type": "markdown", "metadata": {}, "id": place, "source": f"({place})="}
            cells.append(mark)
        cells.append(cell)
    book["cells"] = cells


def lead_quiz(book, name):
    """Lead the links of "Test yourself" to the cells that measured what the answers say."""
    executed = nbformat.reads(json.dumps(book), as_version=4)
    for cell in book["cells"]:
        text = _text(cell)
        if cell["cell_type"] == "markdown" and (quiz := quizzes.section(text)):
            cell["source"] = text.replace(quiz, dress(measured.lead(quiz, executed, name)))


def dress(quiz):
    """The options of a quiz with classes for the site, and a word beside the mark of each."""

    def option(found):
        kind, word = {"✓": ("holds", "Right."), "✗": ("fails", "No.")}[found[2]]
        classes = f":class-container: rnn-option {kind}"
        return f"{found[1]}\n{classes}\n\n[{found[2]} {word}]{{.rnn-verdict}}"

    return OPTION.sub(option, quiz)


def mend_links(book, chapter):
    """Links are written for JupyterLab; on the site a notebook may lie elsewhere.

    The page of `exercises/NN.ipynb` is `exercises/solutions/NN`, one folder deeper: chapters link
    to the page, and what such a page links to is one level further up.
    """
    if chapter:
        link, mended = r"\]\(\.\./exercises/(?=\d\d_)", "](../exercises/solutions/"
    else:
        link, mended = r"\]\(\.\./(?!\.\.)(?!\d\d_)", "](../../"
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = re.sub(link, mended, _text(cell))


def figure_alone(cell):
    """Split a cell that shows a figure and something else.

    MyST-NB puts every output of a cell with `mystnb.figure` into a figure of that name; here only
    the picture gets it.
    """
    outputs = cell.get("outputs", [])
    pictures = [n for n, output in enumerate(outputs) if "image/png" in output.get("data", {})]
    options = cell["metadata"].get("mystnb", {})
    if "figure" not in options or len(pictures) != 1 or len(outputs) == 1:
        return [cell]
    here = pictures[0]
    rest = {key: value for key, value in options.items() if key not in ("figure", "image")}
    folded = ["hide-output"] if "hide-cell" in cell["metadata"].get("tags", []) else []
    return [
        cell | {"outputs": outputs[:here], "metadata": cell["metadata"] | {"mystnb": rest}},
        *_outputs_alone(cell, "figure", outputs[here : here + 1], options, folded),
        *_outputs_alone(cell, "rest", outputs[here + 1 :], rest, folded),
    ]


def _outputs_alone(cell, name, outputs, options, tags):
    metadata = {"mystnb": options, "tags": ["remove-input", *tags]}
    code = "# not shown, but a cell without any code would be left out"
    part = {"outputs": outputs, "metadata": metadata, "source": code}
    return [cell | part | {"id": f"{cell['id']}-{name}"}] if outputs else []


def taken_line(book):
    """Take the line `*Needs 02 · reads 40 min*` out of the notebook and return its items."""
    first = book["cells"][0]
    found = NEEDS_AND_READS.search(_text(first))
    if not found:
        return []
    first["source"] = NEEDS_AND_READS.sub("", _text(first), count=1)
    return [item.strip() for item in found[1].split("·")]


def _link_chapters(item, root):
    """Turn chapter numbers into links to those chapters that exist."""

    def link(number):
        found = sorted((root / "chapters").glob(f"{number[0]}_*.ipynb"))
        return f"[{number[0]}]({found[0].name})" if found else number[0]

    return re.sub(r"\b\d\d\b", link, item) if item.startswith("Needs") else item


def _code_shown(code, number):
    source = f"````python\n{code}\n````"
    return {"cell_type": "markdown", "metadata": {}, "source": source, "id": f"gap-{number}"}


def _text(cell):
    """A cell's source: nbformat allows a string or a list of lines."""
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
