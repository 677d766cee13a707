"""Elementwise functions II: exponentials and logarithms, and the logarithm of a sum of exponentials."""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Axis, Namespace
from .activation import sigmoid
from .statistical import _kept

__all__ = [
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "logsumexp",
]

_LN2 = math.log(2)


@op(precision="float32")
def exp(xp: Namespace, x: Array, /) -> Array:
    """``e`` to the power of `x`, elementwise."""
    return xp.exp(x)


@exp.gradient("x")
def exp_wrt_x(xp, grad, out):
    return grad * out


@op(precision="float32")
def exp2(xp: Namespace, x: Array, /) -> Array:
    """2 to the power of `x`, elementwise."""
    return xp.pow(2.0, x)


@exp2.gradient("x")
def exp2_wrt_x(xp, grad, out):
    return grad * (out * _LN2)


@op(precision="float32")
def expm1(xp: Namespace, x: Array, /) -> Array:
    """``exp(x) - 1``, elementwise, accurate for small `x` too."""
    return xp.expm1(x)


@expm1.gradient("x")
def expm1_wrt_x(xp, grad, out):
    return grad * (out + 1)


@op(precision="float32")
def log(xp: Namespace, x: Array, /) -> Array:
    """Natural logarithm, elementwise. The gradient at 0 is infinite."""
    return xp.log(x)


@log.gradient("x")
def log_wrt_x(xp, grad, x):
    return grad / x


@op(precision="float32")
def log1p(xp: Namespace, x: Array, /) -> Array:
    """``log(1 + x)``, elementwise, accurate for small `x` too."""
    return xp.log1p(x)


@log1p.gradient("x")
def log1p_wrt_x(xp, grad, x):
    return grad / (x + 1)


@op(precision="float32")
def log2(xp: Namespace, x: Array, /) -> Array:
    """Logarithm to the base 2, elementwise."""
    return xp.log2(x)


@log2.gradient("x")
def log2_wrt_x(xp, grad, x):
    return grad / (x * _LN2)


@op(precision="float32")
def log10(xp: Namespace, x: Array, /) -> Array:
    """Logarithm to the base 10, elementwise."""
    return xp.log10(x)


@log10.gradient("x")
def log10_wrt_x(xp, grad, x):
    return grad / (x * math.log(10))


@op(precision="float32")
def logaddexp(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """``log(exp(x1) + exp(x2))``, elementwise, without overflow.

    Equal infinities share the gradient in halves, as equal finite numbers do.
    """
    return xp.logaddexp(x1, x2)


@logaddexp.gradient("x1")
def logaddexp_wrt_x1(xp, grad, x1, x2):
    return grad * sigmoid(_gap(xp, x1, x2))


@logaddexp.gradient("x2")
def logaddexp_wrt_x2(xp, grad, x1, x2):
    return grad * sigmoid(_gap(xp, x2, x1))


@op(precision="float32")
def logaddexp2(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """``log2(2**x1 + 2**x2)``, elementwise, without overflow. Equal infinities share the gradient in halves."""
    return xp.logaddexp(x1 * _LN2, x2 * _LN2) / _LN2


@logaddexp2.gradient("x1")
def logaddexp2_wrt_x1(xp, grad, x1, x2):
    return grad * sigmoid(_gap(xp, x1, x2) * _LN2)


@logaddexp2.gradient("x2")
def logaddexp2_wrt_x2(xp, grad, x1, x2):
    return grad * sigmoid(_gap(xp, x2, x1) * _LN2)


def _gap(xp, x1, x2):
    """Give ``x1 - x2``, and 0 between equal infinities."""
    gap = x1 - x2
    return xp.where((x1 == x2) & (gap != gap), 0, gap)


@op(precision="float32")
def logsumexp(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The logarithm of the sum of exponentials over axes, without overflow.

    Parameters
    ----------
    x
        Floating data of any shape, real or complex.
    axis
        One axis, several, or None for all; an empty tuple reduces nothing.
    keepdims
        Keep the reduced axes with length one.

    Notes
    -----
    The gradient is `softmax`; infinite elements that make the result infinite share it equally. Of no elements the
    result is -inf.
    """
    if x.size == 0:
        return xp.log(xp.sum(xp.exp(x), axis=axis, keepdims=keepdims))
    size = xp.real(x) if xp.isdtype(x.dtype, "complex floating") else x
    peak = xp.max(size, axis=axis, keepdims=True)
    peak = xp.where(xp.isfinite(peak), peak, 0)
    total = xp.sum(xp.exp(x - peak), axis=axis, keepdims=keepdims)
    return xp.log(total) + (peak if keepdims else xp.reshape(peak, total.shape))


@logsumexp.gradient("x")
def logsumexp_wrt_x(xp, grad, out, x, axis, keepdims):
    out, grad = (_kept(xp, value, axis, keepdims, x.shape) for value in (out, grad))
    # The weights sum to 1 already, up to rounding, but for equal infinities, which each have the weight 1.
    weights = xp.exp(xp.where(x == out, 0, x - out))
    return grad * weights / xp.sum(weights, axis=axis, keepdims=True)
