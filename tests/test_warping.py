"""Dynamic time warping, of words and of strings."""

import itertools

import numpy as np
import pytest

from rnncourse import warping


def drawn(*lengths, D=4, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(T, D)) for T in lengths]


def by_all_paths(x, y, i=0, j=0):
    """The least sum of distances over all ways through the table, by recursion."""
    cost = np.linalg.norm(x[i] - y[j])
    steps = [(a, b) for a, b in ((i + 1, j), (i, j + 1), (i + 1, j + 1))
             if a < len(x) and b < len(y)]  # fmt: skip
    return cost + (min(by_all_paths(x, y, a, b) for a, b in steps) if steps else 0.0)


def test_the_distance_is_the_least_over_all_ways():
    x, y = drawn(5, 4)
    assert warping.warp(x, y)[0] == pytest.approx(by_all_paths(x, y) / 9)


def test_the_path_costs_what_the_distance_says():
    x, y = drawn(7, 5, seed=1)
    distance, path = warping.warp(x, y)
    cost = sum(np.linalg.norm(x[i] - y[j]) for i, j in path)
    assert cost / 12 == pytest.approx(distance)
    assert path[0].tolist() == [0, 0]
    assert path[-1].tolist() == [6, 4]
    assert np.diff(path, axis=0).max() == 1


def test_all_distances_at_once_are_those_of_single_pairs():
    queries, templates = drawn(7, 3, 1), drawn(5, 2, 9, 1, seed=2)
    expected = [[warping.warp(x, y)[0] for y in templates] for x in queries]
    np.testing.assert_allclose(warping.distances(queries, templates), expected)


def test_warping_does_not_notice_repeated_steps():
    (x,) = drawn(7)
    assert warping.warp(np.repeat(x, 3, axis=0), x)[0] == pytest.approx(0)


def test_a_string_of_templates_is_taken_apart_again():
    templates = drawn(5, 3, 6)
    for names in itertools.product(range(3), repeat=3):
        x = np.concatenate([np.repeat(templates[n], 2, axis=0) for n in names])
        assert warping.spotted(x, templates) == list(names)


def test_a_template_that_costs_more_is_found_less_often():
    templates = drawn(3, 4, 3)
    (x,) = drawn(20, seed=3)
    found = [len(warping.spotted(x, templates, penalty)) for penalty in (0, 5, 1e3)]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: warping.warp(np.zeros(7), np.zeros((3, 4))), r"x: expected a finite sequence"),
        (lambda: warping.warp(*[np.zeros((3, D)) for D in (4, 5)]), "y: expected D = 4 as in x"),
        (lambda: warping.distances([], drawn(3)), "queries: expected at least one"),
        (lambda: warping.distances(drawn(3), [np.zeros((0, 4))]), r"templates\[0\]: expected"),
        (lambda: warping.spotted(drawn(1)[0], drawn(7)), "x: expected steps enough"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
