"""Several axes as one: for functions that go along one axis, asked to go over several. No op is here."""

from __future__ import annotations

import math

from ..types import Array, Axis, Shape
from .axes import all_axes
from .manipulation import permute_dims, reshape

__all__ = ["as_lines", "from_lines", "reduced_shape"]


def as_lines(x: Array, axis: Axis) -> Array:
    """Give `x` with the axes meant by `axis` as one, the last; the others keep their order."""
    ndim = len(x.shape)
    axes = all_axes(axis, ndim)
    others = tuple([i for i in range(ndim) if i not in axes])
    if (*others, *axes) != tuple(range(ndim)):
        x = permute_dims(x, (*others, *axes))
    if len(axes) == 1:
        return x
    kept = x.shape[: len(others)]
    return reshape(x, (*kept, math.prod(x.shape[len(others) :])))


def from_lines(lines: Array, shape: Shape, axis: Axis) -> Array:
    """Undo `as_lines`: give an array of the shape that was brought to lines."""
    ndim = len(shape)
    axes = all_axes(axis, ndim)
    order = (*[i for i in range(ndim) if i not in axes], *axes)
    if len(axes) != 1:
        lines = reshape(lines, tuple([shape[i] for i in order]))
    if order == tuple(range(ndim)):
        return lines
    return permute_dims(lines, tuple([order.index(i) for i in range(ndim)]))


def reduced_shape(shape: Shape, axis: Axis, keepdims: bool) -> Shape:
    """Give the shape that a reduction leaves."""
    axes = all_axes(axis, len(shape))
    if keepdims:
        return tuple([1 if i in axes else length for i, length in enumerate(shape)])
    return tuple([length for i, length in enumerate(shape) if i not in axes])
