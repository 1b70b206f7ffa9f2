"""Python on slides, coloured while the deck is built."""

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

STYLES = {"light": "a11y-light", "dark": "github-dark"}


def show(source):
    """Lines of Python as HTML."""
    return highlight(source, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")


def stylesheet():
    """The colours, for a light and for a dark room."""
    light, dark = (
        "\n".join(
            line
            for line in HtmlFormatter(style=name).get_style_defs("pre.code").split("\n")
            if line.startswith("pre.code .")
        )
        for name in STYLES.values()
    )
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n"
