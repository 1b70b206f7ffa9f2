"""Learning to act: the judge, the objective, and agents that remember what they ought to."""

import numpy as np
import pytest
import torch

from rnncourse import contracts
from rnncourse import policy_gradient as pg
from rnncourse.control import CartPole, TMaze
from rnncourse.torch_models import Policies
from rnncourse.torch_models.policy import KINDS

S, B, T, D, A, H = 2, 3, 7, 4, 3, 5


def agents(kind="gru", **options):
    made = Policies(kind, S, D, A, H, rng=np.random.default_rng(0), **options)
    with torch.no_grad():
        for w in made.parameters():
            w += 0.3 * torch.randn(w.shape, generator=torch.Generator().manual_seed(1))
    return made.double()


def row(seed=0):
    rng = np.random.default_rng(seed)
    first = torch.zeros(S, B, T, dtype=torch.bool)
    first[..., 0] = True
    first[0, 1, 3] = first[1, 2, 5] = True
    return torch.tensor(rng.normal(size=(S, B, T, D))), first


# --- agents


@pytest.mark.parametrize("kind", KINDS)
def test_step_by_step_is_the_same_as_all_at_once(kind):
    made, (x, first) = agents(kind), row()
    h, last = made.hidden(x, made.start(B).double(), first)
    state = made.start(B).double()
    for t in range(T):
        h_t, state = made.advance(x[:, :, t], state * ~first[:, :, t, None])
        torch.testing.assert_close(h_t, h[:, :, t])
    torch.testing.assert_close(state, last)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_an_agent_is_the_layer_of_pytorch_with_the_same_weights(kind):
    made, (x, _) = agents(kind), row()
    layer = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
    layer = layer(D, H, batch_first=True).double()
    with torch.no_grad():
        layer.weight_ih_l0.copy_(made.W_xh[1].T)
        layer.weight_hh_l0.copy_(made.W_hh[1].T)
        layer.bias_ih_l0.copy_(made.b_h[1, 0])
        layer.bias_hh_l0.zero_()
        if kind == "gru":
            layer.bias_hh_l0[2 * H :] = made.b_n[1, 0]
    h = made.hidden(x, made.start(B).double())[0]
    torch.testing.assert_close(h[1], layer(x[1])[0])


def test_a_window_is_a_feed_forward_network_on_its_last_looks():
    made, (x, _) = agents("window", window=3), row()
    h = made.hidden(x, made.start(B).double())[0]
    looks = torch.cat([x[:, :, 2], x[:, :, 3], x[:, :, 4]], dim=-1)
    torch.testing.assert_close(h[:, :, 4], torch.tanh(made.b_h + looks @ made.W_xh))


@pytest.mark.parametrize("kind", KINDS)
def test_agents_side_by_side_share_nothing(kind):
    made, (x, first) = agents(kind), row()
    made(x, made.start(B).double(), first)[0][0].sum().backward()
    assert all((w.grad[1] == 0).all() for w in made.parameters() if w.grad is not None)


def test_the_bias_goes_to_the_gate_that_keeps():
    lstm = Policies("lstm", S, D, A, H, bias=3.0, rng=np.random.default_rng(0))
    assert (lstm.b_h[..., H : 2 * H] == 3).all()
    assert lstm.b_h.sum() == 3 * S * H
    h = torch.zeros(S, B, H) + 0.7
    gru = Policies("gru", S, D, A, H, bias=50.0, rng=np.random.default_rng(0))
    torch.testing.assert_close(gru.advance(torch.randn(S, B, D), h)[1], h)


def test_fresh_agents_know_no_preference():
    fresh = Policies("lstm", S, D, A, H, rng=np.random.default_rng(0))
    logits, values, _ = fresh(row()[0].float(), fresh.start(B))
    assert logits.abs().max() < 0.05
    assert values.abs().max() < 0.05


