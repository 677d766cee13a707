"""NumPy kernels for sorting, for what accumulates along an axis, and for convolution.

NumPy's own functions sort in ascending order only, and its ufuncs accumulate what the portable bodies do in rounds.
Each takes the op's arrays and options, without the namespace. ``numpy.py`` registers them by the op's name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import Array

__all__ = ["KERNELS"]

_FEW, _LONG, _MANY = 8, 64, 2**14
"""So few elements of lines so long, so many in all, are found sooner one after the other than by sorting in part."""


def sort(x: Array, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The elements in order. Which of two equal ones comes first cannot be seen, so the fastest way will do."""
    _refuse_complex("sort", x)
    ascending = np.sort(x, axis=axis)
    return np.flip(ascending, axis=axis) if descending else ascending


def argsort(x: Array, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Array:
    """The positions of the elements in order."""
    _refuse_complex("argsort", x)
    kind: Any = "stable" if stable else None
    if not descending:
        return np.argsort(x, axis=axis, kind=kind)
    # From behind, so that equal elements are in their own order after the result is turned around.
    backwards = np.argsort(np.flip(x, axis=axis), axis=axis, kind=kind)
    return np.flip(x.shape[axis] - 1 - backwards, axis=axis)


def ranked_positions(
    x: Array, *, ranks: tuple[int, ...], axis: int, descending: bool = False
) -> Array:
    """The positions of the elements of certain ranks, without sorting all others."""
    _refuse_complex("ranked_positions", x)
    length = x.shape[axis]
    if not ranks or not x.size:
        return np.empty((*x.shape[:axis], len(ranks), *x.shape[axis:][1:]), np.intp)
    few = len(ranks) <= _FEW and length >= _LONG and x.size >= _MANY
    if few and ranks == tuple(range(len(ranks))):
        first = _first_positions(np.moveaxis(x, axis, -1), len(ranks), descending)
        if first is not None:
            return np.moveaxis(first, -1, axis)
    if descending:
        ranks = tuple([length - 1 - rank for rank in ranks])
    several = len(ranks) > 8
    order = np.argsort(x, axis=axis) if several else np.argpartition(x, ranks, axis=axis)
    return np.take(order, ranks, axis=axis)


def _first_positions(x: Array, count: int, descending: bool) -> Array | None:
    """Give the positions of the largest or smallest elements along the last axis, by as many searches.

    None where that cannot be told: what has been found is replaced by an infinity, and NaN comes last in order.
    """
    if x.dtype not in (np.float32, np.float64):
        return None
    left = np.array(x, order="C")
    search, end = (np.argmax, -np.inf) if descending else (np.argmin, np.inf)
    found = np.empty((*x.shape[:-1], count), np.intp)
    for rank in range(count):
        places = search(left, axis=-1, keepdims=True)
        elements = np.take_along_axis(left, places, -1)
        if (elements == end).any() or not (descending or (elements == elements).all()):
            return None
        np.put_along_axis(left, places, end, -1)
        found[..., rank] = places[..., 0]
    return found


def logcumsumexp(x: Array, *, axis: int) -> Array:
    """The logarithm of the cumulative sum of exponentials."""
    _refuse_complex("logcumsumexp", x)
    return np.logaddexp.accumulate(x, axis=axis)


def cumulative_positions(x: Array, *, axis: int, largest: bool) -> Array:
    """Where the largest or smallest element up to each position is."""
    _refuse_complex("cummax" if largest else "cummin", x)
    extremes = (np.maximum if largest else np.minimum).accumulate(x, axis=axis)
    places = np.arange(x.shape[axis]).reshape(-1, *(1,) * (x.ndim - axis - 1))
    reached = np.where((x == extremes) | (x != x), places, 0)
    return np.maximum.accumulate(reached, axis=axis)


def convolve(a: Array, v: Array) -> Array:
    """The whole convolution of two vectors."""
    return np.convolve(a, v)


def _refuse_complex(operation: str, x: Array) -> None:
    if x.dtype.kind == "c":
        raise TypeError(
            f"{operation}: it is defined for real arrays only, this one is {x.dtype}. Take v.real, v.imag or abs(v)."
        )


KERNELS: dict[str, Callable[..., Array]] = {
    "argsort": argsort,
    "convolve": convolve,
    "cumulative_positions": cumulative_positions,
    "logcumsumexp": logcumsumexp,
    "ranked_positions": ranked_positions,
    "sort": sort,
}
"""By the op's name."""
