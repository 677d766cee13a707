"""``functional.pad`` and its layers beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend
from tests.core.raising import raises

X = np.random.default_rng(3).normal(size=(2, 3, 6))


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("widths", [(2, 1), (-1, 2), (3, -2), (-1, -2), (0, 0), (5, 5)])
def test_values_and_gradients(mode, widths, torch):
    v, t = Variable(to_backend(X)), torch.tensor(X, requires_grad=True)
    out, expected = functional.pad(v, widths, mode), torch.nn.functional.pad(t, widths, mode)
    assert_equal(out, expected.detach().numpy())
    (grad,) = sa.grad((out**2).sum(), v)
    (truth,) = torch.autograd.grad((expected**2).sum(), t)
    assert_close(grad, truth.numpy())


def test_constants(torch):
    for shape, widths, value in (
        ((), (), None),
        ((3,), (1, 2), 7.0),
        ((2, 3), (1, 2, 0, 1), None),
        ((2, 3, 2), (0, 0, 0, 0, 2, -1), -1.5),
    ):
        x = np.ones(shape)
        expected = torch.nn.functional.pad(torch.tensor(x), widths, value=value).numpy()
        assert_equal(functional.pad(to_backend(x), widths, value=value), expected)
    integers = functional.pad(to_backend(np.arange(3)), (1, 0), value=5)
    assert_equal(integers, np.array([5, 0, 1, 2]))
    booleans = functional.pad(to_backend(np.ones((2, 2), bool)), (1, 0))
    assert_equal(booleans, np.array([[False, True, True]] * 2))


@pytest.mark.parametrize(
    ("widths", "mode", "settings", "words"),
    [
        ((1,), "constant", {}, ["pad is (1,)", "pairs"]),
        ((1, 1) * 4, "constant", {}, ["pairs", "3 axes"]),
        ((-4, -3), "constant", {}, ["cuts (-4, -3) from axis 2", "(2, 3, 6)"]),
        ((1, 1), "edge", {}, ["mode is 'edge'", "'reflect', 'replicate', 'circular'"]),
        ((6, 0), "reflect", {}, ["(6, 0)", "axis 2", "at most 5"]),
        ((0, 7), "circular", {}, ["(0, 7)", "at most 6"]),
        ((1, 1, 1, 1, 1, 1), "reflect", {}, ["3 pairs", "(2, 3, 6)"]),
        ((1, 1), "reflect", {"value": 2.0}, ["value is 2.0", "'reflect'"]),
    ],
    ids=str,
)
def test_errors(widths, mode, settings, words):
    with raises(ValueError, "pad: ", *words):
        functional.pad(to_backend(X), widths, mode, **settings)


def test_errors_of_layers():
    with raises(ValueError, "ReflectionPad2d: padding is (1, 2, 3)", "4 of them"):
        nn.ReflectionPad2d((1, 2, 3))
    with raises(ValueError, "ReplicationPad2d: x is a", "(3,)", "4 axes"):
        nn.ReplicationPad2d(1)(to_backend(np.ones(3)))
    with raises(TypeError, "pad: x is a list"):
        functional.pad([1.0], (1, 1))
