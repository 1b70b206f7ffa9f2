"""What must be executed again, and what is out of step with its source."""

import ast
import hashlib
import json
import threading

import nbformat

from notebooks import files
from notebooks.sources import derive, fingerprint, tags

ONE_AT_A_TIME = threading.Lock()  # Python 3.11 counts the depth of its parser for all threads


def package_key(book, root):
    """A hash of the modules of `rnncourse` that a notebook imports, directly or through others."""
    waiting, seen = {"rnncourse"}, {}
    for cell in book.cells:
        if cell.cell_type == "code":
            waiting |= _imports(cell.source)
    while waiting:
        module = waiting.pop()
        for path in _files(module, root):
            if path not in seen:
                seen[path] = path.read_text(encoding="utf-8")
                waiting |= _imports(seen[path])
    content = [[str(path.relative_to(root)), seen[path]] for path in sorted(seen)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def _imports(source):
    """Names of the modules of the package that a piece of Python imports."""
    lines = source.split("\n")
    plain = "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))
    try:
        with ONE_AT_A_TIME:
            tree = ast.parse(plain)
    except SyntaxError:
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == "rnncourse"}


def _files(module, root):
    """The files that importing a module may run: a folder's files all count."""
    path = root.joinpath(*module.split("."))
    if module != "rnncourse" and path.is_dir():
        return sorted(path.rglob("*.py"))
    return [file for file in (path / "__init__.py", path.with_suffix(".py")) if file.exists()]


class Cache:
    """Which package sources each notebook was last executed with, on this machine."""

    def __init__(self, root):
        self.root, self.path = root, root / ".cache" / "notebooks.json"

    def _load(self):
        try:
            return json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}

    def get(self, job):
        return self._load().get(str(job.target.relative_to(self.root)))

    def put(self, job, key):
        name = str(job.target.relative_to(self.root))
        with files.locked(self.root):
            files.write(self.path, json.dumps({**self._load(), name: key}))


def outputs_that_still_hold(job, book, known, key):
    """The stored outputs of a notebook of which only the text has changed; None if more has.

    Args:
        job: what is built.
        book: the notebook that its source stands for now.
        known: the key of the package that it was last executed with; None if that is not known,
            as on a fresh clone, where stored outputs are taken at their word and nbval checks them.
        key: the key of the package now.

    Returns:
        A list with (execution_count, outputs) for each code cell, in order.
    """
    if known not in (None, key) or not job.target.exists():
        return None
    try:
        stored = [c for c in nbformat.read(job.target, as_version=4).cells if c.cell_type == "code"]
    except Exception:  # not a notebook any more: build it anew
        return None
    fresh = [cell for cell in book.cells if cell.cell_type == "code"]
    if [(c.source, tags(c)) for c in stored] != [(c.source, tags(c)) for c in fresh]:
        return None
    ran = [c.execution_count for c in stored if c.source.strip()]
    if ran != list(range(1, len(ran) + 1)):
        return None
    return [(cell.execution_count, cell.outputs) for cell in stored]


def out_of_step(job, root):
    """Why a notebook is not what its source builds to, in one line; None if it is."""
    name = job.target.relative_to(root)
    number = job.source.stem.split("_")[0]
    if not job.target.exists():
        return f"{name}: not built yet; run `make chapter NB={number}`"
    try:
        book = nbformat.read(job.target, as_version=4)
    except Exception as error:
        return f"{name}: not a readable notebook ({error}); run `make chapter NB={number}`"
    fresh = derive(job)
    if fingerprint(book) != fingerprint(fresh):
        return _first_difference(book, fresh, name, number)
    ran = [c.execution_count for c in book.cells if c.cell_type == "code" and c.source.strip()]
    if ran != list(range(1, len(ran) + 1)):
        return f"{name}: not executed once from top to bottom; run `make chapter NB={number}`"
    return None


def _first_difference(book, fresh, name, number):
    """One line on where notebook and source part, and what to do."""
    pairs = zip([*book.cells, None], [*fresh.cells, None], strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a is None or b is None or _differ(a, b)), 0)
    if is_edited(book):
        return (
            f"{name}: edited since it was built (cell {at}); `make adopt NB={number}` takes the "
            f"edits into the source, `make chapter NB={number}` builds it anew, keeping a copy"
        )
    return f"{name}: its source has changed (cell {at}); run `make chapter NB={number}`"


def is_edited(book):
    """Whether a notebook's cells are other than those that it was built from."""
    return fingerprint(book) != book.metadata.get("rnncourse", {}).get("built_from")


def holds_own_work(path, source_print):
    """Whether writing this notebook anew would lose somebody's edits.

    Args:
        path: the notebook.
        source_print: the fingerprint of what will be written; edits that are in it are not lost.
    """
    try:
        book = nbformat.read(path, as_version=4)
    except Exception:  # not readable as a notebook: somebody's work all the same
        return True
    return is_edited(book) and fingerprint(book) != source_print


def _differ(a, b):
    return fingerprint(nbformat.v4.new_notebook(cells=[a])) != fingerprint(
        nbformat.v4.new_notebook(cells=[b])
    )
