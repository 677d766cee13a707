"""Layers of pooling to a given size: see ``functional/adaptive_pooling.py``."""

from __future__ import annotations

from typing import Any, ClassVar

from ...types import Array
from ..functional import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
)
from ..functional.adaptive_pooling import OutputSize
from ..module import Module

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
]


class _AdaptiveAveragePool(Module):
    """What the three layers of averages have in common."""

    function: ClassVar[Any]

    def __init__(self, output_size: OutputSize) -> None:
        super().__init__()
        self.output_size = output_size

    def forward(self, x: Array) -> Any:
        """Pool (N, C, ...) or (C, ...)."""
        return self.function(x, self.output_size)

    def extra_repr(self) -> str:
        """Give the size."""
        return f"output_size={self.output_size}"


class AdaptiveAvgPool2d(_AdaptiveAveragePool):
    """The averages of as many windows as are asked for, over two axes.

    Parameters
    ----------
    output_size
        How many: one integer, or one for each axis; None keeps the length of an axis.
    """

    function = staticmethod(adaptive_avg_pool2d)


class AdaptiveAvgPool1d(_AdaptiveAveragePool):
    """The averages of as many windows as are asked for, over one axis (see `AdaptiveAvgPool2d`)."""

    function = staticmethod(adaptive_avg_pool1d)


class AdaptiveAvgPool3d(_AdaptiveAveragePool):
    """The averages of as many windows as are asked for, over three axes (see `AdaptiveAvgPool2d`)."""

    function = staticmethod(adaptive_avg_pool3d)


class _AdaptiveMaxPool(Module):
    """What the three layers of largest elements have in common."""

    function: ClassVar[Any]

    def __init__(self, output_size: OutputSize, return_indices: bool = False) -> None:
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def forward(self, x: Array) -> Any:
        """Pool (N, C, ...) or (C, ...)."""
        return self.function(x, self.output_size, self.return_indices)

    def extra_repr(self) -> str:
        """Give the size."""
        return f"output_size={self.output_size}"


class AdaptiveMaxPool2d(_AdaptiveMaxPool):
    """The largest elements of as many windows as are asked for, over two axes.

    Parameters
    ----------
    output_size
        How many: one integer, or one for each axis; None keeps the length of an axis.
    return_indices
        Give also where the largest elements are.
    """

    function = staticmethod(adaptive_max_pool2d)


class AdaptiveMaxPool1d(_AdaptiveMaxPool):
    """The largest elements of as many windows as are asked for, over one axis (see `AdaptiveMaxPool2d`)."""

    function = staticmethod(adaptive_max_pool1d)


class AdaptiveMaxPool3d(_AdaptiveMaxPool):
    """The largest elements of as many windows as are asked for, over three axes (see `AdaptiveMaxPool2d`)."""

    function = staticmethod(adaptive_max_pool3d)
