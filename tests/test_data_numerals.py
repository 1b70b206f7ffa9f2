"""Numerals: what both languages say is the same number, and every link joins equal values."""

import numpy as np
import pytest

from rnncourse import data
from rnncourse.data import numerals

VALUES = {  # written down by hand, as both languages teach them
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100, "thousand": 1000, "million": 1_000_000,
    "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "dreizehn": 13, "vierzehn": 14,
    "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90, "hundert": 100, "tausend": 1000, "Million": 1_000_000,
    "zero": 0, "null": 0, "and": 0, "und": 0,
}  # fmt: skip


def rng(seed=0):
    return np.random.default_rng(seed)


def many(**options):
    return numerals.pairs(600, rng(1), digits=(1, 9), numbers=(1, 3), **options)


def read(words):
    """The number that a list of words says, by adding and multiplying."""
    total, group = 0, 0
    for word in words:
        value = VALUES[word]
        if value >= 1000:
            total, group = total + group * value, 0
        else:
            group = group * 100 if value == 100 else group + value
    return total + group


def split(words):
    return [part.split() for part in " ".join(words).split(" , ")]


@pytest.mark.parametrize("held_out", [False, True])
def test_both_languages_say_the_numbers_that_were_drawn(held_out):
    drawn = many(held_out=held_out)
    for said in (drawn.source, drawn.target):
        assert [tuple(map(read, split(words))) for words in said] == drawn.values


def test_every_piece_but_und_is_linked_to_the_word_that_says_the_same():
    drawn = many()
    for source, target, links in zip(drawn.source, drawn.target, drawn.links, strict=True):
        assert len(links) == len(target)
        for piece, link in zip(target, links, strict=True):
            if link < 0:
                assert piece == "und"
            else:
                assert VALUES.get(piece, piece) == VALUES.get(source[link], source[link])


def test_every_word_but_and_is_translated_once():
    drawn = many()
    for source, links in zip(drawn.source, drawn.links, strict=True):
        linked = sorted(link for link in links if link >= 0)
        assert linked == [k for k, word in enumerate(source) if word != "and"]


def test_no_number_is_both_trained_and_tested():
    trained = {value for values in many().values for value in values}
    tested = {value for values in many(held_out=True).values for value in values}
    assert len(trained) > 800
    assert len(tested) > 500
    assert not trained & tested


def test_the_sizes_are_those_that_were_asked_for():
    drawn = numerals.pairs(400, rng(2), digits=(2, 4), numbers=(2, 3))
    assert {len(values) for values in drawn.values} == {2, 3}
    assert {len(str(value)) for values in drawn.values for value in values} == {2, 3, 4}
    assert len(drawn) == 400


def test_the_same_generator_draws_the_same_lists():
    assert many().values == many().values


def test_ids_hold_the_words_and_the_mask_tells_the_padding():
    drawn = many()
    source, source_mask, target, target_mask = numerals.encode(drawn)
    assert source.shape == source_mask.shape
    assert target.shape == target_mask.shape
    assert not source[~source_mask].any()
    assert not target[~target_mask].any()
    assert source_mask.sum(axis=1).tolist() == [len(words) for words in drawn.source]
    assert target_mask.sum(axis=1).tolist() == [len(words) + 2 for words in drawn.target]
    assert (target[:, 0] == numerals.TARGET.encode([numerals.START])).all()
    assert [numerals.spell(row) for row in target] == [" ".join(row) for row in drawn.target]


def test_the_card_is_among_the_cards():
    assert numerals.CARD in data.cards()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n": 0}, "n: expected an integer of at least 1, got 0"),
        ({"rng": None}, "rng: expected a NumPy generator"),
        ({"digits": (0, 3)}, r"digits: expected \(fewest, most\) .* <= 9, got \(0, 3\)"),
        ({"digits": (1, 10)}, r"digits: .* got \(1, 10\)"),
        ({"numbers": (3, 2)}, r"numbers: .* got \(3, 2\)"),
    ],
)
def test_what_makes_no_sense_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        numerals.pairs(**{"n": 3, "rng": rng(), **options})
