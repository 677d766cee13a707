"""``functional/probability_loss.py`` beyond the table: certainties, types, errors."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(67)
X, TARGET = RNG.random((2, 4, 3))
ALL = ["binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_certain_probabilities_have_finite_losses_and_gradients(dtype, torch):
    x = np.array([0.0, 1.0, 0.0, 1.0, 1e-30, 0.5], dtype)
    target = np.array([0.0, 1.0, 1.0, 0.0, 0.7, 0.5], dtype)
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    loss = functional.binary_cross_entropy(v, to_backend(target), reduction="none")
    expected = torch.nn.functional.binary_cross_entropy(t, torch.tensor(target), reduction="none")
    np.testing.assert_allclose(to_numpy(loss), expected.detach().numpy(), rtol=1e-6)
    (truth,) = torch.autograd.grad(expected.sum(), t)
    np.testing.assert_allclose(to_numpy(sa.grad(loss.sum(), v)[0]), truth.numpy(), rtol=1e-6)


def test_large_logits_lose_nothing():
    x = np.array([-50.0, 50.0, -800.0, 800.0])
    target = np.array([0.0, 1.0, 1.0, 0.0])
    v = Variable(to_backend(x))
    loss = functional.binary_cross_entropy_with_logits(v, to_backend(target), reduction="none")
    small = np.exp(-50.0)
    np.testing.assert_allclose(to_numpy(loss), [small, small, 800, 800], rtol=1e-12)
    (grad,) = sa.grad(loss.sum(), v)
    np.testing.assert_allclose(to_numpy(grad)[[0, 2, 3]], [small, -1, 1], rtol=1e-12)


def test_probabilities_of_zero(torch):
    logs = np.log(np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]]))
    target = np.array([[0.0, 0.3, 0.7], [1.0, 0.0, 0.0]])
    v, t = Variable(to_backend(logs)), torch.tensor(logs, requires_grad=True)
    loss = functional.kl_div(v, to_backend(target), reduction="none")
    expected = torch.nn.functional.kl_div(t, torch.tensor(target), reduction="none")
    assert_close(loss, expected.detach().numpy())
    (truth,) = torch.autograd.grad(expected.sum(), t)
    assert_close(sa.grad(loss.sum(), v)[0], truth.numpy())


def test_mean_of_a_divergence_is_over_elements():
    x, target = to_backend(np.log(X)), to_backend(TARGET)
    each = to_numpy(functional.kl_div(x, target, reduction="none"))
    assert_close(functional.kl_div(x, target), np.asarray(each.mean()))
    empty = to_backend(np.zeros((0, 3)))
    assert np.isnan(to_numpy(functional.kl_div(empty, empty, reduction="batchmean")))


@pytest.mark.parametrize("name", ALL[:2])
def test_targets_may_be_integers(name):
    target = np.array([[0, 1, 1]] * 4)
    x = X.astype("float32")
    loss = getattr(functional, name)(to_backend(x), to_backend(target))
    assert to_numpy(loss).dtype == np.float32
    expected = getattr(functional, name)(to_backend(x), to_backend(target.astype("float32")))
    assert_close(loss, expected)


@pytest.mark.parametrize("name", ALL)
def test_what_all_refuse(name):
    function = getattr(functional, name)
    x, target = to_backend(X), to_backend(TARGET)
    with raises(ValueError, f"{name}: target", "(4, 2)", "shape of x, (4, 3)"):
        function(x, target[:, :2])
    with raises(ValueError, f"{name}: reduction is 'max'"):
        function(x, target, reduction="max")
    with raises(TypeError, f"{name}: x is a list"):
        function([1.0], target)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x, t: functional.binary_cross_entropy(x + 1, t), ["x holds 1.", "in [0, 1]"]),
        (lambda x, t: functional.binary_cross_entropy(-x, t), ["x holds -", "in [0, 1]"]),
        (lambda x, t: functional.binary_cross_entropy(x, t + 1), ["target holds 1."]),
        (lambda x, t: functional.kl_div(x, -t), ["kl_div: target holds -", "not negative"]),
        (
            lambda x, t: functional.binary_cross_entropy(x, t, x[:, 0]),
            ["binary_cross_entropy: weight", "(4,)", "broadcasts to that of x, (4, 3)"],
        ),
        (
            lambda x, t: functional.binary_cross_entropy_with_logits(x, t, pos_weight=x[None, ...]),
            ["pos_weight", "(1, 4, 3)"],
        ),
    ],
)
def test_errors(call, words):
    with raises(ValueError, *words):
        call(to_backend(X), to_backend(TARGET))
