"""What the site does beyond Sphinx and its theme: a local extension, loaded by `_config.yml`.

- `numbering`: chapters keep the numbers of their files, so that Fig. 4.2 is in `04_...`;
- `reading`: what a page says and its notebook does not is added while Sphinx reads the notebook;
- `minutes`: how long a page takes to read, and its exercises to solve;
- `installing`: the package as a wheel, and the command with which a notebook runs elsewhere;
- `claims`: claims and verdicts (lines that begin with ✓ ✗ ○ –) become sentences;
- `classroom`: the generated parts of the teachers' page, and links to the decks;
- `pages`: MathJax is served by the site itself, and slips of the theme are mended in every page.

Notebooks stay as they are: all of this happens while Sphinx reads and writes them.
"""

from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

from rnn_sphinx import classroom, installing, minutes, pages, reading
from rnn_sphinx.claims import Claims
from rnn_sphinx.numbering import number_by_file


def setup(app):
    """Connect everything to Sphinx."""
    app.connect("config-inited", pages.configure)
    app.connect("source-read", reading.complete_notebook)
    app.connect("source-read", minutes.add_reading_time)
    app.connect("source-read", classroom.complete_page)
    app.connect("build-finished", installing.serve)
    app.connect("build-finished", pages.finish, priority=900)  # after the first page's redirect
    app.add_role("slides", classroom.deck)
    app.add_post_transform(Claims)
    number_by_file(TocTreeCollectorWithStyles)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
