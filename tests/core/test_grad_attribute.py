"""``.grad``: where ``backward`` leaves it, who keeps it, how it is set to zero, set, and forgotten."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from simple_autograd import Variable
from simple_autograd.errors import GraphError
from tests.core.arrays import assert_equal, dtype_name, to_backend, variable
from tests.core.raising import raises


def test_leaf_has_none_before_and_a_raw_array_after(backend):
    v = variable([1.0, 2.0])
    assert v.grad is None
    (v * 3).sum().backward()
    assert type(v.grad) is backend.array_type
    assert_equal(v.grad, np.array([3.0, 3.0]))


def test_zero_dimensional_leaf_gets_an_array(backend):
    v = variable(2.0)
    (v * v).backward()
    assert type(v.grad) is backend.array_type
    assert_equal(v.grad, np.array(4.0))


def test_leaf_that_is_not_to_retain_stays_none():
    v = Variable(to_backend(np.array([1.0])), retains_grad=False)
    assert not v.retains_grad
    (v * 2).backward()
    assert v.grad is None


def test_result_warns_and_gives_none():
    v = variable([1.0, 2.0])
    w = v * 2
    w.sum().backward()
    assert not w.retains_grad
    with pytest.warns(UserWarning, match=r"result of multiply.*retain_grad\(\)"):
        assert w.grad is None


def test_result_keeps_it_when_asked():
    v = variable([1.0, 2.0])
    w = v * 2
    w.retain_grad()
    assert w.retains_grad
    (w * w).sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_equal(w.grad, np.array([4.0, 8.0]))
    w = v * 2
    w.retain_grad()
    w.retain_grad(False)
    assert not w.retains_grad


def test_retain_grad_needs_a_graph():
    v = variable([1.0], requires_grad=False)
    assert not v.retains_grad
    with raises(GraphError, "retain_grad: this Variable does not require grad", "requires_grad_"):
        v.retain_grad()


def test_variable_without_grad_has_none_silently():
    assert variable([1.0], requires_grad=False).grad is None
    assert (variable([1.0], requires_grad=False) * 2).grad is None


def test_zero_grad_and_init_grad():
    v = variable([1.0, 2.0])
    v.zero_grad()
    assert v.grad is None
    v.init_grad()
    assert_equal(v.grad, np.zeros(2))
    (v * 3).sum().backward()
    v.init_grad()
    assert_equal(v.grad, np.array([3.0, 3.0]))
    v.zero_grad()
    assert_equal(v.grad, np.zeros(2))


def test_zero_grad_leaves_an_earlier_gradient_alone():
    v = variable([1.0, 2.0])
    (v * 3).sum().backward()
    kept = v.grad
    v.zero_grad()
    assert_equal(kept, np.array([3.0, 3.0]))


def test_setting_it(backend):
    v = variable([1.0, 2.0])
    v.grad = np.array([5.0, 6.0])
    assert type(v.grad) is backend.array_type
    (v * 3).sum().backward()
    assert_equal(v.grad, np.array([8.0, 9.0]))
    v.grad = np.array([1, 2])
    assert dtype_name(v.grad) == "float64"
    (v * 3).sum().backward()
    assert_equal(v.grad, np.array([4.0, 5.0]))
    v.grad = None
    assert v.grad is None
    with raises(ValueError, "grad: it has shape (3,)", "(2,)"):
        v.grad = np.zeros(3)
    with raises(GraphError, "grad: this Variable does not require grad"):
        variable([1.0], requires_grad=False).grad = np.zeros(1)
    variable([1.0], requires_grad=False).grad = None


def test_accumulates_over_backward_passes():
    v = variable([1.0, 2.0])
    for count in (1, 2, 3):
        (v * 2).sum().backward()
        assert_equal(v.grad, np.full(2, 2.0 * count))


def test_gradients_are_each_leafs_own(backend):
    """What a user writes into one gradient changes nothing else, even where rules hand arrays on."""
    v, w, x = variable([1.0, 2.0]), variable([3.0, 4.0]), variable([5.0, 6.0])
    total = v + w + x
    above = to_backend(np.array([1.0, 1.0]))
    total.backward(above)
    arrays = [v.grad, w.grad, x.grad, above]
    for position, array in enumerate(arrays):
        array[0] = 10.0 + position
    assert [array[0].item() for array in map(np.asarray, map(backend.to_numpy, arrays))] == [
        10,
        11,
        12,
        13,
    ]


def test_gradients_can_be_written(backend):
    """Also those that a rule made by repeating or viewing an array."""
    for function in (
        lambda v: v.sum(),
        lambda v: v.mean(),
        lambda v: v.reshape(4).sum(0),
        lambda v: (v.T * 2).sum(),
        lambda v: v[0].sum() + v[1].sum(),
        lambda v: v.T.permute(1, 0).sum(0)[1],
    ):
        v = variable([[1.0, 2.0], [3.0, 4.0]])
        function(v).backward()
        assert backend.is_writeable(v.grad)
        before = backend.to_numpy(v.grad).copy()
        v.grad[0, 0] = 50.0
        before[0, 0] = 50.0
        assert_equal(v.grad, before)


def test_a_saved_value_is_no_gradient():
    """The gradient of x * y for y is x: a copy, or writing into it would change x."""
    x, y = variable([1.0, 2.0]), variable([3.0, 4.0])
    (x * y).backward(np.ones(2))
    y.grad[0] = 99.0
    assert x.tolist() == [1.0, 2.0]


def test_retained_gradients_are_their_own_too():
    v = variable([1.0, 2.0])
    w = v + 1
    w.retain_grad()
    (w + 1).sum().backward()
    w.grad[0] = 7.0
    assert_equal(v.grad, np.array([1.0, 1.0]))


def test_is_a_variable_after_create_graph():
    v = variable([1.0, 2.0])
    (v * v).sum().backward(create_graph=True)
    assert isinstance(v.grad, Variable)
    assert_equal(v.grad, np.array([2.0, 4.0]))
    assert v.grad.requires_grad


def test_accumulates_onto_a_variable():
    v = variable([1.0, 2.0])
    (v * v).sum().backward(create_graph=True)
    (v * 3).sum().backward()
    assert_equal(v.grad, np.array([5.0, 7.0]))


def test_a_result_named_as_an_input_of_backward_has_its_gradient():
    v = variable([1.0, 2.0])
    y = v * 2
    (y * 3).sum().backward(inputs=[y])
    assert_equal(y.grad, np.array([3.0, 3.0]))
    assert v.grad is None
