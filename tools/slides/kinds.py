"""How each kind of slide looks: a `teaching.Slide` as the HTML of a section."""

import html
import re

from slides import code, maths, sizes
from slides.words import in_notes, on_slide, raised, unbroken

ABOVE = {"quiz": "Question {}: show of hands", "answer": "Answer {}", "believe": ""}
BACKGROUND = {"section": "var(--divider)", "guess": "var(--tint)"}
KEYS = "→ next slide · S notes for the speaker · F1 all keys"


def section(slide, chapter):
    """A slide as HTML.

    Args:
        slide: a `teaching.Slide`.
        chapter: the name of its chapter, "04_a_loop_with_a_memory".
    """
    notes = "".join(f"<p>{in_notes(text, chapter)}</p>" for text in slide.notes)
    colour = BACKGROUND.get(slide.kind)
    background = f' data-background-color="{colour}"' if colour else ""
    return f"""<section class="{slide.kind}"{background}>
<div class="sheet">
{_LAYOUTS[slide.kind](slide, chapter)}
</div>
<aside class="notes">{notes}</aside>
</section>
"""


# ------------------------------------------------------------------------------ whole slides


def _opening(slide, chapter):
    lead = _paragraphs(slide.say, chapter, sizes.largest(slide.say, 260, most=34))
    return f"""<p class="above">Chapter {int(chapter[:2])}</p>
<h2>{on_slide(slide.title, chapter)}</h2>
{lead}
<p class="foot"><a href="../chapters/{chapter}.html">read the chapter</a> · {KEYS}</p>"""


def _divider(slide, chapter):
    return f"<h2>{on_slide(slide.title, chapter)}</h2>"


def _said(slide, chapter):
    head, room = _head(slide, chapter)
    parts = []
    if slide.equation:
        most = 38 if slide.code else 56
        size = sizes.equation(slide.equation, room - sizes.height(slide.say, 30), most)
        parts.append(_equation(slide.equation, size))
        room -= size * maths.height(slide.equation) + 2 * sizes.BETWEEN
    if text := slide.code or slide.output:
        block, room = _typed(text, _code if slide.code else _output, slide.say, room)
        parts.append(block)
    size = sizes.largest(slide.say, room, most=34 if parts else 44)
    return "\n".join([head, _paragraphs(slide.say, chapter, size), *parts])


def _guess(slide, chapter):
    size = sizes.largest(slide.say, 420, most=50)
    head = f"<h2>{on_slide(slide.title, chapter)}</h2>"
    return head + _paragraphs(slide.say, chapter, size)


def _quiz(slide, chapter):
    head, room = _head(slide, chapter, most=40, count=3)
    texts = [option.text for option in slide.question.options]
    size = sizes.largest(texts, room - 12 * len(texts), sizes.WIDTH - 96, most=36)
    return head + _options(slide, size, lambda option: on_slide(option.text, chapter))


def _answer(slide, chapter):
    head, room = _head(slide, chapter, most=36, count=3)
    texts = [option.text for option in slide.question.options]
    texts.append(slide.question.options[slide.question.right].says)
    size = sizes.largest(texts, room - 12 * len(texts), sizes.WIDTH - 96, most=34)

    def shown(option):
        text = on_slide(option.text, chapter)
        if not option.right:
            return f'{text} <span class="unseen">(wrong)</span>'
        says = on_slide(option.says, chapter)
        return f'<strong>{text}</strong> <span class="unseen">(right)</span><p>{says}</p>'

    return head + _options(slide, size, shown)


def _result(slide, chapter):
    head, room = _head(slide, chapter, most=40 if slide.figure else 46)
    claims = [f"{text} {slide.measured.get(text, '')}" for text in slide.claims]
    texts = [*claims, *slide.say, *_settled(slide)]
    if slide.output:
        block, room = _typed(slide.output, _output, texts, room)
        head += block
    if not slide.figure:
        return head + _facts(slide, chapter, sizes.largest(texts, room, sizes.WIDTH - 60))
    plate = sizes.plate(slide.figure.png, texts, room)
    image = (
        f'<img src="figures/{slide.figure.name}.png" alt="{html.escape(slide.figure.alt)}" '
        f'width="{plate.width}" height="{plate.height}">'
    )
    facts = _facts(slide, chapter, plate.type) if texts else ""
    place = "beside" if plate.beside else "below"
    return f'{head}<div class="shown {place}">{image}{facts}</div>'


