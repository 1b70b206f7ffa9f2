"""A model against its rivals, over seeds: the only way in which a chapter reports a score.

Models of text have standing rivals, `counting_rivals`, and a table to be held against,
`counting_table`: n-grams of several orders on the course's text, computed and never typed.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from rnncourse import _display, metrics, ngrams, text
from rnncourse import seeds as course_seeds
from rnncourse.data import corpora

SHARE = 0.9  # a winner is better on at least this share of the seeds ...
ERRORS = 2.0  # ... and by more than so many standard errors of the mean difference


@dataclass(frozen=True, eq=False)
class Duel:
    """The outcome of `duel`.

    Attributes:
        scores: name -> scores over the seeds (n_seeds,), in the order in which they were given.
        model: name of the model on trial.
        metric: name of the score, such as "RMSE".
        unit: its unit, or "".
        floor: the best score that is possible, or None if nobody knows.
        lower_is_better: whether a small score is a good one.
    """

    scores: dict
    model: str
    metric: str
    unit: str
    floor: float | None
    lower_is_better: bool

    @property
    def rivals(self):
        """The names of the others."""
        return [name for name in self.scores if name != self.model]

    @property
    def best_rival(self):
        """Name of the rival with the best mean score."""
        return self._best_first(self.rivals)[0]

    @property
    def verdict(self):
        """ "wins" against every rival, "loses" against at least one, or "ties"."""
        outcomes = [self.against(rival) for rival in self.rivals]
        if "worse" in outcomes:
            return "loses"
        return "wins" if set(outcomes) == {"better"} else "ties"

    def against(self, rival):
        """Whether the model is "better", "worse" or "level" with one rival, seed by seed."""
        gain = self._gain(rival)
        if _clearly_above_zero(gain):
            return "better"
        return "worse" if _clearly_above_zero(-gain) else "level"

    def table(self):
        """The scores as text, best mean first."""
        head, *rows = self._rows()
        lines = _display.text_table(head, rows)
        return "\n".join([*lines, self.sentence()])

    def sentence(self):
        """The verdict as one sentence without digits that depend on the machine."""
        by = {
            "wins": f"wins: better than every rival, the best of which is {self.best_rival}",
            "loses": f"loses to {' and '.join(r for r in self.rivals if self._worse(r))}",
            "ties": f"ties: no clear difference from {self._level()}",
        }
        return f"{self.model} {by[self.verdict]}."

    def __repr__(self):
        return self.table()

    def _repr_html_(self):
        head, *rows = self._rows()
        return _display.html_table(head, rows, self.sentence())

    def _rows(self):
        """The header, one row per entrant (best mean first) and one for the floor."""
        unit = f" ({self.unit})" if self.unit else ""
        n = len(self.scores[self.model])
        head = ["entrant", f"mean {self.metric}{unit}", f"min to max, {n} seeds"]
        head.append(f"{self.model} is better on")
        yield head
        if self.floor is not None:
            yield ["best possible", _digits(self.floor), "", ""]
        for name in self._best_first(self.scores):
            s = self.scores[name]
            better = "on trial"
            if name != self.model:
                better = f"{int((self._gain(name) > 0).sum())} of {n}: {self.against(name)}"
            yield [name, _digits(s.mean()), f"{_digits(s.min())} to {_digits(s.max())}", better]

    def _best_first(self, names):
        sign = 1 if self.lower_is_better else -1
        return sorted(names, key=lambda name: sign * self.scores[name].mean())

    def _gain(self, rival):
        """By how much the model is better, seed by seed (n_seeds,)."""
        difference = self.scores[rival] - self.scores[self.model]
        return difference if self.lower_is_better else -difference

    def _worse(self, rival):
        return self.against(rival) == "worse"

    def _level(self):
        return " and ".join(r for r in self.rivals if self.against(r) == "level")


def duel(
    entrants, split, *, model, seeds=5, metric="RMSE", unit="", floor=None, lower_is_better=True
):
    r"""Let a model and its rivals do the same task on the same data, once per seed.

    With $d_s$ = how much better the model's score is than the rival's on seed s, the model is
    better than that rival if $d_s > 0$ on at least 90 % of the seeds and
    $\bar d > 2\,\mathrm{sd}(d)/\sqrt S$; worse if that holds for $-d$; else level. It wins if it
    is better than every rival, loses if it is worse than one, else it ties.

    Args:
        entrants: name -> function (split, seed) that trains on its part of the split and returns
            the score on the test part. At least the model and one rival: the strongest of the
            simple ones. Draws inside hang on `rnncourse.seeds.rng(..., seed)`.
        split: function of a seed that returns what all entrants get, for this seed the same.
        model: name of the entrant on trial.
        seeds: how many seeds, at least 3; or the list of them.
        metric: name of the score.
        unit: its unit.
        floor: the best possible score (a noise floor, an optimum), where it is known.
        lower_is_better: False for accuracies and the like.

    Returns:
        Duel, with `.scores`, `.best_rival`, `.verdict`, `.table()`; a notebook shows its table.

    Raises:
        ValueError: if there is no rival, fewer than 3 seeds, or a score is not a finite number.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Source: a rule for reading a table, not a test of significance: with few seeds "level" means
        that these runs do not tell, not that the two are equal.

    Example:
        >>> noise = lambda seed: course_seeds.rng(seed).normal(size=50)
        >>> result = duel(
        ...     {
        ...         "zero": lambda x, seed: float(np.sqrt(np.mean(x**2))),
        ...         "last value": lambda x, seed: float(np.sqrt(np.mean((x[1:] - x[:-1]) ** 2))),
        ...     },
        ...     noise,
        ...     model="last value",
        ...     seeds=3,
        ... )
        >>> result.verdict, result.best_rival
        ('loses', 'zero')
    """
    numbers = course_seeds.several(seeds) if hasattr(seeds, "__index__") else list(seeds)
    _check(entrants, numbers, model, floor)
    scores = {name: np.empty(len(numbers)) for name in entrants}
    for row, seed in enumerate(numbers):
        data = split(seed)
        for name, run in entrants.items():
            scores[name][row] = _score(name, seed, run(data, seed))
    return Duel(scores, model, metric, unit, floor, lower_is_better)


def counting_rivals(orders=range(1, 8), smoothing="modified-kneser-ney", part="test"):
    """n-gram models as entrants of a duel on text: one line gives a language model its rivals.

    Each learns the characters of `split.train`, and is scored in bits per character on the part
    that is asked for. A character that the training part lacks counts as "unknown".

    Args:
        orders: orders of the models, each at least 1.
        smoothing: as for `rnncourse.ngrams.NGrams`.
        part: "test", or "validation" as long as something is still being chosen.

    Returns:
        name -> function(split, seed) for `duel`, "order 1" and so on; `split` has the strings
        `.train` and `.test`, as a `Corpus` of `rnncourse.data.corpora` does.

    Raises:
        ValueError: if there is no order, one is not a positive whole number, or the part is
            another one.

    Taught in: chapters/03_predicting_symbols_by_counting

    Example:
        >>> table = duel(
        ...     {"even odds": lambda split, seed: 6.7} | counting_rivals(orders=(1, 2, 3)),
        ...     corpora.topics,  # a seed chooses the split
        ...     model="even odds",
        ...     seeds=3,
        ...     metric="loss",
        ...     unit="bits per character",
        ... )
        >>> table.verdict, table.best_rival
        ('loses', 'order 3')
    """
    orders = tuple(orders)
    if not orders or not all(hasattr(k, "__index__") and k >= 1 for k in orders):
        raise ValueError(f"orders: expected positive whole numbers, at least one, got {orders}")
    if part not in ("validation", "test"):
        raise ValueError(f"part: expected 'validation' or 'test', got {part!r}")
    longest = max(orders)

    def entrant(k):
        def order_k(split, seed):
            return _by_order(split.train, getattr(split, part), longest, smoothing)[k - 1]

        return order_k

    return {f"order {k}": entrant(k) for k in orders}


@functools.cache
def counting_table(splits=None):
    """What counting reaches on the course's text: the numbers that a language model has to beat.

    Orders 1 to 7, interpolated modified Kneser-Ney, in bits per character of the test part, on
    several splits of `corpora.topics`. Computed in a few seconds and then kept in memory.

    Args:
        splits: tuple of at least three numbers of splits; those of this run of the course
            (`corpora.splits`) if it is left out.

    Returns:
        Duel with order 7 on trial; `.scores["order 5"]` holds one number per split.

    Raises:
        ValueError: as for `duel`.

    Taught in: chapters/03_predicting_symbols_by_counting

    Example:
        >>> table = counting_table()
        >>> list(table.scores)[-1], bool(table.scores["order 5"].max() < 3)
        ('order 7', True)
    """
    return duel(
        counting_rivals(),
        corpora.topics,
        model="order 7",
        seeds=list(corpora.splits() if splits is None else splits),
        metric="loss",
        unit="bits per character",
    )


@functools.lru_cache(maxsize=64)
def _by_order(train, held_out, longest, smoothing):
    """Bits per character on a text held out, for every order up to the longest."""
    vocabulary = text.Vocabulary.from_text(train, unknown="\ufffd")
    model = ngrams.NGrams(vocabulary.encode(train), longest, len(vocabulary), smoothing)
    ids = vocabulary.encode(held_out)
    nats = (model.shorter(k).cross_entropy(ids) for k in range(1, longest + 1))
    return [n if math.isinf(n) else metrics.bits_per_character(n) for n in nats]


def _clearly_above_zero(gain):
    """The rule of `duel`, for the differences of one pair (n_seeds,)."""
    error = gain.std(ddof=1) / math.sqrt(len(gain))
    often = (gain > 0).sum() >= math.ceil(SHARE * len(gain) - 1e-9)
    return bool(often and gain.mean() > ERRORS * error)


def _check(entrants, numbers, model, floor):
    if not isinstance(entrants, dict) or not all(map(callable, entrants.values())):
        raise ValueError(f"entrants: expected name -> function(split, seed), got {entrants!r}")
    if len(set(numbers)) < max(3, len(numbers)):
        raise ValueError(f"seeds: expected at least 3 different ones, got {numbers}")
    if model not in entrants:
        raise ValueError(f"model: expected one of {', '.join(entrants)}, got {model!r}")
    if len(entrants) < 2:
        raise ValueError("entrants: expected at least one rival beside the model, got none")
    if floor is not None and not math.isfinite(floor):
        raise ValueError(f"floor: expected a finite number or None, got {floor!r}")


def _score(name, seed, value):
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite score on seed {seed}, got {value!r}")
    return number


def _digits(value):
    """Three significant digits, without an exponent where people would not write one."""
    value = float(value)
    if value == 0 or not 1e-4 <= abs(value) < 1e6:
        return f"{value:.2e}" if value else "0"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
