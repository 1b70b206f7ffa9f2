"""The finished site: MathJax from the site itself, and the theme's slips mended in every page."""

import re
import shutil
from pathlib import Path

from sphinx.errors import ExtensionError

import mathjax
import teaching
import vendor
from rnn_sphinx import formulas, pictures, renewal, weight
from slides import shelf


def configure(app, config):
    """Make pages load MathJax from the site itself, and set what `_config.yml` cannot."""
    try:
        app.rnn_mathjax = vendor.ensure("mathjax")
    except vendor.VendorError as error:
        raise ExtensionError(str(error)) from None
    app.rnn_written = []
    config.mathjax_path = mathjax.SCRIPT
    config.mathjax3_config = mathjax.SETTINGS | {"chtml": {"mtextInheritFont": True, "scale": 0.93}}
    config.html_theme_options.update(
        use_download_button=False,  # each page has its own link, to the notebook to work in
        use_fullscreen_button=False,
        show_navbar_depth=1,
        pygments_dark_style="github-dark",
        logo={"text": config.html_title},
        footer_content_items="copyright.html, extra-footer.html",
    )


# what the theme writes, and what somebody who hears the page instead of seeing it needs
MENDINGS = [
    # names that hide the text which is there to be read
    (r'(<summary) aria-label="Toggle hidden content"', r"\1"),
    (r'(<button class="btn search-button-field[^>]*?) aria-label="Search"', r"\1"),
    (r'(<i class="theme-switch [^>]*?) title="[^"]*"', r"\1"),
    # arrows without a name
    (
        r'(<a class="[^"]*reference internal" href="[^"]*">([^<]*)</a><details[^>]*><summary)>',
        r'\1 aria-label="pages of: \2">',
    ),
    # the corner of a table that heads nothing
    (r"<th( class=\"head\")?>(?:<p></p>)?</th>", r"<td\1></td>"),
    # a sidebar outside of every landmark, and a list whose items are none
    (r'(<div id="pst-primary-sidebar")(?! role)', r'\1 role="complementary" aria-label="Course"'),
    (r'role="doc-biblioentry"', 'role="listitem"'),
]


def copy_mathjax(app):
    """Put MathJax into the site, before any page is written that quotes its checksum."""
    goal = Path(app.outdir) / "_static" / "mathjax"
    left_out = shutil.ignore_patterns("adaptors")  # what no browser needs
    shutil.copytree(app.rnn_mathjax, goal, dirs_exist_ok=True, ignore=left_out)


def note_page(app, pagename, templatename, context, doctree):
    """Remember which pages this build wrote."""
    app.rnn_written.append(pagename)


def finish(app, error):
    """Complete the site: its first page, what the theme left to mend, its style, the slides."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    weight.remove_unused(out / "_static")
    written = [out / f"{name}.html" for name in app.rnn_written]
    for page in written:
        mend(page)
    formulas.reserve(written, app.rnn_mathjax)
    first = out / f"{app.config.root_doc}.html"
    shutil.copyfile(first, out / "index.html")  # instead of a redirect, which file:// shows badly
    renewal.remove_leftovers(out, app.env)
    weight.join_styles(out, app.rnn_styles)
    try:
        shelf.write(Path(app.srcdir), out)
    except (teaching.LessonError, vendor.VendorError) as error:
        raise ExtensionError(str(error)) from None


def mend(page):
    """Mend the theme's slips in a page, and give its pictures their sizes."""
    text = page.read_text(encoding="utf-8")
    for slip, remedy in MENDINGS:
        text = re.sub(slip, remedy, text)
    page.write_text(pictures.with_sizes(text, page.parent), encoding="utf-8")
