"""Sound cells keep every contract; each famous mistake breaks the one that is meant for it."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from rnncourse import bptt, cells, contracts, quiet
from rnncourse.contracts.report import MOST_TELLING_FIRST, ORDER

B, T, D, H = 3, 7, 4, 5
NEVER_ASKED = {"teacher-forced equals stepwise", "agreement"}


def weights(kind="rnn", **keywords):
    return getattr(cells, f"init_{kind}")(D, H, np.random.default_rng(0), **keywords)


W_xh, W_hh, b_h = weights()
W_y = np.random.default_rng(1).standard_normal((D + H, 2))


def check(cell, **keywords):
    return contracts.check(cell, show=False, **keywords)


def step(x_t, h_prev):
    """The sound step from which the broken cells below are made."""
    return cells.rnn_step(x_t, h_prev, W_xh, W_hh, b_h)


def zeros(n):
    return np.zeros((n, H))


@pytest.fixture(scope="module")
def keras():
    return quiet.import_keras()


# -------------------------------------------------------------------------------- sound cells


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_our_cells_keep_every_contract(kind, dtype):
    report = check(weights(kind, dtype=dtype))
    assert report.ok, str(report)
    assert set(ORDER) - set(report.kept) == NEVER_ASKED


def test_variants_of_our_cells_keep_every_contract():
    peeping = cells.init_lstm(D, H, np.random.default_rng(0), peepholes=True)
    assert check(contracts.from_forward(cells.lstm_forward, peeping)).ok
    for keywords in ({"reset_after": False}, {"padded": "zero"}):
        assert check(contracts.from_forward(cells.gru_forward, weights("gru"), **keywords)).ok
    relu = contracts.from_forward(
        cells.rnn_forward, weights(), bptt.rnn_backward, activation="relu"
    )
    assert check(relu).ok


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_the_taught_steps_become_sound_cells_by_scanning(kind):
    cell = contracts.scan(getattr(cells, f"{kind}_step"), weights(kind))
    report = check(cell, reference=weights(kind))
    assert report.ok, str(report)
    assert report["agreement"].kept


@pytest.mark.parametrize("keywords", [{}, {"dtype": torch.float64}, {"num_layers": 2}])
@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
def test_pytorchs_modules_keep_every_contract(name, keywords):
    report = check(getattr(torch.nn, name)(6, H, batch_first=True, **keywords))
    assert report.ok, str(report)
    assert set(ORDER) - set(report.kept) == NEVER_ASKED


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_kerass_layers_keep_every_contract(keras, name):
    layer = getattr(keras.layers, name)(H, return_sequences=True, return_state=True)
    report = check(layer)
    assert report.ok, str(report)
    assert set(ORDER) - set(report.kept) == NEVER_ASKED


def test_a_module_of_ones_own_with_a_mask_is_checked_in_full():
    class Own(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell, self.readout = torch.nn.GRUCell(D, H), torch.nn.Linear(H, 2)

        def forward(self, x, state=None, mask=None):
            h = torch.zeros(len(x), H, dtype=x.dtype) if state is None else state["h"]
            outputs = []
            for t in range(x.shape[1]):
                new = self.cell(x[:, t], h)
                h = new if mask is None else torch.where(mask[:, t : t + 1], new, h)
                outputs.append(self.readout(h))
            return torch.stack(outputs, 1), {"h": h}

    report = check(Own())
    assert report.ok, str(report)
    assert set(ORDER) - set(report.kept) == NEVER_ASKED


def test_a_state_may_hold_more_than_arrays_with_a_batch_axis():
    def counting(x, state=None):
        state = {"h": None, "steps": np.float64(0), "name": 1} if state is None else state
        h, last = contracts.scan(step, H=H)(x, state["h"])
        return h, {"h": last, "steps": state["steps"] + x.shape[1], "name": 1}

    report = check(counting)
    assert report.ok, str(report)


def test_dropout_is_off_during_the_check_and_back_on_after_it():
    module = torch.nn.LSTM(D, H, num_layers=2, dropout=0.5, batch_first=True)
    assert check(module).ok
    assert module.training


# ------------------------------------------------------------------------------- broken cells


def linear(x, state=None):
    return contracts.scan(lambda x_t, h_prev: x_t @ W_xh + h_prev @ W_hh + b_h, H=H)(x, state)


def non_recurrent(x, state=None):
    start = zeros(len(x)) if state is None else state
    h = np.stack([step(x[:, t], start) for t in range(x.shape[1])], axis=1)  # never the last h
    return h, h[:, -1]


def state_resetting(x, state=None):
    return contracts.scan(step, H=H)(x, None)


def returning_the_start_state(x, state=None):
    state = (zeros(len(x)),) if state is None else state
    return contracts.scan(step, H=H)(x, state)[0], state


def axis_swapped(x, state=None):
    h, state = contracts.scan(step, H=H)(x.swapaxes(0, 1), state)
    return h.swapaxes(0, 1), state


def stale_output(x, state=None):
    h = zeros(len(x)) if state is None else state
    outputs = []
    for t in range(x.shape[1]):
        outputs.append(h)  # one line too early
        h = step(x[:, t], h)
    return np.stack(outputs, axis=1), h


def output_beside_the_state(x, state=None):
    h = zeros(len(x)) if state is None else state
    outputs = []
    for t in range(x.shape[1]):
        outputs.append(np.concatenate([x[:, t], h], axis=1) @ W_y)  # the old h
        h = step(x[:, t], h)
    return np.stack(outputs, axis=1), h


def linear_under_a_softmax(x, state=None):
    h, state = linear(x, state)
    return np.exp(h) / np.exp(h).sum(axis=-1, keepdims=True), state


def mask_leaking(x, state=None, mask=None):
    return contracts.scan(step, H=H)(x, state)


def mask_on_the_output_only(x, state=None, mask=None):
    h, state = contracts.scan(step, H=H)(x, state)
    return h if mask is None else h * mask[..., None], state


def bidirectional(x, state=None):
    forward, state = contracts.scan(step, H=H)(x, state)
    backward, _ = contracts.scan(step, H=H)(x[:, ::-1])
    return np.concatenate([forward, backward[:, ::-1]], axis=-1), state


def exploding(x, state=None):
    def relu_step(x_t, h_prev):
        return np.maximum(0, x_t @ W_xh + 1.5 * h_prev)

    return contracts.scan(relu_step, H=H)(x, state)


def slowly_exploding(x, state=None):
    def relu_step(x_t, h_prev):
        return np.maximum(0, x_t @ W_xh + 1.01 * h_prev)

    return contracts.scan(relu_step, H=H)(x, state)


def normalised_over_the_batch(x, state=None):
    h, state = contracts.scan(step, H=H)(x, state)
    return h - h.mean(axis=0), state


BROKEN = {
    linear: ["non-linearity"],
    non_recurrent: ["recurrence", "state carry"],
    state_resetting: ["state carry"],
    returning_the_start_state: ["state carry"],
    axis_swapped: ["batch independence", "recurrence", "state carry"],
    stale_output: ["freshness"],
    output_beside_the_state: ["freshness"],
    linear_under_a_softmax: ["non-linearity"],
    mask_leaking: ["padding invariance"],
    mask_on_the_output_only: ["padding invariance"],
    bidirectional: ["causality", "state carry"],
    exploding: ["finiteness"],
    slowly_exploding: ["finiteness"],
    normalised_over_the_batch: ["batch independence"],
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("cell", BROKEN, ids=lambda cell: cell.__name__)
def test_a_broken_cell_breaks_exactly_its_contracts_on_any_inputs(cell, seed):
    report = check(cell, rng=np.random.default_rng(seed))
    assert sorted(report.broken) == sorted(BROKEN[cell]), str(report)
    assert report.culprit == BROKEN[cell][0]
    assert not report.ok


def test_each_of_the_five_famous_mistakes_has_a_culprit_of_its_own():
    famous = [linear, non_recurrent, state_resetting, axis_swapped, stale_output]
    assert len({check(cell).culprit for cell in famous}) == 5


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (linear, "is a tanh missing?"),
        (non_recurrent, "the state is not carried from step to step"),
        (state_resetting, "20 steps in one go differ from 10 + 10: the state is reset"),
        (axis_swapped, "are batch and time swapped?"),
        (stale_output, "it is computed from the old state"),
        (mask_leaking, "the mask leaks"),
        (bidirectional, "the cell peeks at the future"),
        (exploding, "the outputs overflow within 4096 steps"),
    ],
)
def test_the_culprit_says_in_words_what_went_wrong(cell, words):
    report = check(cell)
    assert words in report[report.culprit].text


def test_a_pytorch_module_fed_batch_first_without_saying_so_is_found():
    report = check(torch.nn.LSTM(D, H))
    assert report.culprit == "batch independence"
    assert report.broken == ["recurrence", "state carry", "batch independence"]


def test_a_cell_that_returns_or_takes_no_state_cannot_carry_it():
    def returns_none(x, state=None):
        return contracts.scan(step, H=H)(x, state)[0]

    def takes_none(x):
        return contracts.scan(step, H=H)(x)

    for cell, words in [(returns_none, "returns no state"), (takes_none, "takes no state")]:
        report = check(cell)
        assert report.broken == ["state carry"]
        assert words in report["state carry"].text


def test_a_cell_that_remembers_between_calls_is_not_repeatable():
    class Remembering:
        h = None

        def __call__(self, x, state=None):
            if state is None and self.h is not None and len(self.h[0]) == len(x):
                state = self.h
            h, self.h = contracts.scan(step, H=H)(x, state)
            return h, self.h

    report = check(Remembering())
    assert report.culprit == "repeatability"
    assert "does the cell remember between calls" in report["repeatability"].text


def test_a_cell_that_overwrites_its_input_is_told_so():
    def overwriting(x, state=None):
        x *= 0.5
        return contracts.scan(step, H=H)(x, state)

    verdict = contracts.repeatability(overwriting)
    assert verdict.kept is False
    assert verdict.text == "the cell overwrites its input x"


# ------------------------------------------------------------- contracts that need a second pass


def test_a_state_cut_from_the_graph_breaks_the_gradient():
    class Detached(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = torch.nn.GRUCell(D, H)

        def forward(self, x, h=None):
            outputs = []
            for t in range(x.shape[1]):
                h = self.cell(x[:, t], None if h is None else h.detach())
                outputs.append(h)
            return torch.stack(outputs, 1), h

    report = check(Detached())
    assert report.broken == ["gradient"]
    assert "cut off from step to step" in report["gradient"].text


def test_a_module_that_makes_float32_inside_is_measured_as_it_is():
    class Stubborn(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.cell = torch.nn.RNNCell(D, H)

        def forward(self, x, h=None):
            h = torch.zeros(len(x), H, dtype=torch.float32) if h is None else h
            outputs = []
            for t in range(x.shape[1]):
                h = self.cell(x[:, t], h)
                outputs.append(h)
            return torch.stack(outputs, 1), h

    report = check(Stubborn())
    assert report.ok, str(report)
    assert report["gradient"].kept


def test_a_wrong_backward_pass_breaks_the_gradient():
    params = weights()

    def forward(x, state=None):
        return cells.rnn_forward(x, params, state)[:2]

    def right(x, dh):
        return bptt.rnn_backward(dh, cells.rnn_forward(x, params)[2])[0]

    def without_the_slope_of_tanh(x, dh):
        return dh @ params.W_xh.T

    def transposed(x, dh):
        return right(x, dh).swapaxes(0, 1)

    assert contracts.gradient(forward, backward=right).kept
    wrong = contracts.gradient(forward, backward=without_the_slope_of_tanh)
    assert wrong.kept is False
    assert "is a term missing?" in wrong.text
    assert "expected dx of the shape of x" in contracts.gradient(forward, backward=transposed).text
    assert contracts.gradient(forward).kept is None


def test_a_scan_that_is_no_loop_is_found():
    loop = contracts.scan(step, H=H)

    def off_by_one_scan(x, state=None):
        h, state = loop(x, state)
        return (h if x.shape[1] < 3 else np.roll(h, 1, axis=0)), state

    assert contracts.scan_equals_loop(loop, loop=loop).kept
    assert contracts.scan_equals_loop(off_by_one_scan, loop=loop).kept is False
    assert contracts.scan_equals_loop(loop).kept
    assert contracts.scan_equals_loop(state_resetting).kept is None
    assert contracts.scan_equals_loop(state_resetting, loop=loop).kept


def test_generation_that_differs_from_training_is_found():
    cell = contracts.scan(step, H=H)

    def forgetful(x):
        return np.concatenate([cell(x[:, t : t + 1])[0] for t in range(x.shape[1])], axis=1)

    good = contracts.teacher_forced_equals_stepwise(cell, stepwise=cell)
    bad = contracts.teacher_forced_equals_stepwise(cell, stepwise=forgetful)
    assert (good.kept, bad.kept) == (True, False)


def test_agreement_tells_the_two_gru_conventions_apart(keras):
    from rnncourse import convert

    params = weights("gru")
    assert contracts.agreement(params, reference=convert.to_torch(params)).kept
    assert contracts.agreement(convert.to_keras(params), reference=params).kept
    other = convert.to_keras(params, reset_after=False)
    assert contracts.agreement(params, reference=other).kept is False
    wider = contracts.agreement(params, reference=cells.init_gru(D, 6, np.random.default_rng(0)))
    assert "the reference gives h (3, 7, 6), the cell (3, 7, 5)" in wider.text


# ------------------------------------------------------------------------- cells that fall over


def test_an_exception_is_a_broken_contract_told_in_words():
    def stops_on_short_runs(x, state=None):
        if x.shape[1] == 10:
            raise RuntimeError(f"lost at {hex(id(x))}\nsecond line")
        return contracts.scan(step, H=H)(x, state)

    report = check(stops_on_short_runs)
    assert report.broken == ["state carry"]
    assert report["state carry"].text == "the cell stopped with RuntimeError: lost at ..."


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (lambda x, state=None: 1 / 0, "ZeroDivisionError"),
        (lambda x, state=None: None, "expected floats h"),
        (lambda x, state=None: (np.ones((T, B, H)), None), "is time first?"),
        (lambda x, state=None: (np.ones((len(x), H)), None), r"got float64 (3, 5)"),
        (lambda x, state=None: (np.ones((len(x), x.shape[1], H), int), None), "got int64"),
        (lambda x, state=None: (x, None, None), "expected (h, state), got 3 values"),
        (lambda x, state=None: (x.squeeze(), None), "(for B = 1)"),
        (lambda x, state=None: (x[:, :, : x.shape[1]], None), "H is not always the same"),
        (lambda x, state=None: (x @ np.ones((6, H)), None), "if wrong, say D=..."),
    ],
)
def test_a_cell_that_cannot_be_run_is_told_why_once(cell, words):
    report = check(cell)
    assert report.broken == ["shape"]
    assert words in report["shape"].text
    assert "– all other contracts: not asked before the shapes are right" in str(report)


def test_nan_on_ordinary_input_is_not_finite():
    def undefined(x, state=None):
        h, state = contracts.scan(step, H=H)(x, state)
        return np.sqrt(h - 2), state

    report = check(undefined)
    assert report.broken == ["finiteness"]
    assert "a short, ordinary x already gives NaN" in report["finiteness"].text
    assert str(report).endswith("– all other contracts: not asked before the numbers are finite")


def test_a_check_works_where_gradients_are_switched_off():
    with torch.no_grad():
        assert check(torch.nn.GRU(D, H, batch_first=True))["gradient"].kept


def test_a_name_that_a_learner_uses_otherwise_does_no_harm():
    class Cell:
        D = "a matrix"

        def __call__(self, x, state=None):
            return contracts.scan(step, H=H)(x, state)

    assert check(Cell()).ok


def test_a_saturated_cell_has_no_recurrence_left():
    saturated = contracts.scan(lambda x_t, h_prev: np.tanh(99 + h_prev + 0 * x_t[:, :1]), H=1)
    assert "recurrence" in check(saturated).broken


# ------------------------------------------------------------------------ report and refusals


def test_the_report_is_one_line_for_each_contract_in_a_fixed_order(capsys):
    contracts.check(contracts.scan(step, H=H))
    lines = capsys.readouterr().out.splitlines()
    assert [line[2:].split(":")[0] for line in lines] == list(ORDER)
    assert {line[0] for line in lines} == {"✓", "–"}
    assert max(map(len, lines)) <= 80
    assert sorted(ORDER) == sorted(MOST_TELLING_FIRST)


def test_the_text_is_the_same_whatever_the_numbers():
    texts = {str(check(linear, rng=np.random.default_rng(seed))) for seed in range(4)}
    assert len(texts) == 1


def test_several_broken_contracts_end_with_where_to_look_first():
    assert str(check(axis_swapped)).splitlines()[-1] == "→ look first at: batch independence"
    assert "look first" not in str(check(linear))


def test_a_notebook_keeps_verdicts_and_numbers_beside_the_text(monkeypatch):
    shown = []
    monkeypatch.setattr(contracts.report._display, "line", lambda *given: shown.append(given))
    contracts.check(exploding)
    ((text, record),) = shown
    record = json.loads(json.dumps(record, allow_nan=False))["contracts"]
    assert text.startswith("✓ shape")
    assert (record["cell"], record["broken"]) == ("exploding", ["finiteness"])
    assert record["verdicts"]["agreement"] == "not applicable"
    assert record["numbers"]["recurrence"]["movement"] > 0


def test_contracts_can_be_left_out_with_a_reason():
    why = dict.fromkeys(["causality", "state carry"], "bidirectional on purpose")
    report = check(bidirectional, except_for=why)
    assert report.ok
    assert str(report["causality"]) == "– causality: not asked, bidirectional on purpose"
    with pytest.raises(ValueError, match="except_for: expected names among"):
        check(bidirectional, except_for={"casuality": "a slip"})


def test_each_contract_can_be_asked_alone():
    for name in ORDER:
        ask = getattr(contracts, name.replace(" ", "_").replace("-", "_"))
        verdict = ask(weights())
        assert verdict.name == name
        assert verdict.kept is (None if name in NEVER_ASKED else True)


def test_what_is_no_cell_is_refused(keras):
    with pytest.raises(ValueError, match="cell: expected a function, module or layer, got int"):
        check(4)
    with pytest.raises(ValueError, match="D: expected 4, the cell's input size, got 6"):
        check(weights(), D=6)
    with pytest.raises(ValueError, match="H: expected the size of the state"):
        contracts.scan(step)
    with pytest.raises(ValueError, match="got GRU with return_sequences=False"):
        check(keras.layers.GRU(H))
    with pytest.raises(ValueError, match="got GRU with return_state=False"):
        check(keras.layers.GRU(H, return_sequences=True))


def test_checking_a_numpy_cell_imports_neither_pytorch_nor_keras():
    code = (
        "import sys; from rnncourse import cells, contracts, seeds\n"
        "assert contracts.check(cells.init_rnn(4, 5, seeds.rng(4)), show=False).ok\n"
        "assert not {'torch', 'keras', 'tensorflow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
