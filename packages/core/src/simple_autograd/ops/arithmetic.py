"""Elementwise functions I: arithmetic, powers, extremes, and the parts of complex numbers."""

from __future__ import annotations

from typing import Any

from ..op import op
from ..types import Array, Namespace

__all__ = [
    "abs",
    "add",
    "clip",
    "conj",
    "divide",
    "floor_divide",
    "imag",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "positive",
    "pow",
    "real",
    "remainder",
    "sign",
    "sqrt",
    "square",
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
    return -grad * (x1 // x2)


@op
def pow(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Power, elementwise: ``x1 ** x2``.

    ``x**0`` has the gradient 0 everywhere; the gradient for the exponent is 0 where ``0**x2`` is 0 or 1.
    """
    return (
        x1**x2
    )  # the operator, because NumPy's has short cuts for small exponents that its function lacks


@pow.gradient("x1")
def pow_wrt_x1(xp, grad, x1, x2):
    if isinstance(x2, int | float | complex):
        return grad * (x2 * x1 ** (x2 - 1)) if x2 != 0 else xp.zeros_like(grad)
    # With an exponent of 0, x1 ** 0 in place of x1 ** -1: the factor x2 makes it 0, and 1/0 never arises.
    return grad * (x2 * x1 ** (xp.where(x2 == 0, 1, x2) - 1))


@pow.gradient("x2")
def pow_wrt_x2(xp, grad, out, x1, x2):
    base = x1 + xp.zeros_like(out)  # a number becomes an array
    flat = (base == 0) & ((x2 + xp.zeros_like(out)) >= 0)
    return xp.where(flat, 0, grad * out * xp.log(xp.where(flat, 1, base)))


@op
def square(xp: Namespace, x: Array, /) -> Array:
    """Square, elementwise: ``x * x``."""
    return xp.square(x)


@square.gradient("x")
def square_wrt_x(xp, grad, x):
    return grad * (2 * x)


@op
def sqrt(xp: Namespace, x: Array, /) -> Array:
    """Square root, elementwise. The gradient at 0 is infinite."""
    return xp.sqrt(x)


@sqrt.gradient("x")
def sqrt_wrt_x(xp, grad, out):
    return grad / (2 * out)


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


@op
def maximum(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The larger of two, elementwise; NaN if either is. Equal elements share the gradient in halves."""
    return xp.maximum(x1, x2)


@maximum.gradient("x1")
def maximum_wrt_x1(xp, grad, x1, x2):
    return xp.where(x1 < x2, 0, xp.where(x1 == x2, grad / 2, grad))


@maximum.gradient("x2")
def maximum_wrt_x2(xp, grad, x1, x2):
    return xp.where(x2 < x1, 0, xp.where(x2 == x1, grad / 2, grad))


@op
def minimum(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The smaller of two, elementwise; NaN if either is. Equal elements share the gradient in halves."""
    return xp.minimum(x1, x2)


@minimum.gradient("x1")
def minimum_wrt_x1(xp, grad, x1, x2):
    return xp.where(x1 > x2, 0, xp.where(x1 == x2, grad / 2, grad))


@minimum.gradient("x2")
def minimum_wrt_x2(xp, grad, x1, x2):
    return xp.where(x2 > x1, 0, xp.where(x2 == x1, grad / 2, grad))


def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    """The elements confined to [min, max]; None leaves that side open.

    Parameters
    ----------
    x
        Any shape, real.
    min, max
        Arrays that broadcast with `x`, or numbers.

    Notes
    -----
    The gradient passes to `x` where it lies within, borders included, and to a border where `x` lies beyond it.
    Where ``min > max`` the result is `max`, as in NumPy and PyTorch.
    """
    return _clip(x, min, max)


@op
def _clip(xp: Namespace, x: Array, min: Array, max: Array, /) -> Array:
    return xp.clip(x, min, max)


@_clip.gradient("x")
def clip_wrt_x(xp, grad, x, min, max):
    if min is not None:
        grad = xp.where(x < min, 0, grad)
    return grad if max is None else xp.where(x > max, 0, grad)


@_clip.gradient("min")
def clip_wrt_min(xp, grad, x, min, max):
    grad = xp.where(x < min, grad, 0)
    return grad if max is None else xp.where(min < max, grad, 0)


@_clip.gradient("max")
def clip_wrt_max(xp, grad, x, min, max):
    beyond = x > max
    return xp.where(beyond if min is None else beyond | (max < min), grad, 0)


@op
def conj(xp: Namespace, x: Array, /) -> Array:
    """Complex conjugate, elementwise; real elements stay."""
    return xp.conj(x)


@conj.gradient("x")
def conj_wrt_x(xp, grad):
    return xp.conj(grad)


@op
def real(xp: Namespace, x: Array, /) -> Array:
    """Real part, elementwise."""
    return xp.real(x)


@real.gradient("x")
def real_wrt_x(xp, grad):
    return grad


@op
def imag(xp: Namespace, x: Array, /) -> Array:
    """Imaginary part, elementwise."""
    return xp.imag(x)


@imag.gradient("x")
def imag_wrt_x(xp, grad):
    return grad * -1j
