"""``functional/linear.py`` and ``layers/linear.py`` beyond the table of layers."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises


def draw(*shape):
    return np.random.default_rng(5).normal(size=shape)


def test_gradients_of_the_function(torch):
    x, weight, bias, above = draw(2, 3, 4), draw(5, 4), draw(5), draw(2, 3, 5)
    ours = [Variable(to_backend(value)) for value in (x, weight, bias)]
    theirs = [torch.tensor(value, requires_grad=True) for value in (x, weight, bias)]
    grads = sa.grad(functional.linear(*ours), ours, to_backend(above))
    expected = torch.autograd.grad(torch.nn.functional.linear(*theirs), theirs, torch.tensor(above))
    for grad, truth in zip(grads, expected, strict=True):
        assert_close(grad, truth.numpy())


def test_only_what_is_needed_is_recorded():
    x, weight = to_backend(draw(2, 4)), Variable(to_backend(draw(5, 4)))
    out = functional.linear(x, weight)
    assert out.grad_fn.name == "linear"
    assert len(out.grad_fn.next_functions) == 1
    assert not functional.linear(x, weight.detach()).requires_grad


def test_raw_arrays_give_a_raw_array(backend):
    out = functional.linear(to_backend(draw(4)), to_backend(draw(5, 4)))
    assert type(out) is backend.array_type


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (((2, 3), (5, 4), None), ["linear: x", "(2, 3)", "length 4", "(5, 4)"]),
        (((), (5, 4), None), ["linear: x", "()", "length 4"]),
        (((2, 4), (4,), None), ["linear: weight", "(4,)", "two axes"]),
        (((2, 4), (5, 4), (4,)), ["linear: bias", "(4,)", "(5,)"]),
        (((2, 4), (5, 4), (1,)), ["linear: bias", "(1,)", "(5,)"]),
    ],
)
def test_shapes_that_do_not_fit(shapes, words):
    given = [None if shape is None else to_backend(draw(*shape)) for shape in shapes]
    with raises(ValueError, *words):
        functional.linear(*given)


def test_types_that_do_not_fit():
    weight = to_backend(draw(5, 4))
    with raises(TypeError, "linear: x has the type", "uint8", "floating", "astype"):
        functional.linear(to_backend(np.ones((2, 4), np.uint8)), weight)
    with raises(TypeError, "linear: x is a list", "asarray"):
        functional.linear([1.0, 2.0, 3.0, 4.0], weight)
    with raises(TypeError, "linear: bias is a list"):
        functional.linear(to_backend(draw(2, 4)), weight, [0.0] * 5)


def test_a_layers_error_names_shapes():
    with raises(ValueError, "linear: x", "(2, 3)", "length 4"):
        nn.Linear(4, 5)(to_backend(draw(2, 3)))
    with raises(ValueError, "Linear: out_features is -1"):
        nn.Linear(4, -1)


def test_initial_values_are_pytorchs_distribution():
    layer = nn.Linear(100, 300)
    bound = 1 / math.sqrt(100)
    for parameter in layer.parameters():
        values = to_numpy(parameter)
        assert values.dtype == np.float32
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > 0.98 * bound
        assert abs(values.std() / (bound / math.sqrt(3)) - 1) < 0.1
    assert abs(to_numpy(layer.weight).mean()) < 0.01 * bound


def test_initial_values_follow_the_seed():
    def made():
        sa.manual_seed(11)
        return nn.Linear(4, 3)

    for first, second in zip(made().parameters(), made().parameters(), strict=True):
        np.testing.assert_array_equal(to_numpy(first), to_numpy(second))


def test_the_data_type_can_be_chosen():
    layer = nn.Linear(4, 3, dtype="float64")
    assert {to_numpy(p).dtype for p in layer.parameters()} == {np.dtype("float64")}


@pytest.mark.parametrize("ahead", [(), (2,), (2, 5), (0, 5)])
@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (0, 0)])
def test_a_layer_may_be_empty(sizes, ahead):
    layer = nn.Linear(*sizes)
    x = Variable(to_backend(draw(*ahead, sizes[0]).astype("float32")))
    out = layer(x)
    assert out.shape == (*ahead, sizes[1])
    out.sum().backward()
    assert x.grad.shape == x.shape
    assert_close(layer.weight.grad, np.full(sizes[::-1], to_numpy(x).sum(), "float32"))
    assert_close(layer.bias.grad, np.full(sizes[1], math.prod(ahead), "float32"))


def test_training_leaves_the_order_in_memory_alone():
    """The weight is stored as (in, out); copies, moves and gradients shall keep that."""
    layer = nn.Linear(4, 3)
    x = Variable(to_backend(draw(2, 4).astype("float32")))
    layer(x).sum().backward()
    if sa.get_backend().is_host:
        for array in (
            layer.weight.data,
            layer.weight.grad,
            copy.deepcopy(layer).weight.data,
            layer.to("float64").weight.data,
        ):
            assert array.flags.f_contiguous
