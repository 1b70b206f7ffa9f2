"""Words of equal counts, and parity: the targets must be what a patient reader would say."""

import numpy as np
import pytest

from rnncourse.data import counting


def spelled(x):
    return "".join(counting.SYMBOLS[row.argmax()] for row in x if row.any())


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_word_is_spelled_as_its_name_says(n):
    x, _ = counting.equal_counts([n])
    assert spelled(x[0]) == "^" + "a" * n + "b" * n + "c" * n


def test_the_targets_are_what_words_of_the_language_go_on_with():
    words = ["^" + n * "a" + n * "b" + n * "c" + "$" for n in range(1, 30)]
    x, y = counting.equal_counts(np.arange(1, 8))
    for word, answers in zip(words, y, strict=False):
        for t, may in enumerate(answers[: len(word) - 1]):
            goes_on = {w[t + 1] for w in words if w.startswith(word[: t + 1])}
            assert {s for s, m in zip(counting.NEXT, may, strict=True) if m > 0} == goes_on
    assert x.shape == y.shape == (7, 22, 4)


def test_after_the_end_there_is_silence_and_nothing_may_come():
    x, y = counting.equal_counts([2, 5], T=20)
    assert not x[0, 7:].any()
    assert (y[0, 7:] == -1).all()
    assert (y[1, :16] > 0).any(axis=1).all()
    assert set(np.unique(y)) == {-1.0, 1.0}


def test_parity_counts_the_minus_ones():
    x, y = counting.parity(3, 7, np.random.default_rng(0))
    assert x.shape == y.shape == (3, 7, 1)
    assert np.array_equal(y < 0, np.cumsum(x < 0, axis=1) % 2 == 1)


def test_parity_of_the_last_step_is_a_fair_coin_given_all_others_but_one():
    x, y = counting.parity(4000, 5, np.random.default_rng(1))
    assert abs(y[:, -1].mean()) < 0.06
    assert abs((x[:, 0] * y[:, -1]).mean()) < 0.06


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: counting.equal_counts([]), "counts: expected positive integers"),
        (lambda: counting.equal_counts([0, 3]), "counts: expected positive integers"),
        (lambda: counting.equal_counts([1.5]), "counts: expected positive integers"),
        (
            lambda: counting.equal_counts([2, 3], T=9),
            "T: expected an integer of at least 10, got 9",
        ),
        (lambda: counting.parity(0, 7, np.random.default_rng(0)), "n: expected a positive integer"),
        (lambda: counting.parity(3, 7, 5), "rng: expected a NumPy generator"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
