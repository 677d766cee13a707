"""Pooling II: the average, or another norm, of every window.

The mathematics of ``layers/average_pooling.py``, over one, two or three axes with one implementation. Summing windows
and spreading sums over them are two operations, each other's transposes. A backend may register kernels.
"""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...backends import Backend
from ...op import op
from ...types import Array, Namespace, Shape
from .arguments import backend_of_argument, check_real
from .fold import fold_windows, unfold_windows
from .max_pooling import largest_of_windows
from .windows import Sizes, Window, batched, checked_pool, lengths_of, pool_window

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "global_avg_pool2d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
]


def avg_pool2d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: float | None = None,
) -> Any:
    """The average of every window over two axes.

    Parameters
    ----------
    x
        (N, C, H, W) or, for one sample, (C, H, W), floating.
    kernel_size, stride, padding, ceil_mode
        As in `max_pool2d`.
    count_include_pad
        Whether elements of the padding count as zeros, or not at all. What lies behind the padding, where `ceil_mode`
        lets windows reach, never counts.
    divisor_override
        By what to divide the sums, in place of the number of elements.

    Returns
    -------
    Variable or array
        (N, C, oH, oW) or (C, oH, oW).

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    window = pool_window("avg_pool2d", 2, kernel_size, stride, padding, 1)
    return _average("avg_pool2d", x, window, ceil_mode, count_include_pad, divisor_override)


def avg_pool1d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Any:
    """The average of every window over one axis (see `avg_pool2d`).

    Parameters
    ----------
    x
        (N, C, L) or (C, L).
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `avg_pool2d`.

    Returns
    -------
    Variable or array
        (N, C, oL) or (C, oL).
    """
    window = pool_window("avg_pool1d", 1, kernel_size, stride, padding, 1)
    return _average("avg_pool1d", x, window, ceil_mode, count_include_pad, None)


def avg_pool3d(
    x: Array,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: float | None = None,
) -> Any:
    """The average of every window over three axes (see `avg_pool2d`).

    Parameters
    ----------
    x
        (N, C, D, H, W) or (C, D, H, W).
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As in `avg_pool2d`.

    Returns
    -------
    Variable or array
        (N, C, oD, oH, oW) or (C, oD, oH, oW).
    """
    window = pool_window("avg_pool3d", 3, kernel_size, stride, padding, 1)
    return _average("avg_pool3d", x, window, ceil_mode, count_include_pad, divisor_override)


def lp_pool2d(
    x: Array,
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Any:
    """The p-norm of every window over two axes: ``sum(x ** p) ** (1 / p)``.

    Parameters
    ----------
    x
        (N, C, H, W) or, for one sample, (C, H, W), real floating. Signs stay: with an odd p elements may
        cancel.
    norm_type
        p; with infinity the largest absolute value.
    kernel_size, stride, ceil_mode
        As in `max_pool2d`.

    Returns
    -------
    Variable or array
        (N, C, oH, oW) or (C, oH, oW).

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    window = pool_window("lp_pool2d", 2, kernel_size, stride, 0, 1)
    return _norm("lp_pool2d", x, window, norm_type, ceil_mode)


