"""Duels: everybody gets the same data, and a verdict needs more than one lucky seed."""

import math
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

from rnncourse import ngrams, text
from rnncourse.data import corpora
from rnncourse.duel import counting_rivals, counting_table, duel


def outcome(model, *rivals, **options):
    """A duel with given scores per seed."""
    table = {"model": model} | {f"rival {n}": scores for n, scores in enumerate(rivals)}
    entrants = {name: (lambda split, seed, s=s: s[seed]) for name, s in table.items()}
    return duel(entrants, lambda seed: None, model="model", seeds=len(model), **options)


def test_all_entrants_get_the_same_split_and_every_seed_another():
    seen = {"a": [], "b": []}

    def entrant(name):
        return lambda split, seed: seen[name].append((split, seed)) or 1.0

    duel({name: entrant(name) for name in seen}, lambda seed: [seed], model="a", seeds=4)
    assert seen["a"] == seen["b"] == [([s], s) for s in range(4)]
    assert all(a[0] is b[0] for a, b in zip(seen["a"], seen["b"], strict=True))


def test_a_clear_advantage_on_every_seed_wins_and_the_mirror_image_loses():
    low, high = [1.0, 1.1, 0.9, 1.0, 1.05], [2.0, 2.2, 1.9, 2.0, 2.1]
    assert outcome(low, high).verdict == "wins"
    assert outcome(high, low).verdict == "loses"
    assert outcome(high, low, lower_is_better=False).verdict == "wins"


def test_equal_scores_tie():
    assert outcome([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]).verdict == "ties"


def test_one_seed_against_it_in_five_costs_the_victory():
    assert outcome([1, 1, 1, 1, 2.1], [2.0] * 5).verdict == "ties"


def test_one_seed_against_it_in_ten_does_not():
    assert outcome([1] * 9 + [2.1], [2.0] * 10).verdict == "wins"
    assert outcome([1] * 8 + [2.1, 2.1], [2.0] * 10).verdict == "ties"


def test_a_difference_within_two_standard_errors_is_no_victory():
    rival = np.array([1.01, 1.01, 4.0])
    assert outcome([1.0, 1.0, 1.0], rival).verdict == "ties"


def test_seeds_are_compared_in_pairs_so_that_hard_seeds_cost_nobody_the_victory():
    rival = np.array([1.0, 5.0, 9.0])
    assert outcome(rival - 0.1, rival).verdict == "wins"


def test_every_rival_must_be_beaten_and_one_suffices_to_lose():
    weak, level, strong = [3.0] * 3, [2.0, 1.9, 2.1], [1.0] * 3
    model = [2.0] * 3
    assert outcome(model, weak).verdict == "wins"
    assert outcome(model, weak, level).verdict == "ties"
    result = outcome(model, weak, level, strong)
    assert result.verdict == "loses"
    assert result.best_rival == "rival 2"
    assert [result.against(r) for r in result.rivals] == ["better", "level", "worse"]


def test_the_sentence_tells_the_verdict_without_digits_that_depend_on_the_machine():
    assert "wins: better than every rival, the best of which is rival 0" in (
        outcome([1.0] * 3, [2.0] * 3).sentence()
    )
    assert outcome([2.0] * 3, [1.0] * 3).sentence() == "model loses to rival 0."
    assert (
        outcome([1.0] * 3, [1.0] * 3).sentence() == "model ties: no clear difference from rival 0."
    )


def test_the_table_shows_the_floor_the_best_first_and_three_digits():
    result = outcome([0.35218] * 3, [0.1391, 0.1392, 0.1393], unit="mm", floor=0.0992)
    lines = result.table().splitlines()
    assert lines[0].startswith("entrant")
    assert "mean RMSE (mm)" in lines[0]
    assert lines[2].split() == ["best", "possible", "0.0992"]
    assert lines[3].split()[:3] == ["rival", "0", "0.139"]
    assert lines[4].split()[:2] == ["model", "0.352"]
    assert lines[-1] == result.sentence()
    assert repr(result) == result.table()


def test_tiny_and_huge_scores_keep_three_digits():
    text = outcome([8.123e-5] * 3, [1234567.0] * 3).table()
    assert "8.12e-05" in text
    assert "1.23e+06" in text


