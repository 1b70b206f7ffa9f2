"""The engine behind `check`: whatever it is handed, it answers with one sentence, and soon."""

import builtins
import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
import warnings

import nbclient
import nbformat
import numpy as np
import psutil
import pytest

from rnncourse import grading
from rnncourse.grading import answers, engine, isolation
from rnncourse.grading.engine import Case, Exercise, Misconception

needs_fork = pytest.mark.skipif(not isolation.can_fork(), reason="this system cannot fork")


def double(x):
    return 2 * x


EXERCISE = Exercise(
    id="00.1",
    title="Double",
    stars=1,
    minutes=1,
    deepens="",
    statement="Double x.",
    hints=("one", "two", "three"),
    reference=double,
    inputs=lambda rng: [
        Case("T=3", (rng.normal(size=3),)),
        Case("T=1", (rng.normal(size=1),)),
    ],
    returns=("y (T,)",),
    misconceptions=(
        Misconception("squared", "this squares x", lambda x: x**2),
        Misconception("crashes", "x has one axis only", lambda x: x[:, 0]),
    ),
)
PAIR = Exercise(
    id="00.2",
    title="A pair",
    stars=1,
    minutes=1,
    deepens="",
    statement="Give a pair.",
    hints=("one", "two", "three"),
    kind="value",
    reference=(np.array([1.0, 2.0]), np.array(3.0)),
    returns=("a (2,)", "b"),
)


def mark(attempt, exercise=EXERCISE, seconds=1.0):
    """The verdict, made sure to be one tidy line that came in time."""
    start = time.monotonic()
    verdict = engine.mark(exercise, attempt, seconds=seconds)
    assert time.monotonic() - start < seconds + 3
    assert "\n" not in verdict.sentence
    assert len(verdict.sentence) < 600
    assert "Traceback" not in verdict.sentence
    assert "could not be judged" not in verdict.sentence
    return verdict


# ------------------------------------------------------------------------------ what is right


@pytest.mark.parametrize(
    "attempt",
    [
        lambda x: x + x,
        lambda values: [2 * value for value in values],
        lambda *args: tuple(2 * args[0]),
        lambda x, scale=2: np.float32(scale) * x.astype(np.float32),
    ],
    ids=["array", "list", "tuple", "float32"],
)
def test_every_way_of_writing_the_right_answer_is_accepted(attempt):
    assert mark(attempt).verdict == "right"


def test_a_torch_tensor_is_as_good_as_an_array():
    torch = pytest.importorskip("torch")
    assert mark(lambda x: 2 * torch.tensor(x, requires_grad=True)).verdict == "right"


def test_a_callable_object_is_as_good_as_a_function():
    class Doubler:
        def __call__(self, x):
            return 2 * x

    assert mark(Doubler()).verdict == "right"


def test_the_inputs_are_new_each_time():
    seen = []

    def inputs(rng):
        seen.append(rng.normal())
        return EXERCISE.inputs(rng)

    for _ in range(3):
        assert mark(double, dataclasses.replace(EXERCISE, inputs=inputs)).verdict == "right"
    assert len(set(seen)) == 3


# --------------------------------------------------------------------------- what is not there


@pytest.mark.parametrize(
    "attempt",
    [
        None,
        ...,
        NotImplemented,
        lambda x: ...,
        lambda x: None,
        lambda x: NotImplemented,
        lambda x: (..., ...),
        lambda x: ... + x,
        lambda x: np.tanh(...),
    ],
)
def test_a_stub_is_not_an_attempt(attempt):
    verdict = mark(attempt)
    assert verdict.verdict == "not attempted"
    assert verdict.sentence == "not attempted yet"


def test_a_function_that_raises_not_implemented_is_not_an_attempt():
    def attempt(x):
        raise NotImplementedError

    assert mark(attempt).verdict == "not attempted"


def test_a_docstring_alone_is_not_an_attempt():
    def attempt(x):
        """Doubles x (about 1 line)."""

    assert mark(attempt).verdict == "not attempted"


def test_a_forgotten_return_is_named():
    def attempt(x):
        y = 2 * x  # noqa: F841

    assert "is a `return` missing?" in mark(attempt).sentence


def test_a_half_filled_answer_is_told_which_half_is_missing():
    assert mark((..., ...), PAIR).verdict == "not attempted"
    assert mark(([1, 2], ...), PAIR).sentence == "b is still `...`"
    assert mark(([1, 2], None), PAIR).sentence == "b is None: was it never computed?"


# ------------------------------------------------------------------------------- what is wrong


