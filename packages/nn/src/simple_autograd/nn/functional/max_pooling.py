"""Pooling I: the largest and the smallest element of every window.

The mathematics of ``layers/max_pooling.py``, over one, two or three axes with one implementation. Averages and norms
are in ``average_pooling.py``, pooling to a given size in ``adaptive_pooling.py``.

Finding the largest elements is one operation that also says where in its window each one is, its *winner*; picking the
elements there, and placing gradients there, are two more, each other's transposes. A backend may register kernels.
"""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...op import op
from ...types import Array, Namespace, Shape
from .arguments import check_floating, refuse_complex
from .windows import Sizes, Window, checked_pool, lengths_of, places, pool_window

__all__ = ["max_pool1d", "max_pool2d", "max_pool3d", "min_pool2d"]


def max_pool2d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of every window over two axes.

    Parameters
    ----------
    x
        (N, C, H, W) or, for one sample, (C, H, W), real floating.
    kernel_size
        The window's lengths: an integer, or one for each axis.
    stride
        How far apart windows are, by default as far as they are long.
    padding
        How far windows reach over the borders, at most half their lengths. What lies there is never the largest.
    dilation
        How far apart the elements of a window are.
    ceil_mode
        Let a last window begin inside that reaches over the border.
    return_indices
        Give also where the largest elements are: integers that count the elements of the last two axes of `x` in
        row-major order.

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
    Of equal elements the first one gets the gradient. NaN counts as larger than any number; of several the last one
    gets the gradient.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.max_pool2d(np.arange(8.0).reshape(1, 2, 4), 2)
    array([[[5., 7.]]])
    """
    window = pool_window("max_pool2d", 2, kernel_size, stride, padding, dilation)
    return _max("max_pool2d", x, window, ceil_mode, return_indices)


def max_pool1d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of every window over one axis (see `max_pool2d`).

    Parameters
    ----------
    x
        (N, C, L) or (C, L).
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in `max_pool2d`.

    Returns
    -------
    Variable or array
        (N, C, oL) or (C, oL). With `return_indices` a pair, the positions second.
    """
    window = pool_window("max_pool1d", 1, kernel_size, stride, padding, dilation)
    return _max("max_pool1d", x, window, ceil_mode, return_indices)


def max_pool3d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of every window over three axes (see `max_pool2d`).

    Parameters
    ----------
    x
        (N, C, D, H, W) or (C, D, H, W).
    kernel_size, stride, padding, dilation, ceil_mode, return_indices
        As in `max_pool2d`.

    Returns
    -------
    Variable or array
        (N, C, oD, oH, oW) or (C, oD, oH, oW). With `return_indices` a pair, the positions second.
    """
    window = pool_window("max_pool3d", 3, kernel_size, stride, padding, dilation)
    return _max("max_pool3d", x, window, ceil_mode, return_indices)


def min_pool2d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The smallest element of every window over two axes; for the arguments see `max_pool2d`."""
    window = pool_window("min_pool2d", 2, kernel_size, stride, padding, dilation)
    check_floating("min_pool2d", "x", x)
    found = _max("min_pool2d", ops.negative(x), window, ceil_mode, return_indices)
    return (ops.negative(found[0]), found[1]) if return_indices else ops.negative(found)


def _max(function: str, x: Array, window: Window, ceil_mode: bool, return_indices: bool) -> Any:
    """Check `x`, and pool it."""
    x, has_samples, window = checked_pool(function, x, window, ceil_mode)
    largest, indices = largest_of_windows(function, x, window, return_indices)
    if not has_samples:
        largest = largest[0, ...]
        indices = indices[0, ...] if return_indices else None
    return (largest, indices) if return_indices else largest


def largest_of_windows(
    function: str, x: Array, window: Window, return_indices: bool
) -> tuple[Any, Any]:
    """Give the largest elements of the windows over (N, C, ...), and their positions or None.

    Raises
    ------
    TypeError
        If `x` is complex.
    """
    refuse_complex(function, "x", x)
    largest, winners = max_pool(x, window=window)
    if not return_indices:
        return largest, None
    lengths = lengths_of(x, len(window.kernel))
    return largest, positions_of_winners(winners, window=window, lengths=lengths)


# The operations -------------------------------------------------------------------------------------------------------


