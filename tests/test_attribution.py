"""Attributions: right where calculus gives the answer, complete, and equal to Captum's."""

import warnings

import pytest
import torch

from rnncourse import attribution
from rnncourse.torch_models import Forecaster

B, T, D = 3, 7, 4


def example():
    torch.manual_seed(0)
    model = Forecaster("lstm", D, 5, K=2).double()
    return model, torch.randn(B, T, D, dtype=torch.float64)


def second(model):
    return lambda x: model(x)[:, 1]


def linear(x):
    weights = torch.arange(T * D, dtype=x.dtype).reshape(T, D)
    return (x * weights).sum(dim=(1, 2)) + 3


def test_a_linear_score_is_shared_out_exactly():
    _, x = example()
    weights = torch.arange(T * D, dtype=x.dtype).reshape(T, D)
    base = torch.full((D,), 0.5, dtype=x.dtype)
    exact = ((x - base) * weights).sum(dim=2)
    assert torch.allclose(attribution.integrated_gradients(linear, x, base, steps=2), exact)
    assert torch.allclose(attribution.occlusion(linear, x, base), exact)
    assert torch.allclose(attribution.input_times_gradient(linear, x), (x * weights).sum(dim=2))
    assert torch.allclose(attribution.saliency(linear, x), weights.norm(dim=1).expand(B, T))


def test_integrated_gradients_add_up_to_the_difference():
    model, x = example()
    F, base = second(model), torch.linspace(-1, 1, D, dtype=x.dtype)
    credit = attribution.integrated_gradients(F, x, base, steps=300)
    difference = F(x) - F(base.expand_as(x))
    assert torch.allclose(credit.sum(dim=1), difference, atol=1e-6)


def test_more_points_come_closer():
    model, x = example()
    F, base = second(model), torch.zeros(D, dtype=x.dtype)
    difference = F(x) - F(base.expand_as(x))
    gaps = [
        (attribution.integrated_gradients(F, x, base, n).sum(dim=1) - difference).abs().max()
        for n in (2, 8, 32)
    ]
    assert gaps[0] > gaps[1] > gaps[2]


def test_a_baseline_for_each_step_is_used_step_by_step():
    model, x = example()
    base = x.clone()
    base[:, 2] = 0
    for method in (attribution.integrated_gradients, attribution.occlusion):
        credit = method(second(model), x, base)
        assert (credit[:, [0, 1, 3, 4, 5, 6]] == 0).all()
        assert (credit[:, 2] != 0).all()


def test_a_later_step_is_credited_nothing_by_an_earlier_output():
    torch.manual_seed(1)
    layer = torch.nn.LSTM(D, 5, batch_first=True)
    x = torch.randn(B, T, D)

    def early(x):
        return layer(x)[0][:, 3].sum(dim=1)

    for credit in (
        attribution.saliency(early, x),
        attribution.input_times_gradient(early, x),
        attribution.integrated_gradients(early, x, torch.zeros(D)),
        attribution.occlusion(early, x, torch.zeros(D)),
    ):
        assert credit.shape == (B, T)
        assert (credit[:, 4:] == 0).all()
        assert (credit[:, :4] != 0).all()


def test_captum_says_the_same():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from captum.attr import InputXGradient, IntegratedGradients, Saliency

        model, x = example()
        base = torch.linspace(-1, 1, D, dtype=x.dtype)
        options = {"n_steps": 16, "method": "riemann_middle", "target": 1}
        integrated = IntegratedGradients(model).attribute(x, base.expand_as(x), **options)
        slope = Saliency(model).attribute(x.clone(), target=1)
        product = InputXGradient(model).attribute(x.clone(), target=1)
    F = second(model)
    ours = attribution.integrated_gradients(F, x, base, steps=16)
    assert torch.allclose(ours, integrated.sum(dim=2), atol=1e-10)
    assert torch.allclose(attribution.saliency(F, x), slope.norm(dim=2), atol=1e-10)
    assert torch.allclose(attribution.input_times_gradient(F, x), product.sum(dim=2), atol=1e-10)


def test_nothing_is_left_behind_in_inputs_or_weights():
    model, x = example()
    before = x.clone()
    attribution.saliency(second(model), x)
    attribution.integrated_gradients(second(model), x, torch.zeros(D))
    attribution.occlusion(second(model), x, torch.zeros(D))
    assert (x == before).all()
    assert not x.requires_grad
    assert all(w.grad is None for w in model.parameters())


def test_one_step_and_one_sequence_are_enough():
    x = torch.ones(1, 1, D)
    assert attribution.occlusion(lambda x: x.sum(dim=(1, 2)), x, torch.zeros(D)).tolist() == [[4.0]]


@pytest.mark.parametrize(
    "x", [torch.zeros(T, D), torch.zeros(B, 0, D), torch.zeros(B, T, D).long(), [[[1.0]]]]
)
def test_what_is_no_batch_of_sequences_is_refused(x):
    for method in (attribution.saliency, attribution.input_times_gradient):
        with pytest.raises(ValueError, match="x: expected a float tensor"):
            method(linear, x)


def test_a_score_of_several_numbers_is_refused():
    model, x = example()
    with pytest.raises(ValueError, match=r"score: expected one number a sequence \(3,\)"):
        attribution.saliency(model, x)
