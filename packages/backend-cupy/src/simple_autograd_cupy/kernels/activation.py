"""Activations of one element in one launch each, where the portable bodies take several (see ``activation.cu``)."""

from __future__ import annotations

import functools
from typing import Any

import cupy

from .launching import covered, dense, launch_each

__all__ = [
    "elu",
    "gelu",
    "gelu_slope",
    "gelu_tanh",
    "gelu_tanh_slope",
    "hardsigmoid",
    "hardswish",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "relu_backward",
    "sigmoid",
    "silu",
    "silu_slope",
    "softplus",
]

Array = Any


def relu_backward(above: Array, y: Array) -> Any:
    """The gradient where the result was positive."""
    if not covered(above, y) or above.shape != y.shape:
        return NotImplemented
    out = cupy.empty(above.shape, above.dtype)
    launch_each("activation", "relu_backward", out.dtype, out.size, dense(above), dense(y), out)
    return out


def elu(x: Array, *, alpha: float, scale: float, rate: float) -> Any:
    """Also CELU and SELU."""
    return _each("elu", x, alpha, scale, rate)


def leaky_relu(x: Array, *, slope: float) -> Any:
    """The element, or its multiple below 0."""
    return _each("leaky_relu", x, slope)


def softplus(x: Array, *, beta: float, threshold: float) -> Any:
    """The rounded corner, and the element itself above the threshold."""
    return _each("softplus", x, beta, threshold)


def _each(name: str, x: Array, *numbers: float) -> Any:
    """Launch the kernel of that name with a thread for each element; the result lies in memory as `x` does."""
    if not isinstance(x, cupy.ndarray) or not covered(x):
        return NotImplemented
    if not x.flags.forc:
        x = cupy.ascontiguousarray(x)
    out = cupy.empty_like(x)
    launch_each("activation", name, x.dtype, x.size, x, out, *[float(number) for number in numbers])
    return out


gelu = functools.partial(_each, "gelu")
gelu_slope = functools.partial(_each, "gelu_slope")
gelu_tanh = functools.partial(_each, "gelu_tanh")
gelu_tanh_slope = functools.partial(_each, "gelu_tanh_slope")
hardsigmoid = functools.partial(_each, "hardsigmoid")
hardswish = functools.partial(_each, "hardswish")
logsigmoid = functools.partial(_each, "logsigmoid")
mish = functools.partial(_each, "mish")
sigmoid = functools.partial(_each, "sigmoid")
silu = functools.partial(_each, "silu")
silu_slope = functools.partial(_each, "silu_slope")
