"""Whole models: a sequence's answer is its own, and every step of it is heard."""

import numpy as np
import pytest
import torch

from rnncourse import batching, cells, contracts, text

V, D, H = 6, 4, 5
rng = np.random.default_rng(0)
PARAMS, BACK = (cells.init_lstm(V, H, rng) for _ in range(2))
HEAD = rng.normal(size=(2 * H, 2))
ROWS = [rng.integers(0, V, n) for n in (7, 4, 2, 5)]


def model(last=batching.last_real, mean=batching.mean_real, reverse=batching.reverse_real,
          heard=lambda row: row):  # fmt: skip
    """A two-way LSTM with a head on its last state and its mean."""

    def answer(sequences):
        ids, mask = text.pad([heard(np.asarray(row)) for row in sequences])
        n, x = mask.sum(axis=1), np.eye(V)[ids] * mask[..., None]
        h = cells.lstm_forward(x, PARAMS)[0]
        back = reverse(cells.lstm_forward(reverse(x, n), BACK)[0], n)
        return np.concatenate([last(h, n), mean(back, mask)], axis=1) @ HEAD

    return answer


MISTAKES = {
    "last": lambda h, lengths: h[:, -1],
    "mean": lambda h, mask: h.mean(axis=1),
    "reverse": lambda x, lengths: x[:, ::-1],
}


def test_a_sound_model_keeps_both_laws():
    assert contracts.in_company(model(), ROWS).kept
    assert contracts.hears_every_step(model(), ROWS, range(V)).kept


@pytest.mark.parametrize("where", MISTAKES)
def test_padding_that_gets_in_is_seen_by_the_company(where):
    verdict = contracts.in_company(model(**{where: MISTAKES[where]}), ROWS)
    assert not verdict.kept
    assert verdict.numbers["gap"] > 1e-3
    assert verdict.numbers["moved"] > 0.5


def test_a_mask_by_value_keeps_the_company_and_is_deaf():
    deaf = model(heard=lambda row: row[row != 2] if (row != 2).any() else row)
    rows = [np.where(row == 2, 1, row) for row in ROWS]
    assert contracts.in_company(deaf, rows).kept
    verdict = contracts.hears_every_step(deaf, rows, range(V))
    assert not verdict.kept
    assert "number 2 of those tried" in verdict.text
    assert verdict.numbers == {"silent": 1.0}


def test_a_silent_row_of_numbers_is_found_too():
    def masking(sequences):  # takes a row of zeros for padding, as a Masking layer does
        kept = [row[(row != 0).any(axis=1)] for row in sequences]
        params = cells.init_lstm(D, H, np.random.default_rng(1))
        return np.array([cells.lstm_forward(row[None], params)[1][0][0] for row in kept])

    rows = [np.random.default_rng(n).normal(size=(n, D)) for n in (3, 7)]
    assert contracts.in_company(masking, rows).kept
    assert not contracts.hears_every_step(masking, rows, [np.zeros(D)]).kept


def test_single_precision_is_judged_by_its_own_rounding():
    layer = torch.nn.LSTM(V, H, batch_first=True)

    def answer(sequences):
        ids, mask = text.pad(sequences)
        with torch.no_grad():
            h = layer(torch.eye(V)[torch.from_numpy(ids)])[0]
        return batching.last_real(h, mask.sum(axis=1)).numpy()

    assert contracts.in_company(answer, ROWS).kept


def test_sequences_that_could_show_nothing_are_refused():
    with pytest.raises(ValueError, match="sequences: expected at least two, of different lengths"):
        contracts.in_company(model(), [ROWS[0], ROWS[0]])
    with pytest.raises(ValueError, match="expected at least one of each"):
        contracts.hears_every_step(model(), ROWS, [])
