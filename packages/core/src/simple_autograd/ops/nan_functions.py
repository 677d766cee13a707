"""Statistical functions III: reductions that leave NaN out. What is left out gets the gradient 0."""

from __future__ import annotations

import math

from ..types import Array, Axis, DType
from .arithmetic import divide, subtract
from .comparison import isnan, logical_not
from .data_types import astype
from .powers import sqrt
from .searching import all, where
from .statistical import max, min, prod, sum

__all__ = ["nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def nansum(
    x: Array, /, *, axis: Axis = None, dtype: DType = None, keepdims: bool = False
) -> Array:
    """`sum` of the elements that are not NaN; 0 where there is none."""
    return sum(where(isnan(x), 0, x), axis=axis, dtype=dtype, keepdims=keepdims)


def nanprod(
    x: Array, /, *, axis: Axis = None, dtype: DType = None, keepdims: bool = False
) -> Array:
    """`prod` of the elements that are not NaN; 1 where there is none."""
    return prod(where(isnan(x), 1, x), axis=axis, dtype=dtype, keepdims=keepdims)


def nanmean(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """`mean` of the elements that are not NaN; NaN where there is none."""
    total = nansum(x, axis=axis, keepdims=keepdims)
    return divide(total, _count(x, axis, keepdims))


def nanvar(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """`var` of the elements that are not NaN; NaN where there are too few."""
