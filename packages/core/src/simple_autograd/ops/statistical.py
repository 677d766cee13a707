"""Statistical functions I: reductions over none, one or several axes, in the standard's signatures.

Medians and quantiles are in ``order_statistics.py``, reductions that leave NaN out in ``nan_functions.py``.
"""

from __future__ import annotations

import math

from ..op import op
from ..types import Array, Axis, DType, Namespace
from .axes import all_axes
from .gathering import place_along_axis
from .lines import as_lines, from_lines
from .manipulation import broadcast_to

__all__ = ["max", "mean", "min", "prod", "std", "sum", "var"]


def _kept(xp, reduced, axis, keepdims, shape):
    """Give a reduced array in a shape that broadcasts to `shape`: with the reduced axes as ones of length one."""
    if keepdims or axis is None:
        return reduced  # of no axes, in the second case, which broadcasts as it is
    axes = all_axes(axis, len(shape))
    return xp.reshape(reduced, tuple(1 if i in axes else length for i, length in enumerate(shape)))


def _count(axis, shape):
    """Give how many elements go into each result."""
    return math.prod(shape[i] for i in all_axes(axis, len(shape)))


@op(precision="float32")
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
    return broadcast_to(_kept(xp, grad, axis, keepdims, x_shape), x_shape)


@op(precision="float32")
def prod(
    xp: Namespace, x: Array, /, *, axis: Axis = None, dtype: DType = None, keepdims: bool = False
) -> Array:
    """Product over axes (see `sum`); of no elements, 1. The gradient is right where elements are 0, too."""
    return xp.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)


@prod.gradient("x")
def prod_wrt_x(xp, grad, out, x, axis, dtype, keepdims):
    if dtype is not None:
        x = xp.astype(x, dtype)
    if bool(xp.all(xp.isfinite(out) & (out != 0))):
        return _kept(xp, grad * out, axis, keepdims, x.shape) / x
    # The product of all others, without a division: of those before times those behind.
    lines = as_lines(x, axis)
    if lines.shape[-1] == 0:
        return x
    before = xp.cumulative_prod(lines[..., :-1], axis=-1, include_initial=True)
    behind = xp.flip(lines, axis=-1)[..., :-1]
    behind = xp.flip(xp.cumulative_prod(behind, axis=-1, include_initial=True), axis=-1)
    others = from_lines(before * behind, x.shape, axis)
    return _kept(xp, grad, axis, keepdims, x.shape) * others


@op
def mean(xp: Namespace, x: Array, /, *, axis: Axis = None, keepdims: bool = False) -> Array:
    """Arithmetic mean over axes (see `sum`); of no elements, NaN."""
    return xp.mean(x, axis=axis, keepdims=keepdims)


@mean.gradient("x")
def mean_wrt_x(xp, grad, x_shape, axis, keepdims):
    # Of no elements, nothing gets a gradient; 1 only keeps the division from failing.
    share = _kept(xp, grad, axis, keepdims, x_shape) / (_count(axis, x_shape) or 1)
    return broadcast_to(share, x_shape)


@op(precision="float32")
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


@op(precision="float32")
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
    if axis is not None and not isinstance(axis, tuple) and x.ndim > 0:
        (axis,) = all_axes(axis, x.ndim)
        grad = grad if keepdims else xp.expand_dims(grad, axis=axis)
        places = first(x, axis=axis, keepdims=True)
        return place_along_axis(grad, places, axis=axis, length=x.shape[axis])
    grad = _kept(xp, grad, axis, keepdims, x.shape)
    out = _kept(xp, out, axis, keepdims, x.shape)
    chosen = (x == out) | ((x != x) & (out != out))  # a NaN stands for itself
    count = xp.sum(xp.astype(chosen, grad.dtype), axis=axis, keepdims=True)
    return xp.where(chosen, grad / count, 0)
