"""The built site, as a reader's browser sees it, and as the files that it consists of."""

import html.parser
import re
from urllib.parse import unquote, urldefrag, urlsplit

import pytest
from playwright.sync_api import expect
from visiting import open_page, page_paths

from bench_site import LIMIT

# ------------------------------------------------------------------- every page, in a browser


def _found(visits, what):
    return {path: seen for path, visit in visits.items() if (seen := what(visit))}


def test_no_page_asks_another_host_for_anything(visits):
    assert not _found(visits, lambda visit: visit.requests)


def test_no_page_reports_an_error(visits):
    assert not _found(visits, lambda visit: visit.errors)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_no_page_keeps_a_reader_out(visits, mode):
    """axe-core finds nothing, of any severity."""
    assert not _found(visits, lambda visit: visit.violations[mode])


@pytest.mark.parametrize("screen", ["narrow", "zoomed", "large text"])
def test_no_page_scrolls_sideways(visits, screen):
    """Not at 320 pixels, not at 200 %, and not with letters of twice the size."""
    assert not _found(visits, lambda visit: visit.sideways[screen])


def test_what_scrolls_by_itself_can_be_reached_by_keyboard(visits):
    assert not _found(visits, lambda visit: visit.unreachable)


@pytest.mark.parametrize("screen", ["wide", "narrow"])
def test_each_stop_of_the_tab_key_has_a_name_and_no_order_of_its_own(visits, screen):
    assert not _found(visits, lambda visit: visit.stops[screen])


def test_no_page_is_heavy(visits):
    heavy = {path: visit.kilobytes for path, visit in visits.items() if visit.kilobytes > LIMIT}
    assert not heavy
    assert all(visit.kilobytes > 1 for visit in visits.values())


@pytest.mark.parametrize("screen", ["wide", "narrow"])
def test_no_page_moves_while_it_loads(visits, screen):
    shifts = {path: visit.shifts[screen] for path, visit in visits.items()}
    assert not {path: shift for path, shift in shifts.items() if shift > 0.01}


def test_all_formulas_are_rendered(visits):
    written, rendered, wrong = zip(*(visit.formulas for visit in visits.values()), strict=True)
    assert sum(written) > 30
    assert rendered == written
    assert not any(wrong)


# --------------------------------------------------------------------------- what a reader does


def test_the_search_finds_the_forget_gate(page, server):
    open_page(page, server + "search.html?q=forget+gate")
    first = page.locator("ul.search li a").first
    expect(first).to_have_attribute("href", re.compile("glossary"))


def test_the_search_opens_by_keyboard_on_any_page(page, server):
    open_page(page, server + "setup.html")
    page.keyboard.press("Control+k")
    expect(page.locator("#pst-search-dialog input")).to_be_focused()
    page.keyboard.type("persistence")
    page.keyboard.press("Enter")
    page.wait_for_selector("ul.search li a")
    expect(page).to_have_url(re.compile(r"search\.html\?q=persistence"))


def test_there_is_one_search_field_to_see(page, server):
    open_page(page, server + "setup.html")
    fields = page.locator(".search-button-field:visible, .search-button:visible")
    expect(fields).to_have_count(1)


def test_the_dark_mode_is_one_press_away_and_remembered(page, server):
    def shown():
        return page.evaluate(
            """() => {
              const {dataset} = document.documentElement;
              return [dataset.theme, getComputedStyle(document.body).backgroundColor];
            }"""
        )

    def press():
        before = page.evaluate("document.documentElement.dataset.mode")
        page.locator(".theme-switch-button:visible").first.click()
        expect(page.locator("html")).not_to_have_attribute("data-mode", before)
        return shown()

    open_page(page, server + "index.html")
    modes = [shown(), press(), press()]
    assert [name for name, _ in modes] in (["light", "light", "dark"], ["light", "dark", "light"])
    while shown()[0] != "dark":
        press()
    open_page(page, server + "setup.html")
    name, colour = shown()
    assert name == "dark"
    assert sum(map(int, re.findall(r"\d+", colour)[:3])) < 150


def test_figures_stay_on_white_paper_in_dark_mode(page, server, chapters):
    page.emulate_media(color_scheme="dark")
    open_page(page, server + chapters[0])
    backgrounds, filters = page.evaluate(
        """() => {
          const pictures = [...document.querySelectorAll("article img")];
          const styles = pictures.map(one => getComputedStyle(one));
          return [styles.map(one => one.backgroundColor), styles.map(one => one.filter)];
        }"""
    )
    assert backgrounds
    assert set(backgrounds) == {"rgb(255, 255, 255)"}
    assert all(re.fullmatch(r"brightness\(0?\.[89]\d*\)", one) for one in filters)


