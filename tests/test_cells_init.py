"""How W_hh of an Elman network may be drawn: four ways, and a gain."""

import numpy as np
import pytest

from rnncourse import cells

WAYS = ("uniform", "gaussian", "orthogonal", "identity")


def drawn(H=5, seed=0, **keywords):
    return cells.init_rnn(4, H, np.random.default_rng(seed), **keywords)


def test_left_out_the_new_arguments_change_nothing():
    rng = np.random.default_rng(0)
    bound = 1 / np.sqrt(5)
    expected = [rng.uniform(-bound, bound, shape) for shape in ((4, 5), (5, 5), (5,))]
    for weights, array in zip(drawn(), expected, strict=True):
        assert np.array_equal(weights, array)


@pytest.mark.parametrize("way", WAYS)
def test_only_the_recurrent_weights_depend_on_the_way(way):
    other, usual = drawn(recurrent=way, gain=1.5), drawn()
    assert np.array_equal(other.W_xh, usual.W_xh)
    assert np.array_equal(other.b_h, usual.b_h)
    assert other.W_hh.shape == (5, 5)
    assert not np.array_equal(other.W_hh, usual.W_hh)


@pytest.mark.parametrize("way", WAYS)
def test_the_gain_multiplies_the_recurrent_weights(way):
    one, more = drawn(recurrent=way), drawn(recurrent=way, gain=1.7)
    assert np.allclose(more.W_hh, 1.7 * one.W_hh, rtol=1e-15)


def test_an_orthogonal_matrix_keeps_every_length():
    W_hh = drawn(H=7, recurrent="orthogonal").W_hh
    assert np.allclose(W_hh @ W_hh.T, np.eye(7), atol=1e-14)
    v = np.random.default_rng(1).normal(size=7)
    assert np.linalg.norm(v @ W_hh) == pytest.approx(np.linalg.norm(v))


def test_orthogonal_matrices_turn_and_mirror_about_equally_often():
    signs = [np.linalg.det(drawn(seed=s, recurrent="orthogonal").W_hh) for s in range(200)]
    assert 60 < sum(sign > 0 for sign in signs) < 140


def test_a_gaussian_matrix_has_a_spectral_radius_near_its_gain():
    W_hh = drawn(H=400, recurrent="gaussian", gain=1.3).W_hh
    assert np.abs(np.linalg.eigvals(W_hh)).max() == pytest.approx(1.3, rel=0.1)
    assert np.linalg.norm(W_hh, 2) == pytest.approx(2.6, rel=0.1)  # twice that, for large H


def test_the_identity_lets_each_unit_copy_itself():
    assert np.array_equal(drawn(recurrent="identity", gain=0.9).W_hh, 0.9 * np.eye(5))


@pytest.mark.parametrize("way", WAYS)
def test_float32_is_given_when_asked_for(way):
    params = drawn(recurrent=way, gain=1.2, dtype=np.float32)
    assert {array.dtype for array in params} == {np.dtype(np.float32)}


def test_an_unknown_way_is_refused():
    with pytest.raises(ValueError, match="recurrent: expected one of uniform, .* got 'unitary'"):
        drawn(recurrent="unitary")


@pytest.mark.parametrize("gain", [-1, np.inf, np.nan, True, "large", [1.0]])
def test_an_impossible_gain_is_refused(gain):
    with pytest.raises(ValueError, match="gain: expected a number of at least 0"):
        drawn(gain=gain)
