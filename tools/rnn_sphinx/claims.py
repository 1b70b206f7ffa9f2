"""Outputs that consist of claims or verdicts become lists of sentences."""

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

MARKS = {"✓": "holds", "✗": "fails", "○": "open", "–": "not-applicable"}


class Claims(SphinxPostTransform):
    """Outputs that consist of claims or verdicts become lists of sentences."""

    default_priority = 190  # after MyST-NB chose which form of an output is shown
    formats = ("html",)

    def run(self, **kwargs):
        for block in list(self.document.findall(nodes.literal_block)):
            lines = block.astext().strip("\n").split("\n")
            if "output" in block["classes"] and lines[0][:2].rstrip() in MARKS:
                items = sentences(lines)
                if items:
                    self.show(block, _claim_list(items, aligned=_is_table(lines)))

    def show(self, block, claims):
        """Put the list in the block's place, or at the end of the list just before."""
        place = block.parent.index(block)
        before = block.parent[place - 1] if place else None
        if before is not None and set(claims["classes"]) <= set(before["classes"]):
            before.extend(claims.children)
            block.parent.remove(block)
        else:
            block.replace_self(claims)


def sentences(lines):
    """Lines as (mark, text) with indented lines joined on; None when one is of another kind."""
    items = []
    for line in lines:
        if line[:1] in MARKS and line[1:2] in (" ", ""):
            items.append((line[0], line[2:]))
        elif items and (not line.strip() or line.startswith(" ")):
            items[-1] = (items[-1][0], items[-1][1] + "\n" + line.rstrip())
        else:
            return None
    return items


def _is_table(lines):
    """Whether runs of blanks align columns, which only a fixed-width font shows."""
    return any(re.search(r"\S {2,}\S", line) for line in lines)


def _claim_list(items, aligned):
    claims = nodes.bullet_list(classes=["rnn-claims"] + ["rnn-aligned"] * aligned)
    for mark, text in items:
        line = nodes.line_block() if "\n" in text else nodes.paragraph()
        for part in text.split("\n"):
            target = nodes.line() if "\n" in text else line
            if not line.children:
                target += nodes.inline(text=mark, classes=["rnn-mark"])
                target += nodes.Text(" ")
            target += nodes.Text(part)
            if target is not line:
                line += target
        claims += nodes.list_item("", line, classes=[MARKS[mark]])
    return claims
