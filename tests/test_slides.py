"""The decks as files: what is on each kind of slide, and that it is what the chapter says."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import build_slides
import choosing
import chromium
import mathjax
import teaching
import vendor
from quotable import Figure
from rnncourse.quizzes import Option, Question
from slides import code, deck, kinds, maths, numbers, shelf, sizes, words
from teaching import Lesson, Slide

ROOT = Path(__file__).resolve().parent.parent
CHAPTER = "04_a_loop_with_a_memory"
LESSONS = teaching.names(ROOT)


def png(width, height):
    """The beginning of a picture: as much as tells its size."""
    sides = b"".join(side.to_bytes(4, "big") for side in (width, height))
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + sides


FIGURE = Figure("fig-04-gain", png(840, 336), "It rises.", 'A curve, "steep" & <high>.')
QUESTION = Question(
    3,
    "What is left of `h`?",
    (
        Option("Nothing", False, "It *fades*.", "The idea", "the-idea", "it fades"),
        Option("A bit of $h_t$", True, "It was **measured**.", "The idea", "the-idea", "it fades"),
    ),
)


class Text(HTMLParser):
    """What a page shows, in one line, and where it leads."""

    BLOCKS = ("div", "h2", "li", "p", "td", "th")

    def __init__(self, text, skip=("aside",)):
        super().__init__()
        self.words, self.addresses, self.skip, self.silent = [], [], skip, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.addresses += [value for name, value in attributes if name in ("href", "src")]
        self.silent += tag in self.skip
        self.words.append(" " * (tag in self.BLOCKS))

    def handle_endtag(self, tag):
        self.words.append(" " * (tag in self.BLOCKS))
        self.silent -= tag in self.skip

    def handle_data(self, data):
        if not self.silent:
            self.words.append(data)

    def __str__(self):
        return " ".join("".join(self.words).split())


def shown(slide):
    """The text of a slide without its notes."""
    return str(Text(kinds.section(slide, CHAPTER)))


def plain(markdown):
    """What a line of Markdown shows, by rules of its own."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words.without_roles(markdown))
    as_it_is = re.compile(r"`[^`]*`|\$[^$]+\$")
    kept = iter(
        piece.strip("`") if piece[0] == "`" else rf"\({piece.strip('$').strip()}\)"
        for piece in as_it_is.findall(text)
    )
    emphasis = re.compile(r"(?<!\\)(\*+)(\S|\S.*?\S)\1")
    text = emphasis.sub(r"\2", as_it_is.sub("\0", text)).replace("\\*", "*")
    return " ".join(re.sub("\0", lambda _: next(kept), text).split())


# ------------------------------------------------------------------------------- kinds of slide


def test_a_title_slide_leads_to_the_chapter():
    page = kinds.section(Slide("title", "A loop", say=["How can it?"]), CHAPTER)
    assert "Chapter 4 A loop How can it?" in str(Text(page))
    assert Text(page).addresses == [f"../chapters/{CHAPTER}.html"]


def test_a_divider_shows_a_heading_and_nothing_else():
    assert shown(Slide("section", "The idea")) == "The idea"


def test_what_is_said_stands_before_its_equation_and_its_code():
    slide = Slide("say", "The idea", "The idea", ["One", "Two"], equation="a < b", code="c = 1")
    assert shown(slide) == r"The idea One Two \[a < b\] c = 1"


def test_a_slide_with_a_title_of_its_own_says_where_it_belongs():
    assert shown(Slide("say", "it fades", "The idea", ["One"])) == "The idea It fades One"


def test_a_guess_asks_first():
    assert shown(Slide("guess", "Guess first", "The idea", ["Is it?"])) == "Guess first Is it?"


def test_a_quiz_slide_shows_the_options_without_telling_which_is_right():
    page = kinds.section(Slide("quiz", QUESTION.text, question=QUESTION), CHAPTER)
    assert str(Text(page)).startswith("Question 3: show of hands What is left of h?")
    assert r"A Nothing" in str(Text(page))
    assert r"B A bit of \(h_t\)" in str(Text(page))
    assert "right" not in page
    assert "measured" not in page


def test_an_answer_slide_marks_the_right_option_and_says_what_was_measured():
    page = kinds.section(Slide("answer", QUESTION.text, question=QUESTION), CHAPTER)
    assert page.count('class="right"') == page.count('class="wrong"') == 1
    assert r"B A bit of \(h_t\) (right) It was measured." in str(Text(page))
    assert "fades" not in page


