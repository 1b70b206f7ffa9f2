"""Answer sheet of chapter 29, Acting with memory."""

import itertools

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 29.1 Three ways to end ---------------------------------------------------------------------

REWARDS = np.array([1.0, 1.0, 2.0, 1.0, 2.0])
VALUES = np.array([2.0, 4.0, 1.0, 2.0, 3.0])
GAMMA, LAMBDA = 0.5, 0.8
NEXT_VALUES = np.array([4.0, 6.0, 2.0, 4.0, 8.0])  # of the look that followed, same episode
TERMINATED, TRUNCATED, CUT = 1, 3, 4  # the steps after which an episode, or the rollout, ends


def _next_values(terminated=0.0, truncated=NEXT_VALUES[TRUNCATED], cut=NEXT_VALUES[CUT]):
    """What comes after each step is worth, with a switch for each of the three ends."""
    after = NEXT_VALUES.copy()
    after[TERMINATED], after[TRUNCATED], after[CUT] = terminated, truncated, cut
    return after


def _chained(terms, decay, ends=(TERMINATED, TRUNCATED), last=0.0):
    """terms[t] + decay * what comes after t, from the back; nothing passes over an end."""
    total, out = last, np.zeros(len(terms))
    for t in reversed(range(len(terms))):
        total = terms[t] + decay * (0.0 if t in ends else total)
        out[t] = total
    return out


def _returns(gamma=GAMMA, discount=None, **ends):
    """Discounted rewards up to the end of the episode, and the value of what is not seen."""
    after = _next_values(**ends)
    paid = REWARDS.copy()
    for t in (TERMINATED, TRUNCATED, CUT):
        paid[t] += (gamma if discount is None else discount) * after[t]
    return _chained(paid, gamma)


def _deltas(gamma=GAMMA, **ends):
    return REWARDS + gamma * _next_values(**ends) - VALUES


DELTAS = _deltas()
RETURNS = _returns()
ADVANTAGES = _chained(DELTAS, GAMMA * LAMBDA)
_FORWARD = _chained(DELTAS[::-1], GAMMA * LAMBDA, ends=(2, 0))[::-1]

