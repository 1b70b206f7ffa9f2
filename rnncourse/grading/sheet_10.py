"""Answer sheet of chapter 10, GRU and the gate zoo."""

import numpy as np

from rnncourse.grading.engine import Case, Exercise, Misconception

# --- 10.1 One unit, three GRUs ------------------------------------------------------------------

R, Z, A = (0.75, 0.25), (0.25, 0.6), (0.3, -0.5)
W_HN, B_HN, H_0 = -2.0, 0.8, -0.6


def _after(a, r, h):
    """What the tanh sees with the reset after the product: b_hn lies inside of it."""
    return a + r * (h * W_HN + B_HN)


def _before(a, r, h):
    return a + (r * h) * W_HN + B_HN


def _keeps(z, n, h):
    return (1 - z) * n + z * h


def _renews(z, n, h):
    return z * n + (1 - z) * h


def _two_steps(inside=_after, blend=_keeps, *, squash=np.tanh, gates=(R, Z), h=H_0):
    """h_1 and h_2, with a switch for everything that people forget."""
    states = []
    for a, r, z in zip(A, *gates, strict=True):
        h = blend(z, squash(inside(a, r, h)), h)
        states.append(float(h))
    return tuple(states)


H_1, H_2 = _two_steps()
TURNED, BEFORE = _two_steps(blend=_renews)[1], _two_steps(_before)[1]
TWO_RIGHT, THREE_RIGHT = "h_1 and h_2 are right; ", "all but the last are right; "

# name: what to tell, and what was handed in
_OF_STATES = {
    "z renews": (
        "z and 1 - z are exchanged: in our convention z says how much of the *old* state stays",
        _two_steps(blend=_renews),
    ),
    "reset before the product": (
        "b_hn stands outside the reset: with the reset after the product r scales all of "
        "h_prev W_hn + b_hn",
        _two_steps(_before),
    ),
    "reset left out": (
        "the reset gate is missing: r scales what the state adds inside the tanh",
        _two_steps(lambda a, r, h: a + h * W_HN + B_HN),
    ),
    "reset on the input too": (
        "r scales the input as well: it stands before the state's part alone, a + r (...)",
        _two_steps(lambda a, r, h: r * (a + h * W_HN + B_HN)),
    ),
    "reset on the input instead": (
        "r scales the input's part: it is what the *state* adds that can be reset",
        _two_steps(lambda a, r, h: r * a + h * W_HN + B_HN),
    ),
    "bias forgotten": (
        "b_hn is missing: the state adds h_prev W_hn + b_hn, and r scales both",
        _two_steps(lambda a, r, h: a + r * h * W_HN),
    ),
    "no tanh": ("the tanh is missing: n = tanh(...)", _two_steps(squash=float)),
    "added instead of shared": (
        "n is added whole: the new state takes only the share 1 - z of it, so that the two shares "
        "make one",
        _two_steps(blend=lambda z, n, h: n + z * h),
    ),
    "the proposals": (
        "these are the proposals n, or a state that keeps nothing: z blends n with h_prev",
        _two_steps(blend=lambda z, n, h: n),
    ),
    "gates exchanged": (
        "r and z are exchanged: r scales what the state adds inside the tanh, z blends",
        _two_steps(gates=(Z, R)),
    ),
    "begun at zero": ("the first state is h_0 = -0.6, not 0", _two_steps(h=0.0)),
    "second step from h_0": (
        "the second step begins in h_1, which the first one made, and not in h_0 again",
        (H_1, float(_keeps(Z[1], np.tanh(_after(A[1], R[1], H_0)), H_0))),
    ),
    "an output gate": (
        "what a GRU shows *is* its state: there is no output gate, and no tanh behind the blend",
        _two_steps(blend=lambda z, n, h: np.tanh(_keeps(z, n, h))),
    ),
}
_OF_TURNED = {
    "nothing turned": (
        TWO_RIGHT + "turned: with the same gates the other convention gives another state; z and "
        "1 - z change places in the blend",
        H_2,
    ),
    "turned in the second step alone": (
        TWO_RIGHT + "turned: z changes its meaning in both steps, so h_1 is another one, too",
        float(_renews(Z[1], np.tanh(_after(A[1], R[1], H_1)), H_1)),
    ),
    "state negated": (
        TWO_RIGHT + "turned: the shares are exchanged, not the sign of the state",
        -H_2,
    ),
    "reset moved as well": (
        TWO_RIGHT + "turned: here the reset has moved as well; one thing at a time",
        _two_steps(_before, _renews)[1],
    ),
}
_OF_BEFORE = {
    "the product commutes": (
        THREE_RIGHT + "before: for one unit r (h w) and (r h) w are the same, but b_hn is no "
        "longer scaled",
        H_2,
    ),
    "moved in the second step alone": (
        THREE_RIGHT + "before: the reset has moved in both steps, so h_1 is another one, too",
        float(_keeps(Z[1], np.tanh(_before(A[1], R[1], H_1)), H_1)),
    ),
    "z turned as well": (
        THREE_RIGHT + "before: here z is turned over as well; one thing at a time",
        _two_steps(_before, _renews)[1],
    ),
    "bias lost": (
        THREE_RIGHT + "before: b_hn is lost; it stands outside the reset now, as large as it is",
        _two_steps(lambda a, r, h: a + r * h * W_HN)[1],
    ),
}