def test_a_result_shows_its_figure_with_the_text_for_those_who_do_not_see_it():
    slide = Slide("result", "It rises", figure=FIGURE, claims=["a < b"], say=["We saw it"])
    page = kinds.section(slide, CHAPTER)
    assert f'src="figures/{FIGURE.name}.png"' in page
    assert f'alt="{html.escape(FIGURE.alt)}"' in page
    assert str(Text(page)) == "It rises a < b We saw it"


@pytest.mark.parametrize(
    ("measured", "shown"),
    [
        ({"lstm": [0.93, 0.951, 0.94]}, "lstm 0.930 · 0.951 · 0.940"),
        ({"share": [0.99991, 1, 1]}, "share 0.9999 · 1 · 1"),  # nearly all is not all
        ({"each": [13.42, 7.608e-05]}, "each 13.4 · 7.61·10⁻⁵"),
        ({"right": [3, 4, 7]}, "right 3 · 4 · 7"),
        ({"score": [0.1, 0.5841, 0.3, 0.2, 0.4]}, "score 0.1–0.584"),
        ({"gain": [-0.1, 0.5, 0.3, 0.2, 0.4]}, "gain −0.1 to 0.5"),
        ({"none": [[0, 0, 0], [0, 0]]}, "none 0, 5 times"),
        ({"now": {"a": 0.5, "b": [1, 2]}, "said": "no"}, "now (a 0.5, b 1 · 2), said no"),
        ({"by_chance": 0.5, "by_a_name_that_is_long": [0.25] * 3}, "by chance 0.5, …"),
        ({}, ""),
    ],
)
def test_measured_numbers_are_shown_as_one_reads_them(measured, shown):
    assert numbers.in_short(measured, 32) == shown


def test_no_slide_shows_a_list_as_a_program_writes_it():
    slides = [slide for name in LESSONS for slide in teaching.load(ROOT, name[:2]).slides]
    texts = [text for slide in slides for text in slide.measured.values()]
    assert len(texts) > 50
    assert not [text for text in texts if "[" in text or "_" in text or "e-" in text]
    assert max(map(len, texts)) <= choosing.NUMBERS + 3


def test_what_to_believe_is_a_list():
    page = kinds.section(Slide("believe", "What to believe", say=["One", "Two"]), CHAPTER)
    assert page.count("<li>") == 2


def test_the_exercises_are_a_table_that_leads_to_them():
    slide = Slide("exercises", "Exercises", say=["04.1 · By hand · ★ · 5"])
    page = kinds.section(slide, CHAPTER)
    assert "<td>04.1</td><td>By hand</td><td>★</td><td>5</td>" in page
    assert f"../exercises/solutions/{CHAPTER}.html" in page


def test_the_speaker_reads_what_stands_behind_a_slide_with_its_formulas_marked():
    page = kinds.section(Slide("say", "A", say=["B"], notes=["All of $h_t$", "More"]), CHAPTER)
    notes = '<aside class="notes"><p>All of <span class="tex">h_t</span></p><p>More</p></aside>'
    assert notes in page


# -------------------------------------------------------------------------- text into HTML


@pytest.mark.parametrize("tail", [",", ".", ")."])
def test_no_line_ends_between_a_formula_and_what_closes_it(tail):
    shown = words.on_slide(f"the gain $g${tail} and more", CHAPTER)
    whole = '<span class="whole"><span class="math">'
    assert f"{whole}\\(g\\)</span>{tail}</span> and more" in shown


def test_code_within_a_claim_is_shown_as_code():
    result = Slide("result", "A", claims=["`ids != 0` hides a word"])
    assert "<code>ids != 0</code> hides a word" in kinds.section(result, CHAPTER)


@pytest.mark.parametrize("kind", ["say", "result"])
def test_what_was_printed_stands_as_it_was_printed(kind):
    slide = Slide(kind, "A", say=["B"], output="a   0.9 < 1\nbb  0.8")
    assert "a   0.9 &lt; 1\nbb  0.8</pre>" in kinds.section(slide, CHAPTER)


def test_no_line_ends_within_a_number():
    result = Slide("result", "A", claims=["equal to 1e-08"])
    assert 'equal to <span class="whole">1e-08</span>' in kinds.section(result, CHAPTER)


