"""The doctor: one line for each finding, and a remedy wherever one is needed."""

import pytest

from rnncourse import __main__, doctor
from rnncourse.data.opinions import ARCHIVE

GB = doctor.GIGABYTE


@pytest.mark.parametrize(
    ("version", "mark", "text"),
    [
        ((3, 9, 2), "✗", "Python 3.9.2 is too old: install Python 3.11"),
        ((3, 11, 7), "✓", "Python 3.11.7"),
        ((3, 13, 0), "✓", "Python 3.13.0"),
        ((3, 15, 0), "–", "Python 3.15.0 is newer"),
    ],
)
def test_the_interpreter_is_judged_by_its_version(version, mark, text):
    finding = doctor.python(version)
    assert finding.mark == mark
    assert text in str(finding)


def test_pins_are_compared_with_what_is_installed(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text("# numbers\nnumpy==2.4.6\ntorch==2.13.0\n\njupyter-book==1.0.4.post1\n")
    here = {"numpy": "2.4.5", "torch": "2.13.0+cpu"}
    lines = [str(finding) for finding in doctor.requirements(path, here.get)]
    assert lines == [
        "– numpy 2.4.5, the course was made with 2.4.6: run `make setup`",
        "✗ jupyter-book is missing: run `make setup`",
    ]
    here |= {"numpy": "2.4.6", "jupyter-book": "1.0.4.post1"}
    assert [str(f) for f in doctor.requirements(path, here.get)] == ["✓ all 3 pinned packages"]


def test_without_a_requirements_file_it_says_so(tmp_path):
    (finding,) = doctor.requirements(tmp_path / "requirements.txt")
    assert str(finding) == "– requirements.txt is not here; versions were not compared"


def test_a_framework_that_takes_its_process_down_is_reported():
    def run(code):
        return (-4, "") if "torch" in code else (0, "")

    (finding,) = doctor.frameworks(run)
    assert finding.mark == "✗"
    assert "torch cannot be imported (its process ended with -4): run `make setup`" in str(finding)


def test_an_import_error_is_quoted_by_its_last_line():
    run = lambda code: (1, "Traceback ...\nImportError: libcudart.so.12")  # noqa: E731
    assert all("(ImportError: libcudart.so.12)" in str(f) for f in doctor.frameworks(run))


def test_frameworks_that_import_are_one_line():
    (finding,) = doctor.frameworks(lambda code: (0, ""))
    assert finding.mark == "✓"


def test_a_kernel_must_answer_not_only_start():
    assert doctor.kernel(lambda code: (0, "forty-two\n")).mark == "✓"
    assert doctor.kernel(lambda code: (0, "")).mark == "✗"
    assert "no such kernel" in str(doctor.kernel(lambda code: (1, "no such kernel")))


def test_a_real_kernel_answers():
    assert doctor.kernel().mark == "✓"


@pytest.mark.parametrize(
    ("machine", "marks"),
    [
        ({"cores": 8, "memory": 16 * GB, "free": 90 * GB}, "✓✓✓"),
        ({"cores": 2, "memory": 4 * GB, "free": 1 * GB}, "✓✓✓"),
        ({"cores": 1, "memory": 3 * GB, "free": 1 * GB}, "––✓"),
        ({"cores": 2, "memory": 1 * GB, "free": 0}, "✓✗✗"),
    ],
)
def test_the_machine_is_judged_by_what_the_course_takes(tmp_path, machine, marks):
    findings = doctor.machine(tmp_path, **machine)
    assert "".join(finding.mark for finding in findings) == marks
    assert all(finding.remedy for finding in findings if finding.mark != "✓")


def test_missing_texts_are_a_remark_with_the_command_that_fetches_them(tmp_path):
    missing = doctor.texts(tmp_path / "texts.tar.gz")
    assert missing.mark == "–"
    assert "python -m rnncourse fetch" in str(missing)
    assert doctor.texts(ARCHIVE).mark == doctor.texts().mark == "✓"


def test_browser_and_npm_are_remarks_never_failures():
    assert [f.mark for f in doctor.browser(lambda name: None)] == ["–", "–"]
    assert [f.mark for f in doctor.browser(lambda name: f"/usr/bin/{name}")] == ["✓", "✓"]


@pytest.mark.parametrize(
    ("marks", "status", "last"),
    [
        ("✓✓", 0, "The course can run here."),
        ("✓––", 0, "The course can run here (2 remarks, see –)."),
        ("–✗✓✗", 1, "The course cannot run here yet: 2 to mend, see ✗ above."),
    ],
)
def test_the_last_line_sums_up(monkeypatch, capsys, tmp_path, marks, status, last):
    findings = [doctor.Finding(mark, "something") for mark in marks]
    monkeypatch.setattr(doctor, "examine", lambda root: findings)
    assert doctor.main(tmp_path) == status
    assert capsys.readouterr().out.splitlines()[-1] == last


def test_the_command_line_passes_the_status_on(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "examine", lambda root: [doctor.Finding("✗", "x", "y")])
    assert __main__.main(["doctor"]) == 1
    assert "✗ x: y" in capsys.readouterr().out


def test_an_unknown_command_is_refused_with_those_that_exist(capsys):
    with pytest.raises(SystemExit) as stopped:
        __main__.main(["dance"])
    assert stopped.value.code == 2
    assert "'doctor', 'fetch', 'placement', 'progress'" in capsys.readouterr().err
