"""Networks side by side that name a class at some steps of a sequence, by cross-entropy."""

import torch
from torch import nn

NOT_ASKED = -1  # in place of a class, where nothing is asked


def logits(networks, x):
    """What every network says at every step.

    Args:
        networks: `GRUs`, `LSTMs` or `Transformers`.
        x: (S, B, T, D) floats.

    Returns:
        tensor (S, B, T, K).

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> import numpy as np
        >>> from rnncourse.many import GRUs
        >>> networks = GRUs.draw(2, D=4, H=5, K=3, rng=np.random.default_rng(0))
        >>> tuple(logits(networks, torch.zeros(2, 3, 7, 4)).shape)
        (2, 3, 7, 3)
    """
    if not hasattr(networks, "states"):
        return networks(x)
    h = networks.states(x)  # (S, B, T, H)
    y = torch.baddbmm(networks.b_y[:, None], h.reshape(len(h), -1, h.shape[-1]), networks.W_hy)
    return y.view(*h.shape[:3], -1)


def surprise(networks, x, y):
    r"""$-\ln p(y)$ at every step at which something is asked, elsewhere 0.

    Args:
        networks: as for `logits`.
        x: (S, B, T, D) floats.
        y: (S, B, T) integers, the right class, or `NOT_ASKED`.

    Returns:
        tensor (S, B, T) in nats.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> import numpy as np
        >>> from rnncourse.many import GRUs
        >>> networks = GRUs.draw(2, D=4, H=5, K=3, rng=np.random.default_rng(0))
        >>> y = torch.tensor([1, 2, NOT_ASKED]).expand(2, 3, 3)
        >>> (surprise(networks, torch.zeros(2, 3, 3, 4), y) > 0)[0, 0]
        tensor([ True,  True, False])
    """
    said = logits(networks, x)
    each = nn.functional.cross_entropy(
        said.flatten(0, 2), y.flatten(), ignore_index=NOT_ASKED, reduction="none"
    )
    return each.view(y.shape)


def right(networks, x, y):
    """The share of the asked steps at which each network's likeliest class is the right one.

    Args:
        networks: as for `logits`.
        x: (S, B, T, D) floats.
        y: (S, B, T) integers, the right class, or `NOT_ASKED`.

    Returns:
        NumPy (S,).

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> import numpy as np
        >>> from rnncourse.many import GRUs
        >>> networks = GRUs.draw(2, D=4, H=5, K=3, rng=np.random.default_rng(0))
        >>> x = torch.zeros(2, 3, 7, 4)
        >>> right(networks, x, logits(networks, x).argmax(dim=-1))
        array([1., 1.], dtype=float32)
    """
    with torch.no_grad():
        hit = (logits(networks, x).argmax(dim=-1) == y).flatten(1).sum(dim=1)
    return (hit / (y != NOT_ASKED).flatten(1).sum(dim=1)).numpy()


def learn(networks, draw, updates, lr, clip=1.0, watch=None):
    r"""Every network's own cross-entropy goes down its own clipped gradient, by Adam.

    The rate rises over the first twentieth of the updates and falls to 0 over the last half.

    Args:
        networks: as for `logits`; trained in place.
        draw: function of the number of the update that returns x (S, B, T, D) and y (S, B, T).
        updates: how many updates.
        lr: the largest learning rate, one number or one for each network (S,).
        clip: greatest length of a network's gradient over all its weights.
        watch: a function of the number of updates done, called after each.

    Returns:
        NumPy (updates, S): every network's mean loss on the batch before the update, in nats.

    Taught in: chapters/18_transformers_and_back

    Source: Adam of Kingma & Ba (2015) with 0.9 and 0.99 for its two means; all weights of a
        network lie in one row, so that an update is a handful of operations.

    Example:
        >>> import numpy as np
        >>> from rnncourse.many import GRUs
        >>> rng = np.random.default_rng(0)
        >>> x = torch.eye(4)[torch.randint(4, (2, 3, 7))]
        >>> losses = learn(
        ...     GRUs.draw(2, D=4, H=5, K=4, rng=rng), lambda n: (x, x.argmax(dim=-1)), 60, 0.03
        ... )
        >>> losses.shape, bool((losses[-1] < 0.5 * losses[0]).all())
        ((60, 2), True)
    """
    weights, losses = list(networks.parameters()), []
    lr = torch.as_tensor(lr, dtype=torch.float32).expand(len(networks))[:, None]
    adam = _Adam(weights)
    for n in range(updates):
        x, y = draw(n)
        loss = surprise(networks, x, y).flatten(1).sum(dim=1)
        loss = loss / (y != NOT_ASKED).flatten(1).sum(dim=1)  # (S,)
        grads = torch.autograd.grad(loss.sum(), weights)
        g = torch.cat([grad.flatten(1) for grad in grads], dim=1)
        g *= (clip / g.norm(dim=1, keepdim=True)).clamp(max=1)
        adam.step(g, lr * min(1, 20 * (n + 1) / updates, 2 * (1 - n / updates)))
        losses.append(loss.detach())
        if watch is not None:
            watch(n + 1)
    return torch.stack(losses).numpy()


class _Adam:
    """Adam on one row for each network, (S, all its weights), which is then dealt out."""

    def __init__(self, weights):
        self.weights, self.n = weights, 0
        self.row = torch.cat([w.detach().flatten(1) for w in weights], dim=1)
        self.mean, self.square = torch.zeros_like(self.row), torch.zeros_like(self.row)

    def step(self, g, rate):
        """One update; g (S, all weights), rate (S, 1)."""
        self.n += 1
        self.mean.lerp_(g, 0.1)
        self.square.lerp_(g**2, 0.01)
        expected = (self.square / (1 - 0.99**self.n)).sqrt() + 1e-8
        self.row -= rate / (1 - 0.9**self.n) * self.mean / expected
        new = self.row.split([w[0].numel() for w in self.weights], dim=1)
        with torch.no_grad():
            for w, array in zip(self.weights, new, strict=True):
                w.copy_(array.view_as(w))
