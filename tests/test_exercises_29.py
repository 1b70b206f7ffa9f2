"""Chapter 29's checks on trial: wrong answers written in other ways get the same diagnosis."""

import differently
import numpy as np
import pytest
import torch
from test_exercises import mark

from rnncourse import grading, policy_gradient
from rnncourse.grading import sheet_29

CHECKED = {exercise.id: exercise for exercise in grading.exercises("29") if exercise.kind != "open"}

# --- 29.1, by the loops that people write

R, V, V_NEXT = sheet_29.REWARDS, sheet_29.VALUES, sheet_29.NEXT_VALUES
FELL = np.array([0, 1, 0, 0, 0], dtype=bool)
OVER = np.array([0, 1, 0, 1, 0], dtype=bool)


def estimated(gamma=0.5, lam=0.8, bootstrap=~FELL, goes_on=~OVER, next_values=V_NEXT):
    """delta and A by the usual loop, with the flags that one code or other uses."""
    delta = R + gamma * next_values * bootstrap - V
    A, later = np.zeros(5), 0.0
    for t in range(4, -1, -1):
        later = delta[t] + gamma * lam * later * goes_on[t]
        A[t] = later
    return delta, A


RETURNS, DELTAS, ADVANTAGES = sheet_29.RIGHT
SHIFTED = np.append(V[1:], V_NEXT[-1])  # the row below, whatever stands there
TRACES = [
    ("one flag for both ends", (RETURNS, *estimated(bootstrap=~OVER)),
     "as if the pole had fallen"),
    ("no flag at all", (RETURNS, *estimated(bootstrap=np.ones(5))), "nothing comes after a fall"),
    ("values of the row below", (RETURNS, *estimated(next_values=SHIFTED)),
     "belongs to a new episode"),
    ("flow over a time limit", (RETURNS, DELTAS, estimated(goes_on=~FELL)[1]),
     "over the truncation an advantage comes back"),
    ("flow over both ends", (RETURNS, DELTAS, estimated(goes_on=np.ones(5))[1]),
     "handed from one episode back"),
    ("lambda 1", (RETURNS, DELTAS, estimated(lam=1.0)[1]), "with gamma alone"),
    ("lambda 0", (RETURNS, DELTAS, estimated(lam=0.0)[1]), "lambda = 0"),
    ("gamma 1 in the sum", (RETURNS, DELTAS, sheet_29._chained(DELTAS, 0.8)), "lambda alone"),
    ("rewards alone", ([1.5, 1, 2.5, 1, 2], DELTAS, ADVANTAGES), "nothing more"),
    ("a critic's view of a fallen pole", ([3, 4, 3.5, 3, 6], DELTAS, ADVANTAGES), "lies there"),
    ("one step", (R + 0.5 * V_NEXT * ~FELL, DELTAS, ADVANTAGES), "one step ahead"),
    ("an undiscounted rest", ([1.5, 1, 4.5, 5, 10], DELTAS, ADVANTAGES), "counts gamma times"),
    ("a return over the limit", ([1.5, 1, 4, 4, 6], DELTAS, ADVANTAGES), "behind the time limit"),
    ("the targets", (RETURNS, DELTAS, ADVANTAGES + V), "the critic's targets"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "says"), [t[1:] for t in TRACES], ids=[t[0] for t in TRACES])
def test_a_wrong_row_is_named(rows, says):
    verdict = mark(CHECKED["29.1"], rows)
    assert verdict.verdict == "wrong"
    assert says in verdict.sentence


def test_the_first_wrong_row_is_told_before_those_that_follow_from_it():
    rows = (RETURNS, *estimated(bootstrap=~OVER))
    assert mark(CHECKED["29.1"], rows).sentence.startswith("deltas")


def test_a_step_that_no_list_foresaw_is_named():
    deltas = DELTAS.copy()
    deltas[3] += 0.3
    told = mark(CHECKED["29.1"], (RETURNS, deltas, ADVANTAGES)).sentence
    assert told.startswith("deltas: at step 3 yours is 1.3")


