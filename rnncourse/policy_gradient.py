"""Learning to act: collect steps, judge them, and make the good ones likelier, but not by much."""

from typing import NamedTuple

import numpy as np
import torch

from rnncourse.control import play

FAR = 0.1  # mean log p_old - log p of a batch from which on an agent is left alone


class Rollout(NamedTuple):
    """T steps of B worlds for each of S agents.

    Attributes:
        x: what was seen (S, B, T, D).
        first: True at the steps with which an episode begins (S, B, T).
        action: (S, B, T).
        log_p: log of the chance that the action had (S, B, T).
        reward: (S, B, T).
        value: what the agent expected (S, B, T).
        next_value: what it expected of the look that followed, in the same episode (S, B, T).
        terminated: True where the episode was over by its own rules (S, B, T).
        ended: True where it was over for any reason (S, B, T).
        state: what was remembered before each step (S, B, T, M), as it was when acting.
    """

    x: torch.Tensor
    first: torch.Tensor
    action: torch.Tensor
    log_p: torch.Tensor
    reward: torch.Tensor
    value: torch.Tensor
    next_value: torch.Tensor
    terminated: torch.Tensor
    ended: torch.Tensor
    state: torch.Tensor


def advantages(reward, value, next_value, terminated, ended, gamma=0.99, lam=0.95):
    r"""How much better each action went than expected: generalised advantage estimation.

    $\delta_t = r_t + \gamma\, v'_t\,[\text{not terminated}] - v_t$ and
    $A_t = \delta_t + \gamma\lambda\,[\text{not ended}]\,A_{t+1}$, with $A_T = 0$ behind the cut.

    Args:
        reward: (..., T).
        value: $v_t$, what was expected before the action (..., T).
        next_value: $v'_t$, what was expected of the look that followed in the same episode.
        terminated: True where the episode was over by its own rules: nothing follows.
        ended: True where it was over for any reason: what follows belongs to another episode.
        gamma: discount of a step.
        lam: 0 believes the next value, 1 only the rewards up to the cut.

    Returns:
        (..., T).

    Taught in: chapters/29_acting_with_memory

    Source: Schulman et al. (2016). Many codes have one flag for both kinds of end, and so take a
        time limit for a failure (Pardo et al., 2018).

    Example:
        >>> one, no = torch.ones(1), torch.tensor([False])
        >>> advantages(one, 0 * one, 10 * one, no, ~no)  # cut by the time limit: 1 + 0.99 * 10
        tensor([10.9000])
        >>> advantages(one, 0 * one, 10 * one, ~no, ~no)  # the pole fell
        tensor([1.])
    """
    delta = reward + gamma * next_value * ~terminated - value
    A, later = torch.empty_like(delta), torch.zeros_like(delta[..., 0])
    for t in reversed(range(delta.shape[-1])):
        later = delta[..., t] + gamma * lam * later * ~ended[..., t]
        A[..., t] = later
    return A


def clipped(log_p, log_p_old, A, eps=0.2):
    r"""PPO's objective, to be made large: $\min(\rho A,\ \mathrm{clip}(\rho, 1-\epsilon,
    1+\epsilon)\,A)$ with $\rho = p / p_{\text{old}}$.

    Args:
        log_p: log of the chance of the action taken, as the agent is now (...).
        log_p_old: the same as it was when it acted; no gradient goes there.
        A: advantages (...).
        eps: how far a chance may move and still be rewarded for moving.

    Returns:
        (...), one number for each step.

    Taught in: chapters/29_acting_with_memory

    Source: Schulman et al. (2017), the clipped surrogate.

    Example:
        >>> log_p = torch.log(torch.tensor([0.9, 0.9, 0.1]))
        >>> clipped(log_p, torch.log(torch.tensor(0.5)), torch.tensor([1.0, -1.0, 1.0]))
        tensor([ 1.2000, -1.8000,  0.2000])
    """
    ratio = torch.exp(log_p - log_p_old)
    return torch.minimum(ratio * A, ratio.clamp(1 - eps, 1 + eps) * A)


def log_p_of(logits, action):
    """Log of the chance of each action taken: (..., A), (...) -> (...)."""
    log_p = torch.log_softmax(logits, dim=-1)
    return log_p.gather(-1, action[..., None])[..., 0]


def drawn(logits, rng):
    """One action for each row of logits (..., A), by its chances."""
    p = torch.softmax(logits, dim=-1).numpy()
    u = rng.random(p.shape[:-1])[..., None]
    return np.minimum((u > p.cumsum(axis=-1)).sum(axis=-1), p.shape[-1] - 1)


