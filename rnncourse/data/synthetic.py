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
