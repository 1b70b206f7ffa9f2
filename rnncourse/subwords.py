"""Pieces of words: a byte-level byte-pair encoding, learned with Hugging Face's `tokenizers`."""

import json

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers


class Pieces:
    r"""A vocabulary of V pieces, each a row of bytes, learned from a text.

    It begins with the 256 bytes, so that there is nothing that it cannot write down, and then
    joins, again and again, the two pieces that most often stand side by side in one word.

    Args:
        text: the text to learn from; never the one to be tested on.
        V: number of pieces, at least 256. A short text may not have so many.

    Raises:
        ValueError: if the text is empty or `V` below 256.

    Taught in: chapters/15_language_models_and_decoding

    Source: Sennrich, Haddow & Birch (2016), who began with characters; on bytes, and with words
        divided as here, in GPT-2 (Radford et al., 2019).

    Example:
        >>> pieces = Pieces("a banana and a bandana " * 20, V=262)
        >>> pieces.show(pieces.encode("a banana"))
        ['a', ' ban', 'ana']
        >>> pieces.decode(pieces.encode("Größe")) == "Größe"
        True
    """

    def __init__(self, text, V):
        if not hasattr(V, "__index__") or V < 256:
            raise ValueError(f"V: expected a whole number of at least 256, got {V!r}")
        if not isinstance(text, str) or not text:
            raise ValueError(f"text: expected a string with something in it, got {text!r:.40}")
        self.tokenizer = Tokenizer(models.BPE())
        self.tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        self.tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(vocab_size=V, initial_alphabet=alphabet, show_progress=False)
        self.tokenizer.train_from_iterator([text], trainer)

    @property
    def merges(self):
        """The pairs that were joined, first to last, as [left, right] of readable text."""
        pairs = json.loads(self.tokenizer.to_str())["model"]["merges"]
        return [[_readable(piece) for piece in pair] for pair in pairs]

    def encode(self, text):
        """The numbers (n,) of the pieces of a text."""
        return np.array(self.tokenizer.encode(text).ids, dtype=np.int64)

    def decode(self, ids):
        """The text of numbers (n,); bytes that are no text become the sign for "unknown"."""
        return self.tokenizer.decode(np.asarray(ids, dtype=np.int64).tolist())

    def show(self, ids):
        """The pieces of numbers (n,) one by one, as readable text."""
        return [_readable(self.tokenizer.id_to_token(int(number))) for number in ids]

    def __len__(self):
        """V, the number of pieces."""
        return self.tokenizer.get_vocab_size()

    def __repr__(self):
        return f"Pieces({len(self)} pieces, {len(self) - 256} of them joined)"


_DECODER = decoders.ByteLevel()


def _readable(piece):
    """`tokenizers` writes a byte that cannot be printed as another letter, a space as Ġ."""
    return _DECODER.decode([piece])
