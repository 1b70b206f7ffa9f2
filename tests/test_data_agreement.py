"""Agreement sentences: the number of the subject decides, whatever stands between."""

import numpy as np
import pytest

from rnncourse.data import agreement
from rnncourse.data.agreement import NUMBER, PAD, PREPOSITIONS, VOCABULARY, sentences


def some(n=300, seed=0, **keywords):
    return sentences(n, np.random.default_rng(seed), **keywords)


def subject(words):
    """Where the subject stands, found without what the simulator knows."""
    after = words.index(",") + 1 if "," in words else 0
    return next(k for k, word in enumerate(words) if k >= after and word in NUMBER)


def test_the_number_is_that_of_the_first_noun_after_the_comma():
    data = some()
    assert [NUMBER[w[subject(w)]] for w in data.words] == data.plural.astype(int).tolist()


def test_attractors_and_distance_are_what_can_be_counted_in_the_words():
    data = some()
    for words, plural, lures, distance in zip(
        data.words, data.plural, data.attractors, data.distance, strict=True
    ):
        between = words[subject(words) + 1 :]
        assert sum(NUMBER.get(word, plural) != plural for word in between) == lures
        assert len(between) + 1 == distance


def test_half_of_the_subjects_are_plural():
    for n in (1, 2, 7, 300):
        assert some(n).plural.sum() == n // 2


@pytest.mark.parametrize("k", [0, 1, 4])
def test_as_many_phrases_and_attractors_as_asked_for(k):
    data = some(phrases=5, attractors=k)
    assert set(data.attractors) == {k}
    for words in data.words:
        between = words[subject(words) + 1 :]
        assert sum(word in PREPOSITIONS for word in between) == 5


def test_attractors_stand_anywhere_among_the_other_nouns():
    data = some(phrases=2, attractors=1)
    last = [agreement.last_noun(w) == p for w, p in zip(data.words, data.plural, strict=True)]
    assert 0.35 < np.mean(last) < 0.65


def test_attractors_without_phrases_make_room_for_themselves():
    assert set(some(50, attractors=3).attractors) == {3}


def test_long_sentences_are_rare_and_most_nouns_agree():
    data = some(2000, same=0.9, fronted=0.0)
    nouns = np.array([sum(word in NUMBER for word in words) - 1 for words in data.words])
    assert np.bincount(nouns)[:3].tolist() == sorted(np.bincount(nouns)[:3], reverse=True)
    assert nouns.max() <= 6
    assert data.attractors.sum() / nouns.sum() == pytest.approx(0.1, abs=0.03)


def test_ids_are_padded_on_the_left_and_spell_the_words():
    data = some(20)
    ids = data.ids(T=40)
    assert ids.shape == (20, 40)
    for row, words in zip(ids, data.words, strict=True):
        spelt = [VOCABULARY[k] for k in row]
        assert spelt == [PAD] * (40 - len(words)) + words
    assert data.ids().shape[1] == max(map(len, data.words))


def test_one_seed_gives_the_same_sentences():
    assert some(9).words == some(9).words != some(9, seed=1).words


def test_a_sentence_is_printed_with_its_verb():
    data = some(6)
    for line, plural in zip(str(data).split("\n"), data.plural, strict=True):
        assert line.endswith(" are" if plural else " is")


def test_no_word_gives_the_number_away_but_the_nouns():
    articles = [
        (word, plural)
        for words, plural in (lambda d: zip(d.words, d.plural, strict=True))(some(2000))
        for word in words[:1]
    ]
    share = np.mean([plural for word, plural in articles if word == "the"])
    assert share == pytest.approx(0.5, abs=0.06)


def test_the_rules_that_ignore_order_or_distance():
    words = ["the", "keys", "to", "the", "cabinet"]
    assert agreement.last_noun(words) == 0
    assert agreement.majority(words) == 0.5
    assert agreement.majority([*words, "near", "my", "doors"]) == 1


def test_attractors_defeat_the_last_noun_and_the_majority():
    data = some(phrases=3, attractors=3, fronted=0.0)
    for rule in (agreement.last_noun, agreement.majority):
        assert not any(rule(w) == p for w, p in zip(data.words, data.plural, strict=True))


def test_the_card_says_that_it_is_simulated_and_how_many_words_there_are():
    assert not agreement.CARD.real
    assert f"{len(VOCABULARY)} words" in agreement.CARD.size
    assert len(set(VOCABULARY)) == len(VOCABULARY)


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"n": 0}, "n: expected a whole number of at least 1, got 0"),
        ({"phrases": -1}, "phrases: expected a whole number of at least 0"),
        ({"phrases": 1.5}, "phrases: expected"),
        ({"phrases": 1, "attractors": 2}, "attractors: expected at most 1, one a phrase, got 2"),
        ({"attractors": 7}, "attractors: expected at most 6"),
        ({"attractors": True}, "attractors: expected a whole number"),
        ({"same": 1.5}, "same: expected a share between 0 and 1, got 1.5"),
        ({"fronted": -0.1}, "fronted: expected a share"),
    ],
)
def test_impossible_wishes_are_refused(keywords, message):
    with pytest.raises(ValueError, match=message):
        some(**({"n": 5} | keywords))


def test_a_seed_is_no_generator():
    with pytest.raises(ValueError, match="rng: expected a NumPy generator, got int"):
        sentences(5, 4)


def test_a_length_too_short_for_a_sentence_is_refused():
    with pytest.raises(ValueError, match="T: expected at least"):
        some().ids(T=3)


@pytest.mark.parametrize("rule", [agreement.last_noun, agreement.majority])
def test_a_sentence_without_a_noun_is_refused(rule):
    with pytest.raises(ValueError, match="words: expected a sentence with a noun"):
        rule(["near", "the"])