@pytest.mark.parametrize(
    ("options", "name"), [({"kind": "tree"}, "kind"), ({"H": 0}, "H"), ({"S": 1.5}, "S")]
)
def test_agents_that_cannot_be_are_refused(options, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        Policies(**{"kind": "gru", "S": S, "D": D, "A": A, "H": H} | options,
                 rng=np.random.default_rng(0))  # fmt: skip


# --- the judge and the objective


def judged(reward, value, next_value, terminated, ended, gamma=0.9, lam=0.8):
    arrays = [torch.tensor(a, dtype=torch.float64) for a in (reward, value, next_value)]
    flags = [torch.tensor(a) for a in (terminated, ended)]
    return pg.advantages(*arrays, *flags, gamma, lam).tolist()


def test_advantages_by_hand():
    no = [False] * 3
    delta = [1 + 0.9 * 5 - 2, 1 + 0.9 * 6 - 5, 1 + 0.9 * 7 - 6]
    expected = [delta[0] + 0.72 * (delta[1] + 0.72 * delta[2]), delta[1] + 0.72 * delta[2]]
    found = judged([1, 1, 1], [2, 5, 6], [5, 6, 7], no, no)
    np.testing.assert_allclose(found, [*expected, delta[2]])


def test_with_lambda_one_advantages_are_returns_less_what_was_expected():
    rng = np.random.default_rng(0)
    reward, value = rng.normal(size=(2, 8))
    ended = np.arange(8) == 7
    after = np.append(value[1:], 0.0)
    found = judged(reward, value, after, ended, ended, 0.9, 1.0)
    sums = [sum(0.9 ** (k - t) * reward[k] for k in range(t, 8)) for t in range(8)]
    np.testing.assert_allclose(found, sums - value)


def test_nothing_flows_back_from_the_next_episode():
    for terminated in (True, False):
        flags = [terminated, False], [True, False]
        one = judged([1, 1], [0, 0], [3, 3], *flags)
        other = judged([1, 99], [0, 0], [3, 3], *flags)
        assert one[0] == other[0]


def test_the_first_step_on_the_objective_is_the_policy_gradient():
    logits = torch.tensor([[0.3, -0.2, 0.1]] * 4, requires_grad=True)
    action, A = torch.tensor([0, 1, 2, 1]), torch.tensor([1.0, -2.0, 0.5, 3.0])
    log_p = pg.log_p_of(logits, action)
    g = torch.autograd.grad(pg.clipped(log_p, log_p.detach(), A).sum(), logits,
                            retain_graph=True)[0]  # fmt: skip
    torch.testing.assert_close(g, torch.autograd.grad((A * log_p).sum(), logits)[0])


def test_the_objective_never_exceeds_the_one_that_is_not_clipped():
    log_p, A = torch.randn(100), torch.randn(100)
    assert (pg.clipped(log_p, torch.zeros(100), A) <= log_p.exp() * A + 1e-6).all()


def test_actions_are_drawn_as_often_as_the_logits_say():
    logits = torch.log(torch.tensor([0.2, 0.5, 0.3])).expand(20_000, 3)
    counts = np.bincount(pg.drawn(logits, np.random.default_rng(0)), minlength=3) / 20_000
    np.testing.assert_allclose(counts, [0.2, 0.5, 0.3], atol=0.02)


# --- acting and learning


def acted(kind="gru", limit=6, steps=12):
    made = Policies(kind, S, 3, 2, H, rng=np.random.default_rng(0))
    world = CartPole((S, B), np.random.default_rng(1), limit=limit)
    actor = pg.Actor(made, world, np.random.default_rng(2))
    return made, actor, actor.collect(steps)


@pytest.mark.parametrize("kind", KINDS)
def test_read_again_the_chances_are_what_they_were_when_acting(kind):
    made, actor, rollout = acted(kind)
    for part in (rollout, pg.pieces(rollout, 4), pg.pieces(actor.collect(12), 3)):
        logits, values = pg.again(made, part)
        torch.testing.assert_close(pg.log_p_of(logits, part.action), part.log_p)
        torch.testing.assert_close(values, part.value)


def test_from_zeros_the_chances_are_others():
    made, _, rollout = acted("lstm")
    with torch.no_grad():
        made.W_ha += 1.0 * torch.randn(made.W_ha.shape)
    part = pg.pieces(rollout, 4)
    there, zero = (pg.again(made, part, memory)[0] for memory in ("stored", "zero"))
    assert (there - zero).abs().max() > 1e-3


def test_what_is_expected_at_a_time_limit_belongs_to_the_episode_that_it_cuts():
    made, _, rollout = acted(limit=6)
    assert rollout.ended[..., 5].all()
    assert not rollout.terminated[..., 5].any()
    assert rollout.first[..., 6].all()
    assert (rollout.state[:, :, 6] == 0).all()
    inside = ~rollout.ended[..., :-1]
    torch.testing.assert_close(rollout.next_value[..., :-1][inside], rollout.value[..., 1:][inside])


def test_the_returns_of_finished_episodes_are_counted():
    _, actor, _ = acted(limit=6)
    assert actor.returns == [[6.0] * 2 * B] * S


def test_a_rollout_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="length: expected a divisor of T = 12, got 5"):
        pg.pieces(acted()[2], 5)
    with pytest.raises(ValueError, match="memory: expected 'stored' or 'zero'"):
        pg.again(*acted()[::2], memory="old")