_OF_RETURNS = {
    "value after a termination": (
        "the pole has fallen: nothing comes after a termination, whatever the critic says of a "
        "pole that lies there, and the return is the last reward alone",
        _returns(terminated=NEXT_VALUES[TERMINATED]),
    ),
    "a new episode after a termination": (
        "after the fall this adds the value of a *new* episode's first look; nothing comes after a "
        "termination",
        _returns(terminated=VALUES[TERMINATED + 1]),
    ),
    "nothing after a truncation": (
        "a time limit is not a fall: the episode would have gone on, and the value of its last "
        "observation stands for what was not seen",
        _returns(truncated=0.0),
    ),
    "nothing after the cut": (
        "the rollout stops in the middle of an episode: the value of the look that followed stands "
        "for the rest",
        _returns(cut=0.0),
    ),
    "only rewards seen": (
        "these are the rewards that were seen and nothing more: at a truncation and at the cut the "
        "value of the look that followed stands for the rest",
        _returns(truncated=0.0, cut=0.0),
    ),
    "the next episode's value": (
        "after the truncation this takes the value in the next row, which is the first observation "
        "of a *new* episode; the truncated one has its own last observation",
        _returns(truncated=VALUES[TRUNCATED + 1]),
    ),
    "over the borders": (
        "rewards of one episode are counted in another: nothing is added over the end of an "
        "episode",
        _chained(REWARDS, GAMMA, ends=(), last=NEXT_VALUES[CUT]),
    ),
    "over the truncation": (
        "rewards of the episode behind the time limit are counted in the one before: there the "
        "value of its own last observation stands for what was not seen",
        _chained(REWARDS, GAMMA, ends=(TERMINATED,), last=NEXT_VALUES[CUT]),
    ),
    "one step only": (
        "these are r + gamma v', which looks one step ahead; a return adds up all rewards that "
        "were seen, and takes a value for the rest alone",
        REWARDS + GAMMA * _next_values(),
    ),
    "the value that stands for the rest not discounted": (
        "the value that stands for what was not seen comes one step later: it counts gamma times",
        _returns(discount=1.0),
    ),
    "not discounted": (
        "nothing is discounted: what comes one step later counts gamma times as much",
        _returns(gamma=1.0),
    ),
    "without the reward at hand": (
        "the reward of the step itself is missing: it counts in full",
        _returns() - REWARDS,
    ),
    "the past for the future": (
        "these are rewards of the *past*: begin with the last step and go backwards",
        _chained(REWARDS[::-1], GAMMA, ends=(2, 0))[::-1],
    ),
}
_OF_DELTAS = {
    "bootstrapped through a termination": (
        "this puts a value after the termination: nothing comes after a fall, whatever the critic "
        "says of a pole that lies there",
        _deltas(terminated=NEXT_VALUES[TERMINATED]),
    ),
    "a new episode after the fall": (
        "after the fall this takes the value of a *new* episode's first look; nothing comes after "
        "a termination",
        _deltas(terminated=VALUES[TERMINATED + 1]),
    ),
    "zero at the truncation": (
        "at the truncation the value of what follows is taken as 0, as if the pole had fallen; "
        "the value of the last observation stands there",
        _deltas(truncated=0.0),
    ),
    "zero at the cut": (
        "at the end of the rollout the value of what follows is taken as 0; the episode goes on, "
        "and the value of its next observation is given",
        _deltas(cut=0.0),
    ),
    "value of a new episode": (
        "at the truncation this takes the value in the next row, which belongs to a new episode",
        _deltas(truncated=VALUES[TRUNCATED + 1]),
    ),
    "value undiscounted": (
        "the value of what follows is not discounted: it counts gamma times",
        _deltas(gamma=1.0),
    ),
    "sign turned": (
        "the sign is turned: positive is what went better than the critic thought",
        -DELTAS,
    ),
    "nothing taken off": (
        "the critic's own v_t is not taken off",
        DELTAS + VALUES,
    ),
    "returns less values": (
        "these are the returns less the values: a delta looks one step ahead and no further",
        RETURNS - VALUES,
    ),
}
_OF_ADVANTAGES = {
    "lambda forgotten": (
        "this is delta added up with gamma alone (lambda = 1); each further step counts "
        "gamma * lambda times as much",
        _chained(DELTAS, GAMMA),
    ),
    "gamma forgotten": (
        "this is delta added up with lambda alone; each further step counts "
        "gamma * lambda times as much",
        _chained(DELTAS, LAMBDA),
    ),
    "over every border": (
        "an advantage is handed from one episode back to the one before it: the sum stops at the "
        "end of an episode, however it ends",
        _chained(DELTAS, GAMMA * LAMBDA, ends=()),
    ),
    "over the truncation": (
        "over the truncation an advantage comes back from the next episode: a bootstrapped value "
        "stands for the rest, and the sum stops there too",
        _chained(DELTAS, GAMMA * LAMBDA, ends=(TERMINATED,)),
    ),
    "forwards": (
        "this sums over the past: an advantage looks at what came *after*; begin with the last "
        "step",
        _FORWARD,
    ),
    "deltas alone": (
        "these are the delta themselves, which is lambda = 0",
        DELTAS,
    ),
    "targets of the critic": (
        "the values are added again: these are the critic's targets",
        ADVANTAGES + VALUES,
    ),
}
PARTS = {
    "returns": (RETURNS, _OF_RETURNS),
    "deltas": (DELTAS, _OF_DELTAS),
    "advantages": (ADVANTAGES, _OF_ADVANTAGES),
}
RIGHT = tuple(right for right, _ in PARTS.values())


def _ends_judge(answer, rng):
    """The first of the three rows that is wrong, and why; or the first step that is."""
    for (name, (right, known)), part in zip(PARTS.items(), answer, strict=True):
        row = np.asarray(part).ravel()
        if np.allclose(row, right, rtol=0, atol=0.006):
            continue
        for says, wrong in known.values():
            if np.allclose(row, wrong, rtol=0, atol=0.006):
                return f"{name}: {says}"
        t = int(np.argmax(np.abs(row - right) > 0.006))
        return f"{name}: at step {t} yours is {np.round(row[t], 3)}, which is not right"
    return None


