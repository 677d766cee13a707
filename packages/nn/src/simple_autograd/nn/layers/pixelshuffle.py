"""Layers that move elements between channels and places: see ``functional/pixelshuffle.py``."""

from __future__ import annotations

from typing import Any

from ...types import Array
from ..functional import channel_shuffle, pixel_shuffle, pixel_unshuffle
from ..module import Module

__all__ = ["ChannelShuffle", "PixelShuffle", "PixelUnshuffle"]


class PixelShuffle(Module):
    """Channels spread over places: (..., C * r * r, H, W) becomes (..., C, H * r, W * r).

    Parameters
    ----------
    upscale_factor
        r.
    """

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, x: Array) -> Any:
        """Map (..., C * r * r, H, W) to (..., C, H * r, W * r)."""
        return pixel_shuffle(x, self.upscale_factor)

    def extra_repr(self) -> str:
        """Give the factor."""
        return f"upscale_factor={self.upscale_factor}"


class PixelUnshuffle(Module):
    """Places gathered in channels: (..., C, H * r, W * r) becomes (..., C * r * r, H, W).

    Parameters
    ----------
    downscale_factor
        r.
    """

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, x: Array) -> Any:
        """Map (..., C, H * r, W * r) to (..., C * r * r, H, W)."""
        return pixel_unshuffle(x, self.downscale_factor)

    def extra_repr(self) -> str:
        """Give the factor."""
        return f"downscale_factor={self.downscale_factor}"


class ChannelShuffle(Module):
    """Channels in another order: they are divided into groups, and one of each group taken in turn.

    Parameters
    ----------
    groups
        How many.
    """

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Array) -> Any:
        """Map (N, C, ...) to the same shape."""
        return channel_shuffle(x, self.groups)

    def extra_repr(self) -> str:
        """Give the groups."""
        return f"groups={self.groups}"
