"""Progress in words: a table for the terminal, and the sentences below it."""

import textwrap

from rnncourse.progress.chapters import next_step

WIDEST = 40  # characters of a title in the table
COUNTS = "A chapter counts as run when all its claims were re-run and the notebook was saved."
MARKS = {"right": "✓", "wrong": "✗", "not attempted": "○"}


def table(chapters):
    """The table that is printed, a line for each chapter.

    Example:
        >>> from rnncourse.progress.chapters import Chapter
        >>> verdicts = {"04.1": "right", "04.2": "wrong"}
        >>> print(table([Chapter("04_a_loop", "A loop", 40, 31, 12, verdicts)]))
        chapter      claims re-run   solved   exercises
        04 A loop    12 of 31        1 of 2   ✓ 04.1  ✗ 04.2
    """
    titles = [f"{chapter.number} {chapter.title}" for chapter in chapters]
    names = [textwrap.shorten(title, WIDEST, placeholder=" …") for title in titles]
    width = max(map(len, [*names, "chapter"])) + 3
    lines = [f"{'chapter':<{width}} {'claims re-run':<15} solved   exercises"]
    for name, chapter in zip(names, chapters, strict=True):
        line = f"{name:<{width}} {rerun(chapter):<15} {solved(chapter):<8} {marks(chapter)}"
        lines.append(line.rstrip())
    return "\n".join(lines)


def rerun(chapter):
    """How many of its claims were re-run, in words.

    >>> from rnncourse.progress.chapters import Chapter
    >>> rerun(Chapter("04_a_loop", claims=31, again=31)), rerun(Chapter("04_a_loop"))
    ('31 of 31', '')
    """
    return f"{chapter.again} of {chapter.claims}" if chapter.claims else ""


def solved(chapter):
    """How many of its exercises are solved, in words."""
    return f"{chapter.solved} of {len(chapter.verdicts)}" if chapter.verdicts else ""


def marks(chapter):
    """Every exercise with its mark."""
    return "  ".join(f"{MARKS[chapter.verdicts[name]]} {name}" for name in chapter.names)


def sentences(chapters):
    """What it comes to: run, solved, left, next."""
    verdicts = [verdict for chapter in chapters for verdict in chapter.verdicts.values()]
    counts = {kind: verdicts.count(kind) for kind in MARKS}
    said = []
    if any(chapter.claims for chapter in chapters):
        done = sum(chapter.is_run for chapter in chapters)
        said.append(f"{done} of {len(chapters)} chapters run. {COUNTS}")
    if verdicts:
        said.append(
            f"{counts['right']} of {len(verdicts)} checked exercises solved, "
            f"{counts['wrong']} wrong, {counts['not attempted']} open."
        )
    minutes = sum(chapter.minutes_left for chapter in chapters)
    if minutes:
        said.append(f"Left: about {duration(minutes)}, of reading and of exercises with a check.")
    return [*said, next_step(chapters)]


def duration(minutes):
    """Minutes in words, no more exact than they are known.

    >>> duration(25), duration(96), duration(1234)
    ('25 minutes', '1.5 hours', '21 hours')
    """
    if minutes < 60:
        return f"{minutes:.0f} minutes"
    hours = minutes / 60
    return f"{hours:.0f} hours" if hours >= 10 else f"{round(2 * hours) / 2:g} hours"
