"""Give a submission back the cells that it must have, in the place where they were."""

from nbgrader.preprocessors import OverwriteCells


class MendCells(OverwriteCells):
    """nbgrader's OverwriteCells, which restores changed cells, for deleted ones as well.

    nbgrader knows how to add test cells that are gone, but not where to, once a cell that the
    learner was given is gone too; and the given ones it does not add.
    """

    def add_missing_grade_cells(self, nb, resources):
        """Add what is locked or graded behind the cell that it followed; answers stay deleted.

        Where no cell can be recognised, everything goes to the end: the answers stand before.
        """
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        worth = {cell.name: cell.max_score for cell in source.grade_cells}
        by_hand = {cell.name for cell in source.solution_cells} & set(worth)
        known = {cell.name for cell in source.source_cells}
        at = -1 if known & set(map(_name_of, nb.cells)) else len(nb.cells) - 1
        for cell in source.source_cells:
            here = next((i for i, c in enumerate(nb.cells) if _name_of(c) == cell.name), None)
            if here is not None:
                at = here
            elif cell.locked or cell.name in by_hand:
                at += 1
                nb.cells.insert(at, self._again(cell, worth.get(cell.name), cell.name in by_hand))
        return nb, resources

    def _again(self, cell, points, by_hand):
        """A cell of the released assignment, unchanged, so that it counts as it did there."""
        added = self.missing_cell_transform(cell, points or 0, is_solution=by_hand)
        added.source = cell.source
        if points is None:
            added.metadata["nbgrader"]["grade"] = False
            del added.metadata["nbgrader"]["points"]
        return added


def _name_of(cell):
    """The name under which nbgrader knows a cell, None if it does not."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")