def _near(value, target):
    """Equal when rounded to three decimals or so."""
    return abs(value - target) <= 0.002


def _known(value, known):
    return next((says for says, target in known.values() if _near(value, target)), None)


def _not_right(name, value, target):
    if value == np.round(value, 2) == np.round(target, 2):
        return f"{name}: three decimals, please; {value} is rounded to two"
    return f"{name}: yours is {np.round(value, 3)}, which is not right"


def _unit_judge(answer, rng):
    """First the two states, then the other blend, then the other place of the reset."""
    h_1, h_2, turned, before = (part.item() for part in answer)
    if not (_near(h_1, H_1) and _near(h_2, H_2)):
        for says, (first, second) in _OF_STATES.values():
            if _near(h_1, first) and _near(h_2, second):
                return says
        return _not_right("h_1", h_1, H_1) if not _near(h_1, H_1) else _not_right("h_2", h_2, H_2)
    if not _near(turned, TURNED):
        return _known(turned, _OF_TURNED) or _not_right("turned", turned, TURNED)
    if not _near(before, BEFORE):
        return _known(before, _OF_BEFORE) or _not_right("before", before, BEFORE)
    return None


_trace = Exercise(
    id="10.1",
    title="One unit, three GRUs",
    stars=1,
    minutes=12,
    deepens='the claim "with z at 1 the state is copied through all steps"',
    statement="Follow one unit over two steps: as the course writes a GRU, with z turned over, "
    "and with the reset gate in its other place.",
    kind="value",
    reference=(H_1, H_2, TURNED, BEFORE),
    alternatives=(np.round([H_1, H_2, TURNED, BEFORE], 3), [H_1, H_2, TURNED, BEFORE]),
    returns=("h_1", "h_2", "turned", "before"),
    judge=_unit_judge,
    praise="one set of weights, three cells: whoever hands over weights must hand over the formula",
    misconceptions=(
        *(
            Misconception(name, says, (*states, TURNED, BEFORE))
            for name, (says, states) in _OF_STATES.items()
        ),
        *(
            Misconception(name, says, (H_1, H_2, value, BEFORE))
            for name, (says, value) in _OF_TURNED.items()
        ),
        *(
            Misconception(name, says, (H_1, H_2, TURNED, value))
            for name, (says, value) in _OF_BEFORE.items()
        ),
    ),
    hints=(
        "Each step has two lines: first the proposal n, then the blend of n and the old state.",
        "n = np.tanh(a[0] + r[0] * (h_0 * W_hn + b_hn)); what is the blend, and where does the "
        "second step begin?",
        "turned: h_1 = z[0] * n + (1 - z[0]) * h_0, and from this other h_1 a second step. before: "
        "the old blend, and np.tanh(a[0] + (r[0] * h_0) * W_hn + b_hn).",
    ),
)

# --- 10.2 Four ways back ------------------------------------------------------------------------


def state_gradient(dh_t, h_prev, r, z, n, m, W_hh):
    """dL/dh_prev (B, H) of one GRU step, reset after the product, m = h_prev W_hn + b_hn."""
    return _back(dh_t, h_prev, r, z, n, m, W_hh)


def _back(
    dh_t,
    h_prev,
    r,
    z,
    n,
    m,
    W_hh,
    *,
    direct=1,
    ways=(1, 1, 1),
    order=(0, 1, 2),
    old=lambda h_prev, n: h_prev - n,
    new=lambda z: 1 - z,
    keep=lambda z: z,
    slope_r=lambda r: r * (1 - r),
    slope_z=lambda z: z * (1 - z),
    slope_n=lambda n: 1 - n**2,
    scaled=lambda r, h_prev, m: m,
    reset=lambda da_n, r: da_n * r,
    product=lambda da, W_hh: da @ W_hh.T,
):
    """The four ways back, with a switch for everything that people forget."""
    da_n = dh_t * new(z) * slope_n(n)
    da_z = dh_t * old(h_prev, n) * slope_z(z)
    da_r = da_n * scaled(r, h_prev, m) * slope_r(r)
    da = [way * part for way, part in zip(ways, (da_r, da_z, reset(da_n, r)), strict=True)]
    return direct * dh_t * keep(z) + product(np.concatenate([da[k] for k in order], axis=-1), W_hh)


