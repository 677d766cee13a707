"""Properties that hold for any input, with inputs drawn at random."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable

pytest.importorskip("hypothesis", reason="Hypothesis is not installed")
import hypothesis.extra.numpy as hnp
from hypothesis import given, settings
from hypothesis import strategies as st

drawn = settings(max_examples=60, deadline=None)
NUMBERS = st.floats(-2, 2, allow_subnormal=False, width=32)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
VECTORS = hnp.arrays(np.float64, st.integers(1, 5), elements=NUMBERS)
ARRAYS = hnp.arrays(np.float64, SHAPES, elements=NUMBERS)

# Smooth functions of an array, of each kind: elementwise, reducing, rearranging, mixing.
FUNCTIONS = {
    "sin": sa.sin,
    "exp": sa.exp,
    "square": sa.square,
    "tanh of a multiple": lambda x: (x * 0.5).tanh(),
    "quotient": lambda x: x / (2 + x * x),
    "sum": lambda x: x * x.sum(),
    "variance": lambda x: (x * x).mean() * x,
    "flipped": lambda x: x * x[::-1],
    "outer": lambda x: (x.unsqueeze(0) * x.unsqueeze(1)).sum(0),
    "repeated": lambda x: x[to_backend(np.zeros(3, np.int64))].sum() * x,
    "softmax": lambda x: x.softmax(0),
    "sigmoid": lambda x: x.sigmoid(),
}
functions = st.sampled_from(sorted(FUNCTIONS)).map(FUNCTIONS.get)


def gradient(function, values):
    """Give the gradient of the sum of a function's results, as a NumPy array."""
    v = variable(values)
    (found,) = sa.grad(function(v).sum(), v)
    return to_numpy(found)


@given(functions, functions, NUMBERS, NUMBERS, VECTORS)
@drawn
def test_gradient_is_linear_in_the_function(f, g, a, b, values):
    together = gradient(lambda x: a * f(x) + b * g(x), values)
    assert_close(together, a * gradient(f, values) + b * gradient(g, values))


@given(functions, VECTORS, NUMBERS, NUMBERS, st.data())
@drawn
def test_gradient_is_linear_in_what_comes_from_above(f, values, a, b, data):
    v = variable(values)
    out = f(v)
    above = hnp.arrays(np.float64, tuple(out.shape), elements=NUMBERS)
    first, second = data.draw(above), data.draw(above)
    parts = [to_numpy(sa.grad(out, v, g, retain_graph=True)[0]) for g in (first, second)]
    assert_close(sa.grad(out, v, a * first + b * second)[0], a * parts[0] + b * parts[1])


@given(functions, functions, VECTORS)
@drawn
def test_chain_rule(f, g, values):
    v = variable(values)
    inner = f(v)
    outer = gradient(g, inner.detach().numpy())
    (through,) = sa.grad(inner, v, outer)
    assert_close(gradient(lambda x: g(f(x)), values), through)


@given(functions, functions, VECTORS)
@drawn
def test_hessian_is_symmetric(f, g, values):
    v = variable(values)
    (first,) = sa.grad((f(v) * g(v)).sum(), v, create_graph=True)
    rows = [
        to_numpy(sa.grad(first[i], v, retain_graph=True, allow_unused=True)[0])
        for i in range(len(values))
    ]
    assert_close(np.stack(rows), np.stack(rows).T, 1e-9)


@given(
    hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4, min_side=0), st.data()
)
@drawn
def test_broadcasting_is_repetition(shapes, data):
    values = [
        data.draw(hnp.arrays(np.float64, shape, elements=NUMBERS)) for shape in shapes.input_shapes
    ]
    above = data.draw(hnp.arrays(np.float64, shapes.result_shape, elements=NUMBERS))

    def gradients(repeat):
        v, w = variable(values[0]), variable(values[1])
        x, y = (sa.broadcast_to(u, shapes.result_shape) if repeat else u for u in (v, w))
        return sa.grad(x * y + x - y * y, [v, w], above, allow_unused=True)

    for one, two in zip(gradients(False), gradients(True), strict=True):
        assert_close(one, to_numpy(two))


@given(ARRAYS, st.data())
@drawn
def test_permutation_round_trip(values, data):
    order = data.draw(st.permutations(range(values.ndim)))
    v = variable(values)
    there = v.permute(tuple(order))
    assert_equal(there, values.transpose(order))
    back = there.permute(tuple(np.argsort(order).tolist()))
    assert_equal(back, values)
    above = np.random.default_rng(0).normal(size=values.shape)
    back.backward(above)
    assert_equal(v.grad, above)


@given(ARRAYS)
@drawn
def test_reshape_round_trip(values):
    v = variable(values)
    back = v.reshape((values.size,)).reshape(values.shape)
    assert_equal(back, values)
    above = np.random.default_rng(0).normal(size=values.shape)
    back.backward(above)
    assert_equal(v.grad, above)


@given(
    hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=4), elements=NUMBERS), st.data()
)
@drawn
def test_cutting_and_joining_round_trip(values, data):
    axis = data.draw(st.integers(-values.ndim, values.ndim - 1))
    place = data.draw(st.integers(0, values.shape[axis]))
    before = [slice(None)] * values.ndim
    after = list(before)
    before[axis], after[axis] = slice(None, place), slice(place, None)
    v = variable(values)
    back = sa.concat([v[tuple(before)], v[tuple(after)]], axis=axis)
    assert_equal(back, values)
    above = np.random.default_rng(0).normal(size=values.shape)
    back.backward(above)
    assert_equal(v.grad, above)


@given(ARRAYS, st.data())
@drawn
def test_sum_over_axes_is_sums_in_turn(values, data):
    axes = tuple(sorted(data.draw(st.sets(st.integers(0, max(0, values.ndim - 1))))))
    axes = axes if values.ndim else ()
    at_once = variable(values)
    in_turn = variable(values)
    total = in_turn
    for axis in reversed(axes):
        total = total.sum(axis)
    once = sa.sum(at_once * at_once, axis=axes)
    (total * 1.0).sum().backward()
    once.sum().backward()
    assert_close(once, np.sum(values * values, axis=axes))
    assert_equal(in_turn.grad, np.ones(values.shape))
    assert_close(at_once.grad, 2 * values)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
@drawn
def test_matrix_products_associate(n, m, k, p):
    rng = np.random.default_rng([n, m, k, p])
    values = [rng.normal(size=shape) for shape in [(n, m), (m, k), (k, p)]]

    def gradients(product):
        matrices = [variable(value) for value in values]
        return sa.grad(product(*matrices).sum(), matrices)

    for one, two in zip(
        gradients(lambda a, b, c: (a @ b) @ c), gradients(lambda a, b, c: a @ (b @ c)), strict=True
    ):
        assert_close(one, to_numpy(two))
