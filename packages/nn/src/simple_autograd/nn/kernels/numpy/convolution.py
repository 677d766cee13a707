"""NumPy's kernels for ``functional/convolution.py``: windows gathered tile by tile, one matrix product for each tile.

Inside the kernels an array (N, C, *lengths) is a stack of *blocks*, (B, C, *lengths, n) with ``B * n = N``: either each
image by itself (n = 1), or all of them in one block, innermost (B = 1). The second way makes long runs of memory of
short rows of pixels; results then lie so in memory, seen as (N, C, *lengths), and what is computed from them
elementwise keeps that order. Which way is better is decided by the shape.

A tile is a range of rows of windows whose gathered elements stay in the cache. Where windows overlap they cost several
times the image's memory, so they are gathered again for a gradient rather than kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ....types import Shape
from ...functional.windows import Window, places
from .memory import scratch

__all__ = ["convolution", "convolution_backward_weight", "convolution_backward_x"]

Array = np.ndarray

_TILE = 2**20
"""About so many elements are gathered at a time, at most."""

_TILE_WINDOWS = 2**13
"""About so many windows make up a tile, at most: a product over more of them goes through memory more often."""

_SHORT_ROW = 32
"""Rows of fewer windows than this are lined up with those of other images."""


def convolution(
    x: Array, weight: Array, bias: Array | None, *, window: Window, groups: int
) -> Array:
    """Weight times windows, tile by tile; the bias is added while a tile is in the cache."""
    lengths = x.shape[2:]
    counts = window.counts(lengths)
    inside = counts[-1] < _SHORT_ROW
    dtype = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
    matrices = _matrices(weight, groups, dtype)
    blocks = _blocks(x, inside, dtype, "images")
    results = np.empty((len(blocks), weight.shape[0], *counts, blocks.shape[-1]), dtype)
    for block, result in zip(blocks, _by_groups(results, groups), strict=True):
        for first, end, part in _tiles(window, block, counts):
            columns = _gathered(block, window, lengths, counts, first, end)
            tile = result[:, :, part]
            np.matmul(matrices, _rows(columns, groups), out=tile)
            if bias is not None:
                tile += bias.reshape(groups, -1, 1)
    return _images(results, inside)


def convolution_backward_x(
    above: Array, weight: Array, *, window: Window, groups: int, lengths: Shape
) -> Array:
    """The weight's transpose times the gradient, added up where the windows lie."""
    counts = above.shape[2:]
    inside = counts[-1] < _SHORT_ROW
    dtype = np.result_type(above, weight)
    matrices = _matrices(weight, groups, dtype).transpose(0, 2, 1)
    grads = _blocks(above, inside, dtype, "gradients")
    blocks = np.zeros((len(grads), weight.shape[1] * groups, *lengths, grads.shape[-1]), dtype)
    for grad, block in zip(_by_groups(grads, groups), blocks, strict=True):
        for first, end, part in _tiles(window, block, counts):
            shape = _columns_shape(block, window, counts, first, end)
            columns = scratch.take("columns", math.prod(shape), dtype).reshape(shape)
            np.matmul(matrices, grad[:, :, part], out=_rows(columns, groups))
            for position, (of_windows, of_x) in enumerate(places(window, lengths, first, end)):
                here = block[(slice(None), *of_x)]
                np.add(here, columns[(slice(None), position, *of_windows)], out=here)
    return _images(blocks, inside)


