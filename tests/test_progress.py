"""Progress: a learner's notebooks are read as they were saved, and never changed."""

import html.parser
import json

import pytest

from rnncourse import __main__, progress
from rnncourse.progress import chapters, page, report, saved


def cell(source, *records):
    outputs = [
        {"output_type": "display_data", "metadata": {"rnncourse": record}} for record in records
    ]
    return {"cell_type": "code", "source": source, "outputs": outputs, "metadata": {}}


def text(*lines):
    return {"cell_type": "markdown", "source": [f"{line}\n" for line in lines]}


def said(exercise, verdict):
    return {"exercise": exercise, "verdict": verdict}


def claimed(*texts, by=None):
    mark = {"by": by} if by else {}
    return [{"claim": one, "holds": True, "numbers": {}} | mark for one in texts]


def save(path, *cells):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": [*cells, {"cell_type": "markdown", "source": ["x"]}]}))
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


@pytest.fixture
def course(tmp_path):
    """A course of three chapters, of which nothing was run, with the exercises of two."""
    for name, title in (
        ("02_a_sine", "A sine"),
        ("04_a_loop", "A loop"),
        ("06_fades", "It <fades>"),
    ):
        head = text(f"# {title}", "", "*Needs nothing · reads 40 min*")
        save(tmp_path / "chapters" / f"{name}.ipynb", head, cell("", *claimed("a", "b", "c")))
    for number, name in (("02", "02_a_sine"), ("04", "04_a_loop")):
        stubs = [
            part
            for n, title in ((1, "By hand"), (2, "Three faults"))
            for part in (
                text(f"## {number}.{n} {title}", "", "★★ · 10 minutes · deepens the claim"),
                cell(f'check("{number}.{n}", x)', said(f"{number}.{n}", "not attempted")),
            )
        ]
        save(tmp_path / "exercises" / f"{name}.ipynb", text("# Exercises: x"), *stubs)
    return tmp_path


def run(course, name, *claims):
    """The learner runs some claims of a chapter again."""
    path = course / "chapters" / f"{name}.ipynb"
    book = json.loads(path.read_text())
    rest = [claim for claim in "abc" if claim not in claims]
    again = cell("", *claimed(*claims, by="reader"), *claimed(*rest))
    path.write_text(json.dumps({"cells": [book["cells"][0], again]}))


def solve(course, exercise, verdict="right"):
    """The learner's attempt at an exercise is judged."""
    (path,) = (course / "exercises").glob(f"{exercise[:2]}_*.ipynb")
    book = json.loads(path.read_text())
    for one in book["cells"]:
        if exercise in "".join(one["source"]) and one["cell_type"] == "code":
            one["outputs"][0]["metadata"]["rnncourse"]["verdict"] = verdict
    path.write_text(json.dumps(book))


def printed(course, capsys, *options):
    status = __main__.main(["progress", str(course), *options])
    return status, capsys.readouterr().out.splitlines()


# ------------------------------------------------------------------------------ what is solved


def test_verdicts_come_from_outputs_and_unrun_checks_from_the_source(folder):
    found = saved.read(folder / "04_a_loop.ipynb").verdicts
    assert found == {"04.1": "right", "04.2": "wrong", "04.10": "not attempted"}


def test_the_table_has_a_line_for_each_chapter_and_the_sum(folder, capsys):
    assert printed(folder, capsys) == (
        0,
        [
            "chapter      claims re-run   solved   exercises",
            "02 a sine                    0 of 1   ○ 02.1",
            "04 a loop                    1 of 3   ✓ 04.1  ✗ 04.2  ○ 04.10",
            "",
            "1 of 4 checked exercises solved, 1 wrong, 2 open.",
            "Next: exercise 04.2.",
        ],
    )


def test_the_last_of_several_verdicts_in_a_notebook_counts(tmp_path):
    path = save(tmp_path / "x.ipynb", cell("", said("04.1", "right"), said("04.1", "wrong")))
    assert saved.read(path).verdicts == {"04.1": "wrong"}


def test_an_open_ended_exercise_does_not_count(tmp_path):
    path = save(tmp_path / "x.ipynb", cell('check("04.6", ...)', said("04.6", "open")))
    assert saved.read(path).verdicts == {}


