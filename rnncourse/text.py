"""Text as numbers: vocabularies, encoding, padding -> ids (B, T) and mask (B, T)."""

import numpy as np


class Vocabulary:
    """A numbering of symbols: symbol number k stands at position k of `symbols`.

    Args:
        symbols: distinct non-empty strings in the order of their numbers; characters, or words.
        unknown: one of the symbols, which stands for every symbol that is not among them. Left
            out, unknown symbols are refused: a model must not be spared them silently.

    Raises:
        ValueError: if there is no symbol, one occurs twice, or `unknown` is not among them.

    Example:
        >>> v = Vocabulary.from_text("hello")
        >>> v.symbols, len(v)
        (('e', 'h', 'l', 'o'), 4)
        >>> v.encode("hole")
        array([1, 3, 2, 0])
        >>> v.decode([1, 3, 2, 0])
        'hole'
    """

    def __init__(self, symbols, unknown=None):
        self.symbols = tuple(symbols)
        self.unknown = unknown
        self._id = {symbol: number for number, symbol in enumerate(self.symbols)}
        if not self.symbols or not all(isinstance(s, str) and s for s in self.symbols):
            raise ValueError(f"symbols: expected non-empty strings, got {self.symbols[:5]!r}")
        if len(self._id) < len(self.symbols):
            raise ValueError("symbols: expected each once, got one twice")
        if unknown is not None and unknown not in self._id:
            raise ValueError(f"unknown: expected one of the symbols, got {unknown!r}")

    @classmethod
    def from_text(cls, text, unknown=None):
        """The distinct characters of `text`, sorted; `unknown`, if given, gets number 0.

        Args:
            text: the *training* text: a character that only the test text has must be unknown.
            unknown: a symbol that does not occur in the text, e.g. "\ufffd".

        Raises:
            ValueError: if `text` is not a non-empty string, or holds `unknown`.
        """
        if not isinstance(text, str) or not text:
            raise ValueError(f"text: expected a non-empty string, got {text!r}")
        if unknown is not None and unknown in text:
            raise ValueError(f"unknown: expected a symbol that the text lacks, got {unknown!r}")
        return cls(([] if unknown is None else [unknown]) + sorted(set(text)), unknown)

    def encode(self, text):
        """The numbers of the symbols of `text` (a string, or a list of symbols), int64 (T,).

        Raises:
            ValueError: if a symbol is not in the vocabulary and there is no `unknown`.
        """
        other = self._id.get(self.unknown)
        ids = [self._id.get(symbol, other) for symbol in text]
        if None in ids:
            symbol = text[ids.index(None)]
            raise ValueError(
                f"text: expected symbols of the vocabulary, got {symbol!r} "
                f"at position {ids.index(None)}"
            )
        return np.array(ids, dtype=np.int64)

    def decode(self, ids):
        """The text of the numbers `ids` (T,), joined without a separator.

        Raises:
            ValueError: if `ids` is not one sequence of integers from 0 to V - 1.
        """
        ids = np.asarray(ids, dtype=np.int64 if np.size(ids) == 0 else None)
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise ValueError(
                f"ids: expected integers of shape (T,), got {ids.dtype} of shape {ids.shape}"
            )
        if ids.size and not 0 <= ids.min() <= ids.max() < len(self):
            raise ValueError(
                f"ids: expected 0 to V - 1 = {len(self) - 1}, got {ids.min()} to {ids.max()}"
            )
        return "".join(self.symbols[number] for number in ids)

    def __len__(self):
        """V, the number of symbols."""
        return len(self.symbols)

    def __contains__(self, symbol):
        return symbol in self._id

    def __repr__(self):
        shown = " ".join(map(repr, self.symbols[:5])) + (" ..." if len(self) > 5 else "")
        return f"Vocabulary({len(self)} symbols: {shown})"


