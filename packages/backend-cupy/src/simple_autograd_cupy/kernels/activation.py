"""Activations of one element in one launch each, where the portable bodies take several (see ``activation.cu``)."""

from __future__ import annotations

import functools
from typing import Any

import cupy

from .launching import covered, dense, empty, launch_each

__all__ = [
    "elu",
    "gelu",
    "gelu_backward",
    "gelu_tanh",
    "gelu_tanh_backward",
    "hardsigmoid",
    "hardswish",
    "leaky_relu",
    "logsigmoid",
    "mish",
    "relu",
    "relu_backward",
    "sigmoid",
    "silu",
    "silu_backward",
    "softplus",
]

Array = Any


def relu_backward(above: Array, y: Array) -> Any:
    """The gradient where the result was positive."""
    return _backward("relu_backward", above, y)


def gelu_backward(above: Array, x: Array, y: Array) -> Any:
    """The gradient times the slope, which `x` says alone: that is no more to read than the result `y` would be."""
    return _backward("gelu_backward", above, x)


def gelu_tanh_backward(above: Array, x: Array, y: Array) -> Any:
    """As `gelu_backward`."""
    return _backward("gelu_tanh_backward", above, x)


def silu_backward(above: Array, x: Array, y: Array) -> Any:
    """As `gelu_backward`."""
    return _backward("silu_backward", above, x)


def _backward(name: str, above: Array, array: Array) -> Any:
    """Launch the kernel of that name with a thread for each element of a gradient and of an array of its shape."""
    if not covered(above, array) or above.shape != array.shape:
        return NotImplemented
    out = empty(above.shape, above.dtype)
    launch_each("activation", name, out.dtype, out.size, dense(above), dense(array), out)
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
    out = empty(x.shape, x.dtype, order="C" if x.flags.c_contiguous else "F")
    launch_each("activation", name, x.dtype, x.size, x, out, *[float(number) for number in numbers])
    return out


gelu = functools.partial(_each, "gelu")
gelu_tanh = functools.partial(_each, "gelu_tanh")
hardsigmoid = functools.partial(_each, "hardsigmoid")
hardswish = functools.partial(_each, "hardswish")
logsigmoid = functools.partial(_each, "logsigmoid")
mish = functools.partial(_each, "mish")
relu = functools.partial(_each, "relu")
sigmoid = functools.partial(_each, "sigmoid")
silu = functools.partial(_each, "silu")
