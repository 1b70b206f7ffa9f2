"""From a network to an automaton: L* asks, the network answers, and the answers make a machine.

`Reader` is a network as its reader sees it: a first state, a step, a score. `extract` lets
Angluin's L* (by AALpy) question it, within bounds. `minimal` and `difference` compare automata:
two of them are the same language if they have no shortest string on which they differ.
"""

import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from rnncourse.data.tomita import Automaton


@dataclass(frozen=True, eq=False)
class Reader:
    r"""A network that reads symbols and says yes or no after each of them.

    Args:
        start: its state before it reads, (H,).
        step: function of states (B, H) and symbols (B,) that returns the next states (B, H).
        score: function of states (B, H) that returns numbers (B,): above 0 means yes.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> latch = Reader(np.zeros(1), lambda h, s: np.maximum(h, s[:, None]), lambda h: h[:, 0])
        >>> latch.labels([[0, 1, 0]])  # yes once there was a one
        array([[False, False,  True,  True]])
    """

    start: np.ndarray
    step: object
    score: object

    @classmethod
    def of_rnn(cls, W_xh, W_hh, b_h, w_hy, b_y):
        r"""$h_t = \tanh(x_t W_{xh} + h_{t-1} W_{hh} + b_h)$ on one-hot symbols, yes if positive.

        Args:
            W_xh: (V + 1, H), a row for each of the V symbols; the last row is that of a mark
                which the network reads first, from a state of zeros.
            W_hh: (H, H).
            b_h: (H,).
            w_hy: (H,) or (H, 1).
            b_y: a number, or (1,).
        """
        W_xh, W_hh, b_h = (np.asarray(a, dtype=float) for a in (W_xh, W_hh, b_h))
        w_hy, b_y = np.asarray(w_hy, dtype=float).reshape(-1), np.asarray(b_y, float).reshape(())
        return cls(
            np.tanh(W_xh[-1] + b_h),
            lambda h, ids: np.tanh(W_xh[ids] + h @ W_hh + b_h),
            lambda h: h @ w_hy + b_y,
        )

    def states(self, ids, h=None):
        """All states, (B, T) symbols -> (B, T + 1, H); the first is the start, or `h` (B, H)."""
        ids = np.asarray(ids)
        if ids.ndim != 2 or not np.issubdtype(ids.dtype, np.integer):
            raise ValueError(f"ids: expected integers (B, T), got {ids.dtype} {ids.shape}")
        h = np.tile(self.start, (len(ids), 1)) if h is None else h
        states = [h]
        for symbols in ids.T:
            states.append(self.step(states[-1], symbols))
        return np.stack(states, axis=1)

    def labels(self, ids, h=None):
        """What it says after every prefix, (B, T) -> bools (B, T + 1)."""
        h = self.states(ids, h)
        return self.score(h.reshape(-1, h.shape[2])).reshape(h.shape[:2]) > 0


@dataclass(frozen=True, eq=False)
class Extraction:
    """What `extract` brought home.

    Attributes:
        automaton: the last one that L* proposed, minimal; None if it proposed none.
        complete: whether it agrees with the network on every string that was compared.
        queries: how many strings L* asked the network about.
        stopped: why it stopped before that: "states", "queries" or "seconds"; else "".
    """

    automaton: Automaton | None
    complete: bool
    queries: int
    stopped: str


def extract(reader, V=2, *, longest=12, states=64, queries=20_000, seconds=10.0):
    """The smallest automaton that answers as the network does, on all strings up to a length.

    L* builds a table of answers, proposes the smallest automaton that fits them, and is told the
    first string, shortest first, on which network and proposal differ; until there is none.

    Args:
        reader: a `Reader`.
        V: how many symbols.
        longest: strings of up to so many symbols are compared, all of them.
        states: give up when a proposal has more states than this.
        queries: give up after so many questions.
        seconds: give up after so long. A network that is no automaton, or only nearly one, makes
            L* ask for ever: no extraction without bounds.

    Returns:
        Extraction.

    Raises:
        ValueError: if a bound is not positive, or there are more than a million strings to compare.

    Taught in: chapters/14_opening_the_state

    Source: L* is Angluin's (1987), here by AALpy (Muskardin et al., 2022). Weiss, Goldberg &
        Yahav (2018), who put it to networks, look for differences by an abstraction of the
        network's states; we compare all short strings instead.

    Example:
        >>> latch = Reader(np.zeros(1), lambda h, s: np.maximum(h, s[:, None]), lambda h: h[:, 0])
        >>> extract(latch).automaton.step.tolist()
        [[0, 1], [1, 1]]
    """
    bounds = {"longest": longest, "states": states, "queries": queries, "seconds": seconds, "V": V}
    for name, value in bounds.items():
        if not value > 0:
            raise ValueError(f"{name}: expected a positive number, got {value!r}")
    if V**longest > 1e6:
        raise ValueError(f"longest: expected at most a million strings, got {V}**{longest}")
    from aalpy.learning_algs import run_Lstar

    asked, judge = _oracle(reader, V, longest, states, queries, time.monotonic() + seconds)
    try:
        run_Lstar(list(range(V)), asked, judge, "dfa", print_level=0, cache_and_non_det_check=False)
    except _OutOfBounds as reason:
        return Extraction(judge.proposal, False, asked.num_queries, str(reason))
    return Extraction(judge.proposal, True, asked.num_queries, "")


