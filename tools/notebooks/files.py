"""Files that are written in one step, and learners' work that is never lost."""

import contextlib
import fcntl
import json
import math
import os
from datetime import datetime
from itertools import chain, count

import psutil


def write(path, text):
    """Write a file in one step: whoever is killed meanwhile leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for orphan in path.parent.glob(f".{path.name}.tmp-*"):  # of a build that was killed
        if not psutil.pid_exists(int(orphan.name.rsplit("-", 1)[1])):
            orphan.unlink(missing_ok=True)
    part = path.with_name(f".{path.name}.tmp-{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)


def keep_copy(path, root):
    """Put a copy of a learner's notebook beside it, and say so."""
    now = datetime.now().strftime("%Y%m%d-%H%M%S")
    endings = chain([""], map("-{}".format, count(2)))  # two copies within a second
    copies = (path.with_name(f"{path.stem}.mine-{now}{ending}.ipynb") for ending in endings)
    copy = next(copy for copy in copies if not copy.exists())
    copy.write_bytes(path.read_bytes())
    return f"{path.relative_to(root)} was edited; your version is kept as {copy.name}"


def save_time(root, name, seconds):
    """Keep a chapter's run time in chapters/times.json, if it moved by more than a quarter.

    Times are rounded up to whole, 5 or 10 s, so that the file seldom changes.
    """
    step = 1 if seconds < 10 else 5 if seconds < 60 else 10
    path = root / "chapters" / "times.json"
    with locked(root):
        times = json.loads(path.read_text()) if path.exists() else {}
        old = times.get(name)
        if old is None or abs(seconds - old) > max(0.25 * old, 1):
            times[name] = max(1, math.ceil(seconds / step) * step)
        times = {key: times[key] for key in sorted(times) if path.with_name(f"{key}.md").exists()}
        text = json.dumps(times, indent=1) + "\n"
        if not path.exists() or path.read_text() != text:
            write(path, text)


@contextlib.contextmanager
def locked(root):
    """Keep other builds out for a moment."""
    (root / ".cache").mkdir(exist_ok=True)
    with (root / ".cache" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
