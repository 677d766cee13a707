"""Writes in place that would falsify a gradient are found and named; all others pass."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.errors import GraphError
from simple_autograd.writes import written
from tests.core.arrays import assert_close, to_backend, variable
from tests.core.raising import raises

ASSIGNMENT = "overwritten by an assignment v[...] = ... after the forward pass"


def update(v, name="SGD.step"):
    """Write into a parameter as an optimizer does, and say so."""
    v.data[...] = v.data * 0.9
    written(v.backend, v.data, name)


def test_assignment_to_a_saved_argument():
    v = variable([1.0, 2.0])
    out = v.sin().sum()
    v.detach()[0] = 5.0
    with raises(
        GraphError,
        "backward of sin: its gradient needs 'x' (shape (2,))",
        ASSIGNMENT,
        "detect_anomaly",
    ):
        out.backward()
    assert v.grad is None


def test_assignment_inside_no_grad():
    v = variable([1.0, 2.0])
    out = (v * v).sum()
    with sa.no_grad():
        v[0] = 5.0
    with raises(GraphError, "backward of multiply: its gradient needs", ASSIGNMENT):
        out.backward()


def test_assignment_to_a_saved_result():
    v = variable([1.0, 2.0])
    out = v.exp()
    out.detach()[1] = 0.0
    with raises(GraphError, "backward of exp: its gradient needs 'out'", ASSIGNMENT):
        out.sum().backward()


def test_optimizer_step_between_forward_and_backward():
    weight, x = variable([[1.0, 2.0]]), variable([[3.0], [4.0]])
    out = (weight @ x).sum()
    update(weight)
    with raises(GraphError, "backward of matmul", "overwritten by SGD.step"):
        out.backward()


def test_write_through_a_view(backend):
    if not backend.is_view(to_backend(np.zeros((2, 2)))[0, ...]):
        pytest.skip("this backend's slices are copies")
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    out = v.sin().sum()
    v.detach()[0][1] = 5.0
    with raises(GraphError, "backward of sin", ASSIGNMENT):
        out.backward()


def test_write_to_the_whole_when_a_view_was_saved(backend):
    if not backend.is_view(to_backend(np.zeros((2, 2)))[0, ...]):
        pytest.skip("this backend's slices are copies")
    v = variable([[1.0, 2.0], [3.0, 4.0]])
    out = v[0].sin().sum()
    v.detach()[...] = 0.0
    with raises(GraphError, "backward of sin", ASSIGNMENT):
        out.backward()


def test_write_to_an_index_array():
    v, index = variable([1.0, 2.0, 3.0]), variable(np.array([0, 0, 1]))
    out = v[index].sum()
    index[0] = 2
    with raises(GraphError, "backward of getitem: its gradient needs 'key'", ASSIGNMENT):
        out.backward()


def test_write_to_one_of_several_saved_arrays():
    v, w = variable([1.0, 2.0]), variable([3.0, 4.0])

    @sa.op
    def product_of(xp, *arrays):
        return arrays[0] * arrays[1]

    @product_of.gradient("arrays")
    def product_of_wrt_arrays(xp, grad, arrays, index):
        return grad * arrays[1 - index]

    out = product_of(v, w).sum()
    w.detach()[0] = 9.0
    with raises(GraphError, "backward of product_of: its gradient needs 'arrays'", ASSIGNMENT):
        out.backward()


def test_write_between_two_passes_over_a_retained_graph():
    v = variable([1.0, 2.0])
    out = v.sin().sum()
    out.backward(retain_graph=True)
    v.detach()[0] = 5.0
    with raises(GraphError, "backward of sin"):
        out.backward()


def test_write_before_the_second_order():
    v = variable([1.0, 2.0])
    (first,) = sa.grad((v**3).sum(), v, create_graph=True)
    v.detach()[0] = 5.0
    with raises(GraphError, "was overwritten by", "after the forward pass"):
        sa.grad(first.sum(), v)


def test_forward_line_is_named_under_detect_anomaly():
    with sa.detect_anomaly():
        v = variable([1.0, 2.0])
        out = v.sin().sum()  # the line to be named
        v.detach()[0] = 5.0
        with raises(GraphError, "the line to be named"):
            out.backward()


# What must pass -------------------------------------------------------------------------------------


def test_write_before_the_forward_pass():
    v = variable([1.0, 2.0])
    v.detach()[0] = 5.0
    v.sin().sum().backward()
    assert_close(v.grad, np.cos([5.0, 2.0]))


def test_write_into_what_no_rule_saved():
    v = variable([1.0, 2.0])
    out = (v + 1).sum() + (v * 3.0).sum()
    v.detach()[0] = 5.0
    out.backward()


def test_write_into_a_copy():
    v = variable([1.0, 2.0])
    copy = v.detach().clone()
    out = v.sin().sum()
    copy[0] = 5.0
    out.backward()
    assert_close(v.grad, np.cos([1.0, 2.0]))


def test_write_after_the_backward_pass():
    v = variable([1.0, 2.0])
    v.sin().sum().backward()
    v.detach()[0] = 5.0
    v.sin().sum().backward()


def test_training_loop_has_no_false_alarm():
    """Parameters are written every step, fresh arrays take the places of old ones, losses are kept."""
    rng = np.random.default_rng(0)
    weights = [variable(rng.normal(size=(4, 4))) for _ in range(3)]
    losses = []
    for _ in range(50):
        x = Variable(to_backend(rng.normal(size=(2, 4))), requires_grad=False)
        for weight in weights:
            x = (x @ weight).tanh()
        buffer = x.detach().clone()
        buffer[0] = 0.0
        loss = (x * buffer).square().mean()
        loss.backward()
        losses.append(loss)
        for weight in weights:
            update(weight)
            weight.zero_grad()
    assert len(losses) == 50


def test_reused_memory_is_not_blamed():
    """What was written is gone; a new array at the same address is another one."""
    v = variable([1.0, 2.0])
    for _ in range(200):
        scratch = variable([0.0, 0.0], requires_grad=False)
        scratch[0] = 1.0
        del scratch
        inner = v * 2
        out = inner.sin().sum()
        out.backward()