def test_a_kept_copy_counts_for_its_chapter(folder):
    save(folder / "04_a_loop.mine-20260101-120000.ipynb", cell("", said("04.2", "right")))
    (sine, loop), problems = chapters.collect(folder)
    assert loop.verdicts["04.2"] == "right"
    assert (sine.name, loop.name) == ("02_a_sine", "04_a_loop")
    assert problems == []


def test_an_exercise_notebook_from_the_site_counts_for_its_chapter(folder):
    save(folder / "exercises_04_a_loop.ipynb", cell("", said("04.2", "right")))
    (_, loop), _ = chapters.collect(folder)
    assert (loop.name, loop.verdicts["04.2"]) == ("04_a_loop", "right")


# --------------------------------------------------------------------------------- what is run


def test_claims_that_came_with_the_course_are_not_run(course, capsys):
    _, lines = printed(course, capsys)
    assert lines[1] == "02 A sine        0 of 3          0 of 2   ○ 02.1  ○ 02.2"
    assert f"0 of 3 chapters run. {report.COUNTS}" in lines


def test_a_chapter_is_run_when_every_claim_was_made_again(course, capsys):
    run(course, "02_a_sine", "a", "b", "c")
    run(course, "04_a_loop", "b")
    _, lines = printed(course, capsys)
    assert "3 of 3" in lines[1]
    assert "1 of 3" in lines[2]
    assert f"1 of 3 chapters run. {report.COUNTS}" in lines


def test_a_run_that_stopped_half_way_does_not_count_as_the_whole(course):
    """What was to be run after an error has no outputs left."""
    listed = [{"chapter": "04_a_loop", "claim": one} for one in "abc"]
    (course / "appendix").mkdir()
    (course / "appendix" / "claims.json").write_text(json.dumps(listed))
    save(course / "chapters" / "04_a_loop.ipynb", cell("", *claimed("a", by="reader")))
    _, loop, _ = chapters.collect(course)[0]
    assert (loop.again, loop.claims, loop.is_run) == (1, 3, False)


def test_a_claim_of_an_exercise_is_no_claim_of_its_chapter(course):
    save(course / "exercises" / "04_a_loop.ipynb", cell('check("04.1", x)', *claimed("d", "e")))
    assert [one.claims for one in chapters.collect(course)[0]] == [3, 3, 3]


def test_the_minutes_left_are_those_of_what_is_not_run_and_not_solved(course):
    def left():
        return [one.minutes_left for one in chapters.collect(course)[0]]

    assert left() == [60, 60, 40]
    run(course, "02_a_sine", "a", "b", "c")
    run(course, "06_fades", "c")
    solve(course, "02.2")
    assert left() == pytest.approx([10, 60, 40 * 2 / 3])


# --------------------------------------------------------------------------------- what is next


def steps(course, *deeds):
    for deed in deeds:
        deed[0](course, *deed[1:])
    return chapters.next_step(chapters.collect(course)[0])


WHOLE = ("a", "b", "c")


@pytest.mark.parametrize(
    ("deeds", "step"),
    [
        ([], "Next: chapter 02, A sine; `.venv/bin/python -m rnncourse placement` says"),
        ([(run, "02_a_sine", "a")], "Next: the rest of chapter 02, A sine (1 of 3 claims re-run)."),
        ([(run, "02_a_sine", *WHOLE)], "Next: exercise 02.1, By hand."),
        ([(solve, "04.1")], "Next: exercise 04.2, Three faults."),
        ([(solve, "04.1", "wrong"), (solve, "04.2")], "Next: exercise 04.1, By hand."),
        ([(solve, "04.1"), (solve, "04.2")], "Next: chapter 06, It <fades>."),
        ([(run, "06_fades", *WHOLE), (solve, "02.1")], "Next: exercise 02.2, Three faults."),
        (
            [(solve, one) for one in ("02.1", "02.2", "04.1", "04.2")]
            + [(run, "06_fades", *WHOLE)],
            "All is solved that a check can mark.",
        ),
    ],
)
def test_the_next_step_follows_the_last_trace_of_work(course, deeds, step):
    assert steps(course, *deeds).startswith(step)


# ------------------------------------------------------------------------- nothing is written


def state(folder):
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def test_nothing_is_written(course, capsys):
    before = state(course)
    printed(course, capsys)
    assert state(course) == before


