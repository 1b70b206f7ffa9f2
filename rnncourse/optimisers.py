"""What to do with a gradient: five update rules, each two lines long.

Every rule takes an array of weights and its gradient, what it remembered of earlier gradients,
and a rate, and returns the new weights and the new memory. Only arithmetic is used, so that the
same lines work on NumPy arrays and on PyTorch tensors. All rules remember in one form, (n, m, s):
how many updates there were, a running mean and a running square; each uses what it needs.
"""

FRESH = (0, 0.0, 0.0)  # (n, m, s) before the first update


def sgd(w, g, memory, lr):
    r"""$w \leftarrow w - \eta g$: stochastic gradient descent.

    Args:
        w: weights, an array or a tensor of any shape.
        g: the gradient of the loss by w, of the same shape.
        memory: what the last call returned; `FRESH` at first.
        lr: $\eta$, the learning rate, a number or an array that fits w.

    Returns:
        (new w, new memory). Nothing is changed in place.

    Taught in: chapters/07_training_that_works

    Source: Robbins & Monro (1951).

    Example:
        >>> w, _ = sgd(1.0, 0.5, FRESH, lr=0.1)
        >>> round(w, 6)
        0.95
    """
    return w - lr * g, memory


def momentum(w, g, memory, lr):
    r"""$m \leftarrow 0.9\,m + g, \quad w \leftarrow w - \eta m$.

    Args:
        w: weights, an array or a tensor of any shape.
        g: the gradient of the loss by w, of the same shape.
        memory: what the last call returned; `FRESH` at first.
        lr: $\eta$, the learning rate; a constant gradient is in the end followed ten times as
            fast as by `sgd` with the same rate.

    Returns:
        (new w, new memory). Nothing is changed in place.

    Taught in: chapters/07_training_that_works

    Source: Polyak (1964), in the form of `torch.optim.SGD(momentum=0.9)`; Keras' SGD keeps
        -lr * m instead, which is the same as long as the rate does not change.

    Example:
        >>> w, memory = momentum(1.0, 0.5, FRESH, lr=0.1)
        >>> w, memory = momentum(w, 0.5, memory, lr=0.1)
        >>> round(w, 6)  # 1 - 0.05 - 0.095
        0.855
    """
    n, m, s = memory
    m = 0.9 * m + g
    return w - lr * m, (n, m, s)


def rmsprop(w, g, memory, lr):
    r"""$s \leftarrow 0.99\,s + 0.01\,g^2, \quad w \leftarrow w - \eta g/(\sqrt s + 10^{-8})$.

    Args:
        w: weights, an array or a tensor of any shape.
        g: the gradient of the loss by w, of the same shape.
        memory: what the last call returned; `FRESH` at first.
        lr: $\eta$, the learning rate. As s starts at zero, the first step is ten times as long.

    Returns:
        (new w, new memory). Nothing is changed in place.

    Taught in: chapters/07_training_that_works

    Source: Tieleman & Hinton (2012), with the constants of `torch.optim.RMSprop`; Keras has 0.9
        for 0.99.

    Example:
        >>> w, _ = rmsprop(1.0, 0.5, FRESH, lr=0.01)
        >>> round(w, 6)
        0.9
    """
    n, m, s = memory
    s = 0.99 * s + 0.01 * g**2
    return w - lr * g / (s**0.5 + 1e-8), (n, m, s)


def adam(w, g, memory, lr):
    r"""$w \leftarrow w - \eta\,\hat m/(\sqrt{\hat s} + 10^{-8})$ with $\hat m, \hat s$ unbiased.

    $m \leftarrow 0.9\,m + 0.1\,g$ and $s \leftarrow 0.999\,s + 0.001\,g^2$ start at zero, which
    $\hat m = m/(1-0.9^n)$ and $\hat s = s/(1-0.999^n)$ make up for at update n.

    Args:
        w: weights, an array or a tensor of any shape.
        g: the gradient of the loss by w, of the same shape.
        memory: what the last call returned; `FRESH` at first.
        lr: $\eta$, the learning rate, about the length of a weight's step.

    Returns:
        (new w, new memory). Nothing is changed in place.

    Taught in: chapters/07_training_that_works

    Source: Kingma & Ba (2015), with the constants of the paper and of `torch.optim.Adam`; Keras
        adds 1e-7 for 1e-8, at a slightly different place.

    Example:
        >>> w, _ = adam(1.0, 0.5, FRESH, lr=0.01)
        >>> round(w, 6)
        0.99
    """
    n, m, s = memory
    n, m, s = n + 1, 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g**2
    step = m / (1 - 0.9**n) / ((s / (1 - 0.999**n)) ** 0.5 + 1e-8)
    return w - lr * step, (n, m, s)


def adamw(w, g, memory, lr):
    r"""$w \leftarrow (1 - 0.01\,\eta)\,w$, then as `adam`: all weights shrink a little, always.

    Args:
        w: weights, an array or a tensor of any shape.
        g: the gradient of the loss by w, of the same shape.
        memory: what the last call returned; `FRESH` at first.
        lr: $\eta$, the learning rate.

    Returns:
        (new w, new memory). Nothing is changed in place.

    Taught in: chapters/07_training_that_works

    Source: Loshchilov & Hutter (2019), with the decay of 0.01 of `torch.optim.AdamW`; Keras has
        0.004.

    Example:
        >>> w, _ = adamw(1.0, 0.5, FRESH, lr=0.01)
        >>> round(w, 6)  # 0.9999 - 0.01
        0.9899
    """
    return adam((1 - 0.01 * lr) * w, g, memory, lr)
