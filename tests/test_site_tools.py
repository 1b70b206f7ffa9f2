"""What `tools/vendor.py` fetches, and what `tools/rnn_sphinx/` makes of a notebook."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest

import vendor
from rnn_sphinx import claims, reading

ROOT = Path(__file__).resolve().parent.parent
GOOD = {"tool.js": b"good", "fonts/a.woff": b"a", "README": b"not wanted", "LICENSE": b"free"}
WANTED = ["tool.js", "fonts/*.woff"]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """An empty `vendor/`, one package, and a list of the calls of its registry."""
    calls = []

    def registry():
        calls.append(1)
        return dict(GOOD)

    packages = {"tool": (WANTED, vendor.checksum(GOOD, WANTED), [registry])}
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "ROOT", tmp_path)
    monkeypatch.setattr(vendor, "PACKAGES", packages)
    return calls


def test_a_package_is_fetched_once_and_without_what_is_not_wanted(shelf):
    folder = vendor.ensure("tool")
    assert vendor.ensure("tool") == folder
    assert len(shelf) == 1
    assert sorted(path.name for path in folder.rglob("*.*")) == ["a.woff", "tool.js"]
    assert (folder / "LICENSE").read_bytes() == b"free"


@pytest.mark.parametrize("harm", ["changed", "lost", "half"])
def test_a_damaged_package_is_fetched_again(shelf, harm):
    folder = vendor.ensure("tool")
    if harm == "changed":
        (folder / "tool.js").write_bytes(b"bad")
    elif harm == "lost":
        (folder / "fonts" / "a.woff").unlink()
    else:
        folder.rename(folder.with_name(".tool.new"))
    assert (vendor.ensure("tool") / "tool.js").read_bytes() == b"good"
    assert len(shelf) == 2
    assert [path.name for path in vendor.VENDOR.iterdir()] == ["tool"]


def test_the_second_registry_serves_when_the_first_cannot(shelf, monkeypatch):
    wanted, checksum, sources = vendor.PACKAGES["tool"]

    def unreachable():
        raise vendor.VendorError("npm is not installed")

    monkeypatch.setitem(vendor.PACKAGES, "tool", (wanted, checksum, [unreachable, *sources]))
    assert vendor.ensure("tool").is_dir()


def test_a_package_that_somebody_changed_is_refused_in_one_line(shelf, monkeypatch):
    wanted, checksum, _ = vendor.PACKAGES["tool"]
    changed = GOOD | {"tool.js": b"evil"}
    monkeypatch.setitem(vendor.PACKAGES, "tool", (wanted, checksum, [lambda: changed]))
    message = vendor.main(["tool"])
    assert "another package than the expected one" in message
    assert "\n" not in message
    assert not (vendor.VENDOR / "tool").exists()


def test_a_client_that_fails_leaves_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    with pytest.raises(vendor.VendorError, match="npm is not installed"):
        vendor.npm("anything@1")()
    with pytest.raises(vendor.VendorError, match="pip could not get it"):
        vendor.pip("no such package==1", "", "")()


def test_an_unknown_name_is_named(shelf):
    assert vendor.main(["tools"]) == "vendor: tools is not one of tool"


# ------------------------------------------------------------------------------ notebooks


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text, "id": "m"}


def code(text, outputs=(), **metadata):
    cell = {"cell_type": "code", "metadata": metadata, "source": text, "id": "c"}
    return cell | {"outputs": list(outputs)}


@pytest.fixture
def root(tmp_path):
    """A course with two chapters and the exercises of one."""
    for folder in ("chapters", "exercises/solutions"):
        (tmp_path / folder).mkdir(parents=True)
    for path in ("chapters/02_b", "chapters/04_d", "exercises/04_d", "exercises/solutions/04_d"):
        (tmp_path / f"{path}.ipynb").write_text("{}")
    (tmp_path / "chapters" / "times.json").write_text('{"04_d": 35}')
    return tmp_path


def test_a_chapter_says_what_it_needs_reads_and_runs(root):
    book = {"cells": [markdown("# Title\n\nText.\n\n*Needs 02, 03 · reads 40 min*\n")]}
    line = reading.chapter_line(root, "04_d", reading.taken_line(book))
    assert line.split(" · ") == [
        "Needs [02](02_b.ipynb), 03",
        "reads 40 min",
        "runs in 35 s",
        "{download}`download the notebook <04_d.ipynb>`",
        "[exercises](../exercises/solutions/04_d.ipynb)",
    ]
    reading.add_line(book, line)
    text = book["cells"][0]["source"]
    assert text.startswith("# Title\n\n:::{div} rnn-line\nNeeds [02]")
    assert text.count("Needs") == 1
    assert "Text." in text


def test_a_chapter_without_a_measured_time_says_none(root):
    line = reading.chapter_line(root, "02_b", [])
    assert line == "{download}`download the notebook <02_b.ipynb>`"


def test_the_gap_stands_before_the_folded_solution():
    book = {
        "cells": [
            markdown("# Exercises"),
            code("import x"),
            code("y = 2"),
            code("print('only the solution has this')", tags=["solution"]),
            code("check(y)"),
        ]
    }
    stub = {"cells": [markdown("# E"), code("import x"), code("y = ..."), code("check(y)")]}
    reading.show_gaps(book, stub)
    assert [cell["source"] for cell in book["cells"]][1:4] == [
        "import x",
        "````python\ny = ...\n````",
        "y = 2",
    ]
    assert len(book["cells"]) == 6


def test_a_stub_of_another_build_changes_nothing():
    book = {"cells": [code("a = 1"), code("b = 2")]}
    before = copy.deepcopy(book)
    reading.show_gaps(book, {"cells": [code("a = ...")]})
    assert book == before


@pytest.mark.parametrize(
    ("chapter", "written", "mended"),
    [
        (True, "[e](../exercises/04_d.ipynb)", "[e](../exercises/solutions/04_d.ipynb)"),
        (True, "[g](../appendix/glossary.md)", "[g](../appendix/glossary.md)"),
        (True, "[c](02_b.ipynb)", "[c](02_b.ipynb)"),
        (False, "[c](../chapters/04_d.ipynb)", "[c](../../chapters/04_d.ipynb)"),
        (False, "[e](05_e.ipynb)", "[e](05_e.ipynb)"),
    ],
)
def test_links_lead_to_pages_as_they_led_to_notebooks(chapter, written, mended):
    book = {"cells": [markdown(written)]}
    reading.mend_links(book, chapter)
    assert book["cells"][0]["source"] == mended


def test_only_the_picture_of_a_cell_becomes_the_figure():
    claim, picture = {"data": {"text/plain": "✓ so"}}, {"data": {"image/png": "="}}
    options = {"figure": {"name": "fig-a"}, "image": {"alt": "a line"}}
    cell = code("plot()", [claim, picture, claim], mystnb=options)
    parts = reading.figure_alone(cell)
    assert [part["outputs"] for part in parts] == [[claim], [picture], [claim]]
    assert ["figure" in part["metadata"]["mystnb"] for part in parts] == [False, True, False]
    assert reading.figure_alone(code("plot()", [picture], mystnb=options))[0]["source"] == "plot()"


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        (["✓ a", "✗ b"], [("✓", "a"), ("✗", "b")]),
        (["✗ a", "  and why"], [("✗", "a\n  and why")]),
        (["✓ a", "b = 3"], None),
        (["○ 04.2 not attempted yet"], [("○", "04.2 not attempted yet")]),
    ],
)
def test_claims_are_told_from_other_output(lines, items):
    assert claims.sentences(lines) == items


def test_the_site_is_built_without_what_takes_long_to_import():
    """Whoever imports what reads notebooks before `_jupyter_book` can prevent it pays seconds."""
    code = "import sys, book; sys.exit(len({'jsonschema', 'nbformat'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT / "tools", check=False)
    assert done.returncode == 0
