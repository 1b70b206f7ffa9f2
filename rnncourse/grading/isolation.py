"""Run somebody's code so that it can neither hang nor hurt the process that asks.

The attempt is called in a forked child: what it prints goes nowhere, what it patches is patched
there, memory is limited, and after the time limit the child is killed. What comes back through
a pipe is JSON, one line for each call. Where forking is not possible (Windows) or not safe (macOS,
whose own linear algebra does not survive it), a thread has to do: it can be asked to stop, but
not killed.
"""

import builtins
import contextlib
import copy
import ctypes
import inspect
import json
import linecache
import os
import selectors
import signal
import sys
import threading
import time
import warnings
from typing import NamedTuple

import numpy as np

from rnncourse.grading import answers

MEMORY = 1 << 30  # bytes that an attempt may take beyond what the kernel holds already
MOST_BYTES = 1 << 27  # through the pipe; each answer is limited long before


class Run(NamedTuple):
    """What came of calling an attempt: one outcome for each call that ended, and how it ended."""

    outcomes: list  # dicts: {"value": packed} or {"error": type, "message", "line"}, and "changed"
    end: str  # "well", "late" or "died"
    how: str = ""


def can_fork():
    """Whether this system offers processes that can be thrown away."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def run(attempt, cases, seconds):
    """Call `attempt(*args)` for each tuple of arguments, in isolation, within `seconds`.

    Args:
        attempt: any callable, trusted in nothing.
        cases: a list of argument tuples; each call gets a copy of its own.
        seconds: the limit for all calls together.

    Returns:
        A `Run`. It always comes back, at the latest a moment after the limit.
    """
    return _in_child(attempt, cases, seconds) if can_fork() else _in_thread(attempt, cases, seconds)


def call(attempt, args):
    """One call: what it returned (packed) or raised, and which arguments it changed."""
    mine = copy_of(args)
    try:
        returned = attempt(*mine)
        outcome = {"value": answers.pack(returned)}
        if returned is None and _is_empty(attempt):
            outcome = {"value": {"blank": ""}}
    except BaseException as error:  # SystemExit and KeyboardInterrupt too: it is not our code
        outcome = _told(error, attempt, args)
    outcome["changed"] = [i for i in range(len(args)) if _changed(args[i], mine[i])]
    return outcome


def copy_of(args):
    """The arguments of one call, copied so that changing them changes nothing else."""
    return tuple(arg if callable(arg) else copy.deepcopy(arg) for arg in args)


def _in_child(attempt, cases, seconds):
    """Fork, let the child call and report, read until it is done, late or dead."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12: threads and fork; see `_child`
        child = os.fork()
    if child == 0:
        _child(attempt, cases, writing, reading, seconds)
    os.close(writing)
    try:
        lines, late = _read(reading, len(cases), time.monotonic() + seconds)
    finally:  # also when the reader presses stop
        os.close(reading)
        status = _end(child)
    outcomes = [_outcome(line) for line in lines]
    if len(outcomes) >= len(cases):
        return Run(outcomes[: len(cases)], "well")
    return Run(outcomes, "late" if late else "died", "" if late else _how(status))


def _child(attempt, cases, writing, reading, seconds):
    """The child's whole life. It touches no lock or stream that a thread of the parent may hold."""
    try:
        os.setsid()  # a group of its own: killed together with whatever it starts
        os.close(reading)
        _silence()
        _end_without_parent(seconds)
        _limit_memory()
        _one_thread()
        for args in cases:
            line = _as_json(call(attempt, args))
            while line:
                line = line[os.write(writing, line) :]
    finally:
        os._exit(0)


def _as_json(outcome):
    """One line of JSON; an answer that cannot be written is told by its type alone."""
    try:
        return json.dumps(outcome).encode() + b"\n"
    except Exception:
        return b'{"value": {"other": "something unreadable"}, "changed": []}\n'


def _outcome(line):
    """A line from the child as an outcome; the attempt may have tampered with what wrote it."""
    try:
        outcome = json.loads(line)
        if "error" in outcome:
            told = {key: str(outcome[key]) for key in ("error", "message", "line")}
        else:
            answers.unpack(outcome["value"])
            told = {"value": outcome["value"]}
        return {**told, "changed": [int(number) for number in outcome["changed"]]}
    except Exception:
        return {"value": {"other": "something unreadable"}, "changed": []}


