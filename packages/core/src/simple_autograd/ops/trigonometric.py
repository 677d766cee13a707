"""Elementwise functions III: trigonometric and hyperbolic ones, and their inverses. Angles are in radians.

Rules of inverse functions write ``(1 - x) * (1 + x)`` for ``1 - x**2``: it stays accurate near 1, and its root does not
overflow where it is taken of each factor. For complex arguments they hold on the principal branches.
"""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Namespace

__all__ = [
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "rad2deg",
    "sin",
    "sinc",
    "sinh",
    "tan",
    "tanh",
]


@op
def sin(xp: Namespace, x: Array, /) -> Array:
    """Sine, elementwise."""
    return xp.sin(x)


@sin.gradient("x")
def sin_wrt_x(xp, grad, x):
    return grad * xp.cos(x)


@op
def cos(xp: Namespace, x: Array, /) -> Array:
    """Cosine, elementwise."""
    return xp.cos(x)


@cos.gradient("x")
def cos_wrt_x(xp, grad, x):
    return -grad * xp.sin(x)


@op(precision="float32")
def tan(xp: Namespace, x: Array, /) -> Array:
    """Tangent, elementwise."""
    return xp.tan(x)


@tan.gradient("x")
def tan_wrt_x(xp, grad, out):
    return grad * (1 + out * out)


@op(precision="float32")
def asin(xp: Namespace, x: Array, /) -> Array:
    """Inverse sine, elementwise. The gradient at 1 and -1 is infinite."""
    return xp.asin(x)


@asin.gradient("x")
def asin_wrt_x(xp, grad, x):
    return grad / xp.sqrt((1 - x) * (1 + x))


@op(precision="float32")
def acos(xp: Namespace, x: Array, /) -> Array:
    """Inverse cosine, elementwise. The gradient at 1 and -1 is infinite."""
    return xp.acos(x)


@acos.gradient("x")
def acos_wrt_x(xp, grad, x):
    return -grad / xp.sqrt((1 - x) * (1 + x))


@op
def atan(xp: Namespace, x: Array, /) -> Array:
    """Inverse tangent, elementwise."""
    return xp.atan(x)


@atan.gradient("x")
def atan_wrt_x(xp, grad, x):
    return grad / (1 + x * x)


@op
def atan2(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The angle of the point with the ordinate `x1` and the abscissa `x2`, elementwise, in [-pi, pi].

    The gradient at the origin is 0.
    """
    return xp.atan2(x1, x2)


@atan2.gradient("x1")
def atan2_wrt_x1(xp, grad, x1, x2):
    radius = _radius(xp, x1, x2)
    return grad * (x2 / radius / radius)


@atan2.gradient("x2")
def atan2_wrt_x2(xp, grad, x1, x2):
    radius = _radius(xp, x1, x2)
    return -grad * (x1 / radius / radius)


def _radius(xp, x1, x2):
    """Give the distance from the origin, and 1 there, to divide by."""
    radius = xp.hypot(x1, x2)
    return xp.where(radius == 0, 1, radius)


@op(precision="float32")
def sinh(xp: Namespace, x: Array, /) -> Array:
    """Hyperbolic sine, elementwise."""
    return xp.sinh(x)


@sinh.gradient("x")
def sinh_wrt_x(xp, grad, x):
    return grad * xp.cosh(x)


@op(precision="float32")
def cosh(xp: Namespace, x: Array, /) -> Array:
    """Hyperbolic cosine, elementwise."""
    return xp.cosh(x)


@cosh.gradient("x")
def cosh_wrt_x(xp, grad, x):
    return grad * xp.sinh(x)


@op
def tanh(xp: Namespace, x: Array, /) -> Array:
    """Hyperbolic tangent, elementwise."""
    return xp.tanh(x)


@tanh.gradient("x")
def tanh_wrt_x(xp, grad, out):
    return grad * (1 - out * out)


@op
def asinh(xp: Namespace, x: Array, /) -> Array:
    """Inverse hyperbolic sine, elementwise."""
    return xp.asinh(x)


@asinh.gradient("x")
def asinh_wrt_x(xp, grad, x):
    return grad / xp.sqrt(1 + x * x)


@op
def acosh(xp: Namespace, x: Array, /) -> Array:
    """Inverse hyperbolic cosine, elementwise. The gradient at 1 is infinite."""
    return xp.acosh(x)


@acosh.gradient("x")
def acosh_wrt_x(xp, grad, x):
    # Not sqrt(x**2 - 1): left of the imaginary axis that is the other branch.
    return grad / (xp.sqrt(x - 1) * xp.sqrt(x + 1))


@op
def atanh(xp: Namespace, x: Array, /) -> Array:
    """Inverse hyperbolic tangent, elementwise. The gradient at 1 and -1 is infinite."""
    return xp.atanh(x)


@atanh.gradient("x")
def atanh_wrt_x(xp, grad, x):
    return grad / ((1 - x) * (1 + x))


@op
def deg2rad(xp: Namespace, x: Array, /) -> Array:
    """Degrees as radians, elementwise."""
    return x * (math.pi / 180)


@deg2rad.gradient("x")
def deg2rad_wrt_x(xp, grad):
    return grad * (math.pi / 180)


@op
def rad2deg(xp: Namespace, x: Array, /) -> Array:
    """Radians as degrees, elementwise."""
    return x * (180 / math.pi)


@rad2deg.gradient("x")
def rad2deg_wrt_x(xp, grad):
    return grad * (180 / math.pi)


@op
def sinc(xp: Namespace, x: Array, /) -> Array:
    """``sin(pi * x) / (pi * x)``, elementwise; 1 at 0."""
    u = x * math.pi
    zero = u == 0
    return xp.where(zero, 1, xp.sin(u) / xp.where(zero, 1, u))


# The derivative of sin(u) / u: the sum of -2k (-1)**(k+1) / (2k + 1)! * u**(2k - 1) over k = 1, 2, …
_SINC_SERIES = [(-1) ** k * 2 * k / math.factorial(2 * k + 1) for k in range(1, 9)]


@sinc.gradient("x")
def sinc_wrt_x(xp, grad, x):
    # Near 0 the closed form cancels, and its derivatives fail at 0 itself: there the series takes its place. Each is
    # computed where it holds, and of a harmless number elsewhere.
    u = x * math.pi
    near = xp.abs(u) < 0.5
    small = xp.where(near, u, 0)
    square, series = small * small, 0.0
    for coefficient in reversed(_SINC_SERIES):
        series = series * square + coefficient
    large = xp.where(near, 1, u)
    closed = (xp.cos(large) - xp.sin(large) / large) / large
    return grad * (math.pi * xp.where(near, series * small, closed))
