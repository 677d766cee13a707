"""The walk back: accumulation, shared nodes, long chains, freed graphs, roots, inputs, errors."""

from __future__ import annotations

import sys

import numpy as np

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError
from tests.core.arrays import assert_close, assert_equal, dtype_name, to_backend, to_numpy, variable
from tests.core.raising import raises

# The shape of the graph -----------------------------------------------------------------------------


def test_diamond():
    v = variable([2.0, 3.0])
    a, b = v * v, v + 1
    (a * b).sum().backward()
    assert_close(v.grad, 3 * np.array([4.0, 9.0]) + 2 * np.array([2.0, 3.0]))


def test_one_variable_as_both_operands():
    v = variable([2.0, 3.0])
    (v * v + v / v + sa.maximum(v, v)).sum().backward()
    assert_close(v.grad, 2 * np.array([2.0, 3.0]) + 1)


def test_shared_nodes_are_visited_once():
    """Each doubling uses its input twice: a walk over paths instead of nodes would take 2**60 steps."""
    v = variable(1.0)
    x = v
    for _ in range(60):
        x = x + x
    x.backward()
    assert_equal(v.grad, np.array(2.0**60))


def test_rules_run_once_for_each_use():
    calls = []

    @sa.op
    def counted(xp, x, /):
        return x * 2

    @counted.gradient("x")
    def counted_wrt_x(xp, grad):
        calls.append(1)
        return grad * 2

    v = variable([1.0])
    shared = counted(v)
    x = shared
    for _ in range(10):
        x = x + shared
    x.sum().backward()
    assert len(calls) == 1
    assert_equal(v.grad, np.array([22.0]))


def test_chain_of_100_000_operations():
    """Neither the walk nor freeing the graph may recurse."""
    assert sys.getrecursionlimit() < 10_000
    v = variable(1.0)
    x = v
    for _ in range(100_000):
        x = x + 1.0
    x.backward()
    assert_equal(v.grad, np.array(1.0))
    del x


def test_long_chain_that_is_never_walked_is_freed_without_recursion():
    x = variable(1.0)
    for _ in range(100_000):
        x = x + 1.0
    del x


def test_inner_operands_that_need_no_gradient():
    v, c = variable([1.0, 2.0]), variable([3.0, 4.0], requires_grad=False)
    ((c * c) * v + c).sum().backward()
    assert_equal(v.grad, np.array([9.0, 16.0]))
    assert c.grad is None


# The gradient from above ----------------------------------------------------------------------------


def test_gradient_argument_kinds(backend):
    above = np.array([2.0, -1.0])
    for gradient in (
        above,
        to_backend(above),
        variable(above),
        variable(above, requires_grad=False),
    ):
        v = variable([1.0, 2.0])
        (v * v).backward(gradient)
        assert type(v.grad) is backend.array_type
        assert_equal(v.grad, np.array([4.0, -4.0]))


def test_one_element_of_any_shape_needs_no_gradient():
    for shape in [(), (1,), (1, 1)]:
        v = variable(np.full(shape, 3.0))
        (v * 2).backward()
        assert_equal(v.grad, np.full(shape, 2.0))


def test_gradient_argument_is_needed_for_several_elements():
    with raises(
        GraphError, "backward: the gradient may be left out", "(2, 3)", "v.sum().backward()"
    ):
        (variable(np.ones((2, 3))) * 2).backward()
    with raises(GraphError, "backward: the gradient may be left out", "(0,)"):
        (variable(np.ones(0)) * 2).backward()


def test_gradient_argument_of_another_shape_is_refused():
    with raises(ValueError, "backward: the gradient has shape (3,)", "needed", "(2,)"):
        (variable([1.0, 2.0]) * 2).backward(np.ones(3))
    with raises(ValueError, "backward: the gradient has shape ()", "(2,)"):
        (variable([1.0, 2.0]) * 2).backward(1.0)


def test_gradient_argument_is_cast_to_the_type_of_the_result():
    v = variable(np.array([1.0, 2.0], np.float32))
    (v * 2).backward(np.array([1.0, 2.0]))
    assert dtype_name(v.grad) == "float32"
    assert_equal(v.grad, np.array([2.0, 4.0], np.float32))


