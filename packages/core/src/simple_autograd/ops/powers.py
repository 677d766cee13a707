"""Elementwise functions on powers and roots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..op import op
from ..types import Array, Namespace
from .arguments import as_array, refuse_complex

__all__ = [
    "cbrt",
    "hypot",
    "ldexp",
    "pow",
    "rsqrt",
    "sqrt",
    "square",
]


# NumPy's operator has short cuts for some exponents (-1, 0.5, 2), which its function lacks. Another power of a negative
# number can cost it as much as hundreds of products. Of an exponent `one` is the 1: 3.0 makes integers floating, 3 not.
_SHORT_CUTS: dict[float, Callable[[Any, Any], Any]] = {
    -2: lambda x, one: (x**-one) ** 2,
    3: lambda x, one: x ** (2 * one) * x,
    4: lambda x, one: (x ** (2 * one)) ** 2,
}


def _raised(x: Any, exponent: Any) -> Any:
    """``x ** exponent``, the short way for the numbers that have one."""
    if isinstance(exponent, int | float) and exponent in _SHORT_CUTS:
        return _SHORT_CUTS[exponent](x, type(exponent)(1))
    return x**exponent


@op(precision="float32")
def pow(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Power, elementwise: ``x1 ** x2``.

    ``x**0`` has the gradient 0 everywhere; the gradient for the exponent is 0 where ``0**x2`` is 0 or 1.
    """
    return _raised(x1, x2)


@pow.gradient("x1")
def pow_wrt_x1(xp, grad, x1, x2):
    if isinstance(x2, int | float | complex):
        return grad * (x2 * _raised(x1, x2 - 1)) if x2 != 0 else xp.zeros_like(grad)
    # Of 0**0, x1**0 in place of x1**-1: the factor x2 makes it 0, and 1/0 never arises.
    return grad * (x2 * x1 ** (xp.where((x1 == 0) & (x2 == 0), 1, x2) - 1))


@pow.gradient("x2")
def pow_wrt_x2(xp, grad, out, x1, x2):
    base, exponent = x1 + xp.zeros_like(out), x2 + xp.zeros_like(out)  # numbers become arrays
    if xp.isdtype(exponent.dtype, "complex floating"):
        flat = (base == 0) & (xp.imag(exponent) == 0) & (xp.real(exponent) >= 0)
    else:
        flat = (base == 0) & (exponent >= 0)
    return xp.where(flat, 0, grad * out * xp.log(xp.where(flat, 1, base)))


@op(precision="float32")
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


@op(precision="float32")
def rsqrt(xp: Namespace, x: Array, /) -> Array:
    """``1 / sqrt(x)``, elementwise. The gradient at 0 is infinite."""
    return 1 / xp.sqrt(x)


@rsqrt.gradient("x")
def rsqrt_wrt_x(xp, grad, out):
    return grad * (-0.5 * out * out * out)


@op
def cbrt(xp: Namespace, x: Array, /) -> Array:
    """Cube root, elementwise, real and of the sign of `x`. The gradient at 0 is infinite."""
    refuse_complex(xp, "cbrt", x)
    root = xp.pow(xp.abs(x), 1 / 3)
    # 1/3 is rounded, so the root of a very large or small number is off in the last digits: a step of Newton's.
    ordinary = (root > 0) & xp.isfinite(root)
    safe = xp.where(ordinary, root, 1)
    step = (safe - xp.where(ordinary, xp.abs(x), 1) / safe / safe) / 3
    return xp.copysign(root - step, x)


@cbrt.gradient("x")
def cbrt_wrt_x(xp, grad, out):
    return grad / (3 * out * out)


@op
def hypot(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """``sqrt(x1**2 + x2**2)``, elementwise, without overflow. The gradient where both are 0 is 0."""
    return xp.hypot(x1, x2)


@hypot.gradient("x1")
def hypot_wrt_x1(xp, grad, out, x1):
    return grad * (x1 / xp.where(out == 0, 1, out))


@hypot.gradient("x2")
def hypot_wrt_x2(xp, grad, out, x2):
    return grad * (x2 / xp.where(out == 0, 1, out))


@op
def ldexp(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """``x1 * 2**x2``, elementwise.

    Parameters
    ----------
    x1
        Floating data.
    x2
        Integers; they have no gradient.
    """
    exponents = xp.astype(as_array(xp, x2, x1), x1.dtype)
    # In two steps, because 2**x2 may overflow where the result does not.
    half = xp.floor(exponents / 2)
    return x1 * xp.pow(2.0, half) * xp.pow(2.0, exponents - half)


@ldexp.gradient("x1")
def ldexp_wrt_x1(xp, grad, x2):
    return ldexp(grad, x2)
