"""``functional/regression_loss.py`` beyond the table: weights, types, nothing to average, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(61)
X, TARGET = RNG.normal(size=(2, 4, 3))
ALL = ["huber_loss", "l1_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss"]


@pytest.mark.parametrize("name", ALL)
def test_targets_may_be_integers(name):
    target = np.array([[0, 1, 2]] * 4)
    expected = getattr(functional, name)(to_backend(X), to_backend(target.astype("float64")))
    assert_close(getattr(functional, name)(to_backend(X), to_backend(target)), expected)
    single = getattr(functional, name)(to_backend(X.astype("float32")), to_backend(target))
    assert to_numpy(single).dtype == np.float32


@pytest.mark.parametrize("name", ALL)
def test_nothing_to_average_is_nan(name):
    v = Variable(to_backend(np.zeros((0, 3))))
    function = getattr(functional, name)
    loss = function(v, to_backend(np.zeros((0, 3))))
    assert np.isnan(to_numpy(loss))
    assert tuple(sa.grad(loss, v)[0].shape) == (0, 3)
    assert to_numpy(function(v, to_backend(np.zeros((0, 3))), reduction="sum")) == 0


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", ["huber_loss", "l1_loss", "mse_loss"])
def test_weights(name, reduction, torch):
    weight = RNG.random(X.shape)
    v, t = Variable(to_backend(X)), torch.tensor(X, requires_grad=True)
    loss = getattr(functional, name)(
        v, to_backend(TARGET), weight=to_backend(weight), reduction=reduction
    )
    expected = getattr(torch.nn.functional, name)(
        t, torch.tensor(TARGET), weight=torch.tensor(weight), reduction=reduction
    )
    assert_close(loss, expected.detach().numpy())
    (truth,) = torch.autograd.grad(expected.sum(), t)
    assert_close(sa.grad(loss.sum(), v)[0], truth.numpy())


@pytest.mark.parametrize("name", ["huber_loss", "smooth_l1_loss"])
def test_infinite_errors_have_a_slope(name, torch):
    x = np.array([math.inf, -math.inf, 0.3, 1.0, 2.0])
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    getattr(functional, name)(v, to_backend(np.zeros(5)), reduction="sum").backward()
    getattr(torch.nn.functional, name)(
        t, torch.zeros(5, dtype=torch.float64), reduction="sum"
    ).backward()
    assert_close(v.grad, t.grad.numpy())


def test_the_absolute_error_of_complex_numbers(torch):
    x, target = X * (1 + 2j), TARGET * (2 - 1j)
    loss = functional.l1_loss(to_backend(x), to_backend(target))
    truth = torch.nn.functional.l1_loss(torch.tensor(x), torch.tensor(target))
    assert_close(loss, truth.numpy())


def test_a_variance_for_all(torch):
    for var in (2.0, 1):
        loss = functional.gaussian_nll_loss(to_backend(X), to_backend(TARGET), var)
        expected = torch.nn.functional.gaussian_nll_loss(
            torch.tensor(X), torch.tensor(TARGET), float(var)
        )
        assert_close(loss, expected.numpy())


def test_stirlings_part(torch):
    target = np.array([[0.0, 1.0, 1.5], [2.0, 7.0, 0.3], [3.0, 1.0, 100.0], [1.0, 1.1, 2.0]])
    v, u = Variable(to_backend(X)), Variable(to_backend(target))
    t, w = torch.tensor(X, requires_grad=True), torch.tensor(target, requires_grad=True)
    loss = functional.poisson_nll_loss(v, u, full=True)
    expected = torch.nn.functional.poisson_nll_loss(t, w.detach(), full=True)
    assert_close(loss, expected.detach().numpy())
    assert_close(sa.grad(loss, v)[0], torch.autograd.grad(expected, t)[0].numpy())
    assert np.isfinite(to_numpy(sa.grad(functional.poisson_nll_loss(v, u, full=True), u)[0])).all()


def test_nan_and_infinity_pass(torch):
    x, target = np.array([np.nan, np.inf, 1.0]), np.zeros(3)
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        loss = getattr(functional, name)(to_backend(x), to_backend(target), reduction="none")
        expected = getattr(torch.nn.functional, name)(
            torch.tensor(x), torch.tensor(target), reduction="none"
        )
        assert_close(loss, expected.numpy())


@pytest.mark.parametrize("name", [*ALL, "gaussian_nll_loss"])
def test_what_all_refuse(name):
    more = [1.0] if name == "gaussian_nll_loss" else []
    function = getattr(functional, name)
    x, target = to_backend(X), to_backend(TARGET)
    with raises(ValueError, f"{name}: target", "(4, 2)", "shape of x, (4, 3)"):
        function(x, target[:, :2], *more)
    with raises(ValueError, f"{name}: reduction is 'max'"):
        function(x, target, *more, reduction="max")
    with raises(TypeError, f"{name}: x is a list"):
        function([1.0], target, *more)
    with raises(TypeError, f"{name}: target is a list"):
        function(x, [1.0], *more)
    with raises(TypeError, f"{name}: x has the type", "int64"):
        function(to_backend(np.ones(3, "int64")), target, *more)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x, t: functional.smooth_l1_loss(x, t, beta=-1), ValueError, ["beta is -1"]),
        (lambda x, t: functional.huber_loss(x, t, delta=0), ValueError, ["delta is 0"]),
        (lambda x, t: functional.mse_loss(x, t, weight=x[0, ...]), ValueError, ["weight", "(3,)"]),
        (
            lambda x, t: functional.l1_loss(x, t, weight=Variable(t)),
            TypeError,
            ["l1_loss: weight requires grad"],
        ),
        (lambda x, t: functional.gaussian_nll_loss(x, t, -1.0), ValueError, ["var holds a neg"]),
        (lambda x, t: functional.gaussian_nll_loss(x, t, x[:, :2]), ValueError, ["var", "(4, 2)"]),
    ],
)
def test_errors(call, error, words):
    with raises(error, *words):
        call(to_backend(X), to_backend(TARGET))
