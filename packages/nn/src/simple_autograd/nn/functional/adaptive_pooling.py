"""Pooling III: to a given size, with as many windows as that asks for.

The mathematics of ``layers/adaptive_pooling.py``. Of n windows over a length L, window i reaches from ``i * L // n``
to ``(i + 1) * L / n``, rounded up. Where n divides L they are ordinary windows side by side; where it does not, they
differ in length, and their elements are gathered.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from ... import ops
from ...backends import Backend
from ...types import Array, Shape
from .arguments import backend_of_argument
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
    window = _side_by_side(lengths, sizes)
    if window is not None:
        parts = [n for pair in zip(sizes, window.kernel, strict=True) for n in pair]
        cut = ops.reshape(x, (*tuple(x.shape)[:2], *parts))
        out = ops.mean(cut, axis=tuple(range(3, len(cut.shape), 2)))
    else:
        backend = backend_of_argument(function, "x", x)
        gathered = _gathered(x, lengths, sizes, backend)
        _, inside = _windows(lengths, sizes)
        counts = backend.asarray([sum(row) for row in inside], dtype=x.dtype)
        total = ops.sum(ops.where(backend.asarray(inside), gathered, 0), axis=-1)
        out = ops.reshape(ops.divide(total, counts), (*tuple(x.shape)[:2], *sizes))
    return out if has_samples else out[0, ...]


def _max(function: str, axes: int, x: Array, output_size: OutputSize, return_indices: bool) -> Any:
    x, has_samples = batched(function, x, axes)
    lengths = _lengths(function, x, axes)
    sizes = _sizes(function, output_size, lengths)
    window = _side_by_side(lengths, sizes)
    if window is not None:
        largest, indices = largest_of_windows(function, x, window, return_indices)
    else:
        backend = backend_of_argument(function, "x", x)
        gathered = _gathered(x, lengths, sizes, backend)
        *ahead, count, width = gathered.shape
        lines = ops.reshape(gathered, (*ahead, count * width))
        window = Window((width,), (width,), (1,), ((0, 0),))
        largest, indices = largest_of_windows(function, lines, window, return_indices)
        largest = ops.reshape(largest, (*ahead, *sizes))
        if return_indices:
            table = backend.asarray(_windows(lengths, sizes)[0])
            indices = ops.take(
                ops.reshape(table, (-1,)), ops.reshape(indices, largest.shape), axis=0
            )
    if not has_samples:
        largest = largest[0, ...]
        indices = indices[0, ...] if return_indices else None
    return (largest, indices) if return_indices else largest


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


def _side_by_side(lengths: Shape, sizes: Shape) -> Window | None:
    """Give the window whose places side by side are the windows, if there is one."""
    if any([n % size for n, size in zip(lengths, sizes, strict=True)]):
        return None
    kernel = tuple([n // size for n, size in zip(lengths, sizes, strict=True)])
    return Window(kernel, kernel, (1,) * len(kernel), ((0, 0),) * len(kernel))


def _gathered(x: Array, lengths: Shape, sizes: Shape, backend: Backend) -> Any:
    """Give the elements of every window, (N, C, number of windows, elements of the longest)."""
    ahead = tuple(x.shape)[:2]
    positions = backend.asarray(_windows(lengths, sizes)[0])
    return ops.take(ops.reshape(x, (*ahead, math.prod(lengths))), positions, axis=2)


@functools.lru_cache(maxsize=64)
def _windows(lengths: Shape, sizes: Shape) -> tuple[list[list[int]], list[list[bool]]]:
    """Give where the elements of each window are among all, in row-major order, and which of them count.

    All windows get as many positions as the longest; those beyond a window's end repeat its last element, and do not
    count.
    """
    positions, inside = [[0]], [[True]]
    for length, size in zip(lengths, sizes, strict=True):
        starts = [i * length // size for i in range(size)]
        ends = [-((i + 1) * length // -size) for i in range(size)]
        steps = range(max([end - start for start, end in zip(starts, ends, strict=True)]))
        spans = list(zip(starts, ends, strict=True))
        positions = [
            [p * length + min(start + step, end - 1) for p in row for step in steps]
            for row in positions
            for start, end in spans
        ]
        inside = [
            [p and start + step < end for p in row for step in steps]
            for row in inside
            for start, end in spans
        ]
    return positions, inside
