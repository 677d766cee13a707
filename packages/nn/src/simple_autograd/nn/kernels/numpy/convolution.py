"""NumPy's kernels for ``functional/convolution.py``: windows gathered tile by tile, one matrix product for each tile.

Inside the kernels an array (N, C, *lengths) is a stack of *blocks* (see ``blocks.py``). Where every channel has weights
of its own, ``depthwise.py`` does it; where there are few outputs, ``widened.py`` makes more of them.

A tile is a range of rows of windows. Where windows overlap they cost several times the image's memory, so they are
gathered again for a gradient rather than kept. The products are BLAS's, on all its threads, and what is around them is
done on one: threads of our own would meet BLAS's, which look for work on their cores for 25 ms after each product.
"""

from __future__ import annotations

import itertools
import math
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from ....types import Shape
from ...functional.windows import Window, places
from .blocks import blocks_of, images, is_inside
from .depthwise import depthwise, depthwise_backward_weight, depthwise_backward_x
from .memory import ones, scratch
from .threads import one_thread
from .widened import widened

__all__ = [
    "convolution",
    "convolution_backward_bias",
    "convolution_backward_weight",
    "convolution_backward_x",
]

Array = np.ndarray

_TILE = 2**20
"""About so many elements are gathered at a time, at most."""

_SUMMED = 2**12
"""So many windows are summed by one product, at most: BLAS is up to three times slower with more."""

_FEW = 32
"""Products with fewer outputs than these gain little by BLAS's threads, which may wait for each other."""


def convolution(
    x: Array, weight: Array, bias: Array | None, *, window: Window, groups: int
) -> Array:
    """Weight times windows, tile by tile; the bias is added while a tile is in the cache."""
    if weight.shape[1] == 1 and groups > 1:
        return depthwise(x, weight, bias, window=window, groups=groups)
    lengths = x.shape[2:]
    counts = window.counts(lengths)
    wide = widened(weight.shape, window, groups, counts[-1])
    if wide is not None:
        with np.errstate(all="ignore"):
            matrix, numbers = wide.weight(weight), wide.bias(bias)
            out = convolution(x, matrix, numbers, window=wide.window, groups=groups)
        if np.isfinite(out).all():
            return wide.together(out, counts[-1])
    inside = is_inside(counts)
    dtype = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
    matrices = _matrices(weight, groups, dtype)
    blocks = blocks_of(x, inside, dtype, "images")
    results = np.empty((len(blocks), weight.shape[0], *counts, blocks.shape[-1]), dtype)
    outputs = _by_groups(results, groups)
    with _products(outputs.shape[2]):
        for index, first, end, part in _tiles(window, blocks, counts):
            columns = _gathered(blocks[index], window, lengths, counts, first, end)
            tile = outputs[index, :, :, part]
            np.matmul(matrices, _rows(columns, groups), out=tile)
            if bias is not None:
                tile += bias.reshape(groups, -1, 1)
    return images(results, inside)


def convolution_backward_x(
    above: Array, weight: Array, *, window: Window, groups: int, lengths: Shape
) -> Array:
    """The weight's transpose times the gradient, added up where the windows lie."""
    if weight.shape[1] == 1 and groups > 1:
        return depthwise_backward_x(above, weight, window=window, groups=groups, lengths=lengths)
    counts = above.shape[2:]
    wide = widened(weight.shape, window, groups, counts[-1])
    if wide is not None:
        with np.errstate(all="ignore"):
            grad, matrix = wide.apart(above), wide.weight(weight)
            out = convolution_backward_x(
                grad, matrix, window=wide.window, groups=groups, lengths=lengths
            )
        if np.isfinite(out).all():
            return out
    inside = is_inside(counts)
    dtype = np.result_type(above, weight)
    matrices = _matrices(weight, groups, dtype).transpose(0, 2, 1)
    grads = blocks_of(above, inside, dtype, "gradients")
    blocks = np.zeros((len(grads), weight.shape[1] * groups, *lengths, grads.shape[-1]), dtype)
    grads = _by_groups(grads, groups)
    with _products(grads.shape[2]):
        for index, first, end, part in _tiles(window, blocks, counts):
            block = blocks[index]
            shape = _columns_shape(block, window, counts, first, end)
            columns = scratch.take("columns", math.prod(shape), dtype).reshape(shape)
            np.matmul(matrices, grads[index, :, :, part], out=_rows(columns, groups))
            for position, (of_windows, of_x) in enumerate(places(window, lengths, first, end)):
                there = block[(slice(None), *of_x)]
                np.add(there, columns[(slice(None), position, *of_windows)], out=there)
    return images(blocks, inside)


