"""Worlds to act in: many small simulators side by side, NumPy only, each with its card.

All of them speak one language: `reset()` gives the first observations, `step(action)` a `Step`.
A world that ends begins anew at once; what was seen last is kept in the step.
"""

from rnncourse.control.cartpole import CartPole, moved, physics
from rnncourse.control.gym import GymCartPole
from rnncourse.control.tmaze import TMaze
from rnncourse.control.worlds import Step, play

__all__ = ["CartPole", "GymCartPole", "Step", "TMaze", "moved", "physics", "play"]
