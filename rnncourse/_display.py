"""One piece of text for whoever looks: a notebook's output with data beside it, or a print.

The data goes into the output's *metadata*: there it travels with the notebook, while tools that
compare outputs compare the text alone.
"""

import sys


def line(text, record, html=None):
    """Show `text`; in a notebook, keep `record` (a dict that JSON can hold) with the output.

    With `html`, a page shows that in the place of the text.
    """
    if _in_notebook():
        from IPython.display import display

        data = {"text/plain": text} | ({"text/html": html} if html else {})
        display(data, raw=True, metadata={"rnncourse": record})
    else:
        print(text)


def _in_notebook():
    """Whether an IPython kernel runs this code (asked without importing IPython)."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")
