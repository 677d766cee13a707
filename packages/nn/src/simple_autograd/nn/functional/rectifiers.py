"""Activations put together of pieces: straight lines, and the exponential below 0 of ELU and its kin.

The mathematics of ``layers/rectifiers.py``. Where two pieces meet, the gradient is PyTorch's: that of the piece which
each docstring names. Smooth activations are in ``activation.py``, and so is ``relu``.
"""

from __future__ import annotations

from typing import Any

from ... import ops
from ...op import op
from ...random import default_generator
from ...types import Array, Namespace
from ...variable import Variable
from .arguments import backend_of_argument, describe, refuse_complex
from .fused import fused

__all__ = [
    "celu",
    "elu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "prelu",
    "relu6",
    "rrelu",
    "selu",
    "softshrink",
    "threshold",
]

# Klambauer and others, 2017: with these, mean 0 and variance 1 are a fixed point.
_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def leaky_relu(x: Array, negative_slope: float = 0.01, inplace: bool = False) -> Any:
    """`x` where it is positive, ``negative_slope * x`` elsewhere, also the gradient at 0.

    Parameters
    ----------
    x
        Real, any shape.
    negative_slope
        The slope below 0.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("leaky_relu", "x", x)
    return _leaky_relu(x, slope=negative_slope)


@op
def _leaky_relu(xp: Namespace, x: Array, /, *, slope: float) -> Array:
    return x * _slopes(xp, x, slope)


@_leaky_relu.gradient("x")
def leaky_relu_wrt_x(xp, grad, x, slope):
    return leaky_relu_backward(xp, grad, x, slope=slope)


@fused
def leaky_relu_backward(xp: Namespace, above: Array, x: Array, *, slope: float) -> Array:
    return above * _slopes(xp, x, slope)


def _slopes(xp, x, below):
    """Give 1 where `x` is positive, `below` elsewhere: in exact products, which are faster than choosing."""
    positive = xp.astype(x > 0, x.dtype)
    return positive + (1 - positive) * below


def prelu(x: Array, weight: Array) -> Any:
    """`x` where it is positive, ``weight * x`` elsewhere, also the gradients at 0.

    Parameters
    ----------
    x
        Real, any shape; with several weights (N, C, ...).
    weight
        (1,), or (C,) for a slope per channel.

    Raises
    ------
    ValueError
        If the shapes do not fit together.
    """
    backend_of_argument("prelu", "weight", weight)
    refuse_complex("prelu", "x", x)
    count, shape = weight.size, tuple(x.shape)
    channels = shape[1] if len(shape) > 1 else 1
    if len(weight.shape) > 1 or count not in (1, channels):
        raise ValueError(
            f"prelu: weight is a {describe(weight)}; needed is the shape (1,) or ({channels},), a slope for each "
            f"channel, because x has shape {shape}."
        )
    return _prelu(
        x, ops.reshape(weight, (count, *(1,) * (len(shape) - 2)) if len(shape) > 1 else ())
    )


@op(precision="lower")
def _prelu(xp: Namespace, x: Array, weight: Array, /) -> Array:
    return x * _slopes(xp, x, weight)


@_prelu.gradient("x")
def prelu_wrt_x(xp, grad, x, weight):
    return grad * _slopes(xp, x, weight)


@_prelu.gradient("weight")
def prelu_wrt_weight(xp, grad, x):
    return xp.where(x > 0, 0, grad * x)


def rrelu(
    x: Array,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    inplace: bool = False,
) -> Any:
    """`leaky_relu` with a slope drawn for every element while training; otherwise with the middle one.

    Parameters
    ----------
    x
        Real, any shape.
    lower, upper
        Between what to draw from the uniform distribution.
    training
        Whether to draw.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.

    Raises
    ------
    ValueError
        If `lower` is larger than `upper`.
    """
    refuse_complex("rrelu", "x", x)
    if lower > upper:
        raise ValueError(f"rrelu: lower is {lower}; needed is at most upper, which is {upper}.")
    if not training:
        return leaky_relu(x, (lower + upper) / 2)
    backend = backend_of_argument("rrelu", "x", x)
    xp, raw = backend.xp, x.data if isinstance(x, Variable) else x
    slopes = default_generator(backend).uniform(tuple(raw.shape), lower, upper)
    return ops.multiply(x, xp.where(raw > 0, 1, xp.astype(slopes, raw.dtype)))


def elu(x: Array, alpha: float = 1.0, inplace: bool = False) -> Any:
    """`x` where it is positive, ``alpha * (exp(x) - 1)`` elsewhere, also the gradient at 0.

    Parameters
    ----------
    x
        Real, any shape.
    alpha
        Minus the limit for very negative `x`.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("elu", "x", x)
    return _elu(x, alpha=alpha, scale=1.0, rate=1.0)


