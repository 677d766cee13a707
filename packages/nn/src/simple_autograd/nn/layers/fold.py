"""Layers that lay windows out and back: see ``functional/fold.py``."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import fold, unfold
from ..functional.windows import Sizes
from ..module import Module

__all__ = ["Fold", "Unfold"]


class Unfold(Module):
    """Every window of an image as a column (see `simple_autograd.nn.functional.unfold`).

    Parameters
    ----------
    kernel_size, dilation, padding, stride
        How the window moves: one integer, or one for each of the two axes.
    """

    def __init__(
        self, kernel_size: Sizes, dilation: Sizes = 1, padding: Sizes = 0, stride: Sizes = 1
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x: Array) -> Any:
        """Map (N, C, H, W) to (N, C * kH * kW, oH * oW)."""
        return unfold(x, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.padding}, stride={self.stride}"


class Fold(Module):
    """Columns laid back into an image, where they add up (see `simple_autograd.nn.functional.fold`).

    Parameters
    ----------
    output_size
        (H, W), the image's lengths.
    kernel_size, dilation, padding, stride
        As in `Unfold`.
    """

    def __init__(
        self,
        output_size: Sizes,
        kernel_size: Sizes,
        dilation: Sizes = 1,
        padding: Sizes = 0,
        stride: Sizes = 1,
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, x: Array) -> Any:
        """Map (N, C * kH * kW, oH * oW) to (N, C, H, W)."""
        return fold(x, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)

    def extra_repr(self) -> str:
        """Give the settings."""
        return (
            f"output_size={self.output_size}, kernel_size={self.kernel_size}, dilation={self.dilation}, "
            f"padding={self.padding}, stride={self.stride}"
        )
