"""Memory is freed by reference counting alone, and early: the cycle collector is off throughout."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd.tape import Node
from tests.core.arrays import variable


@pytest.fixture(autouse=True)
def _no_collector():
    """Switch the collector off, so that a cycle stays and is seen."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def nodes_alive():
    return sum(type(thing) is Node for thing in gc.get_objects())


def test_dropping_the_result_frees_the_graph():
    v = variable([1.0, 2.0])
    before = nodes_alive()
    out = ((v.sin() * v).exp() + v).sum()
    assert nodes_alive() == before + 5
    del out
    assert nodes_alive() == before


def test_dropping_everything_frees_everything():
    before = nodes_alive()
    v, w = variable([[1.0, 2.0], [3.0, 4.0]]), variable([[1.0], [2.0]])
    out = ((v @ w).tanh()[[0, 0, 1]] / v.sum(0)).softmax(0).var()
    out.backward()
    grad = v.grad
    del v, w, out
    assert nodes_alive() == before
    del grad


def test_training_loop_leaves_nothing_behind():
    v = variable([1.0, 2.0])
    before = nodes_alive()
    for _ in range(5):
        (v.sin() * v).sum().backward()
        v.grad = None
        (first,) = sa.grad((v**3).sum(), v, create_graph=True)
        sa.grad(first.sum(), v)
    first = None
    assert nodes_alive() == before


def test_graph_that_is_never_walked_leaves_nothing_behind():
    v = variable([1.0, 2.0])
    before = nodes_alive()
    for _ in range(5):
        (v.exp() * v).sum()
    assert nodes_alive() == before


def test_what_no_rule_names_is_freed_at_once():
    v = variable([1.0, 2.0])
    inner = v * 2
    freed = weakref.ref(inner.data)
    out = (inner + 1).sum()
    assert freed() is not None
    del inner
    assert freed() is None
    out.backward()


def test_only_what_a_rule_names_is_kept():
    """The gradient of exp needs its result and not its argument; that of sin the other way round."""
    for function, keeps_argument, keeps_result in [
        (sa.exp, False, True),
        (sa.sin, True, False),
        (sa.negative, False, False),
        (lambda x: x * 3.0, False, False),
        (lambda x: sa.sum(x, axis=0), False, False),
        (lambda x: sa.reshape(x, (2, 1)), False, False),
    ]:
        argument = variable([1.0, 2.0]) + 0.0
        result = function(argument)
        argument_array = weakref.ref(argument.data)
        result_array = weakref.ref(result.data)
        node = result.grad_fn
        del argument, result
        assert (argument_array() is not None) == keeps_argument
        assert (result_array() is not None) == keeps_result
        del node


def test_the_other_operand_is_kept_only_if_a_gradient_needs_it():
    v, constant = variable([1.0, 2.0]), variable([3.0, 4.0], requires_grad=False)
    mine = v + 0.0
    freed = weakref.ref(mine.data)
    out = mine * constant
    del mine
    assert freed() is None
    out.sum().backward()


def test_nothing_is_kept_inside_no_grad():
    v = variable([1.0, 2.0])
    with sa.no_grad():
        inner = v.sin()
        freed = weakref.ref(inner.data)
        out = inner.sin()
        del inner
    assert freed() is None
    del out


def test_backward_frees_what_was_saved_although_the_result_lives():
    v = variable([1.0, 2.0])
    inner = v * 2
    saved = weakref.ref(inner.data)
    out = inner.sin().sum()
    del inner
    assert saved() is not None
    out.backward()
    assert saved() is None
    assert out.requires_grad


def test_backward_frees_as_it_goes():
    v = variable([1.0, 2.0])
    early = v * 2
    late = early.sin()
    saved_late = weakref.ref(late.data)
    out = late.sin().sum()
    del late
    seen = []
    early.register_hook(lambda grad: seen.append(saved_late() is None))
    out.backward()
    assert seen == [True]


def test_retained_graph_keeps_what_was_saved():
    v = variable([1.0, 2.0])
    inner = v * 2
    saved = weakref.ref(inner.data)
    out = inner.sin().sum()
    del inner
    out.backward(retain_graph=True)
    assert saved() is not None
    del out
    assert saved() is None


def test_intermediate_gradients_are_freed():
    gradients = []
    v = variable([1.0, 2.0])
    x = (v * 2).sin()
    x.register_hook(lambda grad: gradients.append(weakref.ref(grad)))
    (x * 3).sum().backward()
    assert gradients[0]() is None


def test_hooks_and_retained_gradients_make_no_cycle():
    before = nodes_alive()
    v = variable([1.0, 2.0])
    x = v * 2
    x.retain_grad()
    x.register_hook(lambda grad: grad * 2)
    x.sum().backward()
    del v, x
    assert nodes_alive() == before


def test_op_with_several_outputs_makes_no_cycle():
    @sa.op
    def pair(xp, x, /):
        return x * 2, xp.exp(x)

    @pair.gradient("x")
    def pair_wrt_x(xp, grad, out):
        return grad[0] * 2 + grad[1] * out[1]

    before = nodes_alive()
    v = variable([1.0])
    first, second = pair(v)
    (gradient,) = sa.grad((first * second).sum(), v, create_graph=True)
    assert np.isfinite(gradient.item())
    del v, first, second, gradient
    assert nodes_alive() == before


def test_failed_backward_leaves_nothing_behind():
    @sa.op
    def broken(xp, x, /):
        return x * 1

    @broken.gradient("x")
    def broken_wrt_x(xp, grad):
        raise ValueError("broken")

    before = nodes_alive()
    out = broken(variable([1.0]))
    with pytest.raises(ValueError, match="broken"):
        out.backward()
    del out
    assert nodes_alive() == before
