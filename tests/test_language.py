"""The language model, its pieces, what it copies, and the records of long runs."""

import numpy as np
import pytest
import torch

from rnncourse import contracts, decoding, long_runs
from rnncourse.concordance import Concordance
from rnncourse.subwords import Pieces
from rnncourse.torch_models import LanguageModel

B, T, V, D, H = 3, 7, 11, 4, 5


def model(**options):
    return LanguageModel(V, H, rng=np.random.default_rng(4), **({"D": D} | options)).double()


def ids(T=T):
    return torch.from_numpy(np.random.default_rng(5).integers(0, V, (B, T)))


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("layers", [1, 2])
def test_step_by_step_equals_all_at_once(kind, layers):
    net, x, state = model(kind=kind, layers=layers), ids(), None
    for t in range(T):
        logits, state = net.step(x[:, t].numpy(), state)
        torch.testing.assert_close(logits, net(x)[0][:, t])


def test_carrying_the_state_over_a_cut_changes_nothing():
    net, x = model(), ids(T=20)
    first, state = net(x[:, :10])
    second, _ = net(x[:, 10:], state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), net(x)[0])
    assert contracts.state_carry(net.recurrent).kept


def test_the_embedding_is_a_matrix_that_a_one_hot_vector_picks_from():
    net, x = model(), ids()
    one_hot = torch.nn.functional.one_hot(x, V).double()
    torch.testing.assert_close(one_hot @ net.embedding.weight, net.embedding(x))


def test_tied_weights_are_one_matrix_and_learn_from_both_ends():
    net = model(D=H, tied=True)
    assert net.readout.weight is net.embedding.weight
    free = model(D=H)
    saved = sum(p.numel() for p in free.parameters()) - sum(p.numel() for p in net.parameters())
    assert saved == V * H
    x = torch.zeros(1, 2, dtype=torch.long)  # reads symbol 0 only, predicts all
    net(x)[0].logsumexp(dim=-1).sum().backward()
    assert (net.embedding.weight.grad.abs().sum(dim=1) > 0).all()


def test_the_readout_is_the_scores_of_the_states():
    net, x = model(), ids()
    h, _ = net.recurrent(net.embedding(x))
    torch.testing.assert_close(h @ net.readout.weight.T + net.readout.bias, net(x)[0])


def test_a_generator_draws_the_same_weights_and_leaves_torchs_stream_alone():
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    one, other = model(), model()
    assert torch.equal(torch.rand(2), expected)
    assert all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def test_dropout_belongs_to_training_and_a_step_leaves_the_mode_as_it_was():
    net = model(dropout=0.5)
    assert not torch.equal(net(ids())[0], net(ids())[0])
    logits, _ = net.step(np.array([0, 1, 2]))
    assert net.training
    torch.testing.assert_close(logits, net.step(np.array([0, 1, 2]))[0])


def test_a_state_goes_through_a_beam():
    net = model(layers=2)
    found, log_p = decoding.beam(net.step, None, np.array([0, 3, 1]), 6, width=4)
    at_once = torch.cat([torch.tensor([[0], [3], [1]]), torch.from_numpy(found)], dim=1)
    log_q = torch.log_softmax(net(at_once[:, :-1])[0], dim=-1)
    total = log_q.gather(2, at_once[:, 1:, None]).sum(dim=(1, 2))
    np.testing.assert_allclose(log_p, total.detach())


def test_one_symbol_and_one_row():
    logits, (h, c) = model().step(np.array([3]))
    assert logits.shape == (1, V)
    assert h.shape == c.shape == (1, 1, H)


def test_a_language_model_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="D: expected H = 5 where the weights are tied, got 4"):
        model(tied=True)
    with pytest.raises(ValueError, match="bidirectional: expected False"):
        model(bidirectional=True)
    with pytest.raises(ValueError, match=r"ids: expected integers \(B, T\)"):
        model()(torch.zeros(B, T))


TEXT = "the cat sat on the mat, and the hat sat on the cat. " * 9


