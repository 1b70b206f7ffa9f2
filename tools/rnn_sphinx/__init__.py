"""What the site does beyond Sphinx and its theme: a local extension, loaded by `_config.yml`.

- `numbering`: chapters keep the numbers of their files, so that Fig. 4.2 is in `04_...`;
- `reading`: what a page says and its notebook does not is added while Sphinx reads the notebook;
- `claims`: claims and verdicts (lines that begin with ✓ ✗ ○ –) become sentences;
- `classroom`: the generated parts of the teachers' page, and links to the decks;
- `citations`: each chapter ends with how to cite it;
- `pages`: MathJax is served by the site itself, and slips of the theme are mended in every page.

Notebooks stay as they are: all of this happens while Sphinx reads and writes them.
"""

from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

from rnn_sphinx import citations, classroom, pages, reading
from rnn_sphinx.claims import Claims
from rnn_sphinx.numbering import number_by_file


def setup(app):
    """Connect everything to Sphinx."""
    app.connect("config-inited", pages.configure)
    app.connect("source-read", reading.complete_notebook)
    app.connect("source-read", classroom.complete_page)
    app.connect("html-page-context", citations.cite_page)
    app.connect("build-finished", pages.finish, priority=900)  # after the first page's redirect
    app.add_role("slides", classroom.deck)
    app.add_post_transform(Claims)
    number_by_file(TocTreeCollectorWithStyles)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
