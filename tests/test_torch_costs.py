"""What a call costs: bytes that can be counted by hand, exponents that are known."""

import pytest
import torch

from rnncourse.torch_models import costs


def test_the_time_of_a_call_is_the_least_of_its_rounds():
    calls = []
    assert costs.seconds(lambda: calls.append(1), rounds=4) >= 0
    assert len(calls) == 4


def test_both_ways_leaves_a_gradient():
    layer = torch.nn.Linear(4, 5)
    costs.both_ways(layer, torch.ones(3, 4))
    torch.testing.assert_close(layer.weight.grad, torch.full((5, 4), 3.0))


def test_a_piece_of_memory_that_is_kept_twice_is_counted_once():
    x = torch.ones(3, 7, requires_grad=True)
    assert costs.kept_bytes(lambda a: a * a, x) == 3 * 7 * 4
    assert costs.kept_bytes(lambda a: a + 1, x) == 0


@pytest.mark.parametrize("p", [0.0, 1.0, 2.0])
def test_the_exponent_of_a_power_is_found_from_the_longer_half(p):
    x = [1, 2, 4, 8, 16, 32, 64]
    y = [100.0, 50.0, 70.0, 30.0, *(3 * t**p for t in x[4:])]
    assert costs.exponent(x, y) == pytest.approx(p)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="rounds: expected at least 1, got 0"):
        costs.seconds(lambda: None, rounds=0)
    with pytest.raises(ValueError, match="got 3 and 3"):
        costs.exponent([1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="got 4 and 5"):
        costs.exponent([1, 2, 3, 4], [1, 2, 3, 4, 5])
