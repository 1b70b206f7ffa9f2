"""A notebook from the site runs elsewhere after one command: the site hands out the package.

The wheel is built when the site is, and lies in `dist/`. Where the site knows its own address
(`html: baseurl` in _config.yml, or SITE_URL in the environment) each page of a notebook shows the
command that installs from there; else it links to the wheel, and the command takes it from the
reader's folder. An exercise notebook is saved under a name of its own, for that of its chapter has
the same.
"""

import os
import subprocess
from pathlib import Path

from sphinx import addnodes
from sphinx.errors import ExtensionError

import package
from rnncourse import __version__
from rnncourse.progress.chapters import DOWNLOADED

WHEEL = f"rnncourse-{__version__}-py3-none-any.whl"

PAGE = """
:::{{dropdown}} To run it on your own machine
:class-container: rnn-install rnn-screen

With Python 3.11, 3.12 or 3.13, best in a virtual environment, {first}one command installs all
that the notebooks of the course import, and JupyterLab:

```bash
pip install "{wanted}"
```

Then `jupyter lab {notebook}` opens it.
That takes 4 GB of disk, or 9 GB on Linux, where pip brings the PyTorch for graphics cards; how to
get the one without is said on [its installation page](https://pytorch.org/get-started/locally/).{more}
:::
"""
FIRST = (
    'put <a href="{up}dist/{wheel}" download>the package of the course</a> beside the notebook; '
    "then "
)
TEXTS = " This chapter also reads texts that come through `python -m rnncourse fetch`, once."


def how(config, docname, reads_texts=False):
    """What a page of a notebook says on running it elsewhere, as MyST."""
    address = os.environ.get("SITE_URL") or config.html_baseurl
    up = "../" * docname.count("/")
    notebook = f"{_saved(docname)}.ipynb"
    wanted = f"./{WHEEL}[course]"
    if address:
        wanted = f"rnncourse[course] @ {address.rstrip('/')}/dist/{WHEEL}"
    first = "" if address else FIRST.format(up=up, wheel=WHEEL)
    more = TEXTS if reads_texts else ""
    return PAGE.format(first=first, wanted=wanted, notebook=notebook, more=more)


def _saved(path):
    """The name under which a browser saves a notebook, without its ending."""
    name = path.rpartition("/")[2].removesuffix(".ipynb")
    return f"{DOWNLOADED}{name}" if path.startswith("exercises/") else name


def name_copies(app, env):
    """Call the site's copies of exercise notebooks by the names under which they are saved."""
    for path, (pages, copy) in env.dlfiles.items():
        if path.startswith("exercises/"):
            env.dlfiles[path] = pages, f"{copy.partition('/')[0]}/{_saved(path)}.ipynb"


def name_links(app, doctree, docname):
    """Lead the links of an exercise page to the copies as `name_copies` calls them."""
    copies = {copy.partition("/")[0]: copy for _, copy in app.env.dlfiles.values()}
    for link in doctree.findall(addnodes.download_reference):
        if "filename" in link:
            link["filename"] = copies[link["filename"].partition("/")[0]]


def serve(app, error):
    """Put the wheel into the finished site, unless it is there as it should be."""
    if error or app.builder.format != "html":
        return
    root, folder = Path(app.srcdir), Path(app.outdir, "dist")
    if package.is_newer(folder / WHEEL, root):
        return
    try:
        package.build(root, folder)
    except subprocess.CalledProcessError as failed:
        raise ExtensionError(f"the wheel could not be built: {failed.stderr}") from None
