"""What the worlds have in common: what a step tells, when an episode ends, how one is played."""

from typing import NamedTuple

import numpy as np


class Step(NamedTuple):
    """What a world answers to an action.

    Attributes:
        x: what is seen now (..., D); where an episode has ended, the first look at the next one.
        reward: (...).
        terminated: True where the episode is over by its own rules (...).
        truncated: True where only the time limit ended it (...).
        x_last: what came of the action (..., D): the last look at an episode that has ended, and
            equal to `x` where none has.
    """

    x: np.ndarray
    reward: np.ndarray
    terminated: np.ndarray
    truncated: np.ndarray
    x_last: np.ndarray

    @property
    def ended(self):
        """True where the next observation belongs to another episode."""
        return self.terminated | self.truncated


class World:
    """Many copies of one simulator, in an array of any shape; a child says what happens in it.

    Args:
        shape: how many copies, e.g. (S, B): B worlds for each of S agents.
        rng: a NumPy generator.
        limit: how many steps an episode lasts at most; None for no limit.

    Raises:
        ValueError: if a size or the limit is not a positive integer.
    """

    ACTIONS = 2

    def __init__(self, shape, rng, limit):
        self.shape = (shape,) if hasattr(shape, "__index__") else tuple(shape)
        for name, size in (
            *(("shape", n) for n in self.shape),
            ("limit", 1 if limit is None else limit),
        ):
            if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
                raise ValueError(f"{name}: expected positive integers, got {size!r}")
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(4), got {rng!r}")
        self.rng, self.limit = rng, limit
        self.t = np.zeros(self.shape, dtype=int)

    def reset(self):
        """Begin all episodes anew; returns what is seen (..., D)."""
        self.t = np.zeros(self.shape, dtype=int)
        self.begin(np.ones(self.shape, dtype=bool))
        return self.look()

    def step(self, action):
        """Act once in every copy; where an episode ends, the next one begins.

        Args:
            action: whole numbers (...) from 0 to ACTIONS - 1.

        Returns:
            Step.

        Raises:
            ValueError: for another shape or another action.
        """
        action = np.asarray(action)
        if action.shape != self.shape or action.dtype.kind not in "iu":
            raise ValueError(
                f"action: expected whole numbers of shape {self.shape}, got {action.dtype} of "
                f"shape {action.shape}"
            )
        if action.min() < 0 or action.max() >= self.ACTIONS:
            raise ValueError(
                f"action: expected 0 to {self.ACTIONS - 1}, got {action.min()} to {action.max()}"
            )
        self.t += 1
        reward, terminated = self.act(action)
        truncated = ~terminated & (self.limit is not None and self.t >= (self.limit or 0))
        x_last = self.look()
        ended = terminated | truncated
        if not ended.any():
            return Step(x_last, reward, terminated, truncated, x_last)
        self.t[ended] = 0
        self.begin(ended)
        return Step(self.look(), reward, terminated, truncated, x_last)


def play(world, act, steps):
    """Every copy of a world plays its first episode; how well it went.

    Args:
        world: a world; it is reset.
        act: function (x (..., D), first (...)) -> actions (...); `first` is True everywhere at
            the first step and False after it. Copies whose episode is over are asked on, and
            their steps no longer counted.
        steps: how many steps are played at most.

    Returns:
        numpy.ndarray (...): the sum of the rewards of each first episode.

    Example:
        >>> from rnncourse.control import CartPole
        >>> world = CartPole(3, np.random.default_rng(0))
        >>> returns = play(world, lambda x, first: np.zeros(3, int), 100)
        >>> bool((returns < 12).all())  # always to the left: the pole falls within 12 steps
        True
    """
    x, first = world.reset(), np.ones(world.shape, dtype=bool)
    alive, total = np.ones(world.shape, dtype=bool), np.zeros(world.shape)
    for _ in range(steps):
        step = world.step(act(x, first))
        total += alive * step.reward
        alive &= ~step.ended
        x, first = step.x, np.zeros(world.shape, dtype=bool)
        if not alive.any():
            break
    return total