def test_a_page_is_written_where_it_is_asked_for_and_nothing_else(course, capsys):
    before, path = state(course), course / "progress.html"
    assert printed(course, capsys, "--html", str(path))[0] == 0
    after = state(course)
    assert set(after) - set(before) == {path}
    assert {key: after[key] for key in before} == before


def test_a_page_is_written_over_its_earlier_version_alone(course, capsys):
    ours, foreign = course / "progress.html", course / "thesis.html"
    foreign.write_text("<!doctype html>\n<html lang='en'>my thesis")
    for _ in range(2):
        assert printed(course, capsys, "--html", str(ours))[0] == 0
    status, lines = printed(course, capsys, "--html", str(foreign))
    assert status == 1
    assert lines[-1] == f"{foreign}: was not written by this command, and stays as it is"
    assert "my thesis" in foreign.read_text()
    assert printed(course, capsys, "--html", str(course / "exercises"))[0] == 1


class Page(html.parser.HTMLParser):
    """The tags of a page and its words."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_asks_for_nothing_and_says_what_the_terminal_says(course, capsys):
    solve(course, "04.1")
    _, lines = printed(course, capsys, "--html", str(course / "p.html"))
    seen = Page((course / "p.html").read_text())
    tags = [tag for tag, _ in seen.tags]
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert not [attrs for _, attrs in seen.tags if {"src", "href"} & set(attrs)]
    assert "url(" not in page.HEAD
    words = "".join(seen.words)
    assert [line for line in lines[5:-1] if line.replace("`", "") not in words] == []
    assert "06 It <fades>" in words
    assert "0 of 3" in seen.words
    assert "1 of 2" in seen.words


def test_the_page_can_be_heard(course, capsys):
    printed(course, capsys, "--html", str(course / "p.html"))
    seen = Page((course / "p.html").read_text())
    assert ("html", {"lang": "en"}) in seen.tags
    assert [tag for tag, _ in seen.tags].count("h1") == 1
    assert [a["scope"] for t, a in seen.tags if t == "th"] == ["col"] * 4 + ["row"] * 3
    assert {"main", "caption", "title"} <= {tag for tag, _ in seen.tags}


# --------------------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"cells": [\n{"cell', "broken at line 2, left out"),
        ("", "broken at line 1, left out"),
        ("[]", "not a notebook, left out"),
        ('{"cells": [3]}', "not a notebook, left out"),
        ('{"cells": [{"cell_type": "code"}]}', "not a notebook, left out"),
        ("{}", "not a notebook, left out"),
    ],
)
def test_a_broken_notebook_is_one_line_and_the_others_count(folder, capsys, content, message):
    (folder / "05_broken.ipynb").write_text(content)
    status, lines = printed(folder, capsys)
    assert status == 1
    assert lines[0] == f"{folder / '05_broken.ipynb'}: {message}"
    assert "1 of 4 checked exercises solved, 1 wrong, 2 open." in lines


def test_a_file_that_is_no_text_is_one_line(folder, capsys):
    (folder / "05_broken.ipynb").write_bytes(b"\xff\xfe\x00")
    status, lines = printed(folder, capsys)
    assert status == 1
    assert "05_broken.ipynb: cannot be read" in lines[0]


@pytest.mark.parametrize(
    "record",
    [
        *(said("04", "right"), said("x", "right"), said("04.1", "splendid"), said(None, "right")),
        *({}, {"claim": 3, "by": "reader"}),
    ],
    ids=str,
)
def test_records_that_make_no_sense_are_passed_over(tmp_path, record):
    found = saved.read(save(tmp_path / "x.ipynb", cell("", record)))
    assert (found.verdicts, found.claims) == ({}, set())


def test_an_empty_and_a_missing_folder_are_told_apart(tmp_path, capsys):
    assert progress.main(tmp_path) == 1
    assert "no notebooks of the course here" in capsys.readouterr().out
    assert progress.main(tmp_path / "nowhere") == 1
    assert "there is no such folder" in capsys.readouterr().out


def test_the_help_says_which_programs_tell_that_somebody_reads(capsys):
    with pytest.raises(SystemExit):
        __main__.main(["progress", "--help"])
    assert "JupyterLab, Jupyter Notebook and VS Code" in " ".join(capsys.readouterr().out.split())
