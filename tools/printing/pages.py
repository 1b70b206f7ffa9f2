"""The printed book as pypdf reads and finishes it: pages of places, outline, metadata."""

import logging

from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, Fit, NameObject

logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of objects that it adds itself


def places(reader):
    """{name: (page from 0, distance from its foot)} of every place that a link leads to."""
    order = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}
    return {
        name.removeprefix("/"): (order[place.page.idnum], place.top)
        for name, place in reader.named_destinations.items()
    }


def numbers(path):
    """{name: page from 1} of every place in a PDF that a link leads to."""
    return {name: page + 1 for name, (page, _) in places(PdfReader(path)).items()}


def links(reader):
    """(page from 1, name or address) of every link in a PDF."""
    for number, page in enumerate(reader.pages, 1):
        for reference in page.get("/Annots") or ():
            annotation = reference.get_object()
            if annotation.get("/Subtype") != "/Link":
                continue
            action = annotation.get("/A", {})
            found = annotation.get("/Dest") or action.get("/D") or action.get("/URI")
            yield number, str(found).removeprefix("/")


def finish(draft, path, outline, work):
    """Give a printed PDF its outline and its metadata, and write it.

    Args:
        draft: the PDF that Chromium wrote.
        path: where the finished one goes.
        outline: `[(level from 0, name of the place, title)]` in the order of the pages.
        work: what it is, a `citing.Work`.
    """
    writer = PdfWriter(clone_from=draft)
    _add_outline(writer, outline, places(PdfReader(draft)))
    writer.add_metadata(
        {
            "/Title": work.title,
            "/Author": ", ".join(work.authors),
            "/Subject": f"Version {work.version}, {work.date}",
            "/Keywords": ", ".join(work.keywords),
            "/Creator": f"rnncourse {work.version}",
        }
    )
    catalog = writer.root_object
    shown = catalog.setdefault(NameObject("/ViewerPreferences"), DictionaryObject())
    shown.get_object()[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    catalog[NameObject("/PageMode")] = NameObject("/UseOutlines")
    writer.write(path)


def _add_outline(writer, outline, found):
    """Bookmarks, of which the parts are open and the chapters closed."""
    parents = {}
    for level, name, title in outline:
        page, top = found[name]
        item = writer.add_outline_item(
            title=title,
            page_number=page,
            parent=parents.get(level - 1),
            fit=Fit.xyz(left=0, top=top),
            is_open=level < 1,
        )
        parents = {at: one for at, one in parents.items() if at < level} | {level: item}
