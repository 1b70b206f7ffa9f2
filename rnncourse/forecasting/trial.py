"""Several runs of one system, some to train on, some to be asked about, both ways."""

from dataclasses import dataclass

import numpy as np

from rnncourse import baselines
from rnncourse.forecasting.networks import fit_pieces, go_on, run_over
from rnncourse.forecasting.origins import ahead, lagged
from rnncourse.forecasting.rivals import ridge


@dataclass(frozen=True, eq=False)
class Trial:
    """Runs side by side, what is true of them and what is seen.

    Args:
        true: (R, n, D).
        seen: (R, n, D), what a method may use: the truth, with noise.
        leads: integers (K,), rising, from 1.
        train: how many runs, from the first, are trained on; the others are asked about.
        every: how many steps lie between two origins that are asked about, from the 100th on.

    Each method returns `{"direct": errors (K,), "iterated": errors (K,)}` (a law the latter
    alone): root mean squared errors against the truth, as a share of climatology's, which always
    says the mean.

    Taught in: chapters/21_forecasting
    """

    true: np.ndarray
    seen: np.ndarray
    leads: np.ndarray
    train: int = 32
    every: int = 10

    @property
    def steps(self):
        """Origins are 0 to steps - 1; for each of them all leads are known."""
        return self.true.shape[1] - int(self.leads[-1])

    @property
    def asked(self):
        """The origins that are asked about (N,)."""
        return np.arange(100, self.steps, self.every)

    def rows(self, function, runs, origins, what):
        """What `lagged` or `ahead` finds in each run, one run below the other."""
        return np.concatenate([function(run, origins, what) for run in runs])

    def share(self, forecast):
        """Errors (K,) of forecasts (N, K, D), as a share of climatology's."""
        happens = self.rows(ahead, self.true[self.train :], self.asked, self.leads)
        return np.sqrt(np.mean((forecast - happens) ** 2, axis=(0, 2)) / happens.var())

    def law(self, step, back):
        """A law that is known, started from what is seen.

        Args:
            step: maps states (N, D), in the unit of the law, to those one step later.
            back: maps what is seen to the unit of the law, a line, as `chaos.observed` gives it.
        """
        zero, unit = back(0.0), back(1.0) - back(0.0)
        now, path = back(self.rows(lagged, self.seen[self.train :], self.asked, 1)[:, 0]), []
        for _ in range(self.leads[-1]):
            now = step(now)
            path.append((now - zero) / unit)
        return {"iterated": self.share(np.stack(path, axis=1)[:, self.leads - 1])}

    def regression(self, p, features=lambda row: row, penalty=1.0):
        """Ridge regression on (features of) the last p steps."""
        D, origins = self.seen.shape[-1], np.arange(p - 1, self.steps, 2)

        def said(windows):
            return fitted(features(windows.reshape(len(windows), -1)))

        Y = self.rows(ahead, self.seen[: self.train], origins, self.leads)
        X = self.rows(lagged, self.seen[: self.train], origins, p)
        fitted = ridge(features(X.reshape(len(X), -1)), Y.reshape(len(Y), -1), penalty)
        now = self.rows(lagged, self.seen[self.train :], self.asked, p)  # (N, p, D)
        path = baselines.free_run(
            lambda w: said(w.swapaxes(0, 1))[:, :D].clip(-4, 4),  # or products may run away
            now.swapaxes(0, 1),
            self.leads[-1],
        )
        direct = said(now).reshape(len(now), -1, D)
        iterated = path[self.leads - 1].swapaxes(0, 1)
        return {"direct": self.share(direct), "iterated": self.share(iterated)}

    def network(self, net, loss, **options):
        """An `EveryStep` or `LastSteps` whose head says K times D numbers, lead by lead.

        Args:
            net: the network, untrained.
            loss: as for `fit_pieces`.
            **options: for `fit_pieces`; `leads[0]` must be 1, as it is iterated by its first
                numbers.
        """
        y = np.stack([ahead(run, np.arange(self.steps), self.leads) for run in self.seen])
        y = y.reshape(*y.shape[:2], -1)[: self.train]
        fit_pieces(net, self.seen[: self.train, : self.steps], y, loss, **options)
        return self.ask(net)

    def ask(self, net, reads=60):
        """A trained network's errors; each origin is asked from a state of zeros.

        Args:
            net: as for `network`, trained.
            reads: how many steps it reads before it is asked, at most 100.
        """
        now = self.rows(lagged, self.seen[self.train :], self.asked, reads)
        path = go_on(net, now, self.leads[-1])[:, self.leads - 1]
        direct = run_over(net, now)[:, -1].reshape(path.shape)
        return {"direct": self.share(direct), "iterated": self.share(path)}