def _with(**switches):
    return lambda *args: _back(*args, **switches)


def _back_by_jacobians(dh_t, h_prev, r, z, n, m, W_hh):
    """The same, one sequence at a time, by the Jacobian of the step."""
    W_r, W_z, W_n = np.split(W_hh, 3, axis=1)
    rows = []
    for b in range(len(dh_t)):
        through_n = (W_n * r[b] + W_r * (r[b] * (1 - r[b]) * m[b])) * (1 - n[b] ** 2)
        J = np.diag(z[b]) + W_z * ((h_prev[b] - n[b]) * z[b] * (1 - z[b])) + through_n * (1 - z[b])
        rows.append(J @ dh_t[b])
    return rows


def _back_of_the_other_place(dh_t, h_prev, r, z, n, m, W_hh):
    """What is right for n = tanh(... + (r * h_prev) W_hn)."""
    W_r, W_z, W_n = np.split(W_hh, 3, axis=1)
    d_reset = dh_t * (1 - z) * (1 - n**2) @ W_n.T
    da_z = dh_t * (h_prev - n) * z * (1 - z)
    da_r = d_reset * h_prev * r * (1 - r)
    return dh_t * z + d_reset * r + da_z @ W_z.T + da_r @ W_r.T


def _with_one_as_it_is(k):
    """The block k of W_hh is not transposed."""

    def product(da, W_hh):
        blocks = zip(np.split(da, 3, -1), np.split(W_hh, 3, axis=1), strict=True)
        return sum(a @ (W if j == k else W.T) for j, (a, W) in enumerate(blocks))

    return _with(product=product)


def _back_case(rng, B, H):
    dh_t, h_prev, a_r, a_z, a_n, m = rng.normal(size=(6, B, H))
    h_prev, m = np.tanh(h_prev), m + 0.3
    r, z = (1 / (1 + np.exp(-a)) for a in (a_r, a_z))
    args = (dh_t, h_prev, r, z, np.tanh(a_n + r * m), m, rng.normal(size=(H, 3 * H)))
    return Case(f"B={B}, H={H}", args)


def _back_cases(rng):
    return [_back_case(rng, B, H) for B, H in ((3, 5), (2, 4), (1, 6), (5, 2), (4, 1))]


