"""Lessons quote their chapter or are refused; the teachers' page is made from them."""

import base64
import json
import re
from pathlib import Path

import nbformat
import pytest
import yaml

import quotable
import teachers
import teaching
from rnncourse import grading

ROOT = Path(__file__).resolve().parent.parent

TEXT = """\
# A small loop

How can a loop remember? It hands on what it returned.
After this you can write one.

*Needs 01 · reads 40 min*"""
IDEA = """\
## The idea

The state is a *squashed* sum {cite:p}`elman1990finding` of input and state ({numref}`fig-99-gain`).
Is the bit kept? Nobody knows yet, and so we measure it.

$$
h_t = \\tanh(x_t)
$$ (eq-99-loop)

- one bullet of `code`
- another bullet
"""
CODE = "import numpy as np\n\n\ndef step(x):\n    y = x + 1\n    return y\n\n\nprint(step(1))"
END = """\
## What to believe

- The bit is kept.
- Nothing else was shown.

## Test yourself

**1. What is left of the bit?**

:::{dropdown} Nothing
✗ It stays. See [The idea](#the-idea "the bit is kept").
:::

:::{dropdown} All
✓ It stays. See [The idea](#the-idea "the bit is kept").
:::

## Exercises

| | Exercise | Level | Minutes |
|---|---|---|---|
| 99.1 | By hand | ★ | 5 |
"""
PIXEL = base64.b64encode(b"\x89PNG, as far as anybody looks").decode()


@pytest.fixture
def course(tmp_path):
    """A course of one small chapter, and a function that writes its lesson and loads it."""
    code = nbformat.v4.new_code_cell(CODE, execution_count=1)
    record = {"claim": "the bit is kept", "holds": True, "numbers": {"kept": 0.97}}
    code.outputs = [
        nbformat.v4.new_output("display_data", {"text/plain": "✓"}, metadata={"rnncourse": record}),
        nbformat.v4.new_output(
            "stream", name="stdout", text="model  bits\nloop   0.97\nbag    0.5\n"
        ),
        nbformat.v4.new_output("display_data", {"image/png": PIXEL}),
    ]
    code.metadata["mystnb"] = {
        "figure": {"name": "fig-99-gain", "caption": "It is kept."},
        "image": {"alt": "A dot."},
    }
    texts = [nbformat.v4.new_markdown_cell(text) for text in (TEXT, IDEA, END)]
    book = nbformat.v4.new_notebook(cells=[*texts[:2], code, texts[2]])
    for folder in ("chapters", "teaching"):
        (tmp_path / folder).mkdir()
    nbformat.write(book, tmp_path / "chapters/99_small.ipynb")

    def load(first=(), **other):
        deck = [*first, *[{"section": "The idea"}] * (18 - len(first))]
        deck += [{"guess": "Is the bit kept?"}, {"result": {"figure": "fig-99-gain"}}]
        plan = {"deck": deck, "cut": [CUT], "exam": [EXAM] * 3, **other}
        (tmp_path / "teaching/99_small.yml").write_text(yaml.safe_dump(plan))
        return teaching.load(tmp_path, "99")

    return load


CUT = {"section": "The idea", "saves": 8, "why": "All is lost."}
EXAM = {
    "question": "Why?", "minutes": 5, "points": 3, "answer": "So.", "rests_on": "the bit is kept",
}  # fmt: skip


def test_a_lesson_has_the_title_before_and_the_exercises_after_what_it_chose(course):
    lesson = course()
    assert lesson.title == "A small loop"
    assert [lesson.slides[0].kind, lesson.slides[-1].kind] == ["title", "exercises"]
    assert lesson.slides[0].say == TEXT.split("\n")[2:4]
    assert lesson.slides[-1].say == ["99.1 · By hand · ★ · 5"]


def test_a_slide_shows_what_was_quoted_and_its_notes_the_paragraph(course):
    say = course([{"say": ["a *squashed* sum of input and state", "one bullet of `code`"]}]).slides[
        1
    ]
    assert say.say == ["a *squashed* sum of input and state", "one bullet of `code`"]
    assert say.notes[0].endswith("and so we measure it.")
    assert "cite" not in say.notes[0]
    assert "numref" not in say.notes[0]


def test_a_caption_can_be_quoted(course):
    result = {"figure": "fig-99-gain", "say": ["It is kept"]}
    assert course([{"quiz": 1}, {"result": result}]).slides[2].notes == ["It is kept."]


def test_a_quotation_consists_of_whole_words(course):
    with pytest.raises(teaching.LessonError, match="not a quotation"):
        course([{"say": ["he state is a"]}])


