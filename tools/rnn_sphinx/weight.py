"""Light pages: one style sheet without unused rules, and no script that a page does not use.

The theme and Sphinx's extensions come with some 90 KB of compressed style for pages that we do not
have, and load every script everywhere. Here all style sheets are joined into `_static/site.css`,
without the rules that ask for a class or an id that neither a page nor a script knows.
"""

import re
import shutil

from sphinx.errors import ExtensionError

UNUSED = [
    "scripts/bootstrap.js*", "scripts/fontawesome.js*", "vendor", "locales", "images/logo_*",
    "*/*.map", "*webpack-macros.html", "plus.png", "minus.png",
]  # fmt: skip
FIRST = ["_static/basic.css", "_static/styles/pydata-sphinx-theme.css"]  # the others build on them
TOGETHER = "_static/site.css"
NAMES = re.compile(r'\b(?:class|id)="([^"]*)"')
NAME = re.compile(r"[.#](-?[A-Za-z_][\w-]*)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
ICON_LIBRARY = re.compile(r"\.fa[srlb]?\b(?!-)|\.fa-|@keyframes fa-")

# a script, and what a page must contain to need it
SCRIPTS = {
    "design-tabs.js": "sd-tab-set",
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "ledger.js": "rnn-ledger",
    "placement.js": "rnn-asked",
}


def lighten(app, pagename, templatename, context, doctree):
    """Before a page is written: take out what it does not need."""
    styles = sorted(context["css_files"], key=lambda style: style.priority)
    app.rnn_styles = FIRST + [str(style.filename) for style in styles]
    context["css_files"] = []
    body = context.get("body", "")
    context["script_files"] = [one for one in context["script_files"] if _needed(one, body)]


def _needed(script, body):
    name = str(getattr(script, "filename", None) or "").rpartition("/")[2]
    return SCRIPTS.get(name, "") in body


def remove_unused(static):
    """Take the theme's libraries that no page loads out of the finished site."""
    for pattern in UNUSED:
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def join_styles(out, names):
    """Write the one style sheet of the finished site in `out`."""
    words = known_words(out)
    sheets = [(out / name).read_text(encoding="utf-8") for name in dict.fromkeys(names)]
    joined = "\n".join(needed_rules(COMMENT.sub("", sheet), words) for sheet in sheets)
    for address in re.findall(r"url\((?![\"']?(?:data:|#))[\"']?([^)\"']*)", joined):
        if not (out / "_static" / address).is_file():
            raise ExtensionError(f"{TOGETHER}: {address} cannot be found from there")
    (out / TOGETHER).write_text(joined, encoding="utf-8")


def known_words(out):
    """All classes and ids of the pages, and all words of the scripts that could set one."""
    words = set()
    for page in out.rglob("*.html"):
        for names in NAMES.findall(page.read_text(encoding="utf-8")):
            words.update(names.split())
    for script in (out / "_static").rglob("*.js"):
        if "mathjax" not in script.parts:
            words.update(re.findall(r"[\w-]+", script.read_text(encoding="utf-8")))
    return words


def needed_rules(css, words):
    """A style sheet without the rules that can apply to nothing with a name among `words`."""
    parts = []
    for head, body in _blocks(css):
        if ICON_LIBRARY.search(head) or head == "@font-face":
            continue
        if head.startswith(("@media", "@supports", "@container")):
            inner = needed_rules(body, words)
            parts += [f"{head}{{{inner}}}"] if inner else []
        elif head.startswith("@"):
            parts.append(f"{head}{{{body}}}")
        elif selectors := [one for one in _selectors(head) if _possible(one, words)]:
            parts.append(f"{','.join(selectors)}{{{body.strip()}}}")
    return "\n".join(parts)


def _blocks(css):
    """(head, body) of each outermost block `head { body }`."""
    depth, start, opened = 0, 0, 0
    for brace in re.finditer(r"[{}]", css):
        depth += 1 if brace[0] == "{" else -1
        if depth == 1 and brace[0] == "{":
            opened = brace.end()
        elif depth == 0:
            head = css[start : opened - 1].rpartition(";")[2]
            yield head.strip(), css[opened : brace.start()]
            start = brace.end()


def _selectors(head):
    """The parts of a list of selectors; a comma within brackets separates nothing."""
    parts, depth = [""], 0
    for sign in head:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]


def _possible(selector, words):
    """Whether all classes and ids that a selector demands are known."""
    demanded, shorter = selector, None
    while demanded != shorter:  # what stands in brackets is a choice or a negation
        shorter, demanded = demanded, re.sub(r"\([^()]*\)|\[[^\]]*\]", "", demanded)
    return all(name in words for name in NAME.findall(demanded))