def _with_row(place, row):
    return (*RIGHT[:place], row, *RIGHT[place + 1 :])


_trace = Exercise(
    id="29.1",
    title="Three ways to end",
    stars=1,
    minutes=15,
    deepens='the claim "advantages, ours and the package\'s"',
    statement="Follow a rollout of five steps by hand, in which one episode ends with a fall, one "
    "at the time limit, and one is cut in the middle.",
    kind="value",
    reference=RIGHT,
    alternatives=(
        [list(row) for row in RIGHT],
        np.round(np.array(RIGHT), 2),
        np.array(RIGHT)[:, None],
    ),
    returns=tuple(f"{name} (5,)" for name in PARTS),
    judge=_ends_judge,
    praise="a fall is worth nothing, a time limit and a cut are worth what the critic thinks of "
    "what was not seen, and no sum passes over any of them",
    misconceptions=tuple(
        Misconception(f"{name}: {label}", f"{name}: {says}", _with_row(place, row))
        for place, (name, (_, known)) in enumerate(PARTS.items())
        for label, (says, row) in known.items()
    ),
    hints=(
        "Write under each step what the value of the look that followed is: 0 after the fall, the "
        "value given after the time limit and after the cut, otherwise that of the next step.",
        "Begin with the last step and go backwards. At an end the sum begins anew; what follows "
        "an end never enters what comes before it.",
        "Returns: the reward, plus gamma times the return of the next step, or times the value of "
        "the look that followed where the row is cut off. Advantages: delta, plus gamma * lambda "
        "times the next advantage, or plus nothing at an end.",
    ),
)

# --- 29.2 A step with a fence -------------------------------------------------------------------


def clipped_loss(log_p, log_p_old, A, eps):
    """The loss of PPO's clipped objective, and the share of steps that the fence stops."""
    return _clipped_loss(log_p, log_p_old, A, eps)


def _scaled(A):
    return (A - A.mean()) / A.std()


def _stopped(rho, inside, A):
    return np.mean(inside * A < rho * A)


def _clipped_loss(
    log_p, log_p_old, A, eps, *,
    scaled=_scaled, ratio=np.exp, fence=lambda eps: (1 - eps, 1 + eps), chosen=np.minimum,
    sign=-1.0, mean=np.mean, stopped=_stopped,
):  # fmt: skip
    """The same, with a switch for what people confuse."""
    A, rho = scaled(A), ratio(log_p - log_p_old)
    inside = np.clip(rho, *fence(eps))
    return sign * mean(chosen(rho * A, inside * A)), stopped(rho, inside, A)


def _clipped_by_loop(log_p, log_p_old, A, eps):
    """The same, step by step, and with the two cases written out."""
    A = (A - np.sum(A) / A.size) / (np.sqrt(np.mean((A - A.mean()) ** 2)) + 1e-8)
    total, stopped = 0.0, 0
    for b, t in np.ndindex(A.shape):
        a, rho = A[b, t], np.exp(log_p[b, t]) / np.exp(log_p_old[b, t])
        beyond = rho > 1 + eps if a > 0 else rho < 1 - eps
        edge = 1 + eps if a > 0 else 1 - eps
        total, stopped = total + a * (edge if beyond else rho), stopped + beyond
    return -total / A.size, stopped / A.size


def _clipped_as_maximum(log_p, log_p_old, A, eps):
    """The same as the larger of two losses."""
    A = (A - np.mean(A)) / np.sqrt(np.var(A) + 1e-12)
    rho = np.exp(log_p - log_p_old)
    open_, closed = -A * rho, -A * np.minimum(np.maximum(rho, 1 - eps), 1 + eps)
    return np.maximum(open_, closed).sum() / A.size, (closed > open_).sum() / A.size


def _axis_scaled(axis):
    """Mean 0 and deviation 1 along one axis only."""
    return lambda A: (A - A.mean(axis, keepdims=True)) / (A.std(axis, keepdims=True) + 1e-8)


