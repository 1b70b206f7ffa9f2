"""What `tools/rnn_sphinx/` does to finished pages: style, pictures, and which are made anew."""

import struct
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from rnn_sphinx import pictures, renewal, weight

# ------------------------------------------------------------------------------ one style sheet


@pytest.mark.parametrize(
    ("css", "left"),
    [
        ("p{a:b}", "p{a:b}"),
        (".known,.unknown{a:b}", ".known{a:b}"),
        (".known .unknown{a:b}", ""),
        ("#unknown>p{a:b}", ""),
        (".known:not(.unknown){a:b}", ".known:not(.unknown){a:b}"),
        (":is(.unknown, .known) p{a:b}", ":is(.unknown, .known) p{a:b}"),
        ("@media print{.unknown{a:b}.known{c:d}}", "@media print{.known{c:d}}"),
        ("@media print{.unknown{a:b}}", ""),
        ("@keyframes turn{to{a:b}}", "@keyframes turn{to{a:b}}"),
        ('@charset "utf-8";p{a:b}', "p{a:b}"),
        (".fa-sun:before{content:x}", ""),
    ],
)
def test_only_rules_for_what_no_page_has_are_left_out(css, left):
    assert weight.needed_rules(css, {"known", "fa-sun"}) == left


@pytest.fixture
def site(tmp_path):
    """A finished site with one page, one script and one style sheet."""
    (tmp_path / "_static").mkdir()
    (tmp_path / "page.html").write_text('<p class="shown" id="place">')
    (tmp_path / "_static" / "tool.js").write_text('one.classList.add("opened")')
    return tmp_path


def test_the_style_sheet_keeps_what_pages_and_scripts_name(site):
    css = ".shown{a:b}#place{a:b}.opened{a:b}.other{a:b}"
    (site / "_static" / "a.css").write_text(css)
    weight.join_styles(site, ["_static/a.css", "_static/a.css"])
    joined = (site / "_static" / "site.css").read_text()
    assert joined.split() == [".shown{a:b}", "#place{a:b}", ".opened{a:b}"]


def test_a_style_that_needs_a_file_elsewhere_is_refused(site):
    (site / "_static" / "a.css").write_text("p{background:url(../fonts/a.woff)}")
    with pytest.raises(ExtensionError, match=r"\.\./fonts/a\.woff"):
        weight.join_styles(site, ["_static/a.css"])


def test_a_page_loads_the_scripts_that_it_uses():
    names = ["_static/ledger.js", "_static/doctools.js", None]
    context = {
        "css_files": [],
        "script_files": [SimpleNamespace(filename=name) for name in names],
        "body": "<table>",
    }
    weight.lighten(SimpleNamespace(), "page", "", context, None)
    assert [one.filename for one in context["script_files"]] == ["_static/doctools.js", None]


# ------------------------------------------------------------------------------------- pictures


def test_a_picture_says_its_size_once(tmp_path):
    header = pictures.PNG + b"\0\0\0\rIHDR" + struct.pack(">II", 840, 336)
    (tmp_path / "a b.png").write_bytes(header)
    (tmp_path / "c.svg").write_text('<svg viewBox="70 22 648 190">')
    page = '<img alt="x" src="a%20b.png" /><img src="c.svg"><img src="no.png"><img src="data:x">'
    sized = pictures.with_sizes(page, tmp_path)
    assert 'src="a%20b.png" width="840" height="336"' in sized
    assert 'src="c.svg" width="648" height="190"' in sized
    assert sized.count("width") == 2
    assert pictures.with_sizes(sized, tmp_path) == sized


# -------------------------------------------------------------------------------------- renewal


@pytest.fixture
def course(tmp_path):
    """A course of two chapters, as Sphinx hands it to the extension."""
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "times.json").write_text('{"04_d": 35, "05_e": 10}')
    (tmp_path / "_config.yml").write_text("title: A course")
    env = SimpleNamespace(found_docs={"intro", "chapters/04_d", "chapters/05_e"})
    return SimpleNamespace(srcdir=tmp_path), env


def renewed(course):
    return renewal.outdated(*course, set(), set(), set())


def test_what_did_not_change_is_not_read_again(course):
    assert renewed(course) == course[1].found_docs
    assert renewed(course) == set()


def test_what_all_pages_are_made_with_renews_them_all(course):
    renewed(course)
    (course[0].srcdir / "_config.yml").write_text("title: Another course")
    assert renewed(course) == course[1].found_docs


def test_a_new_time_renews_its_chapter(course):
    renewed(course)
    (course[0].srcdir / "chapters" / "times.json").write_text('{"04_d": 36, "05_e": 10}')
    assert renewed(course) == {"chapters/04_d"}


def test_only_pages_whose_text_links_to_a_page_are_written_with_it(tmp_path):
    pages = {
        "a": '<nav href="d.html"></nav><article>nothing</article>',
        "b": '<article><a href="../chapters/d.html#x">d</a></article>',
        "c": '<article><a href="wd.html">another</a></article>',
    }
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text)
    builder = SimpleNamespace(get_outfilename=lambda doc: tmp_path / f"{doc}.html")
    env = SimpleNamespace(found_docs={*pages, "new"})
    assert renewal._linking(SimpleNamespace(builder=builder), env, ["chapters/d"]) == ["b"]


def test_pictures_that_no_page_has_any_more_are_removed(tmp_path):
    for name in ("_images/kept.png", "_images/gone.png", "_downloads/1/kept", "_downloads/2/gone"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    env = SimpleNamespace(images={"a": ({"page"}, "kept.png")}, dlfiles={"b": ({"page"}, "1/kept")})
    renewal.remove_leftovers(tmp_path, env)
    left = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(left) == ["_downloads/1/kept", "_images/kept.png"]
