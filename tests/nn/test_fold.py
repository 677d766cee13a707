"""``functional/fold.py`` and ``functional/windows.py`` beyond the table of layers."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.nn import functional
from simple_autograd.nn.functional.windows import Window, places
from tests.core.arrays import assert_close, assert_equal, layouts, to_backend, to_numpy
from tests.core.raising import raises

RNG = np.random.default_rng(33)


def draw(*shape):
    return RNG.normal(size=shape)


def test_unfold_of_any_layout(torch):
    x = draw(2, 3, 5, 6)
    expected = torch.nn.functional.unfold(torch.tensor(x), (2, 3), 2, 1, 2).numpy()
    for _, array in layouts(x):
        assert_equal(functional.unfold(to_backend(array), (2, 3), 2, 1, 2), expected)


def test_folding_what_was_unfolded_counts_windows(torch):
    x, ones = draw(1, 2, 4, 5), np.ones((1, 2, 4, 5))
    back = functional.fold(functional.unfold(to_backend(x), 3), (4, 5), 3)
    counts = functional.fold(functional.unfold(to_backend(ones), 3), (4, 5), 3)
    assert_close(back, x * to_numpy(counts))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((5, 5), ["unfold: x", "(5, 5)", "(N, C, H, W)"]),
        ((1, 2, 1, 5), ["unfold: x", "(1, 5)", "at least (2, 2)"]),
    ],
)
def test_unfold_refuses(shape, words):
    with raises(ValueError, *words):
        functional.unfold(to_backend(draw(*shape)), 2)


@pytest.mark.parametrize("shape", [(1, 8, 15), (1, 7, 16), (8,)])
def test_fold_refuses(shape):
    with raises(ValueError, "fold: x", str(shape), "(N, C * 4, 16)", "4 * 4 windows", "(5, 5)"):
        functional.fold(to_backend(draw(*shape)), (5, 5), 2)


def test_patches():
    x = np.arange(2 * 3 * 4 * 6.0).reshape(2, 3, 4, 6)
    v = Variable(to_backend(x))
    patches = functional.get_2D_patches(v, (2, 3))
    assert patches.shape == (2, 3, 2, 2, 2, 3)
    for row in range(2):
        for column in range(2):
            cut = x[:, :, 2 * row : 2 * row + 2, 3 * column : 3 * column + 3]
            assert_equal(patches[:, :, row, column], cut)
    (grad,) = sa.grad(patches, v, patches.data)
    assert_equal(grad, x)
    assert_equal(functional.get_2D_patches(to_backend(x), 2)[1, 2, 1, 2, ...], x[1, 2, 2:, 4:])


def test_patches_refuse():
    x = to_backend(draw(1, 1, 4, 6))
    with raises(ValueError, "get_2D_patches: x", "(1, 1, 4, 6)", "H divisible by 4", "W by 4"):
        functional.get_2D_patches(x, 4)
    with raises(ValueError, "get_2D_patches: x is a list", "(N, C, H, W)"):
        functional.get_2D_patches([1.0], 2)
    with raises(ValueError, "get_2D_patches: patch_size is 0", "at least 1"):
        functional.get_2D_patches(x, 0)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("padding", [(0, 0), (1, 2), (5, 0), (-1, 1), (0, -3)])
def test_places_are_who_meets_whom(stride, dilation, padding):
    """Against the definition: window m has element m * stride + position * dilation - before."""
    window = Window((3,), (stride,), (dilation,), (padding,))
    length = 9
    (count,) = window.counts((length,))
    for first, end in ((0, None), (count - 1, count)):
        for position, (of_windows, of_x) in enumerate(places(window, (length,), first, end)):
            windows = range(first, count if end is None else end)[of_windows[0]]
            met = {m: m * stride + position * dilation - padding[0] for m in range(count)}
            wanted = range(first, count if end is None else end)
            expected = {m: met[m] for m in wanted if 0 <= met[m] < length}
            assert dict(zip(windows, range(length)[of_x[0]], strict=True)) == expected
