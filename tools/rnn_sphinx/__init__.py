"""What the site does beyond Sphinx and its theme: a local extension, loaded by `_config.yml`.

- `numbering`: chapters keep the numbers of their files, so that Fig. 4.2 is in `04_...`;
- `reading`: what a page says and its notebook does not is added while Sphinx reads the notebook;
- `minutes`: how long a page takes to read, and its exercises to solve;
- `installing`: the package as a wheel, and the command with which a notebook runs elsewhere;
- `claims`: claims and verdicts (lines that begin with ✓ ✗ ○ –) become sentences;
- `placing`: the questions on the page that says where to start;
- `classroom`: the generated parts of the teachers' page, and links to the decks;
- `renewal`: a build after an edit makes only those pages anew that the edit concerns;
- `weight`: pages load one style sheet and the scripts that they use;
- `citations`: each chapter ends with how to cite it;
- `formulas`: each has its room from the start, so that nothing moves when MathJax sets it;
- `pages`: MathJax is served by the site itself, and slips of the theme are mended in every page.

Notebooks stay as they are: all of this happens while Sphinx reads and writes them.
"""

from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

from rnn_sphinx import (
    citations,
    classroom,
    installing,
    minutes,
    pages,
    placing,
    reading,
    renewal,
    weight,
)
from rnn_sphinx.claims import Claims
from rnn_sphinx.numbering import number_by_file


def setup(app):
    """Connect everything to Sphinx."""
    app.connect("config-inited", pages.configure)
    app.connect("builder-inited", pages.copy_mathjax)
    app.connect("env-get-outdated", renewal.outdated)
    app.connect("env-purge-doc", renewal.remove_page)
    app.connect("source-read", reading.complete_notebook)
    app.connect("source-read", placing.complete_page)
    app.connect("source-read", minutes.add_reading_time)
    app.connect("source-read", classroom.complete_page)
    app.connect("html-page-context", citations.cite_page)
    app.connect("env-updated", installing.name_copies)
    app.connect("doctree-resolved", installing.name_links)
    app.add_role("slides", classroom.deck)
    # late: after figures are numbered, after all who add to a page, after the redirect to the first
    app.connect("env-get-updated", renewal.also_written, priority=900)
    app.connect("html-page-context", pages.note_page)
    app.connect("html-page-context", weight.lighten, priority=900)
    app.connect("build-finished", pages.finish, priority=900)
    app.connect("build-finished", installing.serve, priority=901)
    app.add_post_transform(Claims)
    number_by_file(TocTreeCollectorWithStyles)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
