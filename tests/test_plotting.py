"""Figures: the house style, what is drawn, and texts that neither overlap nor get cut."""

import io

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from rnncourse import plotting

T, D, H = 7, 4, 5


@pytest.fixture(autouse=True)
def _house():
    with matplotlib.rc_context():
        plotting.house_style()
        yield
    plt.close("all")


def drawn_texts(fig):
    """What is written in a figure, and where (ticks beyond the limits exist, but are not drawn)."""
    drawn, draw = {}, matplotlib.text.Text.draw

    def remember(text, renderer, *args, **options):
        if text.get_visible() and text.get_text().strip():
            drawn[text, text.get_text()] = text.get_window_extent(renderer)
        return draw(text, renderer, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matplotlib.text.Text, "draw", remember)
        fig.canvas.draw()
    return [(written, box) for (_, written), box in drawn.items()]


def assert_legible(fig):
    """No text leaves the figure, and no two of them share more than a pixel."""
    width, height = fig.canvas.get_width_height()
    texts = drawn_texts(fig)
    for text, box in texts:
        assert box.x0 >= -1, f"{text!r} is cut on the left"
        assert box.y0 >= -1, f"{text!r} is cut at the bottom"
        assert box.x1 <= width + 1, f"{text!r} is cut on the right"
        assert box.y1 <= height + 1, f"{text!r} is cut at the top"
    for n, (a, box_a) in enumerate(texts):
        for b, box_b in texts[:n]:
            inner = box_b.padded(-1)
            assert not box_a.padded(-1).overlaps(inner), f"{a!r} overlaps {b!r}"


def texts_of(ax):
    return [t.get_text() for t in ax.texts]


def test_a_figure_is_an_opaque_white_picture_840_pixels_wide():
    fig, ax = plotting.figure()
    ax.plot([1, 2])
    stored = io.BytesIO()
    fig.savefig(stored, format="png")
    stored.seek(0)
    pixels = plt.imread(stored)
    assert pixels.shape[:2] == (336, 840)
    assert (pixels[0, 0] == 1).all()


def test_panels_come_as_arrays_of_axes():
    assert plotting.figure(4.2, nrows=2)[1].shape == (2,)
    assert plotting.figure(4.2, nrows=2, ncols=3)[1].shape == (2, 3)
    with pytest.raises(ValueError, match="height: expected inches, such as 2.8, got 0"):
        plotting.figure(0)


def test_no_upper_and_right_frame_and_every_kind_its_own_line():
    _, ax = plotting.figure()
    assert not ax.spines["top"].get_visible()
    assert not ax.spines["right"].get_visible()
    assert plotting.COLOR.keys() == plotting.LINESTYLE.keys()
    assert len(set(plotting.COLOR.values())) == len(plotting.COLOR)
    pairs = [(plotting.COLOR[k], str(plotting.LINESTYLE[k])) for k in plotting.COLOR]
    assert len(set(pairs)) == 6


