"""``random.py``: the default generators, their seed and their state."""

from __future__ import annotations

import numpy as np

import simple_autograd as sa
from simple_autograd.backends import get_backend
from tests.core.arrays import to_numpy
from tests.core.raising import raises


def draw():
    return to_numpy(sa.default_generator().normal((5,)))


def test_it_is_one_generator():
    assert sa.default_generator() is sa.default_generator(get_backend())
    assert sa.default_generator(get_backend().name) is sa.default_generator()
    assert not (draw() == draw()).any()


def test_a_seed_gives_the_same_numbers_again():
    held = sa.default_generator()
    sa.manual_seed(5)
    first = draw()
    sa.manual_seed(np.int64(5))
    np.testing.assert_array_equal(draw(), first)
    assert sa.default_generator() is held
    sa.manual_seed(6)
    assert not (draw() == first).any()


def test_every_backend_draws_the_same():
    sa.manual_seed(5)
    here = draw()
    there = get_backend("numpy")
    np.testing.assert_array_equal(there.generator(5).normal((5,)), here, strict=True)


def test_the_state_can_be_kept():
    draw()
    state = sa.default_generator().state
    first = draw()
    draw()
    sa.default_generator().state = state
    np.testing.assert_array_equal(draw(), first)


def test_seeds_that_are_none():
    with raises(TypeError, "manual_seed: seed is a float", "integer"):
        sa.manual_seed(1.5)
    with raises(ValueError, "manual_seed: seed is -1", "at least 0"):
        sa.manual_seed(-1)
