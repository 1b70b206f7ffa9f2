"""Run the checks of the course in stages, and end with what passed, what failed and how long.

    python tools/run_tests.py                everything that CI runs (`make test`)
    python tools/run_tests.py --fast         lint, sync and unit tests (`make check`)
    python tools/run_tests.py notebooks      chosen stages

Every stage runs even if an earlier one failed; the exit status is 1 if any did.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import chromium

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / ".cache" / "reports"
BIN = Path(sys.executable).parent
PYTEST = (sys.executable, "-m", "pytest", "--quiet")


@dataclass(frozen=True)
class Stage:
    """One step: commands that run until one fails, and a limit in seconds for each."""

    name: str
    what: str
    commands: tuple
    limit: int = 1500
    fast: bool = False


@dataclass
class Result:
    """What came out of a stage."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""


def stages():
    """The stages in their order."""
    strict = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=120")
    return [
        Stage("lint", "ruff over code and notebooks", ((BIN / "ruff", "check", "."),), fast=True),
        Stage(
            "sync",
            "every notebook is what its source builds to",
            ((sys.executable, "tools/build_notebooks.py", "--check"),),
            fast=True,
        ),
        Stage("unit", "package, tools, layers, book", ((*PYTEST, "-n", "2"),), fast=True),
        Stage(
            "notebooks",
            "chapters, exercises, solutions and museum run and show what is stored",
            ((*PYTEST, *strict, "-n", "2", "chapters", "exercises", "appendix"),),
        ),
        Stage("book", "the site builds without a warning", (("make", "book"),), limit=300),
        Stage(
            "assignments",
            "a class is graded: round trips, a batch of 60, a run that is killed",
            ((*PYTEST, "tests/assignments"),),
            limit=900,
        ),
        Stage("browser", "the site and JupyterLab in Chromium", ((*PYTEST, "tests/browser"),)),
    ]


def run_stage(stage, *, skip=None):
    """Run one stage, its output on the terminal; returns a `Result`."""
    result, start = Result(stage.name), time.monotonic()
    if skip:
        result.skipped, result.note = 1, skip
        return result
    for number, command in enumerate(stage.commands):
        report = REPORTS / f"{stage.name}-{number}.xml"
        report.unlink(missing_ok=True)
        tested = "pytest" in command
        status = _run([*command, f"--junit-xml={report}"] if tested else command, stage.limit)
        counts = read_report(report) if tested else None
        passed, failed, skipped = counts or (status == 0, status != 0, 0)
        if tested and status == 5:  # pytest found nothing to run
            failed, result.note = 0, "there is nothing to run yet"
        elif status != 0 and not failed:  # crashed, or was stopped, beside its tests
            failed = 1
        result.passed += int(passed)
        result.failed += int(failed)
        result.skipped += int(skipped)
        if status == 124:
            result.note = f"stopped after {stage.limit} s"
        if failed:
            break
    result.seconds = time.monotonic() - start
    return result


def read_report(path):
    """(passed, failed, skipped) from a JUnit file that pytest wrote; None without one."""
    try:
        suites = ElementTree.parse(path).getroot().iter("testsuite")
    except (OSError, ElementTree.ParseError):
        return None
    total, bad, skipped = 0, 0, 0
    for suite in suites:
        total += int(suite.get("tests"))
        bad += int(suite.get("failures")) + int(suite.get("errors"))
        skipped += int(suite.get("skipped"))
    return max(total - bad - skipped, 0), bad, skipped


def _run(command, limit):
    """The exit status of a command; 124 if it and its children had to be stopped."""
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, start_new_session=True)
    try:
        return process.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        print(f"stopped: longer than {limit} s", flush=True)
        return 124
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def why_skipped(stage):
    """Why a stage cannot run on this machine, in one line; None if it can, or if CI must."""
    missing = stage.name == "browser" and chromium.find() is None
    if missing and not os.environ.get("CI"):
        return "no Chromium here; `make setup-browser` installs it"
    return None


def summary(results):
    """The closing table; its last line is the sum over all stages."""
    lines = ["", f"{'stage':<12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}"]
    for r in results:
        counts = f"{r.passed:>8}{r.failed:>8}{r.skipped:>9}{r.seconds:>9.0f}"
        lines.append(f"{r.name:<12}{counts}{f'   {r.note}' if r.note else ''}")
    passed, failed, skipped = (
        sum(getattr(r, what) for r in results) for what in ("passed", "failed", "skipped")
    )
    seconds = sum(r.seconds for r in results)
    lines.append(f"{passed} passed, {failed} failed, {skipped} skipped in {seconds:.0f} s")
    return "\n".join(lines)


def main(arguments=None):
    """Run what the command line asks for; returns the exit status."""
    known = stages()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("only", nargs="*", metavar="stage", help=" ".join(s.name for s in known))
    parser.add_argument("--fast", action="store_true", help="lint, sync and unit tests alone")
    given = parser.parse_args(arguments)
    unknown = set(given.only) - {stage.name for stage in known}
    if unknown:
        parser.error(f"no stage {', '.join(sorted(unknown))}; there is {parser.format_usage()}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    results = []
    try:
        for stage in known:
            if (given.only and stage.name not in given.only) or (given.fast and not stage.fast):
                continue
            print(f"\n=== {stage.name}: {stage.what}", flush=True)
            results.append(run_stage(stage, skip=why_skipped(stage)))
    except KeyboardInterrupt:
        print("\nstopped by hand; what ran until then:")
        results.append(Result("(stopped)", failed=1))
    print(summary(results), flush=True)
    return int(any(result.failed for result in results))


if __name__ == "__main__":
    sys.exit(main())
