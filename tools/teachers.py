"""The parts of the teachers' pages that are made from lessons, exercises and measured times.

Such a page is text with lines `% generated: NAME`; Sphinx sees each of them replaced by what the
function of that name writes. The answers to the exam questions are written into the teachers'
build alone.
"""

import itertools
import json
import re

import yaml

import teaching
from rnncourse import grading

PAGES = ("appendix/for_teachers", "appendix/misconceptions")
LINE = re.compile(r"^% generated: (\w+)$", re.MULTILINE)
READS = re.compile(r"^\*Needs (.+) · reads (\d+) min\*$", re.MULTILINE)


def complete(text, root, *, answers):
    """A page with its generated parts.

    Args:
        text: the page as written.
        root: the folder of the course.
        answers: whether the exam's answers are shown.

    Raises:
        KeyError: if the page asks for a part that there is not.
    """
    lessons = [teaching.load(root, name[:2]) for name in teaching.names(root)]
    parts = {
        "chapters": lambda: chapters(lessons, root),
        "syllabi": lambda: "\n\n".join(syllabus(one, root) for one in syllabi(root)),
        "cuts": lambda: "\n\n".join(map(cuts, lessons)),
        "misconceptions": lambda: "\n\n".join(map(misconceptions, lessons)),
        "exam": lambda: "\n\n".join(exam(lesson, answers=answers) for lesson in lessons),
    }
    return LINE.sub(lambda found: parts[found[1]](), text)


def sources(root):
    """The files that the pages are made from, beside themselves."""
    return sorted((root / teaching.FOLDER).glob("*.yml")) + [root / "chapters" / "times.json"]


def chapters(lessons, root):
    """A table of all chapters that have a lesson: slides, and minutes of everything."""
    times = json.loads((root / "chapters" / "times.json").read_text(encoding="utf-8"))
    head = "| Chapter | Deck | Reads | Runs | Checked | Open |\n|---|---|---|---|---|---|"
    rows = []
    for lesson in lessons:
        checked, free = exercise_minutes(lesson.number)
        rows.append(
            f"| {_link(lesson)} | {{slides}}`{lesson.name}`, {len(lesson.slides)} slides "
            f"| {needs_and_minutes(root, lesson.name)[1]} min | {times[lesson.name]} s "
            f"| {checked} min | {free} min |"
        )
    return "\n".join([head, *rows])


def syllabi(root):
    """The syllabi, as written."""
    return yaml.safe_load((root / teaching.FOLDER / "syllabi.yml").read_text(encoding="utf-8"))


def syllabus(plan, root):
    """One syllabus as a table: a line a week, with the minutes of the evening."""
    names = {path.name[:2]: path.stem for path in (root / "chapters").glob("[0-9]*.ipynb")}
    lines = [f"### {plan['name']}", "", plan["for"].strip(), ""]
    lines += ["| Week | Chapters | Reading | Checked exercises |", "|---|---|---|---|"]
    for week, numbers in enumerate(plan["weeks"], 1):
        held = ", ".join(f"[{number}](../chapters/{names[number]}.ipynb)" for number in numbers)
        reading = sum(needs_and_minutes(root, names[number])[1] for number in numbers)
        checked = sum(exercise_minutes(number)[0] for number in numbers)
        lines.append(f"| {week} | {held} | {reading} min | {checked} min |")
    return "\n".join(lines)


def cuts(lesson):
    """What to leave out of a chapter, folded: a line for each section, with its slides."""
    lines = [
        f"- *{one['section']}*, {one['saves']} min, {on_slides(lesson, one['section'])}: "
        f"{_prose(one['why'])}"
        for one in lesson.cut
    ]
    return _folded(lesson, lines)


def on_slides(lesson, heading):
    """Which slides of a deck a section fills, in words: those that show nothing else, and its own.

    What is asked before a result goes with it.

    Example:
        >>> slides = [teaching.Slide("say", origins={one}) for one in "abbab"]
        >>> on_slides(teaching.Lesson("99", "99_x", "X", slides, [], []), "b")
        'slides 2-3, 5'
    """
    shown = [
        slide.origins == {heading} or (slide.section == heading and not slide.origins)
        for slide in lesson.slides
    ]
    for place, (asks, shows) in enumerate(itertools.pairwise(lesson.slides)):
        if asks.kind in ("guess", "quiz") and shows.kind == "result":
            shown[place] = shown[place + 1]
    own = [number for number, belongs in enumerate(shown, 1) if belongs]
    if not own:
        return "on no slide of its own"
    starts = [number for number in own if number - 1 not in own]
    ends = [number for number in own if number + 1 not in own]
    runs = [str(a) if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]
    return f"slide{'s' * (len(own) > 1)} {', '.join(runs)}"


def misconceptions(lesson):
    """The mistakes that the checks of a chapter know, folded: name, and what is said to it."""
    lines = []
    for exercise in grading.exercises(lesson.number):
        if exercise.misconceptions:
            lines += ["", f"**{exercise.id} {exercise.title}**", ""]
            lines += [f"- *{m.name}*: {_plain(m.says)}" for m in exercise.misconceptions]
    return _folded(lesson, lines)


def exam(lesson, *, answers):
    """The exam questions of a chapter, folded; with their answers if `answers`."""
    lines = []
    for number, one in enumerate(lesson.exam, 1):
        lines += ["", f"**{number}.** {_prose(one['question'])}", ""]
        lines += [
            f"*{one['points']} points, {one['minutes']} minutes; rests on:* {one['rests_on']}"
        ]
        if answers:
            lines += ["", f"> {_prose(one['answer'])}"]
    return _folded(lesson, lines)


def needs_and_minutes(root, name):
    """(numbers of the chapters that a chapter needs, minutes that it takes to read)."""
    text = (root / "chapters" / f"{name}.md").read_text(encoding="utf-8")
    needs, minutes = READS.search(text).groups()
    return re.findall(r"\b\d\d\b", needs), int(minutes)


def exercise_minutes(number):
    """(minutes of the checked exercises of a chapter, minutes of the open ones)."""
    found = grading.exercises(number)
    free = sum(exercise.minutes for exercise in found if exercise.kind == "open")
    return sum(exercise.minutes for exercise in found) - free, free


def _link(lesson):
    return f"[{lesson.number} {lesson.title}](../chapters/{lesson.name}.ipynb)"


def _folded(lesson, lines):
    """A folded block with the chapter as its heading."""
    return "\n".join([f":::{{dropdown}} {lesson.number} · {lesson.title}", *lines, ":::"])


def _prose(text):
    """A paragraph that may be written over several lines of YAML."""
    return " ".join(str(text).split())


def _plain(text):
    """A check's sentence as Markdown: *emphasis* and `code` as meant, other signs as they are."""
    parts = re.split(r"(`[^`]+`|(?<!\w)\*(?=\S)[^*]+(?<=\S)\*(?!\w))", _prose(text))
    return "".join(
        part if place % 2 else re.sub(r"([\\*_$`<>\[\]{}|])", r"\\\1", part)
        for place, part in enumerate(parts)
    )
