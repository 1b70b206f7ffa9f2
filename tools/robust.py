"""Do the claims of the course hold for other random numbers, too? (`make robust SEEDS=10`)

Every chapter is executed once for each shift of the course's seeds, in memory: the stored
notebooks stay as they are. A false claim does not stop a chapter here, it is recorded. The counts
go to appendix/claims.json, and from there into the claims ledger (`ledger.py`). The exit status is
1 if any claim failed, or was not reached, on any seed.
"""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import ledger
from notebooks import files, running, sources

ROOT = Path(__file__).resolve().parent.parent


def run(job, seed, cell_timeout):
    """The claims of one chapter under one shift of the seeds."""
    book = sources.derive(job)
    env = {"RNNCOURSE_SEED": str(seed), "RNNCOURSE_CLAIMS": "record"}
    running.execute(book, job.target.parent, cell_timeout=cell_timeout, env=env, strict=False)
    return ledger.claims_of(book)


def merge(chapter, runs):
    """One ledger entry for each claim of a chapter.

    Args:
        chapter: its name.
        runs: dict from seed to what `ledger.claims_of` gives; seeds that crashed are missing.

    Returns:
        list of dicts: chapter, cell, claim, held (on how many seeds it was reached and true),
        failed (the seeds on which it was false).
    """
    entries = {}
    for seed in sorted(runs):
        count = {}
        for found in runs[seed]:
            count[found["claim"]] = count.get(found["claim"], 0) + 1
            key = (found["claim"], count[found["claim"]])
            first = {
                "chapter": chapter,
                "cell": found["cell"],
                "claim": found["claim"],
                "held": 0,
                "failed": [],
            }
            entry = entries.setdefault(key, first)
            entry["held"] += found["holds"]
            if not found["holds"]:
                entry["failed"].append(seed)
    return sorted(entries.values(), key=lambda entry: entry["cell"])


def measure(jobs, seeds, *, workers=2, cell_timeout=running.CELL_TIMEOUT):
    """Run every chapter under every seed.

    Returns:
        (runs, crashes): runs is a dict chapter -> seed -> claims; crashes is a list of reports.
    """
    runs, crashes = {job.source.stem: {} for job in jobs}, []
    todo = [(job, seed) for seed in seeds for job in jobs]
    with ThreadPoolExecutor(max_workers=workers) as pool:
        futures = {pool.submit(run, job, seed, cell_timeout): (job, seed) for job, seed in todo}
        try:
            for done, future in enumerate(as_completed(futures), 1):
                job, seed = futures[future]
                name = job.source.stem
                try:
                    runs[name][seed] = future.result()
                    false = sum(not found["holds"] for found in runs[name][seed])
                    said = f"{len(runs[name][seed])} claims, {false} false"
                except sources.BuildError as error:
                    crashes.append(f"{name}, seed {seed}: {running.ANSI.sub('', str(error))}")
                    said = "crashed"
                print(f"[{done}/{len(todo)}] {name}, seed {seed}: {said}", flush=True)
        except KeyboardInterrupt:
            running.stop_at_once()
    return runs, crashes


def main(arguments=None):
    """Parse the command line and do it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=10, help="how many shifts (10)")
    parser.add_argument("--only", metavar="NN", help="one chapter, e.g. 04; the others are kept")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time (2)")
    parser.add_argument("--cell-timeout", type=int, default=300, metavar="S")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.seeds < 1:
        parser.error(f"--seeds: expected at least 1, got {given.seeds}")
    try:
        jobs = ledger.jobs(given.root, given.only)
    except sources.BuildError as error:
        parser.error(str(error))
    runs, crashes = measure(
        jobs, range(given.seeds), workers=given.jobs, cell_timeout=given.cell_timeout
    )
    entries = [
        entry | {"seeds": given.seeds}
        for job in jobs
        for entry in merge(job.source.stem, runs[job.source.stem])
    ]
    _save(given.root, entries, {job.source.stem for job in jobs})
    return report(entries, crashes)


def _save(root, entries, renewed):
    """Write counts and page; chapters that were not run keep what was counted for them."""
    there = {job.source.stem for job in ledger.jobs(root)}
    kept = [e for e in ledger.counts(root).values() if e["chapter"] in there - renewed]
    entries = sorted([*kept, *entries], key=lambda entry: (entry["chapter"], entry["cell"]))
    files.write(root / ledger.COUNTS, json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
    ledger.write(root)


def report(entries, crashes):
    """Say what did not hold; returns 1 if there is any of it."""
    broken = [entry for entry in entries if entry["held"] < entry["seeds"]]
    for text in crashes:
        print(f"\ncrashed: {text}")
    for entry in broken:
        print(
            f"\n✗ {entry['chapter']}, cell {entry['cell']}: {entry['claim']}\n"
            f"  held on {entry['held']} of {entry['seeds']} seeds"
            + (f", false on {entry['failed']}" if entry["failed"] else ", not reached elsewhere")
        )
    print(
        f"\n{len(entries)} claims, {len(broken)} of them not on every seed, "
        f"{len(crashes)} runs crashed. Ledger: {ledger.PAGE}"
    )
    return int(bool(broken or crashes))


if __name__ == "__main__":
    sys.exit(main())
