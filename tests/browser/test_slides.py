"""Every deck, paged through to its end by keyboard, in a light and in a dark room."""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import expect
from visiting import listening, open_page

import teaching
from slides import printing

ROOT = Path(__file__).resolve().parents[2]
ROOM = {"width": 1280, "height": 720}
JUDGED = 4  # kinds of slide a deck on which axe-core looks; the decks take turns


@dataclass
class Seen:
    """What was seen while a deck was paged through."""

    slides: int = 0  # that the keyboard reached
    misfits: dict = field(default_factory=dict)  # slide -> what lies outside of it
    small: dict = field(default_factory=dict)  # slide -> pixels of a figure that nobody can read
    formulas: tuple = (0, 0, 0)  # in the source, rendered, rendered with an error
    silent: int = 0  # slides without notes for the speaker
    moving: int = 0  # elements with a transition or an animation
    violations: dict = field(default_factory=dict)  # (slide, mode) -> what axe-core found
    requests: list = field(default_factory=list)
    errors: list = field(default_factory=list)


def page_through(tab, address, server, axe, start):
    """Open a deck and press the right arrow until nothing changes any more."""
    seen = Seen()
    with listening(tab, server, seen):
        tab.emulate_media(color_scheme="light")
        open_page(tab, address)
        tab.evaluate(axe)
        kinds, last = [], -1
        while (here := tab.evaluate(SLIDE))["number"] != last:
            last = here["number"]
            seen.slides += 1
            seen.misfits |= {last: here["misfits"]} if here["misfits"] else {}
            seen.small |= {last: here["figure"]} if here["figure"] < 640 else {}
            if here["kind"] not in kinds:
                kinds.append(here["kind"])
                if (len(kinds) + start) % 9 < JUDGED:
                    judge(tab, seen, last)
            tab.keyboard.press("ArrowRight")
        seen.formulas, seen.silent, seen.moving = tab.evaluate(DECK)
    return seen


def judge(tab, seen, slide):
    """Let axe-core look at the present slide in both modes."""
    for mode in ("dark", "light"):
        tab.emulate_media(color_scheme=mode)
        if found := tab.evaluate(VIOLATIONS):
            seen.violations[slide, mode] = found


# What is on the present slide; its sheet must hold everything, clear of the numbers at its foot.
SLIDE = """() => {
  const section = Reveal.getCurrentSlide();
  const foot = section.querySelector(".foot")?.getBoundingClientRect().top ?? 672;
  const parts = [...section.querySelectorAll(".sheet *")].filter(one =>
    !one.closest(".unseen, .foot") && !one.parentElement.closest("mjx-container"));
  const outside = parts.filter(one => {
    const {left, right, bottom, top} = one.getBoundingClientRect();
    return left < 71 || top < 40 || right > 1209 || bottom > foot;
  });
  const wide = [...section.querySelectorAll("pre, mjx-container")].filter(one => {
    const inner = one.querySelector("mjx-math") ?? one;
    return inner.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
      || inner.getBoundingClientRect().right > 1209;
  });
  const short = one => one.outerHTML.slice(0, 90);
  return {
    number: Reveal.getSlidePastCount() + 1,
    kind: section.classList[0],
    figure: section.querySelector("img")?.getBoundingClientRect().width ?? Infinity,
    misfits: [...outside, ...wide].slice(0, 3).map(short),
  };
}"""

DECK = """() => {
  const count = what => document.querySelectorAll(what).length;
  const slides = [...document.querySelectorAll(".slides > section")];
  const said = slides.filter(one => one.querySelector("aside.notes")?.textContent.trim());
  const moving = [...document.querySelectorAll("*")].filter(one => {
    const {transitionDuration, animationName} = getComputedStyle(one);
    return !/^(0s(, )?)+$/.test(transitionDuration) || animationName !== "none";
  });
  const formulas = [count(".slides .math"), count("mjx-container"), count("mjx-merror, merror")];
  return [formulas, slides.length - said.length, moving.length];
}"""

# Without the slides that wait for their turn, the present one is judged five times as fast.
VIOLATIONS = """async () => {
  const slides = document.querySelector(".slides"), all = [...slides.children];
  slides.replaceChildren(...all.filter(one => !one.matches("section:not(.present)")));
  const found = await axe.run(document, {resultTypes: ["violations"]});
  slides.replaceChildren(...all);
  const where = one => one.nodes.slice(0, 2).map(node => node.html.slice(0, 120));
  return found.violations.map(one => `${one.id}: ${where(one).join(" | ")}`);
}"""


@pytest.fixture(scope="session")
def decks(site, server):
    """The names of all decks."""
    found = sorted(path.stem for path in (site / "slides").glob("[0-9]*.html"))
    assert found == teaching.names(ROOT)
    return found


