"""Exercises as data, and the verdict on an attempt: by what it does, with the misconception named.

A wrong answer is worth more than "wrong": every exercise carries implementations of the mistakes
that people make. An attempt that behaves like one of them is told which.
"""

import inspect
import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from rnncourse.grading import answers, isolation

RIGHT, WRONG, NOT_ATTEMPTED = "right", "wrong", "not attempted"
MARK = {RIGHT: "✓", WRONG: "✗", NOT_ATTEMPTED: "○"}
LONGEST = 8.0  # seconds: with everything around it a check ends within 10


class Case(NamedTuple):
    """One call of an attempt: what is special about it, and its arguments."""

    label: str
    args: tuple


class Misconception(NamedTuple):
    """A plausible wrong answer.

    Attributes:
        name: two to five words, for tests and teachers.
        says: what to tell whoever made it; a judge may add numbers to it.
        attempt: the wrong answer itself: a function, or a value.
    """

    name: str
    says: str
    attempt: Any


@dataclass(frozen=True)
class Exercise:
    """One exercise: what is asked, the right answer, and the wrong ones worth knowing.

    Attributes:
        id: chapter and number, "04.2".
        title: as in the heading of the exercise page.
        stars: 1 to 3.
        minutes: that a learner may need.
        deepens: what it deepens; `the claim "..."` quotes the chapter word for word.
        statement: one sentence.
        hints: three, the last one near the solution.
        kind: "function", "value", or "open" (no check).
        reference: a right answer.
        alternatives: right answers, written differently; used by the tests.
        inputs: `inputs(rng) -> list[Case]`, new ones for every check; functions only.
        returns: the parts of the answer with their axes, as in the statement.
        misconceptions: the plausible wrong answers.
        tolerance: the largest difference that counts as equal, absolute and relative.
        judge: `judge(answer, rng) -> None | sentence`, where many values are right; the answer
            comes in the parts of `returns`, each an array.
        stub: what the stub of the page does, where that is more than nothing; functions only.
        praise: what follows the ✓.
    """

    id: str
    title: str
    stars: int
    minutes: int
    deepens: str
    statement: str
    hints: tuple
    kind: str = "function"
    reference: Any = None
    alternatives: tuple = ()
    inputs: Callable | None = None
    returns: tuple = ("the answer",)
    misconceptions: tuple = ()
    tolerance: float = 1e-5
    judge: Callable | None = None
    stub: Callable | None = None
    praise: str = "right"


class Verdict(NamedTuple):
    """What `check` shows: right, wrong or not attempted, and a sentence."""

    verdict: str
    sentence: str
    diagnosis: str = ""  # the name of the misconception, if one was recognised


NOTHING_YET = Verdict(NOT_ATTEMPTED, "not attempted yet")


def mark(exercise, attempt, rng=None, seconds=None):
    """Judge an attempt by its behaviour on new random inputs; never raises, never hangs.

    Args:
        exercise: an `Exercise` of kind "function" or "value".
        attempt: anything.
        rng: where the inputs come from; by default from the system's entropy, so that no answer
            can be prepared for them.
        seconds: limit for the attempt's calls together, at most 8; the default is 5, or what
            `RNNCOURSE_CHECK_SECONDS` in the environment says.

    Returns:
        A `Verdict`.
    """
    try:
        return _marked(exercise, attempt, rng, seconds)
    except Exception as error:  # not foreseen by us: the learner gets a sentence all the same
        told = " ".join(str(error).split())[:200]
        return Verdict(WRONG, f"this could not be judged ({type(error).__name__}: {told})")


def _marked(exercise, attempt, rng, seconds):
    """The verdict, from the attempt's behaviour in isolation."""
    if attempt is None or attempt is ... or attempt is NotImplemented:
        return NOTHING_YET
    if callable(attempt) != (exercise.kind == "function"):
        return Verdict(WRONG, _not_that_kind(exercise, attempt))
    rng = np.random.default_rng() if rng is None else rng
    cases = exercise.inputs(rng) if exercise.kind == "function" else [Case("", ())]
    function = attempt if exercise.kind == "function" else lambda: attempt
    # the first call once more at the end: an answer must not depend on calls before it
    run = isolation.run(function, [case.args for case in (*cases, cases[0])], _limit(seconds))
    if run.outcomes and all(_untouched(outcome) for outcome in run.outcomes):
        return NOTHING_YET
    if exercise.stub is not None and _as_it_was(exercise, cases, run.outcomes):
        return NOTHING_YET
    if run.end != "well":
        return Verdict(WRONG, _unfinished(run, cases))
    if exercise.judge is not None:
        return _by_judge(exercise, run.outcomes[0], rng)
    return _by_comparison(exercise, cases, run.outcomes)


