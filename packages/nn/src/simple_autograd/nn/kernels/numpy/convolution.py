"""NumPy's kernels for ``functional/convolution.py``: windows gathered tile by tile, one matrix product for each tile.

Inside the kernels an array (N, C, *lengths) is a stack of *blocks* (see ``blocks.py``). Where every channel has weights
of its own, ``depthwise.py`` does it.

A tile is a range of rows of windows whose gathered elements stay in the cache. Where windows overlap they cost several
times the image's memory, so they are gathered again for a gradient rather than kept.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from ....types import Shape
from ...functional.windows import Window, places
from .blocks import blocks_of, images, is_inside
from .depthwise import depthwise, depthwise_backward_weight, depthwise_backward_x
from .memory import ones, scratch
from .threads import split

__all__ = [
    "convolution",
    "convolution_backward_bias",
    "convolution_backward_weight",
    "convolution_backward_x",
]

Array = np.ndarray

_TILE = 2**20
"""About so many elements are gathered at a time, at most."""

_TILE_WINDOWS = 2**15
"""About so many windows make up a tile, at most: a product over more of them goes through memory more often."""

_SUMMED = 2**12
"""So many windows are summed by one product, at most: BLAS is up to three times slower with more."""

_WORK = 2**15
"""So many gathered elements of a channel for each thread repay what it costs."""


def convolution(
    x: Array, weight: Array, bias: Array | None, *, window: Window, groups: int
) -> Array:
    """Weight times windows, tile by tile; the bias is added while a tile is in the cache."""
    if weight.shape[1] == 1 and groups > 1:
        return depthwise(x, weight, bias, window=window, groups=groups)
    lengths = x.shape[2:]
    counts = window.counts(lengths)
    inside = is_inside(counts)
    dtype = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
    matrices = _matrices(weight, groups, dtype)
    blocks = blocks_of(x, inside, dtype, "images")
    results = np.empty((len(blocks), weight.shape[0], *counts, blocks.shape[-1]), dtype)
    outputs = _by_groups(results, groups)

    def work(worker: int, workers: int) -> None:
        for index, first, end, part in _tiles(window, blocks, counts, workers)[worker::workers]:
            columns = _gathered(blocks[index], window, lengths, counts, first, end)
            tile = outputs[index, :, :, part]
            np.matmul(matrices, _rows(columns, groups), out=tile)
            if bias is not None:
                tile += bias.reshape(groups, -1, 1)

    split(work, _workers(blocks, window, counts))
    return images(results, inside)


def convolution_backward_x(
    above: Array, weight: Array, *, window: Window, groups: int, lengths: Shape
) -> Array:
    """The weight's transpose times the gradient, added up where the windows lie."""
    if weight.shape[1] == 1 and groups > 1:
        return depthwise_backward_x(above, weight, window=window, groups=groups, lengths=lengths)
    counts = above.shape[2:]
    inside = is_inside(counts)
    dtype = np.result_type(above, weight)
    matrices = _matrices(weight, groups, dtype).transpose(0, 2, 1)
    grads = blocks_of(above, inside, dtype, "gradients")
    blocks = np.zeros((len(grads), weight.shape[1] * groups, *lengths, grads.shape[-1]), dtype)
    grads = _by_groups(grads, groups)

    def work(worker: int, workers: int) -> None:
        for index, channels in _channels(blocks, groups, workers)[worker::workers]:
            block, grad = blocks[index, channels], grads[index]
            if groups == 1:
                here = slice(channels.start * window.size, channels.stop * window.size)
                factors, those = matrices[:, here], 1
            else:
                each = weight.shape[1]
                here = slice(channels.start // each, channels.stop // each)
                factors, grad, those = matrices[here], grad[here], here.stop - here.start
            for _, first, end, part in _tiles(window, block[None], counts, 1):
                shape = _columns_shape(block, window, counts, first, end)
                columns = scratch.take("columns", math.prod(shape), dtype).reshape(shape)
                np.matmul(factors, grad[:, :, part], out=_rows(columns, those))
                for position, (of_windows, of_x) in enumerate(places(window, lengths, first, end)):
                    there = block[(slice(None), *of_x)]
                    np.add(there, columns[(slice(None), position, *of_windows)], out=there)

    split(work, _workers(blocks, window, counts))
    return images(blocks, inside)


def convolution_backward_weight(above: Array, x: Array, *, window: Window, groups: int) -> Array:
    """Windows times the gradient, summed over tiles: the transpose of what is asked for, which BLAS does faster."""
    if x.shape[1] == groups > 1:
        return depthwise_backward_weight(above, x, window=window, groups=groups)
    lengths, counts = x.shape[2:], above.shape[2:]
    inside = is_inside(counts)
    dtype = np.result_type(above, x)
    grads = _by_groups(blocks_of(above, inside, dtype, "gradients"), groups)
    rows = x.shape[1] // groups * window.size
    blocks = blocks_of(x, inside, dtype, "images")
    totals: dict[int, Array] = {}

    def work(worker: int, workers: int) -> None:
        total = totals[worker] = np.zeros((groups, rows, above.shape[1] // groups), dtype)
        product = np.empty_like(total)
        for index, first, end, part in _tiles(window, blocks, counts, workers)[worker::workers]:
            columns = _rows(_gathered(blocks[index], window, lengths, counts, first, end), groups)
            grad = grads[index, :, :, part].transpose(0, 2, 1)
            for start in range(0, grad.shape[1], _SUMMED):
                here = slice(start, start + _SUMMED)
                np.matmul(columns[:, :, here], grad[:, here], out=product)
                total += product

    split(work, _workers(blocks, window, counts))
    total = totals[0]
    for worker in range(1, len(totals)):
        total += totals[worker]
    out = np.empty((above.shape[1], x.shape[1] // groups, *window.kernel), dtype)
    _matrices(out, groups, dtype)[...] = total.transpose(0, 2, 1)
    return out


def convolution_backward_bias(above: Array) -> Array:
    """The sum over windows as a product with ones, which reads memory at full speed."""
    if above.dtype.itemsize < 4 or not above.size:
        return np.add.reduce(above, axis=(0, *range(2, above.ndim)))
    counts = above.shape[2:]
    blocks = blocks_of(above, is_inside(counts), above.dtype, "gradients")
    # One number for each row of windows, and then the sum of these, to lose fewer digits than in one long sum.
    rows = blocks.reshape(-1, math.prod(counts[1:]) * blocks.shape[-1])
    sums = rows @ ones(rows.shape[1], rows.dtype)
    return np.add.reduce(sums.reshape(*blocks.shape[:2], counts[0]), axis=(0, 2))


# Matrices -------------------------------------------------------------------------------------------------------------


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


def _workers(blocks: Array, window: Window, counts: Shape) -> int:
    """Give how many threads the windows of all blocks repay."""
    return math.prod(counts) * window.size * len(blocks) * blocks.shape[-1] // _WORK


def _tiles(
    window: Window, blocks: Array, counts: Shape, workers: int
) -> list[tuple[int, int, int, slice]]:
    """Cut the windows into tiles, enough of them for so many workers.

    A tile is the number of its block, its first row, the one behind its last, and the windows among all of the block.
    """
    width = math.prod(counts[1:]) * blocks.shape[-1]
    windows = counts[0] * width
    least = workers if len(blocks) < workers else 1
    tiles = max(
        windows * blocks.shape[1] * window.size / _TILE, windows / (_TILE_WINDOWS * least), 1
    )
    tiles = min(counts[0], math.ceil(tiles) * least)
    rows = [counts[0] * tile // tiles for tile in range(tiles + 1)] if tiles else []
    return [
        (index, first, end, slice(first * width, end * width))
        for index in range(len(blocks))
        for first, end in itertools.pairwise(rows)
    ]


def _channels(blocks: Array, groups: int, workers: int) -> list[tuple[int, slice]]:
    """Cut the channels of blocks, or their groups, into parts for so many workers: a block's number and channels."""
    channels = blocks.shape[1]
    parts = channels if groups == 1 else groups
    count = max(1, min(parts, workers) if len(blocks) < workers else 1)
    bounds = [parts * part // count * (channels // max(1, parts)) for part in range(count + 1)]
    return [
        (index, slice(first, end))
        for index in range(len(blocks))
        for first, end in itertools.pairwise(bounds)
    ]


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