class _Table(HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.tags, self.scopes = [], []
        self.feed(markup)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag == "th":
            self.scopes.append(dict(attributes).get("scope"))


def test_the_table_of_a_notebook_can_be_read_by_a_screen_reader():
    result = outcome([1.0] * 3, [2.0] * 3, floor=0.5)
    table = _Table(result._repr_html_())
    assert table.tags[:2] == ["table", "caption"]
    assert table.scopes == ["col"] * 4 + ["row"] * 3
    assert result.sentence() in result._repr_html_()


def test_names_cannot_break_the_table():
    entrants = {"<b>": lambda split, seed: 1.0, "a & b": lambda split, seed: 2.0}
    markup = duel(entrants, lambda seed: None, model="<b>", seeds=3)._repr_html_()
    assert "&lt;b&gt;" in markup
    assert "<b>" not in markup
    assert "a &amp; b" in markup


def test_scores_may_be_numpy_numbers_and_seeds_a_list():
    entrants = {"a": lambda split, seed: np.float32(seed), "b": lambda split, seed: np.ones(())}
    result = duel(entrants, lambda seed: None, model="a", seeds=[7, 8, 9])
    assert result.scores["a"].tolist() == [7, 8, 9]


def run(**changes):
    options = {"model": "a", "seeds": 3} | changes
    entrants = {"a": lambda split, seed: 1.0, "b": lambda split, seed: 2.0}
    return duel(options.pop("entrants", entrants), lambda seed: None, **options)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": 2}, "seeds: expected at least 3 different ones"),
        ({"seeds": [4, 4, 4]}, "seeds: expected at least 3 different ones"),
        ({"model": "c"}, "model: expected one of a, b, got 'c'"),
        ({"entrants": {"a": lambda split, seed: 1.0}}, "entrants: expected at least one rival"),
        ({"entrants": {"a": 1.0, "b": 2.0}}, "entrants: expected name -> function"),
        ({"floor": float("nan")}, "floor: expected a finite number or None"),
        (
            {"entrants": {"a": lambda *_: 1.0, "b": lambda *_: float("nan")}},
            "b: expected a finite score on seed 0, got nan",
        ),
        (
            {"entrants": {"a": lambda *_: 1.0, "b": lambda *_: [1.0, 2.0]}},
            "b: expected a finite score on seed 0",
        ),
        (
            {"entrants": {"a": lambda *_: None, "b": lambda *_: 1.0}},
            "a: expected a finite score on seed 0, got None",
        ),
    ],
)
def test_a_duel_that_would_prove_nothing_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        run(**changes)


# --- standing rivals for models of text

SPLIT = SimpleNamespace(
    train="the cat sat on the mat, and the rat sat on the cat; " * 3,
    validation="the rat sat on the mat",
    test="the cat and the rat?",  # no question mark in the training text
)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_a_counting_rival_scores_the_bits_per_character_of_its_model(part):
    rivals = counting_rivals(orders=(3, 1), smoothing="kneser-ney", part=part)
    assert list(rivals) == ["order 3", "order 1"]
    vocabulary = text.Vocabulary.from_text(SPLIT.train, unknown="\ufffd")
    ids, held_out = vocabulary.encode(SPLIT.train), vocabulary.encode(getattr(SPLIT, part))
    for k in (1, 3):
        nats = ngrams.NGrams(ids, k, len(vocabulary), "kneser-ney").cross_entropy(held_out)
        assert rivals[f"order {k}"](SPLIT, 0) == pytest.approx(nats / math.log(2), rel=1e-12)


def test_the_test_part_is_not_read_while_something_is_chosen():
    with_other_test = SimpleNamespace(**(vars(SPLIT) | {"test": "!?"}))
    for rival in counting_rivals(orders=(2,), part="validation").values():
        assert rival(SPLIT, 0) == rival(with_other_test, 0)


def test_one_line_gives_a_language_model_its_rivals():
    entrants = {"oracle": lambda split, seed: 0.0} | counting_rivals(orders=(1, 2, 4))
    trial = duel(entrants, lambda seed: SPLIT, model="oracle", seeds=3, metric="loss")
    assert trial.verdict == "wins"
    assert trial.rivals == ["order 1", "order 2", "order 4"]


def test_a_loss_that_is_infinite_is_no_score():
    (rival,) = counting_rivals(orders=(3,), smoothing="maximum-likelihood").values()
    assert rival(SPLIT, 0) == math.inf
    entrants = {"oracle": lambda split, seed: 0.0, "counts": rival}
    with pytest.raises(ValueError, match="counts: expected a finite score on seed 0, got inf"):
        duel(entrants, lambda seed: SPLIT, model="oracle", seeds=3)


def test_the_counting_table_is_computed_once_from_the_text_of_the_course():
    table = counting_table()
    assert table is counting_table()
    assert list(table.scores) == [f"order {k}" for k in range(1, 8)]
    assert all(scores.shape == (5,) for scores in table.scores.values())
    means = [scores.mean() for scores in table.scores.values()]
    assert np.all(np.diff(means) < 0)  # longer is better, with this smoothing
    assert 1 < means[-1] < 3
    rival = counting_rivals(orders=[4])["order 4"]
    assert rival(corpora.topics(2), 2) == pytest.approx(table.scores["order 4"][2], rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"orders": ()}, "orders: expected positive whole numbers, at least one, got"),
        ({"orders": (0, 1)}, "orders: expected positive whole numbers"),
        ({"orders": (1.5,)}, "orders: expected positive whole numbers"),
        ({"part": "train"}, "part: expected 'validation' or 'test', got 'train'"),
    ],
)
def test_counting_rivals_that_make_no_sense_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        counting_rivals(**arguments)
