"""One piece of text for whoever looks: a notebook's output with data beside it, or a print.

The data goes into the output's *metadata*: there it travels with the notebook, while tools that
compare outputs compare the text alone.
"""

import html
import os
import sys


def line(text, record, page=None):
    """Show `text`; in a notebook, keep `record` (a dict that JSON can hold) with the output.

    With `page`, HTML, a page shows that in the place of the text. Where somebody sits before the
    notebook, the record says so ("by": "reader"), which is how `progress` knows what was read.
    """
    if _in_notebook():
        from IPython.display import display

        data = {"text/plain": text} | ({"text/html": page} if page else {})
        by = {"by": "reader"} if _has_reader() else {}
        display(data, raw=True, metadata={"rnncourse": record | by})
    else:
        print(text)


def text_table(head, rows):
    """Lines of a table of text: names to the left, all else to the right, a rule below the head."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])]).rstrip()
        for name, *cells in (head, *rows)
    ]
    return [lines[0], "-" * len(lines[0]), *lines[1:]]


def html_table(head, rows, caption):
    """A table for a page: rows of text, the first entry of each the row's name."""
    head, *rows = [[html.escape(cell) for cell in row] for row in (head, *rows)]
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
        for name, *cells in rows
    )
    return (
        f'<table class="duel"><caption>{html.escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    )


def _in_notebook():
    """Whether an IPython kernel runs this code (asked without importing IPython)."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


def _has_reader():
    """Whether JupyterLab, Jupyter Notebook or VS Code runs this kernel, and not a program.

    Jupyter's server names the notebook in the kernel's environment, VS Code in its variables.
    """
    if os.environ.get("JPY_SESSION_NAME"):
        return True
    return "__vsc_ipynb_file__" in getattr(sys.modules["IPython"].get_ipython(), "user_ns", {})
