"""``functional/rectifiers.py`` and ``layers/rectifiers.py`` beyond the table: chance, NaN, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

X = np.random.default_rng(2).normal(size=(3, 4, 5))
ALL = ["celu", "elu", "hardshrink", "hardsigmoid", "hardswish", "hardtanh", "leaky_relu", "relu6"]
ALL += ["rrelu", "selu", "softshrink"]


@pytest.mark.parametrize("name", ALL)
def test_functions_are_pytorchs(name, torch):
    for x in (X, np.array(0.7), np.zeros((0, 2))):
        expected = getattr(torch.nn.functional, name)(torch.tensor(x))
        assert_close(getattr(functional, name)(to_backend(x)), expected.numpy())


@pytest.mark.parametrize("name", ALL)
def test_nan_and_infinities(name, torch):
    x = np.array([np.nan, np.inf, -np.inf])
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    with np.errstate(invalid="ignore"):
        out, expected = getattr(functional, name)(v), getattr(torch.nn.functional, name)(t)
    np.testing.assert_array_equal(np.isnan(to_numpy(out))[:2], [True, False])
    finite = np.isfinite(expected.detach().numpy())
    assert_close(to_numpy(out)[finite], expected.detach().numpy()[finite])
    (grad,) = sa.grad(out, v, to_backend(np.ones(3)))
    (truth,) = torch.autograd.grad(expected.sum(), t)
    np.testing.assert_allclose(to_numpy(grad)[1:], truth.numpy()[1:], rtol=1e-7)


def test_hardsigmoid_at_its_kinks():
    """PyTorch's slope in double precision is 1 / 6 in single precision."""
    v = Variable(to_backend(np.array([-4.0, -3.0, -1.0, 3.0, 5.0])))
    out = nn.Hardsigmoid()(v)
    assert_close(out, np.array([0, 0, 1 / 3, 1, 1]))
    assert_close(sa.grad(out.sum(), v)[0], np.array([0, 0, 1 / 6, 0, 0]))
    assert repr(nn.Hardsigmoid(True)) == "Hardsigmoid()"


def test_rrelu_draws_a_slope_for_each_negative_element():
    layer = nn.RReLU(0.2, 0.6)
    x = X.astype("float32")
    results = []
    for _ in range(2):
        sa.manual_seed(4)
        v = Variable(to_backend(x))
        out = layer(v)
        results.append(to_numpy(out))
        (grad,) = sa.grad(out.sum(), v)
        slopes = to_numpy(grad)
        assert_close(slopes * x, results[-1], 1e-6)
        assert (slopes[x > 0] == 1).all()
        below = slopes[x <= 0]
        assert 0.2 <= below.min() < 0.3 < 0.5 < below.max() <= 0.6
        assert len(np.unique(below)) == below.size
    assert_equal(results[0], results[1])
    assert (to_numpy(layer(to_backend(x))) != results[0]).any()


def test_prelu_of_numbers_and_of_channels(torch):
    for x, weight in ((np.array(-2.0), np.array([0.3])), (X, np.arange(4) / 4)):
        v, w = Variable(to_backend(x)), Variable(to_backend(weight))
        t, u = (torch.tensor(a, requires_grad=True) for a in (x, weight))
        out, expected = functional.prelu(v, w), torch.nn.functional.prelu(t, u)
        assert_close(out, expected.detach().numpy())
        grads = sa.grad(out.sum(), [v, w])
        for grad, truth in zip(grads, torch.autograd.grad(expected.sum(), [t, u]), strict=True):
            assert_close(grad, truth.numpy())


def test_celu_with_a_negative_alpha(torch):
    x = np.array([-20.0, -3.0, -0.01, 0.0, 2.0], "float32")
    expected = torch.nn.functional.celu(torch.tensor(x), -2.0)
    assert_close(functional.celu(to_backend(x), -2.0), expected.numpy(), 1e-6)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda x: functional.prelu(x, x[0, 0, ...]),
            ValueError,
            ["prelu: weight", "(5,)", "(4,)"],
        ),
        (lambda x: functional.prelu(x, 0.1), TypeError, ["prelu: weight is a float"]),
        (lambda x: functional.prelu([1.0], x[0, 0, :1]), TypeError, ["prelu: x is a list"]),
        (lambda x: functional.rrelu(x, 0.4, 0.3), ValueError, ["rrelu: lower is 0.4", "0.3"]),
        (lambda x: functional.celu(x, 0), ValueError, ["celu: alpha is 0"]),
        (lambda x: functional.hardtanh(x, 2, 1), ValueError, ["hardtanh: min_val is 2", "max_val"]),
        (lambda x: nn.Hardtanh(1, 1), ValueError, ["Hardtanh: min_val is 1"]),
        (lambda x: functional.softshrink(x, -1), ValueError, ["softshrink: lambd is -1"]),
        (
            lambda x: functional.leaky_relu([1.0]),
            TypeError,
            ["leaky_relu: x is a list"],
        ),
    ],
)
def test_errors(call, error, words):
    with raises(error, *words):
        call(to_backend(X))
