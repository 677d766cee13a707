"""``put_add``: zeros with values added at positions, the gradient of embeddings, of indexing and of gathers.

By default values are added by atomic operations, in an order that may differ from run to run; see
``determinism.py``. Sums of half types are made in float32.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cupy

from ..determinism import are_deterministic_algorithms_enabled
from .launching import MOST, covered, dense, launch_each, real_dtype

__all__ = ["put_add"]

Array = Any


class Target(NamedTuple):
    """Positions along an axis of length `length`, with `inner` elements behind each."""

    positions: Array
    inner: int
    length: int


def put_add(values: Array, *, key: Any, shape: tuple[int, ...]) -> Any:
    """Add at integer arrays: one, for some axis, or one for each of the axes."""
    if not covered(values) or not 0 < math.prod(shape) <= MOST:
        return NotImplemented
    target = _target(key, shape)
    if target is None:
        return NotImplemented
    numbers = (target.positions.size, target.inner, target.length)
    values, positions = dense(values), dense(target.positions)
    if are_deterministic_algorithms_enabled():
        order = cupy.argsort(positions.reshape(-1) % target.length, kind="stable")
        out = cupy.zeros(shape, values.dtype)
        arrays = (values, positions, order, out)
        launch_each("scatter", "segment_sums", values.dtype, values.size, *arrays, *numbers)
        return out
    out = cupy.zeros(shape, real_dtype(values.dtype))
    launch_each(
        "scatter", "scatter_add", values.dtype, values.size, values, positions, out, *numbers
    )
    return out.astype(values.dtype, copy=False)


def _target(key: Any, shape: tuple[int, ...]) -> Target | None:
    """Give where a key points to; None for keys that the portable body works out."""
    parts = key if isinstance(key, tuple) else (key,)
    if not parts or not _is_positions(parts[-1]):
        return None
    *before, last = parts
    if all([item == slice(None) for item in before if isinstance(item, slice)]) and all(
        [isinstance(item, slice) for item in before]
    ):
        axis = len(before)
        return Target(
            last.astype(cupy.int64, copy=False), math.prod(shape[axis + 1 :]), shape[axis]
        )
    if len(before) + 1 != len(shape) or not all([_is_positions(item) for item in before]):
        return None
    flat: Any = 0
    for item, length in zip((*before, last), shape, strict=True):
        flat = flat * length + item.astype(cupy.int64, copy=False) % length
    return Target(flat, 1, math.prod(shape))


def _is_positions(item: Any) -> bool:
    return isinstance(item, cupy.ndarray) and item.dtype.kind in "iu"