def pad(sequences, value=0):
    """Put sequences of different lengths into one rectangle, real tokens first.

    Args:
        sequences: a list of B sequences of integers, each of length at least 1.
        value: what fills the rest. Any number serves: the mask, not the value, tells padding.

    Returns:
        (ids, mask): int64 (B, T) and bool (B, T) with T the longest length; True = real token.

    Raises:
        ValueError: if there is no sequence, or one is empty or not a row of integers.

    Example:
        >>> ids, mask = pad([[7, 8, 9], [5]])
        >>> ids
        array([[7, 8, 9],
               [5, 0, 0]])
        >>> mask
        array([[ True,  True,  True],
               [ True, False, False]])
    """
    rows = [np.asarray(row) for row in sequences]
    if not rows:
        raise ValueError("sequences: expected at least one sequence, got none")
    for number, row in enumerate(rows):
        if row.ndim != 1 or row.size == 0 or row.dtype.kind not in "iu":
            raise ValueError(
                f"sequences[{number}]: expected a non-empty row of integers, "
                f"got {row.dtype} of shape {row.shape}"
            )
    mask = mask_from_lengths([len(row) for row in rows])
    ids = np.full(mask.shape, value, dtype=np.int64)
    ids[mask] = np.concatenate(rows)  # both run row by row, real tokens only
    return ids, mask


def mask_from_lengths(lengths, T=None):
    r"""$\mathrm{mask}_{bt} = [t < \mathrm{lengths}_b]$.

    Args:
        lengths: B lengths, integers of at least 0.
        T: number of columns, at least the longest length (which is the default).

    Returns:
        bool (B, T): True on real tokens.

    Raises:
        ValueError: if a length is negative, larger than `T`, or not an integer.

    Example:
        >>> mask_from_lengths([2, 3]).astype(int)
        array([[1, 1, 0],
               [1, 1, 1]])
    """
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or lengths.size == 0 or lengths.dtype.kind not in "iu":
        raise ValueError(
            f"lengths: expected integers of shape (B,), got {lengths.dtype} "
            f"of shape {lengths.shape}"
        )
    T = int(lengths.max()) if T is None else T
    if lengths.min() < 0 or lengths.max() > T:
        raise ValueError(f"lengths: expected 0 to T = {T}, got {lengths.min()} to {lengths.max()}")
    return np.arange(T) < lengths[:, None]


def streams(ids, B, T):
    """Cut one long text into B parallel streams and walk along them T steps at a time.

    Row b of every chunk continues row b of the chunk before it, so that the state at the end of
    one chunk is the right initial state of the next: truncated backpropagation needs this.

    Args:
        ids: the text (n,), integers.
        B: number of streams; stream b starts at position b * ((n - 1) // B).
        T: steps per chunk; what is left over at the end of the streams is not used.

    Yields:
        (x, y): both (B, T), where y[b, t] is the symbol that follows x[b, t].

    Raises:
        ValueError: if the text is too short for one chunk, or `B` or `T` is below 1.

    Example:
        >>> for x, y in streams(np.arange(13), B=2, T=3):
        ...     print(x.tolist(), y.tolist())
        [[0, 1, 2], [6, 7, 8]] [[1, 2, 3], [7, 8, 9]]
        [[3, 4, 5], [9, 10, 11]] [[4, 5, 6], [10, 11, 12]]
    """
    ids = np.asarray(ids)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise ValueError(f"ids: expected integers (n,), got {ids.dtype} of shape {ids.shape}")
    if B < 1 or T < 1 or (len(ids) - 1) // B < T:
        raise ValueError(
            f"ids: expected at least B * T + 1 = {B * T + 1} symbols for B = {B} and T = {T} "
            f"(both at least 1), got {len(ids)}"
        )
    n = (len(ids) - 1) // B  # steps per stream; the last symbol is only ever a target
    x, y = ids[: B * n].reshape(B, n), ids[1 : B * n + 1].reshape(B, n)
    # a generator inside, so that the checks above run at the call
    return ((x[:, s : s + T], y[:, s : s + T]) for s in range(0, n - T + 1, T))


def edit_distance(said, true):
    r"""$d_{ij} = \min(d_{i-1,j} + 1,\ d_{i,j-1} + 1,\ d_{i-1,j-1} + [\mathrm{said}_i \neq
    \mathrm{true}_j])$: the fewest insertions, deletions and replacements from one to the other.

    Args:
        said: a sequence of whatever can be compared: symbols, numbers, words.
        true: another one.

    Returns:
        int. Divided by the number of true symbols, over a whole test set, it is an error rate.

    Taught in: chapters/16_being_ones_own_teacher

    Source: Levenshtein (1966); here one row of his table is kept, not all of them.

    Example:
        >>> edit_distance("kitten", "sitting"), edit_distance([], [1, 2])
        (3, 2)
    """
    row = list(range(len(true) + 1))  # from nothing to each beginning of `true`
    for i, a in enumerate(said, start=1):
        corner, row[0] = row[0], i
        for j, b in enumerate(true, start=1):
            change = corner + (a != b)
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, change)
    return row[-1]
