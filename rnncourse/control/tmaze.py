"""A corridor with a sign at its beginning that tells which way to turn at its end."""

import numpy as np

from rnncourse.control.worlds import World
from rnncourse.data.card import Card

CARD = Card(
    name="T-maze",
    what="a corridor of N cells and a junction; a sign in the first cell says left or right; "
    "each step walks on or tries a turn; 1 point for the right turn, -1 for the wrong one, -0.1 "
    "for a bump into a wall",
    whose="after Bakker (2002), written anew; three actions instead of four",
    licence="MIT, as this course",
    size="as many corridors, of any length, as asked for",
    real=False,
)


class TMaze(World):
    """Many corridors, in an array of any shape.

    Actions: 0 turns left, 1 turns right, 2 walks on. In the corridor a turn, and at the junction
    walking on, is a bump into a wall: nothing moves. A turn at the junction ends the episode.

    Args:
        shape: how many, e.g. (S, B).
        rng: a NumPy generator; it draws the signs, left or right with equal odds.
        length: N, steps from the sign to the junction.
        limit: the time limit in steps; by default 2 N + 10.

    Attributes:
        sign: (...), 0 for left and 1 for right.
        place: (...), 0 at the sign, N at the junction.

    Raises:
        ValueError: as for any world, or if `length` is not a positive integer.

    Taught in: chapters/29_acting_with_memory

    Source: Bakker (2002), whose maze has four actions and other rewards.

    Example:
        >>> world = TMaze(2, np.random.default_rng(0), length=3)
        >>> world.reset()[:, 2:]  # columns: left sign, right sign, corridor, junction
        array([[0., 0.],
               [0., 0.]])
        >>> world.step(np.array([2, 0])).reward  # one walks on, one bumps
        array([ 0. , -0.1])
    """

    ACTIONS, D = 3, 4
    SEEN = ("sign left", "sign right", "corridor", "junction")

    def __init__(self, shape, rng, length=10, limit=None):
        if isinstance(length, bool) or not hasattr(length, "__index__") or length < 1:
            raise ValueError(f"length: expected a positive integer, got {length!r}")
        super().__init__(shape, rng, 2 * length + 10 if limit is None else limit)
        self.length = length
        self.sign, self.place = np.zeros((2, *self.shape), dtype=int)

    def begin(self, which):
        """New episodes where `which` (...) is True."""
        self.sign[which] = self.rng.integers(0, 2, int(which.sum()))
        self.place[which] = 0

    def act(self, action):
        """One step; (reward (...), terminated (...))."""
        junction, on = self.place == self.length, action == 2
        terminated = junction & ~on
        reward = np.where(terminated, np.where(action == self.sign, 1.0, -1.0), 0.0)
        reward[junction == on] = -0.1  # a bump: a turn in the corridor, or on at the junction
        self.place = self.place + (on & ~junction)
        return reward, terminated

    def look(self):
        """What is seen (..., 4): one of four things."""
        start = self.place == 0
        parts = [start & (self.sign == 0), start & (self.sign == 1)]
        parts += [~start & (self.place < self.length), self.place == self.length]
        return np.stack(parts, axis=-1).astype(float)