def _by_judge(exercise, outcome, rng):
    """Many answers are right: ask the exercise's own judge, which sees plain data."""
    if "error" in outcome:
        return Verdict(WRONG, _raised(outcome, Case("", ())))
    reference, answer = (answers.plain(exercise.reference), answers.unpack(outcome["value"]))
    told = answers.misfit(reference, answer, exercise.returns)
    if told:
        return Verdict(WRONG, told)
    reference, answer = answers.in_parts(reference, answer, exercise.returns)
    for name, ours, theirs in zip(exercise.returns, reference, answer, strict=True):
        if ours.size != theirs.size:
            number = "a number" if ours.size == 1 else f"{ours.size} numbers"
            return Verdict(WRONG, f"{name}: expected {number}, got {theirs.size}")
        if not np.isfinite(theirs).all():
            return Verdict(WRONG, f"{name}: NaN or infinite; finite numbers are asked for")
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            sentence = exercise.judge(answer, rng)
    except Exception as error:  # an answer of a form that the judge did not foresee
        asked = ", ".join(exercise.returns)
        sentence = f"expected {asked}; this answer could not be used ({error})"
    if sentence is None:
        return Verdict(RIGHT, exercise.praise)
    known = [item.name for item in exercise.misconceptions if sentence.startswith(item.says)]
    return Verdict(WRONG, sentence, known[0] if known else "")


def _by_comparison(exercise, cases, outcomes):
    """Compare every call with the reference; name the misconception if one explains it."""
    *outcomes, again = outcomes
    expected = outcomes_of(exercise, exercise.reference, cases)
    wrong = [i for i in range(len(cases)) if not _same(exercise, expected[i], outcomes[i])]
    if wrong:
        return _diagnosed(exercise, cases, expected, outcomes, wrong)
    if not _same(exercise, outcomes[0], again):
        return Verdict(
            WRONG,
            "right at first, but a second call with the same arguments gives another result: "
            "something is kept from call to call (a global? a default argument that is changed?)",
        )
    changed = next((i for i in range(len(cases)) if outcomes[i]["changed"]), None)
    if changed is not None:
        number = outcomes[changed]["changed"][0]
        name = list(inspect.signature(exercise.reference).parameters)[number]
        return Verdict(
            WRONG,
            f"the result is right, but the call changes its argument number {number + 1}, {name}: "
            "whoever called finds other numbers there than before; work on a copy",
        )
    return Verdict(RIGHT, exercise.praise)


def outcomes_of(exercise, ours, cases):
    """What one of our own answers, right or wrong, gives on the cases, in an attempt's form."""
    function = ours if exercise.kind == "function" else lambda: ours
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return [isolation.call(function, case.args) for case in cases]


def _diagnosed(exercise, cases, expected, outcomes, wrong):
    """The verdict on a wrong answer: the misconception that behaves the same, or what differs.

    Where none behaves the same throughout, the first result that is wrong may still be that of one.
    """
    known = [(m, outcomes_of(exercise, m.attempt, cases)) for m in exercise.misconceptions]
    item = _recognised(known, wrong, lambda i, theirs: _looks_like(exercise, theirs, outcomes[i]))
    if item is None:
        item = _recognised(
            known, wrong, lambda i, theirs: _begins(exercise, expected[i], theirs, outcomes[i])
        )
    if item is not None:
        return Verdict(WRONG, item.says, item.name)
    first = wrong[0]
    if "error" in outcomes[first]:
        return Verdict(WRONG, _raised(outcomes[first], cases[first]))
    told = answers.difference(
        answers.unpack(expected[first]["value"]),
        answers.unpack(outcomes[first]["value"]),
        exercise.returns,
        exercise.tolerance,
        value=exercise.kind == "value",
    )
    return Verdict(WRONG, told + _where(cases[first]))


def _recognised(known, wrong, alike):
    """The misconception that is alike in all cases, or in most of the wrong ones; else None."""
    best, most = None, len(wrong) / 2
    for item, theirs in known:
        where = [i for i in range(len(theirs)) if alike(i, theirs[i])]
        if len(where) == len(theirs):
            return item
        shared = len(set(where) & set(wrong))
        if shared > most and len(wrong) > 1:
            best, most = item, shared
    return best


