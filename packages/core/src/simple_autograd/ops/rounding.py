"""Elementwise functions on the digits and signs of numbers: rounding, parts, steps, neighbours.

Most are steps: constant but for jumps. Their gradient is 0, at the jumps too, as in PyTorch.
"""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace
from .arguments import as_array

__all__ = [
    "ceil",
    "copysign",
    "floor",
    "frac",
    "heaviside",
    "nextafter",
    "round",
    "signbit",
    "trunc",
]


@op
def ceil(xp: Namespace, x: Array, /) -> Array:
    """The smallest integers that are not smaller, elementwise. The gradient is 0."""
    return xp.ceil(x)


@ceil.gradient("x")
def ceil_wrt_x(xp, grad):
    return xp.zeros_like(grad)


@op
def floor(xp: Namespace, x: Array, /) -> Array:
    """The largest integers that are not larger, elementwise. The gradient is 0."""
    return xp.floor(x)


@floor.gradient("x")
def floor_wrt_x(xp, grad):
    return xp.zeros_like(grad)


@op
def round(xp: Namespace, x: Array, /) -> Array:
    """The nearest integers, elementwise; halves go to the even one. The gradient is 0."""
    return xp.round(x)


@round.gradient("x")
def round_wrt_x(xp, grad):
    return xp.zeros_like(grad)


@op
def trunc(xp: Namespace, x: Array, /) -> Array:
    """The nearest integers towards 0, elementwise. The gradient is 0."""
    return xp.trunc(x)


@trunc.gradient("x")
def trunc_wrt_x(xp, grad):
    return xp.zeros_like(grad)


@op
def frac(xp: Namespace, x: Array, /) -> Array:
    """What `trunc` cuts off, elementwise, with the sign of `x`. The gradient is 1, at the jumps too."""
    return x - xp.trunc(x)


@frac.gradient("x")
def frac_wrt_x(xp, grad):
    return grad


@op
def copysign(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """`x1` with the signs of `x2`, elementwise; 0 and -0 have signs too.

    The gradient for `x1` is 0 where it is 0, and that for `x2` is 0.
    """
    return xp.copysign(x1, x2)


@copysign.gradient("x1")
def copysign_wrt_x1(xp, grad, out, x1):
    return grad * (xp.sign(x1) * xp.sign(out))


@copysign.gradient("x2")
def copysign_wrt_x2(xp, grad):
    return xp.zeros_like(grad)


@op(differentiable=False)
def signbit(xp: Namespace, x: Array, /) -> Array:
    """Whether the sign is negative, elementwise; that of -0 is. Not differentiable."""
    return xp.signbit(x)


@op
def heaviside(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The unit step, elementwise: 0 where `x1` is negative, 1 where it is positive, `x2` where it is 0.

    The gradient for `x1` is 0; `x2` gets its gradient where it is chosen.
    """
    x1, x2 = as_array(xp, x1, x2), as_array(xp, x2, x1)
    return xp.where(x1 == 0, x2, (xp.sign(x1) + 1) / 2)


@heaviside.gradient("x1")
def heaviside_wrt_x1(xp, grad):
    return xp.zeros_like(grad)


@heaviside.gradient("x2")
def heaviside_wrt_x2(xp, grad, x1):
    return xp.where(as_array(xp, x1, grad) == 0, grad, 0)


@op
def nextafter(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The next number after `x1` towards `x2` that the data type has, elementwise.

    The step is as good as constant: `x1` gets the gradient as it is, but 0 where the two are equal; `x2` gets 0.
    """
    return xp.nextafter(x1, x2)


@nextafter.gradient("x1")
def nextafter_wrt_x1(xp, grad, x1, x2):
    return xp.where(x1 == x2, 0, grad)


@nextafter.gradient("x2")
def nextafter_wrt_x2(xp, grad):
    return xp.zeros_like(grad)
