"""Transformers side by side: the same function as `torch_models.Transformer`, S times at once."""

import copy

import torch
from torch import nn

from rnncourse.torch_models.transformer import Transformer, rotate, sinusoids


class Transformers(nn.Module):
    r"""What S models of `torch_models.Transformer` say, each about its own sequences.

    Args:
        models: Transformers of the same sizes and positions; their weights are copied.

    Raises:
        ValueError: if the list is empty or two models differ in a size or in their positions.

    Taught in: chapters/18_transformers_and_back

    Example:
        >>> import numpy as np
        >>> networks = Transformers.draw(2, D=4, H=8, rng=np.random.default_rng(0))
        >>> tuple(networks(torch.zeros(2, 3, 7, 4)).shape)  # (S, B, T, K)
        (2, 3, 7, 4)
    """

    def __init__(self, models):
        super().__init__()
        self.model = copy.deepcopy(models[0]) if len(models) else None
        kinds = {(_sizes(model), model.positions, model.blocks[0].heads) for model in models}
        if len(kinds) != 1:
            raise ValueError(f"models: expected Transformers of one kind, got {len(kinds)} kinds")
        self.model.requires_grad_(requires_grad=False)
        together = zip(*(model.named_parameters() for model in models), strict=True)
        self.side_by_side = nn.ParameterDict()
        for each in together:
            array = torch.stack([weight.detach() for _, weight in each])
            self.side_by_side[each[0][0].replace(".", "/")] = nn.Parameter(array)

    @classmethod
    def draw(cls, S, D, H, K=None, *, rng, **options):
        """S networks with fresh weights.

        Args:
            S: how many networks.
            D: size of the input of a step.
            H: width.
            K: size of what is said at every step, by default D.
            rng: a NumPy generator.
            **options: `layers`, `heads` and `positions` of `torch_models.Transformer`.
        """
        return cls([Transformer(D, H, K, rng=rng, **options) for _ in range(S)])

    def parameters(self, recurse=True):
        """The weights, each with S in front."""
        return self.side_by_side.parameters(recurse)

    def forward(self, x):
        """(S, B, T, D) -> (S, B, T, K), what every network says at every step."""
        S, D = len(self), self.model.enter.in_features
        if x.ndim != 4 or x.shape[0] != S or x.shape[3] != D:
            expected = f"a float array (S, B, T, D) with S = {S}, D = {D}"
            raise ValueError(f"x: expected {expected}, got shape {tuple(x.shape)}")
        y = self._linear(x, "enter")
        if self.model.positions == "absolute":
            y = y + sinusoids(*y.shape[2:])
        for k in range(len(self.model.blocks)):
            y = y + self._attention(y, f"blocks/{k}/")
            hidden = torch.relu(self._linear(self._norm(y, f"blocks/{k}/norm_2"), f"blocks/{k}/up"))
            y = y + self._linear(hidden, f"blocks/{k}/down")
        return self._linear(self._norm(y, "norm"), "readout")

    def one(self, s):
        """Network `s` as a `torch_models.Transformer` of its own."""
        model = copy.deepcopy(self.model).requires_grad_()
        weights = {name.replace("/", "."): w[s] for name, w in self.side_by_side.items()}
        model.load_state_dict(weights)
        return model

    def __len__(self):
        """S, how many networks."""
        return len(self.side_by_side["enter/bias"])

    def _linear(self, x, name):
        weight, bias = (self.side_by_side[f"{name}/{part}"] for part in ("weight", "bias"))
        flat = x.reshape(len(x), -1, x.shape[-1])
        return torch.baddbmm(bias[:, None], flat, weight.mT).view(*x.shape[:-1], -1)

    def _norm(self, x, name):
        gain, shift = (self.side_by_side[f"{name}/{part}"] for part in ("weight", "bias"))
        same = nn.functional.layer_norm(x, x.shape[-1:])
        return torch.addcmul(shift[:, None, None], same, gain[:, None, None])

    def _attention(self, x, name):
        S, B, T, H = x.shape
        qkv = self._linear(self._norm(x, name + "norm_1"), name + "qkv")
        qkv = qkv.view(S * B, T, 3, self.model.blocks[0].heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each (S * B, heads, T, H / heads)
        if self.model.positions == "rotary":
            q, k = rotate(torch.stack([q, k]))
        context = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self._linear(context.transpose(1, 2).reshape(S, B, T, H), name + "out")


def _sizes(model):
    return tuple(tuple(weight.shape) for weight in model.parameters())
