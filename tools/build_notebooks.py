"""Build the notebooks of the course: text sources in, executed and normalised notebooks out.

    chapters/NN_name.md   -> chapters/NN_name.ipynb
    exercises/NN_name.md  -> exercises/NN_name.ipynb            (stubs)
                             exercises/solutions/NN_name.ipynb  (worked)

Two builds of one source are byte-identical: cell ids come from the position, and times, paths and
machine names are stripped. A notebook is written in one step at the end, so that whatever goes
wrong leaves the old one as it was. Only what changed is executed again: a source, or a module of
`rnncourse` that it imports, directly or through others.

A built notebook carries in its metadata a hash of the cells that it was built from. That is how a
notebook edited by a learner is recognised, and copied beside itself before it is written anew.
"""

import argparse
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat

import kept
import ledger
from notebooks import adopting, changes, files, normal, running
from notebooks.sources import BuildError, all_jobs, check_regions, derive, fingerprint

ROOT = Path(__file__).resolve().parent.parent


class Progress:
    """What is running, on one line that is rewritten; plain lines where nobody watches."""

    def __init__(self, total):
        self.total, self.done, self.running = total, 0, {}
        self.lock, self.live = threading.Lock(), sys.stdout.isatty()

    def at(self, name, cell, cells):
        with self.lock:
            self.running[name] = f"{cell + 1}/{cells}"
            self._draw()

    def end(self, name, text):
        with self.lock:
            self.running.pop(name, None)
            self.done += bool(name)
            print(f"{self._clear()}{text}", flush=True)
            self._draw()

    def _clear(self):
        return "\r\x1b[K" if self.live else ""

    def _draw(self):
        if self.live and self.running:
            now = " · ".join(f"{name} cell {where}" for name, where in self.running.items())
            print(f"{self._clear()}[{self.done}/{self.total}] {now}"[:110], end="", flush=True)


def build(job, root, progress, *, cell_timeout=running.CELL_TIMEOUT, cache=None, force=False):
    """Build one notebook; returns the line that says so.

    Where only the text has changed since it was executed, the stored outputs stay: a corrected
    sentence costs a moment and no measurement.
    """
    name = str(job.target.relative_to(root))
    check_regions(job)
    book = derive(job)
    source_print, key = fingerprint(book), changes.package_key(book, root)
    start, known = time.monotonic(), cache.get(job) if cache else key
    kept = None if force else changes.outputs_that_still_hold(job, book, known, key)
    if kept is None:
        seconds = running.execute(
            book,
            job.target.parent,
            cell_timeout=cell_timeout,
            on_cell=lambda index: progress.at(name, index, len(book.cells)),
        )
    normal.normalise(book, root, source_print)
    if kept is not None:
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        for cell, (count, outputs) in zip(code, kept, strict=True):
            cell.execution_count = count
            cell.outputs = [normal.forget_reader(output) for output in outputs]
    text = nbformat.writes(book) + "\n"
    note = ""
    if job.target.exists() and changes.holds_own_work(job.target, source_print):
        note = f"\n  {files.keep_copy(job.target, root)}"
    if not job.target.exists() or job.target.read_text(encoding="utf-8") != text:
        files.write(job.target, text)
    if job.kind == "chapter" and kept is None:
        files.save_time(root, job.target.stem, seconds)
    if cache:
        cache.put(job, key)
    how = "built" if kept is None else "text of"
    return f"{how} {name} in {time.monotonic() - start:.0f} s, {len(text) // 1024} KB{note}"


def build_all(jobs, root, *, workers=2, force=False, cell_timeout=running.CELL_TIMEOUT):
    """Build what changed, several at a time; returns the number of failures."""
    cache = changes.Cache(root)
    due = [job for job in jobs if force or _is_due(job, root, cache)]
    progress, failures = Progress(len(due)), []
    for folder in {job.target.parent for job in due}:
        folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = {
            pool.submit(
                build, job, root, progress, cell_timeout=cell_timeout, cache=cache, force=force
            ): job
            for job in due
        }
        try:
            for future in as_completed(futures):
                name = str(futures[future].target.relative_to(root))
                try:
                    progress.end(name, future.result())
                except BuildError as error:
                    failures.append((name, str(error)))
                    progress.end(name, f"FAILED {name}")
                except Exception:  # the others still have a right to be built and reported
                    failures.append((name, traceback.format_exc()))
                    progress.end(name, f"FAILED {name}")
        except KeyboardInterrupt:
            running.stop_at_once()
    for name, report in failures:
        print(f"\n{'=' * 90}\n{name}\n{_plain(report)}")
    if not failures:
        print(f"{len(due)} built, {len(jobs) - len(due)} up to date.")
    return len(failures)


def _plain(text):
    return text if sys.stdout.isatty() else running.ANSI.sub("", text)


def _is_due(job, root, cache):
    """Whether a notebook must be executed again."""
    if changes.out_of_step(job, root):
        return True
    key, known = changes.package_key(derive(job), root), cache.get(job)
    if known is None:  # a fresh clone: the stored notebook is taken at its word, nbval checks it
        cache.put(job, key)
    return known not in (None, key)


def check(jobs, root):
    """Print what is out of step with its source; returns the number of complaints."""
    complaints = [line for job in jobs if (line := changes.out_of_step(job, root))]
    targets = {job.target for job in all_jobs(root)}
    for folder in ("chapters", "exercises", "exercises/solutions", "appendix"):
        for path in sorted((root / folder).glob("*.ipynb")):
            if path not in targets and ".mine-" not in path.name:
                complaints.append(f"{path.relative_to(root)}: has no source of this name (.md)")
    complaints += [*filter(None, [ledger.out_of_step(root)]), *kept.out_of_step(root)]
    print("\n".join(complaints) or f"{len(jobs)} notebooks in step with their sources.")
    return len(complaints)


def main(arguments=None):
    """Parse the command line and do it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", metavar="NN", help="one chapter and its exercises, e.g. 04")
    parser.add_argument("--force", action="store_true", help="execute even what did not change")
    parser.add_argument("--check", action="store_true", help="compare with the sources only")
    parser.add_argument("--adopt", metavar="NN", help="take a notebook's edits into its source")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (2)")
    parser.add_argument("--cell-timeout", type=int, default=running.CELL_TIMEOUT, metavar="S")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    root = given.root.resolve()
    try:
        if given.adopt:
            for job in ledger.jobs(root, given.adopt):
                print(adopting.adopt(job, root, force=given.force))
            return 0
        jobs = all_jobs(root, given.only)
        if given.check:
            return int(check(jobs, root) > 0)
        failures = build_all(
            jobs, root, workers=given.jobs, force=given.force, cell_timeout=given.cell_timeout
        )
        ledger.write(root)
        kept.write(root)
        return int(failures > 0)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
