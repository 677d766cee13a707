"""Statistical functions: reductions over none, one or several axes, in the standard's signatures."""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Axis, DType, Namespace

__all__ = ["max", "mean", "min", "std", "sum", "var"]


def _axes(axis: Axis, ndim: int) -> tuple[int, ...]:
    """Give the reduced axes, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    return tuple(item % ndim for item in ((axis,) if isinstance(axis, int) else axis))


def _kept(xp, reduced, axis, keepdims, shape):
    """Give a reduced array with the reduced axes as ones of length one, so that it broadcasts against `shape`."""
    if keepdims:
        return reduced
    axes = _axes(axis, len(shape))
    return xp.reshape(reduced, tuple(1 if i in axes else length for i, length in enumerate(shape)))


def _count(axis, shape):
    """Give how many elements go into each result."""
    return math.prod(shape[i] for i in _axes(axis, len(shape)))


@op
def sum(
    xp: Namespace, x: Array, /, *, axis: Axis = None, dtype: DType = None, keepdims: bool = False
) -> Array:
    """Sum over axes.

    Parameters
    ----------
    x
        Any shape and numeric data type.
    axis
        One axis, several, or None for all; an empty tuple reduces nothing.
    dtype
        The data type to sum in; by default that of `x`, small integers widened.
    keepdims
        Keep the reduced axes with length one.
    """
    return xp.sum(x, axis=axis, dtype=dtype, keepdims=keepdims)


@sum.gradient("x")
def sum_wrt_x(xp, grad, x_shape, axis, keepdims):
    return xp.broadcast_to(_kept(xp, grad, axis, keepdims, x_shape), x_shape)


@op
def mean(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Arithmetic mean over axes (see `sum`); of no elements, NaN."""
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.gradient("x")
def mean_wrt_x(xp, grad, x_shape, axis, keepdims):
    # Of no elements, nothing gets a gradient; 1 only keeps the division from failing.
    share = _kept(xp, grad, axis, keepdims, x_shape) / (_count(axis, x_shape) or 1)
    return xp.broadcast_to(share, x_shape)


@op
def var(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: Axis = None,
    correction: float = 0.0,
    keepdims: bool = False,
) -> Array:
    """Variance over axes: the mean squared distance from the mean, with ``N - correction`` in place of N.

    Parameters
    ----------
    x
        Floating data of any shape.
    axis, keepdims
        As in `sum`.
    correction
        1 gives the unbiased estimate.
    """
    if xp.isdtype(x.dtype, "complex floating"):  # not in the standard: both parts vary
        return var(xp.real(x), axis=axis, correction=correction, keepdims=keepdims) + var(
            xp.imag(x), axis=axis, correction=correction, keepdims=keepdims
        )
    return xp.var(x, axis=axis, correction=correction, keepdims=keepdims)


@var.gradient("x")
def var_wrt_x(xp, grad, x, axis, correction, keepdims):
    freedom = _count(axis, x.shape) - correction
    deviation = x - xp.mean(x, axis=axis, keepdims=True)
    if xp.isdtype(x.dtype, "complex floating"):
        deviation = xp.conj(deviation)
    factor = 2 / freedom if freedom > 0 else math.nan
    return _kept(xp, grad, axis, keepdims, x.shape) * factor * deviation


@op
def std(
    xp: Namespace,
    x: Array,
    /,
    *,
    axis: Axis = None,
    correction: float = 0.0,
    keepdims: bool = False,
) -> Array:
    """Standard deviation over axes: the square root of `var`. The gradient where it is 0 is 0."""
    if xp.isdtype(x.dtype, "complex floating"):
        return xp.sqrt(var(x, axis=axis, correction=correction, keepdims=keepdims))
    return xp.std(x, axis=axis, correction=correction, keepdims=keepdims)


@std.gradient("x")
def std_wrt_x(xp, grad, out, x, axis, correction, keepdims):
    flat = out == 0
    grad = xp.where(flat, 0, grad / (2 * xp.where(flat, 1, out)))
    return var_wrt_x(xp, grad, x, axis, correction, keepdims)


@op
def max(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The largest values over axes; NaN if there is one.

    Among equal values, over one axis (an int) the first one gets the gradient; over all or several axes they share it
    equally. That is PyTorch's ``max(dim)`` and ``amax``.
    """
    return xp.max(x, axis=axis, keepdims=keepdims)


@max.gradient("x")
def max_wrt_x(xp, grad, out, x, axis, keepdims):
    return _extreme_wrt_x(xp, grad, out, x, axis, keepdims, xp.argmax)


@op
def min(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """The smallest values over axes; NaN if there is one. Ties as in `max`."""
    return xp.min(x, axis=axis, keepdims=keepdims)


@min.gradient("x")
def min_wrt_x(xp, grad, out, x, axis, keepdims):
    return _extreme_wrt_x(xp, grad, out, x, axis, keepdims, xp.argmin)


def _extreme_wrt_x(xp, grad, out, x, axis, keepdims, first):
    grad = _kept(xp, grad, axis, keepdims, x.shape)
    if isinstance(axis, int) and x.ndim > 0:
        (axis,) = _axes(axis, x.ndim)
        positions = xp.reshape(xp.arange(x.shape[axis]), (-1,) + (1,) * (x.ndim - axis - 1))
        return xp.where(positions == first(x, axis=axis, keepdims=True), grad, 0)
    out = _kept(xp, out, axis, keepdims, x.shape)
    chosen = (x == out) | ((x != x) & (out != out))  # a NaN stands for itself
    count = xp.sum(xp.astype(chosen, grad.dtype), axis=axis, keepdims=True)
    return xp.where(chosen, grad / count, 0)
