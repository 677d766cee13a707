"""Cases of ``ops/activation.py``; SciPy is not asked for, so its references are written out."""

from __future__ import annotations

import functools
import math

import numpy as np

import simple_autograd as sa
from simple_autograd.ops import activation
from tests.core.op_case import Failing, OpCase, kink, refused, sample, shapes, unary

LARGE = [[1000.0, -1000.0, 0.0], [-1e4, 1e4, 1e4]]
COMPLEX_LINE = refused(
    sample([[0.5 + 1j, -0.3 + 2j, 1.2 - 0.4j]], axis=-1),
    torch="it has none for complex numbers",
    strict="the standard has no max of complex numbers",
)


def sigmoid(x):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def softmax(x, axis):
    if x.size == 0:
        return x
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


def log_softmax(x, axis):
    if x.size == 0:
        return x
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@np.vectorize
def area(x):
    return (1 + math.erf(x / math.sqrt(2))) / 2


def gelu(x, approximate="none"):
    if approximate == "none":
        return (x * area(x) if x.size else x).astype(np.result_type(x.dtype, np.float32))
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_slope(x):
    slope = area(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi) if x.size else x
    return np.asarray(slope, np.result_type(x.dtype, np.float32))


def gelu_tanh_slope(x):
    a = math.sqrt(2 / math.pi)
    tanh = np.tanh(a * (x + 0.044715 * x**3))
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh**2) * a * (1 + 3 * 0.044715 * x**2)


def backward_of_gate(name, slope, function, **more):
    """Give the case of an op that takes the result of a function too, to save work."""
    op = getattr(activation, f"{name}_backward")
    return OpCase(
        f"{name}_backward",
        lambda above, x: above * slope(x),
        shapes(((3, 4), (3, 4)), ((), ())),
        function=lambda above, x: op(above, x, x if isinstance(x, str) else function(x)),
        **more,
    )


def softplus(x, beta=1.0, threshold=20.0):
    with np.errstate(over="ignore"):
        return np.where(x * beta > threshold, x, np.log1p(np.exp(x * beta)) / beta).astype(
            np.result_type(x.dtype, np.float32)
        )


REAL_IN_TORCH = "it has no gradient for complex data there"


along_axes = shapes(
    *[((3, 2, 4), {"axis": axis}) for axis in (0, 1, 2, -1, -2)],
    ((5,), {"axis": 0}),
    ((0, 3), {"axis": 1}),
    ((3, 0), {"axis": 1}),
)

CASES = [
    OpCase(
        "gelu",
        gelu,
        unary(-4, 4),
        [
            sample([[-30.0, -8.0, 0.0, 8.0, 30.0]]),
            sample([-30.0, -1.5, 0.0, 2.0], approximate="tanh"),
        ],
        torch=lambda t: t.nn.functional.gelu,
        errors=[
            Failing(
                (np.ones(2),),
                ["gelu", "'fast'", "'none' or 'tanh'"],
                ValueError,
                {"approximate": "fast"},
            ),
            Failing((np.array([1j]),), ["gelu", "real", "complex128"]),
        ],
    ),
    backward_of_gate("gelu", gelu_slope, sa.gelu),
    OpCase(
        "gelu_tanh",
        lambda x: gelu(x, "tanh"),
        unary(-4, 4),
        function=lambda x: sa.gelu(x, approximate="tanh"),
        torch=lambda t: lambda x: t.nn.functional.gelu(x, approximate="tanh"),
        errors=[Failing((np.array([1j]),), ["gelu", "real", "complex128"])],
    ),
    backward_of_gate("gelu_tanh", gelu_tanh_slope, functools.partial(sa.gelu, approximate="tanh")),
    OpCase(
        "log_softmax",
        log_softmax,
        along_axes,
        [sample(LARGE, axis=-1), COMPLEX_LINE],
        torch=lambda t: lambda x, axis: t.log_softmax(x, dim=axis),
    ),
    OpCase(
        "logsigmoid",
        lambda x: -softplus(-x, threshold=700.0),
        unary(),
        [sample(LARGE)],
        torch=lambda t: t.nn.functional.logsigmoid,
        errors=[Failing((np.array([1j]),), ["logsigmoid", "real", "complex128"])],
    ),
    OpCase(
        "relu",
        lambda x: np.maximum(x, 0),
        unary(integers=True),
        [kink([0.0, -0.0])],
        torch=lambda t: t.relu,
    ),
    OpCase(
        "relu_backward",
        lambda above, y: np.where(y <= 0, 0, above),
        shapes(((3, 4), (3, 4)), ((), ())),
        function=activation.relu_backward,
    ),
    OpCase(
        "sigmoid",
        sigmoid,
        unary(),
        [sample(LARGE), sample([30.0 + 1j, -30.0 + 1j, 0.5 - 2j])],
        torch=lambda t: t.sigmoid,
    ),
    OpCase(
        "sigmoid_backward",
        lambda above, y: above * y * (1 - y),
        shapes(((3, 4), (3, 4)), ((), ())),
        function=activation.sigmoid_backward,
        complex=True,
    ),
    backward_of_gate(
        "silu", lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))), sa.silu, complex=True
    ),
    OpCase(
        "silu",
        lambda x: x * sigmoid(x),
        unary(),
        [sample(LARGE), refused(sample([0.5 + 1j, -2.0 + 0.3j, 3.0 - 1j]), torch=REAL_IN_TORCH)],
        torch=lambda t: t.nn.functional.silu,
    ),
    OpCase(
        "softplus",
        softplus,
        unary(),
        [sample(LARGE), sample([-3.0, 0.5, 1.9, 2.1, 7.0], beta=0.5, threshold=1.0), kink([20.0])],
        torch=lambda t: t.nn.functional.softplus,
        errors=[Failing((np.array([1j]),), ["softplus", "real", "complex128"])],
    ),
    OpCase(
        "softmax",
        softmax,
        along_axes,
        [sample(LARGE, axis=-1), COMPLEX_LINE],
        torch=lambda t: lambda x, axis: t.softmax(x, dim=axis),
    ),
]