def test_every_colour_stands_out_from_white():
    def luminance(color):
        rgb = np.array(matplotlib.colors.to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    contrast = {name: 1.05 / (luminance(c) + 0.05) for name, c in plotting.COLOR.items()}
    assert min(contrast.values()) > 3  # WCAG 2.1, graphical objects


def test_the_ladder_shows_means_extremes_and_the_floor():
    fig, ax = plotting.figure()
    scores = {"last value": [0.13, 0.14, 0.15], "as written": [0.2, 0.3, 0.55]}
    plotting.ladder(ax, scores, floor=0.1, colors={"as written": "rnn"})
    assert [round(bar.get_width(), 3) for bar in ax.patches] == [0.14, 0.35]
    assert [t.get_text() for t in ax.get_yticklabels()] == list(scores)
    assert texts_of(ax) == ["0.140", "0.350", "noise floor 0.100"]
    assert matplotlib.colors.to_hex(ax.patches[1].get_facecolor()).upper() == "#1E9E6E"
    assert_legible(fig)


def test_a_ladder_over_orders_of_magnitude_is_logarithmic_and_without_bars():
    fig, ax = plotting.figure()
    plotting.ladder(ax, {"last value": [3.0, 3.1], "AR": [0.2, 0.3], "GRU": [8e-5, 9e-5]})
    assert ax.get_xscale() == "log"
    assert not ax.patches
    assert_legible(fig)


def test_the_floor_of_a_ladder_does_not_run_through_a_number():
    fig, ax = plotting.figure()
    plotting.ladder(ax, {"GRU": [0.95, 0.97]}, floor=1.0, floor_label="perfect", xlabel="accuracy")
    fig.canvas.draw()
    line = ax.transData.transform((1.0, 0))[0]
    assert ax.texts[0].get_window_extent().x0 > line
    assert_legible(fig)


def test_three_ladders_side_by_side_stay_legible():
    fig, axes = plotting.figure(ncols=3, sharey=True)
    for ax in axes:
        plotting.ladder(ax, {"last value": [0.1, 0.2], "RNN": [0.3, 0.5]}, floor=0.08)
    assert_legible(fig)


def test_loss_curves_count_epochs_from_one_and_are_named_at_their_ends():
    fig, ax = plotting.figure()
    plotting.losses(ax, {"train": [1.0, 0.5, 0.25], "validation": [1.0, 0.6, 0.251]})
    assert ax.get_lines()[0].get_xdata().tolist() == [1, 2, 3]
    assert texts_of(ax) == ["train", "validation"]
    assert_legible(fig)


def test_long_curves_in_narrow_panels_stay_legible():
    fig, axes = plotting.figure(ncols=3)
    curve = np.exp(-np.arange(200) / 30)
    plotting.losses(axes[0], {"train": curve, "validation": curve + 0.1})
    plotting.losses(axes[1], {"train": curve - 0.5}, log=False)
    plotting.forecast(axes[2], np.arange(100, 300), curve, {"RNN": curve[-20:]})
    assert_legible(fig)


def test_names_of_lines_that_end_together_are_moved_apart():
    fig, ax = plotting.figure()
    plotting.losses(ax, {name: [1.0, 0.5 + 1e-4 * n] for n, name in enumerate("abcd")})
    assert_legible(fig)
    heights = [t.get_window_extent().y0 for t in ax.texts]
    assert heights == sorted(heights)  # in the order of the lines


def test_more_than_four_lines_get_a_legend():
    _, ax = plotting.figure()
    for n in range(5):
        ax.plot([0, n], label=str(n))
    plotting.label_lines(ax)
    assert ax.get_legend() is not None
    assert not ax.texts


def test_forecasts_lie_on_the_last_times():
    fig, ax = plotting.figure()
    t = np.arange(20)
    plotting.forecast(
        ax, t, np.sin(t), {"RNN": np.ones((5, 1))}, origin=14.5, colors={"RNN": "rnn"}
    )
    assert ax.get_lines()[1].get_xdata().tolist() == [15, 16, 17, 18, 19]
    assert ax.get_lines()[1].get_linestyle() == "-."
    assert_legible(fig)


def test_a_band_spans_least_to_largest_around_the_mean():
    _, ax = plotting.figure()
    plotting.band(ax, [1, 2], [[0.0, 1.0], [2.0, 5.0], [4.0, 3.0]], label="RNN", color="rnn")
    assert ax.get_lines()[0].get_ydata().tolist() == [2, 3]
    (path,) = ax.collections[0].get_paths()
    assert path.vertices[:, 1].min() == 0
    assert path.vertices[:, 1].max() == 5


def test_the_map_of_a_state_is_centred_on_zero():
    fig, ax = plotting.figure()
    plotting.states(ax, np.linspace(-0.5, 2, T * H).reshape(T, H), labels="aparity")
    image = ax.get_images()[0]
    assert image.get_clim() == (-2, 2)
    assert image.get_array().shape == (H, T)
    assert_legible(fig)


def test_a_path_between_two_places_looks_like_an_automaton():
    fig, ax = plotting.figure(4.2)
    h = np.array([[0.02, 0.98], [0.98, 0.02], [0.98, 0.03], [0.03, 0.97]])
    plotting.trajectory(ax, h, labels=["even", "odd", "odd", "even"], moves=list("x101"))
    arrows = [p for p in ax.patches if isinstance(p, matplotlib.patches.FancyArrowPatch)]
    assert len(arrows) == 3  # there, back, and the one that stays
    assert sorted(texts_of(ax)) == ["0", "1", "1", "even", "odd"]
    assert_legible(fig)


def test_a_path_without_labels_numbers_its_steps():
    fig, ax = plotting.figure(4.2)
    angle = np.linspace(0, 5, 9)
    plotting.trajectory(ax, np.c_[np.cos(angle), np.sin(angle)])
    assert texts_of(ax) == [str(n) for n in range(1, 10)]
    assert_legible(fig)


def test_the_unrolled_network_has_a_circle_for_every_number():
    fig, ax = plotting.figure(4.2)
    rng = np.random.default_rng(0)
    x, h, y = (rng.normal(size=(T, n)) for n in (1, 3, 1))
    plotting.unrolled(ax, h, x, y, inputs=list("1011001"), outputs=list("1101110"))
    circles = [p for p in ax.patches if isinstance(p, matplotlib.patches.Circle)]
    arrows = [p for p in ax.patches if isinstance(p, matplotlib.patches.FancyArrowPatch)]
    assert len(circles) == T * (1 + 3 + 1)
    assert len(arrows) == 2 * T + (T - 1)  # up twice a step, and on to the next
    assert_legible(fig)


@pytest.mark.parametrize(("steps", "height"), [(3, 2.8), (7, 2.8), (7, 4.2), (12, 2.8)])
def test_the_error_signal_flows_back_as_wide_as_it_is_strong(steps, height):
    fig, ax = plotting.figure(height)
    h = np.random.default_rng(0).normal(size=(steps, 2))
    strength = 0.4 ** np.arange(steps)[::-1]
    plotting.unrolled(ax, h, x=h[:, :1], strength=strength)
    arrows = [p for p in ax.patches if isinstance(p, matplotlib.patches.FancyArrowPatch)]
    black = matplotlib.colors.to_rgba(plotting.COLOR["data"])
    widths = [p.get_linewidth() for p in arrows if p.get_edgecolor() == black]
    assert len(widths) == steps
    assert widths == sorted(widths)
    assert widths[-2] / widths[-1] == pytest.approx(0.4)
    assert_legible(fig)


def test_the_unrolled_network_of_the_usual_sizes_stays_legible():
    fig, ax = plotting.figure(4.2)
    rng = np.random.default_rng(0)
    plotting.unrolled(ax, rng.normal(size=(T, H)), rng.normal(size=(T, D)))
    assert_legible(fig)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.001, "0"),
        (1.0, "1"),
        (-0.5, "−.5"),
        (0.999, "1"),
        (-0.76, "−.76"),
        (-9.97, "−10"),
        (3.14, "3.1"),
        (100.0, "100"),
        (20.0, "20"),
    ],
)
def test_numbers_in_circles_are_short(value, text):
    from rnncourse.plotting.graphs import _short

    assert _short(value) == text


