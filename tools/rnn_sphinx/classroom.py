"""What pages say to teachers: the generated parts of their pages, and links to the decks."""

import os
from pathlib import Path

from docutils import nodes

import teachers

OWN_BUILD = "RNNCOURSE_TEACHERS"  # set in the environment: this build is not for students


def complete_page(app, docname, source):
    """Fill in the generated parts of a teachers' page, and note what they are made from."""
    if docname not in teachers.PAGES:
        return
    root = Path(app.srcdir)
    for path in teachers.sources(root):
        app.env.note_dependency(str(path))
    answers = bool(os.environ.get(OWN_BUILD))
    source[0] = teachers.complete(source[0], root, answers=answers)


def deck(name, rawtext, text, lineno, inliner, options=None, content=None):
    """The role `slides`: a link from a page to the deck of a chapter, by the chapter's name."""
    depth = inliner.document.settings.env.docname.count("/")
    return [nodes.reference(rawtext, "slides", refuri=f"{'../' * depth}slides/{text}.html")], []
