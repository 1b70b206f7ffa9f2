"""The placement test: two questions for every few chapters, and an advice with its reasons."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnn_sphinx import placing, weight
from rnncourse import __main__, placement, quizzes

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = ROOT / "chapters"
YES, NO, HALF = [True, True], [False, False], [True, False]


@pytest.fixture(scope="module")
def blocks():
    return placement.draw(CHAPTERS)


class Learner:
    """Sits before the terminal: knows some chapters, and sees what is printed."""

    def __init__(self, blocks, knows):
        self.right = {
            one.text: one.options[one.right].text
            for block in blocks
            for chapter, one in block.asked
            if chapter.number in knows
        }
        self.seen, self.typed = [], []

    def say(self, text):
        self.seen.append(text)

    def ask(self, prompt):
        shown = "\n".join(self.seen).rpartition("Question ")[2]
        options = re.findall(r"^  (\d)  (.+(?:\n     .+)*)", shown, re.MULTILINE)
        wanted = {placement._plain(text) for text in self.right.values()}
        for number, text in options:
            if re.sub(r"\n     ", "\n", text) in wanted:
                self.typed.append(number)
                return number
        self.typed.append("0")
        return "0"

    @property
    def text(self):
        return "\n".join(self.seen)


def numbers(first, last):
    return {f"{number:02d}" for number in range(first, last + 1)}


# ----------------------------------------------------------------------- which questions


def test_there_are_two_questions_for_every_block_in_the_order_of_the_chapters(blocks):
    asked = [chapter.number for block in blocks for chapter, _ in block.asked]
    assert 12 <= len(asked) <= 16
    assert asked == sorted(set(asked))
    covered = [chapter.number for block in blocks for chapter in block.chapters]
    assert covered == sorted(numbers(1, 18))


def test_every_question_that_suits_is_in_its_quiz_once():
    for suited in placement.BLOCKS:
        assert len(suited) >= placement.PAIR
        for number, beginnings in suited.items():
            (path,) = CHAPTERS.glob(f"{number}_*.ipynb")
            texts = [question.text for question in quizzes.read(path)]
            for beginning in beginnings:
                assert sum(text.startswith(beginning) for text in texts) == 1, beginning


def test_one_seed_draws_the_same_and_another_one_others(blocks):
    assert placement.draw(CHAPTERS) == blocks
    assert placement.draw(CHAPTERS, seed=1) != blocks


def test_a_question_that_has_left_its_quiz_is_named(monkeypatch):
    monkeypatch.setattr(placement, "BLOCKS", [{"01": ["In a batch"], "02": ["What is love"]}])
    with pytest.raises(quizzes.QuizError, match="02_.*no question of its quiz begins 'What is"):
        placement.draw(CHAPTERS)


# ------------------------------------------------------------------------------ the advice


@pytest.mark.parametrize(
    ("results", "start", "skim", "why"),
    [
        ([NO], "01", [], "both questions"),
        ([YES, NO], "04", [], "both questions"),
        ([YES, HALF, NO], "06", [1], "both questions"),
        ([HALF, YES, HALF, YES, NO], "11", [0, 2], "both questions"),
        ([YES, HALF, HALF], "04", [], "one question of its pair"),
        ([HALF, HALF], "01", [], "one question of its pair"),
        ([YES] * 7, None, [], "no pair"),
        ([YES] * 6 + [HALF], None, [6], "no pair"),
        ([YES] * 6 + [NO], "17", [], "both questions"),
    ],
)
def test_one_starts_where_a_pair_is_missed_or_two_halves_follow_each_other(
    blocks, results, start, skim, why
):
    advice = placement.advise(blocks, results)
    assert (advice.start and advice.start.number) == start
    assert advice.skim == [blocks[n].asked[1][0] for n in skim]
    assert why in advice.why
    assert placement.is_over(results) == (start is not None)
    asked = [chapter for block in blocks for chapter, _ in block.asked]
    before = [chapter for chapter in asked if not start or chapter.number < start]
    assert sorted(advice.skim + advice.skip) == before


def test_the_report_gives_the_reasons_and_says_what_such_a_test_cannot_say(blocks):
    said = placement.report(blocks, [HALF, NO])
    skimmed = blocks[0].asked[1][0]
    assert "chapters 01 to 03   1 of 2 right" in said
    assert "Start with chapter 04, A loop with a memory: you missed both questions" in said
    assert f"Skim first: {skimmed}. You missed its question." in said
    (known,) = placement.advise(blocks, [HALF, NO]).skip
    assert f"Nothing spoke against leaving out {known.number}; no others" in said
    assert placement.HONEST in said
    assert said.endswith(placement.BACK)


@pytest.mark.parametrize("results", [[NO], [HALF, HALF], [YES] * 7])
def test_nobody_is_sent_back_from_the_first_chapter_or_from_an_application(blocks, results):
    assert placement.report(blocks, results).endswith(placement.HONEST)


def test_several_chapters_to_skim_are_spoken_of_as_several(blocks):
    assert "You missed the question on each." in placement.report(blocks, [HALF, YES, HALF, NO])


# ---------------------------------------------------------------------------- in a terminal


@pytest.mark.parametrize(
    ("knows", "start", "asked"),
    [
        (set(), "chapter 01, Order is information", 2),
        (numbers(1, 8), "chapter 09, LSTM: a cell that adds", 8),
        (numbers(1, 18), placement.LAST, 14),
    ],
)
def test_a_learner_is_sent_to_where_knowledge_ends_and_asked_no_more(blocks, knows, start, asked):
    learner = Learner(blocks, knows)
    assert placement.run(CHAPTERS, ask=learner.ask, say=learner.say) == 0
    assert len(learner.typed) == asked
    assert f"Start with {start}:" in learner.text


def test_the_right_answer_changes_its_place_from_test_to_test(blocks):
    learners = [Learner(blocks, numbers(1, 18)) for _ in range(8)]
    for learner in learners:
        placement.run(CHAPTERS, ask=learner.ask, say=learner.say)
    assert len({tuple(learner.typed) for learner in learners}) > 1


def test_each_answer_is_judged_with_its_reason(blocks):
    learner = Learner(blocks, numbers(1, 3))
    placement.run(CHAPTERS, ask=learner.ask, say=learner.say)
    _, question = blocks[0].asked[0]
    says = question.options[question.right].says
    assert f"\n{placement._plain(f'✓ Right. {says}')}" in learner.seen
    assert learner.seen.count(f"\n{placement.FAIR}") == 2


def test_a_wrong_answer_is_told_why(blocks):
    wrong = next(one for one in blocks[0].asked[0][1].options if not one.right)
    assert placement._verdict(wrong).startswith("✗ No. ")


def test_no_question_leaves_tex_in_the_terminal():
    for path in CHAPTERS.glob("[01]*_*.ipynb"):
        for one in quizzes.read(path):
            parts = [one.text, *(part for option in one.options for part in option[::2])]
            shown = [placement._plain(part) for part in parts if "`" not in part]
            assert not [part for part in shown if re.search(r"[\\{}$]", part)]


@pytest.mark.parametrize("draw", ["-1", "two", "1.5"])
def test_a_draw_that_is_no_number_from_0_on_is_refused(draw, capsys):
    with pytest.raises(SystemExit):
        __main__.main(["placement", f"--draw={draw}"])
    assert f"--draw: expected 0, 1, 2 or more, found '{draw}'" in capsys.readouterr().err


def test_nonsense_is_asked_again_and_not_counted(blocks):
    learner, given = Learner(blocks, set()), iter(["", "seven", "9", "-1", "0", "0"])
    placement.run(CHAPTERS, ask=lambda prompt: next(given), say=learner.say)
    assert learner.text.count("A number from 0 to") == 4
    assert "Start with chapter 01" in learner.text


@pytest.mark.parametrize("reason", [EOFError, KeyboardInterrupt])
@pytest.mark.parametrize(("answered", "advised"), [(1, False), (2, True)])
def test_who_stops_early_gets_the_advice_of_the_whole_pairs(blocks, reason, answered, advised):
    learner = Learner(blocks, numbers(1, 18))

    def ask(prompt):
        if len(learner.typed) == answered:
            raise reason
        return learner.ask(prompt)

    assert placement.run(CHAPTERS, ask=ask, say=learner.say) == 0
    assert "Stopped." in learner.text
    assert ("2 of 2 right" in learner.text) == advised


def test_without_the_chapters_it_says_where_the_questions_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(__main__, "COURSE", tmp_path)
    assert __main__.main(["placement"]) == 1
    assert "the questions are in the chapters" in capsys.readouterr().out


# ------------------------------------------------------------------------------ on the site


@pytest.fixture(scope="module")
def page():
    noted = []
    env = SimpleNamespace(note_dependency=noted.append)
    source = [(ROOT / f"{placing.PAGE}.md").read_text()]
    placing.complete_page(SimpleNamespace(srcdir=ROOT, env=env), placing.PAGE, source)
    assert len(noted) == 14
    return source[0]


def test_the_page_asks_the_same_questions_as_the_terminal(page, blocks):
    asked = re.findall(r"^\*\*(.+)\*\*$", page, re.MULTILINE)
    assert asked == [question.text for block in blocks for _, question in block.asked]
    assert page.count("\n✓ ") == len(asked)
    assert page.count(f"{{dropdown}} {placement.UNKNOWN}\n") == len(asked)
    assert placing.PLACE not in page


def test_every_answer_leads_to_a_cell_or_a_figure_of_its_chapter(page):
    links = re.findall(r"See \[chapter (\d\d), [^\n]+\]\(#([\w-]+)\)\.$", page, re.MULTILINE)
    assert len(links) == page.count("\n✓ ") + page.count("\n✗ ")
    assert all(place.startswith((f"claim-{n}-", f"fig-{n}-")) for n, place in links)


def test_the_page_says_how_to_count_where_no_script_runs(page):
    assert "Stop as soon as you have missed both questions of a pair" in page
    assert "What it cannot say" in page


def test_other_pages_stay_as_they_are():
    source = ["# Setting up\n\n% questions"]
    placing.complete_page(SimpleNamespace(), "setup", source)
    assert source == ["# Setting up\n\n% questions"]


def test_the_script_is_small_and_our_own():
    assert (ROOT / "_static" / "placement.js").stat().st_size <= 3000


def test_the_script_is_loaded_by_its_page_alone():
    script = SimpleNamespace(filename="placement.js")
    for body, wanted in (('<div class="rnn-asked docutils">', ["placement.js"]), ("<p>", [])):
        context = {"css_files": [], "script_files": [script], "body": body}
        weight.lighten(SimpleNamespace(), "page", "page.html", context, None)
        assert [one.filename for one in context["script_files"]] == wanted
