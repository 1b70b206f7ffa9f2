"""The pipeline from text source to executed notebook, on tiny courses in a temporary folder."""

import base64
import io
import json
import subprocess
import sys
import time

import nbformat
import numpy as np
import pytest
from PIL import Image

import build_notebooks
import ledger
from notebooks import adopting, changes, files, normal, running, sources

FRONT = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
jupytext:
  text_representation:
    extension: .md
    format_name: myst
---
"""

CHAPTER = (
    FRONT
    + """
# A small loop

The state remembers.

```{code-cell} ipython3
from rnncourse.claims import claim

h = 1
```

A text.

+++

Two texts in a row stay two cells.

```{code-cell} ipython3
:tags: [a-tag]

for _ in range(3):
    print("step")
claim("one is below two", h < 2, h=h)
h;
```

```{code-cell} ipython3
:tags: [raises-exception]

claim("one is above two", h > 2)
```
"""
)

EXERCISE = (
    FRONT
    + """
# Exercises

```{code-cell} ipython3
def double(x):
    ### BEGIN SOLUTION
    ### STUB: y = ...  # about 1 line
    ### STUB: return y
    return 2 * x
    ### END SOLUTION

def triple(x):
    ### BEGIN SOLUTION
    y = 3 * x
    return y
    ### END SOLUTION
```

+++ {"tags": ["solution"]}

Adding a number to itself doubles it.

```{code-cell} ipython3
print(double(2), triple(2))
```
"""
)


def make_course(root, chapters=None, exercises=None):
    """Write sources below `root`, which stands for the repository."""
    for folder, texts in (("chapters", chapters or {}), ("exercises", exercises or {})):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (root / folder / f"{name}.md").write_text(text)
    return root


def build(root, *options):
    return build_notebooks.main(["--root", str(root), "--cell-timeout", "20", *options])


def read(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A course of one chapter with exercises, built once; tests that change it take a copy."""
    root = make_course(tmp_path_factory.mktemp("built"), {"01_a_loop": CHAPTER})
    make_course(root, exercises={"01_a_loop": EXERCISE})
    assert build(root) == 0
    return root


@pytest.fixture
def course(built, tmp_path):
    """A copy of the built course, free to be changed."""
    for path in [p for p in built.rglob("*") if p.is_file() and p.name != "lock"]:
        copy = tmp_path / path.relative_to(built)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return tmp_path


# ---- what is built


def test_a_chapter_is_executed_in_order_with_ids_from_the_position(built):
    book = read(built / "chapters/01_a_loop.ipynb")
    assert [cell.id for cell in book.cells] == [f"cell-{n:03d}" for n in range(6)]
    assert [c.execution_count for c in book.cells if c.cell_type == "code"] == [1, 2, 3]
    assert "".join(cell.cell_type[0] for cell in book.cells) == "mcmmcc"


def test_stream_output_is_one_piece_and_a_semicolon_hides_the_value(built):
    outputs = read(built / "chapters/01_a_loop.ipynb").cells[4].outputs
    assert [output.output_type for output in outputs] == ["stream", "display_data"]
    assert outputs[0].text == "step\nstep\nstep\n"


def test_a_claim_keeps_its_numbers_in_the_output_metadata(built):
    output = read(built / "chapters/01_a_loop.ipynb").cells[4].outputs[1]
    assert output.data == {"text/plain": "✓ one is below two"}
    record = {"claim": "one is below two", "holds": True, "numbers": {"h": 1}}
    assert output.metadata == {"rnncourse": record}


def test_a_traceback_names_no_file_of_this_machine(built):
    (error,) = read(built / "chapters/01_a_loop.ipynb").cells[5].outputs
    text = running.ANSI.sub("", "\n".join(error.traceback))
    assert "one is above two" in text
    assert "File " not in text
    assert "/" not in text


def test_the_notebook_metadata_is_fixed(built):
    metadata = read(built / "chapters/01_a_loop.ipynb").metadata
    assert metadata.kernelspec == normal.KERNELSPEC
    assert metadata.language_info == normal.LANGUAGE_INFO
    assert set(metadata) == {"kernelspec", "language_info", "rnncourse"}


