"""What a reader must know of a data set before believing a number that was measured on it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """One data set in six lines.

    Args:
        name: what we call it.
        what: what one example is, in which unit, and how it came about.
        whose: who made it, when, and where that is written.
        licence: under which terms it may be used.
        size: how much of it there is.
        real: True if it was measured or written in the world, False if it is simulated.

    Raises:
        ValueError: if a text is empty or `real` is not a bool.

    Example:
        >>> print(Card("Dice", "pips per throw", "us", "MIT", "as many as asked for", False))
        Dice (simulated)
          what:    pips per throw
          whose:   us
          licence: MIT
          size:    as many as asked for
    """

    name: str
    what: str
    whose: str
    licence: str
    size: str
    real: bool

    def __post_init__(self):
        for field in ("name", "what", "whose", "licence", "size"):
            if not isinstance(getattr(self, field), str) or not getattr(self, field).strip():
                raise ValueError(f"{field}: expected a text, got {getattr(self, field)!r}")
        if not isinstance(self.real, bool):
            raise ValueError(f"real: expected True or False, got {self.real!r}")

    def __str__(self):
        rows = [f"{self.name} ({self._kind()})"]
        return "\n".join(rows + [f"  {key + ':':<8} {text}" for key, text in self._rows()])

    def _repr_markdown_(self):
        rows = [f"**{self.name}** ({self._kind()})", ""]
        return "\n".join(rows + [f"- *{key}*: {text}" for key, text in self._rows()])

    def _kind(self):
        return "real" if self.real else "simulated"

    def _rows(self):
        return [(key, getattr(self, key)) for key in ("what", "whose", "licence", "size")]