def test_agents_learn_a_short_maze_and_keep_their_best_weights():
    made = Policies("gru", S, 4, 3, 8, rng=np.random.default_rng(0))
    mazes = [TMaze((S, 24), np.random.default_rng(k), length=2) for k in (1, 2, 3)]
    trials = pg.learn(made, *mazes[:2], np.random.default_rng(4), rollouts=16, steps=8, every=4,
                      batches=4)  # fmt: skip
    assert trials.shape == (4, S)
    assert pg.greedy(made, mazes[2]).mean() > 0.5


# --- contracts


def whole(kind, reset=True):
    made = agents(kind)

    def run(x, first):
        marks = torch.from_numpy(first)[None].expand(S, -1, -1)
        x = torch.from_numpy(x)[None].expand(S, -1, -1, -1)
        h = made.hidden(x, made.start(len(first)).double(), marks if reset else None)[0]
        return h[0].detach().numpy()

    return run


X, FIRST = row()[0][0].numpy(), row()[1][0].numpy()


@pytest.mark.parametrize("kind", ["window", "rnn", "lstm", "gru"])
def test_agents_mind_the_ends(kind):
    assert contracts.minds_the_ends(whole(kind), X, FIRST).kept


@pytest.mark.parametrize("kind", ["window", "rnn", "lstm", "gru"])
def test_a_state_that_is_carried_over_an_end_is_found(kind):
    verdict = contracts.minds_the_ends(whole(kind, reset=False), X, FIRST)
    assert verdict.kept is False
    assert "episode before" in verdict.text
    assert verdict.numbers["leak"] > 1e-6


def test_a_state_that_is_reset_in_mid_episode_is_found():
    marks = FIRST.copy()
    marks[:, 4] = True
    verdict = contracts.minds_the_ends(lambda x, first: whole("gru")(x, marks), X, FIRST)
    assert verdict.kept is False
    assert "before step 4 is forgotten" in verdict.text
    assert verdict.numbers == {"leak": 0.0, "forgotten": 1.0}


def test_a_reset_in_one_row_only_is_found_too():
    marks = FIRST.copy()
    marks[2, 4] = True
    verdict = contracts.minds_the_ends(lambda x, first: whole("gru")(x, marks), X, FIRST)
    assert verdict.kept is False
    assert "mid-episode" in verdict.text


def test_an_agent_without_memory_is_told_so():
    verdict = contracts.minds_the_ends(whole("feed-forward"), X, FIRST)
    assert verdict.kept is False
    assert "has no memory" in verdict.text


def test_our_advantages_value_the_cut():
    verdict = contracts.values_the_cut(pg.advantages)
    assert verdict.kept
    assert max(verdict.numbers.values()) < 1e-6


@pytest.mark.parametrize(
    ("swap", "said"),
    [
        (lambda terminated, ended: (ended, ended), "counts as a failure"),
        (lambda terminated, ended: (terminated, terminated), "flow back"),
        (lambda terminated, ended: (terminated & False, ended), "nothing follows there"),
    ],
)
def test_flags_that_are_mixed_up_are_found(swap, said):
    def mixed(reward, value, next_value, terminated, ended, gamma, lam):
        flags = swap(terminated, ended)
        return pg.advantages(reward, value, next_value, *flags, gamma, lam)

    verdict = contracts.values_the_cut(mixed)
    assert verdict.kept is False
    assert said in verdict.text


@pytest.mark.parametrize("first", [FIRST[:, :4], FIRST * 1.0, FIRST & False])
def test_rows_without_episodes_are_refused(first):
    with pytest.raises(ValueError, match="^first: expected"):
        contracts.minds_the_ends(whole("gru"), X, first)
