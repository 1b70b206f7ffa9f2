"""A process that grades one submission after another: a job a line in, a record a line out.

It ends with whoever started it, and takes the kernels along.
"""

import contextlib
import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path

import psutil

sys.path[:0] = [str(folder) for folder in Path(__file__).resolve().parents[1:3]]

MEMORY = 6 << 30  # bytes that a kernel may take, where the system can limit that


def main():
    """Work until nobody sends jobs any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else is printed goes to the log
    _limit_memory()
    jobs = queue.Queue()
    threading.Thread(target=_listen, args=[jobs], daemon=True).start()
    import matplotlib.font_manager  # noqa: F401  finds the fonts once, for all submissions

    from assignments.marking import mark

    while True:
        job = jobs.get()
        try:
            answer = mark(job)
        except Exception as error:
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _listen(jobs):
    """Hand on the jobs; when no more can come, end at once, with every kernel."""
    for line in sys.stdin:
        jobs.put(json.loads(line))
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()
    os._exit(0)


def _limit_memory():
    """A submission that wants more gets a MemoryError, and the machine goes on."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
