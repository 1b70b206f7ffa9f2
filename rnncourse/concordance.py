"""What of a text stands, word for word, in another: every copy, however long."""

import bisect
import os


class Concordance:
    r"""All places in an old text, sorted by what begins there, to look up what is copied from it.

    Args:
        old: the text in question, a string.
        longest: copies are followed no further than so many characters.

    Raises:
        ValueError: if `old` is empty or `longest` not a positive whole number.

    Taught in: chapters/15_language_models_and_decoding

    Source: sorted suffixes as in Manber & Myers (1993); here the sort is Python's own.

    Example:
        >>> known = Concordance("every day is new")
        >>> known.lengths("a new sun")  # " new" from the second character on
        [1, 4, 3, 2, 1, 1, 1, 0, 1]
    """

    def __init__(self, old, longest=250):
        if not isinstance(old, str) or not old:
            raise ValueError(f"old: expected a string with something in it, got {old!r:.40}")
        if not hasattr(longest, "__index__") or longest < 1:
            raise ValueError(f"longest: expected a positive whole number, got {longest!r}")
        self.old, self.longest = old, longest
        self.starts = sorted(range(len(old)), key=self._beginning)

    def lengths(self, new):
        """How long the run that begins at each character of `new` goes on in the old text.

        Args:
            new: a string.

        Returns:
            A list of whole numbers, one for each character; its maximum is the longest copy.
        """
        found = []
        for i in range(len(new)):
            tail = new[i : i + self.longest]
            place = bisect.bisect_left(self.starts, tail, key=self._beginning)
            nearest = self.starts[max(place - 1, 0) : place + 1]  # the best are its neighbours
            shared = (os.path.commonprefix([tail, self._beginning(j)]) for j in nearest)
            found.append(max(map(len, shared)))
        return found

    def _beginning(self, start):
        return self.old[start : start + self.longest]
