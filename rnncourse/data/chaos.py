"""A small weather whose law is known: Lorenz's ring of 1996, chaotic, and seen in part."""

import numpy as np

from rnncourse.data.card import Card

CARD = Card(
    name="Lorenz-96",
    what=(
        "K numbers around a circle of latitude, each pushed by its neighbours, damped and driven "
        "from outside; every step is 0.05 units of time, which its author likens to six hours "
        "(without unit)"
    ),
    whose="simulated by this course after Lorenz (1996)",
    licence="MIT, as the code",
    size="as many runs and steps as asked for",
    real=False,
)


def tendency(x, F=8.0):
    r"""$\dot x_k = (x_{k+1} - x_{k-2})\,x_{k-1} - x_k + F$, with k around the ring.

    Args:
        x: (..., K).
        F: the drive, the same everywhere.

    Returns:
        (..., K), per unit of time.

    Taught in: chapters/21_forecasting

    Source: Lorenz (1996).

    Example:
        >>> tendency(np.full(5, 8.0), F=8.0)  # the same everywhere: nothing moves
        array([0., 0., 0., 0., 0.])
    """
    return (np.roll(x, -1, -1) - np.roll(x, 2, -1)) * np.roll(x, 1, -1) - x + F


def step(x, dt=0.05, F=8.0):
    r"""One step of the classical Runge-Kutta method of fourth order.

    Args:
        x: (..., K).
        dt: units of time.
        F: as for `tendency`.

    Returns:
        (..., K), `dt` later.

    Example:
        >>> step(np.full(5, 8.0)).round(9)
        array([8., 8., 8., 8., 8.])
    """
    a = tendency(x, F)
    b = tendency(x + dt / 2 * a, F)
    c = tendency(x + dt / 2 * b, F)
    return x + dt / 6 * (a + 2 * b + 2 * c + tendency(x + dt * c, F))


def lorenz96(n, rng, runs=1, K=8, F=8.0, dt=0.05):
    """Runs of the ring, one beside the other, each from a start of its own.

    Args:
        n: steps of each run.
        rng: a NumPy generator that draws the starts.
        runs: how many, R.
        K: numbers around the ring, at least 4.
        F: the drive; with 8 the ring is chaotic for most K.
        dt: units of time per step.

    Returns:
        float64 (R, n, K), after 500 steps that are thrown away.

    Raises:
        ValueError: if `n` or `runs` is below 1, or `K` below 4.

    Taught in: chapters/21_forecasting

    Example:
        >>> lorenz96(7, np.random.default_rng(0), runs=3, K=5).shape
        (3, 7, 5)
    """
    for name, value, least in (("n", n, 1), ("runs", runs, 1), ("K", K, 4)):
        if not hasattr(value, "__index__") or value < least:
            raise ValueError(f"{name}: expected an integer of at least {least}, got {value!r}")
    x = F + rng.normal(size=(runs, K))
    for _ in range(500):
        x = step(x, dt, F)
    path = np.empty((n, runs, K))
    for t in range(n):
        path[t] = x = step(x, dt, F)
    return path.transpose(1, 0, 2)


def observed(n, rng, runs=40, train=32, noise=0.1, **options):
    """Runs of the ring as they are and as they are seen, in units of what the training runs show.

    Args:
        n: steps of each run.
        rng: a NumPy generator that draws starts and noise.
        runs: how many, R.
        train: how many of them, from the first, give the unit: their mean and deviation.
        noise: standard deviation of what is added to every number that is seen.
        **options: for `lorenz96`.

    Returns:
        (true, seen, back): arrays (R, n, K), and a function that takes such numbers back to the
        unit of the equation.

    Taught in: chapters/21_forecasting

    Example:
        >>> true, seen, back = observed(7, np.random.default_rng(0), runs=3, train=2)
        >>> true.shape, seen.shape, bool(abs(seen[:2].std() - 1) < 1e-9)
        ((3, 7, 8), (3, 7, 8), True)
    """
    true = lorenz96(n, rng, runs=runs, **options)
    seen = true + noise * rng.normal(size=true.shape)
    mean, std = seen[:train].mean(), seen[:train].std()
    return (true - mean) / std, (seen - mean) / std, lambda z: z * std + mean


def lyapunov_time(x, F=8.0, dt=0.05, steps=2000):
    r"""$1/\lambda$ with $\lambda$ = mean of $\ln(|d_{t+1}|/|d_t|)/dt$: until an error is e-fold.

    Each start gets a twin that differs by a hair; after every step the hair is measured and cut
    back to its first length.

    Args:
        x: starts on the attractor (R, K).
        F: as for `tendency`.
        dt: units of time per step.
        steps: how many steps the twins are followed; the first tenth does not count.

    Returns:
        float, in steps.

    Raises:
        ValueError: if `x` is not of shape (R, K).

    Taught in: chapters/21_forecasting

    Source: Benettin et al. (1980), for the largest exponent alone.

    Example:
        >>> x = lorenz96(1, np.random.default_rng(0), runs=16)[:, 0]
        >>> 10 < lyapunov_time(x) < 15
        True
    """
    if np.ndim(x) != 2:
        raise ValueError(f"x: expected starts (R, K), got shape {np.shape(x)}")
    hair, growth = 1e-7, []
    twin = x + hair * np.eye(1, x.shape[1])
    for _ in range(steps):
        x, twin = step(x, dt, F), step(twin, dt, F)
        length = np.linalg.norm(twin - x, axis=1, keepdims=True)
        growth.append(np.log(length / hair).mean())
        twin = x + (twin - x) * (hair / length)
    return float(1 / np.mean(growth[steps // 10 :]))
