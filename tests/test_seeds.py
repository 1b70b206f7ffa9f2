"""Seeds: every draw hangs on its key and on one shift, and on nothing else."""

import random
import sys

import numpy as np
import pytest

from rnncourse import seeds


@pytest.fixture(autouse=True)
def _no_shift(monkeypatch):
    monkeypatch.delenv("RNNCOURSE_SEED", raising=False)


def draws(*key):
    return seeds.rng(*key).normal(size=5).tolist()


def test_the_same_key_gives_the_same_draws():
    assert draws(4, 1) == draws(4, 1)


def test_another_key_or_another_shift_gives_other_draws(monkeypatch):
    keys = [(4,), (5,), (4, 0), (4, 1), (1, 4)]
    first = [draws(*key) for key in keys]
    monkeypatch.setenv("RNNCOURSE_SEED", "3")
    everything = [tuple(d) for d in first + [draws(*key) for key in keys]]
    assert len(set(everything)) == len(everything)


def test_keys_of_different_lengths_never_meet(monkeypatch):
    """A shift of 1 on key (4,) must not be key (4, 1) unshifted, nor (4, 0) the same as (4,)."""
    unshifted = draws(4, 1)
    monkeypatch.setenv("RNNCOURSE_SEED", "1")
    assert draws(4) != unshifted


def test_a_numpy_integer_is_a_key_like_any_other():
    assert draws(np.int64(4), np.uint8(2)) == draws(4, 2)


@pytest.mark.parametrize("key", [(), (-1,), (1.5,), ("4",), (4, None)], ids=repr)
def test_a_key_that_is_no_list_of_integers_is_refused(key):
    with pytest.raises(ValueError, match="key: expected integers of at least 0, got"):
        seeds.rng(*key)


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "", " "])
def test_a_shift_that_is_no_integer_is_refused(monkeypatch, text):
    monkeypatch.setenv("RNNCOURSE_SEED", text)
    with pytest.raises(ValueError, match="RNNCOURSE_SEED: expected an integer of at least 0, got"):
        seeds.shift()


def test_seed_all_makes_python_numpy_and_torch_repeat_themselves():
    torch = pytest.importorskip("torch")

    def everything():
        generator = seeds.seed_all(4, 2)
        legacy = np.random.random()  # noqa: NPY002  what libraries may still draw from
        return generator.random(), random.random(), legacy, torch.rand(1).item()

    first = everything()
    assert everything() == first
    assert len(set(first)) == 4


def test_seed_all_imports_no_framework(monkeypatch):
    for name in ("torch", "keras"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    seeds.seed_all(4)
    assert "torch" not in sys.modules
    assert "keras" not in sys.modules


def test_seed_all_seeds_keras_where_it_is_loaded(monkeypatch):
    given = []

    class Keras:
        class utils:  # noqa: N801
            set_random_seed = staticmethod(given.append)

    monkeypatch.setitem(sys.modules, "keras", Keras)
    seeds.seed_all(4)
    seeds.seed_all(4)
    assert given[0] == given[1]
    assert 0 <= given[0] < 2**31


def test_several_seeds_count_from_zero():
    assert seeds.several(3) == [0, 1, 2]


@pytest.mark.parametrize("n", [0, -1, 2.0, "3", True, None])
def test_several_needs_a_positive_integer(n):
    with pytest.raises(ValueError, match="n: expected a positive integer, got"):
        seeds.several(n)
