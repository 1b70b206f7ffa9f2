"""One deck: the page of a lesson."""

import html
from pathlib import Path
from string import Template

from slides import kinds, maths
from slides.words import without_roles

HERE = Path(__file__).parent


def page(lesson):
    """The deck of a `teaching.Lesson`, as HTML."""
    return Template((HERE / "deck.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(without_roles(lesson.title)),
        maths=maths.HEAD,
        slides="\n".join(kinds.section(slide, lesson.name) for slide in lesson.slides),
    )


def figures(lesson):
    """{file name: PNG} of all figures that the deck shows."""
    return {f"{s.figure.name}.png": s.figure.png for s in lesson.slides if s.figure}
