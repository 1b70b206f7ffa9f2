"""What is run, solved and open? Read from a learner's notebooks, which are never changed.

A notebook counts as it was last saved. A chapter counts as run when all its claims were re-run in
JupyterLab (or Notebook, or VS Code); an exercise is solved when its check said so, wherever.
"""

from pathlib import Path

from rnncourse.progress import page, report
from rnncourse.progress.chapters import collect


def main(folder, html=None):
    """Print the table and what it comes to; with `html`, a path, write the page as well.

    Returns:
        0, or 1 if there was nothing to read, something unreadable, or `html` is another's file.
    """
    if not Path(folder).is_dir():
        print(f"{folder}: there is no such folder; say where the notebooks are")
        return 1
    chapters, problems = collect(folder)
    for line in problems:
        print(line)
    if not chapters:
        print(f"{folder}: no notebooks of the course here")
        return 1
    print(report.table(chapters), "", *report.sentences(chapters), sep="\n")
    if html:
        try:
            page.save(html, chapters)
            print(f"Written: {html}")
        except OSError as error:
            print(error)
            return 1
    return int(bool(problems))