def convolution_backward_weight(above: Array, x: Array, *, window: Window, groups: int) -> Array:
    """Windows times the gradient, summed over tiles: the transpose of what is asked for, which BLAS does faster."""
    if x.shape[1] == groups > 1:
        return depthwise_backward_weight(above, x, window=window, groups=groups)
    lengths, counts = x.shape[2:], above.shape[2:]
    shape = (above.shape[1], x.shape[1] // groups, *window.kernel)
    wide = widened(shape, window, groups, counts[-1])
    if wide is not None:
        with np.errstate(all="ignore"):
            grad = wide.apart(above)
            out = convolution_backward_weight(grad, x, window=wide.window, groups=groups)
        if np.isfinite(out).all():
            return wide.weight_grad(out)
    inside = is_inside(counts)
    dtype = np.result_type(above, x)
    grads = _by_groups(blocks_of(above, inside, dtype, "gradients"), groups)
    rows = x.shape[1] // groups * window.size
    blocks = blocks_of(x, inside, dtype, "images")
    total = np.zeros((groups, rows, above.shape[1] // groups), dtype)
    product = np.empty_like(total)
    with _products(total.shape[2]):
        for index, first, end, part in _tiles(window, blocks, counts):
            columns = _rows(_gathered(blocks[index], window, lengths, counts, first, end), groups)
            grad = grads[index, :, :, part].transpose(0, 2, 1)
            for start in range(0, grad.shape[1], _SUMMED):
                here = slice(start, start + _SUMMED)
                np.matmul(columns[:, :, here], grad[:, here], out=product)
                total += product
    out = np.empty(shape, dtype)
    _matrices(out, groups, dtype)[...] = total.transpose(0, 2, 1)
    return out


def convolution_backward_bias(above: Array) -> Array:
    """The sum over windows as a product with ones, which reads memory at full speed."""
    if above.dtype.itemsize < 4 or not above.size:
        return np.add.reduce(above, axis=(0, *range(2, above.ndim)))
    counts = above.shape[2:]
    # As it lies, unless that is neither way: a sum is not worth a copy.
    inside = is_inside(counts) and not above.flags.c_contiguous
    blocks = blocks_of(above, inside, above.dtype, "gradients")
    # One number for each row of windows, and then the sum of these, to lose fewer digits than in one long sum.
    rows = blocks.reshape(-1, math.prod(counts[1:]) * blocks.shape[-1])
    sums = rows @ ones(rows.shape[1], rows.dtype)
    return np.add.reduce(sums.reshape(*blocks.shape[:2], counts[0]), axis=(0, 2))


# Matrices -------------------------------------------------------------------------------------------------------------


def _products(outputs: int) -> AbstractContextManager[None]:
    """Give a context for products with so many outputs in each group."""
    return one_thread() if outputs < _FEW else nullcontext()


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


def _tiles(window: Window, blocks: Array, counts: Shape) -> list[tuple[int, int, int, slice]]:
    """Cut the windows into tiles.

    A tile is the number of its block, its first row, the one behind its last, and the windows among all of the block.
    """
    width = math.prod(counts[1:]) * blocks.shape[-1]
    elements = counts[0] * width * blocks.shape[1] * window.size
    tiles = min(counts[0], max(1, math.ceil(elements / _TILE)))
    rows = [counts[0] * tile // tiles for tile in range(tiles + 1)] if tiles else []
    return [
        (index, first, end, slice(first * width, end * width))
        for index in range(len(blocks))
        for first, end in itertools.pairwise(rows)
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
