"""Searching functions: by value, by condition, by order; and what holds for any or all elements."""

from __future__ import annotations

from ..op import op
from ..types import Array, Axis, Namespace
from .index_keys import plain

__all__ = [
    "all",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "nonzero",
    "searchsorted",
    "where",
]


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


@op(differentiable=False)
def count_nonzero(
    xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False
) -> Array:
    """How many elements are not zero, over axes. Not differentiable."""
    return xp.count_nonzero(x, axis=axis, keepdims=keepdims)


@op(differentiable=False)
def nonzero(xp: Namespace, x: Array, /) -> tuple[Array, ...]:
    """Where elements are not zero: for each axis their positions along it. Not differentiable."""
    return tuple(xp.nonzero(x))


def searchsorted(
    x1: Array, x2: Array, /, *, side: str = "left", sorter: Array | None = None
) -> Array:
    """Where elements would have to be put in to keep a vector sorted. Not differentiable.

    Parameters
    ----------
    x1
        (N,), in ascending order, or brought to it by `sorter`.
    x2
        Any shape; the result has it.
    side
        Before (``"left"``) or behind (``"right"``) those that are equal.
    sorter
        (N,), integers: the positions in `x1` in sorted order.
    """
    return _searchsorted(x1, x2, side=side, sorter=plain(sorter))


@op(differentiable=False)
def _searchsorted(
    xp: Namespace, x1: Array, x2: Array, /, *, side: str, sorter: Array | None
) -> Array:
    return xp.searchsorted(x1, x2, side=side, sorter=sorter)
