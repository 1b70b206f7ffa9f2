"""How a chapter is taught: the slides of its lecture, what to cut, and questions for an exam.

    python tools/teaching.py 04      what is wrong with the lesson and the quiz of chapter 04

A lesson (`teaching/NN_name.yml`) chooses and orders; it has no words of its own. Every sentence on
a slide is quoted from the chapter, every figure, equation, line of code and claim is the chapter's,
and what is not there is refused: a deck cannot say what the chapter does not. STYLE.md shows the
form.
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from quotable import Chapter, NotThere
from rnncourse import quizzes

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "teaching"
SLIDES = range(20, 36)  # for 45 to 60 minutes
MOST = {"say": 60, "result": 40, "believe": 70}  # words on a slide
LINES = 12  # of code on a slide
IN_A_ROW = 3  # results that one guess may open
OPENING = 45  # words of the first paragraph that the title slide shows
BELIEVE = "What to believe"


class LessonError(ValueError):
    """A lesson that cannot be given; the message lists everything that is wrong."""


@dataclass
class Slide:
    """One slide, resolved: all that is on it comes from the chapter.

    Attributes:
        kind: "title", "section", "say", "guess", "quiz", "result", "answer", "believe" or
            "exercises".
        title: Markdown; "" where the kind says it all.
        section: the heading that the slide belongs to.
        say: sentences, as Markdown.
        equation: TeX, without dollar signs.
        code: Python.
        figure: a `quotable.Figure`.
        claims: the sentences that were measured.
        question: a `quizzes.Question`.
        notes: for the speaker: the paragraphs behind the slide, the numbers behind its claims.
    """

    kind: str
    title: str = ""
    section: str = ""
    say: list = field(default_factory=list)
    equation: str = ""
    code: str = ""
    figure: object = None
    claims: list = field(default_factory=list)
    question: object = None
    notes: list = field(default_factory=list)


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
        reader = _Reader(chapter, quizzes.read(path))
    except quizzes.QuizError as error:
        raise LessonError(str(error)) from None
    slides = [_opening(chapter), *map(reader.slide, _entries(plan, "deck")), _exercises(chapter)]
    lesson = Lesson(number, name, chapter.title, slides, *_rest(plan, reader))
    problems = reader.problems + _of_the_whole(lesson, chapter)
    if problems:
        raise LessonError("\n".join(f"{name}.yml: {one}" for one in problems))
    return lesson


class _Reader:
    """Turns the entries of a lesson into slides, one after the other; notes what is wrong."""

    def __init__(self, chapter, quiz):
        self.chapter, self.quiz, self.problems = chapter, quiz, []
        self.section, self.count, self.open = chapter.title, 1, 0  # results that may follow

    def slide(self, entry):
        """The slide of one entry; an empty one if something in it is not there."""
        self.count += 1
        kinds = [kind for kind in _KINDS if kind in entry]
        try:
            if not kinds:
                raise NotThere(f"expected one of {', '.join(_KINDS)}, got {sorted(entry)}")
            kind = kinds[0]
            self.open = {"guess": IN_A_ROW, "quiz": IN_A_ROW, "result": self.open - 1}.get(kind, 0)
            slide = _KINDS[kind](self, entry)
            slide.title = slide.title or self._title(entry)
            slide.section = self.section
            self._check(slide)
            return slide
        except (NotThere, TypeError, KeyError, IndexError) as error:
            self.problem(f"{(kinds or ['?'])[0]}: {error}")
            return Slide("say")

    def problem(self, sentence):
        self.problems.append(f"slide {self.count}, {sentence}")

    def _title(self, entry):
        title = entry.get("title", self.section)
        if title not in (self.section, *self.chapter.headings):
            self.chapter.quote(title)
        return title

    def _check(self, slide):
        words = sum(len(text.split()) for text in slide.say)
        most = MOST.get(slide.kind, MOST["say"])
        if words > most:
            self.problem(f"{slide.kind}: {words} words; at most {most}")
        if len(slide.say) > 5:
            self.problem(f"{slide.kind}: {len(slide.say)} quotations; at most 5")
        if slide.code.count("\n") >= LINES:
            self.problem(f"code: {slide.code.count(chr(10)) + 1} lines; at most {LINES}")

    def _quotes(self, texts):
        """The quotations as they stand, and the paragraphs behind them, each once."""
        texts = [texts] if isinstance(texts, str) else list(texts)
        return texts, list(dict.fromkeys(self.chapter.quote(text).text for text in texts))

    def divider(self, entry):
        self.section = self.chapter.section(entry["section"])
        return Slide("section", self.section, notes=self.chapter.within(self.section)[:1])

    def said(self, entry):
        say, notes = self._quotes(entry.get("say", []))
        slide = Slide("say", say=say, notes=notes)
        if "equation" in entry:
            slide.equation = self.chapter.equation(entry["equation"])
        if "code" in entry:
            slide.code = self.chapter.code(entry["code"], entry.get("to"))
        return slide

    def guess(self, entry):
        say, notes = self._quotes(entry["guess"])
        if not say[-1].rstrip("*").endswith("?"):
            raise NotThere(f"a guess is a question, this is none: {say[-1]!r}")
        return Slide("guess", "Guess first", say=say, notes=notes)

    def asked(self, entry):
        question = self._question(entry["quiz"])
        return Slide("quiz", question.text, question=question, notes=[_key(question)])

    def answered(self, entry):
        question = self._question(entry["answer"])
        notes = [f"{option.text}: {option.says}" for option in question.options]
        return Slide("answer", question.text, question=question, notes=notes)

    def result(self, entry):
        if self.open < 0:
            raise NotThere("a guess or a quiz question has to come before a result")
        found = entry["result"]
        say, notes = self._quotes(found.get("say", []))
        claims = [self.chapter.claim(text) for text in found.get("claims", [])]
        figure = self.chapter.figure(found["figure"]) if "figure" in found else None
        if not (claims or figure) or len(claims) > 3:
            raise NotThere("a result is a figure, one to three claims, or both")
        notes += [figure.caption] if figure else []
        notes += [f"{text}: {_numbers(self.chapter.claims[text])}" for text in claims]
        return Slide(
            "result", self._title(found), say=say, figure=figure, claims=claims, notes=notes
        )

    def believed(self, entry):
        bullets = self.chapter.within(BELIEVE)
        say = [bullets[number - 1] for number in entry["believe"]]
        return Slide("believe", BELIEVE, say=say, notes=[])

    def _question(self, number):
        if not 1 <= number <= len(self.quiz):
            raise NotThere(f"no question {number}; the quiz has {len(self.quiz)}")
        return self.quiz[number - 1]


# in this order: an entry is of the first kind that it names
_KINDS = {
    "section": _Reader.divider,
    "guess": _Reader.guess,
    "quiz": _Reader.asked,
    "answer": _Reader.answered,
    "result": _Reader.result,
    "believe": _Reader.believed,
    "code": _Reader.said,
    "equation": _Reader.said,
    "say": _Reader.said,
}


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


def _key(question):
    """The right answer, for the speaker."""
    right = question.options[question.right]
    return f"Right is {'ABCD'[question.right]}: {right.text}. {right.says}"


def _numbers(numbers):
    return (
        ", ".join(f"{name} {value}" for name, value in numbers.items()) or "a comparison of equals"
    )


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
