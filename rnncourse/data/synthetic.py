"""Series whose truth we know, because we made them."""

import functools

import numpy as np

from rnncourse.data.card import Card

NOISY_SINE = Card(
    name="Noisy sine",
    what="one value per time step: a sine of amplitude 1 plus independent Gaussian noise",
    whose="simulated by this course",
    licence="MIT, as the code",
    size="as many steps as asked for; 100 in chapter 02",
    real=False,
)

MACKEY_GLASS = Card(
    name="Mackey-Glass series",
    what=(
        "one value per sampling step: the density of white blood cells that a delay equation "
        "gives (without unit), or its standardised value"
    ),
    whose="simulated by this course after Mackey & Glass (1977), doi:10.1126/science.267326",
    licence="MIT, as the code",
    size="as many steps as asked for",
    real=False,
)

ADDING = Card(
    name="Adding problem",
    what=(
        "sequences of T steps of two numbers: a value between 0 and 1, and a mark, which is 1 at "
        "two steps, one in each half, and 0 elsewhere; the target is the sum of the two marked "
        "values (without unit)"
    ),
    whose="simulated by this course after Hochreiter & Schmidhuber (1997)",
    licence="MIT, as the code",
    size="as many sequences as asked for; always saying 1 has a mean squared error of 1/6",
    real=False,
)


def noisy_sine(n=100, periods=1.0, noise=0.1, rng=None):
    r"""$x_t = \sin(2\pi p\,t/(n-1)) + \sigma\varepsilon_t$ for $t = 0 \dots n-1$.

    Args:
        n: number of steps, at least 2; the first and the last lie at phases 0 and 2 pi p.
        periods: $p$, how many periods the series spans.
        noise: $\sigma$, standard deviation of the independent Gaussian noise $\varepsilon$.
        rng: a NumPy generator; needed if there is noise.

    Returns:
        float64 (n,), without unit. No model can foresee the noise: the RMSE of the best forecast
        is `noise` in the long run, its noise floor.

    Raises:
        ValueError: if `n` is below 2, `noise` negative, or noise is asked for without `rng`.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> noisy_sine(5, noise=0.0).round(3) + 0.0
        array([ 0.,  1.,  0., -1.,  0.])
        >>> noisy_sine(7, rng=np.random.default_rng(0)).shape
        (7,)
    """
    _check_length(n)
    clean = np.sin(np.linspace(0.0, 2 * np.pi * periods, n))
    return clean + _noise(n, noise, rng)


def mackey_glass(
    n, tau=17.0, dt=1.0, noise=0.0, rng=None, *, standardise=True, beta=0.2, gamma=0.1, power=10
):
    r"""$\dot x(t) = \beta\,x(t-\tau)/(1+x(t-\tau)^p) - \gamma\,x(t)$, sampled every `dt`.

    A feedback that arrives late: for $\tau = 17$ the solution is chaotic, but next to the present
    value it depends on the recent past alone, so that it is predictable for a while.

    Args:
        n: number of samples, at least 2.
        tau: $\tau$, the delay in units of time.
        dt: time between two samples.
        noise: standard deviation of Gaussian noise that is added to the samples, in the unit of
            the result; the dynamics do not feel it, so it is the noise floor of a forecast.
        rng: a NumPy generator; draws the beginning and the noise. None: one fixed beginning.
        standardise: subtract the mean and divide by the standard deviation of this equation's
            solutions, measured once on another, long solution: nothing of the future leaks.
        beta: $\beta$, rate of production (per unit of time).
        gamma: $\gamma$, rate of decay (per unit of time).
        power: $p$, steepness of the feedback.

    Returns:
        float64 (n,): standardised values, or densities if `standardise` is False (0.2 to 1.4 at
        the default parameters).

    Raises:
        ValueError: if `n` is below 2, a rate, `tau` or `dt` is not positive, `noise` is negative,
            or noise is asked for without `rng`.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Source: Mackey & Glass (1977), equation 4b with the constants that became customary. Solved by
        the classical Runge-Kutta method with a step of about 0.1, from a constant history, of
        which the first 1,000 units of time are dropped.

    Example:
        >>> x = mackey_glass(500, standardise=False)
        >>> bool(0.2 < x.min() < x.max() < 1.4)
        True
    """
    _check_length(n)
    for name, value in {"tau": tau, "dt": dt, "beta": beta, "gamma": gamma, "power": power}.items():
        if not value > 0:
            raise ValueError(f"{name}: expected a positive number, got {value!r}")
    constants = (float(tau), float(beta), float(gamma), float(power))
    start = 0.6 if rng is None else rng.uniform(0.4, 0.8)
    x = _delay_solution(n, dt, start, *constants)
    if standardise:
        mean, deviation = _moments(*constants)
        x = (x - mean) / deviation
    return x + _noise(n, noise, rng)


