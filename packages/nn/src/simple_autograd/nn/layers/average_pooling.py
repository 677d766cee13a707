"""Layers of pooling by averages and norms: see ``functional/average_pooling.py``."""

from __future__ import annotations

from typing import Any, ClassVar

from ...types import Array
from ..functional import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    global_avg_pool2d,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
)
from ..functional.windows import Sizes, per_axis
from ..module import Module

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "GlobalAvgPool2d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
]


class _AveragePool(Module):
    """What `AvgPool1d`, `AvgPool2d` and `AvgPool3d` have in common."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def extra_repr(self) -> str:
        """Give the settings that say how the window moves."""
        return f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}"


class AvgPool1d(_AveragePool):
    """The average of every window over one axis; for the settings see `AvgPool2d`, which has one more."""

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(
            per_axis("AvgPool1d", "kernel_size", kernel_size, 1, 1),
            None if stride is None else per_axis("AvgPool1d", "stride", stride, 1, 1),
            per_axis("AvgPool1d", "padding", padding, 1, 0),
            ceil_mode,
            count_include_pad,
        )

    def forward(self, x: Array) -> Any:
        """Pool (N, C, L) or (C, L)."""
        return avg_pool1d(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )


class AvgPool2d(_AveragePool):
    """The average of every window over two axes (see `simple_autograd.nn.functional.avg_pool2d`).

    Parameters
    ----------
    kernel_size
        The window's lengths: an integer, or one for each axis.
    stride
        How far apart windows are, by default as far as they are long.
    padding
        How far windows reach over the borders, at most half their lengths.
    ceil_mode
        Let a last window begin inside that reaches over the border.
    count_include_pad
        Whether elements of the padding count as zeros, or not at all.
    divisor_override
        By what to divide the sums, in place of the number of elements.
    """

    function: ClassVar[Any] = staticmethod(avg_pool2d)

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: float | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        self.divisor_override = divisor_override

    def forward(self, x: Array) -> Any:
        """Pool (N, C, ...) or (C, ...)."""
        return self.function(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
            self.divisor_override,
        )


class AvgPool3d(AvgPool2d):
    """The average of every window over three axes (see `AvgPool2d`)."""

    function = staticmethod(avg_pool3d)


class GlobalAvgPool2d(Module):
    """The average over the last two axes."""

    def forward(self, x: Array) -> Any:
        """Map (N, C, H, W) to (N, C), or (C, H, W) to (C,)."""
        return global_avg_pool2d(x)


class _NormPool(Module):
    """What `LPPool1d`, `LPPool2d` and `LPPool3d` have in common."""

    function: ClassVar[Any]

    def __init__(
        self,
        norm_type: float,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, x: Array) -> Any:
        """Pool (N, C, ...) or (C, ...)."""
        return self.function(x, self.norm_type, self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool2d(_NormPool):
    """The p-norm of every window over two axes (see `simple_autograd.nn.functional.lp_pool2d`).

    Parameters
    ----------
    norm_type
        p; with infinity the largest absolute value.
    kernel_size, stride, ceil_mode
        As in `AvgPool2d`.
    """

    function = staticmethod(lp_pool2d)


class LPPool1d(_NormPool):
    """The p-norm of every window over one axis (see `LPPool2d`)."""

    function = staticmethod(lp_pool1d)


class LPPool3d(_NormPool):
    """The p-norm of every window over three axes (see `LPPool2d`)."""

    function = staticmethod(lp_pool3d)
