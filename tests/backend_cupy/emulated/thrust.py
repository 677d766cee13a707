"""The module ``cupy.cuda.thrust``, whose kernels CuPy brings compiled: sorts, with NumPy."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from .memory import array_at
from .streams import enqueue, stream_of

__all__ = ["module"]


def module() -> ModuleType:
    """Make the module."""
    made = ModuleType("cupy.cuda.thrust")
    made.__dict__.update(available=True, get_build_version=lambda: 300000)
    made.__dict__.update(sort=sort, argsort=argsort, lexsort=lexsort)
    return made


def _put(work: Any) -> None:
    from cupy.cuda import get_current_stream

    status = enqueue(stream_of(get_current_stream().ptr), work)
    assert not status, f"a sort cannot go on the stream: {status}"


def sort(dtype: Any, data: int, keys: int, shape: tuple[int, ...]) -> None:
    """Sort along the last axis, in place."""
    _put(lambda: array_at(data, shape, dtype).sort(axis=-1, kind="stable"))


def argsort(dtype: Any, places: int, data: int, keys: int, shape: tuple[int, ...]) -> None:
    """Find the order along the last axis, and sort in place."""

    def work() -> None:
        values, order = array_at(data, shape, dtype), array_at(places, shape, np.intp)
        order[...] = np.argsort(values, axis=-1, kind="stable")
        values[...] = np.take_along_axis(values, order, axis=-1)

    _put(work)


def lexsort(dtype: Any, places: int, keys: int, count: int, length: int) -> None:
    """Find the order by several keys, the last one first."""

    def work() -> None:
        order = np.lexsort(array_at(keys, (count, length), dtype))
        array_at(places, (length,), np.intp)[...] = order

    _put(work)
