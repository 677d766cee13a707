"""Pooling, and windows gathered and added up, over one, two or three axes (see ``windows.cu``).

``convolution.py`` calls `unfold_windows` and `fold_windows`, which are operations of nn too.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import cupy
import numpy

from .launching import MOST, covered, dense, empty, launch_each, passed

__all__ = [
    "fold_windows",
    "max_pool",
    "place_winners",
    "spread_sums",
    "sum_pool",
    "unfold_windows",
]

Array = Any

_FIELDS = ("kernel", "stride", "dilation", "before", "lengths", "counts")
_WINDOWS = numpy.dtype([(field, numpy.int32, 3) for field in _FIELDS])
"""What the kernels know as ``Windows``."""


def max_pool(x: Array, *, window: Any) -> Any:
    """The largest elements and their winners, a thread for each window."""
    over = _over(window, x.shape[x.ndim - len(window.kernel) :])
    if over is None or not covered(x):
        return NotImplemented
    out = _like(x, window, over.counts)
    winners = empty(out.shape, cupy.uint8 if window.size <= 256 else cupy.int64)
    arrays = (dense(x), out, *_winners(winners), over.argument)
    launch_each("windows", "max_pool", x.dtype, out.size, *arrays)
    return out, winners


def place_winners(values: Array, winners: Array, *, window: Any, lengths: tuple[int, ...]) -> Any:
    """Values at their winners, a thread for each element of the result."""
    over = _over(window, lengths)
    if over is None or not covered(values) or values.shape != winners.shape:
        return NotImplemented
    out = _like(values, window, lengths)
    arrays = (dense(values), *_winners(dense(winners)), out, over.argument)
    return _launched("place_winners", out, *arrays)


def sum_pool(x: Array, *, window: Any) -> Any:
    """The sums of windows, a thread for each."""
    over = _over(window, x.shape[x.ndim - len(window.kernel) :])
    if over is None or not covered(x):
        return NotImplemented
    out = _like(x, window, over.counts)
    return _launched("sum_pool", out, dense(x), out, over.argument)


def spread_sums(values: Array, *, window: Any, lengths: tuple[int, ...]) -> Any:
    """The values of windows added up, a thread for each element of the result."""
    over = _over(window, lengths)
    if over is None or not covered(values):
        return NotImplemented
    out = _like(values, window, lengths)
    return _launched("spread_sums", out, dense(values), out, over.argument)


def unfold_windows(x: Array, *, window: Any) -> Any:
    """The windows' elements, a thread for each window."""
    axes = len(window.kernel)
    ahead, over = x.shape[: x.ndim - axes], _over(window, x.shape[x.ndim - axes :])
    if over is None or not covered(x):
        return NotImplemented
    out = empty((*ahead, window.size, *over.counts), x.dtype)
    if out.size > MOST:
        return NotImplemented
    count = out.size // window.size
    launch_each("windows", "unfold_windows", x.dtype, count, dense(x), out, over.argument)
    return out


def fold_windows(
    columns: Array, *, window: Any, lengths: tuple[int, ...], out: Array | None = None
) -> Any:
    """The windows' elements added up, a thread for each element of the result; into `out` if that is given."""
    over = _over(window, lengths)
    if over is None or not covered(columns):
        return NotImplemented
    ahead = columns.shape[: columns.ndim - len(lengths) - 1]
    out = empty((*ahead, *lengths), columns.dtype) if out is None else out
    return _launched("fold_windows", out, dense(columns), out, over.argument)


class _Over(NamedTuple):
    """A window over axes of some lengths."""

    counts: tuple[int, ...]
    argument: Any


@functools.lru_cache(maxsize=1024)
def _over(window: Any, lengths: tuple[int, ...]) -> _Over | None:
    """Give what the kernels are told of a window; None if it moves over too many axes."""
    fill = 3 - len(lengths)
    if fill < 0:
        return None
    counts = window.counts(lengths)
    before = [width for width, _ in window.padding]
    argument = numpy.zeros(1, _WINDOWS)
    values = (window.kernel, window.stride, window.dilation, before, lengths, counts)
    for field, value in zip(_FIELDS, values, strict=True):
        argument[field][0] = (*(fill * (field != "before",)), *value)
    return _Over(counts, passed(argument.tobytes()))


def _like(array: Array, window: Any, lengths: tuple[int, ...]) -> Array:
    """Make an array with other last lengths."""
    ahead = array.shape[: array.ndim - len(window.kernel)]
    return empty((*ahead, *lengths), array.dtype)


def _launched(name: str, out: Array, *args: Any) -> Any:
    """Launch a thread for each element of the result, and give it."""
    if out.size > MOST:
        return NotImplemented
    launch_each("windows", name, out.dtype, out.size, *args)
    return out


def _winners(winners: Array) -> tuple[Array | None, Array | None]:
    """Give winners as the kernels take them, as bytes or as integers."""
    return (winners, None) if winners.dtype == cupy.uint8 else (None, winners)
