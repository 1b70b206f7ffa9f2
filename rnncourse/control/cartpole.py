"""A pole on a cart, balanced by pushes to the left and right; velocities can be hidden."""

import numpy as np

from rnncourse.control.worlds import World
from rnncourse.data.card import Card

G, CART, POLE, LENGTH, FORCE, DT = 9.8, 1.0, 0.1, 0.5, 10.0, 0.02
FAR, FALLEN = 2.4, 12 * 2 * np.pi / 360

CARD = Card(
    name="Pole on a cart",
    what="position (m) and angle (rad) of a pole on a cart that is pushed with 10 N to the left "
    "or right 50 times a second; an episode ends when the pole leans over 12 degrees or the cart "
    "is over 2.4 m away; 1 point per step",
    whose="the equations of Barto, Sutton and Anderson (1983) as in Gymnasium's CartPole-v1, "
    "written anew in NumPy and checked step by step against Gymnasium",
    licence="MIT, as this course; Gymnasium is MIT too",
    size="as many carts and steps as asked for",
    real=False,
)


def physics(state, action):
    r"""The accelerations $(\ddot x, \ddot\theta)$ of cart and pole under a push.

    With $u = (F + m l \dot\theta^2 \sin\theta) / M$ and total mass M:
    $\ddot\theta = (g \sin\theta - u \cos\theta) / (l (4/3 - m \cos^2\theta / M))$ and
    $\ddot x = u - m l \ddot\theta \cos\theta / M$.

    Args:
        state: (..., 4): position (m), velocity (m/s), angle (rad), angular velocity (rad/s).
        action: (...): 0 pushes to the left, 1 to the right.

    Returns:
        (x_acc, theta_acc), each (...), in m/s² and rad/s².

    Source: Barto, Sutton & Anderson (1983), without friction, as in Gymnasium's CartPole-v1.

    Example:
        >>> x_acc, theta_acc = physics(np.zeros(4), 1)
        >>> bool(x_acc > 0 > theta_acc)  # pushed to the right, the pole leans to the left
        True
    """
    theta, theta_dot = state[..., 2], state[..., 3]
    force = np.where(np.asarray(action) == 1, FORCE, -FORCE)
    sin, cos, total = np.sin(theta), np.cos(theta), CART + POLE
    u = (force + POLE * LENGTH * theta_dot**2 * sin) / total
    theta_acc = (G * sin - cos * u) / (LENGTH * (4 / 3 - POLE * cos**2 / total))
    return u - POLE * LENGTH * theta_acc * cos / total, theta_acc


def moved(state, action):
    r"""One Euler step: positions by the old velocities, velocities by the accelerations.

    Args:
        state: (..., 4): position (m), velocity (m/s), angle (rad), angular velocity (rad/s).
        action: (...): 0 pushes to the left, 1 to the right.

    Returns:
        The state (..., 4) one fiftieth of a second later.

    Source: equal to Gymnasium 1.4's CartPole-v1 to the last digits of float64.

    Example:
        >>> moved(np.array([0.0, 1.0, 0.0, 0.0]), 1)[0]  # 1 m/s for 0.02 s
        np.float64(0.02)
    """
    x_acc, theta_acc = physics(state, action)
    rate = np.stack([state[..., 1], x_acc, state[..., 3], theta_acc], axis=-1)
    return state + DT * rate


class CartPole(World):
    """Many poles on many carts, in an array of any shape.

    Args:
        shape: how many, e.g. (S, B).
        rng: a NumPy generator; it draws where an episode begins, evenly from -0.05 to 0.05.
        limit: the time limit of an episode in steps; 500 is that of CartPole-v1.
        hidden: what is seen is position, angle and the last push (D = 3); with False the two
            velocities are seen as well (D = 5). Positions are in units of the limits, 2.4 m
            and 12 degrees; the push is -1, 1, or 0 at the first step.

    Attributes:
        state: (..., 4), with the velocities, hidden or not.

    Raises:
        ValueError: as for any world.

    Taught in: chapters/29_acting_with_memory

    Source: Barto, Sutton & Anderson (1983); without velocities as in Wieland (1991) and many
        since. Gymnasium shows four numbers in metres and radians, and no last push.

    Example:
        >>> world = CartPole((2, 3), np.random.default_rng(0))
        >>> world.reset().shape, world.step(np.ones((2, 3), int)).x.shape
        ((2, 3, 3), (2, 3, 3))
    """

    SEEN = ("position", "angle", "last push")
    ALL = (*SEEN, "velocity", "angular velocity")

    def __init__(self, shape, rng, limit=500, hidden=True):
        super().__init__(shape, rng, limit)
        self.hidden, self.D = hidden, 3 if hidden else 5
        self.state, self.push = np.zeros((*self.shape, 4)), np.zeros(self.shape)

    def begin(self, which):
        """New episodes where `which` (...) is True."""
        self.state[which] = self.rng.uniform(-0.05, 0.05, (int(which.sum()), 4))
        self.push[which] = 0.0

    def act(self, action):
        """Push once; (reward (...), terminated (...))."""
        self.state, self.push = moved(self.state, action), 2.0 * action - 1.0
        far, lean = np.abs(self.state[..., 0]) > FAR, np.abs(self.state[..., 2]) > FALLEN
        return np.ones(self.shape), far | lean

    def look(self):
        """What is seen (..., D)."""
        return self.seen(self.state, self.push, self.hidden)

    @staticmethod
    def seen(state, push, hidden=True):
        """The observation (..., D) of a state (..., 4) of this world or of Gymnasium's."""
        parts = [state[..., 0] / 0.5, state[..., 2] / 0.05, push]
        parts += [] if hidden else [state[..., 1], state[..., 3]]
        return np.stack(parts, axis=-1)
