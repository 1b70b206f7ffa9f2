"""What the tests of every chapter's checks share: wrong answers written in another way."""

import pytest
from test_exercises import mark


def by_diagnosis(checked, table):
    """Run a test for each wrong answer of `table`: exercise id -> [(attempt, diagnosis), ...]."""
    return pytest.mark.parametrize(
        ("exercise", "attempt", "diagnosis"),
        [
            pytest.param(exercise, attempt, diagnosis, id=f"{exercise.id} {diagnosis or 'none'}")
            for exercise in checked
            for attempt, diagnosis in table[exercise.id]
        ],
    )


def assert_diagnosed(exercise, attempt, diagnosis):
    """Wrong, and with the sentence of the misconception of this name; or of none, for ""."""
    says = {item.name: item.says for item in exercise.misconceptions}
    verdict = mark(exercise, attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert verdict.sentence.startswith(says[diagnosis]) if diagnosis else not verdict.diagnosis


def assert_three_each(checked, table):
    """Every checked exercise has at least three."""
    assert set(table) == {exercise.id for exercise in checked}
    assert min(map(len, table.values())) >= 3


def by_sentence(checked, rows):
    """Run a test for each of `rows`: (exercise id, attempt, what the sentence must hold)."""
    known = {exercise.id: exercise for exercise in checked}
    return pytest.mark.parametrize(
        ("exercise", "attempt", "says"),
        [pytest.param(known[name], *rest, id=rest[0].__name__) for name, *rest in rows],
    )


def assert_told(exercise, attempt, says):
    """Wrong, and the sentence holds these words."""
    verdict = mark(exercise, attempt, 5.0)
    assert verdict.verdict == "wrong"
    assert says in verdict.sentence
