"""Searching and testing: where, argmax, argmin, any, all."""

from __future__ import annotations

from ..op import op
from ..types import Array, Axis, Namespace

__all__ = ["all", "any", "argmax", "argmin", "where"]


@op
def where(xp: Namespace, condition: Array, x1: Array, x2: Array, /) -> Array:
    """Elements of `x1` where `condition` holds, of `x2` elsewhere.

    What is not chosen gets the gradient 0, even where it is infinite or NaN. (An operation *before* that made it so
    may still turn this 0 into NaN: guard its argument as well.)
    """
    return xp.where(condition, x1, x2)


@where.gradient("x1")
def where_wrt_x1(xp, grad, condition):
    return xp.where(condition, grad, 0)


@where.gradient("x2")
def where_wrt_x2(xp, grad, condition):
    return xp.where(condition, 0, grad)


@op(differentiable=False)
def argmax(xp: Namespace, x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first largest value along an axis, or among all. Not differentiable."""
    return xp.argmax(x, axis=axis, keepdims=keepdims)


@op(differentiable=False)
def argmin(xp: Namespace, x: Array, /, *, axis: int | None = None, keepdims: bool = False) -> Array:
    """The index of the first smallest value along an axis, or among all. Not differentiable."""
    return xp.argmin(x, axis=axis, keepdims=keepdims)


@op(differentiable=False)
def all(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether all elements are true (not zero) over axes. Not differentiable."""
    return xp.all(x, axis=axis, keepdims=keepdims)


@op(differentiable=False)
def any(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Whether any element is true (not zero) over axes. Not differentiable."""
    return xp.any(x, axis=axis, keepdims=keepdims)
