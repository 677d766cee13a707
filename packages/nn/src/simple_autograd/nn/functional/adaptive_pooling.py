"""Pooling III: to a given size, with as many windows as that asks for.

The mathematics of ``layers/adaptive_pooling.py``. Of n windows over a length L, window i reaches from ``i * L // n``
to ``(i + 1) * L / n``, rounded up: where n does not divide L they differ in length. One axis is pooled after the other.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from ... import ops
from ...ops.resampling import AxisMap
from ...types import Array, Shape
from .arguments import backend_of_argument, refuse_complex
from .max_pooling import largest_of_windows
from .windows import Window, batched, lengths_of, per_axis

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]

OutputSize = int | Sequence[int | None] | None
"""How many windows: one number for every axis, or one for each; None for as many as there are elements."""


def adaptive_avg_pool2d(x: Array, output_size: OutputSize) -> Any:
    """The averages of as many windows as are asked for, over two axes.

    Parameters
    ----------
    x
        (N, C, H, W) or (C, H, W), floating.
    output_size
        (oH, oW), or one integer for both; None keeps the length of an axis.

    Returns
    -------
    Variable or array
        (N, C, oH, oW) or (C, oH, oW).

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.adaptive_avg_pool2d(np.arange(6.0).reshape(1, 2, 3), (1, 2))
    array([[[2., 3.]]])
    """
    return _average("adaptive_avg_pool2d", 2, x, output_size)


def adaptive_avg_pool1d(x: Array, output_size: OutputSize) -> Any:
    """The averages of as many windows as are asked for, over one axis (see `adaptive_avg_pool2d`)."""
    return _average("adaptive_avg_pool1d", 1, x, output_size)


def adaptive_avg_pool3d(x: Array, output_size: OutputSize) -> Any:
    """The averages of as many windows as are asked for, over three axes (see `adaptive_avg_pool2d`)."""
    return _average("adaptive_avg_pool3d", 3, x, output_size)


def adaptive_max_pool2d(x: Array, output_size: OutputSize, return_indices: bool = False) -> Any:
    """The largest elements of as many windows as are asked for, over two axes.

    Parameters
    ----------
    x
        (N, C, H, W) or (C, H, W), real floating.
    output_size
        (oH, oW), or one integer for both; None keeps the length of an axis.
    return_indices
        Give also where the largest elements are, as `max_pool2d` does.

    Returns
    -------
    Variable or array
        (N, C, oH, oW) or (C, oH, oW). With `return_indices` a pair, the positions second.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Notes
    -----
    Of equal elements the first one gets the gradient; NaN counts as larger than any number.
    """
    return _max("adaptive_max_pool2d", 2, x, output_size, return_indices)


def adaptive_max_pool1d(x: Array, output_size: OutputSize, return_indices: bool = False) -> Any:
    """The largest elements of as many windows as are asked for, over one axis (see `adaptive_max_pool2d`)."""
    return _max("adaptive_max_pool1d", 1, x, output_size, return_indices)


def adaptive_max_pool3d(x: Array, output_size: OutputSize, return_indices: bool = False) -> Any:
    """The largest elements of as many windows as are asked for, over three axes (see `adaptive_max_pool2d`)."""
    return _max("adaptive_max_pool3d", 3, x, output_size, return_indices)


# What is common to all numbers of axes --------------------------------------------------------------------------------


def _average(function: str, axes: int, x: Array, output_size: OutputSize) -> Any:
    x, has_samples = batched(function, x, axes)
    lengths = _lengths(function, x, axes)
    sizes = _sizes(function, output_size, lengths)
    if max(sizes) == 1:
        out = ops.mean(x, axis=tuple(range(2, len(x.shape))), keepdims=True)
    else:
        out = x
        for axis, (length, size) in enumerate(zip(lengths, sizes, strict=True), start=2):
            if size != length:
                out = ops.resample(out, axis=axis, along=_averages(length, size))
    return out if has_samples else out[0, ...]


def _max(function: str, axes: int, x: Array, output_size: OutputSize, return_indices: bool) -> Any:
    x, has_samples = batched(function, x, axes)
    refuse_complex(function, "x", x)
    lengths = _lengths(function, x, axes)
    sizes = _sizes(function, output_size, lengths)
    indices = _places(function, x, lengths) if return_indices else None
    if max(sizes) == 1:
        lines = _flat(x)
        winners = ops.argmax(lines, axis=-1, keepdims=True)
        x = ops.reshape(ops.pick_along_axis(lines, winners, axis=2), (*tuple(x.shape)[:2], *sizes))
        indices = _picked(indices, winners, sizes)
    else:
        # The last axis first: so of equal elements the first one in row-major order wins.
        for axis in reversed(range(axes)):
            if sizes[axis] != lengths[axis]:
                x, indices = _max_along(function, x, indices, axis, lengths[axis], sizes[axis])
    if not has_samples:
        x = x[0, ...]
        indices = None if indices is None else indices[0, ...]
    return x if indices is None else (x, indices)


def _max_along(
    function: str, x: Array, indices: Any, axis: int, length: int, size: int
) -> tuple[Any, Any]:
    """Give the largest elements of the windows along one of the last axes, and of `indices` those that belong there."""
    width = max([end - start for start, end in _spans(length, size)])
    if length % size:
        x = ops.resample(x, axis=axis + 2, along=_side_by_side(length, size))
        if indices is not None:
            indices = ops.resample(indices, axis=axis + 2, along=_side_by_side(length, size))
    axes = len(x.shape) - 2
    kernel = tuple([width if place == axis else 1 for place in range(axes)])
    window = Window(kernel, kernel, (1,) * axes, ((0, 0),) * axes)
    largest, winners = largest_of_windows(function, x, window, indices is not None)
    return largest, _picked(indices, winners, tuple(largest.shape)[2:])


def _places(function: str, x: Array, lengths: Shape) -> Array:
    """Give where each element is among all of its image, in the shape of `x`."""
    xp = backend_of_argument(function, "x", x).xp
    places = xp.reshape(xp.arange(math.prod(lengths), dtype=xp.int64), lengths)
    return xp.broadcast_to(places, tuple(x.shape))


def _picked(indices: Any, winners: Any, sizes: Shape) -> Any:
    """Give the indices that winners, places among all of an image, name; None if there are none."""
    if indices is None:
        return None
    found = ops.take_along_axis(_flat(indices), _flat(winners), axis=2)
    return ops.reshape(found, (*tuple(winners.shape)[:2], *sizes))


def _flat(x: Array) -> Any:
    """Give (N, C, ...) as (N, C, elements)."""
    return ops.reshape(x, (*tuple(x.shape)[:2], math.prod(tuple(x.shape)[2:])))


def _lengths(function: str, x: Array, axes: int) -> Shape:
    """Give the lengths of the last axes; raise if one is 0, and windows would have no elements."""
    lengths = lengths_of(x, axes)
    if 0 in lengths:
        raise ValueError(
            f"{function}: x has the lengths {lengths} along its last axes; needed is at least 1 along each."
        )
    return lengths


def _sizes(function: str, output_size: OutputSize, lengths: Shape) -> Shape:
    """Give how many windows there shall be along each axis."""
    several = isinstance(output_size, Sequence) and not isinstance(output_size, str)
    given: list[Any] = [*output_size] if several else [output_size] * len(lengths)  # type: ignore[misc]
    if len(given) == len(lengths):
        given = [n if size is None else size for size, n in zip(given, lengths, strict=True)]
    return per_axis(function, "output_size", given, len(lengths), 1)


@functools.lru_cache(maxsize=64)
def _averages(length: int, size: int) -> AxisMap:
    """Give the map from an axis to the averages of its windows."""
    terms = []
    for place, (start, end) in enumerate(_spans(length, size)):
        terms += [(place, source, 1 / (end - start)) for source in range(start, end)]
    return AxisMap(size, length, terms)


def _spans(length: int, size: int) -> list[tuple[int, int]]:
    """Give where each window begins, and ends."""
    return [(i * length // size, -((i + 1) * length // -size)) for i in range(size)]


@functools.lru_cache(maxsize=64)
def _side_by_side(length: int, size: int) -> AxisMap:
    """Give the map from an axis to its windows side by side, all as long as the longest: their last elements repeat."""
    spans = _spans(length, size)
    width = max([end - start for start, end in spans])
    places = [min(start + step, end - 1) for start, end in spans for step in range(width)]
    return AxisMap(size * width, length, [(to, place, 1) for to, place in enumerate(places)])
