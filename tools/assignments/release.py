"""The learner's version: the course's own gaps in the place of nbgrader's "YOUR CODE HERE"."""

from nbgrader.preprocessors import NbGraderPreprocessor

from assignments.building import content
from notebooks import sources


class CourseGaps(NbGraderPreprocessor):
    """Leave gaps where solutions were, as in the notebooks of the course; drop what explains them.

    It stands in the place of nbgrader's ClearSolutions, which knows one gap for all.
    """

    def preprocess(self, nb, resources):
        """Open the gaps, and note which version of the teacher's notebook this is."""
        nb.metadata["rnncourse"] = {"made_from": content(nb)}
        nb.cells = [cell for cell in map(sources.stub_cell, nb.cells) if cell is not None]
        return nb, resources