def adding(n, T, rng):
    r"""$y = \sum_t x_{t,1}\,x_{t,2}$: the values are uniform, and two of the T steps are marked.

    Args:
        n: number of sequences, at least 1.
        T: steps of each, at least 2.
        rng: a NumPy generator.

    Returns:
        (x, y): x float64 (n, T, 2), at each step a value uniform between 0 and 1, and a mark,
        which is 1 at one step of the first half (the steps before T // 2) and at one of the
        second, else 0; y float64 (n, 1), the sum of the two marked values. The variance of y is
        1/6: that is the mean squared error of always saying 1. Who knows the rule has none.

    Raises:
        ValueError: if `n` or `T` is too small or `rng` is no generator.

    Taught in: chapters/07_training_that_works

    Source: Hochreiter & Schmidhuber (1997), experiment 4, in the simpler form of Le, Jaitly &
        Hinton (2015). In the original, values lie between -1 and 1, lengths vary, both marks lie
        in the first half, and the target is scaled to lie between 0 and 1.

    Example:
        >>> x, y = adding(3, 7, np.random.default_rng(0))
        >>> x.shape, y.shape, x[..., 1].sum(axis=1)
        ((3, 7, 2), (3, 1), array([2., 2., 2.]))
    """
    for name, value, least in (("n", n, 1), ("T", T, 2)):
        if not hasattr(value, "__index__") or value < least:
            raise ValueError(f"{name}: expected an integer of at least {least}, got {value!r}")
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng: expected a NumPy generator such as seeds.rng(7), got {rng!r}")
    x = np.zeros((n, T, 2))
    x[..., 0] = rng.random((n, T))
    rows = np.arange(n)
    x[rows, rng.integers(0, T // 2, n), 1] = 1
    x[rows, rng.integers(T // 2, T, n), 1] = 1
    return x, x.prod(axis=2).sum(axis=1, keepdims=True)


def which_came_first(n, gap, T, *, noise=0.0, rng):
    r"""Two bells, A and B, ring in the order $(s, \bar s, \text{gap silent steps}, u, \bar u)$.

    Each bell rings twice, so that counting the rings says nothing. Both orders, the early one s
    and the late one u, are tosses of a coin; the late pair ends the sequence, and only the early
    pair says which bell rang first.

    Args:
        n: number of sequences.
        gap: silent steps between the two pairs: an integer, or (least, largest), from which
            every sequence draws its own.
        T: steps of a sequence, at least the largest gap + 4; what is left over is silence at the
            beginning.
        noise: standard deviation of Gaussian noise that is added to every number.
        rng: a NumPy generator.

    Returns:
        (x, y): x (n, T, 2), about 1 where a bell rings (feature 0: A, feature 1: B), else about
        0; y bool (n,), True where bell A was the first to ring.

    Raises:
        ValueError: if `n` is below 1, a gap is negative or out of order, `T` too small for the
            largest gap, or `noise` negative.

    Taught in: chapters/01_order_is_information

    Source: a relative of the temporal-order task of Hochreiter & Schmidhuber (1997), with every
        symbol as often in one class as in the other, and without distracting symbols.

    Example:
        >>> x, y = which_came_first(1, gap=2, T=7, rng=np.random.default_rng(1))
        >>> x[0].T.astype(int), y
        (array([[0, 1, 0, 0, 0, 0, 1],
               [0, 0, 1, 0, 0, 1, 0]]), array([ True]))
    """
    least, largest = (gap, gap) if np.ndim(gap) == 0 else gap
    _check_bells(n, least, largest, T, noise)
    gaps = rng.integers(least, largest + 1, n)
    early, late = rng.integers(0, 2, (2, n))  # the feature that rings first in each pair
    x, row = rng.normal(scale=noise, size=(n, T, 2)), np.arange(n)
    x[row, T - 4 - gaps, early] += 1
    x[row, T - 3 - gaps, 1 - early] += 1
    x[row, T - 2, late] += 1
    x[row, T - 1, 1 - late] += 1
    return x, early == 0


def _check_bells(n, least, largest, T, noise):
    if not hasattr(n, "__index__") or n < 1:
        raise ValueError(f"n: expected a positive integer, got {n!r}")
    if not 0 <= least <= largest:
        raise ValueError(f"gap: expected 0 <= least <= largest, got {least!r} and {largest!r}")
    if largest + 4 > T:
        raise ValueError(f"T: expected at least {largest + 4} for a gap of {largest}, got {T!r}")
    if not noise >= 0:
        raise ValueError(f"noise: expected a standard deviation of at least 0, got {noise!r}")


def _delay_solution(n, dt, start, tau, beta, gamma, power, dropped=1000.0):
    """Samples 0 ... n - 1 of the solution whose history is the constant `start`.

    The delayed feedback of a step is known before the step is made; halfway, where Runge-Kutta
    asks for it too, a cubic through the two neighbours gives it without losing accuracy.
    """
    delay = max(1, round(tau / 0.1))  # inner steps per tau
    step = tau / delay
    total = int(np.ceil((dropped + (n - 1) * dt) / step)) + 1
    x = [start] * (delay + 1)  # x[k] lies at time (k - delay) * step
    slope = [0.0] * (delay + 1)
    for k in range(total):
        a, c = x[k], x[k + 1]  # delayed value at the beginning and the end of this step
        b = (a + c) / 2 + step / 8 * (slope[k] - slope[k + 1])
        a, b, c = (beta * v / (1 + v**power) for v in (a, b, c))
        now = x[-1]
        k1 = a - gamma * now
        k2 = b - gamma * (now + step / 2 * k1)
        k3 = b - gamma * (now + step / 2 * k2)
        k4 = c - gamma * (now + step * k3)
        x.append(now + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4))
        slope.append(c - gamma * x[-1])
    times = dropped + dt * np.arange(n)
    return np.interp(times, step * np.arange(total + 1), x[delay:])


@functools.cache
def _moments(*constants):
    """Mean and standard deviation over a long solution (10,000 units of time)."""
    x = _delay_solution(10_000, 1.0, 0.5, *constants)
    deviation = float(x.std())
    return float(x.mean()), deviation if deviation > 1e-6 else 1.0  # a solution may come to rest


def _check_length(n):
    if not hasattr(n, "__index__") or n < 2:
        raise ValueError(f"n: expected an integer of at least 2, got {n!r}")


def _noise(n, noise, rng):
    if not noise >= 0:
        raise ValueError(f"noise: expected a standard deviation of at least 0, got {noise!r}")
    if noise > 0 and rng is None:
        raise ValueError("rng: expected a NumPy generator for the noise, got None")
    return rng.normal(scale=noise, size=n) if noise > 0 else np.zeros(n)
