"""Formulas on slides: written as TeX between marks, set by the MathJax that the site serves."""

import html
import json
import re

import mathjax

# Only what stands in an element of class "math" is a formula, so that a dollar in code is none.
# The font's size must not be measured: slides that wait for their turn have none.
SETTINGS = mathjax.SETTINGS | {
    "chtml": {"matchFontHeight": False},
    "options": {"ignoreHtmlClass": "reveal", "processHtmlClass": "math"},
}
HEAD = f"""<script>window.MathJax = {json.dumps(SETTINGS)};</script>
<script defer src="../_static/{mathjax.SCRIPT}"></script>"""

FRACTION = re.compile(r"\\frac\{((?:[^{}]|\{[^{}]*\})*)\}\{((?:[^{}]|\{[^{}]*\})*)\}")


def inline(tex):
    """A formula within a line, as HTML."""
    return f'<span class="math">\\({html.escape(tex.strip(), quote=False)}\\)</span>'


def display(tex):
    """A formula of its own, as HTML."""
    return f'<div class="math">\\[{html.escape(tex.strip(), quote=False)}\\]</div>'


def spoken(tex):
    """A formula in the speaker's notes: the deck makes MathML of it, which any window shows."""
    return f'<span class="tex">{html.escape(tex.strip(), quote=False)}</span>'


def length(tex):
    r"""About how many letters wide the widest line of a formula is.

    Example:
        >>> length(r"h_t = \tanh(x_t W_{xh})")
        15
    """
    lines = re.split(r"\\\\", re.sub(r"\\(?:begin|end)\{[^}]*\}|\\label\{[^}]*\}|&", "", tex))
    return max(len(_bare(line)) for line in lines)


def height(tex):
    r"""About how high a formula of its own is, in type sizes.

    Example:
        >>> height(r"h_t = x_t"), height(r"p &= \frac{1}{V} \\ q &= 1")
        (1.6, 4.4)
    """
    lines = tex.split(r"\\")
    return sum(2.8 if re.search(r"\\(frac|sum|prod|int)", line) else 1.6 for line in lines)


def _bare(line):
    """A line of TeX with one letter for each sign that stands beside another."""
    line = re.sub(r"_\{\\text\{[^}]*\}[^}]*\}", "", line)  # below a brace
    line = FRACTION.sub(lambda parts: max(parts.groups(), key=len), line)
    line = re.sub(r"\\(q?)quad", lambda gap: "xxxx" if gap[1] else "xx", line)
    line = re.sub(r"([=+-]|\\(?:odot|cdot|to|ge|le|mid)\b)", r"\1 x", line)  # with air around
    words = re.sub(r"\\(tanh|log|exp|max|min|sin|cos|lim|text|mathrm)\b", r"\1", line)
    return re.sub(r"[{}^_\s]|\\[,;:!]", "", re.sub(r"\\[A-Za-z]+", "x", words))