def test_the_keyboard_reaches_the_text_first_and_shows_where_it_is(page, server, chapters):
    open_page(page, server + chapters[0])
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main-content$"))
    page.locator(".rnn-line a").first.focus()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_css("outline-style", "solid")


def test_each_chapter_says_how_long_it_runs_and_hands_out_its_notebook(page, server, chapters):
    for path in chapters:
        page.goto(server + path, wait_until="domcontentloaded")
        assert re.search(r"runs in \d+ s", page.locator(".rnn-line").inner_text())
        assert _downloaded(page).endswith(path.split("/")[-1].replace(".html", ".ipynb"))


def test_an_exercise_page_hands_out_gaps_and_folds_its_solutions(page, server, exercises):
    for path in exercises:
        page.goto(server + path, wait_until="domcontentloaded")
        name = path.split("/")[-1].replace(".html", ".ipynb")
        assert _downloaded(page) == f"exercises_{name}"
        folded = page.locator("article details")
        assert folded.count() >= 3
        assert page.locator("article details[open]").count() == 0
        folded.first.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(page.locator("article details[open]")).to_have_count(1)


def test_a_quiz_is_taken_by_keyboard(page, server, chapters):
    open_page(page, server + chapters[0])
    options = page.locator("details.rnn-option")
    assert options.count() >= 15
    assert page.locator(".rnn-verdict:visible").count() == 0
    options.first.locator("summary").focus()
    page.keyboard.press("Enter")
    verdict = page.locator(".rnn-verdict:visible")
    expect(verdict).to_have_text(re.compile("^(✓ Right|✗ No)\\.$"))
    page.keyboard.press("Tab")
    target = page.locator("details a:focus").get_attribute("href").partition("#")[2]
    page.keyboard.press("Enter")
    assert page.locator(f'[id="{target}"]').count() == 1
    expect(page).to_have_url(re.compile(f"#{re.escape(target)}$"))


def test_each_question_of_a_quiz_has_one_right_answer(page, server, chapters):
    for path in chapters:
        page.goto(server + path, wait_until="domcontentloaded")
        right = page.locator("details.rnn-option.holds").count()
        wrong = page.locator("details.rnn-option.fails").count()
        assert 5 <= right <= 8
        assert 2 * right <= wrong <= 3 * right


def test_nothing_moves_for_who_asked_for_less_motion(page, server, chapters):
    open_page(page, server + chapters[0])
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter(one => {
          const {transitionDuration, animationName, scrollBehavior} = getComputedStyle(one);
          return parseFloat(transitionDuration) || animationName !== "none"
            || scrollBehavior !== "auto";
        }).length"""
    )
    assert moving == 0


def _downloaded(page):
    with page.expect_download() as download:
        page.locator(".rnn-line a.download").first.click()
    text = download.value.path().read_text(encoding="utf-8")
    assert '"nbformat"' in text
    assert "### BEGIN SOLUTION" not in text
    return download.value.suggested_filename


def test_claims_are_statements_and_not_terminal_output(page, server, chapters):
    for path in chapters:
        page.goto(server + path, wait_until="domcontentloaded")
        assert page.locator("ul.rnn-claims > li.holds").count() >= 3
        assert page.locator("article pre", has_text=re.compile("^✓")).count() == 0


def test_the_site_can_be_read_from_a_folder_without_a_server(page, site, chapters):
    outside, errors = [], []
    page.on("request", lambda one: one.url.startswith("file:") or outside.append(one.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_page(page, (site / chapters[0]).as_uri())
    page.wait_for_selector("mjx-container")
    assert not [url for url in outside if not url.startswith(("data:", "blob:"))]
    assert not errors


def test_a_page_on_paper_is_the_text_alone(page, server, chapters):
    open_page(page, server + chapters[0])
    page.emulate_media(media="print")
    expect(page.locator(".bd-header-article:visible, .prev-next-footer:visible")).to_have_count(0)
    assert not page.evaluate("document.scrollingElement.scrollWidth > window.innerWidth")


@pytest.fixture(scope="session")
def chapters(site):
    """The pages of the chapters."""
    return _below(site, "chapters")


@pytest.fixture(scope="session")
def exercises(site):
    """The pages of the exercises."""
    return _below(site, "exercises/solutions")


def _below(site, folder):
    found = sorted(path.relative_to(site).as_posix() for path in (site / folder).glob("*.html"))
    assert found, f"no page below {folder}"
    return found


# ------------------------------------------------------------------ the files, without a browser


class Links(html.parser.HTMLParser):
    """All addresses, anchors and images of one page."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.anchors, self.images = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors.update(found[name] for name in ("id", "name") if found.get(name))
        self.targets += [found[name] for name in ("href", "src") if found.get(name)]
        if tag == "img":
            self.images.append(found)


