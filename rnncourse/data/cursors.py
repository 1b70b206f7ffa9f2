"""A real task with sequences of very different lengths: may a `break` be written here?

A function of Python's own standard library becomes a row of words, one for what each statement
is ("for", "assign", "return") and two for where a block begins and ends. A cursor stands before
one of the statements, the network reads what is above, and is asked whether Python would accept
a `break` there: whether the cursor stands inside a loop. The answer is a fact of the language.
"""

import ast
import functools
import platform
import sysconfig
import tokenize
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnncourse.data.card import Card

LONGEST = 128  # words above the cursor; about one cursor in twenty has more and is left out
PER_FUNCTION = 2  # cursors inside a loop, and as many outside, from one function at most

LOOPS = (ast.For, ast.AsyncFor, ast.While)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)  # no break goes through these
WORD_OF = {
    "AnnAssign": "assign",
    "AsyncFor": "for",
    "AsyncFunctionDef": "def",
    "AsyncWith": "with",
    "AugAssign": "assign",
    "ClassDef": "class",
    "Delete": "del",
    "FunctionDef": "def",
    "ImportFrom": "import",
    "TryStar": "try",
    "TypeAlias": "assign",
    "match_case": "case",
}

# All words, in sorted order: number 0 is "DEDENT".
WORDS = (
    "DEDENT", "INDENT", "assert", "assign", "break", "case", "class", "continue", "def", "del",
    "elif", "else", "except", "expr", "finally", "for", "global", "if", "import", "match",
    "nonlocal", "pass", "raise", "return", "try", "while", "with",
)  # fmt: skip
NUMBER = {word: number for number, word in enumerate(WORDS)}


@dataclass(frozen=True, eq=False)
class Questions:
    """Cursors, and whether a `break` may be written there.

    Attributes:
        words: N tuples of words: the function from its `def` down to the cursor.
        y: int64 (N,), 1 inside a loop, else 0.
        modules: N names of the modules that they come from.
    """

    words: tuple
    y: np.ndarray
    modules: tuple

    @property
    def lengths(self):
        """Number of words above each cursor, int64 (N,)."""
        return np.array([len(row) for row in self.words])

    def ids(self):
        """The numbers of the words, a list of N arrays int64 of different lengths."""
        return [np.array([NUMBER[word] for word in row]) for row in self.words]

    def __len__(self):
        return len(self.words)

    def __repr__(self):
        lengths = self.lengths
        return (
            f"Questions({len(self):,} from {len(set(self.modules))} modules, "
            f"{lengths.min()} to {lengths.max()} words)"
        )


def questions(split=0, test=0.25):
    """Questions to learn from and questions to be tested on, from different modules.

    Only functions with a loop above the cursor are asked about, and of each as many cursors
    inside a loop as outside, two at most; nothing occurs twice. A module's functions lie all
    in one part, because neighbours in a file often are copies of each other.

    Args:
        split: a whole number of at least 0 that decides which modules are tested on.
        test: the share of modules for testing, between 0 and 1.

    Returns:
        (train, test), two `Questions`; in Python 3.11 about 1,750 and 600.

    Raises:
        ValueError: if `split` or `test` is something else, or Python's sources are not there.

    Taught in: chapters/12_ragged_batches

    Example:
        >>> train, test = questions()
        >>> set(train.modules) & set(test.modules)
        set()
        >>> bool(train.lengths.max() <= LONGEST)
        True
    """
    if isinstance(split, bool) or not hasattr(split, "__index__") or split < 0:
        raise ValueError(f"split: expected a whole number of at least 0, got {split!r}")
    if not 0 < test < 1:
        raise ValueError(f"test: expected a share between 0 and 1, got {test!r}")
    every = _every_question()
    names = sorted({module for module, _, _ in every})
    rng = np.random.default_rng([12, int(split)])
    held_out = set(rng.choice(names, max(1, round(test * len(names))), replace=False))
    parts = [[], []]
    for question in every:
        parts[question[0] in held_out].append(question)
    return tuple(
        Questions(tuple(row[1] for row in part), np.array([row[2] for row in part]),
                  tuple(row[0] for row in part))
        for part in parts
    )  # fmt: skip


def as_text(words, cursor="▮"):
    """The words as an indented text, with the cursor below them.

    Args:
        words: the words above the cursor.
        cursor: what stands for the cursor.

    Returns:
        A string.

    Taught in: chapters/12_ragged_batches

    Example:
        >>> print(as_text(("def", "INDENT", "for", "INDENT", "assign", "DEDENT")))
        def
            for
                assign
            ▮
    """
    depth, lines = 0, []
    for word in words:
        depth += (word == "INDENT") - (word == "DEDENT")
        if word not in ("INDENT", "DEDENT"):
            lines.append("    " * depth + word)
    return "\n".join([*lines, "    " * depth + cursor])


