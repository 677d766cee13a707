"""``functional/average_pooling.py``, its layers and its kernels beyond the table of layers."""

from __future__ import annotations

import math

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from simple_autograd.nn.functional.windows import Window, symmetric
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises
from tests.nn.test_kernels import agree

RNG = np.random.default_rng(35)


def draw(*shape):
    return RNG.normal(size=shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
        {"kernel_size": 3, "stride": 2, "ceil_mode": True},
    ],
    ids=str,
)
def test_functions_are_pytorchs(axes, counted, settings, torch):
    name = f"avg_pool{axes}d"
    for ahead in ((2, 3), (2,)):
        x = draw(*ahead, *(5, 4, 6)[:axes])
        v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
        out = getattr(functional, name)(v, count_include_pad=counted, **settings)
        expected = getattr(torch.nn.functional, name)(t, count_include_pad=counted, **settings)
        assert_close(out, expected.detach().numpy())
        above = draw(*out.shape)
        (truth,) = torch.autograd.grad(expected, t, torch.tensor(above))
        assert_close(sa.grad(out, v, to_backend(above))[0], truth.numpy())


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("norm", [1, 2.0, 3, math.inf, -math.inf])
def test_norms_are_pytorchs(axes, norm, torch):
    name, x = f"lp_pool{axes}d", np.abs(draw(2, 3, *(5, 4, 6)[:axes])) + 0.1
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    out = getattr(functional, name)(v, norm, 3, 2, ceil_mode=True)
    expected = getattr(torch.nn.functional, name)(t, norm, 3, 2, ceil_mode=True)
    assert_close(out, expected.detach().numpy())
    above = draw(*out.shape)
    (truth,) = torch.autograd.grad(expected, t, torch.tensor(above))
    assert_close(sa.grad(out, v, to_backend(above))[0], truth.numpy())


def test_the_norm_of_zeros_has_the_gradient_zero():
    v = Variable(to_backend(np.array([[0.0, 0.0, 3.0, 4.0]])))
    out = functional.lp_pool1d(v, 2, 2)
    assert_close(out, np.array([[0.0, 5.0]]))
    (grad,) = sa.grad(out, v, to_backend(np.ones((1, 2))))
    assert_close(grad, np.array([[0.0, 0.0, 0.6, 0.8]]))


def test_global_average():
    x = draw(2, 3, 4, 5)
    v = Variable(to_backend(x))
    for out in (functional.global_avg_pool2d(v), nn.GlobalAvgPool2d()(v)):
        assert_close(out, x.mean((2, 3)))
    assert_close(nn.GlobalAvgPool2d()(v[0]), x[0].mean((1, 2)))
    assert repr(nn.GlobalAvgPool2d()) == "GlobalAvgPool2d()"
    (grad,) = sa.grad(functional.global_avg_pool2d(v), v, to_backend(np.ones((2, 3))))
    assert_close(grad, np.full(x.shape, 1 / 20))


def test_single_precision_stays():
    x = to_backend(draw(1, 1, 5, 5).astype("float32"))
    for settings in ((2,), (3, 2, 1), (3, 2, 1, True, False), (2, 2, 0, False, True, 3)):
        assert to_numpy(functional.avg_pool2d(x, *settings)).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"divisor_override": 0}, ["avg_pool2d: divisor_override is 0"]),
        ({"padding": 2}, ["avg_pool2d: padding is 2", "half", "(3, 3)"]),
        ({"kernel_size": 7}, ["avg_pool2d: x", "(5, 5)", "at least (7, 7)"]),
        ({"stride": (1, 0)}, ["avg_pool2d: stride is (1, 0)", "at least 1"]),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(call, words):
    with raises(ValueError, *words):
        functional.avg_pool2d(to_backend(np.ones((1, 5, 5))), **({"kernel_size": 3} | call))


def test_errors_name_the_function():
    with raises(ValueError, "global_avg_pool2d: x", "(5, 5)", "(N, C, H, W)"):
        functional.global_avg_pool2d(to_backend(np.ones((5, 5))))
    with raises(TypeError, "avg_pool1d: x is a list"):
        functional.avg_pool1d([1.0], 2)
    with raises(TypeError, "lp_pool1d: x is a list"):
        functional.lp_pool1d([1.0], 2, 2)
    with raises(ValueError, "lp_pool1d: norm_type is 0"):
        functional.lp_pool1d(to_backend(np.ones((1, 5))), 0, 2)


# Kernels --------------------------------------------------------------------------------------------------------------

WINDOWS = [
    Window((2, 2), (2, 2), (1, 1), symmetric((0, 0))),
    Window((2, 2), (2, 2), (1, 1), ((1, 0), (0, -2))),
    Window((3, 2), (2, 1), (1, 1), ((1, 1), (0, 1))),
    Window((1, 2), (3, 2), (1, 1), ((0, 2), (1, 0))),
]


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_kernels(window, dtype):
    x, above = draw(2, 3, 6, 4).astype(dtype), draw(2, 3, *window.counts((6, 4))).astype(dtype)
    for order in ("C", "F"):
        agree("sum_pool", x.copy(order), window=window)
        agree("spread_sums", above.copy(order), window=window, lengths=(6, 4))
    agree("sum_pool", x[:0], window=window)
    spread = np.broadcast_to(above[..., :1, :1], above.shape)
    agree("spread_sums", spread, window=window, lengths=(6, 4))


def test_sums_of_nothing_are_zero():
    assert_equal(functional.avg_pool2d(to_backend(draw(0, 2, 4, 4)), 2), np.zeros((0, 2, 2, 2)))
