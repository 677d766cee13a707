"""NumPy's reductions and cumulative functions, with its keywords and defaults."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..ops.axes import as_tuple
from ..ops.data_types import as_floating
from ..variable import Variable
from . import ufunc_methods  # noqa: F401 - fills UFUNC_METHODS, of which these are made
from .dispatch import UFUNC_METHODS, arrays, implements, no_out, operands

__all__: list[str] = []

_NOT_GIVEN = np._NoValue

# `out` stands in these signatures for its position only, see `no_out`.


@implements(np.sum)
def _sum(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _NOT_GIVEN,
    where: Any = True,
) -> Variable:
    return UFUNC_METHODS[np.add, "reduce"](a, axis, dtype, out, keepdims, initial, where)


@implements(np.prod)
def _prod(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _NOT_GIVEN,
    where: Any = True,
) -> Variable:
    return UFUNC_METHODS[np.multiply, "reduce"](a, axis, dtype, out, keepdims, initial, where)


@implements(np.max, np.amax)
def _max(
    a: Variable,
    axis: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _NOT_GIVEN,
    where: Any = True,
) -> Variable:
    return UFUNC_METHODS[np.maximum, "reduce"](a, axis, None, out, keepdims, initial, where)


@implements(np.min, np.amin)
def _min(
    a: Variable,
    axis: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _NOT_GIVEN,
    where: Any = True,
) -> Variable:
    return UFUNC_METHODS[np.minimum, "reduce"](a, axis, None, out, keepdims, initial, where)


@implements(np.mean)
def _mean(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Variable:
    no_out(out)
    a = _as(a, dtype)
    if where is True:
        return ops.mean(a, axis=axis, keepdims=keepdims)
    return _sum(a, axis, None, None, keepdims, where=where) / _count(a, axis, keepdims, where)


@implements(np.var)
def _var(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = _NOT_GIVEN,
    correction: float | None = None,
) -> Variable:
    no_out(out)
    a, correction = _as(a, dtype), ddof if correction is None else correction
    dtype = ops.abs(a).dtype
    if where is True and mean is _NOT_GIVEN:
        return ops.var(a, axis=axis, correction=correction, keepdims=keepdims)
    if mean is _NOT_GIVEN:
        mean = _mean(a, axis, keepdims=True, where=where)
    squares = ops.square(ops.abs(a - mean))
    total = _sum(squares, axis, dtype, None, keepdims, where=where)
    # NumPy divides by 0 where nothing remains, and never by less.
    return total / ops.maximum(_count(a, axis, keepdims, where) - correction, 0)


@implements(np.std)
def _std(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = _NOT_GIVEN,
    correction: float | None = None,
) -> Variable:
    no_out(out)
    a, correction = _as(a, dtype), ddof if correction is None else correction
    if where is True and mean is _NOT_GIVEN:
        return ops.std(a, axis=axis, correction=correction, keepdims=keepdims)
    return _root(_var(a, axis, None, None, correction, keepdims, where=where, mean=mean))


def _root(variance: Variable) -> Variable:
    """Give the square root; the gradient where it is 0 is 0, as that of std."""
    flat = ops.equal(variance, 0)
    return ops.where(flat, 0, ops.sqrt(ops.where(flat, 1, variance)))


def _as(a: Variable, dtype: Any) -> Variable:
    return a if dtype is None else ops.astype(a, dtype, copy=False)


def _count(a: Variable, axis: Any, keepdims: bool, where: Any) -> Variable:
    """Give how many elements `where` leaves, as numbers that a sum can be divided by."""
    if where is True:
        where = ops.ones_like(a, dtype="bool")
    chosen = ops.broadcast_to(ops.asarray(where), a.shape)
    count = ops.count_nonzero(chosen, axis=axis, keepdims=keepdims)
    return ops.astype(count, as_floating(ops.abs(a)).dtype)


@implements(np.ptp)
def _ptp(a: Variable, axis: Any = None, out: Any = None, keepdims: bool = False) -> Variable:
    no_out(out)
    return ops.max(a, axis=axis, keepdims=keepdims) - ops.min(a, axis=axis, keepdims=keepdims)


@implements(np.average)
def _average(
    a: Any,
    axis: Any = None,
    weights: Any = None,
    returned: bool = False,
    *,
    keepdims: bool = False,
) -> Any:
    a = ops.asarray(a)
    if weights is None:
        result = ops.mean(a, axis=axis, keepdims=keepdims)
        total = ops.full_like(result, a.size / max(result.size, 1))
    else:
        weights = ops.asarray(weights)
        if weights.shape != a.shape:
            axes = None if axis is None else as_tuple(axis)
            if axes is None or tuple(weights.shape) != tuple(a.shape[i] for i in axes):
                raise ValueError(
                    f"np.average: weights of shape {tuple(weights.shape)}; needed is that of a, {tuple(a.shape)}, or "
                    f"the lengths of the axes."
                )
            order = np.argsort([i % a.ndim for i in axes])
            weights = ops.permute_dims(weights, tuple(int(i) for i in order))
            kept = {i % a.ndim for i in axes}
            weights = ops.reshape(
                weights, tuple(n if i in kept else 1 for i, n in enumerate(a.shape))
            )
            weights = ops.broadcast_to(weights, a.shape)
        total = ops.sum(weights, axis=axis, keepdims=keepdims)
        result = ops.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (result, total) if returned else result


# Without NaN ------------------------------------------------------------------------------------------------------


@implements(np.nansum)
def _nansum(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _NOT_GIVEN,
    where: Any = True,
) -> Variable:
    return _sum(_filled(a, 0), axis, dtype, out, keepdims, initial, where)


@implements(np.nanprod)
def _nanprod(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = _NOT_GIVEN,
    where: Any = True,
) -> Variable:
    return _prod(_filled(a, 1), axis, dtype, out, keepdims, initial, where)


def _filled(a: Variable, value: float) -> Variable:
    return ops.where(ops.isnan(a), value, a)


def _chosen(a: Variable, where: Any) -> Variable:
    """Put NaN, which these functions leave out, where `where` is False."""
    if where is True:
        return a
    a = a if a._backend.is_floating(a.dtype) else ops.astype(a, "float64")
    where, a = operands(where, a)
    return ops.where(where, a, np.nan)


@implements(np.nanmean)
def _nanmean(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Variable:
    no_out(out)
    return ops.nanmean(_chosen(_as(a, dtype), where), axis=axis, keepdims=keepdims)


@implements(np.nanvar)
def _nanvar(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = _NOT_GIVEN,
    correction: float | None = None,
) -> Variable:
    no_out(out)
    a, correction = _chosen(_as(a, dtype), where), ddof if correction is None else correction
    if mean is _NOT_GIVEN:
        return ops.nanvar(a, axis=axis, correction=correction, keepdims=keepdims)
    there = ops.logical_not(ops.isnan(a))
    return _var(_filled(a, 0), axis, None, None, correction, keepdims, where=there, mean=mean)


@implements(np.nanstd)
def _nanstd(
    a: Variable,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = True,
    mean: Any = _NOT_GIVEN,
    correction: float | None = None,
) -> Variable:
    no_out(out)
    a, correction = _chosen(_as(a, dtype), where), ddof if correction is None else correction
    if mean is _NOT_GIVEN:
        return ops.nanstd(a, axis=axis, correction=correction, keepdims=keepdims)
    return _root(_nanvar(a, axis, None, None, correction, keepdims, mean=mean))


def _extreme(function: Any, reduction: Any, pair: Any, nan_reduction: Any) -> None:
    """Register ``np.nanmax`` or its like."""

    def extreme(
        a: Variable,
        axis: Any = None,
        out: Any = None,
        keepdims: bool = False,
        initial: Any = _NOT_GIVEN,
        where: Any = True,
    ) -> Variable:
        no_out(out)
        if not a._backend.is_floating(a.dtype):
            return reduction(a, axis, None, keepdims, initial, where)
        found = nan_reduction(_chosen(a, where), axis=axis, keepdims=keepdims)
        if initial is _NOT_GIVEN:
            return found
        (initial,) = arrays(initial)
        return pair(found, ops.astype(initial, found.dtype, copy=False))

    implements(function)(extreme)


_extreme(np.nanmax, _max, ops.fmax, ops.nanmax)
_extreme(np.nanmin, _min, ops.fmin, ops.nanmin)


# Cumulative -------------------------------------------------------------------------------------------------------


def _cumulative(function: Any, op: Any, neutral: float | None = None) -> None:
    """Register a cumulative function of NumPy's older kind; `neutral` takes the place of NaN."""

    def cumulative(
        a: Variable, axis: int | None = None, dtype: Any = None, out: Any = None
    ) -> Variable:
        no_out(out)
        if neutral is not None:
            a = _filled(a, neutral)
        return op(
            ops.reshape(a, (-1,)) if axis is None else a,
            axis=0 if axis is None else axis,
            dtype=None if dtype is None else np.dtype(dtype),
        )

    implements(function)(cumulative)


_cumulative(np.cumsum, ops.cumulative_sum)
_cumulative(np.cumprod, ops.cumulative_prod)
_cumulative(np.nancumsum, ops.cumulative_sum, 0)
_cumulative(np.nancumprod, ops.cumulative_prod, 1)


@implements(np.cumulative_sum)
def _cumulative_sum(
    x: Variable,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    out: Any = None,
    include_initial: bool = False,
) -> Variable:
    return ops.cumulative_sum(x, axis=axis, dtype=dtype, include_initial=include_initial)


@implements(np.cumulative_prod)
def _cumulative_prod(
    x: Variable,
    /,
    *,
    axis: int | None = None,
    dtype: Any = None,
    out: Any = None,
    include_initial: bool = False,
) -> Variable:
    return ops.cumulative_prod(x, axis=axis, dtype=dtype, include_initial=include_initial)
