"""Pictures of texts: streams in chunks, sizes that double, and a trade with its places."""

import numpy as np
import pytest

from rnncourse import plotting


def test_streams_show_every_symbol_and_an_arrow_where_a_row_goes_on(ax):
    assert plotting.streams(ax, ["to be\n", "or not"], T=2) is ax
    written = [text.get_text() for text in ax.texts]
    assert [name for name in written if name.startswith("chunk")] == [
        "chunk 1",
        "chunk 2",
        "chunk 3",
    ]
    assert "".join(written[-12:]) == "to·be↵or·not"
    assert written.count("") == 2 * 2  # arrows: two rows, two cuts
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b = 0", "b = 1"]


@pytest.mark.parametrize("rows", [["to be", "or"], ["to be"], ["t", "o"]])
def test_streams_refuse_rows_that_are_not_whole_chunks(ax, rows):
    with pytest.raises(ValueError, match="rows: expected strings of one length, a multiple of 2"):
        plotting.streams(ax, rows, T=2)


def test_doublings_begin_at_zero_and_leave_room_for_the_level(ax):
    assert plotting.doublings(ax, [1, 2, 4], [3, 2, 1], "lstm", 5, "people") is ax
    assert ax.get_ylim() == pytest.approx((0, 1.15 * 5))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "2", "4"]
    assert [text.get_text() for text in ax.texts] == ["people"]


@pytest.mark.parametrize("x", [[1, 2], [0, 1, 2], [[1, 2, 4]]])
def test_doublings_refuse_sizes_that_do_not_fit(ax, x):
    with pytest.raises(ValueError, match="x: expected positive sizes"):
        plotting.doublings(ax, x, [3, 2, 1], "lstm")


def test_a_trade_draws_its_curves_with_different_marks_and_names_its_places(ax):
    curves = {"one": [(0.1, 1.0), (0.5, 2.0)], "other": [(0.2, 1.0), (0.5, 3.0)]}
    plotting.trade(ax, curves, {"people": ((0.4, 2.0), "*", "data")})
    one, other, star = ax.lines
    assert np.array_equal(one.get_xydata(), curves["one"])
    assert one.get_marker() != other.get_marker()
    assert one.get_color() != other.get_color()
    assert np.array_equal(star.get_xydata(), [(0.4, 2.0)])
    assert [text.get_text() for text in ax.texts] == ["people"]


def test_a_trade_refuses_what_is_no_place_and_a_fifth_curve(ax):
    with pytest.raises(ValueError, match=r"one: expected places \(n, 2\), got"):
        plotting.trade(ax, {"one": [1.0, 2.0]}, {})
    with pytest.raises(ValueError, match="curves: expected at most four, got 5"):
        plotting.trade(ax, dict.fromkeys("abcde", [(1.0, 2.0)]), {})
