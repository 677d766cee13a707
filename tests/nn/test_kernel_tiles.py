"""Kernels that cut large arrays into tiles, for several threads: the same results however they are cut."""

from __future__ import annotations

import copy
import importlib

import numpy as np
import pytest

from simple_autograd.backends import Backend, numpy_elementwise
from simple_autograd.nn.functional.loss import CrossEntropySettings
from simple_autograd.nn.functional.standardization import Settings
from simple_autograd.nn.functional.windows import Window
from simple_autograd.nn.kernels.numpy import KERNELS
from simple_autograd.nn.kernels.numpy.memory import axes_by_stride
from simple_autograd.nn.optim import SGD, Adam, NAdam  # noqa: F401 - with them come the portable bodies of steps
from simple_autograd.ops.resampling import AxisMap
from tests.nn.scaled_state import SCALES, settle

CUTS = {
    "activation": {"_RELU_TILES": 2},
    "attention": {"_TILE": 40},
    "depthwise": {"_SHORT_RUN": 60, "_TILE": 200, "_WORK": 500},
    "loss": {"_TILE": 16},
    "optim": {"_SHORT": 16, "_CHUNK": 600, "_PART": 64},
    "pooling": {"_TILE": 512, "_TILED": 512},
    "tiles": {"_TILES": 1},
    "standardization": {"_TILE": 512, "_PART": 512, "_RUN": 3},
}
"""What the kernels' modules call large; here, so little that a small array is cut into many tiles."""


@pytest.fixture(params=[1, 2, 3], autouse=True)
def cut(request, backend, monkeypatch):
    """Cut finely, for so many threads."""
    if not backend.is_host:
        pytest.skip("they are NumPy's kernels")
    for name, constants in CUTS.items():
        module = importlib.import_module(f"simple_autograd.nn.kernels.numpy.{name}")
        for constant, value in constants.items():
            assert hasattr(module, constant)
            monkeypatch.setattr(module, constant, value)
    monkeypatch.setattr(numpy_elementwise, "TILE", 512)
    threads = importlib.import_module("simple_autograd.nn.kernels.numpy.threads")
    monkeypatch.setattr(threads._blas, "limit", lambda: request.param)
    monkeypatch.setattr(threads._blas, "restore", lambda: None)


def draw(*shape):
    return np.random.default_rng(len(shape)).normal(size=shape)


def inside(*shape):
    """Draw images of which the first axis lies innermost in memory."""
    return np.moveaxis(draw(*shape[1:], shape[0]), -1, 0)


def agree(name, *args, **options):
    """Compare a kernel with the portable body, and with itself to the bit; give the result."""
    runs = []
    for body in (KERNELS[name], KERNELS[name], lambda *a, **o: Backend.portable[name](np, *a, **o)):
        given, settings = copy.deepcopy((args, options))
        result = body(*given, **settings)
        settle(given, settings)
        runs.append(_flat([result, given]))
    for first, again, expected in zip(*runs, strict=True):
        assert np.array_equal(first, again, equal_nan=True), "rounding changes from run to run"
        assert first.shape == expected.shape
        np.testing.assert_allclose(first, expected, rtol=1e-11, atol=1e-11)
    return KERNELS[name](*args, **copy.deepcopy(options))


def _flat(results):
    if isinstance(results, tuple | list):
        return [array for result in results for array in _flat(result)]
    return [results] if isinstance(results, np.ndarray | np.generic) else []


@pytest.mark.parametrize(
    ("x", "axes", "affine"),
    [
        (draw(40, 12), (1,), (12,)),
        (draw(40, 5), (1,), None),
        (draw(4, 3, 2, 5, 2), (2, 3, 4), (3, 2, 1, 1)),
        (draw(9, 3, 7), (2,), (3, 1)),
        (draw(9, 2, 3), (2,), (2, 3)),
        (draw(6, 10, 4, 3), (0, 2, 3), (10, 1, 1)),
        (inside(6, 10, 4, 3), (0, 2, 3), (10, 1, 1)),
        (draw(30, 12), (0,), (12,)),
        (inside(30, 12), (0,), None),
    ],
    ids=["layer", "plain", "group", "instance", "vectors", "batch", "inside", "rows", "columns"],
)
@pytest.mark.parametrize("given", [(True, True), (True, False), (False, True)])
def test_standardize(x, axes, affine, given):
    settings = Settings(axes, 0.01, True, affine)
    weight, bias = (draw(*affine) + 1 if affine and some else None for some in given)
    if weight is None and bias is None:
        settings = settings._replace(affine=None)
    _, normal, _, var = agree("standardize", x, weight, bias, settings=settings)
    for above in (draw(*x.shape), inside(*x.shape), np.broadcast_to(2.0, x.shape)):
        agree("standardize_backward", above, weight, normal, var, settings=settings)


