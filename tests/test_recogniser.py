"""The network that listens, and its training."""

import numpy as np
import pytest
import torch

from rnncourse import ctc
from rnncourse.torch_models import Recogniser, heard, learn
from rnncourse.torch_models.recogniser import ctc_loss, together, turned

LENGTHS = (7, 3, 5)


@pytest.fixture
def net():
    return Recogniser(D=4, H=5, V=6, rng=np.random.default_rng(0))


@pytest.fixture
def features():
    rng = np.random.default_rng(1)
    return [rng.normal(size=(T, 4)) for T in LENGTHS]


def test_a_sequence_is_heard_as_if_it_were_alone(net, features):
    together_, alone = heard(net, features), [heard(net, [row])[0] for row in features]
    for a, b in zip(together_, alone, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_what_it_says_are_log_probabilities_of_each_real_step(net, features):
    said = heard(net, features, B=2)
    assert [log_p.shape for log_p in said] == [(T, 6) for T in LENGTHS]
    for log_p in said:
        np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-6)


def test_turning_twice_changes_nothing_and_padding_stays_behind():
    x = torch.arange(42.0).reshape(3, 7, 2)
    lengths = torch.tensor(LENGTHS)
    once = turned(x, lengths)
    assert torch.equal(turned(once, lengths), x)
    assert torch.equal(once[1, :3], x[1, :3].flip(0))
    assert torch.equal(once[1, 3:], x[1, 3:])


def test_the_last_step_reaches_the_first_and_the_first_the_last(net, features):
    row = features[0]
    for changed in (0, -1):
        other = row.copy()
        other[changed] += 1
        difference = np.abs(heard(net, [other])[0] - heard(net, [row])[0]).max(axis=1)
        assert difference[0] > 0
        assert difference[-1] > 0


def test_the_loss_of_a_batch_is_our_loss_per_label(net, features):
    labels = [[1, 1, 2], [5], [3, 4]]
    ours = sum(ctc.loss(p, row) for p, row in zip(heard(net, features), labels, strict=True))
    assert ctc_loss(net, features, labels).item() == pytest.approx(ours / 6, rel=1e-5)


def test_the_gradient_at_the_head_is_our_gradient(net, features):
    net = net.double()
    x, lengths = together(features[:1])
    logits = []
    net.head.register_forward_hook(lambda *call: (call[2].retain_grad(), logits.append(call[2]))[1])
    log_p = net(x.double(), lengths).transpose(0, 1)
    torch.nn.functional.ctc_loss(
        log_p, torch.tensor([1, 1, 2]), lengths, torch.tensor([3]), reduction="sum"
    ).backward()
    ours = ctc.gradient(logits[0][0].detach().numpy(), [1, 1, 2])
    np.testing.assert_allclose(logits[0].grad[0].numpy(), ours, atol=1e-12)


def test_it_learns_when_there_is_something_to_learn():
    """Each label is one column that lights up for two steps, with two dark ones around."""
    rng = np.random.default_rng(2)
    labels = [list(rng.integers(1, 5, rng.integers(1, 4))) for _ in range(24)]
    features = []
    for row in labels:
        x = rng.normal(scale=0.1, size=(4 * len(row) + 1, 4))
        for n, k in enumerate(row):
            x[4 * n + 1 : 4 * n + 3, k - 1] += 2
        features.append(x)
    net = Recogniser(D=4, H=9, V=5, rng=rng)
    losses = learn(net, features, labels, rng, epochs=40, B=8, lr=0.03)
    assert losses[-1] < 0.5 * losses[0]
    right = [ctc.best_path(p) == row for p, row in zip(heard(net, features), labels, strict=True)]
    assert np.mean(right) > 0.8


def test_equal_generators_give_equal_networks():
    a, b = (Recogniser(4, 5, 6, np.random.default_rng(3)).state_dict() for _ in range(2))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_labels_that_do_not_match_the_features_are_refused(net, features):
    with pytest.raises(ValueError, match="labels: expected 3 rows, got 1"):
        learn(net, features, [[1]], np.random.default_rng(0))
