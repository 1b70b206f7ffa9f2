"""What conftest.py adds to nbval, seen in one run of pytest over notebooks that are wrong."""

import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from build_notebooks import ROOT


def cell(source, *outputs, count=1, tags=()):
    made = nbformat.v4.new_code_cell(source, execution_count=count, metadata={"tags": list(tags)})
    made.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in outputs]
    return made


NOTEBOOKS = {
    "fine": [
        cell("x = 3\nx;"),
        cell("import sys; print('noise', file=sys.stderr); print(x)", "3\n"),
        cell("import os; print(os.environ['OMP_NUM_THREADS'])", "1\n"),
    ],
    "differs": [cell("print('new')", "old\n"), cell("print('after')", "after\n")],
    "raises": [cell("1 / 0"), cell("print('after')", "after\n")],
    "dies": [cell("import os; os._exit(3)"), cell("print('after')", "after\n")],
    "hangs": [cell("while True:\n    pass"), cell("print('after')", "after\n")],
    "unexecuted": [cell("print('x')", count=None)],
    "silent": [cell("x = 1", tags=["raises-exception", "nbval-ignore-output"])],
    "copy.mine-20260101-101010": [cell("1 / 0")],
}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What pytest says of all these notebooks: (text, {test: outcome})."""
    folder = tmp_path_factory.mktemp("notebooks")
    shutil.copy(ROOT / "conftest.py", folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "chapters").mkdir()
    for name, cells in NOTEBOOKS.items():
        book = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(book, folder / "chapters" / f"{name}.ipynb")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-v", "--color=no",
         "--nbval-cell-timeout=3", "-p", "no:cacheprovider", "chapters"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    pattern = r"^chapters/(\w+)::ipynb::Cell (\d) (PASSED|FAILED|SKIPPED)"
    outcomes = re.findall(pattern, done.stdout, re.MULTILINE)
    return done.stdout, {f"{name} {number}": outcome for name, number, outcome in outcomes}


def test_each_notebook_gets_the_verdict_that_it_deserves(report):
    _, outcomes = report
    assert outcomes == {
        "fine 0": "PASSED", "fine 1": "PASSED", "fine 2": "PASSED",
        "differs 0": "FAILED", "differs 1": "PASSED",
        "raises 0": "FAILED", "raises 1": "SKIPPED",
        "dies 0": "FAILED", "dies 1": "SKIPPED",
        "hangs 0": "FAILED", "hangs 1": "SKIPPED",
        "unexecuted 0": "FAILED", "silent 0": "FAILED",
    }  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        "chapters/differs.ipynb, code cell 0",
        "stored output:\n    | old\n\noutput of this run:\n    | new",
        "The kernel died in this cell",
        "ZeroDivisionError",
        "Timeout of 3 seconds exceeded executing cell",
        "Stored without having been executed: nothing to compare with",
        "Tagged raises-exception, but nothing was raised",
        "cell 0 of this notebook could not be executed",
        "cell 0 of this notebook killed the kernel",
    ],
)
def test_a_failure_is_reported_in_words(report, words):
    text, _ = report
    assert words in text
