"""All pages of the site as one HTML document: title page, contents, parts, chapters, appendix."""

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from printing import articles

OWN_STYLE = Path(__file__).with_name("book.css")


class BookError(Exception):
    """Why the book cannot be put together, in one line."""


@dataclass(frozen=True)
class Entry:
    """A page of the table of contents: `depth` 0 for one that is no part's, then 1, 2."""

    page: str
    depth: int


@dataclass
class Part:
    """What stands under one caption of the table of contents."""

    caption: str
    entries: list = field(default_factory=list)

    @property
    def name(self):
        """The name of the part's own page in the book."""
        return "part--" + re.sub(r"[^a-z0-9]+", "-", self.caption.lower()).strip("-")


def parts(toc):
    """The parts of `_toc.yml` in their order; the first, without a caption, is the root page."""
    found = [Part("", [Entry(toc["root"], 0)])]
    for part in toc["parts"]:
        found.append(Part(part["caption"]))
        found[-1].entries.extend(_entries(part["chapters"], 1))
    return found


def _entries(items, depth):
    for item in items:
        yield Entry(item["file"], depth)
        yield from _entries(item.get("sections", ()), depth + 1)


def read(root, site, words=()):
    """The parts of the book, and the article of each of its pages.

    Args:
        root: the folder with `_toc.yml`.
        site: the folder of the built site.
        words: take the pages with one of these in their names; all, if there are none.

    Returns:
        `([Part], {page: Article})`

    Raises:
        BookError: if a page was not built, or a link leads to a place that no page has.
    """
    book = parts(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")))
    for part in book:
        part.entries = [
            one for one in part.entries if not words or any(word in one.page for word in words)
        ]
    book = [part for part in book if part.entries]
    pages = {entry.page for part in book for entry in part.entries}
    if not pages:
        raise BookError(f"no page of the book has {' or '.join(words)} in its name")
    found = {}
    for entry in (entry for part in book for entry in part.entries):
        text, where = _text(site / f"{entry.page}.html"), site.as_uri() + "/"
        found[entry.page] = articles.read(entry.page, text, pages, shift=entry.depth, site=where)
    _check_links(found)
    return book, found


def _text(file):
    if not file.exists():
        raise BookError(f"{file} is not there: run `make book` first")
    return file.read_text(encoding="utf-8")


def _check_links(found):
    """Sphinx warns of most links that lead nowhere; in a book there must be none."""
    names = set().union(*(article.names for article in found.values()))
    astray = [
        f"{href} on {page}"
        for page, article in found.items()
        for name, href in article.links
        if name not in names
    ]
    if astray:
        raise BookError(f"{len(astray)} links lead to no place in the book: {astray[:5]}")


# ------------------------------------------------------------------------------- the document


def document(book, found, work, styles):
    """The whole book as HTML, with `000` for each number of a page.

    Args:
        book: its parts.
        found: the article of each page.
        work: what the title page says, a `citing.Work`.
        styles: addresses of the style sheets, the site's first.
    """
    sheets = "\n".join(f'<link rel="stylesheet" href="{sheet}">' for sheet in styles)
    body = [title_page(work), contents(book, found)]
    for part in book:
        if part.caption:
            body.append(part_page(part, found))
        body.extend(_section(entry, found[entry.page]) for entry in part.entries)
    return f"""<!doctype html>
<html lang="en" data-theme="light" data-mode="light">
<head>
<meta charset="utf-8">
<title>{html.escape(work.title)}</title>
<meta name="author" content="{html.escape(", ".join(work.authors))}">
{sheets}
<style>
{running_titles(book, found)}
</style>
</head>
<body>
<main class="bd-content"><div class="bd-article-container">
{"".join(body)}
</div></main>
</body>
</html>
"""


def title_page(work):
    """Title, authors, version, date, licence, and how to cite the book."""
    return f"""<section class="book-title">
<p class="book-name">{html.escape(work.title)}</p>
<p class="book-abstract">{html.escape(work.abstract)}</p>
<p class="book-authors">{html.escape(", ".join(work.authors))}</p>
<p class="book-version">Version {html.escape(work.version)}, {html.escape(work.date)}</p>
<div class="book-imprint">
<p>Text and figures: Creative Commons Attribution 4.0. Code: MIT licence.</p>
<p>To be cited as: {html.escape(work.sentence())}</p>
</div>
</section>
"""


def headings(book, found):
    """(level from 0, kind, name, title) of all that the contents list, in their order."""
    for part in book:
        if part.caption:
            yield 0, "part", part.name, part.caption
        for entry in part.entries:
            kind = "page" if entry.depth < 2 else "section"
            yield entry.depth, kind, articles.anchor(entry.page), found[entry.page].title
            if entry.depth < 2:
                for one in found[entry.page].headings:
                    if one.level == 2:
                        yield entry.depth + 1, "section", one.name, one.text


def contents(book, found):
    """The contents: parts, chapters and their sections, each with its page."""
    lines = (_line(kind, name, title) for _, kind, name, title in headings(book, found))
    return f"""<section class="book-contents">
<h1>Contents</h1>
{"".join(lines)}
</section>
"""


def part_page(part, found):
    """A page with the name of a part and its chapters."""
    lines = [
        _line("page", articles.anchor(entry.page), found[entry.page].title)
        for entry in part.entries
        if entry.depth == 1
    ]
    return f"""<section class="book-part" id="{part.name}">
<h1>{html.escape(part.caption)}</h1>
{"".join(lines)}
</section>
"""


def _line(kind, name, text):
    return (
        f'<p class="book-line {kind}"><a href="#{html.escape(name)}">'
        f'<span class="text">{html.escape(text)}</span>'
        f'<span class="number" data-page-of="{html.escape(name)}">000</span></a></p>\n'
    )


def _section(entry, article):
    own = articles.anchor(entry.page)
    return (
        f'<article class="bd-article depth-{entry.depth}" id="{own}" '
        f'style="page: {_page_name(entry.page)}">\n{article.html}\n</article>\n'
    )


def running_titles(book, found):
    """CSS: the title of a chapter at the head of its pages."""
    return "\n".join(
        f"@page {_page_name(entry.page)} {{ @top-left {{ content: {_css(found[entry.page])}; }} }}"
        for part in book
        for entry in part.entries
    )


def _page_name(page):
    return "of-" + page.replace("/", "-").replace("_", "-")


def _css(article):
    """The title as a string of CSS."""
    escaped = article.title.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ")
    return f'"{escaped}"'


def styles(site):
    """The addresses of the style sheets that the pages of the site link, and of the book's own."""
    text = _text(site / "index.html")
    links = re.findall(r"<link [^>]*rel=\"stylesheet\"[^>]*>", text)
    files = (re.search(r'href="([^"?]+)', link)[1] for link in links)
    return [(site / file).as_uri() for file in files if "://" not in file] + [OWN_STYLE.as_uri()]
