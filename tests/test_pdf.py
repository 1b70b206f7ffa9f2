"""The book on paper, as far as no browser is needed: names, links, contents, outline."""

import re

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NullObject,
)

import chromium
import citing
import pdf
from printing import articles, book, pages, paper

PAGES = {"intro", "chapters/04_loop", "chapters/05_back", "appendix/glossary"}
TOC = """
format: jb-book
root: intro
parts:
  - caption: Part I · One, two
    chapters:
      - file: chapters/04_loop
        sections:
          - file: exercises/solutions/04_loop
  - caption: Appendix
    chapters:
      - file: appendix/glossary
"""


def page(inner):
    """A page of the site with `inner` as its article."""
    return f'<body><a href="x">menu</a><article class="bd-article">{inner}</article>end</body>'


def read(inner, name="chapters/04_loop", **options):
    return articles.read(name, page(inner), PAGES, **options)


# ---------------------------------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("href", "leads"),
    [
        ("#idea", ("book", "chapters.04_loop--idea")),
        ("05_back.html", ("book", "chapters.05_back--")),
        ("05_back.html#the%20idea", ("book", "chapters.05_back--the idea")),
        ("../appendix/glossary.html#term-state", ("book", "appendix.glossary--term-state")),
        ("../intro.html", ("book", "intro--")),
        ("https://example.org/a.html#b", ("web", "https://example.org/a.html#b")),
        ("mailto:a@example.org", ("web", "mailto:a@example.org")),
        ("../genindex.html", None),
        ("../_downloads/1/04_loop.ipynb", None),
        ("javascript:alert(1)", None),
    ],
)
def test_a_link_leads_to_its_place_in_the_book_or_to_its_address(href, leads):
    assert articles.target("chapters/04_loop", href, PAGES) == leads


def test_sections_of_one_name_on_two_pages_have_two_names_in_the_book():
    inner = '<section id="idea"><h1>Idea</h1><a href="#idea">above</a></section>'
    one, two = read(inner), read(inner, "chapters/05_back")
    assert one.names.isdisjoint(two.names)
    assert [name for name, _ in one.links] == ["chapters.04_loop--idea"]
    assert [name for name, _ in two.links] == ["chapters.05_back--idea"]
    assert 'href="#chapters.05_back--idea"' in two.html


def test_a_link_to_what_is_not_in_the_book_keeps_its_text():
    html = read('<p>see <a class="k" href="../genindex.html">the <em>index</em></a></p>').html
    assert html == '<p>see <span class="k">the <em>index</em></span></p>'


def test_a_label_still_belongs_to_its_element():
    html = read(
        '<p id="b"></p><svg aria-labelledby="b c"><path marker-end="url(#tip)"/></svg>'
    ).html
    assert 'aria-labelledby="chapters.04_loop--b chapters.04_loop--c"' in html
    assert 'marker-end="url(#chapters.04_loop--tip)"' in html


def test_links_to_nowhere_are_refused_by_name(tmp_path):
    root = site(tmp_path, {"intro": '<h1>A</h1><a href="chapters/04_loop.html#gone">x</a>'})
    with pytest.raises(book.BookError, match=r"chapters/04_loop\.html#gone on intro"):
        book.read(root, root / "html")


# --------------------------------------------------------------------------------- what is shown


def test_only_the_article_is_taken_and_copied_as_it_is():
    inner = '<p class="a">1 &lt; 2 &amp; <b>3</b> é&#8212;<br>\\(x &lt; 1\\)</p>'
    assert read(inner).html == inner


def test_what_only_a_screen_can_do_is_left_out():
    inner = (
        '<h1>Title<a class="headerlink" href="#t">#</a></h1><script>if (a < b) {}</script>'
        '<details class="x"><summary>Fold</summary><p>inside</p></details>'
        '<details class="rnn-cite"><p>cite</p></details>'
        '<div class="sound"><audio controls src="data:x"></audio><p>a voice</p></div>'
    )
    html = read(inner).html
    assert html == (
        "<h1>Title</h1>"
        '<details class="x" open="open"><summary>Fold</summary><p>inside</p></details>'
        '<div class="sound"><p>a voice</p></div>'
    )


def test_the_line_under_a_title_has_no_dots_beside_what_was_left_out():
    line = (
        '<div class="rnn-line docutils">\n<p>reads 40 min · <a class="download" href="a">get</a>'
        ' · <a href="05_back.html">next</a> · <a href="../slides/04.html">slides</a></p>\n</div>'
    )
    assert re.sub("<[^>]*>", "", read(line).html).strip() == "reads 40 min · next"


def test_headings_sink_and_are_listed_with_their_places():
    inner = (
        '<section id="loop"><h1><span>4. </span>A  <code>loop</code> &amp; more</h1>'
        '<section id="idea"><h2>The idea</h2></section></section>'
    )
    article = read(inner, shift=1)
    assert article.headings == [
        articles.Heading(1, "chapters.04_loop--loop", "4. A loop & more"),
        articles.Heading(2, "chapters.04_loop--idea", "The idea"),
    ]
    assert re.findall(r"<(/?h\d)", article.html) == ["h2", "/h2", "h3", "/h3"]


