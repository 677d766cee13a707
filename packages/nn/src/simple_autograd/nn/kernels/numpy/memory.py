"""Memory of the kernels: scratch to compute in, and the order in which an array's axes lie.

Scratch is kept from call to call, because fresh memory of its size would be paged in anew each time.
"""

from __future__ import annotations

import math
import threading
from typing import Any

import numpy as np

from ....types import Shape

__all__ = ["axes_by_stride", "empty_in_order", "flat_zeros", "ones", "scratch"]

Array = np.ndarray

_LEAST = 16_384
"""Smaller requests get a buffer of so many elements, which then serves the next ones too."""


def flat_zeros(size: int, dtype: np.dtype) -> Array:
    """Zeros that begin at a cache line, which passes over large arrays repay with a tenth of their time."""
    line = 64
    memory = np.zeros(size * dtype.itemsize + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + size * dtype.itemsize].view(dtype)


_MOST = 2**23
"""Larger requests are not kept: what they cost is little beside the work on them, and much to hold on to."""


class _Scratch(threading.local):
    """One buffer for each use and data type, of the thread's own. What is taken must not leave the kernel."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[str, np.dtype], Array] = {}

    def take(self, use: str, size: int, dtype: np.dtype) -> Array:
        """Give `size` elements whose contents are of no account."""
        if size > _MOST:
            return np.empty(size, dtype)
        buffer = self._buffers.get((use, dtype))
        if buffer is None or buffer.size < size:
            buffer = self._buffers[use, dtype] = flat_zeros(max(size, _LEAST), dtype)
        return buffer[:size]


scratch = _Scratch()


_ones: dict[np.dtype, Array] = {}


def ones(size: int, dtype: np.dtype) -> Array:
    """Give a vector of ones, not to be written: a product with it is a sum, and reads memory at full speed."""
    kept = _ones.get(dtype)
    if kept is None or kept.size < size:
        kept = np.ones(max(size, _LEAST), dtype)
        kept.flags.writeable = False
        if size <= _MOST:
            _ones[dtype] = kept
    return kept[:size]


def axes_by_stride(x: Array) -> list[int]:
    """Give the axes of an array in the order in which they lie in memory, the outermost first."""
    return sorted(range(x.ndim), key=lambda axis: -abs(x.strides[axis]))


def empty_in_order(like: Array, lengths: Shape, dtype: Any, use: str | None = None) -> Array:
    """Make an array with other last lengths than `like`, whose axes lie in the same order; for a `use`, in scratch.

    Its contents are of no account.
    """
    shape = (*like.shape[: like.ndim - len(lengths)], *lengths)
    order = axes_by_stride(like)
    inside = [shape[axis] for axis in order]
    if use is None:
        memory = np.empty(inside, dtype)
    else:
        memory = scratch.take(use, math.prod(inside), np.dtype(dtype)).reshape(inside)
    return memory.transpose([order.index(axis) for axis in range(like.ndim)])