def skeleton(source):
    """The functions of a source text as rows of words, each with where a `break` may stand.

    Args:
        source: Python source, a string.

    Returns:
        A list with a list of (word, inside) for each function and method that is not nested in
        another; `inside` is True or False before a statement, None where none can begin.

    Raises:
        SyntaxError: if Python cannot read the source.

    Example:
        >>> (pairs,) = skeleton("def f(x):\\n    while x:\\n        x -= 1\\n    return x")
        >>> [word for word, _ in pairs]
        ['def', 'INDENT', 'while', 'INDENT', 'assign', 'DEDENT', 'return', 'DEDENT']
        >>> [word for word, inside in pairs if inside]
        ['assign']
    """
    found, waiting = [], [ast.parse(source)]
    while waiting:
        for statement in waiting.pop().body:
            if isinstance(statement, ast.ClassDef):
                waiting.append(statement)
            elif isinstance(statement, SCOPES):
                found.append(list(_pairs(statement, False)))
    return found


def _pairs(statement, inside, word=None):
    """(word, inside) of a statement and of all below it, in the order of the lines."""
    kind = type(statement).__name__
    begins = word is None and not isinstance(statement, ast.match_case)
    yield word or _known(WORD_OF.get(kind, kind.lower())), inside if begins else None
    for head, body, within in _parts(statement, inside):
        if head == "elif":
            yield from _pairs(body[0], inside, "elif")
            continue
        if head is not None:
            yield head, None
        yield "INDENT", None
        for child in body:
            yield from _pairs(child, within)
        yield "DEDENT", None


def _parts(s, inside):
    """The blocks of a statement: (its line, or None for the first; its body; inside a loop)."""
    if isinstance(s, (*LOOPS, *SCOPES)):
        yield None, s.body, isinstance(s, LOOPS)
    elif isinstance(s, ast.Match):
        yield None, s.cases, inside
    elif hasattr(s, "body"):
        yield None, s.body, inside
    for handler in getattr(s, "handlers", ()):
        yield "except", handler.body, inside
    if orelse := getattr(s, "orelse", ()):
        first = orelse[0]  # an `elif` is an `if` in the `else`, in the column of the first `if`
        chained = isinstance(s, ast.If) and isinstance(first, ast.If)
        chained = chained and len(orelse) == 1 and first.col_offset == s.col_offset
        yield "elif" if chained else "else", orelse, inside
    if finalbody := getattr(s, "finalbody", ()):
        yield "finally", finalbody, inside


def _known(word):
    """The word, or "expr" for a kind of statement that a later Python may bring."""
    return word if word in NUMBER else "expr"


@functools.cache
def _every_question():
    """All questions, (module, words, y), always the same ones."""
    rng, seen, found = np.random.default_rng(12), set(), []
    for module, source in _sources():
        for pairs in skeleton(source):
            for words, inside in _chosen(pairs, rng):
                if words not in seen:
                    seen.add(words)
                    found.append((module, words, int(inside)))
    return tuple(found)


def _chosen(pairs, rng):
    """Some cursors below a function's first loop, as many inside a loop as outside."""
    loops = [i for i, (word, _) in enumerate(pairs) if word in ("for", "while")]
    if not loops:
        return
    below = range(loops[0] + 1, min(len(pairs), LONGEST + 1))
    places = [[i for i in below if pairs[i][1] is inside] for inside in (True, False)]
    for some in places:
        n = min(PER_FUNCTION, *map(len, places))
        for i in sorted(rng.choice(some, n, replace=False)) if n else ():
            yield tuple(word for word, _ in pairs[:i]), pairs[i][1]


def _sources():
    """(name, text) of the modules that lie at the top of the standard library."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    if len(files) < 50:  # some distributions ship compiled modules only
        raise ValueError(
            f"questions: expected the sources of Python's standard library, got {len(files)} "
            "files; install the full standard library"
        )
    for file in files:
        with tokenize.open(file) as opened:  # in the encoding that the file declares
            yield file.stem, opened.read()


CARD = Card(
    name="Cursors in Python's standard library",
    what="functions as rows of words, one a statement, down to a cursor; is it inside a loop?",
    whose="the authors of Python's standard library, whose files on this machine are read",
    licence="PSF License Version 2",
    size=f"about 2,300 cursors with 4 to {LONGEST} words; Python {platform.python_version()}",
    real=True,
)
