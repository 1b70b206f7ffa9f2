"""At the end of each chapter's page: how to cite it, folded, and with BibTeX to copy."""

import html
import re
from pathlib import Path

import citing
import rnncourse

CHAPTER = re.compile(r"chapters/(\d\d)_\w+$")


def cite_page(app, pagename, templatename, context, doctree):
    """Put the block below the text of a chapter."""
    if chapter := CHAPTER.match(pagename):
        course = citing.load(Path(app.srcdir), rnncourse.__version__)
        address = app.config.html_baseurl
        work = course.of_chapter(
            title=app.env.titles[pagename].astext(),
            number=str(int(chapter[1])),
            url=f"{address.rstrip('/')}/{pagename}.html" if address else "",
        )
        context["body"] += block(work)


def block(work):
    """The folded block for one chapter, as HTML in the clothes of any other dropdown."""
    return f"""
<details class="sd-sphinx-override sd-dropdown sd-card sd-mb-3 rnn-cite">
<summary class="sd-summary-title sd-card-header">
<span class="sd-summary-text">Cite this chapter</span>
</summary>
<div class="sd-summary-content sd-card-body">
<p class="sd-card-text">To be cited as: {html.escape(work.sentence())}</p>
<div class="highlight-bibtex notranslate"><div class="highlight"><pre>{html.escape(work.bibtex())}
</pre></div></div>
</div>
</details>
"""