def test_two_builds_are_byte_identical(course):
    paths = sorted(course.rglob("*.ipynb"))
    before = [path.read_bytes() for path in paths]
    assert build(course, "--force") == 0
    assert len(paths) == 3
    assert [path.read_bytes() for path in paths] == before


def test_the_run_time_of_each_chapter_is_kept(built):
    times = json.loads((built / "chapters/times.json").read_text())
    assert list(times) == ["01_a_loop"]
    assert 1 <= times["01_a_loop"] <= 20


def test_a_built_notebook_is_valid_and_small(built):
    for path in built.rglob("*.ipynb"):
        nbformat.validate(read(path))
        assert path.stat().st_size < 10_000


# ---- exercises


def test_a_stub_has_gaps_where_the_solution_was(built):
    book = read(built / "exercises/01_a_loop.ipynb")
    source = book.cells[1].source
    assert "    y = ...  # about 1 line\n    return y" in source
    assert "def triple(x):\n    ..." in source
    assert "SOLUTION" not in source
    assert "2 * x" not in source
    assert not any("doubles it" in cell.source for cell in book.cells)
    assert book.cells[2].outputs[0].text == "Ellipsis None\n"


def test_a_solution_notebook_is_worked_and_folded(built):
    book = read(built / "exercises/solutions/01_a_loop.ipynb")
    code, text, shown = book.cells[1:]
    assert "return 2 * x" in code.source
    assert "###" not in code.source
    assert "hide-cell" in code.metadata.tags
    assert text.source.startswith("::::{dropdown} A solution\nAdding")
    assert "hide-cell" not in shown.metadata.get("tags", [])
    assert shown.outputs[0].text == "4 6\n"


def test_a_gap_without_indentation_is_a_comment():
    lines = ["### BEGIN SOLUTION", "x = 1", "### END SOLUTION"]
    assert list(sources._without_solution(lines)) == ["# your code here"]


@pytest.mark.parametrize(
    "marks",
    [["BEGIN"], ["END"], ["BEGIN", "BEGIN", "END"], ["BEGIN", "END", "END"]],
    ids=" ".join,
)
def test_solution_regions_that_do_not_match_are_refused(tmp_path, marks, capsys):
    code = "\n".join(f"### {mark} SOLUTION" for mark in marks)
    text = f"{FRONT}\n```{{code-cell}} ipython3\n{code}\n```\n"
    make_course(tmp_path, exercises={"01_x": text})
    assert build(tmp_path) == 1
    assert "01_x.md, cell 0: solution regions do not match" in capsys.readouterr().out


# ---- what is not built again


def test_what_did_not_change_is_not_executed_again(course, capsys):
    assert build(course) == 0
    assert capsys.readouterr().out == "0 built, 3 up to date.\n"


def test_only_the_notebook_whose_source_changed_is_executed(course, capsys):
    source = course / "chapters/01_a_loop.md"
    source.write_text(CHAPTER.replace("remembers", "forgets"))
    assert build(course) == 0
    assert "1 built, 2 up to date." in capsys.readouterr().out
    assert "forgets" in read(source.with_suffix(".ipynb")).cells[0].source


def test_where_only_text_changed_the_outputs_stay_and_no_kernel_starts(course, capsys, monkeypatch):
    source = course / "chapters/01_a_loop.md"
    before = [cell.get("outputs") for cell in read(source.with_suffix(".ipynb")).cells]
    source.write_text(CHAPTER.replace("remembers", "forgets"))
    monkeypatch.setattr(running, "execute", lambda *a, **k: pytest.fail("a kernel was started"))
    assert build(course) == 0
    assert "text of chapters/01_a_loop.ipynb" in capsys.readouterr().out
    book = read(source.with_suffix(".ipynb"))
    assert "forgets" in book.cells[0].source
    assert [cell.get("outputs") for cell in book.cells] == before
    assert sources.fingerprint(book) == book.metadata["rnncourse"]["built_from"]