def test_gradient_argument_is_not_written_to():
    above = to_backend(np.array([1.0, 1.0]))
    v = variable([1.0, 2.0])
    for _ in range(3):
        (v + 0.0).backward(above)
    assert_equal(above, np.array([1.0, 1.0]))
    assert_equal(v.grad, np.array([3.0, 3.0]))


def test_gradients_come_back_in_each_arguments_type():
    v, w = variable(np.array([1.0, 2.0], np.float32)), variable([3.0, 4.0])
    out = v * w
    assert dtype_name(out) == "float64"
    out.sum().backward()
    assert (dtype_name(v.grad), dtype_name(w.grad)) == ("float32", "float64")
    assert_equal(v.grad, np.array([3.0, 4.0], np.float32))


def test_real_argument_of_a_complex_result_gets_a_real_gradient(torch):
    v, w = variable([1.0, 2.0]), variable([1 + 2j, 3 - 1j])
    above = np.array([1 - 1j, 2j])
    (v * w).backward(above)
    a = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([1 + 2j, 3 - 1j], dtype=torch.complex128, requires_grad=True)
    (a * b).backward(torch.tensor(above))
    assert_close(v.grad, a.grad.numpy())
    assert_close(w.grad, b.grad.numpy())
    assert dtype_name(v.grad) == "float64"


# Roots and inputs -----------------------------------------------------------------------------------


def test_a_leaf_used_often_does_not_write_into_what_others_hold():
    """Its gradient is added up in place, in memory of its own."""
    x, y = variable([1.0, 2.0]), variable([3.0, 4.0])
    given = []
    out = x + y
    out.register_hook(given.append)
    (out + x * 3 + x).sum().backward()
    assert_close(x.grad, np.array([5.0, 5.0]))
    assert_close(y.grad, np.array([1.0, 1.0]))
    assert_close(given[0], np.array([1.0, 1.0]))
    assert_close(x.data, np.array([1.0, 2.0]))


def test_a_leaf_can_be_the_root():
    v = variable(3.0)
    v.backward()
    assert_equal(v.grad, np.array(1.0))


def test_several_roots_at_once():
    v, w = variable([1.0, 2.0]), variable([3.0, 4.0])
    a, b = v * w, v + w
    sa.backward([a, b.sum(), a], [np.ones(2), None, np.array([1.0, 0.0])])
    assert_close(v.grad, np.array([3.0, 4.0]) * [2, 1] + 1)
    assert_close(w.grad, np.array([1.0, 2.0]) * [2, 1] + 1)
    with raises(ValueError, "backward: there are 2 outputs and 1 gradients"):
        sa.backward([v * 2, w * 2], [np.ones(2)])


def test_a_root_inside_anothers_graph():
    v = variable(2.0)
    a = v * v
    b = a * a
    sa.backward([a, b])
    assert_close(v.grad, np.array(4.0 + 4 * 8.0))


def test_inputs_confine_accumulation():
    v, w = variable([1.0, 2.0]), variable([3.0, 4.0])
    x = v * w
    x.sum().backward(inputs=[v], retain_graph=True)
    assert_equal(v.grad, np.array([3.0, 4.0]))
    assert w.grad is None
    (x * x).sum().backward(inputs=x)
    assert_close(x.grad, 2 * np.array([3.0, 8.0]))  # it was asked for: no warning
    assert_equal(v.grad, np.array([3.0, 4.0]))


def test_inputs_skip_rules_that_lead_elsewhere():
    @sa.op
    def picky(xp, x1, x2, /):
        return x1 + x2

    @picky.gradient("x1")
    def picky_wrt_x1(xp, grad):
        return grad

    @picky.gradient("x2")
    def picky_wrt_x2(xp, grad):
        raise AssertionError("this gradient was not asked for")

    v, w = variable([1.0]), variable([2.0])
    picky(v, w).sum().backward(inputs=v)
    assert_equal(v.grad, np.array([1.0]))
    sa.grad(picky(v, w), v)


def test_grad_gives_gradients_and_accumulates_nothing(backend):
    v, w = variable([1.0, 2.0]), variable([3.0, 4.0])
    x = v * w
    gradients = sa.grad((x * x).sum(), [v, x])
    assert isinstance(gradients, tuple)
    assert [type(gradient) for gradient in gradients] == [backend.array_type] * 2
    assert_close(gradients[0], 2 * np.array([3.0, 8.0]) * np.array([3.0, 4.0]))
    assert_close(gradients[1], 2 * np.array([3.0, 8.0]))
    assert v.grad is None
    assert w.grad is None