@pytest.fixture(scope="session")
def files(site):
    """{path: its Links} for every page."""
    return {path: Links((site / path).read_text(encoding="utf-8")) for path in page_paths()}


def test_every_link_within_the_site_leads_somewhere(site, files):
    broken = []
    for path, links in files.items():
        for target in links.targets:
            address, anchor = urldefrag(target)
            if urlsplit(target).scheme or target.startswith("//"):
                continue
            address = unquote(urlsplit(address).path)
            goal = (site / path).parent / address if address else site / path
            goal = goal.resolve()
            if not goal.is_file():
                broken.append((path, target))
            elif anchor and goal.suffix == ".html":
                there = files[goal.relative_to(site.resolve()).as_posix()]
                if unquote(anchor) not in there.anchors and anchor != "":
                    broken.append((path, target))
    assert not broken


def test_no_address_begins_at_the_root_of_the_server(files):
    """The site works below any path."""
    targets = {path: links.targets for path, links in files.items()}
    assert not [(path, one) for path in targets for one in targets[path] if one.startswith("/")]


LEDGER = "appendix/claims_ledger.html"


def test_the_claims_ledger_can_be_searched(page, server):
    open_page(page, server + LEDGER)
    rows = page.locator("table.rnn-ledger tbody tr")
    count, total = page.locator(".rnn-ledger-search output"), rows.count()
    expect(count).to_have_text(f"{total} of {total}")
    page.get_by_label("Search the claims").fill("parity")
    expect(count).not_to_have_text(f"{total} of {total}")
    shown = [row for row in rows.all() if row.is_visible()]
    assert 0 < len(shown) < rows.count()
    assert all("parity" in row.inner_text().lower() for row in shown)


def test_the_claims_ledger_can_be_sorted_by_each_heading_both_ways(page, server):
    open_page(page, server + LEDGER)
    headings = page.locator("table.rnn-ledger thead th")
    for column in range(headings.count()):
        headings.nth(column).get_by_role("button").click()
        expect(headings.nth(column)).to_have_attribute("aria-sort", "ascending")
        cells = page.locator(f"table.rnn-ledger tbody td:nth-child({column + 1})")
        rising = cells.all_inner_texts()
        headings.nth(column).get_by_role("button").click()
        expect(headings.nth(column)).to_have_attribute("aria-sort", "descending")
        assert cells.all_inner_texts() == rising[::-1]
        assert page.locator("th[aria-sort]").count() == 1
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("columnheader", name="Claim")).to_have_attribute(
        "aria-sort", "ascending"
    )
    first = page.locator("table.rnn-ledger tbody td:nth-child(2)").all_inner_texts()
    assert first[0][0].lower() <= first[-1][0].lower()


def test_a_row_of_the_ledger_leads_to_the_cell_that_measured_it(page, server):
    open_page(page, server + LEDGER)
    row = page.locator("table.rnn-ledger tbody tr").nth(3)
    claim = row.locator("td").nth(1).inner_text()
    href = row.get_by_role("link").get_attribute("href")
    row.get_by_role("link").click()
    page.wait_for_url("**/chapters/*#claim-*")
    place = page.locator(f'[id="{href.partition("#")[2]}"]')
    assert claim in place.locator("xpath=following-sibling::*[1]|self::*").first.inner_text()


def test_every_image_says_what_it_shows(files):
    silent = [
        (path, image.get("src"))
        for path, links in files.items()
        for image in links.images
        if len(image.get("alt", "")) < 20 and "logo" not in image.get("class", "")
    ]
    assert not silent


def test_every_chapter_keeps_the_number_of_its_file(site, chapters):
    for path in chapters:
        text = (site / path).read_text(encoding="utf-8")
        number = str(int(path.split("/")[-1][:2]))
        assert re.search(rf'<h1>\s*<span class="section-number">{number}\. ', text), path
        assert set(re.findall(r'caption-number">Fig\. (\d+)\.', text)) <= {number}, path


def test_the_site_holds_what_it_needs_and_no_more(site):
    large = {p.name: p.stat().st_size for p in site.rglob("*") if p.is_file()}
    assert (site / "_static/mathjax/startup.js").is_file()
    assert (site / "_static/mathjax/LICENSE").is_file()
    assert sum(large.values()) < 40e6