def _ratios_first(log_p, log_p_old, A, eps):
    """The smaller ratio, times the advantage."""
    rho, A = np.exp(log_p - log_p_old), _scaled(A)
    inside = np.clip(rho, 1 - eps, 1 + eps)
    return -np.mean(np.minimum(rho, inside) * A), _stopped(rho, inside, A)


def _product_clipped(log_p, log_p_old, A, eps):
    """The fence around ratio times advantage."""
    open_ = np.exp(log_p - log_p_old) * _scaled(A)
    closed = np.clip(open_, 1 - eps, 1 + eps)
    return -np.mean(np.minimum(open_, closed)), np.mean(closed < open_)


def _clip_case(rng, B, T, eps, scale, label):
    """A batch in which both fences are passed with advantages of either sign."""
    log_p_old = np.log(rng.uniform(0.2, 0.8, (B, T)))
    step = rng.uniform(0.05, 2.2, (B, T)) * np.log1p(eps) * rng.choice([-1.0, 1.0], (B, T))
    A = scale * (rng.normal(size=(B, T)) + 0.8 + rng.normal(size=(B, 1)))
    # by construction: the four corners hold two, three, four and five steps
    corners = [(1, 1)] * 2 + [(1, -1)] * 3 + [(-1, 1)] * 4 + [(-1, -1)] * 5
    for i, (up, good) in zip(rng.permutation(B * T), corners, strict=False):
        step.flat[i] = up * 1.6 * np.log1p(eps)
        A.flat[i] = scale * (0.8 + good * rng.uniform(2.5, 4.5))
    return Case(label, (log_p_old + step, log_p_old, A, eps))


def _clip_cases(rng):
    return [
        _clip_case(rng, 3, 7, 0.2, 3.0, "eps 0.2, advantages near 3"),
        _clip_case(rng, 5, 4, 0.1, 0.5, "eps 0.1, small advantages"),
        _clip_case(rng, 4, 11, 0.3, 1.0, "eps 0.3"),
        _clip_case(rng, 1, 17, 0.2, 2.0, "a single world"),
    ]


def _with(**switches):
    return lambda *args: _clipped_loss(*args, **switches)