def _begins(exercise, expected, theirs, ours):
    """Whether two outcomes of several results agree up to and with the first that is wrong."""
    if exercise.kind == "value" or "error" in theirs or "error" in ours:
        return False
    right, a, b = (answers.unpack(outcome["value"]) for outcome in (expected, theirs, ours))
    right, a = answers.in_parts(right, a, exercise.returns)
    right, b = answers.in_parts(right, b, exercise.returns)
    if not all(isinstance(parts, list) and len(parts) == len(right) for parts in (right, a, b)):
        return False

    if answers.exchanged(right, b, exercise.tolerance):
        return False

    def same(x, y):
        return answers.agree(x, y, exercise.tolerance)

    wrong = [k for k in range(len(right)) if not same(right[k], b[k])]
    if wrong and isinstance(b[wrong[0]], np.ndarray) and np.isnan(b[wrong[0]]).any():
        return False  # one NaN is like another
    return all(same(a[k], b[k]) for k in range(wrong[0] + 1 if wrong else len(right)))


def _as_it_was(exercise, cases, outcomes):
    """Whether an attempt still does what the stub of the page does."""
    stub = outcomes_of(exercise, exercise.stub, cases)
    pairs = zip(stub, outcomes, strict=False)
    return len(outcomes) >= len(cases) and all(_same(exercise, a, b) for a, b in pairs)


def _looks_like(exercise, theirs, ours):
    """Whether an outcome is that of one of our wrong answers; a value may be rounded more."""
    near = 2 if exercise.kind == "value" else 1
    return theirs["changed"] == ours["changed"] and _same(exercise, theirs, ours, near)


def _same(exercise, ours, theirs, near=1):
    """Whether two outcomes are equal: the same numbers, or the same exception."""
    if "error" in ours or "error" in theirs:
        pairs = [(ours.get(key), theirs.get(key)) for key in ("error", "message")]
        return all(a == b for a, b in pairs)
    a, b = answers.unpack(ours["value"]), answers.unpack(theirs["value"])
    a, b = answers.in_parts(a, b, exercise.returns)
    return answers.agree(a, b, near * exercise.tolerance, loose=exercise.kind == "value")


def _untouched(outcome):
    """Whether a call shows that the stub is still a stub."""
    if "error" in outcome:
        told = outcome["error"] + outcome["message"]
        return "NotImplementedError" in told or "ellipsis" in told.lower()
    return answers.blank(answers.unpack(outcome["value"]))


def _not_that_kind(exercise, attempt):
    """A value for a function, or a function for a value."""
    name = type(attempt).__name__
    if exercise.kind == "function":
        return (
            f"expected a function, got an object of type {name}: hand over the function itself, "
            f'without calling it, as in check("{exercise.id}", name_of_the_function)'
        )
    return (
        f"expected {', '.join(exercise.returns)}, got a function: call it and hand over the result"
    )


def _unfinished(run, cases):
    """The attempt did not answer everything: too slow, endless, or gone with its process."""
    at = _where((*cases, cases[0])[min(len(run.outcomes), len(cases))])
    if run.end == "late":
        note = f" ({run.how})" if run.how else ""
        return (
            f"stopped: no answer within the time limit{at}; is there a loop that never ends, "
            f"or an answer that grows without end?{note}"
        )
    return f"the process ended {run.how}{at}, where a result was expected"


def _raised(outcome, case):
    """An exception in a sentence, with the learner's own line."""
    at = f" in the line `{outcome['line']}`" if outcome["line"] else ""
    if outcome["error"] == "Signature":
        return (
            f"it is called with {outcome['message']} by position and does not accept that: "
            "keep the signature of the stub"
        )
    if outcome["error"] == "RecursionError":
        return f"it calls itself without end (RecursionError){at}{_where(case)}"
    if outcome["error"].endswith("MemoryError"):
        return f"it asks for more memory than there is (MemoryError){at}{_where(case)}"
    message = f": {outcome['message']}" if outcome["message"] else ""
    return f"stopped with {outcome['error']}{message}{at}{_where(case)}"


def _where(case):
    """The case in brackets, if there is something to say about it."""
    return f" (with {case.label})" if case.label else ""


def _limit(seconds):
    """The time limit in seconds: asked for, from the environment, or 5; never above 8."""
    if seconds is None:
        try:
            seconds = float(os.environ.get("RNNCOURSE_CHECK_SECONDS", "5"))
        except ValueError:
            seconds = 5.0
    return min(max(seconds, 0.1), LONGEST)
