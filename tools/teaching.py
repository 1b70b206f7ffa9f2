"""How a chapter is taught: the slides of its lecture, what to cut, and questions for an exam.

    python tools/teaching.py 04      what is wrong with the lesson and the quiz of chapter 04

A lesson (`teaching/NN_name.yml`) chooses and orders; it has no words of its own. Every sentence on
a slide is quoted from the chapter, every figure, equation, line of code and claim is the chapter's,
and what is not there is refused: a deck cannot say what the chapter does not. STYLE.md shows the
form.
"""

import itertools
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from choosing import Reader, Slide
from quotable import Chapter, NotThere
from rnncourse import quizzes

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "teaching"
SLIDES = range(20, 36)  # for 45 to 60 minutes
OPENING = 45  # words of the first paragraph that the title slide shows


class LessonError(ValueError):
    """A lesson that cannot be given; the message lists everything that is wrong."""


@dataclass
class Lesson:
    """All that a teacher needs for a chapter; `cut` and `exam` are lists of dicts, as written."""

    number: str
    name: str
    title: str
    slides: list
    cut: list
    exam: list


def names(root):
    """The chapters that have a lesson: their names, in order."""
    return sorted(path.stem for path in (root / FOLDER).glob("[0-9][0-9]_*.yml"))


def load(root, number):
    """The lesson of a chapter.

    Args:
        root: the folder of the course.
        number: of the chapter, "04".

    Raises:
        LessonError: with one line for everything that is wrong.
    """
    name = next((name for name in names(root) if name.startswith(f"{number}_")), None)
    if name is None:
        raise LessonError(f"{FOLDER}: there is no lesson of chapter {number}")
    try:
        plan = yaml.safe_load((root / FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise LessonError(f"{name}.yml: {error}") from None
    path = root / "chapters" / f"{name}.ipynb"
    chapter = Chapter(path)
    try:
        reader = Reader(chapter, quizzes.read(path))
    except quizzes.QuizError as error:
        raise LessonError(str(error)) from None
    slides = [_opening(chapter), *map(reader.slide, _entries(plan, "deck")), _exercises(chapter)]
    reader.problems += _settle(slides)
    lesson = Lesson(number, name, chapter.title, slides, *_rest(plan, reader))
    problems = reader.problems + _of_the_whole(lesson, chapter)
    if problems:
        raise LessonError("\n".join(f"{name}.yml: {one}" for one in problems))
    return lesson


def _settle(slides):
    """Let results say which answer is right, where no slide does; complaints if there are none."""
    answered = {slide.question.number for slide in slides if slide.kind == "answer"}
    problems = []
    for place, slide in enumerate(slides):
        if slide.kind == "quiz" and slide.question.number not in answered:
            following = itertools.takewhile(lambda one: one.kind == "result", slides[place + 1 :])
            if last := list(following)[-1:]:
                last[0].settles = slide.question
            else:
                number = slide.question.number
                problems.append(f"slide {place + 1}, quiz: neither result nor answer of {number}")
    return problems


def _opening(chapter):
    """The title, and as many sentences of the first paragraph as fit below it."""
    lines = chapter.texts[0].split("\n\n")[1].split("\n")
    say = [line for n, line in enumerate(lines) if len(" ".join(lines[: n + 1]).split()) <= OPENING]
    return Slide("title", chapter.title, chapter.title, say=say, notes=[" ".join(lines)])


def _exercises(chapter):
    """The table of exercises, a row a sentence."""
    text = next(text for text in chapter.texts if "\n## Exercises\n" in f"\n{text}")
    rows = [row.strip("| ").split(" | ") for row in text.split("\n") if row.startswith("| ")]
    rows = [row for row in rows if row[0][:2].isdigit()]
    return Slide("exercises", "Exercises", "Exercises", say=[" · ".join(row) for row in rows])


def _entries(plan, key):
    """A list of dicts under `key`, empty if it is missing or something else."""
    found = plan.get(key) if isinstance(plan, dict) else None
    return [one for one in found or [] if isinstance(one, dict)] if isinstance(found, list) else []


def _rest(plan, reader):
    """`cut` and `exam`, checked."""
    cut, exam = _entries(plan, "cut"), _entries(plan, "exam")
    for kind, entries, wanted in (
        ("cut", cut, {"section": str, "saves": int, "why": str}),
        ("exam", exam, {"question": str, "minutes": int, "points": int, "answer": str}),
    ):
        for number, entry in enumerate(entries, 1):
            for key, form in wanted.items():
                if not isinstance(entry.get(key), form):
                    reader.problems.append(f"{kind} {number}: expected {key}: a {form.__name__}")
    lookups = [(reader.chapter.section, entry.get("section")) for entry in cut]
    lookups += [(reader.chapter.claim, entry.get("rests_on")) for entry in exam]
    for find, text in lookups:
        try:
            find(text)
        except NotThere as error:
            reader.problems.append(str(error))
    return cut, exam


def _of_the_whole(lesson, chapter):
    """What is wrong with the lesson as a whole."""
    problems = []
    if len(lesson.slides) not in SLIDES:
        problems.append(f"{len(lesson.slides)} slides; expected {SLIDES[0]} to {SLIDES[-1]}")
    shown = {slide.figure.name for slide in lesson.slides if slide.figure}
    problems += [
        f"the figure {name} is on no slide" for name in chapter.figures if name not in shown
    ]
    if not lesson.cut:
        problems.append("expected at least one section to cut")
    if not 3 <= len(lesson.exam) <= 4:
        problems.append(f"{len(lesson.exam)} exam questions; expected 3 or 4")
    return problems


def main(arguments):
    """Print what is wrong with the lessons of the chapters that are named (all if none is)."""
    problems = []
    for number in arguments or [name[:2] for name in names(ROOT)]:
        try:
            lesson = load(ROOT, number)
            print(f"{lesson.name}: {len(lesson.slides)} slides, {len(lesson.exam)} exam questions")
        except LessonError as error:
            problems.append(str(error))
    print("\n".join(problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
