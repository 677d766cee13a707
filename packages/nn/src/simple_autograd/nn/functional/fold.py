"""Windows laid out as an array, and laid back: ``unfold``, ``fold``, and patches.

The mathematics of ``layers/fold.py``. The two operations here, gathering windows and adding them up where they came
from, are each other's transposes, and so each other's gradients.
"""

from __future__ import annotations

import math
from typing import Any

from ... import ops
from ...op import op
from ...types import Array, Namespace, Shape
from .arguments import check_floating, describe
from .windows import (
    Sizes,
    Window,
    batched,
    checked_windows,
    lengths_of,
    per_axis,
    places,
    symmetric,
)

__all__ = ["fold", "get_2D_patches", "unfold"]


def unfold(
    x: Array, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
) -> Any:
    """Every window of an image as a column.

    Parameters
    ----------
    x
        (N, C, H, W) or (C, H, W), floating.
    kernel_size, dilation, padding, stride
        How the window moves: one integer, or one for each of the two axes. Padding is with zeros.

    Returns
    -------
    Variable or array
        (N, C * kH * kW, oH * oW), without N where `x` has none: the windows' elements in row-major order, window by
        window.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.unfold(np.arange(6.0).reshape(1, 2, 3), 2)
    array([[0., 1.],
           [1., 2.],
           [3., 4.],
           [4., 5.]])
    """
    window = _window("unfold", kernel_size, dilation, padding, stride)
    x, has_samples = batched("unfold", x, 2)
    counts = checked_windows("unfold", window, lengths_of(x, 2))
    rows = x.shape[1] * window.size
    columns = ops.reshape(unfold_windows(x, window=window), (x.shape[0], rows, math.prod(counts)))
    return columns if has_samples else columns[0, ...]


def fold(
    x: Array,
    output_size: Sizes,
    kernel_size: Sizes,
    dilation: Sizes = 1,
    padding: Sizes = 0,
    stride: Sizes = 1,
) -> Any:
    """The columns that `unfold` gives, each laid back where it came from; where windows overlap, they add up.

    Parameters
    ----------
    x
        (N, C * kH * kW, oH * oW) or (C * kH * kW, oH * oW), floating.
    output_size
        (H, W), the image's lengths.
    kernel_size, dilation, padding, stride
        As in `unfold`.

    Returns
    -------
    Variable or array
        (N, C, H, W), without N where `x` has none.

    Raises
    ------
    TypeError, ValueError
        If an argument has a type, shape or value that does not fit.
    """
    window = _window("fold", kernel_size, dilation, padding, stride)
    lengths = per_axis("fold", "output_size", output_size, 2, 1)
    check_floating("fold", "x", x)
    counts = checked_windows("fold", window, lengths)
    shape = tuple(x.shape)
    if len(shape) not in (2, 3) or shape[-2] % window.size or shape[-1] != math.prod(counts):
        raise ValueError(
            f"fold: x is a {describe(x)}; needed is the shape (N, C * {window.size}, {math.prod(counts)}) or, for one "
            f"sample, (C * {window.size}, {math.prod(counts)}), because there are {counts[0]} * {counts[1]} windows of "
            f"{window.size} elements in an image of {lengths}."
        )
    columns = ops.reshape(x, (*shape[:-2], shape[-2] // window.size, window.size, *counts))
    return fold_windows(columns, window=window, lengths=lengths)


def get_2D_patches(x: Array, patch_size: Sizes) -> Any:  # noqa: N802 - the name its users know
    """An image cut into patches that do not overlap, as a vision transformer takes it.

    Parameters
    ----------
    x
        (N, C, H, W), any data type.
    patch_size
        (pH, pW), or one integer for both; they divide H and W.

    Returns
    -------
    Variable or array
        (N, C, H / pH, W / pW, pH, pW).

    Raises
    ------
    TypeError, ValueError
        If `x` is no array of four axes, or cannot be cut into such patches.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.get_2D_patches(np.arange(8).reshape(1, 1, 2, 4), (2, 2))[0, 0, 0, 1]
    array([[2, 3],
           [6, 7]])
    """
    high, wide = per_axis("get_2D_patches", "patch_size", patch_size, 2, 1)
    shape = tuple(getattr(x, "shape", ()))
    if len(shape) != 4 or shape[2] % high or shape[3] % wide:
        raise ValueError(
            f"get_2D_patches: x is a {describe(x)}; needed is the shape (N, C, H, W) with H divisible by {high} and W "
            f"by {wide}, because patch_size is {patch_size!r}."
        )
    count, channels, *lengths = shape
    rows, columns = lengths[0] // high, lengths[1] // wide
    cut = ops.reshape(x, (count, channels, rows, high, columns, wide))
    return ops.permute_dims(cut, (0, 1, 2, 4, 3, 5))


def _window(function: str, kernel: Any, dilation: Any, padding: Any, stride: Any) -> Window:
    return Window(
        per_axis(function, "kernel_size", kernel, 2, 1),
        per_axis(function, "stride", stride, 2, 1),
        per_axis(function, "dilation", dilation, 2, 1),
        symmetric(per_axis(function, "padding", padding, 2, 0)),
    )


# The operations -------------------------------------------------------------------------------------------------------


@op
def unfold_windows(xp: Namespace, x: Array, /, *, window: Window) -> Array:
    """The windows over the last axes (..., *lengths) as (..., window size, *counts); 0 where they are empty."""
    axes = len(window.kernel)
    lengths = lengths_of(x, axes)
    ahead = tuple(x.shape)[: len(x.shape) - axes]
    out = xp.zeros((*ahead, window.size, *window.counts(lengths)), dtype=x.dtype)
    for position, (of_windows, of_x) in enumerate(places(window, lengths)):
        out[(..., position, *of_windows)] = x[(..., *of_x)]
    return out


@unfold_windows.gradient("x")
def unfold_windows_wrt_x(xp, grad, x_shape, window):
    return fold_windows(
        grad, window=window, lengths=tuple(x_shape)[len(x_shape) - len(window.kernel) :]
    )


@op
def fold_windows(xp: Namespace, columns: Array, /, *, window: Window, lengths: Shape) -> Array:
    """Windows (..., window size, *counts), added up where they lie over axes of some lengths."""
    ahead = tuple(columns.shape)[: len(columns.shape) - len(lengths) - 1]
    out = xp.zeros((*ahead, *lengths), dtype=columns.dtype)
    for position, (of_windows, of_out) in enumerate(places(window, lengths)):
        key = (..., *of_out)
        out[key] = out[key] + columns[(..., position, *of_windows)]
    return out


@fold_windows.gradient("columns")
def fold_windows_wrt_columns(xp, grad, window):
    return unfold_windows(grad, window=window)
