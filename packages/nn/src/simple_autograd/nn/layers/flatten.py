"""Layers that change shapes only."""

from __future__ import annotations

from typing import Any

from ... import ops
from ...types import Array
from ..module import Module

__all__ = ["Flatten"]


class Flatten(Module):
    """The axes from `start_dim` to `end_dim`, both included, as one; by default all but the first.

    Parameters
    ----------
    start_dim, end_dim
        The first and the last axis to join.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, x: Array) -> Any:
        """Map for instance (N, C, H, W) to (N, C * H * W)."""
        return ops.flatten(x, self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"