class Actor:
    """Agents in their worlds: keeps what was seen last and what is remembered, between rollouts.

    Args:
        agents: a `torch_models.Policies` with S agents.
        world: a world of `rnncourse.control` of shape (S, B).
        rng: a NumPy generator, which draws the actions.
        unit: what rewards are divided by, so that what an agent has to expect is of order 1.

    Attributes:
        x: what is seen now (S, B, D).
        first: True where an episode begins with it (S, B).
        state: what is remembered (S, B, M).
        returns: the sums of rewards of the episodes that ended in the last rollout, S lists.
    """

    def __init__(self, agents, world, rng, unit=1.0):
        self.agents, self.world, self.rng, self.unit = agents, world, rng, unit
        self.x = torch.tensor(world.reset(), dtype=torch.float32)
        self.first = torch.ones(world.shape, dtype=torch.bool)
        self.state = agents.start(world.shape[1])
        self.total = np.zeros(world.shape)
        self.returns = []

    @torch.no_grad()
    def collect(self, steps):
        """Act for so many steps and write everything down: a `Rollout`."""
        rows, self.returns = [], [[] for _ in self.agents.start(1)]
        for _ in range(steps):
            rows.append(self._step())
        return Rollout(*(torch.stack(column, dim=2) for column in zip(*rows, strict=True)))

    def _step(self):
        x, first = self.x, self.first
        state = self.state * (~first)[..., None]  # an episode begins with an empty memory
        h, self.state = self.agents.advance(x, state)
        logits, value = self.agents.read(h)
        action = drawn(logits, self.rng)
        step = self.world.step(action)
        self.x = torch.tensor(step.x, dtype=torch.float32)
        self.first = torch.from_numpy(step.ended)
        action = torch.from_numpy(action)
        next_value = self._expected(step)
        self._count(step)
        return (
            x,
            first,
            action,
            log_p_of(logits, action),
            torch.tensor(step.reward / self.unit, dtype=torch.float32),
            value,
            next_value,
            torch.from_numpy(step.terminated),
            self.first,
            state,
        )

    def _expected(self, step):
        """The value of what came of the action, in the episode that the action belongs to."""
        x_last = torch.tensor(step.x_last, dtype=torch.float32)
        return self.agents.read(self.agents.advance(x_last, self.state)[0])[1]

    def _count(self, step):
        self.total += step.reward
        for s, b in zip(*np.nonzero(step.ended), strict=True):
            self.returns[s].append(self.total[s, b])
        self.total[step.ended] = 0.0


def update(agents, optimiser, rollout, A, rng, *, epochs=4, batches=8, memory="stored"):
    r"""Climb the clipped objective of one rollout: some passes over its pieces, in small batches.

    Every agent minimises its own mean of
    $-L + \tfrac12 (v - v_{\text{old}} - A)^2 / \mathrm{var} - 0.01\,\mathrm{entropy}$,
    with advantages brought to mean 0 and deviation 1 in L.

    Args:
        agents: `torch_models.Policies`, changed in place.
        optimiser: one over all their weights.
        rollout: a `Rollout`, as a rule cut by `pieces`.
        A: advantages (S, B, T).
        rng: a NumPy generator for the order of the pieces.
        epochs: passes.
        batches: how many steps of the optimiser a pass has.
        memory: with which state a piece begins, "stored" (as it was when acting) or "zero".

    Taught in: chapters/29_acting_with_memory

    Source: Schulman et al. (2017); an agent whose chances have drifted by `FAR` gets no gradient
        for the rest of the update, as many implementations have it.
    """
    goal = A + rollout.value
    A = (A - A.mean(dim=(1, 2), keepdim=True)) / (A.std(dim=(1, 2), keepdim=True) + 1e-8)
    going = torch.ones(len(A))
    for _ in range(epochs):
        for rows in torch.from_numpy(rng.permutation(A.shape[1])).chunk(batches):
            part = Rollout(*(a[:, rows] for a in rollout))
            logits, value = again(agents, part, memory)
            log_p = log_p_of(logits, part.action)
            going = going * ((part.log_p - log_p.detach()).mean(dim=(1, 2)) < FAR)
            error = (value - goal[:, rows]) ** 2 / goal.var(dim=(1, 2), keepdim=True).clamp(0.01)
            gain = clipped(log_p, part.log_p, A[:, rows]) + 0.01 * _entropy(logits)
            optimiser.zero_grad()
            (going * (0.5 * error - gain).mean(dim=(1, 2))).sum().backward()
            shrink(agents, 0.5)
            optimiser.step()


