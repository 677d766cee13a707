"""Broadcasting: gradients come back in each operand's shape, as if it had been repeated by hand."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.broadcasting import sum_to_shape
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable

PAIRS = [
    ((3,), ()),
    ((), (2, 3)),
    ((2, 3), (3,)),
    ((2, 1), (1, 3)),
    ((1, 1, 1), (2, 3)),
    ((2, 3, 4), (3, 1)),
    ((4, 1, 2), (1, 3, 1)),
    ((1,), (0,)),
    ((0, 1), (3,)),
    ((1, 1), (1,)),
]


@pytest.mark.parametrize(("shape", "shape2"), PAIRS, ids=str)
def test_gradients_are_those_of_operands_repeated_by_hand(shape, shape2):
    rng = np.random.default_rng(0)
    values, values2 = rng.normal(size=shape), rng.normal(size=shape2)
    together = np.broadcast_shapes(shape, shape2)
    above = rng.normal(size=together)
    v, w = variable(values), variable(values2)
    (v * w).backward(above)
    big = variable(np.broadcast_to(values, together))
    big2 = variable(np.broadcast_to(values2, together))
    (big * big2).backward(above)
    assert_close(v.grad, summed(big.grad, shape))
    assert_close(w.grad, summed(big2.grad, shape2))


def summed(gradient, shape):
    """Sum a gradient to a shape, axis by axis."""
    gradient = to_numpy(gradient)
    while gradient.ndim > len(shape):
        gradient = gradient.sum(0)
    for axis, length in enumerate(shape):
        if length == 1:
            gradient = gradient.sum(axis, keepdims=True)
    return gradient


@pytest.mark.parametrize(("shape", "shape2"), PAIRS, ids=str)
def test_second_order_through_broadcasting(shape, shape2):
    rng = np.random.default_rng(0)
    v, w = variable(rng.normal(size=shape)), variable(rng.normal(size=shape2))
    together = np.broadcast_shapes(shape, shape2)
    first = sa.grad((v * v * w).sum(), [v, w], create_graph=True)
    for_v, for_w = sa.grad(first[0].sum(), [v, w])
    assert_close(for_v, summed(np.broadcast_to(2 * to_numpy(w), together), shape))
    assert_close(for_w, summed(np.broadcast_to(2 * to_numpy(v), together), shape2))


def test_sum_to_shape(xp):
    ones = to_backend(np.ones((2, 3, 4)))
    for shape in [(2, 3, 4), (3, 4), (1, 4), (4,), (1,), (), (2, 1, 1), (1, 1, 1)]:
        out = sum_to_shape(xp, ones, shape)
        assert_equal(out, np.full(shape, 24.0 / max(1, int(np.prod(shape)))))
    assert sum_to_shape(xp, ones, (2, 3, 4)) is ones


def test_sum_to_shape_of_nothing(xp):
    empty = to_backend(np.ones((0, 3)))
    assert_equal(sum_to_shape(xp, empty, (1, 3)), np.zeros((1, 3)))
    assert_equal(sum_to_shape(xp, empty, (3,)), np.zeros(3))
    assert_equal(sum_to_shape(xp, empty, (0, 1)), np.zeros((0, 1)))


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"(?i)broadcast.*\(2,\).*\(3,\)"):
        variable([1.0, 2.0]) + variable([1.0, 2.0, 3.0])
