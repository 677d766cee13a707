"""Elementwise functions IV: comparisons, logic and bits. None is differentiable; the results have no gradient."""

from __future__ import annotations

from ..op import op
from ..types import Array, Namespace

__all__ = [
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "equal",
    "greater",
    "greater_equal",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
]


@op(differentiable=False)
def equal(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether elements are equal, elementwise: ``x1 == x2``."""
    return xp.equal(x1, x2)


@op(differentiable=False)
def not_equal(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether elements differ, elementwise: ``x1 != x2``."""
    return xp.not_equal(x1, x2)


@op(differentiable=False)
def less(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether elements of `x1` are smaller, elementwise: ``x1 < x2``."""
    return xp.less(x1, x2)


@op(differentiable=False)
def less_equal(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether elements of `x1` are smaller or equal, elementwise: ``x1 <= x2``."""
    return xp.less_equal(x1, x2)


@op(differentiable=False)
def greater(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether elements of `x1` are larger, elementwise: ``x1 > x2``."""
    return xp.greater(x1, x2)


@op(differentiable=False)
def greater_equal(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether elements of `x1` are larger or equal, elementwise: ``x1 >= x2``."""
    return xp.greater_equal(x1, x2)


@op(differentiable=False)
def bitwise_and(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """And, elementwise: ``x1 & x2``."""
    return xp.bitwise_and(x1, x2)


@op(differentiable=False)
def bitwise_or(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Or, elementwise: ``x1 | x2``."""
    return xp.bitwise_or(x1, x2)


@op(differentiable=False)
def bitwise_xor(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Exclusive or, elementwise: ``x1 ^ x2``."""
    return xp.bitwise_xor(x1, x2)


@op(differentiable=False)
def bitwise_left_shift(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Bits shifted to the left, elementwise: ``x1 << x2``."""
    return xp.bitwise_left_shift(x1, x2)


@op(differentiable=False)
def bitwise_right_shift(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Bits shifted to the right, elementwise: ``x1 >> x2``."""
    return xp.bitwise_right_shift(x1, x2)


@op(differentiable=False)
def logical_and(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether both are true, elementwise."""
    return xp.logical_and(x1, x2)


@op(differentiable=False)
def logical_or(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether either is true, elementwise."""
    return xp.logical_or(x1, x2)


@op(differentiable=False)
def logical_xor(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """Whether exactly one is true, elementwise."""
    return xp.logical_xor(x1, x2)


@op(differentiable=False)
def bitwise_invert(xp: Namespace, x: Array, /) -> Array:
    """The bits inverted; for booleans, not: ``~x``."""
    return xp.bitwise_invert(x)


@op(differentiable=False)
def logical_not(xp: Namespace, x: Array, /) -> Array:
    """Whether elements are false, elementwise."""
    return xp.logical_not(x)


@op(differentiable=False)
def isfinite(xp: Namespace, x: Array, /) -> Array:
    """Whether elements are neither infinite nor NaN, elementwise."""
    return xp.isfinite(x)


@op(differentiable=False)
def isinf(xp: Namespace, x: Array, /) -> Array:
    """Whether elements are infinite, elementwise."""
    return xp.isinf(x)


@op(differentiable=False)
def isnan(xp: Namespace, x: Array, /) -> Array:
    """Whether elements are NaN, elementwise."""
    return xp.isnan(x)
