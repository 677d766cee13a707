"""Statistical functions III: reductions that leave NaN out. What is left out gets the gradient 0."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..types import Array, Axis, DType
from .arithmetic import abs, divide, subtract
from .comparison import equal, greater, isnan
from .data_types import as_floating, astype
from .powers import sqrt, square
from .searching import all, any, count_nonzero, where
from .statistical import max, min, prod, sum

__all__ = ["nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar"]


def nansum(x: Array, /, *, axis: Axis = None, dtype: DType = None, keepdims: bool = False) -> Array:
    """`sum` of the elements that are not NaN; 0 where there is none."""
    return sum(where(isnan(x), 0, x), axis=axis, dtype=dtype, keepdims=keepdims)


def nanprod(
    x: Array, /, *, axis: Axis = None, dtype: DType = None, keepdims: bool = False
) -> Array:
    """`prod` of the elements that are not NaN; 1 where there is none."""
    return prod(where(isnan(x), 1, x), axis=axis, dtype=dtype, keepdims=keepdims)


def nanmean(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """`mean` of the elements that are not NaN; NaN where there is none."""
    x = as_floating(x)
    total = nansum(x, axis=axis, keepdims=keepdims)
    return divide(total, _freedom(x, axis, 0.0, keepdims))


def nanvar(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """`var` of the elements that are not NaN; NaN where there are no more than `correction` of them."""
    x = as_floating(x)
    distance = where(isnan(x), 0, subtract(x, nanmean(x, axis=axis, keepdims=True)))
    squares = square(abs(distance) if "complex" in str(x.dtype) else distance)
    return divide(
        sum(squares, axis=axis, keepdims=keepdims), _freedom(x, axis, correction, keepdims)
    )


def nanstd(
    x: Array, /, *, axis: Axis = None, correction: float = 0.0, keepdims: bool = False
) -> Array:
    """The square root of `nanvar`. The gradient where it is 0 is 0."""
    variance = nanvar(x, axis=axis, correction=correction, keepdims=keepdims)
    flat = equal(variance, 0)
    return where(flat, 0, sqrt(where(flat, 1, variance)))


def nanmax(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """`max` of the elements that are not NaN; NaN where there is none."""
    return _extreme(max, -math.inf, x, axis, keepdims)


def nanmin(x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """`min` of the elements that are not NaN; NaN where there is none."""
    return _extreme(min, math.inf, x, axis, keepdims)


def _extreme(
    function: Callable[..., Array], filling: float, x: Array, axis: Axis, keepdims: bool
) -> Array:
    missing = isnan(x)
    if not any(missing):  # so it is for integers, which have no NaN to fill in
        return function(x, axis=axis, keepdims=keepdims)
    found = function(where(missing, filling, x), axis=axis, keepdims=keepdims)
    return where(all(missing, axis=axis, keepdims=keepdims), math.nan, found)


def _freedom(x: Array, axis: Axis, correction: float, keepdims: bool) -> Array:
    """Give the number of elements that are not NaN, less the correction; NaN where nothing remains."""
    count = count_nonzero(equal(x, x), axis=axis, keepdims=keepdims)
    freedom = subtract(astype(count, abs(x).dtype), correction)
    return where(greater(freedom, 0), freedom, math.nan)