def test_that_a_reader_made_an_output_is_forgotten_when_it_is_built(course, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "chapters/01_a_loop.ipynb")
    assert build(course, "--force", "--only", "01") == 0
    target = course / "chapters/01_a_loop.ipynb"
    assert '"by"' not in target.read_text()
    book = read(target)
    (record,) = [record for _, record in ledger.records(book)]
    assert "claim" in record
    record["by"] = "reader"
    nbformat.write(book, target)
    source = target.with_suffix(".md")
    source.write_text(source.read_text().replace("remembers", "forgets"))
    assert build(course) == 0
    assert "forgets" in target.read_text()
    assert '"by"' not in target.read_text()


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("range(3)", "range(4)"),
        lambda text: text.replace("[a-tag]", "[a-tag, another]"),
        lambda text: text.replace("h = 1\n", "h = 1\n```\n\n```{code-cell} ipython3\nh\n", 1),
    ],
    ids=["code", "tags", "one cell more"],
)
def test_where_more_than_text_changed_nothing_is_carried_over(course, change):
    source = course / "chapters/01_a_loop.md"
    source.write_text(change(CHAPTER))
    (job,) = [job for job in sources.all_jobs(course) if job.kind == "chapter"]
    assert changes.outputs_that_still_hold(job, sources.derive(job), "key", "key") is None


def test_outputs_of_another_package_or_of_no_run_are_not_carried_over(course):
    (job,) = [job for job in sources.all_jobs(course) if job.kind == "chapter"]
    fresh = sources.derive(job)
    assert changes.outputs_that_still_hold(job, fresh, None, "new") is not None
    assert changes.outputs_that_still_hold(job, fresh, "old", "new") is None
    book = read(job.target)
    next(cell for cell in book.cells if cell.cell_type == "code").execution_count = 7
    nbformat.write(book, job.target)
    assert changes.outputs_that_still_hold(job, fresh, "new", "new") is None
    job.target.write_text("gone")
    assert changes.outputs_that_still_hold(job, fresh, "new", "new") is None


def test_a_change_in_an_imported_module_makes_its_notebooks_due(course, capsys):
    package = course / "rnncourse"
    package.mkdir()
    (package / "claims.py").write_text("import rnncourse.below\n")
    (package / "below.py").write_text("x = 1\n")
    (package / "other.py").write_text("x = 1\n")
    jobs = {job.kind: job for job in sources.all_jobs(course)}
    cache = changes.Cache(course)

    def due(kind):
        return build_notebooks._is_due(jobs[kind], course, cache)

    for job in jobs.values():
        cache.put(job, changes.package_key(sources.derive(job), course))
    (package / "other.py").write_text("x = 2\n")
    assert not due("chapter")
    (package / "below.py").write_text("x = 2\n")
    assert due("chapter")
    assert not due("solution"), "the exercise imports nothing of the package"


def test_a_fresh_clone_takes_stored_notebooks_at_their_word(course, capsys):
    (course / ".cache/notebooks.json").unlink()
    assert build(course) == 0
    assert "0 built, 3 up to date." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "modules"),
    [
        ("import rnncourse.cells as c", {"rnncourse.cells"}),
        ("from rnncourse import seeds, text", {"rnncourse", "rnncourse.seeds", "rnncourse.text"}),
        ("from rnncourse.data import cards", {"rnncourse.data", "rnncourse.data.cards"}),
        ("import numpy", set()),
        ("%matplotlib inline\nimport rnncourse", {"rnncourse"}),
        ("this is no Python", set()),
    ],
)
def test_imports_of_the_package_are_found(line, modules):
    assert changes._imports(line) == modules


# ---- out of step


def test_check_passes_on_what_was_just_built(built, capsys):
    assert build(built, "--check") == 0
    assert "3 notebooks in step" in capsys.readouterr().out


def test_check_names_the_cell_where_source_and_notebook_part(course, capsys):
    source = course / "chapters/01_a_loop.md"
    source.write_text(CHAPTER.replace("h = 1", "h = 1.5"))
    assert build(course, "--check") == 1
    said = capsys.readouterr().out
    assert "chapters/01_a_loop.ipynb: its source has changed (cell 1)" in said
    assert "make chapter NB=01" in said