def test_an_attempt_that_behaves_like_a_misconception_is_told_so():
    verdict = mark(lambda x: x * x)
    assert verdict == ("wrong", "this squares x", "squared")


def test_an_attempt_that_crashes_like_a_misconception_is_told_so():
    assert mark(lambda values: 2 * values[:, 0]).diagnosis == "crashes"


def test_a_wrong_first_result_is_recognised_whatever_the_second_is():
    two = dataclasses.replace(
        EXERCISE,
        reference=lambda x: (2 * x, x.sum()),
        returns=("y (T,)", "sum"),
        misconceptions=(Misconception("squared", "squared", lambda x: (x**2, x.sum())),),
    )
    assert mark(lambda x: (x * x, 7.0), two).diagnosis == "squared"
    assert mark(lambda x: (2 * x, 7.0), two).sentence.startswith("sum: yours is 7, expected")


def test_results_in_another_order_or_one_alone_are_told():
    two = dataclasses.replace(
        EXERCISE, reference=lambda x: (2 * x, x.sum()), returns=("y (T,)", "sum")
    )
    assert "in another order: expected (y (T,), sum)" in mark(lambda x: (x.sum(), x + x), two)[1]
    assert mark(lambda x: 2 * x, two).sentence.startswith("this is y (T,) alone; expected y (T,)")


def test_what_a_stub_does_is_no_attempt():
    stub = dataclasses.replace(EXERCISE, stub=lambda x: (..., x))
    assert mark(lambda x: (..., x), stub).verdict == "not attempted"
    assert mark(lambda x: (..., x)).verdict == "wrong"


def test_no_sentence_about_a_value_gives_the_right_one_away():
    for wrong in ((1, 2), ([1, 7], 3), ([1, 2], 4), ([2, 1], 3), (3, [1, 2])):
        assert "expected 3" not in mark(wrong, PAIR).sentence
        assert "expected 2" not in mark(wrong, PAIR).sentence
    assert mark(([1, 2], 4), PAIR).sentence == "b: yours is 4, which is not right"
    assert mark(([[1], [7]], 3), PAIR).sentence == (
        "a (2,): 1 of 2 values is right; at [1] yours is 7, which is not right"
    )


def test_an_answer_that_no_misconception_explains_is_told_where_it_differs():
    verdict = mark(lambda x: 2 * x + (len(x) == 3))
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith("y (T,): 0 of 3 values are right; at [0] yours is ")
    assert verdict.sentence.endswith("(with T=3)")


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda x: x[:2], "got (2,)"),
        (lambda x: np.nan * x, "are NaN, not a number"),
        (lambda x: "four", "got the text 'four'"),
        (lambda x: object(), "got an object of type object"),
        (lambda x: {"y": 2 * x}, "got 1 result"),
        (lambda x: ["4", "5", "6"][: len(x)], "these are texts, not numbers"),
        (lambda x: (2 * value for value in x), "got an object of type generator"),
        (lambda x: 2j * x, "entries of type complex128"),
        (lambda x: np.array([None, 1, 2]), "entries of type object"),
        (lambda x: np.zeros(10**7), "got an array of shape (10000000,)"),
        (lambda x: [0.0] * 10**6, "got 1000000 items"),
        (lambda x: [[1.0] * 1000] * 1000, "got more than"),
        (lambda x: 1 / 0, "stopped with ZeroDivisionError: division by zero in the line"),
        (lambda x: sys.exit(3), "stopped with SystemExit: 3"),
        (lambda x: input("?"), "nobody to answer input()"),
        (lambda x: np.zeros(10**15), "asks for more memory than there is"),
        (lambda: 1, "keep the signature of the stub"),
        (lambda x, y: x, "keep the signature of the stub"),
        (np.zeros(3), "expected a function, got an object of type ndarray"),
        (3, 'check("00.1", name_of_the_function)'),
    ],
)
def test_a_wrong_answer_gets_words_that_fit_it(attempt, words):
    verdict = mark(attempt)
    assert verdict.verdict == "wrong"
    assert words in verdict.sentence


def test_a_function_in_the_place_of_a_value_is_named():
    assert "got a function: call it" in mark(double, PAIR).sentence


def test_a_wrong_number_of_results_is_told_with_their_names():
    assert mark((1, 2, 3), PAIR).sentence == (
        "expected 2 results (a (2,), b), got an array of shape (3,)"
    )


def test_endless_recursion_is_named():
    def attempt(x):
        return attempt(x)

    assert "calls itself without end" in mark(attempt).sentence


