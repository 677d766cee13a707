"""Layers that change shapes only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ... import ops
from ...types import Array
from ..functional.arguments import backend_of_argument, describe
from ..module import Module

__all__ = ["Flatten", "Unflatten"]


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


class Unflatten(Module):
    """One axis as several: `Flatten` undone.

    Parameters
    ----------
    dim
        The axis.
    unflattened_size
        The lengths that it becomes; one of them may be -1 and is found from the others.
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, Sequence) or not all(
            isinstance(length, int) for length in unflattened_size
        ):
            raise TypeError(
                f"Unflatten: unflattened_size is {unflattened_size!r}; needed is a tuple of integers."
            )
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, x: Array) -> Any:
        """Map for instance (N, C * H * W) to (N, C, H, W)."""
        backend_of_argument("Unflatten", "x", x)
        ndim = len(x.shape)
        if not -ndim <= self.dim < ndim:
            raise ValueError(
                f"Unflatten: dim is {self.dim}; needed is one of the axes of x, a {describe(x)}."
            )
        axis, lengths = self.dim % ndim, tuple(self.unflattened_size)
        known = math.prod(length for length in lengths if length != -1)
        free = lengths.count(-1)
        if free > 1 or (known != x.shape[axis] if not free else not known or x.shape[axis] % known):
            raise ValueError(
                f"Unflatten: unflattened_size is {lengths} and x a {describe(x)}; needed are lengths whose product is "
                f"{x.shape[axis]}, that of axis {axis}, at most one of them -1."
            )
        # Not left to reshape, which cannot tell where another axis has length 0.
        lengths = tuple(x.shape[axis] // known if length == -1 else length for length in lengths)
        return ops.reshape(x, (*x.shape[:axis], *lengths, *x.shape[axis + 1 :]))

    def extra_repr(self) -> str:
        """Give the settings."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"