@pytest.mark.parametrize("harm", ["</script><b>", "<img src=x>", "&amp; & &lt;", '"quoted"'])
def test_nothing_in_a_text_becomes_an_element(harm):
    slide = Slide("say", harm, say=[harm], code=f"x = '{harm}'", claims=[harm], notes=[harm])
    for kind in ("say", "result", "guess", "believe"):
        slide.kind = kind
        page = kinds.section(slide, CHAPTER)
        assert "</script>" not in page
        assert "<img" not in page
        assert harm in str(Text(page)).replace("&amp; & &lt;", harm) or "&" in harm


def test_code_comes_through_unchanged():
    source = "def f(x):\n    return x < 1 and '</script>' != \"&amp;\""
    text = Text(f"<pre>{code.show(source)}</pre>")
    assert "".join(text.words) == source


def test_a_formula_keeps_its_signs():
    assert words.on_slide("$a < b_1 * c_2$ and $d*e$", CHAPTER) == (
        f"{maths.inline('a < b_1 * c_2')} and {maths.inline('d*e')}"
    )


@pytest.mark.parametrize(
    ("written", "leads"),
    [
        ("06_why_memory_fades.ipynb", "../chapters/06_why_memory_fades.html"),
        ("06_why_memory_fades.ipynb#the-idea", "../chapters/06_why_memory_fades.html#the-idea"),
        ("#the-idea", f"../chapters/{CHAPTER}.html#the-idea"),
        ("../appendix/museum.ipynb", "../appendix/museum.html"),
        ("../exercises/04_a.ipynb", "../exercises/solutions/04_a.html"),
        ("https://example.org/a", "https://example.org/a"),
    ],
)
def test_a_link_of_the_chapter_leads_to_the_same_place_from_its_deck(written, leads):
    assert Text(words.on_slide(f"[there]({written})", CHAPTER)).addresses == [leads]


# ----------------------------------------------------------------------------------- sizes


def test_a_longer_text_gets_smaller_type_but_never_less_than_22_pixels():
    found = [sizes.largest(["word " * count], 300) for count in (5, 40, 70, 900)]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 4
    assert found[-1] == 22


@pytest.mark.parametrize("claims", [[], ["a claim of some length that is measured"] * 3])
@pytest.mark.parametrize("shape", [(840, 336), (840, 504)])
def test_a_figure_is_large_keeps_its_shape_and_leaves_room_for_its_text(shape, claims):
    plate = sizes.plate(png(*shape), claims, 480)
    assert plate.width / plate.height == pytest.approx(shape[0] / shape[1], rel=0.01)
    assert plate.width <= sizes.WIDTH
    assert plate.width >= 700
    text = sizes.height(claims, plate.type) if claims and not plate.beside else 0
    assert plate.height + text <= 480


# ------------------------------------------------------------------------------ whole decks


def lesson(slides):
    return Lesson("04", CHAPTER, "A loop & more", slides, [], [])


def test_a_deck_asks_no_other_host_for_anything():
    page = deck.page(lesson([Slide("title", "A loop", say=["How?"])]))
    assert "A loop &amp; more: slides" in page
    assert not [one for one in Text(page).addresses if re.match(r"[a-z]+:|/", one)]


def test_the_list_of_decks_names_the_pdfs_that_exist(tmp_path):
    one = lesson([Slide("title", "A loop")])
    shelf.index(tmp_path, [one])
    assert f"{CHAPTER}.pdf" not in (tmp_path / "index.html").read_text()
    (tmp_path / f"{CHAPTER}.pdf").write_bytes(b"%PDF")
    shelf.index(tmp_path, [one])
    page = (tmp_path / "index.html").read_text()
    assert f'href="{CHAPTER}.pdf"' in page
    assert "make slides" not in page


def test_a_folder_of_decks_holds_all_that_they_ask_for(tmp_path, monkeypatch):
    name = LESSONS[0]
    monkeypatch.setattr(teaching, "names", lambda root: [name])
    shelf.write(ROOT, tmp_path)
    page = Text((tmp_path / "slides" / f"{name}.html").read_text(encoding="utf-8"))
    own = [one for one in page.addresses if not one.startswith(("../chapters", "../exer", "#"))]
    missing = {one for one in own if not (tmp_path / "slides" / one).exists()}
    assert missing <= {"../_static/logo.svg"}
    assert (tmp_path / "_static" / mathjax.SCRIPT).exists()