def test_changing_the_argument_is_a_fault_even_if_the_result_is_right():
    def attempt(x):
        x *= 2
        return x

    assert "changes its argument number 1, x:" in mark(attempt).sentence


def test_an_answer_that_hangs_on_earlier_calls_is_found_out():
    calls = []

    def attempt(x):
        calls.append(1)
        return 2 * x + (len(calls) > 2)

    assert "a second call" in mark(attempt).sentence


# ---------------------------------------------------------------------- what would hurt a kernel


def endless(x):
    while True:
        try:
            while True:
                pass
        except:  # noqa: E722
            pass


@needs_fork
def test_a_loop_that_swallows_every_exception_is_stopped_in_time():
    assert "no answer within the time limit (with T=3)" in mark(endless, seconds=0.3).sentence


@needs_fork
def test_an_object_that_hangs_when_it_is_looked_at_is_stopped_in_time():
    class Trap:
        def __array__(self, *args, **kwargs):
            return endless(0)

        __repr__ = __len__ = __array__

    assert "no answer within the time limit" in mark(lambda x: Trap(), seconds=0.3).sentence
    assert "no answer within the time limit" in mark((Trap(), 1), PAIR, seconds=0.3).sentence


@needs_fork
@pytest.mark.parametrize(
    ("attempt", "how"),
    [
        (lambda x: os._exit(0), "exit code 0"),
        (lambda x: os._exit(7), "exit code 7"),
        (lambda x: os.kill(os.getpid(), 9), "signal SIGKILL"),
        # the pipe is gone; whether the child then ends or is ended first is a race
        (lambda x: os.closerange(3, 200), ""),
    ],
)
def test_ending_the_process_ends_only_the_attempts_own(attempt, how):
    assert f"the process ended with {how}" in mark(attempt).sentence


@needs_fork
def test_monkeypatching_reaches_neither_the_verdict_nor_this_process():
    tanh, dumps = np.tanh, json.dumps

    def attempt(x):
        np.tanh = np.allclose = np.isclose = lambda *args, **kwargs: True
        json.dumps = lambda *args: '{"value": 1}'
        builtins.len = lambda thing: 7
        return np.zeros(3)

    assert mark(attempt).verdict == "wrong"
    assert (np.tanh, json.dumps, len([1])) == (tanh, dumps, 1)


@needs_fork
def test_megabytes_of_output_and_warnings_go_nowhere(capfd):
    def attempt(x):
        print("x" * 10**7)
        os.write(2, b"y" * 10**6)
        warnings.warn("hm", stacklevel=1)
        return 2 * x

    with warnings.catch_warnings():
        warnings.simplefilter("default")
        assert mark(attempt).verdict == "right"
    assert capfd.readouterr() == ("", "")


@needs_fork
def test_an_endless_attempt_ends_even_if_whoever_asked_is_gone():
    endless = "def endless():\n    while True:\n        pass"
    asks = f"from rnncourse.grading import isolation\n{endless}\nisolation.run(endless, [()], 1)"
    asker = subprocess.Popen([sys.executable, "-c", asks])
    while not (children := psutil.Process(asker.pid).children()):
        time.sleep(0.01)
    asker.kill()
    asker.wait()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert not alive


@needs_fork
def test_processes_that_an_attempt_starts_end_with_it(tmp_path):
    def attempt(x):
        if os.fork() == 0:
            (tmp_path / "pid").write_text(str(os.getpid()))
            endless(x)
        while not (tmp_path / "pid").exists():
            pass
        return 2 * x

    engine.mark(EXERCISE, attempt, seconds=1.0)
    child = int((tmp_path / "pid").read_text() or 0)
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.02)
    pytest.fail("a process of the attempt is still running")


