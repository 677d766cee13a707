"""Convolutional layers: see ``functional/convolution.py``.

`Convolving` holds what they share with the transposed ones of ``transposed_convolution.py``: parameters, settings, and
how they print.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, Literal

from ...types import Array, DType, Shape
from .. import init
from ..functional import conv1d, conv2d, conv3d, pad
from ..functional.convolution import check_groups, padding_of
from ..functional.windows import Sizes, Window, per_axis
from ..module import Module
from ..parameter import Parameter
from .linear import check_sizes, empty_array

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]

_PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


class Convolving(Module):
    """What all convolutional layers have in common; a subclass says over how many axes it works."""

    axes: ClassVar[int]
    weight: Parameter
    bias: Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes,
        padding: Sizes | str,
        dilation: Sizes,
        output_padding: Sizes,
        groups: int,
        bias: bool,
        padding_mode: PaddingMode,
        dtype: DType | None,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        check_sizes(name, 0, in_channels=in_channels, out_channels=out_channels)
        check_sizes(name, 1, groups=groups)
        check_groups(name, groups, "in_channels", in_channels)
        check_groups(name, groups, "out_channels", out_channels)
        if padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"{name}: padding_mode is {padding_mode!r}; needed is one of {', '.join(_PADDING_MODES)}."
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = per_axis(name, "kernel_size", kernel_size, self.axes, 1)
        self.stride = per_axis(name, "stride", stride, self.axes, 1)
        self.dilation = per_axis(name, "dilation", dilation, self.axes, 1)
        self.padding: Shape | str = (
            padding
            if isinstance(padding, str)
            else per_axis(name, "padding", padding, self.axes, 0)
        )
        self.output_padding = per_axis(name, "output_padding", output_padding, self.axes, 0)
        self.groups = groups
        self.padding_mode = padding_mode
        shape = (*self._weight_channels(), *self.kernel_size)
        self.weight = Parameter(empty_array(shape, dtype))
        self.register_parameter(
            "bias", Parameter(empty_array((out_channels,), dtype)) if bias else None
        )
        self.reset_parameters()

    def _weight_channels(self) -> tuple[int, int]:
        """Give the first two lengths of the weight."""
        return self.out_channels, self.in_channels // self.groups

    def reset_parameters(self) -> None:
        """Draw new parameters, as PyTorch does."""
        # With this `a`, the bound of kaiming_uniform_ is 1 / sqrt(inputs).
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            inputs = math.prod(self.weight.shape[1:])
            bound = 1 / math.sqrt(inputs) if inputs else 0
            init.uniform_(self.bias, -bound, bound)

    def extra_repr(self) -> str:
        """Give the settings, of those that have a default only the others."""
        none, ones = (0,) * self.axes, (1,) * self.axes
        parts = [
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        ]
        parts += [f"padding={self.padding}"] if self.padding != none else []
        parts += [f"dilation={self.dilation}"] if self.dilation != ones else []
        parts += [f"output_padding={self.output_padding}"] if self.output_padding != none else []
        parts += [f"groups={self.groups}"] if self.groups != 1 else []
        parts += ["bias=False"] if self.bias is None else []
        parts += [f"padding_mode={self.padding_mode}"] if self.padding_mode != "zeros" else []
        return ", ".join(parts)


class _Convolution(Convolving):
    """What `Conv1d`, `Conv2d` and `Conv3d` have in common."""

    function: ClassVar[Any]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Sizes,
        stride: Sizes = 1,
        padding: Sizes | str = 0,
        dilation: Sizes = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: PaddingMode = "zeros",
        *,
        dtype: DType | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            0,
            groups,
            bias,
            padding_mode,
            dtype,
        )
        window = Window(self.kernel_size, self.stride, self.dilation, ((0, 0),) * self.axes)
        borders = padding_of(type(self).__name__, padding, window)
        self._border = [width for pair in borders[::-1] for width in pair]

    def forward(self, x: Array) -> Any:
        """Convolve (N, C_in, ...) or (C_in, ...)."""
        padding: Sizes | str = self.padding
        if self.padding_mode != "zeros":
            x, padding = pad(x, self._border, self.padding_mode), 0
        return self.function(
            x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups
        )


class Conv2d(_Convolution):
    """Convolution over two axes, with parameters drawn from the uniform distribution on ``±1/sqrt(inputs)``.

    An output has ``inputs = in_channels / groups * kH * kW`` inputs.

    Parameters
    ----------
    in_channels, out_channels
        How many channels an image has before and after.
    kernel_size, stride, padding, dilation
        How the window moves: an integer each, or one for each axis; `padding` may also be ``"same"`` or ``"valid"``
        (see `simple_autograd.nn.functional.conv2d`).
    groups
        Into how many groups the channels are divided; each output channel sees one of them.
    bias
        Whether to add a bias.
    padding_mode
        What to pad with: ``"zeros"``; ``"reflect"``, the image mirrored; ``"replicate"``, its border; or
        ``"circular"``, the other side.
    dtype
        The parameters' data type, by default float32. They are made on the default backend.

    Attributes
    ----------
    weight
        (out_channels, in_channels / groups, kH, kW).
    bias
        (out_channels,), or None.

    Examples
    --------
    >>> import numpy as np
    >>> from simple_autograd import nn
    >>> nn.Conv2d(3, 8, 5, padding=2)(np.zeros((4, 3, 28, 28), dtype="float32")).shape
    (4, 8, 28, 28)
    """

    axes = 2
    function = staticmethod(conv2d)


class Conv1d(_Convolution):
    """Convolution over one axis, of (N, C_in, L) or (C_in, L) (see `Conv2d`)."""

    axes = 1
    function = staticmethod(conv1d)


class Conv3d(_Convolution):
    """Convolution over three axes, of (N, C_in, D, H, W) or (C_in, D, H, W) (see `Conv2d`)."""

    axes = 3
    function = staticmethod(conv3d)
