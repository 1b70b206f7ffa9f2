"""Checks and hints for the exercises.

`check("04.2", attempt)` shows one line: `○ 04.2 not attempted yet`, `✗ 04.2` and what is wrong in
words, or `✓ 04.2`. It compares what the attempt does with what it should do, on inputs that are new
each time, and names the misconception if it knows it. `hint("04.2")` shows one more hint at each
call. `require("04.2", attempt)` judges as `check` does, and raises where that shows ✗.

An answer sheet per chapter (`sheet_04.py` ...) holds the exercises as data; `engine` judges,
`isolation` runs the attempt where it can do no harm, `answers` compares.
"""

import importlib
import pkgutil

from rnncourse import _display

_hints_given = {}


def check(exercise_id, attempt, *, seconds=None):
    """Show whether an attempt at an exercise is right; never raises, ends within 10 s.

    Args:
        exercise_id: chapter and number, e.g. "04.2".
        attempt: the function itself (not called) or the value that the exercise asks for.
        seconds: time limit for the attempt (default 5, at most 8).

    Example:
        >>> check("04.2", ...)
        ○ 04.2 not attempted yet
        >>> one_bias = lambda T, D, H, K: (D * H + H * H + H + H * K + K,) * 2
        >>> check("04.4", one_bias)  # doctest: +ELLIPSIS
        ✗ 04.4 the first number is right; PyTorch keeps *two* bias vectors...
    """
    from rnncourse.grading import engine

    exercise = find(exercise_id)
    if exercise is None:
        return _display.line(_unknown(exercise_id), {})
    if exercise.kind == "open":
        text = f"○ {exercise.id} is open-ended: no check can mark it, the model answer discusses it"
        return _display.line(text, {"exercise": exercise.id, "verdict": "open"})
    verdict, sentence, _ = engine.mark(exercise, attempt, seconds=seconds)
    record = {"exercise": exercise.id, "verdict": verdict}
    return _display.line(f"{engine.MARK[verdict]} {exercise.id} {sentence}", record)


def require(exercise_id, attempt, *, seconds=None):
    """Go on in silence if an attempt is right, else raise: for the tests of graded assignments.

    Args:
        exercise_id: the number of an exercise with a check, e.g. "04.2".
        attempt: as for `check`, and judged in the same way, on inputs that are new each time.
        seconds: as for `check`.

    Raises:
        AssertionError: the attempt is not right; the message says what is wrong, in words.
        ValueError: no check can mark this exercise.

    Example:
        >>> require("04.2", ...)
        Traceback (most recent call last):
        AssertionError: not attempted yet
    """
    from rnncourse.grading import engine

    exercise = find(exercise_id)
    if exercise is None or exercise.kind == "open":
        raise ValueError(f"exercise_id: expected an exercise with a check, got {exercise_id!r}")
    verdict, sentence, _ = engine.mark(exercise, attempt, seconds=seconds)
    if verdict != engine.RIGHT:
        raise AssertionError(sentence)


def hint(exercise_id):
    """Show the next hint to an exercise; the last of three is near the solution.

    Example:
        >>> hint("04.2")  # doctest: +ELLIPSIS
        Hint 1 of 3 for 04.2: ...
    """
    exercise = find(exercise_id)
    if exercise is None:
        return _display.line(_unknown(exercise_id), {})
    level = min(_hints_given.get(exercise.id, 0) + 1, len(exercise.hints))
    _hints_given[exercise.id] = level
    text = f"Hint {level} of {len(exercise.hints)} for {exercise.id}: {exercise.hints[level - 1]}"
    return _display.line(text, {"hint": exercise.id, "level": level})


def exercises(chapter=None):
    """All exercises, or those of one chapter ("04"), in order.

    Example:
        >>> [exercise.id for exercise in exercises("04")][:2]
        ['04.1', '04.2']
    """
    sheets = [chapter] if chapter is not None else chapters()
    found = [importlib.import_module(f"{__name__}.sheet_{number}") for number in sheets]
    return [exercise for sheet in found for exercise in sheet.EXERCISES]


def chapters():
    """The numbers of the chapters that have an answer sheet, as text: "02", "04" ...

    Example:
        >>> "04" in chapters()
        True
    """
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return sorted(name.removeprefix("sheet_") for name in names if name.startswith("sheet_"))


def find(exercise_id):
    """The exercise with this number, None if there is none."""
    if not isinstance(exercise_id, str) or exercise_id[:2] not in chapters():
        return None
    return next((e for e in exercises(exercise_id[:2]) if e.id == exercise_id.strip()), None)


def _unknown(exercise_id):
    """One sentence that lists what there is."""
    known = ", ".join(exercise.id for exercise in exercises())
    named = repr(exercise_id) if isinstance(exercise_id, str) else type(exercise_id).__name__
    return f"✗ there is no exercise {named[:40]}; there are {known}"