def test_pictures_are_found_from_anywhere():
    html = read('<img alt="a" loading="lazy" src="../_images/a.png"/>', site="http://site/").html
    assert html == '<img alt="a" src="http://site/_images/a.png">'


# -------------------------------------------------------------------------- contents and outline


def site(tmp_path, inner):
    """A site of four pages, and its table of contents."""
    (tmp_path / "_toc.yml").write_text(TOC, encoding="utf-8")
    names = ("intro", "chapters/04_loop", "exercises/solutions/04_loop", "appendix/glossary")
    for name in names:
        file = tmp_path / "html" / f"{name}.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        plain = (
            f'<section id="top"><h1>{name} "&lt;</h1>'
            '<section id="a"><h2>Second</h2></section></section>'
        )
        file.write_text(page(inner.get(name, plain)), encoding="utf-8")
    return tmp_path


def test_the_contents_follow_the_parts_and_put_exercises_below_their_chapter(tmp_path):
    root = site(tmp_path, {})
    parts, found = book.read(root, root / "html")
    levels = [(level, title) for level, _, _, title in book.headings(parts, found)]
    assert levels == [
        (0, 'intro "<'),
        (1, "Second"),
        (0, "Part I · One, two"),
        (1, 'chapters/04_loop "<'),
        (2, "Second"),
        (2, 'exercises/solutions/04_loop "<'),
        (0, "Appendix"),
        (1, 'appendix/glossary "<'),
        (2, "Second"),
    ]


def test_every_line_of_the_contents_has_a_place_in_the_document(tmp_path):
    root = site(tmp_path, {})
    parts, found = book.read(root, root / "html")
    text = book.document(parts, found, citing.load(pdf.ROOT, "1.2"), [])
    names = [name for _, _, name, _ in book.headings(parts, found)]
    assert len(set(names)) == len(names) == 9
    for name in names:
        assert text.count(f' id="{name}"') == 1
        assert f'data-page-of="{name}"' in text
    assert r'content: "chapters/04_loop \"\3c "' in text


def test_a_missing_page_says_what_to_run(tmp_path):
    root = site(tmp_path, {})
    (root / "html" / "intro.html").unlink()
    with pytest.raises(book.BookError, match="run `make book` first"):
        book.read(root, root / "html")


def test_a_part_of_the_book_has_only_its_pages(tmp_path):
    root = site(tmp_path, {})
    parts, found = book.read(root, root / "html", ["04"])
    assert [part.caption for part in parts] == ["Part I · One, two"]
    assert list(found) == ["chapters/04_loop", "exercises/solutions/04_loop"]
    with pytest.raises(book.BookError, match="no page of the book has 77"):
        book.read(root, root / "html", ["77"])


def test_a_machine_without_chromium_is_told_so(monkeypatch, tmp_path):
    monkeypatch.setattr(chromium, "find", lambda: None)
    with pytest.raises(chromium.Missing, match="run `make setup-browser`"):
        paper.print_book(tmp_path / "book.html", tmp_path / "book.pdf", tmp_path)


def printed(path):
    """A PDF of three empty pages in which `a` stands on the second and `b` on the third."""
    writer = PdfWriter()
    sheets = [writer.add_blank_page(595, 842) for _ in range(3)]
    here = NameObject("/XYZ")
    writer.root_object[NameObject("/Dests")] = DictionaryObject(
        {
            NameObject(f"/{name}"): ArrayObject(
                [
                    sheets[at].indirect_reference,
                    here,
                    FloatObject(0),
                    FloatObject(top),
                    NullObject(),
                ]
            )
            for name, at, top in (("a", 1, 800), ("b", 2, 400))
        }
    )
    writer.write(path)
    return path


def test_places_have_the_numbers_of_their_pages(tmp_path):
    assert pages.numbers(printed(tmp_path / "draft.pdf")) == {"a": 2, "b": 3}


def test_a_finished_book_has_bookmarks_and_says_what_it_is(tmp_path):
    work = citing.load(pdf.ROOT, "1.2")
    draft = printed(tmp_path / "draft.pdf")
    outline = [(0, "a", "Part · é"), (1, "b", "Chapter"), (0, "b", "End")]
    pages.finish(draft, tmp_path / "book.pdf", outline, work)
    reader = PdfReader(tmp_path / "book.pdf")
    first, [below], last = reader.outline
    assert [one.title for one in (first, below, last)] == ["Part · é", "Chapter", "End"]
    assert [reader.get_destination_page_number(one) for one in (first, below, last)] == [1, 2, 2]
    assert reader.metadata.title == work.title
    assert reader.metadata.author == "The rnncourse authors"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