_implement = Exercise(
    id="10.2",
    title="Four ways back",
    stars=3,
    minutes=25,
    deepens='the claim "and the gradient comes back as it went in"',
    statement="Carry an error back through one step of a GRU, along all four ways that lead from "
    "the old state to the new one.",
    reference=state_gradient,
    alternatives=(_back_by_jacobians,),
    inputs=_back_cases,
    returns=("dh_prev (B, H)",),
    praise="one way without a weight on it, and three through W_hh",
    misconceptions=(
        Misconception(
            "direct way forgotten",
            "the direct way is missing: h_prev itself stands in h_t, times z, and needs no weight; "
            "that way is what the gate is for",
            _with(direct=0),
        ),
        Misconception(
            "direct way alone",
            "only the direct way is there: h_prev also decides r, z and n, through W_hh",
            _with(ways=(0, 0, 0)),
        ),
        Misconception(
            "way through z forgotten",
            "the way through the gate z is missing: h_prev also decides how much of itself is kept",
            _with(ways=(1, 0, 1)),
        ),
        Misconception(
            "way through r forgotten",
            "the way through the gate r is missing: h_prev decides r, r scales m, and m is in n",
            _with(ways=(0, 1, 1)),
        ),
        Misconception(
            "way through n forgotten",
            "the way through the product h_prev W_hn, inside n, is missing",
            _with(ways=(1, 1, 0)),
        ),
        Misconception(
            "gates taken for constants",
            "both gates are treated as if they were constants: they are made from h_prev, too",
            _with(ways=(0, 0, 1)),
        ),
        Misconception(
            "sign of z's way",
            "the way through z has the wrong sign: the derivative of (1 - z) n + z h_prev with "
            "respect to z is h_prev - n",
            _with(old=lambda h_prev, n: n - h_prev),
        ),
        Misconception(
            "n left out of z's way",
            "z stands in h_t twice: its derivative is h_prev - n, not h_prev alone",
            _with(old=lambda h_prev, n: h_prev),
        ),
        Misconception(
            "reset forgotten on the way back",
            "on the way through h_prev W_hn the error passes r as well: it stood before the "
            "product on the way forward",
            _with(reset=lambda da_n, r: da_n),
        ),
        Misconception(
            "h_prev in the place of m",
            "r scales m = h_prev W_hn + b_hn, so the derivative is m; h_prev belongs to the other "
            "place of the reset",
            _with(scaled=lambda r, h_prev, m: h_prev),
        ),
        Misconception(
            "the other place of the reset",
            "this is the way back through (r * h_prev) W_hn; here r stands behind the product, so "
            "that the error meets r first and W_hn.T afterwards, and r's own error meets m",
            _back_of_the_other_place,
        ),
        Misconception(
            "direct way with 1 - z",
            "the direct way takes the share of the *old* state: z and not 1 - z",
            _with(keep=lambda z: 1 - z),
        ),
        Misconception(
            "z for 1 - z before n",
            "n stands in h_t with the share 1 - z: its error is scaled by that and not by z",
            _with(new=lambda z: z),
        ),
        Misconception(
            "shares exchanged",
            "z and 1 - z are exchanged: here h_t = (1 - z) n + z h_prev",
            _with(new=lambda z: z, keep=lambda z: 1 - z, old=lambda h_prev, n: n - h_prev),
        ),
        Misconception(
            "slope of z forgotten",
            "the slope of z is missing: the gate is a logistic function, with slope z (1 - z)",
            _with(slope_z=lambda z: 1.0),
        ),
        Misconception(
            "slope of r forgotten",
            "the slope of r is missing: the gate is a logistic function, with slope r (1 - r)",
            _with(slope_r=lambda r: 1.0),
        ),
        Misconception(
            "slopes of both gates forgotten",
            "the slopes of the gates are missing: r and z are logistic functions, with slopes "
            "r (1 - r) and z (1 - z)",
            _with(slope_r=lambda r: 1.0, slope_z=lambda z: 1.0),
        ),
        Misconception(
            "slope of n forgotten",
            "the slope of n is missing: it is a tanh, with slope 1 - n²",
            _with(slope_n=lambda n: 1.0),
        ),
        Misconception(
            "logistic slope for n",
            "n is a tanh and no gate: its slope is 1 - n², not n (1 - n)",
            _with(slope_n=lambda n: n * (1 - n)),
        ),
        Misconception(
            "blocks in another order",
            "the blocks of W_hh are r, z, n in this order; here r's error goes through z's block "
            "and the other way round",
            _with(order=(1, 0, 2)),
        ),
        Misconception(
            "blocks not transposed",
            "on the way back the error goes through the transposed blocks, W_hh.T: forwards "
            "h_prev @ W_hh, backwards da @ W_hh.T",
            _with(
                product=lambda da, W_hh: sum(
                    a @ W
                    for a, W in zip(np.split(da, 3, -1), np.split(W_hh, 3, axis=1), strict=True)
                )
            ),
        ),
        *(
            Misconception(
                f"block {gate} not transposed",
                f"the block of {gate} is not transposed on the way back; the other two are",
                _with_one_as_it_is(k),
            )
            for k, gate in enumerate("rzn")
        ),
    ),
    hints=(
        "Where does h_prev stand in the equations? Once in the last line, and once in each of r, "
        "z and m: four ways, and their gradients add up.",
        "Begin at h_t = (1 - z) n + z h_prev: what reaches n, what reaches z, what reaches h_prev "
        "at once? Behind n comes its slope 1 - n², and then r and m share the error.",
        "da_n = dh_t * (1 - z) * (1 - n**2); da_z = dh_t * (h_prev - n) * z * (1 - z); da_r = da_n "
        "times m times a slope. Then the three blocks, side by side, times W_hh.T; the third "
        "block is not da_n itself.",
    ),
)

# --- 10.3 From another book ---------------------------------------------------------------------


def to_ours(W_xh, W_hh, b):
    """W_xh, W_hh, b_x, b_h of the course's GRU: blocks r, z, n, z negated, b beside the input."""
    return _ours(W_xh, W_hh, b)


def _turned(array, order=(1, 0, 2), signs=(1, -1, 1), shift=(0, 0, 0)):
    """Blocks z, r, n in another order, times a sign, plus a shift; signs and shifts as ours."""
    blocks = np.split(array, 3, axis=-1)
    parts = [shift[i] + signs[i] * blocks[k] for i, k in enumerate(order)]
    return np.concatenate(parts, axis=-1)


def _ours(W_xh, W_hh, b, bias=None, **switches):
    b_x = _turned(b, **(switches if bias is None else bias))
    return _turned(W_xh, **switches), _turned(W_hh, **switches), b_x, 0 * b_x


def _ours_by_columns(W_xh, W_hh, b):
    H = len(W_hh)
    columns, sign = np.r_[H : 2 * H, 0:H, 2 * H : 3 * H], np.repeat([1.0, -1.0, 1.0], H)
    turned = [array[..., columns] * sign for array in (W_xh, W_hh, b)]
    return dict(zip(("W_xh", "W_hh", "b_x", "b_h"), (*turned, np.zeros(3 * H)), strict=True))


