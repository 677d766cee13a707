"""Hooks: called with the complete gradient, in order, on leaves and results; what they return replaces it."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy, variable
from tests.core.raising import raises


def test_sees_the_complete_gradient_once(backend):
    seen = []
    v = variable([1.0, 2.0])
    v.register_hook(seen.append)
    (v * 2 + v * 3).sum().backward()
    assert len(seen) == 1
    assert type(seen[0]) is backend.array_type
    assert_equal(seen[0], np.array([5.0, 5.0]))
    assert_equal(v.grad, np.array([5.0, 5.0]))


def test_on_a_leaf_sees_each_pass_and_not_the_sum():
    seen = []
    v = variable([1.0])
    v.register_hook(lambda grad: seen.append(to_numpy(grad).item()))
    (v * 2).sum().backward()
    (v * 3).sum().backward()
    assert seen == [2.0, 3.0]
    assert_equal(v.grad, np.array([5.0]))


def test_replaces_on_a_leaf_and_inside():
    v = variable([1.0, 2.0])
    x = v * 2
    x.retain_grad()
    x.register_hook(lambda grad: grad * 10)
    v.register_hook(lambda grad: -grad)
    x.sum().backward()
    assert_equal(x.grad, np.array([10.0, 10.0]))
    assert_equal(v.grad, np.array([-20.0, -20.0]))


def test_several_run_in_order_each_on_the_last_ones_result():
    v = variable([1.0])
    v.register_hook(lambda grad: grad + 1)
    v.register_hook(lambda grad: None)
    v.register_hook(lambda grad: grad * 10)
    v.sum().backward()
    assert_equal(v.grad, np.array([20.0]))


def test_removed_is_not_called():
    v = variable([1.0])
    handle = v.register_hook(lambda grad: grad * 10)
    other = v.register_hook(lambda grad: grad + 1)
    handle.remove()
    handle.remove()
    v.sum().backward()
    assert_equal(v.grad, np.array([2.0]))
    other.remove()
    v.sum().backward()
    assert_equal(v.grad, np.array([3.0]))


def test_runs_for_sa_grad_too():
    v = variable([1.0])
    x = v * 2
    x.register_hook(lambda grad: grad * 10)
    (gradient,) = sa.grad((x * 3).sum(), v)
    assert_equal(gradient, np.array([60.0]))


def test_may_return_arrays_variables_and_lists():
    for make in (to_backend, lambda array: variable(array), lambda array: array.tolist()):
        v = variable([1.0, 2.0])
        v.register_hook(lambda grad, make=make: make(np.array([3.0, 4.0])))
        v.sum().backward()
        assert_equal(v.grad, np.array([3.0, 4.0]))


def test_array_that_a_hook_returns_stays_the_hooks():
    mine = to_backend(np.array([3.0, 4.0]))
    v = variable([1.0, 2.0])
    v.register_hook(lambda grad: mine)
    v.sum().backward()
    v.grad[0] = 9.0
    assert_equal(mine, np.array([3.0, 4.0]))


def test_wrong_shape_is_refused():
    v = variable([1.0, 2.0])
    x = v * 2
    x.register_hook(lambda grad: np.ones(3))
    with raises(ValueError, "hook on multiply: it returned shape (3,)", "(2,)"):
        x.sum().backward()
    assert v.grad is None


def test_needs_a_graph():
    with raises(GraphError, "register_hook: this Variable does not require grad"):
        variable([1.0], requires_grad=False).register_hook(print)


def test_under_create_graph_works_on_variables():
    kinds = []
    v = variable([3.0])
    v.register_hook(lambda grad: kinds.append(type(grad)))
    sa.grad((v * v).sum(), v, create_graph=True)
    assert kinds == [Variable]


def test_runs_in_the_second_pass_too_as_in_pytorch(torch):
    def program(v, grad):
        x = v * v
        x.register_hook(lambda grad: grad * grad)
        (first,) = grad((x * x).sum(), v, create_graph=True)
        return first, grad(first.sum(), v)[0]

    v, tensor = variable([1.5]), torch.tensor([1.5], dtype=torch.float64, requires_grad=True)
    for ours, theirs in zip(program(v, sa.grad), program(tensor, torch.autograd.grad), strict=True):
        assert_close(ours, theirs.detach().numpy())


def test_complex_gradient_is_seen_in_pytorchs_convention(torch):
    seen, expected = [], []
    data, above = np.array([1 + 2j]), np.array([3 - 1j])
    v = variable(data)
    v.register_hook(seen.append)
    (v * v).backward(above)
    tensor = torch.tensor(data, requires_grad=True)
    tensor.register_hook(expected.append)
    (tensor * tensor).backward(torch.tensor(above))
    assert_equal(seen[0], expected[0].resolve_conj().numpy())


def test_an_exception_in_a_hook_leaves_no_gradient_behind():
    v, w = variable([1.0]), variable([1.0])

    def fail(grad):
        raise RuntimeError("from the hook")

    v.register_hook(fail)
    with pytest.raises(RuntimeError, match="from the hook"):
        (v * w).sum().backward()
    assert v.grad is None
    assert w.grad is None
    assert sa.is_grad_enabled()
