"""``standardize`` and its gradient, the operation behind all normalizations but that by neighbours.

Statistics are those of rows (the last axes: layer, group, instance and RMS norm), or of channels (all but the second
axis: batch norm). Other axes are left to the portable body. Of half types, mean and variance are in float32.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

from .launching import covered, dense, empty, launch, launch_each, real_dtype, shape_of_blocks

__all__ = ["channel_sums", "standardize", "standardize_backward"]

Array = Any

_BLOCKS = 512
"""So many blocks keep a GPU busy."""

_CHUNK = 4096
"""Groups are not cut into smaller chunks than this."""

_ROWS, _PART = 2048, 64
"""Columns of more rows than that are cut into parts, none with fewer rows than these."""


class Layout(NamedTuple):
    """How groups and weights lie in memory (see ``normalization.cu``), and into how many chunks a group is cut."""

    groups: int
    size: int
    run: int
    channels: int
    inner: int
    chunks: int
    kept: tuple[int, ...] = ()
    """The shape of the statistics: 1 for each axis that they are taken over."""

    @property
    def counts(self) -> tuple[int, ...]:
        """What the kernels are told."""
        return self[:5]

    @property
    def groups_are_channels(self) -> bool:
        """Whether all of a group has one weight, and no other group has it."""
        return self.groups == self.channels and self.run == self.inner

    def whole(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give grid and block of a kernel that does whole groups."""
        width, rows = shape_of_blocks(self.size)
        return (-(-self.groups // rows),), (width, rows)

    def by_chunks(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give grid and block of a kernel that does a chunk of a group per block."""
        return (self.groups, self.chunks), (shape_of_blocks(-(-self.size // self.chunks))[0],)


def standardize(x: Array, weight: Array | None, bias: Array | None, *, settings: Any) -> Any:
    """The result, the normal values, mean and variance, in one launch; in two where groups are few and long."""
    layout = _layout(x.shape, settings)
    if layout is None or not covered(x, weight, bias):
        return NotImplemented
    x, centered = dense(x), int(settings.centered)
    normal = empty(x.shape, x.dtype)
    out = None if weight is None and bias is None else empty(x.shape, x.dtype)
    mean, var = (empty(layout.kept, real_dtype(x.dtype)) for _ in range(2))
    arrays = (x, _dense(weight), _dense(bias), out, normal, mean, var)
    numbers = (*layout.counts, float(settings.eps))
    if layout.chunks == 1:
        _launch("standardize", x.dtype, layout.whole(), *arrays, *numbers, centered)
    else:
        grid = layout.by_chunks()
        parts = empty((layout.groups, layout.chunks, 2), mean.dtype)
        _launch("chunk_moments", x.dtype, grid, x, parts, *layout[:3], centered)
        _launch("standardize_by_chunks", x.dtype, grid, *arrays, parts, *numbers)
    return normal if out is None else out, normal, mean, var


def standardize_backward(
    above: Array, weight: Array | None, normal: Array, var: Array, *, settings: Any
) -> Any:
    """The gradients for x and, if there is any of the two, for weight and bias."""
    layout, dtype = _layout(normal.shape, settings), normal.dtype
    if (
        layout is None
        or not covered(normal, above, weight)
        or above.shape != normal.shape
        or var.dtype != real_dtype(dtype)
    ):
        return NotImplemented
    above, weight, normal, var = dense(above), _dense(weight), dense(normal), dense(var)
    for_x = empty(normal.shape, dtype)
    numbers = (*layout.counts, float(settings.eps), int(settings.centered))
    per_channel = settings.affine is not None and layout.groups_are_channels
    if layout.chunks == 1 and not per_channel:
        inputs = (above, weight, normal, var)
        _launch("standardize_backward", dtype, layout.whole(), *inputs, for_x, *numbers)
    else:
        parts = empty((layout.groups, layout.chunks, 2), real_dtype(dtype))
        arrays = (above, normal, parts, None, None, None if per_channel else weight)
        _launch("chunk_sums", dtype, layout.by_chunks(), *arrays, *layout.counts)
        inputs = (above, weight, normal, var)
        name, flag = "standardize_backward_by_chunks", int(not per_channel)
        _launch(name, dtype, layout.by_chunks(), *inputs, parts, for_x, *numbers, flag)
    if settings.affine is None:
        return (for_x,)
    # Two arrays, not two parts of one: a gradient that shares memory is copied before it becomes `.grad`.
    for_weight, for_bias = (empty(settings.affine, dtype) for _ in range(2))
    if per_channel:
        _sum_parts(parts, for_weight, for_bias)
    else:
        channel_sums(above, normal, for_weight, for_bias, layout.inner)
    return for_x, for_weight, for_bias


def channel_sums(
    above: Array, normal: Array | None, for_weight: Array | None, for_bias: Array, inner: int
) -> None:
    """Sum what belongs to each channel, and its products with the normal values, where there are any.

    Parameters
    ----------
    above, normal
        (..., *C, *counts), and as much; at most ``MOST`` elements.
    for_weight, for_bias
        Take the sums of the products, and the others; (*C).
    inner
        How many elements `counts` stands for.
    """
    channels, dtype = for_bias.size, above.dtype
    size = above.size // channels
    if inner > 1:
        layout = Layout(channels, size, inner, channels, inner, _chunks(channels, size))
        count, shape = layout.chunks, layout.by_chunks()
        name, told = "chunk_sums", (None, *layout.counts)
    else:
        blocks = -(-channels // 32)
        count = 1 if size <= _ROWS else max(1, min(-(-_BLOCKS // blocks), size // _PART))
        shape = (blocks, count), (32, 32 if count == 1 else 8)
        name, told = "column_sums", (size, channels)
    parts = None if count == 1 else empty((channels, count, 2), real_dtype(dtype))
    _launch(name, dtype, shape, above, normal, parts, for_weight, for_bias, *told)
    if parts is not None:
        _sum_parts(parts, for_weight, for_bias)


def _sum_parts(parts: Array, for_weight: Array | None, for_bias: Array) -> None:
    """Add up parts of sums, (channels, parts, 2)."""
    arrays = (parts, for_weight, for_bias, parts.shape[1])
    launch_each("normalization", "sum_parts", for_bias.dtype, for_bias.size, *arrays)


@functools.lru_cache(maxsize=1024)
def _layout(shape: tuple[int, ...], settings: Any) -> Layout | None:
    """Give how the groups lie that statistics are taken of, and the weights; None if the kernels do without."""
    axes, affine, ndim, whole = settings.axes, settings.affine, len(shape), math.prod(shape)
    if not whole:
        return None
    if axes == tuple(range(ndim - len(axes), ndim)):
        run = size = math.prod(shape[ndim - len(axes) :])
    elif axes == (0, *range(2, ndim)):
        run, size = math.prod(shape[2:]), whole // shape[1]
    else:
        return None
    channels = inner = 1
    if affine is not None:
        # The weights' last axes of length one, along which they are repeated.
        behind = next(i for i, length in enumerate((*affine[::-1], 0)) if length != 1)
        channels, inner = math.prod(affine), math.prod(shape[ndim - behind :])
        if channels != math.prod(shape[ndim - len(affine) : ndim - behind]):
            return None
    groups = whole // size
    kept = tuple([1 if axis in axes else length for axis, length in enumerate(shape)])
    return Layout(groups, size, run, channels, inner, _chunks(groups, size), kept)


def _chunks(groups: int, size: int) -> int:
    """Give into how many chunks to cut each group, so that few groups keep a GPU busy too."""
    return max(1, min(_BLOCKS // groups, size // _CHUNK))


def _launch(
    name: str, dtype: Any, shape: tuple[tuple[int, ...], tuple[int, ...]], *args: Any
) -> None:
    launch("normalization", name, dtype, *shape, *args)


def _dense(array: Array | None) -> Array | None:
    return None if array is None else dense(array)