def _with_ours(bias=None, **switches):
    return lambda *args: _ours(*args, bias=bias, **switches)


def _biases(change):
    """The right matrices, and biases made by change(b_x, H)."""

    def attempt(W_xh, W_hh, b):
        matrix, recurrent, b_x, _ = to_ours(W_xh, W_hh, b)
        return matrix, recurrent, *change(b_x.copy(), len(W_hh))

    return attempt


def _n_inside(b_x, H):
    b_h = 0 * b_x
    b_h[2 * H :] = b_x[2 * H :]
    return b_x - b_h, b_h


def _input_alone(W_xh, W_hh, b):
    return _turned(W_xh), _turned(W_hh, signs=(1, 1, 1)), _turned(b), 0 * b


def _without_signs(W_xh, W_hh, b):
    return _ours(W_xh, W_hh, b, signs=(1, 1, 1))


def _book_cases(rng):
    shapes = ((4, 5), (5, 5), (3, 2), (1, 4))
    return [
        Case(f"D={D}, H={H}", tuple(rng.normal(size=s) for s in ((D, 3 * H), (H, 3 * H), 3 * H)))
        for D, H in shapes
    ]


ONE_MINUS = (
    "1 - z is not made by 1 minus the weights: 1 - σ(a) = σ(-a), so that all that a is made of "
    "changes its sign"
)
_convert = Exercise(
    id="10.3",
    title="From another book",
    stars=2,
    minutes=15,
    deepens='the claim "the same weights in two cells called GRU: states that differ by over 0.01"',
    statement="Bring the weights of a GRU as another book writes it into the course's form, so "
    "that every state stays what it was.",
    reference=to_ours,
    alternatives=(_ours_by_columns,),
    inputs=_book_cases,
    returns=("W_xh (D, 3H)", "W_hh (H, 3H)", "b_x (3H,)", "b_h (3H,)"),
    praise="exchanged, negated, and the bias outside the reset: the states are theirs",
    misconceptions=(
        Misconception(
            "nothing but the biases",
            "the blocks stand as they were: their order is z, r, n, ours r, z, n, and their z is "
            "our 1 - z",
            _with_ours(order=(0, 1, 2), signs=(1, 1, 1)),
        ),
        Misconception(
            "z not negated",
            "the blocks are in order, but their z is the share of the *new* state and ours that of "
            "the old: the block of z has to change",
            _without_signs,
        ),
        Misconception(
            "order not changed",
            "z is negated, but it still stands first: our order is r, z, n",
            _with_ours(order=(0, 1, 2), signs=(-1, 1, 1)),
        ),
        Misconception(
            "blocks n, z, r",
            "z is negated, but the blocks stand in the order n, z, r: ours is r, z, n",
            _with_ours(order=(2, 0, 1)),
        ),
        Misconception(
            "r negated",
            "the wrong block is negated: after the exchange z is the second one",
            _with_ours(signs=(-1, 1, 1)),
        ),
        Misconception(
            "everything negated",
            "everything is negated: only z's argument changes its sign",
            _with_ours(signs=(-1, -1, -1)),
        ),
        Misconception(
            "bias of z not negated",
            "the matrices are right, but the bias of z is a part of its argument and changes its "
            "sign, too",
            _with_ours(bias={"signs": (1, 1, 1)}),
        ),
        Misconception(
            "bias not exchanged",
            "the matrices are right; the bias has the same three blocks, and they change places, "
            "too",
            _with_ours(bias={"order": (0, 1, 2), "signs": (1, 1, 1)}),
        ),
        Misconception(
            "state's matrix not negated",
            "z's block of W_hh still has its old sign: its argument is made of three parts, and "
            "all three change",
            _input_alone,
        ),
        Misconception("one minus the weights", ONE_MINUS, _with_ours(shift=(0, 1, 0))),
        Misconception(
            "one minus the bias",
            ONE_MINUS,
            _with_ours(bias={"shift": (0, 1, 0)}),
        ),
        Misconception(
            "bias of n inside the reset",
            "the bias of n went to b_h, where the reset scales it; in their formula it stands "
            "outside, which is b_x",
            _biases(_n_inside),
        ),
        Misconception(
            "all biases beside the state",
            "all biases went to b_h: for r and z that would do, but in n the reset would scale "
            "theirs; put them into b_x",
            _biases(lambda b_x, H: (0 * b_x, b_x)),
        ),
        Misconception(
            "bias twice",
            "the bias stands in b_x and in b_h: the two add up, and it counts twice",
            _biases(lambda b_x, H: (b_x, b_x)),
        ),
    ),
    hints=(
        "Compare the two lines h_t = ... : which number must our z be, if theirs is z? Then: what "
        "does σ(-a) have to do with σ(a)?",
        "Our z is 1 - σ(a) = σ(-a), where a is x_t W_xz + h_prev W_hz + b_z: three things change "
        "their sign. Split each array into its three blocks.",
        "z, r, n = np.split(W_xh, 3, axis=-1), then np.concatenate([r, -z, n], axis=-1), the same "
        "for W_hh and b. Is their b_n scaled by r? That says whether it belongs into b_x or b_h.",
    ),
)