def _believe(slide, chapter):
    head, room = _head(slide, chapter)
    size = sizes.largest(slide.say, room, sizes.WIDTH - 50, most=36)
    items = "".join(f"<li>{on_slide(text, chapter)}</li>" for text in slide.say)
    return f'{head}<ul class="text" style="font-size: {size}px">{items}</ul>'


def _exercises(slide, chapter):
    head, room = _head(slide, chapter)
    rows = [row.split(" · ") for row in slide.say]
    size = min(32, int(room / (len(rows) + 2) / 1.75))
    body = "".join(
        "<tr>" + "".join(f"<td>{on_slide(cell, chapter)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"""{head}<table style="font-size: {size}px">
<thead><tr><th>No.</th><th>Exercise</th><th>Level</th><th>Minutes</th></tr></thead>
<tbody>{body}</tbody></table>
<p class="foot"><a href="../exercises/solutions/{chapter}.html">the exercises</a></p>"""


_LAYOUTS = {
    "title": _opening,
    "section": _divider,
    "say": _said,
    "guess": _guess,
    "quiz": _quiz,
    "answer": _answer,
    "result": _result,
    "believe": _believe,
    "exercises": _exercises,
}


# -------------------------------------------------------------------------------- their parts


def _head(slide, chapter, most=46, count=2):
    """The title with what stands above it, and the pixels that are left below."""
    size, room = sizes.title(slide.title, most, count)
    title = f'<h2 style="font-size: {size}px">{on_slide(raised(slide.title), chapter)}</h2>'
    return _above(slide) + title, room - (34 if _above(slide) else 0)


def _above(slide):
    """A small line above the title: what is asked of the audience, or the section."""
    line = ABOVE.get(slide.kind, slide.section if slide.section != slide.title else "")
    line = line.format(slide.question.number) if slide.question else line
    return f'<p class="above">{html.escape(line, quote=False)}</p>' if line else ""


def _paragraphs(texts, chapter, size):
    shown = "".join(f"<p>{on_slide(raised(text), chapter)}</p>" for text in texts)
    return f'<div class="text" style="font-size: {size}px">{shown}</div>' if texts else ""


def _facts(slide, chapter, size):
    """What was measured, as a list, what else is said of it, and which answer that makes right."""
    items = "".join(f"<li>{_claim(text, slide.measured)}</li>" for text in slide.claims)
    claims = f'<ul class="claims" style="font-size: {size}px">{items}</ul>' if items else ""
    said = _paragraphs([*slide.say, *_settled(slide)], chapter, size)
    return f'<div class="facts">{claims}{said}</div>'


def _claim(text, measured):
    """A claim with its numbers, small, as HTML."""
    short = html.escape(measured.get(text, ""), quote=False)
    small = f' <small class="measured">{short}</small>' if short else ""
    shown = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    return unbroken(shown) + small


def _settled(slide):
    """The answer that the results make right, as Markdown, in a list."""
    if not slide.settles:
        return []
    right = slide.settles.right
    text = "" if slide.figure else f": {slide.settles.options[right].text}"
    return [f"**{'ABCD'[right]} is right**{text}"]


def _options(slide, size, show):
    marks = {True: "right", False: "wrong"}
    items = "".join(
        f'<li class="{marks[option.right] if slide.kind == "answer" else "open"}">'
        f'<span class="letter">{letter}</span><div>{show(option)}</div></li>'
        for letter, option in zip("ABCD", slide.question.options, strict=False)
    )
    return f'<ul class="options" style="font-size: {size}px">{items}</ul>'


def _equation(tex, size):
    return f'<div class="equation" style="font-size: {size}px">{maths.display(tex)}</div>'


def _typed(text, show, others, room):
    """Lines of code or of a print in the largest type that fits, and the pixels left below."""
    rows = [len(row.rstrip()) for row in text.split("\n")]
    longest, count = max(rows), len(rows)
    high = room - sizes.height(others, 26, sizes.WIDTH - 60)
    size = int(min(32, (sizes.WIDTH - 60) / longest / 0.61, (high - 40) / count / 1.45))
    return show(text, size), room - count * 1.45 * size - 40 - sizes.BETWEEN


def _code(source, size):
    return f'<pre class="code" style="font-size: {size}px">{code.show(source)}</pre>'


def _output(text, size):
    return f'<pre class="output" style="font-size: {size}px">{html.escape(text, quote=False)}</pre>'
