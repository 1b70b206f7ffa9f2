"""Training networks side by side: each by its own loss, as if it were alone."""

import numpy as np
import torch

from rnncourse.optimisers import FRESH


def fit(networks, X, y, *, epochs, rng, watch=None, batch_size=32, lr=1e-3):
    r"""Minimise every network's own mean squared error with Adam, on its own data.

    The sum of the S losses is differentiated; since no network's loss depends on the weights of
    another, each receives its own gradient, and Adam works on every number by itself.

    Args:
        networks: a `PlainRNNs`; trained in place.
        X: inputs (S, N, T, D): row s is what network s is trained on.
        y: targets (S, N, K).
        epochs: how many times all of it is gone through.
        rng: a NumPy generator: decides the order of the examples, for each network another.
        watch: name -> (X, y) to measure after every epoch; never trained on.
        batch_size: B; the last batch of an epoch may be smaller.
        lr: step size of Adam (Kingma & Ba, 2015); the other constants are those of Keras.

    Returns:
        dict of name -> mean squared error (epochs, S): "train", measured while the weights were
        changing, and every name in `watch`, measured after the epoch.

    Raises:
        ValueError: if shapes do not fit or the data hold NaN.

    Taught in: chapters/02_a_noisy_sine_on_trial

    Example:
        >>> from rnncourse.many import PlainRNNs
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(2, 30, 7, 1))
        >>> networks = PlainRNNs.draw(2, D=1, H=5, rng=rng)
        >>> history = fit(networks, X, X[:, :, -1], epochs=20, rng=rng, lr=0.01)
        >>> history["train"].shape, bool((history["train"][-1] < history["train"][0]).all())
        ((20, 2), True)
    """
    X, y = _pair(networks, X, y)
    watch = {name: _pair(networks, *pair) for name, pair in (watch or {}).items()}
    optimiser = torch.optim.Adam(networks.parameters(), lr=lr, eps=1e-7)
    S, N = X.shape[:2]
    each = torch.arange(S)[:, None]
    history = {name: np.empty((epochs, S)) for name in ("train", *watch)}
    for epoch in range(epochs):
        order = torch.from_numpy(rng.permuted(np.tile(np.arange(N), (S, 1)), axis=1))
        total = torch.zeros(S)
        for rows in order.split(batch_size, dim=1):  # (S, B)
            losses = _losses(networks, X[each, rows], y[each, rows])
            optimiser.zero_grad()
            losses.sum().backward()
            optimiser.step()
            total += losses.detach() * rows.shape[1]
        history["train"][epoch] = total / N
        with torch.no_grad():
            for name, pair in watch.items():
                history[name][epoch] = _losses(networks, *pair)
    return history


def descend(networks, draw, updates, rule, lr, clip=1.0, schedule=lambda p: 1 - p, back=None):
    r"""Every network's own loss goes down its own clipped gradient, on fresh sequences.

    Args:
        networks: a `PlainRNNs`; trained in place.
        draw: function of the number of the update that returns (x (S, B, T, D), y (S, B, K)).
        updates: how many updates.
        rule: one of the five of `rnncourse.optimisers`.
        lr: the learning rate, one number or one for each network (S,).
        clip: greatest length of a network's gradient over all its weights; infinity leaves it.
        schedule: what the rate is multiplied by, a function of the share of the updates done.
        back: how many steps from the end the gradient goes back; None: all of them.

    Returns:
        (losses, norms), NumPy (updates, S): every network's mean squared error on the batch
        before the update, and the length of its gradient before clipping.

    Taught in: chapters/07_training_that_works

    Example:
        >>> from rnncourse import optimisers
        >>> from rnncourse.many import PlainRNNs
        >>> rng = np.random.default_rng(0)
        >>> networks = PlainRNNs.draw(2, D=4, H=5, rng=rng)
        >>> x = torch.randn(2, 3, 7, 4)
        >>> losses, norms = descend(
        ...     networks, lambda n: (x, x[:, :, -1, :1]), 100, optimisers.adam, lr=0.02
        ... )
        >>> losses.shape, bool((losses[-1] < 0.1 * losses[0]).all())
        ((100, 2), True)
    """
    weights, losses, norms = list(networks.parameters()), [], []
    memories = [FRESH] * len(weights)
    lr = torch.as_tensor(lr, dtype=torch.float32).expand(len(networks))
    for n in range(updates):
        x, y = (torch.as_tensor(a, dtype=torch.float32) for a in draw(n))
        loss = ((networks(x, back) - y) ** 2).mean(dim=(1, 2))  # (S,)
        grads = torch.autograd.grad(loss.sum(), weights)
        norm = sum((g**2).flatten(1).sum(dim=1) for g in grads).sqrt()  # (S,)
        shrink = (clip / norm).clamp(max=1)
        rate = lr * schedule(n / updates)
        for k, (w, g) in enumerate(zip(weights, grads, strict=True)):
            each = (-1, *[1] * (w.ndim - 1))  # one number for each network
            new, memories[k] = rule(w.detach(), g * shrink.view(each), memories[k], rate.view(each))
            w.data = new
        losses.append(loss.detach())
        norms.append(norm)
    return torch.stack(losses).numpy(), torch.stack(norms).numpy()


def predict(networks, X):
    """What every network says: X (S, N, T, D) -> NumPy (S, N, K)."""
    with torch.no_grad():
        return networks(_tensor("X", X)).numpy()


def _losses(networks, X, y):
    return ((networks(X) - y) ** 2).mean(dim=(1, 2))  # (S,)


def _pair(networks, X, y):
    X, y = _tensor("X", X), _tensor("y", y)
    expected = (len(networks), X.shape[1], networks.b_y.shape[1])
    if tuple(y.shape) != expected:
        raise ValueError(f"y: expected shape (S, N, K) = {expected}, got {tuple(y.shape)}")
    return X, y


def _tensor(name, array):
    array = np.asarray(array, dtype=np.float32)
    if array.ndim < 3 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(
            f"{name}: expected finite numbers with S and N in front, got shape {array.shape}"
        )
    return torch.from_numpy(array)
