"""Progress: a learner's notebooks are read as they were saved, and never changed."""

import json

import pytest

from rnncourse import __main__, progress


def cell(source, *verdicts):
    outputs = [
        {"output_type": "display_data", "metadata": {"rnncourse": record}} for record in verdicts
    ]
    return {"cell_type": "code", "source": source, "outputs": outputs, "metadata": {}}


def said(exercise, verdict):
    return {"exercise": exercise, "verdict": verdict}


def save(path, *cells):
    path.write_text(json.dumps({"cells": [*cells, {"cell_type": "markdown", "source": ["# x"]}]}))
    return path


@pytest.fixture
def folder(tmp_path):
    """Notebooks of a learner who solved one of three exercises in chapter 04."""
    save(
        tmp_path / "04_a_loop.ipynb",
        cell('check("04.1", a)', said("04.1", "right")),
        cell(["from rnncourse.grading import check\n", "check('04.2', b)"], said("04.2", "wrong")),
        cell('grading.check("04.10", c)'),
        cell("print(1)", {"claim": "x", "holds": True, "numbers": {}}),
    )
    save(tmp_path / "02_a_sine.ipynb", cell('check("02.1", a)', said("02.1", "not attempted")))
    return tmp_path


def test_verdicts_come_from_outputs_and_unrun_checks_from_the_source(folder):
    found = progress.verdicts(folder / "04_a_loop.ipynb")
    assert found == {"04.1": "right", "04.2": "wrong", "04.10": "not attempted"}


def test_the_table_has_a_line_for_each_chapter_and_the_sum(folder, capsys):
    assert __main__.main(["progress", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "chapter      solved   exercises",
        "02 a sine    0 of 1   ○ 02.1",
        "04 a loop    1 of 3   ✓ 04.1  ✗ 04.2  ○ 04.10",
        "",
        "1 of 4 checked exercises solved",
    ]


def test_nothing_is_written(folder):
    def state():
        return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}

    before = state()
    progress.main(folder)
    assert state() == before


def test_the_last_of_several_verdicts_in_a_notebook_counts(tmp_path):
    path = save(tmp_path / "x.ipynb", cell("", said("04.1", "right"), said("04.1", "wrong")))
    assert progress.verdicts(path) == {"04.1": "wrong"}


def test_an_open_ended_exercise_does_not_count(tmp_path):
    path = save(tmp_path / "x.ipynb", cell('check("04.6", ...)', said("04.6", "open")))
    assert progress.verdicts(path) == {}


def test_a_kept_copy_counts_for_its_chapter(folder):
    save(folder / "04_a_loop.mine-20260101-120000.ipynb", cell("", said("04.2", "right")))
    chapters, problems = progress.collect(folder)
    assert chapters["04_a_loop"]["04.2"] == "right"
    assert set(chapters) == {"02_a_sine", "04_a_loop"}
    assert problems == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"cells": [\n{"cell', "broken at line 2, left out"),
        ("", "broken at line 1, left out"),
        ("[]", "not a notebook, left out"),
        ('{"cells": [3]}', "not a notebook, left out"),
        ('{"cells": [{"cell_type": "code"}]}', "not a notebook, left out"),
        ("{}", "not a notebook, left out"),
    ],
)
def test_a_broken_notebook_is_one_line_and_the_others_count(folder, capsys, text, message):
    (folder / "05_broken.ipynb").write_text(text)
    assert progress.main(folder) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{folder / '05_broken.ipynb'}: {message}"
    assert lines[-1] == "1 of 4 checked exercises solved"


def test_a_file_that_is_no_text_is_one_line(folder, capsys):
    (folder / "05_broken.ipynb").write_bytes(b"\xff\xfe\x00")
    assert progress.main(folder) == 1
    assert "05_broken.ipynb: cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize(
    "record",
    [said("04", "right"), said("x", "right"), said("04.1", "splendid"), said(None, "right"), {}],
    ids=str,
)
def test_records_that_make_no_sense_are_passed_over(tmp_path, record):
    path = save(tmp_path / "x.ipynb", cell("", record))
    assert progress.verdicts(path) == {}


def test_an_empty_and_a_missing_folder_are_told_apart(tmp_path, capsys):
    assert progress.main(tmp_path) == 1
    assert "no exercise notebooks here" in capsys.readouterr().out
    assert progress.main(tmp_path / "nowhere") == 1
    assert "there is no such folder" in capsys.readouterr().out
