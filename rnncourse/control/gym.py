"""Gymnasium's own carts, in the language of our worlds: the place to be tried in, not to learn."""

import numpy as np

from rnncourse.control.cartpole import CartPole
from rnncourse.control.worlds import Step


class GymCartPole:
    """Many copies of Gymnasium's CartPole-v1, of which an agent sees what ours show.

    Args:
        shape: how many, e.g. (S, B).
        seed: of the first copy; the others take the numbers after it.

    Attributes:
        states: (..., 4), as Gymnasium gives them, in float32.

    Taught in: chapters/29_acting_with_memory

    Source: Gymnasium (Towers et al., 2024), unchanged; positions are in our units and the last
        push is shown as well, the velocities are not.

    Example:
        >>> world = GymCartPole((2, 3), seed=0)
        >>> world.reset().shape, world.step(np.ones((2, 3), int)).reward[0]
        ((2, 3, 3), array([1., 1., 1.]))
    """

    ACTIONS, D, limit = 2, 3, 500

    def __init__(self, shape, seed):
        import gymnasium  # here: no other chapter pays for it

        self.shape, self.seed = tuple(shape), int(seed)
        self.copies = [gymnasium.make("CartPole-v1") for _ in range(int(np.prod(shape)))]

    def reset(self):
        """Begin all episodes anew; returns what is seen (..., D)."""
        states = [c.reset(seed=self.seed + k)[0] for k, c in enumerate(self.copies)]
        self.states = np.reshape(states, (*self.shape, 4))
        return CartPole.seen(self.states, np.zeros(self.shape))

    def step(self, action):
        """Act once in every copy; where an episode ends, the next one begins. Returns a Step."""
        told = [c.step(int(a)) for c, a in zip(self.copies, np.ravel(action), strict=True)]
        last, reward, terminated, truncated, _ = (
            np.array(part) for part in zip(*told, strict=True)
        )
        ended = terminated | truncated
        now = [c.reset()[0] if over else x for c, over, x in zip(
            self.copies, ended, last, strict=True)]  # fmt: skip
        self.states = np.reshape(now, (*self.shape, 4))
        push = 2.0 * np.asarray(action) - 1
        over = ended.reshape(self.shape)
        return Step(
            CartPole.seen(self.states, np.where(over, 0.0, push)),
            reward.reshape(self.shape),
            terminated.reshape(self.shape),
            truncated.reshape(self.shape),
            CartPole.seen(last.reshape(*self.shape, 4), push),
        )
