"""Rated texts, generated contrasts, names: what a split keeps apart, and what is left out."""

import numpy as np
import pytest

from rnncourse.data import contrasts, name_origins, opinions


@pytest.fixture(scope="module")
def products():
    return opinions.read("products")


def rng(key=0):
    return np.random.default_rng(key)


def test_all_sources_are_read_with_their_ratings():
    for source in opinions.SOURCES:
        found = opinions.read(source)
        assert len(found) == len(found.ratings) == len(found.groups) > 3000
        assert found.raters.min() >= 15
        assert all(np.abs(rating).max() <= 4 for rating in found.ratings)


def test_no_text_is_left_whose_mean_is_zero(products):
    assert np.abs(products.mean).min() > 0
    np.testing.assert_array_equal(products.y, products.mean > 0)


def test_the_tweets_were_rated_in_two_ways():
    raters = opinions.read("tweets").raters
    assert (raters > opinions.MANY).sum() == 800
    assert np.median(raters[raters < opinions.MANY]) == 20


def test_all_contradictions_lie_among_the_thousand_tweets_with_many_raters():
    ratings, contradict = {}, []
    for name, fields in opinions._rows("tweets_anonDataRatings.txt"):
        ratings[name] = [int(n) for n in fields[-1].strip("[]").split(",")]
    for name, (mean, _) in opinions._rows("tweets_GroundTruth.txt"):
        if abs(np.mean(ratings[name]) - float(mean)) >= 0.01:
            contradict.append(len(ratings[name]))
    assert sum(len(numbers) > opinions.MANY for numbers in ratings.values()) == 1000
    assert len(contradict) == 196
    assert min(contradict) > 90


def test_no_two_texts_that_are_left_are_nearly_the_same(products):
    sets = [frozenset(opinions.words(text)) for text in products.texts[:400]]
    for i, one in enumerate(sets):
        assert all(len(one & two) < 0.8 * len(one | two) for two in sets[:i])


def test_near_repeats_are_found_as_by_comparing_all_with_all():
    letters = [" ".join(rng(k).choice(list("abcdef"), 5)) for k in range(120)]
    kept = []
    for i, one in enumerate(letters):
        A = set(one.split())
        if all(
            len(A & set(letters[j].split())) < 0.6 * len(A | set(letters[j].split())) for j in kept
        ):
            kept.append(i)
    assert opinions.distinct(letters, 0.6).tolist() == kept


def test_a_group_lies_on_one_side_of_a_split_and_nothing_is_lost(products):
    train, test = opinions.split(products, rng(), test=0.3)
    assert not set(products.groups[train]) & set(products.groups[test])
    assert sorted([*train, *test]) == list(range(len(products)))
    assert 0.15 < len(test) / len(products) < 0.45


def test_another_generator_splits_otherwise_and_the_same_one_alike(products):
    one, two, other = (opinions.split(products, rng(key))[1] for key in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert set(one) != set(other)


def test_taking_rows_takes_texts_ratings_and_groups_together(products):
    some = products.take(products.mean > 2)
    assert len(some) == (products.mean > 2).sum()
    assert some.mean.min() > 2
    assert some.texts[0] in products.texts


def test_panels_have_no_rater_in_common():
    ratings = (np.arange(-4, 4),)
    one = opinions.Opinions(("x",), ratings, np.array([0]))
    for key in range(20):
        A, B, lone = opinions.panels(one, rng(key), size=4)
        assert A[0] + B[0] == pytest.approx(ratings[0].sum() / 4)  # together they are all eight
        assert lone[0] in ratings[0]


def test_a_whole_number_of_panels_agrees_more_than_a_lone_rater(products):
    A, B, lone = opinions.panels(products, rng(), size=10)
    assert np.corrcoef(A, B)[0, 1] > np.corrcoef(A, lone)[0, 1] + 0.02


def test_words_keep_apostrophes_exclamations_and_faces():
    assert opinions.words("Don't! GREAT :-) no.5") == ["don't", "!", "great", ":-)", "no", "5"]
    assert opinions.words("...") == ["?"]


def test_a_missing_archive_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(opinions, "ARCHIVE", tmp_path / "nothing.tar.gz")
    opinions._files.cache_clear()
    with pytest.raises(FileNotFoundError, match="python -m rnncourse fetch"):
        opinions._files()
    monkeypatch.undo()
    opinions._files.cache_clear()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: opinions.read("letters"), "source: expected one of tweets, films"),
        (lambda: opinions.words(3), "text: expected a string, got 3"),
        (lambda: opinions.distinct(["a"], 0), "likeness: expected more than 0"),
        (lambda: opinions.split(opinions.read("products"), rng(), 1), "test: expected a share"),
        (lambda: opinions.split(opinions.read("products").take([0]), rng()), "two groups, got 1"),
        (lambda: opinions.panels(opinions.read("films"), rng(), 9), "size: expected 1 to 7"),
        (lambda: contrasts.fours(0, rng()), "n, gap: expected n of at least 1"),
        (lambda: contrasts.fours(1, rng(), gap=(3, 2)), "n, gap: expected n of at least 1"),
        (lambda: name_origins.family_names(rng(), 1), "n: expected a whole number of at least 2"),
        (lambda: name_origins.family_names(rng(), 9, 0), "test: expected a share"),
        (lambda: name_origins.full_names(rng(), 1), "n: expected a whole number of at least 2"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_four_sentences_hold_the_same_words_and_two_praise():
    texts, y = contrasts.fours(7, rng(), gap=(0, 3))
    for k in range(0, 28, 4):
        assert len({tuple(sorted(text.split())) for text in texts[k : k + 4]}) == 1
        assert len(set(texts[k : k + 4])) == 4
        assert y[k : k + 4].sum() == 2


def test_praise_is_what_is_said_and_not_denied():
    for text, praise in zip(*contrasts.fours(9, rng(), gap=(0, 0)), strict=True):
        said = [word for word in text.replace("not ", "not_").split() if "not_" not in word]
        assert bool(set(said) & set(contrasts.PRAISE)) == praise


def test_pairs_of_judging_words_for_tests_are_never_trained_on():
    def pairs(held_out):
        texts = contrasts.fours(300, rng(), (0, 0), held_out)[0]
        return {frozenset(set(t.split()) & {*contrasts.PRAISE, *contrasts.BLAME}) for t in texts}

    assert not pairs(True) & pairs(False)
    assert len(pairs(True)) == 16


def test_family_names_for_tests_are_new_and_belong_to_one_language():
    train, test = name_origins.family_names(rng(), 40)
    assert not set(train.names) & set(test.names)
    assert np.bincount(test.y).tolist() == [10] * 10
    of = {}
    for name, y in zip(train.names + test.names, [*train.y, *test.y], strict=True):
        assert of.setdefault(name, y) == y


def test_names_become_numbers_of_plain_letters():
    people = name_origins.full_names(rng(), 5)
    assert len(people) == 50
    assert all(" " in name for name in people.names)
    assert name_origins.LETTERS.decode(people.ids()[0]) == people.names[0]
    assert people.take([3, 4]).names == people.names[3:5]
    assert name_origins.plain("Łęcki-Åse") == "lecki-ase"


def test_their_cards_say_what_is_real():
    assert opinions.CARD.real
    assert not contrasts.CARD.real
    assert not name_origins.CARD.real