@op
def max_pool(xp: Namespace, x: Array, /, *, window: Window) -> tuple[Array, Array]:
    """The largest elements of windows over the last axes (..., *lengths), and their winners; both (..., *counts).

    A winner says which of the window's elements it is, counted in row-major order.
    """
    lengths = lengths_of(x, len(window.kernel))
    shape = (*tuple(x.shape)[: len(x.shape) - len(lengths)], *window.counts(lengths))
    largest = xp.full(shape, -math.inf, dtype=x.dtype)
    winners = xp.asarray(xp.broadcast_to(first_inside(xp, window, lengths), shape), copy=True)
    for position, (of_windows, of_x) in enumerate(places(window, lengths)):
        key = (..., *of_windows)
        element, held = x[(..., *of_x)], largest[key]
        better = (element > held) | (element != element)
        largest[key] = xp.where(better, element, held)
        winners[key] = xp.where(better, position, winners[key])
    return largest, winners


@max_pool.gradient("x")
def max_pool_wrt_x(xp, grad, x_shape, out, window):
    lengths = tuple(x_shape)[len(x_shape) - len(window.kernel) :]
    return place_winners(grad[0], out[1], window=window, lengths=lengths)


@op
def place_winners(
    xp: Namespace, values: Array, winners: Array, /, *, window: Window, lengths: Shape
) -> Array:
    """Zeros over axes of some lengths, with a value of each window, (..., *counts), added at its winner."""
    ahead = tuple(values.shape)[: len(values.shape) - len(lengths)]
    out = xp.zeros((*ahead, *lengths), dtype=values.dtype)
    for position, (of_windows, of_out) in enumerate(places(window, lengths)):
        key, of_values = (..., *of_out), (..., *of_windows)
        out[key] = out[key] + xp.where(winners[of_values] == position, values[of_values], 0)
    return out


@place_winners.gradient("values")
def place_winners_wrt_values(xp, grad, winners, window):
    return pick_winners(grad, winners, window=window)


@op
def pick_winners(xp: Namespace, x: Array, winners: Array, /, *, window: Window) -> Array:
    """The element of each window over the last axes, (..., *lengths), that is its winner, (..., *counts)."""
    out = xp.zeros(winners.shape, dtype=x.dtype)
    for position, (of_windows, of_x) in enumerate(
        places(window, lengths_of(x, len(window.kernel)))
    ):
        key = (..., *of_windows)
        out[key] = xp.where(winners[key] == position, x[(..., *of_x)], out[key])
    return out


@pick_winners.gradient("x")
def pick_winners_wrt_x(xp, grad, x_shape, winners, window):
    lengths = tuple(x_shape)[len(x_shape) - len(window.kernel) :]
    return place_winners(grad, winners, window=window, lengths=lengths)


@op(differentiable=False)
def positions_of_winners(
    xp: Namespace, winners: Array, /, *, window: Window, lengths: Shape
) -> Array:
    """Where winners, (..., *counts), are among all elements over the last axes, counted in row-major order."""
    starts = xp.zeros((1,), dtype=xp.int64)
    steps = [0]
    spread = zip(
        lengths, window.kernel, window.dilation, window.starts(window.counts(lengths)), strict=True
    )
    for length, kernel, dilation, along in spread:
        begins = xp.asarray([*along], dtype=xp.int64)
        starts = starts[..., None] * length + begins
        steps = [step * length + place * dilation for step in steps for place in range(kernel)]
    flat = xp.reshape(xp.astype(winners, xp.int64), (-1,))
    moved = xp.take(xp.asarray(steps, dtype=xp.int64), flat, axis=0)
    return starts[0, ...] + xp.reshape(moved, winners.shape)


def first_inside(xp: Namespace, window: Window, lengths: Shape) -> Array:
    """Give the first element of each window that lies inside: the winner if all are minus infinity."""
    first = xp.zeros((1,), dtype=xp.uint8 if window.size <= 256 else xp.int64)
    spread = zip(window.kernel, window.dilation, window.starts(window.counts(lengths)), strict=True)
    for kernel, dilation, starts in spread:
        along = [max(0, -(start // dilation)) for start in starts]
        first = first[..., None] * kernel + xp.asarray(along, dtype=first.dtype)
    return first[0, ...]
