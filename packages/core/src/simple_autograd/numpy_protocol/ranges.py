"""NumPy's ranges between two ends (``np.linspace`` and its like), and its meshes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import alike, arrays, host, implements, operands

__all__: list[str] = []


@implements(np.linspace)
def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    if num < 0:
        raise ValueError(f"np.linspace: num is {num}; needed is how many numbers, 0 or more.")
    start, stop = ops.broadcast_arrays(*alike(start, stop, 1.0)[:2])
    parts = num - 1 if endpoint else num
    step = (stop - start) / parts if parts > 0 else ops.full_like(stop, np.nan)
    if dtype is not None and np.issubdtype(dtype, np.integer):
        # Rounded down, so the last digit decides; and without a gradient.
        whole = np.linspace(host(start), host(stop), num, endpoint, dtype=dtype, axis=axis)
        points = ops.asarray(start._backend.asarray(whole))
    else:
        shares = (np.arange(num) / max(parts, 1)).reshape((-1,) + (1,) * start.ndim)
        shares = start._backend.asarray(shares, dtype=start.dtype)
        # From both ends, so that it is exact at both.
        points = ops.moveaxis(start * (1 - shares) + stop * shares, 0, axis)
        points = points if dtype is None else ops.astype(points, dtype)
    return (points, step) if retstep else points


@implements(np.logspace)
def _logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    start, stop, base = operands(start, stop, base)
    if np.ndim(base):
        start, stop, base = ops.broadcast_arrays(*arrays(start, stop, base))
        base = ops.expand_dims(base, axis=axis)
    points = ops.pow(base, _linspace(start, stop, num, endpoint, axis=axis))
    return points if dtype is None else ops.astype(points, dtype)


@implements(np.geomspace)
def _geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Variable:
    start, stop = ops.broadcast_arrays(*[end * 1.0 for end in arrays(start, stop)])
    if any(np.any(host(end) == 0) for end in (start, stop)):
        raise ValueError("np.geomspace: an end is 0; a geometric sequence cannot include it.")
    common = np.result_type(host(start), host(stop)).name
    start, stop = (ops.astype(end, common, copy=False) for end in (start, stop))
    # Complex sequences spiral, real ones may be negative: the direction of the start is put aside.
    towards = ops.sign(start)
    first, last = start / towards, stop / towards
    points = _logspace(ops.log10(first), ops.log10(last), num, endpoint) * towards
    # Exact at both ends, as NumPy's.
    ends = [ops.expand_dims(start, axis=0)] if num else []
    tail = [ops.expand_dims(stop, axis=0)] if endpoint and num > 1 else []
    points = ops.concat([*ends, points[len(ends) : num - len(tail)], *tail])
    points = ops.moveaxis(points, 0, axis)
    return points if dtype is None else ops.astype(points, dtype)


@implements(np.meshgrid)
def _meshgrid(
    *xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy"
) -> tuple[Variable, ...]:
    vectors = [ops.reshape(x, (-1,)) for x in arrays(*xi)]
    if not sparse:
        return ops.meshgrid(*vectors, indexing=indexing)
    places = list(range(len(vectors)))
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    return _open(vectors, places)


@implements(np.ix_)
def _ix_(*args: Any) -> tuple[Variable, ...]:
    vectors = arrays(*args)
    for x in vectors:
        if x.ndim != 1:
            raise ValueError(f"np.ix_: needed are vectors, got one of shape {tuple(x.shape)}.")
    vectors = [ops.nonzero(x)[0] if host(x).dtype == bool else x for x in vectors]
    return _open(vectors, range(len(vectors)))


def _open(vectors: Any, places: Any) -> tuple[Variable, ...]:
    """Lay each vector along an axis of its own, `places[i]` being which vector lies along axis i."""
    return tuple(
        [
            ops.reshape(x, tuple([-1 if place == i else 1 for place in places]))
            for i, x in enumerate(vectors)
        ]
    )
