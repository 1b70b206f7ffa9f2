"""The other tools: a new chapter, the lock, the robustness ledger, the stages of the test run."""

import json
import re
import subprocess
from pathlib import Path

import nbformat
import pytest

import kept
import ledger
import lock
import new_chapter
import robust
import run_tests
from build_notebooks import ROOT, main
from notebooks import sources
from notebooks.sources import BuildError

# ---- a new chapter


def test_a_new_chapter_builds_and_says_what_is_left_to_write(tmp_path, capsys):
    chapter, exercises = new_chapter.start("63_why_memory_fades", tmp_path)
    assert "# Why memory fades" in chapter.read_text()
    assert 'check("63.1", double)' in exercises.read_text()
    assert "TODO" in chapter.read_text()
    assert main(["--root", str(tmp_path), "--only", "63"]) == 0
    capsys.readouterr()
    assert main(["--root", str(tmp_path), "--check"]) == 0


@pytest.mark.parametrize("name", ["6_x", "06", "06_Why", "06_why__x", "06_why.md", "../06_x", ""])
def test_a_name_of_another_form_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="NAME: expected something like 06_why_memory_fades, got"):
        new_chapter.start(name, tmp_path)


def test_a_number_that_is_taken_is_refused_and_nothing_is_overwritten(tmp_path):
    chapter, _ = new_chapter.start("63_first", tmp_path)
    chapter.write_text("mine")
    for name in ("63_first", "63_second"):
        with pytest.raises(ValueError, match="NAME: there is chapters/63_first.md already"):
            new_chapter.start(name, tmp_path)
    assert chapter.read_text() == "mine"


# ---- the lock

REQUIREMENTS = (ROOT / "requirements.txt").read_text()
CONSTRAINTS = (ROOT / "constraints.txt").read_text()


