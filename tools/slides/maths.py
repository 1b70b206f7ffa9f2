"""Formulas on slides: written as TeX between marks, set by the MathJax that the site serves."""

import html
import json
import re

import vendor

# Only what stands in an element of class "math" is a formula, so that a dollar in code is none.
# The font's size must not be measured: slides that wait for their turn have none.
SETTINGS = vendor.MATHJAX | {
    "chtml": {"matchFontHeight": False},
    "options": {"ignoreHtmlClass": "reveal", "processHtmlClass": "math", "enableMenu": False},
}
HEAD = f"""<script>window.MathJax = {json.dumps(SETTINGS)};</script>
<script defer src="../_static/mathjax/startup.js"></script>"""


def inline(tex):
    """A formula within a line, as HTML."""
    return f'<span class="math">\\({html.escape(tex.strip(), quote=False)}\\)</span>'


def display(tex):
    """A formula of its own, as HTML."""
    return f'<div class="math">\\[{html.escape(tex.strip(), quote=False)}\\]</div>'


def spoken(tex):
    """A formula where nothing sets it: the speaker's notes."""
    return f"<code>{html.escape(tex.strip(), quote=False)}</code>"


def length(tex):
    r"""About how many letters wide the widest line of a formula is.

    Example:
        >>> length(r"h_t = \tanh(x_t W_{xh})")
        14
    """
    lines = re.split(r"\\\\", re.sub(r"\\(?:begin|end)\{[^}]*\}|\\label\{[^}]*\}|&", "", tex))
    return max(len(_bare(line)) for line in lines)


def _bare(line):
    """A line of TeX with one letter for each sign that it sets."""
    words = re.sub(r"\\(tanh|log|exp|max|min|sin|cos|lim|text|mathrm)\b", r"\1", line)
    return re.sub(r"[{}^_\s]|\\[,;:!]", "", re.sub(r"\\[A-Za-z]+", "x", words))