_implement = Exercise(
    id="29.2",
    title="A step with a fence",
    stars=2,
    minutes=25,
    deepens='the claim "and below 0.8 for a bad one, and nowhere else"',
    statement="Write the clipped objective of PPO as a loss, and count the steps at which the "
    "fence takes the gradient away.",
    reference=clipped_loss,
    alternatives=(_clipped_by_loop, _clipped_as_maximum),
    inputs=_clip_cases,
    returns=("loss", "stopped"),
    praise="the fence stands on one side only: a step that went the wrong way may always come back",
    misconceptions=(
        Misconception(
            "the sign of the loss",
            "loss: the sign is turned; an optimiser makes a loss *smaller*, and the objective is "
            "to grow",
            _with(sign=1.0),
        ),
        Misconception(
            "the ratio without exp",
            "loss: the difference of log-probabilities is the *logarithm* of the ratio; take exp",
            _with(ratio=lambda difference: difference),
        ),
        Misconception(
            "the ratio upside down",
            "loss: the ratio is old over new here; it is the new probability over the old one",
            _with(ratio=lambda difference: np.exp(-difference)),
        ),
        Misconception(
            "a ratio of logarithms",
            "loss: this divides log-probabilities; the ratio of two probabilities is exp of the "
            "*difference* of their logarithms",
            lambda log_p, log_p_old, A, eps: _clipped_loss(
                log_p / log_p_old, 0 * log_p, A, eps, ratio=lambda ratio: ratio
            ),
        ),
        Misconception(
            "no clip at all",
            "loss: nothing is clipped; this is the objective without a fence",
            _with(chosen=lambda open_, closed: open_),
        ),
        Misconception(
            "clip without min",
            "loss: the clipped term stands alone; without the minimum a step that went the wrong "
            "way, beyond the fence, has no gradient to bring it back",
            _with(chosen=lambda open_, closed: closed),
        ),
        Misconception(
            "the larger of the two",
            "loss: the larger of the two terms is taken; the objective is the *smaller*, the "
            "cautious one (as two losses with a minus it would be the larger)",
            _with(chosen=np.maximum),
        ),
        Misconception(
            "the smaller ratio",
            "loss: the minimum is taken of the two *ratios*, before the advantage; with a negative "
            "advantage that is the other one: multiply first",
            _ratios_first,
        ),
        Misconception(
            "the product clipped",
            "loss: the product of ratio and advantage is clipped; the fence stands around the "
            "*ratio*: clip first, then multiply",
            _product_clipped,
        ),
        Misconception(
            "no lower fence",
            "loss: the ratio is clipped from above only; the fence has a lower side, 1 - eps, "
            "where a bad action has become rare enough",
            _with(fence=lambda eps: (0.0, 1 + eps)),
        ),
        Misconception(
            "the fence on log scale",
            "loss: the logarithm of the ratio is clipped at -eps and eps; the ratio itself is, at "
            "1 - eps and 1 + eps",
            _with(fence=lambda eps: (np.exp(-eps), np.exp(eps))),
        ),
        Misconception(
            "the fence around 0",
            "loss: the ratio is clipped to -eps ... eps; the fence stands around 1",
            _with(fence=lambda eps: (-eps, eps)),
        ),
        Misconception(
            "advantages as they are",
            "loss: the advantages are used as they are; bring them to mean 0 and deviation 1 over "
            "all steps first",
            _with(scaled=lambda A: A),
        ),
        Misconception(
            "advantages only scaled",
            "loss: the advantages are scaled but their mean is left in",
            _with(scaled=lambda A: A / A.std()),
        ),
        Misconception(
            "advantages only centred",
            "loss: the advantages have mean 0, and not deviation 1",
            _with(scaled=lambda A: A - A.mean()),
        ),
        Misconception(
            "the deviation of a sample",
            "loss: the deviation is divided by n - 1, as torch.std does if it is not told "
            "otherwise; divide by n",
            _with(scaled=lambda A: (A - A.mean()) / A.std(ddof=1)),
        ),
        Misconception(
            "each world by itself",
            "loss: the advantages have mean 0 in each *row*, which wipes out that one world went "
            "better than another; take mean and deviation over all steps together",
            _with(scaled=_axis_scaled(1)),
        ),
        Misconception(
            "each step by itself",
            "loss: the advantages have mean 0 at each *step* over the batch; take mean and "
            "deviation over all steps together",
            _with(scaled=_axis_scaled(0)),
        ),
        Misconception(
            "a sum for the mean",
            "loss: this is the sum over the steps; take the mean",
            _with(mean=np.sum),
        ),
        Misconception(
            "all ratios beyond the fence",
            "stopped: these are all ratios outside the fence; where the advantage asks for the way "
            "back, the minimum takes the other term, and the gradient is there",
            _with(stopped=lambda rho, inside, A: np.mean(rho != inside)),
        ),
        Misconception(
            "the way back counted",
            "stopped: these are the steps beyond the fence that *keep* their gradient",
            _with(stopped=lambda rho, inside, A: np.mean(inside * A > rho * A)),
        ),
        Misconception(
            "those that go on",
            "stopped: this is the share of steps whose gradient is left",
            _with(stopped=lambda rho, inside, A: np.mean(inside * A >= rho * A)),
        ),
        Misconception(
            "those inside counted",
            "stopped: inside the fence both terms are equal, and nobody is stopped there; count "
            "where the clipped one is *smaller*",
            _with(stopped=lambda rho, inside, A: np.mean(inside * A <= rho * A)),
        ),
        Misconception(
            "only the upper fence",
            "stopped: this is the upper fence alone; a bad action that has become rare enough is "
            "stopped at the lower one",
            _with(stopped=lambda rho, inside, A: np.mean((rho > inside) & (A > 0))),
        ),
        Misconception(
            "a number for a share",
            "stopped: this is their number; divide by the number of steps",
            _with(stopped=lambda rho, inside, A: np.sum(inside * A < rho * A)),
        ),
    ),
    hints=(
        "First A - A.mean() over A.std(), for the whole batch at once; then nothing needs a loop.",
        "ratio = exp(log_p - log_p_old). Two terms, ratio * A and clip(ratio, 1 - eps, 1 + eps) * "
        "A; at each step the smaller of the two; and a minus in front of their mean.",
        "Where the clipped term is the smaller one, it does not depend on the ratio any more: "
        "stopped is how often clipped * A < ratio * A.",
    ),
)

