"""The models of the chapters in PyTorch: (B, T, D) in, last state or every state read out."""

from rnncourse.torch_models.base import KINDS, drawn_from, recurrent
from rnncourse.torch_models.readers import CellLoop, CharModel, Forecaster, Stack, Window

__all__ = [
    "KINDS",
    "CellLoop",
    "CharModel",
    "Forecaster",
    "Stack",
    "Window",
    "drawn_from",
    "recurrent",
]
