"""Seven small languages of zeros and ones whose rules are known to the last string.

A network that has learned one of them can be compared with the rule itself: with the minimal
automaton, a table that says which state follows each state, and which states accept.
"""

from dataclasses import dataclass

import numpy as np

from rnncourse.data.card import Card

CARD = Card(
    name="Tomita grammars",
    what=(
        "strings of zeros and ones, and after every prefix whether it belongs to one of seven "
        "regular languages; half are members drawn evenly, half are members with a few flips"
    ),
    whose="drawn by this course from automata of its own, after Tomita (1982)",
    licence="MIT, as the code",
    size="as many as asked for; minimal automata of 2 to 5 states",
    real=False,
)

RULES = {
    1: "nothing but ones",
    2: "10 repeated, any number of times",
    3: "no odd run of zeros right after an odd run of ones",
    4: "never three zeros in a row",
    5: "an even number of zeros and an even number of ones",
    6: "as many zeros as ones, counted modulo three",
    7: "at most four runs: zeros, ones, zeros, ones",
}

# Row q: the state after reading 0, the state after reading 1; then the states that accept.
_TABLES = {
    1: ([[1, 0], [1, 1]], {0}),
    2: ([[1, 2], [1, 1], [0, 1]], {0}),
    3: ([[0, 1], [2, 0], [3, 4], [2, 1], [4, 4]], {0, 1, 3}),
    4: ([[1, 0], [2, 0], [3, 0], [3, 3]], {0, 1, 2}),
    5: ([[1, 2], [0, 3], [3, 0], [2, 1]], {0}),
    6: ([[1, 2], [2, 0], [0, 1]], {0}),
    7: ([[0, 1], [2, 1], [2, 3], [4, 3], [4, 4]], {0, 1, 2, 3}),
}


@dataclass(frozen=True, eq=False)
class Automaton:
    """$q_t = \\mathrm{step}[q_{t-1}, s_t]$, from $q_0 = 0$; accepted if `accepts` holds for $q_t$.

    Args:
        step: which state follows, (Q, V) integers: row = state, column = symbol.
        accepts: which states accept, (Q,) bools.

    Raises:
        ValueError: if a table has another shape or names a state that does not exist.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> no_three_zeros = automaton(4)
        >>> no_three_zeros.labels([[1, 0, 0, 0, 1]])
        array([[ True,  True,  True,  True, False, False]])
    """

    step: np.ndarray
    accepts: np.ndarray

    def __post_init__(self):
        step, accepts = np.asarray(self.step), np.asarray(self.accepts)
        if step.ndim != 2 or not np.issubdtype(step.dtype, np.integer) or step.size == 0:
            raise ValueError(f"step: expected integers (Q, V), got {step.dtype} {step.shape}")
        if step.min() < 0 or step.max() >= len(step):
            raise ValueError(f"step: expected states 0 ... {len(step) - 1}, got {step.max()}")
        if accepts.shape != (len(step),) or accepts.dtype != bool:
            raise ValueError(
                f"accepts: expected bools ({len(step)},), got {accepts.dtype} {accepts.shape}"
            )
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "accepts", accepts)

    def __len__(self):
        """Q."""
        return len(self.step)

    def states(self, ids, start=0):
        """The state before the first symbol and after each, (B, T) -> (B, T + 1).

        Args:
            ids: symbols (B, T), integers.
            start: the first state, one number or one for each string (B,).

        Raises:
            ValueError: if `ids` are not symbols of the automaton.
        """
        ids = np.asarray(ids)
        V = self.step.shape[1]
        if ids.ndim != 2 or (ids.size and not (ids.min() >= 0 and ids.max() < V)):
            raise ValueError(f"ids: expected symbols 0 ... {V - 1} (B, T), got shape {ids.shape}")
        q = np.empty((len(ids), ids.shape[1] + 1), dtype=int)
        q[:, 0] = start
        for t in range(ids.shape[1]):
            q[:, t + 1] = self.step[q[:, t], ids[:, t]]
        return q

    def labels(self, ids, start=0):
        """Whether each prefix is accepted, (B, T) -> bools (B, T + 1); column 0: nothing read."""
        return self.accepts[self.states(ids, start)]


