"""The two tables of chapter 08: largest differences between frameworks, and the dictionary."""

import numpy as np
import pytest
import torch

from rnncourse import cells, convert, quiet
from rnncourse.convert import agreeing

B, T, D, H = 3, 7, 4, 5


def weights(kind, seed=0):
    return getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(seed))


@pytest.fixture(scope="module")
def report():
    sets = {kind.upper(): weights(kind) for kind in ("rnn", "lstm", "gru")}
    return convert.agreement(sets, B, T, np.random.default_rng(1))


# ----------------------------------------------------------------------------------- agreement


def test_values_and_gradients_agree_to_rounding_in_both_precisions(report):
    assert report.largest("float64") < 1e-10
    assert 0 < report.largest("float32") < 1e-4
    assert report.largest("float32", ("h", "h_T")) <= report.largest("float32")


def test_every_weight_the_input_and_the_first_states_are_compared(report):
    names = {"h", "h_T", "dx", "dh_0", "dW_xh", "dW_hh", "db_h"}
    pairs = {("NumPy", "PyTorch"), ("NumPy", "Keras"), ("PyTorch", "Keras")}
    more = {"RNN": set(), "LSTM": {"c_T", "dc_0"}, "GRU": {"db_x"}}
    for (name, dtype), found in report.differences.items():
        assert dtype in ("float32", "float64")
        assert set(found) == pairs
        assert all(set(quantities) == names | more[name] for quantities in found.values())


def test_the_table_has_a_column_for_every_set_and_precision_and_a_row_for_every_quantity(report):
    html = report._repr_html_()
    assert html.count("<tr>") == 1 + 10
    assert html.count("float32") == html.count("float64") == 3
    assert all(f"<th>{name}</th>" in html for name in ("h", "dc_0", "dW_hh"))
    assert str(report).count("\n") == 5


def test_two_frameworks_suffice_and_keras_need_not_be_loaded():
    found = convert.agreement({"x": weights("rnn")}, B, T, frameworks=("NumPy", "PyTorch"))
    assert list(found.differences["x", "float64"]) == [("NumPy", "PyTorch")]


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_wrong_weight_shows_in_the_values_of_every_run(kind):
    quiet.import_keras()
    params = weights(kind)
    wrong = params._replace(W_hh=params.W_hh + 0.01)
    x, dh, *state = (np.random.default_rng(2).standard_normal(s) for s in
                     [(B, T, D), (B, T, H)] + (2 if kind == "lstm" else 1) * [(B, H)])  # fmt: skip
    for run in (agreeing.in_numpy, agreeing.in_torch, agreeing.in_keras):
        right, changed = (run(p, x, state, dh) for p in (params, wrong))
        assert all(np.abs(right[name] - changed[name]).max() > 1e-4 for name in ("h", "dx", "dh_0"))


@pytest.mark.parametrize("frameworks", [("NumPy",), ("NumPy", "NumPy"), ("NumPy", "JAX")])
def test_fewer_than_two_known_frameworks_are_refused(frameworks):
    with pytest.raises(ValueError, match="frameworks: expected two or more of"):
        convert.agreement({"x": weights("rnn")}, frameworks=frameworks)


def test_what_is_no_weight_set_is_refused():
    with pytest.raises(ValueError, match="params: expected RNN-, LSTM- or GRUParams, got list"):
        convert.agreement({"x": [1]})


# ------------------------------------------------------------------------------------- rosetta

NAMES = {"np": np, "torch": torch, "a": np.arange(6.0).reshape(2, 3)}


def test_a_line_agrees_where_all_three_have_one_shape_and_the_same_numbers():
    table = convert.rosetta(
        """
        sum | a.sum() | torch.tensor(a).sum() | float(np.sum(a))
        shape | a | torch.tensor(a)[None] | a

        numbers | a | torch.tensor(a) + 1e-6 | a
        truth | a > 2 | torch.tensor(a) > 2 | (a > 2) * 1
        """,
        NAMES,
    )
    assert table.concepts == {"sum": True, "shape": False, "numbers": False, "truth": True}
    assert table[1].shapes == ((2, 3), (1, 2, 3), (2, 3))
    assert table[1].difference == np.inf
    assert table[2].difference == pytest.approx(1e-6)


def test_two_of_three_that_agree_are_not_enough():
    assert not convert.rosetta("x | 1.0 | 1.0 | 2.0", {})[0].agree
    assert not convert.rosetta("x | 2.0 | 1.0 | 1.0", {})[0].agree


def test_nothing_that_is_not_a_number_counts_as_agreement():
    assert not convert.rosetta("x | np.nan | np.nan | np.nan", NAMES)[0].agree


def test_the_table_escapes_what_html_would_swallow():
    html = convert.rosetta("less | a < 3 | a < 3 | a < 3", NAMES)._repr_html_()
    assert ">a &lt; 3</code>" in html
    assert "<td>✓</td>" in html
    assert "(2, 3)" in html


def test_evaluating_leaves_the_names_as_they_were():
    names = dict(NAMES)
    convert.rosetta("x | (b := 1) | 1 | 1", names)
    assert names.keys() == NAMES.keys()


def test_pytorch_parameters_that_ask_for_a_gradient_are_read():
    layer = torch.nn.RNN(4, 5)
    names = {"w": layer.weight_hh_l0}
    assert convert.rosetta("w | w.detach().numpy() | w | w.detach()", names)[0].agree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x | 1 | 2", "text: expected a concept and three expressions, got 'x | 1 | 2'"),
        ("x | 1 | 2 | 3 | 4", "expected a concept and three expressions"),
        ("x | a[9] | a | a", r"text: 'a\[9\]' fails: IndexError"),
        ("x | 1 | missing | 1", "text: 'missing' fails: NameError"),
        ("x | 'word' | 1 | 1", "fails"),
    ],
)
def test_lines_that_cannot_be_evaluated_are_refused(text, message):
    with pytest.raises(ValueError, match=message.replace("|", r"\|")):
        convert.rosetta(text, NAMES)