# --- 10.4 A fair width --------------------------------------------------------------------------

BUDGET, WIDTHS = 4480, (37, 65, 12, 33)
NAMES, SETTINGS = ("gru_1", "rnn_1", "gru_100", "rnn_100"), ((3, 1), (1, 1), (3, 100), (1, 100))


def _numbers(blocks, D, H):
    """How many numbers PyTorch keeps for a layer of so many blocks: two biases a block."""
    return blocks * H * (D + H + 2)


# a fraction stands for its two neighbours, too: people round either way
_OF_WIDTHS = {
    "in proportion to the blocks": (
        "so many blocks fewer, so many units more: that would hold if a block grew with H, but it "
        "has an H · H in it; count D · H + H · H + 2 H for each block",
        (42.5, 128, 13.4, 40),
    ),
    "by the square root": (
        "this is the rule for H · H alone, with the input and the biases left out: with 100 inputs "
        "they are most of a block",
        (36.95, 64, 11.5, 20),
    ),
    "same width": (
        "these are the LSTMs' own widths: at equal width the others have fewer numbers, so that at "
        "equal numbers they are wider",
        (32, 32, 10, 10),
    ),
    "one bias": (
        "PyTorch keeps two biases of H numbers for each block, and here there is one: count "
        "D · H + H · H + 2 H",
        (37, 65, 13, 33),
    ),
    "two gates in the GRU": (
        "a GRU has three blocks: r, z and the proposal n",
        (45, 65, 18, 33),
    ),
    "four blocks in the GRU": (
        "a GRU has three blocks, not four: r, z and n; there is no output gate",
        (32, 65, 10, 33),
    ),
    "one unit more": (
        "one unit less each: these layers are the first that have *more* than 4,480 numbers",
        (38, 66, 13, 34),
    ),
    "inputs exchanged": (
        "the two inputs are exchanged: with 100 inputs a unit costs more, so there are fewer",
        (12, 33, 37, 65),
    ),
    "kinds exchanged": (
        "GRU and RNN are exchanged: the one with a single block is the wider one",
        (65, 37, 33, 12),
    ),
}


def _follows(width, target):
    return abs(width - target) < (1e-6 if target == int(target) else 1 - 1e-6)


def _width_judge(answer, rng):
    """The widths; a known rule is named, any other number is told what it costs."""
    widths = [part.item() for part in answer]
    if all(abs(w - right) < 1e-6 for w, right in zip(widths, WIDTHS, strict=True)):
        return None
    for says, rule in _OF_WIDTHS.values():
        if all(map(_follows, widths, rule)):
            return says
    wrong = (k for k in range(4) if abs(widths[k] - WIDTHS[k]) > 1e-6)
    k = next(wrong)
    if widths[k] != round(widths[k]) or widths[k] < 1:
        return f"{NAMES[k]}: a positive whole number is asked for; yours is {widths[k]:.4g}"
    cost = _numbers(*SETTINGS[k], int(widths[k]))
    fits = "and so would one unit more" if cost <= BUDGET else "and at most 4,480 are allowed"
    verb = "fit" if cost <= BUDGET else "do not fit"
    return f"{NAMES[k]}: {int(widths[k])} units {verb}: they have {cost:,} numbers, {fits}"


_budget = Exercise(
    id="10.4",
    title="A fair width",
    stars=2,
    minutes=15,
    deepens="the claim \"in PyTorch a GRU has three quarters of the LSTM's parameters at every "
    'width"',
    statement="Predict how wide a GRU and an RNN may be if they are to have as many parameters as "
    "an LSTM, then count.",
    kind="value",
    reference=WIDTHS,
    alternatives=([37.0, 65.0, 12.0, 33.0], np.array(WIDTHS)),
    returns=NAMES,
    judge=_width_judge,
    praise="with few inputs the square root rules, with many inputs the plain ratio",
    misconceptions=tuple(
        Misconception(name, says, rule) for name, (says, rule) in _OF_WIDTHS.items()
    ),
    hints=(
        "In PyTorch one block has D · H numbers for the input, H · H for the state and 2 H biases; "
        "an LSTM has four blocks, a GRU three, an RNN one.",
        "4 · 32 · (1 + 32 + 2) = 4,480. For the GRU you look for the largest H with 3 · H · (1 + H "
        "+ 2) at most as large.",
        "Try values of H in a loop: max(H for H in range(1, 200) if blocks * H * (D + H + 2) <= "
        "4480), with blocks 3 or 1 and D 1 or 100.",
    ),
)