h7 = np.zeros((T, 2))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda ax: plotting.ladder(ax, {}), "scores: expected at least one entrant"),
        (lambda ax: plotting.ladder(ax, {"a": [np.nan]}), r"scores\['a'\]: expected finite"),
        (lambda ax: plotting.ladder(ax, {"a": [0.0]}, log=True), "log: expected positive scores"),
        (lambda ax: plotting.losses(ax, {"train": []}), r"curves\['train'\]: expected finite"),
        (lambda ax: plotting.forecast(ax, [1, 2], [1], {}), "y: expected one value per time"),
        (lambda ax: plotting.forecast(ax, [1], [1], {"a": [1, 2]}), r"forecasts\['a'\]: expected"),
        (lambda ax: plotting.band(ax, [1, 2], [1, 2]), r"values: expected \(n_seeds, 2\)"),
        (lambda ax: plotting.states(ax, np.zeros(3)), r"h: expected .* \(T, H\), got shape \(3,\)"),
        (lambda ax: plotting.states(ax, h7, labels="ab"), "labels: expected T = 7 texts, got 2"),
        (lambda ax: plotting.trajectory(ax, np.zeros((T, 3))), r"h: expected two units \(T, 2\)"),
        (lambda ax: plotting.trajectory(ax, h7, moves="ab"), "moves: expected T = 7 texts"),
        (lambda ax: plotting.unrolled(ax, h7, x=np.zeros((6, 1))), r"x: expected \(T, n\) with T"),
        (lambda ax: plotting.unrolled(ax, h7, strength=np.ones(6)), "strength: expected T = 7"),
        (lambda ax: plotting.unrolled(ax, h7, strength=-np.ones(T)), "strength: expected T = 7"),
    ],
)
def test_refusals_name_the_argument_what_was_expected_and_what_came(draw, message):
    with pytest.raises(ValueError, match=message):
        draw(plotting.figure()[1])