def lp_pool1d(
    x: Array,
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Any:
    """The p-norm of every window over one axis (see `lp_pool2d`)."""
    window = pool_window("lp_pool1d", 1, kernel_size, stride, 0, 1)
    return _norm("lp_pool1d", x, window, norm_type, ceil_mode)


def lp_pool3d(
    x: Array,
    norm_type: float,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    ceil_mode: bool = False,
) -> Any:
    """The p-norm of every window over three axes (see `lp_pool2d`)."""
    window = pool_window("lp_pool3d", 3, kernel_size, stride, 0, 1)
    return _norm("lp_pool3d", x, window, norm_type, ceil_mode)


def global_avg_pool2d(x: Array) -> Any:
    """The average over the last two axes: (N, C, H, W) to (N, C), or (C, H, W) to (C,).

    Parameters
    ----------
    x
        (N, C, H, W) or (C, H, W), floating.

    Returns
    -------
    Variable or array
        (N, C) or (C,).
    """
    x, has_samples = batched("global_avg_pool2d", x, 2)
    means = ops.mean(x, axis=(2, 3))
    return means if has_samples else means[0, ...]


# What is common to all numbers of axes ------------------------------------------------------------------------------


def _average(
    function: str,
    x: Array,
    window: Window,
    ceil_mode: bool,
    count_include_pad: bool,
    divisor_override: float | None,
) -> Any:
    if divisor_override == 0:
        raise ValueError(f"{function}: divisor_override is 0; needed is another number, or None.")
    x, has_samples, wider = checked_pool(function, x, window, ceil_mode)
    lengths = lengths_of(x, len(window.kernel))
    out = sum_pool(x, window=wider)
    if divisor_override is not None:
        divisor: Any = divisor_override
    else:
        ends = [
            n + a * count_include_pad for n, (_, a) in zip(lengths, window.padding, strict=True)
        ]
        least = -math.inf if count_include_pad else 0
        divisor = _divisor(backend_of_argument(function, "x", x), x, wider, lengths, least, ends)
    out = ops.divide(out, divisor)
    return out if has_samples else out[0, ...]


def _divisor(
    backend: Backend, x: Array, window: Window, lengths: Shape, least: float, ends: list[int]
) -> Any:
    """Give how many elements of every window count: a number if they are as many in all, or an array."""
    sizes = []
    for starts, kernel, end in zip(
        window.starts(window.counts(lengths)), window.kernel, ends, strict=True
    ):
        sizes.append([min(start + kernel, end) - max(start, least) for start in starts])
    if all([min(along) == max(along) for along in sizes]):
        return math.prod([along[0] for along in sizes])
    divisor: Any = 1
    for axis, along in enumerate(sizes):
        array = backend.asarray(along, dtype=x.dtype)
        divisor = divisor * backend.xp.reshape(array, (-1,) + (1,) * (len(sizes) - axis - 1))
    return divisor


def _norm(function: str, x: Array, window: Window, norm_type: float, ceil_mode: bool) -> Any:
    if norm_type == 0:
        raise ValueError(f"{function}: norm_type is 0; needed is another number.")
    check_real(function, "x", x)
    if math.isinf(norm_type):
        sign = 1 if norm_type > 0 else -1
        x, has_samples, window = checked_pool(function, x, window, ceil_mode)
        signed = ops.multiply(ops.abs(x), sign)
        out = ops.multiply(largest_of_windows(function, signed, window, False)[0], sign)
        return out if has_samples else out[0, ...]
    # As PyTorch has it: a window cut off at the border counts as if its average went on.
    mean = _average(function, ops.pow(x, norm_type), window, ceil_mode, True, None)
    total = ops.multiply(mean, window.size)
    # The root's slope at 0 may be infinite; what it would be multiplied by is 0.
    zero = ops.equal(total, 0)
    return ops.where(zero, 0, ops.pow(ops.where(zero, 1, total), 1 / norm_type))


# The operations -------------------------------------------------------------------------------------------------------


@op
def sum_pool(xp: Namespace, x: Array, /, *, window: Window) -> Array:
    """The sums of windows over the last axes: (..., *lengths) to (..., *counts)."""
    windows = unfold_windows.op.body(xp, x, window=window)
    return xp.sum(windows, axis=-len(window.kernel) - 1)


@sum_pool.gradient("x")
def sum_pool_wrt_x(xp, grad, x_shape, window):
    lengths = tuple(x_shape)[len(x_shape) - len(window.kernel) :]
    return spread_sums(grad, window=window, lengths=lengths)


@op
def spread_sums(xp: Namespace, values: Array, /, *, window: Window, lengths: Shape) -> Array:
    """A value for each window, (..., *counts), added to all that lies in it, over axes of some lengths."""
    ahead, counts = values.shape[: -len(lengths)], values.shape[-len(lengths) :]
    columns = xp.reshape(values, (*ahead, 1, *counts))
    columns = xp.broadcast_to(columns, (*ahead, window.size, *counts))
    return fold_windows.op.body(xp, columns, window=window, lengths=lengths)


@spread_sums.gradient("values")
def spread_sums_wrt_values(xp, grad, window):
    return sum_pool(grad, window=window)