def test_check_sees_a_changed_tag(course):
    (course / "chapters/01_a_loop.md").write_text(CHAPTER.replace("a-tag", "another-tag"))
    assert build(course, "--check") == 1


def test_check_tells_an_edited_notebook_from_an_edited_source(course, capsys):
    edit(course / "chapters/01_a_loop.ipynb", 1, "h = 1  # mine")
    assert build(course, "--check") == 1
    assert "edited since it was built (cell 1); `make adopt NB=01`" in capsys.readouterr().out


def test_check_refuses_cells_that_were_not_executed_in_order(course, capsys):
    path = course / "chapters/01_a_loop.ipynb"
    book = read(path)
    book.cells[4].execution_count = 7
    nbformat.write(book, path)
    assert build(course, "--check") == 1
    assert "not executed once from top to bottom" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["missing", "broken", "orphan", "shorter"])
def test_check_refuses_a_notebook_that_is(course, kind, capsys):
    path = course / "chapters/01_a_loop.ipynb"
    if kind == "missing":
        path.unlink()
    elif kind == "broken":
        path.write_text('{"cells": [')
    elif kind == "shorter":
        book = read(path)
        book.cells.pop()
        nbformat.write(book, path)
    else:
        path.rename(path.with_name("09_lost.ipynb"))
        build(course)
    capsys.readouterr()
    assert build(course, "--check") == 1
    expected = {
        "missing": "not built yet",
        "broken": "not a readable notebook",
        "shorter": "edited since it was built (cell 5)",
        "orphan": "09_lost.ipynb: has no source",
    }
    assert expected[kind] in capsys.readouterr().out


# ---- a learner's work


def edit(path, cell, source):
    book = read(path)
    book.cells[cell].source = source
    nbformat.write(book, path)


def test_an_edited_notebook_is_kept_beside_the_one_built_anew(course, capsys):
    path = course / "exercises/01_a_loop.ipynb"
    edit(path, 1, "def double(x):\n    return x + x")
    (course / "exercises/01_a_loop.md").write_text(EXERCISE.replace("# Exer", "# More exer"))
    assert build(course) == 0
    (copy,) = path.parent.glob("*.mine-*.ipynb")
    assert read(copy).cells[1].source == "def double(x):\n    return x + x"
    assert "More exercises" in read(path).cells[0].source
    assert f"your version is kept as {copy.name}" in capsys.readouterr().out


def test_copies_of_learners_are_no_notebooks_of_the_course(course):
    path = course / "exercises/01_a_loop.ipynb"
    path.with_name("01_a_loop.mine-20260101-101010.ipynb").write_bytes(path.read_bytes())
    assert build(course, "--check") == 0


def test_a_notebook_that_was_only_run_is_not_copied(course):
    path = course / "exercises/01_a_loop.ipynb"
    book = read(path)
    book.cells[2].outputs, book.cells[2].execution_count = [], 17
    nbformat.write(book, path)
    (course / "exercises/01_a_loop.md").write_text(EXERCISE.replace("# Exer", "# More exer"))
    assert build(course) == 0
    assert not list(path.parent.glob("*.mine-*"))


def test_two_copies_within_a_second_are_both_kept(tmp_path):
    path = tmp_path / "x.ipynb"
    for text in ("first", "second"):
        path.write_text(text)
        files.keep_copy(path, tmp_path)
    assert sorted(p.read_text() for p in tmp_path.glob("*.mine-*")) == ["first", "second"]


def test_a_file_that_is_no_notebook_any_more_is_kept_too(course):
    path = course / "chapters/01_a_loop.ipynb"
    path.write_text("half a note")
    assert build(course) == 0
    (copy,) = path.parent.glob("*.mine-*.ipynb")
    assert copy.read_text() == "half a note"
    assert read(path).cells


# ---- failures


def failing(code):
    """A chapter whose second code cell is `code`."""
    cells = "\n\n".join(f"```{{code-cell}} ipython3\n{cell}\n```" for cell in ("fine = 1", code))
    return f"{FRONT}\n# X\n\n{cells}\n"


