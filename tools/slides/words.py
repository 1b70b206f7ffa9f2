"""Markdown of a chapter as HTML for a slide: emphasis, code, links and formulas, nothing else."""

import re

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from slides import maths

WHOLE = re.compile(r'<span class="math">[^<]*</span>[^\s<\w]+|\b\d+(?:\.\d+)?e-\d+\b')
ROLE = re.compile(r"\{[a-z:]+\}`([^`<]*?)(?: *<[^`]*>)?`")


def on_slide(text, chapter):
    """A line of Markdown as HTML.

    Args:
        text: what the chapter says.
        chapter: its name, "04_a_loop_with_a_memory", to which links are relative.

    Example:
        >>> on_slide("It *fades*: `h < 1`", "04_a_loop_with_a_memory")
        'It <em>fades</em>: <code>h &lt; 1</code>'
    """
    return unbroken(_SLIDE.renderInline(without_roles(text), {"chapter": chapter}))


def unbroken(shown):
    """HTML in which no line ends between a formula and its comma, or within a number.

    Example:
        >>> unbroken("equal to 1e-10")
        'equal to <span class="whole">1e-10</span>'
    """
    return WHOLE.sub(r'<span class="whole">\g<0></span>', shown)


def in_notes(text, chapter):
    """The same for the speaker, whose window has no MathJax."""
    return _NOTES.renderInline(without_roles(text), {"chapter": chapter})


def without_roles(text):
    """Text with what a role shows in the role's place.

    Example:
        >>> without_roles("the {term}`hidden state <state>` and a {term}`gate`")
        'the hidden state and a gate'
    """
    return ROLE.sub(r"\1", text)


def raised(text):
    """A quotation with its first letter raised, as it begins a line of its own.

    Example:
        >>> raised("every step pulls it back"), raised("`h` and $c$"), raised("*now* and then")
        ('Every step pulls it back', '`h` and $c$', '*Now* and then')
    """
    return re.sub(r"^(\W*)([a-z])", _raise, text)


def _raise(found):
    marks, letter = found.groups()
    return found[0] if set(marks) & set("`$<") else marks + letter.upper()


def address(target, chapter):
    """Where a link of a chapter leads from its deck.

    Example:
        >>> address("06_why_memory_fades.ipynb", "04_a_loop_with_a_memory")
        '../chapters/06_why_memory_fades.html'
        >>> address("../exercises/04_a_loop.ipynb", "04_a_loop_with_a_memory")
        '../exercises/solutions/04_a_loop.html'
    """
    if re.match(r"[a-z]+:", target):
        return target
    path, mark, anchor = target.partition("#")
    path = re.sub(r"\.(ipynb|md)$", ".html", path or f"{chapter}.ipynb")
    path = path if path.startswith("../") else f"../chapters/{path}"
    path = re.sub(r"^\.\./exercises/(?=\d\d_)", "../exercises/solutions/", path)
    return path + mark + anchor


def _link_open(renderer, tokens, place, options, env):
    token = tokens[place]
    token.attrs = {"href": address(token.attrs["href"], env["chapter"])}
    return renderer.renderToken(tokens, place, options, env)


def _markdown(formula):
    markdown = MarkdownIt("commonmark", {"html": False}).use(dollarmath_plugin)
    markdown.add_render_rule("link_open", _link_open)
    markdown.add_render_rule("math_inline", lambda r, tokens, n, *_: formula(tokens[n].content))
    return markdown


_SLIDE, _NOTES = _markdown(maths.inline), _markdown(maths.spoken)
