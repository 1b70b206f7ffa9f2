"""The room that formulas take before they are set."""

import pytest

import vendor
from rnn_sphinx import formulas

LINE = '<span class="math notranslate nohighlight">\\(a &lt; b\\)</span>'
ALONE = (
    '<div class="math notranslate nohighlight" id="equation-eq-a">\n'
    '<span class="eqno">(4.1)<a class="headerlink" href="#equation-eq-a">#</a></span>'
    "\\[\nh_t = 1\n\\]</div>"
)
SIZES = {("a < b", False): (2.5, 0.7, 0.04), ("h_t = 1", True): (3.0, 1.0, 0.25)}


def test_each_formula_is_told_its_size_and_keeps_what_it_was():
    page = formulas.with_sizes(f"<p>{LINE}</p>{ALONE}", SIZES)
    assert 'nohighlight" style="--w:2.5;--h:0.7;--d:0.04">\\(a &lt; b\\)</span>' in page
    assert 'id="equation-eq-a" style="--w:3;--h:1;--d:0.25">' in page
    assert (
        page.replace(' style="--w:2.5;--h:0.7;--d:0.04"', "").replace(
            ' style="--w:3;--h:1;--d:0.25"', ""
        )
        == f"<p>{LINE}</p>{ALONE}"
    )


def test_a_size_is_told_once():
    page = formulas.with_sizes(LINE + ALONE, SIZES)
    assert formulas.with_sizes(page, SIZES) == page


def test_a_formula_of_unknown_size_stays_as_it_is():
    assert formulas.with_sizes(LINE + ALONE, {}) == LINE + ALONE


def test_pages_are_written_with_what_mathjax_measures(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(LINE + ALONE, encoding="utf-8")
    formulas.reserve([page], vendor.ensure("mathjax"))
    text = page.read_text(encoding="utf-8")
    assert text.count("--w:") == 2


@pytest.mark.parametrize(
    ("tex", "size"),
    [
        ("h", (0.576, 0.694, 0.011)),  # as the font's table says
        ("hh", (1.152, 0.694, 0.011)),
    ],
)
def test_mathjax_measures_as_its_font_does(tex, size):
    measured = formulas.measure([(tex, False)], vendor.ensure("mathjax"))
    assert measured[tex, False] == pytest.approx(size, abs=0.001)


@pytest.mark.parametrize("program", [None, "/bin/false", "/no/such/program"])
def test_without_a_program_that_measures_pages_stay_as_they_are(tmp_path, monkeypatch, program):
    monkeypatch.setattr(formulas, "runner", lambda: program)
    page = tmp_path / "page.html"
    page.write_text(LINE, encoding="utf-8")
    formulas.reserve([page], tmp_path)
    assert page.read_text(encoding="utf-8") == LINE
