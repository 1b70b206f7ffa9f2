"""Costs on logarithmic axes: a line for each, variants dotted, nonsense refused."""

import pytest

from rnncourse import plotting

COLORS = {"attention": "attention", "attention, fused": "attention", "GRU": "gru"}


def test_every_cost_has_its_line_and_a_variant_is_dotted_in_the_same_colour(ax):
    plotting.powers(ax, [1, 2], {name: [3, 6] for name in COLORS}, COLORS, ylabel="bytes")
    lines = {line.get_label(): line for line in ax.lines}
    assert list(lines) == list(COLORS)
    assert lines["attention, fused"].get_linestyle() == ":"
    assert lines["attention"].get_color() == lines["attention, fused"].get_color()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("length T", "bytes")
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize("wrong", [[1, 2, 3], [1, 0]])
def test_what_does_not_fit_is_refused(ax, wrong):
    with pytest.raises(ValueError, match="GRU: expected 2 positive numbers"):
        plotting.powers(ax, [1, 2], {"GRU": wrong}, COLORS)
