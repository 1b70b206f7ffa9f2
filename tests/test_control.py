"""Worlds to act in: our carts move as Gymnasium's, episodes end as they should, mazes too."""

import gymnasium
import numpy as np
import pytest

from rnncourse import control
from rnncourse.control import CartPole, GymCartPole, TMaze, cartpole, tmaze

S, B = 2, 3


def world(kind=CartPole, shape=(S, B), seed=0, **options):
    return kind(shape, np.random.default_rng(seed), **options)


def test_our_cart_moves_as_the_one_of_gymnasium():
    theirs, rng = gymnasium.make("CartPole-v1").unwrapped, np.random.default_rng(1)
    for k in range(300):
        if k % 10 == 0:
            theirs.reset(seed=k)
        before, action = np.array(theirs.state), int(rng.integers(2))
        theirs.step(action)
        np.testing.assert_allclose(control.moved(before, action), theirs.state, atol=1e-12)
        theirs.steps_beyond_terminated = None  # let it fall on without a word


def test_a_whole_episode_is_the_same_in_gymnasium_up_to_its_end():
    ours, theirs = world(shape=1), gymnasium.make("CartPole-v1")
    ours.reset()
    theirs.reset(seed=3)
    ours.state[0] = theirs.unwrapped.state
    for t in range(100):
        step, told = ours.step(np.array([t % 3 // 2])), theirs.step(t % 3 // 2)
        seen = CartPole.seen(told[0], np.float64(t % 3 // 2) * 2 - 1)
        np.testing.assert_allclose(step.x_last[0], seen, atol=1e-5)
        assert (step.terminated[0], step.truncated[0], step.reward[0]) == (*told[2:4], told[1])
        if step.ended[0]:
            break
    assert 5 < t < 100


def test_velocities_are_seen_only_when_asked_for():
    assert world().reset().shape == (S, B, 3)
    open_world = world(hidden=False)
    assert open_world.reset().shape == (S, B, 5)
    np.testing.assert_array_equal(open_world.look()[..., 3:], open_world.state[..., [1, 3]])


def test_a_cart_starts_anew_only_where_its_episode_has_ended():
    carts = world()
    carts.reset()
    carts.state[0, 1, 2] = 0.3  # fallen
    kept = control.moved(carts.state, np.ones((S, B), int))
    step = carts.step(np.ones((S, B), int))
    assert step.terminated.sum() == 1
    assert step.terminated[0, 1]
    assert np.abs(carts.state[0, 1]).max() <= 0.05
    others = ~step.ended
    np.testing.assert_array_equal(carts.state[others], kept[others])
    assert abs(step.x_last[0, 1, 1]) > 4 > abs(step.x[0, 1, 1])
    np.testing.assert_array_equal(step.x[others], step.x_last[others])
    assert step.x[0, 1, 2] == 0  # no push yet in the new episode


def test_a_time_limit_is_a_truncation_and_no_termination():
    carts = world(limit=2)
    carts.reset()
    assert not carts.step(np.ones((S, B), int)).ended.any()
    step = carts.step(np.zeros((S, B), int))
    assert step.truncated.all()
    assert not step.terminated.any()
    assert (carts.t == 0).all()


def test_without_a_limit_nothing_is_truncated():
    mazes = world(TMaze, length=4, limit=10**6)
    mazes.reset()
    steps = [mazes.step(np.zeros((S, B), int)) for _ in range(50)]
    assert not any(step.ended.any() for step in steps)


def walked(mazes, turn):
    mazes.reset()
    for _ in range(mazes.length):
        step = mazes.step(np.full(mazes.shape, 2))
        assert (step.reward == 0).all()
    return mazes.step(turn(mazes))


def test_the_right_turn_gains_a_point_and_the_wrong_one_loses_one():
    assert (walked(world(TMaze), lambda m: m.sign).reward == 1).all()
    step = walked(world(TMaze), lambda m: 1 - m.sign)
    assert (step.reward == -1).all()
    assert step.terminated.all()


def test_a_bump_costs_a_tenth_and_moves_nothing():
    mazes = world(TMaze)
    mazes.reset()
    assert (mazes.step(np.ones((S, B), int)).reward == -0.1).all()
    assert (mazes.place == 0).all()
    step = walked(world(TMaze), lambda m: np.full(m.shape, 2))
    assert (step.reward == -0.1).all()
    assert not step.terminated.any()


def test_the_sign_is_seen_at_the_beginning_and_nowhere_else():
    mazes = world(TMaze, length=5)
    x = mazes.reset()
    np.testing.assert_array_equal(x[..., :2].argmax(axis=-1), mazes.sign)
    for _ in range(5):
        x = mazes.step(np.full((S, B), 2)).x
        assert (x[..., :2] == 0).all()
        assert (x.sum(axis=-1) == 1).all()
    assert (x[..., 3] == 1).all()


def test_both_signs_are_about_equally_frequent():
    mazes = world(TMaze, shape=4000)
    mazes.reset()
    assert abs(mazes.sign.mean() - 0.5) < 0.04


def test_play_counts_the_first_episode_of_each_copy_and_no_more():
    returns = control.play(world(limit=4), lambda x, first: np.zeros((S, B), int), 30)
    np.testing.assert_array_equal(returns, np.full((S, B), 4.0))


def test_play_says_first_at_the_first_step_only():
    said = []
    control.play(world(limit=3), lambda x, first: (said.append(first), np.zeros((S, B), int))[1], 9)
    assert [f.all() for f in said] == [True, False, False]
    assert not said[1].any()


def test_carts_of_gymnasium_speak_our_language():
    carts = GymCartPole((S, B), seed=1)
    assert carts.reset().shape == (S, B, 3)
    over = 0
    for _ in range(14):
        step = carts.step(np.ones((S, B), int))
        assert step.x.shape == (S, B, 3)
        over += step.ended.sum()
        assert (step.x[step.ended][:, 2] == 0).all()
        np.testing.assert_array_equal(step.x[~step.ended], step.x_last[~step.ended])
    assert over >= S * B


@pytest.mark.parametrize("card", [cartpole.CARD, tmaze.CARD])
def test_the_worlds_are_said_to_be_simulated(card):
    assert "(simulated)" in str(card)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: world(shape=(2, 0)), "shape"),
        (lambda: world(limit=-1), "limit"),
        (lambda: CartPole(3, 7), "rng"),
        (lambda: world(TMaze, length=0), "length"),
        (lambda: world().step(np.zeros((B, S), int)), "action"),
        (lambda: world().step(np.full((S, B), 2)), "action"),
        (lambda: world().step(np.zeros((S, B))), "action"),
    ],
)
def test_what_does_not_fit_is_refused(make, name):
    with pytest.raises(ValueError, match=f"^{name}: expected"):
        make()
