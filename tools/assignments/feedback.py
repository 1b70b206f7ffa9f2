"""A page for each student: points, what was wrong in words, and the graded cells.

nbgrader's own page loads scripts from other hosts. This one loads nothing: it has no script, and
its first line forbids every request, whatever a submission may have printed.
"""

import html
import os
import re

import nbformat
from nbconvert.filters import ansi2html

from assignments import records
from assignments.course import gradebook

CODE = re.compile(r"`([^`]+)`")
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto;
  padding: 0 1rem; color: #1a1a1a; background: #fff; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; vertical-align: top; padding: .3rem .6rem;
  border-bottom: 1px solid #ccc; }}
td.points {{ white-space: nowrap; }}
pre {{ background: #f4f4f4; padding: .6rem; overflow-x: auto; }}
pre.output {{ background: #fff; border-left: 3px solid #767676; }}
img {{ max-width: 100%; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{student}: {total:g} of {whole:g} points</p>
{notes}<table>
<tr><th scope="col">Exercise</th><th scope="col">Points</th><th scope="col">What was found</th></tr>
{table}
</table>
{cells}
</body>
</html>
"""


def write_all(course, assignment):
    """Write the pages of everybody who has been graded."""
    rows = records.rows(course, assignment)
    with gradebook(course / "gradebook.db") as book:
        for student, record in records.load(course, assignment).items():
            submitted = book.find_submission_notebook(assignment, assignment, student)
            remarks = {c.name: c.comment for c in submitted.comments if c.comment}
            mine = [row for row in rows if row["student"] == student]
            path = course / "autograded" / student / assignment / f"{assignment}.ipynb"
            graded = nbformat.read(path, as_version=4) if path.exists() else None
            target = course / "feedback" / student / assignment / f"{assignment}.html"
            records.write(target, page(record, mine, graded, remarks))


def page(record, rows, graded=None, remarks=None):
    """The page of one student.

    Args:
        record: from `records.load`.
        rows: this student's from `records.rows`.
        graded: the graded notebook; None if there was none to grade.
        remarks: what people wrote: {name of the cell: text}.
    """
    return PAGE.format(
        title=html.escape(record["assignment"].replace("_", " ")),
        student=html.escape(record["student"]),
        total=rows[0]["total"] if rows else 0,
        whole=sum(row["max"] for row in rows),
        notes="".join(f"<p>{html.escape(note)}</p>\n" for note in record["notes"]),
        table="\n".join(map(_row, rows)),
        cells="\n".join(_cells(graded, remarks or {})),
    )


def _row(row):
    """One exercise in the table."""
    points = "–" if row["points"] is None else f"{row['points']:g}"
    told = row["diagnosis"] or ("right" if row["points"] == row["max"] else "")
    told = CODE.sub(r"<code>\1</code>", html.escape(told))
    return (
        f'<tr><th scope="row">{html.escape(row["exercise"])}</th>'
        f'<td class="points">{points} of {row["max"]:g}</td><td>{told}</td></tr>'
    )


def _cells(graded, remarks):
    """What the student wrote, with what it showed; what was given is left out."""
    for cell in graded.cells if graded else []:
        marks = cell.metadata.get("nbgrader", {})
        remark = remarks.get(marks.get("grade_id"))
        is_own = not marks.get("locked") and (cell.cell_type == "code" or marks)
        if is_own and cell.source.strip() and not cell.source.startswith("hint("):
            name = marks.get("grade_id")
            if name:
                yield f"<h2>{html.escape(records.exercise_of(name))}</h2>"
            yield f"<pre>{html.escape(cell.source)}</pre>"
            yield from map(_output, cell.get("outputs", []))
        if remark:
            yield f"<p><strong>Remark:</strong> {html.escape(remark)}</p>"


def _output(output):
    """One output: text or a picture, never HTML or a script of the submission's."""
    if output.output_type == "stream":
        return _text(output.text)
    if output.output_type == "error":
        return _text(os.linesep.join(output.traceback) or f"{output.ename}: {output.evalue}")
    if "image/png" in output.data:
        picture = html.escape("".join(output.data["image/png"].split()))
        return f'<img alt="a figure of the submission" src="data:image/png;base64,{picture}">'
    return _text(output.data.get("text/plain", ""))


def _text(text):
    """Text as a terminal shows it."""
    return f'<pre class="output">{ansi2html(text)}</pre>' if text.strip() else ""
