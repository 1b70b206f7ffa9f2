"""The pictures of chapter 01: a minibatch as a block, shapes of tasks, and scores in pairs."""

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from test_plotting import assert_legible

from rnncourse import plotting

B, T, D = 3, 7, 4
LENGTHS = [[7], [5], [3]]


@pytest.fixture(autouse=True)
def _house():
    with matplotlib.rc_context():
        plotting.house_style()
        yield
    plt.close("all")


def written(ax):
    return [text.get_text() for text in ax.texts]


def batch():
    return np.arange(B * T * D, dtype=float).reshape(B, T, D), np.arange(T) < np.array(LENGTHS)


def test_the_block_shows_every_number_once_and_every_entry_of_the_mask():
    x, mask = batch()
    _, ax = plotting.figure(4.2)
    plotting.block(ax, x, mask)
    texts = written(ax)
    assert all(texts.count(str(k)) == 1 for k in range(B * T * D))
    assert (texts.count("true"), texts.count("false")) == (mask.sum(), (~mask).sum())


def test_the_block_names_its_three_axes_and_the_number_that_is_pointed_at():
    x, mask = batch()
    fig, ax = plotting.figure(4.2)
    plotting.block(ax, x, mask, ["a", "b", "c"], ["p", "q", "r", "s"], point=(1, 2, 3))
    texts = written(ax)
    for name in ("time: T = 7 steps", "feature:\nD = 4", "batch:\nB = 3", "x[1, 2, 3] = 39"):
        assert name in texts
    assert_legible(fig)


def test_time_runs_to_the_right_and_features_upwards():
    x, mask = batch()
    _, ax = plotting.figure(4.2)
    plotting.block(ax, x, mask)
    place = {text.get_text(): text.get_position() for text in ax.texts}
    here, next_step, next_feature = place["0"], place[str(D)], place["1"]
    assert next_step[0] > here[0]
    assert next_step[1] == here[1]
    assert next_feature[1] > here[1]
    assert next_feature[0] == here[0]


def test_one_sequence_of_one_step_without_a_mask_is_a_block_too():
    _, ax = plotting.figure(4.2)
    plotting.block(ax, np.full((1, 1, 1), -0.25))
    assert "−0.2" in written(ax)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x": np.zeros((T, D))}, r"x: expected a minibatch \(B, T, D\), got shape \(7, 4\)"),
        ({"mask": np.ones((T, B), bool)}, r"mask: expected bool \(B, T\) = \(3, 7\)"),
        ({"mask": np.ones((B, T))}, "got float64"),
        ({"sequences": ["a"]}, "sequences: expected 3 names, got 1"),
        ({"features": ["a"]}, "features: expected 4 names, got 1"),
        ({"point": (3, 0, 0)}, r"point: expected \(b, t, d\) inside \(3, 7, 4\)"),
    ],
)
def test_a_block_that_does_not_fit_together_is_refused(changed, message):
    x, mask = batch()
    _, ax = plotting.figure(4.2)
    with pytest.raises(ValueError, match=message):
        plotting.block(ax, **({"x": x, "mask": mask} | changed))


TASKS = {
    "one to one": ([0], [0]),
    "one to many": ([0], [0, 1, 2]),
    "many to one": ([0, 1, 2], [2]),
    "many to many,\naligned": ([0, 1, 2], [0, 1, 2]),
    "many to many,\nunaligned": ([0, 1, 2], [2, 3, 4]),
}


def test_the_shapes_of_tasks_have_a_box_for_every_input_output_and_state():
    fig, ax = plotting.figure()
    plotting.shapes(ax, TASKS)
    inputs, outputs, states = 1 + 1 + 3 + 3 + 3, 1 + 3 + 1 + 3 + 3, 1 + 3 + 3 + 3 + 5
    boxes = [p for p in ax.patches if isinstance(p, matplotlib.patches.Rectangle)]
    assert len(boxes) == inputs + outputs + states
    assert set(TASKS) < set(written(ax))
    assert_legible(fig)


def test_a_task_without_outputs_is_refused():
    _, ax = plotting.figure()
    with pytest.raises(ValueError, match="tasks: expected inputs and outputs for each"):
        plotting.shapes(ax, {"one to none": ([0], [])})


def test_a_pair_shows_both_rows_of_dots_and_both_means():
    fig, ax = plotting.figure()
    plotting.pairs(ax, {"split": ([0.9, 0.7], [0.5, 0.6])}, chance=0.5, chance_label="coin")
    dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert [list(line.get_xdata()) for line in dots] == [[0.9, 0.7], [0.5, 0.6]]
    assert {"0.800", "0.550", "coin"} <= set(written(ax))
    assert_legible(fig)


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        ({}, "scores: expected at least one pair, got none"),
        ({"a": ([0.5],)}, r"scores\['a'\]: expected \(reported, true\), got 1 rows"),
        ({"a": ([0.5], [np.nan])}, "expected finite numbers"),
    ],
)
def test_pairs_that_are_none_are_refused(scores, message):
    _, ax = plotting.figure()
    with pytest.raises(ValueError, match=message):
        plotting.pairs(ax, scores)
