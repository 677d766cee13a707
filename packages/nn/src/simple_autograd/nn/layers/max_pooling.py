"""Layers of pooling by the largest or smallest element: see ``functional/max_pooling.py``."""

from __future__ import annotations

from typing import Any, ClassVar

from ...types import Array
from ..functional import max_pool1d, max_pool2d, max_pool3d, min_pool2d
from ..functional.windows import Sizes
from ..module import Module

__all__ = ["MaxPool1d", "MaxPool2d", "MaxPool3d", "MinPool2d"]


class _MaxPool(Module):
    """What `MaxPool1d`, `MaxPool2d` and `MaxPool3d` have in common."""

    function: ClassVar[Any]

    def __init__(
        self,
        kernel_size: Sizes,
        stride: Sizes | None = None,
        padding: Sizes = 0,
        dilation: Sizes = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def forward(self, x: Array) -> Any:
        """Pool (N, C, ...) or (C, ...)."""
        return self.function(
            x,
            self.kernel_size,
            self.stride,
            self.padding,
            self.dilation,
            self.ceil_mode,
            self.return_indices,
        )

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"kernel_size={self.kernel_size}, stride={self.stride}, padding={self.padding}, "
            f"dilation={self.dilation}, ceil_mode={self.ceil_mode}"
        )


class MaxPool2d(_MaxPool):
    """The largest element of every window over two axes (see `simple_autograd.nn.functional.max_pool2d`).

    Parameters
    ----------
    kernel_size
        The window's lengths: an integer, or one for each axis.
    stride
        How far apart windows are, by default as far as they are long.
    padding
        How far windows reach over the borders, at most half their lengths.
    dilation
        How far apart the elements of a window are.
    return_indices
        Give also where the largest elements are.
    ceil_mode
        Let a last window begin inside that reaches over the border.
    """

    function = staticmethod(max_pool2d)


class MaxPool1d(_MaxPool):
    """The largest element of every window over one axis (see `MaxPool2d`)."""

    function = staticmethod(max_pool1d)


class MaxPool3d(_MaxPool):
    """The largest element of every window over three axes (see `MaxPool2d`)."""

    function = staticmethod(max_pool3d)


class MinPool2d(_MaxPool):
    """The smallest element of every window over two axes; for the settings see `MaxPool2d`."""

    function = staticmethod(min_pool2d)