# --- 29.3 Whose memory is it? -------------------------------------------------------------------


def states(step, x, ended, h_0):
    """h (B, T, H), and the states (B, H) with which the next rollout begins."""
    return _states(step, x, ended, h_0)


def _states(step, x, ended, h_0, *, own=True, start=True, carry=True, when="after", keep=False):
    """The mended function, with a switch for each fault."""
    B, T, _ = x.shape
    h, out = (np.array(h_0, float) if start else np.zeros_like(h_0)), []
    for t in range(T):
        if when == "early":
            h = np.where(ended[:, t, None], 0.0, h)
        h = step(x[:, t], h)
        over = ended[:, t] if own else np.full(B, ended[:, t].any())
        over = ~over if keep else over
        if when == "hidden":
            h = np.where(over[:, None], 0.0, h)
        out.append(h)
        if when == "after" and (carry or t < T - 1):
            h = np.where(over[:, None], 0.0, h)
        if when == "late" and t:
            h = np.where(ended[:, t - 1, None], 0.0, h)
    return np.stack(out, axis=1), h


def _states_by_episode(step, x, ended, h_0):
    """Each world alone, its episodes one after another."""
    B, T, _ = x.shape
    h, h_next = np.zeros((B, T, h_0.shape[1])), np.zeros(h_0.shape)
    for b in range(B):
        state = h_0[b : b + 1].copy()
        for t in range(T):
            state = step(x[b : b + 1, t], state)
            h[b, t] = state[0]
            if ended[b, t]:
                state = np.zeros_like(state)
        h_next[b] = state[0]
    return h, h_next


def _states_by_product(step, x, ended, h_0):
    """The reset as a product before the step, with the row of `ended` moved by one."""
    alive = 1.0 - np.asarray(ended, float)
    before = np.concatenate([np.ones((len(x), 1)), alive], axis=1)
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h * before[:, t, None])
        out.append(h)
    return [np.stack(out, 1), h * before[:, -1, None]]


RESET_SLIPS = {
    "own": "one world that ends takes the memory of *all* of them; reset the rows that are "
    "ended and no others",
    "start": "the rollout begins with zeros: most episodes run on over its beginning, and h_0 is "
    "what they remember",
    "carry": "an episode that ends with the last step hands its memory to the next rollout: the "
    "state that is carried on must be reset too",
}


def _reset_slips():
    """A misconception for each set of slips that may be left."""
    for count in (1, 2, 3):
        for names in itertools.combinations(RESET_SLIPS, count):
            says = "still there: " + "; ".join(RESET_SLIPS[name] for name in names)
            if count == 3:
                says = (
                    "this still does what the broken function does; begin here: "
                    f"{RESET_SLIPS['own']}"
                )
            wrong = dict.fromkeys(names, False)
            yield Misconception(
                " and ".join(names), says, lambda *args, wrong=wrong: _states(*args, **wrong)
            )


def _memory(rng, D, H):
    W_xh, W_hh = rng.normal(size=(D, H)), rng.normal(size=(H, H)) / np.sqrt(H)
    b_h = rng.uniform(0.3, 0.8, H)
    return lambda x_t, h: np.tanh(x_t @ W_xh + h @ W_hh + b_h)


def _rollout_case(rng, ended, D, H, label):
    ended = np.array(ended, dtype=bool)
    x, h_0 = rng.normal(size=(*ended.shape, D)), rng.uniform(0.2, 0.9, (len(ended), H))
    return Case(label, (_memory(rng, D, H), x, ended, h_0))


def _rollout_cases(rng):
    return [
        _rollout_case(
            rng,
            [[0, 0, 1, 0, 0, 0, 1], [0, 0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0, 0]],
            4, 5, "three worlds, an episode ends with the last step",
        ),
        _rollout_case(rng, [[1, 0, 0, 1, 1], [0, 0, 0, 0, 0]], 3, 4,
                      "two worlds, an episode of one step"),
        _rollout_case(rng, np.zeros((2, 6)), 3, 5, "no episode ends"),
        _rollout_case(rng, [[0], [1], [0]], 4, 2, "rollouts of a single step"),
        _rollout_case(rng, [[0, 1, 0, 0, 1, 0]], 2, 3, "one world"),
    ]  # fmt: skip


