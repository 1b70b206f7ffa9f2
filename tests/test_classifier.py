"""The classifier of whole sequences: a row is answered as if it were alone."""

import numpy as np
import pytest
import torch

from rnncourse import batching, text
from rnncourse.torch_models import Classifier, classifier

B, T, D, H, V, K = 3, 7, 4, 5, 11, 6
POOLINGS = classifier.POOLINGS


def rng(key=0):
    return np.random.default_rng(key)


def rows():
    return [rng(n).integers(0, V, n) for n in (7, 4, 1)]


def net(pooling="mean", **options):
    return Classifier(V, K, D=D, H=H, pooling=pooling, rng=rng(), **options).double().eval()


def tensors():
    return [torch.from_numpy(part) for part in text.pad(rows())]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_a_row_is_answered_in_company_as_alone(pooling, kind):
    model = net(pooling, kind=kind)
    together = model(*tensors())
    assert together.shape == (B, K)
    for row, logits in zip(rows(), together, strict=True):
        alone = model(torch.from_numpy(row)[None], torch.ones(1, len(row), dtype=torch.bool))
        torch.testing.assert_close(alone[0], logits)


def test_the_states_are_those_of_torchs_own_bidirectional_layer():
    model = net()
    both = torch.nn.LSTM(D, H, batch_first=True, bidirectional=True).double()
    for name, weight in model.ahead.named_parameters():
        getattr(both, name).data = weight.data
        getattr(both, name + "_reverse").data = dict(model.back.named_parameters())[name].data
    ids = torch.from_numpy(rows()[0])[None]
    theirs = both(model.embedding(ids))[0]
    torch.testing.assert_close(model.states(ids, torch.ones(1, T, dtype=torch.bool)), theirs)


def test_the_last_pooling_reads_each_direction_where_it_ends():
    model, (ids, mask) = net("last"), tensors()
    h = model.states(ids, mask)
    ends = torch.stack([h[0, 6, :H], h[1, 3, :H], h[2, 0, :H]])
    expected = model.readout(torch.cat([ends, h[:, 0, H:]], dim=1))
    torch.testing.assert_close(model(ids, mask), expected)


def test_pooling_without_a_query_is_the_mean_over_real_steps():
    h, mask = torch.randn(B, T, H), torch.from_numpy(text.mask_from_lengths([7, 4, 1]))
    pooled, alpha = classifier.pooled(h, mask)
    torch.testing.assert_close(pooled, batching.mean_real(h, mask))
    assert not alpha[~mask].any()


def test_the_weights_are_a_softmax_of_the_products_with_the_query():
    model, (ids, mask) = net("attention"), tensors()
    alpha = model.weights(ids, mask)
    torch.testing.assert_close(alpha.sum(dim=1), torch.ones(B, dtype=torch.float64))
    scores = (model.states(ids, mask)[1, :4] @ model.query).exp()
    torch.testing.assert_close(alpha[1, :4], scores / scores.sum())


def test_the_seed_decides_the_weights():
    one, two = (dict(net().named_parameters()) for _ in range(2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_it_learns_what_only_the_order_tells():
    pairs = [([1, 2, 0, 0, 0], 0), ([2, 1, 0, 0, 0], 1), ([0, 1, 0, 2], 0), ([0, 2, 0, 1], 1)]
    ids = [np.array(row) for row, _ in pairs * 12]
    y = [label for _, label in pairs * 12]
    model = classifier.learn(
        Classifier(3, 2, D=D, H=H, rng=rng(1)), ids, y, rng(), 40, lr=0.03, B=16
    )
    assert classifier.predict(model, ids).argmax(axis=1).tolist() == y
    assert not model.training


def test_learning_hangs_on_its_generator_alone():
    ids, y = rows() * 5, [0, 1, 2] * 5
    found = [
        classifier.predict(
            classifier.learn(Classifier(V, K, D, H, dropout=0.5, rng=rng()), ids, y, rng(4), 2), ids
        )
        for _ in range(2)
    ]
    np.testing.assert_array_equal(*found)


def test_predicting_keeps_the_order_whatever_the_batch():
    model = net().float()
    np.testing.assert_allclose(
        classifier.predict(model, rows() * 3, B=2), classifier.predict(model, rows() * 3), atol=1e-6
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: net("max"), "pooling: expected one of mean, attention, last, got 'max'"),
        (lambda: net(kind="cnn"), "kind: expected one of"),
        (lambda: net("last").weights(*tensors()), "pooling: expected mean or attention"),
        (lambda: net()(tensors()[0].double(), tensors()[1]), "ids: expected integers"),
        (lambda: net()(tensors()[0], tensors()[1][:, :4]), "mask: expected bools"),
        (lambda: net()(tensors()[0], tensors()[1].int()), "mask: expected bools"),
        (lambda: classifier.learn(net(), rows(), [0], rng()), "y: expected 3 classes"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
