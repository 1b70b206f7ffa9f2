"""The models of the chapters in PyTorch: (B, T, D) in, last state or every state read out."""

from rnncourse.torch_models.attending import AttendingDecoder, other_weights
from rnncourse.torch_models.base import KINDS, drawn_from, recurrent
from rnncourse.torch_models.language import LanguageModel
from rnncourse.torch_models.listening import overheard
from rnncourse.torch_models.readers import CellLoop, CharModel, Forecaster, Stack, Window
from rnncourse.torch_models.seq2seq import EncoderDecoder
from rnncourse.torch_models.transformer import Transformer

__all__ = [
    "KINDS",
    "AttendingDecoder",
    "CellLoop",
    "CharModel",
    "EncoderDecoder",
    "Forecaster",
    "LanguageModel",
    "Stack",
    "Transformer",
    "Window",
    "drawn_from",
    "other_weights",
    "overheard",
    "recurrent",
]
