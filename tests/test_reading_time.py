"""How long a page takes: the computed minutes, and what the pages say."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

import reading_time
from rnn_sphinx import minutes, reading

ROOT = Path(__file__).resolve().parent.parent
CHAPTERS = sorted(p for p in ROOT.glob("chapters/[0-9][0-9]_*.ipynb") if ".mine-" not in p.name)
PROSE = "one two three four " * 100  # two minutes


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ("", 0),
        ("\n```python\nx = 1\n\ny = 2\n```\n", 10),
        ("\n```{code-cell} ipython3\nx = 1\n```\n", 5),
        ("\n$$\nh_t = \\tanh(x_t W)\n$$\n", 15),
        ("\n% a comment that nobody sees\n:class: rnn-ledger\n(a-place)=\n", 0),
        ('\n[ten](https://example.org/a/long/way "and its title")\n', 0.3),
        ("\n" + "| ten | words |\n" * 50, 30),
        ("\n" + "| ten | words |\n" * 500, 1.8),
    ],
    ids=["prose", "code", "cell", "formula", "unseen", "link", "table", "long table"],
)
def test_each_thing_on_a_page_takes_its_time(more, seconds):
    assert reading_time.of_text(PROSE + more) == pytest.approx(2 + seconds / 60, abs=0.012)


def test_a_notebook_takes_the_time_of_its_text_its_code_and_its_figures(tmp_path):
    outputs = [{"data": {"image/png": "="}}, {"data": {"text/plain": "1"}}]
    cells = [
        {"cell_type": "markdown", "source": [PROSE]},
        {"cell_type": "code", "source": "plot()\nplt.show()", "outputs": outputs},
    ]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert reading_time.of_notebook(path) == pytest.approx(2 + 10 / 60 + 30 / 60)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem[:2])
def test_what_a_chapter_says_of_its_length_is_about_what_is_computed(path):
    assert 2 / 3 <= reading_time.of_notebook(path) / reading_time.declared(path) <= 1.5


@pytest.mark.parametrize("docname", ["setup", "appendix/errata"])
def test_a_page_of_text_says_how_long_it_reads(docname):
    source = [f"# Title\n\n{PROSE}"]
    minutes.add_reading_time(SimpleNamespace(), docname, source)
    assert source[0].startswith("# Title\n\n:::{div} rnn-line\nreads 2 min\n:::\n\none two")


@pytest.mark.parametrize(
    ("docname", "text"), [("chapters/04_a", "# T"), ("appendix/museum", "{"), ("intro", "# T")]
)
def test_other_pages_say_it_elsewhere(docname, text):
    source = [text]
    minutes.add_reading_time(SimpleNamespace(), docname, source)
    assert source == [text]


def test_a_page_of_exercises_says_how_long_they_take_in_all(tmp_path):
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "04_d.ipynb").touch()
    texts = [
        "# E\n\nSix.",
        "## 04.1 By hand\n\n★ · 5 minutes · deepens",
        "## 04.2 B\n\n★★ · 12 minutes",
    ]
    book = {"cells": [{"cell_type": "markdown", "source": text} for text in texts]}
    line = reading.exercise_line(tmp_path, "04_d", book)
    assert line.startswith(
        "Needs [the chapter](../chapters/04_d.ipynb) · 2 exercises, 17 min in all"
    )