def test_images_that_lie_innermost_still_do_so_when_normalized():
    x = inside(6, 10, 4, 3)
    settings = Settings((0, 2, 3), 0.01, True, None)
    out, normal, _, var = KERNELS["standardize"](x, None, None, settings=settings)
    (grad,) = KERNELS["standardize_backward"](out, None, normal, var, settings=settings)
    assert out.strides == normal.strides == grad.strides == x.strides


@pytest.mark.parametrize("x", [draw(7, 3, 9, 8), inside(7, 3, 9, 8), draw(1, 9, 9, 8)])
@pytest.mark.parametrize(
    "window",
    [
        Window((2, 2), (2, 2), (1, 1), ((0, 0), (0, 0))),
        Window((3, 3), (2, 2), (1, 1), ((1, 1), (1, 1))),
        Window((2, 3), (1, 2), (2, 1), ((0, 1), (1, 0))),
    ],
    ids=["side by side", "overlapping", "dilated"],
)
def test_pooling(x, window):
    lengths = x.shape[2:]
    largest, winners = agree("max_pool", x, window=window)
    for values in (draw(*largest.shape), inside(*largest.shape)):
        agree("place_winners", values, winners, window=window, lengths=lengths)
        agree("spread_sums", values, window=window, lengths=lengths)
    agree("sum_pool", x, window=window)
    x = x.copy()
    x[0, 1, 2, 3] = np.nan
    agree("max_pool", x, window=window)


@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_cross_entropy(reduction):
    settings = CrossEntropySettings(None, -100, reduction, 0.0)
    targets = np.arange(30) % 4
    agree("cross_entropy", 100 * draw(30, 4), targets, settings=settings)
    agree("cross_entropy", draw(30, 4).copy("F"), targets, settings=settings)


@pytest.mark.parametrize("mask", [None, draw(6, 1, 4, 5), draw(1, 2, 4, 5) > -1, draw(4, 5)])
def test_attention(mask):
    query, key, value = draw(6, 2, 4, 3), draw(6, 2, 5, 3), draw(6, 2, 5, 2)
    options = {"scale": 0.7, "is_causal": False}
    for kept in (None, (draw(6, 2, 4, 5) > 0) * 2.0):
        out, probabilities = agree("attention", query, key, value, mask, kept, **options)
        agree("attention_backward", query, key, value, probabilities, kept, out, None, scale=0.7)
    query[4] *= 1e4  # of these rows the smallest exponentials are 0
    agree("attention", query, key, value, mask, None, **options)


def test_keys_of_all_samples():
    query, key, value = draw(6, 2, 4, 3), draw(2, 5, 3), draw(6, 2, 5, 2)
    options = {"scale": 0.7, "is_causal": True}
    out, probabilities = agree("attention", query, key, value, None, None, **options)
    agree("attention_backward", query, key, value, probabilities, None, out, None, scale=0.7)


@pytest.mark.parametrize(
    "lie",
    [
        np.array,
        np.asfortranarray,
        lambda x: x[:, ::2],
        lambda x: np.moveaxis(x.reshape(30, 5, 8), 1, 0),
    ],
    ids=["rows", "columns", "strided", "permuted"],
)
def test_activations(lie):
    x, above = 3 * draw(30, 40), 2 + draw(30, 40)
    x, above = lie(x), lie(above)
    for name in ("gelu", "gelu_tanh", "relu", "silu"):
        y = agree(name, x)
        assert axes_by_stride(y) == axes_by_stride(x)
        given = (above, y) if name == "relu" else (above, x, y)
        agree(f"{name}_backward", *given)
        agree(f"{name}_backward", *given[:-1], np.ascontiguousarray(y))
        agree(f"{name}_backward", above[:1], *given[1:])
    for name, backward, options in (
        ("elu", "elu_backward", {"alpha": 1.67, "scale": 1.05, "rate": 1.0}),
        ("hardswish", "hardswish_backward", {}),
        ("hardtanh", "where_between", {"low": -1.0, "high": 0.5}),
        ("leaky_relu", "leaky_relu_backward", {"slope": 0.1}),
        ("logsigmoid", None, {}),
        ("mish", "mish_backward", {}),
        ("sigmoid", "sigmoid_backward", {}),
        ("softplus", None, {"beta": 2.0, "threshold": 3.0}),
        ("softshrink", "where_outside", {"bound": 0.5}),
    ):
        assert axes_by_stride(agree(name, x, **options)) == axes_by_stride(x)
        if backward:
            agree(backward, above, x, **options)
            agree(backward, np.broadcast_to(2.0, x.shape), x, **options)
    narrow = x.astype(np.float32)
    np.testing.assert_allclose(KERNELS["gelu"](narrow), KERNELS["gelu"](x), rtol=3e-6, atol=3e-7)