@pytest.mark.parametrize(
    ("code", "report"),
    [
        ("print(1 / 0)", "ZeroDivisionError"),
        ("import os\nos._exit(3)", "The kernel died in this cell"),
        (
            "import sys\nprint('oh', file=sys.stderr)",
            "wrote to stderr (tag allow-stderr drops that)",
        ),
        ("import os\n_ = os.write(2, b'a log line\\n')\nimport time\ntime.sleep(1)", "a log line"),
        (":tags: [raises-exception]\n\nfine", "it raised nothing"),
    ],
    ids=["raises", "dies", "stderr", "descriptor 2", "raises nothing"],
)
def test_a_failing_notebook_is_reported_and_the_old_one_stays(course, code, report, capsys):
    path = course / "chapters/01_a_loop.ipynb"
    before = path.read_bytes()
    path.with_suffix(".md").write_text(failing(code))
    assert build(course) == 1
    said = capsys.readouterr().out
    assert "FAILED chapters/01_a_loop.ipynb" in said
    assert "cell 2 (id cell-002):" in said
    assert f"    {code.splitlines()[-1]}" in said
    assert report in said
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*tmp*"))


def test_a_cell_that_never_ends_is_stopped_at_its_limit(tmp_path, capsys):
    make_course(tmp_path, {"01_x": failing("while True: pass")})
    assert build(tmp_path, "--cell-timeout", "1") == 1
    assert "This cell ran longer than 1 s." in capsys.readouterr().out


def test_one_failing_notebook_does_not_keep_the_others_from_being_built(tmp_path, capsys):
    make_course(tmp_path, {"01_bad": failing("1 / 0"), "02_good": CHAPTER})
    assert build(tmp_path) == 1
    assert (tmp_path / "chapters/02_good.ipynb").exists()
    assert not (tmp_path / "chapters/01_bad.ipynb").exists()


def test_stderr_is_dropped_where_a_cell_allows_it(tmp_path):
    code = ":tags: [allow-stderr]\n\nimport sys\nprint('oh', file=sys.stderr)\nprint('kept')"
    make_course(tmp_path, {"01_x": failing(code)})
    assert build(tmp_path) == 0
    outputs = read(tmp_path / "chapters/01_x.ipynb").cells[2].outputs
    assert [output.name for output in outputs] == ["stdout"]


def test_a_chapter_that_does_not_exist_is_named_with_those_that_do(built, capsys):
    assert build(built, "--only", "07") == 1
    assert "No chapter '07'. There is: 01_a_loop." in capsys.readouterr().err


def test_a_source_without_front_matter_is_refused(tmp_path, capsys):
    make_course(tmp_path, {"01_x": "# No front matter\n"})
    assert build(tmp_path) == 1
    assert "expected a front matter" in capsys.readouterr().out