_repair = Exercise(
    id="29.3",
    title="Whose memory is it?",
    stars=2,
    minutes=20,
    deepens='the claim "one that never resets and one that always does '
    'break it, for different reasons"',
    statement="Mend three faults in a rollout that mixes up whose memory ends when.",
    reference=states,
    alternatives=(_states_by_episode, _states_by_product),
    inputs=_rollout_cases,
    returns=("h (B, T, H)", "h_next (B, H)"),
    praise="a memory ends with its own episode, and with nothing else",
    misconceptions=(
        *_reset_slips(),
        Misconception(
            "never reset",
            "nothing is ever reset: a new episode begins with the memory of the one before it",
            lambda step, x, ended, h_0: _states(step, x, np.zeros_like(ended), h_0),
        ),
        Misconception(
            "never reset, and begun with zeros",
            "nothing is reset at the end of an episode, and the rollout begins with zeros, in the "
            "middle of one",
            lambda step, x, ended, h_0: _states(step, x, np.zeros_like(ended), 0 * h_0),
        ),
        Misconception(
            "one step early",
            "the reset comes one step early: ended[:, t] says that the episode ends *with* step t, "
            "so that this step still remembers",
            lambda *args: _states(*args, when="early"),
        ),
        Misconception(
            "one step late",
            "the reset comes one step late: the first step of the new episode still sees the "
            "memory of the old one",
            lambda *args: _states(*args, when="late"),
        ),
        Misconception(
            "the last state erased",
            "h: the state of an episode's last step is erased before it is kept, or in place after "
            "it (keep a copy); h[:, t] is what the policy acts on at step t, reset what step t + 1 "
            "begins with",
            lambda *args: _states(*args, when="hidden"),
        ),
        Misconception(
            "the wrong rows",
            "the rows that go on are reset, and those that have ended keep their memory",
            lambda *args: _states(*args, keep=True),
        ),
        Misconception(
            "all memory ends with the rollout",
            "h_next: it is zero for every world; a rollout is cut somewhere, and the "
            "episodes that go on keep their memory",
            lambda step, x, ended, h_0: (states(step, x, ended, h_0)[0], 0 * h_0),
        ),
        Misconception(
            "reset to h_0",
            "a new episode begins with h_0 here; that is what the *first* episodes of this rollout "
            "bring with them, a new one begins with zeros",
            lambda step, x, ended, h_0: _reset_to(step, x, ended, h_0),
        ),
    ),
    hints=(
        "Write down for the two worlds of the example at which step each state should be 0 "
        "again, and compare.",
        "`ended[:, t]` is one truth for each world. np.where(ended[:, t, None], 0.0, h) "
        "resets the rows where it holds and leaves the others.",
        "Begin with h_0; at each step compute, keep, and *then* reset the rows that have ended, at "
        "the last step too.",
    ),
)


def _reset_to(step, x, ended, h_0):
    h, out = h_0, []
    for t in range(x.shape[1]):
        h = step(x[:, t], h)
        out.append(h)
        h = np.where(ended[:, t, None], h_0, h)
    return np.stack(out, axis=1), h


# --- 29.4 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="29.4",
    title="How little memory is enough",
    stars=3,
    minutes=50,
    deepens='the claim "with the difference of two looks, it stays up for over 450 of 500 steps"',
    statement="Make the readings noisy, watch the difference of two looks fail, and find the "
    "smallest memory that still balances the pole.",
    kind="open",
    hints=(
        "A trace of a reading is h + a * (x - h), one number with a fixed gate. Which reading, and "
        "how fast?",
        "A few weights can be found by trying: draw some, play a few episodes, keep the best, draw "
        "again around them. Judge on other episodes than you chose on.",
        "Spoiler, read it after your experiment: place and angle are noisy, the pushes are not, "
        "and a velocity is made of pushes added up.",
    ),
)

EXERCISES = (_trace, _implement, _repair, _open)
