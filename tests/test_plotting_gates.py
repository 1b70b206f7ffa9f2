"""The drawing of the LSTM's cell, and gates as strips."""

import numpy as np
import pytest

from rnncourse import plotting


def test_the_drawing_names_every_gate_and_both_states(ax):
    plotting.lstm_cell(ax)
    texts = {text.get_text() for text in ax.texts}
    assert {"$f$", "$i$", "$g$", "$o$", "$x_t$", "$h_t$", "$c_t$", "$c_{t-1}$"} <= texts
    assert not ax.axison


def test_a_strip_holds_the_values_of_its_row(ax):
    rows = {"mark": [1, 0, 0, 1, 0, 0, 0], "f": np.linspace(0, 1, 7), "cell": -np.ones(7)}
    assert plotting.strips(ax, rows, colorbar=False) is ax
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array(), np.stack(list(rows.values())))
    assert [label.get_text() for label in ax.get_yticklabels()] == list(rows)
    assert image.get_clim() == (-1, 1)


def test_strips_of_unequal_length_nan_or_nothing_are_refused(ax):
    with pytest.raises(ValueError, match="rows: expected at least one"):
        plotting.strips(ax, {})
    with pytest.raises(ValueError, match=r"rows\['f'\]: expected finite numbers"):
        plotting.strips(ax, {"f": [0.5, np.nan]})
    with pytest.raises(ValueError, match="rows: expected rows of T values each"):
        plotting.strips(ax, {"f": [0.5, 1], "i": [0.5, 1, 0]})
    with pytest.raises(ValueError, match="rows: expected rows of T values each"):
        plotting.strips(ax, {"f": np.ones((3, 7))})
