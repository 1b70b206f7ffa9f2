"""Measured numbers as a lecture room reads them: few digits, several values side by side.

The ledger (tools/ledger.py) writes them for whoever looks them up: four digits, and of how many.
"""

import ledger

SEVERAL = 4  # values that are shown one by one; of more the least and the greatest
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def in_short(numbers, longest):
    """The numbers of a claim as text: as many entries as `longest` letters hold, or a part of one.

    Example:
        >>> in_short({"LSTM": [0.93123, 0.951, 0.94], "by_chance": [0.1, 0.3, 0.2, 0.4, 0.5]}, 70)
        'LSTM 0.931 · 0.951 · 0.940, by chance 0.1–0.5'
        >>> in_short({"LSTM": 0.93123, "by_chance": 0.5}, 12)
        'LSTM 0.9312, …'
    """
    entries = [f"{key} {_short(value)}".replace("_", " ") for key, value in numbers.items()]
    count = max(1, len(entries))
    while count > 1 and len(", ".join(entries[:count])) > longest:
        count -= 1
    text = ", ".join(entries[:count] + ["…"] * (count < len(entries)))
    return text if len(text) <= longest + 3 else f"{text[:longest].rpartition(' ')[0]} …"


def _short(value):
    """A number, or what is shown of a list or a table of them."""
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_short(item)}" for key, item in value.items()) + ")"
    if not isinstance(value, list):
        return number(value)
    flat = ledger.flat(value)
    if len(flat) <= SEVERAL or not all(isinstance(item, (int, float)) for item in flat):
        return " · ".join(alike(flat))
    least, greatest = number(min(flat), 3), number(max(flat), 3)
    if least == greatest:
        return f"{least}, {len(flat)} times"
    return f"{least} to {greatest}" if "−" in least else f"{least}–{greatest}"


def alike(values):
    """Several numbers, each with three digits and all with as many decimals, if that can be.

    Example:
        >>> alike([0.93, 0.9512, 1]), alike([13.42, 7.6e-05]), alike([3, 4]), alike([0.99991, 1])
        (['0.930', '0.951', '1.000'], ['13.4', '7.6·10⁻⁵'], ['3', '4'], ['0.9999', '1'])
    """
    texts = [number(value, 3) for value in values]
    decimals = [len(text.partition(".")[2]) for text in texts]
    if not all(isinstance(value, (int, float)) for value in values) or max(decimals) > 3:
        return texts
    if any("·10" in text for text in texts):
        return texts
    return [f"{value:.{max(decimals)}f}".replace("-", "−") for value in values]


def number(value, digits=4):
    """A number with so many digits, one more where it would else look like a whole one.

    Example:
        >>> number(0.97123), number(0.99991, 3), number(-2.5e-07), number(12345.6), number(1.0)
        ('0.9712', '0.9999', '−2.5·10⁻⁷', '12346', '1')
    """
    if not isinstance(value, float):
        return str(value).replace("-", "−") if isinstance(value, int) else str(value)
    text = f"{value:.0f}" if 10**digits <= abs(value) < 1e6 else f"{value:.{digits}g}"
    if abs(value) < 1000 and float(text).is_integer() and not value.is_integer():
        text = f"{value:.{digits + 1}g}"
    mantissa, mark, exponent = text.partition("e")
    power = f"·10{str(int(exponent)).translate(RAISED)}" if mark else ""
    return mantissa.replace("-", "−") + power
