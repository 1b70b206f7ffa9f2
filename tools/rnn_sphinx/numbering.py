"""Chapters keep the numbers of their files: Fig. 4.2 is in `04_...`, whatever is missing."""

import re

from docutils import nodes

CHAPTER = re.compile(r"chapters/(\d\d)_\w+$")


def number_by_file(collector):
    """Give `chapters/04_...` the number 4, instead of its place in the table of contents."""
    count = collector.assign_section_numbers

    def assign_section_numbers(self, env):
        changed = count(self, env)
        for docname, numbers in env.toc_secnumbers.items():
            if chapter := CHAPTER.match(docname):
                number = [int(chapter[1])]
                numbers[""] = tuple(number)
                env.titles[docname]["secnumber"] = number
                next(env.tocs[docname].findall(nodes.reference))["secnumber"] = number
        return changed

    collector.assign_section_numbers = assign_section_numbers