def test_the_rows_by_hand_are_those_of_the_package():
    rows = [torch.tensor(row) for row in (R, V, V_NEXT, FELL, OVER)]
    assert np.allclose(policy_gradient.advantages(*rows, gamma=0.5, lam=0.8), ADVANTAGES)
    # with lambda = 1 an advantage is the return less what was expected
    plain = policy_gradient.advantages(*rows, gamma=0.5, lam=1.0).numpy()
    assert np.allclose(plain + V, RETURNS)


# --- 29.2


def of_the_package(log_p, log_p_old, A, eps):
    log_p, log_p_old, A = map(torch.tensor, (log_p, log_p_old, A))
    A = (A - A.mean()) / A.std(correction=0)
    log_p.requires_grad_()
    loss = -policy_gradient.clipped(log_p, log_p_old, A, eps).mean()
    loss.backward()
    return loss.detach(), (log_p.grad == 0).double().mean()


def test_the_package_answers_right_and_stopped_is_where_no_gradient_is():
    assert mark(CHECKED["29.2"], of_the_package, 5.0).verdict == "right"


def terms(log_p, log_p_old, A, eps, normal=True):
    A = (A - A.mean()) / A.std() if normal else A
    rho = np.exp(log_p - log_p_old)
    return rho * A, np.clip(rho, 1 - eps, 1 + eps) * A, rho, A


def torch_deviation(log_p, log_p_old, A, eps):
    A = torch.tensor(A)
    A = ((A - A.mean()) / A.std()).numpy()
    open_, closed, *_ = terms(log_p, log_p_old, A, eps, normal=False)
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def objective_not_loss(*args):
    open_, closed, *_ = terms(*args)
    return np.minimum(open_, closed).mean(), (closed < open_).mean()


def maximum_taken(*args):
    open_, closed, *_ = terms(*args)
    return -np.where(open_ > closed, open_, closed).mean(), (closed < open_).mean()


def only_the_clipped_term(*args):
    open_, closed, *_ = terms(*args)
    return -closed.mean(), (closed < open_).mean()


def plain_importance_sampling(*args):
    open_, closed, *_ = terms(*args)
    return -open_.mean(), (closed < open_).mean()


def difference_of_logs(log_p, log_p_old, A, eps):
    A = (A - A.mean()) / A.std()
    rho = log_p - log_p_old
    open_, closed = rho * A, np.clip(rho, 1 - eps, 1 + eps) * A
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def old_over_new(log_p, log_p_old, A, eps):
    open_, closed, *_ = terms(log_p_old, log_p, A, eps)
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def raw_advantages(*args):
    open_, closed, *_ = terms(*args, normal=False)
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def row_by_row(log_p, log_p_old, A, eps):
    A = np.array([(row - row.mean()) / row.std() for row in A])
    open_, closed, *_ = terms(log_p, log_p_old, A, eps, normal=False)
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def smaller_ratio_first(log_p, log_p_old, A, eps):
    _, _, rho, A = terms(log_p, log_p_old, A, eps)
    smaller = np.minimum(rho, np.clip(rho, 1 - eps, 1 + eps))
    return -(smaller * A).mean(), np.mean((rho > 1 + eps) & (A > 0))


def clip_fraction_of_the_programs(log_p, log_p_old, A, eps):
    open_, closed, rho, _ = terms(log_p, log_p_old, A, eps)
    return -np.minimum(open_, closed).mean(), (np.abs(rho - 1) > eps).mean()


def counted(log_p, log_p_old, A, eps):
    open_, closed, *_ = terms(log_p, log_p_old, A, eps)
    return -np.minimum(open_, closed).mean(), (closed < open_).sum()


def summed(log_p, log_p_old, A, eps):
    open_, closed, *_ = terms(log_p, log_p_old, A, eps)
    return -np.minimum(open_, closed).sum(), (closed < open_).mean()


def product_clipped(*args):
    open_, _, _, _ = terms(*args)
    eps = args[-1]
    closed = np.clip(open_, 1 - eps, 1 + eps)
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def only_from_above(log_p, log_p_old, A, eps):
    open_, _, rho, A = terms(log_p, log_p_old, A, eps)
    closed = np.where(rho > 1 + eps, 1 + eps, rho) * A
    return -np.minimum(open_, closed).mean(), (closed < open_).mean()


def equal_counted(*args):
    open_, closed, *_ = terms(*args)
    L = np.minimum(open_, closed)
    return -L.mean(), (closed == L).mean()


