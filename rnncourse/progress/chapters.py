"""What is run, solved and open, chapter by chapter, and what comes next."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from rnncourse.progress import saved

DOWNLOADED = "exercises_"  # before the name of an exercise notebook that came from the site
FOLDERS = ("", "chapters", "exercises")


@dataclass
class Chapter:
    """One chapter with its exercises.

    Attributes:
        name: of its notebook, "04_a_loop_with_a_memory".
        title: "A loop with a memory".
        minutes: that it takes to read.
        claims: how many claims it makes; 0 if its notebook is not there.
        again: how many of them were made again before the reader's eyes.
        verdicts: exercise -> "right", "wrong" or "not attempted", of those that have a check.
        exercises: exercise -> (title, minutes).
    """

    name: str
    title: str = ""
    minutes: int = 0
    claims: int = 0
    again: int = 0
    verdicts: dict = field(default_factory=dict)
    exercises: dict = field(default_factory=dict)

    @property
    def number(self):
        return self.name.partition("_")[0]

    @property
    def is_run(self):
        return 0 < self.claims <= self.again

    @property
    def solved(self):
        """How many exercises are solved."""
        return sum(verdict == "right" for verdict in self.verdicts.values())

    @property
    def open(self):
        """The exercises that are not solved, in order."""
        return [name for name in self.names if self.verdicts[name] != "right"]

    @property
    def names(self):
        """All exercises with a check, in order."""
        return sorted(self.verdicts, key=lambda name: [int(part) for part in name.split(".")])

    @property
    def attempted(self):
        return any(verdict != "not attempted" for verdict in self.verdicts.values())

    @property
    def minutes_left(self):
        """Minutes for what is not run and not solved."""
        unread = 1 - min(self.again / self.claims, 1) if self.claims else 0
        return self.minutes * unread + sum(self.exercises.get(n, ("", 0))[1] for n in self.open)

    def add(self, notebook):
        """Count one more notebook; what was ever solved or re-run stays so."""
        if not notebook.verdicts:  # the chapter itself
            self.title = self.title or notebook.title
            self.minutes = self.minutes or notebook.reads
            self.claims = max(self.claims, len(notebook.claims))
            self.again = max(self.again, len(notebook.again))
        self.exercises |= notebook.exercises
        for name, verdict in notebook.verdicts.items():
            best = self.verdicts.get(name, verdict)
            self.verdicts[name] = min(best, verdict, key=saved.BEST_FIRST.index)


def collect(folder):
    """The state of all chapters whose notebooks are in a folder, or in its usual folders.

    A copy that was kept of a learner's notebook (`NAME.mine-DATE.ipynb`) counts for its chapter.

    Args:
        folder: of the course (then `chapters` and `exercises` in it are read), or of notebooks.

    Returns:
        (chapters, problems): a list of `Chapter` in order, and a list of lines on files that could
        not be read.
    """
    known, problems = {}, []
    announced = _announced(Path(folder))
    for path in [path for name in FOLDERS for path in sorted(Path(folder, name).glob("*.ipynb"))]:
        name = path.name.split(".")[0].removeprefix(DOWNLOADED)
        try:
            notebook = saved.read(path)
        except saved.UnreadableNotebook as error:
            problems.append(str(error))
            continue
        if notebook.claims or notebook.verdicts or notebook.reads:
            known.setdefault(name, Chapter(name)).add(notebook)
    for name, chapter in known.items():
        if chapter.claims or chapter.minutes:
            chapter.claims = max(chapter.claims, announced.get(name, 0))
        chapter.title = chapter.title or name.partition("_")[2].replace("_", " ")
    return [known[name] for name in sorted(known)], problems


def _announced(folder):
    """How many claims each chapter makes by the course's own count, where that is at hand.

    A notebook of which half was run, and then stopped, no longer shows the claims of its rest.
    """
    try:
        listed = json.loads((folder / "appendix" / "claims.json").read_text(encoding="utf-8"))
        names = [entry["chapter"] for entry in listed]
    except (OSError, ValueError, TypeError, KeyError):
        return {}
    return {name: names.count(name) for name in set(names)}


def next_step(chapters):
    """One sentence: what to do next, from the last chapter that shows a trace of work."""
    begun = [chapter for chapter in chapters if chapter.again or chapter.attempted]
    if not begun:
        first = chapters[0]
        return (
            f"Next: chapter {first.number}, {first.title}; `.venv/bin/python -m rnncourse "
            "placement` says whether to start later."
        )
    last = begun[-1]
    if not (last.is_run or last.attempted):
        rest = f"{last.again} of {last.claims} claims re-run"
        return f"Next: the rest of chapter {last.number}, {last.title} ({rest})."
    later = [chapter for chapter in chapters if chapter.name > last.name]
    if last.open:
        return _exercise(last, last.open[0])
    if later:
        return f"Next: chapter {later[0].number}, {later[0].title}."
    left = [(chapter, name) for chapter in chapters for name in chapter.open]
    return _exercise(*left[0]) if left else "All is solved that a check can mark."


def _exercise(chapter, name):
    title = chapter.exercises.get(name, ("",))[0]
    return f"Next: exercise {name}{f', {title}' if title else ''}."