def test_a_build_killed_in_the_middle_leaves_the_old_notebook(course):
    path = course / "chapters/01_a_loop.ipynb"
    before = path.read_bytes()
    slow = "import pathlib, time\npathlib.Path('started').touch()\ntime.sleep(60)"
    path.with_suffix(".md").write_text(failing(slow))
    command = [sys.executable, build_notebooks.__file__, "--root", str(course)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (path.parent / "started").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (path.parent / "started").exists()
    finally:
        process.kill()
        process.wait()
    assert path.read_bytes() == before
    path.with_suffix(".md").write_text(CHAPTER)
    assert build(course) == 0


def test_what_a_killed_build_left_half_written_is_cleared_away(tmp_path):
    path = tmp_path / "x.ipynb"
    orphan = tmp_path / ".x.ipynb.tmp-999999999"
    orphan.write_text("half")
    files.write(path, "whole")
    assert path.read_text() == "whole"
    assert not orphan.exists()


# ---- adopting


def test_adopt_takes_edits_back_and_keeps_tags_and_front_matter(course, capsys):
    path = course / "chapters/01_a_loop.ipynb"
    edit(path, 1, "from rnncourse.claims import claim\n\nh = 1.25")
    assert build(course, "--adopt", "01") == 0
    text = path.with_suffix(".md").read_text()
    assert text.startswith(FRONT)
    assert text == CHAPTER.replace("h = 1\n", "h = 1.25\n")
    assert build(course) == 0
    assert not list(path.parent.glob("*.mine-*")), "adopted edits need no copy"


def test_adopt_refuses_when_both_were_edited(course, capsys):
    path = course / "chapters/01_a_loop.ipynb"
    edit(path, 1, "h = 2")
    source = CHAPTER.replace("remembers", "forgets")
    path.with_suffix(".md").write_text(source)
    assert build(course, "--adopt", "01") == 1
    assert "were both edited" in capsys.readouterr().err
    assert path.with_suffix(".md").read_text() == source
    assert build(course, "--adopt", "01", "--force") == 0
    assert "h = 2" in path.with_suffix(".md").read_text()


def test_adopt_says_when_there_is_nothing_to_adopt(course, capsys):
    assert build(course, "--adopt", "01") == 0
    assert "nothing to adopt" in capsys.readouterr().out
    assert (course / "chapters/01_a_loop.md").read_text() == CHAPTER


def test_figure_data_survive_the_way_back():
    figure = """---
mystnb:
  figure:
    caption: The state rises.
    name: fig-01-state
  image:
    alt: A line.
tags: [hide-input]
---
x = 1
"""
    text = f"{FRONT}\n# X\n\n```{{code-cell}} ipython3\n{figure}```\n"
    book = adopting.jupytext.reads(text, fmt="md:myst")
    again = adopting.jupytext.reads(adopting.as_source(book, text), fmt="md:myst")
    assert sources.fingerprint(again) == sources.fingerprint(book)
    assert again.cells[1].metadata.mystnb.figure.name == "fig-01-state"


# ---- normal form


def png(array):
    packed = io.BytesIO()
    Image.fromarray(array).save(packed, "PNG")
    return base64.b64encode(packed.getvalue()).decode()


def decoded(encoded):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(encoded))).convert("RGB")).astype(int)


def test_a_line_drawing_becomes_smaller_and_looks_the_same():
    x, y = np.meshgrid(np.linspace(0, 1, 300), np.linspace(0, 1, 200))
    ink = np.exp(-(((y - 0.5 - 0.4 * np.sin(9 * x)) / 0.01) ** 2))
    array = (255 - ink[..., None] * np.array([255, 165, 74])).astype(np.uint8)
    small = normal.smaller_png(png(array))
    assert len(small) < 0.7 * len(png(array))
    assert np.abs(decoded(small) - array).max() <= 24
    assert (decoded(small)[array.min(axis=-1) == 255] == 255).all(), "white stays white"
    assert normal.smaller_png(png(array)) == small


def test_a_photograph_stays_as_it_is():
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert normal.smaller_png(png(noise)) == png(noise)


def test_a_transparent_picture_stays_as_it_is():
    array = np.zeros((20, 30, 4), dtype=np.uint8)
    assert normal.smaller_png(png(array)) == png(array)


def test_paths_of_this_machine_are_stripped(tmp_path):
    strip = normal._path_stripper(tmp_path)
    assert strip(f"File {tmp_path}/rnncourse/cells.py:3") == "File rnncourse/cells.py:3"
    assert strip(f"{sys.prefix}/lib/x.py") == "lib/x.py"
    assert strip("/tmp/ipykernel_123/456.py:1: UserWarning") == "<cell>:1: UserWarning"
    assert strip("a/b and 1/2") == "a/b and 1/2"


def test_run_times_move_only_when_they_change_by_more_than_a_quarter(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/01_x.md").touch()
    path = tmp_path / "chapters/times.json"

    def after(seconds):
        files.save_time(tmp_path, "01_x", seconds)
        return json.loads(path.read_text())["01_x"]

    assert after(21.3) == 25
    assert after(30.0) == 25
    assert after(33.0) == 35
    assert after(26.5) == 35
    assert after(4.2) == 5
    assert after(5.9) == 5
    assert after(61) == 70


def test_times_of_chapters_that_are_gone_are_dropped(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/02_y.md").touch()
    (tmp_path / "chapters/times.json").write_text('{"01_x": 3}')
    files.save_time(tmp_path, "02_y", 1.5)
    assert json.loads((tmp_path / "chapters/times.json").read_text()) == {"02_y": 2}
