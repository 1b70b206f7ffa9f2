"""How the course is cited: what CITATION.cff says, sentences, and BibTeX that BibTeX can read."""

import datetime

import pybtex.database
import pytest
import yaml

import citing
import rnncourse
from pdf import ROOT
from rnn_sphinx import citations

ODD = [
    "LSTM: a cell that adds",
    "Is it praise? Where the order of words decides",
    "Being one’s own teacher",
    "50 % of {all} $W_{hh}$ & \\tanh # ~ ^",
    'A "quoted" title <b>',
]


def course(**changes):
    given = {
        "title": "A course",
        "authors": ("Ada Lovelace", "The authors"),
        "version": "0.1.0",
        "released": datetime.date(2026, 3, 1),
    }
    return citing.Work(**(given | changes))


def test_the_file_and_the_package_name_one_version():
    said = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert said["version"] == rnncourse.__version__


def test_the_course_is_cited_by_what_its_file_says():
    work = citing.load(ROOT, "1.2.3")
    assert work.sentence() == (
        "The rnncourse authors. A course on recurrent networks, measured, "
        f"version 1.2.3, {work.released.year}."
    )


def test_a_chapter_is_cited_as_a_part_of_the_course():
    work = course().of_chapter("A loop", "4", "https://example.org/04.html")
    assert work.sentence() == (
        "Ada Lovelace and The authors. A loop. In A course, version 0.1.0, 2026. "
        "https://example.org/04.html"
    )
    assert course().date == "1 March 2026"


def test_a_title_that_ends_in_a_question_mark_gets_no_full_stop():
    assert "Is it praise? In A course" in course().of_chapter("Is it praise?", "19").sentence()


@pytest.mark.parametrize("title", ODD)
def test_bibtex_reads_any_title_back(title):
    work = course().of_chapter(title, "4", "https://example.org/a_b.html")
    entry = pybtex.database.parse_string(work.bibtex(), "bibtex").entries["rnncourse04"]
    assert entry.type == "incollection"
    assert unescaped(entry.fields["title"]) == title
    assert entry.fields["booktitle"] == "{A course}"
    assert entry.fields["chapter"] == "4"
    assert entry.fields["year"] == "2026"
    assert entry.fields["url"] == "https://example.org/a_b.html"
    assert len(entry.persons["author"]) == 2


def unescaped(field):
    """What BibTeX would print of a field: without its braces and escapes."""
    text = field[1:-1]
    for plain, escaped in reversed([(chr(key), value) for key, value in citing.BIBTEX.items()]):
        text = text.replace(escaped, "\0\\" if plain == "\\" else f"\0{plain}")
    return text.replace("\0", "")


def test_without_an_address_none_is_given():
    work = course().of_chapter("A loop", "4")
    assert "url" not in work.bibtex()
    assert work.sentence().endswith("2026.")


def test_the_block_on_a_page_escapes_what_html_would_read():
    text = citations.block(course().of_chapter('A "quoted" title <b> & more', "4"))
    assert "<b>" not in text
    assert "&lt;b&gt; &amp; more" in text
    assert text.count("<details") == text.count("</details>") == 1
