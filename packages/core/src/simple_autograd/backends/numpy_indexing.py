"""NumPy kernels for indexing: NumPy knows every kind of index that the portable bodies work out step by step.

Each takes the op's arrays and options, without the namespace. ``numpy.py`` registers them by the op's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import Array, Shape

__all__ = ["KERNELS"]

_MANY = 2**17
"""So many numbers repay finding out which of them are added to the same row."""

_WIDE = 8
"""Rows of fewer are added to number by number."""

_ROUNDS = 32
"""Rows that are added to more often are summed one by one from then on."""


def getitem(x: Array, *, key: Any) -> Array:
    """``x[key]``: NumPy knows every index there is."""
    return x[key]


def put_add(values: Array, *, key: Any, shape: Shape) -> Array:
    """Zeros with `values` added at a key."""
    out = np.zeros(shape, values.dtype)
    if isinstance(key, tuple) and len(key) == 1:
        (key,) = key
    if not _has_positions(key):
        out[key] = values
    elif out.ndim == 1:
        np.add.at(out, key, values)
    elif _names_rows(key, out, values):
        rows = values.reshape(-1, math.prod(shape[1:]))
        _add_rows(out.reshape(len(out), -1), key.reshape(-1), rows)
    elif values.size:
        # Adding single numbers at flat positions, ufunc.at is some five times faster than with rows.
        positions = _flat_positions(shape, key)
        np.add.at(out.reshape(-1), positions.reshape(-1), values.reshape(-1))
    return out


def index_put(x: Array, values: Any, *, key: Any) -> Array:
    """A copy of `x` with `values` written at a key."""
    out = x.copy()
    out[key] = values
    return out


def write_at(x: Array, key: Any, values: Any) -> None:
    """Write in place."""
    x[key] = values


def place_along_axis(values: Array, indices: Array, *, axis: int, length: int) -> Array:
    """Zeros with values at positions along an axis."""
    out = np.zeros((*values.shape[:axis], length, *values.shape[axis + 1 :]), values.dtype)
    np.put_along_axis(out, indices, values, axis)
    return out


def broadcast_to(x: Array, shape: Shape) -> Array:
    """`x` repeated to a shape: a copy where that is cheaper than making a view of it."""
    if math.prod(shape) > 8192:
        return np.broadcast_to(x, shape)
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


def _has_positions(key: Any) -> bool:
    """Say whether a key holds lists or integer arrays, which can name an element several times."""
    return any(
        [
            isinstance(item, list) or (isinstance(item, np.ndarray) and item.dtype != bool)
            for item in (key if isinstance(key, tuple) else (key,))
        ]
    )


def _names_rows(key: Any, out: Array, values: Array) -> bool:
    """Say whether a key is an array of the numbers of rows, counted from the front, with much to add to them."""
    return (
        isinstance(key, np.ndarray)
        and key.dtype.kind in "iu"
        and values.size >= _MANY
        and values.size >= _WIDE * key.size
        and values.shape == (*key.shape, *out.shape[1:])
        and bool(key.min() >= 0 and key.max() < len(out))
    )


def _add_rows(out: Array, numbers: Array, values: Array) -> None:
    """Add to rows of zeros: what comes first for each row, then what comes second, and so on.

    All additions to one row are in the order of the values.
    """
    order = _order(numbers, len(out))
    numbers = numbers[order]
    starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
    counts = np.diff(starts, append=len(numbers))
    often = np.argsort(-counts, kind="stable")
    starts, counts = starts[often], counts[often]
    sums = np.take(values, order[starts], axis=0)
    for place in range(1, min(int(counts[0]), _ROUNDS)):
        some = np.count_nonzero(counts > place)
        sums[:some] += np.take(values, order[starts[:some] + place], axis=0)
    for row in range(np.count_nonzero(counts > _ROUNDS)):
        rest = order[starts[row] + _ROUNDS : starts[row] + counts[row]]
        sums[row] += np.add.reduce(np.take(values, rest, axis=0), axis=0)
    out[numbers[starts]] = sums


def _order(numbers: Array, count: int) -> Array:
    """Give the stable order of numbers below `count`: NumPy sorts those of 16 bits by radix, ten times as fast."""
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    for shift in range(16, (count - 1).bit_length(), 16):
        higher = (numbers >> shift).astype(np.uint16)
        order = order[np.argsort(higher[order], kind="stable")]
    return order


def _flat_positions(shape: Shape, key: Any) -> Array:
    """Give the positions in the flattened array of what a key selects."""
    if isinstance(key, np.ndarray) and key.dtype != bool:
        width = math.prod(shape[1:])
        lengths = (*key.shape, *shape[1:])
        return np.add.outer(key.astype(np.intp) * width, np.arange(width)).reshape(lengths)
    # One axis's part of the positions, seen as an array of the whole shape, costs no memory; the key picks from it.
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    parts = [
        np.broadcast_to(np.arange(0, length * stride, stride).reshape(-1, *(1,) * behind), shape)
        for length, stride, behind in zip(shape, strides, range(len(shape))[::-1], strict=True)
    ]
    return sum([part[key] for part in parts])


KERNELS: dict[str, Callable[..., Any]] = {
    "broadcast_to": broadcast_to,
    "getitem": getitem,
    "index_put": index_put,
    "place_along_axis": place_along_axis,
    "put_add": put_add,
    "write_at": write_at,
}
"""By the op's name."""
