"""Weight sets in safetensors files: what one framework wrote, the other reads, or it is refused."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from rnncourse import cells, convert, quiet

B, T, D, H = 3, 7, 4, 5
KINDS = ("rnn", "lstm", "gru")


def weights(kind, D=D, H=H, dtype=np.float64):
    return getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(0), dtype=dtype)


def assert_identical(a, b):
    assert type(a) is type(b)
    for one, other in zip(a, b, strict=True):
        if one is None:
            assert other is None
            continue
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def keras():
    return quiet.import_keras()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.safetensors"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", KINDS)
def test_a_weight_set_comes_back_bit_by_bit(kind, dtype, path):
    params = weights(kind, dtype=dtype)
    convert.save(path, params)
    again, _ = convert.load(path, kind=kind, D=D, H=H)
    assert_identical(again, params)


@pytest.mark.parametrize("kind", KINDS)
def test_what_pytorch_wrote_keras_reads(keras, kind, path):
    module = convert.to_torch(weights(kind))
    convert.save(path, module)
    params, settings = convert.load(path)
    x = np.random.default_rng(1).standard_normal((B, T, D))
    h = convert.to_keras(params, **settings)(x)[0]
    expected = module(torch.from_numpy(x))[0].detach()
    np.testing.assert_allclose(h, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_what_keras_wrote_pytorch_reads(keras, kind, path):
    layer = convert.to_keras(weights(kind))
    convert.save(path, layer)
    params, settings = convert.load(path)
    x = np.random.default_rng(1).standard_normal((B, T, D))
    h = convert.to_torch(params, **settings)(torch.from_numpy(x))[0].detach()
    np.testing.assert_allclose(h, layer(x)[0], rtol=0, atol=1e-10)


def test_activation_and_place_of_the_reset_travel_with_the_weights(keras, path):
    convert.save(path, convert.to_torch(weights("rnn"), activation="relu"))
    assert convert.load(path)[1] == {"activation": "relu"}
    convert.save(path, convert.to_keras(weights("gru"), reset_after=False))
    params, settings = convert.load(path)
    assert settings == {"reset_after": False}
    with pytest.raises(ValueError, match="resets after the product only"):
        convert.to_torch(params, **settings)
    convert.save(path, weights("lstm"))
    assert convert.load(path)[1] == {}


def test_the_file_begins_with_its_table_of_contents_in_json(path):
    convert.save(path, weights("gru"))
    raw = path.read_bytes()
    header = json.loads(raw[8 : 8 + int.from_bytes(raw[:8], "little")])
    assert header["__metadata__"]["kind"] == "gru"
    assert header["W_hh"]["shape"] == [H, 3 * H]


def test_one_unit_and_one_input_suffice(path):
    params = weights("lstm", D=1, H=1)
    convert.save(path, params)
    assert_identical(convert.load(path)[0], params)


# ----------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"kind": "lstm"}, "kind: expected 'lstm', but the file holds a weight set of 'gru'"),
        ({"D": 5}, "D: expected 5, but the file holds D = 4"),
        ({"H": 6}, "H: expected 6, but the file holds H = 5"),
    ],
)
def test_another_kind_or_size_than_expected_is_refused(wish, message, path):
    convert.save(path, weights("gru"))
    with pytest.raises(ValueError, match=message):
        convert.load(path, **wish)


GRU = weights("gru")._asdict()
NOTES = {"kind": "gru", "settings": '{"reset_after": true}'}


@pytest.mark.parametrize(
    ("arrays", "metadata", "message"),
    [
        (GRU, None, "expected a file written by convert.save, got kind None"),
        (GRU, NOTES | {"kind": "elman"}, "got kind 'elman'"),
        (GRU, {"kind": "gru"}, "expected settings in the file's metadata, found none"),
        (GRU, NOTES | {"settings": "[]"}, "settings"),
        (GRU, NOTES | {"settings": "{broken"}, "expected settings"),
        (GRU, NOTES | {"settings": '{"reset_after": 1}'}, "reset_after: expected a bool, got 1"),
        ({"W_xh": GRU["W_xh"]}, NOTES, r"expected the arrays \['W_hh'.*got \['W_xh'\]"),
        (GRU | {"extra": np.ones(2)}, NOTES, "expected the arrays"),
        (GRU | {"W_hh": np.ones((H, 2))}, NOTES, "params: expected shapes"),
        (GRU | {"b_h": np.ones(3 * H, np.float32)}, NOTES, "arrays of one float dtype"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(arrays, metadata, message, path):
    save_file(arrays, path, metadata=metadata)
    with pytest.raises(ValueError, match=message):
        convert.load(path)


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"x" * 100])
def test_a_file_of_another_format_is_refused(content, path):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="path: expected a safetensors file"):
        convert.load(path)


def test_a_missing_file_is_said_to_be_missing(path):
    with pytest.raises(FileNotFoundError, match="weights"):
        convert.load(path)


@pytest.mark.parametrize(
    ("what", "settings", "message"),
    [
        ([1, 2, 3], {}, "weights: expected a weight set, a module or a layer, got list"),
        (weights("lstm")._replace(peepholes=np.ones((3, H))), {}, "peepholes"),
        (weights("rnn"), {"reset_after": True}, "settings: expected activation for 'rnn'"),
        (weights("lstm"), {"activation": "tanh"}, "settings: expected none for 'lstm'"),
        (weights("gru"), {"reset_after": "no"}, "reset_after: expected a bool, got 'no'"),
        (torch.nn.Linear(D, H), {}, "expected torch.nn.RNN, LSTM or GRU, got Linear"),
    ],
)
def test_what_cannot_be_saved_is_refused(what, settings, message, path):
    with pytest.raises(ValueError, match=message):
        convert.save(path, what, **settings)
    assert not path.exists()


def test_a_layer_that_goes_backwards_is_refused(keras, path):
    layer = keras.layers.GRU(H, go_backwards=True)
    layer.build((None, None, D))
    with pytest.raises(ValueError, match="expected a layer that reads forwards"):
        convert.save(path, layer)