# --- 10.5 An unfair tournament ------------------------------------------------------------------


def paired(seeds_a, a, seeds_b, b):
    """Mean and standard error of b - a over the seeds that both have."""
    return _paired(seeds_a, a, seeds_b, b)


def _matched(seeds_a, a, seeds_b, b):
    """The scores of both on the seeds that both have, in the order of the seeds."""
    shared = np.intersect1d(seeds_a, seeds_b)
    return tuple(
        np.array([scores[np.flatnonzero(numbers == seed)[0]] for seed in shared])
        for numbers, scores in ((seeds_a, a), (seeds_b, b))
    )


def _error(a, b):
    return np.std(b - a, ddof=1) / np.sqrt(len(a))


def _apart(a, b):
    """As if the two had nothing to do with each other."""
    return np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))


def _paired(seeds_a, a, seeds_b, b, *, match=_matched, middle=np.mean, error=_error, sign=1):
    """Matched, then compared; with a switch for everything that people forget."""
    a, b = match(seeds_a, a, seeds_b, b)
    return sign * middle(b - a), error(a, b)


def _in_a_loop(seeds_a, a, seeds_b, b):
    """The same with dictionaries and sums."""
    of_a, of_b = dict(zip(seeds_a, a, strict=True)), dict(zip(seeds_b, b, strict=True))
    gains = [of_b[seed] - of_a[seed] for seed in of_a if seed in of_b]
    mean = sum(gains) / len(gains)
    squares = sum((gain - mean) ** 2 for gain in gains)
    return {"gain": mean, "error": (squares / (len(gains) - 1) / len(gains)) ** 0.5}


def _cut(seeds_a, a, seeds_b, b):
    n = min(len(a), len(b))
    return a[:n], b[:n]


def _sorted(seeds_a, a, seeds_b, b):
    return _cut(None, np.sort(a), None, np.sort(b))


def _best_five(seeds_a, a, seeds_b, b):
    return np.sort(a)[:5], np.sort(b)[:5]


def _matched_then_sorted(*args):
    return tuple(np.sort(scores) for scores in _matched(*args))


def _filled(seeds_a, a, seeds_b, b):
    """A run that is missing counts as a score of 0."""
    every = np.union1d(seeds_a, seeds_b)
    return tuple(
        np.array([np.sum(scores[numbers == seed]) for seed in every])
        for numbers, scores in ((seeds_a, a), (seeds_b, b))
    )


def _shared_as_they_stand(seeds_a, a, seeds_b, b):
    return a[np.isin(seeds_a, seeds_b)], b[np.isin(seeds_b, seeds_a)]


def _of_logarithms(log):
    def match(*args):
        return tuple(log(scores) for scores in _matched(*args))

    return _with_pairs(match=match)


def _all_means(seeds_a, a, seeds_b, b):
    _, error = paired(seeds_a, a, seeds_b, b)
    return np.mean(b) - np.mean(a), error


def _with_pairs(**switches):
    return lambda *args: _paired(*args, **switches)


def _test_case(rng, n, missing):
    """Scores of two models on n seeds, in another order; the seeds differ, the models little."""
    seed_numbers = rng.permutation(40)[:n]
    hard = rng.gamma(3.0, 0.1, size=n)
    a = hard * rng.uniform(0.7, 1.2, size=n) + 0.1
    b = hard * rng.uniform(0.9, 1.4, size=n) + 0.1
    order_a, order_b = rng.permutation(n)[missing[0] :], rng.permutation(n)[missing[1] :]
    args = (seed_numbers[order_a], a[order_a], seed_numbers[order_b], b[order_b])
    return Case(f"{len(order_a)} runs of A and {len(order_b)} of B", args)


def _test_cases(rng):
    return [_test_case(rng, n, missing) for n, missing in ((9, (2, 1)), (12, (0, 3)), (8, (0, 0)))]


