"""``functional/adaptive_pooling.py`` and its layers beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable, nn
from simple_autograd.nn import functional
from tests.core.arrays import assert_close, assert_equal, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(36)
SIZES = [1, 2, 3, 4, 7]


def draw(*shape):
    return RNG.normal(size=shape)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("size", SIZES)
def test_functions_are_pytorchs(axes, size, torch):
    name, x = f"adaptive_max_pool{axes}d", draw(2, 2, *(6, 5, 4)[:axes]).round(1)
    v, t = Variable(to_backend(x)), torch.tensor(x, requires_grad=True)
    out, where = getattr(functional, name)(v, size, return_indices=True)
    expected, there = getattr(torch.nn.functional, name)(t, size, return_indices=True)
    assert_equal(out, expected.detach().numpy())
    assert_equal(where, there.numpy())
    mean = getattr(functional, name.replace("max", "avg"))(v, size)
    their_mean = getattr(torch.nn.functional, name.replace("max", "avg"))(t, size)
    assert_close(mean, their_mean.detach().numpy())
    above = draw(*out.shape)
    for result, truth in ((out, expected), (mean, their_mean)):
        (grad,) = sa.grad(result, v, to_backend(above))
        (their_grad,) = torch.autograd.grad(truth, t, torch.tensor(above), retain_graph=True)
        assert_close(grad, their_grad.numpy())


def test_infinity_stays_in_its_windows():
    x = np.array([[1.0, 2.0, np.inf, 4.0, 5.0]])
    assert_equal(functional.adaptive_avg_pool1d(to_backend(x), 3), [[1.5, np.inf, 4.5]])


def test_nan_is_the_largest(torch):
    x = np.array([[1.0, np.nan, np.nan, 4.0, 5.0]])
    out, where = functional.adaptive_max_pool1d(to_backend(x), 2, return_indices=True)
    expected, there = torch.nn.functional.adaptive_max_pool1d(torch.tensor(x), 2, True)
    assert_equal(out, expected.numpy())
    assert_equal(where, there.numpy())


def test_layers_give_positions_when_asked():
    x = draw(2, 5, 4).astype("float32")
    out, where = nn.AdaptiveMaxPool2d((2, None), return_indices=True)(to_backend(x))
    flat, positions = x.reshape(2, -1), to_numpy(where).reshape(2, -1)
    assert_equal(out, np.take_along_axis(flat, positions, -1).reshape(2, 2, 4))


def test_single_precision_stays():
    x = to_backend(draw(1, 5, 4).astype("float32"))
    for size in (2, 1, (5, 3)):
        assert to_numpy(functional.adaptive_avg_pool2d(x, size)).dtype == np.float32


@pytest.mark.parametrize("kind", ["avg", "max"])
def test_arguments_that_do_not_fit(kind):
    name = f"adaptive_{kind}_pool2d"
    pool, x = getattr(functional, name), to_backend(draw(1, 5, 4))
    with raises(ValueError, f"{name}: output_size is", "0", "at least 1"):
        pool(x, 0)
    with raises(ValueError, f"{name}: output_size is", "[1, 2, 3]", "or 2 of them"):
        pool(x, (1, 2, 3))
    with raises(TypeError, f"{name}: output_size is", "1.5", "integer"):
        pool(x, 1.5)
    with raises(ValueError, f"{name}: x", "(5, 4)", "(N, C, H, W)"):
        pool(x[0, ...], 1)
    with raises(ValueError, f"{name}: x", "lengths (0, 4)", "at least 1"):
        pool(x[:, :0, :], 2)
    with raises(TypeError, f"{name}: x is a list"):
        pool([1.0], 1)
    with raises(TypeError, "complex128") if kind == "max" else raises(TypeError, "int64"):
        pool(to_backend(np.ones((1, 5, 4), complex if kind == "max" else int)), 2)


@pytest.mark.parametrize("lengths", [(7, 9), (8, 6), (5, 5)])
@pytest.mark.parametrize("sizes", [(3, 4), (5, 2), (1, 1), (4, 1)])
def test_first_of_equal_elements_wins(lengths, sizes):
    x = np.random.default_rng(3).integers(0, 3, (2, 3, *lengths)).astype(np.float64)
    x[0, 0, 2, 3] = np.nan
    v = Variable(to_backend(x))
    out, indices = functional.adaptive_max_pool2d(v, sizes, return_indices=True)
    places, grad = to_numpy(indices), np.zeros_like(x).reshape(2, 3, -1)
    for image, channel, row, column in np.ndindex(*places.shape):
        rows, columns = (
            slice(i * n // size, -((i + 1) * n // -size))
            for i, n, size in zip((row, column), lengths, sizes, strict=True)
        )
        # NaN counts as the largest; argmax gives the first.
        inside = x[image, channel, rows, columns]
        first = np.unravel_index(np.argmax(inside), inside.shape)
        expected = (rows.start + first[0]) * lengths[1] + columns.start + first[1]
        assert places[image, channel, row, column] == expected
        grad[image, channel, expected] += row + 2 * column + 1
    weights = np.arange(sizes[0])[:, None] + 2 * np.arange(sizes[1]) + 1.0
    out.backward(to_backend(np.broadcast_to(weights, places.shape).copy()))
    assert_close(v.grad, grad.reshape(x.shape))
