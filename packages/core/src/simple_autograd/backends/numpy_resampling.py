"""NumPy's kernel for ``ops/resampling.py``: some rows at a time, whose slices stay in the cache, and in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..types import Array
from .numpy_elementwise import TILE, Runner, one_by_one

__all__ = ["KERNELS", "resample"]


def resample(x: Array, *, axis: int, along: Any, run: Runner = one_by_one) -> Array:
    """A linear map along an axis; the result lies in memory in the order of `x`."""
    order = sorted(range(x.ndim), key=lambda place: -abs(x.strides[place]))
    inside = np.ascontiguousarray(x.transpose(order))
    place = order.index(axis)
    ahead, behind = inside.shape[:place], inside.shape[place + 1 :]
    rows, width = math.prod(ahead), math.prod(behind)
    elements = inside.reshape(rows, x.shape[axis], width)
    results = np.empty((rows, along.length, width), x.dtype)
    weights = [
        np.asarray(move.weights, x.dtype)[:, None]
        if isinstance(move.weights, tuple)
        else move.weights
        for move in along.moves
    ]

    def work(here: slice) -> None:
        source, out = elements[here], results[here]
        if along.has_gaps:
            out[...] = 0
        for move, weight in zip(along.moves, weights, strict=True):
            part, to = source[:, move.source], out[:, move.to]
            plain = isinstance(weight, int | float) and weight == 1
            if move.summed:
                part = np.add.reduce(part if plain else part * weight, axis=1, keepdims=True)
                plain = True
            if not move.first:
                to += part if plain else part * weight
            elif plain:
                to[...] = part
            else:
                np.multiply(part, weight, out=to)

    longest = max(along.length, along.source_length) * width * x.itemsize
    run(work, rows, max(1, TILE // max(1, longest)))
    shaped = results.reshape(*ahead, along.length, *behind)
    return shaped.transpose([order.index(axis) for axis in range(x.ndim)])


KERNELS: dict[str, Callable[..., Any]] = {"resample": resample}
