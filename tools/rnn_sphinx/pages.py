"""The finished site: MathJax from the site itself, and the theme's slips mended in every page."""

import re
import shutil
from pathlib import Path

from sphinx.errors import ExtensionError

import teaching
import vendor
from slides import shelf


def configure(app, config):
    """Make pages load MathJax from the site itself, and set what `_config.yml` cannot."""
    try:
        app.rnn_mathjax = vendor.ensure("mathjax")
    except vendor.VendorError as error:
        raise ExtensionError(str(error)) from None
    config.mathjax_path = "mathjax/tex-chtml.js"
    config.mathjax3_config = {"chtml": {"mtextInheritFont": True, "scale": 0.93}}
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
    # a sidebar outside of every landmark, and a list whose items are none
    (r'(<div id="pst-primary-sidebar")(?! role)', r'\1 role="complementary" aria-label="Course"'),
    (r'role="doc-biblioentry"', 'role="listitem"'),
]


def finish(app, error):
    """Copy MathJax into the site, mend the theme's slips in every page, add the slides."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    shutil.copytree(app.rnn_mathjax, out / "_static" / "mathjax", dirs_exist_ok=True)
    first = out / f"{app.config.root_doc}.html"
    shutil.copyfile(first, out / "index.html")  # instead of a redirect, which file:// shows badly
    for page in out.rglob("*.html"):
        text = mended = page.read_text(encoding="utf-8")
        for slip, remedy in MENDINGS:
            mended = re.sub(slip, remedy, mended)
        if mended != text:
            page.write_text(mended, encoding="utf-8")
    try:
        shelf.write(Path(app.srcdir), out)
    except (teaching.LessonError, vendor.VendorError) as error:
        raise ExtensionError(str(error)) from None
