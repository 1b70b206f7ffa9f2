"""On paper: pages printed from the browser lose nothing, and the book's links lead somewhere."""

import io
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader
from visiting import ROOT, open_page, page_paths

import citing
from printing import book, pages

CHAPTER = "chapters/04_a_loop_with_a_memory.html"
EXERCISES = "exercises/solutions/04_a_loop_with_a_memory.html"
SELECTION = ["intro", "04_", "claims_ledger", "glossary", "bibliography"]


# ------------------------------------------------------------------------- pages of the site

PIECES = """() => {
  const hidden = "script, style, mjx-container, .headerlink, .copybtn, .rnn-cite, " +
    "summary p, .sd-summary-state-marker, button, .rnn-ledger-search, svg title, audio";
  const squeeze = text => text.replace(/\\s+/g, "");
  const article = document.querySelector("article.bd-article"), pieces = [];
  for (const code of article.querySelectorAll("pre")) {
    if (!code.closest(hidden)) pieces.push(...code.textContent.split("\\n").map(squeeze));
  }
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const {parentElement: parent, data} = texts.currentNode;
    if (!parent.closest(`pre, ${hidden}`)) pieces.push(squeeze(data));
  }
  return pieces.filter(Boolean);
}"""


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("path", [CHAPTER, EXERCISES])
def test_a_page_from_the_browser_has_every_word_on_paper(page, server, path, paper):
    open_page(page, server + path)
    pieces = page.evaluate(PIECES)
    assert len(pieces) > 150
    assert page.locator("article details:not([open])").count() > 5
    printed = PdfReader(io.BytesIO(page.pdf(format=paper)))
    sheets = [re.sub(r"\s+", "", sheet.extract_text()) for sheet in printed.pages]
    assert [piece for piece in pieces if not is_on(sheets, piece)] == []


def is_on(sheets, piece):
    """Whether a text without blanks stands on one sheet, or ends on the next."""
    if any(piece in sheet for sheet in sheets):
        return True
    return any(
        piece[:cut] in one and piece[cut:] in following
        for one, following in zip(sheets, sheets[1:], strict=False)
        for cut in range(1, len(piece))
    )


def test_a_printed_page_has_the_text_and_not_the_screen_around_it(page, server):
    open_page(page, server + CHAPTER)
    text = PdfReader(io.BytesIO(page.pdf())).pages[0].extract_text()
    assert text.split("\n")[0].startswith("4. A loop with a memory")


def test_a_dark_page_is_light_while_it_is_printed(page, server):
    page.emulate_media(color_scheme="dark", media="print")
    open_page(page, server + CHAPTER)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for what in ("article p", "article pre", "article figcaption p"):
        assert brightness(page, what) < 0.45
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert brightness(page, "article p") > 0.55


def brightness(page, what):
    """Of the ink, from 0 (black) to 1."""
    ink = page.locator(what).first.evaluate("one => getComputedStyle(one).color")
    return sum(map(float, re.findall(r"[\d.]+", ink)[:3])) / 3 / 255


# ---------------------------------------------------------------------------- cite this chapter


def test_each_chapter_ends_with_how_to_cite_it(page, server):
    course = citing.load(ROOT, "0")
    chapters = [path for path in page_paths() if path.startswith("chapters/")]
    assert chapters
    for path in chapters:
        page.goto(server + path, wait_until="domcontentloaded")
        text = page.locator("article > details.rnn-cite").inner_text()
        assert "Cite this chapter" in text
        content = page.locator("article > details.rnn-cite").text_content()
        title = re.sub(r"^\d+\. |#$", "", page.locator("article h1").text_content().strip())
        assert title in content.split("@incollection")[0]
        assert course.title in content
        number = int(re.search(r"chapters/(\d\d)", path)[1])
        assert f"@incollection{{rnncourse{number:02d}," in content


def test_bibtex_is_copied_by_keyboard(page, server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, server + CHAPTER)
    block = page.locator("details.rnn-cite")
    block.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(block.locator("pre")).to_be_visible()
    button = block.locator("button.copybtn")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => navigator.clipboard.readText().then(one => one.includes('@'))")
    assert page.evaluate("navigator.clipboard.readText()").startswith("@incollection{rnncourse04,")


# ------------------------------------------------------------------------------------- the book


@pytest.fixture(scope="module")
def printed(site, tmp_path_factory):
    """Some pages of the book as a PDF, printed as the command prints them."""
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    command = [sys.executable, "tools/pdf.py", *SELECTION, "--out", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "The book is printed" in done.stdout
    return PdfReader(path)


def test_every_link_of_the_whole_book_leads_to_a_place_in_it(site):
    _, found = book.read(ROOT, site)  # refuses links that lead nowhere
    assert sum(len(article.links) for article in found.values()) > 2000


def test_every_link_of_the_printed_book_leads_to_one_of_its_pages(printed):
    places = pages.places(printed)
    links = [target for _, target in pages.links(printed)]
    within = [target for target in links if "://" not in target]
    assert len(within) > 300
    assert sorted({target for target in within if target not in places}) == []
    outside = {target for target in links if "://" in target}
    assert len(outside) > 50
    assert not [target for target in outside if not target.startswith(("https://", "http://"))]


def test_the_contents_name_the_pages_on_which_the_headings_stand(printed, site):
    places = pages.places(printed)
    parts, found = book.read(ROOT, site, SELECTION)
    first = min(page for page, _ in places.values())
    contents = "".join(printed.pages[number].extract_text() for number in range(first))
    contents = re.sub(r"\s+", " ", contents)
    for _, _, name, title in book.headings(parts, found):
        number = places[name][0] + 1
        assert re.search(rf"{re.escape(title)} ?{number}\b", contents), (title, number)
        sheet = re.sub(r"\s+", "", printed.pages[number - 1].extract_text())
        assert re.sub(r"\s+", "", title) in sheet


def test_the_bookmarks_are_parts_chapters_and_sections(printed, site):
    parts, found = book.read(ROOT, site, SELECTION)
    expected = [(level, title) for level, _, _, title in book.headings(parts, found)]
    assert list(bookmarks(printed.outline)) == expected


def bookmarks(items, level=0):
    for item in items:
        if isinstance(item, list):
            yield from bookmarks(item, level + 1)
        else:
            yield level, item.title


def test_the_book_is_tagged_and_says_its_title_and_language(printed):
    assert printed.metadata.title == citing.load(ROOT, "0").title
    assert printed.root_object["/Lang"] == "en"
    assert printed.root_object["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in printed.root_object


def test_pages_bear_their_number_and_the_title_of_their_chapter(printed):
    for number, sheet in enumerate(printed.pages, 1):
        lines = {line.strip() for line in sheet.extract_text().split("\n")}
        assert (str(number) in lines) == (number > 1)
    start = pages.places(printed)["chapters.04_a_loop_with_a_memory--the-experiment"][0]
    assert "4. A loop with a memory" in printed.pages[start].extract_text()


def test_solutions_answers_and_figures_are_on_paper(printed):
    text = "".join(sheet.extract_text() for sheet in printed.pages)
    assert text.count("A solution") >= 6
    assert "Show a solution" not in text
    assert "Hide the solution" not in text
    assert "Fig. 4.2" in text
    assert "(4.1)" in text
    assert r"\tanh(x_t W_{xh}" not in text