def test_steps():
    parameters = [draw(*shape) for shape in [(3,), (70, 50), (2, 4), (6, 5), (40,), (2100,), (5,)]]
    gradients = [-parameter for parameter in parameters]
    first = draw(sum(parameter.size for parameter in parameters))
    options = {"lr": 0.1, "weight_decay": 0.1, "maximize": True}
    agree(
        "sgd_step",
        parameters,
        gradients,
        first,
        momentum=0.9,
        dampening=0.1,
        nesterov=True,
        **options,
    )
    options |= {"step": 64, "eps": 1e-8, "shrinkage": 0.02, "scales": SCALES}
    for betas in ((0.9, 0.99), (0.1, 0.05)):
        agree("adam_step", parameters, gradients, first, first**2, None, betas=betas, **options)

    def rule(xp, parameter, gradient, mean, *, rate):
        mean[...] = rate * mean + gradient
        return rate * mean * parameter

    agree("elementwise_step", rule, parameters, gradients, [first], {"rate": 0.5})


@pytest.mark.parametrize("images", [draw, inside])
@pytest.mark.parametrize("outputs", [6, 12])
@pytest.mark.parametrize(
    ("window", "lengths"),
    [
        (Window((3, 3), (1, 1), (1, 1), ((1, 1), (1, 1))), (9, 8)),
        (Window((3, 3), (1, 1), (1, 1), ((1, 1), (1, 1))), (5, 40)),
        (Window((2, 3), (2, 3), (1, 1), ((0, 1), (2, 0))), (9, 8)),
        (Window((3, 2), (2, 1), (2, 3), ((1, 1), (-1, 2))), (11, 8)),
        (Window((1, 1), (3, 2), (1, 1), ((0, 0), (0, 0))), (7, 7)),
        (Window((4,), (1,), (1,), ((3, 0),)), (10,)),
        (Window((2, 2, 2), (1, 2, 1), (1, 1, 1), ((1, 0), (0, 0), (0, 1))), (3, 5, 4)),
    ],
    ids=["same", "long rows", "strided", "dilated", "sparse", "causal", "volumes"],
)
def test_depthwise_convolution(images, outputs, window, lengths):
    x = images(4, 6, *lengths)
    weight = draw(outputs, 1, *window.kernel)
    options = {"window": window, "groups": 6}
    for bias in (None, draw(outputs)):
        out = agree("convolution", x, weight, bias, **options)
    for above in (draw(*out.shape), inside(*out.shape)):
        agree("convolution_backward_x", above, weight, lengths=lengths, **options)
        agree("convolution_backward_weight", above, x, **options)
    agree("convolution", x[:0], weight, None, **options)
    if window.padding[-1][0] == 1:
        agree("convolution", x[..., :0], weight, None, **options)
    agree("convolution_backward_weight", out[:0], x[:0], **options)


def test_what_depthwise_convolution_leaves_out_does_not_warn():
    huge = np.full((1, 2, 3, 3), 1e308)
    huge[:, :, :, 1] = 0
    window = Window((2, 2), (1, 1), (1, 1), ((0, 0), (0, 0)))
    weight = np.array([[[[1.0, 0], [0, 1]]]] * 2)
    agree("convolution", huge, weight, None, window=window, groups=2)


@pytest.mark.parametrize("x", [draw(7, 3, 9, 8), inside(7, 3, 9, 8), draw(7, 3, 9, 16)[..., ::2]])
@pytest.mark.parametrize("axis", [0, 2, 3])
def test_resample(x, axis):
    length = x.shape[axis]
    interpolated = [(p, p // 2, 0.75) for p in range(2 * length)]
    interpolated += [(p, (p - 1) // 2, 0.25) for p in range(1, 2 * length)]
    ragged = [(q * 3 // length, q, 0.1 * q) for q in range(length)]
    mirrored = [(p, abs(p - 2), 1) for p in range(length)]
    for size, terms in ((2 * length, interpolated), (3, ragged), (length + 1, mirrored)):
        along = AxisMap(size, length, terms)
        out = agree("resample", x, axis=axis, along=along)
        assert axes_by_stride(out)[0] == axes_by_stride(x)[0]
        agree("resample", out, axis=axis, along=along.transpose)
