"""NumPy's functions that sort, find different elements, or pick by rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import ops
from ..variable import Variable
from .dispatch import host, implements, no_out

__all__: list[str] = []


@implements(np.sort)
def _sort(
    a: Variable, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Variable:
    _refuse_fields("np.sort", order)
    a, axis = _line(a, axis)
    return ops.sort(a, axis=axis, stable=bool(stable) or kind in ("stable", "mergesort"))


@implements(np.partition)
def _partition(
    a: Variable, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None
) -> Variable:
    _refuse_fields("np.partition", order)
    a, axis = _line(a, axis)
    order = a._backend.asarray(np.argpartition(host(a), kth, axis=axis))
    return ops.pick_along_axis(a, order, axis=axis % a.ndim)


def _line(a: Variable, axis: int | None) -> tuple[Variable, int]:
    """Give the array and the axis to work along: the flattened array's where none is named."""
    return (ops.reshape(a, (-1,)), 0) if axis is None else (a, axis)


def _refuse_fields(function: str, order: Any) -> None:
    if order is not None:
        raise TypeError(f"{function}: order names fields, and a Variable has none. Leave it out.")


# Different elements -----------------------------------------------------------------------------------------------


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
    flat, place = _line(ar, axis)
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


@implements(np.union1d)
def _union1d(ar1: Any, ar2: Any) -> Variable:
    return _unique(ops.concat([ops.asarray(ar1), ops.asarray(ar2)], axis=None))


implements(np.unique_all)(lambda x, /: ops.unique_all(x))
implements(np.unique_counts)(lambda x, /: ops.unique_counts(x))
implements(np.unique_inverse)(lambda x, /: ops.unique_inverse(x))
implements(np.unique_values)(lambda x, /: ops.unique_values(x))


# By rank ----------------------------------------------------------------------------------------------------------


@implements(np.median)
def _median(
    a: Variable,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Variable:
    no_out(out)
    return ops.median(a, axis=axis, keepdims=keepdims)


@implements(np.nanmedian)
def _nanmedian(
    a: Variable,
    axis: Any = None,
    out: Any = None,
    overwrite_input: bool = False,
    keepdims: bool = False,
) -> Variable:
    no_out(out)
    return ops.nanmedian(a, axis=axis, keepdims=keepdims)


def _quantile_like(function: Any, op: Any, scale: float) -> None:
    """Register a quantile or percentile; `scale` is what its q is divided by."""

    def quantile(
        a: Variable,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: bool = False,
        *,
        weights: Any = None,
        interpolation: str | None = None,
    ) -> Variable:
        no_out(out)
        if weights is not None:
            raise TypeError(
                f"np.{function.__name__}: weights cannot be given for a Variable; there is no gradient for them."
            )
        # With an array for q, NumPy's result has the type of both.
        if not isinstance(q, int | float):
            q = np.asarray(host(q))
            a = ops.astype(a, np.result_type(host(a), q.dtype, np.float16), copy=False)
        return op(a, q / scale, axis=axis, keepdims=keepdims, method=interpolation or method)

    implements(function)(quantile)


_quantile_like(np.quantile, ops.quantile, 1)
_quantile_like(np.percentile, ops.quantile, 100)
_quantile_like(np.nanquantile, ops.nanquantile, 1)
_quantile_like(np.nanpercentile, ops.nanquantile, 100)
