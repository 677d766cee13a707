"""Elementwise functions that choose or confine: the larger, the smaller, within bounds, finite."""

from __future__ import annotations

import math
from typing import Any

from ..op import op
from ..types import Array, Namespace
from .arguments import as_array

__all__ = [
    "clip",
    "fmax",
    "fmin",
    "maximum",
    "minimum",
    "nan_to_num",
]


@op
def maximum(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The larger of two, elementwise; NaN if either is. Equal elements share the gradient in halves."""
    return xp.maximum(x1, x2)


@maximum.gradient("x1")
def maximum_wrt_x1(xp, grad, x1, x2):
    return xp.where(x1 < x2, 0, xp.where(x1 == x2, grad / 2, grad))


@maximum.gradient("x2")
def maximum_wrt_x2(xp, grad, x1, x2):
    return xp.where(x2 < x1, 0, xp.where(x2 == x1, grad / 2, grad))


@op
def minimum(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The smaller of two, elementwise; NaN if either is. Equal elements share the gradient in halves."""
    return xp.minimum(x1, x2)


@minimum.gradient("x1")
def minimum_wrt_x1(xp, grad, x1, x2):
    return xp.where(x1 > x2, 0, xp.where(x1 == x2, grad / 2, grad))


@minimum.gradient("x2")
def minimum_wrt_x2(xp, grad, x1, x2):
    return xp.where(x2 > x1, 0, xp.where(x2 == x1, grad / 2, grad))


@op
def fmax(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The larger of two, elementwise; a number rather than NaN. Of equal elements `x1` gets the gradient."""
    x1, x2 = as_array(xp, x1, x2), as_array(xp, x2, x1)
    return xp.where(xp.isnan(x1), x2, xp.where(xp.isnan(x2), x1, xp.maximum(x1, x2)))


@fmax.gradient("x1")
def fmax_wrt_x1(xp, grad, x1, x2):
    return xp.where((x1 >= x2) | (x2 != x2), grad, 0)


@fmax.gradient("x2")
def fmax_wrt_x2(xp, grad, x1, x2):
    return xp.where((x1 >= x2) | (x2 != x2), 0, grad)


@op
def fmin(xp: Namespace, x1: Array, x2: Array, /) -> Array:
    """The smaller of two, elementwise; a number rather than NaN. Of equal elements `x1` gets the gradient."""
    x1, x2 = as_array(xp, x1, x2), as_array(xp, x2, x1)
    return xp.where(xp.isnan(x1), x2, xp.where(xp.isnan(x2), x1, xp.minimum(x1, x2)))


@fmin.gradient("x1")
def fmin_wrt_x1(xp, grad, x1, x2):
    return xp.where((x1 <= x2) | (x2 != x2), grad, 0)


@fmin.gradient("x2")
def fmin_wrt_x2(xp, grad, x1, x2):
    return xp.where((x1 <= x2) | (x2 != x2), 0, grad)


def clip(x: Array, /, min: Any = None, max: Any = None) -> Array:
    """The elements confined to [min, max]; None leaves that side open.

    Parameters
    ----------
    x
        Any shape, real.
    min, max
        Arrays that broadcast with `x`, or numbers.

    Notes
    -----
    The gradient passes to `x` where it lies within, borders included, and to a border where `x` lies beyond it.
    Where ``min > max`` the result is `max`, as in NumPy and PyTorch.
    """
    return _clip(x, min, max)


@op
def _clip(xp: Namespace, x: Array, min: Array | None, max: Array | None, /) -> Array:
    return xp.clip(x, min, max)


@_clip.gradient("x")
def clip_wrt_x(xp, grad, x, min, max):
    if min is not None:
        grad = xp.where(x < min, 0, grad)
    return grad if max is None else xp.where(x > max, 0, grad)


@_clip.gradient("min")
def clip_wrt_min(xp, grad, x, min, max):
    grad = xp.where(x < min, grad, 0)
    return grad if max is None else xp.where(min < max, grad, 0)


@_clip.gradient("max")
def clip_wrt_max(xp, grad, x, min, max):
    beyond = x > max
    return xp.where(beyond if min is None else beyond | (max < min), grad, 0)


def nan_to_num(
    x: Array, /, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """The elements with numbers in the place of NaN and infinities.

    Parameters
    ----------
    x
        Any shape and data type; of complex elements both parts are treated.
    nan
        What to put for NaN.
    posinf, neginf
        What to put for the infinities; None means the largest and the smallest number of the data type.

    Notes
    -----
    The gradient of what was replaced is 0.
    """
    return _nan_to_num(x, nan=nan, posinf=posinf, neginf=neginf)


@op
def _nan_to_num(
    xp: Namespace, x: Array, /, *, nan: float, posinf: float | None, neginf: float | None
) -> Array:
    if xp.isdtype(x.dtype, "complex floating"):
        parts = [_finite(xp, part, nan, posinf, neginf) for part in (xp.real(x), xp.imag(x))]
        return parts[0] + 1j * parts[1]
    return _finite(xp, x, nan, posinf, neginf)


def _finite(xp, x, nan, posinf, neginf):
    if not xp.isdtype(x.dtype, "real floating"):
        return xp.asarray(x, copy=True)
    limits = xp.finfo(x.dtype)
    x = xp.where(x != x, nan, x)
    x = xp.where(x == math.inf, float(limits.max) if posinf is None else posinf, x)
    return xp.where(x == -math.inf, float(limits.min) if neginf is None else neginf, x)


@_nan_to_num.gradient("x")
def nan_to_num_wrt_x(xp, grad, x):
    if not xp.isdtype(x.dtype, "complex floating"):
        return xp.where(xp.isfinite(x), grad, 0)
    real = xp.where(xp.isfinite(xp.real(x)), xp.real(grad), 0)
    return real + 1j * xp.where(xp.isfinite(xp.imag(x)), xp.imag(grad), 0)
