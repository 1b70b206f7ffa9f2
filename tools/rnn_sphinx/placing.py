"""The page that says where to start: the questions of the placement test, from the quizzes."""

import json
from pathlib import Path

import nbformat

import measured
from rnncourse import placement

PAGE = "appendix/where_to_start"
PLACE = "% questions"


def complete_page(app, docname, source):
    """Put the questions where the page has a place for them; note what they are made from."""
    if docname != PAGE:
        return
    folder = Path(app.srcdir) / "chapters"
    blocks = placement.draw(folder)
    for block in blocks:
        for chapter, _ in block.asked:
            app.env.note_dependency(str(folder / f"{chapter.name}.ipynb"))
    source[0] = source[0].replace(PLACE, questions(blocks, folder))


def questions(blocks, folder):
    """All questions as MyST: answers to unfold, and what a script needs to count them."""
    parts = [_block(block, folder) for block in blocks]
    known = [
        {
            "chapters": [
                [*chapter, f"../chapters/{chapter.name}.html"] for chapter in one.chapters
            ],
            "asked": [chapter.number for chapter, _ in one.asked],
        }
        for one in blocks
    ]
    data = json.dumps({"blocks": known, "last": placement.LAST}).replace("</", "<\\/")
    script = f'<script type="application/json" id="rnn-placement">{data}</script>'
    return "\n".join([*parts, f"```{{raw}} html\n{script}\n```\n"])


def _block(block, folder):
    first, last = block.chapters[0].number, block.chapters[-1].number
    asked = [_question(chapter, question, folder) for chapter, question in block.asked]
    return "\n".join([f"## Chapters {first} to {last}\n", *asked])


def _question(chapter, question, folder):
    book = nbformat.read(folder / f"{chapter.name}.ipynb", as_version=4)
    options = [_option(option, chapter, book) for option in question.options]
    unknown = f"::::{{dropdown}} {placement.UNKNOWN}\n{placement.FAIR}\n::::\n"
    return "\n".join(
        [":::::{div} rnn-asked", f"**{question.text}**\n", *options, unknown, ":::::\n"]
    )


def _option(option, chapter, book):
    place = measured.place(book, chapter.name, option)
    link = f"[chapter {chapter.number}, {option.heading}](#{place})"
    mark = "✓" if option.right else "✗"
    return f"::::{{dropdown}} {option.text}\n{mark} {option.says} See {link}.\n::::\n"