def minimal(automaton):
    """The smallest automaton of the same language, its states numbered as breadth-first meets them.

    Two automata of one language have the same minimal automaton, number by number.

    Args:
        automaton: an `Automaton`.

    Returns:
        Automaton.

    Taught in: chapters/14_opening_the_state

    Source: the refinement of Moore (1956): states are told apart by what they accept, then by
        where they lead, until nothing changes.

    Example:
        >>> doubled = Automaton(np.array([[1, 0], [0, 1]]), np.array([True, True]))
        >>> minimal(doubled).step.tolist()
        [[0, 0]]
    """
    kind = automaton.accepts.astype(int)
    while True:
        seen = np.column_stack([kind, kind[automaton.step]])
        finer = np.unique(seen, axis=0, return_inverse=True)[1].reshape(-1)
        if finer.max() == kind.max() and len(set(finer)) == len(set(kind)):
            break
        kind = finer
    number, order = {kind[0]: 0}, [0]  # order: one state of each kind, as they are met
    for q in order:
        for follows in automaton.step[q]:
            if kind[follows] not in number:
                number[kind[follows]] = len(number)
                order.append(follows)
    step = [[number[kind[follows]] for follows in automaton.step[q]] for q in order]
    return Automaton(np.array(step), automaton.accepts[order])


def difference(a, b):
    """The shortest string that one automaton accepts and the other does not.

    Args:
        a: an `Automaton`.
        b: another one, over the same symbols.

    Returns:
        list of symbols, the first of the shortest ones; [] is the empty string. None if both
        accept the same strings, whatever the length.

    Raises:
        ValueError: if they read different symbols.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> from rnncourse.data import tomita
        >>> difference(tomita.automaton(4), tomita.automaton(1))
        [0]
    """
    if a.step.shape[1] != b.step.shape[1]:
        raise ValueError(f"b: expected {a.step.shape[1]} symbols as a, got {b.step.shape[1]}")
    before, queue = {(0, 0): None}, deque([(0, 0)])
    while queue:
        pair = queue.popleft()
        if a.accepts[pair[0]] != b.accepts[pair[1]]:
            return _way(before, pair)
        for symbol, after in enumerate(zip(a.step[pair[0]], b.step[pair[1]], strict=True)):
            if after not in before:
                before[after] = (pair, symbol)
                queue.append(after)
    return None


def _way(before, pair):
    """The symbols that led from the start to a pair of states."""
    word = []
    while before[pair] is not None:
        pair, symbol = before[pair]
        word.append(symbol)
    return word[::-1]


class _OutOfBounds(Exception):
    pass


def _oracle(reader, V, longest, states, queries, deadline):
    """The network as AALpy wants it: something that answers, something that finds differences."""
    from aalpy.base import SUL, Oracle

    levels = _all_answers(reader, V, longest)

    class Asked(SUL):
        def pre(self):
            self.t, self.place, self.h = 0, 0, None
            if self.num_queries >= queries:
                raise _OutOfBounds("queries")
            if time.monotonic() > deadline:
                raise _OutOfBounds("seconds")

        def post(self):
            pass

        def step(self, letter):
            if letter is not None:
                before = levels[min(self.t, longest)][0][[self.place]] if self.h is None else self.h
                self.t, self.place = self.t + 1, V * self.place + letter
                if self.t > longest:
                    self.h = reader.step(before, np.array([letter]))
            if self.t <= longest:
                return bool(levels[self.t][1][self.place])
            return bool(reader.score(self.h)[0] > 0)

    class Judge(Oracle):
        proposal = None

        def find_cex(self, hypothesis):
            self.proposal = minimal(_as_automaton(hypothesis, V))
            if len(self.proposal) > states:
                raise _OutOfBounds("states")
            q = np.zeros(1, dtype=int)
            for t, (_, answers) in enumerate(levels):
                wrong = np.flatnonzero(self.proposal.accepts[q] != answers)
                if len(wrong):
                    return tuple(int(wrong[0]) // V ** (t - 1 - k) % V for k in range(t))
                q = self.proposal.step[q].reshape(-1)  # in the order of the strings
            return None

    asked = Asked()
    return asked, Judge(list(range(V)), asked)


def _all_answers(reader, V, longest):
    """(states, answers) for all strings of each length; string k spells k in base V."""
    h = reader.start[None]
    levels = [(h, reader.score(h) > 0)]
    for _ in range(longest):
        h = reader.step(np.repeat(h, V, axis=0), np.tile(np.arange(V), len(h)))
        levels.append((h, reader.score(h) > 0))
    return levels


def _as_automaton(dfa, V):
    """AALpy's automaton as a table; its first state comes first."""
    states = [dfa.initial_state, *(s for s in dfa.states if s is not dfa.initial_state)]
    number = {state: q for q, state in enumerate(states)}
    step = [[number[state.transitions[symbol]] for symbol in range(V)] for state in states]
    return Automaton(np.array(step), np.array([bool(s.is_accepting) for s in states]))