def test_what_is_cut_takes_its_question_along():
    slides = [teaching.Slide("guess", origins={"b"}), teaching.Slide("result", origins={"a"})]
    slides += [teaching.Slide("quiz"), teaching.Slide("result", origins={"b"})]
    lesson = teaching.Lesson("99", "99_x", "X", slides, [], [])
    assert teachers.on_slides(lesson, "a") == "slides 1-2"
    assert teachers.on_slides(lesson, "b") == "slides 3-4"


def test_a_print_can_be_shown_from_one_line_to_another(course):
    first = {"output": "model", "to": "loop", "say": ["one bullet of `code`"]}
    slides = course([first, {"quiz": 1}, {"result": {"output": "loop"}}]).slides
    assert slides[1].output == "model  bits\nloop   0.97"
    assert slides[3].output == "loop   0.97\nbag    0.5"


def test_two_pieces_of_one_paragraph_can_be_joined(course):
    assert course([{"say": ["The state is … Is the bit kept?"]}])
    with pytest.raises(teaching.LessonError, match="not a quotation"):
        course([{"say": ["Is the bit kept? … The state is"]}])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"say": ["The state is a squared sum"]}, "not a quotation of the chapter.*The state is a"),
        ({"say": [{"The state": "squashed"}]}, "squashed'}: a colon wants quotes in YAML"),
        ({"output": "loop", "to": 0.5}, "expected the first letters of a line, got 0.5"),
        ({"say": ["Nobody knew"]}, "not a quotation of the chapter: 'Nobody knew'"),
        ({"say": ["one bullet"], "title": "Hype"}, "not a quotation of the chapter: 'Hype'"),
        ({"guess": "Nobody knows yet"}, "a guess is a question"),
        ({"section": "The end"}, "no heading 'The end'"),
        ({"say": [], "equation": "eq-1"}, "no equation 'eq-1'; there is eq-99-loop"),
        ({"code": "def stop"}, "no line of code begins with 'def stop'"),
        ({"code": "def step", "to": "yield"}, "begins with 'yield'"),
        ({"output": "lamp"}, "no printed line begins with 'lamp'"),
        (
            {"output": "model", "to": "lamp"},
            "no line of that cell after 'model' begins with 'lamp'",
        ),
        ({"output": "model", "code": "def step"}, "code and output: one of them on a slide"),
        ({"quiz": 2}, "no question 2; the quiz has 1"),
        ({"believe": [3]}, "believe"),
        ({"result": {"figure": "fig-99-gain"}}, "a guess or a quiz question has to come before"),
        ({"say": ["one bullet of `code`"] * 6}, "6 quotations; at most 5"),
        ({"say": ["Nobody knows yet, and so we measure it"] * 5, "x": 1}, None),
        ({"show": 1}, "expected one of section, guess"),
    ],
)
def test_what_the_chapter_does_not_hold_is_refused(course, entry, message):
    if message is None:
        assert course([entry])
    else:
        with pytest.raises(teaching.LessonError, match=message):
            course([entry])


def test_a_result_needs_a_guess_and_one_guess_opens_two(course):
    shown = {"result": {"claims": ["the bit is kept"]}}
    assert course([{"quiz": 1}, shown, shown])
    with pytest.raises(teaching.LessonError, match="slide 5, result: a guess or a quiz"):
        course([{"quiz": 1}, shown, shown, shown])
    with pytest.raises(teaching.LessonError, match="no claim 'the bit is lost'"):
        course([{"quiz": 1}, {"result": {"claims": ["the bit is lost"]}}])


def test_the_notes_of_a_result_give_the_numbers_and_those_of_a_question_the_key(course):
    slides = course([{"quiz": 1}, {"result": {"claims": ["the bit is kept"]}}]).slides
    assert slides[1].notes == ["Right is B: All. It stays."]
    assert slides[2].notes == ["the bit is kept: kept 0.97"]


def test_a_question_is_settled_by_the_last_of_its_results_unless_a_slide_answers_it(course):
    shown = {"result": {"claims": ["the bit is kept"]}}
    slides = course([{"quiz": 1}, shown, shown]).slides
    assert [slide.settles is not None for slide in slides[1:4]] == [False, False, True]
    assert slides[3].settles.number == 1
    assert not any(slide.settles for slide in course([{"quiz": 1}, shown, {"answer": 1}]).slides)
    with pytest.raises(teaching.LessonError, match="slide 2, quiz: neither result nor answer of 1"):
        course([{"quiz": 1}])


def test_a_slide_knows_the_sections_that_it_comes_from(course):
    shown = {"result": {"claims": ["the bit is kept"], "say": ["Nothing else was shown"]}}
    slides = course([{"quiz": 1}, shown]).slides
    assert slides[2].origins == {"The idea", "What to believe"}
    assert slides[2].measured == {"the bit is kept": "kept 0.97"}


