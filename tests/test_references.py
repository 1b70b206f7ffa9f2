"""The bibliography: complete entries, honest keys, and no citation that leads nowhere."""

import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = dict(parse_file(ROOT / "references.bib").entries)
CITATION = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
VENUE = {
    "article": ["journal", "volume", "pages"],
    "inproceedings": ["booktitle"],
    "techreport": ["institution", "number"],
    "phdthesis": ["school"],
    "mastersthesis": ["school"],
    "book": ["publisher"],
    "misc": [],
}


def sources():
    """The texts that people write and that may cite."""
    folders = [ROOT, ROOT / "chapters", ROOT / "exercises", ROOT / "appendix"]
    return sorted(path for folder in folders for path in folder.glob("*.md"))


def cited():
    """{key: files that cite it}."""
    found = {}
    for path in sources():
        for keys in CITATION.findall(path.read_text(encoding="utf-8")):
            for key in keys.split(","):
                found.setdefault(key.strip(), []).append(path.name)
    return found


def test_every_citation_has_an_entry():
    assert not {key: where for key, where in cited().items() if key not in ENTRIES}


def test_something_is_cited():
    assert len(cited()) >= 10


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_says_who_what_when_and_where(key):
    entry = ENTRIES[key]
    assert entry.persons.get("author"), "no author"
    needed = ["title", "year", *VENUE[entry.type]]
    if entry.fields.get("eprint"):  # a preprint beside the venue: pages may be missing
        needed = [name for name in needed if name != "pages"]
    assert not [name for name in needed if not entry.fields.get(name)]
    old = entry.type in ("techreport", "phdthesis", "mastersthesis", "book")
    old |= int(entry.fields["year"]) < 1990  # proceedings of that time have no number
    assert old or {"doi", "eprint", "url"} & set(entry.fields), "no DOI, arXiv number or address"


@pytest.mark.parametrize("key", ENTRIES)
def test_a_key_is_the_first_author_the_year_and_a_word_of_the_title(key):
    entry = ENTRIES[key]
    parts = re.fullmatch(r"([a-z]+)(\d{4})([a-z]+)", key)
    assert parts, "expected authorYEARword"
    assert parts[1] == _letters(" ".join(entry.persons["author"][0].last_names))
    assert parts[2] == entry.fields["year"]
    assert parts[3] in [_letters(word) for word in re.split(r"[\s-]", entry.fields["title"])]


@pytest.mark.parametrize("key", ENTRIES)
def test_numbers_have_the_form_of_a_doi_and_of_an_arxiv_number(key):
    fields = ENTRIES[key].fields
    assert re.fullmatch(r"10\.\d{4,9}/[^\s{}]+", fields.get("doi", "10.1000/182"))
    number = re.fullmatch(r"(\d\d)(\d\d)\.\d{4,5}", fields.get("eprint", "0704.0001"))
    assert number
    assert 1 <= int(number[2]) <= 12
    if "eprint" in fields:
        assert abs(2000 + int(number[1]) - int(fields["year"])) <= 3
        assert fields.get("archiveprefix") == "arXiv"


def test_no_work_is_listed_twice():
    for field in ("doi", "eprint", "title"):
        values = [e.fields[field].lower() for e in ENTRIES.values() if field in e.fields]
        assert len(values) == len(set(values)), field


def test_entries_stand_in_the_order_of_their_keys():
    authors = [re.match(r"[a-z]+", key)[0] for key in ENTRIES]
    assert authors == sorted(authors)


def _letters(text):
    """Lower case, without accents and TeX."""
    return re.sub(r"[^a-z]", "", re.sub(r"\\[^a-zA-Z]|\\[vcuH](?![a-z])", "", text).lower())
