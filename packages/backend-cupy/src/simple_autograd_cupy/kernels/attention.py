"""Attention: products by cuBLAS, which takes the scale along, and between them one launch (see ``attention.cu``).

Heads are parts of rows, which cuBLAS cannot be told of: they are cut out by one launch, to lie in one piece each, and
joined by one. Where queries, keys and values come from elsewhere and have gaps, one launch makes them dense.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterable
from typing import Any

import cupy

from ..matmul import matmul
from .launching import MOST, THREADS, covered, dense, empty, launch, passed, shape_of_blocks

__all__ = ["attention", "attention_backward", "join_heads", "split_heads"]

Array = Any

_AXES = 4
"""So many axes arrays may have: samples, heads, positions, features; and so many of them are gathered at a time."""

_SCATTERED = struct.Struct(f"QQ{_AXES}q{_AXES}iII")
"""What the kernel knows as ``Scattered``."""


def attention(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    kept: Array | None,
    *,
    scale: float,
    is_causal: bool,
) -> Any:
    """The averages and the probabilities."""
    shape = (*query.shape[:-1], key.shape[-2])
    if not _covers(shape, query, key, value, kept):
        return NotImplemented
    is_seen = mask is not None and mask.dtype == bool
    if mask is not None and not is_seen and mask.dtype != query.dtype:
        return NotImplemented
    query, key, value, kept = _dense(query, key, value, kept)
    mask = None if mask is None else dense(mask)
    scores = matmul(query, key.mT, factor=float(scale))
    weights = scores if kept is None else empty(shape, scores.dtype)
    heads, queries = (1, 1, *shape)[-3:-1]
    steps = _steps(mask, shape)
    masks = (mask, None) if is_seen else (None, mask)
    arrays = (scores, *masks, kept, None if kept is None else weights)
    _launch("attention", scores, *arrays, *steps, heads, queries, int(is_causal))
    return matmul(weights, value), scores


def attention_backward(
    query: Array,
    key: Array,
    value: Array,
    probabilities: Array,
    kept: Array | None,
    grad: Array | None,
    grad_probabilities: Array | None,
    *,
    scale: float,
) -> Any:
    """The gradients of queries, keys, values and scores, given that of the averages alone."""
    if grad is None or grad_probabilities is not None:
        return NotImplemented
    if not _covers(probabilities.shape, query, key, value, kept, grad, probabilities):
        return NotImplemented
    query, key, value, grad = _dense(query, key, value, grad)
    probabilities, kept = _dense(probabilities, kept)
    scores = matmul(grad, value.mT)
    weights = probabilities if kept is None else empty(scores.shape, scores.dtype)
    arrays = (probabilities, kept, scores, None if kept is None else weights)
    _launch("attention_backward", scores, *arrays)
    return (
        matmul(scores, key, factor=float(scale)),
        matmul(scores.mT, query, factor=float(scale)),
        matmul(weights.mT, grad),
        scores,
    )


def split_heads(x: Array, *, count: int, num_heads: int, batch_first: bool) -> Any:
    """Heads out of rows, in one launch."""
    if count > _AXES or not covered(x):
        return NotImplemented
    x = dense(x)
    samples, length = x.shape[:2] if batch_first else x.shape[1::-1]
    rows, size = x.shape[2], x.shape[2] // count
    width = size // num_heads
    shape = (samples, num_heads, length, width)
    steps = (length * rows, width, rows, 1) if batch_first else (rows, width, samples * rows, 1)
    heads = tuple([empty(shape, x.dtype) for _ in range(count)])
    source, step, most = x.data.ptr, size * x.itemsize, heads[0].size
    records = [
        _SCATTERED.pack(source + place * step, head.data.ptr, *steps, *shape, most, 0)
        for place, head in enumerate(heads)
    ]
    _gather(x.dtype, most, records)
    return heads


def join_heads(*parts: Array, batch_first: bool) -> Any:
    """Heads as parts of rows, in one launch."""
    samples, heads, length, width = shape = parts[0].shape
    count, size = len(parts), heads * width
    if count > _AXES or not covered(*parts) or count * parts[0].size > MOST:
        return NotImplemented
    if any([part.shape != shape for part in parts]):
        return NotImplemented
    lead = (samples, length) if batch_first else (length, samples)
    order = (0, 2, 1, 3) if batch_first else (2, 0, 1, 3)
    out = empty((*lead, count * size), parts[0].dtype)
    target, step = out.data.ptr, size * out.itemsize
    records = [
        _record(part, target + place * step, order, size, (count - 1) * size)
        for place, part in enumerate(parts)
    ]
    _gather(out.dtype, parts[0].size, records)
    return out


def _covers(shape: tuple[int, ...], query: Array, *others: Array | None) -> bool:
    """Say whether arrays are of one type, none broadcasts, and nothing is too large; the scores have that shape."""
    return (
        query.ndim <= _AXES
        and math.prod(shape) <= MOST
        and covered(query, *others)
        and all([other is None or other.shape[:-2] == query.shape[:-2] for other in others])
    )


def _steps(mask: Array | None, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Give how far apart the elements of a mask lie along each axis of the scores."""
    if mask is None:
        return (0,) * _AXES
    full = (1,) * (_AXES - len(shape)) + shape
    return tuple([step // mask.itemsize for step in cupy.broadcast_to(mask, full).strides])


def _dense(*arrays: Array | None) -> list[Any]:
    """Give arrays as they lie in memory row by row: those that do not, copied by one launch."""
    given: list[Any] = list(arrays)
    records, most = [], 0
    for place, x in enumerate(arrays):
        if x is not None and not x.flags.c_contiguous:
            out = given[place] = empty(x.shape, x.dtype)
            records.append(_record(x, out.data.ptr, range(x.ndim), x.size, 0))
            most = max(most, x.size)
    if records:
        _gather(given[0].dtype, most, records)
    return given


def _record(x: Array, target: int, order: Iterable[int], width: int, skipped: int) -> bytes:
    """Tell the kernel of an array, where it is copied to, its axes in which order, and what is left out there."""
    shape, strides, size = x.shape, x.strides, x.itemsize
    fill = _AXES - len(shape)
    steps = ((0,) * fill, [strides[axis] // size for axis in order])
    lengths = ((1,) * fill, [shape[axis] for axis in order])
    fields = itertools.chain(*steps, *lengths)
    return _SCATTERED.pack(x.data.ptr, target, *fields, width, skipped)


def _gather(dtype: Any, most: int, records: list[bytes]) -> None:
    """Copy arrays, of which the largest has so many elements."""
    record = passed(b"".join(records).ljust(_AXES * _SCATTERED.size, b"\0"))
    grid = (-(-most // THREADS), len(records))
    launch("attention", "gather", dtype, grid, (THREADS,), record)


def _launch(name: str, scores: Array, *args: Any) -> None:
    """Launch a kernel that goes over all rows of scores."""
    keys = scores.shape[-1]
    rows = scores.size // keys
    width, together = shape_of_blocks(keys)
    grid, block = (-(-rows // together),), (width, together)
    launch("attention", name, scores.dtype, grid, block, *args, rows, keys)
