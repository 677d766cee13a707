"""Convolution over one, two or three axes.

The mathematics of ``layers/convolution.py``; ``transposed_convolution.py`` builds on the operations here.

Let T(x, w, g) be the sum of all of g times the convolution of x with w: it is linear in each of the three. Convolution
is its derivative for g, transposed convolution that for x, and the gradient for a weight that for w. So these three
operations are one another's gradients, in every order. A backend may register a kernel for each; how images lie in
memory is then the kernels' matter.

The portable bodies gather the windows and make one product of all of them.
"""

from __future__ import annotations

import math
from typing import Any

from ...op import op
from ...types import Array, Namespace, Shape
from .arguments import check_floating, describe
from .fold import fold_windows, unfold_windows
from .windows import (
    Sizes,
    Window,
    batched,
    checked_windows,
    lengths_of,
    per_axis,
    symmetric,
)

__all__ = ["conv1d", "conv2d", "conv3d"]


def conv1d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Convolution (cross-correlation, as everywhere in deep learning) over one axis (see `conv2d`).

    Parameters
    ----------
    x
        (N, C, L) or (C, L).
    weight
        (O, C / groups, kL).
    bias
        (O,), or None.
    stride, padding, dilation, groups
        As in `conv2d`.

    Returns
    -------
    Variable or array
        (N, O, oL) or (O, oL).
    """
    return _convolve("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Convolution (cross-correlation, as everywhere in deep learning) over two axes.

    Parameters
    ----------
    x
        (N, C, H, W) or, for one sample, (C, H, W), floating.
    weight
        (O, C / groups, kH, kW), floating.
    bias
        (O,), or None for no bias.
    stride
        How far apart windows are: an integer, or one for each axis.
    padding
        How many zeros to put around: an integer, or one for each axis; ``"valid"`` for none, ``"same"`` for as many as
        keep the lengths (the odd one behind), which needs a stride of 1.
    dilation
        How far apart the elements of a window are.
    groups
        Into how many groups the channels are divided; each output sees one group. It divides C and O.

    Returns
    -------
    Variable or array
        (N, O, oH, oW) or (O, oH, oW), with ``oH = (H + 2 * padding - dilation * (kH - 1) - 1) // stride + 1``.

    Raises
    ------
    TypeError
        If an argument is no array, or `x` is not floating.
    ValueError
        If shapes do not fit together, or a setting has a value that does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd.nn import functional as F
    >>> F.conv2d(np.eye(3)[None], np.ones((1, 1, 2, 2)))
    array([[[2., 1.],
            [1., 2.]]])
    """
    return _convolve("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


def conv3d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Any:
    """Convolution (cross-correlation, as everywhere in deep learning) over three axes (see `conv2d`).

    Parameters
    ----------
    x
        (N, C, D, H, W) or (C, D, H, W).
    weight
        (O, C / groups, kD, kH, kW).
    bias
        (O,), or None.
    stride, padding, dilation, groups
        As in `conv2d`.

    Returns
    -------
    Variable or array
        (N, O, oD, oH, oW) or (O, oD, oH, oW).
    """
    return _convolve("conv3d", 3, x, weight, bias, stride, padding, dilation, groups)


# Checks ---------------------------------------------------------------------------------------------------------------


def _convolve(
    function: str,
    axes: int,
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Sizes,
    padding: Sizes | str,
    dilation: Sizes,
    groups: int,
) -> Any:
    """Check what `conv2d` and its like are given, and convolve."""
    kernel = kernel_of(function, weight, axes, "(O, C / groups")
    steps = per_axis(function, "dilation", dilation, axes, 1)
    strides = per_axis(function, "stride", stride, axes, 1)
    window = Window(kernel, strides, steps, ((0, 0),) * axes)
    window = window._replace(padding=padding_of(function, padding, window))
    x, has_samples = batched(function, x, axes)
    outputs, inputs = weight.shape[:2]
    check_groups(function, groups, "weight's first axis", outputs)
    if x.shape[1] != inputs * groups:
        raise ValueError(
            f"{function}: x is a {describe(x)}; needed are {inputs * groups} channels, because weight has shape "
            f"{tuple(weight.shape)}, (O, C / groups, ...), and groups is {groups}."
        )
    check_bias(function, bias, outputs)
    checked_windows(function, window, lengths_of(x, axes))
    out = convolution(x, weight, bias, window=window, groups=groups)
    return out if has_samples else out[0, ...]


def padding_of(function: str, padding: Sizes | str, window: Window) -> tuple[tuple[int, int], ...]:
    """Give how far to pad before and behind each axis, from numbers, ``"same"`` or ``"valid"``.

    Raises
    ------
    TypeError, ValueError
        If it is none of these, or ``"same"`` with a stride above 1.
    """
    axes = len(window.kernel)
    if not isinstance(padding, str):
        return symmetric(per_axis(function, "padding", padding, axes, 0))
    if padding == "valid":
        return ((0, 0),) * axes
    if padding != "same":
        raise ValueError(
            f"{function}: padding is {padding!r}; needed is 'same', 'valid', or how many zeros to put around."
        )
    if max(window.stride) > 1:
        raise ValueError(
            f"{function}: padding is 'same' and stride {window.stride}; needed is a stride of 1, since others do not "
            f"keep the lengths. Give the padding in numbers."
        )
    return tuple([((span - 1) // 2, span // 2) for span in window.spans])


def kernel_of(function: str, weight: Array, axes: int, first: str) -> Shape:
    check_floating(function, "weight", weight)
    shape = tuple(weight.shape)
    if len(shape) != axes + 2 or min(shape[2:]) < 1:
        raise ValueError(
            f"{function}: weight is a {describe(weight)}; needed are {axes + 2} axes, {first}, ...), the last of them "
            f"the kernel's."
        )
    return shape[2:]


def check_groups(function: str, groups: int, what: str, channels: int) -> None:
    if groups < 1 or channels % groups:
        raise ValueError(
            f"{function}: groups is {groups}; needed is a number of at least 1 that divides the length of {what}, "
            f"{channels}."
        )


def check_bias(function: str, bias: Array | None, outputs: int) -> None:
    if bias is None:
        return
    check_floating(function, "bias", bias)
    if tuple(bias.shape) != (outputs,):
        raise ValueError(
            f"{function}: bias is a {describe(bias)}; needed is the shape ({outputs},), because there are so many "
            f"channels in the result."
        )


# The operations -------------------------------------------------------------------------------------------------------


@op(precision="lower")
def convolution(
    xp: Namespace, x: Array, weight: Array, bias: Array | None, /, *, window: Window, groups: int
) -> Array:
    """(N, C, *lengths) and (O, C / groups, *kernel) to (N, O, *counts)."""
    columns = _columns(xp, x, window, groups)
    out = xp.matmul(_matrices(xp, weight, groups), columns)
    counts = window.counts(tuple(x.shape)[2:])
    out = xp.reshape(out, (x.shape[0], weight.shape[0], *counts))
    return out if bias is None else out + xp.reshape(bias, (-1,) + (1,) * len(counts))


@convolution.gradient("x")
def convolution_wrt_x(xp, grad, x_shape, weight, window, groups):
    lengths = tuple(x_shape)[2:]
    return convolution_backward_x(grad, weight, window=window, groups=groups, lengths=lengths)


@convolution.gradient("weight")
def convolution_wrt_weight(xp, grad, x, window, groups):
    return convolution_backward_weight(grad, x, window=window, groups=groups)


@convolution.gradient("bias")
def convolution_wrt_bias(xp, grad):
    return convolution_backward_bias(grad)


@op(precision="lower")
def convolution_backward_x(
    xp: Namespace, above: Array, weight: Array, /, *, window: Window, groups: int, lengths: Shape
) -> Array:
    """(N, O, *counts) and (O, C / groups, *kernel) to (N, C, *lengths)."""
    matrices = xp.matrix_transpose(_matrices(xp, weight, groups))
    columns = xp.matmul(matrices, _by_groups(xp, above, groups))
    channels = weight.shape[1] * groups
    shape = (above.shape[0], channels, window.size, *tuple(above.shape)[2:])
    return fold_windows.op.body(xp, xp.reshape(columns, shape), window=window, lengths=lengths)


@convolution_backward_x.gradient("above")
def convolution_backward_x_wrt_above(xp, grad, weight, window, groups):
    return convolution(grad, weight, None, window=window, groups=groups)


@convolution_backward_x.gradient("weight")
def convolution_backward_x_wrt_weight(xp, grad, above, window, groups):
    return convolution_backward_weight(above, grad, window=window, groups=groups)


@op
def convolution_backward_weight(
    xp: Namespace, above: Array, x: Array, /, *, window: Window, groups: int
) -> Array:
    """(N, O, *counts) and (N, C, *lengths) to (O, C / groups, *kernel)."""
    columns = xp.matrix_transpose(_columns(xp, x, window, groups))
    products = xp.matmul(_by_groups(xp, above, groups), columns)
    return xp.reshape(
        xp.sum(products, axis=0), (above.shape[1], x.shape[1] // groups, *window.kernel)
    )


@convolution_backward_weight.gradient("above")
def convolution_backward_weight_wrt_above(xp, grad, x, window, groups):
    return convolution(x, grad, None, window=window, groups=groups)


@convolution_backward_weight.gradient("x")
def convolution_backward_weight_wrt_x(xp, grad, above, x_shape, window, groups):
    lengths = tuple(x_shape)[2:]
    return convolution_backward_x(above, grad, window=window, groups=groups, lengths=lengths)


@op
def convolution_backward_bias(xp: Namespace, above: Array, /) -> Array:
    """(N, O, *counts) to (O,)."""
    return xp.sum(above, axis=(0, *range(2, above.ndim)))


@convolution_backward_bias.gradient("above")
def convolution_backward_bias_wrt_above(xp, grad, above_shape):
    channels = xp.reshape(grad, (-1,) + (1,) * (len(above_shape) - 2))
    return xp.broadcast_to(channels, above_shape)


def _columns(xp, x, window, groups):
    """Give (N, C, *lengths) as the windows of each group, (N, groups, C / groups * window size, number of windows)."""
    windows = unfold_windows.op.body(xp, x, window=window)
    rows = x.shape[1] // groups * window.size
    return xp.reshape(windows, (x.shape[0], groups, rows, math.prod(tuple(windows.shape)[3:])))


def _matrices(xp, weight, groups):
    """Give (O, C / groups, *kernel) as a matrix for each group, (groups, O / groups, C / groups * window size)."""
    rows = weight.shape[0] // groups
    return xp.reshape(weight, (groups, rows, math.prod(tuple(weight.shape)[1:])))


def _by_groups(xp, above, groups):
    """Give (N, O, *counts) as (N, groups, O / groups, number of windows)."""
    count, outputs, *counts = above.shape
    return xp.reshape(above, (count, groups, outputs // groups, math.prod(counts)))
