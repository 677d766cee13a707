"""``functional/standardization.py``: the gradients through all its results, and NumPy's kernels beside it."""

from __future__ import annotations

import numpy as np
import pytest

import simple_autograd as sa
from simple_autograd import Variable
from simple_autograd.backends import Backend
from simple_autograd.nn.functional.standardization import Settings, standardize
from simple_autograd.nn.kernels.numpy import KERNELS
from tests.core.arrays import assert_close, to_backend

RNG = np.random.default_rng(37)


def draw(*shape, dtype="float64"):
    return RNG.normal(size=shape).astype(dtype)


@pytest.mark.parametrize(("axes", "affine"), [((0, 2), (3, 1)), ((2,), (4,)), ((1, 2), (3, 4))])
@pytest.mark.parametrize("centered", [True, False])
def test_gradients_through_every_result_of_the_operation(axes, affine, centered, torch):
    """Of both orders, against the same formula in PyTorch."""
    if not centered and axes[0] == 0:
        axes = (1, 0)  # which no kernel does
        affine = (4,)
    values = [draw(2, 3, 4), draw(*affine), draw(*affine)]

    def formula(x, weight, bias):
        mean = x.mean(axes, keepdim=True)
        mean = mean if centered else mean * 0
        var = ((x - mean) ** 2).mean(axes, keepdim=True)
        normal = (x - mean) / (var + 0.1) ** 0.5
        return normal * weight + bias, normal, mean, var

    def ours(*args):
        return standardize(*args, axes=axes, eps=0.1, centered=centered)

    def orders(function, differentiate, args, wrap):
        found = function(*args)
        total = sum((out * wrap(w)).sum() for out, w in zip(found, weights, strict=True))
        first = differentiate(total, args, create_graph=True)
        again = sum((grad**2 * wrap(d)).sum() for grad, d in zip(first, values, strict=True))
        return [*first, *differentiate(again, args, allow_unused=True)]

    shapes = [np.shape(v) for v in formula(*map(torch.tensor, values))]
    weights = [draw(*shape) for shape in shapes]
    for kept in ([0, 1, 2, 3], [1, 3], [2], [0]):
        weights = [w * (i in kept) for i, w in enumerate(weights)]
        found = orders(ours, sa.grad, [Variable(to_backend(v)) for v in values], to_backend)
        leaves = [torch.tensor(v, requires_grad=True) for v in values]
        truth = orders(formula, torch.autograd.grad, leaves, torch.tensor)
        for grad, true, value in zip(found, truth, values * 2, strict=True):
            grad = np.zeros(value.shape) if grad is None else grad
            assert_close(grad, np.zeros(value.shape) if true is None else true.detach().numpy())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("centered", [True, False])
@pytest.mark.parametrize(
    ("shape", "axes", "affine"),
    [
        ((5, 4), (1,), (4,)),
        ((300, 300), (1,), (300,)),  # several tiles
        ((2, 5000), (1,), (5000,)),
        ((3, 2, 4), (1, 2), (2, 4)),
        ((3, 2, 4), (2,), (2, 1)),
        ((3, 2, 2, 5), (2, 3), (2, 2, 1)),
        ((3, 2, 2), (2,), (2, 2)),
        ((5, 4), (0,), (4,)),
        ((5, 4, 3), (0, 2), (4, 1)),
        ((3, 2, 160, 110), (0, 2, 3), (2, 1, 1)),
        ((5, 4, 3), (0, 1), (3,)),
        ((0, 3), (1,), (3,)),
    ],
)
def test_kernels(shape, axes, affine, centered, dtype):
    for given in ((True, True), (True, False), (False, True), (False, False)):
        x = draw(*shape, dtype=dtype) + 1
        weight, bias = (draw(*affine, dtype=dtype) if some else None for some in given)
        settings = Settings(axes, 0.01, centered, affine if any(given) else None)
        out = agree("standardize", x, weight, bias, settings=settings)
        above, normal, var = draw(*shape, dtype=dtype), out[1], out[3]
        for g in (above, above.copy("F")):
            agree("standardize_backward", g, weight, normal, var, settings=settings)


def test_half_precision_is_left_to_the_portable_body():
    x, weight = draw(5, 4, dtype="float16"), draw(4, dtype="float16")
    settings = Settings((1,), 0.01, True, (4,))
    _, normal, _, var = agree("standardize", x, weight, None, settings=settings)
    agree("standardize_backward", x, weight, normal, var, settings=settings)


def agree(name, *args, **options):
    found = KERNELS[name](*args, **options)
    expected = Backend.portable[name](np, *args, **options)
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        tolerance = {2: 1e-2, 4: 2e-5, 8: 1e-11}[b.dtype.itemsize]
        np.testing.assert_allclose(
            a, b, rtol=tolerance, atol=tolerance * max(1, np.abs(b).max(initial=0))
        )
    return expected
