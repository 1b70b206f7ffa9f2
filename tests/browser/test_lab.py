"""JupyterLab as a learner meets it: open chapter 04, run all cells, and see no error."""

import json
import re
import time

from laboratory import CHAPTER, MINUTE, ROOT, is_failed, saved
from playwright.sync_api import expect

from rnncourse.progress import chapters


def test_every_cell_of_chapter_04_runs_in_jupyterlab_without_an_error(lab, session):
    cells = saved(lab[1])
    assert not [cell["source"] for cell in cells if is_failed(cell)]
    streams = [output.get("name") for cell in cells for output in cell["outputs"]]
    assert "stderr" not in streams
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def test_its_claims_are_shown_again(lab, session):
    def claims(cells):
        records = [
            output.get("metadata", {}).get("rnncourse", {})
            for cell in cells
            for output in cell.get("outputs", [])
        ]
        return [record["claim"] for record in records if "claim" in record]

    book = json.loads((ROOT / "chapters" / CHAPTER).read_text(encoding="utf-8"))
    assert claims(saved(lab[1])) == claims(book["cells"])
    assert len(claims(saved(lab[1]))) >= 3


def test_jupyterlab_asks_no_other_host(session):
    _, foreign = session
    assert not foreign


def test_jupyterlab_renders_what_the_site_renders(session):
    page, _ = session
    page.locator(".jp-Notebook .jp-Cell").first.scroll_into_view_if_needed()
    page.wait_for_selector(".jp-Notebook :is(.katex, mjx-container)", timeout=MINUTE)
    directive = re.compile(r"^\s*(:::|```)\{", re.MULTILINE)
    expect(page.locator(".jp-Notebook")).not_to_contain_text(directive, use_inner_text=True)


def test_progress_counts_the_chapter_as_read_and_no_other(lab, session):
    found, problems = chapters.collect(lab[1].parent.parent)
    assert not problems
    assert [chapter.name for chapter in found if chapter.is_run] == [CHAPTER.removesuffix(".ipynb")]
    assert not [chapter.name for chapter in found if chapter.again and not chapter.is_run]


def test_an_answer_of_the_quiz_opens_by_keyboard_and_leads_to_its_section(session):
    page, _ = session
    heading = page.locator(".jp-Notebook").get_by_role("heading", name="Test yourself").first
    _scroll_to(page, heading)
    answer = page.locator(".jp-Notebook details", has_text="50, the same at every step").first
    answer.scroll_into_view_if_needed()
    expect(answer).not_to_have_attribute("open", "")
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    verdict = answer.get_by_text("✓ The same weights are used at every step")
    verdict.wait_for(timeout=MINUTE)
    answer.get_by_role("link", name="Unrolling").focus()
    page.keyboard.press("Enter")
    section = page.locator(".jp-Notebook").get_by_role("heading", name="Unrolling").first
    expect(section).to_be_in_viewport(timeout=MINUTE)


def _scroll_to(page, goal):
    """Go down until a part of the notebook is drawn, for only what is near is.

    What went by before it was drawn is met again: at the end the way begins anew.
    """
    page.locator(".jp-Notebook .jp-Cell").first.click(position={"x": 200, "y": 5})
    deadline = time.monotonic() + MINUTE / 1000
    while not goal.count():
        assert time.monotonic() < deadline, "the heading was not found"
        page.locator(".jp-WindowedPanel-outer").evaluate(GO_DOWN)
        page.wait_for_timeout(150)  # between two looks
    goal.scroll_into_view_if_needed()


GO_DOWN = """one => {
  const before = one.scrollTop;
  one.scrollBy(0, 600);
  if (one.scrollTop === before) one.scrollTo(0, 0);
}"""


def test_a_learner_meets_none_of_the_tools_for_grading(session):
    page, _ = session
    assert page.get_by_role("menuitem", name="Run", exact=True).count() == 1
    assert page.get_by_role("menuitem", name="Nbgrader").count() == 0
    assert page.get_by_text("Validate", exact=True).count() == 0
