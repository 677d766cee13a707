"""Convolution where each channel has weights of its own (``groups == channels``), for ``convolution.py`` beside this.

There is no product of matrices in it: each place within the window adds its multiple of the image, moved by some
elements, to the result. So that these are runs of memory as long as an image, it is copied with its padding, and the
result gets rows of the same length, whose ends are of no account. With a stride of 2 every other row and column are a
*plane* of their own, in which neighbouring windows meet neighbouring elements again; so it is with any stride.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ....types import Shape
from ...functional.windows import Window
from .blocks import blocks_of, images
from .memory import scratch
from .threads import split

__all__ = ["depthwise", "depthwise_backward_weight", "depthwise_backward_x"]

Array = np.ndarray

_TILE = 2**18
"""About so many elements of images are gone over at a time."""

_SHORT_RUN = 400
"""Runs of fewer elements than this are lined up with those of other images."""

_BUFFER = 64
"""The size of NumPy's buffer meanwhile, in elements."""

_WORK = 2**20
"""So many products for each thread repay it."""


class _Planes(NamedTuple):
    """How an image with its padding is cut into planes.

    Attributes
    ----------
    lengths
        Of each plane.
    cuts
        For each plane, slices of it and of the image: of the elements that they share.
    taps
        For each place within the window its plane, and where in that the first window has its element.
    rows
        The lengths of a result whose rows are as long as those of a plane.
    run
        How many elements there are from the first of such a result that counts to the last.
    """

    lengths: Shape
    cuts: tuple[tuple[tuple[Any, ...], tuple[Any, ...]], ...]
    taps: tuple[tuple[int, int], ...]
    rows: Shape
    run: int


def depthwise(x: Array, weight: Array, bias: Array | None, *, window: Window, groups: int) -> Array:
    """(N, C, *lengths) and (O, 1, *kernel) to (N, O, *counts)."""
    counts = window.counts(x.shape[2:])
    planes = _planes(window, x.shape[2:])
    inside = _is_inside(x, planes)
    dtype = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
    factors = _by_channel(np.asarray(weight, dtype)[None], groups).reshape(groups, -1, window.size)
    blocks = blocks_of(x, inside, dtype, "images")
    results = np.empty((len(blocks), weight.shape[0], *counts, blocks.shape[-1]), dtype)
    outputs = _by_channel(results, groups)

    def work(worker: int, index: int, here: slice) -> None:
        elements = _cut(blocks[index, here], planes)
        for output in range(factors.shape[1]):
            result = outputs[index, here, output]
            sums, seen = _widened(result, planes)
            product = scratch.take("products", sums.size, dtype).reshape(sums.shape)
            for place, part in enumerate(_parts(elements, planes, sums)):
                number = factors[here, output, place, None]
                np.multiply(part, number, out=product if place else sums)
                if place:
                    np.add(sums, product, out=sums)
            if bias is not None:
                sums += bias.reshape(groups, -1)[here, output, None]
            result[...] = seen

    _by_tiles(work, blocks, planes, counts, window)
    return images(results, inside)


def depthwise_backward_x(
    above: Array, weight: Array, *, window: Window, groups: int, lengths: Shape
) -> Array:
    """(N, O, *counts) and (O, 1, *kernel) to (N, C, *lengths)."""
    counts = above.shape[2:]
    planes = _planes(window, lengths)
    inside = _is_inside(above, planes)
    dtype = np.result_type(above, weight)
    factors = _by_channel(np.asarray(weight, dtype)[None], groups).reshape(groups, -1, window.size)
    grads = _by_channel(blocks_of(above, inside, dtype, "gradients"), groups)
    blocks = np.zeros((len(grads), groups, *lengths, grads.shape[-1]), dtype)

    def work(worker: int, index: int, here: slice) -> None:
        block = blocks[index, here]
        elements = _empty_planes(block, planes)
        elements[...] = 0
        for output in range(factors.shape[1]):
            grad, seen = _widened(grads[index, here, output], planes)
            grad[...] = 0
            seen[...] = grads[index, here, output]
            product = scratch.take("products", grad.size, dtype).reshape(grad.shape)
            for place, part in enumerate(_parts(elements, planes, grad)):
                np.multiply(grad, factors[here, output, place, None], out=product)
                np.add(part, product, out=part)
        for number, (of_plane, of_image) in enumerate(planes.cuts):
            block[(slice(None), *of_image)] = elements[(slice(None), number, *of_plane)]

    _by_tiles(work, blocks, planes, counts, window)
    return images(blocks, inside)


def depthwise_backward_weight(above: Array, x: Array, *, window: Window, groups: int) -> Array:
    """(N, O, *counts) and (N, C, *lengths) to (O, 1, *kernel)."""
    counts = above.shape[2:]
    planes = _planes(window, x.shape[2:])
    inside = _is_inside(x, planes)
    dtype = np.result_type(above, x)
    grads = _by_channel(blocks_of(above, inside, dtype, "gradients"), groups)
    blocks = blocks_of(x, inside, dtype, "images")
    totals: dict[int, Array] = {}

    def work(worker: int, index: int, here: slice) -> None:
        if worker not in totals:
            totals[worker] = np.zeros((groups, grads.shape[2], window.size), dtype)
        elements = _cut(blocks[index, here], planes)
        for output in range(grads.shape[2]):
            grad, seen = _widened(grads[index, here, output], planes)
            grad[...] = 0
            seen[...] = grads[index, here, output]
            for place, part in enumerate(_parts(elements, planes, grad)):
                product = np.matmul(grad[:, None, :], part[:, :, None])
                totals[worker][here, output, place] += product[:, 0, 0]

    _by_tiles(work, blocks, planes, counts, window)
    total = np.zeros((groups, grads.shape[2], window.size), dtype)
    for worker in sorted(totals):
        total += totals[worker]
    return total.reshape(above.shape[1], 1, *window.kernel)


