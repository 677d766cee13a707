"""The layout that convolution's kernels work in: images as blocks, each by itself or all of them innermost.

An array (N, C, *lengths) is a stack of *blocks*, (B, C, *lengths, n) with ``B * n = N``: either each image by itself
(n = 1), or all of them in one block, innermost (B = 1). The second way makes long runs of memory of short rows of
pixels; results then lie so in memory, seen as (N, C, *lengths), and what is computed from them elementwise keeps that
order.
"""

from __future__ import annotations

import numpy as np

from ....types import Shape
from .memory import scratch

__all__ = ["blocks_of", "images", "is_inside"]

Array = np.ndarray

_SHORT_ROW = 48
"""Rows of fewer windows than this are lined up with those of other images."""

_LARGE = 2**20
"""Images of so many bytes do not fit into a core's cache."""


def is_inside(counts: Shape) -> bool:
    """Say whether images lie innermost where there are so many windows."""
    return counts[-1] < _SHORT_ROW


def images(blocks: Array, inside: bool) -> Array:
    """Give blocks (B, C, *lengths, n) as (N, C, *lengths), a view."""
    return np.moveaxis(blocks[0], -1, 0) if inside else blocks[..., 0]


def blocks_of(x: Array, inside: bool, dtype: np.dtype, use: str) -> Array:
    """Give (N, C, *lengths) as contiguous blocks (B, C, *lengths, n): a view, or a copy in scratch memory."""
    blocks = np.moveaxis(x, 0, -1)[None] if inside else x[..., None]
    if blocks.flags.c_contiguous and blocks.dtype == dtype:
        return blocks
    copy = scratch.take(use, blocks.size, dtype).reshape(blocks.shape)
    # Few at a time, if they are large: they may be a multiple of the page size apart, in the same lines of the cache.
    step = 16 if copy.nbytes > _LARGE else max(1, blocks.shape[-1])
    for start in range(0, blocks.shape[-1], step):
        copy[..., start : start + step] = blocks[..., start : start + step]
    return copy
