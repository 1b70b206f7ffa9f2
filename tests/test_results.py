"""Kept results: a small table is shown, kept with its numbers, and quoted as it was kept."""

import json

import numpy as np
import pytest

from rnncourse import _display, results

COLUMNS = ["start", "lag 10", "lag 50"]
ROWS = [["PyTorch", np.float32(-2.4), -6.70001], ["Keras", np.int64(-1), "flat"]]
NAMED = "The fan."


@pytest.fixture
def shown(monkeypatch):
    """What would stand in a notebook: triples of text, record and HTML."""
    kept = []
    monkeypatch.setattr(_display, "line", lambda *parts: kept.append(parts))
    return kept


@pytest.fixture
def store(tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    fan = {"chapter": "09_lstm", "caption": NAMED, "columns": COLUMNS, "rows": [["Keras", -1, 2.5]]}
    path.write_text(json.dumps({"fan": {**fan, "columns": ["start", "a", "b"]}}))
    monkeypatch.setattr(results, "KEPT", path)
    return path


def test_a_kept_table_is_shown_and_its_numbers_go_with_it(shown):
    results.keep("fan", NAMED, COLUMNS, ROWS)
    ((text, record, page),) = shown
    rows = [["PyTorch", -2.4, -6.7], ["Keras", -1, "flat"]]
    assert record == {"keeps": "fan", "caption": NAMED, "columns": COLUMNS, "rows": rows}
    assert json.loads(json.dumps(record)) == record
    assert text.splitlines()[2].split() == ["PyTorch", "-2.4", "-6.7"]
    assert '<th scope="row">Keras</th><td>-1</td>' in page
    assert "<caption>The fan.</caption>" in page


def test_what_stands_in_a_page_is_escaped(shown):
    results.keep("fan", "a < b.", ["x", "y"], [["<b>", 1]])
    assert "<b>" not in shown[0][2]
    assert "a &lt; b." in shown[0][2]


def test_a_quote_says_which_chapter_measured_it(store, shown):
    results.quote("fan")
    ((text, record, _),) = shown
    assert text.endswith("The fan. (Measured in chapter 09.)")
    assert record == {"quotes": "fan", "rows": [["Keras", -1, 2.5]]}


def test_an_entry_is_found_by_its_names(store):
    fan = results.get("fan")
    assert fan.value("Keras", "b") == 2.5
    with pytest.raises(ValueError, match=r"row: expected one of \['Keras'\], got 'keras'"):
        fan.value("keras", "b")
    with pytest.raises(ValueError, match="column: expected one of"):
        fan.value("Keras", "c")


def test_an_unknown_name_is_refused_with_those_that_are_known(store, monkeypatch, tmp_path):
    with pytest.raises(ValueError, match=r"name: expected one of \['fan'\], got 'van'"):
        results.quote("van")
    monkeypatch.setattr(results, "KEPT", tmp_path / "none.json")
    with pytest.raises(ValueError, match=r"name: expected one of \[\], got 'fan'"):
        results.get("fan")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "The fan"}, "name: expected lower-case words"),
        ({"name": None}, "name: expected lower-case words"),
        ({"caption": "no sentence"}, "caption: expected a sentence"),
        ({"caption": None}, "caption: expected a sentence"),
        ({"rows": []}, "rows: expected 1 to 20 rows of 3 entries"),
        ({"rows": [["a", 1]]}, "rows: expected 1 to 20 rows of 3 entries"),
        ({"rows": [[n, 1, 2] for n in range(21)]}, "got 21 rows"),
        ({"rows": [["a", 1, 2], ["a", 3, 4]]}, "rows: expected each name once"),
        ({"rows": [["a", 1, None]]}, "rows: expected numbers and text, got None"),
        ({"rows": [["a", 1, 2j]]}, "rows: expected numbers and text"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_no_small_table_is_refused(change, says):
    given = {"name": "fan", "caption": NAMED, "columns": COLUMNS, "rows": ROWS}
    with pytest.raises(ValueError, match=says):
        results.keep(**{**given, **change})
