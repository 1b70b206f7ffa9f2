"""What a training loop feeds its network, and what the network answers, taken down on the way."""

import torch
from torch.nn.modules.module import register_module_forward_hook
from torch.optim.optimizer import register_optimizer_step_pre_hook


def overheard(train, kind):
    """Run a training loop at a learning rate of zero, and listen in on every call of its network.

    The loop is the caller's own, as it is. Since nothing is learned meanwhile, what the network
    said call by call can be compared with what it says in one go.

    Args:
        train: a function without arguments that builds a network and trains it, over sequences
            that go on from call to call.
        kind: the network's class; called with ids (B, T) first, it returns logits (B, T, V) first.

    Returns:
        (net, ids (B, n), logits (B, n, V)): the network, and everything that it read and said,
        joined in time.

    Raises:
        ValueError: if no network of that class was called, or several were.

    Taught in: chapters/15_language_models_and_decoding

    Example:
        >>> from rnncourse.torch_models import LanguageModel
        >>> def two_calls():
        ...     net = LanguageModel(V=11, H=5, D=4)
        ...     _, state = net(torch.zeros(3, 7, dtype=torch.long))
        ...     net(torch.ones(3, 7, dtype=torch.long), state)
        >>> net, ids, logits = overheard(two_calls, LanguageModel)
        >>> tuple(ids.shape), tuple(logits.shape)
        ((3, 14), (3, 14, 11))
    """
    heard = []

    def note(net, given, answer):
        if isinstance(net, kind):
            heard.append((net, given[0], answer[0].detach()))

    def stand_still(optimiser, *_):
        for group in optimiser.param_groups:
            group["lr"] = 0.0

    hooks = register_module_forward_hook(note), register_optimizer_step_pre_hook(stand_still)
    try:
        train()
    finally:
        for hook in hooks:
            hook.remove()
    if len({id(net) for net, _, _ in heard}) != 1:
        raise ValueError(f"train: expected calls of one {kind.__name__}, got {len(heard)} calls")
    nets, ids, logits = zip(*heard, strict=True)
    return nets[0], torch.cat(ids, dim=1), torch.cat(logits, dim=1)
