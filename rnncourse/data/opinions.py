"""Real sentences with the ratings of several people each, from -4 to 4.

Tweets, sentences on films and on products, sentences of editorials; each text knows which review
or editorial it comes from, so that a split can keep those together.
"""

import functools
import re
import tarfile
from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card
from rnncourse.fetch import PLACE

ARCHIVE = PLACE / "vaderSentiment-3.3.2.tar.gz"
INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
FILES = {
    "tweets": "tweets",
    "films": "movieReviewSnippets",
    "products": "amazonReviewSnippets",
    "editorials": "nytEditorialSnippets",
}
SOURCES = tuple(FILES)
MANY = 50  # raters: 1,000 of the tweets were rated by more, all the other texts by fewer

_WORD = re.compile(r"[a-z0-9]+(?:['’][a-z]+)?|[:;=][-']?[)(dp](?![a-z])|[!?]")


@dataclass(frozen=True, eq=False)
class Opinions:
    """Texts, and what several people thought of them.

    Attributes:
        texts: N strings.
        ratings: N arrays of whole numbers from -4 (very negative) to 4, one for each rater.
        groups: (N,) whole numbers: texts of one review or editorial share theirs.
    """

    texts: tuple
    ratings: tuple
    groups: np.ndarray

    @property
    def mean(self):
        """Mean rating of each text (N,)."""
        return np.array([np.mean(rating) for rating in self.ratings])

    @property
    def raters(self):
        """How many people rated each text (N,)."""
        return np.array([len(rating) for rating in self.ratings])

    @property
    def y(self):
        """Whether the mean rating is positive, bools (N,)."""
        return self.mean > 0

    def take(self, rows):
        """The texts of these rows: an array of indices or of bools (N,)."""
        rows = np.arange(len(self))[rows]
        texts, ratings = ([part[i] for i in rows] for part in (self.texts, self.ratings))
        return Opinions(tuple(texts), tuple(ratings), self.groups[rows])

    def __len__(self):
        return len(self.texts)

    def __repr__(self):
        raters = self.raters
        return f"Opinions({len(self):,} texts, {raters.min()} to {raters.max()} raters each)"


def read(source):
    """The rated texts of one source, without repeats and without contradictions.

    Left out are texts whose mean rating in one of the two files is not the mean of the ratings in
    the other (196 tweets), texts whose mean is exactly 0, and all but the first of texts that
    have nearly the same words (see `distinct`).

    Of the 4,200 tweets 1,000 were rated by over 90 people each, the others by 20. By their number
    the 1,000 are those on which the paper (section 3.3) measured the strengths of VADER's rules,
    200 made-up ones among them; all 196 contradictions lie there.

    Args:
        source: "tweets", "films", "products" or "editorials".

    Returns:
        Opinions.

    Raises:
        ValueError: for another source.
        FileNotFoundError: if the archive is missing, which `make setup` puts into place.

    Taught in: chapters/19_sentiment_and_other_texts

    Source: Hutto & Gilbert (2014), whose files lie in the source distribution of vaderSentiment.

    Example:
        >>> products = read("products")
        >>> products.texts[0]
        'troubleshooting ad-2500 and ad-2600 no picture scrolling b/w.'
        >>> float(products.mean[0]), products.raters[0]
        (-0.9, np.int64(20))
    """
    if source not in FILES:
        raise ValueError(f"source: expected one of {', '.join(SOURCES)}, got {source!r}")
    return _read(source)


def words(text):
    """The words of a text in lower case, with "!", "?" and a few faces as words of their own.

    Args:
        text: a string.

    Returns:
        A list of strings; ["?"] for a text without any, so that no sequence is empty.

    Raises:
        ValueError: if `text` is not a string.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> words("It isn't GOOD, is it? :)")
        ['it', "isn't", 'good', 'is', 'it', '?', ':)']
    """
    if not isinstance(text, str):
        raise ValueError(f"text: expected a string, got {text!r}")
    return _WORD.findall(text.lower()) or ["?"]


def distinct(texts, likeness=0.8):
    r"""Rows of the texts without near-repeats: $|A \cap B| / |A \cup B|$ below `likeness`.

    A and B are the sets of words of two texts. Of several alike the first is kept.

    Args:
        texts: N strings.
        likeness: from 0 to 1, 0 excluded.

    Returns:
        Indices, in their order.

    Raises:
        ValueError: if `likeness` is something else.

    Taught in: chapters/19_sentiment_and_other_texts

    Source: the Jaccard index of word sets; that two sets so alike must share one of their rarest
        words saves most of the comparisons.

    Example:
        >>> distinct(["Good phone!", "a good phone", "good PHONE !", "bad phone !"]).tolist()
        [0, 1, 3]
    """
    if not 0 < likeness <= 1:
        raise ValueError(f"likeness: expected more than 0 and at most 1, got {likeness!r}")
    sets = [frozenset(words(text)) for text in texts]
    frequency = {}
    for one in sets:
        for word in one:
            frequency[word] = frequency.get(word, 0) + 1
    seen, kept = {}, []
    for i, one in enumerate(sets):
        rare = sorted(one, key=lambda word: (frequency[word], word))
        rare = rare[: int((1 - likeness) * len(one) + 1e-9) + 1]  # one of these must be shared
        others = {j for word in rare for j in seen.get(word, ())}
        if all(len(one & sets[j]) < likeness * len(one | sets[j]) for j in others):
            kept.append(i)
            for word in rare:
                seen.setdefault(word, []).append(i)
    return np.array(kept, dtype=int)


