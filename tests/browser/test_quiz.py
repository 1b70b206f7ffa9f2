"""A quiz on the site, and the page that says where to start, as used without a mouse."""

import re

import pytest
from playwright.sync_api import expect
from visiting import SITE, open_page

from rnncourse import placement, quizzes

ROOT = SITE.parents[1]
CHAPTER = "04_a_loop_with_a_memory"
PLACEMENT = "appendix/where_to_start.html"


@pytest.fixture
def quiz():
    return quizzes.read(ROOT / "chapters" / f"{CHAPTER}.ipynb")


@pytest.fixture
def offline(page, site):
    """A tab that opens the files themselves; no request can leave the machine."""
    page.context.set_offline(True)
    foreign = []
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or foreign.append(r.url))
    yield page
    assert not foreign


def press_tab_until(page, text):
    """Go on by the Tab key until what has the focus says `text`."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText.trim()") == text:
            return
    raise AssertionError(f"the Tab key does not reach {text!r}")


def plain(markdown):
    return re.sub(r"[*`$]", "", markdown)


def test_a_quiz_is_taken_by_keyboard_alone_and_without_network(offline, quiz):
    page, question = offline, quiz[0]
    open_page(page, f"file://{SITE}/chapters/{CHAPTER}.html#test-yourself")
    page.locator("#test-yourself").evaluate("one => { one.tabIndex = -1; one.focus(); }")
    for option in question.options:
        press_tab_until(page, plain(option.text))
        opened = page.locator("details", has=page.locator("summary:focus"))
        expect(opened).not_to_have_attribute("open", "")
        page.keyboard.press("Enter")
        expect(opened).to_have_attribute("open", "")
        verdict = opened.locator(".sd-summary-content")
        expect(verdict).to_have_text(re.compile(r"^\s*✓" if option.right else r"^\s*✗"))
        expect(verdict).to_contain_text(plain(option.says)[:40], use_inner_text=True)


def test_every_answer_leads_to_a_place_that_shows_its_claim(page, server, quiz):
    page.goto(f"{server}chapters/{CHAPTER}.html", wait_until="domcontentloaded")
    links = page.locator("#test-yourself details .sd-summary-content a")
    options = [option for question in quiz for option in question.options]
    assert links.count() == len(options)
    for number, option in enumerate(options):
        place = links.nth(number).get_attribute("href").partition("#")[2]
        shown = page.locator(f'[id="{place}"]')
        if option.claim.startswith("fig-"):
            assert shown.locator("img").count() == 1
            continue
        following = shown.locator("xpath=self::*|following-sibling::*[position() <= 2]")
        assert option.claim in "\n".join(following.all_inner_texts())


def test_the_link_of_an_answer_scrolls_to_the_cell(page, server, quiz):
    open_page(page, f"{server}chapters/{CHAPTER}.html")
    answer = page.locator("#test-yourself details").first
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(answer.locator(".sd-summary-content a")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#fig-04-unrolled$"))
    page.wait_for_function(
        """() => {
          const {top} = document.getElementById("fig-04-unrolled").getBoundingClientRect();
          return -5 <= top && top < 400;
        }"""
    )


# --------------------------------------------------------------------------- where to start


@pytest.fixture
def blocks():
    return placement.draw(ROOT / "chapters")


def answer(page, number, question, right):
    """Open the right answer of a question, or the last, by keyboard."""
    place = question.right if right else len(question.options)
    summary = page.locator(".rnn-asked").nth(number).locator("summary").nth(place)
    summary.focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    "results",
    [
        [[False, False]],
        [[True, True], [True, False], [False, False]],
        [[True, False], [False, True]],
        [[True, False], [True, True], [False, True], [True, True], [False, False]],
        [[True, True]] * 7,
        [[True, True]] * 6 + [[False, True]],
    ],
)
def test_the_page_gives_the_advice_that_the_terminal_gives(offline, blocks, results):
    open_page(offline, f"file://{SITE}/{PLACEMENT}")
    asked = [question for block in blocks for _, question in block.asked]
    given = [right for pair in results for right in pair]
    for number, right in enumerate(given, 1):
        answer(offline, number - 1, asked[number - 1], right)
        expected = "Start with" if number == len(given) else f"{number} of 14 answered"
        said = offline.get_by_role("status").filter(has_text=expected)
        said.wait_for()
    advice = placement.report(blocks, results).partition("Start with")[2]
    words = f"{placement.HONEST}\n{placement.BACK}"  # the page says them above its questions
    for line in [one for one in advice.splitlines() if one and one not in words]:
        assert line in said.inner_text()


def test_what_is_opened_first_counts_and_not_what_is_looked_at_later(offline, blocks):
    open_page(offline, f"file://{SITE}/{PLACEMENT}")
    for number, (_, question) in enumerate(blocks[0].asked):
        answer(offline, number, question, False)
        answer(offline, number, question, True)
    offline.get_by_role("status").filter(has_text="Start with chapter 01").wait_for()


def test_without_scripts_the_answers_open_and_the_page_says_how_to_count(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{SITE}/{PLACEMENT}")
    assert "Stop as soon as you have missed both questions" in page.locator("article").inner_text()
    first = page.locator(".rnn-asked summary").first
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".rnn-asked .sd-summary-content").first).to_be_visible()
    context.close()