def convolution_backward_weight(above: Array, x: Array, *, window: Window, groups: int) -> Array:
    """Windows times the gradient, summed over tiles: the transpose of what is asked for, which BLAS does faster."""
    lengths, counts = x.shape[2:], above.shape[2:]
    inside = counts[-1] < _SHORT_ROW
    dtype = np.result_type(above, x)
    grads = _by_groups(_blocks(above, inside, dtype, "gradients"), groups)
    rows = x.shape[1] // groups * window.size
    total = np.zeros((groups, rows, above.shape[1] // groups), dtype)
    product = np.empty_like(total)
    for grad, block in zip(grads, _blocks(x, inside, dtype, "images"), strict=True):
        for first, end, part in _tiles(window, block, counts):
            columns = _gathered(block, window, lengths, counts, first, end)
            grad_tile = grad[:, :, part].transpose(0, 2, 1)
            np.matmul(_rows(columns, groups), grad_tile, out=product)
            total += product
    out = np.empty((above.shape[1], x.shape[1] // groups, *window.kernel), dtype)
    _matrices(out, groups, dtype)[...] = total.transpose(0, 2, 1)
    return out


# Blocks ---------------------------------------------------------------------------------------------------------------


def _images(blocks: Array, inside: bool) -> Array:
    """Give blocks (B, C, *lengths, n) as (N, C, *lengths), a view."""
    return np.moveaxis(blocks[0], -1, 0) if inside else blocks[..., 0]


def _blocks(x: Array, inside: bool, dtype: np.dtype, use: str) -> Array:
    """Give (N, C, *lengths) as contiguous blocks (B, C, *lengths, n): a view, or a copy in scratch memory."""
    blocks = np.moveaxis(x, 0, -1)[None] if inside else x[..., None]
    if blocks.flags.c_contiguous and blocks.dtype == dtype:
        return blocks
    copy = scratch.take(use, blocks.size, dtype).reshape(blocks.shape)
    # Few at a time: images may be a multiple of the page size apart, and fall into the same lines of the cache.
    for start in range(0, blocks.shape[-1], 16):
        copy[..., start : start + 16] = blocks[..., start : start + 16]
    return copy


def _by_groups(blocks: Array, groups: int) -> Array:
    """Give contiguous blocks (B, C, *lengths, n) as (B, groups, C / groups, elements), a view."""
    count, channels = blocks.shape[:2]
    return blocks.reshape(count, groups, channels // groups, math.prod(blocks.shape[2:]))


def _matrices(weight: Array, groups: int, dtype: np.dtype) -> Array:
    """Give (O, C / groups, *kernel) as (groups, O / groups, C / groups * window size)."""
    outputs, *rest = weight.shape
    shape = (groups, outputs // groups, math.prod(rest))
    return np.ascontiguousarray(weight, dtype).reshape(shape)


def _rows(columns: Array, groups: int) -> Array:
    """Give gathered windows (C, window size, *counts, n) as (groups, C / groups * window size, windows), a view."""
    channels, size, *counts = columns.shape
    return columns.reshape(groups, channels // groups * size, math.prod(counts))


# Tiles ----------------------------------------------------------------------------------------------------------------


def _tiles(window: Window, block: Array, counts: Shape) -> Iterator[tuple[int, int, slice]]:
    """Cut the windows into tiles: the first row, the one behind the last, and the windows among all of a block."""
    width = math.prod(counts[1:]) * block.shape[-1]
    windows = counts[0] * width
    tiles = max(windows * block.shape[0] * window.size / _TILE, windows / _TILE_WINDOWS, 1)
    rows = max(1, math.ceil(counts[0] / math.ceil(tiles)))
    for first in range(0, counts[0], rows):
        end = min(first + rows, counts[0])
        yield first, end, slice(first * width, end * width)


def _columns_shape(block: Array, window: Window, counts: Shape, first: int, end: int) -> Shape:
    return (block.shape[0], window.size, end - first, *counts[1:], block.shape[-1])


def _gathered(
    block: Array, window: Window, lengths: Shape, counts: Shape, first: int, end: int
) -> Array:
    """Give the elements of the windows of a tile, (C, window size, rows, *counts, n), in scratch memory."""
    shape = _columns_shape(block, window, counts, first, end)
    columns = scratch.take("columns", math.prod(shape), block.dtype).reshape(shape)
    for position, (of_windows, of_x) in enumerate(places(window, lengths, first, end)):
        column = columns[:, position]
        inner = column[(slice(None), *of_windows)]
        if inner.shape != column.shape:
            column[...] = 0
        inner[...] = block[(slice(None), *of_x)]
    return columns
