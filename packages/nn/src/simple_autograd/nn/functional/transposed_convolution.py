"""Transposed convolution over one, two or three axes: convolution with input and output exchanged.

The mathematics of ``layers/transposed_convolution.py``; the operation is that of ``convolution.py`` which
gives the gradient for a convolution's input.
"""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array
from .arguments import describe
from .convolution import check_bias, check_groups, convolution_backward_x, kernel_of
from .windows import Sizes, Window, batched, lengths_of, per_axis, symmetric

__all__ = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


def conv_transpose1d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """The transpose of a convolution over one axis (see `conv_transpose2d`).

    Parameters
    ----------
    x
        (N, C, L) or (C, L).
    weight
        (C, O / groups, kL).
    bias
        (O,), or None.
    stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`.

    Returns
    -------
    Variable or array
        (N, O, oL) or (O, oL).
    """
    return _transpose(
        "conv_transpose1d", 1, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose2d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """The transpose of a convolution over two axes: every element of `x` adds its multiple of the weight to a window.

    Parameters
    ----------
    x
        (N, C, H, W) or, for one sample, (C, H, W), floating.
    weight
        (C, O / groups, kH, kW), floating: that of the convolution from O to C channels of which this is the transpose.
    bias
        (O,), or None for no bias.
    stride, padding, dilation, groups
        Those of that convolution, see `conv2d`.
    output_padding
        How many elements longer the result is behind, among the lengths from which that convolution comes to those of
        `x`; less than `stride` or `dilation`.

    Returns
    -------
    Variable or array
        (N, O, oH, oW) or (O, oH, oW), with
        ``oH = (H - 1) * stride - 2 * padding + dilation * (kH - 1) + output_padding + 1``.

    Raises
    ------
    TypeError
        If an argument is no array, or `x` is not floating.
    ValueError
        If shapes do not fit together, or a setting has a value that does not fit.
    """
    return _transpose(
        "conv_transpose2d", 2, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def conv_transpose3d(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Any:
    """The transpose of a convolution over three axes (see `conv_transpose2d`).

    Parameters
    ----------
    x
        (N, C, D, H, W) or (C, D, H, W).
    weight
        (C, O / groups, kD, kH, kW).
    bias
        (O,), or None.
    stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`.

    Returns
    -------
    Variable or array
        (N, O, oD, oH, oW) or (O, oD, oH, oW).
    """
    return _transpose(
        "conv_transpose3d", 3, x, weight, bias, stride, padding, output_padding, groups, dilation
    )


def _transpose(
    function: str,
    axes: int,
    x: Array,
    weight: Array,
    bias: Array | None,
    stride: Sizes,
    padding: Sizes,
    output_padding: Sizes,
    groups: int,
    dilation: Sizes,
) -> Any:
    """Check what `conv_transpose2d` and its like are given, and convolve the other way round."""
    window = Window(
        kernel_of(function, weight, axes, "(C, O / groups"),
        per_axis(function, "stride", stride, axes, 1),
        per_axis(function, "dilation", dilation, axes, 1),
        symmetric(per_axis(function, "padding", padding, axes, 0)),
    )
    extra = per_axis(function, "output_padding", output_padding, axes, 0)
    limits = [max(pair) for pair in zip(window.stride, window.dilation, strict=True)]
    if any([n >= limit for n, limit in zip(extra, limits, strict=True)]):
        raise ValueError(
            f"{function}: output_padding is {output_padding!r}; needed is less than stride, {window.stride}, or than "
            f"dilation, {window.dilation}, along every axis."
        )
    x, has_samples = batched(function, x, axes)
    check_groups(function, groups, "x's axis of channels", x.shape[1])
    if x.shape[1] != weight.shape[0]:
        raise ValueError(
            f"{function}: x is a {describe(x)}; needed are {weight.shape[0]} channels, because weight has shape "
            f"{tuple(weight.shape)}, (C, O / groups, ...)."
        )
    outputs = weight.shape[1] * groups
    check_bias(function, bias, outputs)
    counts = lengths_of(x, axes)
    lengths = tuple([n + more for n, more in zip(window.lengths(counts), extra, strict=True)])
    if min(lengths) < 1:
        raise ValueError(
            f"{function}: the result would have the lengths {lengths}; needed is at least 1. x has the lengths "
            f"{counts}; make padding, {padding!r}, smaller."
        )
    window = window.with_counts(lengths, counts)
    out = convolution_backward_x(x, weight, window=window, groups=groups, lengths=lengths)
    if bias is not None:
        # Under autocast the result has 16 bits.
        bias = ops.astype(bias, out.dtype, copy=False)
        out = ops.add(out, ops.reshape(bias, (outputs,) + (1,) * axes))
    return out if has_samples else out[0, ...]
