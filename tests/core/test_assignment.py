"""``v[key] = value`` on the tape: what it records, what it refuses, whose memory it writes."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.errors import GraphError, NotDifferentiableError
from tests.core.arrays import assert_equal, to_backend, to_numpy, variable
from tests.core.raising import raises


def test_a_plain_variable_takes_a_value_that_requires_grad():
    out, w = variable(np.zeros((2, 3)), requires_grad=False), variable([1.0, 2.0])
    out[:, 1] = w * w
    assert out.requires_grad
    assert not out.is_leaf
    (out * to_backend(np.arange(6.0).reshape(2, 3))).sum().backward()
    assert_equal(w.grad, np.array([2.0, 16.0]))


def test_a_loop_that_fills_an_array_differentiates():
    v, out = variable([1.0, 2.0, 3.0]), sa.zeros(3)
    for i in range(3):
        out[i] = v[i] ** (i + 1)
    out.sum().backward()
    assert_equal(v.grad, np.array([1.0, 4.0, 27.0]))


def test_what_was_overwritten_gets_no_gradient():
    v = variable([1.0, 2.0, 3.0])
    x = v * 2
    x[1:] = 5.0
    x[0] = x[0] * x[1]
    x.sum().backward()
    assert_equal(x, np.array([10.0, 5.0, 5.0]))
    assert_equal(v.grad, np.array([10.0, 0.0, 0.0]))


def test_second_order():
    v = variable([1.0, 2.0])
    x = v * v
    x[0] = v[1] ** 3
    (first,) = sa.grad((x * x).sum(), v, create_graph=True)
    # x = (b**3, b**2): the sum of squares is b**6 + b**4.
    assert_equal(first, np.array([0.0, 6 * 32 + 4 * 8.0]))
    (second,) = sa.grad(first[1], v)
    assert_equal(second, np.array([0.0, 30 * 16 + 12 * 4.0]))


def test_a_recorded_write_goes_to_an_array_of_its_own():
    v = variable([1.0, 2.0, 3.0])
    x = v * 2
    raw, view, detached = x.data, x[1:], x.detach()
    x[1] = 9.0
    assert_equal(x, np.array([2.0, 9.0, 6.0]))
    for earlier in (raw, detached):
        assert_equal(earlier, np.array([2.0, 4.0, 6.0]))
    assert_equal(view, np.array([4.0, 6.0]))


VIEWS = {
    "getitem": lambda x: x[1:],
    "reshape": lambda x: x.reshape(2, 2),
    "transpose": lambda x: x.reshape(2, 2).T,
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_recorded_write_to_a_view_of_another_variable_is_refused(name):
    """The other would keep its old values, where NumPy and PyTorch change them."""
    view, x = VIEWS[name], variable(np.arange(4.0)) * 1
    part = view(x)
    with raises(GraphError, "setitem: this Variable (shape (", "another one", "a[i, j] = value"):
        part[0] = 9.0
    assert_equal(x, np.arange(4.0))
    out, w = sa.zeros((4,)), variable(2.0)
    with raises(GraphError, "shares its memory with another one"):
        view(out)[0] = w
    part = view(x).clone()
    part[0] = 9.0
    part = view(x)
    del x
    part[0] = 9.0
    assert part.tolist()[0] in (9.0, [9.0, 9.0])


def test_a_write_to_a_view_that_is_not_recorded_reaches_the_other_variable():
    out = sa.zeros((2, 2))
    out[0][1] = 3.0
    assert out.tolist() == [[0.0, 3.0], [0.0, 0.0]]


def test_the_kept_gradient_is_that_of_the_value_after_the_write():
    x = variable([1.0, 2.0, 3.0]) * 2
    x.retain_grad()
    x[1] = 9.0
    (x * x).sum().backward()
    assert_equal(x.grad, np.array([4.0, 18.0, 12.0]))


def test_the_value_is_cast():
    x = variable([1.0, 2.0]).astype("float32") * 1
    w = variable([3.0])
    x[:1] = w
    assert x.dtype == to_backend(np.zeros(0, np.float32)).dtype
    x.sum().backward()
    assert to_numpy(w.grad).dtype == np.float64
    counts = variable(np.array([1, 2, 3]))
    counts[0] = 7
    assert counts.tolist() == [7, 2, 3]


@pytest.mark.parametrize("value", [[8.0, 9.0], np.array([8.0, 9.0]), ((8.0, 9.0),)], ids=str)
def test_lists_and_arrays_are_values_too(value):
    for requires_grad in (False, True):
        x = variable([1.0, 2.0, 3.0], requires_grad=requires_grad) * 1
        x[1:] = value
        assert x.tolist() == [1.0, 8.0, 9.0]


def test_an_integer_variable_cannot_keep_a_gradient():
    counts = variable(np.array([1, 2, 3]))
    with raises(NotDifferentiableError, "setitem", "requires grad", "int64", "detach"):
        counts[0] = variable(2.0)
    counts[0] = variable(2.0).detach()
    assert counts.tolist() == [2, 2, 3]


def test_a_leaf_that_requires_grad_is_refused():
    v = variable([1.0, 2.0])
    with raises(GraphError, "setitem", "leaf", "v.clone()", "no_grad()"):
        v[0] = 3.0
    with raises(GraphError, "leaf"):
        v[0] = v[1] * 2
    with sa.no_grad():
        v[0] = v[1] * 2
    assert v.tolist() == [4.0, 2.0]
    assert v.is_leaf


def test_of_several_writes_to_one_element_the_last_gets_the_gradient():
    x, w = sa.zeros(3), variable([1.0, 2.0, 3.0, 4.0])
    x[[0, 2, 0, 0]] = w
    assert x.tolist() == [4.0, 0.0, 2.0]
    x.backward(to_backend(np.array([10.0, 20.0, 30.0])))
    assert_equal(w.grad, np.array([0.0, 30.0, 0.0, 10.0]))


def test_what_does_not_fit_is_refused():
    for requires_grad in (False, True):
        x = variable(np.zeros((2, 3)), requires_grad=requires_grad) * 1
        with pytest.raises(ValueError, match="broadcast"):
            x[0] = [1.0, 2.0]
        with pytest.raises(IndexError, match="out of bounds"):
            x[2] = 0.0
        assert x.tolist() == [[0.0] * 3] * 2
