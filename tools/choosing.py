"""The slides of a lesson, one after the other, resolved from what its entries choose."""

from dataclasses import dataclass, field

import ledger
from quotable import NotThere
from slides.numbers import in_short

MOST = {"say": 60, "result": 40, "believe": 80}  # words on a slide
LINES = 12  # of code on a slide
NUMBERS = 70  # letters of measured numbers below a claim
IN_A_ROW = 2  # results that one guess may open
BELIEVE = "What to believe"


@dataclass
class Slide:
    """One slide, resolved: all that is on it comes from the chapter.

    Attributes:
        kind: "title", "section", "say", "guess", "quiz", "result", "answer", "believe" or
            "exercises".
        title: Markdown; "" where the kind says it all.
        section: the heading of the part of the deck that the slide belongs to.
        say: sentences, as Markdown.
        equation: TeX, without dollar signs.
        code: Python.
        output: lines that a cell printed.
        figure: a `quotable.Figure`.
        claims: the sentences that were measured.
        measured: {claim: its numbers, in short}.
        question: a `quizzes.Question`.
        settles: the question that these results answer, if no slide of its own does.
        notes: for the speaker: the paragraphs behind the slide, the numbers behind its claims.
        origins: the headings below which its sentences, figure and claims stand in the chapter.
    """

    kind: str
    title: str = ""
    section: str = ""
    say: list = field(default_factory=list)
    equation: str = ""
    code: str = ""
    output: str = ""
    figure: object = None
    claims: list = field(default_factory=list)
    measured: dict = field(default_factory=dict)
    question: object = None
    settles: object = None
    notes: list = field(default_factory=list)
    origins: set = field(default_factory=set)


class Reader:
    """Turns the entries of a lesson into slides, one after the other; notes what is wrong."""

    def __init__(self, chapter, quiz):
        self.chapter, self.quiz, self.problems = chapter, quiz, []
        self.section, self.count, self.open = chapter.title, 1, 0  # results that may follow
        self.origins = set()

    def slide(self, entry):
        """The slide of one entry; an empty one if something in it is not there."""
        self.count, self.origins = self.count + 1, set()
        kinds = [kind for kind in KINDS if kind in entry]
        try:
            if not kinds:
                raise NotThere(f"expected one of {', '.join(KINDS)}, got {sorted(entry)}")
            kind = kinds[0]
            self.open = {"guess": IN_A_ROW, "quiz": IN_A_ROW, "result": self.open - 1}.get(kind, 0)
            slide = KINDS[kind](self, entry)
            slide.title = slide.title or self._title(entry)
            slide.section = self.section
            shown = [*slide.claims, *([slide.figure.name] if slide.figure else [])]
            slide.origins = self.origins | {self.chapter.places[one] for one in shown}
            self._check(slide)
            return slide
        except (NotThere, TypeError, KeyError, IndexError) as error:
            self.problem(f"{(kinds or ['?'])[0]}: {error}")
            return Slide("say")

    def problem(self, sentence):
        self.problems.append(f"slide {self.count}, {sentence}")

    def _title(self, entry):
        title = entry.get("title", self.section)
        if title not in (self.section, *self.chapter.headings):
            self.chapter.quote(title)
        return title

    def _check(self, slide):
        words = sum(len(text.split()) for text in slide.say)
        most = MOST.get(slide.kind, MOST["say"])
        if words > most:
            self.problem(f"{slide.kind}: {words} words; at most {most}")
        if len(slide.say) > 5:
            self.problem(f"{slide.kind}: {len(slide.say)} quotations; at most 5")
        for kind, text in (("code", slide.code), ("output", slide.output)):
            if (count := len(text.split("\n"))) > LINES:
                self.problem(f"{kind}: {count} lines; at most {LINES}")

    def _quotes(self, texts):
        """The quotations as they stand, and the paragraphs behind them, each once."""
        texts = [texts] if isinstance(texts, str) else list(texts)
        if wrong := [text for text in texts if not isinstance(text, str)]:
            raise NotThere(f"expected quotations, got {wrong[0]!r}: a colon wants quotes in YAML")
        found = [self.chapter.quote(text) for text in texts]
        self.origins |= {paragraph.section for paragraph in found}
        return texts, list(dict.fromkeys(paragraph.text for paragraph in found))

    def divider(self, entry):
        self.section = self.chapter.section(entry["section"])
        return Slide("section", self.section, notes=self.chapter.within(self.section)[:1])

    def said(self, entry):
        say, notes = self._quotes(entry.get("say", []))
        slide = Slide("say", say=say, notes=notes)
        if "equation" in entry:
            slide.equation = self.chapter.equation(entry["equation"])
        if "code" in entry:
            slide.code = self.chapter.code(entry["code"], entry.get("to"))
        if "code" in entry and "output" in entry:
            raise NotThere("code and output: one of them on a slide")
        slide.output = self._printed(entry)
        return slide

    def _printed(self, entry):
        return self.chapter.output(entry["output"], entry.get("to")) if "output" in entry else ""

    def guess(self, entry):
        say, notes = self._quotes(entry["guess"])
        if not say[-1].rstrip("*").endswith("?"):
            raise NotThere(f"a guess is a question, this is none: {say[-1]!r}")
        return Slide("guess", "Guess first", say=say, notes=notes)

    def asked(self, entry):
        question = self._question(entry["quiz"])
        return Slide("quiz", question.text, question=question, notes=[_key(question)])

    def answered(self, entry):
        question = self._question(entry["answer"])
        notes = [f"{option.text}: {option.says}" for option in question.options]
        return Slide("answer", question.text, question=question, notes=notes)

    def result(self, entry):
        if self.open < 0:
            raise NotThere("a guess or a quiz question has to come before a result")
        found = entry["result"]
        say, notes = self._quotes(found.get("say", []))
        claims = [self.chapter.claim(text) for text in found.get("claims", [])]
        figure = self.chapter.figure(found["figure"]) if "figure" in found else None
        output = self._printed(found)
        if not (claims or figure or output) or len(claims) > 3 or (figure and output):
            raise NotThere("a result is a figure or an output, one to three claims, or both")
        notes += [figure.caption] if figure and figure.caption not in notes else []
        notes += [f"{text}: {ledger.in_short(self.chapter.claims[text])}" for text in claims]
        slide = Slide("result", self._title(found), say=say, figure=figure, claims=claims)
        slide.output = output
        if not figure:  # which shows them better
            numbers = self.chapter.claims
            slide.measured = {text: in_short(numbers[text], NUMBERS) for text in claims}
        slide.notes = notes
        return slide

    def believed(self, entry):
        bullets = self.chapter.within(BELIEVE)
        say = [bullets[number - 1] for number in entry["believe"]]
        return Slide("believe", BELIEVE, say=say, notes=[])

    def _question(self, number):
        if not 1 <= number <= len(self.quiz):
            raise NotThere(f"no question {number}; the quiz has {len(self.quiz)}")
        return self.quiz[number - 1]


# in this order: an entry is of the first kind that it names
KINDS = {
    "section": Reader.divider,
    "guess": Reader.guess,
    "quiz": Reader.asked,
    "answer": Reader.answered,
    "result": Reader.result,
    "believe": Reader.believed,
    "code": Reader.said,
    "equation": Reader.said,
    "output": Reader.said,
    "say": Reader.said,
}


def _key(question):
    """The right answer, for the speaker."""
    right = question.options[question.right]
    return f"Right is {'ABCD'[question.right]}: {right.text}. {right.says}"