def celu(x: Array, alpha: float = 1.0, inplace: bool = False) -> Any:
    """`x` where it is positive, ``alpha * (exp(x / alpha) - 1)`` elsewhere: smooth at 0.

    Parameters
    ----------
    x
        Real, any shape.
    alpha
        Minus the limit for very negative `x`; not 0.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("celu", "x", x)
    if alpha == 0:
        raise ValueError("celu: alpha is 0; needed is another number, because x is divided by it.")
    return _elu(x, alpha=alpha, scale=1.0, rate=1 / alpha)


def selu(x: Array, inplace: bool = False) -> Any:
    """``scale * elu(x, alpha)`` with the numbers that keep mean 0 and variance 1. At 0 the gradient is from below.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("selu", "x", x)
    return _elu(x, alpha=_SELU_ALPHA, scale=_SELU_SCALE, rate=1.0)


@op
def _elu(xp: Namespace, x: Array, /, *, alpha: float, scale: float, rate: float) -> Array:
    # Either part is 0 where the other is not.
    above, below = xp.maximum(x, 0) * scale, xp.minimum(x, 0)
    if rate < 0:
        return above + xp.expm1(below * rate) * (alpha * scale)
    # exp(t) - 1 = 2 h / (1 - h) with h = tanh(t / 2), which keeps small numbers where t < 0, and is faster than expm1.
    half = xp.tanh(below * (rate / 2))
    return above + half / (1 - half) * (2 * alpha * scale)


@_elu.gradient("x")
def elu_wrt_x(xp, grad, x, alpha, scale, rate):
    return elu_backward(xp, grad, x, alpha=alpha, scale=scale, rate=rate)


@fused
def elu_backward(
    xp: Namespace, above: Array, x: Array, *, alpha: float, scale: float, rate: float
) -> Array:
    below = xp.exp(xp.minimum(x, 0) * rate) * (alpha * rate)
    return above * (_slopes(xp, x, below) * scale)


def threshold(x: Array, threshold: float, value: float, inplace: bool = False) -> Any:
    """`x` where it is larger than `threshold`, `value` elsewhere; the gradient at the threshold is 0.

    Parameters
    ----------
    x
        Real, any shape.
    threshold, value
        Numbers.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("threshold", "x", x)
    return _threshold(x, bound=threshold, value=value)


@op
def _threshold(xp: Namespace, x: Array, /, *, bound: float, value: float) -> Array:
    return xp.where(x <= bound, value, x)


@_threshold.gradient("x")
def threshold_wrt_x(xp, grad, x, bound):
    return xp.where(x <= bound, 0, grad)


def hardtanh(x: Array, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Any:
    """`x` confined to [min_val, max_val]; the gradient at the bounds is 0.

    Parameters
    ----------
    x
        Real, any shape.
    min_val, max_val
        The bounds.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.

    Raises
    ------
    ValueError
        If `min_val` is larger than `max_val`.
    """
    refuse_complex("hardtanh", "x", x)
    if min_val > max_val:
        raise ValueError(
            f"hardtanh: min_val is {min_val}; needed is at most max_val, which is {max_val}."
        )
    return _hardtanh(x, low=min_val, high=max_val)


def relu6(x: Array, inplace: bool = False) -> Any:
    """`x` confined to [0, 6]; the gradient at the bounds is 0.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("relu6", "x", x)
    return _hardtanh(x, low=0, high=6)