def _entropy(logits):
    log_p = torch.log_softmax(logits, dim=-1)
    return -(log_p.exp() * log_p).sum(dim=-1)


def again(agents, rollout, memory="stored"):
    """What the agents say now of the steps of a rollout: logits (S, B, T, A), values (S, B, T)."""
    start = rollout.state[:, :, 0]
    if memory not in ("stored", "zero"):
        raise ValueError(f"memory: expected 'stored' or 'zero', got {memory!r}")
    start = start if memory == "stored" else torch.zeros_like(start)
    return agents(rollout.x, start, rollout.first)[:2]


def shrink(agents, clip):
    """Every agent's own gradient to length `clip` at most."""
    grads = [w.grad for w in agents.parameters() if w.grad is not None]
    norm = sum(g.flatten(1).square().sum(dim=1) for g in grads).sqrt()
    for g in grads:
        g *= (clip / (norm + 1e-8)).clamp(max=1).view(-1, *[1] * (g.ndim - 1))


def greedy(agents, world, steps=None):
    """Returns (S, B) of one episode in each world, with the likeliest action at every step."""
    act = acting(agents)
    return play(world, act, world.limit if steps is None else steps)


def acting(agents):
    """The agents as a function (x (S, B, D), first (S, B)) -> likeliest actions (S, B)."""
    memory = []

    @torch.no_grad()
    def act(x, first):
        state = memory.pop() if memory else agents.start(x.shape[1])
        state = state * torch.from_numpy(~first)[..., None]
        h, state = agents.advance(torch.tensor(x, dtype=torch.float32), state)
        memory.append(state)
        return agents.read(h)[0].argmax(dim=-1).numpy()

    return act


def learn(
    agents, world, trial, rng, *, rollouts=24, steps=32, piece=8, lr=0.02, every=8, unit=1.0, **how
):
    """Proximal policy optimisation: act, judge, climb, and keep the best weights seen.

    Args:
        agents: `torch_models.Policies`; trained in place, and left with each agent's best weights.
        world: where they act and learn, of shape (S, B).
        trial: worlds of shape (S, N) where they are tried, greedily, after every so many rollouts.
        rng: a NumPy generator.
        rollouts: how many.
        steps: T of a rollout.
        piece: how many steps the gradient goes back, a divisor of `steps`.
        lr: largest step size of Adam; it rises for some rollouts and then falls to zero.
        every: rollouts between two trials.
        unit: what rewards are divided by.
        how: keywords of `update`.

    Returns:
        mean returns in the trials (trials, S).

    Taught in: chapters/29_acting_with_memory
    """
    actor, trials = Actor(agents, world, rng, unit), []
    optimiser = torch.optim.Adam(agents.parameters(), lr=lr)
    best = [w.detach().clone() for w in agents.parameters()]
    for n in range(1, rollouts + 1):
        optimiser.param_groups[0]["lr"] = lr * min(n / 8, 1 - (n - 1) / rollouts)
        rollout = actor.collect(steps)
        A = advantages(*rollout[4:9])
        update(agents, optimiser, pieces(rollout, piece), cut(A, piece), rng, **how)
        if n % every == 0 or n == rollouts:
            trials.append(greedy(agents, trial).mean(axis=1))
            better = trials[-1] >= np.max(trials, axis=0)
            for kept, w in zip(best, agents.parameters(), strict=True):
                kept[better] = w.detach()[better]
    for kept, w in zip(best, agents.parameters(), strict=True):
        w.data = kept
    return np.array(trials)


def pieces(rollout, length):
    """A rollout cut into pieces of so many steps, side by side: each array as by `cut`."""
    return Rollout(*(cut(a, length) for a in rollout))


def cut(a, length):
    """(S, B, T, ...) -> (S, B T / length, length, ...).

    Raises:
        ValueError: if T is not a multiple of `length`.

    Example:
        >>> cut(torch.arange(6).reshape(1, 1, 6), 3).tolist()
        [[[0, 1, 2], [3, 4, 5]]]
    """
    S, B, T = a.shape[:3]
    if length < 1 or T % length:
        raise ValueError(f"length: expected a divisor of T = {T}, got {length!r}")
    return a.reshape(S, B * T // length, length, *a.shape[3:])