@pytest.fixture(scope="session")
def walks(browser, server, decks, axe):
    """Every deck, paged through once: {name: Seen}."""
    context = browser.new_context(viewport=ROOM, reduced_motion="reduce")
    tab = context.new_page()
    seen = {
        name: page_through(tab, f"{server}slides/{name}.html", server, axe, start)
        for start, name in enumerate(decks)
    }
    context.close()
    return seen


def _found(walks, what):
    return {name: seen for name, walk in walks.items() if (seen := what(walk))}


def test_the_right_arrow_leads_through_every_deck_to_its_end(walks):
    slides = {name: len(teaching.load(ROOT, name[:2]).slides) for name in walks}
    assert {name: walk.slides for name, walk in walks.items()} == slides


def test_everything_fits_on_its_slide(walks):
    assert not _found(walks, lambda walk: walk.misfits)


def test_every_figure_is_large_enough_for_the_back_row(walks):
    assert not _found(walks, lambda walk: walk.small)


def test_all_formulas_of_the_decks_are_rendered(walks):
    written, rendered, wrong = zip(*(walk.formulas for walk in walks.values()), strict=True)
    assert sum(written) > 0
    assert rendered == written
    assert not any(wrong)


def test_no_deck_asks_another_host_for_anything(walks):
    assert not _found(walks, lambda walk: walk.requests)


def test_no_deck_reports_an_error(walks):
    assert not _found(walks, lambda walk: walk.errors)


def test_no_slide_keeps_a_listener_out(walks):
    """axe-core finds nothing, of any severity, in light and in dark."""
    assert not _found(walks, lambda walk: walk.violations)


def test_nothing_moves_for_who_asked_for_less_motion(walks):
    assert not _found(walks, lambda walk: walk.moving)


def test_nearly_every_slide_has_notes_for_the_speaker(walks):
    assert not _found(walks, lambda walk: walk.silent > walk.slides / 2)


# ------------------------------------------------------------------------- what a lecturer does


@pytest.fixture
def deck(page, server, decks):
    """A tab with the first deck."""
    page.set_viewport_size(ROOM)
    open_page(page, f"{server}slides/{decks[0]}.html")
    return page


def test_the_speaker_has_a_window_with_the_notes_and_their_formulas(deck, server):
    deck.goto(f"{server}slides/05_backpropagation_through_time.html")
    deck.wait_for_selector("html[data-ready]", state="attached")
    place = """() => [...document.querySelectorAll(".slides > section")]
      .findIndex(one => one.querySelector("aside.notes math"))"""
    deck.evaluate("place => Reveal.slide(place)", deck.evaluate(place))
    notes = deck.locator("section.present aside.notes")
    with deck.expect_popup() as popup:
        deck.keyboard.press("s")
    shown = popup.value.locator(".speaker-controls-notes .value")
    expect(shown).to_have_text(notes.text_content())
    formulas = shown.locator("math")
    assert formulas.count() == notes.locator("math").count() >= 1
    assert formulas.first.bounding_box()["width"] > 0


def test_a_key_lists_all_keys(deck):
    deck.keyboard.press("F1")
    deck.get_by_text("Slide overview").wait_for()


def test_the_first_slide_leads_back_to_the_chapter(deck):
    deck.get_by_role("link", name="read the chapter").click()
    deck.wait_for_url("**/chapters/*.html")


def test_a_chapter_leads_to_its_slides(page, server, decks):
    page.goto(f"{server}chapters/{decks[0]}.html", wait_until="domcontentloaded")
    page.locator(".rnn-line").get_by_role("link", name="slides").click()
    page.wait_for_url(f"**/slides/{decks[0]}.html*")


def test_the_list_of_decks_leads_to_each(page, server, decks):
    page.goto(f"{server}slides/index.html")
    links = page.locator("li a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert [one for one in links if one.endswith(".html")] == [f"{name}.html" for name in decks]


def test_a_deck_can_be_shown_from_a_folder_without_a_server(page, site, decks):
    outside = []
    page.on("request", lambda one: one.url.startswith("file:") or outside.append(one.url))
    open_page(page, (site / "slides" / f"{decks[0]}.html").as_uri())
    assert page.locator("mjx-container").count() == page.locator(".slides .math").count()
    assert not [url for url in outside if not url.startswith(("data:", "blob:"))]


def test_a_printed_deck_has_a_page_for_each_slide(page, site, decks, tmp_path):
    address = (site / "slides" / f"{decks[0]}.html").as_uri()
    pages = pypdf.PdfReader(printing.one(page, address, tmp_path / "deck.pdf")).pages
    lesson = teaching.load(ROOT, decks[0][:2])
    assert len(pages) == len(lesson.slides)
    for shown, slide in zip(pages, lesson.slides, strict=True):
        width, height = shown.mediabox.width, shown.mediabox.height
        assert width / height == pytest.approx(16 / 9, rel=0.01)
        text = unicodedata.normalize("NFKC", shown.extract_text())  # letters that are set as one
        title = re.match(r"[\w ,-]*", slide.title)[0]
        assert "".join(title.split()).lower() in "".join(text.split()).lower()