def pins(text):
    found = re.findall(r"^([\w.-]+)==(\S+)$", text, flags=re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def test_every_requirement_is_pinned_and_locked_at_the_same_version():
    lines = [line for line in REQUIREMENTS.splitlines() if line and not line.startswith("#")]
    assert len(lines) == len(pins(REQUIREMENTS))
    assert pins(REQUIREMENTS).items() <= pins(CONSTRAINTS).items()


def test_the_lock_names_no_host_no_build_and_no_gpu_library():
    lines = [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]
    assert len(lines) == len(pins(CONSTRAINTS))
    assert not re.search(r"nvidia|triton|cuda|://|\+|find-links|index", "\n".join(lines))


def test_a_local_build_and_an_extra_are_taken_off_in_the_lock():
    text = "--find-links /x\nTorch==2.13.0+cpu\nnvidia-nccl==1.0\ncoverage[toml]==7.0 ; x\n"
    assert lock.lock(text).splitlines()[1:] == ["Torch==2.13.0", "coverage==7.0"]


# ---- robustness

CHAPTER = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A | chapter

```{code-cell} ipython3
from rnncourse import seeds
from rnncourse.claims import claim

claim("a *true* sentence", True, x=0.125)
claim("seed is below two", seeds.shift() < 2, seed=seeds.shift())
if seeds.shift() == 0:
    claim("only at first", True)
```

```{code-cell} ipython3
:tags: [raises-exception]

claim("meant to fail", False)
```
"""


def test_claims_are_run_over_seeds_and_the_ledger_is_written(tmp_path, capsys):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/01_x.md").write_text(CHAPTER)
    kept = {"chapter": "02_gone", "cell": 1, "claim": "old", "held": 1, "seeds": 1}
    (tmp_path / "appendix").mkdir()
    (tmp_path / "appendix/claims.json").write_text(json.dumps([kept]))

    assert robust.main(["--root", str(tmp_path), "--seeds", "3"]) == 1
    said = capsys.readouterr().out
    assert "✗ 01_x, cell 1: seed is below two\n  held on 2 of 3 seeds, false on [2]" in said
    assert "only at first\n  held on 1 of 3 seeds, not reached elsewhere" in said
    counted = json.loads((tmp_path / "appendix/claims.json").read_text())
    assert [(e["claim"], e["held"], e["seeds"]) for e in counted] == [
        ("a *true* sentence", 3, 3), ("seed is below two", 2, 3), ("only at first", 1, 3),
    ]  # fmt: skip
    assert not list(tmp_path.rglob("*.ipynb"))


def test_the_ledger_joins_the_notebooks_with_the_counts(tmp_path):
    for folder in ("chapters", "appendix"):
        (tmp_path / folder).mkdir()
    (tmp_path / "chapters/01_x.md").write_text(CHAPTER)
    found = [{"claim": "a *true* one", "held": 3, "failed": [], "seeds": 3}]
    found += [{"claim": "a shaky one", "held": 2, "failed": [1], "seeds": 3}]
    found = [{"chapter": "01_x", "cell": 9, **entry} for entry in found]
    (tmp_path / "appendix/claims.json").write_text(json.dumps(found))
    texts = ["a *true* one", "a shaky one", "a fresh one"]
    records = [{"claim": text, "holds": True, "numbers": {"x": 0.125}} for text in texts]
    outputs = [
        nbformat.v4.new_output("display_data", metadata={"rnncourse": record})
        for record in records
    ]  # fmt: skip
    cells = [nbformat.v4.new_markdown_cell("# A"), nbformat.v4.new_code_cell("", outputs=outputs)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "chapters/01_x.ipynb")

    assert "is not what the notebooks say" in ledger.out_of_step(tmp_path)
    ledger.write(tmp_path)
    assert ledger.out_of_step(tmp_path) is None
    page = (tmp_path / "appendix/claims_ledger.md").read_text()
    where = "| [01, cell 1](#claim-01-001) |"
    assert f"{where} a \\*true\\* one | x 0.125 | ✓ 3 of 3 |" in page
    assert f"{where} a shaky one | x 0.125 | **✗ 2 of 3** (false on 1) |" in page
    assert f"{where} a fresh one | x 0.125 | not yet run |" in page
    assert "3 claims, of which 1 failed on some seed" in page


def notebook_with(*records):
    outputs = [
        nbformat.v4.new_output("display_data", metadata={"rnncourse": record})
        for record in records
    ]  # fmt: skip
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])


def test_results_are_gathered_for_those_who_quote_them(tmp_path):
    (tmp_path / "chapters").mkdir()
    fan = {"keeps": "a-fan", "caption": "A fan.", "columns": ["a", "b"], "rows": [["x|y", 0.5]]}
    quoted = {"quotes": "a-fan", "rows": [["x|y", 0.25]]}
    for name, record in (("01_x", fan), ("02_y", quoted)):
        (tmp_path / f"chapters/{name}.md").write_text(CHAPTER)
        nbformat.write(notebook_with(record), tmp_path / f"chapters/{name}.ipynb")

    said = list(kept.out_of_step(tmp_path))
    assert [line.partition(":")[0] for line in said] == [
        "rnncourse/results/kept.json", "appendix/results.md", "02_y, cell 0"
    ]  # fmt: skip
    assert "quotes an older 'a-fan'; `make chapter NB=02`" in said[-1]
    (tmp_path / "appendix").mkdir()
    (tmp_path / "rnncourse/results").mkdir(parents=True)
    kept.write(tmp_path)
    nbformat.write(notebook_with({**quoted, "rows": fan["rows"]}), tmp_path / "chapters/02_y.ipynb")
    assert list(kept.out_of_step(tmp_path)) == []
    stored = json.loads((tmp_path / "rnncourse/results/kept.json").read_text())
    assert stored["a-fan"]["chapter"] == "01_x"
    assert stored["a-fan"]["rows"] == fan["rows"]
    page = (tmp_path / "appendix/results.md").read_text()
    assert "## A fan" in page
    assert "| x\\|y | 0.5 |" in page
    assert "[Chapter 01, cell 0](#result-a-fan)" in page


def test_one_name_is_kept_once(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters/01_x.md").write_text(CHAPTER)
    fan = {"keeps": "a-fan", "caption": "A fan.", "columns": ["a"], "rows": [["x"]]}
    nbformat.write(notebook_with(fan, fan), tmp_path / "chapters/01_x.ipynb")
    with pytest.raises(BuildError, match="01_x, cell 0: 'a-fan' is kept a second time"):
        kept.gathered(tmp_path)


def test_without_counts_there_is_no_ledger(tmp_path):
    ledger.write(tmp_path)
    assert ledger.out_of_step(tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_a_chapter_that_crashes_on_a_seed_is_reported(tmp_path, capsys):
    (tmp_path / "chapters").mkdir()
    text = CHAPTER.replace('claim("a *true*', 'claim("" if seeds.shift() else "a *true*')
    (tmp_path / "chapters/01_x.md").write_text(text)
    assert robust.main(["--root", str(tmp_path), "--seeds", "2"]) == 1
    said = capsys.readouterr().out
    assert "crashed: 01_x, seed 1: cell 1" in said
    assert "1 runs crashed" in said


def test_long_lists_of_numbers_are_shown_by_their_range():
    assert ledger._short([3, 1, 2]) == "[3, 1, 2]"
    assert ledger._short([[0.1, 0.25], [0.5, 0.75], [1.0, 2.0]]) == "0.1 to 2 (6 values)"
    assert ledger._short({"rnn": [1, 2], "lstm": "a"}) == "(rnn [1, 2], lstm a)"


# ---- the stages

REPORT = """<testsuites><testsuite tests="7" failures="1" errors="1" skipped="2">
</testsuite></testsuites>"""


def test_counts_are_read_from_the_report(tmp_path):
    path = tmp_path / "report.xml"
    assert run_tests.read_report(path) is None
    path.write_text(REPORT)
    assert run_tests.read_report(path) == (3, 2, 2)


@pytest.mark.parametrize(
    ("script", "counts", "note"),
    [
        ("exit 0", (1, 0), ""),
        ("exit 3", (0, 1), ""),
        ("sleep 30", (0, 1), "stopped after 1 s"),
    ],
)
def test_a_stage_counts_its_commands(script, counts, note):
    result = run_tests.run_stage(run_tests.Stage("x", "", (("bash", "-c", script),), limit=1))
    assert (result.passed, result.failed) == counts
    assert result.note == note
    assert result.seconds < 10


def test_a_stage_ends_at_its_first_failing_command(tmp_path):
    commands = (("false",), ("touch", str(tmp_path / "reached")))
    result = run_tests.run_stage(run_tests.Stage("x", "", commands))
    assert (result.passed, result.failed) == (0, 1)
    assert not (tmp_path / "reached").exists()


def test_a_stage_that_cannot_run_here_is_skipped_with_the_reason():
    stage = run_tests.Stage("x", "", (("false",),))
    result = run_tests.run_stage(stage, skip="no browser")
    assert (result.failed, result.skipped, result.note) == (0, 1, "no browser")


def test_the_summary_ends_with_the_sum():
    results = [run_tests.Result("a", 3, 0, 1, 2.4), run_tests.Result("b", 0, 2, 0, 61, "why")]
    lines = run_tests.summary(results).splitlines()
    assert lines[-1] == "3 passed, 2 failed, 1 skipped in 63 s"
    assert lines[-2].endswith("61   why")


def test_one_failed_stage_fails_the_run_and_the_others_still_run(monkeypatch, capsys):
    stages = [
        run_tests.Stage("bad", "x", (("false",),), fast=True),
        run_tests.Stage("good", "x", (("true",),), fast=True),
        run_tests.Stage("slow", "x", (("true",),)),
    ]
    monkeypatch.setattr(run_tests, "stages", lambda: stages)
    assert run_tests.main(["--fast"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 passed, 1 failed, 0 skipped")
    assert run_tests.main(["good", "slow"]) == 0


def test_an_unknown_stage_is_refused(capsys):
    with pytest.raises(SystemExit):
        run_tests.main(["dance"])
    assert "no stage dance" in capsys.readouterr().err


# ---- make


def make(*words):
    done = subprocess.run(
        ["make", "-C", str(ROOT), *words], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_make_alone_lists_every_target():
    status, said = make()
    text = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^\.PHONY: (.+)$", text, flags=re.MULTILINE)
    assert status == 0
    assert all(f"make {target}" in said for target in targets)
    wanted = {"setup", "lab", "book", "test", "check", "chapter", "new", "adopt", "lock", "bench",
              "robust", "test-other-cpu", "setup-browser", "doctor", "clean", "help"}  # fmt: skip
    assert wanted <= set(targets)


@pytest.mark.parametrize("target", ["chapter", "adopt", "new"])
def test_a_target_that_needs_a_name_asks_for_it(target):
    status, said = make("-n", target)
    assert status == 2
    assert f"make {target} N" in said


def fake_repository(tmp_path):
    """A folder in which tools/setup.sh can run without installing anything."""
    for name in ("tools/setup.sh", "rnncourse/fetch.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_text("numpy==2.4.6\n")


def set_up(tmp_path, **environment):
    done = subprocess.run(
        ["bash", str(tmp_path / "tools/setup.sh")],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_missing_or_old_python_is_one_line_that_says_what_to_do(tmp_path):
    fake_repository(tmp_path)
    old = tmp_path / "python3.8"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.8.1 || exit 1\n')
    old.chmod(0o755)
    for python, found in (("python9", "python9: none"), (str(old), "3.8: Python 3.8.1")):
        status, said = set_up(tmp_path, PYTHON=python)
        assert status == 1
        assert said.count("\n") == 1
        assert said.startswith("setup: needs Python 3.11, 3.12 or 3.13, found ")
        assert found in said
        assert "make setup PYTHON=" in said
    assert not (tmp_path / ".venv").exists()


def test_set_up_does_nothing_when_the_stamp_fits_and_goes_on_when_it_does_not(tmp_path):
    fake_repository(tmp_path)
    bin_folder = tmp_path / ".venv/bin"
    bin_folder.mkdir(parents=True)
    python = bin_folder / "python"
    # A stand-in that passes for Python 3.11 with pip, and notes what pip is asked to do.
    python.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n')
    python.chmod(0o755)
    status, said = set_up(tmp_path)
    asked = (tmp_path / "asked").read_text()
    assert status == 0, said
    assert "-r requirements.txt -c constraints.txt" in asked
    assert "--no-deps --no-build-isolation -e ." in asked
    assert "-m rnncourse.fetch" in asked
    assert set_up(tmp_path) == (0, "")
    (tmp_path / "requirements.txt").write_text("numpy==2.4.7\n")
    status, said = set_up(tmp_path)
    assert "installing the pinned requirements" in said


def test_scripts_are_executable_and_stop_at_the_first_error():
    for path in [*Path(ROOT / "tools").glob("*.sh"), ROOT / ".ci" / "run"]:
        assert path.stat().st_mode & 0o100
        assert "set -euo pipefail" in path.read_text()


def test_sources_of_the_book_have_the_fixed_front_matter():
    for job in sources.all_jobs(ROOT):
        assert "display_name: Python 3\n" in job.source.read_text()[:300]
