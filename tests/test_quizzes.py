"""The quiz of every chapter: fair questions, and answers that lead to what was measured."""

import json
import re
from pathlib import Path

import nbformat
import pytest

import ledger
import measured
from rnn_sphinx import reading
from rnncourse import quizzes

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(p for p in ROOT.glob("chapters/[0-9][0-9]_*.ipynb") if ".mine-" not in p.name)
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+")


def pytest_generate_tests(metafunc):
    if "chapter" in metafunc.fixturenames:
        metafunc.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem[:2])


@pytest.fixture
def quiz(chapter):
    questions = quizzes.read(chapter)
    if not questions:
        pytest.skip("no quiz: that is the failure of another test")
    return questions


@pytest.fixture
def book(chapter):
    return nbformat.read(chapter, as_version=4)


# ------------------------------------------------------------------------- every chapter


def test_every_chapter_has_a_quiz(chapter):
    assert quizzes.read(chapter), f"{chapter.name} has no section 'Test yourself'"


def test_a_chapter_asks_five_to_eight_questions_of_three_or_four_answers(quiz):
    assert 5 <= len(quiz) <= 8
    assert {len(question.options) for question in quiz} <= {3, 4}


def test_every_answer_says_something_and_leads_to_a_cell_below_its_heading(quiz, book, chapter):
    for question in quiz:
        for option in question.options:
            assert len(option.says) >= 20, option
            assert measured.place(book, chapter.stem, option)


def test_no_answer_is_there_twice(quiz):
    for question in quiz:
        texts = [option.text.lower().strip(" .") for option in question.options]
        assert len(set(texts)) == len(texts), question.text
    assert len({question.text for question in quiz}) == len(quiz)


def test_answers_say_different_things(quiz):
    for question in quiz:
        said = [option.says for option in question.options]
        assert len(set(said)) == len(said), question.text


def test_the_right_answer_has_no_fixed_place(quiz):
    places = [question.right for question in quiz]
    assert max(map(places.count, places)) <= len(quiz) - 2, places


def test_the_right_answer_is_not_known_by_its_length(quiz):
    """By chance it is the shortest of three in a third of the questions, and so the longest."""
    for extreme in (max, min):
        known = [
            len(question.options[question.right].text)
            == extreme(len(option.text) for option in question.options)
            for question in quiz
        ]
        assert sum(known) <= 0.6 * len(quiz), f"the right answer is mostly the {extreme.__name__}"


def test_numbers_with_decimals_come_from_the_chapter(quiz, book):
    known = measured_numbers(book)
    foreign = [
        (question.number, number)
        for question in quiz
        for option in question.options
        for number in NUMBER.findall(f"{option.text} {option.says}")
        if len(number.partition(".")[2]) >= 2
        and number not in NUMBER.findall(question.text)  # what is given, and not measured
        and not said_by(number, known)
    ]
    assert not foreign


def test_a_quiz_stands_between_what_to_believe_and_the_exercises(quiz, book):
    headings = re.findall(r"^## (.+)$", "\n".join(c.source for c in book.cells), re.MULTILINE)
    here = headings.index(quizzes.HEADING)
    assert headings[here - 1] == "What to believe"
    assert headings[here + 1] == "Exercises"


def measured_numbers(book):
    """All numbers that the cells of a notebook printed or claimed."""
    texts = [
        text
        for cell in book.cells
        for output in cell.get("outputs", [])
        for text in (output.get("text", ""), output.get("data", {}).get("text/plain", ""))
    ]
    claims = json.dumps([claim["numbers"] for claim in ledger.claims_of(book)])
    return [float(n) for n in re.findall(r"\d+\.?\d*(?:e[-+]?\d+)?", "\n".join([*texts, claims]))]


def said_by(number, known):
    """Whether one of the known numbers, or its share in percent, rounds to what is written."""
    half = 0.5001 * 10.0 ** -len(number.partition(".")[2])
    return any(abs(value * scale - float(number)) <= half for value in known for scale in (1, 100))


# ------------------------------------------------------------------- links on the site


def markdown(source):
    return nbformat.v4.new_markdown_cell(source)


def claiming(*claims):
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            data={"text/plain": f"✓ {text}"},
            metadata={"rnncourse": {"claim": text, "holds": True, "numbers": {}}},
        )
        for text in claims
    ]
    return nbformat.v4.new_code_cell("claim(...)", outputs=outputs)


ANSWERS = """## Test yourself

**1. Does it fade?**

:::{dropdown} No
✗ It does. See [The idea](#the-idea "it fades").
:::

:::{dropdown} Yes
✓ As the picture shows. See [A small case](#a-small-case "fig-04-small").
:::

## Exercises

[The idea](#the-idea "not part of the quiz")
"""


@pytest.fixture
def small():
    """A chapter with a claim made in two sections, a figure, and a quiz."""
    figure = nbformat.v4.new_code_cell("plot()")
    figure.metadata = {"mystnb": {"figure": {"name": "fig-04-small"}}}
    texts = ["# Title\n\n## The problem", "## The idea", "### A small case", ANSWERS]
    cells = [markdown(texts[0]), claiming("it fades"), markdown(texts[1])]
    cells += [claiming("it fades", "it is so"), markdown(texts[2]), figure, markdown(texts[3])]
    return nbformat.v4.new_notebook(cells=cells)


def test_on_the_site_an_answer_leads_to_the_cell_in_the_section_that_it_names(small):
    book = json.loads(nbformat.writes(small))
    reading.lead_quiz(book, "04_a_loop")
    text = "".join(book["cells"][-1]["source"])
    assert '[The idea](#claim-04-003 "it fades")' in text
    assert '[A small case](#fig-04-small "fig-04-small")' in text
    assert '[The idea](#the-idea "not part of the quiz")' in text


@pytest.mark.parametrize(
    ("written", "instead", "complaint"),
    [
        ('"it fades"', '"it grows"', "no cell claims or shows 'it grows'"),
        ("fig-04-small", "fig-04-large", "no cell claims or shows 'fig-04-large'"),
        ("[The idea](#the-idea", "[The end](#the-end", "there is no section 'The end'"),
        ("[The idea](#the-idea", "[A small case](#a-small-case", "is not below 'A small case'"),
    ],
)
def test_a_link_to_nothing_stops_the_build_with_a_sentence(small, written, instead, complaint):
    small.cells[-1].source = ANSWERS.replace(written, instead, 1)
    with pytest.raises(quizzes.QuizError, match=f"04_a_loop, quiz: .*{re.escape(complaint)}"):
        reading.lead_quiz(json.loads(nbformat.writes(small)), "04_a_loop")


def test_a_chapter_without_a_quiz_stays_as_it_is(small):
    small.cells[-1].source = "## Exercises"
    book = json.loads(nbformat.writes(small))
    before = json.dumps(book)
    reading.lead_quiz(book, "04_a_loop")
    assert json.dumps(book) == before