def automaton(number):
    """The minimal automaton of one of the seven grammars; state 0 is the start.

    Args:
        number: 1 to 7, a key of `RULES`.

    Returns:
        Automaton.

    Raises:
        ValueError: for another number.

    Taught in: chapters/14_opening_the_state

    Source: the languages are those of Tomita (1982), the tables are ours; a test compares them
        with the rules in words on all strings of up to ten symbols.

    Example:
        >>> [len(automaton(number)) for number in RULES]
        [2, 3, 5, 4, 4, 3, 5]
    """
    if number not in _TABLES:
        raise ValueError(f"number: expected one of the grammars 1 ... 7, got {number!r}")
    step, accepting = _TABLES[number]
    return Automaton(np.array(step), np.array([q in accepting for q in range(len(step))]))


def strings(number, n, T, rng, flips=3):
    """Strings of one length: half of them members, half members with a few symbols flipped.

    Coins alone would show a network hardly a member of grammar 1, 2 or 7, and non-members that
    are wrong in many places; a near miss is wrong in few.

    Args:
        number: the grammar, 1 to 7.
        n: how many strings.
        T: their length, at least 1.
        rng: a NumPy generator.
        flips: at most so many symbols of a near miss are flipped, at least one is.

    Returns:
        ids, integers (n, T), first the members. If the language has no string of length T, the
        "members" are those of length T - 1 with one symbol more. A near miss may be a member.

    Raises:
        ValueError: if a number is out of its range or `rng` is no generator.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> ids = strings(2, 4, 6, np.random.default_rng(0))
        >>> ids[:2]
        array([[1, 0, 1, 0, 1, 0],
               [1, 0, 1, 0, 1, 0]])
        >>> bool((ids[2:] != ids[:2]).any(axis=1).all())
        True
    """
    for name, value in (("n", n), ("T", T), ("flips", flips)):
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
            raise ValueError(f"{name}: expected a whole number of at least 1, got {value!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator, got {type(rng).__name__}")
    ids = _members(automaton(number), n, T, rng)
    for row in ids[(n + 1) // 2 :]:
        row[rng.permutation(T)[: rng.integers(1, flips + 1)]] ^= 1
    return ids


def counts(ids, n):
    """How often every group of 1 ... n neighbouring symbols occurs in a string: a bag of n-grams.

    Args:
        ids: zeros and ones, (B, T) integers.
        n: the longest groups.

    Returns:
        integers (B, 2 + 4 + ... + 2**n): first the two single symbols, then the pairs in the
        order 00, 10, 01, 11 (of a group, the first symbol counts least), and so on.

    Raises:
        ValueError: if `ids` is not (B, T) or `n` is not 1 ... T.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> counts(np.array([[1, 0, 0]]), 2)
        array([[2, 1, 1, 1, 0, 0]])
    """
    if ids.ndim != 2 or not 1 <= n <= ids.shape[1]:
        raise ValueError(f"n: expected 1 ... T for ids (B, T), got {n!r} for shape {ids.shape}")
    found = []
    for k in range(1, n + 1):
        codes = sum(ids[:, i : ids.shape[1] - k + 1 + i] << i for i in range(k))  # (B, T - k + 1)
        found.append((codes[..., None] == np.arange(2**k)).sum(axis=1))
    return np.hstack(found)


def _members(rule, n, T, rng):
    """Accepted strings of length T, each equally likely; see `strings` if there is none."""
    ways = [rule.accepts.astype(float)]  # ways[k][q]: share of accepted strings of length k from q
    for _ in range(T):
        more = ways[-1][rule.step].sum(axis=1)
        ways.append(more / max(more.max(), 1))  # only ratios count; counts would overflow
    if ways[T][0] == 0:
        shorter = _members(rule, n, T - 1, rng) if T > 1 else np.empty((n, 0), dtype=int)
        return np.column_stack([shorter, rng.integers(0, 2, n)])
    q, ids = np.zeros(n, dtype=int), np.empty((n, T), dtype=int)
    for t in range(T):
        after = ways[T - t - 1][rule.step[q]]  # (n, 2)
        ids[:, t] = rng.random(n) * after.sum(axis=1) < after[:, 1]
        q = rule.step[q, ids[:, t]]
    return ids
