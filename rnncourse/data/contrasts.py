"""Generated sentences whose order is all that counts: the same words, here praise, there not."""

import numpy as np

from rnncourse.data.card import Card

PRAISE = (
    "good", "great", "lovely", "brilliant", "superb", "charming", "clever", "excellent",
)  # fmt: skip
BLAME = (
    "bad", "awful", "ugly", "dreadful", "dull", "stupid", "poor", "terrible",
)  # fmt: skip
THINGS = (
    "film", "phone", "book", "camera", "song", "story", "game", "hotel",
)  # fmt: skip
FILLERS = (
    "really", "quite", "so", "very", "at", "all", "in", "my", "humble", "view", "as", "they", "say",
    "to", "me",
)  # fmt: skip


def fours(n, rng, gap=(0, 4), held_out=False):
    """Generated: fours of sentences with the same words in another order, two of each class.

    "not good but bad", "not bad but good", "good but not bad" and "bad but not good", with some
    empty words around them. Whatever counts words cannot tell the four apart, so that it is right
    on two of them, exactly.

    Args:
        n: how many fours.
        rng: a NumPy generator.
        gap: (least, most) number of empty words around a judging word.
        held_out: whether the pairs of judging words are those kept for tests, one in four.

    Returns:
        (texts, y): 4 n strings, and bools (4 n,), True for praise.

    Raises:
        ValueError: if `n` is below 1 or `gap` no pair of numbers in order.

    Taught in: chapters/19_sentiment_and_other_texts

    Source: contrast sets as Gardner et al. (2020) want them, but made by a rule.

    Example:
        >>> texts, y = fours(1, np.random.default_rng(4), gap=(0, 0))
        >>> for text, praise in zip(texts, y, strict=True):
        ...     print(text, bool(praise))
        the hotel was not dull but excellent True
        the hotel was not excellent but dull False
        the hotel was excellent but not dull True
        the hotel was dull but not excellent False
    """
    if n < 1 or not 0 <= gap[0] <= gap[1]:
        raise ValueError(
            f"n, gap: expected n of at least 1 and 0 <= gap[0] <= gap[1], got {n, gap}"
        )
    texts = []
    for _ in range(n):
        while True:  # the pair of judging words: one in four of all pairs is for tests
            up, down = rng.integers(len(PRAISE)), rng.integers(len(BLAME))
            if ((up + down) % 4 == 0) == held_out:
                break
        g = int(rng.integers(gap[0], gap[1] + 1))
        first, second, third = (list(rng.choice(FILLERS, g)) for _ in range(3))
        head = ["the", str(rng.choice(THINGS)), "was"]
        for a, b in ((BLAME[down], PRAISE[up]), (PRAISE[up], BLAME[down])):
            texts.append([*head, "not", *first, a, *second, "but", *third, b])
        for a, b in ((PRAISE[up], BLAME[down]), (BLAME[down], PRAISE[up])):
            texts.append([*head, *first, a, *second, "but", "not", *third, b])
    return [" ".join(map(str, text)) for text in texts], np.tile([True, False], 2 * n)


CARD = Card(
    name="Contrasts",
    what="fours of sentences with the same words in another order: not good but bad; praise?",
    whose="made by a rule for this course",
    licence="MIT",
    size="as many as asked for; 64 pairs of judging words, of which 16 are kept for tests",
    real=False,
)
