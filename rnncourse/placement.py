"""Where to start? Two questions for every few chapters, from their own quizzes, in order.

The questions are chosen from those that can be answered without having seen the chapter's
experiment. Whoever misses a whole pair has found the place to start; who misses one of two, twice
in a row, as well.
"""

import random
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

from rnncourse import quizzes

# for each block of chapters the questions that suit, by how they begin
BLOCKS = [
    {
        "01": ["In a batch with GATTACA", "A series of 200 steps is cut", "A `GRU` layer of Py"],
        "02": ["The predictions for the test points rise"],
        "03": ["A model predicts with relative", "Two reports on the same text"],
    },
    {
        "04": ["A recurrent layer has 50 weights", "You feed the perfect parity machine"],
        "05": ["You wrote a backward pass by hand", "A sequence becomes eight times"],
    },
    {
        "06": ["The recurrent weights of a tanh", "A gradient is (30, 40)"],
        "07": ["Your network learns one batch of", "A run is resumed from"],
        "08": ["PyTorch's plain RNN adds two", "`nn.LSTM(D, H, 2, batch_first"],
    },
    {
        "09": ["All forget gates stand near one half", "The forget gate is at most 1"],
        "10": ["A paper's GRU differs from yours", "An LSTM with weights set by hand"],
    },
    {
        "11": ["A bidirectional layer has read", "A forecaster has a third"],
        "12": ["A short sequence is filled up", "An LSTM reads forward, the padding"],
        "13": ["A detector was tested where", "A network is too sure of itself"],
        "14": ["A trained LSTM is right, and the gradient"],
    },
    {
        "15": ["One model reads bytes", "Which of these may write something"],
        "16": ["In training with teacher forcing", "Ten sounds, all different"],
    },
    {
        "17": ["Some positions of the source are", "Queries and keys have 1,024"],
        "18": ["A layer of self-attention, without", "The causal mask is off by one"],
    },
]
PAIR = 2  # questions in a block
UNKNOWN = "I don't know"
FAIR = "– Fair enough: an answer that is guessed would say less."
LAST = "an application of your choice, from chapter 19 on"
WIDTH = 88
GREEK = {"alpha": "α", "beta": "β", "lambda": "λ", "rho": "ρ", "sigma": "σ", "times": "×"}


class Chapter(NamedTuple):
    """A chapter's number, the name of its notebook, and its title."""

    number: str
    name: str
    title: str

    def __str__(self):
        return f"chapter {self.number}, {self.title}"


class Block(NamedTuple):
    """A few chapters, and the questions that are asked about them: pairs (Chapter, Question)."""

    chapters: list
    asked: list


class Advice(NamedTuple):
    """What came of it.

    Attributes:
        start: the chapter to start with; None if no pair was missed.
        skim: the chapters before it whose question was missed.
        skip: those whose question was answered; on the others nothing was asked.
        why: the reason for the start, in words.
    """

    start: Chapter | None
    skim: list
    skip: list
    why: str


def draw(folder, seed=0):
    """The blocks of a test, with two questions on two chapters each.

    Args:
        folder: with the notebooks of the chapters.
        seed: another number draws other questions.

    Raises:
        FileNotFoundError: if a chapter is not there.
        QuizError: if a question that suits is not in its quiz any more.
    """
    blocks = []
    for number, suited in enumerate(BLOCKS):
        drawn = random.Random(f"{seed} {number}")
        chapters = {key: _chapter(Path(folder), key) for key in suited}
        asked = [
            (chapters[key], _question(Path(folder), chapters[key], drawn.choice(suited[key])))
            for key in sorted(drawn.sample(sorted(suited), PAIR))
        ]
        blocks.append(Block(list(chapters.values()), asked))
    return blocks


def _chapter(folder, number):
    found = [p for p in sorted(folder.glob(f"{number}_*.ipynb")) if ".mine-" not in p.name]
    if not found:
        raise FileNotFoundError(f"{folder}: chapter {number} is not here")
    return Chapter(number, found[0].stem, quizzes.title(found[0]))


def _question(folder, chapter, beginning):
    path = folder / f"{chapter.name}.ipynb"
    for question in quizzes.read(path):
        if question.text.startswith(beginning):
            return question
    raise quizzes.QuizError(f"{path.name}: no question of its quiz begins {beginning!r}")


def is_over(results):
    """Whether nothing more has to be asked.

    Args:
        results: for each block so far, a list of truth values, one for each question.

    Example:
        >>> is_over([[True, True], [True, False]]), is_over([[True, True], [False, False]])
        (False, True)
        >>> is_over([[True, False], [False, True]])
        True
    """
    return _missed(results) is not None


def _missed(results):
    """The block to start with: all of it missed, or the first of two that were half missed."""
    for number, right in enumerate(results):
        if not any(right):
            return number
        if number and not all(right) and not all(results[number - 1]):
            return number - 1
    return None