def _runs(pid):
    """Whether a process is there and not merely waiting to be collected."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_time_limit_comes_from_the_call_then_from_the_environment(monkeypatch):
    monkeypatch.setenv("RNNCOURSE_CHECK_SECONDS", "2")
    assert engine._limit(None) == 2
    assert engine._limit(0.5) == 0.5
    assert engine._limit(1000) == engine.LONGEST < 10
    monkeypatch.setenv("RNNCOURSE_CHECK_SECONDS", "soon")
    assert engine._limit(None) == 5


def test_without_fork_a_thread_does(monkeypatch, capsys):
    monkeypatch.setattr(isolation, "can_fork", lambda: False)
    assert mark(lambda x: print("hm") or double(x)).verdict == "right"
    assert mark(lambda x: x * x).diagnosis == "squared"
    assert "SystemExit" in mark(lambda x: sys.exit(1)).sentence
    assert capsys.readouterr().out == ""


def test_a_thread_that_cannot_be_stopped_is_left_behind_with_a_note(monkeypatch):
    monkeypatch.setattr(isolation, "can_fork", lambda: False)
    before = threading.active_count()
    sentence = mark(lambda x: [None for _ in iter(int, 1)], seconds=0.1).sentence
    assert "no answer within the time limit" in sentence
    assert "restart the kernel" not in sentence
    assert threading.active_count() == before
    assert "restart the kernel" in mark(lambda x: time.sleep(1), seconds=0.1).sentence


# --------------------------------------------------------------------------------- what is shown


def test_check_prints_one_line_with_mark_and_number(capsys):
    grading.check("04.2", ...)
    grading.check("04.2", 3)
    grading.check("04.2", grading.find("04.2").reference)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:6] for line in lines] == ["○ 04.2", "✗ 04.2", "✓ 04.2"]


@pytest.mark.parametrize("name", ["99.1", "04.9", "4.2", "", None, 4.2, ["04.2"], "04.2.1"])
def test_an_unknown_number_gets_a_sentence_with_the_known_ones(name, capsys):
    grading.check(name, double)
    grading.hint(name)
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
    assert first.startswith("✗ there is no exercise")
    assert "04.1, 04.2, 04.3" in first


def test_hints_come_one_by_one_and_the_last_one_stays(capsys, monkeypatch):
    monkeypatch.setattr(grading, "_hints_given", {})
    for _ in range(4):
        grading.hint("04.2")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" for ")[0] for line in lines] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "Hint 3 of 3",
    ]


def test_an_open_exercise_says_that_it_cannot_be_checked(capsys):
    grading.check("04.6", double)
    assert "open-ended" in capsys.readouterr().out


@needs_fork
def test_in_a_notebook_the_kernel_lives_on_and_the_verdicts_are_kept_as_data():
    cells = [
        "import torch\n(torch.ones(400, 400, requires_grad=True) @ torch.ones(400, 400))"
        ".sum().backward()\nfrom rnncourse.grading import check, find",
        "check('04.2', find('04.2').reference)",
        "def attempt(*args):\n    while True:\n        try:\n            input()\n"
        "        except BaseException: pass\ncheck('04.2', attempt, seconds=0.5)",
        "import os\ncheck('04.2', lambda *args: os._exit(1))",
        "check('04.2', lambda *args: display('x' * 10**6) or print(1) or ...)",
        "def attempt(x, h, *w):\n    w = torch.ones(300, 300, requires_grad=True)\n"
        "    (w @ w).sum().backward()\n    return find('04.2').reference(x, h, *w)"
        "\ncheck('04.2', attempt)",
        "(1 + 1, torch.ones(2).sum().item())",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in notebook.cells]
    records = [out[0].metadata["rnncourse"] for out in outputs[1:6]]
    assert [record["verdict"] for record in records] == [
        "right",
        "wrong",
        "wrong",
        "not attempted",
        "wrong",
    ]
    assert all(len(out) == 1 for out in outputs[1:])
    assert "no answer within" not in outputs[5][0].data["text/plain"]
    assert outputs[6][0].data["text/plain"] == "(2, 2.0)"


# ----------------------------------------------------------------------------------- comparing


def test_what_comes_back_is_what_was_sent():
    value = (np.arange(6.0).reshape(2, 3), "text", {"a": 1.5}, [np.nan, np.inf], True)
    back = answers.unpack(json.loads(json.dumps(answers.pack(value))))
    assert answers.agree(answers.plain(value), back, 0.0)


@pytest.mark.parametrize("value", [..., None, object(), np.zeros(10**6), (x for x in "ab")])
def test_whatever_is_no_answer_stays_something_odd(value):
    assert isinstance(answers.plain(value), answers.Odd)


def test_shapes_must_agree_unless_the_exercise_asks_for_values_only():
    column, row = answers.plain([[1.0], [2.0]]), answers.plain([1.0, 2.0])
    assert not answers.agree(row, column, 1e-6)
    assert answers.agree(row, column, 1e-6, loose=True)


def test_a_difference_says_when_only_the_order_of_the_axes_is_wrong():
    ours = answers.plain(np.zeros((3, 7, 5)))
    sentence = answers.difference(ours, answers.plain(np.zeros((7, 3, 5))), ["h"], 1e-6)
    assert sentence.endswith("the axes stand in another order")
