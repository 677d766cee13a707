"""NumPy's kernels for ``functional/max_pooling.py`` and ``functional/average_pooling.py``.

Each loops over the places within a window, on slices of the windows of a few images at once, which stay in the cache;
large arrays' on several threads. Results lie in memory in the order of what they are computed from (see
``convolution.py`` beside this).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ....backends import Backend
from ....types import Shape
from ...functional.max_pooling import first_inside
from ...functional.windows import Window, lengths_of, places
from .activation import WORDS
from .memory import axes_by_stride, empty_in_order
from .tiles import by_tiles

__all__ = ["max_pool", "place_winners", "spread_sums", "sum_pool"]

Array = np.ndarray

_TILE = 2**20
"""So many bytes of windows' elements are gone over at a time, and repay a thread."""

_TILED = 2**23
"""Arrays of fewer bytes are gone over at once, on one thread."""


def max_pool(x: Array, *, window: Window) -> tuple[Array, Array]:
    """The largest elements and their winners; where there is NaN, it is left to the portable body."""
    lengths = lengths_of(x, len(window.kernel))
    counts = window.counts(lengths)
    met = places(window, lengths)
    if window.size > 256 or not x.size:
        return _portable("max_pool", x, window=window)
    largest = empty_in_order(x, counts, x.dtype)
    winners = empty_in_order(x, counts, np.uint8)
    first = first_inside(np, window, lengths) if any(map(any, window.padding)) else 0
    # The first place fills the result, if all windows have an element there.
    begun = all([part == slice(0, n) for part, n in zip(met[0][0], counts, strict=True)])
    unknown: list[Any] = []

    def work(here: Any) -> None:
        held, winner, elements = largest[here], winners[here], x[here]
        better = empty_in_order(elements, counts, np.uint8, "better")
        winner[...] = first
        held[...] = elements[(..., *met[0][1])] if begun else -math.inf
        for position, (of_windows, of_x) in enumerate(met[begun:], begun):
            key = (..., *of_windows)
            element, best, number = elements[(..., *of_x)], held[key], better[key]
            np.greater(element, best, out=number.view(np.bool))
            # Later positions have greater numbers: the last one that was better is the greatest.
            number *= position
            np.maximum(winner[key], number, out=winner[key])
            np.maximum(best, element, out=best)
        if np.isnan(np.maximum.reduce(held, axis=None)):
            unknown.append(here)

    _by_tiles(work, x, window)
    if unknown:
        return _portable("max_pool", x, window=window)
    return largest, winners


def place_winners(values: Array, winners: Array, *, window: Window, lengths: Shape) -> Array:
    """Values placed by masks of bits, which takes half the time of ``where``; added up where windows overlap."""
    word = WORDS.get(values.dtype)
    if word is None or winners.dtype != np.uint8:
        return _portable("place_winners", values, winners, window=window, lengths=lengths)
    out = empty_in_order(winners, lengths, values.dtype)
    counts = window.counts(lengths)
    apart, filled = _apart(window), _side_by_side(window, lengths)
    same = axes_by_stride(values) == axes_by_stride(winners)

    def work(here: Any) -> None:
        winner, given = winners[here], values[here]
        hit = empty_in_order(winner, counts, np.int8, "hit")
        mask = empty_in_order(winner, counts, word, "mask")
        if not same:
            given = empty_in_order(winner, counts, values.dtype, "values")
            given[...] = values[here]
        if not filled:
            out[here] = 0
        bits, part = given.view(word), out[here]
        for position, (of_windows, of_out) in enumerate(places(window, lengths)):
            key = (..., *of_windows)
            np.equal(winner[key], position, out=hit[key].view(np.bool))
            # -1 has all bits set, also as a longer integer.
            np.negative(hit[key], out=hit[key])
            mask[key] = hit[key]
            to = part[(..., *of_out)]
            if apart:
                np.bitwise_and(bits[key], mask[key], out=to.view(word))
            else:
                np.bitwise_and(bits[key], mask[key], out=mask[key])
                np.add(to, mask.view(values.dtype)[key], out=to)

    _by_tiles(work, out, window)
    return out


def sum_pool(x: Array, *, window: Window) -> Array:
    """The sums of windows, added up in place."""
    lengths = lengths_of(x, len(window.kernel))
    out = empty_in_order(x, window.counts(lengths), x.dtype)

    def work(here: Any) -> None:
        sums, elements = out[here], x[here]
        sums[...] = 0
        for of_windows, of_x in places(window, lengths):
            part = sums[(..., *of_windows)]
            np.add(part, elements[(..., *of_x)], out=part)

    _by_tiles(work, x, window)
    return out


def spread_sums(values: Array, *, window: Window, lengths: Shape) -> Array:
    """The values of windows, added up in place, or written where windows do not overlap."""
    out = empty_in_order(values, lengths, values.dtype)
    apart, filled = _apart(window), _side_by_side(window, lengths)

    def work(here: Any) -> None:
        if not filled:
            out[here] = 0
        for of_windows, of_out in places(window, lengths):
            part, given = out[here][(..., *of_out)], values[here][(..., *of_windows)]
            if apart:
                part[...] = given
            else:
                np.add(part, given, out=part)

    _by_tiles(work, out, window)
    return out


def _by_tiles(work: Callable[[Any], None], x: Array, window: Window) -> None:
    """Call ``work(here)`` for all of an array over whose last axes windows move, a few images at a time."""
    axis = next((axis for axis in axes_by_stride(x) if x.shape[axis] > 1), x.ndim)
    if x.nbytes < _TILED or axis >= x.ndim - len(window.kernel):
        work(())
        return
    count, before = x.shape[axis], (slice(None),) * axis
    most = min(count, x.nbytes // _TILE)
    by_tiles(lambda here: work((*before, here)), count, count * _TILE // x.nbytes, most)


def _apart(window: Window) -> bool:
    """Say whether no two windows share an element."""
    return all([step >= span for step, span in zip(window.stride, window.spans, strict=True)])


def _side_by_side(window: Window, lengths: Shape) -> bool:
    """Say whether every element lies in exactly one window."""
    even = all([n % k == 0 for n, k in zip(lengths, window.kernel, strict=True)])
    return (
        even
        and window.kernel == window.stride == window.spans
        and not any(map(any, window.padding))
    )


def _portable(name: str, *args: Any, **options: Any) -> Any:
    return Backend.portable[name](np, *args, **options)
