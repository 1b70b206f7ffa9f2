"""The models of the chapters in PyTorch: (B, T, D) in, last state or every state read out."""

from rnncourse.torch_models.attending import AttendingDecoder, other_weights
from rnncourse.torch_models.base import KINDS, drawn_from, recurrent
from rnncourse.torch_models.classifier import Classifier
from rnncourse.torch_models.gaps import GRUD, last_seen
from rnncourse.torch_models.heads import (
    GaussianHead,
    QuantileHead,
    gaussian_interval,
    gaussian_nll,
    pinball,
    quantile_interval,
)
from rnncourse.torch_models.language import LanguageModel
from rnncourse.torch_models.listening import overheard
from rnncourse.torch_models.policy import Policies
from rnncourse.torch_models.readers import CellLoop, CharModel, Forecaster, Stack, Window
from rnncourse.torch_models.recogniser import Recogniser, heard, learn
from rnncourse.torch_models.seq2seq import EncoderDecoder
from rnncourse.torch_models.transformer import Transformer

__all__ = [
    "GRUD",
    "KINDS",
    "AttendingDecoder",
    "CellLoop",
    "CharModel",
    "Classifier",
    "EncoderDecoder",
    "Forecaster",
    "GaussianHead",
    "LanguageModel",
    "QuantileHead",
    "Recogniser",
    "Policies",
    "Stack",
    "Transformer",
    "Window",
    "drawn_from",
    "gaussian_interval",
    "gaussian_nll",
    "heard",
    "last_seen",
    "learn",
    "other_weights",
    "overheard",
    "pinball",
    "quantile_interval",
    "recurrent",
]