# --- 29.3


def reset_in_place(step, x, ended, h_0):
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        out.append(h)
        h[ended[:, t]] = 0
    return np.stack(out, axis=1), h


def masked_by_any(step, x, ended, h_0):
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        out.append(h)
        if any(ended[:, t]):
            h = 0 * h
    return np.stack(out, axis=1), h


def zeros_at_the_cut(step, x, ended, h_0):
    h, out = np.zeros(h_0.shape), []
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        out.append(h)
        h = h * ~ended[:, t, None]
    return np.stack(out, axis=1), h


def reset_before_the_step(step, x, ended, h_0):
    """The loop of an acting program, whose last reset would come with the next rollout."""
    first, h, out = np.zeros(len(x), dtype=bool), h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], np.where(first[:, None], 0, h))
        out.append(h)
        first = ended[:, t]
    return np.stack(out, axis=1), h


def flags_of_the_step_itself(step, x, ended, h_0):
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h * (1 - ended[:, t, None]))
        out.append(h)
    return np.stack(out, axis=1), h


def flags_of_the_step_before(step, x, ended, h_0):
    h, out, before = h_0, [], np.zeros(len(x), dtype=bool)
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        out.append(h)
        h, before = h * ~before[:, None], ended[:, t]
    return np.stack(out, axis=1), h


def erased_before_it_is_kept(step, x, ended, h_0):
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        h = np.where(ended[:, t][:, None], 0, h)
        out.append(h)
    return np.stack(out, axis=1), h


def one_long_episode(step, x, ended, h_0):
    h, out = h_0, []
    for x_t in x.swapaxes(0, 1):
        h = step(x_t, h)
        out.append(h)
    return np.stack(out, axis=1), h


def multiplied_by_ended(step, x, ended, h_0):
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        out.append(h)
        h = h * ended[:, t, None]
    return np.stack(out, axis=1), h


WRONG = [
    ("29.2", torch_deviation, "n - 1"),
    ("29.2", objective_not_loss, "the sign is turned"),
    ("29.2", maximum_taken, "the larger of the two terms"),
    ("29.2", only_the_clipped_term, "without the minimum"),
    ("29.2", plain_importance_sampling, "nothing is clipped"),
    ("29.2", difference_of_logs, "take exp"),
    ("29.2", old_over_new, "old over new"),
    ("29.2", raw_advantages, "as they are"),
    ("29.2", row_by_row, "in each *row*"),
    ("29.2", smaller_ratio_first, "multiply first"),
    ("29.2", clip_fraction_of_the_programs, "all ratios outside the fence"),
    ("29.2", product_clipped, "clip first, then multiply"),
    ("29.2", only_from_above, "from above only"),
    ("29.2", equal_counted, "both terms are equal"),
    ("29.2", counted, "divide by the number of steps"),
    ("29.2", summed, "take the mean"),
    ("29.3", masked_by_any, "takes the memory of *all*"),
    ("29.3", zeros_at_the_cut, "the rollout begins with zeros"),
    ("29.3", reset_before_the_step, "must be reset too"),
    ("29.3", flags_of_the_step_itself, "one step early"),
    ("29.3", flags_of_the_step_before, "one step late"),
    ("29.3", erased_before_it_is_kept, "erased before it is kept"),
    ("29.3", reset_in_place, "keep a copy"),
    ("29.3", one_long_episode, "nothing is ever reset"),
    ("29.3", multiplied_by_ended, "the rows that go on are reset"),
]


@differently.by_sentence(CHECKED.values(), WRONG)
def test_a_wrong_answer_written_differently_is_named(exercise, attempt, says):
    differently.assert_told(exercise, attempt, says)


def test_the_broken_rollout_of_the_page_still_has_all_three_faults():
    def broken(step, x, ended, h_0):
        h, states = np.zeros_like(h_0), []
        for t in range(x.shape[1]):
            if t > 0 and ended[:, t - 1].any():
                h = np.zeros_like(h)
            h = step(x[:, t], h)
            states.append(h)
        return np.stack(states, axis=1), h

    assert "what the broken function does" in mark(CHECKED["29.3"], broken, 5.0).sentence