def _silence():
    """Send the child's output nowhere, and let it ask nobody for input."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", closefd=False)
    builtins.input = _no_input
    warnings.simplefilter("ignore")
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        shell.display_pub.publish = lambda *args, **keywords: None


def _no_input(prompt=""):
    raise EOFError("there is nobody to answer input() during a check")


def _end_without_parent(seconds):
    """End by itself a moment after the limit: whoever should have ended it may be gone."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + 2)


def _limit_memory():
    """Allow a fixed amount beyond what is mapped now (frameworks map gigabytes by themselves)."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        with open("/proc/self/statm") as file:
            mapped = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (mapped + MEMORY, mapped + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _one_thread():
    """A fork keeps no thread but its own: PyTorch must not wait for the pool that it remembers."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def _read(descriptor, lines_wanted, deadline):
    """Lines from a pipe until enough are there, it is closed, or the deadline has passed."""
    chunks, lines, size = [], 0, 0
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while lines < lines_wanted and size < MOST_BYTES:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return b"".join(chunks).split(b"\n")[:-1], True
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                break
            chunks.append(chunk)
            lines, size = lines + chunk.count(b"\n"), size + len(chunk)
    return b"".join(chunks).split(b"\n")[:-1], False


def _end(child):
    """Kill the child and all it started; return its status, None if somebody else collected it.

    A child that is ending by itself keeps its own status: the kill comes too late to change it.
    """
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(child, 0)[1]
    return None


def _how(status):
    """In words, how a child ended that had not answered everything."""
    if status is None:
        return "without a word"
    if os.WIFSIGNALED(status):
        return f"with signal {signal.Signals(os.WTERMSIG(status)).name}"
    return f"with exit code {os.WEXITSTATUS(status)}"


def _in_thread(attempt, cases, seconds):
    """Where there is no fork: a thread, which can be left but not stopped."""
    outcomes, late = [], threading.Event()

    def work():
        for args in cases:
            if not late.is_set():
                outcomes.append(call(attempt, args))

    thread = threading.Thread(target=work, daemon=True)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        thread.start()
        thread.join(seconds)
        done = list(outcomes)
        if len(done) == len(cases):
            return Run(done, "well")
        late.set()
        _raise_in(thread)
        thread.join(0.5)
    going_on = "it goes on in the background: restart the kernel" if thread.is_alive() else ""
    return Run(done, "late", going_on)


def _raise_in(thread):
    """Raise KeyboardInterrupt in another thread, as soon as that runs Python code again."""
    number = ctypes.c_ulong(thread.ident)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(number, ctypes.py_object(KeyboardInterrupt))


def _told(error, attempt, args):
    """An exception as data: its type, its message, and the line of the attempt that raised it."""
    name, message = type(error).__name__, " ".join(str(error).split())[:200]
    if isinstance(error, TypeError) and not _fits(attempt, args):
        name, message = "Signature", f"{len(args)} arguments"
    return {"error": name, "message": message, "line": _line(error, attempt)}


def _fits(attempt, args):
    """Whether the attempt can be called with these arguments at all."""
    try:
        inspect.signature(attempt).bind(*args)
    except TypeError:
        return False
    except Exception:
        return True
    return True


def _line(error, attempt):
    """The source line of the attempt's own code in which the error came up, if known."""
    file = getattr(getattr(attempt, "__code__", None), "co_filename", None)
    found, trace = "", error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            found = linecache.getline(file, trace.tb_lineno).strip()
        trace = trace.tb_next
    return found[:80]


def _is_empty(attempt):
    """Whether a function has no body: a docstring, `...` or `pass` and nothing else."""
    code = getattr(attempt, "__code__", None)
    return (
        code is not None and not code.co_names and len(code.co_code) <= 8 and not code.co_cellvars
    )


def _changed(before, after):
    """Whether an argument is not what it was, beyond rounding."""
    if isinstance(before, np.ndarray):
        if not isinstance(after, np.ndarray) or before.shape != after.shape:
            return True
        if before.dtype.kind not in "biuf":
            return False
        return not np.allclose(before, after, 1e-8, 1e-8, equal_nan=True)
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(map(_changed, before, after))
    return False
