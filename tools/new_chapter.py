"""Start a chapter and its exercises from templates: `make new NAME=06_why_memory_fades`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FRONT = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""

CHAPTER = (
    FRONT
    + """
# {title}

TODO: the question in one paragraph, and what the reader can do afterwards.

*Needs TODO · reads 40 min*

```{{code-cell}} ipython3
import matplotlib.pyplot as plt
import numpy as np

from rnncourse import plotting, seeds
from rnncourse.claims import claim, same

plotting.house_style()
rng = seeds.rng({number})
```

## The problem

TODO: a baseline that fails, with its number.

## The idea

TODO: in words, then the equation, then a cell with the same names, then the smallest case.

```{{code-cell}} ipython3
x = rng.normal(size=(3, 7, 4))
same("the same array", x, x)
```

## The experiment

TODO: the question. Guess first: what will the line do?

```{{code-cell}} ipython3
---
mystnb:
  figure:
    caption: TODO, what the figure shows, in one sentence that states the finding.
    name: fig-{nn}-first
  image:
    alt: TODO, what a blind reader must know of the axes, the trend and the numbers, in words.
---
fig, ax = plotting.figure()
ax.plot(np.abs(x).mean(axis=(0, 2)))
ax.set(xlabel="time step t", ylabel="mean size of x")
plt.show()
```

```{{code-cell}} ipython3
claim("the inputs are not all alike", x.std() > 0.5, spread=x.std())
```

## Where it breaks

TODO: a second experiment that makes it fail, measured.

## In PyTorch and Keras

TODO: a few lines each, the same numbers through `convert`.

## What to believe

- TODO: each point tied to the claim or the figure that supports it; say what was **not** shown.

## Test yourself

TODO: five to eight questions; STYLE.md has the form. A lesson in `teaching/` goes with them.

## Exercises

| | Exercise | Level | Minutes |
|---|---|---|---|
| {nn}.1 | TODO | ★ | 8 |

[Open the exercises](../exercises/{name}.ipynb).

## Sources

TODO: who did what, when; each with {{cite:p}} and its key in references.bib.
"""
)

EXERCISES = (
    FRONT
    + """
# Exercises: {title}

TODO: six exercises to chapter {nn}: trace, implement, predict and measure, repair, open-ended.
Each has a gap marked `...`, and below it a `check` that names what may have gone wrong.

```{{code-cell}} ipython3
from rnncourse.grading import check, hint
```

## {nn}.1 TODO

★ · 8 minutes · deepens the claim "TODO"

TODO: one sentence says what to do.

```{{code-cell}} ipython3
def double(x):
    \"\"\"Twice x (about 1 line).\"\"\"
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```{{code-cell}} ipython3
check("{nn}.1", double)
```

```{{code-cell}} ipython3
hint("{nn}.1")
```

+++ {{"tags": ["solution"]}}

TODO: what the solution teaches.
"""
)


def start(name, root=ROOT):
    """Write both sources.

    Args:
        name: two digits and words of the title, e.g. "06_why_memory_fades".
        root: the repository.

    Returns:
        The two paths.

    Raises:
        ValueError: if the name has another form, or its number or a file is taken.
    """
    if not re.fullmatch(r"\d\d_[a-z0-9]+(_[a-z0-9]+)*", name):
        raise ValueError(f"NAME: expected something like 06_why_memory_fades, got {name!r}")
    taken = sorted(root.glob(f"chapters/{name[:2]}_*.md")) + sorted(
        root.glob(f"exercises/{name[:2]}_*.md")
    )
    if taken:
        raise ValueError(f"NAME: there is {taken[0].relative_to(root)} already")
    words = {
        "name": name,
        "nn": name[:2],
        "number": int(name[:2]),
        "title": name[3:].replace("_", " ").capitalize(),
    }
    paths = root / "chapters" / f"{name}.md", root / "exercises" / f"{name}.md"
    for path, template in zip(paths, (CHAPTER, EXERCISES), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(template.format(**words), encoding="utf-8")
    return paths


def main(arguments):
    """Start the chapter named on the command line; returns the exit status."""
    if len(arguments) != 1:
        print("usage: make new NAME=06_why_memory_fades", file=sys.stderr)
        return 2
    try:
        chapter, exercises = start(arguments[0])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    nn = chapter.name[:2]
    print(f"""{chapter.relative_to(ROOT)} and {exercises.relative_to(ROOT)} are there. Next:
  1. write (STYLE.md); `make chapter NB={nn}` executes both
  2. rnncourse/grading/sheet_{nn}.py: the answer sheet of the exercises
  3. _toc.yml: chapters/{chapter.stem}, and below it exercises/solutions/{chapter.stem}
  4. references.bib: what the chapter cites
  5. `make robust NB={nn}`, then `make test`""")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
