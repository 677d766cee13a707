"""``functional/activation.py`` and ``layers/activation.py`` beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

LAYERS = {"softmax": "Softmax", "log_softmax": "LogSoftmax", "softmin": "Softmin"}
X = np.random.default_rng(2).normal(size=(3, 4, 5))


SMOOTH = ["gelu", "logsigmoid", "mish", "silu", "softplus", "softsign", "tanhshrink"]


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", *SMOOTH])
def test_functions_are_pytorchs(name, torch):
    expected = getattr(torch.nn.functional, name)(torch.tensor(X))
    assert_close(getattr(functional, name)(to_backend(X)), expected.numpy())


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax(name, dim, torch):
    expected = getattr(torch.nn.functional, name)(torch.tensor(X), dim)
    assert_close(getattr(functional, name)(to_backend(X), dim), expected.numpy())
    single = getattr(functional, name)(Variable(to_backend(X)), dim, dtype="float32")
    assert to_numpy(single).dtype == np.float32


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_softmax_errors(name):
    with raises(ValueError, f"{name}: dim is 3", "3 axes", "(3, 4, 5)"):
        getattr(functional, name)(to_backend(X), 3)
    with raises(TypeError, f"{name}: x is a list"):
        getattr(functional, name)([1.0], 0)
    with raises(TypeError, "dim"):
        getattr(nn, LAYERS[name])()


def test_relu_in_place_gives_a_new_array():
    x = to_backend(X)
    for out in (functional.relu(x, inplace=True), nn.ReLU(inplace=True)(x)):
        assert_equal(out, np.maximum(X, 0))
    assert_equal(x, X)


def test_exp():
    assert_close(nn.Exp()(to_backend(X)), np.exp(X))
    assert repr(nn.Exp()) == "Exp()"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_relu_of_special_values(dtype, torch):
    """Infinite gradients where the result is 0 give 0, and NaN goes through: also in a kernel."""
    x = np.array([[-1.0, 0.0, -0.0, 2.0, np.nan, np.inf, -np.inf]] * 40, dtype)
    above = np.array([[np.inf, np.nan, -np.inf, np.inf, 3.0, -1.0, np.inf]] * 40, dtype)
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    out, expected = functional.relu(v), torch.relu(t)
    assert_equal(out, expected.detach().numpy())
    (grad,) = sa.grad(out, v, to_backend(above))
    (truth,) = torch.autograd.grad(expected, t, torch.tensor(above))
    assert_equal(grad, truth.numpy())


@pytest.mark.parametrize("shape", [(), (7,), (0, 4), (2, 3, 4, 5), (3, 0, 2)])
def test_relu_of_any_shape(shape):
    x = np.random.default_rng(0).normal(size=shape)
    v = Variable(to_backend(x))
    out = functional.relu(v)
    assert_equal(out, np.asarray(np.maximum(x, 0)))
    (grad,) = sa.grad(out, v, to_backend(np.full(shape, 2.0)))
    assert_equal(grad, np.asarray(np.where(x > 0, 2.0, 0.0)))


@pytest.mark.parametrize("name", SMOOTH)
def test_extremes_neither_overflow_nor_lose_the_gradient(name, torch):
    x = np.array([-1e30, -1e4, -800.0, -0.0, 0.0, 800.0, 1e4, 1e30])
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    out, expected = getattr(functional, name)(v), getattr(torch.nn.functional, name)(t)
    np.testing.assert_allclose(to_numpy(out), expected.detach().numpy(), rtol=1e-12, atol=1e-12)
    (grad,) = sa.grad(out.sum(), v)
    (truth,) = torch.autograd.grad(expected.sum(), t)
    assert_close(grad, truth.numpy())


def test_errors_of_gates_and_choices():
    with raises(ValueError, "glu: x has length 5", "dim -1", "even"):
        functional.glu(to_backend(X))
    with raises(ValueError, "glu: dim is 3"):
        functional.glu(to_backend(X), 3)
    with raises(ValueError, "Softmax2d: x", "(3, 4)", "(C, H, W)"):
        nn.Softmax2d()(to_backend(X[..., 0]))
    with raises(ValueError, "gelu: approximate is 'erf'"):
        functional.gelu(to_backend(X), "erf")
    with raises(TypeError, "mish: needed is a Variable or an array", "list"):
        functional.mish([1.0])
