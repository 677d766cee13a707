"""NumPy's functions on sets: which elements differ, and which two arrays share. Their results are elements taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import arrays, host, implements

__all__: list[str] = []


@implements(np.unique)
def _unique(
    ar: Variable,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    _, index, inverse, counts = np.unique(
        host(ar), True, True, True, axis=axis, equal_nan=equal_nan
    )
    flat, place = (ops.reshape(ar, (-1,)), 0) if axis is None else (ar, axis)
    index, inverse, counts = (ar._backend.asarray(found) for found in (index, inverse, counts))
    values = ops.take(flat, index, axis=place)
    extras = [
        ops.asarray(extra)
        for extra, wanted in [
            (index, return_index),
            (inverse, return_inverse),
            (counts, return_counts),
        ]
        if wanted
    ]
    return (values, *extras) if extras else values


implements(np.unique_all)(lambda x, /: ops.unique_all(x))
implements(np.unique_counts)(lambda x, /: ops.unique_counts(x))
implements(np.unique_inverse)(lambda x, /: ops.unique_inverse(x))
implements(np.unique_values)(lambda x, /: ops.unique_values(x))


def _two(ar1: Any, ar2: Any) -> list[Variable]:
    """Give two arrays as vectors."""
    return [ops.reshape(ar, (-1,)) for ar in arrays(ar1, ar2)]


def _at(ar: Variable, places: Any) -> Variable:
    return ops.take(ar, ar._backend.asarray(np.asarray(places, np.int64)), axis=0)


@implements(np.union1d)
def _union1d(ar1: Any, ar2: Any) -> Variable:
    return _unique(ops.concat(_two(ar1, ar2)))


@implements(np.intersect1d)
def _intersect1d(
    ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False
) -> Any:
    ar1, ar2 = _two(ar1, ar2)
    _, first, second = np.intersect1d(host(ar1), host(ar2), assume_unique, return_indices=True)
    common = _at(ar1, first)
    if not return_indices:
        return common
    return common, *[ops.asarray(ar1._backend.asarray(places)) for places in (first, second)]


@implements(np.setdiff1d)
def _setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Variable:
    ar1, ar2 = _two(ar1, ar2)
    if not assume_unique:
        ar1, ar2 = _unique(ar1), _unique(ar2)
    return _at(ar1, np.flatnonzero(np.isin(host(ar1), host(ar2), assume_unique=True, invert=True)))


@implements(np.setxor1d)
def _setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Variable:
    ar1, ar2 = _two(ar1, ar2)
    if not assume_unique:
        ar1, ar2 = _unique(ar1), _unique(ar2)
    both = ops.concat([ar1, ar2])
    _, first, counts = np.unique(host(both), return_index=True, return_counts=True)
    return _at(both, first[counts == 1])
