"""``functional/max_pooling.py``, its layers and its kernels beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from simple_autograd.nn.functional.windows import Window, symmetric
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises
from tests.nn.test_kernels import agree

RNG = np.random.default_rng(34)
NAN, INF = np.nan, np.inf


def draw(*shape):
    return RNG.normal(size=shape)


def compare(torch, name, x, *settings, **named):
    """Hold values, positions and gradients against PyTorch's."""
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    out, where = getattr(functional, name)(v, *settings, return_indices=True, **named)
    expected, there = getattr(torch.nn.functional, name)(t, *settings, return_indices=True, **named)
    assert_equal(out, expected.detach().numpy())
    assert_equal(where, there.numpy())
    assert not where.requires_grad
    above = draw(*out.shape)
    (grad,) = sa.grad(out, v, to_backend(above))
    (truth,) = torch.autograd.grad(expected, t, torch.tensor(above, dtype=t.dtype))
    assert_close(grad, truth.numpy(), 1e-6 if x.dtype == np.float32 else 1e-10)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": 2},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True},
        {"kernel_size": 2, "dilation": 2, "stride": 1},
    ],
    ids=str,
)
def test_functions_are_pytorchs(axes, settings, torch):
    for ahead in ((2, 3), (2,)):
        x = draw(*ahead, *(5, 4, 6)[:axes]).round(1)  # rounded, so that there are ties
        compare(torch, f"max_pool{axes}d", x, **settings)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_values(dtype, torch):
    """NaN is the largest, the last one of several; minus infinity alone is the largest there is."""
    rows = [[NAN, 1, -INF, -INF], [2, NAN, -INF, -INF], [INF, INF, 0.0, -0.0], [-INF, 3, 1, 1]]
    x = np.array([[rows, [[-INF] * 4] * 4]], dtype)
    compare(torch, "max_pool2d", x, 2)
    compare(torch, "max_pool2d", x, 2, 2, 1)
    compare(torch, "max_pool2d", x, 3, 1, 1)


def test_infinite_gradients_reach_the_winner_alone():
    v = Variable(to_backend(np.array([[1.0, 3.0, 5.0, 4.0]])))
    (grad,) = sa.grad(functional.max_pool1d(v, 2), v, to_backend(np.array([[INF, NAN]])))
    assert_equal(grad, [[0, INF, NAN, 0]])


def test_minimum(torch):
    x = draw(2, 3, 5, 6).round(1)
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    out = functional.min_pool2d(v, 3, 2, 1, ceil_mode=True)
    expected = -torch.nn.functional.max_pool2d(-t, 3, 2, 1, ceil_mode=True)
    assert_equal(out, expected.detach().numpy())
    assert_equal(nn.MinPool2d(3, 2, 1, ceil_mode=True)(v), expected.detach().numpy())
    above = draw(*out.shape)
    (truth,) = torch.autograd.grad(expected, t, torch.tensor(above))
    assert_close(sa.grad(out, v, to_backend(above))[0], truth.numpy())
    _, where = functional.min_pool2d(to_backend(x), 2, return_indices=True)
    _, there = torch.nn.functional.max_pool2d(-torch.tensor(x), 2, return_indices=True)
    assert_equal(where, there.numpy())


def test_layers_give_positions_when_asked():
    x = to_backend(draw(2, 3, 4, 4).astype("float32"))
    out, where = nn.MaxPool2d(2, return_indices=True)(x)
    assert out.shape == where.shape == (2, 3, 2, 2)
    flat = to_numpy(x).reshape(2, 3, -1)
    picked = np.take_along_axis(flat, to_numpy(where).reshape(2, 3, -1), -1)
    assert_equal(out, picked.reshape(2, 3, 2, 2))
    unbatched = nn.MaxPool2d(2, return_indices=True)(x[0, ...])
    assert_equal(unbatched[1], to_numpy(where)[0])


def test_large_windows():
    """More elements in a window than a byte can count."""
    x = draw(1, 1, 20, 20)
    v = Variable(to_backend(x))
    out, where = functional.max_pool2d(v, 20, return_indices=True)
    assert out.item() == x.max()
    assert where.item() == x.argmax()
    (grad,) = sa.grad(out, v, to_backend(np.ones((1, 1, 1, 1))))
    assert_equal(grad, (x == x.max()).astype(float))


