"""The machine that looks back: arrows as wide as the weights, contexts that are their means."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch

from rnncourse import plotting
from rnncourse.plotting.attending import WIDEST

SOURCE, TARGET = ["forty", "two", ",", "<pad>"], ["zwei", "und", "vierzig"]
ALPHA = np.array([[0.04, 0.9, 0.06, 0.0], [1.0, 0.0, 0.0, 0.0], [0.5, 0.3, 0.2, 0.0]])
K, H = np.linspace(-1, 1, 8).reshape(4, 2), np.full((3, 2), 0.5)
MASK = [True, True, True, False]


def draw(ax, **changes):
    arguments = {"alpha": ALPHA, "k": K, "h": H, "source": SOURCE, "target": TARGET, "mask": MASK}
    return plotting.looking_back(ax, **(arguments | changes))


def weighted(ax):
    """Widths of the arrows of weights, row by row of alpha from the lightest to the heaviest."""
    color = to_rgba(plotting.COLOR["attention"])
    arrows = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    return [arrow.get_linewidth() for arrow in arrows if arrow.get_edgecolor() == color]


def circles(ax):
    return [p for p in ax.patches if isinstance(p, Circle)]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_words_and_the_pieces_are_written_and_the_axes_are_gone(ax):
    assert draw(ax) is ax
    assert set(SOURCE + TARGET) <= set(texts(ax))
    assert not ax.axison


def test_an_arrow_is_as_wide_as_its_weight_and_a_hairline_at_least(ax):
    draw(ax)
    expected = np.maximum(WIDEST * np.sort(ALPHA[:, :3], axis=1), 0.5)
    assert np.allclose(weighted(ax), expected.ravel())


def test_the_larger_weights_are_written_and_only_those(ax):
    draw(ax, least=0.25)
    assert [t for t in texts(ax) if t.replace(".", "").isdigit()] == [".90", "1.00", ".30", ".50"]


def test_a_context_has_the_colours_of_the_mean_under_its_weights(ax):
    draw(ax)
    lowest, second, _ = sorted({circle.center[1] for circle in circles(ax)})
    for height, values in ((lowest, K[:3]), (second, ALPHA @ K)):  # between -1 and 1
        found = [c.get_facecolor() for c in circles(ax) if c.center[1] == height]
        assert np.allclose(found, plt.get_cmap(plotting.SIGNED)((values.ravel() + 1) / 2))


def test_padding_is_greyed_without_units_and_says_that_it_weighs_nothing(ax):
    draw(ax)
    frames = [p for p in ax.patches if isinstance(p, FancyBboxPatch) and p.get_hatch()]
    assert len(frames) == 1
    assert texts(ax).count("weight 0") == 1
    assert len(circles(ax)) == 3 * 2 + 2 * 3 * 2


def test_weight_that_leaks_onto_padding_is_drawn(ax):
    leaking = ALPHA + [[-0.04, 0, 0, 0.04], [0, 0, 0, 0], [0, 0, 0, 0]]
    draw(ax, alpha=leaking)
    assert "weight 0" not in texts(ax)
    assert len(weighted(ax)) == 3 * 3 + 1


def test_the_word_that_goes_in_first_is_written_if_it_is_given(ax):
    draw(ax)
    without = len(ax.patches)
    ax.clear()
    assert "<start>" in texts(draw(ax, before="<start>"))
    assert len(ax.patches) == without + 2  # its arrow, and that of the state


def test_rows_may_bear_other_names(ax):
    draw(ax, names={"k": "keys"})
    assert "keys" in texts(ax)
    assert "encoder\nstates k" not in texts(ax)


@pytest.mark.parametrize("before", [None, "<start>", "hundert"])
def test_no_two_texts_overlap_at_the_size_of_a_page(before):
    plotting.house_style()
    fig, ax = plotting.figure(4.2)
    long = ["seventy", "seven", "hundred", "<pad>"]
    draw(ax, source=long, target=["siebzehn", "hundert", "achtzig"], before=before)
    fig.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts]
    assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[:n] if a.overlaps(b)]
    page = fig.bbox
    assert all(page.x0 <= b.x0 and b.x1 <= page.x1 and b.y1 <= page.y1 for b in boxes)
    plt.close(fig)


def test_one_word_one_step_and_one_unit_are_enough(ax):
    one = np.ones((1, 1))
    plotting.looking_back(ax, one, one, 0 * one, ["two"], ["zwei"])
    assert len(circles(ax)) == 3
    assert weighted(ax) == [WIDEST]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": ALPHA * np.nan}, "alpha: expected finite numbers"),
        ({"alpha": ALPHA[0]}, r"alpha: expected weights \(T, S\)"),
        ({"alpha": ALPHA / 2}, "alpha: expected weights .* sum of 1, got .* sums"),
        ({"alpha": ALPHA - [[0.5, -0.5, 0, 0]]}, "alpha: expected weights .* at least 0"),
        ({"k": K[:3]}, r"k: expected \(S, H\) with S = 4 as in alpha, got shape \(3, 2\)"),
        ({"h": H[:, :1]}, r"h: expected \(T, H\) = \(3, 2\), got shape \(3, 1\)"),
        ({"source": TARGET}, "source: expected 4, as alpha"),
        ({"target": SOURCE}, "target: expected 3, as alpha"),
        ({"mask": MASK[:2]}, "mask: expected 4, as alpha"),
    ],
)
def test_what_does_not_fit_is_refused(ax, change, message):
    with pytest.raises(ValueError, match=message):
        draw(ax, **change)