def test_pieces_write_every_text_down_and_back():
    pieces = Pieces(TEXT, 270)
    for text in (TEXT, "a hat", "  \n\n\tüß 猫 \x00", "Ġ"):
        assert pieces.decode(pieces.encode(text)) == text
    assert "".join(pieces.show(pieces.encode(TEXT))) == TEXT
    assert pieces.encode("").shape == (0,)


def test_more_pieces_need_fewer_of_them_for_a_text():
    lengths = [len(Pieces(TEXT, V).encode(TEXT)) for V in (256, 260, 270)]
    assert lengths[0] == len(TEXT)
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[2] < 0.5 * lengths[0]


def test_the_first_merge_is_the_commonest_pair():
    assert Pieces("xyxyxy ab xyz", 257).merges == [["x", "y"]]


def test_pieces_are_the_same_when_learned_again():
    assert Pieces(TEXT, 270).merges == Pieces(TEXT, 270).merges


def test_pieces_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="V: expected a whole number of at least 256, got 255"):
        Pieces(TEXT, 255)
    with pytest.raises(ValueError, match="text: expected a string"):
        Pieces("", 300)


def test_a_concordance_finds_what_slow_search_finds():
    rng = np.random.default_rng(6)
    old, new = ("".join(rng.choice(list("abc"), n)) for n in (300, 80))

    def slowly(i):
        return max(length for length in range(81 - i) if new[i : i + length] in old)

    assert Concordance(old).lengths(new) == [slowly(i) for i in range(80)]


def test_a_copy_is_followed_to_its_end_and_no_further_than_asked():
    old = "What stands here is long enough to be copied."
    assert max(Concordance(old).lengths("... " + old)) == len(old)
    assert max(Concordance(old, longest=9).lengths(old)) == 9
    assert Concordance(old).lengths("zzz") == [0, 0, 0]


def test_a_concordance_refuses_what_does_not_fit():
    with pytest.raises(ValueError, match="old: expected a string"):
        Concordance("")
    with pytest.raises(ValueError, match="longest: expected a positive whole number, got 0"):
        Concordance("a", longest=0)


def square(n):
    return {"square": n * n}


def cube(n):
    return {"square": n * n * n}


def test_a_record_is_made_when_asked_for_and_then_told(tmp_path, monkeypatch):
    monkeypatch.setenv(long_runs.ASKED, "missing")
    made = long_runs.recorded("squares", square, [(2,), (3,)], folder=tmp_path)
    monkeypatch.delenv(long_runs.ASKED)
    told = long_runs.recorded("squares", square, [(3,)], folder=tmp_path)
    assert made.values == {(2,): {"square": 4}, (3,): {"square": 9}}
    assert told.values == {(3,): {"square": 9}}
    assert told.python in str(told)


def test_comments_and_line_breaks_leave_a_record_valid(tmp_path, monkeypatch):
    def told():
        def square(n):
            """What it does."""
            return {
                "square": n * n,  # and why
            }

        return square

    monkeypatch.setenv(long_runs.ASKED, "again")
    made = long_runs.recorded("squares", square, [(2,)], folder=tmp_path)
    monkeypatch.delenv(long_runs.ASKED)
    assert long_runs.recorded("squares", told(), [(2,)], folder=tmp_path).values == made.values


def test_a_record_of_other_code_or_other_cases_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv(long_runs.ASKED, "again")
    long_runs.recorded("squares", square, [(2,)], folder=tmp_path)
    monkeypatch.delenv(long_runs.ASKED)
    with pytest.raises(ValueError, match="got one by other code"):
        long_runs.recorded("squares", cube, [(2,)], folder=tmp_path)
    with pytest.raises(ValueError, match="got one by other code"):
        long_runs.recorded("squares", square, [(2,)], code=[cube], folder=tmp_path)
    with pytest.raises(ValueError, match="cases: expected those of the record"):
        long_runs.recorded("squares", square, [(5,)], folder=tmp_path)
    with pytest.raises(ValueError, match="got none"):
        long_runs.recorded("cubes", cube, [(2,)], folder=tmp_path)