def test_third_order_is_nothing():
    v = Variable(to_backend(draw(1, 4)))
    (grad,) = sa.grad((functional.max_pool1d(v, 2) ** 3).sum(), v, create_graph=True)
    (second,) = sa.grad((grad**2).sum(), v, create_graph=True)
    (third,) = sa.grad(second.sum(), v)
    top = np.where(to_numpy(grad) != 0, to_numpy(v), 0)
    assert_close(third, np.where(top != 0, 108 * top**2, 0))


@pytest.mark.parametrize(
    ("error", "call", "words"),
    [
        (ValueError, {"padding": 2}, ["max_pool2d: padding is 2", "half", "(3, 3)"]),
        (
            ValueError,
            {"x": np.ones((1, 5, 1)), "kernel_size": 2, "padding": (0, 1), "dilation": (1, 2)},
            ["max_pool2d: x", "(5, 1)", "the dilation, (1, 2)", "in the padding alone"],
        ),
        (ValueError, {"kernel_size": 7}, ["max_pool2d: x", "(5, 5)", "at least (7, 7)"]),
        (ValueError, {"kernel_size": 0}, ["max_pool2d: kernel_size is 0", "at least 1"]),
        (ValueError, {"stride": 0}, ["max_pool2d: stride is 0"]),
        (ValueError, {"kernel_size": (2, 2, 2)}, ["kernel_size is (2, 2, 2)", "or 2 of them"]),
        (TypeError, {"kernel_size": "3"}, ["max_pool2d: kernel_size is '3'", "integer"]),
        (TypeError, {"kernel_size": 2.0}, ["max_pool2d: kernel_size is 2.0", "integer"]),
        (ValueError, {"x": np.ones((5, 5))}, ["max_pool2d: x", "(5, 5)", "(N, C, H, W)"]),
        (TypeError, {"x": np.ones((1, 5, 5), int)}, ["max_pool2d: x", "int64", "floating"]),
        (TypeError, {"x": np.ones((1, 5, 5), complex)}, ["max_pool2d: x", "complex128", "real"]),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit(error, call, words):
    call = {"x": np.ones((1, 5, 5)), "kernel_size": 3} | call
    with raises(error, *words):
        functional.max_pool2d(to_backend(call.pop("x")), **call)


def test_errors_name_the_function():
    with raises(TypeError, "min_pool2d: x is a list"):
        functional.min_pool2d([1.0], 2)
    with raises(ValueError, "min_pool2d: padding is 2", "half"):
        functional.min_pool2d(to_backend(np.ones((1, 5, 5))), 2, padding=2)


# Kernels --------------------------------------------------------------------------------------------------------------

WINDOWS = [
    Window((2, 2), (2, 2), (1, 1), symmetric((0, 0))),
    Window((2, 2), (2, 2), (1, 1), ((1, 0), (0, -2))),
    Window((3, 2), (2, 1), (1, 2), ((1, 1), (0, 1))),
    Window((1, 2), (3, 2), (1, 1), ((0, 2), (1, 0))),
    Window((17, 2), (1, 2), (1, 1), ((8, 8), (0, 0))),
]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_kernels(window, dtype):
    whole = draw(2, 3, 8, 6).round(1).astype(dtype)
    hurt = whole.copy()
    hurt[0, 0, 2:4, 1], hurt[1, 1] = NAN, -INF
    for x in (whole, hurt, whole.copy("F"), whole[:, :, ::-1], whole[:0]):
        agree("max_pool", x, window=window)
    counts = window.counts((8, 6))
    winners = RNG.integers(0, window.size, (2, 3, *counts)).astype(np.uint8)
    above = draw(2, 3, *counts).astype(dtype)
    above[0, 0, 0, 0] = INF
    spread = np.broadcast_to(above[..., :1, :1], above.shape)
    for values in (above, above.copy("F"), spread):
        for given in (winners, winners.copy("F"), winners.astype(np.int64)):
            agree("place_winners", values, given, window=window, lengths=(8, 6))


def test_results_lie_in_memory_as_the_input(backend):
    x = np.moveaxis(draw(3, 6, 6, 4), -1, 0)  # images interleaved, as a convolution may leave them
    v = Variable(to_backend(x))
    out = functional.max_pool2d(v, 2)
    (grad,) = sa.grad(out, v, to_backend(np.ones(out.shape)))
    if backend.is_host:
        for array in (out.data, grad):
            assert np.moveaxis(array, 0, -1).flags.c_contiguous
