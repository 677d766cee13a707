"""``kernels/``: what NumPy's kernels compute is what the portable bodies compute."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from simple_autograd.backends import Backend, get_backend
from simple_autograd.nn.functional.loss import CrossEntropySettings
from simple_autograd.nn.kernels.numpy import KERNELS
from simple_autograd.nn.optim import SGD, Adam  # noqa: F401 - with them come the portable bodies of their steps
from tests.nn.scaled_state import SCALES, settle

pytestmark = pytest.mark.not_strict("they are NumPy's kernels")

RNG = np.random.default_rng(23)
DTYPES = ["float32", "float64"]


def draw(*shape, dtype="float64"):
    return RNG.normal(size=shape).astype(dtype)


def both(name, *args, **options):
    """Run the kernel and the portable body on copies of the arguments."""
    results = []
    for run in (KERNELS[name], lambda *a, **o: Backend.portable[name](np, *a, **o)):
        given, settings = copy.deepcopy((args, options))
        result = run(*given, **settings)
        settle(given, settings)
        results.append((result, given))
    return results


def compare(first, second):
    if isinstance(first, tuple | list):
        for a, b in zip(first, second, strict=True):
            compare(a, b)
    elif isinstance(first, np.ndarray | np.generic):
        assert np.asarray(first).dtype == np.asarray(second).dtype
        tolerance = 1e-5 if first.dtype == np.float32 else 1e-12
        np.testing.assert_allclose(first, second, rtol=tolerance, atol=tolerance, strict=False)
        assert first.shape == second.shape
    else:
        assert first == second


def agree(name, *args, **options):
    (result, after), (expected, expected_after) = both(name, *args, **options)
    compare(result, expected)
    compare(after, expected_after)


def test_all_are_registered():
    assert all(get_backend("numpy").body(name) is kernel for name, kernel in KERNELS.items())


@pytest.mark.parametrize("dtype", DTYPES)
def test_linear(dtype):
    for x in (draw(4, dtype=dtype), draw(3, 4, dtype=dtype), draw(2, 3, 4, dtype=dtype)):
        for weight in (draw(5, 4, dtype=dtype), draw(4, 5, dtype=dtype).T):
            agree("linear", x, weight, None)
            agree("linear", x, weight, draw(5, dtype=dtype))
            agree("linear", x, weight, draw(5))
            agree("linear", draw(*x.shape), weight, draw(5, dtype=dtype))
    agree("linear_backward_weight", draw(3, 5, dtype=dtype), draw(3, 4, dtype=dtype))
    agree("linear_backward_weight", draw(3, 5, dtype=dtype), draw(3, 4))
    agree("linear_backward_weight", draw(5, dtype=dtype), draw(4, dtype=dtype))
    agree("linear_backward_weight", draw(2, 0, 3, 5, dtype=dtype), draw(2, 0, 3, 4, dtype=dtype))
    agree("linear_backward_weight", draw(2, 3, 5, dtype=dtype), draw(2, 3, 4, dtype=dtype))
    for shape in ((5,), (3, 5), (2, 0, 5), (2, 3, 5), (7000, 3)):
        agree("linear_backward_bias", draw(*shape, dtype=dtype))


@pytest.mark.parametrize("dtype", [*DTYPES, "float16"])
def test_relu(dtype):
    for shape in [(), (5,), (3, 4), (2, 3, 4, 5), (0, 3)]:
        x, above = np.asarray(draw(*shape)).astype(dtype), np.asarray(draw(*shape)).astype(dtype)
        agree("relu", x)
        agree("relu_backward", above, np.maximum(x, 0))
    agree("relu", np.arange(-3, 3))
    for axes in ((3, 0, 1, 2), (2, 3, 0, 1), (0, 2, 3, 1)):
        agree("relu", draw(3, 4, 5, 2, dtype=dtype).transpose(axes))
    agree("relu_backward", draw(3, 4, dtype=dtype).T, np.maximum(draw(4, 3, dtype=dtype), 0))
    agree("relu_backward", draw(3, 4, dtype=dtype), np.maximum(draw(4, dtype=dtype), 0))
    agree("relu_backward", draw(6, 4, dtype=dtype)[::2, ::-1], np.maximum(draw(3, 4), 0))


ELU = {"alpha": 1.0, "scale": 1.0, "rate": 1.0}
BACKWARD = {
    "elu": "elu_backward",
    "hardshrink": "where_outside",
    "hardsigmoid": "hardsigmoid_backward",
    "hardswish": "hardswish_backward",
    "hardtanh": "where_between",
    "leaky_relu": "leaky_relu_backward",
    "mish": "mish_backward",
    "softshrink": "where_outside",
}
"""What goes with the gradient from above, by activation."""


@pytest.mark.parametrize("dtype", [*DTYPES, "float16"])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("elu", ELU),
        ("elu", ELU | {"alpha": 1.67, "scale": 1.05}),
        ("elu", ELU | {"alpha": -2.0, "rate": -0.5}),
        ("hardshrink", {"bound": 0.5}),
        ("hardshrink", {"bound": -0.5}),
        ("hardsigmoid", {}),
        ("hardswish", {}),
        ("hardtanh", {"low": -1.0, "high": 0.5}),
        *[("leaky_relu", {"slope": slope}) for slope in (0.01, 0.0, 1.0, 1.5, -0.3)],
        ("logsigmoid", {}),
        ("mish", {}),
        ("sigmoid", {}),
        ("softplus", {"beta": 1.0, "threshold": 20.0}),
        ("softplus", {"beta": -2.0, "threshold": 1.0}),
        ("softshrink", {"bound": 0.5}),
    ],
)
def test_activations(name, options, dtype):
    special = [0.0, -0.0, 0.5, -0.5, 1, -1, 3, -3, 6, 20, -20, 25, 90, -90, 1e4, -1e4]
    special += [np.inf, -np.inf, np.nan]
    for x in (np.array(special), np.array(0.7), draw(2, 0), draw(6, 4)[::2, ::-1], 5 * draw(3, 7)):
        x = x.clip(-1e4, 1e4) if name == "mish" else x  # of infinity its portable gradient is NaN
        x = x.astype(dtype)
        above = np.asarray(draw(*x.shape)).astype(dtype)
        with np.errstate(all="ignore"):
            agree(name, x, **options)
            if name in BACKWARD:
                agree(BACKWARD[name], above, x, **options)
                agree(BACKWARD[name], above, x.astype("float64"), **options)


def test_mish_of_infinity_has_the_slope_that_it_tends_to():
    assert KERNELS["mish_backward"](np.array([2.0]), np.array([np.inf])).item() == 2.0


def test_masks_of_gradients_hold_for_infinite_ones():
    x = np.array([-4.0, -3, 0, 1, 3, 4, np.nan])
    above = np.full(7, np.inf)
    agree("hardswish_backward", above, x)
    agree("where_between", above, x, low=-3.0, high=3.0)
    agree("where_outside", above, x, bound=3.0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_cross_entropy(dtype, reduction):
    plain = CrossEntropySettings(None, -100, reduction, 0.0)
    x, targets = draw(6, 4, dtype=dtype), RNG.integers(0, 4, 6)
    for settings in (
        plain,
        plain._replace(label_smoothing=0.1),
        plain._replace(weight=np.arange(4).astype(dtype)),
        plain._replace(ignore_index=int(targets[0])),
    ):
        for logits in (x, x.copy("F"), x[::-1]):
            for labels in (targets, targets.astype("uint8"), np.repeat(targets, 2)[::2]):
                agree("cross_entropy", logits, labels, settings=settings)
                above = draw(6, dtype=dtype) if reduction == "none" else np.asarray(2, dtype)
                agree("cross_entropy_backward", above, logits, labels, settings=settings)
    ignored = np.where(targets == targets[0], -100, targets)
    agree("cross_entropy", x, ignored, settings=plain)
    agree("cross_entropy_backward", above, x, ignored, settings=plain)


def test_cross_entropy_of_other_shapes_in_turn():
    plain = CrossEntropySettings(None, -100, "mean", 0.0)
    for count, classes in ((6, 4), (6, 9), (3, 9), (6, 4)):
        x, targets = draw(count, classes), RNG.integers(0, classes, count)
        agree("cross_entropy", x, targets, settings=plain)
        agree("cross_entropy_backward", np.asarray(2.0), x, targets, settings=plain)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["adam_step", "sgd_step"])
@pytest.mark.parametrize("state", [False, True])
def test_optimizer_steps(name, state, dtype):
    """Small and large parameters, chunks and remainders, in and out of order in memory."""
    shapes = [(3,), (70_000, 2), (), (200, 100), (0,), (4, 5), (131_072,), (100, 200)]
    parameters = [np.asarray(draw(*shape)).astype(dtype) for shape in shapes]
    parameters[3] = parameters[3].copy("F")
    parameters[-1] = np.repeat(parameters[-1], 2, axis=1)[:, ::2]
    gradients = [np.asarray(draw(*p.shape)).astype(dtype) for p in parameters]
    gradients[1], gradients[3] = gradients[1].copy("F"), gradients[3].copy("F")
    size = sum(p.size for p in parameters)
    first, second = draw(size, dtype=dtype), np.abs(draw(size, dtype=dtype))
    for weight_decay, maximize in ((0.0, False), (0.1, True)):
        options = {"lr": 0.1, "weight_decay": weight_decay, "maximize": maximize}
        if name == "adam_step":
            largest = second * 1.5 if state else None
            options |= {"step": 3, "eps": 1e-8, "shrinkage": 0.02}
            for betas in ((0.9, 0.99), (0.1, 0.05), (0.0, 0.0)):
                options |= {"betas": betas, "scales": SCALES}
                agree(name, parameters, gradients, first, second, largest, **options)
        else:
            options |= {"momentum": 0.9, "dampening": 0.1, "nesterov": weight_decay > 0}
            agree(name, parameters, gradients, first if state else None, **options)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9)])
def test_the_mean_of_a_gradient_that_has_ended_becomes_zero(betas):
    """It does not stay at a subnormal number, over which processors take longer."""
    parameter, mean, square = (np.zeros(3, np.float32) for _ in range(3))
    options = {"lr": 0.1, "betas": betas, "eps": 1e-8, "weight_decay": 0.0, "shrinkage": 0.0}
    scales = {"exp_avg": 1.0, "exp_avg_sq": 1.0}
    for step in range(1, 1501):
        gradient = np.full(3, step == 1, np.float32)
        KERNELS["adam_step"](
            [parameter],
            [gradient],
            mean,
            square,
            None,
            scales=scales,
            step=step,
            maximize=False,
            **options,
        )
    assert not mean.any()


def test_means_in_half_precision_do_not_overflow_for_what_is_put_off():
    parameter, mean, square = (np.zeros(3, np.float16) for _ in range(3))
    options = {"lr": 0.01, "betas": (0.9, 0.9), "eps": 1e-8, "weight_decay": 0, "shrinkage": 0}
    scales = {"exp_avg": 1.0, "exp_avg_sq": 1.0}
    for step in range(1, 41):
        arrays = ([parameter], [np.full(3, 200, np.float16)], mean, square, None)
        KERNELS["adam_step"](*arrays, scales=scales, step=step, maximize=False, **options)
    np.testing.assert_allclose(parameter, -0.4, rtol=0.02)
