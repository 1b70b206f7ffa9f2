"""The book itself: every notebook is built, complete, readable by everybody, and keeps its word."""

import ast
import importlib
import inspect
import json
import re
import subprocess
import textwrap

import nbformat
import pytest

import kept
import ledger
from build_notebooks import ROOT
from notebooks import changes, sources

JOBS = sources.all_jobs(ROOT)
BUILT = [job for job in JOBS if job.target.exists()]
CHAPTERS = [job for job in BUILT if job.kind == "chapter"]
EXERCISES = [job for job in BUILT if job.kind in ("stub", "solution")]
CLAIMING = [job for job in BUILT if job.kind in ledger.KINDS]


def over(jobs):
    """Run a test once for each of these notebooks."""
    ids = [str(job.target.relative_to(ROOT).with_suffix("")) for job in jobs]
    return pytest.mark.parametrize("job", jobs, ids=ids)


def cells(job, kind=None):
    """(number, cell) of a built notebook, of all cells or of one kind."""
    book = nbformat.read(job.target, as_version=4)
    return [(n, cell) for n, cell in enumerate(book.cells) if kind in (None, cell.cell_type)]


def shown(cell):
    """The text that a code cell's outputs show."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        parts += [output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")]
        parts += [output.get("evalue", ""), "\n".join(output.get("traceback", []))]
    return "\n".join(part for part in parts if part)


def prose(job):
    """The Markdown of a notebook without code, formulas and link targets, cell by cell."""
    for number, cell in cells(job, "markdown"):
        text = re.sub(r"```.*?```|~~~.*?~~~", " ", cell.source, flags=re.DOTALL)
        text = re.sub(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]*`", " ", text, flags=re.DOTALL)
        yield number, re.sub(r"\]\([^)\s]*\)|<https?:[^>]*>|https?:\S+", "]", text)


# ---- all notebooks


@pytest.mark.parametrize("number", ["02", "04", "05"])
def test_the_first_chapters_are_there_with_their_exercises(number):
    found = {job.kind for job in BUILT if job.source.stem.startswith(f"{number}_")}
    assert found == {"chapter", "stub", "solution"}


@over(JOBS)
def test_a_notebook_is_what_its_source_builds_to_executed_from_top_to_bottom(job):
    assert changes.out_of_step(job, ROOT) is None


@over(BUILT)
def test_no_cell_failed_unless_it_says_so_and_none_wrote_to_stderr(job):
    for number, cell in cells(job, "code"):
        kinds = {output.get("name", output.output_type) for output in cell.outputs}
        assert "stderr" not in kinds, f"cell {number} wrote to stderr"
        assert "error" not in kinds or "raises-exception" in sources.tags(cell), f"cell {number}"


FOREIGN = re.compile(
    r"(?<![\w.~:/-])/(?:home|root|tmp|Users|var|opt|usr|mnt)/\w+|(?<!\w)~/\w|0x[0-9a-fA-F]{7,}|"
    + re.escape(str(ROOT))
)


@over(BUILT)
def test_no_output_names_a_place_on_the_machine_that_built_it(job):
    found = [
        (n, m.group()) for n, cell in cells(job, "code") for m in FOREIGN.finditer(shown(cell))
    ]
    assert not found, "paths and addresses differ from machine to machine"


@over(BUILT)
def test_no_output_was_made_by_a_reader(job):
    """`progress` would count a chapter as read that nobody has opened."""
    assert not [n for n, cell in cells(job, "code") if '"by"' in json.dumps(_records(cell))]


def _records(cell):
    return [output.get("metadata", {}).get("rnncourse", {}) for output in cell.outputs]


@over(BUILT)
def test_cell_ids_come_from_the_position(job):
    ids = [cell.id for _, cell in cells(job)]
    assert ids == [f"cell-{number:03d}" for number in range(len(ids))]


@over(BUILT)
def test_a_notebook_is_small(job):
    assert job.target.stat().st_size <= 400 * 1024


@over(BUILT)
def test_no_code_cell_is_longer_than_a_screen(job):
    long = [n for n, cell in cells(job, "code") if len(cell.source.splitlines()) > 30]
    assert not long, "cells of more than 30 lines"


@over(BUILT)
def test_no_code_line_runs_out_of_the_page(job):
    wide = [
        (n, line) for n, cell in cells(job, "code") for line in cell.source.splitlines()
        if len(line) > 88
    ]  # fmt: skip
    assert not wide


@over(BUILT)
def test_nothing_is_downloaded_installed_or_silenced(job):
    banned = re.compile(
        r"^\s*[!%]\s*pip|urllib|requests\.|filterwarnings|simplefilter|%%capture", re.M
    )
    found = [n for n, cell in cells(job, "code") if banned.search(cell.source)]
    assert not found


RESIDUE = re.compile(
    r"\bTODO\b|\bFIXME\b|\bXXX\b|\bTBD\b|lorem ipsum|mentioned in your prompt|your prompt"
    r"|Debt Consolidation|click here|as an AI\b|language model trained by|\[insert",
    re.IGNORECASE,
)


@over(BUILT)
def test_nothing_is_left_over_from_writing(job):
    found = [(n, m.group()) for n, cell in cells(job) for m in RESIDUE.finditer(cell.source)]
    assert not found


BELITTLING = re.compile(r"\b(simply|obviously|trivially|of course|just)\b", re.IGNORECASE)


@over(BUILT)
def test_no_sentence_tells_the_reader_that_it_is_easy(job):
    assert not [(n, m.group()) for n, text in prose(job) for m in BELITTLING.finditer(text)]


# ---- figures


def figures(job):
    """(number, cell) of the cells that show a picture on the page."""
    return [
        (number, cell) for number, cell in cells(job, "code")
        if any("image/png" in output.get("data", {}) for output in cell.outputs)
        and "remove-cell" not in sources.tags(cell)
    ]  # fmt: skip


@over(BUILT)
def test_every_figure_has_a_text_for_those_who_do_not_see_it(job):
    for number, cell in figures(job):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        assert 15 <= len(alt.split()) <= 40, f"cell {number}: alt text of {len(alt.split())} words"


@over(CHAPTERS)
def test_every_figure_has_a_caption_and_a_name_of_its_chapter(job):
    prefix = f"fig-{job.source.stem.split('_')[0]}-"
    for number, cell in figures(job):
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        assert len(figure.get("caption", "").split()) >= 5, f"cell {number}: no caption"
        assert figure.get("name", "").startswith(prefix), f"cell {number}: name {prefix}..."


def test_no_two_figures_share_a_name():
    names = [
        cell.metadata["mystnb"]["figure"]["name"]
        for job in BUILT for _, cell in figures(job)
        if job.kind != "stub" and "figure" in cell.metadata.get("mystnb", {})
    ]  # fmt: skip
    assert len(names) == len(set(names))


@over(CHAPTERS)
def test_a_chapter_has_three_to_six_figures(job):
    assert 3 <= len(figures(job)) <= 6


# ---- chapters


def headings(job):
    return [
        line.lstrip("#").strip() for _, cell in cells(job, "markdown")
        for line in cell.source.split("\n") if re.match(r"#{1,3} ", line)
    ]  # fmt: skip


@over(CHAPTERS)
def test_a_chapter_ends_with_what_to_believe_exercises_and_sources(job):
    found = headings(job)
    for wanted in ("What to believe", "Exercises", "Sources"):
        assert wanted in found
    assert found.index("What to believe") < found.index("Exercises") < found.index("Sources")


@over(CHAPTERS)
def test_a_chapter_says_what_it_needs_and_how_long_it_takes(job):
    text = "\n".join(cell.source for _, cell in cells(job)[:2])
    assert re.search(r"^\*Needs .+ · reads \d+ min\*$", text, flags=re.MULTILINE)


@over(CHAPTERS)
def test_a_chapter_has_a_measured_run_time_of_at_most_a_minute(job):
    times = json.loads((ROOT / "chapters" / "times.json").read_text())
    assert 0 < times[job.source.stem] <= 60


@over(CHAPTERS)
def test_a_chapter_links_to_its_exercises_and_cites_its_sources(job):
    text = "\n".join(cell.source for _, cell in cells(job, "markdown"))
    assert f"exercises/{job.source.stem}" in text or f"solutions/{job.source.stem}" in text
    assert "{cite" in text


@over(CHAPTERS)
def test_the_imports_of_a_chapter_are_one_short_cell(job):
    _, first = cells(job, "code")[0]
    assert len(first.source.strip().splitlines()) <= 12
    assert "house_style()" in first.source


def claims(job):
    """The claims of a notebook, as they are kept with its outputs."""
    return ledger.claims_of(nbformat.read(job.target, as_version=4))


@over(CHAPTERS)
def test_a_chapter_makes_at_least_three_claims_and_all_hold(job):
    assert len(claims(job)) >= 3
    assert all(claim["holds"] for claim in claims(job))


@over(CLAIMING)
def test_no_claim_is_made_twice_in_a_notebook(job):
    texts = [claim["claim"] for claim in claims(job)]
    assert len(texts) == len(set(texts))


@over(CLAIMING)
def test_every_claim_was_run_over_seeds_and_held_on_each(job):
    entries = [e for e in ledger.counts(ROOT).values() if e["chapter"] == job.source.stem]
    assert sorted(e["claim"] for e in entries) == sorted(claim["claim"] for claim in claims(job)), (
        f"run `make robust NB={job.source.stem.partition('_')[0]}`"
    )
    assert all(entry["held"] == entry["seeds"] >= 5 for entry in entries)


def test_the_ledger_is_what_the_executed_notebooks_say():
    assert ledger.out_of_step(ROOT) is None


def test_kept_results_and_quotations_are_what_the_executed_notebooks_say():
    assert list(kept.out_of_step(ROOT)) == []


CITED = re.compile(r"\{cite")
MEASURED = re.compile(r"(?<![\w.])\d+\.\d\d+(?![\w.])")


@over(CHAPTERS)
def test_a_measured_number_in_the_text_was_printed_by_a_cell_above_it_or_is_cited(job):
    """Numbers with two or more decimals are measurements; others may be counts or rounded words."""
    typed, printed = [], ""
    texts = dict(prose(job))
    for number, cell in cells(job):
        if cell.cell_type == "code":
            printed += f"\n{cell.source}\n{shown(cell)}"
            continue
        for sentence in texts[number].split("\n"):
            if not CITED.search(cell.source):
                typed += [
                    (number, value) for value in MEASURED.findall(sentence) if value not in printed
                ]
    assert not typed


# ---- what a chapter defines is what the package holds


def definitions():
    """(job, cell number, qualified name, source) of the cells tagged `defines-MODULE.NAME`."""
    for job in CHAPTERS:
        for number, cell in cells(job, "code"):
            for tag in sources.tags(cell):
                if tag.startswith("defines-"):
                    yield job, number, tag.removeprefix("defines-"), cell.source


def without_docstrings(tree):
    """A syntax tree as text, docstrings left out."""
    for node in ast.walk(tree):
        if (
            isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and ast.get_docstring(node) is not None
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def defined(source, name):
    """The definition of a function or class in a piece of source."""
    found = [
        node for node in ast.parse(textwrap.dedent(source)).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name
    ]  # fmt: skip
    assert len(found) == 1, f"{name} is defined {len(found)} times in its cell"
    return found[0]


DEFINITIONS = list(definitions())
DEFINITION_IDS = [f"{job.source.stem[:2]}-{name}" for job, _, name, _ in DEFINITIONS]


@pytest.mark.parametrize(("job", "number", "name", "source"), DEFINITIONS, ids=DEFINITION_IDS)
def test_code_taught_in_a_chapter_is_the_code_of_the_package(job, number, name, source):
    module, _, short = name.rpartition(".")
    theirs = getattr(importlib.import_module(f"rnncourse.{module}"), short)
    package = defined(inspect.getsource(theirs), short)
    assert f"Taught in: chapters/{job.source.stem}" in (ast.get_docstring(package) or "")
    assert without_docstrings(defined(source, short)) == without_docstrings(package)
    assert len(source.splitlines()) <= 25


def test_a_concept_is_defined_in_one_chapter_only():
    names = [name for _, _, name, _ in DEFINITIONS]
    assert len(names) == len(set(names))


def test_a_difference_in_code_is_seen_and_one_in_docstrings_is_not():
    ours = 'def f(x):\n    """Ours."""\n    return x + 1\n'
    same = "def f(x):\n    return x + 1  # a comment\n"
    other = "def f(x):\n    return 1 + x\n"
    trees = [without_docstrings(defined(source, "f")) for source in (ours, same, other)]
    assert trees[0] == trees[1] != trees[2]


# ---- exercises

CHECK = re.compile(r"""(?<!\w)check\(\s*["'](\d\d\.\d+)["']""")


def verdicts(job):
    """The verdicts that are kept with a notebook's outputs: {exercise: verdict}."""
    records = [
        output.get("metadata", {}).get("rnncourse", {})
        for _, cell in cells(job, "code") for output in cell.outputs
    ]  # fmt: skip
    return {r["exercise"]: r["verdict"] for r in records if "exercise" in r}


@over(EXERCISES)
def test_every_check_says_what_it_should(job):
    checked = {name for _, cell in cells(job, "code") for name in CHECK.findall(cell.source)}
    wanted = "not attempted" if job.kind == "stub" else "right"
    said = verdicts(job)
    checked -= {name for name, verdict in said.items() if verdict == "open"}
    assert {n: v for n, v in said.items() if v != "open"} == dict.fromkeys(checked, wanted)
    core = int(job.source.stem[:2]) <= 18
    assert len(checked) >= (4 if core else 3)
    assert all(name.startswith(f"{job.source.stem[:2]}.") for name in checked)


@over(EXERCISES)
def test_every_exercise_has_its_heading_and_its_task(job):
    """A heading inside a cell that is left out of the stub would take the task with it."""
    number = job.source.stem[:2]
    text = "\n".join(cell.source for _, cell in cells(job, "markdown"))
    assert re.findall(r"^## (\d\d\.\d) ", text, re.MULTILINE) == [
        f"{number}.{n + 1}" for n in range(6 if int(number) <= 18 else 4)
    ]


@over([job for job in EXERCISES if job.kind == "stub"])
def test_a_stub_gives_no_solution_away(job):
    text = job.target.read_text(encoding="utf-8")
    assert "SOLUTION" not in text
    assert "### STUB" not in text
    assert "{dropdown} A solution" not in text


# ---- the repository


def texts_of_the_repository():
    """Files that are, or would be, under version control and that people read."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    kinds = (".md", ".py", ".toml", ".yml", ".sh", ".txt", ".css", ".js", ".cff", ".bib")
    return [
        ROOT / name for name in done.stdout.splitlines()
        if name.endswith(kinds) and name != "tests/test_notebooks.py" and (ROOT / name).exists()
    ]  # fmt: skip


def test_no_text_of_the_repository_carries_residue():
    pattern = re.compile(r"mentioned in your prompt|Debt Consolidation|\+cpu==|file:///", re.I)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in texts_of_the_repository()
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found