def test_code_is_shown_from_the_line_to_the_line(course):
    assert course([{"code": "def step", "to": "return"}]).slides[1].code.endswith("return y")
    assert course([{"code": "y = x"}]).slides[1].code == "y = x + 1\nreturn y"


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"deck": []}, "2 slides; expected 20 to 35"),
        ({"deck": [{"section": "The idea"}] * 20}, "fig-99-gain is on no slide"),
        ({"cut": []}, "at least one section to cut"),
        ({"cut": [{**CUT, "section": "No"}]}, "no heading 'No'"),
        ({"cut": [{**CUT, "saves": "long"}]}, "cut 1: expected saves: a int"),
        ({"exam": [EXAM]}, "1 exam questions; expected 3 or 4"),
        ({"exam": [{**EXAM, "rests_on": "hope"}] * 3}, "no claim 'hope'"),
        ({"exam": [{**EXAM, "answer": None}] * 3}, "exam 1: expected answer"),
    ],
)
def test_a_lesson_that_is_not_whole_is_refused(course, other, message):
    with pytest.raises(teaching.LessonError, match=message):
        course(**other)


def test_a_file_that_is_no_yaml_and_a_chapter_without_a_lesson_are_named(course, tmp_path):
    course()
    (tmp_path / "teaching/99_small.yml").write_text("deck: [")
    with pytest.raises(teaching.LessonError, match=r"99_small\.yml"):
        teaching.load(tmp_path, "99")
    with pytest.raises(teaching.LessonError, match="no lesson of chapter 07"):
        teaching.load(tmp_path, "07")


# ---- the lessons of this course

NAMES = [path.stem for path in sorted((ROOT / "chapters").glob("[0-9][0-9]_*.md"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_chapter_has_a_lesson_that_says_only_what_the_chapter_says(name):
    lesson = teaching.load(ROOT, name[:2])
    asked = {slide.question.number for slide in lesson.slides if slide.kind == "quiz"}
    answered = {slide.question.number for slide in lesson.slides if slide.kind == "answer"}
    assert answered <= asked, "an answer without its question"
    assert sum(slide.kind == "result" for slide in lesson.slides) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_an_exam_question_is_not_one_of_the_quiz(name):
    lesson = teaching.load(ROOT, name[:2])
    quiz = {" ".join(s.question.text.lower().split()) for s in lesson.slides if s.question}
    assert not quiz & {" ".join(one["question"].lower().split()) for one in lesson.exam}


@pytest.mark.parametrize("plan", teachers.syllabi(ROOT), ids=lambda plan: plan["name"])
def test_a_syllabus_holds_each_chapter_once_and_after_those_that_it_needs(plan):
    held = [number for week in plan["weeks"] for number in week]
    assert len(held) == len(set(held))
    names = {name[:2]: name for name in NAMES}
    for place, number in enumerate(held):
        needs, _ = teachers.needs_and_minutes(ROOT, names[number])
        assert set(needs) <= set(held[:place]), number


# ---- the teachers' pages


@pytest.fixture(scope="module")
def pages():
    """The pages as the readers see them, and as the teachers do."""
    texts = [(ROOT / f"{page}.md").read_text(encoding="utf-8") for page in teachers.PAGES]
    text = "\n".join(texts)
    return [teachers.complete(text, ROOT, answers=answers) for answers in (False, True)]


def test_the_answers_are_in_the_teachers_build_alone(pages):
    public, own = pages
    for name in NAMES:
        for one in teaching.load(ROOT, name[:2]).exam:
            answer = " ".join(one["answer"].split())
            assert answer not in public
            assert answer in own
            assert " ".join(one["question"].split()) in public


def test_the_page_names_each_misconception_that_a_check_knows(pages):
    for exercise in grading.exercises():
        assert exercise.kind == "open" or f"**{exercise.id} {exercise.title}**" in pages[0]
        assert all(f"- *{known.name}*: " in pages[0] for known in exercise.misconceptions)


def test_times_and_minutes_of_the_page_are_those_of_the_chapters(pages):
    times = json.loads((ROOT / "chapters/times.json").read_text())
    for name in NAMES:
        row = next(line for line in pages[0].split("\n") if f"{{slides}}`{name}`" in line)
        assert f"| {times[name]} s |" in row
        checked, free = teachers.exercise_minutes(name[:2])
        assert row.endswith(f"| {checked} min | {free} min |")


def test_no_line_of_the_page_is_left_to_be_generated(pages):
    assert not re.search(teachers.LINE, pages[0])
    with pytest.raises(KeyError, match="weather"):
        teachers.complete("% generated: weather\n", ROOT, answers=False)


def test_a_sentence_of_a_check_is_shown_as_it_is():
    assert teachers._plain("W_hh * h") == r"W\_hh \* h"


def test_a_quotation_may_begin_with_a_raised_letter_but_not_change_a_word():
    assert quotable._holds("if the state fades, it is gone.", ["The state fades"])
    assert not quotable._holds("if the state fades, it is gone.", ["The state faded"])