def test_grad_with_respect_to_an_unused_input():
    v, w = variable([1.0]), variable([2.0])
    with raises(GraphError, "grad: no output depends on input 1 (shape (1,))", "allow_unused=True"):
        sa.grad(v * 2, [v, w])
    first, second = sa.grad(v * 2, [v, w], allow_unused=True)
    assert_equal(first, np.array([2.0]))
    assert second is None


def test_grad_of_an_output_with_respect_to_itself():
    v = variable(2.0)
    x = v * 3
    (gradient,) = sa.grad(x, x)
    assert_equal(gradient, np.array(1.0))


def test_wrong_arguments_are_named():
    v = variable([1.0])
    constant = variable([1.0], requires_grad=False)
    with raises(TypeError, "grad: input 0 is a list; needed is a Variable"):
        sa.grad(v * 2, [[1.0]])
    with raises(GraphError, "grad: input 0 does not require grad"):
        sa.grad(v * 2, constant)
    with raises(TypeError, "backward: needed is a Variable"):
        sa.backward([np.ones(1)])
    with raises(
        GraphError, "backward: this Variable (shape (1,)", "does not require grad", "no_grad"
    ):
        (constant * 2).backward()


# Several passes -------------------------------------------------------------------------------------


def test_freed_graph_says_so():
    v = variable([1.0])
    x = v * v
    y = x.exp()
    y.sum().backward()
    with raises(GraphError, "backward: the graph has been freed", "retain_graph=True"):
        y.sum().backward()
    with raises(GraphError, "the graph has been freed", "multiply"):
        x.sum().backward()


def test_retained_graph_can_be_walked_again():
    v = variable([2.0])
    x = (v * v).sum()
    x.backward(retain_graph=True)
    x.backward(retain_graph=True)
    assert_equal(v.grad, np.array([8.0]))
    x.backward()
    with raises(GraphError, "freed"):
        x.backward()


def test_grad_frees_too():
    v = variable([2.0])
    x = (v * v).sum()
    sa.grad(x, v, retain_graph=True)
    sa.grad(x, v)
    with raises(GraphError, "freed"):
        sa.grad(x, v)


def test_second_branch_of_a_half_freed_graph():
    v = variable([2.0])
    shared = v * v
    first, second = shared * 2, shared * 3
    first.sum().backward()
    with raises(GraphError, "freed", "multiply"):
        second.sum().backward()


def test_create_graph_keeps_the_graph_and_gives_variables():
    v = variable([2.0])
    x = (v**3).sum()
    (first,) = sa.grad(x, v, create_graph=True)
    assert isinstance(first, Variable)
    (second,) = sa.grad(first, v, create_graph=True)
    (third,) = sa.grad(second, v)
    assert [first.item(), second.item(), to_numpy(third).item()] == [12.0, 12.0, 6.0]
    x.backward()


def test_gradient_penalty_as_in_pytorch(torch):
    data, weights = np.linspace(0.1, 1, 6).reshape(2, 3), np.linspace(-1, 1, 12).reshape(3, 4)

    def penalty(x, w, grad):
        (first,) = grad((x @ w).tanh().sum(), x, create_graph=True)
        return ((first**2).sum(1) ** 0.5 - 1).square().mean()

    x, w = variable(data), variable(weights)
    penalty(x, w, sa.grad).backward()
    a, b = (torch.tensor(value, requires_grad=True) for value in (data, weights))
    penalty(a, b, torch.autograd.grad).backward()
    assert_close(w.grad, b.grad.numpy())
    assert_close(x.grad, a.grad.numpy())


def test_backward_inside_no_grad_works_as_ever():
    v = variable([2.0])
    x = (v * v).sum()
    with sa.no_grad():
        x.backward()
    assert_equal(v.grad, np.array([4.0]))
    x = (v * v).sum()
    with sa.no_grad():
        (first,) = sa.grad(x, v, create_graph=True)
    assert first.requires_grad
    assert sa.is_grad_enabled()