@op
def _hardtanh(xp: Namespace, x: Array, /, *, low: float, high: float) -> Array:
    return xp.clip(x, low, high)


@_hardtanh.gradient("x")
def hardtanh_wrt_x(xp, grad, x, low, high):
    return where_between(xp, grad, x, low=low, high=high)


@fused
def where_between(xp: Namespace, above: Array, x: Array, *, low: float, high: float) -> Array:
    """`above` where `x` is between the bounds (or NaN), 0 elsewhere."""
    return xp.where((x <= low) | (x >= high), 0, above)


@fused
def where_outside(xp: Namespace, above: Array, x: Array, *, bound: float) -> Array:
    """`above` where `x` lies outside [-bound, bound] (or is NaN), 0 elsewhere."""
    return xp.where((x >= -bound) & (x <= bound), 0, above)


def hardsigmoid(x: Array, inplace: bool = False) -> Any:
    """``x / 6 + 1 / 2`` confined to [0, 1]; the gradient at the bounds, -3 and 3, is 0.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("hardsigmoid", "x", x)
    return _hardsigmoid(x)


@op
def _hardsigmoid(xp: Namespace, x: Array, /) -> Array:
    return xp.clip(x + 3, 0, 6) / 6


@_hardsigmoid.gradient("x")
def hardsigmoid_wrt_x(xp, grad, x):
    return hardsigmoid_backward(xp, grad, x)


@fused
def hardsigmoid_backward(xp: Namespace, above: Array, x: Array) -> Array:
    return xp.where((x <= -3) | (x >= 3), 0, above / 6)


def hardswish(x: Array, inplace: bool = False) -> Any:
    """``x * hardsigmoid(x)``; the gradient at -3 is 0 and at 3 is 1.

    Parameters
    ----------
    x
        Real, any shape.
    inplace
        Accepted for PyTorch's sake. The result is always a new array.
    """
    refuse_complex("hardswish", "x", x)
    return _hardswish(x)


@op
def _hardswish(xp: Namespace, x: Array, /) -> Array:
    return x * (xp.clip(x + 3, 0, 6) / 6)


@_hardswish.gradient("x")
def hardswish_wrt_x(xp, grad, x):
    return hardswish_backward(xp, grad, x)


@fused
def hardswish_backward(xp: Namespace, above: Array, x: Array) -> Array:
    return xp.where(x <= -3, 0, xp.where(x < 3, above * (x / 3 + 0.5), above))


def hardshrink(x: Array, lambd: float = 0.5) -> Any:
    """`x` where it lies outside [-lambd, lambd], 0 elsewhere, also the gradient at the bounds.

    Parameters
    ----------
    x
        Real, any shape.
    lambd
        The bound.
    """
    refuse_complex("hardshrink", "x", x)
    return _hardshrink(x, bound=lambd)


@op
def _hardshrink(xp: Namespace, x: Array, /, *, bound: float) -> Array:
    return xp.where((x >= -bound) & (x <= bound), 0, x)


@_hardshrink.gradient("x")
def hardshrink_wrt_x(xp, grad, x, bound):
    return where_outside(xp, grad, x, bound=bound)


def softshrink(x: Array, lambd: float = 0.5) -> Any:
    """`x` moved towards 0 by `lambd`, and 0 where it would pass it, also the gradient at the bounds.

    Parameters
    ----------
    x
        Real, any shape.
    lambd
        At least 0.

    Raises
    ------
    ValueError
        If `lambd` is negative.
    """
    refuse_complex("softshrink", "x", x)
    if lambd < 0:
        raise ValueError(f"softshrink: lambd is {lambd}; needed is at least 0.")
    return _softshrink(x, bound=lambd)


@op
def _softshrink(xp: Namespace, x: Array, /, *, bound: float) -> Array:
    return x - xp.clip(x, -bound, bound)


@_softshrink.gradient("x")
def softshrink_wrt_x(xp, grad, x, bound):
    return where_outside(xp, grad, x, bound=bound)
