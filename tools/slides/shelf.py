"""All decks of the course, with what they need, in the folder `slides` of the built site."""

import html
import shutil
from pathlib import Path
from string import Template

import teaching
import vendor
from slides import code
from slides.deck import HERE, figures, page

FOLDER = "slides"
HINT = '<p class="muted">Decks as PDF: <code>make slides</code> prints them.</p>'


def write(root, site):
    """Write every deck that has a lesson, and the list of them.

    Args:
        root: the folder of the course.
        site: the folder of the built site.

    Returns:
        list of `teaching.Lesson`, one for each deck.

    Raises:
        teaching.LessonError: if a lesson cannot be given.
        vendor.VendorError: if reveal.js or MathJax could not be fetched.
    """
    lessons = [teaching.load(root, name[:2]) for name in teaching.names(root)]
    folder = Path(site) / FOLDER
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    _serve(Path(site))
    for lesson in lessons:
        _renew(folder, lesson)
    names = {lesson.name for lesson in lessons}
    for leftover in (path for path in folder.glob("[0-9]*_*.*") if path.stem not in names):
        leftover.unlink()
    index(folder, lessons)
    return lessons


def _renew(folder, lesson):
    """Write what changed of a deck; a PDF of what it was goes."""
    files = {f"figures/{name}": png for name, png in figures(lesson).items()}
    files[f"{lesson.name}.html"] = page(lesson).encode()
    places = {folder / name: data for name, data in files.items()}
    changed = [p for p, data in places.items() if not p.exists() or p.read_bytes() != data]
    for path in changed:
        path.write_bytes(places[path])
    if changed:
        (folder / f"{lesson.name}.pdf").unlink(missing_ok=True)


def index(folder, lessons):
    """Write the list of decks, with the PDFs that exist."""
    rows = [_row(folder, lesson) for lesson in lessons]
    hint = "" if all("PDF" in row for row in rows) else HINT
    template = Template((HERE / "index.html").read_text(encoding="utf-8"))
    text = template.substitute(rows="\n".join(rows), hint=hint)
    (folder / "index.html").write_text(text, encoding="utf-8")


def _row(folder, lesson):
    title, pdf = html.escape(lesson.title), folder / f"{lesson.name}.pdf"
    links = [
        f'<span class="number">{int(lesson.number)}</span>',
        f'<a href="{lesson.name}.html">{title}</a>',
        f'<span class="muted">{len(lesson.slides)} slides</span>',
    ]
    if pdf.exists():
        links.append(f'<a href="{pdf.name}" aria-label="{title} as PDF">PDF</a>')
    return f"<li>{' '.join(links)}</li>"


def _serve(site):
    """Put beside the decks what they ask for: reveal.js, our style, MathJax where it is missing."""
    folder = site / FOLDER
    shutil.copytree(vendor.ensure("reveal"), folder / "reveal", dirs_exist_ok=True)
    shutil.copyfile(HERE / "deck.js", folder / "deck.js")
    style = (HERE / "deck.css").read_text(encoding="utf-8") + code.stylesheet()
    (folder / "deck.css").write_text(style, encoding="utf-8")
    mathjax = site / "_static" / "mathjax"
    if not mathjax.exists():
        shutil.copytree(vendor.ensure("mathjax"), mathjax)
