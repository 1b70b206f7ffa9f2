"""Claims: true ones leave a line and their numbers, false ones stop, sloppy ones are refused."""

import numpy as np
import pytest

from rnncourse import _display
from rnncourse.claims import ClaimError, claim, same, shape


@pytest.fixture(autouse=True)
def _strict(monkeypatch):
    monkeypatch.delenv("RNNCOURSE_CLAIMS", raising=False)


@pytest.fixture
def records(monkeypatch):
    """What would be kept with a notebook's outputs: pairs of line and record."""
    kept = []
    monkeypatch.setattr(_display, "line", lambda text, record: kept.append((text, record)))
    return kept


def test_a_true_claim_prints_its_sentence(capsys):
    claim("one is less than two", 1 < 2)
    assert capsys.readouterr().out == "✓ one is less than two\n"


def test_a_false_claim_stops_and_shows_what_was_measured(capsys):
    with pytest.raises(ClaimError, match="✗ two is less than one   measured: a = 2, b = 1"):
        claim("two is less than one", 2 < 1, a=2, b=1)
    assert capsys.readouterr().out == ""


def test_a_claim_error_is_an_assertion_error():
    with pytest.raises(AssertionError):
        claim("never", False)


def test_a_false_claim_is_recorded_when_asked_to(monkeypatch, records):
    monkeypatch.setenv("RNNCOURSE_CLAIMS", "record")
    claim("never", False, x=0.5)
    record = {"claim": "never", "holds": False, "numbers": {"x": 0.5}}
    assert records == [("✗ never", record)]


def test_numbers_are_kept_rounded_and_plain(records):
    claim("yes", True, a=np.float32(1 / 3), b=np.arange(3), c=[0.123456, (1, 2)], d={"e": np.pi},
          f=True, g=None, h="text", i=np.int64(7))  # fmt: skip
    ((_, record),) = records
    assert record["numbers"] == {
        "a": 0.3333, "b": [0, 1, 2], "c": [0.1235, [1, 2]], "d": {"e": 3.142},
        "f": True, "g": None, "h": "text", "i": 7,
    }  # fmt: skip


def test_numbers_that_json_does_not_know_are_kept_as_text(records):
    claim("yes", True, a=float("nan"), b=[float("inf"), -float("inf")])
    ((_, record),) = records
    assert record["numbers"] == {"a": "nan", "b": ["inf", "-inf"]}


@pytest.mark.parametrize("holds", [True, np.bool_(True), np.array([True]), np.array(True), 1])
def test_one_truth_value_may_come_in_several_kinds(holds, capsys):
    claim("yes", holds)
    assert capsys.readouterr().out == "✓ yes\n"


@pytest.mark.parametrize(
    "holds",
    [np.array([True, True]), np.array([]), 0.3, 2, None, "yes", [True], float("nan")],
    ids=repr,
)
def test_what_is_not_one_truth_value_is_refused(holds):
    with pytest.raises(ValueError, match="holds: expected one truth value, got"):
        claim("yes", holds)


@pytest.mark.parametrize("text", ["", "  ", None, 3])
def test_a_claim_needs_a_sentence(text):
    with pytest.raises(ValueError, match="text: expected a sentence, got"):
        claim(text, True)


def test_same_accepts_up_to_its_tolerance_and_refuses_beyond(records):
    a = np.zeros((3, 7))
    same("x", a, a + 0.9e-10)
    same("x", a, a + 0.9e-3, tol=1e-3)
    with pytest.raises(ClaimError, match="largest_difference = 1.1e-10"):
        same("x", a, a + 1.1e-10)
    assert [text for text, _ in records] == ["✓ x: equal to 1e-10", "✓ x: equal to 1e-03"]


def test_same_refuses_nan_and_other_shapes():
    with pytest.raises(ClaimError):
        same("x", [np.nan], [np.nan])
    with pytest.raises(ClaimError, match=r"shapes differ, \(3, 7\) and \(7, 3\)"):
        same("x", np.zeros((3, 7)), np.zeros((7, 3)))


def test_same_takes_booleans_and_integers(records):
    same("x", np.array([True, False]), np.array([True, False]))
    same("y", [1, 2], [1, 2])
    assert len(records) == 2


def test_shape_names_the_axes(capsys):
    shape("h", np.zeros((3, 7, 5)), B=3, T=7, H=5)
    assert capsys.readouterr().out == "✓ h is (B, T, H) = (3, 7, 5)\n"
    with pytest.raises(ClaimError, match=r"h is \(7, 3, 5\), expected \(B, T, H\) = \(3, 7, 5\)"):
        shape("h", np.zeros((7, 3, 5)), B=3, T=7, H=5)


def test_in_a_notebook_the_line_is_display_data_with_the_record(monkeypatch):
    shown = []
    monkeypatch.setattr(_display, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append((a, k)))
    _display.line("✓ yes", {"claim": "yes"})
    expected = {"raw": True, "metadata": {"rnncourse": {"claim": "yes"}}}
    assert shown == [(({"text/plain": "✓ yes"},), expected)]


class Shell:
    """Stands for IPython in a kernel that VS Code has started."""

    user_ns = {"__vsc_ipynb_file__": "/home/reader/04_a_loop.ipynb"}
    kernel = True


@pytest.mark.parametrize("who", ["JupyterLab", "VS Code", "a program"])
def test_a_line_says_whether_it_was_made_before_a_readers_eyes(monkeypatch, who):
    shown = []
    monkeypatch.setattr(_display, "_in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append(k["metadata"]))
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    if who == "JupyterLab":
        monkeypatch.setenv("JPY_SESSION_NAME", "chapters/04_a_loop.ipynb")
    if who == "VS Code":
        monkeypatch.setattr("IPython.get_ipython", Shell)
    record = {"claim": "yes"}
    _display.line("✓ yes", record)
    mark = {} if who == "a program" else {"by": "reader"}
    assert shown == [{"rnncourse": {"claim": "yes"} | mark}]
    assert record == {"claim": "yes"}
