"""Words as letters and sounds: what is drawn, what is held out, and the rival that counts."""

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import pronunciation
from rnncourse.data.pronunciation import Spoken, by_letters, encode, words


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_words_have_the_letters_that_were_asked_for_and_none_comes_twice(rng):
    drawn = words(300, rng, letters=(4, 6))
    assert len(drawn) == len(set(drawn.source)) == 300
    assert {len(word) for word in drawn.source} == {4, 5, 6}
    known = set(pronunciation.PHONEMES.split())
    assert all(set(sounds) <= known for sounds in drawn.target)


def test_the_parts_share_no_word_and_no_beginning_of_four_letters(rng):
    kept = words(2000, rng, held_out=True).source
    rest = words(20000, rng).source
    assert not {word[:4] for word in kept} & {word[:4] for word in rest}


def test_the_same_generator_draws_the_same_words():
    one, other = (words(7, np.random.default_rng(3)) for _ in range(2))
    assert one.source == other.source
    assert one.target == other.target


def test_ids_say_the_word_and_its_sounds_again(rng):
    drawn = words(9, rng)
    source, source_mask, target, target_mask = encode(drawn)
    assert source_mask.sum(axis=1).tolist() == [len(word) for word in drawn.source]
    assert target_mask.sum(axis=1).tolist() == [len(sounds) + 2 for sounds in drawn.target]
    assert not source[~source_mask].any()
    assert not target[~target_mask].any()
    for word, sounds, letters, ids, n in zip(
        drawn.source, drawn.target, source, target, target_mask.sum(axis=1), strict=True
    ):
        assert "".join(pronunciation.SOURCE.symbols[k] for k in letters if k) == word
        assert tuple(pronunciation.TARGET.symbols[k] for k in ids[1 : n - 1]) == sounds
        assert (ids[0], ids[n - 1]) == (1, 2)


def test_counting_letters_in_context_says_what_it_was_taught():
    lesson = Spoken(["cat", "cut", "it"], [("K", "AE", "T"), ("K", "AH", "T"), ("IH", "T")])
    say = by_letters(lesson)
    assert [say(word) for word in lesson.source] == lesson.target
    assert say("cit") == ("K", "IH", "T")  # the widest window that was met, letter by letter


def test_a_word_with_more_sounds_than_letters_teaches_nothing():
    lesson = Spoken(["ox", "at"], [("AA", "K", "S"), ("AE", "T")])
    assert by_letters(lesson)("at") == ("AE", "T")
    assert by_letters(lesson)("o") == ()


def test_counting_in_context_beats_single_letters_on_held_out_words(rng):
    lesson, exam = words(2000, rng, letters=(3, 5)), words(200, rng, letters=(3, 5), held_out=True)
    both = (by_letters(lesson), by_letters(lesson, windows=((0, 0),)))
    exams = list(zip(exam.source, exam.target, strict=True))
    right = [np.mean([say(word) == sounds for word, sounds in exams]) for say in both]
    assert right[0] > right[1] + 0.05


def test_what_does_not_fit_is_refused(rng):
    with pytest.raises(ValueError, match="rng: expected a NumPy generator"):
        words(3, 7)
    with pytest.raises(ValueError, match="n: expected an integer from 1 to .* 3 to 3 letters"):
        words(10**6, rng, letters=(3, 3))
    with pytest.raises(ValueError, match="n: expected an integer"):
        words(0, rng)
    with pytest.raises(ValueError, match=r"windows: expected \(0, 0\) as the last"):
        by_letters(words(3, rng), windows=((1, 1),))


def test_the_card_is_among_the_cards():
    assert pronunciation.CARD in data.cards()
