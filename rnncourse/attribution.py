r"""Which steps of a sequence a network's score is credited to: four ways, of unequal worth.

All of them take a function `score` from x (B, T, D) to one number a sequence (B,), and return one
number for every step (B, T). What they find has to be tested where the truth is known.
"""

import warnings

import torch


def saliency(score, x):
    r"""$a_t = \|\partial F / \partial x_t\|$: how much a small change of step t would matter.

    Args:
        score: F, a function of a float tensor (B, T, D) that returns (B,).
        x: the sequences (B, T, D).

    Returns:
        Tensor (B, T), not negative.

    Raises:
        ValueError: if `x` is no float tensor (B, T, D) or the score is not (B,).

    Taught in: chapters/14_opening_the_state

    Source: Simonyan, Vedaldi & Zisserman (2014), who took the largest entry instead of the norm.

    Example:
        >>> saliency(lambda x: (x[:, 0] * x[:, 1]).sum(dim=1), torch.tensor([[[3.0], [0.5]]]))
        tensor([[0.5000, 3.0000]])
    """
    return _gradient(score, x).norm(dim=2)


def input_times_gradient(score, x):
    r"""$a_t = x_t \cdot \partial F / \partial x_t$: of the gradient, only what met an input.

    Args:
        score: see `saliency`.
        x: the sequences (B, T, D).

    Returns:
        Tensor (B, T).

    Raises:
        ValueError: see `saliency`.

    Taught in: chapters/14_opening_the_state

    Example:
        >>> x = torch.tensor([[[3.0], [0.5]]])
        >>> input_times_gradient(lambda x: (x[:, 0] * x[:, 1]).sum(dim=1), x)
        tensor([[1.5000, 1.5000]])
    """
    return (x * _gradient(score, x)).sum(dim=2)


def integrated_gradients(score, x, baseline, steps=64):
    r"""$a_t = (x_t - x'_t) \cdot \int_0^1 \partial F / \partial x_t$ along the way from x' to x.

    The way is the straight line $x' + \alpha(x - x')$, the integral a midpoint sum over `steps`
    points. Summed over all steps of the sequence, the attributions give $F(x) - F(x')$
    (completeness), as far as the sum gives the integral: check it.

    Args:
        score: see `saliency`.
        x: the sequences (B, T, D).
        baseline: x', what they are compared with: a tensor that broadcasts to (B, T, D).
        steps: points of the midpoint sum.

    Returns:
        Tensor (B, T).

    Taught in: chapters/14_opening_the_state

    Source: Sundararajan, Taly & Yan (2017), equation 3, who use a right-hand sum.

    Example:
        >>> x = torch.tensor([[[3.0], [0.5]]])
        >>> F = lambda x: (x[:, 0] * x[:, 1]).sum(dim=1)
        >>> integrated_gradients(F, x, torch.zeros(1))
        tensor([[0.7500, 0.7500]])
    """
    total = torch.zeros_like(x)
    for k in range(steps):
        alpha = (k + 0.5) / steps
        point = (baseline + alpha * (x - baseline)).detach().requires_grad_()
        total += torch.autograd.grad(score(point).sum(), point)[0]
    return ((x - baseline) * total / steps).sum(dim=2)


def occlusion(score, x, baseline):
    r"""$a_t = F(x) - F(x \text{ with step } t \text{ replaced by } x'_t)$: T + 1 runs, no gradient.

    Args:
        score: see `saliency`.
        x: the sequences (B, T, D).
        baseline: x', what a step is replaced by: a tensor that broadcasts to (B, T, D).

    Returns:
        Tensor (B, T).

    Raises:
        ValueError: see `saliency`.

    Taught in: chapters/14_opening_the_state

    Source: Zeiler & Fergus (2014), who covered patches of images with grey.

    Example:
        >>> x = torch.tensor([[[3.0], [0.5]]])
        >>> occlusion(lambda x: (x[:, 0] * x[:, 1]).sum(dim=1), x, torch.ones(1))
        tensor([[ 1.0000, -1.5000]])
    """
    _check(x)
    baseline = torch.as_tensor(baseline, dtype=x.dtype).expand_as(x)
    changes = []
    with torch.no_grad():
        whole = _checked_score(score, x)
        for t in range(x.shape[1]):
            without = x.clone()
            without[:, t] = baseline[:, t]
            changes.append(whole - score(without))
    return torch.stack(changes, dim=1)


def captum():
    """Captum's module `captum.attr`, imported without what its progress bars complain about.

    Example:
        >>> hasattr(captum(), "IntegratedGradients")
        True
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm misses widgets that no page of the course shows
        from captum import attr
    return attr


def _gradient(score, x):
    """dF/dx, (B, T, D)."""
    _check(x)
    x = x.detach().clone().requires_grad_()
    return torch.autograd.grad(_checked_score(score, x).sum(), x)[0]


def _checked_score(score, x):
    F = score(x)
    if tuple(F.shape) != (len(x),):
        raise ValueError(f"score: expected one number a sequence ({len(x)},), got {tuple(F.shape)}")
    return F


def _check(x):
    if not torch.is_tensor(x) or not x.is_floating_point() or x.ndim != 3 or x.shape[1] == 0:
        came = f"shape {tuple(x.shape)}" if torch.is_tensor(x) else type(x).__name__
        raise ValueError(f"x: expected a float tensor (B, T, D) with T of at least 1, got {came}")