def test_a_pdf_goes_when_its_deck_changes_and_stays_when_it_does_not(tmp_path, monkeypatch):
    pdf, slides = tmp_path / "slides" / f"{CHAPTER}.pdf", [Slide("title", "A loop", say=["How?"])]
    monkeypatch.setattr(teaching, "names", lambda root: [CHAPTER])
    monkeypatch.setattr(teaching, "load", lambda root, number: lesson(slides))
    shelf.write(ROOT, tmp_path)
    pdf.write_bytes(b"%PDF")
    shelf.write(ROOT, tmp_path)
    assert pdf.exists()
    slides.append(Slide("result", "It rises", figure=FIGURE))
    shelf.write(ROOT, tmp_path)
    assert not pdf.exists()


def test_a_deck_whose_lesson_is_gone_goes_too(tmp_path, monkeypatch):
    old = tmp_path / "slides" / "04_another_name.html"
    old.parent.mkdir()
    old.touch()
    monkeypatch.setattr(teaching, "names", lambda root: [])
    shelf.write(ROOT, tmp_path)
    assert not old.exists()


def test_without_a_browser_the_decks_are_written_and_the_message_says_what_to_do(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(build_slides, "SITE", tmp_path)
    monkeypatch.setattr(chromium, "find", lambda: None)
    monkeypatch.setattr(teaching, "names", lambda root: [CHAPTER])
    monkeypatch.setattr(teaching, "load", lambda root, number: lesson([Slide("title", "A loop")]))
    message = build_slides.main([])
    assert message.startswith("slides: the decks are written, but not printed")
    assert "make setup-browser" in message
    assert (tmp_path / "slides" / f"{CHAPTER}.html").exists()


def test_without_reveal_the_site_is_not_built_and_says_why(tmp_path, monkeypatch):
    def unreachable(name):
        raise vendor.VendorError(f"{name} could not be fetched")

    monkeypatch.setattr(vendor, "ensure", unreachable)
    monkeypatch.setattr(teaching, "names", lambda root: [])
    with pytest.raises(vendor.VendorError, match="reveal could not be fetched"):
        shelf.write(ROOT, tmp_path)


# ------------------------------------------------------------------------ the decks of the course


@pytest.fixture(scope="module", params=LESSONS)
def taught(request):
    """Every lesson of the course."""
    return teaching.load(ROOT, request.param[:2])


def test_every_word_of_a_chapter_comes_through_unchanged(taught):
    for slide in taught.slides:
        text = shown(slide)
        options = slide.question.options if slide.question else ()
        quoted = [slide.title, *slide.say, *(option.text for option in options)]
        quoted = [plain(cell) for row in quoted for cell in row.split(" · ")]
        claims = [" ".join(claim.replace("`", "").split()) for claim in slide.claims]
        for quote in [*quoted, *claims]:
            raised = re.sub("[a-z]", lambda first: first[0].upper(), quote, count=1)
            assert quote in text or raised in text
        for typed in filter(None, (slide.code, slide.output)):
            assert " ".join(typed.split()) in text


def test_no_type_is_smaller_than_a_room_can_read(taught):
    for slide in taught.slides:
        found = re.findall(r"<(\w+)[^>]*font-size: (\d+)px", kinds.section(slide, CHAPTER))
        assert all(int(size) >= (16 if tag == "pre" else 22) for tag, size in found), slide.title


def test_a_deck_has_as_many_slides_as_a_lecture_of_45_to_60_minutes(taught):
    assert deck.page(taught).count("<section class=") == len(taught.slides)
    assert 20 <= len(taught.slides) <= 35


def test_no_slide_shows_more_than_twelve_lines_of_code(taught):
    assert all(slide.code.count("\n") < 12 for slide in taught.slides)


def test_something_is_guessed_before_every_result(taught):
    kind = {n: slide.kind for n, slide in enumerate(taught.slides)}
    for place in (n for n in kind if kind[n] == "result"):
        before = next(kind[n] for n in range(place, -1, -1) if kind[n] != "result")
        assert before in ("guess", "quiz")


def test_every_figure_is_legible_from_the_back_row(taught):
    """It is shown larger than on the page."""
    for slide in taught.slides:
        if slide.figure:
            width = int(re.search(r'width="(\d+)"', kinds.section(slide, taught.name))[1])
            assert width >= 640, slide.figure.name