def advise(blocks, results):
    """Where to start after these results, and why; `results` as for `is_over`."""
    missed = _missed(results)
    known = blocks[: len(results) if missed is None else missed]
    judged = [
        (chapter, was_right)
        for block, right in zip(known, results, strict=False)
        for (chapter, _), was_right in zip(block.asked, right, strict=True)
    ]
    skim = [chapter for chapter, was_right in judged if not was_right]
    skip = [chapter for chapter, was_right in judged if was_right]
    if missed is None:
        return Advice(None, skim, skip, "there was no pair of which you missed both questions")
    if any(results[missed]):
        why = "you missed one question of its pair and one of the next"
    else:
        why = "you missed both questions of its pair"
    return Advice(blocks[missed].chapters[0], skim, skip, why)


def report(blocks, results):
    """The advice in words, with what such a test can and cannot say."""
    advice = advise(blocks, results)
    lines = [
        f"chapters {block.chapters[0].number} to {block.chapters[-1].number}   "
        f"{sum(right)} of {len(right)} right"
        for block, right in zip(blocks, results, strict=False)
    ]
    lines += ["", f"Start with {advice.start or LAST}: {advice.why}."]
    if advice.skim:
        titles = "; ".join(map(str, advice.skim))
        missed = "its question" if len(advice.skim) == 1 else "the question on each"
        lines.append(f"Skim first: {titles}. You missed {missed}.")
    if advice.skip:
        numbers = ", ".join(chapter.number for chapter in advice.skip)
        lines.append(f"Nothing spoke against leaving out {numbers}; no others were asked about.")
    lines += ["", HONEST]
    if advice.start and advice.start != blocks[0].chapters[0]:
        lines.append(BACK)
    return "\n".join(lines)


HONEST = """\
Two questions say little: a pair is guessed once in nine times or more rarely, and who knows a
subject well may yet miss what this course has measured about it. Take it as advice."""
BACK = "If the first page of that chapter speaks of things that are new to you, go back by one."


def run(folder, seed=0, ask=input, say=print):
    """The test in a terminal; returns 0, or 1 if the chapters are not there.

    Args:
        folder: with the notebooks of the chapters.
        seed: another number draws other questions.
        ask: takes a prompt, returns what was typed; raises EOFError when nothing more comes.
        say: shows a text.
    """
    try:
        blocks = draw(folder, seed)
    except FileNotFoundError as error:
        say(f"{error}; the questions are in the chapters, so take the test in the course's folder")
        return 1
    shuffled = random.Random()  # options in an order that nobody can learn
    total, results = PAIR * len(blocks), []
    say(
        f"At most {total} questions, a pair for every few chapters; after a clear miss no more are "
        f"asked. 0 is {UNKNOWN!r}."
    )
    try:
        for block in blocks:
            results.append([])
            for _, question in block.asked:
                number = PAIR * len(results) - PAIR + len(results[-1]) + 1
                say(f"\nQuestion {number} of at most {total}\n")
                results[-1].append(_answer(question, shuffled, ask, say))
            if is_over(results):
                break
    except (EOFError, KeyboardInterrupt):
        results = [right for right in results if len(right) == PAIR]
        say("\nStopped.")
    if results:
        say(f"\n{report(blocks, results)}")
    return 0


def _answer(question, shuffled, ask, say):
    """Ask one question until the answer is a number; returns whether it was right."""
    options = shuffled.sample(question.options, len(question.options))
    say(f"{_plain(question.text)}\n")
    for number, option in enumerate(options, 1):
        say(textwrap.indent(_plain(option.text), "     ").replace("    ", f"  {number} ", 1))
    while True:
        given = ask(f"\nYour answer, 0 to {len(options)}: ").strip()
        if given.isdecimal() and int(given) <= len(options):
            chosen = options[int(given) - 1] if given != "0" else None
            say(f"\n{_verdict(chosen)}")
            return bool(chosen and chosen.right)
        say(f"A number from 0 to {len(options)}, please; Ctrl-C stops.")


def _verdict(option):
    """What is said to whoever chose this option; None stands for "I don't know"."""
    if option is None:
        return FAIR
    return _plain(f"{'✓ Right.' if option.right else '✗ No.'} {option.says}")


def _plain(text):
    r"""Markdown as a terminal shows it.

    >>> _plain(r"*Both* `h_n` and $(-1,\,1)$")
    'Both h_n and (-1, 1)'
    >>> _plain(r"$\mathrm{d}L/\mathrm{d}h_t$, $W_{hy}$, $\sigma(-a)$ and $-\ln 0$")
    'dL/dh_t, W_hy, σ(-a) and -ln 0'
    """
    text = re.sub(r"\$[^$]+\$", lambda formula: _formula(formula[0]), text)
    return textwrap.fill(
        re.sub(r"\\(?=\W)|[`$]|(?<!\w)\*+(?=\w)|(?<=\w)\*+(?!\w)", "", text), WIDTH
    )


def _formula(tex):
    """A short formula without its TeX."""
    tex = re.sub(r"\\(?:mathrm|mathbf|text)\{([^}]*)\}", r"\1", tex.replace(r"\,", " "))
    tex = re.sub(r"([_^])\{(\w+)\}", r"\1\2", tex)
    tex = re.sub(r"([_^])\{([^{}]+)\}", r"\1(\2)", tex)
    return re.sub(r"\\([a-zA-Z]+)", lambda name: GREEK.get(name[1], name[1]), tex)