_repair = Exercise(
    id="10.5",
    title="An unfair tournament",
    stars=2,
    minutes=20,
    deepens='the claim "with two rates the same runs show no such lead on temporal order"',
    statement="Mend three faults in a comparison of two models that were both trained from several "
    "seeds.",
    reference=paired,
    alternatives=(_in_a_loop,),
    inputs=_test_cases,
    returns=("gain", "error"),
    praise="every seed is its own rival; what all runs of a seed share drops out of the difference",
    misconceptions=(
        Misconception(
            "not a fault mended",
            "this is what `broken` says: it sorts, so that the best run of one meets the best of "
            "the other, whatever their seeds",
            _with_pairs(match=_best_five, error=_apart),
        ),
        Misconception(
            "best five",
            "only the best five of each are compared: whoever varies most then looks best; all "
            "seeds that both have count",
            _with_pairs(match=_best_five),
        ),
        Misconception(
            "paired by place",
            "runs are paired by their place in the arrays: they stand in the order in which they "
            "finished, so look for equal *seeds*",
            _with_pairs(match=_cut),
        ),
        Misconception(
            "paired by rank",
            "the scores are sorted, so that the best meets the best: pairs have one seed, not one "
            "rank",
            _with_pairs(match=_sorted),
        ),
        Misconception(
            "matched, then sorted",
            "the right seeds are chosen, but then the scores are sorted, and the pairs are lost",
            _with_pairs(match=_matched_then_sorted),
        ),
        Misconception(
            "shared seeds as they stand",
            "the right runs are chosen, but they stand in the order in which they finished: pair "
            "equal seeds, by sorting both *by seed*, for example",
            _with_pairs(match=_shared_as_they_stand),
        ),
        Misconception(
            "root of five",
            "the gain is right; the error is still divided by the root of 5, the number that "
            "`broken` had: divide by the root of the number of pairs",
            _with_pairs(error=lambda a, b: np.std(b - a, ddof=1) / np.sqrt(5)),
        ),
        Misconception(
            "t for the error",
            "the gain is right; the second number is t, the gain over its error: the error itself "
            "is asked for",
            _with_pairs(error=lambda a, b: np.mean(b - a) / _error(a, b)),
        ),
        *(
            Misconception(
                f"{name} of the losses",
                "these are differences of logarithms, as in the chapter; here the losses "
                "themselves are compared",
                _of_logarithms(log),
            )
            for name, log in {"log": np.log, "log10": np.log10}.items()
        ),
        Misconception(
            "error of two groups",
            "the gain is right; the error is that of two unrelated groups. With pairs, first take "
            "the differences, then *their* standard deviation",
            _with_pairs(error=_apart),
        ),
        Misconception(
            "divided by n",
            "the gain is right; np.std divides by n, which makes few runs look steadier than they "
            "are: ddof=1",
            _with_pairs(error=lambda a, b: np.std(b - a) / np.sqrt(len(a))),
        ),
        Misconception(
            "spread for error",
            "the gain is right; this is the spread of the differences: the error of their *mean* "
            "is smaller, by the root of their number",
            _with_pairs(error=lambda a, b: np.std(b - a, ddof=1)),
        ),
        Misconception(
            "divided by the number",
            "the gain is right; the error of a mean falls with the *root* of the number of runs",
            _with_pairs(error=lambda a, b: np.std(b - a, ddof=1) / len(a)),
        ),
        Misconception(
            "the other sign",
            "the sign is turned over: A is better if its loss is *smaller*, so b - a",
            _with_pairs(sign=-1),
        ),
        Misconception(
            "median",
            "this is the median of the differences; their mean is asked for",
            _with_pairs(middle=np.median),
        ),
        Misconception(
            "gain over all runs",
            "the gain compares the means of all runs; a seed that only one of them has tells about "
            "the seed and not about the model",
            _all_means,
        ),
        Misconception(
            "missing runs count as 0",
            "a run that is missing counts as a loss of 0, a perfect one: leave its seed out",
            _with_pairs(match=_filled),
        ),
    ),
    hints=(
        "Which run of A should meet which run of B? What have two runs of one seed in common?",
        "Three faults: the best five, the order (sorting tears the pairs apart), and an error "
        "that treats the two as strangers. For each seed that both have there is one difference.",
        "of_b = dict(zip(seeds_b, b)), and gains = the array of of_b[seed] - score for each seed "
        "and score of A where seed is in of_b. Then the mean of gains, and their standard "
        "deviation with ddof=1, divided by what?",
    ),
)

# --- 10.6 open ----------------------------------------------------------------------------------

_open = Exercise(
    id="10.6",
    title="A counter of your own making",
    stars=3,
    minutes=45,
    deepens='the claim "the GRUs\' steps are down to less than half"',
    statement="Set the weights of an LSTM and of a GRU by hand, without any training, so that they "
    "count, and measure how far each gets.",
    kind="open",
    hints=(
        "For the LSTM: which value must each of the four gates have if the cell is to grow by one "
        "at every a and to fall by one at every b? A gate is wide open if its bias is 20.",
        "A GRU cannot add, it can only blend: h_t = h_prev + (1 - z)(n - h_prev). Which W_hn makes "
        "n - h_prev nearly the same number for all small h_prev?",
        "Spoiler, read it after your experiment: where tanh is straight, n = tanh(h_prev + b) is "
        "about h_prev + b, so that a step is (1 - z) b. Small steps leave room for many, but the "
        "state has two decimals, so that it has no more than 201 values.",
    ),
)

EXERCISES = (_trace, _implement, _convert, _budget, _repair, _open)
