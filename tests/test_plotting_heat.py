"""A heat map of shares: every field says its number, and names that do not fit are refused."""

import numpy as np
import pytest

from rnncourse import plotting

VALUES = np.array([[0.0, 0.25, 0.5], [0.996, 1.0, 0.994]])
ROWS, COLUMNS = ["GRU", "rule"], [6, 9, 12]


def test_every_field_says_its_number(ax):
    plotting.heat(ax, VALUES, ROWS, COLUMNS)
    assert [t.get_text() for t in ax.texts] == [".00", ".25", ".50", "1.0", "1.0", ".99"]


def test_rows_and_columns_carry_their_names(ax):
    plotting.heat(ax, VALUES, ROWS, COLUMNS)
    assert [t.get_text() for t in ax.get_yticklabels()] == ROWS
    assert [t.get_text() for t in ax.get_xticklabels()] == ["6", "9", "12"]


def test_a_number_can_be_read_on_its_field(ax):
    plotting.heat(ax, VALUES, ROWS, COLUMNS)
    colours = {t.get_text(): t.get_color() for t in ax.texts}
    assert colours[".00"] == "white"
    assert colours["1.0"] == "black"


@pytest.mark.parametrize("values", [VALUES.T, VALUES[0]])
def test_names_that_do_not_fit_are_refused(ax, values):
    with pytest.raises(ValueError, match=r"values: expected shape \(2, 3\)"):
        plotting.heat(ax, values, ROWS, COLUMNS)


def test_what_is_no_share_is_refused(ax):
    with pytest.raises(ValueError, match="shares from 0 to 1"):
        plotting.heat(ax, 2 * VALUES, ROWS, COLUMNS)
