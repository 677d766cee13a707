"""NumPy's kernels for ``functional/max_pooling.py`` and ``functional/average_pooling.py``.

Each loops over the places within a window, on slices of all windows at once; results lie in memory in the order of what
they are computed from (see ``convolution.py`` beside this).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ....backends import Backend
from ....types import Shape
from ...functional.max_pooling import first_inside
from ...functional.windows import Window, lengths_of, places
from .activation import WORDS
from .memory import axes_by_stride, empty_in_order

__all__ = ["max_pool", "place_winners", "spread_sums", "sum_pool"]

Array = np.ndarray


def max_pool(x: Array, *, window: Window) -> tuple[Array, Array]:
    """The largest elements and their winners; where there is NaN, it is left to the portable body."""
    lengths = lengths_of(x, len(window.kernel))
    counts = window.counts(lengths)
    met = places(window, lengths)
    if window.size > 256 or not x.size:
        return _portable("max_pool", x, window=window)
    largest = empty_in_order(x, counts, x.dtype)
    winners = empty_in_order(x, counts, np.uint8)
    better = empty_in_order(x, counts, np.uint8, "better")
    winners[...] = first_inside(np, window, lengths)
    # The first place fills the result, if all windows have an element there.
    begun = all([part == slice(0, n) for part, n in zip(met[0][0], counts, strict=True)])
    largest[...] = x[(..., *met[0][1])] if begun else -math.inf
    for position, (of_windows, of_x) in enumerate(met[begun:], begun):
        key = (..., *of_windows)
        element, held, number = x[(..., *of_x)], largest[key], better[key]
        np.greater(element, held, out=number.view(np.bool))
        # Later positions have greater numbers: the last one that was better is the greatest.
        number *= position
        np.maximum(winners[key], number, out=winners[key])
        np.maximum(held, element, out=held)
    if np.isnan(np.maximum.reduce(largest, axis=None)):
        return _portable("max_pool", x, window=window)
    return largest, winners


def place_winners(values: Array, winners: Array, *, window: Window, lengths: Shape) -> Array:
    """Values placed by masks of bits, which takes half the time of ``where``; for windows that do not overlap."""
    word = WORDS.get(values.dtype)
    if word is None or winners.dtype != np.uint8 or not _apart(window):
        return _portable("place_winners", values, winners, window=window, lengths=lengths)
    out = empty_in_order(winners, lengths, values.dtype)
    if not _side_by_side(window, lengths):
        out[...] = 0
    counts = window.counts(lengths)
    hit = empty_in_order(winners, counts, np.int8, "hit")
    mask = empty_in_order(winners, counts, word, "mask")
    if axes_by_stride(values) != axes_by_stride(winners):
        given, values = values, empty_in_order(winners, counts, values.dtype, "values")
        values[...] = given
    bits, out_bits = values.view(word), out.view(word)
    for position, (of_windows, of_out) in enumerate(places(window, lengths)):
        key = (..., *of_windows)
        np.equal(winners[key], position, out=hit[key].view(np.bool))
        # -1 has all bits set, also as a longer integer.
        np.negative(hit[key], out=hit[key])
        mask[key] = hit[key]
        np.bitwise_and(bits[key], mask[key], out=out_bits[(..., *of_out)])
    return out


def sum_pool(x: Array, *, window: Window) -> Array:
    """The sums of windows, added up in place."""
    lengths = lengths_of(x, len(window.kernel))
    out = empty_in_order(x, window.counts(lengths), x.dtype)
    out[...] = 0
    for of_windows, of_x in places(window, lengths):
        part = out[(..., *of_windows)]
        np.add(part, x[(..., *of_x)], out=part)
    return out


def spread_sums(values: Array, *, window: Window, lengths: Shape) -> Array:
    """The values of windows, added up in place, or written where windows do not overlap."""
    out = empty_in_order(values, lengths, values.dtype)
    if not _side_by_side(window, lengths):
        out[...] = 0
    apart = _apart(window)
    for of_windows, of_out in places(window, lengths):
        part, given = out[(..., *of_out)], values[(..., *of_windows)]
        if apart:
            part[...] = given
        else:
            np.add(part, given, out=part)
    return out


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