def _by_channel(blocks: Array, channels: int) -> Array:
    """Give contiguous blocks (B, O, ...) as (B, C, O / C, ...), a view."""
    count, outputs, *rest = blocks.shape
    return blocks.reshape(count, channels, outputs // channels, *rest)


# Planes ---------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _planes(window: Window, lengths: Shape) -> _Planes:
    """Cut images of these lengths for a window."""
    counts = window.counts(lengths)
    reach = zip(counts, window.stride, window.spans, strict=True)
    # As many as the last window reaches over, in steps as long as the stride.
    sizes = tuple([-(-((count - 1) * stride + span) // stride) for count, stride, span in reach])
    numbers: dict[Shape, int] = {}
    taps = []
    for position in itertools.product(*map(range, window.kernel)):
        spread = zip(position, window.dilation, window.stride, strict=True)
        steps = [divmod(place * dilation, stride) for place, dilation, stride in spread]
        remainders = tuple([remainder for _, remainder in steps])
        number = numbers.setdefault(remainders, len(numbers))
        taps.append((number, _flat([step for step, _ in steps], sizes)))
    cuts = []
    for remainders in numbers:
        along = []
        for first, stride, (before, _), size, length in zip(
            remainders, window.stride, window.padding, sizes, lengths, strict=True
        ):
            low = max(0, -((first - before) // stride))
            high = max(low, min(size, (length - 1 + before - first) // stride + 1))
            start = low * stride + first - before
            along.append((slice(low, high), slice(start, start + (high - low) * stride, stride)))
        cuts.append((tuple([a for a, _ in along]), tuple([b for _, b in along])))
    run = _flat([count - 1 for count in counts], sizes) + 1
    return _Planes(sizes, tuple(cuts), tuple(taps), (counts[0], *sizes[1:]), run)


def _flat(place: list[int], lengths: Shape) -> int:
    """Give where a place is among all, in row-major order."""
    return functools.reduce(
        lambda at, step: at * step[1] + step[0], zip(place, lengths, strict=True), 0
    )


def _empty_planes(block: Array, planes: _Planes) -> Array:
    """Make scratch memory for the planes of images (C, *lengths, n): (C, number of planes, *lengths, n)."""
    shape = (len(block), len(planes.cuts), *planes.lengths, block.shape[-1])
    return scratch.take("planes", math.prod(shape), block.dtype).reshape(shape)


def _cut(block: Array, planes: _Planes) -> Array:
    """Give images (C, *lengths, n) as planes, in scratch memory."""
    elements = _empty_planes(block, planes)
    for number, (of_plane, of_image) in enumerate(planes.cuts):
        plane = elements[:, number]
        inner = plane[(slice(None), *of_plane)]
        if inner.shape != plane.shape:
            plane[...] = 0
        inner[...] = block[(slice(None), *of_image)]
    return elements


def _parts(elements: Array, planes: _Planes, run: Array) -> Iterator[Array]:
    """Give, for each place within the window, the elements that windows have there, as long as `run`."""
    flat = elements.reshape(*elements.shape[:2], -1)
    for number, first in planes.taps:
        start = first * elements.shape[-1]
        yield flat[:, number, start : start + run.shape[1]]


def _widened(result: Array, planes: _Planes) -> tuple[Array, Array]:
    """Make scratch for (C, *counts, n) with rows as long as a plane's: as runs (C, elements), and what of it counts."""
    channels, *counts, inside = result.shape
    shape = (channels, *planes.rows, inside)
    wide = scratch.take("wide", math.prod(shape), result.dtype).reshape(shape)
    runs = wide.reshape(channels, -1)[:, : planes.run * inside]
    return runs, wide[(slice(None), *[slice(count) for count in counts])]


def _is_inside(x: Array, planes: _Planes) -> bool:
    """Say whether images are to lie innermost: where they do already, or where it pays to move them."""
    return planes.run < _SHORT_RUN or np.moveaxis(x, 0, -1).flags.c_contiguous


# Tiles ----------------------------------------------------------------------------------------------------------------


def _by_tiles(
    work: Callable[[int, int, slice], None],
    blocks: Array,
    planes: _Planes,
    counts: Shape,
    window: Window,
) -> None:
    """Call ``work(worker, block, channels)`` for some channels at a time of all blocks, on as many threads as repay."""
    channels, inside = blocks.shape[1], blocks.shape[-1]
    size = math.prod(planes.lengths) * len(planes.cuts) * inside

    def run(worker: int, workers: int) -> None:
        parts = max(1, min(channels, max(channels * size // _TILE, -(-workers // len(blocks)))))
        bounds = [channels * part // parts for part in range(parts + 1)]
        jobs = itertools.product(range(len(blocks)), itertools.pairwise(bounds))
        # What overflows may be of no account; where it is not, infinity says so.
        with np.errstate(over="ignore", invalid="ignore"):
            # NumPy copies the elements of shorter runs than a fourth of its buffer, which takes longer than the work.
            # Leaving the block restores the size.
            np.setbufsize(_BUFFER)
            for index, (first, end) in itertools.islice(jobs, worker, None, workers):
                work(worker, index, slice(first, end))

    if len(blocks) * channels * inside:
        products = math.prod(counts) * window.size * len(blocks) * channels * inside
        split(run, products // _WORK)
