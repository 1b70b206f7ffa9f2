"""Which pages are made anew: those that a change concerns, so that a build after an edit is short.

Sphinx itself sees that a notebook has changed. What else a page is made of, it is told here:

- what all pages are made with (our code, the configuration, styles, the bibliography): if any of
  it has changed, every page is read again;
- the address from which notebooks can be installed: if it has changed, every page, too;
- the measured time of a chapter: if it has changed, that chapter is read again;
- what a page shows of another. The contents beside it show all titles: if one has changed, every
  page is written again. Apart from that a page shows the numbers and names of those pages only that
  it links to: if these have changed, it is written again.

Pages, pictures and downloads that nothing belongs to any more are removed. After a failed build
`make book` begins afresh.
"""

import hashlib
import json
import os
import re
import sys
from itertools import chain
from pathlib import Path

SHARED = [
    "_config.yml", "_toc.yml", "references.bib", "logo.svg", "constraints.txt", "_static/**/*",
    "_templates/**/*", "tools/**/*.py", "tools/rnn_sphinx/*.js",
]  # fmt: skip
ARTICLE = re.compile(r"<article.*</article>", re.DOTALL)


def outdated(app, env, added, changed, removed):
    """The pages to read again, beside those whose sources have changed."""
    root = Path(app.srcdir)
    before = getattr(env, "rnn_made_with", None), getattr(env, "rnn_times", {})
    env.rnn_made_with, env.rnn_times = ingredients(root), times(root)
    if before[0] != env.rnn_made_with:
        return set(env.found_docs)
    names = {name for name, seconds in env.rnn_times.items() if before[1].get(name) != seconds}
    return {f"chapters/{name}" for name in names} & set(env.found_docs)


def ingredients(root):
    """A checksum of all that every page is made with."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    own = {Path(file) for file in files if file}
    used = {path for path in own if path.is_relative_to(root / "rnncourse")}
    choices = [os.environ.get(name) for name in ("SITE_URL", "RNNCOURSE_TEACHERS")]
    lessons = [path.name for path in sorted(root.glob("teaching/*.yml"))]  # chapters link to decks
    shared = set(chain.from_iterable(root.glob(pattern) for pattern in SHARED))
    total = hashlib.sha256(repr([sys.version, choices, lessons]).encode())
    for path in sorted(path for path in shared | used if path.is_file()):
        total.update(str(path.relative_to(root)).encode() + path.read_bytes())
    return total.hexdigest()


def times(root):
    """The measured seconds of each chapter."""
    path = root / "chapters" / "times.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def also_written(app, env):
    """The pages to write again, beside those that were read; the first page in any case.

    Without one page to write Sphinx would stop here, and not copy what changed in `_static`.
    """
    contents, faces = _contents(env), {doc: _face(env, doc) for doc in env.found_docs}
    before = getattr(env, "rnn_contents", None), getattr(env, "rnn_faces", {})
    env.rnn_contents, env.rnn_faces = contents, faces
    if before[0] != contents:
        return sorted(env.found_docs)
    changed = [doc for doc, face in faces.items() if before[1].get(doc) != face]
    # the search index forgets the entries of a page that is not written (Sphinx 7.4)
    indexed = [doc for doc, entries in env.domaindata["index"]["entries"].items() if entries]
    return [app.config.root_doc, *indexed, *_linking(app, env, changed)]


def _contents(env):
    """What the sidebar of every page shows: titles and numbers, in their order."""
    titles = {doc: title.pformat() for doc, title in env.titles.items()}
    numbers = {doc: numbers.get("") for doc, numbers in env.toc_secnumbers.items()}
    return _sorted([titles, numbers, env.toctree_includes])


def _face(env, doc):
    """What another page can show of this one: its labels, terms, and numbers."""
    standard, maths = env.domaindata["std"], env.domaindata["math"]
    parts = [env.toc_secnumbers.get(doc), env.toc_fignumbers.get(doc)]
    for table in (standard["labels"], standard["anonlabels"], standard["terms"], maths["objects"]):
        parts.append({name: place for name, place in table.items() if place[0] == doc})
    cited = [
        one for one in env.domaindata["cite"]["citations"] if one.bibliography_key.docname == doc
    ]
    parts.append([(one.key, one.citation_id, one.formatted_entry.label) for one in cited])
    return _sorted(parts)


def _sorted(parts):
    """Text that is equal for equal parts, whatever the order in which pages were read."""
    return repr([sorted(map(repr, (part or {}).items())) if isinstance(part, dict) else part
                 for part in parts])  # fmt: skip


def _linking(app, env, docs):
    """The pages of which the text links to one of `docs`, as they were written last."""
    if not docs:
        return []
    names = "|".join(re.escape(doc.rpartition("/")[2]) for doc in docs)
    link = re.compile(rf'href="[^"#]*\b(?:{names})\.html')
    pages = {doc: Path(app.builder.get_outfilename(doc)) for doc in env.found_docs}
    texts = {doc: page.read_text(encoding="utf-8") for doc, page in pages.items() if page.exists()}
    return sorted(
        doc
        for doc, text in texts.items()
        if (found := ARTICLE.search(text)) and link.search(found[0])
    )


def remove_page(app, env, doc):
    """A page that is read again, or is no more, is not kept."""
    Path(app.builder.get_outfilename(doc)).unlink(missing_ok=True)


def remove_leftovers(out, env):
    """Pictures and downloads that no page has any more."""
    owned = {"_images": {name for _, name in env.images.values()},
             "_downloads": {name for _, name in env.dlfiles.values()}}  # fmt: skip
    for folder, names in owned.items():
        for path in (out / folder).rglob("*"):
            if path.is_file() and path.relative_to(out / folder).as_posix() not in names:
                path.unlink()
