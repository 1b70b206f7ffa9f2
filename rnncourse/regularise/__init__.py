"""Remedies against overfitting: dropout in a loop, decay and augmentation in one, tied words.

`mask`, `masked_loop` and `MaskedRNNs` put dropout on the state that goes round; `fit` trains many
networks at once, each with remedies of its own; `WordModel` and `fit_words` are a small language
model whose table of words may serve at both ends.
"""

from rnncourse.regularise.loops import MaskedRNNs, fit, mask, masked_loop
from rnncourse.regularise.words import WordModel, fit_words

__all__ = ["MaskedRNNs", "WordModel", "fit", "fit_words", "mask", "masked_loop"]
