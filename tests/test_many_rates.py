"""Networks at several rates: they read the same, and the rate with the least loss is kept."""

import numpy as np
import pytest
import torch

from rnncourse import many

D, H, S = 4, 5, 3


def copying(n, rng):
    ids = rng.integers(0, D, (n, 6))
    return np.eye(D)[ids], ids


def drawn(kind="GRUs", networks=2 * S):
    return getattr(many, kind).draw(networks, D, 2 * H + 2, D, rng=np.random.default_rng(0))


@pytest.mark.parametrize("kind", ["GRUs", "Transformers"])
def test_the_networks_of_the_better_rate_come_back_as_they_were_trained(kind):
    rng, valid = np.random.default_rng(1), copying(9, np.random.default_rng(2))
    networks = drawn(kind)
    chosen = many.better_rate(networks, (0.0, 0.02), lambda n: copying(S * 8, rng), 40, valid)
    assert (chosen.rate, chosen.updates, len(chosen.networks)) == (0.02, 40, S)
    assert chosen.seconds > 0
    every = many.right(networks, *many.shared(networks, *valid))
    few = many.right(chosen.networks, *many.shared(chosen.networks, *valid))
    np.testing.assert_allclose(few, every[S:])
    assert few.mean() > every[:S].mean()


def test_every_rate_reads_the_same_sequences_and_every_network_its_own():
    seen, networks = [], drawn()
    loop = type(networks).states

    class Watched(type(networks)):
        def states(self, x, back=None):
            seen.append(x.detach().clone())
            return loop(self, x, back)

    networks.__class__ = Watched
    rng = np.random.default_rng(1)
    many.better_rate(networks, (0.01, 0.02), lambda n: copying(S * 8, rng), 1,
                     copying(9, rng))  # fmt: skip
    assert seen[0].shape == (2 * S, 8, 6, D)
    torch.testing.assert_close(seen[0][:S], seen[0][S:])
    assert (seen[0][0] != seen[0][1]).any()


def test_equal_rates_of_equal_networks_end_equal():
    rng, one = np.random.default_rng(1), drawn(networks=S)
    twice = many.GRUs([one.weights(s) for s in range(S)] * 2)
    many.better_rate(twice, (0.02, 0.02), lambda n: copying(S * 8, rng), 5, copying(9, rng))
    for w in twice.parameters():
        torch.testing.assert_close(w[:S], w[S:])


@pytest.mark.parametrize("rates", [(), (0.1, 0.2, 0.3, 0.4)])
def test_networks_that_cannot_be_dealt_out_are_refused(rates):
    with pytest.raises(ValueError, match=f"networks: expected a multiple of {len(rates)} rates"):
        many.better_rate(drawn(), rates, None, 1, None)