def split(opinions, rng, test=0.25):
    """Rows to train on and rows to test on: all texts of a group lie on one side.

    Args:
        opinions: Opinions, or anything with `groups` (N,).
        rng: a NumPy generator.
        test: the share of the groups for testing, between 0 and 1.

    Returns:
        (train, test), two arrays of indices in random order.

    Raises:
        ValueError: if `test` is no such share, or there are fewer than two groups.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> products = read("products")
        >>> train, test = split(products, np.random.default_rng(4))
        >>> set(products.groups[train]) & set(products.groups[test])
        set()
    """
    if not 0 < test < 1:
        raise ValueError(f"test: expected a share between 0 and 1, got {test!r}")
    names = np.unique(opinions.groups)
    if len(names) < 2:
        raise ValueError(f"opinions: expected at least two groups, got {len(names)}")
    out = rng.permutation(names)[: min(max(1, round(test * len(names))), len(names) - 1)]
    order = rng.permutation(len(opinions.groups))
    held = np.isin(opinions.groups[order], out)
    return order[~held], order[held]


def panels(opinions, rng, size=10):
    """For each text: the mean of a panel of raters, that of a second one, and one further rating.

    How well two panels agree is how well anything can be expected to agree with a panel: a
    ceiling that comes from people, and no model.

    Args:
        opinions: Opinions.
        rng: a NumPy generator that draws the raters.
        size: raters in a panel, at least 1.

    Returns:
        (A, B, lone), arrays (N,): no rater is in both panels, and the lone one is not in A.

    Raises:
        ValueError: if a text has fewer raters than two panels need.

    Taught in: chapters/19_sentiment_and_other_texts

    Example:
        >>> products = read("products")
        >>> A, B, lone = panels(products, np.random.default_rng(4))
        >>> bool(np.corrcoef(A, B)[0, 1] > np.corrcoef(A, lone)[0, 1])
        True
    """
    few = opinions.raters.min()
    if not 1 <= size <= few // 2:
        raise ValueError(f"size: expected 1 to {few // 2}, as a text has {few} raters, got {size}")
    drawn = [rng.permutation(rating) for rating in opinions.ratings]
    A, B = ([row[k : k + size].mean() for row in drawn] for k in (0, size))
    return np.array(A), np.array(B), np.array([row[-1] for row in drawn])


@functools.cache
def _read(source):
    texts, ratings, groups = [], [], []
    rated = dict(_rows(f"{FILES[source]}_anonDataRatings.txt"))
    for name, (mean, text) in _rows(f"{FILES[source]}_GroundTruth.txt"):
        numbers = np.array([int(n) for n in rated[name][-1].strip("[]").split(",")])
        if abs(numbers.mean() - float(mean)) < 0.01 and numbers.sum() != 0:
            texts.append(text)
            ratings.append(numbers)
            groups.append(int(name.split("_")[0]))
    return Opinions(tuple(texts), tuple(ratings), np.array(groups)).take(distinct(texts))


def _rows(file):
    """(name, other fields) of the lines of a file in the archive in the archive."""
    for line in _files()[file].splitlines():
        if line.strip():
            name, *fields = line.split("\t")
            yield name, fields


@functools.cache
def _files():
    """File name -> text, of all that is needed, in one pass through the archives."""
    if not ARCHIVE.is_file():
        raise FileNotFoundError(f"{ARCHIVE}: not there; run `python -m rnncourse fetch`")
    found = {}
    with tarfile.open(ARCHIVE) as outer, tarfile.open(fileobj=outer.extractfile(INNER)) as inner:
        for member in inner:
            name = member.name.rsplit("/")[-1]
            if name.endswith(("_GroundTruth.txt", "_anonDataRatings.txt")):
                found[name] = inner.extractfile(member).read().decode("utf-8-sig")
    return found


CARD = Card(
    name="Rated opinions",
    what=(
        "tweets, sentences on films and on products, sentences of editorials, each with the "
        "ratings of 15 to 99 people from -4 to 4; user names and addresses are blanked out; 200 of "
        "the tweets were made up to measure VADER's rules, and most of those are left out here"
    ),
    whose=(
        "collected and rated for C. Hutto and E. Gilbert (2014) by paid raters; film sentences "
        "from rottentomatoes.com, editorials from the New York Times, product reviews of "
        "M. Hu and B. Liu (2004)"
    ),
    licence="MIT, as distributed with vaderSentiment 3.3.2; the texts are their authors'",
    size="4,200 tweets, 10,605 on films, 3,708 on products, 5,190 of editorials, before cleaning",
    real=True,
)
