"""Elementwise functions I: arithmetic, remainders, signs."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace
from .arguments import as_array

__all__ = [
    "abs",
    "add",
    "divide",
    "floor_divide",
    "fmod",
    "multiply",
    "negative",
    "positive",
    "reciprocal",
    "remainder",
    "sign",
    "subtract",
]


@op
def add(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Sum, elementwise: ``x1 + x2``."""
    return xp.add(x1, x2)


@add.gradient("x1")
def add_wrt_x1(xp, grad):
    return grad


@add.gradient("x2")
def add_wrt_x2(xp, grad):
    return grad


@op
def subtract(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Difference, elementwise: ``x1 - x2``."""
    return xp.subtract(x1, x2)


@subtract.gradient("x1")
def subtract_wrt_x1(xp, grad):
    return grad


@subtract.gradient("x2")
def subtract_wrt_x2(xp, grad):
    return -grad


@op
def multiply(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Product, elementwise: ``x1 * x2``."""
    return xp.multiply(x1, x2)


@multiply.gradient("x1")
def multiply_wrt_x1(xp, grad, x2):
    return grad * x2


@multiply.gradient("x2")
def multiply_wrt_x2(xp, grad, x1):
    return grad * x1


@op
def divide(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Quotient, elementwise: ``x1 / x2``."""
    return xp.divide(x1, x2)


@divide.gradient("x1")
def divide_wrt_x1(xp, grad, x2):
    return grad / x2


@divide.gradient("x2")
def divide_wrt_x2(xp, grad, out, x2):
    return -(grad * out) / x2


@op(precision="float32")
def reciprocal(xp: Namespace, x: Array, /) -> Array:
    """``1 / x``, elementwise."""
    return xp.reciprocal(x)


@reciprocal.gradient("x")
def reciprocal_wrt_x(xp, grad, out):
    return -grad * (out * out)


@op
def floor_divide(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Quotient rounded down, elementwise: ``x1 // x2``. The gradient is 0, at the steps too."""
    return xp.floor_divide(x1, x2)


@floor_divide.gradient("x1")
def floor_divide_wrt_x1(xp, grad):
    return xp.zeros_like(grad)


@floor_divide.gradient("x2")
def floor_divide_wrt_x2(xp, grad):
    return xp.zeros_like(grad)


@op
def remainder(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Remainder of `floor_divide`, elementwise: ``x1 % x2``, with the sign of `x2`.

    At its steps the gradient is that of the piece to the right.
    """
    return xp.remainder(x1, x2)


@remainder.gradient("x1")
def remainder_wrt_x1(xp, grad):
    return grad


@remainder.gradient("x2")
def remainder_wrt_x2(xp, grad, x1, x2):
    return -grad * xp.floor_divide(x1, x2)


@op
def fmod(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Remainder of the quotient rounded towards 0, elementwise, with the sign of `x1` (C's ``fmod``)."""
    x1, x2 = as_array(xp, x1, x2), as_array(xp, x2, x1)
    size = xp.remainder(xp.abs(x1), xp.abs(x2))
    return xp.where(x1 < 0, -size, size)


@fmod.gradient("x1")
def fmod_wrt_x1(xp, grad):
    return grad


@fmod.gradient("x2")
def fmod_wrt_x2(xp, grad, x1, x2):
    return -grad * xp.trunc(x1 / x2)


@op
def negative(xp: Namespace, x: Array, /) -> Array:
    """The elements with the other sign: ``-x``."""
    return xp.negative(x)


@negative.gradient("x")
def negative_wrt_x(xp, grad):
    return -grad


@op
def positive(xp: Namespace, x: Array, /) -> Array:
    """A copy of the elements: ``+x``."""
    return xp.positive(x)


@positive.gradient("x")
def positive_wrt_x(xp, grad):
    return grad


@op
def abs(xp: Namespace, x: Array, /) -> Array:
    """Absolute value, elementwise. The gradient at 0 is 0."""
    return xp.abs(x)


@abs.gradient("x")
def abs_wrt_x(xp, grad, x):
    direction = xp.sign(x)
    return grad * (xp.conj(direction) if xp.isdtype(x.dtype, "complex floating") else direction)


@op
def sign(xp: Namespace, x: Array, /) -> Array:
    """-1, 0 or 1 by the sign of each element; for complex ones ``x / abs(x)``, and 0 at 0.

    The gradient of the real function is 0, at 0 too.
    """
    return xp.sign(x)


@sign.gradient("x")
def sign_wrt_x(xp, grad, out, x):
    if not xp.isdtype(x.dtype, "complex floating"):
        return xp.zeros_like(grad)
    # With s = x/|x|: ds = (dx - s Re(conj(s) dx)) / |x|.
    size = xp.abs(x)
    safe = xp.where(size == 0, 1, size)
    return xp.where(size == 0, 0, (grad - xp.conj(out) * xp.real(grad * out)) / safe)
