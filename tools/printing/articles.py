"""One page of the site as a part of the book: its article, with everything named anew.

On the site `the-problem` is a section of 23 pages; in the book it can be the name of one. So each
id gets the page in front of it (`chapters.04_a_loop--the-problem`), and each link, also one to
another page, becomes a link to such a name. What only a screen can do is left out or said.
"""

import html
import posixpath
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
SCREEN_ONLY = {"script", "style", "button", "input", "template", "audio"}
SCREEN_CLASSES = {"headerlink", "sd-octicon", "sd-summary-state-marker", "sd-summary-icon"}
SCREEN_CLASSES |= {"download", "rnn-cite", "rnn-install", "copybtn"}
IDS = {"id", "for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns"}
HEAD_LINE = re.compile(r'(?<=<div class="rnn-line docutils">\n<p>).*?(?=</p>)', re.DOTALL)


@dataclass(frozen=True)
class Heading:
    """A heading as the contents show it."""

    level: int  # 1: the page's title
    name: str  # where in the book a link to it leads
    text: str


@dataclass
class Article:
    """What the book takes from a page."""

    page: str
    html: str = ""
    headings: list = field(default_factory=list)
    names: set = field(default_factory=set)  # what can be linked to
    links: list = field(default_factory=list)  # (name, as written) of each link within the book

    @property
    def title(self):
        """The text of the first heading."""
        return self.headings[0].text if self.headings else self.page


def anchor(page, fragment=""):
    """The name in the book of a place on a page of the site."""
    return f"{page.replace('/', '.')}--{unquote(fragment)}"


def target(page, href, pages):
    """Where a link of `page` leads: ("book", name), ("web", address) or None (nowhere on paper).

    Args:
        page: the page on which the link stands, without `.html`.
        href: the link, as written there.
        pages: the pages in the book.
    """
    parts = urlsplit(href)
    if parts.scheme or parts.netloc:
        return ("web", href) if parts.scheme in ("http", "https", "mailto") else None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    other = path.removesuffix(".html") if parts.path else page
    return ("book", anchor(other, parts.fragment)) if other in pages else None


def read(page, text, pages, *, shift=0, site=""):
    """The article of a page.

    Args:
        page: its path below the site, without `.html`.
        text: the HTML of the whole page.
        pages: all pages in the book: links to them are links within the book.
        shift: by how much headings sink, so that the outline of the book has levels.
        site: what stands before the paths of pictures.

    Returns:
        An `Article`.
    """
    reader = _Reader(Article(page, names={anchor(page)}), pages, shift, site)
    reader.feed(text)
    reader.close()
    reader.article.html = HEAD_LINE.sub(_without_gaps, "".join(reader.parts))
    return reader.article


def _without_gaps(line):
    """The line under a title, without what was left out, and links that lead nowhere on paper."""
    items = (item.strip() for item in line[0].split(" · "))
    return " · ".join(item for item in items if item and not item.startswith("<span"))


class _Reader(HTMLParser):
    """Copies what lies in `<article class="bd-article">`, changed on the way."""

    def __init__(self, article, pages, shift, site):
        super().__init__(convert_charrefs=False)
        self.article, self.pages, self.shift, self.site = article, pages, shift, site
        self.parts, self.within, self.dropped = [], 0, 0
        self.open_links, self.heading, self.section = [], None, ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        classes = set((given.get("class") or "").split())
        if not self.within:
            self.within = int(tag == "article" and "bd-article" in classes)
            return
        self.within += tag == "article"
        if self.dropped:
            self.dropped += tag not in VOID
        elif tag in SCREEN_ONLY or classes & SCREEN_CLASSES:
            self.dropped = int(tag not in VOID)
        else:
            self._copy(tag, given)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.within:
            return
        self.within -= tag == "article"
        if self.dropped:
            self.dropped -= 1
        elif self.within and tag not in VOID:
            if tag in HEADINGS and self.heading is not None:
                title = " ".join("".join(self.heading).split())
                self.article.headings.append(Heading(HEADINGS[tag], self.section, title))
                self.heading = None
            if tag == "a" and not self.open_links.pop():
                tag = "span"
            self.parts.append(f"</{self._sunk(tag)}>")

    def handle_data(self, data):
        self._text(data)

    def handle_entityref(self, name):
        self._text(f"&{name};")

    def handle_charref(self, name):
        self._text(f"&#{name};")

    def _text(self, data):
        if self.within and not self.dropped:
            self.parts.append(data)
            if self.heading is not None:
                self.heading.append(html.unescape(data))

    def _copy(self, tag, given):
        """Write a start tag with its names, links and addresses as they are in the book."""
        page = self.article.page
        for key in IDS & given.keys():
            given[key] = " ".join(anchor(page, one) for one in (given[key] or "").split())
        if given.get("id"):
            self.article.names.add(given["id"])
        for key, value in given.items():
            if value and "url(#" in value:
                given[key] = value.replace("url(#", f"url(#{anchor(page)}")
        if tag == "img" and not urlsplit(given.get("src", "")).scheme:
            place = posixpath.join(posixpath.dirname(page), given.get("src", ""))
            given["src"] = self.site + posixpath.normpath(place)
            given.pop("loading", None)
        if tag == "a":
            tag, given = self._link(given)
        if tag == "details":
            given["open"] = "open"
        if tag == "section":
            self.section = given.get("id", "")
        if tag in HEADINGS:
            self.heading = []
            self.section = given.get("id") or self.section or anchor(page)
        self._write(self._sunk(tag), given)

    def _link(self, given):
        """An `<a>` that leads somewhere, or a `<span>`."""
        href = given.pop("href", None)
        found = target(self.article.page, href, self.pages) if href else None
        self.open_links.append(found or href is None)
        if found and found[0] == "book":
            self.article.links.append((found[1], href))
            given["href"] = f"#{found[1]}"
        elif found:
            given["href"] = found[1]
        return ("a" if found or href is None else "span"), given

    def _sunk(self, tag):
        return f"h{min(HEADINGS[tag] + self.shift, 6)}" if tag in HEADINGS else tag

    def _write(self, tag, given):
        said = "".join(
            f" {key}" if value is None else f' {key}="{html.escape(value)}"'
            for key, value in given.items()
        )
        self.parts.append(f"<{tag}{said}>")
